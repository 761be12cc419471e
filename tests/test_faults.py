"""What breaks around a session: its broker, its process, and what other programs publish."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from rig import START_NS, LiveSession, in_order, needs_mosquitto, states, wait_until, wrist

from sensors.broker import start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import BrokerAddress, Publisher, epoch_clock
from sensors.recording import open_recording
from sensors.simulate import Device, publish
from tracker.events import Event, MotionEvent, NoticeEvent, SummaryEvent
from tracker.pipeline import Pipeline, run
from tui.launch import Launch, LiveOptions
from tui.runner import Runner

needs_mosquitto_pub = pytest.mark.skipif(
    shutil.which("mosquitto_pub") is None, reason="mosquitto_pub is not installed: install mosquitto-clients"
)


PALMPACE = [sys.executable, "-m", "tui.cli"]
FULL = Path("/dev/full")  # always out of space, on Linux


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
    for child in psutil.Process().children(recursive=True):
        if child.name() == "mosquitto":
            child.send_signal(signal.SIGKILL)
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
    # Everything that was heard is in the recording, and the recording is the same session.
    recorded = list(open_recording(path).messages())
    expected = [*before, *(away if meanwhile == "kept" else []), *after]
    assert [each.payload for each in recorded[1:-1]] == [each.payload for each in expected]
    assert list(run(recorded, Pipeline())) == session.events


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
    killed_s = random.Random(seed).uniform(1.8, 3.0)
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
    monkeypatch.setattr("tui.launch.find_mosquitto", lambda: None)
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


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
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
