"""What a family's box is told of the questions that wait there, and what is answered with its key or by a link.

And what is answered on a tablet at the meeting, which was handed over by somebody who is signed out by then.

The street knows only the questions: which round an answer belongs to is inside the seal, and matched here. Whoever
sends is told the same, whatever came of it.
"""

import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q

from brobygger.access.guards import NotAllowed
from brobygger.casework import queries as casework
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.groups.templatetags.boxes import spoken_of
from brobygger.privacy import seal
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import asking, instruments, queries, rules, services
from .models import Round, open_on
from .templatetags import handed, own
from .templatetags.handed import published

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

log = logging.getLogger(__name__)
FAMILY, KEEPER = "family", "keeper"
#: What may be wrong with an answer that is sent by itself: it is told no other way than one that is right.
REFUSALS = (
    *(rules.RoundIsOver, rules.AlreadyAnswered, rules.NotThatDay, rules.NotThatWay, rules.NeedsLicence),
    instruments.BadAnswer,
)
#: So many rounds there is room for in a box.
MOST = 6


# ---- Told ----


def tell(thread: "Thread", news: str, *, by: Any, **more: Any) -> None:
    """Say in a family's box which questions wait there now, and how it goes, in the caller's transaction.

    What its holder said of themselves lies in the box alone, never among the words of the conversation.
    """
    told, curves = in_box(thread), own.in_box(thread)
    _noted(thread, [UUID(each["id"]) for each in told])
    if curves.get("curves"):
        audit.record(by=KEEPER, action="outcomes.curve_told", about=curves.pop("about"))
    threads.tell(thread=thread, body={"news": news, "sheets": told}, alone={"own": curves}, by=by, **more)


def _noted(thread: "Thread", told: list[UUID]) -> None:
    """Note which rounds a box says that they wait, and which it does not any more."""
    rows = Round.objects.filter(member__course__thread=thread)
    rows.filter(pk__in=told, told_on=None).update(told_on=clock.today())
    rows.exclude(pk__in=told).exclude(told_on=None).update(told_on=None)


def in_box(thread: "Thread") -> list[dict[str, Any]]:
    """Say which rounds wait for who has a family's key, as its box holds them: about whom, until when, with what."""
    rows = list(_waiting().filter(member__course__thread=thread))
    may = spoken_of(row.member for row in rows)
    known = casework.said_of(row.member for row in rows)
    found = []
    for row in rows:
        forms = [[each.key, each.version] for each in queries.unanswered(row, "key")]
        if forms and may.get(row.member_id) == row.by_id:
            called = str(known.get(row.member_id, {}).get("called") or "") if row.member_id != row.by_id else ""
            closes = row.closes_on.isoformat()
            found.append({"id": str(row.pk), "moment": row.moment, "for": called, "closes": closes, "forms": forms})
    return found[:MOST]


def _waiting() -> Any:
    """Say which rounds wait for who has a family's key, in a conversation that runs."""
    today = clock.today()
    rows = Round.objects.filter(open_on(today), due_on__lte=today, by__position=0, member__course__thread__ending="")
    return rows.select_related("member__course__thread").order_by("closes_on", "id")


def end_told(course: UUID) -> None:
    """Say at once in a family's box that its course has ended and something is asked, in that same transaction."""
    row = _waiting().filter(member__course=course, told_on=None).first()
    if row is not None:
        _tell_new(row.member.course.thread)


def gone_on(course: UUID) -> None:
    """Take out of a family's box at once what was asked at an end that was none, in that same transaction."""
    held = casework.kept_still(course)
    told = Round.objects.filter(_over(), member__course=course)
    if held is not None and held.thread is not None and not held.thread.ending and told.exists():
        tell(held.thread, "sheets_now", by=KEEPER)


def let_go(member: UUID) -> None:
    """Stop what somebody was to answer about another, while they are erased; their own rounds go with them.

    And take back all that was ever said of questions in their family's box, for their name lies there: then it is said
    what is left.
    """
    asking.stop(Round.objects.filter(by=member, state=Round.State.DUE).exclude(member=member), why="not_reached")
    row = Round.objects.filter(Q(member=member) | Q(by=member)).select_related("member__course__thread").first()
    thread = row.member.course.thread if row else None
    if thread is not None and not thread.ending and threads.take_back(thread=thread, naming="sheets", by=KEEPER):
        tell(thread, "sheets_now", by=KEEPER)


def _tell_new(thread: "Thread") -> None:
    """Say in a box what waits there, if something is new, in the caller's transaction."""
    course = casework.of_thread(thread.pk)
    if course is None or casework.kept_still(course.pk) is None:
        return
    before = set(_waiting().filter(member__course__thread=thread).exclude(told_on=None).values_list("pk", flat=True))
    fresh = [each for each in in_box(thread) if UUID(each["id"]) not in before]
    if fresh:
        tell(thread, "sheets_wait", by=KEEPER)
        asking.word(thread=thread, kind="answer", by=KEEPER)


def sweep(now: Any) -> int:
    """Tell the boxes of whom something new is asked today, and take out what is over; publish the questions."""
    publish(by=KEEPER)
    fresh = _waiting().filter(told_on=None)
    threads_of = {row.member.course.thread_id: row.member.course.thread for row in fresh}
    told = Round.objects.filter(member__course__thread__ending="").exclude(told_on=None)
    stale = set(told.filter(_over()).values_list("member__course", flat=True)) | _may_not_be_told(told)
    return sum(map(alone(_tell_new), threads_of.values())) + sum(map(_forget, stale))


def _over() -> Q:
    """Say which rounds that a box says wait, wait no more."""
    return ~Q(told_on=None) & (~Q(state=Round.State.DUE) | Q(closes_on__lt=clock.today()))


def _may_not_be_told(told: Any) -> set[UUID]:
    """Name the courses whose box speaks of somebody it may not speak of any more."""
    rows = list(told.filter(state=Round.State.DUE).select_related("member__course"))
    may = spoken_of(row.member for row in rows)
    return {row.member.course_id for row in rows if may.get(row.member_id) != row.by_id}


@alone
def _forget(ident: UUID) -> None:
    """Take back all that was said of questions in a box, and say what still waits, once something of it is over."""
    course = casework.kept_still(ident)
    if course is not None and course.thread is not None and not course.thread.ending:
        told = {row.pk: row for row in Round.objects.filter(member__course=course).exclude(told_on=None)}
        if set(told) - {UUID(each["id"]) for each in in_box(course.thread)}:
            threads.take_back(thread=course.thread, naming="sheets", by=KEEPER)
            tell(course.thread, "sheets_now", by=KEEPER)


# ---- Answered ----


def keep_up(*, by: str = KEEPER) -> int:
    """Keep what families have answered with their key; a round of the worker."""
    return sum(_answer(request, by=by) for request in thread_queries.requests(("sheet",)))


@alone
def _answer(request: thread_queries.Request, *, by: str) -> None:
    """Keep one answer sent with the key, and take its words out of the conversation: they have a key of their own."""
    said, letter = request.body["sheet"], UUID(request.body["letter"])
    receipt, thread = request.body.get("receipt"), request.thread
    threads.drop_words(message=request.ident, by=by)
    course = casework.of_thread(thread.pk)
    if thread.ending or (course is not None and casework.kept_still(course.pk) is None):
        return
    rows = Round.objects.filter(pk=said["round"], member__course__thread=thread, by__position=0, member__erasing=False)
    row = rows.select_related("member__course__thread").first()
    if row is not None and not row.unagreed and spoken_of([row.member]).get(row.member_id) == row.by_id:
        _keep(row, said, "key", letter, _day(request.body["at"]))
    tell(thread, "sheet_kept", by=by, receipt=receipt, letter=letter)


def take_in(payload: dict[str, Any], letter: UUID) -> None:
    """Keep what was answered by a link: called by who opens the letters. Nobody is told whether the link was one."""
    said = payload["sheet"]
    day = _day(payload["written_at"])
    row = queries.with_token(seal.token_hash(str(said["token"]).encode()), day)
    if row is not None:
        _keep(row, said, "sms", letter, day)


def _day(written: str) -> date:
    """Tell on which day a letter was written; a clock that runs ahead is not believed."""
    return min(clock.local(datetime.fromisoformat(written)).date(), clock.today())


def _keep(row: Round, said: dict[str, Any], mode: str, letter: UUID, day: date | None = None) -> None:
    """Keep one answer under the day it was written, or let it be: what stands, stands."""
    try:
        with transaction.atomic():
            services.keep_all(
                round=row,
                answers=said["answers"],
                mode=mode,
                by=FAMILY,
                once=uuid5(row.pk, str(letter)),
                language=said["language"],
                answered_on=day,
            )
    except REFUSALS as why:
        log.info("an answer was not kept: %s", type(why).__name__)


# ---- At the meeting, on a tablet ----


def hand_over(*, round: Round, by: Any) -> str:
    """Make the ticket that opens one round's questions on this tablet, and write down who handed it over.

    Raises `RoundIsOver`, `NotAllowed`.
    """
    with transaction.atomic():
        if queries.get_round(by, round.pk) is None:
            raise NotAllowed("open_course")
        row = handed.waits(round.pk)
        if row is None:
            raise rules.RoundIsOver
        audit.record(by=by, action="outcomes.handed_over", about=row.member)
    return handed.hand(row).sealed()


def take_from_tablet(*, ticket: handed.Handed, answers: Any, language: str, by: str = FAMILY) -> None:
    """Keep what was answered on a tablet, once; what is over by now is let be, and nobody is blamed."""
    row = handed.waits(ticket.round)
    if row is not None:
        _keep(row, {"answers": answers, "language": language}, "tablet", ticket.once)


def answered(row: Round, mode: str) -> None:
    """Say anew in the box how it goes, when its holder has answered about themselves some other way than there."""
    thread = row.member.course.thread
    if mode != "key" and row.by_id == row.member_id and asking.key_holder(row.by) and thread and not thread.ending:
        tell(thread, "sheet_kept", by=KEEPER)


# ---- Published ----


def publish(*, by: str) -> bool:
    """Let the street read the questions in every language there is, under names that say nothing; about nobody."""
    forms = [published(each) for each in instruments.shelf().values() if each.may_be_shown("sms")]
    return door.publish_questions(forms=forms, by=by)


def key_round(row: Round) -> bool:
    """Tell whether a round may be answered with the family's key."""
    return asking.key_holder(row.by)
