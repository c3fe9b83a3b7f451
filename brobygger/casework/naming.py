"""A family says who they are: a course begins, and their conversation goes on behind the same key.

The thread without a name is left behind, and nothing written here says which it was (`threads.crossing`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from brobygger.access.guards import may, require
from brobygger.access.roles import Permission
from brobygger.appointments import services as appointments
from brobygger.consents import services as consents
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.ground.rules import say_day
from brobygger.intake import queries as intake_queries
from brobygger.intake import services as intake
from brobygger.outbox import services as outbox
from brobygger.privacy import keyring
from brobygger.threads import queries as thread_queries
from brobygger.threads import rules as thread_rules
from brobygger.threads import services as threads

from . import notes, queries, rules, services
from .models import Course, Member, Note
from .templatetags import courses as wording

if TYPE_CHECKING:
    from brobygger.threads.models import Thread

KEEPER = "keeper"
FAMILY = "family"
#: A note has room for this much in any language.
LONGEST_SHEET = 150_000


class NotTheWriter(Exception):
    """The first person of a course that begins from a conversation is who wrote in it: their words follow them."""


class NotHere(Exception):
    """A professional's own conversation, or one that has ended: no course begins from it."""


def keep_up(*, by: str = KEEPER) -> int:
    """Begin a course for each family that has said who they are, and tell how many there were."""
    return sum(_named(request, by=by) for request in thread_queries.requests(("name",)))


@alone
def _named(request: thread_queries.Request, *, by: str) -> None:
    """Do what one letter with a name asks for, whole or not at all, and tell the page that waits."""
    threads.mark_handled(request=request.ident, by=by)
    thread, body, letter = request.thread, request.body, UUID(request.body["letter"])
    if thread.ending:
        return
    people, carry = body["named"]["people"], body["named"]["carry"]
    if queries.of_thread(thread.pk) is not None:
        threads.hear(thread=thread, text=_said_again(people), by=FAMILY)
        threads.tell(thread=thread, body={"news": "named_already"}, receipt=body.get("receipt"), letter=letter, by=by)
        return
    facts = thread_queries.facts([thread])[thread.pk] or {}
    if thread.counted or facts.get("door") not in thread_rules.NAMED_AT:
        threads.tell(thread=thread, body={"news": "named_too_late"}, receipt=body.get("receipt"), letter=letter, by=by)
        return
    agreed = {"how": "key", "text": body["consent"]["text"], "digest": body["consent"]["digest"]}
    worker = _worker(thread)
    told = {"news": "named", "with": worker.first_name if worker else ""}
    with _both():
        once = uuid5(letter, "course")
        _course, here = _begin(thread, people, agreed, worker=worker, carry=carry, once=once, by=FAMILY)
        threads.tell(thread=here, body=told, receipt=body.get("receipt"), letter=letter, by=by)


@contextmanager
def _both() -> Iterator[None]:
    """Do a thing in both databases or in neither: what fails and is tried every round leaves no key and no word behind.

    The keys are written down first: a key without its row opens nothing, a row without its key is lost.
    """
    with transaction.atomic(), keyring.undone_together():
        yield


def begin_here(
    *,
    thread: "Thread",
    people: list[dict[str, Any]],
    agreed_how: str,
    words: str,
    digest: str,
    by: Any,
    said: str = "",
    carry: bool = False,
    once: UUID | None = None,
) -> Course:
    """Begin a course from a thread one has, because the family said so in the room or on the telephone.

    `words` are what was read to them, with their digest, `said` their own answer; `once` names the page it was
    written on. Raises `NotHere`, `NotTheWriter`, and `intake.NotYours` for whoever does not have the thread.
    """
    require(by, Permission.START_COURSE)
    known = Course.objects.filter(pk=once).first() if once else None
    if known is not None:
        return known
    enquiry = intake_queries.rows_of([thread.pk]).get(thread.pk)
    if enquiry is None or enquiry.taken_by_id != by.pk:
        raise intake.NotYours
    facts = thread_queries.facts([thread])[thread.pk] or {}
    if thread.ending or thread.counted or facts.get("door") not in thread_rules.NAMED_AT:
        raise NotHere
    if not rules.wrote_there(str(facts["door"]), str(people[0].get("role") or "other")):
        raise NotTheWriter
    agreed = {"how": agreed_how, "text": words, "digest": digest, "words": said}
    try:
        with _both():
            course, here = _begin(thread, people, agreed, worker=_worker(thread), carry=carry, once=once, by=by)
            threads.tell(thread=here, body={"news": "named", "with": by.first_name}, by=KEEPER)
    except threads.NothingToName:
        # Pressed twice in the same moment: the other press has begun it by now.
        known = Course.objects.filter(pk=once).first() if once else None
        if known is None:
            raise NotHere from None
        return known
    return course


def _worker(thread: "Thread") -> Any:
    """Find who has a thread and may have the course; nobody when it waits to be given to somebody."""
    enquiry = intake_queries.rows_of([thread.pk]).get(thread.pk)
    taken_by = enquiry.taken_by if enquiry else None
    return taken_by if taken_by is not None and may(taken_by, Permission.OPEN_COURSE) else None


def _begin(
    thread: "Thread",
    people: list[dict[str, Any]],
    agreed: dict[str, Any],
    *,
    worker: Any,
    carry: bool,
    once: UUID | None,
    by: Any,
) -> tuple[Course, "Thread"]:
    """Lead a family across and begin their course, in the caller's transaction: all of it, or they stay where they are.

    What was said before comes along as one note when the family wishes it; as it stood, where nobody is there yet who
    could keep a note. What nobody has answered yet comes along whatever they wish.
    """
    with transaction.atomic():
        enquiry = intake_queries.kept_still(thread.pk)
        waits = enquiry is None or enquiry.due_at is not None
        everything = carry and worker is None
        crossed = threads.cross(
            thread=thread, named=_known_as(thread, people), waits=waits, everything=everything, by=by
        )
        old, new = crossed.old, crossed.new
        consents.carry(of=old, to=new, by=by)
        outbox.carry(of=old, to=new, by=by)
        appointments.carry(of=old, to=new, by=by)
        intake.cross(of=old, to=new, facts=crossed.facts, by=by)
        threads.settle(crossed=crossed, by=by)
        agreed = agreed | {"carried": carry}
        course = services.open_course(people=people, agreed=agreed, by=by, thread=new, worker=worker, once=once)
        if carry and worker is not None and crossed.said:
            _write_down(course, crossed.said, worker=worker, own=people[0].get("role") in rules.CHILDREN)
    return course, new


def _known_as(thread: "Thread", people: list[dict[str, Any]]) -> dict[str, str]:
    """Say what the page behind the key shows from now on. A child's says no name: others may find the key."""
    facts = thread_queries.facts([thread])[thread.pk] or {}
    first = people[0]
    called = str(first.get("called") or "").strip() or " ".join(str(first.get("name") or "").split()[:1])
    return {"called": called if facts.get("door") == "parent" else "", "since": clock.today().isoformat()}


def _write_down(course: Course, said: list[thread_rules.Said], *, worker: Any, own: bool) -> None:
    """Keep what was said before as one note, in the caller's transaction: a child's own words in its own talks."""
    member = Member.objects.filter(course=course).order_by("position")[0]
    with translation.override(settings.LANGUAGE_CODE):
        lines = [_("Taken along because the family wished it, when they said who they are:")]
        for each in said:
            # With the year: a note is read for as long as it is kept.
            day = say_day(clock.local(each.at).date(), date.min, settings.LANGUAGE_CODE)
            who = str(each.body.get("from") or _("We")) if each.from_house else _("The family")
            lines += [f"{day}. {who}:\n{each.text}"] if each.text else []
    kind = Note.Compartment.OWN_TALKS if own else Note.Compartment.RECORD
    for number, text in enumerate(_sheets(lines)):
        once = uuid5(course.pk, f"taken along {number}")
        notes.write(member=member, text=text, by=worker, once=once, compartment=kind)


def _sheets(lines: list[str]) -> list[str]:
    """Put lines together as one note; as more where they would not go under one seal."""
    sheets = [""]
    for each in lines:
        if sheets[-1] and len(sheets[-1]) + len(each) > LONGEST_SHEET:
            sheets.append("")
        sheets[-1] += f"\n\n{each}" if sheets[-1] else each
    return sheets


def _said_again(people: list[dict[str, Any]]) -> str:
    """Put people into words, for those at work to read: what a course says already is not written over."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [_("The family has sent the page that says who they are once more. This stands on it:")]
        for each in people:
            told = [str(each.get(name) or "") for name in ("name", "called", "birth", "phone")]
            lines.append(", ".join(filter(None, [str(wording.ROLES.get(str(each.get("role")), "")), *told])))
        return "\n".join(lines)
