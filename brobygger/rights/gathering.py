"""Everything the house holds about one person in a course, put together for that person. Reads; writes nothing.

Whoever calls has written down that somebody looks. What another person in the course is known by is never here: not
their notes, not their parts, not a line of the log about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.access import queries as people
from brobygger.casework import queries as casework
from brobygger.casework.templatetags import courses
from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consents
from brobygger.consents import rules as agreed
from brobygger.consents import wording as agreements
from brobygger.ground import clock
from brobygger.ground.rules import pick
from brobygger.intake import queries as intake
from brobygger.privacy import keyring
from brobygger.privacy import queries as privacy

from . import document, rules
from .document import Entry, Field, Section
from .rules import Decided

if TYPE_CHECKING:
    from brobygger.casework.models import Member

#: Never in what is handed out by itself: our own duty, and what somebody else said in confidence.
CONFIDED = Q(action__startswith="consents.duty_") | Q(action__endswith="_in_confidence")
#: Nor that a child has had talks of its own.
OWN = Q(action__contains="own_talks")
WRITTEN = ("casework.note_written", "casework.note_corrected")


@dataclass(frozen=True)
class Scope:
    """How a paper is put together: until when, by whose right, with names or by work, with a child's own talks?"""

    until: datetime
    right: str = "self"
    names: bool = False
    own_talks: bool = False
    said: tuple[Any, ...] = ()
    decided: dict[UUID, Decided] = field(default_factory=dict)


def sections(member: "Member", scope: Scope) -> list[Section]:
    """Put together everything, in the order a person would ask for it. What nobody has weighed is whole."""
    own = scope.right in ("self", "young")
    everybody = _("Each look leaves a line that nobody can change. What the machine did by itself is not here.")
    found: list[tuple[str, str, str, Iterable[Entry]]] = [
        ("person", _("About you") if own else _("About the person"), "", _person(member, scope)),
        ("course", _("About the course"), "", _known(member, scope, own=False)),
        ("notes", _("What we have written"), "", _notes(member, scope)),
        ("letters", _("Letters and answers"), "", _letters(member, scope)),
        ("consents", _("Who may know what"), "", _consents(member, scope)),
        ("times", _("When we have met"), "", _times(member, scope)),
        ("staff", _("Who has had the course"), "", _staff(member, scope)),
        ("requests", _("What was asked of us, and where it went"), "", _asked(member, scope)),
        ("log", _("Who has looked"), everybody, _log(member, scope)),
        ("kept", _("How long it is kept"), "", _kept(member, scope)),
        ("rights", _("What you can do"), "", document.what_you_can_do()),
    ]
    made = (Section(key, heading, intro, tuple(entries)) for key, heading, intro, entries in found)
    return [section for section in made if section.entries]


def weighed(member: "Member", scope: Scope, found: Iterable[Section]) -> list[Section]:
    """Leave out what nobody has weighed, hold back what was decided, and every number and address of somebody else."""
    reach = secrets(member, scope)
    made = []
    for section in found:
        entries = [
            each if each.ident is None else each.weighed(scope.decided[each.ident], hidden(each, reach))
            for each in section.entries
            if each.ident is None or each.ident in scope.decided
        ]
        if entries:
            made.append(Section(section.key, section.heading, section.intro, tuple(entries)))
    return made


def without_secrets(member: "Member", scope: Scope, entries: Iterable[Entry]) -> list[Entry]:
    """Hold nothing back but where somebody else is reached."""
    reach = secrets(member, scope)
    return [each.weighed(Decided(), hidden(each, reach)) if each.ident else each for each in entries]


def hidden(entry: Entry, reach: Iterable[dict[str, Any]]) -> list[int]:
    """Number the sentences in which somebody else's number or address stands."""
    known = list(reach)
    return [n for n, said in enumerate(entry.sentences) if any(rules.reveals(said, each) for each in known)]


def secrets(member: "Member", scope: Scope) -> list[dict[str, Any]]:
    """Open how the others in a course are reached, to keep it out of what is handed out; nobody sees it.

    What the person has in common with them is no secret to the person; to somebody else it is.
    """
    cards = _cards(member)
    own = cards.pop(member.pk, {})
    if _hides(member, scope):
        return [own, *cards.values()]
    return [{name: said for name, said in each.items() if said != own.get(name)} for each in cards.values()]


def _cards(member: "Member") -> dict[UUID, dict[str, Any]]:
    held = [each.card for each in member.course.members.select_related("card") if hasattr(each, "card")]
    opened = keyring.open_many([(row.key, bytes(row.sealed), _place("identity", row.pk)) for row in held])
    return {row.member_id: body for row, body in zip(held, opened, strict=True) if body is not None}


def _place(kind: str, ident: UUID) -> str:
    return keyring.place(kind, ident, "sealed")


def _hides(member: "Member", scope: Scope) -> bool:
    return rules.hidden_address(
        right=scope.right, protected=[bool(each.get("protected")) for each in _cards(member).values()]
    )


def _who(person: Any, scope: Scope) -> str:
    """Name somebody here by what they do, and by first name when that was chosen."""
    if person is None:
        return _("the family itself")
    work = pick(person.title, get_language() or "da") or _("Somebody who works here")
    return f"{person.first_name}, {work}" if scope.names else work


def _person(member: "Member", scope: Scope) -> list[Entry]:
    return [*_card(member, scope), *_known(member, scope, own=True)]


def _card(member: "Member", scope: Scope) -> list[Entry]:
    own = _cards(member).get(member.pk)
    if own is None:
        return []
    left_out = ("phone", "mail", "address") if _hides(member, scope) else ()
    return [Entry("identity", _("Name and how to be reached"), facts=document.card(own, left_out=left_out))]


def _known(member: "Member", scope: Scope, *, own: bool) -> list[Entry]:
    """List every version of what is known: of the person alone, or of the course as a whole."""
    rows = member.parts if own else member.course.parts.filter(member=None)
    listed = list(rows.filter(written_at__lte=scope.until).select_related("written_by").order_by("kind", "number"))
    key = member.key if own else member.course.key
    opened = keyring.open_many([(key, bytes(row.sealed), _place("part", row.pk)) for row in listed])
    return [
        Entry(
            "part",
            str(courses.TITLES.get(row.kind, row.kind)),
            f"{document.when(row.written_at)}, {_who(row.written_by, scope)}",
            words=tuple(document.fields(row.kind, body)),
            ident=row.pk,
            at=row.written_at,
        )
        for row, body in zip(listed, opened, strict=True)
        if body is not None
    ]


def _notes(member: "Member", scope: Scope) -> list[Entry]:
    """List the notes about the person, each correction right after what it corrects."""
    _parts, rows = casework.rows_of(member)
    given = ("record", "own_talks") if scope.own_talks else ("record",)
    listed = [row for row in rows if row.compartment in given and row.written_at <= scope.until]
    keys = {"record": member.key, "own_talks": member.own_key or member.key}
    opened = keyring.open_many([(keys[row.compartment], bytes(row.sealed), _place("note", row.pk)) for row in listed])
    order = {row.pk: number for number, row in enumerate(listed)}
    both = sorted(
        zip(listed, opened, strict=True),
        key=lambda each: (order.get(each[0].corrects_id or each[0].pk, order[each[0].pk]), order[each[0].pk]),
    )
    return [
        Entry(
            row.compartment,
            document.note(row.compartment, corrects=bool(row.corrects_id)),
            f"{document.when(row.written_at)}, {_who(row.written_by, scope)}",
            words=(Field("", body["text"]),),
            ident=row.pk,
            at=row.written_at,
        )
        for row, body in both
        if body is not None
    ]


def writes_with_key(member: "Member") -> bool:
    """Tell whether this is who has the family's key: the first who was written down in the course."""
    return member.course.thread_id is not None and member.position == 0


def _letters(member: "Member", scope: Scope) -> list[Entry]:
    """List what the person wrote with the key, and what we answered; for who has the key, and nobody else."""
    thread = member.course.thread_id
    if thread is None or not writes_with_key(member):
        return []
    return [
        Entry(
            "letter",
            _("Our answer") if each.from_house else _("Your letter"),
            document.when(each.at),
            words=(Field("", str(each.body["text"])),),
            ident=uuid5(thread, f"message:{each.number}"),
            at=each.at,
        )
        for each in scope.said
        if each.kind in ("text", "answer") and each.body.get("text") and each.at <= scope.until
    ]


def _consents(member: "Member", scope: Scope) -> list[Entry]:
    """List what the family said yes to; what another gave in confidence is not here."""
    if member.course.thread is None:
        return []
    given = [each for each in consents.consents(member.course.thread) if not each.sentence.confided]
    found = []
    for each in given:
        said = agreements.say(each, document.day)
        told = tuple((_("Has been told"), f"{what} ({document.day(day)})") for what, day in said.told)
        closed = each.consent.closed_on
        over = ((_("Over since"), document.day(closed)),) if closed else ()
        found.append(
            Entry(
                "consent",
                document.day(each.consent.given_on),
                said.yes,
                (*told, *over),
                (Field("", said.sentence),),
                each.consent.pk,
            )
        )
    return found


def _times(member: "Member", scope: Scope) -> list[Entry]:
    if member.course.thread is None:
        return []
    rows = member.course.thread.appointments.filter(starts_at__lte=scope.until + timedelta(days=400))
    return [
        Entry(
            "time",
            document.when(row.starts_at),
            facts=(
                (_("Where"), str(document.PLACES.get(row.where, row.where))),
                (_("With"), _who(row.worker, scope)),
                *(((_("Called off"), _("Yes")),) if row.cancelled else ()),
            ),
            at=row.starts_at,
        )
        for row in rows.select_related("worker").order_by("starts_at")
    ]


def _staff(member: "Member", scope: Scope) -> list[Entry]:
    rows = member.course.assignments.select_related("user").order_by("valid_from", "id")
    return [
        Entry(
            "staff",
            _who(row.user, scope),
            facts=(
                (_("What"), _("Stood in for an evening") if row.scope == "evening" else _("Has had the course")),
                (_("From"), document.day(row.valid_from)),
                *(((_("Until"), document.day(row.valid_to)),) if row.valid_to else ()),
            ),
        )
        for row in rows
        if row.valid_from <= clock.local(scope.until).date()
    ]


def _asked(member: "Member", scope: Scope) -> list[Entry]:
    """List what was asked about the person and how it went, what holds the record back, and where it went."""
    day = clock.local(scope.until).date()
    found = []
    for row in member.requests.filter(asked_on__lte=day).order_by("asked_on", "id"):
        body = keyring.open_sealed(member.key, bytes(row.sealed), context=_place("subjectrequest", row.pk))
        asked = (_("Asked"), document.day(row.asked_on))
        by = (_("By"), str(document.RIGHTS[body["right"]]))
        found.append(
            Entry("request", str(document.KINDS[row.kind]), "", (asked, by, _dated(_("Answer by"), row.due_on)))
        )
    # That it waits, and not why: the reason may be somebody else's complaint.
    for hold in member.course.holds.filter(placed_on__lte=day).order_by("placed_on"):
        lifted = (_dated(_("Until"), hold.lifted_on),) if hold.lifted_on else ()
        facts = (_dated(_("From"), hold.placed_on), *lifted)
        found.append(Entry("hold", _("Kept longer than its period"), "", facts))
    gone = getattr(member.course, "handed_over", None)
    if gone is not None and gone.on <= day:
        told = (_dated(_("Day"), gone.on), (_("Number in their plan"), gone.kle))
        found.append(Entry("handed_over", document.municipality(gone.municipality), "", told))
    return found


def _dated(label: str, on: date) -> tuple[str, str]:
    return label, document.day(on)


def _log(member: "Member", scope: Scope) -> list[Entry]:
    """List who at work did what with it and when, oldest first. What the machine did by itself is not here."""
    course = member.course
    about = [f"course:{course.pk}", f"member:{member.pk}"]
    about += [f"thread:{course.thread_id}"] if writes_with_key(member) else []
    hidden_lines = CONFIDED if scope.own_talks else CONFIDED | OWN
    found = privacy.entries(until=scope.until).filter(about__in=about).exclude(hidden_lines)
    lines, staff = list(reversed(found)), {person.handle: person for person in people.everybody()}
    own = set() if scope.own_talks else _own_lines(member, lines)
    return [
        Entry(
            "look",
            document.when(line.at),
            facts=((str(intake.deed(line.action)), _who(staff[line.by], scope)),),
            at=line.at,
        )
        for line in lines
        if line.by in staff and line.pk not in own
    ]


def _own_lines(member: "Member", lines: list[Any]) -> set[int]:
    """Find the lines that say that a note about a child's own talk was written: each follows its note at once."""
    found: set[int] = set()
    for note in member.notes.filter(compartment="own_talks").select_related("written_by").order_by("written_at"):
        same = (line.pk for line in lines if line.action in WRITTEN and line.by == note.written_by.handle
                and line.at >= note.written_at and line.pk not in found)  # fmt: skip
        found |= {first} if (first := next(same, None)) else set()
    return found


def _kept(member: "Member", scope: Scope) -> list[Entry]:
    """Say until when it is kept, and by which rule."""
    course = member.course
    periods = [catalogue.retention(name) for name in casework.professions(course) or {"default"}]
    longest = max(periods, key=lambda each: each.years)
    counted = course.last_entry_on
    facts = (
        (_("Years"), str(longest.years)),
        (_("Counted from the last entry"), document.day(counted)),
        (_("Deleted after"), document.day(agreed.years_on(counted, longest.years))),
        (_("By"), pick(longest.law, get_language() or "da")),
    )
    return [Entry("period", _("The period"), facts=facts)]
