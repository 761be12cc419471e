"""How a session went, as its recording's writer notes it at the end: read in a moment, years later too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from tracker.events import SummaryEvent
from tracker.routine import Routine
from tracker.score import score_session

SESSION = "session"
"""The key that holds all of it; the others are for a list of recordings, and for other programs."""

MOST = 1_000_000
"""No session has so many steps or cues: a recording may come from anywhere, and a database holds 64 bits."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """All that the history keeps of a session; one of another ``format`` is not read but worked out anew."""

    format: Literal[1] = 1
    title: str = ""
    score: int | None = None
    summary: SummaryEvent

    def __post_init__(self) -> None:
        felt, spots = self.summary.feelings, self.summary.feelings.spots
        counted = [self.score, felt.before, felt.after, *(pain.value for pain in self.summary.pains)]
        counted += [value for spot in spots for value in (spot.before, spot.after)]
        counted += [value for step in self.summary.steps for value in (step.step, step.cues)]
        if not all(value is None or 0 <= value <= MOST for value in counted):
            raise ValueError(f"a count is from 0 to {MOST}")


def noted_of(summary: SummaryEvent, routine: Routine) -> Noted:
    """Gather what is kept of a session: its motion's segments are in the recording already."""
    return Noted(
        title=routine.title,
        score=score_session(routine, summary.steps).total,
        summary=msgspec.structs.replace(summary, streams=[]),
    )


def noted(summary: SummaryEvent, routine: Routine) -> dict[str, str]:
    """Give what a recording keeps of how its session went, for `sensors.recording.Recorder.sum_up`."""
    steps, feelings = summary.steps, summary.feelings
    told: dict[str, float | int | str | None] = {
        "seconds": round(sum(step.seconds for step in steps), 1),
        "judged_s": round(sum(step.judged_s for step in steps), 1),
        "in_band_s": round(sum(step.in_band_s for step in steps), 1),
        "cycles": round(sum(step.cycles for step in steps), 1),
        "routine": summary.routine,
        "title": routine.title or None,
        "feeling_before": feelings.before,
        "feeling_after": feelings.after,
        SESSION: msgspec.json.encode(noted_of(summary, routine)).decode(),
    }
    return {key: str(value) for key, value in told.items() if value is not None}


def read_noted(said: Mapping[str, str]) -> Noted | None:
    """Read what was noted; None where nothing was, or not in these words."""
    try:
        return msgspec.json.decode(said[SESSION], type=Noted)
    except (KeyError, msgspec.MsgspecError):
        return None
