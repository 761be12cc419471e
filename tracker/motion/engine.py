"""The motion engine: ten looks a second at what a hand does, how fast and how many times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Samples
from tracker.motion.activity import activity, stirring
from tracker.motion.history import History, averaged
from tracker.motion.periodic import CHANNEL_WEIGHTS, Periodic, PeriodicParams
from tracker.motion.state import Kind, Motion
from tracker.motion.tempo import TempoParams, TempoSearch

HOP = 5
"""Grid points between two looks: 0.1 s."""
HOP_S = HOP * CELL_S


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Tuning of the engine: when a motion begins and ends.

    Attributes
    ----------
    lock_clarity, young_clarity : float
        How well a motion must repeat to be called periodic, and to be called so before ``sure_cycles``: fidgeting
        repeats now and then, but not so well, and not for long.
    lock_cycles, lock_s : float
        It must have gone on for this many cycles, and for this long.
    back_cycles : float
        Cycles counted afterwards when a motion is recognised, at the most.
    pause_cycles, pause_s : float
        Quiet for this share of a cycle, at least ``pause_s``, is stillness: strokes rest at their turns.
    rest_share : float
        Before the tempo is known, quiet for this share of the movement's time is stillness.
    """

    lock_clarity: float = 0.72
    young_clarity: float = 0.8
    sure_cycles: float = 3.0
    lock_cycles: float = 2.1
    lock_s: float = 1.5
    back_cycles: float = 3.5
    pause_cycles: float = 0.5
    pause_s: float = 0.8
    rest_share: float = 0.35
    tempo: TempoParams = TempoParams()
    periodic: PeriodicParams = PeriodicParams()


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
        self._tempo = TempoSearch(CHANNEL_WEIGHTS, params.tempo)
        self._history = History()
        self._periodic: Periodic | None = None
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
        first_cell = round(samples.t_s[0].item() * RATE_HZ - 0.5)
        done = 0
        for at in range(HOP - 1 - first_cell % HOP, len(samples), HOP):
            self._history.append(rows[done : at + 1])
            done = at + 1
            looks.append(self._look(samples.t_s[at].item() + CELL_S / 2))
        self._history.append(rows[done:])
        return looks

    def _look(self, t_s: float) -> Motion:
        self._looks += 1
        self._watch_quiet(t_s)
        if self._onset_s is None:
            self._enter(Kind.STILL, self._quiet_s if self._quiet_s is not None else t_s)
        elif self._periodic is None:
            self._acquire(t_s, self._onset_s)
        else:
            self._follow(t_s, self._onset_s, self._periodic)
        return self._say(t_s)

    def _watch_quiet(self, t_s: float) -> None:
        """Keep onset and end of movement."""
        params, periodic = self._params, self._periodic
        active = params.periodic.activity
        if periodic is None:
            moving, window_s = stirring(self._history, t_s - self._calm_s, active), active.scales[0][0]
        else:
            moving, window_s = periodic.goes_on(HOP_S), periodic.half_cycle_s
        if moving:
            if self._onset_s is None:
                # The window has to fill a little before it tells.
                self._onset_s = max(self._since_s, t_s - 2 * HOP_S)
            self._quiet_s = None
            return
        if self._quiet_s is None:
            self._quiet_s = max(self._onset_s or self._since_s, t_s - window_s + HOP_S)
        if self._onset_s is None:
            return
        if periodic is None:
            pause_s = params.rest_share * (t_s - self._onset_s)
        else:
            pause_s = params.pause_cycles * periodic.period_s
        if t_s - self._quiet_s >= max(params.pause_s, pause_s):
            # Something else may go on, smaller: that is a new movement.
            goes_on = activity(self._history, t_s - self._quiet_s, active) > 1
            self._end_movement(self._quiet_s, goes_on=goes_on)

    def _end_movement(self, end_s: float, *, goes_on: bool) -> None:
        """Forget what went on: it must not look like movement after its end."""
        self._periodic = None
        self._calm_s = end_s
        self._onset_s = end_s if goes_on else None

    def _acquire(self, t_s: float, onset_s: float) -> None:
        """Look for a tempo in what was done since the movement began."""
        params = self._params
        self._enter(Kind.OTHER, onset_s)
        available_s = t_s - onset_s
        # Slow tempos cannot change within a look: search them less often.
        if available_s > 10 and self._looks % 3:
            return
        tempo = self._tempo.find(self._history, available_s)
        if tempo is None or available_s < max(params.lock_cycles * tempo.period_s, params.lock_s):
            return
        young = available_s < params.sure_cycles * tempo.period_s
        if tempo.clarity < (params.young_clarity if young else params.lock_clarity):
            return
        found = Periodic(tempo, t_s, self._history, self._tempo, params.periodic, has_gyro=self._has_gyro)
        if not found.strong:
            return
        begun_s = t_s - self._moving_s(available_s, tempo.period_s)
        self._onset_s, self._periodic = begun_s, found
        # The hand's first gathering is part of what follows.
        self._enter(found.kind, onset_s if begun_s - onset_s < tempo.period_s / 2 else begun_s)
        self._cycles += (t_s - begun_s) / tempo.period_s

    def _moving_s(self, available_s: float, period_s: float) -> float:
        """How long the motion has gone on, seen with the tempo in mind.

        Stillness before it is no part of it, nor is what came earlier than the tempo search can vouch for.
        """
        vouched_s = max(self._params.back_cycles * period_s, self._params.lock_s + 2 * HOP_S)
        available_s = min(available_s, vouched_s)
        by = max(2, round(period_s / 8 / CELL_S))
        rows = self._history.last(int(available_s / CELL_S)) * CHANNEL_WEIGHTS
        speed = np.abs(np.diff(averaged(rows, by), axis=0)).sum(axis=1)
        brisk = np.flatnonzero(speed > self._params.periodic.end_share * np.median(speed[-16:]))
        if len(speed) < 8 or not len(brisk):
            return available_s
        return min(available_s, (len(speed) + 1 - int(brisk[0])) * by * CELL_S)

    def _follow(self, t_s: float, onset_s: float, periodic: Periodic) -> None:
        """Count a periodic motion; notice when it becomes another, or none."""
        was = (periodic.kind, periodic.direction)
        periodic.advance(t_s, HOP_S, t_s - onset_s)
        if periodic.lost(t_s):
            self._end_movement(periodic.good_s, goes_on=True)
            self._enter(Kind.OTHER, periodic.good_s)
            return
        self._cycles += periodic.collect(moving=self._quiet_s is None)
        if (periodic.kind, periodic.direction) != was:
            # The fit that tells looks back over two cycles: the change was in its middle.
            back_s = min(t_s - self._since_s, periodic.period_s)
            self._enter(periodic.kind, t_s - back_s, cycles=self._cycles - back_s / periodic.period_s, force=True)

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
        self._end_movement(t_s, goes_on=False)
        self._quiet_s = None
        self._enter(Kind.STILL, t_s)

    def _say(self, t_s: float) -> Motion:
        periodic = self._periodic
        return Motion(
            t_s=t_s,
            kind=self._kind,
            since_s=self._since_s,
            rate_cpm=periodic.rate_cpm if periodic else None,
            rate_sd_cpm=periodic.rate_sd_cpm if periodic else None,
            cycles=self._cycles,
            stretch_cycles=self._cycles - self._stretch_from,
            circularity=periodic.circularity if periodic else None,
            direction=periodic.direction if periodic else None,
            plane_normal=periodic.normal if periodic and periodic.direction else None,
        )
