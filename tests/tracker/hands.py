"""Simulated hands on the tracker's own grid, and short ways to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation, RotationSpline

from sensors.grid import CELL_S, RATE_HZ, cell_means
from sensors.samples import G0_MPS2, Array, Samples
from sensors.simulate import Device, Hand, Phase, Simulation, simulate
from tracker.motion.engine import Engine
from tracker.motion.history import HOP, History
from tracker.motion.state import Kind, Motion

REST_S = 3.0
LEVEL = np.array([0.0, 0.0, G0_MPS2, 0.0, 0.0, 0.0])
"""What a device at rest measures, screen up."""


@dataclass(frozen=True, eq=False)
class Watched:
    """A simulated session and what the engine said of it."""

    simulation: Simulation
    looks: list[Motion]

    @property
    def true_cycles(self) -> float:
        return float(self.simulation.truth.cycles[-1])

    @property
    def cycles(self) -> float:
        return self.looks[-1].cycles

    def between(self, start_s: float, end_s: float) -> list[Motion]:
        """Looks in a stretch of time."""
        return [look for look in self.looks if start_s <= look.t_s <= end_s]

    def true_rate_cpm(self, start_s: float, end_s: float) -> float:
        """Mean tempo of a stretch of time, by its cycles."""
        truth = self.simulation.truth
        made = np.interp([start_s, end_s], truth.t_s, truth.cycles)
        return float(60 * (made[1] - made[0]) / (end_s - start_s))


def on_grid(simulation: Simulation) -> Samples:
    """Put a simulation on the grid, as the stream stage does for clean data."""
    t_s = simulation.t_s
    first = int(np.ceil(t_s[0] * RATE_HZ))
    last = int(np.floor(t_s[-1] * RATE_HZ))
    gyro = simulation.gyro_radps
    return Samples(
        t_s=(np.arange(first, last, dtype=np.float64) + 0.5) * CELL_S,
        acc_mps2=cell_means(t_s, simulation.acc_mps2, first, last),
        gyro_radps=None if gyro is None else cell_means(t_s, gyro, first, last),
        measured=np.ones(last - first, dtype=np.bool_),
    )


def rows_of(samples: Samples) -> Array:
    """All six channels beside each other; without a gyroscope the last three are zero."""
    gyro = np.zeros_like(samples.acc_mps2) if samples.gyro_radps is None else samples.gyro_radps
    return np.hstack((samples.acc_mps2, gyro))


def samples_of(rows: Array) -> Samples:
    """A block that begins at zero, of all six channels."""
    t_s = (np.arange(len(rows)) + 0.5) * CELL_S
    return Samples(t_s, rows[:, :3], rows[:, 3:], np.ones(len(rows), dtype=np.bool_))


def remember(history: History, rows: Array) -> None:
    """Add rows and look at the newest."""
    for start in range(0, len(rows), 50 * HOP):
        history.append(rows[start : start + 50 * HOP])
        history.end = history.added


def history_of(rows: Array) -> History:
    """A history that holds these rows, the present look at their end."""
    history = History()
    remember(history, rows)
    return history


def cut(samples: Samples, start: int, end: int | None = None) -> Samples:
    """A part of a block, by index."""
    gyro = samples.gyro_radps
    return Samples(
        t_s=samples.t_s[start:end],
        acc_mps2=samples.acc_mps2[start:end],
        gyro_radps=None if gyro is None else gyro[start:end],
        measured=samples.measured[start:end],
    )


def later(samples: Samples, seconds: float) -> Samples:
    """The same block at a later time."""
    return Samples(samples.t_s + seconds, samples.acc_mps2, samples.gyro_radps, samples.measured)


@lru_cache(maxsize=64)
def middle(phase: Phase, cycles: int = 2, *, hand: Hand | None = None, seed: int = 5) -> Array:
    """Rows of so many cycles from the middle of a movement, the device mounted anyhow."""
    rows = rows_of(on_grid(simulate([phase], Device(mounting="random"), seed=seed, hand=hand)))
    n = round(cycles * 60 / phase.rate_cpm * RATE_HZ)
    return rows[(len(rows) - n) // 2 :][:n]


def forearm(swing_rad: Array, tilt_rad: Array, *, lever_m: float = 0.35) -> Array:
    """What a device on a forearm measures that swings about its elbow, to the side and up, at every grid point."""
    fine = np.arange(len(swing_rad) * 4) / 4 - 0.375
    angles = np.stack([CubicSpline(np.arange(len(swing_rad)), x)(fine) for x in (swing_rad, tilt_rad)], axis=1)
    attitude = Rotation.from_euler("ZX", angles)
    place = CubicSpline(fine * CELL_S, attitude.apply([0.0, lever_m, 0.0]))
    force = attitude.apply(place(fine * CELL_S, 2) + LEVEL[:3], inverse=True)
    turn = RotationSpline(fine * CELL_S, attitude)(fine * CELL_S, 1)
    return np.asarray(np.hstack((force, turn)).reshape(-1, 4, 6).mean(axis=1))


def rest_to_rest(cycles: int, period_s: float) -> tuple[Array, Array]:
    """Phase of a movement that speeds up from rest over half a cycle and slows down likewise, and its moments."""
    seconds = (cycles + 0.5) * period_s
    t_s = (np.arange(round(seconds / CELL_S)) + 0.5) * CELL_S
    speed = np.sin(np.pi / 2 * np.clip(np.minimum(t_s, seconds - t_s) / (period_s / 2), 0, 1)) ** 2
    turned = np.cumsum(speed)
    return 2 * np.pi * cycles * turned / turned[-1], t_s


def watch(
    *phases: Phase,
    gyro: bool = True,
    mounting: Rotation | None = None,
    hand: Hand | None = None,
    seed: int = 3,
    rest_s: float = REST_S,
) -> Watched:
    """Rest, move, rest: what the engine says of it."""
    whole = (Phase("still", rest_s), *phases, Phase("still", rest_s)) if rest_s else phases
    simulation = felt(whole, mounting, hand, seed)
    if not gyro:
        simulation = replace(simulation, gyro_radps=None)
    return Watched(simulation, Engine().update(on_grid(simulation)))


@lru_cache(maxsize=64)
def felt(phases: tuple[Phase, ...], mounting: Rotation | None, hand: Hand | None, seed: int) -> Simulation:
    """Simulate a device with a gyroscope: one without feels the same acceleration (see the simulator's tests)."""
    return simulate(phases, Device(mounting=mounting), seed=seed, hand=hand)


def kinds(looks: Sequence[Motion]) -> set[Kind]:
    return {look.kind for look in looks}


def rates_cpm(looks: Sequence[Motion]) -> Array:
    """Rates where they are known."""
    return np.array([look.rate_cpm for look in looks if look.rate_cpm is not None])
