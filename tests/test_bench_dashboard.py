"""What the bench of the dashboard reads off a terminal."""

from __future__ import annotations

import re
import time
from pathlib import Path

from rig import wait_until, wrist

from bench.dashboard import Watch, causes_of
from bench.terminal import COLUMNS, ROWS, Cost, Terminal

CAPTION = b"acceleration, last 20 s"


def test_the_watch_notes_when_a_count_stood_there_first_and_answers_once() -> None:
    watch = Watch()
    assert watch.read(b"Listening  0.12 cycles", 1.0) == ""
    assert watch.listens.is_set()
    assert watch.seen_s == {}
    assert watch.read(b"\x1b[9;3H 7 cycles, 12 of 20", 2.0) == ""
    assert watch.read(b" 7 cycles  How sore is", 3.0) == "3\r"
    assert watch.read(b" 8 cycles  How sore is", 4.0) == ""
    assert watch.seen_s == {7: 2.0, 12: 2.0, 8: 4.0}


def test_a_count_has_the_message_that_makes_it_appear() -> None:
    sent = wrist(20.0)
    causes = causes_of(sent, "free")
    assert list(causes) == sorted(causes)
    assert max(causes) > 3
    for before, after in zip(causes.values(), list(causes.values())[1:], strict=False):
        assert before.message <= after.message < len(sent)


def test_our_plot_is_drawn_counted_and_read_without_its_colours(tmp_path: Path) -> None:
    heard: list[bytes] = []

    def read(text: bytes, now_s: float) -> str:
        assert now_s <= time.monotonic()
        heard.append(text)
        return ""

    terminal = Terminal("bench.plots", "ours", folder=tmp_path, read=read)
    try:
        wait_until(lambda: any(CAPTION in text for text in heard))
        assert terminal.cost().written > COLUMNS * ROWS
    finally:
        terminal.quit()
    assert not any(re.search(rb"\x1b\[[\d;]*m", text) for text in heard)


def test_the_cost_is_that_of_the_time_between() -> None:
    spent = Cost(12.0, 3.5, 9_000).since(Cost(2.0, 2.0, 4_000))
    assert (spent.cpu_percent, spent.kbps) == (15.0, 0.5)
