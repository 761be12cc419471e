"""A routine to look into and to change: its steps, what each asks for, and who says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Label, Static

from tracker.motion.state import Direction
from tracker.routine import Routine, RoutineError, Step, StepSide
from tui import editing, keys, words
from tui.editing import OWN, Field
from tui.library import Library
from tui.screens import Go, bindings
from tui.screens.ask import Ask, question
from tui.widgets.body import BodyMap
from tui.widgets.listing import Listing
from tui.widgets.typed import Typing

_WAYS: Final[dict[Direction | None, str]] = {None: "either", "cw": "↻ clockwise", "ccw": "↺ counterclockwise"}
_SHORT: Final[dict[StepSide, str]] = {"left": "L", "right": "R", "both": "both", "alternate": "turn"}
_SIDES: Final[dict[StepSide, str]] = {"left": "left", "right": "right", "both": "both", "alternate": "taking turns"}
_NO_STYLE: Final = "plain"
_FIELD_COLUMNS = 8
_FIXED_COLUMNS = 25
"""Of a line of the list, all but the name."""


class RoutineScreen(Screen[None]):
    """The steps on the left, the chosen one on the right; nothing is written before the person says so.

    Parameters
    ----------
    library : Library
    name : str
        Of the routine. One that comes with Palmpace stays as it is: what is saved is the person's own copy.

    Raises
    ------
    RoutineError
        There is none of this name, or it cannot be changed here; one line.
    """

    TITLE = "Edit a routine"
    ABOUT = (
        "Up and down choose a step, tab what to change of it, left and right change that. "
        "A target that you change is your own: it loses the source it had."
    )
    CSS_PATH = "routine.tcss"
    BINDINGS = bindings(keys.ROUTINE)

    def __init__(self, library: Library, name: str) -> None:
        super().__init__()
        self._library = library
        self._routine_name = name
        library.own_path(name)  # what could not be saved is refused now
        library.routine(name)
        path = library.path(name)
        self._is_own = path is not None
        self._draft = editing.drafted(library.text(name), str(path or f"{name}.toml"))
        self._style = self._draft.routine.style
        self._field: Field = "end"

    def compose(self) -> ComposeResult:
        """Title, steps and what the coach says, the chosen one, and what the routine needs."""
        yield Static(id="title")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Listing(self._head, self._row, id="steps")
                yield Static(id="says")
            yield Static(id="details")
            yield BodyMap()
        yield Static(id="around")
        with Horizontal(id="naming"):
            yield Label("title: ")
            yield Typing(id="words")
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Stand on the first step."""
        self.query_one("#naming").display = False
        self.query_one(BodyMap).captioned = False
        self._list.focus()
        self._show(0)
        if not self._is_own:
            self._say("It comes with Palmpace: what you save is a copy of your own.")

    # --- what the keys do ---

    def action_field(self, by: int) -> None:
        """Go to the next thing that can be changed."""
        there_are = editing.fields(self._step)
        at = there_are.index(self._field) if self._field in there_are else 0
        self._field = there_are[(at + by) % len(there_are)]
        self._show_step()

    def action_change(self, by: Literal[-1, 1]) -> None:
        """Change what is chosen of the step."""
        was = self._step.source
        self._edit(lambda text: editing.changed(text, self._list.chosen, self._field, by, self._style))
        if was != self._step.source == OWN:
            self._say("This target is your own now: the source it had says nothing of it.")

    def action_move(self, by: int) -> None:
        """Let the step come earlier or later."""
        at = self._list.chosen
        self._edit(lambda text: editing.moved(text, at, by), at + by)

    def action_copy(self) -> None:
        """Put the same step behind it."""
        at = self._list.chosen
        self._edit(lambda text: editing.copied(text, at), at + 1)

    def action_delete(self) -> None:
        """Ask, then leave the step out."""
        at = self._list.chosen

        def answered(yes: bool | None) -> None:
            if yes:
                self._edit(lambda text: editing.deleted(text, at))

        asked = f"Leave out step {at + 1}, {self._step.name}?"
        self.app.push_screen(Ask(question(asked, "Undo brings it back.", "leave it out", "keep it")), answered)

    def action_undo(self) -> None:
        """Take the last change back."""
        self._go_to(self._draft.undo(), "There is no change to take back.")

    def action_redo(self) -> None:
        """Make it again."""
        self._go_to(self._draft.redo(), "There is no change to make again.")

    def action_style(self) -> None:
        """Show the next style."""
        styles = self._styles
        if len(styles) < 2:
            self._say("This routine has one style only.")
            return
        self._style = styles[(styles.index(self._style) + 1) % len(styles)]
        self._say(f"Style {self._style or _NO_STYLE}: what you change of a target now is changed in this style.")
        self._show(self._list.chosen)

    def action_title(self) -> None:
        """Let the person type another title."""
        self.query_one("#naming").display = True
        typing = self.query_one("#words", Typing)
        typing.value = self._draft.routine.title
        typing.focus()

    def action_save(self) -> None:
        """Keep it among the person's own routines; ask where the file is another one by now."""
        if self._draft.is_saved:
            self._say("There is nothing to save: it is as it was.")
            return
        if self._is_as_read():
            self._save()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._save()

        about = "What was written there since would be lost."
        asked = question("The file was changed elsewhere. Save over it?", about, "save over it", "not now")
        self.app.push_screen(Ask(asked), answered)

    def _is_as_read(self) -> bool:
        try:
            return self._library.text(self._routine_name) == self._draft.saved
        except RoutineError:
            return True  # it is gone: nothing is lost

    def _save(self) -> None:
        try:
            path = self._library.save(self._routine_name, self._draft.text)
        except RoutineError as error:
            self._say(str(error), error=True)
            return
        self._is_own = True
        self._draft = self._draft.kept()
        self._show(self._list.chosen)
        self._say(f"Saved: {path}")

    def action_leave(self) -> None:
        """Go home; ask before changes are lost."""
        if self._draft.is_saved:
            self.post_message(Go("home"))
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.post_message(Go("home"))

        about = "What you changed would be lost."
        self.app.push_screen(Ask(question("Leave without saving?", about, "leave", "stay")), answered)

    @on(Input.Submitted, "#words")
    def _name_it(self, event: Input.Submitted) -> None:
        self._edit(lambda text: editing.titled(text, event.value))
        self._leave_title()

    @on(Typing.Left, "#words")
    def _leave_title(self) -> None:
        self.query_one("#naming").display = False
        self._list.focus()

    def _edit(self, change: Callable[[str], str], then_at: int | None = None) -> None:
        """Make a change, or say why it cannot be made."""
        try:
            self._draft = self._draft.changed(change(self._draft.text))
        except RoutineError as error:
            self._say(str(error), error=True)
            return
        self._say("")
        self._show(self._list.chosen if then_at is None else then_at)

    def _go_to(self, draft: editing.Draft, nothing: str) -> None:
        before, self._draft = self._draft.routine, draft
        at = editing.differs_at(before, draft.routine)
        self._say(nothing if before is draft.routine else "")
        self._show(self._list.chosen if at is None else at)

    # --- how it looks ---

    @property
    def _list(self) -> Listing:
        return self.query_one(Listing)

    @property
    def _routine(self) -> Routine:
        """The routine in the style that is shown."""
        return self._draft.routine.styled(self._style)

    @property
    def _styles(self) -> tuple[str, ...]:
        """Every style to be shown, its own first, which may have no name."""
        routine = self._draft.routine
        return tuple(dict.fromkeys((routine.style, *routine.styles)))

    @property
    def _step(self) -> Step:
        return self._routine.step[self._list.chosen]

    def _say(self, text: str, *, error: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.set_class(error, "error")
        said.update(Content(f"✗ {text}" if error else text))

    def _show(self, at: int) -> None:
        """Show all of it, with this step chosen."""
        if self._style not in self._styles:  # it went with a step
            self._style = self._draft.routine.style
        routine = self._routine
        self._list.show(len(routine.step), at)
        self.query_one("#title", Static).update(self._titled(routine))
        around = self.query_one("#around", Static)
        around.update(_around(routine))
        around.display = bool(routine.things or routine.after or routine.often)
        self._show_step()

    @on(Listing.Moved)
    def _show_step(self) -> None:
        step = self._step
        if self._field not in editing.fields(step):
            self._field = "end"
        self.query_one("#details", Static).update(self._details(step))
        self.query_one("#says", Static).update(Content(f"“{step.say}”" if step.say else ""))
        self.query_one(BodyMap).now = words.place(step)

    def _titled(self, routine: Routine) -> Content:
        named = {style: style or _NO_STYLE for style in self._styles} if routine.styles else {}
        styles = " ".join(f"[{name}]" if style == self._style else name for style, name in named.items())
        told = "   ".join(filter(None, (words.extent(routine), styles)))
        state = "● not saved" if not self._draft.is_saved else "your own" if self._is_own else "as shipped"
        return Content.assemble(
            (routine.title, "bold $primary"), (f"   {state}", "bold"), (f"   {told}", "$foreground-muted")
        )

    def _head(self, width: int) -> Content:
        return Content(f" #   {'step':{max(1, width - _FIXED_COLUMNS)}} {'a min':>7} {'end':>6} side")

    def _row(self, index: int, width: int) -> Content:
        step = self._routine.step[index]
        room = max(1, width - _FIXED_COLUMNS)
        name = step.name if len(step.name) <= room else f"{step.name[: room - 1]}…"
        sign = words.motion(step.motion, step.direction).split()[0] if step.motion else " "
        return Content.assemble(
            (f"{index + 1:>2} ", "$foreground-muted"),
            (f"{sign} ", "$secondary"),
            f"{name:{room}}",
            (f" {_pace(step):>7} {words.end(step):>6} {_SHORT[step.side]}", "$foreground-muted"),
        )

    def _details(self, step: Step) -> Content:
        lines = [Content.styled(step.name, "bold $secondary"), Content("")]
        lines += [self._line(field, _value(step, field)) for field in editing.fields(step)]
        if step.own_tempo or step.calibrates:
            pace = "your own, as measured" if step.own_tempo else "is measured here"
            lines.append(Content.styled(f"  {'pace':{_FIELD_COLUMNS}}{pace}", "$foreground-muted"))
        lines.append(Content(""))
        if self._style != self._draft.routine.style and self._style not in step.styles:
            lines.append(Content.styled(f"no targets of {self._style}: as in its own style", "$foreground-muted"))
        if step.source or step.evidence is not None:
            behind = f"{step.evidence}, your own choice" if step.source == OWN else words.evidence(step.evidence)
            lines.append(Content.assemble(("source ", "$foreground-muted"), step.source))
            lines.append(Content.assemble(("evidence ", "$foreground-muted"), behind))
        size = f"{step.size_cm[0]:g} to {step.size_cm[1]:g} cm across" if step.size_cm is not None else ""
        lines.append(Content(", ".join(filter(None, (step.area, step.technique.replace("-", " "), size)))))
        return Content("\n").join(lines)

    def _line(self, field: Field, value: str) -> Content:
        if field == self._field:
            return Content.styled(f"▶ {field:{_FIELD_COLUMNS}}‹ {value} ›", "bold $primary")
        return Content.assemble((f"  {field:{_FIELD_COLUMNS}}", "$foreground-muted"), f"  {value}")


def _pace(step: Step) -> str:
    """Give a step's pace in cycles a minute, as short as the list wants it."""
    if step.band is None:
        return "own" if step.own_tempo else words.UNKNOWN
    return "-".join(map(_exactly, step.band))


def _exactly(rate_cpm: float) -> str:
    return f"{round(rate_cpm, 1):g}"


def _value(step: Step, field: Field) -> str:
    """Give what a field holds, in words."""
    match field:
        case "end":
            return f"{words.end(step)}{' held still' if step.held_s else ''}"
        case "ends by":
            let_go = "when it lets go" if step.until_release_s else "time"
            return "count" if step.cycles else "stillness" if step.held_s else let_go
        case "low" | "high":
            at = ("low", "high").index(field)
            pace = _exactly((step.band or (0, 0))[at])
            return f"{step.speed_cm_s[at]:g} cm/s, {pace}/min" if step.speed_cm_s is not None else f"{pace} a minute"
        case "length":
            return f"{step.length_cm:g} cm"
        case "side":
            return _SIDES[step.side]
        case "switch":
            return f"every {words.clock(step.switch_s or 0)}"
        case "way":
            return _WAYS[step.direction]


def _around(routine: Routine) -> Content:
    """Tell what to have at hand, how often it is meant to be done and who says so, and what does good afterwards."""
    told = [
        ("at hand", ", ".join(routine.things)),
        ("often", _often(routine)),
        ("after", ", ".join(routine.after)),
    ]
    return Content("\n").join(
        [Content.assemble((f"{name:{_FIELD_COLUMNS}}", "$foreground-muted"), text) for name, text in told if text]
    )


def _often(routine: Routine) -> str:
    how = routine.often
    return "" if how is None else f"{words.often(how)}; {words.sourced(how.source, how.evidence)}"
