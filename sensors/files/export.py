"""Which tables of an export are a device's motion, when it was measured, and in whose signs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from sensors.decode import assemble
from sensors.files.fault import FileError
from sensors.files.header import Vector, What
from sensors.files.messages import MPS2_PER, Sensors, Worn
from sensors.files.sheets import Sheet
from sensors.files.stamps import Started, going_on, mended, with_pauses
from sensors.files.table import Damage, Look, Table, cells, layout_of, look, read_rows, read_tables
from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, WATCH, Unit

_EPOCH_S: Final = (1e9, 4e9)
"""No device has been up for 30 years: such seconds count from 1970, to the end of this century."""


class _Part(NamedTuple):
    """One sensor in one table, and how it begins."""

    sheet: Sheet
    look: Look
    vector: Vector
    head: Table


class Export(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    worn : list of Worn
        One per device, the phone before the watch; none where it tells of a measurement but holds no motion.
    damage : list of Damage
        One per table, as far as it has been read.
    app : str
        Who wrote it; empty where nothing tells.
    notices : list of str
        What a person should know at once.
    """

    worn: list[Worn]
    damage: list[Damage]
    app: str
    notices: list[str]


def read_export(where: str, device: str, sheets: list[Sheet]) -> Export:
    """Find the motion in an export's tables.

    Raises
    ------
    FileError
        There is none, or there are several recordings.
    """
    looks = _looks(where, sheets)
    told = _told(looks)
    parts = [part for sheet, one in looks for part in _parts(sheet, one)]
    worn_apart = {watch: [part for part in parts if part.look.header.watch is watch] for watch in (False, True)}
    chosen = {watch: _chosen(where, of_device) for watch, of_device in worn_apart.items()}
    moving = {watch: sensors for watch, sensors in chosen.items() if sensors.keys() - {What.ROTATION}}
    moving = moving or {watch: sensors for watch, sensors in chosen.items() if sensors}
    app = "phyphox" if told.starts else next((one.header.app for _, one in looks if one.header.app), "")
    if not moving and told.starts:
        return Export([], [], app, [f"{where}: only says when a measurement ran; give its zip or folder"])
    if not moving:
        raise FileError(f"{where}: {_lacking(where, looks)}")
    damage: list[Damage] = []
    worn = [_worn(device, watch, sensors, told, damage) for watch, sensors in moving.items()]
    return Export(worn, damage, app, [f"{where}: {text}" for text in _notices(looks, moving)])


def _looks(where: str, sheets: list[Sheet]) -> list[tuple[Sheet, Look]]:
    looks: list[tuple[Sheet, Look]] = []
    errors: list[FileError] = []
    for sheet in sheets:
        try:
            looks.append((sheet, look(sheet)))
        except FileError as error:  # an empty table among others costs nothing
            errors.append(error)
    if not looks:
        raise errors[0] if errors else FileError(f"{where}: is empty")
    return looks


def _lacking(where: str, looks: list[tuple[Sheet, Look]]) -> str:
    if any(one.header.vectors for _, one in looks):
        return "no row under its header is whole; export it again"
    if where == looks[0][0].where:
        return "its first line does not name t, ax, ay and az; put that header first"
    return "none of its tables holds acceleration; export the accelerometer"


# Sensors


def _parts(sheet: Sheet, one: Look) -> Iterator[_Part]:
    """Give the sensors of a table that say anything, told apart by their values where names do not."""
    for named in one.header.vectors:
        vector = named
        rows = read_rows(one.lines, one.first, layout_of(one, vector.stamps, [*vector.cells]))
        head = rows[assemble.sift(np.isfinite(rows[:, 0]), rows[:, 1:-1]) == 0]
        if not len(head):
            continue
        if vector.unsure and _floats(head, vector.unit):
            vector = vector._replace(what=What.LINEAR)
        yield _Part(sheet, one, vector, head)


def _floats(head: Table, unit: Unit) -> bool:
    """Whether gravity was taken out: over seconds a hand's own acceleration averages out, gravity does not."""
    mean_mps2 = np.linalg.norm(head[:, 1:4].mean(axis=0)) * MPS2_PER.get(unit, 1.0)
    return bool(mean_mps2 < 0.5 * G0_MPS2)


def _chosen(where: str, parts: list[_Part]) -> dict[What, _Part]:
    """Choose the acceleration that still has gravity in it, the first of the four; and the angular rate."""
    best: dict[What, _Part] = {}
    for part in sorted(parts, key=lambda part: part.vector.spare):
        what = part.vector.what
        if (same := best.get(what)) and same.vector.spare == part.vector.spare:
            names = f"{same.sheet.name} and {part.sheet.name}"
            raise FileError(f"{where}: holds {what.value} twice, {names}; give one recording at a time")
        best.setdefault(what, part)
    acceleration = best.get(What.ACCELERATION)
    whole = best.keys() >= {What.LINEAR, What.GRAVITY}
    if acceleration and not (whole and acceleration.vector.spare):
        wanted = {What.ACCELERATION, What.ROTATION}
    else:
        wanted = {What.LINEAR, What.ROTATION} | ({What.GRAVITY} if whole else set())
    return {what: part for what, part in best.items() if what in wanted}


def _worn(device: str, watch: bool, sensors: dict[What, _Part], told: _Told, damage: list[Damage]) -> Worn:
    leading = next(what for what in (What.ACCELERATION, What.LINEAR, What.ROTATION) if what in sensors)
    leader = sensors[leading]
    beside = {what: part for what, part in sensors.items() if _stamped_alike(part, leader)}
    apart = {what: _read([part], told, damage) for what, part in sensors.items() if what not in beside}
    pushed = watch and beside.keys() >= {What.LINEAR, What.GRAVITY, What.ROTATION}  # then its decoder says so itself
    return Worn(
        device=f"{device}{WATCH}" if watch and not pushed else device,
        units={what: part.vector.unit for what, part in sensors.items()},
        leader=_read([leader, *(part for part in beside.values() if part is not leader)], told, damage),
        gravity=apart.get(What.GRAVITY),
        rotation=apart.get(What.ROTATION),
        watch=watch,
        sign=_sign(sensors, told),
        starts_ns=_starts_ns(leader, told),
    )


def _stamped_alike(part: _Part, other: _Part) -> bool:
    return part.sheet is other.sheet and part.vector.stamps == other.vector.stamps


def _read(parts: list[_Part], told: _Told, damage: list[Damage]) -> Sensors:
    sheet, one = parts[0].sheet, parts[0].look
    layout = layout_of(one, parts[0].vector.stamps, [cell for part in parts for cell in part.vector.cells])
    tables = mended(read_tables(sheet, one.first, layout))
    tables = with_pauses(tables, told.starts) if told.starts else going_on(tables)
    damage.append(Damage(sheet.where))
    columns = {part.vector.what: slice(1 + 3 * at, 4 + 3 * at) for at, part in enumerate(parts)}
    return Sensors(damage[-1].noted(tables), columns)


def _sign(sensors: dict[What, _Part], told: _Told) -> float:
    """Give -1 for iOS's signs: at rest its axis that points up reads -1 g, while it turns by the right hand as all do.

    Sensor Logger's Metadata says so; a watch that gives g was not standardised either (the app's UNITS.md and
    CROSSPLATFORM.md). SensorLog runs on iOS alone, and gives CoreMotion's numbers as they are.
    """
    gravity = sensors.get(What.GRAVITY)
    in_g = False
    if gravity is not None and gravity.look.header.watch:
        in_g = bool(np.median(np.linalg.norm(gravity.head[:, 1:4], axis=1)) < 2)
    by_ios = any(part.look.header.app == "SensorLog" for part in sensors.values())
    return -1.0 if by_ios or in_g or told.ios_signs else 1.0


def _notices(looks: list[tuple[Sheet, Look]], moving: dict[bool, dict[What, _Part]]) -> Iterator[str]:
    if any(one.header.vectors and not one.names for _, one in looks):
        yield "has no header; its columns are taken as t, ax, ay, az, gx, gy, gz"
    for sensors in moving.values():
        if sensors.keys() == {What.ROTATION}:
            yield "a gyroscope alone; motion is read from acceleration: export the accelerometer with it"
        elif sensors.keys() <= {What.LINEAR, What.ROTATION}:
            yield "gravity was taken out of it, and with it the tilt; export the acceleration with g, too"


# What an export says of itself


class _Told(NamedTuple):
    starts: list[Started]  # phyphox: its starts, the first one first
    epoch_s: float = 0.0  # Sensor Logger: when the recording began
    ios_signs: bool = False


def _told(looks: list[tuple[Sheet, Look]]) -> _Told:
    starts: list[Started] = []
    epoch_s, ios_signs = 0.0, False
    for _, one in looks:
        if one.header.vectors:
            continue
        names = [name.lower() for name in one.names]
        rows = [dict(zip(names, cells(line, one.delimiter), strict=False)) for line in one.lines]
        if {"event", "experiment time", "system time"} <= {*names}:
            starts += _starts(rows)
        elif "recording epoch time" in names and rows:
            epoch_s = _number(rows[0].get("recording epoch time", "")) / 1e3
            is_ios = rows[0].get("platform", "").strip().lower() in ("ios", "iphone", "ipados")
            ios_signs = is_ios and rows[0].get("standardisation", "").strip().lower() == "false"
    return _Told(sorted(starts), epoch_s, ios_signs)


def _starts(rows: list[dict[str, str]]) -> Iterator[Started]:
    for row in rows:
        start = Started(_number(row.get("experiment time", "")), _number(row.get("system time", "")))
        if (
            row.get("event", "").strip() == "START"
            and _is_epoch(start.epoch_s)
            and abs(start.experiment_s) < _EPOCH_S[0]
        ):
            yield start


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")


def _starts_ns(leader: _Part, told: _Told) -> int:
    """Tell when t = 0 was, from what the app says beside the samples or in another column of theirs."""
    t_s = leader.head[0, 0].item()
    if _is_epoch(t_s):
        return 0
    if told.starts:
        found_s = [told.starts[0].epoch_s - told.starts[0].experiment_s]
    else:
        line = int(leader.head[0, -1]) - leader.look.first
        others = (layout_of(leader.look, stamps, []) for stamps in leader.look.header.stamps)
        rows = [read_rows(leader.look.lines[line : line + 1], 1, layout) for layout in others]
        found_s = [*(row[0, 0].item() - t_s for row in rows if len(row)), told.epoch_s]
    return next((round(start_s * NS_PER_S) for start_s in found_s if _is_epoch(start_s)), 0)


def _is_epoch(seconds: float) -> bool:
    return _EPOCH_S[0] < seconds < _EPOCH_S[1]
