"""Events of a session whose course is drawn."""

from __future__ import annotations

from tracker.events import Band, MotionEvent, StepEvent
from tracker.motion.state import Kind


def look(t_s: float, rate_cpm: float | None = 30.0, band: Band | None = (20.0, 40.0), **told) -> MotionEvent:
    """A stroke at a pace, against a band."""
    inside = None if band is None or rate_cpm is None else band[0] <= rate_cpm <= band[1]
    return MotionEvent(
        t_s=t_s,
        device=told.get("device", "left"),
        motion=Kind.STROKE,
        rate_cpm=rate_cpm,
        rate_sd_cpm=None,
        cycles=0.0,
        direction=None,
        circularity=None,
        period_cv=None,
        size_cv=None,
        extent_cm=None,
        angle_deg=None,
        band=band,
        in_band=told.get("in_band", inside),
    )


def step(t_s: float, number: int, band: Band | None, of: int = 2) -> StepEvent:
    """A step that begins."""
    return StepEvent(
        t_s=t_s, step=number, of=of, name="n", technique="t", motion=None, area="", side="both", band=band, why="start"
    )
