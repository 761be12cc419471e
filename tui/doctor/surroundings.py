"""The machine and its broker: what is installed, what answers, and where a phone would find it."""

from __future__ import annotations

import platform
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version

from sensors.address import BrokerAddress, BrokerError
from sensors.broker import LOOPBACK, Access, find_mosquitto
from sensors.broker.ports import lan_host
from sensors.mqtt import Publisher

CLIENTS_TOPIC = "$SYS/broker/clients/connected"
ANSWER_S = 1.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What the program runs on.

    Attributes
    ----------
    palmpace, python : str
        Versions.
    mosquitto : str or None
        Its first words about itself; None where it is not installed.
    host : str
        Its address in the network; the loopback one where there is none.
    """

    palmpace: str
    python: str
    mosquitto: str | None
    host: str


@dataclass(frozen=True, slots=True)
class BrokerSeen:
    """The broker.

    Attributes
    ----------
    address : BrokerAddress or None
        Where we reach it; None where none could be started.
    access : Access or None
        Of one started here: where devices reach it.
    kind : str
        ``mosquitto`` or ``amqtt`` where it was started here, else empty.
    wished_port : int
        The port it should have, where it was started here.
    problem : str or None
        Why we cannot use it.
    from_network : bool or None
        Whether it also answers at this machine's address in the network; None where that was not asked.
    refuses_all : str or None
        Why it does not let us listen to all topics, where it does not.
    """

    address: BrokerAddress | None
    access: Access | None = None
    kind: str = ""
    wished_port: int = 0
    problem: str | None = None
    from_network: bool | None = None
    refuses_all: str | None = None


def machine() -> Machine:
    """Look at this machine."""
    return Machine(version("palmpace"), platform.python_version(), _mosquitto(), lan_host())


def answers_from_network(address: BrokerAddress, host: str) -> bool | None:
    """Ask whether a broker on loopback serves the network too; None where it is not on loopback, or there is no other.

    Parameters
    ----------
    address : BrokerAddress
    host : str
        This machine's address in the network.
    """
    if not is_loopback(address.host) or host == LOOPBACK:
        return None
    with socket.socket() as probe:
        probe.settimeout(ANSWER_S)
        return probe.connect_ex((host, address.port)) == 0


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine to itself, and to nobody else."""
    return host == "localhost" or host.startswith("127.") or host == "::1"


class ClientCount:
    """Hears from mosquitto how many clients it has; it tells once in ten seconds (mosquitto.conf(5), sys_interval)."""

    def __init__(self, address: BrokerAddress) -> None:
        self.connected: int | None = None
        self._publisher = Publisher(address, listen={CLIENTS_TOPIC: self._hear})
        with suppress(BrokerError):  # then it is not known
            self._publisher.connect()

    def others(self) -> int | None:
        """Give how many there are beside this program's two connections; None while it is not known."""
        return None if self.connected is None else max(0, self.connected - 2)

    def close(self) -> None:
        """Disconnect."""
        self._publisher.close()

    def _hear(self, _topic: str, payload: bytes, _retained: bool) -> None:
        with suppress(ValueError):
            self.connected = int(payload)


def _mosquitto() -> str | None:
    program = find_mosquitto()
    if program is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603  the program is the one found on PATH
            [program, "-h"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return program
    first = said.stdout.decode(errors="replace").splitlines()[:1]
    return first[0] if first and first[0].isprintable() else program
