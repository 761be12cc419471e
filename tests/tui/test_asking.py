"""What a person is asked around a session: which questions, in which order, and what becomes of the answers."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import START_NS, HeldSource, wave
from textual.app import App

from sensors.declared import Side
from tracker.body import Region, places
from tracker.pipeline import Pipeline, command_message
from tracker.routine import load_shipped
from tracker.session import Command
from tui import asking
from tui.memory import MOST_SPOTS, Memory
from tui.runner import Runner
from tui.screens.feeling import FeelingScreen
from tui.screens.pain import AdviceScreen
from tui.screens.spots import SpotScreen
from tui.sitting import Sitting
from tui.spots import USUAL, Spot, spot_in


def sitting(routine: str = "knot-circles") -> Sitting:
    runner = Runner(HeldSource(wave(30)), Pipeline(load_shipped(routine)))
    runner.pipeline.feed(command_message(Command.START, START_NS))
    return Sitting(runner)


def led(conversation: asking.Conversation, *answers: Any) -> list[type]:
    """Answer one question after the other; give which screens asked."""
    asked: list[type] = []
    left = list(answers)

    def show(screen: Any, answer: Any) -> None:
        asked.append(type(screen))
        answer(left.pop(0))

    asking.ask(conversation, show, then=lambda: asked.append(str))
    assert asked.pop() is str, "what comes after it is done once"
    assert left == []
    return asked


def test_who_presses_a_spot_is_asked_which_and_how_tender_before_and_after() -> None:
    at = sitting()
    noted: list[str] = []
    asked = led(asking.before(at.runner, (), noted.append), 4, "left shoulder", 6)
    assert asked == [FeelingScreen, SpotScreen, FeelingScreen]
    assert noted == ["left shoulder"]
    assert led(asking.after(at, feelings=True), 3, 5) == [FeelingScreen, FeelingScreen]
    felt = at.runner.pipeline.feelings
    assert (felt.before, felt.after) == (4, 3)
    assert [(spot.spot, spot.before, spot.after) for spot in felt.spots] == [("left shoulder", 6, 5)]


def test_every_answer_may_be_left_out_and_a_routine_without_a_spot_asks_for_none() -> None:
    at = sitting()
    assert led(asking.before(at.runner, (), pytest.fail), None, None) == [FeelingScreen, SpotScreen]
    assert led(asking.after(at, feelings=True), None) == [FeelingScreen]
    assert led(asking.after(at, feelings=False)) == []
    assert at.runner.pipeline.feelings.spots == ()
    assert led(asking.before(sitting("slow-strokes").runner, (), pytest.fail), 4) == [FeelingScreen]


def test_pain_that_ends_a_session_is_answered_with_advice_before_anything_else() -> None:
    at = sitting()
    at.say(Command.PAIN)
    asked = led(asking.pain(at, at.hurts), 8, None)
    assert asked == [FeelingScreen, SpotScreen]
    assert at.runner.pipeline.session.ended == "pain 8 of 10"
    assert led(asking.after(at, feelings=True), None, 2) == [AdviceScreen, FeelingScreen]


def test_spots_keep_their_words() -> None:
    for region in Region:
        for side in (None, "left", "right"):
            spot = Spot(region, side)
            assert spot_in(spot.words) == spot
            assert {each[1] for each in places(spot.words)} == ({side} if side else {"left", "right"})
    assert Spot(Region.SHOULDERS, "left").words == "left shoulder"


@pytest.mark.parametrize(
    ("area", "side", "spot"),
    [
        ("trapezius", "left", Spot(Region.NECK, "left")),
        ("lower back, moving upward", "both", Spot(Region.LOWER_BACK)),
        ("upper back", "alternate", Spot(Region.UPPER_BACK)),
        ("", "both", Spot(USUAL)),
    ],
)
def test_a_choice_begins_where_the_step_works(area: str, side: Side, spot: Spot) -> None:
    assert spot_in(area, side) == spot


def test_the_last_spots_are_remembered_the_newest_first() -> None:
    memory = Memory()
    for number in range(MOST_SPOTS + 2):
        memory.note_spot(f"spot {number}")
    memory.note_spot("spot 4")
    assert Memory().kept.spots == ("spot 4", "spot 6", "spot 5", "spot 3", "spot 2")


async def test_a_spot_is_chosen_by_arrows_by_its_key_or_from_the_last_ones() -> None:
    answers: list[str | None] = []
    app: App[None] = App()
    app.CSS = "$foreground-muted: gray;"
    async with app.run_test(size=(80, 24)) as pilot:
        for pressed, answer in (
            (("enter",), "lower back"),
            (("down", "left", "enter"), "left hip"),
            (("c", "right", "right", "enter"), "right shoulder"),
            (("1", "enter"), "neck, left"),
            (("1", "up", "right", "right", "enter"), "neck, right"),
            (("escape",), None),
        ):
            recent = ("neck, left",)
            app.push_screen(SpotScreen("stopped", "Where?", Spot(USUAL), recent), answers.append)
            await pilot.pause()
            await pilot.press(*pressed)
            await pilot.pause()
            assert answers[-1] == answer
