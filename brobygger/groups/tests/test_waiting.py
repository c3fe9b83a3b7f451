"""Somebody waits for a seat: once for one thing, sealed, and a course in use is kept."""

from datetime import date

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.groups import rules, seats
from brobygger.groups.models import Seat, Waiting
from brobygger.groups.tests.test_seats import group, liv

__all__ = ["group", "liv"]
pytestmark = pytest.mark.django_db


def test_somebody_waits_once_for_one_thing_and_what_suits_them_is_sealed(group, liv, alma, bo, finn) -> None:
    for other in (bo, finn):
        with pytest.raises(NotAllowed):
            seats.wait(member=liv, offer="gruppe", wishes={}, by=other)
    first = seats.wait(member=liv, offer="gruppe", wishes={"words": "Kun onsdag"}, by=alma)
    again = seats.wait(member=liv, offer="gruppe", wishes={"words": "Kun torsdag"}, by=alma)
    assert first.pk == again.pk and Waiting.objects.count() == 1
    assert b"torsdag" not in bytes(again.sealed) and again.since == date(2026, 11, 23)
    with pytest.raises(NotAllowed):
        seats.stop_waiting(waiting=again, by=bo)
    seats.stop_waiting(waiting=again, by=alma)
    assert Waiting.objects.get().outcome == "withdrawn"


def test_the_page_sent_twice_lets_nobody_wait_twice(group, liv, alma) -> None:
    once = seats.wait(member=liv, offer="gruppe", wishes={}, by=alma).pk
    seats.stop_waiting(waiting=Waiting.objects.get(), by=alma)
    assert seats.wait(member=liv, offer="gruppe", wishes={}, by=alma, once=once).ended_on is not None
    assert Waiting.objects.count() == 1


def test_a_seat_counts_as_an_entry_so_that_a_course_in_use_is_not_deleted(group, liv, alma) -> None:
    for deed in (
        lambda: seats.wait(member=liv, offer="gruppe", wishes={}, by=alma),
        lambda: seats.offer_seat(group=group, member=liv, by=alma),
        lambda: seats.take_seat(seat=Seat.objects.get(), by=alma),
    ):
        Course.objects.update(last_entry_on=date(2020, 1, 1))
        deed()
        assert Course.objects.get().last_entry_on == date(2026, 11, 23)
    with pytest.raises(record.CourseIsClosed):
        courses.end_course(course=liv.course, reason="completed", words="", seen=0, by=alma)
        seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)


# ---- When it may be ----

TODAY = date(2026, 11, 23)


def soon(ahead: int, free: list[date] = [], leaving: list[date] = [], left: list[date] = []) -> rules.Expected | None:  # noqa: B006
    return rules.expected_start(today=TODAY, ahead=ahead, free=free, leaving=leaving, left=left)


def test_a_free_seat_is_for_who_is_first_and_a_leaver_for_who_is_next() -> None:
    free, leaving = [date(2026, 11, 25)], [date(2027, 3, 1)]
    assert soon(0, free, leaving) == rules.Expected(date(2026, 11, 25), "free")
    assert soon(1, free, leaving) == rules.Expected(date(2027, 3, 1), "leaver")
    assert soon(2, free, leaving) is None


def test_what_is_usual_is_the_middle_of_the_gaps_of_a_year_and_nothing_is_said_from_too_few() -> None:
    left = [date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2), date(2026, 9, 1)]
    assert soon(0, left=left[:3]) is None
    assert soon(0, left=left) == rules.Expected(date(2026, 12, 23), "usual"), "thirty days, and not the mean"
    assert soon(1, left=left) == rules.Expected(date(2027, 1, 22), "usual")


def test_a_birth_nobody_knows_speaks_against_nothing() -> None:
    assert rules.months("", TODAY) is None and rules.months("2026-13", TODAY) is None
    assert rules.months("2018-11", TODAY) == 96 and rules.too_old_on("2018-11", 132) == date(2029, 11, 1)
