"""Drives one session: source -> recorder -> pipeline, for the dashboard and the headless commands alike."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass

from sensors.message import Message
from sensors.recording import Recorder, RecordingError
from sensors.source import Source
from tracker.events import Event, NoticeEvent
from tracker.pipeline import Pipeline, command_message
from tracker.session import Command


@dataclass(frozen=True, slots=True)
class Connection:
    """What to type into the phone's app."""

    broker: str
    host: str
    port: int
    topic: str


class Runner:
    """One session under way.

    Parameters
    ----------
    source : Source
    pipeline : Pipeline
    recorder : Recorder, optional
        Stores every message as received, before anything is made of it.
    connection : Connection, optional
        Where a device is to send, to show it.
    title : str
        What runs, in a few words.
    resources : contextlib.ExitStack, optional
        What else ends with the session: a broker, a simulated wrist.
    limit_s : float, optional
        End the session after this long, by its own clock.
    notice : str, optional
        What a person should know of the recording that is replayed; the first event.
    """

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        *,
        recorder: Recorder | None = None,
        connection: Connection | None = None,
        title: str = "",
        resources: ExitStack | None = None,
        limit_s: float | None = None,
        notice: str | None = None,
    ) -> None:
        self.source = source
        self.pipeline = pipeline
        self.recorder = recorder
        self.connection = connection
        self.title = title
        self._resources = resources or ExitStack()
        self._limit_s = limit_s
        self._closed = False
        self._unseen: list[Event] = [NoticeEvent(t_s=0.0, about="recording", text=notice)] if notice else []

    @property
    def done(self) -> bool:
        """Whether the session has ended: nothing more comes of it."""
        return self._closed or self.pipeline.finished

    def poll(self) -> list[Event]:
        """Take what has come, record it, and give the session's events since the last call; never waits."""
        events, now_ns = self._poll()
        if self._limit_s is not None and self.pipeline.t_s >= self._limit_s and not self.done:
            events += self._feed(command_message(Command.END, now_ns))
        return events

    def begin(self, routine: str = "") -> None:
        """Start the session with a routine's TOML; what follows from it comes with the next `poll`."""
        self._unseen = self.command(Command.START, routine)

    def command(self, said: Command, text: str = "") -> list[Event]:
        """Tell the session something, at the source's time of now."""
        events, now_ns = self._poll()
        return events + self._feed(command_message(said, now_ns, text))

    def close(self) -> list[Event]:
        """End the session if it still runs; let go of source and recorder. May be called twice."""
        events = [] if self.done else self.command(Command.END)
        self._closed = True
        self.source.close()
        self._resources.close()
        if self.recorder is not None:
            try:
                self.recorder.close()
            except RecordingError as error:
                events.append(self._recording_lost(error))
        return events

    def _poll(self) -> tuple[list[Event], int]:
        arrivals = self.source.take()
        events, self._unseen = self._unseen, []
        for message in arrivals.messages:
            events += self._feed(message)
        events += self.pipeline.advance(arrivals.now_ns)
        if arrivals.ended:
            events += self.pipeline.finish()
        return events, arrivals.now_ns

    def _feed(self, message: Message) -> list[Event]:
        events: list[Event] = []
        if self.recorder is not None:
            try:
                self.recorder.write(message)
            except RecordingError as error:
                events.append(self._recording_lost(error))
        return events + self.pipeline.feed(message)

    def _recording_lost(self, error: RecordingError) -> NoticeEvent:
        """Go on without a recording: a full disk does not end the session, and what was written stays."""
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            with suppress(RecordingError):
                recorder.close()
        return NoticeEvent(
            t_s=self.pipeline.t_s,
            about="recording",
            text=f"stopped: {error}; the session goes on unrecorded",
        )
