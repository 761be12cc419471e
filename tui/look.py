"""What a screen shows of a session at one moment."""

from __future__ import annotations

from dataclasses import dataclass

from sensors.declared import Side
from tracker.motion.figure import Figure
from tracker.motion.state import Motion
from tracker.pipeline import Pipeline
from tracker.routine import FREE, Routine, Step
from tracker.session import SessionState, StepProgress, ready


@dataclass(frozen=True, slots=True)
class Wrist:
    """One device at one moment.

    Attributes
    ----------
    name : str
    side : {"left", "right"} or None
    motion : Motion or None
        The latest look at its hand; None before the first and while it is stale.
    figure : Figure or None
        The path the hand draws; None without a periodic motion.
    stale_s : float or None
        Silence so far, once it counts as stale.
    newest_s : float or None
        Time of its newest sample, on the stream's clock.
    edge_s : float
        The stream's time of now: its newest sample's, and the silence since.
    """

    name: str
    side: Side | None = None
    motion: Motion | None = None
    figure: Figure | None = None
    stale_s: float | None = None
    newest_s: float | None = None
    edge_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """A session at one moment.

    Attributes
    ----------
    t_s : float
        Since the session began.
    routine : Routine
    state : SessionState
    wrists : tuple of Wrist
        In order of appearance.
    coached : int or None
        Index of the wrist that is coached.
    asked : str or None
        The device whose side is in question.
    """

    t_s: float = 0.0
    routine: Routine = FREE
    state: SessionState = ready(FREE)
    wrists: tuple[Wrist, ...] = ()
    coached: int | None = None
    asked: str | None = None

    @property
    def wrist(self) -> Wrist | None:
        """The coached one."""
        return None if self.coached is None else self.wrists[self.coached]

    @property
    def step(self) -> Step:
        """The current one, as it is asked for now."""
        return self.state.now

    @property
    def so_far(self) -> StepProgress:
        """How far the current step has come."""
        return self.state.so_far

    @property
    def free(self) -> bool:
        """Whether the session has no targets."""
        return self.routine.name == FREE.name


class Camera:
    """Takes looks at a pipeline, one after the other; remembers since when each wrist is silent."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[float, float]] = {}

    def look(self, pipeline: Pipeline) -> Look:
        """Take one now."""
        coached = pipeline.coached
        asked = pipeline.wrist_in_question
        devices = list(pipeline.devices.values())
        return Look(
            t_s=pipeline.t_s,
            routine=pipeline.routine,
            state=pipeline.session,
            wrists=tuple(self._wrist(name, pipeline) for name in pipeline.devices),
            coached=None if coached is None else devices.index(coached),
            asked=None if asked is None else asked.name,
        )

    def _wrist(self, name: str, pipeline: Pipeline) -> Wrist:
        device = pipeline.devices[name]
        newest_s = float(device.signal[-1].t_s[-1]) if device.signal else None
        edge_s = pipeline.t_s
        if newest_s is not None:
            seen_s, since_s = self._newest.get(name, (None, 0.0))
            if newest_s != seen_s:
                since_s = pipeline.t_s
                self._newest[name] = (newest_s, since_s)
            edge_s = newest_s + pipeline.t_s - since_s
        stale = device.stale_s is not None
        return Wrist(
            name=name,
            side=device.side,
            motion=None if stale else device.motion,
            figure=None if stale else device.engine.figure(),
            stale_s=device.stale_s,
            newest_s=newest_s,
            edge_s=edge_s,
        )
