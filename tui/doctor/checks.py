"""From what was seen to what it means and what to do: pure, and in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sensors.address import is_public
from sensors.broker import Access
from sensors.samples import Clock
from sensors.stream import SAMPLES_PER_CYCLE
from tui.doctor.apps import NOT_FOR_HOME, App, Problem, advise, app_of
from tui.doctor.surroundings import BrokerSeen, Machine, is_loopback
from tui.doctor.traffic import DeviceSeen, TopicSeen, Traffic

State = Literal["ok", "warn", "fail"]

BRISK_CPM, FASTEST_CPM = 120.0, 300.0
"""Two strokes a second are brisk, five the fastest a hand does."""
SHARE = 0.02
"""Of the time without samples, of late and of repeated samples: less is not worth a word."""
GAPPY = 0.3
QUIET_S = 3.0
MANY = 6
"""Topics without motion that are told one by one."""

STEPS = "steps for each app: docs/connect-a-phone.md"


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was seen.

    Attributes
    ----------
    machine : Machine
    broker : BrokerSeen
    filters : tuple of str
        What a session listens to.
    traffic : Traffic or None
        None where we could not listen.
    others : int or None
        Clients of a broker started here beside us.
    dropped : int
        Messages that were too many.
    """

    machine: Machine
    broker: BrokerSeen
    filters: tuple[str, ...]
    traffic: Traffic | None = None
    others: int | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes
    ----------
    about : str
        The topic or device; empty for what concerns all.
    name : str
    state : {"ok", "warn", "fail"}
    found : str
    advice : tuple of str
        What to do, a sentence each; none where it is well.
    """

    about: str
    name: str
    state: State
    found: str
    advice: tuple[str, ...] = ()


def check(seen: Observation) -> list[Check]:
    """Judge what was seen, the surroundings first, then topics, then devices."""
    checks = [_program(seen.machine), *_broker(seen)]
    if seen.traffic is not None:
        checks.append(_heard(seen, seen.traffic))
        if seen.dropped:
            found = f"{seen.dropped} messages were too many and are dropped"
            checks.append(Check("", "flood", "warn", found, ("find the device that sends without end",)))
        checks += _topics(seen.traffic)
        heard = {topic.topic for topic in seen.traffic.topics if topic.expected}
        for device in seen.traffic.devices:
            of_device = list(check_device(device))
            if device.topic not in heard and heard.intersection(each.topic for each in seen.traffic.devices):
                # It is no part of a session, and another one is.
                of_device = [replace(each, state="warn") if each.state == "fail" else each for each in of_device]
            checks += of_device
    return checks


def failed(checks: list[Check]) -> bool:
    """Tell whether any check failed."""
    return any(each.state == "fail" for each in checks)


def _program(machine: Machine) -> Check:
    found = f"Palmpace {machine.palmpace}, Python {machine.python}, {machine.mosquitto or 'no mosquitto'}"
    return Check("", "program", "ok", found)


def _broker(seen: Observation) -> Iterator[Check]:
    broker, machine = seen.broker, seen.machine
    own = broker.access is not None or broker.address is None
    if own and machine.mosquitto is None:
        advice = "install mosquitto, or name a running broker with --broker: without it only this machine is served"
        yield Check("", "mosquitto", "fail", "not installed", (advice,))
    if broker.problem is not None or broker.address is None:
        advice_of = ["run 'palmpace doctor' without --broker to start one here"] if not own else []
        if broker.address is not None and broker.address.tls:
            advice_of.append("a certificate of your own: name its authority's file in PALMPACE_MQTT_CA")
        yield Check("", "broker", "fail", broker.problem or "none", tuple(advice_of))
        return
    how = f"{broker.kind} started here" if own else "connected"
    yield Check("", "broker", "ok", f"{how}: {broker.address}")
    if broker.access is not None:
        yield from _port(broker)
    # Where a device is heard, it is on this machine or comes by way of a bridge.
    unreachable: State = "warn" if seen.traffic is not None and seen.traffic.devices else "fail"
    yield from _reach(broker, machine, unreachable)
    own_one = ("leave --broker out: Palmpace starts one of your own",) if is_public(broker.address.host) else ()
    for warning in broker.address.warnings():
        yield Check("", "privacy", "warn", warning, own_one)


def _port(broker: BrokerSeen) -> Iterator[Check]:
    port = broker.access.endpoints[0].port if broker.access else 0
    if not broker.wished_port or port == broker.wished_port:
        return
    advice = (
        f"phones set to {broker.wished_port} send to what has it: end a Palmpace session that runs; look at another "
        f"broker with palmpace doctor --broker mqtt://localhost:{broker.wished_port}"
    )
    yield Check("", "port", "warn", f"{broker.wished_port} is taken, this broker has {port}", (advice,))


def _reach(broker: BrokerSeen, machine: Machine, unreachable: State) -> Iterator[Check]:
    address, access = broker.address, broker.access
    if address is None:
        return
    if access is not None:
        where = access.endpoints[0]
        if is_loopback(where.host):
            advice = "connect this machine to your network" if machine.mosquitto else "install mosquitto"
            yield Check("", "reach", unreachable, "only this machine reaches the broker", (advice,))
        else:
            as_user = f", user {access.user} with its password" if access.user else ""
            yield Check("", "reach", "ok", f"a phone in this network enters {where.host}, port {where.port}{as_user}")
    elif broker.from_network:
        yield Check("", "reach", "ok", f"a phone in this network enters {machine.host}, port {address.port}")
    elif broker.from_network is False:
        advice = (
            f"mosquitto without a 'listener' line serves its own machine alone: add 'listener {address.port}' and a "
            "password_file to its configuration, or let Palmpace start one (leave --broker out)"
        )
        yield Check("", "reach", unreachable, f"only this machine: nothing answers at {machine.host}", (advice,))
    elif is_loopback(address.host):
        advice = "connect this machine to your network"
        yield Check("", "reach", "warn", "only this machine: it has no address in a network", (advice,))


def _heard(seen: Observation, traffic: Traffic) -> Check:
    live = sum(topic.messages for topic in traffic.topics)
    retained = sum(topic.retained for topic in traffic.topics)
    if not live and retained:
        found = f"only {retained} retained: the broker's copies of old messages, no device sends"
        return Check("", "traffic", "fail", found, _silence(seen))
    if not live:
        return Check("", "traffic", "fail", f"nothing in {traffic.seconds:.0f} s", _silence(seen))
    found = f"{_count(live, 'message')} on {_count(len(traffic.topics), 'topic')} in {traffic.seconds:.0f} s"
    if not traffic.devices:
        return Check("", "traffic", "fail", f"{found}, no motion in them", _no_motion(traffic))
    return Check("", "traffic", "ok", f"{found}; motion of {_count(len(traffic.devices), 'device')}")


def _silence(seen: Observation) -> tuple[str, ...]:
    others, broker = seen.others, seen.broker
    silent = (f"{_count(others, 'client')} connected but silent: start the stream, check its topic",) if others else ()
    return (*silent, *silence(broker.access, seen.filters if broker.refuses_all else (), reached=bool(others)), STEPS)


def silence(access: Access | None, filters: Sequence[str] = (), *, reached: bool = False) -> tuple[str, ...]:
    """Give what to look at when nothing comes, the likeliest first.

    Parameters
    ----------
    access : Access or None
        To the broker started here; None where it is somebody's.
    filters : sequence of str
        What we may listen to, where the broker does not let us listen to all.
    reached : bool
        Somebody has connected to the broker.
    """
    advice = []
    if access is not None:
        where = access.endpoints[0]
        if not reached:
            advice.append(f"in the app: broker {where.host}, port {where.port}, user and password; the same Wi-Fi")
            advice.append(f"firewall of this machine: let TCP port {where.port} in")
        websocket = next((each for each in access.endpoints if each.scheme == "ws"), None)
        if websocket:
            advice.append(f"Sensor Logger before August 2025 needs WebSockets: port {websocket.port}")
        advice.append("topics: one or two parts, as sensor-logger or phyphox/acc; others are not let in unasked")
    else:
        advice.append("in the app: this broker's address and port, the same Wi-Fi, its stream started")
        if filters:
            advice.append(f"we may not listen to all topics here, only to {', '.join(filters)}")
        else:
            advice.append("Sensor Spot sends to broker.hivemq.com unless told otherwise: enter this broker there")
    advice.append("phyphox and Sensor Spot stop when the phone is locked or the app is left")
    return tuple(advice)


def _no_motion(traffic: Traffic) -> tuple[str, ...]:
    apps = dict.fromkeys(
        app_of(topic.shapes[0] if topic.shapes else "", topic.topic)
        for topic in traffic.topics
        if topic.expected or topic.shapes
    )
    told = [f"{app}: {no_motion_in(app)}" for app in apps if app is not App.UNKNOWN]
    return (*(told or [advise(Problem.NO_MOTION, App.UNKNOWN)]), STEPS)


def no_motion_in(app: App) -> str:
    """Give what to do about an app whose messages hold no motion."""
    return NOT_FOR_HOME if app in (App.TASMOTA, App.ESPHOME) else advise(Problem.NO_MOTION, app)


def _topics(traffic: Traffic) -> Iterator[Check]:
    moving = [topic for topic in traffic.topics if topic.readings]
    found_by_session = any(topic.expected for topic in moving)
    for topic in moving:
        yield _moving(topic, traffic.seconds, found_by_session=found_by_session)
    others = [topic for topic in traffic.topics if not topic.readings]
    told = [topic for topic in others if topic.rejects or topic.retained][:MANY]
    for topic in told:
        yield _without_motion(topic, needed=topic.expected and not moving)
    if left := len(others) - len(told):
        yield Check("", "topics", "ok", f"{_count(left, 'topic')} more, without motion")


def _moving(topic: TopicSeen, seconds: float, *, found_by_session: bool) -> Check:
    found = f"taken as {' and '.join(topic.shapes)}: {_flow(topic, seconds)}"
    advice = []
    state: State = "ok"
    if topic.rejects:
        state = "warn"
        found += f"; not used: {_reasons(topic)}"
        advice.append("these samples are left out; the others count")
    if topic.retained:
        found += f"; {topic.retained} retained, ignored"
    if not topic.expected:
        state = "warn" if found_by_session else "fail"
        found += "; a session does not listen here"
        advice.append(f"palmpace live --topic {_quoted(topic.topic)}, or topics under [broker] in config.toml")
    return Check(f"topic {topic.topic}", "payload", state, found, tuple(advice))


def _without_motion(topic: TopicSeen, *, needed: bool) -> Check:
    if not topic.messages:
        found = f"only {topic.retained} retained: an old message that the broker kept"
        advice = "switch 'retain' off in the device, and remove what was kept: mosquitto_pub -r -n -t TOPIC"
        return Check(f"topic {topic.topic}", "payload", "warn", found, (advice,))
    found = f"not understood: {_reasons(topic)}"
    if topic.excerpt:
        found += f"; it begins {topic.excerpt}"
    if not topic.expected:
        return Check(f"topic {topic.topic}", "payload", "ok", f"{found}; perhaps no device of yours")
    app = app_of(topic.shapes[0] if topic.shapes else "", topic.topic)
    return Check(f"topic {topic.topic}", "payload", "fail" if needed else "warn", found, (no_motion_in(app),))


def check_device(device: DeviceSeen) -> Iterator[Check]:
    """Judge one device: its rate, and once that is known its unit, clock and link."""
    app = app_of(device.shape, device.topic)
    about = f"device {device.name}" + (f" ({app})" if app is not App.UNKNOWN else "")
    yield _rate(about, device, app)
    if device.rate_hz is not None:
        yield _meaning(about, device, app)
        yield _clock(about, device)
        yield _link(about, device, app)


def _rate(about: str, device: DeviceSeen, app: App) -> Check:
    if device.gyroscope and not device.samples:
        return Check(about, "rate", "fail", "a gyroscope alone, no acceleration", (advise(Problem.NO_MOTION, app),))
    if device.rate_hz is None:
        found = f"{_count(device.samples, 'sample')}: too few to tell"
        return Check(about, "rate", "fail", found, ("listen longer: --seconds 60", advise(Problem.SLOW, app)))
    most_cpm = 60 * device.rate_hz / SAMPLES_PER_CYCLE
    found = f"{device.rate_hz:.1f} Hz"
    if most_cpm >= FASTEST_CPM:
        return Check(about, "rate", "ok", found)
    found += f": enough for {most_cpm:.0f} strokes a minute, {FASTEST_CPM:.0f} need {_needed_hz(FASTEST_CPM):.0f} Hz"
    return Check(about, "rate", "warn" if most_cpm >= BRISK_CPM else "fail", found, (advise(Problem.SLOW, app),))


def _needed_hz(pace_cpm: float) -> float:
    return SAMPLES_PER_CYCLE * pace_cpm / 60


def _meaning(about: str, device: DeviceSeen, app: App) -> Check:
    gyroscope = "with gyroscope" if device.gyroscope else "no gyroscope"
    found = f"{device.unit}, gravity {device.gravity}, {gyroscope}"
    advice = []
    if device.gravity == "removed":
        advice.append(advise(Problem.NO_GRAVITY, app))
    if device.unit is not None and device.unit.startswith("raw"):
        advice.append("counts were taken as told above from their resting length: --unit raw or config.toml settle it")
    return Check(about, "unit", "warn" if advice else "ok", found, tuple(advice))


def _clock(about: str, device: DeviceSeen) -> Check:
    if device.clock in (None, Clock.NONE):
        advice = "send a stamp with each sample (t in s, or ms, us, ns): without one pauses and losses pass unseen"
        return Check(about, "clock", "warn", "no time stamps: time is told from arrivals", (advice,))
    found = "counts samples" if device.clock is Clock.COUNT else f"time stamps in {device.clock}"
    if device.clock_offset_s is not None:
        ahead = "ahead of" if device.clock_offset_s > 0 else "behind"
        found += f", {_span(abs(device.clock_offset_s))} {ahead} this machine"
    if device.lag_s is not None:
        found += f", last message {_span(device.lag_s)} slower than the quickest"
    if device.resets:
        found += f", set or restarted {device.resets} times"
        return Check(about, "clock", "warn", found, ("time goes on; if it happens often, the device restarts",))
    return Check(about, "clock", "ok", found)


def _link(about: str, device: DeviceSeen, app: App) -> Check:
    found, advice = [], []
    state: State = "ok"
    gaps = device.gap_s / device.duration_s if device.duration_s > 0 else 0.0
    if gaps > SHARE or device.quiet_s > QUIET_S:
        state = "fail" if gaps > GAPPY else "warn"
        advice.append(advise(Problem.INTERRUPTED, app))
    if device.quiet_s > QUIET_S:
        found.append(f"silent for {device.quiet_s:.0f} s")
    found.append(f"{device.gap_s:.1f} s in gaps" if device.gap_s > 0 else "no gaps")
    for number, word, problem in (
        (device.lost, "lost", Problem.INTERRUPTED),
        (device.late, "late", Problem.LATE),
        (device.duplicated, "twice", Problem.REPEATED),
    ):
        if number > SHARE * max(device.samples, 1):
            state = "warn" if state == "ok" else state
            advice.append(advise(problem, app))
        if number:
            found.append(f"{number} {word}")
    return Check(about, "link", state, ", ".join(found), tuple(dict.fromkeys(advice)))


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _flow(topic: TopicSeen, seconds: float) -> str:
    per_s = 1 / seconds if seconds > 0 else 0.0
    return f"{topic.messages * per_s:.1f} messages/s, {topic.payload_bytes * per_s / 1000:.1f} kB/s"


def _reasons(topic: TopicSeen) -> str:
    return ", ".join(f"{reason} ({number})" for reason, number in topic.rejects.items())


def _quoted(topic: str) -> str:
    return f"'{topic}'" if set(topic) & set(" $&;'\"") else topic


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
