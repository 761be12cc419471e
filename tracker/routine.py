"""Routines: what to do, in which order, how fast and how long, and who says so.

A routine is a TOML file. Its keys are the fields of `Routine` and `Step`; anything else is an error that names the
file and the key.
"""

from __future__ import annotations

from importlib import resources
from math import inf

import msgspec

from sensors.toml import read_toml
from tracker.events import Band
from tracker.motion.state import Direction, Kind

SECONDS_PER_MINUTE = 60.0


class RoutineError(Exception):
    """A routine that cannot be used; the message names the file, the key and what to do."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch with one target.

    The pace is ``band_cpm``, or follows from ``speed_cm_s`` over ``length_cm``; without either there is none to keep.
    ``direction`` is the way round of a circle; without it either will do. The step ends after ``seconds`` of doing it,
    or after ``cycles`` of its motion.
    """

    name: str
    technique: str
    motion: Kind | None = None
    direction: Direction | None = None
    area: str = ""
    side: str = "both"
    band_cpm: Band | None = None
    speed_cm_s: Band | None = None
    length_cm: float | None = None
    seconds: float | None = None
    cycles: float | None = None
    say: str = ""
    source: str = ""
    evidence: int | None = None

    def __post_init__(self) -> None:
        for key, limits in (("band_cpm", self.band_cpm), ("speed_cm_s", self.speed_cm_s)):
            if limits is not None and not 0 <= limits[0] < limits[1] < inf:
                raise ValueError(f"{key} must be [lower, upper] with 0 <= lower < upper, not {list(limits)}")
        if self.band_cpm is not None and self.speed_cm_s is not None:
            raise ValueError("give band_cpm or speed_cm_s, not both")
        if (self.speed_cm_s is None) != (self.length_cm is None):
            raise ValueError("speed_cm_s and length_cm go together: the pace follows from both")
        if self.direction is not None and self.motion is not Kind.CIRCLE:
            raise ValueError('direction is for motion = "circle"')
        if self.length_cm is not None and not 0 < self.length_cm < inf:
            raise ValueError("length_cm must be more than 0")
        if (self.seconds is None) == (self.cycles is None):
            raise ValueError("give either seconds or cycles as the step's end")
        if not all(0 < end < inf for end in (self.seconds, self.cycles) if end is not None):
            raise ValueError("seconds or cycles must be more than 0")
        if self.band is not None and not (self.source and self.evidence in (1, 2, 3)):
            raise ValueError("a pace needs its source and its evidence (1 trial, 2 textbook, 3 tradition)")

    @property
    def band(self) -> Band | None:
        """Target pace in full cycles per minute: a cycle goes ``length_cm`` there and back."""
        if self.speed_cm_s is not None and self.length_cm is not None:
            slow, fast = (SECONDS_PER_MINUTE * speed / (2 * self.length_cm) for speed in self.speed_cm_s)
            return slow, fast
        return self.band_cpm


class Routine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of steps, done in order."""

    format: int
    name: str
    title: str
    summary: str = ""
    style: str = ""
    step: tuple[Step, ...]

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ValueError(f"format {self.format} is not known to this version; it reads format 1")
        if not self.step:
            raise ValueError("a routine needs at least one [[step]]")


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


def shipped_names() -> list[str]:
    """Names of the routines that come with Palmpace, in order."""
    folder = resources.files("tracker") / "routines"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def shipped_text(name: str) -> str:
    """Text of a routine that comes with Palmpace; RoutineError names those there are."""
    if name not in shipped_names():
        raise RoutineError(f"no routine is called {name!r}; there are {', '.join(shipped_names())}")
    return (resources.files("tracker") / "routines" / f"{name}.toml").read_text(encoding="utf-8")


def load_shipped(name: str) -> Routine:
    """Give a routine that comes with Palmpace by name."""
    return parse_routine(shipped_text(name), f"{name}.toml")
