"""Palmpace on recordings of real people, with the gyroscope and without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from bench.accuracy.figures import Score, Told, idle_spans
from bench.accuracy.recordings import Recording, Span, samples_of
from tracker.events import Segment
from tracker.motion.engine import Engine
from tracker.motion.state import Kind, Motion
from tracker.tally import Tally

Method = Callable[[Recording], Told]


def palmpace(recording: Recording, *, gyroscope: bool) -> Told:
    """Read a recording as `palmpace analyze` does."""
    engine, tally = Engine(), Tally()
    looks: list[Motion] = []
    for block in samples_of(recording.path, gyroscope=gyroscope):
        looks += engine.update(block)
    times: defaultdict[Kind, int] = defaultdict(int)
    for look in looks:
        tally.take(look)
        times[look.kind] += 1
    segments = tally.segments()
    cycles: defaultdict[Kind, float] = defaultdict(float)
    seconds: defaultdict[Kind, float] = defaultdict(float)
    for segment in segments:
        cycles[segment.motion] += segment.cycles
        seconds[segment.motion] += segment.end_s - segment.start_s
    strokes = [segment for segment in segments if segment.motion is Kind.STROKE]
    stroke = max(strokes, key=lambda segment: segment.cycles, default=None)
    most = max(cycles, key=cycles.__getitem__)
    return Told(
        rate_cpm=stroke.rate_cpm if stroke else None,
        cycles=sum(cycles.values()),
        idle_cycles=sum(_cycles_within(segments, span) for span in idle_spans(recording)),
        most=most if cycles[most] else max(seconds, key=seconds.__getitem__),
        longest=max(seconds, key=seconds.__getitem__),
        shares={kind: times[kind] / len(looks) for kind in Kind},
        ways=_ways(recording, segments),
        story=", ".join(map(_in_words, segments)),
    )


GYROSCOPE = "Palmpace, gyroscope"
PALMPACE: dict[str, Method] = {
    GYROSCOPE: partial(palmpace, gyroscope=True),
    "Palmpace, accelerometer only": partial(palmpace, gyroscope=False),
}


def score(recordings: Sequence[Recording], methods: Mapping[str, Method], jobs: int) -> dict[str, list[Score]]:
    """Let every method read every recording."""
    scored: dict[str, list[Score]] = {name: [] for name in methods}
    with ProcessPoolExecutor(jobs) as pool:
        for recording, told in zip(recordings, pool.map(partial(_told, methods), recordings), strict=True):
            for name, one in told.items():
                scored[name].append((recording, one))
    return scored


def _told(methods: Mapping[str, Method], recording: Recording) -> dict[str, Told]:
    return {name: method(recording) for name, method in methods.items()}


def _ways(recording: Recording, segments: Sequence[Segment]) -> list[bool]:
    """Judge the directions of the circles told: who makes one clockwise sees it turn about the forearm's far end."""
    normals = [segment.plane_normal for segment in segments if segment.motion is Kind.CIRCLE]
    return [(normal[1] > 0) is (recording.way == "cw") for normal in normals if normal and recording.way]


def _cycles_within(segments: Sequence[Segment], span: Span) -> float:
    """Cycles of the part of each segment that lies in the span."""
    total = 0.0
    for segment in segments:
        inside_s = min(segment.end_s, span[1]) - max(segment.start_s, span[0])
        if inside_s > 0 and segment.cycles:
            total += segment.cycles * inside_s / (segment.end_s - segment.start_s)
    return total


def _in_words(segment: Segment) -> str:
    words = [segment.motion.value, f"{segment.start_s:.1f}-{segment.end_s:.1f} s"]
    if segment.cycles:
        words.append(f"{segment.cycles:.1f}c")
    if segment.rate_cpm is not None:
        words.append(f"{segment.rate_cpm:.1f}/min")
    if segment.circularity is not None:
        words.append(f"c={segment.circularity:.2f}")
    if segment.plane_normal is not None:
        words.append("n=" + "/".join(f"{part:+.1f}" for part in segment.plane_normal))
    return " ".join(words)
