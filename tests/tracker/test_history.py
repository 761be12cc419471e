from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hands import history_of, remember
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensors.grid import RATE_HZ
from sensors.samples import Array
from tracker.motion.history import HOP, LONGEST_BLOCK_S, SPAN_S, History

KEPT = int(SPAN_S * RATE_HZ)
BLOCK = int(LONGEST_BLOCK_S * RATE_HZ)
LONG = np.random.default_rng(4).normal([0, 4, 9, 0, 0.1, 0], 1.0, (24_000, 6))
"""Enough to fill the memory twice over."""


def told(history: History) -> list[Array]:
    """What a history tells, over short and long stretches."""
    return [
        history.means(40, 3),
        history.means(KEPT // 64, 64),
        history.means(9, 7, before=1000),
        history.smoothed(25),
        history.drawn(333.3, 48),
        history.drawn(2 * KEPT / 2.01, 48),
        history.drawn(77.7, 24, before=11),
        np.array([*history.spread(7), *history.spread(400), history.shifted(60, 5)]),
    ]


# --- against plain numpy ---


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(0, 400),
    groups=st.integers(1, 100),
    by=st.integers(1, 20),
    before=st.integers(0, 50),
    seed=st.integers(0, 99),
)
def test_means_are_of_whole_groups_counted_from_the_newest(
    n: int, groups: int, by: int, before: int, seed: int
) -> None:
    rows = np.random.default_rng(seed).normal(3.0, 1.0, (n, 6))
    before = min(before, n)
    means = history_of(rows).means(groups, by, before)
    past = rows[: n - before]
    there_are = min(groups, len(past) // by)
    plain = past[len(past) - there_are * by :].reshape(there_are, by, 6).mean(axis=1)
    assert means.shape == plain.shape
    assert_allclose(means, plain, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    length=st.floats(5, 300),
    points=st.integers(1, 60),
    before=st.integers(0, 50),
    seed=st.integers(0, 99),
)
def test_a_window_need_not_be_a_whole_number_of_points(length: float, points: int, before: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(3.0, 1.0, (400, 6))
    drawn = history_of(rows).drawn(length, points, before)
    # Every point stands for its cell; a part of a cell counts as that part.
    edges = 400 - before - length * np.linspace(1, 0, points + 1)
    cells = np.arange(400)
    for (start, end), row in zip(pairwise(edges), drawn, strict=True):
        shares = np.clip(np.minimum(cells + 1, end) - np.maximum(cells, start), 0, 1)
        assert_allclose(row, shares @ rows / shares.sum(), atol=1e-9)


@pytest.mark.parametrize("width", [1, 4, 30])
def test_smoothed_points_are_means_up_to_each_of_the_newest_look(width: int) -> None:
    rows = LONG[:200]
    plain = [rows[end - width + 1 : end + 1].mean(axis=0) for end in range(200 - HOP, 200)]
    assert_allclose(history_of(rows).smoothed(width), plain, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(looks=st.integers(1, 60), n=st.integers(0, 400))
def test_spread_is_the_change_of_the_force_and_the_rate_of_turning(looks: int, n: int) -> None:
    acc_mps2, gyro_radps = history_of(LONG[:n]).spread(looks)
    # From whole looks alone, so that tremor is averaged out.
    means = LONG[: n // HOP * HOP].reshape(-1, HOP, 6).mean(axis=1)[-looks:]
    if not len(means):
        assert (acc_mps2, gyro_radps) == (0.0, 0.0)
        return
    assert acc_mps2 == pytest.approx(np.sqrt(means[:, :3].var(axis=0).sum()), abs=1e-5)
    assert gyro_radps == pytest.approx(np.sqrt((means[:, 3:] ** 2).sum(axis=1).mean()), abs=1e-6)


def test_shifted_is_the_change_from_one_posture_to_another() -> None:
    rows = LONG[:400]
    means = rows.reshape(-1, HOP, 6).mean(axis=1)[:, :3]
    plain = np.linalg.norm(means[-5:].mean(axis=0) - means[-45:-40].mean(axis=0))
    assert history_of(rows).shifted(40, 5) == pytest.approx(plain, abs=1e-9)
    assert history_of(rows).shifted(76, 5) == 0.0  # longer ago than there is


# --- the memory ---


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, len(LONG)), max_size=60))
def test_however_the_points_come_the_answers_are_the_same_to_the_last_bit(bounds: list[int]) -> None:
    edges = sorted({0, *bounds, *range(0, len(LONG), BLOCK), len(LONG)})
    history = History()
    for start, end in pairwise(edges):
        history.append(LONG[start:end])
        history.end = end // HOP * HOP
    whole = history_of(LONG)
    for one, other in zip(told(history), told(whole), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("n", [KEPT, 2 * KEPT, 2 * KEPT + BLOCK, 2 * KEPT + BLOCK + HOP, len(LONG)])
def test_a_long_past_makes_no_difference(n: int) -> None:
    long, short = history_of(LONG[:n]), history_of(LONG[n - KEPT : n])
    for one, other in zip(told(long), told(short), strict=True):
        assert_allclose(one, other, atol=1e-7)


def test_the_memory_is_constant() -> None:
    history = history_of(LONG[:BLOCK])
    size = history._sums.nbytes + history._looks.nbytes
    remember(history, LONG)
    assert history._sums.nbytes + history._looks.nbytes == size
    assert history.count == KEPT
    assert history.added == history.end == BLOCK + len(LONG)


@settings(max_examples=40, deadline=None)
@given(end=st.integers(KEPT // HOP, 3 * KEPT // HOP), more=st.integers(0, BLOCK))
def test_no_look_sees_what_came_after_it(end: int, more: int) -> None:
    end *= HOP
    history, blind = history_of(LONG[:end]), history_of(LONG[:end])
    history.append(LONG[end : end + more])
    assert (history.end, history.added) == (end, end + more)
    for one, other in zip(told(history), told(blind), strict=True):
        assert_array_equal(one, other)


def test_what_was_cleared_does_not_join_on() -> None:
    history = history_of(LONG[:500])
    history.clear()
    assert (history.count, history.added, history.end) == (0, 0, 0)
    assert len(history.means(10, 1)) == 0
    assert history.spread(7) == (0.0, 0.0)
    remember(history, LONG[700:720])
    assert_allclose(history.means(100, 1), LONG[700:720], atol=1e-12)


def test_of_nothing_there_is_nothing() -> None:
    history = History()
    history.append(np.zeros((0, 6)))
    assert (history.count, len(history.means(5, 1)), history.shifted(20, 5)) == (0, 0, 0.0)
