"""The broker started for you: mosquitto as a child process where it is installed, else amqtt in this process.

On the loopback interface unless the network is asked for; on the network a password is needed, and each user may use
only their own topics. amqtt never leaves loopback.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from sensors.address import BrokerError
from sensors.broker.base import LOOPBACK, Access, Broker, Endpoint, NotStartedError
from sensors.broker.conf import DEVICE_USER, PROGRAM_USER, Rights, acl
from sensors.broker.embedded import Embedded
from sensors.broker.mosquitto import Mosquitto, Network
from sensors.broker.password import device_password
from sensors.broker.ports import host_names, lan_host

if TYPE_CHECKING:
    from sensors.broker.certificate import Certificate

__all__ = ["LOOPBACK", "Access", "Broker", "Endpoint", "find_mosquitto", "network_access", "start_broker"]

ATTEMPTS = 5  # another program may take a port between our look and the broker's

# Debian and Homebrew install it where a user's PATH often does not look.
MOSQUITTO_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin")


def start_broker(
    port: int = 1883,
    prefer: Literal["auto", "mosquitto", "amqtt"] = "auto",
    *,
    network: bool = False,
    inputs: Iterable[str] = (),
    open_topics: Iterable[str] = (),
) -> Broker:
    """Start a broker that keeps nothing: on this machine for anybody, on the network for those with the password.

    Parameters
    ----------
    port : int
        The port wished for; a free one is chosen where it is taken, or for 0.
    prefer : "auto", "mosquitto" or "amqtt"
        "auto" is mosquitto where it is installed.
    network : bool
        Listen on every interface, so that a phone reaches it; mosquitto only.
    inputs : iterable of str
        Topic filters that devices on the network may send to, beside the usual ones. Those that take in what we
        publish ourselves are left out.
    open_topics : iterable of str
        Topic filters that anybody on the network may send to without a password: some versions of phyphox know none.
        A stranger can then feed false motion into a session.

    Raises
    ------
    BrokerError
        mosquitto is needed and not installed, the broker does not start, a topic filter is malformed or may not be
        open, or the password or the certificate cannot be kept.
    """
    mosquitto = find_mosquitto() if network or prefer != "amqtt" else None
    if not mosquitto and (network or prefer == "mosquitto"):
        raise BrokerError("mosquitto is not installed: install it, or name a running broker with --broker")
    outward = _network(tuple(inputs), tuple(open_topics)) if network else None
    problem = ""
    for attempt in range(ATTEMPTS):
        wished = port if attempt == 0 else 0
        try:
            return Mosquitto(mosquitto, wished, outward) if mosquitto else Embedded(wished)
        except NotStartedError as error:
            problem = str(error)
    raise BrokerError(f"{'mosquitto' if mosquitto else 'amqtt'} does not start: {problem}")


def network_access() -> Access:
    """Give what devices log in with at a broker on the network, made now if there was none yet; without the ways in.

    Raises
    ------
    BrokerError
        The password or the certificate cannot be kept.
    """
    certificate = _certificate()
    return Access((), DEVICE_USER, device_password(), certificate.ca, certificate.fingerprint)


def find_mosquitto() -> str | None:
    """Give the path of the mosquitto program, None where it is not installed."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *MOSQUITTO_FOLDERS))
    return shutil.which("mosquitto", path=folders)


def _network(inputs: tuple[str, ...], open_topics: tuple[str, ...]) -> Network:
    acl(inputs, open_topics)  # first, so that a bad filter is told before anything is made
    certificate = _certificate()
    passwords = {PROGRAM_USER: secrets.token_urlsafe(32), DEVICE_USER: device_password()}
    return Network(Rights(passwords, inputs, open_topics, certificate.pem), certificate.ca, certificate.fingerprint)


def _certificate() -> Certificate:
    from sensors.broker.certificate import certificate_for  # cryptography takes a moment to load

    return certificate_for([LOOPBACK, lan_host()], host_names())
