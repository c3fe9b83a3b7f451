"""A family that waits reads behind its key when there may be a seat, and what there is until then."""

from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as courses
from brobygger.catalogue.models import OpenGroup
from brobygger.groups import answers, seats, services
from brobygger.groups.models import Group, Waiting
from brobygger.groups.templatetags import expecting
from brobygger.groups.tests import rows
from brobygger.groups.tests.test_seats import child, made
from brobygger.groups.tests.test_seats_by_key import CHILD, _time_passes, group, known, liv, mette, page
from brobygger.groups.tests.test_told_anew import said_by_the_house
from brobygger.privacy import queries as audit
from tests.house.lix import lix, running_text
from tests.letters import Visitor

__all__ = ["_time_passes", "group", "mette"]
pytestmark = pytest.mark.django_db
WAITS = "Liv venter på en plads"


def waits(course: Any, by: Any, **more: Any) -> Waiting:
    return seats.wait(member=liv(course), offer="gruppe", wishes=more, by=by)


def full(group: Group, by: Any, birth: str = "2018-05") -> None:
    """Let somebody sit on each chair."""
    Group.objects.filter(pk=group.pk).update(seats=1)
    rows.seat(group, child(by, birth))


@pytest.mark.parametrize(
    ("birth", "said"),
    [
        ("2016-03", "Der er måske en plads i marts 2027"),
        ("2018-05", "Vi kan ikke sige endnu"),
        (None, "ser det ud til, at der er en plads i november"),
    ],
)
def test_the_family_reads_the_month_that_staff_reads_and_no_number_in_a_row(birth, said, group, mette, alma) -> None:
    key, course = mette
    if birth:
        full(group, alma, birth)
    waits(course, alma)
    shown = page(key)
    assert WAITS in shown.words and said in shown.words and "Vi skriver her, når der er en" in shown.words
    assert "venter foran" not in shown.words and "nummer" not in shown.words.split(WAITS)[1].split("Noget indtil da")[0]
    assert lix(running_text(shown.text)) <= 34


def test_until_then_there_are_other_things_and_the_next_cafe(group, mette, alma) -> None:
    key, course = mette
    made(name="Caféen", kind="cafe", offer="aaben-cafe", state="open")
    services.publish(by="keeper")
    waits(course, alma)
    shown = page(key)
    assert "Åben café" in shown.words and "Kom bare forbi" in shown.words
    links = [part.split('"')[0] for part in shown.text.split("Noget indtil da")[1].split('href="')[1:]]
    assert Visitor().get(links[0]).status == 200


def test_another_month_is_told_in_the_night_and_the_same_month_is_not_told_twice(group, mette, alma, at) -> None:
    key, course = mette
    full(group, alma)
    row = waits(course, alma)
    at("2026-11-24T03:00")
    assert answers.sweep(at("2026-11-24T03:00")) == 0
    Group.objects.update(seats=2)
    assert answers.sweep(at("2026-11-25T03:00")) == 1
    assert answers.sweep(at("2026-11-25T04:00")) == 0
    assert "i november" in page(key).words
    assert answers.sweep(at("2026-11-26T03:00")) == 1
    assert "i december" in page(key).words
    row.refresh_from_db()
    assert row.told_as
    assert answers.sweep(at("2027-01-02T03:00")) >= 1, "a new month, so that it does not go by itself"


def test_with_a_seat_or_off_the_list_nobody_waits_any_more(group, mette, alma) -> None:
    key, course = mette
    row = waits(course, alma)
    seats.stop_waiting(waiting=row, by=alma)
    assert WAITS not in page(key).words
    waits(course, alma)
    seats.offer_seat(group=group, member=liv(course), by=alma)
    assert WAITS in page(key).words
    Visitor().seat(page(key), "take")
    assert WAITS not in page(key).words
    assert set(Waiting.objects.values_list("told_as", flat=True)) == {""}


def test_of_whom_a_box_may_not_speak_it_says_nothing_and_takes_back_what_it_said(group, mette, alma, at) -> None:
    key, course = mette
    father = courses.add_member(course=course, person={"role": "father", "called": "Jens"}, by=alma)
    seats.wait(member=father, offer="gruppe", wishes={}, by=alma)
    assert "venter på en plads" not in page(key).words
    waits(course, alma)
    assert WAITS in page(key).words and "Jens" not in page(key).words
    record.give_identity(member=liv(course), said={"name": "Liv Holm", "protected": True}, by=alma)
    answers.sweep(at("2026-11-24T03:00"))
    assert "venter på en plads" not in page(key).words and "'month'" not in said_by_the_house(course.thread)


def test_a_child_that_is_erased_waits_no_more_behind_its_mothers_key(group, mette, alma) -> None:
    key, course = mette
    waits(course, alma)
    courses.erase_member(member=liv(course), why="asked", by="keeper")
    assert "Liv" not in page(key).words.split("Skriv")[0] and "'for': 'Liv'" not in said_by_the_house(course.thread)


def test_a_child_reads_at_its_own_key_that_it_waits_itself(group, alma) -> None:
    key, course = known(alma, door="child", name="Liv", own_month="5", own_year="2018", role=None)
    seats.wait(member=course.members.get(position=0), offer="gruppe", wishes={}, by=alma)
    shown = page(key)
    assert "Du venter på en plads" in shown.words
    assert lix(running_text(shown.text)) <= 24


def test_nobody_is_noted_as_looking_when_the_house_tells_a_family(group, mette, alma) -> None:
    _key, course = mette
    other = child(alma)
    seats.wait(member=other, offer="gruppe", wishes={}, by=alma)
    before = audit.trail(other.course), audit.trail(f"member:{other.pk}")
    waits(course, alma)
    assert (audit.trail(other.course), audit.trail(f"member:{other.pk}")) == before
    seats.look_at_waiting(by=alma)
    assert audit.trail(other.course) != before[0], "a person who looks is noted there"


@pytest.mark.parametrize("gone", ["erased", "protected"])
def test_who_was_taken_off_the_list_and_is_erased_or_protected_then_is_named_in_the_box_no_more(
    gone, group, mette, alma
) -> None:
    key, course = mette
    seats.stop_waiting(waiting=waits(course, alma), by=alma)
    assert "'for': 'Liv'" in said_by_the_house(course.thread)
    if gone == "erased":
        courses.erase_member(member=liv(course), why="asked", by="keeper")
    else:
        record.give_identity(member=liv(course), said={"name": "Liv Holm", "protected": True}, by=alma)
    page(key)
    assert "'for': 'Liv'" not in said_by_the_house(course.thread)
    lines = len(audit.trail(course.thread))
    page(key)
    assert len(audit.trail(course.thread)) == lines, "it is taken back once"


def test_a_course_that_ends_says_that_nobody_waits_any_more_and_promises_nothing(group, mette, alma, at) -> None:
    key, course = mette
    waits(course, alma)
    courses.end_course(course=course, reason="completed", words="", seen=0, by=alma)
    at("2026-11-24T03:00")
    answers.keep_up()
    assert answers.sweep(at("2026-11-24T03:05")) == 0
    words = page(key).words
    assert "Sådan ser det ud med en plads" not in words and WAITS not in words
    assert "'news': 'waits_no_more'" in said_by_the_house(course.thread)


def test_a_box_is_told_once_a_day_and_what_is_likely_is_worked_out_once(group, mette, alma, at, monkeypatch) -> None:
    _key, course = mette
    full(group, alma)
    waits(course, alma)
    Group.objects.update(seats=2)
    assert answers.sweep(at("2026-11-23T12:00")) == 0, "it was told today already"
    assert answers.sweep(at("2026-12-01T03:00")) == 1
    worked = []
    lines = expecting.lines
    monkeypatch.setattr(expecting, "lines", lambda *asked: worked.append(asked) or lines(*asked))
    Group.objects.update(seats=1)
    assert answers.sweep(at("2026-12-02T03:00")) == 1 and len(worked) == 1
    Group.objects.update(seats=2)
    assert answers.sweep(at("2026-12-02T04:00")) == 0


def test_nobody_is_told_the_same_because_a_month_begins(group, mette, alma, at) -> None:
    _key, course = mette
    full(group, alma)
    waits(course, alma)
    assert answers.sweep(at("2026-12-01T03:00")) == 0
    assert answers.sweep(at("2027-01-05T03:00")) == 1, "after six weeks, so that it does not go by itself"


def test_no_more_boxes_are_told_in_one_tidy_than_there_is_time_for(group, mette, alma, at, monkeypatch) -> None:
    _key, course = mette
    _other, second = known(alma, **CHILD)
    full(group, alma)
    waits(course, alma), waits(second, alma)
    monkeypatch.setattr(answers, "TOLD_AT_ONCE", 1)
    assert [answers.sweep(at(f"2027-01-05T0{hour}:00")) for hour in (3, 4, 5)] == [1, 1, 0]


def test_a_place_that_went_away_leaves_the_familys_page_standing(group, mette, alma) -> None:
    key, course = mette
    made(name="Caféen", kind="cafe", offer="aaben-cafe", state="open")
    services.publish(by="keeper")
    waits(course, alma)
    OpenGroup.objects.update(place="gone")
    shown = page(key)
    assert shown.status == 200 and WAITS in shown.words and "Kom bare forbi" not in shown.words
