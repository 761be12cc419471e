"""Time from stamps that count a known unit, through wraps, restarts and clocks that are set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sensors.clock.offset import LeastDelay
from sensors.clock.params import FASTEST_HZ, LATEST_S, TICKS_PER_S, WRAP_BITS, ClockParams
from sensors.message import NS_PER_S
from sensors.samples import Array, Clock, Reading, Sensor, Ticks

EPOCH_FROM_S = 1e9
"""No device has been up for 30 years: larger stamps count from 1970."""
NOWHERE_S = float("-inf")
"""The time of a sample whose stamp fits nothing."""

Timed = tuple[Reading, Array]


class Foreseen(NamedTuple):
    """The times of several readings, one after the other."""

    t_s: Array
    newest_s: list[float]
    readings: list[tuple[Reading, int]]


class _Behind(NamedTuple):
    """Readings in a row that are older than what came before, each newer than the last."""

    since_ns: int
    from_s: float
    newest_s: float
    number: int


class StampedTime:
    """Time from stamps that count a known unit.

    A stamp that cannot be, far back or from the future, is held back until others bear it out: then the clock was set,
    and the stream goes on from the arrivals. If the old time goes on, the stamp was a stray. A smaller step back looks
    like messages that come late; it counts once they keep coming in order for a while.
    """

    def __init__(self, unit: Clock, delay: LeastDelay, params: ClockParams) -> None:
        self.unit = unit
        self.resets = 0
        self.wraps = 0
        self._params = params
        self._delay = delay
        self._per_s = TICKS_PER_S[unit]
        self._base: np.int64 | np.float64 | None = None
        self._offset_s = 0.0
        self._wrap_s = 0.0
        self._newest_s = 0.0
        self._newest_ns = 0
        self._newest_of: dict[Sensor, float] = {}
        self._behind: dict[Sensor, _Behind] = {}
        self._doubted: list[tuple[Reading, int]] = []

    @property
    def began_s(self) -> float | None:
        """The device's clock at the stream's time 0, in seconds since 1970; None where it counts from another time."""
        if self._base is None:
            return None
        began_s = float(self._base) / self._per_s - self._offset_s
        return began_s if began_s >= EPOCH_FROM_S else None

    def take(self, reading: Reading, received_ns: int) -> list[Timed]:
        """Give a reading's times, and those of the ones held back where it decides on them."""
        t_s = self._times(reading, received_ns)
        if t_s is not None:
            strays, self._doubted = self._doubted, []
            return [*((each, _nowhere(each)) for each, _ in strays), (reading, self._pass(reading, t_s, received_ns))]
        self._doubted.append((reading, received_ns))
        if len(self._doubted) > self._params.believe_readings:  # they agree on nothing
            strays, self._doubted = self._doubted[:-1], self._doubted[-1:]
            return [*((each, _nowhere(each)) for each, _ in strays), *self._believe()]
        return self._believe() if self._borne_out() else []

    def flush(self) -> list[Timed]:
        """Give what is still held back."""
        given = self._believe() if self._doubted else []
        strays, self._doubted = self._doubted, []
        return [*given, *((each, _nowhere(each)) for each, _ in strays)]

    def elapsed_s(self, one: float, other: float) -> float:
        """Give the time from one stamp to another."""
        return (other - one) / self._per_s

    def foresee(self, readings: list[tuple[Reading, int]]) -> Foreseen | None:
        """Give the times `take` would give, where samples are in order and leave no gap of ``step_s``."""
        if self._base is None or self._doubted or len({reading.ticks.dtype for reading, _ in readings}) > 1:
            return None
        ticks = np.concatenate([reading.ticks for reading, _ in readings])
        t_s = self._since_base(ticks)
        ends = np.cumsum([len(reading.ticks) for reading, _ in readings])
        return Foreseen(t_s, t_s[ends - 1].tolist(), readings)

    def pass_by(self, foreseen: Foreseen) -> None:
        """Move on as if the foreseen readings had been taken."""
        for (reading, received_ns), newest_s in zip(foreseen.readings, foreseen.newest_s, strict=True):
            self._move_on(reading.sensor, newest_s, received_ns)

    def _times(self, reading: Reading, received_ns: int) -> Array | None:
        """Give a reading's times; None where they jump."""
        if self._base is None:
            ticks, strays = self._gathered(reading, received_ns)
            self._base, self._newest_ns = ticks[~strays].min(), received_ns
        ticks = good = reading.ticks
        t_s = self._since_base(ticks)
        oldest_s, newest_s = float(t_s.min()), float(t_s.max())
        if newest_s - oldest_s > self._params.step_s:
            ticks, strays = self._gathered(reading, received_ns)
            good, t_s = ticks[~strays], self._since_base(ticks)
            oldest_s, t_s[strays] = float(t_s[~strays].min()), NOWHERE_S
            newest_s = float(t_s.max())
        if not self._newest_of:
            return t_s
        latest_s = LATEST_S[reading.kind]
        # Told by each sensor's own newest: another may run ahead of it, and one first heard now may stand anywhere.
        if reading.sensor not in self._newest_of and abs(newest_s - self._newest_s) <= self._params.longest_s:
            return t_s
        back_s = self._newest_of.get(reading.sensor, self._newest_s) - newest_s
        ahead_s = min(oldest_s - self._newest_s, self._delay.lead_s(newest_s, received_ns))
        if back_s <= latest_s and ahead_s <= self._params.step_s:
            return t_s
        if self._wrap_s and abs(newest_s - self._wrap_s - self._newest_s) <= latest_s:
            return t_s - self._wrap_s  # sent before the counter started again, come after
        due_s = self._newest_s + (received_ns - self._newest_ns) / NS_PER_S
        for bits in WRAP_BITS:
            wrap_s = 2.0**bits / self._per_s
            if _magnitude(good) <= 2.0**bits and abs(newest_s + wrap_s - due_s) <= min(latest_s, wrap_s / 4):
                self.wraps += 1
                self._wrap_s = wrap_s
                self._offset_s += wrap_s
                return t_s + wrap_s
        return None

    def _since_base(self, ticks: Ticks) -> Array:
        if self._base is None:
            raise AssertionError("the first reading sets the base")
        # Integer nanoseconds since the epoch do not fit a float: subtract first.
        return np.asarray((ticks - self._base) / self._per_s + self._offset_s, dtype=np.float64)

    def _gathered(self, reading: Reading, received_ns: int) -> tuple[Ticks, NDArray[np.bool_]]:
        """Tell the stamps that belong together from strays; a counter that starts again in their midst goes on."""
        ticks = reading.ticks
        none = np.zeros(len(ticks), dtype=np.bool_)
        # Floats, since integers that far apart overflow.
        low, high = float(ticks.min()), float(ticks.max())
        reach = self._params.step_s * self._per_s
        if high - low <= reach:
            return ticks, none
        values = ticks.astype(np.float64)
        longest = self._params.longest_s * self._per_s
        if np.diff(values).min() < -reach:
            for bits in WRAP_BITS:
                above = np.where(values < (low + high) / 2, 2.0**bits, 0.0)
                if _magnitude(ticks) <= 2.0**bits and np.ptp(values + above) < min(longest, (high - low) / 2):
                    return ticks + above.astype(ticks.dtype), none
        newest_s = NOWHERE_S if self._base is None else (high - float(self._base)) / self._per_s + self._offset_s
        if self._delay.lead_s(newest_s, received_ns) <= self._params.step_s:
            reach = longest  # time enough has passed for a hole
        order = np.sort(values)
        holes = np.flatnonzero(np.diff(order) > reach)
        if not len(holes):
            return ticks, none
        middle = (len(order) - 1) // 2
        first, last = np.searchsorted(holes, middle, "left") - 1, np.searchsorted(holes, middle, "left")
        lowest = order[holes[first] + 1] if first >= 0 else low
        highest = order[holes[last]] if last < len(holes) else high
        return ticks, (values < lowest) | (values > highest)

    def _pass(self, reading: Reading, t_s: Array, received_ns: int) -> Array:
        newest_s = float(t_s.max())
        if newest_s <= self._newest_of.get(reading.sensor, NOWHERE_S) and self._set_back(
            reading, newest_s, received_ns
        ):
            self._go_on_from(reading, received_ns)
            t_s = np.where(np.isfinite(t_s), t_s - float(t_s[np.isfinite(t_s)].min()) + self._offset_s, NOWHERE_S)
            newest_s = float(t_s.max())
        self._move_on(reading.sensor, newest_s, received_ns)
        return t_s

    def _move_on(self, sensor: Sensor, newest_s: float, received_ns: int) -> None:
        self._delay.note(newest_s, received_ns)
        if newest_s > self._newest_of.get(sensor, NOWHERE_S):
            self._newest_of[sensor] = newest_s
            self._behind.pop(sensor, None)
        if newest_s >= self._newest_s:
            self._newest_s, self._newest_ns = newest_s, received_ns

    def _set_back(self, reading: Reading, newest_s: float, received_ns: int) -> bool:
        """Whether messages have been behind in good order for long enough that the clock must have been set back."""
        behind = self._behind.get(reading.sensor)
        if behind is None or newest_s <= behind.newest_s:
            behind = _Behind(received_ns, newest_s, newest_s, 0)
        behind = behind._replace(newest_s=newest_s, number=behind.number + 1)
        self._behind[reading.sensor] = behind
        needed_s = LATEST_S[reading.kind] / 4
        return behind.number >= 3 and _goes_along(
            received_ns - behind.since_ns, newest_s - behind.from_s, needed_s, self._params.step_s
        )

    def _borne_out(self) -> bool:
        """Whether the stamps held back have gone on from their jump, as a clock that was set does."""
        first, since_ns = self._doubted[0]
        last, received_ns = next(each for each in reversed(self._doubted) if each[0].sensor is first.sensor)
        stamps_s = self.elapsed_s(first.ticks[-1].item(), last.ticks[-1].item())
        return _goes_along(received_ns - since_ns, stamps_s, self._params.believe_s, LATEST_S[first.kind])

    def _believe(self) -> list[Timed]:
        doubted, self._doubted = self._doubted, []
        self._go_on_from(*doubted[0])
        return [timed for reading, received_ns in doubted for timed in self.take(reading, received_ns)]

    def _go_on_from(self, reading: Reading, received_ns: int) -> None:
        """Let the stream go on with this reading, whatever the device's clock says now."""
        ticks, strays = self._gathered(reading, received_ns)
        ticks = ticks[~strays]
        span_s = float(ticks.max() - ticks.min()) / self._per_s
        due_s = self._newest_s + (received_ns - self._newest_ns) / NS_PER_S
        self._base = ticks.min()
        self._offset_s = max(self._newest_s + 1 / FASTEST_HZ, due_s - span_s)
        self._behind.clear()
        self.resets += 1


def _nowhere(reading: Reading) -> Array:
    return np.full(len(reading.ticks), NOWHERE_S)


def _magnitude(ticks: Ticks) -> float:
    return max(abs(float(ticks.min())), abs(float(ticks.max())))


def _goes_along(arrivals_ns: int, stamps_s: float, least_s: float, slack_s: float) -> bool:
    arrivals_s = arrivals_ns / NS_PER_S
    return arrivals_s >= least_s and arrivals_s / 2 <= stamps_s <= 2 * arrivals_s + slack_s
