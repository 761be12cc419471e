from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import pytest
from rig import START_NS, ScriptedSource, said, states, wrist

from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.recording import Recorder, RecordingError, ReplaySource, open_recording, read_recording
from tracker.events import Event, Feelings, NoticeEvent, SummaryEvent
from tracker.pipeline import Pipeline, run
from tracker.session import Command
from tui.runner import Runner

HEARD = wrist(6.0)
END = b'{"command":"end"}'


def one_by_one(messages: list[Message]) -> ScriptedSource:
    """A live source: it does not end by itself while the test looks."""
    return ScriptedSource([*(([each], each.received_ns) for each in messages), *[([], messages[-1].received_ns)] * 100])


def commands(path: Path) -> list[bytes]:
    return [message.payload for message in read_recording(path) if message.topic == COMMAND_TOPIC]


def test_what_is_heard_and_said_is_recorded_as_it_came(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=Recorder(path, {}))
    runner.begin("")
    events: list[Event] = []
    for _ in HEARD[1:]:
        events += runner.poll()
    events += runner.command(Command.MARK, "here")
    assert not runner.done
    events += runner.close()
    assert runner.done
    recorded = list(read_recording(path))
    assert [each for each in recorded if each.topic != COMMAND_TOPIC] == HEARD
    assert commands(path) == [b'{"command":"start"}', b'{"command":"mark","text":"here"}', END]
    assert list(run(recorded, Pipeline())) == events


def test_a_session_ends_once_however_often_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=Recorder(path, {}))
    runner.poll()
    events = runner.command(Command.END)
    assert runner.done
    assert isinstance(events[-1], SummaryEvent)
    assert runner.close() == runner.close() == []
    assert commands(path) == [END]


def test_a_limit_ends_the_session_and_the_recording_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=Recorder(path, {}), limit_s=3.0)
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    events += runner.close()
    assert states(events)[-1] == ("ended", "ended by you")
    assert events[-1].t_s == pytest.approx(3.0, abs=0.2)
    assert commands(path) == [END]
    assert list(run(read_recording(path), Pipeline())) == events


def test_a_source_that_ends_ends_the_session() -> None:
    runner = Runner(ScriptedSource([(HEARD, HEARD[-1].received_ns)]), Pipeline())
    events = runner.poll()
    assert runner.done
    assert isinstance(events[-1], SummaryEvent)
    assert events == list(run(HEARD, Pipeline()))


def test_an_ending_in_the_recording_ends_the_session() -> None:
    end = said(3.0, Command.END)
    before = [each for each in HEARD if each.received_ns <= end.received_ns]
    runner = Runner(one_by_one([*before, end, *HEARD[len(before) :]]), Pipeline())
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    assert events == list(run([*before, end], Pipeline()))
    assert runner.poll() == []


def test_what_is_known_of_a_recording_is_told_first() -> None:
    runner = Runner(
        one_by_one(HEARD), Pipeline(), notices=[NoticeEvent(t_s=0.0, about="recording", text="a.mcap is cut off")]
    )
    assert runner.poll()[0] == NoticeEvent(t_s=0.0, about="recording", text="a.mcap is cut off")
    assert not [event for event in runner.poll() if isinstance(event, NoticeEvent)]


def test_a_recording_that_fails_is_told_once_and_kept_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mcap"
    recorder = Recorder(path, {})
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=recorder)
    events = runner.poll() + runner.poll()

    def fail(message: Message) -> None:
        raise RecordingError("no room")

    monkeypatch.setattr(recorder, "write", fail)
    for _ in HEARD[2:]:
        events += runner.poll()
    events += runner.close()
    told = [event.text for event in events if isinstance(event, NoticeEvent) and event.about == "recording"]
    assert told == ["stopped: no room; the session goes on unrecorded"]
    assert list(read_recording(path)) == HEARD[:2]
    assert isinstance(events[-1], SummaryEvent)
    assert events[-1].streams[0].duration_s > 5


def test_a_recording_that_cannot_be_finished_is_told_after_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(recorder: Recorder) -> None:
        raise RecordingError("cannot finish a.mcap: no room")

    recorder = Recorder(tmp_path / "a.mcap", {})
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=recorder)
    runner.poll()
    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "close", fail)
        events = runner.close()
    recorder.close()
    assert isinstance(events[-1], NoticeEvent)
    assert "cannot finish a.mcap: no room" in events[-1].text
    assert isinstance(events[-2], SummaryEvent)


def test_what_belongs_to_the_session_ends_with_it() -> None:
    ended: list[str] = []
    resources = ExitStack()
    resources.callback(ended.append, "broker")
    resources.callback(ended.append, "wrist")
    runner = Runner(ScriptedSource([([], START_NS)] * 9), Pipeline(), resources=resources)
    runner.poll()
    runner.close()
    runner.close()
    assert ended == ["wrist", "broker"]


def test_time_passes_without_messages() -> None:
    runner = Runner(ScriptedSource([([], START_NS + s * NS_PER_S) for s in range(9)]), Pipeline())
    runner.begin("")
    events: list[Event] = []
    while not runner.done:
        events += runner.poll()
    assert [why for _, why in states(events)] == ["started", "nothing heard from the wrist", "ended by you"]


def test_what_a_devices_data_was_taken_for_stands_in_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=Recorder(path, {"routine": "free"}))
    runner.begin("")
    for _ in HEARD:
        runner.poll()
    assert open_recording(path).devices == open_recording(f"{path}.part").devices, "also while it is being written"
    runner.close()
    recording = open_recording(path)
    assert recording.metadata["routine"] == "free"
    (device,) = recording.devices
    assert device["unit"] == "m/s2"
    assert device["gravity"] == "included"
    assert float(device["sample_rate_hz"]) == pytest.approx(50.0, rel=0.05)


def test_events_go_to_the_outlet_and_what_it_says_comes_with_them() -> None:
    class Outlet:
        def __init__(self) -> None:
            self.heard: list[Event] = []
            self.closed = 0

        def take(self, events: Iterable[Event]) -> list[NoticeEvent]:
            self.heard += events
            return [NoticeEvent(t_s=0.0, about="outlet", text="so many")]

        def close(self) -> None:
            self.closed += 1

    outlet = Outlet()
    runner = Runner(one_by_one(HEARD), Pipeline(), outlet=outlet)
    runner.begin("")
    events = runner.poll() + runner.command(Command.MARK, "here") + runner.strap("wrist", "left") + runner.close()
    own = NoticeEvent(t_s=0.0, about="outlet", text="so many")
    assert outlet.heard == [event for event in events if event != own]
    assert outlet.closed == 1


def test_a_feeling_told_after_the_end_is_in_the_recording_its_summary_and_its_replay(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    runner = Runner(one_by_one(HEARD), Pipeline(), recorder=Recorder(path, {}))
    runner.begin("")
    runner.feel("before", 6)
    for _ in HEARD[1:-3]:
        runner.poll()
    runner.command(Command.END)
    runner.feel("after", 2)
    heard = [message for message in read_recording(path) if message.topic != COMMAND_TOPIC]
    assert runner.pipeline.summary().feelings == Feelings(before=6, after=2)
    assert runner.close() == []
    recording = open_recording(path)
    assert (recording.summary["feeling_before"], recording.summary["feeling_after"]) == ("6", "2")
    assert len(heard) < len(HEARD)  # what came after the end is no part of it

    replay = Runner(ReplaySource(recording.messages(), speed=None), Pipeline())
    events: list[Event] = []
    while not replay.done:
        events += replay.poll()
    assert events[-1] == runner.pipeline.summary()
    assert events == list(run(recording.messages(), Pipeline()))
    assert replay.close() == []


def test_a_replay_that_is_left_early_has_a_summary_too(tmp_path: Path) -> None:
    replay = Runner(ReplaySource(iter(HEARD), clock_s=lambda: 0.0), Pipeline())
    replay.poll()
    (summary,) = [event for event in replay.close() if isinstance(event, SummaryEvent)]
    assert summary == replay.pipeline.summary()
    assert replay.done
