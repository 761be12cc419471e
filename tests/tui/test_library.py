"""Routines by name: the shipped ones, and a person's own beside or before them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.toml import line_of
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
from tui.choices import LaunchError
from tui.launch import Launch, routine_named
from tui.library import RESERVED, Library, start_text

MINE = shipped_text("slow-strokes").replace('name = "slow-strokes"', 'name = "mine"')


@pytest.fixture
def folder(config_folder: Path) -> Path:
    folder = config_folder / "routines"
    folder.mkdir(parents=True)
    return folder


def test_without_a_folder_there_are_the_shipped_ones_and_the_free_session() -> None:
    library = Library()
    assert library.names() == [*shipped_names(), "free"]
    routines, complaints = library.all()
    assert [routine.name for routine in routines] == library.names()
    assert complaints == []
    assert library.routine("free") is FREE
    assert parse_routine(library.text("free"), "free") == FREE
    assert library.text("sore-back") == shipped_text("sore-back")
    assert library.path("sore-back") is None


def test_one_s_own_come_after_the_shipped_and_before_the_free_one(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / ".mine.toml").write_text("half written")
    (folder / "notes.txt").write_text("none of ours")
    library = Library()
    assert library.names() == [*shipped_names(), "mine", "free"]
    assert library.routine("mine").title == "Slow strokes"
    assert library.path("mine") == library.own_path("mine") == folder / "mine.toml"
    assert [routine.name for routine in Launch().routines()] == library.names()
    assert Library(folder / "elsewhere").names() == [*shipped_names(), "free"]


def test_another_person_has_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "mine.toml").write_text(MINE)
    monkeypatch.setenv("PALMPACE_PERSON", "anna")
    library = Library()
    assert library.path("mine") is None
    library.save("mine", MINE)
    assert library.path("mine") not in (None, folder / "mine.toml")
    monkeypatch.delenv("PALMPACE_PERSON")
    assert Library().path("mine") == folder / "mine.toml"


def test_an_own_one_of_a_shipped_name_stands_before_it(folder: Path) -> None:
    changed = shipped_text("sore-back").replace("Back massage for a sore back", "My back")
    (folder / "sore-back.toml").write_text(changed)
    library = Library()
    assert library.names() == [*shipped_names(), "free"]
    assert (library.routine("sore-back").title, library.text("sore-back")) == ("My back", changed)
    assert load_shipped("sore-back").title == "Back massage for a sore back"


def test_a_bad_file_is_told_and_the_others_go_on(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / "other.toml").write_text(MINE)
    (folder / "broken.toml").write_text(MINE.replace("mine", "broken").replace("seconds = 120", "second = 120", 1))
    (folder / "bytes.toml").write_bytes(b"\xff\xfe")
    (folder / "Big Name.toml").write_text(MINE)
    (folder / "check.toml").write_text(MINE)
    (folder / "a folder.toml").mkdir()
    (folder / "slow-strokes.toml").mkdir()
    routines, complaints = Library().all()
    assert [routine.name for routine in routines] == [
        *(name for name in shipped_names() if name != "slow-strokes"),
        "mine",
        "free",
    ]
    assert complaints == Launch().complaints()
    assert all(complaint.startswith(f"{folder}/") and complaint.isprintable() for complaint in complaints)
    told = {complaint.removeprefix(f"{folder}/").partition(".toml: ")[0]: complaint for complaint in complaints}
    assert set(told) == {"other", "broken", "bytes", "Big Name", "check", "a folder", "slow-strokes"}
    line = MINE.split("\n").index("seconds = 120") + 1
    assert f"line {line}, step 1: unknown key `second`" in told["broken"]
    assert 'write name = "other"' in told["other"].replace("'", '"')
    assert "cannot be read" in told["bytes"]
    assert "cannot be read" in told["slow-strokes"]
    assert "it means something else" in told["check"]
    assert "small letters" in told["Big Name"]
    with pytest.raises(RoutineError, match="unknown key"):
        Library().routine("broken")


@pytest.mark.parametrize("name", [*sorted(RESERVED), "", "../mine", "Mine", "-a", "a" * 65, "mine\n", "a.b"])
def test_no_file_can_have_these_names(name: str, folder: Path) -> None:
    with pytest.raises(RoutineError, match="no routine can be called") as told:
        Library().own_path(name)
    assert str(told.value).isprintable()
    with pytest.raises(RoutineError):
        Library().save(name, MINE)
    assert list(folder.iterdir()) == []


def test_a_routine_is_kept_whole_or_not_at_all(config_folder: Path) -> None:
    library = Library()
    path = library.save("mine", MINE)
    assert path == config_folder / "routines" / "mine.toml"
    assert path.read_text() == MINE
    for bad, say in ((MINE + "x = 1", "line "), (shipped_text("sore-back"), "its name is 'sore-back'")):
        with pytest.raises(RoutineError, match=say) as told:
            library.save("mine", bad)
        assert str(told.value).startswith(f"{path}: ")
    assert path.read_text() == MINE
    assert [each.name for each in path.parent.iterdir()] == ["mine.toml"]
    library.save("mine", MINE.replace("Slow strokes", "Ours"))
    assert library.routine("mine").title == "Ours"


def test_a_folder_that_cannot_be_written_is_told(config_folder: Path) -> None:
    config_folder.write_text("a file")
    with pytest.raises(RoutineError, match="cannot be written"):
        Library().save("mine", MINE)
    config_folder.unlink()
    (config_folder / "routines" / "mine.toml").mkdir(parents=True)
    with pytest.raises(RoutineError, match="cannot be written"):
        Library().save("mine", MINE)
    assert [each.name for each in (config_folder / "routines").iterdir()] == ["mine.toml"]


def test_an_unknown_name_is_told_with_those_there_are(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    for name in ("nap", "../mine"):
        with pytest.raises(RoutineError) as told:
            Library().routine(name)
        assert str(told.value).startswith(f"no routine is called {name!r}; there are palm-circling, ")
        assert "mine, free" in str(told.value)


# --- styles, and what a recording holds ---


def test_a_routine_is_chosen_in_a_style() -> None:
    deep = routine_named("knot-circles", "deep")
    assert (deep.style, deep.step[0].band) == ("deep", (90, 140))
    assert routine_named("knot-circles") == routine_named("knot-circles", "swedish") == load_shipped("knot-circles")
    again = deep.styled("swedish")
    assert deep.styles == ("deep", "swedish")
    for got, own in zip(again.step, load_shipped("knot-circles").step, strict=True):
        assert msgspec.structs.replace(got, styles={}) == msgspec.structs.replace(own, styles={})
    assert again.styled("deep") == deep
    with pytest.raises(LaunchError, match="knot-circles has no style 'thai'; it has swedish, deep"):
        routine_named("knot-circles", "thai")
    with pytest.raises(LaunchError, match="free has no style 'deep'; it has none"):
        routine_named("free", "deep")


def test_a_recording_holds_what_is_coached_as_it_was(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    assert start_text(FREE) == ""
    assert start_text(load_shipped("knot-circles")) == shipped_text("knot-circles")
    for routine in (routine_named("knot-circles", "deep"), routine_named("mine")):
        text = start_text(routine)
        (folder / "mine.toml").write_text("changed since")
        assert parse_routine(text, "the recording") == routine


# --- whatever a file holds ---

TEXTS = [shipped_text(name) for name in ("knot-circles", "muscle-lifting", "own-tempo", "slow-strokes")]
values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=True),
    st.text(max_size=6),
    st.lists(st.floats(-10, 400), max_size=3),
    st.just({}),
    st.dictionaries(st.sampled_from(["band_cpm", "say", "x"]), st.integers(0, 9), max_size=2),
)
keys = st.sampled_from(
    [*Routine.__struct_fields__, *FREE.step[0].__struct_fields__, "times_a_day", "deep", "\x1b[2J", "a b", "ß"]
)


def tables_of(content: Any) -> list[Any]:
    """A document's tables, itself among them, in the order in which they stand."""
    found = [content] if isinstance(content, dict) else []
    for each in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        found += tables_of(each)
    return found


@settings(max_examples=120, derandomize=True, deadline=None)
@given(data=st.data())
def test_a_shipped_routine_with_anything_changed_is_read_or_told_by_its_line(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    content = tomllib.loads(text)
    for _ in range(data.draw(st.integers(1, 2))):
        table = data.draw(st.sampled_from(tables_of(content)))
        key = data.draw(st.sampled_from(sorted(table)) | keys) if table else data.draw(keys)
        match data.draw(st.sampled_from(["drop", "put", "double"])):
            case "drop":
                table.pop(key, None)
            case "put":
                table[key] = data.draw(values)
            case _:
                table[f"{key}{key}"] = table.get(key, 1)
    assert_read_or_told(tomlkit.dumps(content))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    text=st.sampled_from(TEXTS),
    share=st.floats(0, 1),
    cut=st.integers(0, 30),
    put=st.text(st.sampled_from("[]{}=\".,'#\n\\ a1-\t\r\x1b\x00é"), max_size=8),
)
def test_a_damaged_file_is_read_or_told_by_its_line(text: str, share: float, cut: int, put: str) -> None:
    at = int(share * len(text))
    assert_read_or_told(text[:at] + put + text[at + cut :])


def assert_read_or_told(text: str) -> None:
    try:
        routine = parse_routine(text, "mine.toml")
    except RoutineError as error:
        said = str(error)
    else:
        assert parse_routine(routine_text(routine), "again") == routine
        return
    assert said.startswith("mine.toml: ")
    assert said.isprintable()
    place = said.removeprefix("mine.toml: ")
    if not place.startswith("line "):
        assert "missing key" in place  # at the top, where it could stand in any line
        return
    number = int(place.removeprefix("line ").split(",")[0].split(":")[0])
    assert 1 <= number <= text.count("\n") + 1
    if (step := place.partition(", step ")[2]) and "not TOML" not in said:
        begins = line_of(text, ("step", int(step.split(",")[0].split(":")[0]) - 1))
        assert begins is not None
        assert begins <= number
