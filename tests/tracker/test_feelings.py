"""How sore the person feels, before the session and after it, is part of the recording and of the summary."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from rig import START_NS, in_order, said, wrist

from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.recording import Recorder, open_recording
from tracker.events import Event, Feelings, NoticeEvent, SummaryEvent
from tracker.pipeline import CommandBody, Pipeline, PipelineParams, feel_message, run
from tracker.session import Command


def at(t_s: float) -> int:
    return START_NS + round(t_s * NS_PER_S)


BEFORE = feel_message("before", 5, at(0.5))
AFTER = feel_message("after", 3, at(20.0))
SESSION = in_order([said(0.0, Command.START), BEFORE, said(9.0, Command.END)], wrist(12.0))


def fed(messages: list[Message]) -> tuple[Pipeline, list[Event]]:
    pipeline = Pipeline()
    return pipeline, [event for message in messages for event in pipeline.feed(message)]


def summed_up(events: list[Event]) -> SummaryEvent:
    assert isinstance(events[-1], SummaryEvent)
    assert sum(isinstance(event, SummaryEvent) for event in events) == 1
    return events[-1]


def test_what_was_said_before_is_in_the_summary() -> None:
    _, events = fed(SESSION)
    assert summed_up(events).feelings == Feelings(before=5, after=None)


def test_without_a_word_it_is_unknown() -> None:
    _, events = fed([message for message in SESSION if message is not BEFORE])
    assert summed_up(events).feelings == Feelings(before=None, after=None)


def test_the_last_word_counts() -> None:
    pipeline, _ = fed([*SESSION, AFTER, feel_message("after", 0, at(22.0))])
    assert pipeline.feelings == Feelings(before=5, after=0)


def test_after_the_end_a_feeling_is_taken_and_nothing_else() -> None:
    pipeline, events = fed(SESSION)
    told = summed_up(events)
    late = [said(19.0, Command.MARK, "late"), AFTER, said(21.0, Command.START), *wrist(5.0, start_ns=at(25.0))]
    assert [event for message in late for event in pipeline.feed(message)] == []
    assert pipeline.finish() == []
    assert pipeline.summary() == msgspec.structs.replace(told, feelings=Feelings(before=5, after=3))


def test_a_whole_recording_tells_it_and_all_else_is_as_it_was_live() -> None:
    live = fed(SESSION)[1]
    whole = list(run([*SESSION, AFTER], Pipeline()))
    assert whole[:-1] == live[:-1]
    assert summed_up(whole).feelings == Feelings(before=5, after=3)
    assert list(run(SESSION, Pipeline())) == live


def test_unwatched_it_is_the_same() -> None:
    unwatched = list(run([*SESSION, AFTER], Pipeline(params=PipelineParams(unwatched=True))))
    assert unwatched[-1] == list(run([*SESSION, AFTER], Pipeline()))[-1]


def test_a_recording_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    recorder = Recorder(path, {})
    for message in [*SESSION, AFTER]:
        recorder.write(message)
    recorder.close()
    events = list(run(open_recording(path).messages(), Pipeline()))
    assert events == list(run([*SESSION, AFTER], Pipeline()))


@pytest.mark.parametrize(
    "body",
    [
        {"command": "feel"},
        {"command": "feel", "when": "after"},
        {"command": "feel", "value": 4},
        {"command": "feel", "when": "during", "value": 4},
        {"command": "feel", "when": "after", "value": 11},
        {"command": "feel", "when": "after", "value": -1},
        {"command": "feel", "when": "after", "value": 4.5},
        {"command": "feel", "when": "after", "value": "4"},
    ],
)
def test_a_feeling_that_is_none_is_rejected(body: dict[str, object]) -> None:
    wrong = Message(COMMAND_TOPIC, msgspec.json.encode(body), at(2.0))
    pipeline, events = fed([said(0.0, Command.START), wrong])
    assert next(event.text for event in events if isinstance(event, NoticeEvent)).startswith("not a command")
    assert pipeline.rejected[COMMAND_TOPIC].total() == 1
    ended, _ = fed(SESSION)
    assert ended.feed(wrong) == []
    assert ended.rejected[COMMAND_TOPIC].total() == 1
    assert ended.feelings == Feelings(before=5)


def test_a_command_holds_only_what_it_needs() -> None:
    body = msgspec.json.decode(AFTER.payload)
    assert body == {"command": "feel", "when": "after", "value": 3}
    assert msgspec.json.decode(AFTER.payload, type=CommandBody).when == "after"
