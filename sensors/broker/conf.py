"""mosquitto's files: its configuration, who may log in, and who may say and hear what (mosquitto.conf(5))."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from sensors.address import BrokerError, check_filter
from sensors.broker.base import MAX_CONNECTIONS, MAX_PAYLOAD_BYTES
from sensors.topics import BASE, DISCOVERY, OUTPUTS

PROGRAM_USER = "palmpace"
DEVICE_USER = "wrist"

OWN = (*(f"{BASE}/+/{output}" for output in OUTPUTS), f"{DISCOVERY}/+/+/config", f"{DISCOVERY}/+/+/+/config")
"""What only the program may write."""

DEVICE_WRITES = (
    "+",
    "+/+",
    f"{BASE}/+/imu",
    *(
        f"{first}/#"
        for first in (
            *("phyphox", "sensor-logger", "android", "senml", "channels", "wrist", "left", "right", "watch", "phone"),
            *("imu", "acc", "sensor", "sensors", "device", "devices", "iot", "iot-2", "esp", "esp32", "esp8266"),
            *("arduino", "micropython", "m5stack", "tele", "home", "test"),
        )
    ),
    "/+/+",
    "+/sensor/+/state",
)
"""Where devices may send: any topic of one or two parts, and deeper ones as apps and sketches name them. No output of
ours is among them: those have three parts or more and begin in another way."""

DEVICE_READS = tuple(f"{BASE}/+/{output}" for output in ("cue", "state", "status"))
"""What goes back to a device. No raw stream is among it: no device hears another."""

PACKET_BYTES = 4 * MAX_PAYLOAD_BYTES
"""A longer packet ends its connection before it is read, and a device that sends it again and again never gets on.
Between the payload's limit and this a message is acknowledged and passed over."""

# Room to wait for a session that is a second late while a device floods: what does not fit is lost whoever sent it,
# and the bound of one topic (sensors.inbox) comes only after this queue.
COMMON = f"""\
persistence false
message_size_limit {MAX_PAYLOAD_BYTES}
max_packet_size {PACKET_BYTES}
max_inflight_messages 1000
max_queued_messages 10000
max_queued_bytes {16 * MAX_PAYLOAD_BYTES}
connection_messages false
log_dest stderr
log_timestamp false
log_type error
log_type information
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where mosquitto listens."""

    bind: str
    port: int
    tls: bool = False
    websocket: bool = False


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may log in on the network, and what more than the usual they may do.

    Attributes
    ----------
    passwords : mapping of str to str
        By user.
    inputs : tuple of str
        More filters that devices may send to.
    open_topics : tuple of str
        Filters that anybody may send to without a password, and hear nothing.
    pem : Path
        Certificate and key in one file.
    """

    passwords: Mapping[str, str]
    inputs: tuple[str, ...]
    open_topics: tuple[str, ...]
    pem: Path


def files(folder: Path, listeners: Iterable[Listener], rights: Rights | None) -> dict[str, str]:
    """Give what to write into mosquitto's folder, by file name."""
    lines = [COMMON]
    told: dict[str, str] = {}
    if rights is None:
        lines.append("allow_anonymous true\n")
    else:
        told["passwords"] = "".join(f"{user}:{hashed(word)}\n" for user, word in rights.passwords.items())
        told["acl"] = acl(rights.inputs, rights.open_topics)
        lines.append(f"allow_anonymous {'true' if rights.open_topics else 'false'}\n")
        lines += [f"password_file {folder / 'passwords'}\n", f"acl_file {folder / 'acl'}\n"]
        if os.name == "posix" and os.geteuid() == 0:
            lines.append("user root\n")  # it would become another user, who must not read these files
    for listener in listeners:
        lines.append(f"listener {listener.port} {listener.bind}\nmax_connections {MAX_CONNECTIONS}\n")
        if listener.websocket:
            lines.append("protocol websockets\nsocket_domain ipv4\n")
        if listener.tls and rights is not None:
            lines.append(f"certfile {rights.pem}\nkeyfile {rights.pem}\ntls_version tlsv1.2\n")
    return {**told, "mosquitto.conf": "".join(lines)}


def acl(inputs: Collection[str], open_topics: Collection[str]) -> str:
    """Give the access control list; what stands before the first user is for those without a password.

    Raises
    ------
    BrokerError
        An open filter takes in what we publish ourselves, or a filter is malformed.
    """
    for topic in (*inputs, *open_topics):
        check_filter(topic)
    for topic in open_topics:
        if touches_own(topic):
            raise BrokerError(f"topic filter {topic!r} cannot be open to everybody: Palmpace publishes there")
    lines = [f"topic write {topic}" for topic in open_topics]
    lines += [f"user {PROGRAM_USER}", "topic readwrite #", "topic read $SYS/#"]
    lines += [f"user {DEVICE_USER}", *(f"topic write {topic}" for topic in DEVICE_WRITES)]
    lines += [f"topic write {topic}" for topic in inputs if not touches_own(topic)]
    lines += [f"topic read {topic}" for topic in DEVICE_READS]
    return "\n".join(lines) + "\n"


def touches_own(topic: str) -> bool:
    """Tell whether a filter takes in a topic that we publish to."""
    return any(_meet(topic, own) for own in OWN)


def _meet(one: str, other: str) -> bool:
    """Tell whether a topic exists that both filters match."""
    for part, counterpart in zip_longest(one.split("/"), other.split("/")):
        if "#" in (part, counterpart):
            return True
        if part != counterpart and ("+" not in (part, counterpart) or None in (part, counterpart)):
            return False
    return True


def hashed(password: str) -> str:
    """Hash as mosquitto_passwd does: PBKDF2 with SHA-512, salt and hash in base64."""
    # Few rounds: the secret is random, not a person's choice, and each attempt to log in costs the broker these.
    rounds, salt = 101, secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
