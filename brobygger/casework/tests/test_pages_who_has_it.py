"""Who has a course, on the pages: given from a day to a day, an evening, taken back; and how it ends and goes on."""

from typing import Any
from uuid import uuid4

import pytest

from brobygger.casework.models import Assignment, Course, Part
from brobygger.casework.tests.test_pages import at, family, words

__all__ = ["family"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_day(at: Any) -> Any:
    at("2026-03-02T09:00")
    return at


def test_a_course_is_given_from_a_day_to_a_day(at_day: Any, family: Course, alma, bo, staff_client) -> None:
    given = {"do": "give", "give-to": "bo", "give-valid_from": "2026-03-04", "give-until": "2026-03-05"}
    assert staff_client(alma).post(at("assignments", family), given | {"give-own_talks": "on"}).status_code == 302
    row = Assignment.objects.get(user=bo)
    assert (row.valid_from.isoformat(), row.valid_to.isoformat(), row.own_talks) == ("2026-03-04", "2026-03-06", True)
    assert staff_client(bo).get(at("course", family)).status_code == 404, "not before the day"
    at_day("2026-03-05T09:00")
    assert staff_client(bo).get(at("course", family)).status_code == 200
    at_day("2026-03-06T09:00")
    assert staff_client(bo).get(at("course", family)).status_code == 404


def test_nobody_gives_what_they_do_not_have(family: Course, alma, bo, finn, clara, staff_client) -> None:
    address = at("assignments", family)
    for who in (finn, clara):
        page = staff_client(who).get(address)
        assert page.status_code == 200 and "give-own_talks" not in page.content.decode()
        sent = {"do": "give", "give-to": "bo", "give-own_talks": "on"}
        assert staff_client(who).post(address, sent).status_code == 302
    assert not Assignment.objects.filter(user=bo, own_talks=True).exists()
    for wrong in ({"give-to": "finn"}, {"give-to": "bo", "give-valid_from": "2020-01-01"}, {}):
        assert staff_client(alma).post(address, {"do": "give"} | wrong).status_code == 422


def test_somebody_stands_in_tonight_with_one_press(family: Course, alma, bo, staff_client) -> None:
    address = at("assignments", family)
    assert staff_client(bo).post(address, {"do": "tonight", "tonight-to": "bo"}).status_code == 404
    assert staff_client(alma).post(address, {"do": "tonight", "tonight-to": "bo"}).status_code == 302
    row = Assignment.objects.get(user=bo)
    assert row.scope == "evening" and (row.valid_to - row.valid_from).days == 1


def test_a_course_is_taken_from_somebody(family: Course, alma, bo, finn, staff_client) -> None:
    row = Assignment.objects.get()
    assert staff_client(bo).post(at("assignments", family), {"do": str(row.pk)}).status_code == 404
    assert staff_client(alma).post(at("assignments", family), {"do": str(uuid4())}).status_code == 422
    assert staff_client(finn).post(at("assignments", family), {"do": str(row.pk)}).status_code == 302
    assert staff_client(alma).get(at("course", family)).status_code == 404


def test_an_ended_course_is_read_and_offers_no_writing(family: Course, alma, bo, clara, staff_client) -> None:
    client = staff_client(alma)
    client.post(at("part", family, kind="living"), {"words": "Hos farmor", "seen": "0"})
    correct = f'"{at("part", family, kind="living")}"'
    assert correct in client.get(at("course", family)).content.decode()
    assert client.post(at("end", family), {"words": "Tak for nu"}).status_code == 422
    assert staff_client(bo).post(at("end", family), {"reason": "completed"}).status_code == 404
    assert (
        client.post(at("end", family), {"reason": "completed", "words": "Tak for nu", "seen": "0"}).status_code == 302
    )

    page = client.get(at("course", family))
    assert "Forløbet sluttede" in words(page) and "Tak for nu" in words(page)
    for gone in (at("end", family), at("add_person", family)):
        assert f'"{gone}"' not in page.content.decode()
    assert correct not in page.content.decode()
    for address in (at("part", family, kind="living"), at("end", family), at("add_person", family)):
        assert client.get(address)["Location"] == at("course", family), "a page left open says that it has ended"
    assert client.post(at("part", family, kind="living"), {"words": "For sent", "seen": "0"}).status_code == 302
    assert Part.objects.filter(kind="living").count() == 1
    assert staff_client(bo).post(at("reopen", family)).status_code == 404
    assert staff_client(clara).post(at("reopen", family)).status_code == 404

    assert client.post(at("reopen", family)).status_code == 302
    assert Course.objects.get().state == "open"
