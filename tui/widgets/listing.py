"""A list of any length: only the lines on the screen are ever drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui import keys

_HEAD_ROWS = 1
_MARGIN = 2

Row = Callable[[int, int], Content]
"""Draws a line: its index, and the columns there are."""
Head = Callable[[int], Content]
"""Draws what stands above, from the columns there are."""


class Listing(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines under a head that stays; one of them is chosen. It never scrolls sideways: left and right are the screen's.

    Parameters
    ----------
    head, row : callable
        Draw one line each.
    """

    DEFAULT_CSS = """
    Listing {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;

        .listing--head {
            color: $foreground-muted;
        }

        .listing--chosen {
            background: $surface;
            text-style: bold;
        }

        &:focus .listing--chosen {
            background: $panel;
        }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--head", "listing--chosen"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label, show=key.footer, key_display=key.shown, id=key.id) for key in keys.LIST
    ]

    class Moved(Message):
        """Another line is chosen."""

    class Opened(Message):
        """The chosen line was clicked."""

    class Seen(Message):
        """Other lines are on the screen."""

    def __init__(self, head: Head, row: Row, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = head
        self._row = row
        self.count = 0
        self.chosen = 0

    @property
    def seen(self) -> range:
        """Indices of the lines on the screen."""
        first = self.scroll_offset.y
        return range(first, min(self.count, first + self._rows))

    def show(self, count: int, chosen: int) -> None:
        """Take how many lines there are, and which of them is chosen."""
        self.count = count
        self._grow()
        self._choose(chosen)
        self.post_message(self.Seen())

    def action_up(self) -> None:
        """Go to the line above."""
        self._choose(self.chosen - 1)

    def action_down(self) -> None:
        """Go to the line below."""
        self._choose(self.chosen + 1)

    def action_page(self, by: int) -> None:
        """Go by as many lines as there are on the screen."""
        self._choose(self.chosen + by * max(1, self._rows - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self._choose(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._choose(self.count - 1)

    def on_click(self, event: Click) -> None:
        """Choose a line, and open it with a second click."""
        index = self.scroll_offset.y + event.y - _HEAD_ROWS
        if event.y < _HEAD_ROWS or index >= self.count:
            return
        if index == self.chosen:
            self.post_message(self.Opened())
        else:
            self._choose(index)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's
        """Fit what is shown to the new size."""
        self._grow()
        self._reveal()
        self.post_message(self.Seen())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that other lines are on the screen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Seen())

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        if not width:  # between two sizes
            return Strip.blank(width)
        if y < _HEAD_ROWS:
            return self._strip(self._head(width - _MARGIN), "  ", width, "listing--head")
        index = self.scroll_offset.y + y - _HEAD_ROWS
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        row = self._row(index, width - _MARGIN)
        if index == self.chosen:
            return self._strip(row, "▶ ", width, "listing--chosen")
        return self._strip(row, "  ", width)

    def _strip(self, line: Content, mark: str, width: int, *classes: str) -> Strip:
        style = self.get_visual_style(*classes)
        content = Content.assemble((mark, "$primary"), line)
        strips = Visual.to_strips(self, content, width, 1, style, apply_selection=False, pad=True)
        return strips[0].adjust_cell_length(width, style.rich_style)

    @property
    def _rows(self) -> int:
        return max(0, self.scrollable_content_region.height - _HEAD_ROWS)

    def _grow(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.count + _HEAD_ROWS)

    def _choose(self, index: int) -> None:
        index = max(0, min(self.count - 1, index))
        moved = index != self.chosen
        self.chosen = index
        self._reveal()
        self.refresh()
        if moved:
            self.post_message(self.Moved())

    def _reveal(self) -> None:
        first = self.scroll_offset.y
        top = min(first, self.chosen)
        if self._rows:
            top = max(top, self.chosen - self._rows + 1)
        if top != first:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
