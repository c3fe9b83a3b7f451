"""Shares, percentiles, drop-out, and what selection alone does to a mean: small numbers and their uncertainty."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt

import numpy as np
from scipy import special, stats

#: Who a course is, seen from the evaluation: a start and an end answer, only a start answer and over, only a start
#: answer and still coming, or no start answer at all.
PAIRS, NO_END, IN_COURSE, NO_START = COLUMNS = ("pairs", "no_end", "in_course", "no_start")


class TooFew(ValueError):
    """There are fewer values than the formula needs, so there is no number to give."""


@dataclass(frozen=True)
class Interval:
    """Where the true value plausibly lies; `level` is the coverage, 0.95 for the usual one."""

    lower: float
    upper: float
    level: float = 0.95


@dataclass(frozen=True)
class Share:
    """A part of a whole, `count` of `n`, as a fraction between 0 and 1, with its interval."""

    count: int
    n: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Waits:
    """Completed waits and the ones still running, in whatever unit they came in; None where there is nobody."""

    n: int
    median: float | None
    p90: float | None
    still_waiting: int
    still_waiting_median: float | None


@dataclass(frozen=True)
class MeeChua:
    """What is left of a rise when selection is taken out, if the population's mean is `population_mean`.

    `effect` is in score points; `p` is two-sided, `p_rise` is for a true effect above zero.
    """

    population_mean: float
    n: int
    effect: float
    slope: float
    se: float
    t: float
    df: int
    p: float
    p_rise: float
    interval: Interval


@dataclass(frozen=True)
class Course:
    """One course as the drop-out table sees it; scores in points, None where there is no answer."""

    start: float | None
    end: float | None
    open: bool
    sessions: int | None = None
    days: int | None = None
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """How many values there are, their mean, and their SD (None for a single value)."""

    n: int
    mean: float
    sd: float | None


@dataclass(frozen=True)
class DropOut:
    """One column of the drop-out table: how many, how they began, how much they came, and who they were."""

    n: int
    start: Spread | None
    sessions: Spread | None
    days: Spread | None
    traits: Mapping[str, Mapping[str, int]]


def normal_quantile(level: float) -> float:
    """Give the standard normal quantile that a two-sided interval of this level reaches to.

    `level` lies strictly between 0 and 1; 0.95 gives 1.959964. Raises ValueError otherwise.
    """
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    return float(special.ndtri((1 + level) / 2))


def wilson(count: int, n: int, level: float = 0.95) -> Share:
    """Give a share with Wilson's score interval, without continuity correction.

    `count` of `n` persons; share and limits are fractions. Raises TooFew when n is 0 and ValueError when count is not
    between 0 and n. Source: Wilson 1927, J Am Stat Assoc 22:209-212; Newcombe 1998, Stat Med 17:857-872, method 3.
    """
    if n < 1:
        raise TooFew("a share of nobody has no size")
    if not 0 <= count <= n:
        raise ValueError("a count lies between nobody and everybody")
    z, share = normal_quantile(level), count / n
    middle, reach = 2 * count + z * z, z * sqrt(z * z + 4 * count * (1 - share))
    lower = (middle - reach) / (2 * (n + z * z))
    upper = 1.0 if count == n else (middle + reach) / (2 * (n + z * z))
    return Share(count, n, share, Interval(lower, upper, level))


def share_within(hours: Sequence[float | None], limit: float = 24.0, level: float = 0.95) -> Share:
    """Give the share of inquiries answered no later than the limit, with Wilson's interval.

    `hours` holds one wait per inquiry, None where nothing has been agreed yet: that counts as not within, so leave out
    inquiries younger than the limit. `limit` is in the unit of `hours` and is itself within. Raises TooFew when there
    is no inquiry. Source: Newcombe 1998 for the interval; the definition is the house's promise.
    """
    return wilson(sum(1 for wait in hours if wait is not None and wait <= limit), len(hours), level)


def percentile(values: Iterable[float], fraction: float) -> float:
    """Give a percentile by linear interpolation between order statistics (type 7).

    `fraction` lies between 0 and 1 (0.9 for the 90th); the answer is in the unit of the values. It is the definition
    that PostgreSQL's `percentile_cont` and R's default use. Raises TooFew without values and ValueError for another
    fraction. Source: Hyndman & Fan 1996, Am Stat 50:361-365, definition 7.
    """
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction lies between 0 and 1")
    ordered = sorted(values)
    if not ordered:
        raise TooFew("no values, no percentile")
    position = (len(ordered) - 1) * fraction
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (position - below) * (ordered[above] - ordered[below]))


def waits(completed: Sequence[float], waiting: Sequence[float] = ()) -> Waits:
    """Sum up completed waits by median and 90th percentile, and the waits still running by number and median.

    Both in the same unit. Completed waits alone flatter a service with a long queue; the second pair says so. No
    values give None. Source: Hyndman & Fan 1996, definition 7, for the percentiles.
    """
    return Waits(
        len(completed),
        percentile(completed, 0.5) if completed else None,
        percentile(completed, 0.9) if completed else None,
        len(waiting),
        percentile(waiting, 0.5) if waiting else None,
    )


def expected_regression(mean: float, sd: float, cutoff: float, reliability: float) -> float:
    """Give the rise to expect without any help, among those who came because they scored at or below the cut-off.

    `mean` and `sd` describe the population the families come from, `reliability` is the correlation between two
    measurements as far apart as start and end; all scores in points, the answer too. Normal scores are assumed.
    Raises ValueError when sd is not positive or reliability not between -1 and 1.
    Source: Davis 1976, Am J Epidemiol 104:493-498; Barnett, van der Pols & Dobson 2005, Int J Epidemiol 34:215-220,
    equation 1, here for selection below the cut-off.
    """
    if sd <= 0 or not -1 <= reliability <= 1:
        raise ValueError("a spread is positive and a correlation between -1 and 1")
    z = (cutoff - mean) / sd
    # In logarithms, so that a cut-off far out does not divide nothing by nothing.
    return sd * (1 - reliability) * exp(float(stats.norm.logpdf(z) - stats.norm.logcdf(z)))


def mee_chua(start: Sequence[float], end: Sequence[float], population_mean: float, level: float = 0.95) -> MeeChua:
    """Test whether end scores rose more than regression to the mean explains, for one assumed population mean.

    Regresses end on (start - population mean); the intercept less the population mean is the effect, tested by t on
    n - 2 degrees of freedom. `start` and `end` are points, one pair per position. Raises TooFew under three pairs or
    when all start alike, ValueError when the lengths differ or everybody lies exactly on the line.
    Source: Mee & Chua 1991, Am Stat 45:39-42; Ostermann, Willich & Lüdtke 2008, BMC Med Res Methodol 8:52.
    """
    if len(start) != len(end):
        raise ValueError("every start has one end")
    n = len(start)
    if n < 3 or len(set(start)) < 2:
        raise TooFew("a line needs three pairs and two starting points")
    x, y = np.asarray(start, float) - population_mean, np.asarray(end, float)
    sum_squares = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / sum_squares
    intercept = float(y.mean() - slope * x.mean())
    residual = float(((y - intercept - slope * x) ** 2).sum()) / (n - 2)
    se = sqrt(residual * (1 / n + float(x.mean()) ** 2 / sum_squares))
    if se <= 1e-12 * max(1.0, float(np.abs(y).max())):
        raise ValueError("everybody lies on one line, so there is no error to test against")
    effect, df = intercept - population_mean, n - 2
    t, reach = effect / se, float(stats.t.ppf((1 + level) / 2, df)) * se
    two_sided, rise = 2 * float(stats.t.sf(abs(t), df)), float(stats.t.sf(t, df))
    interval = Interval(effect - reach, effect + reach, level)
    return MeeChua(population_mean, n, effect, slope, se, t, df, two_sided, rise, interval)


def mee_chua_range(
    start: Sequence[float], end: Sequence[float], population_means: Iterable[float], level: float = 0.95
) -> tuple[MeeChua, ...]:
    """Repeat the Mee-Chua test over population means, because nobody knows the true one.

    Points throughout, one result per mean, in their order; raises what `mee_chua` raises.
    Source: Ostermann, Willich & Lüdtke 2008, BMC Med Res Methodol 8:52.
    """
    return tuple(mee_chua(start, end, mean, level) for mean in population_means)


def column(course: Course) -> str:
    """Say which column of the drop-out table a course belongs to; the first that fits.

    Without a start answer: "no_start". With both answers: "pairs". Else "in_course" while it is open, and "no_end".
    """
    if course.start is None:
        return NO_START
    if course.end is not None:
        return PAIRS
    return IN_COURSE if course.open else NO_END


def spread(values: Iterable[float | None]) -> Spread | None:
    """Give number, mean and SD (n - 1) of the values that are there; None when none is.

    The unit is that of the values.
    """
    known = np.asarray([value for value in values if value is not None], float)
    if not known.size:
        return None
    return Spread(int(known.size), float(known.mean()), float(known.std(ddof=1)) if known.size > 1 else None)


def dropout_table(courses: Iterable[Course], traits: Sequence[str] = ()) -> dict[str, DropOut]:
    """Count and describe the courses with a pair beside those without, one column per fate, none left out.

    Start scores in points, days in days; of each trait, how many had which value ("" where it is unknown).
    Source: the columns are those of the evaluation plan (outcomes, missing data and drop-out table); White et al. 2011,
    BMJ 342:d40, for showing all who began.
    """
    rows: dict[str, list[Course]] = {name: [] for name in COLUMNS}
    for course in courses:
        rows[column(course)].append(course)
    return {
        name: DropOut(
            len(members),
            spread(member.start for member in members),
            spread(member.sessions for member in members),
            spread(member.days for member in members),
            {trait: dict(Counter(member.traits.get(trait, "") for member in members)) for trait in traits},
        )
        for name, members in rows.items()
    }


def mean_if_missing(mean_change: float, pairs: int, missing: int, delta: float) -> float:
    """Give the mean change of everybody who began, if those without an end answer changed by `delta` points on average.

    `mean_change` is that of the pairs, in points. Raises TooFew when there is nobody. Source: the delta-adjusted
    sensitivity analysis of White et al. 2011, BMJ 342:d40, for a mean.
    """
    if pairs < 0 or missing < 0 or pairs + missing == 0:
        raise TooFew("nobody began, so nobody changed")
    return (pairs * mean_change + missing * delta) / (pairs + missing)
