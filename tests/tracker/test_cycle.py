from __future__ import annotations

import numpy as np
import pytest
from hands import history_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array
from tracker.motion.cycle import POINTS, CycleFit, clarity, fit_cycles, project

ONES = np.ones(6)
REST = np.array([1.0, 4.0, 8.8, 0.0, 0.1, -0.1])
FIRST = np.array([1.0, 0.5j, 0.2 - 0.3j, 0.1, 0.0, -0.4j])
SECOND = np.array([0.2, -0.3j, 0.1, 0.0, 0.2, 0.1j])


def motion(
    period_s: float,
    *,
    cycles: float = 8,
    first: Array = FIRST,
    second: Array = SECOND,
    trend: Array | float = 0.0,
    noise: float = 0.0,
    seed: int = 1,
) -> Array:
    """Rows of a periodic motion, phase 0 at their end; the trend is the change over a cycle."""
    n = round(cycles * period_s * RATE_HZ)
    # Every row is the mean over its cell.
    edges = np.arange(-n, 1) * CELL_S * 2 * np.pi / period_s
    turned = np.diff(np.exp(1j * edges)) / (1j * np.diff(edges))
    twice = np.diff(np.exp(2j * edges)) / (2j * np.diff(edges))
    rows = np.outer(turned, first).real + np.outer(twice, second).real + REST
    rows += np.outer((np.arange(n) - n) * CELL_S / period_s, ONES * trend)
    return np.asarray(rows + noise * np.random.default_rng(seed).standard_normal((n, 6)))


def fitted(rows: Array, period_s: float, cycles: int = 2) -> CycleFit:
    return fit_cycles(history_of(rows), period_s, cycles, ONES)


# --- tempo, phase, shape ---


@pytest.mark.parametrize("cycles", [2, 3, 5])
@pytest.mark.parametrize("period_s", [0.21, 0.5, 1.0, 2.345, 13.0])
def test_a_clean_motion_is_told_exactly(period_s: float, cycles: int) -> None:
    fit = fitted(motion(period_s), period_s, cycles)
    assert fit.period_s == pytest.approx(period_s, rel=1e-3)
    # As of the middle of the window.
    turn = np.exp(-1j * np.pi * cycles)
    # A point is a mean over a part of the cycle, and between grid points it is interpolated.
    size = np.linalg.norm(FIRST)
    assert_allclose(fit.first, FIRST * turn, atol=0.05 * size if period_s < 1 else 0.01 * size)
    assert_allclose(fit.mean, REST, atol=0.01)
    assert_allclose(fit.trend, 0, atol=0.02)
    if period_s > 1:
        assert_allclose(fit.second, SECOND, atol=0.02 * size)


@pytest.mark.parametrize("cycles", [2, 3])
@pytest.mark.parametrize("off", [-0.05, 0.05])
@pytest.mark.parametrize("period_s", [0.3, 1.0, 5.0])
def test_step_by_step_the_tempo_converges(period_s: float, off: float, cycles: int) -> None:
    history = history_of(motion(period_s, noise=0.002))
    guess_s, errors = period_s * (1 + off), []
    for _ in range(3):
        guess_s = fit_cycles(history, guess_s, cycles, ONES).period_s
        errors.append(abs(guess_s / period_s - 1))
    assert errors[0] < 0.012
    assert errors[2] < 0.002


@settings(max_examples=50, deadline=None)
@given(
    period_s=st.floats(0.3, 5),
    off=st.floats(-0.03, 0.03),
    trend=st.floats(-2, 2),
    second=st.floats(0, 2),
    turn=st.floats(0, 6.3),
)
def test_posture_drift_and_centripetal_pull_do_not_leak_in(
    period_s: float, off: float, trend: float, second: float, turn: float
) -> None:
    rows = motion(period_s, trend=trend, second=second * SECOND * np.exp(1j * turn), first=FIRST * np.exp(1j * turn))
    fit = fitted(rows, period_s * (1 + off))
    assert fit.period_s == pytest.approx(period_s, rel=0.006)
    again = fitted(rows, fit.period_s)
    assert again.period_s == pytest.approx(period_s, rel=0.004)
    assert_allclose(again.trend, 2 * trend, atol=0.06)


def test_a_step_is_no_longer_than_a_tenth_of_the_tempo() -> None:
    rows = motion(1.0, cycles=12)
    for guess_s in (0.5, 0.7, 1.4, 2.0):
        assert 0.9 <= fitted(rows, guess_s).period_s / guess_s <= 1.12


@pytest.mark.parametrize("seed", range(5))
def test_a_mounting_changes_neither_tempo_nor_its_worth(seed: int) -> None:
    rows = motion(1.1, noise=0.1)
    mounting = Rotation.random(rng=np.random.default_rng(seed))
    here = fitted(rows, 1.12)
    there = fitted(np.hstack((mounting.apply(rows[:, :3]), mounting.apply(rows[:, 3:]))), 1.12)
    assert there.period_s == pytest.approx(here.period_s, rel=1e-9)
    # Each channel's own unrest is weighted with what it shows, which is the same only on the whole.
    assert there.sd == pytest.approx(here.sd, rel=0.25)


def test_a_hand_at_rest_has_no_size_and_is_no_error() -> None:
    for rest in (REST, 0 * REST):
        fit = fitted(np.tile(rest, (200, 1)), 1.0)
        assert 0.9 <= fit.period_s <= 1.12
        assert np.isfinite(fit.sd)
        assert_allclose(fit.first, 0, atol=1e-9)
        assert_allclose(fit.mean, rest, atol=1e-9)


# --- what it is worth ---


@pytest.mark.parametrize(("cycles", "over_bound"), [(2, 1.2), (3, 1.12), (5, 1.1)])
@pytest.mark.parametrize(("period_s", "noise"), [(0.3, 0.1), (1.0, 0.1), (1.0, 0.4), (4.0, 0.5)])
def test_the_scatter_is_near_the_bound_and_told_truly(
    period_s: float, noise: float, cycles: int, over_bound: float
) -> None:
    trials = range(400)
    fits = [fitted(motion(period_s, cycles=cycles + 2, noise=noise, seed=k), period_s, cycles) for k in trials]
    scatter = np.std([fit.period_s / period_s for fit in fits])
    # Cramér-Rao bound of the frequency of a tone in white noise (Rife & Boorstyn 1974), for all axes together.
    n = cycles * period_s * RATE_HZ
    omega = np.sqrt(24 * noise**2 / (np.vdot(FIRST, FIRST).real * CELL_S**2 * n * (n**2 - 1)))
    assert 0.92 < scatter / (omega * period_s / (2 * np.pi)) < over_bound
    # Where the points drawn are hardly further apart than those of the grid, interpolation hides a part of the noise.
    assert 0.8 < np.mean([fit.sd for fit in fits]) / scatter < 1.15


# --- the later half ---


def test_a_change_of_shape_shows_sooner_in_the_later_half() -> None:
    line, circle = np.array([1, 0, 0, 0, 0, 0j]), np.array([1, 1j, 0, 0, 0, 0])
    before, after = (
        motion(1.0, cycles=4, first=line, second=0 * line),
        motion(1.0, cycles=1, first=circle, second=0 * line),
    )
    fit = fitted(np.vstack((before, after)), 1.0)
    latest = fit.latest()
    assert latest.cycles == 1
    assert latest.points.shape == (POINTS, 6)
    assert abs(fit.first[1]) == pytest.approx(0.5, abs=0.1)
    assert abs(latest.first[1]) == pytest.approx(1.0, abs=0.05)


def test_a_drift_of_posture_does_not_leak_into_the_later_half() -> None:
    fit = fitted(motion(1.0, trend=np.array([2.0, 0, 0, 0, 0, 0])), 1.0)
    latest = fit.latest()
    assert_allclose(latest.first, FIRST * np.exp(-1j * np.pi), atol=0.05)


@pytest.mark.parametrize("cycles", [1, 2, 3])
def test_projection_gives_both_harmonics_of_whole_cycles(cycles: int) -> None:
    phase = 2 * np.pi * ((np.arange(cycles * POINTS) + 0.5) / POINTS - cycles / 2)
    points = REST + np.outer(np.exp(1j * phase), FIRST).real + np.outer(np.exp(2j * phase), SECOND).real
    first, second = project(points, cycles)
    assert_allclose(first, FIRST, atol=1e-12)
    assert_allclose(second, SECOND, atol=1e-12)


# --- how well it repeats ---


@pytest.mark.parametrize("period_s", [0.3, 1.0, 6.0])
def test_a_motion_that_repeats_is_clear(period_s: float) -> None:
    whole, part = clarity(history_of(motion(period_s, trend=0.5)), period_s, 3, ONES, 0.0)
    assert whole > 0.98
    assert part < 0.5


def test_a_tempo_twice_too_slow_repeats_after_a_part_of_its_cycle_too() -> None:
    history = history_of(motion(1.0))
    for times in (2, 3):
        whole, part = clarity(history, times * 1.0, 2, ONES, 0.0)
        assert min(whole, part) > 0.95
    whole, _ = clarity(history, 1.3, 3, ONES, 0.0)
    assert whole < 0.6


@pytest.mark.parametrize("noise", [0.2, 0.4])
def test_white_noise_that_is_known_does_not_blur_a_motion(noise: float) -> None:
    told = [
        clarity(history_of(motion(1.0, noise=noise, seed=seed)), 1.0, 3, ONES, power)[0]
        for seed in range(20)
        for power in (0.0, 6 * noise**2)
    ]
    assert np.mean(told[1::2]) > 0.9
    assert np.mean(told[1::2]) - np.mean(told[::2]) > 0.03
    assert max(told) <= 1.0


def test_nothing_repeats_in_noise_however_much_of_it_is_taken_out() -> None:
    rows = np.random.default_rng(3).standard_normal((400, 6))
    for power in (0.0, 3.0, 6.0, 60.0):
        assert clarity(history_of(rows), 1.0, 3, ONES, power)[0] < 0.6
