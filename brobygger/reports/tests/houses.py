"""Small invented houses for tests of figures: few enough that every number can be counted by hand in the test."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from brobygger.casework import record
from brobygger.casework.models import Course
from brobygger.casework.tests.families import begin
from brobygger.groups.models import Attendance, Waiting
from brobygger.outcomes.models import Round, Sheet
from brobygger.outcomes.queries import place
from brobygger.privacy import keyring

#: When the figures of 2026 are counted.
JANUARY = "2027-01-11T09:00"


def family(
    by: Any,
    *,
    opened: date,
    ended: date | None = None,
    reason: str = "completed",
    birth: str = "2016-05",
    siblings: Iterable[str] = (),
    **known: dict[str, Any],
) -> Any:
    """Make a course of a mother and one child with its days and what is known; give the child."""
    mother = {"role": "mother", "called": "Mor"}
    others = [{"role": "sibling", "called": "Søskende", "birth": each} for each in siblings]
    course = begin(by, people=[mother, {"role": "child", "called": "Barn", "birth": birth}, *others])
    child, grown = course.members.get(position=1), course.members.get(position=0)
    with transaction.atomic():
        for kind, body in known.items():
            of = grown if kind == "use" else None
            record.part(course, of, kind, body, seen=0, by=by)
        if ended:
            record.part(course, None, "end", {"reason": reason}, seen=0, by=by)
    state = "ended" if ended else "open"
    Course.objects.filter(pk=course.pk).update(opened_on=opened, ended_on=ended, state=state)
    # What the house would ask by itself is left out: a test says what was asked.
    Round.objects.filter(member__course=course).delete()
    course.refresh_from_db()
    child.refresh_from_db()
    return child


def came(member: Any, *meetings: Any) -> None:
    """Let somebody have come to some meetings."""
    Attendance.objects.bulk_create(Attendance(meeting=each, member=member, mark="here") for each in meetings)


def waited(member: Any, since: date, days: int | None, outcome: str = "seated") -> Waiting:
    """Let somebody have waited so many days; None is still."""
    ended = None if days is None else since + timedelta(days=days)
    told = {"offer": "gruppe", "since": since, "sealed": b"", "ended_on": ended}
    return Waiting.objects.create(member=member, outcome=outcome if ended else "", **told)


def asked(member: Any, on: date, moment: str, score: int | None = None, **more: Any) -> Round:
    """Let somebody have been asked by WHO-5; with a count they answered, without one they did not."""
    instrument = more.pop("instrument", "who5")
    told = {"by": member, "moment": moment, "due_on": on, "opens_on": on, "closes_on": on + timedelta(days=28)}
    state = {"state": "missed" if score is None else "done", "instruments": [[instrument, "1"]]}
    row = Round.objects.create(member=member, **{**told, **state, **more})
    if score is not None:
        answered(row, on, score, instrument)
    return row


def answered(row: Round, on: date, score: int | None, instrument: str = "who5", **answers: Any) -> Sheet:
    """Put an answer into a round."""
    sheet = Sheet(id=uuid4(), round=row, instrument=instrument, version="1", answered_on=on, mode="tablet")
    said = {"answers": answers, "score": score, "language": "da", "corrections": []}
    sheet.sealed = keyring.seal(row.member.key, said, context=place(sheet.pk))
    sheet.save(force_insert=True)
    return sheet


def moment(on: date, hour: int = 12) -> datetime:
    """Give a moment of a day."""
    from brobygger.ground import clock

    return datetime(on.year, on.month, on.day, hour, tzinfo=clock.TZ)
