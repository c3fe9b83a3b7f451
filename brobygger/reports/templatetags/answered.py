"""The tables of who was measured and who was not (S11), and of what it has meant (S12)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from brobygger.reports import measures, rules
from brobygger.reports.measures import WELLBEING, where
from brobygger.reports.rules import NOT_KNOWN, TOTAL, Table, name
from brobygger.reports.tables import BANDS, Gathered

from .stays import visits
from .waits import middle

#: What became of a child who was to be asked how it is: the columns of the drop-out table.
FATES = ("pairs", "no_end", "in_course", "no_start")
#: What became of questions that were not answered; who said no thanks, by why.
STATES = ("due", "missed", "stopped", "declined", "left", "not_reached", "too_young", "not_relevant", "skipped")
#: What is asked once, at the end: what has it meant. One question of it is counted, by whom it is about and who said.
BENEFIT, HELPED = "benefit", "helped"
SAID = ("child.self", "child.adult", "adult.self")


def every(got: Gathered) -> list[Table]:
    """Make the tables of who was measured, who was not and why, and of what it has meant."""
    children, measured = _children(got), _measured(got)
    found = [measured, _fates(children, got.fewest), _described(children, measured, got)]
    return [*found, _why(got.rounds), _benefit(got)]


# ---- S11: nobody drops out in silence ----


def _kinds(got: Gathered) -> dict[str, set[str]]:
    """Name everybody who was asked at all in the courses that ended, by what they were asked."""
    found: dict[str, set[str]] = {}
    for each in got.asked:
        course, member = got.marks.get(each.mark, (None, None))
        if course is None or course.ended_on not in got.period:
            continue
        about = "child" if course.is_child(member) else "adult"
        for key in each.instruments:
            if key != BENEFIT:
                found.setdefault(f"{key}.{about}.{each.who}", set()).add(each.mark)
    return found


def _measured(got: Gathered) -> Table:
    """Count of the courses that ended who was asked at all, who answered at the start, at the end, and both times."""
    asked, answered = _kinds(got), got.measured
    rows = sorted(set(asked) | {each.kind for each in answered})
    table = Table("S11.measured", rows, ["asked", "at_start", "at_end", "both", "neither"])
    table.labels = {kind: measures.named(got, kind) for kind in rows}
    for kind in rows:
        mine = [each for each in answered if each.kind == kind]
        both = sum(each.pair is not None for each in mine)
        start, end = sum(each.start is not None for each in mine), sum(each.end is not None for each in mine)
        everybody = len(asked.get(kind, set()) | {each.kept.first.known_by for each in mine})
        counted = {"asked": everybody, "at_start": start, "at_end": end, "both": both}
        counted["neither"] = everybody - start - end + both
        _tied(table, kind, counted)
    return table


def _tied(table: Table, kind: str, counted: dict[str, int]) -> None:
    """Put a row in, and say how its counts hang together, and with those of well-being and life mastery."""
    mine = kind == ".".join(WELLBEING)
    what, of = ("who5", {}) if mine else ("other", {"group": kind})
    same = {"both": f"{what}-both", "at_start": f"{what}-before"}
    named = {column: (same.get(column, f"{what}-{column}"), of) for column in counted}
    table.same = {**table.same, **{(kind, column): told for column, told in named.items()}}
    table.counts |= {(kind, column): n for column, n in counted.items()}
    at = {column: table.name((kind, column)) for column in counted}
    start, end, both = counted["at_start"], counted["at_end"], counted["both"]
    lost, late = name(f"{what}-lost", **of), name(f"{what}-late", **of)
    table.tied(at["at_start"], {at["both"]: both, lost: start - both})
    table.tied(at["at_end"], {at["both"]: both, late: end - both})
    table.tied(at["asked"], {at["at_start"]: start, late: end - both, at["neither"]: counted["neither"]})


@dataclass(frozen=True)
class Child:
    """A child who was to be asked how it is: what became of it, its age band, its course, and its start."""

    fate: str
    band: str
    course: Any
    start: float | None


def _children(got: Gathered) -> list[Child]:
    """Say of each child who was to be asked how it is, in a course that ran, what became of it."""
    ended = {each.kept.first.known_by: each for each in measures.well(got)}
    begun = measures.starts(got)
    asked = {each.mark for each in got.asked if _of_wellbeing(each, got)} | set(ended) | set(begun)
    found = []
    for mark in sorted(asked & set(got.marks)):
        course, member = got.marks[mark]
        fate = _fate(course.ended_on in got.period, ended.get(mark), mark in begun)
        found.append(Child(fate, rules.band(course.age_of(member)), course, begun.get(mark)))
    return found


def _of_wellbeing(each: Any, got: Gathered) -> bool:
    course, member = got.marks.get(each.mark, (None, None))
    return WELLBEING[0] in each.instruments and each.who == "self" and course is not None and course.is_child(member)


def _fate(over: bool, pair: Any, begun: bool) -> str:
    if not begun:
        return "no_start"
    return "in_course" if not over else "pairs" if pair is not None and pair.pair else "no_end"


def _fates(children: Sequence[Child], fewest: int) -> Table:
    """Cross the age of every child who was to be asked with what became of it: the drop-out table."""
    bands = Counter(each.band for each in children)
    parts = rules.together({band: bands[band] for band in (*BANDS, NOT_KNOWN)}, 2 * fewest)
    group = {band: "+".join(part) for part in parts for band in part}
    pairs = [(group.get(each.band, ""), each.fate) for each in children]
    rows = list(dict.fromkeys(group.values()))
    table = rules.cross("S11.fate", pairs, rows or [""], FATES, "who5-children", ("group", "fate"))
    table.rows = [*rows, TOTAL]
    table.counts = {at: n for at, n in table.counts.items() if at[0] in table.rows}
    table.sums = frozenset({"rows", "columns"} if rows else {"columns"})
    shared = {"pairs": "who5-both", "no_end": "who5-lost"}
    table.same = {(row, fate): (what, where(row)) for row in table.rows for fate, what in shared.items()}
    table.missing = (TOTAL, "no_start")
    for fate, what in shared.items():
        measures.grouped(table, what, Counter(each.band for each in children if each.fate == fate))
    return table


def _described(children: Sequence[Child], measured: Table, got: Gathered) -> Table:
    """Set the children of each fate beside each other: their start, how often the family came, how long it has run."""
    came = visits(got)
    table = Table("S11.described", FATES, ["both", "start", "times", "days"], measure="who5", of="who5-children")
    named = {"pairs": "who5-both", "no_end": "who5-lost"}
    for fate in FATES:
        mine = [each for each in children if each.fate == fate]
        what = (named[fate], {}) if fate in named else ("who5-children", {"fate": fate})
        table.same = {**table.same, (fate, "both"): what}
        table.counts[fate, "both"] = len(mine)
        starts = [each.start for each in mine if each.start is not None]
        if fate != "no_start":
            table.worked[fate, "start"] = (((fate, "both"),), measures.average(starts, got.fewest))
        if len(starts) >= got.fewest:
            table.means[fate, "start"] = sum(starts) / len(starts)
        days = [(min(each.course.ended_on or got.on, got.period.last) - each.course.opened_on).days for each in mine]
        times = [came[each.course.ident] for each in mine]
        table.worked[fate, "times"] = (((fate, "both"),), middle(times, got, 0.5))
        table.worked[fate, "days"] = (((fate, "both"),), middle(days, got, 0.5))
    table.tied("who5-children", {table.name((fate, "both")): int(table.counts[fate, "both"]) for fate in FATES})
    _without_start(table, children, measured, got)
    return table


def _without_start(table: Table, children: Sequence[Child], measured: Table, got: Gathered) -> None:
    """Say that who has no start are those of the courses that ended, told elsewhere, and those of courses that run."""
    runs = sum(each.fate == "no_start" and each.course.ended_on not in got.period for each in children)
    mine = ".".join(WELLBEING)
    if mine in measured.rows:
        late = int(measured.counts[mine, "at_end"]) - int(measured.counts[mine, "both"])
        parts = {"who5-late": late, "who5-neither": int(measured.counts[mine, "neither"])}
        without = name("who5-children", fate="no_start")
        table.tied(without, {**parts, name("who5-children", fate="no_start", now="runs"): runs})


def _why(rows: Iterable[Any]) -> Table:
    """Count what became of what was not answered, at the start and at the end; a no thanks by why."""
    left = [each for each in rows if each.moment in ("start", "end") and each.state != "done"]
    pairs = [(each.why_not or each.state, each.moment) for each in left]
    return rules.cross("S11.why", pairs, STATES, ["start", "end"], "unanswered", ("state", "moment"))


# ---- S12: what it has meant ----


def _benefit(got: Gathered) -> Table:
    """Count the answers to what it has meant, step by step: what a child said of itself, and what a grown-up said."""
    rows = [each for each in got.answers if each.instrument == BENEFIT and each.on in got.period]
    told = [(f"{each.about}.{each.who}", each.answers.get(HELPED)) for each in rows]
    given = Counter((who, str(value)) for who, value in told if isinstance(value, int))
    labels = {key: label for key, label in got.words.get("benefit", ())}
    steps = got.used("benefit", (value for _who, value in given))
    shown = [who for who in SAID if who == SAID[0] or any(by == who for by, _value in told)]
    columns = [column for who in shown for column in (who, f"{who}.share")]
    table = Table("S12.benefit", [*steps, TOTAL], columns, sums=frozenset({"rows"}), labels=labels)
    table.labels = {**labels, **{who: rules.label("S12", who) or {} for who in shown}}
    every = 0
    for who in shown:
        of = sum(given[who, step] for step in steps)
        every += of
        named = {(step, who): ("benefit", {"step": step, "who": who}) for step in steps}
        table.same = {**table.same, **named, (TOTAL, who): ("benefit", {"who": who})}
        table.counts |= {(step, who): given[who, step] for step in steps} | {(TOTAL, who): of}
        for step in steps:
            needs = ((step, who), (TOTAL, who))
            table.worked[step, f"{who}.share"] = (needs, rules.shared(given[who, step], of, got.fewest))
    table.of, table.missing = "benefit", name("benefit", left="out")
    table.tied("benefit", {name("benefit", who=who): int(table.counts[TOTAL, who]) for who in shown})
    table.tied(name("benefit", all="asked"), {"benefit": every, table.missing: len(told) - every})
    return table
