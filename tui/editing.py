"""Changes to a routine's text that keep a person's comments: each gives a new text, or the reason why not.

Where steps begin is read from the text itself, so that a step takes along what is written above and within it; one
step's keys are changed by tomlkit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, floor, inf
from typing import Any, Final, Literal, NamedTuple, cast, get_args

import tomlkit
from tomlkit.items import Table

from tracker.body import SIDES
from tracker.motion.state import Direction, Kind
from tracker.routine import (
    ENDS,
    LONGEST_PRESS_S,
    SECONDS_PER_MINUTE,
    Routine,
    RoutineError,
    Step,
    StepSide,
    parse_routine,
)

OWN: Final = "my own"
"""Source of a target that the person has changed: it has no trial's evidence any more."""
OWN_EVIDENCE: Final = 3
SWITCH_S: Final = 30
"""Time between two changes of hands, where a step is long enough for it."""

Field = Literal["end", "ends by", "low", "high", "length", "side", "switch", "way"]
"""What can be changed of a step."""

_Grid = tuple[tuple[float, float], ...]
"""Up to which value one goes by how much."""
_SECONDS: _Grid = ((60, 5), (180, 15), (600, 30), (inf, 60))
_CYCLES: _Grid = ((20, 1), (60, 5), (inf, 10))
_PACE: _Grid = ((10, 0.5), (30, 1), (inf, 5))
_SPEED: _Grid = ((5, 0.5), (inf, 1))
_LENGTH: _Grid = ((20, 1), (inf, 5))
_SIDES: tuple[StepSide, ...] = get_args(StepSide)
_WAYS: tuple[Direction | None, ...] = (None, *get_args(Direction))
_USUAL_CPM = 30.0
"""Makes cycles of seconds where a step has no pace."""

_SCAN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|^[ \t]*(?P<head>\[[^\n]*)"
    r"|(?P<comment>#[^\n]*)",
    re.MULTILINE | re.DOTALL,
)
"""Tells the heads of tables and the comments from what only looks like them within a string."""
_STEP = re.compile(r"""\[\[\s*(?:step|"step"|'step')\s*\]\]""")
_OF_STEP = re.compile(r"""\[\s*(?:step|"step"|'step')\s*\.""")


class EditError(RoutineError):
    """A change that cannot be made; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A routine that is being changed, and how it came to be so.

    Attributes
    ----------
    texts : tuple of str
        What it was after each change, those that were undone among them.
    at : int
        The one that holds.
    saved : str
        The text that is kept on disk.
    """

    texts: tuple[str, ...]
    at: int = 0
    saved: str = ""

    @property
    def text(self) -> str:
        """What it is now."""
        return self.texts[self.at]

    @property
    def routine(self) -> Routine:
        """What that means."""
        return read(self.text)

    @property
    def is_saved(self) -> bool:
        """Whether it is on disk as it is now."""
        return self.text == self.saved

    def kept(self) -> Draft:
        """Note that what it is now is on disk."""
        return replace(self, saved=self.text)

    def changed(self, text: str) -> Draft:
        """Go on with another text; what was undone before is gone."""
        if text == self.text:
            return self
        texts = (*self.texts[: self.at + 1], text)
        return replace(self, texts=texts, at=len(texts) - 1)

    def undo(self) -> Draft:
        """Take the last change back; the same where there is none."""
        return replace(self, at=max(0, self.at - 1))

    def redo(self) -> Draft:
        """Make the change again that was taken back."""
        return replace(self, at=min(len(self.texts) - 1, self.at + 1))


def drafted(text: str, where: str) -> Draft:
    """Begin to change a routine.

    Parameters
    ----------
    text : str
    where : str
        The file's name, for the error.

    Raises
    ------
    RoutineError
        It has a mistake, or its steps are written in a way that cannot be changed here.
    """
    steps = len(parse_routine(text, where).step)
    try:
        pieces = _pieces(text)
    except EditError as error:
        raise EditError(f"{where}: {error}") from error
    if sum(piece.is_step for piece in pieces) != steps:
        raise EditError(f"{where}: its steps are in one array; write each as a [[step]] table to change them here")
    return Draft((text,), saved=text)


@lru_cache(maxsize=64)
def read(text: str) -> Routine:
    """Read a routine; EditError says in one line what is wrong."""
    try:
        return parse_routine(text, "not changed")
    except RoutineError as error:
        raise EditError(str(error)) from error


def differs_at(before: Routine, after: Routine) -> int | None:
    """Give the index of the first step that is another one; None where all are the same."""
    longer = max(len(before.step), len(after.step))
    pairs = zip(*(steps + (None,) * (longer - len(steps)) for steps in (before.step, after.step)), strict=True)
    return next((min(i, len(after.step) - 1) for i, (one, other) in enumerate(pairs) if one != other), None)


# --- the list of steps ---


def moved(text: str, index: int, by: int) -> str:
    """Let a step change places with one that is ``by`` further down."""
    pieces = _pieces(text)
    at = [place for place, piece in enumerate(pieces) if piece.is_step]
    if not 0 <= index + by < len(at):
        raise EditError(f"not changed: it is the {'first' if by < 0 else 'last'} step")
    one, other = at[index], at[index + by]
    pieces[one], pieces[other] = (
        pieces[one]._replace(text=pieces[other].text),
        pieces[other]._replace(text=pieces[one].text),
    )
    return _checked(pieces)


def copied(text: str, index: int) -> str:
    """Put a copy of a step behind it."""
    pieces = _pieces(text)
    at = _place(pieces, index)
    piece = pieces[at]
    pieces[at : at + 1] = [piece._replace(gap=piece.gap or "\n"), piece]
    return _checked(pieces)


def deleted(text: str, index: int) -> str:
    """Leave a step out."""
    pieces = _pieces(text)
    if sum(piece.is_step for piece in pieces) == 1:
        raise EditError("not changed: a routine has at least one step")
    pieces.pop(_place(pieces, index))
    return _checked(pieces)


def titled(text: str, title: str) -> str:
    """Give the routine another title."""
    if not title.strip():
        raise EditError("not changed: a routine has a title")
    first, *others = _pieces(text)
    head = tomlkit.parse(first.text)
    head["title"] = title.strip()
    return _checked([first._replace(text=tomlkit.dumps(head)), *others])


# --- one step ---


def fields(step: Step) -> tuple[Field, ...]:
    """Name what can be changed of a step, in the order to go through it."""
    found: list[Field] = ["end"]
    if len(_ends(step)) > 1:
        found.append("ends by")
    if step.band is not None:
        found += ["low", "high"]
    if step.length_cm is not None:
        found.append("length")
    found.append("side")
    if step.switch_s is not None:
        found.append("switch")
    if step.motion is Kind.CIRCLE:
        found.append("way")
    return tuple(found)


def changed(text: str, index: int, field: Field, by: Literal[-1, 1], style: str = "") -> str:
    """Give a field of a step its next value, up or down.

    A target is changed in the style that is shown; the other styles keep theirs.

    Parameters
    ----------
    text : str
    index : int
        Of the step.
    field : Field
    by : {-1, 1}
    style : str
        The one shown; "" is the routine's own.

    Raises
    ------
    EditError
        There is no such value; one line.
    """
    routine = read(text)
    own = style in ("", routine.style)
    step = routine.step[index] if own else routine.step[index].styled(style)
    if field not in fields(step):
        raise EditError(f"not changed: this step has no {field!r}")
    if field in ("side", "switch", "way"):
        return _with_keys(text, index, _handed(step, field, by))
    return _with_keys(text, index, _target(step, field, by), "" if own else style)


def _target(step: Step, field: Field, by: int) -> dict[str, Any]:
    """Give the keys of a new end or pace, with None for those that go."""
    end = next(key for key in ENDS if getattr(step, key) is not None)
    # What is said of stillness is said of how long it is held; of a pace, it is the pace.
    mine = _mine(step) if step.hold_s is not None and step.source else {}
    match field:
        case "end":
            return {end: _next(getattr(step, end), by, _CYCLES if end == "cycles" else _SECONDS)} | mine
        case "ends by":
            kinds = _ends(step)
            kind = kinds[(kinds.index(end) + by) % len(kinds)]
            return {end: None, kind: _as_end(step, kind)} | mine
        case "length":
            return {"speed_cm_s": _list(step.speed_cm_s), "length_cm": _next(step.length_cm or 0, by, _LENGTH)}
    key, grid = ("speed_cm_s", _SPEED) if step.speed_cm_s is not None else ("band_cpm", _PACE)
    edges = list(step.speed_cm_s or step.band_cpm or ())
    at = ("low", "high").index(field)
    edges[at] = _next(edges[at], by, grid)
    if edges[0] >= edges[1]:
        raise EditError("not changed: the lower edge stays below the upper one")
    said: dict[str, Any] = {key: _list(edges)}
    if step.length_cm is not None:
        said["length_cm"] = _plain(step.length_cm)
    return said | _mine(step)


def _mine(step: Step) -> dict[str, Any]:
    """Say that the person says so, unless that is said already."""
    return {} if step.source == OWN else {"source": OWN, "evidence": OWN_EVIDENCE}


def _ends(step: Step) -> tuple[str, ...]:
    """Name the kinds of end that mean something for a step's motion."""
    if step.motion is Kind.STILL:
        return ("seconds", "held_s", "until_release_s")
    if step.cycles is not None or step.motion in (Kind.STROKE, Kind.CIRCLE, Kind.LIFT):
        return ("seconds", "cycles")
    return ("seconds",)


def _as_end(step: Step, kind: str) -> float:
    """Give about as much of another kind of end."""
    cycles_per_s = (sum(step.band) / 2 if step.band else _USUAL_CPM) / SECONDS_PER_MINUTE
    if kind == "cycles":
        return max(1, round((step.lasts_s or 0) * cycles_per_s))
    if step.cycles is not None:
        return max(5, 5 * round(step.cycles / cycles_per_s / 5))
    longest = inf if kind == "seconds" else LONGEST_PRESS_S
    return _plain(min(longest, step.lasts_s or 0))


def _handed(step: Step, field: Field, by: int) -> dict[str, Any]:
    """Give the keys of another side, way round or time between changes of hands."""
    if field == "switch":
        return {"switch_s": _next(step.switch_s or 0, by, _SECONDS)}
    if field == "way":
        return {"direction": _WAYS[(_WAYS.index(step.direction) + by) % len(_WAYS)]}
    side = _SIDES[(_SIDES.index(step.side) + by) % len(_SIDES)]
    said: dict[str, Any] = {"side": side, "switch_s": None}
    if side == "alternate":
        lasts_s = step.lasts_s or 2 * SWITCH_S
        said["switch_s"] = max(5, min(SWITCH_S, 5 * int(lasts_s // 10)))
    area = _area_on(step.area, side)
    return said if area == step.area else said | {"area": area}


def _area_on(area: str, side: StepSide) -> str:
    """Name an area on another side, where its words name one of the two."""
    named = re.findall(rf"\b({'|'.join(SIDES)})\b", area)
    if len(named) != 1:
        return area
    if side in SIDES:
        return re.sub(rf"\b{named[0]}\b", side, area)
    return re.sub(rf",?\s*\b{named[0]}\b", "", area).strip() or area


def _next(value: float, by: int, grid: _Grid) -> float:
    """Go to the next round value."""
    if by > 0:
        step = next(step for below, step in grid if value < below)
        found = (floor(value / step + 1e-6) + 1) * step
    else:
        step = next(step for below, step in grid if value <= below)
        found = (ceil(value / step - 1e-6) - 1) * step
    if found <= 0:
        raise EditError("not changed: it cannot be less")
    return _plain(found)


def _plain(value: float) -> float:
    """Write whole numbers as such."""
    return int(value) if value == int(value) else round(value, 6)


def _list(values: Iterable[float] | None) -> list[float]:
    return [_plain(value) for value in values or ()]


# --- the text ---


class _Piece(NamedTuple):
    """A stretch of the file: a step, or what stands between; the empty lines below it are no part of a step."""

    text: str
    gap: str
    is_step: bool


def _pieces(text: str) -> list[_Piece]:
    """Take a file apart: what comes first, then each step with the comment right above it, and each other table."""
    starts, commented = [(0, False)], set()
    for found in _SCAN.finditer(text):
        if found["comment"] is not None:
            line = text.rfind("\n", 0, found.start()) + 1
            if not text[line : found.start()].strip():
                commented.add(line)
        elif found["head"] is not None:
            if not _OF_STEP.match(found["head"]):
                starts.append((_above(text, found.start(), commented), bool(_STEP.match(found["head"]))))
            elif not starts[-1][1]:
                raise EditError("a [step. ...] table stands apart from its [[step]]; write it right below")
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return [_piece(text[start:end], is_step) for (start, is_step), end in zip(starts, ends, strict=True)]


def _above(text: str, start: int, commented: set[int]) -> int:
    """Give where the comment begins that stands right above a line; the line itself where there is none."""
    while start and (line := text.rfind("\n", 0, start - 1) + 1) in commented:
        start = line
    return start


def _piece(text: str, is_step: bool) -> _Piece:
    body = text.rstrip()
    gap = text[len(body) :].removeprefix("\n")
    return _Piece(f"{body}\n" if body else "", gap, is_step)


def _place(pieces: list[_Piece], index: int) -> int:
    return [place for place, piece in enumerate(pieces) if piece.is_step][index]


def _checked(pieces: list[_Piece]) -> str:
    """Put a file together; EditError where it is no routine any more."""
    text = "".join(piece.text + piece.gap for piece in pieces).rstrip() + "\n"
    read(text)
    return text


def _with_keys(text: str, index: int, said: Mapping[str, Any], style: str = "") -> str:
    """Give a step, or its targets in a style, these keys; those of None go."""
    pieces = _pieces(text)
    at = _place(pieces, index)
    block = pieces[at].text
    if style and style not in read(text).step[index].styles:
        block = f"{block}\n[step.styles.{tomlkit.key(style).as_string()}]\n"
    old_end = next((key for key, value in said.items() if value is None and key in ENDS), "")
    for key, value in sorted(said.items(), key=lambda each: each[1] is None):
        parsed = tomlkit.parse(block)
        table = cast(Any, parsed)["step"][0]
        if style and not _is_table(table := table["styles"][style]):
            raise EditError(f"not changed: write it as a [step.styles.{style}] table to change it here")
        _put(table, key, value, old_end if key in ENDS else "")
        block = tomlkit.dumps(parsed)
    pieces[at] = pieces[at]._replace(text=block.rstrip() + "\n")
    return _checked(pieces)


def _is_table(table: Any) -> bool:
    """Whether it has a head of its own: what is written in dotted keys or between braces keeps no comments."""
    return isinstance(table, Table) and table.display_name is not None


def _put(table: Table, key: str, value: Any, instead: str) -> None:
    """Set a key, in the place of another where there is one, or take it away; comments stay.

    The table can be written afterwards, and no more: its lines are changed behind its back.
    """
    lines = table.value.body
    names = [name.key.strip() if name is not None else None for name, _ in lines]
    if value is None:
        if key in names:
            at = names.index(key)
            comment = lines[at][1].trivia.comment
            table.value.remove(key)
            if comment:
                lines[at] = (None, tomlkit.comment(comment.removeprefix("#").strip()))
    elif key in names and isinstance(value, list):  # its comments may stand between its edges
        for at, edge in enumerate(value):
            table[key][at] = edge
    elif key in names:
        table[key] = value
    elif instead in names:
        at = names.index(instead)
        item, old = tomlkit.item(value), lines[at][1].trivia
        item.trivia.indent, item.trivia.comment_ws = old.indent, old.comment_ws
        item.trivia.comment, item.trivia.trail = old.comment, old.trail
        lines[at] = (tomlkit.key(key), item)
    else:
        order = Step.__struct_fields__
        before = [i for i, name in enumerate(names) if name in order and order.index(name) < order.index(key)]
        at = before[-1] + 1 if before else 0
        item = tomlkit.item(value)
        item.trivia.indent = lines[at - 1][1].trivia.indent if before else ""
        item.trivia.trail = "\n"
        lines.insert(at, (tomlkit.key(key), item))
