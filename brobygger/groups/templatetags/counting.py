"""Groups in numbers, for who counts a period: meetings held, seats, how often they came, and who waited how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.groups.models import Attendance, Group, Lead, Meeting, Seat, Waiting


@dataclass(frozen=True)
class Held:
    """A meeting that was held: when, of what kind of group, for how long, how many led it, came, and what was used."""

    kind: str
    offer: str
    place: str
    hours: float
    leaders: int
    here: int
    elements: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class Sat:
    """A seat that was offered: to whom, in what kind of group, its days, how it ended, how often they came."""

    kind: str
    offer: str
    place: str
    member: UUID
    state: str
    offered_on: date
    taken_on: date | None
    ended_on: date | None
    reason: str
    came: int


@dataclass(frozen=True)
class Visited:
    """How often somebody came to groups of one kind: until the period was over, and in it; with a seat or without."""

    member: UUID
    kind: str
    times: int
    in_period: int


@dataclass(frozen=True)
class Waited:
    """Somebody who waited for a seat: for what, since when, and how it ended."""

    member: UUID
    offer: str
    since: date
    ended_on: date | None
    outcome: str


@dataclass(frozen=True)
class Room:
    """A group that runs: of what, where, and how many seats nobody has."""

    offer: str
    place: str
    starts_on: date
    seats: int
    free: int


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    """Give the moments between which the days of a period lie."""
    return datetime.combine(first, time(), clock.TZ), datetime.combine(last + timedelta(days=1), time(), clock.TZ)


def meetings(viewer: Any, first: date, last: date) -> list[Held]:
    """List the meetings held in a period, for who may see counts; in two questions."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    since, until = _span(first, last)
    rows = Meeting.objects.filter(state="held", starts_at__gte=since, starts_at__lt=until).select_related("group")
    here = Count("attendances", filter=Q(attendances__mark="here"), distinct=True)
    led = Lead.objects.filter(meeting__in=rows).values_list("meeting").order_by().annotate(n=Count("pk"))
    leaders = {meeting: n for meeting, n in led}
    return [
        Held(
            row.group.kind,
            row.group.offer,
            row.place,
            (row.ends_at - row.starts_at) / timedelta(hours=1),
            leaders.get(row.pk, 0),
            row.came,
            tuple(row.elements),
            row.starts_at.astimezone(clock.TZ).date(),
        )
        for row in rows.annotate(came=here).order_by("starts_at", "pk")
    ]


def seats(viewer: Any, first: date, last: date) -> list[Sat]:
    """List the seats that were offered or stood in a period, for who may see counts; in two questions."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    rows = Seat.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=first), offered_on__lte=last)
    _since, until = _span(first, last)
    marks = Attendance.objects.filter(mark="here", meeting__state="held", meeting__starts_at__lt=until)
    counted = marks.values_list("meeting__group", "member").order_by()
    came = {(group, member): n for group, member, n in counted.annotate(n=Count("pk"))}
    return [
        Sat(
            *(row.group.kind, row.group.offer, row.group.place, row.member_id, row.state, row.offered_on),
            *(row.taken_on, row.ended_on, row.reason, came.get((row.group_id, row.member_id), 0)),
        )
        for row in rows.select_related("group").order_by("offered_on", "pk")
    ]


def visits(viewer: Any, first: date, last: date) -> list[Visited]:
    """List how often each person has come until a period was over, by kind of group; in one question."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    since, until = _span(first, last)
    rows = Attendance.objects.filter(mark="here", meeting__state="held", meeting__starts_at__lt=until).order_by()
    within = Count("pk", filter=Q(meeting__starts_at__gte=since))
    counted = rows.values_list("member", "meeting__group__kind").annotate(n=Count("pk"), here=within)
    return [Visited(*row) for row in counted.order_by("member", "meeting__group__kind")]


def seats_before(viewer: Any, last: date) -> dict[UUID, tuple[str, ...]]:
    """Name the kinds of groups each person has had a seat in until a day; in one question."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return {}
    found: dict[UUID, tuple[str, ...]] = {}
    rows = Seat.objects.filter(taken_on__lte=last).order_by("member", "group__kind")
    for member, kind in rows.values_list("member", "group__kind").distinct():
        found[member] = (*found.get(member, ()), kind)
    return found


def waits(viewer: Any, first: date, last: date) -> list[Waited]:
    """List who began to wait for a seat in a period or waited still when it began, for who may see counts."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    rows = Waiting.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=first), since__lte=last)
    told = rows.order_by("since", "pk").values_list("member", "offer", "since", "ended_on", "outcome")
    return [Waited(*row) for row in told]


def rooms(viewer: Any) -> list[Room]:
    """List the groups that run or are planned with their free seats, for who may see counts or a partner's numbers."""
    if not (may(viewer, Permission.SEE_NUMBERS) or may(viewer, Permission.SEE_PARTNER)):
        return []
    rows = Group.objects.filter(state__in=("planned", "open"), public=True).order_by("place", "starts_on", "pk")
    rows = rows.annotate(chairs=Count("taken", filter=Q(taken__chair__isnull=False)))
    return [Room(row.offer, row.place, row.starts_on, row.seats, max(0, row.seats - row.chairs)) for row in rows]


def offers_of(members: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Name the offers some people have had a seat in, for a deed that holds them."""
    rows = Seat.objects.filter(member__in=list(members), taken_on__isnull=False).order_by()
    found: dict[UUID, set[str]] = {}
    for member, offer in rows.values_list("member", "group__offer").distinct():
        found.setdefault(member, set()).add(offer)
    return {member: tuple(sorted(offers)) for member, offers in found.items()}
