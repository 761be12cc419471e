"""Times as a person types them."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,8}(?:[.,]\d{1,3})?)")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*%")


def parse_time(text: str, now_s: float, total_s: float) -> float:
    """Read a place in a recording: ``90``, ``1:30``, ``1:02:03``, ``50%``; ``+10`` and ``-10`` from where it stands.

    Parameters
    ----------
    text : str
    now_s : float
        Where it stands.
    total_s : float
        The recording's length, for a percentage; a time beyond it is its end, one before 0 its beginning.

    Raises
    ------
    ValueError
        It is none of these; the message is one line for a person.
    """
    typed = text.strip()
    percent = _PERCENT.fullmatch(typed)
    if percent is not None:
        place_s = total_s * _number(percent[1]) / 100
    else:
        sign = typed[:1] if typed[:1] in ("+", "-") else ""
        clock = _CLOCK.fullmatch(typed.removeprefix(sign).strip())
        if clock is None:
            raise ValueError(f"{typed!r} is no time" if typed else "type a time")
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2] or 0), _number(clock[3])
        if (clock[2] and seconds >= 60) or (clock[1] and minutes >= 60):
            raise ValueError(f"{typed!r} has more than 59 seconds or minutes")
        place_s = 3600.0 * hours + 60.0 * minutes + seconds
        place_s = {"": place_s, "+": now_s + place_s, "-": now_s - place_s}[sign]
    return min(max(0.0, place_s), total_s)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
