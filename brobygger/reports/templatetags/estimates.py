"""What the change in well-being is worth (S9): estimates side by side, the numbers behind it, a norm, and chance.

Everybody who left is in one of the estimates; what is assumed about the missing stands beside what was measured.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from brobygger.reports import measures, rules
from brobygger.reports.measures import Measured, Pairs
from brobygger.reports.rules import NONE, Cell, Table, name
from brobygger.reports.tables import Gathered
from brobygger.statistics import change, growth, small

#: If the missing changed by so many points on average, everybody who began did so much.
DELTAS = {"delta0": 0, "delta5": -5}
#: After how many months the line of growth is read.
MONTHS = {"growth6": 6, "growth12": 12}
DAYS_A_MONTH = 365.25 / 12
#: How alike two measures of one person are, weeks apart and half a year apart (outcomes.md 2.9).
ALIKE = {"weeks": change.WHO5_ICC, "half_year": 0.50}
BEHIND = ("start_sd", "end_sd", "change_sd", "correlation", "d_z", "g_av")


def every(got: Gathered) -> list[Table]:
    """Make what stands beside the change in well-being; a norm only where the house gives one."""
    rows = measures.well(got)
    norms = [each for each in got.settings.get("norms", ()) if each["instrument"] == measures.WELLBEING[0]]
    found = [_estimates(rows, got), _behind(measures.pairs(rows), got)]
    return [*found, _beside(rows, norms, got), _chance(norms)] if norms else found


# ---- Three estimates, and what is assumed of the missing ----


def _estimates(rows: Sequence[Measured], got: Gathered) -> Table:
    """Lay complete pairs, last available answers and the line of growth side by side, with the missing beside."""
    both = measures.pairs(rows)
    planned = measures.pairs(each for each in rows if _completed(each, got))
    last = _last(rows)
    table = Table("S9.estimates", ["complete", "planned", "last", *MONTHS, *DELTAS], ["both", "change"])
    table.measure, table.of = "who5", name("who5-both")
    names = {"complete": ("who5-both", {}), "planned": ("who5-both", {"how": "completed"}), "last": ("who5-last", {})}
    table.same = {(row, "both"): told for row, told in names.items()}
    for row, found in {"complete": both, "planned": planned, "last": last}.items():
        table.counts[row, "both"] = len(found)
        measures.means(table, row, found, ("change",), got.fewest)
    rest = len(both) - len(planned)
    table.tied("who5-both", {name("who5-both", how="completed"): len(planned), name("who5-both", how="not"): rest})
    _overlap(table, rows)
    _deltas(table, rows, got)
    _growth(table, rows, got)
    return table


def _completed(each: Measured, got: Gathered) -> bool:
    course = got.marks.get(each.kept.first.known_by, (None, None))[0]
    return course is not None and course.reason == "completed"


def _last(rows: Iterable[Measured]) -> Pairs:
    return [(each.start, each.kept.last.score) for each in rows if each.start is not None and each.kept.last]


def _overlap(table: Table, rows: Sequence[Measured]) -> None:
    """Say who is in both estimates: the one less the other tells of those with an answer on the way alone."""
    inside = sum(bool(each.pair and each.kept.last) for each in rows)
    shared = name("who5-last", end="yes")
    table.tied("who5-last", {shared: inside, name("who5-last", end="no"): len(_last(rows)) - inside})
    table.tied("who5-both", {shared: inside, name("who5-both", last="no"): len(measures.pairs(rows)) - inside})


def _deltas(table: Table, rows: Sequence[Measured], got: Gathered) -> None:
    """Say what everybody's change is if the missing changed by so much; from the mean as it is shown, and no closer."""
    both, lost = measures.pairs(rows), sum(each.start is not None and each.end is None for each in rows)
    enough = len(both) >= got.fewest
    exact = change.paired_change([one for one, _two in both], [two for _one, two in both]).mean if enough else 0.0
    table.tied("who5-before", {"who5-both": len(both), "who5-lost": lost})
    for row, delta in DELTAS.items():
        table.same = {**table.same, (row, "both"): ("who5-both", {}), (row, "lost"): ("who5-lost", {})}
        table.counts[row, "both"] = len(both)
        # Three, so that nobody takes it for a share.
        needs = ((row, "both"), (row, "lost"), (row, "both"))
        table.worked[row, "change"] = (needs, _delta(exact, both, lost, delta, enough))
        if enough:
            table.means[row, "change"] = exact


def _delta(exact: float, both: Pairs, lost: int, delta: float, enough: bool) -> Callable[[], Cell]:
    def make() -> Cell:
        if not enough:
            return dict(rules.FEW, of=len(both)) if both else dict(NONE)
        all_of_them = small.mean_if_missing(rules.whole(exact), len(both), lost, delta)
        return {"mean": rules.whole(all_of_them), "of": len(both) + lost}

    return make


def _growth(table: Table, rows: Sequence[Measured], got: Gathered) -> None:
    """Read the line through every answer of those who began; an uncertain fit is not printed."""
    answered = [each for each in rows if each.start is not None]
    line = _fitted(answered) if len(answered) >= got.fewest else None
    for row, months in MONTHS.items():
        table.same = {**table.same, (row, "both"): ("who5-before", {})}
        table.counts[row, "both"] = len(answered)
        table.worked[row, "change"] = (((row, "both"),), _read(line, months, len(answered), got.fewest))


def _fitted(rows: Iterable[Measured]) -> growth.Growth | None:
    told = [(at, one.day / DAYS_A_MONTH, one.score) for at, each in enumerate(rows) for one in each.kept.every]
    try:
        children, months, scores = zip(*told, strict=True)
        return growth.fit_growth(children, months, scores)
    except (small.TooFew, growth.Unconverged):
        return None


def _read(line: growth.Growth | None, months: int, of: int, fewest: int) -> Callable[[], Cell]:
    def make() -> Cell:
        if of < fewest:
            return dict(rules.FEW, of=of) if of else dict(NONE)
        if line is None:
            return dict(NONE)
        found = line.change_after(months)
        low, high = rules.whole(found.interval.lower), rules.whole(found.interval.upper)
        return {"mean": rules.whole(found.change), "low": low, "high": high, "of": of}

    return make


# ---- The numbers behind it ----


def _behind(both: Pairs, got: Gathered) -> Table:
    """Give the spreads, the correlation and the effect by two denominators, of the complete pairs."""
    table = Table("S9.behind", BEHIND, ["value"], of=name("who5-both"))
    table.unseen["who5-both"] = len(both)
    table.same = {("of", "both"): ("who5-both", {})}
    told = _numbers(both) if len(both) >= got.fewest else {}
    few = dict(rules.FEW, of=len(both)) if both and not told else dict(NONE)
    for row in BEHIND:
        table.worked[row, "value"] = ((("of", "both"),), _cell(told.get(row, few)))
    return table


def _cell(told: Cell) -> Callable[[], Cell]:
    return lambda: dict(told)


def _numbers(both: Pairs) -> Mapping[str, Cell]:
    starts, ends = [pair[0] for pair in both], [pair[1] for pair in both]
    found, of = change.paired_change(starts, ends), len(both)
    spreads = {"start_sd": found.start_sd, "end_sd": found.end_sd, "change_sd": found.sd}
    told: dict[str, Cell] = {key: {"value": rules.whole(value), "of": of} for key, value in spreads.items()}
    if not found.sd or not found.start_sd + found.end_sd:
        return told
    sizes = change.effect_sizes(starts, ends)
    effects = {"correlation": found.correlation, "d_z": sizes.d_z, "g_av": sizes.g_av}
    return told | {key: {"effect": round(value, 1), "of": of} for key, value in effects.items() if value is not None}


# ---- Beside a norm, and what chance alone would do ----


def _beside(rows: Sequence[Measured], norms: Sequence[Mapping[str, Any]], got: Gathered) -> Table:
    """Say how far children of a norm's ages lie from it at the start and at the end; in whole points."""
    table = Table("S9.norm", [_key(each) for each in norms], ["norm", "both", "start", "end"], measure="who5")
    table.plain, table.of = frozenset({"norm"}), name("who5-both")
    table.unseen["who5-both"] = len(measures.pairs(rows))
    for norm in norms:
        row = _key(norm)
        inside = [each for each in rows if _aged(each, norm)]
        both, outside = measures.pairs(inside), len(measures.pairs(rows)) - len(measures.pairs(inside))
        table.labels = {**table.labels, row: _told(norm)}
        table.worked[row, "norm"] = ((), _cell({"effect": round(float(norm["mean"]), 1)}))
        table.same = {**table.same, (row, "both"): ("who5-both", {"ages": row})}
        table.counts[row, "both"] = len(both)
        parts = {name("who5-both", ages=row): len(both), name("who5-both", ages=f"not.{row}"): outside}
        table.tied("who5-both", parts)
        measures.means(table, row, both, ("start", "end"), got.fewest)
        for at, column in enumerate(("start", "end")):
            table.worked[row, column] = (((row, "both"),), _apart([pair[at] for pair in both], norm, got.fewest))
    return table


def _key(norm: Mapping[str, Any]) -> str:
    return f"{norm['age_from']}-{norm['age_to']}.{norm['year']}"


def _told(norm: Mapping[str, Any]) -> rules.Text:
    ends, said = f"{norm['age_from']}-{norm['age_to']}", f"{norm['source']}, {norm['year']}"
    return {"da": f"{ends} år ({said})", "en": f"{ends} years ({said})"}


def _aged(each: Measured, norm: Mapping[str, Any]) -> bool:
    age = each.kept.first.age
    return age is not None and norm["age_from"] <= age <= norm["age_to"]


def _apart(scores: Sequence[float], norm: Mapping[str, Any], fewest: int) -> Callable[[], Cell]:
    """Take a norm from a mean as it is shown: another rounding would tell more of the mean."""

    def make() -> Cell:
        if len(scores) < fewest:
            return dict(rules.FEW, of=len(scores)) if scores else dict(NONE)
        told = change.Norm(float(norm["mean"]), norm["source"], norm["year"], _key(norm))
        found = change.benchmark(scores, told)
        reach = found.interval.upper - found.difference
        apart = rules.whole(found.group.mean) - told.mean
        ends = {"low": rules.whole(apart - reach), "high": rules.whole(apart + reach)}
        return {"mean": rules.whole(apart), **ends, "of": len(scores)}

    return make


def _chance(norms: Sequence[Mapping[str, Any]]) -> Table:
    """Say how much those who begin at or under a line would rise by themselves, by how alike two measures are."""
    spread = [each for each in norms if each.get("sd")]
    rows = [f"{line}.{_key(each)}" for each in spread for line in measures.LINES]
    table = Table("S9.chance", rows, list(ALIKE), plain=frozenset(ALIKE))
    for norm in spread:
        for line, most in measures.LINES.items():
            row = f"{line}.{_key(norm)}"
            said = rules.label("S9.chance", line) or {}
            told = {each: f"{said.get(each, line)}, {text}" for each, text in _told(norm).items()}
            table.labels = {**table.labels, row: told}
            for column, alike in ALIKE.items():
                rise = small.expected_regression(float(norm["mean"]), float(norm["sd"]), most, alike)
                table.counts[row, column] = {"effect": round(rise, 1)}
    return table
