"""How plots are drawn: one look for all, on paper and on screens, for every kind of eye; the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar
from warnings import catch_warnings, filterwarnings
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from journal.report.words import clean, clock

# Blue, vermilion, green and purple are those that colour-blind eyes tell apart (Okabe and Ito 2008); whatever they say
# is said by a shape, a hatching or a line's width too, for print.
PAPER, INK, FAINT, RULE = "#ffffff", "#1b2529", "#5d6b70", "#d5dcde"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#a8487f"
BAND = "#cde6dc"
SHADES: Final = ("#d6e6f2", "#9cc3e0", "#4f93c4", "#0b5c94")
"""From little to much."""
DARK: Final = {
    PAPER: "#141c20",
    INK: "#dbe6e4",
    FAINT: "#93a4a6",
    RULE: "#2f3d43",
    BLUE: "#6cb8ec",
    VERMILION: "#ff9152",
    GREEN: "#4fcfa6",
    PURPLE: "#e6a1c8",
    BAND: "#22463f",
    SHADES[0]: "#22394a",
    SHADES[1]: "#2f5f82",
    SHADES[2]: "#4b94c6",
    SHADES[3]: "#8fd0ff",
}
"""What stands for each colour where the reader's screen is dark."""
STYLE: Final[dict[Any, Any]] = {
    "axes.edgecolor": FAINT,
    "axes.facecolor": PAPER,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.8,
    "legend.columnspacing": 1.3,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "path.simplify_threshold": 0.4,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "palmpace",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}
WIDE_IN = 8.0
"""Width of a plot over time: that of a page."""
PNG_DPI = 150
XML: Final = '<?xml version="1.0" encoding="utf-8"?>\n'

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Plot:
    """One plot.

    Attributes
    ----------
    name : str
        Of its file, without the ending.
    title : str
    says : str
        What it shows and where its numbers come from.
    alt : str
        What is to be seen on it, for who does not see it.
    figure : Figure
    """

    name: str
    title: str
    says: str
    alt: str
    figure: Figure

    def __post_init__(self) -> None:
        # Laid out once: a second time, as for another format, it would come out a hair differently.
        with _styled():
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def svg(self, *, dark: bool = False) -> str:
        """Give it as SVG; with ``dark`` it follows the colours of the reader's screen."""
        with _styled():
            file = io.StringIO()
            self.figure.savefig(
                file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        attributes, _, inner = (
            file.getvalue().partition("<svg ")[2].partition(">")
        )  # what precedes names a DTD on the web
        told = f"<title>{escape(clean(self.title))}</title><desc>{escape(clean(self.alt))}</desc>"
        style = f"<style>@media (prefers-color-scheme: dark) {{{_dark_rules()}}}</style>" if dark else ""
        return f'{XML}<svg role="img" {attributes}>{told}{style}{inner}'

    def png(self) -> bytes:
        """Give it as PNG."""
        with _styled():
            file = io.BytesIO()
            self.figure.savefig(file, format="png", dpi=PNG_DPI, metadata={"Software": None})
        return file.getvalue()


def drawn(draw: Callable[P, T]) -> Callable[P, T]:
    """Let a function draw in our style, whatever another program's settings are."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> T:
        with _styled():
            return draw(*args, **kwargs)

    return styled


def clock_axis(axes: Axes, end_s: float) -> None:
    """Let the horizontal axis, in seconds, read as minutes."""
    axes.set_xlim(0, max(end_s, 1.0))
    step_s = next((each for each in (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600) if end_s / each <= 10), 7200)
    axes.set_xticks([step_s * n for n in range(int(end_s // step_s) + 1)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t_s, _: clock(t_s)))


@contextmanager
def _styled() -> Iterator[None]:
    # What a person has set for matplotlib is not to change our plots.
    with mpl.rc_context(), catch_warnings():
        filterwarnings("ignore", message="Glyph")  # a letter that our font has not; the reader's may
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def _dark_rules() -> str:
    rules = []
    for light, dark in DARK.items():
        rules.append(f'[style*="fill: {light}"]{{fill:{dark}!important}}')
        rules.append(f'[style*="stroke: {light}"]{{stroke:{dark}!important}}')
    return "".join(rules)
