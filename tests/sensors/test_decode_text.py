"""Text: rows by the count of their cells, names with units, a watch's lines and lists, and commas of every sort."""

from __future__ import annotations

import pytest

from sensors.decode import Decoded, Decoder
from sensors.decode.text import decode
from sensors.message import Message
from sensors.samples import Clock, Kind, Sensor, Unit

BOOT_NS = 1_234_567_890_123
WALL = "2025-07-14 15:53:20.123"
ODD_ROW = "a line needs 3 or 6 numbers, or 4 or 7 with a time stamp; for others say what they are by fields"
DAMAGED_ROW = "a line with more or fewer cells than its columns"


def read(text: str, topic: str = "left/imu") -> Decoded:
    return Decoder().decode(Message(topic, text.encode(), 0))


@pytest.mark.parametrize(
    "text",
    [
        "0.5,-1.25,9.75",
        "0.5, -1.25, 9.75,",
        "0.5;-1.25;9.75;\r\n",
        "0.5\t-1.25\t9.75",
        "0.5 -1.25   9.75",
        '"0.5 -1.25 9.75"',
        '"0.5\\t-1.25\\t9.75"',
        "\ufeff0.5,-1.25,9.75",
        "0,5;-1,25;9,75",
        "0,5\t-1,25\t9,75",
        "0,5 -1,25 9,75",
        "0,50,-1,25,9,75",
        "X=0.5 Y=-1.25 Z=9.75",
        "x: 0,5; y: -1,25; z: 9,75",
        "accX = 5e-1, accY = -1.25, accZ = 9.75, temp = 21.5",
        '"ax","ay","az"\n0.5,-1.25,9.75',
        "AccX;temp;AccY;AccZ\n0,5;21,5;-1,25;9,75",
    ],
)
def test_ways_of_writing_a_vector(text: str) -> None:
    decoded = read(text)
    assert (decoded.shape, dict(decoded.rejects)) == ("text", {})
    (acc,) = decoded.readings
    assert (acc.device, acc.sensor, acc.clock, acc.kind) == ("left/imu", Sensor.ACCELEROMETER, Clock.NONE, Kind.BOARD)
    assert (acc.unit, acc.xyz.tolist()) == (Unit.AUTO, [[0.5, -1.25, 9.75]])


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("12.5,1.5,2.5,3.5", [12.5]),  # nothing tells: the first
        ("1.5,2.5,3.5,5000", [5000]),  # whole among decimals
        ("1,2,3,1767620467350", [1767620467350]),  # no sensor reaches that
        ("1767620467350 1 2 3", [1767620467350]),
        ("1.5,2.5,3.5,7.25\n1.5,2.5,3.5,7.5\n1.5,2.5,3.5,7.75", [7.25, 7.5, 7.75]),  # the one that rises
        ("7.25,1.5,2.5,3.5\n7.5,1.5,2.5,3.5\n7.75,1.5,2.5,3.5", [7.25, 7.5, 7.75]),
        ("1,50,2,50,3,50,5000", [5000]),
        ("5000,1,50,2,50,3,50", [5000]),
        ("5,25,1,50,2,50,3,50", [5.25]),
    ],
)
def test_a_fourth_number_is_a_stamp_before_the_axes_or_behind(text: str, ticks: list[float]) -> None:
    (acc,) = read(text).readings
    assert (acc.clock, acc.ticks.tolist()) == (Clock.AUTO, ticks)
    assert acc.xyz.tolist() in ([[1.5, 2.5, 3.5]] * len(ticks), [[1, 2, 3]] * len(ticks))


@pytest.mark.parametrize(
    ("text", "stamped"),
    [
        ("0.5,1.5,9.5,0.25,0.5,0.75", False),
        ("17,0.5,1.5,9.5,0.25,0.5,0.75", True),
        ("0.5,1.5,9.5,0.25,0.5,0.75,17", True),
        ("0,50,1,50,9,50,0,25,0,50,0,75", False),
        ("0,50,1,50,9,50,0,25,0,50,0,75,17", True),
    ],
)
def test_six_numbers_are_acceleration_and_then_rotation(text: str, stamped: bool) -> None:
    acc, gyro = read(text).readings
    assert (acc.xyz.tolist(), gyro.xyz.tolist()) == ([[0.5, 1.5, 9.5]], [[0.25, 0.5, 0.75]])
    assert (gyro.sensor, gyro.ticks.tolist()) == (Sensor.GYROSCOPE, [17] if stamped else [0])


def test_raw_counts_are_not_taken_for_halves_of_decimals() -> None:
    acc, gyro = read("412,120,16188,310,122,145").readings
    assert (acc.xyz.tolist(), gyro.xyz.tolist()) == ([[412, 120, 16188]], [[310, 122, 145]])


def test_units_in_the_text_are_believed() -> None:
    (acc,) = read("Acceleration: X=0.1 m/s^2, Y=-0.2 m/s^2, Z=9.8 m/s^2", "Acceleration").readings
    assert (acc.device, acc.unit, acc.xyz.tolist()) == ("Acceleration", Unit.MPS2, [[0.1, -0.2, 9.8]])
    (mg,) = read("X=12mg Y=-3mg Z=1001mg").readings
    assert mg.unit is Unit.MG
    (head,) = read("time (ms),ax (g),ay (g),az (g)\n20,0.1,0.2,0.9\n40,0.1,0.2,0.9").readings
    assert (head.unit, head.clock, head.ticks.tolist()) == (Unit.G, Clock.MS, [20, 40])


def test_a_unit_behind_the_last_axis_speaks_for_the_others() -> None:
    text = "Acceleration X: 0.1, Y: -0.2, Z: 9.8 m/s^2\nRotation X: 0.01, Y: -0.02, Z: 0.03 rad/s\nTemperature: 27 degC"
    acc, gyro = read(text).readings
    assert (acc.unit, acc.xyz.tolist()) == (Unit.MPS2, [[0.1, -0.2, 9.8]])
    assert (gyro.unit, gyro.xyz.tolist()) == (Unit.RADPS, [[0.01, -0.02, 0.03]])


def test_names_that_come_again_begin_a_sample() -> None:
    (acc,) = read("t=20 ax=1 ay=2 az=3\nt=40 ax=4 ay=5 az=6").readings
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == ([20, 40], [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize(
    ("last", "sensor", "unit"),
    [
        ("accelerometer", Sensor.ACCELEROMETER, Unit.MPS2),
        ("linear_acceleration", Sensor.LINEAR, Unit.MPS2),
        ("gyroscope", Sensor.GYROSCOPE, Unit.RADPS),
    ],
)
def test_the_lines_of_a_watch(decimal: str, last: str, sensor: Sensor, unit: Unit) -> None:
    rows = [(-0.001, 0.123, 9.807, BOOT_NS), (-0.5, 0.25, 12.0, BOOT_NS + 33_000_000)]
    lines = [",".join([*(f"{n:f}".replace(".", decimal) for n in xyz), str(ns), WALL]) for *xyz, ns in rows]
    decoded = read("\n".join(lines), f"watch-7/{last}")
    assert dict(decoded.rejects) == {}
    (reading,) = decoded.readings
    assert (reading.device, reading.sensor, reading.unit, reading.kind) == ("watch-7", sensor, unit, Kind.WATCH)
    assert (reading.clock, reading.ticks.tolist()) == (Clock.NS, [ns for *_, ns in rows])
    assert reading.xyz.tolist() == [list(xyz) for *xyz, _ in rows]


def test_decimal_commas_need_not_be_printed_alike_where_the_count_tells() -> None:
    (acc,) = read(f"-0,001,0,12,9,8,{BOOT_NS},{WALL}", "watch-7/accelerometer").readings
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == ([BOOT_NS], [[-0.001, 0.12, 9.8]])


def test_a_topic_that_speaks_of_another_sensor_says_nothing() -> None:
    assert read(f"71,{BOOT_NS},{WALL}", "watch-7/heartrate") == Decoded((), "text", {})


def test_a_list_has_all_values_and_then_all_stamps() -> None:
    text = "2;a;0.1;0.2;9.8;0.3;0.4;9.7;1545143000123;1545143000143;1;g;0.01;0.02;0.03;1545143000124;"
    acc, gyro = read(text, "sony/imu").readings
    assert (acc.device, acc.unit, acc.clock, acc.kind) == ("sony", Unit.MPS2, Clock.MS, Kind.WATCH)
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == (
        [1545143000123, 1545143000143],
        [[0.1, 0.2, 9.8], [0.3, 0.4, 9.7]],
    )
    assert (gyro.unit, gyro.ticks.tolist(), gyro.xyz.tolist()) == (Unit.RADPS, [1545143000124], [[0.01, 0.02, 0.03]])


@pytest.mark.parametrize(
    ("text", "samples", "reason"),
    [
        ("1;a;0,1;0,2;9,8;1545143000123", 1, None),
        ("1;m;1;2;3;1545143000123;1;a;0.1;0.2;9.8;1545143000123", 1, None),
        ("1;a;0.1;0.2;9.8;1545143000123;2;g;0.1;0.2", 1, "a list shorter than it says"),
        ("99999999999;a;1;2;3;4", 0, "a list shorter than it says"),
        ("0;a;1;2;3;4", 0, "a list shorter than it says"),
        ("1;a;0.1;null;9.8;1545143000123", 0, "null or not a number"),
        ("1;a;0.1;0.2;9.8;later", 0, "no usable time stamp"),
    ],
)
def test_a_damaged_list_costs_what_is_damaged(text: str, samples: int, reason: str | None) -> None:
    decoded = read(text)
    assert sum(len(reading.ticks) for reading in decoded.readings) == samples
    assert dict(decoded.rejects) == ({reason: 1} if reason else {})


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        ("0.1,N/A,9.8", "null or not a number"),
        ("0.1,nan,9.8", "null or not a number"),
        ("0.1,,9.8", "null or not a number"),
        ("0.1,1e7,9.8", "beyond any sensor's reach"),
        ("0.1,0.2", DAMAGED_ROW),
        ("0.1,0.2,9.8,0.1,0.2", DAMAGED_ROW),
        ("booting...", DAMAGED_ROW),
    ],
)
def test_a_damaged_line_costs_itself_alone(damaged: str, reason: str) -> None:
    decoded = read(f"1,2,3\n{damaged}\n\n1.5,2.5,3.5\n4,5,6\n")
    assert dict(decoded.rejects) == {reason: 1}
    assert decoded.readings[0].xyz.tolist() == [[1, 2, 3], [1.5, 2.5, 3.5], [4, 5, 6]]


@pytest.mark.parametrize("text", ["21.5", "1,2", "1.5,2,3,4,5", "1 2 3 4 5 6 7 8"])
def test_a_count_that_tells_nothing_asks_for_fields(text: str) -> None:
    assert read(text) == Decoded((), "text", {ODD_ROW: 1})


@pytest.mark.parametrize("text", ["online", "hello my friend", "ax,ay,az", "Rotation:"])
def test_text_without_numbers_is_named(text: str) -> None:
    assert read(text) == Decoded((), "", {"neither JSON nor numbers": 1})


def test_text_without_end_is_not_read() -> None:
    assert read("1,2,3\n" * 20_000) == Decoded((), "text", {"text larger than 66 kB": 1})


def test_fields_name_the_cells() -> None:
    decoded = decode("t", b"n,1,21.5,0.1,0.2,9.8\nn,2,21.5,0.3", ("", "seq", "", "ax", "ay", "az"))
    assert decoded is not None
    (acc,) = decoded.readings
    assert (acc.clock, acc.ticks.tolist(), acc.xyz.tolist()) == (Clock.COUNT, [1], [[0.1, 0.2, 9.8]])
    assert dict(decoded.rejects) == {DAMAGED_ROW: 1}
