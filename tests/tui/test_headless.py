from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from rig import START_NS, ScriptedSource, in_order, said, wrist

from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, read_recording
from tracker.events import MotionEvent
from tracker.pipeline import Pipeline, pain_message, run
from tracker.routine import load_shipped, shipped_text
from tracker.session import Command
from tui.headless import POLL_S, in_words, watch
from tui.runner import Runner

ROUTINE = shipped_text("slow-strokes")
SESSION = in_order([said(0.0, Command.START, ROUTINE), said(6.0, Command.MARK, "knee")], wrist(9.0))


def session_runner(messages: list[Message] = SESSION, path: Path | None = None) -> Runner:
    helpings = [([each], each.received_ns) for each in messages]
    return Runner(ScriptedSource(helpings), Pipeline(), recorder=Recorder(path, {}) if path else None)


def test_json_is_every_event_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    watch(session_runner(), as_json=True, in_haste=True)
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    events = list(run(SESSION, Pipeline()))
    assert [(line["event"], line["t_s"]) for line in lines] == [
        (event.__struct_config__.tag, event.t_s) for event in events
    ]
    assert lines[-1]["event"] == "summary"
    assert printed.err == "palmpace/imu: taken as m/s2, gravity included, 50 Hz, with gyroscope, time in s\n"


def test_a_person_is_told_the_motion_once_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    watch(session_runner(), as_json=False, in_haste=True)
    lines = capsys.readouterr().out.splitlines()
    motions = [line for line in lines if " cpm " in line and " cycles" in line and "in all" not in line]
    assert 7 <= len(motions) <= 9
    assert any("stroke" in line for line in motions)
    assert lines[0].endswith("running: started")
    assert "step 1 of " in lines[1]
    assert any(line.endswith("mark: knee") for line in lines)
    assert lines[-1].split("s  ", 1)[1].startswith("in all: stroke ")


def test_a_person_is_told_how_well_it_went_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    messages = in_order([said(0.0, Command.START, ROUTINE), said(40.0, Command.END)], wrist(41.0))
    watch(session_runner(messages), as_json=False, in_haste=True)
    lines = capsys.readouterr().out.splitlines()
    told = next(line for line in lines if line.startswith("  1 "))
    assert told.startswith("  1 Right side, slow strokes: ")
    assert told.endswith(" of 100, 0:40 of 2:00 done")
    why = lines[lines.index(told) + 1]
    assert "motion 9" in why
    assert "in 1.5-15 cpm; when out, too fast" in why
    assert lines[-1].startswith("    all in all: ")


def test_a_session_without_targets_is_not_scored(capsys: pytest.CaptureFixture[str]) -> None:
    messages = in_order([said(0.0, Command.START), said(20.0, Command.END)], wrist(21.0))
    watch(session_runner(messages), as_json=False, in_haste=True)
    assert "of 100" not in capsys.readouterr().out


def test_a_motion_without_a_pace_shows_a_dash() -> None:
    still = next(event for event in run(SESSION, Pipeline()) if isinstance(event, MotionEvent))
    assert in_words(still) == f"{still.t_s:7.1f} s  still           - cpm     0.0 cycles"


def test_pain_and_what_follows_from_it_are_told() -> None:
    pain = pain_message(3, "neck", START_NS + 3 * NS_PER_S)
    messages = in_order([said(0.0, Command.START), said(2.0, Command.PAIN), pain], wrist(5.0))
    slow = Pipeline(load_shipped("slow-strokes"))
    told = [words for event in run(messages, slow) if (words := in_words(event)) is not None]
    assert "    2.0 s  > ease off: stopped for pain" in told
    assert "    3.0 s  pain 3 of 10 at neck: on, easier" in told
    assert "    3.0 s  easier: Right side, slow strokes, 0.9-12 cpm" in told


def test_no_control_character_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A topic, a mark or a routine of somebody else's recording must not move the cursor."""
    evil = "\x1b]0;owned\x07\x9b2J"
    messages = [
        *wrist(5.0),
        Message(f"a{evil}b", b"?", START_NS + 6 * NS_PER_S),
        said(6.0, Command.MARK, f"see {evil} here"),
    ]
    for as_json in (False, True):
        watch(session_runner(messages), as_json=as_json, in_haste=True)
        printed = capsys.readouterr()
        assert "a]0;owned2Jb: neither JSON nor numbers: not used" in printed.err
        if not as_json:
            assert "mark: see ]0;owned2J here" in printed.out
            assert (printed.out + printed.err).replace("\n", "").isprintable()


def test_a_paced_session_waits_between_two_looks() -> None:
    waits: list[float] = []
    watch(session_runner(), as_json=True, sleep=waits.append)
    assert waits == [POLL_S] * (len(SESSION) - 1)
    waits.clear()
    watch(session_runner(), as_json=True, sleep=waits.append, in_haste=True)
    assert waits == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_session_between_two_messages(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it comes in the middle of a write: the message is recorded, read and shown, then comes the summary."""
    path = tmp_path / "a.mcap"
    runner = session_runner(path=path)
    assert runner.recorder is not None
    write, written = runner.recorder.write, 0

    def interrupted_write(message: Message) -> None:
        nonlocal written
        written += 1
        if written == 20:
            os.kill(os.getpid(), number)
        write(message)

    monkeypatch.setattr(runner.recorder, "write", interrupted_write)
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        watch(runner, as_json=True, in_haste=True)
    assert signal.getsignal(number) is before
    recorded = list(read_recording(path))
    assert recorded[:20] == SESSION[:20]
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1])["event"] == "summary"
    assert len(lines) == len(list(run(recorded, Pipeline())))


def test_ctrl_c_stays_ignored_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            os.kill(os.getpid(), signal.SIGINT)

        watch(session_runner(), as_json=True, sleep=sleep)
        assert len(waits) == len(SESSION) - 1  # to its end
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_second_ctrl_c_does_not_wait() -> None:
    runner = session_runner()

    def impatient(seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the second one raises here")

    with pytest.raises(KeyboardInterrupt):
        watch(runner, as_json=True, sleep=impatient)
    assert runner.done
