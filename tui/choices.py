"""What a person can choose to run, and who opens it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from tracker.routine import Routine
from tui.runner import Runner

if TYPE_CHECKING:
    from tui.film import Film

INTERRUPTED = 130
"""Exit code of a session that was ended from outside, as shells have it."""


class UsageError(Exception):
    """The command line's words do not make sense together."""


class LaunchError(Exception):
    """A session that cannot be opened; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to run.

    Attributes
    ----------
    kind : {"simulated", "device", "replay"}
    routine : str or None
        ``"free"``, a shipped routine's name or an own one's; None for a replay that keeps to its recording's own.
    path : Path or None
        The recording, for a replay.
    speed : float or None
        Of a replay, as a multiple of the time it took; None is as fast as it goes.
    style : str
        Of the routine; its own unless given.
    """

    kind: Literal["simulated", "device", "replay"]
    routine: str | None = None
    path: Path | None = None
    speed: float | None = 1.0
    style: str = ""


class Launcher(Protocol):
    """Opens what was chosen. The dashboard knows nothing of brokers and folders beyond this."""

    def routines(self) -> list[Routine]:
        """List the routines to choose from; the first is the default."""
        ...

    def complaints(self) -> list[str]:
        """Tell what is wrong with the person's own routines that cannot be used, a line each."""
        ...

    def recordings(self) -> list[Path]:
        """List the recordings on disk, newest first."""
        ...

    def open(self, choice: Choice) -> Runner:
        """Open and start a session; may block for seconds while a broker starts, so it is called in a thread.

        Raises
        ------
        LaunchError
            It cannot be opened: what, and what to do.
        """
        ...

    def film(self, choice: Choice) -> Film:
        """Open a recording to be shown; called in a thread.

        Raises
        ------
        LaunchError
            It cannot be opened: what, and what to do.
        """
        ...

    def earlier(self, routine: str, than: Path | None) -> list[Path]:
        """List the recordings of a routine that are older than this one, newest first; called in a thread."""
        ...

    def recording_of(self, runner: Runner) -> Path | None:
        """Give where a session's recording is; None where there is none."""
        ...
