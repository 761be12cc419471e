"""A moving wrist, with its truth.

The hand and its phases (`hand`), what people do with it (`people`), the device it wears (`device`), and what
that device puts on the wire (`wire`). A hand may also be moved while it is measured (`online`), by somebody who hears
the coach (`person`). Signals are never painted: a hand has a place and an attitude at every moment, and the sensors
feel their derivatives.
"""

from sensors.simulate.device import Device, Simulation, Truth, simulate
from sensors.simulate.hand import Hand, Phase
from sensors.simulate.online import OnlineHand
from sensors.simulate.people import SCENARIOS, SHORTEST_S, Target, follow, scenario
from sensors.simulate.person import Beat, Person, PersonParams
from sensors.simulate.wire import FORMATS, messages, publish

__all__ = [
    "FORMATS",
    "SCENARIOS",
    "SHORTEST_S",
    "Beat",
    "Device",
    "Hand",
    "OnlineHand",
    "Person",
    "PersonParams",
    "Phase",
    "Simulation",
    "Target",
    "Truth",
    "follow",
    "messages",
    "publish",
    "scenario",
    "simulate",
]
