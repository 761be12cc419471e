"""Whose battery it is: by name, by topic, beside it; nothing else of the session changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rig import START_NS, in_order, wrist

from sensors.message import NS_PER_S, Message
from tracker.events import Event, LinkEvent
from tracker.pipeline import Pipeline, run

LEFT, RIGHT = "massage/left/imu", "massage/right/imu"


def sample(topic: str, t_s: float, device: str | None = None) -> Message:
    named = {} if device is None else {"device": device}
    body = {"t_s": t_s, "ax": 0.1, "ay": 0.2, "az": 9.8, **named}
    return Message(topic, json.dumps(body).encode(), START_NS + round(t_s * NS_PER_S))


def said(topic: str, body: Any, t_s: float = 0.95) -> Message:
    return Message(topic, json.dumps(body).encode(), START_NS + round(t_s * NS_PER_S))


def session(*messages: Message, topics: tuple[str, ...] = (LEFT, RIGHT)) -> list[Event]:
    samples = [sample(topic, n / 20) for topic in topics for n in range(45)]
    return list(run(in_order(samples, messages), Pipeline()))


def batteries(events: list[Event]) -> dict[str, float | None]:
    return {event.device: event.battery for event in events if isinstance(event, LinkEvent)}


@pytest.mark.parametrize(
    ("message", "left", "right"),
    [
        (said(LEFT, {"battery": 83}), 0.83, None),
        (said(RIGHT, {"device": LEFT, "battery": 83}), 0.83, None),
        (said("massage/left/battery", 83), 0.83, None),
        (said("massage/right/status", {"battery_pct": 83}), None, 0.83),
        (said("massage/battery", 83), None, None),
        (said(LEFT, {"device": "somebody else", "battery": 83}), None, None),
    ],
)
def test_a_battery_is_the_one_of_the_device_it_speaks_of(
    message: Message, left: float | None, right: float | None
) -> None:
    assert batteries(session(message)) == {LEFT: left, RIGHT: right}


def test_two_devices_on_a_topic_do_not_share_a_battery() -> None:
    samples = [sample("imu", n / 20, device) for device in ("a", "b") for n in range(45)]
    events = list(run(in_order(samples, [said("imu", {"battery": 83})]), Pipeline()))
    assert batteries(events) == {"a": None, "b": None}


def test_what_was_said_last_holds() -> None:
    events = session(said(LEFT, {"battery": 83}), said(LEFT, {"battery": 82}, 1.5), topics=(LEFT,))
    told = [event.battery for event in events if isinstance(event, LinkEvent)]
    assert told == [0.83, 0.82]


def test_it_is_no_bad_input_and_changes_nothing_else() -> None:
    silent = list(run(wrist(20.0), Pipeline()))
    topic = wrist(20.0)[0].topic
    spoken = list(run(in_order(wrist(20.0), [said(topic, {"battery": 83}, 7.003)]), Pipeline()))
    assert [each for each in spoken if not isinstance(each, LinkEvent)] == [
        each for each in silent if not isinstance(each, LinkEvent)
    ]
    assert {each.rejected for each in spoken if isinstance(each, LinkEvent)} == {0}
