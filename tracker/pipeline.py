"""Message -> Samples -> Motion -> session events: the one path, for every front end.

The pipeline's clock is its input: messages bring their time of arrival, `Pipeline.advance` says how late it is
meanwhile. Both move a fixed grid of ticks, so it makes no difference how often a front end calls.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec

from sensors.declared import Declared, Side
from sensors.decode import Decoder
from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.samples import WATCH, Samples
from sensors.stream import SAMPLES_PER_CYCLE, Stream
from tracker import session
from tracker.coach import in_band
from tracker.events import (
    Event,
    Feelings,
    LinkEvent,
    MarkEvent,
    MotionEvent,
    NoticeEvent,
    PainEvent,
    SpotFeeling,
    StreamSummary,
    SummaryEvent,
)
from tracker.motion.engine import Engine
from tracker.motion.state import Kind, Motion
from tracker.routine import FREE, Routine, RoutineError, parse_routine
from tracker.safety import Safety
from tracker.session import Command, SessionParams, SessionState, Status
from tracker.tally import Tally, totals_of
from tracker.wrists import OTHER, Follow, side_in

TICK_NS = NS_PER_S // 10
TICKS_PER_LINK_EVENT = 10
MAX_DEVICES = 256
"""More than any session needs; a topic full of ever new ids must not fill the memory."""

When = Literal["before", "after"]
Soreness = Annotated[int, msgspec.Meta(ge=0, le=10)]
MOST_AGO_S = 60.0
"""A mark is put in words within this."""


@dataclass(frozen=True, slots=True)
class PipelineParams:
    """Tuning that is neither the engine's nor the coach's.

    Attributes
    ----------
    stale_after_s : float
        Silence after which a stream is stale: phones send batches of up to a second, and a lost one is no end.
    signal_s : float
        How much of the signal is kept for a front end's plot.
    keep_track : bool
        Keep ten values a second for `StreamSummary.track`.
    unwatched : bool
        Nobody follows the session as it happens: no motion and link events are made, and seconds of samples go through
        in one piece. The summary is the same.
    session : SessionParams
    """

    stale_after_s: float = 3.0
    signal_s: float = 20.0
    keep_track: bool = False
    unwatched: bool = False
    session: SessionParams = SessionParams()


class CommandBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's command in a recording.

    ``text`` is a mark's words, or at the start the routine's TOML; ``declared`` is what was said of devices before the
    start, and ``safety`` the limits in force; ``side`` is the wrist that ``device`` is strapped to; ``value`` is how
    sore the person felt ``when``, or how much it hurts, from 0, not at all, to 10, unbearable, and ``area`` where;
    ``ago_s`` is how long before the words a mark was meant.
    """

    command: Command
    text: str = ""
    device: str = ""
    side: Side | None = None
    declared: tuple[Declared, ...] = ()
    when: When | None = None
    value: Soreness | None = None
    area: str = ""
    ago_s: Annotated[float, msgspec.Meta(ge=0, le=MOST_AGO_S)] | None = None
    safety: Safety | None = None

    def __post_init__(self) -> None:
        if self.command is Command.FEEL and (self.when is None or self.value is None):
            raise ValueError("a feeling needs when, before or after, and its value, 0 to 10")
        if self.command is Command.HURTS and self.value is None:
            raise ValueError("a pain needs its value, 0 to 10")


def command_message(
    said: Command,
    received_ns: int,
    text: str = "",
    *,
    declared: Sequence[Declared] = (),
    safety: Safety | None = None,
    ago_s: float | None = None,
) -> Message:
    """Put a person's command into a message, so that a recording holds it and a replay repeats it."""
    return _message(CommandBody(said, text, declared=tuple(declared), safety=safety, ago_s=ago_s), received_ns)


def side_message(device: str, side: Side, received_ns: int) -> Message:
    """Put into a message which wrist a device is strapped to."""
    return _message(CommandBody(Command.SIDE, device=device, side=side), received_ns)


def feel_message(when: When, value: int, received_ns: int, spot: str = "") -> Message:
    """Put into a message how sore the person feels, 0 to 10, before the session or after it; or how tender a spot."""
    return _message(CommandBody(Command.FEEL, when=when, value=value, area=spot), received_ns)


def pain_message(value: int, area: str, received_ns: int) -> Message:
    """Put into a message how much it hurts, 0 to 10, and where."""
    return _message(CommandBody(Command.HURTS, value=value, area=area), received_ns)


def _message(body: CommandBody, received_ns: int) -> Message:
    return Message(COMMAND_TOPIC, msgspec.json.encode(body), received_ns)


@dataclass(slots=True)
class Device:
    """One strapped sensor: its stream, what its hand does, how its link is.

    Attributes
    ----------
    name, topic : str
    stream : Stream
    engine : Engine
    tally : Tally
    heard_ns : int
        Last arrival.
    side : {"left", "right"} or None
        The wrist it is strapped to; None as long as nobody has said.
    battery : float or None
        How full it is, 0 to 1; None where it has not said.
    stale_s : float or None
        Silence so far, once it counts as stale.
    motion : Motion or None
        The latest look.
    signal : deque of Samples
        The last ``signal_s`` seconds.
    """

    name: str
    topic: str
    stream: Stream
    tally: Tally
    heard_ns: int
    side: Side | None = None
    battery: float | None = None
    engine: Engine = field(default_factory=Engine)
    stale_s: float | None = None
    motion: Motion | None = None
    signal: deque[Samples] = field(default_factory=deque)


class Pipeline:
    """From messages to a session's events.

    Parameters
    ----------
    routine : Routine, optional
        Coach this one, whatever the recording's start command says; without either, a session without targets.
    params : PipelineParams
    declared : sequence of Declared, optional
        What is said of devices, whatever the recording's start command says.

    Attributes
    ----------
    routine : Routine
    session : SessionState
    devices : dict of str to Device
        In order of appearance.
    rejected : dict of str to Counter
        By topic, how many messages or samples could not be used, and why.
    feelings : Feelings
        What the person said of them; may change after the session has ended.
    marks, pains : list
        What the person noted, and what hurt.
    """

    def __init__(
        self,
        routine: Routine | None = None,
        params: PipelineParams = PipelineParams(),
        declared: Sequence[Declared] | None = None,
    ) -> None:
        self.params = params
        self._fixed_routine = routine
        self._fixed_declared = declared
        self.routine = routine or FREE
        self.session: SessionState = session.ready(self.routine)
        self.devices: dict[str, Device] = {}
        self.rejected: dict[str, Counter[str]] = {}
        self.feelings = Feelings()
        self.marks: list[MarkEvent] = []
        self.pains: list[PainEvent] = []
        self._safety = params.session.safety
        self._decoder = Decoder(declared or ())
        self._follow = Follow()
        self._too_slow: set[tuple[str, int]] = set()
        self._start_ns: int | None = None
        self._now_ns = 0
        self._ticks = 0
        self._summarised = False

    @property
    def t_s(self) -> float:
        """Seconds since the session began, as far as the input has told."""
        return 0.0 if self._start_ns is None else (self._now_ns - self._start_ns) / NS_PER_S

    @property
    def finished(self) -> bool:
        """Whether the summary has been given; input after that changes nothing but the feelings."""
        return self._summarised

    @property
    def coached(self) -> Device | None:
        """The device whose hand the session follows: the one whose turn it is, else the one that works."""
        devices = self.devices.values()
        wanted = self.session.hand
        on_side = next((each for each in devices if each.side == wanted), None) if wanted else None
        return on_side or self.devices.get(self._follow.name or "") or next(iter(devices), None)

    @property
    def wrist_in_question(self) -> Device | None:
        """The device to ask the side of: one of two wrists that do not tell. A phone that relays a watch is none."""
        devices = list(self.devices.values())
        if len(devices) != 2 or devices[1].name == f"{devices[0].name}{WATCH}":
            return None
        return next((device for device in devices if device.side is None), None)

    def feed(self, message: Message) -> list[Event]:
        """Take the next message, in order of arrival; give what follows from it.

        Once the session has ended only a feeling is taken, and nothing follows: `summary` tells it from then on.
        """
        if self._summarised:
            if message.topic == COMMAND_TOPIC:
                self._feel_afterwards(message)
            return []
        events = self._begin(message)
        events += self.advance(message.received_ns)
        events += self._take(message)
        if self.session.status is Status.ENDED:
            events += self.finish()
        return events

    def advance(self, now_ns: int) -> list[Event]:
        """Let the time pass up to ``now_ns``; no message fed later may be older."""
        events: list[Event] = []
        if self._start_ns is None or self._summarised:
            return events
        while (tick_ns := self._start_ns + (self._ticks + 1) * TICK_NS) <= now_ns:
            self._ticks += 1
            self._now_ns = tick_ns
            events += self._tick()
        self._now_ns = max(self._now_ns, now_ns)
        return events

    def finish(self) -> list[Event]:
        """End the input: what is still held back is told, the session ends, the summary is the last event."""
        if self._summarised:
            return []
        events = self._release()
        for device in self.devices.values():
            for samples in device.stream.flush():
                events += self._watch(device, samples)
        events += self._outcome(session.command(self.session, Command.END, self.t_s))
        self._summarised = True
        return [*events, self.summary()]

    def summary(self) -> SummaryEvent:
        """Sum up what was done so far."""
        return SummaryEvent(
            t_s=round(self.t_s, 3),
            routine=self.routine.name,
            style=self.routine.style,
            ended=self.session.ended,
            totals=totals_of([each for device in self.devices.values() for each in device.tally.segments()]),
            steps=session.results(self.session),
            feelings=self.feelings,
            marks=list(self.marks),
            pains=list(self.pains),
            streams=[self._stream_summary(device) for device in self.devices.values()],
        )

    def _begin(self, message: Message) -> list[Event]:
        """Start the session's clock with the first message; input that has no start command starts it by itself."""
        if self._start_ns is not None:
            return []
        self._start_ns = self._now_ns = message.received_ns
        if message.topic == COMMAND_TOPIC:
            return []
        return self._outcome(session.command(self.session, Command.START, self.t_s))

    def _take(self, message: Message) -> list[Event]:
        if message.topic == COMMAND_TOPIC:
            return self._command(message)
        if message.retained:
            return self._reject(message.topic, {"a retained message, of some other time": 1})
        events: list[Event] = []
        decoded = self._decoder.decode(message)
        if decoded.rejects:
            events += self._reject(message.topic, decoded.rejects)
        for reading in decoded.readings:
            if reading.device not in self.devices:
                events += self._meet(reading.device, message)
            device = self.devices.get(reading.device)
            if device is None:
                events += self._reject(message.topic, {f"more than {MAX_DEVICES} devices": len(reading.ticks)})
                continue
            events += self._heard(device, message.received_ns)
            take = device.stream.collect if device.signal and self._patient(device) else device.stream.push
            for samples in take(reading, message.received_ns):
                events += self._watch(device, samples)
            events += [NoticeEvent(t_s=self.t_s, about=device.name, text=text) for text in device.stream.notices()]
        for name, level in decoded.battery.items():
            told_by = self._owner_of_battery(name, message.topic)
            if told_by is not None:
                told_by.battery = level
        return events

    def _owner_of_battery(self, name: str, topic: str) -> Device | None:
        """Find whose battery is meant: the device named, or the only one on the topic or beside it on another."""
        if name in self.devices:
            return self.devices[name]
        if topic != name and not topic.startswith(f"{name}/"):
            return None  # an id of its own, and no motion was heard of it
        places = (name, name.rpartition("/")[0])
        on_it = [device for device in self.devices.values() if device.topic == topic]
        beside = [device for device in self.devices.values() if device.topic.rpartition("/")[0] in places]
        near = on_it or beside
        return near[0] if len(near) == 1 else None

    def _patient(self, device: Device) -> bool:
        """Whether samples may wait: not where the session could end meanwhile, which has to be at its message."""
        if not self.params.unwatched or len(self.devices) > 1:
            return False
        return session.lasts_s(self.session) > device.stream.longest_wait_s

    def _command(self, message: Message) -> list[Event]:
        body, events = self._read(message)
        if body is None:
            return events
        if body.command is Command.FEEL:
            self._feel(body)
            return events
        events += self._release()
        match body.command:
            case Command.SIDE:
                return events + self._strap(body.device, body.side)
            case Command.HURTS:
                value = body.value or 0
                return events + self._outcome(session.hurts(self.session, value, body.area, self.t_s, self._safety))
            case Command.START:
                events += self._begin_with(body)
        t_s = max(0.0, self.t_s - (body.ago_s or 0.0))
        return events + self._outcome(session.command(self.session, body.command, t_s, body.text))

    def _begin_with(self, body: CommandBody) -> list[Event]:
        """Take what the start command says: the routine, the devices, the limits."""
        events: list[Event] = []
        if self._fixed_declared is None:
            self._decoder = Decoder(body.declared)
        self._safety = body.safety or self._safety
        if self._fixed_routine is None and body.text:
            try:
                self.routine = parse_routine(body.text, "the recording's routine")
            except RoutineError as error:
                events.append(NoticeEvent(t_s=self.t_s, about="routine", text=f"{error}; going on without targets"))
            self.session = session.ready(self.routine)
        return events

    def _read(self, message: Message) -> tuple[CommandBody | None, list[Event]]:
        try:
            return msgspec.json.decode(message.payload, type=CommandBody), []
        except msgspec.MsgspecError as error:
            return None, self._reject(message.topic, {f"not a command: {error}": 1})

    def _feel(self, body: CommandBody) -> None:
        said = {body.when: body.value} if body.when else {}
        felt = self.feelings
        if not body.area:
            self.feelings = msgspec.structs.replace(felt, **said)
            return
        spots = {each.spot: each for each in felt.spots}
        spots[body.area] = msgspec.structs.replace(spots.get(body.area, SpotFeeling(spot=body.area)), **said)
        self.feelings = msgspec.structs.replace(felt, spots=tuple(spots.values()))

    def _feel_afterwards(self, message: Message) -> None:
        body, _ = self._read(message)
        if body is not None and body.command is Command.FEEL:
            self._feel(body)

    def _strap(self, name: str, side: Side | None) -> list[Event]:
        """Note which wrist a device is on; of two devices the other is then on the other wrist."""
        device = self.devices.get(name)
        if device is None or side is None:
            return [
                NoticeEvent(t_s=self.t_s, about="wrists", text=f"{name!r} is not heard: no side can be given to it")
            ]
        device.side = side
        others = [other for other in self.devices.values() if other is not device]
        if len(others) == 1:
            others[0].side = OTHER[side]
        worn = ", ".join(f"{each.name} {each.side}" for each in self.devices.values() if each.side)
        return [NoticeEvent(t_s=self.t_s, about="wrists", text=worn)]

    def _meet(self, name: str, message: Message) -> list[Event]:
        """Make room for a device heard for the first time; ask which wrist is which where two do not tell."""
        if len(self.devices) >= MAX_DEVICES:
            return []
        events = self._release()  # whose hand the session follows may depend on the new one from now on
        self.devices[name] = self._new_device(name, message)
        asked = self.wrist_in_question
        if asked is not None:
            text = f"two wrists are heard: say on which side {asked.name} is"
            events.append(NoticeEvent(t_s=self.t_s, about="wrists", text=text))
        return events

    def _new_device(self, name: str, message: Message) -> Device:
        declared = self._decoder.declared(message.topic)
        return Device(
            name=name,
            topic=message.topic,
            stream=Stream(name, declared=declared),
            tally=Tally(keep_track=self.params.keep_track),
            heard_ns=message.received_ns,
            side=(declared.side if declared else None) or side_in(name, message.topic),
        )

    def _heard(self, device: Device, received_ns: int) -> list[Event]:
        device.heard_ns = received_ns
        device.stale_s = None
        if device is not self.coached:
            return []
        return self._outcome(session.fresh(self.session, self.t_s))

    def _watch(self, device: Device, samples: Samples) -> list[Event]:
        """Give a block to the engine and what it says to the session."""
        events: list[Event] = []
        self._keep(device, samples)
        several = len(self.devices) > 1
        coached = device is self.coached
        for motion in device.engine.update(samples):
            t_s = self._session_s(device, motion.t_s)
            new_cycles = motion.cycles - (device.motion.cycles if device.motion else 0.0)
            if several:
                self._follow.look(device.name, working=motion.rate_cpm is not None, t_s=t_s)
                if not coached and device is self.coached:
                    # What it made before it was sure to be the one that works belongs to the step too.
                    coached, new_cycles = True, motion.stretch_cycles
            device.motion = motion
            device.tally.take(motion)
            if not self.params.unwatched:
                events.append(self._motion_event(device, motion, t_s, coached=coached))
            if coached:
                hop_s, seen = device.engine.hop_s, self._works_now(device, motion)
                params = SessionParams(self.params.session.coach, self._safety)
                outcome = session.watch(self.session, motion, new_cycles, hop_s, t_s, params, seen=seen)
                events += self._outcome(outcome)
        return events

    def _works_now(self, device: Device, motion: Motion) -> bool:
        """Whether it is this device's hand that works; where hands take turns and it tells no side, one that moves."""
        if self.session.now.side != "alternate":
            return True
        return device.side == self.session.hand if device.side else motion.kind is not Kind.STILL

    def _session_s(self, device: Device, stream_s: float) -> float:
        """Put a stream's time on the session's clock, where every device's samples stand side by side."""
        return round((device.stream.arrival_ns(stream_s) - (self._start_ns or 0)) / NS_PER_S, 3)

    def _release(self) -> list[Event]:
        """Look at what has been collected: what comes next may change the session."""
        events: list[Event] = []
        for device in self.devices.values():
            for samples in device.stream.release():
                events += self._watch(device, samples)
        return events

    def _motion_event(self, device: Device, motion: Motion, t_s: float, *, coached: bool) -> MotionEvent:
        step = self.session.now if coached else None
        return MotionEvent(
            t_s=t_s,
            device=device.name,
            motion=motion.kind,
            rate_cpm=_rounded(motion.rate_cpm),
            rate_sd_cpm=_rounded(motion.rate_sd_cpm),
            cycles=round(motion.cycles, 3),
            direction=motion.direction,
            circularity=_rounded(motion.circularity),
            period_cv=_rounded(motion.period_cv),
            size_cv=_rounded(motion.size_cv),
            extent_cm=_rounded(motion.extent_cm),
            angle_deg=_rounded(motion.angle_deg),
            band=step.band if step else None,
            in_band=in_band(motion, step) if step else None,
        )

    def _keep(self, device: Device, samples: Samples) -> None:
        device.signal.append(samples)
        while device.signal[0].t_s[-1] < samples.t_s[-1] - self.params.signal_s:
            device.signal.popleft()

    def _tick(self) -> list[Event]:
        events: list[Event] = []
        for device in self.devices.values():
            silence_s = (self._now_ns - device.heard_ns) / NS_PER_S
            device.stale_s = silence_s if silence_s > self.params.stale_after_s else None
            if device.stale_s is not None:
                self._follow.look(device.name, working=False, t_s=self.t_s)  # its last word is no rhythm
        coached = self.coached
        unheard = coached is None and self.t_s > self.params.stale_after_s
        if unheard or (coached is not None and coached.stale_s is not None):
            events += self._release()
            events += self._outcome(session.stale(self.session, self.t_s))
        if self._ticks % TICKS_PER_LINK_EVENT == 0 and not self.params.unwatched:
            for device in self.devices.values():
                events += [*self._too_slow_for_step(device), self._link(device)]
        return events

    def _too_slow_for_step(self, device: Device) -> list[Event]:
        """Warn once a step where a device measures too seldom for the step's pace."""
        index = self.session.step
        band, rate_hz = self.session.now.band, device.stream.link.sample_rate_hz
        if band is None or rate_hz is None or (device.name, index) in self._too_slow:
            return []
        needed_hz = SAMPLES_PER_CYCLE * band[1] / 60.0
        if rate_hz >= needed_hz:
            return []
        self._too_slow.add((device.name, index))
        text = (
            f"{rate_hz:.1f} Hz is too slow for this step: up to {band[1]:g} cycles a minute need {needed_hz:.0f} Hz; "
            "choose 50 Hz or more (20,000 µs) in its app"
        )
        return [NoticeEvent(t_s=self.t_s, about=device.name, text=text)]

    def _link(self, device: Device) -> LinkEvent:
        link = device.stream.link
        return LinkEvent(
            t_s=round(self.t_s, 3),
            device=device.name,
            side=device.side,
            sample_rate_hz=_rounded(link.sample_rate_hz),
            stale_s=_rounded(device.stale_s),
            samples=link.samples,
            late=link.late,
            duplicated=link.duplicated,
            lost=link.lost,
            rejected=self._rejected_of(device),
            gap_s=round(sum(gap.length_s for gap in link.gaps), 3),
            clock=link.clock,
            clock_offset_s=_rounded(link.clock_offset_s),
            lag_s=_rounded(link.lag_s),
            unit=link.unit,
            gravity=link.gravity,
            battery=_rounded(device.battery),
        )

    def _reject(self, topic: str, reasons: Mapping[str, int]) -> list[Event]:
        """Count bad input by topic; each reason is told once."""
        if topic not in self.rejected and len(self.rejected) >= MAX_DEVICES:
            topic = "other topics"
        known = self.rejected.setdefault(topic, Counter())
        fresh = [reason for reason in reasons if reason not in known]
        known.update(reasons)
        return [NoticeEvent(t_s=self.t_s, about=topic, text=f"{reason}: not used") for reason in fresh]

    def _rejected_of(self, device: Device) -> int:
        return sum(self.rejected.get(device.topic, Counter()).values())

    def _outcome(self, outcome: tuple[SessionState, list[Event]]) -> list[Event]:
        self.session, events = outcome
        for event in events:
            match event:
                case MarkEvent():
                    self.marks.append(event)
                case PainEvent():
                    self.pains.append(event)
        return events

    def _stream_summary(self, device: Device) -> StreamSummary:
        link = device.stream.link
        return StreamSummary(
            device=device.name,
            side=device.side,
            sample_rate_hz=_rounded(link.sample_rate_hz),
            duration_s=round(link.duration_s, 3),
            samples=link.samples,
            unit=link.unit,
            gravity=link.gravity,
            gaps=list(link.gaps),
            rejected=self._rejected_of(device),
            totals=device.tally.totals(),
            segments=device.tally.segments(),
            track=device.tally.track,
        )


def run(messages: Iterable[Message], pipeline: Pipeline) -> Iterator[Event]:
    """Feed all messages and finish; lazily, so that memory does not grow with the length.

    The summary comes once the input is at its end, and so tells a feeling that was said after the session had ended.
    Live the summary was given before that: there, and only there, the two differ.
    """
    for message in messages:
        yield from _but_summary(pipeline.feed(message))
    yield from _but_summary(pipeline.finish())
    yield pipeline.summary()


def _but_summary(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, SummaryEvent)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
