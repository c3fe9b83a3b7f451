"""One family, several groups the same afternoon: shown together, and whoever moves one is told of the other."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brobygger.casework.models import Course
from brobygger.groups import services
from brobygger.groups.models import Group, Seat
from brobygger.groups.templatetags import linked
from brobygger.groups.tests import rows
from brobygger.groups.tests.made import at_local, make
from brobygger.groups.tests.test_seats_by_key import CHILD, _time_passes, known, page

__all__ = ["_time_passes"]
pytestmark = pytest.mark.django_db
Desk = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def monday(at: Any, furnished: Any) -> Any:
    """Stop the clock at a quarter past eight on Monday the 2nd of March 2026, in Dit Rum."""
    return at("2026-03-02T08:15")


@pytest.fixture
def stars(finn: Any) -> Group:
    """A children's group on Thursday."""
    return make(finn, months_from=60)


@pytest.fixture
def sprouts(finn: Any) -> Group:
    """A group of babies with a grown-up, at the same hour in another room."""
    return make(finn, name="Spirerne", kind="pair", room=2, months_from=0, months_to=24)


@pytest.fixture
def mette(stars: Group, sprouts: Group, alma: Any) -> tuple[str, Course]:
    """Mette, whose Liv sits in one group, and who comes to the other with her baby."""
    key, course = known(alma, **CHILD, child2_name="Noah", child2_month="9", child2_year="2025")
    mother, liv, noah = course.members.order_by("position")
    rows.seat(stars, liv)
    rows.seat(sprouts, noah, beside=mother)
    return key, course


def text(answer: Any) -> str:
    """Read a page in one line."""
    return " ".join(answer.content.decode().split())


def of_course(desk: Client, course: Course) -> str:
    """Read a course's page of groups."""
    return text(desk.get(reverse("groups:of_course", kwargs={"course": course.pk})))


def first(group: Group) -> Any:
    """Fetch the first meeting of a group."""
    return group.meetings.get(number=1)


def test_a_familys_groups_of_one_day_stand_together(mette, staff_client: Desk, alma: Any) -> None:
    _key, course = mette
    shown = of_course(staff_client(alma), course)

    together = shown[shown.index('id="same-day"') : shown.index("<article")]
    assert "Stjernerne" in together and "Spirerne" in together and "Liv" in together and "Noah" in together
    assert together.count("15.00–17.00") == 4, "two groups on each of the next two days"
    mother = shown[shown.index(f"person-{course.members.get(position=0).pk}") :].split("</article>")[0]
    assert "Spirerne" in mother, "she comes along"


def test_one_group_a_day_and_a_break_are_no_day_with_two(mette, staff_client: Desk, alma: Any) -> None:
    _key, course = mette
    Seat.objects.filter(group__name="Spirerne").update(state="paused", paused_until=date(2026, 4, 1))
    assert 'id="same-day"' not in of_course(staff_client(alma), course)


def test_who_begins_later_is_not_expected_there_before(mette, stars: Group, sprouts: Group) -> None:
    Seat.objects.filter(group=sprouts).update(starts_with=sprouts.meetings.get(number=2))
    assert linked.also(first(stars)) == []
    assert linked.also(stars.meetings.get(number=2)) == [(sprouts.meetings.get(number=2), 1)]


def test_the_box_shows_both(mette, stars: Group, finn: Any) -> None:
    key, _course = mette
    services.move_meeting(
        meeting=first(stars), starts_at=at_local("2026-03-06T15:00"), ends_at=at_local("2026-03-06T17:00"),
        place="glostrup", room=1, by=finn,
    )  # fmt: skip
    words = page(key).words
    assert "Stjernerne" in words and "Spirerne" in words and "6. marts" in words and "5. marts" in words


@pytest.mark.parametrize("name", ["meeting_move", "meeting_cancel"])
def test_before_one_is_moved_or_called_off_the_other_is_named(
    mette, stars: Group, name: str, staff_client: Desk, finn: Any
) -> None:
    shown = text(staff_client(finn).get(reverse(f"groups:{name}", kwargs={"meeting": first(stars).pk})))
    assert "Spirerne" in shown and "Noah" not in shown and "Liv" not in shown


def test_and_after_it_is_moved_it_is_said_that_the_other_stays(
    mette, stars: Group, sprouts: Group, staff_client: Desk, finn: Any
) -> None:
    typed = {"day": "2026-03-06", "begins": "15:00", "ends": "17:00", "where": "glostrup:1"}
    desk = staff_client(finn)
    form = desk.get(reverse("groups:meeting_move", kwargs={"meeting": first(stars).pk})).context["form"]
    hidden = {each.html_name: each.value() for each in form.hidden_fields()}
    answer = desk.post(reverse("groups:meeting_move", kwargs={"meeting": first(stars).pk}), typed | hidden, follow=True)
    said = " ".join(str(each) for each in answer.context["messages"])
    assert "Spirerne" in said and first(sprouts).starts_at == at_local("2026-03-05T15:00")

    answer = desk.post(reverse("groups:meeting_cancel", kwargs={"meeting": first(sprouts).pk}), follow=True)
    assert "Stjernerne" not in " ".join(str(each) for each in answer.context["messages"]), "it is on Friday now"


def test_the_group_beside_goes_along_and_is_not_named_as_staying(stars: Group, finn: Any, alma: Any) -> None:
    parents = make(finn, kind="parent", room=3, beside=stars, name="Forældre")
    _key, course = known(alma, **CHILD)
    rows.seat(stars, course.members.get(position=1))
    rows.seat(parents, course.members.get(position=0))
    assert linked.also(first(stars)) == [] and linked.also(first(parents)) == []
