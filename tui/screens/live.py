"""Live: a session as it happens, and the keys that lead it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from sensors.declared import Side
from sensors.samples import Samples
from tracker.coach import OFFER
from tracker.events import Event, SummaryEvent
from tracker.motion.state import Motion
from tracker.pipeline import MOST_AGO_S
from tracker.session import Command, Status
from tui import asking, keys
from tui.look import Look, Wrist
from tui.preferences import Preferences
from tui.screens import bindings
from tui.screens.marking import MarkStrip
from tui.screens.saying import ASKING_S, GOOD_S, about_mark
from tui.screens.session import SessionScreen
from tui.sitting import Sitting
from tui.story import last
from tui.widgets.cue import Said

MARKING_S = 8.0
"""How long one may say what a mark was; who types may do so for as long as a mark may be older than its words."""
OVER_S, OVER_CYCLES = 1.5, 1.0
"""So near to the session's end nothing waits any longer."""


class LiveScreen(SessionScreen):
    """Shows a running session: all of it follows from the sitting.

    Parameters
    ----------
    sitting : Sitting
    preferences : Preferences
    """

    CSS_PATH = ["session.tcss", "live.tcss"]  # type: ignore[assignment] # noqa: RUF012 - as Textual has it
    BINDINGS = bindings(keys.LIVE)
    AUTO_FOCUS = ""
    TITLE = "Live"
    ABOUT = (
        "Follow the pace: the large number is your cycles a minute, the bar below it the band to stay in. The coach is "
        "quiet as long as you are inside. Stop with ! whenever anything hurts."
    )

    class Ended(Message):
        """The session is over."""

        def __init__(self, sitting: Sitting, summary: SummaryEvent) -> None:
            super().__init__()
            self.sitting = sitting
            self.summary = summary

    def __init__(self, sitting: Sitting, preferences: Preferences) -> None:
        super().__init__(preferences)
        self._sitting = sitting
        self._asks_since_s: float | None = None
        self._marked_s: float | None = None
        self._noted_s = float("-inf")
        self._offered: tuple[bool, ...] = ()

    def compose(self) -> ComposeResult:
        """Put the strip for a mark's words below all the rest."""
        yield from super().compose()
        yield MarkStrip(id="mark")

    def on_mount(self) -> None:
        """Show what there is before the first event."""
        self.call_after_refresh(self.refresh_show)

    def on_unmount(self) -> None:
        """Keep a mark that still waits for its words when the program is left."""
        if self._marked_s is not None and not self._sitting.runner.done:
            ago_s = min(MOST_AGO_S, self._sitting.runner.pipeline.t_s - self._marked_s)
            self._sitting.say(Command.MARK, ago_s=ago_s)

    def take(self, events: Sequence[Event]) -> None:
        """Take the sitting's latest events, show how things stand, and say so when the session is over."""
        self.refresh_show()
        for event in events:
            if isinstance(event, SummaryEvent):
                self.post_message(self.Ended(self._sitting, event))

    def refresh_show(self) -> None:
        """Show how things stand."""
        self._mark_in_time(self._sitting.now)
        look = self._sitting.now
        self._ask(look)
        self._offer_keys(look)
        self.show(look, self._sitting.story)

    def title_of(self, look: Look) -> str:
        """Give the routine, its style, and where the motion comes from."""
        where = self._sitting.runner.title
        return f"{super().title_of(look)}, {where}" if where else super().title_of(look)

    def recording(self) -> str:
        """Give whether a recording is being made."""
        return "● rec" if self._sitting.runner.recorder is not None else "not recorded"

    def source_status(self) -> str:
        """Tell how the connection is."""
        return self._sitting.runner.source.status()

    def signal_of(self, wrist: Wrist) -> Sequence[Samples]:
        """Give what the pipeline keeps."""
        return tuple(self._sitting.runner.pipeline.devices[wrist.name].signal)

    def motions_of(self, wrist: Wrist) -> Sequence[Motion]:
        """Give what was seen."""
        return self._sitting.motions(wrist.name)

    def question(self, look: Look) -> Said | None:
        """Ask which wrist is which, or whether the band may be easier; confirm what a mark was."""
        mark = last(self._sitting.story.marks, look.t_s)
        if mark is not None and look.t_s - self._noted_s < GOOD_S:
            return about_mark(mark)
        if look.asked is not None and self._asks_since_s is not None and look.t_s - self._asks_since_s < ASKING_S:
            return Said("which wrist?", f"is {look.asked} on the left or the right? press l or r", "cue")
        offer, cue = look.state.coach.offer, last(self._sitting.story.cues, look.t_s)
        if offer is not None and cue is not None and cue.cue == OFFER and look.t_s - cue.t_s < ASKING_S:
            return Said(OFFER, f"{offer[0]:g}-{offer[1]:g} would do: press e", "cue")
        return None

    def aside(self, look: Look) -> str:
        """Say how a step ends that waits for the person."""
        return "press x when the spot lets go" if look.step.until_release_s else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Show the keys of a question, of an offer and of a release only while they mean something."""
        match action:
            case "strap":
                return self._asks_since_s is not None
            case "easier":
                return self._sitting.now.state.coach.offer is not None
            case "release":
                return self._sitting.now.step.until_release_s is not None
            case _:
                return True

    def _offer_keys(self, look: Look) -> None:
        """Let the keys of an offer and of a release come and go."""
        offered = look.state.coach.offer is not None, look.step.until_release_s is not None
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def _ask(self, look: Look) -> None:
        """Begin or end asking which wrist is which; the keys for it come and go with the question."""
        asks = look.asked is not None
        if asks != (self._asks_since_s is not None):
            self._asks_since_s = look.t_s if asks else None
            self.refresh_bindings()

    def say(self, said: Command) -> None:
        """Give the session the person's command."""
        self.take(self._sitting.say(said))

    def action_pause(self) -> None:
        """Pause, or go on."""
        session = self._sitting.runner.pipeline.session
        resting = session.status is Status.PAUSED and session.paused_by != "stale"
        self.say(Command.RESUME if resting else Command.PAUSE)

    def action_next(self) -> None:
        """Go to the next step."""
        self._leave_step(Command.NEXT)

    def action_back(self) -> None:
        """Go back: this step from its beginning, or the one before."""
        self.say(Command.BACK)

    def action_pain(self) -> None:
        """Stop at once, then ask how much it hurts and where."""
        self._finish_mark()
        self._noted_s = float("-inf")  # there is more to say now
        self.say(Command.PAIN)
        if self._sitting.now.state.paused_by == "pain":
            asking.ask(asking.pain(self._sitting, self._hurts), self.app.push_screen)

    def _hurts(self, value: int, area: str) -> None:
        self.take(self._sitting.hurts(value, area))

    def action_easier(self) -> None:
        """Take the easier band."""
        self.say(Command.EASIER)

    def action_release(self) -> None:
        """Say that the spot has let go."""
        self._leave_step(Command.RELEASE)

    def action_mark(self) -> None:
        """Note this moment; what it was may be said in the seconds after it."""
        self._finish_mark()
        self.take(self._sitting.poll())
        if self._sitting.now.state.status in (Status.RUNNING, Status.PAUSED):
            self._marked_s = self._sitting.now.t_s
            self.add_class("-marking")
            self.query_one(MarkStrip).begin(self._marked_s)
            self.refresh_show()

    @on(MarkStrip.Chosen)
    def _mark_chosen(self, message: MarkStrip.Chosen) -> None:
        self._finish_mark(message.text)

    def _mark_in_time(self, look: Look) -> None:
        """Note a mark without words where they do not come, and before it is too late."""
        if self._marked_s is None:
            return
        strip = self.query_one(MarkStrip)
        patience_s = MOST_AGO_S - OVER_S if strip.writing else MARKING_S
        if look.t_s - self._marked_s >= patience_s or _almost_over(look):
            self._finish_mark(strip.text)

    def _finish_mark(self, text: str = "") -> None:
        """Put the mark, if one waits for its words, at its moment."""
        marked_s, self._marked_s = self._marked_s, None
        if marked_s is None:
            return
        self.set_focus(None)
        self.remove_class("-marking")
        self.take(self._sitting.poll())
        now_s = self._sitting.now.t_s
        self._noted_s = now_s
        self.take(self._sitting.say(Command.MARK, text, ago_s=min(MOST_AGO_S, now_s - marked_s)))

    def _leave_step(self, said: Command) -> None:
        """Go on to the next step; behind the last one no mark is taken any more."""
        if _at_last(self._sitting.now):
            self._finish_mark()
        self.say(said)

    def action_strap(self, side: Side) -> None:
        """Answer which wrist a device is on."""
        asked = self._sitting.now.asked
        if asked is not None:
            self.take(self._sitting.strap(asked, side))

    def action_end(self) -> None:
        """End the session."""
        self._finish_mark()
        self.say(Command.END)


def _at_last(look: Look) -> bool:
    """Whether this is the last step."""
    return look.state.step == len(look.state.steps) - 1


def _almost_over(look: Look) -> bool:
    """Whether the last step is at its end."""
    step, so_far = look.step, look.so_far
    if not _at_last(look):
        return False
    if step.cycles is not None:
        return step.cycles - so_far.cycles <= OVER_CYCLES
    done_s = so_far.right_s if step.hold_s is not None else so_far.seconds
    return (step.lasts_s or 0.0) - done_s <= OVER_S
