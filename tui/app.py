"""The dashboard: opens what is chosen, polls it at a fixed rate, and hands its events to the screen."""

from __future__ import annotations

import asyncio
import os
import signal

from textual import on
from textual.app import App
from textual.message import Message
from textual.theme import Theme
from textual.worker import get_current_worker

from sensors.recording import RecordingError, ReplaySource
from tracker.events import NoticeEvent
from tui.choices import INTERRUPTED, Choice, Launcher, LaunchError
from tui.runner import Runner
from tui.screens.home import HomeScreen
from tui.screens.live import LiveScreen
from tui.screens.replay import ReplayScreen
from tui.screens.summary import SummaryScreen

CALM = Theme(
    name="calm",
    dark=True,
    primary="#7cc7b4",
    secondary="#8fb3d9",
    accent="#7cc7b4",
    warning="#f0c27b",
    error="#f0938a",
    success="#9ad6a4",
    foreground="#dbe6e4",
    background="#0f1518",
    surface="#141c20",
    panel="#1c272c",
    variables={"band": "#2f6f66", "foreground-muted": "#8a9b9d", "footer-background": "#0f1518"},
)


class PalmpaceApp(App[None]):
    """Home, live, summary, and home again.

    Threads open and close sessions and only post messages; every change of state is made by a handler, here
    or on a screen.

    Parameters
    ----------
    launcher : Launcher
    fps : float
        Looks at the session per second; 0 leaves it to the caller of `tick`.
    start : Choice, optional
        Open this at once rather than going home first.
    """

    CSS_PATH = "palmpace.tcss"
    TITLE = "Palmpace"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual's type

    class Opened(Message):
        """A chosen session runs."""

        def __init__(self, runner: Runner) -> None:
            super().__init__()
            self.runner = runner

    class Refused(Message):
        """A chosen session could not be opened."""

        def __init__(self, error: str) -> None:
            super().__init__()
            self.error = error

    class Closed(Message):
        """A session has let go of everything; its recording is complete."""

        def __init__(self, runner: Runner, notices: list[NoticeEvent]) -> None:
            super().__init__()
            self.runner = runner
            self.notices = notices

    def __init__(self, launcher: Launcher, *, fps: float = 10.0, start: Choice | None = None) -> None:
        super().__init__()
        self._launcher = launcher
        self._fps = fps
        self._start = start
        self._runner: Runner | None = None
        self._opening = False

    def on_mount(self) -> None:
        """Go home, or straight to what was asked for."""
        self.register_theme(CALM)
        self.theme = CALM.name
        if self._start is None:
            self._go_home()
        else:
            self.open(self._start)
        if self._fps:
            self.set_interval(1 / self._fps, self.tick)
            self._heed_signals()

    def _heed_signals(self) -> None:
        """End as by the quit key when the system asks; without its terminal there is no screen to put right."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.exit, None, INTERRUPTED)
        loop.add_signal_handler(signal.SIGHUP, self._terminal_gone)
        if os.isatty(0):
            # Under `make` the hang-up reaches make alone, and a dead terminal would keep us busy for ever.
            self.set_interval(1.0, lambda: None if os.isatty(0) else self._terminal_gone())

    def _terminal_gone(self) -> None:
        if self._runner is not None:
            self._runner.close()
        # Textual's threads wait for a terminal that will never answer: leave without them.
        os._exit(INTERRUPTED)

    def on_unmount(self) -> None:
        """Leave no broker and no half-written recording behind."""
        if self._runner is not None:
            self._runner.close()

    def tick(self) -> None:
        """Look at the session once."""
        runner = self._runner
        if runner is None or not isinstance(self.screen, LiveScreen):
            return
        try:
            self.screen.take(runner.poll())
        except RecordingError as error:
            # A replayed file is damaged here: the next look finds its end, and the summary tells why.
            self.screen.take([NoticeEvent(t_s=runner.pipeline.t_s, about="recording", text=str(error))])

    def open(self, choice: Choice) -> None:
        """Open a session in a thread, since a broker may take its time; one at a time."""
        if self._opening:
            return
        self._opening = True

        def work() -> None:
            try:
                runner = self._launcher.open(choice)
            except LaunchError as error:
                self.post_message(self.Refused(str(error)))
                return
            if get_current_worker().is_cancelled:
                runner.close()
            else:
                self.post_message(self.Opened(runner))

        self.run_worker(work, thread=True)

    def _go_home(self, error: str = "") -> None:
        self._turn_to(HomeScreen(self._launcher.routines(), self._launcher.recordings(), error))

    def _turn_to(self, screen: HomeScreen | LiveScreen | SummaryScreen) -> None:
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    @on(HomeScreen.Chosen)
    def _open_chosen(self, message: HomeScreen.Chosen) -> None:
        self.open(message.choice)

    @on(Opened)
    def _show_session(self, message: Opened) -> None:
        self._opening = False
        runner = self._runner = message.runner
        if isinstance(runner.source, ReplaySource):
            self._turn_to(ReplayScreen(runner, runner.source, self._launcher.length_s(runner)))
        else:
            self._turn_to(LiveScreen(runner))

    @on(Refused)
    def _say_why(self, message: Refused) -> None:
        self._opening = False
        if isinstance(self.screen, HomeScreen):
            self.screen.refuse(message.error)
        else:
            self._go_home(message.error)

    @on(LiveScreen.Ended)
    def _sum_up(self, message: LiveScreen.Ended) -> None:
        runner, self._runner = message.runner, None
        self._turn_to(SummaryScreen(runner.pipeline.routine.title, message.summary, message.notices))

        def work() -> None:
            notices = [event for event in runner.close() if isinstance(event, NoticeEvent)]
            self.post_message(self.Closed(runner, notices))

        self.run_worker(work, thread=True)

    @on(Closed)
    def _say_where(self, message: Closed) -> None:
        if isinstance(self.screen, SummaryScreen):
            self.screen.closed(self._launcher.recording_of(message.runner), message.notices)

    @on(SummaryScreen.Home)
    def _leave_summary(self) -> None:
        self._go_home()

    @on(SummaryScreen.Replay)
    def _open_again(self, message: SummaryScreen.Replay) -> None:
        self.open(Choice("replay", path=message.path))
