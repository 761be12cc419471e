"""Where nothing but ASCII can be drawn: as wide as before, and still the same picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color

from tui.ascii import AsciiFilter, to_ascii
from tui.keys import BY_ID
from tui.widgets import blocks


@given(st.text())
def test_any_text_becomes_ascii_of_the_same_width(text: str) -> None:
    drawn = to_ascii(text)
    assert drawn.isascii()
    assert cell_len(drawn) == cell_len(text)


@given(st.text(alphabet="a\u200d\ufe0f\u0301❤👩日❄\U0001f3fd", min_size=1))
def test_signs_that_are_joined_keep_their_width_too(text: str) -> None:
    drawn = to_ascii(text)
    assert drawn.isascii()
    assert cell_len(drawn) == cell_len(text)


@pytest.mark.parametrize(
    ("drawn", "plain"),
    [
        ("▶ ↻ circle ✓", "> ) circle v"),
        ("— ± 0.6 × 2 °C", "- + 0.6 * 2 dC"),
        ("Rücken, café", "Rucken, cafe"),
        ("┌─┐│█▀▄", '+-+|#"_'),
        ("日本", "????"),
        ("❚❚ 1:05", "|| 1:05"),
        ("plain: [x] {y}\\", "plain: [x] {y}\\"),
    ],
)
def test_known_signs_have_their_likeness(drawn: str, plain: str) -> None:
    assert to_ascii(drawn) == plain


def test_directions_and_kinds_of_motion_stay_apart() -> None:
    assert len({to_ascii(sign) for sign in "↻↺↔⇅○■≈—"}) == 8
    assert len({to_ascii(sign) for sign in "←→↑↓"}) == 4
    assert to_ascii("·░▒▓█") == ".:+%#", "a calendar's days, the more was done the darker"
    assert sorted(to_ascii("•◆!▲▼━")) == sorted("*+!^v-"), "a summary's plot"


@pytest.mark.parametrize(
    ("dots", "plain"),
    [
        ("⠀", " "),
        ("⣿", "#"),
        ("⠉", '"'),
        ("⠁", "'"),
        ("⣀", "_"),
        ("⢀", "."),
        ("⠤", "-"),
        ("⠒", "-"),
        ("⡇", "|"),
        ("⢸", "|"),
        ("⡠", "_"),
        ("⡜", "/"),
        ("⢣", "\\"),
        ("⡔", "/"),
    ],
)
def test_dots_become_the_stroke_they_lie_like(dots: str, plain: str) -> None:
    assert to_ascii(dots) == plain


def test_all_dots_and_all_keys_have_a_likeness() -> None:
    assert "?" not in to_ascii("".join(map(chr, range(0x2800, 0x2900))))
    assert "?" not in "".join(to_ascii(key.shown) for key in BY_ID.values() if key.shown and key.shown != "?")


def test_large_digits_are_all_different() -> None:
    assert len({to_ascii("\n".join(blocks.draw(digit, 1))) for digit in "0123456789"}) == 10


def test_the_filter_keeps_styles_and_control_codes() -> None:
    style, bell = Style(bold=True), Segment("\x07", None, [(ControlType.BELL,)])
    line = [Segment("▶ go", style), Segment("é", None), bell]
    assert AsciiFilter().apply(line, Color(0, 0, 0)) == [Segment("> go", style), Segment("e", None), bell]
