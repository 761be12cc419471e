"""What a session's events are worth saying aloud: which cue, how important, from which volume on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tracker.coach import OFFER
from tracker.events import Band, CueEvent, Event, SessionEvent, StepEvent
from tracker.session import ALL_DONE
from tui.look import Look
from tui.memory import Volume

LOUDNESS: Final[tuple[Volume, ...]] = ("off", "quiet", "normal", "chatty")
"""From saying nothing to saying much."""

HALF_FROM_S, HALF_FROM_CYCLES = 60.0, 20.0
"""Steps from here on have a half time worth telling."""

LAST_MINUTE_FROM_S, LAST_MINUTE_S = 150.0, 60.0
"""In a shorter step the last minute begins too soon after its half."""


class Kind(NamedTuple):
    """Of cues: how important one is, and the least volume at which it is heard."""

    importance: int
    least: Volume


KINDS: Final[dict[str, Kind]] = {
    "stop": Kind(5, "quiet"),
    "rest": Kind(5, "quiet"),
    "done": Kind(4, "quiet"),
    "step": Kind(3, "quiet"),
    "side": Kind(3, "quiet"),
    "limit": Kind(3, "quiet"),
    "silence": Kind(3, "normal"),
    "slower": Kind(2, "normal"),
    "faster": Kind(2, "normal"),
    "hold": Kind(2, "normal"),
    "go on": Kind(2, "normal"),
    "word": Kind(2, "normal"),
    "easier": Kind(1, "normal"),
    "good": Kind(1, "chatty"),
    "half": Kind(1, "chatty"),
    "minute": Kind(1, "chatty"),
    "paused": Kind(1, "chatty"),
}
"""The most important first. ``word`` is any other cue of the coach, told by its own words."""

_KIND_OF: Final = {
    "ease off": "stop",
    "rest": "rest",
    "move on": "limit",
    "slower": "slower",
    "faster": "faster",
    "hold still": "hold",
    "go on": "go on",
    "good": "good",
}
_ALL_SAID: Final = frozenset({"move on", "rest", OFFER, "good"})
"""Cues whose word alone does not say what to do: their line is spoken at any volume."""
_LINE_ALONE: Final = frozenset({"other motion", "other way", "switch side"})
"""Those whose line says all of it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A cue to be heard.

    Attributes
    ----------
    kind : str
        Of `KINDS`.
    sentence : str
        For a voice.
    about : str
        Tells it from others of its kind: the same of both is the same cue.
    """

    kind: str
    sentence: str
    about: str = ""


@dataclass(slots=True)
class Ear:
    """Listens to a session and gives what is worth saying, in the order in which it happened."""

    _step: tuple[int, float] = (-1, 0.0)
    _told: set[str] = field(default_factory=set)

    def listen(self, events: Iterable[Event], look: Look, volume: Volume) -> list[Saying]:
        """Take what happened since the last time, and how things stand now."""
        chatty = volume == "chatty"
        heard = [saying for event in events if (saying := _saying(event, look, chatty=chatty)) is not None]
        return [*heard, *self._of_progress(look)]

    def _of_progress(self, look: Look) -> list[Saying]:
        """Tell half time and the last minute of a step, each once."""
        index, so_far, step = look.state.step, look.so_far, look.step
        if index != self._step[0] or so_far.seconds < self._step[1]:
            self._told.clear()
        self._step = (index, so_far.seconds)
        reached = []
        if step.seconds is not None and step.seconds >= HALF_FROM_S and not look.free:
            reached += ["half"] if so_far.seconds >= step.seconds / 2 else []
            last_minute = step.seconds >= LAST_MINUTE_FROM_S and step.seconds - so_far.seconds <= LAST_MINUTE_S
            reached += ["minute"] if last_minute else []
        elif step.cycles is not None and step.cycles >= HALF_FROM_CYCLES:
            reached += ["half"] if so_far.cycles >= step.cycles / 2 else []
        new = [kind for kind in reached if kind not in self._told]
        self._told.update(new)
        words = {"half": "half of this step", "minute": "one minute left"}
        return [Saying(kind, words[kind], f"{index}") for kind in new]


def _saying(event: Event, look: Look, *, chatty: bool) -> Saying | None:
    match event:
        case CueEvent(cue="next step"):
            return None  # the step itself says more
        case CueEvent(cue="switch side"):
            return Saying("side", _sentence(event, chatty=chatty), event.text)  # the other hand is another cue
        case CueEvent():
            return Saying(_KIND_OF.get(event.cue, "word"), _sentence(event, chatty=chatty), event.cue)
        case StepEvent(why="easier"):
            return Saying("easier", f"easier, {_spoken_band(event.band)}" if event.band else "easier", "taken")
        case StepEvent() if not look.free:
            return Saying("step", _announcement(event, look, chatty=chatty), f"{event.step}")
        case SessionEvent(state="ended") if event.why == ALL_DONE:
            return Saying("done", "done, well done")
        case SessionEvent(state="paused") if look.state.paused_by == "stale":
            return Saying("silence", "nothing heard from the wrist")
        case SessionEvent(state="paused", why="paused"):
            return Saying("paused", "paused", "paused")
        case SessionEvent(state="running", why="resumed"):
            return Saying("paused", "on we go", "resumed")
    return None


def _sentence(event: CueEvent, *, chatty: bool) -> str:
    """Give a cue in words: short, and when chatty with the target."""
    word, _, line = event.text.partition(": ")
    if event.cue == "ease off":
        return "stopped"
    if event.cue in ("slower", "faster"):
        return f"{event.cue}, aim for {_spoken_band(event.band)}" if chatty and event.band else event.cue
    if event.cue in _LINE_ALONE:
        return line or word
    return f"{word}, {line}" if line and (chatty or event.cue in _ALL_SAID) else word


_OPENINGS = {"start": "begin with", "back": "again"}


def _announcement(event: StepEvent, look: Look, *, chatty: bool) -> str:
    area = "" if not event.area or event.area.lower() in event.name.lower() else f", {event.area}"
    sentence = f"{_OPENINGS.get(event.why, 'next')}: {event.name}{area}"
    now = event.step == look.state.step + 1
    return f"{sentence}. {look.step.say}" if chatty and now and look.step.say else sentence


def _spoken_band(band: Band) -> str:
    low, high = (f"{limit:.1f}".removesuffix(".0") if limit < 10 else f"{limit:.0f}" for limit in band)
    return f"{low} to {high}"


def spoken(text: str) -> str:
    """Make of a sentence what a voice reads well, and no program takes for an option or a command of its own."""
    text = re.sub(r"(?<=\d)\s*[-–]\s*(?=\d)", " to ", text)
    for sign, word in (("±", " plus or minus "), ("°", " degrees"), ("%", " percent"), ("cpm", "per minute")):
        text = text.replace(sign, word)
    kept = re.sub(r"[^\w\s.,:;!?']|_", " ", text)
    return " ".join(kept.split()).strip()
