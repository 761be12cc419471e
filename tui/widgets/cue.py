"""What the coach says: one word in block letters, its target beside it; quiet otherwise."""

from __future__ import annotations

from typing import Literal, NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets import blocks

Tone = Literal["quiet", "cue", "stop"]
_STYLES: dict[Tone, str] = {"quiet": "$foreground-muted", "cue": "$warning", "stop": "$error"}


class Said(NamedTuple):
    """A word to read from afar, a line to go with it, and how loud both are."""

    word: str = ""
    line: str = ""
    tone: Tone = "quiet"


class Cue(Widget):
    """One cue at a time."""

    said: reactive[Said] = reactive(Said())

    def render(self) -> Content:
        """Draw the word as large as it fits above its line; without a word the line alone, in the middle."""
        columns, rows = self.size
        word, line, tone = self.said
        style = _STYLES[tone]
        if not word:
            above = [Content("")] * (max(0, rows - 1) // 2)
            return Content("\n").join([*above, Content.styled(line, style)])
        scale = blocks.fitting(word, columns, rows - 1)
        drawn = blocks.draw(word, scale) if scale else [word.upper()]
        return Content("\n").join(
            [*(Content.styled(row, style) for row in drawn), Content.styled(line, f"bold {style}")]
        )
