"""What a person says of a device outright, where its payload cannot tell or tells wrong: ``[[device]]`` in TOML.

Everything here is an override. A device that nothing is said of is taken as its data show it.
"""

from __future__ import annotations

import re
import struct
from typing import Literal

import msgspec

from sensors.samples import Clock, Kind, Unit
from sensors.toml import read_toml

Side = Literal["left", "right"]
Format = Literal[
    "auto", "sensor-logger", "android-event", "phyphox", "plain", "senml", "cbor", "text", "struct", "scalar"
]


class DeclarationError(Exception):
    """A declaration that cannot be used; one line that names the file, the key and what to do."""


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
        What each number of a packed sample, or each cell of a line of text, stands for: ``t``, ``ax`` to ``gz``, any
        other name the plain JSON has; empty for one of no use.
    kind : Kind or None
        Sort of device: how late its samples may come.
    """

    topic: str
    name: str = ""
    side: Side | None = None
    format: Format = "auto"
    unit: Unit = Unit.AUTO
    gyro_unit: Unit = Unit.AUTO
    gravity: Literal["auto", "included", "removed"] = "auto"
    clock: Clock = Clock.AUTO
    rate_hz: float | None = None
    struct: str = ""
    fields: tuple[str, ...] = ()
    kind: Kind | None = None

    def __post_init__(self) -> None:
        if not _is_filter(self.topic):
            raise ValueError(f"topic {self.topic!r} is no MQTT filter: '#' stands last and '+' alone between slashes")
        if self.rate_hz is not None and not 1 <= self.rate_hz <= 2000:
            raise ValueError("rate_hz must be between 1 and 2000")
        if self.unit not in (Unit.AUTO, Unit.MPS2, Unit.G, Unit.MG, Unit.GAL, Unit.RAW):
            raise ValueError(f"unit cannot be {self.unit.value}")
        if self.gyro_unit not in (Unit.AUTO, Unit.RADPS, Unit.DEGPS, Unit.RAW):
            raise ValueError(f"gyro_unit cannot be {self.gyro_unit.value}")
        if (self.format == "struct") != bool(self.struct):
            raise ValueError('struct and format = "struct" go together')
        if self.struct:
            self._check_struct()

    def matches(self, topic: str) -> bool:
        """Whether it speaks of this topic."""
        pattern = "/".join({"+": "[^/]*", "#": ".*"}.get(part, re.escape(part)) for part in self.topic.split("/"))
        return re.fullmatch(pattern.replace("/.*", "(/.*)?"), topic, re.DOTALL) is not None

    def _check_struct(self) -> None:
        try:
            layout = struct.Struct(self.struct)
            values = layout.unpack(bytes(layout.size))
        except struct.error as error:
            raise ValueError(f"struct {self.struct!r}: {error}") from None
        if self.struct[:1] not in ("<", ">", "!"):
            raise ValueError(f"struct {self.struct!r}: begin it with '<' or '>', the order of its bytes")
        if not all(type(value) in (int, float) for value in values):
            raise ValueError(f"struct {self.struct!r} holds what is no number")
        if len(values) != len(self.fields):
            raise ValueError(f"struct {self.struct!r} holds {len(values)} numbers, fields names {len(self.fields)}")


class _Book(msgspec.Struct, forbid_unknown_fields=True):
    device: tuple[Declared, ...] = ()


def parse_declared(text: str, where: str) -> tuple[Declared, ...]:
    """Read ``[[device]]`` tables from TOML text.

    Parameters
    ----------
    text : str
    where : str
        The file's name, for the error.

    Raises
    ------
    DeclarationError
        Not TOML, an unknown key, a wrong value.
    """
    try:
        return read_toml(text, _Book).device
    except ValueError as error:
        raise DeclarationError(f"{where}: {error}") from error


def _is_filter(topic: str) -> bool:
    parts = topic.split("/")
    return (
        bool(topic)
        and all(part in ("+", "#") or not ("+" in part or "#" in part) for part in parts)
        and "#" not in parts[:-1]
    )
