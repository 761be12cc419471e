"""Sets of strokes, circles and lifts between pauses: counts, first values, stops, stated deviations and kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bench.accuracy.sessions import (
    BANDS,
    MAX_CPM,
    MIN_CPM,
    MOVES,
    MOVING,
    SENSORS,
    Doing,
    Figure,
    Mask,
    Session,
    Told,
    band,
    generator,
    log_uniform,
    made,
    mean_rate_cpm,
    quantiles,
    rate_between_cpm,
    rate_now_cpm,
    share,
    some_device,
    some_hand,
    some_phase,
    watch,
    whole,
)
from bench.accuracy.table import Table, verdict
from sensors.samples import Array
from sensors.simulate import Phase
from tracker.motion.state import Kind

SESSION_S = 90.0
"""About the longest: slow tempos make few cycles in it, but three at the least."""
CYCLES = (3, 30)
PAUSE_CYCLES = 2.0
"""Shorter is no pause but a rest at the turn."""
BRISK_STOP_CPM = 45.0
"""From here on 1.5 cycles are shorter than the 2 s that a stop may take."""
FIRST_CYCLES, STOP_CYCLES, STOP_S = 2.5, 1.5, 2.0
FIRST_WITHIN = 0.1
COUNT_SLACK = 0.5
COVERED = (0.63, 0.73)


@dataclass(frozen=True)
class SetScore:
    """One set and what was told of it.

    Attributes
    ----------
    doing : {"stroke", "circle", "lift"}
    cpm, variation : float
    true_cycles, counted : float
    rest_cycles : float
        Told in the pause after it, beyond what it may still have been owed.
    first_cycles, first_s : float
        True cycles made, and time passed, until its tempo was told within 10 %; infinite where it never was.
    stop_s : float
        From its end to stillness; infinite where it was not seen in the pause.
    right : float
        Share of the looks after recognition that told its kind; NaN without any.
    known : float
        Share of the looks in it that told a tempo at all.
    sd_cpm, over_cycle_cpm, over_window_cpm, at_once_cpm : ndarray
        Stated deviation, and errors against the tempo over the last cycle, the engine's window and at the moment.
    """

    doing: Doing
    cpm: float
    variation: float
    true_cycles: float
    counted: float
    rest_cycles: float
    first_cycles: float
    first_s: float
    stop_s: float
    right: float
    known: float
    sd_cpm: Array
    over_cycle_cpm: Array
    over_window_cpm: Array
    at_once_cpm: Array

    @property
    def miscounted(self) -> float:
        """Cycles told too many."""
        return self.counted - self.true_cycles

    @property
    def stop_cycles(self) -> float:
        """The stop's delay in cycles."""
        return self.stop_s * self.cpm / 60

    def __str__(self) -> str:
        return (
            f"{self.doing} {self.cpm:.1f} cpm ±{self.variation:.2f} {self.true_cycles:.2f} cycles: "
            f"{self.miscounted:+.2f} pause {self.rest_cycles:.2f} first {self.first_cycles:.2f} "
            f"stop {self.stop_s:.1f} s right {self.right:.2f} known {self.known:.2f}"
        )


@dataclass(frozen=True)
class Score:
    """A session of one or two sets."""

    gyro: bool
    lossy: bool
    conditions: str
    sets: list[SetScore]

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        return f"{self.conditions} | " + " | ".join(map(str, self.sets))


def session(seed: int) -> tuple[Session, list[Phase]]:
    """Rest, move, rest, perhaps move and rest again."""
    rng = generator("sets", seed)
    cpm = log_uniform(rng, MIN_CPM, MAX_CPM)
    sets: list[Phase] = []
    counts: list[int] = []
    pauses: list[Phase] = []
    room_s = SESSION_S - 3.0
    for _ in range(2):
        pause = Phase("still", max(rng.uniform(4.0, 8.0), PAUSE_CYCLES * 60 / cpm))
        most = min(CYCLES[1], int((room_s - pause.seconds) * cpm / 60 - 0.5))
        if most < CYCLES[0] and sets:
            break
        cycles = int(rng.integers(CYCLES[0], max(most, CYCLES[0]) + 1))
        variation = rng.uniform(0.0, 0.1)
        sets.append(some_phase(rng, MOVES[rng.integers(3)], cpm, cycles, variation))
        pauses.append(pause)
        counts.append(cycles)
        room_s -= sets[-1].seconds + pause.seconds
        cpm = float(np.clip(cpm * rng.uniform(0.7, 1.4), MIN_CPM, MAX_CPM))
    phases = [Phase("still", rng.uniform(2.0, 4.0))]
    asked = [0]
    for one, pause, count in zip(sets, pauses, counts, strict=True):
        phases += [one, pause]
        asked += [count, 0]
    hand = some_hand(rng)
    phases = whole(phases, asked, hand, seed)
    quickest_cpm = max(one.rate_cpm for one in sets)
    device = some_device(rng, quickest_cpm, gyro=seed % 2 == 0, lossy=seed % 4 >= 2)
    return watch(phases, device, hand, seed), phases


def score(seed: int) -> Score:
    """Hold one session against its truth."""
    watched, phases = session(seed)
    starts_s = np.cumsum([0.0, *(phase.seconds for phase in phases)])
    sets = []
    for at in range(1, len(phases), 2):
        # What was counted before the first set is laid to it.
        base_s = starts_s[at] if at > 1 else -1.0
        sets.append(_score_set(watched, phases[at], base_s, *starts_s[at : at + 3].tolist()))
    device = watched.simulation.device
    return Score(device.gyro, device.loss > 0, watched.conditions, sets)


def _score_set(watched: Session, phase: Phase, base_s: float, start_s: float, end_s: float, rest_s: float) -> SetScore:
    """Score a set from ``start_s`` to ``end_s`` and the pause after it up to ``rest_s``."""
    truth, told = watched.truth, watched.told
    base, begun = told.cycles_at(base_s), float(made(truth, start_s))
    true_cycles = float(made(truth, rest_s)) - begun
    moving, resting = told.between(start_s, end_s), told.between(end_s, rest_s)
    true_cpm = mean_rate_cpm(truth, start_s, moving.t_s)
    near = np.abs(moving.rate_cpm / np.maximum(true_cpm, 1e-9) - 1) <= FIRST_WITHIN
    first_s = _first_s(moving, near)
    owed = max(told.cycles_at(end_s), base + true_cycles + COUNT_SLACK)
    kinds = moving.is_kind(*MOVING)
    # The hand gathers its tempo over half a cycle, and loses it over the last half.
    looks = told.between(start_s, end_s - 30 / phase.rate_cpm)
    looks = looks.part(~np.isnan(looks.rate_sd_cpm) & ~np.isnan(looks.rate_cpm)).thinned()
    return SetScore(
        doing=phase.motion,  # type: ignore[arg-type]  # a set moves
        cpm=phase.rate_cpm,
        variation=phase.variation,
        true_cycles=true_cycles,
        counted=told.cycles_at(rest_s) - base,
        rest_cycles=max(0.0, told.cycles_at(rest_s) - owed),
        first_cycles=float(made(truth, first_s)) - begun if np.isfinite(first_s) else np.inf,
        first_s=first_s - start_s,
        stop_s=_first_s(resting, resting.is_kind(Kind.STILL)) - end_s,
        right=float(moving.is_kind(Kind(phase.motion))[kinds].mean()) if kinds.any() else np.nan,
        known=float(np.mean(~np.isnan(moving.rate_cpm))),
        sd_cpm=looks.rate_sd_cpm,
        over_cycle_cpm=looks.rate_cpm - mean_rate_cpm(truth, start_s, looks.t_s),
        over_window_cpm=looks.rate_cpm
        - rate_between_cpm(truth, np.maximum(looks.t_s - looks.window_s, start_s), looks.t_s),
        at_once_cpm=looks.rate_cpm - rate_now_cpm(truth, looks.t_s),
    )


def _first_s(told: Told, marks: Mask) -> float:
    """Give the time of the first look that is marked, infinite without one."""
    return float(told.t_s[np.argmax(marks)]) if marks.any() else np.inf


# --- tables ---


def figures(scores: Sequence[Score]) -> list[Figure]:
    """Say the main figures: name, measured, target, verdict."""
    sets = _all(scores)
    wrong = _wrong(sets)
    idle = sum(one.rest_cycles for one in sets)
    covered = _covered(sets)
    low, high = COVERED
    rows: list[Figure] = [
        ("cycles miscounted in sets, of 100", f"{wrong:.2f}", "≤ 1", verdict(wrong <= 1)),
        ("cycles told in pauses, in all", f"{idle:.1f}", "none", verdict(idle == 0)),
        (
            "rates within one stated deviation of the last cycle's tempo",
            f"{100 * covered:.1f} %",
            f"{100 * low:.0f} to {100 * high:.0f} %",
            verdict(low <= covered <= high),
        ),
    ]
    waits = (
        ("first value within", FIRST_CYCLES, "cycles", [one.first_cycles for one in sets]),
        ("stop within", STOP_CYCLES, "cycles", [one.stop_cycles for one in sets if one.cpm < BRISK_STOP_CPM]),
        ("stop of brisk sets within", STOP_S, "s", [one.stop_s for one in sets if one.cpm >= BRISK_STOP_CPM]),
    )
    for name, target, unit, values in waits:
        within = np.array(values) <= target
        rows.append((f"{name} {target:g} {unit}", share(within), "all", verdict(bool(within.all()))))
    for gyro, sensors in SENSORS:
        right = [one.right for s in scores if s.gyro == gyro for one in s.sets if not np.isnan(one.right)]
        rows.append((f"kind right, {sensors}", f"{100 * np.mean(right):.1f} %" if right else "-", "", ""))
    return rows


def tables(scores: Sequence[Score]) -> list[Table]:
    """Put the sessions together."""
    return [counts(scores), delays(scores), coverage(scores), kinds(scores)]


Group = tuple[str, list[SetScore]]


def _by_link(scores: Sequence[Score]) -> list[Group]:
    return [
        (f"{sensors}, {link}", [one for s in scores if (s.gyro, s.lossy) == (gyro, lossy) for one in s.sets])
        for gyro, sensors in SENSORS
        for lossy, link in ((False, "nothing lost"), (True, "2 to 30 % lost"))
    ]


def _by_band(sets: list[SetScore]) -> list[Group]:
    return [(name, [one for one in sets if band(one.cpm) == name]) for name in BANDS]


def _filled(groups: list[Group]) -> list[Group]:
    return [(name, sets) for name, sets in groups if sets]


def _all(scores: Sequence[Score]) -> list[SetScore]:
    return [one for s in scores for one in s.sets]


def counts(scores: Sequence[Score]) -> Table:
    """Say how right the counts are."""
    sets = _all(scores)
    groups = [("all", sets), *_by_link(scores), *_by_band(sets)]
    groups += [(doing, [one for one in sets if one.doing == doing]) for doing in MOVES]
    return Table(
        "Counts of simulated sets",
        ("sets", "sets", "true cycles", "wrong per 100", "mean error", "within 0.5", "in pauses", "target", "verdict"),
        [(name, *_count_cells(group)) for name, group in _filled(groups)],
        [
            f"""Sets of {CYCLES[0]} to {CYCLES[1]} cycles at {MIN_CPM:g} to {MAX_CPM:g} cpm, 4 to 8 s or
{PAUSE_CYCLES:g} cycles apart, period and size varying by 0 to 10 % from cycle to cycle. Wrong: the sum of |counted -
true| by the sum of true cycles. In pauses: cycles told there beyond the set's own plus {COUNT_SLACK:g}; late is not
false.""",
        ],
    )


def _count_cells(sets: list[SetScore]) -> tuple[str, ...]:
    errors = np.array([one.miscounted for one in sets])
    true = sum(one.true_cycles for one in sets)
    wrong = _wrong(sets)
    idle = sum(one.rest_cycles for one in sets)
    return (
        f"{len(sets)}",
        f"{true:.0f}",
        f"{wrong:.2f}",
        f"{errors.mean():+.2f}",
        share(np.abs(errors) <= COUNT_SLACK),
        f"{idle:.1f}",
        "≤ 1, 0 in pauses",
        verdict(wrong <= 1 and idle == 0),
    )


def _wrong(sets: list[SetScore]) -> float:
    """Sum up the cycles told too many or too few, of 100."""
    return 100 * sum(abs(one.miscounted) for one in sets) / sum(one.true_cycles for one in sets)


def delays(scores: Sequence[Score]) -> Table:
    """Say how soon a set's tempo is told, and its end."""
    sets = _all(scores)
    rows: list[tuple[str, ...]] = []
    for name, group in _filled([("all", sets), *_by_band(sets)]):
        first = np.array([one.first_cycles for one in group])
        within = first <= FIRST_CYCLES
        cells = (share(within), f"≤ {FIRST_CYCLES:g} cycles", verdict(bool(within.all())))
        rows.append((f"first value, cycles, {name}", str(len(group)), *quantiles(first), *cells))
    quick = [one for one in sets if band(one.cpm) == BANDS[2]]
    rows.append((f"first value, s, {BANDS[2]}", str(len(quick)), *quantiles([s.first_s for s in quick]), "", "", ""))
    slow = np.array([one.stop_cycles for one in sets if one.cpm < BRISK_STOP_CPM])
    rows.append(_stop_row(f"stop, cycles, below {BRISK_STOP_CPM:g} cpm", slow, STOP_CYCLES, "cycles"))
    brisk = np.array([one.stop_s for one in sets if one.cpm >= BRISK_STOP_CPM])
    rows.append(_stop_row(f"stop, s, above {BRISK_STOP_CPM:g} cpm", brisk, STOP_S, "s"))
    return Table(
        "How soon, simulated",
        ("delay", "sets", "p50", "p90", "p95", "most", "within", "target", "verdict"),
        rows,
        [
            f"""First value: true cycles made until the rate is within {100 * FIRST_WITHIN:.0f} % of the tempo of the
last cycle. Stop: from the set's end, where the hand has come to rest, to the first look that tells stillness.""",
        ],
    )


def _stop_row(name: str, values: Array, target: float, unit: str) -> tuple[str, ...]:
    within = values <= target
    return (
        name,
        str(len(values)),
        *quantiles(values),
        share(within),
        f"≤ {target:g} {unit}",
        verdict(bool(within.all())) if len(values) else "",
    )


def coverage(scores: Sequence[Score]) -> Table:
    """Say how often the stated deviation covers the error."""
    sets = _all(scores)
    steps = (0.0, 0.02, 0.06, 0.1)
    groups = [("all", sets), *_by_link(scores), *_by_band(sets)]
    groups += [
        (f"varying by {100 * low:g} to {100 * high:g} %", [one for one in sets if low <= one.variation < high])
        for low, high in pairwise(steps)
    ]
    return Table(
        "Rates within one stated standard deviation, simulated sets",
        (
            "sets",
            "looks",
            "of the last cycle",
            "of the window",
            "of the moment",
            "sd / error",
            "target",
            "verdict",
        ),
        [(name, *_cover_cells(group)) for name, group in _filled(groups)],
        [
            """Share of looks whose rate is off by no more than its stated deviation: against the tempo over the last
cycle, over the window that the rate stands on, and at the moment. The half cycle in which the hand comes to rest is
left out.""",
        ],
    )


def _cover_cells(sets: list[SetScore]) -> tuple[str, ...]:
    sd_cpm = np.concatenate([one.sd_cpm for one in sets])
    errors = [
        np.abs(np.concatenate([getattr(one, name) for one in sets]))
        for name in ("over_cycle_cpm", "over_window_cpm", "at_once_cpm")
    ]
    covered = _covered(sets)
    cells = [share(error <= sd_cpm) for error in errors]
    # Both relative to the tempo, or the quickest would be all there is.
    cpm = np.concatenate([np.full(len(one.sd_cpm), one.cpm) for one in sets])
    typical = np.sqrt(np.mean((sd_cpm / cpm) ** 2) / np.mean((errors[0] / cpm) ** 2)) if len(sd_cpm) else np.nan
    low, high = COVERED
    target = f"{100 * low:.0f} to {100 * high:.0f} %"
    return f"{len(sd_cpm)}", *cells, f"{typical:.2f}", target, verdict(low <= covered <= high)


def _covered(sets: list[SetScore]) -> float:
    marks = np.concatenate([np.abs(one.over_cycle_cpm) <= one.sd_cpm for one in sets])
    return float(marks.mean()) if len(marks) else np.nan


def kinds(scores: Sequence[Score]) -> Table:
    """Say how often the kind is right once a motion is recognised."""
    rows: list[tuple[str, ...]] = []
    for doing in MOVES:
        for gyro, sensors in SENSORS:
            sets = [one for s in scores if s.gyro == gyro for one in s.sets if one.doing == doing]
            for name, group in _filled([("all", sets), *_by_band(sets)]):
                told = [one for one in group if not np.isnan(one.right)]
                right = np.array([one.right for one in told])
                cells = (f"{100 * right.mean():.1f} %" if len(told) else "-", share(right > 0.5))
                rows.append((f"{doing}, {sensors}, {name}", str(len(group)), str(len(told)), *cells))
    return Table(
        "Kinds of simulated sets",
        ("sets", "sets", "recognised", "looks right", "sets mostly right"),
        rows,
        [
            """Of the looks in a set that tell a stroke, circle or lift; every set weighs the same. A slow circle is
felt through the forearm's tilt alone, which is a line; one in five tilts as a pendulum does, which at some tempo
hides its way along the arm from the accelerometer.""",
        ],
    )
