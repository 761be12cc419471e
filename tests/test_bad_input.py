"""Bad input is an outcome: told once in one line with its topic and reason, counted, and the session goes on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from rig import START_NS, LiveSession, in_order, needs_mosquitto, said, states, wait_until, wrist

from sensors.broker import start_broker
from sensors.message import COMMAND_TOPIC, Message
from sensors.mqtt import MqttSource, Publisher
from sensors.recording import open_recording
from tracker.events import Event, LinkEvent, MotionEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import MAX_DEVICES, Pipeline, run
from tracker.session import Command

SECONDS = 12.0
TOPIC = "palmpace/imu"
GOOD = wrist(SECONDS)
GARBAGE = random.Random(5).randbytes(300)


def a_sample(**changes: Any) -> bytes:
    return json.dumps({"t_s": 1.0, "ax": 0.0, "ay": 0.0, "az": 9.8} | changes).encode()


BAD = {
    "not JSON": (b"hello, wrist", "neither JSON nor numbers"),
    "half a JSON": (GOOD[0].payload[:50], "not JSON"),
    "binary garbage": (GARBAGE, 'binary that says nothing of its layout: declare it with format = "struct"'),
    "not UTF-8": (b'{"t_s": 1, "ax": "\xff\xfe"}', "not JSON"),
    "brackets without end": (b"[" * 100_000, "not JSON"),
    "another shape": (b'{"temperature": 36.6}', "no acceleration in it"),
    "a lone number": (
        b"42",
        "a line needs 3 or 6 numbers, or 4 or 7 with a time stamp; for others say what they are by fields",
    ),
    "a list of a number": (b"[1]", "no acceleration in it"),
    "null": (a_sample(ax=None), "null or not a number"),
    "NaN": (a_sample(ay=float("nan")), "null or not a number"),
    "infinity": (a_sample(az=float("-inf")), "null or not a number"),
    "an overflowing number": (a_sample(ax=0).replace(b"9.8", b"1e999"), "null or not a number"),
    "words for numbers": (a_sample(ax="fast"), "null or not a number"),
    "a missing axis": (b'{"t_s": 1.0, "ax": 0.0, "ay": 0.1}', "null or not a number"),
    "beyond any sensor": (a_sample(ax=1e12), "beyond any sensor's reach"),
    "nothing at all": (b"", "empty batch"),
    "an empty list": (b"[]", "empty batch"),
    "an empty push": (b'{"deviceId": "x", "payload": []}', "empty batch"),
    "an empty column": (b'{"t_s": [], "ax": [], "ay": [], "az": []}', "empty batch"),
    "five megabytes": (b'{"t_s": [' + b"0," * 2_500_000 + b"0]}", "larger than 1.0 MB"),
}


def read(messages: list[Message], pipeline: Pipeline | None = None) -> list[Event]:
    return list(run(messages, pipeline or Pipeline()))


def between(good: list[Message], payload: bytes, *, topic: str = TOPIC, retained: bool = False) -> list[Message]:
    """A bad message after every good one."""
    return [each for one in good for each in (one, Message(topic, payload, one.received_ns, retained))]


def notices(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.about, event.text) for event in events if isinstance(event, NoticeEvent)]


def without_link(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, LinkEvent | NoticeEvent | SummaryEvent)]


def rejected(events: list[Event]) -> list[int]:
    """The link's count, second by second, and the summary's."""
    summary = events[-1]
    assert isinstance(summary, SummaryEvent)
    return [event.rejected for event in events if isinstance(event, LinkEvent)] + [summary.streams[0].rejected]


UNDISTURBED = read(GOOD)


@pytest.mark.parametrize(("payload", "reason"), BAD.values(), ids=BAD)
def test_it_is_told_once_and_counted_and_the_hand_is_read_as_if_nothing_were(payload: bytes, reason: str) -> None:
    events = read(between(GOOD, payload))
    assert sorted(notices(events)) == sorted([*notices(UNDISTURBED), (TOPIC, f"{reason}: not used")])
    assert without_link(events) == without_link(UNDISTURBED)
    counts = rejected(events)
    assert counts == sorted(counts)
    assert counts[-1] == len(GOOD)


@pytest.mark.parametrize("name", ["barometer", "telepathy"])
def test_another_sensor_is_of_no_concern(name: str) -> None:
    item = {"name": name, "time": 1, "values": {"x": 1, "y": 2, "z": 3}}
    assert read(between(GOOD, json.dumps({"deviceId": "x", "payload": [item]}).encode())) == UNDISTURBED


def test_a_retained_message_is_of_some_other_time() -> None:
    start = said(0.0, Command.START)
    events = read([start, Message(TOPIC, GOOD[20].payload, START_NS, retained=True), *GOOD])
    assert notices(events)[0] == (TOPIC, "a retained message, of some other time: not used")
    assert without_link(events) == without_link(read([start, *GOOD]))
    assert rejected(events)[-1] == 1


def test_numbers_spelt_as_text_are_numbers() -> None:
    def spelt(message: Message) -> Message:
        columns = {key: [*map(str, values)] for key, values in json.loads(message.payload).items()}
        return Message(message.topic, json.dumps(columns).encode(), message.received_ns)

    assert read([*map(spelt, GOOD)]) == UNDISTURBED


def test_samples_damaged_here_and_there_cost_only_themselves() -> None:
    def damaged(message: Message) -> Message:
        columns = json.loads(message.payload)
        columns["ax"][3] = None
        return Message(message.topic, json.dumps(columns).encode(), message.received_ns)

    events = read([*map(damaged, GOOD)])
    assert notices(events)[0] == (TOPIC, "null or not a number: not used")
    assert rejected(events)[-1] == len(GOOD)
    summary = events[-1]
    assert isinstance(summary, SummaryEvent)
    assert summary.streams[0].samples == 9 * len(GOOD)
    assert cycles(events) == pytest.approx(cycles(UNDISTURBED), abs=0.1)


def test_every_reason_is_told_once_and_by_topic() -> None:
    payloads = [payload for payload, _ in BAD.values() if len(payload) < 1000]
    flood = [
        Message(topic, payload, GOOD[i].received_ns)
        for i in range(len(GOOD))
        for payload in payloads
        for topic in (TOPIC, "garden/thermometer")
    ]
    events = read(in_order(GOOD, flood))
    told = [notice for notice in notices(events) if notice[1].endswith("not used")]
    reasons = {f"{reason}: not used" for payload, reason in BAD.values() if len(payload) < 1000}
    assert sorted(told) == sorted((topic, reason) for topic in (TOPIC, "garden/thermometer") for reason in reasons)
    assert all("\n" not in text for _, text in told)
    assert rejected(events)[-1] == len(GOOD) * len(payloads)


# --- time ---


def shifted(messages: list[Message], by_s: float) -> list[Message]:
    """The same messages by a device clock that is ``by_s`` ahead."""

    def shift(message: Message) -> Message:
        columns = json.loads(message.payload)
        columns["t_s"] = [t_s + by_s for t_s in columns["t_s"]]
        return Message(message.topic, json.dumps(columns).encode(), message.received_ns)

    return [*map(shift, messages)]


def cycles(events: list[Event]) -> float:
    summary = events[-1]
    assert isinstance(summary, SummaryEvent)
    return summary.totals["stroke"].cycles or 0.0


@pytest.mark.parametrize("by_s", [-5.0, -1e6, 1e6])
def test_a_device_whose_clock_jumps_is_read_on(by_s: float) -> None:
    """It was switched off and on, or its clock was set: the stream goes on by the arrivals."""
    events = read([*GOOD[:30], *shifted(GOOD[30:], by_s)])
    times_s = [event.t_s for event in events if isinstance(event, MotionEvent)]
    assert times_s == sorted(times_s)
    assert times_s[-1] == pytest.approx(SECONDS, abs=0.5)
    assert cycles(events) == pytest.approx(cycles(UNDISTURBED), abs=0.2)


def test_messages_that_overtake_each_other_are_put_in_order_or_counted_as_late() -> None:
    swapped = [Message(TOPIC, GOOD[i ^ 1].payload, GOOD[i].received_ns) for i in range(len(GOOD))]
    events = read(swapped)
    times_s = [event.t_s for event in events if isinstance(event, MotionEvent)]
    assert times_s == sorted(times_s)
    last = [event for event in events if isinstance(event, LinkEvent)][-1]
    assert 0 < last.late < 50  # at first; from then on they are waited for
    assert last.samples + last.late > 500
    assert cycles(events) == pytest.approx(cycles(UNDISTURBED), abs=0.2)


def test_a_message_that_comes_twice_counts_once() -> None:
    twice = [each for message in GOOD for each in (message, message)]
    events = read(twice)
    last = [event for event in events if isinstance(event, LinkEvent)][-1]
    assert last.duplicated + last.late > last.samples * 0.9
    assert without_link(events) == without_link(UNDISTURBED)


# --- floods ---


def test_a_flood_of_device_names_fills_neither_memory_nor_screen() -> None:
    def sample(i: int) -> Message:
        return Message(TOPIC, a_sample(device=f"device {i}"), GOOD[i % len(GOOD)].received_ns)

    pipeline = Pipeline()
    events = read(in_order(GOOD, [sample(i) for i in range(1000)]), pipeline)
    assert len(pipeline.devices) == MAX_DEVICES
    assert [text for _, text in notices(events) if "devices" in text] == [f"more than {MAX_DEVICES} devices: not used"]
    mine = [event for event in without_link(events) if not isinstance(event, MotionEvent) or event.device == TOPIC]
    assert mine == without_link(UNDISTURBED)


def test_a_flood_of_topics_fills_neither_memory_nor_screen() -> None:
    pipeline = Pipeline()
    flood = [Message(f"junk/{i}", b"?", GOOD[i % len(GOOD)].received_ns) for i in range(1000)]
    events = read(in_order(GOOD, flood), pipeline)
    assert len(pipeline.rejected) == MAX_DEVICES + 1
    assert pipeline.rejected["other topics"].total() == 1000 - MAX_DEVICES
    assert sum("not JSON" in text for _, text in notices(events)) <= MAX_DEVICES + 1
    assert without_link(events) == without_link(UNDISTURBED)


# --- commands in a damaged recording ---


def test_a_command_that_is_none_is_told() -> None:
    events = read([GOOD[0], Message(COMMAND_TOPIC, b'{"command": "dance"}', GOOD[1].received_ns), *GOOD[1:]])
    _, text = next(notice for notice in notices(events) if notice[0] == COMMAND_TOPIC)
    assert text.startswith("not a command: Invalid enum value 'dance'")
    assert without_link(events) == without_link(UNDISTURBED)


def test_a_routine_that_is_none_is_told_and_coached_without() -> None:
    start = Message(COMMAND_TOPIC, b'{"command": "start", "text": "format = 1\\nname = 7"}', START_NS)
    events = read([start, *GOOD])
    _, text = next(notice for notice in notices(events) if notice[0] == "routine")
    assert text.startswith("the recording's routine: ")
    assert text.endswith("; going on without targets")
    assert states(events)[0] == ("running", "started")
    assert cycles(events) == pytest.approx(cycles(UNDISTURBED))


# --- through a broker ---


@needs_mosquitto
def test_a_session_at_a_broker_goes_on_through_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    with start_broker(0, "mosquitto") as broker, Publisher(broker.address) as rude:
        rude.publish(TOPIC, GOOD[40].payload, retain=True)
        rude.publish("junk", b"?" * 5_000_000)  # the broker itself drops it
        rude.flush()
        session = LiveSession(broker.address, path)
        session.clock.wait_for_look(0)  # the retained one
        session.runner.begin("")
        for message in GOOD:
            session.play([message])
            for payload in (GARBAGE, b"", a_sample(ax=None), b'{"t_s": [' + b"0," * 700_000 + b"0]}"):
                session.play([Message(TOPIC, payload, message.received_ns)])
        session.close()
    told = [notice for notice in notices(session.events) if notice[1].endswith("not used")]
    assert sorted(told) == sorted(
        (TOPIC, f"{reason}: not used")
        for reason in (
            "a retained message, of some other time",
            BAD["binary garbage"][1],
            "empty batch",
            "null or not a number",
            "larger than 1.0 MB",
        )
    )
    assert rejected(session.events)[-1] == 1 + 4 * len(GOOD)
    assert cycles(session.events) == cycles(UNDISTURBED)
    recorded = list(open_recording(path).messages())
    assert recorded[0].retained
    assert read(recorded) == session.events


def receive(source: MqttSource) -> list[Message]:
    found: list[Message] = []

    def something() -> bool:
        found.extend(source.take().messages)
        return bool(found)

    wait_until(something)
    return found


@needs_mosquitto
def test_no_device_gives_the_sessions_commands(tmp_path: Path) -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["#", COMMAND_TOPIC])
        source.connect()
        with Publisher(broker.address) as publisher:
            publisher.publish(COMMAND_TOPIC, b'{"command": "end"}')
            publisher.publish(TOPIC, b"after it")
            publisher.flush()
            found = receive(source)
        source.close()
    assert [(each.topic, each.payload) for each in found] == [(TOPIC, b"after it")]
