from __future__ import annotations

import numpy as np
import pytest
from hands import history_of, remember
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array
from tracker.motion.history import History
from tracker.motion.tempo import Tempo, TempoSearch, white_noise

WEIGHTS = np.ones(6)
RATES_CPM = [1.2, 2.0, 4.5, 9.0, 15.0, 30.0, 50.0, 75.0, 120.0, 180.0, 240.0, 290.0, 300.0]


def stroke(
    cpm: float,
    *,
    cycles: float = 2.5,
    second: float = 0.0,
    third: float = 0.0,
    noise: float = 0.0,
    turn: float = 0.0,
    seed: int = 1,
) -> Array:
    """A line along one direction, its harmonics along others, as fractions of the fundamental's amplitude 1."""
    t_s = np.arange(round(cycles * 60 / cpm * RATE_HZ)) * CELL_S
    phase = 2 * np.pi * cpm / 60 * t_s + turn
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((3, 6))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    parts = np.stack((np.cos(phase), second * np.cos(2 * phase + 1), third * np.cos(3 * phase + 2)), axis=1)
    level = np.array([0.0, 4.0, 8.9, 0.0, 0.0, 0.0])
    stroke: Array = parts @ directions + level + noise / np.sqrt(6) * rng.standard_normal((len(t_s), 6))
    return stroke


def found(rows: Array) -> Tempo | None:
    return TempoSearch(WEIGHTS).find(history_of(rows), len(rows) * CELL_S)


def rate_cpm(tempo: Tempo | None) -> float:
    assert tempo is not None
    return 60 / tempo.period_s


@pytest.mark.parametrize("cpm", RATES_CPM)
def test_the_tempo_of_a_clean_stroke_over_the_whole_range(cpm: float) -> None:
    tempo = found(stroke(cpm))
    assert rate_cpm(tempo) == pytest.approx(cpm, rel=0.02)
    assert tempo is not None
    assert tempo.clarity > 0.85


@pytest.mark.parametrize("cpm", RATES_CPM)
@pytest.mark.parametrize("second", [0.5, 1.0, 1.5, 2.0])
def test_a_strong_second_harmonic_makes_no_octave_error(cpm: float, second: float) -> None:
    for seed in range(4):
        rows = stroke(cpm, second=second, noise=0.1, turn=seed, seed=seed, cycles=max(2.5, 3.0 * cpm / 60))
        assert rate_cpm(found(rows)) == pytest.approx(cpm, rel=0.03)


@pytest.mark.parametrize("cpm", [9.0, 30.0, 75.0])
def test_a_third_harmonic_makes_no_error_either(cpm: float) -> None:
    assert rate_cpm(found(stroke(cpm, third=1.0, noise=0.1))) == pytest.approx(cpm, rel=0.03)


@settings(max_examples=60, deadline=None)
@given(
    cpm=st.floats(1.5, 290),
    cycles=st.floats(2.4, 6),
    second=st.floats(0, 1.2),
    noise=st.floats(0, 0.3),
    turn=st.floats(0, 6.3),
    seed=st.integers(0, 50),
)
def test_any_tempo_any_beginning(
    cpm: float, cycles: float, second: float, noise: float, turn: float, seed: int
) -> None:
    cycles = max(cycles, 1.5 * cpm / 60)  # the engine never asks sooner
    rows = stroke(cpm, cycles=cycles, second=second, noise=noise, turn=turn, seed=seed)
    assert rate_cpm(found(rows)) == pytest.approx(cpm, rel=0.05)


@pytest.mark.parametrize("cpm", [4.5, 30.0, 120.0])
def test_a_mounting_changes_nothing(cpm: float) -> None:
    rows = stroke(cpm, second=0.7, noise=0.1)
    here = found(rows)
    assert here is not None
    for mounting in Rotation.random(6, rng=np.random.default_rng(8)):
        there = found(np.hstack((mounting.apply(rows[:, :3]), mounting.apply(rows[:, 3:]))))
        assert there is not None
        assert there.period_s == pytest.approx(here.period_s, rel=1e-6)
        assert there.clarity == pytest.approx(here.clarity, abs=1e-6)


def test_posture_that_drifts_does_not_hide_the_tempo() -> None:
    rows = stroke(20.0, cycles=4)
    rows[:, 1] += np.linspace(0, 3, len(rows))
    assert rate_cpm(found(rows)) == pytest.approx(20.0, rel=0.02)


def test_noise_repeats_nothing() -> None:
    clarities = []
    for seed in range(40):
        tempo = found(np.random.default_rng(seed).standard_normal((500, 6)))
        clarities.append(0.0 if tempo is None else tempo.clarity)
    assert np.median(clarities) < 0.3
    assert max(clarities) < 0.6


def test_a_hand_at_rest_has_no_tempo() -> None:
    assert found(np.zeros((500, 6))) is None
    assert found(np.tile([0.0, 0.0, 9.8, 0.0, 0.0, 0.0], (500, 1))) is None


@pytest.mark.parametrize("n", [0, 1, 5, 12])
def test_too_little_to_repeat_is_no_tempo(n: int) -> None:
    assert found(stroke(30.0)[:n]) is None


# --- noise ---


def test_white_noise_is_told_beside_a_motion() -> None:
    for noise in (0.05, 0.2, 1.0):
        powers = [white_noise(history_of(stroke(cpm, cycles=10, noise=noise)), WEIGHTS) for cpm in (30.0, 60.0, 120.0)]
        assert powers == pytest.approx([noise**2] * 3, rel=0.35)
    assert white_noise(history_of(stroke(30.0)), WEIGHTS) < 1e-5
    assert white_noise(history_of(stroke(30.0)[:5]), WEIGHTS) == 0.0


def test_a_knock_is_no_noise() -> None:
    rows = stroke(30.0, noise=0.1)
    rows[-20:-18] += 30.0
    assert white_noise(history_of(rows), WEIGHTS) == pytest.approx(0.01, rel=0.35)


@pytest.mark.parametrize("cpm", [30.0, 120.0])
@pytest.mark.parametrize("noise", [0.3, 0.6])
def test_noise_does_not_speak_against_a_tempo(cpm: float, noise: float) -> None:
    """A third of the power may be noise: what the plain difference would take for as much less clarity."""
    for seed in range(5):
        tempo = found(stroke(cpm, cycles=5, noise=noise, seed=seed))
        assert rate_cpm(tempo) == pytest.approx(cpm, rel=0.03)
        assert tempo is not None
        assert 0.85 < tempo.clarity <= 1.0


def test_clarity_falls_where_a_motion_does_not_repeat() -> None:
    rows = stroke(30.0, cycles=4)
    rng = np.random.default_rng(2)
    wander = np.repeat(rng.standard_normal((len(rows) // 20, 6)), 20, axis=0) / np.sqrt(12)
    clarities = []
    for share in (0.0, 0.5, 1.0):
        tempo = found(rows[: len(wander)] + share * wander)
        clarities.append(0.0 if tempo is None else tempo.clarity)
    assert clarities == sorted(clarities, reverse=True)
    assert clarities[0] > 0.95
    assert clarities[0] - clarities[1] > 0.1


def test_a_ripple_on_a_slow_stroke_is_not_its_tempo() -> None:
    rows = stroke(6.0, cycles=3)
    t_s = np.arange(len(rows)) * CELL_S
    rows[:, 2] += 0.1 * np.sin(2 * np.pi * 2.0 * t_s)
    assert rate_cpm(found(rows)) == pytest.approx(6.0, rel=0.02)


# --- again and again ---


class Spy(TempoSearch):
    """Notes which grids are searched."""

    def __init__(self) -> None:
        super().__init__(WEIGHTS)
        self.searched: list[int] = []

    def _peaks(self, x: Array, by: int, noise: float) -> tuple[list[Tempo], float]:
        self.searched.append(by)
        return super()._peaks(x, by, noise)


def test_what_a_coarse_grid_showed_a_moment_ago_still_holds() -> None:
    rows = stroke(20.0, cycles=5, noise=0.1)
    history, spy = History(), Spy()
    remember(history, rows[:500])
    spy.refind(history, 10.0)
    assert spy.searched == [1, 2, 4, 8, 16]
    times = dict.fromkeys(spy.searched, 1)
    for looks in range(1, 17):
        spy.searched.clear()
        remember(history, rows[500 + 5 * looks - 5 : 500 + 5 * looks])
        tempo = spy.refind(history, 10.0)
        assert rate_cpm(tempo) == pytest.approx(20.0, rel=0.03)
        for by in spy.searched:
            times[by] += 1
    # The finest at every look, each coarser one half as often.
    assert times == {1: 17, 2: 9, 4: 5, 8: 3, 16: 2}


def test_another_search_starts_afresh() -> None:
    history, spy = history_of(stroke(20.0, cycles=5)), Spy()
    first = spy.refind(history, 10.0)
    searched = list(spy.searched)
    assert spy.refind(history, 10.0) == first
    assert spy.searched == searched  # nothing new
    assert spy.find(history, 10.0) == first
    assert spy.searched == searched * 2


def test_no_grid_is_searched_that_is_too_coarse_for_what_is_asked() -> None:
    history, spy = history_of(stroke(20.0, cycles=5)), Spy()
    spy.find(history, 10.0, 0.5)
    assert spy.searched == [1, 2]


def test_the_cost_does_not_grow_with_the_past() -> None:
    """Every grid has as few points as it needs: no window holds more than three periods of the slowest it serves."""
    lengths: list[int] = []

    class Lengths(TempoSearch):
        def _peaks(self, x: Array, by: int, noise: float) -> tuple[list[Tempo], float]:
            lengths.append(len(x))
            return super()._peaks(x, by, noise)

    Lengths(WEIGHTS).find(history_of(stroke(2.0, cycles=4)), 120.0)
    assert max(lengths) <= 90
