"""The recordings on disk: at once what their names say, and later what stands in them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Literal

from sensors.message import NS_PER_S
from sensors.recording import (
    SUFFIX,
    RecordingError,
    list_recordings,
    open_recording,
    read_name,
    recordings_folder,
)

BATCH_S = 0.2
"""How long what is read is gathered before it is told: a list that changes more often than that is no calmer."""
SOREST = 10
LIVE = "● live"
"""Remark on a recording that is being written."""

Order = Literal["newest", "longest", "best", "name"]
ORDERS: tuple[Order, ...] = ("newest", "longest", "best", "name")

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Entry:
    """A recording, as far as the folder tells.

    Attributes
    ----------
    path : Path
        ``NAME.mcap``, also where its writer has not finished it.
    when : datetime or None
        When it began, local time; None where its name does not tell.
    label : str
        What it was called: the routine's name, or what a person has made of it.
    number : int
        From 2 on where another of that name began in the same second.
    size_bytes : int
    changed_ns : int
        Of the file, nanoseconds since the epoch.
    """

    path: Path
    when: datetime | None
    label: str
    number: int = 1
    size_bytes: int = 0
    changed_ns: int = 0

    @property
    def stem(self) -> str:
        """Its file's name without its ending."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def title(self) -> str:
        """What it was called, and which one it is of that name."""
        label = self.label or "session"
        return label if self.number == 1 else f"{label} ({self.number})"

    @property
    def key(self) -> tuple[Path, int, int]:
        """What tells it from another, and from itself at another time."""
        return self.path, self.size_bytes, self.changed_ns


@dataclass(frozen=True)
class Details:
    """What stands in a recording; None is unknown.

    Attributes
    ----------
    began : datetime or None
        Its first message's arrival, local time.
    length_s : float or None
        From the first message to the last.
    done_s : float or None
        Time spent in the routine's steps, pauses left out; the length where it was not noted.
    judged_s, in_band_s : float or None
        Time in which the pace was known and held against a band, and the part inside it.
    cycles : float or None
    routine : str
        Its name.
    title : str
        The routine's.
    feeling_before, feeling_after : int or None
        How sore the person felt, 0 to 10.
    remark : str
        What is wrong with it, in a word or two.
    why : str
        The same in a sentence.
    """

    began: datetime | None = None
    length_s: float | None = None
    done_s: float | None = None
    judged_s: float | None = None
    in_band_s: float | None = None
    cycles: float | None = None
    routine: str = ""
    title: str = ""
    feeling_before: int | None = None
    feeling_after: int | None = None
    remark: str = ""
    why: str = ""

    @property
    def in_band(self) -> float | None:
        """Part of the judged time spent in the band, 0 to 1."""
        return self.in_band_s / self.judged_s if self.in_band_s is not None and self.judged_s else None


def parse_name(path: Path, size_bytes: int = 0, changed_ns: int = 0) -> Entry:
    """Read a recording's name; one that is not ours is all label."""
    named = read_name(path.name)
    return Entry(path, named.when, named.label, named.number, size_bytes, changed_ns)


def date_words(when: date) -> str:
    """Give a date in words, as ``Sun 22 Nov 2026``; in English whatever the system speaks."""
    return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]} {when.year}"


def stamp_of(entry: Entry) -> str:
    """Give the part of a name that tells when: what a person who renames it should keep."""
    return f"{entry.stem[: len('2026-11-22T14-03-05')]}-" if entry.when is not None else ""


def read_details(entry: Entry) -> Details:
    """Read what stands in a recording, from the index at its end; one that cannot be read says why."""
    try:
        recording = open_recording(entry.path)
    except RecordingError as error:
        return Details(remark="damaged", why=str(error).removeprefix(f"{entry.path} "))
    said = recording.summary
    some = recording.start_ns is not None
    if recording.being_written:
        remark = LIVE
    elif not recording.whole:
        remark = "cut off"
    else:
        remark = "mended" if recording.notice else "" if some else "empty"
    length_s = recording.duration_s if some else None
    done_s = _number(said, "seconds")
    return Details(
        began=_local(recording.start_ns),
        length_s=length_s,
        done_s=length_s if done_s is None else done_s,
        judged_s=_number(said, "judged_s"),
        in_band_s=_number(said, "in_band_s"),
        cycles=_number(said, "cycles"),
        routine=said.get("routine") or recording.metadata.get("routine", ""),
        title=said.get("title", ""),
        feeling_before=_feeling(said, "feeling_before"),
        feeling_after=_feeling(said, "feeling_after"),
        remark=remark,
        why=(recording.notice or "").removeprefix(f"{recording.path} "),
    )


class Agenda:
    """What is still to be read; what a person looks at comes first.

    One thread takes from it while another says what is looked at.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._rest = {entry.path: entry for entry in entries}
        self._first: Sequence[Entry] = ()

    def look_at(self, entries: Sequence[Entry]) -> None:
        """Say what is on the screen now."""
        self._first = tuple(entries)

    def take(self) -> tuple[Entry, bool] | None:
        """Give the next one, and whether it is looked at; None when all are read."""
        for entry in self._first:
            if self._rest.pop(entry.path, None) is not None:
                return entry, True
        path = next(iter(self._rest), None)
        return None if path is None else (self._rest.pop(path), False)


class Shelf:
    """The recordings in a folder, and what has been read of them so far.

    Parameters
    ----------
    folder : Path, optional
        Where sessions are kept unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or recordings_folder()
        self._known: dict[tuple[Path, int, int], Details] = {}
        self._texts: dict[Path, tuple[Details | None, str]] = {}

    def entries(self) -> list[Entry]:
        """List them, newest first, those whose names do not tell last; from one look at the folder."""
        entries = [parse_name(each.path, each.size_bytes, each.changed_ns) for each in list_recordings(self.folder)]
        return self.ordered(sorted(entries, key=lambda entry: entry.stem), "newest")

    def known(self, entry: Entry) -> Details | None:
        """Give what has been read of one; None before."""
        return self._known.get(entry.key)

    def note(self, read: Mapping[Entry, Details]) -> None:
        """Keep what has been read."""
        for entry, details in read.items():
            self._known[entry.key] = details

    def unread(self, entries: Iterable[Entry]) -> list[Entry]:
        """Give those that nothing is known of, and those that may know more by now."""
        return [entry for entry in entries if (known := self.known(entry)) is None or known.remark == LIVE]

    def when(self, entry: Entry) -> datetime | None:
        """Give when it began: by its name, else by its first message once that is read."""
        if entry.when is not None:
            return entry.when
        details = self.known(entry)
        return details.began if details is not None else None

    def ordered(self, entries: Iterable[Entry], order: Order) -> list[Entry]:
        """Sort by what is known so far; those that it is not known of come last, as they came."""
        told: list[tuple[datetime | float | str, Entry]] = []
        untold: list[Entry] = []
        for entry in entries:
            rank = self._rank(entry, order)
            if rank is None:
                untold.append(entry)
            else:
                told.append((rank, entry))
        told.sort(key=itemgetter(0), reverse=order != "name")
        return [*(entry for _, entry in told), *untold]

    def matching(self, entries: Iterable[Entry], words: str) -> list[Entry]:
        """Give those that have all these words, or beginnings and ends of words, in name, date or routine."""
        wanted = words.lower().split()
        if not wanted:
            return list(entries)
        return [entry for entry in entries if all(word in text for text in (self._text(entry),) for word in wanted)]

    def _rank(self, entry: Entry, order: Order) -> datetime | float | str | None:
        if order == "newest":
            return self.when(entry)
        if order == "name":
            return entry.title.lower()
        details = self.known(entry)
        if details is None:
            return None
        return details.length_s if order == "longest" else details.in_band

    def _text(self, entry: Entry) -> str:
        details = self.known(entry)
        if entry.path not in self._texts or self._texts[entry.path][0] is not details:
            when = self.when(entry)
            told = (details.routine, details.title, details.remark) if details is not None else ()
            text = " ".join((entry.stem, entry.title, date_words(when) if when else "", *told)).lower()
            self._texts[entry.path] = details, text
        return self._texts[entry.path][1]


def reading(
    agenda: Agenda,
    stopped: Callable[[], bool],
    read: Callable[[Entry], Details] = read_details,
    clock_s: Callable[[], float] = time.monotonic,
) -> Iterator[dict[Entry, Details]]:
    """Read all of an agenda, and give what was read: what is looked at as soon as that is done, the rest now and then.

    Parameters
    ----------
    agenda : Agenda
    stopped : callable
        Whether nobody wants to know any more.
    read : callable
    clock_s : callable
        Seconds of any origin, never decreasing.
    """
    batch: dict[Entry, Details] = {}
    told_s = clock_s()
    urgent = False
    while not stopped() and (taken := agenda.take()) is not None:
        entry, looked_at = taken
        if urgent and not looked_at and batch:
            yield batch
            batch, told_s = {}, clock_s()
        batch[entry] = read(entry)
        urgent = looked_at
        if clock_s() - told_s >= BATCH_S:
            yield batch
            batch, told_s = {}, clock_s()
    if batch:
        yield batch


def _number(said: Mapping[str, str], key: str) -> float | None:
    try:
        value = float(said.get(key, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _feeling(said: Mapping[str, str], key: str) -> int | None:
    value = _number(said, key)
    return int(value) if value is not None and value <= SOREST else None


def _local(time_ns: int | None) -> datetime | None:
    if time_ns is None:
        return None
    try:
        return datetime.fromtimestamp(time_ns / NS_PER_S)  # noqa: DTZ006 - as names tell it
    except (ValueError, OverflowError, OSError):  # another program's idea of time
        return None
