"""Somebody who moves at their own tempo, drifts, and heeds what they hear: a coach's cues, or a metronome.

Nobody has measured people who are coached in self-massage. What is known of tapping and of circles drawn in time stands
behind some of the numbers; the others are assumed. Each says which it is.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sensors.simulate.hand import Phase

Band = tuple[float, float]

STEP_S: Final = 0.1
"""The tempo in somebody's mind changes on this grid, whenever it is asked for."""
QUICKEST_S: Final = 0.5
"""Nobody hears a cue, understands it and moves otherwise in less."""
SIZE_SHARE: Final = 0.3
"""Asked for larger or smaller circles people change them by about this (assumed)."""
STEADIER: Final = 0.7
"""Asked to be steadier they vary by this share of what they did (assumed)."""


@dataclass(frozen=True)
class Beat:
    """How somebody follows a metronome, one movement to a tick.

    Two corrections at each tick, as in the tapping literature (Repp 2005, 10.3758/BF03206433): of the phase, largely
    automatic, and of the period, by will and only while attending (Repp & Keller 2004, 10.1080/02724980343000369).

    Parameters
    ----------
    phase_gain : float
        Share of the asynchrony that the next movement takes away. Measured with musicians, and larger the longer the
        interval (Repp, Keller & Jacoby 2012, Acta Psychologica 139:281); this one is assumed.
    smooth_gain : float
        What is left of it in a movement without turning points: circles drawn to a metronome drift through its ticks
        (Studenka & Zelaznik 2011, 10.1080/00222895.2011.555796). That so much is left is assumed.
    period_gain : float
        Share of a difference in tempo that is taken away once it is noticed: tempo changes that are heard as such are
        followed within a few taps (Repp 2001, 10.1016/S0167-9457(01)00049-5).
    unnoticed_gain : float
        The same of a difference too small to notice (assumed).
    noticed : float
        The smallest difference that is noticed, as a fraction. Of the size of what is measured: some 2 to 8 %.
    weber : float
        Error with which an interval is heard and compared, as a fraction, up to ``long_s``. Of that size too.
    long_s : float
        Beyond this interval ticks are no longer expected but waited for; the error then grows with the interval.
        Measured: about 1.8 s (Repp 2005).
    attends_s, lapses_s : float
        How long somebody listens, and how long the ticks then go unheeded; means of exponential draws (assumed; beside
        what is measured at chest compressions it is generous: docs/coaching.md).
    """

    phase_gain: float = 0.4
    smooth_gain: float = 0.1
    period_gain: float = 0.4
    unnoticed_gain: float = 0.1
    noticed: float = 0.05
    weber: float = 0.04
    long_s: float = 1.8
    attends_s: float = 30.0
    lapses_s: float = 20.0


@dataclass(frozen=True)
class PersonParams:
    """How somebody moves and heeds.

    Parameters
    ----------
    habit_cpm : float
        The tempo they take up by themselves, and fall back to.
    wander : float
        Standard deviation of their free tempo over minutes, as a fraction (assumed; in tapping it is some per cent).
    pull_s : float
        Time constant of falling back to the habit. That people do is measured (Zamm, Wang & Palmer 2018,
        10.1177/0748730418783651), how quickly in such movements is assumed.
    scatter : float
        Standard deviation of the tempo from cycle to cycle, as a fraction. Of the size of what is measured in tapping
        and in drawing circles (Wing & Kristofferson 1973; Robertson et al. 1999).
    delay_s, delay_scatter : float
        From a cue to another tempo: median, and scatter as a fraction. Assumed: a cue is a word or two and a number.
    gain : float
        Share of the difference to the target that one cue takes away (assumed); above 1 they overdo it.
    error : float
        Standard deviation of the tempo that they then take up, as a fraction: nobody knows 30 a minute exactly. Of the
        size of what is measured for tempos from memory (Levitin & Cook 1996).
    heeds : float
        Share of the cues that are heeded (assumed); the coach says the same again later.
    takes_easier : bool
        Whether they take an easier band when one is offered.
    beat : Beat
    """

    habit_cpm: float
    wander: float = 0.06
    pull_s: float = 120.0
    scatter: float = 0.05
    delay_s: float = 1.5
    delay_scatter: float = 0.3
    gain: float = 0.75
    error: float = 0.08
    heeds: float = 0.85
    takes_easier: bool = False
    beat: Beat = Beat()


class Person:
    """Somebody at work on one step; a `sensors.simulate.online.Mind`.

    Parameters
    ----------
    params : PersonParams
    asked : Phase
        What the step asks for, in the way they do it; its ``seconds``, tempo and variation are of no account.
    seed : int
        The free tempo of a seed is the same whatever they hear.
    doing : Phase, optional
        What they do at first, if it is something else.
    metronome_cpm : float, optional
        A metronome that ticks once per movement, from the beginning to the end.

    Attributes
    ----------
    doing : Phase
        What they do now.
    ticks : int
        How often the metronome has ticked.
    """

    def __init__(
        self,
        params: PersonParams,
        asked: Phase,
        *,
        seed: int,
        doing: Phase | None = None,
        metronome_cpm: float | None = None,
    ) -> None:
        self.params = params
        self.doing = replace(doing or asked, variation=params.scatter)
        self.ticks = 0
        self._asked = replace(asked, variation=params.scatter)
        wandering, heeding, ticking, attending = (
            np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)
        )
        self._wandering, self._heeding, self._ticking, self._attending = wandering, heeding, ticking, attending
        self._habit = math.log(params.habit_cpm)
        self._tempo = self._habit + params.wander * float(wandering.standard_normal())
        self._steps = 0
        self._due: deque[tuple[float, str, Band | None]] = deque()
        self._tick_s = None if metronome_cpm is None else 60 / metronome_cpm
        self._catching_up = 0.0
        self._last: tuple[float, float] = (0.0, 0.0)
        self._listens, self._until_s = True, float(attending.exponential(params.beat.attends_s))

    def hear(self, cue: str, band: Band | None, t_s: float) -> float | None:
        """Hear a cue of the coach's; give when they take an offered easier band, or None.

        Parameters
        ----------
        cue : str
            In the words of `tracker.coach`; what asks for nothing changes nothing.
        band : (float, float) or None
            The target that is named, cycles per minute.
        t_s : float
            Now, on the clock of `tempo_cpm`.
        """
        delay_s = self.params.delay_s * math.exp(self.params.delay_scatter * float(self._heeding.standard_normal()))
        heeded = self._heeding.random() < self.params.heeds
        due_s = t_s + max(QUICKEST_S, delay_s)
        if cue == "easier?":
            return due_s if heeded and self.params.takes_easier else None
        if heeded:
            self._due.append((due_s, cue, band))
        return None

    def tempo_cpm(self, t_s: float, cycles: float) -> float:
        """Give the tempo from now on, having made so many cycles; times must not fall."""
        while self._due and self._due[0][0] <= t_s:
            _, cue, band = self._due.popleft()
            self._heed(cue, band)
        if self._tick_s is not None:
            self._follow_beat(self._tick_s, t_s, cycles)
        steps = round(t_s / STEP_S)
        pull = STEP_S / self.params.pull_s
        for draw in self._wandering.standard_normal(steps - self._steps).tolist():
            self._tempo += pull * (self._habit - self._tempo) + self.params.wander * math.sqrt(2 * pull) * draw
        self._steps = steps
        return math.exp(self._tempo) * (1 - self._catching_up)

    def _heed(self, cue: str, band: Band | None) -> None:
        match cue:
            case "slower" | "faster" if band is not None:
                away = math.log((band[0] + band[1]) / 2) - self._tempo
                self._tempo += self.params.gain * away + self.params.error * float(self._heeding.standard_normal())
            case "larger" | "smaller":
                factor = 1 + SIZE_SHARE if cue == "larger" else 1 / (1 + SIZE_SHARE)
                self.doing = replace(self.doing, length_cm=min(60.0, self.doing.size_cm * factor))
            case "other way":
                self.doing = replace(self.doing, direction="cw" if self.doing.direction == "ccw" else "ccw")
            case "steadier":
                self.doing = replace(self.doing, variation=self.doing.variation * STEADIER)
            case "other motion" | "go on" | "hold still":
                self.doing = self._asked

    def _follow_beat(self, tick_s: float, t_s: float, cycles: float) -> None:
        """Take the ticks since the last look, each with where in the movement it fell."""
        while (at_s := (self.ticks + 1) * tick_s) <= t_s:
            self.ticks += 1
            while self._until_s < at_s:
                self._listens = not self._listens
                mean_s = self.params.beat.attends_s if self._listens else self.params.beat.lapses_s
                self._until_s += float(self._attending.exponential(mean_s))
            made = float(np.interp(at_s, (self._last[0], t_s), (self._last[1], cycles)))
            self._take_tick(tick_s, made - round(made))
        self._last = (t_s, cycles)

    def _take_tick(self, tick_s: float, early: float) -> None:
        """Correct tempo and phase; ``early`` is how much of a cycle the hand is ahead of the tick."""
        beat = self.params.beat
        misheard = beat.weber * max(1.0, tick_s / beat.long_s) * self._ticking.standard_normal(2)
        if not self._listens:
            self._catching_up = 0.0
            return
        away = math.log(60 / tick_s) - self._tempo + float(misheard[0])
        self._tempo += away * (beat.period_gain if abs(away) > beat.noticed else beat.unnoticed_gain)
        gain = beat.smooth_gain if self.doing.motion == "circle" else beat.phase_gain
        self._catching_up = gain * (early + float(misheard[1]))
