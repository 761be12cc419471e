"""Where a session worked: a person seen from behind, each area as dark as it was worked long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon
from scipy.interpolate import PchipInterpolator

from journal.report.drawing import FAINT, INK, PAPER, SHADES, Plot, drawn
from journal.report.gather import Session
from journal.report.words import clock
from sensors.declared import Side
from sensors.samples import Array
from tracker.body import SIDES, Place, Region, places
from tracker.events import StepResult

Levels = tuple[int, int, int]
"""Minutes between one shade and the next."""
OF_A_SESSION: Levels = (1, 3, 6)
OF_WEEKS: Levels = (15, 60, 180)

# The right half, from the spine outward, in units of about half the width at the shoulders; y runs down from the crown.
_OUTLINE = np.array(
    (
        (0.80, 0.165),
        (0.96, 0.175),
        (1.04, 0.24),
        (1.12, 0.46),
        (1.20, 0.68),
        (1.32, 0.78),
        (1.50, 0.76),
        (1.80, 0.70),
        (2.15, 0.61),
        (2.50, 0.55),
        (2.72, 0.55),
        (2.95, 0.60),
        (3.20, 0.67),
        (3.45, 0.70),
        (3.70, 0.66),
    )
)
_LEVELS = (
    (Region.NECK, 0.80, 1.05),
    (Region.SHOULDERS, 1.05, 1.42),
    (Region.UPPER_BACK, 1.42, 1.98),
    (Region.MIDDLE_BACK, 1.98, 2.46),
    (Region.LOWER_BACK, 2.46, 2.96),
    (Region.HIPS, 2.96, 3.70),
)
_BETWEEN = (0.25, 1.42, 1.98)
_HEAD = (0.42, 0.29, 0.42)
# From here to there, so thick at both ends.
_LIMBS: tuple[tuple[Region | None, tuple[float, float], tuple[float, float], float, float], ...] = (
    (Region.FEET, (0.31, 5.16), (0.37, 5.27), 0.13, 0.13),
    (None, (0.35, 3.62), (0.31, 5.02), 0.33, 0.12),
    (Region.HANDS, (1.17, 3.16), (1.21, 3.42), 0.085, 0.10),
    (Region.FOREARMS, (1.00, 2.36), (1.15, 3.02), 0.115, 0.08),
    (Region.UPPER_ARMS, (0.84, 1.50), (0.97, 2.24), 0.145, 0.125),
    (Region.SHOULDERS, (0.76, 1.31), (0.82, 1.40), 0.17, 0.16),
)
_half_width = PchipInterpolator(*_OUTLINE.T)
_LABEL_X = 1.6
_LABEL_STEP = 0.44


@drawn
def areas(session: Session) -> Plot | None:
    """Draw where the steps worked, by the minutes spent in them."""
    return areas_of(session.summary.steps, "the session", OF_A_SESSION)


@drawn
def areas_of(steps: Sequence[StepResult], over: str, levels: Levels) -> Plot | None:
    """Draw it for any steps, of one session or of many."""
    seconds = place_seconds(steps)
    if not seconds:
        return None
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.subplots()
    for region, side, shape in _shapes():
        worked_s = seconds.get((region, side), 0.0) if region is not None else 0.0
        colour = SHADES[shade(worked_s, levels)] if worked_s else PAPER
        axes.add_patch(Polygon(shape, closed=True, facecolor=colour, edgecolor=FAINT, linewidth=0.8))
    labels = _labels(seconds)
    _draw_labels(axes, labels)
    axes.set_xlim(-3.0, 3.0)
    axes.set_ylim(5.5, -0.1)
    axes.set_aspect("equal")
    axes.axis("off")
    low, middle, high = levels
    words = (f"under {low} min", f"{low} to {middle}", f"{middle} to {high}", f"{high} min and more")
    handles = [Patch(facecolor=colour, edgecolor=FAINT, label=word) for colour, word in zip(SHADES, words, strict=True)]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    told = "; ".join(f"{text} {_time(worked_s)}" for text, _, _, worked_s in labels)
    return Plot(
        "areas",
        "Areas worked",
        f"The body from behind, left on the left. The minutes are those of the steps of {over}, pauses left out, at "
        "the area each of them names; a step that names several, or both sides, counts for each. The wrist does not "
        "tell where a hand is.",
        f"Time at each area: {told}.",
        figure,
    )


def place_seconds(steps: Sequence[StepResult]) -> dict[Place, float]:
    """Add up how long each place was worked."""
    seconds: dict[Place, float] = {}
    for step in steps:
        for place in places(step.area):
            if step.side not in SIDES or place[1] == step.side:
                seconds[place] = seconds.get(place, 0.0) + step.seconds
    return seconds


def shade(worked_s: float, levels: Levels) -> int:
    """Give the number of the shade, from 0."""
    return sum(worked_s >= 60 * level for level in levels)


def _labels(seconds: dict[Place, float]) -> list[tuple[str, Region, Side, float]]:
    """Give the words beside the body, from above: one for both sides where they were worked alike."""
    labels: list[tuple[str, Region, Side, float]] = []
    for region in Region:
        left_s, right_s = (seconds.get((region, side), 0.0) for side in SIDES)
        if left_s == right_s > 0:
            labels.append((region.value, region, "right", right_s))
            continue
        told: tuple[tuple[Side, float], ...] = (("left", left_s), ("right", right_s))
        labels += [(f"{region.value}, {side}", region, side, worked_s) for side, worked_s in told if worked_s]
    return sorted(labels, key=lambda label: _middle(label[1])[1])


def _draw_labels(axes: Axes, labels: Sequence[tuple[str, Region, Side, float]]) -> None:
    for side in SIDES:
        sign = -1 if side == "left" else 1
        lowest = -1.0
        for text, region, _, worked_s in (label for label in labels if label[2] == side):
            x, y = _middle(region)
            label_y = max(y, lowest + _LABEL_STEP)
            lowest = label_y
            axes.annotate(
                f"{text}\n{_time(worked_s)}",
                (sign * x, y),
                xytext=(sign * _LABEL_X, label_y),
                ha="right" if sign < 0 else "left",
                va="center",
                fontsize=9,
                color=INK,
                linespacing=1.15,
                arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 0},
            )


def _time(worked_s: float) -> str:
    return f"{worked_s / 60:.0f} min" if worked_s >= 3600 else f"{clock(worked_s)} min"


def _middle(region: Region) -> tuple[float, float]:
    """Give a place well inside a region's right half."""
    if region is Region.HEAD:
        return 0.15, _HEAD[0]
    if region is Region.BETWEEN:
        return _BETWEEN[0] / 2, (_BETWEEN[1] + _BETWEEN[2]) / 2
    for named, above, below in _LEVELS:
        if named is region:
            y = (above + below) / 2
            return 0.6 * float(_half_width(y)), y
    for limb, (x0, y0), (x1, y1), _, _ in _LIMBS:
        if limb is region:
            return (x0 + x1) / 2, (y0 + y1) / 2
    raise ValueError(region)


def _shapes() -> Iterator[tuple[Region | None, Side, Array]]:
    """Give every part of the body as a polygon, in the order they lie on each other."""
    for region, shape in _right_shapes():
        yield region, "right", shape
        yield region, "left", shape * (-1.0, 1.0)


def _right_shapes() -> Iterator[tuple[Region | None, Array]]:
    for region, start, end, thick, thin in _LIMBS:
        yield region, _limb(np.array(start), np.array(end), thick, thin)
    for region, above, below in _LEVELS:
        y = np.linspace(above, below, 24)
        inner = _BETWEEN[0] if region is Region.UPPER_BACK else 0.0
        edge = np.column_stack((_half_width(y), y))
        yield region, np.vstack(((inner, above), edge, (inner, below)))
    half, above, below = _BETWEEN
    yield Region.BETWEEN, np.array(((0.0, above), (half, above), (half, below), (0.0, below)))
    around = np.linspace(-np.pi / 2, np.pi / 2, 40)
    middle, across, along = _HEAD
    yield Region.HEAD, np.column_stack((across * np.cos(around), middle + along * np.sin(around)))


def _limb(start: Array, end: Array, thick: float, thin: float) -> Array:
    """Give the outline of a round-ended limb."""
    along = np.arctan2(end[1] - start[1], end[0] - start[0])
    far = along + np.linspace(-np.pi / 2, np.pi / 2, 16)
    near = along + np.linspace(np.pi / 2, 3 * np.pi / 2, 16)
    tip = end + thin * np.column_stack((np.cos(far), np.sin(far)))
    root = start + thick * np.column_stack((np.cos(near), np.sin(near)))
    return np.asarray(np.vstack((tip, root)))
