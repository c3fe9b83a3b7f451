"""What would be if one thing were otherwise: one more group, more leaders, more seats; and what is in the way."""

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework.tests.families import begin, person
from brobygger.groups import services as groups
from brobygger.groups.models import Group, Seat
from brobygger.groups.tests import rows
from brobygger.placement import queries, services
from brobygger.placement.models import Plan
from brobygger.placement.tests import houses
from brobygger.privacy import queries as audit

pytestmark = pytest.mark.django_db
Desk = Callable[[Any], Client]
ASKED = {
    "place": "hilleroed", "weekday": "1", "asked": "any", "begins": "15:30", "offer": "boernegruppe", "age_from": "7",
    "age_to": "10", "seats": "6", "smallest": "1", "leaders_at_once": "2", "led_by": "2",
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday(furnished: Any, at: Any) -> None:
    """A Monday morning; the groups meet on Wednesday."""
    at(houses.MONDAY)


def page(name: str, **kwargs: Any) -> str:
    return reverse(f"placement:{name}", kwargs=kwargs)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def made(desk: Client) -> Plan:
    answer = desk.post(page("start"), {"offer": "everything", "order": "house"})
    return Plan.objects.get(pk=answer.url.rstrip("/").rsplit("/", 1)[1])


def placed(plan: Plan) -> dict[str, str]:
    return queries.said(plan)["seats"]


# ---- The deed ----


ONE_MORE = {
    "what": "group", "place": "glostrup", "weekday": 1, "asked": "any", "start": "15:30", "months_from": 84,
    "months_to": 131, "parity": "any", "siblings_to": 0, "parent_seats": 0, "seats": 6, "smallest": 2,
    "offer": "gruppe",
}  # fmt: skip


def test_what_one_more_group_would_bring_is_what_it_brings_when_it_is_made(alma, bo, finn) -> None:
    houses.group(seats=1, offer="gruppe")
    for number in range(4):
        houses.child(alma, f"Barn {number}", weeks=number * 12, days=[1, 2], offer="gruppe")
    houses.child(alma, "Storebror", birth="2012-05", days=[1], offer="gruppe")
    houses.child(alma, "Noget andet", days=[1, 2], offer="boernegruppe")

    body = queries.said(services.what_if(changes=ONE_MORE, by=finn))

    assert (body["before"]["placed"], body["after"]["placed"]) == (1, 4)
    assert (body["before"]["longest"], body["after"]["longest"]) == (24, 10)
    said = {
        "name": "Ny", "offer": "gruppe", "place": "glostrup", "room": 1, "kind": "child",
        "rule": "FREQ=WEEKLY;BYDAY=TU;WKST=MO", "starts_on": date(2026, 11, 24), "begins": time(15, 30),
        "ends": time(17), "seats": 6, "smallest": 2, "months_from": 84, "months_to": 132, "leaders": [alma, bo],
    }  # fmt: skip
    groups.make_group(said=said, by=finn, once=uuid4())
    assert len(placed(services.propose(offer="", by=finn))) == 4


def test_more_leaders_open_a_planned_group_and_more_seats_let_one_more_in(alma, finn) -> None:
    planned = houses.group("Planlagt", state="planned", starts_on=date(2026, 12, 2), smallest=2, leaders_at_once=1)
    running = houses.group("Kører", seats=1)
    for number in range(4):
        houses.child(alma, f"Barn {number}")

    def gained(**changes: Any) -> tuple[int, int]:
        body = queries.said(services.what_if(changes=changes, by=finn))
        return body["before"]["placed"], body["after"]["placed"]

    assert gained(what="leader", place="hilleroed", count=1) == (1, 3)
    assert gained(what="leader", place="glostrup", count=1) == (1, 1)
    assert gained(what="seats", group=str(running.pk), count=1) == (1, 2)
    assert gained(what="order", order="longest") == (1, 1)
    assert not Seat.objects.exists() and planned.meetings.count() == 8, "asking changes nothing"


def test_asking_what_if_is_for_who_arranges_groups(alma, clara, dan) -> None:
    for somebody in (alma, dan):
        with pytest.raises(NotAllowed):
            services.what_if(changes=ONE_MORE, by=somebody)
    plan = services.what_if(changes=ONE_MORE, by=clara)
    assert queries.get_plan(alma, plan.pk, "what_if") is None
    assert list(audit.trail(f"plan:{plan.pk}")) == [("clara", "placement.what_if")]


def test_a_group_is_as_it_was_asked_about_with_parents_beside_and_older_siblings(alma, finn) -> None:
    course = begin(alma)
    child = houses.wait(person(course, 2), alma)
    houses.wait(person(course), alma, offer="foraeldregruppe")
    houses.siblings(alma, "2018-05", "2014-05", siblings="together")
    asked = ONE_MORE | {"offer": "boernegruppe", "place": "hilleroed", "smallest": 1}

    def after(**more: Any) -> dict[str, Any]:
        return queries.said(services.what_if(changes=asked | more, by=finn))["after"]

    assert (after()["placed"], after()["parents"]) == (2, 0)
    assert after(siblings_to=155)["placed"] == 3, "the big brother is twelve"
    assert after(parents_offer="foraeldregruppe", parent_seats=4)["parents"] == 1
    assert after(parents_offer="gruppe", parent_seats=4)["parents"] == 0, "nobody waits for that one"
    assert child.ended_on is None


# ---- The pages ----


def test_one_more_group_is_laid_beside_what_is(alma, clara, staff_client) -> None:
    houses.group(seats=1)
    for number in range(3):
        houses.child(alma, f"Barn {number}", weeks=10 * number)
    desk = staff_client(clara)

    answer = desk.post(page("what_if"), ASKED, follow=True)

    shown = text(answer)
    assert "En gruppe mere i Hillerød, tirsdag, hver uge: 2 børn mere får en plads." in shown
    assert "Den længste ventetid går fra 10 til 0 uger." in shown
    assert shown.count("får en plads i den nye gruppe") == 2
    assert not Seat.objects.exists()


def test_a_group_that_would_not_open_says_so(alma, clara, staff_client) -> None:
    houses.group(seats=1), houses.child(alma), houses.child(alma, "Eja")
    shown = text(staff_client(clara).post(page("what_if"), ASKED | {"smallest": "5"}, follow=True))
    assert "Den starter med 5, og kun 1 kan komme." in shown and "ingen flere børn får en plads" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"age_to": "3"}, "Den øverste alder"),
        ({"smallest": "9"}, "flere, end der er pladser"),
        ({"place": ""}, "Vælg et sted."),
    ],
)
def test_what_does_not_go_together_is_said_and_kept(alma, clara, staff_client, wrong, said) -> None:
    houses.child(alma)
    answer = staff_client(clara).post(page("what_if"), ASKED | {"begins": "16:15"} | wrong)
    assert answer.status_code == 422 and said in text(answer) and "16:15" in text(answer)
    assert not Plan.objects.exists()


def test_the_link_from_who_waits_fills_in_what_is_known(alma, clara, staff_client) -> None:
    houses.child(alma, places=["glostrup"], days=[3])
    desk = staff_client(clara)
    shown = text(desk.get(page("plan", plan=made(desk).pk)))
    link = shown.split(page("what_if") + "?", 1)[1].split('"', 1)[0].replace("&amp;", "&")

    form = desk.get(f"{page('what_if')}?{link}").context["form"]

    told = {name: form[name].value() for name in ("place", "weekday", "offer", "age_from", "age_to")}
    assert told == {"place": "glostrup", "weekday": "3", "offer": "boernegruppe", "age_from": "7", "age_to": "9"}


def test_who_lacks_a_leader_is_told_so_and_nothing_is_opened(alma, clara, staff_client) -> None:
    houses.child(alma), houses.child(alma, "Eja")
    shown = text(staff_client(clara).post(page("what_if"), ASKED | {"led_by": "1"}, follow=True))
    assert "Det er det her, der står i vejen" in shown and "Den mangler 1, der leder den." in shown
    assert "Opret gruppen" not in shown


def test_more_seats_that_bring_nothing_say_which_rule_is_in_the_way(alma, clara, staff_client) -> None:
    group = houses.group(seats=2, newcomers=1)
    rows.seat(group, rows.child(alma, "Ny", "2018-05"), starts_with=group.meetings.get(number=2))
    houses.child(alma), houses.child(alma, "Eja", places=["glostrup"])
    desk = staff_client(clara)

    shown = text(desk.post(page("what_if") + "?what=seats", {"group": str(group.pk), "count": "3"}, follow=True))

    assert "ingen flere børn får en plads" in shown
    assert "Der begynder allerede så mange" in shown
    Group.objects.filter(pk=group.pk).update(newcomers=3, seats=3)
    shown = text(desk.post(page("what_if") + "?what=seats", {"group": str(group.pk), "count": "3"}, follow=True))
    assert "1 af 1: De kan ikke komme til Hillerød." in shown


def test_a_leader_where_nobody_is_lacking_says_so(alma, clara, staff_client) -> None:
    houses.group(), houses.child(alma, places=["glostrup"])
    asked = {"place": "hilleroed", "count": "1"}
    shown = text(staff_client(clara).post(page("what_if") + "?what=leader", asked, follow=True))
    assert "Ingen planlagt gruppe der mangler en, der leder den." in shown


def test_a_group_that_takes_nobody_is_not_among_those_that_could_have_more_seats(alma, clara, staff_client) -> None:
    houses.group("Begyndt", intake="fixed"), houses.group("Tom", meetings=1), houses.group("Café", kind="cafe")
    runs = houses.group("Kører")
    younger = houses.group("Små", room=2, beside=runs)
    parents = {"kind": "parent", "offer": "foraeldregruppe", "months_from": 216, "months_to": 1200}
    houses.group("Forældre", room=3, beside=runs, **parents)
    alone = houses.group("Alene", room=4, **parents)
    form = staff_client(clara).get(page("what_if") + "?what=seats").context["form"]
    said = {key for key, _name in form.fields["group"].choices}
    assert said == {"", *(str(each.pk) for each in (runs, younger, alone))}, "those the proposal places people in"


def test_the_group_that_was_asked_about_comes_filled_in_where_groups_are_made(alma, clara, staff_client) -> None:
    for number in range(2):
        houses.child(alma, f"Barn {number}", offer="gruppe")
    desk = staff_client(clara)
    asked = ASKED | {"siblings_to": "12", "asked": "odd", "offer": "gruppe"}
    shown = text(desk.post(page("what_if"), asked, follow=True))
    link = shown.split(reverse("groups:make") + "?", 1)[1].split('"', 1)[0].replace("&amp;", "&")

    form = desk.get(f"{reverse('groups:make')}?{link}").context["form"]

    told = {name: str(form[name].value()) for name in FILLED}
    assert told == FILLED
    assert desk.get(f"{reverse('groups:make')}?once=1").context["form"]["once"].value() != "1"
    # With a name it can be made at once: nothing else is lacking.
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    answer = desk.post(reverse("groups:make"), sent | {"name": "Tirsdagsgruppen"})
    assert answer.status_code == 302, answer.context["form"].errors
    group = Group.objects.get(name="Tirsdagsgruppen")
    assert (group.months_from, group.months_to, group.siblings_to, group.seats) == (84, 132, 156, 6)


FILLED = {
    "offer": "gruppe", "where": "hilleroed:1", "kind": "child", "weekday": "1", "rhythm": "odd",
    "begins": "15:30", "ends": "17:00", "age_from": "7", "age_to": "10", "siblings_to": "12", "seats": "6",
    "smallest": "1", "leaders_at_once": "2", "starts_on": "2026-12-01",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"siblings_to": "8"}, "Ældre søskende er ældre"),
        ({"parents_offer": "foraeldregruppe"}, "hvor mange pladser forældregruppen har"),
    ],
)
def test_parents_and_siblings_must_go_together_too(alma, clara, staff_client, wrong, said) -> None:
    houses.child(alma)
    answer = staff_client(clara).post(page("what_if"), ASKED | wrong)
    assert answer.status_code == 422 and said in text(answer)
