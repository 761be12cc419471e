"""A session with all that a report tells: circles of an example recording, and what a hostile person says to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from journal.report.gather import Session, gather
from sensors.message import NS_PER_S, Message
from sensors.recording import read_recording
from tracker.motion.state import Kind
from tracker.pipeline import command_message, feel_message, pain_message
from tracker.routine import Routine, Step, routine_text
from tracker.session import Command

RECORDINGS = Path(__file__).parents[2] / "recordings"
HOSTILE = '"><img src=x onerror=alert(1)></title><script>alert(2)</script> $\\frac{ \x01 \U0001f480 &amp;'
FORMULA = "=1+1"

ROUTINE = Routine(
    format=1,
    name="circles-and-more",
    title=f"Circles {HOSTILE}",
    after=("a walk",),
    step=(
        Step(
            name=f"Small {HOSTILE}",
            technique="knot-circles",
            motion=Kind.CIRCLE,
            area="left shoulder",
            side="left",
            band_cpm=(40, 90),
            size_cm=(4, 8),
            seconds=20,
            source=HOSTILE,
            evidence=1,
        ),
        Step(
            name="Large ones",
            technique="palm-circling",
            motion=Kind.CIRCLE,
            area="lower back",
            band_cpm=(20, 40),
            seconds=600,
            source="tradition",
            evidence=3,
        ),
    ),
)


def circles(device: str = "wrist") -> list[Message]:
    """The example recording's messages: a minute of circles, one way round and then the other."""
    named = json.dumps(device)[1:-1].encode()
    messages = read_recording(RECORDINGS / "circles.mcap")
    return [replace(each, topic=device, payload=each.payload.replace(b"simulated-wrist", named)) for each in messages]


def told(messages: list[Message]) -> Iterator[Message]:
    """The same with a routine, a pause, marks, a pain, feelings."""
    start_ns = messages[0].received_ns
    said = [
        command_message(Command.START, start_ns, routine_text(ROUTINE)),
        feel_message("before", 6, start_ns),
        feel_message("before", 4, start_ns, "left shoulder"),
    ]
    for at_s, command in (
        (25, lambda at_ns: command_message(Command.MARK, at_ns, FORMULA)),
        (26, lambda at_ns: command_message(Command.MARK, at_ns, HOSTILE)),
        (30, lambda at_ns: command_message(Command.PAUSE, at_ns)),
        (35, lambda at_ns: command_message(Command.RESUME, at_ns)),
        (40, lambda at_ns: pain_message(2, "neck", at_ns)),
        (58, lambda at_ns: command_message(Command.END, at_ns)),
        (59, lambda at_ns: feel_message("after", 3, at_ns)),
    ):
        said.append(command(start_ns + at_s * NS_PER_S))
    return iter(sorted((*said, *messages), key=lambda message: message.received_ns))


def hostile_session() -> Session:
    return gather(told(circles(HOSTILE)), f"2026-01-01T00-00-00-{HOSTILE}")
