"""TOML that a person writes, read strictly: a complaint names the table and the key."""

from __future__ import annotations

import re
import tomllib
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_toml(text: str, kind: type[T]) -> T:
    """Read TOML into a record.

    Raises
    ------
    ValueError
        Not TOML, an unknown or missing key, a wrong value; one line such as ``step 2, band_cpm: ...``.
    """
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_printable(f"not TOML: {error}")) from error
    except msgspec.ValidationError as error:
        raise ValueError(_printable(_plain_words(str(error)))) from error


def _plain_words(complaint: str) -> str:
    """Turn msgspec's ``... - at `$.step[1].band_cpm``` into words for a person: ``step 2, band_cpm: ...``."""
    what, _, path = complaint.partition(" - at `$")
    what = what.replace("Object contains unknown field", "unknown key").replace(
        "Object missing required field", "missing key"
    )
    parts = re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path.rstrip("`"))
    place = ", ".join(f"{name} {int(number) + 1}" if number else name for name, number in parts)
    return f"{place}: {what}" if place else what


def _printable(line: str) -> str:
    """Make one line of it, and no command to the terminal: a key may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)
