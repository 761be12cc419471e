"""The topics we publish to: ``palmpace/<device>/<output>``."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from sensors.topics import BASE

Output = Literal["state", "event", "cue", "summary", "status"]

LONGEST = 48
"""Characters of a device's name that its segment keeps: PubSubClient's whole packet has 256 bytes."""

_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_HASHED = re.compile(r"-[0-9a-f]{8}\Z")


def segment(device: str) -> str:
    """Make a topic's segment of a device's name, which may hold anything; no two names share one.

    A name of letters, digits, ``_`` and ``-`` is its own segment: Home Assistant allows no more in an id. Of any other
    the rest becomes ``-``, and eight digits of its hash tell it from the names that would look the same.
    """
    base = _ODD.sub("-", device)[:LONGEST].strip("-")
    if base == device and base and not _HASHED.search(device):
        return device
    digest = hashlib.blake2b(device.encode(), digest_size=4).hexdigest()
    return f"{base or 'device'}-{digest}"


def topic(device: str, output: Output) -> str:
    """Give the topic of one of a device's outputs."""
    return f"{BASE}/{segment(device)}/{output}"
