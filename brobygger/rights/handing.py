"""Handing a course over to a municipality's own record system: a bundle that is made, given once, and kept nowhere.

A zip with `record.pdf` and `metadata.json`; what they hold is written in docs/papers.md. The same course gives the same
bytes, so that the digest on our row recognises what the municipality has, and a broken download can be made anew.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brobygger.access.guards import NotAllowed
from brobygger.casework import notes, record
from brobygger.casework import services as courses
from brobygger.catalogue import queries as catalogue
from brobygger.consents import services as consents
from brobygger.ground import clock
from brobygger.ground.rules import pick
from brobygger.privacy import keyring
from brobygger.privacy import services as audit

from . import document, gathering, queries, rules
from .document import Paper, Section
from .models import HandOver

if TYPE_CHECKING:
    from brobygger.casework.models import Course, Member

#: What may go along, and in which section of the paper it stands.
PARTS = ("person", "course", "notes", "own_talks")


@dataclass(frozen=True)
class Bundle:
    """What is given to a municipality, whole, in memory."""

    name: str
    data: bytes
    digest: str


@dataclass(frozen=True)
class Going:
    """What somebody decided to hand over: to whom, under which number, on what ground, about whom, and which parts."""

    municipality: str
    kle: str
    people: tuple[UUID, ...]
    parts: tuple[str, ...]
    consent: UUID | None = None
    law: str = ""


def hand_over(*, course: "Course", going: Going, seen: int, by: Any, once: UUID) -> Bundle:
    """Make the bundle, write down where the course went and on what ground, and close it. Given once, kept nowhere.

    Raises `rules.NoGround`, `NotAllowed`, and as `casework.services.close_handed_over`.
    """
    place = queries.get_place(by, course.pk)
    if place is None or not place.assigned or ("own_talks" in going.parts and not place.own_talks):
        raise NotAllowed("open_course")
    record.may_write(course, by)
    consent = next((each.consent for each in queries.grounds(course) if each.consent.pk == going.consent), None)
    if consent is None and (going.consent is not None or len(going.law.strip()) < 5):
        raise rules.NoGround
    members = [each for each in course.members.filter(erasing=False) if each.pk in going.people]
    if not members or not set(going.parts) <= set(PARTS) or going.kle not in _numbers():
        raise ValueError("a handing over has people, parts and a number")
    with transaction.atomic():
        # Held first: a colleague's last words go along, or are refused.
        record.held_open(course.pk)
        now = clock.now()
        bundle = _bundle(course, members, going, now)
        ground = {"consent": str(going.consent or ""), "law": going.law, "by": by.handle, "at": now.isoformat()}
        ground["language"] = get_language() or "da"
        ground |= {"people": [str(each.pk) for each in members], "parts": list(going.parts)}
        row = HandOver(id=once, course=course, municipality=going.municipality, kle=going.kle, digest=bundle.digest)
        row.sealed = keyring.seal(course.key, ground, context=keyring.place("handover", row.pk, "sealed"))
        row.save(force_insert=True)
        if consent is not None:
            consents.disclose(consent=consent, what="record", by=by)
        for member in members:
            _note(member, going, by=by, once=uuid5(once, str(member.pk)))
            audit.record(by=by, action="rights.handed_over", about=member, reason=going.kle)
        courses.close_handed_over(course=course, words=document.municipality(going.municipality), seen=seen, by=by)
    return bundle


def once_more(*, course: "Course", by: Any) -> Bundle | None:
    """Make the same bundle anew, on the same day and for the same person: a download may break.

    None when it is another day or person, or when it would not be the very same any more.
    """
    place, row = queries.get_place(by, course.pk), HandOver.objects.filter(course=course).first()
    if place is None or not place.assigned or row is None or row.on != clock.today():
        return None
    held = keyring.open_sealed(course.key, bytes(row.sealed), context=keyring.place("handover", row.pk, "sealed"))
    if held["by"] != by.handle:
        return None
    consent = UUID(held["consent"]) if held["consent"] else None
    people = tuple(UUID(each) for each in held["people"])
    going = Going(row.municipality, row.kle, people, tuple(held["parts"]), consent, held["law"])
    members = [each for each in course.members.all() if each.pk in people]
    with translation.override(held["language"]):
        bundle = _bundle(course, members, going, datetime.fromisoformat(held["at"]))
    if bundle.digest != row.digest:
        return None
    with transaction.atomic():
        audit.record(by=by, action="rights.handed_over_again", about=course, reason=row.kle)
    return bundle


def _numbers() -> set[str]:
    return {row.number for row in catalogue.kle()}


def _note(member: "Member", going: Going, *, by: Any, once: UUID) -> None:
    """Note in the person's record what went to whom, what for and on what ground (psychologists' rules, § 4)."""
    text = _("Handed over to %(receiver)s under %(kle)s, on this ground: %(ground)s.") % {
        "receiver": document.municipality(going.municipality),
        "kle": going.kle,
        "ground": going.law or _("the family's consent"),
    }
    notes.write(member=member, text=text, by=by, once=once)


def _bundle(course: "Course", members: Iterable["Member"], going: Going, now: datetime) -> Bundle:
    people = list(members)
    made = _paper(people, going, now)
    paper = document.pdf(made)
    told = {
        "format": rules.BUNDLE_SHAPE,
        "sender": made.house,
        "receiver": {"code": going.municipality, "name": document.municipality(going.municipality)},
        "kle": going.kle,
        "ground": {"kind": "consent" if going.consent else "law", "law": going.law},
        "opened_on": course.opened_on.isoformat(),
        "handed_over_on": clock.local(now).date().isoformat(),
        "people": len(people),
        "parts": [part for part in PARTS if part in going.parts],
        "files": [{"name": "record.pdf", "type": "application/pdf", "sha256": hashlib.sha256(paper).hexdigest()}],
    }
    held = BytesIO()
    day = clock.local(now).date()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in {
            "record.pdf": paper,
            "metadata.json": json.dumps(told, ensure_ascii=False, indent=2).encode(),
        }.items():
            file.writestr(_entry(name, day), data)
    whole = held.getvalue()
    return Bundle(f"{going.kle}-{day.isoformat()}.zip", whole, hashlib.sha256(whole).hexdigest())


def _entry(name: str, day: date) -> zipfile.ZipInfo:
    """Name a file in the bundle, dated with the day alone: the same content gives the same bytes."""
    entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _paper(members: list["Member"], going: Going, now: datetime) -> Paper:
    """Put together what goes along, person by person. A protected address goes to nobody but its owner."""
    language = get_language() or "da"
    house = pick(catalogue.house().name, language)
    found: list[Section] = []
    for number, member in enumerate(members):
        # Up to this moment and not with it: what the handing over itself writes is not in it, now or made anew.
        until = now - timedelta.resolution
        scope = gathering.Scope(until=until, right=rules.AUTHORITY, own_talks="own_talks" in going.parts)
        wanted = {part for part in going.parts if part != "own_talks"} - ({"course"} if number else set())
        wanted |= {"notes"} if "own_talks" in going.parts else set()
        for section in gathering.sections(member, scope):
            if section.key not in wanted:
                continue
            entries = [each for each in section.entries if "notes" in going.parts or each.kind != "record"]
            kept = gathering.without_secrets(member, scope, entries)
            heading = section.heading if section.key == "course" else f"{number + 1}. {section.heading}"
            found += [Section(section.key, heading, "", tuple(kept))] if kept else []
    opening = (
        _("Handed over by %(house)s to %(receiver)s on %(day)s.")
        % {
            "house": house,
            "receiver": document.municipality(going.municipality),
            "day": document.day(clock.local(now).date()),
        },
        _("Number in the record plan (KLE): %(kle)s.") % {"kle": going.kle},
    )
    return Paper(_("A course that is handed over"), house, now, language, opening, tuple(found))
