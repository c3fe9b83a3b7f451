"""A letter counts by when it was written and by what stood on the page; and why something was not done is said."""

from datetime import timedelta
from typing import Any

import pytest

from brobygger.door import family as door_family
from brobygger.groups import answers, seats, services
from brobygger.groups.models import Attendance, Group
from brobygger.groups.tests.test_seats import nth
from brobygger.groups.tests.test_seats_by_key import _time_passes, group, liv, mette, page
from tests.house.lix import lix, running_text
from tests.letters import Visitor, keeper

__all__ = ["_time_passes", "group", "mette"]
pytestmark = pytest.mark.django_db
GONE = "holder vi ikke"


@pytest.fixture
def offered(group: Any, mette: Any, alma: Any) -> Any:
    """The key, and the seat that is offered with an answer by tomorrow."""
    key, course = mette
    return key, seats.offer_seat(group=group, member=liv(course), by=alma)


@pytest.fixture
def sits(offered: Any, alma: Any) -> Any:
    """The key, and the seat that was taken."""
    key, seat = offered
    return key, seats.take_seat(seat=seat, by=alma)


@pytest.mark.parametrize(("written", "state"), [("2026-11-24T23:58", "taken"), ("2026-11-25T00:01", "lapsed")])
def test_an_answer_counts_by_when_it_was_written(written, state, offered, at, monkeypatch) -> None:
    key, seat = offered
    at("2026-11-24T23:50")
    shown = page(key)
    at(written)
    # Nobody opens it before midnight: the house's own hands were still.
    monkeypatch.setattr(door_family.queries, "receipt_within", lambda *_more: None)
    Visitor().seat(shown, "take")
    at("2026-11-25T00:02")
    keeper()
    seat.refresh_from_db()
    assert seat.state == state


def test_no_thank_you_after_a_yes_on_the_telephone_says_that_the_seat_is_theirs(offered, alma) -> None:
    key, seat = offered
    shown = page(key)
    seats.take_seat(seat=seat, by=alma)
    done = Visitor().seat(shown, "decline")
    seat.refresh_from_db()
    assert seat.state == "taken"
    assert GONE not in done.words and "I har pladsen" in done.words
    assert lix(running_text(done.text)) <= 34


def test_a_word_about_a_meeting_that_is_called_off_says_that_and_the_seat_is_as_before(sits) -> None:
    key, _seat = sits
    shown = page(key)
    services.cancel_meeting(meeting=nth(Group.objects.get(), 2), by="keeper")
    done = Visitor().seat(shown, "away", meeting=0)
    assert GONE not in done.words and "Pladsen er, som den var" in done.words
    assert lix(running_text(done.text)) <= 34


def test_so_many_begin_that_day_that_another_is_found_and_the_seat_is_kept(offered, group) -> None:
    key, seat = offered
    group.meetings.filter(number__gt=2).delete()
    group.meetings.update(state="cancelled")
    Group.objects.filter(pk=group.pk).update(newcomers=0)
    from brobygger.groups.tests import rows

    rows.meeting(group, 9)
    rows.meeting(group, 8)
    group.meetings.filter(number=8).update(starts_at="2026-11-20T15:00Z", ends_at="2026-11-20T17:00Z")
    done = Visitor().seat(page(key), "take")
    seat.refresh_from_db()
    assert seat.state == "offered" and GONE not in done.words and "en anden dag til jer" in done.words


def test_cannot_come_on_the_old_day_is_not_cannot_come_on_the_new_one(sits, clara) -> None:
    key, _seat = sits
    shown, meeting = page(key), nth(Group.objects.get(), 2)
    day = timedelta(days=1)
    moved = {"starts_at": meeting.starts_at + day, "ends_at": meeting.ends_at + day}
    services.move_meeting(meeting=meeting, **moved, place=meeting.place, room=meeting.room, by=clara)

    done = Visitor().seat(shown, "away", meeting=0)

    assert not Attendance.objects.exists()
    words = done.words.replace("\xa0", " ")
    assert "Mødet er flyttet" in words and "torsdag den 26. november" in words
    Visitor().seat(page(key), "away", meeting=0)
    assert Attendance.objects.get().meeting == meeting, "said of the new day, it counts"


def test_a_group_that_closed_does_not_say_that_somebody_else_has_the_seat(offered, group) -> None:
    key, seat = offered
    Group.objects.filter(pk=group.pk).update(state="closed")
    assert answers.keep_up() == 1
    seat.refresh_from_db()
    shown = page(key)
    assert seat.state == "lapsed" and "Gruppen er lukket" in shown.words and "til en anden" not in shown.words
