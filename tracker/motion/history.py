"""The recent past of a hand on the uniform grid, in constant memory."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array

SPAN_S = 130.0
"""Two and a half cycles of the slowest tempo of the job (1.2 cpm)."""
LONGEST_BLOCK_S = 20.0
"""What is added at once, at the most: longer input comes in pieces."""
HOP = 5
"""Grid points from one look to the next."""
HOP_S = HOP * CELL_S


class History:
    """The last `SPAN_S` seconds of the six channels, kept as running sums.

    Channels 0..2 are the specific force in m/s², 3..5 the angular rate in rad/s, zero without a gyroscope. Sums that
    run make the mean over any stretch a difference of two rows: no window costs more than its number of points.
    Beside the points stand the means of whole looks with their squares, which tell how much a hand moved.

    Notes
    -----
    Everything is told as of ``end``, which the engine moves from look to look: a block may be added whole, and no
    look sees what came after it.

    Attributes
    ----------
    end : int
        Points before the present look, since the last `clear`.
    added : int
        Points there are, those after the present look among them.
    """

    def __init__(self) -> None:
        self._keep = int(SPAN_S * RATE_HZ)
        room = 2 * self._keep + int(LONGEST_BLOCK_S * RATE_HZ) + 2
        self._sums: Array = np.zeros((room, 6))
        self._looks: Array = np.zeros((room // HOP + 2, 8))
        self._dropped = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything: what follows does not join on."""
        self._sums[0] = self._looks[0] = 0.0
        self._dropped = self.added = self._whole = self.end = 0

    def append(self, rows: Array) -> None:
        """Add points after those already there, shape (n, 6), at most `LONGEST_BLOCK_S`; ``end`` stays."""
        at, n = self.added - self._dropped, len(rows)
        if at + n >= len(self._sums) - 1:
            at = self._compact()
        sums = self._sums[at : at + n + 1]
        sums[1:] = rows
        # One sum after the other, so that it is the same to the last bit however the points came.
        np.add.accumulate(sums, axis=0, out=sums)
        self.added += n
        whole = self.added // HOP
        if whole > self._whole:
            self._append_looks(whole)

    def _append_looks(self, whole: int) -> None:
        first, last = self._whole - self._dropped // HOP, whole - self._dropped // HOP
        sums = self._sums[first * HOP : last * HOP + 1 : HOP]
        looks = self._looks[first : last + 1]
        means = looks[1:, :6]
        np.subtract(sums[1:], sums[:-1], out=means)
        means /= HOP
        squares = (means * means).reshape(-1, 2, 3)
        np.add.reduce(squares, axis=2, out=looks[1:, 6:])
        np.add.accumulate(looks, axis=0, out=looks)
        self._whole = whole

    def _compact(self) -> int:
        """Drop what lies more than `SPAN_S` before the present look, in whole looks."""
        drop = max(0, (self.end - self._keep) // HOP - self._dropped // HOP)
        kept = self.added - self._dropped - drop * HOP
        self._sums[: kept + 1] = self._sums[drop * HOP : drop * HOP + kept + 1]
        looks = self._whole - self._dropped // HOP - drop
        self._looks[: looks + 1] = self._looks[drop : drop + looks + 1]
        self._dropped += drop * HOP
        return self.added - self._dropped

    @property
    def count(self) -> int:
        """Points there are before the present look, at most `SPAN_S` of them."""
        return min(self.end - self._dropped, self._keep)

    def means(self, groups: int, by: int, before: int = 0) -> Array:
        """Means over groups of ``by`` points up to ``before`` points ago, oldest first; fewer where there are fewer."""
        end = self.end - self._dropped - before
        groups = min(groups, min(end, self._keep) // by)
        sums = self._sums[end - groups * by : end + 1 : by]
        return np.asarray((sums[1:] - sums[:-1]) * (1 / by))

    def smoothed(self, width: int) -> Array:
        """Means of ``width`` points up to each point of the present look, shape (HOP, 6)."""
        end = self.end - self._dropped + 1
        return np.asarray((self._sums[end - HOP : end] - self._sums[end - HOP - width : end - width]) * (1 / width))

    def drawn(self, length: float, points: int, before: int = 0) -> Array:
        """Means over ``points`` equal parts of the last ``length`` points (not whole ones), up to ``before`` ago."""
        # Counted back from the end, so that it makes no difference, to the last bit, what has been dropped since.
        back = length * _ramp(points)
        whole = back.astype(np.intp)
        at = self.end - self._dropped - before - whole
        above = self._sums[at]
        sums = above - (back - whole)[:, None] * (above - self._sums[at - 1])
        return np.asarray((sums[1:] - sums[:-1]) * (points / length))

    def spread(self, looks: int) -> tuple[float, float]:
        """Root mean square change of the specific force, m/s², and angular rate, rad/s, over the last looks."""
        end = self.end // HOP - self._dropped // HOP
        looks = min(looks, end)
        if looks < 1:
            return 0.0, 0.0
        x, y, z, _, _, _, force, turn = ((self._looks[end] - self._looks[end - looks]) / looks).tolist()
        return max(force - x * x - y * y - z * z, 0.0) ** 0.5, max(turn, 0.0) ** 0.5

    def shifted(self, looks: int, span: int) -> float:
        """Change of the specific force, m/s², from ``span`` looks that ended ``looks`` ago to the newest ``span``."""
        end = self.end // HOP - self._dropped // HOP
        if end < looks + span:
            return 0.0
        at = self._looks[:, :3]
        a, b, c = ((at[end] - at[end - span] - at[end - looks] + at[end - looks - span]) / span).tolist()
        return float((a * a + b * b + c * c) ** 0.5)


@lru_cache(maxsize=64)
def _ramp(points: int) -> Array:
    return np.linspace(1.0, 0.0, points + 1)
