"""Draws with ASCII alone, for terminals and fonts without the other signs: a sign's place and weight are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_UNKNOWN = "?"

_SIGNS = {
    "'": "‘’‚′´",
    '"': "“”„″▀▔▘▝",
    "*": "•×✱★☆✳⏎↵",
    "-": "‐‑‒–—―−─━┄┅┈┉╌╍╴╶╸╺╼╾➖",
    "|": "│┃┆┇┊┋╎╏╵╷╹╻╽╿❘❙❚▏▎▍▌▐▕║",
    "=": "═≡↔⇄",
    "+": "┼╋╪╬┌┐└┘├┤┬┴╭╮╰╯┏┓┗┛┣┫┳┻╔╗╚╝╠╣╦╩╒╓╕╖╘╙╛╜╞╟╡╢╤╥╧╨┍┎┑┒┕┖┙┚┝┞┟┠┡┢┥┦┧┨┩┪┭┮┯┰┱┲┵┶┷┸┹┺┽┾┿╀╁╂╃╄╅╆╇╈╉╊╫✚➕±◆▒",
    "#": "█▉▊▋▛▜▙▟▇▆▅■◼⬛▮",
    ":": "░∶⁝▚▞",
    "_": "▁▂▃▄▖▗‗",
    "o": "○◯◦∘◎□◻▫☐",
    "O": "●⬤◉⏺",
    "/": "╱⁄",
    "\\": "╲",
    "X": "╳✗✘✕✖☒",
    "v": "✓✔↓▼▽▾▿⏷⌄☑",
    "^": "↑▲△▴▵⏶⌃⇅⇵↕",
    ">": "→▶▷▸▹►▻⏵❯›»⇒➜➤⟩≥",
    "<": "←◀◁◂◃◄◅⏴❮‹«⇐⟨≤",
    "(": "↺⟲◜◟",
    ")": "↻⟳◝◞",
    "~": "≈≃≅∿〜≋",
    "!": "⚠‼❗",
    "%": "‰▓",
    ".": "…‥·∙⋅",
    "S": "⇧",
    "B": "⌫",
    "T": "⇥",
    "d": "°",
    "u": "µμ",
    "2": "²",
    "3": "³",
    "1": "¹",
    "e": "✎✏✐",
    "&": "♥♡❤",
    "n": "♪♫",
    " ": "\u00a0\u2002\u2003\u2007\u2009\u202f\u2800",
}
"""What is drawn instead of which signs."""

_ROWS, _LEFT, _RIGHT = 4, 0b01000111, 0b10111000
_ROW_OF_BIT = (0, 1, 2, 0, 1, 2, 3, 3)  # of a braille sign's dots, from the lowest bit on
_BRAILLE = range(0x2800, 0x2900)


def _braille(dots: int) -> str:
    """Give the sign whose ink lies most like these dots."""
    if not dots:
        return " "
    left = [row for bit, row in enumerate(_ROW_OF_BIT) if dots & _LEFT & 1 << bit]
    right = [row for bit, row in enumerate(_ROW_OF_BIT) if dots & _RIGHT & 1 << bit]
    rows = left + right
    if len(rows) >= 7:
        return "#"
    if max(rows) - min(rows) >= _ROWS // 2:
        if not left or not right:
            return "|"
        lean = sum(left) / len(left) - sum(right) / len(right)
        if abs(lean) < 1:
            return "#" if len(rows) > _ROWS else "|" if len({*left} & {*right}) > 1 else ":"
        return "/" if lean > 0 else "\\"
    height = sum(rows) / len(rows)
    if height < 1:
        return '"' if left and right else "'"
    if height > 2:
        return "_" if left and right else "."
    return "-"


_TABLE = {sign: to for to, signs in _SIGNS.items() for sign in signs} | {
    chr(code): _braille(code - _BRAILLE.start) for code in _BRAILLE
}


@lru_cache(16384)
def to_ascii(text: str) -> str:
    """Translate text into ASCII that is as many cells wide; what has no likeness becomes ``?``."""
    if text.isascii():
        return text
    width = cell_len(text)
    drawn = "".join(letter if letter.isascii() else _drawn(letter) for letter in text)
    # Signs that are joined to one are narrower than their parts.
    return drawn if cell_len(drawn) == width else drawn[:width].ljust(width)


@lru_cache(4096)
def _drawn(letter: str) -> str:
    width = cell_len(letter)
    plain = _TABLE.get(letter)
    if plain is None:
        bare = unicodedata.normalize("NFKD", letter)  # "é" is an e with something on top
        plain = "".join(part for part in bare if part.isascii() and part.isprintable()) or _UNKNOWN
    return plain[:width].ljust(width, plain[-1])


class AsciiFilter(LineFilter):
    """Puts ASCII in the place of all other signs that are drawn."""

    def apply(self, segments: Sequence[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Translate a line's segments; control codes stay as they are."""
        return [segment if segment.control else Segment(to_ascii(segment.text), segment.style) for segment in segments]
