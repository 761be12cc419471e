"""A session that nobody follows as it happens has the same summary, at any moment that counts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from rig import START_NS, in_order, said, wrist

from sensors.decode import Decoder
from sensors.message import NS_PER_S, Message
from sensors.recording import open_recording
from sensors.simulate import Device
from tracker import pipeline as pipeline_module
from tracker.events import Event, LinkEvent, MotionEvent, NoticeEvent, SessionEvent, StepEvent, SummaryEvent
from tracker.pipeline import Pipeline, PipelineParams, run
from tracker.routine import parse_routine, shipped_text
from tracker.session import Command
from tui.analyze import analyze_file
from tui.launch import Launch

EXAMPLES = sorted(Path(__file__).parents[1].joinpath("recordings").glob("*.mcap"))

TIMED = """
format = 1
name = "timed"
title = "Timed"
[[step]]
name = "Any"
technique = "any"
seconds = {first_s}
[[step]]
name = "More"
technique = "any"
motion = "stroke"
{goal}
"""


def one_by_one(messages: list[Message]) -> list[Event]:
    return list(run(messages, Pipeline(params=PipelineParams(keep_track=True))))


def unwatched(messages: list[Message]) -> list[Event]:
    return list(run(messages, Pipeline(params=PipelineParams(keep_track=True, unwatched=True))))


def told(events: list[Event]) -> list[Event]:
    """All but the looks and the links; notices without their time, since they come with the samples they are of."""
    kept = [event for event in events if not isinstance(event, MotionEvent | LinkEvent)]
    notices = [replace(event, t_s=0.0) for event in kept if isinstance(event, NoticeEvent)]
    return [*(event for event in kept if not isinstance(event, NoticeEvent)), *notices]


def same_session(messages: list[Message]) -> list[Event]:
    """Give what an unwatched session told, having seen that it is the same."""
    events, fewer = one_by_one(messages), unwatched(messages)
    assert fewer == [event for event in fewer if not isinstance(event, MotionEvent | LinkEvent)]
    assert told(fewer) == told(events)
    assert fewer[-1] == events[-1]
    return fewer


def summary_of(events: list[Event]) -> SummaryEvent:
    last = events[-1]
    assert isinstance(last, SummaryEvent)
    return last


def timed(first_s: float, goal: str) -> str:
    text = TIMED.format(first_s=first_s, goal=goal)
    assert parse_routine(text, "test").step
    return text


SILENCE_S = (25.0, 31.0)
HEARD = [
    message
    for message in wrist(60.0, format="sensor-logger", device=Device(rate_hz=50, loss=0.03, latency_s=0.031))
    if not SILENCE_S[0] < (message.received_ns - START_NS) / NS_PER_S < SILENCE_S[1]
]
COMMANDS = [
    said(4.03, Command.PAUSE),
    said(5.5, Command.RESUME),
    said(13.77, Command.NEXT),
    said(19.0, Command.MARK, "left shoulder"),
    said(20.4, Command.PAIN),
    said(21.9, Command.RESUME),
    said(47.0, Command.BACK),
]


@pytest.mark.parametrize("routine", ["", shipped_text("sore-back"), timed(12.0, "seconds = 600")])
def test_commands_and_silence_count_at_their_moment(routine: str) -> None:
    summary_of(same_session(in_order([said(0.0, Command.START, routine)], COMMANDS, HEARD)))


@pytest.mark.parametrize("ends_s", [3.0, 17.3, 44.41])
def test_the_end_command_ends_it_there(ends_s: float) -> None:
    summary = summary_of(same_session(in_order([said(0.0, Command.START), said(ends_s, Command.END)], HEARD)))
    assert summary.t_s == pytest.approx(ends_s)


@pytest.mark.parametrize("goal", ["seconds = 9.7", "cycles = 4", "seconds = 30"])
@pytest.mark.parametrize("first_s", [0.1, 8.0, 14.0])
def test_a_routine_ends_at_the_message_that_reaches_its_goal(first_s: float, goal: str) -> None:
    messages = in_order([said(0.0, Command.START, timed(first_s, goal))], HEARD)
    events = same_session(messages)
    assert [event.why for event in events if isinstance(event, StepEvent)] == ["start", "goal reached"]
    assert [event.why for event in events if isinstance(event, SessionEvent)][-1] == "all steps done"
    assert summary_of(events).t_s < 55


def test_two_wrists_at_once() -> None:
    left, right = (
        [
            Message(f"palmpace/{name}", message.payload.replace(b"simulated-wrist", name.encode()), message.received_ns)
            for message in wrist(30.0, format="sensor-logger", name=name, device=Device(rate_hz=rate_hz))
        ]
        for name, rate_hz in (("strokes", 50), ("circles", 100))
    )
    summary = summary_of(same_session(in_order(left, right)))
    assert len(summary.streams) == 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_the_same_summary(example: Path) -> None:
    summary_of(same_session(list(open_recording(example).messages())))


def test_seconds_go_to_the_engine_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    update = pipeline_module.Engine.update

    def spy(self: pipeline_module.Engine, samples: pipeline_module.Samples) -> object:
        lengths.append(len(samples))
        return update(self, samples)

    monkeypatch.setattr(pipeline_module.Engine, "update", spy)
    unwatched(wrist(60.0, format="sensor-logger"))
    assert len(lengths) < 20
    assert sum(lengths) == pytest.approx(3000, abs=10)


def test_a_table_is_analysed_as_it_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "strokes.csv"
    accelerations = [Decoder().decode(message).readings[0] for message in wrist(40.0, format="sensor-logger")]
    rows = [
        f"{(tick - accelerations[0].ticks[0]) / NS_PER_S:.5f},{x},{y},{z}"
        for reading in accelerations
        for tick, (x, y, z) in zip(reading.ticks.tolist(), reading.xyz.tolist(), strict=True)
    ]
    path.write_text("\n".join(["t,ax,ay,az", *rows[:1500], "damaged", *rows[1500:], *rows[:900]]))  # and a second take
    runner = Launch().replay(path, speed=None, routine=None)
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    summary = [*events, *runner.close()][-1]
    assert isinstance(summary, SummaryEvent)
    assert analyze_file(path)["streams"] == msgspec.to_builtins(summary.streams)
    assert summary.streams[0].samples == len(rows) + 900
