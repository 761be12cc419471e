from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensors.grid import CELL_S, RATE_HZ, cell_means
from sensors.samples import Array


def moments(rate_hz: float, seconds: float, rng: np.random.Generator, jitter: float = 0.4) -> Array:
    """Sampling times from before 0 to after ``seconds``, jittered, strictly increasing."""
    n = int((seconds + 2) * rate_hz)
    return np.asarray((np.arange(n) - np.ceil(rate_hz) + jitter * rng.uniform(-1, 1, n)) / rate_hz)


def wiggle(t_s: Array) -> Array:
    return np.stack((np.sin(7 * t_s), np.cos(3 * t_s) + t_s, np.sin(40 * t_s)), axis=1)


@settings(max_examples=60)
@given(rate_hz=st.floats(10, 400), first=st.integers(0, 60), cells=st.integers(1, 80), seed=st.integers(0, 99))
def test_a_line_is_kept_at_any_rate(rate_hz: float, first: int, cells: int, seed: int) -> None:
    t_s = moments(rate_hz, 4.0, np.random.default_rng(seed))
    slope, level = np.array([2.0, -0.5, 9.0]), np.array([1.0, 0.0, -3.0])
    middles_s = (np.arange(first, first + cells) + 0.5) * CELL_S
    means = cell_means(t_s, level + np.outer(t_s, slope), first, first + cells)
    assert means.shape == (cells, 3)
    assert_allclose(means, level + np.outer(middles_s, slope), rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 50.0, 100.0, 400.0])
def test_the_mean_over_all_cells_is_the_mean_of_the_interpolant(rate_hz: float) -> None:
    t_s = moments(rate_hz, 4.0, np.random.default_rng(3))
    xyz = wiggle(t_s)
    fine_s = np.linspace(0, 4, 40_001)
    interpolant = np.stack([np.interp(fine_s, t_s, axis) for axis in xyz.T], axis=1)
    means = cell_means(t_s, xyz, 0, int(4 * RATE_HZ))
    assert_allclose(means.mean(axis=0), np.trapezoid(interpolant, fine_s, axis=0) / 4, atol=1e-5)


def test_a_fast_device_is_averaged_not_picked_from() -> None:
    t_s = np.arange(-400, 1200) / 400 + 0.0003
    spike = np.zeros((len(t_s), 3))
    spike[403] = 1.0
    means = cell_means(t_s, spike, 0, 100)
    assert_allclose(means[0], 0.0025 / CELL_S, rtol=1e-6)  # the triangle's area, all in one cell
    assert_array_equal(means[1:], 0)


def test_fast_trembling_is_damped() -> None:
    t_s = np.arange(-400, 1200) / 400
    tremble = np.sin(2 * np.pi * 50 * t_s)[:, None]
    assert np.abs(cell_means(t_s, tremble, 0, 100)).max() < 0.02


@settings(max_examples=60)
@given(
    rate_hz=st.sampled_from([10.0, 33.3, 50.0, 100.0, 211.0, 400.0]),
    cuts=st.lists(st.integers(1, 199), max_size=30, unique=True),
    jitter=st.sampled_from([0.0, 0.4]),  # without it, samples fall on the cells' edges
    seed=st.integers(0, 99),
)
def test_the_bits_are_the_same_however_the_cells_and_samples_are_cut(
    rate_hz: float, cuts: list[int], jitter: float, seed: int
) -> None:
    t_s = moments(rate_hz, 4.0, np.random.default_rng(seed), jitter)
    xyz = wiggle(t_s)
    bounds = [0, *sorted(cuts), 200]
    parts = []
    for first, last in pairwise(bounds):
        # Only what covers these cells: one sample beyond either edge.
        start = int(np.searchsorted(t_s, first * CELL_S, "right")) - 1
        end = int(np.searchsorted(t_s, last * CELL_S, "left")) + 1
        parts.append(cell_means(t_s[start:end], xyz[start:end], first, last))
    assert_array_equal(np.concatenate(parts), cell_means(t_s, xyz, 0, 200))
