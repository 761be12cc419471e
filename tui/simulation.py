"""`palmpace simulate`: a moving wrist on the wire, or in a file with its truth beside it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher, epoch_clock
from sensors.recording import Recorder
from sensors.simulate import FORMATS, Device, Simulation, messages, publish, simulate
from tracker.pipeline import command_message
from tracker.routine import FREE, Routine, shipped_text
from tracker.session import Command
from tui.choices import LaunchError
from tui.launch import phases_of

EPOCH_OF_FILES_NS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S
"""Simulated recordings begin here: the same seed gives the same file."""


def publish_scenario(
    name: str,
    broker: str,
    *,
    seed: int,
    seconds: float | None,
    format: str,
    topic: str | None,
) -> None:
    """Publish a scenario at a true device's pace until it ends."""
    wrist, _ = _wrist(name, seconds, seed, format, Device())
    clock_ns = epoch_clock()
    with Publisher(BrokerAddress.parse(broker)) as publisher:
        print(f"{name}: {wrist.seconds:.0f} s to {topic or FORMATS[format]}", file=sys.stderr)
        sent = messages(wrist, format=format, topic=topic, start_ns=clock_ns())
        publish(sent, publisher.publish, clock=clock_ns, sleep=time.sleep)
        publisher.flush()


def write_scenario(
    name: str,
    out: Path,
    *,
    seed: int,
    seconds: float | None,
    format: str,
    topic: str | None,
    device: Device | None = None,
) -> None:
    """Write a scenario as a recording, and its truth ten times a second beside it."""
    if out.suffix != ".mcap":
        raise LaunchError(f"{out}: a recording's name ends in .mcap")
    wrist, routine = _wrist(name, seconds, seed, format, device or Device())
    metadata = {"palmpace": version("palmpace"), "routine": routine.name, "simulated": f"{name}, seed {seed}"}
    with Recorder(out, metadata) as recorder:
        for message in session_messages(wrist, routine, format, topic):
            recorder.write(message)
    truth = {"scenario": name, "seed": seed, "truth": wrist.truth.to_dict()}
    out.with_suffix(".truth.json").write_text(json.dumps(truth, separators=(",", ":")), encoding="utf-8")


def session_messages(
    wrist: Simulation,
    routine: Routine,
    format: str,
    topic: str | None,
) -> Iterator[Message]:
    """Give what a live session with this wrist would have recorded, from its start command to its end."""
    start_ns = last_ns = EPOCH_OF_FILES_NS
    yield command_message(Command.START, start_ns, shipped_text(routine.name) if routine is not FREE else "")
    for message in messages(wrist, format=format, topic=topic, start_ns=start_ns):
        last_ns = message.received_ns
        yield message
    yield command_message(Command.END, last_ns)


def _wrist(
    name: str,
    seconds: float | None,
    seed: int,
    format: str,
    device: Device,
) -> tuple[Simulation, Routine]:
    if format not in FORMATS:
        raise LaunchError(f"no format is called {format!r}; there are {', '.join(FORMATS)}")
    phases, routine = phases_of(name, seconds, seed)
    return simulate(phases, device, seed=seed), routine
