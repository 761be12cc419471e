"""History: weeks at a glance, and what was done on a day."""

from __future__ import annotations

import textwrap
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

from journal.record import Record
from tracker.body import SIDES
from tui import keys, words
from tui.screens import Go, bindings
from tui.screens.journaled import JournalScreen
from tui.shelf import date_words
from tui.weeks import Weeks
from tui.widgets.calendar import WEEK, Calendar, monday_of, shade

SHADES_MIN = (0, 10, 20, 40)
"""From so many minutes on a day is one shade darker."""
_S_PER_MIN = 60
_HEAD_ROWS = 2
_NUMBERS = 39
"""Columns of a session's line beside its time and name."""
_NAME_LEAST, _NAME_MOST = 8, 22
_INDENT = " " * 7
_BETWEEN = "   "


@dataclass(frozen=True, slots=True)
class Total:
    """What was done in some days."""

    sessions: int
    minutes: float
    days: int


class HistoryScreen(JournalScreen):
    """A year of days, the more was done the darker.

    Parameters
    ----------
    weeks : Weeks
    today : date
        Local.
    """

    CSS_PATH = "history.tcss"
    BINDINGS = bindings(keys.HISTORY)

    def __init__(self, weeks: Weeks, today: date) -> None:
        super().__init__(weeks, today)
        self.chosen = today
        self._by_day: dict[date, list[Record]] = {}
        self._shades: dict[date, int] = {}
        self._weeks_min: dict[date, float] = {}

    def compose(self) -> ComposeResult:
        """Calendar above, the chosen day and the totals below."""
        yield Static(id="title")
        yield Calendar(self.today, _legend())
        with Container(id="below"):
            yield Static(id="day")
            yield Static(id="totals")
        yield Footer(show_command_palette=False)

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's
        """List as many sessions as there is room for, once that is known."""
        self.call_after_refresh(self._show_day)

    def show_known(self) -> None:
        """Sort what is known by days, and show it."""
        records = self.known.records if self.known is not None else ()
        by_day: dict[date, list[Record]] = defaultdict(list)
        weeks_min: dict[date, float] = defaultdict(float)
        for record in records:
            day = record.began.date()
            by_day[day].append(record)
            weeks_min[monday_of(day)] += record.seconds / _S_PER_MIN
        self._by_day, self._weeks_min = dict(by_day), dict(weeks_min)
        self._shades = {day: _shade(done) for day, done in by_day.items()}
        self.query_one("#title", Static).update(self._title(len(records)))
        self.query_one("#totals", Static).update(_totals(self._by_day, self.today))
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
        self.query_one(Calendar).show(self._shades, self._weeks_min, self.chosen)
        self._show_day()

    def _show_day(self) -> None:
        day = self.query_one("#day", Static)
        day.update(self._day(max(1, day.size.height - _HEAD_ROWS), day.size.width))

    def _title(self, sessions: int) -> Content:
        said = [words.count(sessions, "session")]
        if self.known is not None and self.known.failed:
            said.append(f"{words.count(len(self.known.failed), 'recording')} cannot be read")
        if self.known is not None and self.known.left:
            said.append(f"reading: {self.known.left:,} to go")
        return Content.assemble(("History", "bold $primary"), (f"   {'   '.join(said)}", "$foreground-muted"))

    def _day(self, rows: int, columns: int) -> Content:
        """Tell the chosen day, and as much of its sessions as there is room for."""
        records = self._by_day.get(self.chosen, [])
        said = ["today"] if self.chosen == self.today else []
        if records:
            minutes = _total([records]).minutes
            said += [words.count(len(records), "session"), f"{minutes:.0f} min"]
        head = Content.assemble(
            (date_words(self.chosen), "bold"), ("".join(f"   {each}" for each in said), "$foreground-muted")
        )
        if not records:
            why = textwrap.fill(self._why_empty(), max(_NUMBERS, columns))
            return head + Content.styled(f"\n\n{why}", "$foreground-muted")
        return Content("\n").join([head, Content(""), *_sessions(records, rows, columns)])

    def _why_empty(self) -> str:
        if self.why_not:
            return self.why_not
        if self.known is None or (self.known.left != 0 and not self.known.records):
            return "Looking at the recordings …"
        if not self.known.records:
            return "No sessions yet: start one at home. Those of a simulated wrist are kept among the recordings alone."
        return "No session on this day."


def feelings(record: Record) -> str:
    """Give how sore the person was before and after; unknown where neither was said."""
    felt = record.feelings
    if felt.before is None and felt.after is None:
        return words.UNKNOWN
    return _change(felt.before, felt.after)


def told(record: Record, columns: int) -> list[Content]:
    """Tell where a session worked, what hurt, how tender the spots were and what was marked, in lines so wide."""
    areas = dict.fromkeys(
        f"{step.side} {step.area}" if step.side in SIDES and step.side not in step.area else step.area
        for step in record.steps
        if step.area
    )
    parts = [("; ".join(areas), "$foreground-muted")] if areas else []
    parts += [(f"! pain {pain.value} {pain.area}".rstrip(), "$error") for pain in record.pains]
    parts += [(f"{each.spot} {_change(each.before, each.after)}", "$foreground") for each in record.feelings.spots]
    if record.marks:
        parts.append(("◆ " + ", ".join(mark.text or "mark" for mark in record.marks), "$secondary"))
    lines: list[Content] = []
    for text, style in parts:
        part = Content.styled(text, style)
        if lines and lines[-1].cell_length + len(_BETWEEN) + part.cell_length <= columns:
            lines[-1] += Content(_BETWEEN) + part
        else:
            lines.append(part)
    return lines


def _change(before: int | None, after: int | None) -> str:
    felt = [words.UNKNOWN if value is None else str(value) for value in (before, after)]
    return " → ".join(felt)


def _sessions(records: Sequence[Record], rows: int, columns: int) -> list[Content]:
    """Give all of each session where that fits, else a line for each, else for as many as there is room for."""
    lines = [_line(record, columns) for record in records]
    more = [told(record, columns - len(_INDENT)) for record in records]
    if len(lines) + sum(map(len, more)) <= rows:
        pairs = zip(lines, more, strict=True)
        return [line for first, rest in pairs for line in (first, *(Content(_INDENT) + each for each in rest))]
    lines = [line + _flags(record) for line, record in zip(lines, records, strict=True)]
    if len(lines) <= rows:
        return lines
    shown = max(0, rows - 1)
    left = f"and {len(lines) - shown} more: Enter lists them"
    return [*lines[:shown], Content.styled(left, "$foreground-muted")]


def _line(record: Record, columns: int) -> Content:
    room = max(_NAME_LEAST, min(_NAME_MOST, columns - len(_INDENT) - _NUMBERS))
    name = record.routine or words.UNKNOWN
    name = name if len(name) <= room else name[: room - 1] + "…"
    score = words.UNKNOWN if record.score is None else f"{record.score}/100"
    in_band = words.share(record.in_band_s, record.judged_s)
    return Content.assemble(
        (f"{record.began:%H:%M}  ", "$foreground-muted"),
        (f"{name:{room}}", "bold"),
        (f"{words.clock(record.seconds):>8}", "$foreground"),
        (f"{score:>9}", "$foreground-muted" if record.score is None else "$primary"),
        (f"{in_band:>7}", "$foreground-muted" if in_band == words.UNKNOWN else "$success"),
        (f"{feelings(record):>8}", "$foreground"),
    )


def _flags(record: Record) -> Content:
    """Say where there is no room for more that something hurt, or was marked."""
    pain = max((pain.value for pain in record.pains), default=None)
    return Content.assemble(
        (f"  !{pain}" if pain is not None else "", "$error"),
        (f"  ◆{len(record.marks)}" if record.marks else "", "$secondary"),
    )


def _total(days: Iterable[Sequence[Record]]) -> Total:
    done = [records for records in days if records]
    seconds = sum(record.seconds for records in done for record in records)
    return Total(sum(map(len, done)), seconds / _S_PER_MIN, len(done))


def _totals(by_day: dict[date, list[Record]], today: date) -> Content:
    lines = [Content.styled(f"{'':11}{'sessions':>9}{'minutes':>9}{'days':>6}", "$foreground-muted")]
    this_week = monday_of(today)
    for name, monday in (("this week", this_week), ("last week", this_week - timedelta(weeks=1))):
        total = _total(by_day.get(monday + timedelta(days=number), []) for number in range(WEEK))
        numbers = f"{total.sessions:>9}{total.minutes:>9.0f}{total.days:>6}"
        lines.append(Content.assemble((f"{name:11}", "bold $secondary"), numbers))
    return Content("\n").join(lines)


def _shade(records: Sequence[Record]) -> int:
    done_s = sum(record.seconds for record in records)
    return sum(done_s >= _S_PER_MIN * minutes for minutes in SHADES_MIN)


def _legend() -> Content:
    """Explain the shades and the brackets."""
    parts: list[Content] = []
    said = ("none", "a little", *(f"{minutes}+" for minutes in SHADES_MIN[1:-1]), f"{SHADES_MIN[-1]}+ min")
    for level, text in enumerate(said):
        parts += [shade(level), Content.styled(f" {text}  ", "$foreground-muted")]
    return Content.assemble(*parts, Content.styled("[ ] chosen ( ) today", "$foreground-muted"))
