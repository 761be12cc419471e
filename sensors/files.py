"""Motion kept in files, CSV and NPZ, as the messages a device would have sent live."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise
from math import isnan
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import msgspec
import numpy as np

from sensors.decode import assemble, plain
from sensors.message import NS_PER_S, Message
from sensors.samples import Array, Clock, Unit

BATCH_S: Final = 0.25
"""Span of a message: what phyphox sends, and short enough to coach a replay by."""

_MOST_ROWS: Final = 1000  # in a message, where time stands still; and at once in memory
_NEW_TAKE_S: Final = 0.25
"""A step back by more than this is a new take, appended to the one before; by less, rows in disorder."""
_LAST_S: Final = 2**62 / NS_PER_S
_LAST_NS: Final = 2**63 - 1
_HEAD_CHARACTERS: Final = 1 << 16
_NAME_AND_UNIT: Final = re.compile(r"(.*?)\s*[(\[](.*)[)\]]")  # Acceleration x (m/s^2)
_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_SECONDS_OF_CLOCK: Final = {Clock.S: 1.0, Clock.MS: 1e-3, Clock.US: 1e-6}
_SI: Final = {"unit": Unit.MPS2.value, "gyro_unit": Unit.RADPS.value}
_BROKEN_NPZ: Final = (  # what numpy and zipfile raise; a TypeError means a single array, saved by numpy.save
    *(EOFError, MemoryError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)
_NAN: Final = float("nan")

_Row = list[float]
_Table = Array  # rows, each t in seconds and then the axes; NaN where damaged


class FileError(Exception):
    """A file that cannot be used: one line that names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, looked into.

    Attributes
    ----------
    format : str
        ``csv`` or ``npz``.
    device : str
        The file's stem, as its readings name it.
    messages : iterator of Message
        Read as they are asked for; raises `FileError` where the disk fails midway.
    """

    format: str
    device: str
    messages: Iterator[Message]


class _Layout(NamedTuple):
    """How a CSV is laid out."""

    delimiter: str
    width: int  # cells in a row
    picks: list[int]  # the cell of the time, then of each axis
    axes: list[str]
    units: dict[str, str]
    second_per_tick: float


def open_file(path: Path, batch_s: float = BATCH_S) -> Opened:
    """Look into a file, and make ready to read it.

    A CSV has a header, ``t,ax,ay,az[,gx,gy,gz]`` in s, m/s² and rad/s. Other names are taken as in plain JSON, their
    units told from the data unless in brackets, ``ax (g)``. An NPZ has ``t`` of shape (n,) and ``acc``, perhaps
    ``gyro``, of shape (n, 3), in the same units. Where t steps back a new take begins: its time goes on from the one
    before.

    Parameters
    ----------
    path : Path
    batch_s : float
        Span of a message.

    Raises
    ------
    FileError
        It is missing, unreadable, empty, or holds no acceleration.
    """
    device = assemble.device_name(path.stem) or "file"
    try:
        if path.suffix.lower() == ".npz":
            return Opened("npz", device, _npz_messages(path, device, batch_s))
        layout = _look(path)
        tables = _csv_tables(path, layout)
        return Opened("csv", device, _messages(device, layout.units, layout.axes, tables, batch_s))
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path}: {(error.strerror or 'cannot be read').lower()}; check its name and permissions")


# Rows to messages


def _messages(
    device: str, units: dict[str, str], axes: Iterable[str], tables: Iterable[_Table], batch_s: float
) -> Iterator[Message]:
    columns = ("t_s", *axes)
    arrival_ns = previous_ns = 0
    for batch in _batches(_going_on(tables), batch_s):
        stamps_s = batch[:, 0][~np.isnan(batch[:, 0])]
        if len(stamps_s):
            first_ns, last_ns = (round(stamp_s * NS_PER_S) for stamp_s in (stamps_s[0].item(), stamps_s[-1].item()))
            # In a disordered file the arrival goes on by the batch's own span: it never runs back.
            arrival_ns += last_ns - previous_ns if last_ns > previous_ns else last_ns - first_ns
            arrival_ns, previous_ns = min(arrival_ns, _LAST_NS), last_ns
        table = dict(zip(columns, batch.T.tolist(), strict=True))
        payload = msgspec.json.encode({"device": device, **units, **table})  # NaN is written as null
        yield Message(f"file/{device}", payload, arrival_ns)


def _going_on(tables: Iterable[_Table]) -> Iterator[_Table]:
    """Let time go on where a new take begins, one sample after the one before: the stream would take it for late."""
    last_s, period_s, shift_s = _NAN, 0.0, 0.0
    for table in tables:
        table[~(np.abs(table[:, 0]) < _LAST_S), 0] = _NAN
        stamped = ~np.isnan(table[:, 0])
        t_s = table[stamped, 0]
        if len(t_s):
            steps_s = np.diff(t_s, prepend=t_s[0] if isnan(last_s) else last_s)
            last_s = t_s[-1].item()
            forward_s = steps_s[steps_s > 0]
            period_s = float(np.median(forward_s)) if len(forward_s) else period_s
            shifts_s = shift_s + np.cumsum(np.where(steps_s < -_NEW_TAKE_S, period_s - steps_s, 0.0))
            shift_s = shifts_s[-1].item()
            table[stamped, 0] = t_s + shifts_s
        yield table


def _batches(tables: Iterable[_Table], batch_s: float) -> Iterator[_Table]:
    """Cut where a batch spans its time, and wherever t jumps, so that a jump is never inside a message."""
    held: list[_Table] = []  # the batch's rows of tables before this one
    n_held = 0
    first_s = last_s = _NAN  # a comparison with NaN is false: a batch without a stamp is not cut by time
    for table in tables:
        begin = 0
        for at, t_s in enumerate(table[:, 0].tolist()):
            full = n_held + at - begin >= _MOST_ROWS
            if t_s < last_s or t_s - last_s > BATCH_S or t_s - first_s >= batch_s or full:
                yield np.concatenate([*held, table[begin:at]])
                held, n_held, begin, first_s = [], 0, at, _NAN
            if not isnan(t_s):
                last_s = t_s
                if isnan(first_s):
                    first_s = t_s
        held.append(table[begin:])
        n_held += len(table) - begin
    if n_held:
        yield np.concatenate(held)


# CSV


def _look(path: Path) -> _Layout:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(_HEAD_CHARACTERS)
    if not head.strip():
        raise FileError(f"{path}: is empty")
    if "\0" in head:
        raise FileError(f"{path}: is not a text file; give a CSV in UTF-8, an .npz or an .mcap")
    lines = [line for line in head.split("\n") if line.strip()]
    if len(head) == _HEAD_CHARACTERS:
        lines.pop()  # cut off in the middle
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    names = [name.strip() for name in _cells(lines[0], delimiter)] if lines else []
    columns, units = _named(names)
    clock = next((role for role, clock in plain.CLOCKS.items() if role in columns and clock != Clock.COUNT), "")
    if not clock or not columns.keys() >= {*plain.ACCELERATION}:
        raise FileError(f"{path}: its first line does not name t, ax, ay and az; put that header first")
    axes = [*plain.ACCELERATION, *(plain.ROTATION if columns.keys() >= {*plain.ROTATION} else ())]
    picks = [columns[role] for role in (clock, *axes)]
    layout = _Layout(delimiter, len(names), picks, axes, _declared(names, units), 1.0)
    rows = list(_rows(lines[1:], layout))
    if all(any(map(isnan, row[: 1 + len(plain.ACCELERATION)])) for row in rows):
        raise FileError(f"{path}: no row under its header is whole; export it again")
    second_per_tick = _SECONDS.get(units.get(clock, "")) or _SECONDS_OF_CLOCK.get(plain.CLOCKS[clock])
    if not second_per_tick:  # t is in seconds by contract, other names by what fits a sensor's rate
        second_per_tick = 1.0 if clock == "t" else _guess([t for t, *_ in rows])
    return layout._replace(second_per_tick=second_per_tick)


def _named(names: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """Tell what the header's names stand for: role to cell, and role to the unit in brackets."""
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for cell, text in enumerate(names):
        parts = _NAME_AND_UNIT.fullmatch(text)
        role = plain.role_of(parts[1] if parts else text)
        unit = parts[2].strip().lower() if parts else ""
        if role in plain.BARE and plain.unit_of("gyro_unit", unit) in (Unit.RADPS, Unit.DEGPS):
            role = f"g{role}"
        if role and role not in columns:
            columns[role], units[role] = cell, unit
    if columns.keys().isdisjoint(plain.ACCELERATION):
        for axis, bare in zip(plain.ACCELERATION, plain.BARE, strict=True):
            if bare in columns:
                columns[axis], units[axis] = columns[bare], units[bare]
    return columns, units


def _declared(names: list[str], units: dict[str, str]) -> dict[str, str]:
    """Say the units where they are known: as the header has them, or SI, which plain ax and gx stand for."""
    told: dict[str, str] = {}
    for key, axis in (("unit", "ax"), ("gyro_unit", "gx")):
        unit = plain.unit_of(key, units.get(axis))
        if unit is not Unit.AUTO:
            told[key] = unit.value
        elif axis in names:
            told[key] = _SI[key]
    return told


def _guess(ticks: list[float]) -> float:
    """Tell seconds, ms, µs or ns from the step between rows, for a sensor of 1.4 to 1400 samples a second."""
    steps = [after - before for before, after in pairwise(ticks) if after > before]
    step = median(steps) if steps else 0.0
    return next((scale for scale in (1.0, 1e-3, 1e-6) if step * scale < 0.7), 1e-9)


def _csv_tables(path: Path, layout: _Layout) -> Iterator[_Table]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            next((line for line in file if line.strip()), None)  # the header
            while lines := list(islice(file, _MOST_ROWS)):
                yield _table(lines, layout)
    except OSError as error:
        raise _unreadable(path, error) from error


def _table(lines: list[str], layout: _Layout) -> _Table:
    """Read lines at once, at a fifth of the price, or row by row where one of them is damaged."""
    delimiter, width, picks, _, _, second_per_tick = layout
    if delimiter == "," and {line.count(",") for line in lines} == {width - 1}:
        with suppress(ValueError):
            table: _Table = np.loadtxt(lines, delimiter=",", usecols=picks, comments=None, ndmin=2)
            table[:, 0] *= second_per_tick
            return table
    return np.array(list(_rows(lines, layout)), dtype=np.float64).reshape(-1, len(picks))


def _rows(lines: Iterable[str], layout: _Layout) -> Iterator[_Row]:
    delimiter, width, picks, _, _, second_per_tick = layout
    damaged = [_NAN] * len(picks)
    for line in lines:
        # Where a comma is not between cells it is in the numbers, and a point to us.
        cells = _cells(line if delimiter == "," else line.replace(",", "."), delimiter)
        if len(cells) < width or any(cells[width:]):
            if cells:
                yield damaged.copy()
            continue
        try:
            row = [float(cells[pick]) for pick in picks]
        except ValueError:
            row = assemble.column([cells[pick] for pick in picks]).tolist()
        row[0] *= second_per_tick
        yield row


def _cells(line: str, delimiter: str) -> list[str]:
    """Split a line by itself: a stray quotation mark damages its own row, not the rest of the file."""
    if '"' in line:
        try:
            return next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return ['"']
    return line.rstrip("\n").split(delimiter) if line.strip() else []


# NPZ


def _npz_messages(path: Path, device: str, batch_s: float) -> Iterator[Message]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: np.asarray(arrays[name]) for name in ("t", "acc", "gyro") if name in arrays}
    except _BROKEN_NPZ as error:
        raise FileError(f"{path}: is no whole .npz; save t and acc again with numpy.savez") from error
    if not found.keys() >= {"t", "acc"}:
        raise FileError(f"{path}: lacks t or acc; save both with numpy.savez")
    n = found["t"].size
    if not n:
        raise FileError(f"{path}: is empty")
    for name, array in found.items():
        shape = (n,) if name == "t" else (n, 3)
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise FileError(f"{path}: {name} is {array.dtype} {array.shape}; it takes numbers, {shape}")
    table = np.column_stack(list(found.values())).astype(np.float64)
    axes = [*plain.ACCELERATION, *(plain.ROTATION if "gyro" in found else ())]
    return _messages(device, _SI, axes, np.split(table, range(_MOST_ROWS, n, _MOST_ROWS)), batch_s)
