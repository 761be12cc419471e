"""Sessions on disk (MCAP), and their replay.

A session is written to ``NAME.mcap.part``, unchunked and flushed each second, so that a killed process loses
at most that second. Closing it writes the compact, indexed ``NAME.mcap`` beside it and only then removes the
part. A part whose writer died is finished in the same way when it is next opened, under either name. A writer
holds a lock on its part (`fcntl.flock`; the kernel releases it however the process dies), so that nobody
finishes a live one.

A ``NAME.mcap`` that is cut off is someone's half-made copy: it is read as far as it is whole, not touched.
"""

from __future__ import annotations

import io
import os
import re
import struct
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mcap.exceptions import EndOfFile, McapError
from mcap.reader import SeekingReader
from mcap.records import Channel, DataEnd, McapRecord, Metadata
from mcap.records import Message as McapMessage
from mcap.stream_reader import StreamReader
from mcap.writer import MCAP0_MAGIC, CompressionType, Writer
from zstandard import ZstdError

from sensors.keep import data_folder, of_person
from sensors.message import NS_PER_S, Message
from sensors.source import Arrivals

FLUSH_EVERY_NS = NS_PER_S
MAX_CHANNELS = 65_535  # MCAP counts them in 16 bits
MESSAGES_PER_LOOK = 200  # of a replay as fast as it goes: two seconds of a wrist, so that a screen still follows

METADATA = "palmpace"  # the name of our metadata record
DEVICE_METADATA = "palmpace device"  # and of one for each device: what its data was taken for
SUMMARY_METADATA = "palmpace summary"  # and of how the session went
RETAINED = "retained"  # the key of a channel's metadata that gives Message.retained back
SUFFIX = ".mcap"
PART = ".part"

# As `new_recording_path` names them; "-2" and so on where two began in the same second.
_NAME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)(?:-(.+?))??(?:-([2-9]|[1-9]\d+))?")
_LIBRARY = b"palmpace "
_HEADER_BYTES = 64  # magic, lengths, an empty profile, and the library's name
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')  # on one system or another; a recording may be carried there
_BEING_WRITTEN = "is still being written"
# What mcap raises on bytes that are not what they should be; ValueError covers checksums and UTF-8.
_BROKEN = (McapError, ValueError, KeyError, struct.error, ZstdError)


class RecordingError(Exception):
    """A recording cannot be read or written; one line for a person: what, which file, and what to do."""


def recordings_folder() -> Path:
    """Give where the sessions of the person who is here are kept."""
    return of_person(data_folder()) / "recordings"


def new_recording_path(now: datetime, label: str = "") -> Path:
    """Name a new session, ``2026-11-22T14-03-05-sore-back.mcap``; never one that exists."""
    words = [now.strftime("%Y-%m-%dT%H-%M-%S"), *re.findall(r"[a-z0-9]+", label.lower())]
    name = "-".join(words)
    for number in count(1):
        path = recordings_folder() / (f"{name}.mcap" if number == 1 else f"{name}-{number}.mcap")
        if not path.exists() and not _part_of(path).exists():
            break
    return path


@dataclass(frozen=True, slots=True)
class Named:
    """What a recording's name tells.

    Attributes
    ----------
    when : datetime or None
        When it began, local time; None where it does not tell.
    label : str
        What it was called: the routine's name, or what a person has made of it.
    number : int
        From 2 on where another of that name began in the same second.
    """

    when: datetime | None
    label: str
    number: int = 1


def read_name(name: str) -> Named:
    """Read a recording's name, with or without ``.mcap``; one that is not ours is all label."""
    stem = name.removesuffix(SUFFIX)
    named = _NAME.fullmatch(stem)
    if named is not None:
        *numbers, label, number = named.groups()
        try:
            year, month, day, hour, minute, second = map(int, numbers)
            when = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - names tell local time
        except ValueError:
            pass
        else:
            return Named(when, label or "", int(number or 1))
    return Named(None, stem)


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording in a folder.

    Attributes
    ----------
    path : Path
        ``NAME.mcap``, also where its writer has not finished it.
    size_bytes : int
    changed_ns : int
        Nanoseconds since the epoch.
    closed : bool
        Whether its writer has finished it.
    """

    path: Path
    size_bytes: int
    changed_ns: int
    closed: bool


def list_recordings(folder: Path) -> list[Listed]:
    """List the recordings in a folder by name, from one look at it; none where it cannot be read."""
    found: dict[str, Listed] = {}
    try:
        with os.scandir(folder) as files:
            for file in files:
                part = file.name.endswith(f"{SUFFIX}{PART}")
                if not (part or file.name.endswith(SUFFIX)) or file.name.startswith(".") or not file.is_file():
                    continue
                name = file.name.removesuffix(PART)
                if part and name in found:
                    continue  # closed, and its part is not yet away
                try:
                    about = file.stat()
                except OSError:  # gone between the two looks
                    continue
                found[name] = Listed(folder / name, about.st_size, about.st_mtime_ns, closed=not part)
    except OSError:
        return []
    return [found[name] for name in sorted(found)]


def written_here(path: Path) -> bool:
    """Whether Palmpace wrote a file, whatever it is called now: its first record tells the program."""
    with suppress(OSError), path.open("rb") as file:
        return _LIBRARY in file.read(_HEADER_BYTES)
    return False


def being_written(path: Path) -> bool:
    """Whether a recording has a writer now; costs no look into it."""
    try:
        with _part_of(_closed(path)).open("rb") as file:
            return not _lock(file, wait=False)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RecordingError(f"cannot read {_part_of(_closed(path))}: {error.strerror}") from None


class Recorder:
    """Write a session as it happens; a context manager that closes it on leaving.

    Parameters
    ----------
    path : path ending in ``.mcap``
        What it will be called once it is closed. The folder is made.
    metadata : mapping of str to str
        What is known at the start.

    Raises
    ------
    RecordingError
        The name is taken, or the file cannot be written (from the methods too).
    """

    def __init__(self, path: str | Path, metadata: Mapping[str, str]) -> None:
        self.path = Path(path)
        self._part = _part_of(self.path)
        self._problem: str | None = None
        self._flushed_ns = -FLUSH_EVERY_NS
        if self.path.exists() or self._part.exists():
            raise RecordingError(f"{self.path} exists already: choose another name")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("xb")
        except OSError as error:
            raise RecordingError(f"cannot write {self._part}: {error.strerror}") from None
        _lock(self._file, wait=True)
        try:
            self._log = _Log(self._file, metadata, compact=False)
            self._file.flush()
        except OSError as error:  # the disk is full: an empty part would look like a recording
            with suppress(OSError):
                self._file.close()
            self._part.unlink()
            raise RecordingError(f"cannot write {self._part}: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, message: Message) -> None:
        """Add a message; what is a second of message time old is handed to the system.

        After a failure, as on a full disk, nothing more is taken; `close` keeps what came before.
        """
        with self._writing():
            self._log.add(message)
            if message.received_ns - self._flushed_ns >= FLUSH_EVERY_NS:
                self._file.flush()
                self._flushed_ns = message.received_ns

    def describe(self, device: str, taken: Mapping[str, str]) -> None:
        """Note what a device's data was taken for, once it is known: other programs need not find out again."""
        with self._writing():
            self._log.describe({"device": device, **taken})

    def sum_up(self, summary: Mapping[str, str]) -> None:
        """Note how the session went, for a list of recordings to tell at once; the last word counts."""
        with self._writing():
            self._log.sum_up(summary)

    def flush(self) -> None:
        """Hand everything to the system, as when no message has come for a while."""
        with self._writing():
            self._file.flush()

    def close(self) -> None:
        """Finish the recording under its own name; may be called twice."""
        if self._file.closed:
            return
        with suppress(OSError):  # what the disk does not take any more is lost, the rest is finished
            self._file.flush()
        try:
            _finish(self._part, self.path)
        except OSError as error:
            raise RecordingError(
                f"cannot finish {self.path}: {error.strerror}; open {self._part} later to try again"
            ) from None
        else:
            self._part.unlink()
        finally:
            with suppress(OSError):
                self._file.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._problem:
            raise RecordingError(self._problem)
        try:
            yield
        except OSError as error:
            # Half a record may stand in the file: another after it could not be found again.
            self._problem = f"recording to {self._part} ended: {error.strerror}; what came before is kept"
            raise RecordingError(self._problem) from None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording opened for reading.

    Attributes
    ----------
    path : Path
        The file that is read.
    metadata : mapping of str to str
        As the recorder was given it; empty where another program wrote the file.
    devices : tuple of mapping of str to str
        What each device's data was taken for when it was recorded.
    summary : mapping of str to str
        How the session went; empty where that was not noted, as after a crash.
    message_count : int
    start_ns, end_ns : int or None
        First and last arrival, nanoseconds since the epoch; None without a message.
    whole : bool
        Everything that was written can be read.
    notice : str or None
        What a person should know: that the file was repaired, is cut off, or is still being written.
    being_written : bool
        A session that runs now.
    """

    path: Path
    metadata: Mapping[str, str]
    message_count: int
    start_ns: int | None
    end_ns: int | None
    whole: bool
    notice: str | None = None
    devices: tuple[Mapping[str, str], ...] = ()
    summary: Mapping[str, str] = field(default_factory=dict)
    being_written: bool = False

    @property
    def duration_s(self) -> float:
        """Time from the first message to the last."""
        if self.start_ns is None or self.end_ns is None:
            return 0.0
        return (self.end_ns - self.start_ns) / NS_PER_S

    def messages(self) -> Iterator[Message]:
        """Read the messages from the file one after the other, in the order they were written.

        Raises
        ------
        RecordingError
            The file is damaged here; it ends without a word where `whole` is false.
        """
        channels: dict[int, Channel] = {}
        try:
            with _WholeReader(io.FileIO(self.path)) as file:
                for record in _records(file):
                    if isinstance(record, Channel):
                        channels[record.id] = record
                    elif isinstance(record, McapMessage):
                        channel = channels[record.channel_id]
                        yield Message(
                            channel.topic,
                            record.data,
                            record.log_time,
                            channel.metadata.get(RETAINED) == "true",
                        )
        except _BROKEN:
            if self.whole:
                raise RecordingError(
                    f"{self.path} is damaged: what comes before this point is read, the rest cannot be"
                ) from None
        except OSError as error:
            raise RecordingError(f"cannot read {self.path}: {error.strerror}") from None


def open_recording(path: str | Path) -> Recording:
    """Open a recording, after finishing it where its writer died.

    Parameters
    ----------
    path : path
        ``NAME.mcap`` or ``NAME.mcap.part``: whichever of the two is there is read.

    Raises
    ------
    RecordingError
        It does not exist, cannot be read, or is not MCAP.
    """
    path = Path(path)
    closed = _closed(path)
    part = _part_of(closed)
    try:
        state = None if closed.exists() else _settle(part, closed)
        recording = _describe(part if part.exists() and not closed.exists() else closed)
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror}") from None
    if state is None and recording.whole:
        return recording
    notice = f"{recording.path} {state or 'is cut off'}; it reaches {recording.duration_s:.1f} s"
    return replace(recording, notice=notice, being_written=state == _BEING_WRITTEN)


def read_recording(path: str | Path) -> Iterator[Message]:
    """Read the messages of a recording; `open_recording` and `Recording.messages` in one."""
    return open_recording(path).messages()


def rename_recording(path: Path, name: str) -> Path:
    """Give a recording another name in its folder, and give where it is then.

    Parameters
    ----------
    path : Path
        ``NAME.mcap``; one whose writer died is finished first.
    name : str
        With or without ``.mcap``.

    Raises
    ------
    RecordingError
        The name is taken or none for a file, the recording is being written, or the system does not let it.
    """
    stem = name.strip().removesuffix(SUFFIX).rstrip()
    if not stem or stem.startswith(".") or not stem.isprintable() or _NOT_IN_NAMES & set(stem):
        raise RecordingError(f"{name!r} is no name for a recording: use letters, digits, spaces and hyphens")
    path = _closed(path)
    target = path.with_name(f"{stem}{SUFFIX}")
    if target == path:
        return path
    _refuse_live(path)
    if not path.exists() and open_recording(path).path != path:
        raise RecordingError(f"{path} was not closed and cannot be repaired here: it keeps its name")
    taken = RecordingError(f"{target.name} exists already: choose another name")
    try:
        target.open("xb").close()  # now the name is ours: nothing of another's can be written over
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise RecordingError(f"cannot rename {path}: {error.strerror}") from None
    if _part_of(target).exists():
        target.unlink()
        raise taken
    try:
        path.replace(target)
    except OSError as error:
        target.unlink()
        raise RecordingError(f"cannot rename {path}: {error.strerror}") from None
    with suppress(OSError):  # left beside its closed recording, it would come back under the old name
        _part_of(path).unlink(missing_ok=True)
    return target


def delete_recording(path: Path) -> None:
    """Remove a recording and nothing else, whether it was closed or its writer died.

    Raises
    ------
    RecordingError
        It is not there, is being written, or the system does not let it.
    """
    path = _closed(path)
    _refuse_live(path)
    try:
        if path.exists():
            _part_of(path).unlink(missing_ok=True)
            path.unlink()
        else:
            _part_of(path).unlink()
    except OSError as error:
        raise RecordingError(f"cannot delete {path}: {error.strerror}") from None


class ReplaySource:
    """Messages handed over at the pace they came; a `sensors.source.Source`.

    Its time begins at the first message when it is first looked at, and ends at the last one exactly: the
    timeline of a replay is that of the recording.

    Parameters
    ----------
    messages : iterable of Message
        In order of arrival; read only as far as they are due.
    speed : float or None
        Times faster than it was; None is as fast as it goes, some messages at each look.
    clock_s : callable
        Seconds of any origin, never decreasing.
    """

    def __init__(
        self,
        messages: Iterable[Message],
        *,
        speed: float | None = 1.0,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._messages = iter(messages)
        self._next: Message | None = None
        self._begun = False
        self._now_ns = 0
        self._clock_s = clock_s
        self._looked_s = 0.0
        self._paused = False
        self._speed = speed

    @property
    def speed(self) -> float | None:
        """Times faster than it was; None is as fast as it goes. Can be set on the way."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self._advance()
        self._speed = speed

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    def pause(self) -> None:
        """Let time stand still."""
        self._advance()
        self._paused = True

    def resume(self) -> None:
        """Let time go on from where it stood."""
        self._advance()
        self._paused = False

    def take(self) -> Arrivals:
        """Give the messages that are due; a damaged recording's `RecordingError` comes through."""
        if not self._begun:
            self._begun = True
            self._looked_s = self._clock_s()
            self._next = next(self._messages, None)
            self._now_ns = self._next.received_ns if self._next else 0
        self._advance()
        unpaced = self._speed is None and not self._paused
        due: list[Message] = []
        while self._next and (self._next.received_ns <= self._now_ns or (unpaced and len(due) < MESSAGES_PER_LOOK)):
            due.append(self._next)
            self._next = next(self._messages, None)
        if due:
            last_ns = due[-1].received_ns
            self._now_ns = max(self._now_ns, last_ns) if self._next else last_ns
        return Arrivals(due, self._now_ns, ended=not self._next)

    def status(self) -> str:
        """Tell a person how fast it goes."""
        if self._begun and not self._next:
            return "replay ended"
        if self._paused:
            return "replay paused"
        return "replay as fast as it goes" if self._speed is None else f"replay at {self._speed:g}x"

    def close(self) -> None:
        """Let go of the file; the replay has ended then."""
        if isinstance(self._messages, Generator):
            self._messages.close()
        self._begun, self._next = True, None

    def _advance(self) -> None:
        """Bring virtual time up to the clock."""
        look_s = self._clock_s()
        if self._next and self._speed is not None and not self._paused:
            self._now_ns += round((look_s - self._looked_s) * self._speed * NS_PER_S)
        self._looked_s = look_s


class _Log:
    """Messages into an MCAP file: one channel per topic, without a schema, so that other tools open it."""

    def __init__(self, file: IO[bytes], metadata: Mapping[str, str], *, compact: bool) -> None:
        self._writer = Writer(file, use_chunking=compact, compression=CompressionType.ZSTD)
        self._writer.start(library=f"{_LIBRARY.decode()}{version('palmpace')}")
        self._writer.add_metadata(METADATA, dict(metadata))
        self._channels: dict[tuple[str, bool], int] = {}
        self._count = 0

    def add(self, message: Message) -> None:
        key = (message.topic, message.retained)
        if key not in self._channels:
            if len(self._channels) == MAX_CHANNELS:
                raise RecordingError(f"a recording holds at most {MAX_CHANNELS} topics: narrow the topic filter")
            # As the first message looks; a viewer needs to be told, reading it back here does not.
            encoding = "json" if message.payload.lstrip()[:1] in (b"{", b"[") else "application/octet-stream"
            about = {RETAINED: "true"} if message.retained else {}
            self._channels[key] = self._writer.register_channel(message.topic, encoding, 0, about)
        self._writer.add_message(
            self._channels[key], message.received_ns, message.payload, message.received_ns, self._count
        )
        self._count += 1

    def describe(self, about: Mapping[str, str]) -> None:
        self._writer.add_metadata(DEVICE_METADATA, dict(about))

    def sum_up(self, summary: Mapping[str, str]) -> None:
        self._writer.add_metadata(SUMMARY_METADATA, dict(summary))

    def finish(self) -> None:
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap does not annotate it


class _WholeReader(io.BufferedReader):
    """A file whose reads are never short: mcap takes half a message at a file's end for a message."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if size is not None and len(data) < size:
            raise EndOfFile
        return data


def _records(file: _WholeReader) -> Iterator[McapRecord]:
    """Give the data section's records in the file's order, one chunk in memory; one of `_BROKEN` at a cut.

    mcap's own readers sort by time, and without an index hold the whole file for it.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for record in StreamReader(file, validate_crcs=True, record_size_limit=size).records:
        if isinstance(record, DataEnd):
            return
        yield record


def _describe(path: Path) -> Recording:
    """Look at a recording: at its summary, or where there is none from end to end."""
    with _WholeReader(io.FileIO(path)) as file:
        if not MCAP0_MAGIC.startswith(file.peek(len(MCAP0_MAGIC))[: len(MCAP0_MAGIC)]):
            raise RecordingError(f"{path} is not a recording: it does not begin as an MCAP file does")
        return _from_summary(path, file) or _from_records(path, file)


def _from_summary(path: Path, file: _WholeReader) -> Recording | None:
    size = file.seek(0, os.SEEK_END)
    if size < 2 * len(MCAP0_MAGIC):
        return None
    file.seek(-len(MCAP0_MAGIC), os.SEEK_END)
    if file.read() != MCAP0_MAGIC:
        return None
    file.seek(0)
    try:
        reader = SeekingReader(file, record_size_limit=size)
        summary = reader.get_summary()
        records = list(reader.iter_metadata())
    except _BROKEN:
        return None
    if summary is None or summary.statistics is None:
        return None
    metadata, devices, how_it_went = _metadata(records)
    statistics = summary.statistics
    some = statistics.message_count > 0
    return Recording(
        path,
        metadata,
        statistics.message_count,
        statistics.message_start_time if some else None,
        statistics.message_end_time if some else None,
        whole=True,
        devices=devices,
        summary=how_it_went,
    )


def _metadata(
    records: Iterable[Metadata],
) -> tuple[dict[str, str], tuple[Mapping[str, str], ...], dict[str, str]]:
    """Give what was known at the start, of each device, and at the end; other programs' records are left aside."""
    about: dict[str, str] = {}
    devices: list[Mapping[str, str]] = []
    summary: dict[str, str] = {}
    for record in records:
        if record.name == METADATA:
            about = about or dict(record.metadata)
        elif record.name == DEVICE_METADATA:
            devices.append(dict(record.metadata))
        elif record.name == SUMMARY_METADATA:
            summary = dict(record.metadata)
    return about, tuple(devices), summary


def _from_records(path: Path, file: _WholeReader) -> Recording:
    records: list[Metadata] = []
    number, start_ns, end_ns, whole = 0, None, None, True
    try:
        for record in _records(file):
            if isinstance(record, Metadata):
                records.append(record)
            elif isinstance(record, McapMessage):
                number += 1
                start_ns = record.log_time if start_ns is None else start_ns
                end_ns = record.log_time
    except _BROKEN:
        whole = False
    metadata, devices, summary = _metadata(records)
    return Recording(path, metadata, number, start_ns, end_ns, whole, devices=devices, summary=summary)


def _settle(part: Path, closed: Path) -> str | None:
    """Finish a part whose writer died, and tell what became of it; None where there is none."""
    try:
        file = part.open("rb")
    except FileNotFoundError:
        return None
    with file:
        if not _lock(file, wait=False):
            return _BEING_WRITTEN
        if closed.exists():  # its writer closed it between our looks
            return None
        if os.fstat(file.fileno()).st_size == 0:  # its writer is about to lock it, or died before it could
            return "is empty"
        try:
            _finish(part, closed)
        except OSError as error:
            return f"was not closed and cannot be repaired here ({error.strerror})"
    with suppress(OSError):  # Windows keeps a part that is open; the finished file goes before it anyway
        part.unlink()
    return "was not closed and has been repaired"


def _finish(part: Path, closed: Path) -> None:
    """Write a part's messages compact and indexed beside it, all or nothing; the part stays.

    The caller holds the part's lock, or two might write the same temporary file.
    """
    recording = _describe(part)
    temporary = closed.with_name(f"{closed.name}.tmp")
    try:
        with temporary.open("wb") as file:
            log = _Log(file, recording.metadata, compact=True)
            for message in recording.messages():
                log.add(message)
            for about in recording.devices:
                log.describe(about)
            if recording.summary:
                log.sum_up(recording.summary)
            log.finish()
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(closed)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _lock(file: IO[bytes], *, wait: bool) -> bool:
    """Whether this open file is now ours alone, until it is closed or we die."""
    if sys.platform == "win32":
        return True  # there, nobody can replace a file that is open
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _refuse_live(closed: Path) -> None:
    """Raise where the part of a recording has a writer."""
    if being_written(closed):
        raise RecordingError(f"{_part_of(closed)} {_BEING_WRITTEN}: end its session first")


def _part_of(path: Path) -> Path:
    return path.with_name(path.name + PART)


def _closed(path: Path) -> Path:
    return path.with_suffix("") if path.name.endswith(f"{SUFFIX}{PART}") else path
