"""What each finding means, and what is said to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from rig import START_NS, ScriptedSource

from sensors.address import BrokerAddress
from sensors.broker import Access, Endpoint
from sensors.decode import Decoder
from sensors.message import NS_PER_S, Message
from sensors.samples import Clock, Kind
from tui.doctor.apps import ADVICE, App, Problem, advise, app_of
from tui.doctor.checks import MANY, Check, Observation, State, check, failed
from tui.doctor.report import WIDTH, as_text
from tui.doctor.surroundings import BrokerSeen, Machine
from tui.doctor.traffic import DeviceSeen, TopicSeen, Traffic, listen

MACHINE = Machine("1.0", "3.11.0", "mosquitto version 2.0.18", "192.168.1.5")
LAN = Access(
    (Endpoint("mqtt", "192.168.1.5", 1883), Endpoint("ws", "192.168.1.5", 8000)), user="wrist", password="secret"
)
LOOPBACK = Access((Endpoint("mqtt", "127.0.0.1", 1883),))
OWN = BrokerSeen(BrokerAddress("127.0.0.1", 1999), LAN, "mosquitto", 1883)
NAMED = BrokerSeen(BrokerAddress("pi.local", 1883))


def topic(name: str = "sensor-logger", **change: Any) -> TopicSeen:
    good: dict[str, Any] = {
        "topic": name,
        "messages": 50,
        "payload_bytes": 100_000,
        "retained": 0,
        "expected": True,
        "shapes": ("sensor-logger",),
        "readings": 50,
        "rejects": {},
        "excerpt": "",
    }
    return TopicSeen(**good | change)


def device(**change: Any) -> DeviceSeen:
    good: dict[str, Any] = {
        "name": "wrist",
        "topic": "sensor-logger",
        "shape": "sensor-logger",
        "kind": Kind.PHONE,
        "rate_hz": 50.0,
        "gyroscope": True,
        "unit": "m/s2",
        "gravity": "included",
        "clock": Clock.NS,
        "clock_offset_s": None,
        "lag_s": 0.1,
        "samples": 500,
        "late": 0,
        "duplicated": 0,
        "lost": 0,
        "resets": 0,
        "gap_s": 0.0,
        "duration_s": 10.0,
        "quiet_s": 0.1,
    }
    return DeviceSeen(**good | change)


def seen(
    *devices: DeviceSeen, topics: tuple[TopicSeen, ...] = (topic(),), broker: BrokerSeen = NAMED, **change: Any
) -> Observation:
    return Observation(
        **{
            "machine": MACHINE,
            "broker": broker,
            "filters": ("sensor-logger",),
            "traffic": Traffic(10.0, topics, devices),
        }
        | change
    )


def told(observation: Observation, name: str) -> Check | None:
    checks = check(observation)
    text = as_text(checks)
    assert max(map(len, text)) <= WIDTH
    for each in checks:
        assert each.found
        assert (each.state == "ok") <= (not each.advice)  # what is well needs no advice
        assert (each.state == "fail") <= bool(each.advice), each  # what failed has some
    found = [each for each in checks if each.name == name]
    assert len(found) <= 1, found
    return found[0] if found else None


def state(observation: Observation, name: str) -> State | None:
    found = told(observation, name)
    return found.state if found else None


def advice(observation: Observation, name: str) -> str:
    found = told(observation, name)
    assert found is not None
    return " ".join(found.advice)


def test_all_is_well() -> None:
    observation = seen(device(), broker=OWN)
    checks = check(observation)
    assert {each.state for each in checks} == {"ok"}
    assert not failed(checks)
    assert as_text(checks)[-1] == "all is well"
    assert told(observation, "reach") == Check(
        "", "reach", "ok", "a phone in this network enters 192.168.1.5, port 1883, user wrist with its password"
    )


@pytest.mark.parametrize(
    ("change", "name", "state_", "words"),
    [
        ({"rate_hz": None, "samples": 1}, "rate", "fail", "50-100 Hz"),
        ({"rate_hz": None, "samples": 0}, "rate", "fail", "Accelerometer and Gravity"),
        ({"rate_hz": 5.0}, "rate", "fail", "50-100 Hz"),
        ({"rate_hz": 7.9}, "rate", "fail", "50-100 Hz"),
        ({"rate_hz": 8.0}, "rate", "warn", "50-100 Hz"),
        ({"rate_hz": 19.9}, "rate", "warn", "50-100 Hz"),
        ({"rate_hz": 20.0}, "rate", "ok", ""),
        ({"gravity": "removed"}, "unit", "warn", "Total Acceleration"),
        ({"unit": "raw (16384 per g)"}, "unit", "warn", "--unit raw"),
        ({"gyroscope": False}, "unit", "ok", ""),
        ({"clock": Clock.NONE}, "clock", "warn", "stamp"),
        ({"clock": Clock.COUNT}, "clock", "ok", ""),
        ({"clock_offset_s": -9000.0}, "clock", "ok", ""),
        ({"resets": 2}, "clock", "warn", "restarts"),
        ({"gap_s": 0.2}, "link", "ok", ""),
        ({"gap_s": 0.3}, "link", "warn", "heart rate"),
        ({"gap_s": 4.0}, "link", "fail", "heart rate"),
        ({"quiet_s": 4.0}, "link", "warn", "heart rate"),
        ({"late": 10}, "link", "ok", ""),
        ({"late": 11}, "link", "warn", "batch period"),
        ({"duplicated": 11}, "link", "warn", "more than once"),
        ({"lost": 11}, "link", "warn", "heart rate"),
    ],
)
def test_a_device_is_judged(change: dict[str, Any], name: str, state_: State, words: str) -> None:
    observation = seen(device(**change))
    assert state(observation, name) == state_
    assert words in advice(observation, name)


def test_one_advice_is_given_once() -> None:
    found = told(seen(device(gap_s=1.0, lost=50, quiet_s=9.0)), "link")
    assert found is not None
    assert found.found == "silent for 9 s, 1.0 s in gaps, 50 lost"
    assert len(found.advice) == 1


@pytest.mark.parametrize(
    ("shape", "on", "app"),
    [
        ("sensor-logger", "a/b", App.SENSOR_LOGGER),
        ("phyphox", "a/b", App.PHYPHOX),
        ("plain", "phyphox/acc", App.PHYPHOX),
        ("android-event", "a/b", App.SENSOR_SPOT),
        ("plain", "tele/kitchen/SENSOR", App.TASMOTA),
        ("scalar", "esp/sensor/accel_x/state", App.ESPHOME),
        ("", "sensor-logger", App.SENSOR_LOGGER),
        ("plain", "palmpace/imu", App.UNKNOWN),
    ],
)
def test_an_app_is_told_by_shape_and_topic(shape: str, on: str, app: App) -> None:
    assert app_of(shape, on) is app


def test_every_problem_has_an_answer_for_every_app() -> None:
    for problem in Problem:
        assert App.UNKNOWN in ADVICE[problem]
        for app in App:
            assert advise(problem, app)


@pytest.mark.parametrize(
    ("broker", "name", "state_", "words"),
    [
        (BrokerSeen(None, problem="does not start"), "broker", "fail", ""),
        (BrokerSeen(BrokerAddress("pi", 1883), problem="no broker answers"), "broker", "fail", "without --broker"),
        (BrokerSeen(BrokerAddress("pi", 8883, tls=True), problem="untrusted"), "broker", "fail", "PALMPACE_MQTT_CA"),
        (BrokerSeen(BrokerAddress("127.0.0.1", 1999), LAN, "mosquitto", 1884), "port", "warn", "localhost:1884"),
        (BrokerSeen(BrokerAddress("127.0.0.1", 1999), LAN, "mosquitto", 0), "port", None, ""),
        (BrokerSeen(BrokerAddress("127.0.0.1", 1883), LOOPBACK, "mosquitto"), "reach", "fail", "network"),
        (BrokerSeen(BrokerAddress("127.0.0.1", 1883), from_network=True), "reach", "ok", ""),
        (BrokerSeen(BrokerAddress("localhost", 1883), from_network=False), "reach", "fail", "listener 1883"),
        (BrokerSeen(BrokerAddress("localhost", 1883)), "reach", "warn", "network"),
        (NAMED, "reach", None, ""),
        (BrokerSeen(BrokerAddress("broker.hivemq.com", 1883)), "privacy", "warn", "leave --broker out"),
        (BrokerSeen(BrokerAddress.parse("mqtt://a:b@pi")), "privacy", "warn", ""),
    ],
)
def test_a_broker_is_judged(broker: BrokerSeen, name: str, state_: State | None, words: str) -> None:
    unheard = Traffic(10.0, (), ()) if broker.problem is None else None
    observation = seen(broker=broker, traffic=unheard)
    checks = check(observation)
    found = [each for each in checks if each.name == name]
    assert [each.state for each in found] == ([state_] if state_ else [])
    assert words in " ".join(" ".join(each.advice) for each in found)


def test_a_device_on_this_machine_needs_no_network() -> None:
    here = BrokerSeen(BrokerAddress("127.0.0.1", 1883), from_network=False)
    assert state(seen(device(), broker=here), "reach") == "warn"


def test_without_mosquitto_only_this_machine_is_served() -> None:
    bare = Machine("1.0", "3.11.0", None, "192.168.1.5")
    embedded = BrokerSeen(BrokerAddress("127.0.0.1", 1883), LOOPBACK, "amqtt", 1883)
    assert state(seen(broker=embedded, machine=bare, topics=()), "mosquitto") == "fail"
    assert state(seen(device(), machine=bare), "mosquitto") is None  # somebody else's broker will do


def test_silence_is_explained_by_what_is_known() -> None:
    nothing = Traffic(10.0, (), ())
    for others, word in ((None, "firewall"), (0, "firewall"), (2, "2 clients connected but silent")):
        text = advice(seen(broker=OWN, traffic=nothing, others=others), "traffic")
        assert word in text
        assert "port 8000" in text  # an older Sensor Logger
    assert "broker.hivemq.com" in advice(seen(traffic=nothing), "traffic")
    refusing = BrokerSeen(BrokerAddress("pi", 1883), refuses_all="it does not let us listen on #")
    assert "only to sensor-logger" in advice(seen(broker=refusing, traffic=nothing), "traffic")


def test_only_retained_messages_are_no_device() -> None:
    kept = Message("sensor-logger", b'{"ax":0,"ay":0,"az":9.8}', START_NS, retained=True)
    source = ScriptedSource([([kept], START_NS), ([], START_NS + 3 * NS_PER_S)])
    traffic = listen(source, Decoder(), 3.0, sleep=lambda _: None, filters=("sensor-logger",))
    observation = seen(traffic=traffic)
    assert traffic.devices == ()
    assert state(observation, "traffic") == "fail"
    assert state(observation, "payload") == "warn"


@pytest.mark.parametrize(
    ("change", "heard", "state_", "words"),
    [
        ({}, True, "ok", ""),
        ({"retained": 2}, True, "ok", ""),
        ({"rejects": {"not JSON": 3}}, True, "warn", "left out"),
        ({"expected": False}, True, "fail", "palmpace live --topic sensor-logger"),
        (
            {"readings": 0, "shapes": (), "rejects": {"not JSON": 3}, "excerpt": "hi"},
            False,
            "fail",
            "start a recording",
        ),
        ({"readings": 0, "shapes": (), "rejects": {"not JSON": 3}, "expected": False}, False, "ok", ""),
        ({"readings": 0, "messages": 0, "retained": 1}, False, "warn", "retain"),
    ],
)
def test_a_topic_is_judged(change: dict[str, Any], heard: bool, state_: State, words: str) -> None:
    observation = seen(*([device()] if heard else []), topics=(topic(**change),))
    assert state(observation, "payload") == state_
    assert words in advice(observation, "payload")


def test_other_programs_topics_are_summed_up() -> None:
    strangers = [topic(f"home/{k}", readings=0, expected=False, rejects={"not JSON": 1}) for k in range(MANY + 4)]
    silent = topic("sensor", readings=0, shapes=("senml",))
    checks = check(seen(device(), topics=(topic(), *strangers, silent)))
    assert sum(each.about.startswith("topic home/") for each in checks) == MANY
    assert next(each.found for each in checks if each.name == "topics") == "5 topics more, without motion"


def test_a_topic_with_blanks_is_quoted_for_the_shell() -> None:
    assert "--topic 'my wrist'" in advice(seen(device(), topics=(topic("my wrist", expected=False),)), "payload")


def test_home_automation_is_sent_elsewhere() -> None:
    tasmota = topic("tele/kitchen/SENSOR", readings=0, shapes=("plain",))
    assert "Tasmota: it reports once in 10 s" in advice(seen(topics=(tasmota,)), "traffic")
    slow = device(name="kitchen", topic="tele/kitchen/SENSOR", shape="plain", rate_hz=0.1)
    assert "own sketch" in advice(seen(slow), "rate")


def test_a_flood_is_told() -> None:
    assert state(seen(device(), dropped=5), "flood") == "warn"
