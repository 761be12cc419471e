"""Live: one large number, one cue, and quietly all the rest."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer

from sensors.declared import Side
from tracker.coach import in_band, right_motion
from tracker.events import CueEvent, Event, LinkEvent, MarkEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import Device, Pipeline
from tracker.routine import FREE, Step
from tracker.session import Command, Status, StepProgress
from tui import keys, words
from tui.runner import Runner
from tui.screens import bindings
from tui.widgets.bars import Top
from tui.widgets.cue import Cue, Said
from tui.widgets.gauge import Gauge
from tui.widgets.link import Link, Waiting
from tui.widgets.rate import Rate
from tui.widgets.signal import Signal
from tui.widgets.steps import Place, Steps

PASSING_S = 6.0
"""How long something said once stays on the screen."""
ASKING_S = 15.0
"""How long a question stands in the coach's place; its keys stay until it is answered."""
NOTICES_S, NOTICE_S = 12.0, 4.0
"""Where the link has no room: how long notices take turns, and the turn of each."""
UNHEARD_S = 1.0
"""A device that sends is heard by then; until then its address would only flash by."""

_PAUSES = {
    "you": Said("paused", "space goes on", "quiet"),
    "pain": Said("ease off", "stopped for pain: rest, and go on with space only if it is good", "stop"),
    "stale": Said("waiting", "nothing is heard from the wrist; the session goes on when it is", "cue"),
}


class LiveScreen(Screen[None]):
    """Shows a running session: all of it follows from the runner's pipeline and the events given to `take`.

    Parameters
    ----------
    runner : Runner
    """

    BINDINGS = bindings(keys.LIVE)

    class Ended(Message):
        """The session is over."""

        def __init__(self, runner: Runner, summary: SummaryEvent, notices: list[NoticeEvent]) -> None:
            super().__init__()
            self.runner = runner
            self.summary = summary
            self.notices = notices

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self.runner = runner
        self._cue: CueEvent | None = None
        self._mark: MarkEvent | None = None
        self._notices: list[NoticeEvent] = []
        self._links: dict[str, LinkEvent] = {}
        self._newest: tuple[float, float] = (0.0, 0.0)
        self._asks_since_s: float | None = None

    def compose(self) -> ComposeResult:
        """Clocks above; pace and steps; the cue; the signal; keys below."""
        yield Top(id="top")
        yield from self.compose_extra()
        with Horizontal(id="main"):
            with Vertical(id="pace"):
                yield Waiting(id="waiting")
                yield Rate(id="rate")
                yield Gauge(id="gauge")
            with Vertical(id="side"):
                yield Steps(id="steps")
        yield Cue(id="cue")
        with Horizontal(id="below"):
            yield Signal(id="signal")
            yield Link(id="link")
        yield Footer(show_command_palette=False)

    def compose_extra(self) -> Iterable[Widget]:
        """Give what another kind of session shows below the clocks."""
        return ()

    def on_mount(self) -> None:
        """Show what there is before the first event."""
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        """Draw the plot to its new size even while no data comes."""
        self.call_after_refresh(self.show)

    def take(self, events: Iterable[Event]) -> None:
        """Take a runner's events, show how things stand, and say so when the session is over."""
        for event in events:
            match event:
                case CueEvent():
                    self._cue = event
                case MarkEvent():
                    self._mark = event
                case NoticeEvent():
                    self._notices.append(event)
                case LinkEvent():
                    self._links[event.device] = event
                case SummaryEvent():
                    self.post_message(self.Ended(self.runner, event, self._notices))
        self.show()

    def show(self) -> None:
        """Give every part its values; each redraws only if they changed."""
        pipeline = self.runner.pipeline
        device = pipeline.coached
        self._show_top(pipeline)
        self._show_pace(pipeline, device)
        self._show_steps(pipeline)
        self._show_link()
        self._ask(pipeline)
        self.query_one(Cue).said = self._said(pipeline)
        self.query_one(Signal).show(device.signal if device else (), self._edge_s(pipeline, device))

    def _show_top(self, pipeline: Pipeline) -> None:
        top = self.query_one(Top)
        top.title = f"{pipeline.routine.title}, {self.runner.title}" if self.runner.title else pipeline.routine.title
        top.state = "waiting" if pipeline.session.paused_by == "stale" else pipeline.session.status.value
        top.recording = self.recording()
        top.clock = words.clock(pipeline.t_s)

    def recording(self) -> str:
        """Give whether a recording is being made."""
        return "● rec" if self.runner.recorder is not None else "not recorded"

    def _show_pace(self, pipeline: Pipeline, device: Device | None) -> None:
        connection = self.runner.connection
        waiting = device is None and connection is not None and pipeline.t_s > UNHEARD_S
        self.query_one("#pace").set_class(waiting, "-waiting")
        card = self.query_one(Waiting)
        card.connection, card.status = connection, self.runner.source.status()

        stale_s = device.stale_s if device else None
        motion = device.motion if device and stale_s is None else None
        step, so_far = self._step(pipeline)
        rate = self.query_one(Rate)
        rate.stale_s = None if stale_s is None else int(stale_s)
        rate.pace = words.pace(motion.rate_cpm if motion else None)
        rate.spread = words.spread(motion.rate_sd_cpm if motion else None)
        rate.motion = words.motion(motion.kind, motion.direction) if motion else words.UNKNOWN
        rate.cycles = f"{so_far.cycles:.0f} {f'of {step.cycles:g}' if step.cycles else 'cycles'}"
        rate.in_band = in_band(motion, step) if motion else None

        gauge = self.query_one(Gauge)
        gauge.band = step.band
        gauge.rate_cpm = None if motion is None or motion.rate_cpm is None else round(motion.rate_cpm, 1)
        gauge.instead = ""
        if step.motion and motion and motion.rate_cpm is not None and not right_motion(motion, step):
            gauge.instead = words.motion(step.motion, None)

    def _show_steps(self, pipeline: Pipeline) -> None:
        routine, state = pipeline.routine, pipeline.session
        step, so_far = self._step(pipeline)
        free = routine.name == FREE.name
        left, left_of = (words.clock(so_far.seconds), "so far") if free else words.left(step, so_far)
        judged_s = sum(done.judged_s for done in state.progress)
        in_band_s = sum(done.in_band_s for done in state.progress)
        self.query_one(Steps).place = Place(
            title=routine.title,
            names=tuple(step.name for step in routine.step),
            current=state.step,
            left=left,
            left_of=left_of,
            in_band="" if free else f"in the band {words.clock(in_band_s)}, {words.share(in_band_s, judged_s)}",
        )

    def _show_link(self) -> None:
        link = self.query_one(Link)
        link.status = self.runner.source.status()
        link.notice = self._notices[-1] if self._notices else None
        link.links = tuple(self._links.values())

    def _step(self, pipeline: Pipeline) -> tuple[Step, StepProgress]:
        index = pipeline.session.step
        return pipeline.routine.step[index], pipeline.session.progress[index]

    def _said(self, pipeline: Pipeline) -> Said:
        """Give the one thing to say now."""
        session = pipeline.session
        if session.paused_by is not None:
            return _PAUSES[session.paused_by]
        asked = pipeline.wrist_in_question
        if asked and self._asks_since_s is not None and pipeline.t_s - self._asks_since_s < ASKING_S:
            return Said("left or right?", f"which wrist is {asked.name} on? press l or r", "cue")
        passing_s = pipeline.t_s - PASSING_S
        if self._mark is not None and self._mark.t_s > passing_s:
            return Said(line=f"✎ marked at {words.clock(self._mark.t_s)}")
        if self._cue is not None and (session.coach.cue == self._cue.cue or self._stands(self._cue, passing_s)):
            _, _, line = self._cue.text.partition(": ")
            return Said(self._cue.cue, line, "cue")
        fresh = [notice for notice in self._notices if notice.t_s > pipeline.t_s - NOTICES_S]
        if fresh and not self.query_one(Link).tells_notices:
            notice = fresh[int(pipeline.t_s / NOTICE_S) % len(fresh)]
            return Said(line=f"{notice.about}: {notice.text}")
        step, _ = self._step(pipeline)
        return Said(line=step.say)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Show the keys for left and right only while the question stands."""
        return self._asks_since_s is not None if action == "strap" else True

    def _ask(self, pipeline: Pipeline) -> None:
        """Begin or end asking which wrist is which; the keys for it come and go with the question."""
        asks = pipeline.wrist_in_question is not None
        if asks != (self._asks_since_s is not None):
            self._asks_since_s = pipeline.t_s if asks else None
            self.refresh_bindings()

    def _stands(self, cue: CueEvent, since_s: float) -> bool:
        return cue.cue == "next step" and cue.t_s > since_s

    def _edge_s(self, pipeline: Pipeline, device: Device | None) -> float:
        """Give the stream's time of now: its newest sample's, and the silence since then."""
        if device is None or not device.signal:
            return pipeline.t_s
        newest_s = float(device.signal[-1].t_s[-1])
        if newest_s != self._newest[0]:
            self._newest = (newest_s, pipeline.t_s)
        return newest_s + pipeline.t_s - self._newest[1]

    def say(self, said: Command) -> None:
        """Give the session the person's command."""
        self.take(self.runner.command(said))

    def action_pause(self) -> None:
        """Pause, or go on."""
        session = self.runner.pipeline.session
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
        asked = self.runner.pipeline.wrist_in_question
        if asked is not None:
            self.take(self.runner.strap(asked.name, side))

    def action_end(self) -> None:
        """End the session."""
        self.say(Command.END)
