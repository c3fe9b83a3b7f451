"""What a group's deeds are made of: its dated meetings, who leads each, and the room and hours they take.

All of it happens in the caller's transaction, with the group's bundle locked; the caller leaves the line in the trail.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.appointments import queries as times
from brobygger.appointments import services as appointments
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.series import rules as series

from . import queries, rules
from .models import Attendance, Group, Lead, Leader, Meeting, Seat

log = logging.getLogger(__name__)
#: A rolling group has dates so far ahead; one of so many meetings has all of them within this.
AHEAD, FURTHEST = timedelta(days=366), timedelta(days=3 * 366)
#: A day on which no group meets, for a meeting between two days of the rule.
_PARKED = date(1900, 1, 1)
State = Meeting.State
#: Meetings, each with the moment it was to begin before; and seats, with when they were to begin.
Changed = list[tuple[Meeting, datetime]]
Starters = list[tuple[Seat, datetime]]


class NotALeader(Exception):
    """That person does not lead here, or leads there already."""


def bundle(ident: UUID) -> Group:
    """Lock a group with the one it meets beside and those beside it, always in the same order, and give it as it is."""
    root = Group.objects.values_list("beside_id", flat=True).get(pk=ident) or ident
    rows = Group.objects.select_for_update(of=("self",)).select_related("beside")
    return next(row for row in list(rows.filter(Q(pk=root) | Q(beside=root)).order_by("pk")) if row.pk == ident)


def ahead(rows: QuerySet[Meeting]) -> list[Meeting]:
    """Keep the meetings that are to come, in order of their numbers."""
    return list(rows.filter(state=State.PLANNED, starts_at__gt=clock.now()).order_by("number"))


def rooms_at(place: str) -> int:
    """Say how many rooms a place has today; none at a place we have not."""
    return next((each.rooms for each in catalogue.places() if each.key == place), 0)


def together(rows: Iterable[Meeting], state: str = State.PLANNED) -> list[Meeting]:
    """Give meetings with those they are held beside, and those beside them, that are to come."""
    listed = list(rows)
    of = [each.pk for each in listed]
    beside = Q(beside__in=of) | Q(parallels__in=of)
    more = Meeting.objects.filter(beside, state=state, starts_at__gt=clock.now()).exclude(pk__in=of)
    return [*listed, *more.select_related("group").distinct()]


# ---- Made ----


def add(*, group: Group, dates: Iterable[date] = (), strict: bool, by: Any) -> list[Meeting]:
    """Date what a group lacks, and what the groups beside it lack then; rooms and leaders are taken.

    `strict` refuses when a room is taken or somebody is busy; else another room is found, or the evening waits for
    somebody to lead it. Gives the group's own new meetings.
    """
    made = _lacking(group, dates)
    Meeting.objects.bulk_create(made)
    for other in Group.objects.filter(beside=group).exclude(state=Group.State.CLOSED):
        beside = _lacking(other)
        Meeting.objects.bulk_create(beside)
        made += beside
    lead(meetings=made, by=by)
    if strict:
        take(meetings=made, by=by)
    else:
        made = [each for each in made if _take_what_there_is(each, by=by)]
    return [each for each in made if each.group_id == group.pk]


def _lacking(group: Group, dates: Iterable[date] = ()) -> list[Meeting]:
    """Make, not yet kept, the meetings a group should have and has not: never one before the last it has."""
    there = list(group.meetings.order_by("number"))
    number = max((each.number for each in there), default=0)
    found: list[dict[str, Any]]
    if group.beside is not None:
        found = _beside(group, [each.beside_id for each in there if each.beside_id])
    elif group.rule:
        last = max((each.planned_on for each in there), default=date.min)
        days = [each for each in _days(group) if each.planned_on > last]
        if group.meetings_wanted:
            days = days[: max(0, group.meetings_wanted - sum(each.state != State.CANCELLED for each in there))]
        found = [{"planned_on": each.planned_on, **_hours(group, each.on)} for each in days]
    else:
        known = {each.planned_on for each in there}
        found = [{"planned_on": day, **_hours(group, day)} for day in sorted(set(dates) - known)]
    here = {"group": group, "place": group.place, "room": group.room}
    return [Meeting(number=number + at, **here, **each) for at, each in enumerate(found, start=1)]


def _days(group: Group) -> list[series.Planned]:
    """Give a group's dates by its rule, whatever has been held or called off."""
    until = max(clock.today(), group.starts_on) + (FURTHEST if group.meetings_wanted else AHEAD)
    closed = queries.days_off(group.starts_on, until + series.BEYOND, group.skips_weeks)
    return series.dated(replace(queries.plan(group), wanted=None), closed=closed, until=until)


def _hours(group: Group, day: date) -> dict[str, datetime]:
    return {"starts_at": series.moment(day, group.begins), "ends_at": series.moment(day, group.ends)}


def _beside(group: Group, known: list[UUID]) -> list[dict[str, Any]]:
    """Find the meetings a group meets beside and has none of its own for."""
    rows = Meeting.objects.filter(group=group.beside, planned_on__lte=group.ends_on or date.max).exclude(pk__in=known)
    return [
        {"beside": each, "planned_on": each.planned_on, "starts_at": each.starts_at, "ends_at": each.ends_at}
        for each in ahead(rows)
        if not group.beside_numbers or each.number in group.beside_numbers
    ]


# ---- Led ----


def lead(*, meetings: Iterable[Meeting], by: Any) -> set[Any]:
    """Say by turn who leads some meetings, and give those for whom something changed. Who stands in stays.

    Somebody who has something else then is passed over while there are others.
    """
    touched: set[Any] = set()
    listed = sorted(meetings, key=lambda each: str(each.group_id))
    of = [each.pk for each in listed]
    spans = [(each.starts_at, each.ends_at) for each in listed]
    rows = Leader.objects.filter(valid_to=None, group__in={each.group_id for each in listed}).select_related("user")
    turns: dict[UUID, list[Any]] = {}
    for row in rows:
        if may(row.user, Permission.RUN_GROUPS):
            turns.setdefault(row.group_id, []).append(row.user)
    busy = {user: set(times.worker_busy(user, spans, of)) for user in {one for turn in turns.values() for one in turn}}
    for each in listed:
        turn = turns.get(each.group_id, [])
        away = {user for user in turn if (each.starts_at, each.ends_at) in busy[user]}
        touched |= _led(each, rules.by_turn(turn, each.number, each.group.leaders_at_once, away), turn)
    return touched


def _led(meeting: Meeting, order: list[Any], turn: list[Any]) -> set[Any]:
    """Keep who leads one meeting, from those in `order`; give those it changed for."""
    there = {row.user: row for row in meeting.leads.select_related("user")}
    standing = {user for user, row in there.items() if row.stands_in}
    # Beside somebody who stands in, those who were to be there stay: whoever is away is not called back.
    kept = standing | ({user for user in there if user in turn} if standing else set())
    chosen = set(kept)
    for user in order:
        if len(chosen) < meeting.group.leaders_at_once:
            chosen.add(user)
    for user in there.keys() - chosen:
        there[user].delete()
    Lead.objects.bulk_create([Lead(meeting=meeting, user=user) for user in chosen - there.keys()])
    return (there.keys() - chosen) | (chosen - there.keys())


def lead_from_today(group: Group, users: Iterable[Any]) -> set[Any]:
    """Write down who leads from today on, and give those who do no more."""
    listed = list(dict.fromkeys(users))
    if any(not may(user, Permission.RUN_GROUPS) for user in listed):
        raise NotALeader
    there = {row.user: row for row in group.leaders.filter(valid_to=None).select_related("user")}
    for turn, user in enumerate(listed):
        if user in there:
            Leader.objects.filter(pk=there[user].pk).update(turn=turn)
        else:
            Leader.objects.create(group=group, user=user, turn=turn)
    left = there.keys() - set(listed)
    group.leaders.filter(valid_to=None, user__in=left).update(valid_to=clock.today())
    return set(left)


# ---- The room and the hours they take ----


def take(*, meetings: Iterable[Meeting], by: Any) -> None:
    """Take the rooms and the leaders' time of some meetings together. Raises `RoomIsTaken`, `LeaderIsBusy`."""
    led: dict[UUID, list[Any]] = {}
    listed = list(meetings)
    for row in Lead.objects.filter(meeting__in=listed).select_related("user"):
        led.setdefault(row.meeting_id, []).append(row.user)
    appointments.reserve_all(wanted=[_wanted(each, led.get(each.pk, ())) for each in listed], by=by)


def _wanted(meeting: Meeting, users: Iterable[Any]) -> times.Wanted:
    room = (meeting.place, meeting.room, meeting.starts_at, meeting.ends_at)
    return times.Wanted(meeting.pk, tuple(users), *room)


def _take_what_there_is(meeting: Meeting, *, by: Any) -> bool:
    """Take the room of a meeting, or another one at that place; without any, the meeting is not made after all."""
    room = meeting.room
    if times.room_taken(meeting.place, room, [(meeting.starts_at, meeting.ends_at)], [meeting.pk]):
        room = times.free_room(meeting.place, meeting.starts_at, meeting.ends_at) or 0
    if not room:
        log.warning("a meeting a year ahead finds no room; it is tried again tomorrow")
        meeting.delete()
        return False
    if room != meeting.room:
        meeting.room = room
        meeting.save(update_fields=["room"])
    led = list(meeting.leads.select_related("user"))
    busy = [row for row in led if times.worker_busy(row.user, [(meeting.starts_at, meeting.ends_at)], [meeting.pk])]
    Lead.objects.filter(pk__in=[row.pk for row in busy]).delete()
    appointments.reserve_all(wanted=[_wanted(meeting, [row.user for row in led if row not in busy])], by=by)
    return True


def drop(*, meetings: Iterable[Meeting], by: Any) -> Starters:
    """Delete meetings that are not to be after all, and those beside them; give who was to begin there."""
    of = _ids(meetings)
    rows = list(Meeting.objects.filter(Q(pk__in=of) | Q(beside__in=of)))
    waiting = starters(rows)
    for each in rows:
        appointments.release(of=each.pk, by=by)
        each.delete()
    return waiting


def call_off(*, meetings: Iterable[Meeting], by: Any) -> None:
    """Call meetings off and give their rooms and hours free."""
    for each in meetings:
        appointments.release(of=each.pk, by=by)
        each.state = State.CANCELLED
        each.save(update_fields=["state"])


def starters(meetings: Iterable[Meeting]) -> Starters:
    """Give the seats that begin with some meetings, in the order they were offered."""
    rows = Seat.objects.filter(starts_with__in=list(meetings), chair__isnull=False).select_related("group")
    return [(each, each.starts_with.starts_at) for each in rows.order_by("offered_on", "id") if each.starts_with]


def begin_again(waiting: Starters) -> None:
    """Let who was to begin at a meeting that is not to be begin at the next one with room for one more.

    Never before the day they were told, but for a group that ends sooner: then with its last meeting.
    """
    unplaced = [seat for seat, _at in waiting]
    for seat, at in waiting:
        room, coming = queries.starts(seat.group, *unplaced)
        unplaced.remove(seat)
        first = next((each for each in [*room, *coming] if each.starts_at >= at), None)
        if first or not Meeting.objects.filter(starters=seat).exists():
            Seat.objects.filter(pk=seat.pk).update(starts_with=first or next(reversed(coming), None))


def refuse(row: Meeting, starts_at: datetime, ends_at: datetime, place: str, room: int, *, even_so: bool) -> None:
    """Refuse hours, a room or a day that cannot be."""
    day = clock.local(starts_at).date()
    if ends_at <= starts_at or clock.local(ends_at).date() != day:
        raise series.NotSound("ends")
    if not 1 <= room <= rooms_at(place):
        raise series.NotSound("room")
    if not even_so and day in queries.days_off(day, day, row.group.skips_weeks):
        raise series.NotThatDay(day)


# ---- Changed ----


def follow(*, group: Group, was: Group, dates: Iterable[date] | None, by: Any) -> tuple[Changed, Changed]:
    """Let the meetings ahead follow a group that was changed, and those beside them: the moved, and the given up.

    A meeting somebody put at another hour or in another room stays there, unless the days themselves are new. One that
    only has another room at the same place is not given: that is no news.
    """
    rows = ahead(group.meetings.select_related("group", "beside"))
    beside = [each for each in together(rows) if each not in rows and each.group.beside_id == group.pk]
    before = {each.pk: _at(each) for each in [*rows, *beside]}
    gone = _given_up(group, was, rows, dates)
    for each in rows:
        _as_usual(each, group, was)
    kept = [each for each in rows if each not in gone]
    leaders = {each.pk: each for each in kept}
    for each in beside:
        if each.beside_id in leaders:
            _go_along(each, leaders[each.beside_id], was)
    moved = [each for each in [*kept, *beside] if before[each.pk] != _at(each) and each.beside_id not in _ids(gone)]
    waiting = drop(meetings=gone, by=by)
    for each in moved:
        appointments.release(of=each.pk, by=by)
    keep(meetings=moved, by=by)
    add(group=group, dates=dates or (), strict=True, by=by)
    take(meetings=moved, by=by)
    begin_again(waiting)
    news = [each for each in moved if before[each.pk][1:4] != _at(each)[1:4]]
    return [(each, before[each.pk][1]) for each in news], [(each, before[each.pk][1]) for each in gone]


def _at(meeting: Meeting) -> tuple[date, datetime, datetime, str, int]:
    return meeting.planned_on, meeting.starts_at, meeting.ends_at, meeting.place, meeting.room


def _ids(rows: Iterable[Meeting]) -> set[UUID]:
    return {each.pk for each in rows}


#: When a meeting is; and what the days of a group are made of.
_HOURS = ("starts_at", "ends_at")
_DAYS = ("rule", "starts_on", "when_closed", "skips_weeks", "meetings_wanted", "ends_on")


def _given_up(group: Group, was: Group, rows: list[Meeting], dates: Iterable[date] | None) -> list[Meeting]:
    """Give the meetings ahead a changed group has no more; the others are put on their new days."""
    if group.beside_id:
        numbers = group.beside_numbers
        return [each for each in rows if numbers and each.beside and each.beside.number not in numbers]
    if not group.rule:
        return [] if dates is None else [each for each in rows if each.planned_on not in set(dates)]
    if all(getattr(group, name) == getattr(was, name) for name in _DAYS):
        return []
    return _redate(group, was, rows)


def _redate(group: Group, was: Group, rows: list[Meeting]) -> list[Meeting]:
    """Put meetings on the days of a changed rule, in the order of their numbers; give those there is no day for.

    In a group that has begun a new rule holds from its first day; what comes before stays.
    """
    same_rule = (group.rule, group.when_closed) == (was.rule, was.when_closed)
    begun = group.meetings.exclude(pk__in=_ids(rows)).exclude(state=State.CANCELLED).exists()
    if begun and (group.rule, group.starts_on) != (was.rule, was.starts_on):
        rows = [each for each in rows if clock.local(each.starts_at).date() >= group.starts_on]
    others = list(group.meetings.exclude(pk__in=_ids(rows)))
    standing = [each.planned_on for each in others if each.state != State.CANCELLED]
    used, last = {each.planned_on for each in others}, max(standing, default=date.min)
    days = [each for each in _days(group) if each.planned_on > last and each.planned_on not in used]
    days = [each for each in days if series.moment(each.on, group.begins) > clock.now()]
    if group.meetings_wanted:
        days = days[: max(0, group.meetings_wanted - len(standing))]
    for each, day in zip(rows, days, strict=False):
        if not (same_rule and each.planned_on == day.planned_on):
            each.planned_on = day.planned_on
            each.starts_at, each.ends_at = _hours(group, day.on).values()
    return rows[len(days) :]


def _as_usual(meeting: Meeting, group: Group, was: Group) -> None:
    """Give a meeting the group's new hours and room, where it had the old ones."""
    start, end = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    if (start.time(), end.time()) == (was.begins, was.ends) and not group.beside_id:
        meeting.starts_at, meeting.ends_at = _hours(group, start.date()).values()
    if (meeting.place, meeting.room) == (was.place, was.room):
        meeting.place, meeting.room = group.place, group.room


def _go_along(meeting: Meeting, leader: Meeting, was: Group) -> None:
    """Let a meeting follow the one it is held beside: at the same hour, and to another place in a room there."""
    meeting.planned_on, meeting.starts_at, meeting.ends_at = leader.planned_on, leader.starts_at, leader.ends_at
    if meeting.place == was.place != leader.place:
        meeting.place, meeting.room = leader.place, another_room(leader, meeting)


def another_room(leader: Meeting, meeting: Meeting) -> int:
    """Choose a room for a meeting beside another one, where that is held. Raises `RoomIsTaken`."""
    span, but = [(leader.starts_at, leader.ends_at)], [leader.pk, meeting.pk]
    for room in range(1, rooms_at(leader.place) + 1):
        if room != leader.room and not times.room_taken(leader.place, room, span, but):
            return room
    raise appointments.RoomIsTaken([leader.starts_at])


def keep(*, meetings: Iterable[Meeting], by: Any) -> None:
    """Keep meetings that were put elsewhere; each day is left before another takes it.

    Who said no to a day or an hour said nothing of another one; a new room or place is the same evening.
    """
    rows = list(meetings)
    was = {pk: hours for pk, *hours in Meeting.objects.filter(pk__in=_ids(rows)).values_list("pk", *_HOURS)}
    other = [each for each in rows if was[each.pk] != [each.starts_at, each.ends_at]]
    for each in rows:
        Meeting.objects.filter(pk=each.pk).update(planned_on=_PARKED + timedelta(days=each.number))
    Meeting.objects.bulk_update(rows, ["planned_on", "starts_at", "ends_at", "place", "room"])
    Attendance.objects.filter(meeting__in=other).delete()


def leading(rows: Iterable[Meeting]) -> set[Any]:
    """Name everybody who leads one of some meetings."""
    return {each.user for each in Lead.objects.filter(meeting__in=list(rows)).select_related("user")}


def count(*, meetings: Iterable[Meeting], by: Any) -> None:
    """Count up what a calendar compares, of the groups these meetings are in."""
    Group.objects.filter(pk__in=[each.group_id for each in meetings]).update(sequence=F("sequence") + 1)
