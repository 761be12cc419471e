"""What the dashboard costs while it is live, how soon it shows what was sent, and what others take for such a plot.

The real ``palmpace live`` draws into a pseudo-terminal of 120x40, with its recorder on, and listens to a real
mosquitto; this program publishes a simulated wrist to it, ten messages a second at 100 Hz, and reads the terminal. The
number watched is the count of cycles. Which message makes it change, and to what, is known beforehand: the same
messages are fed to a `tracker.pipeline.Pipeline` here.

publish -> screen
    From just before that message is handed to the MQTT client, to the read that brings the new number out of the
    terminal. Includes client, mosquitto, subscriber, recording, decoding, reading the motion, waiting for the next
    frame, drawing, and the terminal's buffer. Not the network of a real phone (this is loopback), nor what a terminal
    emulator takes to paint.
sample -> screen
    From the moment of the last sample that the new number was made of. Adds the device's own wait until its message is
    full (0.1 s) and ours for the look it completes. Not the time over which a tempo is averaged.

Messages come every 101 ms, so that over a run they meet the 100 ms frames in every phase.

The plots (`bench.plots`) fill a terminal of the same size, ten times a second, and do nothing else. CPU is of one core,
all threads, start and first seconds left out; the simulated wrist is not in it.

Usage: python -m bench.dashboard
"""

from __future__ import annotations

import re
import sys
import threading
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil  # type: ignore[import-untyped]  # it brings no types

from bench.accuracy.table import Table
from bench.page import processor
from bench.plots import FPS, PLOTS
from bench.terminal import COLUMNS, PATIENCE_S, ROWS, Cost, Terminal, cpu_s
from sensors.broker import find_mosquitto, start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher
from sensors.simulate import Device, Phase, messages, publish, simulate
from sensors.simulate.hand import Motion
from tracker.pipeline import Pipeline
from tracker.routine import FREE, load_shipped

TOPIC = "bench/dashboard"
STILL_S = 8.0
"""Before the first cycle: the dashboard shows that the device is heard, and asks before it goes on."""
SECONDS = 60.0
WARM_UP_S = 10.0
PLOT_S = 20.0
STRETCH = 1.01
START_NS = 1_767_225_600 * NS_PER_S
PERCENTILES = (50, 95, 99)
TARGET_P95_MS, TARGET_CPU = 250, 15

# The only places that know what the screen says.
_CYCLES = re.compile(rb"[^\d.](\d+) (?:cycles|of \d)")
_LISTENS, _ASKS, _ANSWER = b"Listening", b"How sore", "3\r"


@dataclass(frozen=True)
class Run:
    """What the hand does, its tempo in cycles per minute, what is coached, and the frames a second."""

    motion: Motion
    cpm: float
    routine: str = FREE.name
    fps: int = FPS

    @property
    def name(self) -> str:
        """What it is called in the tables."""
        return f"{self.motion} at {self.cpm:g} cpm, {self.routine}, {self.fps} fps"


RUNS = (
    Run("stroke", 30.0),
    Run("stroke", 150.0),
    Run("circle", 60.0, routine="palm-circling"),
    Run("circle", 60.0, routine="palm-circling", fps=4),
)
"""A usual stroke; one so quick that many numbers are seen; all that can move, for it is too fast; a slow link."""


@dataclass(frozen=True)
class Cause:
    """What makes a number appear: its message, counted from 0, and the time of its last sample."""

    message: int
    sample_s: float


@dataclass
class Measured:
    """A run: milliseconds to the screen, one per number seen; what the dashboard cost; CPU of mosquitto in percent."""

    cost: Cost
    broker_cpu: float
    unseen: int = 0
    publish_ms: list[float] = field(default_factory=list)
    sample_ms: list[float] = field(default_factory=list)


class Watch:
    """Notes when each count of cycles stood on the screen first, and whether the dashboard listens; answers it."""

    def __init__(self) -> None:
        self.seen_s: dict[int, float] = {}
        self.listens = threading.Event()
        self._answered = False

    def read(self, text: bytes, now_s: float) -> str:
        """Look at what came out; give what to type."""
        for number in _CYCLES.findall(text):
            self.seen_s.setdefault(int(number), now_s)
        if _LISTENS in text:
            self.listens.set()
        if self._answered or _ASKS not in text:
            return ""
        self._answered = True
        return _ANSWER


def main() -> None:
    if find_mosquitto() is None:
        sys.exit("mosquitto is not installed: install it, since the live path is measured through a real one")
    print(f"{processor()}, a terminal of {COLUMNS}x{ROWS}\n")
    measured = {run.name: measure(run) for run in RUNS}
    percentiles = [f"p{each}" for each in PERCENTILES]
    for title, of in (("publish -> screen, ms", "publish_ms"), ("sample -> screen, ms", "sample_ms")):
        rows = [(name, _seen(each), *_ms(getattr(each, of))) for name, each in measured.items()]
        if of == "publish_ms":
            rows.append(("target", "", "", f"< {TARGET_P95_MS}", ""))
        print(Table(title, ("", "numbers seen", *percentiles), rows).markdown())
    costs = [
        (name, f"{each.cost.cpu_percent:.1f} %", f"{each.cost.kbps:.1f}", f"{each.broker_cpu:.1f} %")
        for name, each in measured.items()
    ]
    columns = ("", "CPU", "kB/s to the terminal", "mosquitto's CPU")
    print(Table("The dashboard, live", columns, [*costs, ("target", f"< {TARGET_CPU} %", "", "")]).markdown())
    plots = {name: plot(name) for name in PLOTS if name not in _LIBRARIES or find_spec(_LIBRARIES[name])}
    idle, own = plots["nothing"].cpu_percent, plots["ours"].cpu_percent
    rows = [
        (name, f"{cost.cpu_percent:.1f} %", f"{cost.kbps:.1f}", f"{(cost.cpu_percent - idle) / (own - idle):.1f}")
        for name, cost in plots.items()
    ]
    columns = ("", "CPU", "kB/s to the terminal", "CPU beyond nothing, ours = 1")
    print(Table("3 x 600 points, ten times a second", columns, rows).markdown())


_LIBRARIES = {"textual-plot": "textual_plot", "textual-plotext": "textual_plotext"}


def measure(run: Run) -> Measured:
    """Let a wrist stroke in front of the dashboard."""
    hand = [Phase("still", STILL_S), Phase(run.motion, SECONDS, run.cpm)]
    sent = list(messages(simulate(hand, Device(batch_s=0.1, latency_s=0.0), seed=5), topic=TOPIC, start_ns=START_NS))
    causes = causes_of(sent, run.routine)
    watch = Watch()
    with TemporaryDirectory() as folder, start_broker(port=0, prefer="mosquitto") as broker:
        mosquitto = next(p for p in psutil.Process().children(recursive=True) if p.name() == "mosquitto")
        arguments = ("--broker", str(broker.address), "--topic", TOPIC, "--routine", run.routine, "--fps", str(run.fps))
        terminal = Terminal("tui.cli", "live", *arguments, folder=Path(folder), read=watch.read)
        try:
            if not watch.listens.wait(PATIENCE_S):
                raise RuntimeError("palmpace live draws no dashboard")
            result, sent_s = _send(terminal, mosquitto, sent, broker.address)
        finally:
            terminal.quit()
    began_s = sent_s[0] - STRETCH * (sent[0].received_ns - START_NS) / NS_PER_S
    for number, cause in causes.items():
        seen_s = watch.seen_s.get(number)
        if seen_s is None:
            result.unseen += 1
        elif seen_s < sent_s[cause.message]:
            raise RuntimeError(f"{number} cycles were on the screen before they were sent: this measures nothing")
        else:
            result.publish_ms.append(1e3 * (seen_s - sent_s[cause.message]))
            result.sample_ms.append(1e3 * (seen_s - began_s - STRETCH * cause.sample_s))
    return result


def causes_of(sent: list[Message], routine: str) -> dict[int, Cause]:
    """Tell by which message each count of cycles appears."""
    pipeline = Pipeline(FREE if routine == FREE.name else load_shipped(routine))
    causes: dict[int, Cause] = {}
    for index, message in enumerate(sent):
        pipeline.feed(message)
        shown = int(f"{pipeline.session.progress[pipeline.session.step].cycles:.0f}")
        if pipeline.coached and pipeline.coached.motion and shown and shown not in causes:
            causes[shown] = Cause(index, pipeline.coached.motion.t_s)
    return causes


def plot(name: str) -> Cost:
    """Let a plot run by itself; give what it cost."""
    with TemporaryDirectory() as folder:
        terminal = Terminal("bench.plots", name, folder=Path(folder))
        try:
            time.sleep(WARM_UP_S / 2)
            before = terminal.cost()
            time.sleep(PLOT_S)
            return terminal.cost().since(before)
        finally:
            terminal.quit()


def _send(
    terminal: Terminal, mosquitto: psutil.Process, sent: list[Message], address: BrokerAddress
) -> tuple[Measured, list[float]]:
    """Publish in real time; measure the cost of the dashboard meanwhile."""
    sent_s: list[float] = []
    before: tuple[Cost, float] | None = None
    began_s = time.monotonic()

    def clock_ns() -> int:
        return START_NS + round((time.monotonic() - began_s) / STRETCH * NS_PER_S)

    def send(topic: str, payload: bytes) -> None:
        nonlocal before
        sent_s.append(time.monotonic())
        publisher.publish(topic, payload)
        if before is None and sent_s[-1] - began_s > STILL_S + WARM_UP_S:
            before = terminal.cost(), cpu_s(mosquitto)

    with Publisher(address) as publisher:
        publish(sent, send, clock=clock_ns, sleep=lambda s: time.sleep(s * STRETCH))
        publisher.flush()
        time.sleep(0.5)  # the last numbers are still on their way
    if before is None:
        raise AssertionError("a run is longer than its warming up")
    cost = terminal.cost().since(before[0])
    return Measured(cost, 100 * (cpu_s(mosquitto) - before[1]) / cost.wall_s), sent_s


def _seen(run: Measured) -> str:
    return f"{len(run.publish_ms)}/{len(run.publish_ms) + run.unseen}"


def _ms(values: list[float]) -> list[str]:
    return [f"{value:.0f}" for value in np.percentile(values, PERCENTILES)] if values else ["-"] * len(PERCENTILES)


if __name__ == "__main__":
    main()
