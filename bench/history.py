"""What a history of 10,000 sessions costs: the first rebuild, to catch up, and what the screens ask for.

Beside it stands what the same would cost without a database, from what each recording's writer noted at its end. The
recordings are of a quarter of an hour, at five messages a second, and of a routine of five steps, with feelings and a
mark; what is in the messages makes no difference to what is read.

Usage: python -m bench.history [--sessions N] [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.accuracy.table import Table
from journal.catch_up import catch_up, read_record, rebuild
from journal.diary import diary
from journal.noted import noted
from journal.plan import Goal, Plan, progress
from journal.store import Journal
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, list_recordings
from tracker.events import Feelings, MarkEvent, SpotFeeling, StepResult, SummaryEvent
from tracker.routine import load_shipped

ROUTINE = load_shipped("sore-back")
NEWEST = datetime(2026, 11, 22, 20, 0)  # noqa: DTZ001 - names tell local time
APART = timedelta(hours=9)
KINDS = 20
"""Files that are written; the others are the same under other names."""


def summary(number: int) -> SummaryEvent:
    steps = [
        StepResult(
            step=at + 1,
            name=step.name,
            technique=step.technique,
            area=step.area,
            band=step.band,
            seconds=step.lasts_s or 0.0,
            right_s=100.0 + number,
            cycles=9.5,
            cw=0.0,
            ccw=0.0,
            judged_s=90.0,
            in_band_s=60.0,
            below_s=10.0,
            above_s=20.0,
            cues=2,
            period_cv=0.1,
        )
        for at, step in enumerate(ROUTINE.step)
    ]
    felt = Feelings(before=6, after=3, spots=(SpotFeeling(spot="left shoulder", before=number % 8, after=2),))
    marks = [MarkEvent(t_s=60.0, text="pop")]
    return SummaryEvent(
        t_s=900.0,
        routine=ROUTINE.name,
        ended="all steps done",
        totals={},
        steps=steps,
        feelings=felt,
        marks=marks,
        streams=[],
    )


def fill(folder: Path, sessions: int) -> None:
    folder.mkdir()
    written: list[Path] = []
    for number in range(sessions):
        path = folder / f"{NEWEST - number * APART:%Y-%m-%dT%H-%M-%S}-{ROUTINE.name}.mcap"
        if number > KINDS:  # the first has no other name: it will be changed
            path.hardlink_to(written[1 + number % KINDS])
            continue
        with Recorder(path, {"routine": ROUTINE.name}) as recorder:
            for at in range(4500):
                recorder.write(Message("wrist", b"0,0,9.8", round((NEWEST.timestamp() + at / 5) * NS_PER_S)))
            recorder.sum_up(noted(summary(number), ROUTINE))
        written.append(path)


def ms_of(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e3)
    return statistics.median(taken)


def opened(path: Path) -> None:
    with Journal.open(path):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    today, rounds = NEWEST.date(), chosen.rounds
    plan = Plan(goal=(Goal(routine=ROUTINE.name, times_a_week=2),))
    with TemporaryDirectory() as name:
        folder, path = Path(name, "recordings"), Path(name, "history.sqlite")
        fill(folder, chosen.sessions)
        with Journal.open(path) as journal:
            rebuilt = ms_of(lambda: rebuild(journal, folder), 1)
            nothing_new = ms_of(lambda: catch_up(journal, folder), rounds)
            newest = list_recordings(folder)[-1].path

            def one_new() -> None:
                os.utime(newest)
                catch_up(journal, folder)

            one = ms_of(one_new, rounds)
            everything = ms_of(journal.records, rounds)
            year = ms_of(lambda: journal.records(since=today - timedelta(days=365)), rounds)
            week = ms_of(lambda: progress(plan, journal.records(since=_monday(today)), today), rounds)
            month = journal.records(since=today - timedelta(days=60))
            told = ms_of(lambda: diary(month, today), rounds)
        opening = ms_of(lambda: opened(path), rounds)
        recordings = list_recordings(folder)
        without = ms_of(lambda: [read_record(each.path) for each in recordings], 1)
        size_kb = path.stat().st_size / 1e3
    rows = [
        ("first rebuild", f"{rebuilt:,.0f}", ""),
        ("open it, checked for damage", f"{opening:,.1f}", ""),
        ("catch up, nothing new", f"{nothing_new:,.1f}", ""),
        ("catch up, one changed", f"{one:,.1f}", ""),
        ("all sessions with their steps", f"{everything:,.1f}", f"{without / everything:,.0f}x"),
        ("a year of them", f"{year:,.1f}", f"{without / year:,.0f}x"),
        ("this week's progress", f"{week:,.2f}", f"{without / week:,.0f}x"),
        ("the diary of spots, from two months", f"{told:,.2f}", ""),
        ("all sessions, from their recordings", f"{without:,.0f}", "1x"),
    ]
    notes = [
        f"The database has {size_kb:,.0f} kB. Median of {rounds} rounds, but for the rebuild and the recordings: one.",
    ]
    print(Table(f"{chosen.sessions:,} sessions", ("", "ms", "faster"), rows, notes).markdown())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


if __name__ == "__main__":
    main()
