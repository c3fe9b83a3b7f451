"""An evening told of on another day: what it still opens, whom it still writes of, and who may still send it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework import record, services
from brobygger.casework.models import Course
from brobygger.groups import evening, queries
from brobygger.groups.models import Attendance, Leader, Meeting, Seat
from brobygger.groups.templatetags import evenings

from . import rows
from .sitting import ABSENT, HERE, SAID_NO, hold, marks
from .test_evening_pages import page, sheet

pytestmark = pytest.mark.django_db


def leave(member: UUID, on: date) -> None:
    """Let somebody have left."""
    Seat.objects.filter(member=member).update(state="left", chair=None, ended_on=on, reason="moved")


def knows(member: UUID, by: Any) -> None:
    """Write down what an evening must know of somebody."""
    child = Seat.objects.get(member=member).member
    for kind, body in (("care", {"allergies": "Nødder"}), ("contact", {"channel": "sms", "words": "Skriv kun."})):
        record.write_part(course=child.course, member=child, kind=kind, body=body, seen=0, by=by)


# ---- What is opened ----


def test_of_who_has_left_an_evening_that_is_over_opens_the_name_alone(
    first: Meeting, three: list[UUID], alma: Any, at: Any
) -> None:
    for member in three[:2]:
        knows(member, alma)
    hold(first, alma, {three[0]: HERE, three[1]: HERE})
    leave(three[0], date(2026, 11, 11))
    assert [set(each.person.parts) for each in evening.look_at_meeting(meeting=first, by=alma).guests][:2] == [
        {"person", "care", "contact"},
        {"person", "care", "contact"},
    ], "tonight a child who came may not be given nuts, whatever the family pressed"
    at("2027-11-11T12:00")
    gone, sits = evening.look_at_meeting(meeting=first, by=alma).guests[:2]
    assert (gone.name, gone.mark, set(gone.person.parts)) == ("Asta", HERE, {"person"})
    assert set(sits.person.parts) == {"person", "care", "contact"}


def test_the_grown_up_who_came_along_is_a_name_too(first: Meeting, alma: Any, at: Any) -> None:
    baby = rows.child(alma, "Asta")
    mother = baby.course.members.get(position=0)
    record.write_part(course=baby.course, member=mother, kind="contact", body={"words": "Skriv kun."}, seen=0, by=alma)
    rows.seat(first.group, baby, beside=mother)
    hold(first, alma, {baby.pk: HERE})
    leave(baby.pk, date(2026, 11, 12))
    at("2026-11-20T12:00")
    opened = record.look_at_guests(members=[baby.pk, mother.pk], named=[baby.pk, mother.pk], by=alma)
    assert set(opened[mother.pk].parts) == {"person"}
    (guest,) = evening.look_at_meeting(meeting=first, by=alma).guests
    assert guest.beside == "Astas mor"


# ---- Whom it is written of ----


def test_who_left_before_the_evening_is_nobody_there(first: Meeting, three: list[UUID], alma: Any) -> None:
    leave(three[0], date(2026, 11, 1))
    hold(first, alma, {three[0]: HERE, three[1]: HERE})
    assert marks(first) == {three[1]: HERE}


def test_who_begins_later_is_nobody_there_yet(first: Meeting, three: list[UUID], alma: Any) -> None:
    Seat.objects.filter(member=three[0]).update(starts_with=rows.meeting(first.group, 2))
    hold(first, alma, {three[0]: ABSENT, three[1]: HERE})
    assert marks(first) == {three[1]: HERE}


def test_who_left_that_very_day_was_there(first: Meeting, three: list[UUID], alma: Any) -> None:
    leave(three[0], date(2026, 11, 11))
    hold(first, alma, {three[0]: HERE, three[1]: HERE})
    assert marks(first) == {three[0]: HERE, three[1]: HERE}


def test_a_course_that_has_ended_is_not_written_in_from_an_old_page(
    first: Meeting, three: list[UUID], alma: Any, at: Any
) -> None:
    course = Seat.objects.get(member=three[0]).member.course
    services.end_course(course=course, reason="moved", words="", seen=0, by=alma)
    Course.objects.filter(pk=course.pk).update(last_entry_on=date(2026, 11, 11))
    at("2026-11-14T09:00")
    hold(first, alma, {three[0]: HERE, three[1]: HERE})
    assert marks(first) == {three[1]: HERE}
    assert Course.objects.get(pk=course.pk).last_entry_on == date(2026, 11, 11), "its period does not begin again"


# ---- What a correction leaves as it was ----


def test_a_correction_makes_no_word_beforehand_of_what_was_said_that_evening(
    first: Meeting, three: list[UUID], alma: Any, at: Any
) -> None:
    Attendance.objects.create(meeting=first, member_id=three[2], mark=SAID_NO)
    at("2026-11-11T17:00")
    hold(first, alma, {three[0]: SAID_NO, three[1]: ABSENT})
    at("2026-11-12T09:00")
    seen = evening.look_at_meeting(meeting=first, by=alma).said
    hold(first, alma, {three[0]: SAID_NO, three[1]: HERE}, seen=seen)
    after = evening.look_at_meeting(meeting=first, by=alma)
    assert [each.said_no for each in after.guests] == [False, False, True]
    assert after.meeting.corrected_at > after.meeting.held_at == first.starts_at + timedelta(hours=2)


def test_a_correction_leaves_an_element_the_house_has_let_go_of(
    first: Meeting, three: list[UUID], alma: Any, staff_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(first, alma, {three[0]: HERE, three[1]: HERE, three[2]: HERE}, elements=["leg", "tryghed"])
    left = [each for each in evenings.catalogue.elements() if each.key != "leg"]
    monkeypatch.setattr(evenings.catalogue, "elements", lambda: left)
    client = staff_client(alma)
    assert client.post(page(first), sheet(client, first, {three[0]: ABSENT}, used=["tryghed"])).status_code == 302
    first.refresh_from_db()
    assert first.elements == ["leg", "tryghed"] and marks(first)[three[0]] == ABSENT


# ---- Sent after midnight ----


@pytest.fixture
def filled(first: Meeting, three: list[UUID], bo: Any, staff_client: Any) -> tuple[Client, dict[str, Any]]:
    """The page Bo, who stands in, had open that evening, filled in."""
    rows.stands_in(first, bo)
    client = staff_client(bo)
    return client, sheet(client, first, dict.fromkeys(three, HERE), sentence="Vi legede.")


def test_who_stood_in_may_send_the_open_page_until_noon(
    first: Meeting, three: list[UUID], filled: tuple[Client, dict[str, Any]], at: Any
) -> None:
    client, sent = filled
    at("2026-11-12T00:05")
    assert client.get(page(first)).status_code == 404, "nothing is opened any more"
    assert client.post(page(first), {**sent, "opened": ""}).status_code == 404
    answer = client.post(page(first), sent, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("today:day")
    assert marks(first) == dict.fromkeys(three, HERE)
    assert "Aftenen er gemt" in client.get(reverse("today:day")).content.decode()
    at("2026-11-12T11:59")
    assert client.post(page(first), sent).status_code == 302


def test_after_noon_it_is_said_and_what_was_written_is_shown(
    first: Meeting, filled: tuple[Client, dict[str, Any]], at: Any
) -> None:
    client, sent = filled
    at("2026-11-12T12:01")
    answer = client.post(page(first), sent)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "Vi legede." in shown and "Asta" not in shown
    assert marks(first) == {}


def test_the_open_page_of_somebody_else_or_of_another_evening_sends_nothing(
    first: Meeting, three: list[UUID], filled: tuple[Client, dict[str, Any]], clara: Any, at: Any, staff_client: Any
) -> None:
    client, sent = filled
    other = rows.meeting(first.group, 7, date(2026, 11, 11) + timedelta(days=1))
    rows.stands_in(other, clara)
    at("2026-11-12T00:05")
    assert staff_client(clara).post(page(first), sent).status_code == 404
    at("2026-11-13T00:05")
    assert client.post(page(other), {**sent, "once": str(uuid4())}).status_code == 404
    assert marks(first) == marks(other) == {}


def test_who_led_until_that_day_sends_it_and_who_did_not_lead_does_not(
    first: Meeting, three: list[UUID], alma: Any, bo: Any, at: Any
) -> None:
    at("2026-11-12T00:05")
    Leader.objects.filter(user=alma).update(valid_to=date(2026, 11, 12))
    for somebody in (alma, bo):
        found = queries.get_meeting(somebody, first.pk, opened=True)
        assert found is not None and not found[0].sight.run
    rows.stands_in(first, alma)
    hold(first, alma, {three[0]: HERE}, opened=True)
    with pytest.raises(NotAllowed):
        hold(first, alma, {three[0]: ABSENT})
    at("2026-11-12T12:00")
    with pytest.raises(NotAllowed):
        hold(first, alma, {three[0]: ABSENT}, opened=True)


def test_two_who_wrote_are_asked_after_midnight_as_well(
    first: Meeting, three: list[UUID], alma: Any, filled: tuple[Client, dict[str, Any]], at: Any
) -> None:
    client, sent = filled
    hold(first, alma, {three[0]: ABSENT}, sentence="Vi sang.")
    at("2026-11-12T00:05")
    answer = client.post(page(first), sent)
    assert answer.status_code == 422 and "Vi sang." in answer.content.decode()
    again = {**sent, f"was-{three[0]}": ABSENT, "sentence_was": "Vi sang.", "sentence": "Vi sang. Vi legede."}
    assert client.post(page(first), again | {"opened": answer.context["opened"]}).status_code == 302
    assert marks(first) == dict.fromkeys(three, HERE)
