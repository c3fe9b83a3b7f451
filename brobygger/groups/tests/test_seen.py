"""Who sees what of a group, and what a list says of it."""

from datetime import date

import pytest

from brobygger.casework.tests.families import begin
from brobygger.groups import queries, services
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again, at_local, make


@pytest.fixture(autouse=True)
def monday(at, furnished):
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


@pytest.fixture
def group(finn, alma, bo):
    """A group that meets on Thursday, led by Alma and Bo."""
    return make(finn, leaders=[alma, bo], months_from=60)


def test_who_sees_what_of_a_group(group, finn, alma, clara, gro, dan, hire):
    other = hire("dea", "therapist")
    sights = {
        who: (held.sight.group, held.sight.roster, held.sight.run, held.sight.arrange)
        for who in (alma, other, finn, clara)
        if (held := queries.get_group(who, group.pk))
    }

    assert sights[alma] == (True, True, True, False)
    assert sights[other] == (True, False, False, False)
    assert sights[finn] == sights[clara] == (True, True, False, True)
    for nobody in (gro, dan):
        assert queries.get_group(nobody, group.pk) is None
        assert queries.get_meeting(nobody, group.meetings.first().pk) is None
        assert queries.groups(nobody) == []
        assert queries.between(nobody, date(2026, 3, 1), date(2026, 4, 1)) == []


def test_a_list_says_what_is_next_what_is_free_and_in_which_weeks(group, finn, alma, bo):
    rows.seat(group, begin(alma).members.get(position=2))
    services.cancel_meeting(meeting=group.meetings.get(number=1), by=finn)

    (listed,) = queries.groups(finn)

    assert (listed.next.number, listed.free, listed.taken) == (2, 8, 1)
    assert set(listed.leaders) == {alma, bo}
    assert (listed.parity.weeks, listed.parity.turns_on) == ("even", date(2027, 1, 7))
    assert queries.groups(finn, closed=True) == []


def test_meetings_between_two_days_by_place_and_by_who_leads(group, finn, alma):
    make(finn, place="hilleroed")
    days = (date(2026, 3, 5), date(2026, 3, 19))

    assert len(queries.between(finn, *days)) == 4
    assert [each.place for each in queries.between(finn, *days, place="hilleroed")] == ["hilleroed"] * 2
    assert {each.group for each in queries.between(alma, *days, own=True)} == {group}
    assert queries.mine(alma, date(2026, 3, 6)) == []


def test_a_day_closed_since_is_shown_to_who_arranges_and_moved_by_nobody(group, finn, alma, monkeypatch):
    first = group.meetings.get(number=1)
    held = queries.catalogue.days_without_groups
    monkeypatch.setattr(queries.catalogue, "days_without_groups", lambda *of: held(*of) | {date(2026, 3, 5)})

    assert queries.on_closed_days(finn) == [first]
    assert queries.on_closed_days(alma) == []
    services.extend(by="keeper")
    assert again(first).starts_at == at_local("2026-03-05T15:00")
