from __future__ import annotations

from pathlib import Path

import pytest

from journal.person import PersonError, people, person, person_config_folder, person_data_folder, person_named
from journal.plan import plan_path
from journal.store import history_path
from sensors.keep import PERSON_VARIABLE
from sensors.recording import recordings_folder
from tui.exporting import exports_folder
from tui.memory import Memory


def test_each_has_folders_of_their_own(data_folder: Path, config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (person(), person_data_folder(), person_config_folder()) == ("", data_folder, config_folder)
    monkeypatch.setenv(PERSON_VARIABLE, "Anna")
    assert person() == "anna"
    theirs = data_folder / "people" / "anna"
    assert [recordings_folder(), history_path(), exports_folder()] == [
        theirs / "recordings",
        theirs / "history.sqlite",
        theirs / "exports",
    ]
    assert plan_path() == config_folder / "people" / "anna" / "plan.toml"
    Memory().note(routine="free")
    assert (config_folder / "people" / "anna" / "remembered.json").exists()
    monkeypatch.delenv(PERSON_VARIABLE)
    assert Memory().kept.routine is None
    assert person_data_folder("anna") == theirs


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Anna", "anna"),
        (" anna ", "anna"),
        ("Zoe\u0308", "zo\u00eb"),
        ("李", "李"),
        ("a-b_2", "a-b_2"),
        ("x" * 32, "x" * 32),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(said: str, name: str) -> None:
    assert person_named(said) == name == person_named(name)


@pytest.mark.parametrize("said", ["", ".", "..", "../b", "a/b", "a\\b", "/etc", "a b", "-a", "a\0", "x" * 33, "~"])
def test_no_name_leads_out_of_the_folder(said: str) -> None:
    with pytest.raises(PersonError, match="is no name for a person"):
        person_named(said)


def test_people_are_those_of_whom_something_is_kept(data_folder: Path, config_folder: Path) -> None:
    assert people() == []
    for folder in (
        data_folder / "people" / "zoë",
        config_folder / "people" / "anna",
        data_folder / "people" / "No Name",
    ):
        folder.mkdir(parents=True)
    (data_folder / "people" / "file").touch()
    assert people() == ["anna", "zoë"]
