"""What a simulated device says of a slow stroke, sensor by sensor."""

from __future__ import annotations

import numpy as np

from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, Array, Clock, Kind, Reading, Sensor, Ticks, Unit

NOW_NS = 1_790_000_000_000_000_000


def felt(t_s: Array) -> Array:
    """A slow stroke, tilting: smooth enough that every device rate sees it alike."""
    return np.stack((1.5 * np.sin(3 * t_s), 0.5 * np.cos(2 * t_s), G0_MPS2 + 0.2 * np.sin(t_s)), axis=1)


def turned(t_s: Array) -> Array:
    return np.stack((0.5 * np.sin(3 * t_s), np.cos(t_s), 0.1 * t_s), axis=1)


def at_rate(rate_hz: float, seconds: float, start_s: float = 0.0) -> Array:
    return start_s + np.arange(round(seconds * rate_hz)) / rate_hz


def stamped(t_s: Array) -> Ticks:
    return NOW_NS + np.rint(t_s * NS_PER_S).astype(np.int64)


def acc(
    t_s: Array,
    *,
    scale: float = 1.0,
    unit: Unit = Unit.AUTO,
    sensor: Sensor = Sensor.ACCELEROMETER,
    kind: Kind = Kind.PHONE,
) -> Reading:
    return Reading("wrist", sensor, stamped(t_s), Clock.NS, felt(t_s) * scale, unit, kind)


def gyro(t_s: Array) -> Reading:
    return Reading("wrist", Sensor.GYROSCOPE, stamped(t_s), Clock.NS, turned(t_s), Unit.AUTO)


def arrival_ns(t_s: float) -> int:
    return NOW_NS + round((t_s + 0.03) * NS_PER_S)
