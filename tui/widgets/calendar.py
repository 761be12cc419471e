"""Weeks at a glance: a column for each, Monday above, darker where more was done; bars below where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from tui.shelf import DAYS, MONTHS

WEEK = 7
_STRIP_ROWS = WEEK + 3  # months above, the legend below
_LABEL = 4
_CELL = 3
_MOST_WEEKS = 53
_SHADES = ("··", "░░", "▒▒", "▓▓", "██")
_STYLES = ("$foreground-muted 60%", "$primary 75%", "$primary 85%", "$primary", "$primary")
_LEAST_BAR_ROWS = 3
_EIGHTHS = " ▁▂▃▄▅▆▇█"
DARKEST = len(_SHADES) - 1


def monday_of(day: date) -> date:
    """Give the first day of a week, as ISO 8601 has it."""
    return day - timedelta(days=day.weekday())


def shade(level: int) -> Content:
    """Draw a day of this shade, 0 to `DARKEST`: for the calendar and for its legend."""
    return Content.styled(_SHADES[level], _STYLES[level])


class Calendar(Widget):
    """A heat strip; one day is chosen, today is marked.

    Parameters
    ----------
    today : date
    legend : Content
        One line, to stand under the days.
    """

    DEFAULT_CSS = """
    Calendar {
        height: 10;
        text-wrap: nowrap;
    }
    """

    class Picked(Message):
        """A day was clicked."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self, today: date, legend: Content, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.today = today
        self._legend = legend
        self.chosen = today
        self._shades: Mapping[date, int] = {}
        self._minutes: Mapping[date, float] = {}
        self._last = monday_of(today)

    @property
    def weeks(self) -> list[date]:
        """The Mondays of the weeks that fit, the latest last."""
        number = max(1, min(_MOST_WEEKS, (self.size.width - _LABEL - 1) // _CELL))
        chosen = monday_of(self.chosen)
        last = min(max(self._last, chosen), chosen + timedelta(weeks=number - 1))
        return [last - timedelta(weeks=number - 1 - column) for column in range(number)]

    def show(self, shades: Mapping[date, int], minutes: Mapping[date, float], chosen: date) -> None:
        """Take each day's shade, 0 to `DARKEST`, each week's minutes by its Monday, and the day that is chosen."""
        if (shades, minutes, chosen) != (self._shades, self._minutes, self.chosen):
            self._shades, self._minutes, self.chosen = shades, minutes, chosen
            self._last = self.weeks[-1]  # the strip stands still as long as the chosen day is on it
            self.refresh()

    def on_click(self, event: Click) -> None:
        """Pick a day that is not in the future."""
        column, row = (event.x - _LABEL) // _CELL, event.y - 1
        weeks = self.weeks
        if 0 <= column < len(weeks) and 0 <= row < WEEK:
            day = weeks[column] + timedelta(days=row)
            if day <= self.today:
                self.post_message(self.Picked(day))

    def render(self) -> Content:
        """Draw months above, then a row for each day of the week."""
        weeks = self.weeks
        days = [self._row(weeks, weekday) for weekday in range(WEEK)]
        legend = Content(" " * (_LABEL + 1)) + self._legend
        return Content("\n").join(
            [self._months(weeks), *days, Content(""), legend, *self._bars(weeks, self.size.height - _STRIP_ROWS - 1)]
        )

    def _months(self, weeks: list[date]) -> Content:
        sundays = [monday + timedelta(days=WEEK - 1) for monday in weeks]
        begun = [column for column, sunday in enumerate(sundays) if column == 0 or sunday.day <= WEEK]
        line = " " * (_LABEL + 1)
        for column, following in zip(begun, [*begun[1:], len(weeks) + 1], strict=True):
            room = (following - column) * _CELL - 1
            sunday = sundays[column]
            name = MONTHS[sunday.month - 1]
            if (column == 0 or sunday.month == 1) and len(dated := f"{name} {sunday.year}") <= room:
                name = dated
            if len(name) <= room:
                line = line.ljust(_LABEL + 1 + column * _CELL) + name
        return Content.styled(line, "$foreground-muted")

    def _row(self, weeks: list[date], weekday: int) -> Content:
        label = f"{DAYS[weekday]:{_LABEL}}" if weekday % 2 == 0 else " " * _LABEL
        parts: list[Content | tuple[str, str]] = [(label, "$foreground-muted")]
        closing = ""
        for monday in weeks:
            day = monday + timedelta(days=weekday)
            opening, closes = ("[", "]") if day == self.chosen else ("(", ")") if day == self.today else ("", "")
            parts.append((opening or closing or " ", "bold $foreground"))
            closing = closes
            parts.append(Content("  ") if day > self.today else shade(self._shades.get(day, 0)))
        parts.append((closing or " ", "bold $foreground"))
        return Content.assemble(*parts)

    def _bars(self, weeks: list[date], rows: int) -> list[Content]:
        """Draw each week's minutes as a bar, in so many rows."""
        most = max((self._minutes.get(monday, 0.0) for monday in weeks), default=0.0)
        if rows < _LEAST_BAR_ROWS or not most:
            return []
        lines = [Content("")]
        for row in range(rows):
            label = f"{most:.0f}" if row == 0 else "min" if row == 1 else ""
            bars = ""
            for monday in weeks:
                eighths = round(self._minutes.get(monday, 0.0) / most * rows * 8)
                bars += " " + _EIGHTHS[max(0, min(8, eighths - (rows - 1 - row) * 8))] * 2
            lines.append(Content.assemble((f"{label:{_LABEL}}", "$foreground-muted"), (bars, "$secondary")))
        return lines
