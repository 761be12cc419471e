"""The routines that come with Palmpace: each row of the table of targets is a technique in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import pytest

from tracker.body import Region, places
from tracker.motion.state import Kind
from tracker.routine import Routine, Step, load_shipped, parse_routine, routine_text, shipped_names
from tracker.safety import PRESSING, Safety, spot_of

SHIPPED = {name: load_shipped(name) for name in shipped_names()}
STROKES = ("Löken 2009", "Ackerley 2014", "10.3389/fnbeh.2014.00054")
TEXTBOOK = ("textbook", "40-50", "scienceofmassage 2009")
ROLLING = ("Behm 2020", "pubmed 33105383", "33±10", "JSSM 2024;23:684")
NIU = ("experts", "134±39", "120", "60", "180", "Niu 2021", "pubmed 34377242")


@dataclass(frozen=True)
class Row:
    """A row of the table of targets."""

    technique: str
    motion: Kind
    band: tuple[float, float] | None
    lasts_s: tuple[float, float]
    evidence: int
    source: tuple[str, ...]
    style: str = ""
    speed: tuple[float, float] | None = None


ROWS = [
    Row("slow-stroking", Kind.STROKE, None, (120, 180), 1, STROKES, speed=(1, 10)),
    Row("working-effleurage", Kind.STROKE, (15, 50), (120, 180), 2, TEXTBOOK),
    Row("palm-circling", Kind.CIRCLE, (20, 40), (120, 180), 3, ("tradition", "ellipses", "Kim 2010")),
    Row("muscle-lifting", Kind.LIFT, (30, 60), (180, 180), 3, ("tradition", "JSSM 2007;6:498")),
    Row("knot-circles", Kind.CIRCLE, (40, 90), (60, 120), 1, ("students", "66±24", "0.99±0.26 s"), style="swedish"),
    Row("knot-circles", Kind.CIRCLE, (90, 140), (60, 120), 1, NIU, style="deep"),
    Row("ball-roll", Kind.STROKE, (7.5, 15), (30, 120), 1, ROLLING),
    Row("trigger-press", Kind.STILL, None, (60, 90), 1, ("30 to 90 s", "PMC6358529")),
    Row("trigger-press", Kind.STILL, None, (180, 300), 3, ("tradition", "three to five minutes"), style="tradition"),
    Row("tapping", Kind.STROKE, (240, 300), (0, 180), 1, ("JSSM 2007", "Brain Sci 2024;14:119")),
]


def steps_of(row: Row) -> list[tuple[Routine, Step]]:
    """Steps of a row's technique in its style, wherever they are."""
    routines = [each.styled(row.style) if row.style in each.styles else each for each in SHIPPED.values()]
    wanted = [each for each in routines if not row.style or each.style == row.style]
    return [(routine, step) for routine in wanted for step in routine.step if step.technique == row.technique]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.technique} {row.style}".strip())
def test_a_row_of_the_table_is_a_technique_with_its_targets(row: Row) -> None:
    found = steps_of(row)
    assert found
    for _, step in found:
        assert step.motion is row.motion
        assert step.speed_cm_s == row.speed
        if row.speed is None:
            assert step.band == row.band
        assert step.evidence == row.evidence
        for words in row.source:
            assert words in step.source, step.name
    # How long is an area's time: of all the steps of a routine that work there with this technique.
    for routine in {routine.name: routine for routine, _ in found}.values():
        times: dict[object, float] = {}
        for step in routine.step:
            if step.technique == row.technique:
                assert step.lasts_s is not None
                times[spot_of(step)] = times.get(spot_of(step), 0.0) + step.lasts_s
        low, high = row.lasts_s
        assert all(low <= seconds <= high for seconds in times.values()), routine.name


def test_slow_strokes_of_twenty_centimetres_are_one_and_a_half_to_fifteen_a_minute() -> None:
    step = SHIPPED["slow-strokes"].step[0]
    assert (step.length_cm, step.band) == (20, (1.5, 15.0))


def test_the_whole_session_is_twenty_minutes_twice_a_week_for_eight_weeks() -> None:
    routine = SHIPPED["twenty-minutes"]
    assert sum(step.lasts_s or inf for step in routine.step) == 20 * 60
    assert routine.often is not None
    assert (routine.often.times_a_week, routine.often.weeks, routine.often.evidence) == (2, 8, 1)
    assert "Atkins & Eichler 2013" in routine.often.source
    assert "40 people" in routine.often.source


def test_what_tradition_asks_for_a_trigger_point_is_shown_as_tradition() -> None:
    routine = SHIPPED["trigger-press"]
    assert routine.often is not None
    assert (routine.often.times_a_day, routine.often.evidence) == (5, 3)
    assert "tradition" in routine.often.source
    assert {step.until_release_s for step in routine.step if step.technique == "trigger-press"} == {90.0}


def test_a_ball_is_rolled_in_one_to_three_sets_with_rests() -> None:
    routine = SHIPPED["ball-roll"]
    assert [step.technique for step in routine.step] == ["ball-roll", "rest", "ball-roll", "rest", "ball-roll"]
    assert "One set may be enough" in routine.step[1].say


def test_a_sore_back_is_massaged_from_below_upward_in_five_steps() -> None:
    routine = SHIPPED["sore-back"]
    regions = [{region for region, _ in places(step.area)} for step in routine.step]
    assert regions == [
        {Region.HANDS},
        {Region.LOWER_BACK},
        {Region.LOWER_BACK, Region.MIDDLE_BACK},
        {Region.SHOULDERS},
        {Region.UPPER_ARMS},
    ]
    assert routine.step[2].motion is Kind.CIRCLE
    assert "warm lotion" in routine.things
    assert {"a walk", "a swim"} <= set(routine.after)
    assert "yoga" in " ".join(routine.after)


def test_twenty_minutes_have_their_things_at_hand_and_end_with_the_feet() -> None:
    routine = SHIPPED["twenty-minutes"]
    assert routine.things == ("a pillow", "a long sock", "two tennis balls", "lotion or baby powder")
    feet = [step for step in routine.step if {region for region, _ in places(step.area)} == {Region.FEET}]
    assert [step.side for step in feet] == ["both", "both"]
    assert all("oth hands" in step.say for step in feet)


def test_muscle_lifting_takes_one_hand_at_a_time() -> None:
    lifting = [step for routine in SHIPPED.values() for step in routine.step if step.technique == "muscle-lifting"]
    assert {(step.side, step.switch_s) for step in lifting} == {("alternate", 20.0)}


def test_one_s_own_tempo_is_measured_and_then_kept() -> None:
    steps = SHIPPED["own-tempo"].step
    assert [(step.motion, step.calibrates, step.own_tempo) for step in steps] == [
        (Kind.STROKE, True, False),
        (Kind.STROKE, False, True),
        (Kind.CIRCLE, True, False),
        (Kind.CIRCLE, False, True),
    ]


def test_the_desk_break_takes_five_minutes() -> None:
    assert sum(step.lasts_s or inf for step in SHIPPED["five-minute-desk-break"].step) == 5 * 60


@pytest.mark.parametrize("routine", SHIPPED.values(), ids=lambda routine: routine.name)
def test_every_step_says_what_to_do_and_where_within_the_limits(routine: Routine) -> None:
    limits = Safety()
    for style in routine.styles or ("",):
        styled = routine.styled(style)
        for step in styled.step:
            assert len(step.say) > 20
            assert step.say.endswith(".")
            if step.motion is not None and step.technique != "rest":
                assert places(step.area), step.name
                assert spot_of(step), f"{step.name}: its side leaves nothing of its area"
            assert (step.lasts_s or 0.0) <= limits.limit_s(step)
        pressed = [step for step in styled.step if step.technique in PRESSING]
        for step in pressed:
            here = [each.lasts_s or inf for each in pressed if spot_of(each) & spot_of(step)]
            assert sum(here) <= limits.limit_s(step)


@pytest.mark.parametrize("routine", SHIPPED.values(), ids=lambda routine: routine.name)
def test_every_one_is_the_same_once_written_and_read_again(routine: Routine) -> None:
    for style in routine.styles or ("",):
        styled = routine.styled(style)
        assert parse_routine(routine_text(styled), routine.name) == styled


def test_no_routine_promises_therapy() -> None:
    for routine in SHIPPED.values():
        said = " ".join([routine.title, routine.summary, *routine.things, *routine.after])
        said += " ".join(step.say for step in routine.step)
        for word in ("heal", "cure", "therap", "treat", "relieve", "pain-free", "medical"):
            assert word not in said.lower(), routine.name
