"""From samples at any times to a uniform grid."""

from __future__ import annotations

import numpy as np

from sensors.samples import Array

RATE_HZ = 50.0
"""Of the grid: ten points in the fastest cycle of the job (300 cpm), few enough for a thousand wearers."""
CELL_S = 1 / RATE_HZ


def cell_means(t_s: Array, xyz: Array, first: int, last: int) -> Array:
    """Mean of the linear interpolant over each grid cell.

    One rule for every device rate: it interpolates a slow device and low-passes a fast one (a box of one cell), with
    no delay between axes or sensors.

    Parameters
    ----------
    t_s : ndarray, shape (n,)
        Sample times, strictly increasing, covering the cells.
    xyz : ndarray, shape (n, k)
    first, last : int
        Cells ``first .. last - 1``; cell i spans ``[i, i + 1] * CELL_S``.

    Returns
    -------
    ndarray, shape (last - first, k)
        Each cell's value depends on the samples in and next to it alone, to the last bit, however the stream was cut.
    """
    edges = np.arange(first, last + 1) * CELL_S
    inside = t_s[np.searchsorted(t_s, edges[0], "right") : np.searchsorted(t_s, edges[-1], "left")]
    # A sample on an edge counts once: an empty area more would change the order of the sum, and with it the last bit.
    knots = np.sort(np.concatenate((edges, inside)))
    knots = knots[np.concatenate(([True], knots[1:] > knots[:-1]))]
    values = np.empty((len(knots), xyz.shape[1]))
    for axis in range(xyz.shape[1]):
        values[:, axis] = np.interp(knots, t_s, xyz[:, axis])
    areas = (knots[1:] - knots[:-1])[:, None] * (values[1:] + values[:-1]) / 2
    starts = np.searchsorted(knots, edges[:-1], "left")
    return np.asarray(np.add.reduceat(areas, starts, axis=0) / CELL_S, dtype=np.float64)
