"""Two wrists: told apart, put on their sides, and the one that works is followed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from rig import in_order

from sensors.declared import Declared, Side
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, read_recording
from sensors.simulate import Device, Phase, messages, simulate
from tracker.events import Event, LinkEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import Pipeline, command_message, run, side_message
from tracker.routine import Routine, Step
from tracker.session import Command, Status
from tracker.wrists import Follow, side_in

START_NS = 1_767_225_600 * NS_PER_S
REST = Phase("still", 20.0)
STROKES = Phase("stroke", 20.0, rate_cpm=30.0)


def wrist(name: str, phases: list[Phase], topic: str = "sensor-logger", seed: int = 3) -> list[Message]:
    hand = simulate(phases, Device(rate_hz=50), seed=seed)
    return list(messages(hand, device_id=name, topic=topic, start_ns=START_NS))


def at(t_s: float) -> int:
    return START_NS + round(t_s * NS_PER_S)


TAKING_TURNS = in_order(wrist("one", [STROKES, REST]), wrist("two", [REST, STROKES], seed=4))


def about_wrists(events: Iterable[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, NoticeEvent) and event.about == "wrists"]


@pytest.mark.parametrize(
    ("names", "side"),
    [
        (("esp-left",), "left"),
        (("Pixel", "palmpace/right/imu"), "right"),
        (("LEFT wrist",), "left"),
        (("leftover",), None),
        (("left", "right/imu"), None),
        (("5f2a", "sensor-logger"), None),
    ],
)
def test_a_name_or_topic_may_tell_the_side(names: tuple[str, ...], side: Side | None) -> None:
    assert side_in(*names) == side


def test_the_hand_that_works_is_followed_once_the_other_has_rested() -> None:
    follow = Follow()
    assert follow.look("phone", working=False, t_s=0.0) == "phone"
    assert follow.look("watch", working=True, t_s=0.0) == "phone"
    assert follow.look("watch", working=True, t_s=2.9) == "phone", "it may be but a gesture"
    assert follow.look("watch", working=True, t_s=3.5) == "phone", "a pause is no end"
    assert follow.look("watch", working=True, t_s=4.0) == "watch"
    assert follow.look("phone", working=True, t_s=5.0) == "watch"
    assert follow.look("phone", working=True, t_s=9.0) == "watch", "both work: the one before stays"
    follow.look("watch", working=False, t_s=10.0)
    assert follow.look("phone", working=True, t_s=14.0) == "phone"


def test_two_wrists_have_a_stream_and_an_engine_each_and_take_turns() -> None:
    pipeline = Pipeline()
    followed: list[str] = []
    for message in TAKING_TURNS:
        pipeline.feed(message)
        if pipeline.coached and pipeline.coached.name not in followed[-1:]:
            followed.append(pipeline.coached.name)
    summary = pipeline.summary()
    assert followed == ["one", "two"]
    assert [stream.device for stream in summary.streams] == ["one", "two"]
    for stream in summary.streams:
        assert stream.totals["stroke"].cycles == pytest.approx(10.0, abs=1.0)
    assert summary.totals["stroke"].cycles == pytest.approx(20.0, abs=2.0)
    assert summary.steps[0].cycles == pytest.approx(20.0, abs=2.0), "the session counts the hand it follows"


def test_a_wrist_that_falls_silent_at_work_leaves_the_session_to_the_other() -> None:
    battery_ends = [each for each in wrist("one", [STROKES, STROKES]) if each.received_ns < at(12.0)]
    pipeline = Pipeline()
    for message in in_order(battery_ends, wrist("two", [STROKES, STROKES], seed=4)):
        pipeline.feed(message)
        if message.received_ns < at(12.0):
            assert pipeline.coached is pipeline.devices["one"], "both work: the first stays"
    assert pipeline.coached is pipeline.devices["two"]
    assert pipeline.session.status is Status.RUNNING


def test_two_devices_that_do_not_tell_are_asked_about_and_the_answer_holds_for_both() -> None:
    pipeline = Pipeline()
    events = [event for message in TAKING_TURNS[:20] for event in pipeline.feed(message)]
    assert about_wrists(events) == ["two wrists are heard: say on which side one is"]
    events = pipeline.feed(side_message("one", "right", at(4.0)))
    assert about_wrists(events) == ["one right, two left"]
    assert [device.side for device in pipeline.devices.values()] == ["right", "left"]
    told = {event.device: event.side for event in pipeline.advance(at(6.0)) if isinstance(event, LinkEvent)}
    assert told == {"one": "right", "two": "left"}
    assert about_wrists(pipeline.feed(side_message("three", "left", at(6.0)))) == [
        "'three' is not heard: no side can be given to it"
    ]


def test_a_phone_that_relays_a_watch_is_no_second_wrist_and_the_watch_is_followed() -> None:
    both = in_order(wrist("5f2a", [REST]), wrist("5f2a watch", [STROKES], seed=4))
    pipeline = Pipeline()
    events = [event for message in both for event in pipeline.feed(message)]
    assert about_wrists(events) == []
    assert pipeline.coached is pipeline.devices["5f2a watch"]


def test_names_and_declarations_tell_without_asking() -> None:
    left, right = wrist("my left", [REST]), wrist("5f2a", [REST], topic="attic/imu")
    pipeline = Pipeline(declared=[Declared(topic="attic/#", side="right")])
    events = [event for message in in_order(left, right) for event in pipeline.feed(message)]
    assert about_wrists(events) == []
    assert {device.name: device.side for device in pipeline.devices.values()} == {"my left": "left", "5f2a": "right"}


def test_a_step_of_one_side_follows_the_wrist_on_it() -> None:
    routine = Routine(
        format=1,
        name="sides",
        title="Sides",
        step=(
            Step(name="Left", technique="t", side="left", seconds=5.0),
            Step(name="Right", technique="t", side="right", seconds=5.0),
        ),
    )
    pipeline = Pipeline(routine)
    both = in_order(wrist("left", [REST]), wrist("right", [STROKES], seed=4))
    for message in both:
        if message.received_ns > at(3.0):
            break
        pipeline.feed(message)
    assert pipeline.coached is pipeline.devices["left"], "its rest is what the step is about"
    pipeline.feed(command_message(Command.NEXT, at(3.0)))
    assert pipeline.coached is pipeline.devices["right"]


def test_a_recording_holds_what_was_declared_and_which_wrist_is_which(tmp_path: Path) -> None:
    declared = [Declared(topic="sensor-logger", gravity="included")]
    script = [
        command_message(Command.START, START_NS, declared=declared),
        *in_order(TAKING_TURNS[:40], [side_message("one", "left", at(3.0))]),
    ]
    live = list(run(script, Pipeline()))
    path = tmp_path / "two.mcap"
    with Recorder(path, {}) as recorder:
        for message in script:
            recorder.write(message)
    assert list(run(read_recording(path), Pipeline())) == live
    assert isinstance(live[-1], SummaryEvent)
    assert [stream.side for stream in live[-1].streams] == ["left", "right"]


def test_a_device_too_slow_for_the_step_is_told_once() -> None:
    hand = simulate([Phase("stroke", 20.0, rate_cpm=20.0)], Device(rate_hz=10, gyro=False), seed=3)
    slow = list(messages(hand, start_ns=START_NS))

    def warnings(fastest_cpm: float) -> list[str]:
        band = (60.0, fastest_cpm)
        step = Step(name="S", technique="t", seconds=60.0, band_cpm=band, source="a test", evidence=3)
        events = run(slow, Pipeline(Routine(format=1, name="r", title="R", step=(step,))))
        notices = (event.text for event in events if isinstance(event, NoticeEvent))
        return [text for text in notices if "too slow for this step" in text]

    assert warnings(120.0) == []
    (told,) = warnings(300.0)
    assert told.startswith("10.0 Hz is too slow for this step: up to 300 cycles a minute need 20 Hz; choose 50 Hz")
