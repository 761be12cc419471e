"""An export becomes a recording, and the recording says what the export said."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from exports import (
    EPOCH_S,
    GRAVITY,
    LINEAR,
    TOTAL,
    TURNING,
    N,
    in_folder,
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

from sensors.message import NS_PER_S
from sensors.recording import Recorder, RecordingError, open_recording
from tui.analyze import analyze_file, report
from tui.choices import Choice
from tui.importing import import_file, import_files
from tui.launch import Launch, open_stored

LONG_S = np.arange(1500) / 50
STROKES = np.column_stack([6 * np.sin(2 * np.pi * 0.7 * LONG_S), 0 * LONG_S, 9.8 + 0 * LONG_S])
WIPED = np.column_stack([0 * LONG_S, 0.8 * np.cos(2 * np.pi * 0.7 * LONG_S), 0 * LONG_S])
TIMED = ("Time (s)", *named("Acceleration", "m/s^2"), "Time (s)", *named("Gyroscope", "rad/s"))
META = (["event", "experiment time", "system time"], [["START", 0.0, EPOCH_S], ["PAUSE", 9.0, 0.0]])


def a_csv(folder: Path) -> Path:
    rows = stamped(STROKES, WIPED, t_s=LONG_S)
    path = folder / "strokes.csv"
    path.write_text(table("t,ax,ay,az,gx,gy,gz", [*rows[:700], ["broken"], [14.1, "x", 0, 0], *rows[702:]]))
    return path


def a_phyphox_zip(folder: Path) -> Path:
    both = stamped(STROKES, LONG_S + 0.003, WIPED, t_s=LONG_S)
    starts = [["START", 0.0, EPOCH_S], ["PAUSE", 20.0, EPOCH_S + 20], ["START", 20.0, EPOCH_S + 24]]
    members = {"Raw Data.csv": phyphox(TIMED, both), "meta/time.csv": phyphox(META[0], starts)}
    return zipped(folder / "strokes.zip", members)


def a_phone_and_a_watch(folder: Path) -> Path:
    members = {
        "Accelerometer.csv": sensor_logger(LINEAR),
        "Gravity.csv": sensor_logger(GRAVITY),
        "Gyroscope.csv": sensor_logger(TURNING),
        "WristMotion.csv": wrist_motion(LINEAR / 9.8, GRAVITY / 9.8, TURNING),
        "Metadata.csv": metadata("ios", standardised=False),
    }
    return in_folder(folder / "both", members)


def without_gravity(folder: Path) -> Path:
    path = folder / "Linear Accelerometer.csv"
    path.write_text(phyphox(["Time (s)", *named("", "m/s^2")], stamped(STROKES - [0, 0, 9.8], t_s=LONG_S)))
    return path


def a_gyroscope(folder: Path) -> Path:
    path = folder / "Gyroscope.csv"
    path.write_text(sensor_logger(TURNING))
    return path


def a_workbook(folder: Path) -> Path:
    return workbook(folder / "strokes.xlsx", {"Raw Data": [[*TIMED[:4]], *stamped(STROKES, t_s=LONG_S)]})


def an_npz(folder: Path) -> Path:
    np.savez(folder / "strokes.npz", t=LONG_S, acc=STROKES, gyro=WIPED)
    return folder / "strokes.npz"


@pytest.mark.parametrize(
    "make", [a_csv, a_phyphox_zip, a_phone_and_a_watch, without_gravity, a_gyroscope, a_workbook, an_npz]
)
def test_a_recording_says_what_its_file_says(tmp_path: Path, make: object) -> None:
    path = make(tmp_path)  # type: ignore[operator]  # one of those above
    recording, told = import_file(path)
    again, file = analyze_file(recording), analyze_file(path)
    assert again["streams"] == file["streams"] != []
    assert again["format"] == "mcap"
    assert told[0].startswith(f"{path}: {file['format']}")
    assert open_recording(recording).metadata["imported from"] == path.name


def test_what_a_file_of_strokes_comes_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_csv(tmp_path)
    (stream,) = analyze_file(path)["streams"]
    assert stream["totals"]["stroke"]["cycles"] == pytest.approx(0.7 * 30, abs=1.5)
    assert (stream["samples"], stream["rejected"]) == (1498, 2)
    reason = "null or not a number"
    skipped = f"{path}: 2 of 1500 rows skipped: line 702: {reason}; line 703: {reason}\n"
    assert capsys.readouterr().err == skipped
    assert import_file(path)[1][1:] == [skipped[:-1]]


def test_a_recording_is_named_after_its_own_time(tmp_path: Path, data_folder: Path) -> None:
    recording, _ = import_file(a_phyphox_zip(tmp_path))
    measured = datetime.fromtimestamp(EPOCH_S, UTC).astimezone()
    assert recording.name == f"{measured:%Y-%m-%dT%H-%M-%S}-strokes.mcap"
    assert recording.parent == data_folder / "recordings"
    start_ns = open_recording(recording).start_ns
    assert start_ns is not None
    assert EPOCH_S <= start_ns / NS_PER_S < EPOCH_S + 1


def test_or_after_its_file_and_never_over_another(tmp_path: Path, data_folder: Path) -> None:
    path = a_csv(tmp_path)
    os.utime(path, (EPOCH_S, EPOCH_S))
    measured = datetime.fromtimestamp(EPOCH_S, UTC).astimezone()
    names = [import_file(path)[0].name for _ in range(2)]
    stem = f"{measured:%Y-%m-%dT%H-%M-%S}-strokes"
    assert names == [f"{stem}.mcap", f"{stem}-2.mcap"]
    assert open_recording(data_folder / "recordings" / names[0]).start_ns == round(EPOCH_S) * NS_PER_S


def test_a_file_that_cannot_be_read_does_not_keep_the_others_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "time.csv"
    ran.write_text(phyphox(*META))
    recorded = tmp_path / "x.mcap"
    paths = [tmp_path / "gone.csv", a_gyroscope(tmp_path), ran, recorded, a_csv(tmp_path)]
    assert not import_files(paths)
    out, err = capsys.readouterr()
    assert [Path(line).name.split("-", 5)[-1] for line in out.splitlines()] == ["gyroscope.mcap", "strokes.mcap"]
    told = [line.removeprefix("palmpace: ") for line in err.splitlines()]
    assert told[0] == f"{paths[0]}: no such file or directory; check its name and permissions"
    assert told[1] == f"{paths[1]}: csv of Sensor Logger, device Gyroscope"
    assert told[2].startswith(f"{paths[1]}: a gyroscope alone; ")
    assert told[3] == f"{ran}: only says when a measurement ran; give its zip or folder"
    assert told[4] == f"{recorded}: is a recording already; replay or analyze it as it is"
    assert told[5:7][0].startswith(f"{paths[4]}: csv, device strokes")
    assert import_files([paths[4]])


def test_a_disk_that_is_full_leaves_no_half_recording(
    tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_csv(tmp_path)
    write, left = Recorder.write, [20]

    def runs_full(self: Recorder, message: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise RecordingError("no space left")
        write(self, message)  # type: ignore[arg-type]  # a message

    monkeypatch.setattr(Recorder, "write", runs_full)
    with pytest.raises(RecordingError, match="no space left"):
        import_file(path)
    assert list((data_folder / "recordings").iterdir()) == []


# A file as it is


def test_a_gyroscope_alone_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = a_gyroscope(tmp_path)
    result = analyze_file(path)
    (stream,) = result["streams"]
    assert (stream["samples"], stream["duration_s"], stream["unit"], stream["segments"]) == (N, 2.99, None, [])
    assert stream["sample_rate_hz"] == pytest.approx(100, abs=0.01)
    assert not any(kind["seconds"] for kind in stream["totals"].values())
    assert "a gyroscope alone" in capsys.readouterr().err
    assert "Gyroscope: 3.0 s at 100.0 Hz, no acceleration, so no motion, 0 gaps, 0 rejected" in report(result)


def test_when_a_measurement_ran_has_no_streams(tmp_path: Path) -> None:
    path = tmp_path / "time.csv"
    path.write_text(phyphox(*META))
    assert analyze_file(path) == {"file": str(path), "format": "csv", "streams": []}


def test_a_replay_knows_a_files_length_and_its_damage_at_the_start(tmp_path: Path) -> None:
    path = a_csv(tmp_path)
    stored = open_stored(path, ahead=True)
    assert stored.length_s == pytest.approx(LONG_S[-1], abs=0.3)
    assert stored.notice is not None
    assert "2 of 1500 rows skipped: line 702" in stored.notice
    assert len(list(stored.messages)) > 100
    assert Launch().film(Choice("replay", path=path)).total_s == stored.length_s
    assert (open_stored(path).length_s, open_stored(path).notice) == (0.0, None)


def test_two_devices_are_two_streams(tmp_path: Path) -> None:
    phone, watch = analyze_file(a_phone_and_a_watch(tmp_path))["streams"]
    assert (phone["device"], phone["unit"], phone["samples"]) == ("both", "m/s2", N)
    assert (watch["device"], watch["unit"], watch["samples"]) == ("both watch", "g", N)
    assert phone["gravity"] == watch["gravity"] == "included"
    assert TOTAL.shape == (N, 3)
