"""Shows single figures so that nobody shows through: whole points, enough persons, merged bins, curves cut in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from brobygger.statistics.published import Rules
from brobygger.statistics.small import TooFew, percentile
from brobygger.statistics.survival import Curve, number_at_risk


@dataclass(frozen=True)
class Bin:
    """Neighbouring bins of a distribution as one: the first and the last of them, and how many are in it."""

    first: int
    last: int
    count: int


@dataclass(frozen=True)
class CurvePoint:
    """A curve on one day, in whole per cent, and about how many were still at risk."""

    day: float
    percent: int
    about: int


def may_renew(added: int, removed: int, rules: Rules) -> bool:
    """Say whether a figure shown before may be shown anew: not a person moved, or enough to hide each other.

    `added` and `removed` count the persons behind the figure who came and went since it was shown last.
    """
    if added < 0 or removed < 0:
        raise ValueError("nobody is added or removed a negative number of times")
    return added + removed == 0 or added + removed >= rules.threshold


def whole_mean(values: Iterable[float], rules: Rules) -> int | None:
    """Give a mean in whole points, or None from too few."""
    every = list(values)
    return round(sum(every) / len(every)) if len(every) >= rules.enough else None


def whole_share(count: int, n: int, rules: Rules) -> int | None:
    """Give a share in whole per cent, or None where either side of it, or everybody, is too few."""
    if not 0 <= count <= n:
        raise ValueError("a count lies between nobody and everybody")
    if n < rules.enough or rules.small(count) or rules.small(n - count):
        return None
    return round(100 * count / n)


def whole_percentile(values: Iterable[float], fraction: float, rules: Rules) -> int | None:
    """Give a percentile in whole units, or None where too few lie on either side: it is some person's own value.

    A median needs twice the threshold, a 90th percentile ten times. Raises what `small.percentile` raises.
    """
    every = list(values)
    if not 0 <= fraction <= 1:
        raise ValueError("a fraction lies between 0 and 1")
    # A hair, because 50 times a tenth is not quite five.
    if len(every) < rules.enough or len(every) * min(fraction, 1 - fraction) < rules.threshold - 1e-9:
        return None
    return round(percentile(every, fraction))


def merged(counts: Sequence[int], rules: Rules, line: int | None = None) -> tuple[Bin, ...]:
    """Merge neighbouring bins until each holds enough to be shown: as many bins as possible, as even as possible.

    `line` is the first bin after a boundary that stays a boundary while both its sides hold enough. Empty bins are
    merged too. Raises TooFew when all bins together do not hold enough.
    """
    if any(count < 0 for count in counts):
        raise ValueError("a count is not negative")
    if line is not None and 0 < line < len(counts):
        sides = counts[:line], counts[line:]
        if all(sum(side) >= rules.threshold for side in sides):
            after = merged(sides[1], rules)
            return (*merged(sides[0], rules), *(Bin(each.first + line, each.last + line, each.count) for each in after))
    if sum(counts) < rules.threshold:
        raise TooFew("too few to show how they are spread")
    # best[end]: fewest (minus bins, unevenness) for the bins before `end`, and where the last one begins.
    best: list[tuple[int, int, int] | None] = [(0, 0, 0)]
    for end in range(1, len(counts) + 1):
        ways = [
            (before[0] - 1, before[1] + (end - begin) ** 2, begin)
            for begin, before in enumerate(best)
            if before is not None and sum(counts[begin:end]) >= rules.threshold
        ]
        best.append(min(ways, default=None))
    found: list[Bin] = []
    end = len(counts)
    while end:
        last = best[end]
        if last is None:
            raise TooFew("too few to show how they are spread")
        found.append(Bin(last[2], end - 1, sum(counts[last[2] : end])))
        end = last[2]
    return tuple(reversed(found))


def curve_on(
    curve: Curve, seen: Sequence[float], days: Sequence[float], rules: Rules, about: int = 5
) -> tuple[CurvePoint, ...]:
    """Give a curve on some days: whole per cent, never a step of too few, cut where too few are left.

    `seen` is what the curve was made from: each one's days until the event or until last seen. A day before which
    fewer than the threshold (but somebody) had the event since the last day shown is left out. `about` rounds the
    number at risk. Nothing is given from too few to begin with.
    """
    if curve.n < rules.enough:
        return ()
    shown: list[CurvePoint] = []
    since = -np.inf
    for day, left in zip(sorted(days), number_at_risk(seen, sorted(days)), strict=True):
        if left < rules.threshold or day > curve.last_day:
            break
        events = sum(point.events for point in curve.points if since < point.day <= day)
        if events == 0 or events >= rules.threshold:
            shown.append(
                CurvePoint(day, round(100 * curve.at(day).estimate), (2 * left + about) // (2 * about) * about)
            )
            since = day
    return tuple(shown)
