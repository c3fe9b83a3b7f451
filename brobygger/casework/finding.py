"""Finding a course: by nickname, box number, tag and day, and named people by name or number, through digests alone."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from brobygger.access.guards import may, require
from brobygger.access.roles import Permission
from brobygger.ground import clock
from brobygger.privacy import blind
from brobygger.privacy import services as audit

from . import queries, rules
from .models import Assignment, Course

#: What one may look for. By name or number only who reads courses or arranges talks; by tag only who reads them.
KINDS = ("nickname", "name", "phone", "box", "tag", "day")
PERSONAL = ("name", "phone")
WRITTEN = ("tag",)
MOST = 50


@dataclass(frozen=True)
class Found:
    """What was found, and whether there is more than is shown."""

    rows: list[queries.Short]
    more: bool = False


def kinds(viewer: Any) -> tuple[str, ...]:
    """Say by what somebody may look."""
    reads = may(viewer, Permission.OPEN_COURSE)
    personal = reads or may(viewer, Permission.SEE_COURSE_CONTACT)
    barred = (() if personal else PERSONAL) + (() if reads else WRITTEN)
    return tuple(kind for kind in KINDS if kind not in barred)


def look_for(*, kind: str, text: str, by: Any) -> Found:
    """Find courses among those that exist for somebody, and write down that they looked and what they found.

    The word itself is written down nowhere. Raises `NotAllowed`, and `ValueError` for a kind they may not look by.
    """
    require(by, Permission.FIND_COURSES)
    if kind not in kinds(by):
        raise ValueError(kind)
    idents = _idents(kind, text.strip(), among=_among(kind, by))
    rows = queries.shorts(by, idents[:MOST])
    with transaction.atomic():
        audit.record(by=by, action="casework.searched", about=f"search:{kind}")
        audit.record_many(by=by, action="casework.found", about=[f"course:{row.ident}" for row in rows], reason=kind)
    return Found(rows, len(idents) > MOST)


def _among(kind: str, viewer: Any) -> list[UUID] | None:
    """Name the courses somebody may look among, or None for all: a hit must not tell more than they may see."""
    if kind not in WRITTEN:
        everywhere = Permission.SEE_COURSE_CONTACT if kind in PERSONAL else Permission.ARRANGE_COURSES
        if may(viewer, everywhere):
            return None
    rows = Assignment.objects.filter(queries.standing(clock.today()), user_id=viewer.pk)
    if kind in PERSONAL + WRITTEN:
        rows = rows.filter(scope="course")
    return list(rows.values_list("course_id", flat=True).distinct())


def _idents(kind: str, text: str, among: list[UUID] | None) -> list[UUID]:
    """Name the courses a word finds: at most one more than is shown."""
    if kind in ("box", "day"):
        return _in_clear(kind, text, among)
    return blind.find(_entries(kind, text), among=among, limit=MOST + 1)


def _in_clear(kind: str, text: str, among: list[UUID] | None) -> list[UUID]:
    """Name the courses with a box number, or begun on a day: what stands in clear anyway."""
    rows = Course.objects.filter(state__in=queries.LIVING)
    if kind == "box":
        number = rules.box_number(text)
        if not number:
            return []
        rows = rows.filter(thread__number=number, thread__ending="")
    else:
        try:
            rows = rows.filter(opened_on=date.fromisoformat(text))
        except ValueError:
            return []
    rows = rows if among is None else rows.filter(pk__in=among)
    return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])


def _entries(kind: str, text: str) -> list[blind.Entry]:
    """Say which digests a course must have to be found. Two words of a name are one digest, so that no list is long."""
    if kind == "phone":
        number = rules.digits(text)
        return [("phone", number)] if number else []
    if kind == "tag":
        return [("tag", text)] if text else []
    said = rules.nick_words(text) if kind == "nickname" else rules.words(text)
    return [(kind, word) for word in (rules.pairs(said) if len(said) > 1 else said)]
