"""What the engine says of a hand, ten times a second."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Direction = Literal["cw", "ccw"]
Vector = tuple[float, float, float]


class Kind(StrEnum):
    """What the hand does."""

    STROKE = "stroke"  # back and forth on a line or a shallow arc
    CIRCLE = "circle"
    LIFT = "lift"  # the wrist turning about the forearm's own axis
    STILL = "still"  # held or resting
    OTHER = "other"  # moving, but not periodic, or periodic in a shape of its own: a figure-8


@dataclass(frozen=True, slots=True)
class Motion:
    """One look at the hand. Unknown is None, never zero.

    Attributes
    ----------
    t_s : float
        End of the look, seconds since the stream's first sample.
    kind : Kind
    since_s : float
        When this stretch of ``kind`` began, on the same clock; earlier than the look that recognised it.
    rate_cpm, rate_sd_cpm : float or None
        Cycles per minute and its standard deviation; None where the motion is not periodic.
    window_s : float or None
        What the rate stands on: so long before ``t_s``.
    cycles : float
        Cycles since the stream began, all kinds together; never decreases. It may jump when a motion is recognised:
        the cycles before the recognition are counted then.
    stretch_cycles : float
        Cycles within this stretch.
    circularity : float or None
        0 line .. 1 circle.
    direction : {"cw", "ccw"} or None
        Of a circle, seen from the device's +z side when it was recognised; kept while its plane tips over.
    plane_normal : tuple of float or None
        Of a circle, right-hand rule, device axes, unit length.
    period_cv : float or None
        Regularity: the coefficient of variation of the cycle's period, from cycle to cycle; 0 is a metronome.
    size_cv : float or None
        Steadiness: the same of the motion's size.
    extent_cm : float or None
        From end to end of a stroke, larger diameter of a circle.
    angle_deg : float or None
        Peak to peak: of a lift's turn; of the tilt or swing that goes with any other motion.
    """

    t_s: float
    kind: Kind
    since_s: float
    rate_cpm: float | None = None
    rate_sd_cpm: float | None = None
    window_s: float | None = None
    cycles: float = 0.0
    stretch_cycles: float = 0.0
    circularity: float | None = None
    direction: Direction | None = None
    plane_normal: Vector | None = None
    period_cv: float | None = None
    size_cv: float | None = None
    extent_cm: float | None = None
    angle_deg: float | None = None
