"""The plots of weeks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from journal.record import Record
from journal.report.body_map import OF_WEEKS, areas_of
from journal.report.drawing import BLUE, FAINT, GREEN, INK, PAPER, PURPLE, VERMILION, WIDE_IN, Plot, drawn
from journal.report.weeks import WEEK, Weeks
from journal.report.words import MONTHS, cut

MOST_SPOTS = 4
"""More lines on one plot are not told apart."""
MOST_LABELS = 10
_LINES: Final = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", ":"), (PURPLE, "D", "-."))


def weeks_plots(weeks: Weeks) -> list[Plot]:
    """Draw all there is something to see on."""
    draws: tuple[Callable[[Weeks], Plot | None], ...] = (minutes, pace_kept, feelings, spots, areas)
    return [plot for draw in draws if (plot := draw(weeks)) is not None] if weeks.records else []


@drawn
def minutes(weeks: Weeks) -> Plot:
    """Draw the minutes of each week, and how many sessions they were."""
    figure = Figure(figsize=(WIDE_IN, 2.8), layout="constrained")
    axes = figure.subplots()
    worked_min = [week.seconds / 60 for week in weeks.weeks]
    middles = [_at(week.monday) + 3.5 for week in weeks.weeks]
    axes.bar(middles, worked_min, width=5.6, color=BLUE)
    for middle, week, worked in zip(middles, weeks.weeks, worked_min, strict=True):
        if week.records:
            number = len(week.records)
            axes.annotate(
                f"{number} ×",
                (middle, worked),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
    axes.set_ylim(0, 1.18 * max(*worked_min, 1.0))
    axes.set_ylabel("minutes a week")
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    _week_axis(axes, weeks)
    told = "; ".join(f"{_day(week.monday)}: {len(week.records)}, {week.seconds / 60:.0f} min" for week in weeks.weeks)
    return Plot(
        "minutes",
        "Minutes and sessions a week",
        "The time spent in the steps of each week's sessions, pauses left out; above each bar how many "
        "sessions they were.",
        f"Sessions and minutes of the week from {told}.",
        figure,
    )


@drawn
def pace_kept(weeks: Weeks) -> Plot | None:
    """Draw how much of the judged time was in the band."""
    judged = [record for record in weeks.records if record.judged_s > 0]
    if not judged:
        return None
    figure = Figure(figsize=(WIDE_IN, 2.8), layout="constrained")
    axes = figure.subplots()
    shares = [100 * record.in_band_s / record.judged_s for record in judged]
    axes.scatter([_moment(each) for each in judged], shares, s=26, facecolor=PAPER, edgecolor=BLUE, label="a session")
    of_weeks = [(week.monday, 100 * week.in_band_s / week.judged_s) for week in weeks.weeks if week.judged_s > 0]
    axes.plot(
        [_at(day) + 3.5 for day, _ in of_weeks],
        [share for _, share in of_weeks],
        color=INK,
        marker="D",
        markersize=5,
        label="the week",
    )
    axes.set_ylim(0, 104)
    axes.set_ylabel("% in the band")
    axes.grid(axis="y")
    _week_axis(axes, weeks)
    figure.legend(loc="outside lower center", ncols=2)
    told = "; ".join(f"{_day(day)}: {share:.0f} %" for day, share in of_weeks)
    return Plot(
        "pace-kept",
        "Pace kept",
        "Of the time in which the pace was known and held against a band, the part in it. Another routine, or an "
        "easier band, is another task: compare like with like.",
        f"In the band in the week from {told}.",
        figure,
    )


@drawn
def feelings(weeks: Weeks) -> Plot | None:
    """Draw how sore the person felt before and after each session."""
    told = [each for each in weeks.records if each.feelings.before is not None or each.feelings.after is not None]
    if not told:
        return None
    figure = Figure(figsize=(WIDE_IN, 2.8), layout="constrained")
    axes = figure.subplots()
    for record in told:
        before, after = record.feelings.before, record.feelings.after
        if before is not None and after is not None:
            axes.plot([_moment(record)] * 2, [before, after], color=FAINT, linewidth=1.4, zorder=1)
    for label, marker, colour, fill, felt in (
        ("before", "o", VERMILION, PAPER, [(_moment(each), each.feelings.before) for each in told]),
        ("after", "v", GREEN, GREEN, [(_moment(each), each.feelings.after) for each in told]),
    ):
        known = [(moment, value) for moment, value in felt if value is not None]
        if known:
            at, values = zip(*known, strict=True)
            axes.scatter(at, values, s=34, marker=marker, facecolor=fill, edgecolor=colour, label=label, zorder=2)
    axes.set_ylim(-0.5, 10.5)
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel("soreness, 0 to 10")
    axes.grid(axis="y")
    _week_axis(axes, weeks)
    figure.legend(loc="outside lower center", ncols=2)
    both = [(each.feelings.before, each.feelings.after) for each in told]
    less = sum(before is not None and after is not None and after < before for before, after in both)
    whole = sum(before is not None and after is not None for before, after in both)
    return Plot(
        "feelings",
        "Soreness before and after",
        "What you said before and after each session, from 0, not at all, to 10, unbearable. After a massage almost "
        "everything feels better for a while: what counts over weeks is what you say before.",
        f"Of {whole} sessions with both numbers said, {less} were less sore after.",
        figure,
    )


@drawn
def spots(weeks: Weeks) -> Plot | None:
    """Draw how tender each spot was before the sessions, and after where that alone was said."""
    days: dict[str, dict[date, int]] = {}
    for record in weeks.records:
        for each in record.feelings.spots:
            value = each.after if each.before is None else each.before
            if value is not None:
                days.setdefault(each.spot, {}).setdefault(record.began.date(), value)
    if not days:
        return None
    figure = Figure(figsize=(WIDE_IN, 2.9), layout="constrained")
    axes = figure.subplots()
    shown = sorted(days, key=lambda spot: (-len(days[spot]), spot))[:MOST_SPOTS]
    for spot, (colour, marker, dashes) in zip(shown, _LINES, strict=False):
        at = [_at(day) + 0.5 for day in days[spot]]
        values = list(days[spot].values())
        axes.plot(at, values, color=colour, marker=marker, linestyle=dashes, markersize=5, label=cut(spot, 30))
    axes.set_ylim(-0.5, 10.5)
    axes.set_yticks(range(0, 11, 2))
    axes.set_ylabel("tenderness, 0 to 10")
    axes.grid(axis="y")
    _week_axis(axes, weeks)
    figure.legend(loc="outside lower center", ncols=2)
    left_out = f" The {MOST_SPOTS} that were spoken of on most days." if len(days) > MOST_SPOTS else ""
    told = "; ".join(f"{spot} {', '.join(map(str, days[spot].values()))}" for spot in shown)
    return Plot(
        "spots",
        "Tenderness of spots",
        f"How tender each spot was, once a day, before that day's first session.{left_out}",
        f"Tenderness: {told}.",
        figure,
    )


def areas(weeks: Weeks) -> Plot | None:
    """Draw where was worked in these weeks."""
    return areas_of(weeks.steps, "all these sessions", OF_WEEKS)


def _week_axis(axes: Axes, weeks: Weeks) -> None:
    """Let the horizontal axis begin a week at each tick."""
    begins = [week.monday for week in weeks.weeks]
    every = -(-len(begins) // MOST_LABELS)
    axes.set_xticks([_at(day) for day in begins[::every]], [_day(day) for day in begins[::every]])
    axes.set_xlim(_at(begins[0]), _at(begins[-1] + WEEK))


def _at(day: date) -> float:
    return float(day.toordinal())


def _moment(record: Record) -> float:
    since = record.began - datetime.combine(record.began.date(), time(), record.began.tzinfo)
    return _at(record.began.date()) + since / timedelta(days=1)


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]}"
