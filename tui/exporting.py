"""What the hand did in a recording as a table (CSV), ten rows a second."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from journal.report.tables import SESSION_COLUMNS, csv_row, session_rows
from sensors.message import Message
from sensors.recording import RecordingError, open_recording, recordings_folder
from tracker.pipeline import Pipeline, run

EVENTS_PER_LOOK = 200
"""Between two looks whether to stop: some ten seconds of a wrist."""


class ExportError(Exception):
    """A table that cannot be written; one line for a person."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that was written.

    Attributes
    ----------
    path : Path
    rows : int
        Below the head.
    trouble : str or None
        Why it does not hold all of the session.
    """

    path: Path
    rows: int
    trouble: str | None


def exports_folder() -> Path:
    """Give where tables are kept: beside the recordings."""
    return recordings_folder().parent / "exports"


def export_csv(
    recording: Path,
    folder: Path,
    progress: Callable[[float], None] = lambda _part: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Exported | None:
    """Write what the hand did to ``NAME.csv``: all or nothing, over an earlier table of the same recording.

    Its rows are those of `journal.report.tables.session_rows`. What is unknown is left empty. A damaged recording is
    written as far as it is read.

    Parameters
    ----------
    recording : Path
    folder : Path
        Made if need be.
    progress : callable
        Told how far it has come, 0 to 1.
    stopped : callable
        Whether nobody wants it any more.

    Returns
    -------
    Exported or None
        None where it was stopped.

    Raises
    ------
    ExportError
        The recording cannot be read, or the table not be written.
    """
    try:
        opened = open_recording(recording)
    except RecordingError as error:
        raise ExportError(str(error)) from None
    trouble: list[str] = [opened.notice] if opened.notice and not opened.whole else []
    path = folder / f"{recording.name.removesuffix('.mcap')}.csv"
    part = path.with_name(f"{path.name}.part")
    rows = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(SESSION_COLUMNS)
            readable = _as_far_as_it_reads(opened.messages(), trouble)
            for number, (t_s, row) in enumerate(session_rows(run(readable, Pipeline()))):
                if number % EVENTS_PER_LOOK == 0:
                    if stopped():
                        return None
                    progress(min(1.0, t_s / opened.duration_s) if opened.duration_s else 0.0)
                if row is not None:
                    table.writerow(csv_row(row))
                    rows += 1
        part.replace(path)
    except OSError as error:
        raise ExportError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Exported(path, rows, "; ".join(trouble) or None)


def _as_far_as_it_reads(messages: Iterator[Message], trouble: list[str]) -> Iterator[Message]:
    try:
        yield from messages
    except RecordingError as error:
        trouble.append(str(error))
