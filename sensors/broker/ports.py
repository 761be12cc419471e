"""Free ports, and what this machine is called on its network."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from contextlib import ExitStack

from sensors.broker.base import LOOPBACK


def free_ports(wishes: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """Give the ports wished for, each where it can be listened on, else one that the system chooses.

    Parameters
    ----------
    wishes : mapping of str to (str, int)
        By any name: the address to bind to, and the port; 0 for a free one.
    """
    with ExitStack() as held:  # all at once, so that no two are the same
        return {name: _hold(bind, port, held) for name, (bind, port) in wishes.items()}


def _hold(bind: str, port: int, held: ExitStack) -> int:
    probe = held.enter_context(socket.socket())
    # As the brokers do: the remains of closed connections do not keep a port taken. On Windows the option means
    # another thing, to share ports.
    if os.name == "posix":
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((bind, port))
    except OSError:
        probe.bind((bind, 0))
    return int(probe.getsockname()[1])


def lan_host() -> str:
    """Give the address of the interface that leads outside; the loopback one where none does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737); connecting UDP sends nothing
        except OSError:  # no network at all
            return LOOPBACK
        return str(probe.getsockname()[0])


def host_names() -> list[str]:
    """Give this machine's names: its own, and that by which the neighbours find it (mDNS, RFC 6762)."""
    name = socket.gethostname()
    if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name):
        return ["localhost"]
    return ["localhost", name, f"{name.split('.')[0]}.local"]
