"""From a session's events to what is published: pure, its only clock the events' own."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Final

import msgspec

from sensors.units import Gravity
from tracker.events import (
    Band,
    CueEvent,
    Event,
    KindTotals,
    LinkEvent,
    MotionEvent,
    SessionEvent,
    StepEvent,
    StepResult,
    StreamSummary,
    SummaryEvent,
    to_json,
)
from tracker.motion.state import Direction, Kind
from tui.outbound.topics import Output, topic

SECONDS_PER_MINUTE = 60.0

ONLINE, OFFLINE = b"online", b"offline"
"""Home Assistant's own words for what can be reached and what cannot."""

PATTERNS: Final[dict[str, tuple[int, ...]]] = {
    "faster": (80, 80, 80, 80, 80),
    "slower": (500, 300, 500),
    "larger": (80, 150, 80, 150, 400),
    "smaller": (400, 150, 80),
    "steadier": (200, 200, 200, 200, 200, 200, 200),
    "other motion": (400, 150, 400, 150, 80),
    "other way": (400, 150, 80, 150, 400),
    "hold still": (80, 80, 80, 80, 1000),
    "go on": (80, 80, 80, 400, 80, 80, 80),
    "good": (80,),
    "easier?": (80, 400, 80, 400, 80),
    "switch side": (80, 150, 400),
    "next step": (150, 150, 150),
    "move on": (800, 200, 80, 80, 80),
    "ease off": (1500,),
    "rest": (800, 300, 800, 300, 800),
}
"""How a buzzer says each cue: milliseconds on, off, on, and so on. Quick for faster, slow for slower."""

UNKNOWN_PATTERN: Final = (200,)

ABOUT_THE_HAND: Final = frozenset({"slower", "faster", "larger", "smaller", "steadier", "other motion", "other way"})
"""Cues for the hand that is held against the band; the others are for the person, and go to every wrist."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """How a wrist is heard: samples a second, the silence so far once it counts as stale, its battery, 0 to 1."""

    hz: float | None
    stale_s: float | None
    battery: float | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Where the session stands in its routine; ``number`` counts from 1."""

    number: int
    of: int
    name: str


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a wrist does now, once a second. What is not known is null, and never 0."""

    t_s: float
    device: str
    session: str | None
    step: Step | None
    motion: Kind | None
    rate_cpm: float | None
    rate_sd_cpm: float | None
    cycles: float | None
    direction: Direction | None
    circularity: float | None
    band: Band | None
    in_band: bool | None
    link: Link


class Cycle(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle that has been completed; ``number`` counts from 1 since the session began."""

    t_s: float
    number: int
    motion: Kind
    direction: Direction | None
    rate_cpm: float | None
    period_s: float | None


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """The coach speaks; ``pattern`` says it to a buzzer: milliseconds on, off, on, and so on."""

    t_s: float
    cue: str
    text: str
    why: str
    band: Band | None
    pattern: tuple[int, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a wrist did in the session; the recording holds the rest."""

    t_s: float
    device: str
    routine: str
    totals: dict[str, KindTotals]
    steps: list[StepResult]
    duration_s: float
    sample_rate_hz: float | None
    gap_s: float
    rejected: int
    unit: str | None
    gravity: Gravity | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be published; a retained one stands at the broker until the next."""

    device: str
    topic: str
    payload: bytes
    qos: int
    retain: bool


def live(device: str, output: Output, body: msgspec.Struct) -> Outgoing:
    """Make a message that matters at this moment only: whoever is not there now must not hear it later."""
    return Outgoing(device, topic(device, output), to_json(body), qos=0, retain=False)


def standing(device: str, output: Output, payload: bytes) -> Outgoing:
    """Make a message that holds until the next."""
    return Outgoing(device, topic(device, output), payload, qos=1, retain=True)


@dataclass(slots=True)
class _Wrist:
    motion: MotionEvent | None = None
    link: LinkEvent | None = None
    cycles_told: int = 0


class Translator:
    """Turns a session's events, one after another, into messages."""

    def __init__(self) -> None:
        self._wrists: dict[str, _Wrist] = {}
        self._session: str | None = None
        self._step: Step | None = None
        self._judged: str | None = None

    def take(self, event: Event) -> list[Outgoing]:
        """Give what is to be published because of an event.

        A state follows each `LinkEvent`, which comes once a second whether the wrist is heard or not, so that late and
        batched data make no more of them.
        """
        match event:
            case MotionEvent():
                return self._look(event)
            case LinkEvent():
                self._wrist(event.device).link = event
                return [self._state(event.device, event.t_s)]
            case CueEvent():
                return self._cue(event)
            case StepEvent():
                self._step = Step(number=event.step, of=event.of, name=event.name)
            case SessionEvent():
                self._session = event.state
            case SummaryEvent():
                return [each for stream in event.streams for each in self._end(event, stream)]
        return []

    def _wrist(self, device: str) -> _Wrist:
        return self._wrists.setdefault(device, _Wrist())

    def _look(self, event: MotionEvent) -> list[Outgoing]:
        """Tell of the cycles completed since the look before; several, where a motion has just been recognised."""
        wrist = self._wrist(event.device)
        wrist.motion = event
        if event.in_band is not None:
            self._judged = event.device
        before, wrist.cycles_told = wrist.cycles_told, floor(event.cycles)
        return [
            live(
                event.device,
                "event",
                Cycle(
                    t_s=event.t_s,
                    number=number,
                    motion=event.motion,
                    direction=event.direction,
                    rate_cpm=event.rate_cpm,
                    period_s=round(SECONDS_PER_MINUTE / event.rate_cpm, 3) if event.rate_cpm else None,
                ),
            )
            for number in range(before + 1, wrist.cycles_told + 1)
        ]

    def _state(self, device: str, t_s: float) -> Outgoing:
        wrist = self._wrist(device)
        link = wrist.link
        stale_s = link.stale_s if link else None
        look = wrist.motion
        now = look if stale_s is None else None
        return live(
            device,
            "state",
            State(
                t_s=t_s,
                device=device,
                session=self._session,
                step=self._step,
                motion=now.motion if now else None,
                rate_cpm=now.rate_cpm if now else None,
                rate_sd_cpm=now.rate_sd_cpm if now else None,
                cycles=look.cycles if look else None,
                direction=now.direction if now else None,
                circularity=now.circularity if now else None,
                band=look.band if look else None,
                in_band=now.in_band if now else None,
                link=Link(
                    hz=link.sample_rate_hz if link else None, stale_s=stale_s, battery=link.battery if link else None
                ),
            ),
        )

    def _cue(self, event: CueEvent) -> list[Outgoing]:
        about_one = event.cue in ABOUT_THE_HAND and self._judged is not None
        body = Cue(
            t_s=event.t_s,
            cue=event.cue,
            text=event.text,
            why=event.why,
            band=event.band,
            pattern=PATTERNS.get(event.cue, UNKNOWN_PATTERN),
        )
        return [live(device, "cue", body) for device in self._wrists if device == self._judged or not about_one]

    def _end(self, event: SummaryEvent, stream: StreamSummary) -> list[Outgoing]:
        body = Summary(
            t_s=event.t_s,
            device=stream.device,
            routine=event.routine,
            totals=stream.totals,
            steps=event.steps,
            duration_s=stream.duration_s,
            sample_rate_hz=stream.sample_rate_hz,
            gap_s=round(sum(gap.length_s for gap in stream.gaps), 3),
            rejected=stream.rejected,
            unit=stream.unit,
            gravity=stream.gravity,
        )
        return [self._state(stream.device, event.t_s), standing(stream.device, "summary", to_json(body))]
