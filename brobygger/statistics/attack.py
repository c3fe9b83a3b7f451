"""The attacker: works out what releases hide, from everything they show, now and before.

Every number nobody printed gets the least and the greatest value that fit all that was printed: one linear program
each way, over every release at once. The tests use it, and so does a report before it goes out.
Source: Fischetti & Salazar-González 2001, Manage Sci 47:1008-1027, for the attacker's two programs.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import highspy
import numpy as np

from brobygger.statistics.published import Release, ShownMean

#: How a number was worked out: to the last child, or only to be one of the small ones.
EXACT, SMALL = "exact", "small"
#: What was worked out: a count, how many came or went between two releases, a mean, the mean of those who came.
COUNT, CAME, MEAN, MEAN_CAME = "count", "came", "mean", "mean of those who came"
#: Between two releases of the same figures: nothing moved, nobody was taken out, nobody was added, or both happened.
SAME, GREW, SHRANK, MIXED = "same", "grew", "shrank", "mixed"
#: Of two days, the later first: which of the four.
Growth = Mapping[tuple[str, str], str]
#: More than any house has ever counted: what stands for "no bound".
CROWD = 10_000_000.0
EDGE = 1e-6


class Contradiction(ValueError):
    """No data at all fit what was printed, so there is nothing to work out."""


@dataclass(frozen=True)
class Number:
    """Something a reader may want to know: what, under which key, as of (and since) which day, of which measure."""

    what: str
    key: str
    as_of: str
    since: str = ""
    measure: str = ""


@dataclass(frozen=True)
class Found:
    """A number the attacker got too near: all that is left is between `lower` and `upper`."""

    number: Number
    lower: float
    upper: float
    how: str


@dataclass
class System:
    """Unknowns with their bounds, and rows of them that lie between two values."""

    place: dict[Number, int] = field(default_factory=dict)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def unknown(self, number: Number, lower: float = 0.0, upper: float = CROWD) -> int:
        """Give an unknown its place; one that is there already becomes no wider."""
        at = self.place.setdefault(number, len(self.lower))
        if at == len(self.lower):
            self.lower.append(lower)
            self.upper.append(upper)
        else:
            self.lower[at], self.upper[at] = max(self.lower[at], lower), min(self.upper[at], upper)
        return at

    def row(self, times: Mapping[int, float], lower: float, upper: float) -> None:
        """Hold a weighted sum of unknowns between two values."""
        self.rows.append((dict(times), lower, upper))


class Solver:
    """A system inside HiGHS, which begins each search where the last one ended.

    Unknowns at `whole` are whole numbers; that costs more only where the straight answer is not whole already.
    `low` and `high` are the least and greatest values met on the way: whatever lies between them is possible.
    """

    def __init__(self, system: System, whole: Sequence[int] = ()) -> None:
        self.system, self.whole = system, np.array(whole, dtype=np.int32)
        self.strict = Solver(system)._of_whole(self.whole) if len(whole) else None
        self.highs = highspy.Highs()
        settings: dict[str, bool | int | str]
        settings = {"output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off"}
        for name, setting in settings.items():
            self.highs.setOptionValue(name, setting)
        lp, rows = highspy.HighsLp(), system.rows
        lp.num_col_, lp.num_row_ = len(system.lower), len(rows)
        lp.col_cost_ = np.zeros(len(system.lower))
        lp.col_lower_, lp.col_upper_ = np.array(system.lower, float), np.array(system.upper, float)
        lp.row_lower_ = np.array([row[1] for row in rows], float)
        lp.row_upper_ = np.array([row[2] for row in rows], float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row[0]) for row in rows)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([at for row in rows for at in row[0]], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([times for row in rows for times in row[0].values()], dtype=float)
        self.highs.passModel(lp)
        self.low, self.high = np.full(lp.num_col_, math.inf), np.full(lp.num_col_, -math.inf)
        self.there = np.zeros(lp.num_col_)

    def _of_whole(self, places: np.ndarray) -> "Solver":
        kinds = np.full(len(places), highspy.HighsVarType.kInteger)
        self.highs.changeColsIntegrality(len(places), places, kinds)
        return self

    def bounds(self, places: Sequence[int], lower: np.ndarray, upper: np.ndarray) -> None:
        """Give some unknowns other bounds."""
        self.highs.changeColsBounds(len(places), np.array(places, dtype=np.int32), lower, upper)
        self.low[:], self.high[:] = math.inf, -math.inf

    def feasible(self) -> bool:
        """Say whether anything at all fits."""
        self.highs.run()
        return self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def extreme(self, at: int, sign: int, duals: Sequence[int] = ()) -> tuple[float, np.ndarray]:
        """Give an unknown's least value (sign 1) or its greatest (sign -1), and what some unknowns' bounds weigh in it.

        The weights are those of the smallest `sign` times the value. Raises Contradiction when nothing fits.
        """
        self.highs.changeColCost(at, float(sign))
        self.highs.run()
        status = self.highs.getModelStatus()
        value = float(self.highs.getInfo().objective_function_value)
        solution = self.highs.getSolution()
        weights = np.array(solution.col_dual)[list(duals)] if duals else np.zeros(0)
        self.highs.changeColCost(at, 0.0)
        if status == highspy.HighsModelStatus.kOptimal:
            there = np.array(solution.col_value)
            if self.strict and np.abs(there - np.round(there))[self.whole].max() > EDGE:
                value, weights = self.strict.extreme(at, sign)
                there, value = self.strict.there, sign * value
            self.there = there
            np.minimum(self.low, there, out=self.low)
            np.maximum(self.high, there, out=self.high)
            return sign * value, weights
        endless = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
        if status in endless and self.feasible():
            return -sign * math.inf, np.zeros(len(duals))
        raise Contradiction("no data fit what was printed")

    def between(self, at: int) -> tuple[float, float]:
        """Give an unknown's least and greatest value."""
        return self.extreme(at, 1)[0], self.extreme(at, -1)[0]


def _counts(system: System, release: Release, told: frozenset[str] | None) -> None:
    """Put in what a release says of counts: what is shown, what is hidden, and what hidden can mean."""
    rules = release.rules
    for name, shown in release.counts.items():
        number = Number(COUNT, name, release.as_of)
        if name in release.known:
            system.unknown(number, 0, 0)
        elif name in release.slack:
            system.unknown(number)
        elif shown is not None:
            system.unknown(number, *rules.meant(shown))
        elif told is None:
            system.unknown(number, 0 if name in release.maybe else rules.least_hidden)
        elif name in told:
            system.unknown(number, 0 if name in release.maybe else rules.least_hidden, rules.threshold - 1)
        else:
            system.unknown(number, rules.threshold)
    for each in release.sums:
        total = system.unknown(Number(COUNT, each.total, release.as_of))
        parts = [system.unknown(Number(COUNT, part, release.as_of)) for part in each.parts]
        system.row({total: 1.0} | dict.fromkeys(parts, -1.0), 0.0, 0.0)
    # A share of rounded counts says nothing that they do not, nor does a share of everybody.
    for share in (each for each in release.shares if rules.rounding == 1 and each.part != each.whole):
        part = system.unknown(Number(COUNT, share.part, release.as_of))
        whole = system.unknown(Number(COUNT, share.whole, release.as_of))
        system.row({part: 100.0, whole: -(share.percent - 0.5)}, 0.0, math.inf)
        system.row({part: 100.0, whole: -(share.percent + 0.5)}, -math.inf, 0.0)


def _days(releases: Sequence[Release]) -> list[str]:
    return list(dict.fromkeys(release.as_of for release in releases))


def _pairs(system: System, days: Sequence[str], what: str, measure: str = "") -> Iterator[tuple[str, str, str]]:
    """Name the figures that were released before: the key, the day, and the day before it that has the same key."""
    last: dict[str, str] = {}
    for day in days:
        for number in [each for each in system.place if (each.what, each.as_of, each.measure) == (what, day, measure)]:
            if number.key in last:
                yield number.key, day, last[number.key]
            last[number.key] = day


def _linked(system: System, days: Sequence[str], forced: Growth) -> dict[tuple[str, str], str]:
    """Tie each figure to the same figure of the release before: what came is the one less the other.

    A reader first takes it that nothing moved; if that cannot be, that nobody was taken out, as in figures that run on;
    then that nobody came.
    """
    came: dict[tuple[str, str], list[int]] = {}
    for name, day, since in list(_pairs(system, days, COUNT)):
        at = system.unknown(Number(CAME, name, day, since), -CROWD)
        now, then = system.place[Number(COUNT, name, day)], system.place[Number(COUNT, name, since)]
        system.row({now: 1.0, then: -1.0, at: -1.0}, 0.0, 0.0)
        came.setdefault((day, since), []).append(at)
    found = {}
    for pair, places in came.items():
        for growth in [forced[pair]] if pair in forced else [SAME, GREW, SHRANK, MIXED]:
            low, high = {SAME: (0.0, 0.0), GREW: (0.0, CROWD), SHRANK: (-CROWD, 0.0)}.get(growth, (-CROWD, CROWD))
            for at in places:
                system.lower[at], system.upper[at] = low, high
            if growth == MIXED or pair in forced or Solver(system).feasible():
                found[pair] = growth
                break
    return found


def _means(system: System, releases: Sequence[Release], growth: Growth) -> dict[str, ShownMean]:
    """Put in what means say of everybody's sum of a measure: of those shown, and of all that add up with them."""
    measures = {mean.what: mean for release in releases for mean in release.means}
    ranges = {(each.of, each.what): (each.lowest, each.highest) for release in releases for each in release.ranges}

    def total(what: str, name: str, day: str) -> int:
        number = Number(MEAN, name, day, measure=what)
        if number not in system.place:
            at, count = system.unknown(number, -math.inf, math.inf), system.unknown(Number(COUNT, name, day))
            low, high = ranges.get((name, what), (measures[what].lowest, measures[what].highest))
            system.row({at: 1.0, count: -low}, 0.0, math.inf)
            system.row({at: 1.0, count: -high}, -math.inf, 0.0)
        return system.place[number]

    for release in releases:
        for mean in release.means:
            at, count = total(mean.what, mean.of, release.as_of), system.place[Number(COUNT, mean.of, release.as_of)]
            system.row({at: 1.0, count: -(mean.value - mean.unit / 2)}, 0.0, math.inf)
            system.row({at: 1.0, count: -(mean.value + mean.unit / 2)}, -math.inf, 0.0)
        shown = {mean.what for mean in release.means}
        tied = [each for each in release.sums if release.slack.isdisjoint((each.total, *each.parts))]
        for what, each in ((what, each) for what in sorted(shown) for each in tied):
            parts = [total(what, part, release.as_of) for part in each.parts]
            system.row({total(what, each.total, release.as_of): 1.0} | dict.fromkeys(parts, -1.0), 0.0, 0.0)
        for change, end, start in (each for each in release.less if shown.issuperset(each)):
            for name in sorted({name for each in tied for name in (each.total, *each.parts)}):
                one, other, third = (total(what, name, release.as_of) for what in (change, end, start))
                system.row({one: 1.0, other: -1.0, third: 1.0}, 0.0, 0.0)
    for what in measures:
        _came(system, _days(releases), what, ranges, measures[what], growth)
    return measures


def _came(
    system: System,
    days: Sequence[str],
    what: str,
    ranges: Mapping[tuple[str, str], tuple[float, float]],
    measure: ShownMean,
    growth: Growth,
) -> None:
    """Tie each sum of a measure to the same sum of the release before: what those who came brought with them."""
    for name, day, since in list(_pairs(system, days, MEAN, what)):
        at = system.unknown(Number(MEAN_CAME, name, day, since, what), -math.inf, math.inf)
        now, then = (system.place[Number(MEAN, name, each, measure=what)] for each in (day, since))
        system.row({now: 1.0, then: -1.0, at: -1.0}, 0.0, 0.0)
        came = system.place.get(Number(CAME, name, day, since))
        sign = {SAME: 1.0, GREW: 1.0, SHRANK: -1.0}.get(growth.get((day, since), MIXED))
        if came is not None and sign is not None:
            low, high = ranges.get((name, what), (measure.lowest, measure.highest))
            system.row({at: sign, came: -sign * low}, 0.0, math.inf)
            system.row({at: sign, came: -sign * high}, -math.inf, 0.0)


def known(
    releases: Sequence[Release],
    told: frozenset[str] | None = None,
    growth: Growth | None = None,
) -> tuple[System, dict[str, ShownMean], dict[tuple[str, str], str]]:
    """Write down everything a reader of these releases knows, oldest first; `told` as in `attack`.

    `growth` says of two days whether figures grew between them, where that is settled already.
    """
    system = System()
    for release in releases:
        _counts(system, release, told if release is releases[-1] else None)
    taken = _linked(system, _days(releases), growth or {})
    measures = _means(system, releases, taken)
    if measures and {SAME, GREW, SHRANK} & set(taken.values()) and not Solver(system).feasible():
        return known(releases, told, dict.fromkeys(taken, MIXED))
    return system, measures, taken


def _near(number: Number, lower: float, upper: float, threshold: int) -> str:
    """Say how near an attacker came to a count, or to how many came or went."""
    lower = math.ceil(lower - EDGE) if math.isfinite(lower) else lower
    upper = math.floor(upper + EDGE) if math.isfinite(upper) else upper
    if lower > upper:  # nothing is known of it yet
        return EXACT
    if number.what == COUNT:
        return EXACT if lower >= upper else SMALL if upper < threshold else ""
    some = 0 < lower <= upper < threshold or -threshold < lower <= upper < 0
    return "" if not some else EXACT if lower >= upper else SMALL


def _values(lower: float, upper: float, step: float) -> float:
    """Count the sums of a measure that are left between two values."""
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return math.inf
    if not step:
        return 1.0 if upper - lower < EDGE else math.inf
    return math.floor(upper / step + EDGE) - math.ceil(lower / step - EDGE) + 1


def attack(*releases: Release, told: frozenset[str] | None = None, growth: Growth | None = None) -> tuple[Found, ...]:
    """Work out what these releases hide; give every number that came out exactly, or out as a small one.

    Releases stand oldest first; the last one's rules count. Everything printed is used together: tables, totals,
    rounded shares and counts, means with their n, and for figures printed before, that somebody came or went. `told`
    names the counts a reader somehow knows to be the small ones of the last release (so that every other hidden one is
    not); then only exact numbers are given. `growth` as in `known`; unless it is said, the strongest guess is taken.
    Nothing given means nothing was recovered. Raises Contradiction.
    """
    if not releases:
        return ()
    bare = [replace(each, means=()) for each in releases]
    system, _measures, taken = known(bare, told, growth)
    solver = Solver(system, [at for number, at in system.place.items() if number.what in (COUNT, CAME)])
    found = {each.number: each for each in _found_counts(system, solver, releases, told)}
    if told is None and any(each.means for each in _of_the_same(releases)):
        # With means the unknowns are too many for whole numbers; the straight lines alone say nearly as much of them.
        near = _of_the_same(releases)
        system, measures, _growth = known(near, growth=taken)
        solver = Solver(system)
        more = (*_found_counts(system, solver, near, None), *_found_means(system, solver, measures))
        found |= {each.number: each for each in more if each.number not in found}
    return tuple(found.values())


def _of_the_same(releases: Sequence[Release]) -> list[Release]:
    """Leave out releases whose means are of other people than the last one's: another year's add nothing to its own."""
    last, means = set(releases[-1].counts), {mean.of for mean in releases[-1].means}
    return [each for each in releases if {mean.of for mean in each.means} & last or means & set(each.counts)]


def _found_counts(
    system: System, solver: Solver, releases: Sequence[Release], told: frozenset[str] | None
) -> Iterator[Found]:
    """Try every count that is not plainly printed as a number that may be, and how many came or went."""
    rules = releases[-1].rules
    shown = {(each.as_of, name) for each in releases for name, count in each.counts.items() if count is not None}
    public = {(each.as_of, name) for each in releases for name in each.known | each.slack}
    for number, at in system.place.items():
        named = number.as_of, number.key
        if number.what not in (COUNT, CAME) or named in public:
            continue
        lower, upper = float(solver.low[at]), float(solver.high[at])
        if not _near(number, lower, upper, rules.threshold) or (told is not None and upper - lower > 0.5):
            continue
        if number.what == COUNT and named in shown:
            lower, upper = float(system.lower[at]), float(system.upper[at])
            if upper >= rules.threshold or (upper == 0 and not rules.zeros_hidden):
                continue
        else:
            lower, upper = solver.between(at)
        how = _near(number, lower, upper, rules.threshold)
        if how == EXACT or (how and told is None):
            yield Found(number, lower, upper, how)


def _found_means(system: System, solver: Solver, measures: Mapping[str, ShownMean]) -> Iterator[Found]:
    """Try everybody's sum of each measure, and the sum of those who came; of nobody there is nothing to find."""
    for number, at in system.place.items():
        if number.what not in (MEAN, MEAN_CAME):
            continue
        whose = Number(COUNT if number.what == MEAN else CAME, number.key, number.as_of, number.since)
        count = system.place.get(whose)
        if count is None or (solver.between(count) if solver.high[count] <= solver.low[count] else None) == (0.0, 0.0):
            continue
        step = measures[number.measure].step
        met = float(solver.low[at]), float(solver.high[at])
        if met[0] <= met[1] and _values(*met, step) > 1:  # so much was met on the way already
            continue
        lower, upper = solver.between(at)
        if _values(lower, upper, step) <= 1:
            yield Found(number, lower, upper, EXACT)


def widths(*releases: Release) -> dict[Number, tuple[float, float]]:
    """Give the least and the greatest value of every count that is not plainly printed; as a table of its own."""
    system, _measures, _growth = known(releases)
    solver, slack = Solver(system), {name for release in releases for name in release.slack}
    return {
        number: solver.between(at)
        for number, at in system.place.items()
        if number.what == COUNT and system.lower[at] < system.upper[at] and number.key not in slack
    }
