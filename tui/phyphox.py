"""`palmpace phyphox`: writes the experiment for the phyphox app and shows it as QR codes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import segno

from sensors.address import BrokerAddress
from sensors.broker.conf import DEVICE_USER
from sensors.broker.mosquitto import NETWORK_PORTS
from sensors.broker.password import device_password
from sensors.broker.ports import lan_host
from sensors.phyphox_experiment import TOPIC, PhyphoxError, archive, experiment, parts
from sensors.topics import BASE
from tui import qr

STATE_TOPIC = f"{BASE}/+/state"
MOST_CODES = 4
"""More are no pleasure to scan: a larger window or a picture is."""


def write_phyphox(
    broker: BrokerAddress | None = None,
    *,
    topic: str = TOPIC,
    rate_hz: float = 50.0,
    out: Path = Path("massage.phyphox"),
    picture: Path | None = None,
    size: tuple[int, int] | None = None,
) -> None:
    """Write the experiment file; show it as QR codes on stdout, or save it as one in a picture.

    Parameters
    ----------
    broker : BrokerAddress, optional
        As the phone reaches it; the one that a session starts here unless given. The file and the codes hold its
        password.
    topic : str
    rate_hz : float
    out : Path
    picture : Path, optional
        SVG or PNG, instead of the terminal.
    size : (columns, rows), optional
        Of the terminal, if it is not to be asked.

    Raises
    ------
    PhyphoxError
        No experiment can be made of this, or a file cannot be written.
    BrokerError
        The password of the broker started here cannot be read or kept.
    """
    broker = broker or own_broker()
    if picture is not None and picture.suffix.lower() not in qr.PICTURES:
        raise PhyphoxError(f"{picture}: a QR code is saved as {' or '.join(qr.PICTURES)}")
    file = experiment(broker, topic=topic, rate_hz=rate_hz, state_topic=STATE_TOPIC)
    packed = archive(file)
    path = out
    try:
        # A .zip travels better: mail programs on Android do not know .phyphox.
        path.touch(0o600)  # there may be a password in it
        path.write_bytes(packed if path.suffix.lower() == ".zip" else file)
        if picture is not None:
            path = picture
            path.touch(0o600)
            qr.save(qr.code_of_bytes(parts(packed, 1)[0]), path)
    except OSError as error:
        raise PhyphoxError(f"{path}: cannot be written: {error.strerror or error}") from error
    _tell(f"wrote {out}: phyphox sends to {broker.host}:{broker.port}, topic {topic}")
    for warning in warnings(broker, topic):
        _tell(f"note: {warning}")
    if picture is not None:
        _tell(f"wrote {picture}: in phyphox's main menu choose to scan a QR code, and scan it")
        return
    columns, rows = size or shutil.get_terminal_size()
    codes = _codes(packed, columns, rows - 1)  # a line for its number
    if not codes:
        _tell(
            f"this terminal of {columns} x {rows} is too small for the QR code: enlarge it, make its letters smaller, "
            "or save a picture with --qr FILE.svg"
        )
        return
    _tell("in phyphox's main menu choose to scan a QR code, and scan " + _which(len(codes)))
    for number, code in enumerate(codes, 1):
        if len(codes) > 1:
            sys.stdout.write(f"{number} of {len(codes)}\n")
        sys.stdout.write("\n".join(qr.lines(code)) + "\n")


def whole_code(broker: BrokerAddress, topic: str) -> segno.QRCode:
    """Make one code that holds the whole experiment, for a terminal that is large enough.

    Raises
    ------
    PhyphoxError
        No experiment can be made of this.
    """
    return qr.code_of_bytes(parts(archive(experiment(broker, topic=topic, state_topic=STATE_TOPIC)), 1)[0])


def own_broker() -> BrokerAddress:
    """Give where a phone finds the broker that a session starts here, on its usual port."""
    return BrokerAddress(lan_host(), NETWORK_PORTS["mqtt"], user=DEVICE_USER, password=device_password())


def warnings(broker: BrokerAddress, topic: str) -> list[str]:
    """Tell what may go wrong with this broker in the app; a sentence each."""
    told = broker.warnings()
    if broker.host == "localhost" or broker.host.startswith("127."):
        told.append(f"{broker.host} is the phone itself to the phone: give this machine's address in your network")
    if broker.tls:
        told.append("phyphox on iPhone may reject mqtts://, and on Android knows public certificates only")
    elif broker.user:
        told.append(
            "phyphox of 2025 and older sends no user and password on mqtt://: if it does not connect, update it, or "
            f'let the topic in without one (open_topics = ["{topic}"] under [broker] in config.toml)'
        )
    return told


def _codes(packed: bytes, columns: int, rows: int) -> list[segno.QRCode]:
    """Give as few codes as fit the terminal; none where even the most do not."""
    for count in range(1, MOST_CODES + 1):
        codes = [qr.code_of_bytes(part) for part in parts(packed, count)]
        if all(qr.fits(code, columns, rows) for code in codes):
            return codes
    return []


def _which(count: int) -> str:
    return "this:" if count == 1 else f"these {count}, one after the other:"


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
