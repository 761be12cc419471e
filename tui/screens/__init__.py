"""The dashboard's screens: home, live, replay, summary."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from tui.keys import Key


def bindings(keys: Iterable[Key]) -> list[BindingType]:
    """Bind keys for a screen."""
    return [Binding(key.keys, key.action, key.label, key_display=key.shown) for key in keys]
