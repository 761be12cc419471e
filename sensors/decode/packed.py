"""Packed binary, by the layout a person declares: nothing in the bytes themselves tells it.

So a microcontroller sends its ring of C structs, one or a hundred in a message.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sensors.decode import plain
from sensors.decode.assemble import Decoded
from sensors.samples import Kind

SHAPE: Final = "struct"


def decode(topic: str, payload: bytes, layout: str, fields: Sequence[str]) -> Decoded:
    """Read samples one after the other.

    Parameters
    ----------
    topic : str
    payload : bytes
    layout : str
        Of a sample, for Python's `struct`.
    fields : sequence of str
        What each of its numbers is, as `Declared.fields` says.
    """
    size = struct.calcsize(layout)
    if len(payload) % size:
        return Decoded((), SHAPE, {f"declared as samples of {size} bytes: its length is no multiple of that": 1})
    columns = zip(*struct.iter_unpack(layout, payload), strict=True)
    tree = {field: list(column) for field, column in zip(fields, columns, strict=True) if field}
    return replace(plain.read(topic, tree, Kind.BOARD), shape=SHAPE)
