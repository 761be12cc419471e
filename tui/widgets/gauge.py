"""Where the pace stands against the band the step asks for."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tracker.events import Band
from tui import words

_LOW = 3  # rows; with more the scale is two rows thick
_MARGIN = 0.6  # of the band's width, shown below and above it


class Gauge(Widget):
    """A scale with the band marked, a needle, and the needle's place in words.

    Where another motion is done than the step asks for there is no needle: ``instead`` names what it asks
    for. A step without a band has ``about``, in words.
    """

    band: reactive[Band | None] = reactive[Band | None](None)
    rate_cpm: reactive[float | None] = reactive[float | None](None)
    instead: reactive[str] = reactive("")
    about: reactive[str] = reactive("no target pace in this step")

    def render(self) -> Content:
        """Draw the needle's row, the scale, and the band's limits."""
        if self.band is None:
            return Content.styled(self.about, "$foreground-muted")
        lower, upper = self.band
        margin = _MARGIN * (upper - lower)
        start, end = max(0.0, lower - margin), upper + margin
        columns = max(2, self.size.width)

        def column(rate_cpm: float) -> int:
            return round((min(max(rate_cpm, start), end) - start) / (end - start) * (columns - 1))

        left, right = column(lower), column(upper)
        needle = None if self.rate_cpm is None or self.instead else column(self.rate_cpm)
        lines = (" ", "▔") if self.size.height > _LOW else ("─",)
        bars = [_bar(line, left, right, needle, columns) for line in lines]
        return Content("\n").join([self._needle(needle, columns), *bars, self._limits(left, right)])

    def _needle(self, needle: int | None, columns: int) -> Content:
        if self.instead:
            return Content.styled(f"this step asks for  {self.instead}", "bold $warning")
        if needle is None or self.rate_cpm is None or self.band is None:
            return Content.styled(f"{words.UNKNOWN} no steady pace", "$foreground-muted")
        if self.rate_cpm < self.band[0]:
            word, style = "below the band", "bold $warning"
        elif self.rate_cpm > self.band[1]:
            word, style = "above the band", "bold $warning"
        else:
            word, style = "in the band", "bold $success"
        to_the_right = needle + len(word) + 2 <= columns
        text = f"{' ' * needle}▼ {word}" if to_the_right else f"{' ' * (needle - len(word) - 1)}{word} ▼"
        return Content.styled(text, style)

    def _limits(self, left: int, right: int) -> Content:
        if self.band is None:
            return Content("")
        lower, upper = (f"{limit:g}" for limit in self.band)
        start = " " * left + lower
        return Content.styled(start + upper.rjust(max(len(upper) + 1, right + 1 - len(start))), "$foreground-muted")


def _bar(line: str, left: int, right: int, needle: int | None, columns: int) -> Content:
    """Draw one row of the scale: a thin line, the band solid upon it, the needle over both."""
    bar = Content.assemble(
        (line * left, "$foreground-muted"),
        ("█" * (right - left + 1), "$band"),
        (line * (columns - right - 1), "$foreground-muted"),
    )
    if needle is None:
        return bar
    behind = "$band" if left <= needle <= right else "$background"
    return bar[:needle] + Content.styled("┃", f"bold $foreground on {behind}") + bar[needle + 1 :]
