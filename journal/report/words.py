"""How a report writes what it tells."""

from __future__ import annotations

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def clock(seconds: float) -> str:
    """Give a time as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"


def count(n: int, noun: str) -> str:
    """Give ``1 step``, ``2 steps``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def cut(text: str, longest: int) -> str:
    """Shorten a text to so many letters; nothing where not even a word would be left."""
    text = clean(text)
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1].rstrip()}…" if longest >= 6 else ""


def clean(text: str) -> str:
    """Give a text that others wrote without what no file can hold: control characters, halves of letters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
