"""The thin line at the top: what runs, its state and its clock."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Top(Widget):
    """Name and title to the left; state, recording and session clock to the right."""

    title: reactive[str] = reactive("")
    state: reactive[str] = reactive("")
    recording: reactive[str] = reactive("")
    clock: reactive[str] = reactive("")

    def render(self) -> Content:
        """Draw one line; the title gives way first."""
        right = Content.assemble(
            (f"{self.state}   ", "$foreground-muted"),
            (f"{self.recording}   ", "$error" if self.recording.startswith("●") else "$foreground-muted"),
            (self.clock, "bold"),
        )
        name = Content.styled("Palmpace  ", "bold $primary")
        room = max(0, self.size.width - right.cell_length - name.cell_length - 1)
        title = self.title if len(self.title) <= room else self.title[: max(0, room - 1)] + "…"
        return name + Content.styled(title.ljust(room), "$foreground-muted") + Content(" ") + right
