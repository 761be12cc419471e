"""What every origin of messages looks like to a session: live MQTT, a replayed recording, a test's list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sensors.message import Message


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has come since the last look.

    Attributes
    ----------
    messages : list of Message
        In order of arrival.
    now_ns : int
        The source's own time of this look, in the scale of ``Message.received_ns``: every message up to now is in
        this or an earlier `Arrivals`, every later one will be stamped at or after it.
    ended : bool
        Nothing will come any more.
    news : tuple of str
        What a person should know of the source itself since the last look.
    """

    messages: list[Message]
    now_ns: int
    ended: bool = False
    news: tuple[str, ...] = ()


class Source(Protocol):
    """Where messages come from."""

    def take(self) -> Arrivals:
        """Give what has come since the last call, at once and without waiting."""
        ...

    def status(self) -> str:
        """One line for a person: connected to what, or what is wrong."""
        ...

    def close(self) -> None:
        """Let go of sockets, files and threads; may be called twice."""
        ...
