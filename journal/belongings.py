"""What is a person's on this machine, file by file: what `journal.export` takes along and `journal.forget` removes.

Only files that Palmpace has written are named, and only where it keeps them; no link is followed. Passwords,
certificates and ``config.toml`` are the machine's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from journal.person import person_config_folder, person_data_folder
from journal.report.tables import SESSION_COLUMNS
from sensors.recording import PART, SUFFIX, read_name, written_here

Kind = Literal["recordings", "exports", "history", "plan", "routines", "remembered"]
KINDS: tuple[Kind, ...] = ("recordings", "exports", "history", "plan", "routines", "remembered")
_BESIDE = r"(-wal|-shm|-journal)?"
_HISTORY = re.compile(rf"history\.sqlite(\.damaged(-\d+)?)?{_BESIDE}|history-v\d+\.sqlite\.bak(\.\d+\.tmp{_BESIDE})?")
_PLAN = re.compile(r"plan\.toml(\.\w+\.tmp)?")
_TABLE = ",".join(list(SESSION_COLUMNS)[:4]).encode()
_PAGE = b'<meta name="generator" content="Palmpace '
_HEAD_BYTES = 1000
_SCHEMA = "routine.schema.json"  # put beside the routines for editors
_REMEMBERED = re.compile(r"remembered\.(json|part)")


@dataclass(frozen=True, slots=True)
class Belonging:
    """A person's file."""

    kind: Kind
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Belongings:
    """All that is a person's.

    Attributes
    ----------
    files : tuple of Belonging
        By kind.
    strange : tuple of (Path, str)
        What lies among them and is not Palmpace's, and why that is thought.
    folders : tuple of Path
        Those that are empty once the files are gone, the innermost first.
    """

    files: tuple[Belonging, ...]
    strange: tuple[tuple[Path, str], ...]
    folders: tuple[Path, ...]

    def of(self, *kinds: Kind) -> list[Belonging]:
        """Give those of some kinds."""
        return [each for each in self.files if each.kind in kinds]


def belongings() -> Belongings:
    """Look at the folders of the person who is here."""
    data, config = person_data_folder(), person_config_folder()
    files: list[Belonging] = []
    strange: list[tuple[Path, str]] = []
    kept: tuple[tuple[Kind, Path, Callable[[Path], bool]], ...] = (
        ("recordings", data / "recordings", _is_recording),
        ("exports", data / "exports", _is_export),
        ("history", data, _named(_HISTORY)),
        ("plan", config, _named(_PLAN)),
        ("routines", config / "routines", lambda path: path.suffix == ".toml" or path.name == _SCHEMA),
        ("remembered", config, _named(_REMEMBERED)),
    )
    for kind, folder, ours in kept:
        base = config if folder.is_relative_to(config) else data
        links = [each for each in (*_own(base), *([folder] if folder != base else [])) if each.is_symlink()]
        if links:
            strange += [(each, "is a link: what it leads to stays where it is") for each in links]
            continue
        found, others = _sorted_out(kind, folder, ours)
        files += found
        if folder != base:  # there the rest is the machine's
            strange += others
    inner = (data / "recordings", data / "exports", config / "routines")
    folders = dict.fromkeys((*inner, *_own(data), *_own(config)))
    return Belongings(tuple(files), tuple(dict.fromkeys(strange)), tuple(folders))


def _sorted_out(
    kind: Kind, folder: Path, ours: Callable[[Path], bool]
) -> tuple[list[Belonging], list[tuple[Path, str]]]:
    found: list[Belonging] = []
    others: list[tuple[Path, str]] = []
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [(folder, f"cannot be looked into ({error.strerror})")]
    for path in paths:
        try:
            if path.is_symlink():
                others.append((path, "is a link"))
            elif path.is_file() and ours(path):
                found.append(Belonging(kind, path, path.stat().st_size))
            else:
                others.append((path, "was not written by Palmpace"))
        except FileNotFoundError:  # what lies beside a database comes and goes
            continue
        except OSError as error:
            others.append((path, f"cannot be read ({error.strerror})"))
    return found, others


def _own(folder: Path) -> list[Path]:
    """Give the folder that is this person's alone, and the one of all such folders; none for the machine's own."""
    return [folder, folder.parent] if folder.parent.name == "people" else []


def _is_recording(path: Path) -> bool:
    name = path.name.removesuffix(".tmp").removesuffix(PART)
    return name.endswith(SUFFIX) and (read_name(name).when is not None or written_here(path))


def _is_export(path: Path) -> bool:
    """Whether a file is a table or a page of ours, by how it begins."""
    with path.open("rb") as file:
        begins = file.read(_HEAD_BYTES)
    return begins.startswith(_TABLE) or (begins.startswith(b"<!DOCTYPE html>") and _PAGE in begins)


def _named(pattern: re.Pattern[str]) -> Callable[[Path], bool]:
    return lambda path: pattern.fullmatch(path.name) is not None
