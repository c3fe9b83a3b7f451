"""Parents who sit beside already, who wait, who are not on the list; and grown-ups who come along with a baby."""

from typing import Any

import pytest
from django.urls import reverse

from brobygger.casework.tests.families import begin, person
from brobygger.groups import seats
from brobygger.groups.models import Group, Seat, Waiting
from brobygger.groups.templatetags import waiting
from brobygger.groups.tests import rows
from brobygger.placement import program, proof, queries, rules, services, solver
from brobygger.placement.models import Plan
from brobygger.placement.tests import houses
from brobygger.placement.tests.lists import child, group
from brobygger.placement.tests.lists import waiting as listed

pytestmark = pytest.mark.django_db
BESIDE = {"kind": "parent", "offer": "foraeldregruppe", "months_from": 216, "months_to": 1200}
BABIES = {"name": "Babyer", "kind": "pair", "offer": "babygruppe", "months_from": 0, "months_to": 12}
MOTHER = {"role": "mother", "called": "Mor", "name": "Mor Hansen", "phone": "24230300"}


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def pair(chairs: int = 2, room: int = 9, **beside: Any) -> tuple[Group, Group]:
    """A group for children, and the parents' group beside it."""
    stars = houses.group(seats=room, newcomers=room)
    return stars, houses.group("Forældre", **{**BESIDE, "seats": chairs, "beside": stars, **beside})


def family(by: Any, *parent: str, weeks: int = 10) -> tuple[list[Waiting], Waiting]:
    """Let two children wait, and their mother for the group beside."""
    people = [MOTHER, *({"role": "child", "called": f"Barn {n}", "birth": f"201{n}-05"} for n in (7, 8))]
    course = begin(by, people=people)
    wishes = [{"parent": each} if each else {} for each in parent]
    kids = [houses.wait(course.members.get(position=at + 1), by, weeks, **wish) for at, wish in enumerate(wishes)]
    return kids, houses.wait(course.members.get(position=0), by, weeks, offer="foraeldregruppe")


def baby(by: Any) -> tuple[Any, Waiting]:
    """Let a baby wait; give its mother too."""
    course = begin(by, people=[MOTHER, {"role": "child", "called": "B", "birth": "2026-06"}])
    return course.members.get(position=0), houses.wait(course.members.get(position=1), by, offer="babygruppe")


def said(viewer: Any, offer: str = "") -> dict[str, Any]:
    return queries.said(services.propose(offer=offer, by=viewer))


def codes(viewer: Any, row: Waiting, at: Group) -> list[str]:
    built = queries.instance(viewer)[0]
    return [each.code for each in program.in_the_way(built, str(row.pk), str(at.pk))]


def reasons(viewer: Any, row: Waiting, at: Group) -> tuple[str, ...]:
    """Give what the waiting list says of the same."""
    [line] = waiting.lines(viewer, [row])
    return next(each.reasons for each in line.chances if each.group == at)


# ---- Who sits beside already ----


def test_a_parent_who_sits_beside_is_enough_for_the_next_child_and_takes_no_other_chair(alma, bo, finn) -> None:
    stars, _parents = pair()
    kids, _mother = family(alma, "must", "must", weeks=20)
    services.accept(plan=services.propose(offer="", by=finn), waiting=str(kids[0].pk), by=finn)
    assert Seat.objects.count() == 2
    family(bo, "must", "must", weeks=1)

    body = said(finn)

    assert len(body["seats"]) == 3, "one chair is left, and the other family has it"
    assert str(kids[1].member.course_id) not in body["parents"]
    assert reasons(alma, kids[1], stars) == ()


def test_a_seat_a_parent_was_given_by_hand_counts_though_the_group_is_full(alma, finn) -> None:
    stars, parents = pair(chairs=1)
    course = begin(alma)
    rows.seat(parents, course.members.get(position=0))
    liv = houses.wait(person(course, 2), alma, parent="must")
    assert codes(finn, liv, stars) == [] == list(reasons(alma, liv, stars))
    other = houses.child(alma, "Asta", parent="must")
    assert codes(finn, other, stars) == ["no_parallel"] and reasons(alma, other, stars) == ("parents_full",)


def test_the_parent_must_be_beside_the_child_it_was_asked_for() -> None:
    """Not beside a sibling elsewhere; where it sits already no column is made, and none is verified."""
    must = rules.Family("f1", parent="must")
    two = [child("liv", parent="must"), child("eja", months=120, parent="no")]
    old = group("g2", months_from=110, months_to=140, parent_seats=1)
    instance = listed(*two, groups=[group(months_to=100, parent_seats=1), old], families=[must])
    assert solver.solve(instance).placing.parents == {"f1": "g1"}
    elsewhere = rules.Placing({"liv": "g1", "eja": "g2"}, {"f1": "g2"})
    assert [each.code for each in proof.verify(instance, elsewhere)] == ["parent_missing"]

    sits = rules.Family("f1", parent="must", parent_at=frozenset({"g1"}))
    there = listed(*two, groups=instance.groups, families=[sits])
    answer = solver.solve(there)
    assert len(answer.placing.seats) == 2 and answer.placing.parents == {"f1": "g2"} and answer.proved
    again = rules.Placing(answer.placing.seats, {"f1": "g1"})
    assert [each.code for each in proof.verify(there, again)] == ["parent_unwished"]


def test_what_one_child_must_have_its_sibling_need_not(alma, finn) -> None:
    pair()
    alone = houses.group("Solen", room=3)
    kids, _mother = family(alma, "must", "")
    assert codes(finn, kids[1], alone) == [] == list(reasons(alma, kids[1], alone))
    assert codes(finn, kids[0], alone) == ["no_parallel"] and reasons(alma, kids[0], alone) == ("no_parents",)


# ---- Who is not on the list ----


def test_no_seat_is_promised_to_a_parent_who_is_not_on_the_list(alma, finn, staff_client) -> None:
    pair()
    liv = houses.wait(person(begin(alma), 2), alma, parent="must")
    plan = services.propose(offer="", by=finn)
    client = staff_client(finn)

    shown = client.get(reverse("placement:plan", kwargs={"plan": plan.pk})).content.decode()
    assert "Forælderen får" not in shown and "Skriv forælderen på ventelisten først" in shown
    with pytest.raises(services.ParentFirst):
        services.accept(plan=plan, waiting=str(liv.pk), by=finn)
    where = reverse("placement:accept", kwargs={"plan": plan.pk, "waiting": liv.pk})
    first = next(iter(client.get(where).context["sent"].child.starts))
    refused = client.post(where, {"starts_with": first})
    assert refused.status_code == 422 and "Skriv forælderen på ventelisten først" in refused.content.decode()
    assert not Seat.objects.exists()

    assert client.post(where, {"starts_with": first, "alone": "on"}).status_code == 302
    kept = {each.code for each in services.look_at_why(seat=Seat.objects.get(), by=finn) or ()}
    assert kept and not kept & {"parent_seat", "parent_first"}


def test_a_parent_on_the_list_is_promised_the_seat(alma, finn) -> None:
    pair()
    kids, _mother = family(alma, "must", "")
    plan = services.propose(offer="", by=finn)
    seat = services.accept(plan=plan, waiting=str(kids[0].pk), by=finn)
    assert "parent_seat" in {each.code for each in services.look_at_why(seat=seat, by=finn) or ()}
    assert Plan.objects.count() == 1 and Seat.objects.count() == 2


# ---- Which chairs ----


def test_chairs_of_what_nobody_waits_for_are_not_counted(alma, bo, finn) -> None:
    stars, _parents = pair(chairs=1)
    houses.group("Mødre", **{**BESIDE, "offer": "moedregruppe", "beside": stars, "seats": 5, "room": 2})
    for by in (alma, bo):
        family(by, "must", "must")
    body = said(finn)
    assert len(body["parents"]) == 1 and len(body["seats"]) == 2


def test_a_parent_whose_child_has_nowhere_to_sit_is_proposed_a_group_that_stands_alone(alma, finn) -> None:
    pair()
    alone = houses.group("Alene", **{**BESIDE, "room": 3})
    course = begin(alma)
    houses.wait(person(course, 2), alma, places=["glostrup"])
    mother = houses.wait(course.members.get(position=0), alma, offer="foraeldregruppe")
    assert said(finn)["seats"] == {str(mother.pk): str(alone.pk)}
    houses.wait(person(course, 2), alma, places=["glostrup"], parent="wish")
    assert str(mother.pk) not in said(finn)["seats"], "she waits for a seat beside"


def test_a_parents_group_that_has_begun_has_no_chairs_on_either_page(alma, finn) -> None:
    stars, _parents = pair(intake="fixed")
    liv = houses.child(alma, parent="must")
    assert codes(finn, liv, stars) == ["no_parallel"] and reasons(alma, liv, stars) == ("parents_full",)


# ---- Ages, and who comes along ----


def test_no_age_counts_in_a_group_for_grown_ups(alma, finn) -> None:
    parents = houses.group("Forældre", **BESIDE)
    young = begin(alma, people=[{**MOTHER, "birth": "2009-06"}, {"role": "child", "called": "B", "birth": "2026-06"}])
    row = houses.wait(young.members.get(position=0), alma, offer="foraeldregruppe")
    assert codes(finn, row, parents) == [] == list(reasons(alma, row, parents))
    assert said(finn)["seats"] == {str(row.pk): str(parents.pk)}


def test_in_a_group_of_babies_it_is_the_baby_who_waits(alma, finn) -> None:
    babies = houses.group(**BABIES)
    mother, liv = baby(alma)
    row = houses.wait(mother, alma, offer="babygruppe")
    assert codes(finn, row, babies) == ["child_waits"] == list(reasons(alma, row, babies))
    assert codes(finn, liv, babies) == []


def test_babies_whose_mothers_are_kept_apart_do_not_come_together(alma, finn) -> None:
    babies = houses.group(**BABIES)
    (one, first), (other, second) = baby(alma), baby(alma)
    assert len(said(finn)["seats"]) == 2
    seats.keep_apart(member=one, other=other, by=alma)
    assert len(said(finn)["seats"]) == 1
    seats.offer_seat(group=babies, member=first.member, beside=one, by=alma)
    assert codes(finn, second, babies) == ["conflict"] and said(finn)["seats"] == {}


def test_a_mother_who_sits_beside_her_baby_is_taken_at_that_hour(alma, finn) -> None:
    babies, other = houses.group(**BABIES), houses.group("Mødre", **{**BESIDE, "room": 2})
    mother, liv = baby(alma)
    seats.take_seat(seat=seats.offer_seat(group=babies, member=liv.member, beside=mother, by=alma), by=alma)
    row = houses.wait(mother, alma, offer="foraeldregruppe")
    assert codes(finn, row, other) == ["busy"]


# ---- Said alike on both pages ----


def test_kept_apart_is_no_other_kind_of_group_and_said_to_who_may_know(alma, bo, finn, staff_client) -> None:
    stars = houses.group(seats=3)
    waits, sits = houses.child(alma, "Asta"), houses.child(bo, "Bjørk")
    seats.keep_apart(member=waits.member, other=sits.member, by=finn)
    seats.take_seat(seat=seats.offer_seat(group=stars, member=sits.member, by=bo), by=bo)
    assert codes(finn, waits, stars) == ["conflict"]
    where = reverse("placement:plan", kwargs={"plan": services.propose(offer="", by=finn).pk})
    knows, asks = (staff_client(each).get(where).content.decode() for each in (finn, alma))
    assert "de ikke skal møde" in knows and "Spørg den" not in knows
    assert "de ikke skal møde" not in asks and "Spørg den" in asks
    assert not any("anden slags gruppe" in each for each in (knows, asks))


def test_apart_said_for_one_child_holds_for_the_other_on_both_pages(alma, finn) -> None:
    stars = houses.group(seats=4)
    one, other = houses.siblings(alma, "2017-05", "2018-05")
    houses.wait(one.member, alma, siblings="apart")
    seats.take_seat(seat=seats.offer_seat(group=stars, member=one.member, by=alma), by=alma)
    assert codes(finn, other, stars) == ["conflict"] and reasons(alma, other, stars) == ("apart",)


def test_a_group_that_ends_soon_takes_nobody_on_either_page(alma, finn) -> None:
    soon, later = houses.group(meetings=3, meetings_wanted=3), houses.group("Solen", room=2, meetings_wanted=8)
    liv = houses.child(alma)
    assert codes(finn, liv, soon) == ["ends"] and reasons(alma, liv, soon) == ("ends",)
    assert codes(finn, liv, later) == [] == list(reasons(alma, liv, later))
