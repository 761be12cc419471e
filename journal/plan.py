"""The plan: how often a person means to do which routine, and how far today and this week have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import tomlkit

from journal.person import person_config_folder
from journal.record import Record
from sensors.keep import write_whole
from sensors.toml import read_toml
from tracker.routine import NAME, Evidence, Often
from tracker.session import ALL_DONE

TRADITION: Evidence = 3
LEAST_S = 60.0
"""A session done for less than this counts for no goal: it was begun, no more."""

Per = Literal["day", "week"]


class PlanError(Exception):
    """A plan that cannot be used; one line that names the file, the key and what to do."""


class Goal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How often a routine is to be done: so many times a day or a week, for so many weeks from a day on.

    ``source`` and ``evidence`` tell who says so; they are missing where the person does. Without ``weeks`` it goes on.
    """

    routine: Annotated[str, msgspec.Meta(pattern=NAME)]
    title: str = ""
    times_a_day: Annotated[int, msgspec.Meta(ge=1, le=24)] | None = None
    times_a_week: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    weeks: Annotated[int, msgspec.Meta(ge=1, le=520)] | None = None
    since: date | None = None
    source: str = ""
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        if (self.times_a_day is None) == (self.times_a_week is None):
            raise ValueError("give either times_a_day or times_a_week")
        if self.weeks is not None and self.since is None:
            raise ValueError("weeks needs since, the day of the first one, such as since = 2026-11-23")

    @property
    def wanted(self) -> int:
        """How many times."""
        return self.times_a_day or self.times_a_week or 0

    @property
    def per(self) -> Per:
        """In what time."""
        return "day" if self.times_a_day is not None else "week"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All goals, in the person's order; one of a routine."""

    goal: tuple[Goal, ...] = ()

    def __post_init__(self) -> None:
        routines = [goal.routine for goal in self.goal]
        for routine in routines:
            if routines.count(routine) > 1:
                raise ValueError(f"{routine!r} has more than one goal: keep one")

    def with_goal(self, goal: Goal) -> Plan:
        """Give a plan with this goal, in the place of the routine's goal so far or at the end."""
        if any(each.routine == goal.routine for each in self.goal):
            return Plan(goal=tuple(goal if each.routine == goal.routine else each for each in self.goal))
        return Plan(goal=(*self.goal, goal))

    def without(self, routine: str) -> Plan:
        """Give a plan without a routine's goal."""
        return Plan(goal=tuple(each for each in self.goal if each.routine != routine))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal has come.

    Attributes
    ----------
    routine, title : str
    done, wanted : int
        Sessions, today or in this week.
    per : {"day", "week"}
        A week is from Monday to Sunday.
    week_of : int or None
        The plan's week, from 1; None without a day it began.
    weeks : int or None
        How many there are to be.
    source : str
    evidence : int or None
    tradition : bool
        Whether no more than tradition asks for it.
    """

    routine: str
    title: str
    done: int
    wanted: int
    per: Per
    week_of: int | None = None
    weeks: int | None = None
    source: str = ""
    evidence: Evidence | None = None
    tradition: bool = False

    @property
    def reached(self) -> bool:
        """Whether it is done for today, or for this week."""
        return self.done >= self.wanted

    @property
    def over(self) -> bool:
        """Whether its weeks are over."""
        return self.week_of is not None and self.weeks is not None and self.week_of > self.weeks


def plan_path() -> Path:
    """Give where the plan of the person who is here is kept."""
    return person_config_folder() / "plan.toml"


def load_plan(path: Path | None = None) -> Plan:
    """Read the plan; an empty one where there is none.

    Raises
    ------
    PlanError
        The file cannot be read or is no plan.
    """
    path = path or plan_path()
    try:
        return read_toml(path.read_text(encoding="utf-8"), Plan)
    except FileNotFoundError:
        return Plan()
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path} is not UTF-8 text: save it as such") from None
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from error


def save_plan(plan: Plan, path: Path | None = None) -> None:
    """Write the plan, as a whole or not at all.

    Raises
    ------
    PlanError
        It cannot be written.
    """
    path = path or plan_path()
    text = tomlkit.dumps({"goal": [_said(goal) for goal in plan.goal]} if plan.goal else {})
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise PlanError(f"cannot write {path}: {error.strerror or error}") from None


def goal_from(routine: str, title: str, often: Often, since: date) -> Goal:
    """Make a goal of what a routine says of itself."""
    return Goal(
        routine=routine,
        title=title,
        times_a_day=often.times_a_day,
        times_a_week=often.times_a_week,
        weeks=often.weeks,
        since=since,
        source=often.source,
        evidence=often.evidence,
    )


def progress(plan: Plan, records: Sequence[Record], today: date) -> list[Progress]:
    """Count what was done today and in this week towards each goal.

    Parameters
    ----------
    plan : Plan
    records : sequence of Record
        In any order; those since Monday are enough.
    today : date
        Local.
    """
    return [_progress(goal, records, today) for goal in plan.goal]


def counts(record: Record) -> bool:
    """Whether a session counts as done: worked on for a minute, or to the end where that came sooner."""
    return record.seconds >= LEAST_S or record.ended == ALL_DONE


def _progress(goal: Goal, records: Iterable[Record], today: date) -> Progress:
    first = today if goal.per == "day" else monday(today)
    of_it = [record for record in records if record.routine == goal.routine]
    done = sum(first <= record.began.date() <= today and counts(record) for record in of_it)
    title = goal.title or next((record.title for record in of_it if record.title), "") or goal.routine
    return Progress(
        routine=goal.routine,
        title=title,
        done=done,
        wanted=goal.wanted,
        per=goal.per,
        week_of=None if goal.since is None else _week_of(goal.since, goal.per, today),
        weeks=goal.weeks,
        source=goal.source,
        evidence=goal.evidence,
        tradition=goal.evidence == TRADITION,
    )


def _week_of(since: date, per: Per, today: date) -> int:
    """Give the week since then, from 1: of a daily goal seven days from its first on, of a weekly one as a week is."""
    days = (today - since).days if per == "day" else (monday(today) - monday(since)).days
    return max(1, days // 7 + 1)


def monday(day: date) -> date:
    """Give the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def _said(goal: Goal) -> dict[str, object]:
    told = {key: getattr(goal, key) for key in goal.__struct_fields__}
    return {key: value for key, value in told.items() if value not in (None, "")}
