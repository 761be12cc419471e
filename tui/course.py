"""The course of a session: the rate against time and what happened meanwhile, small enough to be drawn at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sensors.samples import Array
from tracker.events import Band, CueEvent, Event, MarkEvent, MotionEvent, PainEvent, StepEvent, SummaryEvent

FINEST_S = 1.0
MOST_POINTS = 4000
"""More than an hour at one a second, and more than any screen has columns; a longer session is kept coarser."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A course as it is drawn; times in seconds since the session began, arrays of shape (n,).

    Attributes
    ----------
    t_s : ndarray
        Growing; further apart than ``every_s`` where nothing was heard.
    rate_cpm : ndarray
        NaN where it is not known.
    low_cpm, high_cpm : ndarray
        The band; NaN where there is none.
    judged : ndarray of bool
        Whether the rate counts against the band: not where another motion is done than the step asks for.
    every_s : float
        What a point stands for.
    end_s : float
    steps, cues, marks, pains : tuple of (float, str)
        When they were, with the step's number, the cue, the mark's text, how much it hurt and where.
    """

    t_s: Array
    rate_cpm: Array
    low_cpm: Array
    high_cpm: Array
    judged: Array
    every_s: float
    end_s: float
    steps: tuple[tuple[float, str], ...] = ()
    cues: tuple[tuple[float, str], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()
    pains: tuple[tuple[float, str], ...] = ()


@dataclass(slots=True)
class _Bin:
    """Looks at one hand, added up."""

    device: str
    coached: bool
    looks: int = 0
    known: int = 0
    judged: int = 0
    rate_sum: float = 0.0

    def add(self, event: MotionEvent) -> None:
        self.looks += 1
        self.judged += event.in_band is not None
        if event.rate_cpm is not None:
            self.known += 1
            self.rate_sum += event.rate_cpm

    def join(self, other: _Bin) -> None:
        self.looks += other.looks
        self.known += other.known
        self.judged += other.judged
        self.rate_sum += other.rate_sum

    @property
    def rate_cpm(self) -> float:
        """The mean; unknown where it was for most of the time."""
        return self.rate_sum / self.known if 2 * self.known > self.looks else np.nan


@dataclass(slots=True)
class Course:
    """Collects a session's events as they come; hearing some of them twice, as after a seek, does no harm.

    Parameters
    ----------
    most_points : int
        How many points are kept.
    """

    most_points: int = MOST_POINTS
    _every_s: float = FINEST_S
    _bins: dict[int, _Bin] = field(default_factory=dict)
    _bands: dict[float, Band | None] = field(default_factory=dict)
    _steps: dict[float, str] = field(default_factory=dict)
    _cues: dict[float, str] = field(default_factory=dict)
    _marks: dict[float, str] = field(default_factory=dict)
    _pains: dict[float, str] = field(default_factory=dict)
    _end_s: float = 0.0

    def take(self, events: Iterable[Event]) -> None:
        """Add what happened."""
        for event in events:
            match event:
                case MotionEvent():
                    self._look(event)
                case StepEvent():
                    self._bands[event.t_s] = event.band
                    if event.why != "easier":  # that is no other step
                        self._steps[event.t_s] = str(event.step)
                case CueEvent():
                    self._cues[event.t_s] = event.cue
                case MarkEvent():
                    self._marks[event.t_s] = event.text
                case PainEvent():
                    self._pains[event.t_s] = f"{event.value} of 10{' at ' if event.area else ''}{event.area}"
                case SummaryEvent():
                    self._end_s = event.t_s
                case _:
                    pass

    def trace(self) -> Trace:
        """Give what there is so far."""
        places = sorted(self._bins)
        t_s = (np.array(places, dtype=float) + 0.5) * self._every_s
        kept = [self._bins[place] for place in places]
        bands = sorted(self._bands.items())
        limits = np.array([(np.nan, np.nan), *(band or (np.nan, np.nan) for _, band in bands)], dtype=float)
        of_step = np.searchsorted([at_s for at_s, _ in bands], t_s, side="right")
        low_cpm, high_cpm = limits[of_step].T
        return Trace(
            t_s=t_s,
            rate_cpm=np.array([each.rate_cpm for each in kept], dtype=float),
            low_cpm=low_cpm,
            high_cpm=high_cpm,
            judged=np.array([2 * each.judged > each.looks for each in kept], dtype=bool),
            every_s=self._every_s,
            end_s=max(self._end_s, float(t_s[-1]) if len(t_s) else 0.0),
            steps=tuple(sorted(self._steps.items())),
            cues=tuple(sorted(self._cues.items())),
            marks=tuple(sorted(self._marks.items())),
            pains=tuple(sorted(self._pains.items())),
        )

    def _look(self, event: MotionEvent) -> None:
        """Keep one hand's looks: the one that is held against a band, else the first that moves."""
        place = int(event.t_s // self._every_s)
        coached = event.band is not None
        kept = self._bins.get(place)
        better = kept is None or (coached and not kept.coached)
        if kept is not None and kept.device != event.device and not kept.coached:
            better = better or (kept.known == 0 and event.rate_cpm is not None)
        if better:
            self._bins[place] = kept = _Bin(event.device, coached)
            if len(self._bins) > self.most_points:
                self._coarsen()
                self._look(event)
                return
        if kept is not None and kept.device == event.device:
            kept.add(event)

    def _coarsen(self) -> None:
        """Make one point of two."""
        self._every_s *= 2
        bins: dict[int, _Bin] = {}
        for place, each in self._bins.items():
            before = bins.setdefault(place // 2, each)
            if before is not each:
                before.join(each)
        self._bins = bins
