from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Literal

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from rig import receive, wait_until

from sensors import broker as broker_module
from sensors.broker import LOOPBACK, Broker, find_mosquitto, start_broker
from sensors.mqtt import BrokerError, MqttSource, Publisher

Kind = Literal["mosquitto", "amqtt"]

needs_mosquitto = pytest.mark.skipif(
    find_mosquitto() is None, reason="mosquitto is not installed: install it to run this test"
)
both_kinds = pytest.mark.parametrize("kind", [pytest.param("mosquitto", marks=needs_mosquitto), "amqtt"])


def listening_hosts(port: int) -> set[str]:
    ours = psutil.Process()
    return {
        connection.laddr.ip
        for process in (ours, *ours.children(recursive=True))
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((LOOPBACK, port)) == 0


@both_kinds
def test_a_broker_carries_messages_on_loopback_alone(kind: Kind) -> None:
    with start_broker(0, kind) as broker:
        assert broker.kind == kind
        assert listening_hosts(broker.address.port) == {LOOPBACK}
        assert broker.reachable_at() == broker.address
        source = MqttSource(broker.address, ["wrist/+"])
        source.connect()
        with Publisher(broker.address) as publisher:
            for i in range(50):
                publisher.publish("wrist/left", b"%d" % i)
            publisher.publish("elsewhere", b"")
            publisher.flush()
        assert [message.payload for message in receive(source, 50)] == [b"%d" % i for i in range(50)]
        source.close()
    assert not accepts(broker.address.port)
    broker.close()  # a second time


@both_kinds
def test_a_taken_port_gives_way_to_a_free_one(kind: Kind) -> None:
    with start_broker(0, kind) as first, start_broker(first.address.port, kind) as second:
        assert first.address.port != second.address.port
        assert accepts(second.address.port)


@both_kinds
def test_a_broker_can_be_started_again_on_its_port(kind: Kind) -> None:
    with start_broker(0, kind) as broker:
        port = broker.address.port
        with Publisher(broker.address) as publisher:  # leaves a connection behind in TIME_WAIT
            publisher.publish("a", b"")
            publisher.flush()
    with start_broker(port, kind) as broker:
        assert broker.address.port == port


@both_kinds
def test_a_rude_client_disturbs_nobody_and_nothing_is_printed(kind: Kind, capfd: pytest.CaptureFixture[str]) -> None:
    with start_broker(0, kind) as broker:
        source = MqttSource(broker.address, ["wrist"])
        source.connect()
        for rude in (b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\x7f", b""):
            with socket.create_connection((LOOPBACK, broker.address.port)) as client:
                client.sendall(rude)
        with Publisher(broker.address) as publisher:
            publisher.publish("wrist", b"still here")
            publisher.flush()
        assert receive(source, 1)[0].payload == b"still here"
        source.close()
    assert capfd.readouterr() == ("", "")


@needs_mosquitto
def test_the_network_is_served_when_asked_for() -> None:
    with start_broker(0, network=True) as broker:
        assert broker.kind == "mosquitto"
        assert listening_hosts(broker.address.port) == {"0.0.0.0"}
        source = MqttSource(broker.reachable_at(), ["wrist"])
        source.connect()
        source.close()


@needs_mosquitto
def test_mosquitto_passes_over_a_message_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["wrist"])
        source.connect()
        with Publisher(broker.address) as publisher:
            publisher.publish("wrist", bytes(broker_module.MAX_PAYLOAD_BYTES + 1))
            publisher.publish("wrist", bytes(broker_module.MAX_PAYLOAD_BYTES))
            publisher.flush()
        assert [len(message.payload) for message in receive(source, 1)] == [broker_module.MAX_PAYLOAD_BYTES]
        source.close()


@needs_mosquitto
def test_mosquitto_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = """
from sensors.broker import start_broker
broker = start_broker(0, "mosquitto")
print(broker.address.port, flush=True)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # what a killed parent leaves behind
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert accepts(port)
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not accepts(port))


@pytest.fixture
def without_mosquitto(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, the only one where a mosquitto is looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(broker_module, "MOSQUITTO_FOLDERS", ())
    return tmp_path


@pytest.mark.usefixtures("without_mosquitto")
def test_without_mosquitto_the_embedded_broker_serves_this_machine_alone() -> None:
    with start_broker(0) as broker:
        assert broker.kind == "amqtt"
    with pytest.raises(BrokerError, match="mosquitto is not installed"):
        start_broker(0, "mosquitto")
    with pytest.raises(BrokerError, match="mosquitto is not installed"):
        start_broker(0, network=True)


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for mosquitto is a shell script")
def test_a_mosquitto_that_does_not_start_is_told_with_its_reason(without_mosquitto: Path) -> None:
    program = without_mosquitto / "mosquitto"
    program.write_text("#!/bin/sh\necho 'Error: no such thing' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(BrokerError, match=r"mosquitto does not start on port \d+: Error: no such thing"):
        start_broker(0)


@both_kinds
def test_a_port_taken_between_the_look_and_the_start_is_given_up(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    real = broker_module._free_port
    looks: list[int] = []
    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, 0))
        stranger.listen()
        taken = stranger.getsockname()[1]

        def free_port(bind: str, port: int) -> int:
            looks.append(port)
            return taken if len(looks) == 1 else real(bind, port)

        monkeypatch.setattr(broker_module, "_free_port", free_port)
        broker: Broker
        with start_broker(taken, kind) as broker:
            assert looks == [taken, 0]
            assert broker.address.port != taken
