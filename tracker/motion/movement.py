"""From when to when a hand moves: onset, pause, rest."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.motion.activity import ActivityParams, activity, drifting
from tracker.motion.history import HOP_S, History


@dataclass(frozen=True, slots=True)
class MovementParams:
    """Tuning of beginning and end.

    Attributes
    ----------
    pause_cycles, pause_s : float
        Quiet for this share of a cycle, at least ``pause_s``, is rest: strokes pause at their turns.
    rest_share : float
        Before the tempo is known, quiet for this share of the time moved before is rest; time that was quiet counts
        against it.
    brisk_pause_s : float
        A movement that was brisk is over after this long: only slow strokes pause for longer.
    rest_s : float
        A hand that was still for less did not begin at rest.
    """

    pause_cycles: float = 0.5
    pause_s: float = 0.8
    rest_share: float = 0.55
    brisk_pause_s: float = 5.0
    rest_s: float = 0.3
    activity: ActivityParams = ActivityParams()


class Movement:
    """Watches when a hand begins to move and when it comes to rest.

    Attributes
    ----------
    onset_s : float or None
        When the movement began; None while the hand rests.
    quiet_s : float or None
        Since when nothing moves, be it rest or a pause; None while something does.
    rested_s : float
        How long the hand had rested before ``onset_s``; 0 where it had not.
    """

    def __init__(self, history: History, params: MovementParams) -> None:
        self.onset_s: float | None = None
        self.quiet_s: float | None = None
        self.rested_s = 0.0
        self._history = history
        self._params = params
        self._calm_s = self._brisk_s = self._moved_s = 0.0

    def stirs(self, t_s: float) -> tuple[bool, float]:
        """Whether a hand whose tempo is not known moves, and in what window that shows, s."""
        active = self._params.activity
        strength = activity(self._history, active.brisk_looks, active)
        if strength > active.brisk:
            self._brisk_s = t_s
        slow = round((t_s - max(self._calm_s, self._brisk_s)) / HOP_S)
        return strength > 1 or drifting(self._history, slow, active), active.brisk_looks * HOP_S

    def watch(self, t_s: float, moving: bool, window_s: float, earliest_s: float) -> None:
        """Take one look: whether something moves, seen in a window, and when a movement may have begun at the most."""
        if moving:
            if self.quiet_s is not None:
                self._moved_s = max(0.0, self._moved_s - (t_s - self.quiet_s))
            self._moved_s += HOP_S
            if self.onset_s is None:
                # The window has to fill a little before it tells.
                self.onset_s = max(earliest_s, t_s - 2 * HOP_S)
                rested_s = self.onset_s - self._calm_s
                self.rested_s = rested_s if rested_s > self._params.rest_s else 0.0
            self.quiet_s = None
        elif self.quiet_s is None:
            self._moved_s = max(0.0, self._moved_s - window_s)
            self.quiet_s = max(self.onset_s or earliest_s, t_s - window_s + HOP_S)

    def over(self, t_s: float, period_s: float | None) -> bool:
        """Whether the pause is long enough to be rest, for the tempo if it is known."""
        if self.onset_s is None or self.quiet_s is None:
            return False
        params = self._params
        pause_s = params.rest_share * self._moved_s if period_s is None else params.pause_cycles * period_s
        if period_s is None and self._brisk_s > self.onset_s:
            pause_s = min(pause_s, params.brisk_pause_s)
        return t_s - self.quiet_s >= max(params.pause_s, pause_s)

    def end(self, end_s: float) -> None:
        """End the movement; if something smaller still goes on, that is a new one, not from rest."""
        active = self._params.activity
        self._calm_s = end_s
        self._moved_s = self.rested_s = 0.0
        self.onset_s = end_s if activity(self._history, active.brisk_looks, active) > 1 else None

    def restart(self, t_s: float) -> None:
        """Begin anew after an interruption."""
        self._calm_s = t_s
        self._moved_s = self.rested_s = 0.0
        self.onset_s = self.quiet_s = None
