from __future__ import annotations

import pytest

from tracker.cycles import counted_late, cycle_marks
from tracker.motion.state import Kind, Motion


def at(t_s: float, cycles: float, rate_cpm: float | None = 30.0) -> Motion:
    return Motion(t_s, Kind.STROKE, 0.0, rate_cpm=rate_cpm, cycles=cycles)


def test_each_whole_cycle_is_marked_when_it_was_made() -> None:
    motions = [at(t / 10, t / 20) for t in range(61)]
    assert cycle_marks(motions) == [2.0, 4.0, 6.0]


def test_cycles_that_are_counted_together_lie_a_period_apart() -> None:
    assert cycle_marks([at(5.0, 0.0), at(5.1, 2.6)]) == pytest.approx([3.1, 5.1])


def test_few_looks_a_second_mark_the_same_moments() -> None:
    motions = [at(t / 10, 0.3 + t / 20) for t in range(81)]
    assert cycle_marks(motions) == pytest.approx([1.4, 3.4, 5.4, 7.4])
    assert cycle_marks(motions[::5]) == pytest.approx(cycle_marks(motions))


def test_a_single_cycle_between_rests_is_marked_once() -> None:
    assert cycle_marks([at(5.0, 0.0, None), at(5.1, 1.0, None), at(5.2, 1.0, None)]) == [5.1]
    assert cycle_marks([]) == cycle_marks([at(1.0, 4.0)]) == []


def test_what_was_made_before_the_look_before_is_told_from_what_was_made_since() -> None:
    assert counted_late(at(5.0, 0.0), at(5.1, 2.6))
    assert not counted_late(at(5.0, 2.0), at(5.1, 2.05))
    assert not counted_late(at(5.0, 2.0), at(7.0, 3.0))
    assert counted_late(at(5.0, 0.0, None), at(5.1, 1.0, None))
    assert not counted_late(at(5.0, 1.0, None), at(5.1, 1.0, None))
