"""A report as one page: nothing is loaded from anywhere, nothing in it runs, and what others named is text."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from journal.record import Record
from journal.report.drawing import Plot
from journal.report.gather import Session
from journal.report.weeks import Weeks
from journal.report.words import DAYS, MONTHS, clean, clock, count
from tracker import safety
from tracker.events import StepResult
from tracker.routine import EVIDENCE, FREE, Step
from tracker.score import EVEN_CV, UNEVEN_CV, StepScore

UNKNOWN: Final = "—"


@dataclass(frozen=True, slots=True)
class Fact:
    """A number to be seen first, its name, and what more is to be said of it."""

    name: str
    value: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that the person said, and when."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as the page tells it."""

    number: int
    name: str
    where: str
    asked: str
    time: str
    cycles: str
    in_band: str
    varies: str
    score: str
    why: str
    source: str
    evidence: str


def session_page(session: Session, plots: Sequence[Plot]) -> str:
    """Make the page of one session."""
    free = session.routine.name == FREE.name
    began = session.began
    return render(
        "session.html",
        session=session,
        plots=plots,
        began="" if began is None else f"{day_words(began)}, {began:%H:%M}",
        facts=_facts(session),
        steps=[] if free else [_step_row(session, scored) for scored in session.score.steps],
        noted=_noted(session),
        even=round(100 * EVEN_CV),
        uneven=round(100 * UNEVEN_CV),
    )


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as the page of weeks tells it."""

    when: str
    routine: str
    time: str
    cycles: str
    in_band: str
    score: str
    soreness: str
    noted: str


def weeks_page(weeks: Weeks, plots: Sequence[Plot], troubles: Sequence[str] = ()) -> str:
    """Make the page of some weeks."""
    return render(
        "weeks.html",
        weeks=weeks,
        plots=plots,
        troubles=troubles,
        first=day_words(weeks.first),
        today=day_words(weeks.today),
        facts=_facts_of_weeks(weeks),
        rows=[_session_row(record) for record in reversed(weeks.records)],
    )


def render(template: str, **values: object) -> str:
    """Fill in a template."""
    return _environment().get_template(template).render(version=version("palmpace"), safety=safety, **values)


def percent(part: float, whole: float) -> str:
    """Give a part of a whole; unknown where there is no whole."""
    return f"{100 * part / whole:.0f} %" if whole > 0 else UNKNOWN


def day_words(when: date) -> str:
    """Give a date in words, in English whatever the system speaks: ``Sunday 22 November 2026``."""
    return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]} {when.year}"


def change(before: int | None, after: int | None) -> str:
    """Give a feeling before and after; unknown where neither was said."""
    if before is None and after is None:
        return UNKNOWN
    return " → ".join(UNKNOWN if felt is None else str(felt) for felt in (before, after))


def _facts(session: Session) -> list[Fact]:
    steps, feelings, totals = session.summary.steps, session.summary.feelings, session.summary.totals
    judged_s = sum(step.judged_s for step in steps)
    score = session.score.total
    cycles = sum(kind.cycles or 0.0 for kind in totals.values())
    circles = totals.get("circle")
    ways = f"{circles.cw:.0f} clockwise, {circles.ccw:.0f} anticlockwise" if circles and circles.cycles else ""
    facts = [
        Fact("Time in its steps", f"{clock(session.seconds)} min", session.summary.ended),
        Fact("Pace kept", percent(sum(step.in_band_s for step in steps), judged_s), "of the judged time in the band"),
        Fact("Cycles", f"{cycles:.0f}", ways),
        Fact("Score", UNKNOWN if score is None else f"{score} of 100", "no targets" if score is None else ""),
        Fact(
            "Cues", str(len(session.cues)), f"{count(len(session.marks), 'mark')}, {count(len(session.pains), 'pain')}"
        ),
    ]
    if feelings.before is not None or feelings.after is not None:
        facts.append(Fact("Soreness, 0 to 10", change(feelings.before, feelings.after), "before → after"))
    return facts


def _facts_of_weeks(weeks: Weeks) -> list[Fact]:
    records, number = weeks.records, len(weeks.weeks)
    seconds = sum(record.seconds for record in records)
    kept = percent(sum(record.in_band_s for record in records), sum(record.judged_s for record in records))
    return [
        Fact("Sessions", str(len(records)), f"{len(records) / number:.1f} a week"),
        Fact("Time", f"{seconds / 60:.0f} min", f"{seconds / 60 / number:.0f} a week"),
        Fact("Pace kept", kept, "of the judged time in the band"),
        Fact("Cycles", f"{sum(record.cycles for record in records):.0f}"),
    ]


def _session_row(record: Record) -> SessionRow:
    spots = [f"{each.spot} {change(each.before, each.after)}" for each in record.feelings.spots]
    pains = [f"pain {each.value}{f' at {each.area}' if each.area else ''}" for each in record.pains]
    marks = [each.text or "mark" for each in record.marks]
    return SessionRow(
        when=f"{record.began:%Y-%m-%d %H:%M}",
        routine=" ".join(filter(None, (record.title or record.routine, f"({record.style})" if record.style else ""))),
        time=clock(record.seconds),
        cycles=f"{record.cycles:.0f}",
        in_band=percent(record.in_band_s, record.judged_s),
        score=UNKNOWN if record.score is None else str(record.score),
        soreness=change(record.feelings.before, record.feelings.after),
        noted="; ".join((*spots, *pains, *marks)),
    )


def _step_row(session: Session, scored: StepScore) -> StepRow:
    result = scored.result
    step = session.asked[result.step - 1]
    side = "" if result.side == "both" else f", {result.side}"
    return StepRow(
        number=result.step,
        name=result.name,
        where=", ".join(filter(None, (result.technique, f"{result.area}{side}"))),
        asked=_asked(step, result),
        time=clock(result.seconds),
        cycles=f"{result.cycles:.0f}" if result.cycles else UNKNOWN,
        in_band=percent(result.in_band_s, result.judged_s),
        varies=UNKNOWN if result.period_cv is None else f"{100 * result.period_cv:.0f} %",
        score=UNKNOWN if scored.total is None else str(scored.total),
        why=scored.why,
        source=step.source or UNKNOWN,
        evidence=f"{step.evidence}, {EVIDENCE[step.evidence]}" if step.evidence is not None else UNKNOWN,
    )


def _asked(step: Step, result: StepResult) -> str:
    """Say what a step asks for."""
    asked = [step.motion.value if step.motion is not None else "any motion"]
    if step.direction is not None:
        asked[0] += f", {'clockwise' if step.direction == 'cw' else 'anticlockwise'}"
    band = result.band or step.band
    if band is not None:
        easier = ", made easier" if result.eased else ""
        asked.append(f"{band[0]:g}–{band[1]:g} a minute{easier}")
    if step.speed_cm_s is not None:
        asked.append(f"{step.speed_cm_s[0]:g}–{step.speed_cm_s[1]:g} cm/s over {step.length_cm:g} cm")
    if step.size_cm is not None:
        asked.append(f"{step.size_cm[0]:g}–{step.size_cm[1]:g} cm across")
    if step.hold_s is not None:
        asked.append(f"held for {'up to ' if step.until_release_s else ''}{clock(step.hold_s)} min")
    elif step.cycles is not None:
        asked.append(f"{step.cycles:g} cycles")
    elif step.seconds is not None:
        asked.append(f"{clock(step.seconds)} min")
    return "; ".join(asked)


def _noted(session: Session) -> list[Noted]:
    marks = [(each.t_s, f"{number}: {each.text or 'mark'}") for number, each in enumerate(session.marks, 1)]
    pains = [
        (each.t_s, f"pain {each.value}{f' at {each.area}' if each.area else ''}{'; the session ended' * each.ended}")
        for each in session.pains
    ]
    return [Noted(clock(t_s), what) for t_s, what in sorted((*marks, *pains))]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"as_image": _as_image, "clock": clock, "count": count, "known": _known, "decimal": _decimal}
    return environment


def _printable(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _as_image(plot: Plot) -> str:
    """Give a plot as an image that stands in the page: there its names and styles are its own."""
    return f"data:image/svg+xml;base64,{base64.b64encode(plot.svg(dark=True).encode()).decode()}"


def _known(value: object) -> object:
    return UNKNOWN if value is None else value


def _decimal(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"
