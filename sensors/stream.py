"""One device's stream: order, duplicates, clock, gaps, unit and gravity, put on a uniform grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sensors.channel import MAX_HOLD_S, MOST_SAMPLES, Channel
from sensors.clock import DeviceClock
from sensors.declared import Declared
from sensors.grid import CELL_S, cell_means
from sensors.samples import Array, Clock, Gap, Kind, Reading, Samples, Sensor
from sensors.units import Gravity, Understanding, understand

MANY_ASTRAY = 100
"""Samples whose stamps fit nothing: a device set right again and again has some, two on one topic have half."""
LEAST_HZ = 15.0
"""Below this a device measures too seldom for brisk strokes."""
SAMPLES_PER_CYCLE = 4.0
"""Needed of the fastest cycle: twice what Nyquist asks, since a stroke is no pure tone."""


@dataclass(frozen=True, slots=True)
class StreamParams:
    """Tuning of the stream stage.

    Attributes
    ----------
    settle_s : float
        Data seen before the first is passed on: unit, gravity and whether there is a gyroscope are told from it.
    gap_s : float
        Spacing that counts as a gap, or four sample periods where that is longer.
    bridge_s : float
        Gaps up to this are bridged by a line and marked as not measured; a longer one interrupts the stream. Half a
        slow stroke: beyond that a line is an invention.
    gyro_lag_s : float
        A gyroscope silent for longer than this no longer holds the accelerometer back.
    gyro_alone_s : float
        A gyroscope ahead of its accelerometer is remembered for this long: watches deliver up to ten seconds late.
    collect_s : float
        Span that `Stream.collect` puts together: an engine reads long blocks at half the price of short ones.
    collect_samples : int
        It puts no more together than this, however fast they arrive.
    """

    settle_s: float = 1.0
    gap_s: float = 0.25
    bridge_s: float = 1.0
    gyro_lag_s: float = 0.5
    gyro_alone_s: float = 15.0
    collect_s: float = 10.0
    collect_samples: int = 20_000


@dataclass(slots=True)
class Link:
    """The health of a stream; times in seconds since its first sample.

    Attributes
    ----------
    samples, late, duplicated : int
        Accelerometer samples used, those that came too late or with a stamp that fits nothing, and those that came
        twice.
    lost : int
        Samples the device numbered that never came; 0 where it numbers none.
    duration_s : float
    unit : str or None
        Of the acceleration as sent.
    gravity : {"included", "removed"} or None
    clock : Clock or None
        What the device's stamps count.
    clock_offset_s : float or None
        The device's clock less this machine's, as if the quickest message had taken no time; None unless it counts
        from 1970.
    lag_s : float or None
        How much later than the quickest message the latest one came.
    resets, wraps : int
        How often the device's clock started anew or was set, and how often its counter ran over.
    gaps : list of Gap
    steady_s : float
    intervals : int
        Time without gaps, and the spacings of samples in it.
    """

    samples: int = 0
    late: int = 0
    duplicated: int = 0
    lost: int = 0
    duration_s: float = 0.0
    unit: str | None = None
    gravity: Gravity | None = None
    clock: Clock | None = None
    clock_offset_s: float | None = None
    lag_s: float | None = None
    resets: int = 0
    wraps: int = 0
    gaps: list[Gap] = field(default_factory=list)
    steady_s: float = 0.0
    intervals: int = 0

    @property
    def sample_rate_hz(self) -> float | None:
        """Mean rate by the device's own clock, gaps left out."""
        return self.intervals / self.steady_s if self.intervals and self.steady_s > 0 else None


class Stream:
    """From a device's readings to uniform blocks in SI units.

    Parameters
    ----------
    device : str
    params : StreamParams
    declared : Declared, optional
        What a person said of it: gravity, and the rate of a stream without stamps, are told from the data otherwise.

    Notes
    -----
    What comes out depends on the samples alone, not on how messages cut them, as long as they come in order.
    """

    def __init__(self, device: str, params: StreamParams = StreamParams(), declared: Declared | None = None) -> None:
        self.device = device
        self._gravity: Gravity | None = None
        if declared is not None and declared.gravity != "auto":
            self._gravity = declared.gravity
        self._link = Link()
        self._params = params
        self._clock = DeviceClock(rate_hz=declared.rate_hz if declared else None)
        self._kind = Kind.PHONE
        self._acc = Channel()
        self._gyro = Channel()
        self._sensor: Sensor | None = None
        self._reads: Understanding | None = None
        self._cell = 0
        self._gap_s = params.gap_s
        self._counted_s = float("-inf")
        self._first_s = float("inf")
        self._gaps_s = 0.0
        self._notices: list[str] = []
        self._astray = 0
        self._told_astray = False
        # Equal from the start: until a second message tells, the first one's gyroscope may still follow.
        self._acc_ns = self._gyro_ns = -1
        self._paired = True
        self._collected: list[tuple[Reading, int]] = []
        self._collected_samples = 0

    def push(self, reading: Reading, received_ns: int) -> list[Samples]:
        """Take what one sensor said; give the blocks that are complete now, in order."""
        blocks = self.release()
        return blocks + self._push(reading, received_ns) if len(reading.ticks) else blocks

    def collect(self, reading: Reading, received_ns: int) -> list[Samples]:
        """Take what one sensor said as `push` does, where nobody waits: the blocks come seconds later, and longer."""
        if self._reads is None or not len(reading.ticks) or not self._within_reach(reading, reading):
            return self.push(reading, received_ns)
        blocks: list[Samples] = []
        if self._collected:
            oldest, (_, last_ns) = self._collected[0][0], self._collected[-1]
            full = self._collected_samples >= self._params.collect_samples
            # A message's sensors stay together, unless time stands still.
            if full or (received_ns != last_ns and not self._within_reach(oldest, reading)):
                blocks = self.release()
        self._collected.append((reading, received_ns))
        self._collected_samples += len(reading.ticks)
        return blocks

    @property
    def link(self) -> Link:
        """How the stream is, as of now."""
        link, acc, clock = self._link, self._acc, self._clock
        link.late, link.duplicated, link.lost = acc.late, acc.duplicated, clock.lost
        link.clock, link.clock_offset_s, link.lag_s = clock.unit, clock.offset_s, clock.lag_s
        link.resets, link.wraps = clock.resets, clock.wraps
        return link

    @property
    def longest_wait_s(self) -> float:
        """No more than this of a device's time is held back."""
        params = self._params
        return params.collect_s + MAX_HOLD_S[self._kind] + params.settle_s + params.gyro_lag_s

    def release(self) -> list[Samples]:
        """Give the blocks of what has been collected, to the last bit what `push` would have given."""
        if not self._collected:
            return []
        collected, self._collected, self._collected_samples = self._collected, [], 0
        blocks = self._push_steady(collected)
        if blocks is None:
            blocks = [block for reading, received_ns in collected for block in self._push(reading, received_ns)]
        return blocks

    def flush(self) -> list[Samples]:
        """End the stream: give what is still held back."""
        blocks = self.release()
        for held, t_s in self._clock.flush():
            self._sort_in(held, t_s)
        self._acc.end()
        self._gyro.end()
        return blocks + self._emit(final=True)

    @property
    def newest_s(self) -> float:
        """Time of the newest acceleration; minus infinity before the first."""
        return self._acc.newest_s

    def arrival_ns(self, t_s: float) -> int:
        """Give when a sample of the blocks so far would have arrived, had each message come as soon as the soonest.

        So streams of several devices stand side by side, whichever's first message came late. It never falls as
        ``t_s`` rises, and follows a device's clock that runs fast or slow.
        """
        return self._clock.arrival_ns(t_s)

    def notices(self) -> list[str]:
        """Give what a person should know and has not been told yet."""
        told, self._notices = self._notices, []
        return told

    def _push(self, reading: Reading, received_ns: int) -> list[Samples]:
        resets = self._clock.resets
        self._kind = reading.kind
        for held, t_s in self._clock.take(reading, received_ns):
            self._sort_in(held, t_s)
        if self._clock.resets > resets:
            # What looked late was not: no need to wait for more of it.
            self._acc.hold_s = self._gyro.hold_s = 0.0
            if not resets:
                self._notices.append("its clock jumped: time goes on from where it was")
        return [] if self._gyro_follows(reading, received_ns) else self._emit()

    def _within_reach(self, oldest: Reading, newest: Reading) -> bool:
        span_s = self._clock.elapsed_s(oldest.ticks[0].item(), newest.ticks[-1].item())
        return span_s is not None and 0 <= span_s < self._params.collect_s

    def _gyro_follows(self, reading: Reading, received_ns: int) -> bool:
        """Whether this message's gyroscope is still to come, as it did in the message before.

        A batch may be longer than ``gyro_lag_s``: its accelerometer alone would look like a gyroscope gone silent.
        """
        if reading.sensor is Sensor.GYROSCOPE:
            self._gyro_ns = received_ns
        elif received_ns != self._acc_ns:
            self._paired, self._acc_ns = self._gyro_ns == self._acc_ns, received_ns
        return self._paired and self._gyro_ns != received_ns

    def _push_steady(self, collected: list[tuple[Reading, int]]) -> list[Samples] | None:
        """Take readings as if each sensor had sent one message; None where how they were cut makes a difference.

        It makes none where samples come in order without a long gap, and either none or each message has a
        gyroscope's that keep up.
        """
        foreseen = self._clock.foresee(collected)
        if self._reads is None or foreseen is None:
            return None
        times_s = foreseen.t_s
        acc, gyro, lag_s = self._acc, self._gyro, self._params.gyro_lag_s
        lengths = [len(reading.ticks) for reading, _ in collected]
        turning = np.repeat([reading.sensor is Sensor.GYROSCOPE for reading, _ in collected], lengths)
        moved_s, turned_s = times_s[~turning], times_s[turning]
        sensors = [reading.sensor for reading, _ in collected]
        arrivals_ns = [received_ns for _, received_ns in collected]
        if len(turned_s):
            newest_s = times_s[np.cumsum(lengths) - 1]
            as_before = (
                (self._paired and self._acc_ns == self._gyro_ns)
                and (len(gyro.t_s) and gyro.t_s[0] <= self._cell * CELL_S)
                and sensors == [self._sensor, Sensor.GYROSCOPE] * (len(sensors) // 2)
                and arrivals_ns[::2] == arrivals_ns[1::2]
                and bool((np.abs(newest_s[::2] - newest_s[1::2]) < lag_s).all())
                and self._goes_on(gyro, turned_s)
            )
            arrivals_ns = arrivals_ns[::2]
        else:
            as_before = not self._paired and not len(gyro.t_s) and set(sensors) == {self._sensor}
        if not (as_before and self._goes_on(acc, moved_s) and _increases([self._acc_ns, *arrivals_ns])):
            return None
        xyz = np.concatenate([reading.xyz for reading, _ in collected])
        acc.put(moved_s, xyz[~turning])
        gyro.put(turned_s, xyz[turning])
        self._clock.pass_by(foreseen)
        self._acc_ns = arrivals_ns[-1]
        if len(turned_s):
            self._gyro_ns = self._acc_ns
        return self._emit()

    def _goes_on(self, channel: Channel, t_s: Array) -> bool:
        """Whether samples are in order, come after those the channel has, and leave no gap too long to bridge."""
        # A gyroscope that hung behind may be newer than its last sample, and yet too late.
        spacings = np.diff(t_s, prepend=max(channel.newest_s, channel.passed_s))
        within = len(t_s) > 0 and bool(spacings.min() > 0 and spacings.max() <= self._params.bridge_s)
        return within and not channel.alike and len(channel.t_s) + len(t_s) <= MOST_SAMPLES

    def _sort_in(self, reading: Reading, t_s: Array) -> None:
        if reading.sensor is Sensor.GYROSCOPE:
            channel = self._gyro
        elif self._sensor in (None, reading.sensor):
            self._sensor, channel = reading.sensor, self._acc
        elif reading.sensor is Sensor.ACCELEROMETER and self._reads is None:
            # Gravity carries the tilt: the channel that has it is the better one.
            self._sensor, channel = reading.sensor, Channel()
            self._acc = channel
        else:
            return
        channel.unit = reading.unit
        channel.put(t_s, reading.xyz, reading.kind)
        if math.isinf(t_s[0]):
            self._stray(len(t_s), channel.heard)

    def _stray(self, number: int, heard: int) -> None:
        """Count samples whose stamps fit nothing; where they are many, a second clock speaks."""
        self._astray += number
        if not self._told_astray and self._astray >= max(MANY_ASTRAY, heard / 5):
            self._told_astray = True
            self._notices.append(
                "many of its time stamps belong to another clock, and are left out: if two devices send to one topic, "
                "give each a topic of its own, as left/imu and right/imu"
            )

    def _emit(self, *, final: bool = False) -> list[Samples]:
        acc, gyro = self._acc, self._gyro
        if gyro.newest_s - acc.newest_s > self._params.gyro_alone_s:
            gyro.drop_before(gyro.newest_s - self._params.gyro_alone_s)
        if not len(acc.t_s) or not (self._reads or self._settle(final=final)):
            return []
        ready_s = acc.newest_s - acc.hold_s
        if len(gyro.t_s) and gyro.newest_s > acc.newest_s - self._params.gyro_lag_s and not final:
            ready_s = min(ready_s, gyro.newest_s - gyro.hold_s)
        self._account(ready_s)
        blocks = [self._block(first, last) for first, last in self._runs(ready_s)]
        acc.drop_before(min(self._cell * CELL_S, ready_s))
        gyro.drop_before(min(self._cell * CELL_S, ready_s))
        return blocks

    def _settle(self, *, final: bool) -> bool:
        """Tell unit, gravity and period from the first second; False while it has not passed."""
        until_s = float(self._acc.t_s[0]) + self._params.settle_s
        if self._acc.newest_s < until_s and not final:
            return False
        early = self._acc.t_s <= until_s
        gyro = self._gyro.xyz[self._gyro.t_s <= until_s] if len(self._gyro.t_s) else None
        sensor = self._sensor or Sensor.ACCELEROMETER
        self._reads = understand(sensor, self._acc.unit, self._acc.xyz[early], self._gyro.unit, gyro, self._gravity)
        spacings = np.diff(self._acc.t_s[early])
        period_s = float(np.median(spacings)) if len(spacings) else self._params.settle_s
        self._gap_s = max(self._params.gap_s, 4 * period_s)
        self._link.unit, self._link.gravity = self._reads.unit, self._reads.gravity
        stamps = self._clock.unit if self._clock.unit is not Clock.NONE else None
        self._notices.append(
            f"taken as {self._reads.unit}, gravity {self._reads.gravity}, {1 / period_s:.0f} Hz, "
            f"{'with' if gyro is not None else 'no'} gyroscope, {f'time in {stamps}' if stamps else 'no time stamps'}"
        )
        self._notices += self._warnings(self._reads, 1 / period_s)
        return True

    def _warnings(self, reads: Understanding, rate_hz: float) -> list[str]:
        """Say what is wrong with a device's way to measure, and what to do."""
        warnings = []
        if reads.lsb_per_g:
            warnings.append(
                f"raw numbers, taken as {reads.lsb_per_g:g} per g from the length of gravity: if sizes look wrong, "
                "begin again with the hand at rest, or let the device send g"
            )
        if reads.gravity == "removed" and self._gravity is None:
            warnings.append(
                "it streams acceleration without gravity: slow strokes show mostly as tilt, which that lacks; switch "
                "on the accelerometer with gravity in its app (Sensor Logger: total acceleration or gravity)"
            )
        if rate_hz < LEAST_HZ:
            fastest_cpm = 60 * rate_hz / SAMPLES_PER_CYCLE
            warnings.append(
                f"{rate_hz:.3g} Hz is too slow above {fastest_cpm:.0f} cycles a minute: choose 50 Hz or more in its "
                "app (Sensor Spot: 20000 µs)"
            )
        return warnings

    def _account(self, ready_s: float) -> None:
        """Count what is passed on, and where nothing was measured."""
        link, acc = self._link, self._acc
        begin, end = np.searchsorted(acc.t_s, (self._counted_s, ready_s), "right")
        fresh = acc.t_s[begin:end]
        # What came late and yet in time is used with no mark of its own: all that came and does not wait is counted.
        waiting = len(acc.t_s) - max(int(begin), int(end)) + acc.alike
        link.samples = acc.heard - acc.late - acc.duplicated - waiting
        if not len(fresh):
            return
        stamps = np.concatenate(([self._counted_s], fresh)) if np.isfinite(self._counted_s) else fresh
        self._first_s = min(self._first_s, float(fresh[0]))
        spacings = stamps[1:] - stamps[:-1]
        wide = spacings > self._gap_s
        for at in np.flatnonzero(wide):
            gap = Gap(round(float(stamps[at]), 3), round(float(stamps[at + 1]), 3))
            link.gaps.append(gap)
            if spacings[at] > self._params.bridge_s:
                self._notices.append(
                    f"nothing measured from {gap.start_s:.1f} to {gap.end_s:.1f} s: a gap of {spacings[at]:.1f} s"
                )
        link.intervals += len(spacings) - int(wide.sum())
        # Gap by gap: a sum over all spacings would depend, in its last bit, on how messages cut them.
        for gap_s in spacings[wide].tolist():
            self._gaps_s += gap_s
        self._counted_s = float(fresh[-1])
        link.duration_s = self._counted_s - self._first_s
        link.steady_s = link.duration_s - self._gaps_s

    def _runs(self, ready_s: float) -> list[tuple[int, int]]:
        """Whole cells that are covered now, cut where the stream was interrupted; moves the next cell on."""
        t_s = self._acc.t_s
        breaks = np.flatnonzero(t_s[1:] - t_s[:-1] > self._params.bridge_s)
        starts = [t_s[0].item(), *t_s[breaks + 1].tolist()]
        ends = [*t_s[breaks].tolist(), t_s[-1].item()]
        runs = []
        for start_s, end_s in zip(starts, ends, strict=True):
            first = max(self._cell, math.ceil(round(start_s / CELL_S, 9)))
            last = math.floor(round(min(end_s, ready_s) / CELL_S, 9))
            if last > first:
                runs.append((first, last))
            if start_s <= ready_s:
                self._cell = max(first, last)
        return runs

    def _block(self, first: int, last: int) -> Samples:
        if self._reads is None:
            raise AssertionError("blocks are cut only once the unit is known")
        acc, gyro, lag_s = self._acc, self._gyro, self._params.gyro_lag_s
        t_s: Array = (np.arange(first, last, dtype=np.float64) + 0.5) * CELL_S
        turning = None
        if np.array_equal(acc.t_s, gyro.t_s):
            # One clock stamps both, as in most devices: one pass instead of two.
            both = cell_means(acc.t_s, np.hstack((acc.xyz, gyro.xyz)), first, last)
            moving, turning = both[:, :3], both[:, 3:] * self._reads.gyro_scale
        else:
            moving = cell_means(acc.t_s, acc.xyz, first, last)
            if len(gyro.t_s) and gyro.t_s[0] <= t_s[0] + lag_s and gyro.t_s[-1] >= t_s[-1] - lag_s:
                turning = cell_means(gyro.t_s, gyro.xyz, first, last) * self._reads.gyro_scale
        after = np.searchsorted(acc.t_s[1:-1], t_s) + 1
        return Samples(
            t_s=t_s,
            acc_mps2=moving * self._reads.acc_scale,
            gyro_radps=turning,
            measured=(acc.t_s[after] - acc.t_s[after - 1]) <= self._gap_s,
        )


def _increases(values: Sequence[int]) -> bool:
    return all(before < after for before, after in pairwise(values))
