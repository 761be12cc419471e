"""A hand whose tempo is decided while it moves, by somebody who hears what is said of it.

Its joints and what the sensors feel of them are those of `hand` and `device`. What differs: the path is laid a tenth
of a second at a time, when it is needed, and felt in overlapping pieces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
from scipy.interpolate import PchipInterpolator

from sensors.samples import Array
from sensors.simulate.device import TRUTH_HZ, Device, Simulation, Truth, feel, mounted, truth_of
from sensors.simulate.hand import (
    HAND_HZ,
    JOINTS,
    MAX_CPM,
    MIN_CPM,
    PERIODIC,
    RETURN_S,
    UNREST_N,
    Extent,
    Hand,
    Path,
    Phase,
    angle_rad,
    chain,
    reach_m,
    returned,
    risen,
    turn,
    turned,
    unrest,
)

BLOCK_S: Final = 1 / TRUTH_HZ
"""The mind is asked so often; each block has one value of the truth."""
AHEAD_S: Final = 0.45
"""The path is decided at most this long before it is felt: no hand changes sooner."""
SMOOTH_S: Final = np.array([0.12, 0.3, 0.3, 0.3])
"""Another tempo, length, angle or variation is taken up within a few of these: a jump would be a jolt."""

_BLOCK_N: Final = HAND_HZ // TRUTH_HZ
_WITHIN_S: Final = np.arange(_BLOCK_N + 1) / HAND_HZ
_PIECE_N: Final = 3 * _BLOCK_N
_OVERLAP_N: Final = 24  # a quintic spline forgets its ends by more than half at each point
_MOST_JITTER_S: Final = 0.02
_DRAWS: Final = 64
_UNTOLD: Final = Truth(np.empty(0), np.empty(0), np.empty(0), [], np.empty(0), [], np.empty((0, 3)))


class Mind(Protocol):
    """Whoever moves the hand."""

    @property
    def doing(self) -> Phase:
        """What the hand is to do now; its ``seconds`` and tempo are of no account."""

    def tempo_cpm(self, t_s: float, cycles: float) -> float:
        """Give the tempo from now on, so many cycles having been made; asked once per `BLOCK_S`, in order."""


class OnlineHand:
    """A hand on the move and the device it wears.

    Parameters
    ----------
    mind : Mind
    device : Device, optional
        Its ``loss`` and ``gaps`` are of no account: every sample arrives.
    seed : int
    hand : Hand, optional

    Notes
    -----
    Nothing depends on the length of the chunks, but for what the mind is told between them.
    """

    def __init__(self, mind: Mind, device: Device | None = None, *, seed: int, hand: Hand | None = None) -> None:
        self.device, self._hand = device or Device(), hand or Hand()
        self._mind, self._seed = mind, seed
        varying, unresting, mounting, measuring = np.random.SeedSequence(seed).spawn(4)
        self._mounting = mounted(self.device, mounting)
        self._varying = np.random.default_rng(varying)
        self._unrest = unrest(UNREST_N, self._hand, np.random.default_rng(unresting))
        self._measuring = np.random.default_rng(measuring)
        self._bias_mps2, self._bias_radps = self._measuring.standard_normal((2, 3))

        self._blocks: list[_Block] = []
        self._runs: list[_Run] = []
        self._felt_n = 0
        self._told_s = 0.0
        self._waiting: tuple[Array, Array, Array] = np.empty(0), np.empty((0, 3)), np.empty((0, 3))

    def chunk(self, until_s: float) -> Simulation:
        """Move on, and give what the device has measured since the last chunk; `truth` tells the truth of it."""
        while self._felt_n < (until_s + _MOST_JITTER_S) * HAND_HZ:
            self._feel()
        t_s, acc_mps2, gyro_radps = self._waiting
        due = int(np.searchsorted(t_s, until_s))
        self._waiting = t_s[due:], acc_mps2[due:], gyro_radps[due:]
        gyro = gyro_radps[:due] if self.device.gyro else None
        return Simulation(t_s[:due], acc_mps2[:due], gyro, _UNTOLD, self.device, self._seed, until_s)

    def truth(self, until_s: float) -> Truth:
        """Move on, and tell what the hand has done since it was last told; called alone, nothing is measured."""
        first, last = (math.ceil(t_s * TRUTH_HZ - 1e-6) * _BLOCK_N for t_s in (self._told_s, until_s))
        self._told_s = max(self._told_s, until_s)
        return truth_of(self._path(first, max(first, last)), self._mounting)

    def _path(self, first: int, last: int) -> Path:
        """Give the points from ``first`` to before ``last``, laying those that are not yet there."""
        begins, ends = first // _BLOCK_N, max(first // _BLOCK_N + 1, math.ceil(last / _BLOCK_N))
        while len(self._blocks) < ends:
            self._blocks.append(self._lay())
        blocks = self._blocks[begins:ends]
        part = slice(first - begins * _BLOCK_N, last - begins * _BLOCK_N)
        joints, phase_rad, rate_cpm = (np.concatenate(each)[part] for each in list(zip(*blocks, strict=True))[:3])
        run = np.repeat([block.run for block in blocks], _BLOCK_N)[part]
        index = np.arange(first, last)
        position_m, attitude = chain(joints + self._unrest[index % UNREST_N], self._hand)
        nth, runs = (run - run[0], self._runs[run[0] : run[-1] + 1]) if len(run) else (run, [])
        phases = [each.phase for each in runs]
        return Path(index / HAND_HZ, position_m, attitude.as_quat(), phase_rad, rate_cpm, nth, phases)

    def _lay(self) -> _Block:
        """Decide a tenth of a second of the path."""
        t_s = len(self._blocks) * BLOCK_S
        made_rad = self._blocks[-1].phase_rad[-1] if self._blocks else 0.0
        asked_cpm = self._mind.tempo_cpm(t_s, made_rad / (2 * np.pi))
        goal = _Goal.of(self._mind.doing, float(np.clip(asked_cpm, MIN_CPM, MAX_CPM)))
        run = self._runs[-1] if self._runs else None
        if run is not None and not run.same(goal.phase):
            run.end(t_s)
        if run is None or run.over(t_s):
            held = self._blocks[-1].joints[-1] if self._blocks else np.zeros(len(JOINTS))
            run = _Run(goal, t_s, held, made_rad, self._varying)
            self._runs.append(run)
        return _Block(*run.lay(goal, t_s, self._hand), len(self._runs) - 1)

    def _feel(self) -> None:
        """Measure another piece of the path; always the same pieces, so that every sample is drawn once."""
        device, begins = self.device, self._felt_n
        self._felt_n += _PIECE_N
        path = self._path(max(0, begins - _OVERLAP_N), self._felt_n + _OVERLAP_N)
        nth = np.arange(*(math.ceil(n / HAND_HZ * device.rate_hz - 1e-6) for n in (begins, self._felt_n)))
        jitter_s = device.jitter_s * self._measuring.standard_normal(len(nth))
        most_s = min(0.4 / device.rate_hz, _MOST_JITTER_S)  # no sample overtakes another
        t_s = np.clip(nth / device.rate_hz + np.clip(jitter_s, -most_s, most_s), 0.0, None)
        white = self._measuring.standard_normal((2, len(nth), 3))
        if not len(nth):
            return
        acc_mps2, gyro_radps = (self._mounting.apply(felt) for felt in feel(path, t_s, self._hand.up))
        acc_mps2 += device.bias_mps2 * self._bias_mps2 + device.noise_mps2 * white[0]
        gyro_radps += device.bias_radps * self._bias_radps + device.noise_radps * white[1]
        waited_s, *waited = self._waiting
        acc, gyro = (np.vstack(pair) for pair in zip(waited, (acc_mps2, gyro_radps), strict=True))
        self._waiting = np.concatenate([waited_s, t_s]), acc, gyro


class _Block(NamedTuple):
    """A tenth of a second of the path, but for the unrest."""

    joints: Array
    phase_rad: Array
    rate_cpm: Array
    run: int


@dataclass(frozen=True)
class _Goal:
    """What is to be done, and the four values that are taken up gradually: tempo, length, angle, variation."""

    phase: Phase
    values: Array

    @classmethod
    def of(cls, phase: Phase, tempo_cpm: float) -> _Goal:
        if phase.motion == "fidget":
            raise ValueError("fidget: a mind decides tempos, and this motion has none")
        return cls(phase, np.array([tempo_cpm, phase.size_cm, phase.angle_deg, phase.variation]))


class _Run:
    """A stretch of one motion and direction, from rest to rest."""

    def __init__(self, goal: _Goal, begins_s: float, held: Array, made_rad: float, rng: np.random.Generator) -> None:
        self.phase = goal.phase
        self._begins_s, self._held, self._made_rad = begins_s, held, made_rad
        self._periodic = goal.phase.motion in PERIODIC
        self._rise_s = 30 / goal.values[0]
        self._ends_s, self._fall_s = math.inf, 1.0
        self._near = self._now = goal.values
        self._cycles = self._phase_rad = 0.0
        self._last_cpm: tuple[float, float] | None = None
        self._noise = _CycleNoise(rng)

    def same(self, phase: Phase) -> bool:
        return (phase.motion, turn(phase)) == (self.phase.motion, turn(self.phase))

    def end(self, t_s: float) -> None:
        """Come to rest within half a cycle; at once where nothing moves."""
        if self._ends_s == math.inf:
            self._ends_s, self._fall_s = t_s, 30 / self._now[0] if self._periodic else 0.0

    def over(self, t_s: float) -> bool:
        return t_s >= self._ends_s + self._fall_s - 1e-6

    def lay(self, goal: _Goal, t_s: float, hand: Hand) -> tuple[Array, Array, Array]:
        """Give joints, phase and tempo of the block that begins at ``t_s``."""
        times_s = t_s + _WITHIN_S[:-1]
        joints = np.zeros((_BLOCK_N, len(JOINTS)))
        phase_rad, rate_cpm = np.full(_BLOCK_N, self._made_rad), np.full(_BLOCK_N, np.nan)
        if self._periodic:
            asked_cpm, length_cm, angle_deg, variation = self._approach(goal.values if self.same(goal.phase) else None)
            falling = (times_s - self._ends_s) / self._fall_s
            steady_cpm = asked_cpm * risen((times_s - self._begins_s) / self._rise_s) * (1 - risen(falling))
            before = self._last_cpm or (steady_cpm[0], steady_cpm[0])
            cycles = self._cycles + _made(before[0], steady_cpm, first=self._last_cpm is None)
            haste, growth = self._noise.at(cycles)
            rate_cpm = steady_cpm * (1 + variation * haste)
            local_rad = self._phase_rad + 2 * np.pi * _made(before[1], rate_cpm, first=self._last_cpm is None)
            self._cycles, self._phase_rad = cycles[-1], local_rad[-1]
            self._last_cpm = steady_cpm[-1], rate_cpm[-1]
            size, omega = 1 + variation * growth, 2 * np.pi * asked_cpm / 60
            extent = Extent(
                reach_m=size * reach_m(length_cm, omega),
                tilt_rad=size * angle_rad(np.full(_BLOCK_N, self.phase.tilt_deg), omega),
                roll_rad=size * angle_rad(angle_deg / 2, omega),
                aspect=np.full(_BLOCK_N, self.phase.aspect),
            )
            joints = turned(self.phase, local_rad, extent, hand)
            phase_rad = self._made_rad + local_rad
        joints += self._held
        if self.phase.motion != "still" and self._held.any():
            joints[:, 3:] -= np.outer(returned(times_s - self._begins_s, RETURN_S), self._held[3:])
        return joints, phase_rad, rate_cpm

    def _approach(self, goal: Array | None) -> Array:
        """Go on towards the goal through two equal lags, to their exact solution; shape (4, n)."""
        target = self._near if goal is None else goal
        u = _WITHIN_S[:, None] / SMOOTH_S
        near = target + (self._near - target) * np.exp(-u)
        now = target + (self._now - target + (self._near - target) * u) * np.exp(-u)
        self._near, self._now = near[-1], now[-1]
        return np.asarray(now[:-1].T)


def _made(before_cpm: float, rate_cpm: Array, *, first: bool) -> Array:
    """Cycles made by each point since the one before the first; the very first point has none before it."""
    steps: Array = np.concatenate([[before_cpm], rate_cpm[:-1]]) + rate_cpm
    if first:
        steps[0] = 0.0
    return np.cumsum(steps) / (2 * 60 * HAND_HZ)


class _CycleNoise:
    """Two standard normals (cut at ±2) per cycle, smooth between, drawn as they are needed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._draws: Array = np.empty((0, 2))
        self._stretch, self._curve = -1, PchipInterpolator([0, 1], [[0, 0], [0, 0]])

    def at(self, cycles: Array) -> Array:
        """Give them at moments of one block; shape (2, n)."""
        stretch = int(cycles[0] // _DRAWS)
        if stretch != self._stretch:
            # The curve between two draws knows the next on either side, and no more.
            first, last = max(0, stretch * _DRAWS - 4), (stretch + 1) * _DRAWS + 8
            while len(self._draws) < last:
                self._draws = np.vstack([self._draws, np.clip(self._rng.standard_normal((_DRAWS, 2)), -2.0, 2.0)])
            self._stretch = stretch
            self._curve = PchipInterpolator(np.arange(first, last), self._draws[first:last])
        return np.asarray(self._curve(cycles).T)
