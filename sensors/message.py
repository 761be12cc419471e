"""What crosses the wire, and the only way in."""

from __future__ import annotations

from dataclasses import dataclass

NS_PER_S = 1_000_000_000

COMMAND_TOPIC = "$palmpace/session"
"""Where the person's own commands (start, pause, next...) stand in a recording.

MQTT wildcards never match a topic that begins with ``$`` (MQTT 3.1.1, 4.7.2) and the live source drops it, so no
device can speak on it.
"""


@dataclass(frozen=True, slots=True)
class Message:
    """One message exactly as received.

    Attributes
    ----------
    topic : str
        MQTT topic.
    payload : bytes
        The untouched body.
    received_ns : int
        Arrival on this machine, nanoseconds since the epoch, never decreasing within a session. An integer, so that
        a recording gives it back to the last bit.
    retained : bool
        The broker replayed an old message on subscription: a sample of some other time.
    """

    topic: str
    payload: bytes
    received_ns: int
    retained: bool = False
