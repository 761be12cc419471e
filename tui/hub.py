"""The broker of a live session: somebody's, or one started here and brought back when it dies."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable
from contextlib import ExitStack

from sensors.address import CA_VARIABLE, PASSWORD_VARIABLE, USER_VARIABLE, BrokerAddress, is_public
from sensors.broker import Access, Broker, Endpoint, find_mosquitto, start_broker
from tui.config import BrokerConfig
from tui.runner import Connection

OWN_TOPICS = ("#",)
"""On a broker started for this session everything is meant for it."""
DEFAULT_TOPICS = ("sensor-logger", "android/sensor/#", "phyphox/#", "palmpace/imu", "palmpace/+/imu")
"""On somebody's broker only what the known apps send to: never ``#``, which may be the whole world's."""


class Hub:
    """Where everybody of a session meets.

    Parameters
    ----------
    address : BrokerAddress
        Where this program reaches it.
    broker : Broker or None
        The one that was started here.
    topics : tuple of str
        What to listen to.
    """

    def __init__(self, address: BrokerAddress, broker: Broker | None, topics: tuple[str, ...]) -> None:
        self.address = address
        self.topics = topics
        self._broker = broker
        self._followers: list[Callable[[BrokerAddress], None]] = []

    @classmethod
    def open(
        cls, url: str | None, topics: tuple[str, ...], config: BrokerConfig, *, network: bool, opened: ExitStack
    ) -> Hub:
        """Give the hub at ``url``, or start a broker; on the network where devices are to reach it.

        Raises
        ------
        BrokerError
            The address is malformed, or no broker starts.
        """
        topics = topics or config.topics
        address = named_address(url, config)
        if address is not None:
            return cls(address, None, topics or DEFAULT_TOPICS)
        reachable = network and find_mosquitto() is not None
        broker = start_broker(network=reachable, inputs=topics, open_topics=config.open_topics if reachable else ())
        opened.enter_context(broker)
        return cls(broker.address, broker, topics or OWN_TOPICS)

    @property
    def first_topic(self) -> str:
        """A topic to show to a person, and for a simulated wrist to send to."""
        first = self.topics[0]
        return DEFAULT_TOPICS[0] if "#" in first or "+" in first else first

    @property
    def private(self) -> bool:
        """Whether what is said there stays among one's own."""
        return not is_public(self.address.host)

    def connection(self) -> Connection:
        """Give what to type into a device's app."""
        if self._broker is not None:
            return Connection(self._broker.kind, self._broker.access, self.first_topic)
        address = self.address
        access = Access((Endpoint(address.scheme, address.host, address.port),), user=address.user)
        return Connection("broker", access, self.first_topic)

    def warnings(self) -> list[str]:
        """Tell a person what is risky."""
        notes = self._broker.access.notes if self._broker is not None else ()
        return [*self.address.warnings(), *notes]

    def lead(self, follower: Callable[[BrokerAddress], None]) -> None:
        """Call this with the new address whenever the broker has come back at another one."""
        self._followers.append(follower)

    def tend(self) -> Connection | None:
        """Bring a broker of ours back if it died, without waiting; give where it is once it is there again."""
        if self._broker is None or not self._broker.revive():
            return None
        self.address = self._broker.address
        for follower in self._followers:
            follower(self.address)
        return self.connection()


def named_address(url: str | None, config: BrokerConfig) -> BrokerAddress | None:
    """Give the broker that the command line or else the configuration names; None where neither does.

    Raises
    ------
    BrokerError
        The address is malformed.
    """
    url = url or config.url
    return None if url is None else BrokerAddress.parse(url, credentials(config))


def credentials(config: BrokerConfig) -> ChainMap[str, str]:
    """Give the environment, and below it what the configuration says of user, password and certificate."""
    said = {USER_VARIABLE: config.user, PASSWORD_VARIABLE: config.password, CA_VARIABLE: config.ca}
    return ChainMap(dict(os.environ), {name: value for name, value in said.items() if value})
