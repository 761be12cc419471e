"""Sessions as the history keeps them, and recordings that hold them."""
# ruff: noqa: DTZ001 - names tell local time

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from journal.noted import noted
from journal.record import Record
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, read_name
from tracker.events import Feelings, SpotFeeling, StepResult
from tracker.pipeline import Pipeline, command_message, feel_message, pain_message, run
from tracker.routine import load_shipped, shipped_text
from tracker.session import Command

ROUTINE = "sore-back"


def step(**fields: Any) -> StepResult:
    known = {"step": 1, "name": "Lower back", "seconds": 120.0, "right_s": 100.0, "cycles": 9.5, "cw": 0.0, "ccw": 0.0}
    judged = {"judged_s": 90.0, "in_band_s": 60.0, "below_s": 10.0, "above_s": 20.0, "cues": 2, "period_cv": 0.1}
    return StepResult(**(known | judged | fields))


def record(when: str = "2026-11-20T08:00:00", routine: str = ROUTINE, **fields: Any) -> Record:
    began = datetime.fromisoformat(when)
    said = {"name": f"{began:%Y-%m-%dT%H-%M-%S}-{routine}", "length_s": 130.0, "steps": (step(),)}
    return Record(**({"began": began, "routine": routine} | said | fields))


def tender(when: str, *spots: tuple[str, int | None, int | None]) -> Record:
    """A session before and after which it was said how tender these were."""
    felt = tuple(SpotFeeling(spot=spot, before=before, after=after) for spot, before, after in spots)
    return record(when, feelings=Feelings(spots=felt))


def recorded(folder: Path, name: str, *, seconds: float = 20.0, told: bool = True, hurts: int | None = None) -> Path:
    """A closed recording of a short session; without ``told`` its writer noted nothing at the end."""
    began = read_name(name).when or datetime(2026, 11, 20, 12)
    began_ns = round(began.timestamp()) * NS_PER_S
    path = folder / f"{name}.mcap"
    messages = session(began_ns, seconds, hurts)
    with Recorder(path, {"routine": ROUTINE}) as recorder:
        for message in messages:
            recorder.write(message)
        if told:
            pipeline = Pipeline()
            for _ in run(messages, pipeline):
                pass
            recorder.sum_up(noted(pipeline.summary(), load_shipped(ROUTINE)))
    return path


@cache
def session(began_ns: int, seconds: float, hurts: int | None) -> tuple[Message, ...]:
    """What is said in a session in which no device is heard."""

    def at_ns(share: float) -> int:
        return began_ns + round(seconds * share * NS_PER_S)

    return (
        command_message(Command.START, began_ns, shipped_text(ROUTINE)),
        feel_message("before", 6, at_ns(0.1)),
        feel_message("before", 7, at_ns(0.1), "left shoulder"),
        command_message(Command.MARK, at_ns(0.5), "pop"),
        *([pain_message(hurts, "neck", at_ns(0.6))] if hurts is not None else []),
        command_message(Command.END, at_ns(0.9)),
        feel_message("after", 3, at_ns(1.0), "left shoulder"),
    )
