"""Home: choose where the motion comes from and what to do; Enter, Enter starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Footer, OptionList, Static
from textual.widgets.option_list import Option

from tracker.routine import Routine
from tui import keys, words
from tui.choices import Choice
from tui.screens import bindings
from tui.widgets import blocks

_RECENT = 5
_WHAT = "A pace coach for self-massage: a sensor on the wrist, a glance up."
_HOW = "Enter chooses, Enter again starts"
_AS_RECORDED = "The routine and its words stand in the recording."


class HomeScreen(Screen[None]):
    """Source, routine, start.

    Parameters
    ----------
    routines : sequence of Routine
        To choose from; the first is the default.
    recordings : sequence of Path
        Newest first.
    error : str
        Why the last attempt did not start; one line.
    """

    BINDINGS = bindings(keys.HOME)

    class Chosen(Message):
        """The person starts a session."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, routines: Sequence[Routine], recordings: Sequence[Path], error: str = "") -> None:
        super().__init__()
        self._routines = list(routines)
        self._sources = [
            ("Simulated wrist", Choice("simulated")),
            ("A phone or board over MQTT", Choice("device")),
            *((path.stem, Choice("replay", path=path)) for path in recordings[:_RECENT]),
        ]
        self._error = error

    def compose(self) -> ComposeResult:
        """Title, the two lists, what is chosen, and Start."""
        live, recorded = self._sources[:2], self._sources[2:]
        options: list[Option | None] = [Option(name) for name, _ in live]
        if recorded:
            options += [None, *(Option(f"↺ {name}") for name, _ in recorded)]
        yield Static("\n".join(blocks.draw("Palmpace", 1)), id="name")
        yield Static(_WHAT, id="what")
        with Horizontal(id="lists"):
            with Vertical():
                yield Static("Motion from", classes="heading")
                yield OptionList(*options, id="sources")
            with Vertical():
                yield Static("Routine", classes="heading")
                yield OptionList(*(Option(routine.title) for routine in self._routines), id="routines")
        yield Static(id="about")
        with Horizontal(id="foot"):
            yield Button("Start", id="start", variant="primary", compact=True)
            yield Static(self._error or _HOW, id="said", classes="error" if self._error else "", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Stand on the first source and the first routine."""
        for options in self.query(OptionList):
            options.highlighted = 0
        self.query_one("#sources").focus()

    def refuse(self, error: str) -> None:
        """Say why the chosen session did not start, and let the person choose again."""
        self._say(error, busy=False)
        self.query_one("#said").add_class("error")
        self.query_one("#sources").focus()

    @on(OptionList.OptionHighlighted)
    def _describe(self) -> None:
        routines, about = self.query_one("#routines", OptionList), self.query_one("#about", Static)
        recorded = self._source.kind == "replay"
        routines.disabled = recorded
        routine = self._routine
        about.update(
            Content.styled(_AS_RECORDED, "$foreground-muted")
            if recorded
            else Content.assemble((routine.summary, ""), (f"\n{words.extent(routine)}", "$foreground-muted"))
        )

    @on(OptionList.OptionSelected, "#sources")
    def _source_chosen(self) -> None:
        if self._source.kind == "replay":
            self._start()
        else:
            self.query_one("#routines").focus()

    @on(OptionList.OptionSelected, "#routines")
    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        source = self._source
        routine = None if source.kind == "replay" else self._routine.name
        self._say("Starting …", busy=True)
        self.query_one("#said").remove_class("error")
        self.post_message(self.Chosen(Choice(source.kind, routine, source.path)))

    def _say(self, text: str, *, busy: bool) -> None:
        self.query_one("#said", Static).update(Content(text))
        self.query_one("#lists").disabled = busy
        self.query_one("#start").disabled = busy

    @property
    def _source(self) -> Choice:
        options = self.query_one("#sources", OptionList)
        return self._sources[options.highlighted or 0][1]

    @property
    def _routine(self) -> Routine:
        options = self.query_one("#routines", OptionList)
        return self._routines[options.highlighted or 0]
