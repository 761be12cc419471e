"""The doctor at a real broker, on a clock the test moves: what it sees, what it says, how it ends."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import START_NS, ScriptedClock, ScriptedSource, in_order, needs_mosquitto, wait_until, wrist

from sensors.address import BrokerAddress
from sensors.broker import Broker, start_broker
from sensors.decode import Decoder
from sensors.message import NS_PER_S, Message
from sensors.mqtt import Publisher
from sensors.simulate import Device
from tui.doctor import diagnose, observe
from tui.doctor.checks import Check, Observation, check, failed
from tui.doctor.report import WIDTH, as_json, as_text
from tui.doctor.surroundings import BrokerSeen, ClientCount, Machine, answers_from_network, machine
from tui.doctor.traffic import MAX_TOPICS, OTHERS, excerpt, listen

SECONDS = 12.0
HERE = Machine("1.0", "3.11.0", None, "192.168.1.5")


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with start_broker(0, "mosquitto") as started:
        yield started


class Street:
    """What passes a broker while the doctor listens: all of it happens in the first wait."""

    def __init__(self, broker: Broker, *streams: Iterable[Message]) -> None:
        self.url = str(broker.address)
        self.clock = ScriptedClock()
        self._publisher = Publisher(broker.address)
        self._messages = in_order(*streams)

    def sleep(self, _seconds: float) -> None:
        with self._publisher as publisher:
            for message in self._messages:
                self.clock.now_ns, looks = message.received_ns, self.clock.looks
                publisher.publish(message.topic, message.payload)
                self.clock.wait_for_look(looks)
        self.clock.now_ns = START_NS + round(SECONDS * NS_PER_S)

    def observed(self, *topics: str) -> Observation:
        return observe(self.url, topics, seconds=SECONDS - 1, clock_ns=self.clock, sleep=self.sleep)


def of(checks: list[Check], name: str) -> Check:
    found = [each for each in checks if each.name == name]
    assert len(found) == 1, found
    return found[0]


def at(seconds: float, topic: str, payload: bytes) -> Message:
    return Message(topic, payload, START_NS + round(seconds * NS_PER_S))


def in_the_attic(messages: list[Message]) -> list[Message]:
    return [replace(message, topic="attic/wrist") for message in messages]


def narrow(checks: list[Check]) -> str:
    lines = as_text(checks)
    assert max(map(len, lines)) <= WIDTH
    return "\n".join(lines)


@needs_mosquitto
@pytest.mark.parametrize(
    ("format", "topics", "told"),
    [
        ("sensor-logger", (), "device simulated-wrist (Sensor Logger)"),
        ("phyphox", (), "device phyphox/acc (phyphox)"),
        ("android-event", (), "device android/sensor (Sensor Spot)"),
        ("plain", (), "device palmpace/imu"),
    ],
)
def test_a_wrist_that_sends_well_passes_on_one_screen(
    broker: Broker, format: str, topics: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    street = Street(broker, wrist(SECONDS, format=format))
    code = diagnose(street.url, topics, seconds=SECONDS - 1, clock_ns=street.clock, sleep=street.sleep)
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert code == 0
    assert told in lines
    assert any("ok" in line and "50.0 Hz" in line for line in lines)
    assert any("m/s2, gravity included, with gyroscope" in line for line in lines)
    assert "✗" not in printed.out
    assert len(lines) <= 24
    assert max(map(len, lines)) <= WIDTH
    assert "listening for 11 s" in printed.err


@needs_mosquitto
def test_a_sensor_spot_at_its_own_five_hertz_is_told_its_setting(broker: Broker) -> None:
    seen = Street(broker, wrist(SECONDS, format="android-event", device=Device(rate_hz=5))).observed()
    rate = of(check(seen), "rate")
    assert rate.state == "fail"
    assert rate.found.startswith("5.0 Hz: enough for 75 strokes a minute")
    assert "20000" in rate.advice[0]


@needs_mosquitto
def test_motion_where_no_session_listens_is_found(broker: Broker) -> None:
    street = Street(broker, in_the_attic(wrist(SECONDS, format="phyphox")))
    checks = check(street.observed())
    assert of(checks, "payload").state == "fail"
    assert "palmpace live --topic attic/wrist" in narrow(checks)
    # Beside a wrist that is heard it is no more than worth a look, and so is all that is wrong with it.
    slow = in_the_attic(wrist(SECONDS, format="phyphox", device=Device(rate_hz=4)))
    checks = check(Street(broker, slow, wrist(SECONDS)).observed())
    assert {each.state for each in checks if each.about == "topic attic/wrist"} == {"warn"}
    assert {each.state for each in checks if each.about == "device attic/wrist"} == {"ok", "warn"}
    assert not failed(checks)


@needs_mosquitto
def test_payloads_that_nothing_understands_are_shown(broker: Broker) -> None:
    seen = Street(
        broker,
        [
            at(1, "phyphox/acc", b"hello\tworld\x1b[2J"),
            at(2, "sensor-logger", b"A test from Sensor Logger"),
            at(3, "home/door", b"\x00\x01\xff"),
            at(4, "home/lamp", b'{"on": true}'),
        ],
    ).observed()
    checks = check(seen)
    text = narrow(checks)
    assert failed(checks)
    assert of(checks, "traffic").found == "4 messages on 4 topics in 12 s, no motion in them"
    assert any(each.startswith("phyphox: take the experiment") for each in of(checks, "traffic").advice)
    assert "it begins A test from Sensor Logger" in " ".join(text.split())
    assert "00 01 ff" in text
    assert all(line.isprintable() for line in text.splitlines())
    lines = [json.loads(line) for line in as_json(seen, checks)]
    lamp = next(line for line in lines if line["line"] == "topic" and line["topic"] == "home/lamp")
    assert lamp["rejects"] == {"no acceleration in it": 1}
    assert lamp["expected"] is False


@needs_mosquitto
def test_what_the_broker_kept_is_told_apart_from_what_a_device_sends(broker: Broker) -> None:
    with Publisher(broker.address) as publisher:
        publisher.publish("sensor-logger", b'{"ax":0,"ay":0,"az":9.8}', retain=True)
        publisher.flush()
        seen = Street(broker, wrist(SECONDS), [at(1, "sensor-logger", b"A test")]).observed()
        publisher.publish("sensor-logger", b"", retain=True)
        publisher.flush()
    assert seen.traffic is not None
    kept = next(topic for topic in seen.traffic.topics if topic.topic == "sensor-logger")
    assert (kept.retained, kept.messages, kept.readings) == (1, 1, 0)


@needs_mosquitto
def test_silence_fails_and_says_where_to_look(broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    street = Street(broker)
    code = diagnose(street.url, seconds=SECONDS, json=True, clock_ns=street.clock, sleep=street.sleep)
    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    traffic = next(line for line in lines if line.get("name") == "traffic")
    assert code == 1
    assert traffic["line"] == "check"
    assert traffic["state"] == "fail"
    assert traffic["found"] == "nothing in 12 s"
    assert any("docs/connect-a-phone.md" in advice for advice in traffic["advice"])


def test_no_broker_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        code = diagnose(f"mqtt://127.0.0.1:{taken.getsockname()[1]}")
    out = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert "✗ fail broker no broker answers at" in out
    assert "> run 'palmpace doctor' without --broker" in out


@needs_mosquitto
def test_a_broker_started_here_tells_the_phone_and_keeps_the_password_out_of_the_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ScriptedClock()

    def pass_the_time(_seconds: float) -> None:
        clock.now_ns += NS_PER_S

    observe(port=0, seconds=0, clock_ns=clock)
    logged = capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    seen = observe(port=0, seconds=2, clock_ns=clock, sleep=pass_the_time)
    invited = capsys.readouterr().err
    access = seen.broker.access
    assert access is not None
    assert access.password
    assert access.password in invited
    assert access.password not in logged
    checks = check(seen)
    assert of(checks, "traffic").state == "fail"
    assert access.password not in narrow(checks) + "".join(as_json(seen, checks)) + repr(seen)
    assert seen.broker.address is not None
    assert (seen.broker.address.password or "?") not in repr(seen)
    where = access.endpoints[0]
    assert (of(checks, "reach").state == "ok") == (not where.host.startswith("127."))

    # A wrong password: refused, with what to do.
    with start_broker(0, network=True) as guarded:
        monkeypatch.setenv("PALMPACE_MQTT_USER", "wrist")
        monkeypatch.setenv("PALMPACE_MQTT_PASSWORD", "guess")
        refused = check(observe(str(guarded.reachable_at()), seconds=1))
    assert of(refused, "broker").state == "fail"
    assert "refuses user 'wrist'" in of(refused, "broker").found
    assert "guess" not in narrow(refused)


def test_without_mosquitto_the_embedded_broker_is_no_help_to_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sensors.broker.MOSQUITTO_FOLDERS", ())
    clock = ScriptedClock()
    checks = check(observe(port=0, seconds=0, clock_ns=clock))
    assert of(checks, "program").found.endswith("no mosquitto")
    assert of(checks, "mosquitto").state == "fail"
    assert of(checks, "broker").found.startswith("amqtt started here")
    assert of(checks, "reach").state == "fail"


@needs_mosquitto
def test_mosquitto_tells_how_many_are_connected(broker: Broker) -> None:
    clients = ClientCount(broker.address)
    wait_until(lambda: clients.connected is not None)
    assert clients.others() is not None
    clients.close()


@needs_mosquitto
def test_a_broker_that_serves_its_own_machine_alone_is_told_from_one_that_serves_the_network(broker: Broker) -> None:
    host = machine().host
    if host.startswith("127."):
        pytest.skip("this machine has no network")
    assert answers_from_network(broker.address, host) is False
    with start_broker(0, network=True) as open_one:
        port = open_one.access.endpoints[0].port
        local = BrokerAddress("127.0.0.1", port)
        assert answers_from_network(local, host) is True
        assert answers_from_network(open_one.reachable_at(), host) is None


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["sensor-logger", "phyphox/acc", "tele/x/SENSOR", "a"]) | st.text(min_size=1),
            st.binary(max_size=80)
            | st.sampled_from([b'{"ax":1,"ay":2,"az":9}', b'{"t":[1,2],"ax":[0,0],"ay":[0,0],"az":[1,1]}', b"1,2,3"]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_whatever_is_sent_the_report_is_narrow_and_printable(sent: list[tuple[str, bytes, bool]]) -> None:
    heard = [Message(topic, payload, START_NS + k, retained) for k, (topic, payload, retained) in enumerate(sent)]
    source = ScriptedSource([([], START_NS), (heard, START_NS + 2 * NS_PER_S)])
    traffic = listen(source, Decoder(), 2.0, sleep=lambda _: None, filters=("sensor-logger", "phyphox/#"))
    seen = Observation(HERE, BrokerSeen(BrokerAddress("pi", 1883)), ("sensor-logger", "phyphox/#"), traffic)
    checks = check(seen)
    assert all(line.isprintable() for line in narrow(checks).splitlines())
    assert [json.loads(line)["line"] for line in as_json(seen, checks)].count("check") == len(checks)
    assert sum(topic.messages + topic.retained for topic in traffic.topics) == len(sent)


def test_too_many_topics_share_one_count() -> None:
    flood = [at(0.001 * k, f"t/{k}", b"1") for k in range(MAX_TOPICS + 5)]
    source = ScriptedSource([([], START_NS), (flood, START_NS + 2 * NS_PER_S)])
    traffic = listen(source, Decoder(), 2.0, sleep=lambda _: None, filters=("t/#",))
    assert len(traffic.topics) == MAX_TOPICS + 1
    assert (traffic.topics[-1].topic, traffic.topics[-1].messages) == (OTHERS, 5)


def test_a_topic_cannot_write_to_the_terminal() -> None:
    source = ScriptedSource([([], START_NS), ([at(0, "a\x1b[2J\n" + "b" * 400, b"1")], START_NS)])
    traffic = listen(source, Decoder(), 2.0, sleep=lambda _: None, filters=("#",))
    assert traffic.topics[0].topic == "a[2J" + "b" * 250


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b"", ""),
        (b" a \n b ", "a b"),
        ("é".encode() * 200, "é" * 59 + "…"),
        (b"x" * 60, "x" * 60),
        (b"ok\x1b[2J", "6f 6b 1b 5b 32 4a"),
        (b"\xff\x00", "ff 00"),
    ],
)
def test_an_excerpt_is_short_and_printable(payload: bytes, shown: str) -> None:
    assert excerpt(payload) == shown
