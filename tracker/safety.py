"""What keeps a session from doing harm: when not to massage, when to stop, when to leave a spot alone.

Palmpace claims no therapy and knows nothing of a person but what the wrist and the keys tell. The limits are
conservative and plain; a person can set them in ``[safety]``.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from tracker.body import Place, places
from tracker.routine import SECONDS_PER_MINUTE, Step, told_cpm

PRESSING: Final = frozenset({"trigger-press", "knot-circles"})
"""Techniques that work on one spot with force; the others stroke an area."""

CLAIM: Final = "Palmpace coaches pace and regularity. It is no therapy and no medical advice."
NOT_WITH: Final[tuple[str, ...]] = (
    "a blood clot (thrombosis), or a leg that is suddenly swollen and warm",
    "a fracture, or a fresh injury",
    "open wounds, burns, skin infections",
    "varicose veins, at that place",
    "fever",
    "severe osteoporosis",
)
"""Contra-indications, in plain words."""
ASK_FIRST: Final[tuple[str, ...]] = ("blood thinners: ask your doctor first",)
STOP_AT: Final[tuple[str, ...]] = (
    "sharp or electric pain, numbness or tingling",
    "pain that makes you hold your breath; bruises mean it was too much",
)
PAIN_ADVICE: Final = (
    "Leave that place alone today. If it still hurts tomorrow, or goes numb or tingles, see a professional."
)


class Safety(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Limits: ``[safety]`` in ``config.toml``.

    Attributes
    ----------
    pain_ends_at : int
        From so much pain on, of 10, a session ends; below it goes on easier.
    minutes_at_a_spot : float
        Of pressing or small circles at one place: no source asks for more than five.
    minutes_in_an_area : float
        Of any stroking of one area.
    sessions_a_day : int
        More are warned of: the most that even tradition asks for.
    """

    pain_ends_at: Annotated[int, msgspec.Meta(ge=1, le=10)] = 5
    minutes_at_a_spot: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    minutes_in_an_area: Annotated[float, msgspec.Meta(gt=0, le=120)] = 15.0
    sessions_a_day: Annotated[int, msgspec.Meta(ge=1, le=24)] = 6

    def limit_s(self, step: Step) -> float:
        """Give how long a step's place may be worked in one session."""
        minutes = self.minutes_at_a_spot if step.technique in PRESSING else self.minutes_in_an_area
        return minutes * SECONDS_PER_MINUTE


def spot_of(step: Step) -> frozenset[Place]:
    """Give the places a step works at; a step on one side is at that side only, unless its area says the other."""
    worked = places(step.area)
    on_side = frozenset(place for place in worked if place[1] == step.side)
    return on_side if step.side in ("left", "right") and on_side else worked


def gentler(step: Step) -> Step:
    """Give what is asked for after pain that was no reason to end: slower, and stillness held for half as long."""
    said: dict[str, object] = {}
    if step.band is not None:
        low, high = step.band
        said |= {"band_cpm": (told_cpm(low * 0.6), told_cpm(high * 0.8)), "speed_cm_s": None, "length_cm": None}
    for key in ("held_s", "until_release_s"):
        if (held := getattr(step, key)) is not None:
            said[key] = held / 2
    return msgspec.structs.replace(step, **said) if said else step
