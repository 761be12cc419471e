"""Opens sessions: joins source, recorder and pipeline for what a person chose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from journal.catch_up import keep_session
from journal.plan import counts
from journal.store import HistoryError, Journal
from sensors.files import BATCH_S, FileError, open_file
from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.mqtt import BrokerError, MqttSource
from sensors.recording import (
    Recorder,
    RecordingError,
    ReplaySource,
    new_recording_path,
    open_recording,
    recordings_folder,
)
from tracker.events import NoticeEvent
from tracker.pipeline import CommandBody, Pipeline
from tracker.routine import FREE, Routine, RoutineError, parse_routine
from tracker.safety import Safety
from tracker.session import Command
from tui.choices import Choice, LaunchError
from tui.config import Config, Override
from tui.hub import Hub
from tui.library import Library, start_text
from tui.outbound.announcer import Announcer
from tui.runner import Runner
from tui.shelf import Shelf

if TYPE_CHECKING:
    from tui.film import Film


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What a live session listens to and coaches.

    Attributes
    ----------
    routine : str
    style : str
        The routine's own unless given.
    broker : str or None
        URL of a running broker; None starts one.
    topics : tuple of str
        MQTT topic filters; empty means the usual ones.
    simulate : str or None
        A scenario's or a routine's name: a simulated wrist sends instead of a device.
    record : bool
    publish : bool
        Say state, cues and a summary over MQTT.
    home_assistant : bool
        Let Home Assistant find the session's devices.
    seconds : float or None
        End the session after this long.
    """

    routine: str = FREE.name
    style: str = ""
    broker: str | None = None
    topics: tuple[str, ...] = ()
    simulate: str | None = None
    record: bool = True
    publish: bool = True
    home_assistant: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """Something on disk, opened to be read.

    Attributes
    ----------
    format : str
        ``mcap``, or a file's as `sensors.files.Opened` has it.
    messages : iterator of Message
        Read as they are asked for.
    length_s : float
        0 where it is not known.
    notice : str or None
        What a person should know: that it was repaired, is cut off, or is still being written; how it was understood.
    has_motion : bool
        False where an app's file only tells when a measurement ran.
    damage : callable
        Names the rows that were skipped, as far as messages have been taken.
    """

    format: str
    messages: Iterator[Message]
    length_s: float = 0.0
    notice: str | None = None
    has_motion: bool = True
    damage: Callable[[], list[str]] = list


def open_stored(path: Path, batch_s: float = BATCH_S, *, ahead: bool = False) -> Stored:
    """Open a recording or a file of samples.

    Parameters
    ----------
    path : Path
    batch_s : float
        Span of a message that is made of samples.
    ahead : bool
        Read a file through once before: only so are its length and its damaged rows known at the start.

    Raises
    ------
    LaunchError
        It cannot be read; one line.
    """
    try:
        if path.suffix in (".mcap", ".part"):
            recording = open_recording(path)
            return Stored("mcap", recording.messages(), recording.duration_s, recording.notice)
        length_s, damage = _read_ahead(path) if ahead else (0.0, [])
        opened = open_file(path, batch_s)
    except (RecordingError, FileError) as error:
        raise LaunchError(str(error)) from error
    notice = "; ".join([*opened.notices, *damage]) or None
    return Stored(opened.format, opened.messages, length_s, notice, opened.has_motion, opened.damage)


def _read_ahead(path: Path) -> tuple[float, list[str]]:
    opened = open_file(path)
    first = last = next(opened.messages, None)
    for message in opened.messages:
        last = message
    length_s = (last.received_ns - first.received_ns) / NS_PER_S if first and last else 0.0
    return length_s, opened.damage()


def routine_named(name: str, style: str = "", library: Library = Library()) -> Routine:
    """Give a routine by name, in a style where one is asked for; LaunchError names those there are."""
    try:
        return library.routine(name, style)
    except RoutineError as error:
        raise LaunchError(str(error)) from error


def _recorded(path: Path, style: str) -> Routine:
    """Give the routine that a recording was coached by, in another style; LaunchError names those there are."""
    text = ""
    for message in open_stored(path).messages:
        if message.topic == COMMAND_TOPIC and (text := _told_at_start(message)):
            break
    try:
        return (parse_routine(text, "the recording's routine") if text else FREE).styled(style)
    except RoutineError as error:
        raise LaunchError(f"{path}: {error}") from error


def _told_at_start(command: Message) -> str:
    with suppress(msgspec.MsgspecError):
        body = msgspec.json.decode(command.payload, type=CommandBody)
        return body.text if body.command is Command.START else ""
    return ""


class Launch:
    """Opens live sessions and replays; the dashboard's `tui.choices.Launcher` and the command line's.

    Parameters
    ----------
    live : LiveOptions, optional
    config : Config, optional
    override : Override
        What the command line says of every device.
    """

    def __init__(
        self, live: LiveOptions | None = None, config: Config | None = None, override: Override = Override()
    ) -> None:
        self._live = live or LiveOptions()
        self._config = config or Config()
        self._override = override
        self._recordings: dict[Runner, Path] = {}
        self._library = Library()

    def routines(self) -> list[Routine]:
        """List the routines to choose from, shipped and own; the first is the default."""
        return self._library.all()[0]

    def complaints(self) -> list[str]:
        """Tell what is wrong with the person's own routines that cannot be used, a line each."""
        return self._library.all()[1]

    def recordings(self) -> list[Path]:
        """List the recordings on disk, newest first; one whose writer died goes by the name it would have got."""
        folder = recordings_folder()
        names = {path.name.removesuffix(".part") for path in (*folder.glob("*.mcap"), *folder.glob("*.mcap.part"))}
        return [folder / name for name in sorted(names, reverse=True)]

    def earlier(self, routine: str, than: Path | None) -> list[Path]:
        """List the recordings of a routine that are older than this one, newest first."""
        shelf = Shelf()
        entries = shelf.ordered(shelf.matching(shelf.entries(), routine), "newest")
        paths = [entry.path for entry in entries]
        return paths[paths.index(than) + 1 :] if than in paths else paths

    def recording_of(self, runner: Runner) -> Path | None:
        """Give where a session's recording is; None where there is none."""
        return self._recordings.get(runner)

    def open(self, choice: Choice) -> Runner:
        """Open and start a session; may block for seconds while a broker starts.

        Raises
        ------
        LaunchError
            It cannot be opened: what, and what to do.
        """
        routine = choice.routine or FREE.name
        live = self._live
        if choice.kind == "device":
            return self.live(replace(live, routine=routine, style=choice.style, simulate=None))
        scenario_name = live.simulate or (routine if routine != FREE.name else "strokes")
        return self.live(replace(live, routine=routine, style=choice.style, simulate=scenario_name))

    def film(self, choice: Choice) -> Film:
        """Open a recording or a file of samples to be shown."""
        if choice.path is None:
            raise LaunchError("a replay needs a recording")
        from tui.film import Film  # headless commands show none

        stored, pipeline = self._stored(choice.path, choice.routine, choice.style)
        return Film(stored, pipeline, choice.path.name)

    def replay(self, path: Path, speed: float | None, routine: str | None, style: str = "") -> Runner:
        """Open a replay of a recording or a file of samples at the pace it came, for the headless commands."""
        stored, pipeline = self._stored(path, routine, style)
        source = ReplaySource(stored.messages, speed=speed)
        return Runner(source, pipeline, title=path.name, notices=_about_recording(stored))

    def _stored(self, path: Path, routine: str | None, style: str) -> tuple[Stored, Pipeline]:
        fixed = None
        if routine is not None:
            fixed = routine_named(routine, style, self._library)
        elif style:
            fixed = _recorded(path, style)
        declared = self._override.upon(()) or None  # else what was declared when it was recorded
        return open_stored(path, ahead=True), Pipeline(fixed, declared=declared)

    def live(self, options: LiveOptions) -> Runner:
        """Open a live session: broker, source, recorder, and the simulated wrist if one is asked for."""
        routine = routine_named(options.routine, options.style, self._library)
        wrist = None
        if options.simulate is not None:
            from tui import simulation  # a session with a device need not wait for scipy

            alike = options.style if options.simulate == routine.name else ""
            wrist = simulation.live_wrist(options.simulate, alike)
        config = self._config
        publish = options.publish and config.publish.state
        home_assistant = options.home_assistant or config.publish.home_assistant
        with ExitStack() as opened:
            try:
                # A phone must reach the broker; a simulated wrist is on this machine.
                hub = Hub.open(options.broker, options.topics, config.broker, network=wrist is None, opened=opened)
                source = MqttSource(hub.address, hub.topics)
                opened.callback(source.close)
                source.connect()
                enough = _about_today(config.safety, datetime.now().astimezone().date()) if wrist is None else []
                recorder = _recorder(routine, options.simulate) if options.record else None
            except (BrokerError, RecordingError) as error:
                raise LaunchError(str(error)) from error
            hub.lead(source.move)
            announcer = None
            if publish and hub.private:
                announcer = Announcer(hub.address, home_assistant=home_assistant)
                hub.lead(announcer.move)
            runner = Runner(
                source,
                Pipeline(),
                recorder=recorder,
                hub=hub,
                title=f"simulated wrist: {options.simulate}" if options.simulate else "live",
                resources=(resources := ExitStack()),
                limit_s=options.seconds,
                notices=[*(NoticeEvent(t_s=0.0, about="broker", text=text) for text in hub.warnings()), *enough],
                outlet=announcer,
                keep=keep_session,
            )
            runner.begin(start_text(routine), self._override.upon(config.device), config.safety)
            if wrist is not None:
                simulation.publish_from_thread(wrist, hub, opened)
            resources.enter_context(opened.pop_all())
        if recorder is not None:
            self._recordings[runner] = recorder.path
        return runner


def _about_recording(stored: Stored) -> list[NoticeEvent]:
    return [NoticeEvent(t_s=0.0, about="recording", text=stored.notice)] if stored.notice else []


def _about_today(safety: Safety, today: date) -> list[NoticeEvent]:
    """Tell once a day that it is enough: at the session that is one more than the limit."""
    try:
        with Journal.open() as journal:
            done = sum(map(counts, journal.records(since=today)))
    except HistoryError:  # its own commands tell why; a session can do without
        return []
    if done != safety.sessions_a_day:
        return []
    limit = "one session" if safety.sessions_a_day == 1 else f"{safety.sessions_a_day} sessions"
    return [NoticeEvent(t_s=0.0, about="today", text=f"{limit} a day are enough; a spot needs its rest too")]


def _recorder(routine: Routine, simulated: str | None) -> Recorder:
    path = new_recording_path(datetime.now().astimezone(), routine.name)
    about = {"palmpace": version("palmpace"), "routine": routine.name}
    return Recorder(path, about | ({"simulated": simulated} if simulated else {}))
