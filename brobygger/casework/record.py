"""What is known of a course, thing by thing and version by version, and who its people are.

`part` and `card` are what the other deeds are made of; they write in the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime, time
from random import SystemRandom
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Max

from brobygger.access.guards import NotAllowed
from brobygger.consents import queries as consents
from brobygger.ground import clock
from brobygger.privacy import blind, keyring
from brobygger.privacy import queries as privacy
from brobygger.privacy import services as audit

from . import queries, rules
from .models import Course, IdentityCard, Member, Note, Part
from .queries import Opened, Person, Version

_BATCH = 500


class SomethingNew(Exception):
    """Somebody else wrote here in the meantime; what was typed is kept."""


class NoConsent(Exception):
    """Running help is only written down on a consent that stands."""


class CourseIsClosed(Exception):
    """The course has ended: it is read, and written in no more."""


# ---- What deeds are made of ----


def place(kind: str, ident: UUID) -> str:
    """Name where a sealed value of this room stands."""
    return keyring.place(kind, ident, "sealed")


def may_write(course: Course, by: Any) -> None:
    """Stop a deed in a course unless this person has the whole of it today. Raises `NotAllowed`, `CourseIsClosed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.content:
        raise NotAllowed("open_course")
    if not held.sight.write:
        raise CourseIsClosed if held.course.state != "open" else NotAllowed("open_course")


def held_open(course: UUID, member: Member | None = None) -> None:
    """Let nobody end or erase a course, or a person in it, before the caller's transaction is over.

    Its row decides who comes first when two write at once. Raises `CourseIsClosed`, `NotAllowed`.
    """
    row = Course.objects.select_for_update().filter(pk=course).first()
    if row is None or row.state != "open":
        raise CourseIsClosed
    if member is not None and not Member.objects.filter(pk=member.pk, course=course, erasing=False).exists():
        raise NotAllowed("open_course")


def part(course: Course, member: Member | None, kind: str, body: dict[str, Any], *, seen: int, by: Any) -> Part:
    """Add a version of one thing known, in the caller's transaction. Raises `SomethingNew`, and as `held_open`."""
    if rules.PARTS[kind] != ("member" if member else "course") or (member and member.course_id != course.pk):
        raise ValueError(f"{kind} is not known of that")
    held_open(course.pk, member)
    about = member.pk if member else course.pk
    last = Part.objects.filter(about=about, kind=kind).aggregate(last=Max("number"))["last"] or 0
    if last != seen:
        raise SomethingNew
    row = Part(id=uuid4(), course=course, member=member, about=about, kind=kind, number=last + 1)
    row.sealed = keyring.seal(member.key if member else course.key, body, context=place("part", row.pk))
    row.written_by_id = getattr(by, "pk", None)
    row.save(force_insert=True)
    Course.objects.filter(pk=course.pk).update(last_entry_on=clock.today())
    return row


def card(member: Member, said: dict[str, Any]) -> None:
    """Keep who a person is under a key of its own, in the caller's transaction; the card before it is destroyed.

    Let it be the last thing done there: a key that is destroyed does not come back when the rest is undone.
    """
    held_open(member.course_id, member)
    before = list(IdentityCard.objects.filter(member=member))
    IdentityCard.objects.filter(member=member).delete()
    ident = uuid4()
    # Of the card and not of the person: what was destroyed has another key than what comes after it.
    key = keyring.new_data_key(about=ident, kind="identity")
    sealed = keyring.seal(key, said, context=place("identity", ident))
    IdentityCard.objects.create(id=ident, member=member, key=key, sealed=sealed)
    # Of the card too: what found a person under a card that was destroyed is not found under the next.
    blind.put(about=ident, course=member.course_id, entries=_found_by(said), by="")
    blind.forget(about=[each.pk for each in before], keys=[each.key for each in before], by="")


def _found_by(said: dict[str, Any]) -> list[blind.Entry]:
    """Name what a person is found by: the words of the name, two by two as well, and the number."""
    names, phone = rules.words(str(said.get("name") or "")), rules.digits(str(said.get("phone") or ""))
    entries = [("name", word) for word in [*names, *rules.pairs(names)]]
    return [*entries, *([("phone", phone)] if phone else [])]


def entered(course: UUID) -> None:
    """Count the period of a course from today, in the caller's transaction."""
    Course.objects.filter(pk=course).update(last_entry_on=clock.today())


def find_by(course: Course, tags: list[str]) -> None:
    """Let a course be found by its nickname's words and its tags."""
    blind.put(about=course.pk, course=course.pk, entries=found_by(course, {"tags": {"tags": tags}}), by="")


def found_by(course: Course, parts: dict[str, dict[str, Any]]) -> list[blind.Entry]:
    """Name what a course is found by: its nickname's words and its tags."""
    tags = parts.get("tags", {}).get("tags") or []
    nick = rules.nick_words(course.nickname)
    return [("nickname", word) for word in [*nick, *rules.pairs(nick)]] + [("tag", tag) for tag in tags]


def begin_all(arrivals: list[rules.Arrival], made: list[UUID], *, by: Any) -> list[tuple[Course, rules.Arrival]]:
    """Write courses from a list under nicknames nobody has, in the caller's transaction; `made` as for `arrive`."""
    taken, dice = set(Course.objects.values_list("nickname", flat=True)), SystemRandom()
    begun, idents = [], [uuid4() for _each in arrivals]
    for ident, key, each in zip(idents, _keys(idents, "course", made), arrivals, strict=True):
        taken.add(nickname := rules.nickname(dice, taken))
        days = {"opened_on": each.opened_on, "ended_on": each.ended_on, "last_entry_on": each.last_entry_on}
        state = "ended" if each.ended_on else "open"
        begun.append((Course(id=ident, key=key, nickname=nickname, state=state, **days), each))
    Course.objects.bulk_create([course for course, _each in begun], batch_size=_BATCH)
    found = [(course.pk, course.pk, found_by(course, each.parts)) for course, each in begun]
    found += [(rules.moved(course.pk), course.pk, [("import", each.known_by)]) for course, each in begun]
    made += [about for about, *_ in found]
    blind.put_many(things=found, by=by)
    return begun


def arrive(moving: list[tuple[Course, rules.Arrival]], made: list[UUID], *, by: Any) -> list[Member]:
    """Write down the people of many courses and all that is known, in the caller's transaction.

    `made` is told which keys were made, for a caller who must undo it.
    """
    people: list[tuple[Member, rules.Newcomer, rules.Arrival]] = []
    for course, arrival in moving:
        start = (course.members.aggregate(last=Max("position"))["last"] or 0) + 1 if arrival.into else 0
        for position, each in enumerate(arrival.people, start=start):
            people.append((Member(id=uuid4(), course=course, position=position), each, arrival))
    members, cards = [member for member, *_ in people], [(uuid4(), each[0], each[1]) for each in people if each[1].card]
    rows: list[tuple[Part | Note | IdentityCard, UUID, str, dict[str, Any]]] = []
    for course, arrival in moving:
        known = {} if arrival.into else arrival.parts
        rows += [(_first(course, None, kind, by), course.key, "part", body) for kind, body in known.items()]
    for (member, each, arrival), key in zip(people, _keys([row.pk for row in members], "member", made), strict=True):
        member.key = key
        rows += [(_first(member.course, member, kind, by), key, "part", body) for kind, body in each.parts.items()]
        if each.note:
            rows.append((_noted(member, each, arrival.worker), key, "note", _signed(each.note, arrival.worker)))
    for (ident, member, each), key in zip(cards, _keys([card[0] for card in cards], "identity", made), strict=True):
        rows.append((IdentityCard(id=ident, member=member, key=key), key, "identity", each.card))
    sealed = keyring.seal_many((key, body, place(kind, row.pk)) for row, key, kind, body in rows)
    for (row, *_), each_sealed in zip(rows, sealed, strict=True):
        row.sealed = each_sealed
    Member.objects.bulk_create(members, batch_size=_BATCH)
    Part.objects.bulk_create([row for row, *_ in rows if isinstance(row, Part)], batch_size=_BATCH)
    IdentityCard.objects.bulk_create([row for row, *_ in rows if isinstance(row, IdentityCard)], batch_size=_BATCH)
    Note.objects.bulk_create([row for row, *_ in rows if isinstance(row, Note)], batch_size=_BATCH)
    found = [(ident, member.course_id, _found_by(each.card)) for ident, member, each in cards]
    found += [(rules.moved(row.pk), row.course_id, [("import", each.known_by)]) for row, each, _arrival in people]
    made += [about for about, *_ in found]
    blind.put_many(things=found, by=by)
    return members


def _keys(about: list[UUID], kind: str, made: list[UUID]) -> list[UUID]:
    keys = keyring.new_data_keys(about, kind=kind)
    made += keys
    return keys


def _first(course: Course, member: Member | None, kind: str, by: Any) -> Part:
    """Begin the first version of one thing known."""
    about = member.pk if member else course.pk
    return Part(id=uuid4(), course=course, member=member, about=about, kind=kind, number=1, written_by_id=by.pk)


def _noted(member: Member, each: rules.Newcomer, worker: Any) -> Note:
    """Begin the note of what stood in the list, on the list's own day, by who has the course."""
    day = datetime.combine(each.noted_on or clock.today(), time(12), tzinfo=clock.TZ)
    signed = {"written_by_id": worker.pk, "profession": worker.profession, "written_at": min(day, clock.now())}
    return Note(id=uuid4(), course_id=member.course_id, member=member, **signed)


def _signed(text: str, worker: Any) -> dict[str, Any]:
    return {"text": text, "by": worker.first_name, "title": worker.title}


# ---- Deeds ----


def write_part(
    *, course: Course, member: Member | None = None, kind: str, body: dict[str, Any], seen: int, by: Any
) -> Part:
    """Write down one thing known; what stood there stays readable.

    `seen` is the number of the version the writer had before their eyes. Raises `SomethingNew`, `NoConsent`,
    `CourseIsClosed`, `NotAllowed`.
    """
    may_write(course, by)
    if kind == "coordination":
        _on_consents(course, body)
    with transaction.atomic():
        row = part(course, member, kind, body, seen=seen, by=by)
        if kind == "tags":
            find_by(course, list(body.get("tags") or []))
        audit.record(by=by, action="casework.written", about=member or course, reason=kind)
    return row


def _on_consents(course: Course, body: dict[str, Any]) -> None:
    """Check that everything written about other help stands on a yes of the family."""
    given = consents.consents(course.thread) if course.thread else []
    standing = {str(each.consent.pk) for each in given if each.standing}
    if any(str(each.get("consent")) not in standing for each in body.get("help") or []):
        raise NoConsent


def look(*, course: Course, by: Any) -> Opened:
    """Open what is known of a course to who may read it, and write down that they looked. Raises `NotAllowed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.content:
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="casework.looked", about=course)
    return _opened(course, list(Part.objects.filter(course=course).select_related("written_by", "member")))


def look_at_evening(*, course: Course, by: Any) -> Opened:
    """Open what one evening needs: who comes, what to remember of them, who is safe to ring. Raises `NotAllowed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.evening:
        raise NotAllowed("open_course")
    with transaction.atomic():
        audit.record(by=by, action="casework.evening_looked", about=course)
    rows = Part.objects.filter(course=course, kind__in=("person", "care", "contact")).select_related("written_by")
    return _opened(course, list(rows.select_related("member")))


def look_at_guests(*, members: Iterable[UUID], named: Iterable[UUID] = (), by: Any) -> dict[UUID, Person]:
    """Open what an evening needs of some people alone, and of `named` who they are, for a room they come to; kept."""
    here = Member.objects.filter(pk__in=list(members), erasing=False, course__state="open").select_related("course")
    rows = Part.objects.filter(member__in=here, kind__in=("person", "care", "contact")).select_related("written_by")
    rows = rows.exclude(member__in=list(named), kind__in=("care", "contact"))
    with transaction.atomic():
        for course in {each.course_id: each.course for each in here}.values():
            audit.record(by=by, action="casework.evening_looked", about=course)
    known = _known(here[0].course, list(rows.select_related("member"))) if here else {}
    return {each.pk: Person(each, known.get(each.pk, {})) for each in here}


def look_at_people(*, course: Course, by: Any) -> Opened:
    """Open who is in a course and how each may safely be reached, for who arranges talks. Raises `NotAllowed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.contact:
        raise NotAllowed("see_course_contact")
    with transaction.atomic():
        audit.record(by=by, action="casework.people_looked", about=course)
    rows = Part.objects.filter(course=course, kind__in=("person", "contact")).select_related("written_by", "member")
    return _opened(course, list(rows))


def look_at_history(*, course: Course, member: Member | None = None, kind: str, by: Any) -> list[Version]:
    """Open every version of one thing, oldest first, and write down that somebody looked. Raises `NotAllowed`."""
    held = queries.get_course(by, course.pk)
    if held is None or not held.sight.content:
        raise NotAllowed("open_course")
    about = member.pk if member else course.pk
    with transaction.atomic():
        audit.record(by=by, action="casework.history_looked", about=member or course, reason=kind)
    rows = Part.objects.filter(course=course, about=about, kind=kind).select_related("written_by", "member")
    return [version for _row, version in versions(course, list(rows.order_by("number")))]


def versions(course: Course, rows: list[Part]) -> list[tuple[Part, Version]]:
    """Open sealed versions for a deed that has written down why; one whose key is gone is left out."""
    sealed = [(row.member.key if row.member else course.key, bytes(row.sealed), place("part", row.pk)) for row in rows]
    return [
        (row, Version(row.number, body, row.written_by.first_name if row.written_by else "", row.written_at, row.pk))
        for row, body in zip(rows, keyring.open_many(sealed), strict=True)
        if body is not None
    ]


def _known(course: Course, rows: list[Part]) -> dict[UUID, dict[str, Version]]:
    newest = {(row.about, row.kind): row for row in sorted(rows, key=lambda each: each.number)}
    known: dict[UUID, dict[str, Version]] = {}
    for row, version in versions(course, list(newest.values())):
        known.setdefault(row.about, {})[row.kind] = version
    return known


def _opened(course: Course, rows: list[Part]) -> Opened:
    """Put the newest versions together."""
    known = _known(course, rows)
    carded = set(IdentityCard.objects.filter(member__course=course).values_list("member_id", flat=True))
    people = [
        Person(member, known.get(member.pk, {}), member.pk in carded)
        for member in Member.objects.filter(course=course, erasing=False)
    ]
    return Opened(course, known.get(course.pk, {}), people)


# ---- Who somebody is ----


def give_identity(*, member: Member, said: dict[str, Any], by: Any) -> None:
    """Write down who a person is: name, number, address. The card before it is destroyed. Raises as `write_part`."""
    may_write(member.course, by)
    with transaction.atomic():
        held_open(member.course_id, member)
        Course.objects.filter(pk=member.course_id).update(last_entry_on=clock.today())
        audit.record(by=by, action="casework.identity_given", about=member)
        card(member, said)


def forget_identity(*, member: Member, by: Any) -> None:
    """Destroy who a person is, alone: the course goes on under its nickname. Raises as `write_part`."""
    may_write(member.course, by)
    with transaction.atomic():
        held_open(member.course_id, member)
        cards = list(IdentityCard.objects.filter(member=member))
        IdentityCard.objects.filter(member=member).delete()
        audit.record(by=by, action="casework.identity_destroyed", about=member)
        # Last, and before the rows are gone for good: a stop leaves a row that opens no more, and the night takes it.
        blind.forget(about=[each.pk for each in cards], keys=[each.key for each in cards], by=by)


def finish_cards(*, by: Any) -> int:
    """Delete the cards whose key was destroyed just before a stop; tell how many."""
    dead = privacy.buried(IdentityCard.objects.values_list("key", flat=True))
    rows = list(IdentityCard.objects.filter(key__in=dead).select_related("member"))
    for row in rows:
        with transaction.atomic():
            audit.record(by=by, action="casework.identity_destroyed", about=row.member)
            blind.forget(about=[row.pk], by=by)
            row.delete()
    return len(rows)


def forget_strays(*, by: Any) -> int:
    """Throw away what finds somebody who never came to be, since a stop came between the two databases."""
    if not _strays()[0]:
        return 0
    with transaction.atomic():
        alone_with_courses()
        lost, living = _strays()
        # Far more than anybody can have been writing down: this is another house's table, or half of ours.
        gone = lost if len(lost) < max(100, living) else set()
        blind.drop(about=gone, by=by)
    return len(gone)


def _strays() -> tuple[set[UUID], int]:
    """Name what is found and is not there, and count what is there."""
    courses, people = Course.objects.values_list("pk", flat=True), Member.objects.values_list("pk", flat=True)
    there = {*courses, *IdentityCard.objects.values_list("pk", flat=True)}
    there |= {rules.moved(each) for rows in (courses, people) for each in rows}
    return blind.everything() - there, len(there)


def alone_with_courses() -> None:
    """Let nobody else begin a course or write in one before the caller's transaction is over."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Course._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def look_at_identity(*, member: Member, reason: str, by: Any) -> dict[str, Any] | None:
    """Open who a person is, for a reason that is written down; None when nobody has said. Raises `NotAllowed`."""
    held = queries.get_course(by, member.course_id)
    if held is None or not held.sight.contact:
        raise NotAllowed("see_course_contact")
    row = IdentityCard.objects.filter(member=member).first()
    if row is None:
        return None
    opened: dict[str, Any] | None
    (opened,) = keyring.open_many([(row.key, bytes(row.sealed), place("identity", row.pk))])
    # The line stays when the card is destroyed: what is on the card is not in it.
    why = rules.unnamed(reason, [str((opened or {}).get("name") or "")])
    with transaction.atomic():
        audit.record(by=by, action="casework.identity_looked", about=member, reason=why)
    return opened
