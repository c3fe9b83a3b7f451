"""Reading who is asked and what they said: begins with the viewer. What one has no course for does not exist.

What was answered is opened by `services.look`, which writes down who looked; here are days, states and counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import queries as casework
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.groups.templatetags import counting as seats
from brobygger.privacy import keyring

from . import instruments, rules
from .instruments import Instrument
from .models import Licence, Round, Sheet, open_on

State = Round.State
_BATCH = 500
#: And of how many courses the answers are opened together, for a report.
_COURSES = 150


# ---- The house ----


def settings() -> dict[str, Any]:
    """Read how this house asks: windows, how often, quiet hours, and which questions for whom; unfurnished, nobody."""
    try:
        return rules.settings(catalogue.house().measuring)
    except catalogue.NotFurnished:
        return rules.settings({})


def confirmed() -> dict[tuple[str, str], date]:
    """Tell since when somebody has confirmed that we may use which instruments."""
    return {(row.instrument, row.version): row.confirmed_on for row in Licence.objects.all()}


def barred(instrument: Instrument, known: Mapping[tuple[str, str], date] | None = None) -> bool:
    """Tell whether nobody has confirmed yet that we may use an instrument that needs it."""
    return instrument.restricted and instrument.pin not in (confirmed() if known is None else known)


def usable() -> dict[str, Instrument]:
    """Give the newest version of each instrument we may use, by its key."""
    known, found = confirmed(), dict[str, Instrument]()
    for each in sorted(instruments.shelf().values(), key=lambda each: int(each.version)):
        if not barred(each, known):
            found[each.key] = each
    return found


def unknown() -> list[str]:
    """Name what the house's file asks for and may not, or cannot, be used: misspelt, or its licence not confirmed."""
    return sorted({str(each["key"]) for each in settings()["measures"]} - set(usable()))


# ---- Rounds ----


def _rows() -> QuerySet[Round]:
    rows = Round.objects.filter(member__erasing=False, member__course__state__in=casework.LIVING)
    return rows.select_related("member__course__thread", "by")


def get_round(viewer: Any, ident: UUID) -> Round | None:
    """Fetch a round in a course whose content somebody may see; None when there is none for them."""
    row = _rows().filter(pk=ident).first()
    held = casework.get_course(viewer, row.member.course_id) if row else None
    return row if held is not None and held.sight.content else None


def get_sheet(viewer: Any, ident: UUID) -> Sheet | None:
    """Fetch a sheet in a course whose content somebody may see; None when there is none for them."""
    row = Sheet.objects.filter(pk=ident).select_related("round__member__course", "kept_by", "checked_by").first()
    return row if row is not None and get_round(viewer, row.round_id) is not None else None


def rounds_of(viewer: Any, course: UUID) -> list[Round]:
    """List the rounds of a course whose content somebody may see, in the order they are due."""
    held = casework.get_course(viewer, course)
    if held is None or not held.sight.content:
        return []
    return list(_rows().filter(member__course=course).prefetch_related("sheets").order_by("due_on", "id"))


def of_course(course: UUID) -> list[Round]:
    """List the rounds of a course, for a deed that holds it already."""
    return list(_rows().filter(member__course=course))


def questions(row: Round) -> list[Instrument]:
    """Give the questions of a round, in the versions that were pinned; a version that is gone is left out."""
    found = (instruments.get(key, version) for key, version in row.instruments)
    return [each for each in found if each is not None]


def unanswered(row: Round, mode: str = "") -> list[Instrument]:
    """Give the questions of a round nobody has answered yet, as far as they may be answered in a way."""
    there = set(Sheet.objects.filter(round=row).values_list("instrument", flat=True))
    return [each for each in questions(row) if each.key not in there and (not mode or each.may_be_shown(mode))]


def with_token(token: bytes, day: date) -> Round | None:
    """Find the round a link belonged to on a day, for the keeper; None when it was over, used or too old."""
    return _rows().filter(token=token, token_until__gte=day - rules.GRACE).first()


def _mine(viewer: Any) -> QuerySet[Round]:
    """Say which rounds are in courses somebody has today, or that ended while they had them."""
    idents = [
        each.ident for ended in (False, True) for each in casework.mine(viewer, ended=ended) if each.scope != "evening"
    ]
    return _rows().filter(member__course__in=idents)


def due(viewer: Any) -> list[Round]:
    """List the rounds in somebody's courses that may be answered now, the ones that close first on top."""
    today = clock.today()
    return list(_mine(viewer).filter(open_on(today), due_on__lte=today).order_by("closes_on", "id"))


def to_look_at(viewer: Any) -> list[Round]:
    """List the rounds in somebody's courses with an answer somebody should look at, and by when; the first on top."""
    return list(_mine(viewer).filter(low_on__isnull=False, seen_on=None).order_by("look_by", "id"))


def not_looked_at(viewer: Any) -> int:
    """Count what nobody has looked at in its two working days; a count, for who says who has which course."""
    return len(left_lying(viewer))


def left_lying(viewer: Any) -> list[Round]:
    """List the rounds with an answer nobody has looked at in time, or that nobody has the course of, for who says who
    has which: the course's nickname is all they are to read."""
    if not may(viewer, Permission.ARRANGE_COURSES):
        return []
    late = Q(look_by__lt=clock.today()) | ~Q(member__course__in=casework.had_today())
    return list(_rows().filter(late, low_on__isnull=False, seen_on=None).order_by("look_by", "id"))


# ---- Opened sheets ----


def place(ident: UUID) -> str:
    """Name where a sheet is sealed."""
    return keyring.place("sheet", ident, "sealed")


def opened(rows: Iterable[Sheet]) -> Iterator[tuple[Sheet, dict[str, Any]]]:
    """Open sheets, some hundreds at a time, for who has written down why; one whose key is gone is left out."""
    batch: list[Sheet] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _opened(batch)
            batch = []
    yield from _opened(batch)


def _opened(rows: list[Sheet]) -> Iterator[tuple[Sheet, dict[str, Any]]]:
    sealed = [(row.round.member.key, bytes(row.sealed), place(row.pk)) for row in rows]
    for row, body in zip(rows, keyring.open_many(sealed), strict=True):
        if body is not None:
            yield row, body


def sheets_of(member: Any) -> QuerySet[Sheet]:
    """Say which sheets there are about somebody, oldest first, for who holds the person already."""
    rows = Sheet.objects.filter(round__member=member).select_related("round__member", "round__by", "kept_by")
    return rows.order_by("answered_on", "kept_at", "id")


@dataclass(frozen=True)
class Point:
    """One answer on a curve, beside the first of its kind and the last before it: three words that are not the same."""

    sheet: UUID
    on: date
    moment: str
    score: int | None
    mode: str
    since_first: rules.Change | None = None
    since_last: rules.Change | None = None


@dataclass(frozen=True)
class Curve:
    """What one person said of one other, or of themselves, with one instrument in one version, oldest first."""

    instrument: Instrument
    #: Who answered, by the id of the person; none when they are gone.
    by: UUID | None
    points: tuple[Point, ...]

    @property
    def first(self) -> Point | None:
        """The first answer that counts to a number: what the others are compared with."""
        return next((each for each in self.points if each.score is not None), None)


def curves(found: Iterable[tuple[Sheet, dict[str, Any]]]) -> list[Curve]:
    """Put opened sheets of one person into curves; never a parent's beside a child's, nor two versions in one."""
    kinds: dict[tuple[str, str, UUID | None], list[tuple[Sheet, dict[str, Any]]]] = {}
    for row, body in found:
        kinds.setdefault((row.instrument, row.version, row.round.by_id), []).append((row, body))
    made = []
    for (key, version, by), rows in kinds.items():
        instrument = instruments.get(key, version)
        if instrument is not None:
            made.append(Curve(instrument, by, tuple(_points(instrument, rows))))
    return made


def _points(instrument: Instrument, rows: list[tuple[Sheet, dict[str, Any]]]) -> Iterator[Point]:
    first: int | None = None
    last: int | None = None
    for row, body in sorted(rows, key=lambda each: (each[0].answered_on, each[0].kept_at)):
        score = body["score"]
        told = [
            rules.change(before, score, instrument) if before is not None and score is not None else None
            for before in (first, last)
        ]
        yield Point(row.pk, row.answered_on, row.round.moment, score, row.mode, *told)
        first = score if first is None else first
        last = score if score is not None else last


# ---- For the reports: no id goes out ----


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the reports are given it: numbers drawn for this one reading, plain facts, and the count."""

    person: int
    course: int
    #: "self" or "adult"; and "child" or "adult", whom it is about.
    who: str
    about: str
    instrument: str
    version: str
    moment: str
    number: int
    on: date
    #: Days since the course began, and from its end (negative before); none while it runs.
    day: int
    from_end: int | None
    score: int | None
    answers: Mapping[str, int | str]
    mode: str
    age: int | None
    offers: tuple[str, ...] = ()
    began: date = date.min
    ended: date | None = None
    #: The mark `named` gave the one it is about: an evaluator's pseudonym is made of it, a report counts by it.
    known_by: str = ""
    #: Who answered, by number: what two grown-ups said of one child is no pair. None when they are gone.
    by: int | None = None


@dataclass(frozen=True)
class Pair:
    """The first answer in the days of a start and the last in the days of an end: one person, one instrument."""

    start: Answer
    end: Answer
    #: The last one there is at all, six weeks or more after the first.
    last: Answer = field(repr=False)


#: What is read of an answer, in the order `_plain` takes it up.
_TOLD = ("pk", "sealed", "instrument", "version", "answered_on", "mode", "round__moment", "round__number", "round__by",
    "round__member", "round__member__key", "round__member__course", "round__member__course__opened_on",
    "round__member__course__ended_on")  # fmt: skip


def answers(first: date, last: date, *, named: Callable[[UUID], str] | None = None) -> Iterator[Answer]:
    """Give every answer of the courses that ended, or ran, in a period, oldest course first. For the reports alone.

    Opened some hundreds at a time; numbers are given anew at each reading, so that two cannot be laid together.
    """
    ran = Q(member__course__opened_on__lte=last)
    ran &= Q(member__course__ended_on=None) | Q(member__course__ended_on__gte=first)
    rows = Round.objects.filter(ran, member__erasing=False, member__course__state__in=casework.LIVING)
    order = ("opened_on", "pk")
    listed = rows.order_by(*(f"member__course__{each}" for each in order)).distinct()
    courses = listed.values_list(*(f"member__course__{each}" for each in order)).iterator(chunk_size=_BATCH)
    numbers: tuple[dict[Any, int], dict[Any, int]] = ({}, {})
    # Some courses at a time, so that no database sorts what is sealed.
    while batch := [pk for _opened_on, pk in islice(courses, _COURSES)]:
        sheets = Sheet.objects.filter(round__member__course__in=batch, round__member__erasing=False)
        oldest = (
            *(f"round__member__course__{each}" for each in order),
            "round__member_id",
            "answered_on",
            "kept_at",
            "pk",
        )
        yield from _plain(list(sheets.order_by(*oldest).values_list(*_TOLD)), *numbers, named)


def _plain(
    batch: list[Any], people: dict[Any, int], courses: dict[Any, int], named: Callable[[UUID], str] | None
) -> Iterator[Answer]:
    bodies = keyring.open_many((row[10], bytes(row[1]), place(row[0])) for row in batch)
    who: dict[UUID, Any] = {row[9]: _Keyed(row[9], row[10]) for row in batch}
    said, offers = casework.said_of(who.values()), seats.offers_of(who)
    for row, body in zip(batch, bodies, strict=True):
        _pk, _sealed, instrument, version, on, mode, moment, number, by, member, _key, course, began, ended = row
        if body is None:
            continue
        known = said.get(member, {})
        months = rules.months_at(str(known.get("birth") or ""), began)
        # The same few words and answers a thousand times over: each is kept once.
        yield Answer(
            person=people.setdefault(member, len(people) + 1),
            course=courses.setdefault(course, len(courses) + 1),
            who="self" if by == member else "adult",
            about="child" if str(known.get("role")) in rules.CHILDREN else "adult",
            instrument=intern(instrument),
            version=intern(version),
            moment=intern(moment),
            number=number,
            on=_day(on),
            day=(on - began).days,
            from_end=(on - ended).days if ended else None,
            score=body["score"],
            answers=_once(tuple(body["answers"].items())),
            mode=intern(mode),
            age=None if months is None else months // 12,
            offers=offers.get(member, ()),
            began=_day(began),
            ended=_day(ended),
            known_by=named(member) if named else "",
            by=None if by is None else people.setdefault(by, len(people) + 1),
        )


class _Keyed(NamedTuple):
    """Whom an answer is about, as far as opening who they are goes."""

    pk: UUID
    key: UUID
    erasing: bool = False


@lru_cache(maxsize=10_000)
def _day(day: Any) -> Any:
    return day


@lru_cache(maxsize=10_000)
def _once(said: tuple[tuple[str, int | str], ...]) -> Mapping[str, int | str]:
    return dict(said)


def paired(rows: Iterable[Answer], said: Mapping[str, Any] | None = None) -> list[Pair]:
    """Pair answers by the written rule: one course, one who answers, one version; first at the start, last at the end.

    *Start* is the first that counts within the days around the beginning, *end* the last within those around the end.
    """
    said = settings() if said is None else said
    kinds: dict[tuple[Any, ...], list[Answer]] = {}
    for row in rows:
        if row.score is not None:
            kinds.setdefault((row.course, row.person, row.who, row.by, row.instrument, row.version), []).append(row)
    found = []
    for listed in kinds.values():
        listed.sort(key=lambda each: each.on)
        starts = [each for each in listed if said["start_from"] <= each.day <= said["start_to"]]
        ends = [
            each for each in listed if each.from_end is not None and said["end_from"] <= each.from_end <= said["end_to"]
        ]
        if starts and ends and ends[-1] is not starts[0]:
            found.append(Pair(starts[0], ends[-1], listed[-1]))
    return found


def pairs(first: date, last: date) -> list[Pair]:
    """Give the pairs of the courses that ended in a period. For the reports alone."""
    return [each for each in paired(answers(first, last)) if each.end.ended and first <= each.end.ended <= last]
