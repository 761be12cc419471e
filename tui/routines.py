"""The `palmpace routines` commands: what there is, what a file has wrong, and a file to begin with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec
import tomlkit
from cyclopts import Parameter

from sensors.toml import KeyPath, line_of, mistakes, printable
from tracker.body import places
from tracker.coach import WAYS
from tracker.events import Band
from tracker.motion.state import Kind
from tracker.routine import FREE, Often, Routine, RoutineError, Step, parse_routine, shipped_names
from tracker.safety import Safety
from tui import words
from tui.library import RESERVED, Library
from tui.routine_schema import FILE as SCHEMA_FILE
from tui.routine_schema import schema_text

DONE, FAILED = 0, 1

SLOWEST_CPM, FASTEST_CPM = 1.2, 300.0
"""Beyond these no tempo is told from an accelerometer of 50 Hz."""
NARROW = 1.2
"""A free hand scatters by a tenth or so from cycle to cycle: it cannot keep a band narrower than this."""

TEMPLATE = """\
#:schema ./{schema}
# A routine of your own. 'palmpace routines check {file}' tells what is wrong with it,
# 'palmpace live --routine {name}' coaches it. Lines that begin with # say nothing: take the # away to use them.

format = 1
name = "{name}"                # as the file is called
title = "{title}"
summary = "What it is, in one sentence."
# style = "swedish"            # what the targets below are of; other styles stand at the steps
# things = ["a pillow", "two tennis balls"]
# after = ["a walk"]

# [often]
# times_a_day = 1              # or times_a_week
# weeks = 2
# source = "who says so"
# evidence = 3                 # 1 a trial or measurement, 2 a textbook or review, 3 tradition

[[step]]
name = "Slow strokes"
technique = "slow-stroking"    # knot-circles and trigger-press press one spot, and are limited there
motion = "stroke"              # stroke, circle, lift or still; any counts where this is left out
area = "lower back"            # words of the body map: 'left shoulder', 'back of the neck', 'feet'
# side = "alternate"           # the hand that works: left, right, both; or one after the other,
# switch_s = 20                # after so many seconds
band_cpm = [10, 20]            # cycles a minute, there and back; or the speed of the hand:
# speed_cm_s = [1, 10]
# length_cm = 20
# size_cm = [10, 30]           # from end to end
seconds = 120                  # or cycles = 40, or for stillness held_s = 60, or until_release_s = 90
say = "What the hands do, and how it stays safe."
source = "what I like"         # every pace says who says so
evidence = 3

# [step.styles.deep]           # other targets of the same step: palmpace live --style deep
# band_cpm = [20, 30]
# source = "what I like when I am tense"
# evidence = 3
"""

app = cyclopts.App(name="routines", help="List the routines, show one, or write one.", help_format="plaintext")


@app.default
def show(name: str | None = None, /, *, json: bool = False) -> int:
    """List the routines, or show one.

    Parameters
    ----------
    name
        Show this one, step by step, with its targets and their sources.
    json
        Print it as JSON lines.
    """
    library = Library()
    if name is None:
        return _list(library, json=json)
    if name not in library.names():
        raise RoutineError(f"no routine is called {name!r}; 'palmpace routines' lists them")
    routine = library.routine(name)
    if json:
        steps = [msgspec.to_builtins(step) | {"band": step.band} for step in routine.step]
        own = library.path(name)
        _as_json(msgspec.to_builtins(routine) | {"step": steps, "own": str(own) if own else None})
    else:
        print("\n".join(shown(routine)))
    return DONE


@app.command(name="list")
def list_(*, json: bool = False) -> int:
    """List the routines.

    Parameters
    ----------
    json
        Print one JSON line per routine.
    """
    return _list(Library(), json=json)


@app.command
def check(file: Path, /, *files: Path) -> int:
    """Say what is wrong with routine files, by line and key.

    Parameters
    ----------
    file
        A TOML file; the exit code is 1 where it cannot be used.
    files
        More of them.
    """
    failed = False
    for each in (file, *files):
        wrong, doubtful = checked(each)
        failed |= bool(wrong)
        for line in (*wrong, *doubtful):
            print(printable(line))
    return FAILED if failed else DONE


@app.command
def new(name: str, /, *, like: Annotated[str | None, Parameter(name="--from")] = None) -> int:
    """Write a routine of one's own to begin with, and print where it is.

    Parameters
    ----------
    name
        What to call it.
    like
        Begin with a copy of this routine instead of the template.
    """
    library = Library()
    path = library.own_path(name)
    if path.exists():
        raise RoutineError(f"{path}: there already; 'palmpace routines edit {name}' changes it")
    print(library.save(name, _copy(library, like, name) if like else _template(name)))
    with suppress(OSError):  # an editor does without it
        (library.folder / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
    return DONE


@app.command
def schema() -> int:
    """Print the JSON Schema of routine files, for an editor that completes keys and marks mistakes."""
    print(schema_text(), end="")
    return DONE


def checked(file: Path) -> tuple[list[str], list[str]]:
    """Give what is wrong with a routine's file and what is doubtful, or that all is well; a line each."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}"], []
    if wrong := mistakes(text, Routine):
        return [f"{file}: {each}" for each in wrong], []
    routine = parse_routine(text, str(file))
    told = []
    for path, doubt in [*_about_name(routine, file), *doubts(routine)]:
        line = line_of(text, path) or line_of(text, path[:2])
        where = ", ".join([*([f"line {line}"] if line else []), *([f"step {int(path[1]) + 1}"] if path[1:] else [])])
        told.append(f"{file}: {where}, {path[-1]}: warning: {doubt}" if path else f"{file}: warning: {doubt}")
    return [], told or [f"{file}: good: {words.extent(routine)}"]


def doubts(routine: Routine) -> Iterator[tuple[KeyPath, str]]:
    """Tell what can be used but is hardly meant so, each with the place of its key."""
    for index, step in enumerate(routine.step):
        for key, doubt in (*_about_place(step), *_about_pace(step), *_about_time(step)):
            yield ("step", index, key), doubt
        for style in step.styles:
            for key, doubt in (*_about_pace(step.styled(style)), *_about_time(step.styled(style))):
                yield ("step", index, "styles", style, key), doubt


def shown(routine: Routine) -> Iterator[str]:
    """Show a routine, a line at a time."""
    yield f"{routine.title}: {words.extent(routine)}"
    yield from filter(None, [routine.summary])
    if routine == FREE:
        return
    if routine.styles:
        yield f"styles: {', '.join(routine.styles)}"
    if routine.things:
        yield f"have at hand: {', '.join(routine.things)}"
    for number, step in enumerate(routine.step, 1):
        yield f"  {number}. {step.name} ({step.technique}): {', '.join(_asked(step))}"
        yield from _told(step)
        for name in step.styles:
            yield f"     {name}: {', '.join(_asked(step.styled(name)))}"
            yield from _told(step.styled(name))
    if routine.often is not None:
        yield f"how often: {words.often(routine.often)}"
        yield from _who_says(routine.often)
    if routine.after:
        yield f"afterwards: {', '.join(routine.after)}"


def _list(library: Library, *, json: bool) -> int:
    routines, complaints = library.all()
    for routine in routines:
        own = library.path(routine.name)
        if json:
            told = {"name": routine.name, "title": routine.title, "summary": routine.summary, "styles": routine.styles}
            seconds = None if routine.name == FREE.name else sum(step.lasts_s or 0.0 for step in routine.step)
            _as_json(told | {"steps": len(routine.step), "seconds": seconds, "own": str(own) if own else None})
        else:
            mine = f" (your own: {own})" if own else ""
            print(f"{routine.name:22s} {routine.title}{mine}")
    for complaint in complaints:
        print(f"palmpace: {complaint}", file=sys.stderr)
    return DONE


def _as_json(told: object) -> None:
    print(msgspec.json.encode(told).decode())


def _asked(step: Step) -> Iterator[str]:
    """Tell what a step asks for, in a few words each."""
    yield WAYS[step.direction] + " circle" if step.direction else str(step.motion or "any motion")
    if step.band is not None:
        yield f"{_from_to(step.band)} cpm"
    elif step.own_tempo or step.calibrates:
        yield "your own tempo" if step.own_tempo else "measures your own tempo"
    elif step.motion is not Kind.STILL:
        yield "no pace"
    if step.speed_cm_s is not None:
        yield f"{_from_to(step.speed_cm_s)} cm/s over {step.length_cm:g} cm"
    if step.size_cm is not None:
        yield f"{_from_to(step.size_cm)} cm"
    yield words.end(step) + (" until it lets go" if step.until_release_s else " held" if step.held_s else "")
    if step.side == "alternate":
        yield f"the hands take turns every {step.switch_s:g} s"
    elif step.side != "both":
        yield f"{step.side} hand"
    yield from filter(None, [step.area])


def _from_to(limits: Band) -> str:
    return f"{limits[0]:g}-{limits[1]:g}"


def _told(step: Step) -> Iterator[str]:
    if step.say:
        yield f"     {step.say}"
    yield from _who_says(step)


def _who_says(said: Step | Often) -> Iterator[str]:
    if said.source and said.evidence is not None:
        yield f"     source: {said.source} (evidence {words.evidence(said.evidence)})"


def _about_name(routine: Routine, file: Path) -> Iterator[tuple[KeyPath, str]]:
    if routine.name in RESERVED:
        yield ("name",), f"{routine.name!r} means something else: it cannot be chosen by it"
    elif file.stem != routine.name:
        yield ("name",), f"it is found in your routines only as {routine.name}.toml"
    elif routine.name in shipped_names():
        yield ("name",), f"it stands in place of the {routine.name} that comes with Palmpace"


def _about_place(step: Step) -> Iterator[tuple[str, str]]:
    if not step.say:
        yield "say", "nothing is said when it begins"
    if step.area and not places(step.area):
        yield "area", f"{step.area!r} is not on the body map: it is not drawn, and no limit at one spot holds"
    elif step.area and step.side in ("left", "right") and step.side not in {side for _, side in places(step.area)}:
        yield "side", f"the {step.side} hand is taken to work at the {step.side}; leave the side out to reach across"


def _about_pace(step: Step) -> Iterator[tuple[str, str]]:
    if step.band is None:
        return
    key = "band_cpm" if step.band_cpm is not None else "speed_cm_s"
    low, high = step.band
    if low < SLOWEST_CPM or high > FASTEST_CPM:
        told = (
            f"{_from_to((low, high))} cpm goes beyond the {SLOWEST_CPM:g}-{FASTEST_CPM:g} that a wrist's motion tells"
        )
        yield key, told
    elif high < low * NARROW:
        yield key, f"{_from_to((low, high))} is narrower than a hand scatters by itself"
    if step.motion is None:
        yield "motion", "any motion is held against the pace: say which one is meant"


def _about_time(step: Step) -> Iterator[tuple[str, str]]:
    limit_s = Safety().limit_s(step)
    if step.area and (step.lasts_s or 0.0) > limit_s:
        yield (
            next(key for key in ("seconds", "held_s", "until_release_s") if getattr(step, key)),
            (f"a session warns after {limit_s / 60:g} minutes at one place"),
        )


def _template(name: str) -> str:
    title = name.replace("-", " ").capitalize()
    return TEMPLATE.format(schema=SCHEMA_FILE, file=f"{name}.toml", name=name, title=title)


def _copy(library: Library, of: str, name: str) -> str:
    library.routine(of)
    document = tomlkit.parse(library.text(of))
    document["name"] = name
    text = tomlkit.dumps(document)
    return text if text.startswith("#:schema") else f"#:schema ./{SCHEMA_FILE}\n{text}"
