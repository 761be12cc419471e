"""How right Palmpace is, on recordings of real people and on simulated ones, and what it costs: as Markdown tables.

PALMPACE_DATA names the folder of recorded motion; default ../shared/data.
"""

from __future__ import annotations

import argparse
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench.accuracy import figures, real
from bench.accuracy.recordings import load
from bench.accuracy.table import Table

PARTS = ("real", "simulated", "cost")
PAGE = f"""\
# Accuracy and cost

Palmpace {version("palmpace")}, as `make bench-accuracy` measured it. The recordings are not part of the project;
`PALMPACE_DATA` names their folder.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--only", choices=("palmpace", *PARTS), help="palmpace: real recordings, without its rivals")
    parser.add_argument("--each", action="store_true", help="tell of each real recording too")
    parser.add_argument("--sessions", type=int, help="simulated sessions in all")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the tables to this file")
    args = parser.parse_args()
    tables: list[Table] = []
    if args.only in (None, "palmpace", "real"):
        tables += _real(args.jobs, each=args.each, rivals=args.only != "palmpace")
    if args.only in (None, "simulated"):
        from bench.accuracy import simulated

        tables += simulated.tables(args.sessions or simulated.SESSIONS, args.jobs)
    if args.only in (None, "cost"):
        from bench.accuracy import cost

        tables += cost.tables()
    rendered = [table.markdown() for table in tables]
    print(*rendered, sep="\n")
    if args.write:
        args.write.write_text("\n".join([PAGE, *rendered]), encoding="utf-8")


def _real(jobs: int, *, each: bool, rivals: bool) -> list[Table]:
    recordings = load()
    if not recordings:
        return []
    scored = real.score(recordings, real.PALMPACE, jobs)
    if each:
        print(*figures.each(scored), "", sep="\n")
    tables = [figures.table(scored, real.GYROSCOPE)]
    if rivals:
        from bench.accuracy import gravity
        from bench.accuracy.rivals import NOTE, RIVALS, read  # librosa and NeuroKit2 take seconds to load

        others: dict[str, real.Method] = {rival.name: partial(read, rival) for rival in RIVALS}
        tables.append(figures.comparison(scored | real.score(recordings, others, jobs), list(others), NOTE))
        tables.append(gravity.table(recordings))
    return tables


if __name__ == "__main__":
    main()
