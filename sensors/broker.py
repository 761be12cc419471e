"""The broker started for you: mosquitto as a child process where it is installed, else amqtt in this process.

On the loopback interface unless the network is asked for. amqtt never leaves loopback: it bounds neither the
size of a message nor the time of a connection attempt.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Literal, Self

from sensors.mqtt import BrokerAddress, BrokerError

LOOPBACK = "127.0.0.1"
ANY = "0.0.0.0"  # noqa: S104  only when the network is asked for

START_S = 5.0
STOP_S = 5.0
ATTEMPTS = 5  # another program may take a port between our look and the broker's
MAX_PAYLOAD_BYTES = 4 << 20  # ten seconds of every sensor of a phone are 0.6 MB
MAX_CONNECTIONS = 64

# Debian and Homebrew install it where a user's PATH often does not look.
MOSQUITTO_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin")

MOSQUITTO_CONF = f"""\
listener {{port}} {{bind}}
allow_anonymous true
persistence false
max_connections {MAX_CONNECTIONS}
message_size_limit {MAX_PAYLOAD_BYTES}
max_queued_messages 1000
max_queued_bytes {16 * MAX_PAYLOAD_BYTES}
connection_messages false
log_dest stderr
log_type error
log_type information
"""

# Runs mosquitto, ends it when our end of the pipe closes, and tidies up. The kernel closes that however this process
# dies, by SIGKILL too, and on every system: no exit handler or signal of ours would be as sure. After a failure the
# folder stays until its log has been read.
GUARD = """\
import os, shutil, subprocess, sys, threading
folder, *command = sys.argv[1:]
broker = subprocess.Popen(command, stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (os.read(0, 1), broker.terminate()), daemon=True).start()
code = broker.wait()
if code in (0, -15):
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(code)
"""


class Broker:
    """A running broker; a context manager that ends it on leaving.

    Attributes
    ----------
    kind : "mosquitto" or "amqtt"
    address : BrokerAddress
        Where this machine reaches it.
    """

    def __init__(self, kind: Literal["mosquitto", "amqtt"], port: int, network: bool, stop: Callable[[], None]) -> None:
        self.kind = kind
        self.address = BrokerAddress(LOOPBACK, port)
        self._network = network
        self._stop: Callable[[], None] | None = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reachable_at(self) -> BrokerAddress:
        """Give the address to type into a phone; the loopback one where the network does not reach us."""
        return BrokerAddress(_lan_host(), self.address.port) if self._network else self.address

    def close(self) -> None:
        """End the broker; may be called twice."""
        stop, self._stop = self._stop, None
        if stop:
            stop()


def start_broker(
    port: int = 1883, prefer: Literal["auto", "mosquitto", "amqtt"] = "auto", *, network: bool = False
) -> Broker:
    """Start a broker that takes anyone's messages, without a password, and keeps nothing.

    Parameters
    ----------
    port : int
        The port wished for; a free one is chosen where it is taken, or for 0.
    prefer : "auto", "mosquitto" or "amqtt"
        "auto" is mosquitto where it is installed.
    network : bool
        Listen on every interface, so that a phone reaches it; mosquitto only.

    Raises
    ------
    BrokerError
        mosquitto is needed and not installed, or the broker does not start.
    """
    mosquitto = find_mosquitto() if network or prefer != "amqtt" else None
    if not mosquitto and (network or prefer == "mosquitto"):
        raise BrokerError("mosquitto is not installed: install it, or name a running broker with --broker")
    bind = ANY if network else LOOPBACK
    problem = ""
    for attempt in range(ATTEMPTS):
        port = _free_port(bind, port if attempt == 0 else 0)
        try:
            if mosquitto:
                return Broker("mosquitto", port, network, _start_mosquitto(mosquitto, bind, port))
            return Broker("amqtt", port, network, _start_amqtt(port))
        except _NotStartedError as error:
            problem = str(error)
    raise BrokerError(f"{'mosquitto' if mosquitto else 'amqtt'} does not start on port {port}: {problem}")


def find_mosquitto() -> str | None:
    """Give the path of the mosquitto program, None where it is not installed."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *MOSQUITTO_FOLDERS))
    return shutil.which("mosquitto", path=folders)


class _NotStartedError(Exception):
    """Another port may do."""


def _start_mosquitto(program: str, bind: str, port: int) -> Callable[[], None]:
    folder = TemporaryDirectory(prefix="palmpace-mosquitto-", ignore_cleanup_errors=True)
    conf, log = Path(folder.name, "mosquitto.conf"), Path(folder.name, "mosquitto.log")
    conf.write_text(MOSQUITTO_CONF.format(port=port, bind=bind), encoding="utf-8")
    with log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603  the program is the one found on PATH, the rest is ours
            [sys.executable, "-I", "-S", "-c", GUARD, folder.name, program, "-c", str(conf)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,  # Ctrl-C is for us: the session's end is still to be published
        )

    def stop() -> None:
        if process.stdin:
            process.stdin.close()
        process.wait()
        folder.cleanup()

    # Its own word, not an open port: the port may have been taken by another program in between.
    deadline_s = time.monotonic() + START_S
    while b" running" not in (said := log.read_bytes()):
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline_s:
            stop()
            lines = said.decode(errors="replace").strip().splitlines()
            raise _NotStartedError(lines[-1] if lines else "it says nothing")
        time.sleep(0.01)
    return stop


def _start_amqtt(port: int) -> Callable[[], None]:
    # Here, since it takes a moment that mosquitto's users need not wait.
    from amqtt.broker import Broker as AmqttBroker
    from amqtt.errors import BrokerError as AmqttBrokerError

    class TidyBroker(AmqttBroker):  # type: ignore[misc]  # amqtt's types are not looked at
        """It leaves a connection open that it refuses, or that is there when it ends."""

        async def stream_connected(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
        ) -> None:
            try:
                await super().stream_connected(reader, writer, listener_name)
            finally:
                writer.close()

    # It warns about every client that goes away.
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    bind = f"{LOOPBACK}:{port}"
    config = {
        "listeners": {"default": {"type": "tcp", "bind": bind, "max_connections": MAX_CONNECTIONS}},
        # Its default plugins log every packet and publish statistics.
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    started: Future[None] = Future()

    async def serve() -> None:
        broker = TidyBroker(config)
        await broker.start()
        started.set_result(None)
        await stopping.wait()
        await broker.shutdown()

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(serve())
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)

    def stop() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(stopping.set)
        thread.join(STOP_S)  # a daemon: one that hangs does not hold up the program's end

    thread = threading.Thread(target=run, name="amqtt", daemon=True)
    thread.start()
    try:
        started.result()
    except AmqttBrokerError as error:
        raise _NotStartedError(str(error)) from None
    return stop


def _free_port(bind: str, port: int) -> int:
    """Give ``port`` where it can be listened on, else one that the system chooses."""
    with socket.socket() as probe:
        # As the brokers do: the remains of closed connections do not keep a port taken. On Windows the option
        # means another thing, to share ports.
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            probe.bind((bind, 0))
        return int(probe.getsockname()[1])


def _lan_host() -> str:
    """Give the address of the interface that leads outside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737); connecting UDP sends nothing
        except OSError:  # no network at all
            return LOOPBACK
        return str(probe.getsockname()[0])
