"""What is answered: kept once, left out, set right, checked, looked at; and what is refused."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from brobygger.access.guards import NotAllowed
from brobygger.casework import services as casework
from brobygger.ground import clock
from brobygger.outcomes import asking, instruments, queries, rules, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import queries as trail

from .asked import BO, FINE, LOW, WELL, family, of
from .test_asking import course, end

__all__ = ["course"]
pytestmark = pytest.mark.django_db


def keep(row: Round, by: Any, answers: dict[str, Any] = WELL, **more: Any) -> Sheet:
    """Keep WHO-5 answers typed from a paper, unless something else is said."""
    told = {"instrument": "who5", "mode": "paper"} | more
    return services.keep_answer(round=row, answers=answers, by=by, **told)


def test_an_answer_is_sealed_counted_and_closes_its_round_when_nothing_is_left(course, alma) -> None:
    start = of(course)
    sheet = keep(start, alma)
    assert b"72" not in bytes(sheet.sealed) and not hasattr(sheet, "score")
    assert services.look_at_sheet(sheet=sheet, by=alma)["score"] == 72
    assert of(course).state == "due"

    keep(start, alma, {"reached": 3}, instrument="goal")
    assert of(course).state == "done" and of(course).token is None
    assert ("alma", "outcomes.answered") in trail.trail(start.member)


def test_pressed_twice_it_is_one_and_from_another_page_it_is_there_already(course, alma) -> None:
    start, once = of(course), uuid4()
    first = keep(start, alma, once=once)

    assert keep(start, alma, FINE, once=once) == first
    with pytest.raises(rules.AlreadyAnswered):
        keep(start, alma, FINE, once=uuid4())
    assert services.look_at_sheet(sheet=first, by=alma)["score"] == 72
    assert [line for _by, line in trail.trail(start.member)].count("outcomes.answered") == 1


def test_the_database_itself_keeps_one_sheet_a_round_and_instrument(course, alma) -> None:
    first = keep(of(course), alma)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.create(round=first.round, instrument="who5", version="1", answered_on=date(2026, 3, 2),
                             mode="paper", sealed=b"x")  # fmt: skip


@pytest.mark.parametrize(
    "answers",
    [{"1": 6}, {"1": -1}, {"1": "5"}, {"1": True}, {"1": 2.0}, {"1": None}, {"1": []}, {"6": 1}, {"score": 72}],
)
def test_what_is_no_answer_is_refused_and_nothing_is_kept(course, alma, answers) -> None:
    with pytest.raises(instruments.BadAnswer):
        keep(of(course), alma, answers)
    assert not Sheet.objects.exists()


def test_a_question_left_out_is_kept_as_left_out_and_gives_no_score(course, alma) -> None:
    sheet = keep(of(course), alma, WELL | {"4": "skipped"} | {"5": "empty"})
    body = services.look_at_sheet(sheet=sheet, by=alma)
    assert body["score"] is None and (body["answers"]["4"], body["answers"]["5"]) == ("skipped", "empty")
    assert of(course).low_on is None


def test_a_whole_round_may_be_left_out_and_is_kept_as_left_out(course, alma) -> None:
    row = services.skip(round=of(course), why="declined", by=alma)
    assert services.skip(round=row, why="declined", by=alma).pk == row.pk
    assert (of(course).state, of(course).why_not) == ("skipped", "declined")
    assert [line for _by, line in trail.trail(row.member)].count("outcomes.skipped") == 1
    with pytest.raises(ValueError):
        services.skip(round=row, why="because", by=alma)


def test_everything_left_out_in_one_letter_is_a_round_left_out(course) -> None:
    out = {"who5": dict.fromkeys("12345", "skipped"), "goal": {"reached": "skipped"}}
    assert services.keep_all(round=of(course), answers=out, mode="sms", by="family", once=uuid4()) == []
    assert of(course).state == "skipped" and not Sheet.objects.exists()


def test_all_the_questions_of_a_round_are_kept_at_once_or_none_is(course) -> None:
    start, once, said = of(course), uuid4(), {"who5": WELL, "goal": {"reached": 99}}
    with pytest.raises(instruments.BadAnswer):
        services.keep_all(round=start, answers=said, mode="sms", by="family", once=once)
    assert not Sheet.objects.exists()

    said["goal"] = {"reached": 9}
    kept = services.keep_all(round=start, answers=said, mode="sms", by="family", once=once)
    again = services.keep_all(round=start, answers=said, mode="sms", by="family", once=once)
    assert {each.pk for each in kept} == {each.pk for each in again} and len(kept) == 2
    with pytest.raises(rules.AlreadyAnswered):
        services.keep_all(round=start, answers=said, mode="sms", by="family", once=uuid4())


def test_who_has_nothing_to_do_with_the_course_can_do_nothing_with_its_answers(course, alma, bo, finn) -> None:
    sheet, start = keep(of(course), alma), of(course)
    for nobody in (bo, finn):
        assert queries.get_round(nobody, start.pk) is None and queries.get_sheet(nobody, sheet.pk) is None
        assert queries.rounds_of(nobody, course.pk) == [] and queries.due(nobody) == []
        for deed, named in (
            (services.keep_answer, {"round": start, "instrument": "goal", "answers": {"reached": 1}, "mode": "paper"}),
            (services.skip, {"round": start, "why": "declined"}),
            (services.correct, {"sheet": sheet, "answers": FINE, "reason": "nej"}),
            (services.look, {"member": start.member}),
            (services.look_at_sheet, {"sheet": sheet}),
            (services.make_link, {"round": start}),
            (services.send_link, {"round": start, "address": ""}),
            (services.check_paper, {"sheet": sheet}),
            (services.see, {"round": start}),
        ):
            with pytest.raises(NotAllowed):
                deed(**named, by=nobody)
    assert Sheet.objects.count() == 1 and of(course).state == "due"


def test_a_paper_bears_its_own_day_and_no_day_on_which_nobody_was_asked(course, alma, at) -> None:
    at("2026-03-20T10:00")
    for wrong in (date(2026, 3, 21), date(2026, 2, 1)):
        with pytest.raises(rules.NotThatDay):
            keep(of(course), alma, answered_on=wrong)
    assert keep(of(course), alma, answered_on=date(2026, 3, 5)).answered_on == date(2026, 3, 5)


def test_a_paper_found_after_its_days_is_still_kept_under_its_own_day(course, alma, at) -> None:
    at("2026-04-20T10:00")
    asking.sweep(clock.now())
    assert of(course).state == "missed"
    with pytest.raises(rules.NotThatDay):
        keep(of(course), alma)
    keep(of(course), alma, answered_on=date(2026, 3, 5))
    keep(of(course), alma, {"reached": 1}, instrument="goal", answered_on=date(2026, 3, 5))
    assert (of(course).state, of(course).why_not) == ("done", "")


def test_what_a_family_sends_when_it_is_over_is_not_kept(course, at) -> None:
    at("2026-04-20T10:00")
    with pytest.raises(rules.RoundIsOver):
        keep(of(course), "family", mode="sms")


def test_what_asks_about_harm_is_never_shown_with_nobody_there(course, alma, monkeypatch) -> None:
    from dataclasses import replace

    harm = replace(instruments.get("who5", "1"), selfharm_items=("5",))
    monkeypatch.setattr(instruments, "get", lambda key, version: harm)
    for mode in ("key", "sms", "tablet"):
        with pytest.raises(rules.NotThatWay):
            keep(of(course), alma, mode=mode)
    with pytest.raises(rules.NotThatWay):
        services.make_link(round=of(course), by=alma)
    assert keep(of(course), alma, mode="interview").mode == "interview"


def test_what_was_typed_wrong_is_set_right_and_what_stood_there_is_kept(course, alma) -> None:
    sheet = keep(of(course), alma, WELL | {"1": 0})
    services.correct(sheet=sheet, answers=WELL, reason="Der stod 5 på papiret.", by=alma)
    sheet.refresh_from_db()

    body = services.look_at_sheet(sheet=sheet, by=alma)
    (before,) = body["corrections"]
    assert (body["score"], before["score"], before["answers"]["1"]) == (72, 52, 0)
    assert (before["reason"], before["by"]) == ("Der stod 5 på papiret.", "Alma")
    for reason, answers in (("", FINE), ("  ", FINE), ("det samme", WELL)):
        with pytest.raises(services.NothingSaid):
            services.correct(sheet=sheet, answers=answers, reason=reason, by=alma)


def test_nobody_checks_the_paper_they_typed_themselves(course, alma, bo) -> None:
    sheet = keep(of(course), alma)
    with pytest.raises(NotAllowed):
        services.check_paper(sheet=sheet, by=alma)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(checked_by=alma.pk)
    casework.assign(course=course, to=bo, by=alma)
    services.check_paper(sheet=sheet, by=bo)
    sheet.refresh_from_db()
    assert sheet.checked_by_id == bo.pk


# ---- Low ----


def test_a_low_answer_is_on_the_day_of_who_has_the_course_for_two_working_days_and_of_nobody_else(
    course, alma, bo, clara, at
) -> None:
    at("2026-03-05T22:40")
    keep(of(course), "family", LOW, mode="sms")
    row = of(course)
    # A Thursday night: the Monday after.
    assert (row.low_on, row.look_by) == (date(2026, 3, 5), date(2026, 3, 9))
    assert [each.pk for each in queries.to_look_at(alma)] == [row.pk]
    assert queries.to_look_at(bo) == [] and queries.to_look_at(clara) == [] and queries.not_looked_at(clara) == 0

    at("2026-03-10T08:00")
    assert queries.not_looked_at(clara) == 1 and queries.not_looked_at(alma) == 0
    services.see(round=row, by=alma)
    services.see(round=row, by=alma)
    assert (of(course).seen_on, of(course).seen_by) == (date(2026, 3, 10), alma)
    assert queries.to_look_at(alma) == [] and queries.not_looked_at(clara) == 0


@pytest.mark.parametrize(
    ("score", "before", "why"),
    [(50, [], []), (50, [52], []), (50, [50], ["low"]), (50, [30, 52], []), (32, [80, 50], ["low"]), (52, [50], []),
     (28, [], ["very_low"]), (28, [48], ["very_low"]), (60, [84], ["fall"]), (60, [96, 80], []),
     (24, [48], ["very_low", "fall"]), (44, [68], ["fall"]), (None, [80], [])],
)  # fmt: skip
def test_why_somebody_should_look_is_said_by_the_instrument_s_own_lines(score, before, why) -> None:
    assert rules.low(score, before, instruments.get("who5", "1")) == why


def test_our_own_questions_have_no_lines_and_raise_no_eyes(course, alma) -> None:
    mastery = of(course, 0)
    nothing = dict.fromkeys(("everyday", "hard-times", "talking", "somebody", "hope"), 0)
    services.keep_answer(round=mastery, instrument="mastery", mode="paper", by=alma, answers=nothing)
    assert of(course, 0).low_on is None


def test_a_fall_since_last_time_is_seen_and_a_slip_of_the_finger_is_taken_back(course, alma, at) -> None:
    keep(of(course), alma, dict.fromkeys("12345", 5))
    at("2026-06-02T10:00")
    asking.sweep(clock.now())
    during = of(course, moment="during")
    sheet = keep(during, alma, dict.fromkeys("12345", 3))
    assert services.look_at_sheet(sheet=sheet, by=alma)["low"] == ["fall"] and of(course, moment="during").low_on

    services.correct(sheet=sheet, answers=dict.fromkeys("12345", 4), reason="tastefejl", by=alma)
    assert of(course, moment="during").low_on is None


# ---- Seen as a curve ----


def test_a_curve_tells_relevant_reliable_and_crossed_apart_and_mixes_nobody(course, alma, at) -> None:
    keep(of(course), alma, dict.fromkeys("12345", 2))
    at("2026-05-04T16:00")
    end(course, alma)
    keep(of(course, moment="end"), alma, {"1": 3, "2": 3, "3": 3, "4": 2, "5": 2}, mode="tablet")

    (curve,) = [each for each in services.look(member=of(course).member, by=alma) if each.instrument.key == "who5"]
    first, last = curve.points
    assert (first.score, last.score, last.mode) == (40, 52, "tablet") and first.since_first is None
    change = last.since_first
    assert (change.points, change.relevant, change.reliable, change.crossed) == (12, True, False, "up")
    assert rules.change(40, 64, curve.instrument).reliable and not rules.change(60, 68, curve.instrument).relevant
    assert rules.change(52, 48, curve.instrument).crossed == "down"
    assert ("alma", "outcomes.looked") in trail.trail(course.members.get(position=2))


def test_a_child_s_own_answer_and_a_grown_up_s_about_it_are_two_curves(furnished, alma, at) -> None:
    at("2026-03-02T10:00")
    course = family(alma, BO)
    keep(of(course), alma, {"reached": 2}, instrument="goal")
    child = course.members.get(position=2)
    own = Round.objects.create(member=child, by=child, moment="start", number=9, due_on="2026-03-02",
                               opens_on="2026-03-02", closes_on="2026-04-02", instruments=[["goal", "1"]])  # fmt: skip
    keep(own, alma, {"reached": 9}, instrument="goal")

    found = services.look(member=child, by=alma)
    assert sorted((each.by == child.pk, each.points[0].score) for each in found) == [(False, 20), (True, 90)]


def test_erased_a_child_s_answers_are_gone_with_its_key(course, alma) -> None:
    sheet, start = keep(of(course), alma), of(course)
    casework.erase_member(member=start.member, why="wished", by="keeper")
    assert not Sheet.objects.filter(pk=sheet.pk).exists() and not Round.objects.filter(pk=start.pk).exists()
    assert list(queries.opened([sheet])) == []
    with pytest.raises(rules.RoundIsOver):
        keep(start, "family", mode="sms")
