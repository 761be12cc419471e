from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import session
from tracker.coach import CoachParams, CoachState
from tracker.events import CueEvent, Event, MarkEvent, NoticeEvent, PainEvent, SessionEvent, StepEvent
from tracker.motion.state import Kind, Motion
from tracker.routine import FREE, Routine, Step
from tracker.safety import PAIN_ADVICE, Safety
from tracker.session import Command, SessionParams, SessionState, Status

PARAMS = SessionParams(CoachParams(dwell_s=1.0, repeat_s=10.0, settle_s=1.0))
HOP_S = 0.125  # exact in binary

ROUTINE = Routine(
    format=1,
    name="three",
    title="Three",
    step=(
        Step(
            name="Timed", technique="t", motion=Kind.STROKE, band_cpm=(20.0, 40.0), seconds=10.0, source="s", evidence=3
        ),
        Step(name="Counted", technique="t", motion=Kind.CIRCLE, cycles=6.0),
        Step(name="Any", technique="t", seconds=5.0),
    ),
)
READY = session.ready(ROUTINE)


def do(state: SessionState, *commands: Command, t_s: float = 5.0) -> SessionState:
    for said in commands:
        state, _ = session.command(state, said, t_s)
    return state


RUNNING = do(READY, Command.START)
STATES = {
    "ready": READY,
    "running": RUNNING,
    "paused by you": do(RUNNING, Command.PAUSE),
    "paused by pain": do(RUNNING, Command.PAIN),
    "paused stale": session.stale(RUNNING, 6.0)[0],
    "ended": do(RUNNING, Command.END),
}


def standing(state: SessionState) -> str:
    """The status and who paused, in the words of `STATES`."""
    by = {"you": " by you", "pain": " by pain", "stale": " stale", None: ""}[state.paused_by]
    return f"{state.status}{by}"


def hold(
    state: SessionState,
    seconds: float,
    *,
    kind: Kind = Kind.STROKE,
    rate_cpm: float | None = 30.0,
    start_s: float = 0.0,
) -> tuple[SessionState, list[Event]]:
    """Keep at a motion for a while."""
    events: list[Event] = []
    for k in range(round(seconds / HOP_S)):
        t_s = start_s + (k + 1) * HOP_S
        motion = Motion(t_s=t_s, kind=kind, since_s=start_s, rate_cpm=rate_cpm)
        made = (rate_cpm or 0.0) * HOP_S / 60
        state, more = session.watch(state, motion, made, HOP_S, t_s, PARAMS)
        events += more
    return state, events


def cues(events: list[Event]) -> list[str]:
    return [event.cue for event in events if isinstance(event, CueEvent)]


# --- commands ---

STAYS = "stays"
TABLE = {
    #               ready      running          paused by you    paused by pain   paused stale     ended
    Command.START: ("running", STAYS, STAYS, STAYS, STAYS, STAYS),
    Command.PAUSE: (STAYS, "paused by you", STAYS, STAYS, "paused by you", STAYS),
    Command.RESUME: (STAYS, STAYS, "running", "running", "running", STAYS),
    Command.PAIN: (STAYS, "paused by pain", "paused by pain", "paused by pain", "paused by pain", STAYS),
    Command.NEXT: (STAYS, "running", "paused by you", "paused by pain", "paused stale", STAYS),
    Command.BACK: (STAYS, "running", "paused by you", "paused by pain", "paused stale", STAYS),
    Command.MARK: (STAYS, "running", "paused by you", "paused by pain", "paused stale", STAYS),
    Command.END: ("ended", "ended", "ended", "ended", "ended", STAYS),
    Command.SIDE: (STAYS, STAYS, STAYS, STAYS, STAYS, STAYS),  # a matter of the pipeline alone
    Command.FEEL: (STAYS, STAYS, STAYS, STAYS, STAYS, STAYS),  # and so is this
    Command.HURTS: (STAYS, STAYS, STAYS, STAYS, STAYS, STAYS),  # has its own way in: `session.hurts`
    Command.RELEASE: (STAYS, STAYS, STAYS, STAYS, STAYS, STAYS),  # in a step that waits for it, below
    Command.EASIER: (STAYS, STAYS, STAYS, STAYS, STAYS, STAYS),  # where it was offered, below
}


def test_the_table_names_every_command_and_status() -> None:
    assert set(TABLE) == set(Command)
    assert {state.status for state in STATES.values()} == set(Status)
    assert [standing(state) for state in STATES.values()] == list(STATES)


@pytest.mark.parametrize("said", list(Command))
@pytest.mark.parametrize("column", range(len(STATES)))
def test_every_command_in_every_status(said: Command, column: int) -> None:
    before = list(STATES.values())[column]
    after, events = session.command(before, said, 7.0, "words")
    expected = TABLE[said][column]
    if expected == STAYS:
        assert (after, events) == (before, [])
        return
    assert standing(after) == expected
    assert events
    assert all(event.t_s == 7.0 for event in events)
    told = [event for event in events if isinstance(event, SessionEvent)]
    # A change of status is told, and nothing else is told as one.
    assert [event.state for event in told] == ([after.status.value] if standing(before) != expected or told else [])
    assert all(event.why for event in told)


def test_the_start_tells_the_first_step() -> None:
    _, [began, step] = session.command(READY, Command.START, 1.5)
    assert began == SessionEvent(t_s=1.5, state="running", why="started")
    assert isinstance(step, StepEvent)
    assert (step.step, step.of, step.name, step.band, step.motion) == (1, 3, "Timed", (20.0, 40.0), Kind.STROKE)


def test_pain_stops_at_once_and_says_ease_off() -> None:
    for name in ("running", "paused stale", "paused by you"):
        state, events = session.command(STATES[name], Command.PAIN, 7.0)
        assert state.status is Status.PAUSED
        assert cues(events) == ["ease off"]


def test_a_mark_keeps_the_words_and_changes_nothing_else() -> None:
    assert session.command(RUNNING, Command.MARK, 7.0, "pop") == (RUNNING, [MarkEvent(t_s=7.0, text="pop")])


# --- the wrist comes and goes ---


def test_a_running_session_waits_for_the_wrist_and_goes_on_by_itself() -> None:
    state, [waits] = session.stale(RUNNING, 9.0)
    assert (standing(state), waits.t_s) == ("paused stale", 9.0)
    assert session.stale(state, 9.1) == (state, [])  # told once
    state, [goes_on] = session.fresh(state, 12.0)
    assert standing(state) == "running"
    assert isinstance(goes_on, SessionEvent)
    assert (goes_on.t_s, goes_on.state) == (12.0, "running")


@pytest.mark.parametrize("name", ["ready", "running", "paused by you", "paused by pain", "ended"])
def test_fresh_data_ends_no_pause_of_a_person(name: str) -> None:
    assert session.fresh(STATES[name], 8.0) == (STATES[name], [])


@pytest.mark.parametrize("name", ["ready", "paused by you", "paused by pain", "ended"])
def test_silence_changes_nothing_unless_the_session_runs(name: str) -> None:
    assert session.stale(STATES[name], 8.0) == (STATES[name], [])


def test_a_person_s_pause_during_silence_outlasts_it() -> None:
    state = do(STATES["paused stale"], Command.PAUSE)
    assert session.fresh(state, 8.0) == (state, [])


# --- progress and goals ---


@pytest.mark.parametrize("name", ["ready", "paused by you", "paused by pain", "paused stale", "ended"])
def test_time_passes_only_while_running(name: str) -> None:
    assert hold(STATES[name], 30.0) == (STATES[name], [])


def test_progress_tells_time_cycles_and_time_in_band() -> None:
    state, _ = hold(RUNNING, 4.0)
    state, _ = hold(state, 2.0, rate_cpm=60.0)
    state, _ = hold(state, 1.0, rate_cpm=None)
    state, _ = hold(state, 1.0, kind=Kind.CIRCLE)
    done = state.progress[0]
    assert (done.seconds, done.judged_s, done.in_band_s) == (8.0, 6.0, 4.0)
    assert done.cycles == pytest.approx(4 * 0.5 + 2 * 1.0)  # a circle is no stroke


def test_a_step_ends_after_its_seconds_and_the_next_is_told() -> None:
    state, events = hold(RUNNING, 9.875)
    assert (state.step, events) == (0, [])
    state, [step, cue] = hold(state, HOP_S, start_s=9.875)
    assert state.step == 1
    assert isinstance(step, StepEvent)
    assert (step.name, step.step, step.why, step.t_s) == ("Counted", 2, "goal reached", 10.0)
    assert isinstance(cue, CueEvent)
    assert cue.cue == "next step"
    assert "Counted" in cue.text


def test_a_step_ends_after_its_cycles_however_long_they_take() -> None:
    second = do(RUNNING, Command.NEXT)
    state, _ = hold(second, 120.0, kind=Kind.STROKE)
    assert state.step == 1  # strokes are no circles
    state, _ = hold(state, 11.5, kind=Kind.CIRCLE)
    assert state.step == 1
    state, _ = hold(state, 0.5, kind=Kind.CIRCLE)
    assert state.step == 2


def test_the_session_ends_with_its_last_step() -> None:
    last = do(RUNNING, Command.NEXT, Command.NEXT)
    state, [ended] = hold(last, 5.0, rate_cpm=None)
    assert standing(state) == "ended"
    assert ended == SessionEvent(t_s=5.0, state="ended", why="all steps done")
    assert cues([ended]) == []


def test_next_after_the_last_step_ends_the_session() -> None:
    state = do(RUNNING, Command.NEXT, Command.NEXT)
    assert state.step == 2
    assert standing(do(state, Command.NEXT)) == "ended"


def test_next_goes_on_and_keeps_what_was_done() -> None:
    state, _ = hold(RUNNING, 4.0)
    done = state.progress[0]
    state, events = session.command(state, Command.NEXT, 8.0)
    assert [event.name for event in events if isinstance(event, StepEvent)] == ["Counted"]
    assert (state.step, state.progress[0]) == (1, done)


def test_back_soon_after_a_step_s_beginning_means_the_step_before() -> None:
    state, _ = hold(do(RUNNING, Command.NEXT), 1.0, kind=Kind.CIRCLE)
    assert do(state, Command.BACK).step == 0


def test_back_later_means_this_step_from_its_beginning() -> None:
    state, _ = hold(do(RUNNING, Command.NEXT), 8.0, kind=Kind.CIRCLE)
    state, events = session.command(state, Command.BACK, 9.0)
    assert [event.name for event in events if isinstance(event, StepEvent)] == ["Counted"]
    assert (state.step, state.progress[1].seconds, state.progress[1].cycles) == (1, 0.0, 0.0)


def test_back_in_the_first_step_stays_there() -> None:
    assert do(RUNNING, Command.BACK).step == 0


# --- the coach inside the session ---


def test_a_pace_out_of_band_is_cued_and_one_inside_is_not() -> None:
    assert cues(hold(RUNNING, 5.0)[1]) == []
    assert cues(hold(RUNNING, 5.0, rate_cpm=60.0)[1]) == ["slower"]


@pytest.mark.parametrize("said", [Command.PAUSE, Command.PAIN, Command.NEXT, Command.BACK, Command.END])
def test_no_cue_stands_after_a_change(said: Command) -> None:
    state, _ = hold(RUNNING, 5.0, rate_cpm=60.0)
    assert state.coach.cue == "slower"
    assert do(state, said).coach == CoachState()
    assert session.stale(state, 5.0)[0].coach == CoachState()


# --- results ---


def test_results_tell_the_steps_that_were_begun() -> None:
    state, _ = hold(RUNNING, 4.0)
    state, _ = hold(do(state, Command.NEXT, Command.NEXT), 2.0)
    [first, third] = session.results(state)
    assert (first.name, first.seconds, first.cycles, first.in_band_s, first.judged_s) == ("Timed", 4.0, 2.0, 4.0, 4.0)
    assert (third.name, third.seconds, third.judged_s) == ("Any", 2.0, 0.0)
    assert session.results(READY) == []


def test_the_time_out_of_the_band_is_told_by_its_side_with_the_cues() -> None:
    state, _ = hold(RUNNING, 2.0)
    state, _ = hold(state, 3.0, rate_cpm=60.0, start_s=2.0)
    state, _ = hold(state, 2.0, rate_cpm=10.0, start_s=5.0)
    [first] = session.results(state)
    assert (first.in_band_s, first.above_s, first.below_s, first.judged_s) == (2.0, 3.0, 2.0, 7.0)
    assert first.cues == 2  # slower, and a second later faster


def look(t_s: float, kind: Kind, since_s: float, **known: Any) -> Motion:
    return Motion(t_s=t_s, kind=kind, since_s=since_s, **known)


def watched(state: SessionState, *looks: tuple[Motion, float]) -> SessionState:
    for motion, made in looks:
        state, _ = session.watch(state, motion, made, HOP_S, motion.t_s, PARAMS)
    return state


def test_the_motion_counts_from_where_it_began_not_from_where_it_was_recognised() -> None:
    times = [k * HOP_S for k in range(1, 65)]
    unsure = [(look(t_s, Kind.OTHER, 0.0), 0.0) for t_s in times[:40]]  # 5 s; from 2 s on it is a stroke
    sure = [(look(t_s, Kind.STROKE, 2.0), 0.1) for t_s in times[40:]]
    [first] = session.results(watched(RUNNING, *unsure, *sure))
    assert (first.seconds, first.right_s) == (8.0, 6.0)


def test_a_motion_that_began_before_the_step_counts_from_the_step_on() -> None:
    state = watched(RUNNING, *((look(t_s, Kind.STROKE, -60.0), 0.0) for t_s in (0.125, 0.25)))
    [first] = session.results(state)
    assert first.right_s == first.seconds == 0.2


def test_circles_are_counted_by_direction_where_circles_are_asked_for() -> None:
    turning = [
        (look(k * HOP_S, Kind.CIRCLE, 0.0, direction=way), 0.25) for k, way in enumerate(["cw"] * 8 + ["ccw"] * 4)
    ]
    strokes, circles = do(RUNNING), do(RUNNING, Command.NEXT)
    [counted] = session.results(watched(circles, *turning))
    assert (counted.step, counted.cycles, counted.cw, counted.ccw) == (2, 3.0, 2.0, 1.0)
    [other] = session.results(watched(strokes, *turning))
    assert (other.step, other.cycles, other.cw, other.ccw, other.right_s) == (1, 0.0, 0.0, 0.0, 0.0)


def test_the_regularity_is_the_mean_over_the_time_it_was_known() -> None:
    known = [0.1] * 16 + [None] * 40 + [0.04] * 16
    looks = [(look(k * HOP_S, Kind.STROKE, 0.0, period_cv=each), 0.0) for k, each in enumerate(known)]
    stirred = (look(9.5, Kind.CIRCLE, 9.0, period_cv=0.9), 0.0)
    [first] = session.results(watched(RUNNING, *looks, stirred))
    assert first.period_cv == 0.07
    [unknown] = session.results(watched(RUNNING, (look(1.0, Kind.STROKE, 0.0), 1.0)))
    assert unknown.period_cv is None


def test_a_free_session_runs_on_without_a_word() -> None:
    state, _ = session.command(session.ready(FREE), Command.START, 0.0)
    state, events = hold(state, 600.0, rate_cpm=250.0)
    assert (state.status, events) == (Status.RUNNING, [])
    assert state.progress[0].cycles == pytest.approx(2500)


# --- the limits, pain, and what is easier ---


def routine_of(*steps: Step) -> Routine:
    return Routine(format=1, name="made", title="Made", step=steps)


def begun(*steps: Step) -> SessionState:
    return do(session.ready(routine_of(*steps)), Command.START)


BAND: dict[str, Any] = {"band_cpm": (20.0, 40.0), "source": "s", "evidence": 3}
STROKES = Step(name="Strokes", technique="t", motion=Kind.STROKE, area="lower back", seconds=1200.0, **BAND)
PRESS = Step(name="Press", technique="trigger-press", motion=Kind.STILL, area="left shoulder", until_release_s=90.0)


def test_pain_from_the_limit_on_ends_the_session_with_advice() -> None:
    safety = Safety(pain_ends_at=5)
    state, [told, rest, ended] = session.hurts(STATES["paused by pain"], 5, "lower back, left", 9.0, safety)
    assert told == PainEvent(t_s=9.0, value=5, area="lower back, left", ended=True)
    assert isinstance(rest, CueEvent)
    assert PAIN_ADVICE in rest.text
    assert (standing(state), state.ended) == ("ended", "pain 5 of 10 at lower back, left")
    assert isinstance(ended, SessionEvent)
    assert session.hurts(state, 9, "", 9.5, safety) == (state, [])


def test_pain_below_it_goes_on_easier() -> None:
    before = do(begun(STROKES, PRESS), Command.PAIN)
    state, [told, step, on] = session.hurts(before, 4, "", 9.0, Safety(pain_ends_at=5))
    assert isinstance(told, PainEvent)
    assert not told.ended
    assert standing(state) == "running"
    assert isinstance(step, StepEvent)
    assert (step.band, step.why) == ((12.0, 32.0), "easier")
    assert isinstance(on, SessionEvent)
    assert [each.lasts_s for each in state.steps] == [1200.0, 45.0]
    assert state.eased == {0, 1}


def test_an_easier_band_is_taken_only_where_it_was_offered() -> None:
    assert session.command(RUNNING, Command.EASIER, 1.0) == (RUNNING, [])
    offered = replace(RUNNING, coach=CoachState(offer=(20.0, 55.0)))
    state, [step] = session.command(offered, Command.EASIER, 9.0)
    assert isinstance(step, StepEvent)
    assert (step.step, step.band, step.why) == (1, (20.0, 55.0), "easier")
    assert (state.now.band, state.eased, state.coach.offer) == ((20.0, 55.0), {0}, None)
    state, _ = hold(state, 4.0, rate_cpm=50.0)
    [result] = session.results(state)
    assert (result.band, result.eased, result.in_band_s) == ((20.0, 55.0), True, 4.0)


def test_a_place_worked_for_long_enough_is_told_once() -> None:
    knots = Step(name="Knots", technique="knot-circles", motion=Kind.CIRCLE, area="left shoulder", seconds=200.0)
    state, events = hold(begun(knots, knots), 299.0, kind=Kind.CIRCLE)
    assert "move on" not in cues(events)
    state, events = hold(state, 60.0, kind=Kind.CIRCLE, start_s=299.0)
    [cue] = [event for event in events if isinstance(event, CueEvent) and event.cue == "move on"]
    assert cue.text == "move on: 5 minutes here are enough"
    assert cue.t_s == 300.0


def test_other_places_do_not_count_for_a_place() -> None:
    knots = Step(name="Knots", technique="knot-circles", motion=Kind.CIRCLE, area="left shoulder", seconds=200.0)
    there = msgspec.structs.replace(knots, area="right shoulder")
    assert "move on" not in cues(hold(begun(knots, there), 399.0, kind=Kind.CIRCLE)[1])


def test_strokes_are_no_pressing_of_a_place_but_going_back_forgets_none() -> None:
    strokes = msgspec.structs.replace(STROKES, area="left shoulder", seconds=600.0)
    knots = Step(name="Knots", technique="knot-circles", motion=Kind.CIRCLE, area="left shoulder", seconds=400.0)
    state, _ = hold(begun(strokes, knots), 600.0)
    state, events = hold(state, 200.0, kind=Kind.CIRCLE, start_s=600.0)
    state, events = hold(do(state, Command.BACK), 99.0, kind=Kind.CIRCLE, start_s=800.0)
    assert (state.so_far.seconds, cues(events)) == (99.0, [])
    state, events = hold(state, 2.0, kind=Kind.CIRCLE, start_s=899.0)
    assert cues(events) == ["move on"]


def test_a_press_that_is_never_quite_still_has_its_limit_too() -> None:
    state, events = hold(begun(PRESS, STROKES), 400.0, kind=Kind.OTHER, rate_cpm=None)
    assert (state.step, cues(events).count("move on")) == (0, 1)


def test_pain_makes_even_the_slowest_band_easier() -> None:
    slow: dict[str, Any] = {"speed_cm_s": (0.1, 0.2), "length_cm": 100.0, "source": "s", "evidence": 3}
    warm, strokes = (Step(name="n", technique="t", motion=Kind.STROKE, seconds=60.0, **more) for more in ({}, slow))
    state = begun(warm, strokes)
    for _ in range(3):
        state, _ = session.hurts(state, 1, "", 9.0, Safety())
    low, high = state.steps[1].band or (0.0, 0.0)
    assert 0 < low < high < 0.06
    assert state.eased == {1}  # there was nothing to ease in the other
    assert session.hurts(READY, 1, "", 0.0, Safety()) == (READY, [])


# --- stillness, sides, tempo ---


def test_the_timer_of_stillness_runs_only_while_still() -> None:
    state = begun(PRESS, STROKES)
    state, _ = hold(state, 60.0, kind=Kind.STILL, rate_cpm=None)
    state, events = hold(state, 30.0, kind=Kind.OTHER, rate_cpm=None, start_s=60.0)
    assert "hold still" in cues(events)
    assert (state.so_far.seconds, state.so_far.right_s) == (90.0, 60.0)
    state, _ = hold(state, 29.0, kind=Kind.STILL, rate_cpm=None, start_s=90.0)
    assert state.step == 0
    state, _ = hold(state, 1.0, kind=Kind.STILL, rate_cpm=None, start_s=119.0)
    assert state.step == 1


def test_what_a_hand_did_before_a_pause_is_not_taken_for_stillness_after_it() -> None:
    state, _ = hold(begun(PRESS, STROKES), 5.0, kind=Kind.OTHER, rate_cpm=None)
    state = do(state, Command.PAUSE, Command.RESUME)
    state = watched(state, (look(60.125, Kind.STILL, 6.0), 0.0))
    assert state.so_far.right_s == HOP_S


def test_a_spot_that_lets_go_ends_its_step() -> None:
    state, _ = hold(begun(PRESS, STROKES), 20.0, kind=Kind.STILL, rate_cpm=None)
    state, [step] = session.command(state, Command.RELEASE, 20.0)
    assert isinstance(step, StepEvent)
    assert (step.step, step.why) == (2, "released")
    assert [(done.released, done.right_s) for done in session.results(state)] == [(True, 20.0)]
    assert session.command(state, Command.RELEASE, 21.0) == (state, [])  # strokes do not let go


def test_hands_take_turns_by_a_prompt() -> None:
    lifts = Step(
        name="Lifts", technique="muscle-lifting", motion=Kind.LIFT, side="alternate", switch_s=20.0, seconds=60.0
    )
    state = begun(lifts)
    assert state.hand == "right"
    state, events = hold(state, 59.0, kind=Kind.LIFT)
    told = [(event.t_s, event.text) for event in events if isinstance(event, CueEvent) and event.cue == "switch side"]
    assert told == [(20.0, "switch side: the left hand now"), (40.0, "switch side: the right hand now")]
    assert state.hand == "right"


def test_a_hand_that_is_not_seen_is_not_judged_but_its_time_passes() -> None:
    motion = Motion(t_s=1.0, kind=Kind.CIRCLE, since_s=0.0, rate_cpm=200.0)
    state, events = session.watch(RUNNING, motion, 1.0, HOP_S, 1.0, PARAMS, seen=False)
    assert events == []
    assert (state.so_far.seconds, state.so_far.cycles, state.so_far.right_s) == (HOP_S, 0.0, 0.0)
    assert state.so_far.unseen_s == HOP_S


def test_no_cue_stands_and_no_time_counts_while_another_hand_works() -> None:
    state, _ = hold(RUNNING, 5.0, rate_cpm=60.0)
    struggled_s = state.coach.struggle_s
    for k in range(24):
        motion = Motion(t_s=5.0 + k * HOP_S, kind=Kind.STILL, since_s=0.0)
        state, _ = session.watch(state, motion, 0.0, HOP_S, motion.t_s, PARAMS, seen=False)
    assert state.coach.cue is None
    state, events = hold(state, HOP_S, rate_cpm=60.0, start_s=30.0)
    assert (events, state.coach.struggle_s) == ([], struggled_s)  # the dwell begins anew


def test_the_own_tempo_becomes_the_band_of_what_follows() -> None:
    measured = Step(name="Yours", technique="t", motion=Kind.STROKE, calibrates=True, seconds=30.0)
    kept = Step(name="Keep it", technique="t", motion=Kind.STROKE, own_tempo=True, seconds=30.0)
    state, _ = hold(begun(measured, kept), 12.0, rate_cpm=90.0)  # before it has settled
    state, events = hold(state, 18.0, rate_cpm=30.0, start_s=12.0)
    [notice] = [event for event in events if isinstance(event, NoticeEvent)]
    assert state.step == 1
    low, high = state.now.band or (0, 0)
    assert 0.85 * 30 <= low < 36 < high < 50
    assert f"{low:g}-{high:g}" in notice.text
    [step] = [event for event in events if isinstance(event, StepEvent)]
    assert step.band == state.now.band


def test_a_tempo_that_is_measured_again_is_the_one_that_holds() -> None:
    measured = Step(name="Yours", technique="t", motion=Kind.STROKE, calibrates=True, seconds=30.0)
    kept = Step(name="Keep it", technique="t", motion=Kind.STROKE, own_tempo=True, seconds=30.0)
    state, _ = hold(begun(measured, kept), 20.0, rate_cpm=90.0)
    state, events = session.command(state, Command.BACK, 20.0)
    assert [type(event) for event in events] == [StepEvent]  # half a measurement is none
    state, _ = hold(state, 30.0, rate_cpm=60.0, start_s=20.0)
    assert state.now.band == (51.0, 69.0)
    state, _ = hold(do(state, Command.BACK), 30.0, rate_cpm=30.0, start_s=50.0)
    assert (state.step, state.now.band) == (1, (25.5, 34.5))


def test_no_tempo_found_is_said_and_nothing_is_judged() -> None:
    measured = Step(name="Yours", technique="t", motion=Kind.STROKE, calibrates=True, seconds=30.0)
    kept = Step(name="Keep it", technique="t", motion=Kind.STROKE, own_tempo=True, seconds=30.0)
    state, events = hold(begun(measured, kept), 30.0, kind=Kind.OTHER, rate_cpm=None)
    assert [event.about for event in events if isinstance(event, NoticeEvent)] == ["pace"]
    assert state.now.band is None


ALL_KINDS = session.ready(
    routine_of(
        Step(name="Yours", technique="t", motion=Kind.STROKE, calibrates=True, seconds=12.0),
        Step(name="Keep it", technique="t", motion=Kind.STROKE, own_tempo=True, seconds=30.0),
        msgspec.structs.replace(PRESS, until_release_s=10.0),
        Step(name="Lifts", technique="t", motion=Kind.LIFT, side="alternate", switch_s=5.0, cycles=30.0, **BAND),
    )
)


@settings(max_examples=80)
@given(
    st.sampled_from([READY, ALL_KINDS]),
    st.lists(
        st.one_of(
            st.sampled_from([*Command, "stale", "fresh"]),
            st.integers(0, 10),
            st.tuples(st.sampled_from(list(Kind)), st.one_of(st.none(), st.floats(1, 300)), st.integers(1, 40)),
        ),
        max_size=40,
    ),
)
def test_whatever_is_said_and_done_the_session_stays_sound(state: SessionState, acts: list[Any]) -> None:
    t_s, ended = 0.0, 0
    for act in acts:
        before, t_s = state, t_s + 1.0
        match act:
            case (kind, rate, looks):
                state, events = hold(state, looks * HOP_S, kind=kind, rate_cpm=rate, start_s=t_s)
            case "stale":
                state, events = session.stale(state, t_s)
            case "fresh":
                state, events = session.fresh(state, t_s)
            case int(hurt):
                state, events = session.hurts(state, hurt, "", t_s, Safety())
            case said:
                state, events = session.command(state, Command(said), t_s)
                assert (said is Command.EASIER and bool(events)) <= (before.coach.offer is not None)
        assert (state.paused_by is not None) == (state.status is Status.PAUSED)
        assert 0 <= state.step < len(state.steps)
        for done in state.progress:
            assert 0 <= done.in_band_s <= done.judged_s <= done.right_s <= done.seconds
            assert done.in_band_s + done.below_s + done.above_s == done.judged_s
            assert done.right_s + done.other_s <= done.seconds
        if before.status is Status.ENDED:
            assert (state, events) == (before, [])
        ended += sum(isinstance(event, SessionEvent) and event.state == "ended" for event in events)
        if state.step != before.step and state.status is not Status.ENDED:
            assert any(isinstance(event, StepEvent) and event.step == state.step + 1 for event in events)
    assert ended == (state.status is Status.ENDED)


def test_a_session_is_a_value() -> None:
    state, _ = hold(RUNNING, 4.0)
    assert do(READY, Command.START) == RUNNING
    assert replace(state, progress=RUNNING.progress, coach=RUNNING.coach) == RUNNING
