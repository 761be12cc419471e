"""Live, its recording replayed, and its recording analysed give the same session events, to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import (
    START_NS,
    LiveSession,
    ScriptedSource,
    in_order,
    needs_mosquitto,
    said,
    states,
    wrist,
)

from sensors.broker import start_broker
from sensors.message import NS_PER_S, Message
from sensors.recording import open_recording
from sensors.simulate import Device
from tracker.events import CueEvent, Event, LinkEvent, MarkEvent, MotionEvent, StepEvent, SummaryEvent, to_json
from tracker.pipeline import Pipeline, run
from tracker.routine import shipped_text
from tracker.session import Command
from tui.analyze import analyze_file
from tui.launch import Launch
from tui.runner import Runner

EXAMPLES = sorted(Path(__file__).parents[1].joinpath("recordings").glob("*.mcap"))

SILENCE_S = (13.0, 18.5)
ROUTINE = shipped_text("sore-back")


def a_session(format: str) -> list[Message]:
    """Half a minute with everything that can happen to a session: commands, lost batches, a silence."""
    device = Device(rate_hz=50, loss=0.05, gaps=(SILENCE_S,), latency_s=0.031)
    heard = [each for each in wrist(30.0, format=format, device=device) if not _silent(each)]
    commands = [
        said(0.0, Command.START, ROUTINE),
        said(4.03, Command.PAUSE),
        said(5.5, Command.RESUME),
        said(7.77, Command.NEXT),
        said(9.0, Command.MARK, "left shoulder – tight"),
        said(10.4, Command.PAIN),
        said(11.9, Command.RESUME),
        said(22.0, Command.BACK),
    ]
    return in_order(commands, heard)


def _silent(message: Message) -> bool:
    return SILENCE_S[0] < (message.received_ns - START_NS) / NS_PER_S < SILENCE_S[1]


def replayed(path: Path) -> list[Event]:
    runner = Launch().replay(path, speed=None, routine=None)
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    return events + runner.close()


def analysed(path: Path) -> list[Event]:
    return list(run(open_recording(path).messages(), Pipeline()))


def assert_one_path(live: list[Event], path: Path) -> None:
    """Assert that live, replay and analysis agree, event by event and in what they print."""
    again, analysis = replayed(path), analysed(path)
    assert again == live
    assert analysis == live
    assert [*map(to_json, again)] == [*map(to_json, live)]
    summary = live[-1]
    assert isinstance(summary, SummaryEvent)
    totals = analyze_file(path)
    assert totals["streams"] == msgspec.to_builtins(summary.streams)
    assert totals["streams"][0]["totals"] == msgspec.to_builtins(summary.totals)


@pytest.mark.parametrize(
    ("kind", "format"),
    [
        pytest.param("mosquitto", "sensor-logger", marks=needs_mosquitto),
        pytest.param("mosquitto", "phyphox", marks=needs_mosquitto),
        ("amqtt", "plain"),
    ],
)
def test_live_replay_and_analysis_agree(kind: Literal["mosquitto", "amqtt"], format: str, tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    script = a_session(format)
    with start_broker(0, kind) as broker:
        session = LiveSession(broker.address, path)
        session.play(script)
        session.look_at(session.clock.now_ns + 700_000_000)
        session.close()
    live = session.events

    recorded = list(open_recording(path).messages())
    assert recorded[:-1] == script  # to the nanosecond; the last is the end, which closing gives
    assert_one_path(live, path)

    # The session was an eventful one.
    assert [why for _, why in states(live)] == [
        "started",
        "paused",
        "resumed",
        "stopped for pain",
        "resumed",
        "nothing heard from the wrist",
        "the wrist is heard again",
        "ended by you",
    ]
    assert [event.why for event in live if isinstance(event, StepEvent)] == ["start", "next", "back"]
    assert [event.text for event in live if isinstance(event, MarkEvent)] == ["left shoulder – tight"]
    assert any(isinstance(event, CueEvent) and event.cue == "ease off" for event in live)
    assert any(isinstance(event, LinkEvent) and (event.stale_s or 0) > 3 for event in live)
    motions = {event.motion for event in live if isinstance(event, MotionEvent)}
    assert motions >= {"still", "stroke"}
    stream = live[-1].streams[0]  # type: ignore[attr-defined]  # the last event is the summary, asserted above
    assert any(gap.end_s - gap.start_s > 4 for gap in stream.gaps)
    assert stream.totals["stroke"].cycles > 3


@needs_mosquitto
def test_a_wrist_that_sends_before_the_session_begins(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    heard = wrist(8.0)
    with start_broker(0, "mosquitto") as broker:
        session = LiveSession(broker.address, path)
        session.play(heard[:4])
        session.runner.begin(ROUTINE)
        session.play(heard[4:])
        session.close()
    assert states(session.events)[:2] == [("running", "started")] * 2
    assert any(isinstance(event, StepEvent) and event.of > 1 for event in session.events)
    assert_one_path(session.events, path)


@needs_mosquitto
def test_a_session_that_hears_nothing(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    with start_broker(0, "mosquitto") as broker:
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        session.look_at(START_NS + 10 * NS_PER_S)
        session.close()
    assert [why for _, why in states(session.events)] == ["started", "nothing heard from the wrist", "ended by you"]
    assert replayed(path) == analysed(path) == session.events
    assert analyze_file(path)["error"] == f"{path}: no acceleration in it"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_recording_is_the_same_session_every_way(example: Path, tmp_path: Path) -> None:
    """Its messages through a broker once more, the recording of that replayed, and the example itself analysed."""
    path = tmp_path / "again.mcap"
    script = list(open_recording(example).messages())
    with start_broker(0) as broker:
        session = LiveSession(broker.address, path)
        session.play(script)
        session.close()
    assert list(open_recording(path).messages()) == script  # which ends with its end command
    assert replayed(path) == session.events
    assert analysed(example) == session.events


SHORT = in_order(wrist(9.0), [said(0.0, Command.START, ROUTINE), said(5.0, Command.NEXT), said(8.7, Command.END)])


@pytest.fixture(scope="module")
def at_once() -> list[Event]:
    return list(run(SHORT, Pipeline()))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_how_often_a_front_end_looks_makes_no_difference(at_once: list[Event], data: st.DataObject) -> None:
    """It may look between any two messages, several times, or once at the end of all."""
    cuts = data.draw(st.lists(st.integers(0, len(SHORT)), max_size=60).map(sorted))
    helpings: list[tuple[list[Message], int]] = []
    begin = 0
    for cut in [*cuts, len(SHORT)]:
        last_ns = SHORT[max(cut - 1, 0)].received_ns
        next_ns = SHORT[cut].received_ns if cut < len(SHORT) else last_ns
        now_ns = data.draw(st.integers(last_ns, next_ns)) if cut else last_ns
        now_ns = max(now_ns, helpings[-1][1] if helpings else 0)
        helpings.append((SHORT[begin:cut], now_ns))
        begin = cut
    assert looked(helpings) == at_once


@pytest.mark.parametrize("at_a_time", [1, 7, len(SHORT)])
def test_looking_at_every_message_or_at_all_of_them(at_once: list[Event], at_a_time: int) -> None:
    parts = [SHORT[begin : begin + at_a_time] for begin in range(0, len(SHORT), at_a_time)]
    assert looked([(part, part[-1].received_ns) for part in parts]) == at_once


def looked(helpings: list[tuple[list[Message], int]]) -> list[Event]:
    runner = Runner(ScriptedSource(helpings), Pipeline())
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    return events + runner.close()
