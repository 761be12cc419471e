"""One session in the history: what its recording says, without the motion."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tracker.events import Feelings, MarkEvent, PainEvent, StepResult, SummaryEvent


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A session, small enough that years of them are read at once.

    Attributes
    ----------
    name : str
        Of its recording, without ``.mcap``: what tells it from any other.
    began : datetime
        Local time.
    length_s : float
        From the first message to the last.
    routine, title, style : str
    score : int or None
        Of 100, in fives.
    steps : tuple of StepResult
    feelings : Feelings
    marks : tuple of MarkEvent
    pains : tuple of PainEvent
    ended : str
        Why it was over.
    simulated : bool
        It was a simulated wrist that moved.
    """

    name: str
    began: datetime
    length_s: float
    routine: str
    title: str = ""
    style: str = ""
    score: int | None = None
    steps: tuple[StepResult, ...] = ()
    feelings: Feelings = Feelings()
    marks: tuple[MarkEvent, ...] = ()
    pains: tuple[PainEvent, ...] = ()
    ended: str = ""
    simulated: bool = False

    @property
    def seconds(self) -> float:
        """Time spent in its steps, pauses left out."""
        return sum(step.seconds for step in self.steps)

    @property
    def judged_s(self) -> float:
        """Time in which the pace was known and held against a band."""
        return sum(step.judged_s for step in self.steps)

    @property
    def in_band_s(self) -> float:
        """The part of it in the band."""
        return sum(step.in_band_s for step in self.steps)

    @property
    def cycles(self) -> float:
        """Cycles of the motions that were asked for."""
        return sum(step.cycles for step in self.steps)


def record_of(
    summary: SummaryEvent,
    name: str,
    began: datetime,
    length_s: float,
    *,
    title: str = "",
    score: int | None = None,
    simulated: bool = False,
) -> Record:
    """Make a session's record of its summary."""
    return Record(
        name=name,
        began=began,
        length_s=length_s,
        routine=summary.routine,
        title=title,
        style=summary.style,
        score=score,
        steps=tuple(summary.steps),
        feelings=summary.feelings,
        marks=tuple(summary.marks),
        pains=tuple(summary.pains),
        ended=summary.ended,
        simulated=simulated,
    )
