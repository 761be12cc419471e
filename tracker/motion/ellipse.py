"""The ellipse that a hand draws at its tempo: circle or line, which way round, in which plane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from sensors.samples import Array
from tracker.motion.cycle import Amplitude


@dataclass(frozen=True, eq=False)
class Ellipse:
    """Fundamental of a three-axis vector, ``x(t) = Re(amplitude * exp(i phase))`` about its mean.

    Attributes
    ----------
    amplitude : ndarray of complex, shape (3,)
    circularity : float
        2|u x v| / (|u|² + |v|²) of the amplitude u + iv: 0 line .. 1 circle.
    normal : ndarray, shape (3,)
        Of the plane, right-hand rule, length 1 (0 for a line).
    size : float
        Root of the mean square of the fundamental.
    """

    amplitude: Amplitude
    circularity: float
    normal: Array
    size: float

    @property
    def semi_major(self) -> float:
        """Half the longer axis."""
        # Of half axes a, b: size² = (a² + b²) / 2 and circularity = 2ab / (a² + b²).
        flat = math.sqrt(max(0.0, 1 - self.circularity**2))
        return self.size * math.sqrt(1 + flat)

    @cached_property
    def axes(self) -> Array:
        """Directions of the longer and the shorter axis, shape (2, 3)."""
        turned = self.amplitude * np.exp(-0.5j * np.angle((self.amplitude * self.amplitude).sum()))
        axes = np.stack((turned.real, turned.imag))
        return np.asarray(axes / np.maximum(np.sqrt((axes * axes).sum(axis=1, keepdims=True)), 1e-12))


def ellipse(amplitude: Amplitude) -> Ellipse:
    """Give the ellipse of a fundamental, shape (3,)."""
    # x runs from the real part at phase 0 to minus the imaginary one a quarter later: that turn is the plane's
    # orientation. (np.cross costs ten times as much for two single vectors.)
    (a, b, c), (p, q, r) = amplitude.real.tolist(), (-amplitude.imag).tolist()
    turn = np.array((b * r - c * q, c * p - a * r, a * q - b * p))
    area = math.sqrt(float(turn @ turn))
    square = a * a + b * b + c * c + p * p + q * q + r * r
    return Ellipse(
        amplitude=amplitude,
        circularity=2 * area / square if square > 0 else 0.0,
        normal=turn / area if area > 0 else np.zeros(3),
        size=(square / 2) ** 0.5,
    )


def fit_fundamental(x: Array, cycles: int) -> Amplitude:
    """Least-squares amplitude of the fundamental, shape (k,), of columns that hold ``cycles`` whole cycles.

    Trend and second harmonic are in the model, so that they do not leak into the fundamental.
    """
    fit = _inverse(len(x), cycles) @ x
    return np.asarray(fit[0] - 1j * fit[1])


@lru_cache(maxsize=32)
def _inverse(n: int, cycles: int) -> Array:
    time = (np.arange(n) + 0.5) / n - 0.5
    phase = 2 * np.pi * cycles * time
    model = np.stack((np.cos(phase), np.sin(phase), np.ones(n), time, np.cos(2 * phase), np.sin(2 * phase)), axis=1)
    return np.asarray(np.linalg.pinv(model)[:2])
