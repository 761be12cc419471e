"""Where on the body: a question that is answered on a map of it, with the arrow keys or one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer, Static

from sensors.declared import Side
from tracker.body import Region
from tui import keys
from tui.screens import bindings
from tui.spots import Spot, spot_in
from tui.widgets.body import BodyMap

MOST_RECENT: Final = 3
_SIDES: Final[tuple[Side | None, ...]] = ("left", None, "right")
_LETTERS: Final = "abcdefghijkl"
_HINT = "a key or ↑ ↓ chooses   ← → the side   enter says it   esc skips"


class Entry(NamedTuple):
    """A line to choose: its key, and what it stands for; one that was used before stands for its side too."""

    key: str
    spot: Spot
    recent: bool


class SpotScreen(ModalScreen[str | None]):
    """Asks; its result is the spot in words (see `tui.spots`), or None where the person would rather not say.

    Parameters
    ----------
    when : str
        Said above the question.
    question : str
    spot : Spot
        Where the choice begins.
    recent : sequence of str
        Spots that were said before, the last one first; they stand above the others.
    """

    CSS_PATH = "spots.tcss"
    BINDINGS = bindings(keys.WHERE)
    TITLE = "Where"
    ABOUT = "Choose a place on the body as it is seen from behind; left and right are your own."

    def __init__(self, when: str, question: str, spot: Spot, recent: Sequence[str] = ()) -> None:
        super().__init__()
        self._when = when
        self._question = question
        self._begins = spot
        self._entries = [
            *(
                Entry(str(number), spot_in(words), recent=True)
                for number, words in enumerate(recent[:MOST_RECENT], start=1)
            ),
            *(Entry(key, Spot(region), recent=False) for key, region in zip(_LETTERS, Region, strict=True)),
        ]

    def compose(self) -> ComposeResult:
        """Put up the question, the list, and the map beside it."""
        with Vertical(id="asked"):
            yield Static(self._when, id="when", markup=False)
            yield Static(self._question, id="question", markup=False)
            with Horizontal(id="where"):
                yield Places(self._entries, id="places")
                yield BodyMap(id="map")
            yield Static(_HINT, id="hint")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin at what was given."""
        places = self.query_one(Places)
        region = next(n for n, each in enumerate(self._entries) if each.spot.region is self._begins.region)
        places.at = next((n for n, each in enumerate(self._entries) if each.spot == self._begins), region)
        places.side = self._begins.side
        self._show()

    def action_move(self, by: int) -> None:
        """Go to another line."""
        places = self.query_one(Places)
        self._go(min(len(self._entries) - 1, max(0, places.at + by)))

    def action_choose(self, key: str) -> None:
        """Go to the line with this key."""
        at = next((n for n, each in enumerate(self._entries) if each.key == key), None)
        if at is not None:
            self._go(at)

    def action_turn(self, by: int) -> None:
        """Choose the next side; both are in the middle."""
        places = self.query_one(Places)
        places.side = _SIDES[min(len(_SIDES) - 1, max(0, _SIDES.index(places.side) + by))]
        self._show()

    def action_say(self) -> None:
        """Say what is chosen."""
        self.dismiss(self.query_one(Places).spot.words)

    def action_skip(self) -> None:
        """Rather not say."""
        self.dismiss(None)

    def _go(self, at: int) -> None:
        places = self.query_one(Places)
        places.at = at
        if self._entries[at].recent:
            places.side = self._entries[at].spot.side
        self._show()

    def _show(self) -> None:
        body = self.query_one(BodyMap)
        body.captioned = False
        body.now = self.query_one(Places).spot.words


class Places(Widget):
    """The lines, as many as there is room for around the chosen one; below them the sides.

    Parameters
    ----------
    entries : sequence of Entry
    """

    at: reactive[int] = reactive(0)
    side: reactive[Side | None] = reactive[Side | None](None)

    def __init__(self, entries: Sequence[Entry], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries = entries

    @property
    def spot(self) -> Spot:
        """What is chosen."""
        return Spot(self._entries[self.at].spot.region, self.side)

    def render(self) -> Content:
        """Draw the lines, then the sides with the chosen one framed."""
        room = max(1, self.size.height - 2)
        first = min(max(0, self.at - room // 2), max(0, len(self._entries) - room))
        lines = [self._line(n) for n in range(first, min(len(self._entries), first + room))]
        sides = Content("").join(self._side(side) for side in _SIDES)
        return Content("\n").join([*lines, Content(""), sides])

    def _line(self, n: int) -> Content:
        key, spot, _ = self._entries[n]
        words = self.spot.words if n == self.at else spot.words
        style = "bold $primary" if n == self.at else ""
        return Content.assemble(("▶ " if n == self.at else "  ", style), (f"{key}  ", "$secondary"), (words, style))

    def _side(self, side: Side | None) -> Content:
        word = side or "both"
        if side == self.side:
            return Content.styled(f"[{word}]".center(7), "bold $primary")
        return Content.styled(word.center(7), "$foreground-muted")
