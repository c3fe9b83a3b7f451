"""The pages about seats, as people at work use them on a phone: who waits, offering, the answer on the telephone."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.casework.tests.families import begin, person
from brobygger.casework.tests.test_pages import words
from brobygger.groups import seats
from brobygger.groups.models import Attendance, Group, Meeting, Seat, Waiting
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import MONDAY, child, made, nth
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    at(MONDAY)
    return made()


@pytest.fixture
def liv(group: Group, alma: Any) -> Any:
    return person(begin(alma), 2)


def where(name: str, **parts: Any) -> str:
    return reverse(f"groups:{name}", kwargs=parts)


def of(member: Any, **parts: Any) -> dict[str, Any]:
    return {"course": member.course_id, "member": member.pk, **parts}


def put(client: Any, member: Any, **more: Any) -> Any:
    return client.post(where("wait", **of(member)), {"offer": "gruppe", **more})


# ---- Waiting ----


def test_somebody_is_put_on_the_list_with_what_suits_them(liv, alma, bo, dan, finn, gro, staff_client) -> None:
    address = where("wait", **of(liv))
    for other in (bo, dan, finn, gro):
        assert staff_client(other).get(address).status_code == 404, other
        assert staff_client(other).post(address, {"offer": "gruppe"}).status_code == 404
    client = staff_client(alma)
    assert "Liv" in words(client.get(address))
    assert put(client, liv, offer="").status_code == 422 and not Waiting.objects.exists()

    once = {
        "once": "5d4c8a38-7e0e-4d34-9d60-0b5c2c5c2f11",
        "places": ["hilleroed"],
        "days": ["2"],
        "words": "Kun hos os",
    }
    for _press in range(2):
        assert put(client, liv, **once).status_code == 302

    (row,) = Waiting.objects.all()
    page = words(client.get(where("of_course", course=liv.course_id)))
    assert "Venter på" in page and str(row.pk) == once["once"]
    again = words(client.get(address))
    assert client.post(address, {"stop": str(row.pk)}).status_code == 302 and "Venter ikke mere" in again
    row.refresh_from_db()
    assert row.outcome == "withdrawn"


def test_the_list_says_why_and_when_and_shows_each_only_what_is_theirs(
    group, liv, alma, bo, finn, clara, dan, gro, staff_client
) -> None:
    seats.wait(member=liv, offer="gruppe", wishes={"places": ["hvidovre"], "words": "Mor er bange"}, by=alma)
    old = child(alma, birth="2014-01", called="Karla")
    seats.wait(member=old, offer="gruppe", wishes={}, by=alma)
    nick = Course.objects.get(pk=liv.course_id).nickname

    mine = words(staff_client(alma).get(where("waiting")))
    assert nick in mine and "Liv" in mine and "ikke et sted, de kan komme" in mine and "for gammel" in mine
    for sees in (finn, clara):
        page = words(staff_client(sees).get(where("waiting")))
        assert nick in page and "Liv" not in page and "Karla" not in page and "Mor er bange" not in page
    others = words(staff_client(bo).get(where("waiting")))
    assert nick not in others and "2 venter på" in others
    for other in (dan, gro):
        assert staff_client(other).get(where("waiting")).status_code == 404
    looked = [by for by, action in audit.trail(f"course:{liv.course_id}") if action == "groups.waiting_looked"]
    assert sorted(looked) == ["alma", "clara", "finn"]


def test_nobody_says_when_there_is_no_ground_to_say_anything(group, liv, alma, staff_client) -> None:
    seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    page = where("of_course", course=liv.course_id)
    shown = words(staff_client(alma).get(page))
    assert "Der er en plads fra onsdag den 25. november" in shown, shown
    for _each in range(3):
        rows.seat(group, child(alma), starts_with=nth(group, 1))
    shown = words(staff_client(alma).get(page))
    assert "ingen ledig plads" in shown and "Ingen kan sige endnu" in shown
    rows.seat(made(name="Ældre", seats=1), child(alma, birth="2016-03"))
    assert "Måske i marts 2027" in words(staff_client(alma).get(page)), "somebody there is eleven then"


def test_something_meanwhile_is_what_else_fits_and_the_next_open_day(group, liv, alma, staff_client) -> None:
    cafe = rows.group(name="Åben café", kind="cafe", offer="aaben-cafe", months_from=0, months_to=1200)
    rows.meeting(cafe, 2)
    seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    page = words(staff_client(alma).get(where("of_course", course=liv.course_id)))
    assert "Noget imens" in page and "Åben café: onsdag den 25. november" in page


def test_a_courses_groups_are_for_who_has_it(liv, alma, bo, dan, finn, clara, staff_client) -> None:
    address = where("of_course", course=liv.course_id)
    assert staff_client(alma).get(address).status_code == 200
    assert address in staff_client(alma).get(reverse("casework:course", args=[liv.course_id])).content.decode()
    for other in (bo, dan, finn, clara):
        assert staff_client(other).get(address).status_code == 404


# ---- Offering ----


def test_a_seat_is_offered_from_the_course_in_two_steps(group, liv, alma, bo, dan, finn, staff_client) -> None:
    client, which, what = staff_client(alma), where("offer", **of(liv)), where("offer", **of(liv, group=group.pk))
    assert what in client.get(which).content.decode()
    assert client.get(what).status_code == 200
    sent = {"starts_with": str(nth(group, 3).pk)}
    for other in (bo, dan, finn):
        for address in (which, what):
            assert staff_client(other).get(address).status_code == 404
            assert staff_client(other).post(address, sent).status_code == 404
    assert not Seat.objects.exists()
    assert client.post(what, {}).status_code == 422
    assert client.post(what, sent | {"answer_by": "2026-12-10"}).status_code == 422
    assert client.post(what, sent | {"answer_by": "2026-12-01"}).status_code == 302
    seat = Seat.objects.get()
    assert (seat.starts_with, seat.answer_by) == (nth(group, 3), date(2026, 12, 1))
    again = client.post(what, sent)
    assert again.status_code == 422 and "allerede en plads" in words(again)


def test_a_free_chair_is_offered_to_who_waits_and_the_administrator_sees_nicknames(
    group, liv, alma, finn, bo, staff_client
) -> None:
    address, what = where("offer", group=group.pk), where("offer", **of(liv, group=group.pk))
    assert what not in staff_client(finn).get(address).content.decode()
    assert staff_client(finn).get(what).status_code == 404, "who does not wait is nobody to an administrator"
    seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    page = staff_client(finn).get(address)
    assert what in page.content.decode() and "Liv" not in words(page)
    assert what not in staff_client(bo).get(address).content.decode()
    assert "Liv" not in words(staff_client(finn).get(what))
    assert staff_client(finn).post(what, {"starts_with": str(nth(group, 2).pk)}).status_code == 302


def test_what_speaks_against_it_is_shown_and_needs_a_reason(group, alma, staff_client) -> None:
    old = child(alma, birth="2015-10")
    what, sent = where("offer", **of(old, group=group.pk)), {"starts_with": str(nth(group, 2).pk)}
    client = staff_client(alma)
    assert "For gammel til den" in words(client.get(what))
    refused = client.post(what, sent)
    assert refused.status_code == 422 and "hvorfor du tilbyder den alligevel" in words(refused)
    assert client.post(what, sent | {"even_so": "ready_for_it"}).status_code == 302


def test_talks_first_and_who_comes_along_are_asked_where_they_matter(group, alma, staff_client) -> None:
    family = begin(alma, people=[{"role": "mother", "called": "Mette"}, {"role": "child", "birth": "2026-05"}])
    baby = person(family, 1)
    pair = made(name="Baby", kind="pair", months_from=0, months_to=12, talks_before=1, offer="babygruppe")
    client, what, sent = (
        staff_client(alma),
        where("offer", **of(baby, group=pair.pk)),
        {"starts_with": str(nth(pair, 2).pk)},
    )
    assert "Mette" in words(client.get(what))
    assert "Vælg den voksne" in words(client.post(what, sent))
    mother = {"beside": str(person(family, 0).pk)}
    assert "Sæt kryds, når de er holdt" in words(client.post(what, sent | mother))
    assert client.post(what, sent | mother | {"talks_done": "on"}).status_code == 302
    assert Seat.objects.get().beside_id == person(family, 0).pk


def test_a_full_or_closed_group_offers_nothing_and_loses_nothing(group, liv, alma, staff_client) -> None:
    client, what, sent = (
        staff_client(alma),
        where("offer", **of(liv, group=group.pk)),
        {"starts_with": str(nth(group, 2).pk)},
    )
    for _each in range(3):
        rows.seat(group, child(alma))
    full = client.post(what, sent | {"answer_by": "2026-11-24"})
    assert full.status_code == 422 and "sidste plads" in words(full) and "2026-11-24" in full.content.decode()
    Group.objects.update(state="closed")
    assert client.get(what).status_code == 404 and client.get(where("offer", group=group.pk)).status_code == 404


# ---- One seat ----


def test_the_answer_comes_on_the_telephone(group, liv, alma, bo, dan, gro, finn, staff_client) -> None:
    seat = seats.offer_seat(group=group, member=liv, by=alma)
    address = where("seat", seat=seat.pk)
    for other in (bo, dan, gro):
        assert staff_client(other).get(address).status_code == 404
        assert staff_client(other).post(address, {"do": "take"}).status_code == 404
    page = words(staff_client(alma).get(address))
    assert "Liv" in page and "Ring til dem" in page
    assert staff_client(finn).post(address, {"do": "take"}).status_code == 302
    seat.refresh_from_db()
    assert seat.state == "taken"
    late = staff_client(alma).post(address, {"do": "decline"})
    assert late.status_code == 422 and "allerede" in words(late)
    assert staff_client(alma).post(address, {"do": "sell"}).status_code == 422


def test_a_break_one_day_off_and_leaving(group, liv, alma, staff_client) -> None:
    seat = rows.seat(group, liv)
    client, address = staff_client(alma), where("seat", seat=seat.pk)
    for wrong in ("", "2026-11-23", "2028-01-01", "i morgen"):
        assert client.post(address, {"do": "pause", "until": wrong}).status_code == 422
    assert client.post(address, {"do": "pause", "until": "2026-12-08"}).status_code == 302
    assert "Det går videre tirsdag den 8. december" in words(client.get(address))
    assert client.post(address, {"do": "resume"}).status_code == 302
    meeting = {"meeting": str(nth(group, 3).pk)}
    assert client.post(address, {"do": "away"} | meeting).status_code == 302
    assert Attendance.objects.get().mark == "said_no" and "kommer ikke" in words(client.get(address))
    assert client.post(address, {"do": "come"} | meeting).status_code == 302
    assert client.post(address, {"do": "away", "meeting": str(nth(group, 1).pk)}).status_code == 422
    assert client.post(address, {"do": "leave"}).status_code == 422
    assert client.post(address, {"do": "leave", "reason": "too_old"}).status_code == 302
    seat.refresh_from_db()
    assert (seat.state, seat.reason) == ("left", "too_old")
    assert "For gammel til gruppen" in words(client.get(address))


def test_who_arranges_sees_who_sits_and_comes_to_each_seat(group, liv, alma, finn, bo, staff_client) -> None:
    seat = rows.seat(group, liv)
    shown = staff_client(finn).get(where("offer", group=group.pk))
    assert "Liv" in words(shown) and where("seat", seat=seat.pk) in shown.content.decode()
    assert "Liv" not in words(staff_client(bo).get(where("offer", group=group.pk)))
    assert ("finn", "groups.roster_looked") in audit.trail(f"member:{liv.pk}")
    left = staff_client(finn).post(where("seat", seat=seat.pk), {"do": "leave", "reason": "moved"})
    assert left.status_code == 302 and left.url == where("group", group=group.pk)
    assert staff_client(finn).get(where("seat", seat=seat.pk)).status_code == 404, "what is over is the course's"


def test_a_page_of_a_course_that_is_over_writes_nothing(group, liv, alma, staff_client) -> None:
    client, what = staff_client(alma), where("offer", **of(liv, group=group.pk))
    courses.end_course(course=liv.course, reason="completed", words="", seen=0, by=alma)
    assert client.post(what, {"starts_with": str(nth(group, 2).pk)}).status_code == 404
    assert put(client, liv).status_code == 404
    assert client.get(where("of_course", course=liv.course_id)).status_code == 200
    assert not Seat.objects.exists() and not Waiting.objects.exists() and Meeting.objects.exists()


def test_who_has_been_offered_a_seat_is_not_offered_it_again_and_is_before_nobody(
    group, liv, alma, staff_client
) -> None:
    group.seats = 2
    group.save()
    next_one = child(alma)
    for member in (liv, next_one):
        seats.wait(member=member, offer="gruppe", wishes={}, by=alma)
    seats.offer_seat(group=group, member=liv, by=alma)
    first = words(staff_client(alma).get(where("of_course", course=liv.course_id)))
    assert "har en plads der eller et tilbud om en" in first
    second = words(staff_client(alma).get(where("of_course", course=next_one.course_id)))
    assert "Der er en plads fra onsdag den 25. november" in second
