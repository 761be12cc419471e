# ruff: noqa: DTZ001 - names tell local time

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelves import cut_off, recorded

from journal.noted import noted
from sensors.message import Message
from sensors.recording import Recorder, new_recording_path, open_recording
from tracker.pipeline import Pipeline, command_message, run
from tracker.routine import load_shipped, shipped_text
from tracker.session import Command
from tui.shelf import (
    BATCH_S,
    LIVE,
    ORDERS,
    Agenda,
    Details,
    Entry,
    Shelf,
    date_words,
    parse_name,
    read_details,
    reading,
    stamp_of,
)


def named(name: str) -> Entry:
    return parse_name(Path("/r", name))


# --- names ---


@pytest.mark.parametrize(
    ("name", "when", "label", "number"),
    [
        ("2026-11-22T14-03-05-sore-back.mcap", datetime(2026, 11, 22, 14, 3, 5), "sore-back", 1),
        ("2026-11-22T14-03-05-sore-back-2.mcap", datetime(2026, 11, 22, 14, 3, 5), "sore-back", 2),
        ("2026-11-22T14-03-05-sore-back-12.mcap", datetime(2026, 11, 22, 14, 3, 5), "sore-back", 12),
        ("2026-11-22T14-03-05-day-02.mcap", datetime(2026, 11, 22, 14, 3, 5), "day-02", 1),
        ("2026-11-22T14-03-05.mcap", datetime(2026, 11, 22, 14, 3, 5), "", 1),
        ("2026-11-22T14-03-05-2.mcap", datetime(2026, 11, 22, 14, 3, 5), "", 2),
        ("2026-11-22T14-03-05-after the run.mcap", datetime(2026, 11, 22, 14, 3, 5), "after the run", 1),
        ("2026-13-45T99-03-05-x.mcap", None, "2026-13-45T99-03-05-x", 1),
        ("from-a-friend.mcap", None, "from-a-friend", 1),
        ("from-a-friend-2.mcap", None, "from-a-friend-2", 1),
    ],
)
def test_a_name_tells_when_and_what(name, when, label, number):
    entry = named(name)
    assert (entry.when, entry.label, entry.number) == (when, label, number)


@given(
    when=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda when: when.replace(microsecond=0)),
    words=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=3),
)
def test_what_a_recorder_names_is_read_back(when, words):
    entry = parse_name(new_recording_path(when, " ".join(words)))
    assert (entry.when, entry.label, entry.number) == (when, "-".join(words), 1)


@given(st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=40))
def test_any_name_is_an_entry(stem):
    entry = named(f"{stem}.mcap")
    assert entry.stem == stem
    assert entry.title
    assert stem.startswith(stamp_of(entry).rstrip("-"))


# --- the folder ---


def test_the_folder_is_listed_newest_first_a_name_without_a_date_last(tmp_path):
    for name in (
        "2026-11-21T08-00-00-b.mcap",
        "2026-11-22T08-00-00-a.mcap.part",
        "friend.mcap",
        "2025-01-01T00-00-00.mcap",
    ):
        (tmp_path / name).write_bytes(b"12345")
    for name in ("x.truth.json", "2026-11-22T08-00-00-a.mcap.tmp", ".hidden.mcap"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mcap").mkdir()
    entries = Shelf(tmp_path).entries()
    assert [entry.path.name for entry in entries] == [
        "2026-11-22T08-00-00-a.mcap",  # its writer died: it goes by the name it would have got
        "2026-11-21T08-00-00-b.mcap",
        "2025-01-01T00-00-00.mcap",
        "friend.mcap",
    ]
    assert {entry.size_bytes for entry in entries} == {5}


def test_a_part_beside_its_closed_recording_is_one_entry_of_the_closed_ones_size(tmp_path):
    (tmp_path / "a.mcap").write_bytes(b"123")
    (tmp_path / "a.mcap.part").write_bytes(b"12345")
    assert [entry.size_bytes for entry in Shelf(tmp_path).entries()] == [3]


def test_no_folder_is_an_empty_shelf(tmp_path):
    assert Shelf(tmp_path / "none").entries() == []


# --- what stands in a recording ---


def test_a_recording_tells_how_it_went(tmp_path):
    path = recorded(
        tmp_path,
        "2026-11-22T08-00-00-sore-back",
        seconds=90,
        judged_s="60",
        in_band_s="45.5",
        cycles="31",
        title="Sore back",
        feeling_before="6",
        feeling_after="0",
    )
    details = read_details(parse_name(path))
    assert details == Details(
        began=datetime(2026, 11, 22, 8),
        length_s=90,
        done_s=90,
        judged_s=60,
        in_band_s=45.5,
        cycles=31,
        routine="sore-back",
        title="Sore back",
        feeling_before=6,
        feeling_after=0,
    )
    assert details.in_band == pytest.approx(45.5 / 60)


def test_nonsense_in_a_summary_is_unknown(tmp_path):
    told = {"in_band_s": "nan", "judged_s": "-3", "cycles": "many", "feeling_before": "11", "feeling_after": "inf"}
    details = read_details(parse_name(recorded(tmp_path, "a", **told)))
    assert (details.in_band_s, details.judged_s, details.cycles) == (None, None, None)
    assert (details.feeling_before, details.feeling_after, details.in_band) == (None, None, None)


def test_what_is_wrong_with_a_recording_is_remarked(tmp_path):
    whole = parse_name(recorded(tmp_path, "whole"))
    cut = parse_name(cut_off(recorded(tmp_path, "cut")))
    (tmp_path / "other.mcap").write_bytes(b"t,ax,ay,az\n")
    other = parse_name(tmp_path / "other.mcap")
    Recorder(tmp_path / "empty.mcap", {}).close()
    with Recorder(tmp_path / "live.mcap", {}) as recorder:
        recorder.write(Message("wrist", b"", 10**18))
        remarks = [read_details(parse_name(tmp_path / f"{name}.mcap")).remark for name in ("live", "empty")]
    assert remarks == [LIVE, "empty"]
    assert [read_details(each).remark for each in (whole, cut, other)] == ["", "cut off", "damaged"]
    assert read_details(other).why == "is not a recording: it does not begin as an MCAP file does"
    assert read_details(cut).why.startswith("is cut off")


def test_a_summary_is_kept_and_read_back(tmp_path):
    messages = [command_message(Command.START, 0, shipped_text("slow-strokes")), command_message(Command.END, 10**10)]
    *_, summary = run(iter(messages), Pipeline())
    told = noted(summary, load_shipped("slow-strokes"))
    assert (told["routine"], told["title"], told["judged_s"]) == ("slow-strokes", "Slow strokes", "0")
    assert "feeling_before" not in told
    with Recorder(tmp_path / "a.mcap", {}) as recorder:
        recorder.sum_up(told)
    assert open_recording(tmp_path / "a.mcap").summary == told
    assert read_details(parse_name(tmp_path / "a.mcap")).title == "Slow strokes"


# --- order and words ---


def filled(tmp_path) -> tuple[Shelf, dict[str, Entry]]:
    shelf = Shelf(tmp_path)
    entries = {
        "old": named("2026-01-05T08-00-00-sore-back.mcap"),
        "new": named("2026-11-22T08-00-00-free.mcap"),
        "mid": named("2026-06-01T08-00-00-Circles.mcap"),
        "friend": named("friend.mcap"),
    }
    shelf.note(
        {
            entries["old"]: Details(length_s=900, judged_s=100, in_band_s=20, title="Sore back", remark="cut off"),
            entries["mid"]: Details(length_s=1200, judged_s=0, in_band_s=0),
            entries["friend"]: Details(datetime(2026, 10, 1), length_s=60, judged_s=100, in_band_s=90),
        }
    )
    return shelf, entries


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", ["new", "friend", "mid", "old"]),
        ("longest", ["mid", "old", "friend", "new"]),
        ("best", ["friend", "old", "new", "mid"]),
        ("name", ["mid", "new", "friend", "old"]),
    ],
)
def test_each_order_puts_the_unknown_last(tmp_path, order, expected):
    shelf, entries = filled(tmp_path)
    assert order in ORDERS
    assert shelf.ordered(entries.values(), order) == [entries[name] for name in expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {"old", "new", "mid", "friend"}),
        ("sore", {"old"}),
        ("SORE 2026", {"old"}),
        ("2026-11-22", {"new"}),
        ("22 nov", {"new"}),
        ("sunday", set()),
        ("sun", {"new"}),
        ("thu 1 oct 2026", {"friend"}),  # from what stands in it
        ("cut off", {"old"}),
        ("friend old", set()),
    ],
)
def test_words_match_name_date_and_routine(tmp_path, words, expected):
    shelf, entries = filled(tmp_path)
    assert shelf.matching(entries.values(), words) == [entry for name, entry in entries.items() if name in expected]


def test_words_match_what_was_read_meanwhile(tmp_path):
    shelf, entries = filled(tmp_path)
    assert shelf.matching(entries.values(), "relaxing") == []
    shelf.note({entries["new"]: Details(title="Relaxing")})
    assert shelf.matching(entries.values(), "relaxing") == [entries["new"]]


def test_a_date_is_told_in_words():
    assert date_words(datetime(2026, 11, 22)) == "Sun 22 Nov 2026"


# --- reading ---


def many(number: int) -> list[Entry]:
    return [named(f"{datetime(2026, 1, 1) + timedelta(hours=i):%Y-%m-%dT%H-%M-%S}.mcap") for i in range(number)]


def test_what_is_looked_at_is_read_first_and_told_at_once():
    entries = many(50)
    agenda = Agenda(entries)
    agenda.look_at(entries[30:33])
    batches = list(reading(agenda, lambda: False, lambda _: Details(), lambda: 0.0))
    assert list(batches[0]) == entries[30:33]
    assert [entry for batch in batches[1:] for entry in batch] == entries[:30] + entries[33:]
    assert len(batches) == 2


def test_what_comes_into_sight_meanwhile_goes_before_the_rest():
    entries = many(10)
    agenda = Agenda(entries)
    order = []

    def read(entry):
        order.append(entry)
        if len(order) == 3:
            agenda.look_at(entries[8:])
        return Details()

    list(reading(agenda, lambda: False, read, lambda: 0.0))
    assert order == entries[:3] + entries[8:] + entries[3:8]


def test_the_rest_is_told_now_and_then():
    seconds = iter(range(1000))
    batches = list(reading(Agenda(many(40)), lambda: False, lambda _: Details(), lambda: next(seconds) * BATCH_S / 10))
    assert 3 <= len(batches) <= 5
    assert sum(map(len, batches)) == 40


def test_reading_stops_when_nobody_wants_to_know():
    read = []
    stopped = lambda: len(read) == 3  # noqa: E731
    list(reading(Agenda(many(10)), stopped, lambda entry: read.append(entry) or Details()))
    assert len(read) == 3


def test_what_is_known_is_not_read_again_until_the_file_changes(tmp_path):
    path = recorded(tmp_path, "a")
    shelf = Shelf(tmp_path)
    [entry] = shelf.entries()
    assert shelf.unread([entry]) == [entry]
    shelf.note({entry: read_details(entry)})
    assert shelf.unread(shelf.entries()) == []
    cut_off(path)
    assert len(shelf.unread(shelf.entries())) == 1


def test_a_session_under_way_is_read_again(tmp_path):
    shelf = Shelf(tmp_path)
    entry = named("a.mcap")
    shelf.note({entry: Details(remark=LIVE)})
    assert shelf.unread([entry]) == [entry]
