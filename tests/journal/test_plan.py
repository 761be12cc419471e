from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from kept import record, step

from journal.plan import Goal, Plan, PlanError, Progress, goal_from, load_plan, plan_path, progress, save_plan
from journal.record import Record
from tracker.routine import Often

TODAY = date(2026, 11, 25)  # a Wednesday
PRESS = goal_from(
    "trigger-press",
    "Trigger press",
    Often(times_a_day=5, weeks=2, source='"five or six times a day"', evidence=3),
    since=date(2026, 11, 20),
)
TWICE = Goal(routine="sore-back", times_a_week=2)


def done(day: int, routine: str = "sore-back", **fields: object) -> Record:
    return record(f"2026-11-{day:02}T08:00:00", routine, **fields)


def test_today_counts_for_a_day_and_monday_to_today_for_a_week() -> None:
    records = [
        *(done(day) for day in (22, 23, 25, 26)),  # Sunday, Monday, today, and a clock that was wrong
        *(done(day, "trigger-press", title="Press") for day in (24, 25, 25)),
    ]
    press, twice = progress(Plan(goal=(PRESS, TWICE)), records, TODAY)
    assert press == Progress(
        routine="trigger-press",
        title="Trigger press",
        done=2,
        wanted=5,
        per="day",
        week_of=1,
        weeks=2,
        source='"five or six times a day"',
        evidence=3,
        tradition=True,
    )
    assert (twice.title, twice.done, twice.wanted, twice.per, twice.week_of) == ("sore-back", 2, 2, "week", None)
    assert (press.reached, twice.reached, twice.tradition) == (False, True, False)


def test_weeks_go_by_and_are_over() -> None:
    def week_of(goal: Goal, day: date) -> tuple[int | None, bool]:
        (told,) = progress(Plan(goal=(goal,)), [], day)
        return told.week_of, told.over

    friday = date(2026, 11, 20)
    daily = Goal(routine="trigger-press", times_a_day=5, weeks=2, since=friday)
    assert week_of(daily, date(2026, 11, 1)) == (1, False)
    assert week_of(daily, friday + timedelta(days=6)) == (1, False)
    assert week_of(daily, friday + timedelta(days=13)) == (2, False)
    assert week_of(daily, friday + timedelta(days=14)) == (3, True)
    weekly = Goal(routine="sore-back", times_a_week=2, weeks=2, since=friday)
    assert week_of(weekly, friday) == (1, False)
    assert week_of(weekly, date(2026, 11, 23)) == (2, False)  # a week begins on Monday
    assert week_of(weekly, date(2026, 11, 30)) == (3, True)


@pytest.mark.parametrize(
    ("seconds", "ended", "counted"),
    [(59.0, "ended by you", 0), (60.0, "ended by you", 1), (20.0, "all steps done", 1), (0.0, "", 0)],
)
def test_what_was_hardly_begun_does_not_count(seconds: float, ended: str, counted: int) -> None:
    session = done(25, steps=(step(seconds=seconds),), ended=ended)
    assert progress(Plan(goal=(TWICE,)), [session], TODAY)[0].done == counted


def test_a_routine_has_one_goal() -> None:
    more = Goal(routine="sore-back", times_a_day=1)
    plan = Plan().with_goal(TWICE).with_goal(PRESS).with_goal(more)
    assert plan.goal == (more, PRESS)
    assert plan.without("sore-back").goal == (PRESS,)


def test_it_is_written_and_read_back(config_folder: Path) -> None:
    assert load_plan() == Plan()
    plan = Plan(goal=(PRESS, TWICE))
    save_plan(plan)
    assert load_plan() == plan
    assert plan_path() == config_folder / "plan.toml"
    assert [path.name for path in config_folder.iterdir()] == ["plan.toml"]
    save_plan(Plan())
    assert load_plan() == Plan()


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("[[goal]]\nroutine = 'a'\n", "goal 1: give either times_a_day or times_a_week"),
        ("[[goal]]\nroutine = 'a'\ntimes_a_day = 2\ntimes_a_wek = 3\n", "goal 1: unknown key `times_a_wek`"),
        ("[[goal]]\nroutine = 'a'\ntimes_a_day = 0\n", "goal 1, times_a_day"),
        ("[[goal]]\nroutine = 'a'\ntimes_a_day = 2\nweeks = 3\n", "weeks needs since"),
        (2 * "[[goal]]\nroutine = 'a'\ntimes_a_day = 2\n", "'a' has more than one goal"),
        ("[[goal]]\nroutine = '../a'\ntimes_a_day = 2\n", "goal 1, routine"),
        ("goal = ", "not TOML"),
    ],
)
def test_a_mistake_in_it_names_the_key(tmp_path: Path, text: str, say: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(PlanError) as error:
        load_plan(path)
    assert str(error.value).startswith(f"{path}: ")
    assert say in str(error.value)
    assert "\n" not in str(error.value)


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PlanError, match="cannot write"):
        save_plan(Plan(), tmp_path / "file" / "plan.toml")
    with pytest.raises(PlanError, match="cannot read"):
        load_plan(tmp_path)
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PlanError, match="is not UTF-8 text"):
        load_plan(tmp_path / "plan.toml")
