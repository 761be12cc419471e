"""A session through a real broker whose clock the test moves: every message arrives exactly when it is due."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from sensors.broker import find_mosquitto
from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.mqtt import KEEPALIVE_S, BrokerAddress, MqttSource, Publisher
from sensors.recording import Recorder
from sensors.simulate import Device, Simulation, messages, scenario, simulate
from sensors.source import Arrivals
from tracker.events import Event, NoticeEvent, SessionEvent
from tracker.pipeline import CommandBody, Pipeline, command_message
from tracker.session import Command
from tui.hub import Hub
from tui.runner import Outlet, Runner

START_NS = 1_767_225_600 * NS_PER_S
PATIENCE_S = 30.0

needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed: install it to run this test"
)


def wait_until(true: Callable[[], bool], timeout_s: float = PATIENCE_S, *, every_s: float = 0.005) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(every_s)


def receive(source: MqttSource, number: int) -> list[Message]:
    found: list[Message] = []

    def enough() -> bool:
        found.extend(source.take().messages)
        return len(found) >= number

    wait_until(enough)
    return found


@contextmanager
def nothing_left() -> Iterator[None]:
    """See that no thread and no process outlives what is done here."""
    threads = set(threading.enumerate())
    processes = set(psutil.Process().children(recursive=True))
    yield
    wait_until(lambda: threads >= set(threading.enumerate()))
    wait_until(lambda: processes >= set(psutil.Process().children(recursive=True)))


def mosquitto_at(port: int) -> psutil.Process:
    """Give the mosquitto that we started and that listens on this port, among others that may run meanwhile."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if port in {each.laddr.port for each in child.net_connections("tcp") if child.name() == "mosquitto"}:
                return child
    raise AssertionError(f"no mosquitto listens on port {port}")


@lru_cache
def hand(seconds: float, name: str = "strokes", device: Device = Device(rate_hz=50)) -> Simulation:
    """What a simulated wrist feels, with the truth of what the hand did."""
    return simulate(scenario(name, seconds, seed=3), device, seed=3)


def wrist(
    seconds: float,
    *,
    format: str = "plain",
    name: str = "strokes",
    device: Device | None = None,
    start_ns: int = START_NS,
) -> list[Message]:
    """What a simulated wrist sends."""
    felt = hand(seconds, name, device) if device else hand(seconds, name)
    return list(messages(felt, format=format, start_ns=start_ns))


def said(t_s: float, command: Command, text: str = "") -> Message:
    """What a person says ``t_s`` after the start."""
    return command_message(command, START_NS + round(t_s * NS_PER_S), text)


def in_order(*streams: Iterable[Message]) -> list[Message]:
    return sorted((message for stream in streams for message in stream), key=lambda message: message.received_ns)


def of_the_recording(events: Iterable[Event]) -> list[Event]:
    """What follows from the messages alone: a broker's comings and goings are not recorded."""
    outside = ("broker", "connection")
    return [event for event in events if not (isinstance(event, NoticeEvent) and event.about in outside)]


def states(events: Iterable[Event]) -> list[tuple[str, str]]:
    return [(event.state, event.why) for event in events if isinstance(event, SessionEvent)]


class ScriptedClock:
    """Stands where the test puts it, and tells when it was looked at."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.looks = 0
        self._looked = threading.Condition()

    def __call__(self) -> int:
        with self._looked:
            self.looks += 1
            self._looked.notify_all()
            return self.now_ns

    def wait_for_look(self, before: int) -> None:
        """Wait for a look after the first ``before``: a message is stamped by one."""
        with self._looked:
            assert self._looked.wait_for(lambda: self.looks > before, PATIENCE_S), "the message did not arrive"


class ScriptedSource:
    """Hands messages over in the helpings a test chooses: so many, then the time of the look."""

    def __init__(self, helpings: Iterable[tuple[list[Message], int]]) -> None:
        self._helpings = list(helpings)
        self._now_ns = 0

    def take(self) -> Arrivals:
        arrived, self._now_ns = self._helpings.pop(0) if self._helpings else ([], self._now_ns)
        return Arrivals(arrived, self._now_ns, ended=not self._helpings)

    def status(self) -> str:
        return "scripted"

    def close(self) -> None:
        self._helpings = []


class LiveSession:
    """A recorded session at a broker, driven message by message.

    Parameters
    ----------
    address : BrokerAddress
        Where the session listens.
    path : Path
        Of the recording.
    topics : iterable of str
    seed : int
        Chooses when `play` looks in between.
    device_at : BrokerAddress, optional
        Where the device sends, if it goes another way.
    keepalive_s : int
        The session's.
    hub : Hub, optional
        Brings the broker back; session and device follow it.
    outlet : Outlet, optional
        Where else the events go.
    """

    def __init__(
        self,
        address: BrokerAddress,
        path: Path,
        *,
        topics: Iterable[str] = ("#",),
        seed: int = 1,
        device_at: BrokerAddress | None = None,
        keepalive_s: int = KEEPALIVE_S,
        hub: Hub | None = None,
        outlet: Outlet | None = None,
    ) -> None:
        self.clock = ScriptedClock()
        self.source = MqttSource(address, topics, clock_ns=self.clock, keepalive_s=keepalive_s)
        self.source.connect()
        recorder = Recorder(path, {"made by": "a test"})
        self.runner = Runner(self.source, Pipeline(), recorder=recorder, hub=hub, outlet=outlet)
        self.publisher = Publisher(device_at or address)
        self.publisher.connect()
        if hub is not None:
            hub.lead(self.source.move)
            hub.lead(self.publisher.move)
        self.events: list[Event] = []
        self._random = random.Random(seed)

    def play(self, script: Iterable[Message]) -> None:
        """Let messages arrive and commands be given when they are due; look now and then in between."""
        for message in script:
            while self._random.random() < 0.4 and message.received_ns > self.clock.now_ns:
                self.look_at(self._random.randint(self.clock.now_ns, message.received_ns))
            self.clock.now_ns = message.received_ns
            if message.topic == COMMAND_TOPIC:
                body = msgspec.json.decode(message.payload, type=CommandBody)
                self.events += self.runner.command(body.command, body.text)
            else:
                self.hear(message)

    def hear(self, message: Message) -> None:
        looks = self.clock.looks
        self.publisher.publish(message.topic, message.payload)
        self.clock.wait_for_look(looks)

    def look_at(self, now_ns: int) -> None:
        self.clock.now_ns = now_ns
        self.events += self.runner.poll()

    def close(self) -> None:
        self.publisher.close()
        self.events += self.runner.close()
