"""Whether the hand moves at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from tracker.motion.history import History, averaged


@dataclass(frozen=True, slots=True)
class ActivityParams:
    """Tuning of the stillness test.

    Attributes
    ----------
    acc_mps2, gyro_radps : float
        Root-mean-square change of the specific force, and angular rate, above which a hand moves. A resting hand
        breathes and drifts by about half of this.
    smooth_s : float
        Averaging before: physiological tremor (8 to 12 Hz) is no movement.
    scales : tuple of (float, float)
        Windows in seconds and the factor on both thresholds: a slow stroke of 13 s changes too little within a
        second, and a posture drifts over many.
    """

    acc_mps2: float = 0.10
    gyro_radps: float = 0.07
    smooth_s: float = 0.1
    scales: tuple[tuple[float, float], ...] = ((1.0, 1.0), (4.0, 1.3), (8.0, 1.6))


def activity(history: History, window_s: float, params: ActivityParams) -> float:
    """How much the hand moved in the last ``window_s``, in units of the threshold: above 1 it moves."""
    by = max(1, round(min(params.smooth_s, window_s / 4) / CELL_S))
    rows = averaged(history.last(round(window_s / CELL_S)), by)
    n = len(rows)
    if n < 3:
        return 0.0
    mean = np.add.reduce(rows, axis=0) / n
    square = np.einsum("ij,ij->j", rows, rows) / n
    square[:3] -= mean[:3] * mean[:3]
    acc, gyro = np.maximum(np.add.reduce(square.reshape(2, 3), axis=1), 0.0).tolist()
    return max(math.sqrt(acc) / params.acc_mps2, math.sqrt(gyro) / params.gyro_radps)


def stirring(history: History, available_s: float, params: ActivityParams) -> bool:
    """Whether the hand moves at any scale that fits into the last ``available_s`` seconds; the shortest always fits."""
    first = params.scales[0][0]
    return any(
        activity(history, window_s, params) > factor
        for window_s, factor in params.scales
        if window_s <= max(available_s, first)
    )
