"""Where a replay stands: it moves with the clock, at a speed, and goes where it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable

SPEEDS: tuple[float | None, ...] = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, None)
"""Multiples of the time it took; None is as fast as it can be followed."""
FASTEST = 60.0
"""What None stands for: a minute in a second. Beyond that nothing could be seen."""


class Playhead:
    """A place in a film.

    Parameters
    ----------
    speed : float or None
        One of `SPEEDS`, or another.
    clock_s : callable
        Seconds of any origin, never decreasing.

    Attributes
    ----------
    position_s : float
        In session time. It may have been sent to where nothing has been read yet: it waits there.
    speed : float or None
    paused, loop : bool
    """

    def __init__(self, speed: float | None = 1.0, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.position_s = 0.0
        self.speed = speed
        self.paused = False
        self.loop = False
        self._clock_s = clock_s
        self._looked_s = clock_s()

    def move(self, read_s: float, *, whole: bool) -> bool:
        """Let the clock move it, as far as the film has been read.

        Parameters
        ----------
        read_s : float
        whole : bool
            Whether that is the film's end.

        Returns
        -------
        bool
            Whether it has just run over the end; it then stands there, paused.
        """
        now_s = self._clock_s()
        passed_s, self._looked_s = now_s - self._looked_s, now_s
        if self.position_s > read_s:
            if whole:
                self.position_s, self.paused = read_s, True
            return False
        if self.paused:
            return False
        self.position_s += passed_s * (FASTEST if self.speed is None else self.speed)
        if self.position_s < read_s:
            return False
        if whole and self.loop:
            self.position_s = 0.0
            return False
        self.position_s = read_s
        self.paused = whole
        return whole

    def seek(self, t_s: float, total_s: float) -> None:
        """Go to a time, or as near as there is one."""
        self.position_s = min(max(0.0, t_s), total_s)

    def change_speed(self, by: int) -> None:
        """Go to the next higher speed, or lower for a negative ``by``."""
        ranks = [float("inf") if speed is None else speed for speed in SPEEDS]
        now = float("inf") if self.speed is None else self.speed
        others = [rank for rank in ranks if (rank > now if by > 0 else rank < now)]
        if others:
            self.speed = SPEEDS[ranks.index(min(others) if by > 0 else max(others))]
