"""JSON as people write it themselves, on microcontrollers, in phyphox, in a browser: known by its keys.

A sample is ``{"t": 1.2, "ax": .., "ay": .., "az": .., "gx": ..}`` or nested, ``{"acc": {"x": ..}}`` or
``{"acc": [x, y, z]}``. A batch is a list of samples, ``{"samples": [..]}``, or columns, ``{"t": [..]}``.
phyphox writes columns, with null for NaN on iOS and no key at all on Android, and stamps its gyroscope apart,
in ``gt``. Units are told from the data unless ``unit`` and ``gyro_unit`` say them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensors.decode import assemble
from sensors.decode.assemble import Decoded, Faults
from sensors.samples import Clock, Reading, Sensor, Ticks, Unit

SHAPE: Final = "plain"

ACCELERATION: Final = ("ax", "ay", "az")
ROTATION: Final = ("gx", "gy", "gz")
BARE: Final = ("x", "y", "z")

CLOCKS: Final = {
    "t_s": Clock.S,
    "ms": Clock.MS,
    "us": Clock.US,
    "t": Clock.AUTO,
    "ts": Clock.AUTO,
    "time": Clock.AUTO,
    "timestamp": Clock.AUTO,
    "count": Clock.COUNT,
}
"""Roles that are time stamps. The first that holds numbers is taken: a known unit before a guess."""

_GYRO_CLOCKS: Final = {"gt": Clock.AUTO, **CLOCKS}
_AXES: Final = frozenset({*ACCELERATION, *ROTATION})
_DEEPEST: Final = 3

_UNITS: Final = {
    "unit": {"m/s2": Unit.MPS2, "m/s^2": Unit.MPS2, "m/s²": Unit.MPS2, "g": Unit.G, "raw": Unit.RAW},
    "gyro_unit": {"rad/s": Unit.RADPS, "deg/s": Unit.DEGPS, "°/s": Unit.DEGPS, "raw": Unit.RAW},
}


def _aliases() -> dict[str, str]:
    roles = {role: role for role in (*BARE, *_GYRO_CLOCKS, "device", "id", "unit", "gyro_unit")}
    del roles["count"]
    prefixes = {
        "a": ("acc", "accg", "accel", "acceleration", "accelerometer"),
        "g": ("gyr", "gyro", "gyroscope", "rotationrate"),
    }
    for sensor, names in prefixes.items():
        roles |= dict.fromkeys(names, sensor)  # the whole vector under one key
        for axis in BARE:
            roles |= dict.fromkeys((f"{name}{axis}" for name in (sensor, *names)), sensor + axis)
            roles |= dict.fromkeys((f"{name}{axis}axis" for name in names), sensor + axis)
    roles |= {f"{name}{axis}": f"g{axis}" for name in ("gy", "gyc") for axis in BARE}
    roles |= {"secondselapsed": "t_s", "millis": "ms", "micros": "us", "idx": "count", "seq": "count"}
    return roles | {"deviceid": "device", "gyrounit": "gyro_unit"}


_ROLES: Final = _aliases()
_DROPPED: Final = str.maketrans("", "", "_- .")

_Roles = dict[str, Any]  # what a key stands for -> what the payload has there
_Columns = dict[str, list[Any]]


def role_of(key: str) -> str | None:
    """Tell what a key, or a column's name, stands for; None for one of no use here."""
    role = _ROLES.get(key)
    if role is None:
        key = key.lower()
        role = _ROLES.get(key) or _ROLES.get(key.translate(_DROPPED))
    return role


def unit_of(role: str, text: object) -> Unit:
    """Tell which unit a text names; AUTO where it is none of that role's, ``unit`` or ``gyro_unit``."""
    return _UNITS[role].get(text.strip().lower(), Unit.AUTO) if isinstance(text, str) else Unit.AUTO


def decode(topic: str, payload: bytes) -> Decoded:
    """Read any JSON; the shape is empty where nothing in it looks like motion.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    tree = msgspec.json.decode(payload)
    if tree == []:
        return Decoded((), "", {assemble.EMPTY: 1})
    rejects: Counter[str] = Counter()
    samples: dict[tuple[str, Unit, Unit], list[_Roles]] = {}
    readings: list[Reading] = []
    shape = ""
    for record in _records(tree, {}, _DEEPEST):
        if not record:
            rejects[assemble.NO_ACCELERATION] += 1
            continue
        shape = SHAPE
        who = (
            _device(record, topic),
            unit_of("unit", record.get("unit")),
            unit_of("gyro_unit", record.get("gyro_unit")),
        )
        if list in map(type, map(record.get, _AXES)):
            readings += _readings(*who, _columns(record, ACCELERATION), _columns(record, ROTATION), rejects)
        else:
            samples.setdefault(who, []).append(record)
    for who, rows in samples.items():
        readings += _readings(*who, _transposed(rows, ACCELERATION), _transposed(rows, ROTATION), rejects)
    if not shape and not rejects:
        rejects[assemble.NO_ACCELERATION] = 1
    return Decoded(tuple(readings), shape, dict(rejects))


def _records(node: object, told: _Roles, depth: int) -> Iterator[_Roles]:
    """Find the objects that hold axes, with what those around them tell; an empty one for an odd item."""
    if isinstance(node, list):
        told = {role: value for role, value in told.items() if role not in CLOCKS}  # one stamp for many is none
        for item in node:
            yield from list(_records(item, told, depth) if isinstance(item, dict) else ()) or [{}]
    elif isinstance(node, dict):
        told = told | _roles(node)
        if not _AXES.isdisjoint(told):
            yield told
        elif depth:
            inner = {
                key: list(_records(child, told, depth - 1)) for key, child in node.items() if _holds_objects(child)
            }
            speaking = {key: records for key, records in inner.items() if any(records)}
            for key, records in speaking.items():  # two sensors side by side are two devices
                yield from (r | {"place": key} if r and len(speaking) > 1 else r for r in records)


def _holds_objects(node: object) -> bool:
    return isinstance(node, dict) or (isinstance(node, list) and any(isinstance(item, dict) for item in node))


def _roles(node: dict[str, Any]) -> _Roles:
    roles: _Roles = {}
    for key, value in node.items():
        role = role_of(key)
        if role is None:
            continue
        if role in ("a", "g"):
            for inner_role, inner in _vector(role, value):
                roles.setdefault(inner_role, inner)
        else:
            roles.setdefault(role, value)
    if _AXES.isdisjoint(roles):  # a bare x is an acceleration, unless the keys say outright what is one
        roles |= {f"a{axis}": roles[axis] for axis in BARE if axis in roles}
    return roles


def _vector(sensor: str, value: object) -> Iterator[tuple[str, Any]]:
    """Look into a vector under one key, which may be stamped on its own."""
    if isinstance(value, list):
        yield from zip((sensor + axis for axis in BARE), value, strict=False)
    elif isinstance(value, dict):
        for key, inner in value.items():
            role = role_of(key)
            if role is not None:
                yield sensor + role if role in BARE else role, inner


def _device(record: _Roles, topic: str) -> str:
    device = record.get("device")
    if type(device) is int:
        device = str(device)
    if type(device) is not str:
        device = record.get("id")  # only as text: a number there may as well count messages
    name = assemble.device_name(device) if type(device) is str else ""
    place = assemble.device_name(record.get("place", ""))
    return f"{name or topic} {place}" if place else name or topic


def _transposed(samples: list[_Roles], axes: tuple[str, ...]) -> _Columns:
    """Turn the samples that speak of a sensor into columns; a key that one of them lacks is null there."""
    speaks = frozenset(axes)
    own = [sample for sample in samples if not speaks.isdisjoint(sample)]
    clocks = _GYRO_CLOCKS.keys() & frozenset().union(*own)
    return {role: [sample.get(role) for sample in own] for role in (*axes, *clocks)} if own else {}


def _columns(record: _Roles, axes: tuple[str, ...]) -> _Columns:
    """Give a sensor's columns as the payload has them; an axis missing, or one number, is all null."""
    lists = {role: value for role, value in record.items() if type(value) is list}
    longest = max((len(lists[axis]) for axis in axes if axis in lists), default=0)
    clocks = {clock: lists[clock] for clock in _GYRO_CLOCKS if clock in lists}
    return {axis: lists.get(axis, [None] * longest) for axis in axes} | clocks if longest else {}


def _readings(
    device: str,
    unit: Unit,
    gyro_unit: Unit,
    acceleration: _Columns,
    rotation: _Columns,
    rejects: Counter[str],
) -> list[Reading]:
    acc, acc_faults = _reading(device, Sensor.ACCELEROMETER, unit, acceleration, rejects)
    gyro, gyro_faults = _reading(device, Sensor.GYROSCOPE, gyro_unit, rotation, rejects)
    if not acceleration and not rotation:
        rejects[assemble.EMPTY] += 1
    if len(acc_faults) == len(gyro_faults):  # a sample that lost both is one sample
        assemble.count(np.maximum(acc_faults, gyro_faults), rejects)
    else:
        assemble.count(acc_faults, rejects)
        assemble.count(gyro_faults, rejects)
    return [reading for reading in (acc, gyro) if reading]


def _reading(
    device: str, sensor: Sensor, unit: Unit, columns: _Columns, rejects: Counter[str]
) -> tuple[Reading | None, Faults]:
    none = np.zeros(0, dtype=np.intp)
    if not columns:
        return None, none
    axes, clocks = (ROTATION, _GYRO_CLOCKS) if sensor is Sensor.GYROSCOPE else (ACCELERATION, CLOCKS)
    vectors = [columns[axis] for axis in axes]
    clock, ticks, usable = _stamps(columns, clocks, max(map(len, vectors)))
    lengths = (len(ticks), *map(len, vectors))
    n = min(lengths)
    if max(lengths) > n:  # phyphox on iOS may be one value ahead in a column
        rejects[assemble.RAGGED] += max(lengths) - n
    xyz = np.column_stack([assemble.column(values[:n]) for values in vectors])
    if sensor is Sensor.GYROSCOPE and np.isnan(xyz).all():
        return None, none  # a phone without one says null for ever: nothing is lost
    faults = assemble.sift(usable[:n], xyz)
    return assemble.keep(device, sensor, ticks[:n], clock, xyz, unit, faults), faults


def _stamps(columns: _Columns, clocks: dict[str, Clock], n: int) -> tuple[Clock, Ticks, NDArray[np.bool_]]:
    for role, clock in clocks.items():
        if role in columns:
            ticks, usable = assemble.stamps(columns[role])
            if usable.any():
                return clock, ticks, usable
    return Clock.NONE, np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_)
