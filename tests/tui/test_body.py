"""The map of the body."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SIZES, alone, dots, lines

from tui.widgets.body import BodyMap


def centre(mask: np.ndarray) -> tuple[float, float]:
    """Column and row of the middle of what is set, as shares of the picture."""
    rows, columns = np.nonzero(mask)
    return float(columns.mean() / mask.shape[1]), float(rows.mean() / mask.shape[0])


async def worked(*areas: str, size: tuple[int, int] = (30, 20)) -> list[np.ndarray]:
    """What is filled when each area is worked."""
    body, filled = BodyMap(), []
    async with alone(body, size) as pilot:
        for area in areas:
            body.now = area
            await pilot.pause()
            filled.append(dots(body, "primary"))
    return filled


@pytest.mark.parametrize("size", [(13, 5), (13, 6), (24, 11), (30, 20)])
async def test_the_areas_of_the_back_lie_one_below_the_other(size: tuple[int, int]):
    down = ("shoulders", "upper back", "middle back", "lower back", "buttocks")
    heights = [centre(filled)[1] for filled in await worked(*down, size=size)]
    assert heights == sorted(heights)
    assert min(np.diff(heights)) > 0


async def test_left_is_left_since_it_is_seen_from_behind():
    left, right, both = await worked("lower back, left", "lower back, right", "lower back")
    assert centre(left)[0] < 0.5 < centre(right)[0]
    assert not (left & right).any()
    assert centre(both)[0] == pytest.approx(0.5, abs=0.02)


async def test_the_hands_are_outside_and_the_feet_below():
    hands, hips, feet = await worked("hands", "hips", "feet")
    hand_columns, hip_columns = (np.flatnonzero(filled.any(axis=0)) for filled in (hands, hips))
    assert hand_columns.min() < hip_columns.min()
    assert hand_columns.max() > hip_columns.max()
    assert centre(feet)[1] > centre(hips)[1]


async def test_what_is_worked_now_is_solid_and_what_is_done_is_not():
    body = BodyMap()
    async with alone(body, (30, 20)) as pilot:
        body.now, body.done = "shoulders", ("lower back",)
        await pilot.pause()
        now, done = dots(body, "primary"), dots(body, "secondary")
        body.now, body.done = "lower back", ()
        await pilot.pause()
        solid = dots(body, "primary")
    assert now.any()
    assert 0.2 < done.sum() / solid.sum() < 0.6
    assert (done & solid).sum() > 0.7 * done.sum()
    assert not (now & done).any()


async def test_what_is_done_again_is_worked_now():
    body = BodyMap()
    async with alone(body, (30, 20)) as pilot:
        body.now, body.done = "lower back", ("lower back",)
        await pilot.pause()
        assert dots(body, "primary").any()
        assert not dots(body, "secondary").any()


async def test_the_areas_are_named_as_far_as_there_is_room():
    body = BodyMap()
    async with alone(body, (30, 20)) as pilot:
        body.now, body.done = "upper arms", ("hands", "lower back")
        await pilot.pause()
        assert [line.strip() for line in lines(body)[-2:]] == ["now: upper arms", "done: hands, lower back"]
        await pilot.resize_terminal(13, 5)
        await pilot.pause()
        assert lines(body)[-1].strip() == "▶ upper arms"
        await pilot.resize_terminal(8, 5)
        await pilot.pause()
        assert lines(body)[-1].strip() == "▶ upper…"


async def test_an_unknown_area_is_just_named():
    body = BodyMap()
    async with alone(body, (30, 20)) as pilot:
        body.now = "left earlobe"
        await pilot.pause()
        assert not dots(body, "primary").any()
        assert dots(body).sum() > 100
        assert lines(body)[-1].strip() == "now: left earlobe"


async def test_every_size_can_be_drawn():
    body = BodyMap()
    async with alone(body, (80, 24)) as pilot:
        body.now, body.done = "feet", ("head", "hands")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert [len(line) for line in lines(body)] == [size[0]] * size[1]
