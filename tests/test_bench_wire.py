"""The benches of the wire run, and find what they are to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rig import needs_mosquitto

from bench import formats, fuzz, page, scale
from bench.accuracy.table import Table
from bench.shapes import SHAPES, START_NS, Sent, wrist
from sensors.broker import start_broker
from sensors.decode import Decoder
from sensors.message import Message
from sensors.samples import Sensor

NO_MOTION = {"sensor-logger, places", "android place", "plain, one number", "watch lines, heart"}
ONE_SENSOR = {"watch lines, German"}
"""A gyroscope alone."""


@pytest.mark.parametrize("name", SHAPES)
def test_every_undamaged_payload_is_understood(name: str) -> None:
    shape = SHAPES[name]
    decoder = Decoder([shape.declared] if shape.declared else ())
    sent = [each for part in wrist(2.0).slice(0, 100).cut(10) for each in shape.write(part)]
    moved = turned = 0
    for k, (topic, payload) in enumerate(sent):
        for reading in decoder.decode(Message(topic, payload, START_NS + 10_000_000 * k)).readings:
            moved += len(reading.ticks) * (reading.sensor is not Sensor.GYROSCOPE)
            turned += len(reading.ticks) * (reading.sensor is Sensor.GYROSCOPE)
    assert (moved > 0) == (name not in NO_MOTION | ONE_SENSOR)
    assert turned or name not in ONE_SENSOR


def test_fuzz_accounts_for_every_payload() -> None:
    tally = fuzz.run(2 * fuzz.PER_SESSION, seed=1, jobs=1)
    assert tally.failures == []
    assert tally.payloads.total() == 2 * fuzz.PER_SESSION
    accounted = tally.readings + tally.rejected + tally.silent
    assert accounted.total() >= fuzz.PER_SESSION  # the first session is a pipeline's
    assert all("200" in table.markdown() for table in fuzz._tables(tally, 1, 1.0, 1)[:1])


def test_fuzz_finds_a_decoder_that_raises_or_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz.Decoder, "decode", lambda self, message: fuzz.Decoded((), "", {}))
    mute = fuzz.Tally()
    fuzz._session(1, 1, mute)
    assert len(mute.failures) == fuzz.PER_SESSION

    monkeypatch.setattr(fuzz.Decoder, "decode", lambda self, message: 1 / 0)
    broken = fuzz.Tally()
    fuzz._session(1, 1, broken)
    assert "ZeroDivisionError" in str(broken.failures[0])


def test_fuzz_is_the_same_in_every_run_of_a_seed() -> None:
    def first(seed: int) -> list[bytes]:
        declared, sent = fuzz.sendings(seed, 3)
        return [repr(declared).encode(), *(next(sent).message.payload for _ in range(50))]

    assert first(1) == first(1)
    assert first(1) != first(2)


@pytest.mark.parametrize("format_", formats.FORMATS, ids=lambda format_: format_.name)
def test_the_decoder_and_a_users_loop_find_the_same(format_: formats.Format) -> None:
    cost = formats.measure(format_, seconds=1.0, passes=1)
    assert cost.samples == 100


def test_formats_tells_numbers_that_differ() -> None:
    def misreads(sent: Sequence[Sent]) -> formats.Found:
        found = plain.loop(sent)
        found.acc[7][0] += 1e-9
        return found

    plain = next(each for each in formats.FORMATS if each.name == "plain, one sample")
    with pytest.raises(AssertionError, match="do not find the same numbers"):
        formats.measure(replace(plain, loop=misreads), seconds=1.0, passes=1)


@needs_mosquitto
def test_scale_loses_nothing_of_two_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "WARM_UP_S", 0.5)
    monkeypatch.setattr(scale, "REST_S", 0.1)
    with start_broker(port=0, prefer="mosquitto") as broker:
        run = scale.session(broker, scale.Load(devices=2, seconds=1.6, batch_s=0.2, qos=1))
    assert run.lost == 0
    assert len(run.latency_ms) > 0
    assert run.latency_ms.min() > 0


def test_a_page_keeps_what_other_benches_have_written(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    table = Table("First", ("what", "how much"), [("a", "1")])
    page.write(path, page.DAMAGE, [table])
    page.write(path, page.FORMATS, [table])
    page.write(path, page.DAMAGE, [Table("Second", ("what", "how much"), [("b", "2")])])
    text = path.read_text(encoding="utf-8")
    assert text.index(f"## {page.FORMATS}") < text.index("### First") < text.index("### Second")
    assert text.count("### ") == 2
