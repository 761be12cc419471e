"""Home Assistant's discovery message, held against its documented shape (see `documented`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from outbound_events import WRIST, of_kind, session

from tracker.events import CueEvent, LinkEvent, MotionEvent, StepEvent
from tui.outbound.home_assistant import COMPONENTS, config_topic, discovery
from tui.outbound.payloads import Outgoing, Translator
from tui.outbound.topics import topic

ODD = "Eva's Pixel 7/left"
OBJECT_ID = re.compile("[a-zA-Z0-9_-]+")

ENTITY_KEYS = {"platform", "unique_id", "name", "icon", "state_topic", "value_template", "device_class"}
"""Of those that every entity takes, the ones we use; below what each platform takes beside them."""
OWN_KEYS = {
    "sensor": {
        *("unit_of_measurement", "state_class", "suggested_display_precision", "expire_after"),
        *("options", "entity_category"),
    },
    "binary_sensor": {"expire_after", "entity_category"},
    "event": {"event_types"},
}
REQUIRED = {"sensor": {"state_topic"}, "binary_sensor": {"state_topic"}, "event": {"state_topic", "event_types"}}
DEVICE_CLASSES = {"sensor": {"battery", "enum", "frequency"}, "binary_sensor": {"connectivity"}, "event": set[str]()}
UNITS_OF_CLASS = {"battery": {"%"}, "frequency": {"mHz", "Hz", "kHz", "MHz", "GHz"}}
STATE_CLASSES = {"measurement", "total", "total_increasing", "measurement_angle"}
DEVICE_KEYS = {"identifiers", "name", "manufacturer", "model", "sw_version"}


def documented(config: dict[str, Any]) -> list[str]:
    """Name what breaks the documented shape of a device discovery message.

    The rules are those of home-assistant.io: "Device discovery payload" and "Discovery topic" of the MQTT integration,
    the variables of its sensor, binary sensor and event, and the device, state and unit classes of a sensor.
    """
    wrong = [f"{key} is missing" for key in ("device", "origin", "components") if not config.get(key)]
    if wrong:
        return wrong
    wrong += [f"device: {key}" for key in config["device"].keys() - DEVICE_KEYS]
    wrong += ["device has no identifier"] if not config["device"].get("identifiers") else []
    wrong += ["origin has no name"] if not config["origin"].get("name") else []
    ids = [component.get("unique_id") for component in config["components"].values()]
    wrong += ["unique_id is not unique"] if len(set(ids)) < len(ids) or not all(ids) else []
    for key, component in config["components"].items():
        platform = component.get("platform", "none")
        if " " in key or platform not in REQUIRED:
            wrong.append(f"{key}: a name with a space, or the platform {platform}")
            continue
        missing = REQUIRED[platform] - component.keys()
        unknown = component.keys() - ENTITY_KEYS - OWN_KEYS[platform]
        wrong += [f"{key}: {name}" for name in sorted(missing | unknown)]
        device_class, unit = component.get("device_class"), component.get("unit_of_measurement")
        if device_class not in {None, *DEVICE_CLASSES[platform]}:
            wrong.append(f"{key}: device_class {device_class}")
        if device_class in UNITS_OF_CLASS and unit not in UNITS_OF_CLASS[device_class]:
            wrong.append(f"{key}: unit {unit} for {device_class}")
        if component.get("state_class") not in {None, *STATE_CLASSES}:
            wrong.append(f"{key}: state_class")
        if "options" in component and (
            device_class != "enum" or not component["options"] or unit or "state_class" in component
        ):
            wrong.append(f"{key}: options are for an enum without unit and state_class")
        if device_class == "enum" and "options" not in component:
            wrong.append(f"{key}: an enum without options")
        if component.get("entity_category") not in (None, "diagnostic"):
            wrong.append(f"{key}: entity_category")
        if not (isinstance(component.get("expire_after", 1), int) and component.get("expire_after", 1) > 0):
            wrong.append(f"{key}: expire_after")
    return wrong


def config(device: str = WRIST) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(discovery(device, "1.2.3").payload)
    return told


@pytest.mark.parametrize("device", [WRIST, ODD, ""])
def test_one_retained_message_of_the_documented_shape(device: str) -> None:
    message = discovery(device, "1.2.3")
    assert (message.qos, message.retain, message.topic) == (1, True, config_topic(device))
    prefix, kind, object_id, leaf = message.topic.split("/")
    assert (prefix, kind, leaf) == ("homeassistant", "device", "config")
    assert OBJECT_ID.fullmatch(object_id)
    assert documented(config(device)) == []
    assert config(device)["device"]["identifiers"] == [object_id]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda told: told.pop("origin"), "origin is missing"),
        (lambda told: told["device"].pop("identifiers"), "device has no identifier"),
        (lambda told: told["components"]["rate"].pop("unique_id"), "unique_id is not unique"),
        (lambda told: told["components"]["rate"].pop("platform"), "rate: a name with a space, or the platform none"),
        (lambda told: told["components"]["cue"].pop("event_types"), "cue: event_types"),
        (lambda told: told["components"]["cue"].update(expire_after=3), "cue: expire_after"),
        (lambda told: told["components"]["sample_rate"].update(unit_of_measurement="cpm"), "unit cpm"),
        (lambda told: told["components"]["motion"].update(unit_of_measurement="cpm"), "motion: options"),
    ],
)
def test_the_check_of_the_shape_sees_what_is_wrong(spoil: Callable[[dict[str, Any]], object], named: str) -> None:
    told = config()
    spoil(told)
    assert any(named in wrong for wrong in documented(told))


def test_two_wrists_share_no_id_and_no_topic() -> None:
    left, right = config("left"), config("right")
    for key in COMPONENTS:
        for shared in ("unique_id", "state_topic"):
            assert left["components"][key][shared] != right["components"][key][shared]
    assert left["availability_topic"] == "palmpace/left/status"


# --- what the templates make of real payloads ---


def rendered(component: dict[str, Any], payload: bytes) -> str:
    """Render as Home Assistant does: ``value_json`` is the payload, and ``to_json`` a filter of its own."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters["to_json"] = json.dumps
    return environment.from_string(component["value_template"]).render(value_json=json.loads(payload))


def spoken() -> list[Outgoing]:
    translator = Translator()
    return [message for event in session() for message in translator.take(event)]


def test_every_value_any_payload_shows_is_one_that_home_assistant_takes() -> None:
    said = spoken()
    silent = Translator()
    nothing_known = silent.take(of_kind(LinkEvent)[0])
    for key, component in config()["components"].items():
        assert component["state_topic"] in {topic(WRIST, "state"), topic(WRIST, "cue")}
        payloads = [each.payload for each in [*nothing_known, *said] if each.topic == component["state_topic"]]
        values = {rendered(component, payload) for payload in payloads} - {"None"}  # its word for unknown
        assert values, f"{key} never shows anything"
        if component["platform"] == "binary_sensor":
            assert values <= {"ON", "OFF"}
        elif component["platform"] == "event":
            told = [json.loads(value) for value in values]
            assert {each["event_type"] for each in told} <= set(component["event_types"])
            assert all(each["text"] for each in told)
        elif "options" in component:
            assert values <= set(component["options"])
        elif "unit_of_measurement" in component:
            assert all(float(value) >= 0 for value in values)
        assert all(len(value) <= 255 for value in values)  # the longest state of an entity


def test_the_values_are_those_of_the_session() -> None:
    components = config()["components"]
    *_, last = (each.payload for each in spoken() if each.topic == topic(WRIST, "state"))
    shown = {
        key: rendered(component, last)
        for key, component in components.items()
        if component["state_topic"] == topic(WRIST, "state")
    }
    look, link = of_kind(MotionEvent)[-1], of_kind(LinkEvent)[-1]
    assert shown == {
        "rate": str(look.rate_cpm),
        "cycles": str(look.cycles),
        "motion": look.motion.value,
        "in_band": "None",
        "session": "ended",
        "step": of_kind(StepEvent)[-1].name,
        "heard": "ON",
        "sample_rate": str(link.sample_rate_hz),
        "battery": "83.0",
    }
    (faster, *_) = of_kind(CueEvent)
    (cue, *_) = (each.payload for each in spoken() if each.topic == topic(WRIST, "cue"))
    assert json.loads(rendered(components["cue"], cue)) == {"event_type": "faster", "text": faster.text}
    assert rendered(components["coach"], cue) == faster.text
