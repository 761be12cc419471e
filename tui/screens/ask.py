"""A question with two answers, over whatever screen it is about."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keys


class Ask(ModalScreen[bool]):
    """A question with two answers.

    Parameters
    ----------
    question : Content
    """

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label, key_display=key.shown, id=key.id) for key in keys.ASK
    ]

    def __init__(self, question: Content) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Put it in the middle."""
        yield Static(self._question, id="question")

    def action_answer(self, yes: bool) -> None:
        """Take the answer."""
        self.dismiss(yes)


def question(asked: str, about: str, yes: str, no: str) -> Content:
    """Put a question into words: what is asked, what comes of it, and what each answer does."""
    return Content.assemble(
        (asked, "bold"),
        (f"\n\n{about}\n\n", ""),
        (" y ", "bold reverse"),
        (f" {yes}     ", ""),
        (" n ", "bold reverse"),
        (f" {no}", ""),
    )
