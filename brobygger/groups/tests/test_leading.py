"""Groups are opened and closed, and led by turn; who stands in stays."""

from datetime import date

import pytest

from brobygger.appointments.models import Reserved
from brobygger.groups import queries, services
from brobygger.groups.models import Leader
from brobygger.groups.tests.made import FIRST, again, days, make
from brobygger.privacy import queries as privacy


@pytest.fixture(autouse=True)
def monday(at, furnished):
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


# ---- Opened, closed ----


def test_a_group_is_opened_once(finn):
    group = make(finn)

    services.open_group(group=group, by=finn)
    services.open_group(group=group, by=finn)

    assert again(group).state == "open"
    assert privacy.trail(group).count(("finn", "groups.opened")) == 1


def test_closing_calls_off_what_comes_after_and_it_is_closed_when_the_last_has_been(finn, at):
    group = make(finn)
    parents = make(finn, kind="parent", room=2, beside=group)

    services.close_group(group=group, on=date(2026, 4, 16), by=finn)

    assert days(group) == days(parents) == [date(2026, 3, 5), date(2026, 3, 19), date(2026, 4, 16)]
    assert again(group).state == "planned"
    off = group.meetings.filter(state="cancelled")
    assert off.exists() and not Reserved.objects.filter(of__in=off.values("pk")).exists()
    at("2026-04-17T03:00")
    services.sweep(at("2026-04-17T03:00"))
    assert {again(group).state, again(parents).state} == {"closed"}
    assert len(days(group)) == 3


def test_a_group_that_has_had_its_meetings_is_closed_a_fortnight_later(finn, at):
    group = make(finn, meetings_wanted=2)

    services.sweep(at("2026-03-30T03:00"))
    assert again(group).state == "planned"
    services.sweep(at("2026-04-03T03:00"))

    assert again(group).state == "closed"
    assert ("keeper", "groups.over") in privacy.trail(group)


def test_a_closed_group_is_changed_no_more(finn):
    group = make(finn)
    services.close_group(group=group, on=date(2026, 3, 2), by=finn)

    assert again(group).state == "closed"
    for deed in (
        lambda: services.change_group(group=group, said={"seats": 1}, seen=again(group).sequence, by=finn),
        lambda: services.open_group(group=group, by=finn),
        lambda: services.close_group(group=group, on=FIRST, by=finn),
        lambda: services.set_leaders(group=group, users=[], by=finn),
        lambda: services.cancel_meeting(meeting=group.meetings.first(), by=finn),
    ):
        with pytest.raises(services.GroupIsClosed):
            deed()
    assert services.extend(by="keeper") == 0


# ---- Who leads ----


def test_three_leaders_take_turns_two_at_a_time(finn, alma, bo, hire):
    clea = hire("clea", "therapist")
    group = make(finn, leaders=[alma, bo, clea])

    led = [{row.user for row in each.leads.all()} for each in group.meetings.order_by("number")[:4]]

    assert led == [{alma, bo}, {clea, alma}, {bo, clea}, {alma, bo}]


def test_who_has_something_else_is_passed_over_while_there_are_others(finn, alma, bo, hire):
    clea = hire("clea", "therapist")
    make(finn, room=2, meetings_wanted=1, leaders=[alma])

    group = make(finn, leaders=[alma, bo, clea])

    assert {row.user for row in group.meetings.get(number=1).leads.all()} == {bo, clea}


def test_new_leaders_lead_from_today_on_and_who_stands_in_stays(finn, alma, bo, hire, at):
    clea, dea = hire("clea", "therapist"), hire("dea", "therapist")
    group = make(finn, leaders=[alma, bo])
    services.stand_in(meeting=group.meetings.get(number=2), out=alma, into=dea, by=finn)
    at("2026-03-06T08:00")

    services.set_leaders(group=group, users=[clea, bo], by=finn)

    led = [{row.user for row in each.leads.all()} for each in group.meetings.order_by("number")[:3]]
    assert led == [{alma, bo}, {dea, bo}, {clea, bo}]
    assert Leader.objects.get(group=group, user=alma).valid_to == date(2026, 3, 6)
    third = group.meetings.get(number=3)
    assert {row.worker for row in Reserved.objects.filter(of=third.pk, room=None)} == {clea, bo}
    assert queries.get_group(alma, group.pk).sight.run is False
    assert queries.get_group(clea, group.pk).sight.run is True


def test_a_leader_who_is_busy_is_refused_and_the_old_ones_stay(finn, alma, bo):
    make(finn, room=2, leaders=[bo])
    group = make(finn, leaders=[alma], leaders_at_once=1)

    with pytest.raises(services.LeaderIsBusy) as refused:
        services.set_leaders(group=group, users=[bo], by=finn)

    assert refused.value.user == bo
    assert {row.user for row in group.leaders.filter(valid_to=None)} == {alma}
    assert {row.user for each in group.meetings.all() for row in each.leads.all()} == {alma}


def test_only_who_may_run_groups_is_set_to_lead(finn, clara):
    group = make(finn)

    with pytest.raises(services.NotALeader):
        services.set_leaders(group=group, users=[clara], by=finn)
