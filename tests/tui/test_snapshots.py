"""How the screens look, as pictures. After a wanted change: pytest tests/tui/test_snapshots.py --snapshot-update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from past import kept_words, record
from pytest_textual_snapshot import SVGImageExtension
from scripted import STILL, FakeLauncher, Script, circles, opened, pass_time, strokes, wave, waves_of_two
from shelves import recorded
from syrupy.assertion import SnapshotAssertion
from textual.filter import Monochrome

from journal.plan import Goal, Plan, goal_from, save_plan
from sensors.message import Message
from tracker.routine import load_shipped
from tui.app import PalmpaceApp
from tui.choices import Choice

TODAY = date(2026, 11, 22)
SIZES = (80, 24), (120, 40)
SORE_BACK = Choice("simulated", "sore-back")
CIRCLING = Choice("simulated", "palm-circling")
SLOW_ON_A_DEVICE = Choice("device", "slow-strokes")
REPLAY = Choice("replay", path=Path("x"))


@dataclass(frozen=True)
class Case:
    """What is on the screen: who moves how, what was opened, for how long, and the keys pressed after it."""

    script: Script = strokes(9.3)
    messages: Callable[[], Iterator[Message]] = lambda: wave(60, 9.3)
    start: Choice | None = None
    seconds: float = 0.0
    keys: tuple[str, ...] = ()
    shelf: bool = False


CASES = {
    "welcome": Case(),
    "home": Case(shelf=True),
    "recordings": Case(keys=("r",), shelf=True),
    "history": Case(keys=("h", "up"), shelf=True),
    "today": Case(keys=("d", "down"), shelf=True),
    "routine": Case(keys=("tab", "down", "down", "down", "e", "down", "down", "tab", "tab", "right", "J"), shelf=True),
    "connect": Case(messages=lambda: iter(()), start=SLOW_ON_A_DEVICE, seconds=18),
    "live_in_band": Case(start=SORE_BACK, seconds=40),
    "live_too_fast": Case(strokes(24), lambda: wave(60, 24), SORE_BACK, 33),
    "live_circles_too_fast": Case(circles(50), lambda: wave(60, 50), CIRCLING, 30),
    "live_path": Case(circles(50), lambda: wave(60, 50), CIRCLING, 30, ("v",)),
    "live_two_wrists": Case(circles(30), lambda: waves_of_two(60, 30), CIRCLING, 30),
    "live_stale": Case(strokes(9.3), lambda: wave(30, 9.3), SORE_BACK, 38),
    "live_mark": Case(start=SORE_BACK, seconds=40, keys=("m",)),
    "live_pain": Case(circles(30), lambda: wave(60, 30), CIRCLING, 20, ("exclamation_mark", "3", "enter", "c", "left")),
    "cautions": Case(start=SORE_BACK, keys=("w",)),
    "help": Case(start=SORE_BACK, seconds=20, keys=("question_mark",)),
    "replay": Case(start=REPLAY, seconds=40, keys=("plus",)),
    "summary": Case(start=SORE_BACK, seconds=55, keys=("m", "q")),
}


def some_weeks(folder: Path) -> list[Path]:
    """Two months of sessions, more of them lately; newest first."""
    paths = []
    for days in (1, 2, 4, 5, 8, 9, 12, 16, 17, 23, 30, 44):
        day = TODAY - timedelta(days=days)
        routine = ("sore-back", "palm-circling", "free")[days % 3]
        told = {} if routine == "free" else {"judged_s": "400", "in_band_s": str(400 - 9 * days)}
        session = record(
            f"{day} 18:04",
            routine,
            minutes=5 + days / 2,
            in_band=1 - days / 44,
            areas=("lower back", "shoulders") if routine == "sore-back" else ("lower back",),
            spots=[("left shoulder", 2 + days // 3, days // 3), *([("lower back", 5, 4)] if days % 4 else [])],
            felt=(6, 4),
            marks=("pop",) if days % 2 else (),
            pains=[(3, "lower back")] if days == 1 else [],
        )
        told |= kept_words(session)
        path = recorded(folder, f"{day}T18-04-00-{routine}", seconds=300 + 40 * days, routine=routine, **told)
        paths.append(path)
    return paths


def a_plan() -> Plan:
    """One goal that a routine says itself, one of the person's own."""
    press, since = load_shipped("trigger-press"), TODAY - timedelta(weeks=1)
    assert press.often is not None
    own = Goal(routine="palm-circling", title="Palm circling", times_a_week=3)
    return Plan(goal=(goal_from(press.name, press.title, press.often, since), own))


@pytest.mark.parametrize("name", CASES)
async def test_screen(name: str, snapshot: SnapshotAssertion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a small terminal, which is then made larger: that it is drawn anew to its size is seen too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PALMPACE_DATA_DIR", "data")  # what is shown is not where the tests run
    case = CASES[name]
    launcher = FakeLauncher(case.script, case.messages())
    launcher.kept = some_weeks(Path("data", "recordings")) if case.shelf else []
    if case.shelf:
        save_plan(a_plan())
    app = PalmpaceApp(launcher, settings=STILL, start=case.start, clock_s=lambda: launcher.now_s, today=lambda: TODAY)
    pictures = {}
    async with app.run_test(size=SIZES[0]) as pilot:
        await opened(pilot)
        if case.start is not None:
            await pass_time(pilot, launcher, case.seconds)
        await pilot.press(*case.keys)
        await opened(pilot)
        as_they_are = list(app._filters)
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            app.tick()  # what lies under another screen is drawn to its new size with the next look
            await pilot.pause()
            for look, theme in (("dark", "dark"), ("light", "light"), ("no-color", "dark")):
                app._filters[:] = (
                    [*as_they_are, Monochrome()] if look == "no-color" else as_they_are
                )  # as with NO_COLOR
                app.theme = theme
                await pilot.pause()
                pictures[f"{columns}x{rows}-{look}"] = app.export_screenshot()
    as_picture = snapshot.use_extension(SVGImageExtension)
    for which, picture in pictures.items():
        assert as_picture(name=which) == picture
