"""One Android sensor event: ``{"type": "android.sensor.gyroscope", "values": [x, y, z], "timestamp": ns}``.

So write Sensor Spot over MQTT and SensaGram; the stamp is nanoseconds since boot, units are Android's
(developer.android.com, SensorEvent).
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from sensors.decode import assemble
from sensors.decode.assemble import Decoded
from sensors.samples import Clock, Sensor, Unit

SHAPE: Final = "android-event"

_SENSORS: Final = {
    "accelerometer": (Sensor.ACCELEROMETER, Unit.MPS2),
    "linear_acceleration": (Sensor.LINEAR, Unit.MPS2),
    "gyroscope": (Sensor.GYROSCOPE, Unit.RADPS),
}


class _Event(msgspec.Struct, gc=False):
    type: str
    values: list[Any] = []
    timestamp: Any = None


_EVENT: Final = msgspec.json.Decoder(_Event)


def decode(topic: str, payload: bytes) -> Decoded | None:
    """Read an event; None where the payload is none. Those of other sensors hold no reading.

    Raises
    ------
    ValueError, RecursionError
        Not JSON, or nested without end.
    """
    try:
        event = _EVENT.decode(payload)
    except msgspec.ValidationError:
        return None
    maker, _, kind = event.type.lower().rpartition(".")
    if kind not in _SENSORS:
        return Decoded((), SHAPE, {}) if maker.startswith("android") else None
    sensor, unit = _SENSORS[kind]
    # A phone may use a topic for each sensor: they are one device.
    above, _, last = topic.rpartition("/")
    device = above if above and last.lower() == kind else topic

    rejects: Counter[str] = Counter()
    ticks, usable = assemble.stamps([event.timestamp])
    xyz = assemble.column([*event.values, None, None, None][:3]).reshape(1, 3)
    faults = assemble.sift(usable, xyz)
    assemble.count(faults, rejects)
    reading = assemble.keep(device, sensor, ticks, Clock.NS, xyz, unit, faults)
    return Decoded((reading,) if reading else (), SHAPE, dict(rejects))
