"""JSON as people write it: keys, nesting, batches, stamps, units."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sensors.decode import Decoded, Decoder
from sensors.decode.plain import NOT_A_VECTOR
from sensors.message import Message
from sensors.samples import Clock, Kind, Reading, Sensor, Unit

AXES = {"ax": 1.5, "ay": -2.0, "az": 9.75}


def read(body: object, topic: str = "wrist/imu") -> Decoded:
    return Decoder().decode(Message(topic, json.dumps(body).encode(), 0))


def only(body: object) -> Reading:
    decoded = read(body)
    assert (decoded.shape, dict(decoded.rejects)) == ("plain", {})
    (reading,) = decoded.readings
    return reading


@pytest.mark.parametrize(
    "keys",
    [
        ("ax", "ay", "az"),
        ("accX", "accY", "accZ"),
        ("acc_x", "acc_y", "acc_z"),
        ("accelX", "accelY", "accelZ"),
        ("Accel_X", "Accel_Y", "Accel_Z"),
        ("accelerationX", "accelerationY", "accelerationZ"),
        ("acceleration_x", "acceleration_y", "acceleration_z"),
        ("AccelXAxis", "AccelYAxis", "AccelZAxis"),
        ("Ax", "Ay", "Az"),
        ("XAcc", "YAcc", "ZAcc"),
        ("AccG_X", "AccG_Y", "AccG_Z"),
        ("x", "y", "z"),
        ("X", "Y", "Z"),
    ],
)
def test_names_of_acceleration(keys: tuple[str, str, str]) -> None:
    reading = only(dict(zip(keys, (1.5, -2.0, 9.75), strict=True)))
    assert (reading.device, reading.sensor) == ("wrist/imu", Sensor.ACCELEROMETER)
    assert (reading.unit, reading.clock) == (Unit.AUTO, Clock.NONE)
    assert (reading.ticks.tolist(), reading.xyz.tolist()) == ([0], [[1.5, -2.0, 9.75]])


@pytest.mark.parametrize(
    "keys",
    [
        ("gx", "gy", "gz"),
        ("gyX", "gyY", "gyZ"),
        ("gyrx", "gyry", "gyrz"),
        ("gyroX", "gyroY", "gyroZ"),
        ("gyro_x", "gyro_y", "gyro_z"),
        ("gycX", "gycY", "gycZ"),
        ("rotationRateX", "rotationRateY", "rotationRateZ"),
        ("GyroXAxis", "GyroYAxis", "GyroZAxis"),
    ],
)
def test_names_of_rotation(keys: tuple[str, str, str]) -> None:
    decoded = read(AXES | dict(zip(keys, (0.1, 0.2, 0.3), strict=True)))
    acc, gyro = decoded.readings
    assert (acc.sensor, acc.xyz.tolist()) == (Sensor.ACCELEROMETER, [[1.5, -2.0, 9.75]])
    assert (gyro.sensor, gyro.unit, gyro.xyz.tolist()) == (Sensor.GYROSCOPE, Unit.AUTO, [[0.1, 0.2, 0.3]])


@pytest.mark.parametrize(
    "body",
    [
        {"acc": {"x": 1.5, "y": -2.0, "z": 9.75}},
        {"Accelerometer": [1.5, -2.0, 9.75]},
        {"acceleration": {"ax": 1.5, "ay": -2.0, "az": 9.75}},
        {"d": AXES},
        {"d": {"data": {"accel": [1.5, -2.0, 9.75]}}},
        [AXES],
        {"samples": [AXES]},
        {"ax": [1.5], "ay": [-2.0], "az": [9.75]},
        {"acc": {"x": [1.5], "y": [-2.0], "z": [9.75]}},
        {"d": {"blocks": [{"x": [1.5], "y": [-2.0], "z": [9.75]}]}},
        {"ax": "1.5", "ay": "-2", "az": "9.75"},
        {"ax": 1.5, "ay": -2, "az": 9.75, "x": 100, "y": 200, "z": 300},
    ],
)
def test_ways_of_nesting(body: object) -> None:
    assert only(body).xyz.tolist() == [[1.5, -2.0, 9.75]]


@pytest.mark.parametrize(
    ("stamp", "clock", "tick"),
    [
        ({"t": 12.5}, Clock.AUTO, 12.5),
        ({"TS": 17}, Clock.AUTO, 17),
        ({"time": "1790000000123456789"}, Clock.AUTO, 1_790_000_000_123_456_789),
        ({"timestamp": 1_790_000_000_123_456_789}, Clock.AUTO, 1_790_000_000_123_456_789),
        ({"t_s": 3}, Clock.S, 3),
        ({"millis": 123456}, Clock.MS, 123456),
        ({"ms": 5}, Clock.MS, 5),
        ({"ticks_ms": 5}, Clock.MS, 5),
        ({"timestamp_ms": 5}, Clock.MS, 5),
        ({"micros": 5}, Clock.US, 5),
        ({"t_ns": 5}, Clock.NS, 5),
        ({"time_s": 3}, Clock.S, 3),
        ({"accTime": 3.5}, Clock.AUTO, 3.5),
        ({"gt": 3.5}, Clock.AUTO, 3.5),  # better than none
        ({"us": 5}, Clock.US, 5),
        ({"idx": 5}, Clock.COUNT, 5),
        ({"seq": 5}, Clock.COUNT, 5),
        ({"timestamp": 1790000000, "millis": 42}, Clock.MS, 42),
        ({"idx": 5, "t": 1}, Clock.AUTO, 1),
        ({"timestamp": "2026-01-05T10:11:12", "idx": 9}, Clock.COUNT, 9),
        ({"timestamp": "N/A"}, Clock.NONE, 0),
        ({"timestamp": None}, Clock.NONE, 0),
        ({"t": True}, Clock.NONE, 0),
        ({"t": 10**40}, Clock.NONE, 0),
        ({"count": 5}, Clock.NONE, 0),
    ],
)
def test_stamps(stamp: dict[str, Any], clock: Clock, tick: float) -> None:
    reading = only(AXES | stamp)
    assert (reading.clock, reading.ticks.tolist()) == (clock, [tick])
    assert reading.ticks.dtype == (np.float64 if isinstance(tick, float) else np.int64)


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ({"device": "left"}, "left"),
        ({"deviceId": "b7"}, "b7"),
        ({"device_id": 7}, "7"),
        ({"dev": "esp-1"}, "esp-1"),
        ({"mac": "A8032A4DD5F0"}, "A8032A4DD5F0"),
        ({"id": "esp-1"}, "esp-1"),
        ({"id": 4711}, "wrist/imu"),  # as likely a count of messages
        ({"device": ""}, "wrist/imu"),
        ({"device": ["left"]}, "wrist/imu"),
    ],
)
def test_who_speaks(said: dict[str, Any], device: str) -> None:
    assert only(AXES | said).device == device


def test_what_is_said_around_a_batch_holds_within() -> None:
    reading = only({"device": "left", "unit": "g", "t": 5, "samples": [AXES | {"t": 1}, AXES | {"t": 2}]})
    assert (reading.device, reading.unit, reading.ticks.tolist()) == ("left", Unit.G, [1, 2])
    unstamped = only({"timestamp": 5, "samples": [AXES, AXES]})
    assert (unstamped.clock, len(unstamped.ticks)) == (Clock.NONE, 2)
    assert only({"time": 5, "imu": AXES}).ticks.tolist() == [5]


def test_two_sensors_side_by_side_are_two_devices() -> None:
    for said, base in (({"id": "board"}, "board"), ({}, "wrist/imu")):
        decoded = read(said | {"s1": AXES, "s2": AXES, "wifi": {"rssi": -60}})
        assert [reading.device for reading in decoded.readings] == [f"{base} s1", f"{base} s2"]
    assert only({"mpu": AXES, "wifi": {"rssi": -60}, "events": [{"event": "START"}]}).device == "wrist/imu"


@pytest.mark.parametrize(
    ("said", "unit", "gyro_unit"),
    [
        ({"unit": "m/s2", "gyro_unit": "rad/s"}, Unit.MPS2, Unit.RADPS),
        ({"unit": "g", "gyro_unit": "deg/s"}, Unit.G, Unit.DEGPS),
        ({"unit": "raw", "gyro_unit": "raw"}, Unit.RAW, Unit.RAW),
        ({"unit": "mg", "gyro_unit": "dps"}, Unit.MG, Unit.DEGPS),
        ({"unit": "Gal"}, Unit.GAL, Unit.AUTO),
        ({"unit": "celsius", "gyro_unit": 3}, Unit.AUTO, Unit.AUTO),
        ({"unit": "rad/s", "gyro_unit": "g"}, Unit.AUTO, Unit.AUTO),
    ],
)
def test_units_said_outright(said: dict[str, Any], unit: Unit, gyro_unit: Unit) -> None:
    acc, gyro = read(AXES | {"gx": 1, "gy": 2, "gz": 3} | said).readings
    assert (acc.unit, gyro.unit) == (unit, gyro_unit)


def test_columns_as_phyphox_writes_them() -> None:
    decoded = read(
        {
            "t": [12.0, 12.02, 12.04],
            "ax": [1, 2, 3],
            "ay": [1.0, None, 3.0],
            "az": [9, 8, 7],
            "gt": [12.01, 12.03],
            "gx": [0.1, 0.2],
            "gy": [0.3, 0.4],
            "gz": [0.5, 0.6],
        }
    )
    acc, gyro = decoded.readings
    assert dict(decoded.rejects) == {"null or not a number": 1}
    assert (acc.clock, acc.ticks.tolist(), acc.xyz.tolist()) == (Clock.AUTO, [12.0, 12.04], [[1, 1, 9], [3, 3, 7]])
    assert (gyro.ticks.tolist(), gyro.xyz.tolist()) == ([12.01, 12.03], [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])


def test_columns_of_unequal_length_are_cut_to_the_shortest() -> None:
    decoded = read({"t": [1, 2, 3], "ax": [1, 2, 3], "ay": [1, 2], "az": [1, 2, 3]})
    assert dict(decoded.rejects) == {"columns of unequal length": 1}
    assert decoded.readings[0].xyz.tolist() == [[1, 1, 1], [2, 2, 2]]


def test_a_phone_without_a_gyroscope_loses_nothing() -> None:
    decoded = read(
        {"t": [1, 2], "ax": [1, 2], "ay": [1, 2], "az": [1, 2]} | dict.fromkeys(("gx", "gy", "gz"), [None] * 2)
    )
    assert [reading.sensor for reading in decoded.readings] == [Sensor.ACCELEROMETER]
    assert dict(decoded.rejects) == {}


def test_sensors_that_take_turns_in_a_batch() -> None:
    acc, gyro = read([AXES | {"t": 1}, {"t": 2, "gx": 1, "gy": 2, "gz": 3}, AXES | {"t": 3}]).readings
    assert (acc.ticks.tolist(), gyro.ticks.tolist()) == ([1, 3], [2])


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        ({"ax": None}, "null or not a number"),
        ({"ax": False}, "null or not a number"),
        ({"ax": "1_0"}, "null or not a number"),
        ({"ax": "NaN"}, "null or not a number"),
        ({"ax": float("nan")}, "null or not a number"),
        ({"ax": {}}, "null or not a number"),
        ({"ax": -2e6}, "beyond any sensor's reach"),
        ({"ax": 10**400}, "beyond any sensor's reach"),
        ({"t": "soon"}, "no usable time stamp"),
        ({"ax": None, "gx": None, "t": None}, "null or not a number"),
    ],
)
def test_a_damaged_sample_costs_itself_alone(damaged: dict[str, Any], reason: str) -> None:
    good = AXES | {"t": 1, "gx": 1, "gy": 2, "gz": 3}
    decoded = read([good, good | damaged, good])
    assert dict(decoded.rejects) == {reason: 1}
    assert decoded.readings[0].xyz.tolist() == [[1.5, -2.0, 9.75]] * 2


def test_a_key_left_out_is_as_good_as_null() -> None:
    assert read({"ay": 1, "az": 2}) == Decoded((), "plain", {"null or not a number": 1})


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty batch"),
        (b" \n", "empty batch"),
        (b"[]", "empty batch"),
        (b"{}", "no acceleration in it"),
        (b'{"temp": 21.5, "tags": ["a", "b"]}', "no acceleration in it"),
        (b"hello", "neither JSON nor numbers"),
        (b'{"ax": 1, "ay": 2, "az": 3', "not JSON"),
        pytest.param(b"[" * 100_000, "not JSON", id="deep list"),
        pytest.param(b'{"a":' * 100_000, "not JSON", id="deep map"),
        pytest.param(b"[" + b"9" * 6000 + b"]", "not JSON", id="long number"),
        (b'{"ax": [], "ay": [], "az": []}', "empty batch"),
        (b'{"id": "r1", "t": 512, "acc": 0.98, "gyr": 3, "alt": 1}', NOT_A_VECTOR),
        (b'{"gravity": {"x": 0, "y": 0, "z": 9.8}, "mag": [1, 2, 3]}', "no acceleration in it"),
        pytest.param(b" " * (5 * 10**6), "larger than 1.0 MB", id="5 MB"),
    ],
)
def test_what_holds_no_motion_is_named(payload: bytes, reason: str) -> None:
    decoded = Decoder().decode(Message("t", payload, 0))
    assert (decoded.readings, dict(decoded.rejects)) == ((), {reason: 1})


def test_odd_items_of_a_batch_are_counted() -> None:
    decoded = read([AXES, 3, {"temp": 4}, AXES])
    assert dict(decoded.rejects) == {"no acceleration in it": 2}
    assert len(decoded.readings[0].xyz) == 2


def test_a_batch_under_the_key_of_sensor_logger() -> None:
    assert only({"payload": [AXES]}).xyz.tolist() == [[1.5, -2.0, 9.75]]


def test_a_browser_says_gravity_and_degrees() -> None:
    event = {
        "acceleration": {"x": 0.1, "y": 0.2, "z": 0.3},
        "accelerationIncludingGravity": {"x": 1.5, "y": -2.0, "z": 9.75},
        "rotationRate": {"alpha": 10, "beta": 20, "gamma": 30},
        "interval": 16,
        "timeStamp": 1234.5,
    }
    for body in (event, dict(reversed(event.items()))):
        acc, gyro = read(body).readings
        assert (acc.xyz.tolist(), acc.ticks.tolist()) == ([[1.5, -2.0, 9.75]], [1234.5])
        assert (gyro.xyz.tolist(), gyro.unit) == ([[10, 20, 30]], Unit.DEGPS)
    only(event | {"rotationRate": None})
    nothing = read(event | {"accelerationIncludingGravity": dict.fromkeys("xyz"), "rotationRate": None})
    assert dict(nothing.rejects) == {"null or not a number": 1}


def test_the_channel_with_gravity_is_the_better_one() -> None:
    body = {"Acc_X": 0.1, "Acc_Y": 0.2, "Acc_Z": 0.3, "AccG_X": 1.5, "AccG_Y": -2.0, "AccG_Z": 9.75, "Timestamp": 3.5}
    for said in (body, dict(reversed(body.items()))):
        assert (only(said).xyz.tolist(), only(said).ticks.tolist()) == ([[1.5, -2.0, 9.75]], [3.5])


def test_tasmota_nests_its_registers_beside_local_time() -> None:
    axes = {f"{sensor}{axis}Axis": 100 * i for sensor in ("Accel", "Gyro") for i, axis in enumerate("XYZ", 1)}
    body = {"Time": "2026-11-20T19:37:50", "MPU6050": {"Temperature": 27.7, **axes}, "TempUnit": "C"}
    acc, gyro = read(body).readings
    assert (acc.clock, acc.xyz.tolist(), gyro.xyz.tolist()) == (Clock.NONE, [[100, 200, 300]], [[100, 200, 300]])


def test_only_boards_count_raw_samples() -> None:
    raw = {"idx": 17, "accX": 412, "accY": -1020, "accZ": 16188, "tmp": 27.9, "gyX": -310, "gyY": 122, "gyZ": 45}
    assert {reading.kind for reading in read(raw).readings} == {Kind.BOARD}
    assert only({"idx": [0, 1], "accX": [0.1, 0.2], "accY": [0, 0], "accZ": [9.8, 9.8]}).kind is Kind.PHONE
    assert only(AXES).kind is Kind.PHONE


def test_a_magnetometer_beside_is_no_second_device() -> None:
    assert only({"imu": AXES, "mag": {"x": 20, "y": 30, "z": -40}}).device == "wrist/imu"
