"""QR codes in a terminal: two modules to a character, dark on light whatever the terminal's theme."""

from __future__ import annotations

from pathlib import Path

import segno

QUIET = 4
"""Modules of free space around a code (ISO/IEC 18004, 9.1)."""

_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_DARK_ON_LIGHT, _USUAL = "\x1b[38;5;16;48;5;231m", "\x1b[0m"  # by number: a theme redefines the colours with names

PICTURES = (".svg", ".png")


def code_of_text(text: str, *, small: bool = False) -> segno.QRCode:
    """Make a code of an address or any other text; ``small`` for a clean screen with little room."""
    return segno.make_qr(text, error="l" if small else "m")


def code_of_bytes(payload: bytes) -> segno.QRCode:
    """Make a code that holds these bytes as they are, as small as can be.

    Raises
    ------
    ValueError
        More than the 2953 bytes that the largest code holds.
    """
    return segno.make_qr(payload, error="l", mode="byte", boost_error=False)


def fits(code: segno.QRCode, columns: int, rows: int) -> bool:
    """Tell whether a terminal of this size shows the whole code at once."""
    width, height = code.symbol_size(border=QUIET)
    return width <= columns and -(-height // 2) <= rows


def rows(code: segno.QRCode) -> list[str]:
    """Give the code's rows of characters, to be drawn dark on light."""
    modules = [list(row) for row in code.matrix_iter(border=QUIET)]
    modules += [[0] * len(modules[0])] * (len(modules) % 2)
    return [
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(modules[::2], modules[1::2], strict=True)
    ]


def lines(code: segno.QRCode) -> list[str]:
    """Give the lines to print, with their colours."""
    return [_DARK_ON_LIGHT + row + _USUAL for row in rows(code)]


def save(code: segno.QRCode, path: Path) -> None:
    """Write a code as a picture, SVG or PNG by the file's name.

    Raises
    ------
    OSError
        It cannot be written.
    """
    code.save(str(path), border=QUIET, scale=4, light="white")
