"""Advice for the ear: which cue sounds how and when, and above all when not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from msgspec import structs

from tracker.coach import CoachParams, CoachState
from tracker.events import CueEvent, Event, NoticeEvent
from tracker.routine import FREE, Routine, load_shipped
from tracker.session import Command, SessionState, StepProgress, command, ready, stale
from tui.look import Look
from tui.memory import Volume
from tui.settings import Settings
from tui.sound import TICK_S, Sounder, make_sounder
from tui.sound.cues import KINDS, spoken
from tui.sound.patterns import BELLS, QUICK_S, SLOW_S

ROUTINE = load_shipped("sore-back")
LONG = structs.replace(ROUTINE, step=(structs.replace(ROUTINE.step[1], seconds=300.0), *ROUTINE.step[1:]))
LOOK = Look(routine=ROUTINE, state=ready(ROUTINE))
QUIET = {"step", "done", "stop", "rest", "side", "limit"}
NORMAL = {*QUIET, "silence", "slower", "faster", "hold", "go on", "word", "easier"}


class Mouth:
    """A voice that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.hushed = 0
        self.closed = False

    def say(self, sentence: str, now_s: float) -> None:
        assert not self.closed
        self.said.append(sentence)

    def hush(self, now_s: float) -> None:
        self.hushed += 1

    def tick(self, now_s: float) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class Room:
    """A sounder, its clock, and what can be heard of it."""

    def __init__(self, volume: Volume = "normal") -> None:
        self.mouth = Mouth()
        self.rings: list[float] = []
        self.now_s = 1000.0
        self.sounder = Sounder(volume, ring=lambda: self.rings.append(self.now_s), speaker=self.mouth)

    def hear(self, *events: Event, look: Look = LOOK) -> None:
        self.sounder.take(events, look, self.now_s)

    def wait(self, seconds: float, tick_s: float = TICK_S) -> None:
        for _ in range(round(seconds / tick_s)):
            self.now_s += tick_s
            self.sounder.tick(self.now_s)

    def rhythm(self) -> list[float]:
        return [round(later - earlier, 2) for earlier, later in pairwise(self.rings)]


def cue(word: str, line: str = "24, aim for 7.5-18") -> CueEvent:
    return CueEvent(t_s=0.0, cue=word, text=f"{word}: {line}", why="", band=(7.5, 18.0))


def said(state: SessionState, what: Command) -> tuple[Look, list[Event]]:
    after, events = command(state, what, 5.0)
    return replace(LOOK, state=after), events


RUNNING = said(ready(ROUTINE), Command.START)[0].state


def in_step(routine: Routine, **progress: float) -> Look:
    parts = (StepProgress(**progress), *RUNNING.progress[1:])
    return replace(LOOK, routine=routine, state=replace(RUNNING, steps=routine.step, progress=parts))


def happenings() -> dict[str, tuple[Look, list[Event]]]:
    """Everything a session says, by the kind of cue it is."""
    last = replace(RUNNING, step=len(ROUTINE.step) - 1)
    silent, events = stale(RUNNING, 5.0)
    paced = next(index for index, step in enumerate(ROUTINE.step) if step.band is not None)
    offered = replace(RUNNING, step=paced, coach=CoachState(offer=(7.5, 24.0)))
    easier = said(offered, Command.EASIER)[1][-1]
    return {
        "step": said(RUNNING, Command.NEXT),
        "done": said(last, Command.NEXT),
        "stop": said(RUNNING, Command.PAIN),
        "silence": (replace(LOOK, state=silent), events),
        "slower": (LOOK, [cue("slower")]),
        "faster": (LOOK, [cue("faster")]),
        "word": (LOOK, [cue("other motion", "that is circles, this step is back and forth")]),
        "hold": (LOOK, [cue("hold still", "the time counts only while you do")]),
        "go on": (LOOK, [cue("go on", "circles")]),
        "side": (LOOK, [cue("switch side", "the left hand now")]),
        "limit": (LOOK, [cue("move on", "5 minutes here are enough")]),
        "rest": (LOOK, [cue("rest", "Leave that place alone today.")]),
        "easier": (LOOK, [easier]),
        "good": (LOOK, [cue("good", "keep that")]),
        "paused": said(RUNNING, Command.PAUSE),
    }


def test_each_rhythm_is_another() -> None:
    gaps = {kind: tuple(round(b - a, 3) for a, b in pairwise(bells)) for kind, bells in BELLS.items()}
    assert len(set(gaps.values())) == len(BELLS)
    assert {gap for each in gaps.values() for gap in each} == {QUICK_S, SLOW_S}
    assert max(bells[-1] for bells in BELLS.values()) <= CoachParams().dwell_s
    assert {"step", "slower", "faster", "done", "stop", "silence", "rest", "side", "limit"} <= BELLS.keys()
    assert BELLS.keys() <= KINDS.keys() == {*happenings(), "half", "minute"}


@pytest.mark.parametrize("kind", ["step", "done", "stop", "silence", "slower", "faster"])
@pytest.mark.parametrize("tick_s", [0.01, TICK_S])
def test_the_bell_rings_a_cues_rhythm(kind: str, tick_s: float) -> None:
    room = Room()
    look, events = happenings()[kind]
    room.hear(*events, look=look)
    room.wait(4, tick_s)
    assert len(room.rings) == len(BELLS[kind])
    for rung, gap in zip(room.rhythm(), [b - a for a, b in pairwise(BELLS[kind])], strict=True):
        assert gap - 0.001 <= rung <= gap + tick_s + 0.001


def test_a_hiccup_of_the_program_makes_no_noise_of_a_rhythm() -> None:
    room = Room()
    room.hear(cue("faster"))
    room.wait(1.0, tick_s=1.0)
    room.wait(4.0)
    assert len(room.rings) == len(BELLS["faster"])
    assert min(room.rhythm()) >= QUICK_S - 0.001


@pytest.mark.parametrize(
    ("volume", "heard"),
    [
        ("off", set()),
        ("quiet", QUIET),
        ("normal", NORMAL),
        ("chatty", {*NORMAL, "good", "paused"}),
    ],
)
def test_the_volume_says_what_is_heard(volume: Volume, heard: set[str]) -> None:
    for kind, (look, events) in happenings().items():
        room = Room(volume)
        room.hear(*events, look=look)
        room.wait(4)
        assert len(room.mouth.said) == (kind in heard), kind
        assert len(room.rings) == (len(BELLS.get(kind, ())) if kind in heard else 0), kind


def test_what_is_said_is_short_and_plain() -> None:
    heard = {}
    for kind, (look, events) in happenings().items():
        room = Room("normal")
        room.hear(*events, look=look)
        heard[kind] = room.mouth.said
    second = ROUTINE.step[1]
    assert second.area in second.name.lower()  # and so it is not said twice
    assert heard == {
        "step": [f"next: {second.name}"],
        "done": ["done, well done"],
        "stop": ["stopped"],
        "silence": ["nothing heard from the wrist"],
        "slower": ["slower"],
        "faster": ["faster"],
        "word": ["that is circles, this step is back and forth"],
        "hold": ["hold still"],
        "go on": ["go on"],
        "side": ["the left hand now"],
        "limit": ["move on, 5 minutes here are enough"],
        "rest": ["rest, Leave that place alone today."],
        "easier": ["easier, 7.5 to 24"],
        "good": [],
        "paused": [],
    }


def test_chatty_says_the_target_and_the_steps_own_words() -> None:
    room = Room("chatty")
    room.hear(cue("slower"))
    assert room.mouth.said == ["slower, aim for 7.5 to 18"]
    room = Room("chatty")
    look, events = said(RUNNING, Command.NEXT)
    room.hear(*events, look=look)
    assert room.mouth.said[0].endswith(f". {ROUTINE.step[1].say}")


def test_beginning_and_going_back_are_called_so() -> None:
    room = Room()
    look, events = said(ready(ROUTINE), Command.START)
    room.hear(*events, look=look)
    assert room.mouth.said == [f"begin with: {ROUTINE.step[0].name}, {ROUTINE.step[0].area}"]
    look, events = said(replace(RUNNING, step=1), Command.BACK)
    room.now_s += 60
    room.hear(*events, look=look)
    assert room.mouth.said[1].startswith(f"again: {ROUTINE.step[0].name}")


def test_a_free_session_announces_no_step_and_ending_it_is_no_triumph() -> None:
    room = Room("chatty")
    state, events = command(ready(FREE), Command.START, 0.0)
    room.hear(*events, look=Look(state=state))
    state, events = command(state, Command.END, 9.0)
    room.hear(*events, look=Look(state=state))
    assert room.mouth.said == room.rings == []


def test_off_is_silent_at_once() -> None:
    room = Room()
    room.hear(cue("slower"))
    room.sounder.set_volume("off", room.now_s)
    room.wait(4)
    assert (len(room.rings), room.mouth.hushed) == (1, 1)
    room.hear(cue("faster"))
    room.wait(4)
    assert (len(room.rings), len(room.mouth.said)) == (1, 1)


def test_turned_up_it_speaks_again() -> None:
    room = Room("off")
    room.hear(cue("slower"))
    room.sounder.set_volume("normal", room.now_s)
    room.hear(cue("slower"))
    assert room.mouth.said == ["slower"]


def test_no_cue_is_said_again_within_its_dwell_whatever_the_events_say() -> None:
    room = Room("chatty")
    for _ in range(240):
        room.hear(cue("slower"), cue("slower"))
        room.wait(0.1)
    assert len(room.mouth.said) == 24 / CoachParams().pace_repeat_s
    assert len(room.rings) == len(room.mouth.said) * len(BELLS["slower"])


def test_another_step_is_another_cue() -> None:
    room = Room()
    state = RUNNING
    for _ in range(3):
        look, events = said(state, Command.NEXT)
        state = look.state
        room.hear(*events, look=look)
        room.wait(0.5)
    assert len(room.mouth.said) == 3


def test_of_what_happens_at_once_the_most_important_is_heard() -> None:
    room = Room()
    look, events = said(RUNNING, Command.PAIN)
    room.hear(cue("slower"), *events, cue("faster"), look=look)
    room.wait(4)
    assert room.mouth.said == ["stopped"]
    assert len(room.rings) == len(BELLS["stop"])


def test_something_more_important_replaces_what_sounds_and_something_less_does_not() -> None:
    room = Room()
    room.hear(cue("slower"))
    room.wait(0.2)
    look, events = said(RUNNING, Command.NEXT)
    room.hear(*events, look=look)
    room.wait(0.3)
    room.hear(cue("faster"))
    room.wait(4)
    assert len(room.mouth.said) == 2
    assert len(room.rings) == 1 + len(BELLS["step"])


def test_the_coachs_first_word_in_a_new_step_is_heard() -> None:
    room = Room()
    look, events = said(RUNNING, Command.NEXT)
    room.hear(*events, look=look)
    room.wait(CoachParams().dwell_s)
    room.hear(cue("slower"))
    assert room.mouth.said[-1] == "slower"


def long_step(seconds: float) -> Look:
    return in_step(LONG, seconds=seconds)


def test_half_time_and_the_last_minute_are_told_once_when_chatty() -> None:
    for volume, told in (("normal", []), ("chatty", ["half of this step", "one minute left"])):
        room = Room(volume)
        for second in range(0, 290, 5):
            room.hear(look=long_step(second))
            room.wait(5.0)
        assert room.mouth.said == told
        room.sounder.set_volume("chatty", room.now_s)
        room.hear(look=long_step(299.0))
        assert room.mouth.said == told, "what is long over is not told for being louder"


def test_counted_steps_have_a_half_and_short_ones_have_none() -> None:
    for step, so_far, told in (
        ({"seconds": None, "cycles": 40.0}, {"cycles": 20.5}, ["half of this step"]),
        ({"seconds": None, "cycles": 10.0}, {"cycles": 5.5}, []),
        ({"seconds": 30.0}, {"seconds": 15.5}, []),
    ):
        routine = structs.replace(LONG, step=(structs.replace(LONG.step[0], **step), *LONG.step[1:]))
        room = Room("chatty")
        room.hear(look=in_step(routine, **so_far))
        assert room.mouth.said == told


def test_a_step_that_begins_again_has_a_half_again() -> None:
    room = Room("chatty")
    for _ in range(2):
        for seconds in (10.0, 140.0, 151.0):
            room.hear(look=long_step(seconds))
            room.wait(20)
    assert room.mouth.said == ["half of this step"] * 2


def test_the_coach_says_itself_that_a_cue_was_followed() -> None:
    room = Room("chatty")
    room.hear(cue("slower"))
    room.wait(5)
    room.hear(cue("good", "keep that"))
    assert room.mouth.said[1:] == ["good, keep that"]


def test_each_turn_of_a_hand_is_another_cue() -> None:
    room = Room("quiet")
    for hand in ("left", "right", "left"):
        room.hear(cue("switch side", f"the {hand} hand now"))
        room.wait(8)
    assert room.mouth.said == ["the left hand now", "the right hand now", "the left hand now"]


def test_notices_are_for_the_eye() -> None:
    room = Room("chatty")
    room.hear(NoticeEvent(t_s=1.0, about="left", text="a gap"))
    assert room.mouth.said == []


def test_a_new_session_forgets_what_was_said_in_the_last() -> None:
    room = Room()
    room.hear(cue("slower"))
    room.sounder.begin()
    room.hear(cue("slower"))
    assert len(room.mouth.said) == 2


def test_closing_ends_bell_and_voice() -> None:
    room = Room()
    room.hear(cue("slower"))
    room.sounder.close()
    room.hear(cue("faster"))
    room.wait(4)
    assert room.mouth.closed
    assert len(room.rings) == 1


@pytest.mark.parametrize(("bell", "rings"), [(True, 1), (False, 0)])
def test_bell_and_voice_can_each_be_left_out(bell: bool, rings: int) -> None:
    heard: list[int] = []
    sounder = make_sounder(Settings(bell=bell, voice=False), lambda: heard.append(1), pytest.fail)
    sounder.take([cue("slower")], LOOK, 0.0)
    sounder.tick(0.01)
    sounder.close()
    assert len(heard) == rings


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("aim for 15-20 cpm", "aim for 15 to 20 per minute"),
        ("7.5–18, ±2 %", "7.5 to 18, plus or minus 2 percent"),
        ("--help <speak> [[volm 1]] $HOME `x`", "help speak volm 1 HOME x"),
        ("Rücken: 90°", "Rücken: 90 degrees"),
        ("line\nbreak\x1b[2J", "line break 2J"),
    ],
)
def test_a_sentence_is_words_and_nothing_that_a_program_could_take_for_more(text: str, read: str) -> None:
    assert spoken(text) == read
