"""The tables S1 to S5, from what was gathered: what was done, who they are, and how they came.

Plain values in, tables with their small numbers still in them out; data/definitions.toml says what a table counts.
The other tables are made in `measures` and in `templatetags`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from . import measures, rules
from .rules import NOT_KNOWN, TOTAL, UNKNOWN, Period, Table, Text, name

BANDS = tuple(key for key, _low, _high in rules.BANDS)
GROUPS = rules.GROUPS
#: Forms of help the house gives and counts nothing of: a talk is deleted when its conversation ends.
TALKS = ("individual", "family", "network")
DOORS = ("parent", "child", "young", "professional", NOT_KNOWN)
CHANNELS = ("door", "phone", "walk_in", NOT_KNOWN)
HOMES = ("both", "mother", "father", "shared", "grandparents", "foster", "other", NOT_KNOWN)
ROLES = ("mother", "father", "parent", "step", "bonus", "foster", "sibling", "child", "grandparent", "other")
WHEN: dict[str, Text] = {"now": {"da": "nu", "en": "now"}, "past": {"da": "før", "en": "before"}}
#: A municipality that does not stand behind the house.
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Gathered:
    """Everything a report is made of, as plain rows; never kept."""

    period: Period
    on: date
    settings: Mapping[str, Any]
    courses: Sequence[Any] = ()
    meetings: Sequence[Any] = ()
    seats: Sequence[Any] = ()
    waits: Sequence[Any] = ()
    #: How often each person came by kind of group, and the kinds they have ever had a seat in.
    visits: Sequence[Any] = ()
    forms: Mapping[Any, tuple[str, ...]] = field(default_factory=dict)
    #: By week, channel, door, age band of the house, and how the promise went.
    arrived: Mapping[Any, int] = field(default_factory=dict)
    promises: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: By month: the first talks offered in time, late, too late, never, and still waited for.
    talks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    sparring: Mapping[str, int] = field(default_factory=dict)
    #: The house's own words by list (problems, substances, elements, partners, professions): key and label, in order.
    words: Mapping[str, Sequence[tuple[str, Text]]] = field(default_factory=dict)
    #: What was answered, who was asked, what became of each round that was due, and which days count as start and end.
    answers: Sequence[Any] = ()
    asked: Sequence[Any] = ()
    rounds: Sequence[Any] = ()
    asking: Mapping[str, Any] = field(default_factory=dict)
    #: From how many points on an instrument's change is one.
    relevant: Mapping[str, int | None] = field(default_factory=dict)
    #: Whom the marks on answers are of: the course, and the person in it.
    marks: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    #: The house's own age bands, as those of the reports; and the municipalities behind the house, by code.
    bands: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    #: In which of them each place lies, by its key.
    districts: Mapping[str, str] = field(default_factory=dict)
    #: The groups that run or are planned today, with their free seats.
    rooms: Sequence[Any] = ()
    #: The key of whose sheet it is; empty in a report of the whole house.
    partner: str = ""

    @cached_property
    def begun(self) -> list[Any]:
        """The courses that began in the period."""
        return [each for each in self.courses if each.opened_on in self.period]

    @cached_property
    def over(self) -> list[Any]:
        """The courses that ended in the period."""
        return [each for each in self.courses if each.ended_on in self.period]

    @cached_property
    def running(self) -> list[Any]:
        """The courses that run on the last day of the period."""
        last = self.period.last
        return [each for each in self.courses if each.ended_on is None or each.ended_on > last]

    @cached_property
    def members(self) -> dict[Any, Any]:
        """The course each person is in."""
        return {member: each for each in self.courses for member in each.people}

    @cached_property
    def measured(self) -> list[measures.Measured]:
        """Say of each person and instrument what was answered at both ends: put together once."""
        return measures.people(self.answers, self.asking, self.period)

    @property
    def fewest(self) -> int:
        """Of how many there is a share, a mean or a median."""
        return int(self.settings["shares_from"])

    @property
    def threshold(self) -> int:
        """How many are no small number."""
        return int(self.settings["threshold"])

    def keys(self, of: str) -> list[str]:
        """Name the house's words of a list."""
        return [key for key, _label in self.words.get(of, ())]

    def used(self, of: str, found: Iterable[str]) -> list[str]:
        """Name the house's words of a list, and those it has no more that stand somewhere still."""
        known = self.keys(of)
        return [*known, *sorted(set(found) - set(known))]

    def labels(self, *of: str) -> dict[str, Text]:
        """Label the house's words of some lists."""
        return {key: label for name in of for key, label in self.words.get(name, ())}

    def area(self, course: Any) -> str:
        """Name the municipality behind the house a course's children live in; elsewhere, or unknown."""
        code = getattr(course, "municipality", "")
        return self.areas.get(code, ELSEWHERE) if code else NOT_KNOWN


def banded(course: Any) -> str:
    """Name the age band of the child a course is about."""
    return rules.band(course.age)


def months(period: Period) -> list[str]:
    """Name the calendar months that have a day in a period."""
    days = (period.first + timedelta(days=ahead) for ahead in range((period.last - period.first).days + 1))
    return sorted({f"{day:%Y-%m}" for day in days})


def ran(table: Table, got: Gathered) -> None:
    """Lay a table under all courses that ran: those that began and those from before, that ended and that run on."""
    table.of = "ran"
    before = len(got.courses) - len(got.begun)
    table.tied("ran", {"begun": len(got.begun), name("ran", since="before"): before})
    table.tied("ran", {"running": len(got.running), "ended": len(got.over)})


def told(table: Table, got: Gathered, what: str, how_many: int) -> None:
    """Lay a table under the courses of which something is written, with the others as missing."""
    said, unsaid = name("ran", **{what: "said"}), name("ran", **{what: "unsaid"})
    table.tied("ran", {said: how_many, unsaid: len(got.courses) - how_many})
    table.of, table.missing = said, unsaid


def not_kept(key: str, *rows: str) -> Table:
    """Say what domain readers look for and the house does not keep; the definition says why."""
    table = Table(key, rows, ["n"], plain=frozenset({"n"}))
    table.counts = {(row, "n"): dict(UNKNOWN) for row in rows}
    return table


def _ends(courses: Iterable[Any]) -> Counter[str]:
    return Counter(rules.ending(each.reason) for each in courses)


# ---- S1: what was done ----


def production(got: Gathered) -> list[Table]:
    """Count who wrote, the courses, the groups and the advice to professionals (S1)."""
    return [_enquiries(got), _courses(got), _months(got), _groups(got), _advice(got)]


def _enquiries(got: Gathered) -> Table:
    came: Counter[str] = Counter()
    for (_week, _channel, door, _band, _promise), n in got.arrived.items():
        came[door if door in DOORS else NOT_KNOWN] += n
    table = Table("S1.enquiries", [*DOORS, TOTAL], ["enquiries"], sums=frozenset({"rows"}), of=(TOTAL, "enquiries"))
    table.what, table.dims = "arrived", ("door", "")
    table.counts = {(door, "enquiries"): came[door] for door in DOORS} | {(TOTAL, "enquiries"): came.total()}
    return table


def _courses(got: Gathered) -> Table:
    ended = _ends(got.over)
    columns = ["started", "active", "completed", "stopped", "else"]
    table = Table("S1.courses", ["courses"], columns)
    what = [("begun", {}), ("running", {}), *(("ended", {"how": how}) for how in rules.ENDED)]
    table.same = {("courses", column): told for column, told in zip(columns, what, strict=True)}
    counted = [len(got.begun), len(got.running), *(ended[how] for how in rules.ENDED)]
    table.counts = {("courses", column): n for column, n in zip(columns, counted, strict=True)}
    ran(table, got)
    table.tied("ended", {name("ended", how=how): ended[how] for how in rules.ENDED})
    return table


def _months(got: Gathered) -> Table:
    """Count month by month: who came, the courses that began and that ended, the meetings held."""
    came: Counter[str] = Counter()
    weeks = {week: month for month, listed in got.period.months.items() for week in listed}
    for (week, *_kind), n in got.arrived.items():
        came[weeks[week]] += n
    counted = {
        "enquiries": came,
        "started": Counter(f"{each.opened_on:%Y-%m}" for each in got.begun),
        "ended": Counter(f"{each.ended_on:%Y-%m}" for each in got.over),
        "meetings": Counter(f"{each.on:%Y-%m}" for each in got.meetings),
    }
    rows = months(got.period)
    table = Table("S1.months", [*rows, TOTAL], list(counted), sums=frozenset({"rows"}), plain=frozenset({"meetings"}))
    for column, what in zip(counted, ("arrived", "begun", "ended"), strict=False):
        named = {(row, column): (what, {"month": row}) for row in rows} | {(TOTAL, column): (what, {})}
        table.same = {**table.same, **named}
    for column, found in counted.items():
        table.counts |= {(row, column): found[row] for row in rows} | {(TOTAL, column): found.total()}
    ran(table, got)
    return table


def _groups(got: Gathered) -> Table:
    columns = ["offered", "started", "active", "completed", "left", "participants", "meetings", "visits", "hours"]
    table = Table("S1.groups", [*GROUPS, *TALKS], columns, plain=frozenset({"meetings", "hours"}), dims=("kind", ""))
    for kind in GROUPS:
        _group(table, got, kind)
    table.counts |= {(form, column): dict(UNKNOWN) for form in TALKS for column in columns}
    several = len({each.member for each in got.visits if each.in_period})
    table.of = name("S1.groups.of")
    parts = {table.name((kind, "participants")): int(table.counts[kind, "participants"]) for kind in GROUPS}
    table.tied(name("S1.groups.seen"), parts)
    table.tied(name("S1.groups.seen"), {table.of: several, name("S1.groups.again"): sum(parts.values()) - several})
    return table


def _group(table: Table, got: Gathered, kind: str) -> None:
    seats = [each for each in got.seats if each.kind == kind]
    held = [each for each in got.meetings if each.kind == kind]
    left = [each for each in seats if each.state == "left" and each.ended_on in got.period]
    done = sum(each.reason == "completed" for each in left)
    counted = {
        "offered": sum(each.offered_on in got.period for each in seats),
        "started": sum(each.taken_on in got.period for each in seats),
        "active": sum(_sits(each, got.period.last) for each in seats),
        "completed": done,
        "left": len(left) - done,
        "participants": sum(each.kind == kind and each.in_period > 0 for each in got.visits),
        "meetings": len(held),
        "hours": rules.whole(sum(each.hours for each in held)),
    }
    table.counts |= {(kind, column): n for column, n in counted.items()}
    visits = sum(each.here for each in held)
    # How often so few came is what each of them did.
    table.worked[kind, "visits"] = (((kind, "participants"),), lambda: {"n": visits})
    ended = {column: ("seats-ended", {"kind": kind, "reason": column}) for column in ("completed", "left")}
    table.same = {**table.same, **{(kind, column): told for column, told in ended.items()}}
    table.tied(name("seats-ended", kind=kind), {table.name((kind, column)): counted[column] for column in ended})


def _sits(seat: Any, on: date) -> bool:
    """Tell whether somebody had a seat on a day."""
    return seat.taken_on is not None and seat.taken_on <= on and (seat.ended_on is None or seat.ended_on > on)


def _advice(got: Gathered) -> Table:
    table = Table("S1.advice", [*got.used("professions", got.sparring), TOTAL], ["advice"], sums=frozenset({"rows"}))
    table.what, table.dims = "advice", ("profession", "")
    table.counts = {(key, "advice"): got.sparring.get(key, 0) for key in table.rows}
    table.labels, table.of = got.labels("professions"), (TOTAL, "advice")
    table.counts[TOTAL, "advice"] = sum(got.sparring.values())
    return table


# ---- S2 to S5: who they are, and how they came ----


def background(got: Gathered) -> list[Table]:
    """Cross the age of the child with where they live and with other help, of the courses that began (S2)."""
    bands = [*BANDS, NOT_KNOWN]
    homes = [(banded(each), each.living or NOT_KNOWN) for each in got.begun]
    living = rules.cross("S2.living", homes, bands, HOMES, "begun", ("band", "home"))
    living.missing = (TOTAL, NOT_KNOWN)
    helped = [(banded(each), "helped" if each.helped else NOT_KNOWN) for each in got.begun]
    other = rules.cross("S2.help", helped, bands, ["helped", NOT_KNOWN], "begun", ("band", "help"))
    other.missing = (TOTAL, NOT_KNOWN)
    return [living, _where(got), other, not_kept("S2.not_kept", "sex", "school")]


def _where(got: Gathered) -> Table:
    rows = [*got.keys("municipalities"), ELSEWHERE, NOT_KNOWN]
    pairs = [(got.area(each), banded(each)) for each in got.begun]
    bands = [*BANDS, NOT_KNOWN]
    table = rules.cross("S2.municipality", pairs, rows, bands, "begun", ("municipality", "band"))
    table.labels, table.missing = got.labels("municipalities"), (NOT_KNOWN, TOTAL)
    return table


def misuse(got: Gathered) -> list[Table]:
    """Count in how many courses somebody in a role uses something, now or before; never how much (S3)."""
    known = [each for each in got.courses if any(known.get("use", {}).get("uses") for known in each.people.values())]
    counted = Counter((role, f"{substance}.{when}") for each in known for role, substance, when in each.uses)
    words = got.used("substances", (substance for each in known for _role, substance, _when in each.uses))
    columns = [f"{key}.{when}" for key in words for when in WHEN]
    shown = [role for role in ROLES if any(counted[role, column] for column in columns)] or list(ROLES[:2])
    table = Table("S3.use", shown, columns, what="use", dims=("role", "use"))
    table.counts = {(role, column): counted[role, column] for role in shown for column in columns}
    labels = got.labels("substances")
    table.labels = {
        f"{key}.{when}": {each: f"{labels.get(key, {}).get(each, key)}, {word}" for each, word in said.items()}
        for key in words
        for when, said in WHEN.items()
    }
    told(table, got, "use", len(known))
    return [table]


def problems(got: Gathered) -> list[Table]:
    """Count in how many courses something else is hard, by age; a course may have several (S4)."""
    known = [each for each in got.courses if each.known.get("problems", {}).get("keys")]
    columns = [*BANDS, NOT_KNOWN, TOTAL]
    rows = got.used("problems", (key for each in known for key in each.known["problems"]["keys"]))
    table = Table("S4.problems", rows, columns, sums=frozenset({"columns"}))
    counted = Counter((key, banded(each)) for each in known for key in set(each.known["problems"]["keys"]))
    for key in table.rows:
        bands = {column: counted[key, column] for column in columns}
        table.counts |= {(key, column): n for column, n in (bands | {TOTAL: sum(bands.values())}).items()}
    table.labels, table.what, table.dims = got.labels("problems"), "problems", ("problem", "band")
    told(table, got, "problems", len(known))
    return [table]


def way_in(got: Gathered) -> list[Table]:
    """Cross how and at which door people came with the child's age (S5)."""
    beside = [rules.OTHER_AGE] if rules.OTHER_AGE in got.bands.values() else []
    columns = [*BANDS, *beside, NOT_KNOWN]
    came = [(how, door, _age(got, band), n) for (_week, how, door, band, _promise), n in got.arrived.items()]
    by_channel = [(how, band) for how, _door, band, n in came for _one in range(n)]
    by_door = [(door, band) for _how, door, band, n in came for _one in range(n)]
    found = [
        rules.cross("S5.channel", by_channel, CHANNELS, columns, "arrived", ("channel", "band")),
        rules.cross("S5.door", by_door, DOORS, columns, "arrived", ("door", "band")),
    ]
    for table in found:
        table.missing = (TOTAL, NOT_KNOWN)
    return [*found, not_kept("S5.not_kept", "told_by")]


def _age(got: Gathered, band: str) -> str:
    """Name the band of the reports that a house's own lies in."""
    if not band or band == NOT_KNOWN:
        return NOT_KNOWN
    return got.bands.get(band, band if band in BANDS else NOT_KNOWN)
