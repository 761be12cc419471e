"""What a second of wearing costs: CPU time beside that of the rivals' live jobs, and memory as the session goes on."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator

from bench.accuracy.recordings import joined
from bench.accuracy.rivals import RIVALS, Rival
from bench.accuracy.table import Table, verdict
from bench.page import processor
from sensors.decode import Decoder
from sensors.grid import RATE_HZ
from sensors.message import NS_PER_S
from sensors.samples import Samples
from sensors.simulate import Device, messages, scenario, simulate
from sensors.stream import Stream
from tracker.motion.engine import Engine

TARGET_MS = 1.0
HOP = round(Engine.hop_s * RATE_HZ)
"""Samples between two looks."""
WINDOW_S = 10.0
"""What the rivals look back on, ten times a second."""
WORN_S, RIVALS_WORN_S = 120.0, 20.0
"""A rival's windows are all alike: a few will do."""
PASSES = 2
SESSIONS_S = (60.0, 600.0)
START_NS = 1_767_225_600 * NS_PER_S

Job = Callable[[Samples], int]
"""Reads a wrist, and gives how many looks it took."""


def tables() -> list[Table]:
    """Measure all of it, in one run."""
    return [_time(), _memory()]


def _time() -> Table:
    turning = [_worn(scene, WORN_S) for scene in ("strokes", "still")]
    bare = [_worn(scene, WORN_S, gyroscope=False) for scene in ("strokes", "still")]
    costs_ms = {
        "Palmpace, live": [_cost_ms(_live, worn) for worn in turning],
        "Palmpace, live without gyroscope": [_cost_ms(_live, worn) for worn in bare],
        "Palmpace, all at once": [_cost_ms(_at_once, worn) for worn in turning],
    }
    briefly = [_part(worn, 0, round(RIVALS_WORN_S * RATE_HZ)) for worn in bare]
    costs_ms |= {f"{rival.name}, live": [_cost_ms(_asks(rival), worn) for worn in briefly] for rival in RIVALS}
    ours_ms = costs_ms["Palmpace, live"][0]
    rows: list[tuple[str, ...]] = []
    for name, (moving_ms, resting_ms) in costs_ms.items():
        target = f"≤ {TARGET_MS:g} ms {verdict(moving_ms <= TARGET_MS)}" if name.startswith("Palmpace") else ""
        figures = (
            f"{moving_ms:.2f} ms",
            f"{resting_ms:.2f} ms",
            f"{moving_ms / ours_ms:.1f}",
            f"{1e3 / moving_ms:.0f}",
        )
        rows.append((name, *figures, target))
    return Table(
        "CPU time for each second of wearing",
        ("method", "moving", "resting", "ratio", "wearers a core", "target"),
        rows,
        [
            f"""A simulated wrist at 100 Hz, {WORN_S:g} s of strokes and as much of rest, on the stream's grid. Live is
a look every {Engine.hop_s:g} s: Palmpace takes the new samples, a rival its last {WINDOW_S:g} s of acceleration, for
the rate alone. Ratios are of the moving wrists' times, to Palmpace's. The best of {PASSES} passes, all in one process,
on one core of: {processor()}.""",
        ],
    )


def _memory() -> Table:
    _live(_worn("strokes", 10.0))  # what is made once and kept for all wearers
    rows = []
    for scene in ("strokes", "still"):
        sizes = []
        for session_s in SESSIONS_S:
            worn = _worn(scene, session_s)
            gc.collect()
            tracemalloc.start()
            engine = Engine()
            for block in _blocks(worn):
                engine.update(block)
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
            tracemalloc.stop()
        rows.append((scene, *(f"{size / 1e3:.0f} kB" for size in sizes), f"{(sizes[-1] - sizes[0]) / 1e3:+.0f} kB"))
    return Table(
        "Memory for each wearer",
        ("wrist", *(f"at {session_s / 60:.0f} min" for session_s in SESSIONS_S), "growth"),
        rows,
        ["What an engine keeps, by tracemalloc."],
    )


def _worn(scene: str, seconds: float, *, gyroscope: bool = True) -> Samples:
    """Give what the stream makes of a simulated wrist."""
    wrist = simulate(scenario(scene, seconds, seed=1), Device(gyro=gyroscope), seed=1)
    decoder, stream = Decoder(), Stream(scene)
    blocks: list[Samples] = []
    for message in messages(wrist, start_ns=START_NS):
        for reading in decoder.decode(message).readings:
            blocks += stream.push(reading, message.received_ns)
    return joined(blocks + stream.flush())


def _part(worn: Samples, begin: int, end: int) -> Samples:
    turning = None if worn.gyro_radps is None else worn.gyro_radps[begin:end]
    return Samples(worn.t_s[begin:end], worn.acc_mps2[begin:end], turning, worn.measured[begin:end])


def _blocks(worn: Samples) -> Iterator[Samples]:
    """Cut it into what comes between two looks."""
    for begin in range(0, len(worn), HOP):
        yield _part(worn, begin, begin + HOP)


def _live(worn: Samples) -> int:
    engine = Engine()
    return sum(len(engine.update(block)) for block in _blocks(worn))


def _at_once(worn: Samples) -> int:
    return len(Engine().update(worn))


def _asks(rival: Rival) -> Job:
    def job(worn: Samples) -> int:
        width = round(WINDOW_S * RATE_HZ)
        ends = range(width, len(worn) + 1, HOP)
        for end in ends:
            rival.rate_cpm(worn.acc_mps2[end - width : end])
        return len(ends)

    return job


def _cost_ms(job: Job, worn: Samples) -> float:
    """CPU time for a second's looks, in the best pass."""
    job(_part(worn, 0, round((WINDOW_S + 1) * RATE_HZ)))  # imports, compilers and caches
    looks, spent_s = 0, []
    for _ in range(PASSES):
        began_s = time.process_time()
        looks = job(worn)
        spent_s.append(time.process_time() - began_s)
    return 1e3 * min(spent_s) * RATE_HZ / HOP / looks
