"""A canvas of braille dots, two across and four down in each cell, with letters upon it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from sensors.samples import Array

DOT_COLUMNS, DOT_ROWS = 2, 4
"""Of a cell, which is about twice as high as wide: a dot is about as wide as it is high."""
_BRAILLE = 0x2800
# Bit of each dot of a braille cell (Unicode 15, block 2800), by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)
_SPACE = ord(" ")

Dots = NDArray[np.bool_]


class Canvas(Visual):
    """Dots and letters, each in one of several styles; a cell has that of its letter, or of its highest layer.

    Parameters
    ----------
    columns, rows : int
        Size in cells.
    styles : sequence of str
        Of the layers, as in markup; layer 0 is for what is blank.

    Attributes
    ----------
    width, height : int
        Size in dots.
    layer : ndarray of int, shape (height, width)
        Of each dot, 0 where there is none.
    """

    def __init__(self, columns: int, rows: int, styles: Sequence[str]) -> None:
        self.columns, self.rows = max(0, columns), max(0, rows)
        self.width, self.height = self.columns * DOT_COLUMNS, self.rows * DOT_ROWS
        self.layer = np.zeros((self.height, self.width), dtype=np.uint8)
        self._styles = tuple(styles)
        self._letters = np.zeros((self.rows, self.columns), dtype=np.uint32)
        self._letter_layer = np.zeros((self.rows, self.columns), dtype=np.uint8)

    def dots(self, places: Array, layer: int) -> None:
        """Set dots, shape (n, 2), to the right and down from the upper left corner; those outside are left out."""
        x, y = np.floor(np.asarray(places, dtype=float).T).astype(np.intp)
        inside = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        self.layer[y[inside], x[inside]] = layer

    def curve(self, places: Array, layer: int) -> None:
        """Join places with straight lines."""
        places = np.asarray(places, dtype=float)
        if len(places) < 2:
            self.dots(places, layer)
            return
        longest = np.abs(np.diff(places, axis=0)).max()
        parts = max(1, int(np.ceil(longest)))
        at = np.arange((len(places) - 1) * parts + 1) / parts
        index = np.arange(len(places))
        self.dots(np.stack([np.interp(at, index, places[:, axis]) for axis in (0, 1)], axis=1), layer)

    def fill(self, dots: Dots, layer: int) -> None:
        """Set the dots of a mask, shape (height, width)."""
        self.layer[dots] = layer

    def disc(self, x: float, y: float, radius: float, layer: int) -> None:
        """Set all dots whose middles lie within a radius of a place."""
        across, down = np.arange(self.width) + 0.5 - x, np.arange(self.height)[:, None] + 0.5 - y
        self.fill(across * across + down * down <= radius * radius, layer)

    def text(self, column: int, row: int, text: str, layer: int) -> None:
        """Write over the dots; what does not fit is cut off."""
        if not 0 <= row < self.rows:
            return
        letters = [ord(letter) for letter in text[max(0, -column) : max(0, self.columns - column)]]
        first = max(0, column)
        self._letters[row, first : first + len(letters)] = letters
        self._letter_layer[row, first : first + len(letters)] = layer

    def runs(self) -> list[list[tuple[str, int]]]:
        """Give each row as stretches of text of one layer."""
        if not self.columns:
            return [[] for _ in range(self.rows)]
        cells = self.layer.reshape(self.rows, DOT_ROWS, self.columns, DOT_COLUMNS)
        codes = np.einsum("rycx,yx->rc", cells > 0, _BITS, dtype=np.uint32)
        lettered = self._letters > 0
        layers = np.where(lettered, self._letter_layer, cells.max(axis=(1, 3), initial=0))
        codes = np.where(lettered, self._letters, codes + _BRAILLE)
        blank = (codes == _BRAILLE) | (codes == _SPACE)
        # What is blank between dots goes on in their style, as wide as they are in every font; about them is nothing.
        here = np.arange(self.columns)
        before = np.maximum.accumulate(np.where(blank, -1, here), axis=1)
        last = before.max(axis=1, initial=-1)[:, None]
        outside = blank & ((before < 0) | (here > last))
        before = np.maximum(before, 0)
        layers = np.where(outside, 0, np.take_along_axis(layers, before, axis=1))
        after_letter = np.take_along_axis(lettered, before, axis=1)
        codes[blank & (outside | after_letter)] = _SPACE
        changes = layers[:, 1:] != layers[:, :-1]
        rows = []
        for text, row_layers, changed in zip(_texts(codes), layers.tolist(), changes, strict=True):
            edges = [0, *(np.flatnonzero(changed) + 1).tolist(), self.columns]
            rows.append([(text[start:end], row_layers[start]) for start, end in pairwise(edges)])
        return rows

    def lines(self) -> list[str]:
        """Give the text alone."""
        return ["".join(text for text, _ in row) for row in self.runs()]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Give the rows to Textual."""
        plain = style.rich_style
        styles = [plain, *((style + options.get_style(each)).rich_style for each in self._styles[1:])]
        strips = [
            Strip([Segment(text, styles[layer]) for text, layer in row], self.columns).adjust_cell_length(width, plain)
            for row in self.runs()
        ]
        return strips[:height]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the width in cells."""
        return self.columns

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the height in cells."""
        return self.rows


def _texts(codes: NDArray[np.uint32]) -> list[str]:
    """Give the rows of code points as text."""
    whole, columns = codes.astype("<u4").tobytes().decode("utf-32-le"), codes.shape[1]
    return [whole[row * columns : (row + 1) * columns] for row in range(len(codes))]
