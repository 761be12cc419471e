"""One topic for each axis: which values make one sample, and which are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decode_any_bytes import steady, whole

from sensors.decode import Decoded, Decoder
from sensors.decode.joined import (
    AXIS_LOST,
    FORGET_NS,
    MAX_DEVICES,
    MAX_NUMBERS,
    ROUNDS_HEARD,
    ROUNDS_MISSED,
    TOO_LONG,
    TOO_MANY,
    Joiner,
)
from sensors.decode.roles import of_name
from sensors.message import NS_PER_S, Message
from sensors.samples import Clock, Kind, Reading, Sensor, Unit

fewer = settings(steady, max_examples=60)

MS = NS_PER_S // 1000
START_NS = 1_790_000_000 * NS_PER_S
SIX = ("ax", "ay", "az", "gx", "gy", "gz")

Sent = list[tuple[str, str, int]]  # topic, body, when


def rounds(n: int, axes: Sequence[str] = SIX, *, period_ms: int = 50, apart_ms: int = 1, prefix: str = "esp/") -> Sent:
    """Give n samples, the k-th with the values k, k + 0.1, k + 0.2 ...: burst by burst."""
    return [
        (f"{prefix}{axis}", str(k + i / 10), START_NS + (k * period_ms + i * apart_ms) * MS)
        for k in range(n)
        for i, axis in enumerate(axes)
    ]


def join(sent: Iterable[tuple[str, str, int]], joiner: Joiner | None = None) -> list[Decoded]:
    joiner = joiner or Joiner()
    decoded = [joiner.decode(Message(topic, body.encode(), at_ns)) for topic, body, at_ns in sent]
    return [each for each in decoded if each]


def readings(decoded: list[Decoded], sensor: Sensor = Sensor.ACCELEROMETER) -> list[Reading]:
    return [reading for each in decoded for reading in each.readings if reading.sensor is sensor]


def samples(decoded: list[Decoded], sensor: Sensor = Sensor.ACCELEROMETER) -> list[list[float]]:
    return [row for reading in readings(decoded, sensor) for row in reading.xyz.tolist()]


def rejects(decoded: list[Decoded]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in decoded:
        total.update(each.rejects)
    return dict(total)


def whole_samples(first: int, last: int, start: int = 0) -> list[list[float]]:
    return [[k + i / 10 for i in range(start, start + 3)] for k in range(first, last)]


@pytest.mark.parametrize(
    ("topic", "named"),
    [
        ("XAcc", ("", "ax")),
        ("home/ZGyro", ("home", "gz")),
        ("acc/x", ("", "ax")),
        ("esp/gyro/y", ("esp", "gy")),
        ("esp/x", ("esp", "ax")),
        ("esp/sensor/accel_x/state", ("esp/sensor", "ax")),
        ("esp/sensor/imu_gyro_z/state", ("esp/sensor/imu", "gz")),
        ("phyphox/accx", ("phyphox", "ax")),
        ("phyphox/acct", ("phyphox", "at")),
        ("phyphox/gyrTime", ("phyphox", "gt")),
        ("AccelXAxis", ("", "ax")),
        ("esp/mag/x", None),
        ("esp/gravity_x", None),
        ("esp/acc", None),
        ("esp/sensor/temperature/state", None),
        ("", None),
        ("x" * 300 + "/x", None),
    ],
)
def test_what_topics_name(topic: str, named: tuple[str, str] | None) -> None:
    assert of_name(topic) == named


@pytest.mark.parametrize("axes", [SIX[:3], SIX, (*SIX[3:], *SIX[:3]), ("az", "ay", "ax"), ("t", *SIX)])
@pytest.mark.parametrize("heard_from", range(7))
def test_sets_are_found_wherever_listening_begins(axes: tuple[str, ...], heard_from: int) -> None:
    sent = rounds(12, axes)[heard_from:]
    decoded = join(sent)
    at = {axis: i / 10 for i, axis in enumerate(axes)}
    found = samples(decoded)
    assert rejects(decoded) == {}
    assert found == [[k + at["ax"], k + at["ay"], k + at["az"]] for k in range(12 - len(found), 12)]
    assert len(found) >= 12 - ROUNDS_HEARD - 2
    if "gx" in axes:
        assert abs(len(samples(decoded, Sensor.GYROSCOPE)) - len(found)) <= 1  # one may be whole in the first set


def test_what_a_set_is_given_as() -> None:
    decoded = join(rounds(6))
    assert {each.shape for each in decoded} == {"scalar"}
    for reading in (*readings(decoded), *readings(decoded, Sensor.GYROSCOPE)):
        assert (reading.device, reading.unit, reading.clock, reading.kind) == ("esp", Unit.AUTO, Clock.NONE, Kind.BOARD)
    assert decoded[-1].readings[0].sensor is Sensor.ACCELEROMETER  # the last axis completes both, without a wait


def test_esphome_says_its_units() -> None:
    sent = rounds(6, ("accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"), prefix="esp/sensor/imu_")
    decoded = join((f"{topic}/state", body, at_ns) for topic, body, at_ns in sent)
    assert {(each.device, each.unit) for each in readings(decoded)} == {("esp/sensor/imu", Unit.MPS2)}
    assert {each.unit for each in readings(decoded, Sensor.GYROSCOPE)} == {Unit.DEGPS}


@pytest.mark.parametrize("lost", SIX)
def test_an_axis_lost_on_the_way_costs_its_sensor_one_sample(lost: str) -> None:
    sent = [each for each in rounds(12) if each[:2] != (f"esp/{lost}", str(7 + SIX.index(lost) / 10))]
    decoded = join(sent)
    assert rejects(decoded) == {AXIS_LOST: 1}
    acc, gyro = samples(decoded), samples(decoded, Sensor.GYROSCOPE)
    spared, hit = (gyro, acc) if lost in SIX[:3] else (acc, gyro)
    assert (len(spared), len(hit)) == (9, 8)
    assert all(round(row[2] - row[0], 6) == 0.2 for row in acc + gyro)


def test_an_axis_that_never_comes_is_named() -> None:
    decoded = join(rounds(9, ("ax", "ay", "gx")))
    assert samples(decoded) == []
    assert rejects(decoded)[AXIS_LOST] >= 4


def test_a_gyroscope_that_stops_is_waited_for_no_longer() -> None:
    sent = rounds(10) + rounds(30, SIX[:3])[3 * 10 :]
    decoded = join(sent)
    waits = [i for i, each in enumerate(decoded[-60:]) if len(each.readings) != (i % 3 == 2)]
    assert len(waits) <= 2 * ROUNDS_MISSED * 3
    assert waits == [] or max(waits) < 30
    assert samples(decoded)[-18:] == whole_samples(12, 30)


def test_axes_that_come_evenly_are_taken_in_order() -> None:
    decoded = join(rounds(9, SIX[:3], period_ms=30, apart_ms=10)[1:])
    assert samples(decoded) == whole_samples(9 - len(samples(decoded)), 9)


def test_a_device_that_keeps_no_order_is_joined_by_repetition() -> None:
    sent = rounds(12, SIX[:3])
    for k in range(1, 12, 2):
        later, earlier = sent[3 * k + 2], sent[3 * k + 1]
        sent[3 * k + 1], sent[3 * k + 2] = (*later[:2], earlier[2]), (*earlier[:2], later[2])
    decoded = join(sent)
    assert samples(decoded) == whole_samples(12 - len(samples(decoded)), 12)
    assert (len(samples(decoded)) >= 8, rejects(decoded)) == (True, {})


def test_values_of_long_ago_are_not_joined() -> None:
    sent = rounds(8, SIX[:3])
    later = [(topic, body, at_ns + 60 * NS_PER_S) for topic, body, at_ns in rounds(10, SIX[:3])[3 * 8 + 2 :]]
    decoded = join([*sent, *rounds(9, SIX[:3])[3 * 8 : 3 * 8 + 2], *later])
    assert samples(decoded)[-1] == [9, 9.1, 9.2]
    assert [8, 8.1, 8.2] not in samples(decoded)
    assert rejects(decoded) == {AXIS_LOST: 2}  # what waited, and the late last axis


def columns(n: int) -> Sent:
    """Give what phyphox sends as mqtt/csv, twice a second: each buffer on a topic of its own."""
    sent: Sent = []
    for k in range(n):
        times = [k / 2 + i / 50 for i in range(25)]
        body = {"acct": times, "accx": [k] * 25, "accy": [0.5] * 25, "accz": [9.8] * 24, "gyrt": times[:20]}
        body |= {f"gyr{axis}": [0.25] * 20 for axis in "xyz"}
        for i, (name, values) in enumerate(body.items()):
            sent.append((f"phyphox/{name}", ",".join(map(str, values)), START_NS + (500 * k + i) * MS))
        sent.append(("phyphox/time", "1790000000.456", START_NS + (500 * k + 9) * MS))
    return sent


def test_columns_of_phyphox() -> None:
    decoded = join(columns(8))
    acc, gyro = readings(decoded)[-1], readings(decoded, Sensor.GYROSCOPE)[-1]
    assert (acc.device, acc.kind, acc.clock) == ("phyphox", Kind.PHONE, Clock.AUTO)
    assert acc.ticks.tolist() == [3.5 + i / 50 for i in range(24)]
    assert gyro.ticks.tolist() == [3.5 + i / 50 for i in range(20)]
    assert acc.xyz[0].tolist() == [7, 0.5, 9.8]
    assert set(rejects(decoded)) == {"columns of unequal length"}


def test_null_in_a_column_costs_its_sample() -> None:
    sent = [(topic, body.replace("0.5", "null", 1), at_ns) for topic, body, at_ns in columns(6)]
    found = readings(join(sent))
    assert {len(reading.ticks) for reading in found} <= {22, 23}


@pytest.mark.parametrize("body", ["on", "{}", "1.0;2.0", "0.1 0.2", "\xff", "1_0"])
def test_what_is_no_number_is_not_for_it(body: str) -> None:
    assert Joiner().decode(Message("acc/x", body.encode("latin-1"), START_NS)) is None


def test_a_stamp_alone_makes_no_device() -> None:
    assert Joiner().decode(Message("site/time", b"1790000000", START_NS)) is None
    assert Joiner().decode(Message("phyphox/acct", b"0.5", START_NS)) == Decoded((), "scalar", {})


def test_devices_and_columns_are_bounded() -> None:
    joiner = Joiner()
    assert rejects(join(((f"d{i}/x", "1", START_NS) for i in range(MAX_DEVICES)), joiner)) == {}
    assert rejects(join([("one more/x", "1", START_NS)], joiner)) == {TOO_MANY: 1}
    assert rejects(join([("d0/y", "1", START_NS + FORGET_NS), ("one more/x", "1", START_NS + FORGET_NS)], joiner)) == {}
    assert "d0" in joiner._boards
    assert rejects(join([("d0/y", "1," * MAX_NUMBERS + "1", START_NS)])) == {TOO_LONG: 1}


@given(st.integers(1, 20), st.lists(st.integers(0, 119), max_size=5, unique=True), st.integers(0, 30))
@fewer
def test_no_sample_is_invented_whatever_is_lost(n: int, lost: list[int], apart_ms: int) -> None:
    """Bursts in order: what comes out is of one instant, in order, and no more than what was sent whole."""
    sent = rounds(n, period_ms=400, apart_ms=apart_ms)
    decoded = join(each for i, each in enumerate(sent) if i not in lost)
    for sensor, start in ((Sensor.ACCELEROMETER, 0), (Sensor.GYROSCOPE, 3)):
        intact = [k for k in range(n) if not {6 * k + start + i for i in range(3)} & {*lost}]
        found = samples(decoded, sensor)
        assert [row for row in whole_samples(0, n, start) if row in found] == found
        assert len(found) <= len(intact)
        assert len(found) >= len(intact) - 2 * ROUNDS_HEARD - 2 * len(lost)


topics = st.sampled_from([f"d/{role}" for role in (*SIX, "t", "acct", "gyrt", "seq")] + ["acc/x", "e/y", "mag/x"])
bodies = st.sampled_from(["1", "-2.5", "1e400", "null", "", "1,2,3", "1,null", ",", "nan", "9" * 400, "{}"]) | st.text()


@given(st.lists(st.tuples(topics, bodies, st.integers(0, 2 * NS_PER_S)), max_size=60))
@fewer
def test_any_messages_in_any_order(sent: list[tuple[str, str, int]]) -> None:
    at_ns, messages = START_NS, []
    for topic, body, pause_ns in sent:
        at_ns += pause_ns
        messages.append(Message(topic, body.encode("utf-8", "surrogatepass"), at_ns))
    given_twice: list[list[Any]] = []
    for _ in range(2):
        decoder = Decoder()
        decoded = [decoder.decode(message) for message in messages]
        for each in decoded:
            whole(each)
        given_twice.append(
            [(r.device, r.sensor, r.ticks.tolist(), r.xyz.tolist()) for d in decoded for r in d.readings]
        )
    assert given_twice[0] == given_twice[1]
