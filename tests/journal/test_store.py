from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import record, step, tender

from journal import store
from journal.record import Record
from journal.store import MIGRATIONS, HistoryError, Journal, history_path
from tracker.events import Feelings, MarkEvent, PainEvent, SpotFeeling, StepResult

ABOUT = (1234, 10**18)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- what is put in comes out ---

number = st.floats(0, 1e9)
words = st.text(max_size=8)
sore = st.none() | st.integers(0, 10)
name_of_a_file = st.binary(min_size=1, max_size=12).map(lambda some: some.decode("utf-8", "surrogateescape"))

any_step = st.builds(
    StepResult,
    step=st.integers(1, 200),
    name=words,
    technique=words,
    area=words,
    side=st.sampled_from(["left", "right", "both"]),
    band=st.none() | st.tuples(number, number),
    eased=st.booleans(),
    released=st.booleans(),
    unseen_s=number,
    seconds=number,
    right_s=number,
    cycles=number,
    cw=number,
    ccw=number,
    judged_s=number,
    in_band_s=number,
    below_s=number,
    above_s=number,
    cues=st.integers(0, 99),
    period_cv=st.none() | number,
)
any_record = st.builds(
    Record,
    name=name_of_a_file,
    began=st.datetimes(),
    length_s=number,
    routine=words,
    title=words,
    style=words,
    score=st.none() | st.integers(0, 100),
    steps=st.lists(any_step, max_size=3).map(tuple),
    feelings=st.builds(
        Feelings,
        before=sore,
        after=sore,
        spots=st.lists(st.builds(SpotFeeling, spot=words, before=sore, after=sore), max_size=3).map(tuple),
    ),
    marks=st.lists(st.builds(MarkEvent, t_s=number, text=words), max_size=2).map(tuple),
    pains=st.lists(
        st.builds(PainEvent, t_s=number, value=st.integers(0, 10), area=words, ended=st.booleans()), max_size=2
    ).map(tuple),
    ended=words,
    simulated=st.booleans(),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(put=st.lists(any_record, max_size=4), gone=st.integers(0, 3))
def test_sessions_come_back_to_the_last_bit_oldest_first(put: list[Record], gone: int) -> None:
    with TemporaryDirectory() as folder, Journal.open(Path(folder, "h.sqlite")) as journal:
        for each in put:
            journal.put(each, *ABOUT)
        journal.remove(each.name for each in put[:gone])
        kept = {each.name: each for each in put if each.name not in {other.name for other in put[:gone]}}
        came_out = journal.records(simulated=True)
        assert journal.records() == [each for each in came_out if not each.simulated]
        assert {each.name: each for each in came_out} == kept
        assert [each.began for each in came_out] == sorted(each.began for each in kept.values())
        assert journal.known() == dict.fromkeys(kept, ABOUT)


def test_the_days_asked_for_are_given_whole(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "h.sqlite") as journal:
        for when in ("2026-11-19T23:59:59", "2026-11-20T00:00:00", "2026-11-21T23:59:59.9", "2026-11-22T00:00:00"):
            journal.put(record(when, pains=(PainEvent(t_s=1, value=2, area="neck", ended=False),)), *ABOUT)
        some = journal.records(date(2026, 11, 20), date(2026, 11, 21))
        assert [each.began.day for each in some] == [20, 21]
        assert all(each.pains and each.steps for each in some)
        assert len(journal.records(since=date(2026, 11, 20))) == 3
        assert len(journal.records(until=date(2026, 11, 20))) == 2
        assert len(journal.records(until=date.max)) == 4


def test_what_cannot_be_read_is_known_and_has_no_session(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "h.sqlite") as journal:
        journal.put(record(name="a"), *ABOUT)
        journal.put_failed("a", "is damaged", 5, 6)
        assert (journal.records(), journal.failed(), journal.known()) == ([], {"a": "is damaged"}, {"a": (5, 6)})
        journal.put(record(name="a"), *ABOUT)
        assert (len(journal.records()), journal.failed()) == (1, {})


def test_questions_can_be_asked_in_sql(tmp_path: Path) -> None:
    """The tables are for people with questions of their own, too."""
    path = tmp_path / "h.sqlite"
    with Journal.open(path) as journal:
        journal.put(tender("2026-11-20T08:00:00", ("neck", 6, 3)), *ABOUT)
        journal.put(tender("2026-11-21T08:00:00", ("neck", 5, None)), *ABOUT)
        journal.put(record("2026-11-21T09:00:00", steps=(step(seconds=60), step(seconds=30))), *ABOUT)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT avg(before) FROM spots WHERE spot = 'neck'").fetchone() == (5.5,)
        by_day = "SELECT date(began), sum(seconds) FROM sessions JOIN steps USING (recording) GROUP BY 1"
        assert db.execute(by_day).fetchall() == [("2026-11-20", 120.0), ("2026-11-21", 210.0)]


# --- changes come about together or not at all ---


def test_a_change_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "h.sqlite") as journal:
        journal.put(record(name="a"), *ABOUT)
        with suppress(ZeroDivisionError), journal.changing():
            journal.put(record(name="b"), *ABOUT)
            journal.remove(["a"])
            assert [each.name for each in journal.records()] == ["b"]
            raise ZeroDivisionError
        assert [each.name for each in journal.records()] == ["a"]


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """From the first moment on: both make the database."""
    path = tmp_path / "h.sqlite"
    together = threading.Barrier(4)

    def write(who: int) -> None:
        together.wait()
        with Journal.open(path) as journal:
            for number in range(10):
                journal.put(record(name=f"{who}-{number}", steps=(step(), step(step=2))), *ABOUT)
                journal.records()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Journal.open(path) as journal:
        assert {each.name for each in journal.records()} == {f"{w}-{n}" for w in range(4) for n in range(10)}
        assert all(len(each.steps) == 2 for each in journal.records())


# --- files ---


def test_it_lies_beside_the_recordings(data_folder: Path) -> None:
    with Journal.open() as journal:
        assert journal.path == history_path() == data_folder / "history.sqlite"
    assert names(data_folder) == ["history.sqlite"]


@pytest.mark.parametrize("damage", ["no database", "a page of nonsense", "half of it"])
def test_a_damaged_one_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "history.sqlite"
    with Journal.open(path) as journal:
        for number in range(20):
            journal.put(record(name=f"a{number}"), *ABOUT)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "no database": b"t,ax,ay,az\n" * 200,
            "a page of nonsense": whole[:4096] + bytes(range(256)) * 16 + whole[8192:],
            "half of it": whole[: len(whole) // 2],
        }[damage]
    )
    for ending in ("", "-2"):
        broken = path.read_bytes()
        with Journal.open(path) as journal:
            assert journal.notice is not None
            assert f"history.sqlite.damaged{ending}" in journal.notice
            assert "\n" not in journal.notice
            assert journal.records() == []
            journal.put(record(), *ABOUT)
        assert (tmp_path / f"history.sqlite.damaged{ending}").read_bytes() == broken
        with Journal.open(path) as journal:
            assert journal.notice is None
            assert len(journal.records()) == 1
        path.write_bytes(broken)


def test_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    Journal.open(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(HistoryError, match=r"history.sqlite was written by a newer Palmpace .*99"):
        Journal.open(path)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["history.sqlite"]


def _second(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE sessions ADD COLUMN mood TEXT")
    db.execute("UPDATE sessions SET mood = 'good'")


def _third(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM steps")
    raise sqlite3.OperationalError("no room")


def test_an_older_one_is_brought_on_after_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.sqlite"
    with Journal.open(path) as journal:
        journal.put(record(), *ABOUT)
    monkeypatch.setattr(store, "MIGRATIONS", (*MIGRATIONS, _second))
    Journal.open(path).close()
    Journal.open(path).close()
    assert names(tmp_path) == ["history-v1.sqlite.bak", "history.sqlite"]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT mood FROM sessions").fetchall() == [("good",)]
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
    monkeypatch.undo()
    with Journal.open(tmp_path / "history-v1.sqlite.bak") as journal:
        assert len(journal.records()) == 1


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.sqlite"
    with Journal.open(path) as journal:
        journal.put(record(), *ABOUT)
    with monkeypatch.context() as newer:
        newer.setattr(store, "MIGRATIONS", (*MIGRATIONS, _second, _third))
        with pytest.raises(HistoryError, match="no room"):
            Journal.open(path)
    with Journal.open(path) as journal:
        assert len(journal.records()[0].steps) == 1
    assert names(tmp_path) == ["history-v1.sqlite.bak", "history.sqlite"]


def test_no_place_for_it_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HistoryError, match="cannot use"):
        Journal.open(tmp_path / "file" / "history.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(HistoryError, match="cannot use"):
        Journal.open(tmp_path / "folder.sqlite")


def test_it_starts_anew_when_told_to(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "h.sqlite") as journal:
        journal.put(record(), *ABOUT)
        journal.put_failed("b", "why", 1, 2)
        journal.clear()
        assert (journal.records(), journal.known()) == ([], {})
        journal.put(record(), *ABOUT)
        journal.copy_to(tmp_path / "copy.sqlite")
    with Journal.open(tmp_path / "copy.sqlite") as copy:
        assert copy.records() == [record()]
    assert names(tmp_path) == ["copy.sqlite", "h.sqlite"]
