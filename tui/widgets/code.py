"""A QR code: dark on light whatever the theme, and only ever whole."""

from __future__ import annotations

import segno
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui import qr

_DARK_ON_LIGHT = Style(color="#000000", bgcolor="#ffffff")


class Code(Widget):
    """Takes as much room as its code needs, its free margin counted; without a code none."""

    DEFAULT_CSS = """
    Code {
        width: auto;
        height: auto;
    }
    """

    code: reactive[segno.QRCode | None] = reactive[segno.QRCode | None](None, layout=True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[str] = []

    def watch_code(self) -> None:
        """Draw it once."""
        self._rows = qr.rows(self.code) if self.code is not None else []

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's
        """Give the columns it takes."""
        return len(self._rows[0]) if self._rows else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the rows it takes."""
        return len(self._rows)

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return Strip([Segment(self._rows[y], _DARK_ON_LIGHT)])
