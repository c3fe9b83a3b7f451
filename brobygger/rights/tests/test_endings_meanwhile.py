"""The round ends nothing in which somebody has written, asked or waits, also when they began after it had its list."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from brobygger.casework import notes
from brobygger.casework.models import Course
from brobygger.casework.tests.families import begin
from brobygger.ground import clock
from brobygger.intake.models import Enquiry
from brobygger.rights import endings
from brobygger.rights.models import SubjectRequest
from brobygger.threads.models import Thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(furnished: Any, alma: Any, at: Any) -> Course:
    """A course nobody has written in for five years and a day."""
    at("2021-03-01T10:00")
    course = begin(alma)
    at("2026-03-02T01:00")
    return course


def sweep() -> int:
    return endings.sweep(clock.now())


def test_an_ended_course_stays_until_its_family_has_had_its_answer(old: Course, alma: Any) -> None:
    Course.objects.filter(pk=old.pk).update(state="ended", ended_on=date(2021, 3, 1))
    thread = Thread.objects.create(box=uuid4(), number="0123", key=uuid4(), facts=b"x", counted=True)
    Course.objects.filter(pk=old.pk).update(thread=thread)
    due = {"arrived_at": clock.now(), "due_at": clock.now()}
    Enquiry.objects.create(thread=thread, week="2026-W10", taken_by=alma, **due)

    assert sweep() == 0
    (found,) = endings.coming(on=clock.today(), days=0)
    assert found.why_kept == (str(endings.WAITS),)

    Enquiry.objects.update(arrived_at=None, due_at=None)
    assert sweep() == 1 and not Course.objects.exists()


def _writes(course: Course, alma: Any) -> None:
    notes.write(member=course.members.first(), text="De kom igen.", by=alma, once=uuid4())


def _asks(course: Course, alma: Any) -> None:
    asked = {"kind": "access", "due_on": date(2026, 4, 2), "sealed": b"x"}
    SubjectRequest.objects.create(course=course, member=course.members.first(), **asked)


@pytest.mark.parametrize("does", [_writes, _asks])
def test_what_comes_after_the_list_was_made_is_seen(
    does: Any, old: Course, alma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = endings.coming(on=clock.today(), days=0)
    assert [each.why_kept for each in listed] == [()]
    does(old, alma)
    monkeypatch.setattr(endings, "coming", lambda **_asked: listed)

    assert sweep() == 0
    assert Course.objects.get(pk=old.pk).state == "open"
