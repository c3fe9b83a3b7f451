"""What a reader of our reports could work out: small numbers are hidden so that nobody can, and every release is tried.

The hiding and the attacker are the statistics' own (`hiding`, `attack`). Here our tables become the figures they read:
the same number in two tables is one number, and figures of a period hang together with those of a longer one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from brobygger.statistics import attack, hiding, published
from brobygger.statistics.published import Figures, Release, Rules, ShownMean, Sum

from . import rules
from .rules import TOTAL, Period, Table

#: By how much a mean's one person may move: WHO-5 goes in steps of four; of others we do not say.
STEPS = {"who5": 4.0}
MEANS = {"start": (0.0, 100.0), "end": (0.0, 100.0), "change": (-100.0, 100.0)}
#: How many stand in several rows: it ties the rows to how many there are, and is no count of its own.
AGAIN = "again"
#: Who is there on a day: carried over from one period into the next, so it is named by the day and not by the period.
STOCKS = {"running": 0, "ran|since=before": -1}


class Crosses(Exception):
    """It shares days with something that went out before, and neither holds the other whole. `with_whom` names those.

    The one less the other would tell of days nobody chose to tell of.
    """

    def __init__(self, with_whom: Sequence[Any]) -> None:
        """Name them."""
        super().__init__(str(len(with_whom)))
        self.with_whom = list(with_whom)


class TooFew(Exception):
    """So few came that nothing can be shown of these figures without giving somebody away."""


def told(settings: Mapping[str, Any]) -> Rules:
    """Say what the house holds back, as every reader may know it; nobody at all is said as it is."""
    return Rules(settings["threshold"], settings["rounding"], zeros_hidden=False, enough=settings["shares_from"])


def figures(tables: Iterable[Table]) -> Figures:
    """Gather every count of people in some tables, and every sum a reader sees between them."""
    counts: dict[str, int] = {}
    sums: dict[Sum, None] = {}
    for table in tables:
        for at, number in table.numbers.items():
            _put(counts, table.name(at), number)
        for which in ("of", "missing"):
            said = getattr(table, which)
            if isinstance(said, int):
                _put(counts, rules.end_name(table, which), said)
        for name, number in table.unseen.items():
            _put(counts, name, number)
        sums |= dict.fromkeys(_sums(table)) | {Sum(total, parts): None for total, parts in table.reckoned}
    return Figures(counts, tuple(sums), frozenset(name for name in counts if name.endswith(AGAIN)))


def _put(counts: dict[str, int], name: str, number: int) -> None:
    if counts.setdefault(name, number) != number:
        raise ValueError(f"{name} is {counts[name]} in one table and {number} in another")


def _sums(table: Table) -> Iterable[Sum]:
    numbers = table.numbers
    for row in table.rows if "columns" in table.sums else ():
        if (row, TOTAL) in numbers:
            parts = [column for column in table.columns if column != TOTAL and column not in table.apart]
            inside = tuple(table.name((row, column)) for column in parts if (row, column) in numbers)
            yield Sum(table.name((row, TOTAL)), inside)
    for column in table.columns if "rows" in table.sums else ():
        if (TOTAL, column) in numbers:
            inside = tuple(table.name((row, column)) for row in table.rows if row != TOTAL and (row, column) in numbers)
            yield Sum(table.name((TOTAL, column)), inside)


def shares(tables: Iterable[Table]) -> list[tuple[str, str]]:
    """Name the shares a reader sees: the part and the whole of each."""
    found: dict[tuple[str, str], None] = {}
    for table in tables:
        for needs, _make in table.worked.values():
            if len(needs) == 2 and all(at in table.numbers for at in needs):
                found[table.name(needs[0]), table.name(needs[1])] = None
    return list(found)


def means(tables: Iterable[Table]) -> list[ShownMean]:
    """Give every mean as it is before it is rounded, with whom it is of."""
    found = []
    for table in tables:
        for (row, column), value in table.means.items():
            lowest, highest = MEANS[column]
            step = STEPS.get(table.measure, 0.0)
            found.append(
                ShownMean(table.name((row, "both")), _measure(table, column), value, 1.0, lowest, highest, step)
            )
    return found


def _measure(table: Table, column: str) -> str:
    """Name what a mean is of: the same in every table."""
    return f"{table.measure}.{column}"


def hidden(
    tables: Sequence[Table],
    settings: Mapping[str, Any],
    *,
    period: Period,
    as_of: str,
    earlier: Sequence[tuple[Period, Release]] = (),
    recount: Callable[[Period], Figures] | None = None,
    key: bytes = b"",
) -> Release:
    """Make of some tables what may go out: what is left when nobody can work out a small number. Raises `TooFew`.

    `earlier` is what went out before and of which days, oldest first; `recount` counts the same of other days, for what
    lies inside a period that went out, or around one. `key` is the house's secret, as in `hiding.hide`.
    """
    counted = figures(tables)
    found, again = _within(counted, period), None
    if recount and any(each != period and each.touches(period) for each, _release in earlier):
        found, again = _beside(counted, period, earlier, recount, as_of)
    listed = [(_named(part, period), _named(whole, period)) for part, whole in shares(tables)]
    given = [replace(each, of=_named(each.of, period)) for each in means(tables)]
    before = [each for _days, each in earlier if set(each.counts) & set(found.counts)]
    before += [again] if again else []
    tied = [*found.sums, *(each for one in before for each in one.sums)]
    made = []
    for names in apart(tied, [*found.counts, *(name for one in before for name in one.counts)], listed):
        if names.isdisjoint(found.counts):
            continue
        sums = tuple(each for each in found.sums if each.total in names)
        some = Figures(_of(found.counts, names), sums, found.slack & names)
        more: dict[str, Any] = {
            "shares": [each for each in listed if each[0] in names],
            "means": [each for each in given if each.of in names],
            "earlier": [piece for each in before if (piece := _piece(each, names)).counts],
            "less": tuple((f"{kind}.change", f"{kind}.end", f"{kind}.start") for kind in STEPS),
        }
        made.append(_hidden(some, told(settings), name=str(period), as_of=as_of, key=key, **more))
    return _joined(made, str(period), as_of, told(settings))


def _hidden(some: Figures, rules_told: Rules, **more: Any) -> Release:
    """Hide what hangs together; where that cannot be done with every zero shown, the zeros go too. Raises `TooFew`."""
    for zeros in (False, True):
        try:
            made = hiding.hide(some, rules=replace(rules_told, zeros_hidden=zeros), **more)
        except (hiding.CannotHide, attack.Contradiction):
            continue
        first, as_of = min(some.counts), made.release.as_of
        moved = tuple((first, since, how) for (day, since), how in made.growth.items() if day == as_of)
        maybe = frozenset(each for each, count in made.release.counts.items() if zeros and count is None)
        return replace(made.release, growth=moved, maybe=maybe)
    raise TooFew


def _beside(
    counted: Figures,
    period: Period,
    earlier: Sequence[tuple[Period, Release]],
    recount: Callable[[Period], Figures],
    as_of: str,
) -> tuple[Figures, Release]:
    """Tie a period's counts to those of the periods in it and of the one around it, as a reader will: by subtraction.

    What such a period showed stands as it was shown; what it hid is counted anew; what is left between them is a count
    nobody shows and everybody can reckon. A count that does not add up (who ran on a day) is left alone: no difference
    of two such says how many came between.
    """
    shown = {days: _shown(days, earlier) for days, _release in earlier if days != period}
    knots = [(period, _widest(each for each in shown if period.holds(each)))]
    if around := _narrowest(each for each in shown if each.holds(period)):
        inside = [each for each in shown if around.holds(each) and each != around and not each.touches(period)]
        knots.append((around, [period, *_widest(inside)]))
    now = {period: counted.counts}
    for whole, parts in knots:
        now |= {each: recount(each).counts for each in (whole, *parts, *whole.without(parts)) if each not in now}
    made = _Knots(_within(counted, period), period, shown, now, told_by=[each for _days, each in earlier])
    for whole, parts in knots:
        for name in counted.counts:
            made.tie(name, whole, parts)
    return made.done(as_of)


def _shown(period: Period, earlier: Iterable[tuple[Period, Release]]) -> dict[str, int | None]:
    """Give what went out of a period, the newest of each count; None is a hidden one."""
    ending = _in(period)
    return {
        name.removesuffix(ending): count
        for days, release in earlier
        if days == period
        for name, count in release.counts.items()
        if name.endswith(ending)
    }


def _in(period: Period) -> str:
    return f"|in={period.first}_{period.last}"


def _widest(periods: Iterable[Period]) -> list[Period]:
    """Leave out the periods that lie in another of them."""
    listed = set(periods)
    kept = (each for each in listed if not any(other != each and other.holds(each) for other in listed))
    return sorted(kept, key=lambda each: each.first)


def _narrowest(periods: Iterable[Period]) -> Period | None:
    return min(periods, key=lambda each: each.last - each.first, default=None)


@dataclass
class _Knots:
    """The counts of a new release and of those beside it in time, tied by sums."""

    found: Figures
    period: Period
    shown: Mapping[Period, Mapping[str, int | None]]
    now: Mapping[Period, Mapping[str, int]]
    told_by: Sequence[Release]
    counts: dict[str, int] = field(default_factory=dict)
    again: dict[str, int | None] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)

    def tie(self, name: str, whole: Period, parts: Sequence[Period]) -> None:
        """Tie one count of a period to the same count of the periods in it that told it; the rest is a count, too."""
        told = [each for each in parts if each == self.period or name in self.shown[each]]
        # Slack stands nowhere, and ties only what does.
        slack, unsaid = f"{name}{_in(self.period)}" in self.found.slack, whole != self.period
        if not told or slack or (unsaid and name not in self.shown[whole]):
            return
        every = (*parts, *whole.without(parts))
        if self.now[whole].get(name, 0) != sum(self.now[each].get(name, 0) for each in every):
            return
        values = {each: self._value(name, each) for each in (whole, *told)}
        rest = values[whole] - sum(values[each] for each in told)
        if rest < 0:  # corrected since: no reader can tell by how much
            return
        for each, value in values.items():
            if each != self.period:
                self.counts[f"{name}{_in(each)}"] = value
                self.again[f"{name}{_in(each)}"] = self.shown[each][name]
        left = f"{name}{_in(whole)}|but={'+'.join(f'{each.first}_{each.last}' for each in told)}"
        self.counts[left] = rest
        self.sums.append(Sum(f"{name}{_in(whole)}", (*(f"{name}{_in(each)}" for each in told), left)))

    def _value(self, name: str, period: Period) -> int:
        """Give a count as a reader takes it to be: as it was shown, or as it is now where it was hidden."""
        now, shown = self.now[period].get(name, 0), None if period == self.period else self.shown[period][name]
        return now if shown is None else shown

    def done(self, as_of: str) -> tuple[Figures, Release]:
        """Give the counts with all that hangs on them, and what went out before as it is read beside them."""
        counts = {**self.found.counts, **self.counts}
        sums = dict.fromkeys([*self.found.sums, *self.sums])
        for one in dict.fromkeys(each for release in self.told_by for each in release.sums):
            inside = all(name in self.again for name in (one.total, *one.parts))
            if inside and counts[one.total] == sum(counts[part] for part in one.parts):
                sums[one] = None
        maybe = frozenset(name for release in self.told_by for name in release.maybe)
        again = Release("again", as_of, self.again, rules=self.told_by[-1].rules, maybe=maybe)
        return Figures(counts, tuple(sums), self.found.slack), again


def apart(sums: Iterable[Sum], names: Iterable[str], shares: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """Part counts into those that hang together by sums and shares: nothing of one part tells of another."""
    root = {name: name for name in names}

    def top(name: str) -> str:
        root.setdefault(name, name)
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for tied in [*((each.total, *each.parts) for each in sums), *shares]:
        for name in tied[1:]:
            root[top(name)] = top(tied[0])
    found: dict[str, set[str]] = {}
    for name in list(root):
        found.setdefault(top(name), set()).add(name)
    return [frozenset(each) for _root, each in sorted(found.items())]


def _of(counts: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: count for name, count in counts.items() if name in names}


def _piece(release: Release, names: frozenset[str]) -> Release:
    """Give what a release says of some counts."""
    return replace(
        release,
        counts=_of(release.counts, names),
        sums=tuple(each for each in release.sums if each.total in names),
        shares=tuple(each for each in release.shares if each.whole in names),
        means=tuple(each for each in release.means if each.of in names),
        known=release.known & names,
        slack=release.slack & names,
        maybe=release.maybe & names,
        growth=tuple(each for each in release.growth if each[0] in names),
    )


def _joined(made: Sequence[Release], name: str, as_of: str, rules_told: Rules) -> Release:
    """Put the parts of a release side by side again."""
    counts = {each: count for piece in made for each, count in piece.counts.items()}
    sums, shares_told, means_told = (
        tuple(each for piece in made for each in getattr(piece, of)) for of in ("sums", "shares", "means")
    )
    slack, maybe = (frozenset(each for piece in made for each in getattr(piece, of)) for of in ("slack", "maybe"))
    moved = tuple(each for piece in made for each in piece.growth)
    less = tuple(dict.fromkeys(each for piece in made for each in piece.less))
    whole = Release(name, as_of, counts, sums, shares_told, means_told, rules=rules_told)
    return replace(whole, growth=moved, less=less, slack=slack, maybe=maybe)


def _within(found: Figures, period: Period) -> Figures:
    """Say of every count in which period it is counted: another period's is another number."""
    counts = {_named(name, period): number for name, number in found.counts.items()}
    sums = tuple(Sum(_named(s.total, period), tuple(_named(part, period) for part in s.parts)) for s in found.sums)
    return Figures(counts, sums, frozenset(_named(name, period) for name in found.slack))


def _named(name: str, period: Period) -> str:
    """Name a count with the days it is counted on: those of the period, or the one day of a stock."""
    if name in STOCKS:
        start = period.first if STOCKS[name] else period.last
        return f"running|on={start + timedelta(days=STOCKS[name])}"
    return f"{name}{_in(period)}"


def shown(table: Table, release: Release, period: Period) -> dict[str, Any]:
    """Freeze a table as a release shows it."""
    within = _in(period)
    stocks = {_named(name, period): name for name in STOCKS}
    gone = {stocks.get(name, name.removesuffix(within)) for name, count in release.counts.items() if count is None}
    told_means = {(mean.of.removesuffix(within), mean.what) for mean in release.means}
    at = {place for place in table.means if (table.name((place[0], "both")), _measure(table, place[1])) in told_means}
    # An effect is the change in other units: where the one would tell, so would the other.
    out = frozenset(table.means) - at
    out |= {(row, "effect") for row, column in out if column == "change"}
    return rules.frozen(table, gone, release.rules, out)


def shows(release: Release, names: Iterable[str], period: Period) -> bool:
    """Tell whether a release shows all of some counts."""
    return all(release.counts.get(_named(name, period)) is not None for name in names)


def would_tell(release: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the counts that could be worked out from a release and all that went out before it, as they are kept."""
    new, before = published.restored(release), [published.restored(each) for each in earlier]
    every = [*before, new]
    sums = [each for one in every for each in one.sums]
    shares_told = [(each.part, each.whole) for one in every for each in one.shares]
    found: set[str] = set()
    for names in apart(sums, [name for one in every for name in one.counts], shares_told):
        piece = _piece(new, names)
        if not piece.counts:
            continue
        try:
            older = [each for one in before if (each := _piece(one, names)).counts]
            near = attack.attack(*older, piece, growth=_moved([*older, piece]))
            found |= {each.number.key for each in near}
        except attack.Contradiction:
            # Figures that cannot both be true say that one of them is wrong: neither goes out beside the other.
            found |= set(piece.counts)
    return sorted(found)


def _moved(pieces: Iterable[Release]) -> dict[tuple[str, str], str]:
    """Say how these figures truly moved from day to day, as it was found when they were made."""
    found: dict[tuple[str, str], set[str]] = {}
    for piece in pieces:
        for _name, since, how in piece.growth:
            found.setdefault((piece.as_of, since), set()).add(how)
    either = {attack.GREW, attack.SHRANK}
    return {
        pair: attack.MIXED if attack.MIXED in hows or either <= hows else next(iter(hows & either), attack.SAME)
        for pair, hows in found.items()
    }


def crossing(period: Period, earlier: Iterable[Period]) -> list[Period]:
    """List the periods that share some days with this one, and not all of either's."""
    return [each for each in earlier if each.touches(period) and not (each.holds(period) or period.holds(each))]


def speaks_of(figures: Mapping[str, Any], table: str, names: Iterable[str]) -> bool:
    """Tell whether a table counts any of the things these counts are of."""
    return bool({name.partition("|")[0] for name in names}.intersection(figures["tables"][table]["counts"]))
