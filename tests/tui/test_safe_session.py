"""Pain, marks, offers and releases at the screen; what is told before the first session, and the limits."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from drawn import seen
from msgspec import structs
from scripted import STILL, FakeLauncher, Script, circles, opened, pass_time, still, strokes, wave

from journal.record import Record
from journal.store import Journal
from tracker.events import MarkEvent, StepResult
from tracker.routine import Routine, load_shipped
from tracker.safety import PAIN_ADVICE, Safety
from tracker.session import Status
from tui.app import PalmpaceApp
from tui.cautions import cautions_text
from tui.choices import Choice
from tui.cli import run
from tui.config import ConfigError, load_config
from tui.launch import _about_today
from tui.memory import Memory
from tui.screens.cautions import CautionsScreen
from tui.screens.feeling import FeelingScreen
from tui.screens.home import HomeScreen
from tui.screens.live import LiveScreen
from tui.screens.pain import AdviceScreen
from tui.screens.replay import ReplayScreen
from tui.screens.spots import SpotScreen
from tui.screens.summary import SummaryScreen
from tui.widgets.cue import Cue
from tui.widgets.gauge import Gauge
from tui.widgets.rate import Rate
from tui.widgets.steps import Steps

SIZE = (80, 24)
DONE = {
    "step": 1,
    "name": "Strokes",
    "right_s": 20.0,
    "cycles": 5.0,
    "cw": 0.0,
    "ccw": 0.0,
    "judged_s": 0.0,
    "in_band_s": 0.0,
    "below_s": 0.0,
    "above_s": 0.0,
    "cues": 0,
    "period_cv": None,
}


class One(FakeLauncher):
    """Opens one routine."""

    def __init__(self, routine: Routine, script: Script) -> None:
        super().__init__(script)
        self._routine = routine
        self.start = Choice("simulated", routine.name)

    def routines(self) -> list[Routine]:
        return [self._routine]


def only(name: str, **changed: object) -> Routine:
    """A shipped routine's first step alone."""
    routine = load_shipped(name)
    return structs.replace(routine, step=(structs.replace(routine.step[0], **changed),))


async def test_pain_stops_at_once_and_then_asks_and_goes_on_easier_or_ends() -> None:
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "palm-circling"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        session = launcher.runner.pipeline
        await pilot.press("exclamation_mark")
        assert session.session.paused_by == "pain"
        assert isinstance(app.screen, FeelingScreen)
        assert "How much does it hurt?" in seen(pilot.app)

        await pilot.press("escape")
        assert isinstance(app.screen, LiveScreen)
        assert session.session.paused_by == "pain"
        assert app.screen.query_one(Cue).said.word == "ease off"
        await pilot.press("space")
        await pass_time(pilot, launcher, 0.5)
        assert session.session.status is Status.RUNNING
        assert session.pains == []

        await pilot.press("exclamation_mark", "3", "enter")
        assert isinstance(app.screen, SpotScreen)
        assert "▶ g  lower back" in seen(pilot.app), "where the step works"
        await pass_time(pilot, launcher, 2)
        await pilot.press("c", "left", "enter")
        await pass_time(pilot, launcher, 1)
        assert [(pain.value, pain.area, pain.ended) for pain in session.pains] == [(3, "left shoulder", False)]
        assert session.session.status is Status.RUNNING
        said = app.screen.query_one(Cue).said
        assert (said.word, said.tone) == ("easier", "good")
        assert said.line == "after pain 3 of 10 at left shoulder: 12-32 from here on"
        assert app.screen.query_one(Gauge).band == (12.0, 32.0)
        assert app.screen.query_one(Steps).place.left_of.endswith(", easier")

        await pilot.press("exclamation_mark", "7", "enter", "escape")
        await pilot.pause()
        assert isinstance(app.screen, AdviceScreen)
        assert PAIN_ADVICE[:30] in seen(pilot.app)
        await pilot.press("enter")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        shown = seen(pilot.app)
        assert "pain 7 of 10" in shown
        assert "made easier" in shown
        assert "worked lower back" in shown
        assert PAIN_ADVICE[:30] in shown
        assert "a walk" not in shown
        assert "0:12   pain 3 of 10 at left shoulder" in str(app.screen.query_one("#marks").render())


async def test_a_page_over_the_session_is_no_reason_to_wait_with_pain() -> None:
    launcher = FakeLauncher(circles(30))
    app = PalmpaceApp(launcher, settings=STILL)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w", "exclamation_mark")
        assert isinstance(app.screen, CautionsScreen), "no session runs"
        await pilot.press("escape")
        app.open(Choice("simulated", "palm-circling"))
        await opened(pilot)
        for pages in (["question_mark"], ["w"], ["w", "question_mark"]):
            await pass_time(pilot, launcher, 5)
            await pilot.press(*pages)
            assert not isinstance(app.screen, LiveScreen)
            await pilot.press("exclamation_mark")
            assert launcher.runner.pipeline.session.paused_by == "pain"
            assert isinstance(app.screen, FeelingScreen)
            await pilot.press("escape", "space")
            assert isinstance(app.screen, LiveScreen)
            assert launcher.runner.pipeline.session.status is Status.RUNNING


async def test_a_mark_takes_its_moment_at_once_and_its_words_while_the_session_goes_on() -> None:
    launcher = FakeLauncher(strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "slow-strokes"))

    def marks() -> list[tuple[float, str]]:
        return [(round(mark.t_s, 1), mark.text) for mark in launcher.runner.pipeline.marks]

    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 20)
        await pilot.press("m")
        await pilot.pause()
        assert "p pop  g good pain  w own words  enter just the mark" in seen(pilot.app)
        before = app.screen.query_one(Steps).place.left
        await pass_time(pilot, launcher, 3)
        assert app.screen.query_one(Steps).place.left != before, "it goes on, and is shown"
        assert marks() == []
        await pilot.press("g")
        await pilot.pause()
        assert marks() == [(20.0, "good pain")]
        assert "✎ marked at 0:20: good pain" in seen(pilot.app)
        assert app.focused is None

        await pilot.press("m")
        await pass_time(pilot, launcher, 8)
        assert marks()[1:] == [(23.0, "")], "nothing said is just the mark"

        await pilot.press("m", "w")
        await pilot.pause()
        await pilot.press(*"crack")
        await pass_time(pilot, launcher, 20)
        await pilot.press("enter")
        await pilot.pause()
        assert marks()[2:] == [(31.0, "crack")]

        await pilot.press("m", "w")
        await pilot.pause()
        await pilot.press(*"ouch", "exclamation_mark")
        assert marks()[3:] == [(51.0, "")], "the key for pain is no word, and does not wait for one"
        assert isinstance(app.screen, FeelingScreen)
        await pilot.press("escape", "m", "p", "m", "q")
        await opened(pilot)
        assert [text for _, text in marks()[4:]] == ["pop", ""]
        assert isinstance(app.screen, SummaryScreen)
        assert "0:31   crack" in str(app.screen.query_one("#marks").render())


async def test_a_mark_just_before_the_end_is_not_lost() -> None:
    launcher = One(only("slow-strokes", seconds=20.0), strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=launcher.start)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 17)
        await pilot.press("m")
        await pass_time(pilot, launcher, 6)
        assert launcher.runner.done
        assert launcher.runner.pipeline.summary().marks == [MarkEvent(t_s=pytest.approx(17.0), text="")]


async def test_a_mark_is_kept_when_the_last_step_is_left_before_it_has_words() -> None:
    launcher = One(only("slow-strokes"), strokes(9.3))
    app = PalmpaceApp(launcher, settings=STILL, start=launcher.start)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 10)
        await pilot.press("m", "n")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert [round(mark.t_s, 1) for mark in launcher.runner.pipeline.marks] == [10.0]


async def test_who_cannot_keep_the_band_is_offered_an_easier_one_and_takes_it_with_a_key() -> None:
    launcher = FakeLauncher(strokes(19), wave(120, 19))
    app = PalmpaceApp(launcher, settings=STILL, start=Choice("simulated", "slow-strokes"))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 30)
        assert "e" not in app.screen.active_bindings
        await pass_time(pilot, launcher, 40)
        low, high = launcher.runner.pipeline.session.coach.offer
        said = app.screen.query_one(Cue).said
        assert (said.word, said.line) == ("easier?", f"{low:g}-{high:g} would do: press e")
        assert "e" in app.screen.active_bindings
        await pilot.press("e")
        await pilot.pause()
        assert launcher.runner.pipeline.session.now.band == (low, high)
        assert app.screen.query_one(Cue).said[:2] == ("easier", f"{low:g}-{high:g} from here on")
        assert "e" not in app.screen.active_bindings
        await pilot.press("m")
    assert len(launcher.runner.pipeline.marks) == 1, "leaving the program does not lose it"


async def test_a_still_step_counts_while_still_and_ends_with_the_key_when_the_spot_lets_go() -> None:
    launcher = One(only("trigger-press"), still)
    app = PalmpaceApp(launcher, settings=STILL, start=launcher.start)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pass_time(pilot, launcher, 20)
        rate = app.screen.query_one(Rate)
        assert (rate.pace, rate.unit, rate.in_band) == ("1:11", "to hold", True)
        assert "still: the time runs" in seen(pilot.app)
        assert "press x when the spot lets go" in seen(pilot.app)
        launcher.runner.pipeline.follow(strokes(20))
        await pass_time(pilot, launcher, 5)
        assert app.screen.query_one(Cue).said[:2] == ("hold still", "the time counts only while you do")
        assert (rate.pace, rate.in_band) == ("1:11", False)
        assert "moving: the time waits" in seen(pilot.app)
        await pilot.press("x")
        await opened(pilot)
        assert isinstance(app.screen, SummaryScreen)
        assert "released after 0:20" in seen(pilot.app)


async def test_what_to_know_is_told_before_the_first_session_and_never_again_but_by_key(tmp_path: Path) -> None:
    for first, start, after in ((True, Choice("simulated", "slow-strokes"), LiveScreen), (False, None, HomeScreen)):
        memory = Memory(tmp_path / "remembered.json")
        app = PalmpaceApp(FakeLauncher(still), settings=STILL, memory=memory, start=start)
        async with app.run_test(size=SIZE) as pilot:
            await opened(pilot)
            assert isinstance(app.screen, CautionsScreen) == first
            if first:
                assert "severe osteoporosis" in seen(pilot.app)
                assert "no therapy" in seen(pilot.app)
                await pilot.press("enter")
                await opened(pilot)
            assert isinstance(app.screen, after)
            await pilot.press("w")
            assert isinstance(app.screen, CautionsScreen)
            await pilot.press("escape")
            assert isinstance(app.screen, after)


async def test_who_only_looks_back_is_told_nothing() -> None:
    memory = Memory()
    app = PalmpaceApp(FakeLauncher(still), settings=STILL, memory=memory, start=Choice("replay", path=Path("x")))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert isinstance(app.screen, ReplayScreen)
        assert not memory.kept.cautions


def test_the_command_line_tells_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cautions"]) == 0
    told = capsys.readouterr().out
    assert told == f"{cautions_text()}\n"
    for word in ("thrombosis", "fracture", "open wounds", "burns", "varicose", "fever", "osteoporosis", "thinners"):
        assert word in told


def test_one_more_session_than_is_enough_is_told_of_once() -> None:
    told = []
    long, short = (StepResult(**(DONE | {"seconds": seconds})) for seconds in (120.0, 20.0))
    for number in range(5):
        told.append([notice.text for notice in _about_today(Safety(sessions_a_day=3), date(2026, 11, 22))])
        with Journal.open() as journal:
            for day, step, wrist in ((21, long, False), (22, long, False), (22, short, False), (22, long, True)):
                name = f"{day} {number} {step.seconds} {wrist}"
                began = datetime(2026, 11, day, 10 + number)  # noqa: DTZ001 - names tell local time
                record = Record(name=name, began=began, length_s=130.0, routine="free", steps=(step,), simulated=wrist)
                journal.put(record, 1, 1)
    assert told == [[], [], [], ["3 sessions a day are enough; a spot needs its rest too"], []]


def test_the_limits_are_a_person_s_own(config_folder: Path) -> None:
    config_folder.mkdir(parents=True)
    path = config_folder / "config.toml"
    path.write_text("[safety]\npain_ends_at = 3\nminutes_at_a_spot = 2.5\n")
    assert load_config().safety == Safety(pain_ends_at=3, minutes_at_a_spot=2.5)
    path.write_text("[safety]\npain_ends_at = 11\n")
    with pytest.raises(ConfigError, match="pain_ends_at"):
        load_config()
