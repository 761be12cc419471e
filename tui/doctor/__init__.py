"""`palmpace doctor`: listens for a moment and tells a person whose phone does not show up what to do."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from sensors.address import BrokerAddress, BrokerError, is_public
from sensors.broker import Access, find_mosquitto, start_broker
from sensors.decode import Decoder
from sensors.mqtt import MqttSource, epoch_clock
from tui.config import Config
from tui.doctor import surroundings
from tui.doctor.checks import Observation, check, failed
from tui.doctor.report import as_json, as_text
from tui.doctor.surroundings import BrokerSeen, ClientCount
from tui.doctor.traffic import listen
from tui.hub import DEFAULT_TOPICS, OWN_TOPICS, named_address

__all__ = ["diagnose", "observe"]

PORT = 1883
ALL = "#"


def diagnose(
    url: str | None = None,
    topics: Sequence[str] = (),
    config: Config = Config(),
    *,
    seconds: float = 10.0,
    json: bool = False,
    clock_ns: Callable[[], int] | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """Listen, check and print the report.

    Parameters
    ----------
    url : str, optional
        Of a running broker; without it and one in the configuration a broker is started here.
    topics : sequence of str
        What a session listens to; empty means the configuration's, or the usual ones.
    config : Config
    seconds : float
    json : bool
        JSON lines instead of text.
    clock_ns, sleep : callable
        Now, in nanoseconds since the epoch; and what waits between two looks.

    Returns
    -------
    int
        0 where no check failed, else 1.

    Raises
    ------
    BrokerError
        The address is malformed, or a topic filter is.
    """
    seen = observe(url, topics, config, seconds=seconds, clock_ns=clock_ns, sleep=sleep)
    checks = check(seen)
    encoding = sys.stdout.encoding or "utf-8"
    for line in as_json(seen, checks) if json else as_text(checks):
        # A terminal that cannot show a sign shows a question mark instead of ending us.
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    return 1 if failed(checks) else 0


def observe(
    url: str | None = None,
    topics: Sequence[str] = (),
    config: Config = Config(),
    *,
    seconds: float = 10.0,
    port: int = PORT,
    clock_ns: Callable[[], int] | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Observation:
    """Look at the machine, the broker and what is sent to it; a broker that fails is part of what is seen."""
    machine = surroundings.machine()
    named = named_address(url, config.broker)
    filters = tuple(topics) or config.broker.topics or (OWN_TOPICS if named is None else DEFAULT_TOPICS)
    with ExitStack() as opened:
        if named is not None:
            broker, clients = BrokerSeen(named), None
        else:
            broker, clients = _start(port, filters, config.broker.open_topics, opened)
        if broker.address is None:
            return Observation(machine, broker, filters)
        try:
            source, refusal = _source(broker.address, filters, clock_ns or epoch_clock())
        except BrokerError as error:
            return Observation(machine, replace(broker, problem=str(error)), filters)
        opened.callback(source.close)
        broker = replace(
            broker,
            refuses_all=refusal,
            from_network=None if broker.access else surroundings.answers_from_network(broker.address, machine.host),
        )
        _invite(broker, seconds)
        traffic = listen(source, Decoder(config.device), seconds, sleep=sleep, filters=filters)
        others = clients.others() if clients else None
        return Observation(machine, broker, filters, traffic, others, sum(source.dropped().values()))


def _start(
    port: int, filters: Sequence[str], open_topics: Sequence[str], opened: ExitStack
) -> tuple[BrokerSeen, ClientCount | None]:
    network = find_mosquitto() is not None
    try:
        started = start_broker(
            port,
            network=network,
            inputs=[each for each in filters if each != ALL],
            open_topics=open_topics if network else (),
        )
    except BrokerError as error:
        return BrokerSeen(None, wished_port=port, problem=str(error)), None
    opened.enter_context(started)
    clients = None
    if started.kind == "mosquitto":
        clients = ClientCount(started.address)
        opened.callback(clients.close)
    return BrokerSeen(started.address, started.access, started.kind, port), clients


def _source(
    address: BrokerAddress, filters: Sequence[str], clock_ns: Callable[[], int]
) -> tuple[MqttSource, str | None]:
    """Listen to everything, where the broker is not the world's: a device may send to a topic nobody thought of.

    Returns
    -------
    tuple of MqttSource and (str or None)
        Connected; and why not to everything, where the broker refuses that.
    """
    usual = _connected(address, filters, clock_ns)
    if ALL in filters or is_public(address.host):
        return usual, None
    try:
        everything = _connected(address, (ALL,), clock_ns)
    except BrokerError as error:
        return usual, str(error)
    usual.close()
    return everything, None


def _connected(address: BrokerAddress, filters: Sequence[str], clock_ns: Callable[[], int]) -> MqttSource:
    source = MqttSource(address, filters, clock_ns=clock_ns)
    source.connect()
    return source


def _invite(broker: BrokerSeen, seconds: float) -> None:
    """Tell on stderr what to enter into an app: the report may be shown to others, so the password is not in it."""
    sys.stderr.write(f"listening for {seconds:.0f} s: start the stream in the app now (--seconds N listens longer)\n")
    if broker.access is not None:
        sys.stderr.write("".join(f"{line}\n" for line in _entries(broker.access)))


def _entries(access: Access) -> list[str]:
    where = access.endpoints[0]
    others = ", ".join(str(each) for each in access.endpoints[1:])
    lines = [f"in the app: broker {where.host}, port {where.port}" + (f" (or {others})" if others else "")]
    if access.user:
        password = access.password if sys.stderr.isatty() else "(told on a terminal, and never in a log)"
        lines.append(f"user {access.user}, password {password}")
    return [*lines, *access.notes]
