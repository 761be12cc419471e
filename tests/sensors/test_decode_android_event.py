"""Android sensor events: one a message, one device however many topics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sensors.decode import Decoded, Decoder
from sensors.message import Message
from sensors.samples import Clock, Sensor, Unit

BOOT_NS = 3_925_657_519_043_709


def read(body: object, topic: str = "android/sensor") -> Decoded:
    return Decoder().decode(Message(topic, json.dumps(body).encode(), 0))


def event(kind: str, values: Any, timestamp: Any = BOOT_NS, topic: str = "android/sensor") -> Decoded:
    return read({"type": kind, "timestamp": timestamp, "values": values}, topic)


@pytest.mark.parametrize(
    ("kind", "sensor", "unit"),
    [
        ("accelerometer", Sensor.ACCELEROMETER, Unit.MPS2),
        ("linear_acceleration", Sensor.LINEAR, Unit.MPS2),
        ("gyroscope", Sensor.GYROSCOPE, Unit.RADPS),
        ("accelerometer_uncalibrated", Sensor.ACCELEROMETER, Unit.MPS2),
        ("gyroscope_uncalibrated", Sensor.GYROSCOPE, Unit.RADPS),
    ],
)
def test_sensor_and_unit_follow_the_type(kind: str, sensor: Sensor, unit: Unit) -> None:
    bias = [0.25, 0.5, 0.75] if kind.endswith("uncalibrated") else []
    decoded = event(f"android.sensor.{kind}", [0.5, -1.25, 9.75, *bias])
    (reading,) = decoded.readings
    assert (decoded.shape, dict(decoded.rejects)) == ("android-event", {})
    assert (reading.sensor, reading.unit, reading.clock) == (sensor, unit, Clock.NS)
    assert (reading.ticks.tolist(), reading.xyz.tolist()) == ([BOOT_NS], [[0.5, -1.25, 9.75]])


@pytest.mark.parametrize(
    ("topic", "kind", "device"),
    [
        ("android/sensor", "accelerometer", "android/sensor"),
        ("android/sensor/accelerometer", "accelerometer", "android/sensor"),
        ("android/sensor/gyroscope", "gyroscope", "android/sensor"),
        ("phone/android.sensor.gyroscope", "gyroscope", "phone"),
        ("gyroscope", "gyroscope", "gyroscope"),
    ],
)
def test_a_topic_for_each_sensor_is_still_one_device(topic: str, kind: str, device: str) -> None:
    (reading,) = event(f"android.sensor.{kind}", [0, 0, 1], topic=topic).readings
    assert reading.device == device


@pytest.mark.parametrize(
    "body",
    [
        {"type": "android.sensor.light", "values": [120.0], "timestamp": BOOT_NS},
        {"type": "android.sensor.gravity", "values": [0, 0, 9.8], "timestamp": BOOT_NS},
        {"type": "android.sensor.made_by_someone", "values": [1, 2, 3], "timestamp": BOOT_NS},
        {"type": "android.gps", "latitude": 1.5, "longitude": 2.5, "accuracy": 3, "time": 1790000000123},
    ],
    ids=lambda body: str(body["type"]),
)
def test_other_sensors_and_places_are_understood_and_say_nothing(body: object) -> None:
    assert read(body) == Decoded((), "android-event", {})


@pytest.mark.parametrize(
    ("topic", "device", "sensor"),
    [
        ("phone/gyroscope", "phone", Sensor.GYROSCOPE),
        ("phone/linear_acceleration", "phone", Sensor.LINEAR),
        ("phone/accelerometer", "phone", Sensor.ACCELEROMETER),
        ("phone/bridge", "phone/bridge", Sensor.ACCELEROMETER),
    ],
)
def test_without_a_type_the_topic_tells(topic: str, device: str, sensor: Sensor) -> None:
    decoded = read({"accuracy": 2, "timestamp": BOOT_NS, "values": [0.5, -1.25, 9.75]}, topic)
    (reading,) = decoded.readings
    assert (decoded.shape, reading.device, reading.sensor, reading.clock) == ("android-event", device, sensor, Clock.NS)


def test_without_a_type_another_sensor_s_topic_says_nothing() -> None:
    body = {"accuracy": 2, "timestamp": BOOT_NS, "values": [20.5, -1.25, 44.0]}
    assert read(body, "phone/magnetic_field") == Decoded((), "android-event", {})


@pytest.mark.parametrize(
    ("values", "timestamp", "reason"),
    [
        ([1, 2], BOOT_NS, "null or not a number"),
        ([1, 2, None], BOOT_NS, "null or not a number"),
        ([1, 2, 1e9], BOOT_NS, "beyond any sensor's reach"),
        ([1, 2, 3], None, "no usable time stamp"),
    ],
)
def test_a_damaged_event_is_counted(values: list[Any], timestamp: Any, reason: str) -> None:
    assert event("android.sensor.gyroscope", values, timestamp) == Decoded((), "android-event", {reason: 1})


def test_type_and_values_alone_make_no_event() -> None:
    assert event("weather", [1, 2, 3]) == Decoded((), "", {"no acceleration in it": 1})


def test_a_batch_under_the_same_keys_is_no_event() -> None:
    decoded = read({"timestamp": 5, "values": [{"ax": 1, "ay": 2, "az": 3}, {"ax": 4, "ay": 5, "az": 6}]})
    assert decoded.shape == "plain"
    assert decoded.readings[0].xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
