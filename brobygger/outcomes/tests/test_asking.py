"""Who is asked, and when: at the beginning, on the way, at an end nobody planned, half a year after."""

from datetime import date
from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as casework
from brobygger.ground import clock
from brobygger.outcomes import asking, queries, rules, services
from brobygger.outcomes.models import Round
from brobygger.privacy import queries as trail

from .asked import BO, LIV, WELL, family, of, rounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(furnished: Any, alma: Any, at: Any) -> Any:
    """A mother, a father, a girl of eleven; it began on a Monday in March."""
    at("2026-03-02T10:00")
    return family(alma)


def end(course: Any, by: Any, reason: str = "family_stopped") -> None:
    """End a course as the page does."""
    seen = record.look(course=course, by=by).number("end")
    casework.end_course(course=course, reason=reason, words="", seen=seen, by=by)


@pytest.mark.parametrize("reason", ["family_stopped", "no_contact", "moved", "completed", "other"])
def test_however_a_course_ends_it_asks_at_once_and_once_more_half_a_year_later(course, alma, at, reason) -> None:
    at("2026-05-04T16:00")
    end(course, alma, reason)

    asked = of(course, moment="end")
    assert (asked.state, asked.due_on, asked.closes_on) == ("due", date(2026, 5, 4), date(2026, 6, 29))
    assert asked.opens_on == date(2026, 4, 6) and asked.instruments == [["who5", "1"], ["goal", "1"], ["benefit", "1"]]
    after = of(course, moment="after")
    assert (after.opens_on, after.closes_on) == (date(2026, 10, 1), date(2026, 11, 30))
    assert trail.trail(course)[-1] == ("keeper", "outcomes.end_asked")


def test_what_was_still_to_come_is_stopped_when_a_course_ends(course, alma, at) -> None:
    services.make_link(round=of(course), by=alma)
    at("2026-03-10T10:00")
    end(course, alma)

    start = of(course)
    assert (start.state, start.why_not, start.token) == ("stopped", "left", None)


def test_an_end_that_cannot_be_asked_about_is_no_end(course, alma, monkeypatch) -> None:
    """One transaction: where the round is not made, the course has not ended."""
    monkeypatch.setattr(asking, "_make", lambda *_all: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        end(course, alma)

    course.refresh_from_db()
    assert course.state == "open"


def test_a_course_that_goes_on_is_not_at_its_end_and_its_next_end_asks_again(course, alma, at) -> None:
    at("2026-05-04T16:00")
    end(course, alma)
    casework.reopen(course=course, by=alma)
    asking.sweep(clock.now())
    assert (of(course, moment="end").state, of(course, moment="after").state) == ("stopped", "stopped")

    at("2026-07-01T12:00")
    end(course, alma)
    assert (of(course, moment="end").state, of(course, moment="end").due_on) == ("due", date(2026, 7, 1))

    asked = of(course, moment="end")
    for each in ("who5", "goal", "benefit"):
        said = {"who5": WELL, "goal": {"reached": 4}, "benefit": {"helped": 4, "use": 3, "heard": 4}}[each]
        services.keep_answer(round=asked, instrument=each, answers=said, mode="paper", by=alma)
    casework.reopen(course=course, by=alma)
    at("2026-09-01T12:00")
    end(course, alma)
    assert sorted(Round.objects.filter(member__position=2, moment="end").values_list("number", "state")) == [
        (0, "done"),
        (1, "due"),
    ]


def test_a_child_from_nine_answers_itself_and_a_grown_up_for_a_younger_one(furnished, alma, at) -> None:
    at("2026-11-22T10:00")
    course = family(alma, LIV, BO)

    assert rounds(course) == [
        (0, "start", "due", ["mastery"]),
        (1, "start", "due", ["mastery"]),
        (2, "start", "due", ["who5", "goal"]),
        (3, "start", "due", ["goal", "smallchild"]),
    ]
    assert of(course, 2).by.position == 2 and of(course, 3).by.position == 0


@pytest.mark.parametrize(
    ("birth", "asked"),
    [("2017-11", ["who5", "goal"]), ("2017-12", ["goal", "smallchild"]), ("2023-11", ["goal", "smallchild"]),
     ("2023-12", None), ("2026-01", None), ("", None)],
)  # fmt: skip
def test_nobody_is_asked_about_a_child_under_three_and_none_under_nine_answers_itself(
    furnished, alma, at, birth, asked
) -> None:
    at("2026-11-22T10:00")
    course = family(alma, LIV | {"birth": birth})

    about = Round.objects.filter(member__course=course, member__position=2)
    assert [key for key, _v in about.get().instruments] == asked if asked else not about.exists()


def test_the_age_that_counts_is_the_one_at_the_beginning(furnished, alma, at) -> None:
    at("2026-11-22T10:00")
    course = family(alma, LIV | {"birth": "2017-12"})
    at("2027-01-20T10:00")
    end(course, alma)

    assert of(course, moment="end").instruments == [["goal", "1"], ["smallchild", "1"], ["benefit", "1"]]


def test_on_the_way_every_third_month_and_asked_again_nothing_is_new(course, alma, at) -> None:
    at("2026-05-20T03:00")
    asking.sweep(clock.now())
    asking.sweep(clock.now())
    on_the_way = of(course, moment="during")
    assert (on_the_way.number, on_the_way.due_on, on_the_way.state) == (1, date(2026, 6, 2), "due")

    at("2026-09-05T03:00")
    asking.sweep(clock.now())
    assert list(Round.objects.filter(member__position=2, moment="during").values_list("number", "state")) == [
        (1, "missed"),
        (2, "due"),
    ]
    assert of(course).state == "missed" and of(course).why_not == "not_reached"


def test_a_round_is_missed_two_days_after_its_last_day_for_a_letter_may_be_under_way(course, at) -> None:
    at("2026-04-01T23:50")
    asking.sweep(clock.now())
    assert of(course).state == "due"
    at("2026-04-02T00:10")
    asking.sweep(clock.now())
    assert of(course).state == "missed"


def test_what_needs_a_licence_is_asked_only_when_somebody_who_leads_has_confirmed_it(
    course, alma, clara, at, monkeypatch
) -> None:
    said = queries.settings()
    more = {"key": "ors", "people": "children", "moments": ["start"], "offers": []}
    monkeypatch.setattr(queries, "settings", lambda: said | {"measures": [*said["measures"], more]})
    assert queries.unknown() == ["ors"]
    with pytest.raises(Exception, match="arrange_courses"):
        services.confirm_licence(instrument="ors", version="1", by=alma)
    assert "ors" not in dict(of(family(alma)).instruments)

    services.confirm_licence(instrument="ors", version="1", by=clara)
    services.confirm_licence(instrument="ors", version="1", by=clara)
    assert dict(of(family(alma)).instruments)["ors"] == "1" and queries.unknown() == []
    services.take_back_licence(instrument="ors", version="1", by=clara)
    assert queries.unknown() == ["ors"]


def test_the_second_answer_is_asked_in_the_version_of_the_first(course, alma, at, monkeypatch) -> None:
    newer = {key: each for key, each in queries.usable().items()}
    from dataclasses import replace

    newer["who5"] = replace(newer["who5"], version="2")
    monkeypatch.setattr(queries, "usable", lambda: newer)
    at("2026-05-04T16:00")
    end(course, alma)

    assert dict(of(course, moment="end").instruments)["who5"] == "1"
    assert dict(of(family(alma)).instruments)["who5"] == "2"


def test_questions_for_one_offer_are_asked_of_who_has_a_seat_in_it(furnished, alma, at) -> None:
    at("2026-11-22T10:00")
    mother = rules.Someone("m", "mother", None, frozenset({"babygruppe"}))
    measures = [{"key": "who5", "people": "adults", "moments": ["start"], "offers": ["babygruppe"]}]

    shelf = queries.usable()
    assert [each.pins for each in rules.asked([mother], measures, shelf, "start")] == [(("who5", "1"),)]
    assert rules.asked([rules.Someone("f", "father", None)], measures, shelf, "start") == []


def test_when_a_grown_up_is_erased_what_they_were_to_answer_about_a_child_is_stopped(furnished, alma, at) -> None:
    at("2026-11-22T10:00")
    course = family(alma, BO)
    casework.erase_member(member=course.members.get(position=0), why="wished", by="keeper")

    asked = of(course, 2)
    assert (asked.state, asked.by_id, asked.why_not) == ("stopped", None, "not_reached")


def test_nobody_is_reminded_at_night_nor_more_than_twice(course, at) -> None:
    said = queries.settings()
    late, early = at("2026-03-02T21:30"), at("2026-03-03T04:00")
    assert clock.local(rules.awake(late, said)).isoformat()[:16] == "2026-03-03T08:00"
    assert clock.local(rules.awake(early, said)).isoformat()[:16] == "2026-03-03T08:00"
    noon = at("2026-03-03T12:00")
    assert rules.awake(noon, said) == noon
