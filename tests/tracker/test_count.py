from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hands import LEVEL, remember, rest_to_rest

from sensors.grid import CELL_S
from sensors.samples import Array
from tracker.motion.count import BLIND_CYCLES, FADING_CYCLES, Counter
from tracker.motion.cycle import CycleFit, fit_cycles
from tracker.motion.history import HOP, HOP_S, History
from tracker.motion.periodic import CHANNEL_WEIGHTS

REST_S = 1.0
X, Y = np.eye(6)[:2]


@dataclass
class Hand:
    """A movement from rest to rest, its phase at every grid point, and what was measured of it."""

    period_s: float
    phase: Array
    rows: Array


def hand(cycles: int, period_s: float, felt: Callable[[Array], Array], *, noise: float = 0.01) -> Hand:
    """What is felt of the phase, between two rests; a level device else."""
    phase, _ = rest_to_rest(cycles, period_s)
    still = round(REST_S / CELL_S)
    after = round(max(REST_S, period_s) / CELL_S)
    phase = np.concatenate((np.zeros(still), phase, np.full(after, phase[-1])))
    rows = LEVEL + felt(phase) + noise * np.random.default_rng(1).standard_normal((len(phase), 6))
    return Hand(period_s, phase, rows)


def tilted(phase: Array) -> Array:
    """Gravity turns away and back."""
    return np.outer(0.5 * (1 - np.cos(phase)), X)


def pushed(phase: Array) -> Array:
    """The force that takes a hand from end to end: second derivative of its way."""
    way = 1 - np.cos(phase)
    force = np.gradient(np.gradient(way, CELL_S), CELL_S)
    return np.outer(force / max(np.abs(force).max(), 1e-9) * 3, X)


def turned(phase: Array) -> Array:
    """The rate of turning alone."""
    rate = np.gradient(1 - np.cos(phase), CELL_S)
    return np.outer(rate / np.abs(rate).max(), np.eye(6)[4])


def circled(phase: Array) -> Array:
    """The force that holds a hand on a circle, from rest to rest."""
    way = np.stack((np.cos(phase), np.sin(phase)), axis=1)
    force = np.gradient(np.gradient(way, CELL_S, axis=0), CELL_S, axis=0)
    return np.asarray(force @ np.stack((X, Y)) / np.abs(force).max() * 3)


class Watch:
    """Counts a hand look by look, its tempo being known: as a periodic motion does, but for corrections of phase."""

    def __init__(
        self, seen: Hand, *, lock_cycles: float = 2.2, use_gyro: bool = False, rested_s: float = REST_S
    ) -> None:
        self._hand, self._history = seen, History()
        moving = round(lock_cycles * seen.period_s / CELL_S) // HOP * HOP
        begun = round(REST_S / CELL_S)
        remember(self._history, seen.rows[: begun + moving])
        self.count = Counter(self._fit(), moving * CELL_S, use_gyro=use_gyro)
        self.count.begin(self._history, moving, seen.period_s, round(rested_s / CELL_S))
        self._looks = 0

    def _fit(self) -> CycleFit:
        return fit_cycles(self._history, self._hand.period_s, 2, CHANNEL_WEIGHTS)

    @property
    def true(self) -> float:
        """Cycles made so far."""
        return float(self._hand.phase[self._history.end - 1]) / (2 * np.pi)

    def look(self, cycles: float | None = None) -> None:
        end = self._history.end
        remember(self._history, self._hand.rows[end : end + HOP])
        self.count.step(self._history, HOP_S / self._hand.period_s if cycles is None else cycles)
        self._looks += 1
        if self._looks % max(1, round(min(1.0, self._hand.period_s / 3) / HOP_S)) == 0:
            self.count.aim(self._fit())

    def counted(self, after_cycles: float = 0.5) -> float:
        """Cycles that were sure by half a cycle after the end, as it is then that the end is noticed."""
        rests = round(after_cycles * self._hand.period_s / CELL_S)
        end = int(np.argmax(self._hand.phase == self._hand.phase[-1])) + rests
        most = self.count.sure
        while self._history.end + HOP <= end:
            self.look()
            most = max(most, self.count.sure)
        return most


# --- whole cycles from rest to rest ---


@pytest.mark.parametrize("felt", [tilted, pushed])
@pytest.mark.parametrize("cycles", [4, 7])
@pytest.mark.parametrize("period_s", [0.5, 1.0, 1.7, 4.0, 12.0])
def test_whole_cycles_are_counted_whole(felt: Callable[[Array], Array], cycles: int, period_s: float) -> None:
    # A quick stop is noticed no sooner than a look or two later, half a cycle.
    assert Watch(hand(cycles, period_s, felt)).counted() == pytest.approx(cycles, abs=0.15 if period_s > 0.6 else 0.3)


@pytest.mark.parametrize("cycles", [4, 7])
@pytest.mark.parametrize("period_s", [1.0, 4.0, 12.0])
def test_what_only_turns_is_counted_by_its_turning(cycles: int, period_s: float) -> None:
    assert Watch(hand(cycles, period_s, turned), use_gyro=True).counted(0.1) == pytest.approx(cycles, abs=0.15)


@pytest.mark.parametrize("cycles", [5, 9])
@pytest.mark.parametrize("period_s", [0.4, 0.6, 0.8])
def test_quick_circles_are_counted_while_their_force_lasts(cycles: int, period_s: float) -> None:
    assert Watch(hand(cycles, period_s, circled)).counted() == pytest.approx(cycles, abs=0.35)


@pytest.mark.parametrize("felt", [tilted, pushed])
@pytest.mark.parametrize("lock_cycles", [2.1, 3.0, 4.3])
def test_when_it_is_recognised_makes_no_difference(felt: Callable[[Array], Array], lock_cycles: float) -> None:
    assert Watch(hand(6, 1.5, felt), lock_cycles=lock_cycles).counted() == pytest.approx(6, abs=0.15)


# --- before the recognition ---


@pytest.mark.parametrize("felt", [tilted, pushed])
@pytest.mark.parametrize("lock_cycles", [2.3, 3.1, 3.8])
def test_what_was_done_before_is_counted_when_it_is_recognised(
    felt: Callable[[Array], Array], lock_cycles: float
) -> None:
    watch = Watch(hand(8, 2.0, felt), lock_cycles=lock_cycles)
    # The swing that it is on is not counted before its middle.
    assert watch.true - 0.4 < watch.count.sure < watch.true + 0.1


def test_a_hand_that_did_not_rest_was_somewhere_on_its_way() -> None:
    """From the middle of a swing: what has been seen of it counts, not the quarter that a start from rest loses."""
    seen = hand(9, 2.0, tilted)
    for ahead_s in (0.2, 0.5, 0.9, 1.3):
        begun = round((REST_S + 4.0 + ahead_s) / CELL_S) // HOP * HOP
        cut = Hand(seen.period_s, seen.phase[begun - 50 :], seen.rows[begun - 50 :])
        watch = Watch(cut, lock_cycles=3.0, rested_s=0.0)
        assert watch.count.sure == pytest.approx(3.0, abs=0.35)


def test_ripples_on_the_way_do_not_count() -> None:
    """A motion with more swings than cycles: then the time counts."""
    seen = hand(8, 2.0, lambda phase: tilted(phase) + np.outer(0.6 * np.sin(3 * phase), X))
    watch = Watch(seen, lock_cycles=3.0)
    assert watch.count.sure == pytest.approx(watch.true, abs=0.6)


# --- never ahead of the swing ---


@pytest.mark.parametrize("felt", [tilted, pushed])
@pytest.mark.parametrize("period_s", [1.0, 4.0])
def test_what_is_told_is_never_ahead_of_the_swing(felt: Callable[[Array], Array], period_s: float) -> None:
    watch = Watch(hand(6, period_s, felt))
    while watch.true < 6:
        watch.look()
        # A crossing is seen when it is past: no more than to the end of its swing is promised.
        assert watch.count.sure <= watch.true + 0.3
        assert watch.count.sure >= watch.true - 0.4


def test_a_hand_that_stops_gets_no_further_than_the_end_of_its_swing() -> None:
    watch = Watch(hand(5, 2.0, tilted))
    watch.counted()
    before = watch.count.sure
    for _ in range(4):
        watch.count.step(watch._history, 0.05)
    assert watch.count.made > before
    assert watch.count.sure == before


# --- when crossings cannot be seen ---


def test_without_crossings_phase_alone_counts_after_a_while() -> None:
    """The motion is told to go on while the axis shows nothing: at first that may be a stop."""
    count, history = Watch(hand(5, 1.0, tilted)).count, History()
    remember(history, np.tile(LEVEL, (200, 1)))
    count.step(history, 0.0)
    held = count._crossed + 0.25
    while count.made - count._crossed <= BLIND_CYCLES:
        assert count.sure == min(count.made, held)
        count.step(history, 0.1)
    assert count.sure == count.made > held


def test_a_hand_that_fades_is_waited_for_longer() -> None:
    watch = Watch(hand(5, 1.0, tilted))
    watch.counted()
    held = watch.count.sure
    # A fit over a window that is half at rest shows less than those before.
    fit = watch._fit()
    weak = CycleFit(fit.points, fit.cycles, fit.period_s, fit.sd, fit.mean, fit.trend, 0.3 * X + 0j, 0j * X)
    watch.count.aim(weak)
    while watch.count.made - watch.count._crossed <= BLIND_CYCLES + FADING_CYCLES:
        assert watch.count.sure == held
        watch.count.step(watch._history, 0.1)
    assert watch.count.sure == watch.count.made


def test_what_fades_does_not_move_the_middle() -> None:
    """Coming to rest at one end of the way, the mean of the window runs off to it."""
    watch = Watch(hand(5, 2.0, tilted))
    middle, axis = watch.count._middle.copy(), watch.count._axis
    fit = watch._fit()
    watch.count.aim(CycleFit(fit.points, 2, 2.0, 0.1, fit.mean + 0.4 * X, fit.trend, 0.5 * fit.first, fit.second))
    assert np.array_equal(watch.count._middle, middle)
    assert watch.count._axis is axis
    watch.count.aim(CycleFit(fit.points, 2, 2.0, 0.1, fit.mean + 0.4 * X, fit.trend, 0.9 * fit.first, fit.second))
    assert np.allclose(watch.count._middle, middle + 0.4 * X[:3], atol=0.01)


@pytest.mark.parametrize("drop", [-3.0, -0.4])
def test_phase_that_is_corrected_backwards_never_makes_less_than_nothing(drop: float) -> None:
    watch = Watch(hand(4, 1.0, tilted))
    watch.count.step(watch._history, drop)
    assert watch.count.made >= 0
    assert watch.count.sure >= 0


def test_a_hand_at_rest_counts_by_phase_and_is_no_error() -> None:
    still = Hand(1.0, np.zeros(400), np.tile(LEVEL, (400, 1)))
    watch = Watch(still)
    for _ in range(20):
        watch.look()
    assert np.isfinite(watch.count.sure)
