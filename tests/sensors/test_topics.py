from __future__ import annotations

import pytest

from sensors.topics import OUTPUTS, is_own


@pytest.mark.parametrize("topic", [*(f"palmpace/left/{each}" for each in OUTPUTS), "homeassistant/status"])
def test_what_we_publish_is_ours(topic: str) -> None:
    assert is_own(topic)


@pytest.mark.parametrize(
    "topic",
    [
        *("palmpace/imu", "palmpace/left/imu", "palmpace/phyphox", "palmpace/state", "palmpace/a/b/state"),
        *("phyphox/left/state", "sensor-logger", "", "/palmpace/left/state", "homeassistants/status"),
    ],
)
def test_what_devices_send_is_not(topic: str) -> None:
    assert not is_own(topic)
