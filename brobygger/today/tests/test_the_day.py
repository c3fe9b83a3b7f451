"""The day in order of the clock: for whom it is, and what never stands on it."""

from datetime import date

import pytest
from django.urls import reverse

from brobygger.appointments import services as booking
from brobygger.appointments.tests.families import book
from brobygger.backups import services as backups
from brobygger.door import services as door

pytestmark = pytest.mark.django_db
TUESDAY = {"on": "2026-11-24"}
STREET = "Bakken 7, 2. th."


@pytest.fixture
def tuesday(ea, another, alma, bo):
    """Alma visits Ea in the morning; Bo talks with another family before that."""
    visit = book(ea, alma, "2026-11-24T10:00", where="home")
    ea.asks("address", address=STREET)
    return visit, book(another, bo, "2026-11-24T09:00", where="house")


def test_a_therapist_sees_their_own_day_alone(tuesday, ea, another, alma, bo, staff_client) -> None:
    almas = staff_client(alma).get(reverse("today:day"), TUESDAY)
    bos = staff_client(bo).get(reverse("today:day"), TUESDAY)

    assert almas.context["appointments"] == [tuesday[0]] and bos.context["appointments"] == [tuesday[1]]
    assert ea.number in almas.content.decode() and another.number not in almas.content.decode()
    assert reverse("appointments:slip", args=[tuesday[0].pk]) in almas.content.decode()


def test_administrator_and_leader_see_everybodys_by_the_clock_and_change_nothing(
    tuesday, finn, clara, staff_client
) -> None:
    for viewer in (finn, clara):
        answer = staff_client(viewer).get(reverse("today:day"), TUESDAY)
        assert answer.context["appointments"] == [tuesday[1], tuesday[0]]
        page = answer.content.decode()
        assert "Alma" in page and "Bo" in page
        assert "<form" not in page.split('id="list"')[1].split("</ul>")[0]
        assert reverse("appointments:slip", args=[tuesday[0].pk]) not in page


def test_no_words_and_no_address_stand_on_the_list(tuesday, alma, finn, staff_client, at) -> None:
    at("2026-11-24T08:00")

    for viewer in (alma, finn):
        page = staff_client(viewer).get(reverse("today:day")).content.decode()
        assert "bange" not in page and "Bakken 7" not in page and "anden familie" not in page


def test_a_time_called_off_stays_on_the_list_as_such(tuesday, alma, staff_client) -> None:
    booking.call_off(appointment=tuesday[0], by=alma)

    answer = staff_client(alma).get(reverse("today:day"), TUESDAY)

    assert [each.cancelled for each in answer.context["appointments"]] == [True]
    assert reverse("appointments:slip", args=[tuesday[0].pk]) not in answer.content.decode()


def test_other_days_are_other_days(tuesday, alma, staff_client) -> None:
    for day in ("2026-11-23", "2026-11-25"):
        assert staff_client(alma).get(reverse("today:day"), {"on": day}).context["appointments"] == []


@pytest.mark.parametrize("on", ["", "i morgen", "2026-13-45", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_today(on: str, tuesday, alma, staff_client) -> None:
    answer = staff_client(alma).get(reverse("today:day"), {"on": on})

    assert answer.status_code == 200
    assert answer.context["on"] == date(2026, 11, 23)


def test_the_list_alone_comes_as_a_fragment(tuesday, ea, alma, staff_client) -> None:
    fragment = staff_client(alma).get(reverse("today:day"), TUESDAY, headers={"HX-Request": "true"}).content.decode()

    assert ea.number in fragment and "<html" not in fragment


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("alma", "intake:worklist"),
        ("finn", "today:morning"),
        ("clara", "today:gauges"),
        ("gro", "access:roles"),
        ("dan", "reports:partner"),
        ("operator", "today:health"),
    ],
)
def test_everybody_begins_where_their_work_is(who: str, first: str, morning, request, staff_client) -> None:
    user = request.getfixturevalue(who)

    answer = staff_client(user).get(reverse("today:front"))

    assert (answer.status_code, answer.url) == (302, reverse(first))
    assert staff_client(user).get(answer.url).status_code == 200


def test_the_machines_health_is_for_its_operator_and_about_nobody(ea, operator, alma, clara, staff_client) -> None:
    door.send_drill(by="machine")

    answer = staff_client(operator).get(reverse("today:health"))

    assert (answer.context["letters"], answer.context["weeks"]) == (1, ["2026-W48"])
    assert answer.context["counts"].waiting == 1
    assert ea.number not in answer.content.decode() and "bange" not in answer.content.decode()
    for other in (alma, clara):
        assert staff_client(other).get(reverse("today:health")).status_code == 404


def test_copies_that_are_old_or_were_never_made_are_said(operator, settings, staff_client, tmp_path, at) -> None:
    at("2026-11-24T08:00")
    settings.BACKUP_DIRS = {"content": tmp_path / "content", "keys": tmp_path / "keys"}
    settings.BACKUP_PUBLIC_FILE = tmp_path / "public-keys.json"
    backups.make_keys(by="machine")
    page = reverse("today:health")
    assert staff_client(operator).get(page).content.decode().count("aldrig taget") == 2

    backups.back_up(by="machine")
    assert "aldrig taget" not in staff_client(operator).get(page).content.decode()

    at("2026-11-25T11:00")
    assert staff_client(operator).get(page).content.decode().count("aldrig taget") == 2
