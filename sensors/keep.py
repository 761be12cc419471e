"""Where things are kept: folders of this machine and of a person, and files that nobody else may read."""

from __future__ import annotations

import os
import re
import unicodedata
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs

from sensors.address import BrokerError

CONFIG_VARIABLE = "PALMPACE_CONFIG_DIR"
DATA_VARIABLE = "PALMPACE_DATA_DIR"
PERSON_VARIABLE = "PALMPACE_PERSON"
PEOPLE = "people"
"""Folder of folders: what is kept of people beside the one whose machine this is."""

_NAME = re.compile(r"\w[\w-]{0,31}")  # letters and digits of any script: nothing that leads out of a folder


class PersonError(Exception):
    """A name that no person can have here; one line."""


def config_folder() -> Path:
    """Give where settings and secrets are kept: ``$PALMPACE_CONFIG_DIR``, else the user's folder of this system."""
    folder = os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_path("palmpace", appauthor=False)
    return Path(folder)


def data_folder() -> Path:
    """Give where sessions are kept: ``$PALMPACE_DATA_DIR``, else the user's data folder of this system."""
    return Path(os.environ.get(DATA_VARIABLE) or platformdirs.user_data_path("palmpace", appauthor=False))


def person() -> str:
    """Give whose sessions these are, from ``$PALMPACE_PERSON``; empty for the one whose machine this is.

    Raises
    ------
    PersonError
        The variable holds no name.
    """
    name = os.environ.get(PERSON_VARIABLE, "")
    return person_named(name) if name else ""


def person_named(name: str) -> str:
    """Give a name as its folder is called: alike however it is typed, since some systems' folders are.

    Raises
    ------
    PersonError
        It is none: letters, digits, hyphens and underscores, at most 32.
    """
    folded = unicodedata.normalize("NFC", name.strip().casefold())
    if not _NAME.fullmatch(folded):
        raise PersonError(f"{name!r} is no name for a person: use letters, digits and hyphens, at most 32")
    return folded


def of_person(folder: Path, name: str | None = None) -> Path:
    """Give the part of a folder that is a person's: of the one who is here, or the one named."""
    name = person() if name is None else name
    return folder / PEOPLE / name if name else folder


def read_private(path: Path) -> bytes | None:
    """Read a file and close it to others; None where there is none.

    Raises
    ------
    BrokerError
        It cannot be read.
    """
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BrokerError(f"cannot read {path}: {error.strerror or error}") from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file in one step, so that nobody sees half of it and none but its owner reads it.

    Raises
    ------
    BrokerError
        It cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise BrokerError(f"cannot write {path}: {error.strerror or error}; set {CONFIG_VARIABLE}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step, or not at all: nobody sees half of it, and none but its owner reads it.

    Raises
    ------
    OSError
        It cannot be written; what there was is there still.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:  # mode 0600
            part = Path(file.name)
            file.write(content)
        part.replace(path)
    except OSError:
        if part is not None:
            with suppress(OSError):
                part.unlink()
        raise
