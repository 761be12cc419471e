"""How long one cycle takes, from all axes at once, when nothing is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import Array
from tracker.motion.history import History

MEDIAN_OF_CHI_SQUARE = 0.8
"""Median by mean of the squared length of three-axis noise."""


@dataclass(frozen=True, slots=True)
class TempoParams:
    """Tuning of the tempo search.

    Attributes
    ----------
    shortest_s, longest_s : float
        Range of the period: 300 to 1.2 cycles per minute, with room for its scatter at the fast end.
    points : int
        Fewest grid points in a period; coarser grids serve slower tempos, so that the cost does not grow with them.
    cycles : float
        Periods in the window of the slowest tempo a grid serves. Two are the least that repeat; the third steadies.
    longest_lag : float
        Of a window: what is left of it must still hold most of a cycle to compare.
    octave_share : float
        The shortest period that repeats nearly as well as the best one is taken: every multiple of a period repeats
        too, but half of one does not (McLeod & Wyvill 2005 use 0.8 to 0.99).
    keep_points : float
        Points of a grid for which what it showed is kept: half the shortest period it serves.
    faintest : float
        What repeats less well is no candidate.
    most_noise : float
        White noise may be taken to make up this share of what was measured, not more.
    """

    shortest_s: float = 0.19
    longest_s: float = 50.0
    points: int = 10
    cycles: float = 3.0
    longest_lag: float = 0.5
    octave_share: float = 0.85
    keep_points: float = 5.0
    faintest: float = 0.25
    most_noise: float = 0.8


@dataclass(frozen=True, slots=True)
class Tempo:
    """A period and how well the motion repeats after it: ``clarity`` 1 is a perfect repetition, 0 none."""

    period_s: float
    clarity: float


class TempoSearch:
    """Finds the period of a motion as the lag at which the vector repeats.

    Normalised square difference of the 6-axis vector [1]_ on a ladder of grids, each twice as coarse as the one
    before. A sum over the axes of a scalar product does not change when the device is mounted another way round.

    Parameters
    ----------
    weights : ndarray, shape (6,)
        Of the channels beside each other.
    params : TempoParams

    Notes
    -----
    Departs from [1]_: the signal is a vector, its linear trend is removed (a wrist's posture drifts), the peaks of all
    grids compete, each weighted with the share of the motion its grid sees, and the sensor's white noise is taken out
    of the energy it is normalised with: noise repeats nowhere, but neither does it speak against a tempo.

    References
    ----------
    .. [1] McLeod & Wyvill 2005, "A smarter way to find pitch", ICMC.
    """

    def __init__(self, weights: Array, params: TempoParams = TempoParams()) -> None:
        self.params = params
        self._weights = weights
        self._grids: list[tuple[int, float]] = []
        by, longest_s = 1, 3 * params.points * CELL_S
        while longest_s < params.longest_s:
            self._grids.append((by, longest_s))
            by, longest_s = by * 2, longest_s * 2
        self._grids.append((by, params.longest_s))
        self._kept: dict[int, tuple[int, list[Tempo], float]] = {}

    def find(self, history: History, available_s: float, longest_s: float = float("inf")) -> Tempo | None:
        """Search the range up to ``longest_s`` in the last ``available_s`` seconds; None where nothing repeats."""
        self._kept.clear()
        return self.refind(history, available_s, longest_s)

    def refind(self, history: History, available_s: float, longest_s: float = float("inf")) -> Tempo | None:
        """Search again, a look or so later: what a coarse grid showed a moment ago still holds."""
        noise = white_noise(history, self._weights)
        found: list[tuple[float, Tempo]] = []
        strongest = 0.0
        for by, served_s in self._grids:
            window_s = min(available_s, self.params.cycles * served_s)
            shortest_s = self.params.points * CELL_S * by
            if window_s < shortest_s / self.params.longest_lag or shortest_s > longest_s:
                break
            kept = self._kept.get(by)
            if kept is None or not 0 <= history.end - kept[0] < by * self.params.keep_points:
                x = history.means(int(window_s / CELL_S) // by, by)
                kept = self._kept[by] = (history.end, *self._peaks(x, by, noise / by))
            _, peaks, power = kept
            strongest = max(strongest, power)
            found += [(power, peak) for peak in peaks]
        # A ripple on a slow stroke repeats as well as the stroke; it is told by its small share of the motion.
        scored = [(tempo.clarity * (power / strongest) ** 0.5, tempo) for power, tempo in found if strongest > 0]
        if not scored:
            return None
        best = max(score for score, _ in scored)
        return min((t for score, t in scored if score >= self.params.octave_share * best), key=lambda t: t.period_s)

    def _peaks(self, x: Array, by: int, noise: float) -> tuple[list[Tempo], float]:
        """Local maxima of the normalised square difference, and the power of the motion on this grid."""
        n = len(x)
        if n < 8:
            return [], 0.0
        x = _detrended(x * self._weights)
        lags = int(self.params.longest_lag * n) + 1
        size = 1 << (n + lags).bit_length()
        spectrum = np.fft.rfft(x, size, axis=0)
        products = np.fft.irfft((spectrum.real**2 + spectrum.imag**2).sum(axis=1), size)[:lags]
        energy = np.cumsum(np.einsum("ij,ij->i", x, x))
        total = float(energy[-1])
        noise = min(noise, self.params.most_noise * total / n)
        # Energy of the first n - lag rows and of the last n - lag rows.
        ends = energy[n - 1 - np.arange(lags)] + total - np.concatenate(([0.0], energy[: lags - 1]))
        pairs = np.arange(n, n - lags, -1)
        ends -= 2 * noise * pairs
        # Noise that happens to repeat must not count: three standard deviations, for three axes of it.
        chance = 6 * noise * np.sqrt(pairs / 3)
        repeats = (2 * products - chance) / np.maximum(ends, 1e-12)
        middle = repeats[1:-1]
        at = np.flatnonzero((middle >= repeats[:-2]) & (middle > repeats[2:]) & (middle > self.params.faintest)) + 1
        # Half a cycle away a motion is its own opposite: before that, what repeats is a ripple on it.
        opposite = np.flatnonzero(repeats < 0)
        at = at[at > max(3, opposite[0])] if len(opposite) else at[:0]
        peaks = []
        for i in at:
            left, top, right = float(repeats[i - 1]), float(repeats[i]), float(repeats[i + 1])
            bend = left - 2 * top + right
            shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
            period_s = (int(i) + shift) * CELL_S * by
            if period_s >= self.params.shortest_s:
                peaks.append(Tempo(period_s, min(top - 0.25 * (left - right) * shift, 1.0)))
        return peaks, total / n - noise


def white_noise(history: History, weights: Array, points: int = 150) -> float:
    """Power of the sensor's white noise per grid point, all weighted channels together.

    From second differences over the last ``points`` points: of the motions of the job they leave a hundredth (below
    2.5 Hz) to a seventh (at 5 Hz), of white noise six times its power. Their median, so that a knock is no noise.
    """
    x = history.means(points, 1) * weights
    if len(x) < 8:
        return 0.0
    bends = x[2:] - 2 * x[1:-1] + x[:-2]
    powers = np.einsum("ij,ij->i", bends, bends)
    middle = len(powers) // 2
    powers.partition(middle)  # np.median takes ten times as long for the same
    return float(powers[middle]) / (6 * MEDIAN_OF_CHI_SQUARE)


def _detrended(x: Array) -> Array:
    """Take mean and linear trend out of every column."""
    n = len(x)
    ramp = np.arange(n) - (n - 1) / 2
    model = np.stack((np.full(n, n**-0.5), ramp / np.sqrt(ramp @ ramp)))
    return np.asarray(x - model.T @ (model @ x))
