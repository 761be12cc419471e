"""What breaks around a session: broker, process, screen, clocks and disk, and what other programs publish."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from rig import (
    START_NS,
    LiveSession,
    hand,
    in_order,
    mosquitto_at,
    needs_mosquitto,
    nothing_left,
    of_the_recording,
    said,
    states,
    wait_until,
    wrist,
)

from sensors import mqtt
from sensors.broker import start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher, epoch_clock
from sensors.recording import Recorder, RecordingError, open_recording
from sensors.simulate import Device, publish
from tracker.events import Event, LinkEvent, MotionEvent, NoticeEvent, SummaryEvent, to_json
from tracker.pipeline import Pipeline, command_message, run
from tracker.routine import FREE, Routine
from tracker.session import Command
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.launch import Launch, LiveOptions
from tui.runner import Runner
from tui.settings import Settings
from tui.widgets.rate import Rate

needs_mosquitto_pub = pytest.mark.skipif(
    shutil.which("mosquitto_pub") is None, reason="mosquitto_pub is not installed: install mosquitto-clients"
)

PALMPACE = [sys.executable, "-m", "tui.cli"]
FULL = Path("/dev/full")  # always out of space, on Linux
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")


@pytest.fixture(autouse=True)
def tidy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mqtt, "RETRY_S", (0.05, 0.1))
    with nothing_left():
        yield


def summary_of(events: list[Event]) -> SummaryEvent:
    last = events[-1]
    assert isinstance(last, SummaryEvent)
    return last


# --- the broker ---


@needs_mosquitto
@pytest.mark.parametrize("meanwhile", ["lost", "kept"])
def test_a_session_goes_on_when_its_broker_comes_back(meanwhile: str, tmp_path: Path) -> None:
    """The broker is killed from 10 s to 16 s; what the device says meanwhile is lost, or kept and sent late."""
    path = tmp_path / "session.mcap"
    heard = wrist(26.0)
    before = [each for each in heard if each.received_ns < START_NS + 10 * NS_PER_S]
    away = [each for each in heard if 10 <= (each.received_ns - START_NS) / NS_PER_S < 16]
    after = [each for each in heard if each.received_ns >= START_NS + 16 * NS_PER_S]

    broker = start_broker(0, "mosquitto")
    session = LiveSession(broker.address, path)
    session.runner.begin("")
    session.play(before)
    session.publisher.flush()  # what the broker has not acknowledged when it dies is sent again, as QoS 1 wants it
    mosquitto_at(broker.address.port).kill()
    broker.close()
    wait_until(lambda: "lost" in session.source.status() and "lost" in session.publisher.status())
    for message in away:
        session.look_at(message.received_ns)
    assert states(session.events)[-1] == ("paused", "nothing heard from the wrist")

    session.clock.now_ns = after[0].received_ns
    with start_broker(broker.address.port, "mosquitto") as again:
        assert again.address == broker.address
        wait_until(lambda: {session.source.status(), session.publisher.status()} == {f"connected to {again.address}"})
        if meanwhile == "kept":
            for message in away:  # the clock stands: all of it arrives at this moment
                session.hear(message)
        session.play(after)
        session.close()

    assert [why for _, why in states(session.events)] == [
        "started",
        "nothing heard from the wrist",
        "the wrist is heard again",
        "ended by you",
    ]
    stream = summary_of(session.events).streams[0]
    gaps = [event.text for event in session.events if isinstance(event, NoticeEvent) and "a gap" in event.text]
    if meanwhile == "lost":
        assert len(gaps) == len(stream.gaps) == 1
        assert gaps[0].startswith("nothing measured from")
        assert stream.gaps[0].end_s - stream.gaps[0].start_s == pytest.approx(6.0, abs=0.3)
    else:
        assert not gaps
        assert not stream.gaps
    assert [
        event.text for event in session.events if isinstance(event, NoticeEvent) and event.about == "connection"
    ] == [
        f"{broker.address} is lost, trying again",
        f"{broker.address} is there again",
    ]
    # Everything that was heard is in the recording, and the recording is the same session.
    recorded = list(open_recording(path).messages())
    expected = [*before, *(away if meanwhile == "kept" else []), *after]
    assert [each.payload for each in recorded[1:-1]] == [each.payload for each in expected]
    assert list(run(recorded, Pipeline())) == of_the_recording(session.events)


# --- the process ---


def lines_of(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert child.stdout is not None
    for line in child.stdout:
        if line.endswith(b"\n"):  # a killed process may leave half a line
            yield json.loads(line)


def wrist_now(device: Device) -> list[Message]:
    return wrist(60.0, device=device, start_ns=epoch_clock()())


@contextmanager
def sending(messages: list[Message], address: BrokerAddress) -> Iterator[None]:
    """Send messages from a thread when they are due, as a device does."""
    stop = threading.Event()
    with Publisher(address) as publisher:

        def send() -> None:
            publish(messages, publisher.publish, clock=epoch_clock(), sleep=stop.wait, stopped=stop.is_set)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@needs_mosquitto
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_session_loses_at_most_its_last_second(seed: int, data_folder: Path) -> None:
    killed_s = random.Random(seed).uniform(1.2, 2.4)
    live: list[dict[str, Any]] = []
    # So little is sent that no buffer of the system's would fill by itself.
    little = Device(rate_hz=20, gyro=False)
    with start_broker(0, "mosquitto") as broker, sending(wrist_now(little), broker.address):
        command = [*PALMPACE, "live", "--headless", "--json", "--broker", str(broker.address)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
            for event in lines_of(child):
                live.append(event)
                if event["event"] == "motion" and event["t_s"] >= killed_s:
                    break
            child.send_signal(signal.SIGKILL)
            live += lines_of(child)

    (part,) = (data_folder / "recordings").iterdir()
    assert part.name.endswith(".mcap.part")
    assert Launch().recordings() == [part.with_suffix("")]
    command = [*PALMPACE, "replay", "--json", "--speed", "max"]
    done = subprocess.run([*command, part.with_suffix("")], capture_output=True, check=True, text=True)
    told, *replayed = map(json.loads, done.stdout.splitlines())
    notice = rf"{re.escape(str(part.with_suffix('')))} was not closed and has been repaired; it reaches \d\.\d s"
    assert re.fullmatch(notice, told["text"])
    assert f"recording: {told['text']}\n" in done.stderr
    assert replayed[-1]["event"] == "summary"

    # The replay is the live session up to where the recording ends, then its end: what was held back, and the summary.
    end_s = open_recording(part.with_suffix("")).duration_s
    pairs = enumerate(zip(live, replayed, strict=False))
    same = next((i for i, (once, again) in pairs if once != again), len(live))
    ending = [event["event"] for event in replayed[same:]]
    assert set(ending) <= {"motion", "link", "session", "summary"}
    assert all(event["t_s"] >= end_s - 1.5 for event in replayed[same:])
    # A look at the hand is printed after its message was written, which came no earlier; messages come each 0.2 s.
    looked_s = max(event["t_s"] for event in live if event["event"] == "motion")
    assert end_s >= looked_s - 1.0 - 0.3


# --- other publishers ---


def until_samples(runner: Runner, number: int) -> list[Event]:
    """Look until so many samples were used."""
    events: list[Event] = []

    def enough() -> bool:
        events.extend(runner.poll())
        coached = runner.pipeline.coached
        return coached is not None and coached.stream.link.samples >= number

    wait_until(enough)
    return events


def coached_session(port: int) -> Runner:
    return Launch().live(LiveOptions(broker=f"mqtt://127.0.0.1:{port}", record=False))


def sample_lines(seconds: float) -> bytes:
    """One line of JSON per batch, as a microcontroller's script pipes them."""
    return b"".join(each.payload + b"\n" for each in wrist(seconds))


@needs_mosquitto
@needs_mosquitto_pub
@pytest.mark.parametrize("protocol", ["mqttv311", "mqttv5"])
def test_mosquitto_pub_sends_lines(protocol: str) -> None:
    with start_broker(0, "mosquitto") as broker:
        runner = coached_session(broker.address.port)
        publish = ["mosquitto_pub", "-V", protocol, "-h", "127.0.0.1", "-p", str(broker.address.port)]
        one = b'{"t_s": 0.0, "ax": 0.1, "ay": 0.2, "az": 9.8}'
        subprocess.run([*publish, "-t", "palmpace/imu", "-q", "1", "-m", one], check=True)
        subprocess.run([*publish, "-t", "palmpace/imu", "-q", "1", "-l"], input=sample_lines(15.0), check=True)
        events = until_samples(runner, 700) + runner.close()
    stream = summary_of(events).streams[0]
    assert (stream.device, stream.rejected) == ("palmpace/imu", 0)
    assert stream.sample_rate_hz == pytest.approx(50, abs=0.5)  # by its own clock, however fast it came
    assert stream.totals["stroke"].cycles > 3  # type: ignore[operator]  # strokes are counted
    assert not [event for event in events if isinstance(event, NoticeEvent) and "not used" in event.text]


@needs_mosquitto
@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_two_publishers_of_either_protocol_are_two_devices(protocol: MQTTProtocolVersion) -> None:
    def retopic(message: Message, topic: str) -> Message:
        return Message(topic, message.payload, message.received_ns)

    left, right = wrist(9.0), wrist(9.0, name="circles")
    script = in_order(
        (retopic(each, "phyphox/left") for each in left), (retopic(each, "phyphox/right") for each in right)
    )
    with start_broker(0, "mosquitto") as broker:
        runner = coached_session(broker.address.port)
        with Publisher(broker.address, protocol=protocol) as publisher:
            for message in script:
                publisher.publish(message.topic, message.payload)
            publisher.flush()
            events = until_samples(runner, 400)
        events += runner.close()
    assert [stream.device for stream in summary_of(events).streams] == ["phyphox/left", "phyphox/right"]
    assert {event.device for event in events if isinstance(event, MotionEvent)} == {"phyphox/left", "phyphox/right"}


def test_the_embedded_broker_carries_a_simulated_session(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    """Where mosquitto is not installed: the broker, the simulated wrist and the session in one process."""
    monkeypatch.setattr("sensors.broker.find_mosquitto", lambda: None)
    monkeypatch.setattr("tui.hub.find_mosquitto", lambda: None)
    launch = Launch()
    runner = launch.live(LiveOptions(simulate="strokes", routine="slow-strokes"))
    assert runner.connection is not None
    assert runner.connection.broker == "amqtt"
    events = until_samples(runner, 100) + runner.close()
    path = launch.recording_of(runner)
    assert path is not None
    assert path.parent == data_folder / "recordings"
    assert summary_of(events).routine == "slow-strokes"
    assert list(run(open_recording(path).messages(), Pipeline())) == events


# --- a flood ---

BATCHES = 5
EACH = 3000
FLOOD = BATCHES * EACH


def packet(kind: int, body: bytes) -> bytes:
    """A control packet of MQTT 3.1.1 (2.2): its kind and flags, and its length in sevens of bits."""
    length, rest = b"", len(body)
    while True:
        rest, low = divmod(rest, 128)
        length += bytes([low | (128 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def text(words: str) -> bytes:
    return len(words).to_bytes(2) + words.encode()


CONNECT = packet(0x10, text("MQTT") + b"\x04\x02\x00\x3c" + text("flood"))


@needs_mosquitto
def test_a_flood_from_one_device_costs_another_nothing(tmp_path: Path) -> None:
    """From 10 s to 11 s a board that has lost its senses sends 15,000 messages, a sample in each."""
    path = tmp_path / "session.mcap"
    heard = wrist(26.0)
    samples = (b'{"t_s": %.6f, "ax": 0.1, "ay": 0.2, "az": 9.8}' % (number / FLOOD) for number in range(FLOOD))
    flood = [packet(0x30, text("palmpace/mad/imu") + sample) for sample in samples]
    with (
        start_broker(0, "mosquitto") as broker,
        socket.create_connection((broker.address.host, broker.address.port)) as mad,
    ):
        mad.sendall(CONNECT)
        assert mad.recv(4) == b"\x20\x02\x00\x00"  # accepted
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        session.play(heard[:50])
        for batch, message in enumerate(heard[50 : 50 + BATCHES]):
            session.look_at(message.received_ns)
            looks = session.clock.looks
            mad.sendall(b"".join(flood[batch * EACH : (batch + 1) * EACH]))
            session.publisher.publish(message.topic, message.payload)
            session.clock.wait_for_look(looks + EACH)
        session.play(heard[50 + BATCHES :])
        status = session.source.status()
        session.close()
    # What one topic may send at once, and then in four times 0.2 s (sensors.inbox).
    taken = 10_000 + 4 * 400
    assert status.endswith(f"; {FLOOD - taken} messages dropped, palmpace/mad/imu sends too fast")
    news = [event.text for event in session.events if isinstance(event, NoticeEvent) and event.about == "connection"]
    assert news == ["palmpace/mad/imu sends too fast: what is over is dropped"]
    calm, mad_one = summary_of(session.events).streams
    assert mad_one.samples == taken
    assert (calm.samples, calm.gaps) == (hand(26.0).t_s.size, [])
    assert calm.sample_rate_hz == pytest.approx(50, abs=0.5)
    assert calm.totals["stroke"].cycles == pytest.approx(hand(26.0).truth.cycles[-1], abs=1)
    assert [why for _, why in states(session.events)] == ["started", "ended by you"]
    recorded = [each for each in open_recording(path).messages() if each.topic == heard[0].topic]
    assert [each.payload for each in recorded] == [each.payload for each in heard]


# --- a slow screen ---


class OneSession:
    """Opens a session that is there already."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def routines(self) -> list[Routine]:
        return [FREE]

    def recordings(self) -> list[Path]:
        return []

    def open(self, choice: Choice) -> Runner:
        return self._runner

    def recording_of(self, runner: Runner) -> Path | None:
        return None


def as_if_watched(heard: list[Message]) -> list[Event]:
    """The events of a session that is looked at whenever something comes."""
    start, end = said(0.0, Command.START), command_message(Command.END, heard[-1].received_ns)
    return list(run([start, *heard, end], Pipeline()))


@needs_mosquitto
@pytest.mark.parametrize("every_s", [5.0, 61.0])
def test_a_screen_that_is_slow_to_look_misses_nothing(every_s: float, tmp_path: Path) -> None:
    """The dashboard itself, hung for so long each time while the wrist goes on."""
    heard = wrist(70.0)
    with start_broker(0, "mosquitto") as broker:
        session = LiveSession(broker.address, tmp_path / "session.mcap")
        session.runner.begin("")
        shown: list[tuple[float, int]] = []

        async def watch() -> None:
            app = PalmpaceApp(OneSession(session.runner), settings=Settings(fps=0), start=Choice("simulated"))
            async with app.run_test(size=(120, 40)) as pilot:
                await app.workers.wait_for_complete()
                await pilot.pause()
                take = app.screen.take  # type: ignore[attr-defined]  # the live screen's

                def look(events: list[Event]) -> None:
                    session.events += events
                    take(events)

                app.screen.take = look  # type: ignore[attr-defined]
                looked_ns = START_NS
                for message in heard:
                    session.clock.now_ns = message.received_ns
                    session.hear(message)
                    if message.received_ns - looked_ns >= every_s * NS_PER_S:
                        looked_ns = message.received_ns
                        app.tick()
                        await pilot.pause()
                        rate = app.screen.query_one(Rate)
                        shown.append(((looked_ns - START_NS) / NS_PER_S, int(rate.cycles.split()[0])))
                session.close()

        asyncio.run(watch())
    assert session.events == as_if_watched(heard)
    assert len(shown) == int(70.0 // every_s)
    truth = hand(70.0).truth
    for at_s, cycles in shown:  # a cycle is shown once it is whole
        assert -3 <= cycles - np.interp(at_s, truth.t_s, truth.cycles) <= 0.5


# --- clocks ---


@needs_mosquitto
@pytest.mark.parametrize("format", ["plain", "sensor-logger"])
@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_device_whose_clock_is_set_by_an_hour(jump_s: float, format: str, tmp_path: Path) -> None:
    """At 13 s; the session goes on from where it was, and no hour is in it."""
    path = tmp_path / "session.mcap"
    set_later = Device(rate_hz=50, clock_offset_s=jump_s)
    heard = wrist(26.0, format=format)[:65] + wrist(26.0, format=format, device=set_later)[65:]
    with start_broker(0, "mosquitto") as broker:
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        session.play(heard)
        session.close()
    (stream,) = summary_of(session.events).streams
    jumps = [event.text for event in session.events if isinstance(event, NoticeEvent) and "jumped" in event.text]
    assert jumps == ["its clock jumped: time goes on from where it was"]
    assert sum(gap.end_s - gap.start_s for gap in stream.gaps) < 1.0
    assert stream.duration_s == pytest.approx(26.0, abs=0.5)
    assert stream.samples == hand(26.0).t_s.size
    assert stream.totals["stroke"].cycles == pytest.approx(hand(26.0).truth.cycles[-1], abs=1)
    assert [why for _, why in states(session.events)] == ["started", "ended by you"]
    looks_s = [event.t_s for event in session.events if isinstance(event, MotionEvent)]
    assert looks_s == sorted(looks_s)
    assert looks_s[-1] < 27
    assert list(run(open_recording(path).messages(), Pipeline())) == session.events


def test_a_machine_whose_time_of_day_is_set_by_an_hour() -> None:
    """Forward, and back by two: nothing of the session goes by it."""
    launch = Launch()
    runner = launch.live(LiveOptions(simulate="strokes"))
    events = until_samples(runner, 50)
    time_s, time_ns = time.time, time.time_ns
    for hours in (1, -1):
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(time, "time", lambda by_s=hours * 3600: time_s() + by_s)
            monkeypatch.setattr(time, "time_ns", lambda by_s=hours * 3600: time_ns() + by_s * NS_PER_S)
            assert runner.pipeline.coached is not None
            events += until_samples(runner, runner.pipeline.coached.stream.link.samples + 50)
    events += runner.close()
    (stream,) = summary_of(events).streams
    assert stream.gaps == []
    assert events[-1].t_s < 60
    assert not [event for event in events if isinstance(event, NoticeEvent) and "jumped" in event.text]
    links = [event for event in events if isinstance(event, LinkEvent) and event.clock_offset_s is not None]
    assert all(abs(link.clock_offset_s or 0.0) < 60 for link in links)
    path = launch.recording_of(runner)
    assert path is not None
    assert open_recording(path).duration_s == pytest.approx(events[-1].t_s, abs=0.001)


# --- the disk ---


@needs_full
def test_a_full_disk_does_not_end_the_session(tmp_path: Path) -> None:
    """Half way the recording can no longer be written: told once, the first half kept, the session goes on."""
    path = tmp_path / "session.mcap"
    heard = wrist(12.0)
    with start_broker(0) as broker:
        session = LiveSession(broker.address, path)
        session.play(heard[:30])
        assert session.runner.recorder is not None
        file = session.runner.recorder._file
        session.look_at(session.clock.now_ns)
        file.flush()
        with FULL.open("wb") as full:
            kept = os.dup(file.fileno())
            os.dup2(full.fileno(), file.fileno())
        session.play(heard[30:])
        session.close()
        os.close(kept)
    notices = [event.text for event in session.events if isinstance(event, NoticeEvent) and event.about == "recording"]
    assert len(notices) == 1
    assert notices[0].endswith("No space left on device; what came before is kept; the session goes on unrecorded")
    assert summary_of(session.events).streams[0].duration_s > 11
    assert [each.payload for each in open_recording(path).messages()] == [each.payload for each in heard[:30]]


@contextmanager
def files_end_at(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a disk that is full (setrlimit(2), RLIMIT_FSIZE)."""
    resource = pytest.importorskip("resource", reason="no limits of this kind on this system")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_from_the_start_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    with files_end_at(10), pytest.raises(RecordingError) as told:
        Recorder(path, {})
    assert str(told.value) == f"cannot write {path}.part: File too large"
    assert list(tmp_path.iterdir()) == []


@needs_mosquitto
@pytest.mark.parametrize("room", [True, pytest.param(False, marks=needs_full)])
def test_a_file_that_cannot_grow_is_kept_as_far_as_it_is_whole(room: bool, tmp_path: Path) -> None:
    """The system takes half a message and no more; there may be no room for the finished file beside it either."""
    path = tmp_path / "session.mcap"
    heard = wrist(26.0)
    if not room:
        path.with_name("session.mcap.tmp").symlink_to(FULL)
    with start_broker(0, "mosquitto") as broker:
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        session.play(heard[:10])
        with files_end_at(50_000):
            session.play(heard[10:])
            session.close()
    (notice,) = (
        event.text for event in session.events if isinstance(event, NoticeEvent) and event.about == "recording"
    )
    assert notice == (
        f"stopped: recording to {path}.part ended: File too large; what came before is kept; "
        "the session goes on unrecorded"
    )
    assert [event for event in session.events if getattr(event, "about", "") != "recording"] == as_if_watched(heard)
    assert path.exists() is room
    recording = open_recording(path)
    if room:
        assert recording.notice is None
    else:
        assert recording.notice is not None
        assert "was not closed and has been repaired" in recording.notice
    kept = [each.payload for each in recording.messages()][1:]
    assert 40 < len(kept) < len(heard)
    assert kept == [each.payload for each in heard[: len(kept)]]


@needs_full
def test_a_disk_that_is_full_at_the_end_keeps_the_recording_for_later(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    heard = wrist(6.0)
    path.with_name("session.mcap.tmp").symlink_to(FULL)
    with start_broker(0) as broker:
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        session.play(heard)
        session.close()
    *events, notice = session.events
    assert isinstance(notice, NoticeEvent)
    assert (notice.about, notice.text) == (
        "recording",
        f"cannot finish {path}: No space left on device; open {path}.part later to try again",
    )
    assert not path.exists()
    recording = open_recording(path)
    assert recording.notice is not None
    assert "was not closed and has been repaired" in recording.notice
    assert list(run(recording.messages(), Pipeline())) == events == as_if_watched(heard)


# --- the process, with its broker ---


@needs_mosquitto
def test_live_goes_on_when_its_broker_is_killed(data_folder: Path) -> None:
    """The command itself, with a simulated wrist, which keeps what it has to say until the broker is back.

    It may be back before the session is: what it says then, nobody hears.
    """
    command = [*PALMPACE, "live", "--headless", "--json", "--simulate", "strokes", "--seconds", "4"]
    events: list[dict[str, Any]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        for event in lines_of(child):
            events.append(event)
            if event["event"] == "motion":
                break
        for process in psutil.Process(child.pid).children(recursive=True):
            if process.name() == "mosquitto":
                process.send_signal(signal.SIGKILL)
        events += lines_of(child)
        told = child.stderr.read().decode()
    assert child.returncode == 0
    assert "\nbroker: died and runs again at mqtt://127.0.0.1:" in told
    assert events[-1]["event"] == "summary"
    (stream,) = events[-1]["streams"]
    assert sum(gap["end_s"] - gap["start_s"] for gap in stream["gaps"]) < 2
    assert stream["duration_s"] > 2.5
    (path,) = (data_folder / "recordings").iterdir()
    assert path.suffix == ".mcap"
    replayed = [json.loads(to_json(event)) for event in run(open_recording(path).messages(), Pipeline())]
    assert replayed == [event for event in events if event.get("about") not in ("broker", "connection")]
