"""The wrist's acceleration of the last seconds, three lanes of braille dots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from sensors.samples import Array, Samples
from tui.widgets.canvas import DOT_COLUMNS, DOT_ROWS, Canvas, Dots

AXES = "xyz"
MARK = "▾"
_STYLES = ("", "$foreground-muted", "$primary", "$secondary", "$warning")
_LABEL, _FIRST_AXIS = 1, 2
_LABEL_COLUMNS = 2
_LEAST_REACH_MPS2 = 0.2  # a resting wrist's noise must not fill its lane
_CUT_PERCENT = 2.0  # a knock of some samples is cut off, above and below, rather than flattening all the rest
_STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
_KEEP = 1.2  # a scale stays while a swing by so much larger would ask for it
_APART_DOTS = 6  # lines that stand closer would hide the signal


class Signal(Widget):
    """Acceleration about its middle against time, newest at the right; what was not measured stays blank.

    All lanes share one scale, which follows the data. Bins lie on a fixed grid in time, so that the picture
    moves by whole dots and does not shimmer. Where a whole cycle was counted stands a dotted line,
    or its head alone where they come thick and fast.

    Parameters
    ----------
    window_s : float
        Time across the whole width.
    """

    auto_links = reactive(False)  # there are none: looking for them costs a third of a picture

    def __init__(self, window_s: float = 20.0, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window_s = window_s
        self._shown: tuple[int, float, Size, tuple[float, ...]] | None = None
        self._canvas = Canvas(0, 0, _STYLES)
        self._reach_mps2 = _LEAST_REACH_MPS2

    @property
    def reach_mps2(self) -> float:
        """What the upper edge of a lane stands for."""
        return self._reach_mps2

    def show(self, blocks: Sequence[Samples], now_s: float, marks_s: Sequence[float] = ()) -> None:
        """Take the stream's last blocks and its time of now; redraw if that moves the picture.

        Parameters
        ----------
        blocks : sequence of Samples
            At least the last ``window_s`` seconds.
        now_s : float
            The right edge, on the samples' clock.
        marks_s : sequence of float
            Times of whole cycles, on the same clock.
        """
        lane_rows = self.size.height // len(AXES)
        columns = (self.size.width - _LABEL_COLUMNS) * DOT_COLUMNS
        if lane_rows < 1 or columns < 1:
            return
        bin_s = self.window_s / columns
        edge = int(now_s // bin_s)
        newest_s = float(blocks[-1].t_s[-1]) if blocks else -1.0
        shown = (edge, newest_s, self.size, tuple(marks_s))
        if self._shown == shown:
            return
        self._shown = shown
        first = edge - columns + 1
        seen = [block for block in blocks if block.t_s[-1] >= first * bin_s]
        lanes = np.zeros((len(AXES), lane_rows * DOT_ROWS, columns), dtype=bool)
        if seen:
            bins = (np.concatenate([block.t_s for block in seen]) // bin_s).astype(np.int64) - first
            measured = np.concatenate([block.measured for block in seen])
            visible = measured & (bins >= 0) & (bins < columns)
            acc_mps2 = np.concatenate([block.acc_mps2 for block in seen])[visible]
            middle_mps2, swing_mps2 = spread(acc_mps2)
            self._reach_mps2 = reach(swing_mps2, self._reach_mps2)
            lanes = draw_lanes(bins[visible], (acc_mps2 - middle_mps2) / self._reach_mps2, columns, lane_rows)
        marks = (np.asarray(marks_s, dtype=float) // bin_s).astype(np.int64) - first
        self._canvas = self._drawn(lanes, marks[(marks >= 0) & (marks < columns)])
        self.refresh()

    def _drawn(self, lanes: Dots, marks: NDArray[np.int64]) -> Canvas:
        """Lay the lanes one under the other; a row to spare holds the scale and the marks' heads."""
        canvas = Canvas(*self.size, _STYLES)
        lane_rows, spare = divmod(canvas.rows, len(AXES))
        left, top = _LABEL_COLUMNS * DOT_COLUMNS, spare * DOT_ROWS
        if len(marks) < 2 or np.diff(marks).mean() >= _APART_DOTS:
            canvas.layer[top::2, left + marks] = _LABEL
        for axis, lane in enumerate(lanes):
            start = top + axis * lane_rows * DOT_ROWS
            canvas.layer[start : start + lane_rows * DOT_ROWS, left:][lane] = _FIRST_AXIS + axis
            canvas.text(0, spare + axis * lane_rows + (lane_rows - 1) // 2, AXES[axis], _LABEL)
        if spare:
            for mark in marks.tolist():
                canvas.text(_LABEL_COLUMNS + mark // DOT_COLUMNS, spare - 1, MARK, _LABEL)
            caption = f"acceleration, last {self.window_s:g} s, ±{self._reach_mps2:g} m/s²"
            canvas.text(0, 0, caption + " ", _LABEL)
        return canvas

    def render(self) -> Canvas:
        """Give the picture last drawn."""
        return self._canvas


def spread(acc_mps2: Array) -> tuple[Array, float]:
    """Give the middle of each axis' swing, shape (3,), and half the largest swing, knocks left out."""
    if not len(acc_mps2):
        return np.zeros(len(AXES)), 0.0
    low, high = np.percentile(acc_mps2, (_CUT_PERCENT, 100 - _CUT_PERCENT), axis=0)
    return np.asarray((low + high) / 2), float((high - low).max() / 2)


def reach(swing_mps2: float, before_mps2: float) -> float:
    """Give what a lane's edge stands for: it follows the swing in steps, and stays where two would do."""
    least, most = (max(_LEAST_REACH_MPS2, _round_up(swing)) for swing in (swing_mps2, swing_mps2 * _KEEP))
    return before_mps2 if least <= before_mps2 <= most else least


def draw_lanes(bins: NDArray[np.int64], swing: Array, columns: int, rows: int) -> Dots:
    """Draw each axis into a lane of dots.

    Parameters
    ----------
    bins : ndarray, shape (n,)
        Column of dots each sample falls into, 0 .. columns - 1, never decreasing.
    swing : ndarray, shape (n, 3)
        From -1 at the lane's lower edge to 1 at its upper one; what goes beyond is cut off.
    columns, rows : int
        Width in dots, height in cells.

    Returns
    -------
    ndarray of bool, shape (3, 4 rows, columns)
    """
    height = rows * DOT_ROWS
    filled = np.zeros((len(AXES), height, columns), dtype=bool)
    if not len(bins):
        return filled
    level = np.rint((1 - np.clip(swing, -1, 1)) / 2 * (height - 1)).astype(np.int64)
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    used = bins[starts]
    top, bottom = np.minimum.reduceat(level, starts), np.maximum.reduceat(level, starts)
    # A steep line leaves no hole: each column reaches to its neighbour's dots, but never across a gap.
    joined = np.flatnonzero(np.diff(used) == 1)
    reach_up = np.minimum(top[joined + 1], bottom[joined] + 1)
    reach_down = np.maximum(bottom[joined + 1], top[joined] - 1)
    top[joined + 1], bottom[joined + 1] = reach_up, reach_down
    dot = np.arange(height)[:, None, None]
    filled[:, :, used] = ((dot >= top) & (dot <= bottom)).transpose(2, 0, 1)
    return filled


def _round_up(value: float) -> float:
    """Give the next of few round numbers, so that the scale stands still."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9)))
