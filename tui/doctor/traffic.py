"""What can be seen of devices in a few seconds of listening: facts, no opinion."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from paho.mqtt.client import topic_matches_sub

from sensors.decode import Decoder
from sensors.message import NS_PER_S, Message
from sensors.samples import Clock, Kind, Sensor
from sensors.source import Source
from sensors.stream import Link, Stream

POLL_S = 0.05
MAX_TOPICS = 1000
MAX_DEVICES = 256
OTHERS = "other topics"
"""The name that topics beyond `MAX_TOPICS` go by, all together."""

_EXCERPT = 60


@dataclass(frozen=True, slots=True)
class TopicSeen:
    """What came on a topic.

    Attributes
    ----------
    topic : str
    messages, payload_bytes : int
        As they came; retained ones apart.
    retained : int
        Old messages that the broker had kept.
    expected : bool
        A session listens to it.
    shapes : tuple of str
        What its payloads were taken for; empty where nothing understood them.
    readings : int
        How many a sensor's were found in them.
    rejects : mapping of str to int
        What could not be used: reason, and how often.
    excerpt : str
        The beginning of the first payload that was not understood, printable.
    """

    topic: str
    messages: int
    payload_bytes: int
    retained: int
    expected: bool
    shapes: tuple[str, ...]
    readings: int
    rejects: Mapping[str, int]
    excerpt: str


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """One device as its stream was understood.

    Attributes
    ----------
    name, topic, shape : str
    kind : Kind
    rate_hz : float or None
        By the device's own clock; None before there are two samples.
    gyroscope : bool
    unit : str or None
        Of the acceleration as sent; None while it is not told yet.
    gravity : {"included", "removed"} or None
    clock : Clock or None
    clock_offset_s, lag_s : float or None
    samples, late, duplicated, lost, resets : int
        These, and the clock's, as `sensors.stream.Link` has them.
    gap_s, duration_s, quiet_s : float
        Without samples; from the first to the last; since the last message.
    """

    name: str
    topic: str
    shape: str
    kind: Kind
    rate_hz: float | None
    gyroscope: bool
    unit: str | None
    gravity: str | None
    clock: Clock | None
    clock_offset_s: float | None
    lag_s: float | None
    samples: int
    late: int
    duplicated: int
    lost: int
    resets: int
    gap_s: float
    duration_s: float
    quiet_s: float

    @classmethod
    def of(
        cls, link: Link, *, name: str, topic: str, shape: str, kind: Kind, gyroscope: bool, quiet_s: float
    ) -> DeviceSeen:
        """Put what a stream's link tells beside what only its observer knows."""
        return cls(
            name=printable(name),
            topic=printable(topic),
            shape=shape,
            kind=kind,
            rate_hz=link.sample_rate_hz,
            gyroscope=gyroscope,
            unit=link.unit,
            gravity=link.gravity,
            clock=link.clock,
            clock_offset_s=link.clock_offset_s,
            lag_s=link.lag_s,
            samples=link.samples,
            late=link.late,
            duplicated=link.duplicated,
            lost=link.lost,
            resets=link.resets,
            gap_s=sum(gap.length_s for gap in link.gaps),
            duration_s=link.duration_s,
            quiet_s=quiet_s,
        )


@dataclass(frozen=True, slots=True)
class Traffic:
    """What came in ``seconds``, topics and devices in the order they were first heard."""

    seconds: float
    topics: tuple[TopicSeen, ...]
    devices: tuple[DeviceSeen, ...]


@dataclass(slots=True)
class _Topic:
    messages: int = 0
    payload_bytes: int = 0
    retained: int = 0
    readings: int = 0
    shapes: dict[str, None] = field(default_factory=dict)
    rejects: Counter[str] = field(default_factory=Counter)
    excerpt: str = ""


@dataclass(slots=True)
class _Device:
    topic: str
    shape: str
    kind: Kind
    stream: Stream
    heard_ns: int
    gyroscope: bool = False


def listen(
    source: Source,
    decoder: Decoder,
    seconds: float,
    *,
    sleep: Callable[[float], object],
    filters: Sequence[str],
) -> Traffic:
    """Listen for so many seconds of the source's own time, or until it ends.

    Parameters
    ----------
    source : Source
        Connected.
    decoder : Decoder
    seconds : float
    sleep : callable
        Waits between two looks.
    filters : sequence of str
        MQTT filters of what a session listens to.
    """
    arrived = source.take()
    start_ns, ears = arrived.now_ns, _Ears(decoder)
    while True:
        for message in arrived.messages:
            ears.hear(message)
        elapsed_s = (arrived.now_ns - start_ns) / NS_PER_S
        if arrived.ended or elapsed_s >= seconds:
            return ears.traffic(elapsed_s, arrived.now_ns, filters)
        sleep(min(POLL_S, seconds - elapsed_s))
        arrived = source.take()


class _Ears:
    """Counts what comes and gives it to the streams that a session would have."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._topics: dict[str, _Topic] = {}
        self._devices: dict[str, _Device] = {}

    def hear(self, message: Message) -> None:
        known = message.topic in self._topics or len(self._topics) < MAX_TOPICS
        topic = self._topics.setdefault(message.topic if known else OTHERS, _Topic())
        if message.retained:
            topic.retained += 1
            return
        topic.messages += 1
        topic.payload_bytes += len(message.payload)
        decoded = self._decoder.decode(message)
        topic.rejects.update(decoded.rejects)
        topic.readings += len(decoded.readings)
        if decoded.shape:
            topic.shapes[decoded.shape] = None
        if decoded.rejects and not decoded.readings and not topic.excerpt:
            topic.excerpt = excerpt(message.payload)
        for reading in decoded.readings:
            device = self._devices.get(reading.device)
            if device is None:
                if len(self._devices) >= MAX_DEVICES:
                    continue
                stream = Stream(reading.device, declared=self._decoder.declared(message.topic))
                device = _Device(message.topic, decoded.shape, reading.kind, stream, message.received_ns)
                self._devices[reading.device] = device
            device.heard_ns = message.received_ns
            device.gyroscope |= reading.sensor is Sensor.GYROSCOPE
            device.stream.push(reading, message.received_ns)

    def traffic(self, seconds: float, now_ns: int, filters: Sequence[str]) -> Traffic:
        for device in self._devices.values():
            device.stream.flush()
        return Traffic(
            seconds,
            tuple(_topic_seen(name, topic, filters) for name, topic in self._topics.items()),
            tuple(_device_seen(name, device, now_ns) for name, device in self._devices.items()),
        )


def _topic_seen(name: str, topic: _Topic, filters: Sequence[str]) -> TopicSeen:
    return TopicSeen(
        topic=printable(name),
        messages=topic.messages,
        payload_bytes=topic.payload_bytes,
        retained=topic.retained,
        expected=any(topic_matches_sub(each, name) for each in filters),
        shapes=tuple(topic.shapes),
        readings=topic.readings,
        rejects=topic.rejects,
        excerpt=topic.excerpt,
    )


def _device_seen(name: str, device: _Device, now_ns: int) -> DeviceSeen:
    return DeviceSeen.of(
        device.stream.link,
        name=name,
        topic=device.topic,
        shape=device.shape,
        kind=device.kind,
        gyroscope=device.gyroscope,
        quiet_s=(now_ns - device.heard_ns) / NS_PER_S,
    )


def printable(text: str) -> str:
    """Keep what a screen may show: a topic may hold control characters, and be very long."""
    return "".join(filter(str.isprintable, text[:256]))


def excerpt(payload: bytes) -> str:
    """Give the beginning of a payload: as text where it is one, else in hexadecimal digits."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(payload[: 4 * _EXCERPT])  # its end may be cut
    except UnicodeDecodeError:
        text = ""
    text = " ".join(text.split())
    if not text.isprintable() or not text:
        text = payload[: _EXCERPT // 3].hex(" ")
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
