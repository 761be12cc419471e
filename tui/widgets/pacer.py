"""A ball to follow at the pace that the step asks for."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from textual.reactive import reactive
from textual.widget import Widget

from tracker.motion.state import Direction
from tui import memory, words
from tui.widgets import blocks
from tui.widgets.canvas import DOT_COLUMNS, DOT_ROWS, Canvas

Shape = Literal["line", "circle"]

_STYLES = ("", "$foreground-muted", "bold $secondary")
_TRACK, _BALL = range(1, 3)
_ARROWS: dict[Direction, str] = {"cw": "↻", "ccw": "↺"}
_MOST_ROWS = 5
"""A track's height: what is more stays blank."""
_LEAST_ROUND = 4
"""Rows below which a circle cannot be told from a line."""
_CIRCLE = np.linspace(0, 2 * np.pi, 121)


def needed(mode: memory.Pacer, in_band: bool | None, step_has_band: bool) -> bool:
    """Tell whether a pacer is to be shown.

    Parameters
    ----------
    mode : {"needed", "on", "off"}
    in_band : bool or None
        Whether the hand keeps the pace; None where it has none to judge.
    step_has_band : bool
    """
    if not step_has_band or mode == "off":
        return False
    return mode == "on" or in_band is False


class Pacer(Widget):
    """Goes back and forth, or round, by the session's time alone: in phase with nothing.

    ``t_s`` is the session's time, ``rate_cpm`` the pace in full cycles, ``shape`` and ``turns`` the way to go.
    """

    auto_links = reactive(False)  # there are none: looking for them costs a third of a picture

    t_s: reactive[float] = reactive(0.0)
    rate_cpm: reactive[float | None] = reactive[float | None](None)
    shape: reactive[Shape] = reactive[Shape]("line")
    turns: reactive[Direction] = reactive[Direction]("cw")

    @property
    def phase_rad(self) -> float:
        """Of the ball now: 0 at the left end, or at the top."""
        return 2 * math.pi * ((self.rate_cpm or 0.0) / 60 * self.t_s % 1.0)

    def render(self) -> Canvas:
        """Draw the way and the ball on it."""
        columns, rows = self.size
        canvas = Canvas(columns, rows, _STYLES)
        if self.rate_cpm is None:
            canvas.text(columns // 2, rows // 2, words.UNKNOWN, _TRACK)
        elif self.shape == "circle" and rows >= _LEAST_ROUND:
            _draw_round(canvas, self.phase_rad, self.turns, words.pace(self.rate_cpm))
        else:
            _draw_straight(canvas, self.phase_rad)
        return canvas


def _draw_straight(canvas: Canvas, phase_rad: float) -> None:
    """Draw a track with stops at its ends, and a ball of its height that slows down before them."""
    rows = min(canvas.rows, _MOST_ROWS)
    top = (canvas.rows - rows) // 2
    if rows % 2:
        canvas.text(1, top + rows // 2, "─" * (canvas.columns - 2), _TRACK)
    else:
        canvas.text(1, top + rows // 2 - 1, "▁" * (canvas.columns - 2), _TRACK)
    # In half cells: the ball moves by those, and a cell is two of them high.
    way = 2 * (canvas.columns - 2) - 4 * rows
    middle = 2 + 2 * rows + max(0, way) * (1 - math.cos(phase_rad)) / 2
    for row in range(rows):
        canvas.text(0, top + row, "▐", _TRACK)
        canvas.text(canvas.columns - 1, top + row, "▌", _TRACK)
        height = (2 * row + 1) / rows - 1
        half = 2 * rows * math.sqrt(1 - height * height)
        start = round(middle - half)
        end = start + round(2 * half)
        if start % 2:
            canvas.text(start // 2, top + row, "▐", _BALL)
        canvas.text((start + 1) // 2, top + row, "█" * (end // 2 - (start + 1) // 2), _BALL)
        if end % 2:
            canvas.text(end // 2, top + row, "▌", _BALL)


def _draw_round(canvas: Canvas, phase_rad: float, turns: Direction, pace: str) -> None:
    """Draw a circle with a ball, which sets out at the top; in its middle the arrow and the pace."""
    x, y, room = canvas.width / 2, canvas.height / 2, min(canvas.width, canvas.height) / 2
    ball = max(2.0, room / 6.5)
    radius = max(1.0, room - ball)
    canvas.curve(np.stack((x + radius * np.sin(_CIRCLE), y - radius * np.cos(_CIRCLE)), axis=1), _TRACK)
    _write_middle(canvas, 2 * (radius - ball), _ARROWS[turns], pace)
    angle = phase_rad if turns == "cw" else -phase_rad
    canvas.disc(x + radius * math.sin(angle), y - radius * math.cos(angle), ball, _BALL)


def _write_middle(canvas: Canvas, room: float, arrow: str, pace: str) -> None:
    """Write as large as ``room`` dots across allow."""
    lines = [f"{arrow} {pace}"]
    large = [*blocks.draw(pace, 1), arrow.center(blocks.width(pace, 1))]
    if math.hypot(len(large[0]) * DOT_COLUMNS, len(large) * DOT_ROWS) <= room:
        lines = large
    elif len(lines[0]) * DOT_COLUMNS > room:
        lines = [arrow]
    for row, line in enumerate(lines, (canvas.rows - len(lines)) // 2):
        canvas.text((canvas.columns - len(line)) // 2, row, line, _BALL)
