"""Packed binary: many C structs in a message, in either order of bytes."""

from __future__ import annotations

import struct

import pytest

from sensors.declared import Declared, Field
from sensors.decode import Decoded, Decoder
from sensors.message import Message
from sensors.samples import Clock, Kind, Sensor, Unit

BMI = Declared(
    topic="esp32/sensor/stream",
    format="struct",
    struct="<Ifffffffff",
    fields=("ms", "", "", "", "ax", "ay", "az", "gx", "gy", "gz"),
    unit=Unit.G,
    gyro_unit=Unit.DEGPS,
)
KIT_FIELDS: tuple[Field, ...] = ("gx", "gy", "gz", "ax", "ay", "az", "us")


def read(declared: Declared, payload: bytes) -> Decoded:
    return Decoder([declared]).decode(Message(declared.topic, payload, 0))


def test_a_hundred_samples_in_a_message() -> None:
    rows = [(1000 + 10 * k, 27.5, 101.25, 44.0, 0.25, -0.5, k / 128, 1.5, -0.25, k / 4) for k in range(100)]
    decoded = read(BMI, b"".join(struct.pack(BMI.struct, *row) for row in rows))
    assert (decoded.shape, dict(decoded.rejects)) == ("struct", {})
    acc, gyro = decoded.readings
    assert (acc.device, acc.sensor, acc.unit, acc.kind) == (BMI.topic, Sensor.ACCELEROMETER, Unit.G, Kind.BOARD)
    assert (gyro.sensor, gyro.unit, gyro.clock) == (Sensor.GYROSCOPE, Unit.DEGPS, Clock.MS)
    assert acc.ticks.tolist() == gyro.ticks.tolist() == [row[0] for row in rows]
    assert acc.xyz.tolist() == [list(row[4:7]) for row in rows]
    assert gyro.xyz.tolist() == [list(row[7:]) for row in rows]


@pytest.mark.parametrize("order", "<>!")
def test_the_gyroscope_first_and_either_order_of_bytes(order: str) -> None:
    declared = Declared(topic="kit/imu6", format="struct", struct=f"{order}6fq", fields=KIT_FIELDS)
    at_us = 2**53 + 1  # a float64 cannot hold it
    acc, gyro = read(declared, struct.pack(f"{order}6fq", 0.25, 0.5, 0.75, 1.5, 2.5, 9.5, at_us)).readings
    assert (acc.clock, acc.unit, acc.ticks.tolist()) == (Clock.US, Unit.AUTO, [at_us])
    assert (acc.xyz.tolist(), gyro.xyz.tolist()) == ([[1.5, 2.5, 9.5]], [[0.25, 0.5, 0.75]])


def test_whole_numbers_with_padding_and_no_stamp() -> None:
    declared = Declared(topic="t", format="struct", struct=">B3hx", fields=("", "ax", "ay", "az"))
    (acc,) = read(declared, struct.pack(">B3hx", 7, -412, 1020, 16188) * 2).readings
    assert (acc.clock, acc.xyz.tolist()) == (Clock.NONE, [[-412, 1020, 16188]] * 2)


def test_a_sample_that_is_no_number_costs_itself_alone() -> None:
    declared = Declared(topic="t", format="struct", struct="<3f", fields=("ax", "ay", "az"))
    decoded = read(declared, struct.pack("<9f", 1, 2, 3, float("nan"), 2, 3, 1, float("inf"), 3))
    assert dict(decoded.rejects) == {"null or not a number": 1, "beyond any sensor's reach": 1}
    assert [reading.xyz.tolist() for reading in decoded.readings] == [[[1, 2, 3]]]


@pytest.mark.parametrize("payload", [b"{}", bytes(39), bytes(41), b"\x00" * 79])
def test_a_length_that_cannot_be_is_named(payload: bytes) -> None:
    reason = "declared as samples of 40 bytes: its length is no multiple of that"
    assert read(BMI, payload) == Decoded((), "struct", {reason: 1})


def test_binary_that_nothing_is_said_of_asks_for_a_declaration() -> None:
    assert Decoder().decode(Message("t", b"\xe8\x03\x00\x00\xff", 0)) == Decoded(
        (), "", {'binary that says nothing of its layout: declare it with format = "struct"': 1}
    )
