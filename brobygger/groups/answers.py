"""What a family's box is told of its seats, what the family asks there with its key, and what a day brings by itself.

The letters are done by the keeper, every round, with the deeds in `seats`; the two files belong together.
"""

import time as seconds
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from brobygger.casework import queries as casework
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.outbox import services as outbox
from brobygger.series import rules as series
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import rules, seats
from .models import Attendance, Group, Meeting, Seat, Waiting
from .templatetags.boxes import in_box, spoken_of, told_at_home
from .templatetags.expecting import Told, expecting, still, told_since

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from brobygger.casework.models import Member
    from brobygger.threads.models import Thread

KEEPER = "keeper"
State = Seat.State
#: News their telephone says something of, without a word of what.
RUNG = ("seat_offered", "seat_gone")
#: A family's box is told its dates anew after so long: what lies there goes by itself after three months.
TOLD_ANEW, LIES = timedelta(days=42), timedelta(days=92)
#: Every box is looked at again within so many seconds, and so many of them in any round; so many are told in a tidy.
LOOKED, AT_ONCE, TOLD_AT_ONCE = 20, 100, 200
#: The course that was looked at last in this process, and when; before that, all are looked at.
_round: dict[str, Any] = {"after": None, "at": None}


class MeetingMoved(Exception):
    """It was moved after the page was opened on which somebody said that they cannot come."""


# ---- Told ----


def hold_boxes(rows: "QuerySet[Seat]") -> None:
    """Hold the threads of the families of some seats, all at once, before any seat is written: see `seats`."""
    thread_queries.kept_still(rows.values_list("member__course__thread", flat=True))


def hold_bundle(group: Group) -> None:
    """Hold the threads of all who have a chair in a group or one it meets beside; the caller holds the groups."""
    hold_boxes(Seat.objects.around(group).filter(chair__isnull=False))


def tell(*, seat: Seat, news: str, by: Any) -> None:
    """Say something about a seat in its family's box, where it may be said there; their telephone says that it is."""
    thread = seat.member.course.thread
    if thread is None or thread.ending or not told_at_home([seat]):
        return
    say(thread=thread, body={"news": news}, by=by)
    if news in RUNG:
        outbox.notify(thread=thread, kind="answer", by=by)


def say(
    *, thread: "Thread", body: dict[str, Any], by: Any, worked_out: Iterable[Told] | None = None, **more: Any
) -> None:
    """Tell a family's box something, with its seats as they are now and what it waits for; remember what it knows.

    `worked_out` is what is likely for those who wait, where that is known already. The thread is held first.
    """
    thread_queries.kept_still([thread.pk])
    course = casework.of_thread(thread.pk)
    # Before the seats are read: who is somebody else from now on is looked at again.
    mark = casework.who_is_who([course.pk])[course.pk] if course else ""
    told, waits = in_box(thread), Waiting.objects.filter(member__course__thread=thread, member__erasing=False)
    running = _running(waits)
    ahead = expecting(running) if worked_out is None else still(worked_out, running)
    # Of waiting it is told where somebody waits, and once more when nobody does any more.
    known = {"waiting": [each.said for each in ahead]} if ahead or waits.exclude(told_as="").exists() else {}
    threads.tell(thread=thread, body={**body, "seats": told, **known}, by=by, **more)
    waits.update(told_as="")
    for each in ahead:
        Waiting.objects.filter(pk=each.row.pk).update(told_as=each.mark, told_who=mark)
    Seat.objects.filter(pk__in=[each["id"] for each in told]).update(told_on=clock.today(), told_as=mark)


def _running(rows: "QuerySet[Waiting]") -> "QuerySet[Waiting]":
    """Keep those who wait still, in a course that runs and a conversation that does."""
    rows = rows.filter(ended_on=None, member__erasing=False, member__course__state="open")
    return rows.filter(member__course__thread__ending="").select_related("member__course__thread")


def tell_who_waits(*, member: "Member", news: str, by: Any) -> None:
    """Say in a family's box that somebody waits for a seat, or that they do no more, where it may be said there."""
    thread = member.course.thread
    if thread is not None and not thread.ending and spoken_of([member]):
        say(thread=thread, body={"news": news}, by=by)


def _say_anew(thread: "Thread", *, by: Any) -> None:
    """Take back all that was ever said of seats in a family's box, and say what may be said now."""
    thread_queries.kept_still([thread.pk])
    threads.take_back(thread=thread, naming="seats", by=by)
    say(thread=thread, body={"news": "seats_anew"}, by=by)


def let_go(member: UUID) -> None:
    """Say anew in a family's box what is left, while somebody in its course is erased: their name lies there too.

    Also of who sits or waits there no more. Their thread is held before their seats are deleted.
    """
    ours = {"member__course__thread__ending": "", "member__course__thread__isnull": False}
    seated = Seat.objects.filter(Q(member=member) | Q(beside=member), **ours)
    waits = Waiting.objects.filter(member=member, **ours)
    row: Seat | Waiting | None = seated.first() or waits.first()
    if row is None or row.member.course.thread is None:
        return
    thread_queries.kept_still([row.member.course.thread_id])
    if seated.exclude(told_on=None).exists() or waits.exclude(told_who="").exists():
        _say_anew(row.member.course.thread, by=KEEPER)


# ---- Who is somebody else by now ----


def _told_of() -> "tuple[QuerySet[Seat], QuerySet[Waiting]]":
    """Give the seats, and those who wait or have waited, that some family's box was told of so that it lies there."""
    lately, ours = clock.today() - LIES, {"member__erasing": False, "member__course__thread__ending": ""}
    sits = Seat.objects.filter(Q(chair__isnull=False) | Q(ended_on__gt=lately), **ours).exclude(told_on=None)
    waits = Waiting.objects.filter(Q(ended_on=None) | Q(ended_on__gt=lately), **ours).exclude(told_who="")
    return sits.exclude(member__course__state="erasing"), waits.exclude(member__course__state="erasing")


def _next_courses() -> list[UUID]:
    """Name the courses whose boxes are looked at in this round: a few, in turn, and all of them in a while.

    In the first round of a process, and in a house with few, that is everybody.
    """
    now, told = seconds.monotonic(), _told_of()
    passed = LOOKED if _round["at"] is None else now - _round["at"]
    many = max(AT_ONCE, ceil(sum(rows.count() for rows in told) * min(1, passed / LOOKED)))
    _round["at"] = now

    def after(ident: UUID | None) -> list[UUID]:
        found = set[UUID]()
        for rows in told:
            later = rows.filter(member__course__gt=ident) if ident else rows
            found |= set(later.order_by("member__course").values_list("member__course", flat=True).distinct()[:many])
        return sorted(found)[:many]

    listed = after(_round["after"])
    if len(listed) < many and _round["after"]:
        # Round again from the first.
        listed = [*listed, *(each for each in after(None) if each not in listed)][:many]
    _round["after"] = listed[-1] if listed else None
    return listed


def _where_they_may_not_stand(*, by: str) -> int:
    """Look again at the boxes of families in which somebody is another than when it was told: see `told_at_home`."""
    courses = _next_courses()
    marks = casework.who_is_who(courses) if courses else {}
    sits, waits = _told_of()
    known = [
        *sits.filter(member__course__in=courses).values_list("member__course", "told_as"),
        *waits.filter(member__course__in=courses).values_list("member__course", "told_who"),
    ]
    other = sorted({course for course, mark in known if mark != marks[course]})
    return sum(_look_again(course, marks[course], by=by) for course in other)


@alone
def _look_again(ident: UUID, mark: str, *, by: str) -> None:
    """Take back what a box says of those it may not speak of any more; of a seat, their family is rung from now on."""
    course = casework.kept_still(ident)
    if course is None or course.thread is None:
        return
    thread_queries.kept_still([course.thread_id])
    sits, waits = _told_of()
    sits, waits = sits.filter(member__course=course), waits.filter(member__course=course)
    seated, waiting = list(sits.select_related("group", "member__course")), list(waits.select_related("member__course"))
    may, spoken = told_at_home(seated), spoken_of(row.member for row in waiting)
    gone = [seat.pk for seat in seated if seat not in may]
    silent = [row.pk for row in waiting if row.member_id not in spoken]
    sits.exclude(pk__in=gone).update(told_as=mark)
    waits.exclude(pk__in=silent).update(told_who=mark)
    Seat.objects.filter(pk__in=gone).update(told_on=None, told_as="")
    Waiting.objects.filter(pk__in=silent).update(told_who="")
    if gone or silent:
        _say_anew(course.thread, by=by)


# ---- Asked with the key ----

#: What a letter about a seat may ask, and how it is told when it is done.
ASKED = {
    "take": "seat_taken",
    "decline": "seat_declined",
    "leave": "seat_left",
    "away": "away_noted",
    "come": "coming_noted",
}
REFUSALS = (rules.NotOffered, rules.OfferIsOver, rules.GroupIsOver, rules.TooManyNewcomers, MeetingMoved)


def keep_up(*, by: str = KEEPER) -> int:
    """Do what families ask for with their key and what the day brings; what is being erased is left to that.

    A course that was ended keeps its seats until the day is over: it may have been a mistake.
    """
    done = sum(_answer(request, by=by) for request in thread_queries.requests(("seat",)))
    today = clock.today()
    ended = Q(member__course__state__in=("ended", "handed_over"), member__course__ended_on__lt=today)
    over = Q(state=State.OFFERED, answer_by__lt=today) | Q(state=State.PAUSED, paused_until__lte=today)
    over = (over | Q(group__state=Group.State.CLOSED) | ended) & ~Q(member__course__state="erasing")
    rows = Seat.objects.filter(over, chair__isnull=False, member__erasing=False)
    done += sum(_see_to(seat, by=by) for seat in rows[:200])
    waiting = Waiting.objects.filter(ended, ended_on=None, member__erasing=False)
    waiting = waiting.select_related("member__course__thread")[:200]
    done += sum(_stop_waiting(row, by=by) for row in waiting)
    return done + _where_they_may_not_stand(by=by)


@alone
def _stop_waiting(row: Waiting, *, by: str) -> None:
    """End what somebody waits for in a course that is over, and say so in their family's box."""
    thread_queries.kept_still([row.member.course.thread_id])
    seats.end_waiting(member=row.member, offer=row.offer, outcome=Waiting.Outcome.OTHER, by=by)
    tell_who_waits(member=row.member, news="waits_no_more", by=by)


@alone
def _answer(request: thread_queries.Request, *, by: str) -> None:
    """Do what one letter asks for, or say why not, and tell the page that waits."""
    threads.mark_handled(request=request.ident, by=by)
    if request.thread.ending:
        return
    asked = request.body["seat"]
    news, seat = ASKED[asked["what"]], _meant(request.thread, asked["seat"])
    try:
        if seat is None:
            raise rules.NotOffered
        _do(seat, asked, request.at)
    except REFUSALS as why:
        news = _why_not(why, seat, asked["what"])
    say(
        thread=request.thread,
        body={"news": news},
        receipt=request.body.get("receipt"),
        letter=UUID(request.body["letter"]),
        by=by,
    )


def _meant(thread: "Thread", ident: str) -> Seat | None:
    """Find the seat a letter means, among those its box may be told of."""
    rows = Seat.objects.filter(pk=ident, member__course__thread=thread, member__erasing=False)
    return next(iter(told_at_home(rows.select_related("group", "member__course"))), None)


def _do(seat: Seat, asked: dict[str, str], written: datetime) -> None:
    """Do what a letter asks, as on the day it was written. Raises one of `REFUSALS`."""
    what = asked["what"]
    if what == "take":
        seats.take_seat(seat=seat, by=seats.FAMILY, written=written)
    elif what == "decline":
        seats.decline_seat(seat=seat, by=seats.FAMILY)
    elif what == "leave":
        seats.leave_seat(seat=seat, reason="own_wish", by=seats.FAMILY)
    else:
        meeting = Meeting.objects.filter(pk=asked["meeting"]).first()
        if meeting is None:
            raise rules.NotOffered
        on = datetime.fromisoformat(asked["on"])
        seats.say_no(seat=seat, meeting=meeting, away=what == "away", on=on, by=seats.FAMILY)


def _why_not(why: Exception, asked: Seat | None, what: str) -> str:
    """Say why something was not done: the seat itself may well be theirs."""
    seat = Seat.objects.filter(pk=asked.pk).first() if asked else None
    theirs = seat is not None and seat.state in (State.TAKEN, State.PAUSED)
    if isinstance(why, MeetingMoved):
        return "meeting_other_day"
    if theirs and what in ("away", "come"):
        return "meeting_over"
    if theirs:
        return "seat_yours"
    waits = seat is not None and seat.state == State.OFFERED and isinstance(why, rules.TooManyNewcomers)
    return "seat_other_day" if waits else "seat_over"


# ---- What a day brings ----


@alone
def _see_to(seat: Seat, *, by: str) -> None:
    """End or go on with one seat whose day has come, as it is by now."""
    row, today = seats.held(seat, by), clock.today()
    closed, course = row.group.state == Group.State.CLOSED, row.member.course
    over = closed or (course.ended_on is not None and course.ended_on < today)
    if row.state == State.OFFERED and (over or (row.answer_by and row.answer_by < today)):
        seats.end(
            seat=row, state=State.LAPSED, before=(State.OFFERED,), news="seat_closed" if closed else "seat_gone", by=by
        )
    elif row.state in (State.TAKEN, State.PAUSED) and over:
        seats.leave_seat(seat=row, reason="completed" if closed else "other", by=by)
    elif row.state == State.PAUSED and row.paused_until and row.paused_until <= today:
        seats.resume_seat(seat=row, by=by)


def longest_pause(seat: Seat) -> date:
    """Name the last day a break may end: it is counted from the first, until they have come again."""
    since, today = seat.paused_on, clock.today()
    came = Attendance.objects.filter(member=seat.member_id, meeting__group=seat.group_id, mark=Attendance.Mark.HERE)
    if since is None or came.filter(meeting__starts_at__gte=series.moment(since, time())).exists():
        since = today
    return since + rules.LONGEST_PAUSE


def sweep(now: datetime) -> int:
    """Tell boxes anew before what lies there goes by itself: who sits somewhere the dates, who waits what is likely."""
    rows = Seat.objects.filter(told_on__lt=clock.local(now).date() - TOLD_ANEW, member__course__state="open")
    rows = rows.filter(state__in=(State.TAKEN, State.PAUSED), member__erasing=False)
    boxes = {seat.member.course_id: seat for seat in rows.select_related("group", "member__course__thread")}
    return sum(map(_tell_anew, boxes.values())) + _tell_who_wait()


def _tell_who_wait() -> int:
    """Tell anew who waits and has another month to look forward to than when they were told, or were told long ago.

    A box is told once a day at most. Of whom it may not speak any more, what it was told is taken back at once.
    """
    running, over = _running(Waiting.objects.all()), Waiting.objects.exclude(ended_on=None).exclude(told_as="")
    waits = [*running, *over.filter(member__course__thread__ending="").select_related("member__course__thread")]
    now = {each.row.pk: each for each in expecting(running)}
    boxes: dict[UUID, list[tuple[Waiting, Told | None]]] = {}
    for row in waits:
        boxes.setdefault(row.member.course_id, []).append((row, now.get(row.pk)))
    due = [rows for rows in boxes.values() if any(_is_due(*each) for each in rows)]
    return sum(map(_tell_waiting, due[:TOLD_AT_ONCE]))


def _is_due(row: Waiting, told: Told | None) -> bool:
    """Tell whether what a box knows of somebody who waits is to be said anew, or taken back."""
    if told is None or not row.told_as:
        return bool(row.told_as) or told is not None
    since = told_since(row.told_as)
    return since < clock.today() and (not told.same(row.told_as) or since <= clock.today() - TOLD_ANEW)


@alone
def _tell_waiting(rows: list[tuple[Waiting, Told | None]]) -> None:
    thread = rows[0][0].member.course.thread
    if thread is None:
        return
    if any(told is None and row.told_as and row.ended_on is None for row, told in rows):
        _say_anew(thread, by=KEEPER)
    else:
        known = [told for _row, told in rows if told is not None]
        say(thread=thread, body={"news": "waiting_now" if known else "waits_no_more"}, by=KEEPER, worked_out=known)


@alone
def _tell_anew(seat: Seat) -> None:
    tell(seat=seat, news="seat_dates", by=KEEPER)
