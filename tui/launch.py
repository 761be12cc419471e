"""Opens sessions: joins source, recorder and pipeline for what a person chose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sensors.broker import Broker, find_mosquitto, start_broker
from sensors.files import BATCH_S, FileError, open_file
from sensors.message import Message
from sensors.mqtt import BrokerAddress, BrokerError, MqttSource
from sensors.recording import (
    Recorder,
    RecordingError,
    ReplaySource,
    new_recording_path,
    open_recording,
    recordings_folder,
)
from tracker.events import NoticeEvent
from tracker.pipeline import Pipeline
from tracker.routine import FREE, Routine, RoutineError, load_shipped, shipped_names, shipped_text
from tui.choices import Choice, LaunchError
from tui.config import Config, Override
from tui.runner import Connection, Runner

OWN_TOPICS = ("#",)
"""On a broker started for this session everything is meant for it."""
DEFAULT_TOPICS = ("sensor-logger", "android/sensor/#", "phyphox/#", "palmpace/imu")
"""On somebody's broker only what the known apps send to: never ``#``, which may be the whole world's."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What a live session listens to and coaches.

    Attributes
    ----------
    routine : str
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
        ``mcap``, ``csv`` or ``npz``.
    messages : iterator of Message
        Read as they are asked for.
    length_s : float
        0 where it is not known.
    notice : str or None
        What a person should know: that it was repaired, is cut off, or is still being written.
    """

    format: str
    messages: Iterator[Message]
    length_s: float = 0.0
    notice: str | None = None


def open_stored(path: Path, batch_s: float = BATCH_S) -> Stored:
    """Open a recording or a file of samples.

    Parameters
    ----------
    path : Path
    batch_s : float
        Span of a message that is made of samples.

    Raises
    ------
    LaunchError
        It cannot be read; one line.
    """
    try:
        if path.suffix in (".mcap", ".part"):
            recording = open_recording(path)
            return Stored("mcap", recording.messages(), recording.duration_s, recording.notice)
        opened = open_file(path, batch_s)
    except (RecordingError, FileError) as error:
        raise LaunchError(str(error)) from error
    return Stored(opened.format, opened.messages)


def routine_named(name: str) -> Routine:
    """Give a routine by name, or the free session; LaunchError names those there are."""
    if name == FREE.name:
        return FREE
    try:
        return load_shipped(name)
    except RoutineError as error:
        raise LaunchError(str(error)) from error


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
        self._lengths_s: dict[Runner, float] = {}

    def routines(self) -> list[Routine]:
        """List the routines to choose from; the first is the default."""
        return [*(load_shipped(name) for name in shipped_names()), FREE]

    def recordings(self) -> list[Path]:
        """List the recordings on disk, newest first; one whose writer died goes by the name it would have got."""
        folder = recordings_folder()
        names = {path.name.removesuffix(".part") for path in (*folder.glob("*.mcap"), *folder.glob("*.mcap.part"))}
        return [folder / name for name in sorted(names, reverse=True)]

    def length_s(self, runner: Runner) -> float:
        """Give how long a replayed recording is; 0 where that is not known."""
        return self._lengths_s.get(runner, 0.0)

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
        match choice.kind:
            case "replay":
                if choice.path is None:
                    raise LaunchError("a replay needs a recording")
                return self.replay(choice.path, choice.speed, choice.routine)
            case "simulated":
                scenario_name = live.simulate or (routine if routine != FREE.name else "strokes")
                return self.live(replace(live, routine=routine, simulate=scenario_name))
            case "device":
                return self.live(replace(live, routine=routine, simulate=None))

    def replay(self, path: Path, speed: float | None, routine: str | None) -> Runner:
        """Open a replay of a recording or a file of samples."""
        fixed = routine_named(routine) if routine is not None else None
        stored = open_stored(path)
        source = ReplaySource(stored.messages, speed=speed)
        declared = self._override.upon(()) or None  # else what was declared when it was recorded
        runner = Runner(source, Pipeline(fixed, declared=declared), title=path.name, notices=_about_recording(stored))
        self._recordings[runner] = path
        self._lengths_s[runner] = stored.length_s
        return runner

    def live(self, options: LiveOptions) -> Runner:
        """Open a live session: broker, source, recorder, and the simulated wrist if one is asked for."""
        routine = routine_named(options.routine)
        wrist = None
        if options.simulate is not None:
            from tui import simulation  # a session with a device need not wait for scipy

            wrist = simulation.live_wrist(options.simulate)
        with ExitStack() as opened:
            try:
                address, shown, broker = _broker(options, opened)
                topics = options.topics or (OWN_TOPICS if broker else DEFAULT_TOPICS)
                source = MqttSource(address, topics)
                opened.callback(source.close)
                source.connect()
                recorder = _recorder(routine) if options.record else None
            except (BrokerError, RecordingError) as error:
                raise LaunchError(str(error)) from error
            runner = Runner(
                source,
                Pipeline(),
                recorder=recorder,
                connection=Connection(
                    broker.kind if broker else "broker", shown.host, shown.port, _first_topic(topics)
                ),
                title=f"simulated wrist: {options.simulate}" if options.simulate else "live",
                resources=(resources := ExitStack()),
                limit_s=options.seconds,
            )
            runner.begin(
                shipped_text(routine.name) if routine is not FREE else "", self._override.upon(self._config.device)
            )
            if wrist is not None:
                simulation.publish_from_thread(wrist, address, _first_topic(topics), opened)
            resources.enter_context(opened.pop_all())
        if recorder is not None:
            self._recordings[runner] = recorder.path
        return runner


def _about_recording(stored: Stored) -> list[NoticeEvent]:
    return [NoticeEvent(t_s=0.0, about="recording", text=stored.notice)] if stored.notice else []


def _broker(options: LiveOptions, undo: ExitStack) -> tuple[BrokerAddress, BrokerAddress, Broker | None]:
    """Give the broker to listen to, the address to show, and the broker itself if it was started here."""
    if options.broker is not None:
        address = BrokerAddress.parse(options.broker)
        return address, address, None
    # A phone must reach it; a simulated wrist is on this machine.
    network = options.simulate is None and find_mosquitto() is not None
    broker = undo.enter_context(start_broker(network=network))
    return broker.address, broker.reachable_at(), broker


def _first_topic(topics: tuple[str, ...]) -> str:
    first = topics[0]
    return DEFAULT_TOPICS[0] if "#" in first or "+" in first else first


def _recorder(routine: Routine) -> Recorder:
    path = new_recording_path(datetime.now().astimezone(), routine.name)
    return Recorder(path, {"palmpace": version("palmpace"), "routine": routine.name})
