from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept import record, tender
from scipy.stats import theilslopes

from journal.diary import DiaryEntry, SpotDiary, _passed_by_chance, clear_way, diary, slope
from journal.record import Record

TODAY = date(2026, 11, 30)


def felt(days_ago: int, *values: int | None, spot: str = "neck", hour: int = 8) -> Record:
    before, after = (*values, None)[:2]
    return tender(f"{TODAY - timedelta(days=days_ago)}T{hour:02}:00:00", (spot, before, after))


def days(*values: int | None, until: int = 0) -> list[Record]:
    """A day each, the last ``until`` days ago; None is a day on which nothing was said."""
    last = len(values) - 1 + until
    return [felt(last - number, value) for number, value in enumerate(values) if value is not None]


def neck(records: list[Record]) -> SpotDiary:
    (told,) = diary(records, TODAY)
    return told


def test_a_day_is_its_first_before_and_its_last_after() -> None:
    records = [felt(0, 5, 3, hour=20), felt(0, None, 4, hour=9), felt(0, 7, None, hour=8), felt(0, 6, None, hour=21)]
    assert neck(records).entries == (DiaryEntry(TODAY, 7, 3),)


def test_two_weeks_are_told_and_spots_that_are_in_them() -> None:
    records = [felt(14, 9), felt(13, 8), felt(0, 4), felt(14, 5, spot="knee"), felt(-1, 1), record()]
    told = neck(records)
    assert [(TODAY - entry.day).days for entry in told.entries] == [13, 0]
    assert told.since == TODAY - timedelta(days=14)
    assert diary([], TODAY) == []


def test_the_most_tender_comes_first() -> None:
    records = [felt(0, 2, spot="a"), felt(0, 7, spot="b"), felt(3, 9, spot="c"), felt(1, 1, spot="c")]
    assert [each.spot for each in diary(records, TODAY)] == ["b", "a", "c"]


def test_after_counts_where_before_was_never_said() -> None:
    told = neck([felt(2, None, 6), felt(1, None, 5), felt(0, None, 4)])
    assert told.tenderness == (6, 5, 4)
    assert told.trend_per_week == pytest.approx(-7)


# --- the trend ---


@pytest.mark.parametrize(
    ("values", "per_week", "words"),
    [
        ((7,), None, "too early to tell"),
        ((7, 5), None, "too early to tell"),
        ((7, 6, 5), -7.0, "no clear change"),  # three days that fall do so by chance once in six times
        ((8, 7, 6, 5, 4), -7.0, "easing, by 7.0 a week"),
        ((4, None, 5, None, 6, None, 7, None, 8), 3.5, "more tender, by 3.5 a week"),
        ((5, 5, 5, 5, 5, 5, 5), 0.0, "no clear change"),
        ((8, 8, 7, 9, 6, 6, 5, 5, 4, 4, 3, 4), -3.5, "easing, by 3.5 a week"),
        ((6, 5, 6, 4, 6, 5, 7, 5, 6, 5), 0.0, "no clear change"),
        ((7, 7, 6, 6, 10, 5, 5, 4, 4, 3), -3.0, "easing, by 3.0 a week"),  # one bad day moves it little
    ],
)
def test_the_trend_in_words(values: tuple[int | None, ...], per_week: float | None, words: str) -> None:
    told = neck(days(*values))
    assert told.trend_per_week == (None if per_week is None else pytest.approx(per_week, abs=0.4))
    assert told.trend.split(",")[0] == words.split(",")[0]


@given(values=st.lists(st.integers(0, 10), min_size=3, max_size=14), gaps=st.lists(st.integers(1, 3), min_size=13))
def test_the_slope_is_theil_and_sens(values: list[int], gaps: list[int]) -> None:
    on = [sum(gaps[:number]) for number in range(len(values))]
    middle, least, most = slope(
        [(date(2026, 1, 1) + timedelta(days=day), v) for day, v in zip(on, values, strict=True)]
    )
    assert middle == pytest.approx(theilslopes(values, on).slope)
    if least is not None and most is not None:
        assert least <= middle <= most


@pytest.mark.parametrize("n", range(2, 8))
def test_chance_is_counted_out(n: int) -> None:
    """The distribution of Kendall's S against all orders of n days."""
    all_s = [
        sum((later > first) - (later < first) for at, first in enumerate(order) for later in order[at + 1 :])
        for order in permutations(range(n))
    ]
    rare_enough = [s for s in set(all_s) if s > 0 and sum(abs(each) >= s for each in all_s) <= 0.05 * len(all_s)]
    assert _passed_by_chance(n) == (min(rare_enough) if rare_enough else None)


# --- advice ---


def test_more_than_two_weeks_without_getting_better_is_for_a_professional() -> None:
    told = neck(days(*[5, 6] * 8))
    assert (told.days, told.since) == (15, TODAY - timedelta(days=15))
    assert told.advice == "tender for 15 days and not getting better: have a professional look at it"


@pytest.mark.parametrize(
    "records",
    [
        days(*[5, 6] * 7, 5),  # two weeks, no more
        days(9, 9, 9, 8, 8, 8, 7, 7, 7, 6, 6, 5, 5, 5, 4, 4, 3, 3, 2, 2),  # it eases
        days(*[6] * 8, 0, *[6] * 12),  # away in between
        days(*[6] * 20, 1),  # away now
        days(*[1] * 30),  # hardly there
        [felt(40, 6), felt(20, 6), felt(1, 6)],  # nobody spoke of it for weeks
        [felt(22, 8), felt(10, 6), felt(1, 5)],  # too few for a trend, and clearly less than it was
    ],
)
def test_there_is_no_need_of_advice(records: list[Record]) -> None:
    assert neck(records).advice == ""


def test_what_has_stopped_getting_better_is_for_a_professional_too() -> None:
    assert neck(days(9, 8, 7, 6, 5, *[4] * 25)).advice
    assert neck([felt(22, 6), felt(10, 6), felt(1, 5)]).advice


def test_many_equal_days_do_not_hide_that_it_eases() -> None:
    told = [
        (date(2026, 11, 1) + timedelta(days=day), value) for day, value in enumerate((5, 4, 4, 4, 3, 3, 3, 3, 2, 3))
    ]
    assert clear_way(told) == -1
    assert clear_way([(day, 10 - value) for day, value in told]) == 1
    assert clear_way([(day, 4) for day, _ in told]) == 0
