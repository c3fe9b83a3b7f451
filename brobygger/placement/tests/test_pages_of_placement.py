"""The pages of placement: who may open them, what they say of whom, and that nothing is offered by looking."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from brobygger.casework.tests.families import begin, person
from brobygger.groups.models import Seat
from brobygger.groups.tests import rows
from brobygger.placement import queries, rules, services
from brobygger.placement.models import Plan, PlayedYear
from brobygger.placement.proof import BROKEN
from brobygger.placement.templatetags import reasons, years
from brobygger.placement.tests import houses

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


def made(desk: Client, **said: str) -> Plan:
    answer = desk.post(page("start"), {"offer": "everything", "order": "house", **said})
    plan = Plan.objects.get(pk=answer.url.rstrip("/").rsplit("/", 1)[1])
    assert answer.url == page("plan", plan=plan.pk)
    return plan


# ---- Who may ----


def test_who_must_not_see_who_waits_finds_nothing(alma, finn, dan, gro, operator, client, staff_client) -> None:
    group, row = houses.group(), houses.child(alma)
    plan = services.propose(offer="", by=finn).pk
    compared = services.what_if(changes={"what": "order", "order": "longest"}, by=finn).pk
    pages = [page("start"), page("what_if"), page("year"), page("plan", plan=plan), page("compared", compared=compared)]
    pages += [page("accept", plan=plan, waiting=row.pk), page("why_not", plan=plan, waiting=row.pk, group=group.pk)]
    for somebody in (dan, gro, operator):
        desk = staff_client(somebody)
        assert {desk.get(where).status_code for where in pages} == {404}
        assert {desk.post(where).status_code for where in pages} == {404}
    assert {client.get(where).status_code for where in pages} == {302}
    assert not Seat.objects.exists()


def test_bo_sees_no_child_that_is_not_his(alma, bo, finn, staff_client) -> None:
    group = houses.group(seats=3)
    row, own = houses.child(alma), houses.child(bo, "Bertil")
    plan = made(staff_client(finn))
    desk = staff_client(bo)

    shown = text(desk.get(page("plan", plan=plan.pk)))

    assert "Bertil" in shown and "Og 1 barn fra en anden familie" in shown
    assert "Liv" not in shown and row.member.course.nickname not in shown and str(row.pk) not in shown
    assert desk.get(page("accept", plan=plan.pk, waiting=row.pk)).status_code == 404
    assert desk.post(page("accept", plan=plan.pk, waiting=row.pk)).status_code == 404
    assert desk.get(page("why_not", plan=plan.pk, waiting=row.pk, group=group.pk)).status_code == 404
    assert desk.get(page("accept", plan=plan.pk, waiting=own.pk)).status_code == 200
    for name in ("what_if", "year"):
        assert desk.get(page(name)).status_code == 404


def test_finn_sees_nicknames_and_no_name(alma, finn, staff_client) -> None:
    houses.group()
    row = houses.child(alma, places=["hilleroed"], days=[2])
    desk = staff_client(finn)
    shown = text(desk.get(page("plan", plan=made(desk).pk)))

    assert row.member.course.nickname in shown and "Liv" not in shown
    for fact in ("10 uger", "8 år", "Hillerød", "onsdag"):
        assert fact in shown, "every fact that is used is shown"
    assert "score" not in shown.lower()


def test_a_plan_that_is_not_there_is_not_there(finn, staff_client) -> None:
    desk = staff_client(finn)
    plan = made(desk)
    assert desk.get(page("plan", plan=uuid4())).status_code == 404
    assert desk.get(page("compared", compared=plan.pk)).status_code == 404
    assert desk.get(page("accept", plan=plan.pk, waiting=uuid4())).status_code == 404
    assert desk.get(page("what_if") + "?what=nothing").status_code == 404


# ---- What it says ----


def test_the_page_says_the_rule_that_is_in_the_way(alma, finn, staff_client) -> None:
    houses.group("Stjernerne")
    houses.child(alma, places=["glostrup"])
    desk = staff_client(finn)
    shown = text(desk.get(page("plan", plan=made(desk).pk)))

    assert "Ingen gruppe passer i dag." in shown
    assert "Tættest på er Stjernerne. De kan ikke komme til Hillerød." in shown


def test_what_it_would_cost_is_told_by_nickname(alma, finn, staff_client) -> None:
    group = houses.group("Stjernerne", seats=1)
    longest, other = houses.child(alma, weeks=30), houses.child(alma, "Eja", weeks=3)
    desk = staff_client(finn)
    plan = made(desk)
    where = page("why_not", plan=plan.pk, waiting=other.pk, group=group.pk)
    assert where in text(desk.get(page("plan", plan=plan.pk)))

    shown = text(desk.get(where))

    assert "1, der har ventet over 26 uger, ville vente videre." in shown
    assert f"{longest.member.course.nickname} venter videre i stedet for Stjernerne." in shown


def test_a_group_nobody_can_begin_in_says_why(alma, finn, staff_client) -> None:
    houses.group("Begyndt", intake="fixed"), houses.child(alma)
    desk = staff_client(finn)
    assert "Den er begyndt og tager ikke nye ind." in text(desk.get(page("plan", plan=made(desk).pk)))


def test_every_rule_and_every_wish_has_its_words() -> None:
    spoken = set(rules.IN_THE_WAY) | {
        "sibling_missing",
        "too_small",
        "leaders",
        "apart",
        "conflict_child",
        "several_rules",
    }
    assert spoken <= reasons.RULES.keys() and "parent_missing" in BROKEN
    assert set(rules.WISHES) == reasons.WISHES.keys() == reasons.COSTS.keys()
    assert set(queries.ORDERS) == reasons.ORDERS.keys()
    assert all(sorted(order) == sorted(queries.ORDERS["usual"]) for order in queries.ORDERS.values())


def test_a_parent_whose_child_sits_beside_is_pointed_to_the_group(alma, finn, staff_client) -> None:
    group = houses.group()
    houses.group("Forældre", kind="parent", beside=group, offer="foraeldregruppe", months_from=216, months_to=1200)
    course = begin(alma)
    rows.seat(group, person(course, 2))
    mother = houses.wait(person(course), alma, offer="foraeldregruppe")
    desk = staff_client(finn)
    shown = text(desk.get(page("plan", plan=made(desk).pk)))

    assert "Deres barn går ved siden af Forældre" in shown and str(mother.member_id) in shown


# ---- A press ----


def test_looking_offers_nothing_and_a_press_offers_the_seat(alma, finn, staff_client) -> None:
    group = houses.group()
    row = houses.child(alma)
    desk = staff_client(finn)
    plan = made(desk)
    where = page("accept", plan=plan.pk, waiting=row.pk)
    asked = desk.get(where)
    assert asked.status_code == 200 and not Seat.objects.exists()

    first = str(group.meetings.get(number=2).pk)
    answer = desk.post(where, {"starts_with": first, "answer_by": ""})

    assert answer.url == page("plan", plan=plan.pk)
    assert Seat.objects.get().member == row.member
    shown = text(desk.get(answer.url))
    assert "1 plads fra forslaget er tilbudt" in shown and "Noget har ændret sig siden" not in shown
    assert desk.post(where, {"starts_with": first}).url == page("plan", plan=plan.pk)
    assert Seat.objects.count() == 1


def test_a_proposal_that_is_old_says_so_and_is_made_anew_with_one_press(alma, finn, staff_client) -> None:
    group = houses.group()
    row = houses.child(alma)
    desk = staff_client(finn)
    plan = made(desk, order="families")
    houses.child(alma, "Ny")

    first = str(group.meetings.get(number=2).pk)
    answer = desk.post(page("accept", plan=plan.pk, waiting=row.pk), {"starts_with": first}, follow=True)

    assert "Noget har ændret sig siden" in text(answer) and not Seat.objects.exists()
    assert 'name="order" value="families"' in text(answer)
    anew = made(desk, order="families")
    assert anew.pk != plan.pk and "Noget har ændret sig siden" not in text(desk.get(page("plan", plan=anew.pk)))


def test_talks_are_asked_for_and_nothing_typed_is_lost(alma, finn, staff_client) -> None:
    group = houses.group(talks_before=1)
    row = houses.child(alma, talks=True)
    desk = staff_client(finn)
    where = page("accept", plan=made(desk).pk, waiting=row.pk)
    later = str(group.meetings.get(number=3).pk)

    refused = desk.post(where, {"starts_with": later, "answer_by": "2026-11-27"})

    assert refused.status_code == 422 and "2026-11-27" in text(refused) and not Seat.objects.exists()
    assert desk.post(where, {"starts_with": later, "answer_by": "2026-11-27", "talks_done": "on"}).status_code == 302
    assert Seat.objects.get().answer_by == date(2026, 11, 27)


# ---- A year ----


def test_a_year_is_played_kept_and_shown_with_its_intervals(clara, staff_client) -> None:
    desk = staff_client(clara)
    assert "Der er ikke prøvet noget år endnu" in text(desk.get(page("year")))

    call_command("simulate", seeds=2, weeks=6, groups=3)

    row = PlayedYear.objects.get()
    assert (row.seeds, row.weeks, len(row.result["rules"])) == (2, 6, 5)
    shown = text(desk.get(page("year")))
    first = row.result["rules"][0]["counts"]["empty"]
    numbers = [f"{first[each]:.1f}".replace(".", ",") for each in ("mean", "low", "high")]
    assert "{} ({} til {})".format(*numbers) in shown
    assert 'role="img" aria-labelledby="chart-name chart-said"' in shown and "Først til mølle hver anden uge" in shown


@pytest.mark.parametrize("asked", [{"seeds": 1}, {"weeks": 2}, {"groups": 0}])
def test_a_year_without_an_interval_or_without_weeks_is_not_played(asked) -> None:
    with pytest.raises(CommandError):
        call_command("simulate", **asked)
    assert not PlayedYear.objects.exists()


def test_a_small_gain_is_called_small_and_chance_is_called_chance() -> None:
    def row(rule: str, mean: float, high: float, parents: float = 19.0) -> dict[str, Any]:
        counts = {"mean_wait": mean, "separated": 19.0, "parents": parents}
        against = {"mean_wait": {"high": high}, "separated": {"high": 0.5}, "parents": {"low": parents - 19.0}}
        return {"rule": rule, "counts": {key: {"mean": value} for key, value in counts.items()}, "against": against}

    base = row("first_come_2", 16.9, 0.0)
    gained = " ".join(years.plainly([base, row("best_1", 15.8, -0.4, parents=26.0)]))
    assert "1,1 uger. En regel laver ikke nye pladser." in gained and "26,0 forældre fik en plads mod 19,0" in gained
    assert "søskende" not in gained, "what may be chance is not told"
    assert "tilfældigt" in " ".join(years.plainly([base, row("best_1", 16.8, 0.3)]))
    assert "Ingen regel" in " ".join(years.plainly([base, row("best_4", 18.0, 2.0)]))
