"""A wrist that does exactly what a test says: real messages and pipeline, the engine's word scripted."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from textual.pilot import Pilot

from sensors.broker import Access, Endpoint
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder
from sensors.samples import Samples
from sensors.source import Arrivals
from tracker.motion.figure import Figure
from tracker.motion.state import Kind, Motion
from tracker.pipeline import Device, Pipeline, command_message
from tracker.routine import FREE, Routine, load_shipped
from tracker.session import Command
from tui.app import PalmpaceApp
from tui.choices import Choice, LaunchError
from tui.film import Film
from tui.launch import Stored
from tui.runner import Connection, Runner
from tui.settings import Settings

LOOK_S = 0.5
STILL = Settings(fps=0)
"""Time is in the test's hand."""
START_NS = 1_700_000_000 * NS_PER_S
RATE_HZ = 50
BATCH_S = 0.2
HOST = "192.168.1.20"
CONNECTION = Connection(
    "mosquitto",
    Access(
        tuple(Endpoint(*each) for each in (("mqtt", HOST, 1883), ("mqtts", HOST, 8883), ("ws", HOST, 8000))),
        user="wrist",
        password="mtk7-w4xf-9rqe",
    ),
    "palmpace/left",
)

Script = Callable[[float], Motion]


def strokes(rate_cpm: float, sd_cpm: float = 0.6) -> Script:
    """Stroke at one pace from the first second on."""
    return lambda t_s: Motion(
        t_s,
        Kind.STROKE,
        0.0,
        rate_cpm=rate_cpm,
        rate_sd_cpm=sd_cpm,
        cycles=t_s * rate_cpm / 60,
        stretch_cycles=t_s * rate_cpm / 60,
    )


def circles(rate_cpm: float) -> Script:
    """Circle clockwise at one pace."""
    return lambda t_s: Motion(
        t_s,
        Kind.CIRCLE,
        0.0,
        rate_cpm=rate_cpm,
        rate_sd_cpm=1.2,
        cycles=t_s * rate_cpm / 60,
        stretch_cycles=t_s * rate_cpm / 60,
        circularity=0.9,
        direction="cw",
        plane_normal=(0.0, 0.0, -1.0),
    )


def still(t_s: float) -> Motion:
    """Rest."""
    return Motion(t_s, Kind.STILL, 0.0)


def wave(seconds: float, rate_cpm: float = 18.0, *, silent: tuple[float, float] = (0, 0)) -> Iterator[Message]:
    """A device's messages: a swinging acceleration, gravity in it; none arrives within ``silent``."""
    n = int(BATCH_S * RATE_HZ)
    for batch in range(int(seconds / BATCH_S)):
        t_s = [(batch * n + i) / RATE_HZ for i in range(n)]
        if silent[0] <= t_s[0] < silent[1]:
            continue
        phase = [2 * math.pi * rate_cpm / 60 * t for t in t_s]
        columns = {
            "device": "left",
            "t": t_s,
            "ax": [round(2.4 * math.sin(p), 3) for p in phase],
            "ay": [round(1.1 * math.sin(p + 0.6) + 0.3 * math.sin(2 * p), 3) for p in phase],
            "az": [round(9.81 + 0.7 * math.cos(2 * p), 3) for p in phase],
        }
        received_ns = START_NS + round((batch + 1) * BATCH_S * NS_PER_S)
        yield Message("palmpace/left", json.dumps(columns).encode(), received_ns)


def waves_of_two(seconds: float, rate_cpm: float) -> Iterator[Message]:
    """Two wrists' messages, the right one's a hundredth of a second later."""
    for message in wave(seconds, rate_cpm):
        yield message
        payload = message.payload.replace(b'"left"', b'"right"')
        yield Message("palmpace/right", payload, message.received_ns + NS_PER_S // 100)


class ScriptedEngine:
    """Says every tenth of a second what the script says."""

    hop_s = 0.1

    def __init__(self, script: Script) -> None:
        self.script = script
        self._looks = 0

    def update(self, samples: Samples) -> list[Motion]:
        motions = []
        while (t_s := (self._looks + 1) * self.hop_s) <= samples.t_s[-1]:
            self._looks += 1
            motions.append(self.script(t_s))
        return motions

    def figure(self) -> Figure | None:
        """A circle or a line, at the phase of the script's cycles."""
        motion = self.script(self._looks * self.hop_s)
        if motion.rate_cpm is None:
            return None
        up = 0j
        if motion.circularity is not None and motion.direction is not None:
            flat = math.sqrt(1 - motion.circularity**2)
            up = complex(0, motion.circularity / (1 + flat) * (1 if motion.direction == "cw" else -1))
        second = np.array([0, 0.05], dtype=complex)
        return Figure(np.array([1, up]), second, 2 * math.pi * (motion.cycles % 1.0))


class ScriptedPipeline(Pipeline):
    """The real pipeline but for the engine."""

    def __init__(self, routine: Routine | None, script: Script) -> None:
        super().__init__(routine)
        self._script = script

    def follow(self, script: Script) -> None:
        """Let all hands do something else from now on."""
        self._script = script
        for device in self.devices.values():
            device.engine.script = script

    def _new_device(self, name: str, message: Message) -> Device:
        device = super()._new_device(name, message)
        device.engine = ScriptedEngine(self._script)
        return device


class HeldSource:
    """Gives messages up to the time the test has let pass; goes on in silence after the last."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self.now_s = 0.0
        self.closed = False
        self._messages = list(messages)

    def take(self) -> Arrivals:
        now_ns = START_NS + round(self.now_s * NS_PER_S)
        due = [message for message in self._messages if message.received_ns <= now_ns]
        self._messages = self._messages[len(due) :]
        return Arrivals(due, now_ns)

    def status(self) -> str:
        return "listening on 192.168.1.20:1883"

    def close(self) -> None:
        self.closed = True


class FakeHub:
    """A broker that never dies."""

    def connection(self) -> Connection:
        return CONNECTION

    def tend(self) -> Connection | None:
        return None


class FakeLauncher:
    """Opens scripted sessions; keeps what was asked for."""

    def __init__(self, script: Script = still, messages: Iterator[Message] | None = None) -> None:
        self.script = script
        self.messages = messages
        self.refuse: str | None = None
        self.recorder: Recorder | None = None
        self.kept = [
            Path("/recordings/2025-03-02 18.04 sore-back.mcap"),
            Path("/recordings/2025-03-01 07.30 free.mcap"),
        ]
        self.asked: list[Choice] = []
        self.runner: Runner | None = None
        self.now_s = 0.0

    def routines(self) -> list[Routine]:
        return [FREE, *(load_shipped(name) for name in ("palm-circling", "slow-strokes", "sore-back"))]

    def complaints(self) -> list[str]:
        return []

    def recordings(self) -> list[Path]:
        return self.kept

    def open(self, choice: Choice) -> Runner:
        self.asked.append(choice)
        if self.refuse:
            raise LaunchError(self.refuse)
        routine = next((r for r in self.routines() if r.name == choice.routine), None)
        messages = wave(600.0) if self.messages is None else self.messages
        self.runner = Runner(
            HeldSource(messages),
            ScriptedPipeline(routine, self.script),
            recorder=self.recorder,
            hub=FakeHub() if choice.kind == "device" else None,
            title="simulated wrist" if choice.kind == "simulated" else "over MQTT",
        )
        self.runner.pipeline.feed(command_message(Command.START, START_NS))
        return self.runner

    def film(self, choice: Choice) -> Film:
        self.asked.append(choice)
        if self.refuse:
            raise LaunchError(self.refuse)
        stored = Stored("mcap", wave(60.0) if self.messages is None else self.messages, 60.0)
        return Film(stored, ScriptedPipeline(load_shipped("sore-back"), self.script), "a recording")

    def earlier(self, routine: str, than: Path | None) -> list[Path]:
        return []

    def recording_of(self, runner: Runner) -> Path | None:
        return self.recorder.path if self.recorder else Path("/recordings/2025-03-03 09.12 sore-back.mcap")


async def pass_time(pilot: Pilot[None], launcher: FakeLauncher, seconds: float) -> None:
    """Let virtual time pass, two looks a second: what is shown in the end is the same as with ten."""
    app = pilot.app
    assert isinstance(app, PalmpaceApp)
    end_s = launcher.now_s + seconds
    while launcher.now_s < end_s - 1e-9:
        step_s = min(LOOK_S, end_s - launcher.now_s)
        launcher.now_s += step_s
        if launcher.runner is not None and isinstance(launcher.runner.source, HeldSource):
            launcher.runner.source.now_s += step_s
        app.tick()
    await pilot.pause()


async def opened(pilot: Pilot[None]) -> None:
    """Wait for the threads that open and close sessions, and for what they posted."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
