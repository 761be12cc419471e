from __future__ import annotations

import numpy as np
import pytest
from hands import on_grid

from sensors.grid import CELL_S, RATE_HZ
from sensors.samples import G0_MPS2, Array
from sensors.simulate import Device, Hand, Phase, simulate
from tracker.motion.activity import ActivityParams, activity
from tracker.motion.history import History
from tracker.motion.kind import KindParams, Window, is_circle, stroke_or_lift
from tracker.motion.state import Kind

KINDS = KindParams()
PARAMS = ActivityParams()


def rows_of(*phases: Phase, hand: Hand | None = None, seed: int = 5) -> Array:
    samples = on_grid(simulate(phases, Device(mounting="random"), seed=seed, hand=hand))
    assert samples.gyro_radps is not None
    return np.hstack((samples.acc_mps2, samples.gyro_radps))


def two_cycles(phase: Phase, *, seed: int = 5) -> Array:
    rows = rows_of(phase, seed=seed)
    n = round(120 / phase.rate_cpm * RATE_HZ)
    return rows[(len(rows) - n) // 2 :][:n]


def window(rows: Array, period_s: float, *, has_gyro: bool = True) -> Window:
    return Window(rows, CELL_S, 2 * np.pi * CELL_S / period_s, has_gyro=has_gyro)


# --- kind ---


def test_between_line_and_circle_the_last_answer_stays() -> None:
    params = KindParams(circle=0.6, line=0.5)
    assert [is_circle(c, False, params) for c in (0.45, 0.55, 0.65)] == [False, False, True]
    assert [is_circle(c, True, params) for c in (0.45, 0.55, 0.65)] == [False, True, True]


@pytest.mark.parametrize("cpm", [12.0, 20.0, 30.0, 45.0, 60.0])
@pytest.mark.parametrize("tilt_deg", [0.0, 4.0])
def test_a_swinging_forearm_strokes(cpm: float, tilt_deg: float) -> None:
    rows = two_cycles(Phase("stroke", 600 / cpm, cpm, tilt_deg=tilt_deg))
    assert stroke_or_lift(window(rows, 60 / cpm), KINDS) is Kind.STROKE


@pytest.mark.parametrize("cpm", [20.0, 30.0, 45.0, 60.0])
@pytest.mark.parametrize("angle_deg", [30.0, 40.0, 80.0])
def test_a_turning_wrist_lifts(cpm: float, angle_deg: float) -> None:
    rows = two_cycles(Phase("lift", 600 / cpm, cpm, angle_deg=angle_deg))
    assert stroke_or_lift(window(rows, 60 / cpm), KINDS) is Kind.LIFT


@pytest.mark.parametrize(
    ("cpm", "length_cm"),
    [
        (12.0, 10.0),
        (30.0, 10.0),
        (90.0, 10.0),
        (60.0, 20.0),
        (120.0, 10.0),
    ],
)
def test_without_a_gyroscope_a_stroke_is_no_lift(cpm: float, length_cm: float) -> None:
    rows = two_cycles(Phase("stroke", 600 / cpm, cpm, length_cm=length_cm))
    rows[:, 3:] = 0
    assert stroke_or_lift(window(rows, 60 / cpm, has_gyro=False), KINDS) is Kind.STROKE


def test_without_a_gyroscope_a_wide_lift_is_still_told() -> None:
    told = []
    for seed in range(6):
        rows = two_cycles(Phase("lift", 15, 40, angle_deg=90), seed=seed)
        rows[:, 3:] = 0
        told.append(stroke_or_lift(window(rows, 1.5, has_gyro=False), KINDS))
    assert told.count(Kind.LIFT) >= 3  # gravity shows a turn unless it turns about gravity


# --- activity ---


def history_of(rows: Array) -> History:
    history = History()
    for start in range(0, len(rows), int(RATE_HZ)):
        history.append(rows[start : start + int(RATE_HZ)])
    return history


def most(rows: Array, window_s: float) -> float:
    """The most movement seen in any second of a recording."""
    step = int(RATE_HZ / 5)
    return max(
        activity(history_of(rows[max(0, end - 200) : end]), window_s, PARAMS) for end in range(200, len(rows), step)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_resting_hand_trembles_and_drifts_but_does_not_move(seed: int) -> None:
    assert most(rows_of(Phase("still", 30), seed=seed), 1.0) < 1.0


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
    rows = rows_of(phase)
    assert activity(history_of(rows[: int(0.6 * len(rows))]), 1.0, PARAMS) > 1.5


def test_activity_counts_in_thresholds_of_either_sensor() -> None:
    t_s = np.arange(200) * CELL_S
    wave = np.sin(2 * np.pi * t_s)  # one cycle in the window: rms 0.707
    for channel, threshold in ((1, PARAMS.acc_mps2), (4, PARAMS.gyro_radps)):
        rows = np.tile([0.0, 0.0, G0_MPS2, 0.0, 0.0, 0.0], (200, 1))
        rows[:, channel] += 4 * threshold * wave
        assert activity(history_of(rows), 1.0, PARAMS) == pytest.approx(4 * 0.707, rel=0.05)


def test_before_anything_was_measured_nothing_moves() -> None:
    assert activity(History(), 1.0, PARAMS) == 0.0
