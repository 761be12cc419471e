"""Real hands through the real program: each recording live over mosquitto, and the same file analysed.

32 recordings of a wrist that copies a robot's swings are sent as Sensor Logger would send them, through a real
mosquitto into ``palmpace live --headless --json``: all of them faster than they happened, the two shortest also at
their own pace. Only arrival is hurried, the stamps stay true. ``palmpace analyze --json`` reads the same files, with
the gyroscope and without.

Usage: python -m bench.real_input      (PALMPACE_DATA names the folder of recorded motion; default ../shared/data)
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sensors.broker import find_mosquitto, start_broker
from sensors.message import NS_PER_S
from sensors.mqtt import BrokerAddress, Publisher
from sensors.simulate import Device, Simulation, Truth, messages, publish

PROJECT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("PALMPACE_DATA") or PROJECT.parent / "shared" / "data") / "robot_paced"
PALMPACE = (sys.executable, "-m", "tui.cli")

SPEED = 20.0
AT_OWN_PACE = 2
"""So many of the shortest recordings are also sent as slowly as they happened."""
AT_ONCE = 4
PATIENCE_S = 30.0
"""How much longer than its messages a live session may last, should it not hear them."""
START_NS = 1_767_225_600 * NS_PER_S
RATE_WITHIN = 0.03
CYCLES_WITHIN = (9, 12)
"""Ten by protocol, and people often add a swing when the robot has stopped."""


@dataclass(frozen=True)
class Case:
    """A recording and its truth, measured on the robot."""

    path: Path
    rate_cpm: float
    cycles: int
    seconds: float


@dataclass(frozen=True)
class Reading:
    """What was made of a recording: rate of its longest stroke, cycles of all kinds, the kind of most of them."""

    rate_cpm: float | None
    cycles: float
    kind: str

    @classmethod
    def of(cls, stream: dict[str, Any]) -> Reading:
        """Read a stream of the JSON summary."""
        strokes = [segment for segment in stream["segments"] if segment["motion"] == "stroke"]
        longest = max(strokes, key=lambda segment: segment["cycles"], default={"rate_cpm": None})
        cycles = {kind: total.get("cycles") or 0.0 for kind, total in stream["totals"].items()}
        most = max(cycles, key=cycles.__getitem__)
        return cls(longest["rate_cpm"], sum(cycles.values()), most if cycles[most] else "still")


NOTHING = Reading(None, 0.0, "-")


def main() -> None:
    if not (DATA / "labels.json").exists():
        print(f"no recordings in {DATA}: name their folder with PALMPACE_DATA; nothing is measured", file=sys.stderr)
        return
    if find_mosquitto() is None:
        sys.exit("mosquitto is not installed: install it, since the live path is measured through a real one")
    cases = [_case(segment) for segment in json.loads((DATA / "labels.json").read_bytes())["segments"]]
    shortest = sorted(cases, key=lambda case: case.seconds)[:AT_OWN_PACE]
    jobs = [*((case, 1.0) for case in shortest), *((case, SPEED) for case in cases)]
    with start_broker(port=0, prefer="mosquitto") as broker, ThreadPoolExecutor(AT_ONCE) as pool:
        began_s = time.monotonic()
        lived = list(pool.map(lambda job: live(job[0], job[1], broker.address), jobs))
        took_s = time.monotonic() - began_s
    analysed = analyze([case.path for case in cases])
    with TemporaryDirectory() as folder:
        unturned = analyze([_without_gyroscope(case.path, Path(folder)) for case in cases])

    slow, fast = lived[:AT_OWN_PACE], lived[AT_OWN_PACE:]
    _table(f"live through mosquitto at {SPEED:g}x, and analyze", cases, fast, analysed)
    _table("live at its own pace, and analyze", shortest, slow, [analysed[cases.index(case)] for case in shortest])
    print(f"{'summary':34s} {'rate error':>10s} {'in 3 %':>7s} {'9..12 cycles':>13s} {'told as stroke':>15s}")
    for name, readings in (
        (f"live at {SPEED:g}x, gyroscope", fast),
        ("analyze, gyroscope", analysed),
        ("analyze, accelerometer only", unturned),
    ):
        print(f"{name:34s} {_summary(cases, readings)}")
    print("\nrate error is the median; an unknown rate counts as wrong")
    print(f"{len(jobs)} live sessions, {AT_ONCE} at once, in {took_s:.0f} s")


def live(case: Case, speed: float, address: BrokerAddress) -> Reading:
    """Send a recording to a `palmpace live` of its own, and give its summary."""
    topic = f"bench/{case.path.stem}/{speed:g}"
    wrist = _as_sent(case.path)
    command = [*PALMPACE, "live", "--headless", "--json", "--no-record", "--broker", str(address), "--topic", topic]
    command += ["--seconds", f"{case.seconds / speed + PATIENCE_S:.0f}"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        if child.stdout is None or child.stderr is None:
            raise AssertionError("both are pipes")
        listening = child.stderr.readline()
        if not listening.startswith("listening"):
            raise RuntimeError(f"palmpace live does not listen: {listening.strip()}")
        # Its few notices fit the pipe; its ten lines a second do not, and are read while they come.
        sender = threading.Thread(target=_send, args=(wrist, topic, speed, address))
        sender.start()
        for line in child.stdout:
            event = json.loads(line)
            if event["event"] == "link" and (event["samples"] == len(wrist.t_s) or event["stale_s"] is not None):
                child.send_signal(signal.SIGINT)
                break
        sender.join()
        last = child.stdout.read().splitlines()[-1]
    streams = json.loads(last)["streams"]
    return Reading.of(streams[0]) if streams else NOTHING


def analyze(paths: list[Path]) -> list[Reading]:
    """Give what `palmpace analyze` says of files."""
    command = [*PALMPACE, "analyze", "--json", *map(str, paths)]
    told = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=False).stdout.splitlines()
    results = map(json.loads, told)
    return [Reading.of(result["streams"][0]) if "streams" in result else NOTHING for result in results]


def _case(segment: dict[str, Any]) -> Case:
    path = DATA / segment["file"]
    t_s = np.load(path)["t"]
    return Case(path, segment["rate_cpm"], segment["rep_count"], float(t_s[-1] - t_s[0]))


def _as_sent(path: Path) -> Simulation:
    """Give a recording as if a device were about to send it: batches of 0.2 s, at once when they are full."""
    arrays = np.load(path)
    t_s = arrays["t"] - arrays["t"][0]
    unknown = Truth(np.empty(0), np.empty(0), np.empty(0), [], np.empty(0), [], np.empty((0, 3)))
    seconds = float(t_s[-1]) + 0.02
    return Simulation(t_s, arrays["acc"], arrays["gyro"], unknown, Device(latency_s=0.0), seed=1, seconds=seconds)


def _send(wrist: Simulation, topic: str, speed: float, address: BrokerAddress) -> None:
    began_s = time.monotonic()

    def clock_ns() -> int:
        return START_NS + round((time.monotonic() - began_s) * speed * NS_PER_S)

    sent = messages(wrist, topic=topic, start_ns=START_NS)
    with Publisher(address) as publisher:
        publish(sent, publisher.publish, clock=clock_ns, sleep=lambda s: time.sleep(s / speed))
        publisher.flush()


def _without_gyroscope(path: Path, folder: Path) -> Path:
    arrays = np.load(path)
    bare = folder / path.name
    np.savez(bare, t=arrays["t"], acc=arrays["acc"])
    return bare


def _table(title: str, cases: list[Case], lived: list[Reading], analysed: list[Reading]) -> None:
    print(title)
    print(f"{'':10s} {'cycles per minute':^25s}   {'cycles':^22s}")
    print(
        f"{'recording':10s} {'true':>8s} {'live':>7s} {'analyze':>8s}   {'true':>6s} {'live':>6s} {'analyze':>8s}  kind"
    )
    for case, one, other in zip(cases, lived, analysed, strict=True):
        kind = one.kind if one.kind == other.kind else f"{one.kind} / {other.kind}"
        print(
            f"{case.path.stem:10s} {case.rate_cpm:8.2f} {_rate(one):>7s} {_rate(other):>8s}   "
            f"{case.cycles:6d} {one.cycles:6.1f} {other.cycles:8.1f}  {kind}"
        )
    print()


def _rate(reading: Reading) -> str:
    return "-" if reading.rate_cpm is None else f"{reading.rate_cpm:.2f}"


def _summary(cases: list[Case], readings: list[Reading]) -> str:
    errors = [
        float("inf") if reading.rate_cpm is None else abs(reading.rate_cpm / case.rate_cpm - 1)
        for case, reading in zip(cases, readings, strict=True)
    ]
    low, high = CYCLES_WITHIN
    n = len(readings)
    near = sum(error <= RATE_WITHIN for error in errors)
    counted = sum(low <= round(reading.cycles) <= high for reading in readings)
    strokes = sum(reading.kind == "stroke" for reading in readings)
    return f"{100 * median(errors):8.2f} % {f'{near} of {n}':>8s} {f'{counted} of {n}':>13s} {f'{strokes} of {n}':>15s}"


if __name__ == "__main__":
    main()
