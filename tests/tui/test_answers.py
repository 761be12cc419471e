"""What the page asks for, answer by answer: a simulated person through a real broker, the events, and the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from drawn import seen
from mat import TODAY, hands, on_the_mat, settled, shortened, worn
from rig import in_order
from textual.pilot import Pilot

from journal.catch_up import catch_up
from journal.diary import diary
from journal.plan import Plan, goal_from, save_plan
from journal.store import Journal
from sensors.broker import start_broker
from sensors.mqtt import BrokerAddress
from sensors.recording import open_recording
from sensors.simulate import Phase
from tracker.body import Region, places
from tracker.events import MarkEvent, PainEvent
from tracker.motion.state import Kind
from tracker.pipeline import Pipeline, run
from tracker.routine import Routine, load_shipped
from tracker.safety import PAIN_ADVICE
from tracker.score import score_session
from tui.memory import Memory
from tui.widgets.body import BodyMap
from tui.widgets.cue import Cue, Said
from tui.widgets.rate import Rate


@pytest.fixture(scope="module")
def broker() -> Iterator[BrokerAddress]:
    with start_broker(0) as running:
        yield running.address


def only(routine: Routine, number: int) -> Routine:
    """The routine with one step of it."""
    return msgspec.structs.replace(routine, step=(routine.step[number - 1],))


def said(pilot: Pilot[None]) -> Said:
    """The one thing that the coach's place says in large words."""
    return pilot.app.screen.query_one(Cue).said


REST = Phase("still", 2.0)


async def test_massage_your_own_back(broker: BrokerAddress) -> None:
    """One person, two hands: the left and the right wrist, the one whose turn it is followed."""
    routine = shortened("slow-strokes", 4)
    right, left = (step.side for step in routine.step)
    assert (right, left) == ("right", "left")
    busy = Phase("stroke", 30.0, 12.0, length_cm=20)
    rights = worn(hands(REST, busy, Phase("still", 34.0)), "right")
    lefts = worn(hands(Phase("still", 34.0), busy, REST, seed=4), "left", 0.02)
    async with on_the_mat(routine, broker) as (mat, pilot):
        await mat.move(pilot, in_order(rights, lefts), until_s=25)
        coached = [rate.who for rate in pilot.app.screen.query(Rate) if "▶" in rate.who]
        assert coached == ["▶ right"]
        await mat.move(pilot, in_order(rights, lefts), until_s=57)
        assert "▶ left" in seen(pilot.app)
        await mat.move(pilot, in_order(rights, lefts))
        done = mat.runner.pipeline.summary().steps
        assert [step.name for step in done] == [step.name for step in routine.step]
        assert all(step.cycles == pytest.approx(5.5, abs=1.5) for step in done)


async def test_palm_circling(broker: BrokerAddress) -> None:
    """Circles, large and slow: counted, with their direction, though they are wide ellipses; small quick ones cued."""
    small = Phase("circle", 20.0, 70.0, length_cm=4, direction="cw", aspect=0.6)
    large = Phase("circle", 40.0, 30.0, length_cm=18, direction="cw", aspect=0.5)
    async with on_the_mat(only(load_shipped("palm-circling"), 1), broker) as (mat, pilot):
        sent = hands(REST, small, large)
        await mat.move(pilot, sent, until_s=22)
        assert mat.cues()[0].text.startswith("slower: ")
        assert "20-40, larger too" in mat.cues()[0].text
        assert said(pilot).word == "slower"
        await mat.move(pilot, sent)
        assert mat.cues()[-1].cue == "good"
        shown = seen(pilot.app)
        assert "↻ circle" in shown
        assert "in the band" in shown
        [step] = mat.runner.pipeline.summary().steps
        assert step.cw == pytest.approx(20 * 70 / 60 + 20, abs=2.5)
        assert step.ccw == 0


async def test_muscle_lifting(broker: BrokerAddress) -> None:
    """Lifts by turning the wrist, one hand at a time: by a prompt, and with two devices the working one is followed."""
    routine = shortened("muscle-lifting", 3)
    step = routine.step[0]
    assert (step.motion, step.side) == (Kind.LIFT, "alternate")
    turn_s = step.switch_s or 0
    turn = Phase("lift", turn_s - 2, 45.0)
    rights = worn(hands(turn, Phase("still", turn_s + 2), turn, REST), "right")
    lefts = worn(hands(Phase("still", turn_s), turn, Phase("still", turn_s + 2), seed=4), "left", 0.02)
    async with on_the_mat(only(routine, 1), broker) as (mat, pilot):
        sent = in_order(rights, lefts)
        await mat.move(pilot, sent, until_s=turn_s + 2)
        [switch] = [cue for cue in mat.cues() if cue.cue == "switch side"]
        assert switch.text == "switch side: the left hand now"
        assert said(pilot).line == "the left hand now"
        await mat.move(pilot, sent, until_s=2 * turn_s - 3)
        assert "▶ left" in seen(pilot.app)
        await mat.move(pilot, sent)
        assert {cue.cue for cue in mat.cues()} <= {"switch side", "good", "slower", "faster"}
        [done] = mat.runner.pipeline.summary().steps
        assert done.cycles > 0.6 * 2 * (turn_s - 2) * 45 / 60


async def test_muscle_lifting_with_one_device(broker: BrokerAddress) -> None:
    """The other hand's turns are prompted, and cost nothing."""
    routine = only(shortened("muscle-lifting", 3), 1)
    turn_s = routine.step[0].switch_s or 0
    turn = Phase("lift", turn_s, 45.0)
    async with on_the_mat(routine, broker) as (mat, pilot):
        await mat.move(pilot, hands(turn, Phase("still", turn_s), turn, Phase("still", turn_s), turn))
        assert [cue.cue for cue in mat.cues()].count("switch side") >= 3
        assert {cue.cue for cue in mat.cues()} <= {"switch side", "good"}
        scored = score_session(routine, mat.runner.pipeline.summary().steps)
        assert (scored.steps[0].motion.value or 0) >= 85


async def test_knots(broker: BrokerAddress) -> None:
    """Small, brisk circles at one spot."""
    small = Phase("circle", 30.0, 65.0, length_cm=4, direction="ccw")
    async with on_the_mat(only(load_shipped("knot-circles"), 1), broker) as (mat, pilot):
        await mat.move(pilot, hands(REST, small))
        assert mat.cues() == []
        shown = seen(pilot.app)
        assert "circle" in shown
        assert "in the band" in shown
        [step] = mat.runner.pipeline.summary().steps
        assert step.cycles == pytest.approx(32.5, abs=2)
        assert places(step.area)


async def test_deep_tissue_or_swedish(broker: BrokerAddress) -> None:
    """The same circles, in another style: what was right is too slow there."""
    swedish = load_shipped("knot-circles")
    deep = swedish.styled("deep")
    assert [step.technique for step in deep.step] == [step.technique for step in swedish.step]
    async with on_the_mat(only(deep, 1), broker) as (mat, pilot):
        await mat.move(pilot, hands(REST, Phase("circle", 15.0, 65.0, length_cm=4)))
        assert mat.cues()[0].text.startswith("faster: ")
        assert "90-140" in mat.cues()[0].text
        assert "90-140" in said(pilot).line
    assert mat.summary().style == "deep"


async def test_a_tennis_ball(broker: BrokerAddress) -> None:
    """Slow strokes of the whole body; most people roll far too fast."""
    routine = load_shipped("ball-roll")
    fast, slow = Phase("stroke", 15.0, 33.0, length_cm=15), Phase("stroke", 30.0, 11.0, length_cm=15)
    async with on_the_mat(only(routine, 1), broker) as (mat, pilot):
        sent = hands(REST, fast, slow)
        await mat.move(pilot, sent, until_s=16)
        assert "aim for 7.5-15" in said(pilot).line
        await mat.move(pilot, sent)
        assert [cue.cue for cue in mat.cues()][-1] == "good"
        [step] = mat.runner.pipeline.summary().steps
        assert step.cycles == pytest.approx(15 * 33 / 60 + 5.5, abs=1.5)


async def test_a_sore_back(broker: BrokerAddress) -> None:
    """Warm lotion; then slowly from the lower back upward in circles, across the shoulders, down the upper arms."""
    routine = shortened("sore-back", 6)
    motions = {"stroke": (12.0, 20.0), "circle": (30.0, 14.0)}
    phases = []
    for step in routine.step:
        cpm, length_cm = motions.get(str(step.motion), (0.0, 0.0))
        moving = Phase(step.motion.value, step.lasts_s, cpm, length_cm=length_cm) if step.motion else None
        phases.append(moving or Phase("still", step.lasts_s))
    seen_at: list[frozenset] = []
    async with on_the_mat(routine, broker) as (mat, pilot):
        sent = hands(*phases, REST)
        end_s = 0.0
        for step in routine.step:
            end_s += step.lasts_s or 0.0
            await mat.move(pilot, sent, until_s=end_s - 2)
            assert step.name[:12] in seen(pilot.app)
            seen_at.append(places(pilot.app.screen.query_one(BodyMap).now))
        await mat.move(pilot, sent)
        assert [event.name for event in mat.steps()] == [step.name for step in routine.step]
    regions = [{region for region, _ in each} for each in seen_at]
    assert len(regions) == 5
    assert Region.LOWER_BACK in regions[1]
    assert {Region.LOWER_BACK, Region.MIDDLE_BACK} <= regions[2]
    assert (regions[3], regions[4]) == ({Region.SHOULDERS}, {Region.UPPER_ARMS})
    assert mat.summary().ended == "all steps done"


async def test_where_trigger_points_are(broker: BrokerAddress) -> None:
    """The trapezius, from below the shoulder blades up to the shoulders and along the back of the neck."""
    trapezius = {region for region, _ in places("trapezius")}
    assert trapezius == {Region.NECK, Region.SHOULDERS, Region.UPPER_BACK, Region.BETWEEN}
    step = msgspec.structs.replace(load_shipped("trigger-press").step[0], area="left trapezius")
    routine = msgspec.structs.replace(load_shipped("trigger-press"), step=(step,))
    async with on_the_mat(routine, broker) as (mat, pilot):
        await mat.move(pilot, hands(Phase("still", 5.0)))
        assert pilot.app.screen.query_one(BodyMap).now == "left trapezius"
        assert "left trapezius" in seen(pilot.app)


async def test_a_twenty_minute_self_massage(broker: BrokerAddress) -> None:
    """Its list of things to have at hand, all its steps, and the foot rub with both hands at the end."""
    routine = shortened("twenty-minutes", 12)
    things = " ".join(routine.things)
    assert all(thing in things for thing in ("pillow", "sock", "two tennis balls", "lotion or baby powder"))
    feet = [step for step in routine.step if "foot" in step.area]
    assert [(step.side, "oth hands" in step.say) for step in feet] == [("both", True)] * 2
    assert sum(step.lasts_s or 0 for step in load_shipped("twenty-minutes").step) == pytest.approx(20 * 60, abs=90)
    does = {Kind.STROKE: (20.0, 15.0), Kind.CIRCLE: (30.0, 16.0), Kind.LIFT: (45.0, 15.0)}
    phases = [
        Phase(step.motion.value, step.lasts_s, does[step.motion][0], length_cm=does[step.motion][1])
        if step.motion in does
        else Phase("still", step.lasts_s)
        for step in routine.step
    ]
    async with on_the_mat(routine, broker) as (mat, pilot):
        sent = hands(*phases, REST)
        await mat.move(pilot, sent, until_s=1)
        assert "two tennis balls" in seen(pilot.app)
        await mat.move(pilot, sent)
        assert [event.name for event in mat.steps()] == [step.name for step in routine.step]
    assert mat.summary().ended == "all steps done"


async def test_fastest_relief_is_exercise(broker: BrokerAddress) -> None:
    """After-care: suggestions at the end, a walk or a swim or yoga."""
    routine = shortened("sore-back", 15)
    async with on_the_mat(only(routine, 1), broker) as (mat, pilot):
        await mat.move(pilot, hands(Phase("still", 12.0)))
        await settled(pilot)
        shown = seen(pilot.app)
        assert "Afterwards: " in shown
        assert "a walk" in shown


async def test_why_not_massage_yourself(broker: BrokerAddress, tmp_path: Path) -> None:
    """Warned once before; pain stops at once, is asked for, goes on easier or ends; a spot is left after its time."""
    memory = Memory(tmp_path / "remembered.json")
    routine = shortened("knot-circles", 2)
    knots = msgspec.structs.replace(routine.step[0], seconds=400.0)
    sent = hands(REST, Phase("circle", 330.0, 60.0, length_cm=4))
    async with on_the_mat(msgspec.structs.replace(routine, step=(knots,)), broker, memory=memory) as (
        mat,
        pilot,
    ):
        assert "severe osteoporosis" in seen(pilot.app)
        assert "no therapy" in seen(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        await mat.move(pilot, sent, until_s=20)
        await pilot.press("exclamation_mark")
        assert mat.runner.pipeline.session.paused_by == "pain"
        assert "How much does it hurt" in seen(pilot.app)
        await pilot.press("3", "enter", "escape")
        await mat.move(pilot, sent, until_s=22)
        [pain] = [event for event in mat.heard.events if isinstance(event, PainEvent)]
        assert (pain.value, pain.ended) == (3, False)
        assert mat.runner.pipeline.session.now.band == (24.0, 72.0)
        assert said(pilot).word == "easier"
        await mat.move(pilot, sent, until_s=320)
        assert [cue.text for cue in mat.cues() if cue.cue == "move on"] == ["move on: 5 minutes here are enough"]
        await pilot.press("exclamation_mark")
        await pilot.press("7", "enter", "enter")
        await mat.move(pilot, sent, until_s=322)
        assert PAIN_ADVICE[:30] in seen(pilot.app)
    assert mat.summary().ended.startswith("pain 7 of 10")
    again = Memory(tmp_path / "remembered.json")
    async with on_the_mat(only(routine, 1), broker, memory=again) as (mat, pilot):
        assert "severe osteoporosis" not in seen(pilot.app)  # never preached twice


async def test_trigger_points(broker: BrokerAddress) -> None:
    """Press, firmly and still: timed while still, stopped at release; the day's plan counts towards five."""
    routine = load_shipped("trigger-press")
    press = msgspec.structs.replace(routine, step=routine.step[:2])
    fidgets = Phase("fidget", 8.0)
    sent = hands(Phase("still", 40.0), fidgets, Phase("still", 60.0), Phase("still", 60.0))
    async with on_the_mat(press, broker) as (mat, pilot):
        await mat.move(pilot, sent, until_s=47)
        assert "hold still" in {cue.cue for cue in mat.cues()}
        held_s = mat.runner.pipeline.session.so_far.right_s
        assert held_s == pytest.approx(40, abs=3)
        await mat.move(pilot, sent, until_s=101)
        assert [event.step for event in mat.steps()] == [1, 2]  # 90 s of stillness, however long they took
        await pilot.press("x")
        await settled(pilot)
        first, second = mat.summary().steps
        assert first.right_s == pytest.approx(90, abs=1)
        assert (first.released, second.released) == (False, True)
        assert "released" in seen(pilot.app)
        plan = Plan(goal=(goal_from("trigger-press", routine.title, routine.often, TODAY),))
        save_plan(plan)
        await pilot.press("h")
        await settled(pilot)
        await pilot.press("d")
        await settled(pilot)
        shown = seen(pilot.app)
        assert "1 of 5" in shown
        assert "tradition" in shown


async def test_do_knots_go_away(broker: BrokerAddress) -> None:
    """A diary of each spot: how tender before and after, over two weeks, and then the advice to see a professional."""
    routine = only(shortened("knot-circles", 6), 1)
    sent = hands(REST, Phase("circle", 40.0, 60.0, length_cm=4))
    async with on_the_mat(routine, broker, kind="device") as (mat, pilot):
        await mat.move(pilot, sent, until_s=10)
        for answer in ("4", "enter", "enter", "6", "enter"):  # how sore, which spot, how tender
            await pilot.press(answer)
        await mat.move(pilot, sent, until_s=35)
        for answer in ("3", "enter", "5", "enter"):
            await pilot.press(answer)
        await settled(pilot)
        feelings = mat.runner.pipeline.feelings
        [spot] = feelings.spots
        assert (feelings.before, feelings.after, spot.before, spot.after) == (4, 3, 6, 5)
        assert f"{spot.spot} tender" in seen(pilot.app)
        with Journal.open() as journal:
            catch_up(journal, mat.path.parent)
            [record] = journal.records()
        earlier = [
            msgspec.structs.replace(record, name=f"day {day}", began=record.began - timedelta(days=day))
            for day in range(1, 18)
        ]
        [kept] = diary([*reversed(earlier), record], TODAY)
        assert (kept.spot, kept.entries[-1].before, kept.entries[-1].after) == (spot.spot, 6, 5)
        assert "professional" in kept.advice
        [young] = diary([record], TODAY)
        assert young.advice == ""
        await pilot.press("h")
        await settled(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert spot.spot in seen(pilot.app)


async def test_popping_and_good_pain(broker: BrokerAddress) -> None:
    """A mark keeps the moment of the key, and gets its words after it."""
    async with on_the_mat(only(load_shipped("slow-strokes"), 1), broker) as (mat, pilot):
        sent = hands(REST, Phase("stroke", 40.0, 12.0, length_cm=20))
        for at_s, answers in ((10, "p"), (20, "g"), (30, "w")):
            await mat.move(pilot, sent, until_s=at_s)
            await pilot.press("m")
            await mat.move(pilot, sent, until_s=at_s + 3)
            await pilot.press(answers)
        for letter in "crunch":
            await pilot.press(letter)
        await pilot.press("enter")
        await mat.move(pilot, sent, until_s=34)
        marks = [event for event in mat.heard.events if isinstance(event, MarkEvent)]
        assert [(pytest.approx(mark.t_s, abs=1), mark.text) for mark in marks] == [
            (10, "pop"),
            (20, "good pain"),
            (30, "crunch"),
        ]
        await pilot.press("q")
        await pilot.app.workers.wait_for_complete()
        await pilot.press("pagedown", "pagedown")
        await pilot.pause()
        assert "good pain" in seen(pilot.app)
    replayed = [event for event in run(open_recording(mat.path).messages(), Pipeline()) if isinstance(event, MarkEvent)]
    assert replayed == marks
