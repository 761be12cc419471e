from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sensors.clock import DeviceClock
from sensors.message import NS_PER_S
from sensors.samples import Array, Clock, Reading, Sensor, Ticks, Unit

NOW_NS = 1_790_000_000_000_000_000
BOOT_S = 1_790.0  # its nanoseconds are as large as milliseconds since the epoch
TICKS_PER_S = {Clock.S: 1.0, Clock.MS: 1e3, Clock.US: 1e6, Clock.NS: 1e9}


def reading(ticks: Ticks, clock: Clock = Clock.AUTO, sensor: Sensor = Sensor.ACCELEROMETER) -> Reading:
    return Reading("wrist", sensor, ticks, clock, np.zeros((len(ticks), 3)), Unit.AUTO)


def stamps(t_s: Array, unit: Clock, since_s: float) -> Ticks:
    """What a device writes: floating seconds, or whole numbers of a smaller unit."""
    if unit is Clock.S:
        return since_s + t_s
    return np.int64(since_s * TICKS_PER_S[unit]) + np.rint(t_s * TICKS_PER_S[unit]).astype(np.int64)


def arrival_ns(t_s: float) -> int:
    return NOW_NS + round(t_s * NS_PER_S)


def timed(clock: DeviceClock, sent: Iterable[tuple[Reading, float]]) -> Array:
    """All times a clock gives, in order of delivery."""
    times = [t_s for one, at_s in sent for _, t_s in clock.take(one, arrival_ns(at_s))]
    times += [t_s for _, t_s in clock.flush()]
    return np.concatenate(times)


def batches(ticks: Ticks, t_s: Array, size: int, clock: Clock = Clock.AUTO) -> list[tuple[Reading, float]]:
    """Messages of ``size`` stamps, each arriving 30 ms after its last."""
    ends = range(size, len(ticks) + 1, size)
    return [(reading(ticks[end - size : end], clock), float(t_s[end - 1]) + 0.03) for end in ends]


UNITS_AND_BASES = [
    (Clock.NS, 1.79e9),
    (Clock.NS, BOOT_S),
    (Clock.NS, 0.0),
    (Clock.US, 1.79e9),
    (Clock.US, BOOT_S),
    (Clock.MS, 1.79e9),
    (Clock.MS, BOOT_S),
    (Clock.S, 1.79e9),
    (Clock.S, 0.0),
]


@pytest.mark.parametrize(("unit", "since_s"), UNITS_AND_BASES)
@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.parametrize("rate_hz", [5.0, 50.0, 500.0])
def test_the_unit_is_told_from_increments_not_from_the_size(
    unit: Clock, since_s: float, size: int, rate_hz: float
) -> None:
    t_s = np.arange(0, 6, 1 / rate_hz)
    rng = np.random.default_rng(5)
    sent = [(one, at_s + rng.uniform(0, 0.05)) for one, at_s in batches(stamps(t_s, unit, since_s), t_s, size)]
    sent.sort(key=lambda pair: pair[1])
    clock = DeviceClock()
    times = np.sort(timed(clock, sent))
    assert clock.unit is unit
    assert clock.resets == 0
    assert_allclose(times - times[0], t_s[: len(times)], atol=0.0006 if unit is Clock.MS else 3e-6)


def test_boot_nanoseconds_and_epoch_milliseconds_of_the_same_size_are_told_apart() -> None:
    t_s = np.arange(200) / 100
    for unit, base in ((Clock.NS, BOOT_S), (Clock.MS, 1.79e9)):
        ticks = stamps(t_s, unit, base)
        assert 1.7e12 < ticks[0] < 1.8e12
        clock = DeviceClock()
        assert timed(clock, batches(ticks, t_s, 10))[-1] == pytest.approx(t_s[-1], abs=1e-6)
        assert clock.unit is unit


def test_a_batch_tells_its_unit_at_once_and_single_stamps_soon() -> None:
    t_s = np.arange(200) / 100
    ticks = stamps(t_s, Clock.MS, 1.79e9)
    [(_, times)] = DeviceClock().take(reading(ticks[:20]), NOW_NS)
    assert_allclose(times, t_s[:20], atol=1e-9)
    clock = DeviceClock()
    heard_s = next(at_s for one, at_s in batches(ticks, t_s, 1) if clock.take(one, arrival_ns(at_s)))
    assert heard_s < 1.0


def test_nothing_is_lost_while_the_clock_is_learnt() -> None:
    t_s = np.arange(300) / 50
    assert_allclose(timed(DeviceClock(), batches(stamps(t_s, Clock.US, BOOT_S), t_s, 1)), t_s, atol=1e-6)


def test_nanoseconds_since_the_epoch_keep_every_digit() -> None:
    ticks = np.int64(NOW_NS) + np.arange(1000, dtype=np.int64) * 10_000_001
    times = timed(DeviceClock(), batches(ticks, np.arange(1000) / 100, 20))
    assert_allclose(np.diff(times), 0.010000001, rtol=0, atol=1e-12)


def test_accelerometer_and_gyroscope_share_one_base() -> None:
    t_s = np.arange(100) / 100
    ticks = stamps(t_s, Clock.NS, BOOT_S)
    clock = DeviceClock()
    [(_, first)] = clock.take(reading(ticks), NOW_NS)
    [(_, second)] = clock.take(reading(ticks + 4_000_000, sensor=Sensor.GYROSCOPE), NOW_NS)
    assert_allclose(second - first, 0.004, atol=1e-12)


# --- without a unit of time ---


def jittered(t_s: Sequence[float] | Array, spread_s: float, seed: int = 2) -> Array:
    """Arrivals: delayed at random, never overtaking."""
    delays = np.random.default_rng(seed).exponential(spread_s, len(t_s))
    return np.maximum.accumulate(np.asarray(t_s) + np.minimum(delays, 6 * spread_s))


@pytest.mark.parametrize("size", [1, 10, 100])
@pytest.mark.parametrize("rate_hz", [20.0, 50.0, 100.0])
def test_without_stamps_the_rate_follows_from_jittered_arrivals(rate_hz: float, size: int) -> None:
    n = int(90 * rate_hz) // size
    due_s = (np.arange(n) + 1) * size / rate_hz
    none = np.zeros(size, dtype=np.int64)
    sent = [(reading(none, Clock.NONE), float(at_s)) for at_s in jittered(due_s, 0.02)]
    clock = DeviceClock()
    times = timed(clock, sent)
    assert clock.unit is Clock.NONE
    assert len(times) == n * size
    assert (np.diff(times) > 0).all()
    settled = times[times > 20]
    assert (len(settled) - 1) / (settled[-1] - settled[0]) == pytest.approx(rate_hz, rel=0.01)
    assert np.abs(np.diff(settled) * rate_hz - 1).mean() < 0.1  # even, whatever the network did
    assert times[-1] - times[0] == pytest.approx((n * size - 1) / rate_hz, abs=0.2)  # nor left behind


def test_messages_that_arrive_at_the_same_moment_are_still_one_after_another() -> None:
    none = np.zeros(1, dtype=np.int64)
    sent = [(reading(none, Clock.NONE), (k // 5) * 0.1) for k in range(500)]
    times = timed(DeviceClock(), sent)
    assert (np.diff(times) > 0).all()
    assert times[-1] == pytest.approx(9.98, abs=0.2)


@pytest.mark.parametrize("kept", [5, 9, 10])
def test_sensors_of_one_message_share_its_time_also_when_one_misses_samples(kept: int) -> None:
    clock = DeviceClock()
    for k in range(100):
        for n, sensor in ((10, Sensor.ACCELEROMETER), (kept, Sensor.GYROSCOPE)):
            given = clock.take(reading(np.zeros(n, dtype=np.int64), Clock.NONE, sensor), arrival_ns(k * 0.1))
    [(_, gyro_s)] = given
    assert gyro_s[-1] == pytest.approx(99 * 0.1 + 0.09, abs=0.1)
    assert gyro_s[-1] - gyro_s[0] == pytest.approx(0.09, rel=0.1)


def test_stamps_that_stand_still_are_no_stamps() -> None:
    sent = [(reading(np.array([7], dtype=np.int64)), k * 0.02) for k in range(500)]
    clock = DeviceClock()
    times = timed(clock, sent)
    assert clock.unit is Clock.NONE
    assert len(times) == 500
    assert (times[-1] - times[0]) == pytest.approx(499 * 0.02, rel=0.01)


def test_silence_without_stamps_is_silence() -> None:
    at_s = [*np.arange(0, 10, 0.02), *np.arange(14, 20, 0.02)]
    times = timed(DeviceClock(), [(reading(np.zeros(1, dtype=np.int64), Clock.NONE), float(t)) for t in at_s])
    assert np.diff(times).max() == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("declared", [Clock.COUNT, Clock.AUTO])
def test_counted_samples_show_what_was_lost(declared: Clock) -> None:
    ticks = np.arange(70_000, 76_000)
    t_s = np.arange(len(ticks)) / 100
    sent = batches(ticks, t_s, 10, declared)
    kept = [pair for k, pair in enumerate(sent) if not 300 <= k < 305]  # half a second never came
    clock = DeviceClock()
    times = timed(clock, kept)
    assert clock.unit is Clock.COUNT
    assert np.diff(times).max() == pytest.approx(0.51, rel=0.02)
    assert times[-1] - times[0] == pytest.approx(t_s[-1], rel=0.01)


def test_a_count_that_starts_anew_goes_on() -> None:
    t_s = np.arange(2000) / 100
    ticks = np.concatenate((np.arange(5000, 6000), np.arange(1000)))
    times = timed(DeviceClock(), batches(ticks, t_s, 10, Clock.COUNT))
    assert (np.diff(times) > 0).all()
    assert np.diff(times).max() < 0.1


@pytest.mark.parametrize("clock", [Clock.NONE, Clock.AUTO, Clock.COUNT])
def test_a_stream_too_short_to_learn_from_is_given_at_its_end(clock: Clock) -> None:
    learner = DeviceClock()
    assert learner.take(reading(np.arange(1), clock), NOW_NS) == []
    assert learner.take(reading(np.arange(1, 2), clock), arrival_ns(0.02)) == []
    assert sum(len(t_s) for _, t_s in learner.flush()) == 2
    assert learner.flush() == []


@pytest.mark.parametrize("rate_hz", [20.0, 100.0])
@pytest.mark.parametrize("every_s", [0.5, 1.5])
def test_single_samples_in_bursts_are_evened_out(rate_hz: float, every_s: float) -> None:
    t_s = np.arange(0, 60, 1 / rate_hz)
    sent = [
        (reading(np.zeros(1, dtype=np.int64), Clock.NONE), np.ceil((at_s + 1e-9) / every_s) * every_s) for at_s in t_s
    ]
    times = timed(DeviceClock(), sent)
    settled = times[times > 20]
    assert (np.diff(times) > 0).all()
    assert np.diff(settled).max() < 3 / rate_hz
    assert (len(settled) - 1) / (settled[-1] - settled[0]) == pytest.approx(rate_hz, rel=0.02)


@pytest.mark.parametrize("share", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("clock", [Clock.NONE, Clock.COUNT])
def test_a_declared_rate_needs_no_learning_and_is_corrected_where_it_is_wrong(share: float, clock: Clock) -> None:
    t_s = np.arange(3000) / 50
    declared = DeviceClock(rate_hz=50 * share)
    sent = [(reading(np.array([k]), clock), at_s) for k, at_s in enumerate(jittered(t_s, 0.02).tolist())]
    assert len(declared.take(sent[0][0], arrival_ns(sent[0][1]))) == 1
    times = timed(declared, sent[1:])
    assert np.diff(times).max() < 0.1  # neither is a wrong rate taken for silence
    late = times[len(times) // 2 :]
    assert (len(late) - 1) / (late[-1] - late[0]) == pytest.approx(50, rel=0.01)


def test_stamps_that_change_once_a_second_are_not_used() -> None:
    t_s = np.arange(3000) / 50
    clock = DeviceClock()
    times = timed(clock, [(reading(np.array([1_790_000_000 + int(at_s)])), at_s) for at_s in t_s.tolist()])
    assert clock.unit is Clock.NONE
    assert np.diff(times).max() < 0.1


def test_sensors_without_stamps_in_messages_of_their_own_stand_side_by_side() -> None:
    clock = DeviceClock()
    last_s = {}
    for k in range(2000):
        sensor = (Sensor.ACCELEROMETER, Sensor.GYROSCOPE)[k % 2]
        for one, times in clock.take(reading(np.zeros(1, dtype=np.int64), Clock.NONE, sensor), arrival_ns(k * 0.01)):
            last_s[one.sensor] = times[-1]
    assert last_s[Sensor.ACCELEROMETER] == pytest.approx(last_s[Sensor.GYROSCOPE], abs=0.03)
    assert last_s[Sensor.GYROSCOPE] == pytest.approx(19.99, abs=0.1)


def test_numbers_that_come_late_or_twice_have_the_time_they_had() -> None:
    t_s = np.arange(2000) / 100
    sent = batches(np.arange(2000), t_s, 10, Clock.COUNT)
    sent[120], sent[121] = (sent[121][0], sent[120][1]), (sent[120][0], sent[121][1])
    sent.insert(151, (sent[150][0], sent[150][1] + 0.001))
    clock = DeviceClock()
    given = [times for one, at_s in sent for _, times in clock.take(one, arrival_ns(at_s))]
    assert given[150].tolist() == given[151].tolist()
    assert_allclose(np.sort(np.concatenate([*given[:151], *given[152:]])), t_s, atol=0.05)
    assert (clock.lost, clock.resets) == (0, 0)


@pytest.mark.parametrize("size", [1, 10])
@pytest.mark.parametrize("bits", [16, 32])
def test_a_count_that_runs_over_goes_on_and_what_is_lost_is_counted(bits: int, size: int) -> None:
    t_s = np.arange(2000) / 50
    ticks = (2**bits - 1003 + np.arange(2000)) % 2**bits
    sent = batches(ticks, t_s, size, Clock.COUNT)
    del sent[700 // size : 750 // size]
    clock = DeviceClock()
    times = timed(clock, sent)
    assert (clock.wraps, clock.resets, clock.lost) == (1, 0, 50)
    assert times[-1] - times[0] == pytest.approx(t_s[-1], abs=0.1)


# --- jumps ---


def two_runs(first: Ticks, second: Ticks, pause_s: float) -> tuple[DeviceClock, Array, Array]:
    """Ten seconds at 100 Hz, then ten more after a pause, as stamped."""
    clock = DeviceClock()
    t_s = np.arange(1000) / 100
    before = [t for one, at_s in batches(first, t_s, 20) for _, t in clock.take(one, arrival_ns(at_s))]
    later_s = t_s + 10 + pause_s
    after = [t for one, at_s in batches(second, later_s, 20) for _, t in clock.take(one, arrival_ns(at_s))]
    return clock, np.concatenate(before), np.concatenate(after)


@pytest.mark.parametrize("pause_s", [0.0, 3.0, 60.0])
def test_a_device_that_starts_anew_goes_on_after_what_was_there(pause_s: float) -> None:
    t_s = np.arange(1000) / 100
    clock, before, after = two_runs(stamps(t_s, Clock.NS, 500.0), stamps(t_s, Clock.NS, 0.0), pause_s)
    assert clock.resets == 1
    assert_allclose(np.diff(after), 0.01, atol=1e-6)
    assert before[-1] < after[0]
    assert after[-1] - before[-1] == pytest.approx(10 + pause_s, abs=0.3)


def test_a_clock_set_forward_leaves_no_hole() -> None:
    t_s = np.arange(1000) / 100
    clock, before, after = two_runs(stamps(t_s, Clock.MS, 1.79e9), stamps(t_s + 3600, Clock.MS, 1.79e9), 0.0)
    assert clock.resets == 1
    assert 0 < after[0] - before[-1] < 1.0
    assert_allclose(np.diff(after), 0.01, atol=1e-6)


def test_silence_told_by_stamps_and_arrivals_alike_is_no_step() -> None:
    t_s = np.arange(1000) / 100
    clock, before, after = two_runs(stamps(t_s, Clock.NS, 0.0), stamps(t_s + 310, Clock.NS, 0.0), 300.0)
    assert clock.resets == 0
    assert after[0] - before[-1] == pytest.approx(300.01, abs=1e-6)


def test_a_late_message_is_late_not_a_reset() -> None:
    t_s = np.arange(1000) / 100
    sent = batches(stamps(t_s, Clock.NS, 0.0), t_s, 20)
    sent.insert(30, sent.pop(25))
    clock = DeviceClock()
    times = timed(clock, sent)
    assert clock.resets == 0
    assert_allclose(np.sort(times), t_s, atol=1e-6)
    assert (np.diff(times) < 0).sum() == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bursts_of_a_watch_five_to_ten_seconds_late_keep_their_time(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t_s = np.arange(12_000) / 100
    ticks = stamps(t_s, Clock.NS, 1.79e9)
    ends = [*np.cumsum(rng.integers(100, 900, 14)), len(t_s)]
    # A connection keeps the order: a burst that comes soon waits for the one before.
    arrivals_s = np.maximum.accumulate(t_s[np.array(ends) - 1] + rng.uniform(5, 10, len(ends)))
    sent = [
        (reading(ticks[start:end]), float(at_s)) for start, end, at_s in zip([0, *ends], ends, arrivals_s, strict=False)
    ]
    clock = DeviceClock()
    times = timed(clock, sent)
    assert clock.resets == 0
    assert_allclose(times, t_s, atol=1e-6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=40), unit=st.sampled_from([Clock.NS, Clock.MS, Clock.S]))
def test_stamped_times_do_not_depend_on_the_cut(sizes: list[int], unit: Clock) -> None:
    n = sum(sizes)
    t_s = np.arange(n) / 64
    ticks = stamps(t_s, unit, 1.79e9)
    whole = timed(DeviceClock(), [(reading(ticks, unit), float(t_s[-1]))])
    ends = np.cumsum(sizes)
    cut = [(reading(ticks[end - size : end], unit), float(t_s[end - 1])) for size, end in zip(sizes, ends, strict=True)]
    assert timed(DeviceClock(), cut).tolist() == whole.tolist()


WRAPS = [(Clock.MS, 16), (Clock.US, 24), (Clock.MS, 30), (Clock.US, 31), (Clock.MS, 32), (Clock.US, 32), (Clock.NS, 32)]


@pytest.mark.parametrize(("unit", "bits"), WRAPS)
@pytest.mark.parametrize("size", [1, 10])
def test_a_counter_that_runs_over_goes_on_exactly(unit: Clock, bits: int, size: int) -> None:
    per_s = TICKS_PER_S[unit]
    t_s = np.arange(1500) / 50
    ticks = (int(2**bits - 2.105 * per_s) + np.rint(t_s * per_s).astype(np.int64)) % 2**bits
    rng = np.random.default_rng(8)
    clock = DeviceClock()
    times = timed(clock, [(one, at_s + rng.uniform(0, 0.02)) for one, at_s in batches(ticks, t_s, size)])
    assert_allclose(times, t_s, atol=1e-6)
    assert clock.resets == 0
    assert clock.wraps >= 1


def test_a_signed_counter_runs_over_too_and_what_was_sent_before_may_come_after() -> None:
    t_s = np.arange(1000) / 100
    ticks = (np.rint((t_s - 5.003) * 1e6).astype(np.int64)) % 2**32 - 2**31
    sent = batches(ticks, t_s, 10)
    sent.insert(51, sent.pop(49))
    clock = DeviceClock()
    assert_allclose(np.sort(timed(clock, sent)), t_s, atol=1e-6)
    assert (clock.wraps, clock.resets) == (1, 0)


@pytest.mark.parametrize("back_s", [3.0, 3600.0])
def test_one_stray_message_moves_nothing(back_s: float) -> None:
    t_s = np.arange(1000) / 100
    for step_s in (back_s, -back_s):
        sent = batches(stamps(t_s, Clock.NS, 5000.0), t_s, 20)
        sent[25] = (reading(stamps(t_s[500:520] + step_s, Clock.NS, 5000.0)), sent[25][1])
        clock = DeviceClock()
        times = timed(clock, sent)
        assert clock.resets == 0
        assert_allclose(times[np.isfinite(times)], np.delete(t_s, np.s_[500:520]), atol=1e-6)
        assert np.isneginf(times).sum() == 20


def test_old_messages_sent_again_in_a_burst_move_nothing() -> None:
    t_s = np.arange(3000) / 100
    sent = batches(stamps(t_s, Clock.NS, 5000.0), t_s, 20)
    sent[120:120] = [(one, sent[119][1] + 0.001 * k) for k, (one, _) in enumerate(sent[20:40])]
    clock = DeviceClock()
    times = timed(clock, sent)
    assert clock.resets == 0
    assert_allclose(times[np.isfinite(times)], t_s, atol=1e-6)


def test_a_watch_a_minute_of_which_was_held_up_is_not_set_back() -> None:
    """What a connection held back comes at once, in order: the stamps go on, only the delay changes."""
    t_s = np.arange(6000) / 50
    sent = batches(stamps(t_s, Clock.NS, 1.79e9), t_s, 50)
    held_up = [(one, at_s if not 20 < at_s < 80 else 80 + k * 0.001) for k, (one, at_s) in enumerate(sent)]
    clock = DeviceClock()
    assert_allclose(timed(clock, held_up), t_s, atol=1e-6)
    assert clock.resets == 0


@pytest.mark.parametrize("behind_s", [0.7, 4.0])
def test_a_second_sensor_that_runs_behind_is_no_clock_set_back(behind_s: float) -> None:
    t_s = np.arange(1000) / 50
    clock = DeviceClock()
    given: dict[Sensor, list[Array]] = {sensor: [] for sensor in Sensor}
    for k in range(0, 1000, 10):
        at_ns = arrival_ns(t_s[k + 9])
        said = [reading(stamps(t_s[k : k + 10] - behind_s, Clock.NS, 5000.0), sensor=Sensor.GYROSCOPE)]
        said += [reading(stamps(t_s[k : k + 10], Clock.NS, 5000.0))] if k < 500 else []  # falls silent
        for one in said:
            for each, times in clock.take(one, at_ns):
                given[each.sensor].append(times)
    assert clock.resets == 0
    assert_allclose(np.concatenate(given[Sensor.GYROSCOPE]), t_s, atol=1e-6)
    assert_allclose(np.concatenate(given[Sensor.ACCELEROMETER]), t_s[:500] + behind_s, atol=1e-6)


def test_memory_holds_no_more_than_it_takes_to_learn() -> None:
    learning, doubting = DeviceClock(), DeviceClock()
    for _ in range(3000):  # arrivals stand still
        learning.take(reading(np.full(10, 7)), NOW_NS)
    assert len(learning._learning) == 0
    rng = np.random.default_rng(2)
    for k in range(3000):
        doubting.take(reading(np.array([rng.integers(-(2**62), 2**62)]), Clock.NS), NOW_NS + k)
        assert doubting._stamped is not None
        assert len(doubting._stamped._doubted) <= 1000


def test_the_offset_is_told_of_clocks_that_count_from_1970() -> None:
    t_s = np.arange(1000) / 50
    for unit in (Clock.NS, Clock.MS, Clock.S):
        clock = DeviceClock()
        timed(clock, batches(stamps(t_s, unit, NOW_NS / NS_PER_S + 12.5), t_s, 10))
        assert clock.offset_s == pytest.approx(12.47, abs=0.002)
        assert clock.lag_s == pytest.approx(0.0, abs=0.002)
    clock = DeviceClock()
    timed(clock, batches(stamps(t_s, Clock.NS, BOOT_S), t_s, 10))
    assert clock.offset_s is None
