"""What a movement of single cycles was."""

from __future__ import annotations

from tracker.motion.cycle import CycleFit
from tracker.motion.kind import KindParams, Window, drawn, is_circle, stroke_or_lift
from tracker.motion.size import SizeParams, angle_deg, extent_cm
from tracker.motion.state import Direction, Kind, Vector


class Single:
    """What a movement of single cycles was.

    Parameters
    ----------
    fit : CycleFit
    params : KindParams
    size : SizeParams
    has_gyro : bool

    Attributes
    ----------
    cycles : int
    kind : Kind
    circularity : float
    direction, normal, extent_cm, angle_deg
        As in `tracker.motion.state.Motion`.
    """

    def __init__(self, fit: CycleFit, params: KindParams, size: SizeParams, *, has_gyro: bool) -> None:
        window = Window(fit, has_gyro=has_gyro)
        told = drawn(window, params)
        self.cycles = fit.cycles
        self.circularity = told.circularity
        self.direction: Direction | None = None
        self.normal: Vector | None = None
        if is_circle(told.circularity, False, has_gyro, params):
            x, y, z = told.normal.tolist()
            self.kind, self.normal, self.direction = Kind.CIRCLE, (x, y, z), "ccw" if z > 0 else "cw"
        else:
            self.kind = stroke_or_lift(window, params)
        self.extent_cm = extent_cm(window, size) if self.kind in (Kind.STROKE, Kind.CIRCLE) else None
        self.angle_deg = angle_deg(window)
