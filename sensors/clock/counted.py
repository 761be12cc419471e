"""Time from counting samples, steered by their arrivals."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import exp
from typing import NamedTuple

import numpy as np

from sensors.clock.offset import LeastDelay
from sensors.clock.params import LATEST_S, LONGEST_PERIOD_S, SHORTEST_PERIOD_S, WRAP_BITS, ClockParams
from sensors.message import NS_PER_S
from sensors.samples import Array, Clock, Reading, Sensor

REMEMBERED = 256
"""Messages of whose numbers the times are known, for those that come late or twice."""


class _Numbered(NamedTuple):
    """A message's first and last number, and its times."""

    first: float
    last: float
    first_s: float
    period_s: float


@dataclass(slots=True)
class _Track:
    """One sensor's count."""

    period_s: float
    next_s: float = 0.0
    next_number: float = 0.0
    last_ns: int = 0
    silent_s: float = 0.0
    lost: int = 0
    numbered: deque[_Numbered] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class CountedTime:
    """Time that goes on by one period a sample, and follows the arrivals slowly.

    The period is steered as well (a loop of the second order, critically damped), so that neither a rate learnt from a
    jittered second nor one declared wrong by a factor of two leaves the time behind the arrivals.

    Parameters
    ----------
    unit : {Clock.NONE, Clock.COUNT}
    period_s : float
        To begin with.
    delay : LeastDelay
    params : ClockParams
    """

    def __init__(self, unit: Clock, period_s: float, delay: LeastDelay, params: ClockParams) -> None:
        self.unit = unit
        self.resets = 0
        self.wraps = 0
        self._period_s = period_s
        self._delay = delay
        self._params = params
        self._tracks: dict[Sensor, _Track] = {}
        self._silence_s = params.silence_s
        self._start_ns: int | None = None
        self._last_ns = -1
        self._last: Array = np.empty(0)
        self._last_sensor: Sensor | None = None

    @property
    def lost(self) -> int:
        """Samples that were numbered and never came."""
        return max((track.lost for track in self._tracks.values()), default=0)

    def times(self, reading: Reading, received_ns: int) -> Array:
        """Give a reading's times."""
        n = len(reading.ticks)
        if received_ns == self._last_ns and reading.sensor is not self._last_sensor:
            # Another sensor's part of the same message; a sample that could not be read may be missing.
            return self._last if n == len(self._last) else np.linspace(self._last[0], self._last[-1], n)
        track = self._tracks.get(reading.sensor) or self._new_track(reading, received_ns)
        elapsed_s, track.last_ns = (received_ns - track.last_ns) / NS_PER_S, received_ns
        numbers = self._numbers(track, reading, elapsed_s)
        fresh = numbers[numbers >= track.next_number]
        t_s = np.empty(n)
        if len(fresh):
            first, last, period_s = float(fresh.min()), float(fresh.max()), track.period_s
            first_s = track.next_s + (first - track.next_number) * period_s
            last_s = first_s + (last - first) * period_s
            shift_s = self._steer(track, last_s, len(fresh), received_ns, elapsed_s)
            t_s = first_s + shift_s + (numbers - first) * period_s
            self._delay.note(last_s + shift_s, received_ns)
        if len(fresh) < n:
            old = numbers < track.next_number
            t_s[old] = [self._remembered(track, number) for number in numbers[old].tolist()]
        if len(fresh):
            if self.unit is Clock.COUNT:
                track.lost += max(0, int(last - track.next_number) + 1 - len(fresh))
                track.numbered.append(_Numbered(first, last, first_s + shift_s, period_s))
            track.next_number = last + 1
        self._last_ns, self._last, self._last_sensor = received_ns, t_s, reading.sensor
        return t_s

    def _new_track(self, reading: Reading, received_ns: int) -> _Track:
        track = self._tracks[reading.sensor] = _Track(self._period_s)
        before_s = (len(reading.ticks) - 1) * track.period_s
        if self._start_ns is None:
            self._start_ns = received_ns - round(before_s * NS_PER_S)
        track.next_s = (received_ns - self._start_ns) / NS_PER_S - before_s
        track.last_ns = received_ns
        if self.unit is Clock.COUNT:
            track.next_number = float(reading.ticks.min())
        return track

    def _numbers(self, track: _Track, reading: Reading, elapsed_s: float) -> Array:
        """Give the samples' numbers, as the track counts them."""
        n = len(reading.ticks)
        if self.unit is Clock.NONE:
            return track.next_number + np.arange(n, dtype=np.float64)
        numbers = reading.ticks.astype(np.float64)
        most = float(np.abs(numbers).max())
        reach = self._params.longest_s / track.period_s
        if np.ptp(numbers) > reach:
            middle = float(numbers.min() + numbers.max()) / 2
            wrapped = (numbers + np.where(numbers < middle, 2.0**bits, 0.0) for bits in WRAP_BITS if most <= 2.0**bits)
            # Where they fit nothing at all, their order is all that counts.
            numbers = next((each for each in wrapped if np.ptp(each) <= reach), np.arange(n, dtype=np.float64))
        skipped = float(numbers.min()) - track.next_number
        if -LATEST_S[reading.kind] <= skipped * track.period_s <= elapsed_s + LATEST_S[reading.kind]:
            return numbers
        for bits in WRAP_BITS:
            if most <= 2.0**bits and 0 <= (skipped + 2.0**bits) * track.period_s <= elapsed_s + self._params.step_s:
                self.wraps += 1
                track.next_number -= 2.0**bits
                track.numbered.clear()
                return numbers
        self.resets += 1
        track.next_number = float(numbers.min())
        track.numbered.clear()
        return numbers

    def _remembered(self, track: _Track, number: float) -> float:
        """Give the time of a number that was passed: as it was given then, or would have been."""
        for first, last, first_s, period_s in reversed(track.numbered):
            if first <= number:
                track.lost -= number > last and track.lost > 0
                return first_s + (number - first) * period_s
        return track.next_s + (number - track.next_number) * track.period_s

    def _steer(self, track: _Track, last_s: float, n: int, received_ns: int, elapsed_s: float) -> float:
        """Follow the arrivals; give by how much the samples themselves have to be later."""
        if self._start_ns is None:
            raise AssertionError("a track begins with an arrival")
        error_s = (received_ns - self._start_ns) / NS_PER_S - last_s
        shift_s = 0.0
        if min(error_s, elapsed_s) > self._silence_s:
            track.silent_s = shift_s = error_s
            error_s = 0.0
        elif error_s < -self._params.silence_s:
            # A burst brings what was taken for silence: wait longer for the next.
            self._start_ns += round(error_s * NS_PER_S)
            self._silence_s = min(self._params.longest_burst_s, max(self._silence_s, 1.5 * track.silent_s))
            error_s = track.silent_s = 0.0
        span_s = n * track.period_s
        share = 1 - exp(-span_s / self._params.follow_s)
        # Never backwards, however early a message comes.
        track.next_s = last_s + shift_s + max(0.2 * track.period_s, track.period_s + share * error_s)
        period_s = track.period_s * (1 + min(0.5, max(-0.5, share**2 / 4 * error_s / span_s)))
        track.period_s = min(LONGEST_PERIOD_S, max(SHORTEST_PERIOD_S, period_s))
        return shift_s
