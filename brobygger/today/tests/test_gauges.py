"""The leader's gauges: who waits, free hours, promises kept, who was measured at both ends. No percentage without N."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.translation import override

from brobygger.appointments.tests.families import Family, book
from brobygger.casework import services as casework
from brobygger.casework.tests.families import MOTHER, begin
from brobygger.consents import services as consents
from brobygger.consents.models import Referral, TalkCount
from brobygger.consents.tests.families import refer
from brobygger.ground import clock
from brobygger.intake import rules as calls
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry, Tally
from brobygger.outcomes import queries as measuring
from brobygger.outcomes import services as outcomes
from brobygger.outcomes.models import Round
from brobygger.outcomes.templatetags import ends
from brobygger.outcomes.tests.asked import LIV
from brobygger.today import rules
from tests.letters import working_hours

needs_database = pytest.mark.django_db


@pytest.fixture
def look(clara, staff_client):
    """Open the overview as Clara does, and give the gauges and the page's words."""

    def once(language: str = "da"):
        with override(language):
            answer = staff_client(clara).get(reverse("today:gauges"))
        assert answer.status_code == 200
        return answer.context["gauges"], " ".join(answer.content.decode().split())

    return once


def enquiry(family) -> Enquiry:
    """The worklist's row of a family."""
    return Enquiry.objects.get(thread=family.thread)


def answered(family, by, *, late: bool = False) -> None:
    """Answer a family, in time or too late."""
    if late:
        now = clock.now()
        rows = Enquiry.objects.filter(thread=family.thread)
        rows.update(arrived_at=now - timedelta(days=2), due_at=now - timedelta(minutes=1))
    intake.take(enquiry=enquiry(family), by=by)
    intake.answer(enquiry=enquiry(family), text="Godt, du skrev.", by=by)


# ---- What is said of a count ----


@pytest.mark.parametrize(
    ("n", "of", "percent"),
    [(47, 50, 94), (9, 9, None), (0, 0, None), (10, 10, 100), (0, 10, 0), (999, 1000, 99), (1, 1000, 1), (1, 3, None)],
)
def test_a_share_has_no_percentage_of_a_few_and_is_never_rounded_to_all_or_none(n, of, percent) -> None:
    assert rules.Share(n, of).percent == percent


def test_weeks_are_named_across_new_year() -> None:
    assert rules.last_weeks(date(2026, 1, 7), 4) == ["2026-W02", "2026-W01", "2025-W52", "2025-W51"]


def test_a_quarters_weeks_begin_with_the_one_its_first_day_is_in() -> None:
    assert rules.quarter_weeks(date(2026, 10, 12)) == ["2026-W40", "2026-W41", "2026-W42"]
    assert rules.quarter_weeks(date(2026, 1, 1)) == ["2026-W01"]


# ---- Who waits ----


@needs_database
def test_an_empty_house_has_gauges_that_say_so(morning, look) -> None:
    gauges, page = look()

    assert (gauges.counts.waiting, gauges.longest, gauges.places) == (0, None, [])
    assert page.count("Ingen venter.") == 2 and "Ingen har sat arbejdstider endnu" in page and " %)" not in page


@needs_database
def test_waiting_is_counted_with_the_longest_wait_and_those_past_the_promise(ea, another, look, at) -> None:
    at("2026-11-23T11:10")
    assert look()[0].longest == timedelta(hours=3)
    assert look()[0].counts.late == 0 and "ingen over svartiden" in look()[1]

    Enquiry.objects.filter(thread=another.thread).update(due_at=clock.now() - timedelta(minutes=1))
    gauges, page = look()
    assert (gauges.counts.waiting, gauges.counts.late) == (2, 1) and "1 over svartiden" in page


@needs_database
def test_first_talks_are_counted_by_goal_and_last_day(morning, look) -> None:
    one, other = refer(), refer(phone="+4520304099")
    assert look()[0].talks.waiting == 2 and "ingen over målet" in look()[1]

    now = clock.now()
    rows = Referral.objects.filter(pk=one.referral.pk)
    rows.update(talk_by=now - timedelta(days=20), talk_latest=now - timedelta(days=4))
    rows = Referral.objects.filter(pk=other.referral.pk)
    rows.update(talk_by=now - timedelta(days=1), talk_latest=now + timedelta(days=15))
    gauges, page = look()
    assert (gauges.talks.waiting, gauges.talks.late, gauges.talks.too_late) == (2, 2, 1)
    assert "1 over 30 dage" in page and "2 over 14 dage" in page
    # Who still waits past them counts as not kept.
    assert [(each.in_goal.of, each.in_limit.of) for each in gauges.kept] == [(2, 1), (2, 1)]


# ---- Free hours ----


@needs_database
def test_free_hours_are_working_hours_without_what_stands(ea, another, alma, bo, finn, look) -> None:
    # Monday ten past eight: ten days of six hours each; Finn answers nobody.
    working_hours(alma)
    assert [(each.hours.n, each.hours.of) for each in look()[0].places] == [(60, 60)]

    working_hours(bo, place="hvidovre", opens=10, closes=12)
    book(ea, alma, "2026-11-24T10:00", where="home")
    book(another, bo, "2026-11-25T10:00")
    gauges, page = look()
    # The visit takes an hour and a half and an hour on the road; half an hour of Bo's twenty is taken.
    assert {each.name["da"]: (each.hours.n, each.hours.of) for each in gauges.places} == {
        "Glostrup": (57, 60),
        "Hvidovre": (19, 20),
    }
    assert "<strong>57</strong> af 60 (95 %)" in page


@needs_database
def test_free_hours_begin_now_and_leave_out_closed_days(alma, morning, at, look) -> None:
    working_hours(alma)
    at("2026-12-21T13:00")

    # Two hours left of Monday, the 22nd and 23rd, the 28th to the 30th, and what the house's calendar keeps open.
    hours = look()[0].places[0].hours
    at("2026-12-21T08:00")
    assert look()[0].places[0].hours.of - hours.of == 4
    assert hours.of < 60 - 4 - 2 * 6, "Christmas is closed"


@needs_database
def test_who_has_left_has_no_free_hours(alma, morning, look) -> None:
    working_hours(alma)
    alma.is_active = False
    alma.save()

    assert look()[0].places == []


# ---- Promises kept ----


@needs_database
def test_promises_are_counted_of_living_and_ended_threads_and_those_who_wait_too_long(
    ea, another, alma, look, at
) -> None:
    answered(ea, alma)
    assert [(each.letters.n, each.letters.of) for each in look()[0].kept] == [(1, 1), (1, 1)]

    answered(another, alma, late=True)
    intake.end(enquiry=enquiry(ea), outcome="helped", text="", by=alma)
    waiting = Family.writes("Et brev mere")
    assert [(each.letters.n, each.letters.of) for each in look()[0].kept] == [(1, 2), (1, 2)]

    now = clock.now()
    Enquiry.objects.filter(thread=waiting.thread).update(arrived_at=now - timedelta(2), due_at=now - timedelta(1))
    assert [(each.letters.n, each.letters.of) for each in look()[0].kept] == [(1, 3), (1, 3)]


@needs_database
def test_a_promise_kept_once_and_broken_now_is_counted_once_and_as_broken(ea, alma, look) -> None:
    answered(ea, alma)
    now = clock.now()
    Enquiry.objects.filter(thread=ea.thread).update(arrived_at=now - timedelta(2), due_at=now - timedelta(1))

    assert [(each.letters.n, each.letters.of) for each in look()[0].kept] == [(0, 1), (0, 1)]


@needs_database
def test_older_weeks_count_in_twelve_and_not_in_four(morning, look) -> None:
    for week, count in (("2026-W48", 9), ("2026-W45", 38), ("2026-W44", 100), ("2026-W37", 100), ("2026-W36", 1000)):
        for promise, n in (("kept", count), ("not", count // 9), ("none", 500)):
            Tally.objects.create(week=week, channel="door", door="parent", promise=promise, outcome="helped", count=n)

    gauges, page = look()

    assert [(each.letters.n, each.letters.of) for each in gauges.kept] == [(47, 52), (247, 274)]
    assert "<strong>47</strong> af 52 (90 %)" in page and "<strong>247</strong> af 274 (90 %)" in page


@needs_database
def test_first_talks_in_time_are_told_with_n_and_those_that_never_came(morning, look) -> None:
    for how, count in (("in_time", 8), ("late", 3), ("too_late", 1), ("none", 4)):
        TalkCount.objects.create(week="2026-W48", how=how, count=count)

    gauges, page = look()

    assert (gauges.kept[0].in_goal, gauges.kept[0].in_limit) == (rules.Share(8, 12), rules.Share(11, 12))
    assert "<strong>8</strong> af 12 (67 %)" in page and "inden 14 dage" in page and "inden 30 dage" in page
    assert gauges.kept[0].never == 4


@needs_database
def test_no_percentage_stands_without_its_n(ea, alma, look) -> None:
    working_hours(alma)
    answered(ea, alma)
    _gauges, page = look()

    for before in page.split(" %)")[:-1]:
        assert " af " in before[-12:], before[-40:]
    assert "<strong>1</strong> af 1</span>" in page


# ---- This quarter ----


@needs_database
def test_advice_and_channels_are_counted_this_quarter(ea, alma, finn, look) -> None:
    for profession in ("teacher", "health_visitor", "teacher"):
        call = calls.Call(channel="phone", door="professional", what="sparring", profession=profession)
        intake.count_call(number=uuid4(), call=call, by=finn)
    Tally.objects.create(week="2026-W30", channel="walk_in", door="parent", promise="none", outcome="helped", count=7)

    gauges, page = look()

    assert gauges.channels == {"phone": 3}
    assert [n for _profession, n in gauges.sparring] == [2, 1] and "Lærer <b" in page and "Ved fremmøde" not in page


@needs_database
def test_the_overview_names_nobody_and_speaks_both_languages(ea, alma, look) -> None:
    sent = refer()
    consents.move(referral=sent.referral, to="trying", by=alma)

    _gauges, english = look("en")
    _gauges, danish = look("da")
    for page in (english, danish):
        assert ea.number not in page and sent.family.number not in page and "Mette" not in page
    assert "Promises kept" in english and "Holdte løfter" in danish and "Promises kept" not in danish


@needs_database
def test_the_gauges_cost_the_same_for_many_as_for_few(
    ea, alma, bo, clara, staff_client, django_assert_max_num_queries
) -> None:
    browser, asked = staff_client(clara), []
    for people in ([], [alma, bo]):
        for worker in people:
            working_hours(worker)
            book(Family.writes(f"Brev til {worker}"), worker, "2026-11-24T10:00")
            refer(phone=f"+452030405{len(asked)}")
        with django_assert_max_num_queries(32) as questions:
            browser.get(reverse("today:gauges"))
        asked.append(len(questions))
    assert asked[1] <= asked[0]


# ---- Measured at both ends ----


def ended_with(by, at, began: str, ends: str, answers: str, reason: str = "completed"):
    """Let a course of one child begin and end, and the child answer at the ends that are named."""
    at(began)
    course = begin(by, people=[MOTHER, LIV])
    if "start" in answers:
        keep(course, "start", by)
    at(ends)
    casework.end_course(course=course, reason=reason, words="", seen=0, by=by)
    if "end" in answers:
        keep(course, "end", by)
    return course


def keep(course, moment: str, by) -> None:
    """Answer everything the child is asked at a moment."""
    row = Round.objects.get(member__course=course, member__position=1, moment=moment)
    said = {each.key: dict.fromkeys((item.ident for item in each.items), 4) for each in measuring.questions(row)}
    outcomes.keep_all(round=row, answers=said, mode="tablet", by=by, once=uuid4())


@needs_database
def test_who_answered_at_both_ends_is_told_with_how_many_were_asked(furnished, alma, at, look) -> None:
    ended_with(alma, at, "2026-05-04 13:00", "2026-08-31 13:00", "start end")
    ended_with(alma, at, "2026-05-04 13:00", "2026-09-01 13:00", "start", reason="no_contact")
    ended_with(alma, at, "2026-05-04 13:00", "2026-09-02 13:00", "end")
    ended_with(alma, at, "2025-12-01 13:00", "2026-02-02 13:00", "start end")
    at("2026-11-02 13:00")
    outcomes.sweep(clock.now())
    gauges, page = look()

    # The mothers were asked at both ends as well, and answered at none.
    assert gauges.measured == {12: rules.Share(1, 6), 52: rules.Share(2, 8)}
    assert "Målt i begge ender" in page and "<strong>2</strong> af 8" in page


@needs_database
def test_who_may_still_answer_is_not_counted_as_missing(furnished, alma, at, look) -> None:
    course = ended_with(alma, at, "2026-07-06 13:00", "2026-11-02 13:00", "start")
    assert look()[0].measured == {12: rules.Share(0, 0), 52: rules.Share(0, 0)}

    keep(course, "end", alma)
    assert look()[0].measured[12] == rules.Share(1, 1)


@needs_database
def test_a_low_answer_nobody_has_looked_at_is_counted_for_the_leader_and_says_nothing_of_whom(
    furnished, alma, at, look
) -> None:
    at("2026-11-02 13:00")
    course = begin(alma, people=[MOTHER, LIV])
    row = Round.objects.get(member__course=course, member__position=1, moment="start")
    for each in measuring.questions(row):
        said = dict.fromkeys((item.ident for item in each.items), 0)
        outcomes.keep_answer(round=row, instrument=each.key, answers=said, mode="tablet", by=alma)
    assert "lavt svar" not in look()[1]

    at("2026-11-09 13:00")
    gauges, page = look()
    assert gauges.low == 1 and "Et lavt svar, som ingen har set på" in page and course.nickname not in page


@needs_database
def test_only_who_may_see_the_gauges_is_told_how_many_were_measured(furnished, alma, at) -> None:
    ended_with(alma, at, "2026-05-04 13:00", "2026-08-31 13:00", "start end")
    at("2026-11-02 13:00")
    outcomes.sweep(clock.now())
    assert ends.at_both_ends(alma, [date(2026, 1, 1)]) == [(0, 0)]
