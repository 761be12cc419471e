"""The least delay: two clocks side by side, whatever came late."""

from __future__ import annotations

import numpy as np
import pytest

from sensors.clock.offset import LeastDelay, OffsetParams
from sensors.message import NS_PER_S

START_NS = 1_790_000_000_000_000_000


def heard(t_s: float, delay_s: float) -> tuple[float, int]:
    return t_s, START_NS + round((t_s + delay_s) * NS_PER_S)


def arrival_s(delay: LeastDelay, t_s: float) -> float:
    """By how much a sample would have arrived after it was measured."""
    return (delay.arrival_ns(t_s) - START_NS) / NS_PER_S - t_s


def test_the_soonest_message_tells() -> None:
    delay = LeastDelay()
    assert (delay.origin_ns, delay.lag_s) == (None, None)
    for k, delay_s in enumerate([0.3, 0.05, 0.9, 0.2]):
        delay.note(*heard(k * 0.5, delay_s))
    assert delay.origin_ns == START_NS + NS_PER_S // 20
    assert delay.lag_s == pytest.approx(0.15)
    assert delay.lead_s(2.0, START_NS + 2 * NS_PER_S) == pytest.approx(0.05)


def test_a_first_message_that_came_late_is_made_up_for_and_time_never_steps_back() -> None:
    delay = LeastDelay()
    arrivals_ns = []
    for k in range(200):
        delay.note(*heard(k * 0.1, 8.0 if k < 3 else 0.03))
        arrivals_ns.append(delay.arrival_ns(k * 0.1))
    assert arrivals_ns == sorted(arrivals_ns)
    assert arrivals_ns == [delay.arrival_ns(k * 0.1) for k in range(200)]  # what came later changed none
    assert arrival_s(delay, 0.0) == pytest.approx(8.0)
    assert arrival_s(delay, 19.9) == pytest.approx(0.03)


@pytest.mark.parametrize("ppm", [100.0, -100.0])
def test_drift_is_followed_for_an_hour(ppm: float) -> None:
    rng = np.random.default_rng(3)
    delay = LeastDelay()
    off_s = []
    for at_s in np.arange(0, 3600, 0.5).tolist():
        t_s = at_s * (1 + ppm * 1e-6)
        delay.note(t_s, START_NS + round((at_s + 0.02 + rng.exponential(0.05)) * NS_PER_S))
        off_s.append((delay.arrival_ns(t_s) - START_NS) / NS_PER_S - at_s - 0.02)
    assert np.abs(off_s[20:]).max() < 0.03  # left alone it would have been 0.36


def test_what_is_delivered_after_a_silence_does_not_tell() -> None:
    delay = LeastDelay()
    for k in range(300):
        delay.note(*heard(k * 0.1, 0.03))
    for k in range(300, 1800):  # two and a half minutes of it, all at once
        delay.note(k * 0.1, START_NS + 180 * NS_PER_S + k)
    assert arrival_s(delay, 170.0) == pytest.approx(0.03)


def test_no_more_changes_are_kept_than_needed() -> None:
    delay = LeastDelay(OffsetParams(most_changes=10))
    for k in range(100):
        delay.note(*heard(float(k), 100.0 - k))
    assert len(delay._from_s) == len(delay._origins) == 10
    assert delay.arrival_ns(0.0) <= delay.arrival_ns(99.0)
