"""Corners the engine was once caught in: motions, devices and lengths that nobody thought of at first."""

from __future__ import annotations

import numpy as np
import pytest
from hands import REST_S, history_of, kinds, on_grid, rates_cpm, watch
from numpy.testing import assert_array_equal

from sensors.samples import Samples
from sensors.simulate import Device, Hand, Phase, simulate
from tracker.motion.engine import Engine
from tracker.motion.history import HOP, History
from tracker.motion.state import Kind


@pytest.mark.parametrize("cpm", [40.0, 60.0, 90.0])
def test_a_stroke_that_does_not_turn_at_all_is_no_circle(cpm: float) -> None:
    for seed in (1, 2):
        watched = watch(Phase("stroke", 1200 / cpm, cpm, tilt_deg=0.0), hand=Hand(lever_cm=0.0), seed=seed)
        assert kinds([look for look in watched.looks if look.rate_cpm]) == {Kind.STROKE}


@pytest.mark.parametrize("cpm", [45.0, 80.0])
def test_a_circle_that_does_not_turn_keeps_its_direction(cpm: float) -> None:
    for seed in (1, 2):
        watched = watch(Phase("circle", 1200 / cpm, cpm, tilt_deg=0.0), hand=Hand(lever_cm=0.0), seed=seed)
        looks = watched.between(REST_S + 4, REST_S + 1200 / cpm - 2)
        assert {look.direction for look in looks} == {"ccw"}


def test_drawn_windows_are_the_same_to_the_last_bit_whenever_the_memory_was_compacted() -> None:
    rows = np.random.default_rng(4).normal([0, 4, 9, 0, 0.1, 0], 1.0, (24_000, 6))
    one = history_of(rows)
    other = History()
    for start in range(0, len(rows), 990):
        other.append(rows[start : start + 990])
        other.end = other.added // HOP * HOP
    one.end = other.end
    assert_array_equal(one.drawn(333.3, 48), other.drawn(333.3, 48))


def test_no_more_is_remembered_than_is_promised() -> None:
    rows = np.random.default_rng(4).normal(0, 1.0, (13_000, 6))
    history = history_of(rows)
    assert len(history.means(7500, 1)) <= history.count


def test_a_ripple_does_not_hide_a_slow_stroke() -> None:
    for cpm, hz in ((6.0, 2.0), (12.0, 3.0)):
        phases = [Phase("still", 3), Phase("stroke", 600 / cpm, cpm, variation=0.0), Phase("still", 4)]
        for with_gyro in (True, False):
            simulation = simulate(phases, Device(gyro=with_gyro), seed=3)
            samples = on_grid(simulation)
            tempo = np.interp(samples.t_s, simulation.truth.t_s, np.nan_to_num(simulation.truth.rate_cpm))
            force = samples.acc_mps2.copy()
            force[:, 1] += 0.2 * np.sin(2 * np.pi * hz * samples.t_s) * np.clip(tempo / cpm, 0, 1)
            looks = Engine().update(Samples(samples.t_s, force, samples.gyro_radps, samples.measured))
            assert len(rates_cpm(looks)) > 0
            assert np.median(rates_cpm(looks)) == pytest.approx(cpm, rel=0.03)


@pytest.mark.parametrize("seconds", [20.0, 60.0])
def test_rest_after_fidgeting_is_seen_within_a_few_seconds(seconds: float) -> None:
    watched = watch(Phase("fidget", seconds), Phase("still", 40), seed=1)
    ended_s = REST_S + seconds
    rested_s = next(look.t_s for look in watched.looks if look.t_s > ended_s and look.kind is Kind.STILL)
    assert rested_s - ended_s < 8.0


@pytest.mark.parametrize("bias_radps", [0.02, 0.04])
def test_a_gyroscope_that_is_off_by_a_few_degrees_a_second_rests_too(bias_radps: float) -> None:
    samples = on_grid(simulate([Phase("still", 20)], Device(bias_radps=bias_radps), seed=1))
    assert kinds(Engine().update(samples)) == {Kind.STILL}


@pytest.mark.parametrize("period_s", [0.8, 1.2])
def test_a_single_circle_is_a_circle(period_s: float) -> None:
    for direction in ("cw", "ccw"):
        one = Phase("circle", 4 / 3 * period_s, 60 / period_s, variation=0.0, direction=direction)
        told = [look for look in watch(one, seed=1, rest_s=4.0).looks if look.cycles and look.kind is not Kind.STILL]
        assert [(look.kind, look.direction) for look in told] == [(Kind.CIRCLE, direction)]


@pytest.mark.parametrize("cpm", [8.0, 12.0])
def test_lifts_about_a_vertical_axis_are_counted_whole(cpm: float) -> None:
    phase = Phase("lift", 11.5 * 60 / cpm, cpm, variation=0.0)
    watched = watch(phase, hand=Hand(slope_deg=90), rest_s=6.0)
    assert watched.cycles == pytest.approx(11, abs=0.2)


def test_only_strokes_and_circles_have_an_extent() -> None:
    stale = 0
    for seed in range(6):
        phases = [Phase("stroke", 12, 40), Phase("lift", 12, 40), Phase("circle", 12, 40), Phase("lift", 12, 40)]
        watched = watch(*phases, seed=seed)
        stale += sum(look.extent_cm is not None for look in watched.looks if look.kind in (Kind.LIFT, Kind.OTHER))
    assert stale == 0


def test_a_fit_s_deviation_is_told_truly_at_moderate_tempos() -> None:
    from test_cycle import fitted, motion

    for period_s in (0.4, 0.6, 1.0):
        fits = [fitted(motion(period_s, cycles=4, noise=0.2, seed=k), period_s) for k in range(400)]
        scatter = np.std([fit.period_s / period_s for fit in fits])
        assert np.mean([fit.sd for fit in fits]) == pytest.approx(scatter, rel=0.12)
