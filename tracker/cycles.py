"""When each cycle was made, told from a count that is looked at ten times a second."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

RECOGNISED_CYCLES = 0.5
"""More cycles than fit between two looks, by this much: they were made before."""


class Counted(Protocol):
    """A look at a hand that counts its cycles; the times of several are on one clock."""

    @property
    def t_s(self) -> float: ...  # noqa: D102 - as in `tracker.motion.state.Motion`
    @property
    def cycles(self) -> float: ...  # noqa: D102
    @property
    def rate_cpm(self) -> float | None: ...  # noqa: D102


def cycle_marks(looks: Sequence[Counted]) -> list[float]:
    """Give when each whole cycle was made.

    Between two looks the count goes on evenly. Cycles that were counted together, when their motion was recognised, lie
    a period apart before that.
    """
    return sorted(mark_s for before, now in pairwise(looks) for mark_s in marks_between(before, now))


def marks_between(before: Counted, now: Counted) -> list[float]:
    """Give when the whole cycles were made that are counted since the look before, in order of their number."""
    first, last = int(before.cycles) + 1, int(now.cycles)
    if last < first:
        return []
    made, passed_s = now.cycles - before.cycles, now.t_s - before.t_s
    if not now.rate_cpm:
        return [now.t_s]
    if counted_late(before, now):
        return [now.t_s - (last - count) * 60.0 / now.rate_cpm for count in range(first, last + 1)]
    return [before.t_s + (count - before.cycles) / made * passed_s for count in range(first, last + 1)]


def counted_late(before: Counted, now: Counted) -> bool:
    """Whether cycles are counted that were made before the look before: their times follow from the pace alone."""
    if not now.rate_cpm:
        return now.cycles > before.cycles
    made, passed_s = now.cycles - before.cycles, now.t_s - before.t_s
    return made > passed_s * now.rate_cpm / 60.0 + RECOGNISED_CYCLES
