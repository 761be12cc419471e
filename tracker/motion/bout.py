"""A movement that began and ended at rest before it could repeat: single cycles, read from the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.grid import CELL_S
from sensors.samples import Array
from tracker.motion.cycle import POINTS, CycleFit, project
from tracker.motion.history import History
from tracker.motion.lever import from_middle_to_middle, orientations


@dataclass(frozen=True, slots=True)
class BoutParams:
    """Tuning of single cycles.

    Attributes
    ----------
    shortest_s, longest_s : float
        Of one cycle.
    most : int
        Cycles in one movement: more would have shown a tempo, or are too uneven to be sure of.
    closed : float
        A cycle comes back: what is left between its ends, as a share of how far it went.
    out, back : float
        Shares of the furthest point: beyond the one the hand has gone out, within the other it is back.
    least_rad, least_mps2, least_m : float
        How far it must go, by what is measured: an angle, a change of the specific force, a way.
    level, tilted : float
        Mean by mean magnitude of the change of the specific force: a push from rest to rest has a mean of zero, a tilt
        that comes back has all its change on one side. Up to the one, the force is taken as acceleration; from the
        other on, as tilt; in between, as what gives a path that closes.
    rest_s : float
        Stillness before and after, from which the posture at rest is taken.
    """

    shortest_s: float = 0.25
    longest_s: float = 15.0
    most: int = 3
    closed: float = 0.35
    out: float = 0.5
    back: float = 0.25
    least_rad: float = 0.12
    least_mps2: float = 0.5
    least_m: float = 0.03
    level: float = 0.2
    tilted: float = 0.5
    rest_s: float = 0.3


def read_bout(
    history: History, moved: int, rested: int, since: int, params: BoutParams, *, has_gyro: bool
) -> CycleFit | None:
    """Count the cycles of a movement of ``moved`` points that ended ``since`` points ago, after ``rested`` of rest.

    The hand's path is made from what is measured: the angle turned, by the gyroscope; without one the tilt, or the way
    (the force beyond that at rest, integrated twice, with the speed zero at both ends). A cycle is a path that goes
    out and comes back. What wanders in between, or does not come back, is none.

    Returns
    -------
    CycleFit or None
        Of its whole cycles; ``cycles`` tells how many.
    """
    rest = round(params.rest_s / CELL_S)
    if rested < rest or since < rest or moved * CELL_S < params.shortest_s:
        return None
    # A movement is noticed a little late, and ends a little before it is called quiet.
    lead = min(rested - rest, rest)
    if since + moved + lead + rest > history.count:
        return None
    rows = history.means(moved + lead, 1, before=since)
    before = history.means(1, rest, before=since + len(rows))[0]
    after = history.means(1, rest, before=since - rest)[0]
    # What the posture at rest makes, as it was before and as it is after.
    ramp = np.linspace(0.0, 1.0, len(rows))[:, None]
    change = rows - (before + ramp * (after - before))
    if has_gyro:
        cycles = _loops(np.cumsum(change[:, 3:], axis=0) * CELL_S, params.least_rad, params)
        if cycles is None:
            # It hardly turned, so it went somewhere; what it turned tells gravity's share of the force.
            turned = orientations(from_middle_to_middle(change[:, 3:]) * CELL_S)
            level = (turned @ rows[:, :3, None])[:, :, 0] - before[:3]
            cycles = _loops(_way(level - ramp * level[-1]), params.least_m, params)
    else:
        cycles = _felt(change[:, :3], params)
    if cycles is None or not 1 <= cycles <= params.most:
        return None
    tipped = np.sqrt(((after - before)[:3] ** 2).sum())
    if tipped > params.closed * max(np.sqrt((change[:, :3] ** 2).sum(axis=1)).max(), params.least_mps2):
        return None
    period_s = len(rows) * CELL_S / cycles
    if not params.shortest_s < period_s < params.longest_s:
        return None
    points = history.drawn(len(rows), cycles * POINTS, before=since)
    first, second = project(points, cycles)
    none = np.zeros(6)
    return CycleFit(points, cycles, period_s, 1.0, points.mean(axis=0), none, first, second)


def _felt(force: Array, params: BoutParams) -> int | None:
    """Loops of a path known by its force alone, beyond that of rest."""
    mean = force.mean(axis=0)
    net = np.sqrt(mean @ mean) / max(np.sqrt((force * force).sum(axis=1)).mean(), 1e-9)
    cycles = None
    if net < params.tilted:
        cycles = _loops(_way(force), params.least_m, params)
    if net > params.level and not cycles:
        cycles = _loops(force, params.least_mps2, params, pushed=True)
    return cycles


def _way(force: Array) -> Array:
    """Where a force leads from rest to rest, m: its mean is none, since the speed is zero at both ends."""
    speed = np.cumsum(force - force.mean(axis=0), axis=0) * CELL_S
    return np.asarray(np.cumsum(speed, axis=0) * CELL_S)


def _loops(path: Array, least: float, params: BoutParams, *, pushed: bool = False) -> int | None:
    """How often the path goes out and comes back; 0 where it does anything else, None where it hardly goes anywhere.

    ``pushed`` is the path of a force, which speeds up and slows down: it goes out on one side once more than there are
    cycles.
    """
    far = path[np.argmax((path * path).sum(axis=1))]
    reach = float(np.sqrt(far @ far))
    if reach < least:
        return None
    along = (path @ far / reach**2).tolist()
    if abs(along[-1]) > params.closed:
        return 0
    trips = {1: 0, -1: 0}
    away, furthest, nearest = 0, 0.0, 1.0
    for value in along:
        if away == 0 and abs(value) > params.out:
            away = 1 if value > 0 else -1
            trips[away] += 1
            furthest = nearest = abs(value)
        elif away:
            distance = value * away
            if distance < params.back:
                away = 0
                continue
            if distance > furthest:
                furthest = nearest = distance
            elif distance > nearest + params.back:
                # Out again before it was back: a wandering hand.
                return 0
            nearest = min(nearest, distance)
    fewer, more = sorted(trips.values())
    return fewer if pushed and fewer else more
