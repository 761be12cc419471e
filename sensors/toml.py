"""TOML that a person writes, read strictly: a complaint names the table and the key."""

from __future__ import annotations

import re
import tomllib
from typing import TypeVar

import msgspec
from msgspec.inspect import EnumType, ListType, LiteralType, StructType, Type, UnionType, VarTupleType, type_info

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
    except msgspec.ValidationError as error:
        raise ValueError(_printable(_plain_words(str(error), kind))) from error
    except (ValueError, RecursionError) as error:  # tables without end, a number of thousands of digits
        raise ValueError(_printable(f"not TOML: {error}")) from error


def _plain_words(complaint: str, kind: type) -> str:
    """Turn msgspec's ``... - at `$.step[1].band_cpm``` into words for a person: ``step 2, band_cpm: ...``."""
    what, _, path = complaint.partition(" - at `$")
    what = what.replace("Object contains unknown field", "unknown key").replace(
        "Object missing required field", "missing key"
    )
    parts = re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path.rstrip("`"))
    place = ", ".join(f"{name} {int(number) + 1}" if number else name for name, number in parts)
    if what.startswith("Invalid enum value"):
        what += f", give one of {', '.join(_choices(type_info(kind), [name for name, _ in parts]))}"
    return f"{place}: {what}" if place else what


def _choices(kind: Type, names: list[str]) -> list[str]:
    """List what the key may be that is reached by these names."""
    match kind:
        case StructType(fields=fields):
            return next(_choices(field.type, names[1:]) for field in fields if field.encode_name == names[0])
        case VarTupleType(item_type=item) | ListType(item_type=item):
            return _choices(item, names)
        case UnionType(types=types):
            return [choice for each in types for choice in _choices(each, names)]
        case EnumType(cls=cls):
            return [repr(each.value) for each in cls]
        case LiteralType(values=values):
            return [repr(value) for value in values]
    return []


def _printable(line: str) -> str:
    """Make one line of it, and no command to the terminal: a key may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)
