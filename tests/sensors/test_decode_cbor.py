"""CBOR: blocks in parts, in any order, and whatever else may come."""

from __future__ import annotations

import struct
from typing import Any

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_decode_any_bytes import scalars, steady, whole

from sensors.decode import Decoded
from sensors.decode.cbor_block import INCOMPLETE, MAX_BLOCKS, MISFIT, UNKNOWN_FORMAT, Blocks
from sensors.samples import Clock, Kind, Reading, Unit

fewer = settings(steady, max_examples=60)

T0_US = 1_790_000_000_123_456
XYZ = [[10, -20, 981], [11, -21, 982], [12, -22, 983]]
STEPS_US = [1000, 1010]
INT64 = (-(2**63), 2**63 - 1)

Node = dict[str, Any]


def meta(n: int = 3, name: Any = "b-1", **said: Any) -> Node:
    formats = {"dt_fmt": "u16le_us", "a_fmt": "i16le_mg"}
    return {"type": "meta", "id": name, "dev": "board", "t0_us": T0_US, "n": n, "fs": 1000} | formats | said


def blobs(xyz: list[list[int]] = XYZ, steps_us: list[int] = STEPS_US, name: Any = "b-1", cuts: int = 1) -> list[Node]:
    """Give a block's columns, each cut into so many messages."""
    columns = {axis: struct.pack(f"<{len(xyz)}h", *(row[i] for row in xyz)) for i, axis in enumerate("xyz")}
    columns["dt"] = struct.pack(f"<{len(steps_us)}H", *steps_us)
    size = {key: -(-len(column) // cuts) for key, column in columns.items()}
    return [
        {"type": key, "id": name, "idx": i, "parts": cuts, "a": column[i * size[key] : (i + 1) * size[key]]}
        for key, column in columns.items()
        for i in range(cuts)
    ]


def send(blocks: Blocks, *nodes: Any, topic: str = "esp") -> list[Decoded]:
    decoded = [blocks.decode(topic, cbor2.dumps(node)) for node in nodes]
    assert None not in decoded
    return [each for each in decoded if each]


def readings(decoded: list[Decoded]) -> list[Reading]:
    return [reading for each in decoded for reading in each.readings]


def rejects(decoded: list[Decoded]) -> list[dict[str, int]]:
    return [dict(each.rejects) for each in decoded if each.rejects]


def test_a_block_is_given_once_all_of_it_came() -> None:
    decoded = send(Blocks(), meta(), *blobs())
    assert [len(each.readings) for each in decoded] == [0, 0, 0, 0, 1]
    (reading,) = readings(decoded)
    assert (decoded[-1].shape, reading.device, reading.kind) == ("cbor", "board", Kind.BOARD)
    assert (reading.unit, reading.clock) == (Unit.MG, Clock.US)
    assert reading.ticks.tolist() == [T0_US, T0_US + 1000, T0_US + 2010]
    assert reading.xyz.tolist() == XYZ


@given(
    st.lists(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=3, max_size=3), min_size=1, max_size=9),
    st.integers(1, 4),
    st.randoms(),
)
@fewer
def test_in_any_order_in_any_parts_each_sent_twice(xyz: list[list[int]], cuts: int, random: Any) -> None:
    nodes = [meta(len(xyz)), *blobs(xyz, [500] * (len(xyz) - 1), cuts=cuts)] * 2
    random.shuffle(nodes)
    decoded = send(Blocks(), *nodes)
    (reading,) = readings(decoded)
    assert (reading.xyz.tolist(), rejects(decoded)) == (xyz, [])
    assert reading.ticks.tolist() == [T0_US + 500 * i for i in range(len(xyz))]


@given(st.randoms())
@fewer
def test_blocks_of_two_boards_interleaved(random: Any) -> None:
    blocks = Blocks()
    other = [[-value for value in row] for row in XYZ]
    left = [("left", node) for node in (meta(dev="l"), *blobs())]
    right = [("right", node) for node in (meta(dev="r"), *blobs(other))]
    turns = random.sample(left + right, len(left + right))
    found = [reading for topic, node in turns for reading in readings(send(blocks, node, topic=topic))]
    assert {reading.device: reading.xyz.tolist() for reading in found} == {"l": XYZ, "r": other}


def test_all_in_one_map() -> None:
    columns = {node["type"]: node["a"] for node in blobs()}
    for body in (meta() | columns, {"meta": meta(), **columns}, {"id": None} | meta(name=None) | columns):
        (reading,) = readings(send(Blocks(), body))
        assert reading.xyz.tolist() == XYZ


def test_without_steps_the_rate_tells_the_times() -> None:
    about = meta(fs=500)
    del about["dt_fmt"]
    (reading,) = readings(send(Blocks(), about, *blobs()[:3]))
    assert reading.ticks.tolist() == [T0_US, T0_US + 2000, T0_US + 4000]
    (reading,) = readings(send(Blocks(), about | {"fs": None}, *blobs()[:3]))
    assert reading.clock is Clock.NONE


def test_a_step_for_each_sample_begins_at_the_start() -> None:
    (reading,) = readings(send(Blocks(), meta(), *blobs(steps_us=[7, 1000, 1010])))
    assert reading.ticks.tolist() == [T0_US + 7, T0_US + 1007, T0_US + 2017]


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"n": 4}, MISFIT),
        ({"n": "3"}, MISFIT),
        ({"n": None}, MISFIT),
        ({"a_fmt": "i32le_mg"}, MISFIT),
        ({"a_fmt": "f8le_mg"}, UNKNOWN_FORMAT),
        ({"a_fmt": 5}, UNKNOWN_FORMAT),
        ({"dt_fmt": "u16le_h"}, UNKNOWN_FORMAT),
        ({"dt_fmt": None}, UNKNOWN_FORMAT),
        ({"dt_fmt": "u8le_us"}, MISFIT),
    ],
)
def test_a_block_that_cannot_be_unpacked_is_named(about: Node, reason: str) -> None:
    decoded = send(Blocks(), meta() | about, *blobs())
    assert (readings(decoded), rejects(decoded)) == ([], [{reason: 1}])


def test_blocks_that_never_complete_are_dropped_and_counted() -> None:
    blocks = Blocks()
    for i in range(MAX_BLOCKS):
        assert rejects(send(blocks, meta(name=i), *blobs(name=i)[1:])) == []
    decoded = send(blocks, meta(name="new"), *blobs(name="new"))
    assert (len(readings(decoded)), rejects(decoded)) == (1, [{INCOMPLETE: 1}])
    assert len(readings(send(blocks, blobs(name=MAX_BLOCKS - 1)[0]))) == 1
    assert rejects(send(blocks, {"x": b"12"})) == [{INCOMPLETE: 1}]  # it cannot be told of which block it is
    huge = {"type": "x", "id": "huge", "parts": 3, "a": bytes(1 << 19)}
    assert rejects(send(blocks, *[huge | {"idx": i} for i in range(3)])) == [{INCOMPLETE: 1}]


@pytest.mark.parametrize(
    "body",
    [
        {"t": 5, "ax": 1, "ay": 2, "az": 3},
        {"device": "b", "acc": [1, 2, 3]},
        [{"x": 1.0, "y": 2.0, "z": 3.0}],
        {"ax": [1], "ay": [2], "az": [3], "gx": b"odd"},
    ],
)
def test_maps_of_plain_json(body: Any) -> None:
    (decoded,) = send(Blocks(), body)
    assert (decoded.shape, decoded.readings[0].kind, decoded.readings[0].xyz.tolist()) == (
        "cbor",
        Kind.BOARD,
        [[1, 2, 3]],
    )


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"\x81" * 100_000, id="nested without end"),
        pytest.param(b"\xa1\x61a" * 100_000, id="maps without end"),
        b"\x9b" + b"\xff" * 8,  # longer than any memory
        b"\xbb\x00\xff" + b"\xff" * 6,
        bytes.fromhex("a16161d81c81d81d00"),  # a list that holds itself
        cbor2.dumps({"re": cbor2.CBORTag(35, "(a+)+$")}),
        cbor2.dumps({"big": 10**400}),
        cbor2.dumps({1: 2}),
        cbor2.dumps({"ax": 1})[:-1],
        pytest.param(cbor2.dumps([{"n": "ax", "v": 1.5}] * 9000), id="long pack"),
        b"\xff\xfe\x00",
        b"{}",
        b"",
    ],
)
def test_what_is_too_much_or_none(payload: bytes) -> None:
    assert Blocks().decode("esp", payload) is None


nodes = st.dictionaries(
    st.sampled_from(
        ("id", "type", "idx", "parts", "t0_us", "n", "fs", "dt_fmt", "a_fmt", "x", "y", "z", "dt", "a", "meta")
    ),
    st.binary(max_size=12)
    | scalars.filter(lambda value: not isinstance(value, int) or INT64[0] <= value <= INT64[1])
    | st.sampled_from(("x", "y", "z", "dt", "b-1", "i16le_mg", "f32be_g", "u16le_us", "f16le_ms"))
    | st.dictionaries(st.sampled_from(("t0_us", "id")), st.integers(0, 9)),
)


@given(st.lists(nodes | st.sampled_from([meta(), *blobs()]), max_size=12))
@fewer
@example([{"t0_us": float("nan"), "n": 1, "a_fmt": "f16le_g", "x": b"\0\x7c", "y": b"\0\0", "z": b"\0\0"}])
def test_any_nodes(sent: list[Node]) -> None:
    blocks = Blocks()
    for node in sent:
        whole(send(blocks, node)[0])


@given(st.binary(max_size=60), st.sampled_from((b"", b"\xa1", b"\x81", b"\xa3\x62id\x01\x61x")))
@fewer
def test_any_bytes(payload: bytes, head: bytes) -> None:
    decoded = Blocks().decode("esp", head + payload)
    if decoded is not None:
        whole(decoded)


@given(st.sampled_from([cbor2.dumps(node) for node in (meta(), *blobs(), {"ax": 1, "ay": 2.5, "az": 3})]), st.data())
@fewer
def test_mutated(valid: bytes, data: st.DataObject) -> None:
    at, cut = data.draw(st.integers(0, len(valid))), data.draw(st.integers(0, 4))
    decoded = Blocks().decode("esp", valid[:at] + data.draw(st.binary(max_size=3)) + valid[at + cut :])
    if decoded is not None:
        whole(decoded)
