"""Whatever the bytes and whatever is declared: decoding never raises, what it gives is whole, nothing goes unsaid."""

from __future__ import annotations

import json
import struct
from typing import Any, get_args

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensors.declared import Declared, Field, Format
from sensors.decode import Decoded, Decoder
from sensors.message import Message
from sensors.samples import Clock, Kind, Sensor, Unit

KEYS = (
    *("payload", "name", "time", "values", "deviceId", "type", "timestamp", "samples", "device", "id", "unit"),
    *("x", "y", "z", "ax", "ay", "az", "gx", "gy", "gz", "acc", "gyro", "t", "gt", "idx", "t_s"),
    *("gravityX", "accelerationX", "rotationRateX"),
    *("battery", "batteryLevel", "batteryState", "bat_pct", "level", "n", "v", "u", "bn"),
)
WORDS = (
    *("accelerometer", "gravity", "totalacceleration", "wrist motion", "gyroscope", "android.sensor.gyroscope", "g"),
    *("battery", "%EL", "87%"),
)
numbers = st.floats() | st.integers() | st.sampled_from([2**63, -(2**63) - 1, 10**400, 1.7e308, -0.0])
scalars = st.none() | st.booleans() | numbers | st.text(max_size=8) | st.sampled_from(WORDS)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=9)
    ),
    max_leaves=40,
)
vectors = st.fixed_dictionaries({}, optional=dict.fromkeys("xyz", scalars))
pushes = st.fixed_dictionaries(
    {
        "payload": st.lists(
            st.fixed_dictionaries({"name": st.sampled_from(WORDS), "time": scalars, "values": vectors | trees}),
            max_size=8,
        )
    },
    optional={"deviceId": scalars},
)
TEXT = (
    b"-0,001000,0,123000,9,807000,1234567890,2025-07-14 15:53:20.123\n-0,1,0,2,9,8,1234567990,2025-07-14 15:53:20.223",
    b"2;a;0.1;0.2;9.8;0.11;0.21;9.79;1545143000123;1545143000143;1;g;0.01;0.02;0.03;1545143000124;",
    b"Acceleration: X=0.1 m/s^2, Y=-0.2 m/s^2, Z=9.8 m/s^2",
    b"t,ax,ay,az\n1,0.1,0.2,9.8\n2,0.1,N/A,9.8",
    b"0,1 0,2 9,8",
)
VALID = (
    *TEXT,
    struct.pack("<6f", 1, 2, 3, 4, 5, 6),
    json.dumps(
        {
            "deviceId": "d",
            "payload": [
                {"name": "accelerometer", "time": 1790000000123456789, "values": {"x": 1, "y": 2, "z": 3}},
                {"name": "gravity", "time": 1790000000123456789, "values": {"x": 0.5, "y": 0, "z": 9.8}},
            ],
        }
    ).encode(),
    b'{"type":"android.sensor.accelerometer","values":[0.1,0.2,9.8],"timestamp":3925657519043709}',
    b'{"t":[1.0,1.02],"ax":[1,2],"ay":[1,2],"az":[1,2],"gt":[1.0],"gx":[1],"gy":[1],"gz":[1]}',
    b'{"id":"left","ax":1,"ay":2,"az":9,"power":{"battery_pct":87}}',
    b'[{"bn":"left:","n":"battery","u":"%EL","v":87}]',
    b'[{"device":"left","t":1,"acc":[1,2,3]},{"device":"left","t":2,"acc":{"x":1,"y":2,"z":3}}]',
)
finite = st.floats(-1e6, 1e6)
int64 = st.integers(-(2**63), 2**63 - 1)
steady = settings(max_examples=300, derandomize=True, deadline=None)

TOPICS = ("a/b", "a/battery", "a/gyroscope", "a/heartrate", "a/acc/x", "a/linear_acceleration")
AXES: tuple[Field, ...] = ("ax", "ay", "az")
SAID = (
    *(Declared(topic="#", format=each, name="n", clock=Clock.NONE) for each in get_args(Format) if each != "struct"),
    Declared(topic="#", format="text", fields=("t", *AXES), gravity="removed", kind=Kind.WATCH),
    Declared(topic="#", format="struct", struct="<3f", fields=AXES, unit=Unit.G, clock=Clock.MS),
    Declared(topic="#", format="struct", struct=">Bq6d", fields=("seq", "t_ns", "gx", "gy", "gz", *AXES)),
)
anything_said = st.one_of(st.none(), st.sampled_from(SAID))
topics = st.sampled_from(TOPICS)


def check(payload: bytes, said: Declared | None, topic: str) -> None:
    """Decode it twice by the same decoder."""
    decoder = Decoder([said] if said else [])
    for received_ns in (0, 20_000_000):
        whole(decoder.decode(Message(topic, payload, received_ns)))


def whole(decoded: Decoded) -> None:
    for reading in decoded.readings:
        n = len(reading.ticks)
        assert n > 0
        assert reading.xyz.shape == (n, 3)
        assert reading.xyz.dtype == np.float64
        assert reading.ticks.dtype in (np.int64, np.float64)
        assert np.isfinite(reading.xyz).all()
        assert np.isfinite(reading.ticks).all()
        assert reading.clock is not Clock.NONE or not reading.ticks.any()
        assert reading.device.isprintable()
        assert reading.device
        for value, known in (
            (reading.sensor, Sensor),
            (reading.clock, Clock),
            (reading.unit, Unit),
            (reading.kind, Kind),
        ):
            assert isinstance(value, known)
    for device, full in decoded.battery.items():
        assert device.isprintable()
        assert device
        assert 0 <= full <= 1
    # What gives neither a reading nor a reject was understood, and says who understood it.
    assert decoded.shape or (decoded.rejects and not decoded.readings)
    assert all(reason and n > 0 for reason, n in decoded.rejects.items())


@given(st.binary(max_size=200), anything_said, topics)
@steady
def test_bytes(payload: bytes, said: Declared | None, topic: str) -> None:
    check(payload, said, topic)


@given(st.text(alphabet='0123456789.,;:= \t\n-+eaxyzgtN/²X"[', max_size=60), anything_said, topics)
@steady
@example('"', None, "a/b")
def test_text(text: str, said: Declared | None, topic: str) -> None:
    check(text.encode(), said, topic)


@given(trees | pushes, anything_said, topics)
@steady
@example({"payload": [{"name": "gravity", "values": []}, {"name": ["x"]}]}, None, "a/b")
@example({"ax": 10**400, "t": -(2**63) - 1}, None, "a/b")
@example({"t": [2**63, 1.5], "ax": [1, 2], "ay": [1, 2], "az": [1, 2]}, None, "a/b")
def test_json(tree: Any, said: Declared | None, topic: str) -> None:
    check(json.dumps(tree).encode(), said, topic)


@given(st.sampled_from(VALID), anything_said, topics, st.data())
@steady
def test_mutated(valid: bytes, said: Declared | None, topic: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(valid)))
    cut = data.draw(st.integers(0, 6))
    put = data.draw(st.binary(max_size=3) | st.sampled_from([b"null", b"NaN", b"1e999", b"-", b"9" * 30, b"[", b"{}"]))
    check(valid[:at] + put + valid[at + cut :], said, topic)


@given(st.lists(st.tuples(int64, finite, finite, finite), min_size=1, max_size=20))
@steady
def test_sensor_logger_round_trip(rows: list[tuple[int, float, float, float]]) -> None:
    items = [{"name": "totalacceleration", "time": t, "values": {"x": x, "y": y, "z": z}} for t, x, y, z in rows]
    decoded = Decoder().decode(Message("t", json.dumps({"deviceId": "d", "payload": items}).encode(), 0))
    (reading,) = decoded.readings
    assert reading.ticks.tolist() == [t for t, *_ in rows]
    assert reading.xyz.tolist() == [list(xyz) for _, *xyz in rows]


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), *[finite] * 6), min_size=1, max_size=20),
    st.booleans(),
)
@steady
def test_plain_round_trip(rows: list[tuple[float, ...]], columns: bool) -> None:
    names = ("t_s", "ax", "ay", "az", "gx", "gy", "gz")
    samples = [dict(zip(names, row, strict=True)) for row in rows]
    body: Any = {name: [s[name] for s in samples] for name in names} if columns else {"samples": samples}
    acc, gyro = Decoder().decode(Message("t", json.dumps(body | {"unit": "m/s2"}).encode(), 0)).readings
    assert (acc.unit, acc.clock, gyro.unit) == (Unit.MPS2, Clock.S, Unit.AUTO)
    assert acc.ticks.tolist() == gyro.ticks.tolist() == [row[0] for row in rows]
    assert acc.xyz.tolist() == [list(row[1:4]) for row in rows]
    assert gyro.xyz.tolist() == [list(row[4:]) for row in rows]


@given(st.tuples(finite, finite, finite), int64)
@steady
def test_android_round_trip(xyz: tuple[float, float, float], timestamp: int) -> None:
    body = {"type": "android.sensor.accelerometer", "values": xyz, "timestamp": timestamp}
    (reading,) = Decoder().decode(Message("t", json.dumps(body).encode(), 0)).readings
    assert (reading.ticks.tolist(), reading.xyz.tolist()) == ([timestamp], [list(xyz)])
