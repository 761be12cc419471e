"""Does the coach help? Simulated people, coached, with a bare metronome, and left alone; not people.

Each session is one step of a routine, done by a `sensors.simulate.Person` whose own tempo is not the step's: a
minute and a half coached, the same with a metronome that ticks at the middle of the band from beginning to end, and
the same with nothing. What their hand does is sent as a device would send it, and read by the real pipeline; the
coach's cues go back to the person. Time in band is told by the truth and by the engine.

Usage: python -m bench.coaching --write docs/coaching.md      (--sessions N for fewer)
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.accuracy.table import Table
from sensors.message import NS_PER_S
from sensors.samples import Array
from sensors.simulate import Device, OnlineHand, Person, PersonParams, Phase, messages
from tracker.coach import CoachParams
from tracker.events import Band, CueEvent, Event, SummaryEvent
from tracker.motion.state import Kind
from tracker.pipeline import Pipeline, PipelineParams, command_message
from tracker.routine import Routine, Step
from tracker.session import Command, SessionParams

SESSIONS = 200
SECONDS = 90.0
FEWER = 10
"""One in so many of the sessions stands behind the tables of what the result depends on."""
START_NS = 1_790_000_000 * NS_PER_S
DEVICE = Device(rate_hz=50.0, batch_s=0.2)
RESAMPLED = 4000
KEPT = 0.8
"""A session whose band was kept for this share of the time went well."""
FIRST_KEPT_S = 3.0
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->\n"

Told = Literal["nothing", "metronome", "coach"]
TOLD: tuple[Told, ...] = ("nothing", "metronome", "coach")


@dataclass(frozen=True)
class Task:
    """A technique, and at which tempos people come to it by themselves.

    Attributes
    ----------
    name : str
    asked : Phase
    band : (float, float)
    habits : tuple of (float, float)
        Ranges of habitual tempos; one of them, then a tempo in it, is drawn.
    """

    name: str
    asked: Phase
    band: Band
    habits: tuple[Band, ...]

    @property
    def routine(self) -> Routine:
        """The step alone, as long as a session."""
        step = Step(
            name=self.name,
            technique=self.name,
            motion=Kind(self.asked.motion),
            band_cpm=self.band,
            seconds=SECONDS,
            source="bench",
            evidence=3,
        )
        return Routine(format=1, name="bench", title=self.name, step=(step,))


TASKS = (
    Task("palm circling", Phase("circle", 1, length_cm=15), (20, 40), ((44, 64), (12, 17))),
    Task("slow strokes", Phase("stroke", 1, length_cm=20), (1.5, 15), ((18, 36),)),
    Task("knot circles, deep", Phase("circle", 1, length_cm=4), (90, 140), ((45, 82),)),
    Task("muscle lifting", Phase("lift", 1), (30, 60), ((66, 96), (18, 27))),
)
COMPRESSING = Task("chest compressions", Phase("stroke", 1, length_cm=5), (100, 120), ((95, 165),))
"""What people have been measured at; their free tempos, 129 ± 15 and 137 ± 18, lie mostly above the band."""


PUBLISHED: dict[Told, str] = {
    "nothing": "28 to 30 %",
    "metronome": "71 %; its mean tempo nearly always",
    "coach": "88 %, of a tempo that is shown all the time",
}

Changes = tuple[tuple[str, float], ...]
AS_THEY_ARE: Changes = ()
CHANGES: dict[str, Changes] = {
    "as they are": AS_THEY_ARE,
    "gain halved": (("gain", 0.5),),
    "gain doubled": (("gain", 2.0),),
    "delay halved": (("delay_s", 0.5),),
    "delay doubled": (("delay_s", 2.0),),
    "error and scatter halved": (("error", 0.5), ("scatter", 0.5)),
    "error and scatter doubled": (("error", 2.0), ("scatter", 2.0)),
    "back to their habit twice as slowly": (("pull_s", 2.0),),
    "back to their habit twice as quickly": (("pull_s", 0.5),),
    "half as many cues heeded, half the attention to ticks": (("heeds", 0.5), ("attends_s", 0.5), ("lapses_s", 2.0)),
    "every cue and every tick heeded": (("heeds", 2.0), ("attends_s", 1e6)),
}
"""What is different about the people: parameters, and the factor of each."""
HARDLY = ("gain", 0.2)
STRUGGLING: dict[str, Changes] = {
    "offers are not taken": (HARDLY,),
    "offers are taken": (HARDLY, ("takes_easier", 1.0)),
}
"""People whom a cue hardly moves."""
OF_THE_BEAT = {"attends_s", "lapses_s"}
TUNINGS: dict[str, Changes] = {
    "as it is": (),
    "says the same again after half as long": (("pace_repeat_s", 0.5), ("pace_repeat_cycles", 0.5)),
    "says the same again after twice as long": (("pace_repeat_s", 2.0), ("pace_repeat_cycles", 2.0)),
    "waits 1.25 s outside the band, not 2.5": (("dwell_s", 0.5),),
    "waits 5 s outside the band": (("dwell_s", 2.0),),
}
"""What is different about the coach: parameters of `tracker.coach`, and the factor of each."""


@dataclass(frozen=True)
class Job:
    """One session to be simulated.

    Attributes
    ----------
    task : Task
    seed : int
    told : {"nothing", "metronome", "coach"}
    changes : tuple of (str, float)
        What is different about the person.
    tuning : tuple of (str, float)
        What is different about the coach.
    able : bool
        Whether the habitual tempo is inside the band instead.
    read : bool
        Whether the engine reads it; a coached session it always reads.
    """

    task: Task
    seed: int
    told: Told
    changes: Changes = AS_THEY_ARE
    tuning: Changes = ()
    able: bool = False
    read: bool = False


@dataclass(frozen=True)
class Sat:
    """How a session went.

    Attributes
    ----------
    truly : float
        Share of the time with the hand's true tempo in the routine's band.
    read : float
        The same in the engine's eyes, which counts what it does not know as outside.
    sounds : int
        Cues, or ticks.
    offers : int
        How often an easier band was offered.
    first_s : float
        When the band had first been kept for three seconds; the session's length if never.
    """

    truly: float
    read: float
    sounds: int
    offers: int
    first_s: float


Results = Mapping[Job, Sat]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.coaching", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="of each kind")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the tables to this page")
    args = parser.parse_args()
    began_s = time.monotonic()
    plan = Plan(args.sessions)
    results = measure(plan.jobs, args.jobs)
    took = f"{len(results)} sessions of {SECONDS:g} s in {time.monotonic() - began_s:.0f} s"
    text = "\n".join(table.markdown(level=3) for table in tables(plan, results))
    print(text, took, sep="\n")
    if args.write:
        write(args.write, text)


def write(page: Path, text: str) -> None:
    """Put the tables between the page's markers; the rest of it stays as it is."""
    before, begins, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not (begins and ends):
        raise SystemExit(f"{page}: the lines {BEGIN.strip()} and {END.strip()} are missing")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


class Plan:
    """Which sessions to simulate; the techniques take turns.

    Attributes
    ----------
    sessions, fewer : int
        How many of each kind, and how many stand behind the tables of what the result depends on.
    """

    def __init__(self, sessions: int) -> None:
        self.sessions, self.fewer = sessions, max(len(TASKS), sessions // FEWER)

    def main(self, told: Told, changes: Changes = AS_THEY_ARE) -> list[Job]:
        """Those of the main table; with ``changes``, by the truth alone."""
        return [Job(_task(k), k, told, changes, read=not changes) for k in range(self.sessions)]

    def changed(self, told: Told, changes: Changes) -> list[Job]:
        """Those of people who are different."""
        return [Job(_task(k), k, told, changes, read=not changes) for k in range(self.fewer)]

    def tuned(self, tuning: Changes) -> list[Job]:
        """Those of a coach who is different."""
        return [Job(_task(k), k, "coach", tuning=tuning, read=not tuning) for k in range(self.fewer)]

    def able(self, told: Told) -> list[Job]:
        """Those of people who keep the band by themselves."""
        return [Job(_task(k), k, told, able=True) for k in range(self.fewer)]

    def compressing(self, told: Told) -> list[Job]:
        """Those of a task that real people were measured at."""
        return [Job(COMPRESSING, k, told) for k in range(self.fewer)]

    @property
    def jobs(self) -> list[Job]:
        """All of them, each once."""
        wanted = [job for told in TOLD for job in (*self.main(told), *self.able(told), *self.compressing(told))]
        wanted += self.main("metronome", ALWAYS_HEEDED)
        wanted += [job for told in TOLD for each in CHANGES.values() for job in self.changed(told, each)]
        wanted += [job for each in STRUGGLING.values() for job in self.changed("coach", each)]
        wanted += [job for each in TUNINGS.values() for job in self.tuned(each)]
        return list(dict.fromkeys(wanted))


ALWAYS_HEEDED = CHANGES["every cue and every tick heeded"]


def _task(k: int) -> Task:
    return TASKS[k % len(TASKS)]


def measure(jobs: Sequence[Job], processes: int) -> Results:
    """Simulate them all, each by itself."""
    if processes == 1:
        return dict(zip(jobs, map(sit, jobs), strict=True))
    with ProcessPoolExecutor(processes) as pool:
        return dict(zip(jobs, pool.map(sit, jobs, chunksize=8), strict=True))


def sit(job: Job) -> Sat:
    """Simulate one session."""
    low, high = job.task.band
    beat_cpm = (low + high) / 2 if job.told == "metronome" else None
    person = Person(person_of(job), job.task.asked, seed=job.seed, metronome_cpm=beat_cpm)
    hand = OnlineHand(person, DEVICE, seed=job.seed)
    events: list[Event] = []
    if job.told == "coach":
        events = coached(job.task.routine, person, hand, tuned(job.tuning))
    elif job.read:
        events = watched(job.task.routine, hand)
    rate_cpm = hand.truth(SECONDS).rate_cpm
    inside = (low <= rate_cpm) & (rate_cpm <= high)
    cues = [event.cue for event in events if isinstance(event, CueEvent)]
    steps = [step for event in events if isinstance(event, SummaryEvent) for step in event.steps]
    return Sat(
        truly=float(inside.mean()),
        read=sum(step.in_band_s for step in steps) / SECONDS,
        sounds=person.ticks or len(cues),
        offers=cues.count("easier?"),
        first_s=_first_s(inside),
    )


def person_of(job: Job) -> PersonParams:
    """Draw somebody: where their own tempo is, and how they differ from others in what is not known anyway."""
    rng = np.random.default_rng((job.seed, len(job.task.name)))
    low, high = job.task.band
    ranges = ((low * 1.25, high / 1.15),) if job.able else job.task.habits
    slowest, quickest = ranges[job.seed // len(TASKS) % len(ranges)]
    params = PersonParams(
        habit_cpm=slowest * (quickest / slowest) ** rng.random(),
        pull_s=rng.uniform(60, 180),
        scatter=rng.uniform(0.03, 0.07),
        delay_s=rng.uniform(1.0, 2.0),
        gain=rng.uniform(0.5, 1.0),
        error=rng.uniform(0.05, 0.11),
    )
    beat = params.beat
    for name, factor in job.changes:
        if name in OF_THE_BEAT:
            beat = replace(beat, **{name: getattr(beat, name) * factor})
        elif name == "takes_easier":
            params = replace(params, takes_easier=True)
        else:
            params = replace(params, **{name: getattr(params, name) * factor})
    return replace(params, beat=beat)


def tuned(tuning: Changes) -> CoachParams:
    """Give a coach, different from ours by these factors."""
    ours = CoachParams()
    return replace(ours, **{name: getattr(ours, name) * factor for name, factor in tuning})


def coached(routine: Routine, person: Person, hand: OnlineHand, coach: CoachParams) -> list[Event]:
    """Let the pipeline read the hand batch by batch, and the person hear what the coach says."""
    pipeline, said = Pipeline(routine, PipelineParams(session=SessionParams(coach))), list[Event]()
    pressed_s = math.inf
    for k in range(1, round(SECONDS / DEVICE.batch_s) + 1):
        for message in messages(hand.chunk(k * DEVICE.batch_s), format="plain", start_ns=START_NS):
            now_s = (message.received_ns - START_NS) / NS_PER_S
            if pressed_s <= now_s:
                pressed_s, at_ns = math.inf, START_NS + round(pressed_s * NS_PER_S)
                said += pipeline.feed(command_message(Command.EASIER, max(at_ns, START_NS)))
            events = pipeline.feed(message)
            for cue in (event for event in events if isinstance(event, CueEvent)):
                pressed_s = person.hear(cue.cue, cue.band, now_s) or pressed_s
            said += [event for event in events if isinstance(event, CueEvent | SummaryEvent)]
    return said + pipeline.finish()


def watched(routine: Routine, hand: OnlineHand) -> list[Event]:
    """Let the pipeline read the hand, and nobody hear of it."""
    pipeline, said = Pipeline(routine, PipelineParams(unwatched=True)), list[Event]()
    for message in messages(hand.chunk(SECONDS), format="plain", start_ns=START_NS):
        said += [event for event in pipeline.feed(message) if isinstance(event, SummaryEvent)]
    return said + pipeline.finish()


def _first_s(inside: NDArray[np.bool_]) -> float:
    """When the band has first been kept for a while."""
    hop_s = SECONDS / len(inside)
    needed = round(FIRST_KEPT_S / hop_s)
    kept = np.convolve(inside, np.ones(needed), "valid") == needed
    return (int(kept.argmax()) + needed) * hop_s if kept.any() else SECONDS


# The tables


def tables(plan: Plan, results: Results) -> list[Table]:
    """Tell all that was measured."""
    return [
        _in_band(plan, results),
        _differences(plan, results),
        _course(plan, results),
        _able(plan, results),
        _struggling(plan, results),
        _dependence(plan, results),
        _tunings(plan, results),
        _published(plan, results),
    ]


def _of(results: Results, jobs: Sequence[Job], what: str = "truly") -> Array:
    return np.array([getattr(results[job], what) for job in jobs], dtype=np.float64)


def _interval(values: Array) -> tuple[float, float]:
    """95 % interval of the mean, by resampling the sessions."""
    rng = np.random.default_rng(1)
    means = values[rng.integers(0, len(values), (RESAMPLED, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def _share(values: Array) -> str:
    low, high = _interval(values)
    return f"{100 * values.mean():.0f} % [{100 * low:.0f} to {100 * high:.0f}]"


def _points(values: Array) -> str:
    low, high = _interval(values)
    return f"{100 * values.mean():+.0f} [{100 * low:+.0f} to {100 * high:+.0f}]"


def _in_band(plan: Plan, results: Results) -> Table:
    groups = [plan.main(told) for told in TOLD] + [plan.main("metronome", ALWAYS_HEEDED)]
    rows = [
        (
            f"{task.name}, {task.band[0]:g} to {task.band[1]:g} a minute",
            *(_share(_of(results, [job for job in jobs if job.task is task])) for jobs in groups),
        )
        for task in TASKS
    ]
    rows.append(("all", *(_share(_of(results, jobs)) for jobs in groups)))
    head = ("time in band, by the truth", *TOLD, "metronome, always heeded")
    return Table("Time in band", head, rows, [_about(plan)])


def _about(plan: Plan) -> str:
    return f"""\
{plan.sessions} seeds, each in every column, the techniques in turn; {SECONDS:g} s a session. Mean, and its 95 %
interval by resampling the sessions {RESAMPLED} times. Palmpace {version("palmpace")}."""


def _differences(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    pairs: list[tuple[Told, Told]] = [("coach", "nothing"), ("metronome", "nothing"), ("coach", "metronome")]
    for one, other in pairs:
        truly, read = (
            _of(results, plan.main(one), what) - _of(results, plan.main(other), what) for what in ("truly", "read")
        )
        rows.append((f"{one} and {other}", _points(truly), _points(read), f"{100 * np.mean(truly > 0):.0f} %"))
    head = ("difference in time in band, seed by seed", "by the truth", "by the engine", "sessions that gain")
    return Table("Differences", head, rows, ["In points of per cent, with the 95 % interval of their mean."])


def _course(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    for told in TOLD:
        jobs = plan.main(told)
        sounds = _of(results, jobs, "sounds") * 60 / SECONDS
        rows.append(
            (
                told,
                _share(_of(results, jobs, "read")),
                f"{100 * np.mean(_of(results, jobs) >= KEPT):.0f} %",
                f"{np.median(_of(results, jobs, 'first_s')):.0f} s",
                f"{sounds.mean():.1f}",
            )
        )
    head = (
        "with",
        "in band, by the engine",
        f"sessions {100 * KEPT:.0f} % in band",
        "first kept after",
        "sounds a minute",
    )
    note = f"""\
First kept: when the band had been kept for {FIRST_KEPT_S:g} s for the first time; the median. Sounds are cues, each
`good` among them, or ticks. The engine counts what it does not know as outside, such as the first seconds."""
    return Table("How it went", head, rows, [note])


def _able(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = [
        (told, _share(_of(results, jobs)), f"{(_of(results, jobs, 'sounds') * 60 / SECONDS).mean():.1f}")
        for told in TOLD
        for jobs in (plan.able(told),)
    ]
    note = f"{plan.fewer} seeds; the habitual tempo is well inside the band."
    return Table("Those who keep the band by themselves", ("with", "time in band", "sounds a minute"), rows, [note])


def _struggling(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, changes in STRUGGLING.items():
        jobs = plan.changed("coach", changes)
        offered = f"{100 * np.mean(_of(results, jobs, 'offers') > 0):.0f} %"
        rows.append((name, offered, _share(_of(results, jobs)), _share(_of(results, jobs, "read"))))
    head = ("an easier band", "offered", "in the routine's band, by the truth", "in the band asked for, by the engine")
    note = f"The first {plan.fewer} seeds, with a fifth of the gain. It is offered after a minute, two thirds through."
    return Table("Those whom a cue hardly moves", head, rows, [note])


def _dependence(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, changes in CHANGES.items():
        nothing, metronome, coach = (_of(results, plan.changed(told, changes)) for told in TOLD)
        shares = tuple(f"{100 * each.mean():.0f} %" for each in (nothing, metronome, coach))
        rows.append((name, *shares, _points(coach - nothing), _points(coach - metronome)))
    head = ("people", *TOLD, "coach and nothing", "coach and metronome")
    note = f"The first {plan.fewer} seeds, by the truth. A gain that is doubled overshoots."
    return Table("What it depends on", head, rows, [note])


def _tunings(plan: Plan, results: Results) -> Table:
    ours = _of(results, plan.tuned(()))
    rows: list[tuple[str, ...]] = []
    for name, tuning in TUNINGS.items():
        jobs = plan.tuned(tuning)
        sounds = _of(results, jobs, "sounds").mean() * 60 / SECONDS
        rows.append((name, _share(_of(results, jobs)), _points(_of(results, jobs) - ours), f"{sounds:.1f}"))
    head = ("the coach", "time in band", "difference", "sounds a minute")
    return Table("How patient the coach is", head, rows, [f"The first {plan.fewer} seeds, by the truth."])


def _published(plan: Plan, results: Results) -> Table:
    rows: list[tuple[str, ...]] = [
        (told, _share(_of(results, plan.compressing(told))), PUBLISHED[told]) for told in TOLD
    ]
    note = """\
The same people as if they compressed a chest at 100 to 120 a minute, the nearest thing that has been measured. Nothing
was fitted but their free tempos, most of which are too quick. Published: see above."""
    return Table("Beside real people", ("with", "simulated", "published"), rows, [note])


if __name__ == "__main__":
    main()
