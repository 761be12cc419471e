"""The dashboard: opens what is chosen, looks at it at a fixed rate, and hands its events to screen and sounds."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from textual import on
from textual.app import App, SystemCommand
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.worker import get_current_worker

from sensors.recording import RecordingError, delete_recording
from tracker.events import Event, NoticeEvent
from tracker.routine import RoutineError
from tracker.session import Command
from tui import asking, keys
from tui.ascii import AsciiFilter
from tui.choices import INTERRUPTED, Choice, Launcher, LaunchError
from tui.film import Film
from tui.library import Library
from tui.look import Look
from tui.memory import Memory, Remembered, Volume
from tui.preferences import Preferences
from tui.runner import Runner
from tui.screens import Edit, Go, Open, Place
from tui.screens.cautions import CautionsScreen
from tui.screens.connect import ConnectScreen
from tui.screens.help import HelpScreen
from tui.screens.history import HistoryScreen
from tui.screens.home import HomeScreen
from tui.screens.live import LiveScreen
from tui.screens.recordings import RecordingsScreen
from tui.screens.replay import ReplayScreen
from tui.screens.routine import RoutineScreen
from tui.screens.summary import SummaryScreen
from tui.screens.today import TodayScreen
from tui.settings import Settings
from tui.shelf import Shelf
from tui.sitting import Sitting
from tui.sound import TICK_S, make_sounder
from tui.themes import ALL_THEMES
from tui.weeks import Weeks

VOLUMES: Mapping[Volume, str] = {
    "normal": "advice: normal",
    "chatty": "advice: all of it",
    "off": "advice: no sound at all",
    "quiet": "advice: steps and stops only",
}


class PalmpaceApp(App[None]):
    """Home, connect, live, summary, and home again; beside them recordings, history and replay.

    Threads open and close sessions and only post messages; every change of state is made by a handler, here
    or on a screen.

    Parameters
    ----------
    launcher : Launcher
    settings : Settings
    memory : Memory, optional
        What was chosen last; without one nothing is remembered.
    start : Choice, optional
        Open this at once rather than going home first.
    edit : str, optional
        Or show this routine, to be changed.
    clock_s : callable
        Seconds of any origin, never decreasing: the rhythm of what is heard.
    today : callable
        The date where the person is.
    """

    CSS_PATH = "palmpace.tcss"
    TITLE = "Palmpace"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual's type

    class Opened(Message):
        """A chosen session runs."""

        def __init__(self, choice: Choice, runner: Runner) -> None:
            super().__init__()
            self.choice = choice
            self.runner = runner

    class Threaded(Message):
        """A chosen recording is ready to be shown."""

        def __init__(self, choice: Choice, film: Film) -> None:
            super().__init__()
            self.choice = choice
            self.film = film

    class Refused(Message):
        """A chosen session could not be opened."""

        def __init__(self, error: str) -> None:
            super().__init__()
            self.error = error

    class Closed(Message):
        """A session has let go of everything; its recording, if there is one, is complete."""

        def __init__(self, path: Path | None, notices: list[NoticeEvent]) -> None:
            super().__init__()
            self.path = path
            self.notices = notices

    def __init__(
        self,
        launcher: Launcher,
        *,
        settings: Settings = Settings(),
        memory: Memory | None = None,
        start: Choice | None = None,
        edit: str | None = None,
        clock_s: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__()
        self.preferences = Preferences(settings, memory)
        self._launcher = launcher
        self._memory = memory
        self._fps = settings.fps
        self._to_ascii = AsciiFilter()  # one: what it has translated is kept under its name
        self._clock_s = clock_s
        self._sounder = make_sounder(settings, self.bell, self._tell)
        self._start = start
        self._edit = edit
        self._edited = ""
        self._today = today
        self._shelf = Shelf()
        self._weeks = Weeks()
        self._page: Place = "home"
        self._sitting: Sitting | None = None
        self._asks_feelings = False
        self._replayed: Path | None = None
        self._opening = False
        self.set_keymap(settings.keys)

    # --- the loop ---

    def on_mount(self) -> None:
        """Go home, or straight to what was asked for."""
        for theme in ALL_THEMES:
            self.register_theme(theme)
        self.theme = self.preferences.settings.theme
        if self._cautions_due():
            self.push_screen(CautionsScreen(), self._understood)
        else:
            self._open_first()
        if self._fps:
            self.set_interval(1 / self._fps, self.tick)
            self.set_interval(TICK_S, self.tick_sound)
            self._heed_signals()

    def _open_first(self) -> None:
        if self._start is not None:
            self.open(self._start)
        elif self._edit is not None:
            self.edit(self._edit)
        else:
            self._go_home()

    def _cautions_due(self) -> bool:
        """Whether a person is here for the first time, who should know when not to massage."""
        looks_back = self._start is not None and self._start.kind == "replay"
        return self._memory is not None and not self._memory.kept.cautions and not looks_back

    def _understood(self, _: None) -> None:
        if self._memory is not None:
            self._memory.note(cautions=True)
        self._open_first()

    def _heed_signals(self) -> None:
        """End as by the quit key when the system asks; without its terminal there is no screen to put right."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.exit, None, INTERRUPTED)
        loop.add_signal_handler(signal.SIGHUP, self._terminal_gone)
        if os.isatty(0):
            # Under `make` the hang-up reaches make alone, and a dead terminal would keep us busy for ever.
            self.set_interval(1.0, lambda: None if os.isatty(0) else self._terminal_gone())

    def _terminal_gone(self) -> None:
        if self._sitting is not None:
            self._sitting.runner.close()
        # Textual's threads wait for a terminal that will never answer: leave without them.
        os._exit(INTERRUPTED)

    def on_unmount(self) -> None:
        """Leave no broker and no half-written recording behind."""
        self._sounder.close()
        if self._sitting is not None:
            self._sitting.runner.close()

    def tick(self) -> None:
        """Look at the session once, whatever lies over its screen."""
        for screen in self.screen_stack:
            match screen:
                case LiveScreen() | ConnectScreen() if self._sitting is not None and not self._sitting.runner.done:
                    if screen.is_mounted:
                        screen.take(self._sitting.poll())
                case ReplayScreen() if screen.is_mounted:
                    screen.tick()

    def tick_sound(self) -> None:
        """Let what is to be heard go on."""
        self._sounder.tick(self._clock_s())

    def _sound(self, events: Sequence[Event], look: Look) -> None:
        self._sounder.take(events, look, self._clock_s())

    def _tell(self, text: str) -> None:
        self.notify(text, timeout=10, markup=False)

    # --- where one is ---

    def _go_home(self, error: str = "") -> None:
        self._page = "home"
        remembered = self._memory.kept if self._memory is not None else Remembered()
        self._turn_to(
            HomeScreen(
                self._launcher.routines(),
                self._launcher.recordings(),
                error or next(iter(self._launcher.complaints()), ""),
                remembered=remembered,
                routine=self._edited,
                weeks=self._weeks,
                today=self._today(),
            )
        )

    def _turn_to(self, screen: Screen[None]) -> None:
        while len(self.screen_stack) > 2:  # what lies over the page goes with it
            self.pop_screen()
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def action_go(self, to: Place, filter: str = "") -> None:
        """Lead to another page."""
        match to:
            case "home":
                self._go_home()
            case "recordings":
                self._page = to
                self._turn_to(RecordingsScreen(self._shelf, filter))
            case "history":
                self._page = to
                self._turn_to(HistoryScreen(self._weeks, self._today()))
            case "today":
                self._page = to
                source = self._memory.kept.kind if self._memory is not None else None
                self._turn_to(TodayScreen(self._weeks, self._today(), self._launcher.routines(), source or "device"))

    @on(Go)
    def _go_where_wanted(self, message: Go) -> None:
        self.action_go(message.to, message.filter)

    def edit(self, routine: str) -> None:
        """Show a routine, to be changed; at home say why where that cannot be."""
        try:
            screen = RoutineScreen(Library(), routine)
        except RoutineError as error:
            self._go_home(str(error))
        else:
            self._page, self._edited = "home", routine
            self._turn_to(screen)

    @on(Edit)
    def _edit_wanted(self, message: Edit) -> None:
        self.edit(message.name)

    def action_help(self) -> None:
        """Tell what the keys of this screen do."""
        if isinstance(self.screen, HelpScreen):
            return
        below = self.screen
        about = getattr(below, "ABOUT", "")
        self.push_screen(HelpScreen(below.title or "Keys", about, dict(below.active_bindings)))

    def action_cautions(self) -> None:
        """Tell when not to massage, and when to stop."""
        if not isinstance(self.screen, CautionsScreen):
            self.push_screen(CautionsScreen())

    def action_pain(self) -> None:
        """Stop the session at once, from a page that lies over it and only tells something."""
        while not isinstance(self.screen, LiveScreen):
            self.pop_screen()
        self.screen.action_pain()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Let a session be stopped for pain only while one runs."""
        if action != "pain":
            return True
        runs = self._sitting is not None and not self._sitting.runner.done
        return runs and any(isinstance(screen, LiveScreen) for screen in self.screen_stack)

    def action_next_theme(self) -> None:
        """Go to the next theme."""
        self.theme = self.preferences.next_theme()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Give Textual's, and that to ASCII where it is wanted."""
        filters = list(super().get_line_filters())
        return [*filters, self._to_ascii] if self.preferences.settings.ascii else filters

    def action_next_volume(self) -> None:
        """Say more, nothing, little."""
        volume = self.preferences.next_volume()
        self._sounder.set_volume(volume, self._clock_s())
        self.notify(VOLUMES[volume], timeout=3)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Give all that the keys of this screen do to the command palette, by name."""
        seen = set()
        for active in screen.active_bindings.values():
            key = keys.BY_ID.get(active.binding.id or "")
            if key is None or not key.label or key.id in seen or key.id == "commands":
                continue
            seen.add(key.id)
            action = active.binding.action

            async def run(action: str = action) -> None:
                await screen.run_action(action)

            shown = self.get_key_display(active.binding)
            about = f"{key.help}, " if key.help else ""
            yield SystemCommand(key.label.capitalize(), f"{about}key {shown}", run)

    # --- a session ---

    def open(self, choice: Choice) -> None:
        """Open what was chosen in a thread, since a broker may take its time; one at a time."""
        if self._opening:
            return
        self._opening = True

        def work() -> None:
            try:
                opened = self._launcher.film(choice) if choice.kind == "replay" else self._launcher.open(choice)
            except LaunchError as error:
                self.post_message(self.Refused(str(error)))
                return
            if isinstance(opened, Film):
                self.post_message(self.Threaded(choice, opened))
            elif get_current_worker().is_cancelled:
                opened.close()
            else:
                self.post_message(self.Opened(choice, opened))

        self.run_worker(work, thread=True)

    @on(Open)
    def _open_wanted(self, message: Open) -> None:
        self.open(message.choice)

    @on(Refused)
    def _say_why(self, message: Refused) -> None:
        self._opening = False
        if not self.screen_stack:
            return  # the dashboard has been left meanwhile
        if isinstance(self.screen, HomeScreen):
            self.screen.refuse(message.error)
        else:
            self._go_home(message.error)

    @on(Opened)
    def _begin(self, message: Opened) -> None:
        self._opening = False
        choice, runner = message.choice, message.runner
        if not self.screen_stack:
            runner.close()
            return
        self._edited = ""
        if self._memory is not None:
            self._memory.note(kind=choice.kind, routine=choice.routine, style=choice.style)
        self._sounder.begin()
        self._sitting = Sitting(runner, self._sound)
        self._asks_feelings = choice.kind == "device" and runner.recorder is not None
        if choice.kind == "device":
            self._sitting.say(Command.PAUSE)  # the first step waits for the device
            self._turn_to(ConnectScreen(runner, codes=not self.preferences.settings.ascii))
        else:
            self._turn_to(LiveScreen(self._sitting, self.preferences))

    @on(ConnectScreen.Ready)
    def _ask_before(self) -> None:
        sitting, memory = self._sitting, self._memory
        if sitting is None or not self._asks_feelings:
            self._go_on()
            return
        spots, note = (memory.kept.spots, memory.note_spot) if memory is not None else ((), lambda _: None)
        asking.ask(asking.before(sitting.runner, spots, note), self.push_screen, self._go_on)

    def _go_on(self) -> None:
        if self._sitting is None:
            return
        self._sitting.say(Command.RESUME)
        if self._sitting.runner.done:  # its time was over while a question stood
            self._sum_up()
        else:
            self._turn_to(LiveScreen(self._sitting, self.preferences))

    @on(ConnectScreen.Left)
    def _give_up(self) -> None:
        sitting, self._sitting = self._sitting, None
        if sitting is not None:
            self._close(sitting, discard=not sitting.runner.pipeline.devices)
        self._go_home()

    @on(LiveScreen.Ended)
    def _ask_after(self) -> None:
        sitting = self._sitting
        if sitting is not None:
            asking.ask(asking.after(sitting, feelings=self._asks_feelings), self.push_screen, self._sum_up)

    def _sum_up(self) -> None:
        sitting, self._sitting = self._sitting, None
        if sitting is None:
            return
        pipeline = sitting.runner.pipeline
        self._turn_to(SummaryScreen(pipeline.routine, pipeline.summary(), sitting.story.notices, sitting.course))
        self._close(sitting)

    def _close(self, sitting: Sitting, *, discard: bool = False) -> None:
        runner = sitting.runner

        def work() -> None:
            notices = [event for event in runner.close() if isinstance(event, NoticeEvent)]
            path = self._launcher.recording_of(runner)
            if discard and path is not None:
                with suppress(RecordingError):
                    delete_recording(path)
            self.post_message(self.Closed(path, notices))

        self.run_worker(work, thread=True)

    @on(Closed)
    def _say_where(self, message: Closed) -> None:
        for screen in self.screen_stack:  # help may lie over it, and of a dashboard that is left nothing does
            if isinstance(screen, SummaryScreen):
                screen.closed(message.path, message.notices)

    # --- a replay ---

    @on(Threaded)
    def _show_film(self, message: Threaded) -> None:
        self._opening = False
        if not self.screen_stack:
            return
        path = self._replayed = message.choice.path

        def earlier(routine: str) -> Sequence[Path]:
            return self._launcher.earlier(routine, path)

        def open_film(other: Path) -> Film:
            return self._launcher.film(Choice("replay", path=other))

        self._turn_to(
            ReplayScreen(
                message.film,
                self.preferences,
                earlier=earlier,
                open_film=open_film,
                speed=message.choice.speed,
                clock_s=self._clock_s,
            )
        )

    @on(ReplayScreen.Ended)
    def _sum_up_film(self, message: ReplayScreen.Ended) -> None:
        film = message.film
        if film.story.summary is not None:
            self._turn_to(SummaryScreen(film.looks[-1].routine, film.story.summary, film.story.notices, film.course))
            self.post_message(self.Closed(self._replayed, []))

    @on(ReplayScreen.Left)
    def _leave_replay(self) -> None:
        self.action_go(self._page)
