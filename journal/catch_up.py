"""Brings the history up to the recordings on disk: what is new or changed is read, what is gone is forgotten."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journal.noted import Noted, noted_of, read_noted
from journal.record import Record, record_of
from journal.store import Journal
from sensors.message import NS_PER_S
from sensors.recording import (
    SUFFIX,
    Listed,
    Recording,
    RecordingError,
    being_written,
    list_recordings,
    open_recording,
    read_name,
)
from tracker.pipeline import Pipeline, PipelineParams

BATCH_S = 0.5
"""How long what is read is gathered before it is written: so much is read again after a crash."""
LONGEST_S = 2 * 24 * 3600.0
"""No session is longer: a file that says so is another program's, or its clock was set meanwhile."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What changed.

    Attributes
    ----------
    added : int
        Sessions that were read: new ones, and those whose files had changed.
    removed : int
        Recordings that are gone.
    failed : int
        Recordings that were looked at now and cannot be read; `Journal.failed` tells why.
    """

    added: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Read:
    """A recording that was looked at: its session, or why there is none."""

    name: str
    found: Record | str
    size_bytes: int
    changed_ns: int


def catch_up(
    journal: Journal,
    folder: Path,
    *,
    thorough: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    stopped: Callable[[], bool] = lambda: False,
    clock_s: Callable[[], float] = time.monotonic,
) -> CaughtUp:
    """Bring the history up to a folder of recordings.

    A recording that is being written is left out until it is closed. What was read is kept in pieces: where this is
    stopped or dies, the next time goes on from there. While the folder is out of reach, what is known stays.

    Parameters
    ----------
    journal : Journal
    folder : Path
    thorough : bool
        Work every session out anew from its messages, whatever its writer noted at its end.
    progress : callable
        Told how many recordings have been looked at, of how many.
    stopped : callable
        Whether nobody wants to know any more.
    clock_s : callable
        Seconds of any origin, never decreasing.

    Raises
    ------
    HistoryError
        The database cannot be used.
    """
    known = journal.known()  # before the folder: a session that ends meanwhile must not look as if it were gone
    listed = {_name(each): each for each in list_recordings(folder)}
    gone = known.keys() - listed.keys()
    if gone and not listed and _out_of_reach(folder):
        return CaughtUp()
    if gone:
        journal.remove(gone)
    new = [each for name, each in listed.items() if known.get(name) != (each.size_bytes, each.changed_ns)]
    new.reverse()  # the newest first: they are looked at first
    looked = failed = 0
    batch: list[_Read] = []
    written_s = clock_s()
    for done, each in enumerate(new, 1):
        if stopped():
            break
        read = _look(each, thorough=thorough)
        if read is not None:
            batch.append(read)
            looked += 1
        if clock_s() - written_s >= BATCH_S:
            failed += _write(journal, batch)
            batch, written_s = [], clock_s()
        progress(done, len(new))
    failed += _write(journal, batch)
    return CaughtUp(looked - failed, len(gone), failed)


def rebuild(
    journal: Journal,
    folder: Path,
    *,
    thorough: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> CaughtUp:
    """Forget all and read it again from the recordings; see `catch_up`."""
    journal.clear()
    return catch_up(journal, folder, thorough=thorough, progress=progress, stopped=stopped)


def keep_session(path: Path) -> None:
    """Put a session that has just been recorded into the history of the person who is here.

    Raises
    ------
    HistoryError
        The database cannot be used; the recording is whole, and the next `catch_up` finds it.
    """
    with Journal.open() as journal:
        read = _look(Listed(path, 0, 0, closed=False))
        if read is not None:
            _write(journal, [read])


def read_record(path: Path, *, thorough: bool = False) -> Record:
    """Read a session from its recording: what its writer noted at the end, else from its messages.

    Raises
    ------
    RecordingError
        It cannot be read, or holds no session; one line.
    """
    return _record(open_recording(path), thorough=thorough)


def _out_of_reach(folder: Path) -> bool:
    """Whether nothing can be said of what is in it: it is closed to us, or a link to a disk that is not there."""
    try:
        with os.scandir(folder):
            return False
    except FileNotFoundError:
        return folder.is_symlink()
    except OSError:
        return True


def _look(listed: Listed, *, thorough: bool = False) -> _Read | None:
    """Read a recording; None where it is being written, or out of reach by now."""
    name = _name(listed)
    found: Record | str
    try:
        if not listed.closed and being_written(listed.path):
            return None
        recording = open_recording(listed.path)
        if recording.being_written:
            return None
        if not listed.closed:
            listed = _listed(recording.path)  # it has been finished by opening it
        found = _record(recording, thorough=thorough)
    except RecordingError as error:
        found = str(error).removeprefix(f"{listed.path} ")
    except OSError:
        return None
    return _Read(name, found, listed.size_bytes, listed.changed_ns)


def _record(recording: Recording, *, thorough: bool) -> Record:
    if recording.start_ns is None:
        raise RecordingError(f"{recording.path} is empty")
    if recording.duration_s > LONGEST_S:
        raise RecordingError(f"{recording.path} spans {recording.duration_s / 86400:,.0f} days: that is no session")
    name = recording.path.name.removesuffix(".part").removesuffix(SUFFIX)
    began = read_name(name).when or _local(recording, recording.start_ns)
    noted = None if thorough or not recording.whole else read_noted(recording.summary)
    if noted is None:
        noted = _worked_out(recording)
    return record_of(
        noted.summary,
        name,
        began,
        recording.duration_s,
        title=noted.title,
        score=noted.score,
        simulated="simulated" in recording.metadata,
    )


def _worked_out(recording: Recording) -> Noted:
    """Let the session happen again, unwatched."""
    pipeline = Pipeline(params=PipelineParams(unwatched=True))
    for message in recording.messages():
        pipeline.feed(message)
    pipeline.finish()
    return noted_of(pipeline.summary(), pipeline.routine)


def _local(recording: Recording, time_ns: int) -> datetime:
    try:
        return datetime.fromtimestamp(time_ns // NS_PER_S)  # noqa: DTZ006 - as names tell it
    except (ValueError, OverflowError, OSError):  # another program's idea of time
        raise RecordingError(f"{recording.path} does not tell when it was") from None


def _listed(path: Path) -> Listed:
    about = path.stat()
    return Listed(path, about.st_size, about.st_mtime_ns, closed=True)


def _write(journal: Journal, batch: list[_Read]) -> int:
    """Keep what was read, all or nothing; give how many of them failed."""
    failed = 0
    if batch:
        with journal.changing():
            for each in batch:
                if isinstance(each.found, str):
                    journal.put_failed(each.name, each.found, each.size_bytes, each.changed_ns)
                    failed += 1
                else:
                    journal.put(each.found, each.size_bytes, each.changed_ns)
    return failed


def _name(listed: Listed) -> str:
    return listed.path.name.removesuffix(SUFFIX)
