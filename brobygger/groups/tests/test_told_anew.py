"""What lies in a family's box of its seats is taken back when it may not be told there any more."""

from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.door.models import Answer
from brobygger.groups import answers, seats
from brobygger.groups.models import Seat
from brobygger.groups.tests.test_seats_by_key import (
    CHILD,
    _time_passes,
    group,
    known,
    liv,
    mette,
    page,
)
from brobygger.privacy import keyring
from brobygger.privacy import queries as audit
from brobygger.threads.models import Message, Outgoing, Thread
from tests.letters import Visitor

__all__ = ["_time_passes", "group", "mette"]
pytestmark = pytest.mark.django_db
KEPT = {"name": "Liv Holm", "protected": True}


def said_by_the_house(thread: Thread) -> str:
    """Everything that stands in a thread of what the house has told."""
    rows = list(Message.objects.filter(thread=thread, from_house=True))
    return str(keyring.open_many([(thread.key, bytes(row.body), f"message:{row.pk}:body:1") for row in rows]))


def taken(group: Any, course: Any, by: Any) -> Seat:
    return seats.take_seat(seat=seats.offer_seat(group=group, member=liv(course), by=by), by=by)


def test_a_child_that_is_protected_later_is_not_found_behind_the_key_any_more(group, mette, alma) -> None:
    key, course = mette
    seat = taken(group, course, alma)
    assert "Stjernerne" in page(key).words and "Stjernerne" in said_by_the_house(course.thread)
    lay = Answer.objects.count()

    record.give_identity(member=liv(course), said=KEPT, by=alma)
    shown = page(key)

    assert "Stjernerne" not in shown.text and "Stjernerne" not in said_by_the_house(course.thread)
    # Two were told of the seat; one word has come in their place.
    assert Answer.objects.count() == lay - 1 and not Outgoing.objects.exists()
    seat.refresh_from_db()
    assert (seat.state, seat.told_on) == ("taken", None), "from now on they are rung"
    assert ("keeper", "threads.taken_back") in audit.trail(course.thread)
    again = len(audit.trail(course.thread))
    page(key)
    assert len(audit.trail(course.thread)) == again, "it is taken back once"


@pytest.mark.parametrize(
    ("custody", "hidden"),
    [
        ({"holder": "shared", "told": "no"}, True), ({"holder": "yes", "told": "ask"}, True), ({"holder": "no"}, True),
        ({"holder": "no", "told": "yes"}, False), ({"holder": "yes"}, False), ({"holder": "unknown"}, False),
    ],
)  # fmt: skip
def test_who_may_not_be_told_how_it_goes_reads_of_no_child(group, mette, alma, custody, hidden) -> None:
    key, course = mette
    taken(group, course, alma)
    holder = course.members.get(position=0)
    record.write_part(course=course, member=holder, kind="custody", body=custody, seen=0, by=alma)
    assert ("Stjernerne" not in page(key).text) == hidden
    assert ("Stjernerne" not in said_by_the_house(course.thread)) == hidden


def test_a_seat_that_is_left_is_taken_back_too_while_it_still_lies_there(group, mette, alma, at) -> None:
    key, course = mette
    seats.leave_seat(seat=taken(group, course, alma), reason="other", by=alma)
    page(key)
    record.give_identity(member=liv(course), said=KEPT, by=alma)
    page(key)
    assert "Stjernerne" not in said_by_the_house(course.thread)


def test_somebody_whose_place_in_the_family_is_another_now_is_looked_at_again(group, mette, alma) -> None:
    key, course = mette
    taken(group, course, alma)
    assert "Stjernerne" in page(key).words
    said = {"role": "mother", "called": "Liv", "birth": "1990-05"}
    record.write_part(course=course, member=liv(course), kind="person", body=said, seen=1, by=alma)
    assert "Stjernerne" not in page(key).words


def test_what_is_otherwise_in_the_family_and_changes_nothing_leaves_the_box_alone(group, mette, alma) -> None:
    key, course = mette
    taken(group, course, alma)
    before = page(key).words.count("Stjernerne")
    courses.add_member(course=course, person={"role": "father", "called": "Jens"}, by=alma)
    lines = len(audit.trail(course.thread))
    assert page(key).words.count("Stjernerne") == before and len(audit.trail(course.thread)) == lines


def test_a_child_that_is_erased_is_named_in_the_box_no_more_and_its_sister_is(group, alma) -> None:
    key, course = known(alma, **CHILD, child2_name="Alma", child2_month="6", child2_year="2018")
    for number in (1, 2):
        seats.offer_seat(group=group, member=course.members.get(position=number), by=alma)
    assert {"Liv", "Alma"} <= set(page(key).words.replace(":", " ").split())

    courses.erase_member(member=liv(course), why="asked", by="keeper")
    shown = page(key)

    assert "Liv" not in shown.text.split("<main")[1].split("<textarea")[0] and "Alma" in shown.words
    assert "'for': 'Liv'" not in said_by_the_house(course.thread)
    assert "'for': 'Alma'" in said_by_the_house(course.thread)


def test_the_grown_up_beside_a_baby_is_erased_and_the_seat_is_told_to_nobody(group, alma) -> None:
    key, course = known(alma, **CHILD)
    from brobygger.groups.tests.test_seats import made

    babies = made(name="Babyer", kind="pair", months_from=0)
    mother = courses.add_member(course=course, person={"role": "mother", "called": "Ida"}, by=alma)
    seats.offer_seat(group=babies, member=liv(course), beside=mother, by=alma)
    courses.erase_member(member=mother, why="asked", by="keeper")
    assert "Babyer" not in page(key).text


def test_a_family_that_is_erased_whole_leaves_nothing_to_say_anew(group, mette, alma) -> None:
    key, course = mette
    taken(group, course, alma)
    courses.erase_course(course=course, why="asked", by="keeper")
    answers.keep_up()
    assert Visitor().come_back(key).status != 200 or "Stjernerne" not in page(key).text


def test_a_house_with_many_families_looks_at_a_few_of_them_in_each_round_and_at_all_in_turn(
    group, mette, alma, monkeypatch
) -> None:
    both = [mette, known(alma, **CHILD)]
    for _key, course in both:
        taken(group, course, alma)
    page(mette[0])
    now = [1000.0]
    monkeypatch.setattr(answers, "AT_ONCE", 1)
    monkeypatch.setattr(answers.seconds, "monotonic", lambda: now[0])
    monkeypatch.setattr(answers, "_round", {"after": None, "at": now[0]})
    for _key, course in both:
        record.give_identity(member=liv(course), said=KEPT, by=alma)
    named = [answers._where_they_may_not_stand(by="keeper") for _round in range(3)]
    assert named == [1, 1, 0], "one in a round, each once"

    for _key, course in both:
        taken_back = {"name": "Liv Holm", "protected": False}
        record.give_identity(member=liv(course), said=taken_back, by=alma)
        seats.leave_seat(seat=Seat.objects.get(member=liv(course)), reason="other", by=alma)
        Seat.objects.filter(member=liv(course)).update(told_on="2026-11-23")
    now[0] += answers.LOOKED
    assert answers._where_they_may_not_stand(by="keeper") == 2, "all of them in so many seconds"
