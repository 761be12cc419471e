from __future__ import annotations

import numpy as np
import pytest
from hands import LEVEL, on_grid, remember, rows_of

from sensors.grid import CELL_S
from sensors.samples import Array
from sensors.simulate import Device, Phase, simulate
from sensors.simulate.hand import Motion as Doing
from tracker.motion.history import HOP, History
from tracker.motion.periodic import CHANNEL_WEIGHTS, Periodic, PeriodicParams
from tracker.motion.state import Kind
from tracker.motion.tempo import Tempo, TempoSearch

PARAMS = PeriodicParams()


class Followed:
    """A motion that is recognised when it has gone on for some cycles, and then followed look by look."""

    def __init__(self, rows: Array, period_s: float, *, cycles: float = 2.5, has_gyro: bool = True) -> None:
        self._rows, self._at = rows, round(cycles * period_s / CELL_S) // HOP * HOP
        self._history = History()
        remember(self._history, rows[: self._at])
        search = TempoSearch(CHANNEL_WEIGHTS)
        self.periodic = Periodic(
            Tempo(period_s, 0.95), self._at, self._history, search, PARAMS, rested=0, has_gyro=has_gyro
        )

    def look(self) -> bool:
        """Take one look; whether it still moves."""
        remember(self._history, self._rows[self._at : self._at + HOP])
        self._at += HOP
        goes_on = self.periodic.goes_on()
        self.periodic.advance()
        return goes_on

    def until(self, t_s: float) -> Periodic:
        while self._at * CELL_S < t_s - 1e-6:
            self.look()
        return self.periodic


def moving(doing: Doing, cpm: float, *, cycles: float = 12, seed: int = 3, **other: float) -> Array:
    """A movement without the beginning and the end in which it gathers and loses speed."""
    phase = Phase(doing, (cycles + 2) * 60 / cpm, cpm, variation=0.0, **other)
    edge = round(60 / cpm / CELL_S)
    return rows_of(on_grid(simulate([phase], Device(), seed=seed)))[edge:-edge]


def waves(period_s: float, cycles: float, size_mps2: float) -> Array:
    rows = np.tile(LEVEL, (round(cycles * period_s / CELL_S), 1))
    rows[:, 0] += size_mps2 * np.sin(2 * np.pi * np.arange(len(rows)) * CELL_S / period_s)
    return np.asarray(rows + 0.005 * np.random.default_rng(1).standard_normal(rows.shape))


@pytest.mark.parametrize("off", [-0.05, 0.05])
@pytest.mark.parametrize("cpm", [12.0, 30.0, 90.0])
def test_a_tempo_found_coarsely_is_told_finely(cpm: float, off: float) -> None:
    followed = Followed(moving("stroke", cpm), 60 / cpm * (1 + off))
    assert followed.periodic.rate_cpm == pytest.approx(cpm, rel=0.01)
    assert followed.until(5 * 60 / cpm).rate_cpm == pytest.approx(cpm, rel=0.003)
    assert followed.periodic.window_s >= 2 * 60 / cpm - 0.1


@pytest.mark.parametrize("times", [0.5, 2, 3])
def test_a_tempo_found_an_octave_off_is_put_right(times: float) -> None:
    followed = Followed(moving("stroke", 40.0, cycles=30), 1.5 * times, cycles=2.2)
    assert followed.until(2.2 * 1.5 * times + 8.0).rate_cpm == pytest.approx(40.0, rel=0.03)


@pytest.mark.parametrize("period_s", [0.5, 1.5, 4.0])
def test_that_it_has_stopped_is_seen_within_half_a_cycle_or_so(period_s: float) -> None:
    rows = np.vstack((waves(period_s, 5, 1.0), np.tile(LEVEL, (400, 1))))
    followed = Followed(rows, period_s)
    moved = [followed.look() for _ in range((len(rows) - followed._at) // HOP)]
    stopped_s = 2.5 * period_s + moved.index(False) * HOP * CELL_S
    assert 5 * period_s < stopped_s < 5.5 * period_s + 0.5
    assert not any(moved[moved.index(False) :])


@pytest.mark.parametrize("period_s", [1.0, 3.0])
def test_what_no_longer_repeats_is_lost(period_s: float) -> None:
    rng = np.random.default_rng(2)
    other = np.cumsum(rng.standard_normal((round(8 * period_s / CELL_S), 6)), axis=0) * 0.1
    rows = np.vstack((waves(period_s, 6, 1.0), LEVEL + other))
    followed = Followed(rows, period_s)
    assert not followed.until(6 * period_s).lost
    # A cycle's worth of memory, and then the time that it is given to come back.
    assert followed.until(6 * period_s + (PARAMS.coast_cycles + 4) * period_s).lost
    assert followed.periodic.unsure_s > PARAMS.coast_cycles * period_s


def test_one_odd_stroke_is_no_loss() -> None:
    rows = np.vstack((waves(1.0, 5, 1.0), waves(1.4, 1, 0.6), waves(1.0, 6, 1.0)))
    followed = Followed(rows, 1.0)
    for _ in range((len(rows) - followed._at) // HOP):
        followed.look()
        assert not followed.periodic.lost
    assert followed.periodic.rate_cpm == pytest.approx(60, rel=0.05)


@pytest.mark.parametrize(
    ("period_s", "size_mps2", "strong"), [(0.25, 0.6, False), (0.25, 4.0, True), (1.0, 0.1, False)]
)
def test_what_repeats_within_millimetres_is_no_motion(period_s: float, size_mps2: float, strong: bool) -> None:
    """A tremor, or a table that shakes: 4 Hz with 0.6 m/s² is one millimetre to either side."""
    assert Followed(waves(period_s, 8, size_mps2), period_s, cycles=6).periodic.strong == strong


def test_noise_that_happens_to_repeat_is_no_motion() -> None:
    strong = 0
    for seed in range(20):
        rows = LEVEL + np.random.default_rng(seed).standard_normal((600, 6)) * [0.5, 0.5, 0.5, 0.1, 0.1, 0.1]
        strong += Followed(rows, 1.0).periodic.strong
    assert strong <= 1


def test_a_new_kind_must_last_half_a_cycle() -> None:
    rows = np.vstack((moving("stroke", 40.0, cycles=6), moving("circle", 40.0, cycles=8, tilt_deg=4.0)))
    followed = Followed(rows, 1.5)
    began_s = 6 * 1.5
    assert followed.until(began_s).kind is Kind.STROKE
    kinds = []
    for _ in range(round(5 * 1.5 / 0.1)):
        followed.look()
        kinds.append(followed.periodic.kind)
    change_s = kinds.index(Kind.CIRCLE) * 0.1
    assert PARAMS.kind_cycles * 1.5 < change_s < 3 * 1.5
    assert followed.periodic.direction is not None


def test_an_angle_is_told_always_a_way_of_strokes_and_circles_alone() -> None:
    for doing in ("stroke", "circle", "lift"):
        told = Followed(moving(doing, 45.0), 60 / 45).periodic
        assert told.kind.value == doing
        assert told.angle_deg is not None
        assert (told.extent_cm is None) == (doing == "lift")
        assert (told.direction is None) == (told.normal is None) == (doing != "circle")
