"""The wrist's acceleration of the last seconds, three lanes of braille dots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from sensors.samples import Array, Samples

AXES = "xyz"
_DOT_ROWS, _DOT_COLUMNS = 4, 2
_BRAILLE = 0x2800
# Bit of each dot of a braille cell (Unicode 15, block 2800), by row and column.
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)
_LEAST_REACH_MPS2 = 0.2  # a resting wrist's noise must not fill its lane
_REACH_PERCENTILE = 98.0  # a knock of some samples is cut off rather than flattening all the rest
_LABEL = 2


class Signal(Widget):
    """Mean-free acceleration against time, newest at the right; what was not measured stays blank.

    All lanes share one scale, which follows the data. Bins lie on a fixed grid in time, so that the picture
    moves by whole dots and does not shimmer.

    Parameters
    ----------
    window_s : float
        Time across the whole width.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"signal--x", "signal--y", "signal--z", "signal--label"}

    def __init__(self, window_s: float = 20.0, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window_s = window_s
        self._t_s: Array = np.empty(0)
        self._acc_mps2: Array = np.empty((0, 3))
        self._shown: tuple[int, float, Size] | None = None
        self._lanes: list[list[str]] = []
        self._reach_mps2 = _LEAST_REACH_MPS2

    def show(self, blocks: Sequence[Samples], now_s: float) -> None:
        """Take the stream's last blocks and its time of now; redraw if that moves the picture.

        Parameters
        ----------
        blocks : sequence of Samples
            At least the last ``window_s`` seconds.
        now_s : float
            The right edge, on the samples' clock.
        """
        width, height = self.size
        lane_rows = height // len(AXES)
        columns = (width - _LABEL) * _DOT_COLUMNS
        if lane_rows < 1 or columns < 1:
            return
        bin_s = self.window_s / columns
        edge = int(now_s / bin_s)
        newest_s = float(blocks[-1].t_s[-1]) if blocks else -1.0
        if self._shown == (edge, newest_s, self.size):
            return
        self._shown = (edge, newest_s, self.size)
        if blocks:
            t_s = np.concatenate([block.t_s for block in blocks])
            acc_mps2 = np.concatenate([block.acc_mps2 for block in blocks])
            measured = np.concatenate([block.measured for block in blocks])
            bins = (t_s / bin_s).astype(np.int64) - (edge - columns + 1)
            visible = measured & (bins >= 0) & (bins < columns)
            lanes, self._reach_mps2 = draw_lanes(bins[visible], acc_mps2[visible], columns, lane_rows)
        else:
            lanes = draw_lanes(np.empty(0, np.int64), np.empty((0, 3)), columns, lane_rows)[0]
        if lanes != self._lanes:
            self._lanes = lanes
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row: the axis' name, then its dots; a row to spare holds the scale."""
        label = self.get_component_rich_style("signal--label")
        width, height = self.size
        lane_rows, spare = divmod(height, len(AXES))
        if y < spare:
            caption = f"acceleration, last {self.window_s:g} s, ±{self._reach_mps2:g} m/s²" if y == 0 else ""
            return Strip([Segment(caption, label)]).adjust_cell_length(width, self.rich_style)
        lane, row = divmod(y - spare, lane_rows)
        if lane >= len(self._lanes) or row >= len(self._lanes[lane]):
            return Strip.blank(width, self.rich_style)
        name = AXES[lane] if row == (lane_rows - 1) // 2 else " "
        dots = Segment(self._lanes[lane][row], self.get_component_rich_style(f"signal--{AXES[lane]}"))
        return Strip([Segment(f"{name} ", label), dots]).adjust_cell_length(width, self.rich_style)


def draw_lanes(bins: NDArray[np.int64], acc_mps2: Array, columns: int, rows: int) -> tuple[list[list[str]], float]:
    """Draw each axis into a lane of braille text.

    Parameters
    ----------
    bins : ndarray, shape (n,)
        Column of dots each sample falls into, 0 .. columns - 1, never decreasing.
    acc_mps2 : ndarray, shape (n, 3)
    columns, rows : int
        Width in dots, height in cells.

    Returns
    -------
    lanes : list of list of str
        Text rows of each axis.
    reach_mps2 : float
        What the upper edge of a lane stands for.
    """
    reach_mps2 = _LEAST_REACH_MPS2
    height = rows * _DOT_ROWS
    filled = np.zeros((3, height, columns), dtype=bool)
    if len(bins):
        swing = acc_mps2 - acc_mps2.mean(axis=0)
        reach_mps2 = max(_LEAST_REACH_MPS2, _round_up(float(np.percentile(np.abs(swing), _REACH_PERCENTILE))))
        level = np.rint((1 - np.clip(swing / reach_mps2, -1, 1)) / 2 * (height - 1)).astype(np.int64)
        starts = np.flatnonzero(np.diff(bins, prepend=-1))
        used = bins[starts]
        top, bottom = np.minimum.reduceat(level, starts), np.maximum.reduceat(level, starts)
        # A steep line leaves no hole: each column reaches to its neighbour's dots, but never across a gap.
        joined = np.flatnonzero(np.diff(used) == 1)
        reach_up = np.minimum(top[joined + 1], bottom[joined] + 1)
        reach_down = np.maximum(bottom[joined + 1], top[joined] - 1)
        top[joined + 1], bottom[joined + 1] = reach_up, reach_down
        dot = np.arange(height)[:, None]
        for axis in range(3):
            filled[axis][:, used] = (dot >= top[:, axis]) & (dot <= bottom[:, axis])
    return [_to_braille(lane) for lane in filled], reach_mps2


def _to_braille(dots: NDArray[np.bool_]) -> list[str]:
    """Turn an array of dots, shape (4 rows, 2 columns), into text."""
    rows, columns = dots.shape[0] // _DOT_ROWS, dots.shape[1] // _DOT_COLUMNS
    cells = dots.reshape(rows, _DOT_ROWS, columns, _DOT_COLUMNS)
    codes = np.einsum("rycx,yx->rc", cells, _BITS) + _BRAILLE
    return ["".join(map(chr, row)) for row in codes.tolist()]


def _round_up(value: float) -> float:
    """Give the next of 1, 2, 5 times a power of ten, so that the scale stands still."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9)))
