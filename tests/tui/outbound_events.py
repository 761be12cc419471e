"""What a coached session says, by the real pipeline from a simulated wrist."""

from __future__ import annotations

import json
from functools import cache
from typing import TypeVar

from rig import START_NS, in_order, wrist

from sensors.message import NS_PER_S, Message
from tracker.events import Event
from tracker.pipeline import Pipeline, run
from tracker.routine import Routine, parse_routine

WRIST = "simulated-wrist"
SECONDS = 30.0

E = TypeVar("E", bound=Event)


def routine() -> Routine:
    """Faster than the simulated wrist goes; then another step."""
    return parse_routine(
        """
        format = 1
        name = "brisk"
        title = "Brisk"
        [[step]]
        name = "Much faster"
        technique = "stroke"
        motion = "stroke"
        band_cpm = [60, 80]
        seconds = 15
        source = "a test"
        evidence = 3
        [[step]]
        name = "As you like"
        technique = "free"
        seconds = 600
        """,
        "a test",
    )


def heard() -> list[Message]:
    sent = wrist(SECONDS, format="sensor-logger")
    full = {"name": "battery", "time": START_NS, "values": {"batteryLevel": 0.83, "batteryState": "unplugged"}}
    push = json.dumps({"deviceId": WRIST, "payload": [full]}).encode()
    return in_order(sent, [Message(sent[0].topic, push, START_NS + 5 * NS_PER_S)])


@cache
def session() -> tuple[Event, ...]:
    return tuple(run(heard(), Pipeline(routine())))


def of_kind(kind: type[E]) -> list[E]:
    return [event for event in session() if isinstance(event, kind)]
