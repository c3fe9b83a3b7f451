"""The young person's own curve, behind their own key: what they said of themselves, and nobody else's."""

import gzip
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from brobygger.ground import clock
from brobygger.groups.tests.test_seats_by_key import known
from brobygger.outcomes import asking, letters, services
from brobygger.outcomes.models import Round
from brobygger.outcomes.templatetags import own
from brobygger.privacy import keyring
from brobygger.privacy import queries as trail
from tests.house.lix import lix, running_text
from tests.letters import Page, Visitor, keeper

from .test_letters import _said_a_second_later as _said_a_second_later
from .test_letters import opened, walked

pytestmark = pytest.mark.django_db


def young(by: Any, at: Any, year: str) -> tuple[str, Any]:
    """Somebody who wrote at the young people's door in March and has said who they are."""
    at("2026-03-02T10:00")
    key, course = known(by, door="young", name="Noah Holm", own_month="3", own_year=year)
    letters.sweep(clock.now())
    keeper()
    return key, course


def asked_again(at: Any, moment: str) -> None:
    """Let the house ask anew, on a later day."""
    at(moment)
    asking.sweep(clock.now())
    letters.sweep(clock.now())
    keeper()


def say(key: str, *answers: str) -> None:
    """Answer what waits behind the key: WHO-5, and how far the goal is."""
    assert walked(opened(key), *answers).status == 200
    keeper()


def curve(key: str, language: str = "da") -> Page:
    """Come back and look."""
    return Visitor(language=language).come_back(key)


LOW, HIGH = ("1", "1", "2", "1", "1", "3"), ("4", "4", "4", "4", "4", "8")


def test_a_young_person_sees_their_own_answers_with_their_key(furnished, alma, at) -> None:
    key, course = young(alma, at, "2009")
    assert 'id="own"' not in curve(key).text
    say(key, *LOW)
    first = curve(key)
    assert "Du har svaret én gang" in first.words and first.text.count('role="img"') == 2
    asked_again(at, "2026-06-02T10:00")
    say(key, *HIGH)

    page = curve(key)
    assert "Du har det bedre end i marts." in page.words and "over stregen ved 50" in page.words
    assert "To svar" not in page.words and ">24</td>" in page.text and ">80</td>" in page.text
    assert "2. mar. 2026" in page.words and "2. jun. 2026" in page.words
    assert "Første gang blev det 30. Sidste gang blev det 80." in page.words
    assert lix(running_text(page.text[page.text.index('id="own"') : page.text.index("</details>")])) <= 24
    assert len(gzip.compress(page.body)) < 5 * 1024, "with its style it comes in the first breath"
    english = curve(key, "en").words
    assert "You are better than in March." in english and "2 Mar 2026" in english
    assert ("keeper", "outcomes.curve_told") in trail.trail(course.members.get(position=0))


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (("1", "1", "2", "1", "1", "3"), "Det går omtrent som i marts."),
        (("2", "2", "2", "1", "2", "3"), "Måske går det lidt bedre end i marts."),
        (("0", "0", "1", "1", "1", "3"), "Måske er det lidt sværere end i marts."),
    ],
)
def test_no_more_is_said_than_the_numbers_can_bear(furnished, alma, at, later, said) -> None:
    key, _course = young(alma, at, "2009")
    say(key, *LOW)
    asked_again(at, "2026-06-02T10:00")
    say(key, *later)
    page = curve(key)
    assert said in page.words and "stregen ved 50." not in page.words
    assert not any(word in page.words.lower() for word in ("depression", "diagnose", "risiko"))


def test_whoever_has_it_much_harder_reads_whom_to_ring(furnished, alma, at) -> None:
    key, _course = young(alma, at, "2009")
    say(key, *HIGH)
    asked_again(at, "2026-06-02T10:00")
    say(key, *LOW)
    page = curve(key)
    assert "Det er sværere nu end i marts." in page.words
    assert 'href="tel:' in page.text[page.text.index('id="own"') :]


def test_a_child_under_fifteen_looks_at_it_together_with_who_they_talk_to(furnished, alma, at) -> None:
    key, course = young(alma, at, "2012")
    say(key, *LOW)
    page = curve(key)
    assert 'id="own"' not in page.text and "24" not in page.words
    assert "Så ser I på det sammen." in page.words
    asked_again(at, "2027-04-01T10:00")
    assert own.in_box(course.thread)["curves"], "fifteen since last month"


def test_a_birthday_that_may_still_be_ahead_this_month_is_not_fifteen_yet(furnished, alma, at) -> None:
    key, course = young(alma, at, "2011")
    say(key, *LOW)
    assert own.in_box(course.thread) == {"together": True}
    at("2026-04-01T10:00")
    assert own.in_box(course.thread)["curves"]


def test_a_parent_s_key_never_shows_what_their_child_said(furnished, alma, at) -> None:
    """Planted: Liv's own answers, kept by those who talk to her, and her mother's about herself."""
    at("2026-03-02T10:00")
    key, course = known(alma, child1_name="Liv", child1_month="5", child1_year="2009")
    letters.sweep(clock.now())
    keeper()
    liv = Round.objects.get(member__course=course, member__position=1)
    answers = {"who5": {str(n): 1 for n in range(1, 6)}, "goal": {"reached": 3}}
    services.keep_all(round=liv, answers=answers, mode="interview", by=alma, once=uuid4())
    keeper()
    assert own.in_box(course.thread) == {}
    say(key, "3", "3", "3", "3", "3")
    held = own.in_box(course.thread)
    assert [each["title"]["en"] for each in held["curves"]] and held["about"].position == 0
    page = curve(key)
    assert ">75</td>" in page.text and ">20</td>" not in page.text and "WHO-5" not in page.words


def test_what_was_answered_at_the_meeting_is_in_the_box_at_once(furnished, alma, at) -> None:
    from brobygger.outcomes.templatetags import handed

    key, course = young(alma, at, "2009")
    row = Round.objects.get(member__course=course, by__position=0)
    answers = {"who5": {str(n): 4 for n in range(1, 6)}, "goal": {"reached": 8}}
    letters.take_from_tablet(ticket=handed.hand(row), answers=answers, language="da")
    keeper()
    assert ">80</td>" in curve(key).text


def test_a_count_lies_in_the_box_and_not_among_the_words_of_the_conversation(furnished, alma, at) -> None:
    """Whoever has the conversation here has not the course: the thread's own key opens no count."""
    key, course = young(alma, at, "2009")
    say(key, *HIGH)
    thread = course.thread
    bodies = [
        keyring.open_sealed(thread.key, bytes(row.body), context=f"message:{row.pk}:body:1")
        for row in thread.messages.filter(from_house=True)
    ]
    assert bodies and not any("own" in body or "points" in str(body) for body in bodies)


def test_there_is_room_for_years_of_answers_and_the_first_is_among_them() -> None:
    from brobygger.outcomes import instruments, queries

    form = instruments.get("who5", "1")
    assert form is not None
    days = [date(2020, 1, 1).replace(year=2020 + n // 12, month=1 + n % 12) for n in range(40)]
    points = tuple(queries.Point(uuid4(), day, "during", 40 + n, "key") for n, day in enumerate(days))
    kept = own._told(queries.Curve(form, None, points))["points"]
    assert len(kept) == own.MOST and kept[0] == ("2020-01-01", 40) and kept[-1] == ("2023-04-01", 79)
