"""The history on disk (SQLite): a faster memory of the recordings, which are the truth.

``history.sqlite`` lies beside the folder of recordings. Whatever happens to it, it can be made again from them
(`journal.catch_up`): one that is damaged is set aside, one that a newer Palmpace wrote is left alone. Several programs
may use it at once. Every change is a transaction: a crash leaves it as it was before or after, never between.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from journal.person import person_data_folder
from journal.record import Record
from tracker.events import Feelings, MarkEvent, PainEvent, SpotFeeling, StepResult

FILE: Final = "history.sqlite"
BUSY_S = 5.0
"""How long another's change is waited for; each takes a fraction of a second."""
_BESIDE = ("-wal", "-shm")
_WHAT_TO_DO = {
    sqlite3.SQLITE_BUSY: ", try again",
    sqlite3.SQLITE_CANTOPEN: ", its folder has to let files be written",
    sqlite3.SQLITE_FULL: ", make room",
    sqlite3.SQLITE_READONLY: ", its folder has to let files be written",
}


class HistoryError(Exception):
    """The history cannot be read or written; one line for a person: what, which file, and what to do."""


def history_path() -> Path:
    """Give where the history of the person who is here is kept."""
    return person_data_folder() / FILE


def _first(db: sqlite3.Connection) -> None:
    """Sessions, and what belongs to each. Texts that a person may ask for are columns, as are all numbers."""
    for table in (
        """
        CREATE TABLE recordings (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,  -- without .mcap
            size_bytes INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL,
            failed TEXT  -- why it cannot be read; its session is missing then
        )""",
        """
        CREATE TABLE sessions (
            recording INTEGER PRIMARY KEY REFERENCES recordings ON DELETE CASCADE,
            began TEXT NOT NULL,  -- local time, ISO 8601
            length_s REAL NOT NULL,
            routine TEXT NOT NULL,
            title TEXT NOT NULL,
            style TEXT NOT NULL,
            score INTEGER,
            feeling_before INTEGER,
            feeling_after INTEGER,
            ended TEXT NOT NULL,
            simulated INTEGER NOT NULL
        )""",
        "CREATE INDEX sessions_began ON sessions (began)",
        """
        CREATE TABLE steps (
            recording INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            place INTEGER NOT NULL,
            step INTEGER NOT NULL,
            name TEXT NOT NULL,
            technique TEXT NOT NULL,
            area TEXT NOT NULL,
            side TEXT NOT NULL,
            band_low_cpm REAL,
            band_high_cpm REAL,
            eased INTEGER NOT NULL,
            released INTEGER NOT NULL,
            unseen_s REAL NOT NULL,
            seconds REAL NOT NULL,
            right_s REAL NOT NULL,
            cycles REAL NOT NULL,
            cw REAL NOT NULL,
            ccw REAL NOT NULL,
            judged_s REAL NOT NULL,
            in_band_s REAL NOT NULL,
            below_s REAL NOT NULL,
            above_s REAL NOT NULL,
            cues INTEGER NOT NULL,
            period_cv REAL,
            PRIMARY KEY (recording, place)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE spots (
            recording INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            place INTEGER NOT NULL,
            spot TEXT NOT NULL,
            before INTEGER,
            after INTEGER,
            PRIMARY KEY (recording, place)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE marks (
            recording INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            place INTEGER NOT NULL,
            t_s REAL NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (recording, place)
        ) WITHOUT ROWID""",
        """
        CREATE TABLE pains (
            recording INTEGER NOT NULL REFERENCES recordings ON DELETE CASCADE,
            place INTEGER NOT NULL,
            t_s REAL NOT NULL,
            value INTEGER NOT NULL,
            area TEXT NOT NULL,
            ended INTEGER NOT NULL,
            PRIMARY KEY (recording, place)
        ) WITHOUT ROWID""",
    ):
        db.execute(table)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first,)
"""Each brings the database from one version to the next; one that was released is never changed."""

TABLES: Final = ("recordings", "sessions", "steps", "spots", "marks", "pains")
# The name of a file need not be text in any encoding: it goes in and out as the bytes it is.
_PUT_RECORDING = """
    INSERT INTO recordings (name, size_bytes, changed_ns, failed) VALUES (CAST(? AS TEXT), ?, ?, ?)"""
_PUT_SESSION = "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_STEP = f"INSERT INTO steps VALUES ({', '.join('?' * 23)})"  # noqa: S608 - nothing but marks
_PUT_SPOT = "INSERT INTO spots VALUES (?, ?, ?, ?, ?)"
_PUT_MARK = "INSERT INTO marks VALUES (?, ?, ?, ?)"
_PUT_PAIN = "INSERT INTO pains VALUES (?, ?, ?, ?, ?, ?)"


class Journal:
    """A person's history, opened. Each thread opens its own; a context manager that closes it on leaving.

    Use `open`. The methods raise `HistoryError` where the disk or another program does not let them.

    Attributes
    ----------
    path : Path
    notice : str or None
        What a person should know: that a damaged one was set aside.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, notice: str | None = None) -> None:
        self.path = path
        self.notice = notice
        self._db = db

    @classmethod
    def open(cls, path: Path | None = None) -> Journal:
        """Open the history, make it where there is none, bring it to this version where it is older.

        Parameters
        ----------
        path : Path, optional
            The database; that of the person who is here unless given.

        Raises
        ------
        HistoryError
            It is of a newer Palmpace, or cannot be opened.
        """
        path = path or history_path()
        with _complaining(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return cls(path, _opened(path))
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                aside = _set_aside(path)
                notice = f"{path} was damaged and is now {aside.name}: the history is made again from the recordings"
                return cls(path, _opened(path), notice)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._db.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Let all changes within be one: they come about together or not at all."""
        with _complaining(self.path):
            if self._db.in_transaction:
                yield
                return
            with _transaction(self._db):
                yield

    def put(self, record: Record, size_bytes: int, changed_ns: int) -> None:
        """Keep a session, in place of what was known of its recording.

        Parameters
        ----------
        record : Record
        size_bytes, changed_ns : int
            Of the recording's file when it was read.
        """
        feelings = record.feelings
        with self.changing():
            key = self._put(record.name, size_bytes, changed_ns, None)
            self._db.execute(
                _PUT_SESSION,
                (
                    key,
                    record.began.isoformat(),
                    record.length_s,
                    record.routine,
                    record.title,
                    record.style,
                    record.score,
                    feelings.before,
                    feelings.after,
                    record.ended,
                    record.simulated,
                ),
            )
            for statement, rows in (
                (_PUT_STEP, map(_step_row, record.steps)),
                (_PUT_SPOT, ((each.spot, each.before, each.after) for each in feelings.spots)),
                (_PUT_MARK, ((each.t_s, each.text) for each in record.marks)),
                (_PUT_PAIN, ((each.t_s, each.value, each.area, each.ended) for each in record.pains)),
            ):
                self._db.executemany(statement, ((key, place, *row) for place, row in enumerate(rows)))

    def put_failed(self, name: str, why: str, size_bytes: int, changed_ns: int) -> None:
        """Keep that a recording cannot be read, so that it is not tried again before it changes."""
        with self.changing():
            self._put(name, size_bytes, changed_ns, _as_text(why.encode(errors="replace")))

    def remove(self, names: Iterable[str]) -> None:
        """Forget recordings; those that are not known are passed over."""
        with self.changing():
            self._db.executemany(
                "DELETE FROM recordings WHERE name = CAST(? AS TEXT)", ((_as_bytes(name),) for name in names)
            )

    def clear(self) -> None:
        """Forget all, the tables too."""
        with self.changing():
            _drop_all(self._db)
            _migrate(self._db)

    def known(self) -> dict[str, tuple[int, int]]:
        """Give size and time of change of each recording as it was read, also of those that could not be."""
        rows = self._rows("SELECT CAST(name AS BLOB), size_bytes, changed_ns FROM recordings")
        return {_as_text(name): (size_bytes, changed_ns) for name, size_bytes, changed_ns in rows}

    def failed(self) -> dict[str, str]:
        """Give the recordings that cannot be read, and why."""
        rows = self._rows("SELECT CAST(name AS BLOB), failed FROM recordings WHERE failed IS NOT NULL ORDER BY name")
        return {_as_text(name): why for name, why in rows}

    def records(self, since: date | None = None, until: date | None = None, *, simulated: bool = False) -> list[Record]:
        """Give the sessions, oldest first.

        Parameters
        ----------
        since, until : date, optional
            The first day and the last, local.
        simulated : bool
            Those of a simulated wrist too, which no back felt.
        """
        with _complaining(self.path), self._reading():
            within, days = _within(since, until, simulated=simulated)
            belonging = {
                table: self._grouped(table, columns, within, days)
                for table, columns in (
                    ("steps", _STEP_COLUMNS),
                    ("spots", "spot, before, after"),
                    ("marks", "t_s, text"),
                    ("pains", "t_s, value, area, ended"),
                )
            }
            asked = f"SELECT {_SESSION_COLUMNS} FROM sessions {_NAMED} {within} ORDER BY began, name"  # noqa: S608
            sessions = self._rows(asked, days)
            return [_record(row, belonging) for row in sessions]

    def tables(self) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
        """Give each table's name, columns and rows, for other programs: a recording goes by its name."""
        with _complaining(self.path), self._reading():
            for table in TABLES:
                if table == "recordings":
                    asked = self._db.execute(
                        "SELECT CAST(name AS BLOB) AS recording, size_bytes, failed FROM recordings ORDER BY name"
                    )
                else:
                    asked = self._db.execute(
                        f"SELECT CAST(recordings.name AS BLOB) AS recording, {table}.* FROM {table} "  # noqa: S608
                        f"JOIN recordings ON id = {table}.recording ORDER BY 1, 3"  # by its place, or when it began
                    )
                columns = [column for column, *_ in asked.description]
                own = [at for at, column in enumerate(columns) if at and column not in ("recording", "place")]
                rows = [(_as_text(row[0]), *(row[at] for at in own)) for row in asked.fetchall()]
                yield table, ["recording", *(columns[at] for at in own)], rows

    def copy_to(self, path: Path) -> None:
        """Write a whole copy of the database, also while others change it."""
        with _complaining(path):
            _copy(self._db, path)

    def _put(self, name: str, size_bytes: int, changed_ns: int, failed: str | None) -> int:
        self.remove([name])
        added = self._db.execute(_PUT_RECORDING, (_as_bytes(name), size_bytes, changed_ns, failed))
        return added.lastrowid or 0

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Let several questions be answered from one moment of the database."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.rollback()

    def _rows(self, question: str, values: Sequence[str] = ()) -> list[Any]:
        with _complaining(self.path):
            return self._db.execute(question, values).fetchall()

    def _grouped(self, table: str, columns: str, within: str, days: Sequence[str]) -> dict[int, list[Any]]:
        chosen = f"WHERE recording IN (SELECT recording FROM sessions {within})" if within else ""  # noqa: S608
        rows = self._rows(f"SELECT recording, {columns} FROM {table} {chosen} ORDER BY recording, place", days)  # noqa: S608
        grouped: dict[int, list[Any]] = {}
        for recording, *row in rows:
            grouped.setdefault(recording, []).append(row)
        return grouped


_NAMED = "JOIN recordings ON id = recording"
_SESSION_COLUMNS = (
    "recording, CAST(name AS BLOB), began, length_s, routine, title, style, score, feeling_before, feeling_after, "
    "ended, simulated"
)
_STEP_COLUMNS = (
    "step, name, technique, area, side, band_low_cpm, band_high_cpm, eased, released, unseen_s, seconds, right_s, "
    "cycles, cw, ccw, judged_s, in_band_s, below_s, above_s, cues, period_cv"
)


def _step_row(step: StepResult) -> tuple[object, ...]:
    return (
        step.step,
        step.name,
        step.technique,
        step.area,
        step.side,
        *(step.band or (None, None)),
        step.eased,
        step.released,
        step.unseen_s,
        step.seconds,
        step.right_s,
        step.cycles,
        step.cw,
        step.ccw,
        step.judged_s,
        step.in_band_s,
        step.below_s,
        step.above_s,
        step.cues,
        step.period_cv,
    )


def _step(row: Sequence[Any]) -> StepResult:
    step, name, technique, area, side, low, high, eased, released, unseen_s, seconds, right_s, *rest = row
    cycles, cw, ccw, judged_s, in_band_s, below_s, above_s, cues, period_cv = rest
    return StepResult(
        step=step,
        name=name,
        technique=technique,
        area=area,
        side=side,
        band=None if low is None or high is None else (low, high),
        eased=bool(eased),
        released=bool(released),
        unseen_s=unseen_s,
        seconds=seconds,
        right_s=right_s,
        cycles=cycles,
        cw=cw,
        ccw=ccw,
        judged_s=judged_s,
        in_band_s=in_band_s,
        below_s=below_s,
        above_s=above_s,
        cues=cues,
        period_cv=period_cv,
    )


def _record(row: Sequence[Any], belonging: dict[str, dict[int, list[Any]]]) -> Record:
    key, name, began, length_s, routine, title, style, score, before, after, ended, simulated = row
    steps, spots, marks, pains = (belonging[table].get(key, ()) for table in ("steps", "spots", "marks", "pains"))
    return Record(
        name=_as_text(name),
        began=datetime.fromisoformat(began),
        length_s=length_s,
        routine=routine,
        title=title,
        style=style,
        score=score,
        steps=tuple(_step(step) for step in steps),
        feelings=Feelings(
            before=before,
            after=after,
            spots=tuple(SpotFeeling(spot=spot, before=was, after=then) for spot, was, then in spots),
        ),
        marks=tuple(MarkEvent(t_s=t_s, text=text) for t_s, text in marks),
        pains=tuple(PainEvent(t_s=t_s, value=value, area=area, ended=bool(ends)) for t_s, value, area, ends in pains),
        ended=ended,
        simulated=bool(simulated),
    )


def _within(since: date | None, until: date | None, *, simulated: bool) -> tuple[str, list[str]]:
    """Give the condition for these days; ISO 8601 sorts as time does."""
    asked = [] if simulated else ["NOT simulated"]
    days = []
    if since is not None:
        asked.append("began >= ?")
        days.append(since.isoformat())
    if until is not None and until < date.max:
        asked.append("began < ?")
        days.append((until + timedelta(days=1)).isoformat())
    return ("WHERE " + " AND ".join(asked) if asked else ""), days


def _opened(path: Path) -> sqlite3.Connection:
    """Connect, check, migrate; a `sqlite3.DatabaseError` that is no `OperationalError` means damage."""
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only marked as free
        _check(path, db)
        # Readers need not wait for a writer; after a loss of power the last sessions may be missing, never half there.
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        if _version(db) < len(MIGRATIONS):
            with _transaction(db):
                _keep_backup(path, _version(db))
                _migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _check(path: Path, db: sqlite3.Connection) -> None:
    version = _version(db)
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"{path} was written by a newer Palmpace (version {version}, this one knows {len(MIGRATIONS)}): use that "
            "one, or move the file away and the history is made again from the recordings"
        )
    if version and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("damaged")


def _keep_backup(path: Path, version: int) -> None:
    """Copy what an older Palmpace wrote; the caller holds the lock, so that nobody brings it further meanwhile."""
    if 0 < version < len(MIGRATIONS):
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as reader:
            _copy(reader, path.with_name(f"{path.stem}-v{version}{path.suffix}.bak"))


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the tables up to this version, from wherever another program has brought them meanwhile."""
    for version in range(_version(db), len(MIGRATIONS)):
        MIGRATIONS[version](db)
        db.execute(f"PRAGMA user_version = {version + 1}")


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _drop_all(db: sqlite3.Connection) -> None:
    for table in reversed(TABLES):
        db.execute(f"DROP TABLE IF EXISTS {table}")
    db.execute("PRAGMA user_version = 0")


def _copy(db: sqlite3.Connection, path: Path) -> None:
    """Copy the database to a file that is there as a whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with closing(sqlite3.connect(part)) as target:
            db.backup(target)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


def _set_aside(path: Path) -> Path:
    """Rename a damaged database, with what lies beside it, to a name that is free."""
    for number in count(1):
        aside = path.with_name(f"{path.name}.damaged{'' if number == 1 else f'-{number}'}")
        if not aside.exists():
            break
    with suppress(FileNotFoundError):  # another program was quicker
        path.replace(aside)
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside


@contextmanager
def _complaining(path: Path) -> Iterator[None]:
    """Put what goes wrong with the file into one line."""
    try:
        yield
    except sqlite3.OperationalError as error:
        what_to_do = _WHAT_TO_DO.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")
        raise HistoryError(f"cannot use {path}: {error}{what_to_do}; the recordings are not touched by that") from None
    except sqlite3.DatabaseError as error:
        raise HistoryError(f"{path} is damaged ({error}): run 'palmpace history rebuild'") from None
    except OSError as error:
        raise HistoryError(f"cannot use {path}: {error.strerror or error}") from None


def _as_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _as_text(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
