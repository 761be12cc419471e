"""A simulated person's wrist: in a live session, on the wire, or in a file with its truth beside it."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, BrokerError, Publisher, epoch_clock
from sensors.recording import Recorder
from sensors.simulate import (
    FORMATS,
    SCENARIOS,
    Device,
    Phase,
    Simulation,
    Target,
    follow,
    messages,
    publish,
    scenario,
    simulate,
)
from sensors.simulate.hand import Motion as SimulatedMotion
from tracker.motion.state import Kind
from tracker.pipeline import command_message
from tracker.routine import FREE, Routine, load_shipped, shipped_names, shipped_text
from tracker.session import Command
from tui.choices import LaunchError
from tui.hub import Hub

SIMULATED: dict[Kind, SimulatedMotion] = {
    Kind.STROKE: "stroke",
    Kind.CIRCLE: "circle",
    Kind.LIFT: "lift",
    Kind.STILL: "still",
}
DEVICE_ID = "simulated-wrist"
LIVE_SEED = 7
LIVE_S = 600.0
STEP_CYCLES_CPM = 30.0
"""Tempo at which a simulated person is taken to work towards a step's count."""

EPOCH_OF_FILES_NS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S
"""Simulated recordings begin here: the same seed gives the same file."""


def phases_of(name: str, seconds: float | None, seed: int) -> tuple[list[Phase], Routine]:
    """Give what a simulated person does: a scenario, or following a routine; LaunchError on an unknown name."""
    if name in SCENARIOS:
        try:
            return scenario(name, seconds, seed=seed), FREE
        except ValueError as error:
            raise LaunchError(str(error)) from error
    if name not in shipped_names():
        known = ", ".join([*SCENARIOS, *shipped_names()])
        raise LaunchError(f"no scenario and no routine is called {name!r}; there are {known}")
    routine = load_shipped(name)
    phases = follow([_target(routine, index) for index in range(len(routine.step))], seed=seed)
    phases.append(Phase("still", 3.0))
    return (phases if seconds is None else _cut(phases, seconds)), routine


def _target(routine: Routine, index: int) -> Target:
    step = routine.step[index]
    motion = "stroke" if step.motion is None else SIMULATED.get(step.motion, "fidget")
    seconds = step.lasts_s if step.lasts_s is not None else (step.cycles or 0) * 60 / STEP_CYCLES_CPM
    circles_before = sum(1 for before in routine.step[:index] if before.motion is step.motion)
    return Target(
        motion=motion,
        band_cpm=step.band,
        seconds=max(seconds, 8.0),
        direction="cw" if circles_before % 2 else "ccw",
        length_cm=step.length_cm,
    )


def _cut(phases: list[Phase], seconds: float) -> list[Phase]:
    kept: list[Phase] = []
    for phase in phases:
        if seconds < 1:
            break
        part = min(phase.seconds, seconds)
        kept.append(replace(phase, seconds=part))
        seconds -= part
    return kept


def live_wrist(name: str) -> Simulation:
    """Give a wrist for a live session: a scenario goes on for ten minutes, a routine to its end."""
    phases, _ = phases_of(name, LIVE_S if name in SCENARIOS else None, LIVE_SEED)
    return simulate(phases, Device(), seed=LIVE_SEED)


def publish_from_thread(wrist: Simulation, hub: Hub, opened: ExitStack) -> None:
    """Let a simulated wrist send through the broker, like any device."""
    clock_ns = epoch_clock()
    stop = threading.Event()
    publisher = opened.enter_context(Publisher(hub.address))
    hub.lead(publisher.move)

    def run() -> None:
        sent = messages(wrist, topic=hub.first_topic, start_ns=clock_ns())
        # A broker that went away has been told on the screen already.
        with suppress(BrokerError):
            publish(sent, publisher.publish, clock=clock_ns, sleep=stop.wait, stopped=stop.is_set)

    thread = threading.Thread(target=run, name="simulated wrist", daemon=True)
    thread.start()
    opened.callback(thread.join, 2.0)
    opened.callback(stop.set)


def publish_scenario(
    name: str,
    broker: str,
    *,
    seed: int,
    seconds: float | None,
    format: str,
    topic: str | None,
    device_id: str = DEVICE_ID,
) -> None:
    """Publish a scenario at a true device's pace until it ends."""
    wrist, _ = _wrist(name, seconds, seed, format, Device())
    clock_ns = epoch_clock()
    with Publisher(BrokerAddress.parse(broker)) as publisher:
        print(f"{name}: {wrist.seconds:.0f} s to {topic or FORMATS[format]}", file=sys.stderr)
        sent = messages(wrist, format=format, topic=topic, start_ns=clock_ns(), device_id=device_id)
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
    device_id: str = DEVICE_ID,
    device: Device | None = None,
) -> None:
    """Write a scenario as a recording, and its truth ten times a second beside it."""
    if out.suffix != ".mcap":
        raise LaunchError(f"{out}: a recording's name ends in .mcap")
    wrist, routine = _wrist(name, seconds, seed, format, device or Device())
    metadata = {"palmpace": version("palmpace"), "routine": routine.name, "simulated": f"{name}, seed {seed}"}
    with Recorder(out, metadata) as recorder:
        for message in session_messages(wrist, routine, format, topic, device_id):
            recorder.write(message)
    truth = {"scenario": name, "seed": seed, "truth": wrist.truth.to_dict()}
    out.with_suffix(".truth.json").write_text(json.dumps(truth, separators=(",", ":")), encoding="utf-8")


def session_messages(
    wrist: Simulation,
    routine: Routine,
    format: str,
    topic: str | None,
    device_id: str = DEVICE_ID,
) -> Iterator[Message]:
    """Give what a live session with this wrist would have recorded, from its start command to its end."""
    start_ns = last_ns = EPOCH_OF_FILES_NS
    yield command_message(Command.START, start_ns, shipped_text(routine.name) if routine is not FREE else "")
    for message in messages(wrist, format=format, topic=topic, start_ns=start_ns, device_id=device_id):
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
