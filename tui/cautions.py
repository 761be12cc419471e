"""When not to massage and when to stop, in the order in which it is told."""

from __future__ import annotations

from typing import Final

from tracker.safety import ASK_FIRST, CLAIM, NOT_WITH, STOP_AT

PARTS: Final = (("Do not massage with", NOT_WITH), ("Ask first", ASK_FIRST), ("Stop at", STOP_AT))


def cautions_text() -> str:
    """Give all of it as plain lines."""
    parts = ("\n".join([f"{title}:", *(f"  - {each}" for each in said)]) for title, said in PARTS)
    return "\n\n".join([CLAIM, *parts])
