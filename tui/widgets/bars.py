"""The thin lines at the top: what runs, its state and its clocks."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui import words


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


class Seek(Widget):
    """How far a replay has come, and how fast it runs."""

    position_s: reactive[int] = reactive(0)
    total_s: reactive[float] = reactive(0.0)
    speed: reactive[str] = reactive("")
    paused: reactive[bool] = reactive(default=False)

    def render(self) -> Content:
        """Draw one line: state, position, bar, total, speed."""
        sign = "❚❚" if self.paused else "▶ "
        before = f"{sign} {words.clock(self.position_s)} "
        total = words.clock(self.total_s) if self.total_s > 0 else "—"
        after = f" {total}   {self.speed}"
        room = max(0, self.size.width - len(before) - len(after))
        done = round(room * min(1.0, self.position_s / self.total_s)) if self.total_s > 0 else 0
        return Content.assemble(
            (before, "bold"),
            ("━" * done, "$primary"),
            ("─" * (room - done), "$foreground-muted"),
            (after, "bold"),
        )
