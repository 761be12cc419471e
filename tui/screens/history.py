"""History: weeks at a glance, and what was done on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.widgets import Footer, Static

from tui import keys, words
from tui.screens import Go, bindings
from tui.screens.recordings import feelings
from tui.screens.shelved import ShelfScreen
from tui.shelf import DAYS, MONTHS, Entry, Shelf
from tui.widgets.calendar import DARKEST, WEEK, Calendar, monday_of, shade

SHADES_MIN = (0, 10, 20, 40)
"""From so many minutes on a day is one shade darker."""
_S_PER_MIN = 60
_HEAD_ROWS = 2


@dataclass(frozen=True, slots=True)
class Total:
    """What was done in some days; ``done_s`` is None while not all lengths are known."""

    sessions: int
    done_s: float | None
    days: int

    @property
    def minutes(self) -> str:
        """The time in minutes."""
        return words.UNKNOWN if self.done_s is None else f"{self.done_s / _S_PER_MIN:.0f}"


class HistoryScreen(ShelfScreen):
    """A year of days, the more was done the darker.

    Parameters
    ----------
    shelf : Shelf
    today : date
        Local.
    """

    CSS_PATH = "history.tcss"
    BINDINGS = bindings(keys.HISTORY)

    def __init__(self, shelf: Shelf, today: date) -> None:
        super().__init__(shelf)
        self.today = today
        self.chosen = today
        self._by_day: dict[date, list[Entry]] = {}
        self._weeks_min: dict[date, float] = {}

    def compose(self) -> ComposeResult:
        """Calendar above, the chosen day and the totals below."""
        yield Static(id="title")
        yield Calendar(self.today, _legend())
        with Container(id="below"):
            yield Static(id="day")
            yield Static(id="totals")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Stand on today."""
        super().on_mount()
        self.show_shelf()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's
        """List as many sessions as there is room for, once that is known."""
        self.call_after_refresh(self._show_day)

    def show_shelf(self) -> None:
        """Sort what is known by days, and show it."""
        by_day: dict[date, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            when = self.shelf.when(entry)
            if when is not None:
                by_day[when.date()].append(entry)
        self._by_day = dict(by_day)
        by_week: dict[date, list[Entry]] = defaultdict(list)
        for day, entries in by_day.items():
            by_week[monday_of(day)] += entries
        weeks_s = {monday: self._done_s(entries) for monday, entries in by_week.items()}
        self._weeks_min = {monday: s / _S_PER_MIN for monday, s in weeks_s.items() if s is not None}
        reading = f"   reading lengths: {self.unread:,} to go; those days show their number of sessions"
        self.query_one("#title", Static).update(
            Content.assemble(
                ("History", "bold $primary"),
                (f"   {words.count(len(self.entries), 'recording')}", "$foreground-muted"),
                (reading if self.unread else "", "$foreground-muted"),
            )
        )
        self.query_one("#totals", Static).update(self._totals())
        self._show_chosen()

    def action_move(self, days: int) -> None:
        """Go so many days on, as far as today."""
        self._choose(min(self.today, self.chosen + timedelta(days=days)))

    def action_open(self) -> None:
        """Show the recordings of the chosen day."""
        self.post_message(Go("recordings", filter=self.chosen.isoformat()))

    @on(Calendar.Picked)
    def _pick(self, message: Calendar.Picked) -> None:
        self._choose(message.day)

    def _choose(self, day: date) -> None:
        self.chosen = day
        self._show_chosen()

    def _show_chosen(self) -> None:
        shades = {day: self._shade(entries) for day, entries in self._by_day.items()}
        self.query_one(Calendar).show(shades, self._weeks_min, self.chosen)
        self.look_at(self._by_day.get(self.chosen, ()))
        self._show_day()

    def _show_day(self) -> None:
        rows = self.query_one("#day").size.height
        self.query_one("#day", Static).update(self._day(max(1, rows - _HEAD_ROWS)))

    def _done_s(self, entries: Iterable[Entry]) -> float | None:
        """Add up; None where one is not known yet. One that cannot be read or is empty adds nothing."""
        done_s = 0.0
        for entry in entries:
            details = self.shelf.known(entry)
            if details is None:
                return None
            done_s += details.done_s or 0.0
        return done_s

    def _shade(self, entries: Sequence[Entry]) -> int:
        done_s = self._done_s(entries)
        if done_s is None:
            return min(DARKEST, len(entries))
        return sum(done_s >= _S_PER_MIN * minutes for minutes in SHADES_MIN)

    def _total(self, monday: date) -> Total:
        days = [self._by_day.get(monday + timedelta(days=number), []) for number in range(WEEK)]
        entries = [entry for day in days for entry in day]
        return Total(len(entries), self._done_s(entries), sum(1 for day in days if day))

    def _totals(self) -> Content:
        monday = monday_of(self.today)
        lines = [Content.styled(f"{'':11}{'sessions':>9}{'minutes':>9}{'days':>6}", "$foreground-muted")]
        for name, start in (("this week", monday), ("last week", monday - timedelta(weeks=1))):
            total = self._total(start)
            numbers = f"{total.sessions:>9}{total.minutes:>9}{total.days:>6}"
            lines.append(Content.assemble((f"{name:11}", "bold $secondary"), numbers))
        return Content("\n").join(lines)

    def _day(self, room: int) -> Content:
        """Tell the chosen day, and as many of its sessions as there is room for."""
        entries = sorted(self._by_day.get(self.chosen, []), key=lambda entry: entry.stem)
        name = f"{DAYS[self.chosen.weekday()]} {self.chosen.day} {MONTHS[self.chosen.month - 1]} {self.chosen.year}"
        parts = [name]
        if self.chosen == self.today:
            parts.append("today")
        if entries:
            done_s = self._done_s(entries)
            minutes = words.UNKNOWN if done_s is None else f"{done_s / _S_PER_MIN:.0f}"
            parts += [words.count(len(entries), "session"), f"{minutes} min"]
        head = Content.assemble((parts[0], "bold"), ("   " + "   ".join(parts[1:]), "$foreground-muted"))
        if not entries:
            return head + Content.styled(f"\n\n{self._why_empty()}", "$foreground-muted")
        shown = entries if len(entries) <= room else entries[: max(0, room - 1)]
        lines = [self._session(entry) for entry in shown]
        if len(shown) < len(entries):
            lines.append(Content.styled(f"and {len(entries) - len(shown)} more: Enter lists them", "$foreground-muted"))
        return Content("\n").join([head, Content(""), *lines])

    def _why_empty(self) -> str:
        if not self.listed:
            return "Looking at the folder …"
        if not self.entries:
            return "No recordings yet: start a session at home."
        return "No session on this day."

    def _session(self, entry: Entry) -> Content:
        when, details = self.shelf.when(entry), self.shelf.known(entry)
        length = in_band = words.UNKNOWN
        if details is not None:
            length = words.clock(details.done_s) if details.done_s is not None else words.UNKNOWN
            in_band = f"{100 * details.in_band:.0f} %" if details.in_band is not None else words.UNKNOWN
        title = entry.title if len(entry.title) <= 14 else entry.title[:13] + "…"
        return Content.assemble(
            (f"{when:%H:%M}  " if when else "", "$foreground-muted"),
            (f"{title:14}", "bold"),
            (f"{length:>8}", "$foreground"),
            (f"{in_band:>7}", "$foreground-muted" if in_band == words.UNKNOWN else "$success"),
            (f"  {feelings(details):>7}", "$foreground"),
        )


def _legend() -> Content:
    """Explain the shades and the brackets."""
    parts: list[Content] = []
    said = ("none", "a little", *(f"{minutes}+" for minutes in SHADES_MIN[1:-1]), f"{SHADES_MIN[-1]}+ min")
    for level, text in enumerate(said):
        parts += [shade(level), Content.styled(f" {text}  ", "$foreground-muted")]
    return Content.assemble(*parts, Content.styled("[ ] chosen ( ) today", "$foreground-muted"))
