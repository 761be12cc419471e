"""What each cue sounds like on a terminal's bell, which has one tone and one loudness: a rhythm."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

Pattern = tuple[float, ...]
"""When to ring, in seconds since the first time."""

QUICK_S, SLOW_S = 0.2, 0.7
"""Between two rings: many terminals swallow what comes closer, and a rhythm much slower is none."""


def _rhythm(*groups: int) -> Pattern:
    """Ring so many times in quick succession, then again after a slow pause."""
    gaps = [gap for group in groups for gap in (SLOW_S, *[QUICK_S] * (group - 1))]
    return tuple(round(at_s, 3) for at_s in accumulate([0.0, *gaps[1:]]))


BELLS: Final[dict[str, Pattern]] = {
    "good": _rhythm(1),
    "step": _rhythm(2),
    "hold": _rhythm(3),
    "faster": _rhythm(4),
    "limit": _rhythm(1, 1),
    "slower": _rhythm(1, 1, 1),
    "rest": _rhythm(1, 1, 1, 1),
    "side": _rhythm(2, 1),
    "silence": _rhythm(1, 2),
    "go on": _rhythm(1, 3),
    "word": _rhythm(2, 2),
    "done": _rhythm(2, 2, 2),
    "stop": _rhythm(3, 3),
}
"""By kind of cue (see `tui.sound.cues`): quick for faster, slow for slower, and two pairs for what the eye or a voice
has to tell; what has none is spoken alone."""
