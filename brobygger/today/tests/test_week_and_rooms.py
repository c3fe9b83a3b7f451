"""The week, the rooms and one's own day: groups without persons, talks under box numbers, only what one may see."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from brobygger.appointments.tests.families import book, moment
from brobygger.groups import services as groups
from brobygger.groups.models import Meeting
from brobygger.groups.tests.made import again, make
from brobygger.today import weeks

pytestmark = pytest.mark.django_db
MONDAY, THURSDAY = date(2026, 11, 23), date(2026, 11, 26)


@pytest.fixture
def stars(morning, finn, alma):
    """Every other Thursday from three to five, Glostrup, room 1, led by Alma; the clock is at Monday the 23rd."""
    return make(finn, first=THURSDAY, leaders=[alma], leaders_at_once=1)


@pytest.fixture
def elsewhere(morning, finn, bo):
    """Bo's group in Hillerød, Tuesdays in the same weeks."""
    return make(finn, first=date(2026, 11, 24), name="Andre", place="hilleroed", leaders=[bo], leaders_at_once=1)


def page(browser: Any, name: str, **asked: str) -> str:
    answer = browser.get(reverse(f"today:{name}"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def cells(grid: weeks.Grid) -> dict[Any, list[str]]:
    """Say what stands in each column."""
    return {
        column.key: [
            each.meeting.group.name if each.meeting else each.talk.number if each.talk else "taken"
            for each in column.things
        ]
        for column in grid.columns
        if column.things
    }


# ---- The week ----


def test_a_therapist_sees_all_groups_and_their_own_talks(stars, elsewhere, ea, another, alma, bo, staff_client) -> None:
    book(ea, alma, "2026-11-24T10:00")
    book(another, bo, "2026-11-24T10:00")

    hers = page(staff_client(alma), "week", on="2026-11-25")
    assert "Stjernerne" in hers and "Andre" in hers and ea.number in hers and another.number not in hers
    his = page(staff_client(bo), "week", on="2026-11-25")
    assert another.number in his and ea.number not in his and "Stjernerne" in his


def test_who_sees_every_day_sees_all_talks_with_whose_they_are(
    stars, ea, another, alma, bo, finn, staff_client
) -> None:
    book(ea, alma, "2026-11-24T10:00")
    book(another, bo, "2026-11-24T10:00")

    seen = page(staff_client(finn), "week")
    assert {ea.number, another.number} <= set(re.findall(r"[A-Z0-9]{4}", seen))
    assert "Alma ·" in seen and "Bo ·" in seen


def test_the_week_stands_day_by_day_and_hour_by_hour(stars, elsewhere, ea, alma) -> None:
    book(ea, alma, "2026-11-26T09:00")
    grid = weeks.week(alma, THURSDAY)

    assert cells(grid) == {date(2026, 11, 24): ["Andre"], THURSDAY: [ea.number, "Stjernerne"]}
    assert [row.hour for row in grid.hours] == ["09", "10", "11", "12", "13", "14", "15"]
    assert [column.key.weekday() for column in grid.columns] == [0, 1, 2, 3, 4], "an empty weekend is left out"
    assert [column.key for column in grid.columns if column.shown] == [THURSDAY]
    assert cells(weeks.week(alma, MONDAY + timedelta(days=7))) == {}


def test_the_weekend_is_there_when_something_is_in_it(morning, finn, alma) -> None:
    make(finn, first=date(2026, 11, 28), name="Café", kind="cafe", offer="aaben-cafe")
    grid = weeks.week(finn, MONDAY)
    assert cells(grid) == {date(2026, 11, 28): ["Café"]} and len(grid.columns) == 6


def test_one_place_at_a_time(stars, elsewhere, alma, staff_client) -> None:
    browser = staff_client(alma)
    assert "Andre" not in page(browser, "week", place="glostrup")
    assert "Stjernerne" not in page(browser, "week", place="hilleroed")
    # A place nobody knows is no question, and no empty week either.
    assert "Andre" in page(browser, "week", place="mars") and "mars" not in page(browser, "week", place="mars")


def test_a_meeting_called_off_stays_and_says_so(stars, finn, alma, staff_client) -> None:
    groups.cancel_meeting(meeting=Meeting.objects.filter(group=stars).order_by("number").first(), by=finn)
    seen = page(staff_client(alma), "week", on="2026-11-26")
    assert 'class="off"' in seen and "aflyst" in seen
    assert cells(weeks.rooms(alma, THURSDAY, "glostrup")) == {}, "the room is free again"


def test_a_week_no_group_meets_in_says_so(morning, alma, staff_client) -> None:
    closed = {column.key for column in weeks.week(alma, date(2026, 12, 24)).columns if column.closed}
    assert date(2026, 12, 25) in closed and not closed & {column.key for column in weeks.week(alma, MONDAY).columns}


def test_a_week_with_nothing_in_it_says_what_will_come(morning, alma, staff_client) -> None:
    assert "Ikke noget i denne uge." in page(staff_client(alma), "week")


@pytest.mark.parametrize("on", ["", "moon", "2026-13-41", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_today(on, stars, alma, staff_client) -> None:
    for name in ("week", "rooms"):
        assert staff_client(alma).get(reverse(f"today:{name}"), {"on": on}).status_code == 200
    assert "Uge 48" in page(staff_client(alma), "week", on=on)


def test_the_week_asks_as_much_for_many_groups_as_for_few(
    stars, alma, finn, staff_client, django_assert_max_num_queries
):
    browser, asked = staff_client(alma), []
    page(browser, "week")
    for room in (2, 3, 4):
        with django_assert_max_num_queries(40) as questions:
            page(browser, "week")
        asked.append(len(questions))
        make(finn, first=THURSDAY, name=f"Gruppe {room}", room=room, leaders_at_once=1)
    assert len(set(asked)) == 1


# ---- The rooms ----


def test_a_room_with_what_one_may_not_see_is_taken_and_says_no_more(stars, another, alma, bo, staff_client) -> None:
    talk = book(another, bo, "2026-11-26T10:00", where="house")
    assert talk.room

    assert cells(weeks.rooms(alma, THURSDAY, "glostrup")) == {1: ["taken", "Stjernerne"]}
    seen = page(staff_client(alma), "rooms", on="2026-11-26")
    assert "optaget" in seen and another.number not in seen and "Bo" not in seen.split("<table")[1]
    assert cells(weeks.rooms(bo, THURSDAY, "glostrup")) == {1: [another.number, "Stjernerne"]}


def test_every_room_of_the_place_is_a_column(stars, elsewhere, alma, staff_client) -> None:
    grid = weeks.rooms(alma, THURSDAY, "glostrup")
    assert [column.number for column in grid.columns] == [1, 2, 3, 4]
    assert cells(weeks.rooms(alma, date(2026, 11, 24), "hilleroed")) == {1: ["Andre"]}
    assert [row.hour for row in grid.hours] == ["15", "16"], "a room is taken until it is free again"
    assert [len(row.cells[0].goes_on) for row in grid.hours] == [0, 1]
    assert page(staff_client(alma), "rooms", on="2026-11-26").count("ledigt hele dagen") == 3
    assert "Alle rum er ledige hele dagen." in page(staff_client(alma), "rooms", on="2026-11-25")


def test_a_meeting_moved_to_another_room_leaves_the_old_one_free(stars, alma, finn) -> None:
    meeting = Meeting.objects.filter(group=stars).order_by("number").first()
    groups.move_meeting(
        meeting=meeting, starts_at=meeting.starts_at, ends_at=meeting.ends_at, place="glostrup", room=3, by=finn
    )
    assert cells(weeks.rooms(alma, THURSDAY, "glostrup")) == {3: ["Stjernerne"]}
    assert again(meeting).room == 3


# ---- My day ----


def test_my_day_has_the_groups_one_leads_in_order_of_the_clock(stars, ea, alma, bo, finn, staff_client, at) -> None:
    book(ea, alma, "2026-11-26T17:30")
    at("2026-11-26T08:00")

    hers = page(staff_client(alma), "day")
    assert hers.index("Stjernerne") < hers.index(f"Boks {ea.number}")
    meeting = Meeting.objects.filter(group=stars).order_by("number").first()
    assert reverse("groups:evening", args=[meeting.pk]) in hers
    assert "Stjernerne" not in page(staff_client(bo), "day")
    everybody = page(staff_client(finn), "day")
    assert "Stjernerne" in everybody and reverse("groups:evening", args=[meeting.pk]) not in everybody


def test_who_stands_in_has_it_on_their_day_and_who_is_out_has_not(stars, alma, bo, finn, staff_client, at) -> None:
    meeting = Meeting.objects.filter(group=stars).order_by("number").first()
    groups.stand_in(meeting=meeting, out=alma, into=bo, by=finn)
    at("2026-11-26T08:00")
    assert "Stjernerne" in page(staff_client(bo), "day") and "Stjernerne" not in page(staff_client(alma), "day")


def test_the_morning_has_the_groups_of_today(stars, finn, staff_client, at) -> None:
    assert "Stjernerne" not in page(staff_client(finn), "morning")
    at("2026-11-26T08:00")
    assert "Stjernerne" in page(staff_client(finn), "morning")


def test_moments_are_read_as_the_clock_on_the_wall_shows_them(stars) -> None:
    assert Meeting.objects.filter(group=stars).order_by("number").first().starts_at == moment("2026-11-26T15:00")
