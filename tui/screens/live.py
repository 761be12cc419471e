"""Live: a session as it happens, and the keys that lead it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from sensors.declared import Side
from sensors.samples import Samples
from tracker.events import Event, SummaryEvent
from tracker.motion.state import Motion
from tracker.session import Command, Status
from tui import keys
from tui.look import Look, Wrist
from tui.preferences import Preferences
from tui.screens import bindings
from tui.screens.session import SessionScreen
from tui.sitting import Sitting
from tui.widgets.cue import Said

ASKING_S = 15.0
"""How long a question stands in the coach's place; its keys stay until it is answered."""


class LiveScreen(SessionScreen):
    """Shows a running session: all of it follows from the sitting.

    Parameters
    ----------
    sitting : Sitting
    preferences : Preferences
    """

    BINDINGS = bindings(keys.LIVE)
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

    def on_mount(self) -> None:
        """Show what there is before the first event."""
        self.call_after_refresh(self.refresh_show)

    def take(self, events: Sequence[Event]) -> None:
        """Take the sitting's latest events, show how things stand, and say so when the session is over."""
        self.refresh_show()
        for event in events:
            if isinstance(event, SummaryEvent):
                self.post_message(self.Ended(self._sitting, event))

    def refresh_show(self) -> None:
        """Show how things stand."""
        look = self._sitting.now
        self._ask(look)
        self.show(look, self._sitting.story)

    def title_of(self, look: Look) -> str:
        """Give the routine, and where the motion comes from."""
        where = self._sitting.runner.title
        return f"{look.routine.title}, {where}" if where else look.routine.title

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
        """Ask which wrist is which."""
        if look.asked is None or self._asks_since_s is None or look.t_s - self._asks_since_s >= ASKING_S:
            return None
        return Said("left or right?", f"which wrist is {look.asked} on? press l or r", "cue")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Show the keys for left and right only while the question stands."""
        return self._asks_since_s is not None if action == "strap" else True

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
        self.say(Command.NEXT)

    def action_back(self) -> None:
        """Go back: this step from its beginning, or the one before."""
        self.say(Command.BACK)

    def action_pain(self) -> None:
        """Stop at once."""
        self.say(Command.PAIN)

    def action_mark(self) -> None:
        """Note this moment."""
        self.say(Command.MARK)

    def action_strap(self, side: Side) -> None:
        """Answer which wrist a device is on."""
        asked = self._sitting.now.asked
        if asked is not None:
            self.take(self._sitting.strap(asked, side))

    def action_end(self) -> None:
        """End the session."""
        self.say(Command.END)
