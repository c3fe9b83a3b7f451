"""Who waits for a seat, and who may be offered one: what stands in the way, group by group, and when they may begin.

Opens what people are called, when they were born and what suits them, for a look that has left its line (`seats`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import template
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN
from brobygger.casework.templatetags.courses import ROLES
from brobygger.catalogue import queries as catalogue
from brobygger.catalogue.rules import Situation
from brobygger.ground import clock
from brobygger.ground.templatetags.house import said, say_day
from brobygger.groups import queries, rules
from brobygger.groups.models import Group, Meeting, Seat, Waiting
from brobygger.privacy import keyring

from .apart import kept_apart
from .boxes import away as _away
from .boxes import told_at_home

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member

register = template.Library()
#: How many coming meetings a wish about days is held against.
AHEAD = 6


def everybody() -> QuerySet[Waiting]:
    """Say who waits: people in courses that run, longest first."""
    rows = Waiting.objects.filter(ended_on=None, member__erasing=False, member__course__state="open")
    return rows.select_related("member__course").order_by("since", "id")


def waited(courses: Iterable[UUID]) -> QuerySet[Waiting]:
    """Say what people in some courses wait for, or have waited for until there was a seat, oldest first."""
    rows = Waiting.objects.filter(member__course__in=list(courses), member__erasing=False)
    return rows.exclude(outcome=Waiting.Outcome.WITHDRAWN).select_related("member").order_by("since", "id")


def running(offer: str = "") -> list[Group]:
    """List the groups that run or are planned: all of them, or those of one offer."""
    rows = Group.objects.exclude(state=Group.State.CLOSED).order_by("place", "name")
    return list(rows.filter(offer=offer) if offer else rows)


def parents_chairs(group: Group) -> int | None:
    """Count the chairs parents may take in the groups of theirs beside a group; None where there is no such group."""
    rows = [each for each in group.parallels.all() if each.kind == Group.Kind.PARENT and each.state != "closed"]
    return sum(map(chairs_of, rows)) if rows else None


def chairs_of(group: Group) -> int:
    """Count the chairs somebody new can have in a parents' group: none when nobody may begin in it any more."""
    room, coming = queries.starts(group)
    return len(queries.chairs(group)) if room and not begun(group, coming) else 0


def begun(group: Group, coming: list[Meeting]) -> bool:
    """Tell whether a group takes somebody new at its first meeting alone, and that has been."""
    first = queries.opening(group) if group.intake == Group.Intake.FIXED else None
    return first is not None and first not in coming


def runs_out(group: Group, coming: list[Meeting]) -> bool:
    """Tell whether a group is under way and has a last meeting."""
    return (group.ends_on is not None or group.meetings_wanted is not None) and queries.opening(group) not in coming


def standing(group: Group) -> rules.Standing:
    """Work out how a group stands for who wants to begin, and who is known to leave it; for who has said they look."""
    today, (room, coming) = clock.today(), queries.starts(group)
    first = room or coming
    left_over = sum(each.starts_at >= first[0].starts_at for each in coming) if first else 0
    few = left_over < catalogue.house().placement["fewest_meetings_left"]
    births = casework.said_of(each.member for each in queries.seated(group).select_related("member")).values()
    old = [rules.too_old_on(str(said.get("birth") or ""), group.months_to) for said in births]
    aged = group.kind in (Group.Kind.CHILD, Group.Kind.PAIR)
    left = Seat.objects.filter(group=group, state=Seat.State.LEFT, ended_on__gte=today - rules.SEEN_AHEAD)
    return rules.Standing(
        free=len(queries.chairs(group)),
        starts=tuple(clock.local(each.starts_at).date() for each in room),
        days=tuple(each.planned_on for each in coming[:AHEAD]),
        begun=begun(group, coming),
        ends=bool(first) and few and runs_out(group, coming),
        crowded=bool(coming) and coming[0] not in room,
        at_once=group.newcomers,
        beside=parents_chairs(group),
        leaving=tuple(max(today, day) for day in old if aged and day and day <= today + rules.SEEN_AHEAD),
        left=tuple(each.ended_on for each in left if each.ended_on),
    )


def opened(rows: Iterable[Waiting]) -> list[tuple[Waiting, dict[str, Any]]]:
    """Open what suits some who wait, for who has written down that they look."""
    listed = list(rows)
    sealed = ((each.member.key, bytes(each.sealed), keyring.place("waiting", each.pk, "sealed")) for each in listed)
    return [(row, dict(wish or {})) for row, wish in zip(listed, keyring.open_many(sealed), strict=True)]


def siblings_wished(courses: set[UUID], there: set[tuple[UUID, str]]) -> dict[UUID, str]:
    """Say what some families wish for their children, by course: also those said by who has a seat by now."""
    # A wish holds while they wait, or sit in what they waited for; what was said last is what they wish.
    last = {(row.member_id, row.offer): row for row in waited(courses)}
    held = [row for key, row in last.items() if row.ended_on is None or key in there]
    asked: dict[UUID, set[str]] = {}
    for row, wish in opened(held):
        asked.setdefault(row.member.course_id, set()).add(wish.get("siblings") or "any")
    return {
        course: next(each for each in ("apart", "together", "any") if each in said) for course, said in asked.items()
    }


@dataclass(frozen=True)
class Chairs:
    """Who is on the chairs of each group, babies' grown-ups too, by whose course; and who is not placed with whom."""

    there: dict[UUID, dict[UUID, UUID]]
    #: Who is on the chairs of those that meet side by side, by the group the others are beside.
    near: dict[UUID, set[UUID]]
    apart: dict[UUID, set[UUID]]
    known: dict[UUID, set[UUID]]
    #: Which families have a grown-up on a chair of the parents' group beside a group.
    parents: dict[UUID, set[UUID]]

    @classmethod
    def around(cls, viewer: Any, members: "Iterable[Member]") -> "Chairs":
        """Find what matters to some people, and what of it the viewer may know."""
        people = list(members)
        there, near = dict[UUID, dict[UUID, UUID]](), dict[UUID, set[UUID]]()
        parents: dict[UUID, set[UUID]] = {}
        for seat in Seat.objects.filter(chair__isnull=False).select_related("group", "member"):
            who = {each: seat.member.course_id for each in (seat.member_id, seat.beside_id) if each}
            there.setdefault(seat.group_id, {}).update(who)
            near.setdefault(seat.group.root, set()).update(who)
            if seat.group.beside_id and seat.group.kind == Group.Kind.PARENT:
                parents.setdefault(seat.group.beside_id, set()).add(seat.member.course_id)
        return cls(there, near, kept_apart(people), kept_apart(people, viewer), parents)

    def in_group(self, group: Group, member: "Member", role: Any = "child") -> set[str]:
        """Say who of those that matter to somebody sits in a group, or is kept apart and near: see `rules.chance`."""
        there, near = self.there.get(group.pk, {}), self.near.get(group.root, set())
        family = {who for who, course in there.items() if course == member.course_id and who != member.pk}
        known = self.known.get(member.pk, set())
        matters = {"they": {member.pk} & there.keys(), "family": family, "kept_apart": known & near}
        matters["not_there"] = (self.apart.get(member.pk, set()) - known) & near
        found = {word for word, people in matters.items() if people}
        found |= {"parent"} if member.course_id in self.parents.get(group.pk, ()) else set()
        return found if role in CHILDREN else found | {"grown"}

    def siblings(self, courses: set[UUID]) -> dict[UUID, str]:
        """Say what some families wish for their children, whichever of them it was said for."""
        rows = Group.objects.filter(pk__in=self.there).values_list("pk", "offer")
        return siblings_wished(courses, {(who, offer) for at, offer in rows for who in self.there[at]})


def chances(
    viewer: Any, member: "Member", groups: Iterable[Group], birth: str, role: Any = "child"
) -> list[rules.Chance]:
    """Say what speaks against a seat for one person, group by group; their wishes are for who has the course."""
    waits = {row.offer: wishes for row, wishes in opened(everybody().filter(member=member))}
    chairs, found = Chairs.around(viewer, [member]), list[rules.Chance]()
    siblings = {"siblings": chairs.siblings({member.course_id}).get(member.course_id, "")}
    for group in groups:
        there, wishes = chairs.in_group(group, member, role), waits.get(group.offer, {}) | siblings
        found.append(rules.chance(group, birth, wishes, there=there, now=standing(group), today=clock.today()))
    return found if queries.has_whole(viewer, member) else list(map(rules.unread, found))


@dataclass(frozen=True)
class Asked:
    """Somebody who may be offered a seat: what they are called, the grown-ups of the family, the groups."""

    member: "Member"
    called: str
    grown: list[tuple[str, str]]
    chances: list[rules.Chance]
    #: Whether they are a grown-up themselves, and for which offers the talks before the first evening are done.
    adult: bool = False
    talked: frozenset[str] = frozenset()


def _called(known: dict[str, Any]) -> str:
    return str(known.get("called") or ROLES.get(str(known.get("role"))) or gettext("Somebody"))


def asked(viewer: Any, member: "Member", groups: Iterable[Group] | None = None) -> Asked:
    """Open what somebody is called, and who is grown-up beside them; for who has written down that they look."""
    family = [each for each in member.course.members.filter(erasing=False)]
    known = casework.said_of(family)
    own = known.get(member.pk, {})
    grown = [each for each in family if each != member and known[each.pk].get("role") not in CHILDREN]
    found = [each for each in (running() if groups is None else groups) if each.kind != Group.Kind.CAFE]
    return Asked(
        member,
        _called(own),
        [(str(each.pk), _called(known[each.pk])) for each in grown],
        chances(viewer, member, found, str(own.get("birth") or ""), own.get("role")),
        adult=own.get("role") not in CHILDREN,
        talked=frozenset(row.offer for row, wishes in opened(everybody().filter(member=member)) if wishes.get("talks")),
    )


@dataclass(frozen=True)
class Line:
    """Somebody who waits: what stands in the way, group by group, and when they may begin at the earliest.

    What they are called and what suits them is for who has their course.
    """

    waiting: Waiting
    own: bool
    called: str
    wishes: dict[str, Any]
    chances: list[rules.Chance]
    expected: rules.Expected | None


def lines(viewer: Any, wanted: Iterable[Waiting]) -> list[Line]:
    """Open some who wait; what stands in the way of the others is worked out too, for who was first. See `asked`.

    Without a viewer nobody is called anything: that is for what a family's own box is told.
    """
    listed = {each.pk for each in wanted}
    rows = opened(everybody())
    known = casework.said_of(each.member for each, _wishes in rows)
    wanted_of = {each.offer for each, _wishes in rows}
    groups = {group: standing(group) for group in running() if group.offer in wanted_of}
    chairs = Chairs.around(viewer, (each.member for each, _wishes in rows))
    siblings = chairs.siblings({each.member.course_id for each, _wishes in rows})
    found, before = list[Line](), list[set[UUID]]()
    for row, wishes in rows:
        own, chances = known[row.member_id], []
        for group, now in groups.items():
            if group.offer == row.offer:
                birth, there = str(own.get("birth") or ""), chairs.in_group(group, row.member, own.get("role"))
                wished = {**wishes, "siblings": siblings.get(row.member.course_id, "")}
                chances.append(rules.chance(group, birth, wished, there=there, now=now, today=clock.today()))
        fit = {each.group.pk for each in chances if each.fits}
        ahead = sum(bool(fit & others) for others in before)
        # Who has been offered a seat already is before nobody.
        before.append(set() if any("seated" in each.reasons for each in chances) else fit)
        if row.pk in listed:
            whole = viewer is not None and queries.has_whole(viewer, row.member)
            soon = rules.expected(chances, ahead=ahead, today=clock.today())
            called = str(own.get("called") or "") if whole else ""
            shown = chances if whole else list(map(rules.unread, chances))
            found.append(Line(row, whole, called, wishes if whole else {}, shown, soon))
    return found


@dataclass(frozen=True)
class Person:
    """One person in a course: the seats they have or had here, newest first, and what they wait for."""

    member: "Member"
    called: str
    seats: list[Seat]
    waits: list[Line]


def family(viewer: Any, course: "Course", wanted: Iterable[Waiting]) -> list[Person]:
    """Put the people of a course together with their seats and what they wait for. See `asked`."""
    people = list(course.members.filter(erasing=False))
    known, waits = casework.said_of(people), lines(viewer, wanted)
    rows = Seat.objects.filter(member__in=people).select_related("group", "starts_with").order_by("-offered_on", "-id")
    held = list(rows)
    return [
        Person(
            each,
            _called(known[each.pk]),
            [row for row in held if row.member_id == each.pk],
            [line for line in waits if line.waiting.member_id == each.pk],
        )
        for each in people
    ]


def called(seats: Iterable[Seat]) -> list[tuple[Seat, str]]:
    """Put to some seats what the people are called, in the order of the alphabet. See `asked`."""
    listed = list(seats)
    known = casework.said_of(seat.member for seat in listed)
    return sorted(((seat, _called(known[seat.member_id])) for seat in listed), key=lambda each: rules.in_order(each[1]))


@dataclass(frozen=True)
class Sitting:
    """A seat to who may see it: whose it is, the coming meetings, whether their box speaks of it."""

    seat: Seat
    called: str
    beside: str
    coming: list[tuple[Meeting, bool]]
    tells: bool


def sitting(seat: Seat) -> Sitting:
    """Open whose seat it is, and put its coming meetings to it. See `asked`."""
    people = [each for each in (seat.member, seat.beside) if each is not None]
    known = casework.said_of(people)
    ahead = seat.group.meetings.filter(ends_at__gt=clock.now(), state=Meeting.State.PLANNED)
    if seat.starts_with is not None:
        ahead = ahead.filter(starts_at__gte=seat.starts_with.starts_at)
    coming = list(ahead.order_by("starts_at")[:AHEAD])
    away = set(_away(seat, coming))
    thread = seat.member.course.thread
    return Sitting(
        seat,
        _called(known.get(seat.member_id, {})),
        _called(known.get(seat.beside_id, {})) if seat.beside_id else "",
        [(each, each.pk in away) for each in coming],
        tells=thread is not None and not thread.ending and bool(told_at_home([seat])),
    )


# ---- In words ----

WHY = {
    "unsuited": _("does not suit what they wish"),
    "kept_apart": _("somebody sits there or beside it whom they are not placed with"),
    "not_there": _("not this group: ask who arranges the groups"),
    "language": _("held in a language they do not speak"),
    "no_parents": _("no group for parents beside it"),
    "parents_full": _("no free seat for a parent beside it"),
    "seated": _("has a seat there, or an offer of one"),
    "too_young": _("too young for it"),
    "too_old": _("too old for it"),
    "place": _("not a place they can come to"),
    "day": _("not a day that suits them"),
    "parity": _("the other weeks"),
    "apart": _("a brother or sister sits there"),
    "begun": _("it has begun"),
    "no_dates": _("it has no dates ahead"),
    "ends": _("it ends soon"),
    "child_waits": _("here it is the child who waits: write the child on the list"),
    "full": _("no free seat"),
    "newcomers": _("so many are new at the next meeting"),
}


@register.filter
def why(chance: rules.Chance) -> str:
    """Say what stands in the way of a seat: "no free seat, the other weeks"; empty when nothing does."""
    return ", ".join(str(WHY[each]) for each in chance.reasons)


@register.filter
def free_first(chances: list[rules.Chance]) -> list[rules.Chance]:
    """Put the groups first that have a seat for them, then those that fit."""
    return sorted(chances, key=lambda each: (not each.free, not each.fits))


@register.filter
def named(offer: str) -> str:
    """Name an offer by its key."""
    return next((said(row.name) for row in catalogue.offers() if row.key == offer), offer)


@register.filter
def soonest(line: Line) -> str:
    """Say when somebody may begin at the earliest, no more surely than anybody can know it."""
    if line.expected is None:
        return gettext("Nobody can say yet when there is a seat.")
    month = date_format(line.expected.day, "F Y")
    return {
        "free": gettext("There is a seat from %(day)s."),
        "leaver": gettext("Perhaps in %(month)s: somebody grows too old for the group then."),
        "usual": gettext("Perhaps around %(month)s, if as many leave as usual. It is no promise."),
    }[line.expected.ground] % {"month": month, "day": say_day(line.expected.day)}


@dataclass(frozen=True)
class Meanwhile:
    """What somebody who waits can do until then: other things here that fit, and the next open café."""

    offers: list[tuple[str, str]]
    cafes: list[Meeting]


@register.filter
def meanwhile(line: Line) -> Meanwhile:
    """Find something for the time until there is a seat; the telephone is always there."""
    birth = str(casework.said_of([line.waiting.member]).get(line.waiting.member_id, {}).get("birth") or "")
    age = rules.months(birth, clock.today())
    fitting = catalogue.matches(Situation(age=None if age is None else age // 12))
    others = [row.offer for row in fitting if row.yes and row.offer.key != line.waiting.offer]
    offers = [(row.key, said(row.name)) for row in others]
    cafes = Meeting.objects.filter(group__kind=Group.Kind.CAFE, state=Meeting.State.PLANNED, starts_at__gt=clock.now())
    return Meanwhile(offers[:4], list(cafes.exclude(group__state="closed").order_by("starts_at")[:2]))
