"""Weeks that have been: sessions as the history keeps them, and a history that knows exactly what a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from shelves import recorded

from journal.noted import SESSION, noted
from journal.plan import Goal, Plan
from journal.record import Record
from tracker.events import Feelings, MarkEvent, PainEvent, SpotFeeling, StepResult, SummaryEvent
from tracker.routine import FREE, load_shipped
from tui.weeks import Known, Weeks


def record(
    began: str,
    routine: str = "free",
    minutes: float = 10,
    *,
    in_band: float | None = None,
    areas: Sequence[str] = (),
    spots: Sequence[tuple[str, int | None, int | None]] = (),
    felt: tuple[int | None, int | None] = (None, None),
    marks: Sequence[str] = (),
    pains: Sequence[tuple[int, str]] = (),
    score: int | None = None,
) -> Record:
    """A session that began then, as ``2026-11-22 14:03``; a step for each area, each as long."""
    when = datetime.fromisoformat(began)
    where = areas or ("",)
    each_s = 60 * minutes / len(where)
    steps = [
        StepResult(
            step=number,
            name=area or "Free",
            area=area,
            seconds=each_s,
            right_s=each_s,
            cycles=each_s / 6,
            cw=0.0,
            ccw=0.0,
            judged_s=0.0 if in_band is None else each_s,
            in_band_s=each_s * (in_band or 0.0),
            below_s=0.0,
            above_s=0.0,
            cues=0,
            period_cv=None,
        )
        for number, area in enumerate(where, 1)
    ]
    return Record(
        name=f"{when:%Y-%m-%dT%H-%M-%S}-{routine}",
        began=when,
        length_s=60 * minutes,
        routine=routine,
        score=score,
        steps=tuple(steps),
        feelings=Feelings(
            before=felt[0],
            after=felt[1],
            spots=tuple(SpotFeeling(spot=spot, before=before, after=after) for spot, before, after in spots),
        ),
        marks=tuple(MarkEvent(t_s=60.0, text=text) for text in marks),
        pains=tuple(PainEvent(t_s=90.0, value=value, area=area, ended=value >= 5) for value, area in pains),
    )


def kept_words(session: Record) -> dict[str, str]:
    """What the recording of a session says at its end for the history."""
    summary = SummaryEvent(
        t_s=session.length_s,
        routine=session.routine,
        totals={},
        steps=list(session.steps),
        feelings=session.feelings,
        marks=list(session.marks),
        pains=list(session.pains),
        streams=[],
    )
    routine = FREE if session.routine == FREE.name else load_shipped(session.routine)
    return {SESSION: noted(summary, routine)[SESSION]}


def kept(folder: Path, session: Record) -> Path:
    """The recording of a session, closed."""
    return recorded(folder, session.name, seconds=session.length_s, **kept_words(session))


class ToldWeeks(Weeks):
    """Knows what it is told, and that at once."""

    def __init__(self, *records: Record, goals: Sequence[Goal] = (), **said: object) -> None:
        super().__init__()
        self.known = Known(
            **{"records": records, "failed": {}, "plan": Plan(goal=tuple(goals)), "plan_error": "", "left": 0} | said
        )

    def planned(self) -> bool:
        return bool(self.known.plan.goal)

    def follow(
        self,
        tell: Callable[[Known], object],
        stopped: Callable[[], bool] = lambda: False,
        since: date | None = None,
        **_: object,
    ) -> None:
        tell(self.known)
