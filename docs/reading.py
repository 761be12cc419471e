"""Draws how the engine reads a real hand: force, rate, cycles and kinds over one recording, beside what is true of it.

Usage: python docs/reading.py OUT.svg

The recording is one of those that bench/ reads; PALMPACE_DATA names their folder. Only the picture is kept.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.accuracy.recordings import Recording, joined, load, samples_of
from sensors.grid import CELL_S
from sensors.samples import Array, Samples
from tracker.events import Segment
from tracker.motion.count import HYSTERESIS, SMOOTH_CYCLES
from tracker.motion.cycle import fit_cycles
from tracker.motion.ellipse import ellipse
from tracker.motion.engine import Engine
from tracker.motion.history import History
from tracker.motion.periodic import CHANNEL_WEIGHTS
from tracker.motion.state import Kind, Motion
from tracker.tally import Tally

SET, NAME = "robot_paced", "p02_VF"
"""Of the first person of the set, the quicker swings up and down."""

# The dashboard's colours.
PAPER, PANEL, INK, FAINT = "#0f1518", "#141c20", "#dbe6e4", "#8a9b9d"
TEAL, BAND, BLUE, AMBER = "#7cc7b4", "#2f6f66", "#8fb3d9", "#f0c27b"
ACTIVE, RULE = "#1c272c", "#2b383d"
KIND_COLOURS = {
    Kind.STROKE: (TEAL, PAPER),
    Kind.CIRCLE: (BLUE, PAPER),
    Kind.LIFT: (AMBER, PAPER),
    Kind.STILL: (RULE, INK),
    Kind.OTHER: ("#4b5d63", INK),
}
"""Of a stretch, and of the word on it."""
WORD_S = 1.7
"""A shorter stretch has no room for its word."""
DASHES = (0, (5, 2))
STYLE = {
    "axes.edgecolor": FAINT,
    "axes.facecolor": PANEL,
    "axes.labelcolor": FAINT,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "path.simplify_threshold": 0.4,
    "svg.hashsalt": "palmpace",
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
}


@dataclass(frozen=True, eq=False)
class Reading:
    """What was measured, what is true of it, and what the engine said.

    Attributes
    ----------
    recording : Recording
    samples : Samples
        On the engine's grid.
    looks : list of Motion
    segments : list of Segment
        The looks put together, each kind from where it began.
    """

    recording: Recording
    samples: Samples
    looks: list[Motion]
    segments: list[Segment]

    @property
    def strokes(self) -> Segment:
        """The longest stretch of strokes."""
        return max((s for s in self.segments if s.motion is Kind.STROKE), key=lambda s: s.end_s - s.start_s)

    @property
    def active_s(self) -> tuple[float, float]:
        """From when to when the robot moved."""
        return self.recording.active_s or (0.0, 0.0)

    @property
    def robot_cpm(self) -> float:
        """Measured on the robot."""
        return self.recording.rate_cpm or float("nan")

    @property
    def recognised_s(self) -> float:
        """When a rate was told first."""
        return next(look.t_s for look in self.looks if look.rate_cpm is not None)


def read(recording: Recording) -> Reading:
    """Let the engine read a recording, with its gyroscope."""
    blocks = samples_of(recording.path, gyroscope=True)
    engine, tally = Engine(), Tally()
    looks = [look for block in blocks for look in engine.update(block)]
    for look in looks:
        tally.take(look)
    return Reading(recording, joined(blocks), looks, tally.segments())


def along_the_line(reading: Reading) -> tuple[Array, float, float]:
    """Give the force along the strokes' own line, m/s², about its middle; its amplitude; and the period, s."""
    strokes, samples = reading.strokes, reading.samples
    if strokes.rate_cpm is None or samples.gyro_radps is None:
        raise ValueError(f"{reading.recording.name}: strokes with a rate and a gyroscope are needed")
    history = History()
    history.append(np.hstack((samples.acc_mps2, samples.gyro_radps)))
    history.end = int(np.searchsorted(samples.t_s, strokes.end_s))
    period_s = 60 / strokes.rate_cpm
    cycles = round((strokes.end_s - strokes.start_s) / period_s)
    fit = fit_cycles(history, period_s, cycles, CHANNEL_WEIGHTS)
    line = ellipse(fit.first[:3])
    span_s = cycles * period_s
    share = (samples.t_s - samples.t_s[history.end] + span_s / 2) / span_s
    middle = fit.mean[:3] + np.clip(share, -0.5, 0.5)[:, None] * fit.trend[:3]
    force = (samples.acc_mps2 - middle) @ line.axes[0]
    return force * (-1 if force[0] > 0 else 1), line.semi_major, period_s


def crossings(force: Array, reach: float) -> list[int]:
    """Where the smoothed force passes its middle for good, as `tracker.motion.count.Counter` looks for it."""
    found, side = [], 0
    for at, value in enumerate((force / reach).tolist()):
        if abs(value) > HYSTERESIS:
            if value * side < 0:
                found.append(at)
            side = 1 if value > 0 else -1
    return found


def smoothed(force: Array, period_s: float) -> Array:
    """Mean of an eighth of a cycle up to each point."""
    width = max(1, round(SMOOTH_CYCLES * period_s / CELL_S))
    sums = np.concatenate((np.full(width, force[0]), force)).cumsum()
    return np.asarray((sums[width:] - sums[:-width]) / width)


def picture(reading: Reading) -> Figure:
    """Draw it all."""
    figure = Figure(figsize=(11, 9.5))
    layout = {"height_ratios": (3.4, 3, 3, 1.1), "hspace": 0.4, "left": 0.07, "right": 0.965, "top": 0.885}
    panels = figure.subplots(4, 1, gridspec_kw={**layout, "bottom": 0.065})
    force, rate, cycles, kinds = panels
    for panel in panels:
        panel.set_xlim(0, reading.looks[-1].t_s)
        panel.tick_params(length=0, labelsize=9.5, labelbottom=panel is kinds)
        panel.axvspan(*reading.active_s, color=ACTIVE, zorder=0)
        if panel is not kinds:
            panel.grid(axis="y", color=RULE, linewidth=0.6)
            panel.axvline(reading.recognised_s, color=FAINT, linewidth=0.9, linestyle=(0, (1, 3)), zorder=1)
    draw_force(force, reading)
    draw_rate(rate, reading)
    draw_cycles(cycles, reading)
    draw_kinds(kinds, reading)
    kinds.set_xlabel("seconds", fontsize=9.5)
    recording = reading.recording
    figure.text(0.07, 0.95, "A hand copies a robot", fontsize=17, fontweight="bold", color=TEAL)
    about = f"recording {recording.name}: {recording.activity}; lighter where the robot moved"
    figure.text(0.965, 0.952, about, color=FAINT, ha="right")
    return figure


def draw_force(panel: Axes, reading: Reading) -> None:
    """Draw the force along the strokes' line, and the crossings of its middle."""
    force, reach, period_s = along_the_line(reading)
    smooth = smoothed(force, period_s)
    t_s, strokes = reading.samples.t_s, reading.strokes
    at = [i for i in crossings(smooth, reach) if strokes.start_s <= t_s[i] <= strokes.end_s + period_s / 2]
    panel.axhspan(-HYSTERESIS * reach, HYSTERESIS * reach, color=BAND, alpha=0.35, linewidth=0, zorder=1)
    panel.plot(t_s, force, color=BLUE, linewidth=0.7, alpha=0.8)
    panel.plot(t_s, smooth, color=INK, linewidth=1.2)
    panel.plot(t_s[at], smooth[at], "o", color=AMBER, markersize=5.5, markeredgecolor=PANEL, zorder=4)
    for cycle, (out, back) in enumerate(zip(at[::2], at[1::2], strict=False), 1):
        label(panel, (t_s[out] + t_s[back]) / 2, 1.62 * reach, str(cycle), AMBER, ha="center")
    panel.set_ylim(-1.65 * reach, 2.1 * reach)
    late_s = strokes.end_s + period_s
    label(panel, late_s, 0.0, "crossed once it is through this band", TEAL, va="center")
    label(panel, late_s, 1.62 * reach, f"{len(at)} crossings, two to a cycle", AMBER)
    label(panel, late_s, 1.05 * reach, "measured", BLUE)
    label(panel, late_s + 2.6, 1.05 * reach, "and smoothed over 1/8 cycle", INK)
    title(panel, "Force", "along the strokes' own line, m/s²")


def draw_rate(panel: Axes, reading: Reading) -> None:
    """Draw the rate told, what it is worth, and the robot's."""
    told = [(look.t_s, look.rate_cpm, look.rate_sd_cpm) for look in reading.looks if look.rate_cpm is not None]
    t_s, rate, sd = np.array(told, dtype=float).T
    panel.fill_between(t_s, rate - sd, rate + sd, color=BAND, alpha=0.75, linewidth=0)
    panel.plot(reading.active_s, [reading.robot_cpm] * 2, color=AMBER, linewidth=1.6, linestyle=DASHES)
    panel.plot(t_s, rate, color=TEAL, linewidth=2.2)
    right_s = t_s[-1] + 0.4
    label(panel, right_s, rate[-1], f"told, ± one standard deviation: {rate[-1]:.1f} ± {sd[-1]:.1f}", TEAL)
    label(panel, right_s, rate[-1] - 0.75, f"the robot's, measured on it: {reading.robot_cpm:.1f}", AMBER)
    label(panel, t_s[0] - 0.25, rate[0] + 1.5, "the tempo is known\nafter two cycles", FAINT, ha="right", va="center")
    title(panel, "Rate", "cycles per minute")


def draw_cycles(panel: Axes, reading: Reading) -> None:
    """Draw the cycles told beside the robot's."""
    looks, made = reading.looks, reading.recording.cycles or 0
    panel.plot(reading.active_s, (0, made), color=AMBER, linewidth=1.6, linestyle=DASHES)
    panel.plot([look.t_s for look in looks], [look.cycles for look in looks], color=TEAL, linewidth=2.2)
    panel.set_ylim(-0.6, made + 1.6)
    panel.set_yticks(range(0, made + 1, 2))
    right_s = reading.strokes.end_s + 1
    label(panel, right_s, made + 0.35, f"told: {looks[-1].cycles:.1f}", TEAL)
    label(panel, right_s, made - 1.5, f"the robot's: {made}", AMBER)
    at_s = reading.recognised_s
    label(panel, at_s + 0.4, 0.55, "what was made before is counted then", FAINT, va="center")
    label(
        panel,
        at_s + 9.5,
        4.35,
        "no further than the end of a swing\nuntil the next crossing is seen",
        FAINT,
        va="center",
    )
    title(panel, "Cycles", "since the beginning")


def draw_kinds(panel: Axes, reading: Reading) -> None:
    """Draw the kinds as told at once, and as they stand afterwards."""
    runs = [list(run) for _, run in groupby(reading.looks, key=lambda look: look.kind)]
    at_once = [(run[0].kind, run[0].t_s - Engine.hop_s, run[-1].t_s) for run in runs]
    afterwards = [(segment.motion, segment.start_s, segment.end_s) for segment in reading.segments]
    for row, spans in enumerate((at_once, afterwards)):
        for kind, start_s, end_s in spans:
            fill, ink = KIND_COLOURS[kind]
            panel.barh(row, end_s - start_s, left=start_s, height=0.8, color=fill, edgecolor=PAPER, linewidth=0.8)
            if end_s - start_s > WORD_S:
                panel.text((start_s + end_s) / 2, row + 0.03, kind.value, color=ink, ha="center", va="center")
    panel.set_yticks((0, 1), ("at once", "later"))
    panel.set_ylim(1.5, -0.5)
    panel.spines[["left", "bottom"]].set_visible(False)
    title(panel, "Kind", "as told at once, and from where it began as known later")


def title(panel: Axes, head: str, tail: str) -> None:
    """Say what a panel shows: in a word, and in a line."""
    for words, indent, look in ((head, 0, {"fontweight": "bold"}), (tail, 56, {"color": FAINT})):
        panel.annotate(words, (0, 1), (indent, 8), xycoords="axes fraction", textcoords="offset points", **look)


def label(panel: Axes, x: float, y: float, words: str, colour: str, ha: str = "left", va: str = "baseline") -> None:
    """Write beside a line what it is."""
    panel.text(x, y, words, color=colour, ha=ha, va=va, fontsize=9.5, zorder=5)


def main(out: Path) -> None:
    """Write the picture."""
    found = [recording for recording in load() if (recording.set, recording.name) == (SET, NAME)]
    if not found:
        sys.exit(f"no recording {SET}/{NAME}: name the folder of recordings with PALMPACE_DATA")
    with mpl.rc_context(STYLE):
        picture(read(found[0])).savefig(out, metadata={"Date": None, "Title": "How Palmpace reads a hand"})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
