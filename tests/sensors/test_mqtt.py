from __future__ import annotations

import gc
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTProtocolVersion
from rig import mosquitto_at, needs_mosquitto, receive, wait_until

from sensors import mqtt
from sensors.broker import LOOPBACK, find_mosquitto, start_broker
from sensors.inbox import InboxParams
from sensors.message import COMMAND_TOPIC, Message
from sensors.mqtt import BrokerAddress, BrokerError, MqttSource, Publisher, Will, epoch_clock

# paho forgets to close the socket of a handshake that failed; `refusal` collects it while this holds.
forgotten_tls_socket = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")


# --- stamps and the queue ---


def arrived(topic: bytes = b"wrist", payload: bytes = b"", *, retain: bool = False) -> MQTTMessage:
    message = MQTTMessage(topic=topic)
    message.payload = payload
    message.retain = retain
    return message


def quiet_source(clock_ns: Callable[[], int] = lambda: 0, inbox: InboxParams = InboxParams()) -> MqttSource:
    """A source that is never connected: what it is to hear is handed to its callback."""
    return MqttSource(BrokerAddress(LOOPBACK, 1), ["wrist"], clock_ns=clock_ns, inbox=inbox)


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
    source = quiet_source(epoch_clock())
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


def test_what_is_too_much_is_dropped_and_told() -> None:
    source = quiet_source(inbox=InboxParams(burst=2))
    for topic in (b"wild", b"wild", b"wild", b"calm", b"wild"):
        source._on_message(source._link.client, None, arrived(topic))
    assert [message.topic for message in source.take().messages] == ["wild", "wild", "calm"]
    assert source.dropped() == {"wild": 2}
    assert source.status().endswith("; 2 messages dropped, wild sends too fast")
    for topic in (b"calm", b"calm"):
        source._on_message(source._link.client, None, arrived(topic))
    assert source.status().endswith("; 3 messages dropped, wild and 1 more topics sends too fast")


def test_no_device_speaks_on_a_topic_of_ours_or_on_none() -> None:
    source = quiet_source()
    for topic in (COMMAND_TOPIC.encode(), b"$SYS/uptime", b"\xff\xfe", b"palmpace/left/state", b"homeassistant/status"):
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


@pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning")  # as with TLS
def test_a_server_without_websockets() -> None:
    with silent_server(b"HTTP/1.1 404 Not Found\r\n\r\n") as port:
        assert "does not speak WebSocket" in refusal(BrokerAddress(LOOPBACK, port, websocket="/mqtt"))


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


@pytest.fixture
def trying_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "RETRY_S", (0.05, 0.1))


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
@pytest.mark.usefixtures("trying_often")
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
        mosquitto_at(address.port).kill()
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
            # What waited may have been sent before we listened again.
            wait_until(lambda: b"after" in [message.payload for message in source.take().messages])
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


@needs_mosquitto
@pytest.mark.usefixtures("trying_often")
def test_a_publisher_lost_leaves_its_will_and_one_that_is_closed_none() -> None:
    heard: list[tuple[str, bytes, bool]] = []
    with start_broker(0, "mosquitto") as broker:
        with Publisher(broker.address, listen={"#": lambda *each: heard.append(each)}) as listener:
            lost = Publisher(broker.address, will=Will("device/status", b"offline"))
            closed = Publisher(broker.address, will=Will("closed/status", b"offline"))
            for publisher in (closed, lost):
                publisher.connect()
            closed.close()
            lost._link.client._sock_close()  # without a goodbye
            wait_until(lambda: bool(heard))
            lost.close()
            listener.publish("end", b"")
            wait_until(lambda: heard[-1][0] == "end")
        assert heard == [("device/status", b"offline", False), ("end", b"", False)]
        later: list[tuple[str, bytes, bool]] = []
        with Publisher(broker.address, listen={"device/#": lambda *each: later.append(each)}):
            wait_until(lambda: later == [("device/status", b"offline", True)])


@needs_mosquitto
def test_a_publisher_hears_what_it_asked_for_and_answers_from_there() -> None:
    heard: list[str] = []

    def answer(topic: str, payload: bytes, _retained: bool) -> None:
        heard.append(topic)
        publisher.publish("answer", payload)
        raise ValueError("a mistake of the listener's")

    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["answer"])
        source.connect()
        publisher = Publisher(broker.address, listen={"ask/+": answer, "other": lambda *_: heard.append("other")})
        with publisher, Publisher(broker.address) as asking:
            for i in range(3):
                asking.publish(f"ask/{i}", b"%d" % i)
            asking.publish("other", b"")
            assert [message.payload for message in receive(source, 3)] == [b"0", b"1", b"2"]
            wait_until(lambda: len(heard) == 4)
        source.close()
    assert heard == ["ask/0", "ask/1", "ask/2", "other"]


@needs_mosquitto
@pytest.mark.usefixtures("trying_often")
def test_a_publisher_says_something_at_each_connection() -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["birth"])
        source.connect()

        def connected() -> None:
            publisher.publish("birth", b"", qos=0)
            raise ValueError("a mistake of the hook's")

        publisher = Publisher(broker.address, on_connected=connected)
        with publisher:
            receive(source, 1)
            publisher._link.client._sock_close()
            receive(source, 1)
        source.close()


@needs_mosquitto
def test_quality_of_service_0_is_not_waited_for_nor_kept() -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["state"])
        source.connect()
        publisher = Publisher(broker.address)
        publisher.publish("state", b"lost", qos=0)
        publisher.publish("state", b"kept")
        with publisher:
            publisher.publish("state", b"now", qos=0)
            publisher.publish("state", b"end")
            publisher.flush()
        assert sorted(message.payload for message in receive(source, 3)) == [b"end", b"kept", b"now"]
        source.close()


@contextmanager
def deaf_proxy(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A way to a broker that, once told, keeps its connections open and passes nothing more on."""
    deaf = threading.Event()
    with socket.create_server((LOOPBACK, 0)) as server:
        opened: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def carry(here: socket.socket, there: socket.socket) -> None:
            with suppress(OSError):
                while (some := here.recv(4096)) and not deaf.is_set():
                    there.sendall(some)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    behind = socket.create_connection((LOOPBACK, port))
                    opened.extend((client, behind))
                    for pair in ((client, behind), (behind, client)):
                        threads.append(threading.Thread(target=carry, args=pair))
                        threads[-1].start()

        serving = threading.Thread(target=serve)
        serving.start()
        yield server.getsockname()[1], deaf
        server.shutdown(socket.SHUT_RDWR)
        serving.join()
        for each in opened:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in threads:
            thread.join()


@needs_mosquitto
@pytest.mark.usefixtures("trying_often")
def test_a_connection_that_is_open_on_our_side_alone_is_noticed() -> None:
    with start_broker(0, "mosquitto") as broker, deaf_proxy(broker.address.port) as (port, deaf):
        source = MqttSource(BrokerAddress(LOOPBACK, port), ["wrist"], keepalive_s=1)
        source.connect()
        deaf.set()
        wait_until(lambda: "lost" in source.status())
        deaf.clear()
        wait_until(lambda: source.status().startswith("connected"))
        with Publisher(broker.address) as publisher:
            publisher.publish("wrist", b"")
            publisher.flush()
        receive(source, 1)
        source.close()


@needs_mosquitto
def test_nobody_can_take_our_name_from_us() -> None:
    """Two that share a name throw each other out for ever; we have none, and the broker gives us one of its own."""
    with socket.create_server((LOOPBACK, 0)) as server:
        heard: list[bytes] = []

        def hear() -> None:
            with server.accept()[0] as client:
                heard.append(client.recv(4096))

        thread = threading.Thread(target=hear)
        thread.start()
        source = MqttSource(BrokerAddress(LOOPBACK, server.getsockname()[1]), ["wrist"])
        with pytest.raises(BrokerError, match="does not answer"):
            source.connect(0.2)
        thread.join()
    assert heard[0][-2:] == b"\x00\x00"  # CONNECT ends with the length of the client's name (MQTT 3.1.1, 3.1.3.1)


def test_a_public_broker_is_not_asked_for_everything() -> None:
    with pytest.raises(BrokerError, match=r"topic filter '#' on test\.mosquitto\.org would listen to strangers"):
        MqttSource(BrokerAddress("test.mosquitto.org", 1883), ["wrist", "#"])
