"""Somebody's first evening: where it is called off or given up, they begin at the next one, and are new there."""

from datetime import date
from typing import Any

import pytest

from brobygger.appointments.models import Reserved
from brobygger.groups import evening, queries, seats, services
from brobygger.groups.models import Group, Meeting, Seat
from brobygger.groups.templatetags import boxes
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again, make, told
from brobygger.groups.tests.test_seats_by_key import CHILD, _time_passes, known, page

__all__ = ["_time_passes"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(at: Any, furnished: Any) -> Any:
    """Stop the clock at nine on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T09:00")


@pytest.fixture
def group(finn: Any, at: Any) -> Group:
    """A group that has met once; it meets every Thursday and takes one who is new at a time."""
    made = make(finn, weeks=1, months_from=84, newcomers=1)
    at("2026-03-09T09:00")
    return made


def child(by: Any, called: str) -> Any:
    """Begin a course with a child of eight."""
    return rows.child(by, called, "2018-01")


def nth(group: Group, number: int) -> Meeting:
    """Fetch a meeting by its number."""
    return group.meetings.get(number=number)


def begins(seat: Seat) -> int | None:
    """Say with which meeting somebody begins."""
    first = again(seat).starts_with
    return first.number if first else None


def new_at(group: Group, number: int, by: Any) -> list[str]:
    """Read on an evening's page who is new."""
    return [each.name for each in evening.look_at_meeting(meeting=nth(group, number), by=by).guests if each.new]


def test_who_was_to_begin_at_a_meeting_that_is_called_off_begins_at_the_next(group, alma, finn, at) -> None:
    eja = seats.take_seat(seat=seats.offer_seat(group=group, member=child(alma, "Eja"), by=alma), by=alma)
    assert begins(eja) == 2

    services.cancel_meeting(meeting=nth(group, 2), by=finn)

    assert begins(eja) == 3
    liv = seats.offer_seat(group=group, member=child(alma, "Liv"), by=alma)
    assert begins(liv) == 4, "one at a time"
    rows.leads(group, alma)
    at("2026-03-19T14:00")
    assert new_at(group, 3, alma) == ["Eja"]


def test_nobody_is_put_where_somebody_else_begins_already(group, alma, finn) -> None:
    eja, liv = (seats.offer_seat(group=group, member=child(alma, called), by=alma) for called in ("Eja", "Liv"))
    assert (begins(eja), begins(liv)) == (2, 3)

    services.cancel_meeting(meeting=nth(group, 2), by=finn)

    assert (begins(eja), begins(liv)) == (4, 3)


def test_all_of_a_new_group_begin_together_whichever_meeting_is_the_first(finn, alma, at) -> None:
    at("2026-03-02T09:00")
    group = make(finn, months_from=84, newcomers=1)
    three = [seats.offer_seat(group=group, member=child(alma, called), by=alma) for called in ("Ea", "Bo", "Liv")]

    services.cancel_meeting(meeting=nth(group, 1), by=finn)

    assert [begins(each) for each in three] == [2, 2, 2]


def test_an_old_row_that_names_a_meeting_called_off_counts_at_the_next(group, alma, at) -> None:
    eja = rows.seat(group, child(alma, "Eja"), starts_with=nth(group, 2), taken_on=date(2026, 3, 9))
    Meeting.objects.filter(pk=nth(group, 2).pk).update(state="cancelled")

    assert nth(group, 3) not in queries.starts(group)[0], "one begins there"
    rows.leads(group, alma)
    at("2026-03-19T14:00")
    assert new_at(group, 3, alma) == ["Eja"]
    assert eja.starts_with == nth(group, 2)


def test_the_last_meeting_called_off_moves_who_begins_there_to_the_one_that_comes_instead(finn, alma) -> None:
    group = make(finn, weeks=1, months_from=84, meetings_wanted=3, first=date(2026, 3, 12))
    eja = seats.offer_seat(group=group, member=child(alma, "Eja"), by=alma, starts_with=nth(group, 3))

    services.cancel_meeting(meeting=nth(group, 3), by=finn)
    assert begins(eja) == 4

    services.hold_after_all(meeting=nth(group, 3), by=finn)
    assert begins(eja) == 3, "there is no fourth any more"


def test_a_group_that_ends_sooner_lets_nobody_begin_before_the_others_know_them(group, alma, clara, at) -> None:
    eja = seats.offer_seat(group=group, member=child(alma, "Eja"), by=alma, starts_with=nth(group, 6))
    seats.take_seat(seat=eja, by=alma)

    said = told(weeks=1, months_from=84, newcomers=1) | {"ends_on": date(2026, 3, 27)}
    services.change_group(group=again(group), said=said, seen=again(group).sequence, by=clara)

    assert begins(eja) == 4, "the last there is"
    at("2026-03-12T14:00")
    assert [each.pk for each in queries.seats_of(nth(group, 2))] == []


def test_a_day_that_is_given_up_moves_who_begins_there_to_the_next(finn, alma) -> None:
    days = [date(2026, 4, 4), date(2026, 4, 18), date(2026, 5, 2)]
    group = make(finn, name="Lørdag", rule="", dates=days, months_from=84)
    seat = rows.seat(group, child(alma, "Eja"), starts_with=nth(group, 2))

    services.change_group(group=group, said=told(rule="", dates=[days[0], days[2]]), seen=group.sequence, by=finn)

    assert begins(seat) == 3


def test_the_family_reads_the_new_first_day_behind_its_key(group, alma, finn) -> None:
    Group.objects.filter(pk=group.pk).update(months_from=60)
    key, course = known(alma, **CHILD)
    seats.offer_seat(group=again(group), member=course.members.get(position=1), by=alma)
    seats.offer_seat(group=again(group), member=child(alma, "Eja"), by=alma)
    assert "12. marts" in page(key).words

    services.cancel_meeting(meeting=nth(group, 2), by=finn)

    words = page(key).words
    assert "26. marts" in words and "12. marts" not in words and "19. marts" not in words, "Eja begins on the 19th"


def test_the_family_reads_that_their_first_day_is_called_off(group, alma, finn) -> None:
    Group.objects.filter(pk=group.pk).update(months_from=60)
    key, course = known(alma, **CHILD)
    seat = seats.offer_seat(group=again(group), member=course.members.get(position=1), by=alma)
    seats.take_seat(seat=seat, by=alma)
    other = seats.offer_seat(group=again(group), member=child(alma, "Eja"), by=alma, starts_with=nth(group, 5))

    services.cancel_meeting(meeting=nth(group, 2), by=finn)

    words = page(key).words
    assert "12. marts" in words and "Vi mødes ikke den dag" in words and "19. marts" in words
    later = boxes._as_said(again(other), "Eja")["next"]
    assert not any(each["cancelled"] for each in later), "it was never theirs"


def test_a_meeting_beside_that_is_given_up_leaves_the_childrens_room_taken(finn) -> None:
    children = make(finn, first=date(2026, 3, 12))
    parents = make(finn, kind="parent", room=2, beside=children, name="Forældre")

    numbers = told(kind="parent", room=2, name="Forældre") | {"beside_numbers": [1, 3]}
    services.change_group(group=parents, said=numbers, seen=parents.sequence, by=finn)

    assert not parents.meetings.filter(beside__number=2).exists()
    assert Reserved.objects.filter(of=nth(children, 2).pk, worker=None).exists(), "the children still meet there"
