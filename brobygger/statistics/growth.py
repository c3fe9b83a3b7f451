"""Growth over irregular answers: a straight line with a line of its own for each child, by restricted likelihood."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, log, pi, sqrt

import numpy as np
from scipy import optimize

from brobygger.statistics.small import Interval, TooFew, normal_quantile

#: Under so many children with three answers or more, lines of their own say nothing.
CHILDREN_WITH_THREE = 30
#: A spread of lines below this part of the error, over the length of the study, is none.
NO_SPREAD = 1e-4
#: Two searches agree when the criterion differs by less; a valley's floor slopes less than this for each answer.
AGREES, FLAT = 1e-6, 1e-4

SLOPES, INTERCEPTS = "slopes", "intercepts"


class Unconverged(ArithmeticError):
    """The search found no certain best fit, so there are no numbers to print."""


@dataclass(frozen=True)
class Predicted:
    """The average child's change after so many months, in points."""

    months: float
    change: float
    se: float
    interval: Interval


@dataclass(frozen=True)
class Growth:
    """A fitted line: points at the start and points per month, the spread of the children's own, and what is left.

    `model` is SLOPES, or INTERCEPTS where the data carry no slopes of their own; then `sd_slope` and `correlation` are
    None. `covariance` is that of (intercept, slope). `criterion` is minus twice the restricted log-likelihood.
    `singular` when the children's own intercepts and slopes lie on one line or vary not at all: usable, but say so.
    """

    model: str
    children: int
    answers: int
    children_with_three: int
    intercept: float
    slope: float
    covariance: tuple[tuple[float, float], tuple[float, float]]
    sd_intercept: float
    sd_slope: float | None
    correlation: float | None
    sd_residual: float
    criterion: float
    singular: bool

    def change_after(self, months: float, level: float = 0.95) -> Predicted:
        """Give the average change predicted after a number of months, with a normal interval.

        Points. Source: Laird & Ware 1982, Biometrics 38:963-974: the slope's error times the months.
        """
        change, se = self.slope * months, sqrt(self.covariance[1][1]) * abs(months)
        reach = normal_quantile(level) * se
        return Predicted(months, change, se, Interval(change - reach, change + reach, level))


@dataclass(frozen=True)
class _Sums:
    """Each child's sums of 1, t, t², y and ty, and everybody's y²; t in units of `scale` months, y less `centre`."""

    one: np.ndarray
    t: np.ndarray
    tt: np.ndarray
    y: np.ndarray
    ty: np.ndarray
    yy: float
    scale: float
    centre: float

    @property
    def answers(self) -> float:
        return float(self.one.sum())


@dataclass(frozen=True)
class _Profile:
    """What the best line and error are for one relative covariance, and how well that does."""

    criterion: float
    beta: np.ndarray
    information: np.ndarray
    variance: float


def _summed(children: Sequence[Hashable], months: Sequence[float], scores: Sequence[float]) -> _Sums:
    """Sum up each child once; nothing later looks at single answers."""
    number: dict[Hashable, int] = {}
    index = np.array([number.setdefault(child, len(number)) for child in children], int)
    t, y = np.asarray(months, float), np.asarray(scores, float)
    if not (np.isfinite(t).all() and np.isfinite(y).all()):
        raise ValueError("months and scores are numbers")
    scale, centre = sqrt(float((t**2).mean())) or 1.0, float(y.mean())
    t, y = t / scale, y - centre

    def each(part: np.ndarray) -> np.ndarray:
        return np.bincount(index, weights=part, minlength=len(number))

    return _Sums(each(np.ones_like(t)), each(t), each(t * t), each(y), each(t * y), float(y @ y), scale, centre)


def _profile(sums: _Sums, theta: Iterable[float]) -> _Profile:
    """Give the restricted criterion with the line and the error profiled out.

    `theta` holds a, b, c of the relative covariance factor [[a, 0], [b, c]], so that the children's own intercepts and
    slopes have covariance σ²·LL'. Source: Bates, Mächler, Bolker & Walker 2015, J Stat Softw 67(1), section 3.4; the
    inverse of each child's covariance by Woodbury, on two-by-two matrices.
    """
    a, b, c = theta
    # G = L'Z'Z, row by row, and M = I + L'Z'ZL for every child at once.
    g00, g01 = a * sums.one + b * sums.t, a * sums.t + b * sums.tt
    g10, g11 = c * sums.t, c * sums.tt
    m00, m01, m11 = 1 + a * g00 + b * g01, c * g01, 1 + c * g11
    determinant = m00 * m11 - m01 * m01
    w0, w1 = a * sums.y + b * sums.ty, c * sums.ty

    def taken(p0: np.ndarray, p1: np.ndarray, q0: np.ndarray, q1: np.ndarray) -> float:
        return float(((m11 * p0 * q0 - m01 * (p0 * q1 + p1 * q0) + m00 * p1 * q1) / determinant).sum())

    off = float(sums.t.sum()) - taken(g00, g10, g01, g11)
    first = float(sums.one.sum()) - taken(g00, g10, g00, g10)
    information = np.array([[first, off], [off, float(sums.tt.sum()) - taken(g01, g11, g01, g11)]])
    right = np.array([float(sums.y.sum()) - taken(g00, g10, w0, w1), float(sums.ty.sum()) - taken(g01, g11, w0, w1)])
    sign, logdet = np.linalg.slogdet(information)
    if sign <= 0:
        return _Profile(float("inf"), np.zeros(2), information, 0.0)
    beta, free = np.linalg.solve(information, right), sums.answers - 2
    variance = (sums.yy - taken(w0, w1, w0, w1) - float(beta @ right)) / free
    if variance <= 1e-12 * sums.yy / free:
        return _Profile(float("inf"), beta, information, 0.0)
    criterion = float(np.log(determinant).sum()) + float(logdet) + free * (1 + log(2 * pi * variance))
    return _Profile(criterion, beta, information, variance)


def _slope_of(objective: Callable[[np.ndarray], float], place: np.ndarray) -> float:
    """Give the steepest slope of the criterion at a place, by central differences."""
    steps = 1e-4 * np.maximum(1.0, np.abs(place))
    nudges = np.diag(steps)
    rises = [objective(place + nudge) - objective(place - nudge) for nudge in nudges]
    return float(np.max(np.abs(rises / (2 * steps))))


def _best(
    objective: Callable[[np.ndarray], float], starts: Sequence[Sequence[float]], budget: int, flat: float
) -> np.ndarray:
    """Search from several places, again from where each ended; believe an end only if it is level and found twice."""
    ends: list[tuple[float, np.ndarray]] = []
    for start in starts:
        place, value = np.asarray(start, float), float("inf")
        for _ in range(4):
            options = {"maxfev": budget, "xatol": 1e-6, "fatol": 1e-9}
            # A fit without error has criterion minus infinity; it is refused below, not complained of here.
            with np.errstate(invalid="ignore"):
                found = optimize.minimize(objective, place, method="Nelder-Mead", options=options)
            if not found.success or not isfinite(float(found.fun)):
                raise Unconverged("the search ran out of steps or off the edge")
            settled = value - float(found.fun) < AGREES
            place, value = np.asarray(found.x), float(found.fun)
            if settled:
                break
        else:
            raise Unconverged("the search kept finding better places")
        ends.append((value, place))
    value, place = min(ends, key=lambda end: end[0])
    if max(end[0] for end in ends) - value > AGREES * max(1.0, abs(value)):
        raise Unconverged("two searches ended in different places")
    if _slope_of(objective, place) > flat:
        raise Unconverged("the search stopped on a slope")
    return place


def _described(sums: _Sums, theta: Sequence[float], model: str, with_three: int) -> Growth:
    """Bring a fit back to points and months, and split its covariance into spreads and a correlation."""
    best = _profile(sums, theta)
    sigma, unit = sqrt(best.variance), np.array([1.0, 1.0 / sums.scale])
    beta = best.beta * unit + np.array([sums.centre, 0.0])
    covariance = best.variance * np.linalg.inv(best.information) * np.outer(unit, unit)
    variances, both = [float(part) for part in np.diag(covariance)], float(covariance[0, 1])
    a, b, c = theta
    own = model == SLOPES
    length = sqrt(b * b + c * c)
    return Growth(
        model=model,
        children=len(sums.one),
        answers=round(sums.answers),
        children_with_three=with_three,
        intercept=float(beta[0]),
        slope=float(beta[1]),
        covariance=((variances[0], both), (both, variances[1])),
        sd_intercept=abs(a) * sigma,
        sd_slope=length * sigma / sums.scale if own else None,
        correlation=float(np.sign(a) * b / length) if own and a else None,
        sd_residual=sigma,
        # Changing the unit of time rescales the slope's information, and the criterion with it.
        criterion=best.criterion + 2 * log(sums.scale),
        singular=abs(a) <= NO_SPREAD or (own and abs(c) <= NO_SPREAD),
    )


def fit_growth(
    children: Sequence[Hashable],
    months: Sequence[float],
    scores: Sequence[float],
    enough: int = CHILDREN_WITH_THREE,
    budget: int = 2000,
) -> Growth:
    """Fit score = β0 + β1·months with a correlated intercept and slope of its own for each child, by REML.

    One answer per position: whose it is, months since that child's start (any spacing, any number), score in points.
    With fewer than `enough` children with three answers, or no spread of slopes, only the intercepts vary (`model`
    says so). `budget` is the most steps of one search. Valid when answers are missing at random. Raises Unconverged
    rather than give an uncertain fit, TooFew when no child answered twice or all at one time, ValueError for lengths
    that differ.
    Source: Laird & Ware 1982, Biometrics 38:963-974; Patterson & Thompson 1971, Biometrika 58:545-554;
    Bates et al. 2015, J Stat Softw 67(1).
    """
    if not len(children) == len(months) == len(scores):
        raise ValueError("every answer has a child, a time and a score")
    if len(children) < 4 or len(set(months)) < 2:
        raise TooFew("a line needs answers at two times")
    sums = _summed(children, months, scores)
    if len(sums.one) < 2 or float(sums.one.max()) < 2:
        raise TooFew("children's own lines need two children, and one who answered twice")
    with_three, flat = int((sums.one >= 3).sum()), FLAT * sums.answers
    if with_three >= enough:
        theta = _best(lambda place: _profile(sums, place).criterion, ((1, 0, 1), (0.3, 0.1, 0.1)), budget, flat)
        if sqrt(theta[1] ** 2 + theta[2] ** 2) > NO_SPREAD:
            return _described(sums, [float(part) for part in theta], SLOPES, with_three)
    alone = _best(lambda place: _profile(sums, (place[0], 0, 0)).criterion, ((1.0,), (0.2,)), budget, flat)
    return _described(sums, (float(alone[0]), 0.0, 0.0), INTERCEPTS, with_three)
