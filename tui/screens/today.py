"""Today: how much of the plan is done, and how the spots have been over two weeks."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Region
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from journal.diary import SpotDiary, diary
from journal.plan import PlanError, Progress, goal_from, load_plan, progress, save_plan
from tracker.routine import Routine
from tui import keys, words
from tui.choices import Choice
from tui.screens import Open, bindings
from tui.screens.ask import Ask, question
from tui.screens.journaled import JournalScreen
from tui.shelf import MONTHS, date_words
from tui.weeks import Weeks
from tui.widgets import pips, tenderness
from tui.widgets.body import BodyMap

NO_PLAN = "No plan yet. Press a and choose a routine: it brings along how often it is meant to be done."
NO_SPOTS = "No spots yet. A session that presses one asks how tender it is, before and after: that is kept here."
REMEMBERED = timedelta(days=366)
"""So far back is looked for since when a spot is tender."""
_MARK = 2
_NAME = 30
_LAST = 12
"""Columns for a goal's name, and for what was last said of a spot."""
_BAR_ROWS, _BAR_ROWS_TALL = 2, 4


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of the page that belong together, and what they are about; None where there is nothing to choose."""

    lines: Sequence[Content]
    about: Progress | SpotDiary | None = None


class Page(Static):
    """Blocks of lines, one below the other; one of those that are about something is chosen."""

    class Picked(Message):
        """A block was clicked."""

        def __init__(self, about: Progress | SpotDiary) -> None:
            super().__init__()
            self.about = about

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._blocks: Sequence[Block] = ()
        self._chosen: Progress | SpotDiary | None = None

    @property
    def place(self) -> Region:
        """Where the chosen block is; all above it for the first one, so that its heading is seen too."""
        top, first = 0, True
        for block in self._blocks:
            if block.about is not None:
                if block.about is self._chosen:
                    return Region(0, 0 if first else top, 1, len(block.lines) + (top if first else 0))
                first = False
            top += len(block.lines)
        return Region(0, 0, 1, 1)

    def show(self, blocks: Sequence[Block], chosen: Progress | SpotDiary | None) -> None:
        """Draw these."""
        self._blocks, self._chosen = blocks, chosen
        lines = []
        for block in blocks:
            here = chosen is not None and block.about is chosen
            for number, line in enumerate(block.lines):
                lines.append(Content.styled("▶ " if here and number == 0 else " " * _MARK, "bold $primary") + line)
        self.update(Content("\n").join(lines))

    def on_click(self, event: Click) -> None:
        """Pick the block that was clicked."""
        top = 0
        for block in self._blocks:
            top += len(block.lines)
            if event.y < top:
                if block.about is not None:
                    self.post_message(self.Picked(block.about))
                return


class TodayScreen(JournalScreen):
    """The plan with today's progress, and the diary of each spot.

    Parameters
    ----------
    weeks : Weeks
    today : date
        Local.
    routines : sequence of Routine
        Those that a goal can be made of.
    source : {"simulated", "device"}
        Where the motion of a routine that is started from here comes from.
    """

    TITLE = "Today"
    ABOUT = "Your plan, and how tender each spot was. Palmpace counts and compares; it is no medical advice."
    CSS_PATH = "today.tcss"
    BINDINGS = bindings(keys.TODAY)

    class Changed(Message):
        """The plan is another one now."""

    class Unkept(Message):
        """The plan could not be read or written."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(
        self,
        weeks: Weeks,
        today: date,
        routines: Sequence[Routine],
        source: Literal["simulated", "device"] = "device",
    ) -> None:
        super().__init__(weeks, today, since=today - REMEMBERED)
        self._routines = routines
        self._source: Literal["simulated", "device"] = source
        self._chosen = 0
        self._all: list[Progress | SpotDiary] = []

    def compose(self) -> ComposeResult:
        """Page with goals and spots; where there is room, the spots on the body."""
        yield Static(id="title")
        with Horizontal():
            with VerticalScroll(id="scroll", can_focus=False):
                yield Page(id="page")
            yield BodyMap(id="body")
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Let the body's words stand on the page."""
        self.query_one(BodyMap).captioned = False
        super().on_mount()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's
        """Draw to the new size, once that is known."""
        self.call_after_refresh(self._show_page)

    @property
    def chosen(self) -> Progress | SpotDiary | None:
        """What the keys are about."""
        return self._all[self._chosen] if self._all else None

    def show_known(self) -> None:
        """Show goals and spots; the chosen one stays so."""
        before = _name(self.chosen)
        known = self.known
        goals = progress(known.plan, known.records, self.today) if known is not None else []
        spots = diary(known.records, self.today) if known is not None else []
        self._all = [*goals, *spots]
        names = [_name(each) for each in self._all]
        self._chosen = names.index(before) if before in names else max(0, min(self._chosen, len(names) - 1))
        reading = f"   reading: {known.left:,} to go" if known is not None and known.left else ""
        self.query_one("#title", Static).update(
            Content.assemble(("Today", "bold $primary"), (f"   {date_words(self.today)}{reading}", "$foreground-muted"))
        )
        why_not = self.why_not or (known.plan_error if known is not None else "")
        self._say(why_not, error=bool(why_not))
        self._show_page()
        self.refresh_bindings()

    def _show_page(self) -> None:
        page, body, chosen = self.query_one(Page), self.query_one(BodyMap), self.chosen
        spots = [each.spot for each in self._all if isinstance(each, SpotDiary)]
        self.set_class(bool(spots), "-spots")
        body.now = chosen.spot if isinstance(chosen, SpotDiary) else ""
        body.done = tuple(spots)
        page.show(self._blocks(page.size.width - _MARK), chosen)
        self.query_one("#scroll", VerticalScroll).scroll_to_region(page.place, animate=False, force=True)

    def _blocks(self, columns: int) -> list[Block]:
        """Draw the page: headings, goals and spots, with air between them where there is room."""
        if self.known is None:
            return [] if self.why_not else [_note("Looking at the recordings …", columns)]
        tall = self.has_class("-tall")
        rows, air = (_BAR_ROWS_TALL, [Content("")]) if tall else (_BAR_ROWS, [])
        goals = [Block([*goal_lines(each, columns), *air], each) for each in self._all if isinstance(each, Progress)]
        spots = [
            Block([*spot_lines(each, self.today, columns, rows), *air], each)
            for each in self._all
            if isinstance(each, SpotDiary)
        ]
        return [
            _heading("Plan"),
            *(goals or [_note(NO_PLAN, columns)]),
            *([] if goals and tall else [Block([Content("")])]),
            _heading("Spots, the last two weeks", tenderness.LEGEND if spots else Content("")),
            *(spots or [_note(NO_SPOTS, columns)]),
        ]

    # --- what the keys do ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer what is about a goal only where one is chosen."""
        return None if action in ("start", "remove") and not isinstance(self.chosen, Progress) else True

    def action_move(self, by: int) -> None:
        """Choose the next goal or spot, or the one before."""
        self._choose(self._chosen + by)

    def action_start(self) -> None:
        """Start the chosen goal's routine."""
        if isinstance(self.chosen, Progress):
            self._say("Starting …")
            self.post_message(Open(Choice(self._source, self.chosen.routine)))

    def action_add(self) -> None:
        """Let the person choose a routine that says how often it is meant to be done."""
        planned = {each.routine for each in self._all if isinstance(each, Progress)}
        offered = [routine for routine in self._routines if routine.often and routine.name not in planned]
        if not offered:
            self._say("All routines that say how often are in the plan; palmpace plan takes others.")
            return

        def answered(routine: Routine | None) -> None:
            if routine is not None and routine.often is not None:
                goal = goal_from(routine.name, routine.title, routine.often, self.today)
                self._change(lambda: save_plan(load_plan().with_goal(goal)))

        self.app.push_screen(Offer(offered), answered)

    def action_remove(self) -> None:
        """Ask, then take the chosen goal out of the plan."""
        goal = self.chosen
        if not isinstance(goal, Progress):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(lambda: save_plan(load_plan().without(goal.routine)))

        asked = question(f"Take {goal.title} out of the plan?", "Sessions and diary stay.", "take it out", "keep it")
        self.app.push_screen(Ask(asked), answered)

    @on(Page.Picked)
    def _pick(self, message: Page.Picked) -> None:
        self._choose(self._all.index(message.about))

    def _choose(self, index: int) -> None:
        self._chosen = max(0, min(len(self._all) - 1, index))
        self._show_page()
        self.refresh_bindings()

    # --- what the threads tell ---

    def _change(self, change: Callable[[], object]) -> None:
        def work() -> None:
            try:
                change()
            except PlanError as error:
                self.post_message(self.Unkept(str(error)))
            else:
                self.post_message(self.Changed())

        self.run_worker(work, thread=True, group="plan")

    @on(Changed)
    def _look_again(self) -> None:
        self._say("")
        self.look()

    @on(Unkept)
    def _tell_why(self, message: Unkept) -> None:
        self._say(message.why, error=True)

    def _say(self, text: str, *, error: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(error, "error")
        said.update(Content(f"✗ {text}" if error else text))


class Offer(ModalScreen[Routine | None]):
    """Asks which routine is to be a goal.

    Parameters
    ----------
    routines : sequence of Routine
        Those that say how often they are meant to be done.
    """

    CSS_PATH = "today.tcss"
    BINDINGS = bindings(keys.TYPING)

    def __init__(self, routines: Sequence[Routine]) -> None:
        super().__init__()
        self._routines = routines

    def compose(self) -> ComposeResult:
        """Show the list: the routine, how often, and who says so."""
        which = OptionList(*(Option(_offered(routine)) for routine in self._routines), id="offer")
        which.border_title = "add to the plan"
        yield which

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._routines[message.option_index])

    def action_leave(self) -> None:
        """Add none."""
        self.dismiss(None)


# --- how it is said ---


def goal_lines(goal: Progress, columns: int) -> list[Content]:
    """Draw a goal: its name, a disc for each time, the count; below it its week, and who says so."""
    name = _NAME if columns >= 2 * _NAME else columns // 2
    count = f"{goal.done} of {goal.wanted} {'today' if goal.per == 'day' else 'this week'}"
    count = f"✓ {count}" if goal.reached else count
    drawn = pips.pips(goal.done, goal.wanted, columns - name - len(count) - 2)
    below = [said for said in (_week_words(goal), words.sourced(goal.source, goal.evidence)) if said]
    beside = below.pop(0) if len(below) > 1 or len(below[0]) < name else ""
    left = ((_cut(goal.title, name), "bold"), (_cut(beside, name), "$foreground-muted"))
    right = ((f" {count}", "bold $success" if goal.reached else ""), ("", ""))
    lines = [Content.assemble(a, each, b) for a, each, b in zip(left, drawn, right, strict=True)]
    return [*lines, *(Content.styled(said, "$foreground-muted") for said in below)]


def spot_lines(spot: SpotDiary, today: date, columns: int, rows: int) -> list[Content]:
    """Draw a spot: its name and trend, how it was last, two weeks of bars; and what to do where that is due."""
    style = "$success" if spot.easing else "$warning" if spot.growing else "$foreground-muted"
    since = f"   since {_day(spot.since)}"
    lines = [Content.assemble((spot.spot, "bold"), (f"   {spot.trend}", style), (since, "$foreground-muted"))]
    felt = {entry.day: (entry.before, entry.after) for entry in spot.entries}
    last = spot.entries[-1]
    said = [(_change(last.before, last.after), "$foreground"), (_day(last.day), "$foreground-muted")]
    if columns >= _LAST + tenderness.COLUMNS:
        for row, bars in enumerate(tenderness.bars(felt, today, rows)):
            text, style = said[row] if row < len(said) else ("", "")
            lines.append(Content.assemble((f"{text:{_LAST}}", style), bars))
    else:
        lines.append(Content("   ").join([Content.styled(text, style) for text, style in said]))
    return [*lines, *(Content.styled(line, "$warning") for line in textwrap.wrap(spot.advice, max(20, columns)))]


def _week_words(goal: Progress) -> str:
    if goal.week_of is None or goal.weeks is None:
        return ""
    return f"its {words.count(goal.weeks, 'week')} are over" if goal.over else f"week {goal.week_of} of {goal.weeks}"


def _change(before: int | None, after: int | None) -> str:
    return " → ".join(words.UNKNOWN if value is None else str(value) for value in (before, after))


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def _cut(text: str, columns: int) -> str:
    """Give the text as wide as this."""
    room = columns - 2
    return f"{text if len(text) <= room else text[: room - 1] + '…':{columns}}"


def _heading(text: str, beside: Content = Content("")) -> Block:
    return Block([Content.assemble((text, "bold $secondary"), "   ", beside)])


def _note(text: str, columns: int) -> Block:
    return Block([Content.styled(line, "$foreground-muted") for line in textwrap.wrap(text, max(20, columns))])


def _name(about: Progress | SpotDiary | None) -> tuple[str, str]:
    """Tell a goal or a spot from all others."""
    if isinstance(about, Progress):
        return "goal", about.routine
    return "spot", about.spot if about is not None else ""


def _offered(routine: Routine) -> Content:
    if routine.often is None:  # such are not offered
        return Content(routine.title)
    said = words.sourced(routine.often.source, routine.often.evidence)
    return Content.assemble((f"{routine.title:30}", "bold"), words.often(routine.often), f"\n  {said}")
