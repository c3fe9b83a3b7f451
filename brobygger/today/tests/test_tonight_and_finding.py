"""The evening somebody stands in for: what it needs, today alone. And finding a course without leaving the word."""

from typing import Any

import pytest
from django.urls import reverse

from brobygger.casework import notes, record, services
from brobygger.casework.models import Course
from brobygger.casework.tests.families import CHILD, begin
from brobygger.ground import clock
from brobygger.privacy import queries as privacy
from brobygger.privacy.models import AuditEntry
from brobygger.today import rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(furnished: Any, alma: Any, at: Any) -> Course:
    """A family on a Tuesday, with what an evening needs and what it does not."""
    at("2026-11-24T15:00")
    course = begin(alma)
    liv, mette = course.members.get(position=2), course.members.get(position=0)
    care = {"allergies": "Nødder", "remember": "Har tabt en tand"}
    record.write_part(course=course, member=liv, kind="care", body=care, seen=0, by=alma)
    contact = {"channel": "phone", "when": "afternoon", "words": "Ring aldrig om aftenen"}
    record.write_part(course=course, member=mette, kind="contact", body=contact, seen=0, by=alma)
    record.write_part(course=course, kind="living", body={"with": "mother", "words": "Flyttede i maj"}, seen=0, by=alma)
    uses = {"uses": [{"substance": "alcohol", "when": "now"}]}
    record.write_part(course=course, member=mette, kind="use", body=uses, seen=0, by=alma)
    notes.write(member=liv, text="Et notat om Liv", by=alma, once=liv.pk)
    return course


def evening(client: Any) -> str:
    """The page somebody who stands in opens on the way."""
    answer = client.get(reverse("today:tonight"))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_stand_in_sees_what_the_evening_needs_and_nothing_else(
    course: Course, alma: Any, bo: Any, staff_client: Any
) -> None:
    services.assign(course=course, to=bo, by=alma, scope="evening")
    said = evening(staff_client(bo))

    for needed in (course.nickname, "Liv", "8 år", "Nødder", "Har tabt en tand", "Mette", "Ring aldrig om aftenen"):
        assert needed in said, needed
    for kept in ("Et notat om Liv", "Flyttede i maj", "lkohol", "Hansen", "24 23 03 00", "Vi skriver ned"):
        assert kept not in said, kept
    assert ("bo", "casework.evening_looked") in privacy.trail(course)
    assert ("bo", "casework.looked") not in privacy.trail(course)


def test_tomorrow_it_is_gone(course: Course, alma: Any, bo: Any, staff_client: Any, at: Any) -> None:
    services.assign(course=course, to=bo, by=alma, scope="evening")
    at("2026-11-24T23:59")
    assert "Liv" in evening(staff_client(bo))
    at("2026-11-25T00:00")
    said = evening(staff_client(bo))

    assert "Liv" not in said and course.nickname not in said and "ikke vikar for nogen" in said


def test_my_day_leads_there_when_there_is_something(course: Course, alma: Any, bo: Any, staff_client: Any) -> None:
    link = reverse("today:tonight")
    assert link not in staff_client(bo).get(reverse("today:day")).content.decode()

    services.assign(course=course, to=bo, by=alma, scope="evening")
    said = staff_client(bo).get(reverse("today:day")).content.decode()

    assert link in said and f"I aften er du vikar for {course.nickname}" in said
    assert link not in staff_client(alma).get(reverse("today:day")).content.decode(), (
        "she has it, and needs no page of it"
    )
    assert ("bo", "casework.evening_looked") not in privacy.trail(course), "a nickname is no look"


def test_an_evening_is_for_who_stands_in_alone(
    course: Course, alma: Any, bo: Any, finn: Any, clara: Any, dan: Any, gro: Any, staff_client: Any
) -> None:
    services.assign(course=course, to=bo, by=finn, scope="evening")

    for person in (finn, clara, dan, gro):
        assert staff_client(person).get(reverse("today:tonight")).status_code == 404
    assert "Liv" not in evening(staff_client(alma))


# ---- Finding ----


def search(client: Any, kind: str, text: str, **more: Any) -> Any:
    """Look for something."""
    return client.post(reverse("today:find"), {"kind": kind, "text": text}, **more)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("name", "mette aagaard"),
        ("name", "Ågård"),
        ("phone", "+45 24 23 03 00"),
        ("day", "24.11.2026"),
        ("day", "24/11"),
    ],
)
def test_a_course_is_found_by_who_has_it_and_the_word_is_kept_nowhere(
    course: Course, alma: Any, staff_client: Any, kind: str, text: str
) -> None:
    answer = search(staff_client(alma), kind, text)
    said = answer.content.decode()

    assert course.nickname in said and "Alma har det" in said
    assert reverse("casework:course", kwargs={"course": course.pk}) in said
    assert {entry.about for entry in AuditEntry.objects.filter(action="casework.searched")} == {f"search:{kind}"}
    found = AuditEntry.objects.filter(action="casework.found", about=f"course:{course.pk}")
    assert [(entry.by, entry.reason) for entry in found] == [("alma", kind)]
    assert not [entry for entry in AuditEntry.objects.all() if text.lower() in f"{entry.about}{entry.reason}".lower()]


def test_nickname_and_mark_are_found_and_a_mark_is_said_as_it_is_called(
    course: Course, alma: Any, staff_client: Any
) -> None:
    from brobygger.catalogue import queries as catalogue

    mark = catalogue.tags()[0]
    record.write_part(course=course, kind="tags", body={"tags": [mark.key]}, seen=0, by=alma)
    client = staff_client(alma)

    assert course.nickname in search(client, "nickname", course.nickname.split()[0]).content.decode()
    assert course.nickname in search(client, "tag", mark.label["da"].upper()).content.decode()
    wrong = search(client, "tag", "findes ikke")
    assert wrong.status_code == 422 and mark.label["da"] in wrong.content.decode()


def test_a_colleagues_course_is_not_found_and_the_leader_finds_no_names(
    course: Course, alma: Any, bo: Any, finn: Any, clara: Any, dan: Any, gro: Any, staff_client: Any
) -> None:
    not_found = search(staff_client(bo), "name", "Mette").content.decode()
    assert course.nickname not in not_found and "ingen af dine forløb" in not_found
    assert course.nickname in search(staff_client(finn), "name", "Jens Hansen").content.decode()
    assert course.nickname in search(staff_client(clara), "day", "24.11.2026").content.decode()
    assert search(staff_client(clara), "name", "Mette").status_code == 422
    for person in (dan, gro):
        assert search(staff_client(person), "nickname", "x").status_code == 404
        assert staff_client(person).get(reverse("today:find")).status_code == 404
    assert not AuditEntry.objects.filter(action="casework.searched", by__in=("dan", "gro")).exists()


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("name", "", "Skriv, hvad du søger"),
        ("name", "x 3", "mindst to bogstaver"),
        ("phone", "24", "hele nummeret"),
        ("box", "X4", "fire tegn"),
        ("day", "31.2.2026", "22.11.2026"),
        ("day", "i går", "22.11.2026"),
        ("nickname", "…", "kælenavnet"),
        ("name", "Mette\0", "tegn"),
        ("moon", "Mette", ""),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_stays_in_the_box(
    course: Course, alma: Any, staff_client: Any, kind: str, text: str, said: str
) -> None:
    answer = search(staff_client(alma), kind, text)

    assert answer.status_code == 422 and said in answer.content.decode()
    assert not AuditEntry.objects.filter(action="casework.searched").exists()


def test_nothing_stands_in_the_address_and_a_visit_looks_for_nothing(
    course: Course, alma: Any, staff_client: Any
) -> None:
    client = staff_client(alma)

    said = client.get(reverse("today:find"), {"kind": "name", "text": "Mette"}).content.decode()
    assert 'method="post"' in said and 'value="Mette"' not in said and course.nickname not in said
    assert "De forløb, du har, kan findes her" in said
    part = search(client, "name", "Mette", headers={"HX-Request": "true"}).content.decode()
    assert course.nickname in part and "<html" not in part


def test_more_than_fifty_ask_for_another_word(furnished: Any, alma: Any, staff_client: Any, at: Any) -> None:
    at("2026-11-24T15:00")
    for _each in range(51):
        begin(alma, people=[CHILD])

    answer = search(staff_client(alma), "name", "Liv")
    assert "Flere end 50 forløb: Skriv et ord mere" in answer.content.decode()
    assert len(answer.context["found"].rows) == 50


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", "2026-11-22"),
        ("22.11.2026", "2026-11-22"),
        ("22/11-26", "2026-11-22"),
        ("1. 2", "2026-02-01"),
        ("24/12", "2025-12-24"),
        ("29/2", None),
        ("99.99.9999", None),
        ("i dag", None),
        ("1 2 3 4", None),
        ("29.2.2024", "2024-02-29"),
        ("0.0.0", None),
        ("1.1.99999999999", None),
    ],
)
def test_a_day_is_read_as_it_is_typed(text: str, day: str | None, at: Any) -> None:
    at("2026-11-24T15:00")
    found = rules.typed_day(text, clock.today())
    assert (found.isoformat() if found else None) == day
