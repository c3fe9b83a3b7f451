"""What is easily forgotten of seats: a café, a break on a break, an end by mistake, a crowded box, who hears what."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as courses
from brobygger.groups import answers, rules, seats
from brobygger.groups.models import Attendance, Group, Meeting, Seat
from brobygger.groups.templatetags import boxes, waiting
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import MONDAY, child, made, nth
from brobygger.groups.tests.test_seats_by_key import _time_passes, group, liv, mette, page
from tests.letters import Visitor

__all__ = ["_time_passes", "group", "mette"]
pytestmark = pytest.mark.django_db


def test_nobody_is_offered_a_seat_in_an_open_cafe(furnished, at, alma, staff_client) -> None:
    at(MONDAY)
    cafe, who = made(kind="cafe"), child(alma)
    place = {"group": cafe.pk, "course": who.course_id, "member": who.pk}
    assert staff_client(alma).get(reverse("groups:offer", kwargs=place)).status_code == 404
    assert staff_client(alma).get(reverse("groups:offer", kwargs={"group": cafe.pk})).status_code == 404
    with pytest.raises(NotAllowed):
        seats.offer_seat(group=cafe, member=who, by=alma)
    assert not Seat.objects.exists()


def test_a_child_of_the_right_age_at_its_first_meeting_is_offered_a_seat_without_excuses(furnished, at, alma) -> None:
    at("2026-11-26T09:00")
    group, who = made(months_from=96), child(alma, birth="2018-12")
    Meeting.objects.filter(group=group, number__lte=2).delete()
    assert waiting.asked(alma, who, [group]).chances[0].reasons == ()
    assert seats.offer_seat(group=group, member=who, by=alma).state == "offered"


def test_a_break_on_a_break_is_counted_from_the_first_until_they_have_come_again(group, alma, at) -> None:
    seat, last = rows.seat(group, child(alma)), date(2026, 11, 23) + rules.LONGEST_PAUSE
    seats.pause_seat(seat=seat, until=last, by=alma)
    at("2027-03-01T09:00")
    for _again in range(2):
        with pytest.raises(ValueError, match="20"):
            seats.pause_seat(seat=seat, until=last + timedelta(days=1), by=alma)
        seats.resume_seat(seat=seat, by=alma)
    came = rows.meeting(group, 9, date(2027, 3, 3), state="held", held_at="2027-03-03T18:00Z")
    Attendance.objects.create(meeting=came, member=seat.member, mark="here")
    at("2027-03-05T09:00")
    assert seats.pause_seat(seat=seat, until=date(2027, 6, 1), by=alma).paused_on == date(2027, 3, 5)


def test_a_break_that_has_lasted_too_long_says_so_on_the_page(group, alma, at, staff_client) -> None:
    seat = rows.seat(group, child(alma), paused_on=date(2026, 7, 1))
    sent = {"do": "pause", "until": "2026-12-24"}
    shown = staff_client(alma).post(reverse("groups:seat", kwargs={"seat": seat.pk}), sent)
    assert shown.status_code == 422 and "højst fire måneder" in shown.content.decode()


def test_a_course_ended_by_mistake_has_its_seat_when_it_goes_on_the_same_day(group, alma) -> None:
    who = child(alma)
    seat, waits = rows.seat(group, who), seats.wait(member=who, offer="babygruppe", wishes={}, by=alma)
    courses.end_course(course=who.course, reason="moved", words="", seen=0, by=alma)
    answers.keep_up()
    courses.reopen(course=who.course, by=alma)
    answers.keep_up()
    seat.refresh_from_db()
    waits.refresh_from_db()
    assert (seat.state, waits.ended_on) == ("taken", None)


def test_a_break_that_was_prolonged_in_the_same_moment_goes_on(group, alma, at, monkeypatch) -> None:
    seat = seats.pause_seat(seat=rows.seat(group, child(alma)), until=date(2026, 11, 25), by=alma)
    at("2026-11-25T09:00")
    hold = seats.held

    def meanwhile(row: Seat, by: Any) -> Seat:
        Seat.objects.filter(pk=row.pk).update(paused_until=date(2026, 12, 24))
        return hold(row, by)

    monkeypatch.setattr(seats, "held", meanwhile)
    answers.keep_up()
    seat.refresh_from_db()
    assert (seat.state, seat.paused_until) == ("paused", date(2026, 12, 24))


def test_a_box_holds_so_many_seats_and_those_first_that_are_next(group, mette, alma) -> None:
    key, course = mette
    far = made(name="Langt ude")
    far.meetings.update(starts_at="2027-05-05T14:00Z", ends_at="2027-05-05T16:00Z")
    Group.objects.update(seats=40, newcomers=40)
    seats.take_seat(seat=seats.offer_seat(group=far, member=liv(course), by=alma), by=alma)
    for number in range(boxes.MOST):
        some = {"role": "child", "called": f"Barn {number}", "birth": "2018-05"}
        one = courses.add_member(course=course, person=some, by=alma)
        seats.take_seat(seat=seats.offer_seat(group=group, member=one, by=alma), by=alma)
    shown = page(key).words
    assert "Barn 9" in shown and "Langt ude" not in shown


def test_everything_about_me_says_why_it_ended_and_all_else_that_is_kept(group, alma) -> None:
    who = child(alma)
    seat = rows.seat(group, who, starts_with=nth(group, 1), paused_until=date(2026, 12, 9), rang_on=date(2026, 11, 20))
    seats.wait(member=who, offer="babygruppe", wishes={}, by=alma)
    seats.end_waiting(member=who, offer="babygruppe", outcome="withdrawn", by=alma)
    seats.leave_seat(seat=seat, reason="no_contact", by=alma)
    held = {fact for each in boxes.everything_about(who) for fact in each.facts}
    assert {
        ("Hvorfor det sluttede", "Vi kan ikke få fat i dem mere"),
        ("Hvorfor det sluttede", "De ønskede det ikke mere"),
        ("Sådan står det", "Er stoppet"),
        ("Pause til", date(2026, 12, 9)),
        ("Ringet op om de gange, de ikke kom", date(2026, 11, 20)),
        ("Begynder med mødet den", date(2026, 11, 11)),
        ("Til", date(2026, 11, 23)),
    } <= held


@pytest.mark.parametrize(
    ("what", "own", "leads"),
    [
        ("take", "har taget pladsen i Stjernerne", "en plads er taget"),
        ("decline", "har sagt nej tak til pladsen i Stjernerne", "nej tak til en plads"),
        ("leave", "er stoppet i Stjernerne", "en er stoppet"),
    ],
)
def test_who_has_the_course_and_who_leads_hear_what_a_family_answered_itself(
    what, own, leads, group, mette, alma, bo, dan, at, staff_client
) -> None:
    key, course = mette
    rows.leads(group, bo)
    seat, day = seats.offer_seat(group=group, member=liv(course), by=alma), reverse("today:day")
    if what == "leave":
        seats.take_seat(seat=seat, by=alma)
    assert "Stjernerne" not in staff_client(alma).get(day).content.decode(), "what alma did herself she knows"

    Visitor().seat(page(key), what)

    mine, theirs = (staff_client(each).get(day).content.decode() for each in (alma, bo))
    assert own in mine and course.nickname in mine and reverse("groups:seat", kwargs={"seat": seat.pk}) in mine
    assert leads in theirs and course.nickname not in theirs and reverse("groups:group", args=[group.pk]) in theirs
    assert "Stjernerne" not in staff_client(dan).get(day).content.decode()
    at("2026-11-30T09:00")
    assert own not in staff_client(alma).get(day).content.decode(), "after a week it is no news"
