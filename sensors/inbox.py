"""What has arrived and waits to be looked at: bounded, and one sender's flood costs another nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from sensors.message import NS_PER_S, Message

OVERHEAD_BYTES = 256
"""What a Message costs beside its payload, so that empty ones are bounded too."""

REST = "other topics"
"""The name that topics beyond ``max_topics`` go by, all together."""


@dataclass(frozen=True, slots=True)
class InboxParams:
    """How much is taken.

    Attributes
    ----------
    max_bytes : int
        Of all that waits. Hours of one wrist: only a session that has stopped looking reaches it.
    rate_hz, rate_bytes_per_s : float
        Of one topic, for long. A phone sends 1 to 500 messages and at most 0.1 MB a second; 200 devices that share a
        topic send 2000 and 12 MB.
    burst, burst_bytes : int
        Of one topic at once, after which the rate holds. A device that was cut off for a minute hands over 6000
        messages at 100 Hz when it comes back; phyphox keeps 600.
    max_topics : int
        With a bound of their own; the others share one.
    """

    max_bytes: int = 64_000_000
    rate_hz: float = 2000.0
    rate_bytes_per_s: float = 16e6
    burst: int = 10_000
    burst_bytes: int = 32_000_000
    max_topics: int = 1000


class _Bucket:
    """A token bucket: what a topic may still send, refilled as time passes."""

    __slots__ = ("at_ns", "bytes", "messages")

    def __init__(self, params: InboxParams, at_ns: int) -> None:
        self.messages: float = params.burst
        self.bytes: float = params.burst_bytes
        self.at_ns = at_ns

    def admits(self, cost_bytes: int, now_ns: int, params: InboxParams) -> bool:
        elapsed_s = (now_ns - self.at_ns) / NS_PER_S
        self.at_ns = now_ns
        self.messages = min(self.messages + elapsed_s * params.rate_hz, params.burst)
        self.bytes = min(self.bytes + elapsed_s * params.rate_bytes_per_s, params.burst_bytes)
        if self.messages < 1 or self.bytes < cost_bytes:
            return False
        self.messages -= 1
        self.bytes -= cost_bytes
        return True


class Inbox:
    """Messages in order of arrival, until they are taken; what is too much is dropped and counted.

    A topic that sends faster than ``params`` allow loses what is over. When all that waits is too much, the topic
    that takes most of the room loses its newest.

    Parameters
    ----------
    params : InboxParams

    Attributes
    ----------
    dropped : Counter of str
        Messages lost, by topic.
    """

    def __init__(self, params: InboxParams = InboxParams()) -> None:
        self.dropped: Counter[str] = Counter()
        self._params = params
        self._buckets: dict[str, _Bucket] = {}
        self._clear()

    def put(self, message: Message) -> None:
        """Take one message in, or drop it; ``received_ns`` never decreases from one to the next."""
        name = self._name(message)
        cost_bytes = len(message.payload) + OVERHEAD_BYTES
        if not self._buckets[name].admits(cost_bytes, message.received_ns, self._params):
            self.dropped[name] += 1
            return
        while self._bytes + cost_bytes > self._params.max_bytes:
            largest = max(self._bytes_of, key=self._bytes_of.__getitem__, default=name)
            if self._bytes_of[largest] <= self._bytes_of[name] + cost_bytes:
                self.dropped[name] += 1
                return
            self._drop_newest(largest)
        self._places_of[name].append(len(self._waiting))
        self._waiting.append(message)
        self._bytes_of[name] += cost_bytes
        self._bytes += cost_bytes

    def take(self) -> list[Message]:
        """Give what waits, and forget it."""
        waiting = [message for message in self._waiting if message is not None]
        self._clear()
        return waiting

    def _clear(self) -> None:
        self._waiting: list[Message | None] = []
        self._places_of: defaultdict[str, list[int]] = defaultdict(list)
        self._bytes_of: Counter[str] = Counter()
        self._bytes = 0

    def _name(self, message: Message) -> str:
        topic = message.topic
        if topic in self._buckets:
            return topic
        name = topic if len(self._buckets) < self._params.max_topics else REST
        self._buckets.setdefault(name, _Bucket(self._params, message.received_ns))
        return name

    def _drop_newest(self, name: str) -> None:
        place = self._places_of[name].pop()
        message = self._waiting[place]
        self._waiting[place] = None
        if message is not None:
            cost_bytes = len(message.payload) + OVERHEAD_BYTES
            self._bytes_of[name] -= cost_bytes
            self._bytes -= cost_bytes
        self.dropped[name] += 1
