"""What a person may say of a device, and what is wrong with the rest."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensors.declared import Declared
from sensors.samples import Clock, Kind, Unit
from sensors.toml import read_toml

PACKED = {"topic": "a", "format": "struct", "struct": "<3f", "fields": ("ax", "ay", "az")}


class Book(msgspec.Struct, forbid_unknown_fields=True):
    device: tuple[Declared, ...] = ()


def test_a_whole_book_is_read() -> None:
    text = """
    [[device]]
    topic = "esp32/+/stream"
    name = "left wrist"
    side = "left"
    format = "struct"
    struct = "<I6f"
    fields = ["ms", "gx", "gy", "gz", "ax", "ay", "az"]
    unit = "mg"
    gyro_unit = "deg/s"
    gravity = "included"
    clock = "ms"
    rate_hz = 104
    kind = "board"

    [[device]]
    topic = "#"
    """
    left, rest = read_toml(text, Book).device
    assert left == Declared(
        topic="esp32/+/stream",
        name="left wrist",
        side="left",
        format="struct",
        struct="<I6f",
        fields=("ms", "gx", "gy", "gz", "ax", "ay", "az"),
        unit=Unit.MG,
        gyro_unit=Unit.DEGPS,
        gravity="included",
        clock=Clock.MS,
        rate_hz=104.0,
        kind=Kind.BOARD,
    )
    assert rest == Declared(topic="#")


@pytest.mark.parametrize(
    ("pattern", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("+/b", "a/b", True),
        ("a/#", "a/b/c", True),
        ("a/#", "a", True),
        ("a/#", "ab", False),
        ("#", "a/b", True),
        ("#", "$SYS/uptime", False),
        ("a.c", "abc", False),
    ],
)
def test_a_topic_is_an_mqtt_filter(pattern: str, topic: str, matches: bool) -> None:
    assert Declared(topic=pattern).matches(topic) is matches


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"topic": ""}, "topic '' is no MQTT filter"),
        ({"topic": "a/#/b"}, "no MQTT filter"),
        ({"topic": "a/b+"}, "no MQTT filter"),
        ({"topic": "a", "name": "\x1b[2J"}, "name holds what no screen can show"),
        ({"topic": "a", "rate_hz": 0.5}, "rate_hz must be between 1 and 2000"),
        ({"topic": "a", "rate_hz": float("nan")}, "rate_hz must be between 1 and 2000"),
        ({"topic": "a", "unit": Unit.DEGPS}, "unit cannot be deg/s"),
        ({"topic": "a", "gyro_unit": Unit.G}, "gyro_unit cannot be g"),
        ({"topic": "a", "format": "struct"}, "go together"),
        ({"topic": "a", "struct": "<3f", "fields": ("ax", "ay", "az")}, "go together"),
        ({"topic": "a", "fields": ("ax", "ay", "az")}, 'fields need format = "text" or "struct"'),
        ({"topic": "a", "format": "text", "fields": ("ax", "ay")}, "fields must name ax, ay and az"),
        ({"topic": "a", "format": "text", "fields": ("ax", "ay", "az", "az")}, "each only once"),
        (PACKED | {"fields": ()}, "fields must name ax, ay and az"),
        (PACKED | {"struct": "3f"}, "begin it with '<' or '>'"),
        (PACKED | {"struct": "@3f"}, "begin it with '<' or '>'"),
        (PACKED | {"struct": "<3k"}, "bad char"),
        (PACKED | {"struct": "<3é"}, "struct"),
        (PACKED | {"struct": "<12s"}, "holds what is no number"),
        (PACKED | {"struct": "<3?"}, "holds what is no number"),
        (PACKED | {"struct": "<2f"}, "holds 2 numbers, fields names 3"),
        (PACKED | {"struct": "<999999999f"}, "too large"),
        (PACKED | {"struct": "<" + "9" * 30 + "f"}, "struct"),
    ],
    ids=str,
)
def test_what_cannot_be_is_named(said: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Declared(**said)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            '[[device]]\ntopic = "a"\n[[device]]\ntopic = "b"\nunit = "stone"',
            "device 2, unit: Invalid enum value 'stone', give one of 'auto', ",
        ),
        ('[[device]]\ntopic = "a"\nrate_hz = "fast"', "device 1, rate_hz: "),
        ('[[device]]\ntopic = "a"\nrate_hz = 9999', "device 1: rate_hz must be between 1 and 2000"),
        (
            '[[device]]\ntopic = "a"\nformat = "text"\nfields = ["ax", "why"]',
            "device 1, fields 2: Invalid enum value 'why', give one of '', 'ax', ",
        ),
        (
            '[[device]]\ntopic = "a"\nside = "top"',
            "device 1, side: Invalid enum value 'top', give one of 'left', 'right'",
        ),
        ('[[device]]\ntopik = "a"', "device 1: unknown key `topik`"),
        ("[[device]]\nside = 'left'", "device 1: missing key `topic`"),
        ("device = 3", "device: "),
    ],
)
def test_a_complaint_about_a_file_names_the_table_and_the_key(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=rf"^line \d, {re.escape(complaint)}"):
        read_toml(text, Book)


keys = st.sampled_from(Declared.__struct_fields__) | st.text(max_size=6)
words = st.sampled_from(
    ["a/#", "left", "struct", "text", "<3f", ">I9f", "g", "deg/s", "removed", "ms", "phone", "\x1b["]
)
values = st.one_of(
    words.map(lambda word: f'"{word}"'),
    st.text(max_size=8).map(lambda text: f"'{text}'"),
    st.integers().map(str),
    st.floats().map(str),
    st.lists(st.sampled_from(['"ax"', '"ay"', '"az"', '""', "3"]), max_size=5).map(
        lambda items: f"[{', '.join(items)}]"
    ),
    st.sampled_from(["true", "{}", "{a = 1}", "1979-05-27", "[[]]", '"""\n"""']),
)
lines = st.tuples(keys, values).map(" = ".join) | st.sampled_from(["[[device]]", "[device]", "", "[["])


@given(st.text(max_size=80) | st.lists(lines, max_size=8).map("\n".join))
@settings(max_examples=200, derandomize=True, deadline=None)
@example("a = " + "9" * 5000)
@example("a = " + "[" * 5000)
@example("device = [{a.b.c = 3}]")
def test_whatever_the_text_a_complaint_is_one_printable_line(text: str) -> None:
    complaint = ""
    book = Book()
    try:
        book = read_toml(text, Book)
    except ValueError as error:
        complaint = str(error) or "\n"  # no words are no complaint
    assert complaint.isprintable()
    assert all(each.topic for each in book.device)
