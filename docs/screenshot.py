"""Makes the README's picture: the real dashboard on a seeded simulated wrist, without a terminal.

Usage: python docs/screenshot.py OUT.svg
"""
# ruff: noqa: ARG002, D102 - the methods are those of Source and Launcher, documented there

from __future__ import annotations

import asyncio
import html
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from sensors.message import NS_PER_S, Message
from sensors.simulate import Device, messages, simulate
from sensors.source import Arrivals
from tracker.pipeline import Pipeline, command_message
from tracker.routine import Routine
from tracker.session import Command
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.runner import Runner
from tui.simulation import phases_of

ROUTINE = "sore-back"
SEED = 11
SECONDS = 152.0
COLUMNS, ROWS = 120, 40
LOOKS_PER_S = 10
BLANK_BRAILLE = "\u2800"
START_NS = 1_700_000_000 * NS_PER_S


class Stage:
    """A source whose time is told, and the launcher that opens it."""

    def __init__(self, routine: Routine, played: Iterable[Message]) -> None:
        self.now_ns = START_NS
        self._played = iter(played)
        self._next = next(self._played, None)
        self._routine = routine

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

    def routines(self) -> list[Routine]:
        return [self._routine]

    def recordings(self) -> list[Path]:
        return []

    def open(self, choice: Choice) -> Runner:
        runner = Runner(self, Pipeline(self._routine), title="simulated wrist")
        runner.pipeline.feed(command_message(Command.START, START_NS))
        return runner

    def length_s(self, runner: Runner) -> float:
        return 0.0

    def recording_of(self, runner: Runner) -> Path | None:
        return None


async def picture() -> str:
    """Give the dashboard as SVG after `SECONDS` of the routine."""
    phases, routine = phases_of(ROUTINE, None, SEED)
    stage = Stage(routine, messages(simulate(phases, Device(), seed=SEED), start_ns=START_NS))
    app = PalmpaceApp(stage, fps=0, start=Choice("simulated", ROUTINE))
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        for _ in range(round(SECONDS * LOOKS_PER_S)):
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


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    Path(sys.argv[1]).write_text(asyncio.run(picture()), encoding="utf-8")
