"""One periodic motion while it lasts: its tempo, its count, what it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import G0_MPS2
from tracker.motion.activity import ActivityParams, activity
from tracker.motion.count import Counter
from tracker.motion.cycle import CycleFit, clarity, fit_cycles
from tracker.motion.ellipse import Ellipse
from tracker.motion.history import HOP_S, History
from tracker.motion.kind import KindParams, Window, drawn, is_circle, is_eight, stroke_or_lift
from tracker.motion.regularity import Regularity
from tracker.motion.size import SizeParams, angle_deg, extent_cm
from tracker.motion.state import Direction, Kind, Vector
from tracker.motion.tempo import Tempo, TempoSearch, white_noise

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
    drop_clarity : float
        What repeats less well has no tempo to follow: the one before stays.
    change_clarity : float
        How well another tempo must repeat to take its place.
    coast_cycles : float
        When it stops repeating it is given this long to come back.
    end_share : float
        Movement over half a cycle below this share of the usual ends it, whatever else the hand does.
    smallest_m, smallest_rad : float
        Root mean square of the way or the angle below which nothing is called periodic.
    over_noise : float
        Energy of the fundamental by that of the sensor's white noise in one grid point, below which nothing is called
        periodic. Noise alone makes about 4, and 12 at the best of many tempos.
    fit_cycles, fit_window_s : float
        Window of the fit: so many cycles, and as many more as fit into so long.
    fit_s : float
        Shortest time from one fit to the next.
    kind_cycles : float
        A change of kind or direction is believed after this long.
    """

    hold_clarity: float = 0.45
    drop_clarity: float = 0.25
    change_clarity: float = 0.85
    coast_cycles: float = 1.5
    end_share: float = 0.25
    smallest_m: float = 0.002
    smallest_rad: float = 0.04
    over_noise: float = 40.0
    fit_cycles: int = 2
    fit_window_s: float = 1.0
    fit_s: float = 0.4
    kind_cycles: float = 0.5
    activity: ActivityParams = ActivityParams()
    kind: KindParams = KindParams()
    size: SizeParams = SizeParams()


class Periodic:
    """Follows a motion from the moment its tempo is known.

    Parameters
    ----------
    tempo : Tempo
        As found.
    moving : int
        Points for which it has gone on already.
    history : History
        Shared with the engine, which fills it.
    search : TempoSearch
    params : PeriodicParams
    rested : int
        Points for which the hand was still before.
    has_gyro : bool

    Attributes
    ----------
    period_s : float
    kind : Kind
    direction : {"cw", "ccw"} or None
    normal : tuple of float or None
        Of a circle's plane.
    circularity, extent_cm, angle_deg : float or None
        As in `tracker.motion.state.Motion`.
    regularity : Regularity
    window_s : float
        What the tempo stands on.
    strong : bool
        Whether the hand goes far enough.
    window : Window
        What kind and direction were last told from.
    told : Ellipse
        The ellipse that they were told by.
    """

    def __init__(
        self,
        tempo: Tempo,
        moving: int,
        history: History,
        search: TempoSearch,
        params: PeriodicParams,
        *,
        rested: int,
        has_gyro: bool,
    ) -> None:
        self.period_s = tempo.period_s
        self.kind = Kind.STROKE
        self.direction: Direction | None = None
        self.normal: Vector | None = None
        self.circularity: float | None = None
        self.extent_cm: float | None = None
        self.angle_deg: float | None = None
        self.regularity = Regularity()
        self._clarity = tempo.clarity
        self._history = history
        self._search = search
        self._params = params
        self._has_gyro = has_gyro
        self._moving_s = moving * CELL_S
        self._good_s = 0.0
        self._looks = self._fits = self._doubts = 0
        self._next_fit = 0
        self._doubted_s = 0.0
        self._line: Kind | None = None
        self._described_s = self._noted_s = 0.0
        self._age_s = self._fit_age_s = 0.0
        self._usual = activity(history, self._half_cycle, params.activity)
        self._fit = self._fitted()
        self._fit = self._fitted()
        use_gyro = has_gyro and self._fit_size(slice(0, 3)) < 2 * params.activity.acc_mps2
        self.count = Counter(self._fit, self._moving_s, use_gyro=use_gyro)
        self.count.begin(history, moving, self.period_s, rested)
        self.strong = self._describe(first=True)
        self.regularity.note(self._fit, CHANNEL_WEIGHTS)

    @property
    def rate_cpm(self) -> float:
        """Cycles per minute."""
        return 60 / self.period_s

    @property
    def window_s(self) -> float:
        """What the tempo stands on."""
        return self._fit.cycles * self.period_s

    @property
    def since_window_s(self) -> float:
        """Time since the end of ``window``."""
        return self._age_s - self._described_s

    @property
    def _half_cycle(self) -> int:
        """Looks in which every periodic motion moves: they hold a turn and a way, or a good part of both."""
        return max(round(self.period_s / 2 / HOP_S), 4)

    @property
    def half_cycle_s(self) -> float:
        """The same in seconds."""
        return self._half_cycle * HOP_S

    @property
    def unsure_s(self) -> float:
        """For how long it has not repeated well enough."""
        return self._age_s - self._good_s

    @property
    def lost(self) -> bool:
        """Whether it has not repeated for too long."""
        return self.unsure_s > max(self._params.coast_cycles * self.period_s, 2 * self._params.fit_s)

    def goes_on(self) -> bool:
        """Whether it still moves as it used to."""
        left = activity(self._history, self._half_cycle, self._params.activity)
        if left <= self._params.end_share * self._usual:
            return False
        self._usual += min(0.1, HOP_S / self.period_s) * (left - self._usual)
        return True

    def advance(self) -> None:
        """Take one look."""
        self._looks += 1
        self._age_s += HOP_S
        self._moving_s += HOP_S
        self.count.step(self._history, HOP_S / self.period_s)
        if self._looks >= self._next_fit:
            self._refresh()

    def _refresh(self) -> None:
        """Bring tempo, phase and kind up to date."""
        params = self._params
        elapsed_s, before, period_s = self._age_s - self._fit_age_s, self._fit, self.period_s
        cycles = elapsed_s / period_s
        fit = self._fit = self._fitted()
        # A cycle's worth of memory: one odd stroke does not end a motion, fidgeting does not carry one on.
        clear, quicker = self._clarity_now()
        self._clarity += min(1.0, cycles) * (clear - self._clarity)
        if self._clarity >= params.hold_clarity:
            self._good_s = self._age_s
        if clear < params.drop_clarity:
            self.period_s = period_s
        self._fits += 1
        if not self._describe():
            self._good_s -= elapsed_s
        self.count.made += self._turned(before, fit, elapsed_s) - cycles
        self.count.aim(fit)
        # A motion that repeats, and not after a part of its cycle, needs no other tempo.
        if self._fits % 3 == 0 and (self._clarity < params.change_clarity or quicker > params.change_clarity):
            self._reconsider()
        if self._age_s - self._noted_s >= self.window_s / 2:
            apart = (self._age_s - self._noted_s) / (self.window_s / 2)
            self._noted_s = self._age_s
            self.regularity.note(fit, CHANNEL_WEIGHTS, apart)
        self.regularity.judge(self._fit)

    def _fitted(self) -> CycleFit:
        """Fit the last cycles, and set when to fit next."""
        params = self._params
        past_s = self._history.count * CELL_S
        self.period_s = min(self.period_s, past_s / params.fit_cycles)
        cycles = max(params.fit_cycles, int(min(params.fit_window_s, self._moving_s, past_s) / self.period_s))
        if self._fits % 4 == 0:
            # A sensor's noise hardly changes.
            self._noise = white_noise(self._history, CHANNEL_WEIGHTS, 100)
        fit = fit_cycles(self._history, self.period_s, cycles, CHANNEL_WEIGHTS)
        self._fit_age_s, self.period_s = self._age_s, fit.period_s
        # Slow tempos cannot change within a look: three fits a cycle follow every change, three a second every hand.
        self._next_fit = self._looks + max(1, round(min(1.0, max(self.period_s / 3, params.fit_s)) / HOP_S))
        return fit

    def _clarity_now(self) -> tuple[float, float]:
        """How well the last three cycles repeat, after a cycle and after a part of one."""
        past_s = self._history.count * CELL_S
        self.period_s = min(self.period_s, past_s / self._fit.cycles)
        cycles = max(self._fit.cycles, min(3, int(min(self._moving_s, past_s) / self.period_s)))
        return clarity(self._history, self.period_s, cycles, CHANNEL_WEIGHTS, self._noise)

    def _fit_size(self, part: slice) -> float:
        return float(np.linalg.norm(self._fit.first[part])) / math.sqrt(2)

    def _turned(self, before: CycleFit, now: CycleFit, elapsed_s: float) -> float:
        """Cycles made since the fit before, from the turn of the fundamental's phase."""
        product = np.vdot(before.first * CHANNEL_WEIGHTS, now.first * CHANNEL_WEIGHTS)
        scale = float(np.linalg.norm(before.first * CHANNEL_WEIGHTS) * np.linalg.norm(now.first * CHANNEL_WEIGHTS))
        # From the middle of one window to the middle of the next, and from there to their ends.
        ends = now.cycles / 2 - before.cycles / 2
        expected = elapsed_s / self.period_s
        if scale == 0 or abs(product) < 0.5 * scale:
            return expected
        turned = float(np.angle(product)) / (2 * np.pi) + ends
        return expected + (turned - expected + 0.5) % 1.0 - 0.5

    def _reconsider(self) -> None:
        """Change to another tempo when it repeats better, twice in a row."""
        available_s = min(self._moving_s, max(6 * self.period_s, 6.0))
        other = self._search.find(self._history, available_s, 4 * self.period_s)
        if (
            other is None
            or 0.8 < other.period_s / self.period_s < 1.25
            or other.clarity <= max(self._params.change_clarity, self._clarity)
        ):
            self._doubts = 0
            return
        self._doubts += 1
        if self._doubts >= 2:
            self.period_s, self._clarity, self._good_s = other.period_s, other.clarity, self._age_s
            self._doubts = 0
            self.regularity = Regularity()
            self._fit = self._fitted()
            self.count.aim(self._fit)

    def _describe(self, *, first: bool = False) -> bool:
        """Tell kind, direction and size of the fit; False where the motion is too weak."""
        params, fit = self._params, self._fit
        wide = Window(fit, has_gyro=self._has_gyro)
        # At first, and without a gyroscope, a circle needs all there is to be told from a line.
        window = wide if first or wide.gyro is None else Window(fit.latest(), has_gyro=True)
        told = drawn(window, params.kind)
        if (
            self.kind is Kind.CIRCLE
            and wide.gyro is not None
            and wide.gyro.circularity > max(params.kind.surely, told.circularity)
        ):
            # A hand that rests between its circles may show less than one in the later half.
            told = wide.gyro
        self.window, self.told = wide if told is wide.gyro else window, told
        self.circularity = told.circularity
        kind = self._kind_of(told, window, first=first)
        direction = self._direction_of(told) if kind is Kind.CIRCLE else None
        # A new kind must last: windows that hold the end of one motion and the beginning of the next look like a third.
        elapsed_s = 0.0 if first else self._age_s - self._described_s
        self._described_s = self._age_s
        self._doubted_s = self._doubted_s + elapsed_s if (kind, direction) != (self.kind, self.direction) else 0.0
        if first or self._doubted_s >= params.kind_cycles * self.period_s:
            self.kind, self.direction, self._doubted_s = kind, direction, 0.0
        if self.direction == direction and direction is not None:
            x, y, z = told.normal
            self.normal = (float(x), float(y), float(z))
        if first or self._fits % 2 == 0:
            self.angle_deg = angle_deg(window)
            self.extent_cm = extent_cm(window, params.size)
        if self.kind not in (Kind.STROKE, Kind.CIRCLE):
            self.extent_cm = None
        return self._strong_enough(window)

    def _strong_enough(self, window: Window) -> bool:
        """Whether the hand goes far enough, and it is not the noise that repeats.

        What repeats within millimetres is a tremor or a shaking table.
        """
        params, speed_radps = self._params, window.speed_radps
        least_mps2 = max(params.activity.acc_mps2, params.smallest_m * speed_radps**2)
        least_radps = max(params.activity.gyro_radps, params.smallest_rad * speed_radps)
        if window.acc.size < least_mps2 and (window.gyro is None or window.gyro.size < least_radps):
            return False
        first = self._fit.first * CHANNEL_WEIGHTS
        energy = float(np.vdot(first, first).real) * self.window_s / CELL_S
        return energy > params.over_noise * self._noise

    def _kind_of(self, told: Ellipse, window: Window, *, first: bool) -> Kind:
        params = self._params.kind
        eight = is_eight(window, self.kind is Kind.OTHER, params)
        # Turning tells a circle surely, even one that rests on its way; the force of a figure-8 may look round.
        if eight and not self._has_gyro:
            return Kind.OTHER
        if is_circle(told.circularity, self.kind is Kind.CIRCLE, self._has_gyro, params):
            return Kind.CIRCLE
        if eight:
            return Kind.OTHER
        if first or self._line is None or self._fits % 2 == 0:
            self._line = stroke_or_lift(window, params)
        return self._line

    def _direction_of(self, told: Ellipse) -> Direction:
        """Tell which way round; a plane seen edge-on keeps its answer until the hand turns the other way."""
        if self.direction is not None and self.normal is not None and np.dot(told.normal, self.normal) > 0:
            return self.direction
        return "ccw" if told.normal[2] > 0 else "cw"
