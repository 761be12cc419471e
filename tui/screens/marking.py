"""After a mark: a strip in the footer's place that takes what it was, while the session goes on."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import DescendantFocus, Focus
from textual.message import Message
from textual.widgets import Input, Static

from tui import keys, words

MOST_LETTERS: Final = 80
_PAIN = keys.BY_ID["live.pain"]


class Words(Input):
    """A line for own words; the key for pain stops the session here too, and is no word."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(_PAIN.keys, "screen.pain", show=False, priority=True, id=_PAIN.id)]


class MarkStrip(Horizontal, can_focus=True):
    """Offers words for a mark; with the focus on it its keys go before the session's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label, show=False, key_display=key.shown, id=key.id) for key in keys.MARKING
    ]

    class Chosen(Message):
        """The person has said what it was; nothing is just the mark."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._marked_s = 0.0

    @property
    def writing(self) -> bool:
        """Whether own words are being typed."""
        return self.has_class("-writing")

    @property
    def text(self) -> str:
        """What has been typed so far."""
        return self.query_one(Input).value.strip() if self.writing else ""

    def compose(self) -> ComposeResult:
        """Put up the moment, and what it may have been; a line for typing in its place."""
        yield Static(id="moment")
        yield Static(id="choices")
        hint = "what was it?   enter keeps it, esc just the mark"
        yield Words(compact=True, max_length=MOST_LETTERS, placeholder=hint)

    def begin(self, marked_s: float) -> None:
        """Ask about this moment."""
        self._marked_s = marked_s
        self.remove_class("-writing")
        self.query_one(Input).value = ""
        self.query_one("#moment", Static).update(Content.styled(f"✎ {words.clock(marked_s)}  ", "bold $primary"))
        self.focus()

    def action_say(self, text: str) -> None:
        """Say one of the words that are offered, or none."""
        self.post_message(self.Chosen(text))

    def action_write(self) -> None:
        """Let own words be typed."""
        self.add_class("-writing")
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(self.Chosen(message.value.strip()))

    @on(Focus)
    @on(DescendantFocus)
    def _show_choices(self) -> None:
        """Name the keys, as they are set now."""
        shown: dict[str, tuple[str, str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id in _IDS:
                shown.setdefault(binding.id, (self.app.get_key_display(binding), binding.description))
        parts = [Content.assemble((key, "bold $accent"), f" {label}  ") for key, label in shown.values()]
        self.query_one("#choices", Static).update(Content("").join(parts))


_IDS = frozenset(key.id for key in keys.MARKING)
