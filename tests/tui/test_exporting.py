from __future__ import annotations

import csv
from pathlib import Path

import pytest
from scripted import wave

from journal.report.tables import SESSION_COLUMNS
from sensors.recording import Recorder
from tracker.pipeline import command_message
from tracker.routine import shipped_text
from tracker.session import Command
from tui.exporting import ExportError, export_csv, exports_folder


def session(path: Path, seconds: float = 30.0) -> Path:
    """Circles, with two marks."""
    messages = list(wave(seconds, 18.0))
    first_ns = messages[0].received_ns
    messages.insert(0, command_message(Command.START, first_ns, shipped_text("palm-circling")))
    messages.insert(60, command_message(Command.MARK, messages[59].received_ns, "=1+1"))
    messages.insert(70, command_message(Command.MARK, messages[69].received_ns))
    with Recorder(path, {}) as recorder:
        for message in messages:
            recorder.write(message)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_the_hand_did_ten_times_a_second(tmp_path):
    told = []
    exported = export_csv(session(tmp_path / "a.mcap"), tmp_path / "exports", told.append)
    assert exported.path == tmp_path / "exports" / "a.csv"
    assert exported.trouble is None
    rows = rows_of(exported.path)
    assert exported.rows == len(rows)
    assert tuple(rows[0]) == tuple(SESSION_COLUMNS)
    looks = [row for row in rows if row["motion"]]
    assert len(looks) == pytest.approx(300, abs=10)
    assert {(row["device"], row["step"], row["band_low_cpm"]) for row in looks} == {("left", "1", "20.0")}
    late = looks[-1]
    assert float(late["rate_cpm"]) == pytest.approx(18, abs=1)
    assert (late["motion"], late["in_band"], late["band_high_cpm"]) == ("circle", "false", "40.0")
    assert looks[0]["rate_cpm"] == ""  # unknown is not zero
    assert any("faster" in row["cue"] for row in rows)
    assert [row["mark"] for row in rows if row["mark"]] == ["'=1+1", "mark"]  # no formula for a spreadsheet
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


def test_a_recording_that_is_cut_off_is_exported_as_far_as_it_reads(tmp_path):
    path = tmp_path / "a.mcap"
    recorder = Recorder(path, {})
    for message in wave(10):
        recorder.write(message)
    recorder.flush()
    part = (tmp_path / "a.mcap.part").read_bytes()
    recorder.close()
    path.write_bytes(part[: len(part) // 2])
    exported = export_csv(path, tmp_path)
    assert "a.mcap is cut off; it reaches" in exported.trouble
    assert 20 < exported.rows < 80


def test_damage_on_the_way_ends_the_table_with_the_reason(tmp_path):
    path = session(tmp_path / "a.mcap")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)
    exported = export_csv(path, tmp_path)
    assert "a.mcap is damaged: what comes before this point is read" in exported.trouble
    assert exported.path.exists()


def test_stopped_it_leaves_nothing(tmp_path):
    path = session(tmp_path / "a.mcap")
    looks = iter([False, True])
    assert export_csv(path, tmp_path / "exports", stopped=lambda: next(looks)) is None
    assert list((tmp_path / "exports").iterdir()) == []


def test_an_earlier_table_gives_way_only_to_a_whole_one(tmp_path):
    path = session(tmp_path / "a.mcap")
    table = tmp_path / "exports" / "a.csv"
    table.parent.mkdir()
    table.write_text("before")
    assert export_csv(path, table.parent, stopped=lambda: True) is None
    assert table.read_text() == "before"
    assert export_csv(path, table.parent).rows == len(rows_of(table))


def test_what_cannot_be_done_is_one_line(tmp_path):
    with pytest.raises(ExportError, match=r"cannot read .*none\.mcap"):
        export_csv(tmp_path / "none.mcap", tmp_path)
    path = session(tmp_path / "a.mcap", seconds=20)
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"cannot write .*a\.csv: "):
        export_csv(path, tmp_path / "file")


def test_tables_are_kept_beside_the_recordings(data_folder):
    assert exports_folder() == data_folder / "exports"
