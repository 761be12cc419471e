"""What a device puts on the wire: messages in the shapes of real apps, at a real device's pace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import numpy as np

from sensors.message import NS_PER_S, Message
from sensors.samples import Array
from sensors.simulate.device import Simulation

ANDROID_BOOT_S = 93_784.0
"""How long the simulated Android has been up when the session starts: its events count from boot."""

AXES = ("ax", "ay", "az", "gx", "gy", "gz")

FORMATS = {
    "sensor-logger": "sensor-logger",
    "phyphox": "phyphox/acc",
    "android-event": "android/sensor",
    "plain": "palmpace/imu",
}
"""Formats and the topic each is sent to unless told otherwise."""


def messages(
    simulation: Simulation,
    *,
    format: str = "sensor-logger",
    topic: str | None = None,
    start_ns: int,
    device_id: str = "simulated-wrist",
) -> Iterator[Message]:
    """Put a simulation on the wire.

    One message per batch (``Device.batch_s``) that holds samples, arriving at the batch's end plus the
    latency. ``android-event`` sends one message per sensor event, as it happens. Only ``sensor-logger`` tells
    the ``device_id`` in its payload.

    Parameters
    ----------
    simulation : Simulation
    format : str
        One of `FORMATS`.
    topic : str, optional
        The format's own unless given.
    start_ns : int
        Start of the session on the receiver's clock, nanoseconds since the epoch.
    device_id : str

    Raises
    ------
    ValueError
        On an unknown format, at once.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}: expected {', '.join(FORMATS)}")
    topic = FORMATS[format] if topic is None else topic
    if format == "android-event":
        return _events(simulation, topic, start_ns)
    return _batches(simulation, format, topic, start_ns, device_id)


def _batches(simulation: Simulation, name: str, topic: str, start_ns: int, device_id: str) -> Iterator[Message]:
    device = simulation.device
    session_id = str(uuid.UUID(int=simulation.seed % 2**122, version=4))
    clock_s = _device_s(simulation)
    stamps_ns = start_ns + np.rint(clock_s * NS_PER_S).astype(np.int64)
    columns = _columns(simulation)
    batch = device.batch(simulation.t_s)
    numbers, first = np.unique(batch, return_index=True)
    for number, begin, end in zip(numbers.tolist(), first, [*first[1:], len(batch)], strict=True):
        part = slice(begin, end)
        if name == "sensor-logger":
            body: dict[str, Any] = {
                # A lost batch leaves a hole in the numbers, as a lost message does.
                "messageId": number,
                "sessionId": session_id,
                "deviceId": device_id,
                "payload": _sensor_logger(stamps_ns[part], columns[part]),
            }
        else:
            key, time_decimals, decimals = ("t", 5, (4, 5)) if name == "phyphox" else ("t_s", 3, (3, 3))
            body = {key: np.round(clock_s[part], time_decimals).tolist()}
            for k, axis in enumerate(AXES[: columns.shape[1]]):
                body[axis] = np.round(columns[part, k], decimals[k // 3]).tolist()
        sent_s = min((number + 1) * device.batch_s, simulation.seconds) + device.latency_s
        yield Message(topic, msgspec.json.encode(body), start_ns + round(sent_s * NS_PER_S))


def _sensor_logger(stamps_ns: np.ndarray, columns: Array) -> list[dict[str, Any]]:
    sensors = [("totalacceleration", np.round(columns[:, :3], 4).tolist())]
    if columns.shape[1] > 3:
        sensors.append(("gyroscope", np.round(columns[:, 3:], 5).tolist()))
    return [
        {"name": name, "time": stamp, "values": dict(zip("xyz", xyz[k], strict=True)), "accuracy": 3}
        for k, stamp in enumerate(stamps_ns.tolist())
        for name, xyz in sensors
    ]


def _events(simulation: Simulation, topic: str, start_ns: int) -> Iterator[Message]:
    stamps_ns = np.rint((_device_s(simulation) + ANDROID_BOOT_S) * NS_PER_S).astype(np.int64).tolist()
    arrivals_ns = np.rint((simulation.t_s + simulation.device.latency_s) * NS_PER_S).astype(np.int64).tolist()
    sensors = [("accelerometer", simulation.acc_mps2)]
    if simulation.gyro_radps is not None:
        sensors.append(("gyroscope", simulation.gyro_radps))
    for k, (stamp_ns, arrival_ns) in enumerate(zip(stamps_ns, arrivals_ns, strict=True)):
        for sensor, values in sensors:
            # Android's values are single precision, printed in full.
            xyz = [float(str(v)) for v in values[k].astype(np.float32)]
            event = {"type": f"android.sensor.{sensor}", "timestamp": stamp_ns, "values": xyz}
            yield Message(topic, msgspec.json.encode(event), start_ns + arrival_ns)


def _device_s(simulation: Simulation) -> Array:
    """Sample times by the device's clock, seconds since the session's start by the receiver's."""
    device = simulation.device
    return simulation.t_s * (1 + device.clock_drift_ppm * 1e-6) + device.clock_offset_s


def _columns(simulation: Simulation) -> Array:
    if simulation.gyro_radps is None:
        return simulation.acc_mps2
    return np.hstack([simulation.acc_mps2, simulation.gyro_radps])


def publish(
    messages: Iterable[Message],
    send: Callable[[str, bytes], None],
    *,
    clock: Callable[[], int],
    sleep: Callable[[float], object],
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Send each message when it is due, and tell how many were sent.

    Due times are absolute (``Message.received_ns``): delays never add up, the next message just waits less.

    Parameters
    ----------
    messages : iterable of Message
    send : callable
        Takes topic and payload.
    clock : callable
        Now, in nanoseconds on the scale of ``received_ns``.
    sleep : callable
        Waits for seconds; ``threading.Event.wait`` can be woken.
    stopped : callable
        Asked before and after every wait; ``threading.Event.is_set``.
    """
    sent = 0
    for message in messages:
        if stopped():
            break
        wait_ns = message.received_ns - clock()
        if wait_ns > 0:
            sleep(wait_ns / NS_PER_S)
            if stopped():
                break
        send(message.topic, message.payload)
        sent += 1
    return sent
