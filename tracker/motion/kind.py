"""Circle, lift or stroke: what a periodic motion is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import G0_MPS2, Array
from tracker.motion.ellipse import Ellipse
from tracker.motion.history import averaged
from tracker.motion.lever import fit_lever
from tracker.motion.state import Kind


@dataclass(frozen=True, slots=True)
class KindParams:
    """Tuning of the kinds.

    Attributes
    ----------
    circle, line : float
        Circularity at which a motion becomes a circle, and below which it is one no longer: people's circles are
        ellipses (Kim 2010), and between the two the last answer stays, so that it does not flicker.
    tilt_share : float
        Where turning gravity makes up more than this share of the specific force's fundamental, the gyroscope's
        ellipse is the better witness: tilt flattens the accelerometer's.
    lift_arm_m : float
        A shorter lever arm is a wrist turning about the forearm; forearms that swing about elbow or shoulder read
        0.17 to 0.57 m on real recordings.
    lift_unexplained : float
        More specific force than this share beyond turning about a fixed axis is translation: a stroke.
    lift_turning_radps : float
        A lift turns at least this much.
    lift_sweep_rad, lift_length_share : float
        Without a gyroscope: a lift sweeps gravity by at least this amplitude and changes the vector's length by no
        more than this share of what it changes the vector. Real strokes read 0.13 and more, so this misses many
        lifts rather than call strokes lifts: strokes are the commoner motion.
    """

    circle: float = 0.6
    line: float = 0.5
    tilt_share: float = 0.5
    lift_arm_m: float = 0.08
    lift_unexplained: float = 0.15
    lift_turning_radps: float = 0.4
    lift_sweep_rad: float = 0.35
    lift_length_share: float = 0.12


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The ellipse that tells circle from line, and which sensor drew it."""

    ellipse: Ellipse
    by_gyroscope: bool


def shape(acc: Ellipse, gyro: Ellipse | None, period_s: float, params: KindParams) -> Shape:
    """Choose the ellipse to believe."""
    if gyro is None:
        return Shape(acc, by_gyroscope=False)
    tilt_mps2 = G0_MPS2 * gyro.size * period_s / (2 * np.pi)
    if tilt_mps2 > params.tilt_share * acc.size or gyro.circularity >= params.circle:
        return Shape(gyro, by_gyroscope=True)
    return Shape(acc, by_gyroscope=False)


def is_circle(circularity: float, was_circle: bool, params: KindParams) -> bool:
    """Tell circle from line, with hysteresis."""
    return circularity >= (params.line if was_circle else params.circle)


def stroke_or_lift(rows: Array, period_s: float, has_gyro: bool, params: KindParams) -> Kind:
    """Tell a swinging forearm from a turning wrist.

    Parameters
    ----------
    rows : ndarray, shape (n, 6)
        About two cycles of the history.
    """
    by = max(1, int(period_s / (24 * CELL_S)))
    rows, step_s = averaged(rows, by), by * CELL_S
    acc = rows[:, :3]
    if has_gyro:
        lever = fit_lever(acc, rows[:, 3:], step_s)
        turns = (
            lever.arm_m < params.lift_arm_m
            and lever.unexplained < params.lift_unexplained
            and lever.turning_radps > params.lift_turning_radps
        )
        return Kind.LIFT if turns else Kind.STROKE
    return Kind.LIFT if _turns_only(acc, params) else Kind.STROKE


def _turns_only(acc: Array, params: KindParams) -> bool:
    """Without a gyroscope: the vector's direction sweeps while its length hardly changes."""
    length = np.linalg.norm(acc, axis=1)
    varying = acc - acc.mean(axis=0)
    swept = float(np.sqrt((varying * varying).sum(axis=1).mean()))
    mean = float(length.mean())
    return swept > params.lift_sweep_rad / np.sqrt(2) * mean and float(length.std()) < params.lift_length_share * swept
