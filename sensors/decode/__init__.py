"""What devices and apps write, told apart by its shape: `decode` gives a message's readings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from sensors.declared import Declared
from sensors.decode import android_event, plain, sensor_logger
from sensors.decode.assemble import EMPTY, Decoded
from sensors.message import Message

__all__ = ["LARGEST_BYTES", "Decoded", "Decoder", "decode"]

LARGEST_BYTES: Final = 1 << 20
"""A second of a phone and a watch is 61 kB; beyond this a message is a camera picture, or an attack."""


def decode(message: Message) -> Decoded:
    """Read a message by the shape of its payload, whatever its topic.

    Never raises: what cannot be read is named and counted in ``Decoded.rejects``.
    """
    payload = message.payload
    if len(payload) > LARGEST_BYTES:
        return Decoded((), "", {f"larger than {LARGEST_BYTES / 1e6:.1f} MB": 1})
    if not payload.strip():
        return Decoded((), "", {EMPTY: 1})
    try:
        return _by_shape(message.topic, payload)
    except (ValueError, RecursionError):
        pass
    try:  # NaN, Infinity and 1e999 are no JSON, yet common: as null they cost their sample, not the message
        return _by_shape(message.topic, msgspec.json.encode(json.loads(payload)))
    except (ValueError, RecursionError):
        return Decoded((), "", {"not JSON": 1})


class Decoder:
    """Reads a session's messages one after the other: by their shape, or as a person declared their topic.

    Parameters
    ----------
    declared : sequence of Declared
        The first that matches a topic counts.
    """

    def __init__(self, declared: Sequence[Declared] = ()) -> None:
        self._declared = tuple(declared)

    def decode(self, message: Message) -> Decoded:
        """Read a message; never raises."""
        return decode(message)

    def declared(self, topic: str) -> Declared | None:
        """Give what was said of a topic."""
        return next((each for each in self._declared if each.matches(topic)), None)


def _by_shape(topic: str, payload: bytes) -> Decoded:
    decoded = None
    if b'"payload"' in payload:
        decoded = sensor_logger.decode(topic, payload)
    elif b'"values"' in payload:
        decoded = android_event.decode(topic, payload)
    return decoded or plain.decode(topic, payload)
