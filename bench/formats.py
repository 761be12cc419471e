"""How many samples a second one core reads in each live format, beside the loop that a user would write for it.

The same wrist in every format, as its apps cut it into messages. Beside `sensors.decode.Decoder` stands the least that
gets the numbers out: `json.loads`, `struct.iter_unpack`, `cbor2.loads` or `str.split`, and lists to append to. It
checks nothing, knows its format beforehand, and believes every number; both have to find the same.

Usage: python -m bench.formats [--seconds S] [--passes N] [--write PAGE]
"""

from __future__ import annotations

import argparse
import json
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import cbor2

from bench import page
from bench.accuracy.table import Table
from bench.shapes import (
    SHAPES,
    START_NS,
    Sent,
    Shape,
    Vector,
    android_event,
    cbor_block,
    phyphox_arrays,
    plain_columns,
    plain_sample,
    scalar,
    senml,
    sensor_logger,
    text_lines,
    wrist,
)
from sensors.decode import Decoder
from sensors.message import NS_PER_S, Message
from sensors.samples import Reading, Sensor
from sensors.stream import Stream

SECONDS, PASSES = 60.0, 7
AT_ONCE = 20
"""Samples in a message of those that collect: 0.2 s."""
LISTENED = 3
"""Samples a device with a topic for each axis is listened to before its first is believed."""


@dataclass
class Found:
    """Numbers out of messages; stamps as they were sent, none where there are none."""

    ticks: list[float] = field(default_factory=list)
    acc: list[Vector] = field(default_factory=list)
    gyro: list[Vector] = field(default_factory=list)


Loop = Callable[[Sequence[Sent]], Found]


@dataclass(frozen=True)
class Format:
    """A live format: how it is written, and how a user would read it."""

    name: str
    shape: Shape
    at_once: int
    loop: Loop


@dataclass(frozen=True)
class Cost:
    """CPU seconds for all samples, medians over the passes."""

    format: Format
    samples: int
    messages: int
    size_bytes: int
    decoder_s: float
    loop_s: float
    stream_s: float


def _sensor_logger(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        for item in json.loads(payload)["payload"]:
            values = item["values"]
            vector = [values["x"], values["y"], values["z"]]
            if item["name"] == "totalacceleration":
                found.ticks.append(item["time"])
                found.acc.append(vector)
            elif item["name"] == "gyroscope":
                found.gyro.append(vector)
    return found


def _android_event(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        event = json.loads(payload)
        if event["type"] == "android.sensor.accelerometer":
            found.ticks.append(event["timestamp"])
            found.acc.append(event["values"])
        elif event["type"] == "android.sensor.gyroscope":
            found.gyro.append(event["values"])
    return found


def _columns(stamps: str) -> Loop:
    def loop(sent: Sequence[Sent]) -> Found:
        found = Found()
        for _, payload in sent:
            body = json.loads(payload)
            rows = zip(*(body[key] for key in (stamps, "ax", "ay", "az", "gx", "gy", "gz")), strict=True)
            for t, ax, ay, az, gx, gy, gz in rows:
                found.ticks.append(t)
                found.acc.append([ax, ay, az])
                found.gyro.append([gx, gy, gz])
        return found

    return loop


def _plain_sample(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        body = json.loads(payload)
        found.ticks.append(body["t"])
        found.acc.append([body["ax"], body["ay"], body["az"]])
        found.gyro.append([body["gx"], body["gy"], body["gz"]])
    return found


def _senml(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        pack = json.loads(payload)
        base_s = pack[0]["bt"]
        samples: dict[float, dict[str, float]] = {}
        for record in pack:
            samples.setdefault(base_s + record["t"], {})[record["n"]] = record["v"]
        for t_s, axes in samples.items():
            found.ticks.append(t_s)
            found.acc.append([axes["ax"], axes["ay"], axes["az"]])
            found.gyro.append([axes["gx"], axes["gy"], axes["gz"]])
    return found


def _cbor_block(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        block = cbor2.loads(payload)
        n, now_us = block["n"], block["t0_us"]
        axes = [struct.unpack(f"<{n}h", block[axis]) for axis in "xyz"]
        for step_us, x, y, z in zip(struct.unpack(f"<{n}H", block["dt"]), *axes, strict=True):
            now_us += step_us
            found.ticks.append(now_us)
            found.acc.append([x, y, z])
    return found


def _text_lines(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        for line in payload.decode().split("\n"):
            t, *values = line.split(",")
            ax, ay, az, gx, gy, gz = map(float, values)
            found.ticks.append(int(t))
            found.acc.append([ax, ay, az])
            found.gyro.append([gx, gy, gz])
    return found


def _packed(sent: Sequence[Sent]) -> Found:
    found = Found()
    for _, payload in sent:
        for gx, gy, gz, ax, ay, az, us in struct.iter_unpack("<6fq", payload):
            found.ticks.append(us)
            found.acc.append([ax, ay, az])
            found.gyro.append([gx, gy, gz])
    return found


def _scalar(sent: Sequence[Sent]) -> Found:
    found = Found()
    latest: dict[str, float] = {}
    for topic, payload in sent:
        latest[topic] = float(payload)
        if topic == "esp/gyro/z":
            found.acc.append([latest["esp/acc/x"], latest["esp/acc/y"], latest["esp/acc/z"]])
            found.gyro.append([latest["esp/gyro/x"], latest["esp/gyro/y"], latest["esp/gyro/z"]])
    return found


FORMATS = (
    Format("Sensor Logger", Shape(sensor_logger), AT_ONCE, _sensor_logger),
    Format("Android event", Shape(android_event), 1, _android_event),
    Format("phyphox, JSON arrays", Shape(phyphox_arrays), AT_ONCE, _columns("t")),
    Format("plain, one sample", Shape(plain_sample), 1, _plain_sample),
    Format("plain, columns", Shape(plain_columns), AT_ONCE, _columns("t_ms")),
    Format("SenML", Shape(senml), AT_ONCE, _senml),
    Format("CBOR block", Shape(cbor_block), AT_ONCE, _cbor_block),
    Format("text, lines", Shape(text_lines), AT_ONCE, _text_lines),
    Format("packed struct", SHAPES["packed"], AT_ONCE, _packed),
    Format("a topic for each axis", Shape(scalar), 1, _scalar),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.formats", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the wrist")
    parser.add_argument("--passes", type=int, default=PASSES)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the table to this file")
    args = parser.parse_args()
    table = _table([measure(each, args.seconds, args.passes) for each in FORMATS], args.seconds, args.passes)
    print(table.markdown(level=3))
    if args.write:
        page.write(args.write, page.FORMATS, [table])


def measure(format_: Format, seconds: float, passes: int) -> Cost:
    """Read a wrist both ways, again and again in turn, and compare what is found."""
    worn = wrist(seconds)
    sent: list[Sent] = []
    messages: list[Message] = []
    for part in worn.cut(format_.at_once):
        arrival_ns = START_NS + round(part.t_s[-1] * NS_PER_S)
        written = format_.shape.write(part)
        sent += written
        messages += [Message(topic, payload, arrival_ns + 1000 * k) for k, (topic, payload) in enumerate(written)]
    decoder_s, loop_s, stream_s = [], [], []
    for _ in range(passes):
        began_s = time.process_time()
        read = _decoded(format_, messages)
        decoder_s.append(time.process_time() - began_s)
        began_s = time.process_time()
        found = format_.loop(sent)
        loop_s.append(time.process_time() - began_s)
        began_s = time.process_time()
        _streamed(format_, messages)
        stream_s.append(time.process_time() - began_s)
    _compare(format_, read, found)
    size_bytes = sum(len(payload) for _, payload in sent)
    return Cost(format_, len(found.acc), len(sent), size_bytes, median(decoder_s), median(loop_s), median(stream_s))


def _decoder(format_: Format) -> Decoder:
    return Decoder([format_.shape.declared] if format_.shape.declared else ())


def _decoded(format_: Format, messages: Sequence[Message]) -> list[Reading]:
    decoder = _decoder(format_)
    return [reading for message in messages for reading in decoder.decode(message).readings]


def _streamed(format_: Format, messages: Sequence[Message]) -> int:
    """Read on, to blocks of samples in SI units."""
    decoder, stream = _decoder(format_), Stream("wrist")
    blocks = 0
    for message in messages:
        for reading in decoder.decode(message).readings:
            blocks += len(stream.push(reading, message.received_ns))
    return blocks + len(stream.flush())


def _compare(format_: Format, readings: Sequence[Reading], found: Found) -> None:
    """Make sure that both have found the same: to the last bit, but for what is listened to first."""
    turning = [reading for reading in readings if reading.sensor is Sensor.GYROSCOPE]
    moving = [reading for reading in readings if reading.sensor is not Sensor.GYROSCOPE]
    ticks = [tick for reading in moving for tick in reading.ticks.tolist()] if found.ticks else []
    acc, gyro = ([v for reading in each for v in reading.xyz.tolist()] for each in (moving, turning))
    lost = len(found.acc) - len(acc)
    if not 0 <= lost <= (0 if found.ticks else LISTENED):
        raise AssertionError(f"{format_.name}: {len(acc)} samples of {len(found.acc)}")
    if (ticks, acc, gyro) != (found.ticks, found.acc[lost:], found.gyro[lost:]):
        raise AssertionError(f"{format_.name}: the decoder and the loop do not find the same numbers")


def _table(costs: Sequence[Cost], seconds: float, passes: int) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            cost.format.name,
            f"{cost.messages / cost.samples:.2g}",
            f"{cost.size_bytes / cost.samples:.0f} B",
            f"{_rate(cost.samples, cost.decoder_s):,}",
            f"{_rate(cost.samples, cost.loop_s):,}",
            f"{cost.loop_s / cost.decoder_s:.2f}",
            f"{_rate(cost.samples, cost.stream_s):,}",
            f"{_rate(cost.samples, cost.stream_s) // 100:,}",
        )
        for cost in costs
    ]
    return Table(
        "Samples a second on one core",
        (
            "format",
            "messages a sample",
            "size of a sample",
            "decoder",
            "loop",
            "decoder / loop",
            "decoder and stream",
            "devices at 100 Hz",
        ),
        rows,
        [
            f"""A sample is an acceleration and an angular rate at one moment; the CBOR block has no room for the
latter. {seconds:.0f} s of a wrist at 100 Hz. The loop is what a user would write: `json.loads` (for binary
`struct.iter_unpack`, for CBOR `cbor2.loads`, for text `split` and `float`) and appending to lists, with no check of
anything, for this format alone. Above 1 the decoder is the quicker one. Both find the same numbers to the last bit; of
a device with a topic for each axis the first {LISTENED} samples are only listened to. CPU time, the median of {passes}
passes in turn, on one core of: {page.processor()}.""",
        ],
    )


def _rate(samples: int, spent_s: float) -> int:
    return round(samples / spent_s / 100) * 100


if __name__ == "__main__":
    main()
