"""Deeds with groups: made, changed, closed; led, moved, called off. Everyone who should know is told in the same deed.

A group and those beside it (a parents' group) are one bundle: its rows are locked together, and a meeting that is moved
or called off takes the one beside it along. The conversations of all who sit there are held next, before any meeting,
seat or room is: see `seats`. Rooms and leaders' time are the appointments' room to guard.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from brobygger.access.guards import may, require
from brobygger.access.roles import Permission
from brobygger.appointments import services as appointments
from brobygger.catalogue import queries as catalogue
from brobygger.catalogue import services as house
from brobygger.ground import clock
from brobygger.outbox import services as outbox
from brobygger.privacy import services as audit
from brobygger.series import rules as series
from brobygger.series.rules import NotSound, NotThatDay
from brobygger.threads import services as threads

from . import answers, dates, queries
from .dates import Changed, NotALeader
from .models import Group, Lead, Meeting, Seat
from .rules import GroupIsClosed, MeetingIsOver, SomethingNew, Told
from .templatetags.boxes import told_at_home
from .templatetags.finder import for_the_public

__all__ = ["LeaderIsBusy", "NotALeader", "NotSound", "NotThatDay", "RoomIsTaken"]

RoomIsTaken, LeaderIsBusy = appointments.RoomIsTaken, appointments.WorkerIsBusy
KEEPER = "keeper"
#: A group that has had all its meetings stays open for a while: somebody may want one more.
AFTERWARDS = timedelta(days=14)


# ---- Groups ----


def make_group(*, said: dict[str, Any], by: Any, once: UUID) -> Group:
    """Make a group with its dates and, where `said["leaders"]` names them, who leads it. Sent twice, it is one.

    `said` has the fields of `Group`. A café may have `dates` instead of a rule; a group `beside` another takes its
    hours from there. Raises `NotSound`, `RoomIsTaken`, `LeaderIsBusy`.
    """
    _arranges(by)
    with transaction.atomic():
        made = Group.objects.filter(pk=once).first()
        if made:
            return made
        fields = {name: value for name, value in said.items() if name not in ("leaders", "dates")}
        group = Group(id=once, **_from_beside(fields))
        _sound(group, said.get("dates"))
        group.save(force_insert=True)
        dates.lead_from_today(group, said.get("leaders") or ())
        if not dates.add(group=group, dates=said.get("dates") or (), strict=True, by=by):
            raise NotSound("starts_on")
        audit.record(by=by, action="groups.made", about=group)
        publish(by=by)
    return group


def _arranges(by: Any) -> None:
    if not isinstance(by, str):
        require(by, Permission.ARRANGE_GROUPS)


def _from_beside(fields: dict[str, Any]) -> dict[str, Any]:
    """Let a group beside another have that one's hours, and no rule of its own."""
    other = fields.get("beside")
    if other is None:
        return fields
    return fields | {"rule": "", "meetings_wanted": None, "ends_on": None} | _hours_of(other)


def _hours_of(group: Group) -> dict[str, Any]:
    """Give what a group beside another one has from there."""
    return {name: getattr(group, name) for name in ("starts_on", "begins", "ends", "skips_weeks")}


def _sound(group: Group, days: Iterable[date] | None = None) -> None:
    """Raise `NotSound` for what cannot be a group; the forms say it more kindly."""
    wrong = series.unsound(group, rooms=dates.rooms_at(group.place), dated=bool(days) or group.meetings.exists())
    if wrong or group.offer not in {each.key for each in catalogue.offers()}:
        raise NotSound(wrong or "offer")


def _bundle(ident: UUID) -> Group:
    """Lock a group's bundle and then the conversations of all who sit there, and give the group as it is."""
    row = dates.bundle(ident)
    answers.hold_bundle(row)
    return row


def _alive(group: Group) -> None:
    if group.state == Group.State.CLOSED:
        raise GroupIsClosed


def change_group(*, group: Group, said: dict[str, Any], seen: int, by: Any) -> Told:
    """Change a group. Only meetings ahead follow it, by number; what has been held stays as it was.

    A new rule holds from its own first day. `seen` is the group's `sequence` on the page. Raises `SomethingNew`,
    `GroupIsClosed`, `NotSound`, `RoomIsTaken`, `LeaderIsBusy`.
    """
    _arranges(by)
    with transaction.atomic():
        row = _bundle(group.pk)
        _alive(row)
        if row.sequence != seen:
            raise SomethingNew
        was = copy(row)
        fields = {name: value for name, value in said.items() if name not in ("leaders", "dates", "beside")}
        for name, value in _from_beside(fields | {"beside": row.beside}).items():
            setattr(row, name, value)
        _sound(row, said.get("dates"))
        if row.rule and (row.rule, row.starts_on) != (was.rule, was.starts_on) and row.starts_on <= clock.today():
            raise NotSound("starts_on")
        row.sequence += 1
        row.save()
        Group.objects.filter(beside=row).update(**_hours_of(row), sequence=F("sequence") + 1)
        moved, gone = dates.follow(group=row, was=was, dates=said.get("dates"), by=by)
        if "leaders" in said:
            dates.lead_from_today(row, said["leaders"])
        audit.record(by=by, action="groups.changed", about=row)
        publish(by=by)
        return _tell("meeting_moved" if moved else "meeting_cancelled", moved or gone, by=by)


def open_group(*, group: Group, by: Any) -> None:
    """Open a planned group: it runs from now on. Raises `GroupIsClosed`."""
    _arranges(by)
    with transaction.atomic():
        row = dates.bundle(group.pk)
        _alive(row)
        if row.state != Group.State.OPEN:
            Group.objects.filter(pk=row.pk).update(state=Group.State.OPEN, sequence=F("sequence") + 1)
            audit.record(by=by, action="groups.opened", about=row)
            publish(by=by)


def close_group(*, group: Group, on: date, by: Any) -> Told:
    """Close a group after a day, and those beside it: meetings later than that are called off and everyone told.

    While it still has meetings ahead it stays open. Raises `GroupIsClosed`.
    """
    _arranges(by)
    with transaction.atomic():
        row = _bundle(group.pk)
        _alive(row)
        ours = [row, *row.parallels.exclude(state=Group.State.CLOSED)]
        midnight = series.moment(max(on + timedelta(days=1), clock.today()), time())
        off = dates.ahead(Meeting.objects.filter(group__in=ours, starts_at__gte=midnight))
        for each in ours:
            each.ends_on, each.sequence = max(on, each.starts_on), each.sequence + 1
            each.save(update_fields=["ends_on", "sequence"])
        dates.call_off(meetings=off, by=by)
        told = _tell("meeting_cancelled", [(each, each.starts_at) for each in off], by=by)
        _close_what_is_over(ours, by=by)
        audit.record(by=by, action="groups.closed", about=row)
        publish(by=by)
        return told


def _close_what_is_over(rows: Iterable[Group], *, by: Any) -> int:
    """Close the groups that have a last day and no meeting before it, or have had all their meetings a while ago."""
    over = 0
    for each in rows:
        last = each.meetings.filter(state__in=(Meeting.State.PLANNED, Meeting.State.HELD)).order_by("ends_at").last()
        ended = each.ends_on or (each.beside and each.beside.state == Group.State.CLOSED)
        rest = timedelta(0) if ended else AFTERWARDS if each.meetings_wanted and last else timedelta.max
        if rest != timedelta.max and (last is None or last.ends_at + rest <= clock.now()):
            over += Group.objects.filter(pk=each.pk).update(state=Group.State.CLOSED)
            audit.record(by=by, action="groups.over", about=each)
    return over


# ---- Every night, and what is shown ----


def extend(*, by: Any = KEEPER) -> int:
    """Date the meetings that are lacking: a year ahead for rolling groups, all of them for the others; how many."""
    made = 0
    for ident in list(Group.objects.exclude(state=Group.State.CLOSED).values_list("pk", flat=True)):
        with transaction.atomic():
            row = dates.bundle(ident)
            new = [] if row.state == Group.State.CLOSED else dates.add(group=row, strict=False, by=by)
            if new:
                audit.record(by=by, action="groups.extended", about=row, reason=str(len(new)))
        made += len(new)
    return made


def sweep(now: datetime) -> int:
    """Extend the groups, close those that are over, and show the public what is so today."""
    extend(by=KEEPER)
    with transaction.atomic():
        done = _close_what_is_over(Group.objects.exclude(state=Group.State.CLOSED), by=KEEPER)
    publish(by=KEEPER)
    return done


def publish(*, by: Any) -> bool:
    """Show the public finder the groups one may begin in, as they are now; how many seats are free is only a word."""
    return house.publish_groups(rows=for_the_public, by=by)


# ---- Who leads ----


def set_leaders(*, group: Group, users: Iterable[Any], by: Any) -> None:
    """Say who leads a group from today on, in the order of their turns; those who stand in stay.

    Raises `NotALeader` for who may not run a group, `LeaderIsBusy`, `GroupIsClosed`.
    """
    _arranges(by)
    with transaction.atomic():
        row = dates.bundle(group.pk)
        _alive(row)
        left = dates.lead_from_today(row, users)
        rows = dates.ahead(row.meetings.select_related("group"))
        touched = dates.lead(meetings=rows, by=by) | left
        dates.take(meetings=rows, by=by)
        audit.record(by=by, action="groups.leaders_set", about=row)
        _tell_leaders(touched, by=by)


def stand_in(*, meeting: Meeting, out: Any | None, into: Any, by: Any) -> None:
    """Let somebody stand in at one meeting for one who leads it, or beside them when nobody is `out`; both are told.

    Raises `MeetingIsOver`, `NotALeader`, `LeaderIsBusy`.
    """
    _arranges(by)
    with transaction.atomic():
        row = _to_come(meeting, by=by, even_now=True)
        there = {each.user_id: each for each in row.leads.all()}
        if not may(into, Permission.RUN_GROUPS) or into.pk in there or (out is not None and out.pk not in there):
            raise NotALeader
        if out is not None:
            there[out.pk].delete()
        Lead.objects.create(meeting=row, user=into, stands_in=True)
        dates.take(meetings=[row], by=by)
        audit.record(by=by, action="groups.stood_in", about=row)
        _tell_leaders({into} | ({out} if out is not None else set()), by=by)


# ---- One meeting ----


def _to_come(meeting: Meeting, *, by: Any, state: str = Meeting.State.PLANNED, even_now: bool = False) -> Meeting:
    """Lock a meeting's bundle and give the meeting as it is, if it is still to come. Raises `MeetingIsOver`."""
    _alive(_bundle(meeting.group_id))
    row = Meeting.objects.select_for_update(of=("self",)).select_related("group").get(pk=meeting.pk)
    if row.state != state or (row.ends_at if even_now else row.starts_at) <= clock.now():
        raise MeetingIsOver
    return row


def move_meeting(
    *, meeting: Meeting, starts_at: datetime, ends_at: datetime, place: str, room: int, by: Any,
    even_so: bool = False, was: datetime | None = None,
) -> Told:  # fmt: skip
    """Move one meeting to any other day, hour, place or room, those beside it along, and tell everyone.

    `was` is when it began on the page; `even_so` holds it on a closed day. Raises `MeetingIsOver`, `NotThatDay`,
    `SomethingNew`, `NotSound`, `RoomIsTaken`, `LeaderIsBusy`, `GroupIsClosed`.
    """
    _arranges(by)
    with transaction.atomic():
        row = _to_come(meeting, by=by)
        if was is not None and row.starts_at != was:
            raise SomethingNew
        if starts_at <= clock.now():
            raise MeetingIsOver
        dates.refuse(row, starts_at, ends_at, place, room, even_so=even_so)
        rows = dates.together([row])
        before = {each.pk: (each.starts_at, each.ends_at, each.place) for each in rows}
        for each in rows:
            each.starts_at, each.ends_at = starts_at, ends_at
            if each != row and each.place != place and before[row.pk][2] == before[each.pk][2]:
                each.place, each.room = place, dates.another_room(row, each)
            if each == row:
                each.place, each.room = place, room
        dates.keep(meetings=rows, by=by)
        dates.take(meetings=rows, by=by)
        dates.count(meetings=rows, by=by)
        audit.record(by=by, action="groups.meeting_moved", about=row)
        publish(by=by)
        other = [each for each in rows if before[each.pk] != (each.starts_at, each.ends_at, each.place)]
        _tell_leaders(dates.leading(rows), by=by)
        return _tell("meeting_moved", [(each, before[each.pk][0]) for each in other], by=by)


def cancel_meeting(*, meeting: Meeting, by: Any) -> Told:
    """Call one meeting off, those beside it along, and tell everyone. A group of so many gets another at the end.

    Raises `MeetingIsOver`, `GroupIsClosed`.
    """
    _arranges(by)
    with transaction.atomic():
        rows = dates.together([_to_come(meeting, by=by)])
        led = dates.leading(rows)
        dates.call_off(meetings=rows, by=by)
        # Whoever is ill cannot come, whether or not there is a room for another day.
        instead = [new for each in rows for new in dates.add(group=each.group, strict=False, by=by)]
        dates.begin_again(dates.starters(rows))
        dates.count(meetings=rows, by=by)
        audit.record(by=by, action="groups.meeting_cancelled", about=rows[0])
        publish(by=by)
        _tell_leaders(led, by=by)
        told = _tell("meeting_cancelled", [(each, each.starts_at) for each in rows], by=by)
        return replace(told, instead=next((new for new in instead if new.group_id == rows[0].group_id), None))


def hold_after_all(*, meeting: Meeting, by: Any) -> Told:
    """Hold a meeting that was called off after all, those beside it along; the one that came instead is dropped.

    Raises `MeetingIsOver`, `RoomIsTaken`, `LeaderIsBusy`, `GroupIsClosed`.
    """
    _arranges(by)
    with transaction.atomic():
        rows = dates.together([_to_come(meeting, by=by, state=Meeting.State.CANCELLED)], Meeting.State.CANCELLED)
        for each in rows:
            each.state = Meeting.State.PLANNED
            each.save(update_fields=["state"])
            wanted, living = each.group.meetings_wanted, each.group.meetings.exclude(state=Meeting.State.CANCELLED)
            spare = dates.ahead(each.group.meetings.exclude(pk=each.pk))[-1:]
            if wanted and living.count() > wanted:
                dates.begin_again(dates.drop(meetings=spare, by=by))
        dates.take(meetings=rows, by=by)
        dates.count(meetings=rows, by=by)
        audit.record(by=by, action="groups.meeting_held_after_all", about=rows[0])
        publish(by=by)
        _tell_leaders(dates.leading(rows), by=by)
        return _tell("meeting_moved", [(each, each.starts_at) for each in rows], by=by)


# ---- Everyone who should know ----


def rung(*, group: Group, until: datetime, by: Any) -> None:
    """Put away whom somebody has rung about changes until a moment; also of a group that is closed since."""
    _arranges(by)
    with transaction.atomic():
        rows = queries.unheard(group).filter(ring_since__lte=until).select_related("member")
        answers.hold_boxes(rows)
        Seat.objects.filter(pk__in=[each.pk for each in rows]).update(ring_since=None)
        audit.record_many(by=by, action="groups.family_rung", about=[each.member for each in rows])


def _tell_leaders(users: Iterable[Any], *, by: Any) -> None:
    """Write to those who lead that their calendar has changed; who did it knows, and no group is named."""
    for user in users:
        if user != by and user.is_active and "mail" in settings.OUTBOX_CHANNELS:
            outbox.notify_staff(user=user, kind="calendar", by=by)


def _tell(news: str, changed: Changed, *, by: Any) -> Told:
    """Tell each family once, however many of its children sit there: in its box, and by the wire it has chosen.

    Those without a box or a wire, or whose child alone knows, are to be rung, for each seat: their threads are held.
    """
    groups = {each.group_id for each, _was in changed}
    rows = Seat.objects.filter(group__in=groups, chair__isnull=False).select_related("group", "member__course__thread")
    families: dict[UUID, list[Seat]] = {}
    for seat in rows:
        families.setdefault(seat.member.course_id, []).append(seat)
    reached, to_ring = 0, list[Seat]()
    for seats in families.values():
        at_home = told_at_home(seats)
        if at_home and _tell_family(news, at_home, changed, by=by):
            reached += 1
            seats = [each for each in seats if each not in at_home]
            Seat.objects.filter(pk__in=[each.pk for each in at_home]).update(ring_since=None)
        to_ring += seats[:1]
        Seat.objects.filter(pk__in=[each.pk for each in seats]).update(ring_since=clock.now())
    return Told(reached, to_ring)


def _tell_family(news: str, seats: list[Seat], changed: Changed, *, by: Any) -> bool:
    """Tell one family, and say whether a wire carries it to them."""
    thread = seats[0].member.course.thread
    if thread is None or thread.ending:
        return False
    answers.say(thread=thread, body={"news": news, "from": getattr(by, "first_name", "")}, by=by)
    sits_in, off = {seat.group_id for seat in seats}, news == "meeting_cancelled"
    meeting, was = min((each for each in changed if each[0].group_id in sits_in), key=lambda each: each[0].starts_at)
    params = {"starts_at": (was if off else meeting.starts_at).isoformat()}
    outbox.notify(thread=thread, kind="called_off" if off else "moved", params=params, by=by)
    card = threads.open_card_to_send(thread=thread, by=KEEPER) or {}
    return card.get("channel") in settings.OUTBOX_CHANNELS
