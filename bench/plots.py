"""The same 3 x 600-point signal, ten times a second, drawn by our signal widget and by two plotting libraries.

An app of one widget that fills the terminal: the last 20 s of a simulated wrist's acceleration at 30 Hz, three lines,
in braille dots, newest at the right. `bench.dashboard` runs it beside the dashboard.

Usage: python -m bench.plots nothing|ours|textual-plot|textual-plotext
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from textual.app import App, ComposeResult
from textual.widget import Widget

from sensors.samples import Array, Samples
from sensors.simulate import Device, Phase, simulate

FPS = 10
WINDOW_S, RATE_HZ = 20.0, 30.0
POINTS = int(WINDOW_S * RATE_HZ)
SIGNAL_S = 120.0
COLOURS = ("red", "green", "blue")
REACH_MPS2 = 2.0

Draw = Callable[[Array, Array], object]
"""Is given the window's times, shape (600,), and its acceleration about the middle, shape (600, 3)."""


class PlotApp(App[None]):
    """Shows a window that moves over the signal in real time.

    Parameters
    ----------
    widget : Widget
    draw : callable
    """

    CSS = "Screen > * { width: 1fr; height: 1fr; }"

    def __init__(self, widget: Widget, draw: Draw) -> None:
        super().__init__()
        self._widget, self._draw = widget, draw
        device = Device(rate_hz=RATE_HZ, jitter_s=0.0)
        felt = simulate([Phase("stroke", SIGNAL_S, 30.0)], device, seed=5)
        self._t_s, self._acc_mps2 = felt.t_s, felt.acc_mps2 - felt.acc_mps2.mean(axis=0)
        self._began_s = 0.0

    def compose(self) -> ComposeResult:
        """One plot."""
        yield self._widget

    def on_mount(self) -> None:
        """Begin."""
        self._began_s = time.monotonic()
        self.set_interval(1 / FPS, self._tick)

    def _tick(self) -> None:
        passed = int((time.monotonic() - self._began_s) * RATE_HZ)
        first = passed % (len(self._t_s) - POINTS)
        window = slice(first, first + POINTS)
        self._draw(self._t_s[window], self._acc_mps2[window])


def nothing() -> tuple[Widget, Draw]:
    """Draw nothing: what an idle app costs."""
    return Widget(), lambda *_: None


def ours() -> tuple[Widget, Draw]:
    """Draw with the dashboard's own widget."""
    from tui.widgets.signal import Signal

    widget = Signal(WINDOW_S)
    measured = np.ones(POINTS, dtype=bool)

    def draw(t_s: Array, acc_mps2: Array) -> None:
        widget.show([Samples(t_s, acc_mps2, None, measured)], float(t_s[-1]))

    return widget, draw


def textual_plot() -> tuple[Widget, Draw]:
    """Draw with textual-plot, its limits fixed as ours are."""
    from textual_hires_canvas import HiResMode
    from textual_plot import PlotWidget

    widget: Any = PlotWidget()

    def draw(t_s: Array, acc_mps2: Array) -> None:
        widget.clear()
        widget.set_xlimits(float(t_s[0]), float(t_s[-1]))
        widget.set_ylimits(-REACH_MPS2, REACH_MPS2)
        for axis, colour in enumerate(COLOURS):
            widget.plot(t_s, acc_mps2[:, axis], line_style=colour, hires_mode=HiResMode.BRAILLE)

    return widget, draw


def textual_plotext() -> tuple[Widget, Draw]:
    """Draw with textual-plotext, its limits fixed as ours are."""
    from textual_plotext import PlotextPlot

    widget: Any = PlotextPlot()

    def draw(t_s: Array, acc_mps2: Array) -> None:
        widget.plt.clear_data()
        widget.plt.ylim(-REACH_MPS2, REACH_MPS2)
        for axis, colour in enumerate(COLOURS):
            widget.plt.plot(t_s.tolist(), acc_mps2[:, axis].tolist(), color=colour, marker="braille")
        widget.refresh()

    return widget, draw


PLOTS: dict[str, Callable[[], tuple[Widget, Draw]]] = {
    "nothing": nothing,
    "ours": ours,
    "textual-plot": textual_plot,
    "textual-plotext": textual_plotext,
}

if __name__ == "__main__":
    PlotApp(*PLOTS[sys.argv[1]]()).run()
