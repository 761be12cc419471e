"""The dispatch: by the payload's shape, or as a person declared the topic, whose word counts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sensors.declared import Declared
from sensors.decode import Decoded, Decoder
from sensors.message import Message
from sensors.samples import Clock, Kind, Sensor, Unit

BATCH = json.dumps(
    {"device": "imu", "t": [10, 20], "ax": [1, 2], "ay": [0, 0], "az": [9, 9]}
    | {axis: [1, 1] for axis in ("gx", "gy", "gz")}
)
EVENT = '{"type":"android.sensor.accelerometer","values":[0.5,-1.25,9.75],"timestamp":3925657519043709}'
WATCH_TOO = json.dumps(
    {
        "deviceId": "phone",
        "payload": [
            {"name": "totalacceleration", "time": 1, "values": {"x": 0, "y": 0, "z": 9.8}},
            {
                "name": "wrist motion",
                "time": 1,
                "values": {f"{kind}{axis}": 0.5 for kind in ("gravity", "acceleration") for axis in "XYZ"}
                | {f"rotationRate{axis}": 0.5 for axis in "XYZ"},
            },
        ],
    }
)


def read(payload: str, *said: Declared, topic: str = "attic/imu") -> Decoded:
    return Decoder(said).decode(Message(topic, payload.encode(), 0))


def declared(**said: Any) -> Declared:
    return Declared(topic="attic/#", **said)


@pytest.mark.parametrize(
    ("payload", "shape"),
    [
        (WATCH_TOO, "sensor-logger"),
        (EVENT, "android-event"),
        (BATCH, "plain"),
        ('[{"bn":"urn:dev:1:","n":"ax","v":1},{"n":"ay","v":2},{"n":"az","v":3}]', "senml"),
        ('{"ax":[1,2],"ay":[1,2],"az":[1,2],"t":[1,2],"time":{"now":9,"events":[]}}', "phyphox"),
        ("0.1,0.2,9.8", "text"),
        ("\n " + BATCH, "plain"),
    ],
)
def test_the_shape_tells(payload: str, shape: str) -> None:
    decoded = read(payload)
    assert decoded.readings
    assert (decoded.shape, dict(decoded.rejects)) == (shape, {})


def test_numbers_that_are_no_json_cost_their_sample() -> None:
    decoded = read('[{"ax":1,"ay":2,"az":3},{"ax":NaN,"ay":2,"az":3},{"ax":1e999,"ay":2,"az":3}]')
    assert decoded.readings[0].xyz.tolist() == [[1, 2, 3]]
    assert dict(decoded.rejects) == {"null or not a number": 2}


def test_what_is_declared_replaces_what_the_payload_says() -> None:
    said = declared(unit=Unit.G, gyro_unit=Unit.DEGPS, clock=Clock.US, kind=Kind.WATCH, gravity="removed", name="left")
    acc, gyro = read(BATCH, said).readings
    assert (acc.device, acc.sensor, acc.unit, acc.clock) == ("left", Sensor.LINEAR, Unit.G, Clock.US)
    assert (gyro.device, gyro.sensor, gyro.unit, gyro.clock) == ("left", Sensor.GYROSCOPE, Unit.DEGPS, Clock.US)
    assert acc.kind is gyro.kind is Kind.WATCH
    assert (acc.ticks.tolist(), acc.xyz.tolist()) == ([10, 20], [[1, 0, 9], [2, 0, 9]])


def test_a_clock_declared_as_none_ignores_the_stamps() -> None:
    for reading in read(BATCH, declared(clock=Clock.NONE)).readings:
        assert (reading.clock, reading.ticks.tolist()) == (Clock.NONE, [0, 0])


def test_a_declared_clock_makes_no_stamps_where_there_are_none() -> None:
    (acc,) = read("0.1,0.2,9.8", declared(clock=Clock.MS)).readings
    assert acc.clock is Clock.NONE


def test_the_first_declaration_that_matches_counts() -> None:
    decoder = Decoder([Declared(topic="attic/left", name="left"), Declared(topic="attic/+", unit=Unit.G)])
    (left,) = decoder.decode(Message("attic/left", EVENT.encode(), 0)).readings
    (right,) = decoder.decode(Message("attic/right", EVENT.encode(), 0)).readings
    (other,) = decoder.decode(Message("cellar", EVENT.encode(), 0)).readings
    assert [(each.device, each.unit) for each in (left, right, other)] == [
        ("left", Unit.MPS2),
        ("attic/right", Unit.G),
        ("cellar", Unit.MPS2),
    ]
    assert decoder.declared("cellar") is None


def test_names_keep_devices_of_one_id_apart() -> None:
    decoder = Decoder([Declared(topic=f"attic/{side}", name=side) for side in ("left", "right")])
    heard = [
        reading.device
        for topic in ("attic/left", "attic/right", "attic/left")
        for reading in decoder.decode(Message(topic, WATCH_TOO.encode(), 0)).readings
    ]
    assert set(heard) == {"left", "left watch", "right", "right watch"}
    assert heard[: len(heard) // 3] == heard[-len(heard) // 3 :]


def test_a_name_is_the_first_device_s_alone() -> None:
    decoder = Decoder([declared(name="mine")])
    bodies = [f'{{"device":"{device}","ax":1,"ay":2,"az":3}}' for device in ("imu", "imu2", "imu")]
    heard = [decoder.decode(Message("attic/a", body.encode(), 0)).readings[0].device for body in bodies]
    assert heard == ["mine", "mine imu2", "mine"]


@pytest.mark.parametrize(
    ("format_", "payload"),
    [
        ("sensor-logger", EVENT),
        ("sensor-logger", "0.1,0.2,9.8"),
        ("android-event", BATCH),
        ("senml", EVENT),
        ("phyphox", "hello"),
        ("plain", "0.1,0.2"),
        ("cbor", BATCH),
        ("text", "hello"),
        ("scalar", BATCH),
    ],
)
def test_a_payload_that_contradicts_its_declaration_is_named(format_: Any, payload: str) -> None:
    assert read(payload, declared(format=format_)) == Decoded(
        (), "", {f"declared as {format_}, and is something else": 1}
    )


def test_a_declared_format_is_not_guessed_again() -> None:
    body = '{"ax":1,"ay":2,"az":3,"payload":[{"name":"totalacceleration","time":1,"values":{"x":0,"y":0,"z":1}}]}'
    assert read(body).shape == "sensor-logger"
    decoded = read(body, declared(format="plain"))
    assert decoded.shape == "plain"
    assert decoded.readings[0].xyz.tolist() == [[1, 2, 3]]


def test_text_is_read_by_the_fields_that_were_declared() -> None:
    said = declared(format="text", fields=("gx", "gy", "gz", "ax", "ay", "az", "t_ms"), unit=Unit.G)
    acc, gyro = read("1,2,3,0.1,0.2,0.9,5000", said).readings
    assert (acc.unit, acc.clock, acc.ticks.tolist(), acc.xyz.tolist()) == (
        Unit.G,
        Clock.MS,
        [5000],
        [[0.1, 0.2, 0.9]],
    )
    assert gyro.xyz.tolist() == [[1, 2, 3]]


def test_phyphox_without_its_time_block_may_be_declared() -> None:
    assert read('{"ax":[1],"ay":[2],"az":[3]}', declared(format="phyphox")).readings
