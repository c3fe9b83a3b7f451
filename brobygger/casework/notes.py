"""What somebody here wrote about one person. Nothing is changed: a correction stands beside what it corrects."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from nacl.encoding import RawEncoder
from nacl.hash import blake2b

from brobygger.access.guards import NotAllowed
from brobygger.ground import clock
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import queries, record, rules
from .models import Course, Draft, Member, Note, Part

RECORD, OWN_TALKS = Note.Compartment.RECORD, Note.Compartment.OWN_TALKS


class NothingWritten(Exception):
    """A note needs words."""


class SentBefore(Exception):
    """The note of this page was sent already, with other words; these are still only on the page."""


@dataclass(frozen=True)
class Written:
    """A note, opened, with the corrections that stand beside it, oldest first."""

    ident: UUID
    text: str
    by: str
    title: dict[str, str]
    at: datetime
    mine: bool = False
    corrections: tuple["Written", ...] = field(default=())


@dataclass(frozen=True)
class Begun:
    """A note somebody has begun and not sent."""

    once: UUID
    text: str
    saved_at: datetime
    corrects: UUID | None


@dataclass(frozen=True)
class Desk:
    """What lies before somebody who reads and writes about one person."""

    notes: list[Written]
    #: The draft on the page, and the others they have begun.
    draft: Begun | None
    begun: list[Begun]
    #: The note being corrected, as it stands with its newest correction.
    original: Written | None


def _may(member: Member, compartment: str, by: Any, *, write: bool) -> None:
    """Stop who may not read, or write, this compartment of a person. Raises `NotAllowed`, `CourseIsClosed`."""
    held = queries.get_course(by, member.course_id)
    if held is None or not held.sight.content or (compartment == OWN_TALKS and not held.sight.own_talks):
        raise NotAllowed("open_course")
    if write:
        record.may_write(held.course, by)
        if compartment == OWN_TALKS and member.own_key is None and not _is_child(member):
            raise NotAllowed("open_course")


def _is_child(member: Member) -> bool:
    """Tell whether somebody is a child in the family, as it was last written down; only children have own talks."""
    rows = Part.objects.filter(member=member, kind="person").select_related("member").order_by("-number")
    newest = record.versions(member.course, list(rows[:1]))
    return bool(newest) and newest[0][1].body.get("role") in rules.CHILDREN


def _key(member: Member, compartment: str) -> UUID:
    """Give the key of a compartment; a child's own talks get theirs with the first word."""
    if compartment != OWN_TALKS:
        return member.key
    if member.own_key is None:
        member.own_key = keyring.new_data_key(about=member.pk, kind="own")
        Member.objects.filter(pk=member.pk).update(own_key=member.own_key)
    return member.own_key


def write(
    *, member: Member, text: str, by: Any, once: UUID, compartment: str = RECORD, corrects: UUID | None = None
) -> Note:
    """Write a note about one person. `once` is the page it was written on, and becomes its id: sent twice, it is one.

    Raises `NothingWritten`, `SentBefore`, `NotAllowed`, `CourseIsClosed`.
    """
    _may(member, compartment, by, write=True)
    if not text.strip():
        raise NothingWritten
    known = Note.objects.filter(pk=once).first()
    if known is not None:
        return _again(known, member, compartment, text, by)
    original = Note.objects.filter(pk=corrects, member=member, compartment=compartment).first() if corrects else None
    if corrects and original is None:
        raise NotAllowed("open_course")
    try:
        with transaction.atomic():
            note = _write(member, text, by, once, compartment, original)
    except IntegrityError:
        # Pressed twice in the same moment.
        return _again(Note.objects.get(pk=once), member, compartment, text, by)
    return note


def _again(known: Note, member: Member, compartment: str, text: str, by: Any) -> Note:
    """Take a note that was sent twice as one; other words under its number are no note yet."""
    if known.written_by_id != by.pk or known.member_id != member.pk or known.compartment != compartment:
        raise NotAllowed("open_course")
    body = opened([known], _key(member, compartment))[0]
    if body is None or body["text"] != text:
        raise SentBefore
    return known


def _write(member: Member, text: str, by: Any, once: UUID, compartment: str, original: Note | None) -> Note:
    record.held_open(member.course_id, member)
    body = {"text": text, "by": by.first_name, "title": by.title}
    sealed = keyring.seal(_key(member, compartment), body, context=record.place("note", once))
    note = Note.objects.create(
        id=once,
        course_id=member.course_id,
        member=member,
        compartment=compartment,
        # A correction of a correction stands beside the first note, in its turn.
        corrects_id=(original.corrects_id or original.pk) if original else None,
        sealed=sealed,
        written_by_id=by.pk,
        profession=by.profession,
    )
    Draft.objects.filter(once=once, user_id=by.pk).delete()
    Course.objects.filter(pk=member.course_id).update(last_entry_on=clock.today())
    audit.record(by=by, action="casework.note_corrected" if original else "casework.note_written", about=member)
    return note


def look_at_notes(*, member: Member, by: Any, compartment: str = RECORD) -> list[Written]:
    """Open the notes about one person, newest first, and write down that somebody looked. Raises `NotAllowed`."""
    _may(member, compartment, by, write=False)
    with transaction.atomic():
        action = "casework.own_talks_looked" if compartment == OWN_TALKS else "casework.notes_looked"
        audit.record(by=by, action=action, about=member)
    rows = list(Note.objects.filter(member=member, compartment=compartment).select_related("written_by"))
    key = member.own_key if compartment == OWN_TALKS else member.key
    return _together(rows, opened(rows, key), by) if key else []


def look_at_desk(*, member: Member, by: Any, compartment: str = RECORD, asked: Any) -> Desk:
    """Open the notes about one person with what the reader has begun there: `asked` may name a draft, or a note to
    correct. Raises `NotAllowed`.
    """
    seen = look_at_notes(member=member, by=by, compartment=compartment)
    drafts = my_drafts(member=member, by=by, compartment=compartment)
    correct = str(asked.get("correct") or asked.get("corrects") or "")
    draft = next((each for each in drafts if str(each.once) == asked.get("draft")), None)
    draft = draft or next((each for each in drafts if str(each.corrects or "") == correct), None)
    correct = str(draft.corrects or "") if draft else correct
    original = next((each for each in seen if str(each.ident) == correct), None)
    return Desk(seen, draft, [each for each in drafts if each != draft], original)


def opened(rows: list[Note], key: UUID) -> list[dict[str, Any] | None]:
    """Open some notes for a deed that has written down why; None where the key is gone."""
    return keyring.open_many([(key, bytes(row.sealed), record.place("note", row.pk)) for row in rows])


def _together(rows: list[Note], bodies: list[dict[str, Any] | None], by: Any) -> list[Written]:
    """Put each correction beside what it corrects."""
    said = {
        row.pk: Written(row.pk, body["text"], body["by"], body["title"], row.written_at, row.written_by_id == by.pk)
        for row, body in zip(rows, bodies, strict=True)
        if body is not None
    }
    beside: dict[UUID, list[Written]] = {}
    for row in rows:
        if row.corrects_id and row.pk in said:
            beside.setdefault(row.corrects_id, []).append(said[row.pk])
    first = [said[row.pk] for row in rows if not row.corrects_id and row.pk in said]
    return [
        Written(each.ident, each.text, each.by, each.title, each.at, each.mine, tuple(beside.get(each.ident, ())))
        for each in reversed(first)
    ]


# ---- Begun and not sent ----


def keep_draft(
    *,
    member: Member,
    text: str,
    by: Any,
    once: UUID,
    compartment: str = RECORD,
    corrects: UUID | None = None,
    page: str = "",
    seen: str = "",
) -> datetime | None:
    """Keep what somebody is writing, sealed as the note will be; tell when it was kept, None when there is nothing to.

    One that has become a note meanwhile, or was thrown away empty, is not brought back. `page` is the page it is
    written on and `seen` the moment it was kept when that page was opened: what was written further elsewhere since
    is not written over. Raises `SomethingNew`, and as `write`.
    """
    _may(member, compartment, by, write=True)
    with transaction.atomic():
        record.held_open(member.course_id, member)
        if Note.objects.filter(pk=once).exists():
            return None
        mine = Draft.objects.select_for_update().filter(once=once).first()
        if mine is not None and (mine.user_id, mine.member_id, mine.compartment) != (by.pk, member.pk, compartment):
            raise NotAllowed("open_course")
        if mine is not None and page and mine.saved_at.isoformat() != seen and _page(mine, member) != page:
            raise record.SomethingNew
        if not text.strip():
            Draft.objects.filter(once=once).delete()
            return None
        draft = mine or Draft(user_id=by.pk, member=member, compartment=compartment, once=once, corrects=corrects)
        body = {"text": text, "page": page}
        draft.sealed = keyring.seal(_key(member, compartment), body, context=record.place("draft", once))
        draft.saved_at = clock.now()
        draft.save()
    return draft.saved_at


def _page(draft: Draft, member: Member) -> str:
    """Tell on which page a draft was last written."""
    key = _key(member, draft.compartment)
    body = keyring.open_many([(key, bytes(draft.sealed), record.place("draft", draft.once))])[0]
    return str((body or {}).get("page") or "")


def my_drafts(*, member: Member, by: Any, compartment: str = RECORD) -> list[Begun]:
    """Open what somebody has begun about one person themselves, newest first. Raises `NotAllowed`."""
    _may(member, compartment, by, write=False)
    begun = Draft.objects.filter(member=member, user_id=by.pk, compartment=compartment)
    # One that was being kept while its note was sent is that note already.
    rows = list(begun.exclude(once__in=Note.objects.filter(member=member).values("pk")).order_by("-saved_at"))
    key = member.own_key if compartment == OWN_TALKS else member.key
    sealed = [(key, bytes(row.sealed), record.place("draft", row.once)) for row in rows] if key else []
    bodies = keyring.open_many(sealed)
    return [
        Begun(row.once, body["text"], row.saved_at, row.corrects)
        for row, body in zip(rows, bodies, strict=bool(key))
        if body is not None
    ]


def drop_draft(*, once: UUID, by: Any) -> None:
    """Throw away what somebody has begun themselves."""
    with transaction.atomic():
        Draft.objects.filter(once=once, user_id=by.pk).delete()


def device_key(seat: str) -> str:
    """Make the key of what lies on a device while there is no connection: of one sitting, and of no other."""
    if not seat:
        return ""
    made = blake2b(seat.encode(), digest_size=32, key=keyring.derived("draft on a device"), encoder=RawEncoder)
    return b64encode(made).decode()
