"""A line to type into."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from tui import keys


class Typing(Input):
    """A line to type into, which can be left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label, key_display=key.shown, id=key.id) for key in keys.TYPING
    ]

    class Left(Message):
        """The person does not want to type after all."""

        def __init__(self, typing: Typing) -> None:
            super().__init__()
            self.typing = typing

        @property
        def control(self) -> Typing:
            """The line."""
            return self.typing

    def action_leave(self) -> None:
        """Leave it."""
        self.post_message(self.Left(self))
