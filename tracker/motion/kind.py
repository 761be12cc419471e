"""Circle, lift, stroke or none of them: what a periodic motion is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tracker.motion.cycle import POINTS, CycleFit, project
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
    surely : float
        Turning that is so round over the whole window is a circle still, whatever its later half shows.
    tilted_circle, tilted_line : float
        The same where there is no gyroscope: the tilt that goes with a slow circle stands in phase with one of its
        axes and stretches it, so that real circles of the wrist read 0.3 to 0.6 and lines up to 0.3.
    flattened : float
        Tilt may flatten a small circle as measured down to this.
    small_rad : float
        Root-mean-square angle up to which a motion hardly turns: its arc is no more than a tenth deep.
    least_turn_rad : float
        Root-mean-square angle below which the gyroscope shows its noise: that may look like anything.
    free_mps2 : float
        Acceleration freed of gravity is believed above this: an error of half a degree in the direction of gravity
        makes as much.
    eight, not_eight : float
        Second harmonic of the turning across the fundamental's own line, as a share of it, from which a motion is a
        figure-8 or some such, and below which it is one no longer. Real ones have 0.6 to 0.8, lines up to 0.2.
    felt_eight, not_felt_eight : float
        The same of the acceleration, where there is no gyroscope: 0.8 to 1.7 and up to 0.7.
    lift_arm_m : float
        A shorter lever arm is a wrist turning about the forearm. Real twists read 0.05 to 0.19 m, since forearm and
        hand move along; forearms that sweep about the elbow 0.09 to 0.25 m, swinging arms 0.3 to 0.6 m.
    lift_unexplained : float
        More specific force than this share beyond turning about a fixed axis is translation: a stroke.
    lift_turn_rad : float
        A lift turns at least this much, root mean square.
    lift_sweep_rad, lift_length_share : float
        Without a gyroscope: a lift sweeps gravity by at least this amplitude, and changes the vector's length by less
        than this share of what a stroke that looks alike would. It misses lifts rather than call strokes lifts, since
        strokes are the commoner motion.
    arm_guess_m : float
        The shortest lever of a swinging forearm.
    """

    circle: float = 0.6
    line: float = 0.5
    surely: float = 0.8
    tilted_circle: float = 0.42
    tilted_line: float = 0.36
    flattened: float = 0.3
    small_rad: float = 0.2
    least_turn_rad: float = 0.01
    free_mps2: float = 0.15
    eight: float = 0.5
    not_eight: float = 0.4
    felt_eight: float = 0.8
    not_felt_eight: float = 0.65
    lift_arm_m: float = 0.11
    lift_unexplained: float = 0.1
    lift_turn_rad: float = 0.12
    lift_sweep_rad: float = 0.25
    lift_length_share: float = 0.5
    arm_guess_m: float = 0.25


class Window:
    """The last cycles of a periodic motion, and what they say of the axis it turns about.

    Parameters
    ----------
    fit : CycleFit
    has_gyro : bool
    """

    def __init__(self, fit: CycleFit, *, has_gyro: bool) -> None:
        self.fit = fit
        self.has_gyro = has_gyro

    @cached_property
    def acc(self) -> Ellipse:
        """Ellipse of the specific force."""
        return ellipse(self.fit.first[:3])

    @cached_property
    def gyro(self) -> Ellipse | None:
        """Ellipse of the angular rate, where there is one."""
        return ellipse(self.fit.first[3:]) if self.has_gyro else None

    @property
    def step_s(self) -> float:
        """Time between two of its points."""
        return self.fit.period_s / POINTS

    @property
    def speed_radps(self) -> float:
        """Angular frequency of the fundamental."""
        return 2 * np.pi / self.fit.period_s

    @cached_property
    def lever(self) -> Lever:
        """The fit of gravity and lever arm: worth its cost only when asked for."""
        return fit_lever(self.fit.points[:, :3], self.fit.points[:, 3:], self.step_s)

    @cached_property
    def free(self) -> Ellipse:
        """Ellipse of the acceleration freed of gravity, by the gyroscope; axes of the window's first moment."""
        free = self.lever.free_mps2
        if not self.fit.trend.any():
            # From rest to rest: over one cycle a trend, fitted too, would take half of the fundamental.
            return ellipse(project(free, self.fit.cycles)[0])
        return ellipse(fit_fundamental(free, self.fit.cycles))

    def turns(self, params: KindParams) -> bool:
        """Whether the gyroscope shows more than its noise."""
        return self.gyro is not None and self.gyro.size > params.least_turn_rad * self.speed_radps

    @cached_property
    def eight(self) -> float:
        """Second harmonic across the fundamental's line, by the fundamental: near 1 for a figure-8."""
        told = self.acc if self.gyro is None else self.gyro
        part = slice(0, 3) if self.gyro is None else slice(3, 6)
        second = self.fit.second[part]
        along = told.axes[0]
        across = second - along * (along @ second)
        return float(np.sqrt(np.vdot(across, across).real / 2)) / told.size if told.size > 0 else 0.0


def drawn(window: Window, params: KindParams) -> Ellipse:
    """Give the ellipse to believe, of those that accelerometer and gyroscope draw over a window.

    A forearm that circles about its elbow draws a circle with the gyroscope. One that hardly turns draws it with its
    acceleration, freed of the gravity that tilt mixes in. In between, where wide arcs look round when freed of gravity
    and tilt rounds a line, the acceleration must draw a circle both as measured and freed.
    """
    gyro = window.gyro
    if gyro is None:
        return window.acc
    if not window.turns(params):
        return window.free if window.free.size > params.free_mps2 else window.acc
    if gyro.circularity >= params.circle:
        return gyro
    acc = window.acc
    small = gyro.size / window.speed_radps < params.small_rad
    if acc.circularity < (params.flattened if small else params.line):
        return gyro
    free = window.free
    if small and free.size > params.free_mps2:
        return free
    agreed = min(acc.circularity, free.circularity)
    return gyro if gyro.circularity >= agreed else replace(acc, circularity=agreed)


def is_circle(circularity: float, was_circle: bool, has_gyro: bool, params: KindParams) -> bool:
    """Tell circle from line, with hysteresis."""
    enter, leave = (params.circle, params.line) if has_gyro else (params.tilted_circle, params.tilted_line)
    return circularity >= (leave if was_circle else enter)


def is_eight(window: Window, was_eight: bool, params: KindParams) -> bool:
    """Tell a figure-8 from a line, with hysteresis."""
    enter, leave = params.eight, params.not_eight
    if not window.has_gyro:
        enter, leave = params.felt_eight, params.not_felt_eight
    elif not window.turns(params):
        return False
    return window.eight >= (leave if was_eight else enter)


def stroke_or_lift(window: Window, params: KindParams) -> Kind:
    """Tell a swinging forearm from a turning wrist, over about two cycles."""
    if not window.has_gyro:
        return Kind.LIFT if _turns_only(window, params) else Kind.STROKE
    lever = window.lever
    turns = (
        lever.arm_m < params.lift_arm_m
        and lever.unexplained < params.lift_unexplained
        and lever.turning_radps > params.lift_turn_rad * window.speed_radps
    )
    return Kind.LIFT if turns else Kind.STROKE


def _turns_only(window: Window, params: KindParams) -> bool:
    """Without a gyroscope: the direction sweeps while the length stays as a swinging lever would not let it."""
    acc = window.fit.points[:, :3]
    length = np.linalg.norm(acc, axis=1)
    varying = acc - acc.mean(axis=0)
    swept_mps2 = float(np.sqrt((varying * varying).sum(axis=1).mean()))
    mean_mps2 = float(length.mean())
    swept_rad = swept_mps2 / mean_mps2
    if swept_rad < params.lift_sweep_rad / np.sqrt(2):
        return False
    # What the length would change by, were it no turning but a push across gravity, or a swing on a lever.
    pushed_mps2 = swept_mps2**2 / (2 * np.sqrt(2) * mean_mps2)
    swung_mps2 = params.arm_guess_m * window.speed_radps**2 * float(np.hypot(swept_rad, swept_rad**2))
    return bool(length.std() < params.lift_length_share * min(pushed_mps2, swung_mps2))
