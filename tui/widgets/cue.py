"""What the coach says: a sign and one word in block letters, its target below; quiet otherwise."""

from __future__ import annotations

import textwrap
from typing import Literal, NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets import blocks

Tone = Literal["quiet", "good", "cue", "stop"]
Sign = Literal["▲", "▼", "◯", "∘", "≡", "✕", "↺", "⇄", "▶", "»", "■", "✓"]
_STYLES: dict[Tone, str] = {
    "quiet": "$foreground-muted",
    "good": "$success",
    "cue": "$warning",
    "stop": "$error",
}


class Said(NamedTuple):
    """A word to read from afar, a line to go with it, how loud both are, and a sign: a shape tells it even sooner."""

    word: str = ""
    line: str = ""
    tone: Tone = "quiet"
    sign: Sign | None = None


class Cue(Widget):
    """One cue at a time."""

    said: reactive[Said] = reactive(Said())

    def render(self) -> Content:
        """Draw the word as large as it fits above its line; without a word the line alone, in the middle."""
        columns, rows = self.size
        word, line, tone, sign = self.said
        style = _STYLES[tone]
        if not word:
            taken = sum(1 + (len(each) - 1) // max(1, columns) for each in line.split("\n"))
            above = [Content("")] * (max(0, rows - taken) // 2)
            return Content("\n").join([*above, Content.styled(line, style)])
        signed = f"{sign} {word}" if sign else word
        scale = blocks.fitting(word, columns, rows - 1)
        if blocks.fitting(signed, columns, rows - 1) == scale:
            word = signed
        drawn = blocks.draw(word, scale) if scale else [signed.upper()]
        below = textwrap.wrap(line, max(2, columns), max_lines=max(1, rows - len(drawn)), placeholder=" …")
        return Content("\n").join(
            [*(Content.styled(row, style) for row in drawn), *(Content.styled(row, f"bold {style}") for row in below)]
        )
