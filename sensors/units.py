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
    """

    unit: str
    gravity: Gravity
    acc_scale: float
    gyro_scale: float


def understand(sensor: Sensor, acc_unit: Unit, acc: Array, gyro_unit: Unit, gyro: Array | None) -> Understanding:
    """Tell unit and gravity from a device's first second.

    Parameters
    ----------
    sensor : Sensor
        ACCELEROMETER or LINEAR.
    acc_unit, gyro_unit : Unit
        As the payload says; AUTO where it does not.
    acc : ndarray, shape (n, 3)
    gyro : ndarray, shape (m, 3), or None
    """
    length = float(np.median(np.linalg.norm(acc, axis=1))) if len(acc) else 0.0
    unit, acc_scale = _acceleration_unit(acc_unit, length)
    removed = sensor is Sensor.LINEAR or length * acc_scale < 0.5 * G0_MPS2
    return Understanding(unit, "removed" if removed else "included", acc_scale, _gyro_scale(gyro_unit, unit, gyro))


def _acceleration_unit(declared: Unit, length: float) -> tuple[str, float]:
    if declared is Unit.MPS2:
        return "m/s2", 1.0
    if declared is Unit.G or (declared is Unit.AUTO and 0.5 <= length < 2.5):
        return "g", G0_MPS2
    if declared is Unit.RAW or (declared is Unit.AUTO and length >= 1450):
        lsb_per_g = min(RAW_LSB_PER_G, key=lambda lsb: abs(np.log(max(length, 1.0) / lsb)))
        return f"raw ({lsb_per_g:g} per g)", G0_MPS2 / lsb_per_g
    if declared is Unit.AUTO and length >= 500:
        return "mg", G0_MPS2 / 1000
    return "m/s2", 1.0


def _gyro_scale(declared: Unit, acc_unit: str, gyro: Array | None) -> float:
    """Libraries that count in g count in °/s, those in m/s² in rad/s (Arduino_LSM6DS3, M5Unified; Adafruit)."""
    if declared is Unit.RADPS:
        return 1.0
    if declared is Unit.RAW or (declared is Unit.AUTO and acc_unit.startswith("raw")):
        return float(np.deg2rad(1 / RAW_LSB_PER_DEGPS))
    too_fast = gyro is not None and len(gyro) > 0 and float(np.abs(gyro).max()) > FASTEST_WRIST_RADPS
    if declared is Unit.DEGPS or acc_unit in ("g", "mg") or too_fast:
        return float(np.deg2rad(1.0))
    return 1.0
