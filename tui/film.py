"""A recorded session, read once from end to end and kept: every moment of it can be shown again at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from sensors.files import FileError
from sensors.message import NS_PER_S, Message
from sensors.recording import RecordingError
from sensors.samples import Samples
from tracker.coach import in_band
from tracker.cycles import cycle_marks
from tracker.events import CueEvent, Event, MarkEvent, NoticeEvent, PainEvent, StepEvent, SummaryEvent
from tracker.motion.state import Motion
from tracker.pipeline import TICK_NS, Pipeline
from tracker.session import Status
from tui.course import Course
from tui.look import Camera, Look, Wrist
from tui.story import Story

if TYPE_CHECKING:
    from tui.launch import Stored

LONGEST_S = 86_400
"""A day. A clock that was set while a recording was made must not fill the memory with looks at nothing."""
CHUNK_LOOKS = 20
"""Handed over at once: some milliseconds of reading."""
SIGNAL_S = 20.0
"""How far back the signal of a moment reaches."""
_EDGE_S = 1e-6


class Pace(IntEnum):
    """How the pace stood against the step's band."""

    NONE = 0  # none, or nobody was asked for one: resting, silent, paused
    FREE = 1  # one that is held against nothing: another motion than the step's, or a step without a band
    INSIDE = 2
    ABOVE = 3
    BELOW = 4


MomentKind = Literal["step", "cue", "mark", "pain"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When something worth going to was first to be seen."""

    t_s: float
    kind: MomentKind


@dataclass(slots=True)
class Chunk:
    """What has been read of a recording since the chunk before.

    Attributes
    ----------
    looks : list of Look
        Ten a second of the session's time.
    paces : bytearray
        The `Pace` of each look.
    events : list of Event
    blocks : list of (str, Samples)
        With the name of their device.
    moments : list of Moment
    cycles_s : list of float
        When whole cycles of the coached hand were made, in session time.
    last : bool
        Whether this is the end.
    """

    looks: list[Look] = field(default_factory=list)
    paces: bytearray = field(default_factory=bytearray)
    events: list[Event] = field(default_factory=list)
    blocks: list[tuple[str, Samples]] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    cycles_s: list[float] = field(default_factory=list)
    last: bool = False


class Film:
    """What has been read of a recording so far.

    One thread takes chunks from `reel`; who shows the film adds them. Nothing is read before that.

    Parameters
    ----------
    stored : Stored
    pipeline : Pipeline
        A fresh one.
    title : str
        Where it is from.

    Attributes
    ----------
    reel : iterator of Chunk
    title : str
    story : Story
    course : Course
    looks : list of Look
        In order of time.
    paces : bytearray
        The `Pace` of each look.
    moments : list of Moment
        In order of time.
    cycles_s : list of float
        When whole cycles of the coached hand were made, in session time, in order.
    whole : bool
        Whether all of it has been read.
    """

    def __init__(self, stored: Stored, pipeline: Pipeline, title: str = "") -> None:
        self.reel: Iterator[Chunk] = _Reader(stored, pipeline).chunks()
        self.title = title
        self.story = Story()
        self.course = Course()
        self.looks: list[Look] = []
        self.paces = bytearray()
        self.moments: list[Moment] = []
        self.cycles_s: list[float] = []
        self.whole = False
        self._length_s = stored.length_s
        self._blocks: dict[str, list[Samples]] = {}
        self._visits: dict[int, list[int]] = {}

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk of the reel."""
        for index, look in enumerate(chunk.looks, start=len(self.looks)):
            before = self.looks[-1] if self.looks else None
            if before is None or before.state.step != look.state.step or before.so_far.seconds > look.so_far.seconds:
                self._visits.setdefault(look.state.step, []).append(index)
            self.looks.append(look)
        self.paces += chunk.paces
        self.story.take(chunk.events)
        self.course.take(chunk.events)
        for name, block in chunk.blocks:
            self._blocks.setdefault(name, []).append(block)
        for moment in chunk.moments:
            insort(self.moments, moment, key=_T_S)  # a mark may be meant for some seconds before
        for t_s in chunk.cycles_s:
            insort(self.cycles_s, t_s)
        self.whole = chunk.last

    @property
    def read_s(self) -> float:
        """How far it has been read."""
        return self.looks[-1].t_s if self.looks else 0.0

    @property
    def total_s(self) -> float:
        """Its length: as the file tells while it is being read, and 0 where it does not; in the end as it is."""
        return self.read_s if self.whole or not self._length_s else max(self._length_s, self.read_s)

    @property
    def progress(self) -> float | None:
        """How much of it has been read, 0 to 1; None where its length is not known."""
        if self.whole:
            return 1.0
        return min(1.0, self.read_s / self._length_s) if self._length_s else None

    @property
    def routine(self) -> str:
        """Name of the routine; empty before anything has been read."""
        return self.looks[-1].routine.name if self.looks else ""

    def index(self, t_s: float) -> int:
        """Give the number of the look that a screen would have shown then; the last one for a time not yet read."""
        return max(0, bisect_right(self.looks, t_s + _EDGE_S, key=_T_S) - 1)

    def at(self, t_s: float) -> Look:
        """Give that look."""
        return self.looks[self.index(t_s)] if self.looks else Look()

    def signal(self, wrist: Wrist) -> Sequence[Samples]:
        """Give a wrist's blocks of the last seconds, as of a look."""
        blocks = self._blocks.get(wrist.name, [])
        if wrist.newest_s is None:
            return ()
        first = bisect_left(blocks, wrist.newest_s - SIGNAL_S, key=_end_s)
        return blocks[first : bisect_right(blocks, wrist.newest_s, key=_end_s)]

    def motions(self, name: str, t_s: float) -> list[Motion]:
        """Give the looks at a wrist's hand of the last seconds, as of a time."""
        motions: list[Motion] = []
        for look in self.looks[self.index(t_s - SIGNAL_S) : self.index(t_s) + 1]:
            for wrist in look.wrists:
                motion = wrist.motion if wrist.name == name else None
                if motion is not None and (not motions or motions[-1].t_s != motion.t_s):
                    motions.append(motion)
        return motions

    def alike(self, look: Look) -> int | None:
        """Find the number of the look that stands where another session's stands; None where there is none.

        In the same routine that is the same time into the same step, the last time that it was gone through; in
        another one it is the same time of the session.
        """
        if not self.looks:
            return None
        if look.routine.name != self.routine:
            return self.index(look.t_s) if look.t_s <= self.read_s + _EDGE_S else None
        for first in reversed(self._visits.get(look.state.step, [])):
            end = min((each for each in self._starts() if each > first), default=len(self.looks))
            at = bisect_left(self.looks, look.so_far.seconds, first, end, key=lambda each: each.so_far.seconds)
            if at < end:
                return at
        return None

    def _starts(self) -> Iterable[int]:
        return (first for visits in self._visits.values() for first in visits)


class _Reader:
    """Runs a recording through a pipeline as fast as it goes, and looks at it as a screen would."""

    def __init__(self, stored: Stored, pipeline: Pipeline) -> None:
        self._stored = stored
        self._pipeline = pipeline
        self._camera = Camera()
        self._chunk = Chunk()
        self._due = 0
        self._before: Look | None = None
        self._told: list[Event] = []
        self._seen: dict[str, Samples] = {}
        if stored.notice:
            self._about_recording(stored.notice)

    def chunks(self) -> Iterator[Chunk]:
        """Read, and hand over now and then."""
        pipeline, start_ns = self._pipeline, None
        for message in self._messages():
            start_ns = message.received_ns if start_ns is None else start_ns
            if message.received_ns - start_ns > LONGEST_S * NS_PER_S:
                self._about_recording("longer than a day: the rest is left out")
                break
            # What arrives at the time of a look belongs to it: the look is taken before the first that came later.
            while (due_ns := start_ns + self._due * TICK_NS) < message.received_ns and not pipeline.finished:
                self._keep(pipeline.advance(due_ns))
                self._look()
                if len(self._chunk.looks) >= CHUNK_LOOKS:
                    yield self._hand_over()
            self._keep(pipeline.feed(message))
        for text in self._stored.damage():
            if text not in (self._stored.notice or ""):  # known from the beginning where it was read ahead
                self._about_recording(text)
        self._keep(pipeline.finish())
        self._look()
        # Not before: a feeling may have been told after the end.
        self._chunk.events.append(pipeline.summary())
        self._chunk.last = True
        yield self._hand_over()

    def _messages(self) -> Iterator[Message]:
        """Give the messages; where the file is damaged, tell so and end."""
        try:
            yield from self._stored.messages
        except (RecordingError, FileError) as error:
            self._about_recording(str(error))

    def _about_recording(self, text: str) -> None:
        self._chunk.events.append(NoticeEvent(t_s=self._pipeline.t_s, about="recording", text=text))

    def _keep(self, events: list[Event]) -> None:
        self._chunk.events += [event for event in events if not isinstance(event, SummaryEvent)]
        self._told += events
        for device in self._pipeline.devices.values():
            fresh: list[Samples] = []
            for block in reversed(device.signal):
                if block is self._seen.get(device.name):
                    break
                fresh.append(block)
            if fresh:
                self._seen[device.name] = fresh[0]
                self._chunk.blocks += [(device.name, block) for block in reversed(fresh)]

    def _look(self) -> None:
        self._due += 1
        look, chunk = self._camera.look(self._pipeline), self._chunk
        chunk.looks.append(look)
        chunk.paces.append(_pace(look))
        seen = {(_seen_s(event, look), _KINDS[type(event)]) for event in self._told if type(event) in _KINDS}
        chunk.moments += [Moment(t_s, kind) for t_s, kind in sorted(seen)]
        chunk.cycles_s += _cycles_s(self._before, look)
        self._told.clear()
        self._before = look

    def _hand_over(self) -> Chunk:
        chunk, self._chunk = self._chunk, Chunk()
        return chunk


_KINDS: dict[type[Event], MomentKind] = {StepEvent: "step", CueEvent: "cue", MarkEvent: "mark", PainEvent: "pain"}
_T_S = attrgetter("t_s")


def _seen_s(event: Event, look: Look) -> float:
    """Give the time of the first look that shows what has just been told: this one, unless it is meant for earlier."""
    if not isinstance(event, MarkEvent):
        return look.t_s
    return min(look.t_s, ceil(event.t_s * NS_PER_S / TICK_NS - _EDGE_S) * TICK_NS / NS_PER_S)


def _end_s(block: Samples) -> float:
    return float(block.t_s[-1])


def _pace(look: Look) -> Pace:
    motion = look.wrist.motion if look.wrist else None
    if motion is None or motion.rate_cpm is None or look.state.status is not Status.RUNNING:
        return Pace.NONE
    band, inside = look.step.band, in_band(motion, look.step)
    if band is None or inside is None:
        return Pace.FREE
    if inside:
        return Pace.INSIDE
    return Pace.ABOVE if motion.rate_cpm > band[1] else Pace.BELOW


def _cycles_s(before: Look | None, look: Look) -> list[float]:
    """Give when the cycles were made that are counted since the look before, in session time."""
    if before is None or before.wrist is None or look.wrist is None or before.wrist.name != look.wrist.name:
        return []
    counted, now = before.wrist.motion, look.wrist.motion
    if counted is None or now is None or int(counted.cycles) == int(now.cycles):
        return []
    return [max(0.0, t_s) for t_s in cycle_marks((counted, replace(now, t_s=look.t_s)))]
