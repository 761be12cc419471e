"""One topic for each axis: ``esp/acc/x`` says ``0.12``, ``phyphox/accx`` says ``0.12,0.34,null``.

Home-made boards, ESPHome (``esp/sensor/accel_x/state``) and phyphox's ``mqtt/csv`` write so. The topic's end names the
axis, what is before it the device. Nothing in the messages says which belong together, but a device says its axes in
the same order each time, and pauses before it begins again. So the first rounds are listened to: what follows the
longest pause begins a set. A set is done once each axis that the device has lately shown is in it, and over where one
comes that stands before its last. Only a loss of as many messages as a set has can join what does not belong together.
"""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any, Final

from sensors.decode import assemble, plain
from sensors.decode.assemble import Decoded
from sensors.decode.roles import ACCELERATION, ALL_CLOCKS, AXES, CLOCKS, OWN_CLOCKS, ROTATION, of_name
from sensors.message import NS_PER_S, Message
from sensors.samples import Kind, Reading, Unit

SHAPE: Final = "scalar"
AXIS_LOST: Final = "an axis that has a topic of its own did not come"
TOO_MANY: Final = "more than 64 devices with a topic for each axis"
TOO_LONG: Final = "more than 4096 numbers in a message"

MAX_DEVICES: Final = 64
MAX_NUMBERS: Final = 4096
FORGET_NS: Final = 60 * NS_PER_S
"""A device silent for this long makes room for another."""
WAIT_NS: Final = NS_PER_S
"""The axes of one sample do not come farther apart."""
ROUNDS_HEARD: Final = 3
"""Rounds that tell which axes there are and which comes first."""
ROUNDS_MISSED: Final = 4
"""An axis that was not in this many sets is no longer waited for."""
PAUSE: Final = 2.0
"""A pause is longer than any other by this factor, else they come evenly and a set begins with the stamps, or x."""

_ORDER: Final = ("at", *CLOCKS, *ACCELERATION, "gt", *ROTATION)
_ESPHOME: Final = "/sensor/"

_Values = list[Any]


class Joiner:
    """Puts samples together from the messages of many topics; what comes out depends on them and their order alone."""

    def __init__(self) -> None:
        self._boards: dict[str, _Board] = {}

    def decode(self, message: Message) -> Decoded | None:
        """Take a message; None where its topic names no axis, or its payload is no number nor a row of them."""
        named = of_name(message.topic)
        if named is None:
            return None
        if message.payload.count(b",") >= MAX_NUMBERS:
            return Decoded((), SHAPE, {TOO_LONG: 1})
        values = _numbers(message.payload)
        if values is None:
            return None
        name, role = named
        name = assemble.device_name(name) or "board"
        board = self._boards.pop(name, None)
        if board is None:
            if role not in AXES:  # time may be anybody's, a sensor's own stamps are not
                return Decoded((), SHAPE, {}) if role in OWN_CLOCKS else None
            if not self._has_room(message.received_ns):
                return Decoded((), SHAPE, {TOO_MANY: 1})
            si = _ESPHOME in message.topic and message.topic.endswith("/state")
            board = _Board(name, Unit.MPS2 if si else Unit.AUTO, Unit.DEGPS if si else Unit.AUTO)
        self._boards[name] = board  # the one longest unheard stands first
        return board.take(role, values, message.received_ns)

    def _has_room(self, now_ns: int) -> bool:
        if len(self._boards) < MAX_DEVICES:
            return True
        oldest = next(iter(self._boards))
        if now_ns - self._boards[oldest].heard_ns < FORGET_NS:
            return False
        del self._boards[oldest]
        return True


class _Board:
    """One device's axes.

    Parameters
    ----------
    name : str
    unit, gyro_unit : Unit
    """

    def __init__(self, name: str, unit: Unit, gyro_unit: Unit) -> None:
        self.heard_ns = 0
        self._name = name
        self._units = unit, gyro_unit
        self._kind = Kind.BOARD
        self._heard: list[tuple[str, int]] = []  # roles and the pauses before them, while the first rounds are heard
        self._leader: str | None = None
        self._place: dict[str, int] = {}
        self._shown: dict[str, int] = {}  # the last set each role was in
        self._sets = 0
        self._waiting: dict[str, _Values] = {}
        self._since_ns = 0
        self._last_place = 0

    def take(self, role: str, values: _Values, received_ns: int) -> Decoded:
        """Put a value, or a column of them, into its set; give the set if that completes it."""
        pause_ns, self.heard_ns = received_ns - self.heard_ns, received_ns
        if len(values) > 1:
            self._kind = Kind.PHONE  # no board collects before it sends one axis after the other
        if self._leader is None:
            self._listen(role, pause_ns)
            if self._leader is None:
                return Decoded((), SHAPE, {})
        rejects: Counter[str] = Counter()
        readings: list[Reading] = []
        place = self._place.get(role, len(self._place))
        begins = role == self._leader or role in self._waiting or place < self._last_place
        if self._waiting and (begins or received_ns - self._since_ns > WAIT_NS):
            readings += self._close(rejects)
        if not self._waiting:
            self._since_ns = received_ns
        self._waiting[role] = values
        self._last_place = place
        self._shown[role] = self._sets
        awaited = {each for each, last in self._shown.items() if self._sets - last < ROUNDS_MISSED}
        if self._waiting.keys() >= awaited | {*ACCELERATION}:
            readings += self._close(rejects)
        return Decoded(tuple(readings), SHAPE, dict(rejects))

    def _listen(self, role: str, pause_ns: int) -> None:
        """Settle what begins a set, and what follows, once enough rounds were heard."""
        self._heard.append((role, pause_ns))
        pauses_ns: dict[str, list[int]] = {each: [] for each in _ORDER}
        for each, before_ns in self._heard:
            pauses_ns[each].append(before_ns)
        if len(pauses_ns[role]) <= ROUNDS_HEARD:
            return
        typical_ns = {each: median(pauses) for each, pauses in pauses_ns.items() if pauses}
        longest, *others = sorted(typical_ns, key=lambda each: -typical_ns[each])
        stands_out = not others or typical_ns[longest] > PAUSE * typical_ns[others[0]]
        self._leader = longest if stands_out else next(iter(typical_ns))
        self._place = _places([each for each, _ in self._heard], self._leader)
        self._shown = dict.fromkeys(typical_ns, 0)
        self._heard.clear()

    def _close(self, rejects: Counter[str]) -> list[Reading]:
        """Make samples of what has come; a sensor that lacks an axis has lost this set."""
        columns, self._waiting = self._waiting, {}
        self._sets += 1
        acceleration, rotation = (self._whole(columns, axes, rejects) for axes in (ACCELERATION, ROTATION))
        if not acceleration and not rotation:
            return []
        return plain.readings(self._name, *self._units, acceleration, rotation, rejects, self._kind)

    def _whole(self, columns: plain.Columns, axes: tuple[str, ...], rejects: Counter[str]) -> plain.Columns:
        """Give a sensor's columns and stamps; none where an axis is missing."""
        lengths = [len(columns[axis]) for axis in axes if axis in columns]
        if len(lengths) == len(axes):
            # One number beside columns is no stamp of theirs: phyphox may send the time of sending as well.
            stamps = {role for role in ALL_CLOCKS & columns.keys() if len(columns[role]) >= min(lengths) - 1}
            return {role: columns[role] for role in (*axes, *stamps)}
        if lengths and self._sets > 1:  # the first may have begun before it was listened to
            rejects[AXIS_LOST] += max(lengths)
        return {}


def _places(heard: list[str], leader: str) -> dict[str, int]:
    """Give each role's place in a set; none where the rounds went in different orders."""
    rounds: list[list[str]] = [[]]
    for role in heard:
        if role == leader:
            rounds.append([])
        rounds[-1].append(role)
    longest = max(rounds, key=len)
    place = {role: i for i, role in enumerate(longest)}
    in_order = all(one == sorted(one, key=lambda role: place.get(role, -1)) for one in rounds)
    return place if in_order else {}


def _numbers(payload: bytes) -> _Values | None:
    """Read ``0.12`` or ``1.0,2.0,null``; None where it is something else."""
    try:
        cells = payload.decode().split(",")
    except UnicodeDecodeError:
        return None
    values: _Values = []
    for cell in map(str.strip, cells):
        value = None if cell in ("", "null", "NaN", "nan") else assemble.number(cell)
        if value is not None and value != value:
            return None
        values.append(value)
    return values
