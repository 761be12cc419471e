"""Every key of the dashboard, by screen: the one place where a key gets its meaning."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """A key, the action of the screen that it calls, and its word in the footer.

    ``keys`` are Textual's names, comma separated; ``shown`` is what stands on the key where that is another
    thing.
    """

    keys: str
    action: str
    label: str
    shown: str | None = None


HOME = (
    Key("tab", "app.focus_next", "next list"),
    Key("q,escape", "app.quit", "quit", "q"),
)

LIVE = (
    Key("space", "pause", "pause/resume"),
    Key("n", "next", "next"),
    Key("b", "back", "back"),
    Key("exclamation_mark", "pain", "pain: stop", "!"),
    Key("m", "mark", "mark"),
    Key("l", "strap('left')", "left"),
    Key("r", "strap('right')", "right"),
    Key("q,escape", "end", "end", "q"),
)

REPLAY = (
    Key("space", "pause", "pause/resume"),
    Key("plus,equals_sign", "faster", "faster", "+"),
    Key("minus", "slower", "slower", "-"),
    Key("q,escape", "end", "end", "q"),
)

SUMMARY = (
    Key("h", "home", "home"),
    Key("r", "replay", "replay it"),
    Key("q,escape", "app.quit", "quit", "q"),
)
