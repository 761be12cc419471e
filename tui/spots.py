"""A spot of the body, in the words in which it is chosen, kept and found again. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from sensors.declared import Side
from tracker.body import Region, places
from tracker.routine import Routine, Step
from tracker.safety import PRESSING

USUAL: Final = Region.LOWER_BACK
"""Where a choice begins that nothing else is known of."""

_ONE: Final[dict[Region, str]] = {
    Region.SHOULDERS: "shoulder",
    Region.HIPS: "hip",
    Region.UPPER_ARMS: "upper arm",
    Region.FOREARMS: "forearm",
    Region.HANDS: "hand",
    Region.FEET: "foot",
}
"""What comes in two: one of them is told by its own word."""


class Spot(NamedTuple):
    """A region, on one side or, without one, across the middle."""

    region: Region
    side: Side | None = None

    @property
    def words(self) -> str:
        """What `tracker.body.places` reads as this spot: ``left shoulder``, ``neck, left``, ``lower back``."""
        if self.side is None:
            return self.region.value
        one = _ONE.get(self.region)
        return f"{self.side} {one}" if one else f"{self.region.value}, {self.side}"


def spot_in(area: str, side: str = "both") -> Spot:
    """Give the first spot of an area's words; the usual one where they name none.

    Parameters
    ----------
    area : str
    side : str
        Of the step that works there; one of two alone counts.
    """
    named = places(area)
    regions = {place[0] for place in named}
    # Words may mean several: what is called by its own name goes before what only belongs to it.
    first = sorted(regions, key=lambda region: (region.value not in area.lower(), list(Region).index(region)))
    sides = {place[1] for place in named if side not in ("left", "right") or place[1] == side}
    return Spot(first[0] if first else USUAL, sides.pop() if len(sides) == 1 else None)


def pressed(routine: Routine) -> Step | None:
    """Give the first step that presses a spot."""
    return next((step for step in routine.step if step.technique in PRESSING), None)
