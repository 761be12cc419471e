"""When not to massage, and when to stop: told once in plain words, and by a key whenever it is wanted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tracker.safety import CLAIM
from tui import keys
from tui.cautions import PARTS
from tui.screens import bindings, stop


class CautionsScreen(ModalScreen[None]):
    """Tells it; Enter is "understood"."""

    CSS_PATH = "cautions.tcss"
    BINDINGS = [*bindings(keys.TOLD), stop()]  # noqa: RUF012 - Textual's type
    TITLE = "When not to"
    ABOUT = "What to know before a massage. A session's ! key stops it at once."

    def compose(self) -> ComposeResult:
        """Put up what Palmpace is, then the lists."""
        with VerticalScroll(id="cautions"):
            yield Static(Content.styled("Before you massage", "bold $primary"), id="title")
            yield Static(CLAIM, markup=False)
            for title, said in PARTS:
                lines = [Content.styled(title, "bold $secondary"), *(Content(f"•  {each}") for each in said)]
                yield Static(Content("\n").join(lines))
            yield Static(
                Content.assemble(
                    ("!", "bold $accent"),
                    (" stops a session at once    ", "$foreground-muted"),
                    ("w", "bold $accent"),
                    (" shows this again", "$foreground-muted"),
                )
            )
        yield Footer(show_command_palette=False)

    def action_on(self) -> None:
        """Take it as understood."""
        self.dismiss(None)
