"""Reading about times: for a room that already holds a thread, or for a member of staff about their own day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock

from . import rules
from .models import Appointment, Proposal, Reserved, VisitAddress, WorkingHours

if TYPE_CHECKING:
    from brobygger.threads.models import Thread


#: A time one may offer, for the rooms that do, and a room and people's time that is to be taken.
Choice = rules.Free
Wanted = rules.Wanted


def busy(worker: Any, frm: datetime) -> list[tuple[datetime, datetime]]:
    """List the stretches in which somebody is taken: talks, the road to a home included, and what is reserved."""
    rows = Appointment.objects.filter(worker=worker, cancelled=False, ends_at__gt=frm - rules.ROAD)
    reserved = Reserved.objects.filter(worker=worker, ends_at__gt=frm)
    talks = [rules.span(row.where, row.starts_at, row.ends_at) for row in rows]
    return talks + list(reserved.values_list("starts_at", "ends_at"))


def closed_days(now: datetime, days: int = 15) -> set[date]:
    """Name the coming days on which the house is closed: holidays and closed weeks, not ordinary weekends."""
    first = clock.local(now).date()
    return {day for day in catalogue.calendar().closed if first <= day <= first + timedelta(days=days)}


def hours_of(worker: Any, on: date) -> list[rules.Hours]:
    """List somebody's working hours as they stand on a day."""
    rows = WorkingHours.objects.filter(worker=worker, valid_from__lte=on)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return [rules.Hours(row.weekday, row.opens, row.closes, row.place) for row in rows]


def free(worker: Any, *, where: str, when: str = "any", days: int = 14) -> list[Choice]:
    """Find the times somebody could meet a family, from working hours, rooms and what already stands."""
    now = clock.now()
    found = rules.free_times(
        hours=hours_of(worker, clock.today()),
        busy=busy(worker, now),
        closed=closed_days(now, days + 1),
        now=now,
        where=where,
        when=when,
        days=days,
    )
    if where == "house":
        taken = _rooms_taken(now)
        rooms = {place.key: place.rooms for place in catalogue.places()}
        found = [each for each in found if _room(taken, rooms, each.place, each.starts_at, each.ends_at)]
    return found


Taken = list[tuple[str, int | None, datetime, datetime]]


def _rooms_taken(now: datetime) -> Taken:
    talks = Appointment.objects.filter(cancelled=False, room__isnull=False, ends_at__gt=now)
    reserved = Reserved.objects.filter(room__isnull=False, ends_at__gt=now)
    return [row for rows in (talks, reserved) for row in rows.values_list("place", "room", "starts_at", "ends_at")]


def rooms_taken(on: date) -> list[tuple[str, int, datetime, datetime]]:
    """List when the house's rooms are taken on a day, by nobody in particular."""
    first = datetime.combine(on, time.min, clock.TZ)
    rows = [(at, room, start, end) for at, room, start, end in _rooms_taken(first) if room]
    return sorted(row for row in rows if row[2] < first + timedelta(days=1) and clock.local(row[2]).date() == on)


def reserved(viewer: Any, on: date) -> list[Reserved]:
    """List what is reserved on a day in order of the clock: all of it for who may see everybody's, else one's own."""
    first = datetime.combine(on, time.min, clock.TZ)
    rows = Reserved.objects.filter(starts_at__gte=first, starts_at__lt=first + timedelta(days=1, hours=2))
    rows = rows.select_related("worker").order_by("starts_at", "place", "room")
    if not may(viewer, Permission.SEE_EVERY_DAY):
        rows = rows.filter(worker=viewer)
    return [row for row in rows if clock.local(row.starts_at).date() == on]


Span = tuple[datetime, datetime]


def room_taken(place: str, room: int, spans: Iterable[Span], but: Iterable[UUID] = ()) -> list[Span]:
    """Name the stretches of time in which a room is taken by something else than these things."""
    listed = sorted(spans)
    if not listed:
        return []
    near = {"place": place, "room": room, "ends_at__gt": listed[0][0], "starts_at__lt": max(last for _, last in listed)}
    taken = list(Appointment.objects.filter(cancelled=False, **near).values_list("starts_at", "ends_at"))
    taken += Reserved.objects.filter(**near).exclude(of__in=list(but)).values_list("starts_at", "ends_at")
    return [span for span in listed if any(rules.clashes(span, other) for other in taken)]


def worker_busy(worker: Any, spans: Iterable[Span], but: Iterable[UUID] = ()) -> list[Span]:
    """Name the stretches of time in which somebody has something else than these things, the road to it included."""
    listed = sorted(spans)
    if not listed:
        return []
    frm = listed[0][0]
    rows = Appointment.objects.filter(worker=worker, cancelled=False, ends_at__gt=frm - rules.ROAD)
    taken = [rules.span(row.where, row.starts_at, row.ends_at) for row in rows]
    others = Reserved.objects.filter(worker=worker, ends_at__gt=frm).exclude(of__in=list(but))
    taken += others.values_list("starts_at", "ends_at")
    return [span for span in listed if any(rules.clashes(span, other) for other in taken)]


def _room(taken: Taken, rooms: dict[str, int], place: str, starts_at: datetime, ends_at: datetime) -> int | None:
    span = (starts_at, ends_at)
    used = [room for at, room, first, last in taken if room and at == place and rules.clashes(span, (first, last))]
    return rules.first_free_room(rooms.get(place, 0), used)


def free_room(place: str, starts_at: datetime, ends_at: datetime) -> int | None:
    """Choose a free room in the house for a time; None when all are taken."""
    rooms = {each.key: each.rooms for each in catalogue.places()}
    return _room(_rooms_taken(starts_at - timedelta(hours=12)), rooms, place, starts_at, ends_at)


def clashes(wanted: list[Wanted]) -> tuple[list[datetime], dict[Any, list[datetime]]]:
    """Say when the rooms of some things are taken by others, and who is busy when; a database only says the first."""
    rooms, people, but = dict[tuple[str, int], list[Span]](), dict[Any, list[Span]](), [each.of for each in wanted]
    for each in wanted:
        if each.room:
            rooms.setdefault((each.place, each.room), []).append((each.starts_at, each.ends_at))
        for worker in each.workers:
            people.setdefault(worker, []).append((each.starts_at, each.ends_at))
    taken = [first for (place, room), spans in rooms.items() for first, _last in room_taken(place, room, spans, but)]
    busy = {who: [first for first, _last in worker_busy(who, spans, but)] for who, spans in people.items()}
    return taken, {who: days for who, days in busy.items() if days}


def standing(threads: Iterable[UUID]) -> dict[UUID, Appointment]:
    """Find the next time that stands for each of some threads."""
    rows = Appointment.objects.filter(thread__in=list(threads), cancelled=False, ends_at__gt=clock.now())
    return {row.thread_id: row for row in rows.select_related("worker").order_by("-starts_at")}


def called_off(threads: Iterable[UUID]) -> set[UUID]:
    """Name the threads whose last time was called off."""
    listed = list(threads)
    rows = Appointment.objects.filter(thread__in=listed, cancelled=True).values_list("thread_id", flat=True)
    return set(rows) - set(standing(listed))


def day(viewer: Any, on: date) -> list[Appointment]:
    """List a day's appointments in order of the clock: everybody's for who may see that, else one's own."""
    first = datetime.combine(on, datetime.min.time(), clock.TZ)
    rows = Appointment.objects.filter(starts_at__gte=first, starts_at__lt=first + timedelta(days=1, hours=2))
    rows = rows.select_related("worker").order_by("starts_at", "number")
    if not may(viewer, Permission.SEE_EVERY_DAY):
        rows = rows.filter(worker=viewer)
    return [row for row in rows if clock.local(row.starts_at).date() == on]


def mine(viewer: Any, ident: UUID) -> Appointment | None:
    """Fetch one appointment a viewer may see; None when there is none for them."""
    rows = Appointment.objects.filter(pk=ident).select_related("worker", "thread")
    if not may(viewer, Permission.SEE_EVERY_DAY):
        rows = rows.filter(worker=viewer)
    return rows.first()


def offered(thread: "Thread") -> list[Proposal]:
    """List the times offered to a thread that can still be chosen, earliest first."""
    rows = Proposal.objects.filter(thread=thread, starts_at__gt=clock.now()).select_related("worker")
    return [row for row in rows.order_by("starts_at") if not _taken(row)]


def _taken(row: Proposal) -> bool:
    wide = rules.span(row.where, row.starts_at, row.ends_at)
    return any(rules.clashes(wide, other) for other in busy(row.worker, clock.now()))


def visits(appointments: Iterable[Appointment]) -> set[UUID]:
    """Name the appointments for which an address is known."""
    rows = VisitAddress.objects.filter(appointment__in=list(appointments))
    return set(rows.values_list("appointment_id", flat=True))


def feed(token: str) -> list[Appointment] | None:
    """List the coming appointments behind a calendar address; None when nobody has that address."""
    worker = people.by_calendar_token(token)
    if worker is None:
        return None
    since = clock.now() - timedelta(days=14)
    return list(Appointment.objects.filter(worker=worker, starts_at__gt=since).order_by("starts_at"))


# ---- The morning and the gauges ----


@dataclass(frozen=True)
class CalledOff:
    """A time that was called off and has no other in its place; and whether new ones have been offered."""

    appointment: Appointment
    offered: bool


def needs_time(viewer: Any, limit: int = 50) -> list[CalledOff]:
    """List the times called off, from yesterday's on, whose family has no new one: for who may see everybody's day."""
    if not may(viewer, Permission.SEE_EVERY_DAY):
        return []
    now, yesterday = clock.now(), datetime.combine(clock.today() - timedelta(days=1), time.min, clock.TZ)
    rows = Appointment.objects.filter(starts_at__gte=yesterday, cancelled=True, thread__ending="")
    standing = Appointment.objects.filter(thread=OuterRef("thread"), cancelled=False, ends_at__gt=now)
    found = list(rows.filter(~Exists(standing)).select_related("worker").order_by("starts_at")[:limit])
    waits = Proposal.objects.filter(thread__in=[row.thread_id for row in found], starts_at__gt=now)
    offered = set(waits.values_list("thread_id", flat=True))
    return [CalledOff(row, row.thread_id in offered) for row in found]


def free_hours(days: int = 14) -> dict[str, tuple[timedelta, timedelta]]:
    """Sum the coming days' working hours at each place: what is still free, and all of it."""
    now, today = clock.now(), clock.today()
    workers = {one.pk for one in people.colleagues(Permission.ANSWER)}
    hours: dict[Any, list[rules.Hours]] = {}
    rows = WorkingHours.objects.filter(worker__in=workers, valid_from__lte=today)
    for row in rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today)):
        hours.setdefault(row.worker_id, []).append(rules.Hours(row.weekday, row.opens, row.closes, row.place))
    busy: dict[Any, list[tuple[datetime, datetime]]] = {}
    # The road to a visit begins before it, so a little beyond both ends.
    near = (now - timedelta(hours=12), now + timedelta(days=days + 1))
    taken = Appointment.objects.filter(cancelled=False, worker__in=workers, starts_at__range=near)
    for worker, where, first, last in taken.values_list("worker_id", "where", "starts_at", "ends_at"):
        busy.setdefault(worker, []).append(rules.span(where, first, last))
    held = Reserved.objects.filter(worker__in=workers, starts_at__range=near)
    for worker, first, last in held.values_list("worker_id", "starts_at", "ends_at"):
        busy.setdefault(worker, []).append((first, last))
    closed, found = closed_days(now, days), dict[str, tuple[timedelta, timedelta]]()
    for worker, week in hours.items():
        spent = rules.hours_left(hours=week, busy=busy.get(worker, []), closed=closed, now=now, days=days)
        for place, (left, of) in spent.items():
            before = found.get(place, (timedelta(0), timedelta(0)))
            found[place] = (before[0] + left, before[1] + of)
    return found
