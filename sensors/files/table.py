"""A table's lines as numbers: delimiters, decimal commas, quotes, and rows that are damaged."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice, pairwise
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from sensors.decode import assemble
from sensors.files.fault import FileError
from sensors.files.header import Header, Stamps, bare, read_header
from sensors.files.sheets import Sheet
from sensors.samples import Array

ROWS_AT_ONCE: Final = 2000
HEAD_CHARACTERS: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 12
_LINES_ABOVE_HEADER: Final = 10
_NAMED_ROWS: Final = 3
_NAN: Final = float("nan")
_NOTHING: Final = frozenset({"", "nan"})

Table = Array
"""Rows, each t in seconds, then the axes, then the number of its line; NaN where damaged."""


class Look(NamedTuple):
    """The beginning of a table.

    Attributes
    ----------
    header : Header
    names : list of str
        The header's cells.
    first : int
        The line after the header, counted from 1.
    delimiter : str
    width : int
        Cells in a row.
    lines : list of str
        From ``first`` on.
    """

    header: Header
    names: list[str]
    first: int
    delimiter: str
    width: int
    lines: list[str]


class Layout(NamedTuple):
    """Which cells of a row are wanted: the time's, then the axes'."""

    delimiter: str
    width: int
    picks: list[int]
    second_per_tick: float
    text_time: bool = False


@dataclass(slots=True)
class Damage:
    """Rows that are not used, as far as a table has been read."""

    where: str
    numbered: str = "line"
    rows: int = 0
    skipped: int = 0
    first: list[str] = field(default_factory=list)

    def noted(self, tables: Iterable[Table]) -> Iterator[Table]:
        """Look, in passing, for rows that a decoder will drop: without a time or an axis, or out of all reach."""
        for table in tables:
            self.rows += len(table)
            usable = ~np.isnan(table[:, 0])
            faults = np.zeros(len(table), dtype=np.intp)
            for begin in range(1, table.shape[1] - 1, 3):
                xyz = table[:, begin : begin + 3]
                if begin == 1 or not np.isnan(xyz).all():  # a phone without a gyroscope says nothing for ever
                    faults = np.maximum(faults, assemble.sift(usable, xyz))
            if faults.any():
                self._note(table, faults)
            yield table

    def _note(self, table: Table, faults: assemble.Faults) -> None:
        bad = np.flatnonzero(faults)
        self.skipped += len(bad)
        for at in bad[: _NAMED_ROWS - len(self.first)]:
            reason: Counter[str] = Counter()
            assemble.count(faults[at : at + 1], reason)
            self.first.append(f"{self.numbered} {table[at, -1]:.0f}: {next(iter(reason))}")

    def __str__(self) -> str:
        more = "; ..." if self.skipped > len(self.first) else ""
        return f"{self.where}: {self.skipped} of {self.rows} rows skipped: {'; '.join(self.first)}{more}"


# The beginning


def look(sheet: Sheet) -> Look:
    """Read a table's beginning; without vectors in its header where it holds no motion.

    Raises
    ------
    FileError
        It is empty, or no text.
    """
    with sheet.open() as file:
        head = file.read(HEAD_CHARACTERS)
    if not head.strip():
        raise FileError(f"{sheet.where}: is empty")
    if "\0" in head:
        raise FileError(f"{sheet.where}: is not a text file; give a CSV in UTF-8, an .npz or an .mcap")
    lines = head.split("\n")
    if len(head) == HEAD_CHARACTERS:
        lines.pop()  # cut off in the middle
    filled = [(number, line) for number, line in enumerate(lines) if line.strip()][:_LINES_ABOVE_HEADER]
    tried = [_look_from(sheet, lines, number) for number, _ in filled]
    found = next((each for each in tried if each.header.vectors), None)
    if found is None and tried:
        found = _without_header(tried[0], lines, filled[0][0])
    return found or Look(Header([], []), [], 1, ",", 0, [])


def _look_from(sheet: Sheet, lines: list[str], number: int) -> Look:
    line = lines[number]
    delimiter = max(",;\t", key=line.count)
    names = [name.strip() for name in cells(line, delimiter)]
    return Look(read_header(names, sheet.name), names, number + 2, delimiter, len(names), lines[number + 1 :])


def _without_header(one: Look, lines: list[str], number: int) -> Look:
    """Take rows of numbers as t, acceleration and angular rate, if their first column can be nothing but a time."""
    delimiter = next((each for each in ";\t" if each in lines[number]), ",")  # commas may be in the numbers
    width = len(cells(lines[number], delimiter))
    header = bare(width)
    if header is None:
        return one
    rows = read_rows(lines[number:], 1, Layout(delimiter, width, [*range(width)], 1.0))[:, :-1]
    rising = len(rows) > 2 and bool(np.isfinite(rows).all() and (np.diff(rows[:, 0]) > 0).all())
    return Look(header, [], number + 1, delimiter, width, lines[number:]) if rising else one


def layout_of(one: Look, stamps: Stamps, picks: list[int]) -> Layout:
    """Settle how the rows are read; what the stamps count is told from the beginning where the header does not say."""
    layout = Layout(one.delimiter, one.width, [stamps.cell, *picks], stamps.second_per_tick or 1.0, stamps.text)
    if stamps.second_per_tick:
        return layout
    return layout._replace(second_per_tick=_guess(read_rows(one.lines, one.first, layout)[:, 0].tolist()))


def _guess(ticks: list[float]) -> float:
    """Tell seconds, ms, µs or ns from the step between rows, for a sensor of 1.4 to 1400 samples a second."""
    steps = [after - before for before, after in pairwise(ticks) if after > before]
    step = median(steps) if steps else 0.0
    return next((scale for scale in (1.0, 1e-3, 1e-6) if step * scale < 0.7), 1e-9)


# Rows


def read_tables(sheet: Sheet, first: int, layout: Layout) -> Iterator[Table]:
    """Read a table's rows from a line on, some at a time; `FileError` where the disk fails midway."""
    with sheet.open() as file:
        lines = iter(partial(file.readline, _LONGEST_LINE), "")
        number = first
        for _ in islice(lines, first - 1):
            pass
        while some := list(islice(lines, ROWS_AT_ONCE)):
            yield read_rows(some, number, layout)
            number += len(some)


def read_rows(lines: list[str], first: int, layout: Layout) -> Table:
    """Read lines at once, at a fifth of the price, or row by row where one of them is damaged.

    A row that says nothing at all is left out: phyphox fills up short columns with NaN.
    """
    delimiter, width, picks, second_per_tick, text_time = layout
    table: Table | None = None
    if not text_time and {line.count(delimiter) for line in lines} == {width - 1}:
        # Where a comma is not between cells it is in the numbers, and a point to us.
        numbers = lines if delimiter == "," else [line.replace(",", ".") for line in lines]
        with suppress(ValueError):
            read = np.loadtxt(numbers, delimiter=delimiter, usecols=picks, comments=None, ndmin=2)
            table = np.column_stack((read, np.arange(first, first + len(read), dtype=np.float64)))
            if np.isnan(table[:, 0]).any():
                table = table[~np.isnan(read).all(axis=1)]
    if table is None:
        rows = list(_rows(lines, first, layout))
        table = np.array(rows, dtype=np.float64).reshape(-1, len(picks) + 1)
    table[:, 0] *= second_per_tick
    return table


def _rows(lines: Iterable[str], first: int, layout: Layout) -> Iterator[list[float]]:
    delimiter, width, picks, _, text_time = layout
    for number, line in enumerate(lines, first):
        row = cells(line if delimiter == "," else line.replace(",", "."), delimiter)
        if not row:
            continue
        if len(row) < width or any(row[width:]):
            yield [*[_NAN] * len(picks), number]
            continue
        picked: list[object] = [row[pick] for pick in picks]
        if _NOTHING.issuperset(row[pick].strip().lower() for pick in picks):
            continue
        if text_time:
            picked[0] = _seconds_of(row[picks[0]])
        yield [*assemble.column(picked).tolist(), number]


def cells(line: str, delimiter: str) -> list[str]:
    """Split a line by itself: a stray quotation mark damages its own row, not the rest of the file."""
    if '"' in line:
        try:
            return next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return ['"']
    return line.rstrip("\n").split(delimiter) if line.strip() else []


def _seconds_of(text: str) -> float:
    """Read a date and time, or plain seconds, as seconds since the epoch."""
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text.strip()).timestamp()
    with suppress(ValueError):
        return float(text)
    return _NAN
