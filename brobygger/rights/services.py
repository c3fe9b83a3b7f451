"""Deeds with what people ask about themselves: taken in, weighed, handed out, set right, erased.

Each is one transaction with its line in the trail, which is about the person and holds no word of theirs.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from brobygger.access.guards import NotAllowed
from brobygger.casework import notes, record
from brobygger.casework import queries as casework
from brobygger.casework import services as courses
from brobygger.casework.rules import unnamed
from brobygger.ground import clock
from brobygger.ground.rounds import alone
from brobygger.intake import services as intake
from brobygger.privacy import keyring
from brobygger.privacy import services as audit
from brobygger.threads import queries as thread_queries
from brobygger.threads import services as threads

from . import document, gathering, queries, rules
from .models import SubjectRequest, Withholding

if TYPE_CHECKING:
    from brobygger.casework.models import Member

KEEPER = "keeper"
FAMILY = "family"


class MustBeKept(Exception):
    """A law says that this record is kept; it may be corrected, and the identity card may go."""


# ---- Taken in ----


def register(
    *,
    member: "Member",
    kind: str,
    right: str,
    way: str,
    by: Any,
    words: str = "",
    who: str = "",
    once: UUID | None = None,
    asked_on: date | None = None,
    sure: bool = True,
) -> SubjectRequest:
    """Write down that somebody asks about a person, by what right, and until when we answer: within a month.

    `once` names the page it was written on: sent twice, it is one. Not `sure` is who may not know the people in the
    course: nothing is decided before somebody who does has said whom it is about. Raises `NotAllowed`.
    """
    weighs = by if _place(by, member.course_id).assigned else None
    said = {"right": right, "way": way, "words": words, "who": who} | ({} if sure else {"unsure": True})
    day = min(asked_on or clock.today(), clock.today())
    return _take_in(member, kind, said, by=by, ident=once or uuid4(), asked_on=day, weighs=weighs)


def _take_in(
    member: "Member", kind: str, said: dict[str, Any], *, by: Any, ident: UUID, asked_on: date, weighs: Any = None
) -> SubjectRequest:
    if kind not in SubjectRequest.Kind.values or said["right"] not in rules.RIGHTS or said["way"] not in rules.WAYS:
        raise ValueError("a request has a kind, a right and a way it came")
    with transaction.atomic():
        row, new = SubjectRequest.objects.get_or_create(
            id=ident,
            defaults={
                "course_id": member.course_id,
                "member": member,
                "kind": kind,
                "asked_on": asked_on,
                "due_on": rules.month_after(asked_on),
                "weighs": weighs,
                "sealed": keyring.seal(member.key, said, context=_at("subjectrequest", ident)),
            },
        )
        if new:
            audit.record(by=by, action=f"rights.{kind}_asked", about=member.course if said.get("unsure") else member)
    return row


def keep_up(*, by: str = KEEPER) -> int:
    """Take in what families have asked with their key, and tell them until when they have their answer."""
    return sum(_asked_by_key(each, by=by) for each in thread_queries.requests(("rights",)))


@alone
def _asked_by_key(request: thread_queries.Request, *, by: str) -> None:
    """Take in one letter. It is about who has the key; a person can choose somebody else in the course.

    Where who has the key is nobody in the course any more, the letter waits on the worklist for a person to read.
    """
    threads.mark_handled(request=request.ident, by=by)
    course = casework.of_thread(request.thread.pk)
    member = course.members.filter(position=0, erasing=False).first() if course else None
    if request.thread.ending:
        return
    if member is None:
        intake.arrive(thread=request.thread, written=request.at, promised=None, by=by)
        return
    wish, receipt = request.body["rights"], request.body.get("receipt")
    kind, said = str(wish["what"]), {"right": "self", "way": "key", "words": str(wish["words"]), "who": ""}
    asked_on = clock.local(request.at).date()
    row = _take_in(member, kind, said, by=FAMILY, ident=request.ident, asked_on=asked_on)
    body = {"news": "rights_asked", "what": kind, "due": row.due_on.isoformat()}
    threads.tell(thread=request.thread, body=body, receipt=receipt, letter=UUID(request.body["letter"]), by=by)


def appoint(*, request: SubjectRequest, weighs: Any, by: Any) -> None:
    """Say who weighs a request: somebody who has the course today. Raises `NotAllowed`."""
    place = _place(by, request.course_id)
    if weighs not in queries.who_may_weigh(place):
        raise NotAllowed("open_course")
    with transaction.atomic():
        row = _open(request)
        SubjectRequest.objects.filter(pk=row.pk).update(weighs=weighs)
        audit.record(by=by, action="rights.weigher_named", about=_about(row), reason=f"to {weighs.handle}")


def move(*, request: SubjectRequest, member: "Member", right: str, by: Any, who: str = "") -> SubjectRequest:
    """Say whom a request is about and by what right it is asked; nothing may have been weighed. Raises `NotAllowed`."""
    _place(by, request.course_id)
    if right not in rules.RIGHTS:
        raise ValueError(right)
    with transaction.atomic():
        row = _open(request)
        if member.course_id != row.course_id or row.withholdings.exists():
            raise NotAllowed("handle_rights")
        # What was decided about one child's own talks says nothing of another's.
        body = {name: queries.said(row).get(name, "") for name in ("way", "words")} | {"right": right, "who": who}
        row.member, row.state = member, "received"
        row.sealed = keyring.seal(member.key, body, context=_at("subjectrequest", row.pk))
        row.save(update_fields=["member", "state", "sealed"])
        audit.record(by=by, action="rights.person_chosen", about=member)
    return row


def _about(request: SubjectRequest) -> Any:
    """Tell what a line is about: the person; the course, whose such lines no paper tells, while nobody has said who."""
    return request.member.course if queries.unsure(request) else request.member


def _place(by: Any, course: UUID) -> queries.Place:
    place = queries.get_place(by, course)
    if place is None:
        raise NotAllowed("handle_rights")
    return place


def _at(kind: str, ident: UUID) -> str:
    return keyring.place(kind, ident, "sealed")


def _open(request: SubjectRequest) -> SubjectRequest:
    """Fetch a request that waits, for who changes it. Raises `rules.AlreadyAnswered`."""
    row = SubjectRequest.objects.select_for_update(of=("self",)).select_related("member__course").get(pk=request.pk)
    if row.state not in queries.OPEN:
        raise rules.AlreadyAnswered
    return row


# ---- Weighed ----


def look(*, request: SubjectRequest, by: Any) -> document.Weighing:
    """Open everything held about a person to a therapist who has the course, and write down that they looked.

    While nobody has said whom it is about, only the request itself.
    """
    place = _place(by, request.course_id)
    if not place.assigned:
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="rights.looked", about=_about(request))
    if queries.unsure(request):
        return document.Weighing(queries.said(request), [], {}, [])
    return _opened(request, by=by)


def _opened(request: SubjectRequest, *, by: Any, language: str = "") -> document.Weighing:
    """Open what is weighed; what was decided about other words than stand there now is not decided."""
    body, place = queries.said(request), _place(by, request.course_id)
    scope = _scope(request, body | {"own_talks": body.get("own_talks") and place.own_talks}, clock.now(), by=by)
    with translation.override(language or body.get("language") or translation.get_language()):
        sections = gathering.sections(request.member, scope)
    now = {each.ident: each.sentences for section in sections for each in section.weighed}
    decided = {ident: each for ident, each in scope.decided.items() if ident in now and each.fits(now[ident])}
    return document.Weighing(body, sections, decided, queries.reach(request.member, scope.right))


def _scope(request: SubjectRequest, body: dict[str, Any], until: datetime, *, by: Any) -> gathering.Scope:
    thread = request.member.course.thread
    box = gathering.has_box(request.member, right=body["right"], own_talks=bool(body.get("own_talks")))
    letters = threads.look(thread=thread, by=by) if thread and box else []
    return gathering.Scope(
        until=until,
        right=body["right"],
        names=bool(body.get("names")),
        own_talks=bool(body.get("own_talks")),
        said=tuple(letters),
        decided=queries.decided(request),
    )


def decide(*, request: SubjectRequest, entry: document.Entry, held: list[int], why: str, words: str, by: Any) -> None:
    """Decide which sentences of one thing are held back, and why; none is a decision too. Decided anew, it replaces.

    What was ready is looked through again. Raises `NotAllowed`, `rules.AlreadyAnswered`, and `ValueError` when
    something is held back without a reason.
    """
    known = entry.sentences
    if (held and why not in rules.HELD_FOR) or (why == "other" and not words.strip()) or entry.ident is None:
        raise ValueError("what is held back has a reason")
    numbers = sorted({number for number in held if 0 <= number < len(known)})
    body = {"held": numbers, "said": [known[n] for n in numbers], "why": why if numbers else "", "words": words}
    with transaction.atomic():
        row = _weighed_by(request, by)
        hidden = rules.where(known, queries.reach(row.member, queries.said(row)["right"]))
        body |= {"reach": [known[n] for n in hidden], "whole": rules.mark(known)}
        ident, key = uuid4(), row.member.key
        Withholding.objects.filter(request=row, item=entry.ident).delete()
        Withholding.objects.create(
            id=ident,
            request=row,
            item=entry.ident,
            sealed=keyring.seal(key, body, context=_at("withholding", ident)),
            decided_by_id=by.pk,
        )
        audit.record(by=by, action="rights.weighed", about=row.member, reason="held" if numbers else "whole")


def decide_own_talks(*, request: SubjectRequest, given: bool, why: str, by: Any) -> None:
    """Decide whether a child's own talks are in the paper at all. They are not, unless somebody says so and why.

    Raises as `decide`; who may not read them cannot give them.
    """
    if not _place(by, request.course_id).own_talks or (given and not why.strip()):
        raise NotAllowed("open_course")
    with transaction.atomic():
        row = _weighed_by(request, by)
        _write(row, queries.said(row) | {"own_talks": given, "own_talks_why": why})
        audit.record(by=by, action="rights.own_talks_weighed", about=row.member)


def _weighed_by(request: SubjectRequest, by: Any) -> SubjectRequest:
    """Fetch a wish to see for the one who weighs it; what was ready is open again."""
    row = queries.settled(_open(request))
    if row.kind != "access" or row.weighs_id != by.pk or not _place(by, row.course_id).assigned:
        raise NotAllowed("open_course")
    SubjectRequest.objects.filter(pk=row.pk).update(state="received")
    return row


def _write(row: SubjectRequest, body: dict[str, Any], **changed: Any) -> None:
    sealed = keyring.seal(row.member.key, body, context=_at("subjectrequest", row.pk))
    SubjectRequest.objects.filter(pk=row.pk).update(sealed=sealed, **changed)


def make_ready(*, request: SubjectRequest, names: bool, language: str, by: Any) -> None:
    """Say that a paper may be handed out as it stands now. Raises `rules.NotReady`, and as `decide`."""
    with transaction.atomic():
        row = _weighed_by(request, by)
        body = queries.said(row)
        # What was ready before keeps its language: its sentences were weighed in it.
        language = str(body.get("language") or language)
        if _opened(row, by=by, language=language).waiting:
            raise rules.NotReady
        _write(row, body | {"names": names, "language": language, "until": clock.now().isoformat()}, state="ready")
        audit.record(by=by, action="rights.made_ready", about=row.member)


# ---- Handed out ----


def look_at_paper(*, request: SubjectRequest, by: Any) -> document.Paper:
    """Show a paper as it is handed out: when it is ready to who leads too, else to who has the course."""
    place = _place(by, request.course_id)
    if request.kind != "access" or (not place.assigned and request.state not in ("ready", "done")):
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="rights.paper_looked", about=request.member)
    return _paper(request, place, by=by)


def _paper(request: SubjectRequest, place: queries.Place, *, by: Any) -> document.Paper:
    body, finished = queries.said(request), request.state in ("ready", "done")
    if body.get("own_talks") and not (place.own_talks or (place.leads and finished)):
        # Somebody who has the course without the child's own talks does not read them here either.
        raise NotAllowed("open_course")
    until = datetime.fromisoformat(body["until"]) if finished else clock.now()
    scope = _scope(request, body, until, by=by)
    with translation.override(body.get("language") or translation.get_language()):
        return gathering.paper(request.member, scope)


def hand_out(*, request: SubjectRequest, how: str, by: Any) -> tuple[document.Paper, bytes]:
    """Hand a ready paper out as a page, a PDF or a file: each time is a line, and is noted in the record.

    The request is answered with it; the same paper may be handed out again. A PDF that cannot be drawn was not handed
    out. Raises `rules.NotReady`, `NotAllowed`.
    """
    place = _place(by, request.course_id)
    if how not in rules.FORMS:
        raise ValueError(how)
    with transaction.atomic():
        row = SubjectRequest.objects.select_for_update(of=("self",)).select_related("member__course").get(pk=request.pk)
        if row.kind != "access" or row.state not in ("ready", "done"):
            raise rules.NotReady
        made, body = _paper(row, place, by=by), queries.said(row)
        data = {"pdf": document.pdf, "json": document.file}.get(how, lambda made: b"")(made)
        handed = [*body.get("handed", []), {"at": clock.now().isoformat(), "how": how, "by": by.handle}]
        _write(row, body | {"handed": handed}, state="done", closed_on=row.closed_on or clock.today())
        audit.record(by=by, action="rights.handed_out", about=row.member, reason=how)
        if place.write:
            # Rules for psychologists' records, § 4: that access was given is itself noted.
            text = _("Handed out what we know, as %(how)s, to: %(who)s.") % {
                "how": document.FORMS[how],
                "who": ", ".join(filter(None, (str(document.RIGHTS[body["right"]]), body["who"]))),
            }
            notes.write(member=row.member, text=text, by=by, once=gathering.noted(row.pk, len(handed)))
    return made, data


# ---- Answered otherwise ----


def refuse(*, request: SubjectRequest, words: str, by: Any) -> None:
    """Say no, with the reason in words; whoever asked is told where to complain. Raises `rules.AlreadyAnswered`."""
    _close(request, "refused", words, by=by)


def correct(*, request: SubjectRequest, text: str, corrects: UUID | None, words: str, by: Any, once: UUID) -> None:
    """Write down what is right, beside what stood there, and answer the request. Raises as `notes.write`."""
    with transaction.atomic():
        row = queries.settled(_open(request))
        notes.write(member=row.member, text=text, by=by, once=once, corrects=corrects)
        _close(request, "done", words, by=by)


def answer(*, request: SubjectRequest, words: str, by: Any) -> None:
    """Say in words how a wish was met. Raises `rules.AlreadyAnswered`."""
    _close(request, "done", words, by=by)


def _close(request: SubjectRequest, state: str, words: str, *, by: Any) -> None:
    _place(by, request.course_id)
    if not words.strip():
        raise ValueError("an answer has words")
    with transaction.atomic():
        row = _open(request)
        _write(row, queries.said(row) | {"answer": words}, state=state, closed_on=clock.today())
        audit.record(by=by, action=f"rights.{row.kind}_{state}", about=row.member)


# ---- Erased ----


def erase(*, request: SubjectRequest, whole: bool, why: str, by: Any) -> str:
    """Destroy everything about one person, or about everybody in the course, and give the receipt's number.

    Raises `MustBeKept` where a law says so, `casework.services.IsHeld`, `rules.SomebodyWaits` when another request
    about it has no answer yet, `rules.AboutWhom`, `NotAllowed`, `rules.AlreadyAnswered`.
    """
    place = _place(by, request.course_id)
    if request.kind != "erasure" or not why.strip():
        raise ValueError("an erasure was asked for, and has a reason")
    course = place.course
    with transaction.atomic():
        member = queries.settled(_open(request)).member
        if queries.must_stay(course, None if whole else member):
            raise MustBeKept
        if queries.held(course):
            raise courses.IsHeld
        if queries.others_wait(request, whole=whole):
            raise rules.SomebodyWaits
        # The line stays when everything else is gone: it names nobody, whatever was typed.
        why = unnamed(why, queries.names(course))
        audit.record(by=by, action="rights.erasure_decided", about=course if whole else member, reason=why)
    if whole:
        return courses.erase_course(course=course, why="wish", by=by)
    return courses.erase_member(member=member, why="wish", by=by)


def forget_identity(*, request: SubjectRequest, words: str, by: Any) -> None:
    """Destroy who a person is, where the record itself must stay, and answer with that. Raises as `_close`."""
    with transaction.atomic():
        row = queries.settled(_open(request))
        _close(request, "done", words, by=by)
        # Last: a key that is destroyed does not come back when the rest is undone.
        record.forget_identity(member=row.member, by=by)
