"""The picture of the hand's path."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SIZES, alone, dots, lines

from tracker.motion.figure import Figure
from tracker.motion.state import Kind
from tui.widgets.path import Path

ROUND = Figure(np.array([1, -1j]), np.zeros(2, complex), 0.0)
FLAT = Figure(np.array([1, 0j]), np.array([0, 0.02j]), 0.0)


def middle_of(mask: np.ndarray) -> tuple[float, float]:
    """To the right and up from the picture's middle, in dots."""
    y, x = np.nonzero(mask)
    return float(x.mean() + 0.5 - mask.shape[1] / 2), float(mask.shape[0] / 2 - y.mean() - 0.5)


@pytest.mark.parametrize("size", [(12, 6), (24, 11), (60, 30)])
async def test_a_circle_looks_like_a_circle(size: tuple[int, int]):
    path = Path()
    async with alone(path, size) as pilot:
        path.figure = ROUND
        await pilot.pause()
        rows, columns = np.nonzero(dots(path, "primary"))
        assert np.ptp(columns) == pytest.approx(np.ptp(rows), abs=3)
        assert np.ptp(columns) > 0.7 * 4 * (size[1] - 1)


@pytest.mark.parametrize(
    ("phase_rad", "side"), [(0.0, (1, 0)), (np.pi / 2, (0, 1)), (np.pi, (-1, 0)), (1.5 * np.pi, (0, -1))]
)
async def test_the_dot_stands_where_the_hand_is(phase_rad: float, side: tuple[int, int]):
    path = Path()
    async with alone(path, (24, 11)) as pilot:
        path.figure = Figure(ROUND.first, ROUND.second, phase_rad)
        await pilot.pause()
        head = dots(path, "foreground")
        assert head.sum() > 8
        x, y = middle_of(head[:40])
        assert np.hypot(x, y) > 12
        assert np.dot((x, y), side) > 0.9 * np.hypot(x, y)


async def test_the_way_just_gone_is_broader_than_the_rest():
    path = Path()
    async with alone(path, (40, 21)) as pilot:
        # Counter-clockwise and now at the right: the last part of the way was below.
        path.figure = ROUND
        await pilot.pause()
        own = dots(path, "primary")[:80]
        assert own[40:].sum() > 1.4 * own[:40].sum()


async def test_the_words_stand_right_below_a_picture_that_is_higher_than_wide():
    path = Path()
    async with alone(path, (24, 30)) as pilot:
        path.figure = ROUND
        await pilot.pause()
        (row,) = (row for row, line in enumerate(lines(path)) if "your path" in line)
        lowest = int(np.nonzero(dots(path))[0].max()) // 4
        assert lowest < row <= lowest + 2


@pytest.mark.parametrize("ideal", [Kind.STROKE, Kind.LIFT])
async def test_a_line_to_keep_to_lies_flat_between_stops(ideal: Kind):
    path = Path()
    async with alone(path, (24, 11)) as pilot:
        path.ideal = ideal
        await pilot.pause()
        shown = dots(path)[:40]
        columns = np.flatnonzero(shown.any(axis=0))
        assert len(columns) == np.ptp(columns) + 1 > 30
        assert shown[:, columns[0]].sum() == shown[:, columns[-1]].sum() > 4
        assert shown[:, columns[5:-5]].sum(axis=0).max() == 1


async def test_a_circle_to_keep_to_is_there_before_the_hand_moves():
    path = Path()
    async with alone(path, (24, 11)) as pilot:
        path.ideal = Kind.CIRCLE
        await pilot.pause()
        assert dots(path, "primary").sum() == 0
        assert np.hypot(*middle_of(dots(path)[:40])) < 1.5
        assert lines(path)[-1].strip() == "your path: —"
        path.figure = FLAT
        await pilot.pause()
        rows, _ = np.nonzero(dots(path, "primary"))
        assert np.ptp(rows) < 8
        assert dots(path, "foreground-muted").sum() > 50


async def test_a_hand_to_be_held_still_has_a_small_target():
    path = Path()
    async with alone(path, (24, 11)) as pilot:
        path.ideal = Kind.STILL
        await pilot.pause()
        rows, columns = np.nonzero(dots(path))
        assert 0 < np.ptp(columns) < 16
        assert 0 < np.ptp(rows) < 16
        assert lines(path)[-1].strip() == "hold still"


async def test_without_a_step_and_a_motion_nothing_is_drawn():
    path = Path()
    async with alone(path, (24, 11)):
        assert dots(path).sum() == 0
        assert lines(path)[-1].strip() == "your path: —"


@pytest.mark.parametrize(
    ("figure", "circularity", "said"),
    [
        (ROUND, None, "your path: round 1.00"),
        (ROUND, 0.92, "your path: round 0.92"),
        (ROUND, 0.7, "your path: oval 0.70"),
        (FLAT, None, "your path: flat"),
    ],
)
async def test_the_shape_is_told_in_words(figure: Figure, circularity: float | None, said: str):
    path = Path()
    async with alone(path, (24, 11)) as pilot:
        path.figure, path.circularity = figure, circularity
        await pilot.pause()
        assert lines(path)[-1].strip() == said
        await pilot.resize_terminal(14, 8)
        await pilot.pause()
        assert lines(path)[-1].strip() == said.partition(": ")[2]
        await pilot.resize_terminal(14, 6)
        await pilot.pause()
        assert "round" not in "".join(lines(path))


async def test_every_size_can_be_drawn():
    path = Path()
    async with alone(path, (80, 24)) as pilot:
        path.figure, path.ideal = ROUND, Kind.CIRCLE
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert [len(line) for line in lines(path)] == [size[0]] * size[1]
            assert "".join(lines(path)).strip()
