"""Who is not placed in a group with whom: never why, and to nobody who may not know of both.

Opens what people are called for who has their courses; who arranges groups sees nicknames.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.casework.templatetags.courses import ROLES
from brobygger.ground import clock
from brobygger.ground.forms import one_of
from brobygger.groups import queries, rules
from brobygger.groups.models import Apart, Group, Seat, Seats, Waiting

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member


def parted(members: "Iterable[Member]", *, still: bool = False) -> QuerySet[Apart]:
    """Say with whom some people are not placed, oldest first; `still` leaves out what holds no more."""
    listed = [each.pk for each in members]
    rows = Apart.objects.filter(Q(one__in=listed) | Q(other__in=listed), one__erasing=False, other__erasing=False)
    rows = rows.select_related("one__course", "other__course")
    return rows.filter(ended_on=None) if still else rows


def kept_apart(members: "Iterable[Member]", known_to: Any = None) -> dict[UUID, set[UUID]]:
    """Name, by person, those they are not placed with, or those of them somebody may know of; for a deed that looks."""
    found: dict[UUID, set[UUID]] = {}
    rows = parted(members, still=True)
    for row in rows if known_to is None else _known_of(known_to, rows, own_courses(known_to)):
        found.setdefault(row.one_id, set()).add(row.other_id)
        found.setdefault(row.other_id, set()).add(row.one_id)
    return found


def apart_in(group: Group, people: "Iterable[Member]") -> list["Member"]:
    """Find those whom some people are not placed with, on the chairs of a group and of those that meet beside it.

    Babies' grown-ups too.
    """
    others = {ident for found in kept_apart(people).values() for ident in found}
    rows = _sitting(others).around(group).select_related("member__course", "beside__course").order_by("group", "chair")
    return [each for seat in rows for each in _on(seat) if each.pk in others]


def _sitting(people: Iterable[UUID]) -> Seats:
    """Say where some people are on a chair, or sit beside who is."""
    listed = list(people)
    there = Q(member__in=listed) | Q(beside__in=listed)
    return Seat.objects.filter(there, state__in=queries.LIVING, member__erasing=False)


def _on(seat: Seat) -> list["Member"]:
    return [each for each in (seat.member, seat.beside) if each is not None]


def in_conflict(
    apart: Mapping[UUID, set[UUID]], waits: Mapping[str, set[UUID]], sits: Mapping[str, set[UUID]]
) -> dict[str, frozenset[str]]:
    """Say, by who waits, which others who wait and which groups they must not come together with.

    `waits` are the people a seat would bring, `sits` those who are in each group; `apart` is from `kept_apart`.
    """
    found = {}
    for key, people in waits.items():
        kept = {ident for each in people for ident in apart.get(each, ())}
        there = {**waits, **sits} if kept else {}
        found[key] = frozenset(at for at, others in there.items() if at != key and kept & others)
    return found


def for_placing(
    rows: Iterable[Waiting],
    brought: "Mapping[UUID, Iterable[Member]]",
    seated: Mapping[UUID, Iterable[Seat]],
    groups: Iterable[Group],
) -> dict[str, frozenset[str]]:
    """Say who of those who wait must not come together with whom, and into which groups, all by their keys.

    Each wait brings the grown-ups who may come along (`brought`): into the group beside, or with a baby.
    """
    coming = {row.pk: [row.member, *brought.get(row.pk, ())] for row in rows}
    waits = {str(key): {each.pk for each in people} for key, people in coming.items()}
    there, near = list(groups), dict[UUID, set[UUID]]()
    for group in there:
        people = {who for seat in seated[group.pk] for who in (seat.member_id, seat.beside_id) if who}
        near.setdefault(group.root, set()).update(people)
    # Nobody is placed in a parents' group beside another but along with a child.
    placed = [each for each in there if each.kind != Group.Kind.PARENT or not each.beside_id]
    apart = kept_apart(each for people in coming.values() for each in people)
    return in_conflict(apart, waits, {str(at.pk): near[at.root] for at in placed})


def _waiting_or_seated(**among: Any) -> "dict[UUID, Member]":
    """List who may be placed or is: who waits, and who has a seat or an offer of one, in courses that run."""
    running = {"member__course__state": "open", "member__erasing": False, **among}
    waits = Waiting.objects.filter(ended_on=None, **running).select_related("member__course")
    sits = Seat.objects.filter(state__in=queries.LIVING, **running).select_related("member__course")
    return {row.member_id: row.member for row in waits} | {row.member_id: row.member for row in sits}


def may_part(viewer: Any, *members: "Member") -> bool:
    """Tell whether somebody may say who is not placed with whom: who arranges groups, of those who wait or sit there.

    Else who has the courses of both: nobody learns of another's family.
    """
    if all(queries.has_whole(viewer, each) for each in members):
        return True
    idents = {each.pk for each in members}
    return may(viewer, Permission.ARRANGE_GROUPS) and idents == _waiting_or_seated(member__in=idents).keys()


def may_know(viewer: Any, *members: "Member") -> bool:
    """Tell whether somebody may see that people are not placed together, and let it hold no more."""
    return may(viewer, Permission.ARRANGE_GROUPS) or all(queries.has_whole(viewer, each) for each in members)


def own_courses(viewer: Any) -> set[UUID]:
    """Name the courses `queries.has_whole` says yes to: asked once, where there are many people."""
    return set(casework.whole(viewer)) if may(viewer, Permission.RUN_GROUPS) else set()


def _known_of(viewer: Any, rows: Iterable[Apart], own: set[UUID]) -> list[Apart]:
    """Keep what somebody may know of, see `may_know`; `own` are their courses."""
    every = may(viewer, Permission.ARRANGE_GROUPS)
    return [each for each in rows if every or {each.one.course_id, each.other.course_id} <= own]


# ---- On a page ----


@dataclass(frozen=True)
class Whom:
    """Whom a person is not placed with, and whom they might be kept from, for who may know of them; nothing opened."""

    member: "Member"
    #: The courses the viewer has.
    own: set[UUID]
    #: What holds and the viewer may know of, and how many others there are.
    seen: list[Apart]
    others: int
    people: "dict[UUID, Member]"

    def other(self, row: Apart) -> "Member":
        """Give the one the person is not placed with."""
        return row.other if row.one_id == self.member.pk else row.one

    @property
    def courses(self) -> "list[Course]":
        """The courses of everybody named, in an order that does not tell who is kept apart and who might be."""
        named = [*map(self.other, self.seen), *self.people.values()]
        return sorted({each.course_id: each.course for each in named}.values(), key=lambda course: course.pk)


def whom(viewer: Any, member: "Member") -> Whom:
    """List whom somebody is not placed with, and whom they might be kept from, as far as the viewer may know."""
    rows, own = list(parted([member], still=True)), own_courses(viewer)
    gone = {ident for row in rows for ident in (row.one_id, row.other_id)} | {member.pk}
    people = _waiting_or_seated() if may(viewer, Permission.ARRANGE_GROUPS) else _in_courses(viewer, own)
    seen = _known_of(viewer, rows, own)
    left = {ident: each for ident, each in people.items() if ident not in gone}
    return Whom(member, own, seen, len(rows) - len(seen), left)


def _in_courses(viewer: Any, own: set[UUID]) -> "dict[UUID, Member]":
    courses = casework.visible(viewer).filter(pk__in=own).prefetch_related("members")
    return {each.pk: each for course in courses for each in course.members.all() if not each.erasing}


@dataclass(frozen=True)
class Pair:
    """Somebody a person is not placed with, and the groups where both sit all the same."""

    row: Apart
    named: str
    #: Names of the groups where both sit or are offered a seat: theirs, and the other's, the same or one beside it.
    both_in: list[tuple[str, str]]


@dataclass(frozen=True)
class KeptApart:
    """A person as the viewer knows them, those they are not placed with, how many others, and who else there is."""

    called: str
    pairs: list[Pair]
    others: int
    choices: "dict[str, tuple[str, Member]]"


def _names(members: "Iterable[Member]", own: set[UUID]) -> dict[UUID, str]:
    """Name people as a viewer knows them: called in their `own` courses, and under nickname and age elsewhere."""
    listed = {each.pk: each for each in members}
    said = casework.said_of(listed.values())
    found = {}
    for ident, each in listed.items():
        known = said.get(ident, {})
        role = str(ROLES.get(str(known.get("role")), _("Somebody")))
        age = rules.months(str(known.get("birth") or ""), clock.today())
        years = None if age is None else ngettext("%(n)s year", "%(n)s years", age // 12) % {"n": age // 12}
        name = str(known.get("called") or role) if each.course_id in own else years or role
        found[ident] = f"{each.course.nickname} · {name}"
    return found


def _both_in(member: "Member", others: Iterable[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Say, by the other, in which groups both sit at the same house and hour: the name of one's, and of the other's."""
    found: dict[UUID, list[tuple[str, str]]] = {each: [] for each in others}
    mine = list(_sitting([member.pk]).select_related("group").order_by("group__name"))
    seats = _sitting(found).select_related("group", "member", "beside").order_by("group__name")
    for seat in seats if mine else ():
        names = [(own.group.name, seat.group.name) for own in mine if own.group.root == seat.group.root]
        for each in _on(seat):
            found.get(each.pk, []).extend(names)
    return found


def opened(listed: Whom) -> KeptApart:
    """Open what the people are called whom somebody is not placed with or might be, for who has said that they look."""
    others = {row.pk: listed.other(row) for row in listed.seen}
    names = _names([listed.member, *others.values(), *listed.people.values()], listed.own)
    both = _both_in(listed.member, [each.pk for each in others.values()])
    pairs = [Pair(row, names[others[row.pk].pk], both[others[row.pk].pk]) for row in listed.seen]
    ordered = sorted(listed.people.values(), key=lambda each: rules.in_order(names[each.pk]))
    choices = {str(each.pk): (names[each.pk], each) for each in ordered}
    return KeptApart(names[listed.member.pk], pairs, listed.others, choices)


class Part(forms.Form):
    """Whom somebody is not placed with."""

    def __init__(self, *args: Any, people: "dict[str, tuple[str, Member]]", **more: Any) -> None:
        """Offer those the viewer may know of."""
        super().__init__(*args, **more)
        self.people = people
        listed = [(key, name) for key, (name, _row) in people.items()]
        self.fields["other"] = one_of(gettext_lazy("Not in the same group as"), listed, gettext_lazy("Choose who."))

    def other(self) -> "Member":
        """Give who was chosen."""
        return self.people[self.cleaned_data["other"]][1]
