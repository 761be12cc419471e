"""What every broker started here offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sensors.address import BrokerAddress, Scheme

LOOPBACK = "127.0.0.1"
ANY = "0.0.0.0"  # noqa: S104  only when the network is asked for

MAX_PAYLOAD_BYTES = 4 << 20  # ten seconds of every sensor of a phone are 0.6 MB
MAX_CONNECTIONS = 64


class NotStartedError(Exception):
    """Another port may do."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way in, as a device's app asks for it: ``mqtt`` or WebSocket, the ``s`` for TLS."""

    scheme: Scheme
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Access:
    """What a person types into a device's app; printing it never shows the password.

    Attributes
    ----------
    endpoints : tuple of Endpoint
        The plain one first.
    user, password : str or None
        None where anybody on this machine is let in.
    ca : Path or None
        Certificate to install on a device, so that it knows us.
    fingerprint : str or None
        SHA-256 of that certificate, as systems show it.
    notes : tuple of str
        What else a person should know; a sentence each.
    """

    endpoints: tuple[Endpoint, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    fingerprint: str | None = None
    notes: tuple[str, ...] = ()


class Broker(ABC):
    """A running broker; a context manager that ends it on leaving.

    Attributes
    ----------
    kind : "mosquitto" or "amqtt"
    address : BrokerAddress
        Where this program reaches it, with its own credentials.
    access : Access
        Where devices reach it.
    """

    kind: Literal["mosquitto", "amqtt"]
    address: BrokerAddress
    access: Access

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reachable_at(self) -> BrokerAddress:
        """Give the plain address for a device; the loopback one where the network does not reach us."""
        plain = self.access.endpoints[0]
        return BrokerAddress(plain.host, plain.port, user=self.access.user, password=self.access.password)

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether it still runs."""

    @abstractmethod
    def revive(self) -> bool:
        """Bring it back when it has died, a step at each call and without waiting; call it often.

        Returns
        -------
        bool
            It has just come back, perhaps on another port: look at ``address`` and ``access``.
        """

    @abstractmethod
    def close(self) -> None:
        """End the broker; may be called twice."""
