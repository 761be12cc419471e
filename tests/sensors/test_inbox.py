from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.inbox import OVERHEAD_BYTES, REST, Inbox, InboxParams
from sensors.message import NS_PER_S, Message

SMALL = InboxParams(max_bytes=4000, rate_hz=10, rate_bytes_per_s=10_000, burst=6, burst_bytes=3000, max_topics=3)


def message(topic: str, at_s: float = 0.0, size: int = 0) -> Message:
    return Message(topic, bytes(size), round(at_s * NS_PER_S))


def sent(inbox: Inbox, topic: str, rate_hz: float, seconds: float, *, start_s: float = 0.0) -> int:
    """Send at an even pace; give how many came through."""
    for i in range(round(rate_hz * seconds)):
        inbox.put(message(topic, start_s + i / rate_hz))
    return len(inbox.take())


def test_a_topic_comes_through_at_its_rate_for_ever() -> None:
    inbox = Inbox(SMALL)
    assert sum(sent(inbox, "wrist", 10, 1.0, start_s=start_s) for start_s in range(60)) == 600
    assert not inbox.dropped


def test_a_flood_comes_through_at_the_rate_and_the_rest_is_counted() -> None:
    inbox = Inbox(SMALL)
    through = sum(sent(inbox, "wild", 1000, 0.1, start_s=i / 10) for i in range(100))
    assert through == pytest.approx(10 * SMALL.rate_hz + SMALL.burst, abs=1)
    assert inbox.dropped == {"wild": 10_000 - through}


def test_a_flood_of_bytes_is_held_back_too() -> None:
    inbox = Inbox(SMALL)
    through = 0
    for i in range(10):
        inbox.put(message("wild", i * 0.1, size=2000 - OVERHEAD_BYTES))
        through += len(inbox.take())
    assert through == (3000 + 9 * 1000) // 2000
    inbox.put(message("wild", 100, size=3001 - OVERHEAD_BYTES))  # it never fits
    assert inbox.take() == []


def test_what_a_device_has_kept_while_it_was_cut_off_comes_through_at_once() -> None:
    inbox = Inbox()
    for _ in range(6000):
        inbox.put(message("wrist", 60.0, size=100))
    for i in range(6000):
        inbox.put(message("wrist", 60.0 + i / 100, size=100))
    assert len(inbox.take()) == 12_000
    assert not inbox.dropped


def test_two_hundred_devices_that_share_a_topic_come_through() -> None:
    inbox = Inbox()
    through = 0
    for second in range(60):
        for i in range(2000):
            inbox.put(message("sensor-logger", second + i / 2000, size=6000))
        through += len(inbox.take())
    assert through == 120_000


def test_one_topics_flood_costs_another_nothing() -> None:
    inbox = Inbox(SMALL)
    calm = 0
    for i in range(10_000):
        inbox.put(message("wild", i / 10_000))
        if i % 1000 == 0:
            inbox.put(message("calm", i / 10_000))
            calm += sum(each.topic == "calm" for each in inbox.take())
    assert calm == 10
    assert list(inbox.dropped) == ["wild"]


def test_when_all_is_full_the_largest_topic_loses_its_newest() -> None:
    inbox = Inbox(SMALL)
    for i in range(6):
        inbox.put(message("large", i, size=600 - OVERHEAD_BYTES))
    inbox.put(message("small", 6, size=300 - OVERHEAD_BYTES))  # 3900 of 4000 bytes wait
    inbox.put(message("small", 7, size=301 - OVERHEAD_BYTES))
    inbox.put(message("large", 8, size=600 - OVERHEAD_BYTES))
    waiting = [(each.topic, each.received_ns // NS_PER_S) for each in inbox.take()]
    assert waiting == [*(("large", i) for i in range(5)), ("small", 6), ("small", 7)]
    assert inbox.dropped == {"large": 2}


def test_a_thousand_new_topics_share_what_one_may_send() -> None:
    inbox = Inbox(SMALL)
    inbox.put(message("wrist"))
    for i in range(100):
        inbox.put(message(f"topic {i}"))
    inbox.put(message("wrist"))
    heard = [each.topic for each in inbox.take()]
    assert heard == ["wrist", *(f"topic {i}" for i in range(2 + SMALL.burst)), "wrist"]
    assert inbox.dropped == {REST: 100 - 2 - SMALL.burst}


arrivals = st.tuples(st.sampled_from("abcde"), st.integers(0, NS_PER_S), st.integers(0, 2000))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.lists(arrivals, max_size=40), max_size=4))
def test_nothing_is_lost_uncounted_reordered_or_kept_beyond_the_bound(looks: list[list[tuple[str, int, int]]]) -> None:
    inbox = Inbox(SMALL)
    now_ns, number, through = 0, 0, 0
    for look in looks:
        for topic, later_ns, size in look:
            now_ns += later_ns
            inbox.put(Message(topic, bytes(size), now_ns))
        taken = inbox.take()
        assert [each.received_ns for each in taken] == sorted(each.received_ns for each in taken)
        assert sum(len(each.payload) + OVERHEAD_BYTES for each in taken) <= SMALL.max_bytes
        number, through = number + len(look), through + len(taken)
    assert through + inbox.dropped.total() == number
