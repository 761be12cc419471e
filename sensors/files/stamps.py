"""A table's time: stamps that are broken, takes one after the other, pauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isnan
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sensors.files.table import Table
from sensors.message import NS_PER_S
from sensors.samples import Array

LAST_S: Final = 2**62 / NS_PER_S
_NEW_TAKE_S: Final = 0.25
"""A step back by more than this is a new take, appended to the one before; by less, rows in disorder."""
_ASTRAY_S: Final = 1.0
_EITHER_SIDE: Final = 5
_NAN: Final = float("nan")


class Started(NamedTuple):
    """When a measurement was started, or went on after a pause: seconds of its own time, and of the epoch's."""

    experiment_s: float
    epoch_s: float


def mended(tables: Iterable[Table]) -> Iterator[Table]:
    """Take away the stamps that stray: of a serial line, digits get lost.

    A stamp is broken where it is far from the median of the eleven around it, which a gap or a new take leaves in
    place (Tukey's running median keeps edges). Looked for only where time steps back or jumps at all.
    """
    before: Array = np.empty(0)
    held: Table | None = None
    for table in tables:
        table[~(np.abs(table[:, 0]) < LAST_S), 0] = _NAN
        joined = table if held is None else np.concatenate((held, table))
        stamps_s = _mended(joined[:, 0], before)
        # The last rows wait for those after them.
        ready = max(0, len(joined) - _EITHER_SIDE)
        before = np.concatenate((before, _stamped(stamps_s[:ready])))[-_EITHER_SIDE:]
        held = joined[ready:]
        if ready:
            joined[:ready, 0] = stamps_s[:ready]
            yield joined[:ready]
    if held is not None and len(held):
        held[:, 0] = _mended(held[:, 0], before)
        yield held


def _mended(t_s: Array, before_s: Array) -> Array:
    good_s = np.concatenate((before_s, _stamped(t_s)))
    steps_s = np.diff(good_s)
    if not len(steps_s) or (steps_s.min() >= 0 and steps_s.max() < _ASTRAY_S):
        return t_s
    usual_s = float(np.median(np.abs(steps_s)))
    around = sliding_window_view(np.pad(good_s, _EITHER_SIDE, mode="edge"), 2 * _EITHER_SIDE + 1)
    astray = np.abs(good_s - np.median(around, axis=1)) > max(_ASTRAY_S, 4 * _EITHER_SIDE * usual_s)
    mended_s = t_s.copy()
    mended_s[np.flatnonzero(~np.isnan(t_s))[astray[len(before_s) :]]] = _NAN
    return mended_s


def _stamped(t_s: Array) -> Array:
    return t_s[~np.isnan(t_s)]


def going_on(tables: Iterable[Table]) -> Iterator[Table]:
    """Let time go on where a new take begins, one sample after the one before: the stream would take it for late."""
    last_s, period_s, shift_s = _NAN, 0.0, 0.0
    for table in tables:
        stamped = ~np.isnan(table[:, 0])
        t_s = table[stamped, 0]
        if len(t_s):
            steps_s = np.diff(t_s, prepend=t_s[0] if isnan(last_s) else last_s)
            last_s = t_s[-1].item()
            forward_s = steps_s[steps_s > 0]
            period_s = float(np.median(forward_s)) if len(forward_s) else period_s
            shifts_s = shift_s + np.cumsum(np.where(steps_s < -_NEW_TAKE_S, period_s - steps_s, 0.0))
            shift_s = shifts_s[-1].item()
            table[stamped, 0] = t_s + shifts_s
        yield table


def with_pauses(tables: Iterable[Table], starts: list[Started]) -> Iterator[Table]:
    """Give back the pauses that phyphox leaves out of its time: each stretch stands where it was measured."""
    begins_s = np.array([start.experiment_s for start in starts])
    paused_s = np.maximum.accumulate([start.epoch_s - start.experiment_s for start in starts])
    for table in tables:
        stretch = np.maximum(np.searchsorted(begins_s, table[:, 0], "right") - 1, 0)
        table[:, 0] += paused_s[stretch] - paused_s[0]
        yield table
