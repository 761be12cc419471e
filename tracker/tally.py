"""What a stream's motions add up to: stretches, cycles and seconds by kind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

from tracker.events import KindTotals, Segment, Track
from tracker.motion.state import Kind, Motion, Vector

TO_CPM = 60.0
SHORTEST_S = 0.05
"""Less than a look: a stretch that was recognised as something else from its beginning."""


@dataclass(slots=True)
class _Slope:
    """Least-squares slope of the cycle count over time, in constant memory.

    The slope of the phase is the best unbiased rate of a steady motion, and the mean rate of one that is not; the
    quotient of count and duration would carry the blur of both ends.
    """

    n: int = 0
    t0: float = 0.0
    c0: float = 0.0
    t: float = 0.0
    c: float = 0.0
    tt: float = 0.0
    tc: float = 0.0

    def add(self, t_s: float, cycles: float) -> None:
        if self.n == 0:
            self.t0, self.c0 = t_s, cycles
        t, c = t_s - self.t0, cycles - self.c0
        self.n += 1
        self.t += t
        self.c += c
        self.tt += t * t
        self.tc += t * c

    def per_second(self) -> float | None:
        spread = self.n * self.tt - self.t * self.t
        return (self.n * self.tc - self.t * self.c) / spread if self.n > 1 and spread > 0 else None


@dataclass(slots=True)
class _Mean:
    """Mean of what was known."""

    total: float = 0.0
    n: int = 0

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total += value
            self.n += 1

    def rounded(self) -> float | None:
        return round(self.total / self.n, 3) if self.n else None


@dataclass(slots=True)
class _Stretch:
    """One kind of motion while it lasts."""

    first: Motion
    last: Motion
    slope: _Slope = field(default_factory=_Slope)
    circularity: _Mean = field(default_factory=_Mean)
    period_cv: _Mean = field(default_factory=_Mean)
    size_cv: _Mean = field(default_factory=_Mean)
    extent_cm: _Mean = field(default_factory=_Mean)
    angle_deg: _Mean = field(default_factory=_Mean)

    def take(self, motion: Motion) -> None:
        if motion.rate_cpm is not None and motion.stretch_cycles > self.last.stretch_cycles:
            self.slope.add(motion.t_s, motion.stretch_cycles)
        self.last = motion
        self.circularity.add(motion.circularity)
        self.period_cv.add(motion.period_cv)
        self.size_cv.add(motion.size_cv)
        self.extent_cm.add(motion.extent_cm)
        self.angle_deg.add(motion.angle_deg)

    @property
    def from_cycles(self) -> float:
        """Cycles of the stream before this stretch."""
        return self.first.cycles - self.first.stretch_cycles

    def segment(self, end_s: float, end_cycles: float) -> Segment:
        """Close the stretch where the next one begins: a little before it was recognised."""
        last = self.last
        rate_hz = self.slope.per_second()
        rate_cpm = rate_hz * TO_CPM if rate_hz else last.rate_cpm
        return Segment(
            start_s=round(max(0.0, last.since_s), 3),
            end_s=round(end_s, 3),
            motion=last.kind,
            cycles=round(max(0.0, end_cycles - self.from_cycles), 3),
            rate_cpm=None if rate_cpm is None else round(rate_cpm, 3),
            direction=last.direction,
            circularity=self.circularity.rounded(),
            plane_normal=_rounded_vector(last.plane_normal),
            period_cv=self.period_cv.rounded(),
            size_cv=self.size_cv.rounded(),
            extent_cm=self.extent_cm.rounded(),
            angle_deg=self.angle_deg.rounded(),
        )


class Tally:
    """Builds a stream's segments and totals from its motions, one after another.

    Memory grows with the number of stretches, not with the time; `track` keeps ten values a second and is off unless
    asked for.
    """

    def __init__(self, *, keep_track: bool = False) -> None:
        self._segments: list[Segment] = []
        self._stretch: _Stretch | None = None
        self.track = Track(t_s=[], motion=[], rate_cpm=[], rate_sd_cpm=[], cycles=[]) if keep_track else None

    def take(self, motion: Motion) -> None:
        """Add one look at the hand."""
        stretch = self._stretch
        if stretch is None or motion.since_s != stretch.last.since_s or motion.kind is not stretch.last.kind:
            begun = _Stretch(motion, motion)
            if stretch is not None:
                self._close(stretch, motion.since_s, begun.from_cycles)
            self._stretch = stretch = begun
        stretch.take(motion)
        if self.track is not None:
            self.track.t_s.append(round(motion.t_s, 3))
            self.track.motion.append(motion.kind)
            self.track.rate_cpm.append(_rounded(motion.rate_cpm))
            self.track.rate_sd_cpm.append(_rounded(motion.rate_sd_cpm))
            self.track.cycles.append(round(motion.cycles, 3))

    def segments(self) -> list[Segment]:
        """All stretches so far, the current one up to the last look."""
        if self._stretch is None:
            return list(self._segments)
        last = self._stretch.last
        segments = list(self._segments)
        _join(segments, self._stretch.segment(last.t_s, last.cycles))
        return segments

    def _close(self, stretch: _Stretch, end_s: float, end_cycles: float) -> None:
        """Keep a finished stretch, unless what came after it was there from its beginning."""
        segment = stretch.segment(end_s, end_cycles)
        if segment.end_s - segment.start_s >= SHORTEST_S or segment.cycles > 0:
            _join(self._segments, segment)

    def totals(self) -> dict[str, KindTotals]:
        """Cycles and seconds by kind, every kind named."""
        return totals_of(self.segments())


def _join(segments: list[Segment], segment: Segment) -> None:
    """Append a segment; rest that goes on after what was no movement after all is one rest."""
    before = segments[-1] if segments else None
    if before is not None and before.motion is segment.motion and segment.motion in (Kind.STILL, Kind.OTHER):
        segments[-1] = msgspec.structs.replace(before, end_s=segment.end_s)
    else:
        segments.append(segment)


def totals_of(segments: list[Segment]) -> dict[str, KindTotals]:
    """Add segments up, by kind; circles also by direction."""
    cycles: defaultdict[str, float] = defaultdict(float)
    seconds: defaultdict[Kind, float] = defaultdict(float)
    for segment in segments:
        seconds[segment.motion] += segment.end_s - segment.start_s
        cycles[segment.motion] += segment.cycles
        if segment.direction:
            cycles[segment.direction] += segment.cycles
    totals = {}
    for kind in Kind:
        time_s = round(seconds[kind], 3)
        made = round(cycles[kind], 3)
        if kind is Kind.CIRCLE:
            turns = {way: round(cycles[way], 3) for way in ("cw", "ccw")}
            totals[kind.value] = KindTotals(cycles=made, cw=turns["cw"], ccw=turns["ccw"], seconds=time_s)
        elif kind is Kind.STILL:
            totals[kind.value] = KindTotals(seconds=time_s)
        else:
            totals[kind.value] = KindTotals(cycles=made, seconds=time_s)
    return totals


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _rounded_vector(vector: Vector | None) -> Vector | None:
    """Keep the digits that do not depend on how the samples were cut: sums over blocks differ in the last ones."""
    if vector is None:
        return None
    x, y, z = vector
    return round(x, 6), round(y, 6), round(z, 6)
