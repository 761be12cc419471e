"""The dashboard in a real tmux: what stands on the screen while a simulated wrist changes its tempo, way and motion."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from rig import wait_until

from sensors.broker import start_broker
from sensors.message import Message
from sensors.mqtt import BrokerAddress, Publisher
from sensors.simulate import Device, Phase, messages, publish, simulate
from tracker.pipeline import Pipeline
from tracker.routine import load_shipped
from tui.widgets import blocks

needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed: install it to run this test"
)

PROJECT = Path(__file__).resolve().parent.parent
SIZES = ((80, 24), (120, 40))
ROUTINE = "palm-circling"
TOPIC = "palmpace/left"
FAST_CPM, GOOD_CPM = 100.0, 36.0
TOLERANCE = 0.15
AT_REST = (Phase("still", 30.0),)
HAND = (
    Phase("still", 0.5),
    Phase("circle", 5.5, FAST_CPM, direction="cw", variation=0.02),
    Phase("circle", 6.5, GOOD_CPM, direction="cw", variation=0.02),
    Phase("still", 0.7),
    Phase("circle", 3.5, FAST_CPM, direction="ccw", variation=0.02),
    Phase("still", 0.7),
    Phase("stroke", 3.0, FAST_CPM, variation=0.02),
)
LARGEST_SCALE = 8
LOOK_S = 0.1
"""As often as the screen is drawn anew: a look is a program of its own, and all that is awaited stands for longer."""

# What the screen says, in one place.
CW, CCW, STROKE = "↻ circle", "↺ circle", "↔ stroke"
SLOWER = r"\d+, aim for 20-40"
COUNT = r"(\d+) (?:cycles|of \d)"
CAUTIONS, LISTENS = "Before you massage", "Listening"
ASKS, RUNS = "How sore is your back", "Palm circling, swedish, live"


class Tmux:
    """A program in a tmux of its own server.

    Parameters
    ----------
    columns, rows : int
    *command : str
    """

    def __init__(self, columns: int, rows: int, *command: str) -> None:
        self._folder = TemporaryDirectory(prefix="palmpace-")  # a socket's path must be short, and a test's is not
        kept = {key: value for key, value in os.environ.items() if key not in ("TMUX", "NO_COLOR", "COLUMNS", "LINES")}
        self._environment = kept | {"LC_ALL": "C.UTF-8"}
        size = ("-x", str(columns), "-y", str(rows))
        self._tmux("-f", os.devnull, "new-session", "-d", *size, f"cd {PROJECT} && exec {shlex.join(command)}")
        self._tmux("set", "-g", "status", "off", ";", "set", "-g", "remain-on-exit", "on")
        assert self._tmux("display", "-p", "#{pane_width}x#{pane_height}").strip() == f"{columns}x{rows}"
        self._program = psutil.Process(int(self._tmux("display", "-p", "#{pane_pid}")))

    def lines(self) -> list[str]:
        """Give what stands on the screen."""
        return self._tmux("capture-pane", "-p").splitlines()

    def press(self, *keys: str) -> None:
        """Type keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def close(self) -> None:
        """Take the terminal away; the program leaves with it."""
        self._tmux("kill-server")
        self._program.wait(timeout=10)
        self._folder.cleanup()

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", f"{self._folder.name}/socket", *arguments]
        told = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=10, check=False)
        assert told.returncode == 0, told.stderr
        return told.stdout


class Screen:
    """Reads one screen, and types."""

    def __init__(self, tmux: Tmux) -> None:
        self._tmux = tmux
        self._lines: list[str] = []
        self.press = tmux.press

    def look(self) -> str:
        """Read it anew; give all of it."""
        self._lines = self._tmux.lines()
        return "\n".join(self._lines)

    def found(self, pattern: str) -> re.Match[str] | None:
        """Find words."""
        return re.search(pattern, "\n".join(self._lines))

    def large(self, text: str) -> bool:
        """Whether a text stands there in block letters, of any size, with nothing to its left."""
        return any(self._stands(drawn(text, scale), 2 * scale) for scale in range(1, LARGEST_SCALE + 1))

    def large_number(self, about: float) -> bool:
        """Whether a number within the tolerance stands there in block letters."""
        least, most = about * (1 - TOLERANCE), about * (1 + TOLERANCE)
        return any(self.large(str(number)) for number in range(round(least), round(most) + 1))

    def _stands(self, rows: Sequence[str], margin: int) -> bool:
        widest = max(map(len, self._lines), default=0)
        lines = [line.ljust(widest) for line in self._lines]
        for first, line in enumerate(lines[: len(lines) - len(rows) + 1]):
            column = line.find(rows[0])
            while column >= 0:
                here = lines[first : first + len(rows)]
                alone = not any(each[max(0, column - margin) : column].strip() for each in here)
                if alone and all(each.startswith(row, column) for each, row in zip(here, rows, strict=True)):
                    return True
                column = line.find(rows[0], column + 1)
        return False


@cache
def drawn(text: str, scale: int) -> tuple[str, ...]:
    return tuple(blocks.draw(text, scale))


def await_on(screens: Sequence[Screen], what: str, *true: Callable[[Screen], bool]) -> None:
    """Wait until all of it has stood on each screen, there at once."""
    missing = list(screens)

    def stood() -> bool:
        for screen in list(missing):
            screen.look()
            if all(each(screen) for each in true):
                missing.remove(screen)
        return not missing

    try:
        wait_until(stood, timeout_s=15.0, every_s=LOOK_S)
    except AssertionError:
        pytest.fail(f"{what}: is not what stands on the screen\n{missing[0].look()}")


def shows(pattern: str) -> Callable[[Screen], bool]:
    return lambda screen: screen.found(pattern) is not None


def is_large(text: str) -> Callable[[Screen], bool]:
    return lambda screen: screen.large(text)


def without(text: str) -> Callable[[Screen], bool]:
    return lambda screen: not screen.large(text)


def goes_at(rate_cpm: float) -> Callable[[Screen], bool]:
    return lambda screen: screen.large_number(rate_cpm)


def counts(cycles: float) -> Callable[[Screen], bool]:
    def true(screen: Screen) -> bool:
        count = screen.found(COUNT)
        return count is not None and abs(int(count[1]) - cycles) <= 1

    return true


@contextmanager
def screens(address: BrokerAddress) -> Iterator[list[Screen]]:
    """Open the dashboard at each size, side by side."""
    live = (sys.executable, "-m", "tui.cli", "live", "--broker", str(address), "--topic", TOPIC)
    coached = ("--routine", ROUTINE, "--volume", "off")
    with ExitStack() as stack:
        opened = []
        for size in SIZES:
            tmux = Tmux(*size, *live, *coached)
            stack.callback(tmux.close)
            opened.append(Screen(tmux))
        yield opened


@contextmanager
def wrist(address: BrokerAddress, phases: Sequence[Phase]) -> Iterator[list[Message]]:
    """Let a hand move, in real time; give what it sends."""
    felt = simulate(phases, Device(rate_hz=50), seed=1)
    sent = list(messages(felt, topic=TOPIC, start_ns=time.time_ns()))
    over = threading.Event()
    with Publisher(address) as publisher:
        how = {"clock": time.time_ns, "sleep": over.wait, "stopped": over.is_set}
        sender = threading.Thread(target=publish, args=(sent, publisher.publish), kwargs=how)
        sender.start()
        try:
            yield sent
        finally:
            over.set()
            sender.join()


@needs_tmux
def test_the_words_on_the_screen_are_what_the_hand_does() -> None:
    with start_broker(port=0) as broker, screens(broker.address) as opened:
        await_on(opened, "what one should know, at first use", shows(CAUTIONS))
        for screen in opened:
            screen.press("Enter")
        await_on(opened, "it listens", shows(LISTENS))
        with wrist(broker.address, AT_REST):
            await_on(opened, "it asks, once the device is heard", shows(ASKS))
            for screen in opened:
                screen.press("3", "Enter")
            await_on(opened, "the session", shows(RUNS))
        with wrist(broker.address, HAND) as sent:
            await_on(opened, "too fast, clockwise", shows(CW), goes_at(FAST_CPM))
            await_on(opened, "slower", is_large("slower"), shows(SLOWER))
            await_on(opened, "in the band, and no cue", shows(CW), goes_at(GOOD_CPM), without("slower"))
            await_on(opened, "the other way round", shows(CCW), goes_at(FAST_CPM))
            await_on(opened, "strokes, and the circles made", shows(STROKE), goes_at(FAST_CPM), counts(circles(sent)))
        await_on(opened, "stale, and for how long", shows("stale"), shows(r"for 0:0[3-9]"), is_large("waiting"))
        await_on(opened, "no number where none is known", is_large("—"), without(f"{FAST_CPM:.0f}"))


def circles(sent: list[Message]) -> float:
    pipeline = Pipeline(load_shipped(ROUTINE))
    for message in sent:
        pipeline.feed(message)
    return pipeline.session.progress[0].cycles
