"""A valid payload of every shape that devices and apps send, written from a simulated wrist's samples."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any

import cbor2
import msgspec

from sensors.declared import Declared
from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, Unit
from sensors.simulate import Device, Phase, simulate

START_NS = 1_767_225_600 * NS_PER_S
BOOT_NS = 93_784 * NS_PER_S
"""How long the Android has been up: its events count from boot."""
DEGREES = 57.29577951308232
RATE_HZ = 100.0

Vector = list[float]
Sent = tuple[str, bytes]
"""Topic and payload."""


@dataclass(frozen=True)
class Part:
    """Some samples of a wrist, one after the other.

    Attributes
    ----------
    first : int
        How many came before them.
    t_s : list of float
        Since the start.
    acc_mps2, gyro_radps : list of list of float
        A vector for each sample; gravity is in the first.
    """

    first: int
    t_s: Vector
    acc_mps2: list[Vector]
    gyro_radps: list[Vector]

    def __len__(self) -> int:
        return len(self.t_s)

    def cut(self, size: int) -> Iterator[Part]:
        """Cut it into parts of so many samples; what is left over is left out."""
        for begin in range(0, len(self) - size + 1, size):
            yield self.slice(begin, begin + size)

    def slice(self, begin: int, end: int) -> Part:
        """Give the samples from ``begin`` to before ``end``."""
        return Part(self.first + begin, self.t_s[begin:end], self.acc_mps2[begin:end], self.gyro_radps[begin:end])

    @property
    def vectors(self) -> Iterator[tuple[float, Vector, Vector]]:
        """Each sample's time, acceleration and angular rate."""
        return zip(self.t_s, self.acc_mps2, self.gyro_radps, strict=True)


Write = Callable[[Part], list[Sent]]


@dataclass(frozen=True)
class Shape:
    """A way to put samples on the wire.

    Attributes
    ----------
    write : callable
        Gives the messages that carry a `Part`.
    declared : Declared or None
        What a person has to say of it, where its bytes say nothing.
    """

    write: Write
    declared: Declared | None = None


@cache
def wrist(seconds: float) -> Part:
    """Give a wrist that strokes, its numbers rounded as apps print them."""
    hand = simulate([Phase("stroke", seconds, rate_cpm=60.0)], Device(rate_hz=RATE_HZ, jitter_s=0.0), seed=1)
    if hand.gyro_radps is None:
        raise AssertionError("this device has a gyroscope")
    return Part(0, hand.t_s.round(5).tolist(), hand.acc_mps2.round(4).tolist(), hand.gyro_radps.round(5).tolist())


def epoch_ns(t_s: float) -> int:
    """Give a sample's time since 1970."""
    return START_NS + round(t_s * NS_PER_S)


# Sensor Logger


def sensor_logger(part: Part) -> list[Sent]:
    return _pushed([*_logged("totalacceleration", part, part.acc_mps2), *_logged("gyroscope", part, part.gyro_radps)])


def _sensor_logger_ios(part: Part) -> list[Sent]:
    moved = [[x, y, z - G0_MPS2] for x, y, z in part.acc_mps2]
    gravity = [[0.0, 0.0, G0_MPS2]] * len(part)
    turned = _logged("gyroscope", part, part.gyro_radps)
    return _pushed([*_logged("accelerometer", part, moved), *_logged("gravity", part, gravity), *turned])


def _sensor_logger_uncalibrated(part: Part) -> list[Sent]:
    in_g = _in_g(part)
    return _pushed([*_logged("accelerometeruncalibrated", part, in_g), *_logged("location", part, part.gyro_radps)])


def _sensor_logger_watch(part: Part) -> list[Sent]:
    items = [
        {
            "name": "wrist motion",
            "time": epoch_ns(t_s - 7),
            "values": {
                **dict(zip(("rotationRateX", "rotationRateY", "rotationRateZ"), gyro, strict=True)),
                **dict(zip(("gravityX", "gravityY", "gravityZ"), (0.0, 0.0, -1.0), strict=True)),
                "accelerationX": x / G0_MPS2,
                "accelerationY": y / G0_MPS2,
                "accelerationZ": z / G0_MPS2 - 1,
            },
        }
        for t_s, (x, y, z), gyro in part.vectors
    ]
    return _pushed([*items, {"name": "headphone", "time": epoch_ns(part.t_s[0]), "values": {"gravityX": 9.8}}])


def _sensor_logger_place(part: Part) -> list[Sent]:
    values = {"latitude": 52.1, "longitude": 4.3, "speed": None}
    items = [{"name": "location", "time": epoch_ns(t_s), "values": values} for t_s in part.t_s]
    return _pushed([*items, {"name": "camera", "image": "aGVsbG8=", "imageFormat": "jpg"}])


def _logged(name: str, part: Part, vectors: list[Vector]) -> list[dict[str, Any]]:
    return [
        {"name": name, "time": epoch_ns(t_s), "values": {"z": z, "y": y, "x": x}, "accuracy": 3}
        for t_s, (x, y, z) in zip(part.t_s, vectors, strict=True)
    ]


def _pushed(items: list[dict[str, Any]]) -> list[Sent]:
    body = {"messageId": 7, "sessionId": "a session", "deviceId": "a phone", "payload": items}
    return [("sensor-logger", _json(body))]


# phyphox


def phyphox_arrays(part: Part) -> list[Sent]:
    return [("phyphox/hand", _json({"t": part.t_s, **_columns(part)}))]


def _phyphox_timed(part: Part) -> list[Sent]:
    events = [{"event": "START", "experimentTime": 0, "systemTime": START_NS / NS_PER_S}]
    time = {"now": START_NS / NS_PER_S + part.t_s[-1], "events": events}
    return [("phyphox/hand", _json({"t": part.t_s, **_columns(part), "time": time, "model": "a phone"}))]


def _phyphox_numbers(part: Part) -> list[Sent]:
    x, y, z = part.acc_mps2[-1]
    body = {"AccG_X": x, "AccG_Y": y, "AccG_Z": z, "GyroX": None, "Timestamp": part.t_s[-1], "Latitude": 52.1}
    return [("phyphox/hand", _json(body))]


def _phyphox_csv(part: Part) -> list[Sent]:
    columns = {"acct": part.t_s, **dict(zip(("accx", "accy", "accz"), _axes(part.acc_mps2), strict=True))}
    return [(f"phyphox/{name}", ",".join(map(str, values)).encode()) for name, values in columns.items()]


# Events of Android


def android_event(part: Part) -> list[Sent]:
    return [
        ("android/sensor", _event({"type": f"android.sensor.{sensor}"}, t_s, values))
        for t_s, acc, gyro in part.vectors
        for sensor, values in (("accelerometer", acc), ("gyroscope", gyro))
    ]


def _android_topics(part: Part) -> list[Sent]:
    linear = [[x, y, z - G0_MPS2] for x, y, z in part.acc_mps2]
    return [
        (f"android/sensor/{sensor}", _event({"accuracy": 2}, t_s, values))
        for k, (t_s, _, gyro) in enumerate(part.vectors)
        for sensor, values in (("linear_acceleration", linear[k]), ("gyroscope", gyro))
    ]


def _android_gps(part: Part) -> list[Sent]:
    body = {"type": "android.gps", "latitude": 52.1, "longitude": 4.3, "time": epoch_ns(part.t_s[0]) // 1_000_000}
    return [("android/sensor", _json(body))]


def _event(about: dict[str, Any], t_s: float, values: Vector) -> bytes:
    return _json(about | {"values": values, "timestamp": BOOT_NS + round(t_s * NS_PER_S)})


# JSON that people write themselves


def plain_sample(part: Part) -> list[Sent]:
    return _each("palmpace/imu", part, lambda _, t_s, acc, gyro: {"t": _ms(t_s), **_named(acc, gyro)})


def plain_columns(part: Part) -> list[Sent]:
    return [("palmpace/imu", _json({"t_ms": [_ms(t_s) for t_s in part.t_s], **_columns(part)}))]


def _plain_bare(part: Part) -> list[Sent]:
    return _each("esp/imu", part, lambda _, _t, acc, gyro: _named(acc, [DEGREES * value for value in gyro]))


def _plain_local_time(part: Part) -> list[Sent]:
    def body(_: int, t_s: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        names = ("accX", "accY", "accZ", "gycX", "gycY", "gycZ")
        time = datetime.fromtimestamp(START_NS // NS_PER_S + int(t_s), tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return dict(zip(names, (*acc, *gyro), strict=True)) | {"temp": 27.9, "timestamp": time}

    return _each("sensors/ACC01/data", part, body)


def _plain_raw(part: Part) -> list[Sent]:
    def body(k: int, _: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        counts = [*(round(a / G0_MPS2 * 16384) for a in acc), *(round(DEGREES * g * 131) for g in gyro)]
        return {"idx": k, **dict(zip(("accX", "accY", "accZ", "gyX", "gyY", "gyZ"), counts, strict=True)), "tmp": 27.9}

    return _each("micropython/test/mpu6050", part, body)


def _plain_raw_columns(part: Part) -> list[Sent]:
    columns = dict(zip(("accX", "accY", "accZ"), _axes(part.acc_mps2), strict=True))
    return [("micropython/test/mpu6050", _json(columns | {"idx": [part.first + k for k in range(len(part))]}))]


def _plain_printed(part: Part) -> list[Sent]:
    names = ("Ax", "Ay", "Az", "Gx", "Gy", "Gz")
    bodies = [
        dict(zip(names, (*acc, *gyro), strict=True)) | {"Temperature": 27.94}
        for acc, gyro in zip(_in_g(part), part.gyro_radps, strict=True)
    ]
    return [("topic/MPU", json.dumps(body, indent="\t").encode()) for body in bodies]


def _plain_nested(part: Part) -> list[Sent]:
    def body(_: int, t_s: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        return {"ts": _ms(t_s), "acc": dict(zip("xyz", acc, strict=True)), "gyro": gyro}

    return _each("esp/imu", part, body)


def _plain_samples(part: Part) -> list[Sent]:
    samples = [{"t": t_s, "acc": acc, "gyro": gyro} for t_s, acc, gyro in part.vectors]
    return [("esp/imu", _json({"device": "a board", "unit": "m/s2", "samples": samples}))]


def _plain_two(part: Part) -> list[Sent]:
    def body(_: int, t_s: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        return {"id": "two wrists", "t": _ms(t_s), "s1": _named(acc, gyro), "s2": _named(acc[::-1], gyro)}

    return _each("esp/imu", part, body)


def _plain_scalar(part: Part) -> list[Sent]:
    return _each("rocket", part, lambda _, t_s, acc, gyro: {"id": "a", "t": _ms(t_s), "acc": acc[2], "gyr": gyro[0]})


def _browser_strings(part: Part) -> list[Sent]:
    def body(_: int, _t: float, acc: Vector, _g: Vector) -> dict[str, Any]:
        return dict(zip("xyz", map(str, acc), strict=True)) | {"button": False}

    return _each("sensornode/livestream", part, body)


def _browser_motion(part: Part) -> list[Sent]:
    def body(_: int, t_s: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        return {
            "acceleration": dict.fromkeys("xyz"),
            "accelerationIncludingGravity": dict(zip("xyz", acc, strict=True)),
            "rotationRate": dict(zip(("alpha", "beta", "gamma"), (DEGREES * value for value in gyro), strict=True)),
            "interval": 16,
            "timestamp": 1000 * t_s,
        }

    return _each("browser/motion", part, body)


def _tasmota(part: Part) -> list[Sent]:
    def body(_: int, _t: float, acc: Vector, gyro: Vector) -> dict[str, Any]:
        counts = [float(round(a / G0_MPS2 * 16384)) for a in acc] + [float(round(DEGREES * g * 131)) for g in gyro]
        names = ("AccelXAxis", "AccelYAxis", "AccelZAxis", "GyroXAxis", "GyroYAxis", "GyroZAxis")
        measured = dict(zip(names, counts, strict=True)) | {"Temperature": 27.7}
        return {"Time": "2026-01-01T19:37:50", "MPU6050": measured, "TempUnit": "C"}

    return _each("tele/tasmota/SENSOR", part, body)


def _openeew(part: Part) -> list[Sent]:
    gal = [[100 * value for value in acc] for acc in part.acc_mps2]
    body = {
        "device_id": "A8032A4DD5F0",
        "sr": RATE_HZ,
        "device_t": START_NS / NS_PER_S + part.t_s[-1],
        "traces": [dict(zip("xyz", _axes(gal), strict=True))],
    }
    return [("iot-2/evt/status/fmt/json", _json(body))]


def _openeew_older(part: Part) -> list[Sent]:
    traces = [dict(zip("xyz", _axes(part.acc_mps2), strict=True))]
    return [("iot-2/evt/status/fmt/json", _json({"d": {"device_id": "A8032A4DD5F0", "traces": traces}}))]


# SenML and CBOR


def senml(part: Part) -> list[Sent]:
    return [("channels/1/messages", _json(_pack(part)))]


def _senml_older(part: Part) -> list[Sent]:
    first, *others = _pack(part)
    base = {label: first.pop(label) for label in ("bn", "bt", "bu")}
    return [("channels/1/messages", _json({**base, "e": [first, *others]}))]


def _senml_cbor(part: Part) -> list[Sent]:
    labels = {"bn": -2, "bt": -3, "bu": -4, "n": 0, "u": 1, "v": 2, "t": 6}
    pack = [{labels[label]: value for label, value in record.items()} for record in _pack(part)]
    return [("channels/1/messages", cbor2.dumps(pack))]


def cbor_block(part: Part) -> list[Sent]:
    """Write a block in one map: milli-g and microseconds in 16 bits."""
    about, columns = _blocked(part)
    return [("esp/acc", cbor2.dumps(about | columns))]


def _cbor_parts(part: Part) -> list[Sent]:
    about, columns = _blocked(part)
    parts = [
        {"id": about["id"], "type": name, "idx": at, "parts": 2, "a": half}
        for name, column in columns.items()
        for at, half in enumerate((column[: len(part) // 2 * 2], column[len(part) // 2 * 2 :]))
    ]
    return [("esp/acc", cbor2.dumps(body)) for body in (about, *parts)]


def _cbor_plain(part: Part) -> list[Sent]:
    return [("esp/imu", cbor2.dumps({"t": _ms(t_s), **_named(acc, gyro)})) for t_s, acc, gyro in part.vectors]


def _pack(part: Part) -> list[dict[str, Any]]:
    pack = [
        {"n": name, "u": unit, "t": t_s, "v": value}
        for t_s, acc, gyro in part.vectors
        for unit, names, vector in (("m/s2", ("ax", "ay", "az"), acc), ("rad/s", ("gx", "gy", "gz"), gyro))
        for name, value in zip(names, vector, strict=True)
    ]
    return [{"bn": "urn:dev:mac:0024befffe804ff1:", "bt": START_NS / NS_PER_S, "bu": "m/s2"} | pack[0], *pack[1:]]


def _blocked(part: Part) -> tuple[dict[str, Any], dict[str, bytes]]:
    n = len(part)
    t0_us = epoch_ns(part.t_s[0]) // 1000
    about = {"id": part.first, "dev": "a board", "t0_us": t0_us, "n": n, "fs": round(RATE_HZ)}
    steps_us = [0, *(round((b - a) * 1e6) for a, b in zip(part.t_s[:-1], part.t_s[1:], strict=True))]
    columns = {
        name: struct.pack(f"<{n}h", *(round(1000 * value / G0_MPS2) for value in values))
        for name, values in zip("xyz", _axes(part.acc_mps2), strict=True)
    }
    formats = {"dt_fmt": "u16le_us", "a_fmt": "i16le_mg"}
    return about | formats, columns | {"dt": struct.pack(f"<{n}H", *steps_us)}


# Text


def text_lines(part: Part) -> list[Sent]:
    rows = "\n".join(",".join(map(str, (_ms(t_s), *acc, *gyro))) for t_s, acc, gyro in part.vectors)
    return [("esp/imu", rows.encode())]


def _text_headed(part: Part) -> list[Sent]:
    head = "time (s);ax (g);ay (g);az (g)"
    rows = [";".join(map(str, (t_s, *acc))) for t_s, acc in zip(part.t_s, _in_g(part), strict=True)]
    return [("esp/imu", "\n".join([head, *rows]).encode())]


def _text_spaced(part: Part) -> list[Sent]:
    return [("Acceleration", " ".join(map(str, acc)).encode()) for acc in part.acc_mps2]


def _text_named(part: Part) -> list[Sent]:
    return [
        ("Acceleration", f"Acceleration: X={x} m/s^2, Y={y} m/s^2, Z={z} m/s^2".encode()) for x, y, z in part.acc_mps2
    ]


def _mindgame(part: Part) -> list[Sent]:
    return [("W1/accelerometer", _mindgame_rows(part).encode())]


def _mindgame_german(part: Part) -> list[Sent]:
    return [("W1/gyroscope", _mindgame_rows(part).replace(".", ",").encode())]


def _mindgame_other(part: Part) -> list[Sent]:
    return [("W1/heartrate", f"71.0,{BOOT_NS + part.first},2026-01-01 15:53:20.123".encode())]


def _mindgame_rows(part: Part) -> str:
    return "\n".join(
        f"{x:.6f},{y:.6f},{z:.6f},{BOOT_NS + round(t_s * NS_PER_S)},2026-01-01 15:53:20.123"
        for t_s, (x, y, z), _ in part.vectors
    )


def _imu_stream(part: Part) -> list[Sent]:
    stamps_ms = [epoch_ns(t_s) // 1_000_000 for t_s in part.t_s]
    lists = [
        (len(part), letter, *chain.from_iterable(vectors), *stamps_ms)
        for letter, vectors in (("a", part.acc_mps2), ("g", part.gyro_radps))
    ]
    return [("W1/imu", (";".join(map(str, chain(*lists))) + ";").encode())]


# Binary, as a person declares it


def packed(part: Part) -> list[Sent]:
    rows = [struct.pack("<6fq", *gyro, *acc, round(t_s * 1e6)) for t_s, acc, gyro in part.vectors]
    return [("/esp32-kit/imu6", b"".join(rows))]


def _packed_weather(part: Part) -> list[Sent]:
    rows = [
        struct.pack("<I9f", _ms(t_s), 21.5, 1013.0, 40.0, *acc, *(DEGREES * value for value in gyro))
        for t_s, acc, gyro in zip(part.t_s, _in_g(part), part.gyro_radps, strict=True)
    ]
    return [("esp32/sensor/stream", b"".join(rows))]


# A topic for each axis


def scalar(part: Part) -> list[Sent]:
    """Write each axis to a topic of its own, in the order of a loop."""
    return [
        (f"esp/{sensor}/{axis}", str(value).encode())
        for _, acc, gyro in part.vectors
        for sensor, vector in (("acc", acc), ("gyro", gyro))
        for axis, value in zip("xyz", vector, strict=True)
    ]


def _scalar_raw(part: Part) -> list[Sent]:
    return [
        (f"{axis}{sensor}", str(round(value / scale)).encode())
        for _, acc, gyro in part.vectors
        for sensor, vector, scale in (("Acc", acc, G0_MPS2 / 16384), ("Gyro", gyro, 1 / DEGREES / 131))
        for axis, value in zip("XYZ", vector, strict=True)
    ]


def _esphome(part: Part) -> list[Sent]:
    return [
        (f"board/sensor/imu_accel_{axis}/state", f"{value:.2f}".encode())
        for acc in part.acc_mps2
        for axis, value in zip("xyz", acc, strict=True)
    ]


SHAPES: dict[str, Shape] = {
    "sensor-logger, Android": Shape(sensor_logger),
    "sensor-logger, iPhone": Shape(_sensor_logger_ios),
    "sensor-logger, uncalibrated": Shape(_sensor_logger_uncalibrated),
    "sensor-logger, watch": Shape(_sensor_logger_watch),
    "sensor-logger, places": Shape(_sensor_logger_place),
    "phyphox arrays": Shape(phyphox_arrays),
    "phyphox arrays and time": Shape(_phyphox_timed),
    "phyphox numbers": Shape(_phyphox_numbers),
    "phyphox csv": Shape(_phyphox_csv),
    "android event": Shape(android_event),
    "android event by topic": Shape(_android_topics),
    "android place": Shape(_android_gps),
    "plain sample": Shape(plain_sample),
    "plain sample, no time": Shape(_plain_bare),
    "plain sample, local time": Shape(_plain_local_time),
    "plain sample, raw": Shape(_plain_raw),
    "plain sample, printed": Shape(_plain_printed),
    "plain sample, nested": Shape(_plain_nested),
    "plain samples": Shape(_plain_samples),
    "plain columns": Shape(plain_columns),
    "plain columns, numbered": Shape(_plain_raw_columns),
    "plain, two sensors": Shape(_plain_two),
    "plain, one number": Shape(_plain_scalar),
    "browser, text": Shape(_browser_strings),
    "browser, motion event": Shape(_browser_motion),
    "tasmota": Shape(_tasmota),
    "openeew": Shape(_openeew),
    "openeew, older": Shape(_openeew_older),
    "senml": Shape(senml),
    "senml, older": Shape(_senml_older),
    "senml in cbor": Shape(_senml_cbor),
    "cbor block": Shape(cbor_block),
    "cbor block in parts": Shape(_cbor_parts),
    "cbor map": Shape(_cbor_plain),
    "text lines": Shape(text_lines),
    "text with a head": Shape(_text_headed),
    "text with spaces": Shape(_text_spaced),
    "text with names": Shape(_text_named),
    "text, declared": Shape(
        text_lines, Declared(topic="esp/#", format="text", fields=("ms", "ax", "ay", "az", "gx", "gy", "gz"))
    ),
    "watch lines": Shape(_mindgame),
    "watch lines, German": Shape(_mindgame_german),
    "watch lines, heart": Shape(_mindgame_other),
    "watch list": Shape(_imu_stream),
    "packed": Shape(
        packed,
        Declared(
            topic="#", format="struct", struct="<6fq", fields=("gx", "gy", "gz", "ax", "ay", "az", "us"), unit=Unit.MPS2
        ),
    ),
    "packed, with weather": Shape(
        _packed_weather,
        Declared(
            topic="#",
            format="struct",
            struct="<I9f",
            fields=("ms", "", "", "", "ax", "ay", "az", "gx", "gy", "gz"),
            gyro_unit=Unit.DEGPS,
        ),
    ),
    "topic for each axis": Shape(scalar),
    "topic for each axis, raw": Shape(_scalar_raw),
    "topic for each axis, ESPHome": Shape(_esphome),
}
"""By name; valid ones all, though some hold no motion."""


def _each(topic: str, part: Part, body: Callable[[int, float, Vector, Vector], dict[str, Any]]) -> list[Sent]:
    """Write one message for each sample, made of its number, time, acceleration and angular rate."""
    return [(topic, _json(body(part.first + k, *sample))) for k, sample in enumerate(part.vectors)]


def _named(acc: Vector, gyro: Vector) -> dict[str, float]:
    return dict(zip(("ax", "ay", "az", "gx", "gy", "gz"), (*acc, *gyro), strict=True))


def _columns(part: Part) -> dict[str, list[float]]:
    return dict(
        zip(("ax", "ay", "az", "gx", "gy", "gz"), (*_axes(part.acc_mps2), *_axes(part.gyro_radps)), strict=True)
    )


def _axes(vectors: list[Vector]) -> list[list[float]]:
    return [list(axis) for axis in zip(*vectors, strict=True)]


def _in_g(part: Part) -> list[Vector]:
    return [[round(value / G0_MPS2, 4) for value in acc] for acc in part.acc_mps2]


def _ms(t_s: float) -> int:
    return round(1000 * t_s)


def _json(tree: object) -> bytes:
    return msgspec.json.encode(tree)
