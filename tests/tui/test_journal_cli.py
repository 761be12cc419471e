"""The commands about days and weeks, as they are typed."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rig import ScriptedSource

from journal.catch_up import CaughtUp, catch_up, keep_session
from journal.noted import noted
from journal.store import Journal
from sensors.keep import PERSON_VARIABLE
from sensors.message import NS_PER_S
from sensors.recording import Recorder, new_recording_path, recordings_folder
from tracker.events import Event, NoticeEvent, StepResult
from tracker.pipeline import Pipeline, command_message, feel_message
from tracker.pipeline import run as run_pipeline
from tracker.routine import load_shipped, shipped_text
from tracker.session import Command
from tui import journal
from tui.cli import run
from tui.runner import Runner

NOW = datetime(2026, 11, 25, 20)  # noqa: DTZ001 - a Wednesday, local time
ROUTINE = "sore-back"
COUNTED = ("right_s", "cycles", "cw", "ccw", "judged_s", "in_band_s", "below_s", "above_s", "cues")


@pytest.fixture
def palmpace(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The command, in this process, on that day: exit code, stdout, stderr."""
    monkeypatch.setattr(journal, "_today", NOW.date)
    before = signal.getsignal(signal.SIGTERM)

    def command(*words: str) -> tuple[int, str, str]:
        code = run(list(words))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    yield command
    signal.signal(signal.SIGTERM, before)


def session(days_ago: int, minutes: float = 8, tender: int | None = None) -> None:
    """A session without a device, of which it was noted that its first step was done for that long."""
    began = NOW - timedelta(days=days_ago)
    began_ns = round(began.timestamp()) * NS_PER_S
    end_ns = began_ns + round(minutes * 60) * NS_PER_S
    messages = [
        command_message(Command.START, began_ns, shipped_text(ROUTINE)),
        *([feel_message("before", tender, began_ns, "left shoulder")] if tender is not None else []),
        command_message(Command.END, end_ns),
        feel_message("after", 2, end_ns),
    ]
    pipeline = Pipeline()
    list(run_pipeline(messages, pipeline))
    done = StepResult(step=1, name="Warm the lotion", seconds=60 * minutes, **dict.fromkeys(COUNTED, 0), period_cv=None)
    summary = msgspec.structs.replace(pipeline.summary(), steps=[done])
    with Recorder(new_recording_path(began, ROUTINE), {}) as recorder:
        for message in messages:
            recorder.write(message)
        recorder.sum_up(noted(summary, load_shipped(ROUTINE)))


# --- a session's end ---


def ended(keep: Callable[[Path], None] = keep_session) -> list[Event]:
    """What is told as a session ends."""
    began_ns = round(NOW.timestamp()) * NS_PER_S
    looks = [([], began_ns), ([], began_ns + 60 * NS_PER_S), ([], began_ns + 61 * NS_PER_S)]
    recorder = Recorder(new_recording_path(NOW, ROUTINE), {})
    runner = Runner(ScriptedSource(looks), Pipeline(), recorder=recorder, keep=keep)
    runner.begin(shipped_text(ROUTINE))
    runner.poll()
    return runner.close()


def test_a_session_is_in_the_history_as_soon_as_it_ends() -> None:
    ended()
    with Journal.open() as history:
        (record,) = history.records()
        assert (record.routine, record.began, record.ended) == (ROUTINE, NOW, "ended by you")
        assert catch_up(history, recordings_folder()) == CaughtUp()


def test_a_history_that_cannot_be_written_is_no_more_than_a_notice(data_folder: Path) -> None:
    (data_folder / "history.sqlite").mkdir(parents=True)
    (notice,) = (event for event in ended() if isinstance(event, NoticeEvent))
    assert notice.about == "history"
    assert "cannot use" in notice.text
    assert len(list(recordings_folder().glob("*.mcap"))) == 1


# --- history ---


def test_weeks_are_listed(palmpace: Any) -> None:
    assert palmpace("history")[:2] == (0, "no sessions yet\n")
    for days_ago in (3, 1, 0):
        session(days_ago)
    (recordings_folder() / "other.mcap").write_bytes(b"no recording")
    code, out, err = palmpace("history")
    assert code == 0
    assert out.splitlines()[0] == "Week from Mon 16 Nov 2026: 1 session, 8 min, - in band"
    assert out.splitlines()[2] == "Week from Mon 23 Nov 2026: 2 sessions, 16 min, - in band"
    assert out.splitlines()[4].startswith("  Wed 25  20:00  Back massage for a sore back (swedish)")
    assert out.splitlines()[4].endswith("sore - to 2")
    assert err == "palmpace: other.mcap is not a recording: it does not begin as an MCAP file does\n"
    newest = max(recordings_folder().glob("*-sore-back.mcap"))
    newest.replace(newest.with_name(os.fsdecode(b"caf\xe9.mcap")))  # a name need not be text
    lines = [json.loads(line) for line in palmpace("history", "--json")[1].splitlines()]
    assert lines[2]["name"] == "caf?"
    assert [line["began"][:10] for line in lines] == ["2026-11-22", "2026-11-24", "2026-11-25"]
    assert lines[0]["feelings"] == {"before": None, "after": 2, "spots": []}


def test_it_is_rebuilt_with_progress(palmpace: Any, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "TOLD_EVERY_S", 0.0)
    session(1)
    session(0)
    for thorough in ((), ("--thorough",)):
        code, out, err = palmpace("history", "rebuild", *thorough)
        assert (code, out) == (0, "")
        assert err.splitlines() == ["reading 1 of 2", "reading 2 of 2", "palmpace: 2 sessions read"]
    (data_folder / "history.sqlite").write_bytes(b"damaged" * 1000)
    code, out, err = palmpace("history")
    assert (code, len(out.splitlines())) == (0, 3)
    assert "history.sqlite.damaged: the history is made again from the recordings" in err


def test_a_history_that_cannot_be_used_is_one_line(palmpace: Any, data_folder: Path) -> None:
    (data_folder / "history.sqlite").mkdir(parents=True)
    code, out, err = palmpace("history")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("palmpace: cannot use ")


# --- plan ---


def test_a_plan_from_the_routine_itself_is_labelled(palmpace: Any) -> None:
    code, out, _ = palmpace("plan", "add", "trigger-press")
    assert code == 0
    assert "0 of 5 today" in out
    assert "tradition" in out
    told = json.loads(palmpace("plan", "--json")[1])
    assert (told["routine"], told["per"], told["evidence"], told["tradition"]) == ("trigger-press", "day", 3, True)


def test_todays_progress(palmpace: Any) -> None:
    assert "palmpace plan add" in palmpace("plan")[1]
    session(0)
    session(1, minutes=0.5)  # hardly begun
    session(2)
    session(3)  # on Sunday
    _, out, _ = palmpace("plan", "add", ROUTINE, "--a-week", "2", "--weeks", "8")
    assert out == "x Back massage for a sore back    2 of 2 this week, week 1 of 8\n"
    assert "1 of 3 today" in palmpace("plan", "add", ROUTINE, "--a-day", "3")[1]
    assert palmpace("plan", "remove", ROUTINE)[1].startswith("no plan yet")


@pytest.mark.parametrize(
    ("words", "code", "say"),
    [
        (("plan", "add", "nope"), 1, "no routine is called 'nope'"),
        (("plan", "add", ROUTINE), 1, "sore-back does not say how often: give --a-day N or --a-week N"),
        (("plan", "add", ROUTINE, "--a-day", "1", "--a-week", "2"), 2, "give either --a-day or --a-week"),
        (("plan", "add", ROUTINE, "--a-day", "0"), 2, "--a-day takes a number of at least 1, not 0"),
        (("plan", "add", "trigger-press", "--weeks", "999"), 2, "--weeks takes a number of at most 520, not 999"),
        (("plan", "remove", "nope"), 1, "the plan has no goal for 'nope'; there are: none"),
        (("history", "--person"), 2, "--person takes a name"),
        (("--person", "../up", "history"), 2, "'../up' is no name for a person"),
        (("forget",), 2, "say --yes"),
        (("forget", "--recordings-before", "soon"), 2, "'soon' is no day: write it as 2026-01-31"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(
    palmpace: Any, words: tuple[str, ...], code: int, say: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    session(0)
    before = len(list(recordings_folder().iterdir()))
    told = palmpace(*words)
    assert told[0] == code
    assert told[1] == ""
    assert say in told[2]
    assert told[2].count("\n") == 1
    assert len(list(recordings_folder().iterdir())) == before


# --- diary ---


def test_a_spot_over_two_weeks(palmpace: Any) -> None:
    assert "nothing was said of a spot" in palmpace("diary")[1]
    for days_ago, tender in enumerate((2, 3, 4, 5, 6, 7, 8)):
        session(days_ago * 2, tender=tender)
    _, out, _ = palmpace("diary")
    assert out.splitlines()[1] == "left shoulder              ▇ ▆ ▅ ▅ ▄ ▃ ▂    8 to 2  easing, by 3.5 a week"
    lines = palmpace("diary", "Left shoulder")[1].splitlines()
    assert len(lines) == 9
    assert lines[-1] == "    Wed 25 Nov 2026: 2 before"
    told = json.loads(palmpace("diary", "--json")[1])
    assert (told["spot"], told["trend_per_week"], told["advice"]) == ("left shoulder", -3.5, "")
    code, out, err = palmpace("diary", "knee")
    assert (code, out) == (1, "")
    assert err == "palmpace: nothing was said of 'knee' in the last two weeks; spots: left shoulder\n"


def test_what_lasts_has_advice(palmpace: Any) -> None:
    for days_ago in range(20):
        session(days_ago, tender=5)
    _, out, _ = palmpace("diary")
    assert "no clear change" in out
    assert "have a professional look at it" in out


# --- people ---


def test_people_have_recordings_of_their_own(palmpace: Any, data_folder: Path) -> None:
    session(0)
    assert palmpace("--person", "Anna", "history")[1] == "no sessions yet\n"
    assert PERSON_VARIABLE not in os.environ
    palmpace("plan", "add", "--person=Anna", ROUTINE, "--a-day", "2")
    assert palmpace("plan")[1].startswith("no plan yet")
    assert "0 of 2 today" in palmpace("plan", "--person", "anna")[1]
    lines = palmpace("people")[1].splitlines()
    assert [line.split()[:-1] for line in lines] == [["(no", "name)", "1", "recording"], ["anna", "0", "recordings"]]
    told = [json.loads(line) for line in palmpace("people", "--json")[1].splitlines()]
    assert told[1] == {
        "person": "anna",
        "recordings": 0,
        "bytes": 0,
        "folder": str(data_folder / "people" / "anna" / "recordings"),
    }


# --- taken along, and removed ---


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_all_is_taken_along_and_then_forgotten(
    palmpace: Any, tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(0)
    session(9)
    (recordings_folder() / "letter.txt").write_text("not Palmpace's")
    out = tmp_path / "all.zip"
    code, said, err = palmpace("export", "-o", str(out))
    assert (code, said.startswith(f"{out}: ")) == (0, True)
    assert err == f"palmpace: left out: {recordings_folder() / 'letter.txt'} was not written by Palmpace\n"

    assert "1 file removed" in palmpace("forget", "--yes", "--recordings-before", "2026-11-20")[1]
    assert len(palmpace("history", "--json")[1].splitlines()) == 1

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    code, said, _ = palmpace("forget")
    assert code == 1
    assert "recordings         1 file" in said
    assert f"in {recordings_folder()}" in said
    assert "letter.txt was not written by Palmpace" in said
    assert said.endswith("nothing was removed\n")
    assert len(palmpace("history", "--json")[1].splitlines()) == 1

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    code, said, _ = palmpace("forget")
    assert (code, said.splitlines()[-1].endswith("files removed")) == (0, True)
    assert [path.name for path in data_folder.rglob("*") if path.is_file()] == ["letter.txt"]
    stays = f"This stays: {recordings_folder() / 'letter.txt'} was not written by Palmpace."
    assert palmpace("forget")[1] == f"there is nothing to forget\n{stays}\n"
