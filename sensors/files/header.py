"""What the columns of an app's table hold, told from their names, their units and the table's own name.

Names: phyphox ``Acceleration x (m/s^2)`` (translated, too: its unit tells), or ``X (m/s^2)`` in a table named after its
sensor; Sensor Logger ``time,seconds_elapsed,z,y,x`` likewise; SensorLog ``motionUserAccelerationX(G)``; Physics Toolbox
``gFx``; HyperIMU ``Accelerometer.x``; and whatever the plain JSON takes.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from sensors.decode import roles
from sensors.samples import Clock, Unit


class What(StrEnum):
    """What three columns hold."""

    ACCELERATION = "acceleration"
    LINEAR = "acceleration without gravity"
    GRAVITY = "gravity"
    ROTATION = "angular rate"


class Stamps(NamedTuple):
    """A column of time stamps; ``second_per_tick`` is 0 where only the data can tell."""

    cell: int
    second_per_tick: float
    text: bool = False


class Vector(NamedTuple):
    """Three columns of one sensor.

    Attributes
    ----------
    what : What
    cells : tuple of int
        Of x, y and z.
    unit : Unit
        AUTO where only the data can tell.
    stamps : Stamps
    unsure : bool
        Only the data can tell whether gravity is in it.
    spare : bool
        Of use only where there is no better one: as the sensor gave it, uncalibrated.
    """

    what: What
    cells: tuple[int, int, int]
    unit: Unit
    stamps: Stamps
    unsure: bool = False
    spare: bool = False


class Header(NamedTuple):
    """What a table holds.

    Attributes
    ----------
    vectors : list of Vector
    stamps : list of Stamps
        All that count time.
    app : str
        Who wrote it; empty where the names do not tell.
    watch : bool
        From the wrist while the phone was elsewhere.
    """

    vectors: list[Vector]
    stamps: list[Stamps]
    app: str = ""
    watch: bool = False


class _Column(NamedTuple):
    cell: int
    role: str  # "ax", "linear x", "gravity z", "gy", "x"; a clock's name; or empty
    unit: str
    family: str = ""  # SensorLog stamps each of its sensors


_NAME_AND_UNIT: Final = re.compile(r"(.*?)\s*[(\[](.*)[)\]]")  # Acceleration x (m/s^2)
_SENSOR_LOG: Final = re.compile(
    r"(?P<family>accelerometer|motion|gyro)"
    r"(?:(?P<what>acceleration|useracceleration|gravity|rotationrate|rotation)(?P<axis>[xyz])|timestampsince\w+)"
)
_SENSOR_LOG_ROLES: Final = {
    "acceleration": "a",
    "useracceleration": "linear ",
    "gravity": "gravity ",
    "rotationrate": "g",
    "rotation": "g",
}
_NAMED: Final = re.compile(
    r"(?:(?P<linear>(?:linear|user)acc\w*?)|(?P<gravity>gravity)|(?P<in_g>gf)|gyro\w*?|w)(?P<axis>[xyz])"
)
_BY_UNIT: Final = re.compile(r"(\w*?)([xyz])")
_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_SECONDS_OF_CLOCK: Final = {Clock.S: 1.0, Clock.MS: 1e-3, Clock.US: 1e-6}
_PREFIXES: Final = {
    What.ACCELERATION: "a",
    What.LINEAR: "linear ",
    What.GRAVITY: "gravity ",
    What.ROTATION: "g",
}
_TURNING: Final = (Unit.RADPS, Unit.DEGPS)
_OTHER_SENSORS: Final = re.compile("magnet|orient|headphone|compass|baromet|locat|pedomet|heart|light|annotation")
_FLOATING: Final = re.compile("linear|without|ohneg")
_LAST: Final = 99


def read_header(names: list[str], table: str) -> Header:
    """Tell what the columns hold.

    Parameters
    ----------
    names : list of str
        As the header has them.
    table : str
        The table's own name.
    """
    columns = [_column(cell, name) for cell, name in enumerate(names)]
    plain_names = {name.strip() for name in names}
    kind = re.sub("[^a-z]", "", table.lower())
    by_logger = plain_names >= {"time", "seconds_elapsed"}
    worn = by_logger and {column.role for column in columns} >= {"gx", "ax", "gravity x"}
    if worn or "gFx" in plain_names:  # where gravity or the whole has columns of its own, this is the rest
        columns = [_without_gravity(column) for column in columns]
    stamps = [(rank, _stamps(column), column.family) for column in columns if (rank := _rank(column)) is not None]
    found = _vectors(columns, kind) if stamps and not (worn and "headphone" in kind) else {}
    spare = "uncalibrated" in kind
    vague = (by_logger and "total" not in kind and not spare) or "aT" in plain_names or bool(_FLOATING.search(kind))
    vectors = [
        Vector(
            what,
            (x.cell, y.cell, z.cell),
            _unit(what, x, plain_names, told=by_logger and not worn and not spare),
            _clock_of(x, stamps),
            vague and what is What.ACCELERATION,
            spare,
        )
        for what, (x, y, z) in found.items()
    ]
    app = _app(plain_names, [column for column in columns if column.family], by_logger=by_logger)
    return Header(vectors, [each for _, each, _ in stamps], app, worn or (by_logger and "watch" in kind))


def bare(n: int) -> Header | None:
    """Give what ``n`` columns without names hold; None where that is not plain: t, acceleration, angular rate."""
    if n not in (4, 7):
        return None
    t = Stamps(0, 0.0)
    both = [Vector(What.ACCELERATION, (1, 2, 3), Unit.AUTO, t), Vector(What.ROTATION, (4, 5, 6), Unit.AUTO, t)]
    return Header(both[: n // 3], [t])


def _column(cell: int, name: str) -> _Column:
    parts = _NAME_AND_UNIT.fullmatch(name.strip())
    title, unit = (parts[1], parts[2].strip().lower()) if parts else (name.strip(), "")
    role = roles.role_of(title)
    if role and title != "T":  # a time only where there is no other: it may as well be a total, or a temperature
        is_turning = role in roles.BARE and roles.unit_of("gyro_unit", unit) in _TURNING
        return _Column(cell, f"g{role}" if is_turning else role, unit)
    key = re.sub(r"[\W_]", "", title.lower())
    if found := _SENSOR_LOG.fullmatch(key):
        if not found["what"]:
            return _Column(cell, "t_s", unit, found["family"])
        rotates = found["what"].startswith("rotation")
        return _Column(
            cell,
            _SENSOR_LOG_ROLES[found["what"]] + found["axis"],
            unit or ("rad/s" if rotates else "g"),
            found["family"],
        )
    if found := _NAMED.fullmatch(key):
        prefix = "linear " if found["linear"] else "gravity " if found["gravity"] else "a" if found["in_g"] else "g"
        return _Column(cell, prefix + found["axis"], "g" if found["in_g"] else "rad/s" if key[0] == "w" else unit)
    if key == "loggingtime":
        return _Column(cell, "text", unit)
    if unit in _SECONDS or title == "T":
        return _Column(cell, "seconds", unit)
    if found := _BY_UNIT.fullmatch(key):  # a name in another language, with its unit
        if roles.unit_of("gyro_unit", unit) in _TURNING:
            return _Column(cell, f"g{found[2]}", unit)
        if roles.unit_of("unit", unit) is not Unit.AUTO:
            prefix = "linear " if found[1].startswith("lin") else "gravity " if found[1].startswith("grav") else "a"
            return _Column(cell, prefix + found[2], unit)
    return _Column(cell, "", unit)


def _without_gravity(column: _Column) -> _Column:
    is_whole = column.role in roles.ACCELERATION and column.unit != "g"
    return column._replace(role=f"linear {column.role[1]}") if is_whole else column


def _vectors(columns: list[_Column], kind: str) -> dict[What, list[_Column]]:
    """Put axes together; bare x, y, z count where no other do, as what the table's name says."""
    by_role: dict[str, _Column] = {}
    for column in columns:
        by_role.setdefault(column.role, column)
    found: dict[What, list[_Column]] = {}
    for what, prefix in _PREFIXES.items():
        axes = [by_role[role] for axis in roles.BARE if (role := prefix + axis) in by_role]
        if len(axes) == len(roles.BARE):
            found[what] = axes
    axes = [by_role[axis] for axis in roles.BARE if axis in by_role]
    if found.keys() <= {What.ROTATION} and len(axes) == len(roles.BARE):
        told = _named_after(kind, axes[0].unit)
        if told is not None:
            found.setdefault(told, axes)
    return found


def _named_after(kind: str, unit: str) -> What | None:
    """Tell what bare x, y, z are from the table's name; None for another sensor's."""
    accelerates = roles.unit_of("unit", unit) is not Unit.AUTO
    if _OTHER_SENSORS.search(kind) or (unit and not accelerates):
        return None
    if "linearacc" in kind:
        return What.LINEAR
    if kind.endswith("gravity"):
        return What.GRAVITY
    if "gyro" in kind and "acc" not in kind and not accelerates:
        return What.ROTATION
    return What.ACCELERATION


def _unit(what: What, axis: _Column, names: set[str], *, told: bool) -> Unit:
    """Give the unit in brackets, else the one that the app or a plain ``ax`` stands for."""
    turning = what is What.ROTATION
    unit = roles.unit_of("gyro_unit" if turning else "unit", axis.unit)
    if unit is not Unit.AUTO:
        return unit
    if told or not names.isdisjoint(roles.ROTATION if turning else roles.ACCELERATION):
        return Unit.RADPS if turning else Unit.MPS2
    return Unit.AUTO


def _rank(column: _Column) -> int | None:
    """Order what counts time: a known unit before a guess; None for what does not."""
    if column.role in roles.CLOCKS and roles.CLOCKS[column.role] is not Clock.COUNT:
        return [*roles.CLOCKS].index(column.role)
    return {"seconds": _LAST - 1, "text": _LAST}.get(column.role)


def _stamps(column: _Column) -> Stamps:
    told = _SECONDS.get(column.unit) or _SECONDS_OF_CLOCK.get(roles.CLOCKS.get(column.role, Clock.AUTO))
    # t is in seconds by contract, other names by what fits a sensor's rate.
    return Stamps(column.cell, told or (1.0 if column.role in ("t", "text") else 0.0), column.role == "text")


def _clock_of(first: _Column, stamps: list[tuple[int, Stamps, str]]) -> Stamps:
    """Choose the stamps of a sensor: its own, else the best; of several alike the last one before its columns."""
    own = [each for each in stamps if first.family and each[2] == first.family] or stamps
    best = min(rank for rank, _, _ in own)
    alike = [each for rank, each, _ in own if rank == best]
    return max((each for each in alike if each.cell < first.cell), key=lambda each: each.cell, default=alike[0])


def _app(names: set[str], of_sensor_log: list[_Column], *, by_logger: bool) -> str:
    if by_logger:
        return "Sensor Logger"
    if of_sensor_log:
        return "SensorLog"
    if names & {"gFx", "TgF", "aT"}:
        return "Physics Toolbox"
    if "Time (s)" in names:
        return "phyphox"
    return ""
