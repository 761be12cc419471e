"""How far a periodic motion goes, and how far it turns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.samples import G0_MPS2
from tracker.motion.kind import Window


@dataclass(frozen=True, slots=True)
class SizeParams:
    """When a size can be known.

    Attributes
    ----------
    free_mps2 : float
        With a gyroscope gravity is known to about half a degree; a size is told where the acceleration itself makes
        three times as much, so that a third of it may be wrong at the worst.
    brisk_radps : float
        Without one, above this angular frequency (60 cpm): a stroke of 20 cm then makes 4 m/s², the tilt that goes
        with it less than a quarter of that.
    """

    free_mps2: float = 0.25
    brisk_radps: float = 2 * np.pi


def extent_cm(window: Window, params: SizeParams) -> float | None:
    """Way from end to end along the longer axis, cm; None where gravity's share cannot be told from the motion's."""
    if window.gyro is not None:
        free = window.free
        known = free.size > params.free_mps2
    else:
        free = window.acc
        known = window.speed_radps > params.brisk_radps
    return 200 * free.semi_major / window.speed_radps**2 if known else None


def angle_deg(window: Window) -> float:
    """Angle turned from end to end; without a gyroscope the tilt that would make all of the change measured."""
    if window.gyro is not None:
        return float(np.degrees(2 * window.gyro.semi_major / window.speed_radps))
    return float(np.degrees(2 * np.arcsin(min(1.0, window.acc.semi_major / G0_MPS2))))
