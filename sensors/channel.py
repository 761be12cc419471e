"""One sensor's samples in order, waiting for the grid."""

from __future__ import annotations

import numpy as np

from sensors.clock import SLOWEST_HZ
from sensors.samples import Array, Kind, Unit

MAX_HOLD_S = {Kind.BOARD: 0.5, Kind.PHONE: 2.0, Kind.WATCH: 10.0}
"""Longest wait for samples that come out of order."""
MOST_ALIKE = 32
"""No stamp stands for more samples; beyond that time stands still."""
MOST_SAMPLES = 100_000
"""Held at once; beyond that time hardly passes."""


class Channel:
    """Samples by time, each time once.

    The wait for samples out of order is nothing until one came late, then as long as it was late: order costs delay
    only where it is needed.

    Samples that share a stamp and differ (a stamp that sticks for some samples, or is of the batch) are spread evenly
    over the time to the next stamp, at most a quarter of a second apart. All but the first of them wait for it. So it
    makes no difference how messages cut them, as long as they come in order: one that shares the stamp of a sample
    older than the newest cannot be told from a copy, and counts as one.

    Attributes
    ----------
    t_s : ndarray, shape (n,)
        Strictly increasing.
    xyz : ndarray, shape (n, 3)
    unit : Unit
    hold_s : float
    passed_s : float
        Up to here samples have been passed on.
    heard, late, duplicated : int
        Samples that came; those of them that came after their time was passed on, or with a stamp that fits nothing;
        those that came twice.
    """

    def __init__(self) -> None:
        self.t_s: Array = np.empty(0)
        self.xyz: Array = np.empty((0, 3))
        self.unit = Unit.AUTO
        self.hold_s = 0.0
        self.passed_s = float("-inf")
        self.heard = 0
        self.late = 0
        self.duplicated = 0
        self._alike: Array = np.empty((0, 3))
        self._apart_s = 1 / SLOWEST_HZ

    @property
    def newest_s(self) -> float:
        """Time of the newest sample; minus infinity before the first."""
        return float(self.t_s[-1]) if len(self.t_s) else self.passed_s

    @property
    def alike(self) -> int:
        """Samples that share the newest one's stamp and wait for the next."""
        return len(self._alike)

    def put(self, t_s: Array, xyz: Array, kind: Kind = Kind.PHONE) -> None:
        """Sort new samples in; drop what came twice, or after its time was passed on."""
        self.heard += len(t_s)
        newest_s = self.newest_s
        late = t_s <= self.passed_s
        if late.any():
            late &= (t_s != newest_s) | ~np.isfinite(t_s)  # what shares the newest one's stamp follows it
            self._wait_longer(t_s[late], MAX_HOLD_S[kind])
            self.late += int(late.sum())
            t_s, xyz = t_s[~late], xyz[~late]
        if not len(t_s):
            return
        if t_s[0] > newest_s and not self.alike and bool((t_s[1:] > t_s[:-1]).all()):
            self._append(t_s, xyz)
        else:
            order = np.argsort(t_s, kind="stable")
            t_s, xyz = t_s[order], xyz[order]
            new = int(np.searchsorted(t_s, newest_s, "left"))
            if new:
                self._sort_in(t_s[:new], xyz[:new])
            if new < len(t_s):
                self._spread(t_s[new:], xyz[new:])
        if len(self.t_s) > MOST_SAMPLES:
            self._forget(len(self.t_s) - MOST_SAMPLES // 2)

    def end(self) -> None:
        """Stop waiting: no next stamp comes."""
        if self.alike:
            xyz, self._alike = self._alike, np.empty((0, 3))
            self._append(self.newest_s + self._apart_s * np.arange(1.0, len(xyz) + 1), xyz)
        self.hold_s = 0.0

    def drop_before(self, t_s: float) -> None:
        """Forget what no later cell needs: all but the last sample at or before ``t_s``."""
        keep = max(0, int(np.searchsorted(self.t_s, t_s, "right")) - 1)
        self.passed_s = max(self.passed_s, t_s)
        self.t_s, self.xyz = self.t_s[keep:], self.xyz[keep:]

    def _wait_longer(self, late_s: Array, most_s: float) -> None:
        # No wait helps against what comes later than any wait.
        late_s = late_s[late_s >= self.newest_s - most_s]
        late_s = late_s[np.isfinite(late_s)]
        if len(late_s):
            self.hold_s = max(self.hold_s, self.newest_s - float(late_s.min()))

    def _append(self, t_s: Array, xyz: Array) -> None:
        self.t_s, self.xyz = np.concatenate((self.t_s, t_s)), np.concatenate((self.xyz, xyz))

    def _sort_in(self, t_s: Array, xyz: Array) -> None:
        """Put samples among older ones."""
        merged_t, merged = np.concatenate((self.t_s, t_s)), np.concatenate((self.xyz, xyz))
        order = np.argsort(merged_t, kind="stable")
        merged_t, merged = merged_t[order], merged[order]
        fresh = np.diff(merged_t, prepend=-np.inf) > 0
        self.duplicated += int((~fresh).sum())
        self.t_s, self.xyz = merged_t[fresh], merged[fresh]

    def _spread(self, t_s: Array, xyz: Array) -> None:
        """Append samples, none older than the newest, that may share stamps with it and among themselves."""
        begun = len(self.t_s) > 0 and (self.alike > 0 or t_s[0] == self.newest_s)
        if begun:  # the newest sample is the first of those alike
            head_s = self.t_s[-1]
            t_s = np.concatenate((np.full(1 + self.alike, head_s), t_s))
            xyz = np.concatenate((self.xyz[-1:], self._alike, xyz))
            self.t_s, self.xyz = self.t_s[:-1], self.xyz[:-1]
            self._alike = np.empty((0, 3))
        same = (t_s[1:] == t_s[:-1]) & (xyz[1:] == xyz[:-1]).all(axis=1)
        fresh = np.concatenate(([True], ~same))
        t_s, xyz = t_s[fresh], xyz[fresh]
        firsts = np.flatnonzero(np.diff(t_s, prepend=np.nan) != 0)
        numbers = np.diff(firsts, append=len(t_s))
        place = np.arange(len(t_s)) - np.repeat(firsts, numbers)
        few = place < MOST_ALIKE
        self.duplicated += int((~fresh).sum() + (~few).sum())
        gaps_s = np.diff(t_s[firsts], append=t_s[-1])
        steps_s = np.minimum(gaps_s / np.minimum(numbers, MOST_ALIKE), 1 / SLOWEST_HZ)
        if len(firsts) > 1:
            self._apart_s = float(steps_s[-2])
        waits = (np.arange(len(t_s)) > firsts[-1]) & few
        self._alike = xyz[waits]
        placed = few & ~waits
        t_s, xyz = (t_s + place * np.repeat(steps_s, numbers))[placed], xyz[placed]
        apart = np.diff(t_s, prepend=-np.inf) > 0  # not so where stamps differ by a last bit
        self.duplicated += int((~apart).sum())
        self._append(t_s[apart], xyz[apart])

    def _forget(self, number: int) -> None:
        self.passed_s = max(self.passed_s, float(self.t_s[number - 1]))
        self.late += number
        self.t_s, self.xyz = self.t_s[number:], self.xyz[number:]
