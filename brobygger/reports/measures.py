"""The tables S9 and S10, did it help: answers put together by the written rule, means, changes, and lines crossed.

Plain values in, tables with their small numbers still in them out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from brobygger.statistics import change

from . import rules
from .rules import NOT_KNOWN, TOTAL, Cell, Table

BANDS = (*(key for key, _low, _high in rules.BANDS), NOT_KNOWN)
#: Well-being as children and young people say it of themselves; nobody else's answers are laid beside it.
WELLBEING = ("who5", "child", "self")
#: The lines of screening, and the bands of the picture by start.
LINES = {"low50": 50, "low35": 35}
STARTS = (("from0", 0, 35), ("from36", 36, 50), ("from51", 51, 100))
#: A later answer tells of a change only so many days after the first.
LATER = 42
MEANS = ("start", "end", "change", "effect")


@dataclass(frozen=True, slots=True)
class Kept:
    """The answers of one person to one instrument: the first of all, those of the start and the end, and the last."""

    first: Any
    start: Any
    end: Any
    #: The last that counts, so many days after the start that it tells of a change; none where there is none.
    last: Any = None
    every: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """One person asked by one instrument: the answer at the start and at the end, on 0 to 100, where there is one."""

    instrument: str
    #: "child" or "adult": whom it is about; "self" or "adult": who answered. Never mixed.
    about: str
    who: str
    band: str
    start: float | None
    end: float | None
    kept: Kept

    @property
    def kind(self) -> str:
        """Name what is laid beside each other."""
        return f"{self.instrument}.{self.about}.{self.who}"

    @property
    def pair(self) -> tuple[float, float] | None:
        """Both answers; none where one is missing."""
        return None if self.start is None or self.end is None else (self.start, self.end)


def kept_together(answers: Iterable[Any], said: Mapping[str, Any], period: rules.Period) -> list[Kept]:
    """Put the answers of the courses that ended in a period together, person by person, by the written rule.

    One course, one who it is about, one who answers, one version. *Start* is the first that counts within the days
    around the beginning, *end* the last within those around the end.
    """
    return [_kept(listed, said) for listed in _by_person(row for row in answers if row.ended in period)]


def _by_person(answers: Iterable[Any]) -> list[list[Any]]:
    kinds: dict[tuple[Any, ...], list[Any]] = {}
    for row in answers:
        if row.score is not None:
            kinds.setdefault((row.course, row.person, row.who, row.by, row.instrument, row.version), []).append(row)
    return [sorted(listed, key=lambda each: each.on) for listed in kinds.values()]


def _kept(listed: list[Any], said: Mapping[str, Any]) -> Kept:
    starts = [each for each in listed if said["start_from"] <= each.day <= said["start_to"]]
    ends = [each for each in listed if _at_end(each, said)]
    start, end = (starts[0] if starts else None), (ends[-1] if ends else None)
    last = listed[-1] if start and (listed[-1].on - start.on).days >= LATER else None
    return Kept(listed[0], start, None if start is end else end, last, tuple(listed))


def _at_end(row: Any, said: Mapping[str, Any]) -> bool:
    return row.from_end is not None and said["end_from"] <= row.from_end <= said["end_to"]


def people(answers: Iterable[Any], said: Mapping[str, Any], period: rules.Period) -> list[Measured]:
    """Say of each person and instrument what was answered at the start and at the end; once, whoever answered."""
    found: dict[tuple[Any, ...], Measured] = {}
    for each in kept_together(answers, said, period):
        kind = (each.first.instrument, each.first.about, each.first.who)
        ends = (each.start and each.start.score, each.end and each.end.score)
        one = Measured(*kind, rules.band(each.first.age), *ends, each)
        at = (each.first.course, each.first.person, *kind)
        if at not in found or _told(one) > _told(found[at]):
            found[at] = one
    return list(found.values())


def _told(one: Measured) -> tuple[bool, bool]:
    """Rank what stands for a person whom two grown-ups, or two versions, told of: a pair first, then a start."""
    return one.pair is not None, one.start is not None


def well(got: Any) -> list[Measured]:
    """Say of each child that answered itself how it was at the start and at the end, in the courses that ended."""
    return [each for each in got.measured if (each.instrument, each.about, each.who) == WELLBEING]


def starts(got: Any) -> dict[str, float]:
    """Give each child's own start by its mark: in all courses that ran, ended or not."""
    mine = (row for row in got.answers if (row.instrument, row.about, row.who) == WELLBEING)
    found: dict[str, float] = {}
    for listed in _by_person(mine):
        start = _kept(listed, got.asking).start
        if start is not None:
            found.setdefault(start.known_by, start.score)
    return found


def began(got: Any) -> dict[Any, str]:
    """Name the band of the start of the first child of each course that told one."""
    told = starts(got)
    found: dict[Any, str] = {}
    for mark, (course, _member) in got.marks.items():
        if mark in told:
            found.setdefault(course.ident, start_band(told[mark]))
    return found


def start_band(score: float) -> str:
    """Name the band a start lies in."""
    return next(key for key, low, high in STARTS if low <= score <= high)


Pairs = list[tuple[float, float]]


def every(got: Any) -> list[Table]:
    """Make all tables of what was measured at the start and at the end (S9, S10)."""
    rows, mine = got.measured, well(got)
    kinds = sorted({each.kind for each in rows} - {".".join(WELLBEING)})
    other = {kind: [each for each in rows if each.kind == kind] for kind in kinds}
    bands, labels = by_band(mine, 2 * got.fewest), {kind: named(got, kind) for kind in kinds}
    found = [_means("S9.wellbeing", "who5", by_band(mine, got.fewest), got.fewest), _changes(bands, got.fewest)]
    found += [*(_crossing(line, bands, got.fewest) for line in LINES), _lines(mine, got.fewest)]
    both = Counter(each.band for each in mine if each.pair)
    for table in found[:-1]:
        grouped(table, "who5-both", both)
    mastery = _means("S10.mastery", "other", other, got.fewest)
    moves = _moves(other, got)
    mastery.labels = moves.labels = labels
    return [*found, mastery, moves]


def named(got: Any, kind: str) -> rules.Text:
    """Name an instrument with whom it is about and who answered."""
    instrument, about, who = kind.split(".")
    title = got.labels("instruments").get(instrument) or {"da": instrument, "en": instrument}
    ends = rules.label("S10", f"{about}.{who}") or {}
    return {language: f"{title[language]}, {ends.get(language, about)}" for language in ("da", "en")}


def by_band(rows: Iterable[Measured], least: int) -> dict[str, list[Measured]]:
    """Part people by their age when the course began, with all of them at the end.

    An age stands alone where so many have both answers; the others stand together. Finer, almost nothing could be told.
    """
    found: dict[str, list[Measured]] = {band: [] for band in BANDS}
    for each in rows:
        found[each.band].append(each)
    parts = rules.together({band: len(pairs(listed)) for band, listed in found.items()}, least)
    # An age without a pair stands with the smallest part: left out, it would be what the rows lack of the total.
    if parts and (left := [band for band in found if found[band] and not any(band in part for part in parts)]):
        fewest = min(parts, key=lambda part: sum(len(pairs(found[band])) for band in part))
        parts = [*(part for part in parts if part != fewest), tuple(band for band in found if band in (*fewest, *left))]
    merged = {"+".join(part): [each for band in part for each in found[band]] for part in parts}
    return merged | {TOTAL: [each for listed in found.values() for each in listed]}


def grouped(table: Table, what: str, counted: Mapping[str, int]) -> None:
    """Name the ages that stand together, and say that their count is the sum of each of them."""
    for group in [row for row in table.rows if "+" in row]:
        table.labels = {**table.labels, group: dict(rules.label("S9", "rest") or {})}
        parts = {rules.name(what, group=band): counted.get(band, 0) for band in group.split("+")}
        table.tied(rules.name(what, group=group), parts)


def pairs(rows: Iterable[Measured]) -> Pairs:
    """Give both answers of those who have both."""
    return [each.pair for each in rows if each.pair]


def added(groups: Mapping[str, Any]) -> frozenset[str]:
    """Say whether the last row is the sum of the others."""
    return frozenset({"rows"} if TOTAL in groups and len(groups) > 1 else ())


def where(group: str) -> dict[str, str]:
    """Say which group a count is of; all of them needs no word."""
    return {} if group == TOTAL else {"group": group}


# ---- Means ----


def _means(key: str, what: str, groups: dict[str, list[Measured]], fewest: int) -> Table:
    """Give the means at both ends and the change of each group, with how many there are and how many have no end."""
    table = Table(key, list(groups), ["before", "both", "lost", *MEANS])
    table.sums, table.measure = added(groups), what
    for group, rows in groups.items():
        before, both = sum(each.start is not None for each in rows), pairs(rows)
        counted = {"before": before, "both": len(both), "lost": before - len(both)}
        table.same = {**table.same, **{(group, at): (f"{what}-{at}", where(group)) for at in counted}}
        table.counts |= {(group, at): n for at, n in counted.items()}
        table.tied(table.name((group, "before")), {table.name((group, at)): counted[at] for at in ("both", "lost")})
        means(table, group, both, MEANS, fewest)
    if TOTAL in groups:
        table.of, table.missing = (TOTAL, "both"), (TOTAL, "lost")
    return table


def means(table: Table, row: str, both: Pairs, columns: Iterable[str], fewest: int) -> None:
    """Put means of a row's pairs into a table, and what each is exactly, for the attacker to try."""
    for column in columns:
        table.worked[row, column] = (((row, "both"),), mean(column, both, fewest))
    if len(both) >= fewest:
        found = change.paired_change([pair[0] for pair in both], [pair[1] for pair in both])
        exact = {"start": found.start_mean, "end": found.end_mean, "change": found.mean}
        table.means |= {(row, column): exact[column] for column in columns if column in exact}


def mean(what: str, both: Pairs, fewest: int) -> Callable[[], Cell]:
    """Make a mean of pairs in whole points; an effect has one decimal, for it is no person's number."""

    def make() -> Cell:
        if len(both) < fewest:
            return dict(rules.FEW, of=len(both)) if both else dict(rules.NONE)
        starts, ends = [pair[0] for pair in both], [pair[1] for pair in both]
        found = change.paired_change(starts, ends)
        if what == "effect":
            if not found.sd or not found.start_sd + found.end_sd:
                return dict(rules.NONE)
            return {"effect": round(change.effect_sizes(starts, ends).g_av, 1), "of": len(both)}
        if what == "change":
            low, high = rules.whole(found.interval.lower), rules.whole(found.interval.upper)
            return {"mean": rules.whole(found.mean), "low": low, "high": high, "of": len(both)}
        return {"mean": rules.whole(found.start_mean if what == "start" else found.end_mean), "of": len(both)}

    return make


def average(values: list[float], fewest: int) -> Callable[[], Cell]:
    """Make a mean of single answers in whole points."""

    def make() -> Cell:
        if len(values) < fewest:
            return dict(rules.FEW, of=len(values)) if values else dict(rules.NONE)
        return {"mean": rules.whole(sum(values) / len(values)), "of": len(values)}

    return make


# ---- Up, the same and down ----


def _changes(groups: dict[str, list[Measured]], fewest: int) -> Table:
    """Count who went up, stayed and went down, and the share of each; up never without down beside it."""
    shares = {"up_share": "up", "same_share": "same", "down_share": "down", "far_up_share": "far_up"}
    shares |= {"far_down_share": "far_down"}
    table = Table("S9.change", list(groups), ["up", "same", "down", TOTAL, "far_up", "far_down", *shares])
    table.sums, table.of = added(groups) | {"columns"}, (TOTAL, TOTAL)
    table.apart = frozenset({"far_up", "far_down"})
    for group, rows in groups.items():
        moved = [end - start for start, end in pairs(rows)]
        _moved(table, group, "who5-both", moved, change.WHO5_RELEVANT)
        for way, sign in (("up", 1), ("down", -1)):
            far = sum(sign * each >= change.WHO5_RELIABLE for each in moved)
            table.counts[group, f"far_{way}"] = far
            near = rules.name("who5-near", way=way, **where(group))
            table.same = {**table.same, (group, f"far_{way}"): ("who5-far", {"way": way, **where(group)})}
            whole = table.name((group, way))
            table.tied(whole, {table.name((group, f"far_{way}")): far, near: int(table.counts[group, way]) - far})
        for column, of in shares.items():
            needs = ((group, of), (group, TOTAL))
            table.worked[group, column] = (needs, rules.shared(int(table.counts[group, of]), len(moved), fewest))
    return table


def _moved(table: Table, group: str, what: str, moved: list[float], relevant: float | None) -> None:
    """Count changes of as many points as make one, or of any where the instrument says nothing of it."""
    up = sum(each >= relevant if relevant else each > 0 for each in moved)
    down = sum(each <= -relevant if relevant else each < 0 for each in moved)
    told = {"up": up, "same": len(moved) - up - down, "down": down}
    table.counts |= {(group, way): n for way, n in told.items()} | {(group, TOTAL): len(moved)}
    ways = {(group, way): (what, {"way": way, **where(group)}) for way in told}
    table.same = {**table.same, **ways, (group, TOTAL): (what, where(group))}


def _moves(groups: dict[str, list[Measured]], got: Any) -> Table:
    """Count who went up, stayed and went down on each other instrument (S10)."""
    shares = {f"{way}_share": way for way in ("up", "same", "down")}
    table = Table("S10.change", list(groups), ["up", "same", "down", TOTAL, *shares], sums=frozenset({"columns"}))
    for kind, rows in groups.items():
        moved = [end - start for start, end in pairs(rows)]
        _moved(table, kind, "other-both", moved, got.relevant.get(kind.partition(".")[0]))
        for column, of in shares.items():
            needs = ((kind, of), (kind, TOTAL))
            table.worked[kind, column] = (needs, rules.shared(int(table.counts[kind, of]), len(moved), got.fewest))
    return table


# ---- Lines crossed ----


def _crossing(line: str, groups: dict[str, list[Measured]], fewest: int) -> Table:
    """Count who lay at or below a line of screening at the start and at the end, and who crossed it which way."""
    shares = {"up_share": ("crossed_up", "at_start"), "down_share": ("crossed_down", "above_start")}
    columns = ["at_start", "above_start", "at_end", "crossed_up", "crossed_down"]
    table = Table(f"S9.{line}", list(groups), [*columns, *shares], sums=added(groups))
    table.of = rules.name("who5-both")
    for group, rows in groups.items():
        both, most = pairs(rows), LINES[line]
        low = {at: sum(pair[place] <= most for pair in both) for place, at in enumerate(("at_start", "at_end"))}
        up = sum(start <= most < end for start, end in both)
        down = sum(end <= most < start for start, end in both)
        counted = {**low, "above_start": len(both) - low["at_start"], "crossed_up": up, "crossed_down": down}
        table.counts |= {(group, column): counted[column] for column in columns}
        table.same = {**table.same, **{(group, at): (f"who5-{line}", {"at": at, **where(group)}) for at in columns}}
        _crossed(table, group, line, counted, len(both))
        for column, (part, whole) in shares.items():
            needs = ((group, part), (group, whole))
            table.worked[group, column] = (needs, rules.shared(counted[part], counted[whole], fewest))
        if group == TOTAL:
            _begun(table, line, both)
    return table


def _crossed(table: Table, group: str, line: str, counted: dict[str, int], both: int) -> None:
    """Say how the counts at both ends hang together: who stayed where they were makes up the rest."""
    at = {column: table.name((group, column)) for column in counted}
    low, high = (rules.name(f"who5-{line}", stayed=end, **where(group)) for end in ("low", "high"))
    up, down = counted["crossed_up"], counted["crossed_down"]
    stayed = {low: counted["at_start"] - up, high: counted["above_start"] - down}
    every = rules.name("who5-both", **where(group))
    table.tied(at["at_start"], {at["crossed_up"]: up, low: stayed[low]})
    table.tied(at["above_start"], {at["crossed_down"]: down, high: stayed[high]})
    table.tied(at["at_end"], {at["crossed_down"]: down, low: stayed[low]})
    table.tied(every, {at["at_start"]: counted["at_start"], at["above_start"]: counted["above_start"]})


def _begun(table: Table, line: str, both: Pairs) -> None:
    """Say that who lay low at the start are the lowest bands of the picture: one number, whoever shows it."""
    parts = {
        rules.name("who5-both", began=key): sum(low <= start <= high for start, _end in both)
        for key, low, high in STARTS
        if high <= LINES[line]
    }
    table.tied(table.name((TOTAL, "at_start")), parts)


def _lines(rows: Iterable[Measured], fewest: int) -> Table:
    """Give the means at both ends by three bands of start: what the picture is drawn from; no line per person."""
    both = pairs(rows)
    inside = {key: [pair for pair in both if low <= pair[0] <= high] for key, low, high in STARTS} | {TOTAL: both}
    table = Table("S9.lines", list(inside), ["both", "start", "end"], sums=frozenset({"rows"}), of=(TOTAL, "both"))
    table.what, table.dims, table.measure = "who5-both", ("began", ""), "who5"
    for group, found in inside.items():
        table.counts[group, "both"] = len(found)
        means(table, group, found, ("start", "end"), fewest)
    return table
