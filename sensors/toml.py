"""TOML that a person writes, read strictly: a complaint names the line, the table and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from msgspec.inspect import (
    DictType,
    EnumType,
    ListType,
    LiteralType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

T = TypeVar("T")
KeyPath = tuple[str | int, ...]
"""Keys and indices, from the document's top."""


def read_toml(text: str, kind: type[T]) -> T:
    """Read TOML into a record.

    Raises
    ------
    ValueError
        Not TOML, an unknown or missing key, a wrong value; one line such as ``line 9, step 2, band_cpm: ...``. What is
        not there has the line of its table; at the top it has none.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tables without end, a number of thousands of digits
        raise ValueError(printable(_not_toml(str(error), text))) from error
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ValueError(_told(_understood(str(error), document, kind), text)) from error


def mistakes(text: str, kind: type) -> list[str]:
    """Give what is wrong with TOML that a record is to be made of, a line each; nothing where all is well.

    The first that stands in the way is told, and then the first of each item of an array of tables.
    """
    try:
        read_toml(text, kind)
    except ValueError as error:
        first = str(error)
    else:
        return []
    with suppress(ValueError, RecursionError):
        document = tomllib.loads(text)
        kinds = _listed(type_info(kind))
        listed = {name: items for name, items in document.items() if name in kinds and isinstance(items, list)}
        told = [first]
        for name, items in listed.items():
            for index, item in enumerate(items):
                told += _mistake(item, kinds[name], text, (name, index))
        return list(dict.fromkeys(told))
    return [first]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Give the line, from 1 on, in which a TOML text says what is at a path; None where it does not."""
    return _Scan(text).lines().get(tuple(path))


def printable(line: str) -> str:
    """Make one line of it, and no command to the terminal: a key may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _not_toml(complaint: str, text: str) -> str:
    what, _, place = complaint.rpartition(" (at ")
    if not what:
        return f"not TOML: {complaint}"
    place = place.removesuffix(")").replace("end of document", f"line {text.count(chr(10)) + 1}")
    return f"{place}: not TOML: {what}"


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What is wrong, where, and the key in question there; ``says_where`` of words that begin with a place."""

    at: KeyPath
    what: str
    key: KeyPath = ()
    says_where: bool = False


def _understood(complaint: str, document: dict[str, Any], kind: type) -> _Complaint:
    """Take msgspec's ``... - at `$.step[1].band_cpm``` apart, or what a record's own check says."""
    what, _, place = complaint.partition(" - at `$")
    path = _path(complaint, place.rstrip("`"), document, kind)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        return _Complaint(path, f"unknown key `{unknown[1]}`", (unknown[1],))
    if what.startswith("Object missing required field"):
        return _Complaint(path, what.replace("Object missing required field", "missing key"))
    if what.startswith("Invalid enum value"):
        names = [part for part in path if isinstance(part, str)]
        return _Complaint(path, f"{what}, give one of {', '.join(_choices(type_info(kind), names))}")
    said_at, said = ((), what) if path else _said_place(what, document)
    at = (*path, *said_at)
    return _Complaint(path, what, (*said_at, *_named(said, _at(document, at))), bool(said_at))


def _told(complaint: _Complaint, text: str) -> str:
    """Give it in words for a person: ``line 9, step 2, band_cpm: ...``."""
    line = _line(text, (*complaint.at, *complaint.key))
    named = [(part, after) for part, after in pairwise((*complaint.at, None)) if isinstance(part, str)]
    place = [f"{part} {after + 1}" if isinstance(after, int) else part for part, after in named]
    words = ", ".join([*([f"line {line}"] if line else []), *place])
    return printable((", " if complaint.says_where else ": ").join(filter(None, (words, complaint.what))))


def _listed(kind: Type) -> dict[str, type]:
    """Give the records of which a record has lists, by key."""
    fields = kind.fields if isinstance(kind, StructType) else ()
    return {
        field.encode_name: field.type.item_type.cls
        for field in fields
        if isinstance(field.type, VarTupleType | ListType) and isinstance(field.type.item_type, StructType)
    }


def _mistake(value: Any, kind: type, text: str, at: KeyPath) -> list[str]:
    """Tell what is wrong with a part of a document, if anything is."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = _understood(str(error), value, kind)
        return [_told(replace(found, at=(*at, *found.at)), text)]
    return []


def _path(complaint: str, place: str, document: dict[str, Any], kind: type) -> KeyPath:
    """Read where msgspec found it; the key of a dict it writes as ``[...]``, and that is looked for."""
    path: KeyPath = ()
    for name, number, any_key in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]|\[(\.\.\.)\]", place):
        if any_key:
            keys = _at(document, path)
            path += tuple(key for key in keys if complaint == _complaint(_only(document, path, key), kind))[:1]
        else:
            path += (int(number) if number else name,)
    return path


def _complaint(document: Any, kind: type) -> str:
    try:
        msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _only(value: Any, path: KeyPath, key: str) -> Any:
    """Give a document with nothing but one key in the dict at the path."""
    if not path:
        return {key: value[key]}
    changed = value.copy()
    changed[path[0]] = _only(value[path[0]], path[1:], key)
    return changed


def _said_place(what: str, document: dict[str, Any]) -> tuple[KeyPath, str]:
    """Take the place that a record's own complaint begins with, ``step 2, styles, deep: ...``, and the rest."""
    place, colon, rest = what.partition(": ")
    path: KeyPath = ()
    for words in place.split(", ") if colon else ():
        numbered = re.fullmatch(r"(\w+) ([1-9]\d{0,3})", words)
        path += (numbered[1], int(numbered[2]) - 1) if numbered else tuple(_within(_at(document, path), words))
    return (path, rest) if path and _at(document, path) is not None else ((), what)


def _named(what: str, table: Any) -> KeyPath:
    """Find the key of a table that a complaint speaks of first; nothing where it speaks of none that is there."""
    words = re.findall(r"[\w.-]*\w", what)
    above: KeyPath = ()
    numbered = re.match(r"(\w+) ([1-9]\d{0,3})\b", what)  # "step 2 has ..."
    if numbered and _at(table, (numbered[1], int(numbered[2]) - 1)) is not None:
        above = numbered[1], int(numbered[2]) - 1
    return next(((*above, *path) for word in words if (path := _within(_at(table, above), word))), above)


def _within(table: Any, key: str) -> list[str]:
    """Give where a table has a key: as one, or as several with dots between; nothing where it has not."""
    if not isinstance(table, dict):
        return []
    if key in table:
        return [key]
    first, dot, rest = key.partition(".")
    below = _within(table.get(first), rest) if dot else []
    return [first, *below] if below else []


def _at(document: Any, path: KeyPath) -> Any:
    """Give what is at a path; None where nothing is."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _line(text: str, path: KeyPath) -> int | None:
    """Give the line of a path, or of the nearest table around it."""
    try:
        lines = _Scan(text).lines()
    except RecursionError:
        return None
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _choices(kind: Type, names: list[str]) -> list[str]:
    """List what the key may be that is reached by these names."""
    match kind:
        case StructType(fields=fields):
            return next(_choices(field.type, names[1:]) for field in fields if field.encode_name == names[0])
        case VarTupleType(item_type=item) | ListType(item_type=item):
            return _choices(item, names)
        case DictType(value_type=value):
            return _choices(value, names[1:])
        case UnionType(types=types):
            return [choice for each in types for choice in _choices(each, names)]
        case EnumType(cls=cls):
            return [repr(each.value) for each in cls]
        case LiteralType(values=values):
            return [repr(value) for value in values]
    return []


_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"""|(?P<skip>\#[^\n]*|[ \t\r]+)|(?P<sign>[\[\]{}=,.\n])|(?P<bare>[^\s\[\]{}=,."'\#]+)""",
    re.DOTALL,
)


class _Scan:
    """Walks through the text of a document that is known to be TOML, and notes where each key stands."""

    def __init__(self, text: str) -> None:
        found = [each for each in _TOKEN.finditer(text) if each.lastgroup != "skip"]
        starts = [each.start() for each in found]
        steps = (text.count("\n", begin, end) for begin, end in pairwise([0, *starts]))
        self._tokens = [each[0] for each in found]
        self._on_line = [1]
        for step in steps:
            self._on_line.append(self._on_line[-1] + step)
        self._next = 0
        self._found: dict[KeyPath, int] = {}
        self._items: dict[KeyPath, int] = {}

    def lines(self) -> dict[KeyPath, int]:
        """Give the first line of every table and key."""
        table: KeyPath = ()
        while self._next < len(self._tokens):
            match self._tokens[self._next]:
                case "\n":
                    self._next += 1
                case "[":
                    table = self._header()
                case _:
                    self._pair(table)
        return self._found

    def _header(self) -> KeyPath:
        line = self._line
        self._next += 1
        if listed := self._tokens[self._next] == "[":
            self._next += 1
        path: KeyPath = ()
        for part in self._key():
            path = self._into(path, line)
            path = self._noted((*path, part), line)
        if listed:
            self._items[path] = self._items.get(path, 0) + 1
        self._next += 2 if listed else 1
        return self._into(path, line)

    def _into(self, path: KeyPath, line: int) -> KeyPath:
        """Go into the latest item of an array of tables."""
        return self._noted((*path, self._items[path] - 1), line) if path in self._items else path

    def _pair(self, table: KeyPath) -> None:
        line, path = self._line, table
        for part in self._key():
            path = self._noted((*path, part), line)
        self._next += 1  # the sign of equality
        self._value(path)

    def _key(self) -> list[str]:
        parts = []
        while (part := self._tokens[self._next]) not in ("=", "]"):
            if part != ".":
                parts.append(next(iter(tomllib.loads(f"{part} = 0"))))
            self._next += 1
        return parts

    def _value(self, path: KeyPath) -> None:
        opening = self._tokens[self._next]
        if opening not in ("[", "{"):
            while self._next < len(self._tokens) and self._tokens[self._next] not in ("\n", ",", "]", "}"):
                self._next += 1
            return
        self._next += 1
        number = 0
        while (token := self._tokens[self._next]) not in ("]", "}"):
            if token in ("\n", ","):
                self._next += 1
            elif opening == "{":
                self._pair(path)
            else:
                self._value(self._noted((*path, number), self._line))
                number += 1
        self._next += 1

    @property
    def _line(self) -> int:
        return self._on_line[self._next + 1]

    def _noted(self, path: KeyPath, line: int) -> KeyPath:
        self._found.setdefault(path, line)
        return path
