"""A hand that is moved while it is measured, and the person who moves it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import coaching
from sensors.simulate import Beat, Device, Hand, OnlineHand, Person, PersonParams, Phase, Simulation, simulate
from sensors.simulate.hand import Motion
from sensors.simulate.person import QUICKEST_S, STEP_S

CLEAN = Device(noise_mps2=0, noise_radps=0, bias_mps2=0, bias_radps=0, jitter_s=0)
CALM = Hand(tremor_mps2=0, drift_deg=0)
EXACT = PersonParams(40, wander=0, scatter=0, delay_scatter=0, gain=0.5, error=0, heeds=1, pull_s=1e9)
"""Somebody without any chance in it, who never falls back."""
SURE = Beat(weber=0, attends_s=1e9)
BAND = (20.0, 30.0)
CIRCLE = Phase("circle", 1, length_cm=10)


class Steady:
    """A mind that has one tempo; what it does may be changed from outside."""

    def __init__(self, doing: Phase, cpm: float) -> None:
        self.doing, self.cpm = doing, cpm

    def tempo_cpm(self, t_s: float, cycles: float) -> float:
        return self.cpm


def chunks(hand: OnlineHand, seconds: float, step_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let a hand move, a chunk at a time; time, force and turning of all of them."""
    made: list[Simulation] = []
    while not made or made[-1].seconds < seconds:
        made.append(hand.chunk(min(seconds, (len(made) + 1) * step_s)))
    gyro = [each.gyro_radps for each in made if each.gyro_radps is not None]
    return np.concatenate([each.t_s for each in made]), np.vstack([each.acc_mps2 for each in made]), np.vstack(gyro)


def tempos(person: Person, seconds: float, from_s: float = 0.0) -> list[float]:
    """Ask somebody for their tempo, as a hand does that keeps it exactly."""
    told, cycles = [], 0.0
    for k in range(round(from_s / STEP_S), round((from_s + seconds) / STEP_S)):
        told.append(person.tempo_cpm(k * STEP_S, cycles))
        cycles += told[-1] / 60 * STEP_S
    return told


# --- the hand ---


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    motion=st.sampled_from(["stroke", "circle", "lift"]),
    cpm=st.floats(20, 200),
    length_cm=st.floats(2, 30),
    aspect=st.floats(0.3, 1),
    lever_cm=st.sampled_from([0.0, 38.0]),
)
def test_a_constant_tempo_is_felt_as_offline(
    motion: Motion, cpm: float, length_cm: float, aspect: float, lever_cm: float
) -> None:
    seconds = max(3.0, math.ceil(180 / cpm))
    phase = Phase(motion, seconds, cpm, length_cm=length_cm, aspect=aspect, variation=0)
    arm = replace(CALM, lever_cm=lever_cm)
    offline = simulate([phase], CLEAN, seed=1, hand=arm)
    online = OnlineHand(Steady(phase, cpm), CLEAN, seed=1, hand=arm)
    t_s, acc_mps2, gyro_radps = chunks(online, seconds, 0.2)
    before = t_s < seconds - 30 / cpm - 0.3  # offline the hand comes to rest at the end
    np.testing.assert_allclose(t_s, offline.t_s)
    np.testing.assert_allclose(acc_mps2[before], offline.acc_mps2[before], atol=1e-6)
    assert offline.gyro_radps is not None
    np.testing.assert_allclose(gyro_radps[before], offline.gyro_radps[before], atol=1e-8)
    told = online.truth(seconds)
    assert set(told.motion) == {motion}
    so_far = told.t_s < seconds - 30 / cpm - 0.3
    np.testing.assert_allclose(told.cycles[so_far], offline.truth.cycles[: len(told.cycles)][so_far], atol=1e-9)


@settings(max_examples=5, deadline=None, derandomize=True)
@given(step_s=st.floats(0.05, 6), rate_hz=st.sampled_from([20.0, 50.0, 104.0]), seed=st.integers(0, 99))
def test_the_length_of_the_chunks_makes_no_difference(step_s: float, rate_hz: float, seed: int) -> None:
    def whole(step_s: float) -> tuple[np.ndarray, ...]:
        person = Person(PersonParams(70), CIRCLE, seed=seed, metronome_cpm=50)
        hand = OnlineHand(person, Device(rate_hz=rate_hz, mounting="random"), seed=seed)
        return *chunks(hand, 5, step_s), hand.truth(5).cycles

    for one, other in zip(whole(step_s), whole(0.2), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_tempo_size_or_way_round_is_taken_up_without_a_jolt() -> None:
    mind = Steady(replace(CIRCLE, variation=0), 40)
    hand = OnlineHand(mind, replace(CLEAN, rate_hz=200), seed=1, hand=CALM)
    felt = [hand.chunk(5).acc_mps2]
    mind.cpm, mind.doing = 70, replace(mind.doing, length_cm=14)
    felt.append(hand.chunk(9).acc_mps2)
    mind.doing = replace(mind.doing, direction="cw")
    felt.append(hand.chunk(14).acc_mps2)
    mind.doing = replace(mind.doing, motion="still")
    felt.append(hand.chunk(17).acc_mps2)
    # From one sample to the next, 1 cm/s more would be felt as 2 m/s².
    assert np.abs(np.diff(np.vstack(felt), axis=0)).max() < 0.6
    told = hand.truth(17)
    assert [each for each, before in zip(told.direction, ["", *told.direction], strict=False) if each != before] == [
        "ccw",
        "cw",
        None,
    ]
    assert told.rate_cpm[[40, 80, 130]] == pytest.approx([40, 70, 70], rel=1e-3)
    assert np.ptp(felt[3][-200:], axis=0).max() < 0.01


def test_cycles_vary_as_asked_and_the_bare_accelerometer_has_no_gyroscope() -> None:
    hand = OnlineHand(Steady(replace(CIRCLE, variation=0.05), 60), Device(gyro=False), seed=3)
    told = hand.truth(100)
    periods_s = np.diff(np.interp(np.arange(2, 95), told.cycles, told.t_s))
    assert 0.02 < np.std(periods_s) < 0.06
    assert np.mean(periods_s) == pytest.approx(1, rel=0.02)
    assert OnlineHand(Steady(CIRCLE, 60), Device(gyro=False), seed=3).chunk(1).gyro_radps is None


def test_a_motion_without_a_tempo_is_refused() -> None:
    with pytest.raises(ValueError, match="fidget"):
        OnlineHand(Steady(Phase("fidget", 1), 30), seed=1).chunk(1)


# --- the person ---


def test_a_cue_takes_its_share_of_the_difference_away_once_it_has_sunk_in() -> None:
    person = Person(EXACT, CIRCLE, seed=1)
    assert person.hear("slower", BAND, 2.0) is None
    told = tempos(person, 6)
    assert told[34] == pytest.approx(40)
    assert told[35] == pytest.approx(math.sqrt(40 * 25))  # 1.5 s later, half the way in its logarithm
    assert told[-1] == pytest.approx(told[35])


def test_nobody_reacts_sooner_than_a_hand_can() -> None:
    person = Person(replace(EXACT, delay_s=0.01), CIRCLE, seed=1)
    person.hear("slower", BAND, 2.0)
    assert tempos(person, 2 + QUICKEST_S)[-1] == pytest.approx(40)


def test_an_unheeded_cue_and_one_that_asks_for_nothing_change_nothing() -> None:
    deaf = Person(replace(EXACT, heeds=0), CIRCLE, seed=1)
    deaf.hear("slower", BAND, 0.0)
    heeding = Person(EXACT, CIRCLE, seed=1)
    for cue in ("good", "next step", "ease off"):
        heeding.hear(cue, BAND, 0.0)
    for person in (deaf, heeding):
        assert tempos(person, 5) == pytest.approx([40] * 50)


def test_somebody_falls_back_to_their_own_tempo() -> None:
    person = Person(replace(EXACT, gain=1, pull_s=30), CIRCLE, seed=1)
    person.hear("slower", BAND, 0.0)
    told = tempos(person, 200)
    assert told[20] == pytest.approx(25, rel=0.03)
    half_s = next(k for k, cpm in enumerate(told[20:]) if cpm > math.sqrt(25 * 40)) * STEP_S
    assert half_s == pytest.approx(30 * math.log(2), rel=0.05)
    assert told[-1] == pytest.approx(40, rel=0.01)


def test_a_free_tempo_wanders_as_much_as_asked_and_is_the_same_whatever_is_heard() -> None:
    params = PersonParams(40, wander=0.06, pull_s=20, heeds=0)
    quiet, told = Person(params, CIRCLE, seed=5), Person(params, CIRCLE, seed=5)
    told.hear("slower", BAND, 1.0)
    free = tempos(quiet, 3000)
    assert free == tempos(told, 3000)
    assert np.std(np.log(free)) == pytest.approx(0.06, rel=0.25)


def test_other_cues_change_what_the_hand_does() -> None:
    person = Person(EXACT, replace(CIRCLE, direction="cw"), seed=1, doing=Phase("stroke", 1))
    said = ["other motion", "other way", "larger", "smaller", "larger", "steadier"]
    seen = []
    for k, cue in enumerate(said):
        person.hear(cue, None, 3.0 * k)
        tempos(person, 3, from_s=3.0 * k)
        seen.append(person.doing)
    assert [each.motion for each in seen] == ["circle"] * 6
    assert [each.direction for each in seen[:2]] == ["cw", "ccw"]
    assert [each.size_cm for each in seen] == pytest.approx([10, 10, 13, 10, 13, 13])
    assert seen[-1].variation == pytest.approx(0.7 * EXACT.scatter)


def test_an_easier_band_is_taken_by_those_who_do() -> None:
    assert Person(EXACT, CIRCLE, seed=1).hear("easier?", BAND, 7.0) is None
    assert Person(replace(EXACT, takes_easier=True), CIRCLE, seed=1).hear("easier?", BAND, 7.0) == pytest.approx(8.5)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    habit_cpm=st.floats(5, 250),
    gain=st.floats(0, 2),
    cues=st.lists(
        st.tuples(st.sampled_from(["slower", "faster", "larger", "other way", "good"]), st.floats(0, 20)), max_size=12
    ),
    beat_cpm=st.none() | st.floats(4, 250),
    seed=st.integers(0, 2**32),
)
def test_whatever_is_heard_the_tempo_stays_one(  # type: ignore[no-untyped-def]  # hypothesis fills it
    habit_cpm, gain, cues, beat_cpm, seed
) -> None:
    person = Person(PersonParams(habit_cpm, gain=gain), CIRCLE, seed=seed, metronome_cpm=beat_cpm)
    for cue, t_s in sorted(cues, key=lambda each: each[1]):
        person.hear(cue, BAND, t_s)
    told = np.array(tempos(person, 25))
    assert np.isfinite(told).all()
    assert (told > 0).all()


# --- with a metronome ---


def test_who_listens_comes_to_its_tempo_and_keeps_in_step() -> None:
    person = Person(replace(EXACT, beat=SURE), Phase("stroke", 1), seed=1, metronome_cpm=60)
    cycles = np.cumsum(np.array(tempos(person, 60)) / 60 * STEP_S)
    assert person.ticks == 59
    early = cycles[400::10] - np.round(cycles[400::10])
    assert np.ptp(np.diff(cycles[400::10])) < 0.01
    assert np.abs(early).max() < 0.15


def test_circles_keep_step_worse_than_strokes_and_long_intervals_worse_than_short() -> None:
    def unsteady(motion: Motion, cpm: float) -> float:
        beat = Beat(attends_s=1e9)
        person = Person(replace(EXACT, habit_cpm=cpm, wander=0.05, pull_s=60, beat=beat), Phase(motion, 1), seed=2)
        beaten = Person(person.params, Phase(motion, 1), seed=2, metronome_cpm=cpm)
        cycles = np.cumsum(np.array(tempos(beaten, 24000 / cpm)) / 60 * STEP_S)
        ticks = np.arange(50, 390)
        early = np.interp(ticks * 60 / cpm, np.arange(1, len(cycles) + 1) * STEP_S, cycles) - ticks
        return float(np.std(early))

    assert unsteady("circle", 60) > 1.3 * unsteady("stroke", 60)
    assert unsteady("stroke", 10) > 1.3 * unsteady("stroke", 60)


def test_who_does_not_listen_falls_back() -> None:
    beat = replace(SURE, attends_s=1e-9, lapses_s=1e9)
    person = Person(replace(EXACT, pull_s=5, beat=beat), CIRCLE, seed=1, metronome_cpm=80)
    assert tempos(person, 60)[-1] == pytest.approx(40, rel=0.01)


# --- the bench ---


@pytest.fixture
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coaching, "SECONDS", 40.0)


@pytest.mark.usefixtures("shorter")
@pytest.mark.parametrize("seed", [0, 3], ids=["palm circling", "muscle lifting"])
def test_a_coached_person_is_in_the_band_more_than_one_left_alone(seed: int) -> None:
    coach = coaching.Job(coaching.TASKS[seed], seed, "coach", (("heeds", 2.0),))
    coached, alone = coaching.sit(coach), coaching.sit(replace(coach, told="nothing"))
    assert coached.truly > alone.truly + 0.2
    assert coached.read == pytest.approx(coached.truly, abs=0.2)
    assert 1 <= coached.sounds <= 10
    assert alone.sounds == 0


@pytest.mark.usefixtures("shorter")
def test_the_coach_is_quiet_with_who_keeps_the_band() -> None:
    able = coaching.sit(coaching.Job(coaching.TASKS[3], 3, "coach", able=True))
    assert able.sounds == 0
    assert able.truly > 0.9
    assert able.read > 0.8


def test_who_cannot_keep_the_band_takes_an_easier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coaching, "SECONDS", 80.0)
    unmoved = (("gain", 0.0), ("error", 0.0), ("heeds", 2.0), ("takes_easier", 1.0))
    sat = coaching.sit(coaching.Job(coaching.TASKS[0], 0, "coach", unmoved))
    assert sat.offers == 1
    assert sat.truly < 0.1
    assert sat.read > 0.1  # of the band that was asked for in the end


def test_every_table_can_be_made_and_put_into_a_page(tmp_path: Path) -> None:
    plan = coaching.Plan(4)
    sat = coaching.Sat(truly=0.5, read=0.4, sounds=6, offers=0, first_s=12.0)
    made = coaching.tables(plan, dict.fromkeys(plan.jobs, sat))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{coaching.BEGIN}old\n{coaching.END}after\n", encoding="utf-8")
    coaching.write(page, "\n".join(table.markdown(level=3) for table in made))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("50 % [50 to 50]") > 10
    bare = tmp_path / "bare.md"
    bare.write_text("")
    with pytest.raises(SystemExit, match="missing"):
        coaching.write(bare, "")
