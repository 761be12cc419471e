"""How full a device's battery is, where it says so: beside the motion, in a message of its own, on a topic of its own.

Sensor Logger pushes ``{"name": "battery", "values": {"batteryLevel": 0.83, "batteryState": "unplugged",
"lowPowerMode": false}}``, a share of 1 (UNITS.md, "Battery", in github.com/tszheichoi/awesome-sensor-logger). SenML
counts ``%EL`` in percent (RFC 8428, section 12.1), and so does OwnTracks under ``batt`` (owntracks.org/booklet,
"JSON"). Who writes their own JSON calls it ``battery``, ``bat``, ``battery_pct``; ESPHome has a topic for it,
``esp/sensor/battery_level/state``. None of these say how many volts a full battery has, so volts tell nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec

from sensors.decode import assemble, cbor_block, plain, senml
from sensors.decode.roles import role_of

SHAPE: Final = "battery"

SMALLEST_PERCENT: Final = 6
"""Where nothing tells volts from percent, fewer are taken for neither: a cell has 3 to 4.2 V, a pair of them 5."""

_MARKS: Final = (b"bat", b"Bat", b"BAT")
_DEEPEST: Final = 3
_KEY: Final = re.compile(r"bat(?:t|tery)?(?:level|lvl|value)?(?P<percent>pct|perc|percent|percentage|soc)?")
_ABOUT: Final = re.compile(r".*battery.*|v?batt?")
_SEPARATORS: Final = re.compile(r"[/:._\- ]")
_TOPIC: Final = re.compile(
    r"(?:(?P<owner>.*)[/:._\- ])?"
    r"(?P<key>bat(?:t|tery)?(?:[/:._\- ]?(?:level|pct|perc|percent|percentage))*)(?:/state)?",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 256
_SHARE, _PERCENT, _UNTOLD = "share", "percent", ""
_SENML_UNITS: Final = {"%EL": _PERCENT, "%": _PERCENT, "/": _SHARE, None: _UNTOLD}


def of_topic(topic: str, payload: bytes) -> dict[str, float] | None:
    """Read a topic of the battery's own; None where the topic is none, or its payload no single number.

    Returns
    -------
    dict of str to float, or None
        See `in_message`.
    """
    named = _named(topic)
    if named is None or len(payload) > _LONGEST_NAME:
        return None
    text = payload.decode(errors="replace").strip()
    value = assemble.number(text.removesuffix("%"))
    if value != value:
        return None
    owner, key = named
    found = level(text, _unit_of(key))
    return {} if found is None else {assemble.device_name(owner) or topic: found}


def in_message(topic: str, payload: bytes) -> dict[str, float] | None:
    """Look for a battery in JSON or CBOR; None where nothing in it is about one.

    Returns
    -------
    dict of str to float, or None
        By device, how full its battery is, 0 to 1; empty where what is said of it tells no level.
    """
    named = _named(topic)
    if named is None and not any(mark in payload for mark in _MARKS):
        return None
    try:
        tree = _tree(payload)
    except (ValueError, RecursionError):
        return None
    pack = senml.records_of(tree)
    if pack is not None:
        found = list(_in_pack(topic, pack))
    elif named is not None:
        found = list(_in_node(assemble.device_name(named[0]) or topic, tree, {}, "battery", _DEEPEST))
    else:
        found = list(_in_node(topic, tree, {}, "", _DEEPEST))
    return {device: full for device, full in found if full is not None} if found else None


def level(value: object, unit: str = _UNTOLD) -> float | None:
    """Tell how full a battery is, 0 to 1; None where the number may as well be something else.

    Parameters
    ----------
    value : object
        A number, or a text that spells one; a percent sign behind it counts.
    unit : {"share", "percent", ""}
        What it counts; where that is not told, less than 1 is a share, and volts are left out (`SMALLEST_PERCENT`).
    """
    if isinstance(value, str) and value.rstrip().endswith("%"):
        value, unit = value.rstrip().removesuffix("%"), _PERCENT
    number = float(assemble.column([value])[0])
    if unit == _SHARE:
        return number if 0 <= number <= 1 else None
    if unit == _PERCENT:
        return number / 100 if 0 <= number <= 100 else None
    if 0 <= number < 1:
        return number
    return number / 100 if SMALLEST_PERCENT <= number <= 100 else None


def _tree(payload: bytes) -> object:
    if payload.lstrip()[:1] in (b"{", b"["):
        tree: object = msgspec.json.decode(payload)
        return tree
    return cbor_block.loads(payload) if 0x80 <= payload[0] < 0xC0 else None


def _in_node(
    topic: str, node: object, told: plain.Roles, around: str, depth: int
) -> Iterator[tuple[str, float | None]]:
    """Find the keys about a battery, with the device that those around them name.

    Parameters
    ----------
    around : str
        What stands before a key: "battery" within such an object.
    """
    if isinstance(node, list):
        for item in node:
            if isinstance(item, dict):
                yield from _in_node(topic, item, told, around, depth)
    elif isinstance(node, dict):
        told = told | {role: value for key, value in node.items() if (role := role_of(key)) in ("device", "id")}
        share = "batteryState" in node or "lowPowerMode" in node  # so phones' systems say it
        for key, value in node.items():
            name = _plain(around + key)
            if isinstance(value, dict | list):
                if depth:
                    inner = "battery" if _KEY.fullmatch(name) else ""
                    yield from _in_node(topic, value, told, inner, depth - 1)
            elif _KEY.fullmatch(name):
                yield plain.device_of(told, topic), level(value, _SHARE if share else _unit_of(name))
            elif _ABOUT.fullmatch(name):
                yield plain.device_of(told, topic), None


def _in_pack(topic: str, pack: list[dict[str, Any]]) -> Iterator[tuple[str, float | None]]:
    base, base_unit = "", None
    for record in pack:
        base, base_unit = record.get("bn", base), record.get("bu", base_unit)
        unit = record.get("u", base_unit)
        named = _named(f"{base}{record.get('n', '')}")
        if named is None or "v" not in record:
            continue
        owner = assemble.device_name(named[0]) or topic
        known = unit in _SENML_UNITS if isinstance(unit, str | None) else False
        yield owner, level(record["v"], _SENML_UNITS[unit]) if known and "bv" not in record else None


@lru_cache(maxsize=512)
def _named(name: str) -> tuple[str, str] | None:
    """Tell whose battery the end of a topic, or of a SenML name, speaks of, and by which word."""
    match = _TOPIC.fullmatch(name) if len(name) <= _LONGEST_NAME else None
    return (match["owner"] or "", _plain(match["key"])) if match else None


@lru_cache(maxsize=512)
def _plain(key: str) -> str:
    return _SEPARATORS.sub("", key[:_LONGEST_NAME]).lower()


def _unit_of(key: str) -> str:
    match = _KEY.fullmatch(key)
    return _PERCENT if match and match["percent"] else _UNTOLD
