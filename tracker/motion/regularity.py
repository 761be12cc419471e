"""How much one cycle differs from another, and what that makes a rate worth."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from itertools import islice, pairwise

import numpy as np

from sensors.samples import Array
from tracker.motion.cycle import CycleFit

KEPT = 12
"""Half windows: the last half dozen cycles or so are what a person does now."""
FEWEST = 4
"""Observations from which a scatter is told."""
USUAL = 0.025
"""Scatter of a person's period from cycle to cycle, as a fraction, before theirs is known; one observation of it."""


class Regularity:
    """Keeps what the last cycles were like beside each other.

    Attributes
    ----------
    period_cv, size_cv : float or None
        Coefficients of variation from cycle to cycle; None before there are enough.
    rate_sd_cpm : float
        Standard deviation of the rate, as that of the last cycle.

    Notes
    -----
    A fit over K cycles is their mean, so that of cycles which scatter by s, with the fit's own error e beside it, two
    fits half a window apart (they share the other half) differ by the variance s² / K + 2e². And the mean is off from
    its last cycle by s² (1 - 1/K). Differences of neighbours, not deviations from a mean: a drift is no irregularity
    (von Neumann 1941).
    """

    def __init__(self) -> None:
        self.period_cv: float | None = None
        self.size_cv: float | None = None
        self.rate_sd_cpm = 0.0
        self._periods_s: deque[float] = deque(maxlen=KEPT)
        self._sizes: deque[float] = deque(maxlen=KEPT)
        self._apart: deque[float] = deque(maxlen=KEPT)

    def note(self, fit: CycleFit, weights: Array, apart: float = 1.0) -> None:
        """Keep a fit; ``apart`` half windows after the one before: so much more may they differ."""
        self._apart.append(apart)
        self._periods_s.append(fit.period_s)
        self._sizes.append(float(np.linalg.norm(fit.first * weights)))
        self.judge(fit)

    def judge(self, fit: CycleFit) -> None:
        """Tell what the newest fit is worth."""
        seen = 2 * fit.cycles * max(0.0, _successive(self._periods_s, self._apart) / fit.period_s**2 - fit.sd**2)
        n = max(0, len(self._periods_s) - 1)
        wander = (USUAL**2 + n * seen) / (1 + n)
        self.rate_sd_cpm = 60 / fit.period_s * math.sqrt(fit.sd**2 + wander * (1 - 1 / fit.cycles))
        if n + 1 >= FEWEST:
            self.period_cv = math.sqrt(seen)
            mean = sum(self._sizes) / len(self._sizes)
            self.size_cv = (
                math.sqrt(2 * fit.cycles * _successive(self._sizes, self._apart)) / mean if mean > 0 else None
            )


def _successive(values: Iterable[float], apart: Iterable[float]) -> float:
    """Half the mean square of the differences of neighbours, of those one step apart; 0 of fewer than two."""
    squares = [(b - a) ** 2 / steps for (a, b), steps in zip(pairwise(values), islice(apart, 1, None), strict=True)]
    return sum(squares) / (2 * len(squares)) if squares else 0.0
