"""Time until something happens: waiting with other endings (Aalen-Johansen) and staying (Kaplan-Meier)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from brobygger.statistics.small import Interval, TooFew, normal_quantile


@dataclass(frozen=True)
class Point:
    """A curve on one day: how many were still at risk just before it, the estimate, its error and its interval.

    The interval is None where the method has none (before the first event, and at exactly 0 or 1).
    """

    day: float
    at_risk: int
    events: int
    estimate: float
    se: float
    interval: Interval | None


@dataclass(frozen=True)
class Curve:
    """A step curve: one point for each day on which anything happened, in order; `n` began, at `origin` on day 0.

    Between two points the earlier one holds. A Kaplan-Meier curve falls from 1, a cumulative incidence rises from 0.
    """

    n: int
    origin: float
    points: tuple[Point, ...]
    last_day: float

    def at(self, day: float) -> Point:
        """Give the curve's value on a day, in days from each one's own start.

        `at_risk` and `events` are those of the step that holds. Raises ValueError after the last day anybody was seen.
        """
        if day > self.last_day:
            raise ValueError("nobody was seen that late")
        place = bisect_right([point.day for point in self.points], day)
        return self.points[place - 1] if place else Point(0, self.n, 0, self.origin, 0.0, None)

    def reaches(self, share: float) -> float | None:
        """Give the first day on which the curve is at or past a share; None if it never is.

        `share` lies between 0 and 1; 0.5 gives the median time. A falling curve passes downwards, a rising one upwards.
        A hair of rounding in a product of fractions does not move the day.
        """
        hair = 1e-12
        for point in self.points:
            if (point.estimate >= share - hair) if self.origin == 0 else (point.estimate <= share + hair):
                return point.day
        return None


def number_at_risk(days: Sequence[float], at: Sequence[float]) -> tuple[int, ...]:
    """Count who was still under observation just before each day asked for: the row of numbers under a curve.

    `days` is each one's time until the event or until last seen, in days. Source: Kaplan & Meier 1958, J Am Stat Assoc
    53:457-481: those seen last on a day are at risk on it.
    """
    return tuple(sum(day >= asked for day in days) for asked in at)


def _loglog(estimate: float, se: float, z: float, level: float) -> Interval | None:
    """Bring an estimate and its error through log(-log), where intervals stay between 0 and 1."""
    if not 1e-12 < estimate < 1 - 1e-12:
        return None
    reach = z * se / abs(estimate * log(estimate))
    return Interval(float(estimate ** exp(reach)), float(estimate ** exp(-reach)), level)


def _checked(days: Sequence[float], others: int) -> np.ndarray:
    if len(days) != others:
        raise ValueError("every time has one ending")
    if not len(days):
        raise TooFew("nobody began")
    times = np.asarray(days, float)
    if not np.isfinite(times).all() or (times < 0).any():
        raise ValueError("a time is a number of days, and not before the start")
    return times


def _counted(times: np.ndarray, ended: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the days on which anything ended, how many were at risk on each, and which day each ending fell on."""
    event_days, index = np.unique(times[ended], return_inverse=True)
    at_risk = (len(times) - np.searchsorted(np.sort(times), event_days)).astype(float)
    return event_days, at_risk, index


def _curve(
    times: np.ndarray, origin: float, event_days: np.ndarray, steps: tuple[np.ndarray, ...], level: float
) -> Curve:
    """Put the numbers of each event day (at risk, events, estimate, error) into a curve with its intervals."""
    z = normal_quantile(level)
    points = tuple(
        Point(float(day), int(at_risk), int(count), float(estimate), float(error), _loglog(estimate, error, z, level))
        for day, at_risk, count, estimate, error in zip(event_days, *steps, strict=True)
    )
    return Curve(len(times), origin, points, float(times.max()))


def kaplan_meier(days: Sequence[float], happened: Sequence[bool], level: float = 0.95) -> Curve:
    """Give the share to whom it has not yet happened, day by day, with Greenwood's error and a log-log interval.

    `days` is each one's time until the event or until last seen, `happened` says which; the estimate is a fraction.
    Leaves out the point's interval where the curve is 0. Raises TooFew without anybody and ValueError for lengths that
    differ or times below 0. Other endings must not be called censored here: use `cumulative_incidence`.
    Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457-481; Greenwood 1926; log-log by Kalbfleisch & Prentice 2002,
    The Statistical Analysis of Failure Time Data, section 1.4.
    """
    times = _checked(days, len(happened))
    event_days, at_risk, index = _counted(times, np.asarray(happened, bool))
    count = np.bincount(index, minlength=event_days.size).astype(float)
    estimates = np.cumprod(1 - count / at_risk)
    # At 0 the sum has no end, and the error is 0: nobody is left to vary.
    left = at_risk - count
    greenwood = np.cumsum(np.divide(count, at_risk * left, out=np.zeros_like(count), where=left > 0))
    errors = estimates * np.sqrt(greenwood)
    return _curve(times, 1.0, event_days, (at_risk, count, estimates, errors), level)


def _aalen(
    at_risk: np.ndarray, every: np.ndarray, own: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give a cause's cumulative incidence and its variance, from the counts of each event day.

    Arrays of one length, one place per day: at risk, events of every cause, events of this one, and the share without
    any event just before. Source: Pintilie 2006, equation 4.5, after Aalen 1978.
    """
    incidence = np.cumsum(before * own / at_risk)
    # With one child left (at_risk 1) the factor (at_risk - own) / (at_risk - 1) has the limit 1.
    spared, left = np.maximum(at_risk - 1, 1), at_risk - every
    factor = np.where(at_risk > 1, (at_risk - own) / spared, 1.0)
    # A day that leaves nobody is the last: nothing is gained after it, so its share of later variance is 0.
    later = np.divide(1.0, left, out=np.zeros_like(before), where=left > 0)
    first, second = every / spared * later, before**2 * own * factor / at_risk**2
    third = before * own * factor / at_risk * later
    # Σ (F(t) - F(l))² first + Σ second - 2 Σ (F(t) - F(l)) third over days l up to t, from running sums.
    sums = [np.cumsum(part) for part in (first, first * incidence, first * incidence**2, third, third * incidence)]
    quadratic = incidence**2 * sums[0] - 2 * incidence * sums[1] + sums[2]
    return incidence, np.maximum(quadratic + np.cumsum(second) - 2 * (incidence * sums[3] - sums[4]), 0.0)


def cumulative_incidence(
    days: Sequence[float], endings: Sequence[str | None], cause: str = "started", level: float = 0.95
) -> Curve:
    """Give the share that has come to one ending, day by day, when other endings are possible too.

    `days` is each one's time until an ending or until last seen; `endings` names the ending, None where there is none
    yet (still waiting). The estimate is a fraction, its variance Aalen's, its interval log-log; `reaches(0.5)` is the
    median time to start. Raises TooFew without anybody and ValueError for lengths that differ or times below 0.
    Source: Aalen & Johansen 1978, Scand J Stat 5:141-150; Pintilie 2006, Competing Risks, sections 4.1-4.2.
    """
    times = _checked(days, len(endings))
    ended = np.array([ending is not None for ending in endings])
    own_cause = np.array([ending == cause for ending in endings])
    event_days, at_risk, index = _counted(times, ended)
    every = np.bincount(index, minlength=event_days.size).astype(float)
    own = np.bincount(index, weights=own_cause[ended].astype(float), minlength=event_days.size)
    free = np.cumprod(1 - every / at_risk)
    incidence, variance = _aalen(at_risk, every, own, np.concatenate(([1.0], free))[:-1])
    return _curve(times, 0.0, event_days, (at_risk, own, np.minimum(incidence, 1.0), np.sqrt(variance)), level)
