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
from brobygger.groups.models import Apart, Group, Seat, Waiting

if TYPE_CHECKING:
    from brobygger.casework.models import Member


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
    for row in rows if known_to is None else [each for each in rows if may_know(known_to, each.one, each.other)]:
        found.setdefault(row.one_id, set()).add(row.other_id)
        found.setdefault(row.other_id, set()).add(row.one_id)
    return found


def apart_in(group: Group, people: "Iterable[Member]") -> list["Member"]:
    """Find those on a group's chairs, babies' grown-ups too, whom some people are not placed with."""
    others = {ident for found in kept_apart(people).values() for ident in found}
    rows = queries.seated(group).filter(Q(member__in=others) | Q(beside__in=others))
    there = [each for seat in rows.select_related("member__course", "beside__course") for each in _on(seat)]
    return [each for each in there if each.pk in others]


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
    rows: Iterable[Waiting], brought: Iterable[Waiting], seated: Mapping[UUID, Iterable[Seat]], groups: Iterable[Group]
) -> dict[str, frozenset[str]]:
    """Say who of those who wait must not come together with whom, and into which groups, all by their keys.

    A child brings the parent of the family who is `brought`: who waits for a seat in the group beside.
    """
    listed = list(rows)
    waits = {str(row.pk): {row.member_id} for row in listed}
    beside = [(row.member.course_id, row.member_id) for row in brought]
    for row in listed if beside else ():
        waits[str(row.pk)] |= {who for course, who in beside if course == row.member.course_id}
    sits: dict[str, set[UUID]] = {}
    for group in groups:
        at = group.beside_id if group.kind == Group.Kind.PARENT and group.beside_id else group.pk
        people = {who for seat in seated[group.pk] for who in (seat.member_id, seat.beside_id) if who}
        sits.setdefault(str(at), set()).update(people)
    return in_conflict(kept_apart(row.member for row in listed), waits, sits)


def _waiting_or_seated() -> "dict[UUID, Member]":
    """List who may be placed or is: who waits, and who has a seat or an offer of one, in courses that run."""
    running = {"member__course__state": "open", "member__erasing": False}
    waits = Waiting.objects.filter(ended_on=None, **running).select_related("member__course")
    sits = Seat.objects.filter(state__in=queries.LIVING, **running).select_related("member__course")
    return {row.member_id: row.member for row in waits} | {row.member_id: row.member for row in sits}


def may_part(viewer: Any, *members: "Member") -> bool:
    """Tell whether somebody may say who is not placed with whom: who arranges groups, of those who wait or sit there.

    Else who has the courses of both: nobody learns of another's family.
    """
    if all(queries.has_whole(viewer, each) for each in members):
        return True
    return may(viewer, Permission.ARRANGE_GROUPS) and {each.pk for each in members} <= _waiting_or_seated().keys()


def may_know(viewer: Any, *members: "Member") -> bool:
    """Tell whether somebody may see that people are not placed together, and let it hold no more."""
    return may(viewer, Permission.ARRANGE_GROUPS) or all(queries.has_whole(viewer, each) for each in members)


# ---- On a page ----


@dataclass(frozen=True)
class Pair:
    """Somebody a person is not placed with, and the groups where both sit all the same."""

    row: Apart
    named: str
    #: Names of the groups where both sit or are offered a seat.
    both_in: list[str]


@dataclass(frozen=True)
class KeptApart:
    """Those a person is not placed with whom the viewer may know of, and how many others there are."""

    pairs: list[Pair]
    others: int


def _known(viewer: Any, members: "Iterable[Member]") -> dict[UUID, str]:
    """Name people as the viewer knows them: called in one's own courses, and under nickname and age elsewhere."""
    listed = list(members)
    said = casework.said_of(listed)
    found = {}
    for each in listed:
        own = said.get(each.pk, {})
        role = str(ROLES.get(str(own.get("role")), _("Somebody")))
        age = rules.months(str(own.get("birth") or ""), clock.today())
        years = None if age is None else ngettext("%(n)s year", "%(n)s years", age // 12) % {"n": age // 12}
        name = str(own.get("called") or role) if queries.has_whole(viewer, each) else years or role
        found[each.pk] = f"{each.course.nickname} · {name}"
    return found


def named(viewer: Any, member: "Member") -> str:
    """Name one person as the viewer knows them, for who has said that they look."""
    return _known(viewer, [member])[member.pk]


def of(viewer: Any, member: "Member") -> KeptApart:
    """Put together whom somebody is not placed with, for who has said that they look."""
    rows = list(parted([member], still=True))
    seen = [each for each in rows if may_know(viewer, each.one, each.other)]
    others = {each.pk: each.other if each.one_id == member.pk else each.one for each in seen}
    names = _known(viewer, others.values())
    own = set(Seat.objects.filter(member=member, state__in=queries.LIVING).values_list("group_id", flat=True))
    sits = Seat.objects.filter(member__in=list(others.values()), state__in=queries.LIVING, group__in=own)
    both: dict[UUID, list[str]] = {}
    for seat in sits.select_related("group"):
        both.setdefault(seat.member_id, []).append(seat.group.name)
    pairs = [Pair(each, names[others[each.pk].pk], both.get(others[each.pk].pk, [])) for each in seen]
    return KeptApart(pairs, len(rows) - len(seen))


def choices(viewer: Any, member: "Member") -> "dict[str, tuple[str, Member]]":
    """List those somebody may be kept apart from, as far as the viewer may know of them; by name."""
    if may(viewer, Permission.ARRANGE_GROUPS):
        rows = _waiting_or_seated()
    else:
        mine = [casework.get_course(viewer, each.ident) for each in casework.mine(viewer) if each.scope == "course"]
        there = (each for held in mine if held for each in held.course.members.filter(erasing=False))
        rows = {each.pk: each for each in there}
    gone = kept_apart([member]).get(member.pk, set()) | {member.pk}
    rows = {ident: each for ident, each in rows.items() if ident not in gone}
    named = sorted(_known(viewer, rows.values()).items(), key=lambda row: rules.in_order(row[1]))
    return {str(ident): (name, rows[ident]) for ident, name in named}


class Part(forms.Form):
    """Whom somebody is not placed with."""

    def __init__(self, *args: Any, viewer: Any, member: "Member", **more: Any) -> None:
        """Offer those the viewer may know of."""
        super().__init__(*args, **more)
        self.people = choices(viewer, member)
        listed = [(key, name) for key, (name, _row) in self.people.items()]
        self.fields["other"] = one_of(gettext_lazy("Not in the same group as"), listed, gettext_lazy("Choose who."))

    def other(self) -> "Member":
        """Give who was chosen."""
        return self.people[self.cleaned_data["other"]][1]
