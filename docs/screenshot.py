"""Makes the pictures of README, tour and reports: the real dashboard on a seeded simulated wrist, without a terminal.

Usage: python docs/screenshot.py FOLDER
"""
# ruff: noqa: ARG002, D102 - the methods are those of Source and Launcher, documented there

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from journal.noted import noted
from journal.plan import Goal, Plan, goal_from, save_plan
from sensors.broker import Access, Endpoint
from sensors.keep import CONFIG_VARIABLE, DATA_VARIABLE
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, recordings_folder
from sensors.simulate import Device, messages, simulate
from sensors.source import Arrivals
from tracker.events import Feelings, MarkEvent, SpotFeeling, StepResult, SummaryEvent
from tracker.pipeline import Pipeline, command_message
from tracker.routine import Routine, load_shipped, shipped_names, shipped_text
from tracker.session import Command
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.film import Film
from tui.launch import Stored
from tui.reporting import report_session
from tui.runner import Connection, Runner
from tui.settings import Settings
from tui.simulation import phases_of

ROUTINE = "sore-back"
SEED = 11
LOOKS_PER_S = 10
BLANK_BRAILLE = "\u2800"
START_NS = 1_700_000_000 * NS_PER_S
TODAY = date(2026, 11, 22)
LARGE, SMALL = (120, 40), (80, 24)
CONNECTION = Connection(
    "mosquitto",
    Access(
        tuple(Endpoint(*each) for each in (("mqtt", "192.168.1.20", 1883), ("mqtts", "192.168.1.20", 8883))),
        user="wrist",
        password="mtk7-w4xf-9rqe",  # noqa: S106  nobody's
    ),
    "sensor-logger",
)


@dataclass(frozen=True)
class Scene:
    """What a picture shows: what was opened, for how long, the keys pressed after it, and the terminal's size."""

    start: Choice | None = None
    seconds: float = 0.0
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = LARGE
    silent: bool = False
    edit: str | None = None


LIVE, REPLAY = Choice("simulated", ROUTINE), Choice("replay", path=Path("2026-11-20T18-04-00-sore-back.mcap"))
SCENES = {
    "dashboard": Scene(LIVE, 215.0),
    "home": Scene(size=SMALL),
    "connect": Scene(Choice("device", ROUTINE), 4.0, silent=True),
    "cue": Scene(LIVE, 152.0, size=SMALL),
    "path": Scene(LIVE, 170.0, keys=("v",), size=SMALL),
    "replay": Scene(REPLAY, 5.0, keys=("colon", *"5:00", "enter", "space")),
    "summary": Scene(LIVE, 620.0),
    "pain": Scene(LIVE, 170.0, keys=("exclamation_mark", "3", "enter"), size=SMALL),
    "history": Scene(keys=("h", "up"), size=SMALL),
    "today": Scene(keys=("d", "down", "down"), size=(110, 24)),
    "routine": Scene(edit="knot-circles", keys=("tab", "tab"), size=(120, 30)),
}
REPORTED = Path(__file__).parents[1] / "recordings" / "sore-back.mcap"


class Stage:
    """A source whose time is told, and the launcher that opens it."""

    def __init__(self, played: Iterable[Message]) -> None:
        self.now_ns = START_NS
        self._all = list(played)
        self._played = iter(self._all)
        self._next = next(self._played, None)

    @property
    def now_s(self) -> float:
        return (self.now_ns - START_NS) / NS_PER_S

    def take(self) -> Arrivals:
        due = []
        while self._next is not None and self._next.received_ns <= self.now_ns:
            due.append(self._next)
            self._next = next(self._played, None)
        return Arrivals(due, self.now_ns)

    def status(self) -> str:
        return "a simulated wrist"

    def close(self) -> None:
        pass

    def connection(self) -> Connection:
        return CONNECTION

    def tend(self) -> Connection | None:
        return None

    def routines(self) -> list[Routine]:
        return [load_shipped(name) for name in shipped_names()]

    def complaints(self) -> list[str]:
        return []

    def recordings(self) -> list[Path]:
        return sorted(recordings_folder().glob("*.mcap"), reverse=True)

    def open(self, choice: Choice) -> Runner:
        hub = self if choice.kind == "device" else None
        runner = Runner(self, Pipeline(), hub=hub, title="simulated wrist" if hub is None else "live")
        runner.pipeline.feed(begun())
        return runner

    def film(self, choice: Choice) -> Film:
        heard = [begun(), *self._all]
        length_s = (heard[-1].received_ns - heard[0].received_ns) / NS_PER_S
        return Film(Stored("mcap", iter(heard), length_s), Pipeline(), choice.path.name if choice.path else "")

    def earlier(self, routine: str, than: Path | None) -> list[Path]:
        return []

    def recording_of(self, runner: Runner) -> Path | None:
        return None


def begun() -> Message:
    """Give the command that begins a session of the routine."""
    return command_message(Command.START, START_NS, shipped_text(ROUTINE))


def some_weeks() -> None:
    """Sessions of two months, more of them lately, and a plan."""
    press = load_shipped("trigger-press")
    if press.often is not None:
        since = TODAY - timedelta(weeks=1)
        own = Goal(routine="sore-back", title="Back massage for a sore back", times_a_week=3)
        save_plan(Plan(goal=(goal_from(press.name, press.title, press.often, since), own)))
    for days in (1, 2, 4, 5, 6, 8, 9, 11, 12, 15, 16, 19, 23, 24, 30, 37, 38, 45, 58):
        day = datetime.combine(TODAY - timedelta(days=days), time(18, 4)).astimezone()
        routine = ("sore-back", "palm-circling", "slow-strokes")[days % 3]
        minutes = 6 + days * 7 % 19
        began_ns = int(day.timestamp()) * NS_PER_S
        summary = session_of(load_shipped(routine), minutes, (48 - days % 13) / 50, days)
        with Recorder(recordings_folder() / f"{day:%Y-%m-%dT%H-%M-%S}-{routine}.mcap", {}) as recorder:
            for at_s in (0, 60 * minutes):
                recorder.write(Message("wrist", b"", began_ns + at_s * NS_PER_S))
            recorder.sum_up(noted(summary, load_shipped(routine)))


def session_of(routine: Routine, minutes: float, in_band: float, days: int) -> SummaryEvent:
    """Give what a session was, so many days ago: each step as long, and a spot that eases."""
    each_s = 60.0 * minutes / len(routine.step)
    judged_s = each_s * 50 / 60
    steps = [
        StepResult(
            step=number,
            name=step.name,
            technique=step.technique,
            area=step.area,
            seconds=each_s,
            right_s=each_s,
            cycles=each_s / 5,
            cw=0.0,
            ccw=0.0,
            judged_s=judged_s,
            in_band_s=judged_s * in_band,
            below_s=0.0,
            above_s=judged_s * (1 - in_band),
            cues=1,
            period_cv=0.06,
        )
        for number, step in enumerate(routine.step, 1)
    ]
    tender = min(8, 2 + days // 3)
    spot = SpotFeeling(spot="left shoulder", before=tender, after=max(0, tender - 2))
    feelings = Feelings(before=tender, after=max(0, tender - 3), spots=(spot,))
    marks = [MarkEvent(t_s=60.0, text="good pain")] if days % 2 else []
    return SummaryEvent(
        t_s=60.0 * minutes,
        routine=routine.name,
        totals={},
        steps=steps,
        feelings=feelings,
        marks=marks,
        streams=[],
    )


async def picture(scene: Scene, played: list[Message]) -> str:
    """Give the dashboard as SVG."""
    stage = Stage(() if scene.silent else played)
    app = PalmpaceApp(
        stage,
        settings=Settings(fps=0),
        start=scene.start,
        edit=scene.edit,
        clock_s=lambda: stage.now_s,
        today=lambda: TODAY,
    )
    async with app.run_test(size=scene.size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        for _ in range(round(scene.seconds * LOOKS_PER_S)):
            stage.now_ns += NS_PER_S // LOOKS_PER_S
            app.tick()
        await pilot.pause()
        await pilot.press(*scene.keys)
        await app.workers.wait_for_complete()
        await pilot.pause()
        stage.now_ns += NS_PER_S // LOOKS_PER_S
        app.tick()
        await pilot.pause()
        return pin_letters(app.export_screenshot(title="palmpace"))


def pin_letters(svg: str) -> str:
    """Give every word, and every letter that is none of the alphabet's, its own place.

    Viewers fold spaces and take missing letters from fonts of another width; both would shift what follows.
    """

    def pinned(found: re.Match[str]) -> str:
        head, x, middle, length, tail, text = found.groups()
        letters = html.unescape(text).replace(BLANK_BRAILLE, " ")
        step = float(length) / len(letters)
        parts = re.finditer(r"[!-~°±²–—×]+|\S", letters)
        placed = "".join(
            f'<tspan x="{float(x) + step * part.start():.1f}">{html.escape(part.group())}</tspan>' for part in parts
        )
        return f"<text{head}{middle}{tail}>{placed}</text>" if placed else ""

    return re.sub(r'<text([^>]*?) x="([\d.]+)"([^>]*?) textLength="([\d.]+)"([^>]*)>([^<]+)</text>', pinned, svg)


def main(folder: Path) -> None:
    """Make every picture."""
    phases, _ = phases_of(ROUTINE, None, SEED)
    played = list(messages(simulate(phases, Device(), seed=SEED), start_ns=START_NS))
    with TemporaryDirectory() as data:
        os.environ[DATA_VARIABLE] = os.environ[CONFIG_VARIABLE] = data
        some_weeks()
        for name, scene in SCENES.items():
            path = folder / f"{name}.svg"
            path.write_text(asyncio.run(picture(scene, played)), encoding="utf-8")
        report_session(str(REPORTED), None, plots=Path(data, "plots"))
        copyfile(Path(data, "plots", "pace.svg"), folder / "report.svg")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
