"""Removes all data of a person from this machine, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from journal.belongings import Belonging, Belongings, belongings
from sensors.recording import PART, SUFFIX, being_written, read_name, recordings_folder


class ForgetError(Exception):
    """Something cannot be removed; one line for a person."""


def to_forget(before: date | None = None) -> Belongings:
    """List what goes: all that is the person's who is here, or recordings from before a day by their names alone."""
    theirs = belongings()
    if before is None:
        return theirs
    days = [(each, _day_of(each.path)) for each in theirs.of("recordings")]
    older = tuple(each for each, day in days if day is not None and day < before)
    links = [each for each in theirs.strange if recordings_folder().is_relative_to(each[0])]
    undated = [(each.path, "does not tell its day in its name") for each, day in days if day is None]
    return Belongings(older, (*links, *undated), ())


def forget(going: Belongings) -> int:
    """Remove files, and the folders that are empty then; give how many files went.

    Parameters
    ----------
    going : Belongings
        As `to_forget` gave it. A file that has become a link meanwhile stays.

    Raises
    ------
    ForgetError
        A session is being recorded: nothing is removed. Or the system does not let it: what could be removed is.
    """
    live = next((each.path for each in going.of("recordings") if each.path.name.endswith(PART) and _live(each)), None)
    if live is not None:
        raise ForgetError(f"{live} is still being written: end its session first; nothing was removed")
    gone, stuck = _remove(going.files)
    for folder in going.folders:
        with suppress(OSError):  # something is left in it, or it was never there
            if not folder.is_symlink():
                folder.rmdir()
    if stuck:
        raise ForgetError(f"{gone} files were removed, but not {'; '.join(stuck)}")
    return gone


def _remove(files: Iterable[Belonging]) -> tuple[int, list[str]]:
    gone, stuck = 0, []
    for each in files:
        try:
            if not each.path.is_symlink():
                each.path.unlink()
                gone += 1
        except FileNotFoundError:  # another program was quicker: SQLite takes away what lies beside a database
            continue
        except OSError as error:
            stuck.append(f"{each.path} ({error.strerror or error})")
    return gone, stuck


def _live(each: Belonging) -> bool:
    return being_written(each.path)


def _day_of(path: Path) -> date | None:
    name = path.name.removesuffix(".tmp").removesuffix(PART).removesuffix(SUFFIX)
    when = read_name(name).when
    return when.date() if when is not None else None
