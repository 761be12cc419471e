"""What the hand did in a recording as a table (CSV), ten rows a second."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensors.message import Message
from sensors.recording import RecordingError, open_recording, recordings_folder
from tracker.events import CueEvent, Event, MarkEvent, MotionEvent, StepEvent
from tracker.pipeline import Pipeline, run

COLUMNS = (
    "t_s",
    "device",
    "motion",
    "rate_cpm",
    "rate_sd_cpm",
    "cycles",
    "direction",
    "circularity",
    "step",
    "band_low_cpm",
    "band_high_cpm",
    "in_band",
    "cue",
    "mark",
)
EVENTS_PER_LOOK = 200
"""Between two looks whether to stop: some ten seconds of a wrist."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t")


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

    A row is a look at one device's hand, or with ``cue`` or ``mark`` in it a moment at which the coach or the person
    said that. What is unknown is left empty. A damaged recording is written as far as it is read.

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
            table.writerow(COLUMNS)
            readable = _as_far_as_it_reads(opened.messages(), trouble)
            for number, (t_s, row) in enumerate(_rows(run(readable, Pipeline()))):
                if number % EVENTS_PER_LOOK == 0:
                    if stopped():
                        return None
                    progress(min(1.0, t_s / opened.duration_s) if opened.duration_s else 0.0)
                if row is not None:
                    table.writerow(row)
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


def _rows(events: Iterator[Event]) -> Iterator[tuple[float, list[Any] | None]]:
    """Give each event's time and its row; None for one that has none."""
    step: int | None = None
    for event in events:
        row: list[Any] | None = None
        match event:
            case StepEvent():
                step = event.step
            case MotionEvent():
                low_cpm, high_cpm = event.band or (None, None)
                in_band = None if event.in_band is None else str(event.in_band).lower()
                row = [event.t_s, _text(event.device), event.motion.value, event.rate_cpm, event.rate_sd_cpm]
                row += [event.cycles, event.direction, event.circularity, step, low_cpm, high_cpm, in_band, None, None]
            case CueEvent():
                row = [event.t_s, *[None] * 7, step, *(event.band or (None, None)), None, _text(event.text), None]
            case MarkEvent():
                row = [event.t_s, *[None] * 7, step, *[None] * 4, _text(event.text or "mark")]
        yield event.t_s, row


def _text(said: str) -> str:
    """Keep a spreadsheet from taking what a device or a person said for a formula."""
    return f"'{said}" if said.startswith(_FORMULA_SIGNS) else said
