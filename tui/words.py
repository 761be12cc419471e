"""How values are written for a person: short, and an em dash for what is unknown."""

from __future__ import annotations

import math

from tracker.events import StepResult
from tracker.motion.state import Direction, Kind
from tracker.routine import EVIDENCE, FREE, Evidence, Often, Routine, Step
from tracker.session import StepProgress

UNKNOWN = "—"
LEFT = "left in this step"
AFTER = "a walk", "a swim", "some yoga"

_SYMBOLS = {Kind.STROKE: "↔", Kind.CIRCLE: "○", Kind.LIFT: "⇅", Kind.STILL: "■", Kind.OTHER: "≈"}
_TURNS: dict[Direction, str] = {"cw": "↻", "ccw": "↺"}


def pace(rate_cpm: float | None) -> str:
    """Give a rate as it is read at a glance: one decimal only where it matters."""
    if rate_cpm is None:
        return UNKNOWN
    return f"{rate_cpm:.1f}" if rate_cpm < 9.95 else f"{rate_cpm:.0f}"


def spread(sd_cpm: float | None) -> str:
    """Give a rate's standard deviation; nothing where it is unknown."""
    return "" if sd_cpm is None else f"± {sd_cpm:.1f}"


def clock(seconds: float) -> str:
    """Give a time as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, s = divmod(int(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"


def share(part: float, whole: float) -> str:
    """Give a part of a whole in percent; unknown where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole > 0 else UNKNOWN


def count(n: int, noun: str) -> str:
    """Give ``1 step``, ``2 steps``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def cycles(made: float, goal: float | None) -> str:
    """Give how many cycles were made, and of how many where that is a goal."""
    return f"{made:.0f} of {goal:g}" if goal else count(round(made), "cycle")


def who(side: str | None, name: str, *, coached: bool) -> str:
    """Name a wrist, and tell which of two is the one that is coached."""
    return f"{'▶ ' if coached else '  '}{side or name}"


def motion(kind: Kind, direction: Direction | None) -> str:
    """Give a motion as its symbol and its word."""
    symbol = _TURNS[direction] if kind is Kind.CIRCLE and direction else _SYMBOLS[kind]
    return f"{symbol} {kind.value}"


def title(routine: Routine) -> str:
    """Name a routine, with its style where it has one."""
    return f"{routine.title}, {routine.style}" if routine.style else routine.title


def at_hand(routine: Routine) -> str:
    """Tell what to have at hand; nothing where that is nothing."""
    return f"have at hand: {', '.join(routine.things)}" if routine.things else ""


def left(step: Step, so_far: StepProgress) -> tuple[str, str]:
    """Give what is left of a step, as a number and its noun."""
    if step.cycles is not None:
        return str(max(0, math.ceil(step.cycles - so_far.cycles))), "cycles left"
    if step.hold_s is not None:
        return clock(max(0, math.ceil(step.hold_s - so_far.right_s))), "to hold still"
    return clock(max(0, math.ceil((step.seconds or 0.0) - so_far.seconds))), LEFT


def place(step: Step | StepResult) -> str:
    """Give where a step works, with its side."""
    area, side = step.area, step.side
    return f"{side} {area}" if area and side in ("left", "right") and side not in area else area


def afterwards(routine: Routine) -> str:
    """Suggest what does good after a session; where a routine says nothing, what most backs like best."""
    return f"Afterwards: {', '.join(routine.after or AFTER)}."


def end(step: Step) -> str:
    """Give what ends a step: its time, its count, or the stillness to be held."""
    if step.cycles is not None:
        return f"{step.cycles:g} ×"
    return f"{'≤ ' if step.until_release_s else ''}{clock(step.lasts_s or 0.0)}"


def evidence(found: Evidence | None) -> str:
    """Give what stands behind a target: its number, and what that means."""
    return UNKNOWN if found is None else f"{found}, {EVIDENCE[found]}"


def often(how: Often) -> str:
    """Give how often a routine is meant to be done."""
    times, per = (how.times_a_day, "day") if how.times_a_day is not None else (how.times_a_week, "week")
    number = {1: "once", 2: "twice"}.get(times or 0, f"{times} times")
    return f"{number} a {per}" + (f", for {count(how.weeks, 'week')}" if how.weeks else "")


def sourced(source: str, found: Evidence | None) -> str:
    """Say who says so, and how well that is known, unless the source says that itself."""
    label = EVIDENCE[found] if found is not None else "your own goal"
    if source.lower().startswith(label):
        return source
    return f"{label}: {source}" if source else label


def extent(routine: Routine) -> str:
    """Give a routine's number of steps and how long it takes."""
    if routine.name == FREE.name:
        return "as long as you like"
    seconds = sum(step.lasts_s or 0.0 for step in routine.step)
    timed = f"{clock(seconds)} min" if seconds else ""
    counted = "and counted cycles" if any(step.cycles for step in routine.step) else ""
    return " ".join(part for part in (count(len(routine.step), "step") + ",", timed, counted) if part)
