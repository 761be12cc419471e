"""Replay: a recorded session at any of its moments, beside an earlier one if wanted."""

from __future__ import annotations

import gc
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList
from textual.worker import get_current_worker

from sensors.samples import Samples
from tracker.events import NoticeEvent
from tracker.motion.state import Motion
from tui import keys, words
from tui.choices import LaunchError
from tui.film import Chunk, Film
from tui.look import Look, Wrist
from tui.playhead import Playhead
from tui.preferences import Preferences
from tui.screens import bindings
from tui.screens.session import SessionScreen
from tui.shelf import date_words, parse_name
from tui.timecode import parse_time
from tui.widgets.timeline import Timeline

BREATH_S = 0.0005
"""After each chunk the reading thread lets go for so long: the screen must not wait for it."""
PATIENCE_S = 0.2
"""How often a reading thread that has to wait looks whether it is still wanted."""
SLACK_S = 1.0
"""Going back while it plays, what has just been passed does not hold one up."""
_HERE_S = 1e-3
_GHOST = "ghost"


class ReplayScreen(SessionScreen):
    """Shows a film; the commands in it are those of then.

    Parameters
    ----------
    film : Film
        It is read from here, in a thread that only posts what it has read.
    preferences : Preferences
    earlier : callable, optional
        Given a routine's name, lists the recordings to compare with; called in a thread.
    open_film : callable, optional
        Opens one of them, or raises LaunchError; called in a thread.
    speed : float or None
        To begin with, as a multiple of the time it took; None is as fast as it can be followed.
    clock_s : callable
        Seconds of any origin, never decreasing.
    """

    LIVE = False
    CSS_PATH = ["session.tcss", "replay.tcss"]  # type: ignore[assignment] # noqa: RUF012 - as Textual has it
    BINDINGS = bindings(keys.REPLAY)
    AUTO_FOCUS = ""
    TITLE = "Replay"
    ABOUT = (
        "A recorded session at any of its moments. The strip shows the pace against the band from beginning to end: "
        "full cells inside, upper halves above, lower halves below, dots where there was none. Cues, steps and marks "
        "stand under it."
    )

    class Read(Message):
        """More of a film has been read."""

        def __init__(self, film: Film, chunk: Chunk) -> None:
            super().__init__()
            self.film = film
            self.chunk = chunk

    class Listed(Message):
        """The recordings to compare with are known."""

        def __init__(self, paths: Sequence[Path]) -> None:
            super().__init__()
            self.paths = paths

    class Compared(Message):
        """Another film has been opened, to be compared."""

        def __init__(self, film: Film) -> None:
            super().__init__()
            self.film = film

    class Refused(Message):
        """It could not be opened."""

        def __init__(self, error: str) -> None:
            super().__init__()
            self.error = error

    class Ended(Message):
        """The film has been played to its end; its story has the summary."""

        def __init__(self, film: Film) -> None:
            super().__init__()
            self.film = film

    class Left(Message):
        """The person has seen enough."""

        def __init__(self, film: Film) -> None:
            super().__init__()
            self.film = film

    def __init__(
        self,
        film: Film,
        preferences: Preferences,
        *,
        earlier: Callable[[str], Sequence[Path]] | None = None,
        open_film: Callable[[Path], Film] | None = None,
        speed: float | None = 1.0,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(preferences)
        self.film = film
        self.ghost: Film | None = None
        self.playhead = Playhead(speed, clock_s)
        self._earlier = earlier
        self._open_film = open_film
        self._look: Look | None = None
        # A person who seeks goes before what is still to be read.
        self._may_read = threading.Event()
        self._may_read.set()

    def compose_extra(self) -> Iterable[Widget]:
        """Give the line of the whole session."""
        yield Timeline(id="timeline")

    def compose(self) -> ComposeResult:
        """Put the line for typing a time below all the rest."""
        yield from super().compose()
        with Horizontal(id="go-to"):
            yield Label("go to ")
            yield Input(compact=True, max_length=12, restrict=r"[\d:.,%+ -]*")
            yield Label(id="said")

    def on_mount(self) -> None:
        """Begin to read."""
        self._begin_reading(self.film)

    def on_unmount(self) -> None:
        """Let the film go."""
        gc.unfreeze()

    def tick(self) -> None:
        """Let the clock move the film, and show where it is."""
        if self.playhead.move(self.film.read_s, whole=self.film.whole):
            self.post_message(self.Ended(self.film))
        if self.film.at(self.playhead.position_s) is not self._look:
            self.refresh_show()
        else:
            self._show_timeline()

    def refresh_show(self) -> None:
        """Show how things stand, again."""
        self._look = self.film.at(self.playhead.position_s)
        self.show(self._look, self.film.story)
        self._show_timeline()

    def signal_of(self, wrist: Wrist) -> Sequence[Samples]:
        """Give what the film keeps."""
        return self.film.signal(wrist)

    def motions_of(self, wrist: Wrist) -> Sequence[Motion]:
        """Give what the film keeps."""
        return self.film.motions(wrist.name, self._look.t_s if self._look else 0.0)

    def recording(self) -> str:
        """Give that this is one."""
        return "replay"

    def title_of(self, look: Look) -> str:
        """Give the routine, and which recording this is."""
        title = super().title_of(look)
        return f"{title}, {self.film.title}" if self.film.title else title

    def _show_timeline(self) -> None:
        beside = "" if self.ghost is None or self._look is None else told_beside(self.ghost, self._look)
        self.query_one(Timeline).show(self.film, self.playhead, self.ghost, beside)

    # --- reading ---

    def _begin_reading(self, film: Film, group: str = "reading") -> None:
        def work() -> None:
            worker = get_current_worker()
            for chunk in film.reel:
                if worker.is_cancelled:
                    return
                self.post_message(self.Read(film, chunk))
                time.sleep(BREATH_S)
                while not self._may_read.wait(PATIENCE_S) and not worker.is_cancelled:
                    pass

        self.run_worker(work, thread=True, group=group)

    @on(Read)
    def _take(self, message: Read) -> None:
        film, chunk = message.film, message.chunk
        first = not film.looks
        film.add(chunk)
        if chunk.last:
            # What a film keeps is no garbage: looked through again and again, it would hold up the screen.
            gc.freeze()
        if film is not self.film:
            return
        if first:
            self.refresh_show()
        for event in chunk.events:
            if chunk.last and isinstance(event, NoticeEvent) and event.about == "recording":
                self.notify(event.text, severity="warning", timeout=10, markup=False)

    # --- keys ---

    def action_pause(self) -> None:
        """Hold the film, or let it go on; at its end that leads to the summary, or round again."""
        self.playhead.paused = not self.playhead.paused
        self._show_timeline()

    def action_step_seconds(self, seconds: float) -> None:
        """Go on or back."""
        self._seek(self.playhead.position_s + seconds)

    def action_step_cycles(self, by: int) -> None:
        """Go to where the hand's next cycle was complete, or the one before, and hold there."""
        self.playhead.paused = True
        self._step_to(self.film.cycles_s, by, 0.0)

    def action_jump(self, by: int) -> None:
        """Go to the next mark, cue or step, or to the one before."""
        slack_s = 0.0 if self.playhead.paused else SLACK_S * max(1.0, self.playhead.speed or 1.0)
        self._step_to([moment.t_s for moment in self.film.moments], by, slack_s)

    def action_seek_to(self, t_s: float) -> None:
        """Go to a time."""
        self._seek(t_s)

    def action_seek_end(self) -> None:
        """Go to the end, and hold there."""
        self.playhead.paused = True
        self._seek(self.film.total_s)

    def action_ask_time(self) -> None:
        """Have a time typed, in place of the footer."""
        self._may_read.clear()
        self.query_one(Input).value = ""
        self._hint("90   1:30   1:02:03   50%   +10   -10")
        self.add_class("-asking")
        # What is typed from now on is the time, however quickly it is typed.
        self.set_focus(self.query_one(Input))

    @on(Input.Submitted)
    def _go_where_typed(self, message: Input.Submitted) -> None:
        try:
            there_s = parse_time(message.value, self.playhead.position_s, self.film.total_s)
        except ValueError as error:
            self._hint(str(error), wrong=True)
        else:
            self._stop_asking()
            self._seek(there_s)

    def _hint(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Label)
        said.set_class(wrong, "-wrong")
        said.update(text)

    def _stop_asking(self) -> None:
        self.set_focus(None)
        self.remove_class("-asking")
        self.call_after_refresh(self._may_read.set)

    def action_faster(self) -> None:
        """Go to the next higher speed."""
        self.playhead.change_speed(+1)
        self._show_timeline()

    def action_slower(self) -> None:
        """Go to the next lower speed."""
        self.playhead.change_speed(-1)
        self._show_timeline()

    def action_loop(self) -> None:
        """Begin again at the end, or not."""
        self.playhead.loop = not self.playhead.loop
        self._show_timeline()

    def action_end(self) -> None:
        """Leave; first the line where a time is typed."""
        if self.has_class("-asking"):
            self._stop_asking()
        else:
            self.post_message(self.Left(self.film))

    @on(Timeline.Sought)
    def _go_where_pointed(self, message: Timeline.Sought) -> None:
        self._seek(message.t_s)

    def _step_to(self, times_s: Sequence[float], by: int, slack_s: float) -> None:
        """Go to the next of these times after the playhead, or to the last before it."""
        here_s = self.playhead.position_s
        if by > 0:
            there = bisect_right(times_s, here_s + _HERE_S)
        else:
            there = bisect_left(times_s, here_s - slack_s - _HERE_S) - 1
        self._seek(times_s[there] if 0 <= there < len(times_s) else here_s)

    def _seek(self, t_s: float) -> None:
        self._may_read.clear()
        self.playhead.seek(t_s, self.film.total_s)
        self.refresh_show()
        self.call_after_refresh(self._may_read.set)

    # --- comparing ---

    def action_ghost(self) -> None:
        """Compare with an earlier session; if one is there, take it away."""
        earlier = self._earlier
        if self.ghost is not None:
            self._compare(None)
        elif earlier is not None and self.film.looks:
            self.run_worker(partial(self._list, earlier, self.film.routine), thread=True)

    def _list(self, earlier: Callable[[str], Sequence[Path]], routine: str) -> None:
        self.post_message(self.Listed(earlier(routine)))

    @on(Listed)
    def _ask_which(self, message: Listed) -> None:
        if not message.paths:
            self.notify("there is no earlier recording of this routine")
        else:
            self.app.push_screen(Earlier(message.paths), self._open)

    def _open(self, path: Path | None) -> None:
        open_film = self._open_film
        if path is None or open_film is None:
            return

        def work() -> None:
            try:
                self.post_message(self.Compared(open_film(path)))
            except LaunchError as error:
                self.post_message(self.Refused(str(error)))

        self.run_worker(work, thread=True)

    @on(Compared)
    def _begin_to_compare(self, message: Compared) -> None:
        self._compare(message.film)
        self._begin_reading(message.film, _GHOST)

    @on(Refused)
    def _say_why(self, message: Refused) -> None:
        self.notify(message.error, severity="error", markup=False)

    def _compare(self, ghost: Film | None) -> None:
        self.workers.cancel_group(self, _GHOST)
        self.ghost = ghost
        self.set_class(ghost is not None, "-ghost")
        self.call_after_refresh(self._show_timeline)


class Earlier(ModalScreen[Path | None]):
    """Asks which recording to compare with.

    Parameters
    ----------
    paths : sequence of Path
    """

    CSS_PATH = "replay.tcss"
    BINDINGS = bindings(keys.TYPING)

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._paths = paths

    def compose(self) -> ComposeResult:
        """Show the list, as it was given."""
        which = OptionList(*(_named(path) for path in self._paths), id="earlier", markup=False)
        which.border_title = "compare with"
        yield which

    @on(OptionList.OptionSelected)
    def _choose(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(self._paths[message.option_index])

    def action_leave(self) -> None:
        """Compare with none."""
        self.dismiss(None)


def _named(path: Path) -> str:
    entry = parse_name(path)
    return f"{date_words(entry.when)}, {entry.when:%H:%M}   {entry.title}" if entry.when else entry.title


def told_beside(ghost: Film, look: Look) -> str:
    """Tell how an earlier session stood where this one stands now."""
    place = ghost.alike(look)
    if place is None:
        if not ghost.whole:
            return "then: reading" if ghost.progress is None else f"then: reading {100 * ghost.progress:.0f} %"
        return f"then {words.UNKNOWN}: over by now"
    then = ghost.looks[place]
    motion = then.wrist.motion if then.wrist else None
    judged_s = sum(done.judged_s for done in then.state.progress)
    in_band_s = sum(done.in_band_s for done in then.state.progress)
    pace = words.pace(motion.rate_cpm if motion else None)
    return f"then {pace}" + ("" if then.free else f", in the band {words.share(in_band_s, judged_s)}")
