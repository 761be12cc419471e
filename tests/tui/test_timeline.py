from __future__ import annotations

import numpy as np
import pytest
from drawn import alone, lines
from scripted import ScriptedPipeline, strokes, wave
from test_film import filmed, stored, with_commands

from tracker.routine import load_shipped
from tracker.session import Command
from tui.film import Film, Pace
from tui.playhead import Playhead
from tui.widgets.timeline import HERE, Timeline, cells

N, I, A, B = Pace.NONE, Pace.INSIDE, Pace.ABOVE, Pace.BELOW  # noqa: E741 - as short as the strips they stand in


def spans(*edges: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array(edges[:-1]), np.array(edges[1:])


def standing(position_s: float = 0.0, speed: float | None = 1.0) -> Playhead:
    head = Playhead(speed, lambda: 0.0)
    head.position_s = position_s
    return head


def test_a_cell_tells_what_there_was_most_of() -> None:
    paces = bytes([N, N, I, I, I, A, A, I, B, B])
    assert cells(paces, *spans(0, 4, 8, 10)) == [N, I, B]
    assert cells(paces, *spans(0, 5, 8, 10)) == [I, A, B]


def test_what_has_not_been_read_is_no_cell() -> None:
    assert cells(bytes([I, I]), *spans(0, 2, 4)) == [I, None]
    assert cells(b"", *spans(0, 2, 4)) == [None, None]
    assert cells(bytes([I, A]), np.array([-1, 1]), np.array([1, -1])) == [None, A]


def test_a_cell_shorter_than_a_look_has_that_look() -> None:
    assert cells(bytes([I, A]), *spans(0, 0, 1, 1, 2)) == [I, I, A, A]


def changing_pace(t_s: float):
    return strokes(9.0 if t_s < 10 else 24.0 if t_s < 20 else 1.0)(t_s)


async def test_the_strip_shows_the_pace_from_beginning_to_end_by_its_shape() -> None:
    film, line = filmed(wave(30), changing_pace), Timeline()
    async with alone(line, (60, 3)) as pilot:
        line.show(film, standing(film.total_s))
        await pilot.pause()
        strip = lines(line)[1]
    assert strip[3:18] == "█" * 15
    assert strip[22:38] == "▀" * 16
    assert strip[42:58] == "▄" * 16
    assert strip[-1] == HERE


async def test_the_first_row_tells_state_position_length_speed_and_loop() -> None:
    film, line = filmed(wave(90)), Timeline()
    head = standing(42.3, 0.25)
    async with alone(line, (60, 2)) as pilot:
        line.show(film, head)
        await pilot.pause()
        assert lines(line)[0].startswith("▶  0:42 / 1:29   0.25×  ")
        head.paused, head.loop, head.speed = True, True, None
        line.show(film, head)
        await pilot.pause()
        assert lines(line)[0].startswith("❚❚ 0:42 / 1:29   max   loop  ")
        assert lines(line)[1].index(HERE) == int(42.3 / film.total_s * 60)


async def test_while_it_is_read_that_is_told_and_the_rest_of_the_strip_is_blank() -> None:
    film, line = Film(stored(wave(60), 60.0), ScriptedPipeline(load_shipped("slow-strokes"), strokes(9.0))), Timeline()
    for _ in range(15):
        film.add(next(film.reel))
    async with alone(line, (60, 3)) as pilot:
        line.show(film, standing(55.0))
        await pilot.pause()
        head, strip, _ = lines(line)
        assert head.startswith("…  0:55 / 1:00   1×   reading 50 %"), "it waits for what has not been read"
        assert "█" not in strip[30:]
        assert strip[2:29] == "█" * 27
        assert strip[55] == HERE


async def test_a_length_that_is_not_known_is_a_dash_only_until_something_is_read() -> None:
    film, line = Film(stored([]), ScriptedPipeline(None, strokes(9.0))), Timeline()
    async with alone(line, (60, 3)) as pilot:
        line.show(film, standing())
        await pilot.pause()
        assert lines(line)[0].startswith("▶  0:00 / —   1×   reading")


async def test_steps_cues_and_marks_stand_under_the_strip() -> None:
    said = [(0.1, Command.START), (15.0, Command.MARK), (30.0, Command.NEXT)]
    film, line = filmed(with_commands(wave(60), *said), strokes(24.0)), Timeline()
    async with alone(line, (60, 3)) as pilot:
        line.show(film, standing(50.0))
        await pilot.pause()
        ticks = lines(line)[2]
        assert "✎" in ticks[14:16]
        assert "|" in ticks[29:31]
        assert "▽" in ticks[2:10]
        assert ticks[50] == "▲"


async def test_another_session_has_its_own_strip_and_its_words_at_the_right() -> None:
    now, then, line = filmed(wave(30), strokes(9.0)), filmed(wave(15), strokes(24.0)), Timeline()
    async with alone(line, (65, 4)) as pilot:
        line.show(now, standing(), then, "then 24, in the band 0 %")
        await pilot.pause()
        head, strip, _, other = lines(line)
        assert head.endswith("then 24, in the band 0 %")
        assert strip.startswith("now  ")
        assert other.startswith("then ")
        assert other[10:33] == "▀" * 23
        assert other[36:].strip() == "", "it was over by then"
        line.show(now, standing())
        await pilot.pause()
        assert not lines(line)[1].startswith("now")


class Noted(Timeline):
    """Keeps where the mouse pointed."""

    def on_mount(self) -> None:
        self.sought: list[float] = []

    def on_timeline_sought(self, message: Timeline.Sought) -> None:
        self.sought.append(message.t_s)


async def test_the_mouse_takes_the_playhead_along() -> None:
    film, line = filmed(wave(60)), Noted()
    async with alone(line, (60, 3)) as pilot:
        line.show(film, standing())
        await pilot.mouse_down(line, (30, 1))
        await pilot.hover(line, (45, 1))
        await pilot.mouse_up(line, (45, 1))
        await pilot.hover(line, (10, 1))
        await pilot.pause()
    assert line.sought[0] == pytest.approx(film.total_s / 2)
    assert line.sought[-1] == pytest.approx(film.total_s * 0.75)


@pytest.mark.parametrize("size", [(1, 1), (8, 2), (40, 1), (300, 5)])
async def test_it_is_drawn_at_any_size(size: tuple[int, int]) -> None:
    film, line = filmed(wave(5)), Timeline()
    async with alone(line, size) as pilot:
        line.show(film, standing(3.0), film, "then 9, in the band 100 %")
        await pilot.pause()
        assert len(lines(line)) == size[1]
