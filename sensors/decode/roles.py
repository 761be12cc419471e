"""What keys, column heads, topics and SenML names stand for: one vocabulary for everything people name themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sensors.samples import Clock, Unit

ACCELERATION: Final = ("ax", "ay", "az")
ROTATION: Final = ("gx", "gy", "gz")
BARE: Final = ("x", "y", "z")
AXES: Final = frozenset({*ACCELERATION, *ROTATION})

CLOCKS: Final = {
    "t_s": Clock.S,
    "ms": Clock.MS,
    "us": Clock.US,
    "ns": Clock.NS,
    "t": Clock.AUTO,
    "ts": Clock.AUTO,
    "time": Clock.AUTO,
    "timestamp": Clock.AUTO,
    "count": Clock.COUNT,
}
"""Roles that are time stamps. The first that holds numbers is taken: a known unit before a guess."""
ACC_CLOCKS: Final = {"at": Clock.AUTO, **CLOCKS, "gt": Clock.AUTO}
GYRO_CLOCKS: Final = {"gt": Clock.AUTO, **CLOCKS, "at": Clock.AUTO}
"""A sensor's own stamps before those of the sample, and another sensor's before none."""
ALL_CLOCKS: Final = frozenset(ACC_CLOCKS)
OWN_CLOCKS: Final = ALL_CLOCKS - CLOCKS.keys()

_UNITS: Final = {
    "unit": {
        **dict.fromkeys(("m/s2", "m/s^2", "m/s²", "mps2"), Unit.MPS2),
        **dict.fromkeys(("gal", "cm/s2", "cm/s^2", "cm/s²"), Unit.GAL),
        "g": Unit.G,
        "mg": Unit.MG,
        "raw": Unit.RAW,
    },
    "gyro_unit": {
        "rad/s": Unit.RADPS,
        **dict.fromkeys(("deg/s", "°/s", "dps"), Unit.DEGPS),
        "raw": Unit.RAW,
    },
}

_VECTORS: Final = {
    "a": ("acc", "accg", "accel", "acceleration", "accelerometer", "accelerationincludinggravity"),
    "g": ("gyr", "gyro", "gyroscope", "rotationrate"),
}
_OTHER_VECTORS: Final = frozenset(
    [
        *("mag", "magn", "magnetometer", "magneticfield", "compass", "gravity", "orientation", "attitude", "rotation"),
        *("rotationvector", "euler", "quaternion", "angle", "angles", "position", "velocity", "gps", "location"),
    ]
)


def _aliases() -> dict[str, str]:
    roles = {role: role for role in (*BARE, *CLOCKS, "gt", "device", "id", "unit", "gyro_unit")}
    del roles["count"]
    for sensor, names in _VECTORS.items():
        roles |= dict.fromkeys(names, sensor)  # the whole vector under one key
        for axis in BARE:
            roles |= dict.fromkeys((f"{name}{axis}" for name in (sensor, *names)), sensor + axis)
            roles |= dict.fromkeys((f"{axis}{name}" for name in names), sensor + axis)
            roles |= dict.fromkeys((f"{name}{axis}axis" for name in names), sensor + axis)
        for clock in ("t", "time", "timestamp"):  # stamps of its own
            roles |= dict.fromkeys((f"{name}{clock}" for name in names), f"{sensor}t")
    roles |= {f"{name}{axis}": f"g{axis}" for name in ("gy", "gyc") for axis in BARE}
    for unit in ("ms", "us", "ns"):
        roles |= {f"{name}{unit}": unit for name in ("t", "ts", "time", "timestamp", "ticks", "uptime", "epoch")}
    roles |= {"millis": "ms", "micros": "us", "idx": "count", "seq": "count"}
    roles |= dict.fromkeys(("secondselapsed", "time_s", "timestamp_s", "uptime_s", "epoch_s"), "t_s")
    roles |= dict.fromkeys(("deviceid", "dev", "devid", "clientid", "mac"), "device")
    return roles | {"accunit": "unit", "gyrounit": "gyro_unit"}


_ROLES: Final = _aliases()
_DROPPED: Final = str.maketrans("", "", "_- .")
_PARTS: Final = re.compile(r"[^/:._\- ]+")
_SEPARATORS: Final = "/:._- "
_LONGEST_NAME: Final = 256


def role_of(key: str) -> str | None:
    """Tell what a key, or a column's name, stands for; None for one of no use here."""
    role = _ROLES.get(key)
    if role is None:
        key = key.lower()
        role = _ROLES.get(key) or _ROLES.get(key.translate(_DROPPED))
    return role


def unit_of(role: str, text: object) -> Unit:
    """Tell which unit a text names; AUTO where it is none of that role's, ``unit`` or ``gyro_unit``."""
    return _UNITS[role].get(text.strip().lower(), Unit.AUTO) if isinstance(text, str) else Unit.AUTO


def has_gravity(key: str) -> bool:
    """Whether a name says outright that gravity is in it: phyphox users' ``AccG_X``, a browser's long one."""
    return key.lower().startswith(("accg", "accelerationincludinggravity"))


def is_other_vector(key: str) -> bool:
    """Whether a name is that of a quantity which has an x, y and z too, and is neither of ours."""
    return key.lower().translate(_DROPPED) in _OTHER_VECTORS


@lru_cache(maxsize=512)
def of_name(name: str) -> tuple[str, str] | None:
    """Tell whose and which value the end of a topic, or of a SenML name, speaks of.

    Returns
    -------
    tuple of str, or None
        The name without that end, and the role of the end: an axis or a stamp. ``esp/acc/x`` is ``ax`` of ``esp``,
        ``esp/sensor/imu_accel_x/state`` (ESPHome) that of ``esp/sensor/imu``.
    """
    if len(name) > _LONGEST_NAME:
        return None
    parts = list(_PARTS.finditer(name.removesuffix("/state").lower()))
    for first in range(max(0, len(parts) - 3), len(parts)):
        role = _ROLES.get("".join(part.group() for part in parts[first:]))
        if role in BARE and (not first or parts[first - 1].group() not in _OTHER_VECTORS):
            role = f"a{role}"
        if role in AXES or role in ALL_CLOCKS:
            return name[: parts[first].start()].rstrip(_SEPARATORS), role
    return None
