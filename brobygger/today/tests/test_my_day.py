"""My day: one's own appointments, then what else waits for oneself today, and never for a colleague."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from brobygger.appointments.tests.families import Family, book
from brobygger.consents import services as consents
from brobygger.consents import weighing
from brobygger.consents.tests.families import refer
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry

pytestmark = pytest.mark.django_db
WEIGHED = {"worry": "Bekymring", "decided": "wait", "why": "Fordi", "parents": "yes"}


@pytest.fixture
def look(staff_client):
    """Open somebody's day, and give what waits for them and the page's words."""

    def once(viewer, language: str = "da", **asked: str):
        with override(language):
            answer = staff_client(viewer).get(reverse("today:day"), asked)
        assert answer.status_code == 200
        return answer.context["mine"], answer.content.decode()

    return once


def given(family, by, **left: float) -> None:
    """Let somebody have a family's thread, with so long left to the promised hour."""
    intake.take(enquiry=Enquiry.objects.get(thread=family.thread), by=by)
    now = clock.now()
    rows = Enquiry.objects.filter(thread=family.thread)
    rows.update(arrived_at=now - timedelta(days=2), due_at=now + timedelta(**left))


def test_ones_own_letters_due_today_stand_after_the_appointments(ea, another, alma, bo, look) -> None:
    book(ea, alma, "2026-11-23T12:00")
    given(ea, alma, hours=4)
    given(another, bo, hours=1)

    mine, page = look(alma)

    assert [line.enquiry.thread_id for line in mine.due] == [ea.thread.pk]
    assert page.index('id="time-') < page.index("Svar i dag") and another.number not in page


def test_a_letter_due_tomorrow_waits_for_tomorrow(ea, alma, look, at) -> None:
    given(ea, alma, hours=20)
    assert look(alma)[0].due == []

    at("2026-11-24T03:00")
    assert len(look(alma)[0].due) == 1


def test_ones_own_referrals_to_ring_stand_there_until_rung(morning, alma, bo, look) -> None:
    sent = refer()
    given(sent, alma, hours=3)

    mine, page = look(alma)
    assert [each.number for each in mine.to_ring] == [sent.family.number] and mine.due == []
    assert reverse("consents:referral", args=[sent.thread.pk]) in page
    assert look(bo)[0].to_ring == []

    consents.move(referral=sent.referral, to="trying", by=alma)
    assert look(alma)[0].to_ring == []


def test_a_weighing_waits_for_its_second_person_and_nobody_else(ea, alma, bo, finn, clara, look) -> None:
    weighing.weigh(about=ea.thread.pk, said=WEIGHED, second=bo, by=alma)

    assert [look(viewer)[0].duties for viewer in (alma, bo, clara, finn)] == [0, 1, 0, 0]
    page = look(bo)[1]
    assert "venter på, at du læser den" in page and reverse("consents:duties") in page and "Bekymring" not in page
    assert "waits for you to read it" in look(bo, "en")[1]


def test_other_days_and_other_peoples_work_show_appointments_alone(ea, alma, finn, look) -> None:
    given(ea, alma, hours=4)

    assert look(alma, on="2026-11-24")[0] is None
    mine, page = look(finn)
    assert (mine.due, mine.to_ring, mine.duties) == ([], [], 0) and "Svar i dag" not in page


def test_what_waits_is_left_off_the_printed_list(ea, alma, look) -> None:
    given(ea, alma, hours=4)

    page = look(alma)[1]

    assert page.count('<section class="stack no-print"') == 1 == page.count("<section")


def test_a_longer_day_costs_no_more_questions(morning, alma, staff_client, django_assert_max_num_queries) -> None:
    browser, asked = staff_client(alma), []
    for hours in ((12,), (13, 14, 15)):
        for hour in hours:
            family = Family.writes(f"Brev kl. {hour}")
            book(family, alma, f"2026-11-23T{hour}:00")
            given(family, alma, hours=4)
            given(refer(phone=f"+45203040{hour}"), alma, hours=4)
        with django_assert_max_num_queries(30) as questions:
            browser.get(reverse("today:day"))
        asked.append(len(questions))
    assert asked[0] == asked[1]
