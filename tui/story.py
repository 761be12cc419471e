"""What has been said in a session, found again for any moment of it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeVar

from tracker.events import CueEvent, Event, LinkEvent, MarkEvent, NoticeEvent, PainEvent, StepEvent, SummaryEvent

E = TypeVar("E", bound=Event)
_T_S: Callable[[Event], float] = attrgetter("t_s")


class Story:
    """Keeps a session's events but for its looks at the hand; asked for a moment, it knows nothing of what came later.

    Attributes
    ----------
    cues, marks, notices, pains, steps : list
        In order of time.
    summary : SummaryEvent or None
        Once the session is over.
    """

    def __init__(self) -> None:
        self.cues: list[CueEvent] = []
        self.marks: list[MarkEvent] = []
        self.notices: list[NoticeEvent] = []
        self.pains: list[PainEvent] = []
        self.steps: list[StepEvent] = []
        self.summary: SummaryEvent | None = None
        self._links: dict[str, list[LinkEvent]] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Add what was said."""
        for event in events:
            match event:
                case CueEvent():
                    _add(self.cues, event)
                case MarkEvent():
                    _add(self.marks, event)
                case NoticeEvent():
                    _add(self.notices, event)
                case PainEvent():
                    _add(self.pains, event)
                case LinkEvent():
                    _add(self._links.setdefault(event.device, []), event)
                case StepEvent():
                    _add(self.steps, event)
                case SummaryEvent():
                    self.summary = event

    def links(self, t_s: float) -> tuple[LinkEvent, ...]:
        """Give each device's latest word, those that had spoken by then."""
        said = (last(links, t_s) for links in self._links.values())
        return tuple(link for link in said if link is not None)


def last(events: Sequence[E], t_s: float) -> E | None:
    """Give the last of these events that had happened by then."""
    index = bisect_right(events, t_s, key=_T_S)
    return events[index - 1] if index else None


def since(events: Sequence[E], after_s: float, t_s: float) -> Sequence[E]:
    """Give those that happened later than ``after_s``, up to then."""
    return events[bisect_right(events, after_s, key=_T_S) : bisect_right(events, t_s, key=_T_S)]


def _add(events: list[E], event: E) -> None:
    """Put it where its time is: what follows from samples is dated by them, a little before what a person says."""
    insort(events, event, key=_T_S)
