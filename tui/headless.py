"""A session without a screen: its events as JSON lines, or a line now and then for a person."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag

from tracker.events import (
    CueEvent,
    Event,
    MarkEvent,
    MotionEvent,
    NoticeEvent,
    PainEvent,
    SessionEvent,
    StepEvent,
    SummaryEvent,
    to_json,
)
from tracker.routine import Routine
from tracker.score import SessionScore, score_session
from tui.runner import Runner

POLL_S = 0.05
"""Half of the time between two looks at the hand."""


def watch(
    runner: Runner,
    *,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
    in_haste: bool = False,
) -> None:
    """Run a session to its end and print its events.

    Parameters
    ----------
    runner : Runner
    as_json : bool
        JSON lines on stdout, else a line a second for a person.
    sleep : callable
        Waits between two looks at the source.
    in_haste : bool
        Do not wait at all: a replay as fast as it goes.

    Raises
    ------
    KeyboardInterrupt
        It was interrupted, after it has been brought to its end.
    """
    show = _print_json if as_json else _Teller(lambda: runner.pipeline.routine)
    with _interrupted() as interrupted:
        try:
            while not runner.done and not interrupted.is_set():
                for event in runner.poll():
                    show(event)
                if not in_haste and not runner.done:
                    sys.stdout.flush()
                    sleep(POLL_S)
        finally:
            for event in runner.close():
                show(event)
            sys.stdout.flush()
    if interrupted.is_set():
        raise KeyboardInterrupt


@contextmanager
def _interrupted() -> Iterator[Flag]:
    """Let the first Ctrl-C or SIGTERM only ask for the end.

    An exception in the middle of things would leave half a message in the recording, or one that the session never saw.
    """
    asked = Flag()
    # What a shell started in the background ignores Ctrl-C, and is to go on doing so.
    usual = {
        number: handler
        for number in (signal.SIGINT, signal.SIGTERM)
        if (handler := signal.getsignal(number)) is not signal.SIG_IGN
    }

    def give_back() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def ask(_number: int, _frame: object) -> None:
        asked.set()
        give_back()

    for number in usual:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        give_back()


def _print_json(event: Event) -> None:
    sys.stdout.write(to_json(event).decode() + "\n")
    if isinstance(event, NoticeEvent):
        print(_printable(f"{event.about}: {event.text}"), file=sys.stderr)


def _printable(line: str) -> str:
    """Keep control characters, which a topic or a recording may hold, from the terminal."""
    return "".join(filter(str.isprintable, line))


class _Teller:
    """Tells a person what happens, one line a second at most for the motion, and in the end how well it went."""

    def __init__(self, routine: Callable[[], Routine]) -> None:
        self._routine = routine
        self._told_s = float("-inf")

    def __call__(self, event: Event) -> None:
        if isinstance(event, MotionEvent) and event.t_s - self._told_s < 1.0:
            return
        line = in_words(event)
        if line is None:
            return
        if isinstance(event, MotionEvent):
            self._told_s = event.t_s
        print(_printable(line), file=sys.stderr if isinstance(event, NoticeEvent) else sys.stdout)
        if isinstance(event, SummaryEvent):
            for line in how_well(score_session(self._routine(), event.steps)):
                print(_printable(line))


def how_well(score: SessionScore) -> Iterator[str]:
    """Say how well each step went that asked for something, and why, then the whole session."""
    for step in score.steps:
        if step.total is None:
            continue
        easier = ", made easier" if step.result.eased else ""
        done = step.done.why if step.result.released else f"{step.done.why} done"
        yield f"{step.result.step:3d} {step.result.name}: {step.total} of 100, {done}{easier}"
        told = (part for part in (step.motion, step.pace, step.even) if part.value is not None)
        yield "    " + "; ".join(f"{part.name} {part.value}: {part.why}" for part in told)
    if score.total is not None:
        yield f"    all in all: {score.total} of 100"


def in_words(event: Event) -> str | None:
    """Say an event in one line; None where it is not worth one."""
    match event:
        case MotionEvent():
            rate = f"{event.rate_cpm:5.1f} cpm" if event.rate_cpm is not None else "    - cpm"
            words = f"{event.motion:7s} {event.direction or '':3s} {rate}  {event.cycles:6.1f} cycles"
        case CueEvent():
            words = f"> {event.text}"
        case StepEvent():
            band = f", {event.band[0]:g}-{event.band[1]:g} cpm" if event.band else ""
            which = "easier" if event.why == "easier" else f"step {event.step} of {event.of}"
            words = f"{which}: {event.name}{band}"
        case SessionEvent():
            words = f"{event.state}: {event.why}"
        case NoticeEvent():
            words = f"{event.about}: {event.text}"
        case MarkEvent():
            words = f"mark: {event.text}"
        case PainEvent():
            where = f" at {event.area}" if event.area else ""
            words = f"pain {event.value} of 10{where}: {'the session ends' if event.ended else 'on, easier'}"
        case SummaryEvent():
            words = "; ".join(
                f"{kind} {total.seconds:.0f} s" + (f", {total.cycles:.1f} cycles" if total.cycles else "")
                for kind, total in event.totals.items()
                if total.seconds
            )
            words = f"in all: {words or 'nothing heard'}"
        case _:
            return None
    return f"{event.t_s:7.1f} s  {words}"
