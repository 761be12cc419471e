"""What the history has is told at once, then what it is brought up to."""

from __future__ import annotations

from datetime import date

from past import kept, record
from shelves import cut_off, recorded

from journal.plan import Goal, Plan, plan_path, save_plan
from tui.weeks import TOLD_EVERY_S, Known, Weeks

EVENING = record("2026-11-21 18:00", "sore-back", 8, in_band=0.5, areas=("lower back",), marks=("pop",))


def follow(weeks: Weeks, **said: object) -> list[Known]:
    told: list[Known] = []
    weeks.follow(told.append, **said)
    return told


def test_what_is_known_is_told_at_once_and_again_when_all_is_read(data_folder):
    folder = data_folder / "recordings"
    folder.mkdir(parents=True)
    kept(folder, EVENING)
    cut_off(recorded(folder, "2026-11-20T18-00-00-free"))
    first, last = follow(Weeks())
    assert (first.records, first.left) == ([], None)
    (read,) = last.records
    assert (read.name, read.steps, read.marks) == (EVENING.name, EVENING.steps, EVENING.marks)
    assert list(last.failed) == ["2026-11-20T18-00-00-free"]
    assert last.left == 0
    kept(folder, record("2026-11-22 08:00"))
    first, last = follow(Weeks(), since=date(2026, 11, 22))
    assert first.records == []
    assert [each.name for each in last.records] == ["2026-11-22T08-00-00-free"]


def test_it_is_told_on_the_way_but_not_too_often_and_no_more_once_nobody_listens(tmp_path):
    for minute in range(8):
        kept(tmp_path, record(f"2026-11-21 18:{minute:02}"))
    ticks = iter(TOLD_EVERY_S * n for n in range(100))  # to look at all takes as long as to read one
    told = follow(Weeks(tmp_path / "history.sqlite", tmp_path), clock_s=lambda: next(ticks))
    assert [known.left for known in told] == [None, 4, 0, 0]
    (tmp_path / "history.sqlite").unlink()
    (only,) = follow(Weeks(tmp_path / "history.sqlite", tmp_path), stopped=lambda: True)
    assert only.left is None


def test_a_damaged_history_is_told_and_made_again(tmp_path):
    kept(tmp_path, EVENING)
    (tmp_path / "history.sqlite").write_bytes(b"no database at all" * 100)
    first, last = follow(Weeks(tmp_path / "history.sqlite", tmp_path))
    assert "history.sqlite was damaged and is now history.sqlite.damaged" in first.notice
    assert last.notice == first.notice
    assert [each.name for each in last.records] == [EVENING.name]


def test_a_plan_that_cannot_be_read_takes_nothing_from_the_history(tmp_path):
    weeks = Weeks(tmp_path / "history.sqlite", tmp_path)
    kept(tmp_path, EVENING)
    assert not weeks.planned()
    save_plan(Plan(goal=(Goal(routine="sore-back", times_a_week=2),)))
    assert weeks.planned()
    assert follow(weeks)[-1].plan.goal[0].routine == "sore-back"
    plan_path().write_text("[[goal]]\nroutine = 3\n")
    assert not weeks.planned()
    last = follow(weeks)[-1]
    assert "plan.toml" in last.plan_error
    assert len(last.records) == 1
    assert last.plan == Plan()
