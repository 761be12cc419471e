"""Walks through the dashboard: real screens, pipeline and runner, with time in the test's hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import (
    STILL,
    FakeLauncher,
    HeldSource,
    circles,
    opened,
    pass_time,
    still,
    strokes,
    wave,
    waves_of_two,
)

from sensors.message import Message
from sensors.recording import Recorder, open_recording
from sensors.simulate import Device, Phase, messages, simulate
from tracker.pipeline import Pipeline
from tracker.routine import load_shipped
from tracker.session import Command, Status
from tui import keys
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.memory import Memory
from tui.preferences import PACERS
from tui.screens.cautions import CautionsScreen
from tui.screens.connect import ConnectScreen
from tui.screens.feeling import FeelingScreen
from tui.screens.history import HistoryScreen
from tui.screens.home import HomeScreen
from tui.screens.live import LiveScreen
from tui.screens.marking import MarkStrip
from tui.screens.pain import AdviceScreen
from tui.screens.recordings import RecordingsScreen
from tui.screens.replay import ReplayScreen
from tui.screens.routine import RoutineScreen
from tui.screens.spots import SpotScreen
from tui.screens.summary import SummaryScreen
from tui.screens.today import TodayScreen
from tui.widgets.bars import Top
from tui.widgets.cue import Cue
from tui.widgets.gauge import Gauge
from tui.widgets.link import Link
from tui.widgets.pacer import Pacer
from tui.widgets.rate import Rate
from tui.widgets.signal import Signal
from tui.widgets.steps import Steps

SIZE = (80, 24)
SORE_BACK = Choice("simulated", "sore-back")
SLOW = Choice("simulated", "slow-strokes")


def text_of(widget) -> str:
    """What a person reads on a widget."""
    return "\n".join("".join(segment.text for segment in widget.render_line(y)) for y in range(widget.size.height))


def knowing() -> Memory:
    """The memory of a person who knows when not to massage."""
    memory = Memory()
    memory.note(cautions=True)
    return memory


async def test_the_pace_its_band_and_its_cue():
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert app.screen.query_one(Rate).pace == "—"
        await pass_time(pilot, launcher, 10)
        screen = app.screen
        assert screen.query_one(Rate).pace == "24"
        assert screen.query_one(Rate).in_band is False
        assert "± 0.6" in text_of(screen.query_one(Rate))
        assert "↔ stroke" in text_of(screen.query_one(Rate))
        assert "above the band" in text_of(screen.query_one(Gauge))
        assert screen.query_one(Cue).said.word == "slower"
        assert "24, aim for 1.5-15" in text_of(screen.query_one(Cue))


async def test_inside_the_band_the_coach_is_quiet():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 20)
        assert "in the band" in text_of(app.screen.query_one(Gauge))
        assert app.screen.query_one(Cue).said.word == ""
        assert "A flat, warm palm" in text_of(app.screen.query_one(Cue))
        assert app.screen.query_one(Steps).place.in_band.endswith("100 %")


async def test_another_motion_than_the_steps_is_named_not_judged():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        gauge = text_of(app.screen.query_one(Gauge))
        assert "this step asks for  ↔ stroke" in gauge
        assert "band" not in gauge
        assert "↻ circle" in text_of(app.screen.query_one(Rate))


async def test_no_pace_is_a_dash_and_never_a_number():
    launcher = FakeLauncher(still)
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        assert app.screen.query_one(Rate).pace == "—"
        assert "no steady pace" in text_of(app.screen.query_one(Gauge))


async def test_a_silent_wrist_is_stale_with_its_age():
    launcher = FakeLauncher(strokes(9.3), wave(20))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 21)
        assert app.screen.query_one(Rate).pace == "9.3"
        await pass_time(pilot, launcher, 9.5)
        rate = app.screen.query_one(Rate)
        assert rate.pace == "—"
        assert "stale" in text_of(rate)
        assert "for 0:10" in text_of(rate)
        assert "stale: nothing for 0:10" in text_of(app.screen.query_one(Link))
        assert app.screen.query_one(Cue).said.word == "waiting"


async def test_a_device_leads_over_connect_and_a_question_to_live_and_over_another_to_the_summary(tmp_path):
    launcher = FakeLauncher(strokes(9.3), iter(list(wave(60))[25:]))
    launcher.recorder = Recorder(tmp_path / "a.mcap", {})
    memory = knowing()
    app = PalmpaceApp(launcher, settings=STILL, memory=memory, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, ConnectScreen)
        session = launcher.runner.pipeline
        await pass_time(pilot, launcher, 4)
        assert isinstance(app.screen, ConnectScreen)
        await pass_time(pilot, launcher, 8)
        assert isinstance(app.screen, FeelingScreen)
        assert session.session.progress[0].seconds == 0.0  # the first step waits for the answer
        await pilot.press("6", "enter")
        assert isinstance(app.screen, LiveScreen)
        await pass_time(pilot, launcher, 10)
        assert session.session.progress[0].seconds == pytest.approx(10.0, abs=0.5)
        assert app.screen.query_one(Rate).pace == "9.3"
        await pilot.press("q")
        assert isinstance(app.screen, FeelingScreen)
        await pass_time(pilot, launcher, 3)  # nothing more is heard
        await pilot.press("3", "enter")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert "6 → 3" in text_of(app.screen.query_one("#feelings"))
    assert memory.kept.kind == "device"
    assert memory.kept.routine == "slow-strokes"
    kept = open_recording(tmp_path / "a.mcap")
    assert kept.summary["feeling_before"] == "6"
    assert kept.summary["feeling_after"] == "3"


async def test_a_session_that_ends_while_a_question_stands_is_summed_up(tmp_path):
    launcher = FakeLauncher(circles(30))
    launcher.recorder = Recorder(tmp_path / "asked.mcap", {})
    start = Choice("device", "palm-circling")
    app = PalmpaceApp(launcher, settings=STILL, memory=knowing(), start=start)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 8)
        assert isinstance(app.screen, FeelingScreen)
        launcher.runner.command(Command.END)
        await pass_time(pilot, launcher, 1)
        await pilot.press("escape")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert "No step was begun" in text_of(app.screen.query_one("#results"))
        await pilot.press("h")
        assert isinstance(app.screen, HomeScreen)


async def test_who_leaves_before_anything_was_heard_leaves_no_recording(tmp_path):
    launcher = FakeLauncher(messages=iter(()))
    launcher.recorder = Recorder(tmp_path / "a.mcap", {})
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 3)
        await pilot.press("q")
        await opened(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert launcher.runner.source.closed
    assert list(tmp_path.glob("*.mcap*")) == []


async def test_the_pages_lead_to_each_other():
    app = PalmpaceApp(FakeLauncher(), settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        for key, page in (
            ("r", RecordingsScreen),
            ("h", HistoryScreen),
            ("r", RecordingsScreen),
            ("q", HomeScreen),
            ("d", TodayScreen),
            ("h", HistoryScreen),
            ("d", TodayScreen),
            ("q", HomeScreen),
        ):
            await pilot.press(key)
            await opened(pilot)
            assert isinstance(app.screen, page)


async def test_ascii_is_all_there_is_where_it_is_wanted():
    launcher = FakeLauncher(circles(50), wave(60, 50))
    app = PalmpaceApp(launcher, settings=replace(STILL, ascii=True), start=Choice("simulated", "palm-circling"))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 30)
        drawn = re.sub(r"<[^>]*>|&#160;", "", app.export_screenshot())
        assert "circle" in drawn
        assert drawn.isascii()


async def test_space_pauses_and_goes_on():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        await pilot.press("space")
        assert launcher.runner.pipeline.session.status is Status.PAUSED
        left = app.screen.query_one(Steps).place.left
        await pass_time(pilot, launcher, 5)
        assert app.screen.query_one(Steps).place.left == left
        assert app.screen.query_one(Cue).said.word == "paused"
        await pilot.press("space")
        assert launcher.runner.pipeline.session.status is Status.RUNNING


async def test_next_and_back_walk_through_the_steps():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SORE_BACK)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 1)
        await pilot.press("n", "n")
        assert app.screen.query_one(Steps).place.current == 2
        await pilot.press("b")
        assert app.screen.query_one(Steps).place.current == 1
        assert "next: Circles, moving upward" in text_of(app.screen.query_one(Steps))


async def test_the_next_step_is_announced_and_the_announcement_passes():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SORE_BACK)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 23)
        assert app.screen.query_one(Cue).said[:2] == ("next step", "Lower back, slow strokes")
        await pass_time(pilot, launcher, 7)
        assert app.screen.query_one(Cue).said.word == ""


async def test_the_pacer_comes_out_of_the_band_and_by_its_key_always_or_never():
    launcher, memory = FakeLauncher(strokes(9.3)), knowing()
    app = PalmpaceApp(launcher, settings=STILL, memory=memory, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        track = app.screen.query_one("#track", Pacer)
        shown = []
        for script in (strokes(9.3), strokes(24)):
            launcher.runner.pipeline.follow(script)
            await pass_time(pilot, launcher, 5)
            for _ in PACERS:
                shown.append((app.preferences.settings.pacer, track.display))
                await pilot.press("p")
        assert shown == [
            ("needed", False),
            ("on", True),
            ("off", False),
            ("needed", True),
            ("on", True),
            ("off", False),
        ]
        assert track.rate_cpm == (1.5 + 15) / 2
        assert memory.kept.pacer == "needed"


async def test_a_key_makes_the_path_large_and_the_number_small_again():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "palm-circling"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        large, rate = app.screen.query_one("#large-path-0"), app.screen.query_one("#rate-0")
        assert not large.display
        usual = rate.size.width
        await pilot.press("v")
        await pilot.pause()
        assert large.display
        assert large.figure is not None
        assert rate.size.width < usual
        await pilot.press("v")
        await pilot.pause()
        assert (large.display, rate.size.width) == (False, usual)


async def test_how_much_is_said_is_set_by_a_key_and_off_is_silent():
    launcher = FakeLauncher(strokes(24), wave(60, 24))
    rung = []
    app = PalmpaceApp(
        launcher, settings=replace(STILL, voice=False), start=SLOW, clock_s=lambda: launcher.runner.source.now_s
    )
    app.bell = lambda: rung.append(launcher.runner.source.now_s)
    app._sounder._ring = app.bell
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("s", "s")
        assert app.preferences.settings.volume == "off"
        for _ in range(80):
            await pass_time(pilot, launcher, 0.1)
            app.tick_sound()
        assert app.screen.query_one(Cue).said.word == "slower"
        assert rung == []
        await pilot.press("s", "s")
        assert app.preferences.settings.volume == "normal"
        for _ in range(90):
            await pass_time(pilot, launcher, 0.1)
            app.tick_sound()
        assert len(rung) == 3  # too fast: three slow ones, said again while it is


async def test_bad_input_is_named_once_and_counted():
    bad = Message("palmpace/left", b"hello", next(wave(1)).received_ns)
    launcher = FakeLauncher(strokes(9.3), iter([bad, *wave(30)]))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 0.5)
        assert "palmpace/left: neither JSON nor numbers" in text_of(app.screen.query_one(Cue))
        await pass_time(pilot, launcher, 5)
        assert "rejected 1" in text_of(app.screen.query_one(Link))


async def test_from_home_to_summary_and_home_again():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "down", "enter")
        await opened(pilot)
        await pass_time(pilot, launcher, 80)
        await pilot.press("q")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert launcher.runner.source.closed
        results = text_of(app.screen.query_one("#results"))
        assert "Circles, one way" in results
        assert "1:15" in results
        assert "1:15 of 1:15" in results
        assert "in the band 100 %" in text_of(app.screen.query_one("#about"))
        assert "↻ cw 4" in text_of(app.screen.query_one("#totals"))
        assert "sore-back.mcap" in text_of(app.screen.query_one("#saved"))
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)


async def test_a_routine_that_is_through_ends_by_itself():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "palm-circling"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 160)
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)


async def test_the_summary_names_gaps_and_what_was_not_used():
    messages = [Message("palmpace/left", b"hello", next(wave(1)).received_ns), *wave(40, silent=(10, 14))]
    launcher = FakeLauncher(strokes(9.3), iter(messages))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 30)
        await pilot.press("q")
        await opened(pilot)
        notes = text_of(app.screen.query_one("#notes"))
        assert "left: 1 gap, 4.0 s not measured" in notes
        assert "left: 1 message or sample could not be used" in notes
        assert "neither JSON" in notes


async def test_a_session_without_a_wrist_has_an_honest_summary():
    launcher = FakeLauncher(still, iter(()))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        await pilot.press("q")
        await opened(pilot)
        assert "No step was begun" in text_of(app.screen.query_one("#results"))
        assert "Nothing was heard" in text_of(app.screen.query_one("#totals"))


async def test_the_summary_can_be_replayed():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        saved = launcher.recording_of(launcher.runner)
        await pilot.press("q")
        await opened(pilot)
        await pilot.press("r", "r")
        await opened(pilot)
        assert isinstance(app.screen, ReplayScreen)
        assert launcher.asked[1:] == [Choice("replay", None, saved)]


async def test_quitting_in_the_middle_lets_go_of_everything():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 2)
        source = launcher.runner.source
        assert isinstance(source, HeldSource)
        assert not source.closed
    assert source.closed


@pytest.mark.parametrize("size", [(40, 12), (60, 18), (80, 24), (100, 30), (120, 40), (200, 60)])
async def test_any_size_shows_the_pace(size):
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        await pilot.resize_terminal(*size)
        await pass_time(pilot, launcher, 1)
        rate = app.screen.query_one(Rate)
        assert rate.size.width > 0
        assert "█" in text_of(rate)
        assert rate.region.bottom <= size[1]


async def test_the_plot_is_drawn_to_its_new_size():
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 25)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        lines = text_of(app.screen.query_one(Signal)).splitlines()
        assert lines[0].startswith("acceleration, last 20 s, ±")
        assert any("\u2800" < sign <= "\u28ff" for sign in lines[2][-8:])


async def test_no_color_works_on_every_screen(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=(120, 40)) as pilot:
        app.export_screenshot()
        await pilot.press("enter", "enter")
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        app.export_screenshot()
        await pilot.press("q")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        picture = app.export_screenshot()
    assert "#7cc7b4" not in picture


async def test_nothing_is_redrawn_while_nothing_changes():
    launcher = FakeLauncher(still)
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        drawn = []
        for widget in (Rate, Gauge, Cue, Steps):
            part = app.screen.query_one(widget)
            part.refresh = lambda *args, name=widget.__name__, **kwargs: drawn.append(name)
        for _ in range(10):
            app.tick()
        assert drawn == []


async def test_a_simulated_wrist_is_read_by_the_real_engine():
    simulation = simulate([Phase("still", 2), Phase("stroke", 40, 24, 24, length_cm=20)], Device(), seed=3)
    launcher = FakeLauncher(messages=messages(simulation, start_ns=next(wave(1)).received_ns))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        launcher.runner.pipeline = Pipeline(load_shipped("slow-strokes"))
        await pass_time(pilot, launcher, 35)
        rate = app.screen.query_one(Rate)
        assert float(rate.pace) == pytest.approx(24, abs=2)
        assert "stroke" in rate.motion
        assert app.screen.query_one(Cue).said.word == "slower"


@pytest.mark.parametrize(
    ("screen", "registry"),
    [
        (HomeScreen, keys.HOME),
        (ConnectScreen, keys.CONNECT),
        (LiveScreen, keys.LIVE),
        (ReplayScreen, keys.REPLAY),
        (FeelingScreen, keys.FEELING),
        (SummaryScreen, keys.SUMMARY),
        (RecordingsScreen, keys.RECORDINGS),
        (HistoryScreen, keys.HISTORY),
        (TodayScreen, keys.TODAY),
        (RoutineScreen, keys.ROUTINE),
        (MarkStrip, keys.MARKING),
        (SpotScreen, keys.WHERE),
        (CautionsScreen, keys.TOLD),
        (AdviceScreen, keys.TOLD),
        (PalmpaceApp, keys.EVERYWHERE),
    ],
)
def test_every_key_has_its_action_and_no_two_share_a_key(screen, registry):
    for key in registry:
        owner = PalmpaceApp if key.action.startswith("app.") else screen
        assert hasattr(owner, f"action_{key.action.removeprefix('app.').partition('(')[0]}"), key
    pressed = [name for key in registry for name in key.keys.split(",")]
    assert len(pressed) == len(set(pressed))


async def test_two_wrists_that_do_not_tell_are_asked_about_and_shown_by_their_sides():
    both = [
        message
        for pair in zip(wave(30), wave(30), strict=True)
        for message, name in zip(pair, ("one", "two"), strict=True)
        for message in [Message(name, message.payload.replace(b'"left"', f'"{name}"'.encode()), message.received_ns)]
    ]
    launcher = FakeLauncher(strokes(18), iter(both))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        asked = app.screen.query_one(Cue).said
        assert asked[:2] == ("which wrist?", "is one on the left or the right? press l or r")
        assert asked.word.upper() not in text_of(app.screen.query_one(Cue)), "it is drawn large"
        await pass_time(pilot, launcher, 15)
        assert "press l or r" not in text_of(app.screen.query_one(Cue)), "the coach is heard again"
        assert {"l", "r"} <= app.screen.active_bindings.keys()
        await pilot.press("r")
        await pass_time(pilot, launcher, 2)
        assert "press l or r" not in text_of(app.screen.query_one(Cue))
        assert not {"l", "r"} & app.screen.active_bindings.keys()
        link = text_of(app.screen.query_one(Link))
        assert "right: one" in link
        assert "left: two" in link
        assert "1:44 to go, 1/2 Right side, slow" in text_of(app.screen.query_one(Top)), "the time is never cut off"


async def test_a_free_session_tells_how_long_it_has_been_where_two_wrists_leave_no_room_for_its_step():
    launcher = FakeLauncher(strokes(18), waves_of_two(30, 18))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "free"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        assert "0:09 so far, 1/1 Free" in text_of(app.screen.query_one(Top))


async def test_where_the_link_has_no_room_a_notice_passes_in_the_coachs_place():
    launcher = FakeLauncher(strokes(9.3), wave(30, 9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 3)
        assert "left: taken as m/s2, gravity included" in text_of(app.screen.query_one(Cue))
        await pass_time(pilot, launcher, 12)
        assert "taken as" not in text_of(app.screen.query_one(Cue))


async def test_what_threads_still_tell_of_a_dashboard_that_was_left_does_no_harm():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE):
        pass
    assert app.screen_stack == []
    runner = launcher.open(SLOW)
    app._begin(app.Opened(SLOW, runner))
    app._say_why(app.Refused("too late"))
    app._show_film(app.Threaded(SLOW, launcher.film(SLOW)))
    app._say_where(app.Closed(None, []))
    assert runner.source.closed


async def test_help_over_the_summary_does_not_hide_where_the_recording_is():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 3)
        await pilot.press("q")
        await opened(pilot)
        await pilot.press("question_mark")
        app.post_message(app.Closed(Path("/recordings/there.mcap"), []))
        await pilot.pause()
        await pilot.press("escape")
        assert "there.mcap" in text_of(app.screen.query_one("#saved"))
