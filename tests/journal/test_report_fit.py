from __future__ import annotations

import pytest
from reported import hostile_session

sdk = pytest.importorskip("garmin_fit_sdk", reason="the FIT SDK has a licence of its own: pip install garmin-fit-sdk")

from journal.report.activity import LONGEST_TEXT, NoDateError, fit_file  # noqa: E402
from journal.report.gather import gather  # noqa: E402


@pytest.fixture(scope="module")
def session():
    return hostile_session()


def test_a_fit_file_is_whole_and_says_what_was_measured(session):
    content = fit_file(session)
    assert sdk.Decoder(sdk.Stream.from_byte_array(bytearray(content))).check_integrity()
    told, errors = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(content))).read()
    assert errors == []
    (whole,) = told["session_mesgs"]
    assert whole["total_timer_time"] == pytest.approx(session.length_s - 5.0)
    assert whole["num_laps"] == len(told["lap_mesgs"]) == 2
    assert whole["start_time"] == session.began
    assert len(told["record_mesgs"]) == pytest.approx(session.length_s, abs=3)
    paces = [record["cadence"] for record in told["record_mesgs"] if "cadence" in record]
    assert 28 <= min(paces) <= max(paces) <= 33
    assert [event["event_type"] for event in told["event_mesgs"]] == ["start", "stop", "start", "stop_all"]
    first, second = (lap["developer_fields"] for lap in told["lap_mesgs"])
    assert list(second.values()) == ["Large ones"]
    assert len(*first.values()) <= LONGEST_TEXT


def test_a_session_without_a_date_has_no_fit_file():
    with pytest.raises(NoDateError, match="a FIT file needs a date"):
        fit_file(gather([], "empty"))
