"""One Android sensor event: ``{"type": "android.sensor.gyroscope", "values": [x, y, z], "timestamp": ns}``.

So write Sensor Spot over MQTT and SensaGram; SensorServer leaves the type out where it speaks of one sensor only. The
stamp is nanoseconds since boot, units are Android's (developer.android.com, SensorEvent). An uncalibrated sensor has
its bias behind x, y and z. Sensor Spot's places (``android.gps``) come the same way.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from sensors.decode import assemble
from sensors.decode.assemble import Decoded
from sensors.samples import Clock, Sensor, Unit

SHAPE: Final = "android-event"

UNITS: Final = {Sensor.ACCELEROMETER: Unit.MPS2, Sensor.LINEAR: Unit.MPS2, Sensor.GYROSCOPE: Unit.RADPS}

SENSORS: Final[dict[str, Sensor | None]] = {
    "accelerometer": Sensor.ACCELEROMETER,
    "accelerometer_uncalibrated": Sensor.ACCELEROMETER,
    "linear_acceleration": Sensor.LINEAR,
    "gyroscope": Sensor.GYROSCOPE,
    "gyroscope_uncalibrated": Sensor.GYROSCOPE,
    **dict.fromkeys(
        ("gps", "light", "pressure", "proximity", "temperature", "ambient_temperature", "relative_humidity")
    ),
    **dict.fromkeys(
        ("gravity", "orientation", "rotation_vector", "game_rotation_vector", "geomagnetic_rotation_vector")
    ),
    **dict.fromkeys(("magnetic_field", "magnetic_field_uncalibrated", "heart_rate", "heartrate")),
    **dict.fromkeys(("step_counter", "step_detector")),
}
"""The last part of a type, or of a topic for one sensor alone; None for those that say nothing of use here."""

_LONGEST_VECTOR: Final = 6


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    values: list[Any] = []
    timestamp: Any = None


_EVENT: Final = msgspec.json.Decoder(_Event)


def by_topic(topic: str) -> tuple[str, str]:
    """Give the device and the sensor a topic names; the topic itself and nothing where its last part is no sensor.

    A device may use a topic for each sensor: they are one device.
    """
    above, _, last = topic.rpartition("/")
    kind = last.lower().rpartition(".")[2]
    return (above or topic, kind) if kind in SENSORS else (topic, "")


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
    device, named = by_topic(topic)
    maker, _, kind = event.type.lower().rpartition(".")
    if not event.type:
        if event.timestamp is None or not _is_vector(event.values):
            return None
        maker, kind = "android", named or "accelerometer"
    sensor = SENSORS.get(kind)
    if sensor is None:
        return Decoded((), SHAPE, {}) if maker.startswith("android") else None

    rejects: Counter[str] = Counter()
    ticks, usable = assemble.stamps([event.timestamp])
    xyz = assemble.column([*event.values, None, None, None][:3]).reshape(1, 3)
    faults = assemble.sift(usable, xyz)
    assemble.count(faults, rejects)
    reading = assemble.keep(device, sensor, ticks, Clock.NS, xyz, UNITS[sensor], faults)
    return Decoded((reading,) if reading else (), SHAPE, dict(rejects))


def _is_vector(values: list[Any]) -> bool:
    """Whether it is one event's: a batch of samples may stand under the same key."""
    return 1 <= len(values) <= _LONGEST_VECTOR and not any(isinstance(value, dict | list) for value in values)
