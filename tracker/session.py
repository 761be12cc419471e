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
    END = "end"


PausedBy = Literal["you", "pain", "stale"]


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step has come; times in seconds while running.

    ``judged_s`` is the time in which the pace was known and held against a band, ``in_band_s`` the part inside it.
    """

    seconds: float = 0.0
    cycles: float = 0.0
    judged_s: float = 0.0
    in_band_s: float = 0.0


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
    judged = in_band(motion, step)
    so_far = StepProgress(
        so_far.seconds + dt_s,
        so_far.cycles + (new_cycles if right_motion(motion, step) else 0.0),
        so_far.judged_s + (dt_s if judged is not None else 0.0),
        so_far.in_band_s + (dt_s if judged else 0.0),
    )
    coach, cue = advise(state.coach, motion, step, t_s, params)
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
            name=step.name,
            seconds=round(done.seconds, 1),
            cycles=round(done.cycles, 2),
            judged_s=round(done.judged_s, 1),
            in_band_s=round(done.in_band_s, 1),
        )
        for step, done in zip(routine.step, state.progress, strict=True)
        if done.seconds > 0
    ]


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
