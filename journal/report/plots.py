"""The plots of one session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from statistics import median
from typing import Final, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from journal.report.body_map import areas
from journal.report.drawing import (
    BAND,
    BLUE,
    FAINT,
    GREEN,
    INK,
    PAPER,
    PURPLE,
    RULE,
    VERMILION,
    WIDE_IN,
    Plot,
    clock_axis,
    drawn,
)
from journal.report.gather import Look, Path, Session
from journal.report.words import clock, count, cut
from tracker.events import Band, CueEvent, StepResult
from tracker.motion.state import Direction, Kind
from tracker.score import EVEN_CV, UNEVEN_CV

MOST_PATHS = 40
"""More of one direction lie on top of each other."""
LEAST_PATHS = 3
"""Of fewer none is typical."""
LEAST_PERIOD_S = 0.8
"""A cycle is counted to a tenth of a second: how long a quicker one took is not told by that."""
MOST_VARIED = 1.3
"""The plot of what cycles vary by goes at least so much past where they count as not even at all."""
LETTERS = 95
"""About as many fit beside each other on a wide plot."""
GAP_S = 1.0
"""Without a look for longer, nothing was heard."""

# Cues: how they are drawn, and their word in the legend.
_SIGNS: Final[dict[str, tuple[str, str, str]]] = {
    "slower": ("v", VERMILION, "slower"),
    "faster": ("^", VERMILION, "faster"),
    "good": ("o", GREEN, "good"),
    "next step": ("|", FAINT, "next step"),
}
_OTHER_SIGN = ("D", BLUE, "another cue")
_WAYS: Final[dict[Direction, tuple[str, str, str]]] = {
    "cw": (BLUE, "-", "clockwise"),
    "ccw": (VERMILION, "--", "anticlockwise"),
}
_KINDS: Final = ((Kind.STROKE, "_", "strokes"), (Kind.CIRCLE, "o", "circles"), (Kind.LIFT, "^", "lifts"))


def session_plots(session: Session) -> list[Plot]:
    """Draw all there is something to see on."""
    draws: tuple[Callable[[Session], Plot | None], ...] = (pace, in_band, circles, regularity, areas)
    return [plot for draw in draws if (plot := draw(session)) is not None]


@drawn
def pace(session: Session) -> Plot | None:
    """Draw the rate against the band, and below it what the coach and the person said."""
    looks = session.coached
    if not looks:
        return None
    figure = Figure(figsize=(WIDE_IN, 4.3), layout="constrained")
    axes, said = figure.subplots(2, 1, sharex=True, height_ratios=(6, 1))
    _draw_bands(axes, looks)
    for device in dict.fromkeys(look.event.device for look in session.looks if not look.coached):
        others = [look for look in session.looks if look.event.device == device and not look.coached]
        axes.plot(*_rates(others), color=RULE, linewidth=1.0)
    t_s, rate_cpm = _rates(looks)
    axes.plot(t_s, rate_cpm, color=BLUE, linewidth=1.3, label="pace")
    outside = np.where([look.event.in_band is False for look in looks], rate_cpm, np.nan)
    if np.isfinite(outside).any():
        axes.plot(t_s, outside, color=VERMILION, linewidth=2.8, label="outside")
    top = _top(looks)
    axes.set_ylim(0, top)
    axes.set_ylabel("cycles a minute")
    axes.grid(axis="y")
    for since_s, until_s in session.pauses:
        axes.axvspan(since_s, until_s, facecolor="none", edgecolor=RULE, hatch="///", linewidth=0)
    _draw_steps(axes, session)
    _draw_said(said, session)
    clock_axis(said, session.length_s)
    said.set_xlabel("minutes into the session")
    handles, labels = _legend(axes, said)
    if labels:
        figure.legend(handles, labels, loc="outside lower center", ncols=5 if len(labels) > 8 else 8)
    return Plot(
        "pace",
        "Pace against the band",
        "The pace of the hand, ten times a second, in full cycles a minute. The shaded area is what the step asked "
        "for; outside of it the line is thick. Where there is no line the hand rested or did nothing that has a pace; "
        "hatched is a pause. The numbers at the top are the steps. Below: what the coach said, and what you noted.",
        _pace_alt(session, rate_cpm),
        figure,
    )


@drawn
def in_band(session: Session) -> Plot | None:
    """Draw for each step with a band how long the pace was below, in and above it."""
    steps = [step for step in session.summary.steps if step.judged_s > 0]
    if not steps:
        return None
    figure = Figure(figsize=(WIDE_IN, 1.2 + 0.42 * len(steps)), layout="constrained")
    axes = figure.subplots()
    left = np.zeros(len(steps))
    parts = (
        ("too slow", [step.below_s for step in steps], VERMILION, "\\\\\\", 0.35),
        ("in the band", [step.in_band_s for step in steps], GREEN, "", 1.0),
        ("too fast", [step.above_s for step in steps], VERMILION, "///", 0.35),
    )
    rows = np.arange(len(steps))
    for label, seconds, colour, hatch, alpha in parts:
        share = 100 * np.array(seconds) / [step.judged_s for step in steps]
        bars = axes.barh(rows, share, left=left, height=0.62, color=colour, label=label, hatch=hatch, edgecolor=PAPER)
        for bar, part in zip(bars, share, strict=True):
            if hatch:
                bar.set_facecolor((*_rgb(colour), alpha))
            if part >= 8:
                axes.annotate(
                    f"{part:.0f} %",
                    (bar.get_x() + part / 2, bar.get_y() + bar.get_height() / 2),
                    ha="center",
                    va="center",
                    color=INK if hatch else PAPER,
                    bbox={"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none"} if hatch else None,
                )
        left += share
    axes.set_yticks(rows, [_step_label(step, 34) for step in steps])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the time in which the pace was known")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside lower center", ncols=3)
    told = "; ".join(f"step {step.step}, {step.name}: {_percent(step.in_band_s, step.judged_s)}" for step in steps)
    return Plot(
        "in-band",
        "Time in the band, step by step",
        "Of the time in which the pace was known and held against a band, the part below it, in it and above it.",
        f"In the band: {told}.",
        figure,
    )


@drawn
def circles(session: Session) -> Plot | None:
    """Draw the way the hand went round, one thin line a circle and a thick one for the typical, as a polar plot."""
    paths = session.paths
    if not paths:
        return None
    sized = [path for path in paths if path.extent_cm is not None]
    in_cm = len(sized) * 2 >= len(paths)
    paths = sized if in_cm else paths
    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    axes = cast("PolarAxes", figure.add_subplot(projection="polar"))
    _draw_sizes(axes, session, in_cm=in_cm)
    told = []
    for way, (colour, dashes, word) in _WAYS.items():
        own = [path for path in paths if path.direction == way]
        if not own:
            continue
        every = -(-len(own) // MOST_PATHS)
        for path in own[::every]:
            axes.plot(*_closed(_reach(path, in_cm=in_cm)), color=colour, linewidth=0.6, alpha=0.35)
        typical = np.median([_reach(path, in_cm=in_cm) for path in own], axis=0)
        width = 2.8 if len(own) >= LEAST_PATHS else 1.0
        axes.plot(*_closed(typical), color=colour, linestyle=dashes, linewidth=width, label=f"{len(own)} {word}")
        _draw_arrow(axes, typical, way, colour)
        size = f", {2 * typical.max():.0f} cm across at the widest" if in_cm else ""
        told.append(f"{len(own)} {word}{size}, {typical.min() / typical.max():.0%} as far out at the narrowest")
    axes.set_xticks(np.arange(4) * np.pi / 2, ["right", "up", "left", "down"])
    axes.set_rlabel_position(22.5)
    axes.tick_params(axis="y", labelsize=8.5)
    axes.grid(color=RULE)
    axes.spines["polar"].set_color(RULE)
    if in_cm:
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda r_cm, _: f"{r_cm:g} cm"))
        for label in axes.get_yticklabels():
            label.set_bbox({"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"})
    else:
        axes.set_yticks([0.5, 1.0], ["", ""])
    figure.legend(loc="outside lower center", ncols=3)
    size = "The distance from the middle is in centimetres." if in_cm else "The size is not known: all are drawn alike."
    return Plot(
        "circles",
        "Circles",
        "The way the hand went round, as one sees it who looks at the face of the device on the back of the hand, with "
        "the device's x to the right. Each thin line is one circle, the thick one the typical one of its direction. "
        f"{size} Where a step asks for a size, the shaded ring is it.",
        f"The path of the hand, one line a circle: {'; '.join(told)}.",
        figure,
    )


@drawn
def regularity(session: Session) -> Plot | None:
    """Draw how long each cycle took, and how much that varied."""
    looks = session.coached
    known = [look for look in looks if look.event.period_cv is not None]
    if not known:
        return None
    figure = Figure(figsize=(WIDE_IN, 4.2), layout="constrained")
    lengths, varied = figure.subplots(2, 1, sharex=True)
    devices = {look.event.device for look in looks}
    told = [c for c in session.cycles if c.look.device in devices and c.period_s is not None and not c.reckoned]
    told = [cycle for cycle in told if (cycle.period_s or 0.0) >= LEAST_PERIOD_S]
    for kind, marker, word in _KINDS:
        own = [cycle for cycle in told if cycle.look.motion is kind]
        if own:
            ends_s, period_s = [cycle.end_s for cycle in own], [cycle.period_s or 0.0 for cycle in own]
            fill = BLUE if marker != "o" else "none"
            lengths.scatter(
                ends_s, period_s, s=22, marker=marker, color=BLUE, facecolor=fill, linewidth=1.2, label=word
            )
    lengths.set_ylim(bottom=0)
    lengths.set_ylabel("a cycle, s")
    lengths.grid(axis="y")
    t_s, percent = _series(looks, lambda look: None if look.event.period_cv is None else 100 * look.event.period_cv)
    varied.axhspan(0, 100 * EVEN_CV, color=BAND, linewidth=0)
    varied.plot(t_s, percent, color=BLUE, linewidth=1.2, label="varies by")
    for since_s, until_s, cv in _means(session):
        varied.plot((since_s, until_s), (100 * cv, 100 * cv), color=INK, linewidth=2.2, solid_capstyle="butt")
    varied.plot([], [], color=INK, linewidth=2.2, label="mean of the step")
    varied.set_ylim(0, max(1.15 * float(np.nanpercentile(percent, 95)), MOST_VARIED * 100 * UNEVEN_CV))
    varied.axhline(100 * UNEVEN_CV, color=VERMILION, linewidth=0.9, linestyle=":")
    varied.set_ylabel("varies by, %")
    varied.grid(axis="y")
    clock_axis(varied, session.length_s)
    varied.set_xlabel("minutes into the session")
    handles, labels = _legend(lengths, varied)
    figure.legend(handles, labels, loc="outside lower center", ncols=5)
    steps = [step for step in session.summary.steps if step.period_cv is not None]
    means = "; ".join(f"step {step.step}: {100 * (step.period_cv or 0):.0f} %" for step in steps)
    typical = median(100 * (look.event.period_cv or 0.0) for look in known)
    return Plot(
        "regularity",
        "Regularity",
        "Above: how long each cycle took, to a tenth of a second. Below: by how much the length of a cycle varied from "
        f"one to the next (coefficient of variation; 0 is a metronome). Up to {100 * EVEN_CV:.0f} %, shaded, counts as "
        f"fully even, from {100 * UNEVEN_CV:.0f} %, dotted, on as not even at all; strays go past the edge.",
        f"The length of a cycle varied by {typical:.0f} % as a rule{f' ({means})' if means else ''}.",
        figure,
    )


def _legend(*parts: Axes) -> tuple[list[Artist], list[str]]:
    """Give what there is to explain in several parts of a plot."""
    entries = [entry for part in parts for entry in zip(*part.get_legend_handles_labels(), strict=True)]
    return [handle for handle, _ in entries], [label for _, label in entries]


def _draw_bands(axes: Axes, looks: Sequence[Look]) -> None:
    """Shade what was asked for while it was."""
    label: str | None = "band"
    for (step, band), group in groupby(looks, lambda look: (look.step, look.event.band)):
        if step is None or band is None:
            continue
        t_s = [look.event.t_s for look in group]
        axes.fill_between((t_s[0], t_s[-1]), *band, color=BAND, linewidth=0, label=label)
        for edge_cpm in band:
            axes.plot((t_s[0], t_s[-1]), (edge_cpm, edge_cpm), color=GREEN, linewidth=0.7)
        label = None


def _draw_steps(axes: Axes, session: Session) -> None:
    """Mark where each step begins, with its number, and its name where there is room."""
    begun = [(0, 0.0, "")]
    for event in session.steps:
        if event.step != begun[-1][0]:
            begun.append((event.step, event.t_s, event.name))
    ends = [*(t_s for _, t_s, _ in begun[2:]), session.length_s]
    for (number, t_s, name), end_s in zip(begun[1:], ends, strict=True):
        axes.axvline(t_s, color=FAINT, linewidth=0.7, linestyle=(0, (3, 2)))
        letters = int(LETTERS * (end_s - t_s) / max(session.length_s, 1.0))
        axes.annotate(
            f"{number} {cut(name, letters - 4)}".rstrip() if letters >= 2 else "",
            (t_s, 1),
            xytext=(2, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8.5,
        )


def _draw_said(axes: Axes, session: Session) -> None:
    """Put what the coach and the person said below the pace."""
    told: set[str] = set()
    for (marker, colour, word), cues in _by_sign(session.cues):
        label = word if word not in told else None
        told.add(word)
        fill = PAPER if marker == "o" else colour
        t_s = [cue.t_s for cue in cues]
        axes.scatter(t_s, [1.0] * len(t_s), s=34, marker=marker, color=colour, facecolor=fill, label=label, zorder=3)
    for number, mark in enumerate(session.marks, 1):
        axes.scatter([mark.t_s], [0.0], s=70, marker="*", color=PURPLE, label="your mark" if number == 1 else None)
        axes.annotate(str(number), (mark.t_s, 0.0), xytext=(5, -4), textcoords="offset points", fontsize=8.5)
    for index, pain in enumerate(session.pains):
        axes.scatter([pain.t_s], [0.0], s=60, marker="X", color=VERMILION, label="pain" if index == 0 else None)
        axes.annotate(str(pain.value), (pain.t_s, 0.0), xytext=(6, -4), textcoords="offset points", fontsize=8.5)
    axes.set_yticks([1.0, 0.0], ["coach", "you"])
    axes.set_ylim(-0.6, 1.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _by_sign(cues: Sequence[CueEvent]) -> Iterator[tuple[tuple[str, str, str], list[CueEvent]]]:
    for sign in (*_SIGNS.values(), _OTHER_SIGN):
        own = [cue for cue in cues if _SIGNS.get(cue.cue, _OTHER_SIGN) == sign]
        if own:
            yield sign, own


def _draw_sizes(axes: PolarAxes, session: Session, *, in_cm: bool) -> None:
    """Shade the sizes that the steps with circles ask for."""
    wanted: dict[Band, None] = {}
    done = {result.step for result in session.summary.steps}
    for number, step in enumerate(session.asked, 1):
        if number in done and step.motion is Kind.CIRCLE and step.size_cm is not None:
            wanted[step.size_cm] = None
    around = np.linspace(0, 2 * np.pi, 181)
    for index, (low_cm, high_cm) in enumerate(wanted if in_cm else ()):
        label = "asked for" if index == 0 else None
        axes.fill_between(around, low_cm / 2, high_cm / 2, color=BAND, linewidth=0, label=label)


def _draw_arrow(axes: PolarAxes, typical: np.ndarray, way: Direction, colour: str) -> None:
    """Show which way round, above; the arrows of both ways beside each other."""
    turn = 1 if way == "ccw" else -1
    at = len(typical) * (4 + turn) // 16
    step = 2 * np.pi / len(typical)
    axes.annotate(
        "",
        xy=((at + turn) * step, typical[at + turn]),
        xytext=((at - turn) * step, typical[at - turn]),
        arrowprops={"arrowstyle": "-|>", "color": colour, "mutation_scale": 22, "linewidth": 0},
    )


def _reach(path: Path, *, in_cm: bool) -> np.ndarray:
    return path.reach * (path.extent_cm or 0.0) / 2 if in_cm else path.reach


def _closed(reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.linspace(0, 2 * np.pi, len(reach) + 1), np.append(reach, reach[0])


def _rates(looks: Sequence[Look]) -> tuple[np.ndarray, np.ndarray]:
    return _series(looks, lambda look: look.event.rate_cpm)


def _series(looks: Sequence[Look], value: Callable[[Look], float | None]) -> tuple[np.ndarray, np.ndarray]:
    """Give times and values, unknown ones as NaN; no line joins what a silence or another motion lies between."""
    t_s = np.array([look.event.t_s for look in looks], dtype=float)
    values = np.array([np.nan if (each := value(look)) is None else each for look in looks], dtype=float)
    kinds = np.array([look.event.motion.value for look in looks])
    values[1:][(np.diff(t_s) > GAP_S) | (kinds[1:] != kinds[:-1])] = np.nan
    return t_s, values


def _top(looks: Sequence[Look]) -> float:
    """Give where the axis of the pace ends: a little above what was asked for, and above all but strays."""
    rates = [look.event.rate_cpm for look in looks if look.event.rate_cpm is not None]
    bands = [look.event.band[1] for look in looks if look.event.band is not None]
    return 1.15 * max([*bands, float(np.percentile(rates, 99)) if rates else 0.0, 10.0])


def _means(session: Session) -> Iterator[tuple[float, float, float]]:
    """Give from when to when each step was done, and its mean regularity."""
    cvs = {step.step: step.period_cv for step in session.summary.steps}
    for number, group in groupby(session.coached, lambda look: look.step):
        t_s = [look.event.t_s for look in group]
        cv = cvs.get(number) if number is not None else None
        if cv is not None:
            yield t_s[0], t_s[-1], cv


def _pace_alt(session: Session, rate_cpm: np.ndarray) -> str:
    known = rate_cpm[np.isfinite(rate_cpm)]
    if not len(known):
        return f"{clock(session.length_s)} minutes without any motion that has a pace."
    low, high = np.percentile(known, (5, 95))
    judged_s = sum(step.judged_s for step in session.summary.steps)
    in_band_s = sum(step.in_band_s for step in session.summary.steps)
    kept = f" In the band for {_percent(in_band_s, judged_s)} of the judged time." if judged_s else ""
    told = ((len(session.cues), "cue"), (len(session.marks), "mark"), (len(session.pains), "pain"))
    said = f" {', '.join(count(n, noun) for n, noun in told)}."
    return f"Over {clock(session.length_s)} minutes the pace was between {low:.0f} and {high:.0f} a minute.{kept}{said}"


def _step_label(step: StepResult, longest: int) -> str:
    return f"{step.step} {cut(step.name, longest)}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "—"


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255
