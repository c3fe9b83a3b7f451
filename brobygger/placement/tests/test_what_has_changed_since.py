"""A proposal of yesterday is met by a sentence, never by an error: whatever was changed, destroyed or went wrong."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.casework.tests.families import begin, person
from brobygger.catalogue.models import House
from brobygger.groups import queries as seating
from brobygger.groups import rules as sitting
from brobygger.groups import seats
from brobygger.groups.models import Group, Seat
from brobygger.placement import queries, services, solver
from brobygger.placement.models import Plan
from brobygger.placement.templatetags import answers
from brobygger.placement.tests import houses
from brobygger.privacy import keyring

pytestmark = pytest.mark.django_db
Desk = Callable[[Any], Client]
CHANGED = "Noget har ændret sig siden"


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def page(name: str, **kwargs: Any) -> str:
    return reverse(f"placement:{name}", kwargs=kwargs)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def first_of(group: Any) -> str:
    return str(seating.starts(group)[0][0].pk)


def in_pair(by: Any, **beside: Any) -> tuple[Any, Any]:
    """Make a children's group with a parents' group beside it."""
    group = houses.group(seats=4)
    told = {"kind": "parent", "beside": group, "offer": "foraeldregruppe", "months_from": 216, "months_to": 1200}
    return group, houses.group("Forældre", **{**told, **beside})


# ---- What was changed ----


def wishes_changed(group: Any, row: Any, by: Any, at: Any) -> None:
    houses.wait(row.member, by, places=["glostrup"])


def waits_no_more(group: Any, row: Any, by: Any, at: Any) -> None:
    seats.stop_waiting(waiting=row, by=by)


def closed(group: Any, row: Any, by: Any, at: Any) -> None:
    Group.objects.filter(pk=group.pk).update(state="closed")


def without_dates(group: Any, row: Any, by: Any, at: Any) -> None:
    group.meetings.update(state="cancelled")


def begun(group: Any, row: Any, by: Any, at: Any) -> None:
    at("2026-11-25T20:00")


@pytest.mark.parametrize("change", [wishes_changed, waits_no_more, closed, without_dates, begun])
def test_an_old_proposal_says_that_something_has_changed(change, alma, finn, staff_client, at) -> None:
    at("2026-11-24T09:00")
    group = houses.group("Ny", starts_on=date(2026, 11, 25), intake="fixed")
    row, other = houses.child(alma), houses.group("Solen", room=2)
    plan = services.propose(offer="", by=finn)
    assert str(row.pk) in queries.said(plan)["seats"]
    first = first_of(group)
    change(group, row, alma, at)
    desk = staff_client(finn)
    shown = desk.get(page("plan", plan=plan.pk))
    assert shown.status_code == 200 and CHANGED in text(shown) and "kan få en plads" not in text(shown)

    accept = page("accept", plan=plan.pk, waiting=row.pk)
    for answer in (
        desk.get(accept, follow=True),
        desk.post(accept, {"starts_with": first}, follow=True),
        desk.get(page("why_not", plan=plan.pk, waiting=row.pk, group=other.pk), follow=True),
    ):
        assert answer.redirect_chain == [(page("plan", plan=plan.pk), 302)] and CHANGED in text(answer)
    assert not Seat.objects.exists()


def test_two_worlds_of_groups_that_are_closed_are_shown_still(alma, finn, staff_client) -> None:
    group = houses.group(seats=1)
    houses.child(alma), houses.child(alma, "Eja")
    compared = services.what_if(changes={"what": "seats", "group": str(group.pk), "count": 1}, by=finn)
    closed(group, None, alma, None)

    shown = text(staff_client(finn).get(page("compared", compared=compared.pk)))

    assert "1 plads mere i en gruppe, der er lukket" in shown and "siden der blev spurgt" in shown


# ---- Made anew ----


def test_it_is_made_anew_though_nobody_waits_for_it_any_more(alma, finn, staff_client) -> None:
    houses.group()
    row = houses.child(alma)
    plan = services.propose(offer="boernegruppe", by=finn)
    seats.stop_waiting(waiting=row, by=alma)
    desk = staff_client(finn)
    assert 'name="offer" value="boernegruppe"' in text(desk.get(page("plan", plan=plan.pk)))

    told = desk.post(page("start"), {"offer": "boernegruppe", "order": "house"}, follow=True)

    assert told.status_code == 200 and "Der er ikke nogen, der venter på det lige nu." in text(told)
    assert "Det er bevist" not in text(told)
    assert desk.post(page("start"), {"offer": "foraeldregruppe", "order": "house"}).status_code == 422


def test_it_is_made_anew_though_its_order_became_the_house_s_own(alma, finn, staff_client) -> None:
    houses.group(), houses.child(alma)
    plan = services.propose(offer="", by=finn, order="families")
    row = House.objects.get()
    row.placement = {**row.placement, "order": list(queries.ORDERS["families"])}
    row.save()
    houses.child(alma, "Ny")
    desk = staff_client(finn)
    assert 'name="order" value="families"' in text(desk.get(page("plan", plan=plan.pk)))
    assert 'value="families"' not in text(desk.get(page("start"))), "it is the house's now"

    answer = desk.post(page("start"), {"offer": "everything", "order": "families"})

    assert answer.status_code == 302
    assert desk.post(page("start"), {"offer": "everything", "order": "none"}).status_code == 422


# ---- What was destroyed, and what went wrong ----


def test_a_plan_whose_key_is_destroyed_is_gone_and_stops_nothing(alma, finn, staff_client) -> None:
    """As after an old copy was brought back: the plan is there again, and its key is not."""
    houses.group(), houses.child(alma)
    plan, desk = services.propose(offer="", by=finn), staff_client(finn)
    keyring.shred(plan.key)

    assert desk.get(page("plan", plan=plan.pk)).status_code == 404
    assert page("plan", plan=plan.pk) not in text(desk.get(page("start")))
    anew = services.propose(offer="", by=finn)

    assert queries.said(anew)["seats"] and not Plan.objects.filter(pk=plan.pk).exists(), "and the row is deleted"


@pytest.mark.parametrize("when", ["2026-11-23T10:00", "2026-11-26T03:00"])
def test_the_night_deletes_a_plan_whose_key_is_destroyed(alma, finn, at, when) -> None:
    houses.group(), houses.child(alma)
    lost, kept = services.propose(offer="", by=finn), services.propose(offer="boernegruppe", by=finn)
    keyring.shred(lost.key)
    at(when)

    services.sweep(services.clock.now())

    assert not Plan.objects.filter(offer="").exists()
    assert queries.said(Plan.objects.get(offer=kept.offer))["seats"], "another one is swept as ever"


def test_seats_that_were_kept_and_cannot_be_opened_are_forgotten(alma, finn, at) -> None:
    houses.group(), houses.child(alma)
    services.propose(offer="", by=finn)
    at("2026-11-26T03:00")
    services.sweep(services.clock.now())
    row = Plan.objects.get()
    assert row.what == "seats" and queries.last("")
    keyring.shred(row.key)

    assert queries.last("") == {}
    assert services.sweep(services.clock.now()) == 1 and not Plan.objects.exists()


def test_whoever_has_given_a_seat_reads_no_error_when_the_rest_cannot_be_placed(
    alma, finn, staff_client, monkeypatch, caplog
) -> None:
    group = houses.group(seats=3)
    row = houses.child(alma)
    houses.child(alma, "Eja")
    plan, desk = services.propose(offer="", by=finn), staff_client(finn)

    def broken(*facts: Any, **options: Any) -> None:
        raise MemoryError("Liv")

    monkeypatch.setattr(solver, "solve", broken)

    where = page("accept", plan=plan.pk, waiting=row.pk)
    answer = desk.post(where, {"starts_with": first_of(group)}, follow=True)

    assert Seat.objects.get().member == row.member
    assert "1 plads fra forslaget er tilbudt" in text(answer) and CHANGED in text(answer)
    assert "not placed anew" in caplog.text and "Liv" not in caplog.text


# ---- What is kept of why ----


def test_why_says_nothing_of_a_parents_seat_that_was_not_offered(alma, finn) -> None:
    in_pair(alma)
    rows = [(begin(alma), alone) for alone in (True, False)]
    for course, alone in rows:
        child = houses.wait(person(course, 2), alma)
        houses.wait(person(course), alma, offer="foraeldregruppe")
        plan = services.propose(offer="", by=finn)

        seat = services.accept(plan=plan, waiting=str(child.pk), by=finn, alone=alone)

        said = services.look_at_why(seat=seat, by=alma) or []
        assert ("parent_seat" in {each.code for each in said}) is not alone


def test_a_seat_of_the_same_proposal_was_not_proposed_before(alma, finn, at) -> None:
    houses.group(seats=4, newcomers=4)
    first, other = houses.child(alma, weeks=12), houses.child(alma, "Eja", weeks=10)
    plan = services.propose(offer="", by=finn)
    services.accept(plan=plan, waiting=str(first.pk), by=finn)
    seat = services.accept(plan=Plan.objects.get(pk=plan.pk), waiting=str(other.pk), by=finn)
    assert "as_before" not in {each.code for each in services.look_at_why(seat=seat, by=alma) or []}

    third = houses.child(alma, "Ida")
    at("2026-11-23T10:00")
    services.propose(offer="", by=finn)
    at("2026-11-23T11:00")
    seat = services.accept(plan=services.propose(offer="", by=finn), waiting=str(third.pk), by=finn)
    assert "as_before" in {each.code for each in services.look_at_why(seat=seat, by=alma) or []}, "it was, this time"


def test_nobody_is_told_of_a_parents_seat_where_no_parent_waits(alma, finn) -> None:
    """The wish alone reserves a chair; who gets it is not known before a parent waits for it."""
    in_pair(alma)
    child = houses.child(alma, parent="wish")
    plan = services.propose(offer="", by=finn)
    laid = services.look_at_plan(plan=plan, by=finn)

    assert str(child.pk) in laid.placing.seats
    assert "parent_seat" not in {each.code for each in answers.true_of(laid, str(child.pk))}


def test_a_parent_who_is_kept_apart_there_leaves_the_child_s_seat_to_be_offered_alone(
    alma, staff_client, monkeypatch
) -> None:
    group, parallel = in_pair(alma)
    course = begin(alma)
    child = houses.wait(person(course, 2), alma)
    houses.wait(person(course), alma, offer="foraeldregruppe")
    plan, offer = services.propose(offer="", by=alma), seats.offer_seat

    def offered(*, group: Any, **told: Any) -> Any:
        if group == parallel:
            raise sitting.KeptApart
        return offer(group=group, **told)

    monkeypatch.setattr(seats, "offer_seat", offered)
    told = {"starts_with": first_of(group), "parent-too": "on", "parent-starts_with": first_of(parallel)}

    answer = staff_client(alma).post(page("accept", plan=plan.pk, waiting=child.pk), told)

    assert answer.status_code == 422 and "Tag krydset væk" in text(answer) and not Seat.objects.exists()
