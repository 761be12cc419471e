"""Live messages from an MQTT broker, and a publisher to one (paho-mqtt)."""

from __future__ import annotations

import os
import re
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sensors.message import NS_PER_S, Message
from sensors.source import Arrivals

USER_VARIABLE = "PALMPACE_MQTT_USER"
PASSWORD_VARIABLE = "PALMPACE_MQTT_PASSWORD"  # noqa: S105  the variable's name, not a password

KEEPALIVE_S = 15  # a phone that leaves the Wi-Fi is noticed within about twice this
RETRY_S = (1, 5)  # first and longest wait before the next attempt
MAX_WAITING_BYTES = 64_000_000  # hours of one wrist: only a session that has stopped looking reaches it
MESSAGE_OVERHEAD_BYTES = 256  # what a Message costs beside its payload, so that empty ones are bounded too
MAX_UNSENT = 10_000  # messages a publisher keeps for a broker that is away

_DEFAULT_PORT = {"mqtt": 1883, "mqtts": 8883}
_BAD_CREDENTIALS = (
    134,
    135,
)  # "Bad user name or password", "Not authorized"; paho maps MQTT 3's codes onto these


class BrokerError(Exception):
    """A broker cannot be used; one line for a person: what, which, and what to do."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and who we are to it; printing one never shows the password."""

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, environ: Mapping[str, str] = os.environ) -> BrokerAddress:
        """Read ``mqtt://[user[:password]@]host[:port]`` (port 1883) or ``mqtts://...`` (TLS, port 8883).

        What the URL leaves out is taken from ``PALMPACE_MQTT_USER`` and ``PALMPACE_MQTT_PASSWORD``: better
        there than on a command line, which every user of the machine can read.

        Raises
        ------
        BrokerError
            The URL is not of this form.
        """
        shown = re.sub(r"^([a-z]*://)?.*@", r"\1", url)  # an error must not show a password either
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BrokerError(f"broker address {shown!r}: the port or host is malformed") from None
        if parts.scheme not in _DEFAULT_PORT:
            raise BrokerError(f"broker address {shown!r}: begin it with mqtt:// or mqtts://")
        if not parts.hostname or port == 0 or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise BrokerError(
                f"broker address {shown!r}: write it as {parts.scheme}://host or {parts.scheme}://host:port"
            )
        user = unquote(parts.username) if parts.username else environ.get(USER_VARIABLE) or None
        password = unquote(parts.password) if parts.password else environ.get(PASSWORD_VARIABLE) or None
        return cls(
            host=parts.hostname,
            port=port or _DEFAULT_PORT[parts.scheme],
            tls=parts.scheme == "mqtts",
            user=user,
            password=password if user else None,  # MQTT 3.1.1 has no password without a user (3.1.2.9)
        )

    def __str__(self) -> str:
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{user}{host}:{self.port}"


def epoch_clock() -> Callable[[], int]:
    """Give a clock of nanoseconds since the epoch that never steps back.

    It reads the time of day once: later corrections of the computer's clock must not tear a session apart.
    """
    offset_ns = time.time_ns() - time.perf_counter_ns()
    return lambda: offset_ns + time.perf_counter_ns()


class _Link:
    """A paho client whose first connection fails with a clear error, and which then reconnects by itself.

    The callbacks run in paho's thread. One that raised would end that thread while the client still looked
    connected.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str | None,
        protocol: MQTTProtocolVersion,
        clock_ns: Callable[[], int],
        topics: Iterable[str] = (),
    ) -> None:
        self._address = address
        self._clock_ns = clock_ns
        self._topics = [(topic, 1) for topic in topics]
        self._answered = threading.Event()
        self._ready = False  # has been connected at least once
        self._refusal: str | None = None
        self._lost_ns: int | None = None
        # A random id: a broker throws out an older client of the same name.
        client_id = client_id or f"palmpace-{secrets.token_hex(6)}"
        self.client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=protocol)
        self.client.suppress_exceptions = True
        self.client.reconnect_delay_set(*RETRY_S)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_disconnect = self._on_disconnect
        if address.user:
            self.client.username_pw_set(address.user, address.password)
        if address.tls:
            self.client.tls_set()
        for topic in self._topics:
            try:
                self.client.subscribe([topic])  # not connected yet: this only checks the filter
            except ValueError:
                raise BrokerError(
                    f"topic filter {topic[0]!r} is malformed: '#' stands last and '+' alone between slashes"
                ) from None

    def connect(self, timeout_s: float) -> None:
        """Connect, wait until the broker has accepted us and our topics, and keep it so from then on."""
        address = self._address
        self.client.connect_timeout = timeout_s
        try:
            self.client.connect(address.host, address.port, keepalive=KEEPALIVE_S)
        except (socket.gaierror, UnicodeError):
            raise BrokerError(f"no host is named {address.host!r}: check the name and the network") from None
        except ssl.SSLCertVerificationError as error:
            raise BrokerError(f"the certificate of {address} is not trusted: {error.verify_message}") from None
        except ssl.SSLError:
            raise BrokerError(f"{address} does not speak TLS: use mqtt://, or the port that does") from None
        except OSError:
            raise BrokerError(f"no broker answers at {address}: start one, or check address and network") from None
        self.client.loop_start()
        if not self._answered.wait(timeout_s):
            self._refusal = f"{address} takes connections but does not answer as an MQTT broker: check the port"
        if self._refusal:
            self.close()
            raise BrokerError(self._refusal)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def status(self) -> str:
        if not self._ready:
            return f"not connected to {self._address}"
        lost_ns = self._lost_ns
        if lost_ns is None:
            return f"connected to {self._address}"
        ago_s = (self._clock_ns() - lost_ns) // NS_PER_S
        reason = f" ({self._refusal})" if self._refusal else ""
        return f"connection to {self._address} lost {ago_s} s ago{reason}, trying again"

    def _on_connect(self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _p: Any) -> None:
        if reason.is_failure:
            self._refused(self._why(reason))
        elif self._topics:
            client.subscribe(self._topics)  # here, so that it happens after every reconnection
        else:
            self._connected()

    def _on_subscribe(self, _c: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _p: Any) -> None:
        refused = [topic for (topic, _), reason in zip(self._topics, reasons, strict=False) if reason.is_failure]
        if refused:
            self._refused(f"{self._address} does not let us listen on {', '.join(refused)}: check the topic and rights")
        else:
            self._connected()

    def _on_disconnect(
        self, _c: Client, _data: Any, _f: DisconnectFlags, _r: ReasonCode, _p: Properties | None
    ) -> None:
        if self._lost_ns is None:
            self._lost_ns = self._clock_ns()

    def _connected(self) -> None:
        self._ready, self._refusal, self._lost_ns = True, None, None
        self._answered.set()

    def _refused(self, why: str) -> None:
        self._refusal = why
        if not self._ready:
            self.client.disconnect()  # the first connection is not tried again
        self._answered.set()

    def _why(self, reason: ReasonCode) -> str:
        address = self._address
        if reason.value not in _BAD_CREDENTIALS:
            return f"{address} refuses the connection: {reason}"
        if address.user:
            return f"{address} refuses user {address.user!r}: check the name and the password"
        return f"{address} wants a user and a password: set {USER_VARIABLE} and {PASSWORD_VARIABLE}"


class MqttSource:
    """Messages as they arrive; a `sensors.source.Source`.

    A message is stamped, and the time of a look taken, under one lock: everything up to ``now_ns`` has been
    handed over, and everything later is stamped at or after it. A replay of the recording depends on that.

    Parameters
    ----------
    address : BrokerAddress
    topics : iterable of str
        Topic filters, subscribed with QoS 1.
    clock_ns : callable, optional
        Nanoseconds since the epoch, never decreasing.
    protocol : MQTTProtocolVersion
        The embedded broker knows 3.1.1 alone.

    Raises
    ------
    BrokerError
        A topic filter is malformed.
    """

    def __init__(
        self,
        address: BrokerAddress,
        topics: Iterable[str],
        *,
        clock_ns: Callable[[], int] | None = None,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    ) -> None:
        self._clock_ns = clock_ns or epoch_clock()
        self._lock = threading.Lock()
        self._waiting: list[Message] = []
        self._waiting_bytes = 0
        self._dropped = 0
        self._link = _Link(address, client_id=None, protocol=protocol, clock_ns=self._clock_ns, topics=topics)
        self._link.client.on_message = self._on_message

    def connect(self, timeout_s: float = 5.0) -> None:
        """Connect and subscribe; call once. From then on a lost connection is taken up again without a word.

        Raises
        ------
        BrokerError
            Unknown host, nobody answers there, the credentials are refused, or a subscription is.
        """
        self._link.connect(timeout_s)

    def take(self) -> Arrivals:
        """Give what has come since the last call."""
        with self._lock:
            messages, self._waiting, self._waiting_bytes = self._waiting, [], 0
            return Arrivals(messages, self._clock_ns())

    def status(self) -> str:
        """Tell a person whether we are connected, since when not, and what was dropped."""
        status = self._link.status()
        return f"{status}; {self._dropped} messages dropped, they came too fast" if self._dropped else status

    def close(self) -> None:
        """Disconnect; what has arrived can still be taken."""
        self._link.close()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # a broker that lets such a topic through breaks MQTT 3.1.1, 1.5.3
            return
        if topic.startswith("$"):  # the broker's own; and our recordings' commands, which no device may speak
            return
        payload = bytes(message.payload)
        cost_bytes = len(payload) + MESSAGE_OVERHEAD_BYTES
        with self._lock:
            if self._waiting_bytes + cost_bytes > MAX_WAITING_BYTES:
                self._dropped += 1
                return
            self._waiting_bytes += cost_bytes
            self._waiting.append(Message(topic, payload, self._clock_ns(), message.retain))


class Publisher:
    """Send messages with QoS 1; a context manager that connects on entry and disconnects on leaving.

    While the broker is away messages wait, at most 10,000 of them.

    Parameters
    ----------
    address : BrokerAddress
    client_id : str, optional
        Random by default.
    protocol : MQTTProtocolVersion
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str | None = None,
        *,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
    ) -> None:
        self._address = address
        self._link = _Link(address, client_id=client_id, protocol=protocol, clock_ns=epoch_clock())
        self._link.client.on_publish = self._on_publish
        self._link.client.max_queued_messages_set(MAX_UNSENT)
        self._pending = 0
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self, timeout_s: float = 5.0) -> None:
        """Connect; raises `BrokerError` as `MqttSource.connect` does."""
        self._link.connect(timeout_s)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand one message over, without waiting for the broker's acknowledgement.

        Raises
        ------
        BrokerError
            The topic cannot be published to, or too many messages wait for a broker that is away.
        """
        with self._changed:
            self._pending += 1
        try:
            result = self._link.client.publish(topic, payload, qos=1, retain=retain).rc
        except ValueError as error:
            self._settled()
            raise BrokerError(f"cannot publish to {topic!r}: {error}") from None
        if result == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            self._settled()
            raise BrokerError(f"{MAX_UNSENT} messages wait for {self._address}, no more are taken: {self.status()}")

    def flush(self, timeout_s: float = 5.0) -> None:
        """Wait until the broker has acknowledged everything published so far.

        Raises
        ------
        BrokerError
            It has not within ``timeout_s``.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._pending == 0, timeout_s):
                raise BrokerError(f"{self._pending} messages are not acknowledged: {self.status()}")

    def status(self) -> str:
        """Tell a person whether we are connected."""
        return self._link.status()

    def close(self) -> None:
        """Disconnect at once; `flush` first what must arrive."""
        self._link.close()

    def _on_publish(self, _client: Client, _data: Any, _mid: int, _reason: ReasonCode, _p: Properties) -> None:
        self._settled()

    def _settled(self) -> None:
        with self._changed:
            self._pending -= 1
            self._changed.notify_all()
