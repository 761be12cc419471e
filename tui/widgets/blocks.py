"""Large letters out of half blocks, to be read from the floor two metres away."""

from __future__ import annotations

GLYPH_HEIGHT_PX = 7

# Seven rows of a dot matrix, most significant bit to the left; the width follows from the widest row.
_ROWS = {
    "0": "0e 11 11 11 11 11 0e",
    "1": "2 6 2 2 2 2 7",
    "2": "0e 11 01 06 08 10 1f",
    "3": "0e 11 01 06 01 11 0e",
    "4": "02 06 0a 12 1f 02 02",
    "5": "1f 10 1e 01 01 11 0e",
    "6": "0e 10 10 1e 11 11 0e",
    "7": "1f 01 02 04 04 04 04",
    "8": "0e 11 11 0e 11 11 0e",
    "9": "0e 11 11 0f 01 01 0e",
    "A": "0e 11 11 1f 11 11 11",
    "B": "1e 11 11 1e 11 11 1e",
    "C": "0e 11 10 10 10 11 0e",
    "D": "1e 11 11 11 11 11 1e",
    "E": "1f 10 10 1e 10 10 1f",
    "F": "1f 10 10 1e 10 10 10",
    "G": "0e 11 10 17 11 11 0e",
    "H": "11 11 11 1f 11 11 11",
    "I": "7 2 2 2 2 2 7",
    "J": "07 02 02 02 02 12 0c",
    "K": "11 12 14 18 14 12 11",
    "L": "10 10 10 10 10 10 1f",
    "M": "11 1b 15 15 11 11 11",
    "N": "11 19 15 15 13 11 11",
    "O": "0e 11 11 11 11 11 0e",
    "P": "1e 11 11 1e 10 10 10",
    "Q": "0e 11 11 11 15 12 0d",
    "R": "1e 11 11 1e 14 12 11",
    "S": "0f 10 10 0e 01 01 1e",
    "T": "1f 04 04 04 04 04 04",
    "U": "11 11 11 11 11 11 0e",
    "V": "11 11 11 11 11 0a 04",
    "W": "11 11 11 15 15 1b 11",
    "X": "11 11 0a 04 0a 11 11",
    "Y": "11 11 0a 04 04 04 04",
    "Z": "1f 01 02 04 08 10 1f",
    "—": "00 00 00 1f 00 00 00",
    "▲": "00 08 1c 3e 7f 00 00",
    "▼": "00 00 7f 3e 1c 08 00",
    "▶": "08 0c 0e 0f 0e 0c 08",
    "■": "00 1f 1f 1f 1f 1f 00",
    "◯": "1c 22 41 41 41 22 1c",
    "∘": "0 0 2 5 2 0 0",
    "≡": "00 1f 00 1f 00 1f 00",
    "✕": "00 11 0a 04 0a 11 00",
    "↺": "1d 23 47 40 41 22 1c",
    "⇄": "000 044 0c6 1ff 0c6 044 000",
    "»": "00 48 24 12 24 48 00",
    "✓": "00 01 02 44 28 10 00",
    "?": "0e 11 01 06 04 00 04",
    ".": "0 0 0 0 0 0 1",
    ":": "0 0 1 0 1 0 0",
    " ": "0 0 0 0 0 0 0",
}
_SPACE_WIDTH_PX = 3
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def _glyph(character: str) -> list[list[bool]]:
    rows = [int(row, 16) for row in _ROWS.get(character.upper(), _ROWS[" "]).split()]
    width = max(rows).bit_length() or _SPACE_WIDTH_PX
    return [[bool(row >> bit & 1) for bit in reversed(range(width))] for row in rows]


def height(scale: int) -> int:
    """Rows of the terminal that letters of this scale take."""
    return (GLYPH_HEIGHT_PX * scale + 1) // 2


def width(text: str, scale: int) -> int:
    """Columns of the terminal that ``text`` takes."""
    return scale * (sum(len(_glyph(c)[0]) + 1 for c in text) - 1) if text else 0


def fitting(text: str, columns: int, rows: int) -> int:
    """Give the largest scale at which ``text`` fits; 0 where none does."""
    scale = 0
    while height(scale + 1) <= rows and width(text, scale + 1) <= columns:
        scale += 1
    return scale


def draw(text: str, scale: int) -> list[str]:
    """Draw ``text`` in capitals, ``scale`` columns to a dot; a cell holds two dots on end."""
    glyphs = [_glyph(c) for c in text]
    dots = [
        [dot for i, glyph in enumerate(glyphs) for dot in ([False] if i else []) + glyph[y] for _ in range(scale)]
        for y in range(GLYPH_HEIGHT_PX)
        for _ in range(scale)
    ]
    if len(dots) % 2:
        dots.append([False] * len(dots[0]))
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(dots[::2], dots[1::2], strict=True)
    ]
