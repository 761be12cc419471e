"""Home: go on as last time with Enter, or choose where the motion comes from and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Footer, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from journal.person import person
from journal.plan import Progress, progress
from journal.store import HistoryError
from tracker.routine import FREE, Routine, Step
from tui import keys, words
from tui.choices import Choice
from tui.memory import Remembered
from tui.screens import Edit, Open, bindings
from tui.shelf import MONTHS, parse_name
from tui.weeks import Known, Weeks
from tui.widgets import blocks
from tui.widgets.calendar import monday_of

_RECENT = 3
_TARGET_COLUMNS = 22
"""Of a step's line, beside its name."""
_NAME = "Palmpace"
_WHAT = "A pace coach for self-massage:\na sensor on the wrist,\na glance up."
_WELCOME = (
    "Palmpace watches how a hand moves in a self-massage, counts, and helps it to keep its pace. "
    "A phone or a small board on the wrist tells it of the motion; to try it you need neither."
)
_SOURCES: tuple[tuple[str, Choice], ...] = (
    ("Simulated wrist", Choice("simulated")),
    ("Phone or board over MQTT", Choice("device")),
)


class HomeScreen(Screen[None]):
    """Start, source, routine; on the very first run two large choices instead.

    Parameters
    ----------
    routines : sequence of Routine
        To choose from; the first is the default.
    recordings : sequence of Path
        Newest first; only the newest few are looked at.
    error : str
        Why the last attempt did not start; one line.
    remembered : Remembered
        What was chosen last.
    routine : str, optional
        The routine to stand on; that which was chosen last unless given.
    weeks : Weeks, optional
        Where the plan is, and how much of it is done.
    today : date, optional
        Local.
    """

    TITLE = "Home"
    ABOUT = "Enter starts what stands in the first field; below it choose where the motion comes from, and what to do."
    CSS_PATH = "home.tcss"
    BINDINGS = bindings(keys.HOME)
    AUTO_FOCUS = ""  # where to stand follows from what is remembered

    class Told(Message):
        """So much is known of the plan."""

        def __init__(self, known: Known) -> None:
            super().__init__()
            self.known = known

    def __init__(
        self,
        routines: Sequence[Routine],
        recordings: Sequence[Path],
        error: str = "",
        *,
        remembered: Remembered = Remembered(),
        routine: str = "",
        weeks: Weeks | None = None,
        today: date = date.min,
    ) -> None:
        super().__init__()
        self._routines = list(routines)
        self._sources = [
            *_SOURCES,
            *((f"↺ {_called(path)}", Choice("replay", path=path)) for path in recordings[:_RECENT]),
        ]
        self._error = error
        self._remembered = remembered
        self._first = routine or remembered.routine
        self._style = remembered.style
        self._weeks = weeks
        self._today = today
        self._plan = _whose()
        self._welcomes = remembered.kind is None and not recordings

    def compose(self) -> ComposeResult:
        """Name, and below it either a welcome or all there is to choose."""
        with Center(), Vertical(id="page"):
            with Horizontal(id="head"):
                yield Name()
                yield Static(_WHAT, id="what")
            yield from self._compose_welcome() if self._welcomes else self._compose_choice()
        yield Footer(show_command_palette=False)

    def _compose_welcome(self) -> ComposeResult:
        yield Static(_WELCOME, id="welcome")
        yield self._compose_said()
        yield Button(
            _card("", "Try it now with a simulated wrist", "A hand is made up, you look on. Nothing to set up."),
            id="try",
        )
        yield Button(
            _card("", "Connect a phone or board", "Shows what to enter there, and goes on when its motion comes."),
            id="connect",
        )
        yield Button("All routines", id="all", compact=True)

    def _compose_said(self) -> Static:
        return Static(Content(self._error), id="said", classes="error" if self._error else "")

    def _compose_choice(self) -> ComposeResult:
        yield Button("", id="start")
        yield Static(self._plan, id="today")
        yield self._compose_said()
        with Vertical(id="choice"):
            with Horizontal(id="lists"):
                with Vertical():
                    yield Static("Motion from", classes="heading")
                    yield Choices([name for name, _ in self._sources], break_at=len(_SOURCES), id="sources")
                with Vertical():
                    yield Static("Routine", classes="heading")
                    yield Choices([routine.title for routine in self._routines], id="routines")
            yield About(id="about")

    def on_mount(self) -> None:
        """Stand on what was chosen last; where that is nothing, on the first source."""
        self._stand()
        self._look_at_plan()

    def _look_at_plan(self) -> None:
        """Find out what of the plan is done, in a thread: nothing here waits for it."""
        weeks = self._weeks
        if weeks is None:
            return
        monday = monday_of(self._today)

        def work() -> None:
            worker = get_current_worker()
            with suppress(HistoryError):  # the page of the plan tells why
                if weeks.planned():
                    weeks.follow(lambda known: self.post_message(self.Told(known)), lambda: worker.is_cancelled, monday)

        self.run_worker(work, thread=True)

    @on(Told)
    def _tell_plan(self, message: Told) -> None:
        self._plan = _whose() + plan_words(progress(message.known.plan, message.known.records, self._today))
        for line in self.query("#today").results(Static):
            line.update(self._plan)

    def _stand(self) -> None:
        if not self._welcomes:
            names = [routine.name for routine in self._routines]
            kinds = [choice.kind for _, choice in _SOURCES]
            last = self._remembered
            self.query_one("#sources", Choices).highlighted = kinds.index(last.kind) if last.kind else 0
            self.query_one("#routines", Choices).highlighted = names.index(self._first) if self._first in names else 0
        self._focus_first()

    def _focus_first(self) -> None:
        self.query_one("#try" if self._welcomes else "#start" if self._remembered.kind else "#sources").focus()

    def refuse(self, error: str) -> None:
        """Say why the chosen session did not start, and let the person choose again."""
        self._error = error
        self._say(error, busy=False)
        self._focus_first()

    def _say(self, text: str, *, busy: bool) -> None:
        said = self.query_one("#said", Static)
        said.update(Content(text))
        said.set_class(busy, "busy")
        said.set_class(not busy, "error")
        for part in self.query("Button, #lists"):
            part.disabled = busy

    def _open(self, choice: Choice) -> None:
        if not self.query_one("#said").has_class("busy"):
            self._say("Starting …", busy=True)
            self.post_message(Open(choice))

    @on(OptionList.OptionHighlighted)
    def _describe(self) -> None:
        """Tell what Enter would start now."""
        choice = self._choice
        replay = choice.kind == "replay"
        self.query_one("#routines").disabled = replay
        self.query_one(About).routine = None if replay else self._routine
        self.refresh_bindings()
        last = self._remembered
        as_last = (choice.kind, choice.routine, choice.style) == (last.kind, last.routine, last.style)
        eyebrow = f"⏎  {'Replay' if replay else 'Go on as last time' if as_last else 'Start'}"
        source = self._sources[self.query_one("#sources", Choices).chosen][0]
        if replay:
            card = _card(eyebrow, source, "as it was recorded, with its own routine")
        else:
            routine = self._routine
            named, detail = f"▶ {routine.title}", f"{source}  ·  {words.extent(routine)}"
            if others := [style for style in self._unstyled.styles if style != routine.style]:
                named, detail = f"{named}, {routine.style}", f"{detail}  ·  also {', '.join(others)}"
            card = _card(eyebrow, named, detail)
        self.query_one("#start", Button).label = card

    @on(OptionList.OptionSelected, "#sources")
    def _source_chosen(self) -> None:
        if self._choice.kind == "replay":
            self._open(self._choice)
        else:
            self.query_one("#routines").focus()

    @on(OptionList.OptionSelected, "#routines")
    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        self._open(self._choice)

    @on(Button.Pressed, "#try")
    def _try(self) -> None:
        guided = next((routine for routine in self._routines if routine.name != FREE.name), self._routines[0])
        self._open(Choice("simulated", guided.name))

    @on(Button.Pressed, "#connect")
    def action_connect(self) -> None:
        """Listen for a device, with the routine that is chosen."""
        self._open(Choice("device", FREE.name if self._welcomes else self._routine.name, style=self._another_style))

    def action_edit(self) -> None:
        """Look into the routine that is chosen, and change it."""
        if self.query_one("#said").has_class("busy"):
            return
        if self._routine.name == FREE.name:
            self.notify("The free session asks for nothing: there is nothing to change.", timeout=5)
        else:
            self.post_message(Edit(self._routine.name))

    def action_style(self) -> None:
        """Take the routine's next style."""
        styles = self._unstyled.styles
        self._style = styles[(styles.index(self._routine.style) + 1) % len(styles)]
        self._describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer to change a routine where one is chosen, and its style where it has several."""
        if action == "style":
            return any(not each.disabled for each in self.query("#routines")) and len(self._unstyled.styles) > 1
        return action != "edit" or not self._welcomes

    @on(Button.Pressed, "#all")
    async def _show_all(self) -> None:
        self._welcomes = False
        await self.recompose()
        self._stand()
        self.refresh_bindings()

    @property
    def _choice(self) -> Choice:
        source = self._sources[self.query_one("#sources", Choices).chosen][1]
        if source.kind == "replay":
            return source
        return Choice(source.kind, self._routine.name, style=self._another_style)

    @property
    def _routine(self) -> Routine:
        """The one that is chosen, in the style that was chosen where it has that."""
        routine = self._unstyled
        return routine.styled(self._style) if self._style in routine.styles else routine

    @property
    def _unstyled(self) -> Routine:
        return self._routines[self.query_one("#routines", Choices).chosen]

    @property
    def _another_style(self) -> str:
        """The style that is chosen, where it is not the routine's own."""
        return "" if self._welcomes or self._routine.style == self._unstyled.style else self._routine.style


class Name(Widget):
    """The program's name in block letters, as large as there is room."""

    def render(self) -> Content:
        """Draw it."""
        return Content("\n").join([Content(row) for row in blocks.draw(_NAME, self._scale)])

    def get_content_width(self, *_: object) -> int:
        """Give the columns it takes."""
        return blocks.width(_NAME, self._scale)

    def get_content_height(self, *_: object) -> int:
        """Give the rows it takes."""
        return blocks.height(self._scale)

    @property
    def _scale(self) -> int:
        columns, rows = self.app.size
        return max(1, blocks.fitting(_NAME, columns // 2, rows // 6))


class Choices(OptionList):
    """A list in which one is always chosen, with a mark before it that needs no colour.

    Parameters
    ----------
    names : sequence of str
    break_at : int
        A line is drawn before this one.
    """

    def __init__(self, names: Sequence[str], *, break_at: int = 0, id: str) -> None:
        prompts: list[Option | None] = [Option(self._prompt(name, chosen=False)) for name in names]
        if 0 < break_at < len(names):
            prompts.insert(break_at, None)
        super().__init__(*prompts, id=id)
        self._names = list(names)
        self._marked: int | None = None

    def on_resize(self) -> None:
        """Bring the one that is chosen into view; before, the list had no size to do so."""
        self.scroll_to_highlight()

    @property
    def chosen(self) -> int:
        """Index of the one that is."""
        return self.highlighted or 0

    @on(OptionList.OptionHighlighted)
    def _mark(self) -> None:
        for index, chosen in ((self._marked, False), (self.chosen, True)):
            if index is not None:
                self.replace_option_prompt_at_index(index, self._prompt(self._names[index], chosen=chosen))
        self._marked = self.chosen

    @staticmethod
    def _prompt(name: str, *, chosen: bool) -> Content:
        return Content(f"{'●' if chosen else '○'} {name}")


class About(Widget):
    """What a routine is for, and its steps with their targets; ``None`` is a recording's own."""

    routine: reactive[Routine | None] = reactive[Routine | None](None)

    def render(self) -> Content:
        """Give the steps a line each where there is room, else one after the other."""
        routine = self.routine
        if routine is None:
            return Content.styled("The routine and its words stand in the recording.", "$foreground-muted")
        told = Content.assemble(routine.summary, "\n", (words.extent(routine), "bold $secondary"))
        if routine.name == FREE.name:
            return told
        at_hand = words.at_hand(routine)
        if self.screen.has_class("-wide", "-tall"):
            columns = min(max(len(step.name) for step in routine.step), max(1, self.size.width - _TARGET_COLUMNS))
            things = [Content(at_hand.capitalize())] if at_hand else []
            return Content("\n").join([told, *things, Content(""), *(_line(step, columns) for step in routine.step)])
        steps = [Content.assemble(step.name, (_target(step), "$foreground-muted")) for step in routine.step]
        return Content.assemble(
            told, f"; {at_hand}" if at_hand else "", (":  ", "$foreground-muted"), Content(" · ").join(steps)
        )


def plan_words(goals: Sequence[Progress]) -> Content:
    """Give the plan in a line: what is done of what is wanted, goal by goal."""
    week = {"day": "", "week": " this week"}
    told = " · ".join(f"{goal.routine} {goal.done} of {goal.wanted}{week[goal.per]}" for goal in goals)
    return Content(f"today: {told}" if told else "")


def _line(step: Step, columns: int) -> Content:
    symbol = words.motion(step.motion, None).split()[0] if step.motion else " "
    target = f"  {_pace(step):>10}  {words.end(step):>6}"
    name = step.name if len(step.name) <= columns else f"{step.name[: columns - 1]}…"
    return Content.assemble((symbol, "$secondary"), f" {name:{columns}}", (target, "$foreground-muted"))


def _target(step: Step) -> str:
    return "".join(f" {part}" for part in (_pace(step), words.end(step)) if part)


def _pace(step: Step) -> str:
    """Give a step's pace in cycles a minute; nothing where it asks for none."""
    return f"{words.pace(step.band[0])}-{words.pace(step.band[1])}/min" if step.band else ""


def _whose() -> Content:
    """Name the person whose sessions these are, where several share the machine."""
    return Content.styled(f"{person()}   ", "bold $primary") if person() else Content("")


def _card(eyebrow: str, title: str, detail: str) -> Content:
    lines = [Content(eyebrow)] if eyebrow else []
    return Content("\n").join([*lines, Content.styled(title, "bold"), Content(detail)])


def _called(path: Path) -> str:
    """Give a recording's day, time and routine where its name tells them; else its name."""
    entry = parse_name(path)
    if entry.when is None:
        return entry.stem
    return f"{entry.when.day} {MONTHS[entry.when.month - 1]} {entry.when:%H:%M}  {entry.title}"
