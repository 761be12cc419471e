"""From what a payload held to a `Reading`: the checks every shape shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sensors.samples import Array, Clock, Kind, Reading, Sensor, Ticks, Unit

NOT_A_NUMBER: Final = "null or not a number"
OUT_OF_REACH: Final = "beyond any sensor's reach"
NO_STAMP: Final = "no usable time stamp"
RAGGED: Final = "columns of unequal length"
NO_ACCELERATION: Final = "no acceleration in it"
EMPTY: Final = "empty batch"

REACH: Final = 1e6
"""No sensor says more, in any unit: raw 20-bit counts end at 524,288."""

_FAULTS: Final = ("", NOT_A_NUMBER, OUT_OF_REACH, NO_STAMP)
_NUMBERS: Final = frozenset({int, float})
_LONGEST_NAME: Final = 256
_NAN: Final = float("nan")

Faults = NDArray[np.intp]
"""Per sample: 0 where it is good, else an index that `count` turns into the reason."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a message held.

    Attributes
    ----------
    readings : tuple of Reading
        The accelerometer before the gyroscope, the phone before the watch.
    shape : str
        Which decoder understood it; empty where none did.
    rejects : mapping of str to int
        Reason, and how many samples it cost; 1 where it cost the whole message. What was understood and holds no
        motion, such as a place or a heart rate, is no reject.
    battery : mapping of str to float
        By device, or by topic where no device is named: how full its battery is, 0 to 1.
    """

    readings: tuple[Reading, ...]
    shape: str
    rejects: Mapping[str, int]
    battery: Mapping[str, float] = field(default_factory=dict)


def number(value: object) -> int | float:
    """Give a JSON number, or a text that spells one, as a number; NaN for anything else."""
    if type(value) in _NUMBERS:
        return value  # type: ignore[return-value]  # mypy does not narrow on a set of types
    if type(value) is str and "_" not in value:  # Python reads 1_0 as ten
        for parse in (int, float):
            try:
                return parse(value)
            except ValueError:
                continue
    return _NAN


def column(values: Sequence[object]) -> Array:
    """Give float64 numbers, NaN where an entry is none."""
    if _NUMBERS.issuperset(map(type, values)):  # numpy itself would let booleans and null pass as numbers
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            pass
    return np.array([_as_float(number(value)) for value in values], dtype=np.float64)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return float("inf")


def stamps(values: Sequence[object]) -> tuple[Ticks, NDArray[np.bool_]]:
    """Give time stamps, integers kept whole, and which of them are usable."""
    kinds = set(map(type, values))
    if kinds == {float}:
        seconds = np.array(values, dtype=np.float64)
        return seconds, np.abs(seconds) < 2**63
    if kinds == {int}:
        try:
            return np.array(values, dtype=np.int64), np.ones(len(values), dtype=np.bool_)
        except OverflowError:
            pass
    numbers = [number(value) for value in values]
    usable = [-(2**63) <= n < 2**63 for n in numbers]  # False for NaN
    kept = [n if ok else 0 for n, ok in zip(numbers, usable, strict=True)]
    whole = all(type(n) is int for n in kept)
    ticks: Ticks = np.array(kept, dtype=np.int64) if whole else np.array(kept, dtype=np.float64)
    return ticks, np.array(usable, dtype=np.bool_)


def sift(usable: NDArray[np.bool_], xyz: Array) -> Faults:
    """Find what is wrong with each sample.

    Parameters
    ----------
    usable : ndarray of bool, shape (n,)
        Whether it has a time stamp.
    xyz : ndarray, shape (n, 3)
    """
    if np.abs(xyz).max(initial=0.0) <= REACH and usable.all():
        return np.zeros(len(xyz), dtype=np.intp)
    largest = np.abs(xyz).max(axis=1)
    faults = np.where(largest <= REACH, 0, np.where(np.isnan(largest), 1, 2))
    faults[(faults == 0) & ~usable] = 3
    return faults


def count(faults: Faults, rejects: Counter[str]) -> None:
    """Add the faults to the reasons' tally."""
    if faults.any():
        rejects.update(_FAULTS[fault] for fault in faults.tolist() if fault)


def keep(
    device: str,
    sensor: Sensor,
    ticks: Ticks,
    clock: Clock,
    xyz: Array,
    unit: Unit,
    faults: Faults,
    kind: Kind = Kind.PHONE,
) -> Reading | None:
    """Make a reading of the good samples; None where there is none."""
    if faults.any():
        good = faults == 0
        ticks, xyz = ticks[good], xyz[good]
    if not len(ticks):
        return None
    return Reading(device, sensor, ticks, clock, xyz, unit, kind)


def device_name(text: str) -> str:
    """Make a name fit for a screen: a device must not send control characters to a terminal, nor a novel."""
    text = text[:_LONGEST_NAME]
    return (text if text.isprintable() else "".join(filter(str.isprintable, text))).strip()
