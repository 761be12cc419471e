"""Recordings of real people with their truth, as the engine is given them: through the project's own stream stage."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sensors.decode import Decoder
from sensors.files import open_file
from sensors.samples import Samples, Sensor
from sensors.stream import Stream
from tracker.motion.state import Kind

DATA = Path(os.environ.get("PALMPACE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
SETS = ("robot_paced", "physio_sets", "wrist_shapes", "single_circles")
RESTART_S = 0.02
"""From the last sample of a repetition to the first of the next."""

Span = tuple[float, float]
Way = Literal["cw", "ccw"]


@dataclass(frozen=True)
class Recording:
    """A file and what is true of it.

    Attributes
    ----------
    set : str
        Which of `SETS` it is of.
    name : str
    path : Path
    activity : str
        What was done, in the words of its source.
    kind : Kind
    end_s : float
        How long it lasts.
    cycles : int or None
        How often: measured, by protocol, or the number of repetitions in the file.
    rate_cpm : float or None
        Measured on the robot that was copied; elsewhere there is no truth as good.
    active_s : (float, float) or None
        From when to when that robot moved.
    way : {"cw", "ccw"} or None
        Of a single circle, as its performer sees it: cw turns about the device's +y, which points along the forearm.
    """

    set: str
    name: str
    path: Path
    activity: str
    kind: Kind
    end_s: float
    cycles: int | None = None
    rate_cpm: float | None = None
    active_s: Span | None = None
    way: Way | None = None


def load() -> list[Recording]:
    """Give every recording there is; none, saying so, where the folder is absent."""
    missing = [name for name in SETS if not (DATA / name / "labels.json").exists()]
    if missing:
        print(f"no {', '.join(missing)} in {DATA}: name its folder with PALMPACE_DATA; skipped", file=sys.stderr)
    found = []
    for name in SETS:
        if name not in missing:
            labels = json.loads((DATA / name / "labels.json").read_bytes())["segments"]
            found += sorted((_recording(name, label) for label in labels), key=lambda recording: recording.name)
    return found


def samples_of(path: Path, *, gyroscope: bool) -> list[Samples]:
    """Give a file as the blocks that `palmpace analyze` feeds the engine, with or without the gyroscope.

    Where t begins anew, at each repetition of `single_circles`, time goes on. The stream does the same by itself, but
    for repetitions shorter than 2.25 s: those it takes for late, as no device starts anew that often.
    """
    decoder, stream = Decoder(), Stream(path.stem)
    blocks: list[Samples] = []
    last_s = offset_s = 0.0
    for message in open_file(path).messages:
        for reading in decoder.decode(message).readings:
            if reading.sensor is not Sensor.GYROSCOPE:
                first_s = float(reading.ticks[0])
                offset_s += last_s + RESTART_S - first_s if first_s < last_s else 0.0
                last_s = float(reading.ticks[-1])
            elif not gyroscope:
                continue
            ticks_s = np.asarray(reading.ticks + offset_s, dtype=np.float64)
            blocks += stream.push(replace(reading, ticks=ticks_s), message.received_ns)
    return blocks + stream.flush()


def joined(blocks: list[Samples]) -> Samples:
    """Put blocks together, without a thought for the gaps between them."""
    turning = [block.gyro_radps for block in blocks if block.gyro_radps is not None]
    return Samples(
        np.concatenate([block.t_s for block in blocks]),
        np.concatenate([block.acc_mps2 for block in blocks]),
        np.concatenate(turning) if len(turning) == len(blocks) else None,
        np.concatenate([block.measured for block in blocks]),
    )


def _recording(folder: str, label: dict[str, Any]) -> Recording:
    path = DATA / folder / label["file"]
    arrays = np.load(path)
    steps_s = np.diff(arrays["t"])
    cycles = label.get("rep_count")
    if folder == "single_circles":
        cycles = len(arrays["offsets"]) - 1
    span_s = label.get("active_span_s")
    return Recording(
        set=folder,
        name=path.stem,
        path=path,
        activity=label["activity"],
        kind=Kind(label["motion"]),
        end_s=float(steps_s[steps_s > 0].sum()),
        cycles=cycles,
        rate_cpm=label["rate_cpm"] if folder == "robot_paced" else None,
        active_s=(span_s[0], span_s[1]) if span_s else None,
        way=label.get("direction") if folder == "single_circles" else None,
    )
