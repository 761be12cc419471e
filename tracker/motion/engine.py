"""The motion engine: ten looks a second at what a hand does, how fast and how many times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Samples
from tracker.motion.activity import activity, drifting
from tracker.motion.bout import BoutParams, read_bout
from tracker.motion.history import HOP, LONGEST_BLOCK_S, History
from tracker.motion.periodic import CHANNEL_WEIGHTS, HOP_S, Periodic, PeriodicParams, Single
from tracker.motion.state import Kind, Motion
from tracker.motion.tempo import Tempo, TempoParams, TempoSearch

BLOCK = int(LONGEST_BLOCK_S * RATE_HZ)

REST_S = 0.3
"""A stream that begins with so much stillness begins at rest."""


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Tuning of the engine: when a motion begins and ends.

    Attributes
    ----------
    lock : tuple of (float, float, float)
        A motion is periodic if it repeats this well (clarity), its tempo has been found again and again for so many
        cycles, and one cycle lasts at least so many seconds. Fidgeting repeats now and then, but not so well, or not
        for long; and it has little that is slow.
    lock_cycles, lock_s : float
        It must have gone on for this many cycles, and for this long.
    same : float
        Periods this close, as a fraction, are the same tempo.
    back_cycles, back_s : float
        What is counted afterwards when a motion is recognised, at the most.
    pause_cycles, pause_s : float
        Quiet for this share of a cycle, at least ``pause_s``, is stillness: strokes rest at their turns.
    rest_share : float
        Before the tempo is known, quiet for this share of the time moved before is stillness; time that was quiet
        counts against it.
    """

    lock: tuple[tuple[float, float, float], ...] = ((0.85, 0.0, 0.0), (0.72, 1.0, 0.8), (0.5, 3.0, 1.2))
    lock_cycles: float = 2.05
    lock_s: float = 0.6
    same: float = 0.08
    back_cycles: float = 3.5
    back_s: float = 2.0
    pause_cycles: float = 0.5
    pause_s: float = 0.8
    rest_share: float = 0.55
    bout: BoutParams = BoutParams()
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
        self._skip = 0
        self._found: Tempo | None = None
        self._found_s = 0.0
        self._counted_s = 0.0
        self._rested_s = 0.0
        self._onset_s: float | None = None
        self._quiet_s: float | None = None
        self._calm_s = self._brisk_s = self._balance_s = 0.0
        self._kind = Kind.STILL
        self._since_s = 0.0
        self._cycles = 0.0
        self._counted = 0.0
        self._stretch_from = 0.0
        self._looks = 0
        self._single: Single | None = None

    def update(self, samples: Samples) -> list[Motion]:
        """Take the next block; give the looks it completes."""
        looks: list[Motion] = []
        for first in range(0, len(samples), BLOCK):
            looks += self._take(samples, first, min(first + BLOCK, len(samples)))
        return looks

    def _take(self, samples: Samples, first: int, last: int) -> list[Motion]:
        t_s = samples.t_s[first:last]
        has_gyro = samples.gyro_radps is not None
        interrupted = self._next_s is None or t_s[0] - self._next_s > CELL_S / 2
        if interrupted or has_gyro != self._has_gyro:
            self._restart(float(t_s[0]))
            # Looks stand on a fixed grid of the stream's own time.
            self._skip = -round(t_s[0].item() * RATE_HZ - 0.5) % HOP
        self._has_gyro = has_gyro
        self._next_s = float(t_s[-1]) + CELL_S
        rows = np.zeros((last - first, 6))
        rows[:, :3] = samples.acc_mps2[first:last]
        if samples.gyro_radps is not None:
            rows[:, 3:] = samples.gyro_radps[first:last]
        skipped = min(self._skip, len(rows))
        self._skip -= skipped
        history = self._history
        history.append(rows[skipped:])
        looks = []
        while history.end + HOP <= history.added:
            history.end += HOP
            at = len(rows) - 1 - (history.added - history.end)
            looks.append(self._look(t_s[at].item() + CELL_S / 2))
        return looks

    def _look(self, t_s: float) -> Motion:
        self._looks += 1
        self._single = None
        self._watch_quiet(t_s)
        if self._single is not None:
            self._enter(self._single.kind, self._since_s, force=True)
            self._cycles += self._single.cycles
        elif self._onset_s is None:
            self._enter(Kind.STILL, self._quiet_s if self._quiet_s is not None else t_s)
        elif self._periodic is None:
            self._acquire(t_s, self._onset_s)
        else:
            self._follow(t_s, self._periodic)
        return self._say(t_s)

    def _watch_quiet(self, t_s: float) -> None:
        """Keep onset and end of movement."""
        params, periodic = self._params, self._periodic
        active = params.periodic.activity
        if periodic is None:
            strength = activity(self._history, active.brisk_looks, active)
            if strength > active.brisk:
                self._brisk_s = t_s
            moving = strength > 1 or drifting(
                self._history, round((t_s - max(self._calm_s, self._brisk_s)) / HOP_S), active
            )
            window_s = active.brisk_looks * HOP_S
        else:
            moving, window_s = periodic.goes_on(), periodic.half_cycle_s
        if moving:
            if self._quiet_s is not None:
                self._balance_s = max(0.0, self._balance_s - (t_s - self._quiet_s))
            self._balance_s += HOP_S
            if self._onset_s is None:
                # The window has to fill a little before it tells.
                self._onset_s = max(self._since_s, t_s - 2 * HOP_S)
                rested_s = self._onset_s - self._calm_s
                self._rested_s = rested_s if rested_s > REST_S else 0.0
            self._quiet_s = None
            return
        if self._quiet_s is None:
            self._balance_s = max(0.0, self._balance_s - window_s)
            self._quiet_s = max(self._onset_s or self._since_s, t_s - window_s + HOP_S)
        if self._onset_s is None:
            return
        if periodic is None:
            pause_s = params.rest_share * self._balance_s
        else:
            pause_s = params.pause_cycles * periodic.period_s
        if t_s - self._quiet_s >= max(params.pause_s, pause_s):
            if periodic is None:
                self._single = self._read_bout(t_s, self._onset_s, self._quiet_s)
            # Something else may go on, smaller: that is a new movement.
            goes_on = activity(self._history, active.brisk_looks, active) > 1
            self._end_movement(self._quiet_s, goes_on=goes_on)

    def _read_bout(self, t_s: float, onset_s: float, quiet_s: float) -> Single | None:
        """Look back on a movement that ended before it had a tempo."""
        fit = read_bout(
            self._history,
            round((quiet_s - onset_s) / CELL_S),
            round(self._rested_s / CELL_S),
            round((t_s - quiet_s) / CELL_S),
            self._params.bout,
            has_gyro=self._has_gyro,
        )
        return Single(fit, self._params.periodic, has_gyro=self._has_gyro) if fit is not None else None

    def _end_movement(self, end_s: float, *, goes_on: bool) -> None:
        """Forget what went on: it must not look like movement after its end."""
        self._periodic = self._found = None
        self._calm_s = end_s
        self._balance_s = 0.0
        self._onset_s = end_s if goes_on else None
        self._rested_s = 0.0

    def _acquire(self, t_s: float, onset_s: float) -> None:
        """Look for a tempo in what was done since the movement began."""
        params = self._params
        self._enter(Kind.OTHER, onset_s)
        available_s = t_s - onset_s
        # Slow tempos cannot change within a look: search them less often.
        if self._quiet_s is not None or self._looks % (1 if available_s < 2 else 2 if available_s < 10 else 5):
            return
        tempo = self._tempo.refind(self._history, available_s)
        if tempo is None or not self._convinced(tempo, t_s, available_s):
            return
        moving_s = self._moving_s(available_s, tempo.period_s, t_s - self._found_s)
        # What another tempo has been counted with is not counted again.
        moving_s = min(moving_s, t_s - self._counted_s)
        found = Periodic(
            tempo,
            round(moving_s / CELL_S),
            self._history,
            self._tempo,
            params.periodic,
            rested=round(max(self._rested_s, 0.0 if moving_s > available_s - tempo.period_s / 4 else REST_S) / CELL_S),
            has_gyro=self._has_gyro,
        )
        if not found.strong:
            return
        begun_s = t_s - moving_s
        self._onset_s, self._periodic = begun_s, found
        # The hand's first gathering is part of what follows.
        self._enter(found.kind, onset_s if begun_s - onset_s < tempo.period_s / 2 else begun_s)
        self._counted = 0.0
        self._collect(found)

    def _convinced(self, tempo: Tempo, t_s: float, available_s: float) -> bool:
        """Whether what was found now and before makes a tempo."""
        params, before = self._params, self._found
        if before is None or abs(tempo.period_s / before.period_s - 1) > params.same:
            self._found, self._found_s = tempo, t_s
        else:
            # A cycle's worth of memory.
            weight = min(1.0, 2 * HOP_S / tempo.period_s)
            clarity = before.clarity + weight * (tempo.clarity - before.clarity)
            self._found = Tempo(before.period_s + weight * (tempo.period_s - before.period_s), clarity)
        if available_s < max(params.lock_cycles * tempo.period_s, params.lock_s):
            return False
        agreed = (t_s - self._found_s) / tempo.period_s
        return any(
            (self._found.clarity if cycles else tempo.clarity) >= clarity and agreed >= cycles and tempo.period_s >= least_s
            for clarity, cycles, least_s in params.lock
        )

    def _moving_s(self, available_s: float, period_s: float, known_s: float) -> float:
        """How long the motion has gone on, seen with the tempo in mind.

        Stillness before it is no part of it, nor is what came earlier than the tempo search can vouch for.
        """
        params = self._params
        vouched_s = max(params.back_cycles * period_s, known_s + params.lock_cycles * period_s, params.back_s)
        available_s = min(available_s, vouched_s)
        by = max(2, round(period_s / 8 / CELL_S))
        rows = self._history.means(int(available_s / CELL_S) // by, by) * CHANNEL_WEIGHTS
        speed = np.abs(np.diff(rows, axis=0)).sum(axis=1)
        brisk = np.flatnonzero(speed > self._params.periodic.end_share * np.median(speed[-16:]))
        if len(speed) < 8 or not len(brisk):
            return available_s
        return min(available_s, (len(speed) + 1 - int(brisk[0])) * by * CELL_S)

    def _follow(self, t_s: float, periodic: Periodic) -> None:
        """Count a periodic motion; notice when it becomes another, or none."""
        was = (periodic.kind, periodic.direction)
        periodic.advance()
        if periodic.lost:
            good_s = t_s - periodic.unsure_s
            self._end_movement(good_s, goes_on=True)
            self._counted_s = t_s
            self._enter(Kind.OTHER, good_s)
            return
        self._collect(periodic)
        if (periodic.kind, periodic.direction) != was:
            # The fit that tells looks back over two cycles: the change was in its middle.
            back_s = min(t_s - self._since_s, periodic.period_s)
            self._enter(periodic.kind, t_s - back_s, cycles=self._cycles - back_s / periodic.period_s, force=True)

    def _collect(self, periodic: Periodic) -> None:
        """Add what the motion has made since the last look."""
        if self._quiet_s is not None:
            return
        sure = periodic.count.sure
        self._cycles += max(0.0, sure - self._counted)
        self._counted = max(self._counted, sure)

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
        told = self._single or self._periodic
        return Motion(
            t_s=t_s,
            kind=self._kind,
            since_s=self._since_s,
            rate_cpm=self._periodic.rate_cpm if self._periodic else None,
            rate_sd_cpm=self._periodic.rate_sd_cpm if self._periodic else None,
            window_s=self._periodic.window_s if self._periodic else None,
            cycles=self._cycles,
            stretch_cycles=self._cycles - self._stretch_from,
            circularity=told.circularity if told else None,
            direction=told.direction if told else None,
            plane_normal=told.normal if told and told.direction else None,
            period_cv=self._periodic.period_cv if self._periodic else None,
            size_cv=self._periodic.size_cv if self._periodic else None,
            extent_cm=told.extent_cm if told else None,
            angle_deg=told.angle_deg if told else None,
        )
