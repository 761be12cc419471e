"""What a device's numbers mean: unit and gravity, told from the length of the vector in the first second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensors.samples import G0_MPS2, Array, Sensor, Unit

RAW_LSB_PER_G = (2048.0, 4096.0, 8192.0, 16384.0)
"""16-bit sensors at ±16, ±8, ±4 and ±2 g (MPU-6050 register map, 4.17; the others count alike)."""
RAW_LSB_PER_DEGPS = 131.0
"""MPU-6050 at its default ±250 °/s (register map, 4.19)."""
FASTEST_WRIST_RADPS = 40.0
"""No wrist turns faster (2,300 °/s); larger numbers are degrees."""

SCALES = {Unit.MPS2: 1.0, Unit.G: G0_MPS2, Unit.MG: G0_MPS2 / 1000, Unit.GAL: 0.01}
"""To m/s²."""

Gravity = Literal["included", "removed"]


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a device's numbers are read.

    Attributes
    ----------
    unit : str
        Of the acceleration as sent, in words.
    gravity : {"included", "removed"}
    acc_scale, gyro_scale : float
        From the device's numbers to m/s² and rad/s.
    lsb_per_g : float or None
        What raw numbers are taken to count.
    """

    unit: str
    gravity: Gravity
    acc_scale: float
    gyro_scale: float
    lsb_per_g: float | None = None


def understand(
    sensor: Sensor, acc_unit: Unit, acc: Array, gyro_unit: Unit, gyro: Array | None, gravity: Gravity | None = None
) -> Understanding:
    """Tell unit and gravity from a device's first second.

    Where gravity is in the numbers, its length tells their unit: 1 is g, 9.8 m/s², 1000 mg, 2048 to 16384 raw. Gal
    (cm/s²) would be 981, two in a hundred from mg, which is less than sensors err: what is not declared as gal is mg.
    Where gravity is not in the numbers they are m/s².

    Parameters
    ----------
    sensor : Sensor
        ACCELEROMETER or LINEAR.
    acc_unit, gyro_unit : Unit
        As the payload says; AUTO where it does not.
    acc : ndarray, shape (n, 3)
    gyro : ndarray, shape (m, 3), or None
    gravity : {"included", "removed"}, optional
        As declared; told from the data otherwise.
    """
    if gravity is None and sensor is Sensor.LINEAR:
        gravity = "removed"
    length = float(np.median(np.linalg.norm(acc, axis=1))) if len(acc) else 0.0
    unit = _told_by_length(length, gravity) if acc_unit is Unit.AUTO else acc_unit
    lsb_per_g = None
    if unit is Unit.RAW:
        lsb_per_g = min(RAW_LSB_PER_G, key=lambda lsb: abs(np.log(max(length, 1.0) / lsb)))
    scale = G0_MPS2 / lsb_per_g if lsb_per_g else SCALES.get(unit, 1.0)
    if gravity is None:
        gravity = "removed" if length * scale < 0.5 * G0_MPS2 else "included"
    return Understanding(
        unit=f"raw ({lsb_per_g:g} per g)" if lsb_per_g else unit.value,
        gravity=gravity,
        acc_scale=scale,
        gyro_scale=_gyro_scale(gyro_unit, unit, gyro),
        lsb_per_g=lsb_per_g,
    )


def _told_by_length(length: float, gravity: Gravity | None) -> Unit:
    if gravity == "removed":
        return Unit.MPS2
    if 0.5 <= length < 2.5:
        return Unit.G
    if length >= 1450:
        return Unit.RAW
    return Unit.MG if length >= 500 else Unit.MPS2


def _gyro_scale(declared: Unit, acc_unit: Unit, gyro: Array | None) -> float:
    """Libraries that count in g count in °/s, those in m/s² in rad/s (Arduino_LSM6DS3, M5Unified; Adafruit)."""
    if declared is Unit.RADPS:
        return 1.0
    if declared is Unit.RAW or (declared is Unit.AUTO and acc_unit is Unit.RAW):
        return float(np.deg2rad(1 / RAW_LSB_PER_DEGPS))
    too_fast = gyro is not None and len(gyro) > 0 and float(np.abs(gyro).max()) > FASTEST_WRIST_RADPS
    if declared is Unit.DEGPS or acc_unit in (Unit.G, Unit.MG) or too_fast:
        return float(np.deg2rad(1.0))
    return 1.0
