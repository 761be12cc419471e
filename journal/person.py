"""Several people on one machine: each has recordings, a history, a plan of their own; the broker is the machine's."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sensors.keep import PEOPLE, PersonError, config_folder, data_folder, of_person, person, person_named

__all__ = ["PersonError", "people", "person", "person_config_folder", "person_data_folder", "person_named"]


def person_data_folder(name: str | None = None) -> Path:
    """Give where a person's recordings and history are: of the one who is here, or the one named."""
    return of_person(data_folder(), name)


def person_config_folder(name: str | None = None) -> Path:
    """Give where a person's plan is, and what the dashboard remembers of them."""
    return of_person(config_folder(), name)


def people() -> list[str]:
    """Name those of whom something is kept, beside the one whose machine this is."""
    found = set()
    for folder in (data_folder() / PEOPLE, config_folder() / PEOPLE):
        with suppress(OSError):
            found |= {each.name for each in folder.iterdir() if each.is_dir() and _is_name(each.name)}
    return sorted(found)


def _is_name(name: str) -> bool:
    try:
        return person_named(name) == name
    except PersonError:
        return False
