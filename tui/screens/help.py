"""Help: what each key does here, as the keys are set now."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keys
from tui.screens import stop

_KEYS_COLUMNS = 9


class HelpScreen(ModalScreen[None]):
    """The keys of the screen below, and in a few words what that screen is for.

    Parameters
    ----------
    title : str
        Of the screen below.
    about : str
        What it is for.
    active : mapping of str to ActiveBinding
        Its keys.
    """

    CSS_PATH = "help.tcss"
    BINDINGS = [  # noqa: RUF012 - Textual's type
        Binding("escape,q,question_mark,f1,enter,space", "dismiss", "close", key_display="esc"),
        stop(),
    ]

    def __init__(self, title: str, about: str, active: dict[str, ActiveBinding]) -> None:
        super().__init__()
        self._about_title = title
        self._about = about
        self._active = active

    def compose(self) -> ComposeResult:
        """Put up the words, then the keys."""
        with VerticalScroll(id="help"):
            yield Static(Content.styled(self._about_title, "bold $primary"))
            yield Static(Content.styled(self._about, "$foreground"), id="about-screen")
            yield Static(Content("\n").join(self._lines()), id="keys")
            yield Static(Content.styled("esc closes", "$foreground-muted"))

    def _lines(self) -> list[Content]:
        by_action: dict[str, list[str]] = {}
        for active in self._active.values():
            if active.binding.id in keys.BY_ID:
                by_action.setdefault(active.binding.id, []).append(self.app.get_key_display(active.binding))
        lines = []
        for key in keys.BY_ID.values():
            if key.id in by_action:
                shown = " ".join(dict.fromkeys(by_action[key.id]))
                lines.append(
                    Content.assemble((f"{shown:>{_KEYS_COLUMNS}}", "bold $accent"), f"   {key.help or key.label}")
                )
        return lines
