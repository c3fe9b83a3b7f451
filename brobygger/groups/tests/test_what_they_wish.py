"""What suits who waits: read by who has the course, held against each group, and kept from everybody else."""

from typing import Any

import pytest
from django.urls import reverse

from brobygger.casework.tests.families import begin, person
from brobygger.casework.tests.test_pages import words
from brobygger.groups import rules, seats
from brobygger.groups.models import Group, Waiting
from brobygger.groups.templatetags import boxes, waiting
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import again
from brobygger.groups.tests.test_pages_of_groups import TYPED
from brobygger.groups.tests.test_seat_pages import of, put, where
from brobygger.groups.tests.test_seats import MONDAY, child, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(furnished: Any, at: Any) -> Group:
    at(MONDAY)
    return made(name="Stjernerne")


@pytest.fixture
def liv(group: Group, alma: Any) -> Any:
    return person(begin(alma), 2)


def wait(member: Any, by: Any, **wishes: Any) -> Waiting:
    return seats.wait(member=member, offer="gruppe", wishes=wishes, by=by)


def reasons(viewer: Any, row: Waiting, group: Group) -> tuple[str, ...]:
    """Say what stands in the way of one group, as somebody reads it on the list of who waits."""
    (line,) = waiting.lines(viewer, [row])
    (found,) = [each.reasons for each in line.chances if each.group == group]
    return found


# ---- Language ----


def test_a_group_in_another_language_is_for_those_who_speak_it_and_one_in_danish_for_all(group, alma) -> None:
    arabic = made(name="Sol", language="ar")
    speaks, danish = wait(child(alma), alma, language="ar"), wait(child(alma, called="Bo"), alma)
    assert reasons(alma, speaks, arabic) == () and reasons(alma, speaks, group) == ()
    assert reasons(alma, danish, arabic) == ("language",) and reasons(alma, danish, group) == ()


def test_a_group_is_made_and_changed_with_its_language(furnished, alma, finn, at, staff_client) -> None:
    at("2026-11-23T08:15")
    client = staff_client(finn)
    assert client.post(reverse("groups:make"), TYPED | {"language": "klingon"}).status_code == 422
    client.post(reverse("groups:make"), TYPED | {"language": "uk"})
    made_now = Group.objects.get()
    assert made_now.language == "uk"
    page = client.get(reverse("groups:group", kwargs={"group": made_now.pk}))
    assert "Ukrainsk" in words(page), "who reads of the group sees which language is spoken"
    form = client.get(reverse("groups:change", kwargs={"group": made_now.pk})).context["form"]
    assert form["language"].value() == "uk"


# ---- A parent beside ----


def test_a_parent_who_must_have_a_seat_beside_needs_a_group_with_one(group, alma) -> None:
    row = wait(child(alma), alma, parent="must")
    assert reasons(alma, row, group) == ("no_parents",)
    parents = made(name="Forældre", kind="parent", beside=group, seats=1, offer="foraeldre")
    assert reasons(alma, row, group) == ()
    rows.seat(parents, child(alma, called="Bo").course.members.get(position=0))
    (line,) = waiting.lines(alma, [row])
    assert line.chances[0].reasons == ("parents_full",) and not line.chances[0].free and line.chances[0].fits
    seats.wait(member=row.member, offer="gruppe", wishes={"parent": "wish"}, by=alma)
    assert reasons(alma, row, group) == (), "a wish stands in nobody's way"


# ---- The form ----


def test_what_suits_them_stands_in_the_form_the_next_time_and_in_words_where_it_is_handed_out(
    liv, alma, staff_client
) -> None:
    client = staff_client(alma)
    assert put(client, liv, language="klingon").status_code == 422
    assert put(client, liv, parent="perhaps").status_code == 422
    typed = {"days": ["2"], "language": "uk", "parent": "must", "talks": "on", "siblings": "apart", "parity": "odd"}
    assert put(client, liv, **typed, places=["hilleroed"]).status_code == 302
    form = client.get(where("wait", **of(liv))).context["form"]
    now = {name: form[name].value() for name in (*typed, "offer", "places")}
    assert now == typed | {"talks": True, "offer": "gruppe", "places": ["hilleroed"]}

    (held,) = boxes.everything_about(liv)
    for said in ("Hillerød", "Onsdag", "Ulige uger", "Ukrainsk", "I hver sin gruppe"):
        assert said in held.words
    assert "uk\n" not in held.words and "must" not in held.words, "words, and not our own keys"

    mother = liv.course.members.get(position=0)
    assert "parent" not in client.get(where("wait", **of(mother))).context["form"].fields


# ---- Talks ----


def test_talks_that_are_noted_as_done_are_ticked_when_a_seat_is_offered(group, alma, finn, staff_client) -> None:
    Group.objects.update(talks_before=2)
    talked, not_yet = wait(child(alma), alma, talks=True), wait(child(alma, called="Bo"), alma)
    for viewer in (alma, finn):
        for row, ticked in ((talked, True), (not_yet, False)):
            address = where("offer", group=group.pk, **of(row.member))
            form = staff_client(viewer).get(address).context["form"]
            assert bool(form["talks_done"].value()) is ticked
    with pytest.raises(rules.TalksFirst):
        seats.offer_seat(group=again(group), member=not_yet.member, by=alma)


# ---- Who may read it ----


def test_who_arranges_groups_does_not_read_a_familys_wishes_from_what_is_in_the_way(group, alma, finn) -> None:
    Group.objects.update(language="ar")
    kept = {"places": ["glostrup"], "days": [0], "parity": "odd", "siblings": "apart", "parent": "must"}
    row = wait(child(alma), alma, **kept)
    rows.seat(group, row.member.course.members.get(position=0))
    own = ("language", "place", "day", "parity", "apart", "no_parents")
    assert reasons(alma, row, group) == own
    assert reasons(finn, row, group) == ("unsuited",)
    assert reasons(finn, wait(child(alma, birth="2010-01"), alma), group) == ("too_old", "unsuited")


def test_neither_the_list_nor_the_offer_tells_who_arranges_what_they_wish(group, liv, alma, finn, staff_client) -> None:
    row = wait(liv, alma, places=["glostrup"], words="Ikke når far er der")
    for address in (where("waiting"), where("offer", group=group.pk), where("offer", group=group.pk, **of(liv))):
        said = words(staff_client(finn).get(address)).lower()
        assert "passer ikke til det, de ønsker" in said and str(waiting.WHY["place"]) not in said, address
        assert "far er der" not in said
        assert str(waiting.WHY["place"]) in words(staff_client(alma).get(address)).lower(), address
    assert seats.offer_seat(group=group, member=row.member, by=finn), "a wish needs no reason, only a word with them"
