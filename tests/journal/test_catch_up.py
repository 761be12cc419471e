# ruff: noqa: DTZ001 - names tell local time

from __future__ import annotations

import json
import os
import shutil
import threading
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import ROUTINE, record, recorded, session

from journal.catch_up import LONGEST_S, CaughtUp, catch_up, keep_session, read_record, rebuild
from journal.noted import SESSION
from journal.store import Journal
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, RecordingError, open_recording, recordings_folder, rename_recording

SUMMARY = {"event": "summary", "t_s": 0.0, "routine": "?", "totals": {}, "steps": [], "feelings": {}, "streams": []}
A, B = "2026-11-20T08-00-00-sore-back", "2026-11-21T09-30-00-sore-back"


@pytest.fixture
def folder(data_folder: Path) -> Path:
    recordings_folder().mkdir(parents=True)
    return recordings_folder()


@pytest.fixture
def journal(folder: Path):
    with Journal.open() as opened:
        yield opened


def said_by(journal: Journal) -> list[str]:
    return [each.name for each in journal.records()]


# --- one recording ---


def test_a_session_is_the_same_noted_or_worked_out(folder: Path) -> None:
    noted = read_record(recorded(folder, A, hurts=2))
    assert (noted.began, noted.length_s, noted.routine) == (datetime(2026, 11, 20, 8), 20.0, ROUTINE)
    assert noted.title == "Back massage for a sore back"
    assert noted.ended == "ended by you"
    assert [mark.text for mark in noted.marks] == ["pop"]
    assert [(pain.value, pain.area) for pain in noted.pains] == [(2, "neck")]
    assert noted.feelings.before == 6
    assert [(spot.spot, spot.before, spot.after) for spot in noted.feelings.spots] == [("left shoulder", 7, 3)]
    assert read_record(folder / f"{A}.mcap", thorough=True) == noted
    assert read_record(recorded(folder / "untold", A, hurts=2, told=False)) == noted


def test_what_a_simulated_wrist_did_is_no_session_of_a_back(folder: Path, journal: Journal) -> None:
    with Recorder(folder / f"{A}.mcap", {"simulated": "circles"}) as recorder:
        for message in session(10**18, 20.0, None):
            recorder.write(message)
    assert catch_up(journal, folder) == CaughtUp(added=1)
    assert journal.records() == []
    assert [each.simulated for each in journal.records(simulated=True)] == [True]


@pytest.mark.parametrize(
    "words",
    [
        "no JSON",
        '{"format": 2, "title": "?", "summary": {}}',
        json.dumps({"score": 10**30, "summary": SUMMARY}),
        json.dumps({"summary": SUMMARY | {"feelings": {"before": -1}}}),
    ],
)
def test_words_that_are_not_ours_are_not_taken(folder: Path, journal: Journal, words: str) -> None:
    with Recorder(folder / f"{A}.mcap", {}) as recorder:
        for message in session(10**18, 20.0, None):
            recorder.write(message)
        recorder.sum_up({SESSION: words, "seconds": "9"})
    assert catch_up(journal, folder) == CaughtUp(added=1)
    assert [(each.routine, each.score) for each in journal.records()] == [(ROUTINE, None)]


def test_a_name_that_tells_no_time_leaves_it_to_the_messages(folder: Path) -> None:
    path = rename_recording(recorded(folder, A), "with the new ball")
    read = read_record(path)
    assert (read.name, read.began) == ("with the new ball", datetime(2026, 11, 20, 8))


@pytest.mark.parametrize(
    ("times_ns", "why"),
    [
        ((), "is empty"),
        ((0, round((LONGEST_S + 60) * NS_PER_S)), "spans 2 days: that is no session"),
        ((2**64 - 2, 2**64 - 1), ""),  # some thousands of years from now is odd, yet a time
    ],
)
def test_what_is_no_session_says_why(folder: Path, times_ns: tuple[int, ...], why: str) -> None:
    with Recorder(folder / "odd.mcap", {}) as recorder:
        for time_ns in times_ns:
            recorder.write(Message("wrist", b"", time_ns))
    if why:
        with pytest.raises(RecordingError, match=why):
            read_record(folder / "odd.mcap")
    else:
        assert read_record(folder / "odd.mcap").routine == "free"


# --- the folder ---


def test_new_changed_and_gone(journal: Journal, folder: Path) -> None:
    recorded(folder, A)
    recorded(folder, B)
    assert catch_up(journal, folder) == CaughtUp(added=2)
    assert catch_up(journal, folder) == CaughtUp()
    assert said_by(journal) == [A, B]
    (folder / f"{A}.mcap").unlink()
    recorded(folder, A, seconds=40)
    rename_recording(folder / f"{B}.mcap", "moved")
    assert catch_up(journal, folder) == CaughtUp(added=2, removed=1)
    assert [(each.name, each.length_s) for each in journal.records()] == [(A, 40.0), ("moved", 20.0)]
    shutil.rmtree(folder)
    assert catch_up(journal, folder) == CaughtUp(removed=2)
    assert journal.known() == {}


def test_a_disk_that_is_away_takes_nothing_from_the_history(journal: Journal, folder: Path, tmp_path: Path) -> None:
    recorded(folder, A)
    catch_up(journal, folder)
    away = folder.replace(tmp_path / "away")
    folder.symlink_to(tmp_path / "not there")
    assert catch_up(journal, folder) == CaughtUp()
    folder.unlink()
    folder.write_text("no folder")
    assert catch_up(journal, folder) == CaughtUp()
    assert said_by(journal) == [A]
    folder.unlink()
    assert catch_up(journal, folder) == CaughtUp(removed=1)
    away.replace(folder)
    assert catch_up(journal, folder) == CaughtUp(added=1)


def test_what_cannot_be_read_is_tried_once(journal: Journal, folder: Path) -> None:
    (folder / "other.mcap").write_bytes(b"t,ax,ay,az\n")
    assert catch_up(journal, folder) == CaughtUp(failed=1)
    assert journal.failed() == {"other": "is not a recording: it does not begin as an MCAP file does"}
    assert catch_up(journal, folder) == CaughtUp()
    shutil.copy(recorded(folder / "whole", A), folder / "other.mcap")
    assert catch_up(journal, folder) == CaughtUp(added=1)
    assert journal.failed() == {}


def test_one_that_is_being_written_waits_until_it_is_closed(journal: Journal, folder: Path) -> None:
    recorder = Recorder(folder / f"{A}.mcap", {})
    for message in session(10**18, 20.0, None):
        recorder.write(message)
    assert catch_up(journal, folder) == CaughtUp()
    assert journal.known() == {}
    recorder.close()
    assert catch_up(journal, folder) == CaughtUp(added=1)


def test_one_whose_writer_died_is_finished_and_read_once(journal: Journal, folder: Path) -> None:
    recorder = Recorder(folder / f"{A}.mcap", {})
    for message in session(10**18, 20.0, None):
        recorder.write(message)
    recorder.flush()
    recorder._file.close()  # its lock is gone, as when it dies
    assert catch_up(journal, folder) == CaughtUp(added=1)
    assert catch_up(journal, folder) == CaughtUp()
    assert [path.name for path in folder.iterdir()] == [f"{A}.mcap"]
    assert journal.records()[0].ended == "ended by you"


def test_a_session_that_ends_while_the_folder_is_looked_at_stays(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Journal.known

    def known_and_then(asked: Journal) -> dict[str, tuple[int, int]]:
        before = known(asked)
        keep_session(recorded(folder, A))
        return before

    monkeypatch.setattr(Journal, "known", known_and_then)
    catch_up(journal, folder)
    assert said_by(journal) == [A]


def test_stopped_on_the_way_it_goes_on_from_there(journal: Journal, folder: Path) -> None:
    for minute in range(6):
        recorded(folder, f"2026-11-20T08-{minute:02}-00-sore-back")
    told: list[tuple[int, int]] = []
    clock = iter(range(100))
    caught = catch_up(
        journal,
        folder,
        progress=lambda *so_far: told.append(so_far),
        stopped=lambda: len(told) == 4,
        clock_s=lambda: float(next(clock)),
    )
    assert caught == CaughtUp(added=4)
    assert told == [(1, 6), (2, 6), (3, 6), (4, 6)]
    assert [each.began.minute for each in journal.records()] == [2, 3, 4, 5]  # the newest first
    assert catch_up(journal, folder) == CaughtUp(added=2)


def test_a_closed_session_is_kept_at_once(folder: Path) -> None:
    keep_session(recorded(folder, A))
    with Journal.open() as journal:
        assert said_by(journal) == [A]
        assert catch_up(journal, folder) == CaughtUp()
        assert rebuild(journal, folder, thorough=True) == CaughtUp(added=1)


# --- any history of a folder ---

change = st.tuples(
    st.sampled_from(["record", "touch", "remove", "rename", "spoil", "catch up", "put", "forget", "rebuild"]),
    st.integers(0, 3),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(changes=st.lists(change, max_size=12))
def test_whatever_happened_it_is_what_a_rebuild_gives(changes: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place, "recordings")
        folder.mkdir()
        with Journal.open(Path(place, "history.sqlite")) as journal, Journal.open(Path(place, "new")) as new:
            for turn, (what, which) in enumerate(changes):
                make_happen(what, which, turn, folder, journal)
            catch_up(journal, folder)
            rebuild(new, folder)
            assert journal.records() == new.records()
            assert journal.failed() == new.failed()
            assert journal.known() == new.known()
            assert [each.name for each in new.records()] == [
                path.stem for path in sorted(folder.iterdir()) if path.stem not in new.failed()
            ]


def make_happen(what: str, which: int, turn: int, folder: Path, journal: Journal) -> None:
    path = folder / f"2026-11-2{which}T08-00-00-sore-back.mcap"
    other = folder / f"2026-11-2{which}T09-{turn:02}-00-moved.mcap"
    match what:
        case "record" if not path.exists():
            recorded(folder, path.stem, seconds=10.0 + turn)
        case "touch" if path.exists():
            os.utime(path, ns=(10**18 + turn, 10**18 + turn))
        case "remove":
            path.unlink(missing_ok=True)
        case "rename" if path.exists():
            path.replace(other)
        case "spoil" if path.exists():
            path.write_bytes(path.read_bytes()[: 40 * (turn + 1)])
        case "catch up":
            catch_up(journal, folder)
        case "put":
            journal.put(record(name=path.stem), 1, turn)
        case "forget":
            journal.remove([path.stem])
        case "rebuild":
            rebuild(journal, folder, thorough=True)


def test_two_that_catch_up_at_once_agree(folder: Path) -> None:
    for minute in range(8):
        recorded(folder, f"2026-11-20T08-{minute:02}-00-sore-back")
    together = threading.Barrier(2)
    caught: list[CaughtUp] = []

    def go() -> None:
        together.wait()
        with Journal.open() as journal:
            caught.append(catch_up(journal, folder))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caught) == 2
    with Journal.open() as journal:
        assert len(journal.records()) == 8
        assert open_recording(folder / f"{journal.records()[0].name}.mcap").whole
