from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from scripted import wave
from shelves import OneScreen, at_rest, cut_off, recorded, text_of

from sensors.message import Message
from sensors.recording import Recorder, open_recording
from tui import keys
from tui.app import PalmpaceApp
from tui.choices import Choice
from tui.screens import recordings
from tui.screens.ask import Ask
from tui.screens.recordings import RecordingsScreen, feelings
from tui.shelf import Details, Shelf, parse_name
from tui.widgets.listing import Listing
from tui.widgets.typed import Typing

SIZE = (80, 24)
NEWEST = "2026-11-22T14-03-05-sore-back"


@pytest.fixture
def folder(tmp_path):
    """Four recordings: of three routines, one of them cut off."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    recorded(folder, NEWEST, seconds=600, judged_s="100", in_band_s="71", feeling_before="6", feeling_after="3")
    recorded(folder, "2026-11-21T08-00-00-free", seconds=1230, title="As you like", cycles="412")
    recorded(folder, "2026-11-20T08-00-00-palm-circling", seconds=60, judged_s="100", in_band_s="90")
    cut_off(recorded(folder, "2026-11-19T08-00-00-sore-back"))
    return folder


def list_of(app) -> str:
    return text_of(app.shown.query_one(Listing))


def line_of(app, word: str) -> str:
    return next(line for line in list_of(app).splitlines() if word in line)


def said_on(app) -> str:
    return text_of(app.shown.query_one("#said")).strip()


def chosen(app) -> str:
    return app.shown.chosen.stem


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_each_recording_is_told_in_a_line(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        newest = line_of(app, "2026-11-22 14:03")
        for told in ("sore-back", "10:00", "71 %", "6 → 3", "kB"):
            assert told in newest
        assert line_of(app, "2026-11-21").split()[2:5] == ["free", "20:30", "—"]
        assert "cut off" in line_of(app, "2026-11-19")
        assert line_of(app, "▶") == newest
        assert "4 recordings" in text_of(app.shown.query_one("#title"))
        await pilot.press("down")
        about = text_of(app.shown.query_one("#about"))
        assert "As you like   412 cycles" in about
        assert "free.mcap" in about


async def test_names_are_there_before_anything_is_read(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        shelf = app.shown.shelf = Shelf(folder)
        app.shown.post_message(app.shown.Listed(shelf.entries(), app.shown._agenda, 4))
        await pilot.pause()
        assert "sore-back" in list_of(app)
        assert "71 %" not in list_of(app)
        assert "reading: 4 to go" in text_of(app.shown.query_one("#title"))


async def test_keys_move_and_enter_opens(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        for key, name in (
            ("end", "11-19"),
            ("up", "11-20"),
            ("home", "11-22"),
            ("pagedown", "11-19"),
            ("pageup", "11-22"),
        ):
            await pilot.press(key)
            assert name in chosen(app)
        await pilot.press("down", "enter")
        assert app.opened == [Choice("replay", path=folder / "2026-11-21T08-00-00-free.mcap")]


async def test_a_click_chooses_and_another_opens(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.click(Listing, offset=(10, 3))
        assert "11-20" in chosen(app)
        assert app.opened == []
        await pilot.click(Listing, offset=(10, 0))  # the head is no recording
        await pilot.click(Listing, offset=(10, 9))  # nor is what is below the last
        assert "11-20" in chosen(app)
        await pilot.click(Listing, offset=(10, 3))
        assert [choice.path.stem for choice in app.opened] == ["2026-11-20T08-00-00-palm-circling"]


async def test_words_narrow_the_list_and_escape_brings_all_back(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.press("slash", *"sore")
        await pilot.pause()
        assert "free" not in list_of(app)
        assert "2 of 4 recordings" in text_of(app.shown.query_one("#title"))
        await pilot.press("enter", "down", "enter")
        assert [choice.path.stem for choice in app.opened] == ["2026-11-19T08-00-00-sore-back"]
        await pilot.press("slash", *"qq")
        await pilot.pause()
        assert "Nothing matches" in text_of(app.shown.query_one("#empty"))
        await pilot.press("escape")
        await pilot.pause()
        assert "free" in list_of(app)
        assert app.gone == []


async def test_it_can_begin_with_words(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder), filter="2026-11-21"))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert chosen(app) == "2026-11-21T08-00-00-free"
        assert "1 of 4" in text_of(app.shown.query_one("#title"))
        await pilot.press("down", "q")
        assert app.gone == [("home", "")]


async def test_the_order_goes_round(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        tops = []
        for _ in range(4):
            await pilot.press("o")
            tops.append((chosen(app)[5:10], [word for word in list_of(app).splitlines()[0].split() if "▾" in word]))
        assert tops == [
            ("11-21", ["length▾"]),
            ("11-20", ["band▾"]),
            ("11-21", ["routine▾"]),
            ("11-22", ["when▾"]),
        ]


async def test_a_name_is_changed_and_its_date_kept(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.press("down", "n", *"after the run", "enter")
        await at_rest(pilot)
        assert "2026-11-21T08-00-00-after the run.mcap" in names(folder)
        assert "2026-11-21T08-00-00-free.mcap" not in names(folder)
        assert chosen(app) == "2026-11-21T08-00-00-after the run"
        assert "after the run" in list_of(app)
        assert "Its name is after the run now." in said_on(app)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("../x", "is no name for a recording"), ("taken", "2026-11-22T14-03-05-taken.mcap exists already")],
)
async def test_a_name_that_cannot_be_is_told(folder, typed, why):
    recorded(folder, "2026-11-22T14-03-05-taken")
    app = OneScreen(RecordingsScreen(Shelf(folder), filter="sore"))
    async with app.run_test(size=(120, 24)) as pilot:
        await at_rest(pilot)
        before = names(folder)
        await pilot.press("n", *typed, "enter")
        await at_rest(pilot)
        assert why in said_on(app)
        assert app.shown.query_one("#said").has_class("error")
        assert names(folder) == before


async def test_a_name_is_left_as_it_was(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        before = names(folder)
        await pilot.press("n", *"other", "escape")
        await at_rest(pilot)
        await pilot.press("n", "delete", "enter")
        await at_rest(pilot)
        assert names(folder) == before
        assert app.gone == []
        await pilot.press("down")
        assert "11-21" in chosen(app)


async def test_deleting_asks_first(folder):
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        for no in ("n", "escape"):
            await pilot.press("down", "d")
            assert isinstance(app.screen, Ask)
            assert "Delete" in text_of(app.screen.query_one("#question"))
            await pilot.press(no)
            await at_rest(pilot)
            assert len(names(folder)) == 4
            await pilot.press("up")
        await pilot.press("down", "d", "y")
        await at_rest(pilot)
        assert "2026-11-21T08-00-00-free.mcap" not in names(folder)
        assert len(names(folder)) == 3
        assert "11-20" in chosen(app)
        assert "free is deleted" in said_on(app)


async def test_a_session_under_way_is_kept(folder):
    with Recorder(folder / "2026-11-23T08-00-00-free.mcap", {}) as recorder:
        recorder.write(Message("wrist", b"", 10**18))
        recorder.flush()
        app = OneScreen(RecordingsScreen(Shelf(folder)))
        async with app.run_test(size=(200, 60)) as pilot:
            await at_rest(pilot)
            assert "● live" in line_of(app, "2026-11-23")
            await pilot.press("d", "y")
            await at_rest(pilot)
            assert "is still being written: end its session first" in said_on(app)
    assert open_recording(recorder.path).message_count == 1


async def test_export_writes_a_table_and_says_where(data_folder):
    path = data_folder / "recordings" / "2026-11-22T14-03-05-free.mcap"
    with Recorder(path, {}) as recorder:
        for message in wave(10):
            recorder.write(message)
    app = OneScreen(RecordingsScreen(Shelf()))
    async with app.run_test(size=(200, 60)) as pilot:
        await at_rest(pilot)
        await pilot.press("e")
        await at_rest(pilot)
        table = data_folder / "exports" / "2026-11-22T14-03-05-free.csv"
        assert f"rows to {table}" in said_on(app)
        assert table.read_text().startswith("t_s,device,motion,")
        await pilot.press("p")
        await at_rest(pilot)
        assert said_on(app) == f"The report is {table.with_suffix('.html')}"


async def test_a_second_e_stops_the_export(folder, monkeypatch):
    pressed_again, stops = Event(), []

    def slow(_path, _folder, progress, stopped):
        progress(0.42)
        pressed_again.wait(10)
        stops.append(stopped())

    monkeypatch.setattr(recordings, "export_csv", slow)
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        await pilot.press("e")
        while "42%" not in said_on(app):
            await pilot.pause()
        await pilot.press("e")
        pressed_again.set()
        await at_rest(pilot)
        assert "The export is stopped" in said_on(app)
        assert stops == [True]


async def test_an_empty_shelf_tells_what_to_do(tmp_path):
    app = OneScreen(RecordingsScreen(Shelf(tmp_path / "none")))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        assert "No recordings yet: start a session at home." in text_of(app.shown.query_one("#empty"))
        await pilot.press("enter", "n", "d", "e", "o", "down")
        await at_rest(pilot)
        assert app.opened == []
        assert app.screen is app.shown
        await pilot.press("h")
        assert app.gone == [("history", "")]


async def test_ten_thousand_recordings_are_drawn_a_screen_at_a_time(tmp_path):
    newest = datetime(2026, 11, 22, 8)  # noqa: DTZ001
    entries = [
        parse_name(tmp_path / f"{newest - timedelta(hours=number):%Y-%m-%dT%H-%M-%S}-free.mcap")
        for number in range(10_000)
    ]
    screen = RecordingsScreen(Shelf(tmp_path))
    screen.look = lambda: None
    app = OneScreen(screen)
    drawn = []
    async with app.run_test(size=SIZE) as pilot:
        row = screen._row
        listing = screen.query_one(Listing)
        listing._row = lambda index, width: drawn.append(index) or row(index, width)
        asked = []
        screen.look_at = lambda entries: asked.append(len(entries))
        screen.post_message(screen.Listed(entries, screen._agenda, 10_000))
        await pilot.pause()
        assert len(screen.entries) == 10_000
        assert set(drawn) == set(listing.seen)
        assert len(drawn) < 100
        drawn.clear()
        await pilot.press("end")
        await pilot.pause()
        assert list_of(app).splitlines()[-1].startswith("▶")
        assert set(drawn) <= set(listing.seen) | {0}
        assert listing.seen[-1] == 9999
        assert max(asked) <= SIZE[1]


async def test_any_size_lists_and_tells_when_and_what(folder, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = OneScreen(RecordingsScreen(Shelf(folder)))
    async with app.run_test(size=SIZE) as pilot:
        await at_rest(pilot)
        for size in ((24, 8), (40, 12), (64, 20), (80, 24), (120, 40), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "2026-11-22" in line_of(app, "▶")
            assert all(len(line) <= size[0] for line in list_of(app).splitlines())
            app.export_screenshot()


def test_feelings_are_told_as_far_as_they_are_known():
    assert feelings(None) == feelings(Details()) == "—"
    assert feelings(Details(feeling_before=10, feeling_after=0)) == "10 → 0"
    assert feelings(Details(feeling_before=7)) == "7 → —"


@pytest.mark.parametrize("registry", [keys.RECORDINGS, keys.LIST, keys.ASK, keys.TYPING])
def test_every_key_has_its_action_and_no_two_share_a_key(registry):
    owners = {keys.RECORDINGS: RecordingsScreen, keys.LIST: Listing, keys.ASK: Ask, keys.TYPING: Typing}
    for key in registry:
        owner = PalmpaceApp if key.action.startswith("app.") else owners[registry]
        assert hasattr(owner, f"action_{key.action.removeprefix('app.').partition('(')[0]}"), key
    pressed = [name for key in registry for name in key.keys.split(",")]
    assert len(pressed) == len(set(pressed))
