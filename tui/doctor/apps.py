"""What to do in each app: short steps, the longer ones are in docs/connect-a-phone.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class App(StrEnum):
    """What sends, as far as its payloads and topics tell."""

    SENSOR_LOGGER = "Sensor Logger"
    PHYPHOX = "phyphox"
    SENSOR_SPOT = "Sensor Spot"
    TASMOTA = "Tasmota"
    ESPHOME = "ESPHome"
    UNKNOWN = "own program"


class Problem(StrEnum):
    """What may be wrong with a device that is heard."""

    SLOW = "too slow"
    NO_GRAVITY = "gravity removed"
    INTERRUPTED = "gaps"
    REPEATED = "samples come twice"
    LATE = "samples come late"
    NO_MOTION = "no acceleration"


_SHAPES: Final = {
    "sensor-logger": App.SENSOR_LOGGER,
    "phyphox": App.PHYPHOX,
    "android-event": App.SENSOR_SPOT,
}
_TOPICS: Final = {
    "sensor-logger": App.SENSOR_LOGGER,
    "phyphox/": App.PHYPHOX,
    "android/sensor": App.SENSOR_SPOT,
}
"""How topics begin that the apps, or our own files for them, use unless told otherwise."""

NOT_FOR_HOME: Final = (
    "it reports once in 10 s at best, far too seldom for a hand: put an own sketch on the board, 50 samples a second"
)

ADVICE: Final[Mapping[Problem, Mapping[App, str]]] = {
    Problem.SLOW: {
        App.SENSOR_LOGGER: "set the sampling rate of its sensors to 50-100 Hz; switch the phone's low-power mode off",
        App.PHYPHOX: "take the experiment that 'palmpace phyphox' writes: it asks for 50 Hz",
        App.SENSOR_SPOT: "set its sampling rate to 20000 (µs, 50 Hz): the app's own is 200000, 5 Hz",
        App.TASMOTA: NOT_FOR_HOME,
        App.ESPHOME: "stock ESPHome reports once a minute: put an own sketch on the board, 50 samples a second",
        App.UNKNOWN: "let it measure 50 times a second, and send samples in batches if the network cannot keep up",
    },
    Problem.NO_GRAVITY: {
        App.SENSOR_LOGGER: "switch on Total Acceleration (Android) or Gravity (iPhone): slow strokes show as tilt",
        App.PHYPHOX: "use the sensor 'accelerometer', not 'linear_acceleration': slow strokes show as tilt",
        App.SENSOR_SPOT: "choose the accelerometer instead of linear acceleration: slow strokes show as tilt",
        App.UNKNOWN: "send the acceleration with gravity in it: slow strokes show as tilt",
    },
    Problem.INTERRUPTED: {
        App.SENSOR_LOGGER: (
            "keep the app in front, or allow location 'Always' (iPhone); on a watch enable the heart rate sensor, "
            "which keeps it awake"
        ),
        App.PHYPHOX: "keep the app in front and the phone unlocked: a lock, a call or another app ends its stream",
        App.SENSOR_SPOT: "keep the app in front: Android may stop it 5 s after you leave it",
        App.UNKNOWN: "look at its Wi-Fi, and whether its library drops long messages (PubSubClient: 256 B)",
    },
    Problem.REPEATED: {
        App.PHYPHOX: 'each buffer is sent whole again and again: write keep="false" at each send',
        App.UNKNOWN: "it sends samples more than once; they are used once",
    },
    Problem.LATE: {
        App.SENSOR_LOGGER: "shorten the batch period of its data push; a watch is 5-10 s late by way of its phone",
        App.UNKNOWN: "send smaller batches, and look at the Wi-Fi",
    },
    Problem.NO_MOTION: {
        App.SENSOR_LOGGER: (
            "start a recording (a test message holds no motion) with Accelerometer and Gravity (iPhone) or Total "
            "Acceleration (Android) on"
        ),
        App.PHYPHOX: "take the experiment that 'palmpace phyphox' writes",
        App.SENSOR_SPOT: "choose the accelerometer among its sensors",
        App.UNKNOWN: 'send JSON as {"t": 12.34, "ax": 0.1, "ay": -0.2, "az": 9.8}, or declare it in config.toml',
    },
}


def app_of(shape: str, topic: str) -> App:
    """Tell the app from what its payload was taken for, and its topic."""
    if topic.startswith("tele/") and topic.endswith("/SENSOR"):
        return App.TASMOTA
    if "/sensor/" in topic and topic.endswith("/state"):
        return App.ESPHOME
    by_topic = (app for start, app in _TOPICS.items() if topic.startswith(start))
    return _SHAPES.get(shape) or next(by_topic, App.UNKNOWN)


def advise(problem: Problem, app: App) -> str:
    """Give what to do about a problem in an app."""
    by_app = ADVICE[problem]
    return by_app.get(app, by_app[App.UNKNOWN])
