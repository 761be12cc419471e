"""A table of figures beside their targets, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """Figures, ready to be read.

    Attributes
    ----------
    title : str
    head : tuple of str
        Names of the columns; the first names the rows, and is aligned to the left.
    rows : list of tuple of str
        As many cells each as the head.
    notes : list of str
        How it was measured, a paragraph each.
    """

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str] = field(default_factory=list)

    def markdown(self, level: int = 2) -> str:
        """Render it, cells padded so that it can be read in a terminal too."""
        cells = [tuple(cell.replace("|", r"\|") for cell in row) for row in (self.head, *self.rows)]
        widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
        rule = tuple("-" * width if at == 0 else "-" * (width - 1) + ":" for at, width in enumerate(widths))
        lines = [_line(row, widths) for row in (cells[0], rule, *cells[1:])]
        return "\n\n".join([f"{'#' * level} {self.title}", "\n".join(lines), *self.notes]) + "\n"


def verdict(met: bool | None) -> str:
    """Say in words whether a target is met; a figure without a target has no verdict."""
    return {True: "pass", False: "miss", None: ""}[met]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return f"| {first[0]:<{first[1]}} | " + " | ".join(f"{cell:>{width}}" for cell, width in others) + " |"
