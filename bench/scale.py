"""From 1 to 200 devices in one session: what is lost, how latency and CPU grow, and the same with mosquitto_sub.

Devices at 100 Hz send batches as Sensor Logger does, through a real mosquitto into the real ``palmpace live --headless
--json``. Their payloads are made beforehand, and sent by one process of its own over one connection, each device a
little after the one before. In a second run of each, mosquitto's own ``mosquitto_sub`` takes the place of the session,
and does nothing with what it gets: the floor.

publish -> motion
    From just before a message is handed to the MQTT client, to the read that brings the motion it completes out of the
    session's stdout. Which message completes which look is known beforehand, from a `tracker.pipeline.Pipeline` here.
lost
    Messages whose samples are in no stream of the session's summary, once it has come to rest.

Usage: python -m bench.scale [--devices N ...] [--seconds S] [--batch S] [--profile N] [--write PAGE]
"""

from __future__ import annotations

import argparse
import os
import pstats
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import psutil  # type: ignore[import-untyped]  # it brings no types

from bench import page
from bench.accuracy.table import Table
from bench.shapes import START_NS
from sensors.broker import Broker, find_mosquitto, start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher
from sensors.samples import Array
from sensors.simulate import Device, Phase, messages, simulate
from tracker.events import MotionEvent
from tracker.pipeline import Pipeline

PROJECT = Path(__file__).resolve().parent.parent
DEVICES = (1, 2, 5, 10, 20, 50, 100, 200)
SECONDS = 10.0
BATCH_S, LONGER_BATCH_S = 0.2, 1.0
WARM_UP_S = 3.0
"""Left out of latency and CPU: the first looks of everything."""
HANDS = 8
"""Wrists that move in different ways; further devices wear one of them too."""
TOPIC = "sensor-logger"
ITSELF = "simulated-wrist"
PERCENTILES = (50, 95, 99)
BEHIND_MS = 1000.0
"""Once one look in a hundred is later than this, a session does not keep up."""
IDLE, REST_S = 0.4, 1.0
"""Share of a core below which, for so long, a session has worked off what came."""
PATIENCE_S = 60.0
LOOP = ("tui/runner.py poll", "tui/headless.py _print_json")
STAGES = {
    "taking messages": ("sensors/mqtt.py take",),
    "decoding": ("decode/__init__.py decode",),
    "stream": ("sensors/stream.py push",),
    "reading the motion": ("motion/engine.py update",),
    "writing JSON": ("tui/headless.py _print_json",),
}
"""What a headless session does over and over, and the functions each part of it is in."""


@dataclass(frozen=True)
class Load:
    """What is sent."""

    devices: int
    seconds: float
    batch_s: float
    qos: int

    @property
    def messages(self) -> int:
        """How many in all."""
        return self.devices * round(self.seconds / self.batch_s)


@dataclass(frozen=True)
class Measured:
    """A run; CPU in percent of one core.

    Attributes
    ----------
    lost : int
        Messages.
    cpu, broker_cpu, sender_cpu : float
    mqtt_cpu : float
        The part of ``cpu`` that is not the main thread's.
    memory_mb : float
    latency_ms : ndarray
    """

    load: Load
    lost: int
    cpu: float
    mqtt_cpu: float
    broker_cpu: float
    sender_cpu: float
    memory_mb: float
    latency_ms: Array

    @property
    def keeps_up(self) -> bool:
        """Whether nothing is lost, and little late."""
        return not self.lost and bool(np.percentile(self.latency_ms, 99) < BEHIND_MS)


class _Line(msgspec.Struct):
    event: str
    device: str = ""
    streams: list[dict[str, Any]] = []


class Output:
    """What a program prints, and when each line came."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        if program.stdout is None:
            raise AssertionError("it is a pipe")
        self._pipe = program.stdout.fileno()
        self._came: list[tuple[int, bytes]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Give each line with its time, once the program has ended."""
        self._reader.join()
        rest = b""
        for at_ns, data in self._came:
            *whole, rest = (rest + data).split(b"\n")
            yield from ((at_ns, line) for line in whole)

    def _read(self) -> None:
        while data := os.read(self._pipe, 1 << 18):
            self._came.append((time.time_ns(), data))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--devices", type=int, nargs="+", default=DEVICES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of a run")
    parser.add_argument("--batch", type=float, default=BATCH_S, help="seconds of samples in a message")
    parser.add_argument("--profile", type=int, metavar="N", help="tell where the time goes with so many devices")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the tables to this file")
    args = parser.parse_args()
    if find_mosquitto() is None or shutil.which("mosquitto_sub") is None:
        sys.exit("mosquitto or mosquitto_sub is not installed: install both, since a real broker is measured")
    with start_broker(port=0, prefer="mosquitto") as broker:
        if args.profile:
            print(profile(broker, Load(args.profile, args.seconds, args.batch, 1)).markdown(level=3))
            return
        tables = _measured(broker, args.devices, args.seconds, args.batch)
        tables.append(profile(broker, Load(max(args.devices), args.seconds, args.batch, 1)))
    print(*(table.markdown(level=3) for table in tables), sep="\n")
    if args.write:
        page.write(args.write, page.DEVICES, tables)


def _measured(broker: Broker, devices: list[int], seconds: float, batch_s: float) -> list[Table]:
    sessions, floors = _runs(broker, [Load(n, seconds, batch_s, qos) for n in devices for qos in (1, 0)])
    tables = [_table("One session", sessions, _notes(sessions)), _table("`mosquitto_sub` instead", floors, [])]
    behind = sorted({run.load.devices for run in sessions if not run.keeps_up})
    if behind and batch_s < LONGER_BATCH_S:
        sessions, floors = _runs(broker, [Load(n, seconds, LONGER_BATCH_S, qos) for n in behind for qos in (1, 0)])
        tables.append(_table(f"One session, batches of {LONGER_BATCH_S:g} s", sessions, []))
    return tables


def _runs(broker: Broker, loads: list[Load]) -> tuple[list[Measured], list[Measured]]:
    sessions, floors = [], []
    for load in loads:
        sessions.append(session(broker, load))
        floors.append(floor(broker, load))
        print(*map(_in_short, (sessions[-1], floors[-1])), sep="   ", file=sys.stderr)
    return sessions, floors


def session(broker: Broker, load: Load) -> Measured:
    """Let a headless session listen."""
    listening = _palmpace(broker.address)
    with _started([sys.executable, "-m", *listening], stderr=subprocess.PIPE) as program:
        _wait_until_it_listens(program)
        output = Output(program)
        spent = _send(broker, load, program)
        program.send_signal(signal.SIGINT)
        came = [(at_ns, msgspec.json.decode(line, type=_Line)) for at_ns, line in output.lines()]
    samples = {stream["device"]: stream["samples"] for stream in came[-1][1].streams}
    seen: Counter[str] = Counter()
    latency_ms = []
    hands = _hands(load)
    causes = [causes_of(hand) for hand in hands]
    for at_ns, line in came:
        if line.event != "motion":
            continue
        nth, device = seen[line.device], int(line.device)
        seen[line.device] += 1
        if nth < len(causes[device % HANDS]):
            message = causes[device % HANDS][nth]
            if message * load.batch_s >= WARM_UP_S:
                latency_ms.append((at_ns - spent.sent_ns[device, message]) / 1e6)
    per_message = round(Device().rate_hz * load.batch_s)
    sent = load.messages * per_message
    lost = -(-(sent - sum(samples.values())) // per_message)
    return spent.measured(load, lost, np.array(latency_ms))


def floor(broker: Broker, load: Load) -> Measured:
    """Let mosquitto_sub listen; it tells the time of arrival itself."""
    address = broker.address
    listening = ["mosquitto_sub", "-h", address.host, "-p", str(address.port), "-t", TOPIC, "-q", str(load.qos)]
    with _started([*listening, "-F", "%U %l"]) as program:
        output = Output(program)
        time.sleep(0.5)  # it says nothing of its subscription
        spent = _send(broker, load, program)
        program.terminate()
        came_ns = [round(float(line.split()[0]) * NS_PER_S) for _, line in output.lines()]
    lost = load.messages - len(came_ns)
    sent_ns = np.sort(spent.sent_ns, axis=None)
    late_ms = (np.array(came_ns) - sent_ns[: len(came_ns)]) / 1e6
    return spent.measured(load, lost, late_ms[round(len(late_ms) * WARM_UP_S / load.seconds) :])


def profile(broker: Broker, load: Load) -> Table:
    """Tell where the main thread spends its time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "profile"
        listening = [sys.executable, "-m", "cProfile", "-o", str(path), "-m", *_palmpace(broker.address)]
        with _started(listening, stderr=subprocess.PIPE) as program:
            _wait_until_it_listens(program)
            output = Output(program)
            _send(broker, load, program)
            program.send_signal(signal.SIGINT)
            for _ in output.lines():
                pass
            program.wait(PATIENCE_S)
        stats: dict[tuple[str, int, str], Any] = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]  # untold
    in_all_s = {
        f"{Path(file).parent.name}/{Path(file).name} {name}": each[3] for (file, _, name), each in stats.items()
    }
    whole_s = sum(in_all_s[name] for name in LOOP)
    rows = [(stage, sum(in_all_s.get(name, 0.0) for name in names)) for stage, names in STAGES.items()]
    rows.append(("the rest: the session, its devices, its clock", whole_s - sum(seconds for _, seconds in rows)))
    return Table(
        f"Where the session's time goes, with {load.devices} devices",
        ("stage", "share"),
        [(stage, f"{100 * seconds / whole_s:.0f} %") for stage, seconds in rows],
        ["Of the main thread, by cProfile, which makes small calls dearer than they are."],
    )


def causes_of(hand: list[Message]) -> list[int]:
    """Tell by which message, counted from 0, each look at a hand comes about."""
    pipeline = Pipeline()
    return [
        index
        for index, message in enumerate(hand)
        for event in pipeline.feed(message)
        if isinstance(event, MotionEvent)
    ]


@dataclass(frozen=True)
class _Spent:
    """What sending has cost everybody, and when each message was sent: a row for each device."""

    sent_ns: np.ndarray[Any, np.dtype[np.int64]]
    seconds: float
    cpu_s: float
    main_s: float
    broker_s: float
    sender_s: float
    memory_mb: float

    def measured(self, load: Load, lost: int, latency_ms: Array) -> Measured:
        share = 100 / self.seconds
        return Measured(
            load,
            lost,
            share * self.cpu_s,
            max(0.0, share * (self.cpu_s - self.main_s)),  # the two are read one after the other
            share * self.broker_s,
            100 / load.seconds * self.sender_s,
            self.memory_mb,
            latency_ms,
        )


def _send(broker: Broker, load: Load, program: subprocess.Popen[bytes]) -> _Spent:
    """Let a process of its own send, account for what it costs, and wait until all is worked off."""
    listener = psutil.Process(program.pid)
    mosquitto = next(p for p in psutil.Process().children(recursive=True) if p.name() == "mosquitto")

    def costs() -> tuple[float, float, float, float]:
        threads = {thread.id: thread.user_time + thread.system_time for thread in listener.threads()}
        return time.monotonic(), _cpu_s(listener), threads.get(program.pid, 0.0), _cpu_s(mosquitto)

    ours, theirs = get_context("spawn").Pipe()
    sender = get_context("spawn").Process(target=_sender, args=(theirs, broker.address, load))
    sender.start()
    theirs.close()
    ours.recv()  # it is ready
    ours.send("go")
    time.sleep(WARM_UP_S)
    before = costs()
    sent_ns, sender_s = ours.recv()
    after = costs()
    memory_mb = listener.memory_info().rss / 1e6
    sender.join()
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        spent_s = _cpu_s(listener)
        time.sleep(REST_S)
        if _cpu_s(listener) - spent_s < IDLE * REST_S:
            break
    seconds, cpu_s, main_s, broker_s = (b - a for a, b in zip(before, after, strict=True))
    return _Spent(sent_ns, seconds, cpu_s, main_s, broker_s, sender_s, memory_mb)


def _sender(parent: Connection, address: BrokerAddress, load: Load) -> None:
    """Make all payloads, and then send them when they are due."""
    due: list[tuple[float, int, int, bytes]] = []
    for at, hand in enumerate(_hands(load)):
        for device in range(at, load.devices, HANDS):
            phase_s = load.batch_s * device / load.devices
            for k, message in enumerate(hand):
                payload = message.payload.replace(f'"{ITSELF}"'.encode(), f'"{device}"'.encode())
                due.append(((k + 1) * load.batch_s + phase_s, device, k, payload))
    due.sort(key=lambda each: each[:3])
    sent_ns = np.zeros((load.devices, round(load.seconds / load.batch_s)), dtype=np.int64)
    with Publisher(address) as publisher:
        parent.send("ready")
        parent.recv()
        began_s = time.monotonic()
        spent_s = time.process_time()
        for due_s, device, k, payload in due:
            wait_s = began_s + due_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            sent_ns[device, k] = time.time_ns()
            publisher.publish(TOPIC, payload, qos=load.qos)
        publisher.flush(PATIENCE_S)
        parent.send((sent_ns, time.process_time() - spent_s))
        time.sleep(0.5)  # what has no acknowledgement is to leave before we do


def _hands(load: Load) -> list[list[Message]]:
    """Give what wrists send; the same in every process."""
    device = Device(batch_s=load.batch_s, latency_s=0.0)
    hands = []
    for seed in range(min(HANDS, load.devices)):
        hand = simulate([Phase("stroke", load.seconds, rate_cpm=40.0 + 10.0 * seed)], device, seed=seed)
        hands.append(list(messages(hand, topic=TOPIC, start_ns=START_NS, device_id=ITSELF)))
    return hands


def _palmpace(address: BrokerAddress) -> list[str]:
    what = ["tui.cli", "live", "--headless", "--json", "--no-record", "--no-publish"]
    return [*what, "--broker", str(address), "--topic", TOPIC]


def _wait_until_it_listens(program: subprocess.Popen[bytes]) -> None:
    if program.stderr is None:
        raise AssertionError("it is a pipe")
    line = program.stderr.readline()
    if not line.startswith(b"listening"):
        raise RuntimeError(f"palmpace live does not listen: {line.decode().strip()}")
    threading.Thread(target=program.stderr.read, daemon=True).start()


@contextmanager
def _started(command: list[str], stderr: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=stderr) as program:
        try:
            yield program
        finally:
            program.kill()


def _cpu_s(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _table(title: str, runs: list[Measured], notes: list[str]) -> Table:
    """Make a row of both runs with so many devices: figures are those of QoS 1."""
    rows: list[tuple[str, ...]] = []
    for run in (run for run in runs if run.load.qos == 1):
        other = next(each for each in runs if each.load.devices == run.load.devices and each.load.qos == 0)
        rows.append(
            (
                f"{run.load.devices}",
                f"{run.load.devices / run.load.batch_s:.0f}",
                f"{run.lost}",
                f"{other.lost}",
                f"{run.cpu:.0f} % ({run.mqtt_cpu:.0f} %)",
                f"{run.broker_cpu:.1f} %",
                *(f"{ms:.0f} ms" if ms >= 10 else f"{ms:.1f} ms" for ms in np.percentile(run.latency_ms, PERCENTILES)),
                f"{run.memory_mb:.0f} MB",
            )
        )
    head = ("devices", "messages/s", "lost, QoS 1", "lost, QoS 0", "CPU (MQTT)", "mosquitto")
    return Table(title, (*head, *(f"p{p}" for p in PERCENTILES), "memory"), rows, notes)


def _notes(runs: list[Measured]) -> list[str]:
    load = runs[0].load
    busiest = max(runs, key=lambda run: run.sender_cpu)
    late = [run.load.devices for run in runs if not run.keeps_up]
    outcome = f"It does not keep up with {min(late)} devices." if late else "It keeps up with all of them."
    sent = f"{runs[-1].load.messages:,} with {runs[-1].load.devices} devices"
    return [
        f"""Each device sends 100 samples a second of acceleration and angular rate as Sensor Logger does, in batches
of {load.batch_s:g} s, for {load.seconds:g} s; `palmpace live --headless --json` looks at each hand ten times a second.
{outcome} Lost are messages, of {sent}; the other figures are those of QoS 1.
CPU is in percent of one core, all threads; in brackets what is not the main thread's. Latency is from publish to the
motion on stdout, so it includes the session's look at its messages every 50 ms; the first {WARM_UP_S:g} s are left
out. All devices share one connection and one topic. The sender, which is in no figure, takes up to
{busiest.sender_cpu:.0f} % of a core. Two cores of: {page.processor()}.""",
    ]


def _in_short(run: Measured) -> str:
    late = " ".join(f"{ms:.1f}" for ms in np.percentile(run.latency_ms, PERCENTILES))
    load = f"{run.load.devices} x {run.load.batch_s:g} s, QoS {run.load.qos}"
    return f"{load}: lost {run.lost}, CPU {run.cpu:.0f} % ({run.mqtt_cpu:.0f} %), {late} ms"


if __name__ == "__main__":
    main()
