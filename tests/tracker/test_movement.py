from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hands import LEVEL

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array
from tracker.motion.history import HOP, HOP_S, History
from tracker.motion.movement import Movement, MovementParams

PARAMS = MovementParams()
REST_S = 3.0


@dataclass
class Told:
    """What was told of a hand, look by look."""

    movement: Movement
    begun: list[tuple[float, float]] = field(default_factory=list)  # when it was told, from when on
    over: list[tuple[float, float]] = field(default_factory=list)
    quiet_s: list[float] = field(default_factory=list)  # looks that found it pausing or at rest


def told(*parts: Array, period_s: float | None = None) -> Told:
    """Watch a hand whose force along x changes by so much, as the engine does while no tempo is known."""
    force_mps2 = np.concatenate(parts)
    rows = np.tile(LEVEL, (len(force_mps2), 1)) + np.random.default_rng(1).normal(0, 0.005, (len(force_mps2), 6))
    rows[:, 0] += force_mps2
    history = History()
    told = Told(Movement(history, PARAMS))
    movement = told.movement
    for start in range(0, len(rows) - HOP + 1, HOP):
        history.append(rows[start : start + HOP])
        history.end += HOP
        t_s, before = history.end * CELL_S, movement.onset_s
        movement.watch(t_s, *movement.stirs(t_s), 0.0)
        if before is None and movement.onset_s is not None:
            told.begun.append((t_s, movement.onset_s))
        if movement.quiet_s is not None:
            told.quiet_s.append(t_s)
        if movement.over(t_s, period_s):
            assert movement.quiet_s is not None
            told.over.append((t_s, movement.quiet_s))
            movement.end(movement.quiet_s)
    return told


def still(seconds: float, at_mps2: float = 0.0) -> Array:
    return np.full(round(seconds * RATE_HZ), at_mps2)


def waves(seconds: float, period_s: float = 1.0, size_mps2: float = 1.0) -> Array:
    return size_mps2 * np.sin(2 * np.pi * np.arange(round(seconds * RATE_HZ)) * CELL_S / period_s)


def test_a_hand_at_rest_never_begins() -> None:
    nothing = told(still(20))
    assert (nothing.begun, nothing.over) == ([], [])
    assert len(nothing.quiet_s) == 200


def test_a_movement_is_told_from_when_it_began_to_when_it_ended() -> None:
    seen = told(still(REST_S), waves(5), still(5))
    [(told_s, onset_s)] = seen.begun
    assert onset_s == pytest.approx(REST_S, abs=0.15)
    assert told_s - onset_s <= 0.3
    [(told_s, end_s)] = seen.over
    assert end_s == pytest.approx(REST_S + 5, abs=0.15)
    # Told after a while that depends on how long it lasted.
    assert told_s == pytest.approx(end_s + PARAMS.rest_share * 5, abs=0.5)


def test_how_long_the_hand_had_rested_is_known() -> None:
    assert told(still(REST_S), waves(1)).movement.rested_s == pytest.approx(REST_S, abs=0.15)
    twice = told(still(REST_S), waves(1), still(4), waves(1))
    assert len(twice.over) == 1
    assert twice.movement.rested_s == pytest.approx(4, abs=0.3)
    assert told(waves(2)).movement.rested_s == 0.0  # it moved when it was first seen


@pytest.mark.parametrize(("pause_s", "movements"), [(0.5, 1), (2.0, 1), (4.0, 2)])
def test_strokes_pause_at_their_turns(pause_s: float, movements: int) -> None:
    assert len(told(still(REST_S), waves(5), still(pause_s), waves(5)).begun) == movements


@pytest.mark.parametrize("period_s", [1.0, 4.0, 10.0])
def test_half_a_cycle_without_movement_is_rest_once_the_tempo_is_known(period_s: float) -> None:
    [(told_s, end_s)] = told(still(REST_S), waves(10), still(10), period_s=period_s).over
    assert told_s - end_s == pytest.approx(max(PARAMS.pause_s, PARAMS.pause_cycles * period_s), abs=2 * HOP_S)


def test_pauses_count_against_the_rest_that_a_movement_asks_for() -> None:
    steady, halting = (
        told(still(REST_S), waves(4), still(9)),
        told(still(REST_S), waves(3), still(1), waves(1), still(9)),
    )
    [(steady_s, _)], [(halting_s, _)] = steady.over, halting.over
    assert halting_s - (REST_S + 5) < steady_s - (REST_S + 4) - 0.3


@pytest.mark.parametrize(("period_s", "size_mps2"), [(13.0, 0.9), (25.0, 1.2), (40.0, 1.7)])
def test_slow_strokes_are_one_movement(period_s: float, size_mps2: float) -> None:
    slow = size_mps2 * (1 - np.cos(2 * np.pi * np.arange(round(3 * period_s * RATE_HZ)) * CELL_S / period_s))
    seen = told(still(REST_S), slow, still(2))
    assert len(seen.begun) == 1
    [(_, onset_s)] = seen.begun
    assert onset_s - REST_S < 0.3 * period_s
    assert [told_s for told_s, _ in seen.over if told_s < REST_S + 3 * period_s] == []


@pytest.mark.parametrize("size_mps2", [5.0, 20.0])
def test_a_knock_does_not_hold(size_mps2: float) -> None:
    seen = told(still(REST_S), waves(0.1, 0.1, size_mps2), still(6))
    assert len(seen.begun) == len(seen.over) <= 1
    for told_s, end_s in seen.over:
        assert end_s == pytest.approx(REST_S + 0.1, abs=0.2)
        assert told_s - end_s <= PARAMS.pause_s + 0.11


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.0])
def test_a_posture_that_has_changed_is_over_at_once(seconds: float) -> None:
    change = np.linspace(0, 3, round(seconds * RATE_HZ))
    seen = told(still(REST_S), change, still(6, 3.0))
    [(told_s, end_s)] = seen.over
    assert end_s == pytest.approx(REST_S + seconds, abs=0.3)
    assert told_s - end_s <= PARAMS.pause_s + PARAMS.rest_share * seconds + 0.11


def test_what_is_still_stirring_at_an_end_is_a_movement_that_did_not_begin_at_rest() -> None:
    history = History()
    movement = Movement(history, PARAMS)
    rows = np.tile(LEVEL, (250, 1))
    rows[:, 0] += waves(5)
    history.append(rows)
    history.end = history.added
    movement.watch(5.0, *movement.stirs(5.0), 4.0)
    movement.end(4.5)
    assert (movement.onset_s, movement.rested_s) == (4.5, 0.0)
    assert not movement.over(9.0, None)  # nothing is quiet


def test_no_movement_begins_before_the_last_one_s_end() -> None:
    history = History()
    movement = Movement(history, PARAMS)
    movement.watch(5.0, True, 0.7, 4.95)
    assert movement.onset_s == 4.95


def test_after_an_interruption_nothing_is_known() -> None:
    seen = told(still(REST_S), waves(5)).movement
    seen.restart(60.0)
    assert (seen.onset_s, seen.quiet_s, seen.rested_s) == (None, None, 0.0)
    seen.watch(60.1, True, 0.7, 60.0)
    assert (seen.onset_s, seen.rested_s) == (60.0, 0.0)
