"""The password that devices log in with: made once, kept, and easy to type on a phone."""

from __future__ import annotations

import secrets

from sensors.address import BrokerError
from sensors.keep import config_folder, read_private, write_private

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another: i l 1, o 0
GROUPS, LETTERS = 3, 4  # 12 of 31 letters: 59 bits
MIN_LETTERS = 8  # of one that a person has put there


def device_password() -> str:
    """Give the password, made the first time it is asked for.

    Raises
    ------
    BrokerError
        It cannot be read or kept, or is not one line of eight letters or more.
    """
    path = config_folder() / "device-password"
    kept = read_private(path)
    if kept is None:
        return renew_device_password()
    password = kept.decode(errors="replace").strip()
    if len(password) < MIN_LETTERS or not password.isprintable():
        raise BrokerError(f"{path} holds no usable password: delete it, and a new one is made")
    return password


def renew_device_password() -> str:
    """Make another password; the next broker that is started asks for it.

    Raises
    ------
    BrokerError
        It cannot be kept.
    """
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))
    write_private(config_folder() / "device-password", f"{password}\n".encode())
    return password
