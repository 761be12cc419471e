from __future__ import annotations

import pytest

from tui.playhead import FASTEST, SPEEDS, Playhead


class Hand:
    """A clock that stands until it is moved."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def playhead(speed: float | None = 1.0) -> tuple[Playhead, Hand]:
    clock = Hand()
    return Playhead(speed, clock), clock


@pytest.mark.parametrize(("speed", "moved_s"), [(0.25, 0.5), (1.0, 2.0), (16.0, 32.0), (None, 2 * FASTEST)])
def test_it_moves_with_the_clock_at_its_speed(speed: float | None, moved_s: float) -> None:
    head, clock = playhead(speed)
    clock.now_s += 2
    assert not head.move(1000.0, whole=True)
    assert head.position_s == moved_s


def test_time_spent_in_a_pause_is_not_made_up_for() -> None:
    head, clock = playhead()
    head.paused = True
    clock.now_s += 10
    head.move(1000.0, whole=True)
    head.paused = False
    clock.now_s += 1
    head.move(1000.0, whole=True)
    assert head.position_s == 1.0


def test_it_plays_no_further_than_has_been_read() -> None:
    head, clock = playhead()
    clock.now_s += 10
    assert not head.move(4.0, whole=False)
    assert (head.position_s, head.paused) == (4.0, False)
    clock.now_s += 1
    head.move(60.0, whole=False)
    assert head.position_s == 5.0


def test_sent_beyond_what_has_been_read_it_waits_there() -> None:
    head, clock = playhead()
    head.seek(50.0, 60.0)
    clock.now_s += 10
    assert not head.move(20.0, whole=False)
    assert head.position_s == 50.0
    clock.now_s += 1
    head.move(55.0, whole=False)
    assert head.position_s == 51.0


def test_where_the_film_is_shorter_than_was_thought_it_holds_at_the_end() -> None:
    head, _ = playhead()
    head.seek(50.0, 60.0)
    assert not head.move(40.0, whole=True)
    assert (head.position_s, head.paused) == (40.0, True)


def test_the_end_is_told_once() -> None:
    head, clock = playhead()
    clock.now_s += 10
    assert head.move(4.0, whole=True)
    assert (head.position_s, head.paused) == (4.0, True)
    clock.now_s += 10
    assert not head.move(4.0, whole=True)


def test_in_a_loop_the_beginning_follows_the_end() -> None:
    head, clock = playhead()
    head.loop = True
    clock.now_s += 10
    assert not head.move(4.0, whole=True)
    assert (head.position_s, head.paused) == (0.0, False)


def test_a_seek_stays_within_the_film() -> None:
    head, _ = playhead()
    head.seek(-3.0, 60.0)
    assert head.position_s == 0.0
    head.seek(99.0, 60.0)
    assert head.position_s == 60.0


def test_speeds_go_up_and_down_one_by_one_and_end_there() -> None:
    head, _ = playhead(0.25)
    seen = [head.speed]
    for _ in range(len(SPEEDS)):
        head.change_speed(+1)
        seen.append(head.speed)
    assert seen == [*SPEEDS, None]
    head.change_speed(-1)
    assert head.speed == 16.0
    head.speed = 3.0
    head.change_speed(-1)
    assert head.speed == 2.0
