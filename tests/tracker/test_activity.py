from __future__ import annotations

import numpy as np
import pytest
from hands import LEVEL, history_of, on_grid, rows_of

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import Array
from sensors.simulate import Device, Phase, simulate
from tracker.motion.activity import ActivityParams, activity, drifting
from tracker.motion.history import HOP, History

PARAMS = ActivityParams()
LOOKS_PER_S = int(RATE_HZ) // HOP


def moved(*phases: Phase, seed: int = 5) -> Array:
    return rows_of(on_grid(simulate(phases, Device(mounting="random"), seed=seed)))


def tipped(force_mps2: Array) -> Array:
    """A hand whose posture changes the force along x by so much."""
    rows = np.tile(LEVEL, (len(force_mps2), 1))
    rows[:, 0] += force_mps2
    return rows


def most(rows: Array) -> float:
    """The most movement seen in any window of a recording."""
    ends = range(50, len(rows), 5 * HOP)
    return max(activity(history_of(rows[end - 50 : end]), PARAMS.brisk_looks, PARAMS) for end in ends)


def test_before_anything_was_measured_nothing_moves() -> None:
    assert activity(History(), 7, PARAMS) == 0.0
    assert not drifting(History(), 0, PARAMS)


@pytest.mark.parametrize("seed", range(3))
def test_a_resting_hand_trembles_and_drifts_but_does_not_move(seed: int) -> None:
    rows = moved(Phase("still", 30), seed=seed)
    assert most(rows) < 1.0
    assert not any(drifting(history_of(rows[:end]), end // HOP, PARAMS) for end in range(0, len(rows), 50))


@pytest.mark.parametrize(
    "phase",
    [
        Phase("stroke", 10, 30.0),
        Phase("stroke", 6, 200.0, length_cm=4),
        Phase("circle", 10, 40.0),
        Phase("lift", 10, 40.0),
        Phase("fidget", 10),
    ],
)
def test_a_moving_hand_moves(phase: Phase) -> None:
    rows = moved(phase)
    assert activity(history_of(rows[: int(0.6 * len(rows))]), LOOKS_PER_S, PARAMS) > 1.5


def test_activity_counts_in_thresholds_of_either_sensor() -> None:
    t_s = np.arange(200) * CELL_S
    wave = np.sin(2 * np.pi * t_s)  # one cycle in the window: rms 0.707
    for channel, threshold in ((1, PARAMS.acc_mps2), (4, PARAMS.gyro_radps)):
        rows = np.tile(LEVEL, (200, 1))
        rows[:, channel] += 4 * threshold * wave
        assert activity(history_of(rows), LOOKS_PER_S, PARAMS) == pytest.approx(4 * 0.707, rel=0.05)


def test_tremor_is_averaged_out() -> None:
    t_s = np.arange(200) * CELL_S
    tremor, stroke = (tipped(0.3 * np.sin(2 * np.pi * hz * t_s)) for hz in (10.0, 1.0))
    assert activity(history_of(tremor), LOOKS_PER_S, PARAMS) < 0.1
    assert activity(history_of(stroke), LOOKS_PER_S, PARAMS) > 1.5


@pytest.mark.parametrize(("period_s", "tilt_deg"), [(13.0, 3.0), (13.0, 10.0), (25.0, 4.0), (50.0, 6.0)])
def test_a_slow_stroke_drifts_between_its_turns(period_s: float, tilt_deg: float) -> None:
    t_s = np.arange(round(period_s / CELL_S)) * CELL_S
    rows = tipped(9.8 * np.deg2rad(tilt_deg) * np.cos(2 * np.pi * t_s / period_s))
    midway = history_of(rows[: len(rows) // 3])
    assert drifting(midway, len(rows) // 3 // HOP, PARAMS)


def test_a_posture_that_sinks_does_not_drift() -> None:
    assert not drifting(history_of(tipped(0.02 * np.arange(500) * CELL_S)), 100, PARAMS)


def test_a_change_that_is_over_is_no_drift() -> None:
    change = np.clip(np.arange(400) * CELL_S - 2, 0, 1)
    assert drifting(history_of(tipped(change[:175])), 35, PARAMS)
    assert not drifting(history_of(tipped(change)), 80, PARAMS)


def test_drift_is_told_from_calm_looks_alone() -> None:
    history = history_of(tipped(0.2 * np.arange(500) * CELL_S))
    fewest = PARAMS.slow[0] + PARAMS.posture_looks
    assert [drifting(history, available, PARAMS) for available in (0, fewest - 1, fewest)] == [False, False, True]
