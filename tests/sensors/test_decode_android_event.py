"""Android sensor events: one a message, one device however many topics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sensors.decode import Decoded, decode
from sensors.message import Message
from sensors.samples import Clock, Sensor, Unit

BOOT_NS = 3_925_657_519_043_709


def event(kind: str, values: Any, timestamp: Any = BOOT_NS, topic: str = "android/sensor") -> Decoded:
    body = {"type": kind, "timestamp": timestamp, "values": values}
    return decode(Message(topic, json.dumps(body).encode(), 0))


@pytest.mark.parametrize(
    ("kind", "sensor", "unit"),
    [
        ("accelerometer", Sensor.ACCELEROMETER, Unit.MPS2),
        ("linear_acceleration", Sensor.LINEAR, Unit.MPS2),
        ("gyroscope", Sensor.GYROSCOPE, Unit.RADPS),
    ],
)
def test_sensor_and_unit_follow_the_type(kind: str, sensor: Sensor, unit: Unit) -> None:
    decoded = event(f"android.sensor.{kind}", [0.5, -1.25, 9.75])
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
        ("gyroscope", "gyroscope", "gyroscope"),
    ],
)
def test_a_topic_for_each_sensor_is_still_one_device(topic: str, kind: str, device: str) -> None:
    (reading,) = event(f"android.sensor.{kind}", [0, 0, 1], topic=topic).readings
    assert reading.device == device


def test_other_sensors_are_understood_and_say_nothing() -> None:
    assert event("android.sensor.light", [120.0]) == Decoded((), "android-event", {})


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
