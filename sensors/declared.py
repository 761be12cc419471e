"""What a person says of a device outright, where its payload cannot tell or tells wrong: ``[[device]]`` in TOML.

Everything here is an override. A device that nothing is said of is taken as its data show it.
"""

from __future__ import annotations

import struct
from typing import Literal

import msgspec
from paho.mqtt.client import topic_matches_sub

from sensors.samples import Clock, Kind, Unit

Side = Literal["left", "right"]
GravitySaid = Literal["auto", "included", "removed"]
Format = Literal[
    "auto", "sensor-logger", "android-event", "phyphox", "plain", "senml", "openeew", "cbor", "text", "struct", "scalar"
]
Field = Literal["", "t", "t_s", "t_ms", "t_us", "t_ns", "ms", "us", "seq", "ax", "ay", "az", "gx", "gy", "gz"]

_LARGEST_SAMPLE_BYTES = 4096


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is said of the devices on some topics; the first of several that match a topic counts.

    Attributes
    ----------
    topic : str
        MQTT filter: ``+`` and ``#`` stand for parts of a topic.
    name : str
        What to call the device; empty keeps its own name.
    side : {"left", "right"} or None
        The wrist it is strapped to.
    format : str
        How its payload is laid out; "auto" tells by its shape.
    unit, gyro_unit : Unit
        Of acceleration and angular rate.
    gravity : {"auto", "included", "removed"}
    clock : Clock
        What its stamps count; ``none`` ignores them.
    rate_hz : float or None
        Its rate, where there are no stamps.
    struct : str
        Layout of a packed sample for Python's `struct`, such as ``<I9f``; a message may hold many.
    fields : tuple of str
        What each number of a packed sample, or each cell of a line of text, stands for: ``ax`` to ``gz``, a stamp
        ``t``, ``t_s``, ``t_ms``, ``t_us`` or ``t_ns`` (also ``ms`` and ``us``), a running number ``seq``; empty for
        one of no use.
    kind : Kind or None
        Sort of device: how late its samples may come.

    Raises
    ------
    ValueError
        A value that cannot be, or that another one contradicts.
    """

    topic: str
    name: str = ""
    side: Side | None = None
    format: Format = "auto"
    unit: Unit = Unit.AUTO
    gyro_unit: Unit = Unit.AUTO
    gravity: GravitySaid = "auto"
    clock: Clock = Clock.AUTO
    rate_hz: float | None = None
    struct: str = ""
    fields: tuple[Field, ...] = ()
    kind: Kind | None = None

    def __post_init__(self) -> None:
        if not _is_filter(self.topic):
            raise ValueError(f"topic {self.topic!r} is no MQTT filter: '#' stands last and '+' alone between slashes")
        if not self.name.isprintable():
            raise ValueError("name holds what no screen can show")
        if self.rate_hz is not None and not 1 <= self.rate_hz <= 2000:
            raise ValueError("rate_hz must be between 1 and 2000")
        if self.unit in (Unit.RADPS, Unit.DEGPS):
            raise ValueError(f"unit cannot be {self.unit.value}: that is one for gyro_unit")
        if self.gyro_unit not in (Unit.AUTO, Unit.RADPS, Unit.DEGPS, Unit.RAW):
            raise ValueError(f"gyro_unit cannot be {self.gyro_unit.value}: give rad/s, deg/s or raw")
        if (self.format == "struct") != bool(self.struct):
            raise ValueError('struct and format = "struct" go together')
        if self.fields or self.struct:
            self._check_fields()
        if self.struct:
            self._check_struct()

    def matches(self, topic: str) -> bool:
        """Whether it speaks of this topic."""
        return topic_matches_sub(self.topic, topic)

    def _check_fields(self) -> None:
        if self.format not in ("struct", "text"):
            raise ValueError('fields need format = "text" or "struct"')
        if not {"ax", "ay", "az"}.issubset(self.fields):
            raise ValueError("fields must name ax, ay and az")
        named = [field for field in self.fields if field]
        if len(set(named)) < len(named):
            raise ValueError("fields must name each only once")

    def _check_struct(self) -> None:
        if self.struct[:1] not in ("<", ">", "!"):
            raise ValueError(f"struct {self.struct!r}: begin it with '<' or '>', the order of its bytes")
        try:
            size = struct.calcsize(self.struct)
            if size > _LARGEST_SAMPLE_BYTES:
                raise ValueError(f"struct {self.struct!r}: a sample of {size} bytes is too large")
            values = struct.unpack(self.struct, bytes(size))
        except (struct.error, UnicodeError) as error:
            raise ValueError(f"struct {self.struct!r}: {error}") from None
        if not all(type(value) in (int, float) for value in values):
            raise ValueError(f"struct {self.struct!r} holds what is no number")
        if len(values) != len(self.fields):
            raise ValueError(f"struct {self.struct!r} holds {len(values)} numbers, fields names {len(self.fields)}")


def _is_filter(topic: str) -> bool:
    parts = topic.split("/")
    return (
        bool(topic)
        and all(part in ("+", "#") or not ("+" in part or "#" in part) for part in parts)
        and "#" not in parts[:-1]
    )
