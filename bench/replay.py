"""How soon a replay of an hour can be seen, how soon all of it is read, and how soon a seek lands.

The hour is a simulated wrist's, as a recording of Sensor Logger messages at 100 Hz. The real ``palmpace replay`` draws
into a pseudo-terminal of 120x40; keys are typed, and what comes out is read.

first picture
    From the command to the first clock of the session on the screen: the start of Python is in it, so a recording of
    a minute stands beside the hour's.
all read
    From the command to the screen that no longer tells of reading. Beside it `palmpace analyze` on the same file.
longest wait
    Between two pictures, of ten a second, while it plays.
seek
    From the key that ends a typed time to the picture that shows it.

Usage: python -m bench.replay
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil  # type: ignore[import-untyped]  # it brings no types

from bench.accuracy.table import Table
from bench.analyze_speed import PALMPACE, cost_of
from bench.page import processor
from bench.terminal import COLUMNS, PATIENCE_S, ROWS, Terminal

COMMAND = ("tui.cli", "replay")
SCENARIO = "strokes"
HOUR_S, MINUTE_S = 3600, 60
SEEKS = 40
PLAY_S = 5.0
LONGEST_READ_S = 120.0
SEED = 5
TARGET_OPEN_S, TARGET_SEEK_MS = 1, 100

# The only places that know what the screen says.
_CLOCK = re.compile(rb"(\d+:\d\d(?::\d\d)?) / ")
_READING = re.compile(rb"reading (\d+) %")
_READ = re.compile(rb" / [\d:]+ +\S+ {4,}")

_SETTLE_S = 0.4
"""What is typed is drawn too, and is not what is waited for."""


@dataclass
class Watch:
    """What has been on the screen."""

    drawn_s: list[float] = field(default_factory=list)
    first_s: float | None = None
    read_s: float | None = None
    percent: int = 0
    wanted: bytes = b""
    seen: threading.Event = field(default_factory=threading.Event)
    seen_s: float = 0.0

    def read(self, text: bytes, now_s: float) -> str:
        """Look at what came out; there is nothing to answer."""
        self.drawn_s.append(now_s)
        if self.first_s is None and _CLOCK.search(text):
            self.first_s = now_s
        for percent in _READING.findall(text):
            self.percent = int(percent)
        if self.read_s is None and self.first_s is not None and _READ.search(text):
            self.read_s = now_s
        if self.wanted and self.wanted in text and not self.seen.is_set():
            self.seen_s = now_s
            self.seen.set()
        return ""

    def expect(self, text: bytes) -> None:
        """Wait for these words from now on."""
        self.seen.clear()
        self.wanted = text

    def longest_wait_ms(self, since_s: float, until_s: float) -> float:
        """Give the longest time between two pictures meanwhile."""
        drawn = [each for each in self.drawn_s if since_s <= each <= until_s]
        return float(1e3 * np.diff(drawn).max())


@dataclass(frozen=True)
class Measured:
    """A replay."""

    first_s: float
    read_s: float
    waits_ms: tuple[float, float]
    seeks_ms: tuple[list[float], list[float]]
    memory_mb: float


def main() -> None:
    print(f"{processor()}, a terminal of {COLUMNS}x{ROWS}\n")
    with TemporaryDirectory() as folder:
        hour, minute = (_recording(Path(folder), seconds) for seconds in (HOUR_S, MINUTE_S))
        analyzed = cost_of([*PALMPACE, "analyze", "--json", str(hour)])
        measured = measure(hour, Path(folder))
        short = first_picture_s(minute, Path(folder))
    rows = [
        ("first picture of a minute", f"{short:.2f} s", ""),
        ("first picture of the hour", f"{measured.first_s:.2f} s", f"< {TARGET_OPEN_S} s more than of a minute"),
        ("all read", f"{measured.read_s:.1f} s", ""),
        ("palmpace analyze", f"{analyzed.wall_s:.1f} s", ""),
        ("memory, all read", f"{measured.memory_mb:.0f} MB", ""),
        ("peak of palmpace analyze", f"{analyzed.peak_mb:.0f} MB", ""),
        ("longest wait while reading", f"{measured.waits_ms[0]:.0f} ms", ""),
        ("longest wait later", f"{measured.waits_ms[1]:.0f} ms", ""),
    ]
    print(Table("An hour, opened", ("", "", "target"), rows).markdown())
    seeks = [
        (name, str(len(ms)), *(f"{each:.0f}" for each in (*np.percentile(ms, (50, 95)), max(ms))))
        for name, ms in zip(("while reading, in what is read", "all read"), measured.seeks_ms, strict=True)
        if ms
    ]
    target = ("target", "", "", f"< {TARGET_SEEK_MS}", "")
    print(Table("A seek, ms", ("", "seeks", "p50", "p95", "max"), [*seeks, target]).markdown())


def first_picture_s(recording: Path, folder: Path) -> float:
    """Give how long the command takes to its first picture."""
    watch = Watch()
    began_s = time.monotonic()
    with _replay(recording, folder, watch):
        return _first_s(watch) - began_s


def measure(recording: Path, folder: Path) -> Measured:
    """Replay a recording: seek while it is read and afterwards, and play for a while."""
    watch = Watch()
    chance = random.Random(SEED)
    began_s = time.monotonic()
    with _replay(recording, folder, watch) as terminal:
        first_s = _first_s(watch)
        _wait(lambda: watch.percent > 2, PATIENCE_S)
        early_ms = []
        while watch.read_s is None and len(early_ms) < SEEKS:
            early_ms.append(_seek_ms(terminal, watch, chance.randrange(HOUR_S * (watch.percent - 1) // 100)))
        _wait(lambda: watch.read_s is not None, LONGEST_READ_S)
        read_s = watch.read_s or 0.0
        memory_mb = psutil.Process().children()[-1].memory_info().rss / 1e6
        since_s = time.monotonic()
        time.sleep(PLAY_S)
        waits_ms = (watch.longest_wait_ms(first_s, read_s), watch.longest_wait_ms(since_s, time.monotonic()))
        terminal.press(" ")
        late_ms = [_seek_ms(terminal, watch, chance.randrange(HOUR_S)) for _ in range(SEEKS)]
    return Measured(first_s - began_s, read_s - began_s, waits_ms, (early_ms, late_ms), memory_mb)


@contextmanager
def _replay(recording: Path, folder: Path, watch: Watch) -> Iterator[Terminal]:
    terminal = Terminal(*COMMAND, str(recording), folder=folder, read=watch.read)
    try:
        yield terminal
    finally:
        terminal.quit()


def _first_s(watch: Watch) -> float:
    _wait(lambda: watch.first_s is not None, PATIENCE_S)
    return watch.first_s or 0.0


def _seek_ms(terminal: Terminal, watch: Watch, second: int) -> float:
    minutes, seconds = divmod(second, 60)
    typed = f"{minutes}:{seconds:02}"
    for keys in (":", typed):
        terminal.press(keys)
        time.sleep(_SETTLE_S)
    watch.expect(f"{typed} / ".encode())
    began_s = time.monotonic()
    terminal.press("\r")
    if not watch.seen.wait(PATIENCE_S):
        sys.exit(f"the screen never came to {typed}")
    return 1e3 * (watch.seen_s - began_s)


def _wait(until: Callable[[], bool], patience_s: float) -> None:
    deadline_s = time.monotonic() + patience_s
    while not until():
        if time.monotonic() > deadline_s:
            sys.exit("the screen does not show what is waited for")
        time.sleep(0.01)


def _recording(folder: Path, seconds: int) -> Path:
    path = folder / f"{seconds}.mcap"
    subprocess.run([*PALMPACE, "simulate", SCENARIO, "--seconds", str(seconds), "--out", str(path)], check=True)
    return path


if __name__ == "__main__":
    main()
