"""What a person wrote wrong is told in one line that names the place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import count
from typing import Any, Literal

import msgspec
import pytest
import tomlkit
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensors.toml import KeyPath, line_of, mistakes, read_toml


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    speed: float
    way: Literal["up", "down"] = "up"

    def __post_init__(self) -> None:
        if self.speed < 0:
            raise ValueError("speed must not be below 0")


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    item: list[Inner] = []
    named: dict[str, Inner] = {}

    def __post_init__(self) -> None:
        for name, inner in self.named.items():
            if inner.speed > 9:
                raise ValueError(f"named, {name}: {inner.speed:g} is too much")
        for number, inner in enumerate(self.item, 1):
            if inner.speed > 9:
                raise ValueError(f"item {number} is too fast, as its speed says")


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("[[item]]\nspeed = 1\n[[item]]\nspeed = 'fast'", "line 4, item 2, speed: Expected `float`, got `str`"),
        ("[[item]]\n", "line 1, item 1: missing key `speed`"),
        ("\n\nspeed = 1", "line 3: unknown key `speed`"),
        ("[[item]]\nspeed = 1\n\nsped = 1\n", "line 4, item 1: unknown key `sped`"),
        ("[[item]]\nway = 'up'\nspeed = -1\n", "line 3, item 1: speed must not be below 0"),
        (
            "item = [\n{speed = 1},\n{speed = 1, way = 'on'}]",
            "line 3, item 2, way: Invalid enum value 'on', give one of",
        ),
        ("[named.a]\nspeed = 1\n[named.b]\nspeed = 'x'\n", "line 4, named, b, speed: Expected `float`, got `str`"),
        (
            "[named.a]\nspeed = 1\nway = 'on'",
            "line 3, named, a, way: Invalid enum value 'on', give one of 'down', 'up'",
        ),
        ("[named.a]\nspeed = 1\n[named.b]\n", "line 3, named, b: missing key `speed`"),
        ("# so\nnamed.b.speed = 10", "line 2, named, b: 10 is too much"),
        ("[[item]]\nspeed = 1\n[[item]]\nspeed = 12\n", "line 4: item 2 is too fast, as its speed says"),
        ("speed", "line 1: not TOML: "),
        ("a = 1\na = 2\n", "line 2, column 6: not TOML: Cannot overwrite a value"),
        ('"\x1b[2J" = 1', "line 1: unknown key `?[2J`"),
        ('x = """\n\n"""\n"\x1b[2J" = 1', "line 1: unknown key `x`"),
    ],
)
def test_a_complaint_names_the_place(text: str, say: str) -> None:
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole line is compared
        read_toml(text.replace("\x1b", "\\u001b"), Outer)
    assert str(told.value).startswith(say)


def _read_or_told(text: str) -> str:
    try:
        items = read_toml(text, Outer).item
    except ValueError as told:
        return str(told)
    return " ".join(repr(inner.speed) for inner in items)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(alphabet='[]item.speed="= 1\n\t\x1b', max_size=60))
@example('"item 1" = 1')
@example("[" * 2000)
@example(f"a = {'[' * 300}{']' * 300}")
def test_any_text_is_read_or_told_in_one_printable_line(text: str) -> None:
    assert _read_or_told(text).isprintable()


# --- where what stands ---

WRITTEN = '''\
# a comment = 1
a = 1  # "not a string
"b c".'d.e' = """x
[f]
y = 2 \\"""
"""
f = [1.5, 2,
  { k = 'z # no comment', m = [1] },

]  # [[f]]
g = 1979-05-27 07:32:00
h = """a"""""
[[step]]
name = "one"
[step.styles.deep]
band = [
  1,
  2,
]
[[step]]

x.y = '\''
[f]
'\''
  [ often . "z z" ]
w = {}
'''


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (2, ("a",)),
        (3, ("b c",)),
        (3, ("b c", "d.e")),
        (7, ("f",)),
        (7, ("f", 1)),
        (8, ("f", 2, "k")),
        (8, ("f", 2, "m", 0)),
        (11, ("g",)),
        (12, ("h",)),
        (13, ("step",)),
        (13, ("step", 0)),
        (14, ("step", 0, "name")),
        (15, ("step", 0, "styles", "deep")),
        (16, ("step", 0, "styles", "deep", "band")),
        (18, ("step", 0, "styles", "deep", "band", 1)),
        (20, ("step", 1)),
        (22, ("step", 1, "x", "y")),
        (25, ("often",)),
        (26, ("often", "z z", "w")),
        (None, ("step", 2)),
        (None, ("y",)),
        (None, ("often", "x")),
    ],
)
def test_a_key_is_found_where_it_stands(line: int | None, path: KeyPath) -> None:
    assert line_of(WRITTEN, path) == line


def _leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in parts:
        yield from _leaves(each, (*path, part))
    if not isinstance(value, dict | list):
        yield path, value


def _numbered(shape: Any, numbers: Iterator[int]) -> Any:
    """Put a number that is nowhere else in place of each leaf."""
    if isinstance(shape, dict):
        return {key: _numbered(each, numbers) for key, each in shape.items()}
    if isinstance(shape, list):
        return [_numbered(each, numbers) for each in shape]
    return f"{shape}={next(numbers)}" if isinstance(shape, str) else next(numbers)


shapes = st.recursive(
    st.none() | st.text(alphabet="a\"'#[]\n=\\ é", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab.\" '#=[", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.dictionaries(st.text(alphabet="ab.é", max_size=3), shapes, max_size=4))
def test_whatever_is_written_each_value_is_found_in_its_line(shape: dict[str, Any]) -> None:
    text = tomlkit.dumps(_numbered(shape, count(1000)))
    lines = text.split("\n")
    for path, value in _leaves(tomllib.loads(text)):
        line = line_of(text, path)
        assert line is not None
        number = re.findall(r"\d{4}", str(value))[-1]
        assert number in lines[line - 1]


def test_every_item_s_mistake_is_told_not_the_first_alone() -> None:
    text = "colour = 1\n[[item]]\nspeed = 'a'\n[[item]]\nspeed = 1\n[[item]]\nsped = 2\n[[item]]\nspeed = -1\n"
    assert mistakes(text, Outer) == [
        "line 1: unknown key `colour`",
        "line 3, item 1, speed: Expected `float`, got `str`",
        "line 7, item 3: unknown key `sped`",
        "line 9, item 4: speed must not be below 0",
    ]
    assert mistakes("[[item]]\nspeed = 1\n", Outer) == []
    assert mistakes("[[item]]\nspeed = \n", Outer) == ["line 2, column 9: not TOML: Invalid value"]
