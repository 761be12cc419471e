"""The motion engine on simulated hands and pure tones: a thousand seeded sessions, over all that it is made for.

Tempos of 1.2 to 300 cpm (log-uniform), any mounting, sensor noise, tremor, tilt, jitter, up to 30 % of the messages
lost, devices of 10 to 400 Hz, with a gyroscope and without. A session is told by its experiment and its number alone.

Usage: python -m bench.accuracy.simulated [--sessions N] [--each] [--only NAME] [--first K] [--jobs J]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.accuracy import changes, sets, tones
from bench.accuracy.sessions import Figure
from bench.accuracy.table import Table

SESSIONS = 1000


@dataclass(frozen=True)
class Experiment:
    """One kind of session.

    Attributes
    ----------
    share : float
        Of all sessions.
    score : callable
        From the number of a session to what is kept of it; that has a ``line`` to read.
    figures, tables : callable
        From what is kept of all sessions to the main figures, and to all of them.
    """

    share: float
    score: Callable[[int], Any]
    figures: Callable[[Sequence[Any]], list[Figure]]
    tables: Callable[[Sequence[Any]], list[Table]]


EXPERIMENTS = {
    "sets": Experiment(0.35, sets.score, sets.figures, sets.tables),
    "tones": Experiment(0.21, tones.score_tone, tones.tone_figures, tones.tone_tables),
    "octaves": Experiment(0.1, tones.score_octave, tones.octave_figures, tones.octave_tables),
    "singles": Experiment(0.09, changes.score_singles, changes.singles_figures, changes.singles_tables),
    "steps": Experiment(0.08, changes.score_step, changes.step_figures, changes.step_tables),
    "changes": Experiment(0.08, changes.score_change, changes.change_figures, changes.change_tables),
    "quiet": Experiment(0.09, changes.score_quiet, changes.quiet_figures, changes.quiet_tables),
}


def run(names: Sequence[str], sessions: int, jobs: int = 2, first: int = 0) -> dict[str, list[Any]]:
    """Score each experiment's share of so many sessions, from the number ``first`` on."""
    work = [(name, first + k) for name in names for k in range(max(1, round(EXPERIMENTS[name].share * sessions)))]
    scored: dict[str, list[Any]] = {name: [] for name in names}
    with ProcessPoolExecutor(jobs) as pool:
        for (name, _), result in zip(work, pool.map(_score, work, chunksize=2), strict=True):
            scored[name].append(result)
    return scored


def tables(sessions: int = SESSIONS, jobs: int = 2) -> list[Table]:
    """Measure everything."""
    return _tables(run(list(EXPERIMENTS), sessions, jobs))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy.simulated", description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", type=int, default=SESSIONS, help="in all experiments together")
    parser.add_argument("--each", action="store_true", help="tell of each session too")
    parser.add_argument("--only", choices=EXPERIMENTS, action="append", help="an experiment; may be given again")
    parser.add_argument("--first", type=int, default=0, help="number of the first session")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    args = parser.parse_args()
    began_s = time.monotonic()
    scored = run(args.only or list(EXPERIMENTS), args.sessions, args.jobs, args.first)
    if args.each:
        for name, results in scored.items():
            print(*(f"{name} {k}: {result.line}" for k, result in enumerate(results, args.first)), sep="\n")
        print()
    for table in _tables(scored):
        print(table.markdown())
    print(f"{sum(map(len, scored.values()))} sessions in {time.monotonic() - began_s:.0f} s")


def _score(work: tuple[str, int]) -> Any:
    name, seed = work
    try:
        return EXPERIMENTS[name].score(seed)
    except Exception as error:
        error.add_note(f"in session {seed} of {name}")
        raise


def _tables(scored: dict[str, list[Any]]) -> list[Table]:
    figures = [figure for name, results in scored.items() for figure in EXPERIMENTS[name].figures(results)]
    main_one = Table(
        "Simulated sessions",
        ("figure", "measured", "target", "verdict"),
        list(figures),
        [
            f"""{sum(map(len, scored.values()))} sessions: tempos of 1.2 to 300 cpm, any mounting, noise, tremor, tilt
and jitter, devices of 10 to 400 Hz, half of them without a gyroscope; half of the sets lose 2 to 30 % of their
messages.""",
        ],
    )
    return [main_one, *(table for name, results in scored.items() for table in EXPERIMENTS[name].tables(results))]


if __name__ == "__main__":
    main()
