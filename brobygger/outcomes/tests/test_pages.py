"""The pages about answers, as people at work use them: who is asked, a paper, a link, a slip, left out, looked at."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.casework.tests.test_pages import words
from brobygger.ground import clock
from brobygger.outcomes import asking, queries, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import queries as trail

from .asked import BO, LOW, WELL, family, of
from .test_answering import keep
from .test_asking import course, end

__all__ = ["course"]
pytestmark = pytest.mark.django_db
PAPER = {f"who5-{item}": str(value) for item, value in WELL.items()}
TYPED = PAPER | {"mode": "paper", "language": "da", "answered_on": "2026-03-02", "goal-reached": "4"}


def where(name: str, **parts: Any) -> str:
    return reverse(f"outcomes:{name}", kwargs=parts)


def the(row: Round, name: str) -> str:
    return where(name, round=row.pk)


# ---- Who may ----


def test_for_who_does_not_have_the_course_none_of_it_is_there(
    course, alma, bo, finn, clara, dan, gro, operator, staff_client
) -> None:
    row = of(course)
    sheet = keep(row, alma)
    reads = [
        where("of_course", course=course.pk),
        where("curve", course=course.pk, member=row.member_id),
        where("sheet", sheet=sheet.pk),
        the(row, "paper"),
        the(row, "skip"),
        the(row, "link"),
        where("correct", sheet=sheet.pk),
    ]
    mine = staff_client(alma)
    assert [mine.get(address).status_code for address in reads] == [200] * 7
    for other in (bo, finn, clara, dan, gro, operator):
        desk = staff_client(other)
        assert {desk.get(address).status_code for address in reads} == {404}, other
        posts = [*reads[3:], the(row, "seen"), where("checked", sheet=sheet.pk)]
        sent = TYPED | {"why": "declined", "do": "make", "reason": "Fejl"}
        assert {desk.post(address, sent).status_code for address in posts} == {404}, other
    assert Sheet.objects.count() == 1 and of(course).state == "due" and of(course).token is None


def test_a_broken_glass_reads_and_does_nothing(course, alma, clara, staff_client) -> None:
    from brobygger.access import services as access

    row = of(course)
    sheet = keep(row, alma)
    access.break_glass(about=f"course:{course.pk}", reason="Alma er syg i dag.", by=clara)
    desk = staff_client(clara)
    for address in (where("of_course", course=course.pk), where("sheet", sheet=sheet.pk)):
        page = desk.get(address)
        assert page.status_code == 200 and b"<form method" not in page.content.split(b"<main")[1]
    assert desk.get(where("curve", course=course.pk, member=row.member_id)).status_code == 200
    for name in ("paper", "skip", "link", "seen"):
        assert desk.post(the(row, name), TYPED).status_code == 404
    for deed in (
        lambda: services.skip(round=row, why="declined", by=clara),
        lambda: services.correct(sheet=sheet, answers=LOW, reason="Fejl", by=clara),
        lambda: services.check_paper(sheet=sheet, by=clara),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert ("clara", "outcomes.looked") in trail.trail(row.member)


def test_a_stranger_signs_in_first(course, client) -> None:
    for address in (the(of(course), "paper"), where("of_course", course=course.pk), where("licences")):
        assert client.get(address).status_code == 302


# ---- The rounds of a course ----


def test_the_course_page_leads_to_who_is_asked_and_until_when(course, alma, bo, staff_client) -> None:
    address = where("of_course", course=course.pk)
    mine = staff_client(alma)
    assert address in mine.get(reverse("casework:course", args=[course.pk])).content.decode()

    page = words(mine.get(address))
    assert "Liv ved start" in page and "WHO-5 Trivselsindeks · Det, der skulle blive bedre" in page
    assert "Mette ved start" in page and "Hverdagen i familien" in page
    assert "senest 30. marts" in page and "72" not in page
    assert ("alma", "casework.people_looked") in trail.trail(course)


def test_a_grown_up_answers_about_a_small_child_and_it_is_said(furnished, alma, at, staff_client) -> None:
    at("2026-11-23T10:00")
    small = family(alma, BO)
    assert "Mette om Bertil" in words(staff_client(alma).get(where("of_course", course=small.pk)))


def test_what_is_answered_left_out_or_over_stands_behind(course, alma, at, staff_client) -> None:
    keep(of(course), alma)
    services.skip(round=of(course, 0), why="declined", by=alma)
    at("2026-05-04T16:00")
    end(course, alma)
    page = words(staff_client(alma).get(where("of_course", course=course.pk)))
    assert "Svaret 2. marts 2026, på papir." in page
    assert "Sprunget over" in page and "De vil helst ikke." in page
    assert "Liv ved slut" in page and "senest 29. juni" in page
    assert "Kommer senere" in page and "fra 1. oktober 2026" in page


def test_an_ended_course_is_still_asked_how_it_went(course, alma, at, staff_client) -> None:
    at("2026-05-04T16:00")
    end(course, alma, "no_contact")
    row = of(course, moment="end")
    sent = TYPED | {"answered_on": "2026-05-01", "benefit-there": "on"}
    assert staff_client(alma).post(the(row, "paper"), sent).status_code == 302
    assert [each.key for each in queries.unanswered(of(course, moment="end"))] == ["benefit"]


# ---- A paper ----


def test_a_paper_is_typed_on_one_page_with_its_true_day(course, alma, at, staff_client) -> None:
    at("2026-03-09T10:00")
    row, once = of(course), str(uuid4())
    page = staff_client(alma).get(the(row, "paper"))
    assert words(page).count("Ville ikke svare") == 6 and 'name="answered_on"' in page.content.decode()
    for _press in range(2):
        answer = staff_client(alma).post(the(row, "paper"), TYPED | {"once": once})
        assert answer.status_code == 302 and answer.url == where("of_course", course=course.pk)
    assert {(each.instrument, each.mode, str(each.answered_on)) for each in Sheet.objects.all()} == {
        ("who5", "paper", "2026-03-02"),
        ("goal", "paper", "2026-03-02"),
    }
    assert of(course).state == "done"
    (who5,) = Sheet.objects.filter(instrument="who5")
    assert services.look_at_sheet(sheet=who5, by=alma)["score"] == 72


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answered_on": ""}, "Skriv dagen"),
        ({"answered_on": "2026-03-03"}, "Dagen passer ikke"),
        ({"answered_on": "2025-12-01"}, "Dagen passer ikke"),
        ({"mode": ""}, "Vælg, hvordan der blev svaret"),
        ({"mode": "tablet"}, "Hvordan blev der svaret?"),
        ({"who5-3": ""}, "Vælg det, der står"),
        ({"who5-3": "9"}, "Vælg det, der står"),
        ({"goal-reached": "11"}, "Vælg det, der står"),
        ({f"who5-{n}": "empty" for n in range(1, 6)} | {"goal-reached": "skipped"}, "Der er ingen svar her"),
    ],
)
def test_what_is_wrong_with_a_paper_is_said_and_nothing_typed_is_lost(course, alma, staff_client, change, said) -> None:
    answer = staff_client(alma).post(the(of(course), "paper"), TYPED | change)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in words(answer) and not Sheet.objects.exists()
    left = [name for name in PAPER if name not in change]
    for name in left:
        assert re.search(rf'name="{name}" value="{PAPER[name]}"[^>]* checked', page), name


def test_one_of_two_papers_may_be_typed_and_the_other_waits(course, alma, staff_client) -> None:
    row = of(course)
    sent = {name: value for name, value in TYPED.items() if not name.startswith("goal")} | {"goal-there": "on"}
    assert staff_client(alma).post(the(row, "paper"), sent).status_code == 302
    assert [each.instrument for each in Sheet.objects.all()] == ["who5"] and of(course).state == "due"
    page = staff_client(alma).get(the(row, "paper")).content.decode()
    assert "goal-reached" in page and "who5-1" not in page


def test_what_a_colleague_typed_meanwhile_stands_and_it_is_said(course, alma, staff_client, monkeypatch) -> None:
    row = of(course)
    typed = services.keep_all
    later = {"reached": 9}

    def meanwhile(**told: Any) -> Any:
        keep(row, alma, later, instrument="goal")
        return typed(**told)

    monkeypatch.setattr(services, "keep_all", meanwhile)
    answer = staff_client(alma).post(the(row, "paper"), TYPED, follow=True)
    assert "Noget af det var der allerede" in words(answer)
    (goal,) = Sheet.objects.filter(instrument="goal")
    assert services.look_at_sheet(sheet=goal, by=alma)["answers"] == later


def test_all_of_it_answered_meanwhile_is_said_on_the_page(course, alma, staff_client, monkeypatch) -> None:
    row = of(course)
    typed = services.keep_all

    def meanwhile(**told: Any) -> Any:
        keep(row, alma)
        keep(row, alma, {"reached": 9}, instrument="goal")
        return typed(**told)

    monkeypatch.setattr(services, "keep_all", meanwhile)
    answer = staff_client(alma).post(the(row, "paper"), TYPED)
    assert answer.status_code == 422 and "Vi har allerede et svar" in words(answer)
    assert "Der er ikke mere at skrive ind" in words(staff_client(alma).get(the(row, "paper"), follow=True))


def test_what_was_typed_while_the_page_was_open_stands_and_nothing_goes_unsaid(course, alma, staff_client) -> None:
    row, mine, once = of(course), staff_client(alma), str(uuid4())
    keep(row, alma)
    half = mine.post(the(row, "paper"), TYPED | {"once": once}, follow=True)
    assert "Noget af det var der allerede" in words(half) and of(course).state == "done"
    again = mine.post(the(row, "paper"), TYPED | {"once": str(uuid4())})
    assert again.status_code == 422 and "Vi har allerede et svar" in words(again)
    assert re.search(r'name="goal-reached" value="4"[^>]* checked', again.content.decode())


def test_pressed_twice_a_paper_is_said_to_be_kept(course, alma, staff_client) -> None:
    sent = TYPED | {"once": str(uuid4())}
    for _press in range(2):
        assert "Svaret er gemt." in words(staff_client(alma).post(the(of(course), "paper"), sent, follow=True))
    assert Sheet.objects.count() == 2


def test_a_paper_that_comes_late_is_typed_for_a_round_that_was_missed(course, alma, at, staff_client) -> None:
    at("2026-04-10T10:00")
    asking.sweep(clock.now())
    row = of(course)
    assert row.state == "missed"
    mine = staff_client(alma)
    assert the(row, "paper") in mine.get(where("of_course", course=course.pk)).content.decode()
    assert mine.post(the(row, "paper"), TYPED | {"answered_on": "2026-03-20"}).status_code == 302
    assert of(course).state == "done"


def test_what_was_answered_aloud_in_english_is_kept_so(course, alma, staff_client) -> None:
    sent = TYPED | {"mode": "interview", "language": "en", "who5-2": "skipped"}
    assert staff_client(alma).post(the(of(course), "paper"), sent).status_code == 302
    sheet = Sheet.objects.get(instrument="who5")
    body = services.look_at_sheet(sheet=sheet, by=alma)
    assert (sheet.mode, body["language"], body["answers"]["2"], body["score"]) == ("interview", "en", "skipped", None)


@pytest.fixture
def sums(course: Any) -> Round:
    """A round with SDQ in it: its items are protected, and only the sums are typed."""
    row = of(course)
    Round.objects.filter(pk=row.pk).update(instruments=[["who5", "1"], ["sdq", "1"]])
    return of(course)


def test_sums_are_typed_when_the_licence_is_confirmed_and_not_before(sums, alma, clara, staff_client) -> None:
    mine = staff_client(alma)
    page = words(mine.get(the(sums, "paper")))
    assert "SDQ, tal fra papir er ikke med" in page and "Kammerater" not in page

    services.confirm_licence(instrument="sdq", version="1", by=clara)
    assert "Kammerater" in words(mine.get(the(sums, "paper")))
    sent = {"mode": "paper", "language": "da", "answered_on": "2026-03-02", "who5-there": "on",
            "sdq-emotional": "4", "sdq-conduct": "2", "sdq-hyperactivity": "5", "sdq-peer": "1",
            "sdq-prosocial": ""}  # fmt: skip
    high = mine.post(the(sums, "paper"), sent | {"sdq-peer": "11"})
    assert high.status_code == 422 and "Skriv 10 eller mindre" in words(high)
    assert mine.post(the(sums, "paper"), sent).status_code == 302
    body = services.look_at_sheet(sheet=Sheet.objects.get(), by=alma)
    assert body["score"] == 12 and body["answers"]["prosocial"] == "empty"


# ---- Left out ----


def test_left_out_is_always_fine_and_says_why(course, alma, staff_client) -> None:
    row, mine = of(course), staff_client(alma)
    assert mine.post(the(row, "skip"), {}).status_code == 422
    assert mine.post(the(row, "skip"), {"why": "lazy"}).status_code == 422 and of(course).state == "due"
    assert mine.post(the(row, "skip"), {"why": "too_young"}).status_code == 302
    assert (of(course).state, of(course).why_not) == ("skipped", "too_young")
    assert "For ung til spørgsmålene." in words(mine.get(where("of_course", course=course.pk)))


def test_what_is_answered_cannot_be_left_out_and_it_is_said(course, alma, staff_client) -> None:
    keep(of(course), alma)
    answer = staff_client(alma).post(the(of(course), "skip"), {"why": "declined"})
    assert answer.status_code == 422 and "Der bliver ikke spurgt mere" in words(answer)
    assert of(course).state == "due"
