"""A widget alone on a screen, and the dots and words it draws."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from tui.themes import ALL_THEMES

SIZES = [(1, 1), (3, 1), (12, 6), (13, 5), (24, 11), (60, 30), (80, 1)]


@asynccontextmanager
async def alone(widget: Widget, size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """Show it, over the whole screen."""

    class Alone(App[None]):
        CSS = "Screen { background: $background; color: $foreground; }"

        def compose(self) -> ComposeResult:
            widget.styles.width = widget.styles.height = "100%"
            yield widget

        def on_mount(self) -> None:
            for theme in ALL_THEMES:
                self.register_theme(theme)
            self.theme = ALL_THEMES[0].name

    async with Alone().run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def lines(widget: Widget) -> list[str]:
    """What stands on the screen."""
    return [strip.text for strip in widget.render_lines(widget.size.region)]


def dots(widget: Widget, colour: str | None = None) -> np.ndarray:
    """Braille dots of the screen, shape (4 rows, 2 columns); those of one of the theme's colours alone."""
    width, height = widget.size
    shown = np.zeros((4 * height, 2 * width), dtype=bool)
    wanted = None if colour is None else widget.app.theme_variables[colour].lower()
    for y, strip in enumerate(widget.render_lines(widget.size.region)):
        x = 0
        for text, style, _ in strip:
            seen = style is not None and style.color is not None and style.color.triplet is not None
            matches = wanted is None or (seen and style.color.triplet.hex.lower() == wanted)
            for letter in text:
                bits = ord(letter) - 0x2800
                if matches and 0 < bits < 0x100:
                    for bit, (row, column) in enumerate(
                        ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1))
                    ):
                        shown[4 * y + row, 2 * x + column] = bits >> bit & 1
                x += 1
    return shown


def seen(app: App[None]) -> str:
    """What a person reads on the whole screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
