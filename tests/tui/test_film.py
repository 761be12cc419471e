from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from scripted import START_NS, Script, ScriptedPipeline, circles, still, strokes, wave

from sensors.message import NS_PER_S, Message
from sensors.recording import RecordingError
from tracker.motion.state import Kind, Motion
from tracker.pipeline import TICK_NS, Pipeline, command_message, feel_message, pain_message, run
from tracker.routine import Routine, load_shipped
from tracker.session import Command, Status
from tui.film import CHUNK_LOOKS, Film, Pace
from tui.launch import Stored, open_stored
from tui.look import Camera, Look
from tui.story import last

RECORDINGS = Path(__file__).parents[2] / "recordings"
SLOW = load_shipped("slow-strokes")


def at_ns(t_s: float) -> int:
    return START_NS + round(t_s * NS_PER_S)


def stored(messages: Iterable[Message], length_s: float = 0.0) -> Stored:
    return Stored("mcap", iter(messages), length_s)


def read(film: Film) -> Film:
    for chunk in film.reel:
        film.add(chunk)
    return film


def filmed(messages: Iterable[Message], script: Script = strokes(9.0), routine: Routine | None = SLOW) -> Film:
    return read(Film(stored(messages), ScriptedPipeline(routine, script)))


def with_commands(messages: Iterable[Message], *commands: tuple[float, Command]) -> list[Message]:
    said = [command_message(command, at_ns(t_s)) for t_s, command in commands]
    return sorted([*messages, *said], key=lambda message: message.received_ns)


def comparable(look: Look) -> tuple[Look, list[object]]:
    """A look without its figures, and those as numbers."""
    figures = [
        None if wrist.figure is None else (*wrist.figure.first, *wrist.figure.second, wrist.figure.phase_rad)
        for wrist in look.wrists
    ]
    return replace(look, wrists=tuple(replace(wrist, figure=None) for wrist in look.wrists)), figures


def live_looks(messages: Iterable[Message], pipeline: Pipeline) -> Iterator[Look]:
    """What a screen sees that looks at a live session ten times a second."""
    coming, camera = list(messages), Camera()
    for number in range(1 + (coming[-1].received_ns - coming[0].received_ns) // TICK_NS):
        now_ns = coming[0].received_ns + number * TICK_NS
        for message in [each for each in coming if now_ns - TICK_NS < each.received_ns <= now_ns]:
            pipeline.feed(message)
        pipeline.advance(now_ns)
        yield camera.look(pipeline)


# --- what is read ---


@pytest.mark.parametrize("script", [strokes(24.0), circles(30.0), still])
def test_each_look_is_what_a_live_screen_saw_then(script: Script) -> None:
    messages = with_commands(wave(30, silent=(12, 17)), (0.05, Command.START), (20.0, Command.PAUSE))
    film = filmed(messages, script)
    live = list(live_looks(messages, ScriptedPipeline(SLOW, script)))
    assert len(live) == 300
    assert [comparable(look) for look in film.looks[:-2]] == [comparable(look) for look in live[:-1]]
    assert film.looks[-1].state.status is Status.ENDED


def test_a_real_recording_gives_the_looks_and_the_events_of_its_session() -> None:
    path = RECORDINGS / "circles.mcap"
    messages = list(open_stored(path).messages)
    film, events = Film(open_stored(path), Pipeline()), []
    for chunk in film.reel:
        events += chunk.events
        film.add(chunk)
    assert events == list(run(messages, Pipeline()))
    live = list(live_looks(messages, Pipeline()))
    assert all(comparable(film.at(look.t_s)) == comparable(look) for look in live[:-1:7]), (
        "to the last bit, the hand's path too"
    )
    assert film.story.summary == events[-1]
    assert film.course.trace().end_s == pytest.approx(film.read_s, abs=1.5)


def test_the_signal_of_a_moment_is_what_the_pipeline_kept_then() -> None:
    messages, pipeline = list(wave(60)), ScriptedPipeline(SLOW, strokes(9.0))
    film = filmed(messages)
    for message in messages:
        pipeline.feed(message)
        t_s = (message.received_ns - messages[0].received_ns) / NS_PER_S
        look = film.at(t_s)
        if look.wrist is not None and t_s < film.read_s - 0.1:
            kept = pipeline.devices["left"].signal
            shown = film.signal(look.wrist)
            assert [block.t_s[-1] for block in shown] == [block.t_s[-1] for block in kept]
    assert np.ptp(np.concatenate([block.t_s for block in shown])) > 19


def test_the_motions_of_a_moment_reach_as_far_back_as_the_signal() -> None:
    film = filmed(wave(60))
    motions = film.motions("left", 50.0)
    assert 19 < motions[-1].t_s - motions[0].t_s <= 20.1
    assert motions[-1] == film.at(50.0).wrist.motion
    assert film.motions("right", 50.0) == []


def test_it_is_read_bit_by_bit_and_tells_how_far() -> None:
    film = Film(stored(wave(60), length_s=60.0), ScriptedPipeline(SLOW, strokes(9.0)))
    assert (film.read_s, film.progress, film.total_s, film.routine) == (0.0, 0.0, 60.0, "")
    assert film.at(10.0) == Look()
    for _ in range(15):
        film.add(next(film.reel))
    assert len(film.looks) == 15 * CHUNK_LOOKS
    assert film.read_s == pytest.approx(29.9)
    assert film.progress == pytest.approx(0.5, abs=0.01)
    assert film.at(50.0) is film.looks[-1], "not yet read: the last that is"
    assert not film.whole
    read(film)
    assert film.whole
    assert film.progress == 1.0
    assert film.total_s == film.read_s == pytest.approx(59.8)


def test_without_a_known_length_there_is_no_progress_until_the_end() -> None:
    film = Film(stored(wave(20)), ScriptedPipeline(SLOW, strokes(9.0)))
    film.add(next(film.reel))
    assert film.progress is None
    assert read(film).progress == 1.0


def test_an_empty_recording_is_a_film_of_nothing() -> None:
    film = filmed([])
    assert film.whole
    assert [(look.t_s, look.wrists) for look in film.looks] == [(0.0, ())]
    assert film.story.summary is not None


def test_what_is_damaged_ends_the_film_and_is_told() -> None:
    def damaged() -> Iterator[Message]:
        yield from wave(5)
        raise RecordingError("x.mcap is damaged: the rest cannot be read")

    film = filmed(damaged())
    assert film.read_s == pytest.approx(4.8)
    assert film.looks[30].wrist is not None
    assert film.story.notices[-1].text == "x.mcap is damaged: the rest cannot be read"
    assert film.story.summary.steps[0].seconds > 4


def test_what_a_file_says_of_itself_is_told_first_and_its_damaged_rows_last() -> None:
    about = replace(stored(wave(5)), notice="was repaired", damage=lambda: ["was repaired", "3 rows were skipped"])
    film = read(Film(about, ScriptedPipeline(SLOW, still)))
    said = [notice.text for notice in film.story.notices if notice.about == "recording"]
    assert said == ["was repaired", "3 rows were skipped"]


def test_a_clock_that_was_set_does_not_fill_the_memory() -> None:
    first, second, *_ = wave(5)
    film = filmed([first, Message(second.topic, second.payload, second.received_ns + 3 * 86_400 * NS_PER_S)])
    assert len(film.looks) < 10
    assert "longer than a day" in film.story.notices[-1].text


def test_a_feeling_told_after_the_end_is_in_the_summary() -> None:
    messages = with_commands(wave(10), (9.0, Command.END))
    film = filmed([*messages, feel_message("after", 3, at_ns(40.0))])
    assert film.story.summary.feelings.after == 3
    assert film.read_s < 12, "the film ends with the session"


# --- places to go to ---


def test_steps_cues_and_marks_can_be_seen_where_they_are_said_to_be() -> None:
    messages = with_commands(wave(60, 24), (0.1, Command.START), (10.05, Command.MARK), (30.0, Command.NEXT))
    film = filmed(messages, strokes(24.0))
    kinds = [moment.kind for moment in film.moments]
    assert kinds[:3] == ["step", "cue", "mark"]
    assert [moment.t_s for moment in film.moments] == sorted(moment.t_s for moment in film.moments)
    for moment in film.moments:
        events = {"step": film.story.steps, "cue": film.story.cues, "mark": film.story.marks}[moment.kind]
        look = film.at(moment.t_s)
        said = last(events, look.t_s)
        assert said is not None
        assert look.t_s - said.t_s < 0.5
    (step,) = [moment for moment in film.moments if moment.kind == "step" and moment.t_s > 1]
    assert film.at(step.t_s).state.step == 1
    assert film.at(step.t_s - 0.1).state.step == 0


def test_a_mark_is_where_it_was_meant_and_a_pain_where_it_was_said() -> None:
    told = [command_message(Command.MARK, at_ns(20.0), "pop", ago_s=4.55), pain_message(3, "neck", at_ns(30.0))]
    film = filmed(sorted([*wave(40), *told], key=lambda message: message.received_ns))
    places = {moment.kind: moment.t_s for moment in film.moments}
    assert places["mark"] == pytest.approx(15.3), "a fifth of a second into it, as every message of the wrist's is"
    assert last(film.story.marks, film.at(places["mark"]).t_s).text == "pop"
    assert last(film.story.marks, places["mark"] - 0.1) is None
    assert [moment.t_s for moment in film.moments] == sorted(moment.t_s for moment in film.moments)
    (pain,) = film.course.trace().pains
    assert pain == (pytest.approx(places["pain"], abs=0.2), "3 of 10 at neck")


def test_every_cycle_has_its_time() -> None:
    film = filmed(wave(30, 60), strokes(60.0), routine=None)
    assert len(film.cycles_s) == 28
    assert np.diff(film.cycles_s) == pytest.approx(1.0, abs=0.25)
    assert film.at(film.cycles_s[9]).wrist.motion.cycles == pytest.approx(10 + int(film.cycles_s[0] > 1), abs=0.2)


def test_cycles_counted_together_lie_a_period_apart() -> None:
    def recognised_late(t_s: float) -> Motion:
        return strokes(60.0)(t_s) if t_s > 4.05 else Motion(t_s, Kind.OTHER, 0.0)

    film = filmed(wave(10, 60), recognised_late, routine=None)
    first = film.cycles_s[:4]
    assert np.diff(first) == pytest.approx(1.0, abs=0.01)
    assert film.at(first[0]).wrist.motion.rate_cpm is None, "nobody knew it yet"


@pytest.mark.parametrize(
    ("script", "pace"),
    [
        (strokes(9.0), Pace.INSIDE),
        (strokes(24.0), Pace.ABOVE),
        (strokes(1.0), Pace.BELOW),
        (circles(30.0), Pace.FREE),
        (still, Pace.NONE),
    ],
)
def test_each_look_tells_how_the_pace_stood(script: Script, pace: Pace) -> None:
    film = filmed(wave(10), script)
    assert set(film.paces[20:80]) == {pace}
    assert len(film.paces) == len(film.looks)


def test_without_targets_and_in_a_pause_no_pace_is_judged() -> None:
    assert set(filmed(wave(10), routine=None).paces[20:80]) == {Pace.FREE}
    paused = filmed(with_commands(wave(10), (0.1, Command.START), (5.0, Command.PAUSE)))
    assert set(paused.paces[55:80]) == {Pace.NONE}


# --- beside another ---


def steps_of(*seconds: float, name: str = "two") -> Routine:
    step = tuple(msgspec.structs.replace(SLOW.step[0], seconds=each) for each in seconds)
    return msgspec.structs.replace(SLOW, name=name, step=step)


def test_another_session_of_the_routine_stands_at_the_same_time_into_the_step() -> None:
    routine = steps_of(60, 60)
    now = filmed(with_commands(wave(40), (0.1, Command.START), (10.0, Command.NEXT)), routine=routine)
    then = filmed(with_commands(wave(40), (0.1, Command.START), (20.0, Command.NEXT)), routine=routine)
    look = now.at(15.0)
    other = then.looks[then.alike(look)]
    assert other.state.step == 1
    assert other.so_far.seconds == pytest.approx(look.so_far.seconds, abs=0.1)
    assert other.t_s == pytest.approx(25.0, abs=0.3)
    assert then.alike(now.at(38.0)) is None, "it had ended by then"


def test_a_step_that_was_begun_again_counts_as_it_was_done_last() -> None:
    routine = steps_of(60, 60)
    now = filmed(wave(40), routine=routine)
    then = filmed(with_commands(wave(40), (0.1, Command.START), (20.0, Command.BACK)), routine=routine)
    assert then.looks[then.alike(now.at(10.0))].t_s == pytest.approx(30.0, abs=0.3)


def test_a_step_begun_again_but_not_gone_as_far_is_found_in_its_first_time() -> None:
    routine = steps_of(60, 60)
    now = filmed(wave(40), routine=routine)
    then = filmed(with_commands(wave(40), (0.1, Command.START), (30.0, Command.BACK)), routine=routine)
    assert then.looks[then.alike(now.at(25.0))].t_s == pytest.approx(25.0, abs=0.3)


def test_another_routine_stands_at_the_same_time() -> None:
    now, then = filmed(wave(40), routine=steps_of(60)), filmed(wave(20), routine=steps_of(10, 60, name="other"))
    assert then.looks[then.alike(now.at(15.0))].t_s == pytest.approx(15.0)
    assert then.alike(now.at(30.0)) is None


def test_nothing_stands_beside_before_anything_has_been_read() -> None:
    assert Film(stored([]), ScriptedPipeline(SLOW, still)).alike(Look()) is None
