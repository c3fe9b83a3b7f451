"""What is opened for a proposal: who waits, the groups and who sits in them, what families wish.

For a deed that has written down who looks. What becomes of it is said in `queries`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from brobygger.casework import queries as casework
from brobygger.casework.rules import CHILDREN
from brobygger.groups import queries as seating
from brobygger.groups.templatetags.waiting import everybody, opened, running, waited
from brobygger.placement.rules import Hours
from brobygger.series import rules as series

if TYPE_CHECKING:
    from brobygger.groups.models import Group as Row
    from brobygger.groups.models import Meeting, Seat, Waiting

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
    kept = [
        each for each in groups if offer in ("", each.offer) or (each.beside_id in of and of[each.beside_id] == offer)
    ]
    taken: dict[UUID, set[Hours]] = {}
    for each in groups:
        for who in {seat.member_id for seat in seated[each.pk]} & {row.member_id for row in rows}:
            taken.setdefault(who, set()).update(hours(each))
    wishes = {row.pk: wish for row, wish in opened(rows)}
    siblings = siblings_wished({row.member.course_id for row in rows}, there)
    return Known(offer, rows, wishes, siblings, kept, seated, taken, casework.said_of(members))


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


# ---- Groups ----


def chairs_of(group: "Row") -> int:
    """Count the chairs somebody new can have in a parents' group: none when nobody may begin in it any more."""
    room, coming = seating.starts(group)
    return len(seating.chairs(group)) if room and not begun(group, coming) else 0


def begun(group: "Row", coming: "list[Meeting]") -> bool:
    """Tell whether a group takes somebody new at its first meeting alone, and that has been."""
    return group.intake == "fixed" and opening(group) not in coming


def opening(group: "Row") -> "Meeting | None":
    """Find the first meeting of a group that was not called off."""
    return group.meetings.exclude(state="cancelled").order_by("starts_at").first()


def hours(group: "Row") -> list[Hours]:
    """Say when a group takes those who sit in it; by its rule, wherever a single meeting was moved."""
    days = [each.planned_on for each in seating.starts(group)[1][:AHEAD]]
    weekdays = tuple(sorted({each.weekday() for each in days}))
    return [(weekdays, group.begins.strftime("%H:%M"), group.ends.strftime("%H:%M"), parity(days))] if days else []


def parity(days: Iterable[date]) -> str:
    """Tell in which weeks some days lie, until a long year turns them: "even", "odd"; in both it is "any"."""
    odd = {day.isocalendar().week % 2 for day in series.before_the_turn(days)}
    return {frozenset({0}): "even", frozenset({1}): "odd"}.get(frozenset(odd), "any")
