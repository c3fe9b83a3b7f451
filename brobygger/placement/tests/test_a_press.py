"""A proposed seat is offered by a press: each group asks its own questions, and nothing old is called proved."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.casework.tests.families import begin, person
from brobygger.groups import queries as seating
from brobygger.groups import seats
from brobygger.groups.models import Seat, Waiting
from brobygger.groups.rules import TalksFirst
from brobygger.groups.tests import rows
from brobygger.placement import queries, services
from brobygger.placement.models import Plan, Why
from brobygger.placement.tests import houses
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db
Desk = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def page(name: str, **kwargs: Any) -> str:
    return reverse(f"placement:{name}", kwargs=kwargs)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shown(desk: Client, plan: Plan) -> str:
    return text(desk.get(page("plan", plan=plan.pk)))


def in_pair(by: Any, talks: int = 0, **beside: Any) -> tuple[Any, Any, Waiting, Waiting]:
    """Make a children's group with a parents' group beside it, and let a child and its mother wait."""
    group = houses.group(talks_before=talks)
    told = {"kind": "parent", "beside": group, "offer": "foraeldregruppe", "months_from": 216, "months_to": 1200}
    parallel = houses.group("Forældre", **{**told, **beside})
    course = begin(by)
    child = houses.wait(person(course, 2), by, talks=True)
    return group, parallel, child, houses.wait(person(course), by, offer="foraeldregruppe")


def first_of(group: Any) -> str:
    return str(seating.starts(group)[0][0].pk)


# ---- The parent's seat beside ----


def test_the_parents_group_asks_its_own_questions(alma, staff_client) -> None:
    group, parallel, child, mother = in_pair(alma, talks_before=1)
    desk, plan = staff_client(alma), services.propose(offer="", by=alma)
    where = page("accept", plan=plan.pk, waiting=child.pk)
    asked = text(desk.get(where))
    assert 'name="parent-talks_done"' in asked and 'name="talks_done"' not in asked, "the child's group asks for none"
    both = {"starts_with": first_of(group), "parent-too": "on", "parent-starts_with": first_of(parallel)}

    refused = desk.post(where, both)

    assert refused.status_code == 422 and not Seat.objects.exists()
    assert "Tag krydset væk" in text(refused) and "Sæt kryds, når de er holdt." in text(refused)
    assert desk.post(where, both | {"parent-talks_done": "on"}).status_code == 302
    assert set(Seat.objects.values_list("group", "member")) == {
        (group.pk, child.member_id),
        (parallel.pk, mother.member_id),
    }


def test_the_child_s_talks_are_not_taken_for_the_parent_s(alma) -> None:
    _group, _parallel, child, _mother = in_pair(alma, talks=1, talks_before=1)
    plan = services.propose(offer="", by=alma)

    with pytest.raises(services.BesideIsRefused) as refused:
        services.accept(plan=plan, waiting=str(child.pk), told={"talks_done": True}, by=alma)

    assert isinstance(refused.value.why, TalksFirst) and not Seat.objects.exists()


def test_the_child_s_seat_is_offered_alone_when_the_tick_is_taken_away(alma, staff_client) -> None:
    group, parallel, child, mother = in_pair(alma, talks_before=1)
    desk, plan = staff_client(alma), services.propose(offer="", by=alma)

    answer = desk.post(page("accept", plan=plan.pk, waiting=child.pk), {"starts_with": first_of(group)}, follow=True)

    assert Seat.objects.get().member == child.member
    assert Waiting.objects.get(pk=mother.pk).ended_on is None, "the mother waits on"
    assert parallel.name in text(answer), "and is named among the parents who wait"


def test_a_parents_group_that_has_begun_is_no_dead_end(alma, staff_client) -> None:
    group, _parallel, child, _mother = in_pair(alma, intake="fixed")
    desk, plan = staff_client(alma), services.propose(offer="", by=alma)
    where = page("accept", plan=plan.pk, waiting=child.pk)
    assert desk.get(where).status_code == 200

    assert desk.post(where, {"starts_with": first_of(group)}).status_code == 302

    assert Seat.objects.get().member == child.member


# ---- What stands after a press ----


def test_who_is_left_is_placed_anew_so_that_what_is_proved_is_of_today(alma, finn, staff_client) -> None:
    group = houses.group(seats=9, newcomers=1)
    first, other = houses.child(alma, weeks=12), houses.child(alma, "Eja", weeks=10)
    plan = services.propose(offer="", by=finn)
    assert set(queries.said(plan)["seats"]) == {str(first.pk)}, "only one begins at a time"

    # From a later meeting: so the next one has room for the other.
    later = {"starts_with": seating.starts(group)[0][1]}
    services.accept(plan=plan, waiting=str(first.pk), told=later, by=finn)

    body = queries.said(Plan.objects.get(pk=plan.pk))
    assert str(other.pk) in body["seats"] and all(each["value"] == each["bound"] for each in body["levels"])
    told = shown(staff_client(finn), plan)
    assert "<b>1</b> kan få en plads" in told and "Det er bevist" in told
    assert "foreslået før" not in told, "it was not proposed before: this proposal was placed anew"


def test_what_a_colleague_changes_in_the_same_moment_is_seen_or_makes_it_old(
    alma, finn, staff_client, monkeypatch
) -> None:
    houses.group(seats=3)
    first = houses.child(alma, weeks=12)
    plan, another = services.propose(offer="", by=finn), services.propose(offer="", by=finn)
    rest = services._place_the_rest
    monkeypatch.setattr(services, "_place_the_rest", lambda row, by: (houses.child(alma, "Ny"), rest(row, by=by)))

    services.accept(plan=plan, waiting=str(first.pk), by=finn)

    told = shown(staff_client(finn), plan)
    assert "Noget har ændret sig siden" not in told and "<b>1</b> kan få en plads" in told, "the new one is placed, too"
    # The machine stops before who is left is placed anew: then nothing old is called proved.
    second = next(iter(queries.said(Plan.objects.get(pk=plan.pk))["seats"]))
    monkeypatch.setattr(services, "_place_the_rest", lambda row, by: None)
    services.accept(plan=plan, waiting=second, by=finn)
    for each in (plan, another):
        old = shown(staff_client(finn), each)
        assert "Noget har ændret sig siden" in old and "bevist" not in old


def test_a_seat_that_was_declined_is_not_counted_as_offered(alma, finn, staff_client) -> None:
    houses.group()
    row = houses.child(alma)
    plan = services.propose(offer="", by=finn)
    seat = services.accept(plan=plan, waiting=str(row.pk), by=finn)
    desk = staff_client(finn)
    assert "1 plads fra forslaget er tilbudt" in shown(desk, plan)
    assert reverse("groups:seat", kwargs={"seat": seat.pk}) in shown(desk, plan), "with a way to it"

    seats.decline_seat(seat=seat, by=finn)

    assert "er tilbudt" not in shown(desk, plan)


# ---- What the family said, and why ----


def test_what_the_family_said_in_words_is_read_by_who_has_the_course_alone(alma, finn, staff_client) -> None:
    houses.group()
    row = houses.child(alma, words="Ikke sammen med Oskar.", language="uk")
    plan = services.propose(offer="", by=finn)

    for where in (page("plan", plan=plan.pk), page("accept", plan=plan.pk, waiting=row.pk)):
        own, other = text(staff_client(alma).get(where)), text(staff_client(finn).get(where))
        assert "Ikke sammen med Oskar." in own and "Ukrainsk" in own
        assert "Oskar" not in other and "Den, der har forløbet, kan fortælle" in other


def test_why_a_seat_was_proposed_is_read_long_after_the_proposal_is_gone(alma, bo, dan, finn, staff_client, at) -> None:
    houses.group()
    row = houses.child(alma, weeks=30)
    plan = services.propose(offer="", by=finn)
    seat = services.accept(plan=plan, waiting=str(row.pk), by=finn)
    seats.take_seat(seat=seat, by=finn)
    at("2026-12-20T09:00")
    assert services.sweep(services.clock.now()) == 1 and not Plan.objects.filter(what="proposal").exists()

    told = text(staff_client(alma).get(page("why", seat=seat.pk)))

    for sentence in ("Har ventet 30 uger. Over 26 uger kommer først.", "Var 8 år", "Kun denne gruppe passer."):
        assert sentence in told
    assert page("why", seat=seat.pk) in text(staff_client(alma).get(reverse("groups:seat", kwargs={"seat": seat.pk})))
    assert ("alma", "placement.why_looked") in audit.trail(f"member:{row.member_id}")
    for somebody in (bo, dan):
        assert staff_client(somebody).get(page("why", seat=seat.pk)).status_code == 404


def test_a_seat_that_was_offered_by_hand_has_no_reasons_and_says_so(alma, staff_client) -> None:
    seat = rows.seat(houses.group(), rows.child(alma, "Liv"))
    assert "ikke tilbudt fra et forslag" in text(staff_client(alma).get(page("why", seat=seat.pk)))


def test_the_reasons_lie_under_the_child_s_own_key_and_go_with_it(alma, finn) -> None:
    houses.group()
    row, sibling = houses.siblings(alma, "2017-05", "2018-05", siblings="together")
    plan = services.propose(offer="", by=finn)
    seat = services.accept(plan=plan, waiting=str(row.pk), by=finn)
    why = Why.objects.get(seat=seat)

    assert b"waited" not in bytes(why.sealed)
    said = services.look_at_why(seat=seat, by=alma)
    assert said is not None and {"waited", "sibling_same_trip"} <= {each.code for each in said}
    assert str(sibling.pk) not in str([each.facts for each in said]), "no key of anybody else is kept"
    seat.delete()
    assert not Why.objects.exists()
