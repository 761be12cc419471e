"""Whatever a session or the history was doing when its process was killed, the history says what the recordings say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import lives
import pytest
from rig import START_NS, ScriptedSource, in_order, said, wrist

from journal import store
from journal.catch_up import catch_up, keep_session, read_record, rebuild
from journal.store import MIGRATIONS, Journal
from sensors.keep import DATA_VARIABLE
from sensors.message import NS_PER_S
from sensors.recording import Recorder, list_recordings, recordings_folder
from tracker.events import NoticeEvent
from tracker.pipeline import Pipeline
from tracker.routine import shipped_text
from tracker.session import Command
from tui.runner import Runner

TIMES = 3
BEFORE = ("2026-11-20T08-00-00-slow-strokes", "2026-11-21T08-00-00-slow-strokes")
DEAD = "2026-11-21T09-00-00-slow-strokes"


def earlier(folder: Path) -> None:
    """Two sessions in a history of the first version, one whose process died, and a file that is none."""
    start = said(0.0, Command.START, shipped_text("slow-strokes"))
    messages = in_order([start], wrist(5.0)[:100], [said(5.1, Command.END)])
    for name in (*BEFORE, DEAD):
        recorder = Recorder(folder / f"{name}.mcap", {})
        for message in messages:
            recorder.write(message)
        if name == DEAD:
            recorder.flush()
            recorder._file.close()
        else:
            recorder.close()
    (folder / "other.mcap").write_bytes(b"t,ax,ay,az\n")
    with Journal.open() as journal:
        journal.put(read_record(folder / f"{BEFORE[0]}.mcap"), 1, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_at_any_call_the_history_is_what_the_recordings_say(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier(recordings_folder())
    words = [sys.executable, lives.__file__, data_folder, tmp_path / "lives", "7", str(TIMES)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(words, env=environment, stdout=subprocess.PIPE, timeout=60, check=True).stdout
    deaths = [json.loads(line) for line in told.splitlines()]
    assert Counter(death["part"] for death in deaths) == dict.fromkeys(lives.PARTS, TIMES)
    assert {death["ended"] for death in deaths} == {-9}

    monkeypatch.setattr(store, "MIGRATIONS", (*MIGRATIONS, lives.second))
    for death in deaths:
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "lives" / death["name"]))
        looked_at(recordings_folder(), death)


def looked_at(folder: Path, death: dict[str, object]) -> None:
    with Journal.open() as journal, Journal.open(folder.parent / "new.sqlite") as new:
        assert journal.notice is None, death  # nothing is damaged
        for record in journal.records():  # nothing is half there
            if record.name != BEFORE[0]:
                assert record == read_record(folder / f"{record.name}.mcap"), death
        catch_up(journal, folder)
        rebuild(new, folder, thorough=True)
        assert journal.records() == new.records(), death
        assert journal.known() == new.known(), death
        assert list(journal.failed()) == list(new.failed()), death
        with closing(store.sqlite3.connect(journal.path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], death
            assert db.execute("PRAGMA foreign_key_check").fetchall() == [], death
        names = [each.name for each in journal.records()]
        assert set(names) >= {*BEFORE, DEAD}, death
        assert lives.NAME in names or death["part"] in ("bringing it on", "start"), death
        if lives.NAME in names and death["part"] in ("closing", "catching up"):
            (record,) = (each for each in journal.records() if each.name == lives.NAME)
            assert [mark.text for mark in record.marks] == ["pop"], death
            assert record.length_s > lives.SECONDS - 1.2, death  # no more than the last second is lost
    assert all(each.closed or each.size_bytes == 0 for each in list_recordings(folder)), death


def test_two_sessions_at_once_lose_nothing(data_folder: Path) -> None:
    """Nor does what looks at the folder meanwhile."""
    together = threading.Barrier(3)
    each = 4

    def sit(who: int) -> None:
        together.wait()
        for number in range(each):
            looks = [([], START_NS), ([message], message.received_ns), *[([], START_NS + NS_PER_S)] * 3]
            recorder = Recorder(recordings_folder() / f"{who}-{number}.mcap", {})
            runner = Runner(ScriptedSource(looks), Pipeline(), recorder=recorder, keep=keep_session)
            runner.begin()
            runner.poll()
            runner.command(Command.MARK, f"{who}, {number}")
            assert not any(isinstance(event, NoticeEvent) for event in runner.close())

    def look() -> None:
        together.wait()
        for _ in range(each):
            with Journal.open() as journal:
                catch_up(journal, recordings_folder())

    message = wrist(5.0)[0]
    threads = [threading.Thread(target=work) for work in (lambda: sit(1), lambda: sit(2), look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Journal.open() as journal, Journal.open(data_folder / "new.sqlite") as new:
        assert [mark.text for record in journal.records() for mark in record.marks] == [
            f"{who}, {number}" for who in (1, 2) for number in range(each)
        ]
        rebuild(new, recordings_folder(), thorough=True)
        assert journal.records() == new.records()
        assert journal.known() == new.known()
