from __future__ import annotations

import numpy as np
import pytest
from hands import LEVEL, forearm, history_of, middle

from sensors.grid import CELL_S
from sensors.samples import Array
from sensors.simulate import Hand, Phase
from tracker.motion.cycle import fit_cycles
from tracker.motion.kind import Window
from tracker.motion.periodic import CHANNEL_WEIGHTS
from tracker.motion.size import SizeParams, angle_deg, extent_cm

PARAMS = SizeParams()


def window(rows: Array, period_s: float, *, has_gyro: bool = True) -> Window:
    if not has_gyro:
        rows = rows * [1, 1, 1, 0, 0, 0]
    return Window(fit_cycles(history_of(rows), period_s, 2, CHANNEL_WEIGHTS), has_gyro=has_gyro)


def seen(phase: Phase, *, has_gyro: bool = True, hand: Hand | None = None) -> Window:
    return window(middle(phase, 3, hand=hand), 60 / phase.rate_cpm, has_gyro=has_gyro)


def moved(period_s: float, force: Array) -> Array:
    """Rows of a level device pushed along x and y by so much, amplitude as complex numbers."""
    phase = 2 * np.pi * np.arange(round(3 * period_s / CELL_S)) * CELL_S / period_s
    rows = np.tile(LEVEL, (len(phase), 1))
    rows[:, :2] += np.outer(np.exp(1j * phase), force).real
    return rows


@pytest.mark.parametrize("cpm", [40.0, 60.0, 90.0])
@pytest.mark.parametrize("length_cm", [12.0, 20.0, 30.0])
def test_a_stroke_s_length(cpm: float, length_cm: float) -> None:
    for hand in (Hand(), Hand(lever_cm=0.0)):
        told = seen(Phase("stroke", 600 / cpm, cpm, length_cm=length_cm, variation=0.0), hand=hand)
        assert extent_cm(told, PARAMS) == pytest.approx(length_cm, rel=0.15)


@pytest.mark.parametrize("cpm", [45.0, 80.0])
@pytest.mark.parametrize("aspect", [0.7, 1.0])
def test_a_circle_s_larger_diameter(cpm: float, aspect: float) -> None:
    told = seen(Phase("circle", 600 / cpm, cpm, length_cm=12, aspect=aspect, variation=0.0))
    assert extent_cm(told, PARAMS) == pytest.approx(12, rel=0.15)


@pytest.mark.parametrize("cpm", [80.0, 120.0])
def test_without_a_gyroscope_a_quick_motion_s_size_is_known(cpm: float) -> None:
    told = seen(Phase("stroke", 600 / cpm, cpm, length_cm=10, variation=0.0), has_gyro=False)
    assert extent_cm(told, PARAMS) == pytest.approx(10, rel=0.3)


@pytest.mark.parametrize("period_s", [0.4, 0.9])
def test_from_end_to_end_is_twice_the_amplitude(period_s: float) -> None:
    speed = 2 * np.pi / period_s
    for has_gyro in (True, False):
        line = window(moved(period_s, speed**2 * np.array([0.04, 0.03])), period_s, has_gyro=has_gyro)
        circle = window(moved(period_s, speed**2 * np.array([0.05, 0.05j])), period_s, has_gyro=has_gyro)
        assert extent_cm(line, PARAMS) == pytest.approx(10, rel=0.03)
        assert extent_cm(circle, PARAMS) == pytest.approx(10, rel=0.03)


@pytest.mark.parametrize(("cpm", "has_gyro"), [(3.0, True), (6.0, True), (6.0, False), (20.0, False), (45.0, False)])
def test_where_gravity_hides_the_motion_its_size_is_unknown(cpm: float, has_gyro: bool) -> None:
    told = seen(Phase("stroke", 600 / cpm, cpm), has_gyro=has_gyro)
    assert extent_cm(told, PARAMS) is None


@pytest.mark.parametrize("cpm", [20.0, 45.0, 80.0])
@pytest.mark.parametrize("degrees", [30.0, 60.0])
def test_the_angle_of_a_lift(cpm: float, degrees: float) -> None:
    assert angle_deg(seen(Phase("lift", 600 / cpm, cpm, angle_deg=degrees, variation=0.0))) == pytest.approx(
        degrees, rel=0.1
    )


@pytest.mark.parametrize("period_s", [1.0, 4.0, 13.0])
def test_the_angle_of_a_swing(period_s: float) -> None:
    phase = 2 * np.pi * np.arange(round(3 * period_s / CELL_S)) * CELL_S / period_s
    told = window(forearm(0.25 * np.sin(phase), 0 * phase), period_s)
    assert angle_deg(told) == pytest.approx(np.degrees(0.5), rel=0.03)


@pytest.mark.parametrize("degrees", [10.0, 60.0])
def test_without_a_gyroscope_the_angle_is_the_tilt_that_would_make_all_the_change(degrees: float) -> None:
    tilt = np.radians(degrees / 2) * np.sin(2 * np.pi * np.arange(1500) * CELL_S / 10)
    rows = forearm(0 * tilt, tilt, lever_m=0.0)
    assert angle_deg(window(rows, 10.0, has_gyro=False)) == pytest.approx(degrees, rel=0.05)
    # However much was felt, no more than half a turn makes it.
    assert angle_deg(window(moved(0.5, np.array([30.0, 0])), 0.5, has_gyro=False)) == pytest.approx(180)
