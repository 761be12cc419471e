from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sensors.message import NS_PER_S, Message
from sensors.samples import G0_MPS2, Array
from sensors.simulate import (
    FORMATS,
    SCENARIOS,
    Device,
    Hand,
    Phase,
    Simulation,
    Target,
    Truth,
    follow,
    messages,
    publish,
    scenario,
    simulate,
)
from sensors.simulate.hand import Motion

CLEAN = Device(noise_mps2=0, noise_radps=0, bias_mps2=0, bias_radps=0, jitter_s=0)
CALM = Hand(tremor_mps2=0, drift_deg=0)
IDEAL = Hand(lever_cm=0, strap_cm=0, tremor_mps2=0, drift_deg=0)
START_NS = 1_790_000_000_000_000_000


def ideal(*phases: Phase, hand: Hand = IDEAL, device: Device = CLEAN) -> Simulation:
    return simulate(phases, device, hand=hand, seed=5)


def gyro(simulation: Simulation) -> Array:
    assert simulation.gyro_radps is not None
    return simulation.gyro_radps


def steady(simulation: Simulation) -> NDArray[np.bool_]:
    """All but the first and last quarter, where a movement gathers and loses its tempo."""
    end_s = simulation.t_s[-1]
    inside: NDArray[np.bool_] = (simulation.t_s > end_s / 4) & (simulation.t_s < 3 * end_s / 4)
    return inside


# --- what the sensors feel ---


def test_rest_with_the_screen_up_reads_plus_g_on_z_and_no_turning() -> None:
    rest = ideal(Phase("still", 5))
    np.testing.assert_allclose(rest.acc_mps2, np.tile([0, 0, G0_MPS2], (500, 1)), atol=1e-9)
    np.testing.assert_allclose(gyro(rest), 0, atol=1e-9)


def test_a_held_hand_trembles_at_8_to_12_hz_and_keeps_the_length_of_gravity() -> None:
    held = ideal(Phase("still", 60), hand=Hand(tremor_mps2=0.03, drift_deg=0.5))
    assert np.abs(np.linalg.norm(held.acc_mps2, axis=1) - G0_MPS2).max() < 0.2
    assert np.abs(gyro(held)).max() < 0.02
    spectrum = np.abs(np.fft.rfft(held.acc_mps2[:, 2] - held.acc_mps2[:, 2].mean())) ** 2
    hz = np.fft.rfftfreq(len(held.t_s), 0.01)
    assert spectrum[(hz > 7.9) & (hz < 12.1)].sum() > 0.95 * spectrum.sum()
    assert held.acc_mps2[:, 2].std() == pytest.approx(0.03, rel=0.1)


def test_a_raised_forearm_shares_gravity_between_y_and_z() -> None:
    rest = ideal(Phase("still", 1), hand=Hand(slope_deg=30, tremor_mps2=0, drift_deg=0))
    np.testing.assert_allclose(rest.acc_mps2[50], [0, G0_MPS2 / 2, G0_MPS2 * math.sqrt(3) / 2], atol=1e-9)


@pytest.mark.parametrize(("rate_cpm", "peak_mg"), [(4.5, 2.3), (9, 9), (30, 101), (60, 403)])
def test_a_20_cm_stroke_peaks_as_the_sine_does(rate_cpm: float, peak_mg: float) -> None:
    stroke = ideal(Phase("stroke", 8 * 60 / rate_cpm, rate_cpm, length_cm=20, tilt_deg=0, variation=0))
    felt_mg = stroke.acc_mps2[steady(stroke), 0] / G0_MPS2 * 1000
    assert felt_mg.max() == pytest.approx(peak_mg, rel=0.025)
    assert felt_mg.min() == pytest.approx(-peak_mg, rel=0.025)
    np.testing.assert_allclose(gyro(stroke), 0, atol=1e-9)


def test_a_circle_feels_its_centripetal_acceleration_all_around() -> None:
    omega, radius_m = 2 * np.pi * 0.75, 0.06
    circle = ideal(Phase("circle", 20, 45, length_cm=12, tilt_deg=0, variation=0))
    level = circle.acc_mps2[steady(circle), :2]
    np.testing.assert_allclose(np.linalg.norm(level, axis=1), omega**2 * radius_m, rtol=1e-3)
    np.testing.assert_allclose(level.mean(axis=0), 0, atol=0.1)


def test_an_ellipse_is_as_narrow_as_asked() -> None:
    ellipse = ideal(Phase("circle", 20, 45, aspect=0.5, tilt_deg=0, variation=0))
    x, y = np.ptp(ellipse.acc_mps2[steady(ellipse), :2], axis=0)
    assert y / x == pytest.approx(0.5, rel=1e-3)


def test_tilt_flattens_a_slow_circle_but_keeps_its_sense() -> None:
    circle = ideal(Phase("circle", 60, 25, length_cm=12, tilt_deg=5, variation=0))
    x, y = (circle.acc_mps2[steady(circle), k] for k in (0, 1))
    assert np.ptp(y) / np.ptp(x) == pytest.approx(1 + G0_MPS2 * math.radians(5) / (0.06 * (2.618) ** 2), rel=0.01)
    assert np.median(x[:-1] * np.diff(y) - y[:-1] * np.diff(x)) > 0


def test_a_lift_turns_gravity_and_leaves_its_length() -> None:
    lift = ideal(Phase("lift", 20, 45, angle_deg=40, variation=0), hand=CALM)
    assert np.abs(np.linalg.norm(lift.acc_mps2, axis=1) - G0_MPS2).max() < 0.15
    turning = gyro(lift)[steady(lift)]
    assert turning[:, 1].max() == pytest.approx(math.radians(20) * 2 * np.pi * 0.75, rel=0.005)
    np.testing.assert_allclose(turning[:, [0, 2]], 0, atol=1e-9)
    assert np.ptp(lift.acc_mps2[:, 0]) == pytest.approx(G0_MPS2 * math.sin(math.radians(40)), rel=0.03)


def test_gravity_turns_as_the_gyroscope_says() -> None:
    about_its_centre = Hand(lever_cm=0, strap_cm=0, tremor_mps2=0, drift_deg=10)
    lift = ideal(Phase("lift", 20, 40, angle_deg=80), hand=about_its_centre)
    assert np.abs(gyro(lift)).max() > 1
    up = lift.acc_mps2  # nothing but gravity is felt
    np.testing.assert_allclose(np.linalg.norm(up, axis=1), G0_MPS2, rtol=1e-6)
    change = (up[2:] - up[:-2]) / 0.02
    np.testing.assert_allclose(change, -np.cross(gyro(lift), up)[1:-1], atol=0.03)


def test_the_specific_force_integrates_back_to_the_strokes_length() -> None:
    stroke = ideal(Phase("stroke", 4, 60, length_cm=20, tilt_deg=0, variation=0), device=replace(CLEAN, rate_hz=500))
    step_s = 1 / 500
    speed = np.cumsum(stroke.acc_mps2[:, 0]) * step_s
    place_m = np.cumsum(speed) * step_s
    assert np.ptp(place_m) == pytest.approx(0.20, abs=0.002)
    assert abs(speed[-1]) < 0.002  # at rest again


@pytest.mark.parametrize("lever_cm", [30.0, 45.0])
def test_the_lever_arm_follows_from_force_and_turning(lever_cm: float) -> None:
    hand = Hand(lever_cm=lever_cm, tremor_mps2=0, drift_deg=0)
    stroke = ideal(Phase("stroke", 20, 40, tilt_deg=0), hand=hand)
    inside = steady(stroke)
    rate = gyro(stroke)[inside]
    gain = np.gradient(rate, 0.01, axis=0)
    beyond = stroke.acc_mps2[inside] - [0, 0, G0_MPS2]
    # Felt beyond gravity: α × r + ω × (ω × r), linear in r.
    felt = np.stack([np.cross(gain, e) + np.cross(rate, np.cross(rate, e)) for e in np.eye(3)], axis=2)
    lever_m, *_ = np.linalg.lstsq(felt.reshape(-1, 3), beyond.ravel(), rcond=None)
    np.testing.assert_allclose(lever_m, [0, lever_cm / 100, 0], atol=0.01)


def test_a_still_hand_stays_in_the_posture_it_stopped_in() -> None:
    stopped = ideal(Phase("lift", 5, 32, angle_deg=60, variation=0), Phase("still", 3), hand=CALM)
    at_rest = stopped.acc_mps2[stopped.t_s > 5.01]
    np.testing.assert_allclose(at_rest, np.tile(at_rest[0], (len(at_rest), 1)), atol=0.01)
    assert abs(at_rest[0, 0]) > 1


def test_a_posture_is_given_up_gently_even_in_a_short_movement() -> None:
    stopped = ideal(Phase("lift", 5, 32, angle_deg=90, variation=0), Phase("stroke", 0.5, tilt_deg=0), hand=CALM)
    assert np.abs(gyro(stopped)[stopped.t_s > 5.01, 1]).max() < 1
    assert stopped.acc_mps2[505, 0] < -3  # it had stopped far from level


def test_a_movement_returns_to_the_level_posture() -> None:
    back = ideal(Phase("lift", 5, 32, angle_deg=90, variation=0), Phase("stroke", 9), Phase("still", 1), hand=CALM)
    assert abs(back.acc_mps2[-1, 0]) < 0.01


def test_a_slow_stroke_is_seen_through_its_tilt() -> None:
    stroke = ideal(Phase("stroke", 80, 4.5, tilt_deg=5, variation=0))
    along, tilted = np.ptp(stroke.acc_mps2[steady(stroke)], axis=0)[:2]
    assert tilted == pytest.approx(G0_MPS2 * math.sin(math.radians(10)), rel=0.01)
    assert along < tilted / 30
    rate = 2 * np.pi * 4.5 / 60 * math.radians(5)
    assert np.abs(gyro(stroke)[steady(stroke), 0]).max() == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize("motion", ["stroke", "circle", "lift"])
def test_neither_place_nor_speed_jumps_where_phases_meet(motion: Motion) -> None:
    parts = [
        Phase(motion, 4.3, 40),
        Phase(motion, 4.3, 90, length_cm=8, angle_deg=45),
        Phase("still", 1.1),
        Phase("fidget", 3.2),
        Phase("lift", 3.3, 50),
        Phase("circle", 3.3, 50, direction="cw"),
        Phase("circle", 3.3, 50, direction="ccw"),
    ]
    felt = ideal(*parts, hand=CALM, device=replace(CLEAN, rate_hz=200))
    # From one sample to the next, 1 cm/s more would be felt as 2 m/s², and a leap of 1 mm as 40 m/s².
    assert np.abs(np.diff(felt.acc_mps2, axis=0)).max() < 0.6
    assert np.abs(np.diff(gyro(felt), axis=0)).max() < 0.2


@pytest.mark.parametrize("mounting", ["random", Rotation.from_rotvec([0.3, -1.2, 2.0])])
def test_a_mounting_turns_the_vectors_and_nothing_else(mounting: Rotation | Literal["random"]) -> None:
    phases = scenario("strokes", 20, seed=1)
    device = replace(CLEAN, mounting=mounting)
    plain, turned = ideal(*phases, hand=Hand()), ideal(*phases, hand=Hand(), device=device)
    for a, b in ((plain.acc_mps2, turned.acc_mps2), (gyro(plain), gyro(turned))):
        np.testing.assert_allclose(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1), atol=1e-9)
        assert np.abs(a - b).max() > 0.1
    turn, _ = Rotation.align_vectors(turned.acc_mps2, plain.acc_mps2)
    np.testing.assert_allclose(turn.apply(gyro(plain)), gyro(turned), atol=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    motion=st.sampled_from(["stroke", "circle", "lift", "still", "fidget"]),
    rate_cpm=st.floats(1.2, 300),
    rate_end_cpm=st.floats(1.2, 300),
    seconds=st.floats(0.5, 40),
    length_cm=st.floats(0.1, 60),
    aspect=st.floats(0, 1),
    angle_deg=st.floats(0, 150),
    tilt_deg=st.floats(-45, 45),
    variation=st.floats(0, 0.2),
    lever_cm=st.just(0.0) | st.floats(25, 50),
    seed=st.integers(0, 2**32),
)
def test_everything_stays_finite_and_a_hand_a_hand(  # type: ignore[no-untyped-def]  # hypothesis fills it
    motion, rate_cpm, rate_end_cpm, seconds, length_cm, aspect, angle_deg, tilt_deg, variation, lever_cm, seed
) -> None:
    phase = Phase(
        motion,
        seconds,
        rate_cpm,
        rate_end_cpm,
        length_cm=length_cm,
        aspect=aspect,
        angle_deg=angle_deg,
        tilt_deg=tilt_deg,
        variation=variation,
    )
    phases = [Phase("lift", 1.7, 40), phase, Phase("still", 0.5)]
    made = simulate(phases, hand=Hand(lever_cm=lever_cm), seed=seed)
    assert np.isfinite(made.acc_mps2).all()
    assert np.isfinite(gyro(made)).all()
    assert np.abs(made.acc_mps2).max() < 8 * G0_MPS2
    assert np.abs(gyro(made)).max() < 35  # 2000 °/s, where gyroscopes of phones end
    assert (np.diff(made.t_s) > 0).all()
    assert (np.diff(made.truth.cycles) >= 0).all()


# --- the truth ---


def test_the_truth_tells_10_times_per_second_what_each_phase_was() -> None:
    truth = ideal(Phase("still", 2), Phase("lift", 3), Phase("fidget", 2), Phase("circle", 3)).truth
    np.testing.assert_allclose(truth.t_s, np.arange(101) / 10)
    assert [m for m, before in zip(truth.motion, ["", *truth.motion], strict=False) if m != before] == [
        "still",
        "lift",
        "other",
        "circle",
    ]
    assert [truth.motion.index(m) for m in ("lift", "other", "circle")] == [20, 50, 70]
    resting = np.isin(truth.motion, ["still", "other"])
    assert np.isnan(truth.rate_cpm[resting]).all()
    assert np.isfinite(truth.rate_cpm[~resting]).all()
    assert truth.direction[:70] == [None] * 70


@pytest.mark.parametrize("name", ["strokes", "circles", "lifts"])
def test_cycles_are_the_tempo_over_the_time_that_moved(name: str) -> None:
    truth = simulate(scenario(name, 60, seed=3), seed=3).truth
    by_rate = np.nansum(truth.rate_cpm) / 60 * 0.1
    assert truth.cycles[-1] == pytest.approx(by_rate, rel=2e-3)
    np.testing.assert_allclose(truth.phase_rad, 2 * np.pi * truth.cycles)
    resting = np.flatnonzero(np.isin(truth.motion, ["still", "other"]))
    both = resting[:-1][np.diff(resting) == 1]
    np.testing.assert_array_equal(truth.cycles[both], truth.cycles[both + 1])


def test_a_cycle_is_a_whole_movement_there_and_back() -> None:
    lift = ideal(Phase("lift", 20, 30, angle_deg=60), hand=CALM)
    leaning = np.interp(lift.truth.t_s, lift.t_s, lift.acc_mps2[:, 0])  # gravity along x tells the angle
    whole = np.abs(lift.truth.cycles - np.round(lift.truth.cycles)) < 0.03
    halfway = np.abs(lift.truth.cycles % 1 - 0.5) < 0.03
    assert whole.sum() > 5
    assert halfway.sum() > 5
    assert np.abs(leaning[whole]).max() < 0.2
    assert np.abs(leaning[halfway]).min() > 6.5


def test_the_tempo_changes_in_a_line_and_flows_on_between_phases() -> None:
    truth = ideal(
        Phase("stroke", 20, 24, variation=0),
        Phase("stroke", 20, 24, 40, variation=0),
        Phase("stroke", 20, 40, variation=0),
    ).truth
    np.testing.assert_allclose(truth.rate_cpm[[100, 300, 500]], [24, 32, 40], rtol=1e-6)
    assert truth.rate_cpm[20:580].min() > 23.9
    assert truth.rate_cpm[[0, -1]] == pytest.approx(0, abs=1e-6)


def test_periods_and_sizes_vary_as_asked() -> None:
    stroke = ideal(Phase("stroke", 400, 60, tilt_deg=0, variation=0.05))
    periods_s = np.diff(np.interp(np.arange(2, 390), stroke.truth.cycles, stroke.truth.t_s))
    assert 0.02 < np.std(periods_s) < 0.06
    assert np.mean(periods_s) == pytest.approx(1, rel=0.02)
    peaks = stroke.acc_mps2[500:39500, 0].reshape(-1, 100).max(axis=1)
    assert 0.03 < np.std(peaks) / np.mean(peaks) < 0.2


@pytest.mark.parametrize("direction", ["cw", "ccw"])
@pytest.mark.parametrize("seed", range(6))
def test_direction_and_plane_are_those_of_the_devices_own_motion(direction: Literal["cw", "ccw"], seed: int) -> None:
    phase = Phase("circle", 12, 40, direction=direction, tilt_deg=0, aspect=0.7)
    made = simulate([phase], replace(CLEAN, mounting="random"), seed=seed)
    moving = made.acc_mps2 - made.acc_mps2.mean(axis=0)
    # A circle's acceleration turns as the hand does; accelerometer axes are the device's.
    turning = np.cross(moving[300:900], np.gradient(moving, axis=0)[300:900]).mean(axis=0)
    turning /= np.linalg.norm(turning)
    normal = made.truth.plane_normal[30:90]
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1)
    assert (normal @ turning > 0.98).all()
    told = set(made.truth.direction)
    assert told == {"ccw" if turning[2] > 0 else "cw"}


def test_without_a_mounting_the_direction_is_the_one_asked_for() -> None:
    truth = simulate(scenario("circles", 30, seed=2), seed=2).truth
    told = [d for d, before in zip(truth.direction, ["", *truth.direction], strict=False) if d != before]
    assert told == [None, "cw", "ccw", None]


def test_the_truth_is_the_same_whatever_the_device() -> None:
    phases = scenario("circles", 20, seed=4)
    rough = Device(rate_hz=25, noise_mps2=1, loss=0.3, jitter_s=0.01, gyro=False, gaps=((2, 5),))
    assert simulate(phases, rough, seed=4).truth.to_dict() == simulate(phases, CLEAN, seed=4).truth.to_dict()


def test_the_truth_is_json_with_finite_numbers_or_null() -> None:
    truth = simulate(scenario("circles", 10, seed=1), seed=1).truth
    told = json.loads(json.dumps(truth.to_dict(), allow_nan=False))
    assert set(told) == set(Truth.__dataclass_fields__)
    assert {len(column) for column in told.values()} == {101}
    assert told["rate_cpm"][0] is None
    assert told["plane_normal"][0] is None
    assert len(told["plane_normal"][50]) == 3


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def wire(seed: int) -> list[Message]:
        made = simulate(scenario("lifts", 6, seed=seed), Device(loss=0.1, mounting="random"), seed=seed)
        return list(messages(made, start_ns=START_NS))

    assert wire(7) == wire(7)
    assert wire(7) != wire(8)


# --- the device ---


@pytest.mark.parametrize("rate_hz", [20.0, 100.0, 208.0])
def test_samples_come_at_the_rate_with_honest_jitter(rate_hz: float) -> None:
    made = simulate([Phase("still", 30)], Device(rate_hz=rate_hz, jitter_s=0.001), seed=1)
    assert len(made.t_s) == 30 * rate_hz
    off_s = made.t_s - np.arange(len(made.t_s)) / rate_hz
    assert np.std(off_s) == pytest.approx(0.001, rel=0.15)
    assert (np.diff(made.t_s) > 0).all()


def test_noise_and_bias_have_the_size_asked_for() -> None:
    made = ideal(Phase("still", 60), device=Device(noise_mps2=0.3, noise_radps=0.04, bias_mps2=0, bias_radps=0))
    np.testing.assert_allclose(made.acc_mps2.std(axis=0), 0.3, rtol=0.05)
    np.testing.assert_allclose(gyro(made).std(axis=0), 0.04, rtol=0.05)
    rest = [simulate([Phase("still", 1)], Device(bias_mps2=0.2), hand=IDEAL, seed=seed) for seed in range(40)]
    off = [made.acc_mps2.mean(axis=0) - [0, 0, G0_MPS2] for made in rest]
    assert np.std(off) == pytest.approx(0.2, rel=0.2)


def test_loss_takes_whole_batches_about_as_often_as_asked() -> None:
    made = simulate([Phase("still", 400)], Device(loss=0.2, jitter_s=0), seed=1)
    assert len(made.t_s) / 40_000 == pytest.approx(0.8, abs=0.03)
    sizes = {len(decoded(m)["payload"]) for m in messages(made, start_ns=START_NS)}
    assert sizes == {40}  # 20 samples of two sensors: a batch comes whole or not at all
    numbers = [decoded(m)["messageId"] for m in messages(made, start_ns=START_NS)]
    assert len(numbers) < 2000
    assert numbers[-1] >= 1990


def test_nothing_comes_from_a_gap() -> None:
    made = simulate([Phase("still", 10)], Device(gaps=((2.0, 3.5), (9.0, 99.0))), seed=1)
    assert len(made.t_s) == pytest.approx(750, abs=2)
    assert not ((made.t_s >= 2) & (made.t_s < 3.5)).any()
    assert made.t_s[-1] < 9


def test_a_device_may_have_no_gyroscope() -> None:
    made = simulate([Phase("stroke", 5)], Device(gyro=False), seed=1)
    assert made.gyro_radps is None
    np.testing.assert_array_equal(made.acc_mps2, simulate([Phase("stroke", 5)], Device(), seed=1).acc_mps2)
    assert {e["name"] for m in messages(made, start_ns=0) for e in decoded(m)["payload"]} == {"totalacceleration"}
    assert set(decoded(next(messages(made, start_ns=0, format="plain")))) == {"t_s", "ax", "ay", "az"}


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Phase("still", 0.1), "seconds"),
        (lambda: Phase("still", math.nan), "seconds"),
        (lambda: Phase("stroke", 5, 301), "rate_cpm"),
        (lambda: Phase("stroke", 5, 30, 0.5), "rate_end_cpm"),
        (lambda: Phase("stroke", 5, length_cm=200), "length_cm"),
        (lambda: Phase("circle", 5, aspect=1.5), "aspect"),
        (lambda: Phase("lift", 5, angle_deg=200), "angle_deg"),
        (lambda: Phase("knead", 5), "motion"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Phase("circle", 5, direction="left"), "direction"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Device(rate_hz=0), "rate_hz"),
        (lambda: Device(loss=1), "loss"),
        (lambda: Device(batch_s=0), "batch_s"),
        (lambda: simulate([], seed=1), "phases"),
        (lambda: Target("stroke", (10, 20), 3), "8 s"),
    ],
)
def test_a_value_out_of_range_is_named(make: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        make()


# --- the wire ---


def decoded(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.payload)
    return body


def strokes_on(device: Device = Device(), **how: object) -> tuple[Simulation, list[Message]]:
    made = simulate(scenario("strokes", 6, seed=1), device, seed=1)
    return made, list(messages(made, start_ns=START_NS, **how))  # type: ignore[arg-type]


def test_sensor_logger_sends_batches_as_a_phone_does() -> None:
    made, sent = strokes_on(device_id="left")
    bodies = [json.loads(m.payload) for m in sent]
    assert [b["messageId"] for b in bodies] == list(range(30))
    assert {(b["deviceId"], b["sessionId"]) for b in bodies} == {("left", bodies[0]["sessionId"])}
    entries = [e for b in bodies for e in b["payload"]]
    acc = [e for e in entries if e["name"] == "totalacceleration"]
    gyr = [e for e in entries if e["name"] == "gyroscope"]
    assert len(acc) == len(gyr) == len(made.t_s)
    assert all(isinstance(e["time"], int) for e in entries)
    for told, true, close in ((acc, made.acc_mps2, 5e-5), (gyr, gyro(made), 5e-6)):
        values = [[e["values"][axis] for axis in "xyz"] for e in told]
        np.testing.assert_allclose(values, true, atol=close * 1.01)
    stamps_s = np.array([e["time"] - START_NS for e in acc]) / NS_PER_S
    np.testing.assert_allclose(stamps_s, made.t_s, atol=1e-8)
    assert {m.topic for m in sent} == {"sensor-logger"}


def test_a_batch_arrives_when_it_is_over() -> None:
    _, sent = strokes_on(Device(batch_s=0.5, latency_s=0.04))
    arrivals_s = [(m.received_ns - START_NS) / NS_PER_S for m in sent]
    np.testing.assert_allclose(arrivals_s, np.arange(1, 13) * 0.5 + 0.04)
    for message, at_s in zip(sent, arrivals_s, strict=True):
        last_ns = max(e["time"] for e in json.loads(message.payload)["payload"])
        assert 0 < at_s - (last_ns - START_NS) / NS_PER_S < 0.06


def test_the_devices_clock_may_be_off_and_drift() -> None:
    made, sent = strokes_on(Device(clock_offset_s=-3.0, clock_drift_ppm=1000))
    stamps_ns = [e["time"] for m in sent for e in json.loads(m.payload)["payload"][::2]]
    off_s = (np.array(stamps_ns) - START_NS) / NS_PER_S - made.t_s
    np.testing.assert_allclose(off_s, -3 + 0.001 * made.t_s, atol=1e-8)
    assert sent == sorted(sent, key=lambda m: m.received_ns)
    assert sent[0].received_ns > START_NS  # the receiver's clock is right


@pytest.mark.parametrize(("name", "key", "decimals"), [("phyphox", "t", 4), ("plain", "t_s", 3)])
def test_column_formats_hold_the_samples(name: str, key: str, decimals: int) -> None:
    made, sent = strokes_on(format=name)
    bodies = [json.loads(m.payload) for m in sent]
    assert list(bodies[0]) == [key, "ax", "ay", "az", "gx", "gy", "gz"]
    whole = {k: np.concatenate([b[k] for b in bodies]) for k in bodies[0]}
    close = 0.51 * 10**-decimals
    np.testing.assert_allclose(whole[key], made.t_s, atol=close)
    np.testing.assert_allclose(np.column_stack([whole[k] for k in ("ax", "ay", "az")]), made.acc_mps2, atol=close)
    np.testing.assert_allclose(np.column_stack([whole[k] for k in ("gx", "gy", "gz")]), gyro(made), atol=close)
    assert {m.topic for m in sent} == {FORMATS[name]}


def test_android_sends_every_event_alone_stamped_since_boot() -> None:
    made, sent = strokes_on(format="android-event", topic="wrist/left")
    events = [json.loads(m.payload) for m in sent]
    assert [e["type"] for e in events[:2]] == ["android.sensor.accelerometer", "android.sensor.gyroscope"]
    assert len(events) == 2 * len(made.t_s)
    values = np.array([e["values"] for e in events])
    np.testing.assert_allclose(values[::2], made.acc_mps2, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(values[1::2], gyro(made), rtol=1e-6, atol=1e-6)
    stamps_ns = np.array([e["timestamp"] for e in events[::2]])
    np.testing.assert_allclose((stamps_ns - stamps_ns[0]) / NS_PER_S, made.t_s - made.t_s[0], atol=1e-8)
    assert stamps_ns[0] < START_NS / 1000
    received = [m.received_ns for m in sent]
    assert received == sorted(received)
    assert {m.topic for m in sent} == {"wrist/left"}


def test_an_unknown_format_is_refused_at_once_with_the_known_ones() -> None:
    made = simulate([Phase("still", 1)], seed=1)
    with pytest.raises(ValueError, match=r"morse.*sensor-logger, phyphox, android-event, plain"):
        messages(made, start_ns=0, format="morse")


# --- at a device's pace ---


class World:
    """A clock that moves when someone sleeps or works."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.sent: list[tuple[int, str, bytes]] = []
        self.work_s: Iterator[float] = iter(())
        self.slept_s: list[float] = []

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_ns += round(seconds * NS_PER_S) + 300_000  # sleeps always last a little longer

    def send(self, topic: str, payload: bytes) -> None:
        self.sent.append((self.now_ns, topic, payload))
        self.now_ns += round(next(self.work_s, 0.002) * NS_PER_S)


def test_publishing_keeps_the_schedule_and_never_drifts() -> None:
    world = World()
    _, planned = strokes_on()
    assert publish(planned, world.send, clock=world.clock, sleep=world.sleep) == len(planned)
    late_s = np.array([(at - m.received_ns) / NS_PER_S for (at, *_), m in zip(world.sent, planned, strict=True)])
    np.testing.assert_allclose(late_s, 0.0003, atol=1e-6)
    assert [(topic, payload) for _, topic, payload in world.sent] == [(m.topic, m.payload) for m in planned]


def test_publishing_catches_up_after_a_stall() -> None:
    world = World()
    world.work_s = iter([1.0])
    _, planned = strokes_on()
    publish(planned, world.send, clock=world.clock, sleep=world.sleep)
    late_s = [(at - m.received_ns) / NS_PER_S for (at, *_), m in zip(world.sent, planned, strict=True)]
    assert late_s[1] == pytest.approx(0.8, abs=0.01)
    assert late_s[8:] == pytest.approx([0.0003] * (len(planned) - 8), abs=1e-6)
    assert min(world.slept_s) > 0


def test_publishing_stops_when_told_even_while_waiting() -> None:
    world = World()
    _, planned = strokes_on()
    count = publish(planned, world.send, clock=world.clock, sleep=world.sleep, stopped=lambda: len(world.slept_s) >= 4)
    assert count == len(world.sent) == 3
    assert publish(planned, world.send, clock=world.clock, sleep=world.sleep, stopped=lambda: True) == 0


def test_publishing_takes_messages_one_by_one() -> None:
    world = World()
    taken: list[int] = []

    def endless() -> Iterator[Message]:
        for k in range(10**9):
            taken.append(k)
            yield Message("t", b"", START_NS + k * NS_PER_S)

    publish(endless(), world.send, clock=world.clock, sleep=world.sleep, stopped=lambda: len(world.sent) == 3)
    assert len(taken) <= 4


# --- people ---


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seconds", [5.0, 17.3, 60.0, 300.0])
def test_a_scenario_lasts_as_long_as_asked(name: str, seconds: float) -> None:
    assert sum(p.seconds for p in scenario(name, seconds, seed=1)) == pytest.approx(seconds)


def test_scenarios_do_what_they_are_called() -> None:
    strokes = [p for p in scenario("strokes", seed=1) if p.motion == "stroke"]
    assert [(p.rate_cpm, p.last_rate_cpm) for p in strokes] == [(24, 24), (24, 40), (40, 40)]
    assert [p.direction for p in scenario("circles", seed=1) if p.motion == "circle"] == ["cw", "ccw"]
    lifts = scenario("lifts", seed=1)
    assert {p.rate_cpm for p in lifts if p.motion == "lift"} == {45}
    assert [p.motion for p in lifts].count("still") >= 4
    for name in ("still", "fidget"):
        assert {p.motion for p in scenario(name, seed=1)} == {name}
    assert scenario("strokes", seed=1) != scenario("strokes", seed=2)


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'yoga'.*strokes, circles, lifts, still, fidget"):
        scenario("yoga", seed=1)
    with pytest.raises(ValueError, match="at least 5 s"):
        scenario("still", 1, seed=1)


ROUTINE = [
    Target("stroke", (15, 50), 120),
    Target("circle", (20, 40), 60, direction="cw", length_cm=15),
    Target("still", None, 60),
    Target("lift", (30, 60), 90),
    Target("stroke", (240, 300), 30),
    Target("stroke", (1.5, 15), 120),
    Target("circle", None, 30),
]


@pytest.mark.parametrize("seed", range(8))
def test_a_follower_begins_each_step_out_of_its_band_and_settles_inside(seed: int) -> None:
    phases = follow(ROUTINE, seed=seed)
    starts_s = np.concatenate([[0], np.cumsum([p.seconds for p in phases])])
    begins_s = 0.0
    for k, target in enumerate(ROUTINE):
        mine = [
            p
            for p, at in zip(phases, starts_s[:-1], strict=True)
            if begins_s - 1e-6 <= at < begins_s + target.seconds - 1e-6
        ]
        assert sum(p.seconds for p in mine) == pytest.approx(target.seconds)  # steps keep their times
        if k:
            assert (mine[0].motion, mine[0].seconds) == ("still", 1.5)
            mine = mine[1:]
        assert {p.motion for p in mine} == {target.motion}
        begins_s += target.seconds
        if target.motion == "still":
            continue
        low, high = target.band_cpm or (25, 35)
        assert mine[0].rate_cpm == mine[0].last_rate_cpm
        assert not low <= mine[0].rate_cpm <= high
        assert mine[0].seconds == pytest.approx(12, abs=2.6)
        if k == 0:
            assert 1.4 * high <= mine[0].rate_cpm <= 1.5 * high
        for settled in mine[2:]:
            assert low < settled.rate_cpm < high
            assert low < settled.last_rate_cpm < high
        for a, b in pairwise(mine[1:]):
            assert a.last_rate_cpm == b.rate_cpm
        assert sum(p.seconds for p in mine[2:]) > target.seconds / 3
    circles = [p for p in phases if p.length_cm == 15]
    assert {(p.motion, p.direction) for p in circles} == {("circle", "cw")}


def test_a_follower_is_the_same_by_seed_and_can_be_simulated() -> None:
    assert follow(ROUTINE, seed=1) == follow(ROUTINE, seed=1)
    assert follow(ROUTINE, seed=1) != follow(ROUTINE, seed=2)
    made = simulate(follow(ROUTINE[:2], seed=1), seed=1)
    assert made.seconds == pytest.approx(180)
    assert set(made.truth.motion) == {"stroke", "still", "circle"}
