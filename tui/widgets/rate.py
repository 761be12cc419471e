"""The pace of the hand, as large as the terminal allows."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui import words
from tui.widgets import blocks

_GAP = "  "
_BESIDE = 11  # columns kept for what stands beside the digits
_USUAL = "0.0"  # the digits' size stands still as long as they are no wider


class Rate(Widget):
    """Cycles per minute in block digits; beside them the unit, the uncertainty and what the hand does.

    In a still step it is the time that is left to hold.
    A stale stream shows no number but how long nothing was heard. Of two, each tells above ``who`` it is.
    """

    who: reactive[str] = reactive("")
    pace: reactive[str] = reactive(words.UNKNOWN)
    unit: reactive[str] = reactive("cpm")
    spread: reactive[str] = reactive("")
    in_band: reactive[bool | None] = reactive[bool | None](None)
    stale_s: reactive[int | None] = reactive[int | None](None)
    motion: reactive[str] = reactive(words.UNKNOWN)
    cycles: reactive[str] = reactive("")

    def render(self) -> Content:
        """Draw digits to the left, words to the right, the last words on the digits' foot."""
        digits = words.UNKNOWN if self.stale_s is not None else self.pace
        columns, rows = self.size
        above = [Content.styled(self.who, "bold $secondary")] if self.who else []
        rows -= len(above)
        widest = max(digits, _USUAL, key=lambda text: blocks.width(text, 1))
        scale = max(1, blocks.fitting(widest, columns - len(_GAP) - _BESIDE, rows))
        style = "$warning" if self.in_band is False else "$primary"
        lines = [Content.styled(line, style) for line in blocks.draw(digits, scale)]
        beside = self._beside()
        blank = [Content("")] * max(0, len(lines) - len(beside))
        beside = [*beside[:2], *blank, *beside[2:]]
        drawn = [line + Content(_GAP) + word for line, word in zip(lines, beside, strict=False)]
        return Content("\n").join([*above, *drawn])

    def _beside(self) -> list[Content]:
        if self.stale_s is not None:
            return [
                Content.styled("stale", "bold $warning"),
                Content.styled(f"for {words.clock(self.stale_s)}", "$warning"),
                Content(words.UNKNOWN),
                Content(""),
            ]
        return [
            Content.styled(self.unit, "$foreground-muted"),
            Content.styled(self.spread, "$foreground-muted"),
            Content.styled(self.motion, "bold"),
            Content.styled(self.cycles, "$foreground-muted"),
        ]
