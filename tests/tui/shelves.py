"""Folders of recordings, and an app that shows one screen and keeps where it wanted to lead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.screens import Go, Open


def recorded(folder: Path, name: str, *, seconds: float = 60, **summary: str) -> Path:
    """A closed recording whose messages begin when its name says, or else on 20 November 2026 at noon."""
    stamp = name[:19] if name[:2] == "20" else "2026-11-20T12-00-00"
    # Names tell local time.
    began_ns = round(datetime.strptime(stamp, "%Y-%m-%dT%H-%M-%S").timestamp()) * NS_PER_S  # noqa: DTZ007
    path = folder / f"{name}.mcap"
    with Recorder(path, {"routine": name[20:]}) as recorder:
        for at_s in (0, seconds):
            recorder.write(Message("wrist", b"0,0,9.8", began_ns + round(at_s * NS_PER_S)))
        if summary:
            recorder.sum_up(summary)
    return path


def cut_off(path: Path) -> Path:
    """As a copy that never came to its first message."""
    path.write_bytes(path.read_bytes()[:80])
    return path


class OneScreen(App[None]):
    """Shows a screen as the dashboard would."""

    HORIZONTAL_BREAKPOINTS = PalmpaceApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = PalmpaceApp.VERTICAL_BREAKPOINTS

    def __init__(self, screen: Screen[None]) -> None:
        super().__init__()
        self.shown = screen
        self.opened: list[Choice] = []
        self.gone: list[tuple[str, str]] = []

    def on_mount(self) -> None:
        self.push_screen(self.shown)

    def action_go(self, to: str) -> None:
        self.gone.append((to, ""))

    def on_open(self, message: Open) -> None:
        self.opened.append(message.choice)

    def on_go(self, message: Go) -> None:
        self.gone.append((message.to, message.filter))


async def at_rest(pilot: Pilot[None]) -> None:
    """Wait for the threads and for what they posted, and for the threads that this began."""
    for _ in range(2):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def text_of(widget) -> str:
    """What a person reads on a widget."""
    return "\n".join("".join(segment.text for segment in widget.render_line(y)) for y in range(widget.size.height))
