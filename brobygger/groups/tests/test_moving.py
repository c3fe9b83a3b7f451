"""A meeting is moved or called off, and everyone who should know is told once, without a word about what it is."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.appointments.models import Reserved
from brobygger.casework.tests.families import begin
from brobygger.groups import queries, services
from brobygger.groups.models import Meeting
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again, at_local, days, make
from brobygger.groups.tests.test_seats_by_key import CHILD, _time_passes, known
from brobygger.outbox import services as outbox_services
from brobygger.outbox import words
from brobygger.outbox.models import Notice
from brobygger.outbox.tests.families import gateway, gives
from brobygger.privacy import queries as privacy
from tests.letters import Visitor, keeper

__all__ = ["_time_passes", "gateway", "gives"]
TWO = {**CHILD, "child2_name": "Bo", "child2_birth_month": "5", "child2_birth_year": "2016"}


@pytest.fixture(autouse=True)
def monday(at, furnished):
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


@pytest.fixture
def group(finn, alma, bo):
    """A group that meets on Thursday, led by Alma and Bo."""
    return make(finn, leaders=[alma, bo], months_from=60)


def move(
    meeting: Any, by: Any, to: str = "2026-03-06T15:00", room: int = 2, place: str = "glostrup", **more: Any
) -> Any:
    """Move a meeting to another moment, two hours long."""
    starts_at = at_local(to)
    return services.move_meeting(
        meeting=meeting, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), place=place, room=room, by=by,
        **more,
    )  # fmt: skip


def seated(group: Any, course: Any) -> list[Any]:
    """Give each child of a course a seat."""
    return [rows.seat(group, member) for member in course.members.filter(position__gte=1)]


def notices(kind: str) -> int:
    """Count what is on its way out."""
    return Notice.objects.filter(kind=kind).count()


# ---- Moved ----


def test_a_meeting_is_moved_with_its_room_and_its_leaders_time(group, finn, alma):
    first = group.meetings.get(number=1)

    move(first, finn)

    assert again(first).starts_at == at_local("2026-03-06T15:00")
    assert again(first).planned_on == date(2026, 3, 5)
    taken = Reserved.objects.filter(of=first.pk)
    assert {row.starts_at for row in taken} == {at_local("2026-03-06T15:00")}
    assert taken.get(worker=None).room == 2
    assert ("finn", "groups.meeting_moved") in privacy.trail(group.meetings.get(number=1))
    assert again(group).sequence == 1


@pytest.mark.parametrize("to", ["2026-04-02T15:00", "2026-10-15T15:00", "2026-12-25T15:00"])
def test_a_closed_day_is_named_and_may_be_chosen_even_so(group, finn, to):
    first = group.meetings.get(number=1)

    with pytest.raises(services.NotThatDay) as refused:
        move(first, finn, to)
    assert refused.value.day == at_local(to).date()
    assert again(first).starts_at == at_local("2026-03-05T15:00")

    move(first, finn, to, even_so=True)
    assert again(first).starts_at == at_local(to)


def test_a_meeting_that_has_begun_was_held_or_called_off_is_not_moved(group, finn, at):
    second, third = group.meetings.order_by("number")[1:3]
    services.cancel_meeting(meeting=third, by=finn)
    with pytest.raises(services.MeetingIsOver):
        move(third, finn)
    with pytest.raises(services.MeetingIsOver):
        move(second, finn, "2026-03-01T15:00")
    at("2026-03-05T15:00")
    with pytest.raises(services.MeetingIsOver):
        move(group.meetings.get(number=1), finn)
    assert again(second).starts_at == at_local("2026-03-19T15:00")


def test_an_evening_somebody_told_of_before_it_began_is_changed_no_more(group, finn, at, staff_client):
    first = group.meetings.get(number=1)
    desk, address = staff_client(finn), reverse("groups:meeting_cancel", kwargs={"meeting": first.pk})
    now = at("2026-03-05T09:00")
    Meeting.objects.filter(pk=first.pk).update(state="held", held_at=now)

    for deed in (services.cancel_meeting, services.hold_after_all):
        with pytest.raises(services.MeetingIsOver):
            deed(meeting=first, by=finn)
    with pytest.raises(services.MeetingIsOver):
        move(first, finn)
    answer = desk.post(address)
    assert answer.status_code == 422 and "der er fortalt om den" in answer.content.decode()
    assert again(first).state == "held"


def test_hours_and_rooms_that_cannot_be_are_refused(group, finn):
    first = group.meetings.get(number=1)
    for room, place in ((9, "glostrup"), (0, "glostrup"), (1, "mars")):
        with pytest.raises(services.NotSound):
            move(first, finn, room=room, place=place)
    with pytest.raises(services.NotSound):
        move(first, finn, "2026-03-06T23:00")


def test_two_administrators_who_move_the_same_meeting_lose_nothing(group, finn, clara):
    first = group.meetings.get(number=1)
    move(first, clara, was=first.starts_at)

    with pytest.raises(services.SomethingNew):
        move(first, finn, "2026-03-09T15:00", was=first.starts_at)

    assert again(first).starts_at == at_local("2026-03-06T15:00")


def test_a_room_or_a_leader_that_is_taken_leaves_everything_as_it_was(group, finn, alma):
    other = make(finn, date(2026, 3, 6), room=2, months_from=60)
    first = group.meetings.get(number=1)

    with pytest.raises(services.RoomIsTaken):
        move(first, finn)
    services.set_leaders(group=other, users=[alma], by=finn)
    with pytest.raises(services.LeaderIsBusy) as refused:
        move(first, finn, room=3)

    assert refused.value.user == alma
    assert again(first).starts_at == at_local("2026-03-05T15:00")
    assert {row.starts_at for row in Reserved.objects.filter(of=first.pk)} == {at_local("2026-03-05T15:00")}


def test_the_meeting_beside_goes_along_whichever_of_them_is_moved(group, finn):
    parents = make(finn, kind="parent", room=2, beside=group)
    first, beside = group.meetings.get(number=1), parents.meetings.get(number=1)

    move(first, finn, "2026-03-06T10:00", room=3)
    assert (again(beside).starts_at, again(beside).room) == (at_local("2026-03-06T10:00"), 2)

    move(beside, finn, "2026-03-09T12:00", room=4)
    assert (again(first).starts_at, again(first).room) == (at_local("2026-03-09T12:00"), 3)


def test_the_meeting_beside_finds_a_room_where_the_other_is_moved_to(group, finn):
    parents = make(finn, kind="parent", room=2, beside=group, place="glostrup")
    first, beside = group.meetings.get(number=1), parents.meetings.get(number=1)

    with pytest.raises(services.RoomIsTaken):
        move(first, finn, place="hilleroed", room=1)  # there is one room there

    assert again(first).place == again(beside).place == "glostrup"


# ---- Called off ----


def test_a_meeting_is_called_off_with_the_one_beside_and_their_rooms_are_free(group, finn):
    parents = make(finn, kind="parent", room=2, beside=group)
    first, beside = group.meetings.get(number=1), parents.meetings.get(number=1)

    told = services.cancel_meeting(meeting=beside, by=finn)

    assert again(first).state == again(beside).state == "cancelled"
    assert not Reserved.objects.filter(of__in=[first.pk, beside.pk]).exists()
    assert told.instead is None
    with pytest.raises(services.MeetingIsOver):
        services.cancel_meeting(meeting=first, by=finn)
    assert services.extend(by="keeper") == 0


def test_a_group_of_four_gets_its_fourth_at_the_end(finn):
    group = make(finn, meetings_wanted=4)

    told = services.cancel_meeting(meeting=group.meetings.get(number=2), by=finn)

    assert told.instead is not None
    assert told.instead.number == 5
    assert len(days(group)) == 4
    assert days(group)[-1] == date(2026, 5, 28)  # the 14th is Ascension Day


def test_a_meeting_called_off_may_be_held_after_all_and_the_extra_one_goes(finn):
    group = make(finn, meetings_wanted=4)
    before = days(group)
    second = group.meetings.get(number=2)
    services.cancel_meeting(meeting=second, by=finn)

    services.hold_after_all(meeting=second, by=finn)

    assert days(group) == before
    assert Reserved.objects.filter(of=second.pk).exists()
    with pytest.raises(services.MeetingIsOver):
        services.hold_after_all(meeting=second, by=finn)


def test_what_was_called_off_finds_its_room_taken_since(group, finn):
    first = group.meetings.get(number=1)
    services.cancel_meeting(meeting=first, by=finn)
    make(finn, meetings_wanted=1)

    with pytest.raises(services.RoomIsTaken):
        services.hold_after_all(meeting=first, by=finn)

    assert again(first).state == "cancelled"


def test_a_therapist_moves_and_calls_off_nothing(group, finn, alma):
    first = group.meetings.get(number=1)
    for deed in (
        lambda: move(first, alma),
        lambda: services.cancel_meeting(meeting=first, by=alma),
        lambda: services.hold_after_all(meeting=first, by=alma),
        lambda: services.stand_in(meeting=first, out=alma, into=alma, by=alma),
    ):
        with pytest.raises(NotAllowed):
            deed()


# ---- Standing in ----


def test_who_stands_in_has_that_evening_and_nothing_else(group, finn, alma, hire, at):
    dea = hire("dea", "therapist")
    first, second = group.meetings.order_by("number")[:2]

    services.stand_in(meeting=first, out=alma, into=dea, by=finn)

    assert {(row.user.handle, row.stands_in) for row in first.leads.all()} == {("bo", False), ("dea", True)}
    assert Reserved.objects.filter(of=first.pk, worker=dea).exists()
    assert not Reserved.objects.filter(of=first.pk, worker=alma).exists()
    held, _meeting = queries.get_meeting(dea, first.pk)
    assert (held.sight.group, held.sight.run, held.sight.roster) == (True, False, False), "not before its day"
    at("2026-03-05T00:01")
    assert queries.get_meeting(dea, first.pk)[0].sight.run is True
    assert queries.get_meeting(dea, second.pk)[0].sight.run is False
    assert queries.get_group(dea, group.pk).sight.run is False
    assert [each.pk for each in queries.mine(dea, date(2026, 3, 5))] == [first.pk]
    at("2026-03-06T00:01")
    assert queries.get_meeting(dea, first.pk)[0].sight.run is False


def test_nobody_stands_in_who_is_busy_leads_already_or_may_not(group, finn, alma, bo, clara, hire):
    dea, first = hire("dea", "therapist"), group.meetings.get(number=1)
    make(finn, room=2, leaders=[dea])

    with pytest.raises(services.LeaderIsBusy):
        services.stand_in(meeting=first, out=alma, into=dea, by=finn)
    for out, into in ((alma, bo), (alma, clara), (dea, hire("eda", "therapist"))):
        with pytest.raises(services.NotALeader):
            services.stand_in(meeting=first, out=out, into=into, by=finn)

    assert {row.user.handle for row in first.leads.all()} == {"alma", "bo"}


# ---- Everyone is told ----


def test_a_family_with_two_children_there_hears_it_once_and_in_neutral_words(group, finn, alma, gateway, gives):
    key, course = known(alma, **TWO)
    gives(type("Family", (), {"key": key, "thread": course.thread}))
    seated(group, course)

    told = move(group.meetings.get(number=1), finn)

    assert (told.reached, told.to_ring) == (1, [])
    assert notices("moved") == 1
    keeper()
    outbox_services.send_due()
    (text,) = gateway.texts
    assert "6. marts" in text and "15" in text
    for word in ("Stjernerne", "Dit Rum", "gruppe", "Liv", "Glostrup"):
        assert word.casefold() not in text.casefold()
    assert "flyttet" in Visitor().come_back(key).words
    assert [line for _who, line in privacy.trail(course.thread)].count("threads.told_meeting_moved") == 1


def test_a_family_without_a_box_or_without_a_wire_is_to_be_rung(group, finn, alma, gateway):
    boxless = begin(alma)
    _key, quiet = known(alma, **CHILD)
    one, other = rows.seat(group, boxless.members.get(position=2)), rows.seat(group, quiet.members.get(position=1))

    told = services.cancel_meeting(meeting=group.meetings.get(number=1), by=finn)

    assert told.reached == 0
    assert {each.pk for each in told.to_ring} == {one.pk, other.pk}
    assert notices("called_off") == 0
    assert ("finn", "threads.told_meeting_cancelled") in privacy.trail(quiet.thread)


def test_who_has_asked_to_be_rung_is_to_be_rung(group, finn, alma, gateway, gives):
    key, course = known(alma, **CHILD)
    gives(type("Family", (), {"key": key, "thread": course.thread}), "call")
    (seat,) = seated(group, course)

    told = move(group.meetings.get(number=1), finn)

    assert (told.reached, told.to_ring) == (0, [seat])


def test_who_has_left_or_said_no_is_not_told(group, finn, alma):
    course = begin(alma)
    rows.seat(group, course.members.get(position=2), state="left", chair=None, ended_on=date(2026, 3, 1))

    assert move(group.meetings.get(number=1), finn) == services.Told(0, [])


def test_a_new_room_in_the_same_house_is_no_news_to_families(group, finn, alma, bo, settings):
    settings.OUTBOX_CHANNELS = {**settings.OUTBOX_CHANNELS, "mail": "brobygger.outbox.channels.Smtp"}
    rows.seat(group, begin(alma).members.get(position=2))

    told = move(group.meetings.get(number=1), finn, "2026-03-05T15:00", room=3)

    assert told == services.Told(0, [])
    assert {row.user for row in Notice.objects.filter(kind="calendar")} == {alma, bo}


def test_leaders_are_told_in_neutral_words_and_who_did_it_is_not(group, finn, alma, bo, hire, settings):
    settings.OUTBOX_CHANNELS = {**settings.OUTBOX_CHANNELS, "mail": "brobygger.outbox.channels.Smtp"}

    services.cancel_meeting(meeting=group.meetings.get(number=1), by=finn)

    assert {row.user for row in Notice.objects.filter(kind="calendar")} == {alma, bo}
    said = words.text("calendar", {}, "da")
    assert "kalender" in said
    assert "gruppe" not in said.casefold()


def test_closing_tells_each_family_once_for_all_the_meetings(group, finn, alma, gateway, gives):
    key, course = known(alma, **TWO)
    gives(type("Family", (), {"key": key, "thread": course.thread}))
    parents = make(finn, kind="parent", room=2, beside=group)
    seated(group, course)
    rows.seat(parents, course.members.get(position=0))

    told = services.close_group(group=group, on=date(2026, 3, 19), by=finn)

    assert (told.reached, told.to_ring, notices("called_off")) == (1, [], 1)


def test_a_move_that_is_refused_tells_nobody(group, finn, alma, gateway, gives):
    key, course = known(alma, **CHILD)
    gives(type("Family", (), {"key": key, "thread": course.thread}))
    seated(group, course)
    make(finn, date(2026, 3, 6), room=2)

    with pytest.raises(services.RoomIsTaken):
        move(group.meetings.get(number=1), finn)

    assert notices("moved") == 0
    assert not [line for _who, line in privacy.trail(course.thread) if line.startswith("threads.told_meeting")]
