"""The tables of drop-out and dosage (S7, S8): who completed and who stopped, when, and how much they came."""

from collections import Counter
from typing import Any

from brobygger.reports import measures, rules
from brobygger.reports.rules import NOT_KNOWN, TOTAL, Table, name
from brobygger.reports.tables import BANDS, GROUPS, Gathered, banded
from brobygger.statistics import survival

from .waits import middle

#: Since a course began, the last day of each row; the last row has none.
STAYED = (("0-30", 30), ("31-91", 91), ("92-182", 182), ("183-365", 365), ("366+", None))
#: What a course that began has come to; one that runs is seen until the day the figures are made.
RUNS = "runs"


def drop_out(got: Gathered) -> list[Table]:
    """Set who completed beside who stopped, of the courses that ended: by who they are and by what they used (S7)."""
    came = visits(got)
    by_dose = _cross(got, "S7.meetings", rules.dose_rows(), "times", lambda each: rules.dose(came[each.ident]))
    by_dose.rows = [*by_dose.rows, "median"]
    for how in (*rules.ENDED, TOTAL):
        times = [came[each.ident] for each in got.over if how in (rules.ending(each.reason), TOTAL)]
        by_dose.worked["median", how] = (((TOTAL, how),), middle(times, got, 0.5))
    return [
        *(_cross(got, "S7.age", [*BANDS, NOT_KNOWN], "band", banded), _by_form(got), by_dose, _by_start(got)),
        *(_reasons(got), _stay(got)),
    ]


def _cross(got: Gathered, key: str, rows: list[str], dim: str, of: Any) -> Table:
    """Cross the courses that ended by something with how they ended, with the share who stopped."""
    pairs = [(of(each), rules.ending(each.reason)) for each in got.over]
    table = rules.cross(key, pairs, rows, rules.ENDED, "ended", (dim, "how"))
    table.columns = [*table.columns, "share"]
    for row in table.rows:
        stopped, every = int(table.counts[row, "stopped"]), int(table.counts[row, TOTAL])
        needs = ((row, "stopped"), (row, TOTAL))
        table.worked[row, "share"] = (needs, rules.shared(stopped, every, got.fewest))
    return table


def forms(got: Gathered) -> dict[Any, str]:
    """Name the kind of group the people of each course have had a seat in; "several", or "none"."""
    kinds: dict[Any, set[str]] = {each.ident: set() for each in got.courses}
    for member, found in got.forms.items():
        if member in got.members:
            kinds[got.members[member].ident].update(found)
    return {
        ident: "none" if not found else "several" if len(found) > 1 else min(found) for ident, found in kinds.items()
    }


def visits(got: Gathered) -> Counter[Any]:
    """Count how often the people of each course came to a group, in the whole course until the period was over."""
    came: Counter[Any] = Counter()
    for each in got.visits:
        if each.member in got.members:
            came[got.members[each.member].ident] += each.times
    return came


def _by_form(got: Gathered) -> Table:
    found = forms(got)
    return _cross(got, "S7.form", [*GROUPS, "several", "none"], "form", lambda each: found[each.ident])


def _by_start(got: Gathered) -> Table:
    """Cross how a child itself said it was at the start with how the course ended; the first child that said."""
    began = measures.began(got)
    rows = [*(key for key, _low, _high in measures.STARTS), "unmeasured"]
    table = _cross(got, "S7.start", rows, "began", lambda each: began.get(each.ident, "unmeasured"))
    table.missing = ("unmeasured", TOTAL)
    # Of a course with two children who said it, one counts here and both in well-being.
    told = len(got.over) - int(table.counts["unmeasured", TOTAL])
    every = sum(each.start is not None for each in measures.well(got))
    if every >= told:
        table.tied(
            "ended", {table.name(("unmeasured", TOTAL)): len(got.over) - told, name("ended", began="told"): told}
        )
        table.tied("who5-before", {name("ended", began="told"): told, name("who5-before", of="again"): every - told})
    return table


def _reasons(got: Gathered) -> Table:
    reasons = ["completed", "family_stopped", "no_contact", "moved", "other_help", "handed_over", "other", NOT_KNOWN]
    counted = Counter(each.reason or NOT_KNOWN for each in got.over)
    why = Table("S7.reason", [*reasons, TOTAL], ["n"], sums=frozenset({"rows"}), of=(TOTAL, "n"))
    why.what, why.dims, why.missing = "ended", ("reason", ""), (NOT_KNOWN, "n")
    why.same = {("completed", "n"): ("ended", {"how": "completed"})}
    for how in rules.ENDED[1:]:
        inside = [key for key in reasons[1:] if rules.ending(key) == how]
        why.tied(name("ended", how=how), {why.name((key, "n")): counted[key] for key in inside})
    why.counts = {(key, "n"): counted[key] for key in reasons} | {(TOTAL, "n"): len(got.over)}
    return why


def _stay(got: Gathered) -> Table:
    """Count when the courses that began were stopped, and the share of them that had been by then.

    Done together is an ending of its own, and not a longer stay (Aalen-Johansen): who completes can stop no more.
    """
    days = [(min(each.ended_on or got.on, got.on) - each.opened_on).days for each in got.begun]
    endings = [rules.ending(each.reason) if each.ended_on else RUNS for each in got.begun]
    stopped = Counter(_row(stayed) for stayed, how in zip(days, endings, strict=True) if how == "stopped")
    rows, whole = [key for key, _last in STAYED], {"now": "stopped"}
    table = Table("S7.stay", [*rows, TOTAL], ["stopped", "gone"], sums=frozenset({"rows"}), of="begun")
    table.same = {(row, "stopped"): ("begun", {**whole, "stayed": row}) for row in rows}
    table.same = {**table.same, (TOTAL, "stopped"): ("begun", whole)}
    table.counts = {(row, "stopped"): stopped[row] for row in rows} | {(TOTAL, "stopped"): stopped.total()}
    table.tied("begun", {name("begun", now=how): endings.count(how) for how in (*rules.ENDED, RUNS)})
    if days:
        curve = survival.cumulative_incidence(days, [None if how == RUNS else how for how in endings], "stopped")
        for at, (row, last) in enumerate(STAYED):
            needs = [(each, "stopped") for each in (*rows[: at + 1], TOTAL)]
            table.worked[row, "gone"] = ((*needs, (TOTAL, "stopped")), _gone(curve, last, days, got))
    return table


def _row(stayed: int) -> str:
    return next(key for key, last in STAYED if last is None or stayed <= last)


def _gone(curve: survival.Curve, last: int | None, days: list[int], got: Gathered) -> Any:
    def make() -> rules.Cell:
        left = sum(day >= last for day in days) if last is not None else 0
        if len(days) < got.fewest or left < got.threshold:
            return dict(rules.FEW, of=len(days)) if last is not None else dict(rules.NONE)
        point = curve.at(last or 0)
        cell = {"share": rules.whole(point.estimate * 100), "of": len(days)}
        between = point.interval
        low, high = (between.lower, between.upper) if between else (point.estimate, point.estimate)
        return cell | {"low": rules.whole(low * 100), "high": rules.whole(high * 100)}

    return make


def dosage(got: Gathered) -> list[Table]:
    """Count how often people came before their seat ended, by kind of group (S8)."""
    over = [each for each in got.seats if each.state == "left" and each.ended_on in got.period]
    pairs = [(rules.dose(each.came), each.kind) for each in over]
    table = rules.cross("S8.dose", pairs, rules.dose_rows(), GROUPS, "seats-ended", ("times", "kind"))
    table.rows = [*table.rows, "median"]
    for kind in (*GROUPS, TOTAL):
        times = [each.came for each in over if kind in (each.kind, TOTAL)]
        table.worked["median", kind] = (((TOTAL, kind),), middle(times, got, 0.5))
    return [table]
