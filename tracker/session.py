"""The session: one state, commands and motion in, events out.

Pure functions over a frozen state: nothing here reads a clock, so a replay is the same session. Time in a step passes
only while the stream brings samples and the session runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from tracker.coach import CoachParams, CoachState, advise, in_band, right_motion
from tracker.events import CueEvent, Event, MarkEvent, SessionEvent, StepEvent, StepResult
from tracker.motion.state import Motion
from tracker.routine import Routine, Step


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
    MARK = "mark"
    SIDE = "side"
    FEEL = "feel"
    END = "end"


PausedBy = Literal["you", "pain", "stale"]


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
        How often the coach spoke of the pace.
    even_s, unevenness : float
        How long the regularity was known, and the sum over that time of its coefficient of variation.
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


@dataclass(frozen=True, slots=True)
class SessionState:
    """All a session is, but for its routine.

    Attributes
    ----------
    status : Status
    paused_by : {"you", "pain", "stale"} or None
        Why it is paused; a pause for want of data ends by itself, the others do not.
    step : int
        Index of the current step.
    progress : tuple of StepProgress
        One per step of the routine.
    coach : CoachState
    """

    status: Status
    paused_by: PausedBy | None
    step: int
    progress: tuple[StepProgress, ...]
    coach: CoachState = CoachState()


Outcome = tuple[SessionState, list[Event]]


def ready(routine: Routine) -> SessionState:
    """Give a session that has not begun."""
    return SessionState(Status.READY, None, 0, tuple(StepProgress() for _ in routine.step))


def command(state: SessionState, routine: Routine, said: Command, t_s: float, text: str = "") -> Outcome:
    """Do what the person says; what makes no sense now changes nothing."""
    running, paused = state.status is Status.RUNNING, state.status is Status.PAUSED
    match said:
        case Command.START if state.status is Status.READY:
            begun = replace(state, status=Status.RUNNING)
            return begun, [_said(t_s, Status.RUNNING, "started"), _step_event(begun, routine, t_s, "start")]
        case Command.PAUSE if running or state.paused_by == "stale":
            return _pause(state, "you", t_s)
        case Command.PAIN if running or paused:
            paused_state, events = _pause(state, "pain", t_s)
            ease = CueEvent(t_s=t_s, cue="ease off", text="ease off: stopped for pain", why="the pain key", band=None)
            return paused_state, [*events, ease]
        case Command.RESUME if paused:
            return _resume(state, t_s, "resumed")
        case Command.NEXT if running or paused:
            return _go(state, routine, state.step + 1, t_s, "next")
        case Command.BACK if running or paused:
            # An early "back" means the step before; later it means this one from its beginning.
            again = state.progress[state.step].seconds > BACK_RESTARTS_AFTER_S
            return _go(state, routine, max(0, state.step - (not again)), t_s, "back")
        case Command.MARK if running or paused:
            return state, [MarkEvent(t_s=t_s, text=text)]
        case Command.END if state.status is not Status.ENDED:
            return _end(state, t_s, "ended by you")
        case _:
            return state, []


BACK_RESTARTS_AFTER_S = 3.0


def lasts_s(state: SessionState, routine: Routine) -> float:
    """Seconds that the session goes on for at least, unless the person ends it; counted cycles may come at once."""
    to_come = zip(routine.step[state.step :], state.progress[state.step :], strict=True)
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
    routine: Routine,
    motion: Motion,
    new_cycles: float,
    dt_s: float,
    t_s: float,
    params: CoachParams,
) -> Outcome:
    """Take one look at the hand: ``dt_s`` more of the step has passed, ``new_cycles`` more were made."""
    if state.status is not Status.RUNNING:
        return state, []
    step, so_far = routine.step[state.step], state.progress[state.step]
    coach, cue = advise(state.coach, motion, step, t_s, params)
    so_far = _look(so_far, step, motion, new_cycles, dt_s, cued=cue is not None)
    # `replace` takes three times as long, ten times a second.
    state = SessionState(state.status, state.paused_by, state.step, _with(state.progress, state.step, so_far), coach)
    events: list[Event] = [cue] if cue else []
    if _reached(step, so_far):
        state, more = _go(state, routine, state.step + 1, t_s, "goal reached")
        events += more
    return state, events


def results(state: SessionState, routine: Routine) -> list[StepResult]:
    """How each step went that was begun."""
    return [
        StepResult(
            step=number,
            name=step.name,
            seconds=round(done.seconds, 1),
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
        for number, (step, done) in enumerate(zip(routine.step, state.progress, strict=True), start=1)
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
    )


def _reached(step: Step, so_far: StepProgress) -> bool:
    if step.cycles is not None:
        return so_far.cycles >= step.cycles
    return step.seconds is not None and so_far.seconds >= step.seconds


def _go(state: SessionState, routine: Routine, to: int, t_s: float, why: str) -> Outcome:
    if to >= len(routine.step):
        return _end(state, t_s, "all steps done")
    progress = _with(state.progress, to, StepProgress()) if why == "back" else state.progress
    moved = replace(state, step=to, progress=progress, coach=CoachState())
    events: list[Event] = [_step_event(moved, routine, t_s, why)]
    if why == "goal reached":
        name = routine.step[to].name
        events.append(
            CueEvent(t_s=t_s, cue="next step", text=f"next step: {name}", why=why, band=routine.step[to].band)
        )
    return moved, events


def _pause(state: SessionState, by: PausedBy, t_s: float) -> Outcome:
    reasons = {"you": "paused", "pain": "stopped for pain", "stale": "nothing heard from the wrist"}
    paused = replace(state, status=Status.PAUSED, paused_by=by, coach=CoachState())
    return paused, [_said(t_s, Status.PAUSED, reasons[by])]


def _resume(state: SessionState, t_s: float, why: str) -> Outcome:
    return replace(state, status=Status.RUNNING, paused_by=None), [_said(t_s, Status.RUNNING, why)]


def _end(state: SessionState, t_s: float, why: str) -> Outcome:
    ended = replace(state, status=Status.ENDED, paused_by=None, coach=CoachState())
    return ended, [_said(t_s, Status.ENDED, why)]


def _said(t_s: float, status: Status, why: str) -> SessionEvent:
    return SessionEvent(t_s=t_s, state=status.value, why=why)


def _step_event(state: SessionState, routine: Routine, t_s: float, why: str) -> StepEvent:
    step = routine.step[state.step]
    return StepEvent(
        t_s=t_s,
        step=state.step + 1,
        of=len(routine.step),
        name=step.name,
        technique=step.technique,
        motion=step.motion,
        area=step.area,
        band=step.band,
        why=why,
    )


def _with(progress: tuple[StepProgress, ...], index: int, so_far: StepProgress) -> tuple[StepProgress, ...]:
    return (*progress[:index], so_far, *progress[index + 1 :])
