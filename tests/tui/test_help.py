"""Help, the command palette and the keys everywhere."""

from __future__ import annotations

from dataclasses import replace

from scripted import STILL, FakeLauncher, opened, pass_time, strokes, wave
from textual.command import CommandPalette
from textual.widgets import Static

from tracker.session import Status
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.memory import Memory
from tui.screens.help import HelpScreen
from tui.screens.live import LiveScreen

SORE_BACK = Choice("simulated", "sore-back")


def on_help(app: PalmpaceApp) -> str:
    return "\n".join(str(each.visual) for each in app.screen.query(Static))


async def test_help_tells_the_keys_of_the_screen_below_and_the_session_goes_on() -> None:
    launcher = FakeLauncher(strokes(9.3), wave(60, 9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SORE_BACK)
    async with app.run_test() as pilot:
        await opened(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "pain: stop at once" in on_help(app)
        assert "left one" not in on_help(app)  # that key is there only while it is asked
        await pass_time(pilot, launcher, 21.0)
        assert launcher.runner is not None
        assert launcher.runner.pipeline.session.step == 1
        await pilot.press("escape")
        assert isinstance(app.screen, LiveScreen)


async def test_help_tells_the_keys_as_they_are_set() -> None:
    app = PalmpaceApp(
        FakeLauncher(strokes(9.3)), settings=replace(STILL, keys={"live.pause": "z", "help": "y"}), start=SORE_BACK
    )
    async with app.run_test() as pilot:
        await opened(pilot)
        await pilot.press("y")
        assert isinstance(app.screen, HelpScreen)
        (line,) = [line for line in on_help(app).splitlines() if "pause, and go on" in line]
        assert line.split()[0] == "z"


async def test_another_key_can_do_it() -> None:
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=replace(STILL, keys={"live.pause": "z"}), start=SORE_BACK)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert launcher.runner is not None
        await pilot.press("space")
        assert launcher.runner.pipeline.session.status is Status.RUNNING
        await pilot.press("z")
        assert launcher.runner.pipeline.session.status is Status.PAUSED


async def test_a_command_is_found_by_its_name() -> None:
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SORE_BACK)
    async with app.run_test() as pilot:
        await opened(pilot)
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, CommandPalette)
        commands = {command.title: command for command in app.get_system_commands(app.screen_stack[-2])}
        assert {"Pause", "Next", "Pain", "Theme", "Help"} <= commands.keys()
        await pilot.press("escape")
        await commands["Pause"].callback()  # type: ignore[misc]  # it is a coroutine
        assert launcher.runner is not None
        assert launcher.runner.pipeline.session.status is Status.PAUSED


async def test_the_theme_is_changed_by_a_key_and_remembered() -> None:
    memory = Memory()
    app = PalmpaceApp(FakeLauncher(strokes(9.3)), settings=STILL, memory=memory, start=SORE_BACK)
    async with app.run_test() as pilot:
        await opened(pilot)
        assert app.theme == "dark"
        await pilot.press("t")
        assert app.theme == Memory().kept.theme == "light"
