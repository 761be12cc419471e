"""The session: one state, commands and motion in, events out.

Pure functions over a frozen state: nothing here reads a clock, so a replay is the same session. Time in a step passes
only while the stream brings samples and the session runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import msgspec

from sensors.declared import Side
from tracker.coach import CoachParams, CoachState, advise, in_band, right_motion
from tracker.events import (
    Band,
    CueEvent,
    Event,
    MarkEvent,
    NoticeEvent,
    PainEvent,
    SessionEvent,
    StepEvent,
    StepResult,
)
from tracker.motion.state import Motion
from tracker.routine import Routine, Step
from tracker.safety import PAIN_ADVICE, PRESSING, Safety, gentler, spot_of


class Status(StrEnum):
    """Where a session stands."""

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Command(StrEnum):
    """What the person can say to a session."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    NEXT = "next"
    BACK = "back"
    PAIN = "pain"
    HURTS = "hurts"
    RELEASE = "release"
    EASIER = "easier"
    MARK = "mark"
    SIDE = "side"
    FEEL = "feel"
    END = "end"


PausedBy = Literal["you", "pain", "stale"]

ALL_DONE = "all steps done"
"""Why a session is over that nobody and nothing has ended sooner."""
BACK_RESTARTS_AFTER_S = 3.0
SETTLING_S = 10.0
"""A hand finds its own tempo within this; what comes before is not measured."""
OWN_BAND = (0.85, 1.15)
"""What is taken for a band around the person's own tempo: free tempos scatter by a tenth or so from cycle to cycle."""
OWN_TEMPO = "your own tempo"
"""Source of such a band: another measurement gives another one."""


@dataclass(frozen=True, slots=True)
class SessionParams:
    """Tuning of the coach, and the limits."""

    coach: CoachParams = CoachParams()
    safety: Safety = Safety()


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step has come; times in seconds while running.

    Attributes
    ----------
    seconds, cycles : float
        Cycles of the step's motion only.
    judged_s, in_band_s, below_s, above_s : float
        The time in which the pace was known and held against a band, and its parts.
    right_s : float
        The time of the step's motion. As its cycles are, it is counted from where the motion began, which is a little
        before it was recognised.
    other_s : float
        How long it has not been seen now.
    cw, ccw : float
        Circles among ``cycles``, by direction.
    cues : int
        How often the coach wanted something else.
    even_s, unevenness : float
        How long the regularity was known, and the sum over that time of its coefficient of variation.
    paced_s, paced : float
        How long the pace of the right motion was known once it had settled, and the sum over that time of it.
    released : bool
        Whether the person said that the spot let go.
    unseen_s : float
        Time in which another hand worked than the one that wears the device.
    earlier_s : float
        How long its place was worked before the person went back to its beginning.
    """

    seconds: float = 0.0
    cycles: float = 0.0
    judged_s: float = 0.0
    in_band_s: float = 0.0
    below_s: float = 0.0
    above_s: float = 0.0
    right_s: float = 0.0
    other_s: float = 0.0
    cw: float = 0.0
    ccw: float = 0.0
    cues: int = 0
    even_s: float = 0.0
    unevenness: float = 0.0
    paced_s: float = 0.0
    paced: float = 0.0
    released: bool = False
    unseen_s: float = 0.0
    earlier_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionState:
    """All a session is.

    Attributes
    ----------
    status : Status
    paused_by : {"you", "pain", "stale"} or None
        Why it is paused; a pause for want of data ends by itself, the others do not.
    step : int
        Index of the current step.
    steps : tuple of Step
        The routine's, as they are asked for now: made easier, gentler, or by the person's own tempo.
    progress : tuple of StepProgress
        One per step.
    coach : CoachState
    eased : frozenset of int
        Indices of the steps that were made easier.
    warned : frozenset of int
        Indices of the steps at which a limit at one spot was told.
    ended : str
        Why it is over.
    """

    status: Status
    paused_by: PausedBy | None
    step: int
    steps: tuple[Step, ...]
    progress: tuple[StepProgress, ...]
    coach: CoachState = CoachState()
    eased: frozenset[int] = frozenset()
    warned: frozenset[int] = frozenset()
    ended: str = ""

    @property
    def now(self) -> Step:
        """The current step, as it is asked for now."""
        return self.steps[self.step]

    @property
    def so_far(self) -> StepProgress:
        """How far the current step has come."""
        return self.progress[self.step]

    @property
    def hand(self) -> Side | None:
        """The hand that should work now; None where either may."""
        return hand_of(self.now, self.so_far.seconds)


Outcome = tuple[SessionState, list[Event]]


def ready(routine: Routine) -> SessionState:
    """Give a session that has not begun."""
    return SessionState(Status.READY, None, 0, routine.step, tuple(StepProgress() for _ in routine.step))


def hand_of(step: Step, after_s: float) -> Side | None:
    """Give the hand that works so long after a step's beginning; None where either may. The right one begins."""
    if step.side == "alternate" and step.switch_s:
        return "left" if int(after_s / step.switch_s) % 2 else "right"
    return step.side if step.side in ("left", "right") else None


def command(state: SessionState, said: Command, t_s: float, text: str = "") -> Outcome:
    """Do what the person says; what makes no sense now changes nothing."""
    running, paused = state.status is Status.RUNNING, state.status is Status.PAUSED
    match said:
        case Command.START if state.status is Status.READY:
            begun = replace(state, status=Status.RUNNING)
            return begun, [_said(t_s, Status.RUNNING, "started"), _step_event(begun, t_s, "start")]
        case Command.PAUSE if running or state.paused_by == "stale":
            return _pause(state, "you", t_s)
        case Command.PAIN if running or paused:
            paused_state, events = _pause(state, "pain", t_s)
            ease = CueEvent(t_s=t_s, cue="ease off", text="ease off: stopped for pain", why="the pain key", band=None)
            return paused_state, [*events, ease]
        case Command.RESUME if paused:
            return _resume(state, t_s, "resumed")
        case Command.NEXT if running or paused:
            return _go(state, state.step + 1, t_s, "next")
        case Command.RELEASE if (running or paused) and state.now.until_release_s is not None:
            let_go = replace(state.so_far, released=True)
            state = replace(state, progress=_with(state.progress, state.step, let_go))
            return _go(state, state.step + 1, t_s, "released")
        case Command.EASIER if state.coach.offer is not None:
            return _ease(state, state.coach.offer, t_s)
        case Command.BACK if running or paused:
            # An early "back" means the step before; later it means this one from its beginning.
            again = state.so_far.seconds > BACK_RESTARTS_AFTER_S
            return _go(state, max(0, state.step - (not again)), t_s, "back")
        case Command.MARK if running or paused:
            return state, [MarkEvent(t_s=t_s, text=text)]
        case Command.END if state.status is not Status.ENDED:
            return _end(state, t_s, "ended by you")
        case _:
            return state, []


def hurts(state: SessionState, value: int, area: str, t_s: float, safety: Safety) -> Outcome:
    """Take how much it hurts, 0 to 10, and where: end with advice, or go on easier from here."""
    if state.status not in (Status.RUNNING, Status.PAUSED):
        return state, []
    ends = value >= safety.pain_ends_at
    events: list[Event]
    told = PainEvent(t_s=t_s, value=value, area=area, ended=ends)
    where = f" at {area}" if area else ""
    if ends:
        why = f"pain {value} of 10{where}"
        rest = CueEvent(t_s=t_s, cue="rest", text=f"rest: {PAIN_ADVICE}", why=why, band=None)
        state, events = _end(state, t_s, why)
        return state, [told, rest, *events]
    to_come = tuple(map(gentler, state.steps[state.step :]))
    steps = (*state.steps[: state.step], *to_come)
    changed = {index for index, step in enumerate(steps) if step != state.steps[index]}
    state = replace(state, steps=steps, eased=state.eased | changed, coach=state.coach.afresh())
    events = [told, _step_event(state, t_s, "easier")]
    if state.status is Status.PAUSED:
        state, more = _resume(state, t_s, "on, easier")
        events += more
    return state, events


def lasts_s(state: SessionState) -> float:
    """Seconds that the session goes on for at least, unless the person ends it; counted cycles may come at once."""
    to_come = zip(state.steps[state.step :], state.progress[state.step :], strict=True)
    # A step that was gone back from keeps what was done of it.
    return sum(max(0.0, step.seconds - so_far.seconds) for step, so_far in to_come if step.seconds is not None)


def stale(state: SessionState, t_s: float) -> Outcome:
    """Let a running session wait: nothing is heard from the wrist."""
    return _pause(state, "stale", t_s) if state.status is Status.RUNNING else (state, [])


def fresh(state: SessionState, t_s: float) -> Outcome:
    """Go on with a session that waited for the wrist."""
    return _resume(state, t_s, "the wrist is heard again") if state.paused_by == "stale" else (state, [])


def watch(
    state: SessionState,
    motion: Motion,
    new_cycles: float,
    dt_s: float,
    t_s: float,
    params: SessionParams,
    *,
    seen: bool = True,
) -> Outcome:
    """Take one look at the hand: ``dt_s`` more of the step has passed, ``new_cycles`` more were made.

    ``seen`` is False where another hand works now than the one that wears the device: its time passes all the same.
    """
    if state.status is not Status.RUNNING:
        return state, []
    step, so_far = state.now, state.so_far
    events: list[Event] = []
    coach = state.coach
    if seen:
        coach, cue = advise(coach, motion, step, t_s, params.coach)
        if cue is not None:
            events.append(cue)
        so_far = _look(so_far, step, motion, new_cycles, dt_s, cued=cue is not None and cue.cue != "good")
    else:
        coach = coach.unseen(t_s)
        so_far = replace(so_far, seconds=so_far.seconds + dt_s, unseen_s=so_far.unseen_s + dt_s, other_s=0.0)
    before, progress = state.progress, _with(state.progress, state.step, so_far)
    # `replace` takes three times as long, ten times a second.
    state = SessionState(
        state.status, state.paused_by, state.step, state.steps, progress, coach, state.eased, state.warned
    )
    if _reached(step, so_far):
        state, more = _go(state, state.step + 1, t_s, "goal reached")
        return state, events + more
    events += _switched(step, before[state.step].seconds, so_far.seconds, t_s)
    if state.step not in state.warned and _too_long(state, params.safety):
        limit_s = params.safety.limit_s(step)
        text = f"move on: {limit_s / 60:g} minutes here are enough"
        why = f"{step.area} has been worked for {limit_s:g} s"
        events.append(CueEvent(t_s=t_s, cue="move on", text=text, why=why, band=step.band))
        state = replace(state, warned=state.warned | _at_same_spot(state))
    return state, events


def results(state: SessionState) -> list[StepResult]:
    """How each step went that was begun."""
    return [
        StepResult(
            step=number,
            name=step.name,
            technique=step.technique,
            area=step.area,
            side=step.side,
            band=step.band,
            eased=number - 1 in state.eased,
            released=done.released,
            seconds=round(done.seconds, 1),
            unseen_s=round(done.unseen_s, 1),
            right_s=round(done.right_s, 1),
            cycles=round(done.cycles, 2),
            cw=round(done.cw, 2),
            ccw=round(done.ccw, 2),
            judged_s=round(done.judged_s, 1),
            in_band_s=round(done.in_band_s, 1),
            below_s=round(done.below_s, 1),
            above_s=round(done.above_s, 1),
            cues=done.cues,
            period_cv=round(done.unevenness / done.even_s, 3) if done.even_s else None,
        )
        for number, (step, done) in enumerate(zip(state.steps, state.progress, strict=True), start=1)
        if done.seconds > 0
    ]


def _look(
    so_far: StepProgress, step: Step, motion: Motion, new_cycles: float, dt_s: float, *, cued: bool
) -> StepProgress:
    """Add one look to a step; where its motion has just been recognised, also the time since that began."""
    right = right_motion(motion, step)
    inside, band, rate_cpm = in_band(motion, step), step.band, motion.rate_cpm
    below = inside is False and band is not None and rate_cpm is not None and rate_cpm < band[0]
    made = new_cycles if right else 0.0
    before_s = min(so_far.other_s, max(0.0, motion.t_s - motion.since_s - dt_s)) if right and so_far.other_s else 0.0
    period_cv = motion.period_cv if right else None
    paced = right and motion.rate_cpm is not None and so_far.right_s > SETTLING_S
    return StepProgress(
        so_far.seconds + dt_s,
        so_far.cycles + made,
        so_far.judged_s + (dt_s if inside is not None else 0.0),
        so_far.in_band_s + (dt_s if inside else 0.0),
        so_far.below_s + (dt_s if below else 0.0),
        so_far.above_s + (dt_s if inside is False and not below else 0.0),
        so_far.right_s + (before_s + dt_s if right else 0.0),
        0.0 if right else so_far.other_s + dt_s,
        so_far.cw + (made if motion.direction == "cw" else 0.0),
        so_far.ccw + (made if motion.direction == "ccw" else 0.0),
        so_far.cues + cued,
        so_far.even_s + (dt_s if period_cv is not None else 0.0),
        so_far.unevenness + (dt_s * period_cv if period_cv is not None else 0.0),
        so_far.paced_s + (dt_s if paced else 0.0),
        so_far.paced + (dt_s * (motion.rate_cpm or 0.0) if paced else 0.0),
        so_far.released,
        so_far.unseen_s,
        so_far.earlier_s,
    )


def _reached(step: Step, so_far: StepProgress) -> bool:
    if step.cycles is not None:
        return so_far.cycles >= step.cycles
    if step.hold_s is not None:
        return so_far.right_s >= step.hold_s
    return step.seconds is not None and so_far.seconds >= step.seconds


def _switched(step: Step, before_s: float, now_s: float, t_s: float) -> list[Event]:
    """Ask for the other hand where its turn has come."""
    hand = hand_of(step, now_s)
    if step.side != "alternate" or hand == hand_of(step, before_s):
        return []
    why = f"the hands take turns every {step.switch_s:g} s"
    return [CueEvent(t_s=t_s, cue="switch side", text=f"switch side: the {hand} hand now", why=why, band=step.band)]


def _at_same_spot(state: SessionState) -> set[int]:
    """Give the indices of the steps that work where the current one does."""
    spot = spot_of(state.now)
    return {state.step, *(index for index, step in enumerate(state.steps) if spot & spot_of(step))}


def _too_long(state: SessionState, safety: Safety) -> bool:
    """Whether the current step's place has been worked for longer than does good, all its steps together.

    Of a place that is pressed, only what pressed it counts; a hand that is not quite still presses it too.
    """
    limit_s = safety.limit_s(state.now)
    if not state.now.area or sum(done.seconds + done.earlier_s for done in state.progress) < limit_s:
        return False
    counted = PRESSING if state.now.technique in PRESSING else {step.technique for step in state.steps}
    at_spot = [index for index in _at_same_spot(state) if state.steps[index].technique in counted]
    return sum(state.progress[index].seconds + state.progress[index].earlier_s for index in at_spot) >= limit_s


def _go(state: SessionState, to: int, t_s: float, why: str) -> Outcome:
    back = why == "back"
    measured, told = (state, []) if back else _own_tempo(state, t_s)
    if to >= len(state.steps):
        ended, events = _end(measured, t_s, ALL_DONE)
        return ended, [*told, *events]
    progress = state.progress
    if back:
        anew = StepProgress(earlier_s=progress[to].earlier_s + progress[to].seconds)
        progress = _with(progress, to, anew)
    moved = replace(measured, step=to, progress=progress, coach=state.coach.afresh())
    events = [*told, _step_event(moved, t_s, why)]
    if why == "goal reached":
        name = moved.now.name
        events.append(CueEvent(t_s=t_s, cue="next step", text=f"next step: {name}", why=why, band=moved.now.band))
    return moved, events


def _own_tempo(state: SessionState, t_s: float) -> Outcome:
    """Make a band of the tempo that a calibrating step has measured, for the steps of that motion that follow."""
    step, done = state.now, state.so_far
    if not step.calibrates:
        return state, []
    if not done.paced_s:
        text = "no tempo of your own was found; the steps that follow have no pace to keep"
        return state, [NoticeEvent(t_s=t_s, about="pace", text=text)]
    own_cpm = done.paced / done.paced_s
    band: Band = (round(own_cpm * OWN_BAND[0], 1), round(own_cpm * OWN_BAND[1], 1))
    steps = tuple(
        msgspec.structs.replace(each, band_cpm=band, own_tempo=False, source=OWN_TEMPO, evidence=1)
        if index > state.step and (each.own_tempo or each.source == OWN_TEMPO) and each.motion is step.motion
        else each
        for index, each in enumerate(state.steps)
    )
    text = f"your own tempo is {own_cpm:.0f} a minute: {band[0]:g}-{band[1]:g} is your band"
    return replace(state, steps=steps), [NoticeEvent(t_s=t_s, about="pace", text=text)]


def _ease(state: SessionState, band: Band, t_s: float) -> Outcome:
    easier = msgspec.structs.replace(state.now, band_cpm=band, speed_cm_s=None, length_cm=None)
    steps = (*state.steps[: state.step], easier, *state.steps[state.step + 1 :])
    eased = replace(state, steps=steps, eased=state.eased | {state.step}, coach=state.coach.afresh())
    return eased, [_step_event(eased, t_s, "easier")]


def _pause(state: SessionState, by: PausedBy, t_s: float) -> Outcome:
    reasons = {"you": "paused", "pain": "stopped for pain", "stale": "nothing heard from the wrist"}
    # What the hand does during the pause is no part of the step.
    progress = _with(state.progress, state.step, replace(state.so_far, other_s=0.0))
    paused = replace(state, status=Status.PAUSED, paused_by=by, coach=state.coach.afresh(), progress=progress)
    return paused, [_said(t_s, Status.PAUSED, reasons[by])]


def _resume(state: SessionState, t_s: float, why: str) -> Outcome:
    return replace(state, status=Status.RUNNING, paused_by=None), [_said(t_s, Status.RUNNING, why)]


def _end(state: SessionState, t_s: float, why: str) -> Outcome:
    ended = replace(state, status=Status.ENDED, paused_by=None, coach=CoachState(), ended=why)
    return ended, [_said(t_s, Status.ENDED, why)]


def _said(t_s: float, status: Status, why: str) -> SessionEvent:
    return SessionEvent(t_s=t_s, state=status.value, why=why)


def _step_event(state: SessionState, t_s: float, why: str) -> StepEvent:
    step = state.now
    return StepEvent(
        t_s=t_s,
        step=state.step + 1,
        of=len(state.steps),
        name=step.name,
        technique=step.technique,
        motion=step.motion,
        area=step.area,
        side=step.side,
        band=step.band,
        why=why,
    )


def _with(progress: tuple[StepProgress, ...], index: int, so_far: StepProgress) -> tuple[StepProgress, ...]:
    return (*progress[:index], so_far, *progress[index + 1 :])
