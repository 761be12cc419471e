"""Circle, lift or stroke: what a periodic motion is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sensors.samples import Array
from tracker.motion.ellipse import Ellipse, ellipse, fit_fundamental
from tracker.motion.lever import Lever, fit_lever
from tracker.motion.state import Kind


@dataclass(frozen=True, slots=True)
class KindParams:
    """Tuning of the kinds.

    Attributes
    ----------
    circle, line : float
        Circularity at which a motion becomes a circle, and below which it is one no longer: people's circles are
        ellipses (Kim 2010), and between the two the last answer stays, so that it does not flicker.
    flattened : float
        Tilt may flatten a small circle as measured down to this.
    small_rad : float
        Root-mean-square angle up to which a motion hardly turns: its arc is no more than a tenth deep.
    free_mps2 : float
        Acceleration freed of gravity is believed above this: an error of half a degree in the direction of gravity
        makes as much.
    lift_arm_m : float
        A shorter lever arm is a wrist turning about the forearm. Real twists read 0.07 to 0.2 m, since forearm and
        hand move along; forearms that sweep about the elbow 0.17 to 0.22 m, swinging arms 0.3 to 0.5 m.
    lift_unexplained : float
        More specific force than this share beyond turning about a fixed axis is translation: a stroke.
    lift_turning_radps : float
        A lift turns at least this much.
    lift_sweep_rad, lift_length_share : float
        Without a gyroscope: a lift sweeps gravity by at least this amplitude, and changes the vector's length by less
        than this share of what a stroke that looks alike would. It misses lifts rather than call strokes lifts, since
        strokes are the commoner motion.
    arm_guess_m : float
        The shortest lever of a swinging forearm.
    """

    circle: float = 0.6
    line: float = 0.5
    flattened: float = 0.3
    small_rad: float = 0.2
    free_mps2: float = 0.15
    lift_arm_m: float = 0.13
    lift_unexplained: float = 0.2
    lift_turning_radps: float = 0.25
    lift_sweep_rad: float = 0.25
    lift_length_share: float = 0.5
    arm_guess_m: float = 0.25


class Window:
    """The last cycles of a periodic motion, and what they say of the axis it turns about.

    Parameters
    ----------
    rows : ndarray, shape (n, 6)
        Specific force and angular rate, ``step_s`` apart.
    step_s : float
    step_rad : float
        Phase between two rows.
    has_gyro : bool
    """

    def __init__(self, rows: Array, step_s: float, step_rad: float, *, has_gyro: bool) -> None:
        self.acc_mps2 = rows[:, :3]
        self.step_s = step_s
        self.step_rad = step_rad
        self.has_gyro = has_gyro
        self._gyro_radps = rows[:, 3:]

    @property
    def step_radps(self) -> float:
        """Angular frequency of the fundamental."""
        return self.step_rad / self.step_s

    @cached_property
    def lever(self) -> Lever:
        """The fit of gravity and lever arm: worth its cost only when asked for."""
        return fit_lever(self.acc_mps2, self._gyro_radps, self.step_s)


def drawn(window: Window, acc: Ellipse, gyro: Ellipse | None, params: KindParams) -> Ellipse:
    """Give the ellipse to believe, of those that accelerometer and gyroscope draw over a window.

    A forearm that circles about its elbow draws a circle with the gyroscope. One that hardly turns draws it with its
    acceleration, freed of the gravity that tilt mixes in. In between, where wide arcs look round when freed of gravity
    and tilt rounds a line, the acceleration must draw a circle both as measured and freed.
    """
    if gyro is None:
        return acc
    small = gyro.size / window.step_radps < params.small_rad
    if gyro.circularity >= params.circle or acc.circularity < (params.flattened if small else params.line):
        return gyro
    free = ellipse(fit_fundamental(window.lever.free_mps2, window.step_rad))
    if small and free.size > params.free_mps2:
        return free
    agreed = min(acc.circularity, free.circularity)
    return gyro if gyro.circularity >= agreed else replace(acc, circularity=agreed)


def is_circle(circularity: float, was_circle: bool, params: KindParams) -> bool:
    """Tell circle from line, with hysteresis."""
    return circularity >= (params.line if was_circle else params.circle)


def stroke_or_lift(window: Window, params: KindParams) -> Kind:
    """Tell a swinging forearm from a turning wrist, over about two cycles."""
    if not window.has_gyro:
        return Kind.LIFT if _turns_only(window, params) else Kind.STROKE
    lever = window.lever
    turns = (
        lever.arm_m < params.lift_arm_m
        and lever.unexplained < params.lift_unexplained
        and lever.turning_radps > params.lift_turning_radps
    )
    return Kind.LIFT if turns else Kind.STROKE


def _turns_only(window: Window, params: KindParams) -> bool:
    """Without a gyroscope: the direction sweeps while the length stays as a swinging lever would not let it."""
    acc = window.acc_mps2
    length = np.linalg.norm(acc, axis=1)
    varying = acc - acc.mean(axis=0)
    swept_mps2 = float(np.sqrt((varying * varying).sum(axis=1).mean()))
    mean_mps2 = float(length.mean())
    swept_rad = swept_mps2 / mean_mps2
    if swept_rad < params.lift_sweep_rad / np.sqrt(2):
        return False
    # What the length would change by, were it no turning but a push across gravity, or a swing on a lever.
    pushed_mps2 = swept_mps2**2 / (2 * np.sqrt(2) * mean_mps2)
    swung_mps2 = params.arm_guess_m * window.step_radps**2 * float(np.hypot(swept_rad, swept_rad**2))
    return bool(length.std() < params.lift_length_share * min(pushed_mps2, swung_mps2))
