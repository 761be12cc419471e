from __future__ import annotations

import random
import signal
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.writer import Writer

from sensors.message import COMMAND_TOPIC, NS_PER_S, Message
from sensors.recording import (
    MESSAGES_PER_LOOK,
    Recorder,
    RecordingError,
    ReplaySource,
    being_written,
    delete_recording,
    list_recordings,
    new_recording_path,
    open_recording,
    read_recording,
    recordings_folder,
    rename_recording,
    written_here,
)
from sensors.source import Arrivals

START_NS = 1_790_000_000_123_456_789


def message(index: int, every_s: float = 0.1, topic: str = "wrist", payload: bytes | None = None) -> Message:
    body = f'{{"i": {index}}}'.encode() if payload is None else payload
    return Message(topic, body, START_NS + round(index * every_s * NS_PER_S))


def record(path: Path, messages: list[Message], **metadata: str) -> Path:
    with Recorder(path, metadata) as recorder:
        for each in messages:
            recorder.write(each)
    return path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def kill_while_recording(path: Path, number: int) -> None:
    """Let a process record `number` messages, 100 a second of their time, and kill it where it stands."""
    script = f"""
from sensors.recording import Recorder
from sensors.message import Message
recorder = Recorder({str(path)!r}, {{"routine": "sore-back"}})
for i in range({number}):
    recorder.write(Message("wrist", b"%d" % i * 20, {START_NS} + i * 10_000_000))
print("written", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"written\n"
        child.send_signal(signal.SIGKILL)


# --- what is written is read ---

anything = st.builds(
    Message,
    topic=st.text(max_size=20),
    payload=st.binary(max_size=200),
    received_ns=st.one_of(st.integers(0, 3), st.integers(0, 2**64 - 1)),  # 0 to 3: many at the same time
    retained=st.booleans(),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(messages=st.lists(anything, max_size=30), metadata=st.dictionaries(st.text(), st.text(), max_size=3))
def test_messages_come_back_to_the_last_bit_in_the_order_written(
    messages: list[Message], metadata: dict[str, str]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.mcap")
        recorder = Recorder(path, metadata)
        for each in messages:
            recorder.write(each)
        recorder.flush()
        assert list(read_recording(path)) == messages  # while it is being written
        recorder.close()
        recording = open_recording(path)
        assert list(recording.messages()) == messages
        assert recording.metadata == metadata
        assert recording.message_count == len(messages)
        assert recording.notice is None
        assert names(Path(folder)) == ["a.mcap"]


def test_order_holds_across_chunks_and_memory_stays_bounded(tmp_path: Path) -> None:
    bodies = random.Random(1)
    messages = [
        Message("wrist", bytes([i]) + bodies.randbytes(300_000), START_NS + i // 7 * NS_PER_S)  # seven at a time
        for i in range(60)
    ]
    path = record(tmp_path / "a.mcap", messages)
    tracemalloc.start()
    try:
        assert all(read == written for read, written in zip(read_recording(path), messages, strict=True))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8_000_000 < path.stat().st_size


def test_other_mcap_tools_read_it(tmp_path: Path) -> None:
    messages = [
        message(0),
        message(1, topic="raw", payload=b"\x00\x01"),
        Message("wrist", b" [1]", START_NS + NS_PER_S, retained=True),
        message(20, topic=COMMAND_TOPIC),
    ]
    path = record(tmp_path / "a.mcap", messages, version="0.1.0")
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        rows = list(reader.iter_messages())
        summary = reader.get_summary()
        assert reader.get_header().library.startswith("palmpace ")
        assert [(entry.name, entry.metadata) for entry in reader.iter_metadata()] == [
            ("palmpace", {"version": "0.1.0"})
        ]
    assert summary is not None
    assert len(summary.chunk_indexes) == 1
    assert summary.chunk_indexes[0].compression == "zstd"
    assert [(schema, channel.topic, channel.message_encoding) for schema, channel, _ in rows] == [
        (None, "wrist", "json"),
        (None, "raw", "application/octet-stream"),
        (None, "wrist", "json"),
        (None, COMMAND_TOPIC, "json"),
    ]
    assert [row.sequence for *_, row in rows] == [0, 1, 2, 3]
    assert all(row.log_time == row.publish_time for *_, row in rows)


def test_another_programs_mcap_without_summary_is_read(tmp_path: Path) -> None:
    path = tmp_path / "other.mcap"
    writer = Writer(
        str(path),
        use_statistics=False,
        use_summary_offsets=False,
        repeat_channels=False,
        repeat_schemas=False,
    )
    writer.start()
    schema = writer.register_schema("s", "jsonschema", b"{}")
    writer.add_message(writer.register_channel("imu", "json", schema), START_NS, b"{}", START_NS)
    writer.finish()  # type: ignore[no-untyped-call]  # mcap does not annotate it
    recording = open_recording(path)
    assert list(recording.messages()) == [Message("imu", b"{}", START_NS)]
    assert (recording.metadata, recording.notice, recording.whole) == ({}, None, True)


def test_summary_tells_times_and_count(tmp_path: Path) -> None:
    recording = open_recording(record(tmp_path / "a.mcap", [message(i) for i in range(124)]))
    assert recording.start_ns == START_NS
    assert recording.end_ns == START_NS + 12_300_000_000
    assert recording.duration_s == 12.3
    assert recording.message_count == 124


def test_a_session_without_a_message_is_a_recording_too(tmp_path: Path) -> None:
    recording = open_recording(record(tmp_path / "a.mcap", [], version="1"))
    assert list(recording.messages()) == []
    assert (recording.start_ns, recording.end_ns, recording.duration_s) == (None, None, 0.0)
    assert recording.metadata == {"version": "1"}


# --- sessions that were not closed ---


def test_each_second_of_message_time_reaches_the_system(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mcap", {})
    seen = []
    for i in range(25):
        recorder.write(message(i))
        seen.append(open_recording(tmp_path / "a.mcap").message_count)
    assert seen == [1] * 10 + [11] * 10 + [21] * 5
    recorder.flush()
    assert open_recording(tmp_path / "a.mcap").message_count == 25
    recorder.close()


def test_a_live_session_is_read_and_left_alone(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.mcap", {"routine": "x"}) as recorder:
        recorder.write(message(0))
        for name in ("a.mcap", "a.mcap.part"):
            recording = open_recording(tmp_path / name)
            assert list(recording.messages()) == [message(0)]
            assert recording.notice == f"{tmp_path / 'a.mcap.part'} is still being written; it reaches 0.0 s"
        assert names(tmp_path) == ["a.mcap.part"]
        recorder.write(message(30))
    assert list(read_recording(tmp_path / "a.mcap")) == [message(0), message(30)]


@pytest.mark.parametrize("number", random.Random(20261122).sample(range(1, 2000), 5))
def test_a_killed_session_loses_at_most_its_last_second(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.mcap"
    kill_while_recording(path, number)
    assert names(tmp_path) == ["a.mcap.part"]
    recording = open_recording(path)
    found = list(recording.messages())
    written = [Message("wrist", b"%d" % i * 20, START_NS + i * 10_000_000) for i in range(number)]
    assert found == written[: len(found)]
    assert written[-1].received_ns - found[-1].received_ns <= NS_PER_S
    assert recording.notice == (f"{path} was not closed and has been repaired; it reaches {recording.duration_s:.1f} s")
    assert recording.metadata == {"routine": "sore-back"}
    assert names(tmp_path) == ["a.mcap"]
    assert open_recording(path).notice is None  # told once


def test_a_killed_session_opens_by_the_name_of_its_part(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "a.mcap", 3)
    assert open_recording(tmp_path / "a.mcap.part").path == tmp_path / "a.mcap"
    assert open_recording(tmp_path / "a.mcap.part").notice is None


def part_and_ends(folder: Path, messages: list[Message]) -> tuple[bytes, list[int]]:
    """The bytes of an unfinished session, and where each message ends in them."""
    recorder = Recorder(folder / "whole.mcap", {"version": "1"})
    part = folder / "whole.mcap.part"
    ends = []
    for each in messages:
        recorder.write(each)
        recorder.flush()
        ends.append(part.stat().st_size)
    whole = part.read_bytes()
    recorder.close()
    return whole, ends


def test_a_part_cut_at_any_byte_is_repaired_up_to_its_last_whole_message(tmp_path: Path) -> None:
    messages = [message(0), message(1, topic="other"), message(2), message(3, payload=b"")]
    whole, ends = part_and_ends(tmp_path, messages)
    for cut in range(len(whole) + 1):
        path = tmp_path / f"{cut}.mcap"
        part = tmp_path / f"{cut}.mcap.part"
        part.write_bytes(whole[:cut])
        recording = open_recording(path)
        assert recording.notice is not None
        expected = messages[: sum(end <= cut for end in ends)]
        assert list(recording.messages()) == expected, cut
        if cut:
            assert not part.exists()
            assert (open_recording(path).notice, list(read_recording(path))) == (None, expected)


def test_a_copy_cut_at_any_byte_is_read_and_not_touched(tmp_path: Path) -> None:
    messages = [message(i, topic=f"t{i % 3}") for i in range(12)]
    whole = record(tmp_path / "whole.mcap", messages).read_bytes()
    path = tmp_path / "cut.mcap"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        recording = open_recording(path)
        found = list(recording.messages())
        assert found in ([], messages)  # all are in one chunk
        assert recording.message_count == len(found)
        if not found:
            assert recording.notice == f"{path} is cut off; it reaches 0.0 s"
        assert path.read_bytes() == whole[:cut]


def test_damage_anywhere_is_an_error_of_one_line_at_most(tmp_path: Path) -> None:
    messages = [message(i, topic=f"t{i % 3}") for i in range(30)]
    closed = record(tmp_path / "whole.mcap", messages).read_bytes()
    part, _ = part_and_ends(tmp_path / "part", messages)
    rng = random.Random(4)
    outcomes: set[int] = set()
    told: set[str] = set()
    for name, whole in (("a.mcap", closed), ("b.mcap.part", part)):
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(3):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            path = tmp_path / name
            path.write_bytes(damaged)
            try:
                outcomes.add(len(list(read_recording(path))))
            except RecordingError as error:
                told.add(str(error))
            (tmp_path / "b.mcap").unlink(missing_ok=True)
    assert 30 in outcomes
    assert told
    assert all(str(tmp_path) in error and "\n" not in error for error in told)


def test_damage_inside_a_closed_recording_is_told_where_it_is_met(tmp_path: Path) -> None:
    noise = random.Random(2)
    messages = [message(i, payload=noise.randbytes(400_000)) for i in range(10)]
    path = record(tmp_path / "a.mcap", messages)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    found: list[Message] = []
    with pytest.raises(RecordingError, match=r"a\.mcap is damaged"):
        found.extend(read_recording(path))
    assert found == messages[: len(found)]
    assert 3 <= len(found) < 10


def test_where_nothing_can_be_written_a_part_is_still_read(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "a.mcap", 250)
    (tmp_path / "a.mcap.tmp").mkdir()  # in the way of the repair; a read-only folder does not stop root
    recording = open_recording(tmp_path / "a.mcap")
    assert recording.path == tmp_path / "a.mcap.part"
    assert recording.notice is not None
    assert "was not closed and cannot be repaired here" in recording.notice
    assert sum(1 for _ in recording.messages()) == recording.message_count > 100


def test_a_part_left_beside_its_closed_recording_is_not_looked_at(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [message(0), message(1)])
    (tmp_path / "a.mcap.part").write_bytes(b"")
    assert open_recording(tmp_path / "a.mcap.part").message_count == 2
    assert open_recording(path).notice is None


def test_a_full_disk_keeps_what_came_before(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="no file size limits on this system")
    script = f"""
import resource
from sensors.recording import *
from sensors.message import Message
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
recorder = Recorder({str(tmp_path / "a.mcap")!r}, {{}})
written = 0
try:
    while True:
        recorder.write(Message("wrist", b"x" * 1000, written * 1_000_000_000))
        written += 1
except RecordingError as error:
    print(error)
try:
    recorder.write(Message("wrist", b"late", written * 1_000_000_000))
except RecordingError as error:
    print(error)
recorder.close()
print(written)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, second, written = done.stdout.splitlines()
    assert first == second
    assert first.startswith(f"recording to {tmp_path / 'a.mcap.part'} ended: ")
    found = list(read_recording(tmp_path / "a.mcap"))
    assert len(found) == int(written) > 40
    assert {each.payload for each in found} == {b"x" * 1000}


# --- files that are not recordings ---


@pytest.mark.parametrize("content", [b"t,ax,ay,az\n0,0,0,9.8\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"])
def test_another_kind_of_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"a\.mcap is not a recording"):
        open_recording(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot read .*a\.mcap: No such file"):
        open_recording(tmp_path / "a.mcap")
    with pytest.raises(RecordingError, match=r"cannot read .*: Is a directory"):
        open_recording(tmp_path)


def test_a_recorder_never_overwrites(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(path, {})
    with Recorder(tmp_path / "b.mcap", {}), pytest.raises(RecordingError, match="exists already"):
        Recorder(tmp_path / "b.mcap", {})
    assert open_recording(path).message_count == 1


def test_a_recorder_that_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot write"):
        Recorder(tmp_path / "file" / "a.mcap", {})


# --- names ---


def test_recordings_have_dated_names_that_are_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALMPACE_DATA_DIR", str(tmp_path))
    now = datetime(2026, 11, 22, 14, 3, 5, tzinfo=UTC)
    assert recordings_folder() == tmp_path / "recordings"
    first = new_recording_path(now, "Sore back/../!")
    assert first == tmp_path / "recordings" / "2026-11-22T14-03-05-sore-back.mcap"
    record(first, [])
    with Recorder(second := new_recording_path(now, "sore-back"), {}):  # still a part
        assert second.name == "2026-11-22T14-03-05-sore-back-2.mcap"
        assert new_recording_path(now, "sore-back").name == "2026-11-22T14-03-05-sore-back-3.mcap"
    assert new_recording_path(now).name == "2026-11-22T14-03-05.mcap"


def test_recordings_are_kept_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PALMPACE_DATA_DIR", raising=False)
    assert recordings_folder().parts[-2:] == ("palmpace", "recordings")
    assert recordings_folder().is_absolute()


def test_a_folder_is_listed_by_one_look(tmp_path: Path) -> None:
    assert list_recordings(tmp_path / "nowhere") == []
    closed = record(tmp_path / "b.mcap", [message(0)])
    (tmp_path / ".hidden.mcap").touch()
    (tmp_path / "folder.mcap").mkdir()
    (tmp_path / "c.mcap.tmp").touch()
    (tmp_path / "b.mcap.part").touch()  # closed, and its part not yet away
    with Recorder(tmp_path / "a.mcap", {}):
        live, whole = list_recordings(tmp_path)
        assert (live.path, live.closed, being_written(live.path)) == (tmp_path / "a.mcap", False, True)
    assert (whole.path, whole.closed, being_written(whole.path)) == (closed, True, False)
    assert (whole.size_bytes, whole.changed_ns) == (closed.stat().st_size, closed.stat().st_mtime_ns)


def test_what_palmpace_wrote_is_known_by_its_first_record(tmp_path: Path) -> None:
    assert written_here(record(tmp_path / "a.mcap", [message(0)]))
    with Recorder(tmp_path / "live.mcap", {}) as recorder:
        recorder.flush()
        assert written_here(tmp_path / "live.mcap.part")
    with (tmp_path / "robot.mcap").open("wb") as file:
        writer = Writer(file)
        writer.start(library="another program")
        writer.finish()
    assert not written_here(tmp_path / "robot.mcap")
    assert not written_here(tmp_path / "nowhere.mcap")


# --- how it went ---


def test_the_summary_of_a_session_comes_back_the_last_one_said(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with Recorder(path, {"routine": "x"}) as recorder:
        recorder.write(message(0))
        recorder.sum_up({"seconds": "1"})
        recorder.sum_up({"seconds": "2", "feeling_after": "3"})
        recorder.flush()
        assert open_recording(path).summary == {"seconds": "2", "feeling_after": "3"}  # while it is being written
        assert open_recording(path).being_written
    recording = open_recording(path)
    assert recording.summary == {"seconds": "2", "feeling_after": "3"}
    assert (recording.metadata, recording.devices, recording.being_written) == ({"routine": "x"}, (), False)


def test_a_session_that_was_killed_has_no_summary(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "a.mcap", 3)
    assert open_recording(tmp_path / "a.mcap").summary == {}


# --- another name, and away with it ---


def test_a_recording_gets_another_name(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    (tmp_path / "a.mcap.part").write_bytes(b"left by a crash between two looks")
    for name in ("back at last", "b.mcap", " c "):
        path = rename_recording(path, name)
        assert path == tmp_path / f"{name.strip().removesuffix('.mcap')}.mcap"
        assert names(tmp_path) == [path.name]
        assert list(read_recording(path)) == [message(0)]
    assert rename_recording(path, "c") == path


def test_a_killed_session_is_finished_and_gets_another_name(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "a.mcap", 250)
    path = rename_recording(tmp_path / "a.mcap", "b")
    assert names(tmp_path) == ["b.mcap"]
    assert open_recording(path).message_count > 100


@pytest.mark.parametrize("name", ["", " ", ".mcap", ".hidden", "../b", "a/b", "a\\b", "a:b", "a\nb", "\0", "what?"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    with pytest.raises(RecordingError, match="is no name for a recording"):
        rename_recording(path, name)
    assert names(tmp_path) == ["a.mcap"]


@pytest.mark.parametrize("taken", ["b.mcap", "b.mcap.part"])
def test_a_name_that_is_taken_is_left_to_its_owner(tmp_path: Path, taken: str) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    (tmp_path / taken).write_bytes(b"mine")
    with pytest.raises(RecordingError, match=r"b\.mcap exists already"):
        rename_recording(path, "b")
    assert (tmp_path / taken).read_bytes() == b"mine"
    assert list(read_recording(path)) == [message(0)]


def test_what_the_system_refuses_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    with pytest.raises(RecordingError, match=r"cannot rename .*a\.mcap: File name too long"):
        rename_recording(path, "x" * 400)
    with pytest.raises(RecordingError, match="No such file"):
        rename_recording(tmp_path / "none.mcap", "b")
    assert names(tmp_path) == ["a.mcap"]


def test_a_session_under_way_is_neither_renamed_nor_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with Recorder(path, {}) as recorder:
        recorder.write(message(0))
        for doing in (lambda: rename_recording(path, "b"), lambda: delete_recording(path)):
            with pytest.raises(RecordingError, match=r"a\.mcap\.part is still being written: end its session first"):
                doing()
        assert names(tmp_path) == ["a.mcap.part"]
    assert list(read_recording(path)) == [message(0)]


def test_a_recording_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [message(0)])
    for other in ("a.mcap.part", "a.truth.json", "ab.mcap"):
        (tmp_path / other).touch()
    delete_recording(path)
    assert sorted(names(tmp_path)) == ["a.truth.json", "ab.mcap"]
    with pytest.raises(RecordingError, match=r"cannot delete .*a\.mcap: No such file"):
        delete_recording(path)


def test_a_killed_session_is_deleted(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "a.mcap", 3)
    delete_recording(tmp_path / "a.mcap")
    assert names(tmp_path) == []


# --- replay ---


class FakeClock:
    def __init__(self) -> None:
        self.now_s = 500.0

    def __call__(self) -> float:
        return self.now_s


def test_a_replay_gives_each_message_when_it_is_due() -> None:
    clock = FakeClock()
    source = ReplaySource((message(i, 0.5) for i in range(5)), speed=2.0, clock_s=clock)
    clock.now_s += 100  # time begins at the first look
    assert source.take().messages == [message(0, 0.5)]
    clock.now_s += 0.2
    assert (source.take().messages, source.take().now_ns) == ([], START_NS + 400_000_000)
    clock.now_s += 0.3
    arrivals = source.take()
    assert arrivals.messages == [message(1, 0.5), message(2, 0.5)]
    assert (arrivals.now_ns, arrivals.ended) == (START_NS + NS_PER_S, False)
    assert source.status() == "replay at 2x"
    clock.now_s += 1000
    arrivals = source.take()
    assert arrivals.messages == [message(3, 0.5), message(4, 0.5)]
    assert (arrivals.now_ns, arrivals.ended) == (START_NS + 2 * NS_PER_S, True)  # not beyond the recording
    clock.now_s += 1
    assert source.take() == Arrivals([], START_NS + 2 * NS_PER_S, ended=True)
    assert source.status() == "replay ended"


def test_a_replay_stands_still_while_paused_and_changes_speed_without_a_jump() -> None:
    clock = FakeClock()
    source = ReplaySource([message(i, 1.0) for i in range(100)], clock_s=clock)
    assert len(source.take().messages) == 1
    clock.now_s += 2.5
    source.pause()
    assert source.paused
    clock.now_s += 60
    arrivals = source.take()
    assert (len(arrivals.messages), arrivals.now_ns) == (2, START_NS + 2_500_000_000)  # due before the pause
    clock.now_s += 60
    assert source.take() == Arrivals([], arrivals.now_ns)
    source.resume()
    clock.now_s += 0.5
    source.speed = 10.0
    assert len(source.take().messages) == 1
    clock.now_s += 1.0
    arrivals = source.take()
    assert (len(arrivals.messages), arrivals.now_ns) == (10, START_NS + 13 * NS_PER_S)
    source.speed = None
    assert len(source.take().messages) == 86


def test_a_replay_as_fast_as_it_goes_is_given_in_small_lots() -> None:
    read: list[int] = []

    def messages() -> list[Message]:
        return [message(i // 4) for i in range(1000)]

    def lazily() -> object:
        for index, each in enumerate(messages()):
            read.append(index)
            yield each

    source = ReplaySource(lazily(), speed=None, clock_s=FakeClock())  # type: ignore[arg-type]  # a generator
    first = source.take()
    assert len(first.messages) == MESSAGES_PER_LOOK
    assert first.now_ns == first.messages[-1].received_ns
    assert len(read) == MESSAGES_PER_LOOK + 1
    source.pause()
    assert source.take().messages == []
    source.resume()
    found = first.messages
    while not (arrivals := source.take()).ended:
        found += arrivals.messages
    assert found + arrivals.messages == messages()
    assert arrivals.now_ns == messages()[-1].received_ns


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    gaps_ms=st.lists(st.integers(0, 300), min_size=1, max_size=40),
    steps=st.lists(st.tuples(st.floats(0, 2), st.sampled_from([None, 0.5, 1.0, 60.0, "pause", "resume"])), max_size=30),
)
def test_whatever_is_done_to_a_replay_no_message_comes_late_or_twice(
    gaps_ms: list[int], steps: list[tuple[float, float | str | None]]
) -> None:
    stamps_ns = [START_NS + sum(gaps_ms[:i]) * 1_000_000 for i in range(len(gaps_ms))]
    messages = [Message("wrist", b"", stamp_ns) for stamp_ns in stamps_ns]
    clock = FakeClock()
    source = ReplaySource(messages, clock_s=clock)
    found: list[Message] = []
    now_ns = 0
    for wait_s, action in [*steps, (0.0, "resume"), (0.0, 1.0), (1e6, "resume")]:
        clock.now_s += wait_s
        match action:
            case "pause":
                source.pause()
            case "resume":
                source.resume()
            case _:
                source.speed = action  # type: ignore[assignment]  # the words are matched above
        arrivals = source.take()
        assert now_ns <= arrivals.now_ns <= stamps_ns[-1]
        assert all(now_ns <= each.received_ns <= arrivals.now_ns for each in arrivals.messages)
        now_ns = arrivals.now_ns
        found += arrivals.messages
    assert found == messages
    assert arrivals.ended
    assert now_ns == stamps_ns[-1]


def test_a_replay_of_nothing_ends_at_once() -> None:
    arrivals = ReplaySource([], clock_s=FakeClock()).take()
    assert (arrivals.messages, arrivals.ended) == ([], True)


def test_closing_a_replay_lets_go_of_the_file(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    path = record(tmp_path / "a.mcap", [message(i) for i in range(1000)])

    def is_open() -> bool:
        return str(path) in [file.path for file in psutil.Process().open_files()]

    source = ReplaySource(read_recording(path), speed=None)
    source.take()
    assert is_open()
    source.close()
    source.close()
    assert not is_open()
    assert source.take().ended
