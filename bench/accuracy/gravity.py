"""What an orientation filter would gain: lever arms with gravity fitted beside them, and with gravity from VQF.

A turn of the wrist about the forearm has a short lever arm, a swing of forearm or arm a long one. The better gravity is
known, the better the two stand apart.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
from vqf import VQF

from bench.accuracy.recordings import Recording, joined, samples_of
from bench.accuracy.table import Table
from bench.accuracy.tones import area_under_curve
from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import G0_MPS2, Array, Samples
from tracker.motion.lever import fit_lever, spin_matrices

WINDOW_S, EVERY_S = 3.0, 1.5
LEAST_RADPS = 0.6
"""Root mean square of the rate, below which a window shows no turning to speak of."""
POINTS_EACH = 3
"""Grid points in one of the lever fit's: about two dozen to a cycle, as in the engine."""
SWEEPS = ("ER", "IR", "ABD", "FEL")


def table(recordings: Sequence[Recording]) -> Table:
    """Compare how well twists and sweeps stand apart, and what each way costs."""
    arms: dict[str, dict[bool, list[float]]] = {name: {True: [], False: []} for name in ("fitted", "VQF")}
    cost_s = {"fitted": 0.0, "VQF": 0.0}
    worn_s = 0.0
    for recording in recordings:
        twist = "twist" in recording.name
        if not twist and not any(f"_{name}_" in recording.name for name in SWEEPS):
            continue
        samples = joined(samples_of(recording.path, gyroscope=True))
        if samples.gyro_radps is None:
            continue
        worn_s += len(samples) * CELL_S
        began_s = time.process_time()
        free_mps2 = samples.acc_mps2 - _up(samples) * G0_MPS2
        cost_s["VQF"] += time.process_time() - began_s
        for part, arm in _windows(samples):
            began_s = time.process_time()
            arms["VQF"][twist].append(_arm_m(free_mps2[part], samples.gyro_radps[part]))
            cost_s["VQF"] += time.process_time() - began_s
            began_s = time.process_time()
            arms["fitted"][twist].append(arm())
            cost_s["fitted"] += time.process_time() - began_s
    rows = []
    for name, title in (("fitted", "fitted beside the lever arm"), ("VQF", "from VQF")):
        twists, sweeps = np.array(arms[name][True]), np.array(arms[name][False])
        area = area_under_curve(sweeps, twists)
        rows.append(
            (
                title,
                "-" if area is None else f"{area:.3f}",
                _spread(twists),
                _spread(sweeps),
                f"{1e3 * cost_s[name] / worn_s:.2f} ms" if worn_s else "-",
            )
        )
    return Table(
        "Lever arm, with gravity",
        ("gravity", "twist from sweep, area under the curve", "twists, m", "sweeps, m", "CPU per second worn"),
        rows,
        [
            f"""Windows of {WINDOW_S:g} s of twists of the wrist (single gestures) and of arms and forearms that sweep
(sets of 20), where they turn; 10th, 50th and 90th percentile of the arm."""
        ],
    )


def _windows(samples: Samples) -> Iterator[tuple[slice, _Fit]]:
    gyro_radps = samples.gyro_radps
    if gyro_radps is None:
        return
    n, step = round(WINDOW_S * RATE_HZ), round(EVERY_S * RATE_HZ)
    for start in range(0, len(samples) - n, step):
        part = slice(start, start + n)
        if np.sqrt((gyro_radps[part] ** 2).sum(axis=1).mean()) > LEAST_RADPS:
            yield part, _Fit(samples.acc_mps2[part], gyro_radps[part])


class _Fit:
    """The engine's own fit of a window, when asked."""

    def __init__(self, acc_mps2: Array, gyro_radps: Array) -> None:
        self._acc_mps2 = acc_mps2
        self._gyro_radps = gyro_radps

    def __call__(self) -> float:
        acc, gyro = (x.reshape(-1, POINTS_EACH, 3).mean(axis=1) for x in (self._acc_mps2, self._gyro_radps))
        return fit_lever(acc, gyro, POINTS_EACH * CELL_S).arm_m


def _up(samples: Samples) -> Array:
    """Away from the ground in the device's axes, by VQF (Laidig & Seel 2023) from the first sample on."""
    told = VQF(CELL_S).updateBatch(np.ascontiguousarray(samples.gyro_radps), np.ascontiguousarray(samples.acc_mps2))
    w, x, y, z = told["quat6D"].T
    return np.stack((2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z), axis=1)


def _arm_m(free_mps2: Array, gyro_radps: Array) -> float:
    """Lever arm that explains an acceleration without gravity, as `fit_lever` tells it."""
    angular = np.gradient(gyro_radps, CELL_S, axis=0)
    spin = spin_matrices(gyro_radps)
    arm = spin_matrices(angular) + spin @ spin
    model = arm.reshape(-1, 3)
    swung = arm @ np.linalg.solve(model.T @ model + 1e-6 * np.eye(3), model.T @ free_mps2.reshape(-1))
    per_metre = (angular * angular).sum() + ((gyro_radps * gyro_radps).sum(axis=1) ** 2).sum()
    return float(np.sqrt((swung * swung).sum() / per_metre))


def _spread(values: Array) -> str:
    return " / ".join(f"{value:.2f}" for value in np.quantile(values, (0.1, 0.5, 0.9))) if len(values) else "-"
