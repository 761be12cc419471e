"""The commands about days and weeks: history, plan, diary, people, export, forget."""

from __future__ import annotations

import json as jsonlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
import msgspec
from cyclopts import Parameter

from journal.catch_up import CaughtUp, catch_up
from journal.catch_up import rebuild as rebuild_history
from journal.person import people as known_people
from journal.person import person, person_data_folder, person_named
from journal.plan import Goal, PlanError, Progress, goal_from, load_plan, monday, progress, save_plan
from journal.record import Record
from journal.store import Journal
from sensors.keep import PERSON_VARIABLE
from sensors.recording import list_recordings, recordings_folder
from tui import words
from tui.choices import UsageError
from tui.library import Library
from tui.shelf import DAYS, date_words

if TYPE_CHECKING:
    from journal.belongings import Belongings
    from journal.diary import SpotDiary

DONE, FAILED = 0, 1
TOLD_EVERY_S = 0.5
_S_PER_MIN = 60
_UNKNOWN = "-"
_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
_SOREST = 10
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


# --- whose it is ---


@contextmanager
def as_person(said: Sequence[str]) -> Iterator[list[str]]:
    """Be the person whom ``--person NAME`` names, wherever it stands; give the other words."""
    rest, name = list(said), None
    for at, word in enumerate(said):
        if word == "--person":
            if at + 1 == len(said):
                raise UsageError("--person takes a name")
            rest[at : at + 2], name = [], said[at + 1]
            break
        if word.startswith("--person="):
            rest[at : at + 1], name = [], word.partition("=")[2]
            break
    before = os.environ.get(PERSON_VARIABLE)
    if name is not None:
        os.environ[PERSON_VARIABLE] = person_named(name)  # programs that this one starts are of the same person
    try:
        person()  # what the variable holds has to be a name, too
        yield rest
    finally:
        if name is not None:
            os.environ.pop(PERSON_VARIABLE)
            if before is not None:
                os.environ[PERSON_VARIABLE] = before


def people(*, json: bool = False) -> int:
    """List the people of whom something is kept here, and where.

    Parameters
    ----------
    json
        Print one JSON line per person.
    """
    for name in ("", *known_people()):
        folder = person_data_folder(name) / "recordings"
        recordings = list_recordings(folder)
        if json:
            size_bytes = sum(each.size_bytes for each in recordings)
            told = {"person": name or None, "recordings": len(recordings), "bytes": size_bytes, "folder": str(folder)}
            _say(jsonlib.dumps(told))
        else:
            _say(f"{name or '(no name)':16s}  {words.count(len(recordings), 'recording'):>16s}  {folder}")
    return DONE


# --- history ---

history = cyclopts.App(name="history", help="List what was done, week by week; bring the history up to date.")


@history.default
def show_history(*, json: bool = False) -> int:
    """List what was done, week by week.

    Parameters
    ----------
    json
        Print one JSON line per session.
    """
    with caught_up() as journal:
        records = journal.records()
        if json:
            for record in records:
                name = record.name.encode(errors="replace").decode()  # a file's name need not be text
                _say(msgspec.json.encode(msgspec.structs.replace(record, name=name)).decode())
        elif records:
            _tell_weeks(records)
        else:
            made_up = journal.records(simulated=True)
            _say("no sessions yet" + (": those of a simulated wrist do not count" if made_up else ""))
        for name, why in journal.failed().items():
            _remark(f"{name}.mcap {why}")
    return DONE


@history.command(name="rebuild")
def rebuild(*, thorough: bool = False) -> int:
    """Make the history again from the recordings.

    Parameters
    ----------
    thorough
        Work every session out anew from its motion, instead of reading what was noted at its end.
    """
    with _opened() as journal:
        caught = rebuild_history(journal, recordings_folder(), thorough=thorough, progress=_progress("reading"))
        _remark(_in_words(caught))
        for name, why in journal.failed().items():
            _remark(f"{name}.mcap {why}")
    return DONE


@contextmanager
def caught_up() -> Iterator[Journal]:
    """Open the history of the person who is here, brought up to the recordings."""
    with _opened() as journal:
        catch_up(journal, recordings_folder(), progress=_progress("reading", patience_s=1.0))
        yield journal


@contextmanager
def _opened() -> Iterator[Journal]:
    with Journal.open() as journal:
        if journal.notice:
            _remark(journal.notice)
        yield journal


def _tell_weeks(records: Sequence[Record]) -> None:
    for first, of_week in groupby(records, key=lambda record: monday(record.began.date())):
        week = list(of_week)
        done_s = sum(record.seconds for record in week)
        in_band = words.share(sum(record.in_band_s for record in week), sum(record.judged_s for record in week))
        told = [words.count(len(week), "session"), f"{done_s / _S_PER_MIN:.0f} min", f"{_known(in_band)} in band"]
        _say(f"Week from {date_words(first)}: {', '.join(told)}")
        for record in week:
            _say(_session_line(record))


def _session_line(record: Record) -> str:
    began = record.began
    when = f"{DAYS[began.weekday()]} {began.day:2d}  {began:%H:%M}"
    in_band = _known(words.share(record.in_band_s, record.judged_s))
    score = _UNKNOWN if record.score is None else str(record.score)
    felt = [_UNKNOWN if value is None else str(value) for value in (record.feelings.before, record.feelings.after)]
    sore = "" if felt == [_UNKNOWN] * 2 else f"  sore {felt[0]} to {felt[1]}"
    pain = f"  pain {max(each.value for each in record.pains)}" if record.pains else ""
    name = (record.title or record.routine) + (f" ({record.style})" if record.style else "")
    return f"  {when}  {name:40.40s} {words.clock(record.seconds):>7s}  {in_band:>5s}  score {score:>3s}{sore}{pain}"


def _known(text: str) -> str:
    return _UNKNOWN if text == words.UNKNOWN else text


def _in_words(caught: CaughtUp) -> str:
    parts = [f"{words.count(caught.added, 'session')} read"]
    if caught.failed:
        parts.append(f"{words.count(caught.failed, 'recording')} cannot be read")
    return ", ".join(parts)


# --- plan ---

plan = cyclopts.App(name="plan", help="Show today's progress; plan how often to do which routine.")


@plan.default
def show_plan(*, json: bool = False) -> int:
    """Show how far today and this week have come.

    Parameters
    ----------
    json
        Print one JSON line per goal.
    """
    goals = load_plan()
    today = _today()
    with caught_up() as journal:
        told = progress(goals, journal.records(since=monday(today)), today)
    for each in told:
        _say(jsonlib.dumps(asdict(each) | {"reached": each.reached, "over": each.over}) if json else _goal_line(each))
    if not told and not json:
        _say("no plan yet: 'palmpace plan add ROUTINE' makes one")
    return DONE


@plan.command(name="add")
def add_goal(routine: str, /, *, a_day: int | None = None, a_week: int | None = None, weeks: int | None = None) -> int:
    """Plan a routine: as often as it says itself, or as you say.

    Parameters
    ----------
    routine
        See 'palmpace routines'.
    a_day
        Times a day.
    a_week
        Times a week.
    weeks
        For so many weeks from today on.
    """
    if a_day is not None and a_week is not None:
        raise UsageError("give either --a-day or --a-week")
    chosen = Library().routine(routine)
    today = _today()
    if a_day is not None or a_week is not None:
        said = {"times_a_day": a_day, "times_a_week": a_week, "weeks": weeks, "since": today}
        goal = _checked(Goal, routine=routine, title=chosen.title, **said)
    elif chosen.often is None:
        raise PlanError(f"{routine} does not say how often: give --a-day N or --a-week N")
    else:
        goal = goal_from(routine, chosen.title, chosen.often, today)
        if weeks is not None:
            goal = _checked(Goal, **{**msgspec.structs.asdict(goal), "weeks": weeks})
    save_plan(load_plan().with_goal(goal))
    return show_plan()


@plan.command(name="remove")
def remove_goal(routine: str, /) -> int:
    """Take a routine out of the plan.

    Parameters
    ----------
    routine
        As it was added.
    """
    before = load_plan()
    after = before.without(routine)
    if after == before:
        there_are = ", ".join(goal.routine for goal in before.goal) or "none"
        raise PlanError(f"the plan has no goal for {routine!r}; there are: {there_are}")
    save_plan(after)
    return show_plan()


def _checked(kind: type[Goal], **said: Any) -> Goal:
    """Make a goal of what was typed; msgspec looks at values only where it converts."""
    try:
        return msgspec.convert({key: value for key, value in said.items() if value is not None}, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        key = where.strip("`")
        limit = what.removeprefix("Expected `int` ").replace(">=", "of at least").replace("<=", "of at most")
        option = key.removeprefix("times_").replace("_", "-")
        raise UsageError(f"--{option} takes a number {limit}, not {said[key]}") from None


def _goal_line(told: Progress) -> str:
    when = "today" if told.per == "day" else "this week"
    week = ""
    if told.weeks is not None and told.week_of is not None:
        week = ", its weeks are over" if told.over else f", week {told.week_of} of {told.weeks}"
    done = f"{told.done} of {told.wanted} {when}{week}"
    return f"{'x' if told.reached else ' '} {told.title:30.30s}  {done:36s}  {_who_says_so(told)}".rstrip()


def _who_says_so(told: Progress) -> str:
    if told.evidence is None:
        return told.source
    return words.sourced(told.source, told.evidence)


# --- diary ---


def diary(spot: str | None = None, /, *, json: bool = False) -> int:
    """Show how tender each spot was over two weeks, and whether that eases.

    Parameters
    ----------
    spot
        This one alone, day by day.
    json
        Print one JSON line per spot.
    """
    from journal.diary import diary as gather

    today = _today()
    with caught_up() as journal:
        spots = gather(journal.records(), today)
    if spot is not None:
        there_are = ", ".join(each.spot for each in spots) or "none yet"
        spots = [each for each in spots if each.spot.casefold() == spot.casefold()]
        if not spots:
            _remark(f"nothing was said of {spot!r} in the last two weeks; spots: {there_are}")
            return FAILED
    if spots and not json:
        _say("Tenderness before a session, 0 to 10, a sign a day over two weeks:")
    for each in spots:
        if json:
            _say(jsonlib.dumps(asdict(each) | {"trend": each.trend}, default=str))
        else:
            _tell_spot(each, today, day_by_day=spot is not None)
    if not spots and not json:
        _say("nothing was said of a spot in the last two weeks")
    return DONE


def _tell_spot(told: SpotDiary, today: date, *, day_by_day: bool) -> None:
    first, *_, last = (*told.tenderness, *told.tenderness)
    span = f"{first} to {last}" if len(told.tenderness) > 1 else str(last)
    _say(f"{told.spot:24.24s}  {_sparkline(told, today)}  {span:>8s}  {told.trend}")
    if day_by_day:
        for entry in told.entries:
            felt = ", ".join(
                f"{value} {when}"
                for value, when in ((entry.before, "before"), (entry.after, "after"))
                if value is not None
            )
            _say(f"    {date_words(entry.day)}: {felt}")
    if told.advice:
        _say(f"    {told.advice}")


def _sparkline(told: SpotDiary, today: date) -> str:
    """Draw two weeks, a sign a day, 0 to 10; a day without a word is a gap."""
    bars = _BARS if _can_print(_BARS) else _PLAIN_BARS
    before_was_said = any(entry.before is not None for entry in told.entries)
    by_day = {entry.day: entry.before if before_was_said else entry.after for entry in told.entries}
    values = [by_day.get(today - timedelta(days=ago)) for ago in reversed(range(14))]
    return "".join(" " if value is None else bars[round(value / _SOREST * (len(bars) - 1))] for value in values)


# --- all of it, taken along or removed ---


def export(*, out: Annotated[Path, Parameter(name=("--out", "-o"))]) -> int:
    """Put all data of a person into one ZIP: recordings, history, plan, routines; no passwords.

    Parameters
    ----------
    out
        The file, such as palmpace.zip.
    """
    from journal.export import export as put_together

    with caught_up() as journal:
        who = person() or "the person who uses this machine"
        day = _today().isoformat()
        made = put_together(out, journal, who=who, day=day, progress=_progress("putting in", patience_s=1.0))
    for each in made.left_out:
        _remark(f"left out: {each}")
    _say(f"{made.path}: {words.count(made.files, 'file')}, {_size(made.size_bytes)}")
    return DONE


def forget(*, yes: bool = False, recordings_before: str | None = None) -> int:
    """Remove all data of a person from this machine, for good.

    Parameters
    ----------
    yes
        Do not ask.
    recordings_before
        Remove no more than the recordings of sessions before this day, such as 2026-01-31, and what the history has
        of them.
    """
    from journal.forget import forget as remove
    from journal.forget import to_forget

    before = _day(recordings_before) if recordings_before is not None else None
    going = to_forget(before)
    if not going.files:
        _say("there is nothing to forget")
        _tell_strange(going)
        return DONE
    if not yes and not sys.stdin.isatty():
        raise UsageError("forget asks on a terminal, and this is none: say --yes to remove without being asked")
    whose = f"of {person()}" if person() else "of the person without a name"
    _say(f"This goes for good, {whose}:")
    for kind, of_kind in groupby(going.files, key=lambda each: each.kind):
        files = list(of_kind)
        size = _size(sum(each.size_bytes for each in files))
        _say(f"  {kind:12s} {words.count(len(files), 'file'):>12s} {size:>9s}  in {files[0].path.parent}")
    _tell_strange(going)
    if before is None:
        _say("Passwords, certificates and config.toml are the machine's and stay; so does what was exported elsewhere.")
    if not yes and input("Forget all this? [y/N] ").strip().lower() not in ("y", "yes"):
        _say("nothing was removed")
        return FAILED
    gone = remove(going)
    if before is not None:
        with caught_up():
            pass
    _say(f"{words.count(gone, 'file')} removed")
    return DONE


def _tell_strange(going: Belongings) -> None:
    for path, why in going.strange:
        _say(f"This stays: {path} {why}.")


# --- words ---


def _today() -> date:
    return datetime.now().astimezone().date()


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UsageError(f"{said!r} is no day: write it as 2026-01-31") from None


def _size(size_bytes: float) -> str:
    for unit, name in _UNITS:
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{size_bytes:.0f} B"


def _progress(doing: str, patience_s: float = 0.0) -> Callable[[int, int], None]:
    """Tell on stderr how far it is, now and then; on a terminal in one line. What is quickly done is not told."""
    began_s = time.monotonic()
    told_s = began_s
    rewrite = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        last = done == of and told_s > began_s
        if now_s - began_s < patience_s or (now_s - told_s < TOLD_EVERY_S and not last):
            return
        told_s = now_s
        end = "\n" if last or not rewrite else ""
        print(f"{chr(13) if rewrite else ''}{doing} {done:,} of {of:,}", end=end, file=sys.stderr, flush=True)

    return tell


def _say(line: str) -> None:
    """Print a line of data; no sign of a name or a mark is a command to the terminal or too much for it."""
    print(_fitting(line))


def _remark(line: str) -> None:
    print(f"palmpace: {_fitting(line)}", file=sys.stderr)


def _fitting(line: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return "".join(filter(str.isprintable, line)).encode(encoding, "replace").decode(encoding)


def _can_print(letters: Iterable[str]) -> bool:
    text = "".join(letters)
    return _fitting(text) == text


COMMANDS = (history, plan, diary, people, export, forget)
"""As `tui.cli` takes them up."""
