"""The path that a hand draws: its ellipse and what is not round about it, in the plane it lies in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sensors.samples import Array
from tracker.motion.cycle import Amplitude, project
from tracker.motion.ellipse import Ellipse
from tracker.motion.kind import Window
from tracker.motion.periodic import Periodic
from tracker.motion.state import Direction, Kind

MOST_SECOND = 0.4
"""Of the longer half axis: more of the second harmonic would hide the ellipse that the hand is told by."""
TIPPED = -0.99
"""A plane so far turned over has no shortest way back to the screen: it is drawn as one looks at its face."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A closed curve, ``place = Re(first * exp(i phase) + second * exp(2 i phase))``, of half length or radius 1.

    Attributes
    ----------
    first, second : ndarray of complex, shape (2,)
        To the right and up: of a circle as seen from the device's +z side, of anything else with its long axis
        to the right.
    phase_rad : float
        Of the hand now: 0 where its ellipse reaches furthest to the right.
    """

    first: Amplitude
    second: Amplitude
    phase_rad: float

    def at(self, phase_rad: Array) -> Array:
        """Give the places at these phases, shape (n, 2)."""
        turn = np.exp(1j * np.asarray(phase_rad, dtype=float))[:, None]
        return np.asarray((turn * self.first + turn * turn * self.second).real)

    @property
    def circularity(self) -> float:
        """Of its ellipse: 0 line .. 1 circle."""
        across, up = self.first.tolist()
        square = abs(across) ** 2 + abs(up) ** 2
        return float(2 * abs((across.conjugate() * up).imag) / square) if square > 0 else 0.0

    @property
    def turns(self) -> Direction:
        """Which way round it is gone."""
        across, up = self.first.tolist()
        return "cw" if (across.conjugate() * up).imag > 0 else "ccw"


class Tracer:
    """Draws the figure of a periodic motion when it is asked for; an axis keeps its sign from one to the next."""

    def __init__(self) -> None:
        self._window: Window | None = None
        self._figure: Figure | None = None
        self._axes: Array | None = None

    def trace(self, periodic: Periodic) -> Figure | None:
        """Give the figure as of the present look; None where it has no size."""
        if periodic.window is not self._window:
            self._window = periodic.window
            self._figure = self._drawn(periodic)
        if self._figure is None:
            return None
        # The fit is as of the middle of its window, which ended when it was made.
        turned = periodic.window.fit.cycles / 2 + periodic.since_window_s / periodic.period_s
        return replace(self._figure, phase_rad=(self._figure.phase_rad + 2 * math.pi * turned) % (2 * math.pi))

    def _drawn(self, periodic: Periodic) -> Figure | None:
        first, second = _places(periodic.window, periodic.told)
        if periodic.kind is Kind.CIRCLE and periodic.normal is not None:
            self._axes = None
            axes = _facing(periodic.told.normal, np.array(periodic.normal), periodic.direction)
        else:
            axes = self._axes = _along(first, second, self._axes)
        first, second = axes @ first, axes @ second
        reach = _half_axis(first)
        if reach == 0:
            return None
        second = second * min(1.0, MOST_SECOND * reach / max(_half_axis(second), 1e-12))
        phase_rad = float(np.angle(first[0]))
        back = np.exp(-1j * phase_rad) / reach
        return Figure(first * back, second * back * back * reach, phase_rad)


def _places(window: Window, told: Ellipse) -> tuple[Amplitude, Amplitude]:
    """Both harmonics as places, shape (3,) each, up to a common factor.

    An acceleration is integrated twice, a rate of turning once to the angle, which the place follows.
    """
    if told is window.gyro:
        return told.amplitude * -1j, window.fit.second[3:] * -0.5j
    freed = told is vars(window).get("free")
    second = project(window.lever.free_mps2, window.fit.cycles)[1] if freed else window.fit.second[:3]
    return -told.amplitude, second / -4


def _facing(normal: Array, believed: Array, direction: Direction | None) -> Array:
    """Axes to the right and up, shape (2, 3), of one who looks at a circle's face from the side of +z.

    ``believed`` is the normal that ``direction`` belongs to. The plane is laid onto the screen by the shortest turn.
    """
    face = normal if (normal @ believed > 0) == (direction == "ccw") else -normal
    x, y, z = face.tolist()
    if z < TIPPED:
        return np.array(((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    turn = 1 / (1 + z)
    return np.array(((1 - x * x * turn, -x * y * turn, -x), (-x * y * turn, 1 - y * y * turn, -y)))


def _along(first: Amplitude, second: Amplitude, before: Array | None) -> Array:
    """Axes along the longest way and along what there is most of across it, shape (2, 3)."""
    ways = np.stack((first.real, first.imag))
    right = np.linalg.svd(ways)[2][0]
    rest = np.stack((first.real, first.imag, second.real, second.imag))
    rest = rest - np.outer(rest @ right, right)
    up = np.linalg.svd(rest)[2][0]
    axes = np.stack((right, up))
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)[:, 0]
    sense = largest if before is None else (axes * before).sum(axis=1)
    return np.asarray(np.where(sense < 0, -1.0, 1.0)[:, None] * axes)


def _half_axis(amplitude: Amplitude) -> float:
    """Half the longer axis of an ellipse in the plane."""
    square = float(np.vdot(amplitude, amplitude).real)
    return math.sqrt((square + abs((amplitude * amplitude).sum())) / 2)
