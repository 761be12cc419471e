from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.timecode import parse_time
from tui.words import clock


@pytest.mark.parametrize(
    ("typed", "place_s"),
    [
        ("90", 90.0),
        ("1:30", 90.0),
        ("1:02:03", 3723.0),
        ("50%", 2000.0),
        ("12,5 %", 500.0),
        ("+10", 610.0),
        ("-1:00", 540.0),
        (" 7.5 ", 7.5),
        ("9:59:59", 4000.0),
        ("-99:00", 0.0),
        ("120%", 4000.0),
    ],
)
def test_a_time_is_read_as_it_is_typed(typed: str, place_s: float) -> None:
    assert parse_time(typed, now_s=600.0, total_s=4000.0) == place_s


@pytest.mark.parametrize(
    "typed", ["", "soon", "1:", ":30", "1:2:3:4", "1:75", "1:61:00", "%", "--5", "+", "5+5", "1e3"]
)
def test_what_is_no_time_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|type a time|more than 59"):
        parse_time(typed, now_s=0.0, total_s=100.0)


@given(st.integers(0, 40_000))
def test_a_clock_as_it_is_shown_leads_to_its_time(second: int) -> None:
    assert parse_time(clock(second), now_s=5.0, total_s=50_000.0) == second


@given(st.text(alphabet="0123456789:.,%+- ", max_size=12), st.floats(0, 3600), st.floats(0, 3600))
def test_whatever_is_typed_leads_into_the_recording_or_is_refused(typed: str, now_s: float, total_s: float) -> None:
    try:
        place_s = parse_time(typed, now_s, total_s)
    except ValueError:
        return
    assert 0.0 <= place_s <= total_s
