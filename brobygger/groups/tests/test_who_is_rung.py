"""Families no message reaches stand on the group's page until somebody has rung, whatever becomes of the group."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework.tests import families
from brobygger.ground import clock
from brobygger.groups import answers, seats, services
from brobygger.groups.models import Group, Seat
from brobygger.groups.templatetags import stands
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again, make
from brobygger.groups.tests.test_moving import move
from brobygger.groups.tests.test_seats_by_key import CHILD, _time_passes, known
from brobygger.outbox.tests.families import gateway, gives
from brobygger.privacy import queries as privacy

__all__ = ["_time_passes", "gateway", "gives"]
Desk = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def monday(at: Any, furnished: Any) -> Any:
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


@pytest.fixture
def group(finn: Any) -> Group:
    """A group that meets on Thursday."""
    return make(finn, months_from=60)


def sits(group: Group, by: Any) -> tuple[str, Seat]:
    """Let a child of a family without a key sit in a group; what the course is called, and the seat."""
    course = families.begin(by)
    return course.nickname, rows.seat(group, families.person(course, 2))


def shown(desk: Client, group: Group) -> str:
    """Read a group's page."""
    return desk.get(address(group)).content.decode()


def address(group: Group) -> str:
    """Find a group's page."""
    return reverse("groups:group", kwargs={"group": group.pk})


def call_off(group: Group, by: Any, number: int = 1) -> None:
    """Call a meeting off."""
    services.cancel_meeting(meeting=group.meetings.get(number=number), by=by)


def test_two_changes_in_two_groups_lose_no_list_and_neither_does_signing_out(
    group: Group, staff_client: Desk, alma: Any, finn: Any, clara: Any
) -> None:
    other = make(finn, room=2, name="Andre", months_from=60)
    one, two = sits(group, alma)[0], sits(other, alma)[0]
    for each in (group, other):
        desk = staff_client(finn)
        desk.post(reverse("groups:meeting_cancel", kwargs={"meeting": each.meetings.get(number=1).pk}))

    for who in (finn, clara):
        desk = staff_client(who)
        assert one in shown(desk, group) and two not in shown(desk, group)
        assert two in shown(desk, other)
        listed = desk.get(reverse("groups:list")).content.decode()
        assert 'id="ring"' in listed


def test_a_therapist_who_leads_the_group_is_asked_to_ring_nobody(
    group: Group, staff_client: Desk, alma: Any, finn: Any
) -> None:
    rows.leads(group, alma)
    name, _seat = sits(group, alma)
    call_off(group, finn)
    desk = staff_client(alma)
    assert name not in shown(desk, group)
    assert 'id="ring"' not in desk.get(reverse("groups:list")).content.decode()
    desk.post(address(group), {"rung": ""})
    assert name in shown(staff_client(finn), group)
    with pytest.raises(NotAllowed):
        services.rung(group=group, until=clock.now(), by=alma)


def test_they_are_rung_when_the_group_is_closed_as_well(
    group: Group, staff_client: Desk, alma: Any, finn: Any, at: Any
) -> None:
    name, seat = sits(group, alma)
    at("2026-03-06T08:15")
    desk = staff_client(finn)
    desk.post(reverse("groups:close", kwargs={"group": group.pk}), {"on": "2026-03-06"})
    assert again(group).state == "closed"
    answers.keep_up()
    assert again(seat).state == "left"

    page = desk.get(address(group))
    assert name in page.content.decode()
    assert desk.post(address(group), {"rung": page.context["now"].isoformat()}).status_code == 302

    assert name not in shown(desk, group)
    assert ("finn", "groups.family_rung") in privacy.trail(f"member:{seat.member_id}")
    assert desk.post(address(group), {}).status_code == 404, "and it is not opened again"


def test_what_came_after_the_page_was_shown_is_not_put_away_with_it(
    group: Group, staff_client: Desk, alma: Any, finn: Any, at: Any
) -> None:
    name, _seat = sits(group, alma)
    call_off(group, finn)
    desk = staff_client(finn)
    before = desk.get(address(group)).context["now"].isoformat()
    at("2026-03-02T08:20")
    call_off(group, finn, 2)

    desk.post(address(group), {"rung": before})

    assert name in shown(desk, group)
    for wrong in ("soon", "2026-03-02T08:20:00", ""):
        call_off(group, finn, group.meetings.filter(state="planned").first().number)
        desk.post(address(group), {"rung": wrong})
        assert name not in shown(desk, group), wrong


def test_every_seat_of_a_family_no_message_reached_is_to_be_rung(group: Group, alma: Any, finn: Any) -> None:
    parents = make(finn, kind="parent", room=3, beside=group, name="Forældre")
    course = families.begin(alma)
    held = [rows.seat(group, course.members.get(position=2)), rows.seat(parents, course.members.get(position=0))]

    told = move(group.meetings.get(number=1), finn)

    assert len(told.to_ring) == 1, "one family is rung once"
    assert all(again(each).ring_since for each in held)


def test_a_family_beside_is_rung_from_the_group_that_was_moved(
    group: Group, staff_client: Desk, alma: Any, finn: Any
) -> None:
    parents = make(finn, kind="parent", room=3, beside=group, name="Forældre")
    name, _seat = sits(parents, alma)

    move(group.meetings.get(number=1), finn)

    assert name in shown(staff_client(finn), group) and name in shown(staff_client(finn), parents)


def test_who_is_told_of_the_next_change_or_leaves_is_rung_no_more(
    group: Group, staff_client: Desk, alma: Any, finn: Any, gateway: Any, gives: Any
) -> None:
    key, course = known(alma, **CHILD)
    seat = rows.seat(group, course.members.get(position=1))
    name, other = sits(group, alma)
    call_off(group, finn)
    assert again(seat).ring_since and again(other).ring_since
    assert date(2026, 3, 2) in [said for _label, said in stands.facts_of(again(other))], "it is theirs to read"

    gives(type("Family", (), {"key": key, "thread": course.thread}))
    call_off(group, finn, 2)
    seats.leave_seat(seat=other, reason="own_wish", by=alma)

    assert again(seat).ring_since is None
    assert name not in shown(staff_client(finn), group)
    services.close_group(group=group, on=clock.today() - timedelta(days=1), by=finn)
    assert name not in shown(staff_client(finn), group), "who left before hears nothing of it"


def test_a_new_room_at_the_same_place_is_news_to_nobody_and_no_word_is_lost(
    group: Group, alma: Any, finn: Any, clara: Any
) -> None:
    _name, seat = sits(group, alma)
    first, second = group.meetings.order_by("number")[:2]
    for meeting in (first, second):
        seats.say_no(seat=seat, meeting=meeting, by=alma)

    moved = move(first, clara, "2026-03-05T15:00", room=3)
    changed = services.change_group(group=group, said={"room": 2}, seen=again(group).sequence, by=clara)

    assert moved == changed == services.Told(0, [])
    assert [again(each).room for each in (first, second)] == [3, 2]
    assert [each.attendances.count() for each in (first, second)] == [1, 1]


def test_another_place_at_the_same_hour_is_told_and_who_cannot_come_still_cannot(
    group: Group, alma: Any, finn: Any
) -> None:
    _name, seat = sits(group, alma)
    first, second = group.meetings.order_by("number")[:2]
    for meeting in (first, second):
        seats.say_no(seat=seat, meeting=meeting, by=alma)

    told = move(first, finn, "2026-03-05T15:00", room=1, place="hilleroed")
    assert told.to_ring == [seat] and first.attendances.exists()
    told = move(first, finn, "2026-03-06T15:00", room=1, place="hilleroed")
    assert told.to_ring == [seat] and not first.attendances.exists(), "a no to Thursday is none to Friday"

    said = {"rule": group.rule, "starts_on": date(2026, 3, 5), "place": "hilleroed", "room": 1}
    told = services.change_group(group=group, said=said, seen=again(group).sequence, by=finn)
    assert told.to_ring == [seat] and second.attendances.exists()
