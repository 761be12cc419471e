"""After pain that ends a session: what to do now, large, before anything else."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tracker.events import PainEvent
from tracker.safety import PAIN_ADVICE, STOP_AT
from tui import keys
from tui.screens import bindings
from tui.widgets.cue import Cue, Said


class AdviceScreen(ModalScreen[None]):
    """Tells what to do.

    Parameters
    ----------
    pain : PainEvent
    """

    CSS_PATH = "pain.tcss"
    BINDINGS = bindings(keys.TOLD)
    TITLE = "Rest"
    ABOUT = "The session has ended for pain. Take your time."

    def __init__(self, pain: PainEvent) -> None:
        super().__init__()
        self._pain = pain

    def compose(self) -> ComposeResult:
        """Put up the word, then the advice."""
        where = f" at {self._pain.area}" if self._pain.area else ""
        with Vertical(id="advice"):
            yield Cue(id="rest")
            yield Static(PAIN_ADVICE, id="do", markup=False)
            yield Static(Content.styled(f"Always stop at {STOP_AT[0]}.", "$foreground-muted"), id="stop")
            yield Static(
                Content.styled(f"pain {self._pain.value} of 10{where}: the session has ended", "$foreground-muted")
            )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Say it large."""
        self.query_one(Cue).said = Said("rest", "", "stop", "■")

    def action_on(self) -> None:
        """Go on to the summary."""
        self.dismiss(None)
