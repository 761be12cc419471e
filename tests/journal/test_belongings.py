"""What is a person's is taken along and removed as a whole, and nothing else is."""

from __future__ import annotations

import csv
import io
import os
import shutil
from datetime import date
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

import pytest
from kept import recorded
from mcap.writer import Writer

from journal.belongings import KINDS, belongings
from journal.catch_up import catch_up
from journal.export import Exported, ExportError, export
from journal.forget import ForgetError, forget, to_forget
from journal.plan import Goal, Plan, save_plan
from journal.store import Journal
from sensors.keep import PERSON_VARIABLE
from sensors.recording import Recorder, open_recording, recordings_folder, rename_recording
from tui.exporting import export_csv, exports_folder
from tui.memory import Memory

PAGE = (resources.files("journal.report") / "base.html").read_text().replace("{{ version }}", "0.1.0")
NAME = "2026-11-20T08-00-00-sore-back"


def everything(config_folder: Path) -> None:
    """All that Palmpace keeps of a person."""
    folder = recordings_folder()
    first = recorded(folder, NAME)
    rename_recording(recorded(folder, "2026-11-21T08-00-00-free"), "with the new ball")
    export_csv(first, exports_folder())
    (exports_folder() / f"{NAME}.html").write_text(PAGE)
    with Journal.open() as journal:
        catch_up(journal, folder)
        shutil.copy(journal.path, journal.path.with_name("history-v1.sqlite.bak"))
        shutil.copy(journal.path, journal.path.with_name("history.sqlite.damaged-2"))
    save_plan(Plan(goal=(Goal(routine="sore-back", times_a_day=1),)))
    Memory().note(routine="sore-back")
    own = Memory()._path.parent / "routines" / "mine.toml"
    own.parent.mkdir(parents=True)
    own.write_text("format = 1\n")


def secrets(data_folder: Path, config_folder: Path) -> list[Path]:
    """What is the machine's, or not Palmpace's."""
    theirs = [
        config_folder / "device-password",
        config_folder / "config.toml",
        config_folder / "plan.toml.bak",
        data_folder / "notes.txt",
        data_folder / "recordings" / "letter.txt",
        data_folder / "recordings" / "folder.mcap" / "inside.mcap",
        data_folder / "exports" / "taxes.csv",
        data_folder / "exports" / "page.html",
    ]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("SECRET")
    robot = data_folder / "recordings" / "robot.mcap"
    with robot.open("wb") as file:
        writer = Writer(file)
        writer.start(library="another program")
        writer.finish()
    return [*theirs, robot]


def everything_in(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    return {name: path.read_bytes() for name, path in found.items()}


def put_together(out: Path, config_folder: Path) -> Exported:
    with Journal.open() as journal:
        return export(out, journal, who="Anna", day="2026-11-23")


# --- taken along ---


def test_all_of_it_is_in_the_zip_and_no_secret(tmp_path: Path, data_folder: Path, config_folder: Path) -> None:
    everything(config_folder)
    others = secrets(data_folder, config_folder)
    made = put_together(tmp_path / "out.zip", config_folder)
    assert len(made.left_out) == 5
    with ZipFile(made.path) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(inside) == [
        "README.txt",
        f"exports/{NAME}.csv",
        f"exports/{NAME}.html",
        *(f"history/{name}" for name in ("history.sqlite", "marks.csv", "pains.csv", "recordings.csv")),
        *(f"history/{name}.csv" for name in ("sessions", "spots", "steps")),
        "plan.toml",
        f"recordings/{NAME}.mcap",
        "recordings/with the new ball.mcap",
        "remembered.json",
        "routines/mine.toml",
    ]
    assert made.files == len(inside)
    assert not any(b"SECRET" in content for content in inside.values())
    assert all(path.exists() for path in others)
    for name in set(inside) - {"README.txt"}:
        told = name.rpartition("/")[2] if name.startswith("history/") else name.partition("/")[0]
        assert told in inside["README.txt"].decode()
    sessions = list(csv.DictReader(io.StringIO(inside["history/sessions.csv"].decode())))
    assert [row["recording"] for row in sessions] == [NAME, "with the new ball"]
    spots = list(csv.DictReader(io.StringIO(inside["history/spots.csv"].decode())))
    assert spots[0] == {"recording": NAME, "spot": "left shoulder", "before": "7", "after": "3"}
    (tmp_path / "copy.sqlite").write_bytes(inside["history/history.sqlite"])
    with Journal.open(tmp_path / "copy.sqlite") as copy:
        assert len(copy.records()) == 2


def full(*_said: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_zip_is_whole_or_not_there(tmp_path: Path, config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(config_folder)
    out = tmp_path / "out.zip"
    with monkeypatch.context() as broken:
        broken.setattr(ZipFile, "writestr", full)
        with pytest.raises(ExportError, match="No space left on device"):
            put_together(out, config_folder)
    assert not list(tmp_path.glob("out.zip*"))
    put_together(out, config_folder)
    with pytest.raises(ExportError, match="exists already"):
        put_together(out, config_folder)
    with pytest.raises(ExportError, match="cannot write"):
        put_together(tmp_path / "nowhere" / "out.zip", config_folder)


def test_one_that_is_being_written_is_left_out_and_one_whose_writer_died_is_not(
    tmp_path: Path, config_folder: Path
) -> None:
    with Recorder(recordings_folder() / "live.mcap", {}):
        dead = Recorder(recordings_folder() / "dead.mcap", {})
        dead._file.close()
        made = put_together(tmp_path / "out.zip", config_folder)
    assert len(made.left_out) == 1
    assert "live.mcap.part is still being written" in made.left_out[0]
    with ZipFile(made.path) as archive:
        assert [name for name in archive.namelist() if name.endswith(".mcap")] == ["recordings/dead.mcap"]


def test_a_name_that_is_no_text_is_no_trouble(tmp_path: Path, config_folder: Path) -> None:
    folder = recordings_folder()
    odd = folder / os.fsdecode(b"caf\xe9.mcap")
    recorded(folder, NAME).replace(odd)
    (folder / os.fsdecode(b"2026-11-22T08-00-00-\xff.mcap")).write_bytes(b"damaged")
    (folder / os.fsdecode(b"2026-11-22T08-00-00-\xfe.mcap")).write_bytes(b"damaged too")
    with Journal.open() as journal:
        catch_up(journal, folder)
        assert [each.name for each in journal.records()] == [odd.stem]
        assert list(journal.failed()) == [os.fsdecode(b"2026-11-22T08-00-00-" + byte) for byte in (b"\xfe", b"\xff")]
    with ZipFile(put_together(tmp_path / "out.zip", config_folder).path) as archive:
        assert [name for name in archive.namelist() if name.startswith("recordings/")] == [
            "recordings/2026-11-22T08-00-00-%FE.mcap",
            "recordings/2026-11-22T08-00-00-%FF.mcap",
            "recordings/caf%E9.mcap",
        ]
        assert b"caf%E9" in archive.read("history/sessions.csv")
    forget(to_forget())
    assert not folder.exists()


# --- removed ---


def test_all_of_it_goes_and_nothing_else(data_folder: Path, config_folder: Path) -> None:
    others = secrets(data_folder, config_folder)
    before = {**everything_in(data_folder), **everything_in(config_folder)}
    everything(config_folder)
    going = to_forget()
    assert {(each.kind) for each in going.files} == set(KINDS)
    assert {path.name for path, _ in going.strange} == {
        "letter.txt",
        "folder.mcap",
        "robot.mcap",
        "taxes.csv",
        "page.html",
    }
    assert forget(going) == len(going.files) == 10
    assert {**everything_in(data_folder), **everything_in(config_folder)} == before
    assert all(path.exists() for path in others)
    assert not (config_folder / "routines").exists()
    assert to_forget().files == ()


def test_a_person_goes_with_their_folder_and_the_others_stay(
    data_folder: Path, config_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(config_folder)
    mine = {**everything_in(data_folder), **everything_in(config_folder)}
    monkeypatch.setenv(PERSON_VARIABLE, "anna")
    everything(config_folder)
    assert (data_folder / "people" / "anna" / "history.sqlite").exists()
    forget(to_forget())
    assert {**everything_in(data_folder), **everything_in(config_folder)} == mine
    assert not (data_folder / "people").exists()
    assert not (config_folder / "people").exists()


def test_no_link_is_followed(tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    elsewhere = recorded(outside, NAME)
    recorded(recordings_folder(), "2026-11-22T08-00-00-free")
    (recordings_folder() / "2026-11-21T08-00-00-free.mcap").symlink_to(elsewhere)
    going = to_forget()
    assert [(path.name, why) for path, why in going.strange] == [("2026-11-21T08-00-00-free.mcap", "is a link")]
    later = going.files[0].path  # becomes a link after it was listed
    later.unlink()
    later.symlink_to(elsewhere)
    assert forget(going) == 0
    assert (elsewhere.exists(), later.is_symlink()) == (True, True)
    shutil.rmtree(recordings_folder())
    recordings_folder().symlink_to(outside)
    assert to_forget().files == ()
    forget(to_forget())
    assert elsewhere.exists()
    assert "is a link" in belongings().strange[0][1]
    (data_folder / "people").mkdir()
    (data_folder / "people" / "anna").symlink_to(data_folder)  # a person's whole folder
    monkeypatch.setenv(PERSON_VARIABLE, "anna")
    recordings_folder().unlink()
    recorded(recordings_folder(), NAME)
    assert belongings().files == ()
    assert [path for path, _ in belongings().strange] == [data_folder / "people" / "anna"]


def test_nothing_goes_while_a_session_is_recorded(config_folder: Path) -> None:
    everything(config_folder)
    with Recorder(recordings_folder() / "live.mcap", {}):
        going = to_forget()
        with pytest.raises(ForgetError, match="still being written: end its session first; nothing was removed"):
            forget(going)
        assert all(each.path.exists() for each in going.files)
    forget(to_forget())
    assert not recordings_folder().exists()


def test_what_the_system_does_not_let_go_is_named(config_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(config_folder)
    unlink = Path.unlink

    def stubborn(path: Path, missing_ok: bool = False) -> None:
        if path.name == "plan.toml":
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", stubborn)
    with pytest.raises(ForgetError, match=r"9 files were removed, but not .*plan.toml \(Permission denied\)"):
        forget(to_forget())
    assert [each.path.name for each in to_forget().files] == ["plan.toml"]


def test_older_recordings_go_by_their_names(config_folder: Path) -> None:
    everything(config_folder)
    recorded(recordings_folder(), "2026-11-22T08-00-00-free")
    going = to_forget(date(2026, 11, 22))
    undated = recordings_folder() / "with the new ball.mcap"
    assert going.strange == ((undated, "does not tell its day in its name"),)
    assert forget(going) == 1
    assert sorted(path.name for path in recordings_folder().iterdir()) == [
        "2026-11-22T08-00-00-free.mcap",
        "with the new ball.mcap",
    ]
    assert open_recording(undated).whole
