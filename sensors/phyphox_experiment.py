"""A ready-made experiment for the phyphox app: it streams a phone's motion to a broker.

The file format, and the header that lets the app read a file from QR codes without a network: phyphox-docs,
``file-format/network-connections.md``, ``file-format/input.md`` and ``transferring-experiments.md``.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree import ElementTree as ET

from sensors.address import BrokerAddress
from sensors.samples import Sensor

TOPIC = "phyphox/acc"
FORMAT_VERSION = "1.14"  # the first with rateStrategy
INTERVAL_S = 0.25
"""Of the messages; the app sends best effort, between two runs of its analysis."""
RATE_HZ = (5.0, 500.0)
MAGIC = b"phyphox"

_INPUTS = {Sensor.ACCELEROMETER: ("t", "ax", "ay", "az"), Sensor.GYROSCOPE: ("gt", "gx", "gy", "gz")}
_PACE = "pace"


class PhyphoxError(Exception):
    """No experiment can be made; one line that says what and what to do."""


def experiment(
    broker: BrokerAddress, *, topic: str = TOPIC, rate_hz: float = 50.0, state_topic: str | None = None
) -> bytes:
    """Write an experiment file.

    Parameters
    ----------
    broker : BrokerAddress
        Where the phone finds it. User and password go into the file, in the clear.
    topic : str
        The phone sends to it.
    rate_hz : float
        Asked of accelerometer and gyroscope, 5 to 500; the phone may give another.
    state_topic : str, optional
        Where the phone hears ``{"rate_cpm": ..}``, to show the pace.

    Returns
    -------
    bytes
        XML, UTF-8.

    Raises
    ------
    PhyphoxError
        The app cannot use such a broker, or the topic or rate is none.
    """
    _check(broker, topic, rate_hz)
    root = ET.Element("phyphox", version=FORMAT_VERSION, locale="en")
    for tag, text in (
        ("title", "Palmpace"),
        ("category", "Palmpace"),
        ("icon", "PP"),
        ("description", f"Sends this phone's motion to {broker.host}. Keep the app in front and the screen on."),
    ):
        ET.SubElement(root, tag).text = text

    containers = ET.SubElement(root, "data-containers")
    for column in (column for columns in _INPUTS.values() for column in columns):
        ET.SubElement(containers, "container", size="0").text = column  # as many as come until they are sent
    if state_topic:
        ET.SubElement(containers, "container", size="1").text = _PACE

    inputs = ET.SubElement(root, "input")
    for sensor, columns in _INPUTS.items():
        # "request" takes what the sensor gives; the other strategies repeat samples or leave some out.
        asked = {"type": sensor.value, "rate": f"{rate_hz:g}", "rateStrategy": "request"}
        if sensor is Sensor.GYROSCOPE:
            asked["ignoreUnavailable"] = "true"
        element = ET.SubElement(inputs, "sensor", asked)
        for component, column in zip("txyz", columns, strict=True):
            ET.SubElement(element, "output", component=component).text = column

    connection = ET.SubElement(ET.SubElement(root, "network"), "connection", _connection(broker, topic, state_topic))
    for column in (column for columns in _INPUTS.values() for column in columns):
        ET.SubElement(connection, "send", id=column, keep="false").text = column  # else it sends all again each time
    ET.SubElement(connection, "send", id="time", type="time")
    if state_topic:
        ET.SubElement(connection, "receive", id="rate_cpm").text = _PACE

    view = ET.SubElement(ET.SubElement(root, "views"), "view", label="Palmpace")
    if state_topic:
        _value(view, "Pace", "/min", "0", _PACE)
    for axis in "xyz":
        _value(view, f"Acceleration {axis}", "m/s²", "1", f"a{axis}")
    file: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return file


def archive(file: bytes) -> bytes:
    """Pack an experiment as the app takes it from QR codes and mail: a zip, always the same for the same file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as folder:
        entry = zipfile.ZipInfo("p.phyphox")  # of 1980: no clock is read
        entry.compress_type = zipfile.ZIP_DEFLATED
        folder.writestr(entry, file)
    return packed.getvalue()


def parts(packed: bytes, count: int) -> list[bytes]:
    """Cut an archive into what each of ``count`` QR codes holds.

    Before its share each has ``phyphox``, the CRC-32 of the whole archive (big endian), its own number from 0, and how
    many there are (transferring-experiments.md, "Offline QR-Codes").
    """
    size = -(-len(packed) // count)
    checksum = zlib.crc32(packed).to_bytes(4, "big")
    return [
        MAGIC + checksum + bytes((index, count)) + packed[index * size : (index + 1) * size] for index in range(count)
    ]


def _check(broker: BrokerAddress, topic: str, rate_hz: float) -> None:
    if broker.websocket:
        raise PhyphoxError(f"phyphox speaks no WebSocket: give the mqtt:// address of {broker.host}")
    if ":" in broker.host:
        raise PhyphoxError(f"phyphox takes no IPv6 address: give the IPv4 address or the name of {broker.host}")
    if broker.tls and not (broker.user and broker.password):
        raise PhyphoxError("phyphox needs a user and a password for mqtts://: give both, or use mqtt://")
    if not topic or "+" in topic or "#" in topic or not topic.isprintable():
        raise PhyphoxError(f"phyphox cannot send to {topic!r}: name one topic, without + and #")
    if not RATE_HZ[0] <= rate_hz <= RATE_HZ[1]:  # NaN is not either
        raise PhyphoxError(f"a rate of {rate_hz:g} Hz is of no use: choose {RATE_HZ[0]:g} to {RATE_HZ[1]:g} Hz")


def _connection(broker: BrokerAddress, topic: str, state_topic: str | None) -> dict[str, str]:
    told = {
        "id": "palmpace",
        "service": "mqtts/json" if broker.tls else "mqtt/json",
        "address": f"{broker.host}:{broker.port}",  # no scheme: the app on iOS would take it for the host
        "sendTopic": topic,
        "interval": f"{INTERVAL_S:g}",
        "conversion": "json" if state_topic else "none",
    }
    if state_topic:
        told["receiveTopic"] = state_topic
    if broker.user:
        told |= {"username": broker.user, "password": broker.password or ""}
    return told


def _value(view: ET.Element, label: str, unit: str, precision: str, container: str) -> None:
    element = ET.SubElement(view, "value", label=label, unit=unit, precision=precision)
    ET.SubElement(element, "input").text = container
