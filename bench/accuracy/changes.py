"""What is no steady set: single cycles, steps of the tempo, one motion flowing into another, and no motion at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.accuracy.sessions import (
    BANDS,
    MAX_CPM,
    MIN_CPM,
    MOVES,
    SENSORS,
    Doing,
    Figure,
    Mask,
    Session,
    Told,
    band,
    generator,
    lasting,
    log_uniform,
    made,
    quantiles,
    rate_now_cpm,
    seconds_of,
    share,
    some_device,
    some_hand,
    some_phase,
    watch,
)
from bench.accuracy.table import Table, verdict
from sensors.simulate import Phase
from tracker.motion.engine import Engine
from tracker.motion.state import Kind

REST_S = 3.0
SINGLES = 6
SINGLES_CPM = (8.0, 120.0)
STEP_CYCLES = (6.0, 6.0)
STEPS = (0.75, 0.9, 1.1, 4 / 3)
"""A step is between the first two or the last two of these factors."""
STEP_S = 0.5
"""It takes so long: the shortest phase there is."""
STEP_WITHIN, STEP_TARGET_CYCLES = 0.05, 2.0
CHANGES_CPM = (15.0, 150.0)
"""Slower, a circle and a lift are felt as tilt, as a stroke is."""
CHANGE_CYCLES = 6.0
CHANGE_TARGET_CYCLES = 2.0
QUIET_S = 60.0

PAIRS: tuple[tuple[Doing, Doing], ...] = (
    ("stroke", "circle"),
    ("circle", "stroke"),
    ("stroke", "lift"),
    ("lift", "stroke"),
    ("circle", "lift"),
    ("lift", "circle"),
    ("circle", "circle"),
)
"""What flows into what; a circle into one the other way round."""

# --- single cycles ---


@dataclass(frozen=True)
class SinglesScore:
    """Single cycles with rests between.

    Attributes
    ----------
    doing : {"stroke", "circle", "lift"}
    gyro : bool
    conditions : str
    cpm : list of float
    counted : list of float
        What was told of each, up to the beginning of the next.
    """

    doing: Doing
    gyro: bool
    conditions: str
    cpm: list[float]
    counted: list[float]

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        cycles = " ".join(f"{cpm:.0f}:{told:.2f}" for cpm, told in zip(self.cpm, self.counted, strict=True))
        return f"{self.conditions} | {self.doing} cpm:counted {cycles}"


def singles(seed: int) -> tuple[Session, list[Phase]]:
    """Make one cycle, rest for 3 s, and again."""
    rng = generator("singles", seed)
    doing, usual_cpm = MOVES[seed % 3], log_uniform(rng, *SINGLES_CPM)
    first = some_phase(rng, doing, usual_cpm, 1.0)
    phases = [Phase("still", REST_S)]
    for _ in range(SINGLES):
        one = lasting(replace(first, rate_cpm=usual_cpm * rng.uniform(0.8, 1.25)), 1.0)
        phases += [one, Phase("still", REST_S)]
    device = some_device(rng, 1.25 * usual_cpm, gyro=seed // 3 % 2 == 0, lossy=False)
    return watch(phases, device, some_hand(rng), seed), phases


def score_singles(seed: int) -> SinglesScore:
    """Hold single cycles against their truth."""
    watched, phases = singles(seed)
    starts_s = np.cumsum([0.0, *(phase.seconds for phase in phases)])[1::2]
    told = [watched.told.cycles_at(t_s) for t_s in [*starts_s[:-1].tolist(), np.inf]]
    return SinglesScore(
        doing=phases[1].motion,  # type: ignore[arg-type]  # it moves
        gyro=watched.simulation.device.gyro,
        conditions=watched.conditions,
        cpm=[phase.rate_cpm for phase in phases[1::2]],
        counted=np.diff([0.0, *told[1:]]).tolist(),
    )


def singles_figures(scores: Sequence[SinglesScore]) -> list[Figure]:
    """Say the main figure: name, measured, target, verdict."""
    _, once, *_, met = _singles_cells(list(scores))
    return [("isolated single cycles counted once", once, "all", met)]


def singles_tables(scores: Sequence[SinglesScore]) -> list[Table]:
    """Put the single cycles together."""
    groups = [("all", list(scores))]
    groups += [
        (f"{doing}, {sensors}", [s for s in scores if (s.doing, s.gyro) == (doing, gyro)])
        for doing in MOVES
        for gyro, sensors in SENSORS
    ]
    return [
        Table(
            "Isolated single cycles",
            ("cycles", "cycles", "counted once", "missed", "more than once", "mean", "target", "verdict"),
            [(name, *_singles_cells(group)) for name, group in groups if group],
            [
                f"""One cycle, {REST_S:g} s of rest, {SINGLES} times, at {SINGLES_CPM[0]:g} to {SINGLES_CPM[1]:g} cpm.
Once is 0.5 to 1.5 cycles told before the next begins.""",
            ],
        )
    ]


def _singles_cells(scores: list[SinglesScore]) -> tuple[str, ...]:
    counted = np.concatenate([s.counted for s in scores])
    once = (counted > 0.5) & (counted < 1.5)
    return (
        f"{len(counted)}",
        share(once),
        share(counted <= 0.5),
        share(counted >= 1.5),
        f"{counted.mean():.2f}",
        "each once",
        verdict(bool(once.all())),
    )


# --- steps of the tempo ---


@dataclass(frozen=True)
class StepScore:
    """A step of the tempo: cycles from its middle until the rate is near and stays so; infinite where it does not."""

    doing: Doing
    conditions: str
    from_cpm: float
    to_cpm: float
    cycles: float

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        return (
            f"{self.conditions} | {self.doing} {self.from_cpm:.1f} to {self.to_cpm:.1f} cpm: {self.cycles:.2f} cycles"
        )


def step(seed: int) -> tuple[Session, list[Phase]]:
    """Move at one tempo, then at another at once."""
    rng = generator("steps", seed)
    from_cpm = log_uniform(rng, MIN_CPM / STEPS[0], MAX_CPM / STEPS[-1])
    to_cpm = from_cpm * log_uniform(rng, *(STEPS[:2] if seed % 2 else STEPS[2:]))
    before = some_phase(rng, MOVES[rng.integers(3)], from_cpm, STEP_CYCLES[0])
    between = replace(before, seconds=STEP_S, rate_end_cpm=to_cpm)
    after = lasting(replace(before, rate_cpm=to_cpm), STEP_CYCLES[1])
    rest = Phase("still", REST_S)
    device = some_device(rng, max(from_cpm, to_cpm), gyro=seed // 2 % 2 == 0, lossy=False)
    phases = [rest, before, between, after, rest]
    return watch(phases, device, some_hand(rng), seed), phases


def score_step(seed: int) -> StepScore:
    """Hold a step against its truth."""
    watched, phases = step(seed)
    _, before, between, after, _ = phases
    middle_s = REST_S + before.seconds + between.seconds / 2
    truth = watched.truth
    # Before the tempo falls back to rest.
    end_s = float(truth.t_s[truth.rate_cpm > 0.99 * after.rate_cpm][-1])
    looks = watched.told.between(middle_s, end_s)
    true_cpm = rate_now_cpm(truth, looks.t_s)
    far = ~(np.abs(looks.rate_cpm / true_cpm - 1) <= STEP_WITHIN)
    return StepScore(
        doing=before.motion,  # type: ignore[arg-type]  # it moves
        conditions=watched.conditions,
        from_cpm=before.rate_cpm,
        to_cpm=after.rate_cpm,
        cycles=_cycles_until(watched, middle_s, looks, _after_last(far)),
    )


def _after_last(marks: Mask) -> int:
    """Index after the last that is marked."""
    return int(np.flatnonzero(marks)[-1]) + 1 if marks.any() else 0


def _cycles_until(watched: Session, since_s: float, looks: Told, at: int) -> float:
    """Count the true cycles from a moment to a look; infinite where there is no such look."""
    if at >= len(looks.t_s):
        return np.inf
    return float(made(watched.truth, looks.t_s[at]) - made(watched.truth, since_s))


def step_figures(scores: Sequence[StepScore]) -> list[Figure]:
    """Say the main figure: name, measured, target, verdict."""
    *_, within, _, met = _cycles_cells([s.cycles for s in scores], STEP_TARGET_CYCLES)
    return [(f"step of the tempo followed within {STEP_TARGET_CYCLES:g} cycles", within, "all", met)]


def step_tables(scores: Sequence[StepScore]) -> list[Table]:
    """Put the steps together."""
    groups = [("all", list(scores))]
    groups += [(name, [s for s in scores if band(s.from_cpm) == name]) for name in BANDS]
    groups += [("quicker", [s for s in scores if s.to_cpm > s.from_cpm])]
    groups += [("slower", [s for s in scores if s.to_cpm < s.from_cpm])]
    return [
        Table(
            "Steps of the tempo: cycles until the rate follows",
            ("steps", "steps", "p50", "p90", "p95", "most", "within", "target", "verdict"),
            [(name, *_cycles_cells([s.cycles for s in group], STEP_TARGET_CYCLES)) for name, group in groups if group],
            [
                f"""From {STEPS[0]:g} to {STEPS[-1]:.2f} times the tempo before, at least a tenth up or down, within
{STEP_S:g} s. True cycles from the middle of the step until the rate is within {100 * STEP_WITHIN:.0f} % of the tempo
of the moment, and stays so until the hand comes to rest.""",
            ],
        )
    ]


def _cycles_cells(cycles: list[float], target: float) -> tuple[str, ...]:
    within = np.array(cycles) <= target
    return (
        f"{len(cycles)}",
        *quantiles(cycles),
        share(within),
        f"≤ {target:g}",
        verdict(bool(within.all())),
    )


# --- one motion into another ---


@dataclass(frozen=True)
class ChangeScore:
    """A motion that flows into another: cycles until it is recognised and stays so for one; infinite if never."""

    pair: tuple[Doing, Doing]
    gyro: bool
    conditions: str
    cpm: float
    cycles: float
    miscounted: float

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        return (
            f"{self.conditions} | {self.pair[0]} to {self.pair[1]} {self.cpm:.1f} cpm: "
            f"recognised after {self.cycles:.2f} cycles, miscounted {self.miscounted:+.2f}"
        )


def change(seed: int) -> tuple[Session, list[Phase]]:
    """Make one motion, then another without a pause."""
    rng = generator("changes", seed)
    pair, cpm = PAIRS[seed % len(PAIRS)], log_uniform(rng, *CHANGES_CPM)
    first, second = (some_phase(rng, doing, cpm, CHANGE_CYCLES) for doing in pair)
    # People hold their way of tilting; it is not what changes.
    second = replace(second, tilt_deg=first.tilt_deg, direction="cw" if first.direction == "ccw" else "ccw")
    second = lasting(replace(second, rate_cpm=cpm * rng.uniform(0.8, 1.25)), CHANGE_CYCLES)
    device = some_device(rng, 1.25 * cpm, gyro=seed // len(PAIRS) % 2 == 0, lossy=False)
    phases = [Phase("still", REST_S), first, second, Phase("still", max(REST_S, seconds_of(1.5, cpm)))]
    return watch(phases, device, some_hand(rng), seed), phases


def score_change(seed: int) -> ChangeScore:
    """Hold a change against its truth."""
    watched, (rest, first, second, _) = change(seed)
    start_s = rest.seconds + first.seconds
    looks = watched.told.between(start_s, start_s + second.seconds)
    right = looks.is_kind(Kind(second.motion))
    if first.motion == second.motion:
        right &= _right_way(watched, looks)
    cycle = max(1, round(60 / second.rate_cpm / Engine.hop_s))
    at = next((k for k in range(len(right)) if right[k : k + cycle].all()), len(right))
    return ChangeScore(
        pair=PAIRS[seed % len(PAIRS)],
        gyro=watched.simulation.device.gyro,
        conditions=watched.conditions,
        cpm=second.rate_cpm,
        cycles=_cycles_until(watched, start_s, looks, at),
        miscounted=float(watched.told.cycles[-1] - watched.truth.cycles[-1]),
    )


def _right_way(watched: Session, looks: Told) -> Mask:
    """Which looks tell a circle's plane turning the right way."""
    truth = watched.truth
    at = np.clip(np.searchsorted(truth.t_s, looks.t_s), 0, len(truth.t_s) - 1)
    return np.asarray(np.einsum("ij,ij->i", looks.plane_normal, truth.plane_normal[at]) > 0)


def change_figures(scores: Sequence[ChangeScore]) -> list[Figure]:
    """Say the main figures: name, measured, target, verdict."""
    rows: list[Figure] = []
    for gyro, sensors in SENSORS:
        cycles = [s.cycles for s in scores if s.gyro == gyro]
        if cycles:
            *_, within, _, met = _cycles_cells(cycles, CHANGE_TARGET_CYCLES)
            rows.append((f"change of kind within {CHANGE_TARGET_CYCLES:g} cycles, {sensors}", within, "all", met))
    return rows


def change_tables(scores: Sequence[ChangeScore]) -> list[Table]:
    """Put the changes together."""
    groups = [(name, [s for s in scores if s.gyro == gyro]) for gyro, name in SENSORS]
    groups += [
        (f"{a} to {b}, {name}", [s for s in scores if s.gyro == gyro and s.pair == (a, b)])
        for a, b in PAIRS
        for gyro, name in SENSORS
    ]
    return [
        Table(
            "One motion into another: cycles until it is recognised",
            ("changes", "changes", "p50", "p90", "p95", "most", "within", "target", "verdict", "mean |miscount|"),
            [
                (
                    name,
                    *_cycles_cells([s.cycles for s in group], CHANGE_TARGET_CYCLES),
                    f"{np.mean([abs(s.miscounted) for s in group]):.2f}",
                )
                for name, group in groups
                if group
            ],
            [
                f"""Six cycles of each without a pause, at {CHANGES_CPM[0]:g} to {CHANGES_CPM[1]:g} cpm; a circle
flows into one the other way round. True cycles of the new motion until it is told, and is for a cycle on. The
miscount is that of the whole session.""",
            ],
        )
    ]


# --- no motion at all ---


@dataclass(frozen=True)
class QuietScore:
    """A hand that does nothing in particular.

    Attributes
    ----------
    doing : {"still", "fidget"}
    gyro : bool
    conditions : str
    cycles_per_min : float
        Told.
    rated : float
        Share of the looks that tell a tempo.
    """

    doing: str
    gyro: bool
    conditions: str
    cycles_per_min: float
    rated: float

    @property
    def line(self) -> str:
        """Everything of a session on a line."""
        return f"{self.conditions} | {self.doing} {self.cycles_per_min:.2f} cycles per min, rated {self.rated:.2f}"


def quiet(seed: int) -> tuple[Session, list[Phase]]:
    """Tremble and drift for a minute, or, one time in three, of fidgeting."""
    rng = generator("quiet", seed)
    phases = [Phase("fidget" if seed % 3 == 2 else "still", QUIET_S)]
    device = some_device(rng, MIN_CPM, gyro=seed // 3 % 2 == 0, lossy=seed // 6 % 2 == 1)
    return watch(phases, device, some_hand(rng, tremor_mps2=0.1, drift_deg=1.0), seed), phases


def score_quiet(seed: int) -> QuietScore:
    """See what is told of nothing."""
    watched, [phase] = quiet(seed)
    told = watched.told
    return QuietScore(
        doing=phase.motion,
        gyro=watched.simulation.device.gyro,
        conditions=watched.conditions,
        cycles_per_min=float(told.cycles[-1]) * 60 / QUIET_S,
        rated=float(np.mean(~np.isnan(told.rate_cpm))),
    )


def quiet_figures(scores: Sequence[QuietScore]) -> list[Figure]:
    """Say the main figures: name, measured, target, verdict."""
    rows: list[Figure] = []
    for doing, words in (("still", "still, trembling, drifting hands"), ("fidget", "fidgeting hands")):
        group = [s for s in scores if s.doing == doing]
        if group:
            _, cycles, *_, met = _quiet_cells(group)
            rows.append((f"false cycles per minute of {words}", cycles, "none", met))
    return rows


def quiet_tables(scores: Sequence[QuietScore]) -> list[Table]:
    """Put the minutes together."""
    groups = [
        (f"{doing}, {sensors}", [s for s in scores if (s.doing, s.gyro) == (doing, gyro)])
        for doing in ("still", "fidget")
        for gyro, sensors in SENSORS
    ]
    return [
        Table(
            "False cycles of hands that do nothing in particular",
            ("minutes", "minutes", "cycles per minute", "minutes with any", "time with a rate", "target", "verdict"),
            [(name, *_quiet_cells(group)) for name, group in groups if group],
            [
                """Still: tremor up to 0.1 m/s² RMS per axis, posture drifting by up to 1°. Fidget: every joint
wanders at random between 0.3 and 2.5 Hz.""",
            ],
        )
    ]


def _quiet_cells(scores: list[QuietScore]) -> tuple[str, ...]:
    cycles = np.array([s.cycles_per_min for s in scores])
    return (
        f"{len(scores)}",
        f"{cycles.mean():.2f}",
        share(cycles > 0),
        f"{100 * np.mean([s.rated for s in scores]):.1f} %",
        "none",
        verdict(not cycles.any()),
    )
