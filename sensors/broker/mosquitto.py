"""mosquitto as a child process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sensors.address import BrokerAddress, Scheme
from sensors.broker import conf
from sensors.broker.base import ANY, LOOPBACK, Access, Broker, Endpoint, NotStartedError
from sensors.broker.conf import DEVICE_USER, PROGRAM_USER, Listener, Rights
from sensors.broker.ports import free_ports, lan_host

START_S = 5.0
RETRY_S = 1.0  # between attempts to bring it back

OWN = "own"  # the listener that this program uses: nobody on the network can fill it
NETWORK_PORTS: Mapping[Scheme, int] = {"mqtt": 1883, "mqtts": 8883, "ws": 8000, "wss": 8884}
"""The usual ones, and for WebSockets those that Sensor Logger's documentation names."""

NO_WEBSOCKETS = "this mosquitto knows no WebSockets: an older Sensor Logger (before August 2025) cannot connect"
PLAIN_TEXT = "on mqtt:// and ws:// the password travels unencrypted: others in the same network may read it"

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


@dataclass(frozen=True, slots=True)
class Network:
    """What the network may do, and what a person is told of it."""

    rights: Rights
    ca: Path
    fingerprint: str


class Mosquitto(Broker):
    """A running mosquitto.

    Parameters
    ----------
    program : str
    port : int
        The port wished for; a free one is chosen where it is taken. 0 chooses all of them.
    network : Network or None
        None listens on loopback alone, and lets anybody in.

    Raises
    ------
    NotStartedError
        It does not start.
    """

    def __init__(self, program: str, port: int, network: Network | None) -> None:
        self.kind = "mosquitto"
        self._program = program
        self._network = network
        self._closed = False
        self._next: _Run | None = None
        self._retry_s = 0.0
        self._ports: dict[str, int]
        if network is None:
            self._ports = {OWN: port}
        else:
            self._ports = {OWN: 0} | {name: usual if port else 0 for name, usual in NETWORK_PORTS.items()}
            self._ports["mqtt"] = port
        try:
            self._run = self._started()
        except NotStartedError as error:
            if "ebsocket" not in str(error):
                raise
            self._ports = {name: port for name, port in self._ports.items() if not name.startswith("ws")}
            self._run = self._started()
        self._adopt(self._run)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return not self._closed and not self._run.ended

    def revive(self) -> bool:
        """Bring it back when it has died, a step at each call and without waiting; call it often."""
        if self._closed or self.alive:
            return False
        now_s = time.monotonic()
        if self._next is None:
            if now_s >= self._retry_s:
                self._retry_s = now_s + RETRY_S
                with suppress(NotStartedError):
                    self._next = self._spawn()
            return False
        if self._next.running:
            self._run.stop()
            self._run, self._next = self._next, None
            self._adopt(self._run)
            return True
        if self._next.ended or now_s > self._retry_s + START_S:
            self._next.stop()
            self._next = None
        return False

    def close(self) -> None:
        """End the broker; may be called twice."""
        self._closed = True
        self._run.stop()
        if self._next is not None:
            self._next.stop()

    def _spawn(self) -> _Run:
        binds = {name: LOOPBACK if name == OWN else ANY for name in self._ports}
        rights = self._network.rights if self._network else None
        try:
            ports = free_ports({name: (binds[name], port) for name, port in self._ports.items()})
            listeners = {
                name: Listener(binds[name], port, tls=name in ("mqtts", "wss"), websocket=name in ("ws", "wss"))
                for name, port in ports.items()
            }
            return _Run(self._program, listeners, rights)
        except OSError as error:  # a full disk, no more processes
            raise NotStartedError(error.strerror or str(error)) from None

    def _started(self) -> _Run:
        run = self._spawn()
        # Its own word, not an open port: the port may have been taken by another program in between.
        deadline_s = time.monotonic() + START_S
        while not run.running:
            if run.ended or time.monotonic() > deadline_s:
                words = run.last_words()
                run.stop()
                raise NotStartedError(words)
            time.sleep(0.01)
        return run

    def _adopt(self, run: _Run) -> None:
        self._ports = {name: listener.port for name, listener in run.listeners.items()}
        self.address = BrokerAddress(LOOPBACK, self._ports[OWN])
        if self._network is None:
            self.access = Access((Endpoint("mqtt", LOOPBACK, self._ports[OWN]),))
            return
        passwords = self._network.rights.passwords
        self.address = replace(self.address, user=PROGRAM_USER, password=passwords[PROGRAM_USER])
        host = lan_host()
        endpoints = tuple(
            Endpoint(scheme, host, self._ports[scheme]) for scheme in NETWORK_PORTS if scheme in self._ports
        )
        notes = [PLAIN_TEXT] if "ws" in self._ports else [PLAIN_TEXT, NO_WEBSOCKETS]
        if self._network.rights.open_topics:
            topics = ", ".join(self._network.rights.open_topics)
            notes.append(f"anybody in the same network may send to {topics}: no password is asked for there")
        self.access = Access(
            endpoints,
            DEVICE_USER,
            passwords[DEVICE_USER],
            self._network.ca,
            self._network.fingerprint,
            tuple(notes),
        )


class _Run:
    """One life of the process, with the folder of its files."""

    def __init__(self, program: str, listeners: Mapping[str, Listener], rights: Rights | None) -> None:
        self.listeners = listeners
        self._folder = TemporaryDirectory(prefix="palmpace-mosquitto-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        for name, text in conf.files(folder, listeners.values(), rights).items():
            (folder / name).touch(0o600)
            (folder / name).write_text(text, encoding="utf-8")
        self._log = folder / "mosquitto.log"
        with self._log.open("wb") as stderr:
            self._process = subprocess.Popen(  # noqa: S603  the program is the one found on PATH, the rest is ours
                [sys.executable, "-I", "-S", "-c", GUARD, str(folder), program, "-c", str(folder / "mosquitto.conf")],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # Ctrl-C is for us: the session's end is still to be published
            )

    @property
    def running(self) -> bool:
        """Whether it has said so, and has not ended since."""
        return not self.ended and " running" in self._said()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        lines = self._said().splitlines() or ["it says nothing"]
        return next((line for line in lines if line.startswith("Error")), lines[-1])  # where it ended comes after why

    def _said(self) -> str:
        try:
            return self._log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:  # its guard has tidied up after it
            return ""

    def stop(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()
