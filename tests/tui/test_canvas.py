"""Dots and letters on a canvas."""

from __future__ import annotations

import numpy as np

from tui.widgets.canvas import Canvas

STYLES = ("", "$foreground-muted", "$primary", "$warning")


def canvas(columns: int = 10, rows: int = 4) -> Canvas:
    return Canvas(columns, rows, STYLES)


def test_a_dot_stands_in_its_place_in_its_cell():
    for x, y, sign in ((0, 0, "⠁"), (1, 0, "⠈"), (0, 2, "⠄"), (0, 3, "⡀"), (1, 3, "⢀")):
        drawn = canvas()
        drawn.dots(np.array([[x, y]]), 1)
        assert drawn.lines()[0][0] == sign


def test_what_lies_outside_is_left_out():
    drawn = canvas()
    drawn.curve(np.array([[-5.0, -5.0], [100.0, 80.0]]), 1)
    drawn.disc(-3, -3, 2, 1)
    drawn.text(8, 1, "long", 2)
    drawn.text(-2, 2, "left", 2)
    drawn.text(0, 9, "below", 2)
    assert [len(line) for line in drawn.lines()] == [10] * 4
    assert drawn.lines()[1].endswith("lo")
    assert drawn.lines()[2].startswith("ft")


def test_a_curve_has_no_holes():
    drawn = canvas(20, 10)
    drawn.curve(np.array([[0.5, 0.5], [38.5, 20.5], [38.5, 39.5]]), 1)
    assert drawn.layer[:20].any(axis=1).all()
    assert drawn.layer[:, :39].any(axis=0).all()
    assert drawn.layer[20:, 38].all()


def test_a_disc_is_as_wide_as_high_in_dots():
    drawn = canvas(20, 10)
    drawn.disc(20, 20, 8, 2)
    assert drawn.layer.any(axis=0).sum() == drawn.layer.any(axis=1).sum() == 16


def test_a_cell_has_the_style_of_its_highest_layer_and_a_letter_its_own():
    drawn = canvas()
    drawn.dots(np.array([[0, 0]]), 3)
    drawn.dots(np.array([[1, 0], [2, 0]]), 2)
    drawn.text(2, 0, "x", 1)
    ((cell, first), (next_cell, second), (letter, third), (rest, last)) = drawn.runs()[0]
    assert (cell, first) == ("⠉", 3)
    assert (next_cell, second) == ("⠁", 2)
    assert (letter, third) == ("x", 1)
    assert (rest.strip(), last) == ("", 0)


def test_stretches_of_one_style_are_one():
    drawn = canvas()
    drawn.curve(np.array([[0, 0], [19, 0]]), 2)
    drawn.layer[:, 6:10] = 0
    assert [layer for _, layer in drawn.runs()[0]] == [2]
    assert drawn.runs()[1] == [(" " * 10, 0)]


def test_nothing_is_drawn_on_nothing():
    assert Canvas(0, 3, STYLES).lines() == ["", "", ""]
    assert Canvas(4, 0, STYLES).lines() == []
