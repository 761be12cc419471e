"""Braille lanes from samples."""

from __future__ import annotations

import numpy as np
import pytest

from tui.widgets.signal import draw_lanes

COLUMNS, ROWS = 40, 3
BLANK = "\u2800"


def swing(n: int, amplitude_mps2: float = 2.0, offset_mps2: float = 9.8) -> np.ndarray:
    one = amplitude_mps2 * np.sin(np.linspace(0, 8 * np.pi, n)) + offset_mps2
    return np.stack([one, one, one], axis=1)


def bins_of(n: int) -> np.ndarray:
    return np.arange(n) * COLUMNS // n


def dots(lane: list[str]) -> int:
    return sum((ord(cell) - ord(BLANK)).bit_count() for row in lane for cell in row)


def test_a_lane_has_its_size():
    lanes, _ = draw_lanes(bins_of(400), swing(400), COLUMNS, ROWS)
    assert [len(lane) for lane in lanes] == [ROWS] * 3
    assert {len(row) for lane in lanes for row in lane} == {COLUMNS // 2}


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right():
    acc = np.repeat(np.linspace(-1, 1, 400)[:, None], 3, axis=1)
    (lane, *_), _ = draw_lanes(bins_of(400), acc, COLUMNS, ROWS)
    assert lane[0][-1] != BLANK == lane[0][0]
    assert lane[-1][0] != BLANK == lane[-1][-1]
    assert all(any(row[i] != BLANK for row in lane) for i in range(COLUMNS // 2))


def test_the_mean_does_not_matter():
    high, _ = draw_lanes(bins_of(400), swing(400, offset_mps2=9.8), COLUMNS, ROWS)
    low, _ = draw_lanes(bins_of(400), swing(400, offset_mps2=0.0), COLUMNS, ROWS)
    assert high == low


def test_a_gap_stays_blank_and_is_not_bridged():
    bins, acc = bins_of(400), swing(400)
    heard = (bins < 10) | (bins >= 20)
    (lane, *_), _ = draw_lanes(bins[heard], acc[heard], COLUMNS, ROWS)
    assert all(row[5:10] == BLANK * 5 for row in lane)
    assert dots(lane) > 0


def test_nothing_heard_is_all_blank():
    lanes, _ = draw_lanes(np.empty(0, np.int64), np.empty((0, 3)), COLUMNS, ROWS)
    assert sum(dots(lane) for lane in lanes) == 0


def test_a_single_sample_is_drawn():
    (lane, *_), _ = draw_lanes(np.array([7]), np.zeros((1, 3)), COLUMNS, ROWS)
    assert dots(lane) == 1


def test_the_scale_follows_the_data_in_steps():
    assert draw_lanes(bins_of(400), swing(400, 2.4), COLUMNS, ROWS)[1] == 5.0
    assert draw_lanes(bins_of(400), swing(400, 0.7), COLUMNS, ROWS)[1] == 1.0
    assert draw_lanes(bins_of(400), swing(400, 0.01), COLUMNS, ROWS)[1] == 0.2


def test_a_knock_does_not_flatten_the_rest():
    acc = swing(400, 1.6)
    acc[100:103] = 60.0
    _, reach_mps2 = draw_lanes(bins_of(400), acc, COLUMNS, ROWS)
    assert reach_mps2 == pytest.approx(2.0)


def test_a_steep_line_has_no_holes():
    acc = np.repeat(np.where(np.arange(400) < 200, -1.0, 1.0)[:, None], 3, axis=1)
    (lane, *_), _ = draw_lanes(bins_of(400), acc, COLUMNS, ROWS)
    step = COLUMNS // 4
    assert all(row[step] != BLANK for row in lane)
