"""What a session says, one record each: the JSON lines of the command line and what the dashboard shows.

Times (``t_s``) are seconds since the session began.
"""

from __future__ import annotations

import msgspec

from sensors.declared import Side
from sensors.samples import Clock, Gap
from sensors.units import Gravity
from tracker.motion.state import Direction, Kind, Vector

Band = tuple[float, float]
"""Lower and upper limit of the pace, cycles per minute."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", gc=False):
    """Something that happened ``t_s`` seconds after the session began."""

    t_s: float


class MotionEvent(Event, frozen=True, kw_only=True, tag="motion"):
    """What a hand does now, ten times a second (see `tracker.motion.state.Motion`)."""

    device: str
    motion: Kind
    rate_cpm: float | None
    rate_sd_cpm: float | None
    cycles: float
    direction: Direction | None
    circularity: float | None
    period_cv: float | None
    size_cv: float | None
    extent_cm: float | None
    angle_deg: float | None
    band: Band | None
    in_band: bool | None


class CueEvent(Event, frozen=True, kw_only=True, tag="cue"):
    """The coach speaks."""

    cue: str
    text: str
    why: str
    band: Band | None


class StepEvent(Event, frozen=True, kw_only=True, tag="step"):
    """A step of the routine begins; ``step`` counts from 1."""

    step: int
    of: int
    name: str
    technique: str
    motion: Kind | None
    area: str
    side: str
    band: Band | None
    why: str


class SessionEvent(Event, frozen=True, kw_only=True, tag="session"):
    """The session changes its state."""

    state: str
    why: str


class MarkEvent(Event, frozen=True, kw_only=True, tag="mark"):
    """The person notes something: ``t_s`` is the moment meant, which may be some seconds before it was put in words."""

    text: str


class PainEvent(Event, frozen=True, kw_only=True, tag="pain"):
    """The person says how much it hurts, 0 to 10, and where; ``ended`` is whether the session ends for it."""

    value: int
    area: str
    ended: bool


class LinkEvent(Event, frozen=True, kw_only=True, tag="link"):
    """The health of a device's stream, once a second.

    ``clock_offset_s`` is the device's clock minus this machine's, where it tells the time of day; ``lag_s`` how much
    later the newest sample came than the quickest lately; ``battery`` how full it is, 0 to 1, as the device last said.
    """

    device: str
    side: Side | None
    sample_rate_hz: float | None
    stale_s: float | None
    samples: int
    late: int
    duplicated: int
    lost: int
    rejected: int
    gap_s: float
    clock: Clock | None
    clock_offset_s: float | None
    lag_s: float | None
    unit: str | None
    gravity: Gravity | None
    battery: float | None = None


class NoticeEvent(Event, frozen=True, kw_only=True, tag="notice"):
    """Something a person should know about a device or a topic: bad input, a gap, what its data was taken for."""

    about: str
    text: str


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a step went that was begun; ``step`` counts from 1.

    ``band`` is the one coached last, ``eased`` whether that was an easier one than the routine's; ``released`` whether
    the person said that the spot let go. For ``unseen_s`` another hand worked than the one that wears the device.

    For ``right_s`` of ``seconds`` the hand did what the step asks for, and ``cycles`` are those of that motion, its
    circles also by direction. For ``judged_s`` the pace was known and held against a band: it was in it, below it or
    above it. ``cues`` is how often the coach wanted something else, ``period_cv`` the mean regularity while it was
    known (see `tracker.motion.state.Motion`).
    """

    step: int
    name: str
    technique: str = ""
    area: str = ""
    side: str = "both"
    band: Band | None = None
    eased: bool = False
    released: bool = False
    unseen_s: float = 0.0
    seconds: float
    right_s: float
    cycles: float
    cw: float
    ccw: float
    judged_s: float
    in_band_s: float
    below_s: float
    above_s: float
    cues: int
    period_cv: float | None


class KindTotals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Cycles and time of one kind of motion; ``cw`` and ``ccw`` for circles, no cycles in stillness."""

    cycles: float | None = None
    cw: float | None = None
    ccw: float | None = None
    seconds: float = msgspec.field(default_factory=float)


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one motion; times since the stream's first sample.

    Circularity, regularity and size are means over the looks at which they were known.
    """

    start_s: float
    end_s: float
    motion: Kind
    cycles: float
    rate_cpm: float | None
    direction: Direction | None
    circularity: float | None
    plane_normal: Vector | None
    period_cv: float | None
    size_cv: float | None
    extent_cm: float | None
    angle_deg: float | None


class Track(msgspec.Struct):
    """Ten values per second."""

    t_s: list[float]
    motion: list[Kind]
    rate_cpm: list[float | None]
    rate_sd_cpm: list[float | None]
    cycles: list[float]


class StreamSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that was read from one device."""

    device: str
    side: Side | None = None
    sample_rate_hz: float | None
    duration_s: float
    samples: int
    unit: str | None
    gravity: Gravity | None
    gaps: list[Gap]
    rejected: int
    totals: dict[str, KindTotals]
    segments: list[Segment]
    track: Track | None = None


class SpotFeeling(msgspec.Struct, frozen=True, kw_only=True):
    """How tender one spot was, 0 to 10, before and after; ``spot`` is in the words of `tracker.body`."""

    spot: str
    before: int | None = None
    after: int | None = None


class Feelings(msgspec.Struct, frozen=True, kw_only=True):
    """How sore the person felt, from 0, not at all, to 10, unbearable; None where nothing was said."""

    before: int | None = None
    after: int | None = None
    spots: tuple[SpotFeeling, ...] = ()


class SummaryEvent(Event, frozen=True, kw_only=True, tag="summary"):
    """The end: what was done, step by step and device by device; ``ended`` is why it was over."""

    routine: str
    style: str = ""
    ended: str = ""
    totals: dict[str, KindTotals]
    steps: list[StepResult]
    feelings: Feelings
    marks: list[MarkEvent] = []
    pains: list[PainEvent] = []
    streams: list[StreamSummary]


def to_json(event: msgspec.Struct) -> bytes:
    """One JSON line without its newline; numbers are finite or null."""
    return msgspec.json.encode(event)
