"""Who looks at what was low: the one who has the course, once for each reason, and who leads where nobody has it."""

from typing import Any

import pytest

from brobygger.casework.models import Assignment
from brobygger.ground import clock
from brobygger.outcomes import asking, queries, services

from .asked import LOW, WELL, of
from .test_answering import keep
from .test_asking import course, end

__all__ = ["course"]
pytestmark = pytest.mark.django_db
TWO, THREE, FIVE = (dict.fromkeys("12345", each) for each in (2, 3, 5))


def on_the_way(course: Any, at: Any) -> Any:
    """Come to the first round on the way."""
    at("2026-06-02T10:00")
    asking.sweep(clock.now())
    return of(course, moment="during")


def body(sheet: Any, by: Any) -> Any:
    """Open a sheet."""
    return services.look_at_sheet(sheet=sheet, by=by)


def test_under_fifty_once_is_nobody_s_alarm_and_twice_in_a_row_is(course, alma, at) -> None:
    keep(of(course), alma, TWO)
    assert of(course).low_on is None and queries.to_look_at(alma) == []
    second = keep(on_the_way(course, at), alma, TWO)
    assert body(second, alma)["low"] == ["low"]
    assert [row.moment for row in queries.to_look_at(alma)] == ["during"]


def test_what_somebody_has_seen_is_not_said_again_when_a_slip_is_set_right_and_it_is_low_still(
    course, alma, at
) -> None:
    keep(of(course), alma, {"1": 2, "2": 2, "3": 2, "4": 3, "5": 3})
    sheet = keep(on_the_way(course, at), alma, LOW)
    assert body(sheet, alma)["low"] == ["very_low", "fall"]
    services.see(round=of(course, moment="during"), by=alma)
    services.correct(sheet=sheet, answers=LOW | {"1": 2}, reason="tastefejl", by=alma)
    sheet.refresh_from_db()
    assert body(sheet, alma)["low"] == ["very_low"]
    assert of(course, moment="during").seen_on is not None and queries.to_look_at(alma) == []


def test_a_slip_that_is_set_right_to_something_low_is_said(course, alma) -> None:
    sheet = keep(of(course), alma, WELL)
    services.correct(sheet=sheet, answers=LOW, reason="læst forkert", by=alma)
    assert [row.moment for row in queries.to_look_at(alma)] == ["start"]


def test_a_paper_typed_late_is_what_the_next_answer_is_held_beside(course, alma, at) -> None:
    next_one = keep(on_the_way(course, at), alma, THREE)
    assert of(course, moment="during").low_on is None
    from datetime import date

    keep(of(course), alma, FIVE, answered_on=date(2026, 3, 10))
    assert body(next_one, alma)["low"] == [], "as it was opened before"
    next_one.refresh_from_db()
    assert body(next_one, alma)["low"] == ["fall"] and of(course, moment="during").low_on
    assert of(course).low_on is None


def test_only_the_newest_answer_is_for_anybody_s_eyes(course, alma, at) -> None:
    from datetime import date

    keep(on_the_way(course, at), alma, THREE)
    at("2026-09-02T10:00")
    asking.sweep(clock.now())
    keep(of(course, moment="during", number=2), alma, FIVE)
    keep(of(course), alma, FIVE, answered_on=date(2026, 3, 10))
    assert queries.to_look_at(alma) == []


def test_a_low_answer_in_a_course_nobody_has_is_at_once_for_who_says_who_has_which(course, alma, clara, bo, at) -> None:
    at("2026-05-04T16:00")
    end(course, alma)
    Assignment.objects.filter(course=course).update(valid_to="2026-05-05")
    at("2026-05-12T09:00")
    keep(of(course, moment="end"), "family", LOW, mode="sms")

    assert queries.to_look_at(alma) == [] and queries.not_looked_at(clara) == 1
    (left,) = queries.left_lying(clara)
    assert left.member.course.nickname == course.nickname
    assert queries.left_lying(bo) == [] == queries.left_lying(alma)
