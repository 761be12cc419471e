"""How long `palmpace analyze` takes for an hour at 100 Hz, and how much memory; both against a quarter of an hour.

The hour is a simulated wrist's, as a recording of Sensor Logger messages and as CSV. Each file is analysed by a fresh
process; its CPU time and peak memory are the system's own account of it. Then, within this process, what each stage
costs per second of wearing.

Usage: python -m bench.analyze_speed
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from sensors.decode import Decoder
from sensors.recording import open_recording
from sensors.samples import Sensor
from sensors.stream import Stream
from tracker.motion.engine import Engine
from tracker.pipeline import Pipeline, PipelineParams, run

PROJECT = Path(__file__).resolve().parent.parent
PALMPACE = (sys.executable, "-m", "tui.cli")
SCENARIO = "strokes"
LENGTHS_S = (900, 3600)
TARGET_S, TARGET_FOR_S = 3, 3600
STAGES_OF_S = 900.0

ACCOUNT = """\
import resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
"""
"""A small process of its own: a child's peak memory begins with that of the one it was forked from."""


@dataclass(frozen=True)
class Cost:
    """What a command took; the peak of its memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    with TemporaryDirectory() as folder:
        recordings = [_recording(Path(folder), seconds) for seconds in LENGTHS_S]
        tables = [_as_csv(recording) for recording in recordings]
        print(f"{'palmpace analyze':16s} {'length':>8s} {'file':>9s} {'wall':>8s} {'CPU':>8s} {'peak memory':>12s}")
        for files in (recordings, tables):
            peaks_mb = []
            for path, seconds in zip(files, LENGTHS_S, strict=True):
                cost = cost_of([*PALMPACE, "analyze", "--json", str(path)])
                peaks_mb.append(cost.peak_mb)
                print(
                    f"{path.suffix:16s} {seconds / 60:4.0f} min {path.stat().st_size / 1e6:6.1f} MB "
                    f"{cost.wall_s:6.1f} s {cost.cpu_s:6.1f} s {cost.peak_mb:9.0f} MB"
                )
            print(f"{'':16s} {'growth':>8s} {peaks_mb[-1] - peaks_mb[0]:+49.1f} MB")
        print(f"{'target':16s} {TARGET_FOR_S / 60:4.0f} min {'':9s} {f'<{TARGET_S}':>6s} s {'':8s} {'no growth':>12s}")
        print(f"\n{'stage (.mcap)':16s} {'CPU per second worn':>20s}")
        for stage, ms in stages_ms(recordings[0]):
            print(f"{stage:16s} {ms:17.2f} ms")


def cost_of(command: list[str]) -> Cost:
    """Run a command in a fresh process and give what the system counted."""
    told = subprocess.run([sys.executable, "-c", ACCOUNT, *command], cwd=PROJECT, check=True, stdout=subprocess.PIPE)
    wall_s, cpu_s, peak_mb = map(float, told.stdout.split())
    return Cost(wall_s, cpu_s, peak_mb)


def stages_ms(recording: Path) -> list[tuple[str, float]]:
    """Give each stage's CPU time per second of the recording, and that of all of it, in milliseconds."""
    marks = [time.process_time()]

    def mark() -> None:
        marks.append(time.process_time())

    messages = list(open_recording(recording).messages())
    mark()
    decoder = Decoder()
    decoded = [(reading, message.received_ns) for message in messages for reading in decoder.decode(message).readings]
    mark()
    stream, blocks = Stream("wrist"), []
    for reading, received_ns in decoded:
        blocks += stream.collect(reading, received_ns)
    blocks += stream.flush()
    mark()
    engine = Engine()
    for block in blocks:
        engine.update(block)
    mark()
    _exhaust(run(messages, Pipeline(params=PipelineParams(unwatched=True))))
    mark()
    names = ("read the file", "decode", "stream", "engine", "the whole path")
    spent_s = [after - before for before, after in pairwise(marks)]
    spent_s[-1] += spent_s[0]  # the path is run on messages read already
    return [(name, 1e3 * one_s / STAGES_OF_S) for name, one_s in zip(names, spent_s, strict=True)]


def _exhaust(events: Iterable[object]) -> None:
    for _ in events:
        pass


def _recording(folder: Path, seconds: int) -> Path:
    path = folder / f"{seconds}.mcap"
    subprocess.run([*PALMPACE, "simulate", SCENARIO, "--seconds", str(seconds), "--out", str(path)], check=True)
    return path


def _as_csv(recording: Path) -> Path:
    """Write the same samples as a CSV."""
    path = recording.with_suffix(".csv")
    with path.open("w", encoding="utf-8") as file:
        print("t,ax,ay,az,gx,gy,gz", file=file)
        first: int | None = None
        decoder = Decoder()
        for message in open_recording(recording).messages():
            readings = {reading.sensor: reading for reading in decoder.decode(message).readings}
            if not readings:
                continue
            acc, gyro = readings[Sensor.ACCELEROMETER], readings[Sensor.GYROSCOPE]
            first = int(acc.ticks[0]) if first is None else first
            for tick, a, g in zip(acc.ticks.tolist(), acc.xyz.tolist(), gyro.xyz.tolist(), strict=True):
                print(f"{(tick - first) / 1e9:.5f}", *a, *g, sep=",", file=file)
    return path


if __name__ == "__main__":
    main()
