"""CBOR (RFC 8949): a block of samples in packed columns, cut into messages; SenML; or the maps of plain JSON.

A block is a map ``{"id": .., "dev": .., "t0_us": .., "n": .., "fs": .., "dt_fmt": "u16le_us", "a_fmt": "i16le_mg"}``
and four of bytes, ``{"id": .., "type": "x", "idx": 0, "parts": 1, "a": b".."}`` for ``x``, ``y``, ``z`` and for
``dt``, the steps from sample to sample (github.com/PabloCastilloFCR/esp32_accel_monitor). They come in any order, or
all in one map.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Final

import cbor2
import numpy as np

from sensors.decode import assemble, plain, senml
from sensors.decode.assemble import Decoded
from sensors.decode.roles import unit_of
from sensors.samples import Kind, Unit

SHAPE: Final = "cbor"
INCOMPLETE: Final = "a block of which not all parts came"
UNKNOWN_FORMAT: Final = "a block in another number format than i16le_mg and u16le_us are examples of"
MISFIT: Final = "a block whose parts do not hold its n samples"

MAX_BLOCKS: Final = 16
"""Blocks whose parts are waited for, and blocks remembered as done."""
MAX_PARTS: Final = 64
MAX_BLOCK_BYTES: Final = 1 << 20
DEEPEST: Final = 16
LARGEST_PACK_BYTES: Final = 1 << 16
"""Maps keyed by integers can be made to collide: a pack of SenML, which needs them, is kept short."""

_COLUMNS: Final = ("x", "y", "z", "dt")
_FORMAT: Final = re.compile(r"([iu]8|[iuf]16|[iuf]32)(le|be)_(\w+)")
_US: Final = {"us": 1, "ms": 1000}


def loads(payload: bytes) -> object:
    """Read untrusted CBOR: shallow, no tags, maps keyed by text or by SenML's numbers, which become text.

    Raises
    ------
    ValueError
        It is none, or is more than that.
    """
    is_list = 0x80 <= payload[0] < 0xA0
    if is_list and len(payload) > LARGEST_PACK_BYTES:
        raise ValueError("a long list")
    try:
        tree: object = cbor2.loads(
            payload,
            tag_hook=_refuse,
            semantic_decoders=_REFUSED,
            object_hook=_text_keys,
            max_depth=DEEPEST,
            strict_hashable_types=not is_list,
        )
    except cbor2.CBORError as error:
        raise ValueError("not CBOR") from error
    return tree


def _refuse(_tag: object, _immutable: bool, /) -> object:
    raise ValueError("tags stand for dates, patterns, references: nothing of motion")


_REFUSED: Final = dict.fromkeys([*range(300), 1004, 43000], _refuse)


def _text_keys(node: Mapping[Any, Any], _immutable: bool, /) -> dict[str, Any]:
    named = {key if type(key) is str else senml.CBOR_LABELS.get(key): value for key, value in node.items()}
    return {key: value for key, value in named.items() if key is not None}


@dataclass(slots=True)
class _Block:
    """What has come of a block so far.

    Attributes
    ----------
    about : dict
        The meta map; empty until it came.
    parts : dict of str to dict of int to bytes
        Of each column by their index.
    expected : dict of str to int
        How many parts each column has.
    """

    about: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)

    def add(self, node: dict[str, Any]) -> None:
        """Take what a message says."""
        if "t0_us" in node:
            self.about = {key: value for key, value in node.items() if type(value) is not bytes}
        for name, blob in _blobs(node).items():
            index, parts = node.get("idx", 0), node.get("parts", 1)
            if type(index) is int and type(parts) is int and 0 <= index < parts <= MAX_PARTS:
                self.parts.setdefault(name, {})[index] = blob
                self.expected[name] = parts

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(len(blob) for parts in self.parts.values() for blob in parts.values())

    @property
    def whole(self) -> bool:
        """Whether everything has come; one without ``dt_fmt`` has no steps."""
        needed = _COLUMNS if "dt_fmt" in self.about else _COLUMNS[:3]
        return bool(self.about) and all(
            name in self.parts and len(self.parts[name]) >= self.expected[name] for name in needed
        )

    def column(self, name: str) -> bytes:
        """Give a column's bytes, in one piece."""
        return b"".join(blob for _, blob in sorted(self.parts.get(name, {}).items()))


class Blocks:
    """Reads CBOR messages one after the other; blocks in several messages are put together."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Block] = {}
        self._done: deque[Hashable] = deque(maxlen=MAX_BLOCKS)

    def decode(self, topic: str, payload: bytes) -> Decoded | None:
        """Read a message; None where the payload is no CBOR map or list."""
        if not payload or not 0x80 <= payload[0] < 0xC0:
            return None
        try:
            tree = loads(payload)
        except ValueError:
            return None
        if isinstance(tree, list):
            return senml.read(topic, tree) or _plain(topic, tree)
        if not isinstance(tree, dict):
            return None
        if isinstance(tree.get("meta"), dict):
            tree = {**tree["meta"], **tree}
        if "t0_us" in tree or _blobs(tree):
            return self._take(topic, tree)
        return _plain(topic, tree)

    def _take(self, topic: str, node: dict[str, Any]) -> Decoded:
        name = node.get("id")
        key = (topic, name if isinstance(name, str | int) else None)
        if key[1] is not None and key in self._done:
            return Decoded((), SHAPE, {})  # sent twice
        block = self._waiting.pop(key, None) or _Block()
        block.add(node)
        if block.whole:
            self._done.append(key)
            return _decoded(topic, block)
        if key[1] is None or block.size > MAX_BLOCK_BYTES:
            return Decoded((), SHAPE, {INCOMPLETE: 1})
        self._waiting[key] = block
        if len(self._waiting) <= MAX_BLOCKS:
            return Decoded((), SHAPE, {})
        del self._waiting[next(iter(self._waiting))]
        return Decoded((), SHAPE, {INCOMPLETE: 1})


def _blobs(node: dict[str, Any]) -> dict[str, bytes]:
    """Find the columns in a message: under their names, or one under any name, called by ``type``."""
    named = {name: node[name] for name in _COLUMNS if type(node.get(name)) is bytes}
    if not named and node.get("type") in _COLUMNS:
        named = dict.fromkeys([node["type"]], next((value for value in node.values() if type(value) is bytes), b""))
    return named


def _plain(topic: str, tree: object) -> Decoded:
    decoded = plain.read(topic, tree, Kind.BOARD)
    return replace(decoded, shape=SHAPE) if decoded.shape else decoded


class _UnusableError(Exception):
    """A block that cannot be unpacked; the text is the reason to count."""


def _decoded(topic: str, block: _Block) -> Decoded:
    try:
        columns = _unpacked(block)
    except _UnusableError as reason:
        return Decoded((), SHAPE, {str(reason): 1})
    named = block.about.get("dev")
    device = assemble.device_name(named) if isinstance(named, str) else ""
    unit = unit_of("unit", _told(block, "a_fmt")[1])
    rejects: Counter[str] = Counter()
    readings = plain.readings(device or topic, unit, Unit.AUTO, columns, {}, rejects, Kind.BOARD)
    return Decoded(tuple(readings), SHAPE, dict(rejects))


def _unpacked(block: _Block) -> plain.Columns:
    """Give a block's columns by their roles, with stamps in µs where the block tells the steps or the rate."""
    dtype, _ = _told(block, "a_fmt")
    columns = {f"a{axis}": _numbers(block.column(axis), dtype) for axis in ("x", "y", "z")}
    n = block.about.get("n")
    if type(n) is not int or not n or any(len(values) != n for values in columns.values()):
        raise _UnusableError(MISFIT)
    t0_us = assemble.number(block.about["t0_us"])
    if "dt_fmt" in block.about:
        dtype, unit = _told(block, "dt_fmt")
        steps = _numbers(block.column("dt"), dtype)
        if unit not in _US or len(steps) not in (n - 1, n):
            raise _UnusableError(MISFIT if unit in _US else UNKNOWN_FORMAT)
        after_us = [0, *accumulate(step * _US[unit] for step in steps)][-n:]
    else:
        rate_hz = assemble.number(block.about.get("fs"))
        if not 0 < rate_hz < 1e6:
            return columns
        after_us = [round(i * 1e6 / rate_hz) for i in range(n)]
    return columns | {"us": [t0_us + us for us in after_us]}


def _told(block: _Block, key: str) -> tuple[np.dtype[Any], str]:
    """Read a number format such as ``i16le_mg``: how the numbers are stored, and their unit."""
    match = _FORMAT.fullmatch(str(block.about.get(key)))
    if match is None:
        raise _UnusableError(UNKNOWN_FORMAT)
    number, order, unit = match.groups()
    return np.dtype(f"{'<' if order == 'le' else '>'}{number[0]}{int(number[1:]) // 8}"), unit


def _numbers(packed: bytes, dtype: np.dtype[Any]) -> list[Any]:
    if len(packed) % dtype.itemsize:
        raise _UnusableError(MISFIT)
    numbers: list[Any] = np.frombuffer(packed, dtype).tolist()
    return numbers
