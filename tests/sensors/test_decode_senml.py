"""SenML: names, times, units and bases; the CBOR labels."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decode_any_bytes import finite, scalars, steady, whole

from sensors.decode import Decoded, Decoder, senml
from sensors.message import Message
from sensors.samples import Clock, Kind, Reading, Sensor, Unit

fewer = settings(steady, max_examples=60)

EPOCH_S = 1_790_000_000.5
BASE = {"bn": "urn:dev:mac:0024befffe804ff1:", "bt": EPOCH_S, "bu": "m/s2"}


def read(pack: Any) -> Decoded:
    decoded = senml.decode("channels/7", json.dumps(pack).encode())
    assert decoded is not None
    return decoded


def only(pack: Any) -> Reading:
    decoded = read(pack)
    assert (decoded.shape, dict(decoded.rejects)) == ("senml", {})
    (reading,) = decoded.readings
    return reading


def triple(t: float | None, *values: float, names: tuple[str, ...] = ("ax", "ay", "az")) -> list[dict[str, Any]]:
    said = {} if t is None else {"t": t}
    return [{"n": name, "v": value} | said for name, value in zip(names, values, strict=True)]


def test_records_of_equal_time_are_one_sample() -> None:
    first, *rest = triple(0, 0.1, -0.2, 9.79)
    pack = [BASE | first, *rest, *triple(0.02, 0.12, -0.21, 9.8)]
    for order in (pack, [pack[0], *reversed(pack[1:])]):
        reading = only(order)
        assert (reading.device, reading.kind) == ("urn:dev:mac:0024befffe804ff1", Kind.BOARD)
        assert (reading.unit, reading.clock) == (Unit.MPS2, Clock.S)
        assert reading.ticks.tolist() == [EPOCH_S, EPOCH_S + 0.02]
        assert reading.xyz.tolist() == [[0.1, -0.2, 9.79], [0.12, -0.21, 9.8]]


@pytest.mark.parametrize(
    ("names", "sensor"),
    [
        (("accel/x", "accel/y", "accel/z"), Sensor.ACCELEROMETER),
        (("acc_x", "acc_y", "acc_z"), Sensor.ACCELEROMETER),
        (("imu:acceleration:x", "imu:acceleration:y", "imu:acceleration:z"), Sensor.ACCELEROMETER),
        (("gyro/x", "gyro/y", "gyro/z"), Sensor.GYROSCOPE),
        (("gx", "gy", "gz"), Sensor.GYROSCOPE),
    ],
)
def test_names(names: tuple[str, ...], sensor: Sensor) -> None:
    assert only(triple(None, 1, 2, 3, names=names)).sensor is sensor


def test_both_sensors_each_with_its_unit() -> None:
    gyro = [record | {"u": "rad/s"} for record in triple(0, 0.1, 0.2, 0.3, names=("gx", "gy", "gz"))]
    acc, turning = read([BASE | {"n": "temp", "v": 21}, *triple(0, 1, 2, 9), *gyro]).readings
    assert (acc.unit, turning.unit, turning.xyz.tolist()) == (Unit.MPS2, Unit.RADPS, [[0.1, 0.2, 0.3]])


def test_two_devices_and_bases_that_change() -> None:
    left, right = read(
        [BASE | {"n": "ax", "v": 1}, *triple(0, 1, 2, 3)[1:], {"bn": "right/"}, *triple(0, 4, 5, 6)]
    ).readings
    assert (left.xyz.tolist(), right.device, right.xyz.tolist()) == ([[1, 2, 3]], "right", [[4, 5, 6]])
    assert right.ticks.tolist() == [EPOCH_S]
    assert only([{"bv": 10, "n": "ax", "v": 1}, *triple(None, 1, 2, 3)[1:]]).xyz.tolist() == [[11, 12, 13]]


@pytest.mark.parametrize("times", [(None, None), (-0.02, 0), (0, 0)])
def test_times_before_now_give_the_order_alone(times: tuple[float | None, float | None]) -> None:
    reading = only([*triple(times[0], 1, 1, 1), *triple(times[1], 2, 2, 2)])
    assert (reading.clock, reading.ticks.tolist()) == (Clock.NONE, [0, 0])
    assert reading.xyz.tolist() == [[1, 1, 1], [2, 2, 2]]


def test_a_small_time_is_counted_since_boot() -> None:
    reading = only(triple(12.5, 1, 2, 3))
    assert (reading.clock, reading.ticks.tolist()) == (Clock.S, [12.5])


def test_the_form_older_than_the_rfc() -> None:
    reading = only({"bn": "garden/", "bt": EPOCH_S, "e": triple(0, 1, 2, 3)})
    assert (reading.device, reading.ticks.tolist(), reading.xyz.tolist()) == ("garden", [EPOCH_S], [[1, 2, 3]])


@pytest.mark.parametrize(
    ("damaged", "reason", "n"),
    [
        ({"v": None}, "null or not a number", 1),
        ({"v": "high"}, "null or not a number", 1),
        ({"v": 1e7}, "beyond any sensor's reach", 1),
        ({"n": "temp"}, "null or not a number", 1),
        ({"t": "soon"}, "null or not a number", 2),  # alone at no time, and missing where it belongs
    ],
)
def test_a_damaged_record_costs_its_sample(damaged: dict[str, Any], reason: str, n: int) -> None:
    pack = [BASE | {"n": "temp", "v": 1}, *triple(0, 1, 2, 3), *triple(0.02, 4, 5, 6)]
    decoded = read([*pack[:2], pack[2] | damaged, *pack[3:]])
    assert dict(decoded.rejects) == {reason: n}
    assert decoded.readings[0].xyz.tolist() == [[4, 5, 6]]


def test_what_must_be_understood_and_is_not() -> None:
    assert dict(read([BASE | {"bver": 11}, *triple(0, 1, 2, 3)]).rejects) == {"SenML newer than version 10": 1}
    odd = read([BASE | {"frame_": 1}, *triple(0, 1, 2, 3)])
    assert dict(odd.rejects) == {"SenML with a field that must be understood and is not": 1}
    assert only([BASE | {"bver": 10, "colour": "red"}, *triple(0, 1, 2, 3)]).xyz.tolist() == [[1, 2, 3]]
    assert dict(read([{"n": "temp", "v": 20}]).rejects) == {"no acceleration in it": 1}


@pytest.mark.parametrize(
    "tree", [{}, [], 3, [{"ax": 1}], [{"n": 3, "v": 1}], [{"n": "ax"}], [[]], {"e": [3]}, {"e": []}]
)
def test_what_is_no_pack(tree: object) -> None:
    assert senml.read("t", tree) is None


def test_cbor_has_numbers_for_labels() -> None:
    labels = {name: label for label, name in senml.CBOR_LABELS.items()}
    pack = [BASE | {"n": "temp", "v": 20}, *triple(0, 1, 2, 3)]
    payload = cbor2.dumps([{labels[key]: value for key, value in record.items()} for record in pack])
    decoded = Decoder().decode(Message("t", payload, 0))
    assert (decoded.shape, decoded.readings[0].xyz.tolist()) == ("senml", [[1, 2, 3]])


@given(st.lists(st.tuples(st.integers(1, 10**6), finite, finite, finite), min_size=1, max_size=12), st.randoms())
@fewer
def test_round_trip_in_any_order(rows: list[tuple[int, float, float, float]], random: Any) -> None:
    rows = sorted({t: (t, *xyz) for t, *xyz in rows}.values())
    records = [record for t, *xyz in rows for record in triple(t, *xyz)]
    random.shuffle(records)
    reading = only([{"bn": "b/", "n": "other", "v": 0}, *records])
    assert (reading.ticks.tolist(), reading.xyz.tolist()) == ([row[0] for row in rows], [list(row[1:]) for row in rows])


labels = st.sampled_from(("bn", "bt", "bu", "bv", "bver", "n", "u", "v", "t", "x_"))
names = st.sampled_from(("ax", "ay", "az", "gx", "acc/x", "t")) | scalars


@given(
    st.lists(st.dictionaries(labels, scalars | names, max_size=6) | st.fixed_dictionaries({"n": names, "v": scalars}))
)
@fewer
def test_any_records(pack: list[dict[str, Any]]) -> None:
    decoded = senml.read("t", pack)
    if decoded is not None:
        whole(decoded)
        assert sum(len(reading.ticks) for reading in decoded.readings) <= len(pack) // 3
        assert all(np.abs(reading.xyz).max() <= 1e6 for reading in decoded.readings)
