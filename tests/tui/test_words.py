"""Values as a person reads them."""

from __future__ import annotations

import pytest

from tracker.motion.state import Kind
from tracker.routine import FREE, Routine, Step, load_shipped
from tracker.session import StepProgress
from tui import words


@pytest.mark.parametrize(
    ("rate_cpm", "shown"), [(None, "—"), (4.52, "4.5"), (9.94, "9.9"), (9.96, "10"), (134.4, "134")]
)
def test_a_pace_has_a_decimal_only_where_it_matters(rate_cpm, shown):
    assert words.pace(rate_cpm) == shown


def test_an_unknown_spread_is_nothing_and_a_known_one_is_shown():
    assert words.spread(None) == ""
    assert words.spread(0.64) == "± 0.6"


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3725, "1:02:05")])
def test_clock(seconds, shown):
    assert words.clock(seconds) == shown


def test_a_share_of_nothing_is_unknown():
    assert words.share(0, 0) == "—"
    assert words.share(3, 4) == "75 %"


def test_a_circle_shows_which_way_it_turns():
    turns = {words.motion(Kind.CIRCLE, way) for way in ("cw", "ccw", None)}
    assert len(turns) == 3
    assert all(turn.endswith("circle") for turn in turns)


def test_every_motion_has_its_own_symbol():
    assert len({words.motion(kind, None)[0] for kind in Kind}) == len(Kind)


def test_what_is_left_counts_down_in_the_steps_own_measure():
    timed = Step(name="a", technique="a", seconds=90)
    counted = Step(name="b", technique="b", cycles=12)
    assert words.left(timed, StepProgress(seconds=29.2)) == ("1:01", "left in this step")
    assert words.left(timed, StepProgress(seconds=99)) == ("0:00", "left in this step")
    assert words.left(counted, StepProgress(cycles=3.4)) == ("9", "cycles left")


def test_the_extent_of_routines():
    step = Step(name="b", technique="b", cycles=12)
    assert words.extent(FREE) == "as long as you like"
    assert words.extent(load_shipped("palm-circling")) == "2 steps, 2:30 min"
    assert words.extent(Routine(format=1, name="x", title="X", step=(step,))) == "1 step, and counted cycles"
