"""A program in a pseudo-terminal of 120x40: what it draws, how many bytes of it, and what that costs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it brings no types

from tui.memory import Memory

PROJECT = Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 120, 40
PATIENCE_S = 20.0

_STYLES = re.compile(rb"\x1b\[[\d;]*m")
_TAIL_BYTES = 512
"""Words may be cut in two by a read, and a style stands between any two of them."""


@dataclass(frozen=True)
class Cost:
    """What a program has spent so far, or between two moments.

    Attributes
    ----------
    wall_s, cpu_s : float
        CPU of all its threads.
    written : int
        Bytes to the terminal.
    """

    wall_s: float
    cpu_s: float
    written: int

    def since(self, before: Cost) -> Cost:
        """Give what was spent meanwhile."""
        return Cost(self.wall_s - before.wall_s, self.cpu_s - before.cpu_s, self.written - before.written)

    @property
    def cpu_percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu_s / self.wall_s

    @property
    def kbps(self) -> float:
        """Kilobytes a second to the terminal."""
        return self.written / self.wall_s / 1e3


class Terminal:
    """The other end of a Python program's terminal.

    Parameters
    ----------
    module : str
        What to run.
    *arguments : str
    folder : Path
        For what it keeps.
    read : callable, optional
        Is given what came out, without its colours, and when; the end of what came before stands in front of it. Gives
        what to type.
    """

    def __init__(
        self, module: str, *arguments: str, folder: Path, read: Callable[[bytes, float], str] | None = None
    ) -> None:
        self._end, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        # The dashboard is here not for the first time: it does not begin with when not to massage.
        Memory(folder / "config" / "remembered.json").note(cautions=True)
        kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        ours = {"PALMPACE_DATA_DIR": str(folder / "data"), "PALMPACE_CONFIG_DIR": str(folder / "config")}
        self._child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env=kept | ours | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._process = psutil.Process(self._child.pid)
        self._read = read
        self._written = 0
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def cost(self) -> Cost:
        """Give what the program has spent so far."""
        return Cost(time.monotonic(), cpu_s(self._process), self._written)

    def press(self, keys: str) -> None:
        """Type them now."""
        os.write(self._end, keys.encode())

    def quit(self) -> None:
        """End the program, and kill it should it not heed that."""
        self._child.terminate()
        try:
            self._child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join()
        os.close(self._end)

    def _listen(self) -> None:
        tail = b""
        while True:
            try:
                data = os.read(self._end, 65536)
            except OSError:  # the program has left
                return
            now_s = time.monotonic()
            self._written += len(data)
            if self._read is not None:
                text = tail + data
                os.write(self._end, self._read(_STYLES.sub(b"", text), now_s).encode())
                tail = text[-_TAIL_BYTES:]


def cpu_s(process: psutil.Process) -> float:
    """Give the CPU that a process has used, in seconds."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)
