"""What people do: ready scenarios, and someone who follows a routine as well as they can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from sensors.simulate.hand import MAX_CPM, MIN_CPM, PERIODIC, Motion, Phase

PAUSE_S = 1.5
"""Still, while the hand finds the next step's place."""

SHORTEST_S = 8.0
"""Of a step that a person can be said to follow."""
OVERSHOOT_S = 12.0  # how long a step's first, wrong tempo lasts
CHANGE_S = 4.0
DRIFT_S = 20.0  # a settled tempo wanders from one value to the next in this time


@dataclass(frozen=True)
class Target:
    """One step of a routine, as a person understands it.

    Parameters
    ----------
    motion : {"stroke", "circle", "lift", "still", "fidget"}
    band_cpm : (float, float) or None
        Tempo asked for; None where any will do.
    seconds : float
        At least 8 s.
    direction : {"cw", "ccw"}, optional
    length_cm : float, optional
    settled : bool
        The tempo is found at once: it is the person's own, or was kept before.
    """

    motion: Motion
    band_cpm: tuple[float, float] | None
    seconds: float
    direction: Literal["cw", "ccw"] | None = None
    length_cm: float | None = None
    settled: bool = False

    def __post_init__(self) -> None:
        if not SHORTEST_S <= self.seconds < float("inf"):
            raise ValueError(f"a step of {self.seconds:g} s: at least {SHORTEST_S:g} s to follow it")


def follow(targets: Sequence[Target], *, seed: int) -> list[Phase]:
    """Follow a routine imperfectly.

    Each step begins out of its band, the first one far too fast, and settles inside with small drifts. The
    1.5 s of stillness between steps are the beginning of the later one, so that steps keep their times.
    """
    rng = np.random.default_rng(seed)
    phases: list[Phase] = []
    for k, target in enumerate(targets):
        if k:
            phases.append(Phase("still", PAUSE_S))
        seconds = target.seconds - (PAUSE_S if k else 0.0)
        if target.motion in PERIODIC:
            phases += _attempt(target, seconds, rng, far_too_fast=k == 0)
        else:
            phases.append(Phase(target.motion, seconds))
    return phases


def _attempt(target: Target, seconds: float, rng: np.random.Generator, *, far_too_fast: bool) -> list[Phase]:
    low, high = target.band_cpm or (25.0, 35.0)
    if far_too_fast:
        first = high * rng.uniform(1.4, 1.5)
    else:
        first = high * rng.uniform(1.12, 1.3) if rng.random() < 0.6 else low * rng.uniform(0.7, 0.85)
    if not MIN_CPM <= first <= MAX_CPM:
        first = low * 0.7 if first > MAX_CPM else high * 1.2
    wrong_s, change_s = (0.0, 0.0) if target.settled else (min(OVERSHOOT_S, seconds / 3), min(CHANGE_S, seconds / 6))
    settled_s = seconds - wrong_s - change_s
    drifts = max(1, round(settled_s / DRIFT_S))
    # The middle of the band: cycles vary, and someone settled knows where they are.
    tempos = low + (high - low) * rng.uniform(0.3, 0.7, drifts + 1)
    stretches = [] if target.settled else [(wrong_s, first, first), (change_s, first, tempos[0])]
    stretches += [(settled_s / drifts, a, b) for a, b in pairwise(tempos)]
    return [
        Phase(
            target.motion,
            length_s,
            float(np.clip(start, MIN_CPM, MAX_CPM)),
            float(np.clip(end, MIN_CPM, MAX_CPM)),
            length_cm=target.length_cm,
            direction=target.direction or "ccw",
        )
        for length_s, start, end in stretches
    ]


def scenario(name: str, seconds: float | None = None, *, seed: int) -> list[Phase]:
    """Give a ready scenario, 60 s unless told; the seed varies sizes, not tempos.

    Raises
    ------
    ValueError
        On an unknown name, listing the known ones, or on less than 5 s.
    """
    if name not in SCENARIOS:
        raise ValueError(f"unknown scenario {name!r}: expected {', '.join(SCENARIOS)}")
    length_s = 60.0 if seconds is None else seconds
    if not 5 <= length_s < float("inf"):
        raise ValueError(f"a scenario of {length_s:g} s: at least 5 s")
    return SCENARIOS[name](length_s, np.random.default_rng(seed).uniform(0.85, 1.15))


def _rest_around(seconds: float, inside: Callable[[float], list[Phase]]) -> list[Phase]:
    """Stand still for a moment before and after."""
    rest_s = max(0.5, min(2.0, seconds / 15))
    return [Phase("still", rest_s), *inside(seconds - 2 * rest_s), Phase("still", rest_s)]


def _strokes(seconds: float, size: float) -> list[Phase]:
    def two_tempos(s: float) -> list[Phase]:
        tempos = ((0.45, 24.0, 24.0), (0.15, 24.0, 40.0), (0.4, 40.0, 40.0))
        return [Phase("stroke", share * s, a, b, length_cm=20 * size) for share, a, b in tempos]

    return _rest_around(seconds, two_tempos)


def _circles(seconds: float, size: float) -> list[Phase]:
    def both_ways(s: float) -> list[Phase]:
        turns: tuple[Literal["cw"], Literal["ccw"]] = ("cw", "ccw")
        return [Phase("circle", s / 2, 30.0, length_cm=12 * size, direction=d, aspect=0.85) for d in turns]

    return _rest_around(seconds, both_ways)


def _lifts(seconds: float, size: float) -> list[Phase]:
    def sets(s: float) -> list[Phase]:
        count = max(1, round(s / 15))
        pair = [Phase("lift", 0.8 * s / count, 45.0, angle_deg=40 * size), Phase("still", 0.2 * s / count)]
        return pair * count

    return _rest_around(seconds, sets)


SCENARIOS: dict[str, Callable[[float, float], list[Phase]]] = {
    "strokes": _strokes,
    "circles": _circles,
    "lifts": _lifts,
    "still": lambda seconds, _: [Phase("still", seconds)],
    "fidget": lambda seconds, _: [Phase("fidget", seconds)],
}
"""What `scenario` knows, by name: seconds and size to phases."""
