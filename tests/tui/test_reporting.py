"""`palmpace report`: what is found, what is written, and one line where it cannot be."""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest
from shelves import cut_off, recorded

from sensors.recording import Recorder, read_recording
from tui import reporting
from tui.cli import run

RECORDINGS = Path(__file__).parents[2] / "recordings"
LIFTS = str(RECORDINGS / "lifts.mcap")


@pytest.fixture
def folder(data_folder):
    folder = data_folder / "recordings"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def short(folder):
    """Some seconds of a wrist that turns."""
    path = folder / "2026-11-23T07-00-00-free.mcap"
    with Recorder(path, {}) as recorder:
        for message in islice(read_recording(LIFTS), 60):
            recorder.write(message)
    return path


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def failed(capsys, words: list[str], code: int = 1) -> str:
    assert run(words) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("palmpace: ")
    assert err.count("\n") == 1
    return err


def test_a_page_and_every_plot_are_written_and_named(tmp_path, capsys):
    page, plots = tmp_path / "new" / "page.html", tmp_path / "plots"
    assert run(["report", LIFTS, "-o", str(page), "--plots", str(plots), "--format", "png"]) == 0
    assert capsys.readouterr().out.split() == [str(page), str(plots / "pace.png"), str(plots / "regularity.png")]
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert files_in(plots) == ["pace.png", "regularity.png"]
    assert files_in(page.parent) == ["page.html"]


needs_fit = pytest.mark.skipif(
    find_spec("garmin_fit_sdk") is None, reason="the FIT SDK has a licence of its own: pip install garmin-fit-sdk"
)


@pytest.mark.parametrize(
    ("name", "more", "begins"),
    [
        ("s.csv", [], b"t_s,device,motion,"),
        ("c.csv", ["--cycles"], b"device,cycle,start_s,"),
        ("s.parquet", [], b"PAR1"),
        ("c.parquet", ["--cycles"], b"PAR1"),
        pytest.param("a.fit", [], b"\x0e", marks=needs_fit),
    ],
)
def test_tables_and_a_fit_file_by_their_endings(name, more, begins, short, tmp_path, capsys):
    assert run(["report", str(short), "-o", str(tmp_path / name), *more]) == 0
    assert capsys.readouterr().out == f"{tmp_path / name}\n"
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_session_is_a_file_a_name_or_the_last_one(folder, tmp_path, monkeypatch):
    recorded(folder, "2026-11-21T08-00-00-free")
    last = recorded(folder, "2026-11-22T08-00-00-free")
    named = recorded(folder, "a walk")
    os.utime(named)  # younger, but its name does not tell when it was made
    assert reporting.find("last") == last
    assert reporting.find("a walk") == reporting.find("a walk.mcap") == named
    assert reporting.find(LIFTS) == Path(LIFTS)
    with Recorder(folder / "2026-11-23T08-00-00-free.mcap", {}) as recorder:
        assert reporting.find("last") == last  # that one is not over
        assert reporting.find("2026-11-23T08-00-00-free") == recorder.path
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a walk").touch()
    assert reporting.find("a walk") == Path("a walk")  # a file is what it says


def test_what_is_cut_off_is_told_and_written_all_the_same(tmp_path, capsys):
    path = tmp_path / "cut.mcap"
    path.write_bytes(Path(LIFTS).read_bytes()[:60_000])
    assert run(["report", str(path), "-o", str(tmp_path / "c.csv")]) == 0
    assert "is cut off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["report", "-o", "x.html"], 2, "name a session"),
        (["report", "last", "--weeks", "2", "-o", "x.html"], 2, "name a session"),
        (["report", LIFTS], 2, "say what to write"),
        (["report", LIFTS, "--cycles", "-o", "x.html"], 2, "--cycles is of tables"),
        (["report", "--weeks", "0", "-o", "x.html"], 2, "--weeks takes a number from 1 to"),
        (["report", LIFTS, "-o", "x.doc"], 1, "x.doc: name a file that ends in .html"),
        (["report", "--weeks", "2", "-o", "x.csv"], 1, "the report of weeks is a page"),
        (["report", "last", "-o", "x.html"], 1, "there are no recordings in"),
        (["report", "nothing-of-the-kind", "-o", "x.html"], 1, "nothing-of-the-kind: no such file"),
        (["report", LIFTS, "-o", "/dev/null/x.csv"], 1, "cannot write /dev/null/x.csv: "),
    ],
)
def test_what_cannot_be_done_is_one_line(words, code, why, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert why in failed(capsys, words, code)
    assert files_in(tmp_path) == []


def test_a_missing_part_is_named_and_an_earlier_file_stays(short, tmp_path, capsys, monkeypatch):
    earlier = tmp_path / "t.parquet"
    earlier.write_text("before")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "Parquet needs pyarrow; install it with: " in failed(capsys, ["report", str(short), "-o", str(earlier)])
    monkeypatch.delitem(sys.modules, "journal.report.activity", raising=False)
    monkeypatch.setitem(sys.modules, "garmin_fit_sdk", None)
    assert "-m pip install garmin-fit-sdk" in failed(capsys, ["report", str(short), "-o", str(tmp_path / "a.fit")])
    assert files_in(tmp_path) == ["t.parquet"]
    assert earlier.read_text() == "before"


def test_weeks_are_told_from_the_recordings_alone(folder, short, tmp_path):
    cut_off(recorded(folder, "2026-11-20T12-00-00-sore-back"))
    page = tmp_path / "weeks.html"
    assert reporting.report_weeks(2, page, plots=tmp_path / "plots", today=date(2026, 11, 23)) == [
        page,
        tmp_path / "plots" / "minutes.svg",
    ]
    text = page.read_text(encoding="utf-8")
    assert "Monday 16 November 2026 to Monday 23 November 2026" in text
    assert "2026-11-23 07:00" in text
    assert "2026-11-20T12-00-00-sore-back: " in text  # and why it cannot be read


def test_a_damaged_history_is_told_and_one_week_is_one(folder, short, tmp_path, capsys):
    (folder.parent / "history.sqlite").write_bytes(b"no database at all" * 100)
    page = tmp_path / "week.html"
    reporting.report_weeks(1, page, today=date(2026, 11, 23))
    assert "history.sqlite was damaged and is now history.sqlite.damaged" in capsys.readouterr().err
    assert "<h1>1 week</h1>" in page.read_text(encoding="utf-8")


def test_a_name_that_is_no_text_is_no_trouble(short, tmp_path):
    odd = short.replace(short.with_name(os.fsdecode(b"caf\xe9.mcap")))
    for name in ("o.html", "o.csv", "o.parquet"):
        assert reporting.report_session(odd.name, tmp_path / name) == [tmp_path / name]
