"""A network between a client and its broker, of the test's own: it can be cut, fall mute, and come back."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Self

from sensors.broker import LOOPBACK
from sensors.mqtt import BrokerAddress

PATIENCE_S = 10.0
NO_LINGER = struct.pack("ii", 1, 0)
"""Closing sends a reset, not a goodbye (socket(7), SO_LINGER)."""


class Proxy:
    """A way to a port of this machine; a context manager that ends it on leaving.

    Each change has been made when its method returns.

    Parameters
    ----------
    port : int
        Where the broker listens.

    Attributes
    ----------
    address : BrokerAddress
        Where clients are to connect; it stays the same when the network comes back.
    """

    def __init__(self, port: int) -> None:
        self.address = BrokerAddress(LOOPBACK, 0)
        self._behind = port
        self._passing = asyncio.Event()
        self._carriers: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self.forward()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def forward(self) -> None:
        """Let everything through; what was held up comes late, as when TCP sends it again."""

        async def forward() -> None:
            if self._server is None:
                self._server = await asyncio.start_server(self._serve, LOOPBACK, self.address.port)
                self.address = BrokerAddress(*self._server.sockets[0].getsockname())
            self._passing.set()

        self._do(forward())

    def cut(self) -> None:
        """End every connection and refuse new ones."""

        async def cut() -> None:
            if self._server is not None:
                self._server.close()
                self._server = None
            await self._drop()

        self._do(cut())

    def blackhole(self) -> None:
        """Keep connections open, take new ones, and let nothing through: nobody is told."""

        async def blackhole() -> None:
            self._passing.clear()

        self._do(blackhole())

    def reset(self) -> None:
        """Break every connection with a reset; new ones are let through."""

        async def reset() -> None:
            for each in self._writers:
                each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            await self._drop()

        self._do(reset())

    def _do(self, change: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(change, self._loop).result(PATIENCE_S)

    async def _drop(self) -> None:
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)
        await asyncio.sleep(0)  # the connections close in the loop's next round

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        carrier = asyncio.create_task(self._carry(from_client, to_client))
        self._carriers.add(carrier)
        carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Pass on what either side says until one of them ends."""
        writers = {to_client}
        ways: list[asyncio.Task[None]] = []
        try:
            from_broker, to_broker = await asyncio.open_connection(LOOPBACK, self._behind)
            writers.add(to_broker)
            self._writers |= writers
            both = (self._pass_on(from_client, to_broker), self._pass_on(from_broker, to_client))
            ways += [asyncio.create_task(way) for way in both]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except OSError:  # the broker is away
            pass
        finally:
            for way in ways:
                way.cancel()
            self._writers -= writers
            for writer in writers:
                writer.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(65536):
                await self._passing.wait()
                writer.write(some)
                await writer.drain()
