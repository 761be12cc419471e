"""Tables as the messages a device would have sent live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isnan
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from sensors.decode import roles
from sensors.files.header import What
from sensors.files.table import Table
from sensors.message import NS_PER_S, Message
from sensors.samples import G0_MPS2, Array, Unit

BATCH_S: Final = 0.25
"""Span of a message: what phyphox sends, and short enough to coach a replay by."""
MPS2_PER: Final = {Unit.G: G0_MPS2, Unit.MG: G0_MPS2 / 1000, Unit.GAL: 0.01}
"""Units that an app may name; it writes m/s² otherwise."""

_MOST_ROWS: Final = 1000  # in a message, where time stands still
_EARLIER_S: Final = 1.0  # further back than this no sensor follows another
_LAST_NS: Final = 2**63 - 1
_NAN: Final = float("nan")
_WORN: Final = {"acceleration": What.LINEAR, "gravity": What.GRAVITY, "rotationRate": What.ROTATION}


class Sensors(NamedTuple):
    """Sensors that are stamped together.

    Attributes
    ----------
    tables : iterator of Table
    columns : dict of What to slice
        Where a table has their axes.
    """

    tables: Iterator[Table]
    columns: dict[What, slice]


class Worn(NamedTuple):
    """One device's sensors: an acceleration, or one without gravity, with the gravity beside it or not.

    Attributes
    ----------
    device : str
    units : dict of What to Unit
    leader : Sensors
        A message is cut by their time: the acceleration's, or the angular rate's where there is nothing else.
    gravity, rotation : Sensors or None
        Where they are stamped apart.
    watch : bool
    sign : float
        -1 where the axis that points up reads negative at rest, as on iOS.
    starts_ns : int
        Nanoseconds since the epoch at t = 0; 0 where that is not known, or t counts from the epoch.
    """

    device: str
    units: dict[What, Unit]
    leader: Sensors
    gravity: Sensors | None = None
    rotation: Sensors | None = None
    watch: bool = False
    sign: float = 1.0
    starts_ns: int = 0


def messages(worn: Worn, batch_s: float) -> Iterator[Message]:
    """Give a device's messages in order of time, as they are asked for."""
    gravity = _Follower(worn.gravity) if worn.gravity else None
    rotation = _Follower(worn.rotation) if worn.rotation else None
    arrival_ns = previous_ns = 0
    since_s = latest_s = float("-inf")
    for batch in _batches(worn.leader.tables, batch_s):
        t_s = batch[:, 0]
        stamps_s = t_s[~np.isnan(t_s)]
        if len(stamps_s):
            first_ns, last_ns = (round(stamp_s * NS_PER_S) for stamp_s in (stamps_s[0].item(), stamps_s[-1].item()))
            # In a disordered file the arrival goes on by the batch's own span: it never runs back.
            arrival_ns += last_ns - previous_ns if last_ns > previous_ns else last_ns - first_ns
            arrival_ns, previous_ns = min(arrival_ns, _LAST_NS - worn.starts_ns), last_ns
            since_s, latest_s = stamps_s.min().item() - _EARLIER_S, max(latest_s, stamps_s.max().item())
        said = {what: batch[:, columns] for what, columns in worn.leader.columns.items()}
        if gravity is not None:
            said[What.GRAVITY] = gravity.at(t_s)
        turned_s = t_s
        if rotation is not None:
            turned_s, said[What.ROTATION] = rotation.between(since_s, latest_s)
        yield Message(f"file/{worn.device}", _payload(worn, t_s, said, turned_s), arrival_ns + worn.starts_ns)


class _Follower:
    """Sensors stamped apart, read as far as the leader has come."""

    def __init__(self, sensors: Sensors) -> None:
        self._tables = sensors.tables
        (self._columns,) = sensors.columns.values()
        self._held: Table | None = None
        self._ended = False

    def between(self, since_s: float, t_s: float) -> tuple[Array, Array]:
        """Give times and axes up to a time, each row once; one without a time goes with those around it."""
        held = self._read(since_s, t_s)
        later = held[:, 0] > t_s
        self._held = held[later]
        return held[~later, 0], held[~later, self._columns]

    def at(self, t_s: Array) -> Array:
        """Give the axes at these times: exact at equal ones, linear between, held at the ends."""
        if np.isnan(t_s).all():
            return np.full((len(t_s), 3), _NAN)
        first_s, last_s = float(np.nanmin(t_s)), float(np.nanmax(t_s))
        held = self._read(first_s - _EARLIER_S, last_s)
        good = ~np.isnan(held[:, : self._columns.stop]).any(axis=1)
        known_s, first = np.unique(held[good, 0], return_index=True)
        if not len(known_s):
            return np.full((len(t_s), 3), _NAN)
        self._held = held[held[:, 0] >= known_s[max(0, int(np.searchsorted(known_s, first_s)) - 1)]]
        xyz = held[good, self._columns][first]
        return np.column_stack([np.interp(t_s, known_s, xyz[:, axis]) for axis in range(3)])

    def _read(self, since_s: float, t_s: float) -> Table:
        """Read on until a row is later; what was measured while the leader was silent is left out."""
        some = [] if self._held is None else [self._held]
        while not self._ended and not (some and (some[-1][:, 0] > t_s).any()):
            table = next(self._tables, None)
            self._ended = table is None
            if table is not None:
                some.append(table[~(table[:, 0] < since_s)])
        return np.concatenate(some) if some else np.empty((0, self._columns.stop))


# What a message says


def _payload(worn: Worn, t_s: Array, said: dict[What, Array], turned_s: Array) -> bytes:
    body: dict[str, Any]
    if What.LINEAR in said and What.GRAVITY not in said:
        body = {"deviceId": worn.device, "payload": [*_without_gravity(worn, t_s, said, turned_s)]}
    elif worn.watch and said.keys() == {*_WORN.values()}:
        body = {"deviceId": worn.device, "payload": [*_wrist_motion(worn, t_s, said)]}
    else:
        body = {"device": worn.device, **_plain(worn, t_s, said, turned_s)}
    return msgspec.json.encode(body)  # NaN is written as null


def _plain(worn: Worn, t_s: Array, said: dict[What, Array], turned_s: Array) -> dict[str, Any]:
    """Give columns, as the plain JSON has them."""
    acceleration = said.get(What.ACCELERATION)
    if What.LINEAR in said:
        acceleration = said[What.LINEAR] + said[What.GRAVITY]
    keys = {what: "gyro_unit" if what is What.ROTATION else "unit" for what in worn.units}
    body: dict[str, Any] = {keys[what]: unit.value for what, unit in worn.units.items() if unit is not Unit.AUTO}
    body["t_s"] = t_s.tolist()
    if acceleration is not None:
        body |= zip(roles.ACCELERATION, (worn.sign * acceleration).T.tolist(), strict=True)
    if turned_s is not t_s:
        body["gt"] = turned_s.tolist()
    if What.ROTATION in said:
        body |= zip(roles.ROTATION, said[What.ROTATION].T.tolist(), strict=True)
    return body


def _without_gravity(worn: Worn, t_s: Array, said: dict[What, Array], turned_s: Array) -> Iterator[dict[str, Any]]:
    """Give samples as Sensor Logger pushes them: in the plain JSON nothing says that gravity was taken out."""
    sensors = [("accelerometer", t_s, worn.sign * MPS2_PER.get(worn.units[What.LINEAR], 1.0) * said[What.LINEAR])]
    if What.ROTATION in said:
        to_radps = np.deg2rad(1.0) if worn.units[What.ROTATION] is Unit.DEGPS else 1.0
        sensors.append(("gyroscope", turned_s, to_radps * said[What.ROTATION]))
    for name, times_s, axes in sensors:
        for time_ns, (x, y, z) in zip(_stamps_ns(worn, times_s), axes.tolist(), strict=True):
            yield {"name": name, "time": time_ns, "values": {"x": x, "y": y, "z": z}}


def _wrist_motion(worn: Worn, t_s: Array, said: dict[What, Array]) -> Iterator[dict[str, Any]]:
    """Give a watch's samples as Sensor Logger pushes them."""
    keys = [f"{name}{axis}" for name in _WORN for axis in "XYZ"]
    signs = {what: 1.0 if what is What.ROTATION else worn.sign for what in _WORN.values()}
    rows = np.column_stack([signs[what] * said[what] for what in _WORN.values()])
    for time_ns, row in zip(_stamps_ns(worn, t_s), rows.tolist(), strict=True):
        yield {"name": "wrist motion", "time": time_ns, "values": dict(zip(keys, row, strict=True))}


def _stamps_ns(worn: Worn, t_s: Array) -> list[int | None]:
    stamps_ns = [None if isnan(stamp_s) else round(stamp_s * NS_PER_S) + worn.starts_ns for stamp_s in t_s.tolist()]
    return [stamp_ns if stamp_ns is not None and abs(stamp_ns) < _LAST_NS else None for stamp_ns in stamps_ns]


def _batches(tables: Iterable[Table], batch_s: float) -> Iterator[Table]:
    """Cut where a batch spans its time, and wherever t jumps, so that a jump is never inside a message."""
    held: list[Table] = []  # the batch's rows of tables before this one
    n_held = 0
    first_s = last_s = _NAN  # a comparison with NaN is false: a batch without a stamp is not cut by time
    for table in tables:
        begin, full = 0, _MOST_ROWS - n_held
        for at, t_s in enumerate(table[:, 0].tolist()):
            if t_s < last_s or t_s - last_s > BATCH_S or t_s - first_s >= batch_s or at >= full:
                yield np.concatenate([*held, table[begin:at]])
                held, n_held, begin, full, first_s = [], 0, at, at + _MOST_ROWS, _NAN
            if t_s == t_s:  # no NaN, and quicker told than by a call for each row
                last_s = t_s
                if first_s != first_s:
                    first_s = t_s
        held.append(table[begin:])
        n_held += len(table) - begin
    if n_held:
        yield np.concatenate(held)
