"""Two people are not placed in the same group: who may say so, who may know, and what neither family ever learns."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.casework.record import CourseIsClosed
from brobygger.casework.tests.test_pages import words
from brobygger.groups import queries, rules, seats
from brobygger.groups.models import Apart, Group, Seat
from brobygger.groups.templatetags import apart, boxes
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import MONDAY, child, made, trail
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    at(MONDAY)
    return made(name="Stjernerne")


@pytest.fixture
def asta(group: Group, alma: Any) -> Any:
    """A girl of Alma's who waits."""
    return waits(child(alma, called="Asta"), alma)


@pytest.fixture
def bjork(group: Group, bo: Any) -> Any:
    """A girl of Bo's who waits."""
    return waits(child(bo, called="Bjørk"), bo)


def waits(member: Any, by: Any, **wishes: Any) -> Any:
    seats.wait(member=member, offer="gruppe", wishes=wishes, by=by)
    return member


def page(member: Any) -> str:
    return reverse("groups:kept_apart", kwargs={"course": member.course_id, "member": member.pk})


# ---- Who may say it ----


def test_who_arranges_groups_says_it_once_of_two_who_wait(asta, bjork, finn, clara) -> None:
    row = seats.keep_apart(member=asta, other=bjork, by=finn)
    assert seats.keep_apart(member=bjork, other=asta, by=clara) == row, "it is the same, from either side"
    assert {row.one, row.other} == {asta, bjork} and row.said_by == finn
    for each in (asta, bjork):
        assert ("finn", "groups.kept_apart") in trail(each)

    seats.together_again(apart=row, by=clara)
    seats.together_again(apart=row, by=clara)
    assert trail(asta).count(("clara", "groups.together_again")) == 1
    assert seats.keep_apart(member=asta, other=bjork, by=finn) != row, "said anew, it is a line of its own"


def test_of_somebody_who_neither_waits_nor_sits_nobody_who_arranges_says_it(group, asta, alma, finn) -> None:
    stranger = child(alma, called="Carla")
    with pytest.raises(NotAllowed):
        seats.keep_apart(member=asta, other=stranger, by=finn)
    rows.seat(group, stranger)
    assert seats.keep_apart(member=asta, other=stranger, by=finn)


def test_a_therapist_says_it_of_two_in_courses_of_their_own_and_of_nobody_elses(
    asta, bjork, alma, bo, gro, dan
) -> None:
    for other in (alma, bo, gro, dan):
        with pytest.raises(NotAllowed):
            seats.keep_apart(member=asta, other=bjork, by=other)
    mine = child(alma, called="Carla")
    row = seats.keep_apart(member=asta, other=mine, by=alma)
    with pytest.raises(NotAllowed):
        seats.together_again(apart=row, by=bo)
    seats.together_again(apart=row, by=alma)
    assert Apart.objects.get().ended_on


def test_nobody_is_kept_from_themselves_nor_twice_nor_in_a_course_that_has_ended(asta, bjork, alma, finn) -> None:
    with pytest.raises(ValueError, match=str(asta.pk)):
        seats.keep_apart(member=asta, other=asta, by=finn)
    row = seats.keep_apart(member=asta, other=bjork, by=finn)
    for one, other in ((row.one, row.other), (row.other, row.one), (asta, asta)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Apart.objects.create(one=one, other=other, said_by=finn)
    mine = child(alma, called="Carla")
    courses.end_course(course=mine.course, reason="completed", words="", seen=0, by=alma)
    with pytest.raises((NotAllowed, CourseIsClosed)):
        seats.keep_apart(member=asta, other=mine, by=alma)


# ---- What it holds ----


def test_no_seat_is_offered_where_the_other_sits_unless_who_knows_of_both_says_why(
    group, asta, bjork, bo, finn
) -> None:
    seats.keep_apart(member=asta, other=bjork, by=finn)
    seat = seats.offer_seat(group=group, member=bjork, by=bo)
    with pytest.raises(rules.SpeaksAgainst) as found:
        seats.offer_seat(group=group, member=asta, by=finn)
    assert found.value.reasons == ("kept_apart",)
    assert seats.offer_seat(group=group, member=asta, by=finn, even_so="family_wishes")
    seats.decline_seat(seat=seat, by=bo)
    assert Seat.objects.filter(chair__isnull=False).count() == 1


def test_a_therapist_who_knows_of_one_of_them_cannot_say_why_all_the_same(group, asta, bjork, alma, bo, finn) -> None:
    row = seats.keep_apart(member=asta, other=bjork, by=finn)
    seat = seats.offer_seat(group=group, member=bjork, by=bo)
    for even_so in ("", "other"):
        with pytest.raises(rules.KeptApart):
            seats.offer_seat(group=group, member=asta, by=alma, even_so=even_so)
    seats.withdraw_offer(seat=seat, by=bo)
    assert seats.offer_seat(group=group, member=asta, by=alma), "the chair is nobody's any more"
    with pytest.raises(rules.KeptApart):
        seats.offer_seat(group=group, member=bjork, by=bo)
    seats.together_again(apart=row, by=finn)
    assert seats.offer_seat(group=group, member=bjork, by=bo)


def test_a_grown_up_beside_a_baby_is_somebody_who_sits_there(furnished, at, alma, bo, finn) -> None:
    at(MONDAY)
    babies = made(name="Babyer", kind="pair", months_from=0, months_to=200)
    one, other = child(alma), child(bo)
    mothers = [each.course.members.get(position=0) for each in (one, other)]
    for each, by in zip(mothers, (alma, bo), strict=True):
        waits(each, by)
    seats.keep_apart(member=mothers[0], other=mothers[1], by=finn)
    seats.offer_seat(group=babies, member=one, beside=mothers[0], by=alma)
    with pytest.raises(rules.KeptApart):
        seats.offer_seat(group=babies, member=other, beside=mothers[1], by=bo)


# ---- Who may know ----


def test_who_arranges_sees_nicknames_and_never_what_anybody_is_called(group, asta, bjork, finn, staff_client) -> None:
    client = staff_client(finn)
    assert page(asta) in client.get(reverse("groups:waiting")).content.decode()
    shown = words(client.get(page(asta)))
    assert bjork.course.nickname in shown and "Asta" not in shown and "Bjørk" not in shown

    assert client.post(page(asta), {"other": ""}).status_code == 422
    assert client.post(page(asta), {"other": str(asta.pk)}).status_code == 422
    assert client.post(page(asta), {"other": str(bjork.pk)}).status_code == 302
    row = Apart.objects.get()
    assert bjork.course.nickname in words(client.get(page(asta)))
    rows.seat(group, asta)
    rows.seat(group, bjork)
    assert "Stjernerne" in words(client.get(page(bjork))), "both sit there already, and somebody must decide"
    assert client.post(page(bjork), {"end": str(row.pk)}).status_code == 302 and Apart.objects.get().ended_on


def test_a_therapist_learns_nothing_of_the_other_family(group, asta, bjork, alma, bo, finn, staff_client) -> None:
    row = seats.keep_apart(member=asta, other=bjork, by=finn)
    client = staff_client(alma)
    shown = words(client.get(page(asta)))
    for text in (bjork.course.nickname, "Bjørk", str(bjork.pk), str(bjork.course_id), str(row.pk)):
        assert text not in shown and text not in client.get(page(asta)).content.decode()
    assert client.post(page(asta), {"other": str(bjork.pk)}).status_code == 422
    client.post(page(asta), {"end": str(row.pk)})
    assert Apart.objects.get().ended_on is None
    assert client.get(page(bjork)).status_code == 404

    seats.offer_seat(group=group, member=bjork, by=bo)
    told = {"group": group.pk, "course": asta.course_id, "member": asta.pk}
    answer = client.post(reverse("groups:offer", kwargs=told), {"starts_with": str(group.meetings.get(number=2).pk)})
    assert answer.status_code == 422 and bjork.course.nickname not in words(answer)
    assert "even_so" not in answer.context["form"].fields, "nothing to choose for who does not know"
    (chance,) = answer.context["asked"].chances
    assert chance.reasons == ("not_there",), "not even that it is about somebody who sits there"
    assert not Seat.objects.filter(member=asta).exists()


def test_who_may_say_why_all_the_same_is_asked_when_it_is_about_the_grown_up_who_comes_along(
    furnished, alma, at, staff_client
) -> None:
    """It is not asked before a grown-up is chosen; and is not lost when it is sent."""
    at(MONDAY)
    pair = made(name="Babyer", kind="pair", months_from=0, months_to=1200)
    one, other = child(alma), child(alma, called="Bjørk")
    mother, father = (each.course.members.get(position=0) for each in (one, other))
    seats.keep_apart(member=mother, other=father, by=alma)
    seats.offer_seat(group=pair, member=other, beside=father, by=alma)
    client, told = staff_client(alma), {"group": pair.pk, "course": one.course_id, "member": one.pk}
    where = reverse("groups:offer", kwargs=told)
    sent = {"starts_with": str(pair.meetings.get(number=2).pk), "beside": str(mother.pk)}
    assert "even_so" not in client.get(where).context["form"].fields

    answer = client.post(where, sent)

    assert answer.status_code == 422 and 'name="even_so"' in answer.content.decode()
    assert next(iter(answer.context["form"].fields)) == "even_so", "the first thing to answer"
    assert "even_so" in answer.context["form"].errors and not Seat.objects.filter(member=one).exists()
    assert client.post(where, sent | {"even_so": "family_wishes"}).status_code == 302
    assert Seat.objects.get(member=one).beside == mother


def test_everybody_who_is_named_on_the_page_has_the_same_line(asta, bjork, alma, bo, finn, staff_client) -> None:
    seats.keep_apart(member=asta, other=bjork, by=finn)
    might = waits(child(bo, called="Carla"), bo)
    hidden = child(bo, called="Dagny")

    def lines(viewer: Any, member: Any) -> int:
        looked = (viewer.handle, "groups.waiting_looked")
        return audit.trail(f"course:{member.course_id}").count(looked)

    staff_client(finn).get(page(asta))
    assert [lines(finn, each) for each in (bjork, might, hidden)] == [1, 1, 0]
    assert "groups.person_looked" not in [action for _by, action in trail(bjork)]
    staff_client(alma).get(page(asta))
    assert [lines(alma, each) for each in (bjork, might, hidden)] == [0, 0, 0], "she was shown nobody"

    listed = apart.whom(finn, asta)
    assert listed.courses == sorted((bjork.course, might.course), key=lambda each: each.pk)


def test_with_many_people_the_page_asks_no_more_questions(
    group, asta, alma, finn, staff_client, django_assert_max_num_queries
) -> None:
    for number in range(30):
        other = waits(child(alma, called=f"Barn {number}"), alma)
        if number < 5:
            seats.keep_apart(member=asta, other=other, by=finn)
    for viewer in (alma, finn):
        client = staff_client(viewer)
        client.get(page(asta))
        with django_assert_max_num_queries(40):
            shown = words(client.get(page(asta)))
        assert all(f"Barn {number}" in shown for number in range(30)) == (viewer == alma)


def test_ones_own_courses_are_those_one_has_whole_today(asta, bjork, alma, bo, finn, gro) -> None:
    courses.assign(course=asta.course, to=bo, by=alma, scope="evening")
    ended = child(bo, called="Carla")
    courses.end_course(course=ended.course, reason="completed", words="", seen=0, by=bo)
    for viewer in (alma, bo, finn, gro):
        whole = {each.course_id for each in (asta, bjork, ended) if queries.has_whole(viewer, each)}
        assert apart.own_courses(viewer) == whole, viewer
    assert apart.own_courses(bo) == {bjork.course_id} and apart.own_courses(None) == set()


def test_others_find_no_such_page(asta, bjork, bo, dan, gro, operator, staff_client) -> None:
    for other in (bo, dan, gro, operator):
        assert staff_client(other).get(page(asta)).status_code == 404, other


def test_who_has_both_courses_sees_what_they_are_called(asta, alma, staff_client) -> None:
    waits(child(alma, called="Carla"), alma)
    assert "Carla" in words(staff_client(alma).get(page(asta)))


# ---- How it ends ----


def test_what_is_held_about_one_says_that_there_is_somebody_and_no_more(asta, bjork, finn) -> None:
    seats.keep_apart(member=asta, other=bjork, by=finn)
    (held,) = [each for each in boxes.everything_about(asta) if each.kind == "apart"]
    assert held.ident, "somebody weighs it before it is handed out"
    assert held.words and held.facts == ()
    assert bjork.course.nickname not in str(held) and "Bjørk" not in str(held) and str(bjork.pk) not in str(held)


@pytest.mark.parametrize("gone", [0, 1])
def test_when_one_of_them_is_erased_nothing_is_left_of_it(asta, bjork, alma, finn, gone: int) -> None:
    seats.keep_apart(member=asta, other=bjork, by=finn)
    both = (asta, bjork)
    courses.erase_member(member=both[gone], why="asked", by="keeper")
    assert not Apart.objects.exists() and apart.kept_apart([both[1 - gone]]) == {}
    assert Course.objects.filter(pk=both[1 - gone].course_id).exists()
