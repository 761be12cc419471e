"""The coach: quiet while all is well, else one cue that says what to change and the target.

A pure function of the motion, the step and the time, so that a recording can be coached again and compared. Feedback on
the own rate keeps people in a band that few find by themselves (LaPrad 2024, PMC11232421), and a sound that never stops
is no help to those who are in it: hence a cue only where something is wrong, and only after a dwell. How well that
works on simulated people: ``docs/coaching.md``.

One thing at a time, the first that is wrong of: the motion, its way round, its pace, its size, its regularity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from tracker.events import Band, CueEvent
from tracker.motion.state import Kind, Motion
from tracker.routine import Step, told_cpm

DOES: Final[dict[Kind, str]] = {
    Kind.STROKE: "back and forth",
    Kind.CIRCLE: "circles",
    Kind.LIFT: "lifting, a turn of the wrist",
    Kind.STILL: "still",
    Kind.OTHER: "something else",
}
"""What a hand does, in the words of a cue."""
OFFER: Final = "easier?"
"""The cue that offers an easier band."""
STEADIER: Final = "steadier"
WAYS: Final = {"cw": "clockwise", "ccw": "counter-clockwise"}


@dataclass(frozen=True, slots=True)
class CoachParams:
    """Tuning of the coach.

    Attributes
    ----------
    dwell_s : float
        Out of the band this long before a cue: a single hasty stroke is no habit.
    motion_dwell_s, still_dwell_s, size_dwell_s, uneven_dwell_s : float
        The same for another motion or direction than asked for, for moving where stillness is, for the size, and for
        the regularity: each is known later or less surely than the pace, but stillness, which is known at once.
    rest_s, rest_cycles : float
        A hand rests this long, and for so many cycles of the slowest pace, before it is asked to go on.
    repeat_s : float
        The same cue is not said again sooner.
    pace_repeat_s, pace_repeat_cycles : float
        One about the pace sooner, but not before the hand has had so much time, and so many cycles, to follow.
    settle_s : float
        Right again this long before a cue is taken down and followed advice acknowledged, so that it does not flicker
        at the border.
    size_margin : float
        Share by which a size may be off: it is told from the acceleration to some tenths.
    uneven_cv : float
        From this coefficient of variation of the period on a motion is uneven.
    uneven_settle_s : float
        So long after advice on something else it is not called so: who follows is uneven meanwhile.
    give_up_s : float
        Time out of the band, less twice the time in it, after which an easier band is offered: a minute.
    thanks_s : float
        Advice that is followed within this is acknowledged; a hand that changes its pace is not read for some seconds.
    """

    dwell_s: float = 2.5
    motion_dwell_s: float = 5.0
    still_dwell_s: float = 1.5
    size_dwell_s: float = 6.0
    uneven_dwell_s: float = 10.0
    rest_s: float = 10.0
    rest_cycles: float = 1.5
    repeat_s: float = 12.0
    pace_repeat_s: float = 8.0
    pace_repeat_cycles: float = 2.0
    settle_s: float = 1.0
    size_margin: float = 0.3
    uneven_cv: float = 0.35
    uneven_settle_s: float = 30.0
    give_up_s: float = 60.0
    thanks_s: float = 60.0


class Fault(NamedTuple):
    """What is wrong: the cue that says how to mend it, its words, its reason, how long to wait with it, and again."""

    cue: str
    text: str
    why: str
    dwell_s: float
    repeat_s: float


@dataclass(frozen=True, slots=True)
class CoachState:
    """What the coach remembers between two looks.

    Attributes
    ----------
    wrong : str or None
        The cue that would mend what is wrong now.
    turned_s : float
        When ``wrong`` last changed.
    cue : str or None
        The cue that stands.
    said : str or None
        The cue that was said last; it may have been taken down since.
    owed : bool
        Whether that has not been acknowledged yet.
    cued_s : float
        When that was.
    looked_s : float or None
        The last look.
    struggle_s : float
        Time out of the band that has not been made up for.
    offer : Band or None
        An easier band that is offered.
    mirrored : bool
        Directions are taken the other way: the device is strapped with its screen to the skin.
    """

    wrong: str | None = None
    turned_s: float = 0.0
    cue: str | None = None
    said: str | None = None
    owed: bool = False
    cued_s: float = float("-inf")
    looked_s: float | None = None
    struggle_s: float = 0.0
    offer: Band | None = None
    mirrored: bool = False

    def afresh(self) -> CoachState:
        """Give what is still known at a new step."""
        return CoachState(mirrored=self.mirrored)

    def unseen(self, t_s: float) -> CoachState:
        """Give what is still known while another hand works: nothing is wrong, and no time counts."""
        return replace(self, wrong=None, turned_s=t_s, cue=None, looked_s=None)


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
    state = _struggle(state, inside, t_s, params)
    known, fault = judge(motion, step, params, mirrored=state.mirrored)
    if not known:
        # Nothing to judge: a cue about what is no more would be wrong.
        return replace(state, wrong=None, turned_s=t_s, cue=None), None
    if fault and fault.cue == STEADIER != state.said and t_s - state.cued_s < params.uneven_settle_s:
        fault = None
    wrong = fault.cue if fault else None
    if wrong != state.wrong:
        state = replace(state, wrong=wrong, turned_s=t_s)
    for_s = t_s - state.turned_s
    if fault is None:
        return _recovered(state, step, t_s, for_s, params)
    pause_s = params.repeat_s if state.cue == OFFER else fault.repeat_s if fault.cue == state.said else 0.0
    too_soon = t_s - state.cued_s < pause_s
    if for_s < fault.dwell_s or too_soon:
        return state, None
    if fault.cue == "other way" == state.cue:
        # Told once, and nothing changed: the screen is on the other side, and so is the hand.
        return replace(state, mirrored=not state.mirrored, cue=None, owed=False, wrong=None, turned_s=t_s), None
    gives_up = inside is False and state.struggle_s >= params.give_up_s and state.offer is None
    if gives_up and step.band is not None and motion.rate_cpm is not None:
        return _offer(state, motion.rate_cpm, step.band, t_s)
    why = f"{fault.why} for {for_s:.1f} s"
    return replace(state, cue=fault.cue, said=fault.cue, owed=True, cued_s=t_s), CueEvent(
        t_s=t_s, cue=fault.cue, text=f"{fault.cue}: {fault.text}", why=why, band=step.band
    )


def judge(motion: Motion, step: Step, params: CoachParams, *, mirrored: bool = False) -> tuple[bool, Fault | None]:
    """Tell whether it is known how the hand does, and the first thing that is wrong."""
    if step.motion is Kind.STILL:
        return True, None if motion.kind is Kind.STILL else Fault(
            "hold still",
            "the time counts only while you do",
            "the hand has moved",
            params.still_dwell_s,
            params.repeat_s,
        )
    if step.motion is not None and motion.kind is Kind.STILL:
        return True, _resting(step, params)
    if not right_motion(motion, step):
        # A motion without a name may yet become the right one.
        return motion.kind is not Kind.OTHER, _other_motion(motion, step, params)
    faults = (
        _other_way(motion, step, params, mirrored=mirrored),
        _out_of_band(motion, step, params),
        _wrong_size(motion, step, params),
        _uneven(motion, step, params),
    )
    known = motion.rate_cpm is not None and (step.motion is not None or step.band is not None)
    return known, next(filter(None, faults), None)


def easier(band: Band, rate_cpm: float) -> Band:
    """Give a band that reaches to where the person is, or half as far again as it did."""
    low, high = band
    if rate_cpm > high:
        return low, told_cpm(min(rate_cpm * 1.1, high * 1.5))
    return told_cpm(max(rate_cpm * 0.9, low / 1.5)), high


def _recovered(
    state: CoachState, step: Step, t_s: float, for_s: float, params: CoachParams
) -> tuple[CoachState, CueEvent | None]:
    """Take a cue down once it has been followed, and say so."""
    if for_s < params.settle_s or not (state.cue or state.owed):
        return state, None
    state, owed = replace(state, cue=None, offer=None, owed=False), state.owed
    if not owed or t_s - state.cued_s > params.thanks_s:
        return state, None
    why = f"{state.said!r} has been followed for {for_s:.1f} s"
    return state, CueEvent(t_s=t_s, cue="good", text="good: keep that", why=why, band=step.band)


def _struggle(state: CoachState, inside: bool | None, t_s: float, params: CoachParams) -> CoachState:
    """Note whether the person keeps the band; time in it counts double, since it is what shows that they can."""
    since_s = 0.0 if state.looked_s is None else max(0.0, t_s - state.looked_s)
    struggle_s, offer = state.struggle_s, state.offer
    if inside is not None:
        struggle_s = max(0.0, struggle_s - 2 * since_s) if inside else struggle_s + since_s
        struggle_s = min(struggle_s, params.give_up_s)
    # `replace` takes three times as long, ten times a second.
    return CoachState(
        state.wrong,
        state.turned_s,
        state.cue,
        state.said,
        state.owed,
        state.cued_s,
        t_s,
        struggle_s,
        offer,
        state.mirrored,
    )


def _offer(state: CoachState, rate_cpm: float, band: Band, t_s: float) -> tuple[CoachState, CueEvent]:
    low, high = band
    offer = easier(band, rate_cpm)
    return replace(state, cue=OFFER, said=OFFER, owed=True, cued_s=t_s, offer=offer), CueEvent(
        t_s=t_s,
        cue=OFFER,
        text=f"{OFFER}: {low:g}-{high:g} is hard to keep; {offer[0]:g}-{offer[1]:g} would do",
        why=f"out of {low:g}-{high:g} for a minute more than in it",
        band=offer,
    )


def _resting(step: Step, params: CoachParams) -> Fault:
    slowest_s = params.rest_cycles * 60.0 / step.band[0] if step.band and step.band[0] else 0.0
    asked = DOES[step.motion] if step.motion else "move"
    return Fault("go on", asked, "the hand has rested", max(params.rest_s, slowest_s), params.repeat_s)


def _other_motion(motion: Motion, step: Step, params: CoachParams) -> Fault | None:
    if motion.kind is Kind.OTHER or step.motion is None:
        return None
    text = f"that is {DOES[motion.kind]}, this step is {DOES[step.motion]}"
    return Fault(
        "other motion",
        text,
        f"{motion.kind.value} instead of {step.motion.value}",
        params.motion_dwell_s,
        params.repeat_s,
    )


def _other_way(motion: Motion, step: Step, params: CoachParams, *, mirrored: bool) -> Fault | None:
    if step.direction is None or motion.direction is None or (motion.direction == step.direction) != mirrored:
        return None
    text = f"the other way round, {WAYS[step.direction]}"
    return Fault(
        "other way", text, f"{motion.direction} instead of {step.direction}", params.motion_dwell_s, params.repeat_s
    )


def _out_of_band(motion: Motion, step: Step, params: CoachParams) -> Fault | None:
    rate_cpm, band = motion.rate_cpm, step.band
    if rate_cpm is None or band is None or band[0] <= rate_cpm <= band[1]:
        return None
    cue = "slower" if rate_cpm > band[1] else "faster"
    target = f"{band[0]:g}-{band[1]:g}"
    small = _wrong_size(motion, step, params)
    also = f", {small.cue} too" if small else ""
    again_s = max(params.pace_repeat_s, params.pace_repeat_cycles * 60.0 / rate_cpm) if rate_cpm else params.repeat_s
    text, why = f"{rate_cpm:.0f}, aim for {target}{also}", f"{rate_cpm:.1f} cpm has been outside {target}"
    return Fault(cue, text, why, params.dwell_s, again_s)


def _wrong_size(motion: Motion, step: Step, params: CoachParams) -> Fault | None:
    extent_cm, wanted = motion.extent_cm, step.size_cm
    if extent_cm is None or wanted is None:
        return None
    target = f"{wanted[0]:g}-{wanted[1]:g} cm"
    why = f"{extent_cm:.0f} cm has been outside {target}"
    if extent_cm < wanted[0] * (1 - params.size_margin):
        waist = ", from the waist" if step.technique == "palm-circling" else ""
        return Fault("larger", f"aim for {target}{waist}", why, params.size_dwell_s, params.repeat_s)
    if extent_cm > wanted[1] * (1 + params.size_margin):
        return Fault("smaller", f"aim for {target}", why, params.size_dwell_s, params.repeat_s)
    return None


def _uneven(motion: Motion, step: Step, params: CoachParams) -> Fault | None:
    if motion.period_cv is None or motion.period_cv < params.uneven_cv or step.band is None:
        return None
    text = f"it varies {100 * motion.period_cv:.0f} % from cycle to cycle"
    return Fault(STEADIER, text, text.removeprefix("it "), params.uneven_dwell_s, params.repeat_s)
