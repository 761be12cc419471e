"""Home: Enter goes on as last time, a first run leads by itself, and all can be chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn import seen
from scripted import STILL, FakeLauncher, circles, opened, wave
from textual.app import App
from textual.widgets import OptionList, Static

from tracker.routine import FREE, load_shipped, shipped_names
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.memory import Remembered
from tui.screens import Open
from tui.screens.home import HomeScreen, Name
from tui.screens.live import LiveScreen
from tui.screens.replay import ReplayScreen
from tui.widgets import blocks

SIZES = [(80, 24), (120, 40)]
SIZE = SIZES[0]
ROUTINES = [*map(load_shipped, shipped_names()), FREE]
RECORDINGS = [
    Path("/recordings/2026-11-21T18-04-05-sore-back.mcap"),
    Path("/recordings/2026-13-99T07-30-00-free.mcap"),
    Path("/recordings/a quiet [evening].mcap"),
    Path("/recordings/2026-01-01T07-30-00-free.mcap"),
]
LAST = Remembered(kind="device", routine="sore-back")


class Door(App[None]):
    """Shows a screen and keeps what it asks for."""

    HORIZONTAL_BREAKPOINTS = PalmpaceApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = PalmpaceApp.VERTICAL_BREAKPOINTS

    def __init__(self, screen: HomeScreen) -> None:
        super().__init__()
        self._first = screen
        self.opened: list[Choice] = []
        self.gone: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(self._first)

    def on_open(self, message: Open) -> None:
        self.opened.append(message.choice)

    def action_go(self, to: str) -> None:
        self.gone.append(to)


def home(recordings=RECORDINGS, remembered=Remembered(), error="") -> Door:
    return Door(HomeScreen(ROUTINES, recordings, error, remembered=remembered))


def text_of(widget) -> str:
    """What a person reads on a widget."""
    return "\n".join("".join(segment.text for segment in widget.render_line(y)) for y in range(widget.size.height))


async def test_enter_goes_on_as_last_time():
    app = home(remembered=LAST)
    async with app.run_test(size=SIZE) as pilot:
        start = text_of(app.screen.query_one("#start"))
        assert "Go on as last time" in start
        assert "Back massage for a sore back" in start
        assert "Phone or board over MQTT" in start
        await pilot.press("enter")
        assert app.opened == [Choice("device", "sore-back")]


async def test_something_else_than_last_time_is_no_going_on():
    app = home(remembered=LAST)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "tab", "up")
        assert "Go on" not in text_of(app.screen.query_one("#start"))
        assert "Slow strokes" in text_of(app.screen.query_one("#start"))
        await pilot.press("enter")
        assert app.opened == [Choice("device", "slow-strokes")]


async def test_a_routine_can_be_had_in_another_style():
    app = home(remembered=Remembered(kind="simulated", routine="knot-circles"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "● Circles on a knot" in seen(app)  # it is far down in the list
        assert "Circles on a knot, swedish" in text_of(app.screen.query_one("#start"))
        assert "40-90/min" in seen(app)
        await pilot.press("s")
        assert "Start" in text_of(app.screen.query_one("#start"))
        assert "Circles on a knot, deep" in text_of(app.screen.query_one("#start"))
        assert "90-140/min" in seen(app)
        await pilot.press("enter")
        app.screen.refuse("no")
        await pilot.press("s", "c")
        assert app.opened == [Choice("simulated", "knot-circles", style="deep"), Choice("device", "knot-circles")]
        app.screen.query_one("#routines").highlighted = 0
        assert app.screen.check_action("style", ()) is False  # palm circling has one style
    app = home(remembered=Remembered(kind="device", routine="knot-circles", style="deep"))
    async with app.run_test(size=SIZE) as pilot:
        assert "Go on as last time" in text_of(app.screen.query_one("#start"))
        await pilot.press("enter")
        assert app.opened == [Choice("device", "knot-circles", style="deep")]


async def test_a_routine_that_is_no_more_leaves_the_first_one():
    app = home(remembered=Remembered(kind="simulated", routine="gone"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        assert app.opened == [Choice("simulated", "palm-circling")]


async def test_a_first_run_tries_the_simulated_wrist():
    app = home(recordings=[])
    async with app.run_test(size=SIZE) as pilot:
        assert "Try it now with a simulated wrist" in seen(app)
        assert "Connect a phone or board" in seen(app)
        await pilot.press("enter")
        assert app.opened == [Choice("simulated", "palm-circling")]


async def test_a_first_run_can_connect_instead():
    app = home(recordings=[])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "enter")
        assert app.opened == [Choice("device", "free")]


async def test_a_first_run_can_choose_a_routine_too():
    app = home(recordings=[])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("tab", "tab", "enter")
        await pilot.pause()
        assert not app.screen.query("#try")
        await pilot.press("enter", "down", "enter")
        assert app.opened == [Choice("simulated", "slow-strokes")]


async def test_a_first_run_that_fails_says_so_and_stands_on_its_choice():
    app = home(recordings=[])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "enter")
        assert app.opened == [Choice("simulated", "palm-circling")]  # busy: the second does nothing
        assert "Starting" in text_of(app.screen.query_one("#said"))
        app.screen.refuse("no [broker] starts")
        await pilot.pause()
        assert "no [broker] starts" in text_of(app.screen.query_one("#said"))
        await pilot.press("enter")
        assert len(app.opened) == 2


async def test_keys_lead_elsewhere():
    app = home(recordings=[], remembered=LAST)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("r", "h", "d")
        assert app.gone == ["recordings", "history", "today"]


async def test_c_connects_a_device_with_the_chosen_routine():
    app = home()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "down", "c")
        assert app.opened == [Choice("device", "slow-strokes")]


async def test_the_newest_three_recordings_can_be_replayed():
    app = home()
    async with app.run_test(size=SIZE) as pilot:
        shown = text_of(app.screen.query_one("#sources"))
        assert "21 Nov 18:04  sore-back" in shown
        assert "2026-13-99T07-30-00" in shown  # no such day: as it is
        assert "a quiet [evening]" in shown
        assert "Jan" not in shown
        await pilot.press("up")
        assert "Replay" in text_of(app.screen.query_one("#start"))
        await pilot.press("enter")
        assert app.opened == [Choice("replay", None, RECORDINGS[2])]


@pytest.mark.parametrize("size", SIZES)
async def test_a_routine_is_described_with_its_targets(size):
    app = home(remembered=LAST)
    async with app.run_test(size=size):
        about = " ".join(text_of(app.screen.query_one("#about")).split())
        assert "from the lower back upward in circles" in about
        assert "5 steps, 8:20 min" in about
        assert "Lower back, slow strokes 1.5-15/min 2:00" in about
        assert "Down the upper arms 15-50/min 2:00" in about
        assert "Down the upper arms" in seen(app)


async def test_what_is_chosen_is_marked_without_colour():
    app = home()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "down")
        routines = text_of(app.screen.query_one("#routines"))
        assert [line.strip()[0] for line in routines.splitlines()][:4] == ["○", "●", "○", "○"]


@pytest.mark.parametrize("recordings", [[], RECORDINGS])
async def test_it_fits_any_terminal(recordings):
    app = home(recordings=recordings, error="port 1883 is taken")
    async with app.run_test(size=SIZE) as pilot:
        for size, scale in (((40, 12), 1), ((64, 20), 1), ((200, 60), 2), (SIZE, 1)):
            await pilot.resize_terminal(*size)
            assert app.screen.focused is app.screen.query("#try, #sources").first()
            assert "port 1883 is taken" in seen(app)
            if size[1] > 20:
                assert app.screen.query_one(Name).size.width == blocks.width("Palmpace", scale)


async def test_enter_enter_starts_the_simulated_wrist_with_the_first_routine():
    launcher = FakeLauncher()
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("enter", "enter")
        await opened(pilot)
        assert launcher.asked == [Choice("simulated", "free")]
        assert isinstance(app.screen, LiveScreen)


async def test_another_source_and_routine_can_be_chosen():
    app = home()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "enter", "down")
        assert "2 steps, 4:00 min" in text_of(app.screen.query_one("#about"))
        await pilot.press("enter")
        assert app.opened == [Choice("device", "slow-strokes")]


async def test_the_mouse_starts_too():
    app = home()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click("#start")
        assert app.opened == [Choice("simulated", "palm-circling")]


async def test_a_recording_is_replayed_with_its_own_routine():
    launcher = FakeLauncher(circles(30), wave(20))
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down")
        assert app.screen.query_one("#routines", OptionList).disabled
        await pilot.press("enter")
        await opened(pilot)
        assert launcher.asked == [Choice("replay", None, launcher.recordings()[0])]
        assert isinstance(app.screen, ReplayScreen)


async def test_why_it_did_not_start_is_shown_and_one_can_try_again():
    launcher = FakeLauncher()
    launcher.refuse = "port 1883 is taken: name another with --broker"
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "enter")
        await opened(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "port 1883 is taken" in text_of(app.screen.query_one("#said"))
        launcher.refuse = None
        await pilot.press("enter", "enter")
        await opened(pilot)
        assert isinstance(app.screen, LiveScreen)


async def test_a_refused_start_from_the_command_line_lands_at_home():
    launcher = FakeLauncher()
    launcher.refuse = "no [such] file: x.mcap"
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("replay", path=Path("x.mcap")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "no [such] file: x.mcap" in text_of(app.screen.query_one("#said", Static))


async def test_where_several_share_the_machine_it_says_whose_sessions_these_are(monkeypatch):
    monkeypatch.setenv("PALMPACE_PERSON", "anna")
    app = home(remembered=LAST)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "anna" in seen(app)
