"""Before and after: mean change, effect sizes with a named denominator, responders, reliable and clinical change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma, sqrt

import numpy as np
from scipy import optimize, stats

from brobygger.statistics.small import Interval, Share, Spread, TooFew, normal_quantile, spread, wilson

#: Points on WHO-5 (0-100) that a change must reach to matter to a group: Ware's 10 % of the scale, as Topp et al. 2015
#: (Psychother Psychosom 84:167-176) propose.
WHO5_RELEVANT = 10.0
#: Danish test-retest of WHO-5 in 554 outpatients (Health Qual Life Outcomes 2018, doi 10.1186/s12955-018-1001-0):
#: intraclass correlation, standard error of measurement, and minimal detectable change with its 95 % interval.
#: No Danish value for children was found.
WHO5_ICC = 0.81
WHO5_SEM = 8.51
WHO5_MDC = Interval(22.27, 25.10)
WHO5_MDC_POINTS = 23.60
#: The score moves in steps of 4, so the first possible change beyond 23.6 is 24.
WHO5_RELIABLE = 24.0
#: At or below: low well-being; the sensible line to cross, easier to defend than a computed one.
WHO5_LOW = 50.0
#: The two low lines of WHO-5 that a share is given for: at or below 50, and at or below 28 (Topp et al. 2015).
WHO5_LINES = (50.0, 28.0)

RECOVERED, IMPROVED, UNCHANGED, DETERIORATED, HARMED = CLASSES = (
    *("recovered", "improved", "unchanged"),
    *("deteriorated", "harmed"),
)


@dataclass(frozen=True)
class PairedChange:
    """Start and end of the same persons, in points; `mean` is end minus start, `correlation` None without spread."""

    n: int
    start_mean: float
    start_sd: float
    end_mean: float
    end_sd: float
    correlation: float | None
    mean: float
    sd: float
    se: float
    interval: Interval


@dataclass(frozen=True)
class EffectSizes:
    """The same change in standard deviations, by three denominators; the g's are corrected for small samples.

    `d_z` divides by the SD of the changes, `d_av` by the mean of the two SDs; `d_rm` is d_z with the correlation taken
    out of it, None where there is no correlation.
    """

    n: int
    d_z: float
    d_z_interval: Interval
    d_av: float
    correction: float
    g_z: float
    g_av: float
    d_rm: float | None
    g_rm: float | None


@dataclass(frozen=True)
class Responders:
    """Who went up, stayed and went down by the relevant amount, and who by the reliable one."""

    up: Share
    within: Share
    down: Share
    far_up: Share
    far_down: Share


@dataclass(frozen=True)
class ReliableChange:
    """The error of one measurement, of a difference of two, and the change that error rarely reaches; in points."""

    sem: float
    s_diff: float
    threshold: float


@dataclass(frozen=True)
class Cutoffs:
    """Three lines between the troubled and the untroubled, in points: past the clinical group (a), within the norm (b),
    where a score is as likely in both (c).
    """

    a: float
    b: float
    c: float


@dataclass(frozen=True)
class Norm:
    """What others score, as data with its origin: without source and year it is no norm."""

    mean: float
    source: str
    year: int
    ages: str
    sex: str = "all"
    sd: float | None = None

    def __post_init__(self) -> None:
        if not self.source or not self.year:
            raise ValueError("a norm without source and year is no norm")


@dataclass(frozen=True)
class Benchmark:
    """A group beside a norm, in points, and its shares at or below each line."""

    norm: Norm
    group: Spread
    difference: float
    interval: Interval
    shares: tuple[tuple[float, Share], ...]


def _pairs(start: Sequence[float], end: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    if len(start) != len(end):
        raise ValueError("every start has one end")
    if len(start) < 2:
        raise TooFew("a spread needs two pairs")
    return np.asarray(start, float), np.asarray(end, float)


def paired_change(start: Sequence[float], end: Sequence[float], level: float = 0.95) -> PairedChange:
    """Give the mean change from start to end with its t interval, and the spreads beside it.

    Points in and out; `start[i]` and `end[i]` belong to one person; SDs divide by n - 1. Raises TooFew under two pairs
    and ValueError when the lengths differ. Source: Student 1908, Biometrika 6:1-25; Altman 1991, Practical Statistics
    for Medical Research, section 9.4.
    """
    before, after = _pairs(start, end)
    change, n = after - before, len(before)
    sd_before, sd_after, sd = (float(part.std(ddof=1)) for part in (before, after, change))
    mean, se = float(change.mean()), sd / sqrt(n)
    reach = float(stats.t.ppf((1 + level) / 2, n - 1)) * se
    correlation = float(np.corrcoef(before, after)[0, 1]) if sd_before > 0 and sd_after > 0 else None
    interval = Interval(mean - reach, mean + reach, level)
    means = float(before.mean()), float(after.mean())
    return PairedChange(n, means[0], sd_before, means[1], sd_after, correlation, mean, sd, se, interval)


def half_width(sd: float, n: int, level: float = 0.95) -> float:
    """Give how far a mean change's interval reaches to either side, for planning.

    `sd` is the spread of the changes to expect and `n` the pairs; points in and out. Raises TooFew under two pairs and
    ValueError for a negative spread. Source: Student 1908; Altman 1991, Practical Statistics for
    Medical Research (the t interval of a mean).
    """
    if n < 2:
        raise TooFew("a spread needs two pairs")
    if sd < 0:
        raise ValueError("a spread is not negative")
    return float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / sqrt(n)


def pairs_needed(sd: float, reach: float, level: float = 0.95) -> int:
    """Give the fewest pairs whose mean change is known to within `reach` to either side.

    `sd` is the spread of the changes to expect, in the same points. Raises ValueError when `reach` is not positive.
    Source: Kupper & Hafner 1989, Am Stat 43:101-105, who show what the plain formula takes for granted: the SD
    will be what it was thought to be, so about half of all samples turn out a little wider.
    """
    if reach <= 0:
        raise ValueError("a reach is positive")
    n = max(2, ceil((normal_quantile(level) * sd / reach) ** 2))
    while half_width(sd, n, level) > reach:
        n += 1
    return n


def benchmark(scores: Sequence[float], norm: Norm, low: Sequence[float] = WHO5_LINES, level: float = 0.95) -> Benchmark:
    """Say how far a group lies from a norm, with its interval, and which shares lie at or below the low lines.

    `scores` are points of one moment, start or end; a positive difference is above the norm. The norm's own error is
    taken as none, being from thousands. No norm, no comparison: there is no default. Raises TooFew under two scores.
    Source: Altman 1991, Practical Statistics for Medical Research (one sample against a mean); Newcombe 1998
    for shares.
    """
    group = spread(scores)
    if group is None or group.sd is None:
        raise TooFew("a spread needs two scores")
    difference, reach = group.mean - norm.mean, half_width(group.sd, group.n, level)
    interval = Interval(difference - reach, difference + reach, level)
    shares = tuple((line, wilson(sum(score <= line for score in scores), group.n, level)) for line in low)
    return Benchmark(norm, group, difference, interval, shares)


def hedges_correction(df: int) -> float:
    """Give the factor that takes the small-sample bias out of a standardised mean difference, exactly.

    `df` is the degrees of freedom of the SD (n - 1 for pairs), at least 2; the factor is between 0 and 1 and has no
    unit. Raises TooFew below 2. Source: Hedges 1981, J Educ Stat 6:107-128, p. 111 (c(m)).
    """
    if df < 2:
        raise TooFew("the correction needs two degrees of freedom")
    return exp(lgamma(df / 2) - lgamma((df - 1) / 2) - 0.5 * np.log(df / 2))


def d_z_interval(d_z: float, n: int, level: float = 0.95) -> Interval:
    """Give the interval of a d_z by inverting the noncentral t distribution.

    Finds the two noncentralities under which the observed t = d_z·√n lies just in a tail, and divides them by √n.
    No unit. Raises TooFew under two pairs. Source: Steiger & Fouladi 1997, in Harlow et al. (eds), What If There Were
    No Significance Tests?, p. 221-257; Cumming & Finch 2001, Educ Psychol Meas 61:532-574.
    """
    if n < 2:
        raise TooFew("a spread needs two pairs")
    t, tail = d_z * sqrt(n), (1 - level) / 2
    # Under noncentrality nc, t lies about nc ± z·√(1 + t²/2df): a generous bracket around both ends.
    reach = (normal_quantile(level) + 3) * sqrt(1 + t * t / (2 * (n - 1))) + 3

    def noncentrality(probability: float) -> float:
        def miss(nc: float) -> float:
            return float(stats.nct.cdf(t, n - 1, nc)) - probability

        return float(optimize.brentq(miss, t - reach, t + reach, xtol=1e-10))

    return Interval(noncentrality(1 - tail) / sqrt(n), noncentrality(tail) / sqrt(n), level)


def effect_sizes(start: Sequence[float], end: Sequence[float], level: float = 0.95) -> EffectSizes:
    """Give d_z with its interval, d_av, d_rm, and each corrected by Hedges' exact factor for n - 1 degrees of freedom.

    Positive when scores rose. `start[i]` and `end[i]` belong to one person. Raises TooFew under three pairs, and
    ValueError when the lengths differ or nobody differs from anybody. Source: Lakens 2013, Front Psychol 4:863, section
    on within-subjects designs (d_av after Cumming 2012, Understanding the New Statistics; d_rm after Morris &
    DeShon 2002, Psychol Methods 7:105-125); Hedges 1981 for the factor.
    """
    change = paired_change(start, end, level)
    if change.sd == 0 or change.start_sd + change.end_sd == 0:
        raise ValueError("without spread there is nothing to measure a change in")
    correction = hedges_correction(change.n - 1)
    d_z, d_av = change.mean / change.sd, change.mean / ((change.start_sd + change.end_sd) / 2)
    interval = d_z_interval(d_z, change.n, level)
    d_rm = None if change.correlation is None else d_z * sqrt(2 * (1 - min(change.correlation, 1.0)))
    g_rm = None if d_rm is None else correction * d_rm
    return EffectSizes(change.n, d_z, interval, d_av, correction, correction * d_z, correction * d_av, d_rm, g_rm)


def responders(
    changes: Iterable[float], relevant: float = WHO5_RELEVANT, reliable: float = WHO5_RELIABLE, level: float = 0.95
) -> Responders:
    """Count who went up or down by at least the relevant and the reliable amount, with Wilson's intervals.

    `changes` are end minus start, in points; up, within and down add up to everybody, and the far ones are among them.
    Raises TooFew when there is nobody. Source: Topp et al. 2015 for 10 points, the Danish test-retest study for 24
    (see the constants), Newcombe 1998 for the intervals.
    """
    moved = list(changes)

    def share(count: int) -> Share:
        return wilson(count, len(moved), level)

    up, down = sum(step >= relevant for step in moved), sum(step <= -relevant for step in moved)
    far_up, far_down = sum(step >= reliable for step in moved), sum(step <= -reliable for step in moved)
    return Responders(share(up), share(len(moved) - up - down), share(down), share(far_up), share(far_down))


def reliable_change(sd: float, reliability: float, level: float = 0.95) -> ReliableChange:
    """Give the change that measurement error alone reaches in only one child of twenty (at the usual level).

    `sd` is the spread of the scores in a population like ours, in points — never the service's own baseline spread —
    and `reliability` its test-retest correlation. Raises ValueError when sd is not positive or reliability not from 0
    to 1. Source: Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19, with Christensen & Mendoza 1986.
    """
    if sd <= 0 or not 0 <= reliability <= 1:
        raise ValueError("a spread is positive and a reliability between 0 and 1")
    return from_sem(sd * sqrt(1 - reliability), level)


def from_sem(sem: float, level: float = 0.95) -> ReliableChange:
    """Give the reliable change from a published standard error of measurement, in points.

    Raises ValueError for a negative error. Source: Jacobson & Truax 1991; the same number is called the minimal
    detectable change (Weir 2005, J Strength Cond Res 19:231-240).
    """
    if sem < 0:
        raise ValueError("an error is not negative")
    s_diff = sqrt(2) * sem
    return ReliableChange(sem, s_diff, normal_quantile(level) * s_diff)


def clinical_cutoffs(clinical_mean: float, clinical_sd: float, norm_mean: float, norm_sd: float) -> Cutoffs:
    """Give the three lines a score may cross from a troubled to an untroubled group.

    All in points; the norm lies above the clinical mean where higher is better, below it where lower is better, and
    the signs follow. Raises ValueError when a spread is not positive or the means are equal.
    Source: Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19, cut-offs a, b and c.
    """
    if clinical_sd <= 0 or norm_sd <= 0 or clinical_mean == norm_mean:
        raise ValueError("two groups that differ, each with a spread")
    better = 1 if norm_mean > clinical_mean else -1
    middle = (norm_sd * clinical_mean + clinical_sd * norm_mean) / (norm_sd + clinical_sd)
    return Cutoffs(clinical_mean + better * 2 * clinical_sd, norm_mean - better * 2 * norm_sd, middle)


def change_class(start: float, end: float, reliable: float = WHO5_RELIABLE, cutoff: float = WHO5_LOW) -> str:
    """Name one child's change where higher is better: one of CLASSES.

    Points; a change counts from `reliable` on, and a line is crossed by going from at or below it to above it, or
    back. Recovered and harmed are reliable and cross; improved and deteriorated are reliable and do not.
    Source: Jacobson & Truax 1991; "harmed" for the mirror image of recovered is this house's word.
    """
    if end - start >= reliable:
        return RECOVERED if start <= cutoff < end else IMPROVED
    if start - end >= reliable:
        return HARMED if end <= cutoff < start else DETERIORATED
    return UNCHANGED
