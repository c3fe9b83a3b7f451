"""Who is asked and when: rounds made as a course begins, runs and ends, reminded of, and over when their days are.

An end that nobody planned comes first here: it is made in the very transaction that ends the course. Whoever touches a
round holds its course first, then rounds, then the conversation: in that order nobody waits for somebody who waits.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from brobygger.casework import queries as casework
from brobygger.casework.rules import may_be_told
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.groups.templatetags import counting as seats
from brobygger.outbox import services as outbox
from brobygger.privacy import keyring, seal
from brobygger.privacy import services as audit

from . import queries, rules
from .models import UNAGREED, Round, Sheet, open_on

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member

    from .instruments import Instrument

KEEPER = "keeper"
State = Round.State
_FRESH: dict[str, Any] = {
    **dict.fromkeys(("token", "token_until", "reminded_on", "told_on", "agreed_on")),
    **{"state": State.DUE, "why_not": "", "reminded": 0},
}


# ---- A course ends, goes on, begins, runs ----


def end(course: UUID) -> None:
    """Ask at the end of a course, planned or not, in the transaction that ends it; stop what was still to come."""
    held = casework.kept_still(course)
    if held is None:
        return
    today, said = clock.today(), queries.settings()
    running = Round.objects.filter(member__course=held, state=State.DUE)
    made = sum(_make(held, _people(held), each, said) for each in rules.ended(held.ended_on or today, said))
    stopped = stop(running.filter(moment__in=(rules.START, rules.DURING)))
    if made or stopped:
        audit.record(by=KEEPER, action="outcomes.end_asked", about=held)


def go_on(course: UUID) -> None:
    """Take back what was asked at the end of a course that goes on, in that same transaction, and ask on the way."""
    held = casework.kept_still(course)
    if held is not None:
        at_its_end = Round.objects.filter(member__course=held, state=State.DUE, moment__in=(rules.END, rules.AFTER))
        stop(at_its_end, why="")
        plan(held)


def begin(course: UUID) -> None:
    """Ask at the beginning of a course, in the transaction that begins it."""
    held = casework.kept_still(course)
    if held is not None:
        plan(held)


def plan(course: "Course") -> int:
    """Make the rounds a course that runs has open today, and tell how many were new. Asked again, none is."""
    today, said = clock.today(), queries.settings()
    if course.state != "open":
        return 0
    windows = rules.running(course.opened_on, today, said)
    people = _people(course) if windows else []
    made = sum(_make(course, people, each, said) for each in windows)
    if made:
        audit.record(by=KEEPER, action="outcomes.asked", about=course)
    return made


def stop(rows: Any, why: str = "left") -> int:
    """End rounds whose course has gone another way; their links open nothing any more."""
    return int(rows.update(state=State.STOPPED, why_not=why, token=None, token_until=None))


def _people(course: "Course") -> list[rules.Someone]:
    """Put together who is in a course and how old they were when it began, in the order they were written down."""
    members = list(course.members.filter(erasing=False).order_by("position"))
    said, custody = casework.said_of(members), casework.said_of(members, kind="custody")
    offers = seats.offers_of(member.pk for member in members)
    return [
        rules.Someone(
            member.pk,
            str(said[member.pk].get("role") or "other"),
            rules.months_at(str(said[member.pk].get("birth") or ""), course.opened_on),
            frozenset(offers.get(member.pk, ())),
            may_be_told(custody[member.pk]),
        )
        for member in members
    ]


def _make(course: "Course", people: Sequence[rules.Someone], window: rules.Window, said: dict[str, Any]) -> int:
    """Make one round for each who is to be asked, unless it is there; tell how many were new."""
    asked = rules.asked(people, said["measures"], queries.usable(), window.moment)
    before = list(Round.objects.filter(member__course=course))
    return sum(_ask(each, window, [row for row in before if row.member_id == each.about]) for each in asked)


def _ask(asked: rules.Asked, window: rules.Window, before: Iterable[Round]) -> int:
    """Make one round with the versions that were pinned before, so that a pair never crosses them."""
    known = {key: version for row in before for key, version in row.instruments}
    days = {"due_on": window.due, "opens_on": window.opens, "closes_on": window.closes}
    pins = [[key, known.get(key, version)] for key, version in asked.pins]
    same = [row for row in before if (row.by_id, row.moment) == (asked.by, window.moment)]
    last = max((row for row in same if row.number >= window.number), key=lambda row: row.number, default=None)
    if window.moment in (rules.START, rules.DURING):
        row = next((row for row in same if row.number == window.number), None)
        if row is not None:
            # Stopped by an end that was none: it is asked again, for the days it has left.
            return Round.objects.filter(pk=row.pk, state=State.STOPPED).update(**_FRESH)
    elif last is not None and last.state in (State.STOPPED, State.MISSED, State.DUE) and not last.sheets.exists():
        # It had ended before, and went on: the same question, on other days.
        Round.objects.filter(pk=last.pk).update(**days, **_FRESH, instruments=pins)
        return 1
    number = last.number + 1 if last is not None else window.number
    Round.objects.create(
        member_id=asked.about, by_id=asked.by, moment=window.moment, number=number, instruments=pins, **days
    )
    return 1


# ---- What a day brings ----


def sweep(now: datetime) -> int:
    """Make the rounds of the day, miss those whose days are over, and remind who wants to be. Done every hour."""
    today = clock.local(now).date()
    over = Q(state=State.DUE, closes_on__lt=today - rules.GRACE)
    missed = _each(over & ~UNAGREED, state=State.MISSED, why_not="not_reached")
    gone = _each(over & UNAGREED, state=State.STOPPED)
    nobody = Q(state=State.DUE, by=None)
    gone += _each(nobody, state=State.STOPPED, why_not="not_reached", token=None, token_until=None)
    # Somebody may be typing on the last day, and a letter may wait to be opened: a link is forgotten some time after.
    _each(Q(token_until__lt=today - rules.LINK_LIVES), token=None, token_until=None)
    planned = sum(_plan(course.pk) for course in _to_plan(today))
    return missed + gone + planned + sum(map(_remind, _to_remind(today)))


def _each(which: Q, **values: Any) -> int:
    """Change some rounds, but none that somebody holds at this moment: it is looked at again in an hour."""
    with transaction.atomic():
        free = Round.objects.select_for_update(skip_locked=True, of=("self",)).filter(which)
        return Round.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(**values)


def _to_plan(today: date) -> "list[Course]":
    """List the courses that have a round open today, before anything of them is opened."""
    said = queries.settings()
    return [row for row in casework.running() if rules.running(row.opened_on, today, said)]


@alone
def _plan(course: UUID) -> None:
    held = casework.kept_still(course)
    if held is not None:
        plan(held)


def _told(thread: UUID) -> Any:
    """Say which rounds a family's box says that they wait, and that wait still."""
    rows = Round.objects.filter(open_on(clock.today()), member__course__thread=thread)
    return rows.exclude(told_on=None)


def _to_remind(today: date) -> list[UUID]:
    """Name the conversations whose box says that something waits, and that heard nothing of it for a while."""
    quiet, most = today - rules.REMIND_EVERY, queries.settings()["reminders"]
    rows = Round.objects.filter(open_on(today), told_on__lte=quiet, reminded__lt=most, due_on__lte=today)
    rows = rows.filter(member__course__thread__ending="", member__course__thread__card__isnull=False)
    return list(rows.order_by().values_list("member__course__thread", flat=True).distinct())


@alone
def _remind(ident: UUID) -> None:
    """Remind a family once more of all that waits, with one word, in the hours people are up; once a week at most."""
    course = casework.of_thread(ident)
    held = casework.kept_still(course.pk) if course else None
    if held is None or held.thread is None or held.thread.ending:
        return
    today, said, rows = clock.today(), queries.settings(), list(_told(ident))
    since = today - rules.REMIND_EVERY
    lately = any(max(row.told_on or since, row.reminded_on or since) > since for row in rows)
    again = [row for row in rows if row.reminded < said["reminders"] and row.due_on <= today]
    if lately or not again:
        return
    for row in again:
        Round.objects.filter(pk=row.pk).update(reminded=row.reminded + 1, reminded_on=today)
    word(thread=held.thread, kind="again", by=KEEPER)
    audit.record(by=KEEPER, action="outcomes.reminded", about=held)


def word(*, thread: Any, kind: str, by: Any, **params: Any) -> None:
    """Write a word to a family that leaves the house when people are up, and not in lessons where a child has the key.

    In the caller's transaction. Whether it is so still is asked again when it leaves: see `still_waits`.
    """
    said = queries.settings()
    lessons = _child_has_the_key(thread)
    hours = {"quiet": [said["quiet_from"], said["quiet_to"]], "lessons": lessons}
    due = rules.awake(clock.now(), said, lessons=lessons)
    outbox.notify(thread=thread, kind=kind, by=by, params={**params, **hours}, due_at=due)


def _child_has_the_key(thread: Any) -> bool:
    course = casework.of_thread(thread.pk)
    first = course.members.filter(position=0, erasing=False) if course else []
    return any(known.get("role") in rules.CHILDREN for known in casework.said_of(first).values())


def quiet(row: Round, by: Any, *, linked: bool) -> None:
    """Take back links and reminders that have not left, when nobody in the family needs one any more."""
    thread = row.member.course.thread
    others = Round.objects.filter(member__course=row.member.course_id, state=State.DUE).exclude(pk=row.pk)
    needed = others.exclude(token=None).exists(), others.exclude(told_on=None).exists()
    kinds = ("asked",) * (linked and not needed[0]) + ("again",) * (not needed[1])
    if thread is not None and kinds:
        outbox.drop_asked(thread=thread, by=by, kinds=kinds)


def still_waits(thread: UUID, params: dict[str, Any]) -> bool:
    """Tell whether something a family was to be reminded of waits there still."""
    return bool(_told(thread).exists())


def still_opens(thread: UUID, params: dict[str, Any]) -> bool:
    """Tell whether the link in a message is still one."""
    secret = str(params.get("link", "")).rstrip("/").rsplit("/", 1)[-1]
    row = queries.with_token(seal.token_hash(secret.encode()), clock.today())
    return row is not None and row.state == State.DUE


# ---- Low ----


def look_by(on: date) -> date:
    """Give the day by which somebody has looked at what was low: two working days."""
    return rules.look_by(catalogue.calendar(on).open_days(on + timedelta(days=1)), on)


def weigh(row: Round, asked: "Instrument") -> None:
    """Look anew at all that one has answered about one with an instrument, and let somebody look at what is low since.

    In the caller's transaction, for one answer that came or was set right. What comes after it stands beside another
    answer now; of that, only the newest is for anybody's eyes.
    """
    same = queries.sheets_of(row.member).filter(round__by=row.by_id, instrument=asked.key, version=asked.version)
    scores, rows = list[int](), list(queries.opened(same))
    for number, (sheet, body) in enumerate(rows, start=1):
        why = rules.low(body["score"], scores, asked)
        fresh = set(why) - set(body["low"])
        if why != body["low"]:
            sheet.sealed = keyring.seal(row.member.key, body | {"low": why}, context=queries.place(sheet.pk))
            Sheet.objects.filter(pk=sheet.pk).update(sealed=sheet.sealed)
            if fresh and (sheet.round_id == row.pk or number == len(rows)):
                _raise_eyes(sheet.round)
            elif not why:
                _lower_eyes(sheet.round)
        scores += [body["score"]] if body["score"] is not None else []


def _raise_eyes(row: Round) -> None:
    """Let who has the course read on their day that an answer should be looked at, until it is."""
    today = clock.today()
    eyes = {"low_on": today, "look_by": look_by(today), "seen_on": None, "seen_by": None}
    Round.objects.filter(Q(low_on=None) | ~Q(seen_on=None), pk=row.pk).update(**eyes)


def _lower_eyes(row: Round) -> None:
    """Take back what nobody has looked at yet, when nothing of a round is low any more."""
    if not any(body["low"] for _sheet, body in queries.opened(queries.sheets_of(row.member).filter(round=row))):
        Round.objects.filter(pk=row.pk, seen_on=None).update(low_on=None, look_by=None)


def key_holder(member: "Member | None") -> bool:
    """Tell whether somebody has the family's key: the first who was written down, where there is a conversation."""
    return member is not None and member.position == 0 and member.course.thread_id is not None
