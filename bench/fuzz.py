"""A million damaged payloads: no exception escapes, nothing hangs, memory stays flat, every reject has a reason.

Payloads of every shape are damaged as no device means to and some do: bits flipped, cut, doubled, spliced with
another shape, numbers at their extremes, nested without end, drawn out to a megabyte, in another encoding, or nothing
but noise; on any topic. A hundred make a session with a decoder of its own, for a half of them with something declared.
What comes of them goes on through streams, and for every hundredth session through a whole pipeline.

The n-th payload is the same in every run of a seed: ``--only`` goes through its session again up to it, and shows
what it does.

Usage: python -m bench.fuzz [--payloads N] [--seed S] [--only INDEX] [--jobs N] [--write PAGE]
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import re
import signal
import struct
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import cbor2
import numpy as np
import psutil  # type: ignore[import-untyped]  # it brings no types

from bench import page
from bench.accuracy.table import Table
from bench.shapes import SHAPES, START_NS, Part, Shape, wrist
from sensors.declared import Declared, Format
from sensors.decode import LARGEST_BYTES, Decoded, Decoder, android_event
from sensors.decode.roles import of_name
from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.samples import Clock, Kind, Samples, Sensor, Unit
from sensors.stream import Stream
from tracker.events import to_json
from tracker.pipeline import Pipeline
from tracker.session import Command

PAYLOADS = 1_000_000
PER_SESSION = 100
SESSIONS_PER_PIPELINE = 100
STREAMS = 4
"""Devices a session follows at once; the one longest known makes room for another."""
SLOW_S = 0.5
HANGS_AFTER_S = 60
"""A session takes milliseconds."""
GROWTH_MB, GROWTH_OBJECTS = 24.0, 1000
"""What a process may grow by from a tenth of its run to the end: holes in its memory, and reasons not met before."""
SETTLED = 0.1
NOISE = "noise"
REASONS = 12
SHOWN = 20
WRIST_S = 60.0
BLOCK_SAMPLES = 1_000_000

EXTREMES = (
    *("1e999", "-1e999", "NaN", "Infinity", "-Infinity", "0", "-0", "-0.0", "1e308", "5e-324", "1e-400", "null"),
    *("true", '""', '"N/A"', '"1_0"', "[]", "{}", "01", "1.", ".5", "+1", "0x10", "1,5", "1e5", "-", "１２"),
    *(str(2**n + k) for n in (31, 32, 53, 63, 64, 70) for k in (-1, 0, 1)),
    *(str(-(2**63) - 1), "9" * 310, "9" * 5000),
)
NODES: tuple[Any, ...] = (
    *(
        None,
        True,
        -0.0,
        float("nan"),
        float("inf"),
        1e308,
        2**63,
        -(2**63) - 1,
        2**64,
        10**400,
        "",
        "x" * 300,
        "\x1b[2J",
    ),
    *([], {}, [[]], [{}], {"x": None}, {"x": 1, "y": 2, "z": 3}, [1, 2, 3], "nan", "1.5", "g", "1e999", [None] * 50),
)
WORDS = (
    *("payload", "name", "time", "values", "deviceId", "type", "timestamp", "samples", "device", "id", "unit", "x"),
    *("ax", "ay", "gx", "acc", "gyro", "t", "gt", "idx", "t_s", "gravity", "accelerationX", "events", "now", "v", "e"),
    *("bn", "bt", "bver", "n", "traces", "d", "sr", "t0_us", "dt_fmt", "a_fmt", "parts", "wrist motion", "gyroscope"),
)
TOPICS = (
    *("", "/", "a", "a/b", "#", "+/+", "$SYS/broker", "esp/acc/x", "esp/gyro/z", "phyphox/acct", "W1/heartrate"),
    *("W1/gyroscope", "W1/linear_acceleration", "android/sensor/accelerometer", "android/sensor/light", "b/imu"),
    *("board/sensor/gyro_x/state", "x", "left/x", "\x1b[31m", "\N{SNOWMAN}/acc/x", "a" * 65_535, "a/" * 3000, "\u202e"),
)
FORMAT_OF: dict[str, Format] = {
    "sensor-logger": "sensor-logger",
    "phyphox": "phyphox",
    "android": "android-event",
    "plain": "plain",
    "senml": "senml",
    "cbor": "cbor",
    "text": "text",
    "watch": "text",
    "topic": "scalar",
}
"""What a person may declare a shape as, by the beginning of its name."""
SAID: tuple[tuple[Declared, ...], ...] = (
    (Declared(topic="#", name="a wrist", unit=Unit.G, clock=Clock.NONE, rate_hz=50, gravity="removed"),),
    (Declared(topic="+/+", clock=Clock.MS, unit=Unit.RAW, gyro_unit=Unit.DEGPS, side="left", kind=Kind.WATCH),),
    (Declared(topic="esp/#", clock=Clock.COUNT, rate_hz=100), Declared(topic="#", name="other", clock=Clock.NS)),
    (Declared(topic="#", format="struct", struct=">3d", fields=("ax", "ay", "az"), rate_hz=2000),),
)

MOVING = frozenset(
    {"totalacceleration", "accelerometer", "accelerometeruncalibrated"}
    | {"gyroscope", "gyroscopeuncalibrated", "wristmotion"}
)
"""Sensor Logger's sensors that a reading, or a reject, has to come of."""

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

Damage = Callable[[Random, bytes, bytes], bytes]
"""Makes of a payload, and of one of another shape, something that nobody means to send."""


class HangsError(BaseException):
    """A session that does not end; no decoder's own ``except`` may catch it."""


def flip(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Flip a few bits."""
    damaged = bytearray(payload)
    for _ in range(random.randint(1, 8)):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def cut(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Lose the end, the beginning, or something in between."""
    first, last = sorted(random.choices(range(len(payload) + 1), k=2))
    return random.choice((payload[:first], payload[last:], payload[:first] + payload[last:]))


def double(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Send it twice in one."""
    return payload + random.choice((b"", b"\n", b",", b"\0")) + payload


def splice(random: Random, payload: bytes, other: bytes) -> bytes:
    """Go on as another shape."""
    return payload[: random.randrange(len(payload) + 1)] + other[random.randrange(len(other) + 1) :]


def stretch(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Put a number at an extreme: one of them, or all."""
    extreme = random.choice(EXTREMES).encode()
    found = list(_NUMBER.finditer(payload))
    if not found:
        return payload
    if random.random() < 0.2:
        return _NUMBER.sub(extreme, payload)
    at = random.choice(found)
    return payload[: at.start()] + extreme + payload[at.end() :]


def swap(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Put something else in a tree's place: a value, a key, or a whole branch."""
    reads: tuple[tuple[Callable[[bytes], Any], Callable[[Any], bytes]], ...] = (
        (json.loads, lambda tree: json.dumps(tree).encode()),
        (cbor2.loads, cbor2.dumps),
    )
    for load, dump in reads:
        try:
            tree = load(payload)
        except (ValueError, RecursionError, cbor2.CBORError, OverflowError, TypeError, MemoryError):
            continue
        nodes = [node for node in _nodes(tree) if node]
        if not nodes:
            return payload
        node = random.choice(nodes)
        at: Any = random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))
        match random.randrange(4):
            case 0 if isinstance(node, dict):
                node[random.choice(WORDS)] = node.pop(at)
            case 1:
                del node[at]
            case 2:
                node[at] = random.choice(nodes)
            case _:
                node[at] = random.choice(NODES)
        try:
            return dump(tree)
        except (ValueError, RecursionError, cbor2.CBORError, UnicodeError):  # it may hold itself now
            continue
    return payload


def nest(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Wrap it deep."""
    depth = random.choice((1, 2, 4, 20, 200, 5000, 100_000))
    opened, closed = random.choice(
        ((b"[", b"]"), (b'{"a":', b"}"), (b'{"samples":[', b"]}"), (b"\x81", b""), (b'"', b'"'))
    )
    return opened * depth + payload + (closed * depth if random.random() < 0.8 else b"")


def swell(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Put something long in."""
    many = random.choice((10, 100, 1000, 10_000, 100_000) if random.random() < 0.02 else (10, 100, 1000))
    long = random.choice(
        (b"a", b"9", b" ", b"\0", b"\xff", b'\\"', b",", b"1,", b"-1;", b"\n", b"{}", b"null,", b"\\u0000")
    )
    at = random.randrange(len(payload) + 1)
    return payload[:at] + many * long + payload[at:]


def recode(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Write it in another encoding."""
    text = payload.decode("latin-1")
    encoding = random.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "utf-8", "utf-7"))
    return text.replace("a", random.choice("aäあ\N{ZERO WIDTH SPACE}"), 3).encode(encoding)


def head(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Promise in CBOR what does not follow."""
    promise = random.choice((b"\x5b", b"\x7b", b"\x9b", b"\xbb", b"\xdb")) + struct.pack(
        ">Q", 2 ** random.randrange(64)
    )
    head = random.choice(
        (promise, b"\x9f", b"\xbf", b"\x5f", b"\xff", b"\xc2", b"\xd8\x1c", b"\xfb\x7f\xf0", b"\xa1", b"\x80")
    )
    at = random.choice((0, random.randrange(len(payload) + 1)))
    return payload[:at] + head + payload[at:]


def drown(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Replace a part with noise."""
    at = random.randrange(len(payload) + 1)
    noise = random.randbytes(random.choice((1, 4, 16, 200)))
    return payload[:at] + noise + payload[at + len(noise) :]


def repeat(random: Random, payload: bytes, _other: bytes) -> bytes:
    """Make as much of it as a message may hold, or a little more."""
    size = round(LARGEST_BYTES * random.choice((0.1, 0.5, 0.99, 1.01)))
    if payload[:1] in (b"{", b"["):
        return b"[" + b",".join([payload] * (size // (len(payload) + 1))) + b"]"
    between = b"\n" if payload.isascii() else b""
    return between.join([payload] * (size // (len(payload) + len(between)) or 1))


DAMAGES: dict[Damage, float] = {
    flip: 10, cut: 10, double: 4, splice: 8, stretch: 16, swap: 25, nest: 1, swell: 4, recode: 3, head: 3, drown: 5,
    repeat: 0.02,
}  # fmt: skip
"""How often each is done, relative to the others. The large ones are rare: they take as long as thousands of others."""


@dataclass(frozen=True)
class Sending:
    """A payload under way: its shape's name, and how it is damaged."""

    shape: str
    message: Message
    damage: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """What must not be."""

    index: int
    shape: str
    what: str
    payload: bytes
    took_s: float = 0.0

    def __str__(self) -> str:
        about = f"payload {self.index} ({self.shape}, {len(self.payload):,} bytes, {self.took_s:.2f} s)"
        return f"{about}: {self.what}\n    {self.payload[:160]!r}"


@dataclass
class Tally:
    """What came of many payloads.

    Attributes
    ----------
    payloads, readings, rejected, silent : Counter of str
        Payloads by shape: all; those that gave readings, rejects (or both), or neither since they are of no concern.
    samples : Counter of str
        Acceleration by shape.
    slowest_s : dict of str to float
    reasons, silences : Counter of str
        Samples, or messages, that a reason cost; payloads by the reason why they are of no concern.
    failures : list of Failure
    growth_mb, growth_objects : float, int
        The largest of a process.
    resident_mb : float
    spent_s : float
        In the code under test, all processes together.
    """

    payloads: Counter[str] = field(default_factory=Counter)
    readings: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    samples: Counter[str] = field(default_factory=Counter)
    slowest_s: dict[str, float] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    silences: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    growth_mb: float = 0.0
    growth_objects: int = 0
    resident_mb: float = 0.0
    spent_s: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in what another process found."""
        for name in ("payloads", "readings", "rejected", "silent", "samples", "reasons", "silences"):
            getattr(self, name).update(getattr(other, name))
        for shape, seconds in other.slowest_s.items():
            self.slowest_s[shape] = max(seconds, self.slowest_s.get(shape, 0.0))
        self.failures += other.failures
        self.growth_mb = max(self.growth_mb, other.growth_mb)
        self.growth_objects = max(self.growth_objects, other.growth_objects)
        self.resident_mb = max(self.resident_mb, other.resident_mb)
        self.spent_s += other.spent_s


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--payloads", type=int, default=PAYLOADS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="INDEX", help="one payload alone, with a traceback")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the tables to this file")
    args = parser.parse_args()
    if args.only is not None:
        _show(args.seed, args.only)
        return
    began_s = time.perf_counter()
    tally = run(args.payloads, args.seed, args.jobs)
    tables = _tables(tally, args.seed, time.perf_counter() - began_s, args.jobs)
    print(*(table.markdown(level=3) for table in tables), sep="\n")
    _tell(tally.failures)
    if args.write:
        page.write(args.write, page.DAMAGE, tables)
    if tally.failures or tally.growth_mb > GROWTH_MB or tally.growth_objects > GROWTH_OBJECTS:
        grown = f"{tally.growth_mb:+.1f} MB, {tally.growth_objects:+,} objects in a process"
        sys.exit(f"{len(tally.failures)} failures, {grown}")


def _tell(failures: list[Failure]) -> None:
    """Show the first of each sort."""
    sorts = Counter(failure.what for failure in failures)
    first = {failure.what: failure for failure in sorted(failures, key=lambda failure: -failure.index)}
    for what, number in sorts.most_common(SHOWN):
        print(f"{number} times, such as {first[what]}", file=sys.stderr)


def run(payloads: int, seed: int, jobs: int) -> Tally:
    """Go through so many payloads, rounded up to whole sessions, in so many processes."""
    sessions = -(-payloads // PER_SESSION)
    shares = [range(job, sessions, jobs) for job in range(jobs)]
    tally = Tally()
    if jobs == 1:
        tally.add(_share(seed, shares[0]))
        return tally
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for part in pool.map(partial(_share, seed), shares):
            tally.add(part)
    return tally


def _share(seed: int, sessions: range) -> Tally:
    """Go through some sessions in this process, and watch its memory."""
    warnings.simplefilter("error")  # numpy's would stand in the midst of a dashboard
    tally = Tally()
    settled: tuple[float, int] | None = None
    for done, session in enumerate(sessions):
        with _watched():
            _session(seed, session, tally)
        if settled is None and done + 1 >= SETTLED * len(sessions):
            settled = _alive()
    tally.resident_mb, objects = _alive()
    if settled is not None:
        tally.growth_mb, tally.growth_objects = tally.resident_mb - settled[0], objects - settled[1]
    return tally


def sendings(seed: int, session: int) -> tuple[tuple[Declared, ...], Iterator[Sending]]:
    """Give what is declared in a session, and its payloads without end: most of one shape, in good time."""
    random = Random(f"{seed}/{session}")
    name = random.choice([*SHAPES, NOISE])
    return _declared(random, name), _sendings(random, name)


def _declared(random: Random, name: str) -> tuple[Declared, ...]:
    """Give what a person may say: what is so, some of it, nothing, or something else."""
    shape = SHAPES.get(name)
    if shape and shape.declared and random.random() < 0.9:
        return (shape.declared,)
    own = [format_ for beginning, format_ in FORMAT_OF.items() if name.startswith(beginning)]
    match random.randrange(20):
        case 0 | 1:
            return (Declared(topic="#", format=random.choice([*FORMAT_OF.values()])),)
        case 2 | 3 | 4 if own:
            return (Declared(topic="#", format=own[0]),)
        case 5 | 6 | 7 | 8 | 9:
            return random.choice(SAID)
    return ()


def _sendings(random: Random, usual: str) -> Iterator[Sending]:
    now_ns = START_NS
    at = random.randrange(1000)
    waiting: list[tuple[str, bytes]] = []
    name = usual
    while True:
        if not waiting:
            name = usual if random.random() < 0.8 else random.choice([*SHAPES, NOISE])
            size = random.choice((1, 2, 5, 20))
            part = _part(at, size)
            at += size
            waiting = _written(random, SHAPES.get(name), part)[::-1]
        topic, payload = waiting.pop()
        damage: tuple[str, ...] = ()
        for _ in range(random.choices((0, 1, 2, 3), (25, 50, 15, 10))[0]):
            [make] = random.choices(list(DAMAGES), list(DAMAGES.values()))
            payload = make(random, payload or b"0", _any_other(random))
            damage += (make.__name__,)
        if random.random() < 0.05:
            topic = random.choice((*TOPICS, random.choice(WORDS) + "/" + random.choice(WORDS), COMMAND_TOPIC))
        now_ns += round(random.choice((0.0, 0.001, 0.01, 0.05, 0.2, 0.2, 1.0)) * NS_PER_S)
        if random.random() < 0.005:
            now_ns += round(random.choice((5.0, 70.0)) * NS_PER_S)
        yield Sending(name, Message(topic, payload, now_ns, retained=random.random() < 0.005), damage)


def _part(at: int, size: int) -> Part:
    whole = wrist(WRIST_S)
    begin = at % (len(whole) - size)
    return whole.slice(begin, begin + size)


def _written(random: Random, shape: Shape | None, part: Part) -> list[tuple[str, bytes]]:
    if shape is not None:
        return shape.write(part)
    command = json.dumps({"command": random.choice([*Command]), "text": random.choice(NODES), "device": "a/b"}).encode()
    return [("noise", random.randbytes(random.choice((0, 1, 3, 12, 100, 1000)))), (COMMAND_TOPIC, command)]


def _any_other(random: Random) -> bytes:
    shape = random.choice(list(SHAPES.values()))
    return shape.write(_part(random.randrange(1000), 2))[0][1]


def _session(seed: int, session: int, tally: Tally, only: int | None = None) -> None:
    """Go through a session; with ``only``, up to its payload of that number, whose exception gets out."""
    declared, sent = sendings(seed, session)
    job = _Whole(declared) if session % SESSIONS_PER_PIPELINE == 0 else _Parts(declared, collects=session % 2 == 1)
    for number in range(PER_SESSION):
        sending = next(sent)
        index = session * PER_SESSION + number
        raw = sending.message.payload
        began_s = time.perf_counter()
        try:
            decoded = job.take(sending.message)
            if number == PER_SESSION - 1 or number == only:
                job.end()
            took_s = time.perf_counter() - began_s
            faults = [*_faults(sending.message, decoded, declared)] if decoded is not None else []
        except HangsError:
            tally.failures.append(Failure(index, sending.shape, f"hangs for {HANGS_AFTER_S} s", raw))
            return
        except Exception as error:
            if number == only:
                raise
            at = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} at {Path(at.filename).name}:{at.lineno}"
            tally.failures.append(Failure(index, sending.shape, what, raw))
            tally.payloads[sending.shape] += 1
            return  # what the session holds is in doubt now
        if took_s > SLOW_S:
            faults.append(f"takes more than {SLOW_S:g} s")
        tally.failures += [Failure(index, sending.shape, what, raw, took_s) for what in faults]
        _account(tally, sending, decoded, took_s, declared)
        if number == only:
            print(
                f"{sending.shape}, damaged by {sending.damage}, topic {sending.message.topic!r}, {took_s * 1e3:.1f} ms"
            )
            print(f"declared: {declared}\n{raw[:2000]!r}\n{decoded}\n{faults}")
            return


def _account(
    tally: Tally, sending: Sending, decoded: Decoded | None, took_s: float, declared: tuple[Declared, ...]
) -> None:
    shape = sending.shape
    tally.payloads[shape] += 1
    tally.spent_s += took_s
    tally.slowest_s[shape] = max(took_s, tally.slowest_s.get(shape, 0.0))
    if decoded is None:
        return
    tally.readings[shape] += bool(decoded.readings)
    tally.rejected[shape] += bool(decoded.rejects)
    tally.reasons.update(decoded.rejects)
    tally.samples[shape] += sum(len(reading.ticks) for reading in decoded.readings)
    if not decoded.readings and not decoded.rejects:
        tally.silent[shape] += 1
        tally.silences[silence(sending.message, decoded, declared) or "?"] += 1


class _Parts:
    """A decoder, and streams for the devices heard last."""

    def __init__(self, declared: tuple[Declared, ...], *, collects: bool) -> None:
        self._decoder = Decoder(declared)
        self._streams: dict[str, tuple[Stream, list[float]]] = {}
        self._collects = collects

    def take(self, message: Message) -> Decoded:
        decoded = self._decoder.decode(message)
        for reading in decoded.readings:
            if reading.device not in self._streams:
                if len(self._streams) >= STREAMS:
                    self._end(next(iter(self._streams)))
                stream = Stream(reading.device, declared=self._decoder.declared(message.topic))
                self._streams[reading.device] = stream, [float("-inf")]
            stream, newest_s = self._streams[reading.device]
            take = stream.collect if self._collects else stream.push
            for samples in take(reading, message.received_ns):
                _check(samples, newest_s)
            if not all(stream.notices()):
                raise AssertionError("an empty notice")
        return decoded

    def end(self) -> None:
        for device in [*self._streams]:
            self._end(device)

    def _end(self, device: str) -> None:
        stream, newest_s = self._streams.pop(device)
        for samples in stream.flush():
            _check(samples, newest_s)


class _Whole:
    """A session as it is lived."""

    def __init__(self, declared: tuple[Declared, ...]) -> None:
        self._pipeline = Pipeline(declared=declared or None)

    def take(self, message: Message) -> None:
        for event in self._pipeline.feed(message):
            to_json(event)

    def end(self) -> None:
        for event in self._pipeline.finish():
            to_json(event)
        for reasons in self._pipeline.rejected.values():
            if not all(reasons) or min(reasons.values(), default=1) < 1:
                raise AssertionError(f"rejects without a reason or a number: {reasons}")


def _check(samples: Samples, newest_s: list[float]) -> None:
    """Whether a stream's block is whole, and comes after the one before; notes its end."""
    n = len(samples)
    arrays = [samples.t_s, samples.acc_mps2, *([samples.gyro_radps] if samples.gyro_radps is not None else [])]
    if not 0 < n < BLOCK_SAMPLES or any(len(array) != n for array in arrays) or len(samples.measured) != n:
        raise AssertionError(f"a block of {n} samples")
    if not all(np.isfinite(array).all() for array in arrays):
        raise AssertionError("a block that is not finite")
    if samples.t_s[0] <= newest_s[0] or (np.diff(samples.t_s) <= 0).any():
        raise AssertionError("a block that goes back in time")
    newest_s[0] = float(samples.t_s[-1])


def _faults(message: Message, decoded: Decoded, declared: tuple[Declared, ...]) -> Iterator[str]:
    """Tell what is not as `Decoder` promises."""
    for reading in decoded.readings:
        n = len(reading.ticks)
        if not n or reading.xyz.shape != (n, 3) or reading.xyz.dtype != np.float64:
            yield f"a reading of shape {reading.xyz.shape}, {reading.xyz.dtype}, with {n} stamps"
        if not np.isfinite(reading.xyz).all() or not np.isfinite(reading.ticks).all():
            yield "a reading that is not finite"
        if reading.clock is Clock.NONE and reading.ticks.any():
            yield "stamps where there are none"
        if not reading.device and message.topic:
            yield "a reading of nobody"
    if not all(decoded.rejects) or min(decoded.rejects.values(), default=1) < 1:
        yield f"rejects without a reason or a number: {decoded.rejects}"
    if not decoded.readings and not decoded.rejects and silence(message, decoded, declared) is None:
        yield f"neither a reading nor a reject, shape {decoded.shape!r}"


def silence(message: Message, decoded: Decoded, declared: tuple[Declared, ...]) -> str | None:
    """Tell why a message that gave neither readings nor rejects is of no concern; None where it is no such one."""
    topic, payload = message.topic, message.payload
    match decoded.shape:
        case "battery":
            return "a battery"
        case "sensor-logger" if MOVING.isdisjoint(_names(payload)):
            return "other sensors of Sensor Logger"
        case "android-event" if b"android" in payload.lower() or android_event.by_topic(topic)[1]:
            return "another sensor of Android"
        case "text" if android_event.by_topic(topic)[1]:
            return "a topic of another sensor"
        case "text" if payload.strip().removeprefix(b"\xef\xbb\xbf")[:1].isdigit():
            return "a list of other sensors"
        case "scalar" if of_name(topic) is not None:
            return "an axis of a sample still to be joined"
        case "cbor" if isinstance(cbor2.loads(payload), dict) and b"id" in payload:
            return "a part of a block still to be joined"
    fresh = Decoder(declared).decode(message)
    if any(reading.sensor is not Sensor.GYROSCOPE for reading in fresh.readings):
        return "a buffer sent again"
    return "a gyroscope without a number" if decoded.shape else None


def _names(payload: bytes) -> set[str]:
    """Which sensors a push of Sensor Logger speaks of."""
    try:
        items = json.loads(payload)["payload"]
    except (ValueError, RecursionError):
        return set()
    names = [item.get("name") for item in items if isinstance(item, dict)]
    return {name.lower().replace(" ", "").replace("_", "") for name in names if isinstance(name, str)}


def _nodes(tree: object) -> Iterator[Any]:
    """Each map and list of a tree, not too many."""
    waiting = [tree]
    for _ in range(500):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, dict | list):
            yield node
            waiting += node.values() if isinstance(node, dict) else node


@contextmanager
def _watched() -> Iterator[None]:
    """End a session that hangs."""

    def hangs(_number: int, _frame: FrameType | None) -> None:
        raise HangsError

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.alarm(0)


def _alive() -> tuple[float, int]:
    """Give this process's resident memory in MB, what is free given back to the system, and its objects."""
    gc.collect()
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's: it keeps what a large payload needed once
    if give_back is not None:
        give_back(0)
    return float(psutil.Process().memory_info().rss) / 1e6, len(gc.get_objects())


def _show(seed: int, index: int) -> None:
    warnings.simplefilter("error")
    tally = Tally()
    session, number = divmod(index, PER_SESSION)
    _session(seed, session, tally, only=number)
    print(*tally.failures, sep="\n")


def _tables(tally: Tally, seed: int, seconds: float, jobs: int) -> list[Table]:
    columns = (tally.payloads, tally.readings, tally.rejected, tally.silent)
    n = tally.payloads.total()
    shapes: list[tuple[str, ...]] = [
        (shape, *(f"{column[shape]:,}" for column in columns), f"{1e3 * tally.slowest_s[shape]:.0f} ms")
        for shape in sorted(tally.slowest_s)
    ]
    slowest_s = max(tally.slowest_s.values(), default=0.0)
    shapes.append(("all", *(f"{column.total():,}" for column in columns), f"{1e3 * slowest_s:.0f} ms"))
    lost = f"{len(tally.failures)} failures" if tally.failures else "No failure"
    grown = f"{tally.growth_mb:+.1f} MB and {tally.growth_objects:+,} objects since a tenth of the run"
    note = f"""Seed {seed}. Three quarters of the payloads are damaged, up to three times over; a payload may give both
readings and rejects. Every hundredth session goes through a whole pipeline, and is counted in the first column alone.
{lost}: an exception or a warning, more than {SLOW_S:g} s for one payload, neither readings nor a reason, values
that are not finite. Resident memory at the end: {tally.resident_mb:.0f} MB, {grown}, in the larger
of the processes. In {seconds:.0f} s on {jobs} cores, the making of the payloads included;
{1e6 * tally.spent_s / n:.0f} µs for one in what is tested."""
    first = [(reason, f"{number:,}") for reason, number in tally.reasons.most_common(REASONS)]
    rest = tally.reasons.most_common()[REASONS:]
    if rest:
        first.append((f"{len(rest)} others", f"{sum(number for _, number in rest):,}"))
    silences: list[tuple[str, ...]] = [(why, f"{number:,}") for why, number in tally.silences.most_common()]
    head = ("shape", "payloads", "with readings", "with rejects", "of no concern", "slowest")
    return [
        Table(f"{n:,} payloads", head, shapes, [note]),
        Table("Rejects", ("reason", "samples or messages"), [*first]),
        Table("Of no concern", ("why", "payloads"), silences),
    ]


if __name__ == "__main__":
    main()
