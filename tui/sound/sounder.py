"""Says cues by bell and voice: one at a time, the more important first, none again too soon."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from tracker.coach import CoachParams
from tracker.events import Event
from tui.look import Look
from tui.memory import Volume
from tui.sound.cues import KINDS, LOUDNESS, Ear, Saying
from tui.sound.patterns import BELLS

HOLD_S = 2.0
"""So long a cue is left alone by less important ones; less than the coach lets a new step go by before it speaks."""


class Speaker(Protocol):
    """Who speaks; see `tui.sound.voice.Voice`."""

    def say(self, sentence: str, now_s: float) -> None:
        """Speak this instead of anything else."""

    def hush(self, now_s: float) -> None:
        """Be silent."""

    def tick(self, now_s: float) -> None:
        """Go on."""

    def close(self) -> None:
        """End."""


class Sounder:
    """Turns a session's events into sound. Never blocks; its clock is what the caller says it is.

    Parameters
    ----------
    volume : {"off", "quiet", "normal", "chatty"}
    ring : callable, optional
        Rings the bell once; without it there is none.
    speaker : Speaker, optional
    repeat_s : float
        The same cue is not said again sooner.
    """

    def __init__(
        self,
        volume: Volume = "normal",
        *,
        ring: Callable[[], None] | None = None,
        speaker: Speaker | None = None,
        repeat_s: float = CoachParams().pace_repeat_s,
    ) -> None:
        self._volume: Volume = volume
        self._ring = ring
        self._speaker = speaker
        self._repeat_s = repeat_s
        self._ear = Ear()
        self._said_s: dict[tuple[str, str], float] = {}
        self._importance = 0
        self._since_s = float("-inf")
        self._gaps_s: list[float] = []  # to the rings that are to come
        self._ring_s = 0.0  # when the next is due

    def set_volume(self, volume: Volume, now_s: float) -> None:
        """Say more or less from now on; off is silent at once."""
        self._volume = volume
        if volume == "off":
            self._gaps_s = []
            if self._speaker is not None:
                self._speaker.hush(now_s)

    def begin(self) -> None:
        """Begin a session: what was said in the one before does not count."""
        self._ear = Ear()
        self._said_s.clear()

    def take(self, events: Iterable[Event], look: Look, now_s: float) -> None:
        """Say what matters most of what happened.

        Parameters
        ----------
        events : iterable of Event
            Since the last time.
        look : Look
            How the session stands after them.
        now_s : float
            On a clock that never goes back.
        """
        # The ear hears everything, so that a louder volume does not begin with what is long over.
        worth = [each for each in self._ear.listen(events, look, self._volume) if self._may(each, now_s)]
        if worth:
            # Of equals the last: it is what holds now.
            self._say(max(reversed(worth), key=lambda each: KINDS[each.kind].importance), now_s)

    def tick(self, now_s: float) -> None:
        """Ring if it is time to; call this every `tui.sound.TICK_S`."""
        if self._gaps_s and now_s >= self._ring_s:
            self._gaps_s.pop(0)
            # Counted from the ring before: after a hiccup of the caller the rhythm is late, but still itself.
            self._ring_s = now_s + (self._gaps_s[0] if self._gaps_s else 0.0)
            if self._ring is not None:
                self._ring()
        if self._speaker is not None:
            self._speaker.tick(now_s)

    def close(self) -> None:
        """Be silent for good."""
        self._volume, self._gaps_s = "off", []
        if self._speaker is not None:
            self._speaker.close()

    def _may(self, saying: Saying, now_s: float) -> bool:
        kind = KINDS[saying.kind]
        loud_enough = self._volume != "off" and LOUDNESS.index(self._volume) >= LOUDNESS.index(kind.least)
        held = now_s - self._since_s < HOLD_S and kind.importance < self._importance
        last_s = self._said_s.get((saying.kind, saying.about), float("-inf"))
        return loud_enough and not held and now_s - last_s >= self._repeat_s

    def _say(self, saying: Saying, now_s: float) -> None:
        self._said_s[saying.kind, saying.about] = now_s
        self._importance, self._since_s = KINDS[saying.kind].importance, now_s
        bells = BELLS.get(saying.kind, ())
        self._gaps_s = [later - earlier for earlier, later in zip((0.0, *bells), bells, strict=False)]
        self._ring_s = now_s
        if self._speaker is not None:
            self._speaker.say(saying.sentence, now_s)
        self.tick(now_s)
