"""A device's own time: what its stamps count, and when a sample was taken.

Rates come from sensor time, never from arrival: a batch arrives at once. Stamps may count nanoseconds since the epoch,
since boot, seconds since the start of a measurement, samples, or be absent. Magnitudes overlap (boot nanoseconds look
like epoch milliseconds), so what they count is told from their increments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sensors.message import NS_PER_S
from sensors.samples import Array, Clock, Reading, Sensor, Ticks

TICKS_PER_S = {Clock.S: 1.0, Clock.MS: 1e3, Clock.US: 1e6, Clock.NS: 1e9}
SLOWEST_HZ, FASTEST_HZ = 4.0, 900.0
"""Rates a wrist sensor may have; no two units explain the same increment within them."""


@dataclass(frozen=True, slots=True)
class ClockParams:
    """Tuning of the clock.

    Attributes
    ----------
    learn_s : float
        Arrivals over which a stream of single stamps tells its unit, or one without stamps its rate.
    reset_s : float
        A jump back by more than this is a device that started anew, not a late message.
    longest_s : float
        No message spans more; a stamp farther than this from the others is none.
    step_s : float
        Device and arrival may drift apart by this much at once (watches deliver up to ten seconds late); more is a
        step of the device's clock.
    follow : float
        Share of the difference to the arrivals by which a learnt time is corrected with each sample: 1 % follows a
        wrong rate within seconds and passes on 1 % of the network's jitter.
    """

    learn_s: float = 1.0
    reset_s: float = 2.0
    longest_s: float = 120.0
    step_s: float = 15.0
    follow: float = 0.01


class Foreseen(NamedTuple):
    """The times of several readings, one after the other, and the newest of them with its arrival."""

    t_s: Array
    newest_s: float
    newest_ns: int


class DeviceClock:
    """Seconds since the stream began, from stamps or, failing those, from arrivals.

    One clock serves all sensors of a device, since their stamps share a base.
    """

    def __init__(self, params: ClockParams = ClockParams()) -> None:
        self._params = params
        self._learning: list[tuple[Reading, int]] = []
        self._stamped: _StampedTime | None = None
        self._counted: _CountedTime | None = None

    @property
    def unit(self) -> Clock | None:
        """What the stamps count, once known."""
        if self._stamped is not None:
            return self._stamped.unit
        return self._counted.unit if self._counted is not None else None

    @property
    def resets(self) -> int:
        """How often the device's clock started anew or was set."""
        return self._stamped.resets if self._stamped is not None else 0

    def take(self, reading: Reading, received_ns: int) -> list[tuple[Reading, Array]]:
        """Give readings with their times in seconds; none while the clock is still being learnt, then all held back."""
        if self._stamped is None and self._counted is None:
            self._learning.append((reading, received_ns))
            if not self._learn():
                return []
            held, self._learning = self._learning, []
        else:
            held = [(reading, received_ns)]
        return [(one, self._times(one, at_ns)) for one, at_ns in held]

    def elapsed_s(self, one: float, other: float) -> float | None:
        """Give the time from one stamp to another; None where stamps do not tell it (yet)."""
        return (other - one) / TICKS_PER_S[self._stamped.unit] if self._stamped is not None else None

    def foresee(self, readings: list[tuple[Reading, int]]) -> Foreseen | None:
        """Give the times `take` would give, all at once; None where it has to look at the readings one by one.

        Only for samples in order. Changes nothing: `pass_by` moves on.
        """
        return self._stamped.foresee(readings) if self._stamped is not None else None

    def pass_by(self, foreseen: Foreseen) -> None:
        """Move on as if the foreseen readings had been taken."""
        if self._stamped is not None:
            self._stamped.pass_by(foreseen)

    def flush(self) -> list[tuple[Reading, Array]]:
        """Give what is still held back at the end of a stream too short to learn from."""
        if not self._learning:
            return []
        self._counted = _CountedTime(Clock.NONE, _learnt_period_s(self._learning), self._params)
        held, self._learning = self._learning, []
        return [(one, self._times(one, at_ns)) for one, at_ns in held]

    def _times(self, reading: Reading, received_ns: int) -> Array:
        if self._stamped is not None:
            return self._stamped.times(reading, received_ns)
        if self._counted is None:
            raise AssertionError("a clock that has not been learnt has no times")
        return self._counted.times(reading, received_ns)

    def _learn(self) -> bool:
        """Settle what the stamps count from what has come so far; False if that does not tell yet."""
        first, first_ns = self._learning[0]
        span_s = (self._learning[-1][1] - first_ns) / NS_PER_S
        unit = first.clock
        if unit is Clock.AUTO:
            unit = _told_by_increments(self._learning) or (Clock.NONE if span_s >= 2 * self._params.learn_s else unit)
        if unit is Clock.AUTO:
            return False
        if unit in TICKS_PER_S:
            self._stamped = _StampedTime(unit, self._params)
            return True
        if span_s < self._params.learn_s:
            return False
        self._counted = _CountedTime(unit, _learnt_period_s(self._learning), self._params)
        return True


class _StampedTime:
    """Time from stamps that count a known unit."""

    def __init__(self, unit: Clock, params: ClockParams) -> None:
        self.unit = unit
        self.resets = 0
        self._params = params
        self._base: np.int64 | np.float64 | None = None
        self._offset_s = 0.0
        self._newest_s = 0.0
        self._newest_ns = 0

    def times(self, reading: Reading, received_ns: int) -> Array:
        ticks_per_s = TICKS_PER_S[self.unit]
        ticks = _together(reading.ticks, self._params.longest_s * ticks_per_s)
        if self._base is None:
            self._base, self._newest_ns = ticks.min(), received_ns
            self._newest_s = float(ticks.max() - self._base) / ticks_per_s
        # Integer nanoseconds since the epoch do not fit a float: subtract first.
        t_s = (ticks - self._base) / ticks_per_s + self._offset_s
        newest_s = float(t_s.max())
        expected_s = self._newest_s + (received_ns - self._newest_ns) / NS_PER_S
        # Told by the newest stamp: the oldest of a second sensor's batch is as old as the first one's.
        if self._newest_s - newest_s > self._params.reset_s or newest_s - expected_s > self._params.step_s:
            # The stream goes on, whatever the device's clock says now.
            span_s = newest_s - float(t_s.min())
            self._base, self._offset_s = ticks.min(), max(self._newest_s, expected_s - span_s)
            self.resets += 1
            t_s = (ticks - self._base) / ticks_per_s + self._offset_s
            newest_s = float(t_s.max())
        if newest_s >= self._newest_s:
            self._newest_s, self._newest_ns = newest_s, received_ns
        return t_s

    def foresee(self, readings: list[tuple[Reading, int]]) -> Foreseen | None:
        ticks_per_s, params = TICKS_PER_S[self.unit], self._params
        if self._base is None or len({reading.ticks.dtype for reading, _ in readings}) > 1:
            return None
        ticks = np.concatenate([reading.ticks for reading, _ in readings])
        if float(ticks.max()) - float(ticks.min()) > params.longest_s * ticks_per_s:
            return None
        t_s = np.asarray((ticks - self._base) / ticks_per_s + self._offset_s, dtype=np.float64)
        newest_s, newest_ns, end = self._newest_s, self._newest_ns, 0
        for reading, received_ns in readings:
            end += len(reading.ticks)
            last_s = t_s[end - 1].item()  # the newest, where samples are in order
            expected_s = newest_s + (received_ns - newest_ns) / NS_PER_S
            if newest_s - last_s > params.reset_s or last_s - expected_s > params.step_s:
                return None
            if last_s >= newest_s:
                newest_s, newest_ns = last_s, received_ns
        return Foreseen(t_s, newest_s, newest_ns)

    def pass_by(self, foreseen: Foreseen) -> None:
        self._newest_s, self._newest_ns = foreseen.newest_s, foreseen.newest_ns


class _CountedTime:
    """Time from counting samples, steered by their arrivals."""

    def __init__(self, unit: Clock, period_s: float, params: ClockParams) -> None:
        self.unit = unit
        self._params = params
        self._period_s = period_s
        self._start_ns: int | None = None
        self._last_ns = -1
        self._last: Array = np.empty(0)
        self._last_sensor: Sensor | None = None
        self._next_s = 0.0
        self._next_count = 0.0

    def times(self, reading: Reading, received_ns: int) -> Array:
        n = len(reading.ticks)
        if received_ns == self._last_ns and reading.sensor is not self._last_sensor:
            # Another sensor's part of the same message; a sample that could not be read may be missing.
            return self._last if n == len(self._last) else np.linspace(self._last[0], self._last[-1], n)
        ticks = _together(reading.ticks, self._params.longest_s / self._period_s)
        if self._start_ns is None:
            self._start_ns = received_ns - round((n - 1) * self._period_s * NS_PER_S)
            self._next_count = float(ticks[0])
        if self.unit is Clock.COUNT:
            # The device's own numbers show what was lost on the way.
            skipped = float(ticks[0]) - self._next_count
            if skipped < 0 or skipped * self._period_s > self._params.step_s:
                skipped = 0.0
            steps = np.maximum(np.asarray(ticks - ticks[0], dtype=np.float64), 0.0)
            t_s: Array = self._next_s + (skipped + steps) * self._period_s
            self._next_count = float(ticks[-1]) + 1
        else:
            t_s = self._next_s + np.arange(n, dtype=np.float64) * self._period_s
        error_s = (received_ns - self._start_ns) / NS_PER_S - float(t_s[-1])
        if error_s > 1.0:
            t_s = t_s + error_s  # silence: nothing was counted meanwhile
            error_s = 0.0
        # Never backwards, however early a message comes.
        share = 1 - (1 - self._params.follow) ** n
        step_s = max(0.2 * self._period_s, self._period_s + share * error_s)
        self._next_s = float(t_s[-1]) + step_s
        self._last_ns, self._last, self._last_sensor = received_ns, t_s, reading.sensor
        return t_s


def _together(ticks: Ticks, reach: float) -> Ticks:
    """Put stamps that stray from the middle one by more than ``reach`` onto it, where they count as duplicates."""
    if float(ticks.max()) - float(ticks.min()) <= reach:
        return ticks
    middle = np.sort(ticks)[(len(ticks) - 1) // 2]
    # Floats, since integers that far apart wrap around.
    return np.where(np.abs(ticks.astype(np.float64) - float(middle)) <= reach, ticks, middle)


def _told_by_increments(held: list[tuple[Reading, int]]) -> Clock | None:
    """Tell what the stamps count: from the increments within batches, else from those beside the arrivals."""
    sensor = held[0][0].sensor
    mine = [(reading, at_ns) for reading, at_ns in held if reading.sensor is sensor]
    within = np.concatenate([np.abs(np.diff(reading.ticks).astype(np.float64)) for reading, _ in mine])
    within = within[within > 0]
    if len(within) >= 2:
        return _unit_of_increment(float(np.median(within)))
    span_s = (mine[-1][1] - mine[0][1]) / NS_PER_S
    stamps = float(mine[-1][0].ticks[-1].item() - mine[0][0].ticks[0].item())
    if len(mine) < 5 or span_s < 0.25 or stamps <= 0:
        return None
    return _unit_of_increment(stamps / (len(mine) - 1)) if stamps / span_s > 1.5 else Clock.S


def _unit_of_increment(increment: float) -> Clock | None:
    if increment == 1.0:
        return Clock.COUNT
    for unit, ticks_per_s in TICKS_PER_S.items():
        if ticks_per_s / FASTEST_HZ <= increment <= ticks_per_s / SLOWEST_HZ:
            return unit
    return None


def _learnt_period_s(held: list[tuple[Reading, int]]) -> float:
    """Mean time between samples over the arrivals so far; the first message's samples came before its arrival."""
    sensor = held[0][0].sensor
    mine = [(reading, at_ns) for reading, at_ns in held if reading.sensor is sensor]
    span_s = (mine[-1][1] - mine[0][1]) / NS_PER_S
    if mine[0][0].clock is Clock.COUNT:
        samples = float(mine[-1][0].ticks[-1].item() - mine[0][0].ticks[-1].item())
    else:
        samples = float(sum(len(reading.ticks) for reading, _ in mine[1:]))
    return span_s / samples if span_s > 0 and samples > 0 else 1 / 50
