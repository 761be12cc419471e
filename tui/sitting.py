"""A live session as the dashboard attends it: what was said, what was seen, and who else listens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from sensors.declared import Side
from tracker.events import Event
from tracker.motion.state import Motion
from tracker.session import Command
from tui.course import Course
from tui.look import Camera, Look
from tui.runner import Runner
from tui.story import Story

Ear = Callable[[Sequence[Event], Look], object]
"""Takes what has happened, and how the session stands after it."""


class Sitting:
    """Asks the runner, and keeps what it answers.

    Parameters
    ----------
    runner : Runner
    *ears : callable
        Are given every event too.

    Attributes
    ----------
    runner : Runner
    story : Story
    course : Course
    now : Look
        How it stands after what was heard last.
    """

    def __init__(self, runner: Runner, *ears: Ear) -> None:
        self.runner = runner
        self.story = Story()
        self.course = Course()
        self._ears = ears
        self._camera = Camera()
        self._motions: dict[str, deque[Motion]] = {}
        self.now = self._camera.look(runner.pipeline)

    def poll(self) -> list[Event]:
        """Give what has happened since the last call."""
        return self._heard(self.runner.poll())

    def say(self, said: Command, text: str = "", ago_s: float | None = None) -> list[Event]:
        """Tell the session something; give what follows from it."""
        return self._heard(self.runner.command(said, text, ago_s))

    def hurts(self, value: int, area: str) -> list[Event]:
        """Say how much it hurts, 0 to 10, and where."""
        return self._heard(self.runner.hurts(value, area))

    def strap(self, device: str, side: Side) -> list[Event]:
        """Say which wrist a device is on."""
        return self._heard(self.runner.strap(device, side))

    def motions(self, device: str) -> Sequence[Motion]:
        """Give the looks at a hand of the last seconds."""
        return tuple(self._motions.get(device, ()))

    def _heard(self, events: list[Event]) -> list[Event]:
        self.story.take(events)
        self.course.take(events)
        self.now = self._camera.look(self.runner.pipeline)
        for wrist in self.now.wrists:
            if wrist.motion is not None:
                self._remember(wrist.name, wrist.motion)
        for ear in self._ears:
            ear(events, self.now)
        return events

    def _remember(self, device: str, motion: Motion) -> None:
        motions = self._motions.setdefault(device, deque())
        if motions and motions[-1].t_s == motion.t_s:
            return
        motions.append(motion)
        while motions[0].t_s < motion.t_s - self.runner.pipeline.params.signal_s:
            motions.popleft()
