"""What the solver is told of a family, its seats and its groups: two waits of one child, wishes that hold, days."""

from datetime import date, timedelta
from typing import Any

import pytest

from brobygger.casework.tests.families import begin
from brobygger.groups import seats
from brobygger.groups import services as groups
from brobygger.groups.models import Meeting, Waiting
from brobygger.groups.templatetags import waiting
from brobygger.groups.tests import rows
from brobygger.placement import queries, rules, services
from brobygger.placement.models import Plan
from brobygger.placement.templatetags import placing
from brobygger.placement.tests import houses

pytestmark = pytest.mark.django_db
MOTHER = {"role": "mother", "called": "Mor", "name": "Mor Hansen", "phone": "24230300"}
FATHER = {"role": "father", "called": "Far", "name": "Far Hansen", "phone": "24230301"}
LIV = {"role": "child", "called": "Liv", "birth": "2018-05"}


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def placed(viewer: Any, offer: str = "") -> dict[str, str]:
    return queries.said(services.propose(offer=offer, by=viewer))["seats"]


def built(viewer: Any, offer: str = "") -> rules.Instance:
    return queries.instance(viewer, offer)[0]


def laid_out(plan: Plan, viewer: Any) -> dict[str, Any]:
    return placing.laid_out(viewer, services.look_at_plan(plan=plan, by=viewer))


# ---- One child is one child ----


def test_a_child_with_two_waits_is_not_its_own_brother(alma, finn) -> None:
    houses.group("Onsdag"), houses.group("Torsdag", offer="gruppe", starts_on=date(2026, 11, 12))
    liv = rows.child(alma, "Liv", "2018-05")
    houses.wait(liv, alma, 10, "boernegruppe", siblings="together"), houses.wait(liv, alma, 10, "gruppe")

    plan = services.propose(offer="", by=finn)
    shown = laid_out(plan, finn)

    said = " ".join(why for place in shown["places"] for line in place.lines for why in line.why)
    assert len(queries.said(plan)["seats"]) == 2, "there is room for both"
    assert "søster eller bror" not in said
    levels = {each["wish"]: each["value"] for each in queries.said(plan)["levels"]}
    assert (levels["placed"], levels["siblings"]) == (1, 0)


def test_a_child_never_sits_in_two_groups_at_one_hour(alma, finn) -> None:
    one, other = houses.group("A"), houses.group("B", offer="gruppe")
    liv = rows.child(alma, "Liv", "2018-05")
    first, second = houses.wait(liv, alma, 10, "boernegruppe"), houses.wait(liv, alma, 4, "gruppe")
    assert placed(finn) == {str(first.pk): str(one.pk)}

    rows.seat(one, liv)

    assert str(second.pk) not in placed(finn), "nor beside the seat it has"
    assert [each.code for each in rules.possible(*pair(finn, second, other))] == ["busy"]


def pair(viewer: Any, row: Waiting, group: Any) -> tuple[rules.Child, rules.Group, rules.Family]:
    instance = built(viewer)
    child = instance.child[str(row.pk)]
    return child, instance.group[str(group.pk)], instance.family[child.family]


def test_ones_own_seat_is_no_brothers(alma, finn) -> None:
    grief = houses.group("Sorg", offer="gruppe", starts_on=date(2026, 11, 12))
    houses.group("B", seats=2)
    one, _other = houses.siblings(alma, "2018-01", "2017-01", siblings="together")
    rows.seat(grief, one.member)

    instance = built(finn)
    plan = services.propose(offer="", by=finn)

    assert instance.family[str(one.member.course_id)].seated == {(str(one.member_id), str(grief.pk))}
    assert rules.together(instance, services.look_at_plan(plan=plan, by=finn).placing) == [str(one.member.course_id)]


# ---- A wish holds when the wait is over ----


@pytest.mark.parametrize("state", ["offered", "taken"])
def test_apart_holds_when_the_one_who_asked_has_a_seat(alma, finn, state) -> None:
    group = houses.group("A", seats=3)
    one, other = houses.siblings(alma, "2018-01", "2017-01")
    seats.wait(member=one.member, offer="boernegruppe", wishes={"siblings": "apart"}, by=alma)
    seat = seats.offer_seat(group=group, member=one.member, by=alma)
    if state == "taken":
        seats.take_seat(seat=seat, by=alma)

    plan = services.propose(offer="", by=finn)

    assert queries.said(plan)["seats"] == {}
    line = laid_out(plan, finn)["still"][0]
    assert line.someone.key == str(other.pk) and "søskende i hver sin gruppe" in line.facts


def test_apart_holds_for_every_offer_of_the_family(alma, finn) -> None:
    houses.group("A", seats=3)
    one, other = houses.siblings(alma, "2018-01", "2017-01")
    houses.wait(one.member, alma, 3, "gruppe", siblings="apart")

    assert len(placed(finn, "boernegruppe")) == 1
    seats.stop_waiting(waiting=Waiting.objects.get(offer="gruppe"), by=alma)
    assert len(placed(finn, "boernegruppe")) == 2, "a wish that was taken back holds no more"
    assert other.since == one.since


# ---- The page is of today ----


def test_a_proposal_of_yesterday_is_made_anew(alma, finn, at) -> None:
    houses.group("A", seats=2)
    old = houses.child(alma, "Gammel")
    Waiting.objects.filter(pk=old.pk).update(since=houses.TODAY - timedelta(days=26 * 7 + 6))
    plan = services.propose(offer="", by=finn)
    assert services.look_at_plan(plan=plan, by=finn).fresh

    at("2026-11-24T09:00")

    assert not services.look_at_plan(plan=plan, by=finn).fresh


# ---- Days, weeks and ages ----


def test_every_day_a_group_meets_on_must_suit(alma, finn) -> None:
    group = rows.group("To dage", seats=2, months_from=84, months_to=132, talks_before=0, offer="boernegruppe")
    for number in range(8):
        rows.meeting(group, number + 1, date(2026, 11, 24) + timedelta(days=7 * (number // 2) + 2 * (number % 2)))
    tuesday, both = houses.child(alma, days=[1]), houses.child(alma, "Eja", days=[1, 3])

    assert placed(finn) == {str(both.pk): str(group.pk)}
    reasons = rules.possible(*pair(finn, tuesday, group))
    assert [(each.code, each.facts["weekday"]) for each in reasons] == [("not_free", 3)]


def test_a_meeting_that_was_moved_turns_no_weeks_and_no_day(alma, finn) -> None:
    group = houses.group("A")
    meeting = group.meetings.order_by("starts_at")[2]
    row = houses.child(alma, parity="even", days=[2])
    moved = {"starts_at": meeting.starts_at + timedelta(days=8), "ends_at": meeting.ends_at + timedelta(days=8)}

    groups.move_meeting(meeting=meeting, place=meeting.place, room=meeting.room, by=finn, **moved)

    assert placed(finn) == {str(row.pk): str(group.pk)}


def test_age_is_taken_on_the_first_evening(alma, finn) -> None:
    group = houses.group("A", months_to=102)
    row = houses.child(alma, birth="2018-06")
    assert placed(finn) == {str(row.pk): str(group.pk)}, "it is still of the age on Wednesday"

    Meeting.objects.filter(group=group, number=2).update(state="cancelled")

    assert placed(finn) == {}, "in December it is not"
    assert [each.code for each in rules.possible(*pair(finn, row, group))] == ["too_old"]


def test_a_group_that_soon_ends_takes_nobody_new(alma, finn) -> None:
    group = houses.group("Kort", meetings=3, ends_on=date(2026, 12, 9))
    row = houses.child(alma)

    plan = services.propose(offer="", by=finn)

    assert queries.said(plan)["seats"] == {}
    assert [each.code for each in rules.possible(*pair(finn, row, group))] == ["ends"]
    assert "Den slutter onsdag den 9. december" in " ".join(laid_out(plan, finn)["still"][0].nearest.reasons)
    longer = houses.group("Længere", meetings=4, ends_on=date(2026, 12, 23))
    assert placed(finn) == {str(row.pk): str(longer.pk)}


# ---- Parents ----


def beside(group: Any, name: str, offer: str = "foraeldregruppe", **more: Any) -> Any:
    return houses.group(name, kind="parent", beside=group, offer=offer, months_from=216, months_to=1440, **more)


def test_a_parents_group_that_has_begun_gives_no_chair(alma, finn) -> None:
    group = houses.group("A")
    beside(group, "Far", intake="fixed")
    course = begin(alma, people=[MOTHER, LIV])
    mother, liv = course.members.order_by("position")
    row = houses.wait(liv, alma)
    houses.wait(mother, alma, offer="foraeldregruppe")

    plan = services.propose(offer="", by=finn)

    assert queries.said(plan)["parents"] == {} and built(finn).group[str(group.pk)].parent_seats == 0
    assert services.accept(plan=plan, waiting=str(row.pk), by=finn).group == group


def test_the_second_parent_is_still_somebody_who_waits(alma, finn) -> None:
    group = houses.group("A")
    beside(group, "Forældre")
    course = begin(alma, people=[MOTHER, FATHER, LIV])
    mother, father, liv = course.members.order_by("position")
    houses.wait(liv, alma)
    waits = [houses.wait(each, alma, 9 - at, "foraeldregruppe") for at, each in enumerate((mother, father))]

    plan = services.propose(offer="", by=finn)

    assert queries.said(plan)["parents"] == {str(course.pk): str(group.pk)}
    assert [someone.key for someone, _group in laid_out(plan, finn)["parents"]] == [str(waits[1].pk)]


def test_a_parent_gets_a_chair_only_beside_the_group_they_wait_for(alma, finn) -> None:
    one, other = houses.group("A", seats=1), houses.group("B", seats=1, starts_on=date(2026, 11, 12))
    beside(one, "Forældre A", "foraeldregruppe"), beside(other, "Forældre B", "cafe")
    course = begin(alma, people=[MOTHER, LIV])
    mother, liv = course.members.order_by("position")
    row = houses.wait(liv, alma, days=[3])
    waits = houses.wait(mother, alma, offer="foraeldregruppe")

    plan = services.propose(offer="", by=finn)

    assert queries.said(plan)["seats"] == {str(row.pk): str(other.pk)} and queries.said(plan)["parents"] == {}
    assert [someone.key for someone, _group in laid_out(plan, finn)["parents"]] == [str(waits.pk)]


def test_two_parents_groups_beside_one_group_have_the_chairs_of_both(alma, finn) -> None:
    group = houses.group("A", seats=4)
    full, free = beside(group, "Fuld", seats=1), beside(group, "Fri", seats=2)
    rows.seat(full, rows.child(alma, "Nogen"))
    course = begin(alma, people=[MOTHER, LIV])
    mother, liv = course.members.order_by("position")
    row, waits = houses.wait(liv, alma), houses.wait(mother, alma, offer="foraeldregruppe")

    plan = services.propose(offer="", by=finn)
    found = services.look_at_plan(plan=plan, by=finn).proposed(str(row.pk))

    assert built(finn).group[str(group.pk)].parent_seats == 2
    assert (found[1].key, found[2]) == (str(waits.pk), free)


def test_the_list_of_who_waits_says_the_same_of_days_weeks_and_age(alma, finn) -> None:
    """Two pages about the same child and the same group do not contradict each other."""
    group = houses.group("A", months_to=102, seats=3)
    meeting = group.meetings.order_by("starts_at")[2]
    moved = {"starts_at": meeting.starts_at + timedelta(days=8), "ends_at": meeting.ends_at + timedelta(days=8)}
    groups.move_meeting(meeting=meeting, place=meeting.place, room=meeting.room, by=finn, **moved)
    even = houses.child(alma, birth="2018-08", parity="even", days=[2])
    odd = houses.child(alma, "Eja", birth="2018-08", parity="odd")
    old = houses.child(alma, "Olav", birth="2018-05")

    assert placed(finn) == {str(even.pk): str(group.pk)}
    listed = {line.waiting.pk: line.chances[0].reasons for line in waiting.lines(alma, [even, odd, old])}
    assert listed == {even.pk: (), odd.pk: ("parity",), old.pk: ("too_old",)}
