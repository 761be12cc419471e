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
        Root-mean-square change over the window above which a hand moves. A resting hand breathes and drifts by about
        half of this; a slow stroke of 20 cm over 13 s tilts the forearm by several times as much.
    smooth_s : float
        Averaging before: physiological tremor (8 to 12 Hz) is no movement.
    """

    acc_mps2: float = 0.10
    gyro_radps: float = 0.07
    smooth_s: float = 0.1


def activity(history: History, window_s: float, params: ActivityParams) -> float:
    """How much the hand moved in the last ``window_s``, in units of the threshold: above 1 it moves."""
    by = max(1, round(min(params.smooth_s, window_s / 4) / CELL_S))
    rows = averaged(history.last(round(window_s / CELL_S)), by)
    n = len(rows)
    if n < 3:
        return 0.0
    mean = np.add.reduce(rows, axis=0) / n
    variance = np.einsum("ij,ij->j", rows, rows) / n - mean * mean
    acc, gyro = np.maximum(np.add.reduce(variance.reshape(2, 3), axis=1), 0.0).tolist()
    return max(math.sqrt(acc) / params.acc_mps2, math.sqrt(gyro) / params.gyro_radps)
