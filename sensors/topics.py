"""Our own topics: what the program publishes, so that it never takes its own words for a device's."""

from __future__ import annotations

BASE = "palmpace"
"""``palmpace/<device>/<one of OUTPUTS>`` is what we publish; ``palmpace/imu`` and ``palmpace/<device>/imu`` come in."""

OUTPUTS = ("state", "event", "cue", "summary", "status")

DISCOVERY = "homeassistant"
"""Where Home Assistant looks for new devices, and says that it has come up."""


def is_own(topic: str) -> bool:
    """Tell whether a topic is one we publish to, or Home Assistant's: no sensor speaks there."""
    first, *rest = topic.split("/")
    return first == DISCOVERY or (first == BASE and len(rest) == 2 and rest[1] in OUTPUTS)
