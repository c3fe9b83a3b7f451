"""The tables of waiting (S6): promises kept, first talks offered, and how long people waited for a seat."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from brobygger.reports import rules
from brobygger.reports.rules import NOT_KNOWN, TOTAL, Table, name
from brobygger.reports.tables import CHANNELS, Gathered, not_kept
from brobygger.statistics import survival

#: On which days after they began to wait the curve is told.
GRID = tuple(range(0, 365, 14))
#: When a first talk was offered to a family that was sent on to us.
TALKS = ("in_time", "late", "too_late", "none", "still")
WAITS = ("seated", "withdrawn", "other", "still")


def waiting(got: Gathered) -> list[Table]:
    """Count promises kept by month and channel, first talks offered in time, and how long people waited (S6)."""
    return [_replies(got), _by_channel(got), _talks(got), _talks_by_month(got), _seats(got), _not_kept()]


def _not_kept() -> Table:
    return not_kept("S6.not_kept", "hours_to_reply", "days_to_talk", "talk_unsent")


def _promise_row(table: Table, row: str, kept: int, due: int, fewest: int) -> None:
    table.counts |= {(row, TOTAL): due, (row, "kept"): kept, (row, "not_kept"): due - kept}
    table.worked[row, "share"] = (((row, "kept"), (row, TOTAL)), rules.shared(kept, due, fewest))


def _promises(key: str, rows: Sequence[str], dim: str) -> Table:
    columns, both = ["kept", "not_kept", TOTAL, "share"], frozenset({"rows", "columns"})
    return Table(key, [*rows, TOTAL], columns, sums=both, of=(TOTAL, TOTAL), what="replies", dims=(dim, "how"))


def _replies(got: Gathered) -> Table:
    months = got.period.months
    table = _promises("S6.reply", list(months), "month")
    for month, weeks in [*months.items(), (TOTAL, got.period.weeks)]:
        found = [got.promises.get(week, (0, 0)) for week in weeks]
        _promise_row(table, month, sum(kept for kept, _of in found), sum(of for _kept, of in found), got.fewest)
    return table


def _by_channel(got: Gathered) -> Table:
    """Count promises by how people came; of a family that has said its name, how is not kept."""
    kept, due = Counter[str](), Counter[str]()
    for (_week, how, _door, _band, promise), n in got.arrived.items():
        channel = how if how in CHANNELS else NOT_KNOWN
        kept[channel] += n * (promise == "kept")
        due[channel] += n * (promise != "none")
    every = [got.promises.get(week, (0, 0)) for week in got.period.weeks]
    told = sum(held for held, _of in every), sum(of for _held, of in every)
    kept[NOT_KNOWN] += told[0] - kept.total()
    due[NOT_KNOWN] += told[1] - due.total()
    table = _promises("S6.channel", CHANNELS, "channel")
    for channel in CHANNELS:
        _promise_row(table, channel, kept[channel], due[channel], got.fewest)
    _promise_row(table, TOTAL, *told, got.fewest)
    return table


def _talks(got: Gathered) -> Table:
    counted = {how: sum(found.get(how, 0) for found in got.talks.values()) for how in TALKS}
    every = sum(counted.values())
    table = Table("S6.talk", [*TALKS, TOTAL], ["n", "share"], sums=frozenset({"rows"}), of=(TOTAL, "n"))
    table.what, table.dims, table.missing = "talks", ("how", ""), ("still", "n")
    table.counts = {(how, "n"): n for how, n in counted.items()} | {(TOTAL, "n"): every}
    for how, n in counted.items():
        table.worked[how, "share"] = (((how, "n"), (TOTAL, "n")), rules.shared(n, every, got.fewest))
    return table


def _talks_by_month(got: Gathered) -> Table:
    """Count first talks month by month, with the share offered by either day of the promise."""
    table = Table("S6.talks", [*got.talks, TOTAL], [*TALKS, TOTAL, "by_goal", "by_last"])
    table.sums, table.of = frozenset({"rows", "columns"}), (TOTAL, TOTAL)
    table.what, table.dims, table.missing = "talks", ("month", "how"), (TOTAL, "still")
    for month in table.rows:
        found = list(got.talks.values()) if month == TOTAL else [got.talks[month]]
        counted = {how: sum(each.get(how, 0) for each in found) for how in TALKS}
        every = sum(counted.values())
        table.counts |= {(month, how): n for how, n in counted.items()} | {(month, TOTAL): every}
        goal, whole = (month, "in_time"), (month, TOTAL)
        first, both = counted["in_time"], counted["in_time"] + counted["late"]
        table.worked[month, "by_goal"] = ((goal, whole), rules.shared(first, every, got.fewest))
        table.worked[month, "by_last"] = ((goal, (month, "late"), whole), rules.shared(both, every, got.fewest))
    return table


# ---- Waiting for a seat ----


def days_waited(got: Gathered) -> tuple[list[int], list[str | None]]:
    """Give how long each who began to wait in the period has waited, and how it ended; still waiting is None."""
    days, endings = [], []
    for each in got.waits:
        if each.since in got.period:
            until = min(each.ended_on or got.on, got.on)
            days.append(max(0, (until - each.since).days))
            endings.append(each.outcome or None)
    return days, endings


def _seats(got: Gathered) -> Table:
    days, endings = days_waited(got)
    table = Table("S6.seat", [*WAITS, TOTAL], ["n", "median", "p90"], sums=frozenset({"rows"}), of=(TOTAL, "n"))
    table.what, table.dims, table.missing = "waits", ("how", ""), ("still", "n")
    for row in WAITS:
        chosen = [day for day, how in zip(days, endings, strict=True) if (how or "still") == row]
        table.counts[row, "n"] = len(chosen)
        for column, fraction in (("median", 0.5), ("p90", 0.9)) if row != "other" else ():
            table.worked[row, column] = (((row, "n"),), middle(chosen, got, fraction))
    table.counts[TOTAL, "n"] = len(days)
    # What the curve tells: how many had a seat by each day it rises on. So two reports are compared by it, too.
    for day, seated in _rises(got).items():
        after = table.counts["seated", "n"] - seated
        by, later = name("waits", how="seated", until=str(day)), name("waits", how="seated", after=str(day))
        table.tied(name("waits", how="seated"), {by: seated, later: after})
    return table


def rests_on(got: Gathered) -> list[str]:
    """Name the counts the curve would tell: while one of them is hidden, there is no curve."""
    days = [name("waits", how="seated", until=str(day)) for day in _rises(got)]
    return [name("waits"), *(name("waits", how=how) for how in WAITS), *days]


def middle(values: Sequence[float], got: Gathered, fraction: float) -> Callable[[], rules.Cell]:
    """Give a percentile once nothing it rests on is hidden."""
    return lambda: rules.middle(values, got.fewest, fraction, got.threshold)


def waiting_curve(got: Gathered) -> dict[str, Any] | None:
    """Give the share who had a seat by day, told on a coarse grid; none when fewer than ten began to wait.

    Who went away is counted as gone, not as waiting on (Aalen-Johansen): the plain curve would promise too much. The
    curve rises only when so many more have a seat that nobody is picked out, and so many get one later; none when an
    ending itself is a small one.
    """
    days, endings = days_waited(got)
    if len(days) < got.fewest or any(0 < n < got.threshold for n in Counter(endings).values()):
        return None
    curve = survival.cumulative_incidence(days, endings, "seated")
    rises, share, points = _rises(got), 0, []
    for day, left in zip(GRID, survival.number_at_risk(days, GRID), strict=True):
        if left < got.threshold:
            break
        if day in rises:
            share = rules.whole(curve.at(day).estimate * 100)
        points.append({"day": day, "share": share, "left": left // 5 * 5})
    half = next((point["day"] for point in points if point["share"] >= 50), None)
    return {"key": "S6.curve", "points": points, "of": len(days), "half": half}


def _rises(got: Gathered) -> dict[int, int]:
    """Say on which days of the grid the curve rises, and how many had a seat by then."""
    days, endings = days_waited(got)
    ended, found, shown = endings.count("seated"), dict[int, int](), 0
    for day, left in zip(GRID, survival.number_at_risk(days, GRID), strict=True):
        if left < got.threshold:
            break
        seated = sum(how == "seated" and waited <= day for waited, how in zip(days, endings, strict=True))
        later = ended - seated
        if seated - shown >= got.threshold and (later == 0 or later >= got.threshold):
            shown = found[day] = seated
    return found
