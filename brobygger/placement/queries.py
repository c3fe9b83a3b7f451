"""What the house knows of who waits and of its groups, as the solver reads it; and how much of it somebody is shown."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import queries as seating
from brobygger.groups import rules as sitting
from brobygger.groups.templatetags.waiting import everybody, running
from brobygger.privacy import keyring
from brobygger.series import rules as series

from .models import Plan, PlayedYear
from .rules import Child, Family, Group, Instance, Placing

if TYPE_CHECKING:
    from brobygger.groups.models import Group as Row
    from brobygger.groups.models import Seat, Waiting

#: Orders of the house's wishes. The house knows nobody's way there by the minute, nor girls from boys.
ORDERS: dict[str, tuple[str, ...]] = {
    "usual": ("overdue", "placed", "weeks", "siblings", "parents", "kept", "few", "comfort"),
    "longest": ("overdue", "weeks", "placed", "siblings", "parents", "kept", "few", "comfort"),
    "families": ("overdue", "siblings", "parents", "placed", "weeks", "kept", "few", "comfort"),
}
PARTS = ("morning", "afternoon", "evening")
#: How many coming meetings a group's weekday and weeks are read from, as on the list of who waits.
AHEAD = 6
#: From so many on it is said that it takes a while.
MANY = 500
#: What a grown-up is taken for whose age nobody has asked; no group of grown-ups asks for it.
GROWN = 30 * 12


@dataclass(frozen=True)
class Someone:
    """Somebody who waits, as far as the viewer may see: another's family has neither nickname nor wishes."""

    key: str
    waiting: "Waiting"
    own: bool
    nickname: str = ""
    called: str = ""
    months: int | None = None
    grown: bool = False
    wishes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What stands behind the keys of an instance: people and groups, as far as the viewer may see them.

    `parallels` are the parents' groups by the group they meet beside, `parents` who waits for one, by family. `shut`
    says why a group takes nobody; `ageless` are children whose month of birth nobody has written down.
    """

    people: dict[str, Someone] = field(default_factory=dict)
    groups: "dict[str, Row]" = field(default_factory=dict)
    parallels: "dict[str, Row]" = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    shut: dict[str, str] = field(default_factory=dict)
    ageless: tuple[str, ...] = ()


def instance(viewer: Any, offer: str = "", held: Mapping[str, str] | None = None) -> tuple[Instance, Shown]:
    """Build what the solver reads: everybody who waits, all groups that run or are planned; for one offer, or for all.

    For a deed that has written down who looks. `held` is what was proposed last time, by who waits.
    """
    if not may(viewer, Permission.SEE_WAITING):
        return Instance(clock.today()), Shown()
    known = _read(offer)
    groups, shut = _groups(known)
    shown = Shown(
        people={str(row.pk): person for row, person in _people(viewer, known)},
        groups={str(each.pk): each for each in known.groups if each.kind != "cafe" and not known.beside(each)},
        parallels={str(each.beside_id): each for each in known.groups if known.beside(each)},
        shut=shut,
    )
    children, parents, ageless = _children(known, shown, held or {})
    built = Instance(
        today=clock.today(),
        children=tuple(children),
        families=tuple(_families(known, children, parents)),
        groups=tuple(groups),
        leaders=dict.fromkeys(sorted(_places(shown)), 0),
        order=ORDERS["usual"],
    )
    return built, replace(shown, parents=parents, ageless=tuple(ageless))


# ---- Read ----


@dataclass(frozen=True)
class _Known:
    """What was opened: who waits and has no seat yet, the groups, who sits in them, who they all are."""

    offer: str
    rows: "list[Waiting]"
    wishes: dict[UUID, dict[str, Any]]
    groups: "list[Row]"
    seated: "dict[UUID, list[Seat]]"
    said: dict[UUID, dict[str, Any]]

    def grown(self, row: "Waiting") -> bool:
        """Tell whether a grown-up waits."""
        return self.said[row.member_id].get("role") not in CHILDREN

    def beside(self, group: "Row") -> bool:
        """Tell whether this is a parents' group beside another."""
        return bool(group.beside_id) and group.kind == "parent"


def _read(offer: str) -> _Known:
    groups = running()
    seated = {each.pk: list(seating.seated(each).select_related("member")) for each in groups}
    there = {(seat.member_id, each.offer) for each in groups for seat in seated[each.pk]}
    of = {each.pk: each.offer for each in groups}
    # Parents wait for the group beside their child's, which is another offer.
    beside = {each.pk for each in groups if each.beside_id in of and of[each.beside_id] == offer}
    wanted = {offer} | {each.offer for each in groups if each.pk in beside}
    waits = [row for row in everybody() if offer == "" or row.offer in wanted]
    rows = [row for row in waits if (row.member_id, row.offer) not in there]
    members = [row.member for row in rows] + [seat.member for seats in seated.values() for seat in seats]
    sealed = ((row.member.key, bytes(row.sealed), keyring.place("waiting", row.pk, "sealed")) for row in rows)
    wishes = zip(rows, keyring.open_many(sealed), strict=True)
    kept = [
        each for each in groups if offer in ("", each.offer) or (each.beside_id in of and of[each.beside_id] == offer)
    ]
    opened = {row.pk: dict(wish or {}) for row, wish in wishes}
    return _Known(offer, rows, opened, kept, seated, casework.said_of(members))


def _people(viewer: Any, known: _Known) -> "Iterable[tuple[Waiting, Someone]]":
    """Say of each who waits what the viewer may see: nicknames for who arranges, names for who has the course."""
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    runs = may(viewer, Permission.RUN_GROUPS)
    mine = {each.ident for each in casework.mine(viewer) if each.scope == "course"} if runs else set()
    for row in known.rows:
        said, own, grown = known.said[row.member_id], row.member.course_id in mine, known.grown(row)
        if not (own or arranges):
            yield row, Someone(str(row.pk), row, own=False)
            continue
        called = str(said.get("called") or "") if own else ""
        age = None if grown else sitting.months(str(said.get("birth") or ""), clock.today())
        nickname = row.member.course.nickname
        yield row, Someone(str(row.pk), row, own, nickname, called, age, grown, known.wishes[row.pk])


# ---- Groups ----


def _groups(known: _Known) -> tuple[list[Group], dict[str, str]]:
    """Write each group as the solver reads it; and why others take nobody."""
    chairs = {each.beside_id: _chairs(each) for each in known.groups if known.beside(each)}
    found, shut = list[Group](), dict[str, str]()
    for row in known.groups:
        if row.kind == "cafe" or known.beside(row):
            continue
        group = _group(row, known, chairs.get(row.pk, 0))
        if isinstance(group, Group):
            found.append(group)
        else:
            shut[str(row.pk)] = group
    return sorted(found, key=lambda each: each.key), shut


def _chairs(group: "Row") -> int:
    room, _coming = seating.starts(group)
    return len(seating.chairs(group)) if room else 0


def _group(row: "Row", known: _Known, parent_seats: int) -> Group | str:
    """Write one group down, or say why it takes nobody: "no_dates", "begun"."""
    room, coming = seating.starts(row)
    opening = row.meetings.exclude(state="cancelled").order_by("starts_at").first()
    if not coming:
        return "no_dates"
    ahead, seats = opening in coming, known.seated[row.pk]
    if row.intake == "fixed" and not ahead:
        return "begun"
    days = [clock.local(each.starts_at).date() for each in coming[:AHEAD]]
    new = sum(seat.starts_with_id == room[0].pk for seat in seats) if room else 0
    born = [sitting.months(str(known.said[seat.member_id].get("birth") or ""), clock.today()) for seat in seats]
    ages = [each for each in born if each is not None] if row.kind != "parent" else []
    led = row.leaders.filter(seating.standing_on(max(clock.today(), days[0]))).count()
    lacking = max(0, row.leaders_at_once - led)
    return Group(
        key=str(row.pk),
        name=row.name,
        place=row.place,
        weekday=Counter(each.weekday() for each in days).most_common(1)[0][0],
        start=row.begins.strftime("%H:%M"),
        months_from=row.months_from,
        months_to=row.months_to - 1,
        seats_free=len(seating.chairs(row)),
        parity=parity(days),
        siblings_to=row.siblings_to - 1 if row.siblings_to else 0,
        newcomers=None if ahead else max(0, row.newcomers - new) if room else 0,
        # Open for families, or enough are coming already: no more are needed for it to begin.
        running=row.state == "open" or len(seats) >= row.smallest,
        smallest=max(1, row.smallest - len(seats)),
        leaders=lacking,
        parent_seats=parent_seats,
        mean_months=round(sum(ages) / len(ages)) if ages else None,
    )


def parity(days: Iterable[date]) -> str:
    """Tell in which weeks some days lie, until a long year turns them: "even", "odd"; in both it is "any"."""
    odd = {day.isocalendar().week % 2 for day in series.before_the_turn(days)}
    return {frozenset({0}): "even", frozenset({1}): "odd"}.get(frozenset(odd), "any")


def dates_from(first: date, weeks: int) -> list[date]:
    """List the first days of a group that would meet every so many weeks, without the days the house is closed."""
    days = [first + timedelta(weeks=weeks * number) for number in range(AHEAD * 4)]
    closed = catalogue.days_without_groups(days[0], days[-1])
    return [day for day in days if day not in closed][:AHEAD]


# ---- Children and families ----


def _children(known: _Known, shown: Shown, held: Mapping[str, str]) -> tuple[list[Child], dict[str, str], list[str]]:
    """Write down who waits; beside them the parents whose seat follows a child's, and whose age nobody knows."""
    places = _places(shown)
    beside = {shown.groups[key].offer: row.offer for key, row in shown.parallels.items() if key in shown.groups}
    follows = {(row.member.course_id, beside.get(row.offer)) for row in known.rows if not known.grown(row)}
    for key, parallel in shown.parallels.items():
        follows |= {(seat.member.course_id, parallel.offer) for seat in known.seated.get(UUID(key), ())}
    children, parents, ageless = list[Child](), dict[str, str](), list[str]()
    for row in known.rows:
        key, wishes, grown = str(row.pk), known.wishes[row.pk], known.grown(row)
        if grown and (row.member.course_id, row.offer) in follows:
            parents.setdefault(str(row.member.course_id), key)
            continue
        if known.offer not in ("", row.offer):
            continue
        age = sitting.months(str(known.said[row.member_id].get("birth") or ""), clock.today())
        if age is None and not grown:
            ageless.append(key)
            continue
        days = wishes.get("days")
        children.append(
            Child(
                key=key,
                family=str(row.member.course_id),
                since=row.since,
                months=GROWN if age is None else age,
                reach=dict.fromkeys(sorted(wishes.get("places") or places), 0),
                free=frozenset((day, part) for day in days for part in PARTS) if days else None,
                parity=wishes.get("parity") or "any",
                conflicts=frozenset(at for at, group in shown.groups.items() if group.offer != row.offer),
                held=held.get(key, ""),
            )
        )
    return children, parents, ageless


def _places(shown: Shown) -> set[str]:
    """Name every place there is: the catalogue's, and those where a group meets still."""
    return {row.key for row in catalogue.places()} | {each.place for each in shown.groups.values()}


def _families(known: _Known, children: list[Child], parents: Mapping[str, str]) -> list[Family]:
    """Say what each family asked for its children together, and where one of them sits already."""
    wished: dict[str, set[str]] = {}
    for row in known.rows:
        wished.setdefault(str(row.member.course_id), set()).add(known.wishes[row.pk].get("siblings") or "any")
    seated: dict[str, set[str]] = {}
    for group in known.groups:
        for seat in known.seated[group.pk] if group.kind in ("child", "pair") else ():
            seated.setdefault(str(seat.member.course_id), set()).add(str(group.pk))
    found = []
    for key in sorted({child.family for child in children}):
        asked = wished.get(key, set())
        siblings = "apart" if "apart" in asked else "together" if "together" in asked else "any"
        found.append(Family(key, siblings, "wish" if key in parents else "no", frozenset(seated.get(key, ()))))
    return found


# ---- The same facts, or others ----


def digest(built: Instance) -> str:
    """Give a fingerprint of the facts: another one as soon as somebody comes, a seat is taken, a wish is changed."""
    plain = replace(built, today=date.min, order=(), children=tuple(replace(each, held="") for each in built.children))

    def written(value: Any) -> Any:
        return sorted(value, key=str) if isinstance(value, frozenset) else str(value)

    return sha256(json.dumps(asdict(plain), default=written, sort_keys=True).encode()).hexdigest()


# ---- Plans and years ----


@dataclass(frozen=True)
class Laid:
    """A plan that was opened: what it says, the facts as they are now, and whether they are those it was made of."""

    plan: Plan
    body: dict[str, Any]
    instance: Instance
    shown: Shown
    fresh: bool

    @property
    def placing(self) -> Placing:
        """Give what was proposed, without the seats that have been offered since."""
        seats = {key: at for key, at in self.body["seats"].items() if key in self.instance.child}
        kept = {(self.instance.child[key].family, at) for key, at in seats.items()}
        return Placing(seats, {family: at for family, at in self.body["parents"].items() if (family, at) in kept})

    def proposed(self, waiting: str) -> "tuple[Row | None, Someone | None, Row | None]":
        """Say which group somebody was proposed; and the parent who sits beside it, in which group."""
        placing, at = self.placing, self.placing.seats.get(waiting, "")
        if waiting not in placing.seats or waiting not in self.shown.people:
            return None, None, None
        family = self.instance.child[waiting].family
        parent = self.shown.people.get(self.shown.parents.get(family, ""))
        beside = self.shown.parallels.get(at) if placing.parents.get(family) == at else None
        if parent is None or beside is None or parent.waiting.offer != beside.offer:
            return self.shown.groups.get(at), None, None
        return self.shown.groups.get(at), parent, beside


def laid(viewer: Any, plan: Plan) -> Laid:
    """Open a plan beside the facts as they are now; for a deed that has written down who looks."""
    body = said(plan)
    built, shown = instance(viewer, plan.offer, body.get("held"))
    built = replace(built, order=ORDERS[body.get("order", "usual")])
    return Laid(plan, body, built, shown, fresh=digest(built) == plan.digest)


def get_plan(viewer: Any, ident: UUID, what: str = "proposal") -> Plan | None:
    """Fetch a plan for who may see who waits; two of them side by side, for who arranges groups."""
    needed = Permission.SEE_WAITING if what == Plan.What.PROPOSAL else Permission.ARRANGE_GROUPS
    return Plan.objects.select_related("made_by").filter(pk=ident, what=what).first() if may(viewer, needed) else None


def plans(viewer: Any) -> list[Plan]:
    """List the proposals that still stand, newest first."""
    if not may(viewer, Permission.SEE_WAITING):
        return []
    return list(Plan.objects.select_related("made_by").filter(what=Plan.What.PROPOSAL)[:10])


def said(plan: Plan) -> dict[str, Any]:
    """Open what a plan says: keys of seats and groups, no name. For a deed that has written down who looks."""
    opened: dict[str, Any] = keyring.open_sealed(plan.key, bytes(plan.sealed), context=sealed_at(plan))
    return opened


def sealed_at(plan: Plan) -> str:
    """Name where a plan's sealed part stands."""
    return keyring.place("plan", plan.pk, "sealed")


def last(offer: str) -> dict[str, str]:
    """Give what the newest proposal for an offer says, so that the next stays near it; for a deed."""
    plan = Plan.objects.filter(what=Plan.What.PROPOSAL, offer=offer).first()
    return dict(said(plan)["seats"]) if plan else {}


def offers_waited_for() -> list[str]:
    """Name the offers somebody waits for."""
    return sorted(set(everybody().order_by().values_list("offer", flat=True)))


def many_wait() -> bool:
    """Tell whether so many wait that a proposal may take longer than somebody expects of a page."""
    return everybody().count() > MANY


def played() -> PlayedYear | None:
    """Fetch the year that was played last."""
    return PlayedYear.objects.first()
