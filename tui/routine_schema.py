"""The JSON Schema of routine files: an editor that knows it completes keys and marks mistakes while one writes.

The types are those of `tracker.routine`; what each key means is told here, in a person's words.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from tracker.routine import ENDS, LONGEST_PRESS_S, MOST_STEPS, Routine

FILE: Final = "routine.schema.json"

_SOURCE = "Who says so."
_EVIDENCE = "How well it is known: 1 a trial or measurement, 2 a textbook or review, 3 tradition."
_BAND = "Pace, from and to, in full cycles (there and back, a whole turn) per minute."
_SPEED = "Speed of the hand, from and to, in cm per second: with length_cm it gives the pace."
_LENGTH = "Length of a stroke in cm, one way."
_SIZE = "From end to end of a stroke, or a circle's larger diameter, from and to, in cm."
_SECONDS = "Ends after so many seconds; while it is paused they stand."
_CYCLES = "Ends after so many cycles of its motion."
_HELD = "Ends once stillness has been held for so many seconds in all."
_RELEASE = "Ends when the person says that the spot has let go; at the latest after so many seconds of stillness."
_SAY = "What is said when it begins: what the hands do, and how it stays safe."

KEYS: Final[dict[str, dict[str, str]]] = {
    "Routine": {
        "format": "The format of this file: 1.",
        "name": "What it is called on the command line; the file has the same name. Small letters, digits, hyphens.",
        "title": "What it is called on the screen.",
        "summary": "One sentence about it.",
        "style": "The style that the steps' own targets are of, such as swedish.",
        "things": "What to have at hand.",
        "after": "What does good afterwards.",
        "often": "How often it is meant to be done.",
        "step": "The steps, in order.",
    },
    "Often": {
        "times_a_day": "So many times a day; or give times_a_week.",
        "times_a_week": "So many times a week; or give times_a_day.",
        "weeks": "For so many weeks.",
        "source": _SOURCE,
        "evidence": _EVIDENCE,
    },
    "Step": {
        "name": "What it is called on the screen.",
        "technique": "What is done, such as palm-circling; knot-circles and trigger-press are limited at one spot.",
        "motion": "What the hand has to do for it to count; any motion counts without.",
        "direction": "Which way round circles go, looking down on the back of the hand; either will do without.",
        "area": "Where, in words that the body map knows, such as 'lower back, right'.",
        "side": "The hand that works: left, right, both, or one after the other (alternate, with switch_s).",
        "switch_s": "How long each hand's turn is, in seconds, at least 5.",
        "band_cpm": _BAND,
        "speed_cm_s": _SPEED,
        "length_cm": _LENGTH,
        "own_tempo": "The pace is the person's own: what a step before it, of the same motion, has measured.",
        "calibrates": "Measures the person's own tempo; nothing is corrected meanwhile.",
        "size_cm": _SIZE,
        "seconds": _SECONDS,
        "cycles": _CYCLES,
        "held_s": _HELD,
        "until_release_s": _RELEASE,
        "say": _SAY,
        "source": f"{_SOURCE} A pace needs one.",
        "evidence": _EVIDENCE,
        "styles": "What other styles ask for instead, by name: [step.styles.deep]. Targets only, never another motion.",
    },
    "Style": {
        "band_cpm": _BAND,
        "speed_cm_s": _SPEED,
        "length_cm": _LENGTH,
        "size_cm": _SIZE,
        "seconds": _SECONDS,
        "cycles": _CYCLES,
        "held_s": _HELD,
        "until_release_s": _RELEASE,
        "say": _SAY,
        "source": _SOURCE,
        "evidence": _EVIDENCE,
    },
}
"""What each key means, by table."""

_ABOVE_0: Final = {"exclusiveMinimum": 0}
_LIMITS: Final[dict[str, dict[str, Any]]] = {
    "length_cm": _ABOVE_0,
    "seconds": _ABOVE_0,
    "cycles": _ABOVE_0,
    "held_s": _ABOVE_0 | {"maximum": LONGEST_PRESS_S},
    "until_release_s": _ABOVE_0 | {"maximum": LONGEST_PRESS_S},
}
_TOGETHER: Final[dict[str, dict[str, Any]]] = {
    "Routine": {"properties": {"format": {"const": 1}, "step": {"minItems": 1, "maxItems": MOST_STEPS}}},
    "Often": {"oneOf": [{"required": ["times_a_day"]}, {"required": ["times_a_week"]}]},
    "Style": {"properties": _LIMITS},
    "Step": {
        "properties": _LIMITS | {"switch_s": {"minimum": 5}},
        "oneOf": [{"required": [end]} for end in ENDS],
        "dependentRequired": {
            "speed_cm_s": ["length_cm"],
            "length_cm": ["speed_cm_s"],
            "switch_s": ["side"],
            "direction": ["motion"],
            "band_cpm": ["source", "evidence"],
            "held_s": ["motion"],
            "until_release_s": ["motion"],
        },
    },
}
"""What keys ask of each other, as far as a schema can say it."""


def schema() -> dict[str, Any]:
    """Give the schema; what it refuses `parse_routine` refuses too, which knows a few things more."""
    told = msgspec.json.schema(Routine)
    for name, keys in KEYS.items():
        table = told["$defs"][name]
        table.pop("description", None)
        for key, meaning in keys.items():
            table["properties"][key] = {"description": meaning} | _without_null(table["properties"][key])
        for rule, what in _TOGETHER.get(name, {}).items():
            if rule == "properties":
                for key, more in what.items():
                    table["properties"][key] |= more
            else:
                table[rule] = what
    del told["$defs"]["Kind"]["description"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A routine of Palmpace"} | told


def schema_text() -> str:
    """Give the schema as it stands in a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _without_null(of_key: dict[str, Any]) -> dict[str, Any]:
    """TOML knows no null: leaving a key out says it."""
    kept = {rule: value for rule, value in of_key.items() if rule != "anyOf" and value is not None}
    choices = [each for each in of_key.get("anyOf", ()) if each != {"type": "null"}]
    return kept | (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})
