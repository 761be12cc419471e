"""Sensor Logger's push: ``{"deviceId", "payload": [{"name", "time", "values": {..}}]}``, all sensors in one.

A watch in it is a device of its own. Places, camera pictures and whatever else has a name we do not use are passed
over, and so are earphones (``headphone``): a head is no wrist.

Names, units and the missing ``totalacceleration`` of iPhones: the app's own PUSHING.md and UNITS.md
(github.com/tszheichoi/awesome-sensor-logger).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np

from sensors.decode import assemble
from sensors.decode.assemble import Decoded
from sensors.samples import G0_MPS2, WATCH, Array, Clock, Kind, Reading, Sensor, Unit

SHAPE: Final = "sensor-logger"

# Anything but an object: let through, so that one damaged item does not cost the whole batch.
_Other = str | int | float | bool | list[Any] | None


class _Values(msgspec.Struct, gc=False, rename="camel"):
    x: Any = None
    y: Any = None
    z: Any = None
    rotation_rate_x: Any = None
    rotation_rate_y: Any = None
    rotation_rate_z: Any = None
    gravity_x: Any = None
    gravity_y: Any = None
    gravity_z: Any = None
    acceleration_x: Any = None
    acceleration_y: Any = None
    acceleration_z: Any = None


class _Item(msgspec.Struct, gc=False):
    name: Any = None
    time: Any = None
    values: _Values | _Other = None


class _Push(msgspec.Struct, gc=False, rename="camel"):
    payload: list[_Item | _Other]
    device_id: Any = None


class _WholeValues(msgspec.Struct, gc=False):
    x: float
    y: float
    z: float


class _WholeItem(msgspec.Struct, gc=False):
    name: str
    time: int
    values: _WholeValues


class _WholePush(msgspec.Struct, gc=False, rename="camel"):
    payload: list[_WholeItem]
    device_id: str


_PUSH: Final = msgspec.json.Decoder(_Push)
_WHOLE_PUSH: Final = msgspec.json.Decoder(_WholePush)
_NO_VALUES: Final = _Values()

_TOTAL, _GYROSCOPE, _GYROSCOPE_UNCALIBRATED = "totalacceleration", "gyroscope", "gyroscopeuncalibrated"
# What a phone pushes as x, y, z; with a total acceleration there, the others tell nothing more.
_PHONE: Final = frozenset(
    {_TOTAL, _GYROSCOPE, _GYROSCOPE_UNCALIBRATED, "accelerometer", "accelerometeruncalibrated", "gravity"}
    | {"magnetometer", "magnetometeruncalibrated"}
)

_Axes = Callable[[_Values], tuple[object, object, object]]
_XYZ: Final[_Axes] = attrgetter("x", "y", "z")
_ROTATION: Final[_Axes] = attrgetter("rotation_rate_x", "rotation_rate_y", "rotation_rate_z")
_GRAVITY: Final[_Axes] = attrgetter("gravity_x", "gravity_y", "gravity_z")
_ACCELERATION: Final[_Axes] = attrgetter("acceleration_x", "acceleration_y", "acceleration_z")
_NAME, _TIME, _VALUES = attrgetter("name"), attrgetter("time"), attrgetter("values")
_WHOLE_XYZ: Final = attrgetter("x", "y", "z")


def decode(topic: str, payload: bytes) -> Decoded | None:
    """Read a push; None where the payload is no push.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    whole = _decode_whole(topic, payload)
    if whole is not None:
        return whole
    try:
        push = _PUSH.decode(payload)
    except msgspec.ValidationError:
        return None
    rejects: Counter[str] = Counter()
    items: dict[str, list[_Item]] = {}
    for item in push.payload:
        if type(item) is _Item and type(item.name) is str:
            items.setdefault(item.name, []).append(item)
        else:
            rejects[assemble.NOT_A_NUMBER] += 1
    if push.payload and not items:
        return None  # a batch of another shape, under the same key
    if not items:
        return Decoded((), SHAPE, {assemble.EMPTY: 1})

    sensors: dict[str, list[_Item]] = {}
    for name, of_name in items.items():
        sensors.setdefault(name.lower().replace(" ", "").replace("_", ""), []).extend(of_name)
    device = assemble.device_name(push.device_id) if type(push.device_id) is str else ""
    device = device or topic
    found = [
        _phone_acceleration(device, sensors, rejects),
        _phone_rotation(device, sensors, rejects),
        *_watch(f"{device}{WATCH}", sensors.get("wristmotion"), rejects),
    ]
    return Decoded(tuple(reading for reading in found if reading), SHAPE, dict(rejects))


def _decode_whole(topic: str, payload: bytes) -> Decoded | None:
    """Read the usual push at half the price: a phone's total acceleration, with nothing amiss; None for any other."""
    try:
        push = _WHOLE_PUSH.decode(payload)
    except msgspec.ValidationError:
        return None
    moved = _named(push, _TOTAL)
    turned = _named(push, _GYROSCOPE) or _named(push, _GYROSCOPE_UNCALIBRATED)
    if not moved or not _PHONE.issuperset(map(_NAME, push.payload)):
        return None
    both, n = moved + turned, len(moved)
    try:
        ticks = np.fromiter(map(_TIME, both), np.int64, len(both))
    except OverflowError:
        return None
    vectors = map(_WHOLE_XYZ, map(_VALUES, both))
    xyz = np.fromiter(chain.from_iterable(vectors), np.float64, 3 * len(both)).reshape(-1, 3)
    if not np.abs(xyz).max() <= assemble.REACH:
        return None
    device = assemble.device_name(push.device_id) or topic
    acceleration = Reading(device, Sensor.ACCELEROMETER, ticks[:n], Clock.NS, xyz[:n], Unit.MPS2)
    if not turned:
        return Decoded((acceleration,), SHAPE, {})
    rotation = Reading(device, Sensor.GYROSCOPE, ticks[n:], Clock.NS, xyz[n:], Unit.RADPS)
    return Decoded((acceleration, rotation), SHAPE, {})


def _named(push: _WholePush, name: str) -> list[_WholeItem]:
    return [item for item in push.payload if item.name == name]


def _phone_acceleration(device: str, sensors: dict[str, list[_Item]], rejects: Counter[str]) -> Reading | None:
    """Choose the channel that still has gravity in it: a slow stroke shows as tilt, and only there."""

    def vectors(name: str, sensor: Sensor, unit: Unit) -> Reading | None:
        return _vectors(device, sensors.get(name), _XYZ, sensor, unit, rejects)

    total = vectors(_TOTAL, Sensor.ACCELEROMETER, Unit.MPS2)
    if total:
        return total
    linear = vectors("accelerometer", Sensor.LINEAR, Unit.MPS2)
    gravity = vectors("gravity", Sensor.ACCELEROMETER, Unit.MPS2)
    if linear and gravity:
        return replace(linear, sensor=Sensor.ACCELEROMETER, xyz=linear.xyz + _at(linear, gravity))
    # Its unit is the phone's own: g on iOS unless standardised, m/s² on Android.
    return vectors("accelerometeruncalibrated", Sensor.ACCELEROMETER, Unit.AUTO) or linear


def _phone_rotation(device: str, sensors: dict[str, list[_Item]], rejects: Counter[str]) -> Reading | None:
    items = sensors.get(_GYROSCOPE) or sensors.get(_GYROSCOPE_UNCALIBRATED)
    return _vectors(device, items, _XYZ, Sensor.GYROSCOPE, Unit.RADPS, rejects)


def _at(when: Reading, what: Reading) -> Array:
    """Give ``what`` at the times of ``when``: exact at equal stamps, linear between, held at the ends."""
    if np.array_equal(when.ticks, what.ticks):
        return what.xyz
    t, first = np.unique(what.ticks.astype(np.float64), return_index=True)
    at = when.ticks.astype(np.float64)
    return np.column_stack([np.interp(at, t, what.xyz[first, axis]) for axis in range(3)])


def _watch(device: str, items: Sequence[_Item] | None, rejects: Counter[str]) -> list[Reading | None]:
    """Read a watch's wrist motion: gravity apart, in g unless the app standardises, which no flag says."""
    if not items:
        return []
    ticks, usable = assemble.stamps([item.time for item in items])
    linear, gravity, rotation = (_xyz(items, axes) for axes in (_ACCELERATION, _GRAVITY, _ROTATION))
    acceleration = linear + gravity
    lost, lost_rotation = assemble.sift(usable, acceleration), assemble.sift(usable, rotation)
    assemble.count(np.maximum(lost, lost_rotation), rejects)
    unit = _unit_of_gravity(gravity[lost == 0])
    return [
        assemble.keep(device, Sensor.ACCELEROMETER, ticks, Clock.NS, acceleration, unit, lost, Kind.WATCH),
        assemble.keep(device, Sensor.GYROSCOPE, ticks, Clock.NS, rotation, Unit.RADPS, lost_rotation, Kind.WATCH),
    ]


def _unit_of_gravity(gravity: Array) -> Unit:
    if not len(gravity):
        return Unit.AUTO
    norm = float(np.median(np.linalg.norm(gravity, axis=1)))
    for unit, expected in ((Unit.G, 1.0), (Unit.MPS2, G0_MPS2)):
        if expected / 2 < norm < expected * 2:
            return unit
    return Unit.AUTO


def _vectors(
    device: str,
    items: Sequence[_Item] | None,
    axes: _Axes,
    sensor: Sensor,
    unit: Unit,
    rejects: Counter[str],
) -> Reading | None:
    if not items:
        return None
    ticks, usable = assemble.stamps([item.time for item in items])
    xyz = _xyz(items, axes)
    faults = assemble.sift(usable, xyz)
    assemble.count(faults, rejects)
    return assemble.keep(device, sensor, ticks, Clock.NS, xyz, unit, faults)


def _xyz(items: Sequence[_Item], axes: _Axes) -> Array:
    values = (item.values if type(item.values) is _Values else _NO_VALUES for item in items)
    return assemble.column(list(chain.from_iterable(map(axes, values)))).reshape(-1, 3)
