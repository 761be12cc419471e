"""What `palmpace import` does: a file of a phone app becomes a recording like any other."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from sensors.files import FileError, Opened, open_file
from sensors.message import NS_PER_S, Message
from sensors.recording import Recorder, RecordingError, new_recording_path

_KNOWN_EPOCH_NS = 10**18
"""An arrival after 2001 is one by the calendar; one before counts from the start of the file."""


def import_files(paths: Iterable[Path]) -> bool:
    """Make a recording of each file, zip or folder; a file that cannot be read does not keep the others back.

    Writes each recording's path to stdout, and to stderr how its file was understood and what was skipped.

    Returns
    -------
    bool
        Whether all could be imported.
    """
    whole = True
    for path in paths:
        try:
            recording, told = import_file(path)
        except (FileError, RecordingError) as error:
            sys.stderr.write(f"palmpace: {error}\n")
            whole = False
            continue
        for line in told:
            sys.stderr.write(f"{line}\n")
        sys.stdout.write(f"{recording}\n")
    return whole


def import_file(path: Path) -> tuple[Path, list[str]]:
    """Make a recording of one file, zip or folder; give its path, and what a person should know.

    It is named after the time it was measured at, or, where the file does not tell that, after the file's own.

    Raises
    ------
    FileError
        It cannot be read, or holds no motion.
    RecordingError
        The recording cannot be written; none is left behind.
    """
    if path.suffix in (".mcap", ".part"):
        raise FileError(f"{path}: is a recording already; replay or analyze it as it is")
    opened = open_file(path)
    if not opened.has_motion:
        raise FileError(opened.notices[0])
    messages = _dated(path, opened.messages)
    first = next(messages, None)
    if first is None:
        raise FileError(f"{path}: holds no samples; export it again")
    began = datetime.fromtimestamp(first.received_ns / NS_PER_S, UTC).astimezone()
    recording = new_recording_path(began, opened.device)
    recorder = Recorder(recording, _metadata(path, opened))
    try:
        for message in chain([first], messages):
            recorder.write(message)
        recorder.close()
    except (FileError, RecordingError):
        with suppress(RecordingError):
            recorder.close()
        recording.unlink(missing_ok=True)
        raise
    understood = f"{path}: {opened.format}{f' of {opened.app}' if opened.app else ''}, device {opened.device}"
    return recording, [understood, *opened.notices, *opened.damage()]


def _metadata(path: Path, opened: Opened) -> dict[str, str]:
    return {
        "palmpace": version("palmpace"),
        "imported from": path.name,
        "format": opened.format,
        "app": opened.app,
        "device": opened.device,
    }


def _dated(path: Path, messages: Iterator[Message]) -> Iterator[Message]:
    """Let messages arrive at the file's own time where they do not say when they were measured."""
    first = next(messages, None)
    if first is None:
        return
    try:
        later_ns = 0 if first.received_ns > _KNOWN_EPOCH_NS else path.stat().st_mtime_ns - first.received_ns
    except OSError as error:
        raise FileError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from error
    for message in chain([first], messages):
        yield replace(message, received_ns=message.received_ns + later_ns)
