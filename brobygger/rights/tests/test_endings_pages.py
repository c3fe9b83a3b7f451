"""The leader's page of courses that end: whom it shows to, what stands on it, and holding one back from it."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.casework.tests.families import begin
from brobygger.privacy import queries as audit
from brobygger.rights import endings
from brobygger.rights.models import LegalHold

pytestmark = pytest.mark.django_db
WORDS = "Tilsynet har bedt om journalen, brev af 3. marts."


@pytest.fixture
def course(furnished: Any, hire: Any, at: Any) -> Course:
    """A course whose period is over on the 1st of March 2026, seen in January of that year."""
    at("2021-03-01T10:00")
    by = hire("signe", "therapist", profession="psychologist")
    begun = begin(by)
    courses.end_course(course=begun, reason="completed", words="", seen=0, by=by)
    at("2026-01-10T10:00")
    return Course.objects.get(pk=begun.pk)


@pytest.fixture
def lead(staff_client: Any, clara: Any) -> Any:
    """Clara's browser."""
    return staff_client(clara)


def test_it_is_the_leaders_page_and_nobody_elses(course, staff_client, clara, alma, finn, gro, dan, operator):
    held = endings.hold(course=course, reason="other", words=WORDS, by=clara)
    pages = [
        reverse("rights:endings"),
        reverse("rights:hold_back", args=[course.pk]),
        reverse("rights:hold", args=[held.pk]),
    ]
    assert {staff_client(clara).get(page).status_code for page in pages} == {200}
    for other in (alma, finn, gro, dan, operator):
        client = staff_client(other)
        assert {client.get(page).status_code for page in pages} == {404}
        assert {client.post(page).status_code for page in pages} == {404}
        assert client.post(pages[1], {"reason": "other", "words": WORDS, "once": uuid4()}).status_code == 404
    assert LegalHold.objects.get().lifted_on is None


def test_it_shows_what_ends_by_whose_rule_and_what_is_held_and_why(course, lead, clara):
    page = lead.get(reverse("rights:endings")).content.decode()
    assert course.nickname in page and "2. mar 2026" in page.lower() and "husets egen regel" in page.lower()

    endings.hold(course=course, reason="supervision", words=WORDS, by=clara)
    page = lead.get(reverse("rights:endings")).content.decode()
    assert str(endings.REASONS["supervision"]) in page
    assert WORDS not in page


def test_a_law_looked_up_long_ago_is_marked_in_every_place(course, lead, at):
    assert 'data-state="late"' not in lead.get(reverse("rights:endings")).content.decode()
    at("2027-11-23T10:00")
    page = lead.get(reverse("rights:endings")).content.decode()
    assert page.count('data-state="late"') == 5


def test_a_course_is_found_by_its_nickname_held_back_read_and_lifted(course, lead, clara):
    Course.objects.filter(pk=course.pk).update(nickname="Stærk Ørred")
    found = lead.post(reverse("rights:endings"), {"nickname": "  STÆRK  ørred "})
    assert found.url == reverse("rights:hold_back", args=[course.pk])

    data = {"reason": "supervision", "words": WORDS, "once": str(uuid4())}
    for _twice in range(2):
        assert lead.post(found.url, data).url == reverse("rights:endings")
    held = LegalHold.objects.get()
    assert WORDS in lead.get(reverse("rights:hold", args=[held.pk])).content.decode()

    for _twice in range(2):
        assert lead.post(reverse("rights:hold", args=[held.pk])).status_code == 302
    assert "rights.hold_looked" in [deed for _who, deed in audit.trail(course)]
    assert [deed for _who, deed in audit.trail(course)].count("rights.hold_lifted") == 1
    assert WORDS not in lead.get(found.url).content.decode()


def test_what_is_missing_is_asked_for_and_what_was_typed_is_there(course, lead):
    there = reverse("rights:hold_back", args=[course.pk])
    with translation.override("en"):
        answer = lead.post(there, {"reason": "", "words": "kort nok", "once": str(uuid4())})
    assert answer.status_code == 422
    assert "kort nok" in answer.content.decode() and not LegalHold.objects.exists()

    for nickname in ("", "Findes Ikke", "x" * 61):
        assert lead.post(reverse("rights:endings"), {"nickname": nickname}).status_code == 422


def test_a_course_that_is_gone_cannot_be_held(course, lead):
    there = reverse("rights:hold_back", args=[course.pk])
    Course.objects.filter(pk=course.pk).update(state="erasing")
    assert lead.get(there).status_code == lead.post(there, {}).status_code == 404
    assert lead.get(reverse("rights:hold_back", args=[uuid4()])).status_code == 404
    assert lead.get(reverse("rights:hold", args=[uuid4()])).status_code == 404
    assert lead.post(reverse("rights:hold", args=[uuid4()])).status_code == 404


def test_the_log_of_what_is_destroyed_names_nobody(course, lead, at):
    assert "ABCD-EFGH" in lead.get(reverse("rights:endings")).content.decode()
    ref = courses.erase_course(course=course, why="period", by="keeper")
    page = lead.get(reverse("rights:endings")).content.decode()

    assert ref in page and str(endings.WHY["period"]) in page
    assert course.nickname not in page and str(course.pk) not in page


@pytest.mark.parametrize("before", ["x", "-1", "99999999999999999999", "²", "7"])
def test_any_line_may_be_asked_for(course, lead, before):
    assert lead.get(reverse("rights:endings"), {"before": before}).status_code == 200


def test_older_lines_are_reached(course, lead, monkeypatch):
    monkeypatch.setattr(endings, "SHOWN", 1)
    first = courses.erase_member(member=course.members.first(), why="wish", by="keeper")
    second = courses.erase_course(course=course, why="wish", by="keeper")

    page = lead.get(reverse("rights:endings")).content.decode()
    assert second in page and first not in page and "?before=1#log" in page
    page = lead.get(reverse("rights:endings"), {"before": "1"}).content.decode()
    assert first in page and second not in page and "?before=" not in page
