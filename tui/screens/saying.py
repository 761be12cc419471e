"""What stands in the coach's place at a moment: one thing, the newest that still matters; quiet is the rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracker.coach import OFFER
from tracker.events import CueEvent, MarkEvent, PainEvent, StepEvent
from tracker.motion.state import Kind
from tracker.session import SETTLING_S
from tui import words
from tui.look import Look
from tui.story import Story, last, since
from tui.widgets.cue import Said, Sign, Tone

PASSING_S = 6.0
"""How long something said once stays on the screen."""
GOOD_S = 3.0
"""The same for a friendly word."""
LIMIT_S = 12.0
"""The same for what is told only once in a session."""
ASKING_S = 15.0
"""How long a question stands in the coach's place; its keys stay until it is answered."""
NOTICES_S, NOTICE_S = 12.0, 4.0
"""How long notices take turns in the coach's place, and the turn of each."""
MOVING_S = 3.0
"""A hand that has done so much of a step has begun."""

_SIGNS: Final[dict[str, Sign]] = {
    "slower": "▼",
    "faster": "▲",
    "larger": "◯",
    "smaller": "∘",
    "steadier": "≡",
    "other motion": "✕",
    "other way": "↺",
    "hold still": "■",
    "go on": "▶",
    "good": "✓",
    "next step": "▶",
    "switch side": "⇄",
    "move on": "»",
    "rest": "■",
}
_TONES: Final[dict[str, Tone]] = {"good": "good", "rest": "stop", "next step": "cue"}
_PASSING_S: Final[dict[str, float]] = {
    "next step": PASSING_S,
    "switch side": PASSING_S,
    "good": GOOD_S,
    "move on": LIMIT_S,
    "rest": LIMIT_S,
    OFFER: ASKING_S,
}
"""Cues that are said once; the others stand until the coach takes them down."""
_PAUSES = {
    "you": Said("paused", "space goes on", "quiet"),
    "pain": Said("ease off", "stopped for pain: rest, and go on with space only if it is good", "stop", "■"),
    "stale": Said("waiting", "nothing is heard from the wrist; the session goes on when it is", "cue"),
}
_WERE = {
    "you": Said("paused", "the session was paused here", "quiet"),
    "pain": Said("ease off", "the session was stopped for pain here", "stop", "■"),
    "stale": Said("waiting", "nothing was heard from the wrist here", "cue"),
}


def said(look: Look, story: Story, asked: Said | None = None, aside: str = "", *, live: bool = True) -> Said:
    """Give the one thing to say now.

    Parameters
    ----------
    look : Look
    story : Story
    asked : Said, optional
        A question to the person; only a pause goes before it.
    aside : str
        Stands below the step's own words while nothing else is to be said.
    live : bool
        Whether the person can still do something about it.
    """
    session = look.state
    if session.paused_by is not None:
        return (_PAUSES if live else _WERE)[session.paused_by]
    if asked is not None:
        return asked
    passing = max(_passing(look, story), key=lambda each: each[0], default=None)
    if passing is not None:
        return passing[1]
    standing = _standing(look, story)
    if standing is not None:
        return of_cue(standing)
    quiet = _quiet(look, aside)
    fresh = [Said(line=f"{each.about}: {each.text}") for each in since(story.notices, look.t_s - NOTICES_S, look.t_s)]
    turns = [*fresh, quiet] if not _has_begun(look) else fresh
    return turns[int(look.t_s / NOTICE_S) % len(turns)] if turns else quiet


def of_cue(cue: CueEvent) -> Said:
    """Give a cue's word, the target in a line, and its sign."""
    _, _, line = cue.text.partition(": ")
    return Said(cue.cue, line, _TONES.get(cue.cue, "cue"), _SIGNS.get(cue.cue))


def about_mark(mark: MarkEvent) -> Said:
    """Confirm a mark."""
    return Said(line=f"✎ marked at {words.clock(mark.t_s)}{': ' if mark.text else ''}{mark.text}")


def _passing(look: Look, story: Story) -> Iterator[tuple[float, Said]]:
    """Give what has just been said and passes by itself, with its time; of one time the first counts."""
    step = last(story.steps, look.t_s)
    if step is not None and step.why == "easier" and step.t_s > look.t_s - PASSING_S:
        yield step.t_s, _easier(step, last(story.pains, look.t_s))
    cue = last(story.cues, look.t_s)
    # An offer that was taken, or is no longer needed, is none.
    over = cue is not None and cue.cue == OFFER and look.state.coach.offer is None
    if cue is not None and not over and cue.t_s > look.t_s - _PASSING_S.get(cue.cue, 0.0):
        yield cue.t_s, of_cue(cue)
    mark = last(story.marks, look.t_s)
    if mark is not None and mark.t_s > look.t_s - PASSING_S:
        yield mark.t_s, about_mark(mark)


def _easier(step: StepEvent, pain: PainEvent | None) -> Said:
    band = f"{step.band[0]:g}-{step.band[1]:g} from here on" if step.band else "as gently as you like"
    if pain is None or pain.t_s != step.t_s:
        return Said("easier", band, "good")
    where = f" at {pain.area}" if pain.area else ""
    return Said("easier", f"after pain {pain.value} of 10{where}: {band}", "good")


def _standing(look: Look, story: Story) -> CueEvent | None:
    """Give the cue that the coach has not taken down."""
    stands = look.state.coach.cue
    if stands is None or stands == OFFER:
        return None
    return next((cue for cue in reversed(since(story.cues, -1.0, look.t_s)) if cue.cue == stands), None)


def _quiet(look: Look, aside: str) -> Said:
    """Give the step's own words; where the hands take turns, large whose turn it is once they have begun."""
    step = look.step
    lines = [step.say]
    if step.calibrates:
        lines.append(own_tempo(look))
    lines.append(aside)
    if not _has_begun(look):
        lines.append(words.at_hand(look.routine))
    text = "\n".join(filter(None, lines))
    if step.side == "alternate" and look.state.hand is not None and look.so_far.right_s >= MOVING_S:
        return Said(f"{look.state.hand} hand", text.partition("\n")[0])
    return Said(line=text)


def own_tempo(look: Look) -> str:
    """Tell how far the measuring of the person's own tempo is."""
    done = look.so_far
    if done.paced_s:
        return f"your own tempo is being measured: {done.paced / done.paced_s:.0f} a minute so far"
    return f"your own tempo is being measured, from {SETTLING_S:g} s of it on"


def holding(look: Look) -> str:
    """Tell whether the time of a still step runs."""
    motion = look.wrist.motion if look.wrist else None
    if motion is None or motion.kind is Kind.STILL:
        return "still: the time runs"
    return "moving: the time waits"


def _has_begun(look: Look) -> bool:
    return look.state.step > 0 or look.so_far.right_s >= MOVING_S
