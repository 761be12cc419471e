"""A routine shown with who says so, and changed by keys alone."""

from __future__ import annotations

import pytest
from scripted import STILL, FakeLauncher, opened
from shelves import OneScreen, text_of
from textual.widgets import Static

from tracker.routine import RoutineError, parse_routine, shipped_text
from tui.app import PalmpaceApp
from tui.editing import OWN
from tui.library import Library
from tui.screens.ask import Ask
from tui.screens.home import Choices, HomeScreen
from tui.screens.routine import RoutineScreen
from tui.widgets.body import BodyMap
from tui.widgets.listing import Listing

SIZE = (80, 24)
SLOW = """format = 1
name = "slow"
title = "Slow"   # very

[[step]]
name = "One"
technique = "slow-stroking"
motion = "stroke"
band_cpm = [10, 20]   # not too fast
seconds = 60
source = "somebody"
evidence = 2

[[step]]
name = "Two"
technique = "palm-circling"
motion = "circle"
area = "lower back, left"
side = "left"
seconds = 60
"""
DEEP = """
[step.styles.deep]
seconds = 90
"""


@pytest.fixture
def library(tmp_path):
    """With one routine of the person's own."""
    library = Library(tmp_path / "routines")
    library.save("slow", SLOW)
    return library


def part(app, query: str) -> str:
    return "\n".join(line.strip() for line in text_of(app.shown.query_one(query)).splitlines())


def line_of(app, word: str) -> str:
    return next(line for line in text_of(app.shown.query_one(Listing)).splitlines() if word in line)


async def test_a_routine_is_shown_with_who_says_so(library):
    app = OneScreen(RoutineScreen(library, "trigger-press"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "Trigger points, pressed   as shipped" in part(app, "#title")
        assert "a tennis ball" in part(app, "#around")
        assert "5 times a day, for 2 weeks; tradition: three to five minutes" in part(app, "#around")
        assert "a copy of your own" in part(app, "#said")
        for step in parse_routine(shipped_text("trigger-press"), "test").step:
            shown = " ".join(part(app, "#details").split())
            assert step.name in shown
            assert f"source {step.source} evidence 1, trial or measurement" in shown
            assert step.say[:20] in part(app, "#says")
            await pilot.press("down")
        assert not app.shown.query_one(BodyMap).display
        for columns, rows in ((120, 40), (50, 20), (20, 10)):
            await pilot.resize_terminal(columns, rows)
            await pilot.pause()
            assert app.shown.query_one(BodyMap).display == (columns == 120)
            app.export_screenshot()


async def test_steps_are_changed_saved_and_brought_back(library):
    app = OneScreen(RoutineScreen(library, "slow"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "your own" in part(app, "#title")
        await pilot.press("right")  # the end
        assert "1:15" in line_of(app, "▶")
        await pilot.press("tab", "tab", "left")  # the lower edge
        assert "your own now" in part(app, "#said")
        await pilot.press("left")
        assert "9-20" in line_of(app, "▶")
        assert "my own\nevidence 3, your own choice" in part(app, "#details")
        await pilot.press("J")
        assert "One" in line_of(app, "▶")
        assert [step.name for step in app.shown._routine.step] == ["Two", "One"]
        await pilot.press("shift+up", "shift+up")
        assert "it is the first step" in part(app, "#said")
        await pilot.press("down", "tab", "tab", "right")  # its side
        assert "right" in part(app, "#details")
        await pilot.press("tab", "right")
        assert "clockwise" in part(app, "#details")
        assert "● not saved" in part(app, "#title")
        assert library.text("slow") == SLOW, "nothing is written before it is wanted"
        await pilot.press("w")
        assert "Saved: " in part(app, "#said")
        assert "not saved" not in part(app, "#title")
        one, two = library.routine("slow").step
        assert (one.seconds, one.band_cpm, one.source, one.evidence) == (75, (9, 20), OWN, 3)
        assert (two.side, two.area, two.direction) == ("right", "lower back, right", "cw")
        assert "band_cpm = [9, 20]   # not too fast" in library.text("slow")
        await pilot.press(*"uuuuuuu")
        assert "▶  1" in line_of(app, "One"), "the step that was changed is chosen"
        assert "1:00" in line_of(app, "One")
        await pilot.press("u")
        assert "no change to take back" in part(app, "#said")
        await pilot.press("w")
        assert library.text("slow") == SLOW
        await pilot.press("r", "q")
        assert isinstance(app.screen, Ask)
        await pilot.press("n")
        assert app.gone == []
        await pilot.press("q", "y")
        await pilot.pause()
        assert app.gone == [("home", "")]


async def test_a_copy_of_a_shipped_routine_is_the_persons_own(library):
    app = OneScreen(RoutineScreen(library, "knot-circles"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.press("d")
        assert isinstance(app.screen, Ask)
        await pilot.press("n", "d", "y", "c")
        await pilot.pause()
        shipped = parse_routine(shipped_text("knot-circles"), "test").step
        assert app.shown._routine.step == (shipped[1], shipped[1], *shipped[2:])
        await pilot.press("s", "tab", "tab", "right")  # in the deep style
        assert "[deep]" in part(app, "#title")
        assert "95-140" in line_of(app, "▶")
        await pilot.press("n", "end", "!", "enter")
        await pilot.pause()
        await pilot.press("enter")
        kept = library.routine("knot-circles")
        assert kept.title == "Circles on a knot!"
        assert [step.styled("deep").band for step in kept.step[:2]] == [(90, 140), (95, 140)]
        assert [step.band for step in kept.step[:2]] == [(40, 90)] * 2
        assert parse_routine(shipped_text("knot-circles"), "test").title == "Circles on a knot"
        await pilot.press("n", *"x", "escape", "q")
        await pilot.pause()
        assert app.gone == [("home", "")], "a title that was not entered is no change"


async def test_what_cannot_be_done_is_said(library, tmp_path):
    for name, told in (("free", "free"), ("nobody", "nobody"), ("Slow", "Slow")):
        with pytest.raises(RoutineError, match=told):
            RoutineScreen(library, name)
    app = OneScreen(RoutineScreen(library, "slow"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["left"] * 12)
        assert "✗ not changed: it cannot be less" in part(app, "#said")
        await pilot.press("w")
        assert "not saved" not in part(app, "#title")
        await pilot.press("w")
        assert "nothing to save" in part(app, "#said")
        await pilot.press("s")
        assert "one style only" in part(app, "#said")
        library.save("slow", SLOW + DEEP)
        await pilot.press("right", "w")
        assert isinstance(app.screen, Ask)
        await pilot.press("n")
        assert library.text("slow") == SLOW + DEEP
        library.folder.rename(tmp_path / "elsewhere")
        library.folder.write_text("no folder")
        await pilot.press("w")
        assert part(app, "#said").startswith("✗ ")
        assert "● not saved" in part(app, "#title")


async def test_a_style_that_goes_with_its_step_is_shown_no_more(library):
    library.save("slow", SLOW + DEEP)
    app = OneScreen(RoutineScreen(library, "slow"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("s", "down")
        assert "plain [deep]" in part(app, "#title")
        assert "1:30" in line_of(app, "▶")
        await pilot.press("up")
        assert "no targets of deep" in part(app, "#details")
        await pilot.press("down", "d", "y")
        await pilot.pause()
        assert "deep" not in part(app, "#title")
        await pilot.press("u", "s", "right", "w")
        assert library.routine("slow").step[1].styled("deep").seconds == 105


async def test_the_dashboard_leads_there_and_back():
    app = PalmpaceApp(FakeLauncher(), settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        home = app.screen
        assert isinstance(home, HomeScreen)
        await pilot.press("e")  # the first is the free session
        assert isinstance(app.screen, HomeScreen)
        home.query_one("#routines", Choices).highlighted = 3
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, RoutineScreen)
        assert "sore back" in str(app.screen.query_one("#title", Static).visual)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert app.screen.query_one("#routines", Choices).chosen == 3, "it is the one to be started next"


async def test_a_routine_can_be_opened_at_once(config_folder):
    (config_folder / "routines").mkdir(parents=True)
    (config_folder / "routines" / "mine.toml").write_text(SLOW)
    app = PalmpaceApp(FakeLauncher(), settings=STILL, edit="mine")
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "its name is 'slow'" in str(app.screen.query_one("#said", Static).visual)
        app.edit("sore-back")
        await pilot.pause()
        assert isinstance(app.screen, RoutineScreen)
