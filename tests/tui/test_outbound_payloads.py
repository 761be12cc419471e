"""From events to messages: pure."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from outbound_events import SECONDS, WRIST, of_kind, session

from sensors.samples import Gap
from sensors.topics import is_own
from tracker.events import CueEvent, LinkEvent, MotionEvent, SummaryEvent
from tracker.motion.state import Kind
from tui.outbound.payloads import PATTERNS, UNKNOWN_PATTERN, Cue, Cycle, Outgoing, State, Summary, Translator
from tui.outbound.topics import segment, topic

steady = settings(max_examples=300, derandomize=True, deadline=None)
names = st.text(max_size=80) | st.text(alphabet="ab/+#-_ 0f", max_size=12)


def body(message: Outgoing) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(message.payload, parse_constant=refuse)


def by_output(messages: list[Outgoing], output: str) -> list[Any]:
    return [body(message) for message in messages if message.topic.endswith(f"/{output}")]


def look(device: str = WRIST, **changed: Any) -> MotionEvent:
    """A look at the hand, as the pipeline gives one."""
    return msgspec.structs.replace(of_kind(MotionEvent)[-1], **{"device": device, "cycles": 0.0} | changed)


def link(device: str = WRIST, **changed: Any) -> LinkEvent:
    return msgspec.structs.replace(of_kind(LinkEvent)[-1], **{"device": device} | changed)


# --- topics ---


@pytest.mark.parametrize("name", ["left", "Left", "wrist_2", "7d1c0bff-f830-4dc9-a431-26873453ebb1"])
def test_a_plain_name_is_its_own_segment(name: str) -> None:
    assert segment(name) == name


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("palmpace/left", "palmpace-left"),
        ("Ünal's Pixel 7", "nal-s-Pixel-7"),
        ("a+b#c", "a-b-c"),
        ("\x00\u2028", "device"),
        ("", "device"),
        ("x" * 300, "x" * 48),
    ],
)
def test_any_other_keeps_what_it_can_and_a_hash(name: str, base: str) -> None:
    assert re.fullmatch(re.escape(base) + "-[0-9a-f]{8}", segment(name))


@given(names)
@steady
@example(segment("a/b"))
def test_a_segment_is_one_level_of_a_topic_and_an_id_of_home_assistants(name: str) -> None:
    assert re.fullmatch("[A-Za-z0-9_-]{1,57}", segment(name))
    assert is_own(topic(name, "state"))


@given(st.lists(names, unique=True, max_size=30))
@steady
@example(["a/b", segment("a/b"), "a+b", segment("a+b"), "a-b", segment(segment("a/b"))])
@example(["x" * 300, "x" * 301, "x" * 48])
def test_no_two_names_share_a_segment(several: list[str]) -> None:
    assert len({segment(name) for name in several}) == len(several)


# --- a session ---


def test_a_session_gives_a_state_a_second_and_an_event_a_cycle() -> None:
    translator = Translator()
    said = [message for event in session() for message in translator.take(event)]
    states, cycles = by_output(said, "state"), by_output(said, "event")
    *live, last = states
    assert [state["t_s"] for state in live] == [float(second) for second in range(1, int(SECONDS))]
    assert last["session"] == "ended"
    assert {state["session"] for state in live} == {"running"}
    assert live[0]["step"] == {"number": 1, "of": 2, "name": "Much faster"}
    assert last["step"] == {"number": 2, "of": 2, "name": "As you like"}

    (summary,) = by_output(said, "summary")
    made = sum(total.get("cycles", 0.0) for total in summary["totals"].values())
    assert made > 5
    assert [cycle["number"] for cycle in cycles] == list(range(1, int(made) + 1))
    assert last["cycles"] == pytest.approx(made, abs=0.01)
    assert all(cycle["period_s"] == pytest.approx(60 / cycle["rate_cpm"], abs=1e-3) for cycle in cycles)
    assert [cue["cue"] for cue in by_output(said, "cue")] == ["faster", "next step"]


def test_only_what_stands_is_retained_and_acknowledged() -> None:
    translator = Translator()
    ways = {
        (message.topic.rpartition("/")[2], message.qos, message.retain)
        for event in session()
        for message in translator.take(event)
    }
    assert ways == {("state", 0, False), ("event", 0, False), ("cue", 0, False), ("summary", 1, True)}


def test_the_summary_is_the_sessions_without_its_bulk() -> None:
    (ended,) = of_kind(SummaryEvent)
    (stream,) = ended.streams
    gaps = [Gap(1.0, 2.5), Gap(4.0, 5.0)]
    ended = msgspec.structs.replace(ended, streams=[msgspec.structs.replace(stream, gaps=gaps)])
    (summary,) = by_output(Translator().take(ended), "summary")
    assert summary == {
        "t_s": ended.t_s,
        "device": WRIST,
        "routine": "brisk",
        "totals": msgspec.to_builtins(stream.totals),
        "steps": json.loads(msgspec.json.encode(ended.steps)),
        "duration_s": stream.duration_s,
        "sample_rate_hz": stream.sample_rate_hz,
        "gap_s": 2.5,
        "rejected": 0,
        "unit": "m/s2",
        "gravity": "included",
    }


# --- states ---


def test_what_is_not_known_is_null() -> None:
    (state,) = by_output(Translator().take(link(sample_rate_hz=None, battery=None)), "state")
    told = {"t_s", "device", "link"}
    assert {key for key, value in state.items() if value is not None} == told
    assert state["link"] == {"hz": None, "stale_s": None, "battery": None}


def test_a_battery_is_told_as_the_device_last_said() -> None:
    (state,) = by_output(Translator().take(link(battery=0.83)), "state")
    assert state["link"]["battery"] == 0.83


def test_a_stale_wrist_does_nothing_known_but_keeps_its_count() -> None:
    translator = Translator()
    translator.take(look(motion=Kind.STROKE, rate_cpm=20.0, cycles=7.4, band=(14.0, 18.0), in_band=False))
    (heard,) = by_output(translator.take(link()), "state")
    assert (heard["motion"], heard["rate_cpm"], heard["in_band"]) == ("stroke", 20.0, False)
    (stale,) = by_output(translator.take(link(stale_s=4.2)), "state")
    assert (stale["motion"], stale["rate_cpm"], stale["in_band"]) == (None, None, None)
    assert (stale["cycles"], stale["band"], stale["link"]["stale_s"]) == (7.4, [14.0, 18.0], 4.2)


def test_cycles_counted_at_once_are_told_one_by_one() -> None:
    translator = Translator()
    assert translator.take(look(cycles=0.999)) == []
    told = by_output(translator.take(look(t_s=9.0, cycles=3.2, rate_cpm=None)), "event")
    assert [(cycle["number"], cycle["t_s"], cycle["period_s"]) for cycle in told] == [
        (1, 9.0, None),
        (2, 9.0, None),
        (3, 9.0, None),
    ]
    assert translator.take(look(cycles=3.9)) == []


anything = st.none() | st.floats()
looks = st.fixed_dictionaries(
    {
        "t_s": st.floats(),
        "device": names,
        "motion": st.sampled_from(Kind),
        "cycles": st.floats(0, 50),
        "direction": st.sampled_from([None, "cw", "ccw"]),
        "in_band": st.none() | st.booleans(),
        "band": st.none() | st.tuples(st.floats(), st.floats()),
        **dict.fromkeys(("rate_cpm", "rate_sd_cpm", "circularity"), anything),
    }
)


@given(st.lists(looks, max_size=5), st.floats(), anything, anything)
@settings(steady, max_examples=150)
def test_whatever_a_look_holds_what_goes_out_is_json(
    several: list[dict[str, Any]], t_s: float, hz: float | None, stale_s: float | None
) -> None:
    translator = Translator()
    for changed in several:
        event = look(**changed)
        said = [*translator.take(event), *translator.take(link(event.device, t_s=t_s, sample_rate_hz=hz))]
        said += translator.take(link(event.device, stale_s=stale_s))
        assert [state["device"] for state in by_output(said, "state")] == [event.device] * 2
        assert all(body(message) for message in said)


# --- cues ---


def cue(said: str) -> CueEvent:
    return msgspec.structs.replace(of_kind(CueEvent)[0], cue=said, text=f"{said}!")


@pytest.mark.parametrize(
    ("said", "ears"), [("slower", ["left"]), ("next step", ["left", "right"]), ("ease off", ["left", "right"])]
)
def test_a_cue_goes_to_the_hand_it_is_about_or_to_all(said: str, ears: list[str]) -> None:
    translator = Translator()
    translator.take(look("left", band=(14.0, 18.0), in_band=False))
    translator.take(look("right", band=None, in_band=None))
    assert [message.device for message in translator.take(cue(said))] == ears


def test_a_cue_about_a_hand_that_is_not_known_goes_to_all() -> None:
    translator = Translator()
    assert translator.take(cue("slower")) == []  # nobody is there to hear it
    for device in ("left", "right"):
        translator.take(look(device, band=None, in_band=None))
    assert [message.device for message in translator.take(cue("slower"))] == ["left", "right"]


def test_a_buzzer_tells_every_cue_from_the_others() -> None:
    assert len({*PATTERNS.values(), UNKNOWN_PATTERN}) == len(PATTERNS) + 1
    for pattern in (*PATTERNS.values(), UNKNOWN_PATTERN):
        assert len(pattern) % 2 == 1, "it begins and ends with a buzz"
        assert all(50 <= part_ms <= 1500 for part_ms in pattern)
        assert sum(pattern) <= 3000
    translator = Translator()
    translator.take(look())
    for said in ("slower", "a new one"):
        (message,) = translator.take(cue(said))
        assert body(message)["pattern"] == list(PATTERNS.get(said, UNKNOWN_PATTERN))
        assert body(message)["text"] == f"{said}!"


# --- the page about it ---


def test_the_page_shows_what_is_sent() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "mqtt.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    for told, kind in zip(shown, (State, Cycle, Cue, Summary), strict=True):
        msgspec.convert(told, kind, strict=True)
        assert told.keys() == {field.encode_name for field in msgspec.structs.fields(kind)}
    rows = re.findall(r"^\| `([a-z ?]+)` \| ([\d, ]+) \|", page, re.MULTILINE)
    assert {said: tuple(map(int, pattern.split(", "))) for said, pattern in rows} == PATTERNS
    assert shown[2]["pattern"] == list(PATTERNS[shown[2]["cue"]])
