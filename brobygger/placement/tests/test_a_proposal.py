"""A proposal from what the house knows: who could sit where, taken by a person's press, gone when the facts change."""

from datetime import date, timedelta
from typing import Any

import pytest

from brobygger.access.guards import NotAllowed
from brobygger.casework.tests.families import begin, person
from brobygger.catalogue import rules as catalogue_rules
from brobygger.catalogue.models import House
from brobygger.ground import clock
from brobygger.groups import seats
from brobygger.groups.models import Seat
from brobygger.groups.rules import TalksFirst
from brobygger.groups.tests import rows
from brobygger.placement import queries, rules, services
from brobygger.placement.models import Plan
from brobygger.placement.templatetags import answers
from brobygger.placement.tests import houses
from brobygger.privacy import keyring
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def placed(plan: Plan) -> dict[str, str]:
    return queries.said(plan)["seats"]


def placed_in(plan: Plan, *rows: Any) -> dict[str, str]:
    return {str(row.pk): placed(plan)[str(row.pk)] for row in rows}


def built(viewer: Any, offer: str = "") -> rules.Instance:
    return queries.instance(viewer, offer)[0]


def seen(plan: Plan, viewer: Any) -> tuple[rules.Instance, rules.Placing, str]:
    laid = services.look_at_plan(plan=plan, by=viewer)
    return laid.instance, laid.placing, next(iter(laid.placing.seats))


# ---- What the solver is told ----


def test_a_child_is_told_by_the_months_places_days_and_weeks_that_were_written_down(alma, finn) -> None:
    houses.group()
    row = houses.child(alma, weeks=5, places=["hilleroed"], days=[2], parity="even")

    child = built(finn).child[str(row.pk)]

    assert (child.months, child.since, child.parity) == (102, date(2026, 10, 19), "even")
    assert dict(child.reach) == {"hilleroed": 0}
    assert child.free == {(2, "morning"), (2, "afternoon"), (2, "evening")}


def test_a_group_is_told_by_its_free_chairs_newcomers_ages_and_weeks(alma, finn) -> None:
    group = houses.group(seats=6, newcomers=2, siblings_to=168)
    rows.seat(group, rows.child(alma, "Eja", "2017-11"))
    rows.seat(group, rows.child(alma, "Bo", "2018-11"), state="offered", starts_with=group.meetings.get(number=2),
              answer_by=date(2026, 11, 24))  # fmt: skip

    told = built(finn).group[str(group.pk)]

    assert (told.place, told.weekday, told.start, told.running) == ("hilleroed", 2, "15:00", True)
    assert (told.months_from, told.months_to, told.siblings_to) == (84, 131, 167), "both ends are included there"
    assert (told.seats_free, told.newcomers, told.room) == (4, 1, 1), "one of two newcomers has the next meeting"
    assert told.mean_months == 102


def test_weeks_that_turn_with_the_year_are_what_they_are_until_then(finn) -> None:
    near = houses.group("Kort", meetings=4)
    group = houses.group("Lang", meetings=9)

    told = built(finn)

    # 2026 has 53 weeks: after week 52 comes week 1, a fortnight on. Families who share by weeks turn around then too.
    assert told.group[str(near.pk)].parity == "even" and told.group[str(group.pk)].parity == "even"


def test_a_group_that_has_begun_or_has_no_dates_takes_nobody_and_says_so(finn) -> None:
    begun, empty = houses.group("Begyndt", intake="fixed"), houses.group("Tom", meetings=1)

    told, shown = queries.instance(finn)

    assert told.groups == ()
    assert shown.shut == {str(begun.pk): "begun", str(empty.pk): "no_dates"}


def test_a_planned_group_opens_with_enough_children_and_who_leads_it(alma, bo, finn) -> None:
    first = houses.TODAY + timedelta(days=9)
    group = houses.group(state="planned", starts_on=first, seats=6, smallest=2)
    houses.child(alma), houses.child(alma, "Eja")

    assert placed(services.propose(offer="", by=finn)) == {}
    rows.leads(group, alma), rows.leads(group, bo)
    assert len(placed(services.propose(offer="", by=finn))) == 2


def test_who_waits_for_one_thing_is_not_put_in_another(alma, finn) -> None:
    group = houses.group(offer="gruppe")
    row = houses.child(alma, offer="boernegruppe")

    assert placed(services.propose(offer="", by=finn)) == {}
    other = houses.child(alma, "Eja", offer="gruppe")
    assert placed(services.propose(offer="gruppe", by=finn)) == {str(other.pk): str(group.pk)}
    assert str(row.pk) not in built(finn, "gruppe").child


def test_a_child_whose_age_nobody_knows_is_named_and_not_guessed_at(alma, finn) -> None:
    houses.group()
    row = houses.child(alma, birth="")

    told, shown = queries.instance(finn)

    assert told.children == () and shown.ageless == (str(row.pk),)


# ---- Proposed ----


def test_the_one_who_has_waited_longest_gets_the_last_seat(alma, finn) -> None:
    group = houses.group(seats=1)
    houses.child(alma, "Eja", weeks=4)
    longest = houses.child(alma, "Liv", weeks=30)

    plan = services.propose(offer="", by=finn)

    assert placed(plan) == {str(longest.pk): str(group.pk)}
    levels = {each["wish"]: each for each in queries.said(plan)["levels"]}
    assert all(each["value"] == each["bound"] for each in levels.values()), "it is proved"
    assert levels["overdue"]["value"] == 1


def test_the_same_facts_give_the_same_proposal_and_the_same_fingerprint(alma, finn) -> None:
    for number in range(3):
        houses.group(f"Gruppe {number}")
        houses.child(alma, f"Barn {number}", weeks=number)

    one, other = services.propose(offer="", by=finn), services.propose(offer="", by=finn)

    assert placed(one) == placed(other) and len(placed(one)) == 3
    assert one.digest == other.digest
    said = (
        {each.code for each in answers.why_here(*seen(one, finn))},
        {each.code for each in answers.why_here(*seen(other, finn))},
    )
    assert "as_before" not in said[0] and "as_before" in said[1]
    houses.child(alma, "Ny")
    assert queries.digest(built(finn)) != one.digest


def test_siblings_who_wish_it_sit_together_and_those_who_do_not_sit_apart(alma, finn) -> None:
    wednesday = houses.group(seats=2)
    rows.group("Torsdag", rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", starts_on=date(2026, 11, 12))
    thursday = houses.group("Torsdag", seats=1, starts_on=date(2026, 11, 12))
    together = houses.siblings(alma, "2017-05", "2018-05", siblings="together")

    told = placed(services.propose(offer="", by=finn))
    assert {told[str(each.pk)] for each in together} == {str(wednesday.pk)}

    for each in together:
        seats.wait(member=each.member, offer=each.offer, wishes={"siblings": "apart"}, by=alma)
    told = placed(services.propose(offer="", by=finn))
    assert {told[str(each.pk)] for each in together} == {str(wednesday.pk), str(thursday.pk)}


def test_only_who_may_see_who_waits_makes_a_proposal(alma, dan, gro, operator) -> None:
    for somebody in (dan, gro, operator):
        with pytest.raises(NotAllowed):
            services.propose(offer="", by=somebody)
        assert queries.instance(somebody)[0].children == ()
    assert services.propose(offer="", by=alma).made_by == alma


def test_what_a_proposal_says_is_sealed_and_goes_with_its_key_after_two_days(alma, finn, at) -> None:
    group = houses.group()
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)
    assert str(row.pk).encode() not in bytes(plan.sealed) and str(group.pk).encode() not in bytes(plan.sealed)
    assert services.sweep(clock.now() + timedelta(hours=47)) == 0
    at("2026-11-25T09:01")
    assert queries.get_plan(finn, plan.pk) is None and queries.plans(finn) == [], "shown no longer, though it is day"

    assert services.sweep(clock.now()) == 1

    assert not Plan.objects.filter(what=Plan.What.PROPOSAL).exists()
    with pytest.raises(keyring.Shredded):
        queries.said(plan)


def test_a_week_later_the_next_proposal_stays_near_the_last(alma, finn, at) -> None:
    houses.group("A"), houses.group("B")
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)
    old = services.propose(offer="", by=finn)
    before = placed_in(old, row)
    at("2026-11-30T09:00")
    assert services.sweep(clock.now()) == 2

    kept = Plan.objects.get()
    assert set(queries.said(kept)) == {"seats"} and queries.said(kept)["seats"] == before
    assert kept.key not in (plan.key, old.key), "under a key of its own"
    assert services.sweep(clock.now()) == 0
    anew = services.propose(offer="", by=finn)
    assert "as_before" in {each.code for each in answers.why_here(*seen(anew, finn))}
    assert Plan.objects.get() == anew, "the new one is what the next stays near"
    with pytest.raises(keyring.Shredded):
        queries.said(kept)


def test_after_a_month_nothing_of_a_proposal_is_left(alma, finn, at) -> None:
    houses.group(), houses.child(alma)
    services.propose(offer="", by=finn)
    at("2026-11-26T09:00")
    assert services.sweep(clock.now()) == 1 and Plan.objects.count() == 1
    at("2026-12-29T09:00")
    assert services.sweep(clock.now()) == 1 and not Plan.objects.exists()


def test_the_house_s_own_order_and_limit_decide_and_another_order_may_be_asked_for(alma, finn) -> None:
    houses.group(seats=1)
    longest = houses.child(alma, weeks=20)
    houses.siblings(alma, "2017-05", "2018-05", siblings="together")
    House.objects.update(placement=catalogue_rules.placement() | {"limit_weeks": 12})

    said = queries.said(services.propose(offer="", by=finn))

    assert set(said["seats"]) == {str(longest.pk)} and said["levels"][0]["wish"] == "overdue"
    assert built(finn).limit_weeks == 12
    order = ["siblings", "overdue", "placed", "weeks", "parents", "kept", "few", "comfort"]
    plan = services.propose(offer="", by=finn)
    House.objects.update(placement=catalogue_rules.placement() | {"order": order})
    assert queries.order_of("house") == tuple(order) and built(finn).order == tuple(order)
    assert not services.look_at_plan(plan=plan, by=finn).fresh, "the house wishes something else now"
    assert queries.said(services.propose(offer="", by=finn))["levels"][0]["wish"] == "siblings"
    assert queries.said(services.propose(offer="", by=finn, order="usual"))["levels"][0]["wish"] == "overdue"


def test_a_proposal_leaves_its_line_and_the_look_it_takes(alma, finn) -> None:
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)

    assert list(audit.trail(f"plan:{plan.pk}")) == [("finn", "placement.proposed")]
    assert ("finn", "groups.waiting_looked") in audit.trail(f"course:{row.member.course_id}")


# ---- Taken by a press ----


def test_a_press_offers_the_seat_that_was_proposed_and_the_rest_stands(alma, finn) -> None:
    group = houses.group(seats=3)
    first, other = houses.child(alma, weeks=9), houses.child(alma, "Eja")
    plan = services.propose(offer="", by=finn)

    seat = services.accept(plan=plan, waiting=str(first.pk), by=finn)

    assert (seat.group, seat.member, seat.state) == (group, first.member, "offered")
    assert ("finn", "placement.accepted") in audit.trail(f"member:{first.member_id}")
    assert services.accept(plan=plan, waiting=str(other.pk), by=finn).member == other.member
    with pytest.raises(services.NotProposed):
        services.accept(plan=plan, waiting=str(first.pk), by=finn)
    assert Seat.objects.count() == 2


def test_when_something_has_changed_nothing_is_offered(alma, finn) -> None:
    group = houses.group(seats=3)
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)
    rows.seat(group, rows.child(alma, "Bjørn", "2017-05"))

    with pytest.raises(services.PlanIsOld):
        services.accept(plan=plan, waiting=str(row.pk), by=finn)
    assert Seat.objects.count() == 1
    assert services.accept(plan=services.propose(offer="", by=finn), waiting=str(row.pk), by=finn)


def test_nobody_offers_a_seat_in_a_course_that_is_not_theirs(alma, bo, dan, finn) -> None:
    houses.group()
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)

    for somebody in (bo, dan):
        with pytest.raises(NotAllowed):
            services.accept(plan=plan, waiting=str(row.pk), by=somebody)
    assert not Seat.objects.exists()
    assert services.accept(plan=plan, waiting=str(row.pk), by=alma)


def test_talks_before_the_first_evening_are_asked_for(alma, finn) -> None:
    houses.group(talks_before=2)
    row = houses.child(alma, talks=True)
    plan = services.propose(offer="", by=finn)

    with pytest.raises(TalksFirst):
        services.accept(plan=plan, waiting=str(row.pk), by=finn)
    assert services.accept(plan=plan, waiting=str(row.pk), told={"talks_done": True}, by=finn)


def test_the_parent_is_offered_the_seat_beside_with_the_same_press(alma, finn) -> None:
    group = houses.group()
    beside = houses.group("Forældre", kind="parent", beside=group, offer="foraeldregruppe", months_from=216,
                          months_to=1200)  # fmt: skip
    course = begin(alma)
    child = houses.wait(person(course, 2), alma)
    mother = houses.wait(person(course), alma, offer="foraeldregruppe")
    plan = services.propose(offer="", by=finn)
    assert queries.said(plan)["parents"] == {str(course.pk): str(group.pk)}

    services.accept(plan=plan, waiting=str(child.pk), by=finn)

    assert set(Seat.objects.values_list("group", "member")) == {
        (group.pk, child.member_id),
        (beside.pk, mother.member_id),
    }


def test_an_older_child_sits_beside_a_younger_one_of_the_family(alma, finn) -> None:
    houses.group(siblings_to=168)
    young, old = houses.siblings(alma, "2018-05", "2014-05", siblings="together")
    plan = services.propose(offer="", by=finn)
    assert set(placed(plan)) == {str(young.pk), str(old.pk)}

    seat = services.accept(plan=plan, waiting=str(old.pk), by=finn)

    assert seat.member == old.member


# ---- Why not ----


def test_what_is_in_the_way_is_a_rule_by_its_name(alma, finn) -> None:
    group = houses.group()
    row = houses.child(alma, places=["glostrup"], days=[0])
    plan = services.propose(offer="", by=finn)

    _laid, found = services.look_why_not(plan=plan, waiting=str(row.pk), group=str(group.pk), by=finn)

    assert found is not None and found.kind == "rule"
    assert {each.code for each in found.reasons} == {"unreachable", "not_free"}


def test_what_is_not_forbidden_is_told_by_what_it_would_cost(alma, finn) -> None:
    group = houses.group(seats=1)
    longest, other = houses.child(alma, weeks=30), houses.child(alma, "Eja", weeks=3)
    plan = services.propose(offer="", by=finn)

    _laid, found = services.look_why_not(plan=plan, waiting=str(other.pk), group=str(group.pk), by=finn)

    assert found is not None and found.kind == "cost" and found.changes[0].wish == "overdue"
    assert {move.child for move in found.moves} == {str(longest.pk), str(other.pk)}


def test_bo_asks_about_no_child_that_is_not_his(alma, bo, finn) -> None:
    group = houses.group(seats=1)
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)

    assert services.look_why_not(plan=plan, waiting=str(row.pk), group=str(group.pk), by=bo)[1] is None
