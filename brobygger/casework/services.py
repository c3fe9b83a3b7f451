"""Deeds with courses: begun, given to somebody, ended, erased. Each is one transaction with its line in the trail.

What is known of a course is written by `record`, what somebody wrote about one person by `notes`.
"""

from datetime import date, datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet, Value
from django.db.models.functions import Greatest

from brobygger.access.guards import NotAllowed, may, require
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.privacy import blind, keyring
from brobygger.privacy import queries as trail
from brobygger.privacy import services as audit
from brobygger.threads import services as threads

from . import queries, record, rules
from .models import Assignment, Course, Draft, IdentityCard, Member

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

KEEPER = "keeper"
#: Whoever had a course may read it this long after it has ended, to finish what is unfinished.
READ_AFTER = timedelta(days=30)
#: A note begun and not sent is thrown away after this.
DRAFT_LIVES = timedelta(days=30)
_BATCH = 500


class IsHeld(Exception):
    """Supervision, a complaint or the archive still needs this record."""


class AlreadyHere(Exception):
    """Somebody has taken in the same list just before."""


class TooManyPeople(Exception):
    """A course has room for thirty people."""


# ---- Beginning ----


def open_course(
    *,
    people: list[dict[str, Any]],
    agreed: dict[str, Any],
    by: Any,
    thread: "Thread | None" = None,
    worker: Any = None,
    once: UUID | None = None,
) -> Course:
    """Begin a named course, because the family said so.

    `people` are dicts of role, called, birth ("2019-04"), name, phone, mail, address, protected: all optional but one
    person. `agreed` says how the family said yes: how (`rules.WAYS`), the text that was shown, in whose words. `once`
    names the page it was written on. Without `worker` it waits to be given to somebody. Raises `TooManyPeople`.
    """
    if not isinstance(by, str):
        require(by, Permission.START_COURSE)
    if not people or agreed.get("how") not in rules.WAYS:
        raise ValueError("a course has a person in it, and a way the family said yes")
    if len(people) > rules.MOST_MEMBERS:
        raise TooManyPeople
    if once and (known := Course.objects.filter(pk=once).first()):
        return known
    try:
        return _open(people, agreed, by, thread, worker, once or uuid4())
    except IntegrityError:
        if once and (known := Course.objects.filter(pk=once).first()):
            return known
        raise


def _open(
    people: list[dict[str, Any]], agreed: dict[str, Any], by: Any, thread: "Thread | None", worker: Any, ident: UUID
) -> Course:
    with transaction.atomic():
        course = _named(ident, thread)
        record.find_by(course, [])
        record.part(course, None, "agreement", agreed | {"on": clock.today().isoformat()}, seen=0, by=by)
        for person in people:
            _add(course, person, by=by)
        if worker is not None:
            Assignment.objects.create(course=course, user_id=worker.pk, own_talks=True)
        audit.record(by=by, action="casework.course_opened", about=course, reason=str(agreed["how"]))
        rules.happened(rules.BEGINNING, course.pk)
    return course


def _named(ident: UUID, thread: "Thread | None") -> Course:
    """Write a course under a nickname nobody has."""
    key = keyring.new_data_key(about=ident, kind="course")
    dice = SystemRandom()
    for attempt in range(8):
        # With a number from the second time on, and a longer one each time: two words alone run out.
        drawn = [rules.nickname(dice, after=20 * attempt) for _each in range(8)]
        taken = set(Course.objects.filter(nickname__in=drawn).values_list("nickname", flat=True))
        for free in [each for each in drawn if each not in taken][:1]:
            try:
                with transaction.atomic():
                    return Course.objects.create(id=ident, key=key, nickname=free, thread=thread)
            except IntegrityError:
                if Course.objects.filter(Q(pk=ident) | Q(thread__isnull=False, thread=thread)).exists():
                    raise
    raise RuntimeError("no nickname is free")


def _add(course: Course, person: dict[str, Any], *, by: Any, ident: UUID | None = None, first: int = 0) -> Member:
    """Write a person down in a course, in the caller's transaction."""
    last = course.members.aggregate(last=Max("position"))["last"]
    ident = ident or uuid4()
    key = keyring.new_data_key(about=ident, kind="member")
    member = Member.objects.create(id=ident, course=course, key=key, position=first if last is None else last + 1)
    said = {name: str(person.get(name) or "") for name in ("role", "called", "birth")}
    record.part(course, member, "person", said | {"role": said["role"] or "other"}, seen=0, by=by)
    card = {name: person.get(name) for name in ("name", "phone", "mail", "address", "protected") if person.get(name)}
    if card:
        record.card(member, card)
    return member


def add_member(*, course: Course, person: dict[str, Any], by: Any, once: UUID | None = None) -> Member:
    """Write a person down in a course. Raises `TooManyPeople`, and as `record.write_part`."""
    record.may_write(course, by)
    with transaction.atomic():
        record.held_open(course.pk)
        if once and (known := Member.objects.filter(pk=once, course=course).first()):
            return known
        if course.members.count() >= rules.MOST_MEMBERS:
            raise TooManyPeople
        # The first place is who has the family's key; who comes when everybody is gone does not get it.
        member = _add(course, person, by=by, ident=once, first=1)
        audit.record(by=by, action="casework.person_added", about=member)
    return member


# ---- Moving in ----


def move_in(*, arrivals: list[rules.Arrival], by: Any) -> list[Course]:
    """Write down courses from a list kept before, and more people for those that are here: all of them, or none.

    Their days are the list's, so that each period runs from the last of them. Not to be called inside a transaction.
    Raises `AlreadyHere`, `record.CourseIsClosed`, `TooManyPeople`, `NotAllowed`.
    """
    require(by, Permission.START_COURSE, Permission.SEE_HEALTH)
    made: list[UUID] = []
    try:
        with transaction.atomic():
            _alone(arrivals, by)
            begun = record.begin_all([each for each in arrivals if not each.into], made, by=by)
            _hold(begun)
            joined = [(_joined(each.into, each), each) for each in arrivals if each.into]
            members = record.arrive([*begun, *joined], made, by=by)
            new = {course.pk for course, _arrival in begun}
            lines = [course for course, _arrival in begun] + [row for row in members if row.course_id not in new]
            audit.record_many(by=by, action="casework.imported", about=lines)
    except BaseException:
        # The database of the keys has a transaction of its own: what it holds of this is destroyed.
        for at in range(0, len(made), _BATCH):
            keyring.shred(*made[at : at + _BATCH])
            blind.drop(about=made[at : at + _BATCH], by=by)
        raise
    return [course for course, _arrival in begun]


def _alone(arrivals: list[rules.Arrival], by: Any) -> None:
    """Let nobody else begin a course meanwhile, and stop when somebody has taken in the same list just before."""
    record.alone_with_courses()
    numbers = [each.known_by for each in arrivals if not each.into]
    found = {ident for idents in blind.where("import", numbers).values() for ident in idents}
    stray = found - set(Course.objects.filter(pk__in=found).values_list("pk", flat=True))
    if stray:
        # A stop between the two databases left words about courses that never came to be.
        blind.drop(about=blind.in_courses(stray), by=by)
    if found - stray or queries.rows_here(each.known_by for arrival in arrivals for each in arrival.people):
        raise AlreadyHere


def _hold(begun: list[tuple[Course, rules.Arrival]]) -> None:
    """Give courses from a list to who has had them since the first day, in the caller's transaction."""
    held = [
        Assignment(
            course=course,
            user_id=each.worker.pk,
            own_talks=True,
            valid_from=each.opened_on,
            valid_to=each.ended_on + READ_AFTER if each.ended_on else None,
        )
        for course, each in begun
        if each.worker is not None
    ]
    Assignment.objects.bulk_create(held)


def _joined(into: UUID, arrival: rules.Arrival) -> Course:
    """Fetch a course more people come into, in the caller's transaction. Raises `CourseIsClosed`, `TooManyPeople`."""
    course = Course.objects.select_for_update().get(pk=into)
    if course.state != "open":
        raise record.CourseIsClosed
    if course.members.count() + len(arrival.people) > rules.MOST_MEMBERS:
        raise TooManyPeople
    Course.objects.filter(pk=course.pk).update(last_entry_on=clock.today())
    return course


# ---- Who has it ----


def assign(
    *,
    course: Course,
    to: Any,
    by: Any,
    scope: str = "course",
    valid_from: date | None = None,
    valid_to: date | None = None,
    own_talks: bool = False,
) -> Assignment:
    """Give a course to somebody, or let them stand in for an evening; nobody gives away a child's own talks they cannot
    read themselves. `valid_to` is the first day it does not hold. Raises `NotAllowed`, `ValueError`.
    """
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.arrange:
        raise NotAllowed("arrange_courses")
    require(to, Permission.OPEN_COURSE)
    begins = valid_from or clock.today()
    ends = valid_to or (begins + timedelta(days=1) if scope == "evening" else None)
    if scope not in Assignment.Scope or (ends is not None and ends <= begins):
        raise ValueError("it is the whole or an evening, and ends after it begins")
    own_talks = own_talks and scope == "course" and queries.gives_own_talks(by, held)
    given = {"user_id": to.pk, "scope": scope, "valid_from": begins, "valid_to": ends, "own_talks": own_talks}
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        row, new = Assignment.objects.get_or_create(course=course, **given)
        if new:
            audit.record(by=by, action="casework.assigned", about=course, reason=f"{scope}: {to.handle}")
    return row


def end_assignment(*, assignment: Assignment, by: Any) -> None:
    """Take a course from somebody, from today. Raises `NotAllowed`."""
    held = queries.get_course(by, assignment.course_id)
    if held is None or not held.sight.arrange:
        raise NotAllowed("arrange_courses")
    with transaction.atomic():
        ends = max(clock.today(), assignment.valid_from)
        still = Assignment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=ends), pk=assignment.pk)
        if not still.update(valid_to=ends):
            return
        who = f"{assignment.scope}: {assignment.user.handle}"
        audit.record(by=by, action="casework.unassigned", about=assignment.course, reason=who)


# ---- Ending ----


def end_course(*, course: Course, reason: str, words: str, seen: int, by: Any) -> None:
    """End a course: from now on it is read and written in no more, and its period runs. Raises as `write_part`."""
    record.may_write(course, by)
    if reason not in rules.ENDINGS:
        raise ValueError(reason)
    _close(course, "ended", {"reason": reason, "words": words}, seen=seen, by=by)


def close_handed_over(*, course: Course, words: str, seen: int, by: Any) -> None:
    """Close a course that went on to a municipality: it is marked so, and written in no more."""
    record.may_write(course, by)
    _close(course, "handed_over", {"reason": "handed_over", "words": words}, seen=seen, by=by)


def _close(course: Course, state: str, said: dict[str, Any], *, seen: int, by: Any) -> None:
    today = clock.today()
    with transaction.atomic():
        record.part(course, None, "end", said, seen=seen, by=by)
        Course.objects.filter(pk=course.pk).update(state=state, ended_on=today)
        last = today + READ_AFTER
        longer = Assignment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=last), course=course)
        longer.update(valid_to=Greatest("valid_from", Value(last)))
        Assignment.objects.filter(course=course, valid_from__gt=today).update(valid_to=F("valid_from"))
        audit.record(by=by, action=f"casework.course_{state}", about=course, reason=str(said["reason"]))
        rules.happened(rules.ENDING, course.pk)


def reopen(*, course: Course, by: Any) -> None:
    """Let a course go on that had ended; who closed it has it again. Raises `NotAllowed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.content or not may(by, Permission.OPEN_COURSE):
        raise NotAllowed("open_course")
    with transaction.atomic():
        if not Course.objects.filter(pk=course.pk, state="ended").update(state="open", ended_on=None):
            raise record.CourseIsClosed
        theirs = Assignment.objects.filter(course=course, user_id=by.pk, scope="course")
        theirs.filter(queries.standing(clock.today())).update(valid_to=None)
        audit.record(by=by, action="casework.course_reopened", about=course)
        rules.happened(rules.GOING_ON, course.pk)


# ---- Erasing ----


def erase_course(*, course: Course, why: str, by: Any) -> str:
    """Destroy a course: its keys first, so that no backup brings it back, then every row. Gives the receipt's number.

    Who may decide so is for the room that asks. Raises `IsHeld` when the database refuses, and nothing has changed.
    """
    about, living = f"course:{course.pk}", Course.objects.select_for_update().filter(pk=course.pk)
    try:
        with transaction.atomic():
            # From here on nobody writes in it, so that no key is made unseen. Asked for twice, it is erased once.
            if living.exclude(state="erasing").first() is not None:
                living.update(state="erasing")
                keys = _keys(course.members.all()) | {course.key}
                audit.note_erasure(about=about, keys=keys, why=why, by=by)
                audit.record(by=by, action="casework.course_erased", about=course, reason=why)
    except IntegrityError:
        raise IsHeld from None
    _finish(course.pk)
    return trail.receipt(about)


def erase_member(*, member: Member, why: str, by: Any) -> str:
    """Destroy everything about one person in a course as `erase_course` does. A hold of the course holds them too."""
    about, living = f"member:{member.pk}", Member.objects.filter(pk=member.pk, erasing=False)
    try:
        with transaction.atomic():
            Course.objects.select_for_update().filter(pk=member.course_id).first()
            keys = _keys(living)
            if living.update(erasing=True):
                audit.note_erasure(about=about, keys=keys, why=why, by=by)
                audit.record(by=by, action="casework.person_erased", about=member, reason=why)
    except IntegrityError:
        raise IsHeld from None
    _finish_member(member.pk)
    return trail.receipt(about)


def _keys(members: QuerySet[Member]) -> set[UUID]:
    """Gather the keys that seal anything about some people."""
    held = {key for each in members for key in (each.key, each.own_key) if key}
    return held | set(IdentityCard.objects.filter(member__in=members).values_list("key", flat=True))


def _finish(ident: UUID) -> None:
    """Destroy the keys of a course that is being erased, then its rows; its family's conversation goes too."""
    with transaction.atomic():
        course = Course.objects.select_for_update().filter(pk=ident, state="erasing").first()
        if course is None:
            return
        _destroy(course.members.all(), [course.pk], keys=[course.key])
        thread = course.thread
        if thread is not None and not thread.ending:
            threads.mark_ending(thread=thread, how="burned", by=KEEPER)
        course.delete()


def _finish_member(ident: UUID) -> None:
    """Destroy the keys of a person who is being erased, then every row about them."""
    with transaction.atomic():
        # The course first, as whoever writes about its people does.
        Course.objects.select_for_update(of=("self",)).filter(members__pk=ident).first()
        people = Member.objects.select_for_update().filter(pk=ident, erasing=True)
        _destroy(people, [], keys=[])
        # What was written with the key was theirs: the conversation goes with them.
        theirs = {"members__pk": ident, "members__erasing": True, "members__position": 0, "thread__ending": ""}
        for course in Course.objects.filter(**theirs).select_related("thread"):
            if course.thread is not None:
                threads.mark_ending(thread=course.thread, how="burned", by=KEEPER)
        for let_go in rules.LETTING_GO:
            let_go(ident)
        people.delete()


def _destroy(people: QuerySet[Member], about: list[UUID], *, keys: list[UUID]) -> None:
    """Destroy what opens and what finds some people, and what else is named, whatever becomes of their rows."""
    everybody = [each.pk for each in people]
    cards = IdentityCard.objects.filter(member__in=everybody).values_list("pk", flat=True)
    blind.retire(about=[rules.moved(each) for each in (*about, *everybody)], by=KEEPER)
    blind.forget(about=[*about, *everybody, *cards], keys=[*keys, *_keys(people)], by=KEEPER)


def sweep(now: datetime) -> int:
    """Throw away notes nobody sent, and finish what a stop interrupted: keys first, as ever."""
    courses = Course.objects.filter(state="erasing").values_list("pk", flat=True)
    people = Member.objects.filter(erasing=True, course__state__in=queries.LIVING).values_list("pk", flat=True)
    done = sum(map(alone(_finish), courses)) + sum(map(alone(_finish_member), people))
    done += record.finish_cards(by=KEEPER) + record.forget_strays(by=KEEPER)
    with transaction.atomic():
        thrown, _rows = Draft.objects.filter(saved_at__lt=now - DRAFT_LIVES).delete()
    return done + thrown
