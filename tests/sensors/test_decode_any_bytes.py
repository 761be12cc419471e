"""Whatever the bytes: decode never raises, and what it gives is whole."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensors.decode import Decoded, decode
from sensors.message import Message
from sensors.samples import Clock, Unit

KEYS = (
    *("payload", "name", "time", "values", "deviceId", "type", "timestamp", "samples", "device", "id", "unit"),
    *("x", "y", "z", "ax", "ay", "az", "gx", "gy", "gz", "acc", "gyro", "t", "gt", "idx", "t_s"),
    *("gravityX", "accelerationX", "rotationRateX"),
)
WORDS = ("accelerometer", "gravity", "totalacceleration", "wrist motion", "gyroscope", "android.sensor.gyroscope", "g")
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
VALID = (
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
    b'[{"device":"left","t":1,"acc":[1,2,3]},{"device":"left","t":2,"acc":{"x":1,"y":2,"z":3}}]',
)
finite = st.floats(-1e6, 1e6)
int64 = st.integers(-(2**63), 2**63 - 1)
steady = settings(max_examples=300, derandomize=True, deadline=None)


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
        assert reading.device
    assert decoded.shape or not decoded.readings
    assert all(reason and n > 0 for reason, n in decoded.rejects.items())


@given(st.binary(max_size=200))
@steady
def test_bytes(payload: bytes) -> None:
    whole(decode(Message("a/b", payload, 0)))


@given(trees | pushes)
@steady
@example({"payload": [{"name": "gravity", "values": []}, {"name": ["x"]}]})
@example({"ax": 10**400, "t": -(2**63) - 1})
@example({"t": [2**63, 1.5], "ax": [1, 2], "ay": [1, 2], "az": [1, 2]})
def test_json(tree: Any) -> None:
    whole(decode(Message("a/b", json.dumps(tree).encode(), 0)))


@given(st.sampled_from(VALID), st.data())
@steady
def test_mutated(valid: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(valid)))
    cut = data.draw(st.integers(0, 6))
    put = data.draw(st.binary(max_size=3) | st.sampled_from([b"null", b"NaN", b"1e999", b"-", b"9" * 30, b"[", b"{}"]))
    whole(decode(Message("a/b", valid[:at] + put + valid[at + cut :], 0)))


@given(st.lists(st.tuples(int64, finite, finite, finite), min_size=1, max_size=20))
@steady
def test_sensor_logger_round_trip(rows: list[tuple[int, float, float, float]]) -> None:
    items = [{"name": "totalacceleration", "time": t, "values": {"x": x, "y": y, "z": z}} for t, x, y, z in rows]
    decoded = decode(Message("t", json.dumps({"deviceId": "d", "payload": items}).encode(), 0))
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
    acc, gyro = decode(Message("t", json.dumps(body | {"unit": "m/s2"}).encode(), 0)).readings
    assert (acc.unit, acc.clock, gyro.unit) == (Unit.MPS2, Clock.S, Unit.AUTO)
    assert acc.ticks.tolist() == gyro.ticks.tolist() == [row[0] for row in rows]
    assert acc.xyz.tolist() == [list(row[1:4]) for row in rows]
    assert gyro.xyz.tolist() == [list(row[4:]) for row in rows]


@given(st.tuples(finite, finite, finite), int64)
@steady
def test_android_round_trip(xyz: tuple[float, float, float], timestamp: int) -> None:
    body = {"type": "android.sensor.accelerometer", "values": xyz, "timestamp": timestamp}
    (reading,) = decode(Message("t", json.dumps(body).encode(), 0)).readings
    assert (reading.ticks.tolist(), reading.xyz.tolist()) == ([timestamp], [list(xyz)])
