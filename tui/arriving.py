"""What arrives while a device is being connected, judged as `palmpace doctor` judges it: good, flawed, or no use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sensors.samples import Kind
from tracker.pipeline import Device, Pipeline
from tui import words
from tui.doctor.apps import App, Problem, advise, app_of
from tui.doctor.checks import Check, check_device, no_motion_in
from tui.doctor.traffic import DeviceSeen, printable

State = Literal["good", "new", "flawed", "no use"]

HEARD_S = 1.5
"""A stream that has been heard for less may still change its mind."""
PATIENCE_S = 4.0
"""A stream whose rate or unit is not known by then has too few samples."""
MANY = 4
"""Topics that cannot be used and are told one by one."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One device, or a topic that gives none.

    Attributes
    ----------
    name : str
    state : {"good", "new", "flawed", "no use"}
        ``new`` is too new to tell.
    found : str
        What it was taken for, or why it cannot be used.
    flaws : tuple of str
        What is wrong, a sentence each.
    advice : tuple of str
        What to do, a sentence each.
    """

    name: str
    state: State
    found: str
    flaws: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def arrivals(pipeline: Pipeline, first_heard_s: Mapping[str, float]) -> list[Arrival]:
    """Give all that arrives, devices first.

    Parameters
    ----------
    pipeline : Pipeline
    first_heard_s : mapping of str to float
        Since when, by the session's clock, each device is heard.
    """
    told = [_device(device, pipeline.t_s - first_heard_s[name]) for name, device in pipeline.devices.items()]
    return [*told, *_unused(pipeline)]


def _device(device: Device, heard_for_s: float) -> Arrival:
    app = app_of("", device.topic)
    name = printable(device.name) + (f" ({app})" if app is not App.UNKNOWN else "")
    if device.stale_s is not None:
        silent = f"silent for {words.clock(device.stale_s)}"
        return Arrival(name, "no use", silent, advice=(advise(Problem.INTERRUPTED, app),))
    seen = _seen(device)
    if heard_for_s < HEARD_S:
        return Arrival(name, "new", "looking at it")
    if seen.rate_hz is None or seen.unit is None:
        if heard_for_s < PATIENCE_S:
            return Arrival(name, "new", "looking at it")
        if not device.stream.link.samples:
            return Arrival(name, "no use", "no acceleration in it", advice=(advise(Problem.NO_MOTION, app),))
        return Arrival(name, "no use", "too few samples to tell", advice=(advise(Problem.SLOW, app),))
    checks = list(check_device(seen))
    told = {check.name: check.found.partition(":")[0] for check in checks}
    found = f"{told['rate']}, {told['unit']}, {told['clock'].partition(',')[0]}"
    flawed = [check for check in checks if check.state != "ok" and check.name in ("rate", "unit")]
    if flawed:
        advice = tuple(line for check in flawed for line in check.advice)
        return Arrival(name, "flawed", found, tuple(map(_flaw, flawed)), advice)
    return Arrival(name, "good", found)


def _flaw(check: Check) -> str:
    if check.name == "rate":
        return f"too slow: {check.found.partition(': ')[2]}"
    return "gravity is missing" if "gravity removed" in check.found else "raw numbers"


def _seen(device: Device) -> DeviceSeen:
    return DeviceSeen.of(
        device.stream.link,
        name=device.name,
        topic=device.topic,
        shape="",
        kind=Kind.PHONE,
        gyroscope=bool(device.signal) and device.signal[-1].gyro_radps is not None,
        quiet_s=0.0,
    )


def _unused(pipeline: Pipeline) -> Iterator[Arrival]:
    """Give the topics of which nothing can be used, with why; of one that a device sends to only some is not."""
    sent_to = {device.topic for device in pipeline.devices.values()}
    unused = [(topic, reasons) for topic, reasons in pipeline.rejected.items() if topic not in sent_to]
    given: set[str] = set()
    for topic, reasons in unused[:MANY]:
        why = ", ".join(f"{reason} ({number})" for reason, number in reasons.most_common(2))
        advice = no_motion_in(app_of("", topic))
        helps = not pipeline.devices and advice not in given  # what helps several is told once
        given.add(advice)
        yield Arrival(f"topic {printable(topic)}", "no use", why, advice=(advice,) if helps else ())
    if len(unused) > MANY:
        yield Arrival(f"{words.count(len(unused) - MANY, 'topic')} more", "no use", "without motion")
