"""The signal of the last seconds."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import alone, dots, lines

from sensors.samples import Samples
from tui.widgets.signal import Signal, draw_lanes, reach, spread

COLUMNS, ROWS = 40, 3
HZ = 50
LABEL_DOTS = 4


def swing(n: int, amplitude_mps2: float = 2.0, offset_mps2: float = 9.8) -> np.ndarray:
    one = amplitude_mps2 * np.sin(np.linspace(0, 8 * np.pi, n)) + offset_mps2
    return np.stack([one, one, one], axis=1)


def bins_of(n: int) -> np.ndarray:
    return np.arange(n) * COLUMNS // n


def block(start_s: float, end_s: float, *, amplitude_mps2: float = 2.0, offset_mps2: float = 9.8) -> Samples:
    """A hand that swings twice a second."""
    t_s = (np.arange(round(start_s * HZ), round(end_s * HZ)) + 0.5) / HZ
    one = amplitude_mps2 * np.sin(4 * np.pi * t_s) + offset_mps2
    return Samples(t_s, np.stack([one, one, one], axis=1), None, np.ones(len(t_s), dtype=np.bool_))


def heights(lane: np.ndarray) -> int:
    """Rows of dots that are used."""
    return int(lane.any(axis=1).sum())


# --- lanes ---


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right():
    lane, *_ = draw_lanes(bins_of(400), np.repeat(np.linspace(-1, 1, 400)[:, None], 3, axis=1), COLUMNS, ROWS)
    assert lane.shape == (4 * ROWS, COLUMNS)
    assert lane[0, -1]
    assert lane[-1, 0]
    assert not lane[0, 0]
    assert not lane[-1, -1]
    assert lane.any(axis=0).all()


def test_a_gap_stays_blank_and_is_not_bridged():
    bins = bins_of(400)
    heard = (bins < 10) | (bins >= 20)
    lane, *_ = draw_lanes(bins[heard], swing(400, 1.0, 0.0)[heard], COLUMNS, ROWS)
    assert not lane[:, 10:20].any()
    assert lane[:, :10].any(axis=0).all()


def test_nothing_heard_is_all_blank():
    assert not draw_lanes(np.empty(0, np.int64), np.empty((0, 3)), COLUMNS, ROWS).any()


def test_a_single_sample_is_a_dot():
    lane, *_ = draw_lanes(np.array([7]), np.zeros((1, 3)), COLUMNS, ROWS)
    assert lane.sum() == 1
    assert lane[:, 7].any()


def test_a_steep_line_has_no_holes():
    step = np.repeat(np.where(np.arange(400) < 200, -1.0, 1.0)[:, None], 3, axis=1)
    lane, *_ = draw_lanes(bins_of(400), step, COLUMNS, ROWS)
    assert lane[:, COLUMNS // 2 - 1 : COLUMNS // 2 + 1].any(axis=1).all()


# --- scale ---


@pytest.mark.parametrize(("amplitude_mps2", "reach_mps2"), [(2.4, 3.0), (0.7, 0.7), (0.01, 0.2), (12.0, 15.0)])
def test_the_scale_follows_the_data_in_steps(amplitude_mps2: float, reach_mps2: float):
    assert reach(spread(swing(400, amplitude_mps2))[1], 100.0) == pytest.approx(reach_mps2)


def test_the_scale_does_not_flicker_between_two_steps():
    scales, now = set(), 2.0
    for swing_mps2 in (1.9, 2.05, 1.95, 2.02, 1.8, 1.99):
        now = reach(swing_mps2, now)
        scales.add(now)
    assert scales == {2.0, 3.0}
    assert now == 3.0
    assert reach(1.2, now) == 1.5


@pytest.mark.parametrize("knock_mps2", [60.0, -60.0, 1e6])
def test_a_knock_moves_neither_scale_nor_middle(knock_mps2: float):
    quiet, knocked = swing(400, 1.6), swing(400, 1.6)
    knocked[100:103] = knock_mps2
    before, after = spread(quiet), spread(knocked)
    assert after[0] == pytest.approx(before[0], abs=0.05)
    assert after[1] == pytest.approx(before[1], rel=0.02)


# --- the widget ---


async def test_lanes_are_named_and_their_scale_is_told():
    signal = Signal()
    async with alone(signal, (60, 10)) as pilot:
        signal.show([block(0, 30)], 30.0)
        await pilot.pause()
        shown = lines(signal)
        assert shown[0].startswith("acceleration, last 20 s, ±2 m/s²")
        assert [line[0] for line in shown[2::3]] == ["x", "y", "z"]
        for colour in ("primary", "secondary", "warning"):
            assert dots(signal, colour)[:, LABEL_DOTS:].any(axis=0).all()


async def test_the_mean_does_not_matter():
    signal = Signal()
    async with alone(signal, (60, 10)) as pilot:
        shown = []
        for offset_mps2 in (9.8, 0.0):
            signal.show([], 30.0)
            signal.show([block(0, 30, offset_mps2=offset_mps2)], 30.0)
            await pilot.pause()
            shown.append(lines(signal))
        assert shown[0] == shown[1]


async def test_what_was_not_measured_stays_blank():
    signal = Signal()
    async with alone(signal, (62, 9)) as pilot:
        bridged = block(0, 30)
        bridged.measured[(bridged.t_s > 15) & (bridged.t_s < 20)] = False
        signal.show([bridged], 32.0)
        await pilot.pause()
        # From second 12 to second 32, six dots to each of them.
        used = dots(signal)[:, LABEL_DOTS:].any(axis=0)
        assert used[: 3 * 6 - 1].all()
        assert not used[3 * 6 + 1 : 8 * 6 - 1].any()
        assert used[8 * 6 + 1 : 18 * 6 - 1].all()
        assert not used[18 * 6 + 1 :].any()


async def test_a_knock_does_not_flatten_the_rest_and_the_scale_recovers_after_a_long_one():
    signal = Signal()
    async with alone(signal, (62, 13)) as pilot:
        blocks = [block(0, 30)]
        blocks[0].acc_mps2[29 * HZ : 29 * HZ + 5] = 4000.0
        signal.show(blocks, 30.0)
        await pilot.pause()
        assert signal.reach_mps2 == 2.0
        # What is not the knock fills its lane.
        assert heights(dots(signal, "primary")[:, LABEL_DOTS : LABEL_DOTS + 100]) >= 14
        blocks.append(block(30, 33, amplitude_mps2=300.0))
        signal.show(blocks, 33.0)
        await pilot.pause()
        assert signal.reach_mps2 == 300.0
        assert heights(dots(signal, "primary")[:, LABEL_DOTS : LABEL_DOTS + 60]) <= 4
        blocks.append(block(33, 54))
        signal.show(blocks, 54.0)
        await pilot.pause()
        assert signal.reach_mps2 == 2.0
        assert heights(dots(signal, "primary")) >= 14


async def test_whole_cycles_are_marked_where_they_were_counted():
    signal = Signal()
    async with alone(signal, (62, 11)) as pilot:
        signal.show([block(0, 30, amplitude_mps2=0.0)], 30.0, [5.0, 12.3, 20.3, 29.9])
        await pilot.pause()
        # From second 10 on, three cells to each of them; the first mark has left the window.
        heads = [column for column, sign in enumerate(lines(signal)[1]) if sign == "▾"]
        assert heads == [2 + 6, 2 + 30, 2 + 59]
        marked = dots(signal, "foreground-muted")[8:, LABEL_DOTS:].any(axis=0)
        assert {column // 2 for column in np.flatnonzero(marked)} == {6, 30, 59}
        signal.show([block(0, 30)], 30.0, [])
        await pilot.pause()
        assert "▾" not in lines(signal)[1]


async def test_quick_cycles_do_not_hide_the_signal():
    signal = Signal()
    async with alone(signal, (62, 11)) as pilot:
        signal.show([block(0, 30, amplitude_mps2=0.0)], 30.0, np.arange(10, 30, 0.5).tolist())
        await pilot.pause()
        assert lines(signal)[1].count("▾") > 30
        assert not dots(signal, "foreground-muted").any()


async def test_three_rows_are_enough():
    signal = Signal()
    async with alone(signal, (40, 3)) as pilot:
        signal.show([block(0, 30)], 30.0, [20.0])
        await pilot.pause()
        assert [line[0] for line in lines(signal)] == ["x", "y", "z"]
        await pilot.resize_terminal(2, 2)
        signal.show([block(0, 30)], 30.0, [20.0])
        await pilot.pause()
        assert [len(line) for line in lines(signal)] == [2, 2]
