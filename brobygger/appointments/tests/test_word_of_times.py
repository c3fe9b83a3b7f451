"""A family that gave a number hears when a time is called off, and is reminded of it when they asked for that."""

from typing import Any

import pytest

from brobygger.appointments import services as booking
from brobygger.appointments.tests.families import Family, book, offer, slot
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import gateway, gives
from brobygger.outbox.tests.wires import Gateway
from tests.letters import keeper

__all__ = ["gateway", "gives"]


def test_a_family_is_told_when_the_house_calls_a_time_off(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway
) -> None:
    appointment = book(ea, at_work, "2026-11-25T10:00")
    gives(ea)
    booking.call_off_and_tell(appointment=appointment, by=at_work)
    keeper()
    assert gateway.texts == ["Aftalen onsdag den 25. november kl. 10.00 er aflyst. Der er mere at læse til dig."]


def test_a_time_the_family_calls_off_itself_needs_no_message(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway
) -> None:
    book(ea, at_work, "2026-11-25T10:00")
    gives(ea)
    ea.asks("cancel")
    assert gateway.asked == []


def test_a_family_that_asked_for_it_is_reminded_the_day_before(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    gives(ea, remind="on")
    book(ea, at_work, "2026-11-25T10:00")
    at("2026-11-24T09:59")
    keeper()
    assert gateway.asked == []
    at("2026-11-24T10:00")
    keeper()
    assert gateway.texts == ["Husk din aftale onsdag den 25. november kl. 10.00."]


def test_a_number_given_after_the_time_was_booked_is_reminded_too(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    book(ea, at_work, "2026-11-25T10:00")
    gives(ea, remind="on", when="evening")
    at("2026-11-24T10:00")
    keeper()
    assert gateway.asked == []
    at("2026-11-24T16:00")
    keeper()
    assert len(gateway.asked) == 1


def test_who_did_not_ask_is_not_reminded(ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea)
    book(ea, at_work, "2026-11-25T10:00")
    at("2026-11-24T10:00")
    keeper()
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_time_called_off_is_not_reminded_of(ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any) -> None:
    gives(ea, remind="on")
    book(ea, at_work, "2026-11-25T10:00")
    ea.asks("cancel")
    at("2026-11-24T10:00")
    keeper()
    assert gateway.asked == []


def test_a_time_that_was_moved_is_reminded_of_as_it_stands_now(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    gives(ea, remind="on")
    book(ea, at_work, "2026-11-25T10:00")
    book(ea, at_work, "2026-11-26T11:00")
    at("2026-11-24T10:00")
    keeper()
    assert gateway.asked == []
    at("2026-11-25T10:00")
    keeper()
    assert gateway.texts == ["Husk din aftale torsdag den 26. november kl. 11.00."]


def test_a_time_tomorrow_that_was_chosen_today_is_not_reminded_of(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    at("2026-11-23T14:00")
    gives(ea, remind="on")
    book(ea, at_work, "2026-11-24T12:00")
    assert not Notice.objects.exists()


def test_a_reminder_is_not_sent_when_its_time_has_come(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    gives(ea, remind="on")
    book(ea, at_work, "2026-11-25T10:00")
    at("2026-11-25T10:01")
    keeper()
    assert gateway.asked == []
    assert not Notice.objects.exists()


def test_a_time_called_off_in_the_night_for_the_morning_is_left_to_a_person_at_once(
    ea: Family, at_work: Any, gives: Any, gateway: Gateway, at: Any
) -> None:
    appointment = book(ea, at_work, "2026-11-25T10:00")
    gives(ea, when="evening")
    at("2026-11-24T22:00")
    booking.call_off_and_tell(appointment=appointment, by=at_work)
    keeper()
    notice = Notice.objects.get(kind="called_off")
    assert (notice.state, notice.problem) == ("failed", "too_late")
    assert gateway.asked == []


def test_a_booking_that_fails_leaves_no_reminder(ea: Family, another: Family, at_work: Any, gateway: Gateway) -> None:
    (mine,) = offer(ea, at_work, slot("2026-11-25T10:00"))
    (theirs,) = offer(another, at_work, slot("2026-11-25T10:00"))
    booking.choose(thread=ea.thread, proposal=mine, by="family")
    with pytest.raises(booking.TimeIsTaken):
        booking.choose(thread=another.thread, proposal=theirs, by="family")
    assert [notice.thread_id for notice in Notice.objects.all()] == [ea.thread.pk]
