"""Where a broker is, who we are to it, and what a person should know before trusting it."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

USER_VARIABLE = "PALMPACE_MQTT_USER"
PASSWORD_VARIABLE = "PALMPACE_MQTT_PASSWORD"  # noqa: S105  the variable's name, not a password
CA_VARIABLE = "PALMPACE_MQTT_CA"

# Brokers that anybody may use: each of their messages is anybody's to read and to write. The names are those that
# their operators give for tests, and the defaults of apps (Sensor Spot, MQTT dashboards).
PUBLIC_BROKERS = (
    "broker.hivemq.com",
    "broker.mqttdashboard.com",
    "mqtt-dashboard.com",
    "mqtt.hivemq.com",
    "test.mosquitto.org",
    "test-mosquitto.org",
    "broker.emqx.io",
    "broker-cn.emqx.io",
    "mqtt.eclipseprojects.io",
    "mqtt.eclipse.org",
    "iot.eclipse.org",
    "public.mqtthq.com",
    "mqtt.fluux.io",
    "public-mqtt-broker.bevywise.com",
    "broker.mqtt.cool",
    "mqtt.flespi.io",
)

Scheme = Literal["mqtt", "mqtts", "ws", "wss"]

_DEFAULT_PORT = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
_WEBSOCKET_PATH = "/mqtt"  # what most brokers expect; mosquitto takes any
_NEAR_NAMES = (".local", ".lan", ".home", ".internal", ".home.arpa", ".fritz.box")


class BrokerError(Exception):
    """A broker cannot be used; one line for a person: what, which, and what to do."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and who we are to it; printing one never shows the password.

    Attributes
    ----------
    host : str
    port : int
    tls : bool
    user, password : str or None
    websocket : str or None
        Path of the WebSocket to speak through; None speaks plain TCP.
    ca : str or None
        File of the certificate authority to trust, PEM; None trusts those of this system.
    password_in_url : bool
        The password stood where others can read it.
    """

    host: str
    port: int
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    websocket: str | None = None
    ca: str | None = None
    password_in_url: bool = field(default=False, repr=False, compare=False)

    @classmethod
    def parse(cls, url: str, environ: Mapping[str, str] = os.environ) -> BrokerAddress:
        """Read ``mqtt://[user[:password]@]host[:port]`` (port 1883), or one that begins in another way.

        ``mqtts://`` is TLS (port 8883), ``ws://`` (port 80) and ``wss://`` (TLS, port 443) are WebSockets and may have
        a path. What the URL leaves out is taken from ``PALMPACE_MQTT_USER`` and ``PALMPACE_MQTT_PASSWORD``: better
        there than on a command line, which every user of the machine can read. ``PALMPACE_MQTT_CA`` names the
        certificate to trust.

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
            raise BrokerError(f"broker address {shown!r}: begin it with mqtt:// or mqtts://, or ws:// or wss://")
        websocket = parts.scheme in ("ws", "wss")
        pathless = parts.path in ("", "/")
        path_fits = pathless or (websocket and "@" not in parts.path)
        if not parts.hostname or port == 0 or not path_fits or parts.query or parts.fragment:
            raise BrokerError(
                f"broker address {shown!r}: write it as {parts.scheme}://host or {parts.scheme}://host:port"
            )
        user = unquote(parts.username) if parts.username else environ.get(USER_VARIABLE) or None
        password = unquote(parts.password) if parts.password else environ.get(PASSWORD_VARIABLE) or None
        tls = parts.scheme in ("mqtts", "wss")
        return cls(
            host=parts.hostname,
            port=port or _DEFAULT_PORT[parts.scheme],
            tls=tls,
            user=user,
            password=password if user else None,  # MQTT 3.1.1 has no password without a user (3.1.2.9)
            websocket=(_WEBSOCKET_PATH if pathless else parts.path) if websocket else None,
            ca=environ.get(CA_VARIABLE) or None if tls else None,
            password_in_url=bool(parts.password),
        )

    @property
    def scheme(self) -> Scheme:
        """How its URL begins."""
        if self.websocket:
            return "wss" if self.tls else "ws"
        return "mqtts" if self.tls else "mqtt"

    def __str__(self) -> str:
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{user}{host}:{self.port}{self.websocket or ''}"

    def warnings(self) -> list[str]:
        """Tell a person what is risky about this broker; one sentence each."""
        told = []
        if is_public(self.host):
            told.append(
                f"{self.host} is a public broker: anybody can read what your devices send, and send in their place"
            )
        if self.password is not None and not self.tls and not is_near(self.host):
            told.append(
                f"the password travels to {self.host} unencrypted: use {self.scheme}s:// and the port that speaks TLS"
            )
        if self.password_in_url:
            told.append(
                "the password is part of the broker's address, where other users of this machine can read it: "
                f"put it into {PASSWORD_VARIABLE}"
            )
        return told


def is_public(host: str) -> bool:
    """Tell whether a host is a known broker that anybody may use."""
    host = host.lower().rstrip(".")
    return any(host == name or host.endswith(f".{name}") for name in PUBLIC_BROKERS)


def is_near(host: str) -> bool:
    """Tell whether a host is this machine or on its own network, by its name or address alone."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.lower().rstrip(".").endswith(_NEAR_NAMES)
    return address.is_private or address.is_loopback or address.is_link_local


def check_filter(topic: str) -> None:
    """Check that a text is a topic filter (MQTT 3.1.1, 4.7).

    Raises
    ------
    BrokerError
        It is not.
    """
    parts = topic.split("/")
    if parts[-1] == "#":
        parts.pop()
    wild = any(part != "+" and ("#" in part or "+" in part) for part in parts)
    if not topic or not topic.isprintable() or wild:
        raise BrokerError(f"topic filter {topic!r} is malformed: '#' stands last and '+' alone between slashes")


def refuse_the_world(address: BrokerAddress, topics: Iterable[str]) -> None:
    """Refuse filters that would take in strangers' messages on a public broker.

    Raises
    ------
    BrokerError
        A filter's first part is a wildcard there.
    """
    if not is_public(address.host):
        return
    for topic in topics:
        if topic.split("/")[0] in ("#", "+"):
            raise BrokerError(
                f"topic filter {topic!r} on {address.host} would listen to strangers: "
                "name the first part of your device's topic"
            )
