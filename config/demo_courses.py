"""Families with a course in the demo's house: begun, written about, one of them for somebody who stands in tonight."""

import random
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from brobygger.access import queries as people
from brobygger.casework import record
from brobygger.casework import services as casework
from brobygger.casework.models import Course, Note
from brobygger.catalogue import queries as catalogue
from brobygger.ground import clock
from brobygger.privacy import keyring

from .demo_measures import Levels, answer, on
from .invented_courses import COURSES


def fill() -> None:
    """Begin the invented courses, each with its therapist."""
    dice = random.Random(2026)
    for each in COURSES:
        worker = people.person(each["with"])
        agreed = {"how": each["how"], "text": "", "words": ""}
        with on(clock.today() - timedelta(days=each["began"])):
            course = casework.open_course(people=each["people"], agreed=agreed, worker=worker, by=worker, once=uuid4())
            answer(course, "start", Levels(dice, at=54), worker, dice, looker=worker, chance=100)
        _known(course, each, worker)
        _stood_in(course, each, worker)
        if each.get("ended"):
            casework.end_course(course=course, reason=each["ended"], words="", seen=0, by=worker)


def _known(course: Course, each: dict[str, Any], worker: Any) -> None:
    """Write what is known of a family, and what somebody wrote."""
    offers = {offer.key for offer in catalogue.offers()}
    for kind, body in each["parts"].items():
        if kind == "offers":
            body = {"offers": [one for one in body["offers"] if one["key"] in offers]}
        record.write_part(course=course, kind=kind, body=body, seen=0, by=worker)
    members = list(course.members.all())
    for position, parts in each["persons"].items():
        for kind, body in parts.items():
            record.write_part(course=course, member=members[position], kind=kind, body=body, seen=0, by=worker)
    for position, ago, text in each["notes"]:
        member, ident = members[position], uuid4()
        body = {"text": text, "by": worker.first_name, "title": worker.title}
        # With the day it was written: a deed writes with today's, and the database lets nobody change it after.
        Note.objects.create(
            id=ident, course=course, member=member, written_by_id=worker.pk, profession=worker.profession,
            sealed=keyring.seal(member.key, body, context=record.place("note", ident)), written_at=_noon(ago),
        )  # fmt: skip


def _stood_in(course: Course, each: dict[str, Any], worker: Any) -> None:
    """Let a colleague stand in tonight."""
    if each.get("tonight"):
        casework.assign(course=course, to=people.person(each["tonight"]), scope="evening", by=worker)


def _noon(ago: int) -> datetime:
    return datetime.combine(clock.today() - timedelta(days=ago), time(12), tzinfo=clock.TZ)
