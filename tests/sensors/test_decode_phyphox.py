"""phyphox: its seconds tied to the epoch, and buffers that are sent again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decode_any_bytes import scalars, steady, trees, whole

from sensors.decode import Decoded, Decoder, phyphox
from sensors.message import Message
from sensors.samples import Clock, Reading, Sensor, Unit

fewer = settings(steady, max_examples=60)

START_S = 1_790_000_000.25
EVENTS = [
    {"event": "START", "experimentTime": 0, "systemTime": START_S},
    {"event": "PAUSE", "experimentTime": 10.0, "systemTime": START_S + 10},
    {"event": "START", "experimentTime": 10.0, "systemTime": START_S + 60},
]
COLUMNS = {"t": [9.98, 10.0, 10.02], "ax": [1, 2, 3], "ay": [4, 5, 6], "az": [9.5, 9.6, 9.7]}


def read(body: Any) -> Decoded:
    decoded = phyphox.decode("phone", json.dumps(body).encode())
    assert decoded is not None
    return decoded


def block(events: Any, now: Any = START_S + 70) -> dict[str, Any]:
    return {"now": now, "events": events}


@pytest.mark.parametrize("key", ["time", "clock", "t0"])
def test_seconds_of_the_experiment_become_the_epoch_but_for_the_pause(key: str) -> None:
    decoded = read(COLUMNS | {key: block(EVENTS)})
    (reading,) = decoded.readings
    assert (decoded.shape, reading.clock, reading.unit) == ("phyphox", Clock.S, Unit.MPS2)
    np.testing.assert_allclose(reading.ticks - START_S, [9.98, 60.0, 60.02], rtol=0, atol=1e-6)
    assert reading.xyz.tolist() == [[1, 4, 9.5], [2, 5, 9.6], [3, 6, 9.7]]


def test_a_gyroscope_has_stamps_of_its_own() -> None:
    gyro = {"gt": [1.01, 1.03], "gx": [0.1, 0.2], "gy": [0.3, None], "gz": [0.5, 0.6]}
    decoded = read(COLUMNS | gyro | {"time": block(EVENTS)})
    acc, turning = decoded.readings
    assert (acc.sensor, turning.sensor, turning.unit) == (Sensor.ACCELEROMETER, Sensor.GYROSCOPE, Unit.RADPS)
    np.testing.assert_allclose(turning.ticks - START_S, [1.01], rtol=0, atol=1e-6)
    assert dict(decoded.rejects) == {"null or not a number": 1}


def test_last_values_without_time_were_measured_when_they_were_sent() -> None:
    (reading,) = read({"x": 1, "y": 2, "z": 9.8, "time": block(EVENTS, now=START_S + 3)}).readings
    assert (reading.clock, reading.ticks.tolist()) == (Clock.S, [START_S + 3])


def test_a_key_left_out_for_nan_costs_its_sample() -> None:
    assert dict(read({"x": 1, "z": 9.8, "time": block(EVENTS)}).rejects) == {"null or not a number": 1}


@pytest.mark.parametrize(
    "events",
    [
        [],
        [None, 3, {}],
        [{"event": "PAUSE", "experimentTime": 0, "systemTime": START_S}],
        [{"event": "START", "experimentTime": None, "systemTime": START_S}],
        [{"event": "START", "experimentTime": 0}],
        [{"event": "START", "experimentTime": 0, "systemTime": 10**400}],
    ],
)
def test_without_a_usable_start_the_seconds_stay(events: list[Any]) -> None:
    (reading,) = read(COLUMNS | {"time": block(events)}).readings
    assert (reading.clock, reading.ticks.tolist()) == (Clock.S, COLUMNS["t"])


def test_no_block_is_not_told_as_phyphox_unless_somebody_said_so() -> None:
    payload = json.dumps(COLUMNS).encode()
    assert phyphox.decode("phone", payload) is None
    (reading,) = phyphox.decode_declared("phone", payload).readings
    assert (reading.clock, reading.unit, reading.ticks.tolist()) == (Clock.S, Unit.MPS2, COLUMNS["t"])


def test_samples_clamped_to_zero_at_the_start_are_left_to_the_stream() -> None:
    (reading,) = read(
        {"t": [0.0, 0.0, 0.02], "ax": [1, 2, 3], "ay": [1, 2, 3], "az": [1, 2, 3]} | {"c": block(EVENTS)}
    ).readings
    assert reading.ticks.tolist()[:2] == [START_S, START_S]


def buffer(first: int, last: int, clock: Clock = Clock.AUTO) -> Decoded:
    ticks = np.arange(first, last) / 50
    reading = Reading("phone", Sensor.ACCELEROMETER, ticks, clock, np.stack((ticks, -ticks, ticks), axis=1), Unit.AUTO)
    return Decoded((reading,), "plain", {})


def numbers(decoded: Decoded) -> list[int]:
    return [round(tick * 50) for reading in decoded.readings for tick in reading.ticks.tolist()]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), min_size=1, max_size=20))
@fewer
def test_whatever_is_sent_again_each_sample_comes_once(steps: list[tuple[int, int]]) -> None:
    """A buffer that grows by some, and loses some at its beginning, though never what is new."""
    kept, given_so_far, end, begin = phyphox.Kept(), [], 2, 0
    for new, lost in steps:
        begin, end = min(begin + lost, end - 2), end + new
        given_so_far += numbers(kept.newer(buffer(begin, end)))
    assert given_so_far == list(range(given_so_far[0], end))


def test_what_is_no_buffer_sent_again_passes_whole() -> None:
    kept = phyphox.Kept()
    assert numbers(kept.newer(buffer(0, 20))) == list(range(20))
    assert numbers(kept.newer(buffer(20, 40))) == list(range(20, 40))
    assert numbers(kept.newer(buffer(0, 5))) == list(range(5))  # started anew
    for _ in range(2):  # numbers within the message
        assert len(numbers(kept.newer(buffer(0, 20, Clock.COUNT)))) == 20


def test_buffers_remembered_are_bounded() -> None:
    kept = phyphox.Kept()
    for i in range(3 * phyphox.MAX_BUFFERS):
        reading = buffer(0, 3).readings[0]
        kept.newer(Decoded((Reading(f"d{i}", *[getattr(reading, name) for name in reading.__slots__[1:6]]),), "", {}))
    assert len(kept._last) == phyphox.MAX_BUFFERS


@given(
    st.dictionaries(st.sampled_from(("t", "gt", "ax", "ay", "az", "gx", "x", "timestamp")), trees | st.lists(scalars)),
    scalars,
    st.lists(
        st.fixed_dictionaries({"event": st.just("START")}, optional={"experimentTime": scalars, "systemTime": scalars})
    ),
)
@fewer
def test_anything_in_the_columns_and_in_the_block(columns: Any, now: Any, events: Any) -> None:
    body = json.dumps(columns | {"time": block(events, now)})
    whole(Decoder().decode(Message("phone", body.encode(), 0)))
