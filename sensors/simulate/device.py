"""What a strapped device feels of a hand's path, and the truth of what the hand did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.spatial.transform import Rotation

from sensors.samples import G0_MPS2, Array
from sensors.simulate.hand import HAND_HZ, Hand, Path, Phase, move

TRUTH_HZ = 10


@dataclass(frozen=True)
class Device:
    """A phone or microcontroller on the wrist, and its link.

    Parameters
    ----------
    rate_hz : float
        Sampling rate, 1 to 1000.
    noise_mps2, noise_radps : float
        White noise, RMS per axis.
    bias_mps2, bias_radps : float
        Standard deviation of each axis's constant error.
    gyro : bool
        Whether there is a gyroscope.
    mounting : Rotation, "random" or None
        Turns the arm's axes into the device's; "random" by the seed, None for screen up, y towards the hand.
    jitter_s : float
        Standard deviation of the sampling moments; the time stamps tell them truly.
    loss : float
        Fraction of batches that never arrive, 0 to below 1.
    gaps : tuple of (start_s, end_s)
        Stretches without samples.
    batch_s : float
        Time from one message to the next.
    latency_s : float
        From the end of a batch to its arrival.
    clock_offset_s, clock_drift_ppm : float
        The device's clock against the receiver's.

    Notes
    -----
    Noise and jitter follow phones: a few mg and mrad/s, stamps off by 0.01 to 2 ms (Sensor Logger's
    SAMPLING.md).
    """

    rate_hz: float = 100.0
    noise_mps2: float = 0.02
    noise_radps: float = 0.002
    bias_mps2: float = 0.05
    bias_radps: float = 0.003
    gyro: bool = True
    mounting: Rotation | Literal["random"] | None = None
    jitter_s: float = 0.0002
    loss: float = 0.0
    gaps: tuple[tuple[float, float], ...] = ()
    batch_s: float = 0.2
    latency_s: float = 0.03
    clock_offset_s: float = 0.0
    clock_drift_ppm: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.rate_hz <= 1000:
            raise ValueError(f"rate_hz {self.rate_hz:g}: expected 1 to 1000")
        if not 0 <= self.loss < 1:
            raise ValueError(f"loss {self.loss:g}: expected 0 to below 1")
        if not 0.001 <= self.batch_s <= 60:
            raise ValueError(f"batch_s {self.batch_s:g}: expected 0.001 to 60")

    def batch(self, t_s: Array) -> NDArray[np.intp]:
        """Tell in which message each sample travels."""
        return np.floor(t_s / self.batch_s + 1e-9).astype(np.intp)


@dataclass(frozen=True, eq=False)
class Truth:
    """What the hand did, 10 times per second.

    Attributes
    ----------
    t_s : ndarray, shape (n,)
        Seconds since the start.
    phase_rad : ndarray, shape (n,)
        Phase of the movement, 2π per cycle, never falling, constant where nothing is periodic.
    cycles : ndarray, shape (n,)
        Cycles since the start, whatever the motion.
    motion : list of str
        ``stroke``, ``circle``, ``lift``, ``still`` or ``other``.
    rate_cpm : ndarray, shape (n,)
        Tempo at this moment: the derivative of ``cycles``, so it rises from 0 and falls back to 0 within half
        a cycle of either end of a movement. NaN where nothing is periodic.
    direction : list of str or None
        Of a circle: ``cw`` or ``ccw`` as seen from the device's +z side, by the mean normal of the stretch.
    plane_normal : ndarray, shape (n, 3)
        Of a circle: unit vector by the right-hand rule, in device axes at this moment; else NaN.
    """

    t_s: Array
    phase_rad: Array
    cycles: Array
    motion: list[str]
    rate_cpm: Array
    direction: list[str | None]
    plane_normal: Array

    def to_dict(self) -> dict[str, Any]:
        """Give plain lists, every number finite or None, to four decimals."""
        return {
            "t_s": _plain(self.t_s),
            "phase_rad": _plain(self.phase_rad),
            "cycles": _plain(self.cycles),
            "motion": list(self.motion),
            "rate_cpm": _plain(self.rate_cpm),
            "direction": list(self.direction),
            "plane_normal": [None if math.isnan(n[0]) else _plain(n) for n in self.plane_normal],
        }


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a device measured and what is true.

    Attributes
    ----------
    t_s : ndarray, shape (n,)
        True moments of the samples that arrive, seconds since the start.
    acc_mps2 : ndarray, shape (n, 3)
        Specific force, m/s²; resting with the screen up reads +9.8 on z.
    gyro_radps : ndarray, shape (n, 3), or None
        Angular rate, rad/s.
    truth : Truth
    device : Device
    seed : int
    seconds : float
        Length of the session.
    """

    t_s: Array
    acc_mps2: Array
    gyro_radps: Array | None
    truth: Truth
    device: Device
    seed: int
    seconds: float


def simulate(
    phases: Sequence[Phase], device: Device | None = None, *, seed: int, hand: Hand | None = None
) -> Simulation:
    """Move a hand through phases and measure it.

    The hand's path depends on ``phases``, ``hand`` and ``seed`` alone: the truth is the same for every
    device, but for the axes it is told in.
    """
    device, hand = device or Device(), hand or Hand()
    hand_seed, mounting_seed, device_seed = np.random.SeedSequence(seed).spawn(3)
    mounting = mounted(device, mounting_seed)
    path = move(phases, hand, np.random.default_rng(hand_seed))
    rng = np.random.default_rng(device_seed)
    seconds = float(path.t_s[-1])
    t_s, measured = _moments(device, seconds, rng)
    acc_mps2, gyro_radps = (mounting.apply(felt) for felt in feel(path, t_s, hand.up))
    # Everything is drawn, wanted or not, so that one setting leaves the others' draws as they are.
    acc_mps2 += _error(rng, len(t_s), device.bias_mps2, device.noise_mps2)
    gyro_radps += _error(rng, len(t_s), device.bias_radps, device.noise_radps)
    return Simulation(
        t_s[measured],
        acc_mps2[measured],
        gyro_radps[measured] if device.gyro else None,
        truth_of(path, mounting),
        device,
        seed,
        seconds,
    )


def mounted(device: Device, seed: np.random.SeedSequence) -> Rotation:
    """Give what turns the arm's axes into the device's."""
    if device.mounting is None:
        return Rotation.identity()
    if isinstance(device.mounting, str):
        return Rotation.random(rng=np.random.default_rng(seed))
    return device.mounting


def _moments(device: Device, seconds: float, rng: np.random.Generator) -> tuple[Array, NDArray[np.bool_]]:
    """When samples are taken, and which of them arrive."""
    period_s = 1 / device.rate_hz
    t_s: Array = np.arange(math.ceil(seconds * device.rate_hz - 1e-6), dtype=np.float64) * period_s
    # Bounded, so that no sample overtakes another.
    jitter_s = np.clip(device.jitter_s * rng.standard_normal(len(t_s)), -0.4 * period_s, 0.4 * period_s)
    t_s += jitter_s
    t_s.clip(0.0, seconds, out=t_s)
    lost = rng.random(math.ceil(seconds / device.batch_s) + 1) < device.loss
    arrives: NDArray[np.bool_] = ~lost[device.batch(t_s)]
    for start_s, end_s in device.gaps:
        arrives &= (t_s < start_s) | (t_s >= end_s)
    return t_s, arrives


def _error(rng: np.random.Generator, n: int, bias: float, noise: float) -> Array:
    return bias * rng.standard_normal(3) + noise * rng.standard_normal((n, 3))


def feel(path: Path, t_s: Array, up: Array) -> tuple[Array, Array]:
    """Specific force and angular rate in the moving arm's axes: derivatives of the path, no more."""
    spline = make_interp_spline(path.t_s, np.hstack([path.position_m, path.quaternion]), k=5)
    q = spline(t_s)[:, 3:]
    q_rate = spline(t_s, 1)[:, 3:]
    force_mps2 = Rotation.from_quat(q).apply(spline(t_s, 2)[:, :3] + G0_MPS2 * up, inverse=True)
    vector, scalar = q[:, :3], q[:, 3:]
    # Angular rate in moving axes is the vector part of 2 q* q̇.
    rate_radps = 2 * (scalar * q_rate[:, :3] - q_rate[:, 3:] * vector - np.cross(vector, q_rate[:, :3]))
    return force_mps2, rate_radps


def truth_of(path: Path, mounting: Rotation) -> Truth:
    """Tell what a path was, from its first point on, in the device's axes."""
    grid = slice(None, None, HAND_HZ // TRUTH_HZ)
    run = path.run[grid]
    motion_of_run = [{"fidget": "other"}.get(first.motion, first.motion) for first in path.runs]
    direction = np.full(len(run), None, dtype=object)
    normal = np.full((len(run), 3), np.nan)
    attitude = Rotation.from_quat(path.quaternion[grid])
    for k, first in enumerate(path.runs):
        if first.motion == "circle":
            here = run == k
            # Circles run level in the arm's axes at rest; the device sees that plane from its own attitude.
            sense = 1.0 if first.direction == "ccw" else -1.0
            normal[here] = mounting.apply(attitude[here].apply([0.0, 0.0, sense], inverse=True))
            direction[here] = "ccw" if normal[here, 2].mean() > 0 else "cw"
    return Truth(
        t_s=path.t_s[grid],
        phase_rad=path.phase_rad[grid],
        cycles=path.phase_rad[grid] / (2 * np.pi),
        motion=[motion_of_run[k] for k in run],
        rate_cpm=path.rate_cpm[grid],
        direction=direction.tolist(),
        plane_normal=normal,
    )


def _plain(values: Array) -> list[float | None]:
    return [None if math.isnan(v) else round(v, 4) for v in values.tolist()]
