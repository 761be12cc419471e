"""What the hand did in a file: the same pipeline, summed up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from sensors.declared import Declared
from sensors.files import FileError
from sensors.recording import RecordingError
from tracker.events import StreamSummary, SummaryEvent
from tracker.pipeline import Pipeline, PipelineParams, run
from tui.choices import LaunchError
from tui.launch import open_stored

BATCH_S = 2.0
"""Span of the messages made of a file's samples: nobody waits for them."""


def analyze_file(file: Path, *, keep_track: bool = False, declared: Sequence[Declared] | None = None) -> dict[str, Any]:
    """Run a file through the pipeline; give the CLI contract's record, with ``error`` where it cannot be read."""
    pipeline = Pipeline(params=PipelineParams(keep_track=keep_track, unwatched=True), declared=declared)
    summary = None
    try:
        stored = open_stored(file, BATCH_S)
        for event in run(stored.messages, pipeline):
            if isinstance(event, SummaryEvent):
                summary = event
    except (LaunchError, FileError, RecordingError) as error:
        return {"file": str(file), "error": str(error)}
    if summary is None or not summary.streams:
        reasons = sorted({reason for counts in pipeline.rejected.values() for reason in counts})
        why = f": {'; '.join(reasons)}" if reasons else ""
        return {"file": str(file), "error": f"{stored.notice or file}: no acceleration in it{why}"}
    if stored.notice:
        print(stored.notice, file=sys.stderr)
    return {"file": str(file), "format": stored.format, "streams": msgspec.to_builtins(summary.streams)}


def report(result: dict[str, Any]) -> str:
    """Say a file's result in a few lines for a person."""
    lines = [f"{result['file']} ({result['format']})"]
    for stream in (msgspec.convert(each, StreamSummary) for each in result["streams"]):
        rate = f"{stream.sample_rate_hz:.1f} Hz" if stream.sample_rate_hz else "rate unknown"
        lines.append(
            f"  {stream.device}: {stream.duration_s:.1f} s at {rate}, {stream.unit}, gravity {stream.gravity}, "
            f"{len(stream.gaps)} gaps, {stream.rejected} rejected"
        )
        for segment in stream.segments:
            pace = f"{segment.rate_cpm:6.1f} cpm" if segment.rate_cpm is not None else "     - cpm"
            cycles = f"{segment.cycles:6.1f} cycles" if segment.cycles else ""
            times = f"{segment.start_s:7.1f} to {segment.end_s:7.1f} s"
            lines.append(f"  {times}  {segment.motion:7s}{segment.direction or '':4s} {pace} {cycles}".rstrip())
    return "\n".join(lines)
