"""A report's figures over plain values: periods, cells, and what of a table is shown when numbers are small.

A cell is a small mapping, so that figures can be kept as they are: `{"n": 12}` a count; `{"hidden": true}` withheld;
`{"few": true}` too few for a share or a mean; `{"none": true}` there is no such number; `{"unknown": true}` the house
does not keep what it would take.
"""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from brobygger.statistics import published, small

Cell = dict[str, Any]
Text = dict[str, str]
#: Where a row or column is the sum of the others.
TOTAL = "total"
HIDDEN, FEW, NONE, UNKNOWN = ({word: True} for word in ("hidden", "few", "none", "unknown"))
#: What a report may be, how far its counting is, and what stopped it.
KINDS = ("year", "partner", "funder")
STEPS = ("reading", "hiding")
TROUBLES = ("too_few", "stopped", "left")
#: How a course's ending is counted.
STOPPED = ("family_stopped", "no_contact")
ENDED = ("completed", "stopped", "else")
#: The kinds of groups, in the order they are told.
GROUPS = ("child", "pair", "parent", "cafe")
#: How often somebody came, in the table of dosage: the first and the last number of each row.
DOSES = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 14), (15, None))
#: The age bands every yearly report of the pool is counted in (domain.md 3.6), and those nobody knows.
BANDS = (("0-2", 0, 2), ("3-10", 3, 10), ("11-16", 11, 16), ("17-25", 17, 25))
NOT_KNOWN = "unknown"
#: Of a count beside the bands: not born yet, or an age the house asks for in steps of its own.
OTHER_AGE = "other"


#: How numbers are shown where the house's file does not say: see `[report]`.
SETTINGS = {"threshold": 5, "rounding": 1, "shares_from": 10, "wage_low": 0, "wage_high": 0}


class WrongPeriod(ValueError):
    """It ends before it begins, or is not over yet."""


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WrongPeriod("a period ends after it begins")

    def __contains__(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def touches(self, other: "Period") -> bool:
        """Tell whether it shares a day with another."""
        return self.first <= other.last and other.first <= self.last

    def holds(self, other: "Period") -> bool:
        """Tell whether another lies in it whole."""
        return self.first <= other.first and other.last <= self.last

    def without(self, parts: "Iterable[Period]") -> "list[Period]":
        """Give what is left of it between some parts that lie in it, in order."""
        left, day = [], self.first
        for part in sorted(parts, key=lambda each: each.first):
            if day < part.first:
                left.append(Period(day, part.first - timedelta(days=1)))
            day = max(day, part.last + timedelta(days=1))
        return [*left, Period(day, self.last)] if day <= self.last else left

    @property
    def weeks(self) -> list[str]:
        """Name the weeks whose Thursday lies in the period: each week belongs to one year, as ISO 8601 has it."""
        thursdays = (self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1))
        return [_week(day) for day in thursdays if day.isoweekday() == 4]

    @property
    def months(self) -> dict[str, list[str]]:
        """Give the weeks of each month that has a Thursday in the period: "2026-03" and its weeks."""
        found: dict[str, list[str]] = {}
        for week in self.weeks:
            year, _dash, number = week.partition("-W")
            thursday = date.fromisocalendar(int(year), int(number), 4)
            found.setdefault(f"{thursday:%Y-%m}", []).append(week)
        return found


def _week(day: date) -> str:
    year, number, _day = day.isocalendar()
    return f"{year}-W{number:02}"


def year(number: int) -> Period:
    """Give a calendar year."""
    return Period(date(number, 1, 1), date(number, 12, 31))


def third(number: int, which: int) -> Period:
    """Give a third of a calendar year, 1 to 3: what a steering group hears of."""
    first = date(number, which * 4 - 3, 1)
    return Period(first, (first + timedelta(days=130)).replace(day=1) - timedelta(days=1))


def band(age: int | None) -> str:
    """Name the band an age lies in; "unknown" for no age, and for one outside them all."""
    found = (key for key, low, high in BANDS if age is not None and low <= age <= high)
    return next(found, NOT_KNOWN)


def band_within(low: int | None, high: int | None) -> str:
    """Name the band in which ages from one to another lie whole; another age where none does."""
    found = (key for key, first, last in BANDS if low is not None and high is not None and first <= low <= high <= last)
    return next(found, OTHER_AGE)


def ending(reason: str) -> str:
    """Say how an ending is counted: completed, stopped by the family, or ended otherwise."""
    return "completed" if reason == "completed" else "stopped" if reason in STOPPED else "else"


def dose(times: int) -> str:
    """Name the row of the table of dosage a number of times lies in."""
    low, high = next((low, high) for low, high in DOSES if low <= times and (high is None or times <= high))
    return str(low) if low == high else f"{low}-{high}" if high is not None else f"{low}+"


def dose_rows() -> list[str]:
    """Name the rows of the table of dosage."""
    return [dose(low) for low, _high in DOSES]


# ---- What is written beside the figures: data, in both languages ----

DATA = Path(__file__).with_name("data")


def read(path: Path) -> dict[str, Any]:
    """Read a file of ours."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """Read what each table counts, since when and in which version, by the table's key."""
    rows = read(DATA / "definitions.toml")["table"]
    return {row["key"]: {**row, "since": row["since"].isoformat()} for row in rows}


@cache
def _labels() -> dict[str, Text]:
    return read(DATA / "labels.toml")


def label(table: str, key: str) -> Text | None:
    """Name a row, a column or a part: as this table names it, or as all do; None where the house has the word."""
    return _labels().get(f"{table}.{key}") or _labels().get(key)


@cache
def codebook() -> dict[str, Any]:
    """Read what the columns of the evaluator's file mean."""
    return read(DATA / "codebook.toml")


@cache
def code() -> str:
    """Name the state of the code that counts: this room's and that of the statistics."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), *sorted((here.parent / "statistics").glob("*.py"))]
    return hashlib.blake2b(b"".join(each.read_bytes() for each in files), digest_size=16).hexdigest()


# ---- Tables ----


Place = tuple[str, str]


def name(what: str, **where: str) -> str:
    """Name a count: what is counted, and where; the same wherever it is shown."""
    return published.key(what, **where)


@dataclass
class Table:
    """One table before small numbers are hidden: rows and columns by key, counts, and what is worked out from them.

    `sums` names the directions in which the key "total" is the sum of the others. `plain` columns count no people
    (hours, meetings): they are never hidden. `what` and `dims` say what a count is beyond this table, so that the same
    number in two tables is one number; `same` says it of single places.
    """

    key: str
    rows: Sequence[str]
    columns: Sequence[str]
    #: A whole number of people, or a cell that says why there is none.
    counts: dict[Place, Any] = field(default_factory=dict)
    #: What is worked out: by row and column, the counts it rests on (a part before its whole), and how it is made when
    #: none of them is hidden.
    worked: dict[Place, tuple[tuple[Place, ...], Callable[[], Cell]]] = field(default_factory=dict)
    #: The exact value of each mean that is worked out, for the attacker to try.
    means: dict[Place, float] = field(default_factory=dict)
    measure: str = ""
    sums: frozenset[str] = frozenset()
    #: Columns of people that are no part of the sum across.
    apart: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    labels: Mapping[str, Text] = field(default_factory=dict)
    what: str = ""
    dims: tuple[str, str] = ("", "")
    same: Mapping[Place, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    #: Counts a reader can reckon with though no table shows them, and the sums they are part of.
    unseen: dict[str, int] = field(default_factory=dict)
    reckoned: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    #: Of how many, and how many are missing: a number, the place that says it, or the name of an unseen one.
    of: int | Place | str = 0
    missing: int | Place | str | None = None

    def tied(self, total: str, parts: Mapping[str, int]) -> None:
        """Say that a count is the sum of some others, by their names: what a reader can reckon, shown here or not."""
        self.unseen[total] = sum(parts.values())
        self.unseen |= parts
        self.reckoned.append((total, tuple(parts)))

    @property
    def numbers(self) -> dict[Place, int]:
        """The counts of people in it."""
        return {at: n for at, n in self.counts.items() if isinstance(n, int) and at[1] not in self.plain}

    def name(self, at: Place) -> str:
        """Name what a count is, beyond this table."""
        if at in self.same:
            what, where = self.same[at]
            return name(what, **where)
        where = {dim: key for dim, key in zip(self.dims, at, strict=True) if dim and key != TOTAL}
        column = "" if self.dims[1] or at[1] == TOTAL else f".{at[1]}"
        return name(self.what or f"{self.key}{column}", **where)


def cross(
    key: str, pairs: Iterable[Place], rows: Sequence[str], columns: Sequence[str], what: str, dims: Place
) -> Table:
    """Count pairs of a row and a column, with a sum at each end; what is not named is counted as unknown."""
    wide, tall = [*columns, TOTAL], [*rows, TOTAL]
    counts: dict[Place, Any] = {(row, column): 0 for row in tall for column in wide}
    for row, column in pairs:
        at = (row if row in rows else NOT_KNOWN, column if column in columns else NOT_KNOWN)
        for each in (at, (at[0], TOTAL), (TOTAL, at[1]), (TOTAL, TOTAL)):
            counts[each] += 1
    both = frozenset({"rows", "columns"})
    return Table(key, tall, wide, counts, sums=both, what=what, dims=dims, of=(TOTAL, TOTAL))


def together(counted: Mapping[str, int], least: int) -> list[tuple[str, ...]]:
    """Part some keys so that each part holds so many or nobody: alone where it does, else in one part with the others.

    None where that leaves one part: then there is nothing to set beside each other.
    """
    alone = [key for key, n in counted.items() if n >= least]
    rest = [key for key in counted if key not in alone]
    while alone and 0 < sum(counted[key] for key in rest) < least:
        rest.append(alone.pop(alone.index(min(alone, key=lambda key: counted[key]))))
    parts: list[tuple[str, ...]] = [(key,) for key in counted if key in alone]
    if any(counted[key] for key in rest):
        parts.append(tuple(key for key in counted if key in rest))
    return parts if len(parts) > 1 else []


def share(count: int, of: int, fewest: int) -> Cell:
    """Give a share in whole per cent with Wilson's interval; too few when there are fewer than `fewest`."""
    if of < fewest:
        return dict(FEW, of=of) if of else dict(NONE)
    found = small.wilson(count, of)
    low, high = found.interval.lower, found.interval.upper
    return {"share": whole(found.share * 100), "low": whole(low * 100), "high": whole(high * 100), "of": of}


def shared(count: int, of: int, fewest: int) -> Callable[[], Cell]:
    """Give a share once nothing it rests on is hidden."""
    return lambda: share(count, of, fewest)


def middle(values: Sequence[float], fewest: int, fraction: float = 0.5, beyond: int = 5) -> Cell:
    """Give a percentile in whole units; too few when there are fewer than `fewest`, or `beyond` on either side.

    It is some person's own value: a median needs twice `beyond`, a 90th percentile ten times.
    """
    # A hair, because 50 times a tenth is not quite five.
    if len(values) < fewest or len(values) * min(fraction, 1 - fraction) < beyond - 1e-9:
        return dict(FEW, of=len(values)) if values else dict(NONE)
    return {"value": whole(small.percentile(values, fraction)), "of": len(values)}


def whole(value: float) -> int:
    """Round to a whole number, halves away from zero: as people are taught to."""
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def frozen(
    table: Table, hidden: set[str], told: published.Rules, gone: frozenset[Place] = frozenset()
) -> dict[str, Any]:
    """Give a table as it is kept: what is hidden is gone, and whatever is worked out from it.

    `gone` are means that would tell something though their counts do not.
    """
    places = [[(row, column) for column in table.columns] for row in table.rows]
    cells = [[dict(HIDDEN) if at in gone else _cell(table, at, hidden, told) for at in line] for line in places]
    every = (*table.rows, *table.columns)
    found = {key: table.labels.get(key) or label(table.key, key) for key in every}
    named = {key: dict(words) for key, words in found.items() if words}
    kept = {"key": table.key, "rows": list(table.rows), "columns": list(table.columns), "cells": cells}
    ends = {"of": _end(table, "of", hidden, told), "missing": _end(table, "missing", hidden, told)}
    told_of = sorted({table.name(at).partition("|")[0] for at in table.numbers})
    return kept | ends | {"labels": named, "plain": sorted(table.plain), "counts": told_of}


def end_name(table: Table, which: str) -> str:
    """Name what "of how many" or "how many are missing" is."""
    said = getattr(table, which)
    if isinstance(said, str):
        return said
    return table.name(said) if isinstance(said, tuple) else name(f"{table.key}.{which}")


def _end(table: Table, which: str, hidden: set[str], told: published.Rules) -> Cell:
    said = getattr(table, which)
    if said is None:
        return dict(NONE)
    if isinstance(said, tuple):
        return _cell(table, said, hidden, told)
    said = table.unseen[said] if isinstance(said, str) else said
    if table.columns and all(column in table.plain for column in table.columns):
        return {"n": said}
    return dict(HIDDEN) if end_name(table, which) in hidden else {"n": told.shown(said)}


def _cell(table: Table, at: Place, hidden: set[str], told: published.Rules) -> Cell:
    if at in table.worked:
        needs, make = table.worked[at]
        if any(table.name(each) in hidden for each in needs):
            return dict(HIDDEN)
        return make() if told.rounding == 1 else _of_shown(table, at, make(), told)
    counted = table.counts.get(at, NONE)
    if not isinstance(counted, int):
        return dict(counted)
    if at[1] in table.plain:
        return {"n": counted}
    return dict(HIDDEN) if table.name(at) in hidden else {"n": told.shown(counted)}


def _of_shown(table: Table, at: Place, made: Cell, told: published.Rules) -> Cell:
    """Work a cell out again of the counts as they are shown: made of the exact ones, it would tell them."""
    shown = [told.shown(int(table.counts[each])) for each in table.worked[at][0] if each in table.numbers]
    if "share" in made and len(shown) > 1:
        return share(min(sum(shown[:-1]), shown[-1]), shown[-1], 1)
    if at[1].startswith("each_") and shown and "value" in made:
        cost = int(table.counts[at[0], at[1].removeprefix("each_")])
        return {"value": whole(cost / shown[0]), "of": shown[0]}
    return made | ({"of": told.shown(int(made["of"]))} if "of" in made else {})


def packed(figures: Any) -> bytes:
    """Write figures as the same bytes each time."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """Name a state of figures by what they say."""
    return hashlib.blake2b(packed(value), digest_size=16).hexdigest()
