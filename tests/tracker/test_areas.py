"""The words of an area, read."""

from __future__ import annotations

import pytest

from tracker.body import SIDES, Place, Region, places
from tracker.routine import load_shipped, shipped_names


def both(*regions: Region) -> frozenset[Place]:
    return frozenset((region, side) for region in regions for side in SIDES)


@pytest.mark.parametrize(
    ("area", "regions"),
    [
        ("hands", (Region.HANDS,)),
        ("lower back", (Region.LOWER_BACK,)),
        ("Lower Back", (Region.LOWER_BACK,)),
        ("lower to middle back", (Region.LOWER_BACK, Region.MIDDLE_BACK)),
        ("mid back", (Region.MIDDLE_BACK,)),
        ("upper back", (Region.UPPER_BACK, Region.BETWEEN)),
        ("back", (Region.UPPER_BACK, Region.BETWEEN, Region.MIDDLE_BACK, Region.LOWER_BACK)),
        ("shoulders", (Region.SHOULDERS,)),
        ("upper arms", (Region.UPPER_ARMS,)),
        ("arms", (Region.UPPER_ARMS, Region.FOREARMS)),
        ("shoulders and upper arms", (Region.SHOULDERS, Region.UPPER_ARMS)),
        ("upper arms and lower back", (Region.UPPER_ARMS, Region.LOWER_BACK)),
        ("between shoulder blades", (Region.BETWEEN,)),
        ("between the shoulder blades", (Region.BETWEEN,)),
        ("back of the neck", (Region.NECK,)),
        ("trapezius", (Region.NECK, Region.SHOULDERS, Region.UPPER_BACK, Region.BETWEEN)),
        ("feet", (Region.FEET,)),
        ("soles of the feet", (Region.FEET,)),
        ("buttocks", (Region.HIPS,)),
        ("lower back and hips", (Region.LOWER_BACK, Region.HIPS)),
    ],
)
def test_an_area_names_its_regions_on_both_sides(area: str, regions: tuple[Region, ...]) -> None:
    assert places(area) == both(*regions)


@pytest.mark.parametrize("area", ["lower back, right", "right lower back", "lower back (right)"])
def test_a_side_is_heeded(area: str) -> None:
    assert places(area) == {(Region.LOWER_BACK, "right")}


def test_both_sides_named_are_both() -> None:
    assert places("left and right shoulder") == both(Region.SHOULDERS)
    assert places("left foot") == {(Region.FEET, "left")}


@pytest.mark.parametrize("area", ["", "a sunny place", "backpack", "left"])
def test_what_is_not_known_is_nowhere(area: str) -> None:
    assert places(area) == frozenset()


def test_every_area_of_the_shipped_routines_is_known() -> None:
    areas = {step.area for name in shipped_names() for step in load_shipped(name).step if step.area}
    assert "lower back" in areas
    assert {area for area in areas if not places(area)} == set()
