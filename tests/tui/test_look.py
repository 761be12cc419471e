from __future__ import annotations

import pytest
from scripted import START_NS, ScriptedPipeline, still, strokes, wave

from sensors.message import NS_PER_S
from tracker.pipeline import command_message
from tracker.routine import FREE, load_shipped
from tracker.session import Command
from tui.look import Camera, Look

# --- looks ---


def test_before_anything_is_heard_there_is_no_wrist() -> None:
    look = Camera().look(ScriptedPipeline(load_shipped("sore-back"), still))
    assert (look.t_s, look.wrists, look.wrist, look.asked) == (0.0, (), None, None)
    assert look.step.name == "Warm the lotion"
    assert not look.free
    assert Look().routine is FREE
    assert Look().free


def test_a_wrist_that_falls_silent_has_no_motion_and_its_time_goes_on() -> None:
    pipeline, camera = ScriptedPipeline(load_shipped("slow-strokes"), strokes(9.0)), Camera()
    pipeline.feed(command_message(Command.START, START_NS))
    looks = []
    for message in wave(10.0):
        pipeline.feed(message)
        looks.append(camera.look(pipeline))
    (wrist,) = looks[-1].wrists
    assert looks[-1].wrist is wrist
    assert wrist.motion is not None
    assert wrist.motion.rate_cpm == 9.0
    assert (wrist.name, wrist.side, wrist.stale_s) == ("left", "left", None)
    assert wrist.edge_s == pytest.approx(wrist.newest_s)
    edges_s = []
    for later_s in (11.0, 12.0, 15.0):
        pipeline.advance(START_NS + round(later_s * NS_PER_S))
        (later,) = camera.look(pipeline).wrists
        edges_s.append(later.edge_s - later.newest_s)
    assert edges_s == pytest.approx([1.0, 2.0, 5.0], abs=0.01)
    assert (later.motion, later.figure) == (None, None)
    assert later.stale_s == pytest.approx(5.0)
