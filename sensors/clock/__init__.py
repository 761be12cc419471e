"""A device's own time: what its stamps count, and when a sample was taken.

Rates come from sensor time, never from arrival: a batch arrives at once. Stamps may count nanoseconds since the epoch,
since boot, seconds since the start of a measurement, samples, or be absent. Magnitudes overlap (boot nanoseconds look
like epoch milliseconds), so what they count is told from their increments.
"""

from __future__ import annotations

import numpy as np

from sensors.clock.counted import CountedTime
from sensors.clock.offset import LeastDelay
from sensors.clock.params import (
    FASTEST_HZ,
    LONGEST_PERIOD_S,
    SHORTEST_PERIOD_S,
    SLOWEST_HZ,
    TICKS_PER_S,
    USUAL_PERIOD_S,
    ClockParams,
)
from sensors.clock.stamped import Foreseen, StampedTime, Timed
from sensors.message import NS_PER_S
from sensors.samples import Clock, Reading

__all__ = ["FASTEST_HZ", "SLOWEST_HZ", "ClockParams", "DeviceClock"]

MOST_ALIKE = 8
"""Where more samples share a stamp on average, stamps are too coarse to be of use."""


class DeviceClock:
    """Seconds since the stream began, from stamps or, failing those, from arrivals.

    One clock serves all sensors of a device, since their stamps share a base.

    Parameters
    ----------
    params : ClockParams
    rate_hz : float, optional
        Of a stream without stamps; learnt otherwise.
    """

    def __init__(self, params: ClockParams = ClockParams(), rate_hz: float | None = None) -> None:
        self._params = params
        self._rate_hz = rate_hz
        self._delay = LeastDelay()
        self._learning: list[tuple[Reading, int]] = []
        self._learning_samples = 0
        self._stamped: StampedTime | None = None
        self._counted: CountedTime | None = None

    @property
    def unit(self) -> Clock | None:
        """What the stamps count, once known."""
        learnt = self._stamped or self._counted
        return learnt.unit if learnt else None

    @property
    def resets(self) -> int:
        """How often the device's clock started anew or was set."""
        learnt = self._stamped or self._counted
        return learnt.resets if learnt else 0

    @property
    def wraps(self) -> int:
        """How often the device's counter ran over."""
        learnt = self._stamped or self._counted
        return learnt.wraps if learnt else 0

    @property
    def lost(self) -> int:
        """Samples the device numbered that never came."""
        return self._counted.lost if self._counted else 0

    @property
    def offset_s(self) -> float | None:
        """The device's clock less this machine's, by least delay; None unless it counts from 1970."""
        began_s, origin_ns = self._stamped.began_s if self._stamped else None, self._delay.origin_ns
        return None if began_s is None or origin_ns is None else began_s - origin_ns / NS_PER_S

    @property
    def lag_s(self) -> float | None:
        """How much later than with the least delay the latest message came."""
        return self._delay.lag_s

    def arrival_ns(self, t_s: float) -> int:
        """Give when a sample would have arrived with the least delay; never falls as ``t_s`` rises."""
        return self._delay.arrival_ns(t_s)

    def take(self, reading: Reading, received_ns: int) -> list[Timed]:
        """Give readings with their times in seconds; none while the clock is in doubt, then all held back."""
        if self._stamped is not None or self._counted is not None:
            return self._timed(reading, received_ns)
        self._learning.append((reading, received_ns))
        self._learning_samples += len(reading.ticks)
        return self._catch_up() if self._learn() else []

    def elapsed_s(self, one: float, other: float) -> float | None:
        """Give the time from one stamp to another; None where stamps do not tell it (yet)."""
        return self._stamped.elapsed_s(one, other) if self._stamped is not None else None

    def foresee(self, readings: list[tuple[Reading, int]]) -> Foreseen | None:
        """Give the times `take` would give, all at once; None where it has to look at the readings one by one.

        Only for samples in order and without gaps. Changes nothing: `pass_by` moves on.
        """
        return self._stamped.foresee(readings) if self._stamped is not None else None

    def pass_by(self, foreseen: Foreseen) -> None:
        """Move on as if the foreseen readings had been taken."""
        if self._stamped is not None:
            self._stamped.pass_by(foreseen)

    def flush(self) -> list[Timed]:
        """Give what is still held back at the end of the stream."""
        if self._learning:
            self._count(Clock.NONE)
        given = self._catch_up()
        return given + (self._stamped.flush() if self._stamped is not None else [])

    def _catch_up(self) -> list[Timed]:
        held, self._learning = self._learning, []
        return [timed for reading, received_ns in held for timed in self._timed(reading, received_ns)]

    def _timed(self, reading: Reading, received_ns: int) -> list[Timed]:
        if self._stamped is not None:
            return self._stamped.take(reading, received_ns)
        if self._counted is None:
            raise AssertionError("a clock that has not been learnt has no times")
        return [(reading, self._counted.times(reading, received_ns))]

    def _learn(self) -> bool:
        """Settle what the stamps count from what has come so far; False if that does not tell yet."""
        first, first_ns = self._learning[0]
        span_s = (self._learning[-1][1] - first_ns) / NS_PER_S
        full = self._learning_samples >= self._params.learn_samples
        unit = first.clock
        if unit is Clock.AUTO:
            silent = full or span_s >= 2 * self._params.learn_s
            unit = _told_by_increments(self._learning) or (Clock.NONE if silent else unit)
        if unit is Clock.AUTO:
            return False
        if unit in TICKS_PER_S:
            self._stamped = StampedTime(unit, self._delay, self._params)
            return True
        if span_s < self._params.learn_s and not full and self._rate_hz is None:
            return False
        self._count(unit)
        return True

    def _count(self, unit: Clock) -> None:
        period_s = 1 / self._rate_hz if self._rate_hz else _learnt_period_s(unit, self._learning)
        self._counted = CountedTime(unit, period_s, self._delay, self._params)


def _told_by_increments(held: list[tuple[Reading, int]]) -> Clock | None:
    """Tell what the stamps count: from the increments within batches, else from those beside the arrivals."""
    sensor = held[0][0].sensor
    mine = [(reading, at_ns) for reading, at_ns in held if reading.sensor is sensor]
    ticks = np.concatenate([reading.ticks for reading, _ in mine])
    distinct = len(np.unique(ticks))
    if distinct * MOST_ALIKE < len(ticks):
        return None
    within = np.concatenate([np.abs(np.diff(reading.ticks).astype(np.float64)) for reading, _ in mine])
    within = within[within > 0]
    if len(within) >= 2:
        return _unit_of_increment(float(np.median(within)))
    span_s = (mine[-1][1] - mine[0][1]) / NS_PER_S
    stamps = float(mine[-1][0].ticks[-1].item() - mine[0][0].ticks[0].item())
    if len(mine) < 5 or distinct < 4 or span_s < 0.25 or stamps <= 0:
        return None
    return _unit_of_increment(stamps / (len(mine) - 1)) if stamps / span_s > 1.5 else Clock.S


def _unit_of_increment(increment: float) -> Clock | None:
    if increment == 1.0:
        return Clock.COUNT
    for unit, ticks_per_s in TICKS_PER_S.items():
        if ticks_per_s / FASTEST_HZ <= increment <= ticks_per_s / SLOWEST_HZ:
            return unit
    return None


def _learnt_period_s(unit: Clock, held: list[tuple[Reading, int]]) -> float:
    """Mean time between samples over the arrivals so far; the first message's samples came before its arrival."""
    sensor = held[0][0].sensor
    mine = [(reading, at_ns) for reading, at_ns in held if reading.sensor is sensor]
    span_s = (mine[-1][1] - mine[0][1]) / NS_PER_S
    if unit is Clock.COUNT:
        samples = float(mine[-1][0].ticks[-1].item() - mine[0][0].ticks[-1].item())
    else:
        samples = float(sum(len(reading.ticks) for reading, _ in mine[1:]))
    period_s = span_s / samples if span_s > 0 and samples > 0 else USUAL_PERIOD_S
    return min(LONGEST_PERIOD_S, max(SHORTEST_PERIOD_S, period_s))
