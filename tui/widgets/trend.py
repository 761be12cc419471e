"""The rate over a whole session, held against the bands its steps asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from textual.content import Content
from textual.widget import Widget

from sensors.samples import Array
from tui import words
from tui.course import Trace
from tui.widgets.canvas import DOT_COLUMNS, DOT_ROWS, Canvas

_STYLES = (
    "",
    "$band",
    "$foreground-muted",
    "$secondary",
    "$primary",
    "bold $warning",
    "$foreground",
    "bold $secondary",
    "bold $error",
)
_BAND, _QUIET, _OTHER, _INSIDE, _OUTSIDE, _LABEL, _MARK, _PAIN = range(1, 9)
_GUTTER = 5
"""Columns for the rates beside the plot."""
_BELOW = 3
"""Rows under the plot: in the band or not, what happened, the time."""
_FEWEST = (2, 8)
"""Rows and columns with which a plot can be read."""
_PERCENTILE = 97.0  # a knock, or some seconds of haste, must not flatten all the rest
_ROOM = 1.1
_JOINED = 2.5  # points this many times further apart than they should be have a gap between them
_TIME_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_TIME_COLUMNS = 10

_VERDICTS = (" ", "·", "▼", "━", "▲")
_NO_BAND, _UNJUDGED, _BELOW_BAND, _IN_BAND, _ABOVE_BAND = range(5)
_LINES = (_OTHER, _OTHER, _OUTSIDE, _INSIDE, _OUTSIDE)
_CUE, _MARKED, _HURT = "•", "◆", "!"
_NO_CORRECTION = frozenset({"next step", "switch side", "good"})
"""Cues that find nothing wrong."""

LEGEND = Content.assemble(
    (_VERDICTS[_IN_BAND], "$primary"),
    (" in the band  ", "$foreground-muted"),
    (_VERDICTS[_ABOVE_BAND], "bold $warning"),
    (" too fast  ", "$foreground-muted"),
    (_VERDICTS[_BELOW_BAND], "bold $warning"),
    (" too slow  ", "$foreground-muted"),
    (_CUE, "$foreground"),
    (" cue  ", "$foreground-muted"),
    (_MARKED, "bold $secondary"),
    (" mark  ", "$foreground-muted"),
    (_HURT, "bold $error"),
    (" pain", "$foreground-muted"),
)


class Trend(Widget):
    """A line, each step's band as a field of dots behind it, and a row that says in shapes whether it was kept.

    Parameters
    ----------
    trace : Trace
    """

    DEFAULT_CSS = """
    Trend {
        height: 10;
    }
    """

    def __init__(self, trace: Trace, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._trace = trace

    def show(self, trace: Trace) -> None:
        """Draw this one from now on."""
        self._trace = trace
        self.refresh()

    def render(self) -> Canvas | Content:
        """Draw all of it to the widget's size."""
        columns, rows = self.size
        plot_rows = rows - _BELOW
        if plot_rows < _FEWEST[0] or columns - _GUTTER < _FEWEST[1]:
            return Content("")
        if not np.isfinite(self._trace.rate_cpm).any():
            return Content.styled("No pace was known.", "$foreground-muted")
        return draw(self._trace, columns, rows)


def draw(trace: Trace, columns: int, rows: int) -> Canvas:
    """Draw a trace of at least one known rate, ``columns`` by ``rows`` cells."""
    canvas = Canvas(columns, rows, _STYLES)
    plot_rows = rows - _BELOW
    width, height = (columns - _GUTTER) * DOT_COLUMNS, plot_rows * DOT_ROWS
    end_s = max(trace.end_s, trace.every_s)
    rate_cpm, low_cpm, high_cpm, judged = to_columns(trace, width, end_s)
    bottom, top, step = scale(trace, plot_rows)

    def level(cpm: Array) -> Array:
        """Give how far down a rate is, in dots; what is beyond the scale lies on its edge."""
        return (1 - (np.clip(cpm, bottom, top) - bottom) / (top - bottom)) * (height - 1)

    def column(t_s: float) -> int:
        return _GUTTER + min(columns - _GUTTER - 1, int(t_s / end_s * (columns - _GUTTER)))

    drawn = np.zeros((height, width), dtype=bool)
    kinds = verdicts(rate_cpm, low_cpm, high_cpm, judged)
    for begin, end, kind in _runs(kinds):
        layer = _LINES[kind]
        x = np.arange(begin, end)
        y = level(rate_cpm[begin:end])
        for thick in (0, 1):
            line = Canvas(columns - _GUTTER, plot_rows, ("", ""))
            line.curve(np.stack([x, np.clip(y + thick - 0.5, 0, height - 1)], axis=1) + 0.5, 1)
            canvas.layer[:height, _GUTTER * DOT_COLUMNS :][line.layer > 0] = layer
            drawn |= line.layer > 0
    _field(canvas, drawn, level(low_cpm), level(high_cpm))
    _borders(canvas, [column(t_s) for t_s, _ in trace.steps[1:]], plot_rows)
    for at, text in _ticks(bottom, top, step):
        row = round(float(level(np.array(at))) / DOT_ROWS - 0.5)
        canvas.text(0, min(max(row, 0), plot_rows - 1), text.rjust(_GUTTER - 1), _QUIET)
    if len(trace.steps) > 1:
        for t_s, label in trace.steps:
            canvas.text(column(t_s) + (t_s > 0), 0, label, _LABEL)
    for cell, verdict in enumerate(_of_cells(kinds)):
        if verdict is not None:
            canvas.text(_GUTTER + cell, plot_rows, _VERDICTS[verdict], _LINES[verdict])
    for t_s, cue in trace.cues:
        if cue not in _NO_CORRECTION:
            canvas.text(column(t_s), plot_rows + 1, _CUE, _LABEL)
    for t_s, _ in trace.marks:
        canvas.text(column(t_s), plot_rows + 1, _MARKED, _MARK)
    for t_s, _ in trace.pains:
        canvas.text(column(t_s), plot_rows + 1, _HURT, _PAIN)
    _times(canvas, end_s, columns, rows - 1)
    return canvas


def to_columns(trace: Trace, width: int, end_s: float) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Give rate, band and whether it is judged for ``width`` columns of time: the middle of what falls into each.

    Columns between two points that belong together are filled; a gap stays one.
    """
    bins = np.minimum((trace.t_s / end_s * width).astype(np.intp), width - 1)
    rate_cpm = np.full(width, np.nan)
    for part in np.split(np.arange(len(bins)), np.flatnonzero(np.diff(bins)) + 1):
        rates = trace.rate_cpm[part][np.isfinite(trace.rate_cpm[part])]
        if len(rates):
            rate_cpm[bins[part[0]]] = np.median(rates)
    near = _JOINED * trace.every_s
    for a, b in pairwise(np.flatnonzero(np.isfinite(trace.rate_cpm)).tolist()):
        first, last = bins[a], bins[b]
        if b == a + 1 and last > first + 1 and trace.t_s[b] - trace.t_s[a] <= near:
            rate_cpm[first : last + 1] = np.linspace(rate_cpm[first], rate_cpm[last], last - first + 1)
    middles_s = (np.arange(width) + 0.5) * end_s / width
    at = np.clip(np.searchsorted(trace.t_s, middles_s, side="right") - 1, 0, len(trace.t_s) - 1)
    return rate_cpm, trace.low_cpm[at], trace.high_cpm[at], trace.judged[at].astype(bool)


def scale(trace: Trace, rows: int) -> tuple[float, float, float]:
    """Give the lowest and highest rate of the axis, and the distance of its labels.

    The bands are in it and the rates but for a few; it begins at 0 unless that would waste half of the room.
    """
    known = trace.rate_cpm[np.isfinite(trace.rate_cpm)]
    lows = trace.low_cpm[np.isfinite(trace.low_cpm)].tolist()
    highs = trace.high_cpm[np.isfinite(trace.high_cpm)].tolist()
    least = min(float(np.percentile(known, 100 - _PERCENTILE)), *lows) if lows else float(known.min())
    most = max(float(np.percentile(known, _PERCENTILE)), 1.0, *highs) * _ROOM
    if least < most / 2:
        least = 0.0
    step = _round_up((most - least) / max(1, min(4, rows // 2)))
    return step * float(np.floor(least / step)), step * float(np.ceil(most / step)), step


def verdicts(rate_cpm: Array, low_cpm: Array, high_cpm: Array, judged: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Say of each column whether it is below, in or above its band, not judged, or without one; -1 without a rate."""
    kinds = np.where(np.isfinite(low_cpm), _UNJUDGED, _NO_BAND).astype(np.intp)
    held = judged & np.isfinite(low_cpm)
    kinds[held] = _IN_BAND
    with np.errstate(invalid="ignore"):
        kinds[held & (rate_cpm < low_cpm)] = _BELOW_BAND
        kinds[held & (rate_cpm > high_cpm)] = _ABOVE_BAND
    kinds[~np.isfinite(rate_cpm)] = -1
    return kinds


def _runs(kinds: NDArray[np.intp]) -> Iterable[tuple[int, int, int]]:
    """Give stretches of one verdict, each joined to the one after it where there is no gap."""
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for begin, end in pairwise(edges):
        if kinds[begin] >= 0:
            joined = end < len(kinds) and kinds[end] >= 0
            yield begin, end + joined, int(kinds[begin])


def _field(canvas: Canvas, drawn: NDArray[np.bool_], low: Array, high: Array) -> None:
    """Fill the band with a field of dots, but for the cells through which the line goes."""
    height, width = drawn.shape
    y, x = np.arange(height)[:, None], np.arange(width)
    with np.errstate(invalid="ignore"):
        inside = (y >= np.floor(high)) & (y <= np.ceil(low))
    dots = inside & (y % 2 == 0) & ((x + y // 2) % 2 == 0)
    cells = drawn.reshape(height // DOT_ROWS, DOT_ROWS, width // DOT_COLUMNS, DOT_COLUMNS).any(axis=(1, 3))
    free = ~np.repeat(np.repeat(cells, DOT_ROWS, axis=0), DOT_COLUMNS, axis=1)
    canvas.layer[:height, _GUTTER * DOT_COLUMNS :][dots & free] = _BAND


def _borders(canvas: Canvas, columns: Iterable[int], rows: int) -> None:
    for column in columns:
        dots = canvas.layer[: rows * DOT_ROWS : 2, column * DOT_COLUMNS]
        dots[dots <= _BAND] = _QUIET


def _of_cells(kinds: NDArray[np.intp]) -> Iterable[int | None]:
    """Say of each cell what holds of it: out of the band wherever it was, since that is what one looks for."""
    for kind in kinds.reshape(-1, DOT_COLUMNS):
        known = [each for each in kind if each >= 0]
        out = [each for each in known if each in (_BELOW_BAND, _ABOVE_BAND)]
        yield int((out or known)[0]) if known else None


def _ticks(bottom: float, top: float, step: float) -> Iterable[tuple[float, str]]:
    for at in np.arange(bottom, top + step / 2, step):
        yield float(at), f"{at:g}"


def _times(canvas: Canvas, end_s: float, columns: int, row: int) -> None:
    """Write times under the plot, as many as there is room for."""
    room = columns - _GUTTER
    most = max(1, room // _TIME_COLUMNS)
    step_s = next((each for each in _TIME_STEPS_S if end_s / each <= most), _TIME_STEPS_S[-1])
    for at_s in range(0, int(end_s) + 1, step_s):
        text = words.clock(at_s)
        column = _GUTTER + int(at_s / end_s * room)
        if column + len(text) <= columns:
            canvas.text(column, row, text, _QUIET)


def _round_up(value: float) -> float:
    """Give the next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= value * (1 - 1e-9)))
