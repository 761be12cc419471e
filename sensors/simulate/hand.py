"""Where a hand is and how it is turned, from the phases of what it does.

The arm is a small chain of joints: the elbow travels level, the forearm swings about it, the wrist tilts and
turns, and the device is strapped on top. Every phase moves these joints; place and attitude follow.

The arm's axes at rest: y along the forearm towards the hand, z out of the back of the hand (the device's
screen), x to the right. Without a mounting they are the device's axes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfftfreq
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Rotation

from sensors.samples import Array

HAND_HZ = 200
"""Grid of the hand's path: 16 points to a cycle of the quickest tremor, enough for a quintic spline."""

MIN_CPM, MAX_CPM = 1.2, 300.0

MAX_MPS2 = 20.0  # 2 g at the turning points: a quick hand makes smaller movements
MAX_RADPS = 8.0  # a brisk turn of the wrist
MAX_SWING_RAD = 0.6  # beyond this the elbow travels along
RETURN_S = 2.0  # time to settle into a new posture once the next movement begins
TREMOR_HZ = (8.0, 12.0)
DRIFT_HZ = (0.005, 0.03)
FIDGET_HZ = (0.3, 2.5)
FIDGET_RMS = (0.008, 0.008, 0.008, 0.03, 0.1, 0.1)  # of each joint
UNREST_N = 400 * HAND_HZ
"""The unrest of a hand, which is drawn as a whole, comes back to its beginning after so many points."""
TREMOR_LEVER_M = 0.3  # tremor of the hand turns the forearm about its elbow

Motion = Literal["stroke", "circle", "lift", "still", "fidget"]
FloatOrArray = TypeVar("FloatOrArray", float, Array)
MOTIONS: tuple[Motion, ...] = ("stroke", "circle", "lift", "still", "fidget")
PERIODIC = frozenset({"stroke", "circle", "lift"})


@dataclass(frozen=True)
class Phase:
    """A stretch of one movement.

    Neighbours of the same motion and direction flow into each other; between others the hand comes to rest.

    Parameters
    ----------
    motion : {"stroke", "circle", "lift", "still", "fidget"}
    seconds : float
        At least 0.5.
    rate_cpm, rate_end_cpm : float
        Tempo at the start and at the end, linear between; 1.2 to 300. The end is the start's unless given.
    length_cm : float, optional
        From end to end of a stroke (20 unless given), larger diameter of a circle (10); at most 60. Shortened
        where the tempo would ask for more than 2 g.
    direction : {"cw", "ccw"}
        Of a circle, looking down on the back of the hand.
    aspect : float
        Smaller diameter of a circle by its larger one: 1 is round.
    angle_deg : float
        Of a lift, peak to peak.
    tilt_deg : float
        The forearm tilts by ± this in step with a stroke or circle. Positive as with the elbow below the
        hand, where gravity's share adds to a circle's acceleration; negative as in a pendulum, where it takes
        away.
    variation : float
        Standard deviation of period and size from cycle to cycle, as a fraction; at most 0.2.

    Raises
    ------
    ValueError
        On a value out of its range, naming it.
    """

    motion: Motion
    seconds: float
    rate_cpm: float = 30.0
    rate_end_cpm: float | None = None
    length_cm: float | None = None
    direction: Literal["cw", "ccw"] = "ccw"
    aspect: float = 1.0
    angle_deg: float = 40.0
    tilt_deg: float = 4.0
    variation: float = 0.05

    def __post_init__(self) -> None:
        if self.motion not in MOTIONS:
            raise ValueError(f"motion {self.motion!r}: one of {', '.join(MOTIONS)}")
        if self.direction not in ("cw", "ccw"):
            raise ValueError(f"direction {self.direction!r}: cw or ccw")
        for name, value, low, high in (
            ("seconds", self.seconds, 0.5, math.inf),
            ("rate_cpm", self.rate_cpm, MIN_CPM, MAX_CPM),
            ("rate_end_cpm", self.last_rate_cpm, MIN_CPM, MAX_CPM),
            ("length_cm", self.size_cm, 0.1, 60.0),
            ("aspect", self.aspect, 0.0, 1.0),
            ("angle_deg", self.angle_deg, 0.0, 150.0),
            ("tilt_deg", self.tilt_deg, -45.0, 45.0),
            ("variation", self.variation, 0.0, 0.2),
        ):
            if not (math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name} {value:g}: expected {low:g} to {high:g}")

    @property
    def last_rate_cpm(self) -> float:
        """Tempo at the end."""
        return self.rate_cpm if self.rate_end_cpm is None else self.rate_end_cpm

    @property
    def omega(self) -> float:
        """Angular frequency where the tempo is quickest, rad/s."""
        return 2 * math.pi * max(self.rate_cpm, self.last_rate_cpm) / 60

    @property
    def size_cm(self) -> float:
        """Length or diameter, the motion's default where none is given."""
        if self.length_cm is not None:
            return self.length_cm
        return 20.0 if self.motion == "stroke" else 10.0


@dataclass(frozen=True)
class Hand:
    """The arm that moves.

    Parameters
    ----------
    lever_cm : float
        From the elbow to the device: strokes swing about it. 0 for strokes by the elbow's travel alone.
    strap_cm : float
        From the forearm's own axis up to the device: what a lift turns about.
    slope_deg : float
        The forearm raised from level, hand up.
    tremor_mps2 : float
        Physiological tremor, 8 to 12 Hz, RMS per axis.
    drift_deg : float
        Slow change of posture, RMS per axis.
    """

    lever_cm: float = 38.0
    strap_cm: float = 1.0
    slope_deg: float = 0.0
    tremor_mps2: float = 0.03
    drift_deg: float = 0.5

    @property
    def up(self) -> Array:
        """Away from the ground, in the arm's axes at rest; shape (3,)."""
        slope_rad = math.radians(self.slope_deg)
        return np.array([0.0, math.sin(slope_rad), math.cos(slope_rad)])


@dataclass(frozen=True, eq=False)
class Path:
    """Where the device was, on a grid of `HAND_HZ`.

    Attributes
    ----------
    t_s : ndarray, shape (n,)
    position_m : ndarray, shape (n, 3)
        In the arm's axes at rest.
    quaternion : ndarray, shape (n, 4)
        Attitude, x y z w: turns the moving arm's axes into those at rest.
    phase_rad : ndarray, shape (n,)
        2π per cycle, never falling, constant where nothing is periodic.
    rate_cpm : ndarray, shape (n,)
        Its derivative, as cycles per minute; NaN where nothing is periodic.
    run : ndarray of int, shape (n,)
        Index into ``runs``.
    runs : list of Phase
        The first phase of each stretch of one motion and direction.
    """

    t_s: Array
    position_m: Array
    quaternion: Array
    phase_rad: Array
    rate_cpm: Array
    run: NDArray[np.intp]
    runs: list[Phase]


def move(phases: Sequence[Phase], hand: Hand, rng: np.random.Generator) -> Path:
    """Move a hand through its phases."""
    if not phases:
        raise ValueError("no phases: a hand needs something to do")
    runs = [list(group) for _, group in groupby(phases, key=lambda p: (p.motion, turn(p)))]
    start_s = np.concatenate([[0.0], np.cumsum([sum(p.seconds for p in run) for run in runs])])
    t_s = np.arange(math.floor(start_s[-1] * HAND_HZ + 1e-6) + 1) / HAND_HZ
    index = np.clip(np.searchsorted(start_s, t_s, side="right") - 1, 0, len(runs) - 1)

    joints = np.zeros((len(t_s), len(JOINTS)))
    phase_rad = np.zeros(len(t_s))
    rate_cpm = np.full(len(t_s), np.nan)
    held, turned_rad = np.zeros(len(JOINTS)), 0.0
    for k, run in enumerate(runs):
        here = index == k
        # The run's own start and end stand in its time even where they fall between grid points.
        local_s = np.concatenate([[0.0], t_s[here] - start_s[k], [start_s[k + 1] - start_s[k]]])
        moved, turning_rad, tempo_cpm = _perform(run, local_s, hand, rng)
        moved += held - _settled(run, local_s, held)
        turning_rad += turned_rad
        joints[here], phase_rad[here], rate_cpm[here] = moved[1:-1], turning_rad[1:-1], tempo_cpm[1:-1]
        held, turned_rad = moved[-1], turning_rad[-1]

    position_m, attitude = chain(joints + unrest(len(t_s), hand, rng), hand)
    return Path(t_s, position_m, attitude.as_quat(), phase_rad, rate_cpm, index, [run[0] for run in runs])


JOINTS = ("x_m", "y_m", "z_m", "swing_rad", "tilt_rad", "roll_rad")
_X, _Y, _SWING, _TILT, _ROLL = 0, 1, 3, 4, 5


def turn(phase: Phase) -> str:
    """Tell which way round a circle goes; nothing of any other motion."""
    return phase.direction if phase.motion == "circle" else ""


def chain(joints: Array, hand: Hand) -> tuple[Array, Rotation]:
    """Place and attitude of the device from the arm's joints."""
    attitude = Rotation.from_euler("ZXY", joints[:, [_SWING, _TILT, _ROLL]])
    position_m = joints[:, :3] + attitude.apply([0.0, 0.0, hand.strap_cm / 100])
    swing = joints[:, _SWING]
    position_m[:, :2] += hand.lever_cm / 100 * np.column_stack([-np.sin(swing), np.cos(swing)])
    return position_m, attitude


def _perform(run: list[Phase], t_s: Array, hand: Hand, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Joints (from zero, at rest at both ends), phase and tempo of one run; ``t_s`` from 0 to its end."""
    motion = run[0].motion
    if motion not in PERIODIC:
        joints = np.zeros((len(t_s), len(JOINTS)))
        if motion == "fidget":
            joints += FIDGET_RMS * _wander(rng, len(t_s), len(JOINTS), FIDGET_HZ) * _swell(t_s, 1.0)[:, None]
        return joints, np.zeros(len(t_s)), np.full(len(t_s), np.nan)

    asked_cpm = _tempo(run, t_s)
    variation = _size(run, t_s, (p.variation for p in run))
    # Tempo, not amplitude, rises from rest and falls back, over half a cycle: what counts is moved in full.
    steady_cpm = asked_cpm * _swell(t_s, 30 / min(asked_cpm[0], asked_cpm[-1]))
    cycles: Array = cumulative_trapezoid(steady_cpm / 60, t_s, initial=0)
    haste, growth = (_cycle_noise(rng, cycles) for _ in range(2))
    rate_cpm = steady_cpm * (1 + variation * haste)
    phase_rad: Array = 2 * np.pi * cumulative_trapezoid(rate_cpm / 60, t_s, initial=0)

    size = 1 + variation * growth
    extent = Extent(
        reach_m=size * _size(run, t_s, (reach_m(p.size_cm, p.omega) for p in run)),
        tilt_rad=size * _size(run, t_s, (angle_rad(p.tilt_deg, p.omega) for p in run)),
        roll_rad=size * _size(run, t_s, (angle_rad(p.angle_deg / 2, p.omega) for p in run)),
        aspect=_size(run, t_s, (p.aspect for p in run)),
    )
    return turned(run[0], phase_rad, extent, hand), phase_rad, rate_cpm


class Extent(NamedTuple):
    """How far a movement goes, moment by moment: half its length or diameter, half its angles; see `Phase.aspect`."""

    reach_m: Array
    tilt_rad: Array
    roll_rad: Array
    aspect: Array


def reach_m(length_cm: FloatOrArray, omega: FloatOrArray) -> FloatOrArray:
    """Halve a length or diameter, shortened where it would ask for too much of a hand."""
    return _at_most(length_cm / 200, MAX_MPS2 / omega**2)


def angle_rad(angle_deg: FloatOrArray, omega: FloatOrArray) -> FloatOrArray:
    """Give an angle to either side, made smaller where it would ask for too quick a turn."""
    return _at_most(angle_deg * (math.pi / 180), MAX_RADPS / omega)


def turned(phase: Phase, phase_rad: Array, extent: Extent, hand: Hand) -> Array:
    """Joints at these angles of the cycle, from zero where it begins; shape (n, 6)."""
    joints = np.zeros((len(phase_rad), len(JOINTS)))
    away, across = 1 - np.cos(phase_rad), np.sin(phase_rad)
    if phase.motion == "stroke":
        lever_m = hand.lever_cm / 100
        at_rest = np.zeros(len(phase_rad))
        swing = _at_most(extent.reach_m / lever_m, at_rest + MAX_SWING_RAD) if lever_m else at_rest
        joints[:, _SWING] = -swing * away
        joints[:, _X] = (extent.reach_m - swing * lever_m) * away
        joints[:, _TILT] = extent.tilt_rad * away
    elif phase.motion == "circle":
        sense = 1 if phase.direction == "ccw" else -1
        joints[:, _X] = -extent.reach_m * away
        joints[:, _Y] = sense * extent.reach_m * extent.aspect * across
        joints[:, _TILT] = -sense * extent.tilt_rad * across
    elif phase.motion == "lift":
        joints[:, _ROLL] = extent.roll_rad * away
    return joints


def _settled(run: list[Phase], t_s: Array, held: Array) -> Array:
    """Tell how much of the posture in which the last run ended is given up.

    None while still, else all in `RETURN_S`. Only angles return: no sensor feels where the elbow stands.
    """
    given_up = np.zeros((len(t_s), len(JOINTS)))
    if run[0].motion != "still":
        return_s = min(RETURN_S, t_s[-1])
        given_up[:, 3:] = np.outer(returned(t_s, return_s) * (return_s / RETURN_S) ** 2, held[3:])
    return given_up


def returned(t_s: Array, return_s: float) -> Array:
    """Share of a posture that is given up by then, without a jolt at either end."""
    u = np.clip(t_s / return_s, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


def unrest(n: int, hand: Hand, rng: np.random.Generator) -> Array:
    """Tremor and drift of the joints, shape (n, 6)."""
    tremor_m = hand.tremor_mps2 / (2 * np.pi * 10) ** 2
    trembling = tremor_m * _wander(rng, n, len(JOINTS), TREMOR_HZ)
    trembling[:, 3:] /= TREMOR_LEVER_M
    trembling[:, [_TILT, _ROLL]] += math.radians(hand.drift_deg) * _wander(rng, n, 2, DRIFT_HZ)
    return trembling


def _inner_s(run: list[Phase]) -> Array:
    """From when to when each phase has its own values, shape (n, 2); neighbours blend in between."""
    start_s = np.concatenate([[0.0], np.cumsum([p.seconds for p in run])])
    blend_s = [0.0, *(min(1.0, a.seconds / 4, b.seconds / 4) for a, b in pairwise(run)), 0.0]
    return np.column_stack([start_s[:-1] + blend_s[:-1], start_s[1:] - blend_s[1:]])


def _tempo(run: list[Phase], t_s: Array) -> Array:
    """Tempo over a run, cpm: linear within a phase and from one to the next."""
    inner_s = _inner_s(run)
    start_s = np.cumsum([0.0, *(p.seconds for p in run[:-1])])
    inner_cpm = [
        p.rate_cpm + (p.last_rate_cpm - p.rate_cpm) * (inner - start) / p.seconds
        for p, inner, start in zip(run, inner_s, start_s, strict=True)
    ]
    return np.asarray(np.interp(t_s, inner_s.ravel(), np.concatenate(inner_cpm)))


def _size(run: list[Phase], t_s: Array, sizes: Iterable[float]) -> Array:
    """One size per phase over a run, without corners: a corner in a size is a jolt of the hand."""
    return np.asarray(PchipInterpolator(_inner_s(run).ravel(), np.repeat(list(sizes), 2))(t_s))


def _swell(t_s: Array, seconds: float) -> Array:
    """Raised-cosine rise from 0 at the start to 1, and fall back to 0 at the end."""
    edge_s = min(seconds, t_s[-1] / 4)
    nearest_s = np.minimum(t_s, t_s[-1] - t_s)
    return risen(nearest_s / edge_s)


def risen(share: Array) -> Array:
    """Raised-cosine rise from 0 to 1, where ``share`` does so in a line."""
    rise: Array = (1 - np.cos(np.pi * np.clip(share, 0.0, 1.0))) / 2
    return rise


def _at_most(value: FloatOrArray, limit: FloatOrArray) -> FloatOrArray:
    """``value``, bent smoothly below ``limit``."""
    bent: FloatOrArray = value / (1 + (abs(value) / limit) ** 4) ** 0.25
    return bent


def _cycle_noise(rng: np.random.Generator, cycles: Array) -> Array:
    """Draw a standard normal (cut at ±2) per cycle, smooth between."""
    draws = np.clip(rng.standard_normal(math.ceil(cycles[-1]) + 2), -2.0, 2.0)
    return np.asarray(PchipInterpolator(np.arange(len(draws)), draws)(cycles))


def _wander(rng: np.random.Generator, n: int, channels: int, band_hz: tuple[float, float]) -> Array:
    """Gaussian noise in a band, RMS 1 over a long time, on the hand's grid; shape (n, channels)."""
    # So much is drawn at least, or a short session would have no slow noise at all.
    size = next_fast_len(max(n, UNREST_N), real=True)
    hz = rfftfreq(size, 1 / HAND_HZ)
    inside = (band_hz[0] <= hz) & (hz <= band_hz[1])
    spectrum = np.zeros((channels, len(hz)), dtype=complex)
    draws = rng.standard_normal((2, channels, int(inside.sum())))
    spectrum[:, inside] = (draws[0] + 1j * draws[1]) * size / (2 * math.sqrt(inside.sum()))
    return np.asarray(irfft(spectrum, size)[:, :n].T)
