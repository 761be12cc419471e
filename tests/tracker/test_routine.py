from __future__ import annotations

import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.routine import (
    FREE,
    Routine,
    RoutineError,
    load_shipped,
    parse_routine,
    routine_text,
    shipped_names,
    shipped_text,
)

GOOD = """
format = 1
name = "two"
title = "Two steps"

[[step]]
name = "Warm up"
technique = "warm-up"
seconds = 20

[[step]]
name = "Slow strokes"
technique = "slow-stroking"
motion = "stroke"
band_cpm = [15, 50]
seconds = 120
source = "a textbook"
evidence = 2
"""


def complaint(text: str) -> str:
    with pytest.raises(RoutineError) as caught:
        parse_routine(text, "mine.toml")
    return str(caught.value)


def test_a_routine_is_read_as_written() -> None:
    routine = parse_routine(GOOD, "mine.toml")
    assert (routine.name, [step.name for step in routine.step]) == ("two", ["Warm up", "Slow strokes"])
    assert [step.band for step in routine.step] == [None, (15.0, 50.0)]


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_routines_load_and_say_who_says_so(name: str) -> None:
    routine = load_shipped(name)
    assert routine.name == name
    for step in routine.step:
        if step.band is not None:
            assert len(step.source) >= len("tradition")
            assert step.evidence in (1, 2, 3)
            assert step.band[0] > 0
            assert step.say


def test_three_routines_are_shipped() -> None:
    assert {"slow-strokes", "palm-circling", "sore-back"} <= set(shipped_names())


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    for ask in (load_shipped, shipped_text):
        with pytest.raises(RoutineError) as caught:
            ask("../pyproject")
        assert "../pyproject" in str(caught.value)
        assert "slow-strokes" in str(caught.value)


@pytest.mark.parametrize(
    ("speed_cm_s", "length_cm", "band_cpm"),
    [
        ([3, 3.5], 20, (4.5, 5.25)),  # three centimetres a second over twenty, there and back: 13.3 s
        ([1, 10], 20, (1.5, 15)),
        ([1, 10], 10, (3, 30)),
    ],
)
def test_a_band_follows_from_speed_and_length(
    speed_cm_s: list[float], length_cm: float, band_cpm: tuple[float, float]
) -> None:
    text = GOOD.replace("band_cpm = [15, 50]", f"speed_cm_s = {speed_cm_s}\nlength_cm = {length_cm}")
    band = parse_routine(text, "mine.toml").step[1].band
    assert band == pytest.approx(band_cpm)


def test_a_free_session_judges_nothing() -> None:
    assert [step.band for step in FREE.step] == [None]
    assert FREE.step[0].motion is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("seconds = 120", ""), ["step 2", "seconds, cycles"]),
        (("seconds = 120", "seconds = 120\ncycles = 9"), ["step 2", "seconds, cycles"]),
        (("seconds = 120", "seconds = 0"), ["step 2", "seconds", "more than 0"]),
        (("seconds = 120", "seconds = -5"), ["step 2", "seconds", "more than 0"]),
        (("seconds = 120", 'seconds = "long"'), ["step 2", "seconds"]),
        (("seconds = 20", "second = 20"), ["step 1", "second"]),
        (('motion = "stroke"', 'motion = "rub"'), ["step 2", "motion", "rub"]),
        (("[15, 50]", "[50, 15]"), ["step 2", "band_cpm", "lower < upper"]),
        (("[15, 50]", "[15, 15]"), ["step 2", "band_cpm"]),
        (("[15, 50]", "[-1, 15]"), ["step 2", "band_cpm"]),
        (("[15, 50]", "[15]"), ["step 2", "band_cpm"]),
        (("[15, 50]", "[nan, 50]"), ["step 2", "band_cpm"]),
        (("[15, 50]", "[15, 50]\nspeed_cm_s = [1, 2]\nlength_cm = 9"), ["step 2", "band_cpm", "speed_cm_s"]),
        (("[15, 50]", "[15, 50]\nlength_cm = 9"), ["step 2", "speed_cm_s", "length_cm"]),
        (("band_cpm = [15, 50]", "speed_cm_s = [1, 2]\nlength_cm = 0"), ["step 2", "length_cm"]),
        (('source = "a textbook"', ""), ["step 2", "source"]),
        (("evidence = 2", ""), ["step 2", "evidence"]),
        (("evidence = 2", "evidence = 4"), ["step 2", "evidence"]),
        (("seconds = 120", "held_s = 60"), ["step 2", "held_s", "still"]),
        (("seconds = 20", 'motion = "still"\nheld_s = 301'), ["step 1", "held_s", "300"]),
        (("seconds = 20", 'motion = "still"\nuntil_release_s = 900'), ["step 1", "until_release_s", "300"]),
        (("seconds = 20", 'motion = "still"\ncycles = 3'), ["step 1", "cycles", "held_s"]),
        (("seconds = 20", 'seconds = 20\nside = "alternate"'), ["step 1", "switch_s"]),
        (("seconds = 20", 'seconds = 20\nside = "alternate"\nswitch_s = 1'), ["step 1", "switch_s", "at least 5"]),
        (("seconds = 20", "seconds = 20\nswitch_s = 9"), ["step 1", "switch_s", "alternate"]),
        (("seconds = 20", 'seconds = 20\nside = "top"'), ["step 1", "side", "'alternate'"]),
        (("seconds = 20", "seconds = 20\ncalibrates = true"), ["step 1", "calibrates", "motion"]),
        (("band_cpm = [15, 50]", "calibrates = true\nown_tempo = true"), ["step 2", "calibrates"]),
        (("band_cpm = [15, 50]", "own_tempo = true"), ["step 2", "own_tempo", "calibrates stroke"]),
        (("[15, 50]", "[15, 50]\nsize_cm = [9, 3]"), ["step 2", "size_cm", "lower < upper"]),
        (("band_cpm = [15, 50]", "speed_cm_s = [1, 1e300]\nlength_cm = 1e-9"), ["step 2", "speed_cm_s", "length_cm"]),
        (('name = "two"', 'name = "../two"'), ["name"]),
        (("evidence = 2", 'evidence = 2\n[often]\nsource = "s"\nevidence = 3'), ["often", "times_a_day"]),
        (("evidence = 2", "evidence = 2\n[step.styles.deep]\nseconds = 0"), ["seconds", "more than 0"]),
        (('technique = "warm-up"', ""), ["step 1", "technique"]),
        (("format = 1", "format = 2"), ["format 2", "format 1"]),
        (("format = 1", ""), ["format"]),
        (('title = "Two steps"', ""), ["title"]),
        (('title = "Two steps"', 'title = "Two steps"\ncolour = "red"'), ["colour"]),
        (("format = 1", "format ="), ["not TOML", "line 2"]),
    ],
)
def test_every_mistake_is_named_with_file_step_and_key(change: tuple[str, str], words: list[str]) -> None:
    assert change[0] in GOOD
    said = complaint(GOOD.replace(*change))
    assert said.startswith("mine.toml: ")
    assert "\n" not in said
    for word in words:
        assert word in said


def test_a_routine_without_steps_is_none() -> None:
    assert "[[step]]" in complaint('format = 1\nname = "a"\ntitle = "b"\nstep = []')


@pytest.mark.parametrize("key", ["seconds", "cycles"])
def test_a_step_s_end_is_a_number(key: str) -> None:
    assert key in complaint(GOOD.replace("seconds = 120", f"{key} = nan"))


def test_a_key_of_control_characters_stays_on_one_line_and_off_the_terminal() -> None:
    said = complaint(GOOD.replace("format = 1", '"a\\n\\u001b[2J" = 1\nformat = 1'))
    assert len(said.splitlines()) == 1
    assert said.isprintable()


# --- whatever a file holds ---

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.floats(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)
step_keys = [*Routine.__struct_fields__, *(f.name for f in msgspec.structs.fields(type(FREE.step[0])))]


@settings(max_examples=200)
@given(
    where=st.sampled_from(["routine", "first", "second"]),
    key=st.one_of(st.sampled_from(step_keys), st.text(st.characters(exclude_categories=["C", "Z"]), max_size=6)),
    value=values,
    drop=st.booleans(),
)
def test_any_value_under_any_key_is_read_or_refused_in_one_line(where: str, key: str, value: Any, drop: bool) -> None:
    content: dict[str, Any] = tomllib.loads(GOOD)
    part = {"routine": content, "first": content["step"][0], "second": content["step"][1]}[where]
    if drop:
        part.pop(key, None)
    elif value is not None:
        part[key] = value
    read_or_refused(as_toml(content))


@settings(max_examples=200)
@given(at=st.integers(0, len(GOOD)), cut=st.integers(0, 12), put=st.text(st.characters(codec="ascii"), max_size=12))
def test_a_damaged_file_is_read_or_refused_in_one_line(at: int, cut: int, put: str) -> None:
    read_or_refused(GOOD[:at] + put + GOOD[at + cut :])


@settings(max_examples=100)
@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    read_or_refused(text)


def read_or_refused(text: str) -> None:
    try:
        routine = parse_routine(text, "mine.toml")
    except RoutineError as error:
        said = str(error)
        assert said.startswith("mine.toml: ")
        assert len(said.splitlines()) == 1
    else:
        assert all(step.band is None or step.band[0] < step.band[1] for step in routine.step)


def as_toml(content: dict[str, Any]) -> str:
    """Write TOML: simple keys first, tables after."""
    lines = [f"{quoted(key)} = {written(value)}" for key, value in content.items() if key != "step"]
    steps = content.get("step")
    if isinstance(steps, list) and all(isinstance(step, dict) for step in steps):
        for step in steps:
            lines += ["[[step]]", *(f"{quoted(key)} = {written(value)}" for key, value in step.items())]
    elif steps is not None:
        lines.insert(0, f"step = {written(steps)}")
    return "\n".join(lines)


def quoted(text: str) -> str:
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08X}" for c in text) + '"'


def written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {written(item)}" for key, item in value.items()) + "}"
        case _:
            return repr(value)


PRESS = """
format = 1
name = "press"
title = "Press"
style = "gentle"

[[step]]
name = "Press"
technique = "trigger-press"
motion = "still"
until_release_s = 90
source = "a review"
evidence = 1

[step.styles.tradition]
held_s = 180
source = "tradition"
evidence = 3

[[step]]
name = "Circles"
technique = "knot-circles"
motion = "circle"
speed_cm_s = [4, 8]
length_cm = 10
seconds = 60
source = "s"
evidence = 2

[step.styles.deep]
band_cpm = [90, 140]
source = "a trial"
evidence = 1
"""


def test_a_style_changes_targets_and_nothing_else() -> None:
    gentle = parse_routine(PRESS, "press.toml")
    assert gentle.styles == ("gentle", "tradition", "deep")
    assert gentle.styled("gentle") is gentle
    deep = gentle.styled("deep")
    assert deep.style == "deep"
    assert deep.step[0] == gentle.step[0]  # it has no targets of that style
    assert (deep.step[1].band, deep.step[1].length_cm, deep.step[1].evidence) == ((90.0, 140.0), None, 1)
    assert [step.technique for step in deep.step] == [step.technique for step in gentle.step]
    held = gentle.styled("tradition").step[0]
    assert (held.held_s, held.until_release_s, held.hold_s, held.evidence) == (180.0, None, 180.0, 3)


def test_a_style_that_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(RoutineError, match=r"press has no style 'fast'; it has gentle, tradition, deep"):
        parse_routine(PRESS, "press.toml").styled("fast")
    with pytest.raises(RoutineError, match="it has none"):
        parse_routine(GOOD, "two.toml").styled("fast")


@pytest.mark.parametrize("name", shipped_names())
def test_what_is_written_of_a_routine_is_read_as_the_same(name: str) -> None:
    routine = load_shipped(name)
    for each in (routine, *(routine.styled(style) for style in routine.styles)):
        assert parse_routine(routine_text(each), name) == each
