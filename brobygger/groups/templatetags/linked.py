"""Groups that one family comes to on the same day: a child's, a baby's with its grown-up, a parents' group."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from brobygger.ground import clock
from brobygger.ground.templatetags.house import say_when
from brobygger.groups import dates
from brobygger.groups.models import Meeting, Seat

from .waiting import Person

register = template.Library()
#: How many of the coming days with more than one group are shown.
SHOWN = 2


def _comes(seat: Seat, meeting: Meeting) -> bool:
    """Tell whether somebody is to come to a meeting of the group they sit in."""
    first = seat.starts_with
    begun = first is None or first.starts_at <= meeting.starts_at
    return seat.chair is not None and seat.state != Seat.State.PAUSED and begun


# ---- Of one family ----


@dataclass(frozen=True)
class SameDay:
    """A day on which a family comes to more than one group: each meeting, with what those who come are called."""

    day: date
    meetings: list[tuple[Meeting, list[str]]]


@register.filter
def same_day(people: Iterable[Person]) -> list[SameDay]:
    """List the next days on which a family comes to more than one group."""
    listed = list(people)
    called = {person.member.pk: person.called for person in listed}
    seats = [seat for person in listed for seat in person.seats]
    ahead = Meeting.objects.filter(group__in={seat.group_id for seat in seats}, state=Meeting.State.PLANNED)
    days: dict[date, list[tuple[Meeting, list[str]]]] = {}
    for meeting in ahead.filter(ends_at__gt=clock.now()).select_related("group").order_by("starts_at", "group__name"):
        there = [seat for seat in seats if seat.group_id == meeting.group_id and _comes(seat, meeting)]
        names = [called[who] for seat in there for who in (seat.member_id, seat.beside_id) if who in called]
        if names:
            days.setdefault(clock.local(meeting.starts_at).date(), []).append((meeting, names))
    return [SameDay(day, rows) for day, rows in days.items() if len(rows) > 1][:SHOWN]


@register.filter
def comes_along(person: Person, people: Iterable[Person]) -> list[Seat]:
    """List the living seats of a baby beside which somebody comes along."""
    seats = (seat for other in people for seat in other.seats)
    return [seat for seat in seats if seat.beside_id == person.member.pk and seat.chair is not None]


# ---- Of all families that come to one meeting ----


def also(meeting: Meeting) -> list[tuple[Meeting, int]]:
    """List the meetings of other groups that families of this one come to that day, and how many families do.

    Those beside it are left out: they are moved and called off along with it.
    """
    bundle = {each.group_id for each in dates.together([meeting])}
    living = Seat.objects.filter(chair__isnull=False, member__erasing=False).select_related("member", "starts_with")
    families = {seat.member.course_id for seat in living.filter(group__in=bundle) if _comes(seat, meeting)}
    elsewhere: dict[UUID, list[Seat]] = {}
    for seat in living.filter(member__course__in=families).exclude(group__in=bundle):
        elsewhere.setdefault(seat.group_id, []).append(seat)
    midnight = datetime.combine(clock.local(meeting.starts_at), time(), clock.TZ)
    rows = Meeting.objects.filter(group__in=elsewhere, state=Meeting.State.PLANNED).select_related("group")
    rows = rows.filter(starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=1))
    listed = list(rows.order_by("starts_at", "group__name"))
    come = {row: {seat.member.course_id for seat in elsewhere[row.group_id] if _comes(seat, row)} for row in listed}
    return [(row, len(families)) for row, families in come.items() if families]


def also_said(meeting: Meeting) -> str:
    """Say after a change which other meetings the same families come to that day; empty where there are none."""
    found = also(meeting)
    if not found:
        return ""
    named = "; ".join(f"{row.group}, {say_when(row.starts_at)}" for row, _families in found)
    return " " + _("The same families also come to %(what)s. That stays as it was.") % {"what": named}
