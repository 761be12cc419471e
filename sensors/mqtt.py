"""Live messages from an MQTT broker, and a publisher to one (paho-mqtt)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Self

from paho.mqtt.client import (
    Client,
    ConnectFlags,
    DisconnectFlags,
    MQTTMessage,
    MQTTMessageInfo,
    WebsocketConnectionError,
)
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sensors.address import (
    CA_VARIABLE,
    PASSWORD_VARIABLE,
    USER_VARIABLE,
    BrokerAddress,
    BrokerError,
    check_filter,
    refuse_the_world,
)
from sensors.inbox import Inbox, InboxParams
from sensors.message import NS_PER_S, Message
from sensors.source import Arrivals
from sensors.topics import is_own

__all__ = ["BrokerAddress", "BrokerError", "Listener", "MqttSource", "Publisher", "Will", "epoch_clock"]

KEEPALIVE_S = 15  # a phone that leaves the Wi-Fi is noticed within about twice this
RETRY_S = (1, 5)  # first and longest wait before the next attempt
MAX_UNSENT = 10_000  # messages a publisher keeps for a broker that is away

_BAD_CREDENTIALS = (134, 135)  # "Bad user name or password", "Not authorized"; paho maps MQTT 3's codes onto these

Listener = Callable[[str, bytes, bool], None]


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
        keepalive_s: int = KEEPALIVE_S,
        on_connected: Callable[[], None] | None = None,
    ) -> None:
        self._address = address
        self._keepalive_s = keepalive_s
        self._clock_ns = clock_ns
        self._topics = [(topic, 1) for topic in topics]
        for topic, _ in self._topics:
            check_filter(topic)
        self._on_connected = on_connected
        self._answered = threading.Event()
        self._ready = False  # has been connected at least once
        self._refusal: str | None = None
        self._lost_ns: int | None = None
        # Without a name of its own the broker gives it one at each connection, which nobody can take from it: a
        # broker throws out an older client of the same name (MQTT 3.1.1, 3.1.3.1 and 3.1.4).
        transport: Literal["websockets", "tcp"] = "websockets" if address.websocket else "tcp"
        self.client = Client(CallbackAPIVersion.VERSION2, client_id or "", protocol=protocol, transport=transport)
        self.client.suppress_exceptions = True
        self.client.reconnect_delay_set(*RETRY_S)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_disconnect = self._on_disconnect
        if address.user:
            self.client.username_pw_set(address.user, address.password)
        if address.websocket:
            self.client.ws_set_options(address.websocket)
        if address.tls:
            try:
                self.client.tls_set(address.ca)
            except OSError as error:  # ssl.SSLError is one
                raise BrokerError(
                    f"{address.ca} cannot be read as a certificate ({error.strerror or error}): check {CA_VARIABLE}"
                ) from None

    @property
    def address(self) -> BrokerAddress:
        return self._address

    def connect(self, timeout_s: float) -> None:
        """Connect, wait until the broker has accepted us and our topics, and keep it so from then on."""
        address = self._address
        self.client.connect_timeout = timeout_s
        try:
            self.client.connect(address.host, address.port, self._keepalive_s)
        except (socket.gaierror, UnicodeError):
            raise BrokerError(f"no host is named {address.host!r}: check the name and the network") from None
        except ssl.SSLCertVerificationError as error:
            raise BrokerError(f"the certificate of {address} is not trusted: {error.verify_message}") from None
        except ssl.SSLError:
            raise BrokerError(f"{address} does not speak TLS: use mqtt://, or the port that does") from None
        except WebsocketConnectionError:
            raise BrokerError(f"{address} does not speak WebSocket: use mqtt://, or the port that does") from None
        except OSError:
            raise BrokerError(f"no broker answers at {address}: start one, or check address and network") from None
        self.client.loop_start()
        if not self._answered.wait(timeout_s):
            self._refusal = f"{address} takes connections but does not answer as an MQTT broker: check the port"
        if self._refusal:
            self.close()
            raise BrokerError(self._refusal)

    def move(self, address: BrokerAddress) -> None:
        """Go to another port or host of the same broker; credentials and encryption stay."""
        if (address.host, address.port) == (self._address.host, self._address.port):
            return
        self._address = replace(self._address, host=address.host, port=address.port)
        self.client.connect_async(address.host, address.port, self._keepalive_s)  # our thread connects again there

    def close(self) -> None:
        client = self.client
        client.disconnect()
        client.loop_stop()
        # It closes its last sockets when nobody holds it any more: not in a circle with what it calls.
        client.on_connect = client.on_subscribe = client.on_disconnect = client.on_message = None
        for topic, _ in self._topics:
            client.message_callback_remove(topic)

    @property
    def lost(self) -> bool:
        """Whether a connection that stood is gone."""
        return self._lost_ns is not None

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
        if self._on_connected:
            self._on_connected()

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
    keepalive_s : int
        A connection that is open on our side alone is noticed within twice this.
    inbox : InboxParams
        How much is taken from one topic, and from all.

    Raises
    ------
    BrokerError
        A topic filter is malformed, or listens to strangers.
    """

    def __init__(
        self,
        address: BrokerAddress,
        topics: Iterable[str],
        *,
        clock_ns: Callable[[], int] | None = None,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        keepalive_s: int = KEEPALIVE_S,
        inbox: InboxParams = InboxParams(),
    ) -> None:
        topics = tuple(topics)
        refuse_the_world(address, topics)
        self._clock_ns = clock_ns or epoch_clock()
        self._lock = threading.Lock()
        self._inbox = Inbox(inbox)
        self._link = _Link(
            address,
            client_id=None,
            protocol=protocol,
            clock_ns=self._clock_ns,
            topics=topics,
            keepalive_s=keepalive_s,
        )
        self._told_lost = False
        self._told_flooding: set[str] = set()
        self._link.client.on_message = self._on_message

    def connect(self, timeout_s: float = 5.0) -> None:
        """Connect and subscribe; call once. From then on a lost connection is taken up again without a word.

        Raises
        ------
        BrokerError
            Unknown host, nobody answers there, the credentials are refused, or a subscription is.
        """
        self._link.connect(timeout_s)

    @property
    def address(self) -> BrokerAddress:
        """The broker listened to."""
        return self._link.address

    def move(self, address: BrokerAddress) -> None:
        """Follow a broker that has moved to another port or host; who we are to it stays."""
        self._link.move(address)

    def take(self) -> Arrivals:
        """Give what has come since the last call; a connection lost or found again, and a flood, are news once."""
        with self._lock:
            flooding = [topic for topic in self._inbox.dropped if topic not in self._told_flooding]
            messages, now_ns = self._inbox.take(), self._clock_ns()
        self._told_flooding.update(flooding)
        news = [f"{topic} sends too fast: what is over is dropped" for topic in flooding]
        if self._told_lost != self._link.lost:
            self._told_lost = self._link.lost
            lost, found = f"{self.address} is lost, trying again", f"{self.address} is there again"
            news.append(lost if self._told_lost else found)
        return Arrivals(messages, now_ns, news=tuple(news))

    def dropped(self) -> dict[str, int]:
        """Give how many messages were too many, by topic."""
        with self._lock:
            return dict(self._inbox.dropped)

    def status(self) -> str:
        """Tell a person whether we are connected, since when not, and what was dropped."""
        dropped = self.dropped()
        if not dropped:
            return self._link.status()
        worst = max(dropped, key=dropped.__getitem__)
        others = f" and {len(dropped) - 1} more topics" if len(dropped) > 1 else ""
        return f"{self._link.status()}; {sum(dropped.values())} messages dropped, {worst}{others} sends too fast"

    def close(self) -> None:
        """Disconnect; what has arrived can still be taken."""
        self._link.close()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # a broker that lets such a topic through breaks MQTT 3.1.1, 1.5.3
            return
        # The broker's own; our recordings' commands, which no device may speak; and our own words.
        if topic.startswith("$") or is_own(topic):
            return
        payload = bytes(message.payload)
        with self._lock:
            self._inbox.put(Message(topic, payload, self._clock_ns(), message.retain))


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes for us when we vanish without a goodbye (MQTT 3.1.1, 3.1.2.5)."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


class Publisher:
    """Send messages; a context manager that connects on entry and disconnects on leaving.

    While the broker is away messages wait, at most 10,000 of them; those of QoS 0 are lost.

    Parameters
    ----------
    address : BrokerAddress
    client_id : str, optional
        Given by the broker by default. Two clients of one name throw each other out, again and again.
    protocol : MQTTProtocolVersion
    will : Will, optional
    listen : mapping of str to callable, optional
        Topic filters, and what is called with the topic, the payload and whether it was retained. Called in the
        connection's thread: it must return soon. It may publish; what it raises is dropped.
    on_connected : callable, optional
        Called in the same way whenever the connection stands, for the first time and after each loss.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str | None = None,
        *,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311,
        will: Will | None = None,
        listen: Mapping[str, Listener] | None = None,
        on_connected: Callable[[], None] | None = None,
    ) -> None:
        listen = listen or {}
        self._link = _Link(
            address,
            client_id=client_id,
            protocol=protocol,
            clock_ns=epoch_clock(),
            topics=listen,
            on_connected=on_connected,
        )
        client = self._link.client
        client.max_queued_messages_set(MAX_UNSENT)
        if will:
            client.will_set(will.topic, will.payload, will.qos, will.retain)
        for topic, listener in listen.items():
            client.message_callback_add(topic, _heard_by(listener))
        self._unsettled: deque[MQTTMessageInfo] = deque()
        self._lock = threading.Lock()  # a callback publishes from the connection's thread

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

    def move(self, address: BrokerAddress) -> None:
        """Follow a broker that has moved to another port or host; what waits is sent there."""
        self._link.move(address)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Hand one message over, without waiting for the broker's acknowledgement.

        Raises
        ------
        BrokerError
            The topic cannot be published to, or too many messages wait for a broker that is away.
        """
        try:
            sent = self._link.client.publish(topic, payload, qos=qos, retain=retain)
        except ValueError as error:
            raise BrokerError(f"cannot publish to {topic!r}: {error}") from None
        if sent.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            raise BrokerError(
                f"{MAX_UNSENT} messages wait for {self._link.address}, no more are taken: {self.status()}"
            )
        if qos:
            sent.rc = MQTTErrorCode.MQTT_ERR_SUCCESS  # not connected is no failure: paho keeps it and sends it then
            with self._lock:
                self._unsettled.append(sent)
                while self._unsettled and self._unsettled[0].is_published():
                    self._unsettled.popleft()

    def flush(self, timeout_s: float = 5.0) -> None:
        """Wait until the broker has acknowledged everything published so far, but for QoS 0.

        Raises
        ------
        BrokerError
            It has not within ``timeout_s``.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._lock:
            unsettled = list(self._unsettled)
        for sent in unsettled:
            sent.wait_for_publish(max(0.0, deadline_s - time.monotonic()))
        if missing := sum(not sent.is_published() for sent in unsettled):
            raise BrokerError(f"{missing} messages are not acknowledged: {self.status()}")

    def status(self) -> str:
        """Tell a person whether we are connected."""
        return self._link.status()

    def close(self) -> None:
        """Disconnect at once; `flush` first what must arrive. The will is not published."""
        self._link.close()


def _heard_by(listener: Listener) -> Callable[[Client, Any, MQTTMessage], None]:
    def hear(_client: Client, _data: Any, message: MQTTMessage) -> None:
        listener(message.topic, bytes(message.payload), message.retain)

    return hear
