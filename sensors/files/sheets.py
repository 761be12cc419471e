"""Where tables come from: a text file, a zip or folder of them, a workbook, a JSON export; each sheet as lines of CSV.

Nothing of a zip is ever unpacked to disk, and only a sheet's own lines are in memory, but for workbooks and JSON, which
are read whole.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple, TextIO

import msgspec
import python_calamine

from sensors.files.fault import FileError, unreadable

LARGEST_WHOLE_BYTES: Final = 1 << 28
"""Of what must be read in one piece: an hour of five sensors at 100 Hz as JSON."""
LARGEST_MEMBER_BYTES: Final = 1 << 32
MOST_SHEETS: Final = 200

_BROKEN_ZIP: Final = (EOFError, NotImplementedError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
_TABLES: Final = (".csv", ".tsv", ".txt")


class Sheet(NamedTuple):
    """One table of a file.

    Attributes
    ----------
    name : str
        ``Accelerometer``, without folder and ending.
    where : str
        What to call it to a person.
    open : callable
        Opens it anew, as text.
    """

    name: str
    where: str
    open: Callable[[], AbstractContextManager[TextIO]]


def sheets_of(path: Path) -> tuple[str, list[Sheet]]:
    """Find a file's tables; give its format too, ``csv``, ``zip``, ``folder``, ``json``, ``xls`` or ``xlsx``.

    Raises
    ------
    FileError
        It is missing, broken, too large, or holds none.
    """
    ending = path.suffix.lower()
    try:
        if path.is_dir():
            return "folder", _some(path, _in_folder(path))
        if ending == ".zip":
            return "zip", _some(path, _in_zip(path))
        if ending in (".xls", ".xlsx"):
            return ending[1:], _some(path, _in_workbook(path))
        if ending == ".json":
            return "json", _some(path, _in_json(path))
    except OSError as error:
        raise unreadable(path, error) from error
    return "csv", [Sheet(path.stem, str(path), partial(_opened, path))]


def check_unpacked(path: Path) -> None:
    """Refuse what is a zip inside and would unpack to more than fits; raises what `zipfile` does where it is none."""
    with zipfile.ZipFile(path) as archive:
        unpacked_mb = sum(info.file_size for info in archive.infolist()) / 1e6
    if unpacked_mb > LARGEST_WHOLE_BYTES / 1e6:
        raise FileError(f"{path}: unpacks to {unpacked_mb:.0f} MB, more than is read in one piece; split it")


def _some(path: Path, sheets: Iterable[Sheet]) -> list[Sheet]:
    found = list(sheets)
    if not found:
        raise FileError(f"{path}: holds no table; give the CSV, the zip or the folder that the app exported")
    if len(found) > MOST_SHEETS:
        raise FileError(f"{path}: holds {len(found)} tables, more than {MOST_SHEETS}; give one export at a time")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            yield file
    except OSError as error:
        raise unreadable(path, error) from error


def _in_folder(path: Path) -> Iterator[Sheet]:
    for file in sorted((*path.iterdir(), *path.glob("meta/*"))):
        if file.suffix.lower() in _TABLES and not file.name.startswith(".") and file.is_file():
            yield Sheet(file.stem, str(file), partial(_opened, file))


# Zip


def _in_zip(path: Path) -> Iterator[Sheet]:
    with _reading_zip(path), zipfile.ZipFile(path) as archive:
        members = {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
    for name, size in sorted(members.items()):
        member = PurePosixPath(name)
        hidden = member.name.startswith(".") or "__MACOSX" in member.parts
        if hidden or member.suffix.lower() not in _TABLES:
            continue
        if size > LARGEST_MEMBER_BYTES:
            raise FileError(f"{path}: {_shown(name)} unpacks to {size / 1e9:.0f} GB; it is no export")
        yield Sheet(member.stem, f"{path}: {_shown(name)}", partial(_member, path, name))


@contextmanager
def _member(path: Path, name: str) -> Iterator[TextIO]:
    with _reading_zip(path), zipfile.ZipFile(path) as archive, archive.open(name) as member:
        yield io.TextIOWrapper(member, encoding="utf-8-sig", errors="replace")


@contextmanager
def _reading_zip(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unreadable(path, error) from error
    except _BROKEN_ZIP as error:
        if isinstance(error, RuntimeError) and "password" in str(error):
            raise FileError(f"{path}: is locked with a password; unpack it and give the folder") from error
        raise FileError(f"{path}: is no whole zip; export it again") from error


def _shown(name: str) -> str:
    return "".join(filter(str.isprintable, name[-80:]))


# What is read in one piece


def _in_workbook(path: Path) -> Iterator[Sheet]:
    """Read a workbook's sheets as the CSV that the app would have written instead."""
    data = _whole(path)
    try:
        if data[:2] == b"PK":
            check_unpacked(path)
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            tables = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names[: MOST_SHEETS + 1]}
    except BaseException as error:  # calamine panics on some bytes, and a panic is no Exception
        if isinstance(error, FileError | KeyboardInterrupt | SystemExit):
            raise
        raise FileError(f"{path}: is no whole workbook; export it again, best as CSV") from error
    for name, rows in tables.items():
        if rows:
            yield _written(name, f"{path}: {_shown(name)}", rows)


def _in_json(path: Path) -> Iterator[Sheet]:
    """Read a flat list of objects, told apart by ``sensor`` where they name one, as Sensor Logger exports."""
    try:
        records = msgspec.json.decode(_whole(path))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: is no whole JSON; export it again, best as CSV") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise FileError(f"{path}: is no list of samples; give an app's JSON export, or a CSV")
    sensors: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        sensors.setdefault(str(record.get("sensor", path.stem)), []).append(record)
    for sensor, samples in sensors.items():
        keys = [key for key in samples[0] if key != "sensor"]
        rows = ([sample.get(key, "") for key in keys] for sample in samples)
        yield _written(sensor, f"{path}: {_shown(sensor)}", [keys, *rows])


def _whole(path: Path) -> bytes:
    if (size := path.stat().st_size) > LARGEST_WHOLE_BYTES:
        raise FileError(f"{path}: has {size / 1e6:.0f} MB, more than can be read in one piece; export it as CSV")
    return path.read_bytes()


def _written(name: str, where: str, rows: Iterable[Iterable[object]]) -> Sheet:
    text = io.StringIO()
    # One sample is one line, whatever its cells hold.
    csv.writer(text, lineterminator="\n").writerows([_line(cell) for cell in row] for row in rows)
    return Sheet(name, where, partial(_held, text.getvalue()))


def _line(cell: object) -> str:
    return " ".join(str(cell).split())


@contextmanager
def _held(text: str) -> Iterator[TextIO]:
    yield io.StringIO(text)
