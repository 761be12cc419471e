"""The hand's own path over the one that the step asks for."""

from __future__ import annotations

import numpy as np
from textual.reactive import reactive
from textual.widget import Widget

from sensors.samples import Array
from tracker.motion.figure import Figure
from tracker.motion.state import Kind
from tui import words
from tui.widgets.canvas import DOT_ROWS, Canvas

_STYLES = ("", "$foreground-muted", "$primary", "bold $primary", "bold $foreground")
_IDEAL, _PAST, _RECENT, _HEAD = range(1, 5)
_CAPTION_ROWS = 8
"""Rows from which on there is room for a caption."""
_REACH = 1.12
"""A figure goes so far beyond its half axis, since it is not quite an ellipse."""
_STOP, _TARGET = 0.22, (0.3, 0.08)
_BROAD = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0))
_FINE_DOTS = 12.0
"""A unit up to which one dot is broad enough."""
_RECENT_RAD = 0.75 * np.pi
_CIRCLE = np.linspace(0, 2 * np.pi, 121)
_ROUND, _OVAL = 0.9, 0.5


class Path(Widget):
    """Dim what the step asks for; over it the hand's own figure, its last part broad, with a dot for the hand.

    ``ideal`` is the motion that the step asks for, if any; ``circularity`` is the engine's word on the figure.
    """

    auto_links = reactive(False)  # there are none: looking for them costs a third of a picture

    figure: reactive[Figure | None] = reactive[Figure | None](None)
    ideal: reactive[Kind | None] = reactive[Kind | None](None)
    circularity: reactive[float | None] = reactive[float | None](None)

    def render(self) -> Canvas:
        """Draw both, and the path's shape in words where there is room."""
        columns, rows = self.size
        canvas = Canvas(columns, rows, _STYLES)
        captioned = rows >= _CAPTION_ROWS
        height = (rows - captioned) * DOT_ROWS
        side = min(canvas.width, height)
        if captioned:
            caption = self.caption
            text = caption if len(caption) <= columns else caption.rpartition(": ")[2]
            canvas.text((columns - len(text)) // 2, -(-(height + side) // (2 * DOT_ROWS)), text, _IDEAL)
        head = max(1.5, side / 18)
        drawing = _Drawing(canvas, canvas.width / 2, height / 2, max(1.0, (side / 2 - head) / _REACH))
        _draw_ideal(drawing, self.ideal)
        if self.figure is not None:
            _draw_own(drawing, self.figure, head)
        return canvas

    @property
    def caption(self) -> str:
        """The figure's shape in words."""
        if self.figure is None:
            return "hold still" if self.ideal is Kind.STILL else f"your path: {words.UNKNOWN}"
        circularity = self.figure.circularity if self.circularity is None else self.circularity
        if circularity < _OVAL:
            return "your path: flat"
        return f"your path: {'round' if circularity >= _ROUND else 'oval'} {circularity:.2f}"


class _Drawing:
    """A canvas with its middle and its unit of length, in dots; up is up."""

    def __init__(self, canvas: Canvas, x: float, y: float, unit: float) -> None:
        self.canvas = canvas
        self.unit = unit
        self._middle = np.array((x, y))

    def placed(self, places: Array) -> Array:
        return self._middle + self.unit * places * (1.0, -1.0)

    def curve(self, places: Array, layer: int) -> None:
        self.canvas.curve(self.placed(places), layer)

    def ring(self, radius: float, layer: int) -> None:
        self.curve(radius * np.stack((np.cos(_CIRCLE), np.sin(_CIRCLE)), axis=1), layer)


def _draw_ideal(drawing: _Drawing, ideal: Kind | None) -> None:
    if ideal is Kind.CIRCLE:
        drawing.ring(1.0, _IDEAL)
    elif ideal in (Kind.STROKE, Kind.LIFT):
        drawing.curve(np.array(((-1.0, 0.0), (1.0, 0.0))), _IDEAL)
        for end in (-1.0, 1.0):
            drawing.curve(np.array(((end, -_STOP), (end, _STOP))), _IDEAL)
    elif ideal is Kind.STILL:
        for radius in _TARGET:
            drawing.ring(radius, _IDEAL)


def _draw_own(drawing: _Drawing, figure: Figure, head: float) -> None:
    drawing.curve(figure.at(_CIRCLE), _PAST)
    recent = drawing.placed(figure.at(figure.phase_rad - np.linspace(_RECENT_RAD, 0, len(_CIRCLE))))
    for shift in _BROAD if drawing.unit > _FINE_DOTS else _BROAD[:1]:
        drawing.canvas.curve(recent + shift, _RECENT)
    ((x, y),) = drawing.placed(figure.at(np.array([figure.phase_rad]))).tolist()
    drawing.canvas.disc(x, y, head, _HEAD)
