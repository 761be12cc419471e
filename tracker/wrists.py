"""Two wrists in one session: which is left and which is right, and which hand the session follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sensors.declared import Side

OTHER: dict[Side, Side] = {"left": "right", "right": "left"}


def side_in(*names: str) -> Side | None:
    """Tell the side that a device's name or topic speaks of; None where they speak of none, or of both."""
    words = {word for name in names for word in re.split(r"[^a-z]+", name.lower())}
    sides: list[Side] = [side for side in OTHER if side in words]
    return sides[0] if len(sides) == 1 else None


@dataclass(frozen=True, slots=True)
class FollowParams:
    """Tuning of whose hand is followed.

    Attributes
    ----------
    idle_s : float
        The followed hand may pause for this long: a grip is changed within it.
    working_s : float
        The other hand keeps a rhythm for this long before it is taken for the one that massages.
    """

    idle_s: float = 4.0
    working_s: float = 3.0


@dataclass(slots=True)
class _Hand:
    working: bool = False
    since_s: float = 0.0


@dataclass(slots=True)
class Follow:
    """Which of several hands the session follows: the one that works.

    A phone that streams beside its watch lies still, and hands take turns: each time the one with a rhythm counts.
    Where both work the one that was followed stays.
    """

    params: FollowParams = FollowParams()
    name: str | None = None
    _hands: dict[str, _Hand] = field(default_factory=dict)

    def look(self, name: str, *, working: bool, t_s: float) -> str:
        """Take one look at a hand; give the name of the one to follow from now on."""
        hand = self._hands.setdefault(name, _Hand(working, t_s))
        if hand.working != working:
            hand.working, hand.since_s = working, t_s
        if self.name is None:
            self.name = name
        if name != self.name and working and t_s - hand.since_s >= self.params.working_s:
            followed = self._hands.get(self.name)
            if followed is None or (not followed.working and t_s - followed.since_s >= self.params.idle_s):
                self.name = name
        return self.name
