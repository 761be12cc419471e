from __future__ import annotations

from pathlib import Path

import pytest
from rig import needs_mosquitto, said, wait_until, wrist

from sensors.broker import start_broker
from sensors.message import Message
from sensors.mqtt import BrokerAddress, BrokerError, MqttSource
from sensors.recording import Recorder, open_recording
from sensors.simulate import SCENARIOS
from tracker.events import NoticeEvent, SessionEvent, StepEvent, SummaryEvent
from tracker.routine import FREE, load_shipped, routine_text, shipped_names, shipped_text
from tracker.session import Command
from tui.choices import Choice, LaunchError
from tui.hub import DEFAULT_TOPICS
from tui.launch import Launch, LiveOptions, open_stored, routine_named
from tui.simulation import phases_of

HEARD = wrist(6.0)


def recording(path: Path, messages: list[Message] = HEARD) -> Path:
    with Recorder(path, {}) as recorder:
        for message in messages:
            recorder.write(message)
    return path


def one_line(error: pytest.ExceptionInfo[LaunchError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_free_session_is_the_last_of_the_routines() -> None:
    assert [routine.name for routine in Launch().routines()] == [*shipped_names(), FREE.name]


def test_an_unknown_routine_is_told_with_those_there_are() -> None:
    with pytest.raises(LaunchError) as told:
        routine_named("nap")
    assert one_line(told) == f"no routine is called 'nap'; there are {', '.join([*shipped_names(), FREE.name])}"


@pytest.mark.parametrize("name", [*SCENARIOS, *shipped_names()])
def test_everything_that_can_be_simulated(name: str) -> None:
    phases, routine = phases_of(name, None, 1)
    assert routine.name == (name if name in shipped_names() else FREE.name)
    assert sum(phase.seconds for phase in phases) >= 5
    short, _ = phases_of(name, 7.0, 1)
    assert sum(phase.seconds for phase in short) <= 7.0 + 1e-9


def test_a_recording_is_coached_again_in_another_style(tmp_path: Path) -> None:
    mine = shipped_text("knot-circles").replace('"knot-circles"', '"mine"')  # no file of it is needed
    path = recording(tmp_path / "a.mcap", [said(0.0, Command.START, mine), *HEARD])
    for style, band in (("", (40, 90)), ("deep", (90, 140))):
        runner = Launch().replay(path, None, None, style)
        events = [*runner.poll(), *runner.close()]
        assert isinstance(events[-1], SummaryEvent)
        assert (events[-1].routine, events[-1].style) == ("mine", style or "swedish")
        assert next(event for event in events if isinstance(event, StepEvent)).band == band
        film = Launch().film(Choice("replay", None, path, style=style))
        for chunk in film.reel:
            film.add(chunk)
        assert film.story.summary == events[-1]
    with pytest.raises(LaunchError, match="mine has no style 'thai'; it has swedish, deep") as told:
        Launch().replay(path, None, None, "thai")
    assert one_line(told).startswith(f"{path}: ")
    with pytest.raises(LaunchError, match="free has no style"):
        Launch().film(Choice("replay", None, recording(tmp_path / "b.mcap"), style="deep"))


def test_a_deep_session_is_coached_again_as_a_swedish_one(tmp_path: Path) -> None:
    deep = routine_text(load_shipped("knot-circles").styled("deep"))
    path = recording(tmp_path / "a.mcap", [said(0.0, Command.START, deep), *HEARD])
    runner = Launch().replay(path, None, None, "swedish")
    events = [*runner.poll(), *runner.close()]
    assert next(event for event in events if isinstance(event, StepEvent)).band == (40, 90)


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    with pytest.raises(LaunchError) as told:
        phases_of("nap", None, 1)
    known = ", ".join([*SCENARIOS, *shipped_names()])
    assert one_line(told) == f"no scenario and no routine is called 'nap'; there are {known}"


def test_recordings_are_listed_newest_first_with_those_never_closed(data_folder: Path) -> None:
    launch = Launch()
    assert launch.recordings() == []
    folder = data_folder / "recordings"
    recording(folder / "2026-01-02T00-00-00.mcap")
    recording(folder / "2026-01-01T00-00-00.mcap")
    open_part = Recorder(folder / "2026-01-03T00-00-00.mcap", {})
    (folder / "notes.txt").write_text("none of ours")
    assert [path.name for path in launch.recordings()] == [
        "2026-01-03T00-00-00.mcap",
        "2026-01-02T00-00-00.mcap",
        "2026-01-01T00-00-00.mcap",
    ]
    open_part.close()


def test_a_replay_is_coached_by_another_routine_and_its_film_too(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.mcap")
    runner = Launch().replay(path, None, "slow-strokes")
    events = [*runner.poll(), *runner.close()]
    assert next(event for event in events if isinstance(event, StepEvent)).of > 1
    assert isinstance(events[-1], SummaryEvent)
    assert events[-1].routine == "slow-strokes"
    film = Launch().film(Choice("replay", "slow-strokes", path))
    assert film.total_s == pytest.approx(open_recording(path).duration_s)
    for chunk in film.reel:
        film.add(chunk)
    assert film.story.summary == events[-1]


def test_what_a_recording_is_compared_with_is_older_and_of_the_same_routine(data_folder: Path) -> None:
    folder = data_folder / "recordings"
    newest, other, older, oldest = (
        recording(folder / f"2026-11-2{day}T08-00-00-{routine}.mcap")
        for day, routine in ((4, "sore-back"), (3, "free"), (2, "sore-back"), (1, "sore-back"))
    )
    launch = Launch()
    assert launch.earlier("sore-back", newest) == [older, oldest]
    assert launch.earlier("sore-back", oldest) == []
    assert launch.earlier("free", data_folder / "elsewhere.csv") == [other]


def test_a_recording_whose_writer_died_is_replayed_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    writer = Recorder(path, {})
    for message in HEARD:
        writer.write(message)
    writer.flush()
    runner = Launch().replay(path, None, None)
    first = runner.poll()[0]
    assert first == NoticeEvent(
        t_s=0.0, about="recording", text=f"{path}.part is still being written; it reaches 5.8 s"
    )
    runner.close()
    writer.close()


def test_what_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.mcap"
    garbage.write_bytes(b"\x00" * 100)
    for path, say in (
        (tmp_path / "none.mcap", "No such file"),
        (tmp_path / "none.csv", "no such file"),
        (garbage, "is not a recording"),
        (tmp_path, "holds no table"),
    ):
        with pytest.raises(LaunchError, match=say) as told:
            Launch().film(Choice("replay", path=path))
        assert str(path) in one_line(told)
        with pytest.raises(LaunchError, match=say):
            open_stored(path)


def test_a_replay_without_a_recording() -> None:
    with pytest.raises(LaunchError, match="a replay needs a recording"):
        Launch().film(Choice("replay"))


@needs_mosquitto
def test_a_broker_of_somebody_elses_is_asked_for_known_topics_only() -> None:
    with start_broker(0, "mosquitto") as broker:
        runner = Launch().live(LiveOptions(broker=str(broker.address), record=False))
        assert runner.connection is not None
        assert (runner.connection.broker, runner.connection.port) == ("broker", broker.address.port)
        assert runner.connection.topic == DEFAULT_TOPICS[0]
        assert "#" not in DEFAULT_TOPICS
        assert runner.source.status() == f"connected to {broker.address}"
        runner.close()


def test_a_broker_that_cannot_be_used_is_told_and_nothing_is_recorded(data_folder: Path) -> None:
    for url, say in (("mqtt://127.0.0.1:1", "no broker answers"), ("localhost", "begin it with mqtt://")):
        with pytest.raises(LaunchError, match=say) as told:
            Launch(LiveOptions(broker=url)).open(Choice("device"))
        one_line(told)
    assert not data_folder.exists()


def test_a_simulated_session_is_heard_recorded_and_let_go(data_folder: Path) -> None:
    launch = Launch()
    runner = launch.open(Choice("simulated", "sore-back"))
    assert runner.title == "simulated wrist: sore-back"
    assert runner.connection is not None
    assert runner.connection.host == "127.0.0.1"  # nobody else is to send into it
    events = []

    def heard() -> bool:
        events.extend(runner.poll())
        coached = runner.pipeline.coached
        return coached is not None and coached.stream.link.samples > 50

    wait_until(heard)
    assert runner.pipeline.coached is not None
    assert runner.pipeline.coached.name == "simulated-wrist"
    assert events[0] == SessionEvent(t_s=0.0, state="running", why="started")
    runner.close()
    path = launch.recording_of(runner)
    assert path is not None
    assert path.name.endswith("-sore-back.mcap")
    assert open_recording(path).metadata["routine"] == "sore-back"
    with pytest.raises(BrokerError, match="no broker answers"):  # it went with the session
        MqttSource(BrokerAddress(runner.connection.host, runner.connection.port), ["a"]).connect()


def test_a_folder_that_cannot_be_written_is_told_before_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("PALMPACE_DATA_DIR", str(file))
    with start_broker(0) as broker, pytest.raises(LaunchError, match="cannot write") as told:
        Launch().live(LiveOptions(broker=str(broker.address)))
    assert str(file) in one_line(told)
