"""A simulated person follows every routine: each step is reached, and the coach has nothing to say against it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from rig import in_order

from sensors.message import Message
from sensors.simulate import Device, Phase, follow, simulate
from tracker.events import CueEvent, NoticeEvent, StepEvent, SummaryEvent
from tracker.motion.state import Kind
from tracker.pipeline import Pipeline, PipelineParams, run
from tracker.routine import Routine, Step, load_shipped, shipped_names
from tui.launch import Launch, LiveOptions
from tui.library import Library
from tui.simulation import live_wrist, phases_of, session_messages, targets_of, write_scenario

EVERY = [(name, style) for name in shipped_names() for style in load_shipped(name).styles or ("",)]
WRONG_AT_FIRST_S = 30.0
"""So long a step may begin out of its band, be found out and be put right: a slow stroke takes its time to be told."""


def shortened(step: Step) -> Step:
    """Give a step as long as it takes to be followed, and no longer."""
    slow = step.band is not None and step.band[0] < 5
    seconds = None if step.seconds is None else min(step.seconds, 70.0 if slow else 36.0)
    held = {key: 15.0 for key in ("held_s", "until_release_s") if getattr(step, key)}
    return msgspec.structs.replace(step, seconds=seconds, switch_s=step.switch_s and 9.0, **held)


def followed(routine: Routine, seed: int = 7) -> list[Message]:
    phases = [*follow(targets_of(routine), seed=seed), Phase("still", 3.0)]
    wrist = simulate(phases, Device(rate_hz=50), seed=seed)
    return list(session_messages(wrist, routine, "sensor-logger", None))


@pytest.mark.parametrize(("name", "style"), EVERY, ids=lambda words: words or "plain")
def test_a_shipped_routine_is_followed_to_its_end(name: str, style: str) -> None:
    routine = load_shipped(name).styled(style)
    routine = msgspec.structs.replace(routine, step=tuple(map(shortened, routine.step)))
    *events, summary = run(followed(routine), Pipeline(params=PipelineParams(unwatched=True)))
    assert isinstance(summary, SummaryEvent)
    assert summary.ended == "all steps done"
    assert [step.name for step in summary.steps] == [step.name for step in routine.step]

    begins = {event.step: event.t_s for event in events if isinstance(event, StepEvent)}
    assert list(begins) == list(range(1, len(routine.step) + 1))
    for event in events:
        if not isinstance(event, CueEvent) or event.cue in ("next step", "switch side"):
            continue
        # The person is out of the band at first, and late by the moments that stillness was held longer.
        assert event.cue in ("slower", "faster", "good", "hold still"), event
        since_s = event.t_s - max(t_s for t_s in begins.values() if t_s <= event.t_s)
        assert since_s < (10.0 if event.cue == "hold still" else WRONG_AT_FIRST_S), event
    for step, done in zip(routine.step, summary.steps, strict=True):
        turns = 0.5 if step.side == "alternate" else 1.0
        assert done.right_s > 0.6 * turns * done.seconds, step.name
        if step.motion is not Kind.STILL and step.technique != "rest":
            assert done.cycles > 0
        if step.direction is not None:
            assert (done.cw > done.ccw) == (step.direction == "cw")
    measured = [event.text for event in events if isinstance(event, NoticeEvent) and "own tempo" in event.text]
    assert len(measured) == sum(step.calibrates for step in routine.step)
    assert all("is your band" in text for text in measured)


def test_two_hands_take_turns() -> None:
    routine = load_shipped("muscle-lifting")
    routine = msgspec.structs.replace(routine, step=(msgspec.structs.replace(routine.step[0], seconds=80.0),))
    hands = []
    for side in ("left", "right"):
        phases = follow(targets_of(routine, side), seed=3)
        wrist = simulate(phases, Device(rate_hz=50), seed=3)
        hands.append(list(session_messages(wrist, routine, "sensor-logger", f"palmpace/{side}", side)))
    left, right = hands
    *events, summary = run(
        in_order(right[:1], right[1:-1], left[1:-1]), Pipeline(params=PipelineParams(unwatched=True))
    )
    assert isinstance(summary, SummaryEvent)
    said = Counter(event.cue for event in events if isinstance(event, CueEvent))
    assert said["switch side"] == 3
    assert not set(said) & {"go on", "other motion", "hold still"}
    (step,) = summary.steps
    assert step.right_s > 0.75 * step.seconds  # the turns of both


def test_one_hand_rests_in_the_other_s_turns_and_knows_its_tempo_by_then() -> None:
    routine = load_shipped("muscle-lifting")
    right, left = targets_of(routine)[:9], targets_of(routine, "left")[:9]
    assert [target.motion for target in right] == ["lift", "still"] * 4 + ["lift"]
    assert [target.motion for target in left] == ["still", "lift"] * 4 + ["still"]
    assert sum(target.seconds for target in right) == 180
    assert [target.settled for target in right[::2]] == [False, True, True, True, True]
    assert [target.motion for target in targets_of(load_shipped("slow-strokes"), "left")] == ["still", "stroke"]


ODD = """
format = 1
name = "odd"
title = "Odd"
[[step]]
name = "Far and fast"
technique = "any"
motion = "stroke"
band_cpm = [0, 900]
size_cm = [0, 500]
cycles = 9
source = "me"
evidence = 3
[[step]]
name = "Short"
technique = "any"
motion = "circle"
side = "alternate"
switch_s = 5
seconds = 1
[[step]]
name = "Without an end"
technique = "any"
motion = "other"
seconds = 1e9
"""


def test_one_s_own_routine_is_followed_too_whatever_it_asks_for(tmp_path: Path) -> None:
    Library().save("odd", ODD)
    phases, routine = phases_of("odd", None, 1)
    assert routine.name == "odd"
    assert 60 < sum(phase.seconds for phase in phases) < 3600
    write_scenario("odd", tmp_path / "a.mcap", seed=1, seconds=12, format="plain", topic=None)
    events = Launch().replay(tmp_path / "a.mcap", None, None).poll()
    assert next(event.name for event in events if isinstance(event, StepEvent)) == "Far and fast"


def test_a_live_simulated_person_follows_the_style(monkeypatch: pytest.MonkeyPatch) -> None:
    truths = [live_wrist("knot-circles", style).truth for style in ("", "deep")]
    swedish, deep = (max(rate for rate in truth.rate_cpm[400:800] if rate) for truth in truths)
    assert swedish < 95 < deep
    asked = []
    monkeypatch.setattr(
        "tui.simulation.live_wrist", lambda name, style: asked.append((name, style)) or live_wrist("still")
    )
    for simulated in ("knot-circles", "circles"):
        options = LiveOptions(routine="knot-circles", style="deep", simulate=simulated, record=False)
        with closing(Launch().live(options)) as runner:
            runner.poll()
            assert runner.pipeline.routine.style == "deep"
    assert asked == [("knot-circles", "deep"), ("circles", "")]
