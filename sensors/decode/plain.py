"""JSON as people write it themselves, on microcontrollers, in phyphox, in a browser: known by its keys.

A sample is ``{"t": 1.2, "ax": .., "ay": .., "az": .., "gx": ..}`` or nested, ``{"acc": {"x": ..}}`` or
``{"acc": [x, y, z]}``. A batch is a list of samples, ``{"samples": [..]}``, or columns, ``{"t": [..]}``.
phyphox writes columns, with null for NaN on iOS and no key at all on Android, and stamps its gyroscope apart,
in ``gt``. A browser's motion event has the acceleration twice, with and without gravity, and turns in degrees.
Units are told from the data unless ``unit`` and ``gyro_unit`` say them.
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
from sensors.decode.roles import (
    ACC_CLOCKS,
    ACCELERATION,
    ALL_CLOCKS,
    AXES,
    BARE,
    CLOCKS,
    GYRO_CLOCKS,
    ROTATION,
    has_gravity,
    is_other_vector,
    role_of,
    unit_of,
)
from sensors.samples import Clock, Kind, Reading, Sensor, Ticks, Unit

SHAPE: Final = "plain"
NOT_A_VECTOR: Final = "one number for the acceleration: all three axes are needed"
TOO_MANY: Final = "more than 256 readings in a message"

MAX_READINGS: Final = 256
"""Each costs the stream as much as a message does: a megabyte of the shortest ones would stop a session for seconds."""

_DEEPEST: Final = 3
_TURNING: Final = {"alpha": "x", "beta": "y", "gamma": "z"}
"""Browsers turn about x, y and z in this order, whatever the names suggest (@ircam/devicemotion 1.3.1)."""

Roles = dict[str, Any]  # what a key stands for -> what the payload has there
Columns = dict[str, list[Any]]


def decode(topic: str, payload: bytes) -> Decoded:
    """Read any JSON; the shape is empty where nothing in it looks like motion.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    return read(topic, msgspec.json.decode(payload))


def read(topic: str, tree: object, kind: Kind = Kind.PHONE) -> Decoded:
    """Read what JSON, or anything else of maps and lists, held; keys of maps are text.

    Parameters
    ----------
    topic : str
        The device's name where nothing in the tree names it.
    tree : object
    kind : Kind
        Of the device, where its data do not show that it is a board.
    """
    if tree == []:
        return Decoded((), "", {assemble.EMPTY: 1})
    rejects: Counter[str] = Counter()
    samples: dict[tuple[str, Unit, Unit], list[Roles]] = {}
    found: list[Reading] = []
    shape = ""
    for record in _records(tree, {}, _DEEPEST):
        if not record:
            rejects[assemble.NO_ACCELERATION] += 1
            continue
        shape = SHAPE
        who = (
            device_of(record, topic),
            unit_of("unit", record.get("unit")),
            unit_of("gyro_unit", record.get("gyro_unit")),
        )
        if len(found) >= MAX_READINGS:
            rejects[TOO_MANY] += 1
        elif list in map(type, map(record.get, AXES)):
            found += readings(*who, _columns(record, ACCELERATION), _columns(record, ROTATION), rejects, kind)
        else:
            samples.setdefault(who, []).append(record)
    for who, rows in samples.items():
        if len(found) >= MAX_READINGS:
            rejects[TOO_MANY] += len(rows)
        else:
            found += readings(*who, transposed(rows, ACCELERATION), transposed(rows, ROTATION), rejects, kind)
    if not shape and not rejects:
        rejects[NOT_A_VECTOR if _says_one_number(tree) else assemble.NO_ACCELERATION] = 1
    return Decoded(tuple(found), shape, dict(rejects))


def _records(node: object, told: Roles, depth: int) -> Iterator[Roles]:
    """Find the objects that hold axes, with what those around them tell; an empty one for an odd item."""
    if isinstance(node, list):
        told = {role: value for role, value in told.items() if role not in CLOCKS}  # one stamp for many is none
        for item in node:
            yield from list(_records(item, told, depth) if isinstance(item, dict) else ()) or [{}]
    elif isinstance(node, dict):
        told = told | _roles(node)
        if not AXES.isdisjoint(told):
            yield told
        elif depth:
            inner = {
                key: list(_records(child, told, depth - 1))
                for key, child in node.items()
                if _holds_objects(child) and not is_other_vector(key)
            }
            speaking = {key: records for key, records in inner.items() if any(records)}
            for key, records in speaking.items():  # two sensors side by side are two devices
                yield from (r | {"place": key} if r and len(speaking) > 1 else r for r in records)


def _holds_objects(node: object) -> bool:
    return isinstance(node, dict) or (isinstance(node, list) and any(isinstance(item, dict) for item in node))


def _says_one_number(tree: object) -> bool:
    return isinstance(tree, dict) and any(
        role_of(key) == "a" and type(value) in (int, float) for key, value in tree.items()
    )


def _roles(node: dict[str, Any]) -> Roles:
    roles: Roles = {}
    for key, value in node.items():
        role = role_of(key)
        if role is None:
            continue
        inside = _vector(role, value) if role in ("a", "g") else ((role, value),)
        for inner_role, inner in inside:
            if inner_role not in roles or has_gravity(key):  # gravity carries the tilt
                roles[inner_role] = inner
    if AXES.isdisjoint(roles):  # a bare x is an acceleration, unless the keys say outright what is one
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
            elif sensor == "g" and key in _TURNING:
                yield sensor + _TURNING[key], inner
        if sensor == "g" and not _TURNING.keys().isdisjoint(value):
            yield "gyro_unit", "deg/s"


def device_of(record: Roles, topic: str) -> str:
    """Tell who speaks: by what stands under the keys that name a device, else by the topic."""
    device = record.get("device")
    if type(device) is int:
        device = str(device)
    if type(device) is not str:
        device = record.get("id")  # only as text: a number there may as well count messages
    name = assemble.device_name(device) if type(device) is str else ""
    place = assemble.device_name(record.get("place", ""))
    return f"{name or topic} {place}" if place else name or topic


def transposed(samples: list[Roles], axes: tuple[str, ...]) -> Columns:
    """Turn the samples that speak of a sensor into columns; a key that one of them lacks is null there."""
    speaks = frozenset(axes)
    own = [sample for sample in samples if not speaks.isdisjoint(sample)]
    clocks = ALL_CLOCKS & frozenset().union(*own)
    return {role: [sample.get(role) for sample in own] for role in (*axes, *clocks)} if own else {}


def _columns(record: Roles, axes: tuple[str, ...]) -> Columns:
    """Give a sensor's columns as the payload has them; an axis missing, or one number, is all null."""
    lists = {role: value for role, value in record.items() if type(value) is list}
    longest = max((len(lists[axis]) for axis in axes if axis in lists), default=0)
    clocks = {clock: lists[clock] for clock in ALL_CLOCKS if clock in lists}
    return {axis: lists.get(axis, [None] * longest) for axis in axes} | clocks if longest else {}


def readings(
    device: str,
    unit: Unit,
    gyro_unit: Unit,
    acceleration: Columns,
    rotation: Columns,
    rejects: Counter[str],
    kind: Kind,
) -> list[Reading]:
    """Make a device's readings of its columns, and count what cannot be used.

    Parameters
    ----------
    acceleration, rotation : dict of str to list
        By role, those of one sensor and any stamps; empty where nothing was said of that sensor.
    rejects : Counter
        Is added to.
    """
    acc, acc_faults = _reading(device, Sensor.ACCELEROMETER, unit, acceleration, rejects, kind)
    gyro, gyro_faults = _reading(device, Sensor.GYROSCOPE, gyro_unit, rotation, rejects, kind)
    if not acceleration and not rotation:
        rejects[assemble.EMPTY] += 1
    if len(acc_faults) == len(gyro_faults):  # a sample that lost both is one sample
        assemble.count(np.maximum(acc_faults, gyro_faults), rejects)
    else:
        assemble.count(acc_faults, rejects)
        assemble.count(gyro_faults, rejects)
    return [reading for reading in (acc, gyro) if reading]


def _reading(
    device: str, sensor: Sensor, unit: Unit, columns: Columns, rejects: Counter[str], kind: Kind
) -> tuple[Reading | None, Faults]:
    none = np.zeros(0, dtype=np.intp)
    if not columns:
        return None, none
    axes, clocks = (ROTATION, GYRO_CLOCKS) if sensor is Sensor.GYROSCOPE else (ACCELERATION, ACC_CLOCKS)
    vectors = [columns[axis] for axis in axes]
    clock, ticks, usable = _stamps(columns, clocks, max(map(len, vectors)))
    lengths = (len(ticks), *map(len, vectors))
    n = min(lengths)
    if max(lengths) > n:  # phyphox on iOS may be one value ahead in a column
        rejects[assemble.RAGGED] += max(lengths) - n
    values = [value for vector in vectors for value in vector[:n]]
    xyz = np.ascontiguousarray(assemble.column(values).reshape(3, n).T)
    if sensor is Sensor.GYROSCOPE and np.isnan(xyz).all():
        return None, none  # a phone without one says null for ever: nothing is lost
    faults = assemble.sift(usable[:n], xyz)
    if clock is Clock.COUNT and float not in map(type, values):
        kind = Kind.BOARD  # a sensor's registers, counted: no phone says them
    return assemble.keep(device, sensor, ticks[:n], clock, xyz, unit, faults, kind), faults


def _stamps(columns: Columns, clocks: dict[str, Clock], n: int) -> tuple[Clock, Ticks, NDArray[np.bool_]]:
    for role, clock in clocks.items():
        if role in columns:
            ticks, usable = assemble.stamps(columns[role])
            if usable.any():
                return clock, ticks, usable
    return Clock.NONE, np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_)
