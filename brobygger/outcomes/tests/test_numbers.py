"""What the reports are given: plain rows by numbers, pairs by the written rule"""

from datetime import date
from typing import Any

import pytest

from brobygger.groups.tests import rows
from brobygger.outcomes import queries, services
from brobygger.outcomes.templatetags import counting

from .asked import LOW, WELL, family, of
from .test_answering import keep
from .test_asking import course, end

__all__ = ["course"]
pytestmark = pytest.mark.django_db
YEAR = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def paired(course: Any, alma: Any, at: Any) -> Any:
    """Liv answered in March, and in May when her mother stopped."""
    keep(of(course), alma, LOW)
    at("2026-05-04T16:00")
    end(course, alma)
    keep(of(course, moment="end"), alma, WELL, mode="tablet")
    return course


def test_a_pair_is_the_first_at_the_start_and_the_last_at_the_end_and_bears_no_id(paired, alma) -> None:
    (pair,) = queries.pairs(*YEAR)
    assert (pair.start.score, pair.end.score, pair.start.day, pair.end.from_end) == (24, 72, 0, 0)
    assert (pair.start.person, pair.start.course, pair.start.age, pair.start.who) == (1, 1, 10, "self")
    said = repr(pair)
    member = paired.members.get(position=2)
    assert not any(str(each.pk) in said or str(each.pk.hex) in said for each in (paired, member))
    assert paired.nickname not in said and "Liv" not in said


def test_a_course_that_ended_in_another_year_is_no_pair_of_this_one(paired) -> None:
    assert queries.pairs(date(2025, 1, 1), date(2025, 12, 31)) == []
    assert queries.pairs(date(2026, 5, 5), date(2026, 12, 31)) == []
    assert len(queries.pairs(date(2026, 5, 4), date(2026, 5, 4))) == 1


def test_an_answer_without_a_number_and_one_of_another_person_make_no_pair(course, alma, at) -> None:
    keep(of(course), alma, WELL | {"2": "skipped"})
    at("2026-05-04T16:00")
    end(course, alma)
    keep(of(course, moment="end"), alma, WELL)
    assert queries.pairs(*YEAR) == []
    assert [each.score for each in queries.answers(*YEAR) if each.instrument == "who5"] == [None, 72]


def test_what_is_asked_is_counted_with_how_it_went(course, alma, at) -> None:
    services.skip(round=of(course), why="declined", by=alma)
    at("2026-05-04T16:00")
    end(course, alma)
    found = [(each.moment, each.state, each.why_not) for each in counting.rounds(*YEAR)]
    assert found.count(("start", "skipped", "declined")) == 1 and found.count(("end", "due", "")) == 3


def test_somebody_erased_is_in_no_number_any_more(paired) -> None:
    from brobygger.casework import services as casework

    casework.erase_member(member=paired.members.get(position=2), why="wished", by="keeper")
    assert list(queries.answers(*YEAR)) == []


def test_an_answer_bears_the_offers_its_person_has_had_a_seat_in_and_nobody_elses(course, alma) -> None:
    keep(of(course), alma, WELL)
    group = rows.group()
    rows.seat(group, course.members.get(position=2))
    rows.seat(
        rows.group("Fuglene", offer="minigruppe"),
        course.members.get(position=2),
        taken_on=None,
        state="left",
        chair=None,
        ended_on=date(2026, 10, 9),
        reason="declined",
    )
    rows.seat(rows.group("De voksne", offer="foraeldregruppe"), course.members.get(position=0))

    assert {each.offers for each in queries.answers(*YEAR)} == {("gruppe",)}


def test_answers_come_course_by_course_however_many_are_read_together(course, alma, at, monkeypatch) -> None:
    keep(of(course), alma, WELL)
    at("2026-03-09T16:00")
    later = family(alma)
    keep(of(later), alma, LOW)
    told = list(queries.answers(*YEAR))
    monkeypatch.setattr(queries, "_COURSES", 1)

    assert list(queries.answers(*YEAR)) == told
    assert [(each.course, each.score) for each in told if each.instrument == "who5"] == [(1, 72), (2, 24)]
