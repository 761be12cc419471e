"""Publishes a session as it happens, and says for each wrist whether we are there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version

from paho.mqtt.enums import MQTTProtocolVersion

from sensors.address import BrokerAddress, BrokerError
from sensors.mqtt import Listener, Publisher, Will
from tracker.events import Event, NoticeEvent
from tui.outbound.home_assistant import BIRTH, BIRTH_TOPIC, discovery
from tui.outbound.payloads import OFFLINE, ONLINE, Outgoing, Translator, standing

MAX_WRISTS = 8
"""Each has a connection; a topic full of ever new ids must not open one for each."""
CONNECT_S = 5.0
RETRY_S = 5.0
GOODBYE_S = 2.0


class Announcer:
    """Publishes what a session's events say; nothing it does waits for the network.

    A wrist has a connection of its own, since a connection has one last will only (MQTT 3.1.1, 3.1.2.5): so a wrist's
    retained status is ``offline`` as soon as the broker misses us, whatever became of us. What is live is dropped while
    the broker is away, what stands at the broker is published whenever it is there again.

    Parameters
    ----------
    address : BrokerAddress
    home_assistant : bool
        Tell Home Assistant of every wrist.
    protocol : MQTTProtocolVersion
        The embedded broker knows 3.1.1 alone.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        home_assistant: bool = False,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    ) -> None:
        self._address = address
        self._home_assistant = home_assistant
        self._protocol = protocol
        self._translator = Translator()
        self._voices: dict[str, _Voice] = {}
        self._problem: str | None = None
        self._told = False

    def take(self, events: Iterable[Event]) -> list[NoticeEvent]:
        """Publish what follows from a session's next events; tell the first problem there was, once."""
        t_s = 0.0
        for event in events:
            t_s = event.t_s
            for message in self._translator.take(event):
                voice = self._voice(message.device)
                if voice is not None:
                    voice.say(message)
        problem = self._problem or next((voice.problem for voice in self._voices.values() if voice.problem), None)
        if problem is None or self._told:
            return []
        self._told = True
        return [NoticeEvent(t_s=t_s, about="publishing", text=problem)]

    def move(self, address: BrokerAddress) -> None:
        """Go on at a broker that has come back at another address."""
        self._address = address
        for voice in self._voices.values():
            voice.move(address)

    def close(self, timeout_s: float = GOODBYE_S) -> None:
        """Say that we are gone and disconnect; what still stands to be published has this long."""
        voices, self._voices = self._voices.values(), {}
        for voice in voices:
            voice.leave()
        deadline_s = time.monotonic() + timeout_s
        for voice in voices:
            voice.close(max(0.0, deadline_s - time.monotonic()))

    def _voice(self, device: str) -> _Voice | None:
        voice = self._voices.get(device)
        if voice is None and len(self._voices) < MAX_WRISTS:
            told = discovery(device, version("palmpace")) if self._home_assistant else None
            voice = self._voices[device] = _Voice(self._address, device, self._protocol, told)
        elif voice is None and self._problem is None:
            self._problem = f"more than {MAX_WRISTS} devices: {device} and what comes after it are not published"
        return voice


class _Voice:
    """A wrist's connection, made and kept in the background.

    ``_lock`` holds the goodbye and the announcements apart: after ``offline`` none may follow.
    """

    def __init__(
        self, address: BrokerAddress, device: str, protocol: MQTTProtocolVersion, discovery: Outgoing | None
    ) -> None:
        self.problem: str | None = None
        self._address = address
        self._protocol = protocol
        self._offline = standing(device, "status", OFFLINE)
        online = standing(device, "status", ONLINE)
        self._standing = {message.topic: message for message in (online, discovery) if message}
        self._listen: dict[str, Listener] = {online.topic: self._hear_status}
        if discovery:
            self._listen[BIRTH_TOPIC] = self._hear_birth
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._publisher: Publisher | None = None  # once it has been connected
        self._connecting = threading.Thread(target=self._connect_at_last, daemon=True)
        self._connecting.start()

    def say(self, message: Outgoing) -> None:
        """Publish a message if the broker is there; one that stands also whenever it comes back."""
        with self._lock:
            if message.retain:
                self._standing[message.topic] = message
            self._publish(message)

    def move(self, address: BrokerAddress) -> None:
        """Go on at another address."""
        with self._lock:
            self._address = address
            if self._publisher is not None:
                self._publisher.move(address)

    def leave(self) -> None:
        """Say goodbye, the last thing that is said."""
        with self._lock:
            self._left.set()
            self._publish(self._offline)

    def close(self, timeout_s: float) -> None:
        """Wait for what is on its way, so long at most, and disconnect."""
        deadline_s = time.monotonic() + timeout_s
        self._connecting.join(timeout_s)
        if not self._connecting.is_alive() and self._publisher is not None:
            _disconnect(self._publisher, max(0.0, deadline_s - time.monotonic()))

    def _connect_at_last(self) -> None:
        while not self._left.is_set() and not self._connect():
            self._left.wait(RETRY_S)

    def _connect(self) -> bool:
        try:
            publisher = Publisher(
                self._address,
                protocol=self._protocol,
                will=Will(self._offline.topic, self._offline.payload),
                listen=self._listen,
                on_connected=lambda: self._announce(publisher),
            )
            publisher.connect(CONNECT_S)
        except BrokerError as error:
            self._publisher = None
            self.problem = f"{error}; trying again"
            return False
        publisher.move(self._address)  # it may have moved meanwhile
        if self._left.is_set():  # nobody may have waited for us
            self._publisher = None
            _disconnect(publisher, GOODBYE_S)
        return True

    def _announce(self, publisher: Publisher) -> None:
        with self._lock:
            self._publisher = publisher
            if not self._left.is_set():
                for message in self._standing.values():
                    self._publish(message)

    def _hear_status(self, _topic: str, payload: bytes, _retained: bool) -> None:
        """Contradict a will of an older connection of ours: the broker may publish it after we are back."""
        with self._lock:
            if payload == OFFLINE and not self._left.is_set():
                self._publish(self._standing[self._offline.topic])

    def _hear_birth(self, _topic: str, payload: bytes, _retained: bool) -> None:
        if payload == BIRTH and self._publisher is not None:
            self._announce(self._publisher)

    def _publish(self, message: Outgoing) -> None:
        """Hand a message over; a live one is gone where the broker is away."""
        if self._publisher is None:
            return
        try:
            self._publisher.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
        except BrokerError as error:
            self.problem = str(error)


def _disconnect(publisher: Publisher, timeout_s: float) -> None:
    with suppress(BrokerError):  # the broker is away: it has our will
        publisher.flush(timeout_s)
    publisher.close()
