"""Who asks what we hold about them is given their seats, the days they came and what they wait for."""

from datetime import date
from typing import Any

import pytest

from brobygger.groups import seats
from brobygger.groups.models import Attendance
from brobygger.groups.templatetags import boxes
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import MONDAY, made, nth
from brobygger.placement import rules
from brobygger.placement import services as placement
from brobygger.rights import services

from . import people

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def family(furnished: Any, at: Any, alma: Any) -> Any:
    at(MONDAY)
    return people.course(alma)


def sits(family: Any, position: int, by: Any) -> Any:
    member, group = people.person(family, position), made(kind="parent")
    rows.seat(group, member, offered_on=date(2026, 10, 1))
    Attendance.objects.create(meeting=nth(group, 1), member=member, mark="here")
    wishes = {"words": "Kun når far ikke er hjemme.", "days": [2]}
    seats.wait(member=member, offer="babygruppe", wishes=wishes, by=by)
    return member


def test_what_is_held_is_put_together_oldest_first(family: Any, alma: Any) -> None:
    member = sits(family, 0, alma)
    held = boxes.everything_about(member)
    assert [each.kind for each in held] == ["seat", "meeting", "waiting"]
    assert ("Stjernerne", "Kom") in held[1].facts
    assert "Kun når far ikke er hjemme." in held[2].words and "Onsdag" in held[2].words
    assert boxes.everything_about(people.person(family, 1)) == []


def test_it_stands_in_the_paper_of_the_person_and_of_nobody_else(family: Any, alma: Any) -> None:
    mother = sits(family, 0, alma)
    said = people.paper(people.ready(people.asked(mother, alma), alma), alma)
    for text in ("Stjernerne", "Kom", "Kun når far ikke er hjemme."):
        assert text in said
    father = people.paper(people.ready(people.asked(people.person(family, 1), alma), alma), alma)
    assert "Stjernerne" not in father and "far ikke er hjemme" not in father


def test_why_their_seat_was_proposed_stands_in_their_own_paper(family: Any, alma: Any) -> None:
    mother = sits(family, 0, alma)
    waited = rules.Reason("waited", {"weeks": 31, "limit": 26, "over": 1})
    placement._say_why(mother.seats.get(), [waited])

    said = people.paper(people.ready(people.asked(mother, alma), alma), alma)

    assert "Hvorfor pladsen blev foreslået" in said and "Har ventet 31 uger." in said
    father = people.paper(people.ready(people.asked(people.person(family, 1), alma), alma), alma)
    assert "31 uger" not in father


def test_who_is_kept_apart_reads_at_most_that_there_is_somebody(
    family: Any, alma: Any, bo: Any, finn: Any, at: Any
) -> None:
    mother, other = sits(family, 0, alma), rows.child(bo, "Bjørk")
    seats.wait(member=other, offer="babygruppe", wishes={}, by=bo)
    row = seats.keep_apart(member=mother, other=other, by=finn)

    at("2026-11-24T09:00")
    request = people.asked(mother, alma)
    weighed = {each.ident: each for each in services.look(request=request, by=alma).entries}
    assert weighed[row.pk].sentences == ["Der er en, du ikke får plads i gruppe med."], "a person decides about it"
    said = people.paper(people.ready(request, alma, apart=("ikke får plads", "third_person")), alma)
    assert "hvor en kan få plads" in said, "the log says that something was written, and no more"
    for text in ("ikke får plads", other.course.nickname, "Bjørk", str(other.pk), "adskilt"):
        assert text not in said
