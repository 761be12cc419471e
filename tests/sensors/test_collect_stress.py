"""What is collected is what is pushed, whatever happens to messages on their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from readings import Heard, Sent, at_rate, cut

from sensors.message import NS_PER_S
from sensors.samples import Clock, Sensor
from sensors.stream import Stream


def hear(sent: Iterable[Sent]) -> Heard:
    stream = Stream("wrist")
    blocks = []
    for readings, ns in sent:
        for r in readings:
            blocks += stream.push(r, ns)
    blocks += stream.flush()
    return Heard(stream, blocks, stream.notices())


def hear_joined(stretches, until_s=inf):
    stream = Stream("wrist")
    blocks = []
    for k, stretch in enumerate(stretches):
        for readings, ns in stretch:
            for r in readings:
                blocks += stream.collect(r, ns)
        if k % 3 == 2:
            blocks += stream.release()
    blocks += stream.flush()
    return Heard(stream, blocks, stream.notices())


def assert_same(one: Heard, other: Heard) -> None:
    for name in ("t_s", "acc_mps2", "gyro_radps", "measured"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def stretches_of(sent: list[Sent], n: int) -> list[list[Sent]]:
    return [sent[at : at + n] for at in range(0, len(sent), n)]


troubles = st.sampled_from(
    ["swapped", "doubled", "lost", "acc lost", "gyro lost", "gyro late", "mixed", "1", "6", "8", "9", "10", "11", "12"]
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    rate_hz=st.sampled_from([20.0, 50.0, 100.0]),
    gyro_from_s=st.sampled_from([None, 0.0, 0.0, 6.1]),
    gyro_ahead_s=st.sampled_from([0.0, 0.004, -0.3, 0.45, 1.0]),
    every_s=st.sampled_from([0.01, 0.1, 0.2, 0.45, 1.0, 3.0]),
    trouble=st.lists(st.tuples(troubles, st.floats(0.05, 0.95), st.integers(1, 12)), max_size=4),
    clock=st.sampled_from([Clock.NS, Clock.NS, Clock.AUTO, Clock.NONE]),
    stretch_s=st.sampled_from([0.5, 2.0, 5.0, 20.0]),
)
def test_joined_or_one_after_another_they_give_the_same_samples_whatever_comes(
    rate_hz: float,
    gyro_from_s: float | None,
    gyro_ahead_s: float,
    every_s: float,
    trouble: list[tuple[str, float, int]],
    clock: Clock,
    stretch_s: float,
) -> None:
    gyro_s = None if gyro_from_s is None else at_rate(rate_hz, 16 - gyro_from_s, gyro_from_s)
    ahead_ns = {Sensor.ACCELEROMETER: 0, Sensor.GYROSCOPE: round(gyro_ahead_s * NS_PER_S)}
    sent = [
        ([replace(each, clock=clock, ticks=each.ticks + ahead_ns[each.sensor]) for each in readings], at_ns)
        for readings, at_ns in cut(at_rate(rate_hz, 16), gyro_s, every_s=every_s)
    ]
    for what, share, n in trouble:
        at = int(share * len(sent))
        sent[at : at + n] = [each for each in troubled(sent[at : at + n], what) if each[0]]
    one = hear(sent)
    other = hear_joined(stretches_of(sent, max(1, round(stretch_s / every_s))))
    if one.blocks:
        assert_same(one, other)
    assert len(one.blocks) >= len(other.blocks)
    assert one.stream.link == other.stream.link
    assert one.notices == other.notices


def troubled(sent: list[Sent], what: str) -> list[Sent]:
    said, arrivals_ns = [readings for readings, _ in sent], [at_ns for _, at_ns in sent]
    match what:
        case "lost":
            return []
        case "doubled":
            return [each for each in sent for _ in range(2)]
        case "swapped":
            said.reverse()
        case "acc lost":
            said = [[each for each in readings if each.sensor is Sensor.GYROSCOPE] for readings in said]
        case "gyro lost":
            said = [[each for each in readings if each.sensor is not Sensor.GYROSCOPE] for readings in said]
        case "gyro late" if all(len(readings) == 2 for readings in said):
            # One message behind, until the last one brings the missing one too.
            gyros = [readings[1] for readings in said]
            said = [[readings[0], late] for readings, late in zip(said[1:], gyros, strict=False)]
            said = [[sent[0][0][0]], *said]
            if len(said) > 2:
                both = {key: np.concatenate([getattr(each, key) for each in gyros[-2:]]) for key in ("ticks", "xyz")}
                said[-1][1] = replace(gyros[-1], **both)
        case "gyro late":
            pass
        case "mixed":
            said = [[replace(each, ticks=each.ticks[::-1]) for each in readings] for readings in said]
        case _:  # the clock is wrong by 10**what nanoseconds, to and fro
            by = 10 ** int(what)
            said = [[replace(each, ticks=each.ticks - by) for each in readings] for readings in said]
    return [*zip(said, arrivals_ns, strict=True)]
