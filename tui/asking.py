"""What a person is asked around a session, question after question; each may be left unanswered.

Every function here is a conversation: it yields a screen and is given its answer. `ask` leads it, so that what reads
as one thing after the other waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from textual.screen import ModalScreen

from tui.runner import Runner
from tui.screens.feeling import FeelingScreen
from tui.screens.pain import AdviceScreen
from tui.screens.spots import SpotScreen
from tui.sitting import Sitting
from tui.spots import pressed, spot_in

Conversation = Generator[ModalScreen[Any], Any, None]
Show = Callable[[ModalScreen[Any], Callable[[Any], None]], object]


def ask(conversation: Conversation, show: Show, then: Callable[[], object] = lambda: None) -> None:
    """Lead a conversation to its end.

    Parameters
    ----------
    conversation : Conversation
    show : callable
        Puts up a screen, and calls back with its answer: `textual.app.App.push_screen`.
    then : callable, optional
        What comes after it.
    """

    def go_on(answer: Any = None) -> None:
        try:
            screen = conversation.send(answer)
        except StopIteration:
            then()
        else:
            show(screen, go_on)

    go_on()


def before(runner: Runner, spots: Sequence[str], note: Callable[[str], object]) -> Conversation:
    """Ask how sore the person is, and where a spot is to be pressed, which one and how tender that is.

    Parameters
    ----------
    runner : Runner
    spots : sequence of str
        Those that were said before, the last one first.
    note : callable
        Remembers the one that is said now.
    """
    value = yield FeelingScreen("before")
    if value is not None:
        runner.feel("before", value)
    step = pressed(runner.pipeline.routine)
    if step is None:
        return
    question = "Which spot will you press?"
    spot = yield SpotScreen("before you begin", question, spot_in(step.area, step.side), spots)
    if spot is None:
        return
    note(spot)
    value = yield FeelingScreen("before", f"How tender is it: {spot}?")
    if value is not None:
        runner.feel("before", value, spot)


def after(sitting: Sitting, *, feelings: bool) -> Conversation:
    """Tell what to do where the session has ended for pain; then ask how sore the person is, and each spot of before.

    Parameters
    ----------
    sitting : Sitting
    feelings : bool
        Whether to ask for them.
    """
    pains, runner = sitting.story.pains, sitting.runner
    if pains and pains[-1].ended:
        yield AdviceScreen(pains[-1])
    if not feelings:
        return
    value = yield FeelingScreen("after")
    if value is not None:
        runner.feel("after", value)
    for felt in runner.pipeline.feelings.spots:
        value = yield FeelingScreen("after", f"How tender is it now: {felt.spot}?")
        if value is not None:
            runner.feel("after", value, felt.spot)


def pain(sitting: Sitting, hurts: Callable[[int, str], object]) -> Conversation:
    """Ask how much it hurts and where; the session has stopped already, and without a number it stays so."""
    value = yield FeelingScreen("stopped", "How much does it hurt?")
    if value is None:
        return
    step = sitting.now.step
    area = yield SpotScreen("stopped", "Where does it hurt?", spot_in(step.area, step.side))
    hurts(value, area or "")
