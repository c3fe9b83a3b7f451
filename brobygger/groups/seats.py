"""Seats and waiting: offered, taken, on pause, left; and who waits for one, why, and until when.

Whoever writes about seats holds rows in one order: courses by their id, groups by theirs, the families' threads by
theirs, meetings, seats. The thread is held before any seat is written: what a box is told is noted on all of a family's
seats. Were a group not held while a chair is given, the database would still give no chair to two.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q

from brobygger.access.guards import NotAllowed
from brobygger.casework import queries as casework
from brobygger.casework import record
from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as threads

from . import answers, dates, queries, rules
from .models import Apart, Attendance, Group, Meeting, Seat, Waiting
from .templatetags.apart import Whom, apart_in, may_know, may_part, whom
from .templatetags.waiting import begun, everybody

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member

FAMILY = "family"
State = Seat.State


# ---- Waiting ----


def wait(*, member: "Member", offer: str, wishes: dict[str, Any], by: Any, once: UUID | None = None) -> Waiting:
    """Let somebody wait for a seat in one kind of group, with what suits them; said again, it replaces what suited.

    `wishes` may hold places, days, parity, siblings, language, words. Raises `NotAllowed`, `CourseIsClosed`.
    """
    record.may_write(member.course, by)
    with transaction.atomic():
        record.held_open(member.course_id, member)
        threads.kept_still([member.course.thread_id])
        row = Waiting.objects.filter(Q(pk=once) | Q(offer=offer, ended_on=None), member=member).first()
        if row is not None and row.ended_on:
            return row
        row = row or Waiting(id=once or uuid4(), member=member, offer=offer)
        row.sealed = keyring.seal(member.key, wishes, context=keyring.place("waiting", row.pk, "sealed"))
        row.save()
        record.entered(member.course_id)
        audit.record(by=by, action="groups.waits", about=member, reason=offer)
        answers.tell_who_waits(member=member, news="waits", by=by)
    return row


def stop_waiting(*, waiting: Waiting, by: Any) -> None:
    """Take somebody off the waiting list, because they wish it. Raises as `wait`."""
    record.may_write(waiting.member.course, by)
    with transaction.atomic():
        threads.kept_still([waiting.member.course.thread_id])
        end_waiting(member=waiting.member, offer=waiting.offer, outcome=Waiting.Outcome.WITHDRAWN, by=by)
        answers.tell_who_waits(member=waiting.member, news="waits_no_more", by=by)


def end_waiting(*, member: "Member", offer: str, outcome: str, by: Any) -> None:
    """End somebody's waiting for one kind of group, once, and say what came of it."""
    with transaction.atomic():
        rows = Waiting.objects.filter(member=member, offer=offer, ended_on=None)
        if rows.update(ended_on=clock.today(), outcome=outcome):
            audit.record(by=by, action="groups.wait_ended", about=member, reason=outcome)


# ---- Offering ----


def offer_seat(
    *, group: Group, member: "Member", by: Any, beside: "Member | None" = None, starts_with: Meeting | None = None,
    answer_by: date | None = None, even_so: str = "", talks_done: bool = False,
) -> Seat:  # fmt: skip
    """Offer somebody a seat from the next meeting with room for somebody new, and tell their box if they have one.

    `even_so`: one of `rules.EVEN_SO`. Raises `GroupIsFull`, `GroupIsOver`, `TooManyNewcomers`, `AlreadySeated`,
    `TalksFirst`, `NotInPairs`, `SpeaksAgainst`, `CourseIsClosed`, `NotAllowed`.
    """
    if not queries.may_offer(by, member, group.offer):
        raise NotAllowed("run_groups")
    with transaction.atomic():
        record.held_open(member.course_id, member)
        held = _hold(group.pk)
        threads.kept_still([member.course.thread_id])
        if queries.seated(held).filter(member=member).exists():
            raise rules.AlreadySeated
        apart = _apart(held, [each for each in (member, beside) if each is not None], by)
        _ready(held, member, beside, talks_done=talks_done, even_so=even_so, apart=apart)
        free = queries.chairs(held)
        if not free:
            raise rules.GroupIsFull
        first = _first(held, wished=starts_with)
        until = answer_by or rules.answer_until(clock.today(), clock.local(first.starts_at).date())
        try:
            with transaction.atomic():
                seat = Seat.objects.create(
                    group=held, member=member, beside=beside, chair=free[0], answer_by=until, starts_with=first
                )
        except IntegrityError:
            raise rules.GroupIsFull from None
        record.entered(member.course_id)
        audit.record(by=by, action="groups.seat_offered", about=member, reason=even_so)
        answers.tell(seat=seat, news="seat_offered", by=by)
    return seat


def _hold(group: UUID) -> Group:
    """Let nobody else give a chair in a group before the caller's transaction is over.

    Raises `GroupIsOver`, and `NotAllowed` for an open café: nobody has a seat there.
    """
    # Those beside it too: whoever offers a parent the seat there in the same transaction has it already.
    held = dates.bundle(group)
    if held.state == Group.State.CLOSED:
        raise rules.GroupIsOver
    if held.kind == Group.Kind.CAFE:
        raise NotAllowed("run_groups")
    return held


def _apart(group: Group, people: "list[Member]", by: Any) -> bool:
    """Tell whether somebody sits in a group, or in one beside it, whom others are not placed with.

    Only who knows of both may say why all the same: for anybody else it raises `KeptApart`.
    """
    there = apart_in(group, people)
    if there and not may_know(by, *people, *there):
        raise rules.KeptApart
    return bool(there)


def _ready(
    group: Group, member: "Member", beside: "Member | None", *, talks_done: bool, even_so: str, apart: bool
) -> None:
    """Check that somebody may begin in a group. Raises `NotInPairs`, `TalksFirst`, `SpeaksAgainst`."""
    pair = group.kind == Group.Kind.PAIR
    family = beside is not None and beside.course_id == member.course_id and beside.pk != member.pk
    if (pair and not family) or (not pair and beside is not None):
        raise rules.NotInPairs
    if group.talks_before and not talks_done:
        raise rules.TalksFirst
    birth = str(casework.said_of([member]).get(member.pk, {}).get("birth") or "")
    beside_them = queries.seated(group).filter(member__course_id=member.course_id).exists()
    room, coming = queries.starts(group)
    # Of the age it is for when they may begin, as whoever offers reads it on the page.
    begins = clock.local(room[0].starts_at).date() if room else clock.today()
    against = rules.fits(group, rules.months(birth, begins), sibling=beside_them)
    against += ("begun",) if begun(group, coming) else ()
    against += ("kept_apart",) if apart else ()
    if against and even_so not in rules.EVEN_SO:
        raise rules.SpeaksAgainst(against)


def _first(group: Group, *, wished: Meeting | None = None, besides: Seat | None = None) -> Meeting:
    """Find the meeting somebody new begins with: the one that is wished, else the next with room for one more."""
    room, coming = queries.starts(group, besides)
    if not coming:
        raise rules.GroupIsOver
    if not room or (wished is not None and wished not in room):
        raise rules.TooManyNewcomers
    return wished or room[0]


# ---- Answered, on pause, left ----


def held(seat: Seat, by: Any) -> Seat:
    """Hold a seat's course, group and thread, and give it as it is now, in the caller's transaction.

    Raises `NotOffered` when it is gone, or on its way out with its person, and `NotAllowed`.
    """
    ident = Seat.objects.filter(pk=seat.pk).values_list("member__course_id", flat=True).first()
    course = casework.kept_still(ident) if ident else None
    if course is None:
        raise rules.NotOffered
    if not isinstance(by, str) and queries.get_seat(by, seat.pk) is None:
        raise NotAllowed("run_groups")
    Group.objects.select_for_update().get(pk=seat.group_id)
    threads.kept_still([course.thread_id])
    rows = Seat.objects.select_related("group", "member__course__thread", "starts_with")
    row = rows.filter(pk=seat.pk, member__erasing=False).first()
    if row is None:
        raise rules.NotOffered
    return row


def take_seat(*, seat: Seat, by: Any, written: datetime | None = None) -> Seat:
    """Take an offered seat: by the family's key, `written` then, or because they say so. Taken twice, it is taken once.

    It begins with the meeting it was offered for, or the next one with room when that is past. Raises `OfferIsOver`,
    `GroupIsOver`, `TooManyNewcomers`, `NotOffered`, `NotAllowed`.
    """
    with transaction.atomic():
        row, now = held(seat, by), clock.now()
        if row.state in (State.TAKEN, State.PAUSED):
            return row
        late = row.answer_by is not None and row.answer_by < clock.local(written or now).date()
        if row.state != State.OFFERED or late or row.member.course.state != "open":
            raise rules.OfferIsOver
        first = row.starts_with
        if first is None or first.state != Meeting.State.PLANNED or first.starts_at <= now:
            row.starts_with = _first(row.group, besides=row)
        row.state, row.taken_on, row.family_on = State.TAKEN, clock.today(), _by_key(by)
        row.save(update_fields=["state", "taken_on", "starts_with", "family_on"])
        end_waiting(member=row.member, offer=row.group.offer, outcome=Waiting.Outcome.SEATED, by=by)
        _note(row, "seat_taken", by=by)
    return row


def _by_key(by: Any) -> date | None:
    """Name the day a family did something itself, so that who has its course reads of it; else none."""
    return clock.today() if by == FAMILY else None


def decline_seat(*, seat: Seat, by: Any) -> Seat:
    """Say no thank you to an offered seat; they go on waiting, if they do. Raises `OfferIsOver`, `NotAllowed`."""
    return end(seat=seat, state=State.DECLINED, before=(State.OFFERED,), news="seat_declined", by=by)


def withdraw_offer(*, seat: Seat, by: Any) -> Seat:
    """Take back an offer nobody has answered, and tell the family. Raises `OfferIsOver`, `NotAllowed`."""
    return end(seat=seat, state=State.WITHDRAWN, before=(State.OFFERED,), news="seat_gone", by=by)


def leave_seat(*, seat: Seat, reason: str, by: Any) -> Seat:
    """Give up a seat for good, for one of `rules.LEAVING`. Raises `OfferIsOver`, `NotAllowed`, `ValueError`."""
    if reason not in rules.LEAVING:
        raise ValueError(reason)
    return end(seat=seat, state=State.LEFT, before=(State.TAKEN, State.PAUSED), news="seat_left", by=by, reason=reason)


def end(*, seat: Seat, state: str, before: tuple[str, ...], news: str, by: Any, reason: str = "") -> Seat:
    """End a seat once: the chair is free from now on, and a "no" beforehand keeps nobody on an evening's page.

    Raises `OfferIsOver` when it is not in one of the states `before`, `NotAllowed`.
    """
    with transaction.atomic():
        row = held(seat, by)
        if row.state == state:
            return row
        if row.state not in before:
            raise rules.OfferIsOver
        row.state, row.chair, row.ended_on, row.reason = state, None, clock.today(), reason
        row.family_on = _by_key(by)
        row.save(update_fields=["state", "chair", "ended_on", "reason", "family_on"])
        Attendance.objects.filter(member=row.member_id, meeting__group=row.group_id, meeting__held_at=None).delete()
        action = {State.WITHDRAWN: "seat_withdrawn", State.LAPSED: "seat_lapsed"}.get(State(state), news)
        _note(row, news, by=by, action=action, reason=reason)
    return row


def pause_seat(*, seat: Seat, until: date, by: Any) -> Seat:
    """Let somebody stay away until a day; their chair is kept, and it goes on by itself.

    Raises `OfferIsOver`, `NotOffered`, `NotAllowed`, `ValueError` for a day that is past or too far away.
    """
    return _go_on(seat, State.PAUSED, until, "seat_paused", by=by)


def resume_seat(*, seat: Seat, by: Any) -> Seat:
    """Let a seat that was on pause go on. Raises `OfferIsOver`, `NotAllowed`."""
    return _go_on(seat, State.TAKEN, None, "seat_resumed", by=by)


def _go_on(seat: Seat, state: str, until: date | None, news: str, *, by: Any) -> Seat:
    with transaction.atomic():
        row = held(seat, by)
        if (row.state, row.paused_until) == (state, until):
            return row
        if row.state not in (State.TAKEN, State.PAUSED):
            raise rules.OfferIsOver
        if until is not None:
            last = answers.longest_pause(row)
            if not clock.today() < until <= last:
                raise ValueError(until)
            row.paused_on = last - rules.LONGEST_PAUSE
        row.state, row.paused_until = state, until
        row.save(update_fields=["state", "paused_until", "paused_on"])
        _note(row, news, by=by)
    return row


def say_no(*, seat: Seat, meeting: Meeting, by: Any, away: bool = True, on: datetime | None = None) -> None:
    """Note that somebody cannot come to one meeting, or can after all; `on` is when it was to begin on their page.

    Raises `NotOffered`, `MeetingMoved`, `NotAllowed`.
    """
    with transaction.atomic():
        row = held(seat, by)
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        ahead = meeting.group_id == row.group_id and meeting.ends_at > clock.now()
        if row.state not in (State.TAKEN, State.PAUSED) or not ahead or meeting.state != Meeting.State.PLANNED:
            raise rules.NotOffered
        if on is not None and meeting.starts_at != on:
            raise answers.MeetingMoved
        noted = Attendance.objects.filter(meeting=meeting, member=row.member)
        if away and not noted.exists():
            Attendance.objects.create(meeting=meeting, member=row.member, mark=Attendance.Mark.SAID_NO)
        elif not away and not noted.filter(mark=Attendance.Mark.SAID_NO).delete()[0]:
            return
        _note(row, "away_noted" if away else "coming_noted", by=by)


def _note(seat: Seat, news: str, *, by: Any, action: str = "", reason: str = "") -> None:
    """Leave the line of a deed, count the course's period from today, and say it in the family's box."""
    audit.record(by=by, action=f"groups.{action or news}", about=seat.member, reason=reason)
    record.entered(seat.member.course_id)
    # A letter is answered by the round that did what it asks: it has the page that waits.
    if by != FAMILY:
        answers.tell(seat=seat, news=news, by=by)


# ---- Looked at ----


def look_at_waiting(*, by: Any, offer: str = "", course: "Course | None" = None) -> list[Waiting]:
    """Note that somebody looks at who waits, and give them, longest first: all for who arranges, else one's own."""
    every = (each for each in everybody() if offer in ("", each.offer) and course in (None, each.member.course))
    rows = [each for each in every if queries.may_offer(by, each.member, each.offer)]
    courses = {each.member.course_id: each.member.course for each in rows}
    with transaction.atomic():
        audit.record_many(by=by, action="groups.waiting_looked", about=list(courses.values()))
    return rows


def look_at_person(*, member: "Member", by: Any, seat: Seat | None = None) -> "Member":
    """Note that somebody looks at a person before a seat is offered, or at whose seat it is. Raises `NotAllowed`."""
    if not (queries.get_seat(by, seat.pk) if seat else queries.may_offer(by, member)):
        raise NotAllowed("run_groups")
    with transaction.atomic():
        audit.record(by=by, action="groups.person_looked", about=seat.member if seat else member)
    return seat.member if seat else member


def look_at_roster(*, group: Group, by: Any) -> list[Seat]:
    """Note that somebody looks at who sits in a group, and give their seats. Raises `NotAllowed`."""
    held = queries.get_group(by, group.pk)
    if held is None or not held.sight.roster:
        raise NotAllowed("arrange_groups")
    with transaction.atomic():
        rows = list(queries.seated(group).select_related("group", "member__course", "starts_with"))
        audit.record_many(by=by, action="groups.roster_looked", about=[each.member for each in rows])
    return rows


# ---- Not together ----


def keep_apart(*, member: "Member", other: "Member", by: Any) -> Apart:
    """Place two people in no group together, until somebody says otherwise; said twice, it is said once.

    Why is written nowhere. Raises `NotAllowed`, `CourseIsClosed`, `ValueError` for one person alone.
    """
    if member.pk == other.pk:
        raise ValueError(member.pk)
    if not may_part(by, member, other):
        raise NotAllowed("arrange_groups")
    with transaction.atomic():
        for each in sorted((member, other), key=lambda person: person.course_id):
            record.held_open(each.course_id, each)
        one, second = sorted((member, other), key=lambda person: person.pk)
        row, new = Apart.objects.get_or_create(one=one, other=second, ended_on=None, defaults={"said_by": by})
        if new:
            audit.record_many(by=by, action="groups.kept_apart", about=[one, second])
    return row


def together_again(*, apart: Apart, by: Any) -> None:
    """Let two people be placed in one group again; said twice, it is said once. Raises `NotAllowed`."""
    if not may_know(by, apart.one, apart.other):
        raise NotAllowed("arrange_groups")
    with transaction.atomic():
        if Apart.objects.filter(pk=apart.pk, ended_on=None).update(ended_on=clock.today()):
            audit.record_many(by=by, action="groups.together_again", about=[apart.one, apart.other])


def look_at_apart(*, member: "Member", by: Any) -> Whom:
    """Note that somebody looks at whom a person is not placed with, and whom they might be kept from; and list them.

    Raises `NotAllowed`.
    """
    if not may_part(by, member):
        raise NotAllowed("arrange_groups")
    with transaction.atomic():
        listed = whom(by, member)
        audit.record(by=by, action="groups.person_looked", about=member)
        audit.record_many(by=by, action="groups.waiting_looked", about=listed.courses)
    return listed
