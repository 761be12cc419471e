"""A question that is answered with a number from 0 to 10, large enough for the floor."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer, Static

from tui import keys, words
from tui.screens import bindings
from tui.widgets import blocks

MOST = 10
_COLUMNS = (6, 4, 3)
"""Of each number: the most that there is room for."""
_LARGEST = 3
_WHEN = {
    "before": "before you begin",
    "after": "now that it is done",
    "stopped": "the session has stopped; esc leaves it so",
}
_HINT = "a digit or ← → chooses   enter says it   esc skips"


class FeelingScreen(ModalScreen[int | None]):
    """Asks; its result is the number, or None where the person would rather not say.

    Parameters
    ----------
    when : {"before", "after", "stopped"}
        Where the session stands, said above the question.
    question : str
    least, most : str
        What 0 and what 10 means.
    """

    CSS_PATH = "feeling.tcss"
    BINDINGS = bindings(keys.FEELING)

    def __init__(
        self,
        when: Literal["before", "after", "stopped"],
        question: str = "How sore is your back now?",
        least: str = "not at all",
        most: str = "unbearable",
    ) -> None:
        super().__init__()
        self._when = when
        self._question = question
        self._ends = least, most

    def compose(self) -> ComposeResult:
        """Put up the question above its scale."""
        with Vertical(id="asked"):
            yield Static(_WHEN[self._when], id="when")
            yield Static(self._question, id="question", markup=False)
            yield Scale(*self._ends, id="scale")
            yield Static(_HINT, id="hint")
        yield Footer(show_command_palette=False)

    def action_digit(self, digit: int) -> None:
        """Choose a number; a 0 after a 1 makes 10."""
        scale = self.query_one(Scale)
        scale.value = MOST if (scale.value, digit) == (1, 0) else digit

    def action_change(self, by: int) -> None:
        """Choose the next number; the first time the middle."""
        scale = self.query_one(Scale)
        scale.value = MOST // 2 if scale.value is None else min(MOST, max(0, scale.value + by))

    def action_say(self) -> None:
        """Say what is chosen, if anything is."""
        if self.query_one(Scale).value is not None:
            self.dismiss(self.query_one(Scale).value)

    def action_skip(self) -> None:
        """Rather not say."""
        self.dismiss(None)


class Scale(Widget):
    """The numbers in a row, the chosen one large above them.

    Parameters
    ----------
    least, most : str
        What the ends mean.
    """

    value: reactive[int | None] = reactive[int | None](None)

    def __init__(self, least: str, most: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._least, self._most = least, most

    def render(self) -> Content:
        """Draw the large number, the row with the chosen one framed, a bar up to it, and the ends' words."""
        columns, rows = self.size
        each = next((each for each in _COLUMNS if columns >= (MOST + 1) * each), _COLUMNS[-1])
        row = Content("").join(self._number(n, each) for n in range(MOST + 1))
        bar = Content.assemble(
            ("━" * (0 if self.value is None else each * (self.value + 1)), "$primary"),
            ("─" * (each * (MOST + 1 if self.value is None else MOST - self.value)), "$foreground-muted"),
        )
        width = each * (MOST + 1)
        ends = f"{self._least}{self._most:>{max(1, width - len(self._least))}}"
        below = [row, bar, Content.styled(ends, "$foreground-muted")]
        text = words.UNKNOWN if self.value is None else str(self.value)
        scale = min(_LARGEST, blocks.fitting(text, columns, rows - len(below) - 1))
        style = "$foreground-muted" if self.value is None else "$primary"
        large = blocks.draw(text, scale) if scale else []
        lines = [*(Content.styled(line.center(width), style) for line in large), Content(""), *below]
        return Content("\n").join(lines)

    def _number(self, n: int, columns: int) -> Content:
        if n == self.value:
            return Content.styled(f"[{n}]".center(columns), "bold $primary")
        return Content(str(n).center(columns))
