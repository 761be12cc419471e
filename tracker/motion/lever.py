"""Turning about the forearm's own axis, or swinging on a lever: what tells a lift from a stroke."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from sensors.samples import Array

BIAS_MPS2 = 0.3
"""Of an accelerometer's axis: phones and microcontrollers are off by up to 30 mg."""


@dataclass(frozen=True, slots=True, eq=False)
class Lever:
    """What a window says of the axis a wrist turns about.

    Attributes
    ----------
    arm_m : float
        Distance of the device from the axis, metres.
    unexplained : float
        Share of the varying specific force that neither turning gravity nor the lever explains: translation.
    turning_radps : float
        Root mean square of the angular rate.
    free_mps2 : ndarray, shape (n, 3)
        Acceleration of the device without gravity, axes of the window's first row.
    """

    arm_m: float
    unexplained: float
    turning_radps: float
    free_mps2: Array


def fit_lever(acc_mps2: Array, gyro_radps: Array, step_s: float) -> Lever:
    """Fit gravity and lever arm to what a window measured.

    A point at r from the axis of a turning body measures ``R^T g + a x r + w x (w x r)``. With R integrated from the
    gyroscope over the window both g and r enter linearly: one regression, in any mounting, without an orientation
    filter. The bias of the gyroscope tips g over, by ever more; that too enters linearly, as a second vector times the
    time. So does the bias of the accelerometer, which stays with the device: turned to and fro, it would pass for a
    lever arm of decimetres at a slow tempo.

    Parameters
    ----------
    acc_mps2, gyro_radps : ndarray, shape (n, 3)
        Uniform, ``step_s`` apart.

    Notes
    -----
    The part of r along a fixed axis moves nothing, so it cannot be known: the arm is told from the acceleration it
    explains, per unit of turning.
    """
    n = len(acc_mps2)
    turned = orientations(from_middle_to_middle(gyro_radps) * step_s)
    angular = np.gradient(gyro_radps, step_s, axis=0)
    spin = spin_matrices(gyro_radps)
    arm = spin_matrices(angular) + spin @ spin
    level = turned.transpose(0, 2, 1)
    tipping = level * (np.arange(n) / n - 0.5)[:, None, None]
    model = np.concatenate((level, tipping, arm, np.broadcast_to(np.eye(3), (n, 3, 3))), axis=2).reshape(3 * n, 12)
    measured = acc_mps2.reshape(3 * n)
    solution = np.linalg.solve(model.T @ model + _ridge(), model.T @ measured)
    bias = solution[9:]
    left = measured - model @ solution
    varying = acc_mps2 - acc_mps2.mean(axis=0)
    power = float((varying * varying).sum())
    turning = (gyro_radps * gyro_radps).sum(axis=1)
    tipped = np.outer(np.arange(n) / n - 0.5, solution[3:6])
    swung = arm @ solution[6:9]
    per_metre = float((angular * angular).sum() + turning @ turning)
    return Lever(
        arm_m=float(np.sqrt((swung * swung).sum() / per_metre)) if per_metre > 0 else 0.0,
        unexplained=min(1.0, float(left @ left) / power) if power > 0 else 1.0,
        turning_radps=float(np.sqrt(turning.mean())),
        free_mps2=(turned @ (acc_mps2 - bias)[:, :, None])[:, :, 0] - solution[:3] - tipped,
    )


@cache
def _ridge() -> Array:
    """Keep the regression from telling a bias where nothing turns enough to show one.

    Ratio of the variances of what is left unexplained (0.1 m/s²) and of biases (0.3 m/s²).
    """
    return np.diag([1e-6] * 9 + [(0.1 / BIAS_MPS2) ** 2] * 3)


def from_middle_to_middle(gyro_radps: Array) -> Array:
    """Mean rate from the middle of each row's time to that of the row before, where its force was measured."""
    return np.concatenate((gyro_radps[:1], (gyro_radps[1:] + gyro_radps[:-1]) / 2))


def orientations(steps_rad: Array) -> Array:
    """Rotation matrices, shape (n, 3, 3), device to the frame of the first row, from small turns between rows."""
    n = len(steps_rad)
    angle = np.linalg.norm(steps_rad, axis=1)
    scale = np.where(angle > 1e-12, np.sin(angle) / np.maximum(angle, 1e-12), 1.0)
    curve = np.where(angle > 1e-6, (1 - np.cos(angle)) / np.maximum(angle * angle, 1e-12), 0.5)
    cross = spin_matrices(steps_rad)
    small = np.eye(3) + scale[:, None, None] * cross + curve[:, None, None] * (cross @ cross)
    small[0] = np.eye(3)
    # Running product by doubling: log2(n) batched multiplications instead of n small ones.
    product, width = small, 1
    while width < n:
        product = np.concatenate((product[:width], product[:-width] @ product[width:]))
        width *= 2
    return product


def spin_matrices(vectors: Array) -> Array:
    """Matrices [v] with ``[v] @ r == v x r``, shape (n, 3, 3)."""
    matrices = np.zeros((len(vectors), 3, 3))
    x, y, z = vectors.T
    matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2] = -z, y, -x
    matrices[:, 1, 0], matrices[:, 2, 0], matrices[:, 2, 1] = z, -y, x
    return matrices
