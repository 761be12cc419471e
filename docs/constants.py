"""Brings the constants of a page up to date: its table, and the values its sentences name.

Usage: python docs/constants.py PAGE.md

The table stands between the two marks. It is made of what the modules say themselves: docstrings of constants, and
of the attributes of parameter classes. In a sentence, the number after a constant's name, as in `lock_s` (0.6 s), is
set to the constant's value; a name of several modules needs its module before it, as in `tempo.longest_s`.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

MODULES = (
    "sensors.grid",
    *(
        f"tracker.motion.{name}"
        for name in (
            "history",
            "activity",
            "movement",
            "tempo",
            "recognition",
            "cycle",
            "ellipse",
            "lever",
            "kind",
            "size",
            "regularity",
            "count",
            "periodic",
            "bout",
            "single",
            "engine",
        )
    ),
)
"""In the order of a sample's way."""
BEGIN, END = "<!-- constants, written by docs/constants.py -->", "<!-- end of constants -->"
SUFFIXES = {
    "m_per_s": "m/s",
    "mps2": "m/s²",
    "radps": "rad/s",
    "rad": "rad",
    "hz": "Hz",
    "s": "s",
    "m": "m",
    "cycles": "cycles",
    "looks": "looks",
    "points": "points",
}
UNITS = {
    "history.HOP": "points",
    "activity.slow": "looks, m/s²",
    "activity.slower": "looks, m/s²",
    "tempo.points": "points",
    "tempo.cycles": "cycles",
    "recognition.lock": "1, cycles, s",
    "cycle.POINTS": "points",
    "regularity.KEPT": "half windows",
    "regularity.FEWEST": "observations",
    "bout.most": "cycles",
}
"""Of those whose name does not say it; 1 is a plain number or a share."""


@dataclass(frozen=True)
class Constant:
    """What the table says of one constant, or of some that are told together.

    Attributes
    ----------
    module : str
        The last part of its name.
    names : list of str
    values : list
        As many.
    reason : str
    """

    module: str
    names: list[str]
    values: list[object]
    reason: str

    @property
    def unit(self) -> str:
        """Of all of them, told once where it is the same."""
        units = [self._unit(name) for name in self.names]
        return units[0] if len(set(units)) == 1 else ", ".join(units)

    def _unit(self, name: str) -> str:
        told = UNITS.get(f"{self.module}.{name}")
        ends = (unit for suffix, unit in SUFFIXES.items() if f"_{name.lower()}".endswith(f"_{suffix}"))
        return told or next(ends, "1")


def constants(module: ModuleType) -> Iterator[Constant]:
    """Give the constants of a module, as far as something is said of them."""
    name = module.__name__.rpartition(".")[2]
    body = ast.parse(inspect.getsource(module)).body
    names: list[str] = []
    for node in body:
        if isinstance(node, ast.Assign):
            # What stands under some constants is said of all of them.
            targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
            names += [target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper()]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and names:
            values = [getattr(module, one) for one in names]
            if all(isinstance(value, int | float) for value in values):
                yield Constant(name, names, values, _one_line(str(node.value.value)))
            names = []
        elif isinstance(node, ast.ClassDef) and node.name.endswith("Params"):
            yield from _of_class(name, getattr(module, node.name))
        else:
            names = []


def _of_class(module: str, params: type) -> Iterator[Constant]:
    """Give what the docstring of a class of parameters says of its attributes."""
    values = {field.name: field.default for field in dataclasses.fields(params)}
    told = inspect.getdoc(params) or ""
    _, _, attributes = told.partition("Attributes\n----------\n")
    for head, text in re.findall(r"^(\S.*) : .*\n((?:[ ]+.*\n?)+)", attributes, re.MULTILINE):
        names = head.split(", ")
        yield Constant(module, names, [values.pop(name) for name in names], _one_line(text))
    untold = [name for name, value in values.items() if not dataclasses.is_dataclass(value)]
    if untold:
        raise ValueError(f"{params.__name__}: nothing is said of {', '.join(untold)}")


def table(found: list[Constant]) -> str:
    """Give the table as Markdown."""
    lines = ["| stage | constant | value | unit | reason |", "| --- | --- | --- | --- | --- |"]
    before = None
    open_ended = False
    for one in found:
        stage = "" if one.module == before else f"**{one.module}**"
        names = ", ".join(f"`{name}`" for name in one.names)
        values = _shown(one.values[0]) if len(one.values) == 1 else _shown(tuple(one.values))
        # A sentence may go on in the next row.
        ends = one.reason.endswith((".", ".)"))
        reason = ("… " if open_ended else "") + one.reason + ("" if ends else " …")
        lines.append(f"| {stage} | {names} | {values} | {one.unit} | {reason.replace('|', chr(92) + '|')} |")
        before, open_ended = one.module, not ends
    return "\n".join(lines)


def refreshed(page: str, found: list[Constant]) -> str:
    """Give the page with table and values as they are now."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    values: defaultdict[str, list[object]] = defaultdict(list)
    for one in found:
        for name, value in zip(one.names, one.values, strict=True):
            values[name].append(value)
            values[f"{one.module}.{name}"].append(value)

    def renewed(match: re.Match[str]) -> str:
        if len(values[match[1]]) != 1:
            raise ValueError(f"{match[1]}: {'several modules have it' if values[match[1]] else 'no constant'}")
        return f"`{match[1]}` ({_shown(values[match[1]][0])}"

    named = re.compile(r"`([\w.]+)` \(\d[\d.]*")
    return f"{named.sub(renewed, head)}{BEGIN}\n\n{table(found)}\n\n{END}{named.sub(renewed, tail)}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_grouped, value))
    if isinstance(value, float) and value and abs(value - round(value, 3)) > 1e-9:
        return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:g}"


def _grouped(value: object) -> str:
    return f"({_shown(value)})" if isinstance(value, tuple) else _shown(value)


def main(page: Path) -> None:
    """Bring a page up to date."""
    found = [one for name in MODULES for one in constants(importlib.import_module(name))]
    page.write_text(refreshed(page.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
