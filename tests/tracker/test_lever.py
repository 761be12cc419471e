from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hands import on_grid
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from sensors.grid import CELL_S
from sensors.samples import G0_MPS2, Array
from sensors.simulate import Device, Hand, Phase, simulate
from tracker.motion.lever import Lever, fit_lever, from_middle_to_middle, orientations


@cache
def felt(phase: Phase, lever_cm: float) -> tuple[Array, Array]:
    """Two cycles from the middle of a movement."""
    hand = Hand(lever_cm=lever_cm, strap_cm=1.0)
    samples = on_grid(simulate([phase], Device(), seed=4, hand=hand))
    assert samples.gyro_radps is not None
    n = round(120 / phase.rate_cpm / CELL_S)
    start = (len(samples) - n) // 2
    return samples.acc_mps2[start : start + n], samples.gyro_radps[start : start + n]


def fitted(
    phase: Phase,
    lever_cm: float = 38.0,
    mounting: Rotation | None = None,
    *,
    bias_mps2: Array | float = 0.0,
    bias_radps: Array | float = 0.0,
) -> Lever:
    acc, gyro = felt(phase, lever_cm)
    acc, gyro = acc + bias_mps2, gyro + bias_radps
    if mounting is not None:
        acc, gyro = mounting.apply(acc), mounting.apply(gyro)
    return fit_lever(acc, gyro, CELL_S)


def swing(cpm: float) -> Phase:
    return Phase("stroke", 600 / cpm, cpm, tilt_deg=0)


@pytest.mark.parametrize("lever_cm", [20.0, 38.0, 55.0])
@pytest.mark.parametrize("cpm", [30.0, 60.0])
def test_a_forearm_that_swings_tells_its_length(lever_cm: float, cpm: float) -> None:
    lever = fitted(swing(cpm), lever_cm)
    assert lever.arm_m == pytest.approx(lever_cm / 100, rel=0.15)
    assert lever.unexplained < 0.1


@pytest.mark.parametrize("cpm", [20.0, 45.0, 60.0])
def test_a_wrist_that_turns_has_hardly_any(cpm: float) -> None:
    lever = fitted(Phase("lift", 600 / cpm, cpm))
    assert lever.arm_m < 0.06
    assert lever.unexplained < 0.1
    # 20 degrees to either side
    assert lever.turning_radps == pytest.approx(np.deg2rad(20) / np.sqrt(2) * 2 * np.pi * cpm / 60, rel=0.2)


@pytest.mark.parametrize("swing_rad", [0.3, 1.5])
def test_the_pull_towards_the_axis_counts_with_the_swing(swing_rad: float) -> None:
    """A pendulum about a level axis, written down exactly: at wide swings the centripetal part is the larger one."""
    t_s = np.arange(200) * CELL_S
    omega, arm_m = 2 * np.pi, 0.4
    angle = swing_rad * np.sin(omega * t_s)
    speed, change = swing_rad * omega * np.cos(omega * t_s), -(omega**2) * angle
    zero = np.zeros_like(t_s)
    # The axis is x, the device hangs at -z: alpha x r points along y, omega x (omega x r) along z.
    acc = np.stack((zero, G0_MPS2 * np.sin(angle) + arm_m * change, G0_MPS2 * np.cos(angle) + arm_m * speed**2), axis=1)
    lever = fit_lever(acc, np.stack((speed, zero, zero), axis=1), CELL_S)
    assert lever.arm_m == pytest.approx(arm_m, rel=0.05)
    assert lever.unexplained < 0.02


def test_gliding_without_turning_is_left_unexplained() -> None:
    lever = fitted(swing(60.0), lever_cm=0.0)
    assert lever.unexplained > 0.8
    assert lever.turning_radps < 0.05


@pytest.mark.parametrize("phase", [swing(30.0), Phase("lift", 12.0, 45.0)])
def test_any_mounting_tells_the_same(phase: Phase) -> None:
    mountings = Rotation.random(8, rng=np.random.default_rng(3))
    here = fitted(phase)
    for mounting in mountings:
        there = fitted(phase, mounting=mounting)
        assert there.arm_m == pytest.approx(here.arm_m, rel=1e-3)
        assert there.unexplained == pytest.approx(here.unexplained, abs=1e-4)
        assert there.turning_radps == pytest.approx(here.turning_radps, rel=1e-9)


@pytest.mark.parametrize("bias_radps", [(0.02, -0.012, 0.016), (-0.008, 0.02, -0.02)])
@pytest.mark.parametrize("cpm", [12.0, 20.0, 30.0, 60.0])
def test_a_gyroscope_that_drifts_tips_nothing_over(cpm: float, bias_radps: tuple[float, float, float]) -> None:
    """A degree and a half a second, over two cycles: at 12 cpm it has turned by 15 degrees."""
    for phase, long in ((Phase("stroke", 600 / cpm, cpm), True), (Phase("lift", 600 / cpm, cpm), False)):
        here, there = fitted(phase), fitted(phase, bias_radps=np.array(bias_radps))
        assert there.unexplained < 0.1
        assert there.arm_m == pytest.approx(here.arm_m, abs=0.02)
        assert (there.arm_m > 0.15) == long
        # The acceleration stays that of the hand, not that of a gravity that tips over.
        rms, true = (np.sqrt((lever.free_mps2**2).sum(axis=1).mean()) for lever in (there, here))
        assert rms == pytest.approx(true, abs=0.15)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("cpm", [12.0, 20.0, 45.0])
def test_an_accelerometer_that_is_off_gives_a_turning_wrist_no_lever(cpm: float, axis: int) -> None:
    bias_mps2 = 0.3 * np.eye(3)[axis]
    assert fitted(Phase("lift", 600 / cpm, cpm), bias_mps2=bias_mps2).arm_m < 0.06
    assert fitted(swing(max(cpm, 20.0)), bias_mps2=bias_mps2).arm_m > 0.2


def test_what_is_left_without_gravity_is_the_hand_s_acceleration() -> None:
    acc, _ = felt(swing(60.0), 38.0)
    lever = fitted(swing(60.0))
    assert lever.free_mps2.shape == acc.shape
    assert_allclose(lever.free_mps2.mean(axis=0), 0, atol=0.3)
    # 20 cm from end to end
    peak_mps2 = 0.1 * (2 * np.pi) ** 2
    assert np.percentile(np.linalg.norm(lever.free_mps2, axis=1), 95) == pytest.approx(peak_mps2, rel=0.1)


def test_orientations_are_the_turns_one_after_another() -> None:
    steps = np.random.default_rng(2).normal(0, 0.3, (37, 3))
    steps[5] = 0
    plain = [Rotation.identity()]
    for step in steps[1:]:
        plain.append(plain[-1] * Rotation.from_rotvec(step))
    assert_allclose(orientations(steps), Rotation.concatenate(plain).as_matrix(), atol=1e-12)


def test_a_turn_leads_from_one_row_s_middle_to_the_next() -> None:
    rates = np.array([[1.0, 0, 0], [3.0, 0, 0], [4.0, 2.0, 0]])
    assert_allclose(from_middle_to_middle(rates)[1:], [[2.0, 0, 0], [3.5, 1.0, 0]])


def test_a_hand_at_rest_is_no_error() -> None:
    still = np.tile([0.0, 0.0, G0_MPS2], (50, 1))
    lever = fit_lever(still, np.zeros((50, 3)), CELL_S)
    assert_allclose([lever.arm_m, lever.turning_radps], 0, atol=1e-6)
    assert 0 <= lever.unexplained <= 1
