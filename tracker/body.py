"""The body's areas: what the words of a routine mean on a map of it, seen from behind."""

from __future__ import annotations

import re
from enum import StrEnum

from sensors.declared import Side

SIDES: tuple[Side, Side] = ("left", "right")


class Region(StrEnum):
    """A part of the body that can be told apart from afar."""

    HEAD = "head"
    NECK = "neck"
    SHOULDERS = "shoulders"
    BETWEEN = "between the shoulder blades"
    UPPER_BACK = "upper back"
    MIDDLE_BACK = "middle back"
    LOWER_BACK = "lower back"
    HIPS = "hips"
    UPPER_ARMS = "upper arms"
    FOREARMS = "forearms"
    HANDS = "hands"
    FEET = "feet"


Place = tuple[Region, Side]

_BACK = (Region.UPPER_BACK, Region.BETWEEN, Region.MIDDLE_BACK, Region.LOWER_BACK)
# In this order, each taking its words away: what is left must not be read a second time.
_WORDS: tuple[tuple[str, tuple[Region, ...]], ...] = (
    (r"back of", ()),
    (r"between .*blades?", (Region.BETWEEN,)),
    (r"shoulder ?blades?|scapulas?", (Region.UPPER_BACK, Region.BETWEEN)),
    (r"trapezius", (Region.NECK, Region.SHOULDERS, Region.UPPER_BACK, Region.BETWEEN)),
    (r"upper arms?|triceps|biceps", (Region.UPPER_ARMS,)),
    (r"(lower|fore) ?arms?|wrists?", (Region.FOREARMS,)),
    (r"arms?", (Region.UPPER_ARMS, Region.FOREARMS)),
    (r"hands?|palms?|fingers?|thumbs?", (Region.HANDS,)),
    (r"shoulders?", (Region.SHOULDERS,)),
    (r"necks?|nape", (Region.NECK,)),
    (r"head|scalp|temples?|skull", (Region.HEAD,)),
    (r"hips?|buttocks?|glute(al|us|s)?|bottom|sacrum|pelvis", (Region.HIPS,)),
    (r"foot|feet|soles?|heels?|toes?", (Region.FEET,)),
    (r"lumbar|waist|loins?", (Region.LOWER_BACK,)),
    (r"(whole|entire|full) back|spine", _BACK),
)
_PARTS: tuple[tuple[str, tuple[Region, ...]], ...] = (
    (r"upper", (Region.UPPER_BACK, Region.BETWEEN)),
    (r"mid|middle", (Region.MIDDLE_BACK,)),
    (r"lower|low|small", (Region.LOWER_BACK,)),
)


def places(area: str) -> frozenset[Place]:
    """Read an area's words: the regions meant, left and right; none where no word is known.

    A side holds for all that is named with it; without one both are meant.
    """
    words = area.lower()
    regions: set[Region] = set()
    for pattern, meant in _WORDS:
        words, found = re.subn(rf"\b({pattern})\b", " ", words)
        if found:
            regions.update(meant)
    if re.search(r"\bback\b", words):
        parts = [meant for pattern, meant in _PARTS if re.search(rf"\b({pattern})\b", words)]
        regions.update(*(parts or [_BACK]))
    sides = [side for side in SIDES if re.search(rf"\b{side}\b", words)] or SIDES
    return frozenset((region, side) for region in regions for side in sides)
