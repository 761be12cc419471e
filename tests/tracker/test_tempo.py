from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array
from tracker.motion.history import History
from tracker.motion.tempo import Tempo, TempoSearch

WEIGHTS = np.ones(6)
RATES_CPM = [1.2, 2.0, 4.5, 9.0, 15.0, 30.0, 50.0, 75.0, 120.0, 180.0, 240.0, 290.0, 300.0]


def history_of(rows: Array) -> History:
    history = History()
    for start in range(0, len(rows), int(RATE_HZ)):
        history.append(rows[start : start + int(RATE_HZ)])
    return history


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
@pytest.mark.parametrize("second", [0.5, 1.0, 1.5])
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
    search = TempoSearch(WEIGHTS)
    assert search.follow(history_of(stroke(30.0)[:n]), n * CELL_S, 2.0) is None


def test_a_known_tempo_is_followed_as_it_changes_but_not_to_another() -> None:
    search = TempoSearch(WEIGHTS)
    rows = stroke(33.0, cycles=6)
    history = history_of(rows)
    followed = search.follow(history, len(rows) * CELL_S, 60 / 30)
    assert rate_cpm(followed) == pytest.approx(33.0, rel=0.02)
    assert search.follow(history, len(rows) * CELL_S, 60 / 100) is None


def test_clarity_falls_with_noise() -> None:
    clarities = [found(stroke(30.0, cycles=4, noise=noise)) for noise in (0.05, 0.5, 1.0)]
    values = [tempo.clarity for tempo in clarities if tempo is not None]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.95
