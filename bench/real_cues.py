"""What the coach says to real hands: silence where they do what a step asks for, the right word where they do not.

Each recording of real motion with truth is coached by steps made for it: one that asks for just what the hand does,
one that asks for half as much more a minute, and one that asks for another motion.

Usage: python -m bench.real_cues      (PALMPACE_DATA names the folder of recorded motion; default ../shared/data)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bench.accuracy.recordings import Recording, load
from bench.accuracy.table import Table
from sensors.files import open_file
from tracker.events import Band, CueEvent
from tracker.motion.state import Kind
from tracker.pipeline import Pipeline, PipelineParams, run
from tracker.routine import Routine, Step

SETS = ("robot_paced", "physio_sets", "wrist_shapes")
"""Those in which a hand does one thing for long enough to be coached."""
AROUND = (0.85, 1.15)
FASTER = (1.5, 2.0)
OTHER = {Kind.STROKE: Kind.CIRCLE, Kind.CIRCLE: Kind.STROKE, Kind.LIFT: Kind.CIRCLE}


def main() -> None:
    recordings = [each for each in load() if each.set in SETS and each.kind in (*OTHER, Kind.STILL)]
    if not recordings:
        return
    sets = {name: [each for each in recordings if each.set == name] for name in SETS}
    rows = [_quiet(name, of_set) for name, of_set in sets.items() if of_set]
    moving = [each for each in recordings if each.kind in OTHER]
    paced = [each for each in moving if _rate_cpm(each) is not None]
    too_slow = [_cues(each, each.kind, _band(each, FASTER)) for each in paced]
    wrong = [_cues(each, OTHER[each.kind], None) for each in moving]
    print(
        Table(
            "Cues that should not be: the step asks for what the hand does, its pace within 15 %",
            ("set", "recordings", "minutes", "with a false cue", "false cues a minute", "which"),
            rows,
        ).markdown()
    )
    print(
        Table(
            "Cues that should be",
            ("what is wrong", "recordings", "told rightly", "told something else"),
            [
                _told("too slow by a third to a half", too_slow, "faster"),
                _told("another motion", wrong, "other motion"),
            ],
        ).markdown()
    )


def _quiet(name: str, recordings: list[Recording]) -> tuple[str, ...]:
    cues = [_cues(each, each.kind, _band(each, AROUND)) for each in recordings]
    minutes = sum(each.end_s for each in recordings) / 60
    which = sum(cues, Counter[str]())
    false = ", ".join(f"{cue} {count}" for cue, count in which.most_common()) or "none"
    some = sum(1 for each in cues if each)
    return name, str(len(cues)), f"{minutes:.0f}", str(some), f"{which.total() / minutes:.2f}", false


def _told(what: str, cues: Iterable[Counter[str]], right: str) -> tuple[str, ...]:
    cues = list(cues)
    rightly = sum(1 for each in cues if each[right])
    else_ = sum(1 for each in cues if set(each) - {right})
    return what, str(len(cues)), f"{rightly} ({rightly / max(1, len(cues)):.0%})", str(else_)


def _cues(recording: Recording, kind: Kind, band: Band | None) -> Counter[str]:
    step = Step(
        name="as it is", technique="any", motion=kind, band_cpm=band, seconds=3600.0, source="the truth", evidence=1
    )
    routine = Routine(format=1, name="as-it-is", title="As it is", step=(step,))
    events = run(open_file(recording.path).messages, Pipeline(routine, PipelineParams(unwatched=True)))
    return Counter(event.cue for event in events if isinstance(event, CueEvent) and event.cue != "good")


def _band(recording: Recording, of: Band) -> Band | None:
    rate_cpm = _rate_cpm(recording)
    return (rate_cpm * of[0], rate_cpm * of[1]) if rate_cpm else None


def _rate_cpm(recording: Recording) -> float | None:
    """Give the measured pace, or that of the protocol's repetitions over the recording, which is cut to them."""
    if recording.rate_cpm is not None or recording.set != "physio_sets" or not recording.cycles:
        return recording.rate_cpm
    return recording.cycles * 60 / recording.end_s


if __name__ == "__main__":
    main()
