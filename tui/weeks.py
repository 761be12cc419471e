"""The weeks as the screens ask for them: what the history has at once, and again as it is brought up to date."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from journal.catch_up import catch_up
from journal.plan import Plan, PlanError, load_plan
from journal.record import Record
from journal.store import Journal
from sensors.recording import recordings_folder

TOLD_EVERY_S = 1.0
READING_SHARE = 4.0
"""While many recordings are read: to look at all that is known takes time as well, and gets a fifth of it at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the history knows now.

    Attributes
    ----------
    records : sequence of Record
        Oldest first.
    failed : mapping of str to str
        Recordings that cannot be read, and why.
    plan : Plan
        An empty one where it cannot be read.
    plan_error : str
        Why it cannot.
    left : int or None
        Recordings that are still to be read; None while that is not known either.
    notice : str
        What else a person should know: that a damaged history was set aside.
    """

    records: Sequence[Record]
    failed: Mapping[str, str]
    plan: Plan
    plan_error: str
    left: int | None
    notice: str = ""


class Weeks:
    """A person's history, recordings and plan.

    Parameters
    ----------
    history : Path, optional
        The database; the person's unless given.
    recordings : Path, optional
        The folder; the person's unless given.
    """

    def __init__(self, history: Path | None = None, recordings: Path | None = None) -> None:
        self._history = history
        self._recordings = recordings

    def planned(self) -> bool:
        """Whether there is a plan, in a moment."""
        try:
            return bool(load_plan().goal)
        except PlanError:
            return False

    def follow(
        self,
        tell: Callable[[Known], object],
        stopped: Callable[[], bool] = lambda: False,
        since: date | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Tell what is known at once, now and then as recordings are read, and when all are; for a thread.

        Parameters
        ----------
        tell : callable
        stopped : callable
            Whether nobody wants to know any more.
        since : date, optional
            Sessions before it are of no interest.
        clock_s : callable
            Seconds of any origin, never decreasing.

        Raises
        ------
        HistoryError
            The database cannot be used; one line.
        """
        plan, plan_error = Plan(), ""
        try:
            plan = load_plan()
        except PlanError as error:
            plan_error = str(error)
        with Journal.open(self._history) as journal:
            told_s = took_s = 0.0

            def told(left: int | None) -> Known:
                nonlocal told_s, took_s
                began_s = clock_s()
                records = journal.records(since=since)
                known = Known(records, journal.failed(), plan, plan_error, left, journal.notice or "")
                tell(known)
                told_s = clock_s()
                took_s = told_s - began_s
                return known

            def on_the_way(done: int, of: int) -> None:
                if clock_s() - told_s >= max(TOLD_EVERY_S, READING_SHARE * took_s):
                    told(of - done)

            before = journal.known()
            first = told(None)
            caught = catch_up(journal, self._recordings or recordings_folder(), progress=on_the_way, stopped=stopped)
            if stopped():
                return
            if caught.failed or journal.known() != before:  # another thread may have been quicker
                told(0)
            else:
                tell(replace(first, left=0))
