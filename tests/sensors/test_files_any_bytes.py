"""Whatever a file holds: it is read, or refused in one line; nothing else ever comes of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from exports import (
    LINEAR,
    TOTAL,
    TURNING,
    metadata,
    named,
    phyphox,
    sensor_logger,
    stamped,
    table,
    workbook,
    wrist_motion,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.decode import Decoder
from sensors.files import FileError, open_file

ENDINGS = (".csv", ".json", ".zip", ".xlsx", ".xls", ".npz", "")
FEW = slice(0, 40)
NAMES = (
    *("t", "time", "Time (s)", "seconds_elapsed", "timestamp", "loggingTime(txt)", "motionTimestamp_sinceReboot(s)"),
    *("ax", "ay", "az", "gx", "gy", "gz", "x", "y", "z", "X (m/s^2)", "Y (rad/s)", "gFx", "aT", "", "note"),
    *("gravityX", "gravityY", "gravityZ", "accelerationX", "rotationRateX", "event", "experiment time", "system time"),
)
CELLS = (
    *("1e9", "3.9e9", "-4e9", "1e300", "4.6e9"),
    "",
    "NaN",
    "1e999",
    "-1",
    "0.01",
    "1790000000000000000",
    "1,5",
    '"',
    "x",
    "9.8",
    "START",
    "2026-09-21T13:13:20",
)
steady = settings(max_examples=80, derandomize=True, deadline=None)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, bytes]:
    """One valid file of each format."""
    members = {
        "Accelerometer.csv": sensor_logger(LINEAR[FEW], LINEAR[FEW, 0]),
        "WristMotion.csv": wrist_motion(LINEAR, TOTAL, TURNING)[:2000],
        "Metadata.csv": metadata("ios", standardised=False),
        "meta/time.csv": phyphox(["event", "experiment time", "system time"], [["START", 0.0, 1.79e9]]),
    }
    rows = stamped(TOTAL, TURNING)[FEW]
    names = ["Time (s)", *named("Acceleration", "m/s^2"), *named("Gyroscope", "rad/s")]
    np.savez(folder / "whole.npz", t=np.arange(40) / 100, acc=TOTAL[FEW], gyro=TURNING[FEW])
    return {
        ".csv": phyphox(names, rows).encode(),
        ".json": json.dumps([dict(zip(("time", "x", "y", "z"), row[:4], strict=True)) for row in rows]).encode(),
        ".zip": zipped(folder / "whole.zip", members).read_bytes(),
        ".xlsx": workbook(folder / "whole.xlsx", {"Accelerometer": [names, *rows]}).read_bytes(),
        ".npz": (folder / "whole.npz").read_bytes(),
        "": table("t,ax,ay,az,gx,gy,gz", rows).encode(),
    }


def read_or_refuse(path: Path) -> None:
    decoder, previous_ns = Decoder(), 0
    try:
        opened = open_file(path)
        for message in opened.messages:
            decoder.decode(message)
            assert 0 <= previous_ns <= message.received_ns < 2**63
            previous_ns = message.received_ns
        lines = [*opened.notices, *opened.damage()]
    except FileError as error:
        lines = [str(error)]
    assert all(line.startswith(str(path)) and "\n" not in line for line in lines)


def test_what_is_mutated_is_valid_as_it_was(folder: Path, whole: dict[str, bytes]) -> None:
    for ending, content in whole.items():
        path = folder / f"valid{ending}"
        path.write_bytes(content)
        assert list(open_file(path).messages)


@given(st.sampled_from(ENDINGS), st.binary(max_size=300))
@steady
def test_bytes(folder: Path, ending: str, content: bytes) -> None:
    path = folder / f"bytes{ending}"
    path.write_bytes(content)
    read_or_refuse(path)


@given(st.sampled_from([".csv", ".json", ".zip", ".xlsx", ".npz", ""]), st.data())
@steady
def test_mutated(folder: Path, whole: dict[str, bytes], ending: str, data: st.DataObject) -> None:
    content = whole[ending]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 40))
        put = data.draw(st.binary(max_size=4) | st.sampled_from([b"NaN", b"1e999", b"-", b"9" * 400, b"\n", b'"']))
        content = content[:at] + put + content[at + cut :]
    path = folder / f"mutated{ending}"
    path.write_bytes(content)
    read_or_refuse(path)


@given(
    st.lists(st.sampled_from(NAMES), max_size=9),
    st.lists(st.lists(st.sampled_from(CELLS) | st.floats().map(str) | st.integers().map(str), max_size=9), max_size=20),
    st.sampled_from(",;\t"),
    st.sampled_from(["walk", "Gyroscope", "WristMotion", "Linear Accelerometer", "Magnetometer"]),
)
@steady
def test_tables(folder: Path, names: list[str], rows: list[list[str]], delimiter: str, name: str) -> None:
    lines = "\n".join(delimiter.join(row) for row in [names, *rows])
    path = folder / f"{name}.csv"
    path.write_text(lines, encoding="utf-8")
    read_or_refuse(path)
    started = table("event,experiment time,system time", [["START", *row[:2]] for row in rows])
    members = {path.name: lines, "b/Gravity.csv": lines, "meta/time.csv": started}
    read_or_refuse(zipped(folder / "tables.zip", members))
