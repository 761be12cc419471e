"""A replay under a person's keys, with the clock in the test's hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest
from drawn import lines
from scripted import ScriptedPipeline, strokes, wave
from test_film import stored, with_commands
from textual import on
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

import tui
from sensors.message import Message
from sensors.recording import RecordingError
from tracker.routine import load_shipped
from tracker.session import Command
from tui import keys
from tui.app import PalmpaceApp
from tui.choices import LaunchError
from tui.film import Film
from tui.preferences import Preferences
from tui.screens.replay import Earlier, ReplayScreen
from tui.settings import Settings
from tui.themes import ALL_THEMES
from tui.widgets.rate import Rate
from tui.widgets.timeline import Timeline

SLOW = load_shipped("slow-strokes")
SAID = ((0.1, Command.START), (20.0, Command.MARK), (40.0, Command.NEXT))


class Cinema(App[None]):
    """Shows one film."""

    CSS_PATH = Path(tui.__file__).with_name("palmpace.tcss")
    HORIZONTAL_BREAKPOINTS = PalmpaceApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = PalmpaceApp.VERTICAL_BREAKPOINTS

    def __init__(self, film: Film, earlier: dict[str, Film | LaunchError]) -> None:
        super().__init__()
        self.now_s = 0.0
        self.asked: list[str] = []
        self.said: list[object] = []
        self._earlier = earlier
        self.replay = ReplayScreen(
            film,
            Preferences(Settings()),
            earlier=self.listed,
            open_film=self.opened,
            clock_s=lambda: self.now_s,
        )

    def listed(self, routine: str) -> list[Path]:
        self.asked.append(routine)
        return [Path(name) for name in self._earlier]

    def opened(self, path: Path) -> Film:
        film = self._earlier[path.name]
        if isinstance(film, LaunchError):
            raise film
        return film

    def on_mount(self) -> None:
        for theme in ALL_THEMES:
            self.register_theme(theme)
        self.theme = "dark"
        self.push_screen(self.replay)

    @on(ReplayScreen.Ended)
    @on(ReplayScreen.Left)
    def note(self, message: ReplayScreen.Ended | ReplayScreen.Left) -> None:
        self.said.append(message)

    async def play(self, pilot: Pilot[None], seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.replay.tick()
        await pilot.pause()


def film_of(messages: Iterator[Message], rate_cpm: float = 24.0, length_s: float = 0.0) -> Film:
    pipeline = ScriptedPipeline(SLOW, strokes(rate_cpm))
    return Film(stored(with_commands(messages, *SAID), length_s), pipeline, "x.mcap")


@cache
def whole_film(rate_cpm: float = 24.0) -> Film:
    """One of a minute that has been read: nothing that is shown changes it."""
    film = film_of(wave(60), rate_cpm)
    for chunk in film.reel:
        film.add(chunk)
    return film


async def read(pilot: Pilot[None]) -> None:
    """Wait for the threads that read and open, and for what they posted."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@asynccontextmanager
async def shown(
    film: Film | None = None, size: tuple[int, int] = (80, 24), **earlier: Film | LaunchError
) -> AsyncIterator[tuple[Pilot[None], Cinema]]:
    app = Cinema(film or whole_film(), {f"{name}.mcap": each for name, each in earlier.items()})
    async with app.run_test(size=size) as pilot:
        await read(pilot)
        yield pilot, app


def at_s(app: Cinema) -> float:
    return app.replay.playhead.position_s


def head(app: Cinema) -> str:
    return lines(app.replay.query_one(Timeline))[0].strip()


# --- playing ---


async def test_it_plays_by_itself_and_shows_what_was_seen_then() -> None:
    async with shown() as (pilot, app):
        await app.play(pilot, 10.1)
        assert head(app).startswith("▶  0:10 / 0:59   1×")
        assert app.replay.query_one(Rate).pace == "24"
        assert app.replay._look is app.replay.film.at(10.1)


async def test_space_holds_it_and_lets_it_go_on() -> None:
    async with shown() as (pilot, app):
        await app.play(pilot, 5)
        await pilot.press("space")
        await app.play(pilot, 5)
        assert at_s(app) == pytest.approx(5.0)
        assert head(app).startswith("❚❚ 0:0")
        await pilot.press("space")
        await app.play(pilot, 5)
        assert at_s(app) == pytest.approx(10.0)


async def test_plus_and_minus_change_the_speed() -> None:
    async with shown() as (pilot, app):
        await pilot.press("plus", "plus")
        await app.play(pilot, 5)
        assert at_s(app) == pytest.approx(20.0)
        await pilot.press("plus", "plus", "plus", "plus")
        assert "max" in head(app)
        await pilot.press(*["minus"] * 10)
        assert "0.25×" in head(app)


async def test_the_end_leads_to_the_summary_and_is_said_once() -> None:
    async with shown() as (pilot, app):
        await app.play(pilot, 62)
        (ended,) = app.said
        assert isinstance(ended, ReplayScreen.Ended)
        assert ended.film.story.summary is not None
        assert len(ended.film.story.marks) == 1


async def test_in_a_loop_it_begins_again() -> None:
    async with shown() as (pilot, app):
        await pilot.press("o")
        assert "loop" in head(app)
        await app.play(pilot, 65)
        assert app.said == []
        assert 0 < at_s(app) < 6


async def test_q_leaves_at_any_time() -> None:
    async with shown() as (pilot, app):
        await app.play(pilot, 3)
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.said[0], ReplayScreen.Left)
        assert app.said[0].film is app.replay.film


async def test_pacer_and_view_are_set_as_in_a_live_session() -> None:
    async with shown(whole_film(9.0)) as (pilot, app):
        await pilot.press("space")
        app.replay.action_seek_to(30.0)
        await pilot.press("p", "v")
        assert app.replay.query_one("#track").display
        assert app.replay.query_one("#large-path-0").display


# --- going elsewhere ---


async def test_a_key_leads_to_its_place() -> None:
    async with shown(whole_film(9.0)) as (pilot, app):
        await pilot.press("space")
        for pressed, place_s in (
            ("right", 31.0),
            ("left", 29.0),
            ("shift+right", 40.0),
            ("shift+left", 20.0),
            ("pageup", 20.0),
            ("pagedown", 40.0),
            ("home", 0.0),
            ("left_square_bracket", 20.0),
            ("right_square_bracket", 40.0),
        ):
            app.replay.action_seek_to(30.0)
            assert at_s(app) == 30.0
            await pilot.press(pressed)
            assert at_s(app) == pytest.approx(place_s, abs=0.11), pressed
            assert app.replay._look is app.replay.film.at(at_s(app)), pressed


async def test_a_step_is_shown_as_begun_where_the_jump_lands() -> None:
    async with shown(whole_film(9.0)) as (pilot, app):
        await pilot.press("space", "right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert app.replay._look.state.step == 1
        await pilot.press("right_square_bracket")
        assert at_s(app) == pytest.approx(40.0, abs=0.11), "there is none after that"


async def test_jumping_back_while_it_plays_comes_past_what_was_just_passed() -> None:
    async with shown(whole_film(9.0)) as (pilot, app):
        app.replay.action_seek_to(45.0)
        await pilot.press("left_square_bracket")
        await app.play(pilot, 0.5)
        await pilot.press("left_square_bracket")
        assert at_s(app) == pytest.approx(20.0, abs=0.11)


async def test_comma_and_full_stop_step_from_cycle_to_cycle_and_hold() -> None:
    async with shown(film_of(wave(60, 30.0), rate_cpm=30.0)) as (pilot, app):
        app.replay.action_seek_to(10.5)
        made = []
        for _ in range(3):
            await pilot.press("full_stop")
            made.append(int(app.replay._look.wrist.motion.cycles))
        assert made == [made[0], made[0] + 1, made[0] + 2]
        assert app.replay.playhead.paused
        await pilot.press("comma")
        assert int(app.replay._look.wrist.motion.cycles) == made[1]


async def test_end_goes_to_the_last_picture_and_space_from_there_to_the_summary() -> None:
    async with shown() as (pilot, app):
        await pilot.press("end")
        await app.play(pilot, 1)
        assert at_s(app) == app.replay.film.read_s
        assert app.said == []
        await pilot.press("space")
        await app.play(pilot, 0.5)
        assert isinstance(app.said[0], ReplayScreen.Ended)


async def test_a_typed_time_is_gone_to() -> None:
    async with shown() as (pilot, app):
        await pilot.press("space", "colon", *"0:25", "enter")
        assert at_s(app) == 25.0
        await pilot.press("g", "minus", *"10", "enter")
        assert at_s(app) == 15.0
        await pilot.press("space")
        await app.play(pilot, 1)
        assert at_s(app) == pytest.approx(16.0), "the keys have their meaning again"


async def test_what_is_no_time_is_told_and_can_be_mended() -> None:
    async with shown() as (pilot, app):
        await pilot.press("space", "colon", *"1:77", "enter")
        await pilot.pause()
        said = app.replay.query_one("#said")
        assert "more than 59" in lines(said)[0]
        assert app.replay.query_one(Input).region.y == 23, "in the footer's place"
        await pilot.press("backspace", "backspace", "backspace", "backspace", *"50%", "enter")
        assert at_s(app) == pytest.approx(app.replay.film.total_s / 2)


async def test_escape_leaves_the_typing_and_not_the_replay() -> None:
    async with shown() as (pilot, app):
        await pilot.press("colon", "5", "escape")
        await pilot.pause()
        assert app.said == []
        assert at_s(app) == 0.0
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.said[0], ReplayScreen.Left)


async def test_the_mouse_seeks_on_the_strip() -> None:
    async with shown() as (pilot, app):
        await app.play(pilot, 0.1)
        line = app.replay.query_one(Timeline)
        await pilot.click(line, (line.size.width // 2, 1))
        assert at_s(app) == pytest.approx(app.replay.film.total_s / 2, abs=0.5)


# --- reading ---


async def test_a_seek_beyond_what_is_read_waits_there_until_it_is() -> None:
    film = film_of(wave(60), length_s=60.0)
    reel, film.reel = film.reel, iter(())
    async with shown(film) as (pilot, app):
        for _ in range(5):
            app.replay.post_message(ReplayScreen.Read(film, next(reel)))
        await pilot.press("space", "colon", *"30", "enter")
        await app.play(pilot, 1)
        assert head(app).startswith("…  0:30 / 1:00   1×   reading 16 %")
        assert app.replay._look is film.looks[-1], "the last that is known"
        for chunk in reel:
            app.replay.post_message(ReplayScreen.Read(film, chunk))
        await pilot.pause()
        await app.play(pilot, 0.1)
        assert head(app).startswith("❚❚ 0:30 / 0:59   1×")
        assert "reading" not in head(app)
        assert app.replay._look.t_s == pytest.approx(30.0)


async def test_a_damaged_recording_is_shown_as_far_as_it_goes_and_says_so() -> None:
    def damaged() -> Iterator[Message]:
        yield from wave(10)
        raise RecordingError("x.mcap is damaged: the rest cannot be read")

    async with shown(Film(stored(damaged()), ScriptedPipeline(SLOW, strokes(9.0)))) as (pilot, app):
        assert [each.message for each in app._notifications] == ["x.mcap is damaged: the rest cannot be read"]
        await app.play(pilot, 5)
        assert app.replay.query_one(Rate).pace == "9.0"
        await app.play(pilot, 6)
        assert isinstance(app.said[0], ReplayScreen.Ended)


async def test_an_empty_recording_can_be_looked_at_and_left() -> None:
    async with shown(Film(stored([]), ScriptedPipeline(SLOW, strokes(9.0)))) as (pilot, app):
        await pilot.press("space", "right", "full_stop", "right_square_bracket", "end", "c")
        assert app.replay.query_one(Rate).pace == "—"
        await pilot.press("q")
        await pilot.pause()
        assert app.said


# --- comparing ---


async def test_an_earlier_session_stands_beside_and_goes_again() -> None:
    then = film_of(wave(60), rate_cpm=9.0)
    async with shown(size=(100, 40), then=then) as (pilot, app):
        await pilot.press("c")
        await read(pilot)
        assert app.asked == ["slow-strokes"]
        assert isinstance(app.screen, Earlier)
        await pilot.press("enter")
        await read(pilot)
        await app.play(pilot, 10)
        assert head(app).endswith("then 9.0, in the band 100 %")
        assert "█" * 40 in lines(app.replay.query_one(Timeline))[3]
        await pilot.press("c")
        assert app.replay.ghost is None
        await app.play(pilot, 0.1)
        assert "then" not in head(app)


async def test_without_an_earlier_session_that_is_said() -> None:
    async with shown() as (pilot, app):
        await pilot.press("c")
        await read(pilot)
        assert [each.message for each in app._notifications] == ["there is no earlier recording of this routine"]


async def test_one_need_not_choose() -> None:
    async with shown(then=film_of(wave(5))) as (pilot, app):
        await pilot.press("c")
        await read(pilot)
        assert app.screen.query_one(OptionList).option_count == 1
        await pilot.press("escape")
        await read(pilot)
        assert app.screen is app.replay
        assert app.replay.ghost is None


async def test_an_earlier_session_that_cannot_be_opened_says_why() -> None:
    async with shown(then=LaunchError("then.mcap is gone")) as (pilot, app):
        await pilot.press("c")
        await read(pilot)
        await pilot.press("enter")
        await read(pilot)
        assert [each.message for each in app._notifications] == ["then.mcap is gone"]


# --- any size ---


async def test_any_size_shows_where_it_stands() -> None:
    async with shown(film_of(wave(20))) as (pilot, app):
        await app.play(pilot, 1.5)
        for second, size in enumerate(((40, 12), (64, 20), (80, 24), (120, 40), (200, 60)), start=2):
            await pilot.resize_terminal(*size)
            await app.play(pilot, 1)
            assert head(app).startswith(f"▶  0:0{second}"), size
            assert app.replay.query_one(Timeline).region.right <= size[0]


def test_every_key_has_its_action_and_no_two_share_a_key() -> None:
    for key in keys.REPLAY:
        assert hasattr(ReplayScreen, f"action_{key.action.partition('(')[0]}"), key
    pressed = [name for key in keys.REPLAY for name in key.keys.split(",")]
    assert len(pressed) == len(set(pressed))
