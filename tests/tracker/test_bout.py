from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hands import LEVEL, forearm, history_of, on_grid, rows_of

from sensors.grid import CELL_S
from sensors.samples import Array
from sensors.simulate import Device, Phase, simulate
from sensors.simulate.hand import Motion as Doing
from tracker.motion.bout import BoutParams, read_bout
from tracker.motion.cycle import POINTS, CycleFit
from tracker.motion.kind import KindParams
from tracker.motion.single import Single
from tracker.motion.size import SizeParams
from tracker.motion.state import Direction, Kind

PARAMS = BoutParams()
REST_S = 1.0
REST = round(REST_S / CELL_S)

gyro = pytest.mark.parametrize("has_gyro", [True, False], ids=["gyro", "no-gyro"])


def whole(doing: Doing, cycles: int, period_s: float, **other: Any) -> Phase:
    """A movement of whole cycles: the hand needs half of one more to speed up and slow down."""
    seconds = 4 / 3 * period_s if cycles == 1 else (cycles + 0.5) * period_s
    return Phase(doing, seconds, 60 / period_s, variation=0.0, **other)


def rested(phase: Phase, *, seed: int = 2, mounting: Literal["random"] | None = "random") -> Array:
    """Rows of a movement between two rests."""
    phases = [Phase("still", REST_S), phase, Phase("still", REST_S)]
    return rows_of(on_grid(simulate(phases, Device(mounting=mounting), seed=seed)))


def padded(rows: Array, *, noise: float = 0.01, seed: int = 1) -> Array:
    """A written-down movement between two rests."""
    rows = np.vstack((np.tile(rows[0], (REST, 1)), rows, np.tile(rows[-1], (REST, 1))))
    return np.asarray(rows + noise * np.random.default_rng(seed).standard_normal(rows.shape))


def read(rows: Array, *, has_gyro: bool, late: int = 5) -> CycleFit | None:
    """Read rows that begin and end with a rest; beginning and end are noticed a little late."""
    if not has_gyro:
        rows = rows * [1, 1, 1, 0, 0, 0]
    moved = len(rows) - 2 * REST
    return read_bout(history_of(rows), moved, REST + late, REST - late, PARAMS, has_gyro=has_gyro)


def cycles_in(rows: Array, *, has_gyro: bool) -> int:
    fit = read(rows, has_gyro=has_gyro)
    return 0 if fit is None else fit.cycles


def smooth(n: int) -> Array:
    """From 0 to 1 with rest at both ends."""
    u = np.linspace(0, 1, n)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


# --- what counts ---


@gyro
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period_s", [0.8, 1.5, 3.0])
@pytest.mark.parametrize("doing", ["stroke", "lift"])
def test_one_cycle_between_two_rests_is_counted_once(doing: Doing, period_s: float, seed: int, has_gyro: bool) -> None:
    # Without a gyroscope a turn is seen by what it tips gravity; seed by seed the device is strapped on differently.
    phase = whole(doing, 1, period_s, angle_deg=60.0) if doing == "lift" else whole(doing, 1, period_s)
    assert cycles_in(rested(phase, seed=seed), has_gyro=has_gyro) == 1


@pytest.mark.parametrize("period_s", [0.5, 0.8, 1.2])
def test_one_circle_is_counted_once(period_s: float) -> None:
    for seed in range(3):
        assert cycles_in(rested(whole("circle", 1, period_s), seed=seed), has_gyro=True) == 1


@pytest.mark.parametrize("cycles", [2, 3])
@pytest.mark.parametrize(("doing", "has_gyro"), [("stroke", True), ("lift", True), ("lift", False)])
def test_up_to_three_are_counted(doing: Doing, cycles: int, has_gyro: bool) -> None:
    assert cycles_in(rested(whole(doing, cycles, 1.5)), has_gyro=has_gyro) == cycles


def test_more_would_have_shown_a_tempo() -> None:
    assert read(rested(whole("stroke", 5, 1.2)), has_gyro=True) is None


@pytest.mark.parametrize("degrees", [20.0, 60.0])
def test_a_slow_turn_that_comes_back_is_counted(degrees: float) -> None:
    n = round(4.0 / CELL_S)
    path = np.radians(degrees) * np.concatenate((smooth(n // 2), smooth(n // 2)[::-1]))
    for swing, tilt in ((path, 0 * path), (0 * path, path)):
        assert cycles_in(padded(forearm(swing, tilt)), has_gyro=True) == 1


# --- what does not ---


@pytest.mark.parametrize(("seconds", "has_gyro"), [(0.8, True), (2.0, True), (4.0, True), (2.0, False), (4.0, False)])
def test_a_hand_that_moves_somewhere_else_makes_no_cycle(seconds: float, has_gyro: bool) -> None:
    way = smooth(round(seconds / CELL_S))
    for swing_rad, tilt_rad in ((0.6, 0.0), (0.0, 0.6), (0.4, -0.3)):
        assert cycles_in(padded(forearm(swing_rad * way, tilt_rad * way)), has_gyro=has_gyro) == 0


def test_a_hand_that_wanders_about_makes_hardly_any_cycles_without_a_gyroscope() -> None:
    made = [cycles_in(rested(Phase("fidget", 5.0), seed=seed), has_gyro=False) for seed in range(20)]
    assert np.mean(made) < 0.4


@gyro
def test_a_hand_that_rests_makes_no_cycle(has_gyro: bool) -> None:
    for seed in range(5):
        assert cycles_in(rested(Phase("still", 4.0), seed=seed), has_gyro=has_gyro) == 0


@gyro
def test_a_knock_is_no_cycle(has_gyro: bool) -> None:
    rows = padded(np.tile(LEVEL, (10, 1)))
    rows[REST + 4 : REST + 7, :3] += [[8.0, 0, 0], [-12.0, 3, 0], [5.0, -3, 0]]
    assert read(rows, has_gyro=has_gyro, late=0) is None


def test_what_goes_out_again_before_it_was_back_wanders() -> None:
    n = round(1.0 / CELL_S)
    up, half = smooth(n), 0.5 * smooth(n)
    path = 0.6 * np.concatenate((up, 1 - half, 0.5 + half, 1 - up))
    assert cycles_in(padded(forearm(path, 0 * path)), has_gyro=True) == 0


def test_a_cycle_too_quick_or_too_slow_is_none() -> None:
    for seconds in (0.2, 17.0):
        n = round(seconds / 2 / CELL_S)
        path = 0.4 * np.concatenate((smooth(n), smooth(n)[::-1]))
        assert read(padded(forearm(path, 0 * path)), has_gyro=True) is None


def test_only_what_began_and_ended_at_rest_can_be_read() -> None:
    rows = rested(whole("stroke", 1, 1.5))
    history, moved = history_of(rows), len(rows) - 2 * REST
    assert read_bout(history, moved, REST, REST, PARAMS, has_gyro=True) is not None
    assert read_bout(history, moved, 0, REST, PARAMS, has_gyro=True) is None
    assert read_bout(history, moved, REST, 5, PARAMS, has_gyro=True) is None


@gyro
def test_what_began_before_there_is_memory_cannot_be_read(has_gyro: bool) -> None:
    rows = rested(whole("stroke", 1, 1.5))
    moved = len(rows) - 2 * REST
    assert read_bout(history_of(rows), 20_000, REST, REST, PARAMS, has_gyro=has_gyro) is None
    assert read_bout(history_of(rows[REST - 5 :]), moved, REST, REST, PARAMS, has_gyro=has_gyro) is None
    assert read_bout(history_of(rows[REST + 5 :]), moved, REST, REST, PARAMS, has_gyro=has_gyro) is None


# --- what it was ---


def test_its_fit_is_of_whole_cycles() -> None:
    fit = read(rested(whole("stroke", 2, 1.5)), has_gyro=True)
    assert fit is not None
    assert fit.points.shape == (2 * POINTS, 6)
    # The half cycle more in which it speeds up and slows down is shared among them.
    assert fit.period_s == pytest.approx(1.5 * 1.25, rel=0.15)


def single(rows: Array, *, has_gyro: bool) -> Single:
    fit = read(rows, has_gyro=has_gyro)
    assert fit is not None
    return Single(fit, KindParams(), SizeParams(), has_gyro=has_gyro)


@pytest.mark.parametrize(
    ("doing", "cycles", "kind"), [("stroke", 1, Kind.STROKE), ("circle", 2, Kind.CIRCLE), ("lift", 1, Kind.LIFT)]
)
@pytest.mark.parametrize("period_s", [0.5, 0.8])
def test_its_kind_is_told(doing: Doing, cycles: int, kind: Kind, period_s: float) -> None:
    for seed in range(3):
        told = single(rested(whole(doing, cycles, period_s), seed=seed), has_gyro=True)
        assert told.kind is kind
        assert (told.direction is not None) == (told.normal is not None) == (kind is Kind.CIRCLE)
        assert 0 <= told.circularity <= 1
        assert told.extent_cm is None or kind is not Kind.LIFT


@pytest.mark.parametrize("direction", ["cw", "ccw"])
def test_a_circle_s_direction_is_told(direction: Direction) -> None:
    told = single(rested(whole("circle", 2, 0.8, direction=direction), mounting=None), has_gyro=True)
    assert told.direction == direction
    assert told.normal is not None
    assert np.linalg.norm(told.normal) == pytest.approx(1)


def test_its_size_is_told() -> None:
    stroke = single(rested(whole("stroke", 2, 1.0, length_cm=20.0)), has_gyro=True)
    assert stroke.extent_cm == pytest.approx(20, rel=0.45)
    lift = single(rested(whole("lift", 2, 1.5, angle_deg=50.0)), has_gyro=True)
    assert lift.extent_cm is None
    assert lift.angle_deg == pytest.approx(50, rel=0.3)


@gyro
def test_without_a_gyroscope_a_stroke_is_a_stroke(has_gyro: bool) -> None:
    assert single(rested(whole("stroke", 1, 1.5)), has_gyro=has_gyro).kind is Kind.STROKE
