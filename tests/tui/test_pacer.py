"""The ball to follow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawn import SIZES, alone, dots, lines

from tracker.motion.state import Direction
from tui.memory import Pacer as Mode
from tui.widgets.pacer import Pacer, Shape, needed


def ball(line: str) -> tuple[float, float]:
    """Where a ball of block characters begins and ends, in cells."""
    track = line[1:-1]
    full = [index for index, sign in enumerate(track) if sign in "█▐▌"]
    start, end = full[0] + 0.5 * (track[full[0]] == "▐"), full[-1] + 1 - 0.5 * (track[full[-1]] == "▌")
    return start, end


@pytest.mark.parametrize(
    ("mode", "in_band", "step_has_band", "shown"),
    [
        ("off", False, True, False),
        ("on", True, True, True),
        ("on", None, True, True),
        ("on", False, False, False),
        ("needed", False, True, True),
        ("needed", True, True, False),
        ("needed", None, True, False),
        ("needed", False, False, False),
    ],
)
def test_when_it_is_needed(mode: Mode, in_band: bool | None, step_has_band: bool, shown: bool):
    assert needed(mode, in_band, step_has_band) is shown


@pytest.mark.parametrize("rows", [1, 2, 3])
async def test_the_ball_goes_from_stop_to_stop_and_back(rows: int):
    pacer = Pacer()
    async with alone(pacer, (40, rows)) as pilot:
        pacer.rate_cpm = 20.0
        places = []
        for t_s in (0.0, 0.75, 1.5, 2.25, 3.0):
            pacer.t_s = t_s
            await pilot.pause()
            shown = lines(pacer)
            assert [(line[0], line[-1]) for line in shown] == [("▐", "▌")] * rows
            start, end = ball(shown[rows // 2])
            assert end - start == pytest.approx(2 * rows, abs=0.6)
            places.append((start + end) / 2)
        assert places[0] == places[4] == pytest.approx(rows, abs=0.3)
        assert places[2] == pytest.approx(38 - rows, abs=0.3)
        assert places[1] == places[3] == pytest.approx(19, abs=0.6)


async def test_the_ball_slows_down_before_the_stops():
    pacer = Pacer()
    async with alone(pacer, (80, 1)) as pilot:
        pacer.rate_cpm = 10.0
        places = []
        for t_s in np.linspace(0, 3, 13):
            pacer.t_s = float(t_s)
            await pilot.pause()
            places.append(ball(lines(pacer)[0])[0])
        steps = np.diff(places)
        assert steps.min() > 0
        assert steps[5:7].min() > 4 * max(steps[0], steps[-1])


@pytest.mark.parametrize(("turns", "arrow", "sense"), [("cw", "↻", 1), ("ccw", "↺", -1)])
async def test_the_ball_goes_round_the_right_way(turns: Direction, arrow: str, sense: int):
    pacer = Pacer()
    async with alone(pacer, (24, 11)) as pilot:
        pacer.shape, pacer.turns, pacer.rate_cpm = "circle", turns, 30.0
        for t_s, (x, y) in ((0.0, (0, 1)), (0.5, (sense, 0)), (1.0, (0, -1)), (1.5, (-sense, 0)), (2.0, (0, 1))):
            pacer.t_s = t_s
            await pilot.pause()
            rows, columns = np.nonzero(dots(pacer, "secondary"))
            across, up = columns.mean() + 0.5 - 24, 22 - rows.mean() - 0.5
            assert math.hypot(across, up) > 12
            assert across * x + up * y > 0.95 * math.hypot(across, up)
        assert arrow in "".join(lines(pacer))


async def test_the_circle_tells_its_pace_as_large_as_it_can():
    pacer = Pacer()
    async with alone(pacer, (13, 5)) as pilot:
        pacer.shape, pacer.rate_cpm = "circle", 18.0
        await pilot.pause()
        assert "↻ 18" in lines(pacer)[2]
        await pilot.resize_terminal(24, 11)
        await pilot.pause()
        assert "█" in "".join(lines(pacer))


async def test_its_place_depends_on_time_and_pace_alone():
    one, other = Pacer(), Pacer()
    async with alone(one, (40, 1)) as pilot:
        one.rate_cpm = 15.0
        for t_s in (0.0, 3.0, 7.0, 11.1):
            one.t_s = t_s
        await pilot.pause()
        gone = lines(one)
    async with alone(other, (40, 1)) as pilot:
        other.t_s, other.rate_cpm = 11.1, 15.0
        await pilot.pause()
        assert lines(other) == gone


async def test_every_size_can_be_drawn():
    pacer = Pacer()
    async with alone(pacer, (80, 24)) as pilot:
        assert "—" in "".join(lines(pacer))
        pacer.rate_cpm, pacer.t_s = 18.0, 1.0
        shapes: tuple[Shape, ...] = ("line", "circle")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            for pacer.shape in shapes:
                await pilot.pause()
                assert [len(line) for line in lines(pacer)] == [size[0]] * size[1]
                assert "".join(lines(pacer)).strip()
