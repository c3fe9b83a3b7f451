"""A group and the one that meets beside it are one house and one hour for two who are not placed together."""

from typing import Any

import pytest

from brobygger.casework.tests.test_pages import words
from brobygger.groups import rules, seats
from brobygger.groups.models import Group, Seat
from brobygger.groups.templatetags import apart, waiting
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_kept_apart import asta, bjork, group, page, waits
from brobygger.groups.tests.test_seats import made

__all__ = ["asta", "bjork", "group"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def parents(group: Group) -> Group:
    """The parents' group that meets beside the children's."""
    return made(name="Forældre", kind="parent", beside=group, offer="foraeldre")


@pytest.fixture
def father(bjork: Any, bo: Any) -> Any:
    """Bjørk's grown-up, who waits for the parents' group."""
    row = bjork.course.members.get(position=0)
    seats.wait(member=row, offer="foraeldre", wishes={}, by=bo)
    return row


def chances(viewer: Any, member: Any, *groups: Group) -> list[tuple[str, ...]]:
    return [each.reasons for each in waiting.chances(viewer, member, groups, "")]


def test_the_group_beside_meets_at_the_same_house_and_hour(group, parents, asta, father, alma, bo, finn) -> None:
    seats.keep_apart(member=asta, other=father, by=finn)
    seat = seats.offer_seat(group=group, member=asta, by=alma)
    with pytest.raises(rules.KeptApart):
        seats.offer_seat(group=parents, member=father, by=bo)
    with pytest.raises(rules.SpeaksAgainst) as found:
        seats.offer_seat(group=parents, member=father, by=finn)
    assert found.value.reasons == ("kept_apart",)

    seats.withdraw_offer(seat=seat, by=alma)
    seat = seats.offer_seat(group=parents, member=father, by=bo)
    with pytest.raises(rules.KeptApart):
        seats.offer_seat(group=group, member=asta, by=alma)
    more = made(name="Søskende", beside=group)
    with pytest.raises(rules.KeptApart):
        seats.offer_seat(group=more, member=asta, by=alma)
    assert seats.offer_seat(group=made(name="Månerne"), member=asta, by=alma), "another group is another hour"


def test_the_pages_look_at_the_group_beside_too(group, parents, asta, bjork, father, alma, bo, finn) -> None:
    seats.keep_apart(member=asta, other=father, by=finn)
    rows.seat(group, asta)
    other = made(name="Månerne")
    assert chances(bo, father, parents, group, other) == [("not_there",), ("not_there",), ()]
    assert chances(finn, father, parents, group, other) == [("kept_apart",), ("kept_apart",), ()]
    rows.seat(parents, father)
    assert chances(bo, bjork, group) == [()], "a parent beside is no brother or sister who sits there"
    assert chances(alma, asta, parents) == [("not_there",)], "nor do they sit in the group beside themselves"


def test_the_page_says_that_both_come_at_the_same_hour(
    group, parents, asta, father, bo, finn, clara, staff_client
) -> None:
    seats.keep_apart(member=asta, other=father, by=finn)
    rows.seat(group, asta)
    seat = rows.seat(made(name="Månerne"), father)
    assert "har en plads i" not in words(staff_client(finn).get(page(asta)))
    seat.delete()
    rows.seat(parents, father)
    assert "Den ene har en plads i Stjernerne nu, den anden i Forældre ved siden af." in words(
        staff_client(finn).get(page(asta))
    )
    assert "Den ene har en plads i Forældre nu, den anden i Stjernerne ved siden af." in words(
        staff_client(clara).get(page(father))
    )


def test_a_grown_up_beside_a_baby_is_on_the_page_too(group, asta, father, alma, bo, finn, staff_client) -> None:
    babies = made(name="Babyer", kind="pair", months_from=0, months_to=200)
    mother = waits(asta.course.members.get(position=0), alma)
    seats.keep_apart(member=mother, other=father, by=finn)
    for each in (mother, father):
        rows.seat(babies, each.course.members.get(position=1), beside=each)
    for each in (mother, father):
        assert "Begge har en plads i Babyer nu." in words(staff_client(finn).get(page(each)))


def test_for_a_proposal_groups_side_by_side_are_one(group, parents, asta, bjork, father, finn) -> None:
    beside, other = made(name="Søskende", beside=group), made(name="Månerne")
    seats.keep_apart(member=asta, other=father, by=finn)
    groups = [group, parents, beside, other]
    seated = {each.pk: list[Seat]() for each in groups} | {parents.pk: [rows.seat(parents, father)]}
    (wait,) = waiting.everybody().filter(member=asta)
    found = apart.for_placing([wait], {}, seated, groups)
    assert found == {str(wait.pk): {str(group.pk), str(beside.pk)}}
