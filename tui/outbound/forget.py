"""Takes back what stands at a broker after our sessions, Home Assistant's devices among it."""

from __future__ import annotations

import secrets
from threading import Event as Flag

from paho.mqtt.enums import MQTTProtocolVersion

from sensors.address import BrokerAddress, BrokerError
from sensors.mqtt import Publisher
from sensors.topics import BASE, DISCOVERY
from tui.outbound.home_assistant import ID_PREFIX


def forget(
    address: BrokerAddress,
    *,
    protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    timeout_s: float = 5.0,
) -> list[str]:
    """Remove every retained message of ours; run it while no session publishes.

    An empty retained message removes the one before (MQTT 3.1.1, 3.3.1.3). At its config topic it also makes Home
    Assistant delete the device and all that belongs to it.

    Returns
    -------
    list of str
        The topics that are free now.

    Raises
    ------
    BrokerError
        The broker cannot be used, or does not answer in time.
    """
    found: set[str] = set()
    all_seen = Flag()
    marker = f"{BASE}/{secrets.token_hex(6)}/event"

    def hear(topic: str, payload: bytes, retained: bool) -> None:
        ours = not topic.startswith(DISCOVERY) or topic.split("/")[2].startswith(ID_PREFIX)
        if retained and payload and ours:
            found.add(topic)

    listen = {
        f"{BASE}/+/status": hear,
        f"{BASE}/+/summary": hear,
        f"{DISCOVERY}/device/+/config": hear,
        marker: lambda *_: all_seen.set(),
    }
    with Publisher(address, protocol=protocol, listen=listen) as publisher:
        # The broker sends what is retained when we subscribe: so before this, which comes back.
        publisher.publish(marker, b"")
        if not all_seen.wait(timeout_s):
            raise BrokerError(f"{address} does not answer: nothing was removed; try again")
        for topic in found:
            publisher.publish(topic, b"", retain=True)
        publisher.flush(timeout_s)
    return sorted(found)
