"""How well a step and a session went, with the reason for every number.

A score is about pace and regularity, which the wrist tells; it says nothing of pressure, of what a massage is good for,
or of a person. Its parts are plain shares:

- *done*: of the step's time or cycles. It is told, and counts for nothing: pain is a reason to stop, and no number
  should speak against it.
- *motion*: of the step's time, that in which the hand did what the step asks for; in a still step, was held still.
- *pace*: of the time in which the pace was known, that inside the band.
- *even*: from the coefficient of variation of the cycle's period, 100 up to `EVEN_CV`, 0 from `UNEVEN_CV` on, straight
  in between.

A step's total is motion × (2 × pace + even) / 3. The motion multiplies, since time without it has neither pace nor
regularity; the pace counts double, since the band is what a step asks for and what the coach speaks of, while a hand
finds its regularity by itself. A part that does not apply or is not known is left out. The session's total is the mean
of its steps' by the time spent in each. Totals are rounded to fives: where a motion is recognised a second later or
earlier moves them by some points.

Limits: the steps' bands rest on evidence of very different strength (see the routine files), yet a band's edge cuts
hard. A motion that is too irregular to be told as one is missing from *even* and pulls *motion* down instead. A motion
counts from where it began, but only once it has been recognised, after a cycle or two: very short stretches are lost.
Who follows the coach to another pace is uneven meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Literal

from tracker.events import StepResult
from tracker.motion.state import Kind
from tracker.routine import FREE, Routine, Step

SHORTEST_S = 10.0
"""A step done, or a pace known, for less time tells nothing: that is two slow strokes."""
EVEN_CV = 0.05
UNEVEN_CV = 0.30
"""Where *even* is full and where it is nothing.

No standard tells how even a massage has to be: this is a scale, not a judgement. The hands of the example recordings,
whose pace wanders as people's does, scatter by 0.04 to 0.10 where they are at ease and by up to 0.20 where not; much
above that a motion is hardly told as one.
"""
PACE_WEIGHT = 2
EVEN_WEIGHT = 1
ROUNDED_TO = 5

_DID = {Kind.STILL: "held still", Kind.OTHER: "moved"}

Name = Literal["done", "motion", "pace", "even"]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing about a step.

    Attributes
    ----------
    name : {"done", "motion", "pace", "even"}
    share : float or None
        0..1; None where it does not apply or is not known.
    why : str
        The reason in plain words.
    """

    name: Name
    share: float | None
    why: str

    @property
    def value(self) -> int | None:
        """Of 100, rounded down: 100 is said only where nothing is missing."""
        return None if self.share is None else floor(100 * self.share + 1e-9)


@dataclass(frozen=True, slots=True)
class StepScore:
    """How well a step went.

    Attributes
    ----------
    result : StepResult
    done, motion, pace, even : Part
    share : float or None
        The total, 0..1; None where the step asks for nothing that could be scored, or too little is known.
    why : str
        The reason that weighs most.
    """

    result: StepResult
    done: Part
    motion: Part
    pace: Part
    even: Part
    share: float | None
    why: str

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them."""
        return self.done, self.motion, self.pace, self.even

    @property
    def total(self) -> int | None:
        """Of 100, in fives."""
        return _in_fives(self.share)


@dataclass(frozen=True, slots=True)
class SessionScore:
    """How well a session went.

    Attributes
    ----------
    steps : tuple of StepScore
        Those that were begun, in order.
    share : float or None
        0..1; None where no step has a total, as in a session without targets.
    """

    steps: tuple[StepScore, ...]
    share: float | None

    @property
    def total(self) -> int | None:
        """Of 100, in fives."""
        return _in_fives(self.share)


def score_session(routine: Routine, results: Sequence[StepResult]) -> SessionScore:
    """Score all steps that were begun; a free session has only facts."""
    steps = tuple(score(routine.step[result.step - 1], result) for result in results)
    if routine.name == FREE.name:
        return SessionScore(steps, None)
    told = [(step.share, step.result.seconds) for step in steps if step.share is not None]
    seconds = sum(each for _, each in told)
    return SessionScore(steps, sum(share * each for share, each in told) / seconds if seconds else None)


def score(step: Step, result: StepResult) -> StepScore:
    """Score a step by what it asks for."""
    motion, pace, even = _motion(step, result), _pace(step, result), _even(step, result)
    share = _total(motion, pace, even) if result.seconds >= SHORTEST_S else None
    return StepScore(result, _done(step, result), motion, pace, even, share, _main(motion, pace, even))


def _total(motion: Part, pace: Part, even: Part) -> float | None:
    """Join the parts; without a motion, a pace or a regularity asked for there is none."""
    weighed = [
        (part.share, weight) for part, weight in ((pace, PACE_WEIGHT), (even, EVEN_WEIGHT)) if part.share is not None
    ]
    if motion.share is None and not weighed:
        return None
    quality = (
        sum(share * weight for share, weight in weighed) / sum(weight for _, weight in weighed) if weighed else 1.0
    )
    return quality if motion.share is None else motion.share * quality


def _main(motion: Part, pace: Part, even: Part) -> str:
    """Give the reason of the part that costs most; of two alike the one that stands first."""
    lost = {
        pace: PACE_WEIGHT * (1 - (pace.share or 0.0)),
        motion: (PACE_WEIGHT + EVEN_WEIGHT) * (1 - (motion.share or 0.0)),
        even: EVEN_WEIGHT * (1 - (even.share or 0.0)),
    }
    told = [part for part in lost if part.share is not None]
    return max(told, key=lambda part: lost[part]).why if told else motion.why


def _done(step: Step, result: StepResult) -> Part:
    if step.cycles is not None:
        share, why = result.cycles / step.cycles, f"{floor(result.cycles + 1e-9)} of {step.cycles:g} cycles"
    else:
        done_s = result.right_s if step.hold_s is not None else result.seconds
        goal_s = step.lasts_s or 0.0
        share, why = done_s / goal_s, f"{_clock(done_s)} of {_clock(goal_s)}"
        if result.released:
            share, why = 1.0, f"released after {_clock(done_s)}"
    return Part("done", min(1.0, share), why)


def _motion(step: Step, result: StepResult) -> Part:
    if step.motion is None:
        return Part("motion", None, "any motion will do")
    if result.seconds < SHORTEST_S:
        return Part("motion", None, f"only {_clock(result.seconds)}: too short to tell")
    did = _DID.get(step.motion, f"{step.motion.value}s")
    seen_s = result.seconds - result.unseen_s
    if seen_s < SHORTEST_S:
        return Part("motion", None, "the other hand wears the device")
    share = min(1.0, result.right_s / seen_s)
    of = f"{_clock(seen_s)}{' seen' if result.unseen_s else ''}"
    return Part("motion", share, f"{did} for {_clock(result.right_s)} of {of}")


def _pace(step: Step, result: StepResult) -> Part:
    band = result.band or step.band
    if band is None or step.motion is Kind.STILL:
        return Part("pace", None, "no pace to keep")
    if result.judged_s < SHORTEST_S:
        known = f"known for {_clock(result.judged_s)} only" if result.judged_s else "never known"
        return Part("pace", None, f"the pace was {known}")
    low, high = band
    why = f"{_clock(result.in_band_s)} of {_clock(result.judged_s)} in {low:g}-{high:g} cpm"
    if result.below_s or result.above_s:
        mostly = "" if min(result.below_s, result.above_s) == 0 else "mostly "
        why += f"; when out, {mostly}too {'fast' if result.above_s > result.below_s else 'slow'}"
    return Part("pace", min(1.0, result.in_band_s / result.judged_s), why)


def _even(step: Step, result: StepResult) -> Part:
    if step.motion is Kind.STILL or (step.motion is None and (result.band or step.band) is None):
        return Part("even", None, "no regularity asked for")
    if result.period_cv is None:
        return Part("even", None, "too few cycles to tell their regularity")
    share = (UNEVEN_CV - result.period_cv) / (UNEVEN_CV - EVEN_CV)
    return Part("even", min(1.0, max(0.0, share)), f"varies {100 * result.period_cv:.0f} % from cycle to cycle")


def _in_fives(share: float | None) -> int | None:
    return None if share is None else ROUNDED_TO * round(100 * share / ROUNDED_TO)


def _clock(seconds: float) -> str:
    minutes, s = divmod(round(seconds), 60)
    return f"{minutes}:{s:02}"
