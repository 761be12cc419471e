"""Routines: what to do, in which order, how fast and how long, and who says so.

A routine is a TOML file. Its keys are the fields of `Routine` and `Step`; anything else is an error that names the
file, the line and the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from math import inf
from typing import Annotated, Any, Final, Literal

import msgspec
import tomlkit

from sensors.toml import read_toml
from tracker.events import Band
from tracker.motion.state import Direction, Kind

SECONDS_PER_MINUTE = 60.0
FIRST = ("palm-circling", "slow-strokes", "sore-back", "twenty-minutes", "shoulders-and-neck", "five-minute-desk-break")
"""The shipped routines to begin with; those of a single technique and of a particular use follow."""
LONGEST_PRESS_S = 300.0
"""No spot is pressed longer than this, whatever a routine asks for."""
MOST_STEPS = 200
NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"
"""What a routine's name is made of: it is its file's too."""
ENDS = ("seconds", "cycles", "held_s", "until_release_s")
"""How a step may end; it has one of them."""

Evidence = Literal[1, 2, 3]
"""How well something is known."""
EVIDENCE: Final[Mapping[Evidence, str]] = {1: "trial or measurement", 2: "textbook or review", 3: "tradition"}
StepSide = Literal["left", "right", "both", "alternate"]


class RoutineError(Exception):
    """A routine that cannot be used; the message names the file, the key and what to do."""


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What another style of a step asks for instead: its targets, never its motion or its place."""

    band_cpm: Band | None = None
    speed_cm_s: Band | None = None
    length_cm: float | None = None
    size_cm: Band | None = None
    seconds: float | None = None
    cycles: float | None = None
    held_s: float | None = None
    until_release_s: float | None = None
    say: str = ""
    source: str = ""
    evidence: Evidence | None = None


class Often(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How often a routine is meant to be done: so many times a day, or a week, for so many weeks; and who says so."""

    times_a_day: Annotated[int, msgspec.Meta(ge=1, le=24)] | None = None
    times_a_week: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    weeks: Annotated[int, msgspec.Meta(ge=1, le=520)] | None = None
    source: str
    evidence: Evidence

    def __post_init__(self) -> None:
        if (self.times_a_day is None) == (self.times_a_week is None):
            raise ValueError("give either times_a_day or times_a_week")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A stretch with one target.

    The pace is ``band_cpm``, or follows from ``speed_cm_s`` over ``length_cm``, or with ``own_tempo`` is what a step
    before it that ``calibrates`` has measured; without any there is none to keep. ``size_cm`` is from end to end of a
    stroke, or a circle's larger diameter. ``direction`` is the way round of a circle; without it either will do.

    The step ends after ``seconds`` of doing it, after ``cycles`` of its motion, once stillness has been held for
    ``held_s`` in all, or when the person says that the spot has let go, and at the latest ``until_release_s`` of
    stillness later. With ``side = "alternate"`` the hands take turns every ``switch_s`` seconds.
    """

    name: str
    technique: str
    motion: Kind | None = None
    direction: Direction | None = None
    area: str = ""
    side: StepSide = "both"
    switch_s: float | None = None
    band_cpm: Band | None = None
    speed_cm_s: Band | None = None
    length_cm: float | None = None
    own_tempo: bool = False
    calibrates: bool = False
    size_cm: Band | None = None
    seconds: float | None = None
    cycles: float | None = None
    held_s: float | None = None
    until_release_s: float | None = None
    say: str = ""
    source: str = ""
    evidence: Evidence | None = None
    styles: dict[str, Style] = {}

    def __post_init__(self) -> None:
        for complaint in (*self._about_pace(), *self._about_end()):
            raise ValueError(complaint)

    def _about_pace(self) -> list[str]:
        wrong = []
        for key, limits in (("band_cpm", self.band_cpm), ("speed_cm_s", self.speed_cm_s), ("size_cm", self.size_cm)):
            if limits is not None and not 0 <= limits[0] < limits[1] < inf:
                wrong.append(f"{key} must be [lower, upper] with 0 <= lower < upper, not {list(limits)}")
        if (self.band_cpm is not None) + (self.speed_cm_s is not None) + self.own_tempo > 1:
            wrong.append("give one of band_cpm, speed_cm_s and own_tempo")
        if (self.speed_cm_s is None) != (self.length_cm is None):
            wrong.append("speed_cm_s and length_cm go together: the pace follows from both")
        if self.length_cm is not None and not 0 < self.length_cm < inf:
            wrong.append("length_cm must be more than 0")
        if not wrong and self.band is not None and not self.band[0] < self.band[1] < inf:
            wrong.append("speed_cm_s over length_cm gives no pace: one of them is too large or too small")
        if self.direction is not None and self.motion is not Kind.CIRCLE:
            wrong.append('direction is for motion = "circle"')
        if self.motion in (None, Kind.STILL, Kind.OTHER) and (self.own_tempo or self.calibrates):
            wrong.append("own_tempo and calibrates need a motion that has a tempo: stroke, circle or lift")
        if self.calibrates and not (self.band_cpm is self.speed_cm_s is None and not self.own_tempo):
            wrong.append("calibrates measures a tempo: leave band_cpm, speed_cm_s and own_tempo out")
        if not wrong and self.band is not None and not (self.source and self.evidence is not None):
            wrong.append("a pace needs its source and its evidence (1 trial, 2 textbook, 3 tradition)")
        return wrong

    def _about_end(self) -> list[str]:
        wrong = []
        given = [key for key in ENDS if getattr(self, key) is not None]
        if len(given) != 1:
            wrong.append(f"give one of {', '.join(ENDS[:-1])} and {ENDS[-1]} as the step's end")
        wrong += [f"{key} must be more than 0" for key in given if not 0 < getattr(self, key) < inf]
        if (self.held_s or self.until_release_s) and self.motion is not Kind.STILL:
            wrong.append('held_s and until_release_s are for motion = "still"')
        if self.motion is Kind.STILL and self.cycles is not None:
            wrong.append("cycles has no meaning in stillness: give held_s")
        for key in ("held_s", "until_release_s"):
            if (getattr(self, key) or 0) > LONGEST_PRESS_S:
                wrong.append(f"{key} is at most {LONGEST_PRESS_S:g}: no spot is pressed longer")
        if (self.side == "alternate") != (self.switch_s is not None):
            wrong.append('switch_s and side = "alternate" go together')
        if self.switch_s is not None and not 5 <= self.switch_s < inf:
            wrong.append("switch_s must be at least 5")
        return wrong

    @property
    def band(self) -> Band | None:
        """Target pace in full cycles per minute: a cycle goes ``length_cm`` there and back."""
        if self.speed_cm_s is not None and self.length_cm is not None:
            slow, fast = (SECONDS_PER_MINUTE * speed / (2 * self.length_cm) for speed in self.speed_cm_s)
            return slow, fast
        return self.band_cpm

    @property
    def lasts_s(self) -> float | None:
        """How long it takes: done, or held still, at most; None where cycles are counted."""
        return self.seconds or self.hold_s

    @property
    def hold_s(self) -> float | None:
        """How long stillness is to be held, at most; None where the end is another."""
        return self.held_s or self.until_release_s

    def styled(self, style: str) -> Step:
        """Give the step in a style; one that has no targets of that style as it is."""
        other = self.styles.get(style)
        if other is None:
            return self
        said = {key: getattr(other, key) for key in other.__struct_fields__}
        said = {key: value for key, value in said.items() if value not in (None, "")}
        if {"band_cpm", "speed_cm_s"} & set(said):
            said = {"band_cpm": None, "speed_cm_s": None, "length_cm": None, "own_tempo": False} | said
        if set(ENDS) & set(said):
            said = dict.fromkeys(ENDS) | said
        return msgspec.structs.replace(self, **said)


class Routine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A list of steps, done in order.

    ``style`` is the one its targets are of; `styled` gives another. ``things`` is what to have at hand, ``after`` what
    does good afterwards, ``often`` how often it is meant to be done.
    """

    format: int
    name: Annotated[str, msgspec.Meta(pattern=NAME)]
    title: str
    summary: str = ""
    style: str = ""
    things: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    often: Often | None = None
    step: tuple[Step, ...]

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ValueError(f"format {self.format} is not known to this version; it reads format 1")
        if not 1 <= len(self.step) <= MOST_STEPS:
            raise ValueError(f"a routine needs at least one [[step]], and has {MOST_STEPS} at most")
        measured: set[Kind | None] = set()
        for number, step in enumerate(self.step, 1):
            if step.own_tempo and step.motion not in measured:
                raise ValueError(f"step {number} has own_tempo, and no step before it calibrates {step.motion}")
            if step.calibrates:
                measured.add(step.motion)
            for style in step.styles:  # what it makes of the step has to hold too
                try:
                    step.styled(style)
                except ValueError as error:
                    raise ValueError(f"step {number}, styles, {style}: {error}") from error

    @property
    def styles(self) -> tuple[str, ...]:
        """Every style there is: its own first."""
        others = [style for step in self.step for style in step.styles]
        return tuple(dict.fromkeys(filter(None, (self.style, *others))))

    def styled(self, style: str) -> Routine:
        """Give the routine in a style, from which the others are there as before; RoutineError names them."""
        if style == self.style:
            return self
        if style not in self.styles:
            there_are = f"it has {', '.join(self.styles)}" if self.styles else "it has none"
            raise RoutineError(f"{self.name} has no style {style!r}; {there_are}")
        steps = tuple(_turned(step, style, self.style) if style in step.styles else step for step in self.step)
        return msgspec.structs.replace(self, style=style, step=steps)


def _turned(step: Step, style: str, own: str) -> Step:
    """Give a step in a style, with what its own targets were and all others' as styles of it."""
    others = {name: step.styled(name) for name in step.styles if name != style}
    if own:
        others |= {own: step}
    keys = Style.__struct_fields__
    styles = {name: Style(**{key: getattr(each, key) for key in keys}) for name, each in others.items()}
    return msgspec.structs.replace(step.styled(style), styles=styles)


FREE = Routine(
    format=1,
    name="free",
    title="Free session",
    summary="No targets: what the hand does, how fast, how many times.",
    step=(Step(name="Free", technique="free", seconds=24 * 3600.0),),
)
"""A session without targets."""


def parse_routine(text: str, where: str) -> Routine:
    """Read a routine from TOML text.

    Parameters
    ----------
    text : str
    where : str
        The file's name, for the error.

    Raises
    ------
    RoutineError
        Not TOML, an unknown or missing key, a wrong value; one line.
    """
    try:
        return read_toml(text, Routine)
    except ValueError as error:
        raise RoutineError(f"{where}: {error}") from error


def routine_text(routine: Routine) -> str:
    """Write a routine as TOML: what `parse_routine` makes the same routine of."""
    return tomlkit.dumps(_without_none(msgspec.to_builtins(routine)))


def _without_none(value: Any) -> Any:
    """TOML knows no null: what is not said is left out."""
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list | tuple) else value


def told_cpm(rate_cpm: float) -> float:
    """Round a pace to what is told of it: three digits, however slow it is."""
    return float(f"{rate_cpm:.3g}")


def shipped_names() -> list[str]:
    """Names of the routines that come with Palmpace, in the order to show them."""
    folder = resources.files("tracker") / "routines"
    found = {item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")}
    return [*(name for name in FIRST if name in found), *sorted(found - set(FIRST))]


def shipped_text(name: str) -> str:
    """Text of a routine that comes with Palmpace; RoutineError names those there are."""
    if name not in shipped_names():
        raise RoutineError(f"no routine is called {name!r}; there are {', '.join(shipped_names())}")
    return (resources.files("tracker") / "routines" / f"{name}.toml").read_text(encoding="utf-8")


def load_shipped(name: str) -> Routine:
    """Give a routine that comes with Palmpace by name."""
    return parse_routine(shipped_text(name), f"{name}.toml")
