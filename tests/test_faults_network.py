"""What breaks between a wrist and its session: the broker, and the network on either side of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from proxy import Proxy
from rig import (
    START_NS,
    LiveSession,
    hand,
    mosquitto_at,
    needs_mosquitto,
    nothing_left,
    of_the_recording,
    receive,
    states,
    wait_until,
    wrist,
)

from sensors import mqtt
from sensors.broker import LOOPBACK, start_broker
from sensors.message import NS_PER_S, Message
from sensors.mqtt import MqttSource, Publisher
from sensors.recording import open_recording
from tracker.events import Event, MotionEvent, NoticeEvent, StreamSummary, SummaryEvent
from tracker.pipeline import Pipeline, run
from tui.config import BrokerConfig
from tui.hub import Hub
from tui.launch import Launch, LiveOptions
from tui.outbound.announcer import Announcer

pytestmark = needs_mosquitto

DEVICE = "palmpace/imu"
LOST_S = 10.0
"""When it happens, in the session's time."""
LENGTH_S = 26.0

WAITED = ["started", "nothing heard from the wrist", "the wrist is heard again", "ended by you"]


@pytest.fixture(autouse=True)
def tidy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mqtt, "RETRY_S", (0.05, 0.1))
    with nothing_left():
        yield


def split(heard: Iterable[Message], back_s: float) -> tuple[list[Message], list[Message], list[Message]]:
    """What is sent before something is lost, meanwhile, and once it is back."""
    before: list[Message] = []
    meanwhile: list[Message] = []
    after: list[Message] = []
    for message in heard:
        at_s = (message.received_ns - START_NS) / NS_PER_S
        (before if at_s < LOST_S else meanwhile if at_s < back_s else after).append(message)
    return before, meanwhile, after


def let_pass(session: LiveSession, messages: Iterable[Message]) -> None:
    """Let the time of these messages pass, and hear nothing."""
    for message in messages:
        session.look_at(message.received_ns)


def connected(session: LiveSession) -> bool:
    return all(status.startswith("connected") for status in (session.source.status(), session.publisher.status()))


# --- what came of it ---


def told(events: Iterable[Event], about: str) -> list[str]:
    return [event.text for event in events if isinstance(event, NoticeEvent) and event.about == about]


def streams(events: list[Event]) -> list[StreamSummary]:
    assert isinstance(events[-1], SummaryEvent)
    return events[-1].streams


def true_cycles(length_s: float, *spans_s: tuple[float, float]) -> float:
    """What the simulated hand made within these spans."""
    truth = hand(length_s).truth
    return sum(float(np.diff(np.interp(span_s, truth.t_s, truth.cycles))[0]) for span_s in spans_s)


def assert_recorded(session: LiveSession, path: Path, heard: list[Message]) -> None:
    """All of it stands in the recording, which is the same session again."""
    recording = open_recording(path)
    assert recording.notice is None
    recorded = list(recording.messages())
    assert [each.payload for each in recorded[1:-1]] == [each.payload for each in heard]
    assert list(run(recorded, Pipeline())) == of_the_recording(session.events)


def assert_whole(session: LiveSession, length_s: float) -> None:
    """As if nothing had happened: no gap, each cycle counted, and the pace is the hand's to the end."""
    (stream,) = streams(session.events)
    assert stream.gaps == []
    assert stream.sample_rate_hz == pytest.approx(50, abs=0.5)
    assert stream.totals["stroke"].cycles == pytest.approx(true_cycles(length_s, (0, length_s)), abs=1)
    assert_pace(session, length_s)


def assert_gap(session: LiveSession, length_s: float, start_s: float, end_s: float) -> None:
    """The gap is told; what was measured on either side of it is counted, and nothing in between."""
    (stream,) = streams(session.events)
    (gap,) = stream.gaps
    assert gap.start_s == pytest.approx(start_s, abs=0.3)
    assert gap.end_s == pytest.approx(end_s, abs=0.3)
    (text,) = (text for text in told(session.events, DEVICE) if text.startswith("nothing measured"))
    assert text == (
        f"nothing measured from {gap.start_s:.1f} to {gap.end_s:.1f} s: a gap of {gap.end_s - gap.start_s:.1f} s"
    )
    expected = true_cycles(length_s, (0, start_s), (end_s, length_s))
    assert stream.totals["stroke"].cycles == pytest.approx(expected, abs=2)
    assert_pace(session, length_s)


def assert_pace(session: LiveSession, length_s: float) -> None:
    """In the last seconds of strokes the pace shown is the hand's."""
    truth = hand(length_s).truth
    steady = (truth.t_s > length_s - 7) & (truth.t_s < length_s - 4)
    pace_cpm = float(np.mean(truth.rate_cpm[steady]))
    rates = [
        event.rate_cpm
        for event in session.events
        if isinstance(event, MotionEvent) and length_s - 5 < event.t_s < length_s - 3
    ]
    assert len(rates) >= 19
    assert rates == [pytest.approx(pace_cpm, rel=0.05)] * len(rates)


# --- our broker ---


@pytest.mark.parametrize("port", ["free", "taken"])
def test_our_broker_is_brought_back_and_everybody_follows(port: str, tmp_path: Path) -> None:
    """Killed at 10 s; back at once, where it was or where there is room; a device that keeps what it has to say."""
    path = tmp_path / "session.mcap"
    heard = wrist(LENGTH_S)
    before, meanwhile, after = split(heard, 16.0)
    with ExitStack() as opened:
        hub = Hub.open(None, (), BrokerConfig(), network=False, opened=opened)
        where = hub.address
        announcer = Announcer(where)
        hub.lead(announcer.move)
        session = LiveSession(where, path, hub=hub, outlet=announcer)
        session.runner.begin("")
        session.play(before)
        session.publisher.flush()
        mosquitto_at(where.port).kill()
        wait_until(lambda: "lost" in session.source.status() and "lost" in session.publisher.status())
        if port == "taken":
            squatter = opened.enter_context(socket.create_server((LOOPBACK, where.port)))
        let_pass(session, meanwhile)
        session.look_at(after[0].received_ns)

        def is_back() -> bool:
            session.look_at(session.clock.now_ns)
            return bool(told(session.events, "broker")) and connected(session)

        wait_until(is_back)
        if port == "taken":
            squatter.close()
        for message in meanwhile:
            session.hear(message)
        states_heard: list[bytes] = []
        listen = {"palmpace/+/state": lambda _topic, payload, _retained: states_heard.append(payload)}
        with Publisher(hub.address, listen=listen):
            session.play(after)
            wait_until(lambda: bool(states_heard))
        session.close()
    (notice,) = told(session.events, "broker")
    if port == "free":
        assert hub.address == where
        assert notice == f"died and runs again at {where}"
    else:
        assert hub.address.port != where.port
        assert notice == f"died and runs again at {hub.address}: enter that in the device's app"
    assert session.runner.connection == hub.connection()
    assert [why for _, why in states(session.events)] == WAITED
    assert_recorded(session, path, heard)
    assert_whole(session, LENGTH_S)


def test_a_simulated_session_follows_its_broker_to_another_port() -> None:
    launch = Launch()
    runner = launch.live(LiveOptions(simulate="strokes"))
    events: list[Event] = []

    def used(number: int) -> bool:
        events.extend(runner.poll())
        coached = runner.pipeline.coached
        return coached is not None and coached.stream.link.samples >= number

    wait_until(lambda: used(50))
    assert runner.connection is not None
    before = runner.connection
    mosquitto_at(before.access.endpoints[0].port).kill()
    wait_until(lambda: "lost" in runner.source.status())
    with socket.create_server((LOOPBACK, before.port)):
        wait_until(lambda: used(0) and bool(told(events, "broker")))
    assert runner.pipeline.coached is not None
    far = runner.pipeline.coached.stream.link.samples
    wait_until(lambda: used(far + 50))
    events += runner.close()
    assert runner.connection.port != before.port
    assert told(events, "broker") == [
        f"died and runs again at {runner.connection.access.endpoints[0]}: enter that in the device's app"
    ]
    (stream,) = streams(events)  # the wrist has kept what it had to say until it could; perhaps nobody listened yet
    assert sum(gap.end_s - gap.start_s for gap in stream.gaps) < 2
    path = launch.recording_of(runner)
    assert path is not None
    assert list(run(open_recording(path).messages(), Pipeline())) == of_the_recording(events)


# --- the network, for a minute ---

CUT_S = 60.0
LONG_S = LOST_S + CUT_S + 16.0


@contextmanager
def device_cut_off(before: list[Message], path: Path) -> Iterator[tuple[LiveSession, Proxy]]:
    """A session whose device has said all of ``before`` when its network is cut."""
    with start_broker(0, "mosquitto") as broker, Proxy(broker.address.port) as network:
        session = LiveSession(broker.address, path, device_at=network.address)
        session.runner.begin("")
        session.play(before)
        session.publisher.flush()
        network.cut()
        wait_until(lambda: "lost" in session.publisher.status())
        yield session, network


def test_a_device_that_was_cut_off_hands_over_what_it_has_kept(tmp_path: Path) -> None:
    """For a minute nothing gets through; then all of it comes at once, in order and late."""
    path = tmp_path / "session.mcap"
    heard = wrist(LONG_S)
    before, meanwhile, after = split(heard, LOST_S + CUT_S)
    with device_cut_off(before, path) as (session, network):
        for message in meanwhile:
            session.look_at(message.received_ns)
            session.publisher.publish(message.topic, message.payload)
        assert states(session.events)[-1] == ("paused", "nothing heard from the wrist")
        session.look_at(after[0].received_ns)
        looks = session.clock.looks
        network.forward()
        session.publisher.flush()
        session.clock.wait_for_look(looks + len(meanwhile) - 1)
        session.play(after)
        session.close()
    assert [why for _, why in states(session.events)] == WAITED
    assert_recorded(session, path, heard)
    assert_whole(session, LONG_S)


def test_a_device_that_was_cut_off_and_keeps_nothing_leaves_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    before, meanwhile, after = split(wrist(LONG_S), LOST_S + CUT_S)
    with device_cut_off(before, path) as (session, network):
        for message in meanwhile:
            session.look_at(message.received_ns)
            session.publisher.publish(message.topic, message.payload, qos=0)
        network.forward()
        wait_until(lambda: connected(session))
        session.play(after)
        session.close()
    assert [why for _, why in states(session.events)] == WAITED
    assert_recorded(session, path, before + after)
    assert_gap(session, LONG_S, LOST_S, LOST_S + CUT_S)


@pytest.mark.parametrize("how", [Proxy.cut, Proxy.blackhole])
def test_a_session_that_was_cut_off_from_its_broker_connects_again(
    how: Callable[[Proxy], None], tmp_path: Path
) -> None:
    """Told at once, or left with a connection that is open on our side alone; what is said meanwhile is lost."""
    path = tmp_path / "session.mcap"
    before, meanwhile, after = split(wrist(LONG_S), LOST_S + CUT_S)
    with start_broker(0, "mosquitto") as broker, Proxy(broker.address.port) as network:
        session = LiveSession(network.address, path, device_at=broker.address, keepalive_s=1)
        session.runner.begin("")
        session.play(before)
        session.publisher.flush()
        how(network)
        for message in meanwhile:
            session.look_at(message.received_ns)
            session.publisher.publish(message.topic, message.payload)
        session.publisher.flush()
        wait_until(lambda: "lost" in session.source.status())
        session.clock.now_ns += 2 * NS_PER_S
        assert session.source.status().startswith(f"connection to {network.address} lost ")
        assert session.source.status().endswith(" s ago, trying again")
        assert states(session.events)[-1] == ("paused", "nothing heard from the wrist")
        network.forward()
        wait_until(lambda: connected(session))
        session.play(after)
        session.close()
    assert [why for _, why in states(session.events)] == WAITED
    assert_recorded(session, path, before + after)
    assert_gap(session, LONG_S, LOST_S, LOST_S + CUT_S)


def test_a_connection_that_breaks_again_and_again_costs_nothing(tmp_path: Path) -> None:
    """The device's is reset every two seconds; what is under way then is sent again, and may come twice."""
    path = tmp_path / "session.mcap"
    heard = wrist(LENGTH_S)
    with start_broker(0, "mosquitto") as broker, Proxy(broker.address.port) as network:
        session = LiveSession(broker.address, path, device_at=network.address)
        session.runner.begin("")
        for number, message in enumerate(heard):
            if number % 10 == 9:
                network.reset()
            session.play([message])
        session.publisher.flush()
        session.close()
    assert [why for _, why in states(session.events)] == ["started", "ended by you"]
    assert_whole(session, LENGTH_S)
    recorded = [each.payload for each in open_recording(path).messages()][1:-1]
    assert set(recorded) == {each.payload for each in heard}


# --- two of one name ---


def test_another_client_takes_our_name_and_we_come_back_under_a_new_one() -> None:
    names: list[str] = []
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["wrist"], protocol=MQTTProtocolVersion.MQTTv5)
        client: Any = source._link.client
        welcomed = client.on_connect

        def on_connect(client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
            names.append(properties.AssignedClientIdentifier)
            welcomed(client, data, flags, reason, properties)

        client.on_connect = on_connect
        source.connect()
        with Publisher(broker.address, client_id=names[0]) as impostor:
            wait_until(lambda: len(names) == 2 and source.status().startswith("connected"))
            impostor.publish("wrist", b"from the other")
            impostor.flush()
            assert receive(source, 1)[0].payload == b"from the other"
            assert impostor.status().startswith("connected")
            assert names[1] != names[0]
        source.close()


def test_two_devices_of_one_name_disturb_each_other_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second phone set up as a copy of the first is there from 8 s to 12 s, and neither keeps what it cannot send.

    Each throws the other out, again and again: gaps are told of both, and a third device misses nothing.
    """
    path = tmp_path / "session.mcap"
    monkeypatch.setattr(mqtt, "RETRY_S", (0.1, 0.1))
    rounds = list(
        zip(
            *(
                [replace(each, topic=f"palmpace/{name}/imu") for each in wrist(20.0, name=motion)]
                for name, motion in (("first", "strokes"), ("copy", "circles"), ("third", "still"))
            ),
            strict=True,
        )
    )

    def send(message: Message, publisher: Publisher) -> None:
        publisher.publish(message.topic, message.payload, qos=0)

    with start_broker(0, "mosquitto") as broker, Publisher(broker.address, client_id="phone") as phone:
        session = LiveSession(broker.address, path)
        session.runner.begin("")
        for mine, _, third in rounds[:40]:
            session.look_at(mine.received_ns)
            send(mine, phone)
            session.hear(third)
        with Publisher(broker.address, client_id="phone") as copy:
            for number, (mine, other, third) in enumerate(rounds[40:60]):
                if number % 5 == 0:
                    thrown_out = (phone, copy)[number // 5 % 2]
                    wait_until(lambda who=thrown_out: "lost" in who.status())  # type: ignore[misc]
                session.look_at(mine.received_ns)
                send(mine, phone)
                send(other, copy)
                session.hear(third)
        wait_until(lambda: phone.status().startswith("connected"))
        for mine, _, third in rounds[60:]:
            session.look_at(mine.received_ns)
            send(mine, phone)
            session.hear(third)

        def all_heard() -> bool:
            session.look_at(session.clock.now_ns)
            devices = session.runner.pipeline.devices
            return all(devices[f"palmpace/{name}/imu"].stream.newest_s > 19.9 for name in ("first", "third"))

        wait_until(all_heard)
        session.close()
    by_name = {stream.device.split("/")[1]: stream for stream in streams(session.events)}
    assert by_name["first"].gaps
    assert all(gap.start_s > 7.5 and gap.end_s < 13 for gap in by_name["first"].gaps)
    for name in ("first", "copy"):
        lost = [gap for gap in by_name[name].gaps if gap.end_s - gap.start_s > 1]
        assert len([text for text in told(session.events, f"palmpace/{name}/imu") if "a gap of" in text]) == len(lost)
    assert by_name["third"].gaps == []
    assert by_name["third"].samples == hand(20.0, "still").t_s.size
    told_why = [why for _, why in states(session.events)]
    assert (told_why[0], told_why[-1]) == ("started", "ended by you")
    # How long each is out is the system's to say: long enough, and the session waits.
    assert set(told_why[1:-1]) <= {"nothing heard from the wrist", "the wrist is heard again"}
    assert list(run(open_recording(path).messages(), Pipeline())) == session.events
