from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sensors.samples import Array
from tracker.motion.cycle import CycleFit
from tracker.motion.regularity import FEWEST, KEPT, USUAL, Regularity

ONES = np.ones(6)
NONE = np.zeros(6)


def fit(period_s: float, size: float = 1.0, *, cycles: int = 2, sd: float = 0.0) -> CycleFit:
    first = np.array([size, 0, 0, 0, 0, 0], dtype=complex)
    return CycleFit(np.zeros((1, 6)), cycles, period_s, sd, NONE, NONE, first, 0 * first)


def judged(fits: Sequence[CycleFit]) -> Regularity:
    regularity = Regularity()
    for each in fits:
        regularity.note(each, ONES)
    return regularity


def over(values: Array, cycles: int) -> list[float]:
    """What fits over so many cycles show, half a window apart: their means."""
    step = max(1, cycles // 2)
    return [float(values[k : k + cycles].mean()) for k in range(0, len(values) - cycles + 1, step)]


def people(cv: float, cycles: int, *, size_cv: float = 0.0, sd: float = 0.0, seeds: int = 60) -> list[Regularity]:
    """Hands whose cycles scatter by so much about a second, each fit off by its own error."""
    told = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        periods_s = over(1 + cv * rng.standard_normal(12 * cycles), cycles)
        sizes = over(1 + size_cv * rng.standard_normal(12 * cycles), cycles)
        errors = sd * rng.standard_normal(len(periods_s))
        told.append(
            judged([fit(p + e, s, cycles=cycles, sd=sd) for p, s, e in zip(periods_s, sizes, errors, strict=True)])
        )
    return told


def mean_square(values: Sequence[float | None]) -> float:
    assert None not in values
    return float(np.sqrt(np.mean([value**2 for value in values if value is not None])))


@pytest.mark.parametrize("cycles", [2, 4])
@pytest.mark.parametrize("cv", [0.02, 0.05, 0.12])
def test_the_scatter_from_cycle_to_cycle_is_found_again(cv: float, cycles: int) -> None:
    told = people(cv, cycles, size_cv=2 * cv)
    assert mean_square([each.period_cv for each in told]) == pytest.approx(cv, rel=0.15)
    assert mean_square([each.size_cv for each in told]) == pytest.approx(2 * cv, rel=0.15)


def test_a_metronome_scatters_by_nothing() -> None:
    told = judged([fit(0.8)] * 8)
    assert (told.period_cv, told.size_cv) == (0.0, 0.0)


def test_what_the_fits_err_by_is_no_scatter() -> None:
    for cv in (0.0, 0.05):
        told = people(cv, 2, sd=0.02)
        plain = people(cv, 2, sd=0.0)
        # Fits that share half their points share half their error, so a part of it is taken out too much.
        assert mean_square([each.period_cv for each in told]) == pytest.approx(
            mean_square([each.period_cv for each in plain]), abs=0.03
        )


def test_a_tempo_that_quickens_evenly_is_hardly_irregular() -> None:
    periods_s = [2.0 * 0.98**k for k in range(10)]
    told = judged([fit(period_s) for period_s in periods_s]).period_cv
    assert told is not None
    assert told < 0.6 * np.std(periods_s) / np.mean(periods_s)


def test_before_there_are_enough_nothing_is_told() -> None:
    for n in range(FEWEST):
        told = judged([fit(1.0, 1 + 0.1 * k) for k in range(n)])
        assert (told.period_cv, told.size_cv) == (None, None)
    assert judged([fit(1.0)] * FEWEST).period_cv is not None


def test_the_last_cycles_are_what_a_person_does_now() -> None:
    rng = np.random.default_rng(1)
    wild = [fit(1 + 0.2 * float(x)) for x in rng.standard_normal(20)]
    told = judged([*wild, *[fit(1.0)] * KEPT])
    assert told.period_cv == 0.0


def test_a_motion_without_size_has_no_steadiness() -> None:
    assert judged([fit(1.0, 0.0)] * 6).size_cv is None


# --- what a rate is worth ---


def test_at_first_a_rate_is_worth_what_people_s_usually_are() -> None:
    told = judged([fit(1.0, sd=0.004)])
    assert told.rate_sd_cpm == pytest.approx(60 * np.sqrt(0.004**2 + USUAL**2 / 2))


@pytest.mark.parametrize("cv", [0.05, 0.1])
def test_then_what_this_person_s_are(cv: float) -> None:
    told = people(cv, 2)
    expected = 60 * cv * np.sqrt(1 / 2)
    assert mean_square([each.rate_sd_cpm for each in told]) == pytest.approx(expected, rel=0.2)


def test_the_rate_s_deviation_is_that_of_the_last_cycle() -> None:
    """Held against the truth: how far the mean of two cycles is off from the newer one of them."""
    cv, off, told = 0.08, [], []
    for seed in range(300):
        periods_s = 1 + cv * np.random.default_rng(seed).standard_normal(14)
        regularity = judged([fit(p) for p in over(periods_s, 2)])
        off.append(60 / np.mean(periods_s[-2:]) - 60 / periods_s[-1])
        told.append(regularity.rate_sd_cpm)
    assert mean_square(told) == pytest.approx(np.std(off), rel=0.2)


def test_an_unsure_fit_makes_an_unsure_rate_from_one_fit_to_the_next() -> None:
    regularity = judged([fit(1.0)] * 6)
    sure = regularity.rate_sd_cpm
    regularity.judge(fit(1.0, sd=0.05))
    assert regularity.rate_sd_cpm == pytest.approx(60 * 0.05, rel=0.1)
    regularity.judge(fit(1.0))
    assert regularity.rate_sd_cpm == pytest.approx(sure)


def test_nothing_noted_is_no_error() -> None:
    regularity = Regularity()
    regularity.judge(fit(1.0))
    assert regularity.rate_sd_cpm == pytest.approx(60 * USUAL / np.sqrt(2))
    assert regularity.period_cv is None
