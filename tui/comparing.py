"""A recording coached again by other routines, side by side: what the coach would have said, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tracker.events import CueEvent, SummaryEvent
from tracker.pipeline import Pipeline, PipelineParams, run
from tracker.routine import Routine, RoutineError, parse_routine
from tracker.score import SessionScore, score_session
from tui import words
from tui.choices import LaunchError
from tui.launch import open_stored, routine_named

OWN = "own"
_COLUMN = 22


@dataclass(frozen=True, slots=True)
class Coached:
    """A recording, coached by one routine.

    Attributes
    ----------
    name : str
        As it was asked for; ``own`` is the recording's.
    routine : Routine
    summary : SummaryEvent
    score : SessionScore
    cues : tuple of CueEvent
        All that the coach said, in order.
    """

    name: str
    routine: Routine
    summary: SummaryEvent
    score: SessionScore
    cues: tuple[CueEvent, ...]

    @property
    def judged_s(self) -> float:
        """Time in which the pace was known and held against a band."""
        return sum(step.judged_s for step in self.summary.steps)

    @property
    def in_band_s(self) -> float:
        """The part of it in the band."""
        return sum(step.in_band_s for step in self.summary.steps)

    def to_dict(self) -> dict[str, Any]:
        """Give what a script reads of it."""
        return {
            "routine": self.routine.name,
            "style": self.routine.style,
            "asked": self.name,
            "judged_s": round(self.judged_s, 1),
            "in_band_s": round(self.in_band_s, 1),
            "score": self.score.total,
            "steps": msgspec.to_builtins(self.summary.steps),
            "cues": msgspec.to_builtins(self.cues),
        }


def coach_again(file: Path, asked: Sequence[str]) -> list[Coached]:
    """Coach a recording by its own routine and by others.

    Parameters
    ----------
    file : Path
        A recording, or any file that can be replayed.
    asked : sequence of str
        Routines: ``NAME``, ``NAME:STYLE``, or the path of a ``.toml`` file.

    Raises
    ------
    LaunchError, RoutineError
        The file or a routine cannot be read; one line.
    """
    routines = [(name, _asked_for(name)) for name in asked]  # a wrong name is told before minutes of reading
    return [_coached(file, OWN, None), *(_coached(file, name, routine) for name, routine in routines)]


def table(coached: Sequence[Coached]) -> Iterator[str]:
    """Put them side by side: a column each, cues by their kinds below."""
    said = [Counter(cue.cue for cue in each.cues) for each in coached]
    yield _row("", [_cut(each.name if each.name != OWN else f"own ({each.routine.name})") for each in coached])
    known = [f"{words.share(each.in_band_s, each.judged_s)} of {words.clock(each.judged_s)}" for each in coached]
    yield _row("in the band", [known if each.judged_s else "-" for each, known in zip(coached, known, strict=True)])
    yield _row("score", ["-" if each.score.total is None else str(each.score.total) for each in coached])
    yield _row("cues", [str(count.total()) for count in said])
    for cue in sorted({cue for count in said for cue in count}):
        yield _row(f"  {cue}", [str(count[cue] or "-") for count in said])


def told(coached: Coached) -> Iterator[str]:
    """Give each cue with its time, its words and its reason."""
    yield f"{coached.name}: {coached.routine.title}"
    for cue in coached.cues:
        yield f"{cue.t_s:8.1f} s  {cue.text}  ({cue.why})"


def _coached(file: Path, name: str, routine: Routine | None) -> Coached:
    pipeline = Pipeline(routine, PipelineParams(unwatched=True))
    cues = tuple(event for event in run(open_stored(file).messages, pipeline) if isinstance(event, CueEvent))
    summary = pipeline.summary()
    if not summary.streams:
        raise LaunchError(f"{file}: no acceleration in it, so there is nothing to coach")
    score = score_session(pipeline.routine, summary.steps)
    return Coached(name, pipeline.routine, summary, score, cues)


def _asked_for(name: str) -> Routine:
    if name.endswith(".toml"):
        try:
            return parse_routine(Path(name).read_text(encoding="utf-8"), name)
        except (OSError, UnicodeDecodeError) as error:
            raise RoutineError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    routine, _, style = name.partition(":")
    return routine_named(routine, style)


def _row(head: str, cells: Sequence[str]) -> str:
    return f"{head:16}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)


def _cut(name: str) -> str:
    return name if len(name) < _COLUMN else f"…{name[-_COLUMN + 3 :]}"
