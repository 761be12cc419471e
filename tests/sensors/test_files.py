"""Files: the messages a device would have sent, and one clear line where there are none."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from sensors.decode import Decoder
from sensors.files import BATCH_S, FileError, open_file
from sensors.message import NS_PER_S, Message
from sensors.samples import Clock, Reading, Sensor, Unit
from sensors.stream import Stream


@pytest.fixture
def csv(tmp_path: Path) -> Any:
    def write(*lines: str, name: str = "walk.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def drain(path: Path) -> tuple[list[Message], list[Reading], Counter[str]]:
    messages = list(open_file(path).messages)
    decoder = Decoder()
    decoded = [decoder.decode(message) for message in messages]
    rejects: Counter[str] = Counter()
    for each in decoded:
        rejects.update(each.rejects)
    return messages, [reading for each in decoded for reading in each.readings], rejects


def ticks(readings: list[Reading], sensor: Sensor = Sensor.ACCELEROMETER) -> list[float]:
    return [tick for reading in readings if reading.sensor is sensor for tick in reading.ticks.tolist()]


def vectors(readings: list[Reading], sensor: Sensor = Sensor.ACCELEROMETER) -> list[list[float]]:
    return [xyz for reading in readings if reading.sensor is sensor for xyz in reading.xyz.tolist()]


def units(readings: list[Reading]) -> set[Unit]:
    return {reading.unit for reading in readings}


# What comes out


def test_a_csv_becomes_what_a_device_would_have_sent(csv: Any) -> None:
    path = csv("t,ax,ay,az,gx,gy,gz", "10.00,0.1,0.2,9.8,0.01,0.02,0.03", "10.02,1e-1,-0.25,9.75,0,0,1")
    opened = open_file(path)
    assert (opened.format, opened.device) == ("csv", "walk")
    messages, readings, rejects = drain(path)
    assert [message.topic for message in messages] == ["file/walk"]
    assert not rejects
    assert [(r.device, r.sensor, r.clock, r.unit) for r in readings] == [
        ("walk", Sensor.ACCELEROMETER, Clock.S, Unit.MPS2),
        ("walk", Sensor.GYROSCOPE, Clock.S, Unit.RADPS),
    ]
    assert ticks(readings) == ticks(readings, Sensor.GYROSCOPE) == [10.0, 10.02]
    assert vectors(readings) == [[0.1, 0.2, 9.8], [0.1, -0.25, 9.75]]
    assert vectors(readings, Sensor.GYROSCOPE) == [[0.01, 0.02, 0.03], [0, 0, 1]]


@pytest.mark.parametrize("gyro", [True, False])
def test_an_npz_keeps_every_bit(tmp_path: Path, gyro: bool) -> None:
    rng = np.random.default_rng(5)
    arrays: dict[str, Any] = {"t": np.arange(2500) / 50, "acc": rng.normal(size=(2500, 3)).astype(np.float32)}
    if gyro:
        arrays["gyro"] = rng.normal(size=(2500, 3))
    path = tmp_path / "set.npz"
    np.savez(path, **arrays, truth=np.zeros(3))
    assert (open_file(path).format, open_file(path).device) == ("npz", "set")
    _, readings, rejects = drain(path)
    assert not rejects
    assert ticks(readings) == arrays["t"].tolist()
    assert vectors(readings) == arrays["acc"].tolist()
    assert vectors(readings, Sensor.GYROSCOPE) == (arrays["gyro"].tolist() if gyro else [])
    assert units(readings) == ({Unit.MPS2, Unit.RADPS} if gyro else {Unit.MPS2})


# When it arrives


def test_messages_span_their_time_and_arrive_as_if_live(csv: Any) -> None:
    messages, readings, _ = drain(csv("t,ax,ay,az", *(f"{5 + k / 100:.2f},0,0,9.8" for k in range(1000))))
    assert len(ticks(readings)) == 1000
    for message, reading in zip(messages, readings, strict=True):
        assert message.received_ns == round(reading.ticks[-1] * NS_PER_S)
        assert reading.ticks[-1] - reading.ticks[0] < BATCH_S
    assert len(messages) == 40


def test_no_message_spans_a_gap_or_a_jump_back(csv: Any) -> None:
    stamps = [0.0, 0.1, 0.4, 0.5, 0.35, 0.55, 30.0]
    messages, readings, _ = drain(csv("t,ax,ay,az", *(f"{t},0,0,9.8" for t in stamps)))
    assert [reading.ticks.tolist() for reading in readings] == [[0.0, 0.1], [0.4, 0.5], [0.35, 0.55], [30.0]]
    arrivals = [message.received_ns for message in messages]
    assert arrivals == [100_000_000, 500_000_000, 550_000_000, 30_000_000_000]


@pytest.mark.parametrize("rows", [1, 70, 5000])  # in a take: all in what is read at once, and across
def test_a_take_after_another_goes_on_from_it(csv: Any, tmp_path: Path, rows: int) -> None:
    take_s = [k / 100 for k in range(rows)] if rows > 1 else [0.0, 0.3]
    stamps = [2.0 + t_s for t_s in take_s] + take_s + take_s
    period_s = 0.01 if rows > 1 else 0.3
    expected = [2.0 + k * period_s for k in range(len(stamps))]
    np.savez(tmp_path / "takes.npz", t=stamps, acc=np.ones((len(stamps), 3)))
    for path in (csv("t,ax,ay,az", *(f"{t:.2f},0,0,9.8" for t in stamps)), tmp_path / "takes.npz"):
        messages, readings, rejects = drain(path)
        assert not rejects
        np.testing.assert_allclose(ticks(readings), expected, atol=1e-9)
        arrivals = [message.received_ns for message in messages]
        assert all(before < after for before, after in pairwise(arrivals))


def test_takes_lose_no_sample(csv: Any) -> None:
    take = [f"{k / 100:.2f},0,0,9.8" for k in range(1000)]
    stream = Stream("takes")
    decoder = Decoder()
    for message in open_file(csv("t,ax,ay,az", *take * 4)).messages:
        for reading in decoder.decode(message).readings:
            stream.push(reading, message.received_ns)
    stream.flush()
    assert (stream.link.samples, stream.link.late, stream.link.duplicated) == (4000, 0, 0)
    assert stream.link.duration_s == pytest.approx(39.99)
    assert not stream.link.gaps


def test_longer_messages_hold_the_same(csv: Any) -> None:
    rows = [f"{k / 100:.2f},{k % 7},0,9.8" for k in range(3000) if not 1000 < k < 1100]
    rows[500] = "5.00,x,0,9.8"
    path = csv("t,ax,ay,az", *rows)
    decoder = Decoder()
    short, long = ([decoder.decode(each) for each in open_file(path, batch_s).messages] for batch_s in (BATCH_S, 2.0))
    assert len(long) < len(short) / 4
    for read in (ticks, vectors):
        one, other = (read([reading for each in decoded for reading in each.readings]) for decoded in (short, long))
        assert one == other


def test_arrival_never_runs_back_nor_drifts_in_a_disordered_file(csv: Any) -> None:
    order = [k + (1, -1)[k % 2] for k in range(2000)]  # every pair swapped
    messages, readings, _ = drain(csv("t,ax,ay,az", *(f"{k / 100:.2f},0,0,9.8" for k in order)))
    assert sorted(ticks(readings)) == [k / 100 for k in range(2000)]
    arrivals = [message.received_ns for message in messages]
    assert all(before <= after for before, after in pairwise(arrivals))
    assert arrivals[-1] <= 19.99 * NS_PER_S


def test_time_before_zero_arrives_at_zero_or_later(csv: Any) -> None:
    messages, readings, _ = drain(csv("t,ax,ay,az", "-1.5,0,0,9.8", "-1.4,0,0,9.8", "-0.5,0,0,9.8", "1,0,0,9.8"))
    assert ticks(readings) == [-1.5, -1.4, -0.5, 1.0]
    assert [message.received_ns for message in messages] == [100_000_000, 1_000_000_000, 2_500_000_000]


def test_a_clock_that_stands_still_makes_no_endless_message(csv: Any) -> None:
    messages, _, _ = drain(csv("t,ax,ay,az", *["1.0,0,0,9.8"] * 2500))
    assert len(messages) == 3


# What is damaged


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0.01,,0,9.8", "null or not a number"),
        ("0.01,nan,0,9.8", "null or not a number"),
        ("0.01,inf,0,9.8", "null or not a number"),
        ("0.01,#REF!,0,9.8", "null or not a number"),
        ("0.01,1.2.3,0,9.8", "null or not a number"),
        ("0.01,0,0", "null or not a number"),
        ("0.01,0,0,9.8,0.02,0,0,9.8", "null or not a number"),
        ('0.01,"0,0,9.8', "null or not a number"),
        ("t,ax,ay,az", "null or not a number"),
        ("0.01,1e9,0,9.8", "beyond any sensor's reach"),
        (f"0.01,{'9' * 400},0,9.8", "null or not a number"),
        ("nan,0,0,9.8", "no usable time stamp"),
        ("1e300,0,0,9.8", "no usable time stamp"),
        (",0,0,9.8", "no usable time stamp"),
    ],
)
def test_a_damaged_row_costs_itself_alone(csv: Any, row: str, reason: str) -> None:
    _, readings, rejects = drain(csv("t,ax,ay,az", "0.00,1,2,3", row, "0.02,4,5,6"))
    assert dict(rejects) == {reason: 1}
    assert (ticks(readings), vectors(readings)) == ([0.0, 0.02], [[1, 2, 3], [4, 5, 6]])


def test_empty_lines_and_a_closing_comma_are_no_damage(csv: Any) -> None:
    _, readings, rejects = drain(csv("", "t,ax,ay,az", "", "0.00,1,2,3,", "   ", "0.02,4,5,6"))
    assert not rejects
    assert vectors(readings) == [[1, 2, 3], [4, 5, 6]]


def test_damaged_rows_are_named_with_their_lines(csv: Any) -> None:
    rows = [f"{k / 100:.2f},0,0,9.8" for k in range(5000)]
    rows[15], rows[70], rows[3000], rows[4000] = "0.15,,0,9.8", "7e99,0,0,9.8", "broken", "40.00,1e9,0,9.8"
    path = csv("t,ax,ay,az", *rows)
    opened = open_file(path)
    assert opened.damage() == []
    assert len(list(opened.messages)) == 200
    (told,) = opened.damage()
    reasons = "line 17: null or not a number; line 72: no usable time stamp; line 3002: null or not a number; ..."
    assert told == f"{path}: 4 of 5000 rows skipped: {reasons}"


def test_stamps_that_lost_digits_are_damage_and_no_new_take(csv: Any) -> None:
    stamps_ms = [2_628_000 + 10 * k for k in range(4000)]
    broken = {500: 262, 501: 2_628, 1990: 26_680_306, 2001: 0, 3998: 5}
    path = csv("timestamp,ax,ay,az", *(f"{broken.get(k, t)},0,0,9.8" for k, t in enumerate(stamps_ms)))
    messages, readings, rejects = drain(path)
    assert dict(rejects) == {"no usable time stamp": len(broken)}
    assert ticks(readings) == pytest.approx([t / 1e3 for k, t in enumerate(stamps_ms) if k not in broken])
    assert len(messages) == pytest.approx(160, abs=2)


def test_nan_in_an_npz_is_dropped_and_counted(tmp_path: Path) -> None:
    acc = np.ones((4, 3))
    acc[1, 2] = np.nan
    np.savez(tmp_path / "a.npz", t=[0.0, 0.1, np.nan, 0.2], acc=acc)
    _, readings, rejects = drain(tmp_path / "a.npz")
    assert ticks(readings) == [0.0, 0.2]
    assert dict(rejects) == {"null or not a number": 1, "no usable time stamp": 1}


def test_a_gyroscope_that_says_nothing_is_no_damage(csv: Any) -> None:
    _, readings, rejects = drain(csv("t,ax,ay,az,gx,gy,gz", "0.00,1,2,3,NaN,NaN,NaN", "0.02,4,5,6,,,"))
    assert not rejects
    assert vectors(readings) == [[1, 2, 3], [4, 5, 6]]
    assert vectors(readings, Sensor.GYROSCOPE) == []


# How it is written


@pytest.mark.parametrize(
    "lines",
    [
        ("t,ax,ay,az", "0.5,1.25,2,3"),
        ("t;ax;ay;az", "0.5;1.25;2;3"),
        ("t;ax;ay;az", "0,5;1,25;2,0;3E0"),
        ("t\tax\tay\taz", "0.5\t1.25\t2\t3"),
        ('"t","ax","ay","az"', '"0.5","1.25","2","3"'),
        ("note, az, ay, ax, t", "x, 3, 2, 1.25, 0.5"),
        ("note,t,ax,ay,az", '"up, down",0.5,1.25,2,3'),
        ("sep=;\nt;ax;ay;az", "0,5;1,25;2;3"),
        ("# a walk", "# two lines above", "t,ax,ay,az", "0.5,1.25,2,3"),
        ("Zeit (s);Beschleunigung x (m/s^2);Beschleunigung y (m/s^2);Beschleunigung z (m/s^2)", "0,5;1,25;2;3"),
        ("\ufefft,ax,ay,az", "0.5,1.25,2,3"),
        ("time (s),ax (m/s^2),ay (m/s^2),az (m/s^2)", "0.5,1.25,2,3"),
        ("Time [ms];ax [m/s²];ay [m/s²];az [m/s²]", "500;1.25;2;3"),
        ('"Time (s)","Acceleration x (m/s^2)","Acceleration y (m/s^2)","Acceleration z (m/s^2)"', "5E-1,1.25,2,3"),
    ],
)
def test_dialects(csv: Any, lines: tuple[str, ...]) -> None:
    _, readings, rejects = drain(csv(*lines))
    assert not rejects
    assert (ticks(readings), vectors(readings), units(readings)) == ([0.5], [[1.25, 2, 3]], {Unit.MPS2})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("t,ax,ay,az,gx,gy,gz", [Unit.MPS2, Unit.RADPS]),
        ("t,ax (g),ay (g),az (g),gx (deg/s),gy (deg/s),gz (deg/s)", [Unit.G, Unit.DEGPS]),
        ("t,ax (raw),ay (raw),az (raw),gx (°/s),gy (°/s),gz (°/s)", [Unit.RAW, Unit.DEGPS]),
        ("t,ax (lbf),ay (lbf),az (lbf),gx,gy,gz", [Unit.AUTO, Unit.RADPS]),
        ("t,accX,accY,accZ,gyroX,gyroY,gyroZ", [Unit.AUTO, Unit.AUTO]),
        ("t,X (m/s^2),Y (m/s^2),Z (m/s^2),X (rad/s),Y (rad/s),Z (rad/s)", [Unit.MPS2, Unit.RADPS]),
    ],
)
def test_units_of_a_header(csv: Any, header: str, expected: list[Unit]) -> None:
    _, readings, _ = drain(csv(header, "0,1,2,3,4,5,6"))
    assert [reading.unit for reading in readings] == expected
    assert vectors(readings) == [[1, 2, 3]]
    assert vectors(readings, Sensor.GYROSCOPE) == [[4, 5, 6]]


@pytest.mark.parametrize(
    ("name", "per_s"),
    [("t", 1), ("t_s", 1), ("seconds_elapsed", 1), ("millis", 10**3), ("us", 10**6), ("time (ns)", 10**9)]
    + [("timestamp", per_s) for per_s in (1, 10**3, 10**6, 10**9)],
)
def test_time_is_read_in_its_unit(csv: Any, name: str, per_s: int) -> None:
    stamps_s = [1_790_000_000 + k / 50 for k in range(20)]
    _, readings, _ = drain(csv(f"{name},ax,ay,az", *(f"{t * per_s:.6f},0,0,9.8" for t in stamps_s)))
    assert ticks(readings) == pytest.approx(stamps_s, abs=1e-6)


@pytest.mark.parametrize("axes", [3, 6])
@pytest.mark.parametrize(("delimiter", "point"), [(",", "."), (";", ","), ("\t", ",")])
def test_numbers_without_a_header_are_taken_as_plain(csv: Any, axes: int, delimiter: str, point: str) -> None:
    rows = [[k / 50, *range(1, axes + 1)] for k in range(100)]
    path = csv(*(delimiter.join(f"{cell:.2f}".replace(".", point) for cell in row) for row in rows))
    opened = open_file(path)
    assert opened.notices == [f"{path}: has no header; its columns are taken as t, ax, ay, az, gx, gy, gz"]
    _, readings, rejects = drain(path)
    assert not rejects
    assert ticks(readings) == pytest.approx([k / 50 for k in range(100)])
    assert vectors(readings) == [[1, 2, 3]] * 100
    assert vectors(readings, Sensor.GYROSCOPE) == [[4, 5, 6]] * (100 if axes == 6 else 0)


def test_position_columns_are_not_taken_for_acceleration(csv: Any) -> None:
    _, readings, _ = drain(csv("t,x,y,z,ax,ay,az", "0,7,8,9,1,2,3"))
    assert vectors(readings) == [[1, 2, 3]]


def test_a_file_is_read_as_it_is_asked_for(csv: Any) -> None:
    path = csv("t,ax,ay,az", *(f"{k / 100:.2f},0.123456,-0.654321,9.806650" for k in range(60_000)))
    tracemalloc.start()
    try:
        count = sum(len(msgspec.json.decode(message.payload)["ax"]) for message in open_file(path).messages)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 60_000
    assert peak < path.stat().st_size / 2


# What cannot be read


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        open_file(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["gone.csv", "gone.npz", "gone.zip", "gone.json", "gone.xlsx", "gone"])
def test_a_missing_file(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path / name) == "no such file or directory; check its name and permissions"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("folder.npz", "is a directory; check its name and permissions"),
        ("folder", "holds no table; give the CSV, the zip or the folder that the app exported"),
    ],
)
def test_a_folder_without_tables(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).mkdir()
    assert refusal(tmp_path / name) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (bytes(range(256)) * 40, "is not a text file; give a CSV in UTF-8, an .npz or an .mcap"),
        (b"\x93\xfe\x81" * 90_000, "its first line does not name t, ax, ay and az; put that header first"),
        (b"0.0,1,2,3\n0.0,1,2,3\n0.1,1,2,3\n", "its first line does not name t, ax, ay and az; put that header first"),
        (b"t,ax,ay\n0,1,2\n", "its first line does not name t, ax, ay and az; put that header first"),
        (b"ax,ay,az\n0,1,2\n", "its first line does not name t, ax, ay and az; put that header first"),
        (b"idx,ax,ay,az\n0,1,2,3\n", "its first line does not name t, ax, ay and az; put that header first"),
        (b"t,ax,ay,az\n", "no row under its header is whole; export it again"),
        (b"t,ax,ay,az\nfoo,bar\n1,2,3,\n", "no row under its header is whole; export it again"),
    ],
)
def test_a_csv_without_motion(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    assert refusal(path) == text


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ({"acc": np.ones((3, 3))}, "lacks t or acc; save both with numpy.savez"),
        ({"t": np.arange(3.0), "gyro": np.ones((3, 3))}, "lacks t or acc; save both with numpy.savez"),
        ({"t": np.zeros(0), "acc": np.zeros((0, 3))}, "is empty"),
        ({"t": np.arange(3.0), "acc": np.ones((3, 2))}, "acc is float64 (3, 2); it takes numbers, (3, 3)"),
        ({"t": np.arange(3.0), "acc": np.ones((4, 3))}, "acc is float64 (4, 3); it takes numbers, (3, 3)"),
        ({"t": np.ones((3, 1)), "acc": np.ones((3, 3))}, "t is float64 (3, 1); it takes numbers, (3,)"),
        ({"t": np.array(["a"]), "acc": np.ones((1, 3))}, "t is <U1 (1,); it takes numbers, (1,)"),
        (
            {"t": np.arange(3.0), "acc": np.ones((3, 3)), "gyro": np.ones(3)},
            "gyro is float64 (3,); it takes numbers, (3, 3)",
        ),
        ({"t": np.array([None]), "acc": np.ones((1, 3))}, "is no whole .npz; save t and acc again with numpy.savez"),
    ],
)
def test_an_npz_without_motion(tmp_path: Path, arrays: dict[str, Any], text: str) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    assert refusal(path) == text


def test_an_npz_that_is_none(tmp_path: Path) -> None:
    whole = tmp_path / "whole.npz"
    np.savez_compressed(whole, t=np.arange(900.0), acc=np.random.default_rng(1).normal(size=(900, 3)))
    data = whole.read_bytes()
    path = tmp_path / "bad.npz"
    for content in (b"", b"t,ax,ay,az\n0,1,2,3\n", data[:400], data[:600] + b"?" * 200 + data[800:]):
        path.write_bytes(content)
        assert refusal(path) == "is no whole .npz; save t and acc again with numpy.savez"
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    assert refusal(path) == "is no whole .npz; save t and acc again with numpy.savez"
