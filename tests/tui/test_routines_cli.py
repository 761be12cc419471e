"""`palmpace routines`: what there is, what a file has wrong, a file to begin with, and its schema."""

from __future__ import annotations

import json
import runpy
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tui.app
from tracker.routine import FREE, Routine, RoutineError, load_shipped, parse_routine, shipped_names, shipped_text
from tui.cli import run
from tui.library import Library
from tui.routine_schema import KEYS, schema, schema_text
from tui.routines import TEMPLATE, doubts

DOCS = Path(__file__).parents[2] / "docs"


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def routines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """The command, in this process."""
    before = signal.getsignal(signal.SIGTERM)

    def command(*words: object) -> Said:
        code = run(["routines", *map(str, words)])
        return Said(code, *capsys.readouterr())

    yield command
    signal.signal(signal.SIGTERM, before)


def test_they_are_listed_with_one_s_own_and_what_is_wrong_with_some(routines: Any) -> None:
    assert Library().names() == [line.split()[0] for line in routines().out.splitlines()]
    path = Library().save("mine", shipped_text("sore-back").replace('"sore-back"', '"mine"'))
    (path.parent / "bad.toml").write_text("format =")
    listed = routines("list")
    assert listed.code == 0
    assert f"mine                   Back massage for a sore back (your own: {path})" in listed.out.splitlines()
    assert listed.err.startswith(f"palmpace: {path.parent}/bad.toml: line 1: not TOML: ")
    told = [json.loads(line) for line in routines("--json").out.splitlines()]
    assert [each["name"] for each in told] == [*shipped_names(), "mine", "free"]
    assert told[-2] == {
        "name": "mine",
        "title": "Back massage for a sore back",
        "summary": told[2]["summary"],
        "styles": ["swedish"],
        "steps": 5,
        "seconds": 500.0,
        "own": str(path),
    }
    assert (told[0]["own"], told[-1]["seconds"]) == (None, None)


def test_one_is_shown_with_all_that_it_asks_for(routines: Any) -> None:
    told = routines("trigger-press").out
    for part in (
        "Trigger points, pressed: 3 steps, 5:00 min",
        "styles: trials, tradition",
        "have at hand: a tennis ball or a roller",
        "  1. Right side, press and hold (trigger-press): still, ≤ 1:30 until it lets go, trapezius, right\n",
        "     source: 30 to 90 s of pressure: PMC6358529 (evidence 1, trial or measurement)\n",
        "     tradition: still, ≤ 5:00 until it lets go, trapezius, right\n",
        "five or six times a day (evidence 3, tradition)\n",
        "  3. Smooth it over (slow-stroking): stroke, 1.5-15 cpm, 1-10 cm/s over 20 cm, 2:00, trapezius\n",
        "how often: 5 times a day, for 2 weeks\n",
        "afterwards: a walk",
    ):
        assert part in told
    assert "clockwise circle, 20-40 cpm, 10-40 cm, 1:15, lower back" in routines("palm-circling").out
    assert "lift, 30-60 cpm, 3:00, the hands take turns every 20 s, lower back" in routines("muscle-lifting").out
    assert "2:00, right hand, lower back, right" in routines("slow-strokes").out
    assert "stroke, measures your own tempo, 1:00" in routines("own-tempo").out
    assert "still, 1:00 held" in routines("twenty-minutes").out
    assert routines("free").out.startswith("Free session: as long as you like\n")


def test_one_is_told_as_json(routines: Any) -> None:
    told = json.loads(routines("slow-strokes", "--json").out)
    assert (told["name"], told["own"], told["step"][0]["band"]) == ("slow-strokes", None, [1.5, 15.0])
    assert told["step"][0]["speed_cm_s"] == [1.0, 10.0]


def test_an_unknown_one_is_told(routines: Any) -> None:
    said = routines("nap")
    assert (said.code, said.out) == (1, "")
    assert said.err == "palmpace: no routine is called 'nap'; 'palmpace routines' lists them\n"


# --- check ---

DOUBTFUL = """\
format = 1
name = "doubtful"
title = "Doubtful"

[[step]]
name = "Where"
technique = "knot-circles"
area = "a sunny place"
band_cpm = [20, 40]
seconds = 400
say = "Somewhere."
source = "me"
evidence = 3

[[step]]
name = "Whose"
technique = "stroking"
motion = "stroke"
area = "left shoulder"
side = "right"
speed_cm_s = [1, 400]
length_cm = 20
seconds = 60
source = "me"
evidence = 3

[step.styles.exact]
band_cpm = [30, 31]
"""


def test_each_mistake_is_told_with_file_line_and_key(routines: Any, tmp_path: Path) -> None:
    good, bad, none = tmp_path / "knot-circles.toml", tmp_path / "bad.toml", tmp_path / "none.toml"
    text = shipped_text("knot-circles")
    good.write_text(text)
    lines = (
        text.replace("title =", "titel =").replace("[90, 140]", "[140, 90]", 1).replace("evidence = 2", "evidence = 9")
    )
    bad.write_text(lines)
    said = routines("check", good, bad, none)
    assert said.code == 1
    assert said.out.splitlines() == [
        f"{good}: line 2, name: warning: it stands in place of the knot-circles that comes with Palmpace",
        f"{bad}: line 3: unknown key `titel`",
        f"{bad}: line 53, step 3, evidence: Invalid enum value 9, give one of 1, 2, 3",
        f"{none}: cannot be read: No such file or directory",
    ]
    bad.write_text(text.replace("[90, 140]", "[140, 90]", 1))
    (line,) = routines("check", bad).out.splitlines()
    assert line.startswith(f"{bad}: line 21, step 1, styles, deep: band_cpm must be [lower, upper] with 0 <= lower")


def test_what_can_be_used_but_is_hardly_meant_is_warned_of(routines: Any, tmp_path: Path) -> None:
    file = tmp_path / "doubtful.toml"
    file.write_text(DOUBTFUL)
    said = routines("check", file)
    assert said.code == 0
    assert [line.removeprefix(f"{file}: ").partition(": warning: ")[::2] for line in said.out.splitlines()] == [
        (
            "line 8, step 1, area",
            "'a sunny place' is not on the body map: it is not drawn, and no limit at one spot holds",
        ),
        ("line 5, step 1, motion", "any motion is held against the pace: say which one is meant"),
        ("line 10, step 1, seconds", "a session warns after 5 minutes at one place"),
        ("line 15, step 2, say", "nothing is said when it begins"),
        ("line 20, step 2, side", "the right hand is taken to work at the right; leave the side out to reach across"),
        ("line 21, step 2, speed_cm_s", "1.5-600 cpm goes beyond the 1.2-300 that a wrist's motion tells"),
        ("line 28, step 2, band_cpm", "30-31 is narrower than a hand scatters by itself"),
    ]
    other = tmp_path / "other.toml"
    other.write_text(DOUBTFUL.replace('name = "doubtful"', 'name = "new"'))
    assert "line 2, name: warning: 'new' means something else" in routines("check", other).out
    other.write_text(DOUBTFUL)
    assert "line 2, name: warning: it is found in your routines only as doubtful.toml" in routines("check", other).out


def test_a_file_without_a_fault_is_good(routines: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(shipped_text("sore-back").replace('"sore-back"', '"mine"'))
    assert routines("check", file) == (0, f"{file}: good: 5 steps, 8:20 min\n", "")
    assert routines("check").code == 2


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_is_doubtful_in_the_shipped_ones(name: str) -> None:
    assert list(doubts(load_shipped(name))) == []


# --- new, edit ---


def test_a_new_one_begins_from_the_template_or_from_another(routines: Any, config_folder: Path) -> None:
    said = routines("new", "my-back")
    path = config_folder / "routines" / "my-back.toml"
    assert said == (0, f"{path}\n", "")
    assert path.read_text().startswith("#:schema ./routine.schema.json\n# ")
    assert routines("check", path).out == f"{path}: good: 1 step, 2:00 min\n"
    assert (path.parent / "routine.schema.json").read_text() == schema_text()

    kept = path.read_text()
    again = routines("new", "my-back", "--from", "sore-back")
    assert (again.code, again.err) == (
        1,
        f"palmpace: {path}: there already; 'palmpace routines edit my-back' changes it\n",
    )
    assert path.read_text() == kept

    assert routines("new", "press", "--from", "trigger-press").code == 0
    copied = Library().text("press")
    assert copied == "#:schema ./routine.schema.json\n" + shipped_text("trigger-press").replace(
        '"trigger-press"', '"press"', 1
    )
    assert routines("new", "again", "--from", "my-back").code == 0
    assert Library().text("again").count("#:schema") == 1
    for words in (("check",), ("Big",), ("../x",), ("x", "--from", "nap")):
        assert routines("new", *words).code == 1
    assert Library().all()[1] == []


def test_every_line_of_the_template_can_be_used() -> None:
    """What is commented out is right too, once it takes the place of what it is an alternative to."""
    text = TEMPLATE.format(schema="s", file="f", name="mine", title="Mine")
    head, rest = text.split("format = 1", 1)
    assert all(line.startswith("#") or not line for line in head.splitlines())
    lines = [line.removeprefix("# ") for line in rest.splitlines()]
    used = [line for line in lines if not line.startswith(("band_cpm = [10, 20]", "times_a_week"))]
    routine = parse_routine("format = 1" + "\n".join(used), "template")
    assert routine.step[0].side == "alternate"
    assert routine.styled("deep").step[0].band == (20, 30)
    assert parse_routine(text, "template").step[0].band == (10, 20)


def test_the_dashboard_opens_where_a_routine_is_changed(routines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    class Opened:
        return_code = 0

        def __init__(self, launcher: object, **how: Any) -> None:
            opened.append(how)

        def run(self) -> None:
            pass

    monkeypatch.setattr(tui.app, "PalmpaceApp", Opened)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert routines("edit", "sore-back", "--fps", "4").code == 0
    assert (opened[0]["edit"], opened[0]["start"], opened[0]["settings"].fps) == ("sore-back", None, 4)
    assert routines("edit", "nap").code == 1
    assert len(opened) == 1


# --- the schema ---


def test_the_schema_in_the_documentation_is_the_one_of_this_version(routines: Any) -> None:
    assert routines("schema") == (0, schema_text(), "")
    assert (DOCS / "routine.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_tables_of_the_page_are_those_of_this_version() -> None:
    """`python docs/shipped.py docs/routines.md` brings them up to date."""
    text = (DOCS / "routines.md").read_text(encoding="utf-8")
    assert runpy.run_path(str(DOCS / "shipped.py"))["page"](text) == text
    for name in shipped_names():
        assert f"| `{name}` | " in text


def test_every_key_is_described_and_no_other() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    tables = schema()["$defs"]
    for name, keys in KEYS.items():
        assert list(tables[name]["properties"]) == list(keys)
        assert all(each["description"] for each in tables[name]["properties"].values())


def refused(content: dict[str, Any]) -> bool:
    return not jsonschema.Draft202012Validator(schema()).is_valid(content)


def test_the_schema_takes_every_shipped_routine() -> None:
    assert [name for name in shipped_names() if refused(tomllib.loads(shipped_text(name)))] == []
    assert not refused(tomllib.loads(Library().text("free")))


STEP = tomllib.loads(shipped_text("slow-strokes"))["step"][0]
changes = st.dictionaries(
    st.sampled_from(FREE.step[0].__struct_fields__),
    st.none()
    | st.sampled_from([0, 5, 90, 400, -1, 1.5, "", "still", "circle", "cw", "alternate", "left", True])
    | st.lists(st.integers(-1, 50), min_size=1, max_size=3)
    | st.just({"deep": {"seconds": 3}}),
    max_size=3,
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(changes)
def test_what_the_schema_refuses_is_refused(change: dict[str, Any]) -> None:
    step = {key: value for key, value in (STEP | change).items() if value is not None}
    content = {"format": 1, "name": "a", "title": "b", "step": [step]}
    if refused(content):
        with pytest.raises((msgspec.ValidationError, RoutineError)):
            msgspec.convert(content, Routine)
