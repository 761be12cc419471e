"""amqtt in this process, where mosquitto is not installed.

It never leaves loopback: it bounds neither the size of a message nor the time of a connection attempt.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import Future

from sensors.address import BrokerAddress
from sensors.broker.base import LOOPBACK, MAX_CONNECTIONS, Access, Broker, Endpoint, NotStartedError
from sensors.broker.ports import free_ports

STOP_S = 5.0


class Embedded(Broker):
    """A running amqtt.

    Parameters
    ----------
    port : int
        The port wished for; a free one is chosen where it is taken, or for 0.

    Raises
    ------
    NotStartedError
        It does not start.
    """

    def __init__(self, port: int) -> None:
        self.kind = "amqtt"
        port = free_ports({"own": (LOOPBACK, port)})["own"]
        self.address = BrokerAddress(LOOPBACK, port)
        self.access = Access((Endpoint("mqtt", LOOPBACK, port),))
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="amqtt", daemon=True)
        self._thread.start()
        self._started.result()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def revive(self) -> bool:
        """Do nothing: it dies with this process only."""
        return False

    def close(self) -> None:
        """End the broker; may be called twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_S)  # a daemon: one that hangs does not hold up the program's end

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
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
        bind = f"{LOOPBACK}:{self.address.port}"
        config = {
            "listeners": {"default": {"type": "tcp", "bind": bind, "max_connections": MAX_CONNECTIONS}},
            # Its default plugins log every packet and publish statistics.
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
        broker = TidyBroker(config)
        try:
            await broker.start()
        except AmqttBrokerError as error:
            raise NotStartedError(str(error)) from None
        self._started.set_result(None)
        await self._stopping.wait()
        await broker.shutdown()
