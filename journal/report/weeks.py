"""What a report tells of weeks, from the records of their sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from journal.diary import SpotDiary, diary
from journal.plan import Plan, Progress, progress
from journal.record import Record
from tracker.events import StepResult

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Week:
    """One week, from Monday to Sunday.

    Attributes
    ----------
    monday : date
    records : tuple of Record
        Oldest first.
    """

    monday: date
    records: tuple[Record, ...]

    @property
    def seconds(self) -> float:
        """Time spent in the steps of its sessions."""
        return sum(record.seconds for record in self.records)

    @property
    def judged_s(self) -> float:
        """Time in which the pace was held against a band."""
        return sum(record.judged_s for record in self.records)

    @property
    def in_band_s(self) -> float:
        """The part of it in the band."""
        return sum(record.in_band_s for record in self.records)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Some weeks up to today.

    Attributes
    ----------
    today : date
        Local.
    weeks : tuple of Week
        Oldest first; those without a session are among them.
    spots : tuple of SpotDiary
        As of today.
    plan : tuple of Progress
        As of today.
    """

    today: date
    weeks: tuple[Week, ...]
    spots: tuple[SpotDiary, ...]
    plan: tuple[Progress, ...]

    @property
    def records(self) -> list[Record]:
        """All sessions, oldest first."""
        return [record for week in self.weeks for record in week.records]

    @property
    def steps(self) -> list[StepResult]:
        """All their steps."""
        return [step for record in self.records for step in record.steps]

    @property
    def first(self) -> date:
        """The first day."""
        return self.weeks[0].monday


def first_day(today: date, number: int) -> date:
    """Give the Monday on which so many weeks begin, this one among them."""
    return today - timedelta(days=today.weekday()) - (number - 1) * WEEK


def weeks_of(records: Sequence[Record], today: date, number: int, plan: Plan = Plan()) -> Weeks:
    """Sort sessions into weeks.

    Parameters
    ----------
    records : sequence of Record
        In any order; earlier ones than those weeks tell since when a spot has been tender.
    today : date
        Local.
    number : int
        Of weeks, this one among them.
    plan : Plan
    """
    begin = first_day(today, number)
    mondays = [begin + n * WEEK for n in range(number)]
    return Weeks(
        today=today,
        weeks=tuple(Week(monday, _within(records, monday, today)) for monday in mondays),
        spots=tuple(diary(records, today)),
        plan=tuple(progress(plan, records, today)),
    )


def _within(records: Iterable[Record], monday: date, today: date) -> tuple[Record, ...]:
    of_it = [record for record in records if monday <= record.began.date() < monday + WEEK]
    return tuple(sorted((r for r in of_it if r.began.date() <= today), key=lambda record: (record.began, record.name)))
