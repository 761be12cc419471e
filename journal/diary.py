"""A diary of spots: how tender each was over two weeks, whether that eases, and when to have it looked at.

What counts is how tender a spot was *before* a session, once a day, as it was first said: after a massage almost
everything feels better for an hour, and that is no trend. Where only the tenderness afterwards was ever said, that is
taken.

The trend is the median of the slopes between all pairs of days (Theil-Sen), which one bad day does not move. It is told
from three days on, and called easing or growing only where Kendall's S, the pairs that rise less those that fall, is
further from zero than chance makes it in 5 % of cases (Sen 1968, doi 10.1080/01621459.1968.10480934); that takes five
days at the least. Equal days count for neither: people give whole numbers, and many of them are equal. Anything less is
"no clear change", which is what a person should hear of numbers from 0 to 10 that they give by feel.

Limits: a spot is what the person calls it. Who presses harder finds more. None of this is a diagnosis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from statistics import median

from journal.record import Record

WEEKS_WATCHED = 2
WATCHED = timedelta(weeks=WEEKS_WATCHED)
"""Knots go away in one to two weeks, sometimes; that is tradition. Longer than that, someone else should look."""
LEAST_DAYS = 3
"""Two days make a line through anything."""
TENDER = 2
"""From so much on, of 10, a spot is tender: 1 is hardly there."""
CLEARLY_LESS = 2
"""So much less, of 10, is better where there are too few days for a trend: what patients call "much improved" is a
third or two points (Farrar 2001, doi 10.1016/S0304-3959(01)00349-9)."""
ASIDE = timedelta(weeks=2)
"""A spot that nobody spoke of for so long starts anew."""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """A day of a spot: how tender it was before that day's first session, and after its last; None is not said."""

    day: date
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class SpotDiary:
    """A spot over the last two weeks.

    Attributes
    ----------
    spot : str
    entries : tuple of DiaryEntry
        Of the last two weeks, oldest first; days of which nothing was said are left out.
    since : date
        The day from which on it has been tender without a free day; where it is free now, the first day of `entries`.
    days : int
        From that day to today.
    trend_per_week : float or None
        Points of tenderness a week, less than 0 where it eases; None with fewer than three days.
    least_per_week, most_per_week : float or None
        What the trend lies between with 95 % confidence; None with fewer than five days.
    advice : str
        Empty where there is no need of any.
    """

    spot: str
    entries: tuple[DiaryEntry, ...]
    since: date
    days: int
    trend_per_week: float | None
    least_per_week: float | None
    most_per_week: float | None
    advice: str

    @property
    def easing(self) -> bool:
        """Whether it clearly gets better."""
        return clear_way(_told(self.entries)) < 0

    @property
    def growing(self) -> bool:
        """Whether it clearly gets worse."""
        return clear_way(_told(self.entries)) > 0

    @property
    def trend(self) -> str:
        """The trend in words."""
        if self.trend_per_week is None:
            return "too early to tell"
        if self.easing:
            return f"easing, by {-self.trend_per_week:.1f} a week"
        if self.growing:
            return f"more tender, by {self.trend_per_week:.1f} a week"
        return "no clear change"

    @property
    def tenderness(self) -> tuple[int, ...]:
        """The numbers that the trend is about, oldest first."""
        return tuple(value for _, value in _told(self.entries))


def diary(records: Iterable[Record], today: date) -> list[SpotDiary]:
    """Gather what was said of each spot; those spoken of within two weeks, the most tender first.

    Parameters
    ----------
    records : iterable of Record
        In any order; the further back they reach, the longer `SpotDiary.since` may.
    today : date
        Local.
    """
    spots: dict[str, dict[date, DiaryEntry]] = {}
    for record in sorted(records, key=lambda record: (record.began, record.name)):
        day = record.began.date()
        if day > today:
            continue
        for said in record.feelings.spots:
            days = spots.setdefault(said.spot, {})
            so_far = days.get(day, DiaryEntry(day, None, None))
            before = said.before if so_far.before is None else so_far.before
            days[day] = DiaryEntry(day, before, so_far.after if said.after is None else said.after)
    told = [_spot(spot, list(days.values()), today) for spot, days in spots.items()]
    return sorted(
        (each for each in told if each is not None), key=lambda each: (-(each.tenderness or (0,))[-1], each.spot)
    )


def _spot(spot: str, entries: Sequence[DiaryEntry], today: date) -> SpotDiary | None:
    lately = tuple(entry for entry in entries if entry.day > today - WATCHED)
    if not lately:
        return None
    told = _told(entries)
    run = _run(told, today)
    since = run[0][0] if run else lately[0].day
    days = (today - since).days
    slopes = slope(_told(lately))
    middle, least, most = (None if each is None else 7 * each for each in slopes)
    better = clear_way(_told(lately)) < 0 or (least is None and bool(run) and run[0][1] - run[-1][1] >= CLEARLY_LESS)
    lasting = bool(run) and days > WATCHED.days and not better
    advice = f"tender for {days} days and not getting better: have a professional look at it" if lasting else ""
    return SpotDiary(spot, lately, since, days, middle, least, most, advice)


def _told(entries: Iterable[DiaryEntry]) -> list[tuple[date, int]]:
    """Give what a trend may be told of: the tenderness before, or after where before was never said."""
    entries = list(entries)
    before = [(entry.day, entry.before) for entry in entries if entry.before is not None]
    return before or [(entry.day, entry.after) for entry in entries if entry.after is not None]


def _run(told: Sequence[tuple[date, int]], today: date) -> list[tuple[date, int]]:
    """Give the days up to now on which it was tender, without a free one or a long silence between them."""
    run: list[tuple[date, int]] = []
    next_day = today
    for day, value in reversed(told):
        if value < TENDER or next_day - day > ASIDE:
            break
        run.append((day, value))
        next_day = day
    return run[::-1]


def slope(told: Sequence[tuple[date, int]]) -> tuple[float | None, float | None, float | None]:
    """Give the slope in points a day, and what it lies between; None where there are too few days.

    Theil-Sen: the median of all pairs' slopes, and those at the ranks that Kendall's S does not pass by chance.
    """
    if len(told) < LEAST_DAYS:
        return None, None, None
    slopes = sorted((later[1] - value) / (later[0] - day).days for (day, value), later in combinations(told, 2))
    middle = median(slopes)
    passed = _passed_by_chance(len(told))
    if passed is None:
        return middle, None, None
    lowest = (len(slopes) - passed) // 2
    return middle, slopes[lowest], slopes[-1 - lowest]


def clear_way(told: Sequence[tuple[date, int]]) -> int:
    """Tell whether it clearly falls (-1) or rises (1) from day to day; 0 where chance may have done it."""
    passed = _passed_by_chance(len(told))
    s = sum((later > value) - (later < value) for (_, value), (_, later) in combinations(told, 2))
    return 0 if passed is None or abs(s) < passed else 1 if s > 0 else -1


@cache
def _passed_by_chance(n: int) -> int | None:
    """Give the least S such that without any trend it is S or more, either way, in 5 % of cases at most.

    S is concordant less discordant pairs of ``n`` days; its distribution over all orders is that of inversions.
    None where even the rarest S is not rare enough.
    """
    ways = [1]  # by the number of inversions
    for more in range(2, n + 1):
        longer = [0] * (len(ways) + more - 1)
        for inversions, number in enumerate(ways):
            for moved in range(more):
                longer[inversions + moved] += number
        ways = longer
    rare, most = 0, len(ways) - 1
    least: int | None = None
    for inversions, number in enumerate(ways):
        rare += 2 * number
        if rare > (1 - CONFIDENCE) * math.factorial(n):
            break
        least = most - 2 * inversions
    return least
