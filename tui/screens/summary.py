"""Summary: what was done, and where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from tracker.events import NoticeEvent, StepResult, SummaryEvent
from tracker.motion.state import Kind
from tui import keys, words
from tui.screens import bindings
from tui.widgets import blocks

_NAME_COLUMNS = 34


class SummaryScreen(Screen[None]):
    """The end of a session.

    Parameters
    ----------
    title : str
        The routine's.
    summary : SummaryEvent
    notices : sequence of NoticeEvent
        All of the session.
    """

    BINDINGS = bindings(keys.SUMMARY)

    class Home(Message):
        """The person wants to choose again."""

    class Replay(Message):
        """The person wants to see the session again."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, title: str, summary: SummaryEvent, notices: Sequence[NoticeEvent]) -> None:
        super().__init__()
        self._routine_title = title
        self._summary = summary
        self._notices = list(notices)
        self._saved: Path | None = None

    def compose(self) -> ComposeResult:
        """Put up steps, totals, notes, and the recording's place."""
        yield Static("\n".join(blocks.draw("done", 1)), id="name")
        yield Static(
            Content.assemble(
                (self._routine_title, "bold"), (f"   {words.clock(self._summary.t_s)}", "$foreground-muted")
            ),
            id="what",
        )
        with VerticalScroll(id="page"):
            yield Static(steps_table(self._summary.steps), id="results")
            yield Static(totals_line(self._summary), id="totals")
            yield Static(id="notes")
        yield Static("Saving the recording …", id="saved", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the notes so far."""
        self._show_notes()

    def closed(self, path: Path | None, notices: Sequence[NoticeEvent]) -> None:
        """Say where the recording is, now that nothing more is written."""
        self._saved = path
        self._notices += notices
        self.query_one("#saved", Static).update(Content(f"Recording: {path}" if path else "Not recorded."))
        self._show_notes()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer the replay only once there is something to replay."""
        return None if action == "replay" and self._saved is None else True

    def action_home(self) -> None:
        """Go home."""
        self.post_message(self.Home())

    def action_replay(self) -> None:
        """See it again."""
        if self._saved is not None:
            self.post_message(self.Replay(self._saved))

    def _show_notes(self) -> None:
        self.query_one("#notes", Static).update(notes(self._summary, self._notices))


def steps_table(steps: Sequence[StepResult]) -> Content:
    """Lay the steps out, one a line."""
    if not steps:
        return Content.styled("No step was begun.", "$foreground-muted")
    head = f"{'Step':{_NAME_COLUMNS}}{'time':>8}{'cycles':>10}{'in the band':>14}"
    lines = [Content.styled(head, "$foreground-muted")]
    for step in steps:
        name = step.name if len(step.name) < _NAME_COLUMNS else step.name[: _NAME_COLUMNS - 2] + "…"
        in_band = words.share(step.in_band_s, step.judged_s)
        values = f"{words.clock(step.seconds):>8}{step.cycles:>10.0f}{in_band:>14}"
        lines.append(Content.assemble((f"{name:{_NAME_COLUMNS}}", "bold"), values))
    return Content("\n").join(lines)


def totals_line(summary: SummaryEvent) -> Content:
    """Add up by motion, those that happened."""
    lines = [Content.styled("By motion", "bold $secondary")]
    for kind in Kind:
        total = summary.totals.get(kind.value)
        if total is None or not total.seconds:
            continue
        line = f"{words.motion(kind, None):12}{words.clock(total.seconds):>8}"
        if total.cycles is not None:
            line += f"{total.cycles:>8.0f} cycles"
        if total.cw is not None and total.ccw is not None:
            line += f"   ↻ cw {total.cw:.0f}   ↺ ccw {total.ccw:.0f}"
        lines.append(Content(line))
    if len(lines) == 1:
        lines.append(Content.styled("Nothing was heard from the wrist.", "$foreground-muted"))
    return Content("\n").join(lines)


def notes(summary: SummaryEvent, notices: Sequence[NoticeEvent]) -> Content:
    """Tell what the person should know about the data."""
    lines: list[str] = []
    for stream in summary.streams:
        missing_s = sum(gap.length_s for gap in stream.gaps)
        if missing_s:
            lines.append(f"{stream.device}: {words.count(len(stream.gaps), 'gap')}, {missing_s:.1f} s not measured")
        if stream.rejected:
            lines.append(f"{stream.device}: {words.count(stream.rejected, 'message or sample')} could not be used")
    lines += [f"{notice.about}: {notice.text}" for notice in notices]
    return Content.styled("\n".join(lines), "$foreground-muted")
