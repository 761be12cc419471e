"""A person kneeling, seen from behind: the area worked now, and those done."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.reactive import reactive
from textual.widget import Widget

from sensors.samples import Array
from tracker.body import Place, Region, places
from tui.widgets.canvas import DOT_COLUMNS, DOT_ROWS, Canvas, Dots

_STYLES = ("", "$foreground-muted", "$secondary", "bold $primary")
_OUTLINE, _DONE, _NOW = range(1, 4)

# The body in units of half its width at the shoulders; y runs down from the crown, x to the right from the spine.
_WIDTH = 2.6
_CROWN, _NAPE, _CLEFT, _SEAT, _TOES = 0.0, 0.78, 3.42, 3.8, 4.3
# Half the trunk's width, from the nape to the seat.
_TRUNK = np.array(
    (
        (0.70, 0.17),
        (0.92, 0.18),
        (1.02, 0.30),
        (1.12, 0.58),
        (1.20, 0.82),
        (1.32, 0.92),
        (1.50, 0.80),
        (1.80, 0.76),
        (2.20, 0.68),
        (2.55, 0.58),
        (2.75, 0.56),
        (3.00, 0.60),
        (3.30, 0.70),
        (3.55, 0.71),
        (3.70, 0.62),
        (3.80, 0.45),
    )
)
# Where each of its regions begins, and the last one ends.
_LEVELS = (
    (Region.NECK, 0.70),
    (Region.SHOULDERS, 1.00),
    (Region.UPPER_BACK, 1.45),
    (Region.MIDDLE_BACK, 2.02),
    (Region.LOWER_BACK, 2.55),
    (Region.HIPS, 3.10),
)
_BETWEEN = (0.26, 1.30, 2.02)  # half width, from, to
# From here to there, so thick: limbs, of the right side.
_LIMBS = (
    (Region.SHOULDERS, (0.84, 1.34), (0.88, 1.40), 0.17),
    (Region.UPPER_ARMS, (0.93, 1.58), (1.02, 2.30), 0.14),
    (Region.FOREARMS, (1.03, 2.38), (1.12, 3.05), 0.105),
    (Region.HANDS, (1.14, 3.22), (1.15, 3.48), 0.13),
    (Region.FEET, (0.30, 3.98), (0.36, 4.14), 0.17),
)
_HEAD = (0.0, 0.40, 0.28, 0.40)  # middle, half axes
_REGIONS = tuple(Region)

_ROOMY_DOTS = 30
"""Height from which on there is room for head and feet where nothing is done there."""
_STRETCH, _STRETCH_SMALL = 1.15, 1.6
_BORDERS_DOTS = 7.0
"""Dots to a unit from which on the borders between regions are drawn."""


class BodyMap(Widget):
    """Now solid, done hatched, the rest in outline; in words below what there is room for, unless they stand beside."""

    auto_links = reactive(False)  # there are none: looking for them costs a third of a picture

    now: reactive[str] = reactive("")
    done: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())
    captioned: reactive[bool] = reactive(True)

    def render(self) -> Canvas:
        """Draw the body, then the words."""
        columns, rows = self.size
        canvas = Canvas(columns, rows, _STYLES)
        captions = _captions(self.now, self.done, columns, rows) if self.captioned else []
        for row, (text, layer) in enumerate(captions, rows - len(captions)):
            canvas.text((columns - len(text)) // 2, row, text, layer)
        now = places(self.now)
        done = frozenset[Place]().union(*map(places, self.done)) - now
        draw_body(canvas, (rows - len(captions)) * DOT_ROWS, now, done)
        return canvas


def draw_body(canvas: Canvas, height: int, now: frozenset[Place], done: frozenset[Place]) -> None:
    """Draw onto the upper ``height`` dots of a canvas."""
    named = {region for region, _ in now | done}
    roomy = height >= _ROOMY_DOTS
    top = _CROWN if roomy or Region.HEAD in named else _NAPE
    bottom = _TOES if roomy or Region.FEET in named else _SEAT
    if height <= 0 or not canvas.columns:
        return
    down = height / (bottom - top)
    across = min(canvas.columns * DOT_COLUMNS / _WIDTH, down * (_STRETCH if roomy else _STRETCH_SMALL))
    down = min(down, across)
    x = (np.arange(canvas.width, dtype=np.float64) + 0.5 - canvas.width / 2) / across
    y = (np.arange(height, dtype=np.float64)[:, None] + 0.5 - height / 2) / down + (top + bottom) / 2
    regions = _regions(x, y)
    if not roomy:
        for region in (Region.HEAD, Region.FEET):
            if region not in named:
                regions[regions == _number(region)] = 0
    picture = canvas.layer[:height]
    inside = regions > 0
    picture[_edge(inside)] = _OUTLINE
    dot_y, dot_x = np.indices(regions.shape)
    if down >= _BORDERS_DOTS:
        border = np.zeros_like(inside)
        border[1:] = inside[1:] & inside[:-1] & (regions[1:] != regions[:-1])
        picture[border & (dot_x % 2 == 0)] = _OUTLINE
        picture[(regions == _number(Region.HIPS)) & (dot_x == canvas.width // 2) & (y > _CLEFT)] = _OUTLINE
    picture[_of(done, regions, x) & ((dot_x + dot_y) % 3 == 0)] = _DONE
    picture[_of(now, regions, x)] = _NOW


def _regions(x: Array, y: Array) -> NDArray[np.uint8]:
    """Give the region's number at each place, 0 outside the body; x along, y down."""
    regions = np.zeros((len(y), len(x)), dtype=np.uint8)
    middle_x, middle_y, half_x, half_y = _HEAD
    regions[((x - middle_x) / half_x) ** 2 + ((y - middle_y) / half_y) ** 2 <= 1] = _number(Region.HEAD)
    side = np.abs(x)
    for region, (from_x, from_y), (to_x, to_y), thick in _LIMBS:
        along_x, along_y = to_x - from_x, to_y - from_y
        part = ((side - from_x) * along_x + (y - from_y) * along_y) / (along_x**2 + along_y**2)
        part = np.clip(part, 0, 1)
        near = np.hypot(side - from_x - part * along_x, y - from_y - part * along_y) <= thick
        regions[near] = _number(region)
    trunk = (side <= np.interp(y, *_TRUNK.T)) & (y >= _TRUNK[0, 0]) & (y <= _TRUNK[-1, 0])
    for region, from_y in _LEVELS:
        regions[trunk & (y >= from_y)] = _number(region)
    half, from_y, to_y = _BETWEEN
    regions[(side <= half) & (y >= from_y) & (y < to_y)] = _number(Region.BETWEEN)
    return regions


def _number(region: Region) -> int:
    return _REGIONS.index(region) + 1


def _of(wanted: frozenset[Place], regions: NDArray[np.uint8], x: Array) -> Dots:
    """Give the dots of these places."""
    dots = np.zeros(regions.shape, dtype=bool)
    for region, side in wanted:
        dots |= (regions == _number(region)) & (x < 0 if side == "left" else x > 0)
    return dots


def _edge(inside: Dots) -> Dots:
    """Give the dots of a shape that have a neighbour outside of it."""
    padded = np.pad(inside, 1)
    within = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(inside & ~within)


def _captions(now: str, done: tuple[str, ...], columns: int, rows: int) -> list[tuple[str, int]]:
    """Give the words below, and their layers: a line from 5 rows on, two from 9 on."""
    captions = []
    if now and rows >= 5:
        captions.append((_fitted(f"now: {now}", f"▶ {now}", columns), _NOW))
    if done and rows >= 9:
        captions.append((_fitted(f"done: {', '.join(done)}", f"✓ {', '.join(reversed(done))}", columns), _DONE))
    return captions


def _fitted(text: str, shorter: str, columns: int) -> str:
    """Give the longer text if it fits, else the shorter one, cut if need be."""
    text = text if len(text) <= columns else shorter
    return text if len(text) <= columns else text[: max(0, columns - 1)] + "…"
