"""One periodic motion while it lasts: its tempo, its phase, what it is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensors.grid import CELL_S
from sensors.samples import G0_MPS2
from tracker.motion.activity import ActivityParams, activity
from tracker.motion.ellipse import Ellipse, ellipse, fit_fundamental
from tracker.motion.history import History, averaged
from tracker.motion.kind import KindParams, Window, drawn, is_circle, stroke_or_lift
from tracker.motion.state import Direction, Kind, Vector
from tracker.motion.tempo import Tempo, TempoSearch

TURN_WEIGHT_M_PER_S = G0_MPS2 / (2 * np.pi * 0.4)
"""Weight of the gyroscope beside the accelerometer: at 24 cpm a turn counts as much as the gravity it tilts."""
CHANNEL_WEIGHTS = np.array([1.0] * 3 + [TURN_WEIGHT_M_PER_S] * 3)


@dataclass(frozen=True, slots=True)
class PeriodicParams:
    """Tuning of a periodic motion.

    Attributes
    ----------
    hold_clarity : float
        How well it must repeat, over a cycle's memory, to be called periodic still.
    change_clarity : float
        How well another tempo must repeat to take its place.
    coast_cycles : float
        When it stops repeating it is given this long to come back.
    end_share : float
        Movement over half a cycle below this share of the usual ends it, whatever else the hand does.
    smallest_m, smallest_rad : float
        Root mean square of the way or the angle below which nothing is called periodic.
    fit_cycles : float
        Window of phase and ellipse.
    fit_s : float
        Shortest time from one fit to the next.
    kind_cycles : float
        A change of kind or direction is believed after this long.
    """

    hold_clarity: float = 0.55
    change_clarity: float = 0.72
    coast_cycles: float = 0.5
    end_share: float = 0.25
    smallest_m: float = 0.002
    smallest_rad: float = 0.01
    fit_cycles: float = 2.0
    fit_s: float = 0.3
    kind_cycles: float = 0.5
    activity: ActivityParams = ActivityParams()
    kind: KindParams = KindParams()


class Periodic:
    """Follows a motion from the moment its tempo is known.

    Parameters
    ----------
    tempo : Tempo
        As found.
    t_s : float
        Now.
    history : History
        Shared with the engine, which fills it.
    search : TempoSearch
    params : PeriodicParams
    has_gyro : bool

    Attributes
    ----------
    period_s : float
    kind : Kind
    direction : {"cw", "ccw"} or None
    normal : tuple of float or None
        Of a circle's plane.
    circularity : float or None
    rate_sd_cpm : float or None
        Standard deviation of the rate, from the scatter of the last periods; None before there are enough.
    """

    def __init__(
        self,
        tempo: Tempo,
        t_s: float,
        history: History,
        search: TempoSearch,
        params: PeriodicParams,
        *,
        has_gyro: bool,
    ) -> None:
        self.period_s = tempo.period_s
        self.kind = Kind.STROKE
        self.direction: Direction | None = None
        self.normal: Vector | None = None
        self.circularity: float | None = None
        self.rate_sd_cpm: float | None = None
        self._clarity = tempo.clarity
        self._history = history
        self._search = search
        self._params = params
        self._has_gyro = has_gyro
        self._good_s = self._fit_s = t_s
        self._phase: NDArray[np.complex128] | None = None
        self._periods: deque[float] = deque(maxlen=20)
        self._owed = 0.0
        self._looks = self._fits = self._doubts = 0
        self._doubted_s = 0.0
        self._usual = activity(history, self.period_s, params.activity)
        self._slack = False
        self._moving = True
        self._line: Kind | None = None
        self.strong = self._describe(t_s, first=True)

    @property
    def rate_cpm(self) -> float:
        """Cycles per minute."""
        return 60 / self.period_s

    @property
    def half_cycle_s(self) -> float:
        """Window in which every periodic motion moves: it holds a turn and a way, or a good part of both."""
        return max(self.period_s / 2, 0.4)

    @property
    def good_s(self) -> float:
        """When it last repeated well enough."""
        return self._good_s

    def lost(self, t_s: float) -> bool:
        """Whether it has not repeated for too long."""
        return t_s - self._good_s > max(self._params.coast_cycles * self.period_s, 2 * self._params.fit_s)

    def goes_on(self, hop_s: float) -> bool:
        """Whether it still moves as it used to."""
        if self._looks % 2 and self.period_s > 1:
            return self._moving
        self._moving = self._still_moves(hop_s)
        return self._moving

    def _still_moves(self, hop_s: float) -> bool:
        params = self._params
        left = activity(self._history, self.half_cycle_s, params.activity)
        # As long as half a cycle holds what it usually does, its last third does too; brisk ones have a wider window.
        third_s = max(self.period_s / 3, 0.12)
        self._slack = (left < 0.7 * self._usual or self.half_cycle_s > self.period_s / 2) and activity(
            self._history, third_s, params.activity
        ) < params.end_share * self._usual
        if left <= params.end_share * self._usual:
            return False
        self._usual += min(0.1, hop_s / self.period_s) * (left - self._usual)
        return True

    def advance(self, t_s: float, hop_s: float, available_s: float) -> None:
        """Take one look, ``hop_s`` after the last; the motion has gone on for ``available_s``."""
        self._looks += 1
        self._owed += hop_s / self.period_s
        # Slow tempos cannot change within a look: three fits a cycle follow every change, three a second every hand.
        every_s = min(1.0, max(self.period_s / 3, self._params.fit_s))
        if self._looks % round(every_s / hop_s) == 0:
            self._refresh(t_s, available_s)

    def collect(self, *, moving: bool) -> float:
        """Give the cycles made since the last call; while the hand rests they wait for it to go on."""
        if self._slack or not moving or self._owed <= 0:
            return 0.0
        made, self._owed = self._owed, 0.0
        return made

    def _refresh(self, t_s: float, available_s: float) -> None:
        """Bring tempo, phase and kind up to date."""
        elapsed_s = t_s - self._fit_s
        cycles = elapsed_s / self.period_s
        tempo = self._search.follow(self._history, available_s, self.period_s)
        if tempo is not None:
            self.period_s += min(1.0, 4 * cycles) * (tempo.period_s - self.period_s)
        # A cycle's worth of memory: one odd stroke does not end a motion, fidgeting does not carry one on.
        self._clarity += min(1.0, cycles) * ((tempo.clarity if tempo is not None else 0.0) - self._clarity)
        if self._clarity >= self._params.hold_clarity:
            self._good_s = t_s
        self._periods.append(self.period_s)
        if len(self._periods) > 3:
            self.rate_sd_cpm = self.rate_cpm * float(np.std(self._periods)) / self.period_s
        self._fits += 1
        if self._fits % 3 == 0:
            self._reconsider(t_s, available_s)
        before = self._phase
        if not self._describe(t_s):
            self._good_s -= elapsed_s
        self._owed += self._turned(before, elapsed_s) - elapsed_s / self.period_s

    def _reconsider(self, t_s: float, available_s: float) -> None:
        """Change to another tempo when it repeats better, twice in a row."""
        other = self._search.find(self._history, min(available_s, max(6 * self.period_s, 6.0)), 4 * self.period_s)
        if (
            other is None
            or 0.75 < other.period_s / self.period_s < 1.33
            or other.clarity <= max(self._params.change_clarity, self._clarity)
        ):
            self._doubts = 0
            return
        self._doubts += 1
        if self._doubts >= 2:
            self.period_s, self._clarity, self._good_s, self._phase = other.period_s, other.clarity, t_s, None
            self._doubts = 0
            self._periods.clear()
            self.rate_sd_cpm = None

    def _describe(self, t_s: float, *, first: bool = False) -> bool:
        """Fit the fundamental over the last cycles: phase, kind, direction; False where it is too weak."""
        params = self._params
        by = max(1, int(self.period_s / (24 * CELL_S)))
        window_s = min(params.fit_cycles * self.period_s, (self._history.count - 1) * CELL_S)
        rows = averaged(self._history.last(int(window_s / CELL_S)), by)
        if len(rows) < 8:
            return False
        step_rad = 2 * np.pi * by * CELL_S / self.period_s
        fit = fit_fundamental(rows, step_rad)
        acc = ellipse(fit[:, :3])
        gyro = ellipse(fit[:, 3:]) if self._has_gyro else None
        elapsed_s, self._fit_s = t_s - self._fit_s, t_s
        self._phase = (fit[2] - 1j * fit[3]) * CHANNEL_WEIGHTS
        window = Window(rows, by * CELL_S, step_rad, has_gyro=self._has_gyro)
        told = drawn(window, acc, gyro, params.kind)
        self.circularity = told.circularity
        kind = self._kind_of(told, window, first=first)
        direction = self._direction_of(told) if kind is Kind.CIRCLE else None
        # A new kind must last: windows that hold the end of one motion and the beginning of the next look like a third.
        self._doubted_s = self._doubted_s + elapsed_s if (kind, direction) != (self.kind, self.direction) else 0.0
        if first or self._doubted_s >= params.kind_cycles * self.period_s:
            self.kind, self.direction, self._doubted_s = kind, direction, 0.0
        if self.direction == direction and direction is not None:
            x, y, z = told.normal
            self.normal = (float(x), float(y), float(z))
        return self._strong_enough(acc, gyro)

    def _strong_enough(self, acc: Ellipse, gyro: Ellipse | None) -> bool:
        """Whether the hand goes far enough: what repeats within millimetres is a tremor or a shaking table."""
        params, step_radps = self._params, 2 * np.pi / self.period_s
        least_mps2 = max(params.activity.acc_mps2, params.smallest_m * step_radps**2)
        least_radps = max(params.activity.gyro_radps, params.smallest_rad * step_radps)
        return acc.size >= least_mps2 or (gyro is not None and gyro.size >= least_radps)

    def _kind_of(self, told: Ellipse, window: Window, *, first: bool) -> Kind:
        if is_circle(told.circularity, self.kind is Kind.CIRCLE, self._params.kind):
            return Kind.CIRCLE
        if first or self._line is None or self._fits % 3 == 0:
            self._line = stroke_or_lift(window, self._params.kind)
        return self._line

    def _direction_of(self, told: Ellipse) -> Direction:
        """Tell which way round; a plane seen edge-on keeps its answer until the hand turns the other way."""
        if self.direction is not None and self.normal is not None and np.dot(told.normal, self.normal) > 0:
            return self.direction
        return "ccw" if told.normal[2] > 0 else "cw"

    def _turned(self, before: NDArray[np.complex128] | None, elapsed_s: float) -> float:
        """Cycles made since the fit before, from the turn of the fundamental's phase."""
        expected = elapsed_s / self.period_s
        if before is None or self._phase is None:
            return expected
        product = np.vdot(before, self._phase)
        scale = float(np.linalg.norm(before) * np.linalg.norm(self._phase))
        if scale == 0 or abs(product) < 0.5 * scale:
            return expected
        turned = float(np.angle(product)) / (2 * np.pi)
        turned = expected + (turned - expected + 0.5) % 1.0 - 0.5
        return float(np.clip(turned, 0.0, 2 * expected))
