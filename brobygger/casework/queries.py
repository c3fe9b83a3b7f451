"""Reading about courses: begins with the viewer. What one is not assigned to does not exist.

What is known of a course is opened by `record.look` and `notes.look_at_notes`, which write down who looked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from brobygger.access import queries as people
from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.privacy import blind, keyring

from . import rules
from .models import Assignment, Course, IdentityCard, Member, Note, Part

#: How many rows a list shows; a longer one is found by searching.
PAGE = 50
LIVING = ("open", "ended", "handed_over")


@dataclass(frozen=True)
class Held:
    """A course somebody may see, and how much of it."""

    course: Course
    sight: rules.Sight


@dataclass(frozen=True)
class Version:
    """One thing known, as it stood when it was written. `number` 0 is: nothing has been written yet."""

    number: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None
    ident: UUID | None = None


@dataclass(frozen=True)
class Person:
    """One person in a course, with what is known of them."""

    member: Member
    parts: dict[str, Version]
    has_card: bool = False

    @property
    def role(self) -> str:
        """Who they are in the family; one of `rules.ROLES`."""
        return str(self.known("person").get("role") or "other")

    @property
    def called(self) -> str:
        """What we may call them; often a first name."""
        return str(self.known("person").get("called") or "")

    @property
    def age(self) -> int | None:
        """How old they are today, when the month of birth is known."""
        return rules.age(str(self.known("person").get("birth") or ""), clock.today())

    def known(self, kind: str) -> dict[str, Any]:
        """Read one thing known; empty when nothing is."""
        return self.parts.get(kind, Version()).body


@dataclass(frozen=True)
class Opened:
    """A course, opened to somebody who may read it."""

    course: Course
    parts: dict[str, Version]
    people: list[Person]

    def known(self, kind: str) -> dict[str, Any]:
        """Read one thing known; empty when nothing is."""
        return self.parts.get(kind, Version()).body

    def number(self, kind: str) -> int:
        """Tell which version of a thing one has before one's eyes."""
        return self.parts.get(kind, Version()).number

    def person(self, member: UUID) -> Person | None:
        """Pick one person."""
        return next((each for each in self.people if each.member.pk == member), None)


@dataclass(frozen=True)
class Short:
    """A course in a list: its nickname, since when, and who has it."""

    ident: UUID
    nickname: str
    state: str
    opened_on: date
    scope: str = ""
    until: date | None = None
    with_whom: tuple[str, ...] = ()


def standing(on: date) -> Q:
    """Say which assignments hold on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _held(viewer: Any, course: Course) -> rules.Sight:
    mine = Assignment.objects.filter(standing(clock.today()), course=course, user_id=viewer.pk)
    rows = list(mine.values_list("scope", "own_talks"))
    sight = rules.sight(
        scopes={scope for scope, _own in rows},
        own_talks=any(own for _scope, own in rows),
        glass=people.glass_open(viewer, f"course:{course.pk}"),
        opens=may(viewer, Permission.OPEN_COURSE),
        contacts=may(viewer, Permission.SEE_COURSE_CONTACT),
        arranges=may(viewer, Permission.ARRANGE_COURSES),
    )
    return sight if course.state == "open" else rules.closed(sight)


def get_course(viewer: Any, ident: UUID) -> Held | None:
    """Fetch a course somebody may see anything of, and how much; None when there is none for them."""
    course = Course.objects.filter(pk=ident, state__in=LIVING).first()
    if course is None:
        return None
    sight = _held(viewer, course)
    return Held(course, sight) if sight.any else None


def get_member(viewer: Any, course: UUID, member: UUID) -> tuple[Held, Member] | None:
    """Fetch one person in a course somebody may see; None when there is none for them."""
    held = get_course(viewer, course)
    row = Member.objects.filter(pk=member, course_id=course, erasing=False).first() if held else None
    return (held, row) if held and row else None


def mine(viewer: Any, *, ended: bool = False) -> list[Short]:
    """List the courses somebody has today, newest first: those that run, or those that have ended."""
    if not may(viewer, Permission.OPEN_COURSE):
        return []
    states = ("ended", "handed_over") if ended else ("open",)
    rows = Assignment.objects.filter(standing(clock.today()), user_id=viewer.pk, course__state__in=states)
    rows = rows.filter(scope="course") if ended else rows
    found: dict[UUID, Short] = {}
    for row in rows.select_related("course").order_by("-course__opened_on", "course_id", "scope"):
        course = row.course
        short = Short(course.pk, course.nickname, course.state, course.opened_on, row.scope, row.valid_to)
        found.setdefault(course.pk, short)
    return list(found.values())


def whole(viewer: Any) -> dict[UUID, str]:
    """Name the running courses somebody has today, and not for an evening alone, with their nicknames."""
    return {each.ident: each.nickname for each in mine(viewer) if each.scope == "course"}


def tonight(viewer: Any) -> list[Course]:
    """List the courses somebody stands in for today."""
    if not may(viewer, Permission.OPEN_COURSE):
        return []
    today = Assignment.objects.filter(standing(clock.today()), user_id=viewer.pk, scope="evening")
    return list(Course.objects.filter(assignments__in=today, state="open").order_by("nickname").distinct())


def visible(viewer: Any) -> QuerySet[Course]:
    """Say which courses exist for somebody: all of them for who arranges, else the ones they have today."""
    rows = Course.objects.filter(state__in=LIVING)
    if may(viewer, Permission.ARRANGE_COURSES):
        return rows
    if not may(viewer, Permission.OPEN_COURSE):
        return rows.none()
    today = Assignment.objects.filter(standing(clock.today()), user_id=viewer.pk)
    whole = today.filter(scope="course").values("course_id")
    return rows.filter(Q(pk__in=whole) | Q(pk__in=today.values("course_id"), state="open"))


def _having() -> QuerySet[Assignment]:
    """Say who has a course today: those who work here still and may open it."""
    return Assignment.objects.filter(
        standing(clock.today()), scope="course", user__in=people.colleagues(Permission.OPEN_COURSE)
    )


def had_today() -> QuerySet[Assignment, UUID]:
    """Say which courses somebody has today, as their ids, for a question that asks for the others."""
    return _having().values_list("course", flat=True)


def someone_hears(course: Course) -> bool:
    """Tell whether anybody at work may read what a child says in talks of its own."""
    return _having().filter(course=course, own_talks=True).exists()


def gives_own_talks(viewer: Any, held: Held) -> bool:
    """Tell whether somebody may let another read a child's own talks: who reads them, and who leads when nobody does.

    Whoever has the course without them does not come to them by taking it from who hears them.
    """
    return held.sight.own_talks or (may(viewer, Permission.ARRANGE_COURSES) and not someone_hears(held.course))


def shorts(viewer: Any, idents: Iterable[UUID]) -> list[Short]:
    """Put some courses into lines with who has them, among those that exist for somebody."""
    rows = list(visible(viewer).filter(pk__in=list(idents)[:500]).order_by("-opened_on", "nickname"))
    holding = _having().filter(course__in=[row.pk for row in rows])
    names: dict[UUID, list[str]] = {}
    for course, name in holding.order_by("valid_from").values_list("course_id", "user__first_name"):
        names.setdefault(course, []).append(name)
    return [
        Short(row.pk, row.nickname, row.state, row.opened_on, with_whom=tuple(names.get(row.pk, ()))) for row in rows
    ]


def unassigned(viewer: Any) -> list[Short]:
    """List the courses that run and that nobody has, for who says who has them."""
    if not may(viewer, Permission.ARRANGE_COURSES):
        return []
    held = _having().filter(course=OuterRef("pk"))
    rows = Course.objects.filter(~Exists(held), state="open").order_by("opened_on", "pk")[:PAGE]
    return [Short(row.pk, row.nickname, row.state, row.opened_on) for row in rows]


def assignments(held: Held) -> list[Assignment]:
    """List who has had a course, newest first."""
    rows = Assignment.objects.filter(course=held.course).select_related("user")
    return list(rows.order_by("-valid_from", "user__first_name"))


def of_thread(thread: UUID) -> Course | None:
    """Find the course a family's own conversation belongs to; for a room that already holds the thread."""
    return Course.objects.filter(thread_id=thread, state__in=LIVING).first()


def nicknames(idents: Iterable[str]) -> dict[str, str]:
    """Name the courses that still stand, by id; for the trail, which holds only ids."""
    rows = Course.objects.filter(pk__in=set(idents)).values_list("pk", "nickname")
    return {str(pk): nickname for pk, nickname in rows}


def courses_of(members: Iterable[str]) -> dict[str, str]:
    """Tell which course each person who still stands is in, by id; for the trail, which holds only ids."""
    listed, found = sorted(set(members)), dict[str, str]()
    for at in range(0, len(listed), 5000):
        rows = Member.objects.filter(pk__in=listed[at : at + 5000]).values_list("pk", "course_id")
        found |= {str(pk): str(course) for pk, course in rows}
    return found


def once_held(courses: Iterable[str]) -> list[tuple[str, str, date, date | None]]:
    """Tell who has had which of some courses, by handle and id, from when until when; for reading the trail."""
    listed, found = sorted(set(courses)), list[tuple[str, UUID, date, date | None]]()
    for at in range(0, len(listed), 5000):
        rows = Assignment.objects.filter(course__in=listed[at : at + 5000])
        found += rows.values_list("user__handle", "course_id", "valid_from", "valid_to")
    return [(handle, str(course), since, until) for handle, course, since, until in found]


def running() -> QuerySet[Course]:
    """Say which courses run, for what the keeper does in a round."""
    return Course.objects.filter(state="open")


def professions(course: Course) -> set[str]:
    """Tell which professions have written in a course: their rules say how long it is kept."""
    return set(Note.objects.filter(course=course).values_list("profession", flat=True).distinct())


def quiet_since(day: date) -> list[tuple[Course, frozenset[str]]]:
    """List the courses nobody has written in after a day, each with the professions that wrote; for the endings."""
    quiet = Course.objects.filter(state__in=LIVING, last_entry_on__lte=day).select_related("thread")
    wrote: dict[UUID, set[str]] = {}
    for course, profession in Note.objects.filter(course__in=quiet).values_list("course_id", "profession").distinct():
        wrote.setdefault(course, set()).add(profession)
    return [(course, frozenset(wrote.get(course.pk, ()))) for course in quiet.order_by("last_entry_on", "pk")]


def kept_still(ident: UUID) -> Course | None:
    """Fetch a course that is not being destroyed, and let nobody begin to before the caller's transaction is over."""
    return Course.objects.select_for_update().filter(pk=ident, state__in=LIVING).first()


def by_nickname(nickname: str) -> Course | None:
    """Find a course by what it is called here, however the letters are typed; for who says which record is held."""
    wanted = " ".join(nickname.casefold().split())
    # Asked of Python: not every database knows that "Ø" and "ø" are one letter.
    rows = Course.objects.filter(state__in=LIVING).values_list("pk", "nickname").iterator()
    found = next((pk for pk, name in rows if name.casefold() == wanted), None)
    return Course.objects.filter(pk=found).first() if found else None


def has_own_talks(member: Member) -> bool:
    """Tell whether a child has had talks of its own that somebody wrote about; for who may read them."""
    return Note.objects.filter(member=member, compartment="own_talks").exists()


def rows_of(member: Member) -> tuple[list[Part], list[Note]]:
    """Fetch every sealed row about one person, oldest first, for who holds the person already."""
    parts = Part.objects.filter(member=member).select_related("written_by").order_by("kind", "number")
    notes = Note.objects.filter(member=member).select_related("written_by").order_by("written_at", "id")
    return list(parts), list(notes)


def said_of(members: Iterable[Member], *, kind: str = "person") -> dict[UUID, dict[str, Any]]:
    """Open who some people are (role, called, birth), for a deed that has written down why; nobody who is erased.

    Or another part of each, as it stands now: `kind` is one of `rules.PARTS`.
    """
    there = {each.pk: each for each in members if not each.erasing}
    rows = {row.about: row for row in Part.objects.filter(member__in=there, kind=kind).order_by("number")}
    opened = zip(rows, keyring.open_many(_sealed(there[row.about].key, row) for row in rows.values()), strict=True)
    return {ident: {} for ident in there} | {ident: body for ident, body in opened if body is not None}


def _sealed(key: UUID, row: Part | IdentityCard) -> tuple[UUID, bytes, str]:
    kind = "part" if isinstance(row, Part) else "identity"
    return key, bytes(row.sealed), keyring.place(kind, row.pk, "sealed")


def who_is_who(courses: Iterable[UUID]) -> dict[UUID, str]:
    """Mark, by course, who is who in it: another mark when somebody comes or goes, or a card, a role or custody is."""
    said: dict[UUID, list[str]] = {each: [] for each in courses}
    people = Member.objects.filter(course__in=said, erasing=False)
    for course, *member in people.values_list("course_id", "pk", "position", "card__pk"):
        said[course].append(str(member))
    parts = Part.objects.filter(course__in=said, kind__in=("person", "custody"))
    for course, part in parts.values_list("course_id", "pk"):
        said[course].append(str(part))
    return {each: blake2b("|".join(sorted(row)).encode(), digest_size=8).hexdigest() for each, row in said.items()}


def protected(members: Iterable[Member]) -> set[UUID]:
    """Tell whose address is protected, for a deed that must not say where somebody can be found."""
    rows = list(IdentityCard.objects.filter(member__in=list(members)))
    opened = keyring.open_many(_sealed(row.key, row) for row in rows)
    return {row.member_id for row, body in zip(rows, opened, strict=True) if body and body.get("protected")}


# ---- From a list kept before ----


@dataclass(frozen=True)
class Here:
    """A course that came in from a list, and how many of its rows are still here."""

    course: Course
    rows: int


def here(numbers: Iterable[str]) -> dict[str, Here]:
    """Find the courses that came in from a list, by what they are known by there."""
    found = {each: ident for each, idents in blind.where("import", numbers).items() for ident in idents}
    courses = Course.objects.filter(state__in=LIVING).in_bulk(list(set(found.values())))
    people: dict[UUID, list[UUID]] = {}
    for ident, course in Member.objects.filter(course__in=courses, erasing=False).values_list("pk", "course_id"):
        people.setdefault(course, []).append(rules.moved(ident))
    rows = blind.known(each for idents in people.values() for each in idents)
    return {
        number: Here(courses[ident], sum(each in rows for each in people.get(ident, ())))
        for number, ident in found.items()
        if ident in courses
    }


def rows_here(rows: Iterable[str]) -> set[str]:
    """Tell which rows of a list are people who are here."""
    found = blind.where("import", rows)
    there = Course.objects.filter(pk__in=set().union(*found.values()), state__in=LIVING).values_list("pk", flat=True)
    living = set(there)
    return {row for row, courses in found.items() if courses & living}


def erased_rows(rows: Iterable[str]) -> set[str]:
    """Tell which rows of a list, or numbers in it, were erased here so lately that they must not come back."""
    return blind.retired("import", rows)
