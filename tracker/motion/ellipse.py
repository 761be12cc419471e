"""The ellipse that a hand draws at its tempo: circle or line, which way round, in which plane."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sensors.samples import Array


@dataclass(frozen=True, slots=True, eq=False)
class Ellipse:
    """Fundamental of a three-axis vector, ``x(t) = Re(amplitude * exp(i w t))`` about its mean.

    Attributes
    ----------
    amplitude : ndarray of complex, shape (3,)
        At the window's end.
    circularity : float
        2|u x v| / (|u|² + |v|²) of the amplitude u + iv: 0 line .. 1 circle.
    normal : ndarray, shape (3,)
        Of the plane, right-hand rule, length 1 (0 for a line).
    size : float
        Root of the mean square of the fundamental.
    """

    amplitude: np.ndarray[tuple[int], np.dtype[np.complex128]]
    circularity: float
    normal: Array
    size: float


def harmonics(n: int, step_rad: float) -> Array:
    """Columns of the model: 1, trend, cos, sin and cos, sin of the second harmonic; the phase is 0 at the last row."""
    ramp = np.arange(n) - (n - 1)
    phase = ramp * step_rad
    columns = np.empty((n, 6))
    columns[:, 0] = 1.0
    columns[:, 1] = ramp / n
    columns[:, 2] = cosine = np.cos(phase)
    columns[:, 3] = sine = np.sin(phase)
    columns[:, 4] = cosine * cosine - sine * sine
    columns[:, 5] = 2 * cosine * sine
    return columns


def fit_fundamental(x: Array, step_rad: float) -> Array:
    """Least-squares coefficients, shape (6, k), of `harmonics` for all columns of ``x`` jointly.

    The second harmonic and the trend are in the model so that the centripetal pull of a swing and the drift of a
    posture do not leak into the fundamental.
    """
    model = harmonics(len(x), step_rad)
    return np.asarray(np.linalg.solve(model.T @ model + 1e-9 * np.eye(6), model.T @ x))


def ellipse(coefficients: Array) -> Ellipse:
    """Give the ellipse of the fundamental; ``coefficients`` as of `fit_fundamental`, shape (6, 3)."""
    cosine, sine = coefficients[2], coefficients[3]
    # x runs from `cosine` at phase 0 to `sine` a quarter later: that turn is the plane's orientation.
    # (np.cross costs ten times as much for two single vectors.)
    (a, b, c), (p, q, r) = cosine.tolist(), sine.tolist()
    turn = np.array((b * r - c * q, c * p - a * r, a * q - b * p))
    area = math.sqrt(float(turn @ turn))
    square = a * a + b * b + c * c + p * p + q * q + r * r
    return Ellipse(
        amplitude=cosine - 1j * sine,
        circularity=2 * area / square if square > 0 else 0.0,
        normal=turn / area if area > 0 else np.zeros(3),
        size=(square / 2) ** 0.5,
    )
