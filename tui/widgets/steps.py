"""The routine's steps: where one is, what is left, what is next."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets import blocks

_USUAL = "00:00"


class Place(NamedTuple):
    """Where one is: the routine, its steps' names, the current one's index, how much is left and of what."""

    title: str = ""
    names: tuple[str, ...] = ()
    current: int = 0
    left: str = ""
    left_of: str = ""
    in_band: str = ""


class Steps(Widget):
    """The list of steps, with the current one marked and its time or cycles left in block digits."""

    place: reactive[Place] = reactive(Place())

    def render(self) -> Content:
        """Draw as many steps as fit, the current and the next one always among them."""
        place, (columns, rows) = self.place, self.size
        scale = max(1, blocks.fitting(_USUAL, columns, rows // 3))
        room = max(2, rows - blocks.height(scale) - 4)
        first = min(max(0, place.current - 1), max(0, len(place.names) - room))
        shown = range(first, min(len(place.names), first + room))
        lines = [
            Content.styled(_cut(place.title, columns), "bold $secondary"),
            *(self._step(index, columns) for index in shown),
            Content(""),
            *(Content.styled(row, "$foreground") for row in blocks.draw(place.left, scale)),
            Content.styled(place.left_of, "$foreground-muted"),
            Content.styled(place.in_band, "$foreground-muted"),
        ]
        return Content("\n").join(lines)

    def _step(self, index: int, columns: int) -> Content:
        name, current = self.place.names[index], self.place.current
        if index < current:
            return Content.styled(_cut(f"✓ {name}", columns), "$foreground-muted")
        if index == current:
            return Content.styled(_cut(f"▶ {name}", columns), "bold $primary")
        if index == current + 1:
            return Content.styled(_cut(f"  next: {name}", columns), "$foreground")
        return Content.styled(_cut(f"  {name}", columns), "$foreground-muted")


def _cut(text: str, columns: int) -> str:
    return text if len(text) <= columns else text[: max(0, columns - 1)] + "…"
