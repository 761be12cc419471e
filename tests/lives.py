"""Lives of a session, each ended by ``kill -9`` at some call of some function; run by `test_history_crash`.

Usage: python lives.py TEMPLATE FOLDER SEED TIMES

``TEMPLATE`` is a data folder as it was before. One life in full tells how many calls there are in each part of it; then
in copies of the folder, so many times for each part, a process dies at one of them. A JSON line tells of each.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rig import START_NS, ScriptedSource, in_order, said, wrist

from journal import store
from journal.catch_up import catch_up, keep_session
from journal.store import MIGRATIONS, Journal
from sensors.keep import DATA_VARIABLE
from sensors.message import NS_PER_S
from sensors.recording import Recorder, recordings_folder
from tracker.pipeline import Pipeline
from tracker.routine import shipped_text
from tracker.session import Command
from tui.runner import Runner

PARTS = ("bringing it on", "start", "during", "closing", "catching up")
NAME = "2026-11-22T08-00-00-slow-strokes"
SECONDS = 3
LOOKS = 6
END_NS = START_NS + (SECONDS + 1) * NS_PER_S


def second(db: sqlite3.Connection) -> None:
    """What a later version might do."""
    db.execute("UPDATE sessions SET title = upper(title)")
    db.execute("CREATE INDEX sessions_title ON sessions (title)")
    db.execute("UPDATE sessions SET title = 'Slow strokes'")


def live(part: Callable[[str], contextmanager[None]]) -> None:
    """Live once, told what part of life it is."""
    with part("bringing it on"):
        Journal.open().close()
    moved = [each for each in wrist(5.0) if START_NS < each.received_ns < END_NS - NS_PER_S]
    messages = in_order(moved, [said(1.0, Command.MARK, "pop")])
    share = len(messages) // LOOKS + 1
    helpings = [messages[at : at + share] for at in range(0, len(messages), share)]
    source = ScriptedSource(
        [([], START_NS), *((some, some[-1].received_ns) for some in helpings), ([], END_NS), ([], END_NS)]
    )
    with part("start"):
        recorder = Recorder(recordings_folder() / f"{NAME}.mcap", {"routine": "slow-strokes"})
        runner = Runner(source, Pipeline(), recorder=recorder, keep=keep_session)
        runner.begin(shipped_text("slow-strokes"))
    with part("during"):
        for _ in helpings:
            runner.poll()
    with part("closing"):
        runner.close()
    with part("catching up"), Journal.open() as journal:
        catch_up(journal, recordings_folder())


class Calls:
    """Counts calls within parts of a life, and ends it at one of them."""

    def __init__(self, dies_in: str = "", at: int = 0) -> None:
        self.counted = dict.fromkeys(PARTS, 0)
        self._dies_in, self._at = dies_in, at

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        def call(_frame: object, event: str, _what: object) -> None:
            if event in ("call", "c_call"):
                self.counted[name] += 1
                if name == self._dies_in and self.counted[name] >= self._at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(call)
        try:
            yield
        finally:
            sys.setprofile(None)


def in_a_process(work: Callable[[], None]) -> int:
    """Do it in a process of its own; give the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    template, folder, seed, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    store.MIGRATIONS = (*MIGRATIONS, second)
    chosen = random.Random(seed)

    def die(name: str, dies_in: str, at: int, about: Path | None = None) -> int:
        os.environ[DATA_VARIABLE] = str(shutil.copytree(template, folder / name))
        calls = Calls(dies_in, at)

        def work() -> None:
            live(calls.part)
            if about is not None:
                about.write_text(json.dumps(calls.counted))

        return in_a_process(work)

    full = folder / "calls.json"
    assert die("whole", "", 0, full) == 0
    counted = json.loads(full.read_text())
    for part in PARTS:
        for number in range(times):
            at = chosen.randint(1, counted[part])
            name = f"{part.replace(' ', '-')}-{number}"
            ended = die(name, part, at)
            print(json.dumps({"part": part, "at": at, "of": counted[part], "name": name, "ended": ended}), flush=True)


if __name__ == "__main__":
    main()
