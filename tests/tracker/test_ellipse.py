from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from sensors.samples import Array
from tracker.motion.ellipse import Ellipse, ellipse, fit_fundamental

CYCLES, POINTS = 2, 24


def drawn(u: Array, v: Array, *, cycles: int = CYCLES, points: int = POINTS, rest: Array | float = 0.0) -> Ellipse:
    """Fit ``u cos + v sin``, phase 0 in the middle of the window, plus whatever else there is."""
    phase = phases(cycles, points)
    path = np.outer(np.cos(phase), u) + np.outer(np.sin(phase), v)
    return ellipse(fit_fundamental(path + rest, cycles))


def phases(cycles: int = CYCLES, points: int = POINTS) -> Array:
    return 2 * np.pi * ((np.arange(cycles * points) + 0.5) / points - cycles / 2)


X, Y, Z = np.eye(3)


@pytest.mark.parametrize(
    ("u", "v", "circularity"),
    [
        (X, Y, 1.0),
        (X, 0.5 * Y, 0.8),  # 2ab / (a² + b²)
        (2 * X, 2 * X, 0.0),
        (X, 0 * X, 0.0),
        (X + Y, X - Y, 1.0),
    ],
)
def test_circularity_runs_from_line_to_circle(u: Array, v: Array, circularity: float) -> None:
    assert drawn(u, v).circularity == pytest.approx(circularity, abs=1e-6)


def test_size_is_the_root_mean_square() -> None:
    assert drawn(3 * X, 3 * Y).size == pytest.approx(3.0, rel=1e-6)
    assert drawn(3 * X, 0 * X).size == pytest.approx(3 / np.sqrt(2), rel=1e-6)


def test_the_normal_follows_the_right_hand_rule() -> None:
    assert_allclose(drawn(X, Y).normal, Z, atol=1e-6)  # from x to y: counterclockwise seen from +z
    assert_allclose(drawn(X, -Y).normal, -Z, atol=1e-6)
    assert_allclose(drawn(Y, Z).normal, X, atol=1e-6)


def test_the_amplitude_is_the_motion_s_in_the_middle_of_the_window() -> None:
    assert_allclose(drawn(2 * X, 3 * Y).amplitude, 2 * X - 3j * Y, atol=1e-6)


def test_a_hand_at_rest_draws_nothing() -> None:
    rest = ellipse(np.zeros(3, dtype=complex))
    assert (rest.circularity, rest.size, rest.semi_major) == (0.0, 0.0, 0.0)
    assert np.isfinite(rest.axes).all()
    assert_allclose(rest.normal, 0)


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), aspect=st.floats(0.2, 1.0), way=st.sampled_from([1, -1]))
def test_any_mounting_turns_the_normal_and_nothing_else(seed: int, aspect: float, way: int) -> None:
    mounting = Rotation.random(rng=np.random.default_rng(seed))
    u, v = X, way * aspect * Y
    here, there = drawn(u, v), drawn(mounting.apply(u), mounting.apply(v))
    assert there.circularity == pytest.approx(here.circularity, abs=1e-6)
    assert there.size == pytest.approx(here.size, rel=1e-6)
    assert_allclose(there.normal, mounting.apply(here.normal), atol=1e-5)


@settings(max_examples=60)
@given(
    cycles=st.integers(2, 8),
    points=st.integers(8, 40),
    second=st.floats(0, 2),
    drift=st.floats(-3, 3),
    turn=st.floats(0, 6.3),
)
def test_posture_drift_and_centripetal_pull_do_not_leak_in(
    cycles: int, points: int, second: float, drift: float, turn: float
) -> None:
    phase = phases(cycles, points)
    rest = np.outer(drift * phase, X + Z) + np.outer(second * np.cos(2 * phase + turn), Y) + 9.8 * Z
    u, v = np.cos(turn) * X, np.sin(turn) * X + 0.3 * Y
    there = drawn(u, v, cycles=cycles, points=points, rest=rest)
    assert_allclose(there.amplitude, u - 1j * v, atol=1e-6)


@pytest.mark.parametrize(("v", "low", "high"), [(Y, 0.9, 1.0), (0 * Y, 0.0, 0.25)])
def test_in_noise_as_strong_as_the_motion_circle_and_line_stay_apart(v: Array, low: float, high: float) -> None:
    told = []
    for seed in range(20):
        noise = np.random.default_rng(seed).standard_normal((5 * 40, 3)) * 0.5
        told.append(drawn(X, v, cycles=5, points=40, rest=noise).circularity)
    assert low <= np.median(told) <= high


@settings(max_examples=60)
@given(longer=st.floats(0.1, 9), aspect=st.floats(0, 1), turn=st.floats(0, 6.3), seed=st.integers(0, 999))
def test_both_axes_are_told_wherever_the_motion_begins(longer: float, aspect: float, turn: float, seed: int) -> None:
    mounting = Rotation.random(rng=np.random.default_rng(seed))
    along, across = mounting.apply(X), mounting.apply(Y)
    told = ellipse((longer * along - 1j * longer * aspect * across) * np.exp(1j * turn))
    assert told.semi_major == pytest.approx(longer, rel=1e-6)
    if aspect < 0.9:  # rounder ones have no longer axis to speak of
        assert abs(told.axes[0] @ along) == pytest.approx(1, abs=1e-6)
    if 0.1 < aspect < 0.9:
        assert abs(told.axes[1] @ across) == pytest.approx(1, abs=1e-6)
