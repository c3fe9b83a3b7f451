"""An administrator makes a group, changes it and closes it: what is ahead follows, what has been stays."""

from datetime import date, time, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.appointments import services as appointments
from brobygger.appointments.models import Reserved
from brobygger.groups import queries, services
from brobygger.groups.models import Group
from brobygger.groups.tests.made import FIRST, again, at_local, days, make, told
from brobygger.privacy import queries as privacy
from brobygger.series import rules as series


@pytest.fixture(autouse=True)
def monday(at, furnished):
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


# ---- Made ----


def test_a_group_is_made_with_a_year_of_dates_and_the_house_is_closed_where_it_is_closed(finn):
    made = days(make(finn))

    assert made[:4] == [date(2026, 3, 5), date(2026, 3, 19), date(2026, 4, 16), date(2026, 4, 30)]  # Maundy Thursday
    assert date(2026, 5, 14) not in made  # Ascension Day
    assert date(2026, 12, 24) not in made  # Christmas
    assert made[-1] <= date(2027, 3, 5) < made[-1] + timedelta(days=35)


def test_a_group_says_its_dates_its_room_and_its_leaders_are_taken(finn, alma, bo):
    group = make(finn, leaders=[alma, bo])

    first = group.meetings.get(number=1)
    assert (first.starts_at, first.ends_at) == (at_local("2026-03-05T15:00"), at_local("2026-03-05T17:00"))
    taken = Reserved.objects.filter(of=first.pk)
    assert {(row.worker, row.place, row.room) for row in taken} == {
        (None, "glostrup", 1), (alma, "", None), (bo, "", None)
    }  # fmt: skip
    assert privacy.trail(group) == [("finn", "groups.made")]


def test_a_group_sent_twice_is_made_once(finn):
    once = uuid4()

    one, other = (services.make_group(said=told(), by=finn, once=once) for _each in range(2))

    assert one == other
    assert Group.objects.count() == 1


@pytest.mark.parametrize("who", ["alma", "gro"])
def test_who_does_not_arrange_groups_makes_none(who, request):
    with pytest.raises(NotAllowed):
        make(request.getfixturevalue(who))
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("offer", "golf"), ("place", "mars"), ("room", 5), ("room", 0), ("ends", time(14)),
        ("months_to", 100), ("siblings_to", 150), ("seats", 0), ("newcomers", 0), ("leaders_at_once", 0),
        ("ends_on", date(2026, 1, 1)), ("meetings_wanted", 0), ("skips_weeks", [54]), ("rule", "FREQ=HOURLY"),
        ("starts_on", date(2026, 3, 6)), ("rule", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_a_group_is_refused_and_the_field_is_named(finn, field, value):
    with pytest.raises(services.NotSound) as refused:
        make(finn, **{field: value})

    assert refused.value.field == field
    assert not Group.objects.exists()


def test_a_group_that_never_meets_is_refused(finn):
    with pytest.raises(services.NotSound):
        make(finn, ends_on=date(2026, 3, 5), skips_weeks=[10])
    assert not Group.objects.exists()


def test_only_who_may_run_a_group_leads_one(finn, clara):
    with pytest.raises(services.NotALeader):
        make(finn, leaders=[clara])
    assert not Group.objects.exists()


@pytest.mark.parametrize("when_closed", ["skip", "week_later"])
def test_a_group_of_six_meetings_has_six_and_the_house_s_weeks_and_its_own_are_kept(finn, when_closed):
    first = date(2026, 9, 10)
    made = days(make(finn, first, meetings_wanted=6, when_closed=when_closed, skips_weeks=[39]))

    weeks = [each.isocalendar().week for each in made]
    assert len(made) == 6
    assert not {39, 42} & set(weeks)
    assert weeks == ([37, 41, 43, 45, 47, 49] if when_closed == "skip" else [37, 40, 41, 43, 45, 47])


def test_two_closed_weeks_in_a_row_in_the_house_s_own_file(finn):
    """Dit Rum is closed in weeks 7 and 8: a meeting of week 7 finds no week of its own."""
    made = days(make(finn, date(2027, 1, 7), when_closed="week_later"))
    odd = make(finn, date(2027, 1, 14), when_closed="week_later", room=2)

    assert [each.isocalendar().week for each in made[:5]] == [1, 3, 5, 9, 11]
    # The one of week 8 is held in week 9, before week 10.
    assert [each.isocalendar().week for each in days(odd)[:5]] == [2, 4, 6, 9, 10]


def test_a_cafe_has_the_dates_it_is_given(finn):
    saturdays = [date(2026, 4, 11), date(2026, 9, 5), date(2026, 11, 28)]

    cafe = make(finn, saturdays[0], rule="", kind="cafe", dates=saturdays, months_from=24, offer="gruppe")

    assert days(cafe) == saturdays
    services.extend(by="keeper")
    assert days(cafe) == saturdays


def test_a_parents_group_meets_at_the_chosen_numbers_at_the_same_hour_in_another_room(finn):
    group = make(finn, meetings_wanted=6)

    parents = make(finn, kind="parent", room=2, beside=group, beside_numbers=[2, 4, 6], rule="nonsense", begins=time(9))

    held = list(parents.meetings.order_by("number").values_list("number", "beside__number", "starts_at", "room"))
    starts = dict(group.meetings.values_list("number", "starts_at"))
    assert held == [(1, 2, starts[2], 2), (2, 4, starts[4], 2), (3, 6, starts[6], 2)]
    with pytest.raises(services.NotSound):
        make(finn, kind="parent", room=3, beside=parents)
    with pytest.raises(services.RoomIsTaken):
        make(finn, kind="parent", room=1, beside=group)


def test_a_room_that_is_taken_is_refused_with_every_day_it_is_taken(finn):
    make(finn, meetings_wanted=3)

    with pytest.raises(services.RoomIsTaken) as refused:
        make(finn, weeks=1, begins=time(16), ends=time(18))

    assert [each.date() for each in refused.value.days] == [date(2026, 3, 5), date(2026, 3, 19), date(2026, 4, 16)]
    assert Group.objects.count() == 1
    make(finn, weeks=1, begins=time(17), ends=time(18))


def test_a_leader_who_has_another_group_is_refused_by_name_and_day(finn, alma):
    make(finn, meetings_wanted=2, leaders=[alma])

    with pytest.raises(services.LeaderIsBusy) as refused:
        make(finn, room=2, leaders=[alma])

    assert refused.value.user == alma
    assert len(refused.value.days) == 2


# ---- The night ----


def test_each_night_the_dates_reach_a_year_ahead_and_no_number_changes(finn, alma, bo, at):
    group = make(finn, leaders=[alma, bo])
    before = list(group.meetings.order_by("number").values_list("number", "pk", "starts_at"))
    assert services.extend(by="keeper") == 0

    at("2026-06-01T03:00")
    made = services.extend(by="keeper")

    after = list(group.meetings.order_by("number").values_list("number", "pk", "starts_at"))
    assert made == len(after) - len(before) > 4
    assert after[: len(before)] == before
    assert [number for number, _pk, _at in after] == list(range(1, len(after) + 1))
    assert services.extend(by="keeper") == 0
    last = group.meetings.last()
    assert {row.user for row in last.leads.all()} == {alma, bo}
    assert Reserved.objects.filter(of=last.pk).count() == 3
    assert ("keeper", "groups.extended") in privacy.trail(group)


def test_a_night_that_finds_the_room_taken_takes_another_or_waits(finn, at, alma):
    group = make(finn, place="hilleroed", leaders=[alma])
    other = make(finn, room=1, leaders=[])
    at("2026-06-01T03:00")
    until = [series.moment(date(2027, 3, 18), hour) for hour in (time(15), time(17))]
    for place, rooms in (("hilleroed", 1), ("glostrup", 1)):
        for room in range(1, rooms + 1):
            appointments.reserve(
                of=uuid4(), workers=[alma] if room == 1 and place == "glostrup" else [], place=place, room=room,
                starts_at=until[0], ends_at=until[1], by="keeper",
            )  # fmt: skip

    services.extend(by="keeper")

    assert date(2027, 3, 18) not in days(group)  # one room in Hillerød, and that is taken
    assert other.meetings.get(planned_on=date(2027, 3, 18)).room == 2


def test_the_rule_and_the_dates_kept_say_the_same_to_a_stranger(finn):
    group = make(finn, when_closed="week_later")
    services.cancel_meeting(meeting=group.meetings.get(number=4), by=finn)
    sixth = group.meetings.get(number=6)
    services.move_meeting(
        meeting=sixth, starts_at=sixth.starts_at + timedelta(days=1), ends_at=sixth.ends_at + timedelta(days=1),
        place="glostrup", room=2, by=finn,
    )  # fmt: skip
    group = again(group)
    from brobygger.series.tests.test_series import by_a_stranger, by_dateutil, calendar

    rows = queries.dated(group.meetings.all())
    file = calendar(queries.plan(group), rows, group.begins, group.ends)

    standing = group.meetings.exclude(state="cancelled").order_by("starts_at")
    assert by_dateutil(file) == by_a_stranger(file) == list(standing.values_list("starts_at", flat=True))


# ---- Changed ----


def test_a_new_hour_and_room_change_what_is_ahead_and_nothing_else(finn, at):
    group = make(finn)
    at("2026-03-06T08:00")

    services.change_group(group=group, said={"begins": time(14), "ends": time(16), "room": 3}, seen=0, by=finn)

    first, second, third = group.meetings.order_by("number")[:3]
    assert (first.starts_at, first.room) == (at_local("2026-03-05T15:00"), 1)
    assert (second.starts_at, second.room) == (at_local("2026-03-19T14:00"), 3)
    assert (third.starts_at, third.ends_at) == (at_local("2026-04-16T14:00"), at_local("2026-04-16T16:00"))
    assert Reserved.objects.get(of=second.pk).room == 3
    assert again(group).sequence == 1


def test_what_somebody_moved_by_hand_stays_there_when_the_hour_changes(finn):
    group = make(finn)
    second = group.meetings.get(number=2)
    services.move_meeting(
        meeting=second, starts_at=at_local("2026-03-20T10:00"), ends_at=at_local("2026-03-20T12:00"), place="glostrup",
        room=2, by=finn,
    )  # fmt: skip

    services.change_group(group=group, said={"begins": time(14), "ends": time(16)}, seen=1, by=finn)

    assert again(second).starts_at == at_local("2026-03-20T10:00")
    assert again(second).room == 2


def test_a_new_weekday_holds_from_its_first_day_and_the_numbers_stay(finn, alma, bo, at):
    group = make(finn, leaders=[alma])
    services.stand_in(meeting=group.meetings.get(number=4), out=alma, into=bo, by=finn)
    at("2026-03-20T08:00")
    tuesday = date(2026, 4, 28)

    services.change_group(group=group, said={"rule": series.every(2, tuesday), "starts_on": tuesday}, seen=0, by=finn)

    made = days(group)
    assert made[:5] == [date(2026, 3, 5), date(2026, 3, 19), date(2026, 4, 16), tuesday, date(2026, 5, 12)]
    assert {later.weekday() for later in made[3:]} == {1}
    assert all(earlier < later for earlier, later in pairwise(made))
    assert [row.user for row in group.meetings.get(number=4).leads.all()] == [bo]
    numbers = list(group.meetings.order_by("starts_at").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_group_that_has_not_begun_may_begin_later(finn):
    group = make(finn, meetings_wanted=4)
    later = date(2026, 4, 16)

    services.change_group(group=group, said={"starts_on": later}, seen=0, by=finn)

    assert days(group) == [later, date(2026, 4, 30), date(2026, 5, 28), date(2026, 6, 11)]
    assert group.meetings.count() == 4


def test_fewer_meetings_wanted_are_fewer_meetings_and_their_rooms_are_free(finn):
    group = make(finn, meetings_wanted=6)
    gone = group.meetings.get(number=6).pk

    services.change_group(group=group, said={"meetings_wanted": 4}, seen=0, by=finn)

    assert group.meetings.count() == 4
    assert not Reserved.objects.filter(of=gone).exists()


def test_the_group_beside_follows_to_the_new_hour_and_day_and_place(finn):
    group = make(finn, meetings_wanted=4)
    parents = make(finn, kind="parent", room=2, beside=group, beside_numbers=[2, 3])
    tuesday = date(2026, 4, 14)

    services.change_group(
        group=group, seen=0, by=finn,
        said={"rule": series.every(2, tuesday), "starts_on": tuesday, "begins": time(10), "ends": time(11)},
    )  # fmt: skip

    main = dict(group.meetings.values_list("number", "starts_at"))
    assert list(parents.meetings.order_by("number").values_list("starts_at", flat=True)) == [main[2], main[3]]
    assert again(parents).begins == time(10)
    assert {each.planned_on for each in parents.meetings.all()} <= {each.planned_on for each in group.meetings.all()}


def test_a_new_choice_of_numbers_makes_and_drops_the_meetings_beside(finn):
    group = make(finn, meetings_wanted=6)
    parents = make(finn, kind="parent", room=2, beside=group, beside_numbers=[2, 4])

    services.change_group(group=parents, said={"beside_numbers": [2, 5]}, seen=0, by=finn)

    assert sorted(parents.meetings.values_list("beside__number", flat=True)) == [2, 5]


def test_cafe_dates_come_and_go(finn):
    cafe = make(finn, date(2026, 4, 11), rule="", kind="cafe", dates=[date(2026, 4, 11), date(2026, 9, 5)])

    services.change_group(group=cafe, said={"dates": [date(2026, 9, 5), date(2026, 10, 3)]}, seen=0, by=finn)

    assert days(cafe) == [date(2026, 9, 5), date(2026, 10, 3)]


def test_two_administrators_lose_nothing(finn, clara):
    group = make(finn)
    services.change_group(group=group, said={"seats": 7}, seen=0, by=clara)

    with pytest.raises(services.SomethingNew):
        services.change_group(group=group, said={"name": "Solene"}, seen=0, by=finn)

    assert (again(group).seats, again(group).name) == (7, "Stjernerne")


def test_a_change_into_a_taken_room_changes_nothing(finn):
    make(finn, room=2)
    group = make(finn)

    with pytest.raises(services.RoomIsTaken):
        services.change_group(group=group, said={"room": 2, "name": "Solene"}, seen=0, by=finn)

    assert (again(group).room, again(group).name, again(group).sequence) == (1, "Stjernerne", 0)
    assert {row.room for row in Reserved.objects.filter(of__in=group.meetings.values("pk"), room__isnull=False)} == {1}


@pytest.mark.parametrize("said", [{"starts_on": date(2026, 3, 2)}, {"room": 9}, {"rule": "FREQ=WEEKLY;BYDAY=XX"}])
def test_a_change_to_what_cannot_be_is_refused(finn, said):
    with pytest.raises(services.NotSound):
        services.change_group(group=make(finn), said=said, seen=0, by=finn)


def test_a_therapist_changes_no_group(finn, alma):
    group = make(finn, leaders=[alma])
    for deed in (
        lambda: services.change_group(group=group, said={"seats": 1}, seen=0, by=alma),
        lambda: services.open_group(group=group, by=alma),
        lambda: services.close_group(group=group, on=FIRST, by=alma),
        lambda: services.set_leaders(group=group, users=[], by=alma),
    ):
        with pytest.raises(NotAllowed):
            deed()
