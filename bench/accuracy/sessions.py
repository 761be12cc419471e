"""Simulated sessions as the engine is given them: drawn by a seed, put on the grid, truth beside what was told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sensors.grid import CELL_S, RATE_HZ, cell_means
from sensors.samples import Array, Samples
from sensors.simulate import Device, Hand, Phase, Simulation, Truth, simulate
from sensors.stream import StreamParams
from tracker.motion.engine import Engine
from tracker.motion.state import Kind, Motion

MIN_CPM, MAX_CPM = 1.2, 300.0
SLOW_CPM, BRISK_CPM = 15.0, 60.0
"""Where the tables are cut: below the first, tilt is all that is felt of most movements."""
MOVES: tuple[Literal["stroke", "circle", "lift"], ...] = ("stroke", "circle", "lift")
MOVING = frozenset(map(Kind, MOVES))
BATCH_S = 0.05
"""A message: short, since a hole of half a cycle hides the cycle, and one of a second interrupts the stream."""
WHOLE_WITHIN, WHOLE_TRIES = 0.03, 6
THIN = 40
"""So many looks of each stretch are scored, evenly spread: or slow sessions, which are long, would be all there is."""

SENSORS = ((True, "gyroscope"), (False, "accelerometer only"))

Doing = Literal["stroke", "circle", "lift"]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]
Figure = tuple[str, str, str, str]
"""Name, measured, target, verdict."""


@dataclass(frozen=True, eq=False)
class Told:
    """What the engine said, a column per field; NaN where it said nothing."""

    t_s: Array
    kind: list[Kind]
    rate_cpm: Array
    rate_sd_cpm: Array
    cycles: Array
    circularity: Array
    plane_normal: Array
    window_s: Array

    @classmethod
    def of(cls, looks: Sequence[Motion]) -> Told:
        """Turn looks into columns."""
        rate_cpm = _column(look.rate_cpm for look in looks)
        # Until the engine tells what its rate stands on, two cycles.
        window_s = _column(getattr(look, "window_s", None) for look in looks)
        return cls(
            t_s=_column(look.t_s for look in looks),
            kind=[look.kind for look in looks],
            rate_cpm=rate_cpm,
            rate_sd_cpm=_column(look.rate_sd_cpm for look in looks),
            cycles=_column(look.cycles for look in looks),
            circularity=_column(look.circularity for look in looks),
            plane_normal=np.array([look.plane_normal or (np.nan,) * 3 for look in looks]).reshape(-1, 3),
            window_s=np.where(np.isnan(window_s), 120 / rate_cpm, window_s),
        )

    def part(self, wanted: Mask | Indices) -> Told:
        """Give the looks of a mask or of indices."""
        at = np.flatnonzero(wanted) if wanted.dtype == bool else wanted
        return Told(
            self.t_s[at],
            [self.kind[k] for k in at],
            self.rate_cpm[at],
            self.rate_sd_cpm[at],
            self.cycles[at],
            self.circularity[at],
            self.plane_normal[at],
            self.window_s[at],
        )

    def between(self, start_s: float, end_s: float) -> Told:
        """Give the looks of a stretch of time, both ends with it."""
        return self.part((self.t_s >= start_s) & (self.t_s <= end_s))

    def thinned(self) -> Told:
        """Give `THIN` looks, evenly spread, or all where there are fewer."""
        n = len(self.t_s)
        return self if n <= THIN else self.part(np.linspace(0, n - 1, THIN).round().astype(np.intp))

    def cycles_at(self, t_s: float) -> float:
        """Cycles told by the last look up to then."""
        at = int(np.searchsorted(self.t_s, t_s, "right")) - 1
        return float(self.cycles[at]) if at >= 0 else 0.0

    def is_kind(self, *kinds: Kind) -> Mask:
        """Mark the looks of some kinds."""
        return np.array([kind in kinds for kind in self.kind], dtype=bool)


@dataclass(frozen=True, eq=False)
class Session:
    """A simulated session and what the engine said of it."""

    simulation: Simulation
    hand: Hand
    told: Told

    @property
    def truth(self) -> Truth:
        """What the hand did."""
        return self.simulation.truth

    @property
    def conditions(self) -> str:
        """Everything that was drawn but the movement, in a few words."""
        device, hand = self.simulation.device, self.hand
        return (
            f"{'gyro' if device.gyro else 'bare'} {device.rate_hz:3.0f} Hz loss {device.loss:.2f} "
            f"jitter {1e3 * device.jitter_s:.1f} ms noise {device.noise_mps2:.3f} {device.noise_radps:.4f} "
            f"tremor {hand.tremor_mps2:.2f} drift {hand.drift_deg:.1f}"
        )


def generator(name: str, seed: int) -> np.random.Generator:
    """Give the random numbers of one session of one experiment."""
    return np.random.default_rng([*name.encode(), seed])


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def some_device(rng: np.random.Generator, quickest_cpm: float, *, gyro: bool, lossy: bool) -> Device:
    """Draw a device and its link: 10 to 400 Hz, at least four samples to a cycle, any mounting, noise and jitter."""
    return Device(
        rate_hz=log_uniform(rng, max(10.0, 4 * quickest_cpm / 60), 400.0),
        noise_mps2=log_uniform(rng, 0.005, 0.1),
        noise_radps=log_uniform(rng, 0.0005, 0.01),
        gyro=gyro,
        mounting="random",
        jitter_s=rng.uniform(0.0, 0.002),
        loss=rng.uniform(0.02, 0.3) if lossy else 0.0,
        batch_s=BATCH_S,
    )


def some_hand(rng: np.random.Generator, tremor_mps2: float = 0.06, drift_deg: float = 0.5) -> Hand:
    """Draw an arm, its tremor and drift up to these."""
    return Hand(
        lever_cm=rng.uniform(25.0, 45.0),
        strap_cm=rng.uniform(0.5, 3.0),
        slope_deg=rng.uniform(-30.0, 30.0),
        tremor_mps2=rng.uniform(0.0, tremor_mps2),
        drift_deg=rng.uniform(0.0, drift_deg),
    )


def some_phase(rng: np.random.Generator, doing: Doing, cpm: float, cycles: float, variation: float = 0.0) -> Phase:
    """Draw a movement's size and way: small where it is quick, as people's are."""
    quick = min(1.0, BRISK_CPM / cpm)
    length_cm = quick * (rng.uniform(10.0, 30.0) if doing == "stroke" else rng.uniform(6.0, 16.0))
    return Phase(
        doing,
        seconds_of(cycles, cpm),
        cpm,
        length_cm=length_cm,
        direction="ccw" if rng.random() < 0.5 else "cw",
        aspect=rng.uniform(0.7, 1.0),
        angle_deg=rng.uniform(30.0, 80.0),
        tilt_deg=rng.uniform(3.0, 10.0) * (-1 if rng.random() < 0.2 else 1),
        variation=variation,
    )


def seconds_of(cycles: float, cpm: float) -> float:
    """Tell how long so many cycles take, tempo rising from rest and falling back over half a cycle, or a quarter of it.

    Exact where nothing varies.
    """
    return max(0.5, (cycles + 0.5 if cycles >= 1.5 else 4 / 3 * cycles) * 60 / cpm)


def lasting(phase: Phase, cycles: float) -> Phase:
    """Give the same movement for another number of cycles."""
    return replace(phase, seconds=seconds_of(cycles, phase.rate_cpm))


def whole(phases: Sequence[Phase], cycles: Sequence[int], hand: Hand, seed: int) -> list[Phase]:
    """Stretch each movement so that it makes so many cycles, whatever varies: people stop where a cycle ends."""
    device = Device(rate_hz=1.0)  # the hand's way is the same for every device
    for _ in range(WHOLE_TRIES):
        truth = simulate(phases, device, seed=seed, hand=hand).truth
        ends_s = np.cumsum([phase.seconds for phase in phases])
        short = np.asarray(cycles) - np.diff(made(truth, ends_s), prepend=0.0)
        if np.abs(short).max() < WHOLE_WITHIN:
            break
        phases = [
            replace(phase, seconds=phase.seconds + by * 60 / phase.rate_cpm) if by else phase
            for phase, by in zip(phases, np.where(np.asarray(cycles) > 0, short, 0.0), strict=True)
        ]
    return list(phases)


def watch(phases: Sequence[Phase], device: Device, hand: Hand, seed: int) -> Session:
    """Simulate, and let a new engine look."""
    simulation = simulate(phases, device, seed=seed, hand=hand)
    engine = Engine()
    looks = [look for block in on_grid(simulation) for look in engine.update(block)]
    return Session(simulation, hand, Told.of(looks))


def on_grid(simulation: Simulation) -> list[Samples]:
    """Put a simulation on the grid as the stream stage does, cut where it was interrupted."""
    params = StreamParams()
    cuts = np.flatnonzero(np.diff(simulation.t_s) > params.bridge_s) + 1
    gap_s = max(params.gap_s, 4 / simulation.device.rate_hz)
    parts = np.split(np.arange(len(simulation.t_s)), cuts)
    blocks = [_block(simulation, part, gap_s) for part in parts if len(part) > 1]
    return [block for block in blocks if len(block)]


def _block(simulation: Simulation, part: Indices, gap_s: float) -> Samples:
    t_s = simulation.t_s[part]
    gyro = simulation.gyro_radps
    first, last = math.ceil(t_s[0] * RATE_HZ), math.floor(t_s[-1] * RATE_HZ)
    if last <= first:
        return Samples(np.empty(0), np.empty((0, 3)), None, np.empty(0, dtype=np.bool_))
    middle_s = (np.arange(first, last, dtype=np.float64) + 0.5) * CELL_S
    after = np.searchsorted(t_s[1:-1], middle_s) + 1
    return Samples(
        t_s=middle_s,
        acc_mps2=cell_means(t_s, simulation.acc_mps2[part], first, last),
        gyro_radps=None if gyro is None else cell_means(t_s, gyro[part], first, last),
        measured=(t_s[after] - t_s[after - 1]) <= gap_s,
    )


# --- truth ---


def made(truth: Truth, t_s: Array | float) -> Array:
    """Cycles made since the session began."""
    return np.asarray(np.interp(t_s, truth.t_s, truth.cycles))


def rate_now_cpm(truth: Truth, t_s: Array) -> Array:
    """Tempo at these moments."""
    return np.asarray(np.interp(t_s, truth.t_s, truth.rate_cpm))


def mean_rate_cpm(truth: Truth, start_s: float, t_s: Array, cycles: float = 1.0) -> Array:
    """Tempo over the last cycles, or since the movement began at ``start_s``."""
    now, begun = made(truth, t_s), float(made(truth, start_s))
    inside = truth.t_s >= start_s
    before_s = np.interp(now - cycles, truth.cycles[inside], truth.t_s[inside])
    before_s = np.where(now - cycles > begun, before_s, start_s)
    return rate_between_cpm(truth, before_s, t_s)


def rate_between_cpm(truth: Truth, start_s: Array, end_s: Array) -> Array:
    """Mean tempo of stretches of time."""
    return 60 * (made(truth, end_s) - made(truth, start_s)) / np.maximum(end_s - start_s, 1e-9)


# --- words ---


def share(marks: Mask | Sequence[bool]) -> str:
    """Say how many of some are marked, in percent."""
    return f"{100 * np.mean(marks):.1f} %" if len(marks) else "-"


def quantiles(values: Sequence[float] | Array) -> tuple[str, str, str, str]:
    """Say the median, 90th and 95th percentile and the most; what never happened is infinite."""
    if not len(values):
        return ("-",) * 4
    found = np.quantile(np.asarray(values, dtype=np.float64), (0.5, 0.9, 0.95, 1.0), method="higher")
    return tuple(f"{value:.2f}" if np.isfinite(value) else "never" for value in found)  # type: ignore[return-value]


def band(cpm: float) -> str:
    """Name the stretch of tempos that one falls into."""
    return BANDS[0] if cpm < SLOW_CPM else BANDS[1] if cpm < BRISK_CPM else BANDS[2]


BANDS = (f"below {SLOW_CPM:g} cpm", f"{SLOW_CPM:g} to {BRISK_CPM:g} cpm", f"above {BRISK_CPM:g} cpm")


def _column(values: Iterable[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
