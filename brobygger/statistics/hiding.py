"""Hides what must not be seen, and as little more as does it: small counts, and others so that nobody works them out.

Which others is a set-cover with cuts: choose the cheapest set (a MILP), let the attacker try (linear programs), and
each time an answer is too near, add what the duals of the attack say must be hidden for it not to be; until none is.
Source: Fischetti & Salazar-González 2001, Manage Sci 47:1008-1027.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import optimize, sparse

from brobygger.statistics import attack
from brobygger.statistics.attack import COUNT, Contradiction, Found, Number, Solver
from brobygger.statistics.published import Figures, Range, Release, Rules, ShownMean, ShownShare, Sum

#: So many rounds of choosing and trying, and so many branches for each choice; then the next best that is safe.
ROUNDS, BRANCHES = 40, 5_000
#: By how much the house's secret may make one count dearer to hide than another.
LEANING = 16.0


class CannotHide(ValueError):
    """Whatever is hidden, too much can still be worked out: the table has to be coarser, or stay at home."""

    def __init__(self, why: str, found: tuple[Found, ...] = ()) -> None:
        super().__init__(why)
        self.found = found


@dataclass(frozen=True)
class Hidden:
    """A release in which nothing can be worked out, and what it took.

    `small` were hidden for their own sake, `fresh` because too few came or went since they were shown last, `others`
    to protect them. Nobody but us may know which is which. `best` says whether no smaller set is known to be possible,
    `growth` how the figures moved since earlier releases (for `attack`).
    """

    release: Release
    small: frozenset[str]
    fresh: frozenset[str]
    others: frozenset[str]
    best: bool
    rounds: int
    growth: attack.Growth


@dataclass
class _Reader:
    """One reader's program: a bound for each new count when it is shown and when it is hidden."""

    solver: Solver
    places: list[int]
    shown: tuple[np.ndarray, np.ndarray]
    hidden: tuple[np.ndarray, np.ndarray]

    def look(self, chosen: np.ndarray) -> None:
        """Let the reader see what is left when these are hidden."""
        lower = np.where(chosen, self.hidden[0], self.shown[0])
        upper = np.where(chosen, self.hidden[1], self.shown[1])
        self.solver.bounds(self.places, lower, upper)


@dataclass
class _Search:
    """The choice of what to hide: one yes or no for each new count, and the cuts found so far."""

    names: list[str]
    costs: np.ndarray
    least: np.ndarray
    most: np.ndarray
    rows: list[np.ndarray] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    best: bool = True

    def cut(self, row: np.ndarray, floor: float) -> None:
        """Demand that a weighted number of hidden counts reaches a floor."""
        self.rows.append(row)
        self.floors.append(floor)

    def choose(self) -> np.ndarray:
        """Choose the cheapest set that all cuts allow. Raises CannotHide when there is none."""
        limits = []
        if self.rows:
            limits = [optimize.LinearConstraint(sparse.csr_array(np.array(self.rows)), np.array(self.floors), np.inf)]
        bounds = optimize.Bounds(self.least, self.most)
        options = {"node_limit": BRANCHES}
        found = optimize.milp(
            self.costs, integrality=np.ones(len(self.names)), bounds=bounds, constraints=limits, options=options
        )
        if found.x is None:
            raise CannotHide("no choice of hidden numbers is enough")
        self.best = self.best and found.status == 0
        return np.round(found.x).astype(bool)


def hide(
    figures: Figures,
    *,
    name: str,
    as_of: str,
    rules: Rules | None = None,
    width: int | None = None,
    told: bool = True,
    earlier: Sequence[Release] = (),
    known: Iterable[str] = (),
    withheld: Iterable[str] = (),
    shares: Iterable[tuple[str, str]] = (),
    means: Iterable[ShownMean] = (),
    ranges: tuple[Range, ...] = (),
    less: tuple[tuple[str, str, str], ...] = (),
    key: bytes = b"",
) -> Hidden:
    """Make a release of figures from which nothing small can be worked out, not even with every earlier release.

    Hidden are counts under the threshold (zeros too, unless the rules show them or everybody knows them: `known`),
    those that changed by less than the threshold since an earlier release showed them, `withheld`, and as few others
    as make every hidden count's feasible interval at least `width` wide (the threshold, unless said) and let it reach
    the threshold, for a reader who knows these rules. With `told`, not even one who knows which were small gets an
    exact number. `shares` are (part, whole); `means` hold exact values: both are shown only where their counts are,
    from `enough` persons, in whole points; `ranges` and `less` say what else is known of measures. `earlier` stand
    oldest first. Which others are hidden hangs on `key`, the house's secret, or whoever has this program could try
    which numbers make it hide just these. Raises CannotHide.
    """
    rules, means, shares = rules or Rules(), list(means), list(shares)
    figures = with_rests(_adding_up(figures), shares)
    width = rules.threshold if width is None else width
    blank = Release(name, as_of, dict.fromkeys(figures.counts), figures.sums, slack=figures.slack, rules=rules)
    blank = replace(blank, known=frozenset(known), ranges=ranges, less=less)
    growth, same = _moved(figures, blank, earlier)
    search, small, fresh = _begun(figures, blank, earlier, same, frozenset(withheld), key)
    readers = _readers(figures, blank, earlier, small if told else None, width, growth)
    needs = _needs(readers[0], earlier, width)
    for number in range(1, ROUNDS + 1):
        chosen = search.choose()
        near = _tried(readers[0], search, chosen, small, width, rules.threshold, needs)
        if _told(readers[1:], search, chosen, small) or near:
            continue
        release = _released(blank, figures, search.names, chosen, shares, means)
        found = attack.attack(*earlier, release, growth=growth)
        found += attack.attack(*earlier, release, told=small, growth=growth) if told else ()
        if not found:
            others = frozenset(each for each, gone in zip(search.names, chosen, strict=True) if gone) - small - fresh
            return Hidden(release, small, fresh, others, search.best, number, growth)
        _sharpened(readers[0], search, chosen, () if means else found, rules.threshold)
        means = _fewer(means, found, figures.counts)
    raise CannotHide(f"not found in {ROUNDS} rounds")


def _moved(
    figures: Figures, blank: Release, earlier: Sequence[Release]
) -> tuple[dict[tuple[str, str], str], list[Release]]:
    """Say how these figures moved since earlier releases, and since which of them they did not move at all."""
    counts = {each: blank.rules.shown(count) for each, count in figures.counts.items()}
    growth = attack.known([*earlier, replace(blank, counts=counts)])[2] if earlier else {}
    still = [one for one in earlier if growth.get((blank.as_of, one.as_of)) == attack.SAME]
    return growth, [one for one in earlier if one.as_of == blank.as_of or one in still]


def _drawn(key: bytes, name: str) -> float:
    """Draw a number from 0 to 1 for a count: always the same with this key, and nobody's guess without it."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, key=key).digest()) / 2**64


def _fewer(means: list[ShownMean], found: Sequence[Found], counts: Mapping[str, int]) -> list[ShownMean]:
    """Leave out the means that gave something away: that of the very group, else every one of its measure.

    Where a count came out, those of the smallest group go; were they not to blame, others follow.
    """
    if means and not any(each.number.measure for each in found):
        least = min(counts[mean.of] for mean in means)
        return [mean for mean in means if counts[mean.of] > least]
    gone = {(each.number.measure, each.number.key) for each in found if each.number.measure}
    direct = {(mean.what, mean.of) for mean in means} & gone
    rest = {measure for measure, _key in gone} - {measure for measure, _key in direct}
    return [mean for mean in means if (mean.what, mean.of) not in direct and mean.what not in rest]


def _sharpened(reader: _Reader, search: _Search, chosen: np.ndarray, found: Sequence[Found], threshold: int) -> None:
    """Demand what keeps counts from being found that only whole numbers or two releases together gave away."""
    counts = [each for each in found if not each.number.measure]
    places = [reader.solver.system.place[each.number] for each in counts]
    if counts and not any([_add(search, reader, chosen, at, threshold - 1, (1, -1)) for at in places]):
        more = ~chosen & (search.most > 0)
        if not more.any():
            raise CannotHide("everything is hidden and still too much is known", tuple(found))
        search.cut(more.astype(float), 1.0)


def _adding_up(figures: Figures) -> Figures:
    """Give figures back whose sums are true. Raises ValueError for one that is not: no reader would take it so."""
    for each in figures.sums:
        known = [figures.counts[name] for name in (each.total, *each.parts) if name in figures.counts]
        if len(known) == 1 + len(each.parts) and known[0] != sum(known[1:]):
            raise ValueError(f"{each.total} is {known[0]}, and its parts are {sum(known[1:])}")
    return figures


def with_rests(figures: Figures, shares: Iterable[tuple[str, str]]) -> Figures:
    """Add what a share leaves over as a count of its own: 58 of 60 also says 2."""
    counts, sums = dict(figures.counts), list(figures.sums)
    for part, whole in shares:
        if part != whole and not any(each.total == whole and part in each.parts for each in sums):
            rest = f"{whole}|but={part.replace('|', ';').replace('=', ':')}"
            counts[rest] = counts[whole] - counts[part]
            sums.append(Sum(whole, (part, rest)))
    return Figures(counts, tuple(sums), figures.slack)


def _printed(earlier: Iterable[Release], hidden: bool) -> dict[str, int | None]:
    """Give the counts some releases hid, or the ones they showed, as they stood last."""
    return {each: count for one in earlier for each, count in one.counts.items() if (count is None) == hidden}


def _fresh(figures: Figures, blank: Release, earlier: Sequence[Release], same: Sequence[Release]) -> set[str]:
    """Name the counts that too few came to or left since they were shown, and those hidden when nothing has moved."""
    hidden = set(_printed(same, hidden=True)) & set(figures.counts)
    if blank.rules.rounding > 1:  # rounded, a step of a few is not seen, and one that is seen is not a few
        return hidden
    before = _printed((release for release in earlier if release not in same), hidden=False)
    steps = {each: abs(count - (before.get(each) or 0)) for each, count in figures.counts.items() if each in before}
    return hidden | {each for each, step in steps.items() if 0 < step < blank.rules.threshold}


def _begun(
    figures: Figures,
    blank: Release,
    earlier: Sequence[Release],
    same: Sequence[Release],
    withheld: frozenset[str],
    key: bytes,
) -> tuple[_Search, frozenset[str], frozenset[str]]:
    """Set out which counts must be hidden, which must be shown, and what hiding each costs."""
    rules, names = blank.rules, list(figures.counts)
    public = {each for each in names if not figures.counts[each] and not rules.zeros_hidden}
    public |= set(_printed(same, hidden=False)) | blank.known
    small = frozenset(each for each in names if rules.small(figures.counts[each])) - blank.known - blank.slack
    small -= {each for each in public if figures.counts.get(each) == 0}
    fresh = frozenset((_fresh(figures, blank, earlier, same) | withheld) - small - blank.known) - blank.slack
    sizes = dict.fromkeys(names, 0)
    for one in figures.sums:
        sizes[one.total] = max(sizes[one.total], len(one.parts))
    # What was hidden before had better stay hidden: two releases that hide different numbers help each other out.
    gone = _printed(earlier, hidden=True)
    costs = np.array([(1.0 + sizes[each]) * (0.9 if each in gone else 1.0) for each in names])
    costs *= [LEANING ** _drawn(key, each) for each in names] if key else 1.0
    least = np.array([float(each in small or each in fresh) for each in names])
    most = np.array([float(each not in public | blank.slack or each in small or each in fresh) for each in names])
    search = _Search(names, costs, least, most)
    if rules.rounding == 1:
        _never_alone(search, figures.sums, blank.slack)
    return search, small, fresh


def _never_alone(search: _Search, sums: Iterable[Sum], slack: frozenset[str]) -> None:
    """Demand that no hidden count is the only one of its sum: the first thing any reader tries."""
    place = {each: at for at, each in enumerate(search.names)}
    for one in sums:
        members = [place[each] for each in (one.total, *one.parts) if each in place]
        whole = len(members) == 1 + len(one.parts) and slack.isdisjoint((one.total, *one.parts))
        for at in members if whole else ():
            row = np.zeros(len(search.names))
            row[members] = 1.0
            row[at] = -1.0
            search.cut(row, 0.0)


def _readers(
    figures: Figures,
    blank: Release,
    earlier: Sequence[Release],
    small: frozenset[str] | None,
    width: int,
    growth: attack.Growth,
) -> list[_Reader]:
    """Give the reader who knows the rules, and the one who was told which counts are small."""
    rules = blank.rules
    counts = np.array(list(figures.counts.values()), float)
    zero = np.array(
        [count == 0 and (each in blank.known or not rules.zeros_hidden) for each, count in figures.counts.items()]
    )
    span = [rules.meant(rules.shown(int(count))) for count in counts]
    shown = np.where(zero, 0.0, [low for low, _ in span]), np.where(zero, 0.0, [high for _, high in span])
    room = 2.0 * (width + rules.threshold + rules.rounding)
    slack = np.array([each in blank.slack for each in figures.counts])
    readers = []
    for told in [None] if small is None else [None, small]:
        system, _measures, _growth = attack.known([*earlier, blank], told, growth)
        places = [system.place[Number(COUNT, each, blank.as_of)] for each in figures.counts]
        least = np.array([system.lower[at] for at in places])
        most = np.array([system.upper[at] for at in places])
        hidden = np.maximum(least, counts - room), np.minimum(most, counts + room)
        seen = np.where(slack, hidden[0], shown[0]), np.where(slack, hidden[1], shown[1])
        readers.append(_Reader(Solver(system), places, seen, hidden))
    return readers


def _needs(reader: _Reader, earlier: Sequence[Release], width: int) -> dict[int, float]:
    """Give how wide each count that an earlier release hid must stay: as asked, or as wide as it was."""
    if not earlier:
        return {}
    kept = {number: high - low for number, (low, high) in attack.widths(*earlier).items()}
    own = set(reader.places)
    places = {number: reader.solver.system.place[number] for number in kept}
    return {at: min(width, kept[number]) for number, at in places.items() if at not in own and kept[number] > 0}


def _add(search: _Search, reader: _Reader, chosen: np.ndarray, at: int, need: float, ends: Sequence[int]) -> bool:
    """Try one unknown; when it comes out too near, demand what would have kept it. Say whether it did.

    `ends` (1, -1) asks for the width between both ends, (-1,) alone for how far up it may reach.
    """
    met = reader.solver.high[at] - (reader.solver.low[at] if 1 in ends else 0.0)
    if met >= need:
        return False
    reach, weight = 0.0, np.zeros(len(search.names))
    low = np.where(search.least > 0, reader.hidden[0], reader.shown[0])
    high = np.where(search.least > 0, reader.hidden[1], reader.shown[1])
    for sign in ends:
        value, duals = reader.solver.extreme(at, sign, reader.places)
        duals[np.abs(duals) < 1e-9] = 0.0
        reach -= sign * value
        weight -= np.maximum(duals, 0.0) * (reader.hidden[0] - low) + np.minimum(duals, 0.0) * (reader.hidden[1] - high)
    if reach >= need - 1e-6:
        return False
    base = reach - float(weight @ (chosen & (search.least == 0)))
    own = reader.places.index(at) if at in reader.places else None
    if own is not None and search.least[own] == 0:
        base += weight[own]
        weight[own] = 0.0
    row = np.minimum(np.where(search.most > 0, weight, 0.0), need - base)
    if own is not None and search.least[own] == 0:
        row[own] = -(need - base)
        search.cut(row, 0.0)
    else:
        search.cut(row, need - base)
    return True


def _tried(
    reader: _Reader,
    search: _Search,
    chosen: np.ndarray,
    small: frozenset[str],
    width: int,
    threshold: int,
    needs: Mapping[int, float],
) -> bool:
    """Let the reader who knows the rules try every hidden count, now and before. Say whether any came out too near."""
    reader.look(chosen)
    missed = [_add(search, reader, chosen, reader.places[at], width, (1, -1)) for at in np.flatnonzero(chosen)]
    if width < threshold:
        places = [reader.places[at] for at, each in enumerate(search.names) if each in small]
        missed += [_add(search, reader, chosen, at, threshold, (-1,)) for at in places]
    missed += [_add(search, reader, chosen, at, need, (1, -1)) for at, need in needs.items()]
    return any(missed)


def _told(readers: Sequence[_Reader], search: _Search, chosen: np.ndarray, small: frozenset[str]) -> bool:
    """Let the reader who was told which are small try those. Say whether one came out exactly."""
    missed = False
    for reader in readers:
        reader.look(chosen)
        for at, each in enumerate(search.names):
            if each in small:
                missed = _add(search, reader, chosen, reader.places[at], 1, (1, -1)) or missed
    return missed


def _released(
    blank: Release,
    figures: Figures,
    names: Sequence[str],
    chosen: np.ndarray,
    shares: Sequence[tuple[str, str]],
    means: Sequence[ShownMean],
) -> Release:
    """Put the release together: what is left of counts, shares and means."""
    rules = blank.rules
    gone = {each for each, out in zip(names, chosen, strict=True) if out} | blank.slack
    counts = {each: None if each in gone else rules.shown(figures.counts[each]) for each in names}
    given = tuple(
        ShownShare(part, whole, round(100 * rules.shown(figures.counts[part]) / rules.shown(figures.counts[whole])))
        for part, whole in shares
        if counts[part] is not None and counts[whole] is not None and figures.counts[whole] >= rules.enough
    )
    told = tuple(
        replace(mean, value=float(round(mean.value)), unit=1.0)
        for mean in means
        if counts[mean.of] is not None and figures.counts[mean.of] >= rules.enough
    )
    return replace(blank, counts=counts, shares=given, means=told)


__all__ = ["CannotHide", "Contradiction", "Hidden", "hide", "with_rests"]
