"""Letters out of half blocks."""

from __future__ import annotations

import string

import pytest

from tui.widgets import blocks


def test_a_one_in_half_blocks():
    assert blocks.draw("1", 1) == ["▄█ ", " █ ", " █ ", "▀▀▀"]


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("text", ["24", "9.3", "—", "ease off", "1:05"])
def test_a_drawing_has_the_size_that_is_told(text, scale):
    drawn = blocks.draw(text, scale)
    assert len(drawn) == blocks.height(scale)
    assert {len(line) for line in drawn} == {blocks.width(text, scale)}


def test_scale_two_is_scale_one_twice_as_wide():
    small = blocks.draw("slower", 1)
    large = blocks.draw("slower", 2)
    top = [line.translate(str.maketrans("▀▄█", "█ █")) for line in small]
    assert large[0] == "".join(2 * dot for dot in top[0])


def test_all_letters_and_digits_differ():
    signs = string.ascii_uppercase.replace("O", "") + string.digits  # O and 0 may look alike
    assert len({tuple(blocks.draw(sign, 1)) for sign in signs}) == len(signs)


def test_the_largest_that_fits_fits_and_the_next_does_not():
    scale = blocks.fitting("slower", 80, 8)
    assert scale == 2
    assert blocks.width("slower", scale) <= 80
    assert blocks.height(scale + 1) > 8
    assert blocks.fitting("slower", 10, 8) == 0
