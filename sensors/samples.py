"""One vocabulary for every device: what a sensor said (`Reading`), and what the tracker is given (`Samples`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ticks = NDArray[np.int64] | NDArray[np.float64]

G0_MPS2 = 9.80665
"""Standard gravity (CGPM 1901)."""


class Sensor(StrEnum):
    """What was measured."""

    ACCELEROMETER = "accelerometer"  # specific force; whether gravity is in it is told from the data
    LINEAR = "linear acceleration"  # the phone has taken gravity out
    GYROSCOPE = "gyroscope"


class Unit(StrEnum):
    """What a value is counted in; AUTO is told from the data by the stream stage."""

    AUTO = "auto"
    MPS2 = "m/s2"
    G = "g"
    MG = "mg"
    GAL = "gal"  # cm/s²
    RADPS = "rad/s"
    DEGPS = "deg/s"
    RAW = "raw"


class Kind(StrEnum):
    """What sort of device speaks; how late and how disordered its samples may come follows from it."""

    BOARD = "board"  # sends what it has just measured
    PHONE = "phone"  # batches of up to seconds, one thread per event in some apps
    WATCH = "watch"  # by way of a phone, five to ten seconds late


WATCH = " watch"
"""Behind a phone's name: the watch that it relays."""


class Clock(StrEnum):
    """What a time stamp counts; AUTO is told from the increments by the stream stage."""

    AUTO = "auto"
    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"
    COUNT = "count"  # a running number of samples
    NONE = "none"  # no stamp at all: only the arrival is known


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one sensor of one device said in one message, in the device's own units and clock.

    Attributes
    ----------
    device : str
        Who speaks: the device's id where the payload names one, else the topic.
    sensor : Sensor
    ticks : ndarray, shape (n,)
        The device's own time stamps; integers stay int64 (epoch nanoseconds do not fit a float64). All zeros where
        ``clock`` is NONE.
    clock : Clock
    xyz : ndarray, shape (n, 3), float64
        Finite values only: a decoder drops and counts a sample that misses an axis.
    unit : Unit
    kind : Kind
    """

    device: str
    sensor: Sensor
    ticks: Ticks
    clock: Clock
    xyz: Array
    unit: Unit
    kind: Kind = Kind.PHONE


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was measured between these times since the stream's first sample."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Time that was not measured."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A block on a device's uniform time grid, SI units.

    Attributes
    ----------
    t_s : ndarray, shape (n,)
        Seconds since the stream's first sample.
    acc_mps2 : ndarray, shape (n, 3)
        Specific force, m/s².
    gyro_radps : ndarray, shape (n, 3), or None
        Angular rate, rad/s; None where the device has no gyroscope.
    measured : ndarray of bool, shape (n,)
        False where a gap was bridged: the values there are interpolated, not measured.
    """

    t_s: Array
    acc_mps2: Array
    gyro_radps: Array | None
    measured: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.t_s)
