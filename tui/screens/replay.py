"""Replay: the live screen with a recording's clock, and keys for its speed."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from sensors.recording import ReplaySource
from tui import keys
from tui.runner import Runner
from tui.screens import bindings
from tui.screens.live import LiveScreen
from tui.widgets.bars import Seek

SPEEDS: tuple[float | None, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, None)
"""Multiples of the time it took; None is as fast as it goes."""


class ReplayScreen(LiveScreen, inherit_bindings=False):
    """Shows a recorded session as it was; the commands in it are those of then.

    Parameters
    ----------
    runner : Runner
        Its source is ``replay``.
    replay : ReplaySource
    length_s : float
        Of the whole recording; 0 where that is not known.
    """

    BINDINGS = bindings(keys.REPLAY)

    def __init__(self, runner: Runner, replay: ReplaySource, length_s: float) -> None:
        super().__init__(runner)
        self._replay = replay
        self._length_s = length_s

    def compose_extra(self) -> Iterable[Widget]:
        """Show position and speed."""
        yield Seek(id="seek")

    def recording(self) -> str:
        """Give that this is one."""
        return "replay"

    def show(self) -> None:
        """Show the live screen's parts, and position and speed."""
        super().show()
        seek, replay = self.query_one(Seek), self._replay
        seek.position_s = int(self.runner.pipeline.t_s)
        seek.total_s = self._length_s
        seek.speed = "max" if replay.speed is None else f"{replay.speed:g}×"
        seek.paused = replay.paused

    def action_pause(self) -> None:
        """Hold the recording, or let it go on."""
        if self._replay.paused:
            self._replay.resume()
        else:
            self._replay.pause()
        self.show()

    def action_faster(self) -> None:
        """Go to the next higher speed."""
        self._change_speed(+1)

    def action_slower(self) -> None:
        """Go to the next lower speed."""
        self._change_speed(-1)

    def _change_speed(self, by: int) -> None:
        ranks = [float("inf") if speed is None else speed for speed in SPEEDS]
        now = float("inf") if self._replay.speed is None else self._replay.speed
        others = [speed for speed in ranks if (speed > now if by > 0 else speed < now)]
        if others:
            nearest = min(others) if by > 0 else max(others)
            self._replay.speed = SPEEDS[ranks.index(nearest)]
        self.show()
