"""Tables for notebooks and spreadsheets: a session ten times a second, its cycles, as CSV and as Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tracker.events import CueEvent, Event, MarkEvent, MotionEvent, PainEvent, StepEvent

if TYPE_CHECKING:
    from journal.report.gather import Cycle

Type = Literal["number", "count", "text", "yes/no"]
Row = Sequence[Any]

SESSION_COLUMNS: Final[Mapping[str, Type]] = {
    "t_s": "number",
    "device": "text",
    "motion": "text",
    "rate_cpm": "number",
    "rate_sd_cpm": "number",
    "cycles": "number",
    "direction": "text",
    "circularity": "number",
    "step": "count",
    "band_low_cpm": "number",
    "band_high_cpm": "number",
    "in_band": "yes/no",
    "cue": "text",
    "mark": "text",
    "pain": "count",
}
CYCLE_COLUMNS: Final[Mapping[str, Type]] = {
    "device": "text",
    "cycle": "count",
    "start_s": "number",
    "end_s": "number",
    "period_s": "number",
    "rate_cpm": "number",
    "motion": "text",
    "direction": "text",
    "extent_cm": "number",
    "angle_deg": "number",
    "circularity": "number",
    "period_cv": "number",
    "step": "count",
    "band_low_cpm": "number",
    "band_high_cpm": "number",
    "in_band": "yes/no",
    "reckoned": "yes/no",
}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def session_rows(events: Iterable[Event]) -> Iterator[tuple[float, list[Any] | None]]:
    """Give each event's time and its row; None for one that has none.

    A row is a look at one device's hand, or with ``cue``, ``mark`` or ``pain`` in it a moment at which the coach or the
    person said that.
    """
    step: int | None = None
    for event in events:
        row: list[Any] | None = None
        match event:
            case StepEvent():
                step = event.step
            case MotionEvent():
                row = [event.t_s, event.device, event.motion.value, event.rate_cpm, event.rate_sd_cpm, event.cycles]
                row += [event.direction, event.circularity, step, *(event.band or (None, None)), event.in_band]
                row += [None] * 3
            case CueEvent():
                row = [event.t_s, *[None] * 7, step, *(event.band or (None, None)), None, event.text, None, None]
            case MarkEvent():
                row = [event.t_s, *[None] * 7, step, *[None] * 4, event.text or "mark", None]
            case PainEvent():
                row = [event.t_s, *[None] * 7, step, *[None] * 5, event.value]
        yield event.t_s, row


def cycle_rows(cycles: Iterable[Cycle]) -> Iterator[list[Any]]:
    """Give a row for each cycle."""
    for each in cycles:
        look = each.look
        row = [look.device, each.number, each.start_s, each.end_s, each.period_s, each.rate_cpm, look.motion.value]
        row += [look.direction, look.extent_cm, look.angle_deg, look.circularity, look.period_cv]
        row += [each.step, *(look.band or (None, None)), look.in_band, each.reckoned]
        yield [round(value, 3) if isinstance(value, float) else value for value in row]


def csv_row(row: Row) -> list[Any]:
    """Write a row as CSV has it: what is unknown empty, and no text that a spreadsheet would take for a formula."""
    return [_cell(value) for value in row]


def write_csv(path: Path, columns: Mapping[str, Type], rows: Iterable[Row]) -> None:
    """Write a table as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(csv_row(row) for row in rows)


def write_parquet(path: Path, columns: Mapping[str, Type], rows: Iterable[Row], about: Mapping[str, str]) -> None:
    """Write a table as Parquet, what it is about in its metadata; texts stand in it as they were said.

    Raises
    ------
    ImportError
        pyarrow is not installed.
    """
    import pyarrow as pa
    from pyarrow import parquet

    types = {"number": pa.float64(), "count": pa.int64(), "text": pa.string(), "yes/no": pa.bool_()}
    schema = pa.schema([(name, types[of]) for name, of in columns.items()], metadata=dict(about))
    values: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    arrays = [pa.array(column, of) for column, of in zip(values, schema.types, strict=True)]
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
