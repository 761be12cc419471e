"""How much of a goal is done: a disc for each time that is, a ring for each that is wanted yet."""

from __future__ import annotations

from textual.content import Content

_DISC = ("⣴⣿⣿⣦ ", "⠻⣿⣿⠟ ")
_RING = ("⡴⠋⠙⢦ ", "⠳⣄⣠⠞ ")
_SMALL = ("● ", "○ ")
_STYLES = ("$primary", "$foreground-muted")
_EACH = len(_DISC[0])


def pips(done: int, wanted: int, columns: int) -> list[Content]:
    """Draw them in two rows; small in one row where they have no room, and none where small ones have none either.

    Parameters
    ----------
    done, wanted : int
        More than is wanted is as good as that.
    columns : int
        There are, at most.
    """
    done = min(done, wanted)
    if wanted * _EACH <= columns:
        signs = tuple(zip(_DISC, _RING, strict=True))
    elif wanted * len(_SMALL[0]) <= columns:
        signs = (_SMALL, ("", ""))
    else:
        signs = (("", ""), ("", ""))
    disc, ring = _STYLES
    return [Content.assemble((full * done, disc), (empty * (wanted - done), ring)) for full, empty in signs]
