"""Cycles from phase, held back by the turns a hand has been seen to make."""

from __future__ import annotations

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import Array
from tracker.motion.cycle import Amplitude, CycleFit
from tracker.motion.history import HOP, History

SMOOTH_CYCLES = 1 / 8
"""What is averaged before a crossing is looked for."""
HYSTERESIS = 0.35
"""Of the amplitude, that the hand must have passed the middle by: a ripple on a turn is no turn."""
STRAY_CYCLES = 0.75
"""Where crossings before the recognition tell so much more or less than the time does, ripples were seen, or a middle
that moved: the time counts."""
MID_CYCLES = 0.62
"""A first crossing so late is that of a hand which set out from the middle: a slow circle may be seen by its tilt
alone, and that starts anywhere. Half a cycle goes by to the crossing, and a quarter is lost to speeding up."""
TILT_S, BRISK_S = 2.0, 0.9
"""Periods from which the tilt of a wrist makes more force than its acceleration, and below which it makes far less."""
LATE_CYCLES = 0.4
"""So much later than it begins a slow motion may be noticed."""
ROUND = 0.7
"""(a² - b²) / (a² + b²) of the ellipse's half axes: below it is too round for the longer one to mean anything."""
AT_REST = 0.25
"""Of the longer half axis: nearer to its middle no round motion comes (0.4 where it just counts as round)."""
FADED = 0.8
"""A fit that shows so much less than those before is of a hand that comes to rest: its middle is not the motion's."""
FADING_CYCLES = 1.0
"""So much longer it may also be that the hand stops, until that is noticed."""
BLIND_CYCLES, BLIND_S = 1.3, 0.8
"""Without a crossing for so long while the motion goes on, the crossings cannot be seen: phase alone counts."""


class Counter:
    """Counts one periodic motion.

    The phase of the fit runs smoothly but past the end: a hand that has stopped is noticed half a cycle later. A
    crossing of the middle of the motion is an event, but a coarse one. So phase counts, and never gets further ahead
    of the last crossing than the end of that swing, a quarter of a cycle: what is shown when the hand comes to rest is
    what it made. Its first crossing stands at a quarter of its first cycle, since a hand sets out from one end of its
    way, and comes to rest where it set out. (Threshold crossings count better than spectra in people nobody trained a
    method on: Zelman 2020.)

    A quick circle has no ends to its way, but its force never vanishes: there the phase counts while the force stays
    away from its middle.

    Parameters
    ----------
    fit : CycleFit
        Of the motion as it is recognised.
    moving_s : float
        For how long it has gone on.
    use_gyro : bool
        Whether crossings are looked for in the angular rate, because the accelerometer shows too little.
    """

    def __init__(self, fit: CycleFit, moving_s: float, *, use_gyro: bool) -> None:
        self._channels = slice(3, 6) if use_gyro else slice(0, 3)
        # The rate of turning is zero at the ends of the way, and its first crossing is the first turn.
        self._first = 0.5 if use_gyro else 0.25
        self._axis: Array | None = None
        self._ends = self._first
        self._period_s = fit.period_s
        self._circling = fit.period_s < BRISK_S and _is_round(fit.first[self._channels])
        self._reach = self._usual = 0.0
        self._fading = False
        self._side = 0
        # A circle has no ends: its own is the place where it began, in which the first quarter cycle went to speed up.
        self._set_out = 2 * np.pi * (self._first - moving_s / fit.period_s + fit.cycles / 2)
        self.made = 0.0
        self._crossed = 0.0
        self.aim(fit)

    def aim(self, fit: CycleFit) -> None:
        """Follow the motion as it is now."""
        first = fit.first[self._channels]
        # The moment of the cycle at which the hand is furthest out: along the axis so far, or the ellipse's longer one.
        if self._axis is not None:
            moment = -float(np.angle(self._axis @ first))
        elif _is_round(first):
            moment = self._set_out
        else:
            moment = -0.5 * float(np.angle((first * first).sum()))
        furthest = (first * np.exp(1j * moment)).real
        reach = float(np.sqrt(furthest @ furthest))
        self._fading = reach < FADED * self._usual
        if self._fading and not self._blind:
            return
        self._usual = max(reach, 0.9 * self._usual)
        self._reach = reach
        if reach > 0:
            self._axis = furthest / reach
        # The rate of turning has its middle at rest, wherever a window that holds a stop may put it.
        use_gyro = self._channels.start == 3
        self._middle = np.zeros(3) if use_gyro else fit.mean[self._channels] + 0.5 * fit.trend[self._channels]
        self._period_s = fit.period_s
        self._smooth = max(1, round(SMOOTH_CYCLES * fit.period_s / CELL_S))

    def begin(self, history: History, points: int, period_s: float, rested: int) -> None:
        """Count what was done in the last ``points`` points, before the motion was recognised.

        The hand rested for ``rested`` points before them. A slow one is noticed late, on the way to its first crossing;
        one that did not rest was somewhere on its way: its first swing counts as long as it took.
        """
        by_time = points * CELL_S / period_s - (self._first if rested else 0.0)
        ahead = min(rested, round(LATE_CYCLES * period_s / CELL_S))
        points += ahead
        step = max(1, self._smooth // 3)
        box = max(1, self._smooth // step)
        rows = history.means(points // step, step)[:, self._channels]
        sums = np.concatenate((np.zeros((1, 3)), np.cumsum(rows, axis=0)))
        out = (sums[box:] - sums[:-box]) / box
        if self._circling:
            # Up to its first quarter's force a hand speeds up by as much as it loses from there to full speed.
            away = np.flatnonzero(self._distance(out) > AT_REST)
            begun = (len(out) - int(away[0])) * step * CELL_S / period_s if len(away) else 0.0
            self._crossed = self.made = begun if rested else points * CELL_S / period_s
            return
        crossings = self._cross(((out - self._middle) @ self._axis) / self._reach) if self._axis is not None else []
        if crossings:
            begun = ((crossings[0] + (box + 1) / 2) * step - ahead) * CELL_S / period_s
            if not rested:
                self._first = min(begun, 0.5)
            elif begun > MID_CYCLES and period_s > TILT_S:
                self._first = 0.5
            since_s = (len(out) - 1 - crossings[-1] + (box - 1) / 2) * step * CELL_S
            self._ends = self._first if rested else 0.25
            self._crossed = self._first + 0.5 * (len(crossings) - 1)
            self.made = self._crossed + min(since_s / period_s + HYSTERESIS / (2 * np.pi), 0.5)
        if not crossings or abs(self.made - by_time) > STRAY_CYCLES:
            self._crossed = self.made = max(by_time, 0.0)

    def step(self, history: History, cycles: float) -> None:
        """Go on by ``cycles`` of phase within one look."""
        before, self.made = self.made, max(0.0, self.made + cycles)
        if self._axis is None:
            return
        if self._circling:
            away = np.flatnonzero(self._distance(history.smoothed(1)[:, self._channels]) > AT_REST)
            if len(away):
                self._crossed = before + cycles * (int(away[-1]) + 1) / HOP
            return
        now = history.smoothed(self._smooth)[:, self._channels]
        if self._cross(((now - self._middle) @ self._axis) / self._reach):
            # Which crossing it is, phase knows best: a bent motion may have ripples that pass the middle.
            half = round(2 * (self.made - self._first))
            self._crossed = max(self._crossed, self._first + 0.5 * half)

    @property
    def sure(self) -> float:
        """Cycles that can be vouched for now."""
        if self._circling:
            return min(self.made, self._crossed)
        return self.made if self._blind else min(self.made, self._crossed + self._ends)

    def _distance(self, out: Array) -> Array:
        """From the middle, by the longer half axis."""
        apart = out - self._middle
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", apart, apart)) / self._reach)

    @property
    def _blind(self) -> bool:
        patience = max(BLIND_CYCLES, BLIND_S / self._period_s)
        return self.made - self._crossed > patience + (FADING_CYCLES if self._fading else 0.0)

    def _cross(self, out: Array) -> list[int]:
        """Where the middle is passed for good, as far as the other side's hysteresis."""
        crossings = []
        side = self._side
        for at, value in enumerate(out.tolist()):
            if value > HYSTERESIS:
                if side < 0:
                    crossings.append(at)
                side = 1
            elif value < -HYSTERESIS:
                if side > 0:
                    crossings.append(at)
                side = -1
        self._side = side
        return crossings


def _is_round(first: Amplitude) -> bool:
    return bool(abs((first * first).sum()) < ROUND * np.vdot(first, first).real)
