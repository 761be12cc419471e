"""Sensor Logger: which channel is taken, in which unit, and what a damaged item costs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sensors.decode import Decoded, Decoder, sensor_logger
from sensors.message import Message
from sensors.samples import Clock, Kind, Sensor, Unit

T0_NS = 1_790_000_000_123_456_789  # odd, and beyond 2**53: a float64 cannot hold it
STEP_NS = 10_000_000


def item(name: str, x: Any, y: Any, z: Any, at_ns: Any = T0_NS) -> dict[str, Any]:
    return {"name": name, "time": at_ns, "values": {"z": z, "y": y, "x": x}, "accuracy": 3}


def wrist(gravity: float, acceleration: float, at_ns: int = T0_NS, **changes: Any) -> dict[str, Any]:
    values = dict.fromkeys([f"{kind}{axis}" for kind in ("gravity", "acceleration") for axis in "XYZ"], 0.0)
    values |= {"rotationRateX": 0.1, "rotationRateY": 0.2, "rotationRateZ": 0.3, "quaternionW": 1.0}
    values |= {"gravityZ": gravity, "accelerationX": acceleration} | changes
    return {"name": "wrist motion", "time": at_ns, "values": values}


def push(*items: Any) -> Decoded:
    body = {"messageId": 7, "sessionId": "s", "deviceId": "phone-1", "payload": list(items)}
    return Decoder().decode(Message("sensor-logger", json.dumps(body).encode(), 0))


def test_total_acceleration_is_preferred_and_kept_to_the_nanosecond() -> None:
    decoded = push(
        item("accelerometer", 0, 0, 0),
        item("gravity", 0, 0, 9.8),
        item("totalacceleration", 1.5, -2.25, 9.75),
        item("gyroscope", 0.1, 0.2, 0.3),
        item("totalacceleration", 1.0, -2.0, 9.0, T0_NS + STEP_NS),
    )
    acc, gyro = decoded.readings
    assert (decoded.shape, dict(decoded.rejects)) == ("sensor-logger", {})
    assert (acc.device, acc.sensor, acc.unit, acc.clock) == ("phone-1", Sensor.ACCELEROMETER, Unit.MPS2, Clock.NS)
    assert acc.ticks.dtype == np.int64
    assert acc.ticks.tolist() == [T0_NS, T0_NS + STEP_NS]
    assert acc.xyz.tolist() == [[1.5, -2.25, 9.75], [1.0, -2.0, 9.0]]
    assert (gyro.sensor, gyro.unit, gyro.xyz.tolist()) == (Sensor.GYROSCOPE, Unit.RADPS, [[0.1, 0.2, 0.3]])


def test_gravity_is_added_where_there_is_no_total() -> None:
    (acc,) = push(item("accelerometer", 1.0, 2.0, 3.0), item("gravity", 0.5, 0.0, -9.5)).readings
    assert (acc.sensor, acc.unit, acc.xyz.tolist()) == (Sensor.ACCELEROMETER, Unit.MPS2, [[1.5, 2.0, -6.5]])


def test_gravity_at_other_times_is_joined_linearly_and_held_at_the_ends() -> None:
    gravity = [item("gravity", 0, 0, z, T0_NS + k * STEP_NS) for k, z in ((4, 8.0), (2, 4.0))]
    linear = [item("accelerometer", 1.0, 0, 0, T0_NS + k * STEP_NS) for k in (0, 2, 3, 9)]
    (acc,) = push(*linear, *gravity).readings
    assert acc.xyz[:, 0].tolist() == [1.0] * 4
    assert acc.xyz[:, 2] == pytest.approx([4.0, 4.0, 6.0, 8.0], abs=1e-4)


@pytest.mark.parametrize(
    ("names", "sensor", "unit"),
    [
        (["accelerometer"], Sensor.LINEAR, Unit.MPS2),
        (["accelerometeruncalibrated"], Sensor.ACCELEROMETER, Unit.AUTO),
        # gravity is in the raw channel: a slow stroke shows in it, and not in the other
        (["accelerometer", "accelerometeruncalibrated"], Sensor.ACCELEROMETER, Unit.AUTO),
        (["accelerometeruncalibrated", "totalacceleration"], Sensor.ACCELEROMETER, Unit.MPS2),
        (["Total Acceleration"], Sensor.ACCELEROMETER, Unit.MPS2),
        (["accelerometer_uncalibrated"], Sensor.ACCELEROMETER, Unit.AUTO),
    ],
)
def test_the_channel_taken(names: list[str], sensor: Sensor, unit: Unit) -> None:
    (acc,) = push(*(item(name, 0, 0, 1) for name in names)).readings
    assert (acc.sensor, acc.unit) == (sensor, unit)


@pytest.mark.parametrize(("gravity", "unit"), [(-1.0, Unit.G), (9.80665, Unit.MPS2), (300.0, Unit.AUTO)])
def test_a_watch_is_another_device_and_its_gravity_tells_its_unit(gravity: float, unit: Unit) -> None:
    decoded = push(item("totalacceleration", 0, 0, 9.8), wrist(gravity, 0.25))
    phone, acc, gyro = decoded.readings
    assert phone.device == "phone-1"
    assert (acc.device, gyro.device) == ("phone-1 watch", "phone-1 watch")
    assert (acc.sensor, acc.unit, acc.xyz.tolist()) == (Sensor.ACCELEROMETER, unit, [[0.25, 0.0, gravity]])
    assert (gyro.unit, gyro.xyz.tolist()) == (Unit.RADPS, [[0.1, 0.2, 0.3]])


def test_a_watch_sample_that_lost_both_sensors_is_one_sample() -> None:
    decoded = push(wrist(1.0, 0.0), wrist(1.0, 0.0, gravityX=None, rotationRateX=None))
    assert [len(reading.ticks) for reading in decoded.readings] == [1, 1]
    assert dict(decoded.rejects) == {"null or not a number": 1}


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (item("totalacceleration", None, 0, 9.8), "null or not a number"),
        (item("totalacceleration", True, 0, 9.8), "null or not a number"),
        (item("totalacceleration", "high", 0, 9.8), "null or not a number"),
        (item("totalacceleration", float("nan"), 0, 9.8), "null or not a number"),
        (item("totalacceleration", float("inf"), 0, 9.8), "null or not a number"),
        (item("totalacceleration", [1], 0, 9.8), "null or not a number"),
        (item("totalacceleration", 1e7, 0, 9.8), "beyond any sensor's reach"),
        (item("totalacceleration", 10**400, 0, 9.8), "beyond any sensor's reach"),
        (item("totalacceleration", 0, 0, 9.8, None), "no usable time stamp"),
        (item("totalacceleration", 0, 0, 9.8, 10**30), "no usable time stamp"),
        ({"name": "totalacceleration", "time": T0_NS, "values": [1, 2, 3]}, "null or not a number"),
        ({"name": "totalacceleration", "time": T0_NS}, "null or not a number"),
        ({"time": T0_NS, "values": {"x": 1}}, "null or not a number"),
        ("totalacceleration", "null or not a number"),
    ],
)
def test_a_damaged_item_costs_itself_alone(damaged: Any, reason: str) -> None:
    good = item("totalacceleration", 1.0, 2.0, 3.0)
    decoded = push(damaged, good, damaged)
    assert dict(decoded.rejects) == {reason: 2}
    (acc,) = decoded.readings
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == ([T0_NS], [[1.0, 2.0, 3.0]])


def test_numbers_as_text_are_numbers() -> None:
    (acc,) = push(item("totalacceleration", "1.5", "-2", "9.75", str(T0_NS))).readings
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == ([T0_NS], [[1.5, -2.0, 9.75]])


def test_other_sensors_are_passed_over() -> None:
    camera = {"name": "camera", "image": "A" * 50_000, "imageFormat": "jpg"}
    place = {"name": "location", "time": T0_NS, "values": {"latitude": 1.5, "x": "nowhere"}}
    assert push(camera, place, item("totalacceleration", 0, 0, 9.8)).rejects == {}
    assert push(camera, place) == Decoded((), "sensor-logger", {})


def test_earphones_are_no_wrist() -> None:
    assert push(wrist(9.8, 0.1) | {"name": "headphone"}) == Decoded((), "sensor-logger", {})


@pytest.mark.parametrize("name", ["Wrist Motion", "wristMotion", "wrist_motion"])
def test_a_name_is_the_same_in_any_spelling(name: str) -> None:
    acc, gyro = push(wrist(1.0, 0.0) | {"name": name}).readings
    assert acc.kind is gyro.kind is Kind.WATCH


def test_an_uncalibrated_gyroscope_is_better_than_none() -> None:
    _, gyro = push(item("totalacceleration", 0, 0, 9.8), item("gyroscopeuncalibrated", 1, 2, 3)).readings
    assert (gyro.sensor, gyro.unit, gyro.xyz.tolist()) == (Sensor.GYROSCOPE, Unit.RADPS, [[1, 2, 3]])


def test_each_device_of_a_push_has_its_own_unit() -> None:
    phone, watch, _ = push(item("accelerometer", 0, 0, 0.5), item("gravity", 0, 0, -9.8), wrist(-1.0, 0.25)).readings
    assert (phone.kind, phone.unit, phone.xyz.tolist()) == (Kind.PHONE, Unit.MPS2, [[0, 0, -9.3]])
    assert (watch.kind, watch.unit, watch.xyz.tolist()) == (Kind.WATCH, Unit.G, [[0.25, 0, -1.0]])


@pytest.mark.parametrize("at_ns", [1.79e18, "1.79e18", 1790000000000000000, "1790000000000000000"])
def test_a_time_may_be_any_number(at_ns: object) -> None:
    for first in ("totalacceleration", "accelerometer"):
        (acc,) = push(item(first, 0, 0, 9.8, at_ns)).readings
        assert (acc.clock, acc.ticks.tolist()) == (Clock.NS, [1_790_000_000_000_000_000])


@pytest.mark.parametrize(
    "body",
    [
        {"payload": "test"},
        {"payload": ["test"]},
        {"payload": {"test": True}},
        {"payload": None, "deviceId": 7},
        {"messageId": 0, "sessionId": "test", "deviceId": "phone", "payload": [{"message": "Test Publish"}]},
        "Test Publish",
    ],
    ids=str,
)
def test_a_test_publish_of_any_body_is_named(body: object) -> None:
    decoded = Decoder().decode(Message("sensor-logger", json.dumps(body).encode(), 0))
    assert decoded.readings == ()
    assert sum(decoded.rejects.values()) == 1


def test_an_empty_batch_is_named() -> None:
    assert push() == Decoded((), "sensor-logger", {"empty batch": 1})


def test_without_a_device_id_the_topic_speaks() -> None:
    body = {"payload": [item("totalacceleration", 0, 0, 9.8)]}
    (acc,) = Decoder().decode(Message("left/wrist", json.dumps(body).encode(), 0)).readings
    assert acc.device == "left/wrist"


def test_a_device_cannot_send_control_characters_to_the_terminal() -> None:
    body = {"deviceId": "\x1b[31mred\x07", "payload": [item("totalacceleration", 0, 0, 9.8)]}
    (acc,) = Decoder().decode(Message("t", json.dumps(body).encode(), 0)).readings
    assert acc.device == "[31mred"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"x": 1, "y": -3},
        {"x": 1e-300, "z": -0.0},
        {"x": "1.5"},
        {"x": None},
        {"x": 1e7},
        {"y": True},
        {"at_ns": 1.79e18},
        {"at_ns": 2**63},
        {"at_ns": 2**70},
        {"at_ns": "1790000000123456789"},
        {"at_ns": None},
        {"name": "gravity"},
        {"name": "Total Acceleration"},
        {"name": "wrist motion"},
        {"name": None},
    ],
    ids=str,
)
def test_the_usual_push_is_read_as_any_other(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {"name": "totalacceleration", "x": 0.5, "y": 0.25, "z": 9.5, "at_ns": T0_NS + STEP_NS} | changes
    items = [
        item("totalacceleration", 1.5, -2.25, 9.75),
        item("gyroscope", 0.1, 0.2, 0.3),
        item("accelerometer", 0.1, 0.2, 0.3),
        item(**odd),
        item("gyroscope", 0.1, 0.25, 0.3, T0_NS + STEP_NS),
    ]
    for pushed in (items, items[::2], items[3:], items[1:3]):
        usual = push(*pushed)
        with monkeypatch.context() as patched:
            patched.setattr(sensor_logger, "_decode_whole", lambda topic, payload: None)
            assert_same(usual, push(*pushed))


def assert_same(one: Decoded, other: Decoded) -> None:
    assert (one.shape, one.rejects) == (other.shape, other.rejects)
    assert len(one.readings) == len(other.readings)
    for reading, again in zip(one.readings, other.readings, strict=True):
        assert (reading.device, reading.sensor, reading.clock, reading.unit) == (
            *(again.device, again.sensor),
            *(again.clock, again.unit),
        )
        assert reading.ticks.dtype == again.ticks.dtype
        assert reading.ticks.tolist() == again.ticks.tolist()
        assert reading.xyz.tolist() == again.xyz.tolist()
