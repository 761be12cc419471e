"""The path a hand draws, held against simulated hands."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hands import REST_S, cut, on_grid
from scipy.spatial.transform import Rotation

from sensors.samples import Array, Samples
from sensors.simulate import Device, Phase, simulate
from tracker.motion.engine import Engine
from tracker.motion.figure import Figure
from tracker.motion.history import HOP, HOP_S
from tracker.motion.state import Direction, Kind, Motion

CYCLE = np.linspace(0, 2 * np.pi, 73)
Seen = list[tuple[Motion, Figure | None]]

gyro = pytest.mark.parametrize("with_gyro", [True, False], ids=["gyro", "no-gyro"])


def drawn(samples: Samples, hops: int = 1) -> Seen:
    """Looks and, with the last look of each block, the figure as of it."""
    engine = Engine()
    seen: Seen = []
    for start in range(0, len(samples), HOP * hops):
        looks = engine.update(cut(samples, start, start + HOP * hops))
        if looks:
            seen.append((looks[-1], engine.figure()))
    return seen


@cache
def watched(phase: Phase, with_gyro: bool = True, mounting: str | None = None) -> Seen:
    """Rest, move, rest."""
    rest = Phase("still", REST_S)
    return drawn(on_grid(simulate([rest, phase, rest], Device(gyro=with_gyro, mounting=mounting), seed=3)))


def settled(seen: Seen) -> list[tuple[Motion, Figure]]:
    """What was drawn from some cycles after the beginning to some before the end."""
    during = [(look, figure) for look, figure in seen if 9.0 < look.t_s < seen[-1][0].t_s - REST_S - 2]
    return [(look, figure) for look, figure in during if figure is not None and look.rate_cpm is not None]


def circle(direction: Direction, cpm: float = 40.0, *, tilt_deg: float = 0.0) -> Phase:
    return Phase("circle", 14, cpm, direction=direction, variation=0.0, tilt_deg=tilt_deg)


def stroke(cpm: float = 40.0) -> Phase:
    return Phase("stroke", 14, cpm, variation=0.0)


def heads(figures: list[Figure]) -> Array:
    """Where the hand is in each, shape (n, 2)."""
    return np.concatenate([figure.at(np.array([figure.phase_rad])) for figure in figures])


def turned(places: Array) -> float:
    """Times that a path goes round the middle, counter-clockwise."""
    angles = np.unwrap(np.arctan2(places[:, 1], places[:, 0]))
    return float(angles[-1] - angles[0]) / (2 * np.pi)


@gyro
@pytest.mark.parametrize(("direction", "sense"), [("cw", -1), ("ccw", 1)])
def test_a_circle_is_round_and_runs_as_it_is_seen_from_above(direction: Direction, sense: int, with_gyro: bool) -> None:
    seen = settled(watched(circle(direction), with_gyro))
    assert len(seen) > 30
    for look, figure in seen:
        assert look.kind is Kind.CIRCLE
        assert figure.turns == direction
        assert figure.circularity > 0.9
        assert turned(figure.at(CYCLE)) == pytest.approx(sense, abs=0.01)
    way = heads([figure for _, figure in seen])
    made = (seen[-1][0].t_s - seen[0][0].t_s) * 40 / 60
    assert turned(way) == pytest.approx(sense * made, abs=0.05)


@gyro
@pytest.mark.parametrize("direction", ["cw", "ccw"])
def test_a_circle_turns_as_the_engine_says_however_the_device_is_worn(direction: Direction, with_gyro: bool) -> None:
    seen = settled(watched(circle(direction, tilt_deg=4.0), with_gyro, "random"))
    assert len(seen) > 30
    assert all(figure.turns == look.direction for look, figure in seen)


def test_a_circle_whose_plane_tips_over_keeps_its_turning_sense() -> None:
    samples = on_grid(simulate([Phase("circle", 30, 40, variation=0.0, tilt_deg=0.0)], Device(gyro=False), seed=3))
    # The device turns over slowly about its own y axis while the hand circles on.
    over = Rotation.from_euler("y", 150 * np.clip((samples.t_s[:, None] - 8) / 15, 0, 1), degrees=True)
    tipped = Samples(samples.t_s, over.apply(samples.acc_mps2), None, samples.measured)
    seen = [(look, figure) for look, figure in drawn(tipped) if figure is not None and 4 < look.t_s < 26]
    normals = [look.plane_normal for look, _ in seen if look.plane_normal is not None]
    assert normals[0][2] > 0.9
    assert normals[-1][2] < -0.5
    assert {figure.turns for _, figure in seen} == {"ccw"}
    way = heads([figure for _, figure in seen])
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).max() < 1.0


@gyro
@pytest.mark.parametrize("motion", ["stroke", "lift"])
def test_a_line_lies_flat(motion: str, with_gyro: bool) -> None:
    seen = settled(watched(Phase(motion, 14, 40, variation=0.0), with_gyro, "random"))  # type: ignore[arg-type]
    assert len(seen) > 30
    for _, figure in seen:
        places = figure.at(CYCLE)
        assert np.ptp(places[:, 0]) == pytest.approx(2.0, abs=0.1)
        assert np.ptp(places[:, 1]) < 0.2
        assert figure.circularity < 0.2


@gyro
@pytest.mark.parametrize("phase", [stroke(), circle("cw")], ids=["stroke", "circle"])
def test_the_hand_goes_on_with_the_tempo_and_is_back_after_a_cycle(phase: Phase, with_gyro: bool) -> None:
    seen = settled(watched(phase, with_gyro))
    way = heads([figure for _, figure in seen])
    period = round(60 / phase.rate_cpm / HOP_S)
    assert np.linalg.norm(way[period:] - way[:-period], axis=1).max() < 0.35
    assert np.linalg.norm(way[period // 2 :] - way[: -(period // 2)], axis=1).max() > 1.8
    phases = np.unwrap([figure.phase_rad for _, figure in seen])
    made = (seen[-1][0].t_s - seen[0][0].t_s) * phase.rate_cpm / 60
    assert (phases[-1] - phases[0]) / (2 * np.pi) == pytest.approx(made, abs=0.05)
    assert all(0 <= figure.phase_rad < 2 * np.pi for _, figure in seen)


def test_the_end_of_a_stroke_is_drawn_when_the_hand_is_there() -> None:
    phase = stroke()
    simulation = simulate([Phase("still", 3), phase], Device(mounting=None), seed=3)
    seen = settled(drawn(on_grid(simulation)))
    # The simulated hand sets out from an end of its way: whole and half cycles are its turns.
    cycles = np.interp([look.t_s for look, _ in seen], simulation.truth.t_s, simulation.truth.cycles)
    across = heads([figure for _, figure in seen])[:, 0]
    assert abs(np.corrcoef(across, np.cos(2 * np.pi * cycles))[0, 1]) > 0.98


def test_the_longer_half_axis_is_the_unit_and_the_rest_cannot_hide_it() -> None:
    for phase, with_gyro in ((stroke(12.0), False), (circle("cw", 20.0), False), (stroke(100.0), True)):
        for _, figure in settled(watched(phase, with_gyro)):
            assert np.abs(figure.first).max() == pytest.approx(1.0, abs=0.3)
            alone = Figure(figure.first, np.zeros(2, complex), 0.0).at(CYCLE)
            assert np.linalg.norm(alone, axis=1).max() == pytest.approx(1.0, abs=0.01)
            rest = Figure(figure.second, np.zeros(2, complex), 0.0).at(CYCLE)
            assert np.linalg.norm(rest, axis=1).max() < 0.41


def test_a_line_does_not_change_ends_from_one_fit_to_the_next() -> None:
    way = heads([figure for _, figure in settled(watched(stroke(30.0), True, "random"))])
    steps = np.abs(np.diff(way[:, 0]))
    assert steps.max() < 2.5 * 2 * np.pi * 30 / 60 * HOP_S


def test_rest_and_a_single_circle_have_no_figure() -> None:
    still = drawn(on_grid(simulate([Phase("still", 6)], Device(), seed=3)))
    assert [figure for _, figure in still] == [None] * len(still)
    assert len(still) > 50
    rest = Phase("still", 4)
    once = Phase("circle", 4 / 3 * 0.8, 60 / 0.8, variation=0.0)
    seen = drawn(on_grid(simulate([rest, once, rest], Device(), seed=1)))
    assert seen[-1][0].cycles == 1
    assert {figure for _, figure in seen} == {None}


def test_asking_changes_nothing_of_what_the_engine_says() -> None:
    rest = Phase("still", REST_S)
    samples = on_grid(simulate([rest, circle("ccw", tilt_deg=4.0), rest], Device(), seed=3))
    asked = [look for look, _ in drawn(samples)]
    assert asked == Engine().update(samples)
