"""From publish to the number on the screen, and what the dashboard costs while it is live.

The real ``palmpace live`` draws into a pseudo-terminal of 120x40 at its ten frames a second, with its recorder on, and
listens to a real mosquitto; this program publishes a simulated wrist to it, ten messages a second at 100 Hz, and reads
the terminal. The number watched is the count of cycles. Which message makes it change, and to what, is known
beforehand: the same messages are fed to a `tracker.pipeline.Pipeline` here.

publish -> screen
    From just before that message is handed to the MQTT client, to the read that brings the new number out of the
    terminal. Includes client, mosquitto, subscriber, recording, decoding, reading the motion, waiting for the next
    frame, drawing, and the terminal's buffer. Not the network of a real phone (this is loopback), nor what a terminal
    emulator takes to paint.
sample -> screen
    From the moment of the last sample that the new number was made of. Adds the device's own wait until its message is
    full (0.1 s) and ours for the look it completes. Not the time over which a tempo is averaged.

Messages come every 101 ms, so that over a run they meet the 100 ms frames in every phase.

Usage: python -m bench.latency
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil  # type: ignore[import-untyped]  # it brings no types

from sensors.broker import find_mosquitto, start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher
from sensors.simulate import Device, Phase, messages, publish, simulate
from tracker.pipeline import Pipeline

PROJECT = Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 120, 40
TOPIC = "bench/latency"
HANDS_CPM = (30.0, 150.0)
"""A usual stroke, and one so quick that many numbers are seen."""
SECONDS = 75.0
WARM_UP_S = 10.0
"""Left out of the CPU's share: the first frames of everything."""
STRETCH = 1.01
START_NS = 1_767_225_600 * NS_PER_S
PATIENCE_S = 20.0
PERCENTILES = (50, 95, 99)
TARGET_P95_MS, TARGET_CPU = 250, 25

_CYCLES = re.compile(rb"(\d+) cycles")


@dataclass(frozen=True)
class Cause:
    """What makes a number appear: its message, counted from 0, and the time of its last sample."""

    message: int
    sample_s: float


@dataclass
class Measured:
    """A run: milliseconds to the screen, one per number seen; CPU in percent of one core."""

    unseen: int = 0
    publish_ms: list[float] = field(default_factory=list)
    sample_ms: list[float] = field(default_factory=list)
    cpu: float = 0.0
    broker_cpu: float = 0.0
    terminal_kbps: float = 0.0


class Screen:
    """The other end of a program's terminal: when each count of cycles came out first, and how many bytes."""

    def __init__(self, command: list[str], data: Path) -> None:
        self._end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PALMPACE_DATA_DIR": str(data)}
        self.child = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=kept | terminal,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen_s: dict[int, float] = {}
        self.bytes = 0
        self.listens = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def quit(self) -> None:
        """Press q: once for the summary, once more to leave."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.child.poll() is None and time.monotonic() < deadline_s:
            os.write(self._end, b"q")
            time.sleep(0.5)
        self.child.kill()
        self.child.wait()
        self._reader.join()
        os.close(self._end)

    def _read(self) -> None:
        tail = b""
        while True:
            try:
                data = os.read(self._end, 65536)
            except OSError:  # the program has left
                return
            now_s = time.monotonic()
            self.bytes += len(data)
            text = tail + data
            for number in _CYCLES.findall(text):
                self.seen_s.setdefault(int(number), now_s)
            if b"nothing heard yet" in text:
                self.listens.set()
            tail = text[-64:]


def main() -> None:
    if find_mosquitto() is None:
        sys.exit("mosquitto is not installed: install it, since the live path is measured through a real one")
    runs = {f"strokes at {cpm:g} cpm": measure(cpm) for cpm in HANDS_CPM}

    print(f"{'':20s} {'numbers':>7s}   {'publish -> screen, ms':>20s}   {'sample -> screen, ms':>20s}")
    percentiles = " ".join(f"{f'p{p}':>6s}" for p in PERCENTILES)
    print(f"{'':20s} {'seen':>7s}   {percentiles}    {percentiles}")
    for name, run in runs.items():
        seen = f"{len(run.publish_ms)}/{len(run.publish_ms) + run.unseen}"
        print(f"{name:20s} {seen:>7s}   {_ms(run.publish_ms)}    {_ms(run.sample_ms)}")
    print(f"{'target':20s} {'':7s}   {'':6s} {f'<{TARGET_P95_MS}':>6s}\n")
    print(f"{'':20s} {'palmpace':>10s} {'mosquitto':>10s} {'terminal':>10s}")
    for name, run in runs.items():
        print(f"{name:20s} {run.cpu:8.1f} % {run.broker_cpu:8.1f} % {run.terminal_kbps:5.1f} kB/s")
    print(f"{'target':20s} {f'<{TARGET_CPU}':>8s} %   of one core, all threads; the simulated wrist is not in it")


def measure(cpm: float) -> Measured:
    """Let a wrist stroke at this tempo in front of the dashboard."""
    hand = simulate([Phase("still", 2.0), Phase("stroke", SECONDS, cpm)], Device(batch_s=0.1, latency_s=0.0), seed=5)
    sent = list(messages(hand, topic=TOPIC, start_ns=START_NS))
    causes = causes_of(sent)
    with TemporaryDirectory() as folder, start_broker(port=0, prefer="mosquitto") as broker:
        mosquitto = next(p for p in psutil.Process().children(recursive=True) if p.name() == "mosquitto")
        address = str(broker.address)
        screen = Screen([sys.executable, "-m", "tui.cli", "live", "--broker", address, "--topic", TOPIC], Path(folder))
        try:
            if not screen.listens.wait(PATIENCE_S):
                raise RuntimeError("palmpace live draws no dashboard")
            run, sent_s = _watch(screen, mosquitto, sent, broker.address)
        finally:
            screen.quit()
    began_s = sent_s[0] - STRETCH * (sent[0].received_ns - START_NS) / NS_PER_S
    for number, cause in causes.items():
        seen_s = screen.seen_s.get(number)
        if seen_s is None:
            run.unseen += 1
        elif seen_s < sent_s[cause.message]:
            raise RuntimeError(f"{number} cycles were on the screen before they were sent: this measures nothing")
        else:
            run.publish_ms.append(1e3 * (seen_s - sent_s[cause.message]))
            run.sample_ms.append(1e3 * (seen_s - began_s - STRETCH * cause.sample_s))
    return run


def causes_of(sent: list[Message]) -> dict[int, Cause]:
    """Tell by which message each count of cycles appears."""
    pipeline = Pipeline()
    causes: dict[int, Cause] = {}
    for index, message in enumerate(sent):
        pipeline.feed(message)
        shown = int(f"{pipeline.session.progress[0].cycles:.0f}")
        if pipeline.coached and pipeline.coached.motion and shown and shown not in causes:
            causes[shown] = Cause(index, pipeline.coached.motion.t_s)
    return causes


def _watch(
    screen: Screen, mosquitto: psutil.Process, sent: list[Message], address: BrokerAddress
) -> tuple[Measured, list[float]]:
    """Publish in real time; measure the cost of the dashboard meanwhile."""
    program = psutil.Process(screen.child.pid)
    sent_s: list[float] = []
    before: tuple[float, float, float, int] | None = None
    began_s = time.monotonic()

    def costs() -> tuple[float, float, float, int]:
        return time.monotonic(), _cpu_s(program), _cpu_s(mosquitto), screen.bytes

    def clock_ns() -> int:
        return START_NS + round((time.monotonic() - began_s) / STRETCH * NS_PER_S)

    def send(topic: str, payload: bytes) -> None:
        nonlocal before
        sent_s.append(time.monotonic())
        publisher.publish(topic, payload)
        if before is None and sent_s[-1] - began_s > WARM_UP_S:
            before = costs()

    with Publisher(address) as publisher:
        publish(sent, send, clock=clock_ns, sleep=lambda s: time.sleep(s * STRETCH))
        publisher.flush()
        time.sleep(0.5)  # the last numbers are still on their way
    if before is None:
        raise AssertionError("a run is longer than its warming up")
    seconds, program_s, broker_s, written = (b - a for a, b in zip(before, costs(), strict=True))
    run = Measured(
        cpu=100 * program_s / seconds, broker_cpu=100 * broker_s / seconds, terminal_kbps=written / seconds / 1e3
    )
    return run, sent_s


def _cpu_s(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _ms(values: list[float]) -> str:
    if not values:
        return " ".join(f"{'-':>6s}" for _ in PERCENTILES)
    return " ".join(f"{value:6.0f}" for value in np.percentile(values, PERCENTILES))


if __name__ == "__main__":
    main()
