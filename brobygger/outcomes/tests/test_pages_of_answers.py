"""The pages that show what was answered: a curve, one sheet, set right, checked; and what a therapist's day says."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from brobygger.casework.tests.test_pages import words
from brobygger.outcomes import queries, services
from brobygger.outcomes.models import Round, Sheet
from brobygger.privacy import queries as trail

from .asked import LOW, WELL, family, of
from .test_answering import keep
from .test_asking import course, end
from .test_pages import the, where

__all__ = ["course"]
pytestmark = pytest.mark.django_db
#: WHO-5: 4+4+3+2+1 = 14, 56 of 100; 3+2+2+2+2 = 11, 44; 2+2+1+1+1 = 7, 28.
MIDDLE, UNDER, LEAST = (dict(zip("12345", values, strict=True)) for values in ([4, 4, 3, 2, 1], [3, 2, 2, 2, 2],
                                                                              [2, 2, 1, 1, 1]))  # fmt: skip


def curve(row: Round) -> str:
    return where("curve", course=row.member.course_id, member=row.member_id)


def later(row: Round, day: str, at: Any, number: int) -> Round:
    """Ask the same one once more, on another day."""
    at(f"{day}T10:00")
    days = dict.fromkeys(("due_on", "opens_on"), day) | {"closes_on": "2027-12-31"}
    return Round.objects.create(member=row.member, by=row.by, moment="during", number=number,
                                instruments=[["who5", "1"]], **days)  # fmt: skip


def answered(course: Any, by: Any, at: Any, *sheets: tuple[str, dict[str, int]]) -> Round:
    """Let Liv answer some times."""
    start = of(course)
    (day, first), *more = sheets
    at(f"{day}T10:00")
    keep(start, by, first)
    for number, (when, said) in enumerate(more, start=7):
        keep(later(start, when, at, number), by, said)
    return start


# ---- A curve ----


def test_a_curve_is_drawn_with_a_table_beside_it_and_looking_is_kept(course, alma, at, staff_client) -> None:
    row = answered(course, alma, at, ("2026-03-02", MIDDLE), ("2026-06-02", WELL))
    page = staff_client(alma).get(curve(row))
    text, said = page.content.decode(), words(page)
    assert 'role="img"' in text and "<caption" in text and 'class="band"' in text and 'class="half"' in text
    assert "56" in said and "72" in said and "2. marts 2026" in said and "på papir" in said
    assert trail.trail(row.member).count(("alma", "outcomes.looked")) == 1
    # A round that is answered counts as nothing; nobody else's answers are on the page.
    assert "Hverdagen i familien" not in said


@pytest.mark.parametrize(
    ("first", "last", "child", "relevant", "reliable", "crossed"),
    [
        (MIDDLE, WELL, "Måske går det lidt bedre end i marts.", "Ja", "Nej", "Nej"),
        (UNDER, MIDDLE, "Måske går det lidt bedre end i marts.", "Ja", "Nej", "Ja, opad"),
        (UNDER, WELL, "Du har det bedre end i marts.", "Ja", "Ja", "Ja, opad"),
        (WELL, MIDDLE, "Måske er det lidt sværere end i marts.", "Ja", "Nej", "Nej"),
        (MIDDLE, MIDDLE | {"5": 2}, "Du har det nogenlunde som i marts.", "Nej", "Nej", "Nej"),
        (MIDDLE | {"1": 3}, UNDER | {"1": 4}, "Du har det nogenlunde som i marts.", "Nej", "Nej", "Ja, nedad"),
    ],
)
def test_relevant_reliable_and_crossed_are_three_things(
    course, alma, at, staff_client, first, last, child, relevant, reliable, crossed
) -> None:
    row = answered(course, alma, at, ("2026-03-02", first), ("2026-06-02", last))
    said = words(staff_client(alma).get(curve(row)))
    assert child in said
    assert f"Værd at lægge mærke til (10 eller mere) {relevant} " in said
    assert f"Mere end usikkerheden (24 eller mere) {reliable} " in said
    assert f"Har krydset 50 {crossed} " in said
    assert "To svar fra den samme skal ligge 24 fra hinanden" in said and "ingen måling hos danske børn" in said


def test_one_answer_alone_is_compared_with_nothing(course, alma, at, staff_client) -> None:
    row = answered(course, alma, at, ("2026-03-02", MIDDLE))
    said = words(staff_client(alma).get(curve(row)))
    assert "56" in said and "Du har det" not in said and "Værd at lægge mærke til" not in said


def test_what_nobody_answered_to_is_no_curve(course, alma, staff_client) -> None:
    assert "Der er ikke svaret noget om Liv endnu" in words(staff_client(alma).get(curve(of(course))))


def test_the_sentence_names_the_day_or_the_year_where_it_must(course, alma, at, staff_client) -> None:
    row = answered(course, alma, at, ("2026-03-02", UNDER), ("2026-03-20", WELL))
    assert "Du har det bedre end den 2. marts." in words(staff_client(alma).get(curve(row)))
    keep(later(row, "2027-02-01", at, 20), alma, WELL)
    assert "Du har det bedre end i marts 2026." in words(staff_client(alma).get(curve(row)))


def test_who_answered_and_which_version_are_never_in_one_curve(course, alma, at, staff_client) -> None:
    row = answered(course, alma, at, ("2026-03-02", MIDDLE), ("2026-06-02", WELL))
    mother = of(course, 0)
    about = Round.objects.create(member=row.member, by=mother.member, moment="during", number=9, due_on="2026-06-02",
                                 opens_on="2026-06-02", closes_on="2026-07-02",
                                 instruments=[["goal", "1"]])  # fmt: skip
    keep(about, alma, {"reached": 3}, instrument="goal")
    own = Round.objects.filter(member=row.member, by=row.by).order_by("number")
    Round.objects.filter(pk=own.last().pk).update(instruments=[["who5", "1"], ["goal", "1"]])
    keep(own.last(), alma, {"reached": 8}, instrument="goal")
    page = staff_client(alma).get(curve(row))
    assert page.content.decode().count('<svg class="curve"') == 3
    assert "Mette har svaret om Liv." in words(page) and words(page).count("Liv har svaret.") == 2


def test_where_nobody_knows_what_a_change_means_only_the_numbers_are_said(course, alma, at, staff_client) -> None:
    row = of(course)
    keep(row, alma, {"reached": 3}, instrument="goal")
    more = later(row, "2026-06-02", at, 9)
    Round.objects.filter(pk=more.pk).update(instruments=[["goal", "1"]])
    more.refresh_from_db()
    keep(more, alma, {"reached": 8}, instrument="goal")
    said = words(staff_client(alma).get(curve(row)))
    assert "I marts: 30. Nu: 80." in said and "usikkerheden" not in said and "bedre end" not in said


# ---- One sheet ----


def test_a_sheet_is_read_question_by_question_and_the_look_is_kept(course, alma, staff_client) -> None:
    sheet = keep(of(course), alma, WELL | {"2": "skipped", "3": "empty"})
    said = words(staff_client(alma).get(where("sheet", sheet=sheet.pk)))
    assert "glad og i godt humør Hele tiden" in said and "Ville ikke svare" in said and "ikke valgt noget" in said
    assert "intet tal" in said and "World Health Organization" in said and "gemt af Alma" in said
    assert trail.trail(sheet.round.member).count(("alma", "outcomes.looked")) == 1


def test_a_low_answer_is_said_in_words_and_never_as_an_illness(course, alma, staff_client) -> None:
    sheet = keep(of(course), alma, LOW)
    said = words(staff_client(alma).get(where("sheet", sheet=sheet.pk)))
    assert "Tallet er meget lavt." in said and "Det siger ikke hvorfor" in said
    for word in ("diagnos", "depress", "risiko"):
        assert word not in said.casefold().split("world health")[0], word


def test_an_answer_is_set_right_and_what_stood_there_is_beside_it(course, alma, staff_client) -> None:
    sheet, mine = keep(of(course), alma), staff_client(alma)
    address = where("correct", sheet=sheet.pk)
    page = mine.get(address).content.decode()
    assert 'value="2026-03-02"' in page and page.count("checked") == 5
    right = {f"who5-{item}": str(value) for item, value in (WELL | {"5": 0}).items()} | {"answered_on": "2026-03-02"}
    none = mine.post(address, right)
    assert none.status_code == 422 and "Skriv hvorfor" in words(none)
    same = mine.post(address, right | {"who5-5": "2", "reason": "Fejl"})
    assert same.status_code == 422 and "Intet er anderledes end før" in words(same)
    early = mine.post(address, right | {"answered_on": "2025-11-02", "reason": "Fejl"})
    assert early.status_code == 422 and "Dagen passer ikke" in words(early) and "Fejl" in early.content.decode()
    assert services.look_at_sheet(sheet=sheet, by=alma)["score"] == 72

    sent = right | {"reason": "5 var læst som 0", "answered_on": "2026-03-01"}
    assert mine.post(address, sent).status_code == 302
    said = words(mine.get(where("sheet", sheet=sheet.pk)))
    assert "Rettet af Alma, 2. marts 2026" in said and "5 var læst som 0" in said
    assert "Lagt sammen 72 64" in said and "Dagen, der blev svaret 2. marts 2026 1. marts 2026" in said
    assert "64 af 100" in said


def test_a_paper_is_checked_by_another_who_has_the_course_and_by_nobody_else(course, alma, bo, staff_client) -> None:
    from brobygger.casework import services as casework

    sheet = keep(of(course), alma)
    page, check = where("sheet", sheet=sheet.pk), where("checked", sheet=sheet.pk)
    assert check not in staff_client(alma).get(page).content.decode()
    assert "skal være en anden" in words(staff_client(alma).post(check, follow=True))
    assert staff_client(bo).post(check).status_code == 404
    sheet.refresh_from_db()
    assert sheet.checked_by is None

    casework.assign(course=course, to=bo, by=alma)
    assert check in staff_client(bo).get(page).content.decode()
    assert staff_client(bo).get(check).status_code == 405
    assert "Det er noteret" in words(staff_client(bo).post(check, follow=True))
    assert "Bo har holdt papiret op" in words(staff_client(alma).get(page))


# ---- One's day ----


def day(client: Any) -> str:
    return words(client.get(reverse("today:day")))


def test_the_day_says_that_an_answer_should_be_looked_at_and_not_what_it_says(course, alma, bo, staff_client) -> None:
    row, mine = of(course), staff_client(alma)
    keep(row, alma, LOW)
    said = day(mine)
    assert f"{course.nickname} : nogen bør se på et svar senest" in said and "onsdag" in said
    assert "24" not in said.split("nogen bør")[1][:200] and "Liv" not in said and "WHO" not in said
    assert "nogen bør" not in day(staff_client(bo))

    answer = mine.post(the(row, "seen"), {"next": "day"})
    assert answer.url == reverse("today:day") and "nogen bør" not in day(mine)
    held = of(course)
    assert (held.seen_on, held.seen_by) == (date(2026, 3, 2), alma)
    assert "Alma så på et lavt svar 2. marts 2026" in words(mine.get(curve(row)))
    assert mine.post(the(row, "seen")).url == curve(row)
    assert mine.get(the(row, "seen")).status_code == 405


def test_there_is_nothing_to_have_looked_at_where_nothing_is_low(course, alma, staff_client) -> None:
    answer = staff_client(alma).post(the(of(course), "seen"), follow=True)
    assert "ikke noget at se på" in words(answer) and of(course).seen_on is None


def test_the_day_says_what_closes_soon_and_the_list_says_all(course, alma, bo, at, staff_client) -> None:
    mine, every = staff_client(alma), where("due")
    assert every in mine.get(reverse("today:day")).content.decode()
    said = day(mine)
    assert "Se det ene forløb, hvor der mangler svar" in said and course.nickname not in said
    listed = words(mine.get(every))
    assert course.nickname in listed and "3 svar mangler" in listed and "Liv" not in listed
    at("2026-03-17T08:00")
    said = day(mine)
    assert course.nickname in said and "3 svar mangler" in said and "Se det ene forløb" not in said
    assert "svar, der mangler" not in day(staff_client(bo))
    assert course.nickname not in words(staff_client(bo).get(every))


def test_a_course_that_ended_is_on_the_day_at_once(course, alma, at, staff_client) -> None:
    at("2026-05-04T16:00")
    end(course, alma)
    said = day(staff_client(alma))
    assert "Forløbet er slut: Spørg, hvordan det gik." in said and course.nickname in said


def test_what_nobody_looked_at_is_named_for_who_says_who_has_the_course_and_no_more(
    course, alma, bo, clara, at, staff_client
) -> None:
    keep(of(course), alma, LOW)
    page, lead = where("left"), staff_client(clara)
    assert "Nogen har set på dem alle i tide" in words(lead.get(page))
    at("2026-03-05T10:00")
    gauges = lead.get(reverse("today:gauges"))
    assert page in gauges.content.decode()
    said = words(lead.get(page))
    assert said.count(course.nickname) == 1 and "Liv" not in said and "24" not in said.split("Lave svar")[1]
    assert lead.get(curve(of(course))).status_code == 404
    for other in (alma, bo):
        assert staff_client(other).get(page).status_code == 404
    services.see(round=of(course), by=alma)
    assert course.nickname not in words(lead.get(page))


def test_the_list_is_for_who_has_courses(alma, clara, finn, dan, gro, operator, staff_client) -> None:
    assert "Der mangler ingen svar i dine forløb" in words(staff_client(alma).get(where("due")))
    for other in (clara, finn, dan, gro, operator):
        assert staff_client(other).get(where("due")).status_code == 404


def test_more_courses_on_the_day_cost_no_more_questions(
    course, alma, at, staff_client, django_assert_max_num_queries
) -> None:
    mine, asked = staff_client(alma), []
    for more in (1, 5):
        for _each in range(more):
            keep(of(family(alma)), alma, LOW)
        with django_assert_max_num_queries(30) as counted:
            mine.get(reverse("today:day"))
        asked.append(len(counted))
    assert asked[0] == asked[1], asked
    assert Sheet.objects.count() == 6 == len(queries.to_look_at(alma))
