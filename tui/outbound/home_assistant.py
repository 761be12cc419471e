"""Home Assistant's MQTT discovery: one retained message tells it of a wrist and all that is shown of it.

The shape is that of "Device discovery payload" in the documentation of its MQTT integration
(https://www.home-assistant.io/integrations/mqtt/), since release 2024.12. Keys are written out, not abbreviated.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from sensors.topics import BASE, DISCOVERY
from tracker.motion.state import Kind
from tracker.session import Status
from tui.outbound.payloads import OFFLINE, ONLINE, PATTERNS, Outgoing
from tui.outbound.topics import segment, topic

BIRTH_TOPIC: Final = f"{DISCOVERY}/status"
BIRTH: Final = b"online"
"""What Home Assistant says when it has come up: whoever wants to be found tells of itself again."""

ID_PREFIX: Final = f"{BASE}_"

EXPIRES_S: Final = 10
"""A live value counts for this long: some states lost on the way are no end."""
CUE_EXPIRES_S: Final = 15
"""The coach repeats a cue that still holds after 12 s."""

COMPONENTS: Final[dict[str, dict[str, Any]]] = {
    "rate": {
        "platform": "sensor",
        "name": "Pace",
        "value_template": "{{ value_json.rate_cpm }}",
        "unit_of_measurement": "cpm",
        "state_class": "measurement",
        "suggested_display_precision": 1,
        "expire_after": EXPIRES_S,
        "icon": "mdi:metronome",
    },
    "cycles": {
        "platform": "sensor",
        "name": "Cycles",
        "value_template": "{{ value_json.cycles }}",
        "unit_of_measurement": "cycles",
        "state_class": "total_increasing",
        "suggested_display_precision": 0,
        "icon": "mdi:counter",
    },
    "motion": {
        "platform": "sensor",
        "name": "Motion",
        "value_template": "{{ value_json.motion }}",
        "device_class": "enum",
        "options": [kind.value for kind in Kind],
        "expire_after": EXPIRES_S,
        "icon": "mdi:hand-wave",
    },
    "in_band": {
        "platform": "binary_sensor",
        "name": "In band",
        "value_template": "{{ none if value_json.in_band is none else 'ON' if value_json.in_band else 'OFF' }}",
        "expire_after": EXPIRES_S,
        "icon": "mdi:target",
    },
    "session": {
        "platform": "sensor",
        "name": "Session",
        "value_template": "{{ value_json.session }}",
        "device_class": "enum",
        "options": [status.value for status in Status],
        "icon": "mdi:play-pause",
    },
    "step": {
        "platform": "sensor",
        "name": "Step",
        "value_template": "{{ value_json.step.name if value_json.step else none }}",
        "icon": "mdi:format-list-numbered",
    },
    "coach": {
        "platform": "sensor",
        "name": "Coach",
        "value_template": "{{ value_json.text }}",
        "expire_after": CUE_EXPIRES_S,
        "icon": "mdi:account-voice",
    },
    "cue": {
        "platform": "event",
        "name": "Cue",
        "value_template": "{{ {'event_type': value_json.cue, 'text': value_json.text} | to_json }}",
        "event_types": list(PATTERNS),
        "icon": "mdi:bell-ring",
    },
    "heard": {
        "platform": "binary_sensor",
        "name": "Wrist heard",
        "value_template": "{{ 'ON' if value_json.link.stale_s is none else 'OFF' }}",
        "device_class": "connectivity",
        "entity_category": "diagnostic",
        "expire_after": EXPIRES_S,
    },
    "sample_rate": {
        "platform": "sensor",
        "name": "Sample rate",
        "value_template": "{{ value_json.link.hz }}",
        "unit_of_measurement": "Hz",
        "device_class": "frequency",
        "state_class": "measurement",
        "suggested_display_precision": 0,
        "entity_category": "diagnostic",
        "expire_after": EXPIRES_S,
    },
    "battery": {
        "platform": "sensor",
        "name": "Battery",
        "value_template": "{{ none if value_json.link.battery is none else value_json.link.battery * 100 }}",
        "unit_of_measurement": "%",
        "device_class": "battery",
        "state_class": "measurement",
        "suggested_display_precision": 0,
        "entity_category": "diagnostic",
    },
}
"""What Home Assistant shows of a wrist, but for what differs from wrist to wrist."""

_SAID_BY_CUE: Final = frozenset({"coach", "cue"})


def config_topic(device: str) -> str:
    """Give the topic at which Home Assistant looks for a wrist."""
    return f"{DISCOVERY}/device/{_id(device)}/config"


def discovery(device: str, version: str) -> Outgoing:
    """Tell Home Assistant of a wrist.

    Parameters
    ----------
    device : str
        Its name, as in the events.
    version : str
        Ours.
    """
    body = {
        "device": {
            "identifiers": [_id(device)],
            "name": f"Palmpace {device}",
            "manufacturer": "Palmpace",
            "model": "Wrist",
            "sw_version": version,
        },
        "origin": {"name": "palmpace", "sw_version": version},
        "availability_topic": topic(device, "status"),
        "payload_available": ONLINE.decode(),
        "payload_not_available": OFFLINE.decode(),
        "components": {
            key: {
                **component,
                "unique_id": f"{_id(device)}_{key}",
                "state_topic": topic(device, "cue" if key in _SAID_BY_CUE else "state"),
            }
            for key, component in COMPONENTS.items()
        },
    }
    return Outgoing(device, config_topic(device), msgspec.json.encode(body), qos=1, retain=True)


def _id(device: str) -> str:
    return ID_PREFIX + segment(device)
