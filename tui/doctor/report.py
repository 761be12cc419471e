"""The checks as text for a person, 80 columns wide, or as JSON lines."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import msgspec

from tui.doctor.checks import Check, Observation

WIDTH = 80
_LABEL = 18
_SIGNS = {"ok": "✓ ok", "warn": "! warn", "fail": "✗ fail"}


def as_text(checks: Sequence[Check]) -> list[str]:
    """Give the lines of the report: topics and devices as headings, what to do below what was found."""
    lines: list[str] = []
    about = ""
    for check in checks:
        if check.about != about:
            about = check.about
            lines += textwrap.wrap(about, WIDTH)
        label = f"{_SIGNS[check.state]:6}  {check.name}"
        lines += _hanging(f"{label:{_LABEL}}", check.found)
        for advice in check.advice:
            lines += _hanging(" " * _LABEL + "> ", advice)
    return [*lines, _verdict(checks)]


def as_json(seen: Observation, checks: Sequence[Check]) -> list[str]:
    """Give a line for each check, topic and device, each with what it is under ``line``."""
    traffic = seen.traffic
    parts: list[tuple[str, object]] = [("check", each) for each in checks]
    parts += [("topic", each) for each in (traffic.topics if traffic else ())]
    parts += [("device", each) for each in (traffic.devices if traffic else ())]
    return [msgspec.json.encode({"line": line, **msgspec.to_builtins(part)}).decode() for line, part in parts]


def _hanging(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label), break_on_hyphens=False)


def _verdict(checks: Sequence[Check]) -> str:
    bad = sum(check.state == "fail" for check in checks)
    doubtful = sum(check.state == "warn" for check in checks)
    if not bad and not doubtful:
        return "all is well"
    parts = [f"{number} {word}" for number, word in ((bad, "failed"), (doubtful, "to look at")) if number]
    return f"{len(checks)} checks: {', '.join(parts)}"
