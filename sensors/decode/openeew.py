"""Blocks of a seismometer, OpenEEW's: columns in gal, the sample rate, and the time at which the block was sent.

``{"device_id": "a1", "sr": 31.25, "device_t": 1790000000.5, "traces": [{"x": [..], "y": [..], "z": [..]}, ..]}``;
older firmware puts it under ``d`` and says neither rate nor time (github.com/openeew/openeew-firmware, FIRMWARE.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from sensors.decode import assemble, plain
from sensors.decode.assemble import Decoded
from sensors.samples import Kind, Unit

SHAPE: Final = "openeew"

_BARE_TO_AXIS: Final = {"x": "ax", "y": "ay", "z": "az"}


def decode(topic: str, payload: bytes) -> Decoded | None:
    """Read a block; None where the payload is none.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    tree = msgspec.json.decode(payload)
    if isinstance(tree, dict) and isinstance(tree.get("d"), dict):
        tree = tree["d"]
    traces = tree.get("traces") if isinstance(tree, dict) else None
    if not isinstance(traces, list):
        return None
    columns: plain.Columns = {axis: [] for axis in _BARE_TO_AXIS.values()}
    for trace in traces:
        for bare, axis in _BARE_TO_AXIS.items():
            values = trace.get(bare) if isinstance(trace, dict) else None
            if not isinstance(values, list):
                return None
            columns[axis] += values
    name = tree.get("device_id")
    device = assemble.device_name(name) if isinstance(name, str) else ""
    rejects: Counter[str] = Counter()
    stamped = columns | _stamps(tree, min(map(len, columns.values())))
    acceleration = stamped if any(columns.values()) else {}
    readings = plain.readings(device or topic, Unit.GAL, Unit.AUTO, acceleration, {}, rejects, Kind.BOARD)
    return Decoded(tuple(readings), SHAPE, dict(rejects))


def _stamps(tree: Mapping[str, Any], n: int) -> plain.Columns:
    """Give the samples' times in seconds since the epoch, the last one's that of sending; none where not told."""
    sent_s, rate_hz = assemble.column([tree.get("device_t"), tree.get("sr")]).tolist()
    if not (0 < sent_s < 1e12 and 0 < rate_hz < 1e6):
        return {}
    times_s: list[Any] = (sent_s - np.arange(n - 1, -1, -1) / rate_hz).tolist()
    return {"t_s": times_s}
