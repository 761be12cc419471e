"""The pages and their plots: whole, the same each time, and nothing in them but text that others wrote as text."""

from __future__ import annotations

import base64
import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from itertools import islice, pairwise
from xml.etree import ElementTree as ET

import pytest
from reported import HOSTILE, RECORDINGS, circles, hostile_session

from journal.plan import Goal, Plan
from journal.record import Record
from journal.report.body_map import OF_A_SESSION, place_seconds, shade
from journal.report.drawing import DARK, PAPER
from journal.report.gather import gather
from journal.report.page import session_page, weeks_page
from journal.report.plots import circles as circles_plot
from journal.report.plots import regularity, session_plots
from journal.report.weeks import weeks_of
from journal.report.weeks_plots import weeks_plots
from sensors.recording import read_recording
from tracker.body import Region
from tracker.events import Feelings, MarkEvent, SpotFeeling, StepResult
from tracker.safety import CLAIM

VOID = {"meta", "img", "br", "link"}
TODAY = date(2026, 11, 25)


class Page(HTMLParser):
    """A page as a browser reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def images(self) -> list[ET.Element]:
        prefix = "data:image/svg+xml;base64,"
        sources = [image["src"] for image in self.of("img")]
        assert all(source.startswith(prefix) for source in sources)
        return [ET.fromstring(base64.b64decode(source.removeprefix(prefix))) for source in sources]


def is_sound(page: Page) -> None:
    """Nothing is loaded, nothing runs, and who does not see it is told all the same."""
    assert not page.of("script", "iframe", "object", "embed", "link", "base", "form", "a", "svg")
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("href", "style", "srcset")]
    policy = next(each["content"] for each in page.of("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert page.of("html") == [{"lang": "en"}]
    assert all(image["alt"] for image in page.of("img"))
    assert all(cell.get("scope") in ("col", "row") for cell in page.of("th"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for attributes in page.of("section")} <= set(ids)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(now <= before + 1 for before, now in pairwise(levels))
    for image in page.images:
        assert image.find("{http://www.w3.org/2000/svg}title").text
        assert image.find("{http://www.w3.org/2000/svg}desc").text
        for element in image.iter():
            assert not element.tag.endswith(("script", "foreignObject", "image"))
            links = [value for name, value in element.attrib.items() if name.endswith("href")]
            assert all(link.startswith("#") for link in links)


@pytest.fixture(scope="module")
def session():
    return hostile_session()


@pytest.fixture(scope="module")
def plots(session):
    return session_plots(session)


@pytest.fixture(scope="module")
def svgs(plots):
    return [plot.svg() for plot in plots]


@pytest.fixture(scope="module")
def page(session, plots):
    return Page(session_page(session, plots))


def test_a_page_of_one_session_is_sound_whatever_was_said(page, session):
    is_sound(page)
    assert len(page.images) == 5
    assert page.words.count("<script>alert(2)</script>") > 5  # as words
    assert "\x01" not in page.words
    assert session.looks[0].event.device in page.words
    assert CLAIM in page.words
    assert "a walk" in page.words


def test_it_tells_where_the_targets_come_from_and_what_was_noted(page):
    for words in ("1, trial or measurement", "3, tradition", "pain 2 at neck", "1: =1+1", "6 → 3", "left shoulder"):
        assert words in page.words


def test_each_plot_says_what_is_to_be_seen(plots):
    assert [plot.name for plot in plots] == ["pace", "in-band", "circles", "regularity", "areas"]
    alt = {plot.name: plot.alt for plot in plots}
    assert "the pace was between 30 and 31 a minute" in alt["pace"] or "between 29 and 31" in alt["pace"]
    assert "2 marks, 1 pain." in alt["pace"]
    assert "step 1" in alt["in-band"]
    assert re.search(r"1\d clockwise, \d+ cm across", alt["circles"])
    assert alt["areas"].startswith("Time at each area: shoulders, left 0:20 min; lower back 0:3")


def test_the_same_session_gives_the_same_plots(session, plots, svgs):
    for draw, plot, svg in ((circles_plot, plots[2], svgs[2]), (regularity, plots[3], svgs[3])):
        again = draw(session)
        assert again.svg() == plot.svg() == svg
    png = plots[1].png()
    assert png.startswith(b"\x89PNG")
    assert plots[1].png() == png


def test_only_a_page_follows_the_colours_of_the_screen(plots, svgs):
    assert "prefers-color-scheme" not in svgs[1]
    dark = plots[1].svg(dark=True)
    assert f'[style*="fill: {PAPER}"]{{fill:{DARK[PAPER]}!important}}' in dark
    assert "DOCTYPE" not in dark
    # Every colour that is drawn has one for the dark.
    drawn = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", "".join(svgs)))
    assert drawn <= set(DARK)


def test_a_session_without_circles_or_targets():
    strokes = gather(islice(read_recording(RECORDINGS / "strokes.mcap"), 100), "strokes")
    drawn = session_plots(strokes)
    assert [plot.name for plot in drawn] == ["pace", "regularity"]
    page = Page(session_page(strokes, drawn))
    is_sound(page)
    assert "No circles were made" in page.words
    assert "no targets" in page.words
    assert "Where the targets come from" not in page.words


def test_an_empty_recording_and_one_that_is_cut_off_have_a_page():
    empty = gather([], "empty")
    assert session_plots(empty) == []
    page = Page(session_page(empty, []))
    is_sound(page)
    assert "Nothing was heard from a wrist" in page.words
    assert "at a time that the recording does not tell" in page.words
    short = gather(circles()[:8], "short", ["short.mcap is cut off; it reaches 1.6 s"])
    page = Page(session_page(short, session_plots(short)))
    is_sound(page)
    assert "is cut off" in page.words


def test_places_add_up_and_a_side_is_a_side(session):
    seconds = place_seconds(session.summary.steps)
    assert seconds[Region.SHOULDERS, "left"] == pytest.approx(20, abs=0.2)
    assert (Region.SHOULDERS, "right") not in seconds
    assert seconds[Region.LOWER_BACK, "left"] == seconds[Region.LOWER_BACK, "right"] > 25
    assert [shade(60 * each, OF_A_SESSION) for each in (0.5, 1, 3, 6)] == [0, 1, 2, 3]


# --- weeks ---


def record(
    day: date, hour: int = 8, *, before: int | None = 5, spot: int | None = 6, title: str = "Sore back"
) -> Record:
    spots = (SpotFeeling(spot=f"left shoulder {HOSTILE}", before=spot),) if spot is not None else ()
    worked = StepResult(
        step=1,
        name="Circles",
        area="lower back",
        seconds=300.0,
        right_s=280.0,
        cycles=120.0,
        cw=60.0,
        ccw=60.0,
        judged_s=200.0,
        in_band_s=150.0,
        below_s=0.0,
        above_s=50.0,
        cues=2,
        period_cv=0.06,
    )
    return Record(
        name=f"{day}-{hour}",
        began=datetime(day.year, day.month, day.day, hour),  # noqa: DTZ001 - records are in local time
        length_s=310.0,
        routine="sore-back",
        title=title,
        score=80,
        steps=(worked,),
        feelings=Feelings(before=before, after=None if before is None else before - 2, spots=spots),
        marks=(MarkEvent(t_s=3.0, text=HOSTILE),),
    )


def test_weeks_begin_on_monday_and_empty_ones_stay():
    days = [TODAY, TODAY - timedelta(days=2), TODAY - timedelta(days=3), TODAY - timedelta(days=17)]
    weeks = weeks_of([record(day) for day in days], TODAY, 3)
    assert [week.monday for week in weeks.weeks] == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert [len(week.records) for week in weeks.weeks] == [0, 1, 2]
    assert weeks.weeks[-1].seconds == 600
    assert weeks.weeks[-1].in_band_s / weeks.weeks[-1].judged_s == 0.75


def test_a_page_of_weeks_is_sound_and_tells_the_plan_and_the_spots():
    days = [TODAY - timedelta(days=n) for n in range(0, 30, 2)]
    records = [record(day, spot=9 - n // 2, title=HOSTILE) for n, day in enumerate(reversed(days))]
    plan = Plan(goal=(Goal(routine="sore-back", times_a_day=5, source=HOSTILE, evidence=3),))
    weeks = weeks_of(records, TODAY, 4, plan)
    drawn = weeks_plots(weeks)
    assert [plot.name for plot in drawn] == ["minutes", "pace-kept", "feelings", "spots", "areas"]
    page = Page(weeks_page(weeks, drawn, [f"{HOSTILE}: is empty"]))
    is_sound(page)
    assert len(page.images) == 5
    assert "1 of 5 today" in page.words
    assert "(tradition)" in page.words
    assert "easing, by" in page.words
    assert "75 %" in page.words
    nothing = weeks_of([], TODAY, 2)
    page = Page(weeks_page(nothing, weeks_plots(nothing)))
    is_sound(page)
    assert "There was no session in these weeks." in page.words


def test_weeks_in_which_little_was_said_have_fewer_plots():
    weeks = weeks_of([record(TODAY, before=None, spot=None)], TODAY, 1)
    assert [plot.name for plot in weeks_plots(weeks)] == ["minutes", "pace-kept", "areas"]
