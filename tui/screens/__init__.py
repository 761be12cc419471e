"""The dashboard's screens, and the messages that lead from one to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.choices import Choice
from tui.keys import BY_ID, EVERYWHERE, Key

Place = Literal["home", "recordings", "history", "today"]


class Go(Message):
    """The person wants to be somewhere else.

    Parameters
    ----------
    to : {"home", "recordings", "history", "today"}
    filter : str
        Show only what has these words, for the list of recordings.
    """

    def __init__(self, to: Place, filter: str = "") -> None:
        super().__init__()
        self.to = to
        self.filter = filter


class Open(Message):
    """The person wants this to run."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


class Edit(Message):
    """The person wants to look into a routine, and change it.

    Parameters
    ----------
    name : str
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """Bind keys for a screen, and those that hold everywhere."""
    return [
        Binding(key.keys, key.action, key.label, show=key.footer, key_display=key.shown, id=key.id)
        for key in (*keys, *EVERYWHERE)
    ]


def stop() -> Binding:
    """Bind the key for pain on a page that only tells something, and may lie over a session."""
    key = BY_ID["live.pain"]
    return Binding(key.keys, "app.pain", key.label, show=False, key_display=key.shown, id=key.id)
