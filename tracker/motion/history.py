"""The recent past of a hand on the uniform grid, in constant memory."""

from __future__ import annotations

import numpy as np

from sensors.grid import RATE_HZ
from sensors.samples import Array

SPAN_S = 130.0
"""Two and a half cycles of the slowest tempo of the job (1.2 cpm)."""


class History:
    """The last `SPAN_S` seconds of the six channels, oldest first.

    Columns 0..2 are the specific force in m/s², 3..5 the angular rate in rad/s, zero without a gyroscope.
    """

    def __init__(self) -> None:
        self._keep = int(SPAN_S * RATE_HZ)
        self._rows: Array = np.zeros((2 * self._keep, 6))
        self._end = 0
        self.count = 0

    def append(self, rows: Array) -> None:
        """Add rows, shape (n, 6), n at most a second's worth."""
        if self._end + len(rows) > len(self._rows):
            self._rows[: self._keep] = self._rows[self._end - self._keep : self._end]
            self._end = self._keep
        self._rows[self._end : self._end + len(rows)] = rows
        self._end += len(rows)
        self.count += len(rows)

    def clear(self) -> None:
        """Forget everything: what follows does not join on."""
        self._end = self.count = 0

    def last(self, n: int) -> Array:
        """Give a view of the newest ``n`` rows, fewer where there are not so many."""
        return self._rows[max(0, self._end - min(n, self._keep)) : self._end]


def averaged(rows: Array, by: int) -> Array:
    """Means over groups of ``by`` rows, counted from the newest; an incomplete oldest group is left out."""
    if by == 1:
        return rows
    groups = len(rows) // by
    # A sum and a product: ``mean`` costs twice as much on so few rows.
    sums = np.add.reduce(rows[len(rows) - groups * by :].reshape(groups, by, rows.shape[1]), axis=1)
    return np.asarray(sums * (1 / by))
