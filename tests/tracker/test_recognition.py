from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hands import LEVEL, history_of, on_grid, remember, rest_to_rest, rows_of

from sensors.grid import CELL_S
from sensors.samples import Array
from sensors.simulate import Device, Phase, simulate
from tracker.motion.history import HOP, HOP_S, History
from tracker.motion.periodic import CHANNEL_WEIGHTS
from tracker.motion.recognition import Recognition, RecognitionParams
from tracker.motion.tempo import Tempo, TempoSearch

PARAMS = RecognitionParams(lock=((0.9, 0.0, 0.0), (0.7, 1.0, 0.8), (0.5, 3.0, 1.2)), lock_cycles=2.05, lock_s=0.6)


class Scripted(TempoSearch):
    """Finds what it is told to, at each moment."""

    def __init__(self, at: Callable[[float], Tempo | None]) -> None:
        self._at = at

    def refind(self, history: History, available_s: float, longest_s: float = float("inf")) -> Tempo | None:
        return self._at(available_s)


def recognised_s(at: Callable[[float], Tempo | None], seconds: float = 20.0) -> float | None:
    """How long after its onset a movement is recognised in which so much is found."""
    recognition, history = Recognition(Scripted(at), CHANNEL_WEIGHTS, PARAMS), History()
    for look in range(1, round(seconds / HOP_S) + 1):
        if recognition.look(history, look * HOP_S, 0.0) is not None:
            return look * HOP_S
    return None


# --- the lock ---


@pytest.mark.parametrize(("period_s", "expected_s"), [(0.2, 0.6), (1.0, 2.1), (2.0, 4.1), (5.0, 10.3)])
def test_what_repeats_well_is_recognised_after_two_cycles(period_s: float, expected_s: float) -> None:
    assert recognised_s(lambda _: Tempo(period_s, 0.95)) == pytest.approx(expected_s)


@pytest.mark.parametrize(
    ("clarity", "period_s", "cycles"),
    [(0.95, 1.0, 0.0), (0.95, 0.3, 0.0), (0.8, 1.0, 1.0), (0.6, 1.5, 3.0)],
)
def test_what_repeats_less_well_must_be_found_for_longer(clarity: float, period_s: float, cycles: float) -> None:
    found_s = recognised_s(lambda t_s: Tempo(period_s, clarity) if t_s > 8 else None)
    assert found_s == pytest.approx(8.1 + cycles * period_s, abs=0.11)


@pytest.mark.parametrize(("clarity", "period_s"), [(0.8, 0.7), (0.6, 1.0), (0.45, 3.0)])
def test_quick_ones_and_unclear_ones_are_never_recognised(clarity: float, period_s: float) -> None:
    assert recognised_s(lambda _: Tempo(period_s, clarity)) is None


def test_tempos_that_change_agree_on_nothing() -> None:
    assert recognised_s(lambda t_s: Tempo(1.0 if t_s % 1 < 0.5 else 1.2, 0.8)) is None
    assert recognised_s(lambda t_s: Tempo(1.0 if t_s % 1 < 0.5 else 1.03, 0.8)) is not None  # the same, within reason


def test_one_clear_moment_does_not_do_for_a_cycle() -> None:
    assert recognised_s(lambda t_s: Tempo(1.5, 0.8 if t_s % 1 < 0.25 else 0.3)) is None


def test_agreement_begins_anew_with_another_movement() -> None:
    recognition, history = Recognition(Scripted(lambda _: Tempo(1.0, 0.8)), CHANNEL_WEIGHTS, PARAMS), History()
    for look in range(1, 21):
        assert recognition.look(history, look * HOP_S, 0.0) is None
    assert recognition.look(history, 2.1, 0.0) is not None
    recognition.clear()
    for look in range(22, 31):
        assert recognition.look(history, look * HOP_S, 0.0) is None
    assert recognition.look(history, 3.2, 0.0) is not None


# --- with the search ---


def found_s(rows: Array) -> float | None:
    """When a movement that began with the first row is recognised."""
    recognition = Recognition(TempoSearch(CHANNEL_WEIGHTS), CHANNEL_WEIGHTS, RecognitionParams())
    history = History()
    for start in range(0, len(rows) - HOP + 1, HOP):
        remember(history, rows[start : start + HOP])
        if recognition.look(history, history.end * CELL_S, 0.0) is not None:
            return history.end * CELL_S
    return None


@pytest.mark.parametrize("cpm", [6.0, 20.0, 40.0, 90.0, 200.0])
def test_a_stroke_is_recognised_within_two_and_a_half_cycles(cpm: float) -> None:
    phase = Phase("stroke", 300 / cpm, cpm, length_cm=4.0 if cpm > 100 else 20.0, variation=0.0)
    at_s = found_s(rows_of(on_grid(simulate([phase], Device(), seed=3))))
    assert at_s is not None
    assert at_s <= max(2.55 * 60 / cpm, 0.8)


def test_noise_is_never_recognised() -> None:
    for seed in range(5):
        rows = LEVEL + np.random.default_rng(seed).standard_normal((1500, 6)) * [1, 1, 1, 0.3, 0.3, 0.3]
        assert found_s(rows) is None


# --- since when ---


@pytest.mark.parametrize("period_s", [0.4, 1.0, 3.0])
def test_stillness_before_is_no_part_of_a_motion(period_s: float) -> None:
    phase, _ = rest_to_rest(20, period_s)
    moving = round(3 * period_s / CELL_S)
    rows = np.tile(LEVEL, (200 + moving, 1))
    rows[200:, 0] += 1 - np.cos(phase[:moving])
    recognition = Recognition(TempoSearch(CHANNEL_WEIGHTS), CHANNEL_WEIGHTS, RecognitionParams())
    now_s = len(rows) * CELL_S
    gone_on_s = recognition.gone_on_s(history_of(rows), Tempo(period_s, 1.0), now_s, 0.0)
    # It takes the hand a part of its first half cycle to gather speed.
    assert 2.6 * period_s < gone_on_s <= 3.1 * period_s


def test_a_motion_goes_back_no_further_than_asked_nor_than_can_be_vouched_for() -> None:
    t_s = np.arange(1000) * CELL_S
    rows = np.tile(LEVEL, (1000, 1))
    rows[:, 0] += np.sin(2 * np.pi * t_s)
    recognition = Recognition(TempoSearch(CHANNEL_WEIGHTS), CHANNEL_WEIGHTS, PARAMS)
    history = history_of(rows)
    assert recognition.look(history, 20.0, 17.0) is not None
    gone_on_s = recognition.gone_on_s(history, Tempo(1.0, 1.0), 20.0, 17.0)
    assert gone_on_s == pytest.approx(3.0, abs=0.1)
    assert recognition.gone_on_s(history, Tempo(1.0, 1.0), 20.0, 0.0) == pytest.approx(PARAMS.back_cycles, abs=0.2)
