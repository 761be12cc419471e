from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tui.memory import Memory, Remembered
from tui.preferences import PACERS, VIEWS, VOLUMES, Preferences
from tui.settings import THEMES, Settings


def test_the_first_day_knows_nothing(tmp_path: Path) -> None:
    assert Memory(tmp_path / "none" / "remembered.json").kept == Remembered()


def test_what_was_chosen_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "remembered.json"
    memory = Memory(path)
    memory.note(kind="device", routine="sore-back")
    memory.note(theme="light")
    assert Memory(path).kept == Remembered(kind="device", routine="sore-back", theme="light")
    assert [each.name for each in path.parent.iterdir()] == ["remembered.json"]


def test_its_usual_place_is_the_configurations_folder(config_folder: Path) -> None:
    Memory().note(routine="free")
    assert msgspec.json.decode((config_folder / "remembered.json").read_bytes())["routine"] == "free"


@pytest.mark.parametrize("content", [b"", b"{", b'{"kind": "submarine"}', b"\xff\xfe", b"[]"])
def test_a_file_that_cannot_be_read_is_the_first_day_again(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "remembered.json"
    path.write_bytes(content)
    memory = Memory(path)
    assert memory.kept == Remembered()
    memory.note(kind="simulated")
    assert Memory(path).kept.kind == "simulated"


def test_what_a_later_version_remembers_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "remembered.json"
    path.write_bytes(b'{"routine": "free", "moon": "full"}')
    assert Memory(path).kept == Remembered(routine="free")


def test_without_a_place_to_write_it_is_remembered_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = Memory(tmp_path / "file" / "remembered.json")
    memory.note(theme="light")
    assert memory.kept.theme == "light"


def test_a_key_goes_round_all_choices_and_the_next_run_finds_the_last(tmp_path: Path) -> None:
    path = tmp_path / "remembered.json"
    preferences = Preferences(Settings(), Memory(path))
    for turn, choices in (
        (preferences.next_theme, THEMES),
        (preferences.next_pacer, PACERS),
        (preferences.next_view, VIEWS),
        (preferences.next_volume, VOLUMES),
    ):
        gone = [turn() for _ in choices]
        assert sorted(gone) == sorted(choices)
        assert gone[-1] == choices[0]
    preferences.next_volume()
    assert preferences.settings.volume == Memory(path).kept.volume == "chatty"


def test_without_a_memory_a_key_changes_only_now() -> None:
    preferences = Preferences(Settings())
    assert preferences.next_view() == preferences.settings.view == "path"
    assert Memory().kept.view is None
