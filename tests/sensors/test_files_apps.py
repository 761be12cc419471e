"""What phone apps export is read as it is: each sensor for what it is, in its unit, at its time."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from exports import (
    COMMA,
    DIALECTS,
    EPOCH_S,
    GRAVITY,
    LINEAR,
    T_S,
    TOTAL,
    TURNING,
    Dialect,
    N,
    Read,
    in_folder,
    metadata,
    named,
    phyphox,
    read,
    sensor_logger,
    stamped,
    table,
    workbook,
    wrist_motion,
    zipped,
)

from sensors.files import FileError, open_file
from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, Sensor, Unit

DATA = Path(os.environ.get("PALMPACE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")

ACC, LIN, GYRO = Sensor.ACCELEROMETER, Sensor.LINEAR, Sensor.GYROSCOPE
SLOWER = slice(None, None, 2)


def assert_said(said: Read, sensor: Sensor, xyz: np.ndarray, t_s: np.ndarray = T_S, device: str | None = None) -> None:
    ticks_s, vectors = said.of(sensor, device)
    np.testing.assert_allclose(ticks_s, t_s - t_s[0], atol=1e-6)
    np.testing.assert_allclose(vectors, xyz, atol=1e-7)


def units(said: Read) -> dict[Sensor, Unit]:
    return {reading.sensor: reading.unit for reading in said.readings}


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        open_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: ")


# phyphox


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_phyphox_in_its_five_dialects(tmp_path: Path, dialect: Dialect) -> None:
    names = ["Time (s)", *named("Acceleration", "m/s^2"), "Absolute acceleration (m/s^2)"]
    path = tmp_path / "Raw Data.csv"
    path.write_text(phyphox(names, stamped(TOTAL, np.linalg.norm(TOTAL, axis=1)), dialect))
    said = read(path)
    assert_said(said, ACC, TOTAL)
    assert (units(said), said.rejected, said.opened.damage()) == ({ACC: Unit.MPS2}, 0, [])
    assert (said.opened.format, said.opened.app) == ("csv", "phyphox")


def side_by_side() -> list[list[float]]:
    """Two sensors in a table, the slower one's columns filled up."""
    slow = np.full((N, 4), np.nan)
    slow[: N // 2] = np.column_stack([T_S, TURNING])[SLOWER]
    return np.column_stack([T_S, TOTAL, slow]).tolist()


SIDE_BY_SIDE = [
    *("Time (s)", *named("Acceleration", "m/s^2")),
    *("Time (s)", *named("Gyroscope", "rad/s")),
]
META = ["event", "experiment time", "system time", "system time text"]
STARTS = [["START", 0.0, EPOCH_S, ""], ["PAUSE", 1.0, EPOCH_S + 1, ""], ["START", 1.0, EPOCH_S + 21, ""]]
PAUSED_S = np.where(T_S < 1.0, T_S, T_S + 20)


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
@pytest.mark.parametrize("wrap", [zipped, in_folder])
def test_a_phyphox_export_is_put_at_its_own_time_with_its_pauses(
    tmp_path: Path, dialect: Dialect, wrap: object
) -> None:
    members = {
        "Raw Data.csv": phyphox(SIDE_BY_SIDE, side_by_side(), dialect),
        "meta/time.csv": phyphox(META, STARTS, dialect),
        "meta/device.csv": phyphox(["property", "value"], [["deviceModel", "a phone"]], dialect),
    }
    said = read(wrap(tmp_path / "export.zip", members))  # type: ignore[operator]  # one of the two
    assert said.opened.format == ("zip" if wrap is zipped else "folder")
    assert_said(said, ACC, TOTAL, PAUSED_S)
    assert_said(said, GYRO, TURNING[SLOWER], PAUSED_S[SLOWER])
    assert (said.rejected, said.opened.damage(), said.opened.notices) == (0, [], [])
    first = next(open_file(tmp_path / "export.zip").messages)
    assert EPOCH_S <= first.received_ns / NS_PER_S <= EPOCH_S + 0.25


def test_a_phyphox_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "export.xlsx",
        {
            "Accelerometer": [["Time (s)", *named("", "m/s^2")], *stamped(TOTAL)],
            "Gyroscope": [["Time (s)", *named("", "rad/s")], *stamped(TURNING)],
            "Linear Accelerometer": [["Time (s)", *named("", "m/s^2")], *stamped(LINEAR)],
            "Metadata Device": [["property", "value"], ["deviceModel", "a phone"]],
            "Metadata Time": [META, *STARTS[:1]],
        },
    )
    said = read(path)
    assert (said.opened.format, said.opened.app) == ("xlsx", "phyphox")
    assert_said(said, ACC, TOTAL)
    assert_said(said, GYRO, TURNING)
    assert units(said) == {ACC: Unit.MPS2, GYRO: Unit.RADPS}


@pytest.mark.parametrize(
    ("name", "names", "sensor"),
    [
        ("Accelerometer.csv", named("", "m/s^2"), ACC),
        ("Linear Accelerometer.csv", named("", "m/s^2"), LIN),
        ("Gyroscope.csv", named("", "rad/s"), GYRO),
        ("walk.csv", named("", "rad/s"), GYRO),
        ("walk.csv", named("Linear Acceleration", "m/s^2"), LIN),
        ("walk.csv", named("Lineare Beschleunigung", "m/s^2"), LIN),
        ("walk.csv", named("Gyroskop", "rad/s"), GYRO),
        ("Acceleration without g.csv", named("Acceleration", "m/s^2"), LIN),
        ("light linear gravity gyro walk.csv", ["ax", "ay", "az"], LIN),  # by its values, whatever its name
    ],
)
def test_names_and_units_tell_the_sensor(tmp_path: Path, name: str, names: list[str], sensor: Sensor) -> None:
    path = tmp_path / name
    path.write_text(phyphox(["Time (s)", *names], stamped(LINEAR), COMMA))
    said = read(path)
    assert {reading.sensor for reading in said.readings} == {sensor}
    assert_said(said, sensor, LINEAR)


def test_when_a_measurement_ran_is_no_error_and_no_motion(tmp_path: Path) -> None:
    path = tmp_path / "time.csv"
    path.write_text(phyphox(META, STARTS))
    said = read(path)
    assert not said.readings
    assert not said.opened.has_motion
    assert said.opened.notices == [f"{path}: only says when a measurement ran; give its zip or folder"]


# Sensor Logger

ANDROID = {
    "Accelerometer.csv": sensor_logger(LINEAR),
    "Gravity.csv": sensor_logger(GRAVITY),
    "TotalAcceleration.csv": sensor_logger(TOTAL),
    "AccelerometerUncalibrated.csv": sensor_logger(TOTAL + 1),
    "Gyroscope.csv": sensor_logger(TURNING[SLOWER], T_S[SLOWER]),
    "GyroscopeUncalibrated.csv": sensor_logger(TURNING + 1),
    "Magnetometer.csv": sensor_logger(30 + LINEAR),
    "Orientation.csv": table("time,seconds_elapsed,qz,qy,qx,qw,roll,pitch,yaw", [[1, 2, 3, 4, 5, 6, 7, 8, 9]]),
    "Annotation.csv": "time,seconds_elapsed,text,millisecond_press_duration\n",
    "Metadata.csv": metadata("android", standardised=False),
    "__MACOSX/._Accelerometer.csv": "\0\0",
}
IPHONE = {name: ANDROID[name] for name in ("Gravity.csv", "Accelerometer.csv", "Gyroscope.csv")}


def test_sensor_logger_on_android(tmp_path: Path) -> None:
    said = read(zipped(tmp_path / "walk.zip", ANDROID))
    assert (said.opened.app, said.opened.device) == ("Sensor Logger", "walk")
    assert {reading.device for reading in said.readings} == {"walk"}
    assert_said(said, ACC, TOTAL)
    assert_said(said, GYRO, TURNING[SLOWER], T_S[SLOWER])
    assert units(said) == {ACC: Unit.MPS2, GYRO: Unit.RADPS}
    first = next(open_file(tmp_path / "walk.zip").messages)
    assert first.received_ns / NS_PER_S == pytest.approx(EPOCH_S + 0.24)


@pytest.mark.parametrize(("standardised", "sign"), [(True, 1.0), (False, -1.0)])
def test_sensor_logger_on_an_iphone_gets_gravity_back_and_physics_sign(
    tmp_path: Path, standardised: bool, sign: float
) -> None:
    members = IPHONE | {"Metadata.csv": metadata("ios", standardised=standardised)}
    said = read(in_folder(tmp_path / "walk", members))
    assert_said(said, ACC, sign * TOTAL)
    assert_said(said, GYRO, TURNING[SLOWER], T_S[SLOWER])


def test_gravity_stamped_otherwise_is_taken_from_between(tmp_path: Path) -> None:
    gravity = np.column_stack([0 * T_S, T_S, 9.8 - T_S])
    members = IPHONE | {"Gravity.csv": sensor_logger(gravity[::7], T_S[::7])}
    said = read(zipped(tmp_path / "walk.zip", members))
    held = np.minimum(T_S, T_S[::7][-1])  # the last one is held
    assert_said(said, ACC, LINEAR + np.column_stack([0 * T_S, held, 9.8 - held]))


def test_a_gyroscope_that_ran_long_before_does_not_burst_the_first_message(tmp_path: Path) -> None:
    early_s = np.arange(-60, 0, 0.002)
    turning = np.vstack([np.ones((len(early_s), 3)), TURNING])
    members = {
        "TotalAcceleration.csv": sensor_logger(TOTAL),
        "Gyroscope.csv": sensor_logger(turning, np.concatenate([early_s, T_S])),
    }
    said = read(zipped(tmp_path / "walk.zip", members))
    assert said.rejected == 0
    assert_said(said, ACC, TOTAL)
    _, kept = said.of(GYRO)
    np.testing.assert_allclose(kept[-N:], TURNING)
    assert len(kept) <= N + 501


@pytest.mark.parametrize(("per_g", "unit", "sign"), [(1.0, Unit.G, -1.0), (G0_MPS2, Unit.MPS2, 1.0)])
def test_phone_and_watch_in_one_export_are_two_devices(tmp_path: Path, per_g: float, unit: Unit, sign: float) -> None:
    scale = per_g / G0_MPS2
    worn = wrist_motion(scale * LINEAR, scale * GRAVITY, TURNING)
    said = read(zipped(tmp_path / "walk.zip", ANDROID | {"WristMotion.csv": worn}))
    assert {reading.device for reading in said.readings} == {"walk", "walk watch"}
    assert_said(said, ACC, TOTAL, device="walk")
    assert_said(said, ACC, sign * scale * TOTAL, device="walk watch")
    assert_said(said, GYRO, TURNING, device="walk watch")
    assert {reading.unit for reading in said.readings if reading.device == "walk watch"} == {unit, Unit.RADPS}
    assert said.readings[0].device == "walk"


def test_sensor_logger_as_json(tmp_path: Path) -> None:
    records = []
    for name in ("Accelerometer", "Gravity", "TotalAcceleration", "Gyroscope", "Metadata"):
        header, *lines = ANDROID[f"{name}.csv"].splitlines()
        records += [{"sensor": name} | dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    path = tmp_path / "walk.json"
    path.write_text(json.dumps(records))
    said, as_zip = read(path), read(zipped(tmp_path / "walk.zip", ANDROID))
    assert (said.opened.format, said.opened.app) == ("json", "Sensor Logger")
    for sensor in (ACC, GYRO):
        np.testing.assert_array_equal(said.of(sensor)[1], as_zip.of(sensor)[1])
        np.testing.assert_array_equal(said.of(sensor)[0], as_zip.of(sensor)[0])


@pytest.mark.parametrize(
    ("name", "xyz", "sensor"),
    [
        ("Accelerometer.csv", LINEAR, LIN),
        ("Accelerometer.csv", 4 * LINEAR, LIN),  # however brisk
        ("Accelerometer.csv", TOTAL, ACC),
        ("TotalAcceleration.csv", TOTAL, ACC),
        ("AccelerometerUncalibrated.csv", TOTAL / G0_MPS2, ACC),
        ("my phone_Gyroscope.csv", TURNING, GYRO),
    ],
)
def test_one_table_of_sensor_logger_is_known_by_its_name_and_its_values(
    tmp_path: Path, name: str, xyz: np.ndarray, sensor: Sensor
) -> None:
    path = tmp_path / name
    path.write_text(sensor_logger(xyz))
    said = read(path)
    assert_said(said, sensor, xyz)
    assert units(said) == {sensor: Unit.RADPS if sensor is GYRO else Unit.AUTO if "Uncalibrated" in name else Unit.MPS2}


# Other apps


def test_sensor_log_prefers_what_the_accelerometer_said(tmp_path: Path) -> None:
    names = ["loggingTime(txt)", "accelerometerTimestamp_sinceReboot(s)"]
    names += [f"accelerometerAcceleration{axis}(G)" for axis in "XYZ"]
    names += ["motionTimestamp_sinceReboot(s)"]
    names += [f"motionRotationRate{axis}(rad/s)" for axis in "XYZ"]
    names += [f"motionUserAcceleration{axis}(G)" for axis in "XYZ"] + [f"motionGravity{axis}(G)" for axis in "XYZ"]
    clock = [f"2026-09-21T13:{at // 60:02}:{at % 60:02}.000+00:00" for at in range(N)]
    rows = [
        [text, *row]
        for text, row in zip(
            clock, stamped(-TOTAL / G0_MPS2, T_S + 4e5 + 0.004, TURNING, LINEAR, GRAVITY, t_s=T_S + 4e5), strict=True
        )
    ]
    path = tmp_path / "log.csv"
    path.write_text(table(",".join(names), rows))
    said = read(path)
    assert said.opened.app == "SensorLog"
    assert_said(said, ACC, TOTAL / G0_MPS2)  # in physics' sign, not in iOS's
    assert_said(said, GYRO, TURNING[:-1], T_S[:-1])  # the last one came after all acceleration
    assert units(said) == {ACC: Unit.G, GYRO: Unit.RADPS}


def test_sensor_log_with_motion_alone_and_only_the_clock_on_the_wall(tmp_path: Path) -> None:
    names = [
        "loggingTime(txt)",
        *(f"motion{what}{axis}(G)" for what in ("UserAcceleration", "Gravity") for axis in "XYZ"),
    ]
    clock = [f"2026-09-21T13:13:{20 + at // 100}.{at % 100:02}0+02:00" for at in range(N)]
    scaled = np.column_stack([LINEAR, GRAVITY]) / G0_MPS2
    path = tmp_path / "log.csv"
    path.write_text(
        table(";".join(names), [])
        + "\n".join(f"{c};" + ";".join(map(str, r)) for c, r in zip(clock, scaled.tolist(), strict=True))
    )
    said = read(path)
    assert_said(said, ACC, -TOTAL / G0_MPS2)
    assert units(said) == {ACC: Unit.G}
    assert next(open_file(path).messages).received_ns // NS_PER_S == 1_789_989_200


@pytest.mark.parametrize(
    ("names", "xyz", "sensor", "unit"),
    [
        ("time,gFx,gFy,gFz,TgF", TOTAL / G0_MPS2, ACC, Unit.G),
        ("time;gFx;gFy;gFz;TgF", TOTAL / G0_MPS2, ACC, Unit.G),
        ("time,ax,ay,az,aT", LINEAR, LIN, Unit.MPS2),
        ("time,ax,ay,az,aT", TOTAL, ACC, Unit.MPS2),
        ("time,gFx,gFy,gFz,ax,ay,az", TOTAL / G0_MPS2, ACC, Unit.G),
        ("time,wx,wy,wz,T", TURNING, GYRO, Unit.RADPS),
        ("Time (s),Accelerometer.x,Accelerometer.y,Accelerometer.z,", TOTAL, ACC, Unit.AUTO),
    ],
)
def test_physics_toolbox_and_its_like(tmp_path: Path, names: str, xyz: np.ndarray, sensor: Sensor, unit: Unit) -> None:
    delimiter = ";" if ";" in names else ","
    rest = LINEAR if "gFx,gFy,gFz,ax" in names else np.linalg.norm(xyz, axis=1)
    rows = stamped(xyz, rest)
    text = table(names, [])[:-1] + "\n" + "\n".join(delimiter.join(map(str, row)) for row in rows)
    path = tmp_path / "log.csv"
    path.write_text(text.replace(".", ",") if delimiter == ";" else text)
    said = read(path)
    assert_said(said, sensor, xyz)
    assert units(said) == {sensor: unit}


def test_hyper_imu_counts_milliseconds_of_the_epoch(tmp_path: Path) -> None:
    names = "Timestamp , Accelerometer.x , Accelerometer.y , Accelerometer.z , Gyroscope.x , Gyroscope.y , Gyroscope.z"
    stamps_ms = [1_518_819_953_744 + 10 * at for at in range(N)]
    path = tmp_path / "log.csv"
    path.write_text(table(names, np.column_stack([stamps_ms, TOTAL, TURNING]).tolist()))
    said = read(path)
    assert_said(said, ACC, TOTAL)
    assert_said(said, GYRO, TURNING)
    assert next(open_file(path).messages).received_ns == pytest.approx(1_518_819_953_984 * 10**6, abs=1000)


# What cannot be taken


def test_a_gyroscope_alone_is_read_and_explained(tmp_path: Path) -> None:
    path = tmp_path / "Gyroscope.csv"
    path.write_text(sensor_logger(TURNING))
    said = read(path)
    assert_said(said, GYRO, TURNING)
    (notice,) = said.opened.notices
    assert notice.startswith(f"{path}: a gyroscope alone; motion is read from acceleration")


def test_without_gravity_is_told(tmp_path: Path) -> None:
    path = tmp_path / "Linear Accelerometer.csv"
    path.write_text(phyphox(["Time (s)", *named("", "m/s^2")], stamped(LINEAR)))
    (notice,) = open_file(path).notices
    assert notice.startswith(f"{path}: gravity was taken out of it")


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"a.csv": "t,ax,ay,az\n0,1,2,3\n", "b.csv": "t,ax,ay,az\n0,1,2,3\n"},
            "holds acceleration twice, a and b; give one recording at a time",
        ),
        (
            {"Magnetometer.csv": sensor_logger(LINEAR)},
            "none of its tables holds acceleration; export the accelerometer",
        ),
        ({"Accelerometer.csv": "t,ax,ay,az\n"}, "no row under its header is whole; export it again"),
        (
            {"Accelerometer.csv": "t,ax,ay,az\n0,x,y,z\n", "notes.csv": "hello\n"},
            "no row under its header is whole; export it again",
        ),
        ({"notes.md": "hello"}, "holds no table; give the CSV, the zip or the folder that the app exported"),
        ({f"{at}.csv": "" for at in range(201)}, "holds 201 tables, more than 200; give one export at a time"),
    ],
)
def test_an_export_without_motion(tmp_path: Path, members: dict[str, str], text: str) -> None:
    assert refusal(zipped(tmp_path / "export.zip", members)) == text


def test_a_name_makes_no_sensor_of_another(tmp_path: Path) -> None:
    path = tmp_path / "light linear gravity gyro watch walk.csv"
    path.write_text(table("t,ax,ay,az,gx,gy,gz", stamped(TOTAL, TURNING)))
    said = read(path)
    assert_said(said, ACC, TOTAL)
    assert_said(said, GYRO, TURNING)
    assert {reading.device for reading in said.readings} == {path.stem}


def test_headphones_are_on_no_wrist(tmp_path: Path) -> None:
    members = ANDROID | {"Headphone.csv": wrist_motion(LINEAR, GRAVITY, TURNING)}
    assert {reading.device for reading in read(zipped(tmp_path / "walk.zip", members)).readings} == {"walk"}


def test_a_magnetometer_is_not_taken_for_acceleration(tmp_path: Path) -> None:
    path = tmp_path / "Magnetometer.csv"
    path.write_text(sensor_logger(LINEAR))
    assert "does not name t, ax, ay and az" in refusal(path)
    path = tmp_path / "field.csv"
    path.write_text(phyphox(["Time (s)", *named("", "µT")], stamped(LINEAR)))
    assert "does not name t, ax, ay and az" in refusal(path)


def test_an_empty_table_costs_itself_alone(tmp_path: Path) -> None:
    said = read(zipped(tmp_path / "walk.zip", ANDROID | {"Location.csv": "", "Microphone.csv": "\0"}))
    assert_said(said, ACC, TOTAL)


def test_damage_is_named_by_the_table_it_is_in(tmp_path: Path) -> None:
    lines = ANDROID["TotalAcceleration.csv"].splitlines()
    lines[10], lines[20] = "half a li", lines[20].replace(",", ";")
    path = zipped(tmp_path / "walk.zip", ANDROID | {"TotalAcceleration.csv": "\n".join(lines)})
    said = read(path)
    reason = "null or not a number"
    told = f"2 of {N} rows skipped: line 11: {reason}; line 21: {reason}"
    assert said.opened.damage() == [f"{path}: TotalAcceleration.csv: {told}"]
    assert said.rejected == 2


# Zips that mean harm


def test_nothing_of_a_zip_is_written(tmp_path: Path) -> None:
    outside = tmp_path / "deep" / "down"
    outside.mkdir(parents=True)
    members = {f"../../{name}": text for name, text in IPHONE.items()} | {"/etc/x.csv": "hello"}
    assert_said(read(zipped(outside / "walk.zip", members)), ACC, TOTAL)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "down", "walk.zip"]


def test_a_bomb_fills_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        member.write(b"t,ax,ay,az\n0.00,0,0,9.8\n0.01,0,0,9.8\n")
        for _ in range(40):
            member.write(b"0" * (1 << 20))
    tracemalloc.start()
    try:
        said = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(said.of(ACC)[0]) == 2
    assert said.rejected > 0
    assert peak < 20e6  # of 40 MB that are one line


@pytest.mark.parametrize(("name", "member"), [("bomb.xlsx", "xl/worksheets/sheet1.xml"), ("bomb.npz", "t.npy")])
def test_what_is_read_in_one_piece_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, member: str
) -> None:
    monkeypatch.setattr("sensors.files.sheets.LARGEST_WHOLE_BYTES", 1_000_000)
    path = zipped(tmp_path / name, {member: "0" * 2_000_000})
    assert refusal(path) == "unpacks to 2 MB, more than is read in one piece; split it"
    whole = tmp_path / "large.json"
    whole.write_text("[" + " " * 2_000_000 + "]")
    assert refusal(whole) == "has 2 MB, more than can be read in one piece; export it as CSV"


def test_a_zip_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    t_s = np.arange(16_000) / 100
    path = zipped(
        tmp_path / "long.zip",
        {name: sensor_logger(np.ones((len(t_s), 3)) * 9, t_s) for name in ("TotalAcceleration.csv", "Gyroscope.csv")},
    )
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_file(path).messages)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 640
    assert peak < 2e6  # of 2 MB in all, in chunks of a tenth


@pytest.mark.skipif(
    not (DATA / "app_exports").is_dir(), reason=f"no recordings in {DATA}; name them with PALMPACE_DATA"
)
def test_every_export_there_is_can_be_read() -> None:
    paths = sorted((DATA / "app_exports").glob("*.csv"))
    assert paths
    for path in paths:
        said = read(path)
        assert said.readings or not said.opened.has_motion
        samples = sum(len(reading.ticks) for reading in said.readings)
        assert said.rejected < 0.1 * max(samples, 1)
        if "mcu" in path.name:
            (damage,) = said.opened.damage()
            assert f"{said.rejected} of 375 rows skipped: line 9: no usable time stamp" in damage
        else:
            assert not said.rejected
        assert ("gyroscope alone" in " ".join(said.opened.notices)) == ("yroscope" in path.name)
