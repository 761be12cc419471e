"""What stands in the coach's place: each cue with its word, its sign and its target, as long as it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import alone, lines
from msgspec import structs

from tracker.coach import CoachState
from tracker.events import Band, CueEvent, Event, MarkEvent, NoticeEvent, PainEvent, StepEvent
from tracker.motion.state import Kind, Motion
from tracker.routine import Step, load_shipped
from tracker.session import Command, SessionState, Status, StepProgress, command, ready
from tui.look import Look, Wrist
from tui.outbound.payloads import PATTERNS
from tui.screens.saying import GOOD_S, LIMIT_S, PASSING_S, holding, said
from tui.story import Story
from tui.widgets import blocks
from tui.widgets.cue import Cue, Said

ROUTINE = load_shipped("sore-back")
RUNNING = replace(ready(ROUTINE), status=Status.RUNNING, step=1)


def cue(word: str, line: str = "the target", t_s: float = 100.0) -> CueEvent:
    return CueEvent(t_s=t_s, cue=word, text=f"{word}: {line}", why="", band=None)


def look(t_s: float = 100.0, state: SessionState = RUNNING, **coach: object) -> Look:
    return Look(t_s=t_s, routine=ROUTINE, state=replace(state, coach=CoachState(**coach)))


def story(*events: Event) -> Story:
    told = Story()
    told.take(events)
    return told


def easier(band: Band | None, t_s: float = 100.0) -> StepEvent:
    return StepEvent(
        t_s=t_s, step=2, of=5, name="n", technique="t", motion=None, area="", side="both", band=band, why="easier"
    )


@pytest.mark.parametrize("word", sorted(PATTERNS.keys() - {"ease off"}))
def test_every_cue_has_its_word_its_target_and_a_sign(word: str) -> None:
    shown = said(look(cue=word, offer=(1.0, 2.0)), story(cue(word)))
    assert (shown.word, shown.line) == (word, "the target")
    assert shown.tone == {"good": "good", "rest": "stop"}.get(word, "cue")
    assert shown.sign is not None or word == "easier?", "a question has its own sign"
    if shown.sign is not None:
        assert blocks.draw(shown.sign, 1) != blocks.draw("¤", 1), "it can be drawn large"


def test_no_two_cues_about_the_hand_share_a_sign() -> None:
    about = ("slower", "faster", "larger", "smaller", "steadier", "other motion", "other way", "hold still", "go on")
    assert len({said(look(cue=word), story(cue(word))).sign for word in about}) == len(about)


@pytest.mark.parametrize(
    ("word", "passing_s"),
    [("good", GOOD_S), ("next step", PASSING_S), ("switch side", PASSING_S), ("move on", LIMIT_S)],
)
def test_what_is_said_once_passes_by_itself(word: str, passing_s: float) -> None:
    told = story(cue(word))
    assert said(look(100.0 + passing_s - 0.1), told).word == word
    assert said(look(100.0 + passing_s), told).word == ""


def test_a_cue_stands_until_the_coach_takes_it_down_and_comes_back_after_what_passes() -> None:
    told = story(cue("slower", t_s=50.0), cue("move on", t_s=99.0), cue("faster", t_s=140.0))
    assert said(look(cue="slower"), told).word == "move on"
    assert said(look(120.0, cue="slower"), told).word == "slower"
    assert said(look(120.0), told).word == ""
    assert said(look(139.0, cue="faster"), told).word == "", "a replay knows nothing of what is still to come"


def test_pain_and_an_easier_band_are_told_and_an_offer_only_while_it_stands() -> None:
    pain = PainEvent(t_s=100.0, value=3, area="left shoulder", ended=False)
    assert (
        said(look(), story(pain, easier((12.0, 32.0)))).line
        == "after pain 3 of 10 at left shoulder: 12-32 from here on"
    )
    assert said(look(), story(easier((34.0, 50.0)), MarkEvent(t_s=100.0, text=""))).line == "34-50 from here on"
    assert said(look(), story(easier(None))).line == "as gently as you like"
    assert said(look(offer=(34.0, 50.0)), story(cue("easier?"))).word == "easier?"
    assert said(look(), story(cue("easier?"))).word == ""


def test_notices_and_what_to_have_at_hand_take_turns_until_the_hand_has_begun() -> None:
    begins = structs.replace(ROUTINE, things=("a pillow", "two balls"))
    notice = story(NoticeEvent(t_s=0.0, about="left", text="a gap"))
    ready_to = replace(RUNNING, step=0)
    shown = [said(replace(look(t_s, ready_to), routine=begins), notice).line for t_s in (1.0, 5.0, 9.0)]
    assert shown[0] == shown[2] == "left: a gap"
    assert shown[1].splitlines()[-1] == "have at hand: a pillow, two balls"
    progress = (StepProgress(right_s=20.0), *RUNNING.progress[1:])
    begun = replace(look(30.0, replace(ready_to, progress=progress)), routine=begins)
    assert said(begun, story()).line == ROUTINE.step[0].say


def in_step(step: Step, **done: float) -> Look:
    steps = (step, *ROUTINE.step[1:])
    progress = (StepProgress(**done), *RUNNING.progress[1:])
    return look(state=replace(RUNNING, step=0, steps=steps, progress=progress))


def test_in_quiet_the_hand_whose_turn_it_is_stands_large() -> None:
    turns = structs.replace(ROUTINE.step[1], side="alternate", switch_s=10.0)
    assert said(in_step(turns, seconds=2.0, right_s=1.0), story()).line.startswith(turns.say), "first what it is"
    assert said(in_step(turns, seconds=5.0, right_s=5.0), story()).word == "right hand"
    assert said(in_step(turns, seconds=15.0, right_s=9.0), story()).word == "left hand"


async def test_what_stands_below_a_word_ends_in_dots_where_there_is_no_room() -> None:
    cue = Cue()
    async with alone(cue, (60, 5)):
        cue.said = Said("right hand", "Fingers straight, thumb spread. Take the muscle and turn the wrist: it lifts.")
        assert lines(cue)[-1].rstrip() == "Fingers straight, thumb spread. Take the muscle and turn …"


def test_one_s_own_tempo_is_told_while_it_is_measured() -> None:
    measuring = next(step for step in load_shipped("own-tempo").step if step.calibrates)
    assert "from 10 s of it on" in said(in_step(measuring, right_s=5.0), story()).line
    assert "27 a minute so far" in said(in_step(measuring, right_s=20.0, paced_s=10.0, paced=270.0), story()).line


def test_the_time_of_a_still_step_runs_only_while_still() -> None:
    def held(kind: Kind) -> Look:
        return replace(look(), wrists=(Wrist("left", motion=Motion(9.0, kind, 0.0)),), coached=0)

    assert holding(held(Kind.STILL)) == "still: the time runs"
    assert holding(held(Kind.OTHER)) == "moving: the time waits"


def test_a_pause_goes_before_all_the_rest() -> None:
    paused, events = command(RUNNING, Command.PAIN, 100.0)
    shown = said(Look(t_s=100.0, routine=ROUTINE, state=paused), story(*events, MarkEvent(t_s=100.0, text="pop")))
    assert (shown.word, shown.tone) == ("ease off", "stop")


@pytest.mark.parametrize("why", [Command.PAUSE, Command.PAIN])
def test_a_recorded_pause_offers_no_key_that_does_something_else_there(why: Command) -> None:
    state, events = command(RUNNING, why, 100.0)
    paused = Look(t_s=100.0, routine=ROUTINE, state=state)
    assert "space" in said(paused, story(*events)).line
    recorded = said(paused, story(*events), live=False)
    assert recorded.word == said(paused, story(*events)).word
    assert "space" not in recorded.line
