"""Brings the tables of the page about routines up to date: every key, the shipped routines, and their techniques.

Usage: python docs/shipped.py docs/routines.md

Each table stands between its two marks. The keys are told by `tui.routine_schema`, the rest by the routines themselves.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tracker.routine import Routine, Step, load_shipped, shipped_names
from tui import words
from tui.routine_schema import KEYS

TABLES: dict[str, Callable[[], Iterator[str]]] = {}


def _table(make: Callable[[], Iterator[str]]) -> Callable[[], Iterator[str]]:
    TABLES[make.__name__] = make
    return make


@_table
def keys() -> Iterator[str]:
    """List every key of a routine's file, by its table."""
    headings = {"Routine": "at the top", "Often": "[often]", "Step": "[[step]]", "Style": "[step.styles.NAME]"}
    for name, heading in headings.items():
        yield f"| {heading} | |"
        yield "|---|---|"
        for key, meaning in KEYS[name].items():
            yield f"| `{key}` | {meaning} |"
        yield ""


@_table
def routines() -> Iterator[str]:
    """List the routines, with how long they take."""
    yield "| name | what | steps and time | styles | how often |"
    yield "|---|---|---|---|---|"
    for routine in map(load_shipped, shipped_names()):
        how_often = ""
        if routine.often is not None:
            how_often = f"{words.often(routine.often)} (evidence {routine.often.evidence}: {routine.often.source})"
        row = (f"`{routine.name}`", routine.summary, words.extent(routine), ", ".join(routine.styles), how_often)
        yield f"| {' | '.join(row)} |"


@_table
def techniques() -> Iterator[str]:
    """List every technique that has a target, and in which style, with who says so."""
    yield "| technique | motion | target | time of a step | evidence | who says so | in |"
    yield "|---|---|---|---|---|---|---|"
    found: dict[tuple[str, ...], list[tuple[Step, Routine]]] = {}
    for routine in map(load_shipped, shipped_names()):
        for style in routine.styles or ("",):
            for own, step in zip(routine.step, routine.styled(style).step, strict=True):
                if step.evidence is None or (style != routine.style and style not in own.styles):
                    continue  # it is the same in the routine's own style
                named = f"{step.technique}, {style}" if own.styles else step.technique
                row = (named, str(step.motion), _target(step), str(step.evidence), step.source)
                found.setdefault(row, []).append((step, routine))
    for (named, motion, target, evidence, source), where in found.items():
        seconds = sorted({step.lasts_s or 0.0 for step, _ in where})
        lasts = "-".join(f"{each:g}" for each in sorted({seconds[0], seconds[-1]})) + " s"
        if where[0][0].until_release_s:
            lasts = f"until it lets go, at most {lasts}"
        names = ", ".join(dict.fromkeys(f"`{routine.name}`" for _, routine in where))
        yield f"| {named} | {motion} | {target} | {lasts} | {evidence} | {source} | {names} |"


def _target(step: Step) -> str:
    if step.speed_cm_s is not None:
        target = "{:g} to {:g} cm/s".format(*step.speed_cm_s)
    elif step.own_tempo:
        target = "your own tempo"
    else:
        target = "{:g} to {:g} cpm".format(*step.band) if step.band else "still"
    size = ", {:g} to {:g} cm".format(*step.size_cm) if step.size_cm else ""
    hands = f", the hands take turns every {step.switch_s:g} s" if step.switch_s else ""
    return target + size + hands


def page(text: str) -> str:
    """Put every table of a page in its place anew."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}, written by docs/shipped.py -->", f"<!-- end of {name} -->"
        table = "\n".join(make()).strip()
        text = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{table}\n{end}", text, count=1, flags=re.DOTALL)  # noqa: B023
    return text


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
