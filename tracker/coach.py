"""The coach: quiet inside the band, one cue that names the target outside it.

A pure function of the motion, the step and the time, so that a recording can be coached again and compared. A
metronome that always ticks makes good performers worse, feedback on the own rate makes all better (LaPrad 2024,
PMC11232421), hence a cue only outside the band and only after a dwell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tracker.events import Band, CueEvent
from tracker.motion.state import Motion
from tracker.routine import Step

PaceCue = Literal["slower", "faster"]


@dataclass(frozen=True, slots=True)
class CoachParams:
    """Tuning of the coach.

    Attributes
    ----------
    dwell_s : float
        Out of the band this long before a cue: a single hasty stroke is no habit.
    repeat_s : float
        The same cue is not said again sooner: the hand needs some cycles to follow.
    settle_s : float
        Back in the band this long before a cue is taken down, so that it does not flicker at the border.
    """

    dwell_s: float = 2.5
    repeat_s: float = 12.0
    settle_s: float = 1.0


@dataclass(frozen=True, slots=True)
class CoachState:
    """What the coach remembers between two looks.

    Attributes
    ----------
    outside : {"slower", "faster"} or None
        What would bring the pace back, while it is outside the band.
    turned_s : float
        When ``outside`` last changed.
    cue : {"slower", "faster"} or None
        The cue that stands.
    cued_s : float
        When it was last said.
    """

    outside: PaceCue | None = None
    turned_s: float = 0.0
    cue: PaceCue | None = None
    cued_s: float = float("-inf")


def in_band(motion: Motion, step: Step) -> bool | None:
    """Whether the pace is inside the step's band; None where either is unknown or another motion is done."""
    if step.band is None or motion.rate_cpm is None or not right_motion(motion, step):
        return None
    low, high = step.band
    return low <= motion.rate_cpm <= high


def right_motion(motion: Motion, step: Step) -> bool:
    """Whether the hand does what the step asks for; a step without a motion takes any."""
    return step.motion is None or motion.kind is step.motion


def advise(
    state: CoachState, motion: Motion, step: Step, t_s: float, params: CoachParams
) -> tuple[CoachState, CueEvent | None]:
    """Take one look at the hand; give the coach's next state and a cue to say now, if any."""
    inside = in_band(motion, step)
    if inside is None or motion.rate_cpm is None or step.band is None:
        # Nothing to judge: a cue about a pace that is no more would be wrong.
        return CoachState(turned_s=t_s, cued_s=state.cued_s), None
    outside = None if inside else _way_back(motion.rate_cpm, step.band)
    if outside != state.outside:
        state = replace(state, outside=outside, turned_s=t_s)
    if outside is None:
        settled = t_s - state.turned_s >= params.settle_s
        return (replace(state, cue=None) if settled else state), None
    if t_s - state.turned_s < params.dwell_s:
        return state, None
    if outside == state.cue and t_s - state.cued_s < params.repeat_s:
        return state, None
    return replace(state, cue=outside, cued_s=t_s), _cue(outside, motion.rate_cpm, step.band, t_s, state.turned_s)


def _way_back(rate_cpm: float, band: Band) -> PaceCue:
    return "slower" if rate_cpm > band[1] else "faster"


def _cue(cue: PaceCue, rate_cpm: float, band: Band, t_s: float, since_s: float) -> CueEvent:
    low, high = (f"{limit:g}" for limit in band)
    return CueEvent(
        t_s=t_s,
        cue=cue,
        text=f"{cue}: {rate_cpm:.0f}, aim for {low}-{high}",
        why=f"{rate_cpm:.1f} cpm has been outside {low}-{high} for {t_s - since_s:.1f} s",
        band=band,
    )
