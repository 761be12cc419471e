"""Summary: what was done and how well, why the numbers are as they are, and where the recording is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from tracker.events import Feelings, NoticeEvent, StepResult, SummaryEvent
from tracker.motion.state import Kind
from tracker.routine import FREE, Routine
from tracker.safety import PAIN_ADVICE
from tracker.score import Part, SessionScore, StepScore, score_session
from tui import keys, words
from tui.choices import Choice
from tui.course import Course, Trace
from tui.screens import Go, Open, bindings
from tui.widgets import blocks
from tui.widgets.trend import LEGEND, Trend

_NAME_COLUMNS = 32
_BAR_COLUMNS = 10
_SCROLL_ROWS = 2
_BAR_FROM_COLUMNS, _WIDE_COLUMNS, _TALL_ROWS = 76, 100, 32
"""From here on there is room for the steps' bars, for bars in every line, and for a total of twice the size."""
_HOW = (
    "A step's number: the share of its time with the motion asked for, times how well that went, "
    "where keeping the pace counts twice as much as keeping it even. Stopping early costs nothing."
)
_ABOUT_FREE = "no targets, so no score: what the hand did, and how evenly"


class SummaryScreen(Screen[None]):
    """The end of a session.

    Parameters
    ----------
    routine : Routine
    summary : SummaryEvent
    notices : sequence of NoticeEvent
        All of the session.
    course : Course
        Its rate, cues and marks.
    """

    CSS_PATH = "summary.tcss"
    BINDINGS = bindings(keys.SUMMARY)

    def __init__(self, routine: Routine, summary: SummaryEvent, notices: Sequence[NoticeEvent], course: Course) -> None:
        super().__init__()
        self._routine = routine
        self._summary = summary
        self._feelings = summary.feelings
        self._notices = list(notices)
        self._trace = course.trace()
        self._score = score_session(routine, summary.steps)
        self._saved: Path | None = None
        self._is_closed = False

    def compose(self) -> ComposeResult:
        """Put up the total, the steps, the plot, each part with its reason, what was counted, marks and notes."""
        with VerticalScroll(id="page", can_focus=False):
            with Horizontal(id="head"):
                yield Static(id="total")
                with Vertical():
                    yield Static(self._title(), id="what")
                    yield Static(about(self._score, self._summary.steps), id="about")
                    yield Static(worked(self._summary), id="worked")
                    yield Static(id="feelings")
            yield Static(id="results")
            yield Static(Content.styled("Pace, cycles a minute", "bold $secondary"), classes="section")
            if np.isfinite(self._trace.low_cpm).any():
                yield Static(LEGEND, id="legend")
            yield Trend(self._trace, id="trend")
            yield Static(id="parts", classes="section")
            yield Static(totals_line(self._summary), id="totals", classes="section")
            yield Static(marks(self._trace), id="marks", classes="section")
            yield Static(id="notes", classes="section")
        yield Static(after(self._routine, self._summary), id="after")
        yield Static("Saving the recording …", id="saved", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the notes and feelings so far."""
        self._show_notes()
        self.felt(self._feelings)

    def on_resize(self) -> None:
        """Draw what depends on the room there is."""
        total = self._score.total
        scale = 2 if self.size.height >= _TALL_ROWS and self.size.width >= _WIDE_COLUMNS else 1
        drawn = blocks.draw("done" if total is None else str(total), scale)
        self.query_one("#total", Static).update(Content("\n".join(drawn)))
        steps = steps_table(self._routine, self._score, bars=self.size.width >= _BAR_FROM_COLUMNS)
        self.query_one("#results", Static).update(steps)
        parts = parts_table(self._routine, self._score, bars=self.size.width >= _WIDE_COLUMNS)
        self.query_one("#parts", Static).update(parts)

    def felt(self, feelings: Feelings) -> None:
        """Show how sore the person felt before and after, and how tender the spots were."""
        self._feelings = feelings
        said = self.query_one("#feelings", Static)
        said.update(sore(feelings))
        said.display = feelings != Feelings()

    def closed(self, path: Path | None, notices: Sequence[NoticeEvent]) -> None:
        """Say where the recording is, now that nothing more is written."""
        self._saved = path
        self._is_closed = True
        self._notices += notices
        if self.is_mounted:  # a short session is closed sooner than its page is up
            self._show_notes()
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer the replay only once there is something to replay."""
        return None if action == "replay" and self._saved is None else True

    def action_home(self) -> None:
        """Go home."""
        self.post_message(Go("home"))

    def action_replay(self) -> None:
        """See it again."""
        if self._saved is not None:
            self.post_message(Open(Choice("replay", path=self._saved)))

    def action_rows(self, to: int) -> None:
        """Read on by some rows, or back."""
        self.query_one("#page").scroll_relative(y=to * _SCROLL_ROWS, animate=False)

    def action_pages(self, to: int) -> None:
        """Read on by a page but for a row, or back."""
        page = self.query_one("#page")
        page.scroll_relative(y=to * max(1, page.size.height - 1), animate=False)

    def _title(self) -> Content:
        return Content.assemble(
            (words.title(self._routine), "bold"), (f"   {words.clock(self._summary.t_s)}", "$foreground-muted")
        )

    def _show_notes(self) -> None:
        if self._is_closed:
            saved = f"Recording: {self._saved}" if self._saved else "Not recorded."
            self.query_one("#saved", Static).update(Content(saved))
        said = notes(self._summary, self._notices)
        shown = self.query_one("#notes", Static)
        shown.update(said)
        shown.display = bool(said.plain)


def about(score: SessionScore, steps: Sequence[StepResult]) -> Content:
    """Say what the large number is, and how much of the time was in the band."""
    judged_s = sum(step.judged_s for step in steps)
    in_band_s = sum(step.in_band_s for step in steps)
    cues = sum(step.cues for step in steps)
    if score.total is None:
        first = _ABOUT_FREE if len(steps) == 1 and not judged_s else "nothing that could be scored"
    else:
        first = "of 100, for the motion, its pace and its regularity"
    lines = [Content.styled(first, "$foreground-muted")]
    if judged_s:
        kept = f"in the band {words.share(in_band_s, judged_s)}, {words.clock(in_band_s)} of {words.clock(judged_s)}"
        lines.append(Content(f"{kept}; {words.count(cues, 'cue')}"))
    return Content("\n").join(lines)


def worked(summary: SummaryEvent) -> Content:
    """Name the places that were worked, and why it was over."""
    places = dict.fromkeys(words.place(step) for step in summary.steps if step.area)
    ended = (f"{summary.ended}   ", "bold $error" if _hurt(summary) else "$foreground-muted")
    return Content.assemble(ended, ("worked ", "$foreground-muted") if places else "", "; ".join(places))


def sore(feelings: Feelings) -> Content:
    """Give the soreness before and after, then how tender each spot was."""
    said = [("sore", feelings.before, feelings.after)] if (feelings.before, feelings.after) != (None, None) else []
    said += [(f"{each.spot} tender", each.before, each.after) for each in feelings.spots]
    return Content("\n").join(
        Content.assemble(
            (f"{what} ", "$foreground-muted"),
            (" → ".join(words.UNKNOWN if each is None else str(each) for each in values), "bold"),
            (" of 10", "$foreground-muted"),
        )
        for what, *values in said
    )


def after(routine: Routine, summary: SummaryEvent) -> Content:
    """Say what to do now."""
    return Content.styled(PAIN_ADVICE, "bold $error") if _hurt(summary) else Content(words.afterwards(routine))


def steps_table(routine: Routine, score: SessionScore, *, bars: bool) -> Content:
    """Lay the steps out: how much, how well, and the reason that weighs most; those not begun too."""
    if not score.steps:
        return Content.styled("No step was begun.", "$foreground-muted")
    begun = {step.result.step: step for step in score.steps}
    lines: list[Content] = []
    for number, step in enumerate(routine.step, start=1):
        name = f"{number:<3}{_cut(step.name):{_NAME_COLUMNS}}"
        if number not in begun:
            lines.append(Content.styled(f"{name}not begun", "$foreground-muted"))
            continue
        scored = begun[number]
        if routine.name == FREE.name:
            lines += [Content.assemble((name, "bold"), words.clock(scored.result.seconds)), *_free(scored)]
            continue
        total = words.UNKNOWN if scored.total is None else str(scored.total)
        lines.append(
            Content.assemble(
                (name, "bold"),
                f"{scored.done.why:20}",
                _bar(scored.share) if bars else "",
                (f"{total:>5}", "bold $primary"),
            )
        )
        if scored.total is not None or step.motion is not None:
            easier = "made easier; " if scored.result.eased else ""
            lines.append(Content.styled(f"   {easier}{scored.why}", "$foreground-muted"))
    return Content("\n").join(lines)


def parts_table(routine: Routine, score: SessionScore, *, bars: bool) -> Content:
    """Give each step's parts with their reasons, and how a number comes about."""
    if routine.name == FREE.name or not score.steps:
        return Content("")
    lines = [Content.styled("Part by part", "bold $secondary")]
    for scored in score.steps:
        step = routine.step[scored.result.step - 1]
        total = words.UNKNOWN if scored.total is None else str(scored.total)
        lines.append(
            Content.assemble((f"{scored.result.step:<3}{step.name}", "bold"), (f"   {total}", "bold $primary"))
        )
        lines += [_part(part, bars=bars) for part in (scored.parts if scored.total is not None else (scored.done,))]
        made = _made(scored.result)
        if made:
            lines.append(Content(f"   {made}"))
    if score.total is not None:
        lines.append(Content.styled(_HOW, "$foreground-muted"))
    return Content("\n").join(lines)


def totals_line(summary: SummaryEvent) -> Content:
    """Add up by motion, those that happened."""
    lines = [Content.styled("By motion", "bold $secondary")]
    for kind in Kind:
        total = summary.totals.get(kind.value)
        if total is None or not total.seconds:
            continue
        line = f"{words.motion(kind, None):12}{words.clock(total.seconds):>8}"
        if total.cycles is not None:
            line += f"{total.cycles:>8.0f} cycles"
        if total.cw is not None and total.ccw is not None:
            line += f"   {_turns(total.cw, total.ccw)}"
        lines.append(Content(line))
    if len(lines) == 1:
        lines.append(Content.styled("Nothing was heard from the wrist.", "$foreground-muted"))
    return Content("\n").join(lines)


def marks(trace: Trace) -> Content:
    """List marks and pains with their times."""
    if not trace.marks and not trace.pains:
        return Content.styled("No marks.", "$foreground-muted")
    told = [(t_s, "◆ ", "$secondary", text) for t_s, text in trace.marks]
    told += [(t_s, "! ", "bold $error", f"pain {text}") for t_s, text in trace.pains]
    title = "Marks and pain" if trace.pains else "Marks"
    return Content("\n").join(
        [
            Content.styled(title, "bold $secondary"),
            *(
                Content.assemble((sign, style), f"{words.clock(t_s)}   {text}".rstrip())
                for t_s, sign, style, text in sorted(told)
            ),
        ]
    )


def notes(summary: SummaryEvent, notices: Sequence[NoticeEvent]) -> Content:
    """Tell what the person should know about the data."""
    lines: list[str] = []
    for stream in summary.streams:
        missing_s = sum(gap.length_s for gap in stream.gaps)
        if missing_s:
            lines.append(f"{stream.device}: {words.count(len(stream.gaps), 'gap')}, {missing_s:.1f} s not measured")
        if stream.rejected:
            lines.append(f"{stream.device}: {words.count(stream.rejected, 'message or sample')} could not be used")
    lines += [f"{notice.about}: {notice.text}" for notice in notices]
    return Content.styled("\n".join(lines), "$foreground-muted")


def _hurt(summary: SummaryEvent) -> bool:
    """Whether it has ended for pain."""
    return bool(summary.pains) and summary.pains[-1].ended


def _free(scored: StepScore) -> Iterable[Content]:
    made = _made(scored.result)
    if made:
        yield Content(f"   {made}")
    if scored.result.period_cv is not None:
        yield Content.styled(
            f"   varies {100 * scored.result.period_cv:.0f} % from cycle to cycle", "$foreground-muted"
        )


def _part(part: Part, *, bars: bool) -> Content:
    value = words.UNKNOWN if part.value is None else str(part.value)
    style = "$foreground-muted" if part.value is None else ""
    bar = Content.assemble(" ", _bar(part.share)) if bars else Content("")
    return Content.assemble(f"   {part.name:6}{value:>4}", bar, (f"  {part.why}", style))


def _made(result: StepResult) -> str:
    """Say what was counted in a step."""
    said = []
    if result.cycles >= 1:
        said.append(f"{result.cycles:.0f} cycles")
    if result.cw or result.ccw:
        said.append(_turns(result.cw, result.ccw))
    if result.cues:
        said.append(words.count(result.cues, "cue"))
    return "   ".join(said)


def _turns(cw: float, ccw: float) -> str:
    return f"↻ cw {cw:.0f}   ↺ ccw {ccw:.0f}"


def _bar(share: float | None) -> Content:
    """Draw a share as a bar; none where it is unknown."""
    if share is None:
        return Content(" " * _BAR_COLUMNS)
    full = round(share * _BAR_COLUMNS)
    return Content.assemble(("▇" * full, "$primary"), ("▁" * (_BAR_COLUMNS - full), "$foreground-muted"))


def _cut(name: str) -> str:
    return name if len(name) < _NAME_COLUMNS else name[: _NAME_COLUMNS - 2] + "…"
