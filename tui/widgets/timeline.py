"""A replay's line: where it stands, and how the pace was against the band from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tracker.pipeline import TICK_NS
from tui import words
from tui.film import Film, Pace
from tui.playhead import Playhead

LOOKS_PER_S = 1_000_000_000 // TICK_NS
HERE = "┃"
LABELS = ("now  ", "then ")

_CELLS: dict[Pace | None, tuple[str, str]] = {
    None: (" ", "$foreground-muted"),
    Pace.NONE: ("·", "$foreground-muted"),
    Pace.FREE: ("─", "$foreground-muted"),
    Pace.INSIDE: ("█", "$band"),
    Pace.ABOVE: ("▀", "$warning"),
    Pace.BELOW: ("▄", "$secondary"),
}
_TICKS = {
    "none": (" ", "$foreground-muted"),
    "cue": ("▽", "$warning"),
    "step": ("|", "$foreground"),
    "mark": ("✎", "bold $primary"),
    "pain": ("!", "bold $error"),
}
"""Where moments fall together, the later in this order hides the earlier."""


class Strips(NamedTuple):
    """What does not change while the playhead moves: the pace cell by cell, another session's, and the moments."""

    now: list[Pace | None]
    then: list[Pace | None]
    ticks: dict[int, str]


class Timeline(Widget):
    """State and clocks; below the strip of the pace; below that what was said and marked, and another session's strip.

    As many rows as there is room for. The mouse may take the playhead along the strip.
    """

    DEFAULT_CSS = "Timeline { height: 2; }"

    class Sought(Message):
        """The mouse points at a time."""

        def __init__(self, t_s: float) -> None:
            super().__init__()
            self.t_s = t_s

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = Content("")
        self._column = 0
        self._total_s = 0.0
        self._strips = Strips([], [], {})
        self._made_of: tuple[object, ...] = ()
        self._shown: tuple[object, ...] = ()
        self._labelled = False

    def show(self, film: Film, playhead: Playhead, ghost: Film | None = None, beside: str = "") -> None:
        """Show how things stand; redraw if that changed.

        Parameters
        ----------
        film : Film
        playhead : Playhead
        ghost : Film, optional
            Another session, to be compared.
        beside : str
            What to say of it now.
        """
        self._labelled = ghost is not None
        self._total_s = film.total_s
        columns = self._columns
        made_of = (columns, len(film.looks), film.total_s, ghost, ghost is not None and len(ghost.looks))
        if made_of != self._made_of:
            self._made_of, self._strips = made_of, _strips(columns, film, ghost)
        share = playhead.position_s / film.total_s if film.total_s > 0 else 0.0
        self._column = min(max(0, columns - 1), int(share * columns))
        head = (words.clock(playhead.position_s), _sign(film, playhead), _told(film, playhead), beside)
        shown = (head, self._column, made_of, self.size)
        if shown != self._shown:
            self._shown = shown
            self._head = self._first_row(film, playhead, beside)
            self.refresh()

    @property
    def _columns(self) -> int:
        return max(0, self.size.width - (len(LABELS[0]) if self._labelled else 0))

    def _first_row(self, film: Film, playhead: Playhead, beside: str) -> Content:
        total = words.clock(film.total_s) if film.total_s > 0 else words.UNKNOWN
        left = Content.assemble(
            (f"{_sign(film, playhead)} {words.clock(playhead.position_s)}", "bold"),
            (f" / {total}", "$foreground-muted"),
            (f"   {_told(film, playhead)}", "$foreground"),
        )
        room = self.size.width - left.cell_length - len(beside)
        if room < 1:
            return left
        return Content.assemble(left, (" " * room, "$foreground-muted"), (beside, "bold $secondary"))

    def render(self) -> Content:
        """Draw as many of the rows as there is room for."""
        rows = [self._head]
        height = self.size.height
        now, then = (_row(strip) for strip in (self._strips.now, self._strips.then))
        now[self._column : self._column + 1] = [(HERE, "bold $foreground")]
        now_label, then_label = LABELS if self._labelled else ("", "")
        if height > 1:
            rows.append(_drawn(now_label, now))
        if height > 1 + self._labelled + 1:
            ticks = [
                _TICKS[self._strips.ticks[at]] if at in self._strips.ticks else (" ", "") for at in range(len(now))
            ]
            ticks[self._column : self._column + 1] = [("▲", "bold $foreground")]
            rows.append(_drawn(" " * len(now_label), ticks))
        if self._labelled and height > 2:
            rows.append(_drawn(then_label, then))
        return Content("\n").join(rows)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the playhead."""
        self.capture_mouse()
        self._point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Take it along."""
        if self.app.mouse_captured is self:
            self._point(event)

    def on_mouse_up(self) -> None:
        """Let it go."""
        self.release_mouse()

    def _point(self, event: events.MouseEvent) -> None:
        columns = self._columns
        column = event.x - (self.size.width - columns)
        if columns and self._total_s > 0:
            self.post_message(self.Sought(self._total_s * min(max(0, column), columns) / columns))


def cells(paces: bytes | bytearray, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[Pace | None]:
    """Give what there was most of in each stretch of looks; None where there are none.

    Parameters
    ----------
    paces : bytes
        The `Pace` of each look.
    starts, ends : ndarray of int, shape (n,)
        The first look of a stretch and the first after it; a negative start is none.
    """
    kinds = np.frombuffer(bytes(paces), dtype=np.uint8)
    counted = np.zeros((len(Pace), len(kinds) + 1), dtype=np.int64)
    np.cumsum(kinds == np.arange(len(Pace))[:, None], axis=1, out=counted[:, 1:])
    there = (starts >= 0) & (starts < len(kinds))
    first = np.clip(starts, 0, len(kinds))
    last = np.clip(np.maximum(ends, starts + 1), 0, len(kinds))
    most = (counted[:, last] - counted[:, first]).argmax(axis=0)
    return [Pace(kind) if known else None for kind, known in zip(most.tolist(), there.tolist(), strict=True)]


def _strips(columns: int, film: Film, ghost: Film | None) -> Strips:
    if not columns or not film.looks:
        return Strips([None] * columns, [None] * columns, {})
    edges_s = np.linspace(0.0, film.total_s, columns + 1)
    edges = np.rint(edges_s * LOOKS_PER_S).astype(np.int64)
    now = cells(film.paces, edges[:-1], edges[1:])
    then: list[Pace | None] = [None] * columns
    if ghost is not None and ghost.looks:
        places = [ghost.alike(film.looks[edge]) if edge < len(film.looks) else None for edge in edges.tolist()]
        alike = np.array([-1 if place is None else place for place in places], dtype=np.int64)
        then = cells(ghost.paces, alike[:-1], alike[1:])
    ticks: dict[int, str] = {}
    for kind in _TICKS:
        moments = [moment.t_s for moment in film.moments if moment.kind == kind]
        ticks |= dict.fromkeys([min(columns - 1, int(t_s / film.total_s * columns)) for t_s in moments], kind)
    return Strips(now, then, ticks)


def _sign(film: Film, playhead: Playhead) -> str:
    if playhead.position_s > film.read_s and not film.whole:
        return "… "
    return "❚❚" if playhead.paused else "▶ "


def _told(film: Film, playhead: Playhead) -> str:
    parts = ["max" if playhead.speed is None else f"{playhead.speed:g}×"]
    if playhead.loop:
        parts.append("loop")
    if not film.whole:
        parts.append("reading" if film.progress is None else f"reading {100 * film.progress:.0f} %")
    return "   ".join(parts)


def _row(strip: Sequence[Pace | None]) -> list[tuple[str, str]]:
    return [_CELLS[pace] for pace in strip]


def _drawn(label: str, row: Sequence[tuple[str, str]]) -> Content:
    """Put neighbours of one style together."""
    runs = [("".join(sign for sign, _ in run), style) for style, run in groupby(row, key=lambda cell: cell[1])]
    return Content.assemble((label, "$foreground-muted"), *runs)
