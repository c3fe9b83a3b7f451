"""Everything the house holds about one person in a course, put together for that person. Reads; writes nothing.

Whoever calls has written down that somebody looks. What another person in the course is known by is never here: not
their notes, not their parts, not a line of the log about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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

from . import document, queries, rules
from .document import Entry, Field, Section
from .rules import Decided

if TYPE_CHECKING:
    from brobygger.casework.models import Member

#: Never in what is handed out by itself: our own duty, and what somebody else said in confidence.
CONFIDED = Q(action__startswith="consents.duty_") | Q(action__endswith="_in_confidence")
#: Nor that a child has had talks of its own.
OWN = Q(action__contains="own_talks")
#: Nor to somebody else what the person asked about themselves; and to nobody what was asked of nobody in particular.
ASKED = Q(action__startswith="rights.")
#: As whom people in the family give a consent when they do not have the key.
GIVERS = dict.fromkeys(("child", "sibling"), "young") | dict.fromkeys(("mother", "father", "parent"), "other_parent")
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
    own = scope.right in rules.OWN_RIGHT
    everybody = _("Each look leaves a line that nobody can change. What the machine did by itself is not here.")
    found: list[tuple[str, str, str, Iterable[Entry]]] = [
        ("person", _("About you") if own else _("About the person"), "", _person(member, scope)),
        ("course", _("About the course"), "", _known(member, scope, own=False)),
        ("notes", _("What we have written"), "", _notes(member, scope)),
        ("letters", _("Letters and answers"), "", _letters(member, scope)),
        ("consents", _("Who may know what"), "", _consents(member, scope)),
        ("times", _("When we have met"), "", _times(member, scope)),
        ("groups", _("Groups"), "", queries.in_groups(member, scope.right, scope.until)),
        ("answers", _("How it was going, as it was answered"), "", queries.answered(member, scope)),
        ("staff", _("Who has had the course"), "", _staff(member, scope)),
        ("requests", _("What was asked of us, and where it went"), "", _asked(member, scope)),
        ("log", _("Who has looked"), everybody, _log(member, scope)),
        ("kept", _("How long it is kept"), "", _kept(member, scope)),
        ("rights", _("What you can do"), "", document.what_you_can_do()),
    ]
    made = (Section(key, heading, intro, tuple(entries)) for key, heading, intro, entries in found)
    return [section for section in made if section.entries]


def paper(member: "Member", scope: Scope) -> document.Paper:
    """Put together a paper as it is handed out."""
    language = get_language() or "da"
    title = _("What we know about you") if scope.right in rules.OWN_RIGHT else _("What we know about a person")
    house, made = pick(catalogue.house().name, language), weighed(member, scope, sections(member, scope))
    opening = document.opening(house, document.when(scope.until))
    return document.Paper(title, house, scope.until, language, opening, tuple(made))


def weighed(member: "Member", scope: Scope, found: Iterable[Section]) -> list[Section]:
    """Leave out what nobody has weighed, hold back what was decided, and every number and address of somebody else."""
    reach = queries.reach(member, scope.right)
    made = []
    for section in found:
        entries = [
            each if each.ident is None else _weighed(each, scope.decided[each.ident], reach)
            for each in section.entries
            if each.ident is None or each.ident in scope.decided
        ]
        if entries:
            made.append(Section(section.key, section.heading, section.intro, tuple(entries)))
    return made


def _weighed(each: Entry, decided: Decided, reach: list[dict[str, Any]]) -> Entry:
    """Hold back what says where somebody is reached: by their card of today, and of the day it was decided."""
    before = [n for n, said in enumerate(each.sentences) if said in decided.reach]
    return each.weighed(decided, [*before, *rules.where(each.sentences, reach)])


def without_secrets(member: "Member", scope: Scope, entries: Iterable[Entry]) -> list[Entry]:
    """Hold nothing back but where somebody else is reached."""
    reach = queries.reach(member, scope.right)
    return [each.weighed(Decided(), rules.where(each.sentences, reach)) if each.ident else each for each in entries]


def _place(kind: str, ident: UUID) -> str:
    return keyring.place(kind, ident, "sealed")


def _who(person: Any, scope: Scope) -> str:
    """Name somebody here by what they do, and by first name when that was chosen."""
    if person is None:
        return _("the family itself")
    work = pick(person.title, get_language() or "da") or _("Somebody who works here")
    return f"{person.first_name}, {work}" if scope.names else work


def _person(member: "Member", scope: Scope) -> list[Entry]:
    return [*_card(member, scope), *_known(member, scope, own=True)]


def _card(member: "Member", scope: Scope) -> list[Entry]:
    own = queries.cards(member.course).get(member.pk)
    if own is None:
        return []
    left_out = ["phone", "mail", "address"] if queries.hides(member, scope.right) else []
    # Nor that there is something that is not to be known.
    left_out += [] if scope.right in (*rules.OWN_RIGHT, rules.AUTHORITY) else ["protected"]
    facts, heading = document.card(own, left_out=left_out), _("Name and how to be reached")
    if scope.right in rules.OWN_RIGHT:
        return [Entry("identity", heading, facts=facts)]
    # To somebody else even this is looked through first.
    return [Entry("identity", heading, words=tuple(Field(*fact) for fact in facts), ident=member.card.pk)]


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
    given_out = _given_out(member, scope)
    listed = [row for row in rows if row.compartment in given and row.written_at <= scope.until]
    listed = [row for row in listed if row.pk not in given_out]
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


def _given_out(member: "Member", scope: Scope) -> set[UUID]:
    """Name the notes that say that the person was given their own paper; for nobody but the person."""
    if scope.right in rules.OWN_RIGHT:
        return set()
    said = [(row.pk, queries.said(row)) for row in member.requests.select_related("member")]
    own = [(pk, len(body.get("handed", ()))) for pk, body in said if body["right"] in rules.OWN_RIGHT]
    return {noted(pk, number) for pk, times in own for number in range(1, times + 1)}


def noted(request: UUID, number: int) -> UUID:
    """Name the note that says that a paper was handed out for the so-and-so-many-th time."""
    return uuid5(request, f"handed out {number}")


def has_box(member: "Member", *, right: str, own_talks: bool) -> bool:
    """Tell whether a paper goes to who has the family's key: the first who was written down in the course.

    To somebody else their conversation is like a child's own talks: it is not there, and does not show.
    """
    theirs = member.course.thread_id is not None and member.position == 0
    return theirs and (right in rules.OWN_RIGHT or own_talks)


def _has_box(member: "Member", scope: Scope) -> bool:
    return has_box(member, right=scope.right, own_talks=scope.own_talks)


def _letters(member: "Member", scope: Scope) -> list[Entry]:
    """List what the person wrote with the key, and what we answered; for who has the key, and nobody else."""
    thread = member.course.thread_id
    if thread is None or not _has_box(member, scope):
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
    """List what the person said yes to, who has the key everything; what was given in confidence is not here."""
    if member.course.thread is None:
        return []
    day = clock.local(scope.until).date()
    given = [each for each in consents.consents(member.course.thread) if not each.sentence.confided]
    given = [each for each in given if each.consent.given_on <= day]
    if not _has_box(member, scope):
        giver = _gives(member) if scope.right in rules.OWN_RIGHT else ""
        given = [each for each in given if each.sentence.giver == giver]
    found = []
    for each in given:
        by = each.sentence.by if each.sentence.by == "referrer" else _("Somebody who works here")
        said = agreements.say(replace(each, sentence=replace(each.sentence, by=by)), document.day)
        told = [Field(_("Has been told"), f"{what} ({document.day(on)})") for what, on in said.told if on <= day]
        closed = each.consent.closed_on
        over = [Field(_("Over since"), document.day(closed))] if closed and closed <= day else []
        found.append(
            Entry(
                "consent",
                document.day(each.consent.given_on),
                words=(Field("", said.sentence), Field("", said.yes), *told, *over),
                ident=each.consent.pk,
            )
        )
    return found


def _gives(member: "Member") -> str:
    """Tell as whom somebody without the key has given consents, by who they are in the family."""
    known = queries.known_as(member.course)
    known.pop(member.course.members.filter(position=0).values_list("pk", flat=True).first() or member.pk, None)
    as_whom = {ident: GIVERS.get(str(body.get("role")), "") for ident, body in known.items()}
    theirs = as_whom.get(member.pk, "")
    # Where two may have said it, nobody here knows which: it is shown to neither.
    return theirs if list(as_whom.values()).count(theirs) == 1 else ""


def _times(member: "Member", scope: Scope) -> list[Entry]:
    """List when we met who has the key, and when we shall; nobody else learns where they can be found."""
    if member.course.thread is None or not _has_box(member, scope):
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
    """List what the person asked, what holds the record back, and where it went.

    What a young person asked about themselves is not told to who has custody.
    """
    day = clock.local(scope.until).date()
    found = []
    rows = member.requests.filter(asked_on__lte=day) if scope.right in rules.OWN_RIGHT else member.requests.none()
    for row in rows.order_by("asked_on", "id"):
        body = queries.said(row)
        if body.get("unsure"):
            continue
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
    if gone is not None and gone.on <= day and str(member.pk) in queries.handed_on(gone):
        told = (_dated(_("Day"), gone.on), (_("Number in their plan"), gone.kle))
        found.append(Entry("handed_over", document.municipality(gone.municipality), "", told))
    return found


def _dated(label: str, on: date) -> tuple[str, str]:
    return label, document.day(on)


def _log(member: "Member", scope: Scope) -> list[Entry]:
    """List who at work did what with it and when, oldest first. What the machine did by itself is not here."""
    course = member.course
    about = [f"course:{course.pk}", f"member:{member.pk}"]
    about += [f"thread:{course.thread_id}"] if _has_box(member, scope) else []
    hidden_lines = CONFIDED if scope.own_talks else CONFIDED | OWN
    # Nor, to somebody else, that a child has answered anything itself.
    told = scope.own_talks or scope.right in rules.OWN_RIGHT
    hidden_lines |= Q() if told else Q(action__startswith="outcomes.")
    hidden_lines |= ASKED & Q(about=about[0]) if scope.right in rules.OWN_RIGHT else ASKED
    found = privacy.entries(until=scope.until).filter(about__in=about).exclude(hidden_lines)
    lines, staff = list(reversed(found)), {person.handle: person for person in people.everybody()}
    own = _own_lines(member, scope, lines)
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


def _own_lines(member: "Member", scope: Scope, lines: list[Any]) -> set[int]:
    """Find the lines that say that a note that is not in the paper was written: each follows its note at once."""
    found: set[int] = set()
    left_out = Q(pk__in=_given_out(member, scope)) | (Q() if scope.own_talks else Q(compartment="own_talks"))
    for note in member.notes.filter(left_out).select_related("written_by").order_by("written_at"):
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
    days = [
        (_("Counted from the last entry"), document.day(counted)),
        (_("Deleted after"), document.day(agreed.years_on(counted, longest.years))),
    ]
    # To somebody else the day would say that something was written that is not in the paper.
    told = days if scope.right in rules.OWN_RIGHT else []
    facts = ((_("Years"), str(longest.years)), *told, (_("By"), pick(longest.law, get_language() or "da")))
    return [Entry("period", _("The period"), facts=facts)]
