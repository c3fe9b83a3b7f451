"""What a reader gets to see: counts under keys, the sums that tie them, shares and means; one release at a time.

A key says what is counted and where: "pairs|offer=abc|partner=gladsaxe"; without a dimension it is the total over it.
So tables that share a cell or a total share its key, and a later release of the same figures has the same keys.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any


@dataclass(frozen=True)
class Rules:
    """What the house holds back, and what every reader therefore knows.

    Counts under `threshold` are not shown; `zeros_hidden` says whether that goes for zero too. What is shown is rounded
    to the nearest multiple of `rounding`. Means, shares and percentiles are given from `enough` persons, in whole
    points.
    """

    threshold: int = 5
    rounding: int = 1
    zeros_hidden: bool = True
    enough: int = 10

    def __post_init__(self) -> None:
        if self.threshold < 2 or self.rounding < 1 or self.enough < self.threshold:
            raise ValueError("a threshold is at least 2, a rounding at least 1, and enough no less than the threshold")
        if self.rounding > 2 * self.threshold:
            raise ValueError("a rounding of more than twice the threshold would show small numbers as none")

    def small(self, count: int) -> bool:
        """Say whether a count may not be shown."""
        return count < self.threshold and (count > 0 or self.zeros_hidden)

    def shown(self, count: int) -> int:
        """Round a count as it is shown; halves go up."""
        return (2 * count + self.rounding) // (2 * self.rounding) * self.rounding

    def meant(self, shown: int) -> tuple[int, int]:
        """Give the least and the greatest count that are shown as this one."""
        if shown == 0:
            return 0, 0
        least, greatest = shown - self.rounding // 2, shown + (self.rounding - 1) // 2
        return (max(least, self.threshold) if greatest >= self.threshold else least), greatest

    @property
    def least_hidden(self) -> int:
        """Give the least count that may stand behind a hidden one: none, or one where zeros are always shown."""
        return 0 if self.zeros_hidden else 1


@dataclass(frozen=True)
class Sum:
    """A total and the parts it is the sum of, by their keys; a reader knows it from the look of the table."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class ShownShare:
    """A share as it is shown: `part` of `whole` as they are shown, in whole per cent."""

    part: str
    whole: str
    percent: int


@dataclass(frozen=True)
class ShownMean:
    """A mean as it is shown: of everybody counted under `of`, of the measure `what`, to the nearest `unit`.

    One person's value lies between `lowest` and `highest` and moves by `step` (0 where it may be anything).
    """

    of: str
    what: str
    value: float
    unit: float = 1.0
    lowest: float = -100.0
    highest: float = 100.0
    step: float = 4.0


@dataclass(frozen=True)
class Range:
    """What everybody counted under `of` lies between in the measure `what`, by what the count says: 10 up or more."""

    of: str
    what: str
    lowest: float
    highest: float


@dataclass(frozen=True)
class Figures:
    """Counts as they are, and the sums that tie them. Not for a reader's eyes.

    `slack` stand nowhere and are of nobody's interest: they only tie others (of two groups' people, how many twice).
    """

    counts: Mapping[str, int]
    sums: tuple[Sum, ...]
    slack: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Release:
    """What goes out at once. `counts` holds None where a number is hidden; `known` are the zeros everybody knows of.

    `as_of` is the day the figures are counted on: two releases with the same one show the same data. `maybe` are hidden
    counts that may be none though the rules show zeros: where zeros had to be hidden too. `growth` says for the counts
    that hang together with one of them how they moved since an earlier day (see `attack`); no reader sees it.
    """

    name: str
    as_of: str
    counts: Mapping[str, int | None]
    sums: tuple[Sum, ...] = ()
    shares: tuple[ShownShare, ...] = ()
    means: tuple[ShownMean, ...] = ()
    known: frozenset[str] = frozenset()
    rules: Rules = field(default_factory=Rules)
    slack: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    ranges: tuple[Range, ...] = ()
    #: Measures of which one is another less a third: the change, the end, the start.
    less: tuple[tuple[str, str, str], ...] = ()
    growth: tuple[tuple[str, str, str], ...] = ()


def key(what: str, **where: str) -> str:
    """Name a count: what is counted, and where. Without a dimension it is the total over it."""
    words = [what, *where, *where.values()]
    if any(not word or {"|", "="} & set(word) for word in words):
        raise ValueError("a key's words are not empty and hold neither | nor =")
    return "|".join([what, *(f"{name}={where[name]}" for name in sorted(where))])


def tabulate(
    what: str,
    cells: Iterable[tuple[Mapping[str, str], int]],
    tables: Sequence[Sequence[str]],
    categories: Mapping[str, Sequence[str]],
    within: Mapping[str, str] | None = None,
) -> Figures:
    """Count everything a set of tables shows: cells, every total, and the sums between them.

    `cells` are traits and how many have them (a row of a GROUP BY, or one person and 1); a table is its dimensions,
    ("offer", "partner") or ("age",); `categories` are every dimension's values, whether anybody is there or not.
    `within` is what everything has in common (the period). Raises ValueError for a trait that no category holds.
    """
    counts: dict[str, int] = {}
    sums: dict[Sum, None] = {}
    rows, always = list(cells), dict(within or {})
    wanted = {
        tuple(sorted(some)) for table in tables for size in range(len(table) + 1) for some in combinations(table, size)
    }
    for dimensions in sorted(wanted):
        every = list(product(*(categories[name] for name in dimensions)))
        counted = dict.fromkeys(every, 0)
        for traits, number in rows:
            place = tuple(traits[name] for name in dimensions)
            if place not in counted:
                raise ValueError(f"no category for {place}")
            counted[place] += number
        for place, number in counted.items():
            here = dict(zip(dimensions, place, strict=True))
            counts[key(what, **always, **here)] = number
            for name in dimensions:
                there = {one: value for one, value in here.items() if one != name}
                parts = tuple(key(what, **always, **there, **{name: value}) for value in categories[name])
                sums[Sum(key(what, **always, **there), parts)] = None
    return Figures(counts, tuple(sums))


def together(*several: Figures) -> Figures:
    """Put figures side by side. Raises ValueError when one key has two numbers."""
    counts: dict[str, int] = {}
    for figures in several:
        for name, number in figures.counts.items():
            if counts.setdefault(name, number) != number:
                raise ValueError(f"{name} is {counts[name]} in one table and {number} in another")
    sums = tuple(dict.fromkeys(each for figures in several for each in figures.sums))
    return Figures(counts, sums, frozenset().union(*(figures.slack for figures in several)))


def plain(release: Release) -> dict[str, Any]:
    """Give a release as values that JSON can keep."""
    return {
        "name": release.name,
        "as_of": release.as_of,
        "counts": dict(release.counts),
        "sums": [[each.total, list(each.parts)] for each in release.sums],
        "shares": [vars(each) for each in release.shares],
        "means": [vars(each) for each in release.means],
        "known": sorted(release.known),
        "rules": vars(release.rules),
        "slack": sorted(release.slack),
        "maybe": sorted(release.maybe),
        "ranges": [vars(each) for each in release.ranges],
        "less": [list(each) for each in release.less],
        "growth": [list(each) for each in release.growth],
    }


def restored(kept: Mapping[str, Any]) -> Release:
    """Give back a release from what `plain` made of it."""
    return Release(
        kept["name"],
        kept["as_of"],
        dict(kept["counts"]),
        tuple(Sum(total, tuple(parts)) for total, parts in kept["sums"]),
        tuple(ShownShare(**each) for each in kept["shares"]),
        tuple(ShownMean(**each) for each in kept["means"]),
        frozenset(kept["known"]),
        Rules(**kept["rules"]),
        frozenset(kept["slack"]),
        frozenset(kept["maybe"]),
        tuple(Range(**each) for each in kept["ranges"]),
        tuple((one, other, third) for one, other, third in kept["less"]),
        tuple((name, since, how) for name, since, how in kept["growth"]),
    )
