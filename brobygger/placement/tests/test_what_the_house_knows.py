"""What the house has written down reaches the solver: who is kept apart, languages, parents beside, talks."""

from typing import Any

import pytest

from brobygger.groups import seats
from brobygger.groups.tests import rows
from brobygger.placement import queries, services
from brobygger.placement.templatetags import placing

from . import houses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    at(houses.MONDAY)


def proposed(by: Any) -> dict[str, str]:
    """Make a proposal, and give who gets a seat in which group."""
    plan = services.propose(offer="boernegruppe", by=by)
    return dict(queries.laid(by, plan).placing.seats)


def apart(one: Any, other: Any, by: Any) -> Any:
    return seats.keep_apart(member=one.member, other=other.member, by=by)


# ---- Not two in conflict ----


def test_two_who_are_kept_apart_are_never_proposed_the_same_group(alma, bo, finn) -> None:
    houses.group(seats=2)
    two = [houses.child(alma, "Asta"), houses.child(bo, "Bjørk")]
    assert len(proposed(finn)) == 2
    row = apart(*two, finn)
    assert len(proposed(finn)) == 1
    houses.group("Solen", room=2, seats=1)
    found = proposed(finn)
    assert len(found) == 2 and len(set(found.values())) == 2
    seats.together_again(apart=row, by=finn)
    assert queries.instance(finn, "boernegruppe")[0].child[str(two[0].pk)].conflicts == frozenset()


def test_a_proposal_made_before_they_were_kept_apart_is_old(alma, bo, finn) -> None:
    houses.group(seats=2)
    two = [houses.child(alma, "Asta"), houses.child(bo, "Bjørk")]
    plan = services.propose(offer="boernegruppe", by=finn)
    apart(*two, finn)
    with pytest.raises(services.PlanIsOld):
        services.accept(plan=plan, waiting=str(two[0].pk), by=finn)


def test_nobody_is_proposed_a_group_where_somebody_sits_they_are_kept_from(alma, bo, finn) -> None:
    group = houses.group(seats=3)
    waits, sits = houses.child(alma, "Asta"), houses.child(bo, "Bjørk")
    apart(waits, sits, finn)
    seats.take_seat(seat=seats.offer_seat(group=group, member=sits.member, by=bo), by=bo)
    assert str(waits.pk) not in proposed(finn)
    other = houses.group("Solen", room=2)
    assert proposed(finn)[str(waits.pk)] == str(other.pk)


def test_a_child_brings_its_parent_and_does_not_come_where_the_parent_must_not(alma, bo, finn) -> None:
    group = houses.group(seats=3)
    parents = houses.group("Forældre", kind="parent", beside=group, offer="foraeldre", months_from=0, months_to=1200)
    asta, bjork = houses.child(alma, "Asta"), houses.child(bo, "Bjørk")
    mothers = [
        houses.wait(row.member.course.members.get(position=0), by, offer="foraeldre")
        for row, by in ((asta, alma), (bjork, bo))
    ]
    assert len(proposed(finn)) == 2
    apart(*mothers, finn)
    assert len(proposed(finn)) == 1, "their mothers would meet beside it"
    rows.seat(parents, mothers[1].member)
    assert str(asta.pk) not in proposed(finn)


# ---- Languages, parents, talks ----


def test_a_group_in_another_language_is_proposed_to_who_speaks_it_alone(alma, finn) -> None:
    arabic = houses.group("Sol", language="ar")
    speaks, danish = houses.child(alma, "Asta", language="ar"), houses.child(alma, "Bo")
    assert proposed(finn) == {str(speaks.pk): str(arabic.pk)}
    houses.group("Stjernerne", room=2)
    assert {str(speaks.pk), str(danish.pk)} == set(proposed(finn)), "a group in Danish is for everybody"


def test_a_parent_who_must_come_along_needs_a_chair_beside_and_one_who_wishes_it_does_not(alma, finn) -> None:
    group = houses.group(seats=3)
    must, wish = houses.child(alma, "Asta", parent="must"), houses.child(alma, "Bo", parent="wish")
    assert set(proposed(finn)) == {str(wish.pk)}
    houses.group("Forældre", kind="parent", beside=group, seats=1, offer="foraeldre", months_to=1200)
    assert set(proposed(finn)) == {str(must.pk), str(wish.pk)}
    built = queries.instance(finn, "boernegruppe")[0]
    assert {each.parent for each in built.families} == {"must", "wish"}


def test_a_group_with_talks_before_it_is_proposed_to_those_whose_talks_are_done(alma, finn) -> None:
    houses.group(talks_before=2)
    talked, not_yet = houses.child(alma, "Asta", talks=True), houses.child(alma, "Bo")
    assert set(proposed(finn)) == {str(talked.pk)}
    houses.wait(not_yet.member, alma, talks=True)
    assert set(proposed(finn)) == {str(talked.pk), str(not_yet.pk)}


# ---- Who reads it ----


def test_who_decides_sees_what_decides_and_not_the_familys_own_words(alma, bo, finn) -> None:
    row = houses.child(alma, "Asta", parent="must", language="uk", words="Ikke sammen med naboen")
    _built, shown = queries.instance(finn, "boernegruppe")
    someone = shown.people[str(row.pk)]
    said = " ".join(placing.facts(someone))
    assert "forælder" in said and "ukrainsk" in said.lower()
    assert "naboen" not in str(someone), "only that there are words of theirs"
    assert queries.instance(alma, "boernegruppe")[1].people[str(row.pk)].wishes["words"]
    assert not queries.instance(bo, "boernegruppe")[1].people[str(row.pk)].wishes
