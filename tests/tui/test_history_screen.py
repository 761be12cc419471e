from __future__ import annotations

from datetime import date, timedelta

import pytest
from shelves import OneScreen, at_rest, recorded, text_of

from tui import keys
from tui.app import PalmpaceApp
from tui.screens.history import HistoryScreen
from tui.shelf import Details, Shelf
from tui.widgets.calendar import Calendar, monday_of

SIZE = (80, 24)
TODAY = date(2026, 11, 22)
"""A Sunday: the last day of its week."""
LABEL = 4


@pytest.fixture
def folder(tmp_path):
    """This week 45 and 5 minutes on two days, last week 12; one that only its first message dates."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    recorded(folder, "2026-11-22T14-03-05-sore-back", seconds=2000, judged_s="10", in_band_s="7")
    recorded(folder, "2026-11-22T08-00-00-free", seconds=700, feeling_before="6", feeling_after="3")
    recorded(folder, "2026-11-16T08-00-00-free", seconds=300)
    recorded(folder, "2026-11-15T08-00-00-free", seconds=720)
    recorded(folder, "from-a-friend", seconds=60)  # of the 20th
    return folder


def said(app, where: str) -> str:
    return text_of(app.shown.query_one(where))


def cell(app, day: date) -> str:
    """A day of the calendar with its brackets."""
    calendar = app.shown.query_one(Calendar)
    column = calendar.weeks.index(monday_of(day))
    line = text_of(calendar).splitlines()[1 + day.weekday()]
    at = LABEL + 3 * column
    return line[at : at + 4]


async def test_days_are_shaded_by_their_minutes(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert cell(app, TODAY) == "[██]"
        assert cell(app, date(2026, 11, 16)).strip() == "░░"
        assert cell(app, date(2026, 11, 15))[1:3] == "▒▒"
        assert cell(app, date(2026, 11, 20))[1:3] == "░░"
        assert cell(app, date(2026, 11, 18))[1:3] == "··"
        await pilot.press("up")
        assert cell(app, TODAY)[1:] == "██)"
        assert cell(app, date(2026, 11, 21)) == "[··]"


async def test_until_they_are_read_days_are_shaded_by_their_sessions(folder):
    screen = HistoryScreen(Shelf(folder), TODAY)
    screen.look = lambda: None
    app = OneScreen(screen)
    async with app.run_test(size=SIZE) as pilot:
        entries = screen.shelf.entries()
        screen.post_message(screen.Listed(entries, screen._agenda, 5))
        await pilot.pause()
        assert cell(app, TODAY) == "[▒▒]"  # two
        assert cell(app, date(2026, 11, 15))[1:3] == "░░"
        assert "5 to go" in said(app, "#title")
        assert said(app, "#totals").splitlines()[1].split() == ["this", "week", "3", "—", "2"]
        assert "2 sessions   — min" in said(app, "#day")
        screen.post_message(screen.Read(screen._agenda, {entry: Details(done_s=3000) for entry in entries}))
        await pilot.pause()
        assert cell(app, TODAY) == "[██]"
        assert "to go" not in said(app, "#title")


async def test_the_chosen_day_and_two_weeks_are_told(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        day = said(app, "#day").splitlines()
        assert day[0].split() == ["Sun", "22", "Nov", "2026", "today", "2", "sessions", "45", "min"]
        assert day[2].split() == ["08:00", "free", "11:40", "—", "6", "→", "3"]
        assert day[3].split() == ["14:03", "sore-back", "33:20", "70", "%", "—"]
        totals = [line.split() for line in said(app, "#totals").splitlines()]
        assert totals[1:] == [["this", "week", "4", "51", "3"], ["last", "week", "1", "12", "1"]]
        await pilot.press("down", "right")
        assert said(app, "#day").startswith("Sun 22 Nov"), "the future has no sessions"


async def test_arrows_go_by_day_and_week_and_enter_leads_to_the_days_recordings(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.press("left")
        assert app.shown.chosen == date(2026, 11, 15)
        await pilot.press("up", "up")
        assert app.shown.chosen == date(2026, 11, 13)
        assert "No session on this day." in said(app, "#day")
        await pilot.press("down", "right", "enter", "r", "q")
        assert app.gone == [("recordings", "2026-11-21"), ("recordings", ""), ("home", "")]


async def test_the_strip_follows_into_the_past(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        weeks = app.shown.query_one(Calendar).weeks
        await pilot.press(*["left"] * len(weeks))
        assert cell(app, TODAY - timedelta(weeks=len(weeks))) == "[··]"
        assert app.shown.query_one(Calendar).weeks == [monday - timedelta(weeks=1) for monday in weeks]
        await pilot.press("right")
        assert app.shown.query_one(Calendar).weeks[-1] == weeks[-2], "it stands still while the day is on it"


async def test_a_click_picks_a_day_that_has_been(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), date(2026, 11, 20)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        calendar = app.shown.query_one(Calendar)
        last = LABEL + 3 * len(calendar.weeks) - 2
        await pilot.click(Calendar, offset=(last, 1))
        assert app.shown.chosen == date(2026, 11, 16)
        for nowhere in ((last, 6), (1, 1), (last, 0)):  # tomorrow, a day's name, a month's
            await pilot.click(Calendar, offset=nowhere)
            assert app.shown.chosen == date(2026, 11, 16)


async def test_months_stand_above_and_monday_is_first():
    app = OneScreen(HistoryScreen(Shelf(), TODAY))
    async with app.run_test(size=(200, 60)):
        lines = text_of(app.shown.query_one(Calendar)).splitlines()
        assert "Nov" in lines[0]
        assert "Jan 2026" in lines[0]
        assert [line[:3] for line in lines[1:8]] == ["Mon", "   ", "Wed", "   ", "Fri", "   ", "Sun"]
        assert len(app.shown.query_one(Calendar).weeks) == 53
        november = lines[0].rindex("Nov")
        assert app.shown.query_one(Calendar).weeks[(november - LABEL) // 3] == date(2026, 10, 26)  # holds the 1st


async def test_where_there_is_room_weeks_are_bars(folder):
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        lines = text_of(app.shown.query_one(Calendar)).splitlines()
        at = LABEL + 3 * len(app.shown.query_one(Calendar).weeks) - 2
        bars = [line[at : at + 2] for line in lines[11:]]
        assert lines[11].startswith("51")
        assert bars == ["██"] * len(bars)
        assert [line[at - 3] for line in lines[11:]].count("█") == 1  # 12 of 51 in 7 rows


async def test_a_day_of_many_sessions_tells_how_many_there_is_no_room_for(tmp_path):
    for minute in range(20):
        recorded(tmp_path, f"2026-11-22T08-{minute:02}-00-free")
    app = OneScreen(HistoryScreen(Shelf(tmp_path), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        last = said(app, "#day").rstrip().splitlines()[-1]
        shown = said(app, "#day").count("free")
        assert f"and {20 - shown} more" in last


async def test_an_empty_history_tells_what_to_do(tmp_path):
    app = OneScreen(HistoryScreen(Shelf(tmp_path / "none"), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert "No recordings yet: start a session at home." in said(app, "#day")


@pytest.mark.parametrize("size", [(20, 8), (64, 20), (80, 24), (120, 40), (200, 60)])
async def test_any_size_shows_today(folder, size, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = OneScreen(HistoryScreen(Shelf(folder), TODAY))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert app.shown.query_one(Calendar).weeks[-1] == monday_of(TODAY)
        app.export_screenshot()


def test_every_key_has_its_action_and_no_two_share_a_key():
    for key in keys.HISTORY:
        owner = PalmpaceApp if key.action.startswith("app.") else HistoryScreen
        assert hasattr(owner, f"action_{key.action.removeprefix('app.').partition('(')[0]}"), key
    pressed = [name for key in keys.HISTORY for name in key.keys.split(",")]
    assert len(pressed) == len(set(pressed))
