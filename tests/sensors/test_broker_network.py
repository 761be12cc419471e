"""The broker as the network sees it: who is let in, what they may say and hear, and that it is encrypted."""

from __future__ import annotations

import re
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from rig import PATIENCE_S, needs_mosquitto, receive, wait_until

from sensors.broker import LOOPBACK, Broker, find_mosquitto, start_broker
from sensors.broker.conf import DEVICE_WRITES, OWN, hashed, touches_own
from sensors.broker.mosquitto import NO_WEBSOCKETS
from sensors.broker.ports import free_ports
from sensors.mqtt import BrokerAddress, BrokerError, MqttSource, Publisher
from sensors.topics import is_own

pytestmark = needs_mosquitto

OUTPUT = ["palmpace/left/cue", "palmpace/left/state", "palmpace/left/status", "palmpace/left/event"]
HOME_ASSISTANT = ["homeassistant/device/palmpace/config", "homeassistant/sensor/palmpace/rate/config"]
INPUT = [
    *("sensor-logger", "phyphox/acc", "android/sensor", "android/sensor/accelerometer", "palmpace/imu"),
    *("palmpace/left/imu", "palmpace/phyphox", "watch/imu", "/esp32-kit/imu6", "sensors/ACC01/data", "acc/x"),
    *("micropython/test/mpu6050", "iot-2/evt/status/fmt/json", "node/sensor/accel_x/state"),
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PALMPACE_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        with start_broker(0, network=True) as started:
            yield started


def ways_in(broker: Broker) -> dict[str, BrokerAddress]:
    """Give an address with the device's credentials for each endpoint."""
    access = broker.access
    return {
        each.scheme: BrokerAddress(
            each.host,
            each.port,
            tls=each.scheme in ("mqtts", "wss"),
            user=access.user,
            password=access.password,
            websocket="/mqtt" if each.scheme in ("ws", "wss") else None,
            ca=str(access.ca),
        )
        for each in access.endpoints
    }


@contextmanager
def listening(address: BrokerAddress, topic: str = "#") -> Iterator[list[str]]:
    """Hear every topic that the broker lets through, our own too."""
    heard: list[str] = []
    with Publisher(address, listen={topic: lambda topic, _payload, _retained: heard.append(topic)}):
        yield heard


def send(address: BrokerAddress, *topics: str) -> None:
    with Publisher(address) as publisher:
        for topic in topics:
            publisher.publish(topic, b"0")
        publisher.flush()


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((LOOPBACK, port)) == 0


def until_heard(heard: list[str], topic: str) -> None:
    wait_until(lambda: topic in heard)


# --- who is let in ---


def test_the_plain_way_in_is_the_one_shown(broker: Broker) -> None:
    plain = broker.reachable_at()
    assert plain == replace(ways_in(broker)["mqtt"], ca=None)
    assert [each.scheme for each in broker.access.endpoints] == ["mqtt", "mqtts", "ws", "wss"]
    assert len({each.port for each in broker.access.endpoints} | {broker.address.port}) == 5


def test_our_own_way_in_is_not_on_the_network(broker: Broker) -> None:
    guard = psutil.Process(broker._run._process.pid)  # type: ignore[attr-defined]
    listening_at = {
        connection.laddr.port: connection.laddr.ip
        for connection in guard.children()[0].net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening_at.pop(broker.address.port) == LOOPBACK
    assert listening_at == {each.port: "0.0.0.0" for each in broker.access.endpoints}


@pytest.mark.parametrize("scheme", ["mqtt", "mqtts", "ws", "wss"])
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # paho forgets a refused one
def test_each_way_in_wants_the_password(broker: Broker, scheme: str) -> None:
    address = ways_in(broker)[scheme]
    source = MqttSource(broker.address, ["wrist/#"])
    source.connect()
    send(address, f"wrist/{scheme}")
    assert receive(source, 1)[0].topic == f"wrist/{scheme}"
    source.close()
    for wrong in (replace(address, password="guessed"), replace(address, user="palmpace")):
        with pytest.raises(BrokerError, match="refuses user"):
            Publisher(wrong).connect()
    with pytest.raises(BrokerError, match="wants a user and a password"):
        Publisher(replace(address, user=None, password=None)).connect()


@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv31, MQTTProtocolVersion.MQTTv5])
def test_each_protocol_wants_the_password(broker: Broker, protocol: MQTTProtocolVersion) -> None:
    address = ways_in(broker)["mqtt"]
    with Publisher(address, protocol=protocol) as publisher:
        publisher.publish("wrist", b"")
        publisher.flush()
    with pytest.raises(BrokerError, match="refuses user"):
        Publisher(replace(address, password="guessed"), protocol=protocol).connect()


def empty_name(address: BrokerAddress, topic: str) -> str:
    """Log in as phyphox on iOS does, with an empty name and an empty password, and send; give the answer."""
    client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.username_pw_set("", "")
    answers: list[str] = []
    client.on_connect = lambda _client, _data, _flags, reason, _properties: answers.append(str(reason))
    client.connect(address.host, address.port)
    while not answers:
        client.loop(PATIENCE_S)
    if client.is_connected():
        sent = client.publish(topic, b"0", qos=1)
        while not sent.is_published():
            client.loop(PATIENCE_S)
    client.disconnect()
    return answers[0]


def test_an_empty_name_is_nobody(broker: Broker) -> None:
    assert empty_name(ways_in(broker)["mqtt"], "phyphox/acc") == "Not authorized"


# --- what they may say and hear ---


def test_a_device_sends_where_devices_do_and_nowhere_else(broker: Broker) -> None:
    with listening(broker.address) as heard:
        send(ways_in(broker)["mqtt"], *OUTPUT, *HOME_ASSISTANT, "$SYS/broker/version", "a/b/c", *INPUT)
        until_heard(heard, INPUT[-1])
    assert heard == INPUT


def test_a_device_hears_its_cues_and_no_other_device(broker: Broker) -> None:
    device = ways_in(broker)["mqtt"]
    with listening(device) as heard, listening(device, "$SYS/#") as heard_of_the_broker:
        send(device, *INPUT)
        send(broker.address, *INPUT, *HOME_ASSISTANT, *OUTPUT, "palmpace/left/cue")
        wait_until(lambda: heard.count("palmpace/left/cue") == 2)
    assert heard == ["palmpace/left/cue", "palmpace/left/state", "palmpace/left/status", "palmpace/left/cue"]
    assert heard_of_the_broker == []


def test_a_will_is_held_to_the_same_rights(broker: Broker) -> None:
    with listening(broker.address) as heard:
        for topic in ("palmpace/left/status", "wrist/status"):
            client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
            client.username_pw_set(broker.access.user, broker.access.password)
            client.will_set(topic, b"offline", 1)
            client.connect(LOOPBACK, broker.access.endpoints[0].port)
            while not client.is_connected():
                client.loop(PATIENCE_S)
            client._sock_close()  # without a goodbye
        until_heard(heard, "wrist/status")
    assert heard == ["wrist/status"]


def test_none_of_our_topics_is_among_those_of_devices() -> None:
    assert [topic for topic in DEVICE_WRITES if touches_own(topic)] == []
    assert all(touches_own(topic) for topic in (*OUTPUT, *HOME_ASSISTANT, "#", "+/left/#", "+/+/cue", *OWN))
    assert all(is_own(topic.replace("+", "any")) for topic in OWN)
    assert not any(is_own(topic) for topic in INPUT)


# --- what is made open on purpose ---


def test_open_topics_let_anybody_send_there_and_hear_nothing(broker: Broker) -> None:
    with start_broker(0, network=True, open_topics=("phyphox/#",), inputs=("lab/bench/imu", "#")) as opened:
        (device, nobody) = (opened.reachable_at(), replace(opened.reachable_at(), user=None, password=None))
        with listening(opened.address) as heard, listening(nobody) as heard_by_nobody:
            send(nobody, *OUTPUT, *INPUT, "phyphox/1")
            assert empty_name(nobody, "phyphox/2") == "Success"
            send(device, "lab/bench/imu", "palmpace/left/cue", "phyphox/3")
            until_heard(heard, "phyphox/3")
            send(opened.address, "palmpace/left/cue")
            until_heard(heard, "palmpace/left/cue")
        assert sorted(heard) == sorted(
            ["phyphox/acc", "phyphox/1", "phyphox/2", "lab/bench/imu", "phyphox/3", "palmpace/left/cue"]
        )
        assert heard_by_nobody == []
        with pytest.raises(BrokerError, match="refuses user"):
            Publisher(replace(device, password="guessed")).connect()
        assert "anybody in the same network may send to phyphox/#" in opened.access.notes[-1]
    assert not any("anybody" in note for note in broker.access.notes)


@pytest.mark.parametrize(
    ("topic", "say"),
    [
        ("#", "Palmpace publishes there"),
        ("+/+/cue", "Palmpace publishes there"),
        ("palmpace/left/state", "Palmpace publishes there"),
        ("a\nuser wrist\ntopic read #", "malformed"),
        ("", "malformed"),
    ],
)
def test_what_may_not_be_open_is_refused(topic: str, say: str, config_folder: Path) -> None:
    with pytest.raises(BrokerError, match=say) as told:
        start_broker(0, network=True, open_topics=(topic,))
    assert "\n" not in str(told.value)
    assert not config_folder.exists()


@pytest.mark.parametrize("topic", ["a/b/c#", "a b\nuser wrist"])
def test_a_malformed_input_is_refused(topic: str) -> None:
    with pytest.raises(BrokerError, match=r"topic filter .* is malformed"):
        start_broker(0, network=True, inputs=(topic,))


# --- encryption ---


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # paho forgets a refused one
def test_a_device_knows_us_by_the_certificate_alone(broker: Broker, tmp_path: Path) -> None:
    address = ways_in(broker)["mqtts"]
    send(replace(address, host="localhost"), "wrist")
    with pytest.raises(BrokerError, match="is not trusted"):
        Publisher(replace(address, ca=None)).connect()
    strange = tmp_path / "strange.crt"
    strange.write_text("not a certificate")
    for bad in (strange, tmp_path / "none.crt"):
        with pytest.raises(BrokerError, match=rf"{bad} cannot be read as a certificate .*: check PALMPACE_MQTT_CA"):
            Publisher(replace(address, ca=str(bad)))


# --- secrets ---


def all_in(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


def test_no_secret_stands_where_others_can_read_it(broker: Broker, capfd: pytest.CaptureFixture[str]) -> None:
    secrets = [broker.access.password, broker.address.password]
    assert all(secrets)
    with pytest.raises(BrokerError) as told:
        Publisher(replace(broker.address, user="eva")).connect()
    guard = psutil.Process(broker._run._process.pid)  # type: ignore[attr-defined]
    (child,) = guard.children()
    folder = Path(broker._run._folder.name)  # type: ignore[attr-defined]
    shown = [
        *(repr(each) for each in (broker, broker.access, broker.address, told.value)),
        str(broker.address),
        str(told.value),
        *guard.cmdline(),
        *child.cmdline(),
        *child.environ().values(),
        all_in(folder),  # hashes stand there
        *capfd.readouterr(),
    ]
    assert not [text for text in shown for secret in secrets if secret and secret in text]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.glob("*conf"), folder / "passwords"))


def test_the_program_has_another_password_at_each_start_and_devices_the_same(broker: Broker) -> None:
    with start_broker(0, network=True) as first, start_broker(0, network=True) as second:
        assert first.access.password == second.access.password
        assert first.address.password != second.address.password
    assert broker.access.password != first.access.password  # of another folder


# --- brought back ---


def test_a_killed_broker_comes_back_with_the_same_ports_and_users(broker: Broker) -> None:
    before = (broker.address, broker.access)
    for child in psutil.Process(broker._run._process.pid).children():  # type: ignore[attr-defined]
        child.kill()
    wait_until(broker.revive)
    assert (broker.address, broker.access) == before
    with listening(broker.address) as heard:
        send(ways_in(broker)["mqtts"], "palmpace/left/cue", "wrist")
        until_heard(heard, "wrist")
    assert heard == ["wrist"]


# --- without WebSockets ---


def test_a_mosquitto_without_websockets_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Broker
) -> None:
    real, shell = find_mosquitto(), shutil.which("sh")
    if shell is None:
        pytest.skip("the stand-in for mosquitto is a shell script")
    program = tmp_path / "mosquitto"
    program.write_text(
        f'#!{shell}\nif grep -q websockets "$2"; then echo "Error: Websockets support not available." >&2; exit 1; fi\n'
        f'exec {real} "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("sensors.broker.find_mosquitto", lambda: str(program))
    with start_broker(0, network=True) as without:
        assert [each.scheme for each in without.access.endpoints] == ["mqtt", "mqtts"]
        assert NO_WEBSOCKETS in without.access.notes
        send(without.reachable_at(), "wrist")
    assert NO_WEBSOCKETS not in broker.access.notes


# --- the documentation ---


def test_the_documented_access_control_list_does_what_it_says(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "network.md").read_text(encoding="utf-8")
    documented = re.search(r"```acl\n(.*?)```", text, re.DOTALL)
    assert documented
    passwords, acl, conf = (tmp_path / name for name in ("passwords", "acl", "conf"))
    passwords.write_text("".join(f"{user}:{hashed('secret')}\n" for user in ("wrist", "coach")))
    acl.write_text(documented[1])
    port = free_ports({"own": (LOOPBACK, 0)})["own"]
    conf.write_text(
        f"user root\nlistener {port} {LOOPBACK}\nallow_anonymous false\npassword_file {passwords}\nacl_file {acl}\n"
    )
    device, coach = (BrokerAddress(LOOPBACK, port, user=user, password="secret") for user in ("wrist", "coach"))
    inputs = ["sensor-logger", "phyphox/acc", "palmpace/left/imu"]
    with subprocess.Popen([find_mosquitto() or "", "-c", conf], stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: accepts(port))
        with listening(device) as heard_by_device, listening(coach) as heard_by_coach:
            send(device, *OUTPUT, *inputs)
            until_heard(heard_by_coach, inputs[-1])
            send(coach, *inputs, *OUTPUT)
            until_heard(heard_by_device, "palmpace/left/cue")
            wait_until(lambda: len(heard_by_coach) == len(inputs) + len(OUTPUT))
        process.terminate()
    assert heard_by_coach == [*inputs, *OUTPUT]
    assert heard_by_device == ["palmpace/left/cue"]
