from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from past import ToldWeeks, record
from shelves import OneScreen, at_rest, text_of

from journal.store import HistoryError
from tui.screens.history import HistoryScreen, told
from tui.widgets.calendar import Calendar, monday_of

SIZE = (80, 24)
TODAY = date(2026, 11, 22)
"""A Sunday: the last day of its week."""
LABEL = 4
SORE = record(
    "2026-11-22 14:03",
    "sore-back",
    33 + 1 / 3,
    in_band=0.7,
    areas=("lower back", "shoulders", "lower back"),
    spots=[("left shoulder", 6, None)],
    marks=("pop", ""),
    pains=[(4, "left shoulder")],
    score=85,
)
PAST = (
    record("2026-11-15 08:00", minutes=12),
    record("2026-11-16 08:00", minutes=5),
    record("2026-11-20 12:00", "a-routine-of-a-very-long-name", minutes=1),
    record("2026-11-22 08:00", minutes=11 + 2 / 3, felt=(6, 3)),
    SORE,
)
"""This week 45 and 5 minutes on two days, last week 12."""


def said(app, where: str) -> str:
    return text_of(app.shown.query_one(where))


def cell(app, day: date) -> str:
    """A day of the calendar with its brackets."""
    calendar = app.shown.query_one(Calendar)
    column = calendar.weeks.index(monday_of(day))
    line = text_of(calendar).splitlines()[1 + day.weekday()]
    at = LABEL + 3 * column
    return line[at : at + 4]


def history(*records, today=TODAY, **known) -> OneScreen:
    return OneScreen(HistoryScreen(ToldWeeks(*records, **known), today))


async def test_days_are_shaded_by_their_minutes_and_the_chosen_one_is_told():
    app = history(*PAST, failed={"x": "cut off"})
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert said(app, "#title").split("   ")[1:3] == ["5 sessions", "1 recording cannot be read"]
        assert cell(app, TODAY) == "[██]"
        assert cell(app, date(2026, 11, 16)).strip() == "░░"
        assert cell(app, date(2026, 11, 15))[1:3] == "▒▒"
        assert cell(app, date(2026, 11, 18))[1:3] == "··"
        day = said(app, "#day").splitlines()
        assert day[0].split() == ["Sun", "22", "Nov", "2026", "today", "2", "sessions", "45", "min"]
        assert day[2].split() == ["08:00", "free", "11:40", "—", "—", "6", "→", "3"]
        assert day[3].split() == ["14:03", "sore-back", "33:20", "85/100", "70", "%", "—"]
        assert day[4].strip() == "lower back; shoulders   ! pain 4 left shoulder"
        assert day[5].strip() == "left shoulder 6 → —   ◆ pop, mark"
        totals = [line.split() for line in said(app, "#totals").splitlines()]
        assert totals[1:] == [["this", "week", "4", "51", "3"], ["last", "week", "1", "12", "1"]]
        await pilot.press("down", "right")
        assert said(app, "#day").startswith("Sun 22 Nov"), "the future has no sessions"
        await pilot.press("up")
        assert cell(app, TODAY)[1:] == "██)"
        assert cell(app, date(2026, 11, 21)) == "[··]"
        assert "No session on this day." in said(app, "#day")
        await pilot.press("up")
        assert "a-routine-of-a-very-l…" in said(app, "#day")
        await pilot.press("enter", "r", "d", "q")
        assert app.gone == [("recordings", "2026-11-20"), ("recordings", ""), ("today", ""), ("home", "")]


async def test_what_is_known_shows_while_the_rest_is_read():
    app = history()
    screen, told_now = app.shown, ToldWeeks(*PAST, notice="[/x] was damaged").known
    screen.look = lambda: None
    async with app.run_test(size=SIZE) as pilot:
        assert "Looking at the recordings" in said(app, "#day")
        screen.post_message(screen.Told(replace(told_now, left=1200)))
        await pilot.pause()
        assert "reading: 1,200 to go" in said(app, "#title")
        assert cell(app, TODAY) == "[██]"
        screen.post_message(screen.Told(told_now))
        await pilot.pause()
        assert "to go" not in said(app, "#title")
        assert [each.message for each in app._notifications] == ["[/x] was damaged"]  # once
        screen.post_message(screen.Told(replace(told_now, records=())))
        await pilot.pause()
        assert "No sessions yet: start one at home." in said(app, "#day")
        assert "recordings alone." in said(app, "#day"), "however many lines that takes"


async def test_a_history_that_cannot_be_used_says_why(monkeypatch):
    app = history()

    def fails(*_: object) -> None:
        raise HistoryError("cannot use history.sqlite: disk full")

    monkeypatch.setattr(app.shown.weeks, "follow", fails)
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert "cannot use history.sqlite: disk full" in said(app, "#day")


async def test_the_strip_follows_into_the_past_and_a_click_picks_a_day_that_has_been():
    app = history(*PAST, today=date(2026, 11, 20))
    async with app.run_test(size=(36, 24)) as pilot:
        await at_rest(pilot)
        calendar = app.shown.query_one(Calendar)
        last = LABEL + 3 * len(calendar.weeks) - 2
        await pilot.click(Calendar, offset=(last, 1))
        assert app.shown.chosen == date(2026, 11, 16)
        for nowhere in ((last, 6), (1, 1), (last, 0)):  # tomorrow, a day's name, a month's
            await pilot.click(Calendar, offset=nowhere)
            assert app.shown.chosen == date(2026, 11, 16)
        weeks = calendar.weeks
        await pilot.press(*["left"] * len(weeks))
        assert calendar.weeks == [monday - timedelta(weeks=1) for monday in weeks]
        await pilot.press("right")
        assert calendar.weeks[-1] == weeks[-2], "it stands still while the day is on it"


async def test_where_there_is_room_weeks_are_bars_and_months_stand_above():
    app = history(*PAST)
    async with app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        calendar = app.shown.query_one(Calendar)
        lines = text_of(calendar).splitlines()
        assert [line[:3] for line in lines[1:8]] == ["Mon", "   ", "Wed", "   ", "Fri", "   ", "Sun"]
        november = lines[0].rindex("Nov")
        assert calendar.weeks[(november - LABEL) // 3] == date(2026, 10, 26)  # holds the 1st
        at = LABEL + 3 * len(calendar.weeks) - 2
        bars = [line[at : at + 2] for line in lines[11:]]
        assert lines[11].startswith("51")
        assert bars == ["██"] * len(bars)
        assert [line[at - 3] for line in lines[11:]].count("█") == 1  # 12 of 51 in 7 rows
        await pilot.resize_terminal(200, 60)
        await pilot.pause()
        assert "Jan 2026" in text_of(calendar)
        assert len(calendar.weeks) == 53


@pytest.mark.parametrize(("number", "last"), [(4, "◆2"), (20, "more: Enter lists them")])
async def test_a_day_of_many_sessions_tells_less_of_each_and_how_many_there_is_no_room_for(number, last):
    app = history(*(replace_minute(minute) for minute in range(number)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        lines = said(app, "#day").rstrip().splitlines()
        shown = sum("sore-back" in line for line in lines)
        assert "!4  ◆2" in lines[2]
        assert last in lines[-1]
        assert shown == number or f"and {number - shown} more" in lines[-1]
        for size in ((20, 8), (64, 20)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.shown.query_one(Calendar).weeks[-1] == monday_of(TODAY)


def replace_minute(minute: int):
    return record(f"2026-11-22 08:{minute:02}", "sore-back", marks=("pop", "pop"), pains=[(4, ""), (2, "")])


def test_what_is_told_of_a_session_is_as_wide_as_there_is_room():
    assert told(record("2026-11-22 08:00"), 60) == []
    (line,) = told(record("2026-11-22 08:00", pains=[(3, "")], marks=("pop",)), 60)
    assert line.plain == "! pain 3   ◆ pop"
    assert [line.plain for line in told(SORE, 50)] == [
        "lower back; shoulders   ! pain 4 left shoulder",
        "left shoulder 6 → —   ◆ pop, mark",
    ]
