from __future__ import annotations

from datetime import date, timedelta

import pytest
from past import ToldWeeks, record
from shelves import OneScreen, at_rest, text_of

from journal.diary import diary
from journal.plan import Goal, Progress, load_plan, plan_path
from tracker.routine import Often, load_shipped
from tui import words
from tui.choices import Choice
from tui.memory import Remembered
from tui.screens.home import HomeScreen, plan_words
from tui.screens.today import TodayScreen, goal_lines, spot_lines
from tui.widgets import tenderness
from tui.widgets.body import BodyMap
from tui.widgets.pips import pips

SIZE = (80, 24)
TODAY = date(2026, 11, 23)
PRESS = Goal(
    routine="trigger-press",
    title="Trigger points, pressed",
    times_a_day=5,
    weeks=2,
    since=TODAY - timedelta(weeks=1),
    source="three to five minutes, five or six times a day",
    evidence=3,
)
OFTEN = Goal(routine="sore-back", times_a_week=2)
SHOULDER, BACK = "left shoulder", "lower back"
PAST = (
    *(
        record(f"{TODAY - timedelta(days=ago)} 08:00", "trigger-press", 5, spots=[(SHOULDER, before, before - 2)])
        for ago, before in ((20, 6), (12, 6), (9, 6), (6, 7), (3, 6), (1, 6))
    ),
    record(f"{TODAY} 08:00", "trigger-press", 4, spots=[(SHOULDER, 6, 3)]),
    record(f"{TODAY} 12:00", "trigger-press", 4, spots=[(BACK, None, 2)]),
)
ROUTINES = [load_shipped(name) for name in ("slow-strokes", "trigger-press", "twenty-minutes")]


def page(app) -> str:
    return text_of(app.shown.query_one("#page"))


def today(weeks: ToldWeeks) -> OneScreen:
    return OneScreen(TodayScreen(weeks, TODAY, ROUTINES))


async def test_the_plan_and_the_diary_stand_below_each_other_and_each_can_be_chosen():
    app = today(ToldWeeks(*PAST, goals=[PRESS, OFTEN], left=3))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert "reading: 3 to go" in text_of(app.shown.query_one("#title"))
        lines = page(app).splitlines()
        assert lines[1].startswith("▶ Trigger points, pressed")
        assert lines[1].rstrip().endswith("2 of 5 today")
        assert lines[1].count("⣴⣿⣿⣦") == 2
        assert lines[1].count("⡴⠋⠙⢦") == 3
        assert lines[2].strip().startswith("week 2 of 2")
        assert lines[3].strip() == "tradition: three to five minutes, five or six times a day"
        assert lines[4].startswith("  sore-back")
        assert "0 of 2 this week" in lines[4]
        assert lines[5].strip().startswith("your own goal")
        assert f"  {SHOULDER}   no clear change   since 3 Nov" in page(app)
        assert "tender for 20 days and not getting better: have a professional look at it" in page(app)
        await pilot.press("enter", "down", "down", "enter", "d")
        assert app.opened == [Choice("device", "trigger-press")], "a spot is neither started nor removed"
        assert f"▶ {SHOULDER}" in page(app)
        await pilot.press("down", "down", "h", "q")
        assert f"▶ {BACK}   too early to tell" in page(app)
        assert app.gone == [("history", ""), ("home", "")]
        assert not app.shown.query_one(BodyMap).display
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        body = app.shown.query_one(BodyMap)
        assert (body.display, body.now, body.done) == (True, BACK, (SHOULDER, BACK))
        await pilot.click("#page", offset=(5, 2))
        assert "▶ Trigger points, pressed" in page(app)
        await pilot.resize_terminal(44, 14)
        await pilot.press("down", "down")
        scroll = app.shown.query_one("#scroll")
        (row,) = [y for y, line in enumerate(page(app).splitlines()) if line.startswith("▶")]
        assert scroll.scroll_offset.y <= row < scroll.scroll_offset.y + scroll.size.height


async def test_goals_are_added_and_removed_and_the_plan_is_kept():
    app = today(weeks := ToldWeeks())
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert "No plan yet. Press a" in page(app)
        assert "No spots yet." in page(app)
        await pilot.press("a")
        offered = text_of(app.screen.query_one("#offer"))
        assert "5 times a day, for 2 weeks" in offered
        assert "slow-strokes" not in offered, "it does not say how often"
        await pilot.press("escape", "a", "down", "enter")
        await at_rest(pilot)
        (goal,) = load_plan().goal
        assert (goal.routine, goal.times_a_week, goal.weeks, goal.since) == ("twenty-minutes", 2, 8, TODAY)
        weeks.known = ToldWeeks(goals=[goal, PRESS]).known
        app.shown.look()
        await at_rest(pilot)
        await pilot.press("a")
        assert "palmpace plan takes others" in text_of(app.shown.query_one("#said"))
        await pilot.press("d")
        assert "Take Twenty minutes" in text_of(app.screen.query_one("#question"))
        await pilot.press("y")
        await at_rest(pilot)
        assert load_plan().goal == ()
        plan_path().write_text("goal = 3\n")
        await pilot.press("d", "y")
        await at_rest(pilot)
        assert app.shown.query_one("#said").has_class("error")


def test_a_goal_is_drawn_to_its_width():
    goal = Progress("r", "A routine with a very long title indeed", 3, 2, "week", 9, 8, "n = 40", 1)
    for columns in (76, 50, 20):
        lines = [line.plain for line in goal_lines(goal, columns)]
        assert "✓ 3 of 2 this week" in lines[0]
        assert lines[2] == "trial or measurement: n = 40"
    assert "its 8 weeks are over" in goal_lines(goal, 76)[1].plain
    assert [line.plain for line in pips(3, 12, 24)] == ["● ● ● " + "○ " * 9, ""]
    assert [line.plain for line in pips(3, 12, 23)] == ["", ""]


@pytest.mark.parametrize(
    ("often", "said"),
    [
        (Often(times_a_day=5, weeks=2, source="s", evidence=3), "5 times a day, for 2 weeks"),
        (Often(times_a_day=1, source="s", evidence=3), "once a day"),
        (Often(times_a_week=2, weeks=1, source="s", evidence=3), "twice a week, for 1 week"),
    ],
)
def test_how_often_is_said_in_words(often, said):
    assert words.often(often) == said


def test_evidence_is_said_in_words_and_once():
    assert words.sourced("n = 40", 1) == "trial or measurement: n = 40"
    assert words.sourced("page 12", 2) == "textbook or review: page 12"
    assert words.sourced("Tradition: five times", 3) == "Tradition: five times"
    assert words.sourced("", 3) == "tradition"


def test_bars_stand_for_days_and_nothing_said_is_not_nothing_felt():
    felt = {TODAY: (10, 5), TODAY - timedelta(days=2): (0, None), TODAY - timedelta(days=14): (9, 9)}
    above, below = (line.plain for line in tenderness.bars(felt, TODAY, 2))
    assert len(above) == len(below) == tenderness.COLUMNS
    assert above.rstrip() == " " * 40 + "█"
    assert below == " ┄┄" * 11 + " ▁ " + " ┄┄" + " ██"


def test_a_spot_is_told_in_words_where_bars_have_no_room():
    easing = [record(f"2026-11-{day} 08:00", spots=[(SHOULDER, 26 - day, 1)]) for day in range(17, 23)]
    (spot,) = diary(easing, TODAY)
    assert [line.plain for line in spot_lines(spot, TODAY, 40, 2)] == [
        "left shoulder   easing, by 7.0 a week   since 17 Nov",
        "4 → 1   22 Nov",
    ]
    assert len(spot_lines(spot, TODAY, 70, 4)) == 5


def test_the_plan_in_a_line():
    assert plan_words([]).plain == ""
    goals = [Progress("a", "A", 2, 5, "day"), Progress("b", "B", 1, 2, "week")]
    assert plan_words(goals).plain == "today: a 2 of 5 · b 1 of 2 this week"


async def test_home_tells_the_plan_in_a_line_where_there_is_one():
    weeks = ToldWeeks(*PAST, goals=[PRESS, OFTEN])
    app = OneScreen(HomeScreen(ROUTINES, [], remembered=Remembered(kind="device"), weeks=weeks, today=TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert text_of(app.shown.query_one("#today")).strip() == (
            "today: trigger-press 2 of 5 · sore-back 0 of 2 this week"
        )
