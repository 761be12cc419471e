"""The motion engine: ten looks a second at what a hand does, how fast and how many times."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import G0_MPS2, Array, Samples
from tracker.motion.activity import ActivityParams, activity, stirring
from tracker.motion.ellipse import Ellipse, ellipse, fit_fundamental
from tracker.motion.history import History, averaged
from tracker.motion.kind import KindParams, drawn, is_circle, stroke_or_lift
from tracker.motion.state import Direction, Kind, Motion, Vector
from tracker.motion.tempo import TempoParams, TempoSearch

Complex = NDArray[np.complex128]

HOP = 5
"""Grid points between two looks: 0.1 s."""
HOP_S = HOP * CELL_S

TURN_WEIGHT_M_PER_S = G0_MPS2 / (2 * np.pi * 0.4)
"""Weight of the gyroscope beside the accelerometer: at 24 cpm a turn counts as much as the gravity it tilts."""


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Tuning of the engine.

    Attributes
    ----------
    lock_clarity, young_clarity, hold_clarity : float
        How well a motion must repeat to be called periodic, to be called so before ``sure_cycles``, and to stay so:
        fidgeting repeats now and then, but not so well, and not for long.
    lock_cycles, lock_s : float
        It must have gone on for this many cycles, and for this long.
    back_cycles : float
        Cycles counted afterwards when a motion is recognised, at the most.
    coast_cycles : float
        A periodic motion that stops repeating is given this long to come back.
    smallest_m, smallest_rad : float
        Root mean square of the way or the angle below which nothing is called periodic.
    end_share : float
        Movement over half a cycle below this share of the usual ends a periodic motion, whatever else the hand does.
    pause_cycles, pause_s : float
        Quiet for this share of a cycle, at least ``pause_s``, is stillness: strokes rest at their turns.
    fit_cycles : float
        Window of phase and ellipse.
    kind_cycles : float
        A change of kind or direction is believed after this long.
    """

    lock_clarity: float = 0.72
    young_clarity: float = 0.8
    sure_cycles: float = 3.0
    back_cycles: float = 3.5
    lock_cycles: float = 2.1
    lock_s: float = 1.5
    hold_clarity: float = 0.55
    coast_cycles: float = 0.5
    smallest_m: float = 0.002
    smallest_rad: float = 0.01
    end_share: float = 0.25
    pause_cycles: float = 0.5
    pause_s: float = 0.8
    fit_cycles: float = 2.0
    kind_cycles: float = 0.5
    tempo: TempoParams = TempoParams()
    activity: ActivityParams = ActivityParams()
    kind: KindParams = KindParams()


@dataclass(slots=True)
class _Lock:
    """A periodic motion while it lasts."""

    period_s: float
    clarity: float
    good_s: float
    fit_s: float
    phase: Complex | None = None
    kind: Kind = Kind.STROKE
    direction: Direction | None = None
    normal: Vector | None = None
    circularity: float | None = None
    owed: float = 0.0
    looks: int = 0
    fits: int = 0
    periods: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    doubts: int = 0
    usual: float = 0.0
    paused: bool = False
    doubted_s: float = 0.0
    line: Kind | None = None


class Engine:
    """Reads one hand.

    Parameters
    ----------
    params : EngineParams

    Notes
    -----
    A look depends on the samples up to it alone: feeding a recording in one block or in a thousand gives the same
    looks.
    """

    hop_s = HOP_S

    def __init__(self, params: EngineParams = EngineParams()) -> None:
        self._params = params
        self._tempo = TempoSearch(_WEIGHTS, params.tempo)
        self._history = History()
        self._lock: _Lock | None = None
        self._has_gyro = False
        self._next_s: float | None = None
        self._onset_s: float | None = None
        self._quiet_s: float | None = None
        self._calm_s = 0.0
        self._kind = Kind.STILL
        self._since_s = 0.0
        self._cycles = 0.0
        self._stretch_from = 0.0
        self._looks = 0

    def update(self, samples: Samples) -> list[Motion]:
        """Take the next block; give the looks it completes."""
        if not len(samples):
            return []
        has_gyro = samples.gyro_radps is not None
        interrupted = self._next_s is not None and samples.t_s[0] - self._next_s > CELL_S / 2
        if interrupted or has_gyro != self._has_gyro:
            self._restart(float(samples.t_s[0]))
        self._has_gyro = has_gyro
        self._next_s = float(samples.t_s[-1]) + CELL_S
        rows = np.zeros((len(samples), 6))
        rows[:, :3] = samples.acc_mps2
        if samples.gyro_radps is not None:
            rows[:, 3:] = samples.gyro_radps
        looks = []
        cells = np.round(samples.t_s * RATE_HZ - 0.5).astype(int)
        done = 0
        for at in np.flatnonzero(cells % HOP == HOP - 1):
            self._history.append(rows[done : at + 1])
            done = int(at) + 1
            looks.append(self._look(float(samples.t_s[at]) + CELL_S / 2))
        self._history.append(rows[done:])
        return looks

    def _look(self, t_s: float) -> Motion:
        self._looks += 1
        self._watch_quiet(t_s)
        if self._onset_s is None:
            self._enter(Kind.STILL, self._quiet_s if self._quiet_s is not None else t_s)
        elif self._lock is None:
            self._acquire(t_s, self._onset_s)
        else:
            self._follow(t_s, self._lock)
        return self._say(t_s)

    def _watch_quiet(self, t_s: float) -> None:
        """Keep onset and end of movement."""
        lock = self._lock
        moving = self._stirs(t_s) if lock is None else self._goes_on(lock)
        if moving:
            if self._onset_s is None:
                self._onset_s = max(self._since_s, t_s - 0.2)
            self._quiet_s = None
            return
        window_s = 1.0 if lock is None else _half_cycle_s(lock)
        if self._quiet_s is None:
            self._quiet_s = max(self._onset_s or self._since_s, t_s - window_s + 0.1)
        if self._onset_s is None:
            return
        # Strokes rest at their turns: before the tempo is known, the longer the movement the longer its rest.
        pause_s = self._params.pause_cycles * lock.period_s if lock else 0.35 * (t_s - self._onset_s)
        if t_s - self._quiet_s >= max(self._params.pause_s, pause_s):
            self._lock = None
            # What went on before the end must not look like movement now.
            self._calm_s = self._quiet_s
            # Something else may go on, smaller: that is a new movement.
            goes_on = activity(self._history, t_s - self._quiet_s, self._params.activity) > 1
            self._onset_s = self._quiet_s if goes_on else None

    def _stirs(self, t_s: float) -> bool:
        return stirring(self._history, t_s - self._calm_s, self._params.activity)

    def _goes_on(self, lock: _Lock) -> bool:
        """Whether a periodic motion continues: it ends where little of it is left, whatever else the hand does."""
        params = self._params
        third_s = max(lock.period_s / 3, 0.12)
        lock.paused = activity(self._history, third_s, params.activity) < params.end_share * lock.usual
        left = activity(self._history, _half_cycle_s(lock), params.activity)
        if left <= params.end_share * lock.usual:
            return False
        lock.usual += min(0.1, HOP_S / lock.period_s) * (left - lock.usual)
        return True

    def _acquire(self, t_s: float, onset_s: float) -> None:
        """Look for a tempo in what was done since the movement began."""
        self._enter(Kind.OTHER, onset_s)
        available_s = t_s - onset_s
        # Slow tempos cannot change within a look: search them less often.
        if available_s > 10 and self._looks % 3:
            return
        tempo = self._tempo.find(self._history, available_s)
        if tempo is None or available_s < max(self._params.lock_cycles * tempo.period_s, self._params.lock_s):
            return
        young = available_s < self._params.sure_cycles * tempo.period_s
        if tempo.clarity < (self._params.young_clarity if young else self._params.lock_clarity):
            return
        lock = _Lock(tempo.period_s, tempo.clarity, good_s=t_s, fit_s=t_s)
        if not self._describe(t_s, lock, first=True):
            return
        lock.usual = activity(self._history, lock.period_s, self._params.activity)
        begun_s = t_s - self._moving_s(available_s, lock)
        self._onset_s, self._lock = begun_s, lock
        # The hand's first gathering is part of what follows.
        self._enter(lock.kind, onset_s if begun_s - onset_s < lock.period_s / 2 else begun_s)
        self._cycles += (t_s - begun_s) / tempo.period_s

    def _moving_s(self, available_s: float, lock: _Lock) -> float:
        """How long the motion has gone on, seen with the tempo in mind.

        Stillness before it is no part of it, nor is what came earlier than the tempo search can vouch for.
        """
        available_s = min(available_s, self._params.back_cycles * lock.period_s)
        bin_rows = max(2, round(lock.period_s / 8 / CELL_S))
        rows = self._history.last(int(available_s / CELL_S)) * _WEIGHTS
        speed = np.abs(np.diff(averaged(rows, bin_rows), axis=0)).sum(axis=1)
        if len(speed) < 8:
            return available_s
        brisk = np.flatnonzero(speed > self._params.end_share * np.median(speed[-16:]))
        return min(available_s, (len(speed) + 1 - int(brisk[0])) * bin_rows * CELL_S) if len(brisk) else available_s

    def _follow(self, t_s: float, lock: _Lock) -> None:
        """Keep tempo, phase and kind of a periodic motion up to date."""
        expected = HOP_S / lock.period_s
        lock.looks += 1
        lock.owed += expected
        # Slow tempos cannot change within a look.
        if lock.looks % max(1, min(5, int(2 * lock.period_s))) == 0:
            self._refresh(t_s, lock)
        if t_s - lock.good_s > self._params.coast_cycles * lock.period_s:
            self._lock, self._onset_s = None, lock.good_s
            self._calm_s = lock.good_s
            self._enter(Kind.OTHER, lock.good_s)
        elif not lock.paused and self._quiet_s is None and lock.owed > 0:
            self._cycles += lock.owed
            lock.owed = 0.0

    def _refresh(self, t_s: float, lock: _Lock) -> None:
        available_s = t_s - (self._onset_s or 0.0)
        tempo = self._tempo.follow(self._history, available_s, lock.period_s)
        elapsed = (t_s - lock.fit_s) / lock.period_s
        if tempo is not None:
            lock.period_s += min(1.0, 4 * elapsed) * (tempo.period_s - lock.period_s)
        # A cycle's worth of memory: one odd stroke does not end a motion, fidgeting does not carry one on.
        lock.clarity += min(1.0, elapsed) * ((tempo.clarity if tempo is not None else 0.0) - lock.clarity)
        if lock.clarity >= self._params.hold_clarity:
            lock.good_s = t_s
        lock.periods.append(lock.period_s)
        lock.fits += 1
        if lock.fits % 3 == 0:
            self._reconsider(t_s, lock, available_s)
        before, before_s, was = lock.phase, lock.fit_s, (lock.kind, lock.direction)
        if not self._describe(t_s, lock, first=False):
            lock.good_s -= t_s - before_s
        lock.owed += self._turned(lock, before, t_s - before_s) - (t_s - before_s) / lock.period_s
        if (lock.kind, lock.direction) != was:
            back_s = min(t_s - self._since_s, lock.period_s)
            self._enter(lock.kind, t_s - back_s, cycles=self._cycles - back_s / lock.period_s, force=True)

    def _reconsider(self, t_s: float, lock: _Lock, available_s: float) -> None:
        """Change to another tempo when it repeats better, twice in a row."""
        recent_s = min(available_s, max(6 * lock.period_s, 6.0))
        other = self._tempo.find(self._history, recent_s)
        doubtful = (
            other is not None
            and not 0.75 < other.period_s / lock.period_s < 1.33
            and other.clarity > max(self._params.lock_clarity, lock.clarity)
        )
        lock.doubts = lock.doubts + 1 if doubtful else 0
        if lock.doubts >= 2 and other is not None:
            lock.period_s, lock.clarity, lock.good_s, lock.phase = other.period_s, other.clarity, t_s, None
            lock.doubts = 0
            lock.periods.clear()

    def _describe(self, t_s: float, lock: _Lock, *, first: bool) -> bool:
        """Fit the fundamental over the last cycles: phase, kind, direction; False where it is too weak."""
        params = self._params
        by = max(1, int(lock.period_s / (20 * CELL_S)))
        window_s = min(params.fit_cycles * lock.period_s, (self._history.count - 1) * CELL_S)
        recent = self._history.last(int(window_s / CELL_S))
        rows = averaged(recent, by)
        if len(rows) < 8:
            return False
        step_rad = 2 * np.pi * by * CELL_S / lock.period_s
        fit = fit_fundamental(rows, step_rad)
        acc = ellipse(fit[:, :3])
        gyro = ellipse(fit[:, 3:]) if self._has_gyro else None
        elapsed_s, lock.fit_s = t_s - lock.fit_s, t_s
        lock.phase = (fit[2] - 1j * fit[3]) * _WEIGHTS
        strong_enough = self._strong_enough(acc, gyro, lock.period_s)
        told = drawn(rows, acc, gyro, step_rad, by * CELL_S, params.kind)
        lock.circularity = told.circularity
        kind = self._kind_of(lock, told, recent, first=first)
        direction = _direction(told, lock) if kind is Kind.CIRCLE else None
        # A new kind must last: windows that hold the end of one motion and the beginning of the next look like a third.
        lock.doubted_s = lock.doubted_s + elapsed_s if (kind, direction) != (lock.kind, lock.direction) else 0.0
        if first or lock.doubted_s >= params.kind_cycles * lock.period_s:
            lock.kind, lock.direction, lock.doubted_s = kind, direction, 0.0
        if lock.direction == direction and direction is not None:
            x, y, z = told.normal
            lock.normal = (float(x), float(y), float(z))
        return strong_enough

    def _strong_enough(self, acc: Ellipse, gyro: Ellipse | None, period_s: float) -> bool:
        """Whether the hand goes far enough: what repeats within millimetres is a tremor or a shaking table."""
        params, step_rad_s = self._params, 2 * np.pi / period_s
        least_mps2 = max(params.activity.acc_mps2, params.smallest_m * step_rad_s**2)
        least_radps = max(params.activity.gyro_radps, params.smallest_rad * step_rad_s)
        return acc.size >= least_mps2 or (gyro is not None and gyro.size >= least_radps)

    def _kind_of(self, lock: _Lock, told: Ellipse, recent: Array, *, first: bool) -> Kind:
        if is_circle(told.circularity, lock.kind is Kind.CIRCLE, self._params.kind):
            return Kind.CIRCLE
        if first or lock.line is None or lock.looks % 3 == 0:
            lock.line = stroke_or_lift(recent, lock.period_s, self._has_gyro, self._params.kind)
        return lock.line

    def _turned(self, lock: _Lock, before: Complex | None, elapsed_s: float) -> float:
        """Cycles made since the fit before, from the turn of the fundamental's phase."""
        expected = elapsed_s / lock.period_s
        if before is None or lock.phase is None:
            return expected
        product = np.vdot(before, lock.phase)
        scale = float(np.linalg.norm(before) * np.linalg.norm(lock.phase))
        if scale == 0 or abs(product) < 0.5 * scale:
            return expected
        turned = float(np.angle(product)) / (2 * np.pi)
        turned = expected + (turned - expected + 0.5) % 1.0 - 0.5
        return float(np.clip(turned, 0.0, 2 * expected))

    def _enter(self, kind: Kind, since_s: float, *, cycles: float | None = None, force: bool = False) -> None:
        """Begin a new stretch if this is one."""
        if kind is self._kind and not force:
            return
        self._kind = kind
        self._since_s = max(since_s, self._since_s)
        self._stretch_from = self._cycles if cycles is None else max(cycles, self._stretch_from)

    def _restart(self, t_s: float) -> None:
        """Go on after an interruption: what came before does not join on."""
        self._history.clear()
        self._lock = self._onset_s = self._quiet_s = None
        self._calm_s = t_s
        self._enter(Kind.STILL, t_s)

    def _say(self, t_s: float) -> Motion:
        lock = self._lock
        rate = sd = None
        if lock is not None:
            rate = 60 / lock.period_s
            if len(lock.periods) > 3:
                sd = rate * float(np.std(lock.periods)) / lock.period_s
        circle = lock is not None and self._kind is Kind.CIRCLE
        return Motion(
            t_s=t_s,
            kind=self._kind,
            since_s=self._since_s,
            rate_cpm=rate,
            rate_sd_cpm=sd,
            cycles=self._cycles,
            stretch_cycles=self._cycles - self._stretch_from,
            circularity=lock.circularity if lock is not None else None,
            direction=lock.direction if lock is not None and circle else None,
            plane_normal=lock.normal if lock is not None and circle else None,
        )


def _direction(told: Ellipse, lock: _Lock) -> Direction:
    """Tell which way round; a plane seen edge-on keeps its answer until the hand turns the other way."""
    if lock.direction is not None and lock.normal is not None and np.dot(told.normal, lock.normal) > 0:
        return lock.direction
    return "ccw" if told.normal[2] > 0 else "cw"


def _half_cycle_s(lock: _Lock) -> float:
    return max(lock.period_s / 2, 0.4)


_WEIGHTS = np.array([1.0, 1.0, 1.0, TURN_WEIGHT_M_PER_S, TURN_WEIGHT_M_PER_S, TURN_WEIGHT_M_PER_S])
"""Accelerometer and gyroscope side by side."""
