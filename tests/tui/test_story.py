from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from outbound_events import WRIST, of_kind, session

from tracker.events import CueEvent, LinkEvent, MarkEvent, NoticeEvent, StepEvent, SummaryEvent
from tui.story import Story, last, since

times = st.floats(0, 100, allow_nan=False)


def mark(t_s: float) -> MarkEvent:
    return MarkEvent(t_s=t_s, text="")


def test_a_session_is_told_again_up_to_any_moment() -> None:
    story = Story()
    story.take(session())
    assert story.summary == session()[-1]
    assert isinstance(story.summary, SummaryEvent)
    assert story.cues == of_kind(CueEvent)
    assert story.steps == of_kind(StepEvent)
    assert story.notices == of_kind(NoticeEvent)
    assert [step.step for step in story.steps] == [1, 2]
    second_s = story.steps[1].t_s
    before, after = last(story.steps, second_s - 0.1), last(story.steps, second_s)
    assert (before, after) == tuple(story.steps)
    assert story.links(0.5) == ()
    for t_s in (1.0, 7.3, 29.5):
        (link,) = story.links(t_s)
        assert link.device == WRIST
        assert t_s - 1 < link.t_s <= t_s
        assert link == max((each for each in of_kind(LinkEvent) if each.t_s <= t_s), key=lambda each: each.t_s)


@given(st.lists(times), times, times)
def test_last_and_since_know_nothing_of_what_came_later(said: list[float], t_s: float, after_s: float) -> None:
    story = Story()
    story.take([mark(each) for each in said])
    assert [each.t_s for each in story.marks] == sorted(said)
    found = last(story.marks, t_s)
    assert (found.t_s if found else None) == max((each for each in said if each <= t_s), default=None)
    assert [each.t_s for each in since(story.marks, after_s, t_s)] == sorted(s for s in said if after_s < s <= t_s)
