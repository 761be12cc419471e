"""What a report tells of one session, gathered by running its messages through the one pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sensors.files import FileError
from sensors.message import NS_PER_S, Message
from sensors.recording import RecordingError
from sensors.samples import Array
from tracker.cycles import counted_late, marks_between
from tracker.events import (
    CueEvent,
    Event,
    MarkEvent,
    MotionEvent,
    PainEvent,
    SessionEvent,
    StepEvent,
    SummaryEvent,
)
from tracker.motion.figure import Figure
from tracker.motion.state import Direction, Kind
from tracker.pipeline import Pipeline, run
from tracker.routine import Routine, Step
from tracker.score import SessionScore, score_session
from tracker.session import Status

LONGEST_S = 86_400
"""A day. A clock that was set while a recording was made must not fill the memory with looks at nothing."""
SHARE_OF_PERIOD = 0.5
"""A cycle that began so much sooner or later than its pace says did not follow on the one before."""
ROUND = 72
"""Places on the path of a circle: each five degrees."""


class Look(NamedTuple):
    """One look at a hand, and what the session did then.

    Attributes
    ----------
    event : MotionEvent
    step : int or None
        The step it counts for, from 1; None where the session did not run, or follows another hand.
    coached : bool
        Whether it is the hand that the session follows.
    """

    event: MotionEvent
    step: int | None
    coached: bool


class Path(NamedTuple):
    """The way a hand went round in one circle, as seen from the device's +z side.

    Attributes
    ----------
    t_s : float
    direction : {"cw", "ccw"}
    reach : ndarray, shape (ROUND,)
        How far out the hand was at each angle, from the right and against the clock; half the larger diameter is 1.
    extent_cm : float or None
        The larger diameter.
    """

    t_s: float
    direction: Direction
    reach: Array
    extent_cm: float | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One whole cycle.

    Attributes
    ----------
    number : int
        Of its hand, from 1.
    start_s, end_s : float
        In session time; the start is None where nothing tells how long the cycle took.
    look : MotionEvent
        The one at which it was counted: what is known of its motion, its size and its regularity.
    step : int or None
    reckoned : bool
        It was counted some time after it was made, when its motion had been recognised: its times follow from the pace
        at that moment.
    """

    number: int
    start_s: float | None
    end_s: float
    look: MotionEvent
    step: int | None
    reckoned: bool

    @property
    def period_s(self) -> float | None:
        """How long it took."""
        return None if self.start_s is None else self.end_s - self.start_s

    @property
    def rate_cpm(self) -> float | None:
        """The pace of this one cycle."""
        return 60.0 / self.period_s if self.period_s else None


@dataclass(slots=True)
class Session:
    """A session as a report tells it; times are seconds since it began.

    Attributes
    ----------
    name : str
        Of its recording.
    began : datetime or None
        Local time; None where the data does not tell.
    length_s : float
    routine : Routine
    asked : tuple of Step
        Its steps as they were asked for in the end: made easier, or by the person's own tempo.
    events : list of Event
        All that the pipeline said, in order.
    looks : list of Look
    cycles : list of Cycle
        In order of their end.
    paths : list of Path
        One for each circle.
    pauses : list of (float, float)
        From when to when the session did not run.
    summary : SummaryEvent
    score : SessionScore
    troubles : list of str
        Why not all of it is told.
    """

    name: str
    began: datetime | None
    length_s: float
    routine: Routine
    asked: tuple[Step, ...]
    events: list[Event]
    looks: list[Look]
    cycles: list[Cycle]
    paths: list[Path]
    pauses: list[tuple[float, float]]
    summary: SummaryEvent
    score: SessionScore
    troubles: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The routine's."""
        return self.routine.title

    @property
    def coached(self) -> list[Look]:
        """Looks at the hand that the session follows."""
        return [look for look in self.looks if look.coached]

    @property
    def steps(self) -> list[StepEvent]:
        """When each step began."""
        return [event for event in self.events if isinstance(event, StepEvent)]

    @property
    def cues(self) -> list[CueEvent]:
        """What the coach said."""
        return [event for event in self.events if isinstance(event, CueEvent)]

    @property
    def marks(self) -> list[MarkEvent]:
        """What the person noted."""
        return [event for event in self.events if isinstance(event, MarkEvent)]

    @property
    def pains(self) -> list[PainEvent]:
        """What hurt."""
        return [event for event in self.events if isinstance(event, PainEvent)]

    @property
    def seconds(self) -> float:
        """Time spent in its steps, pauses left out."""
        return sum(step.seconds for step in self.summary.steps)


def gather(messages: Iterable[Message], name: str, troubles: Sequence[str] = ()) -> Session:
    """Run a recording's messages through the pipeline, and keep what a report tells.

    Parameters
    ----------
    messages : iterable of Message
        As they were recorded; where they can be read no further, what came before is told, and why.
    name : str
    troubles : sequence of str
        What is known to be wrong with the recording beforehand.
    """
    source = _Source(messages)
    pipeline = Pipeline()
    told = list(troubles)
    events: list[Event] = []
    looks: list[Look] = []
    paths: list[Path] = []
    latest: dict[str, MotionEvent] = {}
    step: int | None = None
    running = False
    for event in run(source.messages(), pipeline):
        match event:
            case StepEvent():
                step = event.step
            case SessionEvent():
                running = event.state == Status.RUNNING.value
            case MotionEvent():
                coached = pipeline.coached is not None and pipeline.coached.name == event.device
                looks.append(Look(event, step if running and coached else None, coached))
                if (path := _path(pipeline, latest.get(event.device), event)) is not None:
                    paths.append(path)
                latest[event.device] = event
        events.append(event)
    summary = pipeline.summary()
    told += [trouble for trouble in source.troubles if trouble not in told]
    return Session(
        name=name,
        began=source.began,
        length_s=pipeline.t_s,
        routine=pipeline.routine,
        asked=pipeline.session.steps,
        events=events,
        looks=looks,
        cycles=_cycles(looks),
        paths=paths,
        pauses=_pauses(events, pipeline.t_s),
        summary=summary,
        score=score_session(pipeline.routine, summary.steps),
        troubles=told,
    )


class _Source:
    """Gives messages as far as they can be read, and remembers when they began and why they ended."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = messages
        self.began: datetime | None = None
        self.troubles: list[str] = []

    def messages(self) -> Iterator[Message]:
        start_ns: int | None = None
        try:
            for message in self._messages:
                if start_ns is None:
                    start_ns = message.received_ns
                    self.began = _local(start_ns)
                if message.received_ns - start_ns > LONGEST_S * NS_PER_S:
                    self.troubles.append("longer than a day: the rest is left out")
                    return
                yield message
        except (RecordingError, FileError) as error:
            self.troubles.append(str(error))


_KNOWN_EPOCH_NS = 10**18
"""An arrival after 2001 is one by the calendar; one before counts from the start of a file."""


def _local(time_ns: int) -> datetime | None:
    if time_ns < _KNOWN_EPOCH_NS:
        return None
    try:
        return datetime.fromtimestamp(time_ns // NS_PER_S).astimezone()
    except (ValueError, OverflowError, OSError):  # another program's idea of time
        return None


def _pauses(events: Sequence[Event], end_s: float) -> list[tuple[float, float]]:
    pauses: list[tuple[float, float]] = []
    since_s: float | None = None
    for event in events:
        if not isinstance(event, SessionEvent):
            continue
        if event.state == Status.PAUSED.value:
            since_s = event.t_s if since_s is None else since_s
        elif since_s is not None:
            pauses.append((since_s, event.t_s))
            since_s = None
    return [*pauses, (since_s, end_s)] if since_s is not None else pauses


def _path(pipeline: Pipeline, before: MotionEvent | None, now: MotionEvent) -> Path | None:
    """Give the way round at a look that counts another circle; None at any other."""
    if now.motion is not Kind.CIRCLE or now.direction is None:
        return None
    if before is None or int(before.cycles) == int(now.cycles):
        return None
    figure = pipeline.devices[now.device].engine.figure()
    return Path(now.t_s, now.direction, reach_of(figure), now.extent_cm) if figure is not None else None


def reach_of(figure: Figure) -> Array:
    """Give how far out a curve about the middle is at each of `ROUND` angles, from the right against the clock."""
    phases = np.linspace(0, 2 * np.pi, 8 * ROUND, endpoint=False)
    places = figure.at(phases)
    angles = np.arctan2(places[:, 1], places[:, 0]) % (2 * np.pi)
    order = np.argsort(angles)
    wanted = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)
    out = np.hypot(places[:, 0], places[:, 1])
    return np.asarray(np.interp(wanted, angles[order], out[order], period=2 * np.pi))


def _cycles(looks: Sequence[Look]) -> list[Cycle]:
    """Tell the cycles of each hand apart: each ends where the count passes a whole number."""
    by_device: dict[str, list[Look]] = {}
    for look in looks:
        by_device.setdefault(look.event.device, []).append(look)
    cycles = [cycle for own in by_device.values() for cycle in _cycles_of(own)]
    return sorted(cycles, key=lambda cycle: cycle.end_s)


def _cycles_of(looks: Sequence[Look]) -> Iterator[Cycle]:
    before: Cycle | None = None
    number = 0
    for earlier, now in pairwise(looks):
        for end_s in marks_between(earlier.event, now.event):
            number += 1
            start_s = _start_s(before, end_s, now.event)
            late = counted_late(earlier.event, now.event)
            before = Cycle(number, start_s, max(0.0, end_s), now.event, now.step, reckoned=late)
            yield before


def _start_s(before: Cycle | None, end_s: float, look: MotionEvent) -> float | None:
    """Give when a cycle began: where the one before it ended, unless the hand rested or did something else between."""
    if not look.rate_cpm:
        return None
    period_s = 60.0 / look.rate_cpm
    follows = (
        before is not None
        and (before.look.motion, before.look.direction) == (look.motion, look.direction)
        and abs(end_s - before.end_s - period_s) <= SHARE_OF_PERIOD * period_s
    )
    return before.end_s if before is not None and follows else max(0.0, end_s - period_s)
