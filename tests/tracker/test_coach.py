from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.coach import OFFER, CoachParams, CoachState, advise, easier, in_band, judge
from tracker.events import CueEvent
from tracker.motion.state import Kind, Motion
from tracker.routine import Step

PARAMS = CoachParams(dwell_s=2.0, repeat_s=10.0, pace_repeat_s=10.0, settle_s=1.0)
STROKES = Step(name="s", technique="t", motion=Kind.STROKE, band_cpm=(20.0, 40.0), seconds=60.0, source="s", evidence=3)
HOP_S = 0.1

Pace = tuple[float | None, float]  # rate and how long
"""A stretch at one pace: cycles per minute (None unknown), seconds."""


def look(t_s: float, rate_cpm: float | None, kind: Kind = Kind.STROKE) -> Motion:
    return Motion(t_s=t_s, kind=kind, since_s=0.0, rate_cpm=rate_cpm)


def coached(
    *paces: Pace, step: Step = STROKES, kind: Kind = Kind.STROKE, params: CoachParams = PARAMS
) -> tuple[list[CueEvent], list[str | None]]:
    """The cues given over the paces, and the cue that stood at every look."""
    rates = [rate for rate, seconds in paces for _ in range(round(seconds / HOP_S))]
    state = CoachState()
    cues: list[CueEvent] = []
    stood: list[str | None] = []
    for k, rate in enumerate(rates):
        t_s = 100 + k * HOP_S
        state, cue = advise(state, look(t_s, rate, kind), step, t_s, params)
        cues += [cue] if cue else []
        stood.append(state.cue)
    return cues, stood


@pytest.mark.parametrize(("rate", "inside"), [(19.99, False), (20.0, True), (30.0, True), (40.0, True), (40.01, False)])
def test_the_band_holds_its_limits(rate: float, inside: bool) -> None:
    assert in_band(look(0, rate), STROKES) is inside


def test_what_cannot_be_judged_is_neither_in_nor_out() -> None:
    assert in_band(look(0, None), STROKES) is None
    assert in_band(look(0, 30.0, Kind.CIRCLE), STROKES) is None
    assert in_band(look(0, 30.0), Step(name="s", technique="t", seconds=9.0)) is None


@given(st.lists(st.floats(20, 40), max_size=60))
def test_the_coach_is_quiet_in_the_band(rates: list[float]) -> None:
    assert coached(*((rate, 1.0) for rate in rates))[0] == []


@pytest.mark.parametrize(("rate", "cue"), [(50.0, "slower"), (10.0, "faster")])
def test_a_cue_comes_after_the_dwell_and_names_the_target(rate: float, cue: str) -> None:
    assert coached((30.0, 5.0), (rate, 1.9))[0] == []
    [said] = coached((30.0, 5.0), (rate, 4.0))[0]
    assert said.cue == cue
    assert said.t_s == pytest.approx(100 + 5.0 + PARAMS.dwell_s, abs=2 * HOP_S)
    assert said.text == f"{cue}: {rate:.0f}, aim for 20-40"
    assert said.band == (20.0, 40.0)
    assert f"{rate:.1f} cpm" in said.why
    assert "2.0 s" in said.why


def test_one_hasty_stroke_is_no_habit() -> None:
    assert coached(*[(30.0, 1.0), (50.0, 1.5)] * 10)[0] == []


def test_the_dwell_begins_anew_when_the_hand_overshoots_to_the_other_side() -> None:
    assert coached((50.0, 1.5), (10.0, 1.5), (50.0, 1.5))[0] == []


def test_advice_that_was_followed_is_acknowledged_once() -> None:
    cues, _ = coached((50.0, 4.0), (30.0, 20.0))
    assert [cue.cue for cue in cues] == ["slower", "good"]
    assert cues[1].t_s == pytest.approx(100 + 4.0 + PARAMS.settle_s, abs=2 * HOP_S)
    assert "slower" in cues[1].why


def test_advice_that_is_followed_while_the_pace_is_not_known_is_acknowledged_too() -> None:
    cues, stood = coached((50.0, 4.0), (None, 15.0), (30.0, 5.0))
    assert [cue.cue for cue in cues] == ["slower", "good"]
    assert stood[45] is None
    assert [cue.cue for cue in coached((50.0, 4.0), (None, 70.0), (30.0, 5.0))[0]] == ["slower"]


def test_a_cue_that_was_followed_for_a_moment_is_not_said_again_at_once() -> None:
    cues, _ = coached(*[(50.0, 3.0), (30.0, 1.5)] * 4)
    assert [cue.cue for cue in cues] == ["slower", "good", "slower", "good"]
    assert cues[2].t_s - cues[0].t_s >= PARAMS.repeat_s - HOP_S


def test_the_same_cue_is_not_said_again_too_soon() -> None:
    cues, stood = coached((50.0, 30.0))
    assert [cue.cue for cue in cues] == ["slower"] * 3
    assert [b.t_s - a.t_s for a, b in pairwise(cues)] == pytest.approx([PARAMS.repeat_s] * 2, abs=2 * HOP_S)
    assert stood[-1] == "slower"


def test_a_slow_hand_has_some_cycles_to_follow() -> None:
    cues, _ = coached((6.0, 50.0))
    assert [b.t_s - a.t_s for a, b in pairwise(cues)] == pytest.approx([20.0] * 2, abs=2 * HOP_S)


def test_the_other_cue_does_not_wait_for_the_repeat() -> None:
    cues, _ = coached((50.0, 4.0), (10.0, 4.0))
    assert [cue.cue for cue in cues] == ["slower", "faster"]


def test_a_cue_is_taken_down_once_the_pace_has_settled_not_at_its_first_touch() -> None:
    _, stood = coached((50.0, 4.0), (30.0, 3.0))
    back = round(4.0 / HOP_S)
    assert stood[back : back + 9] == ["slower"] * 9
    assert stood[back + 12 :] == [None] * len(stood[back + 12 :])


@pytest.mark.parametrize("kind", [Kind.CIRCLE, Kind.LIFT, Kind.STILL])
def test_another_motion_is_not_judged_by_this_step_s_pace(kind: Kind) -> None:
    cues, _ = coached((50.0, 60.0), kind=kind)
    assert {cue.cue for cue in cues} == {"go on" if kind is Kind.STILL else "other motion"}


def test_a_motion_without_a_name_may_yet_become_the_right_one() -> None:
    assert coached((50.0, 60.0), kind=Kind.OTHER) == ([], [None] * 600)


def test_a_step_without_a_motion_judges_any() -> None:
    step = Step(name="s", technique="t", band_cpm=(20.0, 40.0), seconds=60.0, source="s", evidence=3)
    assert len(coached((50.0, 5.0), step=step, kind=Kind.LIFT)[0]) == 1


def test_a_step_without_a_band_is_never_cued() -> None:
    assert coached((299.0, 60.0), step=Step(name="s", technique="t", seconds=9.0))[0] == []


def test_an_unknown_pace_takes_the_cue_down_and_the_dwell_back() -> None:
    cues, stood = coached((50.0, 4.0), (None, 1.0), (50.0, 1.9))
    assert len(cues) == 1
    assert stood[41:50] == [None] * 9


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats(1, 300)), st.floats(0.1, 8)),
        max_size=25,
    )
)
def test_no_cue_contradicts_the_pace_or_comes_too_often(paces: list[Pace]) -> None:
    rates = [rate for rate, seconds in paces for _ in range(round(seconds / HOP_S))]
    cues, _ = coached(*paces)
    last: dict[str, float] = {}
    for cue in cues:
        k = round((cue.t_s - 100) / HOP_S)
        if cue.cue == "good":
            settled = rates[k - round(PARAMS.settle_s / HOP_S) + 1 : k + 1]
            assert all(rate is not None and 20 <= rate <= 40 for rate in settled)
            continue
        recent = rates[k - round(PARAMS.dwell_s / HOP_S) + 1 : k + 1]
        assert len(recent) >= PARAMS.dwell_s / HOP_S - 1
        outside = np.array([math.nan if rate is None else rate for rate in recent])
        if cue.cue != OFFER:
            assert (outside > 40).all() if cue.cue == "slower" else (outside < 20).all()
        assert cue.t_s - last.get(cue.cue, -math.inf) >= PARAMS.dwell_s - HOP_S
        last[cue.cue] = cue.t_s


# --- more than the pace ---

CIRCLES = Step(
    name="c",
    technique="palm-circling",
    motion=Kind.CIRCLE,
    direction="cw",
    size_cm=(10.0, 30.0),
    band_cpm=(20.0, 40.0),
    seconds=60.0,
    source="s",
    evidence=3,
)


def said_of(step: Step, seconds: float, **does: object) -> list[CueEvent]:
    """The cues to a hand that does this one thing."""
    known = {"kind": step.motion, "since_s": 0.0, "rate_cpm": 30.0} | does
    state, cues = CoachState(), []
    for k in range(round(seconds / HOP_S)):
        state, cue = advise(state, Motion(t_s=k * HOP_S, **known), step, k * HOP_S, PARAMS)
        cues += [cue] if cue else []
    return cues


def test_another_motion_is_named_with_the_one_that_is_asked_for() -> None:
    [cue] = said_of(CIRCLES, 10.0, kind=Kind.STROKE)
    assert cue.text == "other motion: that is back and forth, this step is circles"
    assert "stroke instead of circle for 5.0 s" in cue.why


def test_the_other_way_round_is_said_once_and_then_taken_for_how_the_device_is_worn() -> None:
    [cue] = said_of(CIRCLES, 60.0, direction="ccw")
    assert cue.text == "other way: the other way round, clockwise"
    mirrored, _ = advise(
        CoachState(mirrored=True), Motion(1.0, Kind.CIRCLE, 0.0, 30.0, direction="ccw"), CIRCLES, 1.0, PARAMS
    )
    assert mirrored.wrong is None
    assert mirrored.afresh().mirrored


def test_how_the_device_is_worn_can_be_taken_back_by_the_same_sign() -> None:
    state, cues = CoachState(mirrored=True), []
    for k in range(600):
        motion = Motion(k * HOP_S, Kind.CIRCLE, 0.0, 30.0, direction="cw")
        state, cue = advise(state, motion, CIRCLES, motion.t_s, PARAMS)
        cues += [cue.cue] if cue else []
    assert (cues, state.mirrored) == (["other way"], False)


def test_a_size_is_judged_with_the_margin_that_it_is_known_by() -> None:
    for extent_cm, words in ((4.0, "larger: aim for 10-30 cm, from the waist"), (50.0, "smaller: aim for 10-30 cm")):
        [cue] = said_of(CIRCLES, 10.0, extent_cm=extent_cm)
        assert cue.text == words
    assert said_of(CIRCLES, 60.0, extent_cm=8.0) == said_of(CIRCLES, 60.0, extent_cm=36.0) == []


def test_too_fast_and_too_small_is_one_cue() -> None:
    [cue] = said_of(CIRCLES, 10.0, rate_cpm=60.0, extent_cm=4.0)
    assert cue.text == "slower: 60, aim for 20-40, larger too"


def test_an_uneven_hand_is_asked_to_be_steadier() -> None:
    [cue] = said_of(STROKES, 12.0, period_cv=0.4)
    assert cue.text == "steadier: it varies 40 % from cycle to cycle"
    assert said_of(STROKES, 60.0, period_cv=0.3) == []


def test_who_follows_other_advice_is_uneven_meanwhile() -> None:
    state, cues = CoachState(), []
    for k in range(round(60.0 / HOP_S)):
        t_s = k * HOP_S
        motion = Motion(t_s, Kind.STROKE, 0.0, rate_cpm=50.0 if t_s < 4 else 30.0, period_cv=0.6)
        state, cue = advise(state, motion, STROKES, t_s, PARAMS)
        cues += [cue] if cue else []
    assert [cue.cue for cue in cues[:3]] == ["slower", "good", "steadier"]
    assert cues[2].t_s - cues[0].t_s >= PARAMS.uneven_settle_s + PARAMS.uneven_dwell_s - HOP_S


def test_stillness_is_asked_for_where_a_step_is_still() -> None:
    press = Step(name="p", technique="trigger-press", motion=Kind.STILL, held_s=60.0)
    assert said_of(press, 60.0, rate_cpm=None) == []
    for kind in (Kind.STROKE, Kind.OTHER):
        [cue] = said_of(press, 5.0, kind=kind)
        assert cue.text == "hold still: the time counts only while you do"
        assert cue.t_s == pytest.approx(PARAMS.still_dwell_s, abs=2 * HOP_S)


def test_a_rest_is_longer_where_cycles_are_slow() -> None:
    [cue] = said_of(STROKES, 12.0, kind=Kind.STILL, rate_cpm=None)
    assert cue.text == "go on: back and forth"
    slow = msgspec.structs.replace(STROKES, band_cpm=(1.5, 15.0))
    assert said_of(slow, 50.0, kind=Kind.STILL, rate_cpm=None) == []


def test_who_cannot_keep_the_band_for_a_minute_is_offered_an_easier_one() -> None:
    cues, _ = coached((50.0, 100.0))
    offers = [cue for cue in cues if cue.cue == OFFER]
    assert len(offers) == 1
    assert offers[0].t_s - 100 == pytest.approx(60, abs=PARAMS.repeat_s)
    assert offers[0].text == "easier?: 20-40 is hard to keep; 20-55 would do"
    assert offers[0].band == (20.0, 55.0)
    after = cues[cues.index(offers[0]) + 1]
    assert after.t_s - offers[0].t_s >= PARAMS.repeat_s - HOP_S  # the offer is left to stand


def test_an_easier_band_is_offered_for_the_pace_alone() -> None:
    tired = CoachState(struggle_s=PARAMS.give_up_s)
    for k in range(80):
        t_s = k * HOP_S
        tired, cue = advise(tired, look(t_s, 30.0, Kind.CIRCLE), STROKES, t_s, PARAMS)
        assert cue is None or cue.cue == "other motion"
    assert tired.offer is None


def test_time_in_the_band_makes_up_for_time_out_of_it() -> None:
    cues, _ = coached(*[(50.0, 8.0), (30.0, 6.0)] * 20)
    assert OFFER not in {cue.cue for cue in cues}


@given(st.floats(1, 200), st.floats(1.1, 4), st.floats(0.1, 600))
def test_an_easier_band_holds_the_old_one_and_reaches_towards_the_hand(low: float, by: float, rate_cpm: float) -> None:
    band = (low, low * by)
    if low <= rate_cpm <= low * by:
        return
    new = easier(band, rate_cpm)
    assert new[0] < new[1]
    assert new[0] <= band[0] + 0.05
    assert new[1] >= band[1] - 0.5
    nearest = min(max(rate_cpm, new[0]), new[1])
    assert abs(rate_cpm - nearest) <= abs(rate_cpm - min(max(rate_cpm, band[0]), band[1])) + 0.5


def test_every_fault_says_why() -> None:
    for does in (
        {"kind": Kind.STROKE},
        {"direction": "ccw"},
        {"rate_cpm": 90.0},
        {"extent_cm": 2.0},
        {"period_cv": 0.9},
    ):
        known = {"kind": Kind.CIRCLE, "since_s": 0.0, "rate_cpm": 30.0} | does
        judged, fault = judge(Motion(t_s=1.0, **known), CIRCLES, PARAMS)
        assert judged
        assert fault is not None
        assert fault.why
        assert fault.text
