"""A spoken sentence, by a program of the system."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tui.sound.cues import spoken

PROGRAMS: Final = (("espeak-ng", "-v", "en"), ("espeak", "-v", "en"), ("say",))
"""In the order in which they are tried; the sentence follows as the last word."""

PATIENCE_S = 1.0
"""A program that is asked to be silent and still runs after this is killed."""


def find_program() -> tuple[str, ...] | None:
    """Give a program that speaks; None where there is none."""
    for name, *options in PROGRAMS:
        if (path := shutil.which(name)) is not None:
            return (path, *options)
    return None


class Voice:
    """Speaks one sentence at a time; a newer one replaces what is spoken or waits. Never blocks.

    Parameters
    ----------
    program : tuple of str or None
        A command that speaks the word after it; see `find_program`.
    tell : callable
        Takes the reason why there is no voice, once, when it would first have spoken.
    """

    def __init__(self, program: tuple[str, ...] | None, tell: Callable[[str], None]) -> None:
        self._program = program
        self._tell = tell
        self._mute = False
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting = ""
        self._silenced_s: float | None = None

    def say(self, sentence: str, now_s: float) -> None:
        """Speak this instead of anything else."""
        if self._mute:
            return
        if self._program is None:
            self._give_up("no voice: install espeak-ng")
            return
        self._waiting = spoken(sentence)
        self._silence(now_s)
        self.tick(now_s)

    def hush(self, now_s: float) -> None:
        """Be silent."""
        self._waiting = ""
        self._silence(now_s)

    def tick(self, now_s: float) -> None:
        """Let the sentence that waits begin, once nothing else speaks."""
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                if self._silenced_s is not None and now_s - self._silenced_s > PATIENCE_S:
                    self._child.kill()
                return
            self._child = None
            if code > 0 and self._silenced_s is None:
                self._give_up(f"no voice: {(self._program or ('',))[0]} failed with code {code}")
            self._silenced_s = None
        if self._waiting and self._program is not None:
            sentence, self._waiting = self._waiting, ""
            try:
                self._child = subprocess.Popen(  # noqa: S603 - a program of the system, a sentence without signs
                    [*self._program, sentence],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                self._give_up(f"no voice: {self._program[0]}: {error.strerror}")

    def close(self) -> None:
        """End what still speaks."""
        self._mute, self._waiting = True, ""
        if self._child is not None:
            self._child.kill()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(PATIENCE_S)
            self._child = None

    def _silence(self, now_s: float) -> None:
        if self._child is not None and self._silenced_s is None:
            self._silenced_s = now_s
            self._child.terminate()

    def _give_up(self, why: str) -> None:
        self._mute, self._waiting = True, ""
        self._tell(why)
