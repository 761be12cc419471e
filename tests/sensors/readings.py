"""What a simulated device says of a slow stroke, sensor by sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, Array, Clock, Kind, Reading, Samples, Sensor, Ticks, Unit
from sensors.stream import Stream

NOW_NS = 1_790_000_000_000_000_000

Sent = tuple[list[Reading], int]  # what was in a message, and its arrival


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


def cut(acc_s: Array, gyro_s: Array | None = None, *, every_s: float = 0.2) -> list[Sent]:
    """Messages as apps send them: all of a stretch of time at its end, the accelerometer first."""
    end_s = max(acc_s[-1], gyro_s[-1] if gyro_s is not None and len(gyro_s) else 0.0)
    return cut_at(acc_s, gyro_s, [*np.arange(every_s, end_s, every_s), end_s + 1e-6])


def cut_at(acc_s: Array, gyro_s: Array | None, bounds_s: Sequence[float]) -> list[Sent]:
    sent = []
    starts_s = [float("-inf"), *bounds_s]
    for start_s, end_s in zip(starts_s, bounds_s, strict=False):
        said = []
        for times_s, reading in ((acc_s, acc), (gyro_s, gyro)):
            if times_s is not None:
                part = times_s[(times_s >= start_s) & (times_s < end_s)]
                if len(part):
                    said.append(reading(part))
        if said:
            sent.append((said, arrival_ns(end_s)))
    return sent


@dataclass
class Heard:
    """All a stream gave."""

    stream: Stream
    blocks: list[Samples]
    notices: list[str] = field(default_factory=list)

    @property
    def t_s(self) -> Array:
        return np.concatenate([block.t_s for block in self.blocks])

    @property
    def acc_mps2(self) -> Array:
        return np.concatenate([block.acc_mps2 for block in self.blocks])

    @property
    def gyro_radps(self) -> Array:
        """NaN where there was none."""
        parts = [
            np.full((len(block), 3), np.nan) if block.gyro_radps is None else block.gyro_radps for block in self.blocks
        ]
        return np.concatenate(parts)

    @property
    def measured(self) -> Array:
        return np.concatenate([block.measured for block in self.blocks])
