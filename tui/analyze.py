"""What the hand did in a file: the same pipeline, summed up."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from sensors.declared import Declared
from sensors.decode import Decoder
from sensors.files import FileError
from sensors.recording import RecordingError
from sensors.samples import Sensor
from sensors.stream import Stream
from tracker.events import StreamSummary, SummaryEvent
from tracker.pipeline import Pipeline, PipelineParams, run
from tui.choices import LaunchError
from tui.launch import open_stored

BATCH_S = 2.0
"""Span of the messages made of a file's samples: nobody waits for them."""


def analyze_file(file: Path, *, keep_track: bool = False, declared: Sequence[Declared] | None = None) -> dict[str, Any]:
    """Run a file through the pipeline; give the CLI contract's record, with ``error`` where it cannot be read."""
    pipeline = Pipeline(params=PipelineParams(keep_track=keep_track, unwatched=True), declared=declared)
    streams: list[StreamSummary] = []
    try:
        stored = open_stored(file, BATCH_S)
        for event in run(stored.messages, pipeline):
            if isinstance(event, SummaryEvent):
                streams = event.streams
        if any(stream.unit is None for stream in streams):
            streams = _with_turning(streams, file, Decoder(declared or ()))
    except (LaunchError, FileError, RecordingError) as error:
        return {"file": str(file), "error": str(error)}
    if not streams and stored.has_motion:
        reasons = sorted({reason for counts in pipeline.rejected.values() for reason in counts})
        why = f": {'; '.join(reasons)}" if reasons else ""
        return {"file": str(file), "error": f"{stored.notice or file}: no acceleration in it{why}"}
    for line in (*filter(None, [stored.notice]), *stored.damage()):
        print(line, file=sys.stderr)
    return {"file": str(file), "format": stored.format, "streams": msgspec.to_builtins(streams)}


def _with_turning(streams: list[StreamSummary], file: Path, decoder: Decoder) -> list[StreamSummary]:
    """Tell of a gyroscope without an accelerometer what is known all the same: how long it measured, and how fast."""
    turning = {stream.device: Stream(stream.device) for stream in streams if stream.unit is None}
    for message in open_stored(file, BATCH_S).messages:
        for reading in decoder.decode(message).readings:
            if reading.device in turning and reading.sensor is Sensor.GYROSCOPE:
                # The stage tells order, rate and gaps of an accelerometer; they are alike of any three axes.
                turning[reading.device].push(replace(reading, sensor=Sensor.ACCELEROMETER), message.received_ns)
    for stream in turning.values():
        stream.flush()
    return [_timed(each, turning[each.device]) if each.device in turning else each for each in streams]


def _timed(summary: StreamSummary, stream: Stream) -> StreamSummary:
    link = stream.link
    return msgspec.structs.replace(
        summary,
        sample_rate_hz=None if link.sample_rate_hz is None else round(link.sample_rate_hz, 3),
        duration_s=round(link.duration_s, 3),
        samples=link.samples,
        gaps=list(link.gaps),
    )


def report(result: dict[str, Any]) -> str:
    """Say a file's result in a few lines for a person."""
    lines = [f"{result['file']} ({result['format']})"]
    for stream in (msgspec.convert(each, StreamSummary) for each in result["streams"]):
        rate = f"{stream.sample_rate_hz:.1f} Hz" if stream.sample_rate_hz else "rate unknown"
        taken_as = f"{stream.unit}, gravity {stream.gravity}" if stream.unit else "no acceleration, so no motion"
        lines.append(
            f"  {stream.device}: {stream.duration_s:.1f} s at {rate}, {taken_as}, "
            f"{len(stream.gaps)} gaps, {stream.rejected} rejected"
        )
        for segment in stream.segments:
            pace = f"{segment.rate_cpm:6.1f} cpm" if segment.rate_cpm is not None else "     - cpm"
            cycles = f"{segment.cycles:6.1f} cycles" if segment.cycles else ""
            times = f"{segment.start_s:7.1f} to {segment.end_s:7.1f} s"
            lines.append(f"  {times}  {segment.motion:7s}{segment.direction or '':4s} {pace} {cycles}".rstrip())
    return "\n".join(lines)
