"""Drives one session: source -> recorder -> pipeline, for the dashboard and the headless commands alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from journal.noted import noted
from journal.store import HistoryError
from sensors.broker.base import Access
from sensors.declared import Declared, Side
from sensors.message import Message
from sensors.recording import Recorder, RecordingError, ReplaySource
from sensors.source import Source
from tracker.events import Event, LinkEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import Pipeline, When, command_message, feel_message, pain_message, side_message
from tracker.safety import Safety
from tracker.session import Command


@dataclass(frozen=True, slots=True)
class Connection:
    """What to type into the phone's app.

    Attributes
    ----------
    broker : str
        What kind it is.
    access : Access
    topic : str
    """

    broker: str
    access: Access
    topic: str

    @property
    def host(self) -> str:
        """Of the plain way in."""
        return self.access.endpoints[0].host

    @property
    def port(self) -> int:
        """Of the plain way in."""
        return self.access.endpoints[0].port


class Meeting(Protocol):
    """Where devices and this program meet, as far as a session has to do with it: its broker."""

    def connection(self) -> Connection:
        """Give what to type into a device's app."""
        ...

    def tend(self) -> Connection | None:
        """Bring it back if it died, without waiting; give where it is once it is there again."""
        ...


class Outlet(Protocol):
    """Where a session's events go beside the screen."""

    def take(self, events: Iterable[Event]) -> list[NoticeEvent]:
        """Pass events on, at once and without waiting; give what a person should know of it."""
        ...

    def close(self) -> None:
        """Say goodbye; may be called twice."""
        ...


class Runner:
    """One session under way.

    Parameters
    ----------
    source : Source
    pipeline : Pipeline
    recorder : Recorder, optional
        Stores every message as received, before anything is made of it.
    hub : Meeting, optional
        Where devices send to; it is looked after.
    title : str
        What runs, in a few words.
    resources : contextlib.ExitStack, optional
        What else ends with the session: a broker, a simulated wrist.
    limit_s : float, optional
        End the session after this long, by its own clock.
    notices : iterable of NoticeEvent
        What a person should know before anything else.
    outlet : Outlet, optional
        Where else the events go.
    keep : callable, optional
        Takes the recording into the history once it is closed; may raise `HistoryError`.
    """

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        *,
        recorder: Recorder | None = None,
        hub: Meeting | None = None,
        title: str = "",
        resources: ExitStack | None = None,
        limit_s: float | None = None,
        notices: Iterable[NoticeEvent] = (),
        outlet: Outlet | None = None,
        keep: Callable[[Path], None] | None = None,
    ) -> None:
        self.source = source
        self.pipeline = pipeline
        self.recorder = recorder
        self.connection = hub.connection() if hub is not None else None
        self._hub = hub
        self.title = title
        self._resources = resources or ExitStack()
        self._limit_s = limit_s
        self._closed = False
        self._outlet = outlet
        self._keep = keep
        self._described: set[str] = set()
        self._unseen: list[Event] = list(notices)
        self._over = False
        # What was said after a recorded session's end is still to come, and belongs into its summary.
        self._summary_held = isinstance(source, ReplaySource)

    @property
    def done(self) -> bool:
        """Whether the session has ended: nothing more comes of it."""
        return self._closed or (self.pipeline.finished and not self._summary_held)

    def poll(self) -> list[Event]:
        """Take what has come, record it, and give the session's events since the last call; never waits."""
        events, now_ns = self._poll()
        if self._limit_s is not None and self.pipeline.t_s >= self._limit_s and not self.done:
            events += self._feed(command_message(Command.END, now_ns))
        return self._told(events)

    def begin(self, routine: str = "", declared: Sequence[Declared] = (), safety: Safety | None = None) -> None:
        """Start the session with a routine's TOML, what is said of devices, and the limits in force.

        What follows from it comes with the next `poll`.
        """
        events, now_ns = self._poll()
        begun = command_message(Command.START, now_ns, routine, declared=declared, safety=safety)
        self._unseen = events + self._feed(begun)

    def command(self, said: Command, text: str = "", ago_s: float | None = None) -> list[Event]:
        """Tell the session something, at the source's time of now; a mark may be meant for a moment ago."""
        events, now_ns = self._poll()
        return self._told(events + self._feed(command_message(said, now_ns, text, ago_s=ago_s)))

    def hurts(self, value: int, area: str) -> list[Event]:
        """Say how much it hurts, 0 to 10, and where."""
        events, now_ns = self._poll()
        return self._told(events + self._feed(pain_message(value, area, now_ns)))

    def strap(self, device: str, side: Side) -> list[Event]:
        """Say which wrist a device is on."""
        events, now_ns = self._poll()
        return self._told(events + self._feed(side_message(device, side, now_ns)))

    def feel(self, when: When, value: int, spot: str = "") -> None:
        """Say how sore the person feels, 0 to 10, or how tender a spot is; also once the session has ended."""
        # Once it has ended, what still comes from the devices is no part of it.
        events, now_ns = ([], self.source.take().now_ns) if self.done else self._poll()
        self._unseen = events + self._feed(feel_message(when, value, now_ns, spot))

    def close(self) -> list[Event]:
        """End the session if it still runs; let go of source and recorder. May be called twice."""
        if self._closed:
            return []
        self._over = True
        events = [] if self.done else self.command(Command.END)
        self._closed = True
        if self._outlet is not None:
            self._outlet.close()
        self.source.close()
        self._resources.close()
        if self.recorder is not None:
            with suppress(RecordingError):  # closing tells it too
                self.recorder.sum_up(noted(self.pipeline.summary(), self.pipeline.routine))
            try:
                self.recorder.close()
                if self._keep is not None:
                    self._keep(self.recorder.path)
            except RecordingError as error:
                events.append(self._about_recording(str(error)))
            except HistoryError as error:
                events.append(NoticeEvent(t_s=self.pipeline.t_s, about="history", text=str(error)))
        return events

    def _poll(self) -> tuple[list[Event], int]:
        arrivals = self.source.take()
        events, self._unseen = self._unseen, []
        events += [NoticeEvent(t_s=self.pipeline.t_s, about="connection", text=text) for text in arrivals.news]
        events += self._tend()
        for message in arrivals.messages:
            events += self._feed(message)
        events += self.pipeline.advance(arrivals.now_ns)
        if arrivals.ended:
            self._over = True
            events += self.pipeline.finish()
        return events, arrivals.now_ns

    def _tend(self) -> list[Event]:
        """Look after the broker; devices have to be told by hand where it is now."""
        connection = self._hub.tend() if self._hub is not None else None
        if connection is None:
            return []
        moved = self.connection is None or connection.access.endpoints != self.connection.access.endpoints
        self.connection = connection
        where = connection.access.endpoints[0]
        text = f"died and runs again at {where}" + (": enter that in the device's app" if moved else "")
        return [NoticeEvent(t_s=self.pipeline.t_s, about="broker", text=text)]

    def _told(self, events: list[Event]) -> list[Event]:
        """Tell the outlet and the recording too."""
        if self._summary_held:
            events = [event for event in events if not isinstance(event, SummaryEvent)]
            if self._over and self.pipeline.finished:
                self._summary_held = False
                events.append(self.pipeline.summary())
        for event in events:
            if isinstance(event, LinkEvent) and event.sample_rate_hz and event.device not in self._described:
                self._described.add(event.device)
                events = events + self._describe(event, event.sample_rate_hz)
        return [*events, *self._outlet.take(events)] if self._outlet is not None else events

    def _describe(self, link: LinkEvent, rate_hz: float) -> list[Event]:
        taken = {"unit": link.unit or "", "gravity": link.gravity or "", "sample_rate_hz": f"{rate_hz:.1f}"}
        if link.side:
            taken["side"] = link.side
        return self._record(lambda recorder: recorder.describe(link.device, taken))

    def _record(self, write: Callable[[Recorder], None]) -> list[Event]:
        if self.recorder is not None:
            try:
                write(self.recorder)
            except RecordingError as error:
                return [self._recording_lost(error)]
        return []

    def _feed(self, message: Message) -> list[Event]:
        return self._record(lambda recorder: recorder.write(message)) + self.pipeline.feed(message)

    def _recording_lost(self, error: RecordingError) -> NoticeEvent:
        """Go on without a recording: a full disk does not end the session, and what was written stays."""
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            with suppress(RecordingError):
                recorder.close()
        return self._about_recording(f"stopped: {error}; the session goes on unrecorded")

    def _about_recording(self, text: str) -> NoticeEvent:
        return NoticeEvent(t_s=self.pipeline.t_s, about="recording", text=text)
