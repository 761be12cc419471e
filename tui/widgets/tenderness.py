"""How tender a spot was, day by day: two bars for each, before a session and after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from textual.content import Content

DAYS_SHOWN = 14
COLUMNS = 3 * DAYS_SHOWN
SOREST = 10
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_STYLES = ("$secondary", "$primary")
_NOTHING = "$foreground-muted"

Felt = tuple[int | None, int | None]
"""Before and after, 0 to 10; None where nothing was said."""

LEGEND = Content.assemble(
    ("▇", _STYLES[0]), (" before ", "$foreground-muted"), ("▅", _STYLES[1]), (" after", "$foreground-muted")
)


def bars(felt: Mapping[date, Felt], today: date, rows: int) -> list[Content]:
    """Draw the last two weeks, today to the right: a thin line for a day without a word, a thick one for 0."""
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS_SHOWN))]
    lines = []
    for row in reversed(range(rows)):
        parts: list[tuple[str, str]] = []
        for day in days:
            said = felt.get(day, (None, None))
            if said == (None, None):
                parts.append((" ┄┄" if row == 0 else "   ", _NOTHING))
                continue
            parts.append((" ", ""))
            parts += [(_part(value, row, rows), style) for value, style in zip(said, _STYLES, strict=True)]
        lines.append(Content.assemble(*parts))
    return lines


def _part(value: int | None, row: int, rows: int) -> str:
    """Draw the part of a bar that lies in a row, counted from the ground."""
    if value is None:
        return " "
    eighths = max(1, round(value / SOREST * rows * 8))
    return _EIGHTHS[max(0, min(8, eighths - 8 * row))]
