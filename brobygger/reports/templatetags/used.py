"""The tables of what was used (S13), of what it took (S14), and the sheet of a partner (S15)."""

from collections.abc import Callable, Iterable
from typing import Any

from brobygger.reports import rules
from brobygger.reports.rules import NONE, TOTAL, UNKNOWN, Cell, Table, name
from brobygger.reports.tables import GROUPS, Gathered, told

from .waits import days_waited

SHEET = ("enquiries", "started", "seated", "waits", "groups", "free")


def elements(got: Gathered) -> list[Table]:
    """Count at how many meetings each core element was used, and in how many courses (S13)."""
    written = [set(each.known.get("elements", {}).get("keys") or ()) for each in got.courses]
    some = [each for each in written if each]
    found = {key for each in (*written, *(held.elements for held in got.meetings)) for key in each}
    columns = ["meetings", "share", "courses", "of_courses"]
    table = Table("S13.elements", got.used("elements", found), columns, plain=frozenset({"meetings"}))
    table.labels, table.dims = got.labels("elements"), ("element", "")
    told(table, got, "elements", len(some))
    whole = name("ran", elements="said")
    table.same = {("some", "courses"): ("ran", {"elements": "said"})}
    for key in table.rows:
        used, courses = sum(key in each.elements for each in got.meetings), sum(key in each for each in some)
        table.counts |= {(key, "meetings"): used, (key, "courses"): courses}
        table.worked[key, "share"] = ((), rules.shared(used, len(got.meetings), got.fewest))
        rest = name("ran", elements="said", without=key)
        table.tied(whole, {table.name((key, "courses")): courses, rest: len(some) - courses})
        needs = ((key, "courses"), ("some", "courses"))
        table.worked[key, "of_courses"] = (needs, rules.shared(courses, len(some), got.fewest))
    return [table]


def cost(got: Gathered) -> list[Table]:
    """Multiply the hours of those who led by the house's two wages, and divide by the seats completed (S14)."""
    wages = {"low": got.settings["wage_low"], "high": got.settings["wage_high"]}
    columns = ["hours", *wages, "completed", *(f"each_{which}" for which in wages)]
    table = Table("S14.cost", [*GROUPS, TOTAL], columns, plain=frozenset({"hours", *wages}))
    table.sums, table.of = frozenset({"rows"}), (TOTAL, "completed")
    table.same = {(kind, "completed"): ("seats-ended", {"kind": kind, "reason": "completed"}) for kind in GROUPS}
    table.same = {**table.same, (TOTAL, "completed"): ("seats-ended", {"reason": "completed"})}
    hours: dict[str, float] = {
        kind: sum(each.hours * max(each.leaders, 1) for each in got.meetings if each.kind == kind) for kind in GROUPS
    }
    ended = [each for each in got.seats if each.state == "left" and each.ended_on in got.period]
    done = {kind: sum((each.kind, each.reason) == (kind, "completed") for each in ended) for kind in GROUPS}
    # The total is that of the whole numbers above it, so that they add up on paper.
    _row(table, TOTAL, sum(rules.whole(each) for each in hours.values()), sum(done.values()), wages)
    for kind in GROUPS:
        _row(table, kind, hours[kind], done[kind], wages)
    for which, wage in wages.items():
        if wage:
            table.counts[TOTAL, which] = sum(int(table.counts[kind, which]) for kind in GROUPS)
    return [table]


def _row(table: Table, row: str, hours: float, done: int, wages: dict[str, float]) -> None:
    table.counts |= {(row, "hours"): rules.whole(hours), (row, "completed"): done}
    for which, wage in wages.items():
        table.counts[row, which] = rules.whole(hours * wage) if wage else dict(UNKNOWN)
        made = _each(hours * wage, done) if wage else lambda: dict(UNKNOWN)
        table.worked[row, f"each_{which}"] = (((row, "completed"),), made)


def _each(cost: float, done: int) -> Callable[[], Cell]:
    return lambda: {"value": rules.whole(cost / done), "of": done} if cost and done else dict(NONE)


# ---- S15: for those who stand behind the house ----


def partner(got: Gathered) -> list[Table]:
    """Count the whole house for those who stand behind it, a municipality's own beside it, and the free seats (S15)."""
    return [_sheet(got), _free(got)]


def _sheet(got: Gathered) -> Table:
    ours = got.partner in set(got.areas.values())
    table = Table("S15.sheet", SHEET, ["house", "ours"] if ours else ["house"])
    _days, endings = days_waited(got)
    counted = {"enquiries": sum(got.arrived.values()), "started": len(got.begun)}
    counted |= {"seated": endings.count("seated"), "waits": endings.count(None)}
    what: dict[str, tuple[str, dict[str, str]]] = {"enquiries": ("arrived", {}), "started": ("begun", {})}
    what |= {"seated": ("waits", {"how": "seated"}), "waits": ("waits", {"how": "still"})}
    table.counts = {(row, "house"): n for row, n in counted.items()}
    table.same = {(row, "house"): named for row, named in what.items()}
    table.of = "begun"
    table.unseen["begun"] = len(got.begun)
    _rooms(table, "house", got.rooms)
    if ours:
        _ours(table, got, counted, what)
    return table


def _ours(table: Table, got: Gathered, every: dict[str, int], what: dict[str, tuple[str, dict[str, str]]]) -> None:
    """Put the numbers of the partner's own municipality beside those of the house; the rest is a count of its own."""
    waits = [each for each in got.waits if each.since in got.period and _lives(each, got)]
    counted = {"started": sum(got.area(each) == got.partner for each in got.begun)}
    counted["seated"] = sum(each.outcome == "seated" for each in waits)
    counted["waits"] = sum(not each.outcome for each in waits)
    # Who writes says no name and no place: an enquiry has no municipality.
    table.counts["enquiries", "ours"] = dict(UNKNOWN)
    for row, n in counted.items():
        named, at = what[row]
        table.same = {**table.same, (row, "ours"): (named, {**at, "municipality": got.partner})}
        table.counts[row, "ours"] = n
        rest = name(named, **at, municipality=f"not.{got.partner}")
        table.tied(table.name((row, "house")), {table.name((row, "ours")): n, rest: every[row] - n})
    _rooms(table, "ours", [each for each in got.rooms if got.districts.get(each.place) == got.partner])


def _lives(each: Any, got: Gathered) -> bool:
    return each.member in got.members and got.area(got.members[each.member]) == got.partner


def _rooms(table: Table, column: str, rooms: Iterable[Any]) -> None:
    """Count groups and the seats nobody has: of chairs and not of people."""
    listed = list(rooms)
    told: dict[str, Cell] = {"groups": {"n": len(listed)}, "free": {"n": sum(each.free for each in listed)}}
    for row, cell in told.items():
        table.worked[row, column] = ((), cell.copy)


def _free(got: Gathered) -> Table:
    """Count the seats of each offer by place, and those nobody has: of chairs and not of people."""
    offers, places = got.labels("offers"), got.labels("places")
    rows = sorted({f"{each.offer}.{each.place}" for each in got.rooms})
    table = Table("S15.seats", rows, ["seats", "free"], plain=frozenset({"seats", "free"}), of=len(got.rooms))
    for row in rows:
        inside = [each for each in got.rooms if f"{each.offer}.{each.place}" == row]
        free = sum(each.free for each in inside)
        table.counts |= {(row, "seats"): sum(each.seats for each in inside), (row, "free"): free}
        offer, place = (words.get(key, {}) for words, key in zip((offers, places), row.split("."), strict=True))
        named = {language: f"{offer.get(language, row)}, {place.get(language, '')}" for language in ("da", "en")}
        table.labels = {**table.labels, row: named}
    return table
