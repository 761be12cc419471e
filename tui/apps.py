"""What to do in each app to connect it: the fewest steps, the long ones are in docs/connect-a-phone.md."""

from __future__ import annotations

from dataclasses import dataclass

from sensors.phyphox_experiment import TOPIC as PHYPHOX_TOPIC
from tui.doctor.apps import App
from tui.hub import DEFAULT_TOPICS


@dataclass(frozen=True, slots=True)
class Guide:
    """One app.

    Attributes
    ----------
    app : App
    name : str
    runs_on : str
    topic : str
        What it sends to unless told otherwise; for an own program one that will do.
    steps : tuple of str
    """

    app: App
    name: str
    runs_on: str
    topic: str
    steps: tuple[str, ...]

    def topic_on(self, offered: str) -> str:
        """Give the topic to enter, where ``offered`` is the one that a session shows (`tui.runner.Connection`)."""
        return self.topic if offered == DEFAULT_TOPICS[0] else offered


GUIDES = (
    Guide(
        App.SENSOR_LOGGER,
        "Sensor Logger",
        "iPhone, Android, Apple Watch",
        "sensor-logger",
        (
            "Gear icon on the Logger page, MQTT: enter the values above; Use TLS off, Enable MQTT Publish on.",
            "Sensors on, 50 to 100 Hz: Gyroscope, on iPhone Accelerometer and Gravity, on Android Total Acceleration.",
            "Start a recording: the app streams while it records.",
        ),
    ),
    Guide(
        App.PHYPHOX,
        "phyphox",
        "iPhone, Android",
        PHYPHOX_TOPIC,
        (
            "In another terminal: palmpace phyphox. It shows a QR code that holds all values above.",
            "Scan it from phyphox's main menu, agree to what will be sent, and start the measurement.",
            "Keep the app in front and the phone unlocked.",
        ),
    ),
    Guide(
        App.SENSOR_SPOT,
        "Sensor Spot",
        "Android",
        "android/sensor",
        (
            "Enter the values above in place of its own broker, where anybody can read what your phone sends.",
            "Set the sampling rate to 20000 (µs between samples, 50 Hz): its own 200000 is 5 Hz, too slow.",
            "Choose the accelerometer, not linear acceleration, and the gyroscope; start, and keep it in front.",
        ),
    ),
    Guide(
        App.UNKNOWN,
        "Own board",
        "or program",
        "palmpace/imu",
        (
            'Publish JSON 50 times a second: {"t": 12.34, "ax": 0.1, "ay": -0.2, "az": 9.8}',
            "Gravity stays in; t counts s, ms, µs or ns. A gyroscope's gx, gy, gz are welcome.",
            "A slow network: send lists of 10 to 25 samples. No retain. PubSubClient: setBufferSize().",
        ),
    ),
)

SCAN = "The QR code here holds all values above."
"""The first step for phyphox where the screen shows the experiment's code."""
