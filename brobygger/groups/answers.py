"""What families ask about a seat with their key, and what a day brings by itself: done by the keeper, every round."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import rules, seats
from .models import Group, Meeting, Seat, Waiting
from .seats import FAMILY, KEEPER
from .templatetags.boxes import in_box, told_at_home

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

State = Seat.State
#: A family's box is told its dates anew after so long: what lies there goes by itself after three months.
TOLD_ANEW = timedelta(days=42)

#: What a letter about a seat may ask: what is done, and how that is told.
ASKED = {
    "take": ("seat_taken", lambda seat, meeting: seats.take_seat(seat=seat, by=FAMILY)),
    "decline": ("seat_declined", lambda seat, meeting: seats.decline_seat(seat=seat, by=FAMILY)),
    "leave": ("seat_left", lambda seat, meeting: seats.leave_seat(seat=seat, reason="own_wish", by=FAMILY)),
    "away": ("away_noted", lambda seat, meeting: seats.say_no(seat=seat, meeting=meeting, by=FAMILY)),
    "come": ("coming_noted", lambda seat, meeting: seats.say_no(seat=seat, meeting=meeting, by=FAMILY, away=False)),
}
REFUSALS = (rules.NotOffered, rules.OfferIsOver, rules.GroupIsOver, rules.TooManyNewcomers)


def keep_up(*, by: str = KEEPER) -> int:
    """Do what families ask for with their key and what the day brings; what is being erased is left to that."""
    done = sum(_answer(request, by=by) for request in thread_queries.requests(("seat",)))
    today, ended = clock.today(), Q(member__course__state__in=("ended", "handed_over"))
    over = Q(state=State.OFFERED, answer_by__lt=today) | Q(state=State.PAUSED, paused_until__lte=today)
    over = (over | Q(group__state=Group.State.CLOSED) | ended) & ~Q(member__course__state="erasing")
    rows = Seat.objects.filter(over, chair__isnull=False, member__erasing=False)
    done += sum(_see_to(seat, by=by) for seat in rows.select_related("group", "member__course")[:200])
    waiting = list(Waiting.objects.filter(ended, ended_on=None, member__erasing=False).select_related("member")[:200])
    for row in waiting:
        seats.end_waiting(member=row.member, offer=row.offer, outcome=Waiting.Outcome.OTHER, by=by)
    return done + len(waiting)


@alone
def _answer(request: thread_queries.Request, *, by: str) -> None:
    """Do what one letter asks for, or say why not, and tell the page that waits."""
    threads.mark_handled(request=request.ident, by=by)
    if request.thread.ending:
        return
    asked = request.body["seat"]
    news, deed = ASKED[asked["what"]]
    try:
        deed(*_meant(request.thread, asked))
    except REFUSALS:
        news = "seat_over"
    threads.tell(
        thread=request.thread,
        body={"news": news, "seats": in_box(request.thread)},
        receipt=request.body.get("receipt"),
        letter=UUID(request.body["letter"]),
        by=by,
    )


def _meant(thread: "Thread", asked: dict[str, str]) -> tuple[Seat, Meeting | None]:
    """Find the seat and the meeting a letter means, among those its box has been told of. Raises `NotOffered`."""
    rows = Seat.objects.filter(pk=asked["seat"], member__course__thread=thread, member__erasing=False)
    found = told_at_home(rows.select_related("group", "member__course"))
    meeting = Meeting.objects.filter(pk=asked["meeting"]).first() if asked["meeting"] else None
    if not found or (meeting is None) != (asked["what"] not in ("away", "come")):
        raise rules.NotOffered
    return found[0], meeting


@alone
def _see_to(seat: Seat, *, by: str) -> None:
    """End or go on with one seat whose day has come."""
    closed = seat.group.state == Group.State.CLOSED
    if seat.state == State.OFFERED:
        seats.end(seat=seat, state=State.LAPSED, before=(State.OFFERED,), news="seat_gone", by=by)
    elif closed or seat.member.course.state != "open":
        seats.leave_seat(seat=seat, reason="completed" if closed else "other", by=by)
    else:
        seats.resume_seat(seat=seat, by=by)


def sweep(now: datetime) -> int:
    """Tell the boxes of those who sit somewhere their coming dates anew, before what lies there goes by itself."""
    rows = Seat.objects.filter(told_on__lt=clock.local(now).date() - TOLD_ANEW, member__course__state="open")
    rows = rows.filter(state__in=(State.TAKEN, State.PAUSED), member__erasing=False)
    boxes = {seat.member.course_id: seat for seat in rows.select_related("group", "member__course__thread")}
    return sum(map(_tell_anew, boxes.values()))


@alone
def _tell_anew(seat: Seat) -> None:
    seats.tell(seat=seat, news="seat_dates", by=KEEPER)
