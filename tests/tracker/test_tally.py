from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.events import Segment
from tracker.motion.state import Direction, Kind, Motion
from tracker.tally import Tally, totals_of

HOP_S = 0.1
PERIODIC = (Kind.STROKE, Kind.CIRCLE, Kind.LIFT)

ways: st.SearchStrategy[Direction] = st.sampled_from(["cw", "ccw"])


def stretch(
    kind: Kind,
    start_s: float,
    end_s: float,
    *,
    cpm: float | None = None,
    since_s: float | None = None,
    before: float = 0.0,
    direction: Direction | None = None,
    circularity: float | None = None,
) -> list[Motion]:
    """Looks from after ``start_s`` to ``end_s``; the stretch began ``since_s``, with ``before`` cycles already made."""
    since_s = start_s if since_s is None else since_s
    looks = []
    for k in range(1, round((end_s - start_s) / HOP_S) + 1):
        t_s = start_s + k * HOP_S
        made = (t_s - since_s) * cpm / 60 if cpm else 0.0
        looks.append(
            Motion(
                t_s=t_s,
                kind=kind,
                since_s=since_s,
                rate_cpm=cpm,
                cycles=before + made,
                stretch_cycles=made,
                direction=direction,
                circularity=circularity,
            )
        )
    return looks


def tallied(*looks: Motion) -> Tally:
    tally = Tally()
    for look in looks:
        tally.take(look)
    return tally


def shape(segments: list[Segment]) -> list[tuple[str, float, float, float]]:
    return [(s.motion.value, s.start_s, s.end_s, s.cycles) for s in segments]


def test_nothing_seen_is_nothing_done() -> None:
    tally = Tally()
    assert tally.segments() == []
    assert set(tally.totals()) == {kind.value for kind in Kind}
    assert all(total.seconds == 0 for total in tally.totals().values())
    assert tally.totals()["still"].cycles is None


def test_rest_strokes_rest() -> None:
    tally = tallied(
        *stretch(Kind.STILL, 0, 3),
        *stretch(Kind.STROKE, 5, 13, cpm=30, since_s=3),  # recognised two seconds after they began
        *stretch(Kind.STILL, 13, 16, before=5),
    )
    assert shape(tally.segments()) == [("still", 0, 3, 0), ("stroke", 3, 13, 5), ("still", 13, 16, 0)]
    assert tally.segments()[1].rate_cpm == pytest.approx(30)
    totals = tally.totals()
    assert totals["stroke"].cycles == pytest.approx(5)
    assert (totals["stroke"].seconds, totals["still"].seconds, totals["lift"].seconds) == (10, 6, 0)


def test_a_stretch_that_was_something_else_from_its_beginning_is_dropped() -> None:
    """Movement is `other` until its tempo is known, then a stroke since it began."""
    tally = tallied(
        *stretch(Kind.STILL, 0, 3),
        *stretch(Kind.OTHER, 3, 5),
        *stretch(Kind.STROKE, 5, 13, cpm=30, since_s=3),
    )
    assert shape(tally.segments()) == [("still", 0, 3, 0), ("stroke", 3, 13, 5)]


@pytest.mark.parametrize("kind", [Kind.STILL, Kind.OTHER])
def test_rests_on_either_side_of_what_was_no_movement_are_joined(kind: Kind) -> None:
    other = Kind.OTHER if kind is Kind.STILL else Kind.STILL
    tally = tallied(
        *stretch(kind, 0, 3),
        *stretch(other, 3, 4),
        *stretch(kind, 4, 8, since_s=3),
    )
    assert shape(tally.segments()) == [(kind.value, 0, 8, 0)]


def test_two_sets_of_strokes_are_not_joined() -> None:
    tally = tallied(
        *stretch(Kind.STROKE, 0, 4, cpm=30),
        *stretch(Kind.STROKE, 4, 8, cpm=30, since_s=4, before=2),
    )
    assert [s.cycles for s in tally.segments()] == [2, 2]


def test_what_a_back_dated_stretch_takes_over_is_not_counted_twice() -> None:
    """A circle recognised late takes its last cycle from the strokes it was taken for."""
    tally = tallied(
        *stretch(Kind.STROKE, 0, 10, cpm=60),
        *stretch(Kind.CIRCLE, 10, 20, cpm=60, since_s=8, before=8, direction="cw"),
    )
    assert shape(tally.segments()) == [("stroke", 0, 8, 8), ("circle", 8, 20, 12)]
    totals = tally.totals()
    assert (totals["stroke"].cycles, totals["circle"].cycles) == (8, 12)
    assert (totals["circle"].cw, totals["circle"].ccw) == (12, 0)


def test_circles_are_added_up_by_direction() -> None:
    tally = tallied(
        *stretch(Kind.CIRCLE, 0, 10, cpm=30, direction="cw", circularity=0.8),
        *stretch(Kind.CIRCLE, 10, 16, cpm=30, before=5, direction="ccw", circularity=0.9),
    )
    circles = tally.totals()["circle"]
    assert (circles.cycles, circles.cw, circles.ccw, circles.seconds) == (8, 5, 3, 16)
    assert [s.circularity for s in tally.segments()] == [0.8, 0.9]


def test_the_rate_of_a_stretch_is_the_slope_of_its_cycles() -> None:
    looks = stretch(Kind.STROKE, 0, 20, cpm=24)
    # What the engine says of the tempo wavers; its count does not.
    wavering = [replace(look, rate_cpm=24 + (-1) ** k * 3) for k, look in enumerate(looks)]
    assert tallied(*wavering).segments()[0].rate_cpm == pytest.approx(24, abs=0.01)


def test_regularity_and_size_of_a_stretch_are_means_of_what_was_known() -> None:
    looks = stretch(Kind.STROKE, 0, 4, cpm=30)
    known = [replace(look, period_cv=0.02 * k, size_cv=0.1, extent_cm=20.0 + k) for k, look in enumerate(looks[-3:])]
    [segment] = tallied(*looks[:-3], *known).segments()
    assert (segment.period_cv, segment.size_cv, segment.extent_cm, segment.angle_deg) == (0.02, 0.1, 21.0, None)


def test_the_track_keeps_every_look_when_asked() -> None:
    tally = Tally(keep_track=True)
    looks = [*stretch(Kind.STILL, 0, 1), *stretch(Kind.STROKE, 1, 3, cpm=60)]
    for look in looks:
        tally.take(look)
    assert tally.track is not None
    assert tally.track.motion == [Kind.STILL] * 10 + [Kind.STROKE] * 20
    assert tally.track.rate_cpm == [None] * 10 + [60] * 20
    assert tally.track.t_s == [round(look.t_s, 3) for look in looks]
    assert tally.track.cycles[-1] == pytest.approx(2)
    assert Tally().track is None


# --- whatever a hand does ---


@st.composite
def motions(draw: st.DrawFn) -> list[Motion]:
    """Looks that keep the promises of `Motion`: cycles never fall, a stretch begins after the beginning of the last."""
    looks: list[Motion] = []
    t_s = since_s = cycles = from_cycles = 0.0
    kind = Kind.STILL
    direction: Direction | None = None
    for new_kind, length, back, jump, rate in draw(
        st.lists(
            st.tuples(
                st.sampled_from(list(Kind)),
                st.integers(1, 30),
                st.floats(0, 1),
                st.floats(0, 3),
                st.floats(1, 300),
            ),
            min_size=1,
            max_size=15,
        )
    ):
        if new_kind is not kind:
            # Anything from right now back to all of the stretch before.
            since_s = max(0.0, t_s - back * (t_s - since_s)) if looks else 0.0
            # Only what has cycles takes some over.
            from_cycles = cycles - back * (cycles - from_cycles) if new_kind in PERIODIC else cycles
            kind = new_kind
            direction = draw(ways) if kind is Kind.CIRCLE else None
            if kind in PERIODIC:
                cycles += jump
        for _ in range(length):
            t_s += HOP_S
            cycles += rate * HOP_S / 60 if kind in PERIODIC else 0.0
            looks.append(
                Motion(
                    t_s=t_s,
                    kind=kind,
                    since_s=since_s,
                    rate_cpm=rate if kind in PERIODIC else None,
                    cycles=cycles,
                    stretch_cycles=cycles - from_cycles,
                    direction=direction,
                )
            )
    return looks


@settings(max_examples=150, deadline=None)
@given(motions())
def test_segments_are_seamless_and_every_cycle_is_counted_once(looks: list[Motion]) -> None:
    segments = tallied(*looks).segments()
    assert segments
    assert segments[0].start_s == pytest.approx(0, abs=0.06)
    assert segments[-1].end_s == pytest.approx(looks[-1].t_s, abs=0.001)
    for one, two in pairwise(segments):
        assert one.start_s <= one.end_s
        assert 0 <= two.start_s - one.end_s < 0.06
    assert all(s.cycles >= 0 for s in segments)
    assert sum(s.cycles for s in segments) == pytest.approx(looks[-1].cycles, abs=0.001 * len(segments) + 0.001)


@settings(max_examples=60, deadline=None)
@given(motions())
def test_totals_add_up_to_the_segments(looks: list[Motion]) -> None:
    tally = tallied(*looks)
    segments, totals = tally.segments(), tally.totals()
    assert totals == totals_of(segments)
    for kind in Kind:
        mine = [s for s in segments if s.motion is kind]
        assert totals[kind.value].seconds == pytest.approx(sum(s.end_s - s.start_s for s in mine), abs=0.002)
        if kind is not Kind.STILL:
            assert totals[kind.value].cycles == pytest.approx(sum(s.cycles for s in mine), abs=0.002)
    circle = totals["circle"]
    assert (circle.cw or 0) + (circle.ccw or 0) == pytest.approx(circle.cycles or 0, abs=0.002)


@settings(max_examples=60, deadline=None)
@given(motions(), st.data())
def test_asking_in_between_changes_nothing(looks: list[Motion], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(looks)))
    tally = tallied(*looks[:at])
    tally.segments()
    tally.totals()
    for look in looks[at:]:
        tally.take(look)
    assert tally.segments() == tallied(*looks).segments()
