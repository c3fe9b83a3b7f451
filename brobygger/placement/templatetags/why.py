"""Why somebody was proposed the seat they have: kept by codes beside the seat, said in words as long as the seat is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.groups import queries as seating
from brobygger.groups.templatetags.groups import at_place
from brobygger.placement.models import Why
from brobygger.placement.rules import Child, Reason
from brobygger.privacy import keyring

from . import reasons

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from brobygger.casework.models import Member
    from brobygger.groups.models import Seat

register = template.Library()


def may_read(viewer: Any, seat: "Seat") -> bool:
    """Tell whether somebody may read why a seat was proposed: who has the course, and who arranges groups."""
    if seating.get_seat(viewer, seat.pk) is None:
        return False
    return seating.has_whole(viewer, seat.member) or may(viewer, Permission.ARRANGE_GROUPS)


def kept(seat: "Seat") -> list[Reason] | None:
    """Open why a seat was proposed; None for one that was offered by hand. For a look that is noted."""
    return next((said for _seat, said in _opened(Why.objects.filter(seat=seat))), None)


def _opened(kept: "QuerySet[Why]") -> "Iterator[tuple[Seat, list[Reason]]]":
    rows = list(kept.select_related("seat__member", "seat__group"))
    sealed = [(row.seat.member.key, bytes(row.sealed), keyring.place("why", row.pk, "sealed")) for row in rows]
    for row, body in zip(rows, keyring.open_many(sealed), strict=True):
        if body is not None:
            yield row.seat, [Reason(code, facts) for code, facts in body["reasons"]]


def sentences(said: Iterable[Reason]) -> list[str]:
    """Say them in words, a sentence each."""
    nobody = Child("", "", since=date.min, months=0, reach={})
    found = [_own(each.code, each.facts) or reasons.here(each, nobody) for each in said]
    return [each for each in found if each]


def _own(code: str, facts: Mapping[str, Any]) -> str:
    """Say what the proposal's page shows beside the sentences: age and place."""
    if code == "age":
        told = {"age": reasons.age(int(facts["months"]))}
        told |= {"low": reasons.age(int(facts["from"])), "high": reasons.age(int(facts["to"]))}
        return gettext("Was %(age)s old. The group is from %(low)s to %(high)s.") % told
    if code == "reach":
        return gettext("Can come to %(place)s.") % {"place": at_place(str(facts["place"]))}
    return ""


@dataclass(frozen=True)
class Kept:
    """Why one seat was proposed, for the person's own paper."""

    group: str
    on: date
    said: list[str]


def about(member: "Member") -> list[Kept]:
    """Say why somebody was proposed the seats they have or had; for whoever has written down that they look."""
    found = _opened(Why.objects.filter(seat__member=member).order_by("seat__offered_on"))
    return [Kept(seat.group.name, seat.offered_on, sentences(said)) for seat, said in found]
