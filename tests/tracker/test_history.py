from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensors.grid import RATE_HZ
from sensors.samples import Array
from tracker.motion.history import SPAN_S, History, averaged

KEPT = int(SPAN_S * RATE_HZ)


def numbered(start: int, n: int) -> Array:
    return np.outer(np.arange(start, start + n), np.ones(6))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 50), max_size=500), st.integers(1, 2 * KEPT))
def test_the_newest_rows_are_given_whatever_was_appended(sizes: list[int], asked: int) -> None:
    history, total = History(), 0
    for n in sizes * 3:
        history.append(numbered(total, n))
        total += n
    assert history.count == total
    n = min(asked, total, KEPT)
    assert_array_equal(history.last(asked), numbered(total - n, n))


def test_the_memory_is_constant() -> None:
    history = History()
    size = history._rows.nbytes
    for k in range(1000):
        history.append(numbered(50 * k, 50))
    assert history._rows.nbytes == size
    assert_array_equal(history.last(KEPT), numbered(50_000 - KEPT, KEPT))
    assert len(history.last(10 * KEPT)) == KEPT


def test_what_was_cleared_does_not_join_on() -> None:
    history = History()
    history.append(numbered(0, 50))
    history.clear()
    assert (history.count, len(history.last(10))) == (0, 0)
    history.append(numbered(7, 3))
    assert_array_equal(history.last(10), numbered(7, 3))


@pytest.mark.parametrize("by", [1, 2, 3, 7])
def test_averages_are_counted_from_the_newest(by: int) -> None:
    rows = numbered(0, 20)
    means = averaged(rows, by)
    assert len(means) == 20 // by
    assert_allclose(means[-1], rows[20 - by :].mean(axis=0))
    assert_allclose(means[0], rows[20 % by : 20 % by + by].mean(axis=0))


def test_fewer_rows_than_a_group_average_to_none() -> None:
    assert len(averaged(numbered(0, 3), 5)) == 0
