"""The motion engine: ten looks a second at what a hand does, how fast and how many times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Samples
from tracker.motion.bout import BoutParams, read_bout
from tracker.motion.figure import Figure, Tracer
from tracker.motion.history import HOP, HOP_S, LONGEST_BLOCK_S, History
from tracker.motion.movement import Movement, MovementParams
from tracker.motion.periodic import CHANNEL_WEIGHTS, Periodic, PeriodicParams
from tracker.motion.recognition import Recognition, RecognitionParams
from tracker.motion.single import Single
from tracker.motion.state import Kind, Motion
from tracker.motion.tempo import TempoParams, TempoSearch

BLOCK = int(LONGEST_BLOCK_S * RATE_HZ)


@dataclass(frozen=True, slots=True)
class EngineParams:
    """Tuning of the engine, stage by stage."""

    movement: MovementParams = MovementParams()
    bout: BoutParams = BoutParams()
    tempo: TempoParams = TempoParams()
    recognition: RecognitionParams = RecognitionParams()
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
        self._history = History()
        self._movement = Movement(self._history, params.movement)
        self._tempo = TempoSearch(CHANNEL_WEIGHTS, params.tempo)
        self._recognition = Recognition(self._tempo, CHANNEL_WEIGHTS, params.recognition)
        self._periodic: Periodic | None = None
        self._tracer = Tracer()
        self._single: Single | None = None
        self._has_gyro = False
        self._next_s: float | None = None
        self._skip = 0
        self._looks = 0
        self._kind = Kind.STILL
        self._since_s = 0.0
        self._cycles = 0.0
        self._stretch_from = 0.0
        # Of the periodic motion: what of its count is in `_cycles`, and up to when movements have been counted.
        self._counted = 0.0
        self._counted_s = 0.0

    def update(self, samples: Samples) -> list[Motion]:
        """Take the next block; give the looks it completes."""
        looks: list[Motion] = []
        for first in range(0, len(samples), BLOCK):
            looks += self._take(samples, first, min(first + BLOCK, len(samples)))
        return looks

    def figure(self) -> Figure | None:
        """Give the path that the hand draws, as of the last look; None without a periodic motion."""
        return None if self._periodic is None else self._tracer.trace(self._periodic)

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
        movement, periodic = self._movement, self._periodic
        moving, window_s = movement.stirs(t_s) if periodic is None else (periodic.goes_on(), periodic.half_cycle_s)
        movement.watch(t_s, moving, window_s, self._since_s)
        if movement.over(t_s, periodic.period_s if periodic else None):
            self._rest(t_s)
        if self._single is not None:
            self._enter(self._single.kind, self._since_s, force=True)
            self._cycles += self._single.cycles
        elif movement.onset_s is None:
            self._enter(Kind.STILL, movement.quiet_s if movement.quiet_s is not None else t_s)
        elif self._periodic is None:
            self._acquire(t_s, movement.onset_s)
        else:
            self._follow(t_s, self._periodic)
        return self._say(t_s)

    def _rest(self, t_s: float) -> None:
        """End a movement; if it had no tempo, look back on the whole of it for single cycles."""
        movement, params = self._movement, self._params
        if movement.onset_s is None or movement.quiet_s is None:
            raise AssertionError("what never began cannot end")
        if self._periodic is None:
            fit = read_bout(
                self._history,
                round((movement.quiet_s - movement.onset_s) / CELL_S),
                round(movement.rested_s / CELL_S),
                round((t_s - movement.quiet_s) / CELL_S),
                params.bout,
                has_gyro=self._has_gyro,
            )
            if fit is not None:
                self._single = Single(fit, params.periodic.kind, params.periodic.size, has_gyro=self._has_gyro)
        movement.end(movement.quiet_s)
        self._forget()

    def _forget(self) -> None:
        """Forget what went on: it must not look like movement after its end."""
        self._periodic = None
        self._recognition.clear()

    def _acquire(self, t_s: float, onset_s: float) -> None:
        """Look for a tempo in what was done since the movement began."""
        self._enter(Kind.OTHER, onset_s)
        available_s = t_s - onset_s
        # Slow tempos cannot change within a look: search them less often.
        every = 1 if available_s < 2 else 2 if available_s < 10 else 5
        if self._movement.quiet_s is not None or self._looks % every:
            return
        tempo = self._recognition.look(self._history, t_s, onset_s)
        if tempo is None:
            return
        # What another tempo has been counted with is not counted again.
        gone_on_s = self._recognition.gone_on_s(self._history, tempo, t_s, max(onset_s, self._counted_s))
        begun_s = t_s - gone_on_s
        rested_s = self._movement.rested_s
        if begun_s - onset_s > tempo.period_s / 4:
            # It was something else that began then: this one set out later.
            rested_s = max(rested_s, self._params.movement.rest_s)
        found = Periodic(
            tempo,
            round(gone_on_s / CELL_S),
            self._history,
            self._tempo,
            self._params.periodic,
            rested=round(rested_s / CELL_S),
            has_gyro=self._has_gyro,
        )
        if not found.strong:
            return
        self._movement.onset_s, self._periodic = begun_s, found
        # The hand's first gathering is part of what follows.
        self._enter(found.kind, onset_s if begun_s - onset_s < tempo.period_s / 2 else begun_s)
        self._counted = 0.0
        self._collect(found)

    def _follow(self, t_s: float, periodic: Periodic) -> None:
        """Count a periodic motion; notice when it becomes another, or none."""
        was = (periodic.kind, periodic.direction)
        periodic.advance()
        if periodic.lost:
            good_s = t_s - periodic.unsure_s
            self._movement.end(good_s)
            self._movement.onset_s = good_s
            self._forget()
            # What was held back may be part of the next motion.
            held_back = max(0.0, periodic.count.made - self._counted)
            self._counted_s = max(good_s, t_s - held_back * periodic.period_s)
            self._enter(Kind.OTHER, good_s)
            return
        self._collect(periodic)
        if (periodic.kind, periodic.direction) != was:
            # The fit that tells looks back over two cycles: the change was in its middle.
            back_s = min(t_s - self._since_s, periodic.period_s)
            self._enter(periodic.kind, t_s - back_s, cycles=self._cycles - back_s / periodic.period_s, force=True)

    def _collect(self, periodic: Periodic) -> None:
        """Add what the motion has made since the last look."""
        if self._movement.quiet_s is not None:
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
        self._movement.restart(t_s)
        self._forget()
        self._enter(Kind.STILL, t_s)

    def _say(self, t_s: float) -> Motion:
        periodic = self._periodic
        told = self._single or periodic
        regularity = periodic.regularity if periodic else None
        return Motion(
            t_s=t_s,
            kind=self._kind,
            since_s=self._since_s,
            rate_cpm=periodic.rate_cpm if periodic else None,
            rate_sd_cpm=regularity.rate_sd_cpm if regularity else None,
            window_s=periodic.window_s if periodic else None,
            cycles=self._cycles,
            stretch_cycles=self._cycles - self._stretch_from,
            circularity=told.circularity if told else None,
            direction=told.direction if told else None,
            plane_normal=told.normal if told and told.direction else None,
            period_cv=regularity.period_cv if regularity else None,
            size_cv=regularity.size_cv if regularity else None,
            extent_cm=told.extent_cm if told else None,
            angle_deg=told.angle_deg if told else None,
        )
