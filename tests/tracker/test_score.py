from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.events import StepResult
from tracker.motion.state import Kind
from tracker.routine import FREE, Routine, Step
from tracker.score import EVEN_CV, UNEVEN_CV, Part, StepScore, score, score_session


def asked(**fields: Any) -> Step:
    given = {"name": "Circles", "technique": "t", "motion": Kind.CIRCLE, "seconds": 120.0, "source": "s", "evidence": 3}
    return Step(**(given | {"band_cpm": (20.0, 40.0)} | fields))


def done(**fields: Any) -> StepResult:
    given = {
        "step": 1,
        "name": "Circles",
        "seconds": 120.0,
        "right_s": 120.0,
        "cycles": 60.0,
        "cw": 60.0,
        "ccw": 0.0,
        "judged_s": 120.0,
        "in_band_s": 120.0,
        "below_s": 0.0,
        "above_s": 0.0,
        "cues": 0,
        "period_cv": 0.03,
    }
    return StepResult(**(given | fields))


WARM_UP = asked(motion=None, band_cpm=None)
STILL = asked(motion=Kind.STILL, band_cpm=None, seconds=60.0)


def values(scored: StepScore) -> dict[str, int | None]:
    return {part.name: part.value for part in scored.parts}


def test_a_step_done_as_asked_is_full() -> None:
    scored = score(asked(), done())
    assert values(scored) == {"done": 100, "motion": 100, "pace": 100, "even": 100}
    assert scored.total == 100
    assert scored.pace.why == "2:00 of 2:00 in 20-40 cpm"


def test_the_time_of_a_hand_that_wears_no_device_counts_for_nothing() -> None:
    scored = score(asked(), done(right_s=57.0, unseen_s=60.0))
    assert scored.motion.value == 95
    assert scored.motion.why == "circles for 0:57 of 1:00 seen"
    assert score(asked(), done(right_s=0.0, unseen_s=119.0)).motion.value is None


def test_each_part_is_its_share_with_its_reason() -> None:
    result = done(seconds=60.0, right_s=57.0, judged_s=50.0, in_band_s=40.0, below_s=1.0, above_s=9.0, period_cv=0.1)
    scored = score(asked(), result)
    assert values(scored) == {"done": 50, "motion": 95, "pace": 80, "even": 80}
    assert [part.why for part in scored.parts] == [
        "1:00 of 2:00",
        "circles for 0:57 of 1:00",
        "0:40 of 0:50 in 20-40 cpm; when out, mostly too fast",
        "varies 10 % from cycle to cycle",
    ]
    assert scored.share == pytest.approx(0.95 * (2 * 0.8 + 0.8) / 3)
    assert scored.total == 75


def test_stopping_early_costs_nothing() -> None:
    brief = done(seconds=30.0, right_s=30.0, judged_s=30.0, in_band_s=30.0)
    assert score(asked(), brief).total == score(asked(), done()).total == 100
    assert score(asked(), brief).done.value == 25


@pytest.mark.parametrize(
    ("below_s", "above_s", "words"), [(9.0, 0.0, "too slow"), (0.0, 9.0, "too fast"), (9.0, 1.0, "mostly too slow")]
)
def test_the_reason_tells_on_which_side_the_pace_was_out(below_s: float, above_s: float, words: str) -> None:
    scored = score(asked(), done(in_band_s=110.0, below_s=below_s, above_s=above_s))
    assert scored.pace.why.endswith(f"; when out, {words}")


def test_a_counted_step_is_done_by_its_cycles() -> None:
    part = score(asked(seconds=None, cycles=30.0), done(cycles=12.97)).done
    assert (part.value, part.why) == (43, "12 of 30 cycles")


def test_a_still_step_is_about_stillness_alone() -> None:
    scored = score(STILL, done(seconds=60.0, right_s=45.0, judged_s=0.0, in_band_s=0.0, period_cv=None))
    assert values(scored) == {"done": 100, "motion": 75, "pace": None, "even": None}
    assert scored.motion.why == "held still for 0:45 of 1:00"
    assert scored.total == 75


def test_where_nothing_is_asked_for_there_is_no_total() -> None:
    scored = score(WARM_UP, done(judged_s=0.0, in_band_s=0.0))
    assert (scored.total, scored.motion.value, scored.pace.value, scored.even.value) == (None, None, None, None)
    assert scored.done.value == 100
    assert scored.why == "any motion will do"


def test_another_motion_is_no_motion_however_well_it_goes() -> None:
    nothing = done(right_s=0.0, cycles=0.0, judged_s=0.0, in_band_s=0.0, period_cv=None)
    scored = score(asked(), nothing)
    assert (scored.total, scored.motion.value, scored.pace.value, scored.even.value) == (0, 0, None, None)
    assert scored.pace.why == "the pace was never known"
    assert scored.why == "circles for 0:00 of 2:00"
    little = score(asked(), done(right_s=12.0, judged_s=12.0, in_band_s=12.0))
    assert (little.pace.value, little.total) == (100, 10), "a good pace does not make up for most of the time"


def test_what_is_too_short_is_unknown() -> None:
    scored = score(asked(), done(seconds=8.0, right_s=8.0, judged_s=5.0, in_band_s=5.0, period_cv=None))
    assert values(scored) == {"done": 6, "motion": None, "pace": None, "even": None}
    assert scored.total is None
    assert scored.why == "only 0:08: too short to tell"
    assert scored.pace.why == "the pace was known for 0:05 only"


@pytest.mark.parametrize(("period_cv", "value"), [(0.0, 100), (EVEN_CV, 100), (UNEVEN_CV, 0), (0.9, 0)])
def test_the_scale_of_regularity_ends_where_it_says(period_cv: float, value: int) -> None:
    assert score(asked(), done(period_cv=period_cv)).even.value == value


def test_a_hundred_is_said_only_where_nothing_is_missing() -> None:
    assert Part("pace", 0.999, "").value == 99
    assert Part("pace", 0.29, "").value == 29
    assert Part("pace", 1.0, "").value == 100


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"right_s": 60.0, "judged_s": 60.0, "in_band_s": 60.0}, "circles for 1:00 of 2:00"),
        ({"period_cv": 0.2}, "varies 20 % from cycle to cycle"),
        ({"in_band_s": 60.0, "above_s": 60.0}, "1:00 of 2:00 in 20-40 cpm; when out, too fast"),
        ({}, "2:00 of 2:00 in 20-40 cpm"),
    ],
)
def test_the_reason_told_first_is_the_one_that_costs_most(fields: dict[str, float], why: str) -> None:
    assert score(asked(), done(**fields)).why == why


ROUTINE = Routine(format=1, name="r", title="R", step=(WARM_UP, asked(), STILL))


def test_a_session_is_the_mean_of_its_steps_by_their_time() -> None:
    session = score_session(
        ROUTINE,
        [
            done(step=1, judged_s=0.0),
            done(step=2),
            done(step=3, seconds=40.0, right_s=20.0, judged_s=0.0, period_cv=None),
        ],
    )
    assert [step.total for step in session.steps] == [None, 100, 50]
    assert session.share == pytest.approx((120 * 1.0 + 40 * 0.5) / 160)
    assert session.total == 90


def test_a_session_without_targets_has_facts_and_no_score() -> None:
    session = score_session(FREE, [done(judged_s=0.0, in_band_s=0.0)])
    assert (session.total, session.steps[0].total) == (None, None)
    assert session.steps[0].result.cycles == 60.0
    assert score_session(ROUTINE, []).total is None


@given(
    st.sampled_from([asked(), WARM_UP, STILL, asked(motion=None), asked(band_cpm=None)]),
    st.floats(0.1, 4000),
    st.tuples(*(st.floats(0, 1) for _ in range(3))),
    st.one_of(st.none(), st.floats(0, 3)),
)
def test_whatever_was_done_a_score_is_between_nothing_and_all(
    step: Step, seconds: float, parts: tuple[float, float, float], period_cv: float | None
) -> None:
    right_s = seconds * parts[0]
    judged_s = right_s * parts[1]
    in_band_s = judged_s * parts[2]
    result = done(
        seconds=seconds,
        right_s=right_s,
        judged_s=judged_s,
        in_band_s=in_band_s,
        above_s=judged_s - in_band_s,
        period_cv=period_cv,
    )
    scored = score(step, result)
    assert scored.why
    for share in (scored.share, *(part.share for part in scored.parts)):
        assert share is None or 0 <= share <= 1
    assert all(part.why for part in scored.parts)


def test_a_step_of_some_seconds_has_no_score() -> None:
    assert score(asked(), done(seconds=4.0, right_s=4.0, judged_s=3.0, in_band_s=0.0)).total is None
