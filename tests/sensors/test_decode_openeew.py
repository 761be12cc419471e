"""Blocks with a rate and a time of sending."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_decode_any_bytes import scalars, steady, trees, whole

from sensors.decode import Decoded, Decoder
from sensors.message import Message
from sensors.samples import Clock, Kind, Unit

fewer = settings(steady, max_examples=60)

TRACES = [{"x": [1, 2], "y": [3, 4], "z": [979, 980]}, {"x": [5], "y": [6], "z": [981]}]


def read(body: Any) -> Decoded:
    return Decoder().decode(Message("iot-2/evt/status", json.dumps(body).encode(), 0))


def test_the_last_sample_is_as_old_as_the_message() -> None:
    decoded = read({"device_id": "a1", "sr": 31.25, "device_t": 1_790_000_000.5, "traces": TRACES})
    (reading,) = decoded.readings
    assert (decoded.shape, reading.device, reading.kind) == ("openeew", "a1", Kind.BOARD)
    assert (reading.unit, reading.clock) == (Unit.GAL, Clock.S)
    np.testing.assert_allclose(reading.ticks - 1_790_000_000.5, [-0.064, -0.032, 0], rtol=0, atol=1e-6)
    assert reading.xyz.tolist() == [[1, 3, 979], [2, 4, 980], [5, 6, 981]]


@pytest.mark.parametrize("said", [{}, {"sr": 31.25}, {"sr": 0, "device_t": 5}, {"sr": None, "device_t": "now"}])
def test_older_firmware_has_no_stamps(said: dict[str, Any]) -> None:
    (reading,) = read({"d": {"device_id": "a1", "traces": TRACES} | said}).readings
    assert (reading.device, reading.clock, len(reading.ticks)) == ("a1", Clock.NONE, 3)


def test_damage_is_counted() -> None:
    assert dict(read({"traces": [{"x": [1, None], "y": [1, 2], "z": [1, 2]}]}).rejects) == {"null or not a number": 1}
    assert dict(read({"traces": [{"x": [1, 2], "y": [1, 2], "z": [1]}]}).rejects) == {"columns of unequal length": 1}
    assert dict(read({"traces": []}).rejects) == {"empty batch": 1}
    assert dict(read({"traces": "none"}).rejects) == {"no acceleration in it": 1}


@given(trees | st.lists(st.fixed_dictionaries(dict.fromkeys("xyz", st.lists(scalars)))), scalars, scalars)
@fewer
def test_anything_in_it(traces: Any, rate: Any, sent: Any) -> None:
    whole(read({"traces": traces, "sr": rate, "device_t": sent}))
