from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.coach import CoachParams, CoachState, advise, in_band
from tracker.events import CueEvent
from tracker.motion.state import Kind, Motion
from tracker.routine import Step

PARAMS = CoachParams(dwell_s=2.0, repeat_s=10.0, settle_s=1.0)
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


def test_the_same_cue_is_not_said_again_too_soon() -> None:
    cues, stood = coached((50.0, 30.0))
    assert [cue.cue for cue in cues] == ["slower"] * 3
    assert [b.t_s - a.t_s for a, b in pairwise(cues)] == pytest.approx([PARAMS.repeat_s] * 2, abs=2 * HOP_S)
    assert stood[-1] == "slower"


def test_the_other_cue_does_not_wait_for_the_repeat() -> None:
    cues, _ = coached((50.0, 4.0), (10.0, 4.0))
    assert [cue.cue for cue in cues] == ["slower", "faster"]


def test_a_cue_is_taken_down_once_the_pace_has_settled_not_at_its_first_touch() -> None:
    _, stood = coached((50.0, 4.0), (30.0, 3.0))
    back = round(4.0 / HOP_S)
    assert stood[back : back + 9] == ["slower"] * 9
    assert stood[back + 12 :] == [None] * len(stood[back + 12 :])


@pytest.mark.parametrize("kind", [Kind.CIRCLE, Kind.LIFT, Kind.OTHER, Kind.STILL])
def test_another_motion_is_not_judged_by_this_step_s_pace(kind: Kind) -> None:
    assert coached((50.0, 60.0), kind=kind) == ([], [None] * 600)


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
        recent = rates[k - round(PARAMS.dwell_s / HOP_S) + 1 : k + 1]
        assert len(recent) >= PARAMS.dwell_s / HOP_S - 1
        outside = np.array([math.nan if rate is None else rate for rate in recent])
        assert (outside > 40).all() if cue.cue == "slower" else (outside < 20).all()
        assert cue.t_s - last.get(cue.cue, -math.inf) >= PARAMS.dwell_s - HOP_S
        last[cue.cue] = cue.t_s
