"""What phyphox adds to plain JSON: a block that ties the experiment's seconds to the epoch, and buffers sent again.

An experiment's ``<send type="time">`` gives, under a key of the user's choice, ``{"now": 1790000000.5, "events":
[{"event": "START", "experimentTime": 0, "systemTime": 1790000000.1}, ..]}``. The experiment's time stands still in a
pause, the epoch does not: a sample's epoch is counted from the last start before it (phyphox-docs,
network-connections.md). Times stay float64: so the phone wrote them, and at today's epoch they are good to 0.2 µs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from sensors.decode import assemble, plain
from sensors.decode.assemble import Decoded
from sensors.samples import Array, Clock, Reading, Sensor, Unit

SHAPE: Final = "phyphox"
MAX_BUFFERS: Final = 64
"""More than any session's phones have sensors."""
FARTHEST_S: Final = 1e12
"""No clock is farther from 1970."""

_UNITS: Final = {Sensor.ACCELEROMETER: Unit.MPS2, Sensor.GYROSCOPE: Unit.RADPS}


class _Block(NamedTuple):
    """A time block: when the experiment started and went on, by its own clock and by the epoch."""

    now_s: Array  # shape (1,)
    started_s: Array  # shape (n,), in order
    epoch_s: Array  # shape (n,)


_NO_BLOCK: Final = _Block(np.array([np.nan]), np.empty(0), np.empty(0))


def decode(topic: str, payload: bytes) -> Decoded | None:
    """Read a message that has a time block; None where it has none.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    tree = msgspec.json.decode(payload)
    block = _block_in(tree)
    return _read(topic, tree, block) if block else None


def decode_declared(topic: str, payload: bytes) -> Decoded:
    """Read what is known to be phyphox's, with a time block or without: then its seconds stay those of the experiment.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    tree = msgspec.json.decode(payload)
    return _read(topic, tree, _block_in(tree) or _NO_BLOCK)


class Kept:
    """Takes off what a buffer held the last time: with ``keep="true"`` phyphox sends all it has, again and again."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, Sensor], tuple[float, list[float]]] = {}

    def newer(self, decoded: Decoded) -> Decoded:
        """Give only what comes after the last sample given before, where a batch has that very sample in it."""
        if all(len(reading.ticks) == 1 for reading in decoded.readings):
            return decoded
        readings = [reading for reading in map(self._newer, decoded.readings) if len(reading.ticks)]
        return Decoded(tuple(readings), decoded.shape, decoded.rejects)

    def _newer(self, reading: Reading) -> Reading:
        if reading.clock not in (Clock.AUTO, Clock.S):
            return reading  # numbers that begin anew with each message are no stamps of one buffer
        who = (reading.device, reading.sensor)
        last = self._last.pop(who, None)
        self._last[who] = (reading.ticks[-1].item(), reading.xyz[-1].tolist())
        if len(self._last) > MAX_BUFFERS:
            del self._last[next(iter(self._last))]
        if last is None or reading.ticks[0] > last[0]:
            return reading
        again = np.flatnonzero(reading.ticks == last[0])
        if not len(again) or reading.xyz[again[-1]].tolist() != last[1]:
            return reading
        after = again[-1] + 1
        return replace(reading, ticks=reading.ticks[after:], xyz=reading.xyz[after:])


def _block_in(tree: object) -> _Block | None:
    """Find the time block: its key is the user's choice."""
    values = tree.values() if isinstance(tree, dict) else ()
    return next((_block(value) for value in values if _is_block(value)), None)


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("events"), list)


def _block(value: dict[str, Any]) -> _Block:
    starts = [
        assemble.column([event.get("experimentTime"), event.get("systemTime")])
        for event in value["events"]
        if isinstance(event, dict) and event.get("event") == "START"
    ]
    times = np.array(sorted(start.tolist() for start in starts if (np.abs(start) < FARTHEST_S).all())).reshape(-1, 2)
    return _Block(assemble.column([value.get("now")]), times[:, 0], times[:, 1])


def _read(topic: str, tree: Any, block: _Block) -> Decoded:
    if isinstance(tree, dict):
        tree = {key: value for key, value in tree.items() if not _is_block(value)}
    decoded = plain.read(topic, tree)
    readings = tuple(_in_si(_by_epoch(reading, block)) for reading in decoded.readings)
    return Decoded(readings, SHAPE if decoded.shape else "", decoded.rejects)


def _in_si(reading: Reading) -> Reading:
    return replace(reading, unit=_UNITS[reading.sensor]) if reading.unit is Unit.AUTO else reading


def _by_epoch(reading: Reading, block: _Block) -> Reading:
    if reading.clock is Clock.NONE and len(reading.ticks) == 1 and np.abs(block.now_s) < FARTHEST_S:
        return replace(reading, ticks=block.now_s, clock=Clock.S)  # the last values, as they were sent
    if reading.clock not in (Clock.AUTO, Clock.S):
        return reading
    t_s = reading.ticks.astype(np.float64)
    if len(block.started_s):
        last = np.maximum(np.searchsorted(block.started_s, t_s, side="right") - 1, 0)
        t_s = block.epoch_s[last] + (t_s - block.started_s[last])
    return replace(reading, ticks=t_s, clock=Clock.S)
