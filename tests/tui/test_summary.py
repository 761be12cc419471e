from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from courses import look, step
from drawn import seen
from textual.app import App

from sensors.samples import Gap
from tracker.events import (
    CueEvent,
    Feelings,
    KindTotals,
    MarkEvent,
    NoticeEvent,
    StepResult,
    StreamSummary,
    SummaryEvent,
)
from tracker.routine import FREE, Routine, load_shipped
from tui import keys
from tui.course import Course
from tui.screens import Go, Open
from tui.screens.summary import SummaryScreen
from tui.themes import DARK
from tui.widgets import blocks
from tui.widgets.trend import Trend

SORE_BACK = load_shipped("sore-back")
PATH = Path("/recordings/2025-03-03 09.12 sore-back.mcap")
SIZES = [(40, 12), (64, 20), (80, 24), (120, 40), (200, 60)]


def result(step: int, **fields) -> StepResult:
    given = {
        "step": step,
        "name": SORE_BACK.step[step - 1].name,
        "seconds": 120.0,
        "right_s": 114.0,
        "cycles": 60.0,
        "cw": 0.0,
        "ccw": 0.0,
        "judged_s": 110.0,
        "in_band_s": 88.0,
        "below_s": 2.0,
        "above_s": 20.0,
        "cues": 2,
        "period_cv": 0.1,
    }
    return StepResult(**(given | fields))


STEPS = [
    result(1, seconds=20.0, right_s=20.0, judged_s=0.0, in_band_s=0.0, below_s=0.0, above_s=0.0, cues=0),
    result(2),
    result(3, cw=52.0, ccw=8.0, in_band_s=110.0, below_s=0.0, above_s=0.0, cues=0, period_cv=0.04),
]
TOTALS = {
    "stroke": KindTotals(cycles=73.4, seconds=140.0),
    "circle": KindTotals(cycles=60.0, cw=52.0, ccw=8.0, seconds=118.0),
    "still": KindTotals(seconds=2.0),
    "lift": KindTotals(cycles=0.0),
}
STREAM = StreamSummary(
    device="left",
    sample_rate_hz=50.0,
    duration_s=260.0,
    samples=13000,
    unit="m/s2",
    gravity="included",
    gaps=[Gap(10.0, 14.0)],
    rejected=2,
    totals=TOTALS,
    segments=[],
)


def course() -> Course:
    course = Course()
    band = (20.0, 40.0)
    course.take([step(t_s, number, band, of=5) for number, t_s in ((1, 0.0), (2, 20.0), (3, 140.0))])
    course.take([look(float(second), 50.0 if second < 60 else 30.0, band) for second in range(260)])
    course.take([MarkEvent(t_s=95.0, text="pop"), CueEvent(t_s=30.0, cue="slower", text="", why="", band=band)])
    return course


def summary(steps: list[StepResult] = STEPS, **fields) -> SummaryEvent:
    given = {"t_s": 260.0, "routine": "sore-back", "totals": TOTALS, "steps": steps, "feelings": Feelings()}
    return SummaryEvent(**(given | {"streams": [STREAM]} | fields))


class Showing(App[None]):
    """Shows one summary, keeps what it asks for."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (64, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-short"), (32, "-tall")]  # noqa: RUF012 - Textual's type

    def __init__(
        self, told: SummaryEvent | None = None, routine: Routine = SORE_BACK, of: Course | None = None
    ) -> None:
        super().__init__()
        notices = [NoticeEvent(t_s=1.0, about="left", text="taken as m/s2")]
        self.summary = SummaryScreen(routine, told or summary(), notices, of or course())
        self.wanted: list[object] = []

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        self.push_screen(self.summary)

    def on_go(self, message: Go) -> None:
        self.wanted.append(message.to)

    def on_open(self, message: Open) -> None:
        self.wanted.append(message.choice.path)


def text_of(app: App, name: str) -> str:
    widget = app.screen.query_one(name)
    return "\n".join(strip.text for strip in widget.render_lines(widget.size.region))


async def test_each_step_has_its_number_and_the_reason_that_weighs_most():
    app = Showing()
    async with app.run_test(size=(80, 24)):
        lines = text_of(app, "#results").splitlines()
        by_name = {line[3:33].strip(): (line.rstrip(), below.strip()) for line, below in pairwise(lines)}
        warm, strokes, circles = (by_name[SORE_BACK.step[k].name] for k in range(3))
        assert warm[0].endswith("—"), "nothing was asked for that could be scored"
        assert strokes[0].endswith(" 75")
        assert strokes[1] == "1:28 of 1:50 in 1.5-15 cpm; when out, mostly too fast"
        assert circles[0].endswith(" 95")
        assert "2:00 of 2:00" in circles[0]
        assert sum("not begun" in line for line in lines) == 2


async def test_the_whole_is_told_large_with_its_facts():
    app = Showing(summary(feelings=Feelings(before=5, after=3)))
    async with app.run_test(size=(80, 24)):
        assert text_of(app, "#total").splitlines() == blocks.draw("85", 1)
        assert "in the band 90 %, 3:18 of 3:40; 2 cues" in text_of(app, "#about")
        assert "5 → 3" in text_of(app, "#feelings")
        page = seen(app)
        for step in SORE_BACK.step:
            assert step.name in page, "the first page holds all steps"
        assert "5 → 3" in page


async def test_every_part_has_its_reason():
    app = Showing()
    async with app.run_test(size=(120, 40)):
        parts = text_of(app, "#parts")
        for words in (
            "motion  95",
            "strokes for 1:54 of 2:00",
            "pace    80",
            "even    80",
            "varies 10 % from cycle to cycle",
            "circles for 1:54 of 2:00",
            "↻ cw 52   ↺ ccw 8",
            "2 cues",
            "Stopping early costs nothing",
        ):
            assert words in parts


async def test_counts_marks_and_notes_are_told():
    app = Showing()
    async with app.run_test(size=(80, 24)):
        totals = text_of(app, "#totals")
        assert "73 cycles" in totals
        assert "↻ cw 52   ↺ ccw 8" in totals
        assert "lift" not in totals
        assert "1:35   pop" in text_of(app, "#marks")
        notes = text_of(app, "#notes")
        assert "left: 1 gap, 4.0 s not measured" in notes
        assert "left: 2 message or samples could not be used" in notes
        assert "left: taken as m/s2" in notes


async def test_the_plot_tells_when_it_was_too_fast():
    app = Showing()
    async with app.run_test(size=(120, 40)):
        verdict = next(line for line in text_of(app, "#trend").splitlines() if "▲" in line and "━" in line)
        assert verdict.index("▲") < verdict.rindex("▲") < verdict.index("━")
        assert "◆" in text_of(app, "#trend")
        assert "too fast" in text_of(app, "#legend")


async def test_soreness_is_shown_once_it_is_said():
    app = Showing()
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.screen.query_one("#feelings").display
        app.summary.felt(Feelings(before=None, after=2))
        await pilot.pause()
        assert "— → 2" in text_of(app, "#feelings")


async def test_a_free_session_has_facts_and_no_score():
    free = result(1, name="Free", judged_s=0.0, in_band_s=0.0, below_s=0.0, above_s=0.0, cues=0, cw=9.0)
    app = Showing(summary([free]), FREE)
    async with app.run_test(size=(80, 24)):
        assert "no score" in text_of(app, "#about")
        results = text_of(app, "#results")
        assert "60 cycles" in results
        assert "varies 10 % from cycle to cycle" in results
        assert "Part by part" not in text_of(app, "#parts")


async def test_a_session_in_which_nothing_happened_says_so():
    app = Showing(summary([], totals={}, streams=[]), of=Course())
    async with app.run_test(size=(80, 24)):
        assert "No step was begun." in text_of(app, "#results")
        assert "Nothing was heard" in text_of(app, "#totals")
        assert "No pace was known." in text_of(app, "#trend")
        assert "No marks." in text_of(app, "#marks")


async def test_the_recording_can_be_replayed_once_it_is_closed():
    app = Showing()
    async with app.run_test(size=(120, 40)) as pilot:
        assert "Saving" in text_of(app, "#saved")
        await pilot.press("r")
        assert app.wanted == []
        app.summary.closed(PATH, [NoticeEvent(t_s=260.0, about="recording", text="stopped: the disk is full")])
        await pilot.pause()
        assert str(PATH) in text_of(app, "#saved")
        assert "the disk is full" in text_of(app, "#notes")
        await pilot.press("r", "h")
        assert app.wanted == [PATH, "home"]


async def test_an_unrecorded_session_says_so():
    app = Showing()
    async with app.run_test(size=(80, 24)) as pilot:
        app.summary.closed(None, [])
        await pilot.pause()
        assert "Not recorded." in text_of(app, "#saved")


async def test_keys_scroll_to_the_last_line_and_back():
    app = Showing()
    async with app.run_test(size=(80, 24)) as pilot:
        page = app.screen.query_one("#page")
        await pilot.press("down")
        assert page.scroll_y == 2
        await pilot.press("up")
        assert page.scroll_y == 0
        await pilot.press(*["pagedown"] * 8)
        await pilot.pause()
        assert page.scroll_y == page.max_scroll_y > 0
        assert "taken as m/s2" in seen(app)
        await pilot.press(*["pageup"] * 8)
        assert page.scroll_y == 0


async def test_any_size_shows_the_total_and_the_first_step():
    app = Showing()
    async with app.run_test(size=(80, 24)) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "█" in text_of(app, "#total")
            assert "Warm the lotion" in text_of(app, "#results")
            trend = app.screen.query_one(Trend)
            assert trend.region.width <= size[0]


def test_every_key_has_its_action():
    for key in keys.SUMMARY:
        owner = App if key.action.startswith("app.") else SummaryScreen
        assert hasattr(owner, f"action_{key.action.removeprefix('app.').partition('(')[0]}"), key
