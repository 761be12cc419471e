"""The experiment file for phyphox: what the app reads in it, and what comes back is what our decoder reads."""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree import ElementTree as ET

import pytest

from sensors.address import BrokerAddress
from sensors.phyphox_experiment import PhyphoxError, archive, experiment, parts

HOME = BrokerAddress("192.168.1.5", 1883)
GUARDED = BrokerAddress("192.168.1.5", 1883, user="wrist", password='a"<&é')


def connection(file: bytes) -> ET.Element:
    found = ET.fromstring(file).find("network/connection")
    assert found is not None
    return found


def test_every_buffer_is_declared_filled_and_sent_once() -> None:
    root = ET.fromstring(experiment(HOME, rate_hz=100))
    assert root.attrib["version"] == "1.14"
    containers = {each.text: each.attrib["size"] for each in root.iter("container")}
    assert containers == dict.fromkeys(("t", "ax", "ay", "az", "gt", "gx", "gy", "gz"), "0")
    assert {each.text for each in root.iter("output")} == containers.keys()
    sends = list(root.iter("send"))
    assert {each.attrib["id"]: each.text for each in sends if "keep" in each.attrib} == {
        name: name for name in containers
    }
    assert all(each.attrib["keep"] == "false" for each in sends if each.attrib["id"] != "time")
    assert [each.attrib["type"] for each in sends if each.attrib["id"] == "time"] == ["time"]
    sensors = {each.attrib["type"]: each.attrib for each in root.iter("sensor")}
    assert {each["rate"] for each in sensors.values()} == {"100"}
    assert {each["rateStrategy"] for each in sensors.values()} == {"request"}
    assert "ignoreUnavailable" not in sensors["accelerometer"]
    assert sensors["gyroscope"]["ignoreUnavailable"] == "true"


def test_the_connection_is_as_the_app_wants_it() -> None:
    plain = connection(experiment(HOME, topic="phyphox/left"))
    assert plain.attrib == {
        "id": "palmpace",
        "service": "mqtt/json",
        "address": "192.168.1.5:1883",
        "sendTopic": "phyphox/left",
        "interval": "0.25",
        "conversion": "none",
    }
    told = connection(experiment(GUARDED, state_topic="palmpace/+/state"))
    assert (told.attrib["username"], told.attrib["password"]) == ("wrist", 'a"<&é')
    assert (told.attrib["receiveTopic"], told.attrib["conversion"]) == ("palmpace/+/state", "json")
    receive = told.find("receive")
    assert receive is not None
    assert (receive.attrib["id"], receive.text) == ("rate_cpm", "pace")
    secure = connection(experiment(BrokerAddress("pi.local", 8883, tls=True, user="a", password="b")))
    assert (secure.attrib["service"], secure.attrib["address"]) == ("mqtts/json", "pi.local:8883")


@pytest.mark.parametrize(
    ("broker", "change", "words"),
    [
        (BrokerAddress("pi", 80, websocket="/mqtt"), {}, "no WebSocket"),
        (BrokerAddress("::1", 1883), {}, "no IPv6"),
        (BrokerAddress("pi", 8883, tls=True), {}, "user and a password"),
        (HOME, {"topic": ""}, "name one topic"),
        (HOME, {"topic": "phyphox/#"}, "name one topic"),
        (HOME, {"topic": "a\x00"}, "name one topic"),
        (HOME, {"rate_hz": 1.0}, "5 to 500 Hz"),
        (HOME, {"rate_hz": float("nan")}, "5 to 500 Hz"),
        (HOME, {"rate_hz": float("inf")}, "5 to 500 Hz"),
    ],
)
def test_what_the_app_cannot_use_is_refused(broker: BrokerAddress, change: dict[str, object], words: str) -> None:
    with pytest.raises(PhyphoxError, match=words):
        experiment(broker, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_parts_for_qr_codes_give_the_file_back(count: int) -> None:
    file = experiment(GUARDED)
    packed = archive(file)
    assert archive(file) == packed
    cut = parts(packed, count)
    assert [part[:7] for part in cut] == [b"phyphox"] * count
    assert [int.from_bytes(part[7:11], "big") for part in cut] == [zlib.crc32(packed)] * count
    assert [(part[11], part[12]) for part in cut] == [(k, count) for k in range(count)]
    assert len({len(part) for part in cut[:-1]}) <= 1
    with zipfile.ZipFile(io.BytesIO(b"".join(part[13:] for part in cut))) as folder:
        (name,) = folder.namelist()
        assert name.endswith(".phyphox")
        assert folder.read(name) == file


def test_one_qr_code_holds_it() -> None:
    assert len(parts(archive(experiment(GUARDED, state_topic="palmpace/+/state")), 1)[0]) < 1000
