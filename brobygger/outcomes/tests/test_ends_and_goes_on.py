"""However a course ends, goes on, or loses somebody: what is asked is right in that very transaction."""

from datetime import date
from typing import Any

import pytest

from brobygger.casework import record
from brobygger.casework import services as casework
from brobygger.ground import clock
from brobygger.outcomes import asking, letters, queries, rules, services
from brobygger.outcomes.models import Round
from brobygger.outcomes.templatetags import counting
from brobygger.privacy import queries as trail
from tests.letters import Visitor, keeper

from .asked import BO, WELL, family, of
from .test_answering import keep
from .test_asking import course, end
from .test_letters import _said_a_second_later as _said_a_second_later
from .test_letters import mette, opened, the_mothers, threads_card, walked

__all__ = ["course", "mette"]
pytestmark = pytest.mark.django_db


def states(course: Any, moment: str) -> set[str]:
    """Say how the rounds of one moment stand."""
    return set(Round.objects.filter(member__course=course, moment=moment).values_list("state", flat=True))


def test_a_course_that_is_handed_over_asks_at_once(course, alma, at) -> None:
    at("2026-05-04T16:00")
    seen = record.look(course=course, by=alma).number("end")
    casework.close_handed_over(course=course, words="", seen=seen, by=alma)
    assert (of(course, moment="end").state, of(course, moment="end").due_on) == ("due", date(2026, 5, 4))


def test_ended_by_a_slip_and_reopened_everything_stands_as_before_without_waiting_for_the_night(
    course, alma, at
) -> None:
    at("2026-03-10T10:00")
    end(course, alma)
    assert states(course, "start") == {"stopped"}
    casework.reopen(course=course, by=alma)

    assert (states(course, "start"), states(course, "end"), states(course, "after")) == (
        {"due"},
        {"stopped"},
        {"stopped"},
    )
    assert set(Round.objects.filter(moment="end").values_list("why_not", flat=True)) == {""}
    keep(of(course), alma)


def test_a_course_goes_on_only_together_with_its_questions(course, alma, monkeypatch) -> None:
    end(course, alma)
    monkeypatch.setattr(asking, "plan", lambda _course: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        casework.reopen(course=course, by=alma)
    course.refresh_from_db()
    assert course.state == "ended" and states(course, "end") == {"due"}


def test_half_an_answer_at_an_end_that_was_none_is_not_the_answer_at_the_next(course, alma, at) -> None:
    at("2026-05-04T16:00")
    end(course, alma)
    keep(of(course, moment="end"), alma)
    casework.reopen(course=course, by=alma)
    at("2026-09-01T12:00")
    end(course, alma)

    last = of(course, moment="end", number=1)
    assert (last.state, last.due_on) == ("due", date(2026, 9, 1))
    assert [each.key for each in queries.unanswered(last)] == ["who5", "goal", "benefit"]


def test_what_was_asked_at_an_end_that_was_none_leaves_the_box_at_once(mette, alma, at) -> None:
    key, course = mette
    at("2026-12-30T14:00")
    end(course, alma)
    keeper()
    assert 'name="codes"' in Visitor().come_back(key).text
    casework.reopen(course=course, by=alma)
    keeper()
    assert 'name="codes"' not in Visitor().come_back(key).text


def test_half_a_year_after_nobody_is_asked_who_has_not_said_yes(mette, alma, at) -> None:
    _key, course = mette
    at("2026-12-10T14:00")
    end(course, alma)
    after = of(course, 0, moment="after")
    at("2027-06-08T10:00")
    letters.sweep(clock.now())
    asking.sweep(clock.now())
    casework.Assignment.objects.create(course=course, user=alma)
    waits = {row["moment"] for row in letters.in_box(course.thread)}
    assert "after" not in waits and after not in queries.due(alma)
    with pytest.raises(rules.NeedsYes):
        services.make_link(round=after, by=alma)
    counted = {each.moment for each in counting.rounds(date(2027, 1, 1), date(2027, 12, 31))}
    assert counted == set(), "nobody was asked"

    services.agree(round=after, by=alma)
    services.agree(round=after, by=alma)
    assert [line for _by, line in trail.trail(after.member)].count("outcomes.agreed") == 1
    assert [row["moment"] for row in letters.in_box(course.thread)] == ["after"] and after in queries.due(alma)
    assert services.make_link(round=after, by=alma)
    counted = {each.moment for each in counting.rounds(date(2027, 1, 1), date(2027, 12, 31))}
    assert counted == {"after"}
    services.skip(round=after, why="declined", by=alma)
    assert letters.in_box(course.thread) == []

    with pytest.raises(rules.RoundIsOver):
        services.agree(round=of(course, 0, moment="end"), by=alma)
    at("2027-07-30T10:00")
    asking.sweep(clock.now())
    bertil = of(course, 1, moment="after")
    assert (bertil.state, bertil.why_not) == ("stopped", ""), "not missed: nobody was asked"


def test_a_parent_who_may_be_told_nothing_is_not_asked_about_a_child(furnished, alma, at) -> None:
    at("2026-11-22T10:00")
    course = family(alma, BO)
    custody = {"holder": "no", "told": "no"}
    record.write_part(
        course=course, member=course.members.get(position=0), kind="custody", body=custody, seen=0, by=alma
    )
    end(course, alma)
    assert of(course, 2, moment="end").by.position == 1


def test_where_nobody_may_be_told_nobody_is_asked_about_a_child() -> None:
    shelf = queries.usable()
    measures = [{"key": "smallchild", "people": "children", "moments": ["start"]}]
    child = rules.Someone("c", "child", 60)
    assert rules.asked([rules.Someone("m", "mother", None, told=False), child], measures, shelf, "start") == []
    (asked,) = rules.asked([rules.Someone("m", "mother", None), child], measures, shelf, "start")
    assert (asked.about, asked.by) == ("c", "m")


def test_a_box_is_emptied_of_a_child_its_holder_may_not_be_told_of_any_more(mette, alma, settings) -> None:
    key, course = mette
    threads_card(course)
    settings.OUTBOX_CHANNELS = {"sms": "brobygger.outbox.channels.Console"}
    services.send_link(round=of(course, 1), address="https://x.example/", by=alma)
    assert "spørgsmål om Bertil" in Visitor().come_back(key).words
    custody = {"holder": "no", "told": "no"}
    record.write_part(
        course=course, member=course.members.get(position=0), kind="custody", body=custody, seen=0, by=alma
    )
    asked = of(course, 1)
    with pytest.raises(services.NoWay):
        services.send_link(round=asked, address="", by=alma)
    page = opened(key, at=1 - the_mothers(course))
    letters.sweep(clock.now())
    keeper()
    assert "Bertil" not in Visitor().come_back(key).text

    walked(page, *["3"] * 6)
    keeper()
    assert of(course, 1).state == "due", "and what is sent from a page that lay open is not kept"


def test_erased_a_child_is_named_in_its_family_s_box_no_more(mette, alma) -> None:
    key, course = mette
    walked(opened(key, at=the_mothers(course)), *["3"] * 5)
    keeper()
    assert "Bertil" in Visitor().come_back(key).text
    casework.erase_member(member=course.members.get(position=1), why="wished", by="keeper")
    keeper()
    assert "Bertil" not in Visitor().come_back(key).text


def test_a_course_on_its_way_out_asks_nothing_more(mette, alma, at) -> None:
    _key, course = mette
    secret = services.make_link(round=of(course, 0), by=alma)
    course.__class__.objects.filter(pk=course.pk).update(state="erasing")
    assert letters.in_box(course.thread) == []
    with pytest.raises(rules.RoundIsOver):
        services.keep_answer(round=of(course, 0), instrument="mastery", answers=WELL, mode="sms", by="family")
    from brobygger.privacy import seal

    assert queries.with_token(seal.token_hash(secret.encode()), clock.today()) is None
