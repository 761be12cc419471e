"""What `palmpace report` does: a page, tables, plots or a file for other apps, of a session or of weeks.

What draws and fills in pages is loaded here and nowhere else: it takes longer than the other commands altogether.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from journal.report.gather import Session, gather
from journal.report.tables import (
    CYCLE_COLUMNS,
    SESSION_COLUMNS,
    Row,
    Type,
    cycle_rows,
    session_rows,
    write_csv,
    write_parquet,
)
from journal.report.words import clean
from sensors.recording import SUFFIX, Listed, being_written, list_recordings, read_name, recordings_folder
from tui.choices import LaunchError
from tui.exporting import exports_folder
from tui.launch import open_stored

if TYPE_CHECKING:
    from journal.report.drawing import Plot

LAST = "last"
PAGES = (".html", ".htm")
TABLES = (".csv", ".parquet")
FIT = ".fit"
ENDINGS = (*PAGES, *TABLES, FIT)
_NEEDS = {
    "matplotlib": "plots need matplotlib",
    "jinja2": "a page needs jinja2",
    "pyarrow": "Parquet needs pyarrow",
    "garmin_fit_sdk": "FIT needs garmin-fit-sdk, which has a licence of its own",
}

Format = Literal["svg", "png"]


class ReportError(LaunchError):
    """A report that cannot be made; one line that says what to do."""


def report_session(
    said: str, out: Path | None, *, cycles: bool = False, plots: Path | None = None, format: Format = "svg"
) -> list[Path]:
    """Write what was asked for of one session; give the files.

    Parameters
    ----------
    said : str
        A file, a recording's name, or ``last``.
    out : Path or None
        The file; its ending says what it is to be.
    cycles : bool
        Of tables, that of the cycles.
    plots : Path or None
        A folder for every plot.
    format : {"svg", "png"}
        Of these.

    Raises
    ------
    ReportError
        It cannot be found, made or written.
    LaunchError
        It cannot be read.
    """
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise ReportError(f"{out}: name a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}, or a folder/")
    session = gathered(find(said))
    for trouble in session.troubles:
        sys.stderr.write(f"{trouble}\n")
    written: list[Path] = []
    drawn = _session_plots(session) if plots is not None or (out is not None and out.suffix.lower() in PAGES) else []
    if out is not None:
        written.append(_write_session(session, out, drawn, cycles=cycles))
    if plots is not None:
        written += _write_plots(drawn, plots, format)
    return written


def report_page(recording: Path, folder: Path | None = None) -> tuple[Path, str | None]:
    """Write the page of a recording beside the exports; give where, and why it does not tell all of the session."""
    session = gathered(recording)
    out = (folder or exports_folder()) / f"{recording.name.removesuffix(SUFFIX)}.html"
    return _write_session(session, out, _session_plots(session)), "; ".join(session.troubles) or None


def report_weeks(
    number: int,
    out: Path | None,
    *,
    plots: Path | None = None,
    format: Format = "svg",
    today: date | None = None,
) -> list[Path]:
    """Write the report of so many weeks, this one among them; give the files.

    Raises
    ------
    ReportError
        The history or the plan cannot be read, or the report not be made or written.
    """
    from journal.plan import PlanError, load_plan
    from journal.report.weeks import weeks_of
    from journal.store import HistoryError
    from tui.journal import caught_up

    if out is not None and out.suffix.lower() not in PAGES:
        raise ReportError(f"{out}: the report of weeks is a page; name a file that ends in .html")
    today = today or date.today()  # noqa: DTZ011 - the person's day
    try:
        with caught_up() as journal:
            records, failed = journal.records(until=today), journal.failed()
        weeks = weeks_of(records, today, number, load_plan())
    except (HistoryError, PlanError) as error:
        raise ReportError(str(error)) from None
    troubles = [f"{name}: {why}" for name, why in failed.items()]
    written: list[Path] = []
    with _needing():
        from journal.report.page import weeks_page
        from journal.report.weeks_plots import weeks_plots

        drawn = weeks_plots(weeks)
        if out is not None:
            written.append(_put(out, weeks_page(weeks, drawn, troubles).encode("utf-8", "replace")))
    if plots is not None:
        written += _write_plots(drawn, plots, format)
    return written


def find(said: str) -> Path:
    """Find what a person calls a session: a file, a recording's name, or ``last``."""
    folder = recordings_folder()
    if said == LAST:
        closed = [listed for listed in list_recordings(folder) if listed.closed or not being_written(listed.path)]
        if not closed:
            raise ReportError(f"there are no recordings in {folder}: name a file, or run a session first")
        return max(closed, key=_age).path
    named = folder / f"{Path(said).name.removesuffix(SUFFIX)}{SUFFIX}"
    if not Path(said).exists() and Path(said).name == said and (named.exists() or Path(f"{named}.part").exists()):
        return named
    return Path(said)


def gathered(path: Path) -> Session:
    """Gather what a recording or another file tells.

    Raises
    ------
    LaunchError
        It cannot be read.
    """
    stored = open_stored(path)
    session = gather(stored.messages, path.name.removesuffix(SUFFIX), [stored.notice] if stored.notice else [])
    session.troubles += [line for line in stored.damage() if line not in session.troubles]
    return session


def _age(listed: Listed) -> tuple[bool, float]:
    when = read_name(listed.path.name).when
    return (True, when.timestamp()) if when is not None else (False, listed.changed_ns / 1e9)


def _session_plots(session: Session) -> list[Plot]:
    with _needing():
        from journal.report.plots import session_plots

        return session_plots(session)


def _write_session(session: Session, out: Path, plots: Sequence[Plot], *, cycles: bool = False) -> Path:
    """Write a session as the file's ending says."""
    ending = out.suffix.lower()
    if ending in TABLES:
        return _write_table(session, out, cycles=cycles)
    with _needing():
        if ending == FIT:
            from journal.report.activity import NoDateError, fit_file

            try:
                content = fit_file(session)
            except NoDateError as error:
                raise ReportError(str(error)) from None
        else:
            from journal.report.page import session_page

            content = session_page(session, plots).encode("utf-8", "replace")
    return _put(out, content)


def _write_table(session: Session, out: Path, *, cycles: bool) -> Path:
    columns: Mapping[str, Type] = CYCLE_COLUMNS if cycles else SESSION_COLUMNS
    rows: Iterable[Row] = cycle_rows(session.cycles) if cycles else _rows(session)
    if out.suffix.lower() == ".csv":
        return _whole(out, lambda part: write_csv(part, columns, rows))
    about = {
        "recording": clean(session.name),  # a file's name need not be text
        "began": session.began.isoformat() if session.began is not None else "",
        "routine": session.routine.name,
        "palmpace": version("palmpace"),
    }
    with _needing():
        return _whole(out, lambda part: write_parquet(part, columns, rows, about))


def _rows(session: Session) -> Iterator[Row]:
    return (row for _, row in session_rows(session.events) if row is not None)


def _write_plots(plots: Sequence[Plot], folder: Path, format: Format) -> list[Path]:
    """Write each plot to a file of its name."""
    contents = {plot.name: plot.png() if format == "png" else plot.svg().encode("utf-8", "replace") for plot in plots}
    return [_put(folder / f"{name}.{format}", content) for name, content in contents.items()]


def _put(path: Path, content: bytes) -> Path:
    return _whole(path, lambda part: part.write_bytes(content))


def _whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Write a file as a whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        part.replace(path)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path


@contextmanager
def _needing() -> Iterator[None]:
    """Tell which part is missing, and how to come by it."""
    try:
        yield
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NEEDS:
            raise
        package = missing.replace("_", "-")
        raise ReportError(f"{_NEEDS[missing]}; install it with: {sys.executable} -m pip install {package}") from None
