"""What is asked of a method on real recordings: figures made of what it told, beside their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.accuracy.recordings import Recording, Span
from bench.accuracy.table import Table, verdict
from tracker.motion.state import Kind

RATE_WITHIN = 0.03
ROBOT_CYCLES = (9, 12)
"""Ten by protocol, and people often add a swing when the robot has stopped."""
LEAD_S, TRAIL_S = 1.0, 5.0
"""A wrist is idle until so long before the robot moves and from so long after: people add a swing or lower the arm."""


@dataclass(frozen=True)
class Told:
    """What a method made of a recording; a method that tells no kinds leaves those empty.

    Attributes
    ----------
    rate_cpm : float or None
    cycles : float
        Of all kinds, over the whole file.
    idle_cycles : float
        Of them, where the wrist was idle.
    most, longest : Kind or None
        The kind of most cycles, or of most time where there are none; and of most time in any case.
    shares : dict of Kind to float
        Of the time as told live.
    ways : list of bool
        Of each circle told, whether it goes the right way about the forearm.
    story : str
        What was done when, for the eye.
    """

    rate_cpm: float | None
    cycles: float
    idle_cycles: float = 0.0
    most: Kind | None = None
    longest: Kind | None = None
    shares: dict[Kind, float] = field(default_factory=dict)
    ways: list[bool] = field(default_factory=list)
    story: str = ""


Score = tuple[Recording, Told]
Scores = Sequence[Score]
Value = tuple[float, str]
"""A figure, and how it is written."""
Holds = Callable[[Score], bool | None]
"""Whether a recording was read right; None where that cannot be told, or is not asked of it."""


@dataclass(frozen=True)
class Figure:
    """What is made of the scores of a group of recordings, and what it should be.

    Attributes
    ----------
    name : str
    asks : callable
        Whether it is asked of a recording.
    of : callable
        From scores to the figure; None where the method cannot tell.
    targets : (float, float) or None
        With the gyroscope, and without.
    target : str
        The same in words.
    at_most : bool
        Whether the target is an upper bound.
    of_each : callable or None
        The same of a single recording.
    """

    name: str
    asks: Callable[[Recording], bool]
    of: Callable[[Scores], Value | None]
    targets: tuple[float, float] | None = None
    target: str = ""
    at_most: bool = False
    of_each: Holds | None = None

    def met(self, value: float, *, gyroscope: bool) -> bool | None:
        """Tell whether a figure is what it should be; None where it has no target."""
        if self.targets is None:
            return None
        target = self.targets[0 if gyroscope else 1]
        return value <= target if self.at_most else value >= target


def idle_spans(recording: Recording) -> list[Span]:
    """Tell by the labels when a wrist makes no cycles: before and after the robot moves, or all the time."""
    if recording.kind is Kind.STILL:
        return [(0.0, recording.end_s)]
    if recording.active_s is None:
        return []
    begin_s, stop_s = recording.active_s
    return [(a, b) for a, b in ((0.0, begin_s - LEAD_S), (stop_s + TRAIL_S, recording.end_s)) if b > a]


def table(scored: Mapping[str, Scores], gyroscope: str) -> Table:
    """Put figures beside their targets.

    Parameters
    ----------
    scored : dict of str to list of (Recording, Told)
        By method.
    gyroscope : str
        The method that has a gyroscope; the targets of the others are those without.
    """
    rows = []
    for figure in FIGURES:
        values = [(name, _value(figure, scores)) for name, scores in scored.items()]
        cells = [
            f"{value[1]} {verdict(figure.met(value[0], gyroscope=name == gyroscope))}".strip() if value else "–"
            for name, value in values
        ]
        rows.append((figure.name, figure.target, *cells))
    return Table("Recordings of real people", ("figure", "target", *scored), rows, NOTES)


def comparison(scored: Mapping[str, Scores], rivals: Sequence[str], note: str) -> Table:
    """Put all methods side by side, in what one of the rivals can tell."""
    rows = []
    for figure in FIGURES:
        values = {name: _value(figure, scores) for name, scores in scored.items()}
        if any(values[name] for name in rivals):
            rows.append((figure.name, *(value[1] if value else "–" for value in values.values())))
    return Table("What a person would use instead, on the same recordings", ("figure", *scored), rows, [note])


def _value(figure: Figure, scores: Scores) -> Value | None:
    asked = [score for score in scores if figure.asks(score[0])]
    return figure.of(asked) if asked else None


def each(scored: Mapping[str, Scores]) -> Iterator[str]:
    """Tell of each recording the truth, and of each method what it made of it and what is wrong about that."""
    for rows in zip(*scored.values(), strict=True):
        recording = rows[0][0]
        truth = [recording.kind.value, recording.way or ""]
        truth += [f"{recording.rate_cpm} cpm" if recording.rate_cpm else ""]
        truth += [f"{recording.cycles} cycles" if recording.cycles else ""]
        yield f"{recording.set}/{recording.name}: {recording.activity}: {' '.join(filter(None, truth))}"
        for name, score in zip(scored, rows, strict=True):
            wrong = [
                figure.name
                for figure in FIGURES
                if figure.of_each and figure.asks(recording) and figure.of_each(score) is False
            ]
            judged = f"WRONG ({'; '.join(wrong)})" if wrong else "right"
            yield f"  {name}: {judged}: {_facts(score[1])}"
            if score[1].story:
                yield f"    {score[1].story}"


def _facts(said: Told) -> str:
    facts = [f"{said.rate_cpm:.2f} cpm" if said.rate_cpm else "no rate", f"{said.cycles:.1f} cycles"]
    if said.idle_cycles:
        facts.append(f"{said.idle_cycles:.1f} of them idle")
    if said.shares:
        shares = ", ".join(f"{kind} {share:.0%}" for kind, share in said.shares.items() if share)
        facts.append(f"most {said.most}, longest {said.longest} ({shares})")
    if said.ways:
        facts.append(f"{sum(said.ways)} of {len(said.ways)} circles the right way")
    return ", ".join(facts)


# What is asked of which recordings


def _of_set(name: str) -> Callable[[Recording], bool]:
    return lambda recording: recording.set == name


def _exercise(*names: str) -> Callable[[Recording], bool]:
    return lambda recording: recording.activity.split(":")[0] in names


def _is_circle(recording: Recording) -> bool:
    return recording.set == "single_circles" and recording.kind is Kind.CIRCLE


def _is_idle(recording: Recording) -> bool:
    return bool(idle_spans(recording))


# What holds of a recording


def _rate_error(score: Score) -> float:
    recording, said = score
    if recording.rate_cpm is None:
        raise ValueError(f"{recording.name}: its rate is not known")
    return abs(said.rate_cpm / recording.rate_cpm - 1) if said.rate_cpm else float("inf")


def _rate_near(score: Score) -> bool:
    return _rate_error(score) <= RATE_WITHIN


def _robot_counted(score: Score) -> bool:
    low, high = ROBOT_CYCLES
    return low <= round(score[1].cycles) <= high


def _counted(within: int) -> Holds:
    def holds(score: Score) -> bool:
        recording, said = score
        return recording.cycles is not None and abs(round(said.cycles) - recording.cycles) <= within

    return holds


def _right_most(score: Score) -> bool | None:
    return None if score[1].most is None else score[1].most is score[0].kind


def _no_circle(score: Score) -> bool | None:
    return None if score[1].most is None else score[1].most is not Kind.CIRCLE


def _right_longest(score: Score) -> bool | None:
    return None if score[1].longest is None else score[1].longest is score[0].kind


def _right_ways(score: Score) -> bool | None:
    return all(score[1].ways) if score[1].ways else None


# What is made of many recordings


def _ratio(part: int, whole: int) -> Value | None:
    """Round to whole percent, as the targets are."""
    return (round(part / whole, 2), f"{100 * part / whole:.0f} % ({part}/{whole})") if whole else None


def _share(holds: Holds) -> Callable[[Scores], Value | None]:
    """Of how many recordings something holds, of those of which it can be told."""

    def of(scores: Scores) -> Value | None:
        answers = [answer for answer in map(holds, scores) if answer is not None]
        return _ratio(sum(answers), len(answers))

    return of


def _rate_errors(scores: Scores) -> Value:
    error = median(map(_rate_error, scores))
    return error, f"{100 * error:.2f} %"


def _circle_time(scores: Scores) -> Value | None:
    shares = [said.shares[Kind.CIRCLE] for _, said in scores if said.shares]
    return (sum(shares) / len(shares), f"{100 * sum(shares) / len(shares):.1f} %") if shares else None


def _ways(scores: Scores) -> Value | None:
    ways = [way for _, said in scores for way in said.ways]
    return _ratio(sum(ways), len(ways))


def _false_cpm(scores: Scores) -> Value:
    idle_s = sum(b - a for recording, _ in scores for a, b in idle_spans(recording))
    cycles = sum(said.idle_cycles for _, said in scores)
    return 60 * cycles / idle_s, f"{60 * cycles / idle_s:.2f} ({cycles:.1f} in {idle_s / 60:.1f} min)"


def _shared(
    name: str, asks: Callable[[Recording], bool], holds: Holds, target: float, bare: float | None = None
) -> Figure:
    """Ask for a share of recordings; without a gyroscope perhaps for a smaller one."""
    words = f"≥ {100 * target:.0f} %" if target < 1 else "100 %"
    words += "" if bare is None else f", {100 * bare:.0f} %"
    return Figure(name, asks, _share(holds), (target, target if bare is None else bare), words, of_each=holds)


_ROBOT, _PHYSIO, _SHAPES, _SINGLE = map(_of_set, ("robot_paced", "physio_sets", "wrist_shapes", "single_circles"))

FIGURES = (
    Figure("robot-paced strokes: median rate error", _ROBOT, _rate_errors, (0.005, 0.005), "≤ 0.5 %", at_most=True),
    _shared("robot-paced strokes: rate within 3 %", _ROBOT, _rate_near, 0.97),
    _shared("robot-paced strokes: 9 to 12 cycles", _ROBOT, _robot_counted, 0.97),
    _shared("robot-paced strokes: told as stroke", _ROBOT, _right_most, 0.95, 0.80),
    _shared("sets of 20: counted within 1", _PHYSIO, _counted(1), 0.93),
    _shared("sets of 20: counted within 2", _PHYSIO, _counted(2), 0.98),
    _shared("sets of 20: hanging-arm circles told as circle", _exercise("PEN"), _right_most, 0.95),
    _shared("sets of 20: arm raises never told as circle", _exercise("FEL", "ABD"), _no_circle, 1.0),
    Figure("sets of 20: time of arm raises told as circle", _exercise("FEL", "ABD"), _circle_time),
    _shared("wrist shapes: kind of most cycles", _SHAPES, _right_most, 1.0, 0.85),
    Figure("wrist shapes: kind of most of the time", _SHAPES, _share(_right_longest)),
    Figure(
        "single circles: direction of told circles",
        _is_circle,
        _ways,
        (0.97, 0.97),
        "≥ 97 %",
        of_each=_right_ways,
    ),
    Figure("single circles: told as circle", _is_circle, _share(_right_most)),
    _shared("single circles and twists: counted within 2", _SINGLE, _counted(2), 0.85),
    Figure(
        "idle wrists: false cycles per minute",
        lambda recording: bool(idle_spans(recording)),
        _false_cpm,
        (0.2, 0.2),
        "≤ 0.2",
        True,
    ),
)

NOTES = [
    """Shares are of recordings (of told circles, where directions are judged), rounded to whole percent. A second
target is that without a gyroscope. The rate is that of the stroke with the most cycles; an unknown rate is wrong. The
kind is that of most cycles, and where there are none that of most of the time; half of some recordings of wrist shapes
is the arm being raised and held before the shape begins. Repetitions of the single circles and twists follow each other
without a pause, as they were cut.""",
    f"""Idle is a robot-paced wrist until {LEAD_S:g} s before the robot moves and from {TRAIL_S:g} s after, and a
static one always. People fidget, scratch and lower the arm meanwhile. A stroke that reaches into the idle time counts
there with its share.""",
]
