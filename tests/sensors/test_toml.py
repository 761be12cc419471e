"""What a person wrote wrong is told in one line that names the place."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.toml import read_toml


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    speed: float


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    item: list[Inner] = []


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("[[item]]\nspeed = 1\n[[item]]\nspeed = 'fast'", "item 2, speed: Expected `float`, got `str`"),
        ("[[item]]\n", "item 1: missing key `speed`"),
        ("speed = 1", "unknown key `speed`"),
        ("speed", "not TOML: "),
        ('"\x1b[2J" = 1', "unknown key `?[2J`"),
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
def test_any_text_is_read_or_told_in_one_printable_line(text: str) -> None:
    assert _read_or_told(text).isprintable()
