"""Between a device's time and this machine's: the least delay of a message, followed as the clocks drift apart.

A message can come late, never early. So the one that came soonest tells best how the two clocks stand to each other
(the minimum filter of NTP, RFC 5905, section 10).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass

from sensors.message import NS_PER_S


@dataclass(frozen=True, slots=True)
class OffsetParams:
    """Tuning of the least delay.

    Attributes
    ----------
    bucket_s, buckets : float, int
        The least delay is that of the last so many stretches of arrivals in which something came: two minutes, in
        which a crystal off by 100 ppm goes wrong by 12 ms. Silence ages nothing: what is delivered after it is late.
    resolution_s : float
        Smaller changes are not followed.
    most_changes : int
        So many are remembered.
    """

    bucket_s: float = 10.0
    buckets: int = 12
    resolution_s: float = 0.01
    most_changes: int = 1000


class LeastDelay:
    """When samples would have arrived, had every message come with the least delay."""

    def __init__(self, params: OffsetParams = OffsetParams()) -> None:
        self._params = params
        self._bucket_ns = round(params.bucket_s * NS_PER_S)
        self._buckets: deque[tuple[int, int]] = deque(maxlen=params.buckets)  # number, least origin within it
        self._least_ns = 0
        self._last_ns = 0
        self._newest_s = float("-inf")
        # From which stream time on, which origin holds, and the arrival that times may not fall behind.
        self._from_s: list[float] = []
        self._origins: list[tuple[int, int]] = []

    @property
    def origin_ns(self) -> int | None:
        """Arrival of the stream's time 0 with the least delay, as of now; None before the first message."""
        return self._least_ns if self._buckets else None

    @property
    def lag_s(self) -> float | None:
        """How much later than with the least delay the latest message came."""
        return (self._last_ns - self._least_ns) / NS_PER_S if self._buckets else None

    def note(self, newest_s: float, received_ns: int) -> None:
        """Take note of a message's newest sample and of its arrival."""
        origin_ns = self._last_ns = received_ns - round(newest_s * NS_PER_S)
        number = received_ns // self._bucket_ns
        if not self._buckets or number > self._buckets[-1][0]:
            self._buckets.append((number, origin_ns))
            self._least_ns = min(each for _, each in self._buckets)
        elif origin_ns < self._buckets[-1][1]:
            self._buckets[-1] = (self._buckets[-1][0], origin_ns)
            self._least_ns = min(self._least_ns, origin_ns)
        if not self._origins or abs(self._least_ns - self._origins[-1][0]) >= self._params.resolution_s * NS_PER_S:
            self._change()
        self._newest_s = max(self._newest_s, newest_s)

    def lead_s(self, t_s: float, received_ns: int) -> float:
        """Give by how much a sample is newer than the least delay allows; minus infinity before the first."""
        return t_s - (received_ns - self._least_ns) / NS_PER_S if self._buckets else float("-inf")

    def arrival_ns(self, t_s: float) -> int:
        """Give when a sample would have arrived; never falls as ``t_s`` rises.

        It follows from the messages up to the one that brought the sample: what comes later does not change it.
        """
        at = max(0, bisect_left(self._from_s, t_s) - 1)
        origin_ns, floor_ns = self._origins[at]
        return max(floor_ns, origin_ns + round(t_s * NS_PER_S))

    def _change(self) -> None:
        floor_ns = self.arrival_ns(self._newest_s) if self._origins else -(2**63)
        self._from_s.append(self._newest_s)
        self._origins.append((self._least_ns, floor_ns))
        if len(self._origins) > self._params.most_changes:
            del self._from_s[0], self._origins[0]
