from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from reported import HOSTILE, RECORDINGS, circles, hostile_session

from journal.report.gather import ROUND, gather, reach_of
from sensors.message import NS_PER_S, Message
from sensors.recording import RecordingError, read_recording
from tracker.motion.figure import Figure
from tracker.motion.state import Kind
from tracker.pipeline import Pipeline, run


@pytest.fixture(scope="module")
def session():
    return hostile_session()


def test_it_says_what_every_front_end_says(session):
    messages = list(read_recording(RECORDINGS / "lifts.mcap"))
    gathered = gather(messages, "lifts")
    assert gathered.events == list(run(messages, Pipeline()))
    assert gathered.summary == gathered.events[-1]


def test_each_look_knows_its_step_and_a_pause_belongs_to_none(session):
    assert session.pauses == [(30.0, 35.0)]
    assert {look.step for look in session.looks if 31 < look.event.t_s < 34} == {None}
    assert {look.step for look in session.looks if 5 < look.event.t_s < 15} == {1}
    assert {look.step for look in session.looks if 40 < look.event.t_s < 55} == {2}
    assert len(session.coached) == len(session.looks) > 500
    assert session.looks[0].event.device.startswith(HOSTILE[:20])
    assert [event.step for event in session.steps] == [1, 2, 2]
    assert (len(session.marks), len(session.pains)) == (2, 1)


def test_the_cycles_are_those_that_were_made(session):
    truth = json.loads((RECORDINGS / "circles.truth.json").read_text())
    made = [cycle for cycle in session.cycles if cycle.look.motion is Kind.CIRCLE]
    assert len(made) == pytest.approx(truth["truth"]["cycles"][-1], abs=2)
    assert [cycle.number for cycle in made] == list(range(1, len(made) + 1))
    for step in session.summary.steps:
        assert sum(cycle.step == step.step for cycle in made) == pytest.approx(step.cycles, abs=1.5)


def test_a_cycle_begins_where_the_one_before_it_ended(session):
    own_way = [pair for pair in pairwise(session.cycles) if len({each.look.direction for each in pair}) == 1]
    joined = [now.start_s == before.end_s for before, now in own_way]
    assert sum(joined) >= len(joined) - 2
    periods_s = [cycle.period_s for cycle in session.cycles if not cycle.reckoned]
    assert np.median(periods_s) == pytest.approx(2.0, abs=0.1)
    first = session.cycles[0]
    assert first.reckoned
    assert first.start_s >= 0
    assert first.rate_cpm == pytest.approx(60 / first.period_s)


def test_each_circle_has_its_path(session):
    assert {path.direction for path in session.paths} == {"cw", "ccw"}
    assert len(session.paths) == pytest.approx(len(session.cycles), abs=3)
    assert all(path.reach.shape == (ROUND,) and (path.reach > 0).all() for path in session.paths)


def test_the_reach_of_an_ellipse_is_its_own():
    half_axes = np.array((1.0, 0.5))
    ellipse = Figure(np.array((1.0, -0.5j)), np.zeros(2, dtype=complex), 0.0)
    angles = np.linspace(0, 2 * np.pi, ROUND, endpoint=False)
    true = 1 / np.hypot(np.cos(angles) / half_axes[0], np.sin(angles) / half_axes[1])
    assert reach_of(ellipse) == pytest.approx(true, abs=0.01)
    assert reach_of(ellipse.__class__(ellipse.first.conjugate(), ellipse.second, 0.0)) == pytest.approx(true, abs=0.01)


def test_nothing_at_all_is_a_session_too():
    empty = gather([], "empty")
    assert (empty.began, empty.length_s, empty.looks, empty.cycles, empty.pauses) == (None, 0.0, [], [], [])


def test_what_can_be_read_no_further_is_told_as_far_as_it_was(session):
    def cut_off():
        yield from circles()[:200]
        raise RecordingError("x.mcap is damaged here")

    half = gather(cut_off(), "half", ["x.mcap is cut off"])
    assert half.troubles == ["x.mcap is cut off", "x.mcap is damaged here"]
    assert 0 < len(half.looks) < len(session.looks)


def test_a_clock_that_was_set_ends_it_and_one_that_counts_from_zero_tells_no_date():
    first, second, *_ = circles()
    later = Message(second.topic, second.payload, first.received_ns + 2 * 86_400 * NS_PER_S)
    assert gather([first, second, later], "long").troubles == ["longer than a day: the rest is left out"]
    assert gather([Message("wrist", first.payload, 5)], "none").began is None


def test_of_two_wrists_one_is_coached_and_both_have_their_circles():
    both = sorted((*circles("left"), *circles("right")), key=lambda message: message.received_ns)
    session = gather(both, "both")
    assert {look.event.device for look in session.looks} == {"left", "right"}
    assert {look.event.device for look in session.coached} == {"left"}
    assert {look.step for look in session.looks if not look.coached} == {None}
    (step,) = session.summary.steps
    assert sum(cycle.step == 1 for cycle in session.cycles) == pytest.approx(step.cycles, abs=1.5)
    assert len(session.paths) == pytest.approx(2 * step.cycles, abs=6)
