"""All data of a person in one ZIP: recordings, the history as tables, plan, routines, what is remembered."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from journal.belongings import Belonging, belongings
from journal.report.tables import csv_row
from journal.store import FILE, HistoryError, Journal
from sensors.recording import PART, SUFFIX, RecordingError, open_recording

README: Final = """\
Palmpace: all data of {who}, {day}

recordings/   every session as it was received: MCAP files, which Palmpace and other tools (mcap.dev) open
history/      what the recordings say of each session, one table a file; `recording` is the recording's name
  sessions.csv   when, how long, which routine, the score, how sore before and after (0 to 10), why it ended,
                 and whether it was a simulated wrist's
  steps.csv      how each step went: seconds, cycles, time in the band, regularity
  spots.csv      how tender single spots were, before and after
  marks.csv      what was noted on the way, at which second
  pains.csv      what hurt: how much (0 to 10), where, at which second
  recordings.csv all recordings, and of those that cannot be read why
  {file}  the same as an SQLite database
exports/      tables and pages that were saved from the dashboard
routines/     routines of their own
plan.toml     how often which routine is meant to be done
remembered.json  what was chosen last in the dashboard

Times of day are local. A file or folder that is missing was empty.
Passwords, certificates and the configuration are the machine's and not in here.
To take it to another machine: unpack recordings/ into its folder of recordings ("palmpace people" names it), then run
"palmpace history rebuild".
"""


class ExportError(Exception):
    """The data cannot be put together; one line for a person."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was put together.

    Attributes
    ----------
    path : Path
    files : int
    size_bytes : int
    left_out : tuple of str
        What is not in it, and why.
    """

    path: Path
    files: int
    size_bytes: int
    left_out: tuple[str, ...]


def export(
    out: Path,
    journal: Journal,
    *,
    who: str,
    day: str,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Exported:
    """Put all data of the person who is here into a new ZIP, which is there as a whole or not at all.

    Parameters
    ----------
    out : Path
    journal : Journal
        The person's, caught up.
    who, day : str
        For the README in it.
    progress : callable
        Told how many files are in it, of how many.

    Raises
    ------
    ExportError
        The file exists, or cannot be written.
    """
    if out.exists():
        raise ExportError(f"{out} exists already: choose another name")
    theirs = belongings()
    left_out = [f"{path} {why}" for path, why in theirs.strange]
    files = theirs.of("recordings", "exports", "plan", "routines", "remembered")
    part = out.with_name(f"{out.name}.{os.getpid()}.tmp")
    try:
        with ZipFile(part, "x", strict_timestamps=False) as archive:
            archive.writestr("README.txt", README.format(who=who, day=day, file=FILE), ZIP_DEFLATED)
            _add_history(archive, journal)
            for done, each in enumerate(files, 1):
                try:
                    _add(archive, each)
                except RecordingError as error:
                    left_out.append(str(error))
                progress(done, len(files))
            number = len(archive.namelist())
        part.replace(out)
        return Exported(out, number, out.stat().st_size, tuple(left_out))
    except OSError as error:
        raise ExportError(f"cannot write {out}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink()


def _add(archive: ZipFile, each: Belonging) -> None:
    path, folder = each.path, "" if each.kind in ("plan", "remembered") else f"{each.kind}/"
    if each.kind == "recordings":
        if path.name.removesuffix(PART).endswith(f"{SUFFIX}.tmp"):
            return  # what a dying writer left of what is in its part
        path = _closed(path)
    name = f"{folder}{_as_text(path.name)}"
    if name not in archive.NameToInfo:  # a closed recording's part may not yet be away
        archive.write(path, name, ZIP_STORED if each.kind == "recordings" else ZIP_DEFLATED)


def _as_text(name: str) -> str:
    """Give a file's name as text, which it need not be: each byte that is none as ``%FF``, so that none are alike."""
    return "".join(f"%{ord(sign) - 0xDC00:02X}" if "\udc80" <= sign <= "\udcff" else sign for sign in name)


def _closed(path: Path) -> Path:
    """Give a recording that can be taken along; one whose writer died is finished first."""
    if not path.name.endswith(PART):
        return path
    recording = open_recording(path)
    if recording.being_written:
        raise RecordingError(f"{path} is still being written: end its session first to have it, too")
    return recording.path


def _add_history(archive: ZipFile, journal: Journal) -> None:
    for name, columns, rows in journal.tables():
        text = io.StringIO(newline="")
        table = csv.writer(text)
        table.writerow(columns)
        table.writerows(csv_row(row) for row in rows)
        archive.writestr(f"history/{name}.csv", _as_text(text.getvalue()).encode("utf-8", "replace"), ZIP_DEFLATED)
    with TemporaryDirectory() as folder:
        copy = Path(folder, FILE)
        try:
            journal.copy_to(copy)
        except HistoryError as error:
            raise ExportError(str(error)) from None
        archive.write(copy, f"history/{FILE}", ZIP_DEFLATED)
