"""A seat is offered, taken, put on pause and left; nobody gets a chair that somebody has."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as courses
from brobygger.casework.models import Course
from brobygger.casework.tests.families import begin, person
from brobygger.groups import answers, queries, rules, seats
from brobygger.groups.models import Attendance, Group, Meeting, Seat, Waiting
from brobygger.groups.tests import rows
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db
MONDAY = "2026-11-23T09:00"


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    """A group for children of seven to ten with three seats, that has met once; it meets on Wednesday."""
    at(MONDAY)
    return made()


def made(**more: Any) -> Group:
    told = {"seats": 3, "months_from": 84, "months_to": 132, "talks_before": 0, "offer": "gruppe"}
    group = rows.group(**{**told, **more})
    for number in range(1, 7):
        rows.meeting(group, number)
    return group


@pytest.fixture
def liv(group: Group, alma: Any) -> Any:
    """A girl of eight in a course Alma has."""
    return person(begin(alma), 2)


def child(by: Any, birth: str = "2018-05", called: str = "Bjørn") -> Any:
    return rows.child(by, called, birth)


def nth(group: Group, number: int) -> Meeting:
    return Meeting.objects.get(group=group, number=number)


def trail(member: Model) -> list[tuple[str, str]]:
    return [(by, action) for by, action in audit.trail(f"member:{member.pk}") if action.startswith("groups.")]


# ---- Offered ----


def test_a_seat_is_offered_from_the_next_meeting_and_answered_before_it(group, liv, alma) -> None:
    seat = seats.offer_seat(group=group, member=liv, by=alma)

    assert (seat.state, seat.chair, seat.starts_with) == ("offered", 1, nth(group, 2))
    assert seat.answer_by == date(2026, 11, 24), "the day before the first meeting comes before the week is over"
    assert queries.chairs(group) == [2, 3]
    assert trail(liv) == [("alma", "groups.seat_offered")]
    with pytest.raises(rules.AlreadySeated):
        seats.offer_seat(group=group, member=liv, by=alma)


def test_an_offer_holds_a_week_when_the_group_meets_later(group, liv, alma, at) -> None:
    at("2026-11-26T09:00")
    assert seats.offer_seat(group=group, member=liv, by=alma).answer_by == date(2026, 12, 3)
    at("2026-12-09T09:00")
    other = seats.offer_seat(group=group, member=child(alma), by=alma)
    assert (other.starts_with, other.answer_by) == (nth(group, 3), date(2026, 12, 9)), "it meets this very day"


def test_who_does_not_have_the_course_offers_nothing(group, liv, bo, dan, finn, clara, gro) -> None:
    for other in (bo, dan, finn, clara, gro):
        with pytest.raises(NotAllowed):
            seats.offer_seat(group=group, member=liv, by=other)
    assert not Seat.objects.exists() and trail(liv) == []


def test_who_arranges_groups_offers_to_those_who_wait_and_to_nobody_else(group, liv, alma, finn, bo) -> None:
    seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    with pytest.raises(NotAllowed):
        seats.offer_seat(group=group, member=liv, by=bo)
    with pytest.raises(NotAllowed):
        seats.offer_seat(group=made(name="Baby", offer="babygruppe"), member=liv, by=finn)
    assert seats.offer_seat(group=group, member=liv, by=finn).state == "offered"


def test_a_full_group_has_no_seat_for_one_more(group, liv, alma) -> None:
    for _each in range(3):
        rows.seat(group, child(alma), starts_with=nth(group, 1))
    with pytest.raises(rules.GroupIsFull):
        seats.offer_seat(group=group, member=liv, by=alma)
    seats.leave_seat(seat=Seat.objects.get(chair=2), reason="moved", by=alma)
    assert seats.offer_seat(group=group, member=liv, by=alma).chair == 2


def test_the_database_gives_no_chair_to_two_and_no_chair_to_who_has_left(group, liv, alma) -> None:
    other = child(alma)
    first = rows.seat(group, liv)
    for wrong in (
        {"member": other, "chair": first.chair},
        {"member": liv, "chair": 2},
        {"member": other, "chair": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Seat.objects.create(group=group, **{"state": "taken", **wrong})
    Seat.objects.create(group=group, member=other, chair=2, state="taken")


def test_no_more_begin_at_one_meeting_than_the_group_can_take(group, liv, alma) -> None:
    group.newcomers = 1
    group.save()
    seats.offer_seat(group=group, member=child(alma), by=alma)
    with pytest.raises(rules.TooManyNewcomers):
        seats.offer_seat(group=group, member=liv, by=alma, starts_with=nth(group, 2))
    assert seats.offer_seat(group=group, member=liv, by=alma).starts_with == nth(group, 3)


def test_the_first_evening_of_a_new_group_has_room_for_everybody_and_a_fixed_one_takes_nobody_later(
    group, liv, alma, at
) -> None:
    new = made(name="Nye", newcomers=1, intake="fixed", starts_on=date(2026, 11, 25))
    new.meetings.filter(number=1).delete()
    for member in (liv, child(alma)):
        assert seats.offer_seat(group=new, member=member, by=alma).starts_with == nth(new, 2)
    at("2026-11-26T09:00")
    with pytest.raises(rules.SpeaksAgainst) as why:
        seats.offer_seat(group=new, member=child(alma), by=alma)
    assert why.value.reasons == ("begun",)
    late = seats.offer_seat(group=new, member=child(alma), by=alma, even_so="family_wishes")
    assert late.starts_with == nth(new, 3)


@pytest.mark.parametrize(("birth", "reason"), [("2020-06", "too_young"), ("2015-11", "too_old")])
def test_an_age_that_does_not_fit_needs_a_reason_which_stays_in_the_trail(birth, reason, group, alma) -> None:
    member = child(alma, birth)
    for said in ("", "fordi mor drikker"):
        with pytest.raises(rules.SpeaksAgainst) as why:
            seats.offer_seat(group=group, member=member, by=alma, even_so=said)
        assert why.value.reasons == (reason,)
    assert trail(member) == []
    seats.offer_seat(group=group, member=member, by=alma, even_so="soon_of_age")
    (line,) = audit.entries().filter(about=f"member:{member.pk}", action="groups.seat_offered")
    assert line.reason == "soon_of_age"


def test_an_older_sibling_is_welcome_where_the_younger_one_sits(group, alma) -> None:
    group.siblings_to = 168
    group.save()
    family = begin(alma, people=[{"role": "child", "birth": "2018-05"}, {"role": "child", "birth": "2014-05"}])
    young, old = person(family, 0), person(family, 1)
    with pytest.raises(rules.SpeaksAgainst):
        seats.offer_seat(group=group, member=old, by=alma)
    rows.seat(group, young)
    assert seats.offer_seat(group=group, member=old, by=alma).state == "offered"


def test_talks_come_first(group, liv, alma) -> None:
    group.talks_before = 2
    group.save()
    with pytest.raises(rules.TalksFirst):
        seats.offer_seat(group=group, member=liv, by=alma)
    assert seats.offer_seat(group=group, member=liv, by=alma, talks_done=True).state == "offered"


def test_a_baby_and_a_grown_up_of_one_family_share_a_seat(group, alma) -> None:
    baby_group = made(name="Baby", kind="pair", months_from=0, months_to=12, offer="babygruppe")
    family = begin(alma, people=[{"role": "mother", "called": "Mette"}, {"role": "child", "birth": "2026-05"}])
    mother, baby = person(family, 0), person(family, 1)
    for beside in (None, baby, person(begin(alma), 0)):
        with pytest.raises(rules.NotInPairs):
            seats.offer_seat(group=baby_group, member=baby, by=alma, beside=beside)
    seat = seats.offer_seat(group=baby_group, member=baby, by=alma, beside=mother)
    assert (seat.beside, queries.chairs(baby_group)) == (mother, [2, 3])
    with pytest.raises(rules.NotInPairs):
        seats.offer_seat(group=group, member=person(begin(alma), 2), by=alma, beside=mother)


def test_a_closed_group_and_one_without_dates_and_a_course_that_is_over_get_nobody(group, liv, alma) -> None:
    over = made(name="Forbi", state="closed")
    undated = rows.group(name="Uden dato", talks_before=0, months_from=0, months_to=200)
    for other in (over, undated):
        with pytest.raises(rules.GroupIsOver):
            seats.offer_seat(group=other, member=liv, by=alma)
    Course.objects.filter(pk=liv.course_id).update(state="ended", ended_on=date(2026, 11, 23))
    with pytest.raises(NotAllowed):
        seats.offer_seat(group=group, member=liv, by=alma)


# ---- Answered ----


def test_a_seat_is_taken_once_and_the_waiting_is_over(group, liv, alma) -> None:
    waits = seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    seat = seats.offer_seat(group=group, member=liv, by=alma)
    for _press in range(2):
        assert seats.take_seat(seat=seat, by=alma).state == "taken"
    waits.refresh_from_db()
    assert (waits.outcome, waits.ended_on) == ("seated", date(2026, 11, 23))
    actions = [action for _by, action in trail(liv)]
    assert sorted(actions) == ["groups.seat_offered", "groups.seat_taken", "groups.wait_ended", "groups.waits"]


def test_who_leads_the_group_or_arranges_groups_writes_down_a_yes_and_others_do_not(
    group, liv, alma, bo, finn, dan
) -> None:
    seat = seats.offer_seat(group=group, member=liv, by=alma)
    for other in (bo, dan):
        with pytest.raises(NotAllowed):
            seats.take_seat(seat=seat, by=other)
    assert seats.take_seat(seat=seat, by=finn).state == "taken"
    rows.leads(group, bo)
    assert seats.leave_seat(seat=seat, reason="moved", by=bo).state == "left"


def test_no_thank_you_and_taking_it_back_free_the_chair_and_the_waiting_goes_on(group, liv, alma) -> None:
    waits = seats.wait(member=liv, offer="gruppe", wishes={}, by=alma)
    for deed, state in ((seats.decline_seat, "declined"), (seats.withdraw_offer, "withdrawn")):
        seat = seats.offer_seat(group=group, member=liv, by=alma)
        assert (deed(seat=seat, by=alma).state, queries.chairs(group)) == (state, [1, 2, 3])
        with pytest.raises(rules.OfferIsOver):
            seats.take_seat(seat=seat, by=alma)
    waits.refresh_from_db()
    assert waits.ended_on is None


def test_an_offer_nobody_answers_lapses_by_itself_after_its_day(group, liv, alma, at) -> None:
    seat = seats.offer_seat(group=group, member=liv, by=alma)
    at("2026-11-24T23:30")
    assert answers.keep_up() == 0 and seats.take_seat(seat=seat, by=alma).state == "taken"
    other = seats.offer_seat(group=group, member=child(alma), by=alma)
    at("2026-11-25T00:10")
    with pytest.raises(rules.OfferIsOver):
        seats.take_seat(seat=other, by=alma)
    assert answers.keep_up() == 1 and answers.keep_up() == 0
    other.refresh_from_db()
    assert (other.state, other.chair) == ("lapsed", None)


def test_who_says_yes_when_the_first_meeting_is_called_off_begins_with_the_next(group, liv, alma) -> None:
    seat = seats.offer_seat(group=group, member=liv, by=alma)
    Meeting.objects.filter(pk=seat.starts_with_id).update(state="cancelled")
    assert seats.take_seat(seat=seat, by=alma).starts_with == nth(group, 3)


# ---- On pause, away, left ----


def test_a_pause_keeps_the_chair_and_ends_by_itself(group, liv, alma, bo, at) -> None:
    seat = rows.seat(group, liv)
    until = date(2026, 12, 9)
    with pytest.raises(NotAllowed):
        seats.pause_seat(seat=seat, until=until, by=bo)
    for wrong in (date(2026, 11, 23), date(2026, 11, 23) + rules.LONGEST_PAUSE + timedelta(days=1)):
        with pytest.raises(ValueError, match="20"):
            seats.pause_seat(seat=seat, until=wrong, by=alma)
    assert seats.pause_seat(seat=seat, until=until, by=alma).state == "paused"
    assert queries.chairs(group) == [2, 3]
    at("2026-12-08T09:00")
    assert answers.keep_up() == 0
    at("2026-12-09T00:10")
    assert answers.keep_up() == 1
    seat.refresh_from_db()
    assert (seat.state, seat.chair, seat.paused_until) == ("taken", 1, None)


def test_a_pause_is_ended_by_hand_and_not_for_who_only_has_an_offer(group, liv, alma) -> None:
    offered = seats.offer_seat(group=group, member=child(alma), by=alma)
    for deed in (seats.resume_seat, lambda **more: seats.pause_seat(until=date(2026, 12, 9), **more)):
        with pytest.raises(rules.OfferIsOver):
            deed(seat=offered, by=alma)
    seat = seats.pause_seat(seat=rows.seat(group, liv), until=date(2026, 12, 9), by=alma)
    assert seats.resume_seat(seat=seat, by=alma).state == "taken"


def test_leaving_has_a_reason_and_happens_once(group, liv, alma, bo) -> None:
    seat = rows.seat(group, liv)
    with pytest.raises(ValueError, match="bad"):
        seats.leave_seat(seat=seat, reason="bad", by=alma)
    with pytest.raises(NotAllowed):
        seats.leave_seat(seat=seat, reason="moved", by=bo)
    for _press in range(2):
        left = seats.leave_seat(seat=seat, reason="moved", by=alma)
    assert (left.state, left.reason, left.chair) == ("left", "moved", None)
    assert trail(liv) == [("alma", "groups.seat_left")]


def test_somebody_cannot_come_to_one_meeting_and_can_after_all(group, liv, alma, bo) -> None:
    seat, other = rows.seat(group, liv), made(name="Andre")
    with pytest.raises(NotAllowed):
        seats.say_no(seat=seat, meeting=nth(group, 2), by=bo)
    for wrong in (nth(group, 1), nth(other, 2)):
        with pytest.raises(rules.NotOffered):
            seats.say_no(seat=seat, meeting=wrong, by=alma)
    for _press in range(2):
        seats.say_no(seat=seat, meeting=nth(group, 2), by=alma)
    assert list(Attendance.objects.values_list("meeting__number", "mark")) == [(2, "said_no")]
    for _press in range(2):
        seats.say_no(seat=seat, meeting=nth(group, 2), by=alma, away=False)
    assert not Attendance.objects.exists()


def test_what_the_evening_wrote_is_not_written_over_by_a_word_that_comes_later(group, liv, alma, at) -> None:
    seat, tonight = rows.seat(group, liv), nth(group, 2)
    at("2026-11-25T15:30")
    Attendance.objects.create(meeting=tonight, member=liv, mark="here")
    for away in (True, False):
        seats.say_no(seat=seat, meeting=tonight, by=alma, away=away)
    assert Attendance.objects.get().mark == "here"


# ---- When a course or a group ends ----


def test_a_course_that_ends_gives_up_its_seats_and_its_waiting_when_the_day_is_over(group, liv, alma, at) -> None:
    taken = rows.seat(group, liv)
    offered = seats.offer_seat(group=group, member=person(liv.course, 0), by=alma, even_so="other")
    waits = seats.wait(member=liv, offer="babygruppe", wishes={}, by=alma)
    other = rows.seat(group, child(alma))
    courses.end_course(course=liv.course, reason="completed", words="", seen=0, by=alma)
    assert answers.keep_up() == 0, "it may have been a mistake"

    at("2026-11-24T00:05")
    assert answers.keep_up() == 3 and answers.keep_up() == 0

    states = dict(Seat.objects.values_list("pk", "state"))
    assert states == {taken.pk: "left", offered.pk: "lapsed", other.pk: "taken"}
    waits.refresh_from_db()
    assert waits.outcome == "other"


def test_a_group_that_closes_keeps_nobody(group, liv, alma) -> None:
    taken = rows.seat(group, liv)
    Group.objects.filter(pk=group.pk).update(state="closed")
    assert answers.keep_up() == 1
    taken.refresh_from_db()
    assert (taken.state, taken.reason) == ("left", "completed")


def test_nothing_is_left_of_a_person_who_is_erased(group, liv, alma) -> None:
    rows.seat(group, liv)
    Attendance.objects.create(meeting=nth(group, 1), member=liv, mark="here")
    seats.wait(member=liv, offer="babygruppe", wishes={"words": "Helst om onsdagen"}, by=alma)
    beside = rows.seat(made(name="Baby", kind="pair"), child(alma), beside=person(liv.course, 0))
    others = rows.seat(group, person(liv.course, 0))

    courses.erase_member(member=liv, why="wish", by=alma)

    assert not any(model.objects.filter(member=liv.pk).exists() for model in (Seat, Attendance, Waiting))
    assert Seat.objects.filter(pk=others.pk).exists() and queries.chairs(group) == [1, 3]
    courses.erase_course(course=liv.course, why="wish", by=alma)
    assert [(row.pk, row.beside_id) for row in Seat.objects.all()] == [(beside.pk, None)]


def test_while_somebody_is_being_erased_they_sit_nowhere(group, liv, alma) -> None:
    seat = rows.seat(group, liv)
    liv.erasing = True
    liv.save()
    assert queries.get_seat(alma, seat.pk) is None and not queries.seated(group).exists()
    with pytest.raises(NotAllowed):
        seats.leave_seat(seat=seat, reason="moved", by=alma)
