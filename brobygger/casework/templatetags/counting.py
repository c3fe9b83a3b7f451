"""The courses of a period as plain values, for who counts them: what is known is opened in batches and stays here.

Nothing of it is shown or kept: a later room adds it up, and only sums leave that room.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from sys import intern
from typing import Any
from uuid import UUID

from django.db.models import Q

from brobygger.access.guards import may
from brobygger.access.roles import Permission
from brobygger.casework import rules
from brobygger.casework.models import Course, Member, Part
from brobygger.casework.queries import LIVING
from brobygger.privacy import keyring

#: What is opened of a course and of the people in it, and what of that is kept to be counted; so many at a time.
KINDS = {
    **{"living": ("with", "municipality"), "problems": ("keys",), "coordination": ("help",), "elements": ("keys",)},
    **{"end": ("reason",), "person": ("role", "birth"), "use": ("uses",)},
}
BATCH = 500


@dataclass(slots=True)
class Counted:
    """One course among those that are counted: its days, the child it is about, who is in it, what is known."""

    ident: UUID
    thread: UUID | None
    opened_on: date
    ended_on: date | None
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: By person: role, birth and use, as they stand now.
    people: dict[UUID, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def child(self) -> UUID | None:
        """The child that was written down first; none when no child is."""
        return next((ident for ident, known in self.people.items() if _role(known) in rules.CHILDREN), None)

    @property
    def age(self) -> int | None:
        """How old that child was when the course began, when the month of birth is known."""
        return self.age_of(self.child)

    def age_of(self, member: UUID | None) -> int | None:
        """Tell how old somebody in it was when it began, when the month of birth is known."""
        known = self.people.get(member, {}) if member else {}
        return rules.age(str(known.get("person", {}).get("birth") or ""), self.opened_on)

    def is_child(self, member: UUID) -> bool:
        """Tell whether somebody in it is a child of the family."""
        return _role(self.people.get(member, {})) in rules.CHILDREN

    @property
    def reason(self) -> str:
        """Why it ended, one of `rules.ENDINGS`; empty while it runs or when nobody wrote it."""
        return str(self.known.get("end", {}).get("reason") or "") if self.ended_on else ""

    @property
    def living(self) -> str:
        """Where the children live, by key; empty when nobody said."""
        return str(self.known.get("living", {}).get("with") or "")

    @property
    def municipality(self) -> str:
        """The code of the municipality they live in; empty when nobody said."""
        return str(self.known.get("living", {}).get("municipality") or "")

    @property
    def helped(self) -> bool:
        """Whether other help is written down: it stands there on a consent."""
        return bool(self.known.get("coordination", {}).get("help"))

    @property
    def uses(self) -> set[tuple[str, str, str]]:
        """Who uses what and when: role, substance, now or past."""
        return {
            (_role(known), str(each.get("substance")), str(each.get("when")))
            for known in self.people.values()
            for each in known.get("use", {}).get("uses", ())
        }


def _role(known: dict[str, dict[str, Any]]) -> str:
    return str(known.get("person", {}).get("role") or "other")


def courses(viewer: Any, first: date, last: date) -> list[Counted]:
    """Open the courses that ran on any day of a period, for who may see counts; in three questions a batch."""
    if not may(viewer, Permission.SEE_NUMBERS):
        return []
    ran = Q(opened_on__lte=last) & (Q(ended_on__isnull=True) | Q(ended_on__gte=first))
    rows = Course.objects.filter(ran, state__in=LIVING).order_by("opened_on", "pk")
    told = rows.values_list("pk", "key", "thread_id", "opened_on", "ended_on").iterator(chunk_size=BATCH)
    found: list[Counted] = []
    same: dict[str, dict[str, Any]] = {}
    while batch := list(islice(told, BATCH)):
        found += _batch(batch, same)
    return found


def _batch(rows: list[Any], same: dict[str, dict[str, Any]]) -> list[Counted]:
    found = {pk: Counted(pk, thread, opened_on, ended_on) for pk, _key, thread, opened_on, ended_on in rows}
    keys = {row[0]: row[1] for row in rows}
    persons = Member.objects.filter(course__in=found, erasing=False).order_by("course_id", "position")
    inside: dict[UUID, UUID] = {}
    for pk, course, key in persons.values_list("pk", "course_id", "key"):
        keys[pk], inside[pk] = key, course
        found[course].people[pk] = {}
    parts = Part.objects.filter(course__in=found, kind__in=list(KINDS)).order_by("number", "pk")
    newest = {(row[0], row[1]): row for row in parts.values_list("about", "kind", "pk", "sealed")}
    listed = [row for row in newest.values() if row[0] in keys]
    opened = keyring.open_many((keys[row[0]], bytes(row[3]), keyring.place("part", row[2], "sealed")) for row in listed)
    for (whose, kind, _pk, _sealed), body in zip(listed, opened, strict=True):
        about = found.get(whose)
        known = {name: body[name] for name in KINDS[kind] if name in body} if body else {}
        # The same few words a thousand times over: each is kept once.
        known = same.setdefault(repr(known), known)
        if about is not None:
            about.known[intern(kind)] = known
        else:
            found[inside[whose]].people[whose][intern(kind)] = known
    return list(found.values())
