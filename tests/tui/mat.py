"""A person on the mat: the dashboard over a real broker, wrists that send through it, and a clock the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import msgspec
from rig import START_NS, ScriptedClock
from scripted import FakeHub
from textual.pilot import Pilot

from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, MqttSource, Publisher
from sensors.recording import Recorder, new_recording_path
from sensors.simulate import Device, Hand, Phase, messages, simulate
from tracker.events import CueEvent, Event, StepEvent, SummaryEvent
from tracker.pipeline import Pipeline
from tracker.routine import Routine, load_shipped, routine_text
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.film import Film
from tui.memory import Memory
from tui.runner import Runner
from tui.settings import Settings

LOOK_S = 0.5
SLOW_BATCHES = Device(rate_hz=50, batch_s=0.5, latency_s=0.02)
"""Few messages, so that minutes pass quickly."""
SIZE = (120, 40)
TODAY = date(2026, 1, 1)
"""By the mat's clock."""


def hands(*phases: Phase, seed: int = 3) -> list[Message]:
    """What a wrist sends while it does this, by the mat's clock."""
    felt = simulate(phases, SLOW_BATCHES, seed=seed, hand=Hand())
    return list(messages(felt, format="plain", start_ns=START_NS, topic="palmpace/wrist"))


def worn(sent: Iterable[Message], side: str, later_s: float = 0.01) -> list[Message]:
    """The same from a wrist that tells its side."""
    return [Message(f"palmpace/{side}", each.payload, each.received_ns + round(later_s * NS_PER_S)) for each in sent]


@dataclass
class Heard:
    """Keeps what the session tells; a `tui.runner.Outlet`."""

    events: list[Event] = field(default_factory=list)

    def take(self, events: Iterable[Event]) -> list:
        self.events += events
        return []

    def close(self) -> None:
        pass


class Mat:
    """Opens the one session that a test is about; a `tui.choices.Launcher`."""

    def __init__(self, routine: Routine, broker: BrokerAddress) -> None:
        self.routine = routine
        self.path = new_recording_path(datetime(2026, 1, 1), routine.name)  # noqa: DTZ001 - names tell local time
        self.clock = ScriptedClock()
        self.heard = Heard()
        self.runner: Runner | None = None
        self._broker = broker
        self._publisher = Publisher(broker)
        self._publisher.connect()

    # --- what the dashboard asks ---

    def routines(self) -> list[Routine]:
        return [self.routine]

    def complaints(self) -> list[str]:
        return []

    def recordings(self) -> list[Path]:
        return [self.path] if self.path.exists() else []

    def open(self, choice: Choice) -> Runner:
        source = MqttSource(self._broker, ("palmpace/#",), clock_ns=self.clock)
        source.connect()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        recorder = Recorder(self.path, {"routine": self.routine.name})
        hub = FakeHub() if choice.kind == "device" else None
        self.runner = Runner(source, Pipeline(), recorder=recorder, outlet=self.heard, hub=hub)
        self.runner.begin(routine_text(self.routine))
        return self.runner

    def film(self, choice: Choice) -> Film:
        raise NotImplementedError

    def earlier(self, routine: str, than: Path | None) -> list[Path]:
        return []

    def recording_of(self, runner: Runner) -> Path | None:
        return self.path

    # --- what the test does and reads ---

    @property
    def now_s(self) -> float:
        return (self.clock.now_ns - START_NS) / NS_PER_S

    async def move(self, pilot: Pilot[None], sent: Sequence[Message], until_s: float | None = None) -> None:
        """Let a wrist's messages arrive, each when it is due, and the dashboard look twice a second."""
        looked_s = self.now_s
        for message in sent:
            at_s = (message.received_ns - START_NS) / NS_PER_S
            if at_s <= self.now_s or (until_s is not None and at_s > until_s):
                continue
            self.clock.now_ns = message.received_ns
            looks = self.clock.looks
            self._publisher.publish(message.topic, message.payload)
            self.clock.wait_for_look(looks)
            if at_s - looked_s >= LOOK_S:
                looked_s = at_s
                self.look(pilot)
        self.look(pilot)
        await pilot.pause()

    def look(self, pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, PalmpaceApp)
        pilot.app.tick()

    def cues(self) -> list[CueEvent]:
        return [event for event in self.heard.events if isinstance(event, CueEvent)]

    def steps(self) -> list[StepEvent]:
        return [event for event in self.heard.events if isinstance(event, StepEvent)]

    def summary(self) -> SummaryEvent:
        [summary] = [event for event in self.heard.events if isinstance(event, SummaryEvent)]
        return summary

    def close(self) -> None:
        if self.runner is not None:
            self.runner.close()
        self._publisher.close()


async def settled(pilot: Pilot[None]) -> None:
    """Wait for what a key has begun: a screen, the threads that it starts, and what these post."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def shortened(name: str, by: float, *, style: str = "") -> Routine:
    """A shipped routine whose times are so many times shorter, its targets as they are."""
    routine = load_shipped(name)
    routine = routine.styled(style) if style else routine
    steps = [
        msgspec.structs.replace(
            step,
            **{
                key: max(8.0, value / by)
                for key in ("seconds", "held_s", "until_release_s", "switch_s")
                if (value := getattr(step, key)) is not None
            },
        )
        for step in routine.step
    ]
    return msgspec.structs.replace(routine, step=tuple(steps))


@asynccontextmanager
async def on_the_mat(
    routine: Routine, broker: BrokerAddress, *, kind: str = "simulated", memory: Memory | None = None
) -> AsyncIterator[tuple[Mat, Pilot[None]]]:
    """The dashboard, with the session begun."""
    mat = Mat(routine, broker)
    try:
        start = Choice(kind, routine.name)
        app = PalmpaceApp(mat, settings=Settings(fps=0), memory=memory, start=start, today=lambda: TODAY)
        async with app.run_test(size=SIZE) as pilot:
            await settled(pilot)
            yield mat, pilot
    finally:
        mat.close()
