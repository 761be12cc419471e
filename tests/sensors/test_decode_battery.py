"""A battery's level: by app, by key, by topic; what is none, and whose it is."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest

from sensors.declared import Declared
from sensors.decode import Decoded, Decoder
from sensors.message import Message


def read(body: Any, topic: str = "esp/imu", *said: Declared) -> Decoded:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Decoder(said).decode(Message(topic, payload, 0))


def push(*items: dict[str, Any]) -> dict[str, Any]:
    return {"messageId": 3, "deviceId": "phone", "payload": list(items)}


def sensor_logger(level: object) -> dict[str, Any]:
    values = {"batteryLevel": level, "batteryState": "unplugged", "lowPowerMode": False}
    return {"name": "battery", "time": 1_790_000_000_000_000_000, "values": values}


TOTAL = {"name": "totalacceleration", "time": 1_790_000_000_000_000_000, "values": {"x": 0.1, "y": 0.2, "z": 9.8}}
SAMPLE = {"ax": 0.1, "ay": 0.2, "az": 9.8}


def test_sensor_logger_says_a_share_beside_the_motion_or_alone() -> None:
    both = read(push(TOTAL, sensor_logger(0.83)))
    assert [reading.device for reading in both.readings] == ["phone"]
    assert (both.shape, both.rejects, both.battery) == ("sensor-logger", {}, {"phone": 0.83})
    alone = read(push(sensor_logger(1)))
    assert (alone.readings, alone.shape, alone.rejects, alone.battery) == ((), "sensor-logger", {}, {"phone": 1.0})
    unknown = read(push(sensor_logger(-1)))
    assert (unknown.rejects, unknown.battery) == ({}, {})


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ({"battery": 87}, 0.87),
        ({"Battery": "87 %"}, 0.87),
        ({"bat": 0.87}, 0.87),
        ({"batt": 100}, 1.0),
        ({"battery_pct": 3}, 0.03),
        ({"batteryPercentage": 0.5}, 0.005),
        ({"battery_level": 64}, 0.64),
        ({"battery": {"level": 55, "voltage": 3.8, "charging": False}}, 0.55),
        ({"diagnostics": {"battery_percent": 12, "rssi": -60}}, 0.12),
        ({"batteryLevel": 1, "batteryState": "full"}, 1.0),
    ],
)
def test_keys_that_people_choose(told: dict[str, Any], level: float) -> None:
    beside = read(SAMPLE | told)
    assert len(beside.readings) == 1
    assert (beside.rejects, beside.battery) == ({}, {"esp/imu": pytest.approx(level)})
    alone = read({"id": "left", **told})
    assert (alone.readings, alone.rejects, alone.battery) == ((), {}, {"left": pytest.approx(level)})


@pytest.mark.parametrize(
    "told",
    [
        {"battery": 3.92},
        {"battery": 1},
        {"battery": 5},
        {"battery": 3700},
        {"battery": 130},
        {"battery": -1},
        {"battery": None},
        {"battery": True},
        {"battery_voltage": 0.9},
        {"battery": "low"},
        {"vbat": 80},
    ],
)
def test_volts_and_what_may_be_volts_tell_no_level_and_are_no_fault(told: dict[str, Any]) -> None:
    decoded = read(told)
    assert (decoded.readings, decoded.shape, decoded.rejects, decoded.battery) == ((), "battery", {}, {})


def test_other_words_are_no_batteries() -> None:
    decoded = read({"combat": 50, "batch": 70, "level": 80})
    assert (decoded.rejects, decoded.battery) == ({"no acceleration in it": 1}, {})


def test_a_fault_beside_a_battery_stays_one() -> None:
    decoded = read({"acc": 5, "battery": 80})
    assert (len(decoded.rejects), decoded.battery) == (1, {"esp/imu": 0.8})
    assert read(SAMPLE | {"az": None, "battery": 80}).rejects == {"null or not a number": 1}


@pytest.mark.parametrize(
    ("topic", "payload", "told"),
    [
        ("esp/battery", b"87", {"esp": 0.87}),
        ("esp/left/bat", b" 87% ", {"esp/left": 0.87}),
        ("esp/sensor/battery_level/state", b"87.4", {"esp/sensor": 0.874}),
        ("esp/battery/percent", b"4", {"esp": 0.04}),
        ("battery", b"0.5", {"battery": 0.5}),
        ("esp/battery", b"3.9", {}),
        ("esp/battery", b'{"value": 87}', {"esp": 0.87}),
    ],
)
def test_a_topic_of_its_own(topic: str, payload: bytes, told: dict[str, float]) -> None:
    decoded = read(payload, topic)
    assert (decoded.readings, decoded.shape, decoded.rejects) == ((), "battery", {})
    assert decoded.battery == pytest.approx(told)


def test_a_device_may_be_called_so() -> None:
    decoded = read(b"0.1,0.2,9.8", "a/battery")
    assert len(decoded.readings) == 1
    assert decoded.battery == {}


def test_senml_names_it_and_counts_percent() -> None:
    axes = [{"n": name, "v": 1.0, "u": "m/s2"} for name in ("ax", "ay", "az")]
    pack = [{"bn": "left:", "n": "battery", "u": "%EL", "v": 4}, *axes]
    decoded = read(pack)
    assert [reading.device for reading in decoded.readings] == ["left"]
    assert (decoded.rejects, decoded.battery) == ({}, {"left": 0.04})
    assert read(pack[:1]).rejects == {}
    assert read([pack[0] | {"u": "/", "v": 1}]).battery == {"left": 1.0}
    assert read([pack[0] | {"u": "V"}]).battery == {}
    assert read({"bn": "left:", "e": [{"n": "battery", "u": "%", "v": 50}]}).battery == {"left": 0.5}


def test_cbor() -> None:
    decoded = read(cbor2.dumps(SAMPLE | {"battery": 87}))
    assert (len(decoded.readings), decoded.battery) == (1, {"esp/imu": 0.87})


def test_the_name_that_was_given_is_the_batterys_too() -> None:
    decoder = Decoder([Declared(topic="esp/#", name="left wrist")])
    for body in (SAMPLE, {"battery": 87}):
        decoded = decoder.decode(Message("esp/imu", json.dumps(body).encode(), 0))
    assert decoded.battery == {"left wrist": 0.87}
