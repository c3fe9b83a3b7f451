"""Reading about what people ask of us: begins with the viewer. Who neither has the course nor leads sees none.

What is held about a person is opened by `services.look`, which writes down who looked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.consents import queries as consents
from brobygger.consents import rules as agreed
from brobygger.ground import clock
from brobygger.groups.templatetags import boxes
from brobygger.outcomes.templatetags import held as answers
from brobygger.placement.templatetags import why as proposed
from brobygger.privacy import keyring
from brobygger.threads import queries as threads

from . import document, rules
from .models import HandOver, SubjectRequest

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member

OPEN = ("received", "ready")


@dataclass(frozen=True)
class Place:
    """Where somebody stands to a course: has the whole of it today, or leads the house."""

    course: "Course"
    assigned: bool
    leads: bool
    own_talks: bool
    write: bool


@dataclass(frozen=True)
class Row:
    """A request in a list."""

    request: SubjectRequest

    @property
    def open(self) -> bool:
        """Tell whether it waits for an answer."""
        return self.request.state in OPEN

    @property
    def days(self) -> int:
        """How many days are left of the month; less than none when it has gone by."""
        return (self.request.due_on - clock.today()).days

    @property
    def what(self) -> str:
        """What is asked, in words."""
        return str(document.KINDS[self.request.kind])

    @property
    def how_far(self) -> str:
        """How far it has come, in words."""
        waits = self.request.kind != "access" and self.request.state == "received"
        return str(document.WAITS if waits else document.STATES[self.request.state])


@dataclass(frozen=True)
class Asked(Row):
    """A request somebody may see, and what they may do with it."""

    place: Place
    #: They weigh it: the one who may decide what is held back.
    weighs: bool

    @property
    def has_key(self) -> bool:
        """Tell whether it is about who writes with the family's key: their letters go with them."""
        return self.request.member.position == 0 and self.place.course.thread_id is not None


def get_place(viewer: Any, course: UUID) -> Place | None:
    """Tell where somebody stands to a course whose requests they may handle; None when it does not exist for them."""
    if not may(viewer, Permission.HANDLE_RIGHTS):
        return None
    held = casework.get_course(viewer, course)
    if held is None:
        return None
    whole = held.course.assignments.filter(casework.standing(clock.today()), user=viewer, scope="course")
    assigned = may(viewer, Permission.OPEN_COURSE) and whole.exists()
    leads = may(viewer, Permission.ARRANGE_COURSES)
    if not assigned and not leads:
        return None
    return Place(held.course, assigned, leads, assigned and held.sight.own_talks, assigned and held.sight.write)


def get_request(viewer: Any, ident: UUID) -> Asked | None:
    """Fetch a request somebody may handle; None when there is none for them."""
    rows = SubjectRequest.objects.filter(pk=ident, member__erasing=False)
    row = rows.select_related("member__course__thread", "weighs").first()
    place = get_place(viewer, row.course_id) if row else None
    if row is None or place is None:
        return None
    return Asked(row, place, place.assigned and row.weighs_id == viewer.pk)


def said(request: SubjectRequest) -> dict[str, Any]:
    """Open what was said about a request: who asks, by what right, what was decided; for who holds it already."""
    place = keyring.place("subjectrequest", request.pk, "sealed")
    opened: dict[str, Any] = keyring.open_sealed(request.member.key, bytes(request.sealed), context=place)
    return opened


def unsure(request: SubjectRequest) -> bool:
    """Tell whether nobody who knows the people in the course has said yet whom a request is about."""
    return bool(said(request).get("unsure"))


def settled(request: SubjectRequest) -> SubjectRequest:
    """Give a request back when somebody has said whom it is about. Raises `rules.AboutWhom`."""
    if unsure(request):
        raise rules.AboutWhom
    return request


def others_wait(request: SubjectRequest, *, whole: bool) -> bool:
    """Tell whether another request about what would be erased has no answer yet."""
    rows = SubjectRequest.objects.filter(course=request.course_id, state__in=OPEN).exclude(pk=request.pk)
    listed = list(rows.filter(member__erasing=False).select_related("member"))
    # One of which nobody has said yet whom it is about may be about them.
    return any(whole or each.member_id == request.member_id or unsure(each) for each in listed)


def decided(request: SubjectRequest) -> dict[UUID, rules.Decided]:
    """Open what was decided about each thing; one that cannot be opened is as if nobody had decided."""
    rows = list(request.withholdings.all())
    key = request.member.key
    opened = keyring.open_many(
        [(key, bytes(row.sealed), keyring.place("withholding", row.pk, "sealed")) for row in rows]
    )
    return {
        row.item: rules.Decided(
            tuple(body["held"]),
            tuple(body["said"]),
            body["why"],
            body["words"],
            tuple(body.get("reach", ())),
            body.get("whole", ""),
        )
        for row, body in zip(rows, opened, strict=True)
        if body is not None
    }


def of_course(place: Place) -> list[Row]:
    """List what was asked in a course, newest first."""
    rows = SubjectRequest.objects.filter(course=place.course, member__erasing=False).select_related("member", "weighs")
    return [Row(each) for each in rows.order_by("-asked_on", "-id")]


def waiting(viewer: Any, limit: int = 100) -> list[Row]:
    """List what waits for an answer, nearest day first: all of it for who leads, else what waits for this person."""
    if not may(viewer, Permission.HANDLE_RIGHTS):
        return []
    rows = SubjectRequest.objects.filter(state__in=OPEN, course__state__in=casework.LIVING, member__erasing=False)
    if not may(viewer, Permission.ARRANGE_COURSES):
        theirs = [
            each.ident
            for each in (*casework.mine(viewer), *casework.mine(viewer, ended=True))
            if each.scope == "course"
        ]
        rows = rows.filter(Q(weighs=viewer) | Q(weighs=None), course__in=theirs)
    return [Row(each) for each in rows.select_related("course", "weighs").order_by("due_on", "id")[:limit]]


def member(place: Place, ident: str) -> "Member | None":
    """Pick a person in a course by their id; without one the first who was written down. None when there is none."""
    rows = place.course.members.filter(erasing=False).select_related("course__thread")
    return next((each for each in rows if str(each.pk) == ident or not ident), None)


# ---- Who is in a course and where they are reached: read to keep it out of what is handed out ----


def cards(course: "Course") -> dict[UUID, dict[str, Any]]:
    """Open the identity cards of a course, by person."""
    held = [each.card for each in course.members.select_related("card") if hasattr(each, "card")]
    rows = [(row.key, bytes(row.sealed), keyring.place("identity", row.pk, "sealed")) for row in held]
    opened = zip(held, keyring.open_many(rows), strict=True)
    return {row.member_id: body for row, body in opened if body is not None}


def known_as(course: "Course") -> dict[UUID, dict[str, Any]]:
    """Open who each person in a course is in the family, as it was last written down."""
    keys = dict(course.members.values_list("pk", "key"))
    rows = course.parts.filter(kind="person", about__in=keys).order_by("number")
    newest = {row.about: row for row in rows}
    sealed = [(keys[who], bytes(row.sealed), keyring.place("part", row.pk, "sealed")) for who, row in newest.items()]
    opened = zip(newest, keyring.open_many(sealed), strict=True)
    return {who: body for who, body in opened if body is not None}


def names(course: "Course") -> list[str]:
    """Name the people in a course, to keep them out of a line that stays."""
    called = [str(each.get("called") or "") for each in known_as(course).values()]
    return [*called, *(str(each.get("name") or "") for each in cards(course).values())]


def hides(member: "Member", right: str) -> bool:
    """Tell whether where a person is reached stays out of a paper that is handed out by a right."""
    protected = [bool(each.get("protected")) for each in cards(member.course).values()]
    return rules.hidden_address(right=right, protected=protected)


def reach(member: "Member", right: str) -> list[dict[str, Any]]:
    """Open how the others in a course are reached, to keep it out of what is handed out; nobody sees it.

    What the person has in common with them is no secret to the person; to somebody else it is.
    """
    held, course = cards(member.course), member.course
    own = held.pop(member.pk, {})
    # Who has the key has often given a number with it, and no card.
    theirs = member.position == 0 and right in rules.OWN_RIGHT
    others = [*held.values(), *([] if course.thread is None or theirs else [threads.reached(course.thread)])]
    if hides(member, right):
        return [own, *others]
    known = {"known": own.get("address")}
    kept = [
        {name: said for name, said in each.items() if name == "protected" or said != own.get(name)} for each in others
    ]
    return [each | known for each in kept]


def has_own_talks(request: SubjectRequest) -> bool:
    """Tell whether a child has had talks of its own that somebody wrote about; for who may read them."""
    return casework.has_own_talks(request.member)


def who_may_weigh(place: Place) -> list[Any]:
    """Name the therapists who have the whole of a course today."""
    rows = place.course.assignments.filter(casework.standing(clock.today()), scope="course").select_related("user")
    found = {row.user_id: row.user for row in rows if may(row.user, Permission.OPEN_COURSE)}
    return sorted(found.values(), key=lambda person: person.first_name)


@dataclass(frozen=True)
class MustStay:
    """A law that says a record is kept, and until when."""

    law: dict[str, str]
    until: date


def must_stay(course: "Course", member: "Member | None" = None) -> MustStay | None:
    """Find the law that forbids erasing a record today: somebody whose profession has one wrote in it.

    Without a person named it is the whole course. The house's own rule for everybody else forbids nothing.
    """
    wrote = _professions(member) if member else casework.professions(course)
    laws = [period for period in map(catalogue.retention, sorted(wrote)) if period.rule != "default"]
    if not laws:
        return None
    longest = max(laws, key=lambda each: each.years)
    until = agreed.years_on(course.last_entry_on, longest.years)
    return MustStay(longest.law, until) if clock.today() <= until else None


def _professions(member: "Member") -> Iterable[str]:
    return set(member.notes.values_list("profession", flat=True))


def held(course: "Course") -> list[Any]:
    """List why a course must not end now."""
    return list(course.holds.filter(lifted_on=None).order_by("placed_on"))


@dataclass(frozen=True)
class Gone:
    """That a course went to a municipality: when, to whom, under which number, and the mark of the file."""

    on: date
    to: str
    kle: str
    digest: str

    @property
    def today(self) -> bool:
        """Tell whether it was today: then the file can be made once more."""
        return self.on == clock.today()


def handed_on(row: HandOver) -> list[str]:
    """Name the people whose part of a course went to a municipality."""
    place = keyring.place("handover", row.pk, "sealed")
    opened: dict[str, Any] = keyring.open_sealed(row.course.key, bytes(row.sealed), context=place)
    return list(opened["people"])


def gone(place: Place) -> Gone | None:
    """Tell where a course was handed over to; None when it was not."""
    row = getattr(place.course, "handed_over", None)
    return Gone(row.on, document.municipality(row.municipality), row.kle, row.digest) if row else None


def grounds(course: "Course") -> list[Any]:
    """List the yeses to a municipality of a course's family that stand today, and that nobody gave in confidence."""
    given = consents.consents(course.thread) if course.thread else []
    open_ = [each for each in given if each.standing and not each.sentence.confided]
    # "other" is somebody named in words: whoever hands over reads whether it is them.
    return [each for each in open_ if each.sentence.receiver in ("municipality", "other")]


def in_groups(member: "Member", right: str, until: datetime) -> list[document.Entry]:
    """List the seats somebody has or had, when they came, and what they wait for; opened as `services.look` says.

    On which days somebody can be found where is told as their address is: not to whom it is kept from.
    """
    last, held = clock.local(until).date(), [] if hides(member, right) else boxes.everything_about(member)
    whys = [] if hides(member, right) else [each for each in proposed.about(member) if each.on <= last]
    why = _("Why the seat was proposed")
    return [document.Entry("why", each.group, facts=((why, " ".join(each.said)),)) for each in whys] + [
        document.Entry(
            each.kind,
            each.heading or document.day(each.on),
            facts=tuple((label, document.day(said) if isinstance(said, date) else said) for label, said in each.facts),
            words=(document.Field("", each.words),) if each.words else (),
            ident=each.ident if each.words else None,
        )
        for each in held
        if each.on <= last
    ]


def answered(member: "Member", scope: Any) -> list[document.Entry]:
    """List what was answered about somebody, question by question; opened as `services.look` says.

    What a child answered itself is like its own talks: to somebody else it is there only where those are. What a
    grown-up answered about it is looked through before it is handed to anybody.
    """
    last, own, made = clock.local(scope.until).date(), scope.right in rules.OWN_RIGHT, []
    before = _("Before it was set right")
    for each in answers.everything_about(member):
        if each.on > last or (each.own and not own and not scope.own_talks):
            continue
        lines = [*each.said, *((f"{before}: {asked}", said) for asked, said in each.before)]
        theirs = own and each.own
        made.append(
            document.Entry(
                "sheet",
                each.title,
                document.day(each.on),
                facts=tuple(lines) if theirs else (),
                words=() if theirs else tuple(document.Field(*line) for line in lines),
                ident=None if theirs else each.ident,
            )
        )
    return made
