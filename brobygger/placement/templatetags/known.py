"""What is opened for a proposal: who waits, the groups and who sits in them, what families wish.

For a deed that has written down who looks. What becomes of it is said in `queries`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN
from brobygger.groups import queries as seating
from brobygger.groups.templatetags.waiting import everybody, opened, running, siblings_wished
from brobygger.placement.rules import Hours
from brobygger.series import rules as series

if TYPE_CHECKING:
    from brobygger.casework.models import Member
    from brobygger.groups.models import Group as Row
    from brobygger.groups.models import Seat, Waiting

#: How many coming meetings a group's weekdays and weeks are read from, as on the list of who waits.
AHEAD = 6


@dataclass(frozen=True)
class Known:
    """What was opened: who waits and has no seat yet, the groups, who sits in them, who they all are.

    `siblings` is what each family wishes for its children, by course; `taken` is when somebody sits in a group.
    """

    offer: str
    rows: "list[Waiting]"
    wishes: dict[UUID, dict[str, Any]]
    siblings: dict[UUID, str]
    groups: "list[Row]"
    seated: "dict[UUID, list[Seat]]"
    taken: dict[UUID, set[Hours]]
    said: dict[UUID, dict[str, Any]]
    #: The grown-ups of each family a baby of which waits for a group where one comes along.
    grown_ups: "dict[UUID, list[Member]]" = field(default_factory=dict)

    def along(self, row: "Waiting") -> "list[Member]":
        """Name the grown-ups who may come along with a baby who waits: for another group, none."""
        pairs = {each.offer for each in self.groups if each.kind == "pair"}
        return self.grown_ups.get(row.member.course_id, []) if row.offer in pairs else []

    def grown(self, row: "Waiting") -> bool:
        """Tell whether a grown-up waits."""
        return self.said[row.member_id].get("role") not in CHILDREN

    def beside(self, group: "Row") -> bool:
        """Tell whether this is a parents' group beside another."""
        return bool(group.beside_id) and group.kind == "parent"

    def parallels(self) -> "dict[str, list[Row]]":
        """Put the parents' groups to the group they meet beside."""
        found: dict[str, list[Row]] = {}
        for each in self.groups:
            if self.beside(each):
                found.setdefault(str(each.beside_id), []).append(each)
        return found


def read(offer: str) -> Known:
    """Open who waits for an offer, or for all, and has no seat yet; and the groups there are for it."""
    groups = running()
    seated = {each.pk: list(seating.seated(each).select_related("member", "starts_with")) for each in groups}
    there = {(seat.member_id, each.offer) for each in groups for seat in seated[each.pk]}
    of = {each.pk: each.offer for each in groups}
    # Parents wait for the group beside their child's, which is another offer.
    beside = {each.pk for each in groups if each.beside_id in of and of[each.beside_id] == offer}
    wanted = {offer} | {each.offer for each in groups if each.pk in beside}
    waits = [row for row in everybody() if offer == "" or row.offer in wanted]
    rows = [row for row in waits if (row.member_id, row.offer) not in there]
    members = [row.member for row in rows] + [seat.member for seats in seated.values() for seat in seats]
    pairs = {each.offer for each in groups if each.kind == "pair"}
    courses = list({row.member.course_id: row.member.course for row in rows if row.offer in pairs}.values())
    prefetch_related_objects(courses, "members")
    families = {course.pk: [each for each in course.members.all() if not each.erasing] for course in courses}
    said = casework.said_of([*members, *(each for family in families.values() for each in family)])
    kept = [
        each for each in groups if offer in ("", each.offer) or (each.beside_id in of and of[each.beside_id] == offer)
    ]
    taken: dict[UUID, set[Hours]] = {}
    for each in groups:
        there_too = {who for seat in seated[each.pk] for who in (seat.member_id, seat.beside_id) if who}
        for who in there_too & {row.member_id for row in rows}:
            taken.setdefault(who, set()).update(hours(each))
    wishes = {row.pk: wish for row, wish in opened(rows)}
    siblings = siblings_wished({row.member.course_id for row in rows}, there)
    grown_ups = {
        key: [each for each in family if said[each.pk].get("role") not in CHILDREN] for key, family in families.items()
    }
    return Known(offer, rows, wishes, siblings, kept, seated, taken, said, grown_ups)


# ---- Groups ----


def hours(group: "Row") -> list[Hours]:
    """Say when a group takes those who sit in it; by its rule, wherever a single meeting was moved."""
    days = [each.planned_on for each in seating.starts(group)[1][:AHEAD]]
    weekdays = tuple(sorted({each.weekday() for each in days}))
    return [(weekdays, group.begins.strftime("%H:%M"), group.ends.strftime("%H:%M"), parity(days))] if days else []


def parity(days: Iterable[date]) -> str:
    """Tell in which weeks some days lie, until a long year turns them: "even", "odd"; in both it is "any"."""
    odd = {day.isocalendar().week % 2 for day in series.before_the_turn(days)}
    return {frozenset({0}): "even", frozenset({1}): "odd"}.get(frozenset(odd), "any")
