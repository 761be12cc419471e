"""A simulated person's wrist: in a live session, on the wire, or in a file with its truth beside it."""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sensors.declared import Side
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, BrokerError, Publisher, epoch_clock
from sensors.recording import Recorder
from sensors.simulate import (
    FORMATS,
    SCENARIOS,
    SHORTEST_S,
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
from tracker.routine import FREE, Routine, RoutineError, Step
from tracker.session import Command
from tracker.wrists import side_in
from tui.choices import LaunchError
from tui.hub import Hub
from tui.library import Library, start_text

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
"""Tempo at which a simulated person is taken to work towards a step's count, where none is asked for."""
OWN_CPM = (28.0, 33.0)
"""What the simulated person falls into without being asked for a tempo."""
HELD_LONGER_S = 2.0
LONGEST_S = 1800.0
"""A simulated person gets tired of any step, and a free one has no end."""
LONGEST_CM = 60.0

EPOCH_OF_FILES_NS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S
"""Simulated recordings begin here: the same seed gives the same file."""


def phases_of(
    name: str, seconds: float | None, seed: int, *, style: str = "", hand: Side | None = None
) -> tuple[list[Phase], Routine]:
    """Give what a simulated person's hand does: a scenario, or following a routine; LaunchError on an unknown name.

    ``hand`` is the one that wears the device, where the person has two of them. A single device is taken to be on the
    right: where the hands take turns it rests in the left one's, and works in every other step.
    """
    if name in SCENARIOS:
        try:
            return scenario(name, seconds, seed=seed), FREE
        except ValueError as error:
            raise LaunchError(str(error)) from error
    library = Library()
    known = [each for each in (*SCENARIOS, *library.names()) if each != FREE.name]
    if name not in known:
        raise LaunchError(f"no scenario and no routine is called {name!r}; there are {', '.join(known)}")
    try:
        routine = library.routine(name, style)
    except RoutineError as error:
        raise LaunchError(str(error)) from error
    phases = follow(targets_of(routine, hand), seed=seed)
    phases.append(Phase("still", 3.0))
    return (phases if seconds is None else _cut(phases, seconds)), routine


def targets_of(routine: Routine, hand: Side | None = None) -> list[Target]:
    """Give what a simulated person makes of a routine's steps, turn by turn where the hands take turns."""
    return [target for index in range(len(routine.step)) for target in _turns(routine, index, hand)]


def _turns(routine: Routine, index: int, hand: Side | None) -> list[Target]:
    step = routine.step[index]
    whole = _target(routine, index)
    turn_s = step.switch_s or 0.0
    if step.side in ("left", "right") and hand not in (None, step.side):
        return [Target("still", None, whole.seconds)]
    if step.side != "alternate" or turn_s < SHORTEST_S or whole.motion == "still":
        return [whole]
    turns = max(1, int(whole.seconds / turn_s))
    lengths_s = [*[turn_s] * (turns - 1), whole.seconds - turn_s * (turns - 1)]
    mine = 1 if hand == "left" else 0
    return [
        replace(whole, seconds=length_s, settled=turn > 1) if turn % 2 == mine else Target("still", None, length_s)
        for turn, length_s in enumerate(lengths_s)
    ]


def _target(routine: Routine, index: int) -> Target:
    step = routine.step[index]
    motion = "stroke" if step.motion is None else SIMULATED.get(step.motion, "fidget")
    circles_before = sum(1 for before in routine.step[:index] if before.motion is step.motion)
    return Target(
        motion=motion,
        band_cpm=OWN_CPM if step.own_tempo or step.calibrates else step.band,
        seconds=min(max(_seconds(step), SHORTEST_S), LONGEST_S),
        direction=step.direction or ("cw" if circles_before % 2 else "ccw"),
        length_cm=_length_cm(step),
        settled=step.calibrates,
    )


def _seconds(step: Step) -> float:
    """Give how long the person works at a step; stillness is held a little longer, since it is seen late."""
    if step.cycles is None:
        return step.seconds or (step.hold_s or 0.0) + HELD_LONGER_S
    low, high = step.band or (STEP_CYCLES_CPM, STEP_CYCLES_CPM)
    hands = 2 if step.side == "alternate" else 1
    return hands * step.cycles * 60 * 2 / (low + high)


def _length_cm(step: Step) -> float | None:
    if step.size_cm is None:
        return None if step.length_cm is None else min(max(step.length_cm, 1.0), LONGEST_CM)
    low, high = step.size_cm
    return min(max(math.sqrt(low * high), high / 4), LONGEST_CM)


def _cut(phases: list[Phase], seconds: float) -> list[Phase]:
    kept: list[Phase] = []
    for phase in phases:
        if seconds < 1:
            break
        part = min(phase.seconds, seconds)
        kept.append(replace(phase, seconds=part))
        seconds -= part
    return kept


def live_wrist(name: str, style: str = "") -> Simulation:
    """Give a wrist for a live session: a scenario goes on for ten minutes, a routine to its end."""
    phases, _ = phases_of(name, LIVE_S if name in SCENARIOS else None, LIVE_SEED, style=style)
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
    wrist, _ = _wrist(name, seconds, seed, format, Device(), device_id)
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
    wrist, routine = _wrist(name, seconds, seed, format, device or Device(), device_id)
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
    yield command_message(Command.START, start_ns, start_text(routine))
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
    device_id: str,
) -> tuple[Simulation, Routine]:
    if format not in FORMATS:
        raise LaunchError(f"no format is called {format!r}; there are {', '.join(FORMATS)}")
    phases, routine = phases_of(name, seconds, seed, hand=side_in(device_id))
    return simulate(phases, device, seed=seed), routine
