"""Who must not learn where a child is, and a group that must not hold more than it has room for."""

from datetime import date
from typing import Any

import pytest

from brobygger.casework import services as courses
from brobygger.groups import evening, queries, rules, seats, services
from brobygger.groups.models import Group, Seat
from brobygger.groups.templatetags import boxes
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again, make
from brobygger.groups.tests.test_seats import MONDAY, child, made, nth
from brobygger.groups.tests.test_seats_by_key import liv, mette, page

__all__ = ["mette"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    at(MONDAY)
    return made(name="Stjernerne")


def test_a_child_lives_where_a_parent_lives(group: Group, mette: Any, alma: Any) -> None:
    key, course = mette
    seats.offer_seat(group=group, member=liv(course), by=alma)
    assert "Stjernerne" in page(key).words

    hidden = {"role": "mother", "called": "Ida", "name": "Ida", "protected": True}
    courses.add_member(course=course, person=hidden, by=alma)
    seat = Seat.objects.select_related("group", "member__course").get()
    assert boxes.told_at_home([seat]) == [], "one protected person in the course is enough"


def test_a_babys_seat_without_its_grown_up_is_said_to_nobody(group: Group, mette: Any, alma: Any) -> None:
    _key, course = mette
    babies = made(name="Babyer", kind="pair", months_from=0)
    mother = courses.add_member(course=course, person={"role": "mother", "called": "Ida"}, by=alma)
    seat = seats.offer_seat(group=babies, member=liv(course), beside=mother, by=alma)
    assert boxes.told_at_home([seat]) == []

    courses.erase_member(member=mother, why="asked", by="keeper")
    seat = Seat.objects.select_related("group", "member__course").get(pk=seat.pk)
    assert seat.beside_id is None and boxes.told_at_home([seat]) == []


def test_who_has_left_is_on_no_evening_although_they_had_said_no(group: Group, alma: Any, bo: Any, at: Any) -> None:
    who, stays = child(alma), child(alma)
    seat, other = rows.seat(group, who), rows.seat(group, stays)
    rows.leads(group, bo)
    for each in (seat, other):
        seats.say_no(seat=each, meeting=nth(group, 4), by=alma)
    seats.leave_seat(seat=seat, reason="own_wish", by=alma)

    at("2026-12-23T14:00")
    told = evening.look_at_meeting(meeting=nth(group, 4), by=bo)
    assert [each.seat.member_id for each in told.guests] == [stays.pk]


def test_a_group_that_was_made_smaller_takes_nobody_over_its_seats(group: Group, alma: Any) -> None:
    for _each in range(3):
        rows.seat(group, child(alma))
    for each in Seat.objects.filter(chair__in=[1, 2]):
        seats.leave_seat(seat=each, reason="own_wish", by=alma)
    assert queries.chairs(again(group))

    Group.objects.filter(pk=group.pk).update(seats=1)
    assert queries.chairs(again(group)) == []
    with pytest.raises(rules.GroupIsFull):
        seats.offer_seat(group=again(group), member=child(alma), by=alma)


def test_parents_beside_who_end_get_no_more_evenings_at_night(furnished: Any, at: Any, clara: Any) -> None:
    at("2026-03-02T09:00")
    parents = make(clara, name="Forældre", kind="parent", beside=make(clara), room=2)
    at("2026-03-03T09:00")
    services.close_group(group=again(parents), on=date(2026, 5, 1), by=clara)
    late = parents.meetings.filter(state="planned", planned_on__gt=date(2026, 5, 1))
    assert not late.exists() and parents.meetings.filter(planned_on__lte=date(2026, 5, 1)).exists()

    at("2026-04-20T09:00")
    services.extend()
    assert not late.exists()
