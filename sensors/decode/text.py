"""Numbers in text, as watches, sketches and scripts print them: rows, names with values, and one app's list.

A row has x, y, z, or those of the acceleration and then of the rotation, with or without a stamp, between commas,
semicolons, tabs or spaces; a message holds one or many. Its columns are named by ``fields``, by a first line of names,
or by their count: three or six are axes, four or seven have a stamp (see `_stamp_leads`). A watch that runs MindGame
writes x, y, z, nanoseconds since boot and its wall clock's time, under a topic that names the sensor. A comma may be
the decimal one, and also what parts the cells (the same app on a German watch): the count of cells tells, and where it
does not, that fractions are printed equally long.

Names with values are ``X=0.1 m/s^2, Y=..``; the units written there are believed. EmaroLab's imu_stream has
``N;a;x;y;z;x;..;t1;t2;..`` in epoch milliseconds, and says the last packet of a sensor again where only the other one
has news: the stream drops what comes twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import msgspec
import numpy as np

from sensors.decode import android_event, assemble, plain
from sensors.decode.assemble import Decoded
from sensors.decode.roles import ACCELERATION, AXES, BARE, CLOCKS, ROTATION, role_of, unit_of
from sensors.samples import Clock, Kind, Reading, Sensor, Unit

SHAPE: Final = "text"

_ODD_ROW: Final = "a line needs 3 or 6 numbers, or 4 or 7 with a time stamp; for others say what they are by fields"
_DAMAGED_ROW: Final = "a line with more or fewer cells than its columns"
_DAMAGED_LIST: Final = "a list shorter than it says"
_LARGEST_BYTES: Final = 1 << 16
"""A thousand lines: more would keep the others waiting."""
_LONGEST_COUNT: Final = 7
"""Digits of a list's count: no message holds more."""

_LIST: Final = re.compile(r"\s*\d+;[a-z];")
_LISTED: Final = {"a": Sensor.ACCELEROMETER, "g": Sensor.GYROSCOPE}
_WALL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_SPACED_DECIMALS: Final = re.compile(r"[-+]?\d+,\d+(?:\s+[-+]?\d+(?:,\d+)?)+")
_PAIR: Final = re.compile(
    r"(?<!\w)([a-z]\w*)\s*[=:]\s*([-+]?\d*[.,]?\d+(?:e[-+]?\d+)?|nan|null|n/a)"
    r"(?:\s*(c?m/s(?:\^?2|²)|rad/s|deg/s|°/s|dps|gal|mg|g)(?![\w/]))?",
    re.IGNORECASE,
)

_Row = list[str]


def decode(topic: str, payload: bytes, fields: Sequence[str] = ()) -> Decoded | None:
    """Read a message; None where it is no text, or has no numbers.

    Parameters
    ----------
    topic : str
        Its last part may name the sensor: ``<watch>/gyroscope``.
    payload : bytes
    fields : sequence of str, optional
        What each cell of a row is, as `Declared.fields` says.
    """
    try:
        text = _unquoted(payload.decode("utf-8-sig")).strip()
    except UnicodeDecodeError:
        return None
    if len(payload) > _LARGEST_BYTES:
        return Decoded((), SHAPE, {f"text larger than {_LARGEST_BYTES / 1e3:.0f} kB": 1})
    if not fields and _LIST.match(text):
        return _listed(topic.removesuffix("/imu") or topic, text)
    device, named = android_event.by_topic(topic)
    sensor = android_event.SENSORS[named] if named else Sensor.ACCELEROMETER
    if sensor is None:
        return Decoded((), SHAPE, {})
    decoded = None if fields else _named(device, text, sensor)
    decoded = decoded or _rows(device, text, fields, sensor, android=bool(named))
    if decoded is None:
        return None
    readings = decoded.readings
    if sensor is Sensor.LINEAR:
        readings = tuple(
            replace(each, sensor=sensor) if each.sensor is not Sensor.GYROSCOPE else each for each in readings
        )
    return Decoded(readings, SHAPE, decoded.rejects)


def _unquoted(text: str) -> str:
    try:
        return msgspec.json.decode(text.strip(), type=str)
    except msgspec.MsgspecError:
        return text.replace('"', "")


def _named(device: str, text: str, sensor: Sensor) -> Decoded | None:
    """Read names with values. A unit speaks for the axes before it too: ``X: 1, Y: 2, Z: 3 m/s^2`` (Adafruit)."""
    records: list[dict[str, str]] = [{}]
    bare = "g" if sensor is Sensor.GYROSCOPE else "a"
    for match in reversed(list(_PAIR.finditer(text))):
        name, value, unit = match.groups()
        units = {}
        if unit:
            bare = "g" if unit_of("gyro_unit", unit) is not Unit.AUTO else "a"
            units = {"gyro_unit" if bare == "g" else "unit": unit}
        role = role_of(name)
        if role in BARE:
            role = f"{bare}{role}"
        if role not in AXES and role not in CLOCKS:
            continue
        if role in records[-1]:
            records.append({})
        records[-1] |= {role: value.replace(",", "."), **units}
    return plain.read(device, records[::-1], Kind.BOARD) if any(map(AXES.intersection, records)) else None


def _rows(device: str, text: str, fields: Sequence[str], sensor: Sensor, *, android: bool) -> Decoded | None:
    rows = [_cells(line) for line in text.splitlines() if line.strip()]
    if not rows:
        return None
    names, tree = (tuple(fields), dict[str, Any]()) if fields else _header(rows[0], sensor)
    if names and not fields:
        del rows[0]
    if not any(assemble.number(cell) == assemble.number(cell) for row in rows for cell in row):  # NaN is none
        return None
    walled = False
    if not names:
        numbers = [[cell for cell in row if not _WALL_TIME.match(cell)] for row in rows]
        walled = numbers != rows
        rows = numbers
    if "," in text and "\t" not in text and ";" not in text:
        counts = (len(names),) if names else (3, 4) if walled else (3, 4, 6, 7)
        rows = [_joined(row, counts) for row in rows]
    if not names and walled and android:  # MindGame: nanoseconds since boot before the wall's time, Android's units
        names = (*_axes(3, sensor), "t_ns")
        tree = {"unit": "m/s2", "gyro_unit": "rad/s"}
    names = names or _by_count(rows, sensor)
    good = [row for row in rows if len(row) == len(names)]
    decoded = Decoded((), SHAPE, {})
    if good:
        tree |= {name: list(cells) for name, cells in zip(names, zip(*good, strict=True), strict=True) if name}
        decoded = plain.read(device, tree, Kind.WATCH if walled and android else Kind.BOARD)
    lost = {_DAMAGED_ROW if names else _ODD_ROW: len(rows) - len(good)} if len(good) < len(rows) else {}
    return replace(decoded, rejects={**decoded.rejects, **lost})


def _cells(line: str) -> _Row:
    for mark in "\t;":
        if mark in line:
            return [cell.strip().replace(",", ".") for cell in line.strip().removesuffix(mark).split(mark)]
    if _SPACED_DECIMALS.fullmatch(line.strip()):
        return line.replace(",", ".").split()
    if "," in line:
        return [cell.strip() for cell in line.strip().removesuffix(",").split(",")]
    return line.split()


def _header(cells: _Row, sensor: Sensor) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Read a line of names, units in brackets behind them; nothing where it is no such line."""
    names: list[str] = []
    units: dict[str, Any] = {}
    for cell in cells:
        name, _, unit = cell.replace("[", "(").rstrip(")] ").partition("(")
        role = role_of(name.strip()) or ""
        if role in BARE:
            role = _axes(3, sensor)[BARE.index(role)]
        elif role in CLOCKS and unit:
            role = role_of(f"t_{unit}") or role
        if role in AXES and unit:
            units.setdefault("unit" if role in ACCELERATION else "gyro_unit", unit)
        names.append(role)
    return (tuple(names), units) if AXES.intersection(names) else ((), {})


def _joined(row: _Row, counts: Collection[int]) -> _Row:
    """Put numbers together again that a decimal comma has cut in two.

    An odd cell is a whole stamp, behind them or before. Where the count fits uncut numbers too, their fractions must
    be as printf writes them, all of one length, and nothing as large as raw counts.
    """
    n = len(row)
    joined = n // 2 + n % 2
    if any("." in cell for cell in row) or joined not in counts or (n % 2 and joined in (3, 6)):
        return row
    for first in (0, n % 2):
        last = first + n - n % 2
        whole, fractions = row[first:last:2], row[first + 1 : last : 2]
        if not all(map(str.isdecimal, fractions)):
            continue
        alike = {len(fraction) for fraction in fractions}
        printed = len(alike) == 1 and min(alike) >= 2 and all(len(number.lstrip("+-")) <= 2 for number in whole)
        if n not in counts or printed:
            numbers = [f"{number}.{fraction}" for number, fraction in zip(whole, fractions, strict=True)]
            return [*row[:first], *numbers, *row[last:]]
    return row


def _by_count(rows: list[_Row], sensor: Sensor) -> tuple[str, ...]:
    """Name the columns of most rows by how many they are; nothing where that tells nothing."""
    [(n, _)] = Counter(map(len, rows)).most_common(1)
    if n in (3, 6):
        return _axes(n, sensor)
    if n in (4, 7):
        axes = _axes(n - 1, sensor)
        return ("t", *axes) if _stamp_leads([row for row in rows if len(row) == n]) else (*axes, "t")
    return ()


def _axes(n: int, sensor: Sensor) -> tuple[str, ...]:
    if n == 3:
        return ROTATION if sensor is Sensor.GYROSCOPE else ACCELERATION
    return ACCELERATION + ROTATION


def _stamp_leads(rows: list[_Row]) -> bool:
    """Tell whether the first cell or the last one is the time stamp.

    It is what no sensor reaches, else a whole number among decimals, else what rises all through the message; where
    that says nothing, the first, as is the custom. `Declared.fields` settles it.
    """
    columns = [[row[at] for row in rows] for at in (0, -1)]
    beyond = [bool((np.abs(assemble.column(cells)) > assemble.REACH).all()) for cells in columns]
    whole = [not any("." in cell for cell in cells) for cells in columns]
    rises = [len(cells) > 1 and bool((np.diff(assemble.column(cells)) > 0).all()) for cells in columns]
    return next((first for first, last in (beyond, whole, rises) if first != last), True)


def _listed(device: str, text: str) -> Decoded:
    """Read imu_stream's list: of each sensor a count, a letter, all values, and then all stamps."""
    cells = iter(text.replace(",", ".").rstrip("; \r\n").split(";"))
    readings: list[Reading | None] = []
    rejects: Counter[str] = Counter()
    for size in cells:
        letter = next(cells, "")
        n = int(size) if size.isdecimal() and len(size) < _LONGEST_COUNT else 0
        values, times = list(islice(cells, 3 * n)), list(islice(cells, n))
        if not n or len(times) < n:
            rejects[_DAMAGED_LIST] += 1
            break
        sensor = _LISTED.get(letter)
        if sensor is None:
            continue
        ticks, usable = assemble.stamps(times)
        xyz = assemble.column(values).reshape(-1, 3)
        faults = assemble.sift(usable, xyz)
        assemble.count(faults, rejects)
        unit = android_event.UNITS[sensor]
        readings.append(assemble.keep(device, sensor, ticks, Clock.MS, xyz, unit, faults, Kind.WATCH))
    return Decoded(tuple(reading for reading in readings if reading), SHAPE, dict(rejects))
