"""What the clocks of wrist sensors count, and how far they are trusted."""

from __future__ import annotations

from dataclasses import dataclass

from sensors.samples import Clock, Kind

TICKS_PER_S = {Clock.S: 1.0, Clock.MS: 1e3, Clock.US: 1e6, Clock.NS: 1e9}
SLOWEST_HZ, FASTEST_HZ = 4.0, 900.0
"""Rates a wrist sensor may have; no two units explain the same increment within them."""
USUAL_PERIOD_S, SHORTEST_PERIOD_S, LONGEST_PERIOD_S = 1 / 50, 1 / 2000, 2.0
"""Of counted samples: before anything is known, and within which it is learnt."""
LATEST_S = {Kind.BOARD: 2.0, Kind.PHONE: 2.0, Kind.WATCH: 10.0}
"""A stamp older than the newest by more than this is no late message: the clock was set, or started anew. Where
messages are behind by less, in good order for a quarter of it, it was set too."""
WRAP_BITS = (16, 24, 30, 31, 32)
"""Where counters start again: small counters, RTCs, MicroPython's ticks_ms, signed and unsigned millis and micros."""


@dataclass(frozen=True, slots=True)
class ClockParams:
    """Tuning of the clock.

    Attributes
    ----------
    learn_s : float
        Arrivals over which a stream of single stamps tells its unit, or one without stamps its rate.
    learn_samples : int
        It tells by then, however fast they arrive.
    longest_s : float
        No message has a longer hole in it; stamps beyond one are none.
    step_s : float
        A stamp this much newer than the one before, and than what the least delay allows, comes from a clock that was
        set forward.
    believe_s : float
        A jump counts once stamps have gone on from it for this long: a stray message makes none.
    believe_readings : int
        No more is held back for it than this.
    follow_s : float
        Time constant with which counted time follows the arrivals: a wrong rate is made up for within seconds, of the
        network's jitter one part in a hundred passes on.
    silence_s, longest_burst_s : float
        Where nothing arrives for longer, and counted time falls behind by as much, nothing was counted meanwhile. Where
        a burst then brings time ahead by more, it was no silence: the next must be half as long again, at most
        ``longest_burst_s``.
    """

    learn_s: float = 1.0
    learn_samples: int = 10_000
    longest_s: float = 120.0
    step_s: float = 1.0
    believe_s: float = 0.3
    believe_readings: int = 1000
    follow_s: float = 2.0
    silence_s: float = 1.0
    longest_burst_s: float = 3.0
