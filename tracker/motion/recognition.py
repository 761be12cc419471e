"""When a movement has repeated well enough, and often enough, to have a tempo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import Array
from tracker.motion.history import History
from tracker.motion.tempo import Tempo, TempoSearch


@dataclass(frozen=True, slots=True)
class RecognitionParams:
    """Tuning of the recognition.

    Attributes
    ----------
    lock : tuple of (float, float, float)
        A motion is periodic if it repeats this well (clarity), its tempo has been found again and again for so many
        cycles, and one cycle lasts at least so many seconds. Fidgeting repeats now and then, but not so well, or not
        for long; and it has little that is slow. What repeats badly may be half of a cycle whose other half differs:
        it must go on until twice as long a cycle would show.
    lock_cycles, lock_s : float
        It must have gone on for this many cycles, and for this long.
    same : float
        Periods this close, as a fraction, are the same tempo.
    back_cycles, back_s : float
        What is counted afterwards when a motion is recognised, at the most.
    end_share : float
        What moves less than this share of the motion is no part of it.
    """

    lock: tuple[tuple[float, float, float], ...] = (
        (0.85, 0.0, 0.0),
        (0.78, 0.4, 0.8),
        (0.72, 0.8, 0.8),
        (0.5, 2.8, 1.2),
        (0.4, 3.0, 3.0),
    )
    lock_cycles: float = 2.05
    lock_s: float = 0.6
    same: float = 0.1
    back_cycles: float = 4.5
    back_s: float = 2.0
    end_share: float = 0.25


class Recognition:
    """Looks for a tempo in a movement that has none yet."""

    def __init__(self, search: TempoSearch, weights: Array, params: RecognitionParams) -> None:
        self._search = search
        self._weights = weights
        self._params = params
        self._found: Tempo | None = None
        self._found_s = self._looked_s = 0.0

    def clear(self) -> None:
        """Forget what was found: another movement begins."""
        self._found = None

    def look(self, history: History, t_s: float, onset_s: float) -> Tempo | None:
        """Search the movement since ``onset_s``; a tempo once it is convincing."""
        params, before = self._params, self._found
        tempo = self._search.refind(history, t_s - onset_s)
        if tempo is None:
            return None
        if before is None or abs(tempo.period_s / before.period_s - 1) > params.same:
            self._found, self._found_s = tempo, t_s
        else:
            # A cycle's worth of memory.
            weight = min(1.0, (t_s - self._looked_s) / tempo.period_s)
            clarity = before.clarity + weight * (tempo.clarity - before.clarity)
            self._found = Tempo(before.period_s + weight * (tempo.period_s - before.period_s), clarity)
        self._looked_s = t_s
        if t_s - onset_s < max(params.lock_cycles * tempo.period_s, params.lock_s):
            return None
        agreed = (t_s - self._found_s) / tempo.period_s
        kept = self._found.clarity
        convincing = any(
            (kept if cycles else tempo.clarity) >= clarity and agreed >= cycles and tempo.period_s >= least_s
            for clarity, cycles, least_s in params.lock
        )
        return tempo if convincing else None

    def gone_on_s(self, history: History, tempo: Tempo, t_s: float, since_s: float) -> float:
        """How long the motion has gone on, seen with its tempo in mind, ``since_s`` at the earliest.

        Stillness before it is no part of it, nor is what came earlier than the search can vouch for.
        """
        params = self._params
        known_s = t_s - self._found_s + params.lock_cycles * tempo.period_s
        available_s = min(t_s - since_s, max(params.back_cycles * tempo.period_s, known_s, params.back_s))
        by = max(2, round(tempo.period_s / 8 / CELL_S))
        rows = history.means(int(available_s / CELL_S) // by, by) * self._weights
        speed = np.abs(rows[1:] - rows[:-1]).sum(axis=1)
        if len(speed) < 8:
            return available_s
        brisk = np.flatnonzero(speed > params.end_share * np.median(speed[-16:]))
        if not len(brisk):
            return available_s
        return min(available_s, (len(speed) + 1 - int(brisk[0])) * by * CELL_S)
