"""Samples in order: late ones, copies, and those that share a stamp."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sensors.channel import MAX_HOLD_S, MOST_ALIKE, MOST_SAMPLES, Channel
from sensors.samples import Array, Kind


def values(n: int, start: int = 0) -> Array:
    return np.arange(start, start + n, dtype=np.float64)[:, None] * np.ones(3)


def put_cut(stamps: Array, sizes: list[int]) -> Channel:
    channel = Channel()
    xyz = values(len(stamps))
    ends = np.minimum(np.cumsum(sizes), len(stamps)).tolist()
    for begin, end in zip([0, *ends], [*ends, len(stamps)], strict=True):
        channel.put(stamps[begin:end], xyz[begin:end])
    channel.end()
    return channel


@pytest.mark.parametrize("number", [2, 3, 6])
@pytest.mark.parametrize("size", [1, 4, 60])
def test_samples_that_share_a_stamp_are_spread_to_the_next(number: int, size: int) -> None:
    true_s = np.arange(60) / 50
    channel = put_cut(true_s[np.arange(60) // number * number], [size] * (60 // size))
    assert_allclose(channel.t_s, true_s, atol=1e-12)
    assert (channel.heard, channel.duplicated, channel.late) == (60, 0, 0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    numbers=st.lists(st.integers(1, 5), min_size=1, max_size=15),
    gaps=st.lists(st.sampled_from([0.01, 0.02, 0.3, 20.0]), min_size=15, max_size=15),
    sizes=st.lists(st.integers(1, 9), max_size=30),
)
def test_how_they_are_cut_makes_no_difference(numbers: list[int], gaps: list[float], sizes: list[int]) -> None:
    stamps = np.repeat(np.cumsum(gaps[: len(numbers)]), numbers)
    whole, parts = put_cut(stamps, []), put_cut(stamps, sizes)
    assert parts.t_s.tolist() == whole.t_s.tolist()
    assert parts.xyz.tolist() == whole.xyz.tolist() == values(len(stamps)).tolist()


def test_silence_after_them_is_not_filled() -> None:
    channel = put_cut(np.array([0.0, 0.0, 0.0, 20.0]), [])
    assert channel.t_s.tolist() == [0.0, 0.25, 0.5, 20.0]


def test_the_same_stamp_and_values_are_a_copy() -> None:
    channel = Channel()
    xyz = values(1)
    for t_s in (0.0, 0.0, 0.02, 0.02):
        channel.put(np.array([t_s]), xyz)
    assert channel.t_s.tolist() == [0.0, 0.02]
    assert channel.duplicated == 2


def test_time_that_stands_still_is_not_spread_without_end() -> None:
    channel = Channel()
    for k in range(300):
        channel.put(np.zeros(1), values(1, k))
        assert channel.alike < MOST_ALIKE
    channel.put(np.array([8.0]), values(1))
    assert len(channel.t_s) == MOST_ALIKE + 1
    assert channel.duplicated == 300 - MOST_ALIKE


@pytest.mark.parametrize("kind", list(Kind))
def test_the_wait_is_as_long_as_samples_come_late_within_what_the_device_may(kind: Kind) -> None:
    channel = Channel()
    channel.put(np.arange(1000) / 50, values(1000), kind)
    channel.drop_before(19.9)
    assert channel.hold_s == 0.0
    within_s = MAX_HOLD_S[kind] - 0.05
    channel.put(np.array([19.98 - within_s]), values(1), kind)
    assert channel.hold_s == pytest.approx(within_s)
    channel.put(np.array([1.0]), values(1), kind)  # a wait would not have helped
    assert channel.hold_s == pytest.approx(within_s)
    assert channel.late == 2


def test_time_that_hardly_passes_fills_no_memory() -> None:
    channel = Channel()
    for k in range(25):
        channel.put((k * 10_000 + np.arange(10_000)) * 1e-9, values(10_000))
        assert len(channel.t_s) <= MOST_SAMPLES
    assert channel.heard == channel.late + len(channel.t_s) == 250_000
