from __future__ import annotations

import numpy as np
import pytest
from courses import look, step
from drawn import alone, dots, lines
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.events import Band, CueEvent, MarkEvent, SummaryEvent
from tui.course import Course, Trace
from tui.widgets.trend import Trend, draw, scale


def trace(rate_cpm, band: Band | None = (20.0, 40.0), **told) -> Trace:
    rate_cpm = np.array(rate_cpm, dtype=float)
    low, high = band or (np.nan, np.nan)
    n = len(rate_cpm)
    return Trace(
        t_s=np.arange(n) + 0.5,
        rate_cpm=rate_cpm,
        low_cpm=np.full(n, low),
        high_cpm=np.full(n, high),
        judged=told.pop("judged", np.full(n, True)),
        every_s=1.0,
        end_s=float(n),
        **told,
    )


# --- what is collected ---


def test_a_second_is_the_mean_of_its_looks():
    course = Course()
    course.take([step(0.0, 1, (20.0, 40.0)), *(look(k / 10, 30.0 + k % 2) for k in range(20))])
    made = course.trace()
    assert made.t_s.tolist() == [0.5, 1.5]
    assert made.rate_cpm.tolist() == [30.5, 30.5]
    assert (made.low_cpm.tolist(), made.high_cpm.tolist()) == ([20.0, 20.0], [40.0, 40.0])
    assert made.judged.all()


def test_a_second_without_a_pace_for_most_of_it_is_unknown():
    course = Course()
    course.take(look(k / 10, 30.0 if k < 4 else None) for k in range(10))
    assert np.isnan(course.trace().rate_cpm).all()
    assert not course.trace().judged.any()


def test_each_moment_has_the_band_of_its_step():
    course = Course()
    course.take([step(0.0, 1, None), look(1.0, band=None), step(10.0, 2, (5.0, 9.0)), look(11.0, 7.0, (5.0, 9.0))])
    made = course.trace()
    assert np.isnan(made.low_cpm[0])
    assert (made.low_cpm[1], made.high_cpm[1]) == (5.0, 9.0)
    assert made.steps == ((0.0, "1"), (10.0, "2"))


def test_another_motion_at_the_right_pace_is_not_judged():
    course = Course()
    course.take([step(0.0, 1, (20.0, 40.0)), look(0.5, in_band=None)])
    assert course.trace().rate_cpm.tolist() == [30.0]
    assert course.trace().judged.tolist() == [False]


def test_of_two_hands_it_is_the_coached_one_whoever_speaks_first():
    other, coached = look(0.2, 90.0, None, device="right"), look(0.3, 30.0)
    for events in ([other, coached, other], [coached, other, other]):
        course = Course()
        course.take(events)
        assert course.trace().rate_cpm.tolist() == [30.0]


def test_without_targets_it_is_the_hand_that_moves():
    course = Course()
    course.take([look(0.2, None, None, device="right"), look(0.3, 25.0, None), look(0.4, 25.0, None)])
    assert course.trace().rate_cpm.tolist() == [25.0]


def test_a_long_session_is_kept_coarser_with_every_look_in_it():
    course = Course(most_points=50)
    course.take(look(t_s, float(t_s)) for t_s in range(1000))
    made = course.trace()
    assert len(made.t_s) <= 50
    assert made.every_s == 32.0
    assert made.rate_cpm[:2] == pytest.approx([np.mean(range(32)), np.mean(range(32, 64))])
    assert (np.diff(made.t_s) == made.every_s).all()


def test_hearing_it_twice_after_a_seek_changes_nothing():
    events = [
        step(0.0, 1, (20.0, 40.0)),
        *(look(k / 10, 30.0 + k) for k in range(50)),
        CueEvent(t_s=3.0, cue="slower", text="", why="", band=None),
        MarkEvent(t_s=4.0, text="pop"),
    ]
    once, twice = Course(), Course()
    once.take(events)
    twice.take(events)
    twice.take(events[10:])
    for name in ("t_s", "rate_cpm", "judged"):
        assert getattr(twice.trace(), name) == pytest.approx(getattr(once.trace(), name), abs=1.0)
    assert (twice.trace().cues, twice.trace().marks) == (((3.0, "slower"),), ((4.0, "pop"),))


def test_it_ends_where_the_session_ends():
    course = Course()
    course.take([look(1.0), SummaryEvent(t_s=60.0, routine="r", totals={}, steps=[], feelings=None, streams=[])])
    assert course.trace().end_s == 60.0
    assert Course().trace().end_s == 0.0


# --- what is drawn ---


def rows_of(made: Trace, columns: int = 65, rows: int = 8) -> list[str]:
    return draw(made, columns, rows).lines()


def test_in_and_out_of_the_band_are_told_by_shape():
    verdict = rows_of(trace([10.0] * 20 + [30.0] * 20 + [70.0] * 20))[5][5:]
    assert set(verdict[:18]) == {"▼"}
    assert set(verdict[22:38]) == {"━"}
    assert set(verdict[42:]) == {"▲"}


def test_what_is_not_judged_and_what_is_not_known_have_their_own_shapes():
    judged = np.array([True] * 20 + [False] * 40)
    verdict = rows_of(trace([30.0] * 40 + [np.nan] * 20, judged=judged))[5][5:]
    assert (set(verdict[:19]), set(verdict[21:39]), set(verdict[42:])) == ({"━"}, {"·"}, {" "})
    assert not rows_of(trace([30.0] * 60, band=None))[5].strip()


def test_a_spike_does_not_flatten_the_rest():
    calm = trace([30.0] * 60)
    spiked = trace([30.0] * 59 + [900.0])
    assert scale(spiked, 5) == scale(calm, 5)
    assert rows_of(spiked)[1:3] != []
    assert scale(trace([30.0] * 40 + [90.0] * 20), 5)[1] >= 90.0, "but what lasts is shown"


def test_the_axis_follows_the_data():
    assert scale(trace([4.0] * 60, (1.5, 15.0)), 5)[:2] == (0.0, 20.0)
    low, high, _ = scale(trace([270.0] * 60, (240.0, 300.0)), 5)
    assert low > 100.0, "a tapping hand does not need the room below"
    assert low <= 240.0 < 300.0 <= high


def test_steps_cues_and_marks_stand_at_their_times():
    made = trace(
        [30.0] * 60,
        steps=((0.0, "1"), (30.0, "2")),
        cues=((15.0, "slower"), (31.0, "next step")),
        marks=((45.0, "pop"),),
    )
    shown = rows_of(made)
    assert shown[0][5] == "1"
    assert shown[0][5 + 30 + 1] == "2"
    assert [at - 5 for at, letter in enumerate(shown[6]) if letter == "•"] == [15], "a new step is no cue"
    assert [at - 5 for at, letter in enumerate(shown[6]) if letter == "◆"] == [45]
    assert shown[7].split() == ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50"]


def test_few_points_are_joined_and_a_gap_stays_one():
    made = trace([30.0] * 10)
    solid = draw(made, 65, 8).layer[:20, 10:]
    assert (solid > 3).any(axis=0)[10:110].all()
    apart = Trace(
        t_s=np.array([0.5, 1.5, 8.5, 9.5]),
        rate_cpm=np.full(4, 30.0),
        low_cpm=np.full(4, np.nan),
        high_cpm=np.full(4, np.nan),
        judged=np.full(4, False),
        every_s=1.0,
        end_s=10.0,
    )
    lit = draw(apart, 65, 8).layer[:20, 10:].any(axis=0)
    assert not lit[24:96].any()
    assert lit[8:16].all()


async def test_it_is_drawn_in_the_colours_of_being_in_and_out():
    made = trace([30.0] * 30 + [70.0] * 30)
    async with alone(Trend(made), (65, 10)) as pilot:
        widget = pilot.app.query_one(Trend)
        assert dots(widget, "primary")[:, 14:60].any()
        assert not dots(widget, "primary")[:, 76:].any()
        assert dots(widget, "warning")[:, 76:].any()
        assert dots(widget, "band").any()
        widget.show(trace([np.nan] * 60))
        await pilot.pause()
        assert "No pace was known" in lines(widget)[0]


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (12, 5), (13, 5), (60, 8), (200, 30)])
async def test_any_size_can_be_drawn(size):
    async with alone(Trend(trace(np.linspace(5, 90, 90), steps=((0.0, "1"), (80.0, "2")))), size) as pilot:
        assert len(lines(pilot.app.query_one(Trend))) == size[1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0.5, 400)), min_size=1, max_size=300),
    st.sampled_from([None, (1.5, 15.0), (240.0, 300.0)]),
    st.integers(13, 120),
    st.integers(5, 20),
)
def test_whatever_the_course_it_can_be_drawn(rates, band, columns, rows):
    if np.isfinite(rates).any():
        shown = rows_of(trace(rates, band), columns, rows)
        assert [len(row) for row in shown] == [columns] * rows
