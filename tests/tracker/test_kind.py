from __future__ import annotations

import numpy as np
import pytest
from hands import forearm, history_of, middle

from sensors.grid import CELL_S
from sensors.samples import Array
from sensors.simulate import Hand, Phase
from tracker.motion.cycle import POINTS, CycleFit, fit_cycles
from tracker.motion.kind import KindParams, Window, drawn, is_circle, is_eight, stroke_or_lift
from tracker.motion.periodic import CHANNEL_WEIGHTS
from tracker.motion.state import Kind

PARAMS = KindParams()


def window(rows: Array, period_s: float, *, has_gyro: bool = True) -> Window:
    """The last two cycles."""
    if not has_gyro:
        rows = rows * [1, 1, 1, 0, 0, 0]
    return Window(fit_cycles(history_of(rows), period_s, 2, CHANNEL_WEIGHTS), has_gyro=has_gyro)


def seen(phase: Phase, *, has_gyro: bool = True, hand: Hand | None = None, seed: int = 5) -> Window:
    return window(middle(phase, 3, hand=hand, seed=seed), 60 / phase.rate_cpm, has_gyro=has_gyro)


def shape(first: Array, second: Array, *, has_gyro: bool = True) -> Window:
    """A window of which the harmonics alone are known."""
    none = np.zeros(6)
    fit = CycleFit(np.zeros((2 * POINTS, 6)), 2, 1.0, 0.01, none, none, first.astype(complex), second.astype(complex))
    return Window(fit, has_gyro=has_gyro)


# --- circle or line ---


@pytest.mark.parametrize("has_gyro", [True, False])
def test_between_line_and_circle_the_last_answer_stays(has_gyro: bool) -> None:
    enter, leave = (PARAMS.circle, PARAMS.line) if has_gyro else (PARAMS.tilted_circle, PARAMS.tilted_line)
    told = [leave - 0.01, (enter + leave) / 2, enter + 0.01]
    assert [is_circle(c, False, has_gyro, PARAMS) for c in told] == [False, False, True]
    assert [is_circle(c, True, has_gyro, PARAMS) for c in told] == [False, True, True]


@pytest.mark.parametrize("has_gyro", [True, False], ids=["gyro", "no-gyro"])
@pytest.mark.parametrize("cpm", [20.0, 30.0, 60.0, 110.0])
def test_circles_are_drawn_round_and_strokes_flat(cpm: float, has_gyro: bool) -> None:
    for seed in range(3):
        circle = drawn(seen(Phase("circle", 600 / cpm, cpm), has_gyro=has_gyro, seed=seed), PARAMS)
        stroke = drawn(seen(Phase("stroke", 600 / cpm, cpm), has_gyro=has_gyro, seed=seed), PARAMS)
        assert is_circle(circle.circularity, False, has_gyro, PARAMS)
        assert not is_circle(stroke.circularity, True, has_gyro, PARAMS)


@pytest.mark.parametrize("cpm", [45.0, 60.0, 110.0])
def test_a_circle_that_hardly_tilts_is_drawn_by_its_acceleration(cpm: float) -> None:
    told = seen(Phase("circle", 600 / cpm, cpm, tilt_deg=1.0))
    assert drawn(told, PARAMS) is told.free
    assert drawn(told, PARAMS).circularity > 0.85


@pytest.mark.parametrize("period_s", [0.8, 2.0, 5.0])
def test_a_forearm_that_circles_about_its_elbow_is_drawn_by_its_turning(period_s: float) -> None:
    phase = 2 * np.pi * np.arange(round(3 * period_s / CELL_S)) * CELL_S / period_s
    told = window(forearm(0.3 * np.cos(phase), 0.3 * np.sin(phase)), period_s)
    assert drawn(told, PARAMS) is told.gyro
    assert drawn(told, PARAMS).circularity > 0.8
    line = window(forearm(0.3 * np.cos(phase), 0.1 * np.cos(phase)), period_s)
    assert drawn(line, PARAMS).circularity < 0.3


def test_without_a_gyroscope_the_accelerometer_is_all_there_is() -> None:
    told = seen(Phase("circle", 15, 40), has_gyro=False)
    assert told.gyro is None
    assert drawn(told, PARAMS) is told.acc


# --- figure-8 ---


@pytest.mark.parametrize("has_gyro", [True, False], ids=["gyro", "no-gyro"])
def test_a_second_harmonic_across_the_line_is_an_eight(has_gyro: bool) -> None:
    enter, leave = (PARAMS.eight, PARAMS.not_eight) if has_gyro else (PARAMS.felt_eight, PARAMS.not_felt_eight)
    x, y = (np.tile(axis, 2) for axis in np.eye(3)[:2])

    def answers(second: Array) -> tuple[bool, bool]:
        told = shape(x, second, has_gyro=has_gyro)
        return is_eight(told, False, PARAMS), is_eight(told, True, PARAMS)

    assert answers((leave - 0.02) * y) == (False, False)
    assert answers((enter + leave) / 2 * y) == (False, True)
    assert answers((enter + 0.02) * y) == (True, True)
    # Along the line it is a bent line, as the pull of a swing makes.
    assert answers(2.0 * x) == (False, False)
    assert shape(0 * x, y, has_gyro=has_gyro).eight == 0.0


@pytest.mark.parametrize("period_s", [1.0, 2.5, 5.0])
def test_a_forearm_that_draws_an_eight_is_told_from_a_line_and_from_a_circle(period_s: float) -> None:
    phase = 2 * np.pi * np.arange(round(3 * period_s / CELL_S)) * CELL_S / period_s
    eight = window(forearm(0.3 * np.sin(phase), 0.12 * np.sin(2 * phase)), period_s)
    assert is_eight(eight, False, PARAMS)
    assert not is_circle(drawn(eight, PARAMS).circularity, False, True, PARAMS)
    for tilt in (0.1 * np.sin(phase), 0.3 * np.cos(phase)):
        assert not is_eight(window(forearm(0.3 * np.sin(phase), tilt), period_s), True, PARAMS)


@pytest.mark.parametrize("doing", ["stroke", "circle", "lift"])
@pytest.mark.parametrize("has_gyro", [True, False], ids=["gyro", "no-gyro"])
def test_nothing_simulated_is_an_eight(doing: str, has_gyro: bool) -> None:
    for cpm in (20.0, 45.0, 90.0):
        assert not is_eight(seen(Phase(doing, 600 / cpm, cpm), has_gyro=has_gyro), False, PARAMS)


# --- stroke or lift ---


@pytest.mark.parametrize("cpm", [12.0, 20.0, 30.0, 45.0, 60.0])
@pytest.mark.parametrize("tilt_deg", [0.0, 4.0])
def test_a_swinging_forearm_strokes(cpm: float, tilt_deg: float) -> None:
    for lever_cm in (0.0, 38.0):
        told = seen(Phase("stroke", 600 / cpm, cpm, tilt_deg=tilt_deg), hand=Hand(lever_cm=lever_cm))
        assert stroke_or_lift(told, PARAMS) is Kind.STROKE


@pytest.mark.parametrize("cpm", [20.0, 30.0, 45.0, 60.0])
@pytest.mark.parametrize("angle_deg", [30.0, 40.0, 80.0])
def test_a_turning_wrist_lifts(cpm: float, angle_deg: float) -> None:
    assert stroke_or_lift(seen(Phase("lift", 600 / cpm, cpm, angle_deg=angle_deg)), PARAMS) is Kind.LIFT


@pytest.mark.parametrize("bias_radps", [0.01, 0.03])
@pytest.mark.parametrize("cpm", [20.0, 45.0])
def test_a_gyroscope_that_drifts_makes_no_lift_a_stroke_nor_a_stroke_a_lift(cpm: float, bias_radps: float) -> None:
    for doing, kind in (("stroke", Kind.STROKE), ("lift", Kind.LIFT)):
        rows = middle(Phase(doing, 600 / cpm, cpm), 3)
        rows[:, 3:] += bias_radps * np.array([1.0, -1.0, 0.5])
        assert stroke_or_lift(window(rows, 60 / cpm), PARAMS) is kind


def test_a_turn_too_small_to_speak_of_is_no_lift() -> None:
    assert stroke_or_lift(seen(Phase("lift", 15, 40, angle_deg=6.0)), PARAMS) is Kind.STROKE


@pytest.mark.parametrize(
    ("cpm", "length_cm"),
    [
        (12.0, 10.0),
        (30.0, 10.0),
        (90.0, 10.0),
        (60.0, 20.0),
        (120.0, 10.0),
    ],
)
def test_without_a_gyroscope_a_stroke_is_no_lift(cpm: float, length_cm: float) -> None:
    told = seen(Phase("stroke", 600 / cpm, cpm, length_cm=length_cm), has_gyro=False)
    assert stroke_or_lift(told, PARAMS) is Kind.STROKE


def test_without_a_gyroscope_a_wide_lift_is_still_told() -> None:
    told = [stroke_or_lift(seen(Phase("lift", 15, 40, angle_deg=90), has_gyro=False, seed=k), PARAMS) for k in range(6)]
    assert told.count(Kind.LIFT) >= 3  # gravity shows a turn unless it turns about gravity
