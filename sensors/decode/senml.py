"""Sensor Measurement Lists (RFC 8428): one record for each axis of each sample, in JSON or CBOR.

``[{"bn": "urn:dev:mac:..:", "bt": 1790000000.5, "bu": "m/s2", "n": "ax", "v": 0.1}, {"n": "ay", "v": ..}, ..]``. What
a record says of its base holds until another says otherwise. The axis is the end of the name, the device what is
before it; records of equal time are one sample. The form older than the RFC, ``{"bn": .., "e": [..]}``, is read alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf, isnan
from typing import Any, Final

import msgspec

from sensors.decode import assemble, plain, roles
from sensors.decode.assemble import Decoded
from sensors.samples import Kind

SHAPE: Final = "senml"
NEWER_VERSION: Final = "SenML newer than version 10"
MUST_UNDERSTAND: Final = "SenML with a field that must be understood and is not"

VERSION: Final = 10
CBOR_LABELS: Final = {
    **dict(zip(range(-6, 0), ("bs", "bv", "bu", "bt", "bn", "bver"), strict=True)),
    **dict(enumerate(("n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"))),
}
"""RFC 8428, table 4."""

_BASES: Final = ("bn", "bt", "bu", "bv")


def decode(topic: str, payload: bytes) -> Decoded | None:
    """Read a pack in JSON; None where the payload is none.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    return read(topic, msgspec.json.decode(payload))


def read(topic: str, tree: object) -> Decoded | None:
    """Read a pack, its labels as JSON has them; None where the tree is none."""
    pack = records_of(tree)
    if pack is None:
        return None
    for record in pack:
        if assemble.number(record.get("bver")) > VERSION:
            return Decoded((), SHAPE, {NEWER_VERSION: 1})
        if any(label.endswith("_") for label in record):
            return Decoded((), SHAPE, {MUST_UNDERSTAND: 1})
    return _samples(topic, pack)


def records_of(tree: object) -> list[dict[str, Any]] | None:
    """Give a pack's records; None where the tree is none."""
    if isinstance(tree, dict) and isinstance(tree.get("e"), list):
        tree = [{label: value for label, value in tree.items() if label != "e"}, *tree["e"]]
    if not isinstance(tree, list) or not all(isinstance(record, dict) for record in tree):
        return None
    if not any("v" in record for record in tree) or not any(isinstance(_name(record), str) for record in tree):
        return None
    return tree


def _samples(topic: str, pack: Iterable[dict[str, Any]]) -> Decoded:
    """Join the records of equal time; the second of an axis at one time is that of a second sample."""
    rejects: Counter[str] = Counter()
    samples: dict[str, dict[tuple[float, int], plain.Roles]] = {}
    units: dict[str, dict[str, object]] = {}
    seen: Counter[tuple[str, str, float]] = Counter()
    base: dict[str, Any] = {}
    for record in pack:
        base |= {label: record[label] for label in _BASES if label in record}
        found = roles.of_name(f"{base.get('bn', '')}{record.get('n', '')}") if "v" in record else None
        if found is None or found[1] not in roles.AXES:
            continue
        device, role = assemble.device_name(found[0]) or topic, found[1]
        value = _sum(base["bv"], record["v"]) if "bv" in base else record["v"]
        time_s = _sum(base.get("bt", 0), record.get("t", 0))
        nth = seen[device, role, time_s]
        seen[device, role, time_s] += 1
        samples.setdefault(device, {}).setdefault((time_s, nth), {})[role] = value
        unit = record.get("u", base.get("bu"))
        units.setdefault(device, {})["gyro_unit" if role in roles.ROTATION else "unit"] = unit
    if not samples:
        return Decoded((), SHAPE, {assemble.NO_ACCELERATION: 1})
    readings = []
    for device, by_time in samples.items():
        unit, gyro_unit = (roles.unit_of(key, units[device].get(key)) for key in ("unit", "gyro_unit"))
        rows = _stamped(by_time)
        acceleration, rotation = (plain.transposed(rows, axes) for axes in (roles.ACCELERATION, roles.ROTATION))
        readings += plain.readings(device, unit, gyro_unit, acceleration, rotation, rejects, Kind.BOARD)
    return Decoded(tuple(readings), SHAPE, dict(rejects))


def _name(record: dict[str, Any]) -> object:
    return record.get("n", record.get("bn"))


def _sum(base: object, own: object) -> float:
    """Add two numbers, whole ones wholly; infinity where one is none, which no stamp and no value may be."""
    try:
        total = assemble.number(base) + assemble.number(own)
        return inf if isnan(total) else total
    except OverflowError:  # an integer of more than 308 digits
        return inf


def _stamped(by_time: dict[tuple[float, int], plain.Roles]) -> list[plain.Roles]:
    """Put a device's samples in order of time, with stamps where these are the device's own.

    Times of nothing or less are counted back from now, and now is another one with each message: of those the order
    counts, and the stream tells the rest from the arrivals. A time of more, yet no epoch, is no future either, whatever
    the RFC says of it: it is counted since boot.
    """
    order = sorted(by_time)
    if order[0][0] <= 0:
        return [by_time[key] for key in order]
    return [by_time[key] | {"t_s": key[0]} for key in order]
