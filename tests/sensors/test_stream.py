from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from readings import NOW_NS, Heard, acc, arrival_ns, at_rate, felt, gyro, stamped, turned
from readings import Sent as Whole
from readings import cut as cut_whole
from readings import cut_at as cut_whole_at

from sensors.declared import Declared
from sensors.grid import CELL_S
from sensors.message import NS_PER_S
from sensors.samples import G0_MPS2, Array, Clock, Gap, Kind, Reading, Sensor, Ticks, Unit
from sensors.stream import Stream, StreamParams

Sent = tuple[Reading, int]  # with its arrival


def cut(acc_s: Array, gyro_s: Array | None = None, *, every_s: float = 0.2) -> list[Sent]:
    """A message's readings one after the other."""
    return apart(cut_whole(acc_s, gyro_s, every_s=every_s))


def cut_at(acc_s: Array, gyro_s: Array | None, bounds_s: Sequence[float]) -> list[Sent]:
    return apart(cut_whole_at(acc_s, gyro_s, bounds_s))


def apart(sent: Iterable[Whole]) -> list[Sent]:
    return [(reading, received_ns) for said, received_ns in sent for reading in said]


def hear(sent: Iterable[Sent], declared: Declared | None = None) -> Heard:
    stream = Stream("wrist", declared=declared)
    blocks = [block for reading, received_ns in sent for block in stream.push(reading, received_ns)]
    blocks += stream.flush()
    return Heard(stream, blocks, stream.notices())


def assert_same(one: Heard, other: Heard) -> None:
    for name in ("t_s", "acc_mps2", "gyro_radps", "measured"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


# --- the grid ---


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 67.0, 100.0, 211.0])
def test_a_device_of_any_rate_comes_out_on_the_grid(rate_hz: float) -> None:
    heard = hear(cut(at_rate(rate_hz, 10), at_rate(rate_hz, 10)))
    assert_allclose(heard.t_s / CELL_S % 1, 0.5, atol=1e-6)
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)
    assert heard.t_s[0] < 2 * CELL_S
    assert heard.t_s[-1] > 10 - 2 * CELL_S - 1 / rate_hz
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.006)
    assert_allclose(heard.gyro_radps, turned(heard.t_s), atol=0.003)
    assert heard.measured.all()
    assert heard.stream.link.sample_rate_hz == pytest.approx(rate_hz, rel=1e-3)
    assert (heard.stream.link.late, heard.stream.link.duplicated, heard.stream.link.gaps) == (0, 0, [])


@pytest.mark.parametrize(
    ("acc_hz", "gyro_hz", "offset_s"), [(100.0, 100.0, 0.004), (50.0, 200.0, 0.0), (100.0, 25.0, 0.013)]
)
def test_gyroscope_and_accelerometer_stand_side_by_side_in_time(acc_hz: float, gyro_hz: float, offset_s: float) -> None:
    heard = hear(cut(at_rate(acc_hz, 8), at_rate(gyro_hz, 8, offset_s)))
    inside = (heard.t_s > 0.1) & (heard.t_s < 7.9)
    assert_allclose(heard.acc_mps2[inside], felt(heard.t_s[inside]), atol=0.003)
    assert_allclose(heard.gyro_radps[inside], turned(heard.t_s[inside]), atol=0.003)


@pytest.mark.parametrize(
    ("scale", "unit", "said"),
    [(1.0, Unit.AUTO, "m/s2"), (1 / G0_MPS2, Unit.AUTO, "g"), (8192 / G0_MPS2, Unit.AUTO, "raw (8192 per g)")],
)
def test_every_unit_comes_out_in_si_and_is_told_once(scale: float, unit: Unit, said: str) -> None:
    times_s = at_rate(100, 5)
    heard = hear([(acc(part, scale=scale, unit=unit), arrival_ns(part[-1])) for part in np.split(times_s, 25)])
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.003)
    assert (heard.stream.link.unit, heard.stream.link.gravity) == (said, "included")
    notice = heard.notices[0]
    assert len(heard.notices) == (2 if said.startswith("raw") else 1)
    for word in (said, "gravity included", "100 Hz", "no gyroscope"):
        assert word in notice
    assert heard.stream.notices() == []


def test_the_channel_with_gravity_is_preferred() -> None:
    """Sensor Logger on Android sends both; the gravity-free one comes first."""
    sent = []
    for part in np.split(at_rate(100, 5), 25):
        linear = Reading("wrist", Sensor.LINEAR, stamped(part), Clock.NS, np.zeros((len(part), 3)), Unit.MPS2)
        sent += [(linear, arrival_ns(part[-1])), (acc(part), arrival_ns(part[-1]))]
    heard = hear(sent)
    assert heard.stream.link.gravity == "included"
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.003)


LINEAR = [(acc(part, sensor=Sensor.LINEAR), arrival_ns(part[-1])) for part in np.split(at_rate(100, 5), 25)]


def test_a_gravity_free_channel_alone_is_used_and_said() -> None:
    heard = hear(LINEAR)
    assert heard.stream.link.gravity == "removed"
    assert "gravity removed" in heard.notices[0]
    [warning] = heard.notices[1:]
    assert "without gravity" in warning
    assert "switch on" in warning


def test_who_declares_gravity_is_not_warned() -> None:
    for gravity in ("included", "removed"):
        heard = hear(LINEAR, Declared(topic="a", gravity=gravity))
        assert heard.stream.link.gravity == gravity
        assert len(heard.notices) == 1


def test_raw_numbers_are_warned_about() -> None:
    heard = hear([(acc(part, scale=1671.0), arrival_ns(part[-1])) for part in np.split(at_rate(100, 5), 25)])
    assert "16384 per g" in heard.notices[1]


@pytest.mark.parametrize(("rate_hz", "cpm"), [(5.0, 75), (10.0, 150), (25.0, None)])
def test_a_rate_too_slow_is_warned_about(rate_hz: float, cpm: int | None) -> None:
    heard = hear(cut(at_rate(rate_hz, 10)))
    warnings = [notice for notice in heard.notices if "too slow" in notice]
    assert len(warnings) == (cpm is not None)
    assert all(f"above {cpm} cycles a minute" in warning for warning in warnings)


# --- its clock ---

SORTS = [(Kind.PHONE, 10, 0.05), (Kind.PHONE, 50, 0.1), (Kind.BOARD, 2, 0.02), (Kind.WATCH, 100, 0.5)]


@pytest.mark.parametrize("step_s", [0.1, -0.1, 1.5, -1.5, 5.0, -5.0, 60.0, -60.0, 3600.0, -3600.0])
@pytest.mark.parametrize(("kind", "size", "jitter_s"), SORTS)
def test_a_clock_that_is_set_loses_a_moment(kind: Kind, size: int, jitter_s: float, step_s: float) -> None:
    """NTP, or a person: the stamps jump, the samples go on."""
    rng = np.random.default_rng(7)
    sent: list[Sent] = []
    for part in np.split(at_rate(50, 16), range(size, 800, size)):
        set_s = part + np.where(part >= 8, step_s, 0.0)
        arrives_ns = arrival_ns(part[-1] + rng.uniform(0, jitter_s))
        for sensor, said in ((Sensor.ACCELEROMETER, felt(part)), (Sensor.GYROSCOPE, turned(part))):
            sent.append((Reading("wrist", sensor, stamped(set_s), Clock.NS, said, Unit.MPS2, kind), arrives_ns))
    sent.sort(key=lambda pair: pair[1])
    heard = assert_collected_the_same(sent)
    link = heard.stream.link
    assert link.samples + link.late + link.duplicated == 800
    assert link.late <= 50 * min(abs(step_s), 0.6 + 3 * size / 50)
    assert sum(gap.end_s - gap.start_s for gap in link.gaps) < 2
    assert heard.t_s[-1] == pytest.approx(16, abs=2 if kind is not Kind.WATCH else 5.1)
    assert not np.isnan(heard.gyro_radps).any()
    assert link.resets <= 1


@pytest.mark.parametrize("kind", list(Kind))
def test_disorder_within_what_the_device_may_is_no_step(kind: Kind) -> None:
    rng = np.random.default_rng(11)
    times_s = at_rate(50, 30)
    most_s = {Kind.BOARD: 0.4, Kind.PHONE: 1.5, Kind.WATCH: 9.0}[kind]
    arrivals_s = times_s + np.minimum(rng.exponential(most_s / 5, len(times_s)), most_s)
    sent = [(acc(times_s[at : at + 1], kind=kind), arrival_ns(arrivals_s[at])) for at in np.argsort(arrivals_s)]
    link = assert_collected_the_same(sent).stream.link
    assert link.resets == 0
    assert link.samples > 1400  # the first of each lateness are lost, until the wait is long enough
    assert link.samples + link.late == 1500


def test_two_devices_stand_side_by_side_whichever_came_late() -> None:
    streams = []
    for late_s, off_ppm in ((0.0, 50.0), (6.0, -50.0)):
        stream = Stream("wrist")
        for at_s in range(1, 300):
            part = at_rate(50, 1, at_s - 1)
            delay_s = late_s if at_s < 5 else 0.02 * (at_s % 3)
            stream.push(acc(part * (1 + off_ppm * 1e-6) + 1e4), arrival_ns(max(part[-1] + delay_s, min(at_s, 11))))
        streams.append(stream)
    one, other = streams
    for t_s in (20.0, 150.0, 298.0):
        assert one.arrival_ns(t_s * (1 + 50e-6)) == pytest.approx(other.arrival_ns(t_s * (1 - 50e-6)), abs=0.06e9)


def test_a_counter_that_runs_over_and_samples_that_are_lost_are_in_the_link() -> None:
    ticks = (2**16 - 503 + np.arange(2000)) % 2**16
    sent = [
        (
            Reading("wrist", Sensor.ACCELEROMETER, ticks[at : at + 10], Clock.COUNT, felt(at_rate(50, 0.2)), Unit.MPS2),
            at,
        )
        for at in range(0, 2000, 10)
        if at != 800
    ]
    link = hear([(reading, arrival_ns(at / 50)) for reading, at in sent]).stream.link
    assert (link.clock, link.wraps, link.lost, link.resets) == (Clock.COUNT, 1, 10, 0)


def test_stamps_that_stand_for_several_samples_are_collected_the_same() -> None:
    times_s = at_rate(50, 30)
    shared_s = np.floor(np.arange(1500) / 3) * 3 / 50
    whole = hear([(replace(acc(times_s), ticks=stamped(shared_s)), arrival_ns(30.0))])
    sent = [
        (replace(acc(times_s[at : at + 7]), ticks=stamped(shared_s[at : at + 7])), arrival_ns(times_s[at]))
        for at in range(0, 1500, 7)
    ]
    heard = assert_collected_the_same(sent)
    assert_same(whole, heard)
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.003)


# --- order ---


def test_a_message_that_comes_twice_changes_nothing() -> None:
    once = cut(at_rate(100, 6), at_rate(100, 6))
    twice = [pair for pair in once for _ in range(2)]
    heard = hear(twice)
    assert_same(hear(once), heard)
    # What was passed on before its copy came is late, the rest is double: both are counted, none is used.
    assert heard.stream.link.duplicated + heard.stream.link.late == 600
    assert heard.stream.link.samples == 600


def test_samples_in_disorder_within_a_message_are_sorted() -> None:
    times_s = at_rate(100, 6)
    rng = np.random.default_rng(4)
    mixed = [rng.permutation(part) for part in np.split(times_s, 15)]
    ordered = [(acc(np.sort(part)), arrival_ns(part.max())) for part in mixed]
    heard = hear([(acc(part), arrival_ns(part.max())) for part in mixed])
    assert_same(hear(ordered), heard)
    assert heard.stream.link.late == 0


def test_after_one_late_message_the_stream_waits_for_the_next() -> None:
    sent = cut(at_rate(100, 12))
    for k in (15, 30, 45):  # each comes after its successor
        sent[k], sent[k + 1] = (sent[k + 1][0], sent[k][1]), (sent[k][0], sent[k + 1][1])
    heard = hear(sent)
    link = heard.stream.link
    assert 0 < link.late <= 20  # the first cost its samples, the others did not
    assert link.samples + link.late == 1200
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.05)
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)


def test_order_costs_no_delay_where_it_is_kept() -> None:
    stream = Stream("wrist")
    for reading, received_ns in cut(at_rate(100, 5), every_s=0.1):
        blocks = stream.push(reading, received_ns)
    assert float(stamped(np.array([blocks[-1].t_s[-1]]))[0] - reading.ticks[-1]) / NS_PER_S > -2 * CELL_S


# --- gaps ---


def without(t_s: Array, start_s: float, end_s: float) -> Array:
    return t_s[(t_s <= start_s) | (t_s >= end_s)]


def test_a_short_gap_is_bridged_listed_and_marked() -> None:
    heard = hear(cut(without(at_rate(100, 8), 4.0, 4.8)))
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)
    assert heard.stream.link.gaps == [Gap(4.0, 4.8)]
    bridged = (heard.t_s > 4.0) & (heard.t_s < 4.8)
    assert_array_equal(heard.measured, ~bridged)
    line = felt(np.array([4.0])) + np.outer(
        (heard.t_s[bridged] - 4.0) / 0.8, felt(np.array([4.8])) - felt(np.array([4.0]))
    )
    assert_allclose(heard.acc_mps2[bridged], line, atol=0.003)
    assert heard.stream.link.sample_rate_hz == pytest.approx(100, rel=1e-6)
    assert len(heard.notices) == 1  # a bridged gap bothers nobody


def test_a_lost_sample_or_two_is_no_gap() -> None:
    heard = hear(cut(without(at_rate(100, 8), 4.0, 4.03)))
    assert heard.stream.link.gaps == []
    assert heard.measured.all()


def test_a_slow_device_s_spacing_is_no_gap() -> None:
    heard = hear(cut(at_rate(5, 20), every_s=1.0))
    assert heard.stream.link.gaps == []
    assert heard.measured.all()
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)


def test_a_long_gap_interrupts_the_stream_and_is_told() -> None:
    heard = hear(cut(without(at_rate(100, 10), 4.0, 6.5), without(at_rate(100, 10), 4.0, 6.5)))
    assert heard.stream.link.gaps == [Gap(4.0, 6.5)]
    assert heard.measured.all()
    assert not ((heard.t_s > 4.0) & (heard.t_s < 6.5)).any()
    assert_allclose(heard.acc_mps2, felt(heard.t_s), atol=0.003)
    spacing_s = np.diff(heard.t_s)
    assert (spacing_s > 1.5 * CELL_S).sum() == 1
    for block in heard.blocks:  # no block joins what the gap parts
        assert_allclose(np.diff(block.t_s), CELL_S, atol=1e-9)
    notice = heard.notices[-1]
    assert "4.0" in notice
    assert "6.5" in notice
    assert "2.5 s" in notice


# --- a gyroscope that comes and goes ---


def test_a_gyroscope_that_stops_does_not_hold_the_accelerometer() -> None:
    heard = hear(cut(at_rate(100, 10), at_rate(100, 5)))
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)
    assert heard.t_s[-1] > 9.9
    turning = ~np.isnan(heard.gyro_radps[:, 0])
    assert turning[heard.t_s < 4.9].all()
    assert not turning[heard.t_s > 5.6].any()
    assert_allclose(heard.gyro_radps[heard.t_s < 4.9], turned(heard.t_s[heard.t_s < 4.9]), atol=0.003)


def test_a_gyroscope_that_starts_late_is_taken_in() -> None:
    heard = hear(cut(at_rate(100, 10), at_rate(100, 5, 5.0)))
    assert_allclose(np.diff(heard.t_s), CELL_S, atol=1e-9)
    turning = ~np.isnan(heard.gyro_radps[:, 0])
    assert not turning[heard.t_s < 4.4].any()
    after = heard.t_s > 5.8
    assert_allclose(heard.gyro_radps[after], turned(heard.t_s[after]), atol=0.003)


@pytest.mark.parametrize("every_s", [0.1, 0.5, 1.0, 2.0, 8.0])
def test_batches_of_any_length_keep_their_gyroscope(every_s: float) -> None:
    """Phones send a second at once, watches up to ten."""
    heard = hear(cut(at_rate(100, 40), at_rate(100, 40), every_s=every_s))
    assert not np.isnan(heard.gyro_radps).any()
    assert "with gyroscope" in heard.notices[0]


def test_without_a_gyroscope_a_long_batch_is_passed_on_at_once() -> None:
    stream = Stream("wrist")
    for reading, received_ns in cut(at_rate(100, 5), every_s=1.0):
        blocks = stream.push(reading, received_ns)
    assert blocks[-1].t_s[-1] > 4.9


def test_a_gyroscope_without_an_accelerometer_fills_no_memory() -> None:
    stream = Stream("wrist")
    for start_s in range(300):
        assert stream.push(gyro(at_rate(100, 1, start_s)), arrival_ns(start_s + 1)) == []
    assert len(stream._gyro.t_s) < 3000
    assert stream.flush() == []


# --- the cut makes no difference ---


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    rate_hz=st.sampled_from([20.0, 50.0, 100.0, 187.0]),
    with_gyro=st.booleans(),
    gap=st.sampled_from([(), (5.0, 5.6), (5.0, 7.7)]),
    cuts=st.lists(st.floats(0.001, 0.999), max_size=60),
    seed=st.integers(0, 20),
)
def test_one_block_or_many_give_the_same_samples(
    rate_hz: float, with_gyro: bool, gap: tuple[float, ...], cuts: list[float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    times_s = at_rate(rate_hz, 10)
    times_s = times_s + rng.uniform(0, 0.3 / rate_hz, len(times_s))
    if gap:
        times_s = without(times_s, *gap)
    gyro_s = times_s + 0.2 / rate_hz if with_gyro else None
    whole = hear(cut_at(times_s, gyro_s, [11.0]))
    assert len(whole.t_s) > 300
    # Between samples: every message holds both sensors.
    bounds = sorted({float(times_s[1 + int(share * (len(times_s) - 1))]) for share in cuts})
    parts = hear(cut_at(times_s, gyro_s, [*bounds, 11.0]))
    assert_same(whole, parts)
    assert whole.stream.link.gaps == parts.stream.link.gaps
    assert whole.stream.link.samples == parts.stream.link.samples == len(times_s)
    assert whole.notices == parts.notices


def test_sample_by_sample_is_the_same_as_in_one() -> None:
    times_s = at_rate(50, 6)
    assert_same(hear(cut_at(times_s, times_s, [7.0])), hear(cut_at(times_s, times_s, [*(times_s[1:] - 0.005), 7.0])))


# --- collected: the same, later ---


def collect(sent: Iterable[Sent], params: StreamParams = StreamParams(), declared: Declared | None = None) -> Heard:
    stream = Stream("wrist", params, declared)
    blocks = [block for reading, received_ns in sent for block in stream.collect(reading, received_ns)]
    blocks += stream.flush()
    return Heard(stream, blocks, stream.notices())


def assert_collected_the_same(
    sent: list[Sent], params: StreamParams = StreamParams(), declared: Declared | None = None
) -> Heard:
    pushed, collected = hear(sent, declared), collect(sent, params, declared)
    if pushed.blocks:
        assert_same(pushed, collected)
    assert not collected.blocks or len(collected.blocks) <= len(pushed.blocks)
    assert pushed.stream.link == collected.stream.link
    assert pushed.notices == collected.notices
    return collected


@pytest.mark.parametrize("with_gyro", [True, False])
@pytest.mark.parametrize("rate_hz", [25, 50, 100])
def test_what_is_collected_is_what_is_pushed_in_longer_blocks(with_gyro: bool, rate_hz: float) -> None:
    times_s = at_rate(rate_hz, 60)
    collected = assert_collected_the_same(cut(times_s, times_s if with_gyro else None))
    assert len(collected.blocks) < 15


def test_a_gyroscope_with_stamps_of_its_own_is_collected_too() -> None:
    collected = assert_collected_the_same(cut(at_rate(50, 40), at_rate(52, 40, 0.007)))
    assert len(collected.blocks) < 12


DISTURBED: dict[str, list[Sent]] = {
    "a gap": cut(np.delete(at_rate(50, 40), slice(1000, 1200)), at_rate(50, 40)),
    "a gap that is bridged": cut(np.delete(at_rate(50, 40), slice(1000, 1030))),
    "a gyroscope that falls silent": cut(at_rate(50, 40), at_rate(50, 15)),
    "a gyroscope that starts late": cut(at_rate(50, 40), at_rate(50, 20, 20.0)),
    "a gyroscope that hangs behind": [
        (reading, received_ns + (700_000_000 if reading.sensor is Sensor.GYROSCOPE else 0))
        for reading, received_ns in cut(at_rate(50, 40), at_rate(50, 40))
    ],
    "one message late": [*(sent := cut(at_rate(50, 40)))[:80], *sent[81:90], (sent[80][0], sent[89][1]), *sent[90:]],
    "one message twice": [*(sent := cut(at_rate(50, 40), at_rate(50, 40)))[:81], *sent[79:]],
    "a clock that starts anew": [
        *cut(at_rate(50, 25)),
        *((reading, received_ns + 25 * NS_PER_S) for reading, received_ns in cut(at_rate(50, 15))),
    ],
    "a clock that is set forward": [
        *cut(at_rate(50, 25)),
        *((reading, received_ns - 900 * NS_PER_S) for reading, received_ns in cut(at_rate(50, 15, 925.0))),
    ],
    "messages in a burst": [(reading, NOW_NS) for reading, _ in cut(at_rate(50, 40), at_rate(50, 40))],
    "messages longer than is collected": cut(at_rate(50, 60), at_rate(50, 60), every_s=15.0),
    "sample by sample": cut(at_rate(50, 20), at_rate(50, 20), every_s=0.02),
}


@pytest.mark.parametrize("sent", DISTURBED.values(), ids=DISTURBED)
def test_what_is_disturbed_is_collected_the_same(sent: list[Sent]) -> None:
    in_order_of_arrival = sorted(sent, key=lambda one: one[1])
    assert_collected_the_same(in_order_of_arrival)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_however_messages_come_they_are_collected_the_same(data: st.DataObject) -> None:
    times_s = at_rate(data.draw(st.sampled_from([20, 50])), 12)
    gyro_s = data.draw(st.sampled_from([None, times_s, at_rate(50, 12, 0.004), at_rate(50, 6)]))
    sent = cut(times_s, gyro_s, every_s=data.draw(st.sampled_from([0.05, 0.2, 1.0])))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(sent) - 1))
        match data.draw(st.sampled_from(["lose", "repeat", "delay"])):
            case "lose":
                del sent[at : at + data.draw(st.integers(1, 8))]
            case "repeat":
                sent.insert(at, (sent[at][0], sent[at][1]))
            case "delay":
                later = min(len(sent) - 1, at + data.draw(st.integers(1, 6)))
                sent.insert(later, (sent.pop(at)[0], sent[min(later, len(sent) - 1)][1] if sent else NOW_NS))
        if not sent:
            return
    assert_collected_the_same(sent, StreamParams(collect_s=data.draw(st.sampled_from([0.5, 3.0, 10.0]))))


def test_what_is_collected_waits_for_no_more_than_it_says() -> None:
    stream = Stream("wrist")
    until_s = 0.0
    for reading, received_ns in cut(at_rate(50, 60)):
        given = stream.collect(reading, received_ns)
        until_s = float(given[-1].t_s[-1]) if given else until_s
        assert (received_ns - NOW_NS) / NS_PER_S - until_s <= stream.longest_wait_s


def test_time_that_stands_still_is_not_collected_without_end() -> None:
    stream = Stream("wrist", StreamParams(collect_samples=500))
    for reading, received_ns in cut(at_rate(50, 4)):
        stream.collect(reading, received_ns)
    for _ in range(1000):
        stream.collect(acc(at_rate(50, 0.2, 4.0)), arrival_ns(4.2))
        assert stream._collected_samples <= 510
        assert len(stream._collected) <= 51


# --- anything at all ---

wild_ticks = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8).map(lambda x: np.array(x, dtype=np.int64)),
    st.lists(st.floats(-(2.0**62), 2.0**62), min_size=1, max_size=8).map(lambda x: np.array(x, dtype=np.float64)),
    st.lists(st.integers(-3000, 3000), min_size=1, max_size=8).map(lambda x: np.array(x, dtype=np.int64)),
    st.tuples(st.integers(0, 10**7), st.sampled_from([1, 10, 10_000, 10_000_000]), st.integers(1, 100)).map(
        lambda x: np.arange(x[0], x[0] + x[1] * x[2], x[1], dtype=np.int64)
    ),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    sent=st.lists(
        st.tuples(
            wild_ticks,
            st.sampled_from(list(Sensor)),
            st.sampled_from([0, 1000, 10**7, 3 * 10**8, 20 * NS_PER_S]),
            st.sampled_from([1.0, 1000.0]),
        ),
        min_size=1,
        max_size=30,
    ),
    clock=st.sampled_from(list(Clock)),
    kind=st.sampled_from(list(Kind)),
    declared=st.sampled_from([None, Declared(topic="a", rate_hz=50, gravity="included")]),
)
def test_no_time_stamps_whatsoever_break_a_stream(
    sent: list[tuple[Ticks, Sensor, int, float]], clock: Clock, kind: Kind, declared: Declared | None
) -> None:
    now_ns, said = NOW_NS, 0
    readings: list[Sent] = []
    for ticks, sensor, later_ns, scale in sent:
        now_ns += later_ns
        said += len(ticks)
        xyz = scale + np.arange(3 * len(ticks)).reshape(-1, 3) // 6  # some samples are the same twice
        readings.append((Reading("wrist", sensor, ticks, clock, xyz, Unit.AUTO, kind), now_ns))
    heard = assert_collected_the_same(readings, declared=declared)
    stream, blocks = heard.stream, heard.blocks
    newest_s = -1.0
    for block in blocks:
        assert len(block)
        assert block.t_s[0] > newest_s
        assert (np.diff(block.t_s) > 0).all()
        assert np.isfinite(block.acc_mps2).all()
        assert block.gyro_radps is None or np.isfinite(block.gyro_radps).all()
        newest_s = float(block.t_s[-1])
    link = stream.link
    used_of = [len(ticks) for ticks, sensor, _, _ in sent if sensor is stream._sensor]
    assert link.samples + link.late + link.duplicated == sum(used_of)
    assert link.lag_s is None or link.lag_s >= 0
    arrivals_ns = [stream.arrival_ns(t_s) for block in blocks for t_s in block.t_s.tolist()]
    assert arrivals_ns == sorted(arrivals_ns)
    # A handful of samples is never blown up into hours.
    assert sum(len(block) for block in blocks) <= 1 + said / CELL_S


def test_a_device_too_slow_to_be_used_fills_no_memory() -> None:
    stream = Stream("wrist")
    for k in range(500):
        assert not stream.push(acc(np.array([2.0 * k])), arrival_ns(2.0 * k))
    assert len(stream._acc.t_s) < 10


def test_a_day_of_broken_time_fills_no_memory() -> None:
    rng = np.random.default_rng(6)
    stream = Stream("wrist")
    held = 0
    for k in range(2000):
        ticks = NOW_NS + np.int64(k) * NS_PER_S + rng.integers(-3 * NS_PER_S, 3 * NS_PER_S, 10)
        if k % 50 == 0:
            ticks = ticks[::-1] - 10**12
        stream.push(
            Reading("wrist", Sensor.ACCELEROMETER, ticks, Clock.NS, np.ones((10, 3)), Unit.G), NOW_NS + k * NS_PER_S
        )
        held = max(held, len(stream._acc.t_s))
    assert held < 200


def test_two_devices_on_one_topic_are_told_and_the_first_is_read() -> None:
    """Events that name no device: each phone counts from its own start."""
    stream = Stream("android/sensor")
    notices: list[str] = []
    for number in range(400):
        for boot_s, ax in ((1000.0, 0.1), (51_000.0, 5.0)):
            stamp_ns = round((boot_s + number / 50) * NS_PER_S)
            one = Reading(
                "android/sensor",
                Sensor.ACCELEROMETER,
                np.array([stamp_ns]),
                Clock.NS,
                np.array([[ax, 0.0, 9.8]]),
                Unit.MPS2,
            )
            for block in stream.push(one, round(number / 50 * NS_PER_S)):
                assert np.allclose(block.acc_mps2[:, 0], 0.1)
        notices += stream.notices()
    (told,) = (text for text in notices if "another clock" in text)
    assert "give each a topic of its own" in told
    assert stream.link.sample_rate_hz == pytest.approx(50.0, abs=0.1)
    assert stream.link.late == pytest.approx(400, abs=20)
