"""A session as a FIT file, for apps that keep what watches record.

FIT knows no massage. The session is a generic activity; each step is a lap, with its name in a field of our own; each
second is a record, with the pace as its cadence (FIT holds whole cycles a minute up to 254; here as anywhere full
cycles, there and back) and, exactly, in a field of our own. What is not measured is not told: no distance, no heart
rate, no calories.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from garmin_fit_sdk import FIT_EPOCH_S, Encoder, Profile
from garmin_fit_sdk.fit import BASE_TYPE

from journal.report.gather import Look, Session
from journal.report.words import cut

LONGEST_TEXT = 40
"""FIT tells the length of a text in one byte, and a letter may take four."""
MOST_CADENCE_CPM = 254
_PACE, _STEP = 0, 1
_APPLICATION: Final = tuple(bytes.fromhex("6a1f0c5e27b94d0e9c53b8f4417d2ea6"))
"""Random once, and ours from then on: it tells our fields from those of others."""
_DEVELOPER: Final = {"mesg": "DEVELOPER_DATA_ID", "application_id": list(_APPLICATION), "developer_data_index": 0}

Message = dict[str, Any]


class NoDateError(Exception):
    """A recording that does not tell when it was made; FIT has no place for such a session."""


def fit_file(session: Session) -> bytes:
    """Give a session as the bytes of a FIT activity.

    Raises
    ------
    NoDateError
        Nothing tells when it was.
    """
    if session.began is None:
        raise NoDateError(f"{session.name} does not tell when it was made, and a FIT file needs a date")
    encoder = Encoder()
    developer = _numbered(_DEVELOPER)
    encoder.write_mesg(developer)
    for key, field in (
        (_PACE, _field(_PACE, "FLOAT32", "pace", "cycles/min")),
        (_STEP, _field(_STEP, "STRING", "step")),
    ):
        described = _numbered(field)
        encoder.write_mesg(described)
        encoder.add_developer_field(key, developer, described)
    for message in messages(session, session.began):
        encoder.write_mesg(_numbered(message))
    return bytes(encoder.close())


def messages(session: Session, began: datetime) -> Iterator[Message]:
    """Give what the file tells, message by message; ``mesg`` is FIT's name of its kind."""
    start = int(began.timestamp()) - FIT_EPOCH_S
    end = start + round(session.length_s)
    yield {"mesg": "FILE_ID", "type": "activity", "manufacturer": "development", "product": 0, "time_created": start}
    yield {"mesg": "EVENT", "timestamp": start, "event": "timer", "event_type": "start"}
    timed = [*_records(session, start), *_pauses(session, start)]
    yield from sorted(timed, key=lambda message: message["timestamp"])
    yield {"mesg": "EVENT", "timestamp": end, "event": "timer", "event_type": "stop_all"}
    laps = list(_laps(session, start, end))
    yield from laps
    active_s = _active_s(session, 0.0, session.length_s)
    whole = {
        "timestamp": end,
        "start_time": start,
        "total_elapsed_time": session.length_s,
        "total_timer_time": active_s,
    }
    yield {
        "mesg": "SESSION",
        "message_index": 0,
        **whole,
        "sport": "generic",
        "sub_sport": "generic",
        "sport_profile_name": cut(session.title, LONGEST_TEXT),
        "total_cycles": round(sum(lap["total_cycles"] for lap in laps)),
        "first_lap_index": 0,
        "num_laps": len(laps),
    }
    offset_s = began.utcoffset()
    yield {
        "mesg": "ACTIVITY",
        "timestamp": end,
        "local_timestamp": end + round(offset_s.total_seconds() if offset_s is not None else 0),
        "total_timer_time": active_s,
        "num_sessions": 1,
    }


def _records(session: Session, start: int) -> Iterator[Message]:
    """Give the last look of each second at the coached hand."""
    seconds: dict[int, Look] = {int(look.event.t_s): look for look in session.coached}
    ends_s = [cycle.end_s for cycle in session.cycles if cycle.step is not None]
    for second, look in seconds.items():
        made = bisect_right(ends_s, look.event.t_s)
        record: Message = {"mesg": "RECORD", "timestamp": start + second, "total_cycles": made}
        if look.event.rate_cpm is not None:
            record["cadence"] = min(MOST_CADENCE_CPM, round(look.event.rate_cpm))
            record["developer_fields"] = {_PACE: look.event.rate_cpm}
        yield record


def _pauses(session: Session, start: int) -> Iterator[Message]:
    for since_s, until_s in session.pauses:
        yield {"mesg": "EVENT", "timestamp": start + round(since_s), "event": "timer", "event_type": "stop"}
        if until_s < session.length_s:
            yield {"mesg": "EVENT", "timestamp": start + round(until_s), "event": "timer", "event_type": "start"}


def _laps(session: Session, start: int, end: int) -> Iterator[Message]:
    begun = [(event.t_s, event.name) for event in session.steps if event.why != "easier"] or [(0.0, session.title)]
    ends_s = [*(t_s for t_s, _ in begun[1:]), session.length_s]
    for index, ((since_s, name), until_s) in enumerate(zip(begun, ends_s, strict=True)):
        yield {
            "mesg": "LAP",
            "message_index": index,
            "timestamp": min(end, start + round(until_s)),
            "start_time": start + round(since_s),
            "total_elapsed_time": until_s - since_s,
            "total_timer_time": _active_s(session, since_s, until_s),
            "total_cycles": sum(
                cycle.step is not None and since_s <= cycle.end_s < until_s for cycle in session.cycles
            ),
            "sport": "generic",
            "developer_fields": {_STEP: cut(name, LONGEST_TEXT)},
        }


def _active_s(session: Session, since_s: float, until_s: float) -> float:
    """Give the time between two moments in which the session ran."""
    paused = (min(until, until_s) - max(since, since_s) for since, until in session.pauses)
    return until_s - since_s - sum(max(0.0, each) for each in paused)


def _field(number: int, kind: str, name: str, units: str = "") -> Message:
    return {
        "mesg": "FIELD_DESCRIPTION",
        "developer_data_index": 0,
        "field_definition_number": number,
        "fit_base_type_id": BASE_TYPE[kind],
        "field_name": name,
    } | ({"units": units} if units else {})


def _numbered(message: Message) -> Any:
    """Give a message as the encoder wants it: the number of its kind in place of the name."""
    said = dict(message)
    return {"mesg_num": Profile["mesg_num"][said.pop("mesg")], **said}
