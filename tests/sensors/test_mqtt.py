from __future__ import annotations

import gc
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion
from rig import receive, wait_until

from sensors import mqtt
from sensors.broker import LOOPBACK, find_mosquitto, start_broker
from sensors.message import COMMAND_TOPIC, Message
from sensors.mqtt import BrokerAddress, BrokerError, MqttSource, Publisher, epoch_clock

# paho forgets to close the socket of a handshake that failed; `refusal` collects it while this holds.
forgotten_tls_socket = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed: install it to run this test"
)


def parse(url: str, **environ: str) -> BrokerAddress:
    return BrokerAddress.parse(url, environ)


# --- addresses ---


@pytest.mark.parametrize(
    ("url", "expected", "shown"),
    [
        ("mqtt://host", BrokerAddress("host", 1883), "mqtt://host:1883"),
        ("mqtts://host/", BrokerAddress("host", 8883, tls=True), "mqtts://host:8883"),
        ("mqtt://10.0.0.7:1884", BrokerAddress("10.0.0.7", 1884), "mqtt://10.0.0.7:1884"),
        ("mqtt://[::1]:99", BrokerAddress("::1", 99), "mqtt://[::1]:99"),
        ("mqtt://[fe80::1]", BrokerAddress("fe80::1", 1883), "mqtt://[fe80::1]:1883"),
        ("mqtt://eva@host", BrokerAddress("host", 1883, user="eva"), "mqtt://eva@host:1883"),
        (
            "mqtt://e%40x:p%3Aa%2Fs@host",
            BrokerAddress("host", 1883, user="e@x", password="p:a/s"),
            "mqtt://e%40x@host:1883",
        ),
    ],
)
def test_an_address_is_read_from_a_url(url: str, expected: BrokerAddress, shown: str) -> None:
    address = parse(url)
    assert address == expected
    assert str(address) == shown
    assert parse(shown) == BrokerAddress(address.host, address.port, address.tls, address.user)


def test_user_and_password_come_from_the_environment_where_the_url_has_none() -> None:
    environ = {"PALMPACE_MQTT_USER": "eva", "PALMPACE_MQTT_PASSWORD": "secret"}
    assert parse("mqtt://host", **environ) == BrokerAddress("host", 1883, user="eva", password="secret")
    assert parse("mqtt://ute@host", **environ).user == "ute"
    assert parse("mqtt://ute@host", **environ).password == "secret"
    assert parse("mqtt://ute:own@host", **environ).password == "own"
    assert parse("mqtt://host", PALMPACE_MQTT_PASSWORD="secret").password is None


def test_no_printed_form_of_an_address_shows_the_password() -> None:
    address = parse("mqtt://eva:secret@host")
    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    ("url", "say"),
    [
        ("localhost:1883", "begin it with mqtt://"),
        ("http://host", "begin it with mqtt://"),
        ("", "begin it with mqtt://"),
        ("mqtt://", "mqtt://host:port"),
        ("mqtt://:1883", "mqtt://host:port"),
        ("mqtt://host:0", "mqtt://host:port"),
        ("mqtts://host/topic", "mqtts://host:port"),
        ("mqtt://host:port", "malformed"),
        ("mqtt://host:99999", "malformed"),
        ("mqtt://[::1", "malformed"),
    ],
)
def test_a_bad_address_is_told_in_one_line(url: str, say: str) -> None:
    with pytest.raises(BrokerError, match=say) as told:
        parse(url)
    assert repr(url) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["eva:secret@host", "http://eva:secret@host", "mqtt://eva:secret@host:x", "mqtt://eva:secret/@host"],
)
def test_a_bad_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(BrokerError, match="host'") as told:
        parse(url) if "host:x" not in url else parse(url.replace("host:x", "x:host"))
    assert "secret" not in str(told.value)


# --- stamps and the queue ---


def arrived(topic: bytes = b"wrist", payload: bytes = b"", *, retain: bool = False) -> MQTTMessage:
    message = MQTTMessage(topic=topic)
    message.payload = payload
    message.retain = retain
    return message


def quiet_source(clock_ns: Callable[[], int] | None = None) -> MqttSource:
    """A source that is never connected: what it is to hear is handed to its callback."""
    return MqttSource(BrokerAddress(LOOPBACK, 1), ["wrist"], clock_ns=clock_ns)


def test_messages_are_stamped_at_arrival() -> None:
    ticks = iter([100, 105, 105, 140, 150])
    source = quiet_source(lambda: next(ticks))
    for payload in (b"a", b"b"):
        source._on_message(source._link.client, None, arrived(payload=payload))
    arrivals = source.take()
    assert [message.received_ns for message in arrivals.messages] == [100, 105]
    assert (arrivals.now_ns, arrivals.ended) == (105, False)
    source._on_message(source._link.client, None, arrived(b"wrist/left", b"c", retain=True))
    assert source.take().messages == [Message("wrist/left", b"c", 140, retained=True)]


def test_no_message_is_stamped_before_the_look_it_came_after() -> None:
    source = quiet_source()
    number, threads = 3000, []

    def arrive() -> None:
        for _ in range(number):
            source._on_message(source._link.client, None, arrived())

    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(3):
            thread = threading.Thread(target=arrive)
            thread.start()
            threads.append(thread)
        found: list[Message] = []
        before_ns = 0
        while len(found) < 3 * number:
            arrivals = source.take()
            assert all(before_ns <= each.received_ns <= arrivals.now_ns for each in arrivals.messages)
            before_ns = arrivals.now_ns
            found += arrivals.messages
    finally:
        sys.setswitchinterval(switch_s)
        for thread in threads:
            thread.join()
    assert [each.received_ns for each in found] == sorted(each.received_ns for each in found)


def test_the_clock_tells_the_epoch_and_ignores_a_step_of_the_time_of_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock_ns = epoch_clock()
    before_ns = clock_ns()
    assert abs(before_ns - time.time_ns()) < 60 * 10**9
    real_ns = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() - 3600 * 10**9)
    assert before_ns <= clock_ns() < before_ns + 60 * 10**9


def test_a_full_queue_drops_what_comes_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "MAX_WAITING_BYTES", 1000)
    source = quiet_source()
    for payload in (b"x" * 300, b"", b"y" * 200, b"z"):
        source._on_message(source._link.client, None, arrived(payload=payload))
    assert [message.payload for message in source.take().messages] == [b"x" * 300, b""]
    assert source.status().endswith("2 messages dropped, they came too fast")
    source._on_message(source._link.client, None, arrived(payload=b"x" * 300))  # room again
    assert len(source.take().messages) == 1


def test_no_device_speaks_on_a_topic_of_ours_or_on_none() -> None:
    source = quiet_source()
    for topic in (COMMAND_TOPIC.encode(), b"$SYS/uptime", b"\xff\xfe"):
        source._on_message(source._link.client, None, arrived(topic))
    assert source.take().messages == []


@pytest.mark.parametrize("topic", ["", "a/#/b", "a#", "a/b+", "#/a"])
def test_a_malformed_topic_filter_is_told(topic: str) -> None:
    with pytest.raises(BrokerError, match=r"topic filter .* is malformed"):
        MqttSource(BrokerAddress(LOOPBACK, 1), ["wrist", topic])


# --- brokers that cannot be used ---


@contextmanager
def silent_server(greeting: bytes = b"") -> Iterator[int]:
    """A server that is no broker: it accepts, greets, and says nothing more."""
    with socket.create_server((LOOPBACK, 0)) as server:
        clients = []

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                clients.append(client)
                client.sendall(greeting)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for client in clients:
            client.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refusal(address: BrokerAddress, timeout_s: float = 5.0) -> str:
    said = []
    for client in (MqttSource(address, ["wrist"]), Publisher(address)):
        with pytest.raises(BrokerError) as told:
            client.connect(timeout_s)
        said.append(str(told.value))
        del told
    gc.collect()
    assert said[0] == said[1]
    assert "\n" not in said[0]
    return said[0]


def test_no_broker_at_the_address() -> None:
    port = free_port()
    assert refusal(BrokerAddress(LOOPBACK, port)) == (
        f"no broker answers at mqtt://127.0.0.1:{port}: start one, or check address and network"
    )


@pytest.mark.parametrize("host", ["palmpace.invalid", "a..b"])
def test_a_host_that_does_not_exist(host: str) -> None:
    assert refusal(BrokerAddress(host, 1883)) == f"no host is named {host!r}: check the name and the network"


def test_a_server_that_is_no_broker() -> None:
    with silent_server() as port:
        assert "does not answer as an MQTT broker: check the port" in refusal(BrokerAddress(LOOPBACK, port), 0.2)


@forgotten_tls_socket
def test_a_server_without_tls() -> None:
    with silent_server(b"220 hello\r\n") as port:
        assert "does not speak TLS" in refusal(BrokerAddress(LOOPBACK, port, tls=True))


@contextmanager
def mosquitto_with(folder: Path, *lines: str) -> Iterator[int]:
    """A mosquitto with a configuration of our own, on loopback."""
    port = free_port()
    conf = folder / "mosquitto.conf"
    conf.write_text("\n".join([f"listener {port} {LOOPBACK}", "user root", *lines, ""]))
    program = find_mosquitto()
    assert program is not None
    with subprocess.Popen([program, "-c", str(conf)], stderr=subprocess.DEVNULL) as process:

        def accepts() -> bool:
            assert process.poll() is None
            with socket.socket() as client:
                return client.connect_ex((LOOPBACK, port)) == 0

        wait_until(accepts)
        yield port
        process.terminate()


@needs_mosquitto
@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="mosquitto_passwd is not installed")
def test_wrong_and_right_passwords(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "eva", "secret"], check=True)
    with mosquitto_with(tmp_path, "allow_anonymous false", f"password_file {passwords}") as port:
        said = refusal(BrokerAddress(LOOPBACK, port, user="eva", password="guessed"))
        assert said == f"mqtt://eva@127.0.0.1:{port} refuses user 'eva': check the name and the password"
        said = refusal(BrokerAddress(LOOPBACK, port))
        assert said == (
            f"mqtt://127.0.0.1:{port} wants a user and a password: set PALMPACE_MQTT_USER and PALMPACE_MQTT_PASSWORD"
        )
        with Publisher(BrokerAddress(LOOPBACK, port, user="eva", password="secret")) as publisher:
            publisher.publish("wrist", b"")
            publisher.flush()


@needs_mosquitto
@forgotten_tls_socket
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: it makes the certificate")
def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    about = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(
        ["openssl", "req", *kind, *about, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    with mosquitto_with(tmp_path, "allow_anonymous true", f"keyfile {key}", f"certfile {certificate}") as port:
        address = BrokerAddress(LOOPBACK, port, tls=True)
        assert f"the certificate of mqtts://127.0.0.1:{port} is not trusted: " in refusal(address)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Publisher(address) as publisher:
            publisher.publish("wrist", b"")
            publisher.flush()


# --- a real broker ---


@needs_mosquitto
@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_messages_go_through_mosquitto(protocol: MQTTProtocolVersion) -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["wrist/#", "$SYS/#"], protocol=protocol)
        assert source.status() == f"not connected to {broker.address}"
        with Publisher(broker.address, "tester", protocol=protocol) as publisher:
            publisher.publish("wrist/old", b"kept", retain=True)
            publisher.flush()
            source.connect()
            for i in range(300):
                publisher.publish(f"wrist/{i % 2}", b"%d" % i)
            publisher.flush()
        assert source.status() == f"connected to {broker.address}"
        found = receive(source, 301)
        source.close()
    assert [(each.topic, each.payload, each.retained) for each in found] == [
        ("wrist/old", b"kept", True),
        *((f"wrist/{i % 2}", b"%d" % i, False) for i in range(300)),
    ]
    assert all(isinstance(each.payload, bytes) for each in found)
    assert abs(found[-1].received_ns - time.time_ns()) < 60 * 10**9


@needs_mosquitto
@pytest.mark.skipif(shutil.which("mosquitto_pub") is None, reason="mosquitto_pub is not installed")
def test_another_client_is_heard() -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["sensor-logger"])
        source.connect()
        command = ["mosquitto_pub", "-h", LOOPBACK, "-p", str(broker.address.port), "-t", "sensor-logger"]
        subprocess.run([*command, "-s"], input=b'{"payload": []}\n\x00', check=True)
        subprocess.run([*command, "-n", "-q", "1"], check=True)
        assert [each.payload for each in receive(source, 2)] == [b'{"payload": []}\n\x00', b""]
        source.close()


@needs_mosquitto
def test_a_source_and_a_publisher_outlive_their_broker() -> None:
    """The broker is killed in the middle of a stream and comes back; both take the connection up again."""
    now_ns = [0]
    broker = start_broker(0, "mosquitto")
    address = broker.address
    source = MqttSource(address, ["wrist"], clock_ns=lambda: now_ns[0])
    source.connect()
    with Publisher(address) as publisher:
        publisher.publish("wrist", b"before")
        publisher.flush()
        receive(source, 1)

        now_ns[0] = 5 * 10**9
        for child in psutil.Process().children(recursive=True):
            if child.name() == "mosquitto":
                child.send_signal(signal.SIGKILL)
        broker.close()
        wait_until(lambda: "lost" in source.status() and "lost" in publisher.status())
        now_ns[0] = 17_900_000_000
        assert source.status() == f"connection to {address} lost 12 s ago, trying again"
        publisher.publish("wrist", b"meanwhile")
        with pytest.raises(BrokerError, match=r"1 messages are not acknowledged: connection to .* lost"):
            publisher.flush(0.01)

        with start_broker(address.port, "mosquitto") as broker:
            assert broker.address == address
            wait_until(lambda: source.status() == f"connected to {address}")
            wait_until(lambda: publisher.status() == f"connected to {address}")
            publisher.publish("wrist", b"after")
            publisher.flush()
            assert receive(source, 1)[-1].payload == b"after"
            source.close()


def test_what_cannot_be_published_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "MAX_UNSENT", 3)
    publisher = Publisher(BrokerAddress(LOOPBACK, free_port()))  # never connected
    with pytest.raises(BrokerError, match="cannot publish to 'wrist/#'"):
        publisher.publish("wrist/#", b"")
    publisher.flush(0.0)  # it is not waited for
    for _ in range(3):
        publisher.publish("wrist", b"")
    with pytest.raises(BrokerError, match="3 messages wait for mqtt://"):
        publisher.publish("wrist", b"")
    with pytest.raises(BrokerError, match="3 messages are not acknowledged: not connected"):
        publisher.flush(0.0)
