"""What the house knows of who waits and of its groups, as the solver reads it; and how much of it somebody is shown."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups import rules as sitting
from brobygger.groups.templatetags.apart import for_placing, own_courses
from brobygger.groups.templatetags.waiting import chairs_of
from brobygger.privacy import keyring

from .models import Plan, PlayedYear
from .rules import Child, Family, Instance, Placing
from .templatetags.known import Known, read
from .templatetags.standing import written

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from brobygger.groups.models import Group as Row
    from brobygger.groups.models import Waiting

#: Other orders of wishes than the house's own. The house knows nobody's way there by the minute, nor girls from boys.
ORDERS: dict[str, tuple[str, ...]] = {
    "usual": ("overdue", "placed", "weeks", "siblings", "parents", "kept", "few", "comfort"),
    "longest": ("overdue", "weeks", "placed", "siblings", "parents", "kept", "few", "comfort"),
    "families": ("overdue", "siblings", "parents", "placed", "weeks", "kept", "few", "comfort"),
}
#: How long a proposal is shown, and how long the next one stays near what it said.
LIVES, NEAR = timedelta(days=2), timedelta(days=35)
PARTS = ("morning", "afternoon", "evening")
#: What a grown-up is taken for whose age nobody has asked; no group of grown-ups asks for it.
GROWN = 30 * 12


#: The order that stands in the house's file.
HOUSE = "house"


def order_of(key: str) -> tuple[str, ...]:
    """Give the wishes in the house's own order, or in one of `ORDERS`. Raises `KeyError` for an order there is not."""
    return tuple(catalogue.house().placement["order"]) if key == HOUSE else ORDERS[key]


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

    `parallels` are the parents' groups by the group they meet beside, `parents` who waits for one and of which family.
    `shut` says why a group takes nobody; `ageless` are children whose month of birth nobody has written down. Who
    `arranges` groups may know who is kept apart.
    """

    people: dict[str, Someone] = field(default_factory=dict)
    groups: "dict[str, Row]" = field(default_factory=dict)
    parallels: "dict[str, list[Row]]" = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    shut: dict[str, str] = field(default_factory=dict)
    ageless: tuple[str, ...] = ()
    arranges: bool = False


def instance(viewer: Any, offer: str = "", held: Mapping[str, str] | None = None) -> tuple[Instance, Shown]:
    """Build what the solver reads: everybody who waits, all groups that run or are planned; for one offer, or for all.

    For a deed that has written down who looks. `held` is what was proposed last time, by who waits.
    """
    if not may(viewer, Permission.SEE_WAITING):
        return Instance(clock.today()), Shown()
    known = read(offer)
    groups, shut = written(known)
    shown = Shown(
        people={str(row.pk): person for row, person in _people(viewer, known)},
        groups={str(each.pk): each for each in known.groups if each.kind != "cafe" and not known.beside(each)},
        parallels=known.parallels(),
        shut=shut,
    )
    children, parents, ageless = _children(known, shown, held or {})
    built = Instance(
        today=clock.today(),
        children=tuple(children),
        families=tuple(_families(known, shown, children, parents)),
        groups=tuple(groups),
        leaders=dict.fromkeys(sorted(_places(shown)), 0),
        limit_weeks=catalogue.house().placement["limit_weeks"],
        order=order_of(HOUSE),
    )
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    return built, replace(shown, parents=parents, ageless=tuple(ageless), arranges=arranges)


# ---- People ----


def _people(viewer: Any, known: Known) -> "Iterable[tuple[Waiting, Someone]]":
    """Say of each who waits what the viewer may see: nicknames for who arranges, names for who has the course."""
    arranges = may(viewer, Permission.ARRANGE_GROUPS)
    mine = own_courses(viewer)
    for row in known.rows:
        said, own, grown = known.said[row.member_id], row.member.course_id in mine, known.grown(row)
        if not (own or arranges):
            yield row, Someone(str(row.pk), row, own=False)
            continue
        called = str(said.get("called") or "") if own else ""
        age = None if grown else sitting.months(str(said.get("birth") or ""), clock.today())
        nickname = row.member.course.nickname
        wishes = known.wishes[row.pk] | {"siblings": known.siblings.get(row.member.course_id, "")}
        if not own and wishes.get("words"):
            # Of a family's own words others learn that there are some.
            wishes["words"] = True
        yield row, Someone(str(row.pk), row, own, nickname, called, age, grown, wishes)


# ---- Children and families ----


def _children(known: Known, shown: Shown, held: Mapping[str, str]) -> tuple[list[Child], dict[str, str], list[str]]:
    """Write down who waits; beside them the parents whose seat follows a child's, and whose age nobody knows."""
    places = _places(shown)
    beside, follows = _follows(known, shown)
    children, parents, ageless = list[Child](), dict[str, str](), list[str]()
    apart = _apart(known, beside)
    for row in known.rows:
        key, wishes, grown = str(row.pk), known.wishes[row.pk], known.grown(row)
        if grown and (row.member.course_id, row.offer) in follows:
            parents[key] = str(row.member.course_id)
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
                languages=frozenset({"da", wishes.get("language") or "da"}),
                conflicts=apart[key],
                others=frozenset(at for at, group in shown.groups.items() if group.offer != row.offer),
                talks_done=bool(wishes.get("talks")),
                held=held.get(key, ""),
                who=str(row.member_id),
                busy=frozenset(known.taken.get(row.member_id, ())),
                parent=wishes.get("parent") or "no",
                grown=grown,
            )
        )
    return children, parents, ageless


def _follows(known: Known, shown: Shown) -> tuple[set[str], set[tuple[UUID, str]]]:
    """Say for which offers a parent waits beside a child's group, and which families' parents do, by course."""
    there = {at: rows for at, rows in shown.parallels.items() if at in shown.groups}
    beside = {(shown.groups[at].offer, row.offer) for at, rows in there.items() for row in rows}
    small = [row for row in known.rows if not known.grown(row)]
    follows = {(row.member.course_id, other) for row in small for offer, other in beside if offer == row.offer}
    for key, rows in shown.parallels.items():
        follows |= {(seat.member.course_id, row.offer) for seat in known.seated.get(UUID(key), ()) for row in rows}
    # A parent waits on for a group that stands alone, unless the family has asked for a seat beside a child.
    alone = {group.offer for at, group in shown.groups.items() if group.kind == "parent" and at not in shown.shut}
    asked = {row.member.course_id for row in known.rows if known.wishes[row.pk].get("parent") in ("wish", "must")}
    follows = {(family, offer) for family, offer in follows if offer not in alone or family in asked}
    return {other for _offer, other in beside}, follows


def _apart(known: Known, beside: set[str]) -> dict[str, frozenset[str]]:
    """Say with whom, and in which groups, nobody who waits is placed, nor whom they bring.

    A child brings the parent who waits for the group beside, and a baby whoever may come along.
    """
    parents = [row.member for row in known.rows if known.grown(row) and row.offer in beside]
    brought = {}
    for row in known.rows:
        brought[row.pk] = [each for each in parents if each.course_id == row.member.course_id]
        brought[row.pk] += [] if known.grown(row) else known.along(row)
    return for_placing(known.rows, brought, known.seated, known.groups)


def _places(shown: Shown) -> set[str]:
    """Name every place there is: the catalogue's, and those where a group meets still."""
    return {row.key for row in catalogue.places()} | {each.place for each in shown.groups.values()}


def _families(known: Known, shown: Shown, children: list[Child], parents: Mapping[str, str]) -> list[Family]:
    """Say what each family asked for, where its children and parents sit already, and beside which one waits."""
    wished: dict[str, set[str]] = {}
    for row in known.rows:
        wished.setdefault(str(row.member.course_id), set()).add(known.wishes[row.pk].get("parent") or "no")
    wanted: dict[str, set[str]] = {}
    for key, family in parents.items():
        wanted.setdefault(family, set()).add(shown.people[key].waiting.offer)
    seated: dict[str, set[tuple[str, str]]] = {}
    for group in known.groups:
        for seat in known.seated[group.pk] if group.kind in ("child", "pair") else ():
            seated.setdefault(str(seat.member.course_id), set()).add((str(seat.member_id), str(group.pk)))
    sits: dict[str, set[str]] = {}
    for at, rows in shown.parallels.items():
        for seat in (each for row in rows for each in known.seated[row.pk]):
            sits.setdefault(str(seat.member.course_id), set()).add(at)
    found = []
    for key in sorted({child.family for child in children}):
        asked, offers = wished.get(key, set()), wanted.get(key, set())
        parent = "must" if "must" in asked else "wish" if "wish" in asked or offers else "no"
        beside = frozenset(at for at, rows in shown.parallels.items() if offers & {row.offer for row in rows})
        siblings, there = known.siblings.get(UUID(key), "any"), frozenset(sits.get(key, ()))
        # Whose parent sits somewhere takes no other chair, unless one of them waits for it.
        waits = beside if offers or there else None
        found.append(Family(key, siblings, parent, frozenset(seated.get(key, ())), waits, there))
    return found


# ---- The same facts, or others ----


def digest(built: Instance) -> str:
    """Give a fingerprint of the facts: another one as soon as somebody comes, a seat is taken, a wish is changed."""
    # The day is among them: overnight somebody has waited too long, and what was proved is not any more.
    plain = replace(built, order=(), children=tuple(replace(each, held="") for each in built.children))

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
        there = self.shown.parallels.get(at, []) if placing.parents.get(family) == at else []
        parents = [self.shown.people[key] for key, whose in self.shown.parents.items() if whose == family]
        ways = ((parent, row) for parent in parents for row in there if parent.waiting.offer == row.offer)
        parent, beside = next(((parent, row) for parent, row in ways if chairs_of(row)), (None, None))
        return self.shown.groups.get(at), parent, beside

    def parent_first(self, waiting: str, *, must: bool = False) -> bool:
        """Tell whether a seat beside is kept for a parent who is not on the waiting list; one who `must` have it."""
        at, child = self.placing.seats.get(waiting, ""), self.instance.child.get(waiting)
        family = self.instance.family[child.family] if child else None
        if child is None or family is None or self.placing.parents.get(family.key) != at or self.proposed(waiting)[1]:
            return False
        return family.must(child, self.instance.group[at]) if must else family.beside is None


def laid(viewer: Any, plan: Plan) -> Laid:
    """Open a plan beside the facts as they are now; for a deed that has written down who looks."""
    body = said(plan)
    built, shown = instance(viewer, plan.offer, body.get("held"))
    asked = tuple(body.get("wishes", built.order))
    same = digest(built) == plan.digest and (body.get("order") != HOUSE or asked == built.order)
    return Laid(plan, body, replace(built, order=asked), shown, fresh=same)


def get_plan(viewer: Any, ident: UUID, what: str = "proposal") -> Plan | None:
    """Fetch a plan for who may see who waits; two of them side by side, for who arranges groups."""
    needed = Permission.SEE_WAITING if what == Plan.What.PROPOSAL else Permission.ARRANGE_GROUPS
    row = _shown().filter(pk=ident, what=what).first() if may(viewer, needed) else None
    return None if row is None or gone(row) else row


def plans(viewer: Any) -> list[Plan]:
    """List the proposals that still stand, newest first."""
    if not may(viewer, Permission.SEE_WAITING):
        return []
    return [row for row in _shown().filter(what=Plan.What.PROPOSAL)[:10] if not gone(row)]


def _shown() -> "QuerySet[Plan]":
    """Take the plans that are shown still, also while the night that deletes them has not come."""
    return Plan.objects.select_related("made_by").filter(made_at__gt=clock.now() - LIVES)


def said(plan: Plan) -> dict[str, Any]:
    """Open what a plan says: keys of seats and groups, no name. For a deed that has written down who looks."""
    opened: dict[str, Any] = keyring.open_sealed(plan.key, bytes(plan.sealed), context=sealed_at(plan))
    return opened


def gone(plan: Plan) -> bool:
    """Tell whether a plan's key is destroyed: a copy was brought back, and the plan was swept after it was made."""
    try:
        said(plan)
    except keyring.Shredded:
        return True
    return False


def sealed_at(plan: Plan) -> str:
    """Name where a plan's sealed part stands."""
    return keyring.place("plan", plan.pk, "sealed")


def last(offer: str) -> dict[str, str]:
    """Give what the newest proposal for an offer says, so that the next stays near it; for a deed."""
    plan = Plan.objects.filter(what__in=(Plan.What.PROPOSAL, Plan.What.SEATS), offer=offer).first()
    return dict(said(plan)["seats"]) if plan and not gone(plan) else {}


def played() -> PlayedYear | None:
    """Fetch the year that was played last."""
    return PlayedYear.objects.first()
