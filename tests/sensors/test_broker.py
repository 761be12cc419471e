from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from rig import needs_mosquitto, receive, wait_until

from sensors import broker as broker_module
from sensors import mqtt
from sensors.broker import LOOPBACK, Broker, embedded, mosquitto, start_broker
from sensors.broker.base import MAX_PAYLOAD_BYTES
from sensors.broker.ports import free_ports
from sensors.mqtt import BrokerError, MqttSource, Publisher

Kind = Literal["mosquitto", "amqtt"]
FOLDERS = (os.environ.get("PATH", os.defpath), *broker_module.MOSQUITTO_FOLDERS)

both_kinds = pytest.mark.parametrize("kind", [pytest.param("mosquitto", marks=needs_mosquitto), "amqtt"])


def listening_hosts(port: int) -> set[str]:
    ours = psutil.Process()
    return {
        connection.laddr.ip
        for process in (ours, *ours.children(recursive=True))
        for connection in process.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }


def kill(broker: Broker, number: signal.Signals) -> None:
    """End the mosquitto of a broker from outside; return when its guard has seen it."""
    guard = psutil.Process(broker._run._process.pid)  # type: ignore[attr-defined]
    (child,) = guard.children()
    child.send_signal(number)
    wait_until(lambda: not broker.alive)


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
def test_mosquitto_passes_over_a_message_that_is_too_large() -> None:
    with start_broker(0, "mosquitto") as broker:
        source = MqttSource(broker.address, ["wrist"])
        source.connect()
        with Publisher(broker.address) as publisher:
            publisher.publish("wrist", bytes(MAX_PAYLOAD_BYTES + 1))
            publisher.publish("wrist", bytes(MAX_PAYLOAD_BYTES))
            publisher.flush()
        assert [len(message.payload) for message in receive(source, 1)] == [MAX_PAYLOAD_BYTES]
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
    with pytest.raises(BrokerError, match=r"^mosquitto does not start: Error: no such thing$"):
        start_broker(0)


@both_kinds
def test_a_port_taken_between_the_look_and_the_start_is_given_up(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    with socket.create_server((LOOPBACK, 0)) as stranger:
        taken = stranger.getsockname()[1]

        def look(wishes: Mapping[str, tuple[str, int]]) -> dict[str, int]:
            looks.append(wishes["own"][1])
            return {"own": taken} if len(looks) == 1 else free_ports(wishes)

        monkeypatch.setattr(mosquitto, "free_ports", look)
        monkeypatch.setattr(embedded, "free_ports", look)
        with start_broker(taken, kind) as broker:
            assert looks == [taken, 0]
            assert broker.address.port != taken


@both_kinds
def test_a_broker_that_lives_is_left_alone(kind: Kind) -> None:
    with start_broker(0, kind) as broker:
        assert broker.alive
        assert not broker.revive()
    assert not broker.alive
    assert not broker.revive()  # nor one that has been ended


@needs_mosquitto
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_mosquitto_comes_back_where_it_was(
    signal_number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "RETRY_S", (0.05, 0.1))
    with start_broker(0, "mosquitto") as broker:
        address = broker.address
        source = MqttSource(address, ["wrist"])
        source.connect()
        kill(broker, signal_number)
        wait_until(broker.revive)
        assert broker.alive
        assert broker.address == address
        wait_until(lambda: source.status() == f"connected to {address}")
        with Publisher(address) as publisher:
            publisher.publish("wrist", b"again")
            publisher.flush()
        assert receive(source, 1)[0].payload == b"again"
        source.close()
    assert not accepts(address.port)


@needs_mosquitto
def test_a_killed_mosquitto_whose_port_is_taken_moves_and_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "RETRY_S", (0.05, 0.1))
    with start_broker(0, "mosquitto") as broker:
        before = broker.address
        source = MqttSource(before, ["wrist"])
        source.connect()
        with Publisher(before) as publisher:
            kill(broker, signal.SIGKILL)
            with socket.create_server((LOOPBACK, before.port)):
                wait_until(broker.revive)
            assert broker.address.port != before.port
            publisher.publish("wrist", b"meanwhile")
            source.move(broker.address)
            publisher.move(broker.address)
            assert source.address == broker.address
            wait_until(lambda: source.status() == f"connected to {broker.address}")
            publisher.flush()
            publisher.publish("wrist", b"after")  # the first may have come before we listened
            publisher.flush()
            wait_until(lambda: b"after" in [message.payload for message in source.take().messages])
        source.close()


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for mosquitto is a shell script")
def test_a_mosquitto_that_cannot_come_back_is_tried_again_later(
    without_mosquitto: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("mosquitto", path=os.pathsep.join(FOLDERS))
    if real is None:
        pytest.skip("mosquitto is not installed: install it to run this test")
    monkeypatch.setattr(mosquitto, "RETRY_S", 0.05)
    program = without_mosquitto / "mosquitto"
    program.symlink_to(real)
    with start_broker(0) as broker:
        program.unlink()
        program.write_text("#!/bin/sh\nexit 3\n")
        program.chmod(0o755)
        kill(broker, signal.SIGKILL)
        failed: list[object] = []

        def fails_twice() -> bool:
            assert not broker.revive()
            if broker._next is not None and broker._next not in failed:  # type: ignore[attr-defined]
                failed.append(broker._next)  # type: ignore[attr-defined]
            return len(failed) == 2

        wait_until(fails_twice)
        program.unlink()
        program.symlink_to(real)
        wait_until(broker.revive)
        assert accepts(broker.address.port)
