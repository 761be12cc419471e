"""Walks through the dashboard: real screens, pipeline and runner, with time in the test's hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted import (
    CONNECTION,
    FakeLauncher,
    HeldSource,
    circles,
    opened,
    pass_time,
    still,
    strokes,
    wave,
)
from textual.widgets import OptionList, Static

from sensors.message import Message
from sensors.recording import RecordingError, ReplaySource
from sensors.simulate import Device, Phase, messages, simulate
from tracker.pipeline import Pipeline
from tracker.routine import load_shipped
from tracker.session import Status
from tui import keys
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.screens.home import HomeScreen
from tui.screens.live import LiveScreen
from tui.screens.replay import ReplayScreen
from tui.screens.summary import SummaryScreen
from tui.widgets.cue import Cue
from tui.widgets.gauge import Gauge
from tui.widgets.link import Link, Waiting
from tui.widgets.rate import Rate
from tui.widgets.signal import Signal
from tui.widgets.steps import Steps

SIZE = (80, 24)
SORE_BACK = Choice("simulated", "sore-back")
SLOW = Choice("simulated", "slow-strokes")


def text_of(widget) -> str:
    """What a person reads on a widget."""
    return "\n".join("".join(segment.text for segment in widget.render_line(y)) for y in range(widget.size.height))


async def test_enter_enter_starts_the_simulated_wrist_with_the_first_routine():
    launcher = FakeLauncher()
    app = PalmpaceApp(launcher, fps=0)
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("enter", "enter")
        await opened(pilot)
        assert launcher.asked == [Choice("simulated", "free")]
        assert isinstance(app.screen, LiveScreen)


async def test_another_source_and_routine_can_be_chosen():
    launcher = FakeLauncher()
    app = PalmpaceApp(launcher, fps=0)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "enter", "down", "down")
        assert "2 steps, 4:00 min" in text_of(app.screen.query_one("#about"))
        await pilot.press("enter")
        await opened(pilot)
        assert launcher.asked == [Choice("device", "slow-strokes")]


async def test_the_mouse_starts_too():
    launcher = FakeLauncher()
    app = PalmpaceApp(launcher, fps=0)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click("#start")
        await opened(pilot)
        assert launcher.asked == [Choice("simulated", "free")]


async def test_a_recording_is_replayed_with_its_own_routine():
    launcher = FakeLauncher(circles(30), wave(20))
    app = PalmpaceApp(launcher, fps=0)
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
    app = PalmpaceApp(launcher, fps=0)
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
    app = PalmpaceApp(launcher, fps=0, start=Choice("replay", path=Path("x.mcap")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "no [such] file: x.mcap" in text_of(app.screen.query_one("#said", Static))


async def test_the_pace_its_band_and_its_cue():
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 20)
        assert "in the band" in text_of(app.screen.query_one(Gauge))
        assert app.screen.query_one(Cue).said.word == ""
        assert "A flat, warm palm" in text_of(app.screen.query_one(Cue))
        assert app.screen.query_one(Steps).place.in_band.endswith("100 %")


async def test_another_motion_than_the_steps_is_named_not_judged():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        gauge = text_of(app.screen.query_one(Gauge))
        assert "this step asks for  ↔ stroke" in gauge
        assert "band" not in gauge
        assert "↻ circle" in text_of(app.screen.query_one(Rate))


async def test_no_pace_is_a_dash_and_never_a_number():
    launcher = FakeLauncher(still)
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        assert app.screen.query_one(Rate).pace == "—"
        assert "no steady pace" in text_of(app.screen.query_one(Gauge))


async def test_a_silent_wrist_is_stale_with_its_age():
    launcher = FakeLauncher(strokes(9.3), wave(20))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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


async def test_until_a_device_is_heard_its_address_is_shown():
    launcher = FakeLauncher(strokes(9.3), iter(list(wave(30))[25:]))
    app = PalmpaceApp(launcher, fps=0, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 2)
        card = app.screen.query_one(Waiting)
        assert card.display
        shown = text_of(card)
        assert "Waiting for the wrist" in shown
        assert all(value in shown for value in (CONNECTION.host, str(CONNECTION.port), CONNECTION.topic))
        assert not app.screen.query_one(Rate).display
        await pass_time(pilot, launcher, 8)
        assert not card.display
        assert app.screen.query_one(Rate).pace == "9.3"


async def test_space_pauses_and_goes_on():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SORE_BACK)
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
    app = PalmpaceApp(launcher, fps=0, start=SORE_BACK)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 23)
        assert app.screen.query_one(Cue).said[:2] == ("next step", "Lower back, slow strokes")
        await pass_time(pilot, launcher, 7)
        assert app.screen.query_one(Cue).said.word == ""


async def test_the_pain_key_stops_at_once():
    launcher = FakeLauncher(strokes(24))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        await pilot.press("exclamation_mark")
        assert launcher.runner.pipeline.session.paused_by == "pain"
        assert app.screen.query_one(Cue).said.word == "ease off"
        assert "stopped for pain" in text_of(app.screen.query_one(Cue))
        await pilot.press("space")
        await pass_time(pilot, launcher, 0.5)
        assert launcher.runner.pipeline.session.status is Status.RUNNING


async def test_a_mark_is_confirmed():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 65)
        await pilot.press("m")
        assert "marked at 1:05" in text_of(app.screen.query_one(Cue))


async def test_bad_input_is_named_in_the_link_panel():
    bad = Message("palmpace/left", b"hello", next(wave(1)).received_ns)
    launcher = FakeLauncher(strokes(9.3), iter([bad, *wave(30)]))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 0.5)
        assert "palmpace/left: neither JSON nor numbers" in text_of(app.screen.query_one(Link))
        await pass_time(pilot, launcher, 5)
        assert "rejected 1" in text_of(app.screen.query_one(Link))


async def test_from_home_to_summary_and_home_again():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, fps=0)
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
        assert "100 %" in results
        assert "↻ cw 4" in text_of(app.screen.query_one("#totals"))
        assert "sore-back.mcap" in text_of(app.screen.query_one("#saved"))
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)


async def test_a_routine_that_is_through_ends_by_itself():
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, fps=0, start=Choice("simulated", "palm-circling"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 160)
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)


async def test_the_summary_names_gaps_and_what_was_not_used():
    messages = [Message("palmpace/left", b"hello", next(wave(1)).received_ns), *wave(40, silent=(10, 14))]
    launcher = FakeLauncher(strokes(9.3), iter(messages))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        await pilot.press("q")
        await opened(pilot)
        assert "No step was begun" in text_of(app.screen.query_one("#results"))
        assert "Nothing was heard" in text_of(app.screen.query_one("#totals"))


async def test_the_summary_can_be_replayed():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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


async def test_a_replay_pauses_and_changes_its_speed():
    launcher = FakeLauncher(strokes(9.3), wave(60))
    app = PalmpaceApp(launcher, fps=0, start=Choice("replay", path=Path("x.mcap")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        replay = launcher.runner.source
        assert isinstance(replay, ReplaySource)
        assert "0:09" in text_of(app.screen.query_one("#seek"))
        assert "1:00" in text_of(app.screen.query_one("#seek"))
        await pilot.press("space")
        held_s = launcher.runner.pipeline.t_s
        await pass_time(pilot, launcher, 5)
        assert launcher.runner.pipeline.t_s == held_s
        assert "❚❚" in text_of(app.screen.query_one("#seek"))
        await pilot.press("space", "plus", "plus")
        assert replay.speed == 4
        await pass_time(pilot, launcher, 5)
        assert launcher.runner.pipeline.t_s == pytest.approx(held_s + 20, abs=0.5)
        await pilot.press("plus", "plus", "plus", "plus")
        assert replay.speed is None
        assert "max" in text_of(app.screen.query_one("#seek"))
        await pilot.press(*["minus"] * 10)
        assert replay.speed == 0.25


async def test_a_replay_ends_in_its_summary():
    launcher = FakeLauncher(strokes(9.3), wave(10))
    app = PalmpaceApp(launcher, fps=0, start=Choice("replay", path=Path("x.mcap")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 11)
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)


async def test_a_damaged_recording_ends_in_a_summary_that_says_so():
    def damaged():
        yield from wave(5)
        raise RecordingError("x.mcap is damaged: the rest cannot be read")

    launcher = FakeLauncher(strokes(9.3), damaged())
    app = PalmpaceApp(launcher, fps=0, start=Choice("replay", path=Path("x.mcap")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 6)
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert "x.mcap is damaged" in text_of(app.screen.query_one("#notes"))


async def test_quitting_in_the_middle_lets_go_of_everything():
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
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
        (LiveScreen, keys.LIVE),
        (ReplayScreen, keys.REPLAY),
        (SummaryScreen, keys.SUMMARY),
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
    app = PalmpaceApp(launcher, fps=0, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 5)
        assert "which wrist is one on? press l or r" in text_of(app.screen.query_one(Cue))
        await pass_time(pilot, launcher, 15)
        assert "which wrist" not in text_of(app.screen.query_one(Cue)), "the coach is heard again"
        assert {"l", "r"} <= app.screen.active_bindings.keys()
        await pilot.press("r")
        await pass_time(pilot, launcher, 2)
        assert "which wrist" not in text_of(app.screen.query_one(Cue))
        assert not {"l", "r"} & app.screen.active_bindings.keys()
        link = text_of(app.screen.query_one(Link))
        assert "right: one" in link
        assert "left: two" in link


async def test_what_to_type_into_the_app_is_shown_until_something_is_heard():
    launcher = FakeLauncher(messages=iter(()))
    app = PalmpaceApp(launcher, fps=0, start=Choice("device", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 3)
        card = text_of(app.screen.query_one(Waiting))
        access = CONNECTION.access
        for word in ("192.168.1.20", "1883", "palmpace/left", access.user, access.password, "mqtts://", "doctor"):
            assert word in card


async def test_where_the_link_has_no_room_a_notice_passes_in_the_coachs_place():
    launcher = FakeLauncher(strokes(9.3), wave(30, 9.3))
    app = PalmpaceApp(launcher, fps=0, start=SLOW)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 3)
        assert "left: taken as m/s2, gravity included" in text_of(app.screen.query_one(Cue))
        await pass_time(pilot, launcher, 12)
        assert "taken as" not in text_of(app.screen.query_one(Cue))
