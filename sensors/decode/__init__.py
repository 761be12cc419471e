"""What devices and apps write, told apart by its shape or as a person declared: `Decoder` gives the readings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np

from sensors.declared import Declared
from sensors.decode import android_event, battery, openeew, packed, phyphox, plain, senml, sensor_logger, text
from sensors.decode.assemble import EMPTY, NO_ACCELERATION, Decoded
from sensors.decode.cbor_block import Blocks
from sensors.decode.joined import Joiner
from sensors.message import Message
from sensors.samples import Clock, Reading, Sensor, Unit

__all__ = ["LARGEST_BYTES", "Decoded", "Decoder"]

LARGEST_BYTES: Final = 1 << 20
"""A second of a phone and a watch is 61 kB; beyond this a message is a camera picture, or an attack."""

_MANY_TOPICS: Final = 512

_Decode = Callable[[str, bytes], Decoded | None]

_JSON: Final[dict[bytes, _Decode]] = {
    b'"payload"': sensor_logger.decode,
    b'"values"': android_event.decode,
    b'"android.': android_event.decode,
    b'"v"': senml.decode,
    b'"events"': phyphox.decode,
    b'"traces"': openeew.decode,
    b"": plain.decode,
}
"""Who may understand JSON in which these bytes stand, in the order they are asked."""

_BY_FORMAT: Final[dict[str, _Decode]] = {
    "sensor-logger": sensor_logger.decode,
    "android-event": android_event.decode,
    "senml": senml.decode,
    "openeew": openeew.decode,
    "phyphox": phyphox.decode_declared,
    "plain": plain.decode,
}
_MAY_REPEAT: Final = frozenset((phyphox.SHAPE, plain.SHAPE))


class Decoder:
    """Reads a session's messages one after the other: by their shape, or as a person declared their topic.

    Parameters
    ----------
    declared : sequence of Declared
        The first that matches a topic counts.

    Notes
    -----
    Whatever the bytes, a message gives readings or a reject. It gives neither where it was understood and is of no
    concern: other sensors of Sensor Logger and Android, places, a topic that speaks of another sensor, a gyroscope
    without a single number, a buffer sent again, a block or a sample whose other parts are still to come, a battery.
    """

    def __init__(self, declared: Sequence[Declared] = ()) -> None:
        self._declared = tuple(declared)
        self._said_of = lru_cache(_MANY_TOPICS)(self._first_that_matches)
        self._first_device: dict[Declared, str] = {}
        self._blocks = Blocks()
        self._joiner = Joiner()
        self._kept = phyphox.Kept()

    def declared(self, topic: str) -> Declared | None:
        """Give what was said of a topic."""
        return self._said_of(topic)

    @np.errstate(over="ignore", invalid="ignore")  # what numbers at their extremes come to is sifted out
    def decode(self, message: Message) -> Decoded:
        """Read a message; never raises: what cannot be read is named and counted in ``Decoded.rejects``."""
        payload = message.payload
        if len(payload) > LARGEST_BYTES:
            return Decoded((), "", {f"larger than {LARGEST_BYTES / 1e6:.1f} MB": 1})
        if not payload or payload.isspace():
            return Decoded((), "", {EMPTY: 1})
        said = self.declared(message.topic)
        own = battery.of_topic(message.topic, payload)
        if own is not None:
            return Decoded((), battery.SHAPE, {}, self._under_names(own, said))
        decoded = self._by_format(message, said) if said and said.format != "auto" else self._by_shape(message)
        if decoded.shape in _MAY_REPEAT:
            newer = self._kept.newer(decoded)
            # With nothing newer it is a message that came twice, which the stream counts, or surely phyphox's.
            if newer.readings or decoded.shape == phyphox.SHAPE:
                decoded = newer
        if said is not None:
            decoded = replace(decoded, readings=tuple(self._as_said(reading, said) for reading in decoded.readings))
        full = battery.in_message(message.topic, payload)
        return decoded if full is None else _with_battery(decoded, self._under_names(full, said))

    def _by_shape(self, message: Message) -> Decoded:
        topic, payload = message.topic, message.payload
        if payload.lstrip()[:1] in (b"{", b"["):
            return _as_json(_by_keys, topic, payload) or Decoded((), "", {"not JSON": 1})
        decoded = self._blocks.decode(topic, payload) or self._joiner.decode(message) or text.decode(topic, payload)
        return decoded or Decoded((), "", {_unreadable(payload): 1})

    def _by_format(self, message: Message, said: Declared) -> Decoded:
        topic, payload = message.topic, message.payload
        decoded: Decoded | None
        match said.format:
            case "struct":
                decoded = packed.decode(topic, payload, said.struct, said.fields)
            case "text":
                decoded = text.decode(topic, payload, said.fields)
            case "cbor":
                decoded = self._blocks.decode(topic, payload)
            case "scalar":
                decoded = self._joiner.decode(message)
            case _:
                decoded = _as_json(_BY_FORMAT[said.format], topic, payload)
        return decoded or Decoded((), "", {f"declared as {said.format}, and is something else": 1})

    def _as_said(self, reading: Reading, said: Declared) -> Reading:
        """Replace what the payload says with what a person said."""
        changes: dict[str, Any] = {}
        unit = said.gyro_unit if reading.sensor is Sensor.GYROSCOPE else said.unit
        if unit is not Unit.AUTO:
            changes["unit"] = unit
        if said.clock is Clock.NONE:
            changes |= {"clock": Clock.NONE, "ticks": np.zeros(len(reading.ticks), dtype=np.int64)}
        elif said.clock is not Clock.AUTO and reading.clock is not Clock.NONE:
            changes["clock"] = said.clock
        if said.gravity == "removed" and reading.sensor is Sensor.ACCELEROMETER:
            changes["sensor"] = Sensor.LINEAR
        if said.kind is not None:
            changes["kind"] = said.kind
        if said.name:
            changes["device"] = self._name(reading.device, said)
        return replace(reading, **changes) if changes else reading

    def _name(self, device: str, said: Declared) -> str:
        """Give the first device heard the name that was given; others on its topics keep theirs behind it."""
        first = self._first_device.setdefault(said, device)
        if f"{device} ".startswith(f"{first} "):  # so is a watch's: its phone's and a word more
            return said.name + device.removeprefix(first)
        return f"{said.name} {device}"

    def _under_names(self, full: Mapping[str, float], said: Declared | None) -> Mapping[str, float]:
        """Give batteries under the names of their devices: the first device heard may have been given one."""
        first = self._first_device.get(said) if said and said.name else None
        return {said.name if said and device == first else device: level for device, level in full.items()}

    def _first_that_matches(self, topic: str) -> Declared | None:
        return next((each for each in self._declared if each.matches(topic)), None)


def _as_json(decode: _Decode, topic: str, payload: bytes) -> Decoded | None:
    """Read JSON, strict or not; None where it is none, or not what the decoder reads."""
    try:
        return decode(topic, payload)
    except (ValueError, RecursionError):
        pass
    try:  # NaN, Infinity and 1e999 are no JSON, yet common: as null they cost their sample, not the message
        return decode(topic, msgspec.json.encode(json.loads(payload)))
    except (ValueError, RecursionError):
        return None


def _by_keys(topic: str, payload: bytes) -> Decoded | None:
    asked = (decode(topic, payload) for mark, decode in _JSON.items() if mark in payload)
    return next((decoded for decoded in asked if decoded is not None), None)


def _with_battery(decoded: Decoded, full: Mapping[str, float]) -> Decoded:
    """Add what was said of batteries; that nothing else was said is then no fault."""
    if decoded.readings:
        return replace(decoded, battery=full)
    rejects = {reason: n for reason, n in decoded.rejects.items() if reason != NO_ACCELERATION}
    return Decoded((), decoded.shape or ("" if rejects else battery.SHAPE), rejects, full)


def _unreadable(payload: bytes) -> str:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return 'binary that says nothing of its layout: declare it with format = "struct"'
    return "neither JSON nor numbers"
