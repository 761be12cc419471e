"""What 10,000 recordings cost the screen that lists them, beside Textual's own DataTable and OptionList.

The table tells time of the thread that draws: `put up` from the list of recordings to the first picture of it at 80x24,
`page` and `end` from a key to the picture after it, `filter` from words typed to the narrower list. The last line tells
what another thread spends meanwhile.

Usage: python -m bench.shelf [--entries N] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable, OptionList

from bench.accuracy.table import Table
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder
from tui.screens.recordings import RecordingsScreen
from tui.shelf import Agenda, Entry, Shelf, read_details
from tui.widgets.listing import Listing

SIZE = (80, 24)
TARGET_MS = 100.0
FILES_READ = 200
ROUTINES = ("sore-back", "twenty-minutes", "palm-circling", "slow-strokes", "free")
BEGAN = datetime(2026, 11, 22, 8, 0)  # noqa: DTZ001 - names tell local time


class Bench(App[None]):
    """Shows one widget; the drawing is Textual's own."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        """Give all the room to it."""
        yield self.widget


async def ours(entries: list[Entry], folder: Path) -> dict[str, float]:
    app: App[None] = App()
    screen = RecordingsScreen(Shelf(folder))
    async with app.run_test(size=SIZE) as pilot:
        await app.push_screen(screen)
        await pilot.pause()
        listing = screen.query_one(Listing)
        return {
            "put up": await taking_ms(pilot, lambda: screen.post_message(screen.Listed(entries, Agenda(()), 0))),
            "page": await taking_ms(pilot, lambda: listing.action_page(1)),
            "end": await taking_ms(pilot, listing.action_last),
            "filter": await taking_ms(pilot, lambda: setattr(screen.query_one("#words"), "value", "sore")),
        }


async def data_table(entries: list[Entry]) -> dict[str, float]:
    table: DataTable[str] = DataTable(cursor_type="row")
    rows = [(f"{entry.when:%Y-%m-%d %H:%M}", entry.title, "—", "—", "—", "0 kB", "") for entry in entries]
    async with Bench(table).run_test(size=SIZE) as pilot:
        table.add_columns("when", "routine", "length", "in band", "feeling", "size", "")
        await pilot.pause()
        return {
            "put up": await taking_ms(pilot, lambda: table.add_rows(rows)),
            "page": await taking_ms(pilot, table.action_page_down),
            "end": await taking_ms(pilot, table.action_scroll_bottom),
        }


async def option_list(entries: list[Entry]) -> dict[str, float]:
    options = OptionList()
    rows = [f"{entry.when:%Y-%m-%d %H:%M} {entry.title}" for entry in entries]
    async with Bench(options).run_test(size=SIZE) as pilot:
        await pilot.pause()
        return {
            "put up": await taking_ms(pilot, lambda: options.add_options(rows)),
            "page": await taking_ms(pilot, options.action_page_down),
            "end": await taking_ms(pilot, options.action_last),
        }


async def taking_ms(pilot: Pilot[None], do: Callable[[], object]) -> float:
    """Time from doing it until the screen rests: a pause of the pilot's with nothing to do is taken off."""

    async def idle() -> None:
        await pilot.pause()

    resting_ms = await _timed_ms(idle)

    async def act() -> None:
        do()
        await pilot.pause()

    return max(0.0, await _timed_ms(act) - resting_ms)


async def _timed_ms(work: Callable[[], Awaitable[None]]) -> float:
    began = time.thread_time()
    await work()
    return (time.thread_time() - began) * 1e3


def listing_ms(shelf: Shelf) -> float:
    """Time to list the folder: the names and sizes of all."""
    began = time.perf_counter()
    shelf.entries()
    return (time.perf_counter() - began) * 1e3


def reading_ms(folder: Path) -> float:
    """Time to read what one recording of a quarter of an hour tells, as closed by a `Recorder`."""
    path = folder / "2026-11-22T08-00-00-sore-back.mcap"
    with Recorder(path, {"routine": "sore-back"}) as recorder:
        for number in range(4500):
            recorder.write(Message("wrist", b'{"x": [0.1, 0.2]}', round(BEGAN.timestamp() + number / 5) * NS_PER_S))
        recorder.sum_up({"seconds": "900", "judged_s": "600", "in_band_s": "480"})
    entry = Shelf(folder).entries()[0]
    began = time.perf_counter()
    for _ in range(FILES_READ):
        read_details(entry)
    return (time.perf_counter() - began) / FILES_READ * 1e3


def median_of(rounds: list[dict[str, float]], what: str) -> float | None:
    return statistics.median(each[what] for each in rounds) if what in rounds[0] else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name, "recordings")
        folder.mkdir()
        for number in range(chosen.entries):
            when = BEGAN - timedelta(hours=number)
            (folder / f"{when:%Y-%m-%dT%H-%M-%S}-{ROUTINES[number % len(ROUTINES)]}.mcap").touch()
        shelf = Shelf(folder)
        listed = statistics.median(listing_ms(shelf) for _ in range(chosen.rounds))
        entries = shelf.entries()
        rounds = range(chosen.rounds)
        measured = {
            "Palmpace's list": [asyncio.run(ours(entries, Path(name, "none"))) for _ in rounds],
            "Textual's DataTable": [asyncio.run(data_table(entries)) for _ in rounds],
            "Textual's OptionList": [asyncio.run(option_list(entries)) for _ in rounds],
        }
        one = reading_ms(Path(name, "one"))
    own = median_of(measured["Palmpace's list"], "put up") or 0.0
    rows = []
    for widget, each in measured.items():
        figures = [median_of(each, what) for what in ("put up", "page", "end", "filter")]
        ratio = f"{(figures[0] or 0.0) / own:.1f}x" if own else "—"
        rows.append((widget, *("—" if figure is None else f"{figure:.1f}" for figure in figures), ratio))
    all_s = one * chosen.entries / 1e3
    notes = [
        f"Target for putting up: {TARGET_MS:.0f} ms. Median of {chosen.rounds} rounds, time of the thread that draws.",
        f"In another thread: names and sizes {listed:.0f} ms; what stands in one {one:.2f} ms, in all {all_s:.1f} s.",
    ]
    head = ("ms", "put up", "page", "end", "filter", "put up, ratio")
    print(Table(f"{chosen.entries:,} recordings", head, rows, notes).markdown())


if __name__ == "__main__":
    main()
