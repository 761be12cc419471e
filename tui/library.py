"""Routines by name: those that come with Palmpace, and a person's own beside them."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from journal.person import person_config_folder
from sensors.keep import write_whole
from sensors.toml import printable
from tracker.routine import (
    FREE,
    NAME,
    Routine,
    RoutineError,
    load_shipped,
    parse_routine,
    routine_text,
    shipped_names,
    shipped_text,
)

RESERVED = frozenset({FREE.name, "check", "new", "edit", "schema", "list"})
"""Names that no file can have: the free session's, and the words of ``palmpace routines``."""


class Library:
    """The routines there are. Files are read anew each time: a person may be writing one.

    Parameters
    ----------
    folder : Path, optional
        Where the own ones are, as ``NAME.toml``. One of a shipped routine's name stands before it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Names of the shipped routines in order, of the own ones by letter, and of the free session."""
        return [*dict.fromkeys([*shipped_names(), *self._own()]), FREE.name]

    def text(self, name: str) -> str:
        """Text of a routine.

        Raises
        ------
        RoutineError
            There is none of this name, or its file cannot be read; one line.
        """
        own = self.path(name)
        if own is not None:
            return _read(own)
        if name in shipped_names():
            return shipped_text(name)
        if name == FREE.name:
            return routine_text(FREE)
        raise RoutineError(f"no routine is called {name!r}; there are {', '.join(self.names())}")

    def routine(self, name: str, style: str = "") -> Routine:
        """Give a routine, in a style where one is asked for.

        Raises
        ------
        RoutineError
            There is none of this name, or it has no such style, or its file has a mistake; one line.
        """
        routine = FREE if name == FREE.name else checked(self.text(name), name, self.path(name))
        return routine.styled(style) if style else routine

    def path(self, name: str) -> Path | None:
        """Give the file of an own routine; None where it is not one."""
        return self._own().get(name)

    def own_path(self, name: str) -> Path:
        """Give where an own routine of this name is, or would be; RoutineError where none can be."""
        if name in RESERVED:
            raise RoutineError(f"no routine can be called {name!r}: it means something else; choose another name")
        if not re.fullmatch(NAME, name):
            raise RoutineError(f"no routine can be called {name!r}: take small letters, digits and hyphens, at most 64")
        return self.folder / f"{name}.toml"

    def all(self) -> tuple[list[Routine], list[str]]:
        """Give every routine that can be used, and what is wrong with the files of the others, a line each."""
        good, wrong = [], [*self._misnamed()]
        for name in self.names():
            try:
                good.append(self.routine(name))
            except RoutineError as error:
                wrong.append(str(error))
        return good, wrong

    def save(self, name: str, text: str) -> Path:
        """Keep an own routine: whole, or not at all.

        Raises
        ------
        RoutineError
            It has a mistake, or cannot be written.
        """
        path = self.own_path(name)
        checked(text, name, path)
        try:
            write_whole(path, text.encode())
        except OSError as error:
            raise RoutineError(f"{path}: cannot be written: {error.strerror or error}") from error
        return path

    @property
    def folder(self) -> Path:
        """Where the own ones are; each person has their own."""
        return self._folder or person_config_folder() / "routines"

    def _own(self) -> dict[str, Path]:
        files = self._files()
        return {path.stem: path for path in files if re.fullmatch(NAME, path.stem) and path.stem not in RESERVED}

    def _misnamed(self) -> list[str]:
        """Tell of each file whose name cannot be a routine's."""
        told = []
        for path in self._files():
            try:
                self.own_path(path.stem)
            except RoutineError as error:
                told.append(printable(f"{path}: {error}"))
        return told

    def _files(self) -> list[Path]:
        with suppress(OSError):
            return sorted(path for path in self.folder.glob("*.toml") if not path.name.startswith("."))
        return []


def checked(text: str, name: str, path: Path | None = None) -> Routine:
    """Read a routine and hold that it goes by the name of its file.

    Raises
    ------
    RoutineError
        It has a mistake, or another name; one line.
    """
    where = str(path or f"{name}.toml")
    routine = parse_routine(text, where)
    if routine.name != name:
        raise RoutineError(f"{where}: its name is {routine.name!r}; write name = {name!r}, or call the file by it")
    return routine


def start_text(routine: Routine) -> str:
    """Give what a recording's start command holds of a routine: so is it coached again, whatever its file becomes."""
    if routine == FREE:
        return ""
    shipped = routine.name in shipped_names() and load_shipped(routine.name) == routine
    return shipped_text(routine.name) if shipped else routine_text(routine)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RoutineError(f"{path}: cannot be read: {reason}") from error
