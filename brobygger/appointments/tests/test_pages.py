"""The visit slip, one's own hours, calling off and the calendar feed: each for its own person alone."""

from datetime import time

import icalendar
import pytest
from django.urls import reverse

from brobygger.access import services as access
from brobygger.appointments import queries, rules, services
from brobygger.appointments.tests.families import book, moment
from brobygger.ground import clock

pytestmark = pytest.mark.django_db
STREET = "Bakken 7, 2. th."


@pytest.fixture
def visit(ea, alma):
    """A visit at home on Tuesday, with its address."""
    booked = book(ea, alma, "2026-11-24T10:00", where="home")
    ea.asks("address", address=STREET)
    return booked


# ---- The visit slip ----


def test_the_slip_shows_the_address_on_the_day_to_the_one_who_goes_there(visit, ea, alma, staff_client, at) -> None:
    slip = reverse("appointments:slip", args=[visit.pk])
    the_day_before = staff_client(alma).get(slip)
    at("2026-11-24T07:00")
    the_day = staff_client(alma).get(slip)

    assert the_day_before.status_code == the_day.status_code == 200
    assert STREET not in the_day_before.content.decode()
    assert STREET in the_day.content.decode() and ea.number in the_day.content.decode()
    assert ea.trail().count(("alma", "appointments.address_looked")) == 1


def test_the_slip_does_not_exist_for_others(visit, ea, bo, clara, finn, staff_client, at) -> None:
    at("2026-11-24T07:00")

    for other in (bo, clara, finn):
        assert staff_client(other).get(reverse("appointments:slip", args=[visit.pk])).status_code == 404
    assert not [line for line in ea.trail() if line[1] == "appointments.address_looked"]


def test_a_talk_in_the_house_has_no_slip(ea, alma, staff_client) -> None:
    talk = book(ea, alma, "2026-11-24T10:00", where="house")

    assert staff_client(alma).get(reverse("appointments:slip", args=[talk.pk])).status_code == 404


# ---- Calling off ----


def test_one_calls_off_ones_own_time_once(visit, ea, alma, staff_client) -> None:
    off = reverse("appointments:call_off", args=[visit.pk])

    assert staff_client(alma).post(off).status_code == 302

    assert queries.standing([ea.thread.pk]) == {}
    assert ea.trail()[-1] == ("alma", "appointments.called_off")
    assert staff_client(alma).post(off).status_code == 404
    assert ea.trail().count(("alma", "appointments.called_off")) == 1


def test_nobody_calls_off_anothers_time(visit, ea, bo, clara, finn, staff_client) -> None:
    for other in (bo, clara, finn):
        assert staff_client(other).post(reverse("appointments:call_off", args=[visit.pk])).status_code == 404

    assert queries.standing([ea.thread.pk])[ea.thread.pk] == visit


# ---- One's own hours ----


def week(**typed: str) -> dict[str, str]:
    """A week as the form sends it: every day there, most of them empty."""
    empty = {f"{part}_{day}": "" for day in range(7) for part in ("opens", "closes")}
    return empty | {f"place_{day}": "glostrup" for day in range(7)} | typed


def test_hours_that_fit_are_set_from_today(morning, alma, staff_client) -> None:
    path = reverse("appointments:hours")

    answer = staff_client(alma).post(path, week(opens_0="08:30", closes_0="15:00", place_0="hvidovre"))

    assert (answer.status_code, answer.url) == (302, path)
    assert queries.hours_of(alma, clock.today()) == [rules.Hours(0, time(8, 30), time(15), "hvidovre")]
    assert 'value="08:30"' in staff_client(alma).get(path).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"opens_1": "09:00"},
        {"closes_1": "15:00"},
        {"opens_1": "15:00", "closes_1": "09:00"},
        {"opens_1": "09:00", "closes_1": "09:00"},
        {"opens_1": "ni", "closes_1": "15:00"},
        {"opens_1": "09:00", "closes_1": "15:00", "place_1": "mars"},
    ],
)
def test_hours_that_do_not_fit_are_not_set_and_what_was_typed_stays(typed, morning, at_work, staff_client) -> None:
    before = queries.hours_of(at_work, clock.today())

    answer = staff_client(at_work).post(reverse("appointments:hours"), week(opens_3="11:17", closes_3="12:18", **typed))

    page = answer.content.decode()
    assert answer.status_code == 422 and "errors" in page
    assert all(f'value="{kept}"' in page for kept in ("11:17", "12:18", *typed.values()) if kept != "mars")
    assert queries.hours_of(at_work, clock.today()) == before


# ---- The calendar feed ----


@pytest.fixture
def token(alma) -> str:
    return access.set_calendar_token(user=alma, by=alma)


def test_the_feed_says_when_and_how_and_nothing_about_whom(visit, another, token, ea, alma, bo, client) -> None:
    book(another, bo, "2026-11-24T12:00")

    answer = client.get(reverse("appointments:feed", args=[token]))

    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event.start, event.end) == (moment("2026-11-24T10:00"), moment("2026-11-24T11:30"))
    words = answer.content.decode()
    for secret in (ea.number, another.number, "Alma", "Bo", "Bakken", str(ea.thread.pk), "bange"):
        assert secret not in words
    assert not answer.cookies


def test_a_time_called_off_is_called_off_in_the_feed(visit, token, alma, client) -> None:
    services.call_off(appointment=visit, by=alma)

    (event,) = icalendar.Calendar.from_ical(client.get(reverse("appointments:feed", args=[token])).content).walk(
        "VEVENT"
    )
    assert event["STATUS"] == "CANCELLED"


def test_a_wrong_and_a_revoked_address_open_no_feed(morning, token, alma, bo, clara, client) -> None:
    feed = reverse("appointments:feed", args=[token])
    assert client.get(reverse("appointments:feed", args=[token[:-1] + "-"])).status_code == 404
    assert client.get(reverse("appointments:feed", args=["None"])).status_code == 404

    newer = reverse("appointments:feed", args=[access.set_calendar_token(user=alma, by=alma)])
    assert (client.get(feed).status_code, client.get(newer).status_code) == (404, 200)
    access.end_calendar_token(user=alma, by=alma)
    assert client.get(newer).status_code == 404

    bos = reverse("appointments:feed", args=[access.set_calendar_token(user=bo, by=bo)])
    assert client.get(bos).status_code == 200
    access.leave(user=bo, by=clara)
    assert client.get(bos).status_code == 404
