"""The morning: everything that waits, in the order of the clock, for the one who sits with it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from brobygger.appointments import services as booking
from brobygger.appointments.tests.families import Family, book, offer, slot
from brobygger.consents import likeness
from brobygger.consents import services as consents
from brobygger.consents.models import Consent, Lookalike, Referral
from brobygger.consents.tests.families import refer
from brobygger.door import services as door
from brobygger.door.models import Box
from brobygger.ground import clock
from brobygger.intake import services as intake
from brobygger.intake.models import Enquiry
from brobygger.outbox.models import Notice
from brobygger.privacy import queries as privacy
from tests.letters import keeper

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(finn, staff_client):
    """Open the morning as Finn does, and give what it holds and the page's words."""

    def once(language: str = "da"):
        with override(language):
            answer = staff_client(finn).get(reverse("today:morning"))
        assert answer.status_code == 200
        return answer.context["morning"], answer.content.decode()

    return once


def enquiry(family) -> Enquiry:
    """The worklist's row of a family."""
    return Enquiry.objects.get(thread=family.thread)


def promise(family, **left: float) -> None:
    """Let a family have been promised an answer so long from now."""
    now = clock.now()
    Enquiry.objects.filter(thread=family.thread).update(
        arrived_at=now - timedelta(days=2), due_at=now + timedelta(**left)
    )


def boxes(page: str) -> list[str]:
    """The sections of the page, from the top."""
    return [part.split('"')[0] for part in page.split('aria-labelledby="')[1:] if part.split('"')[0].isascii()]


def fail(family, state: str = "failed") -> Notice:
    """Let a message to a family not get through."""
    return Notice.objects.create(
        thread=family.thread, kind="answer", channel="sms", state=state, problem="refused", due_at=clock.now()
    )


@pytest.fixture
def busy(ea, another, alma, bo):
    """A morning with something of everything."""
    one, other = refer(), refer()
    for sent in (one, other):
        Referral.objects.filter(pk=sent.referral.pk).update(talk_by=clock.now() + timedelta(days=2))
    late = Family.writes("Et brev, der haster")
    promise(late, hours=-1)
    off = book(another, bo, "2026-11-24T10:00")
    booking.call_off_and_tell(appointment=off, by=bo)
    book(ea, alma, "2026-11-23T12:00", where="house")
    fail(ea)
    Consent.objects.filter(thread=one.thread, kind="status").update(until=clock.today() + timedelta(days=6))
    Box.objects.filter(pk=another.thread.box).update(expires_on=clock.today() + timedelta(days=7))
    promise(another, days=3)
    return one, other, late


def test_an_empty_morning_says_so_and_nothing_else(morning, look) -> None:
    found, page = look()

    assert found.empty and not found.silent
    assert "Intet venter her til morgen" in page and "<h2" not in page.split('id="list"')[1]


def test_the_sections_stand_in_the_order_of_the_clock(busy, look) -> None:
    found, page = look()

    wanted = ["due", "ring", "talks", "times", "called-off", "failed", "untaken", "pairs", "ends"]
    assert [each for each in boxes(page.split('id="list"')[1]) if each in wanted] == wanted
    assert found.late == 1 and not found.calm and "Her er der ro" not in page


def test_what_waits_nowhere_is_said_in_one_line(ea, look) -> None:
    found, page = look()

    calm = page.split("Her er der ro:")[1].split("</p>")[0]
    assert found.calm and "Nobody" not in calm and "Ingen mangler en ny tid." in calm and "Ingen kommer i dag." in calm
    assert "Ingen svar skal ud i dag." in calm, "Ea wrote at opening time and is promised an answer tomorrow"
    assert "Alle breve har en, der svarer." not in calm and page.count("<h2") == 1


def test_late_replies_stand_first_with_who_has_them(ea, another, alma, look) -> None:
    intake.take(enquiry=enquiry(ea), by=alma)
    promise(another, minutes=-5)
    promise(ea, hours=3)

    found, page = look()

    assert [line.enquiry.thread.number for line in found.due] == [another.number, ea.number]
    assert "for sent" in page and "Alma har den" in page and "ingen har den endnu" in page


def test_a_letter_due_tomorrow_is_not_due_today_but_wants_somebody(ea, alma, look) -> None:
    found, _page = look()
    assert found.due == [] and [line.enquiry.thread_id for line in found.untaken] == [ea.thread.pk]

    intake.take(enquiry=enquiry(ea), by=alma)
    assert look()[0].untaken == []


def test_a_referral_stands_once_until_it_is_rung(morning, alma, look) -> None:
    sent = refer()
    promise(sent, hours=2)

    found, page = look()
    assert [each.number for each in found.to_ring] == [sent.family.number] and found.due == []
    assert reverse("consents:referral", args=[sent.thread.pk]) in page
    assert "Mette" not in page and "20304050" not in page

    consents.move(referral=sent.referral, to="trying", by=alma)
    assert look()[0].to_ring == []


def test_a_referral_past_its_hour_is_late_and_first(morning, look) -> None:
    one, other = refer(), refer(phone="+4520304099")
    promise(other, hours=-1)

    assert look()[0].late == 1
    assert [(each.number, each.late) for each in look()[0].to_ring] == [
        (other.family.number, True),
        (one.family.number, False),
    ]


def test_a_first_talk_is_said_with_its_goal_and_then_its_last_day(morning, alma, look) -> None:
    sent = refer()
    consents.move(referral=sent.referral, to="trying", by=alma)
    assert look()[0].talks == []

    rows = Referral.objects.filter(pk=sent.referral.pk)
    said = []
    for goal, last in ((2, 18), (-1, 15), (-20, -4)):
        rows.update(talk_by=clock.now() + timedelta(days=goal), talk_latest=clock.now() + timedelta(days=last))
        said.append(look("en")[1].split('id="talk-')[1].split("</li>")[0])
    assert "the goal is" in said[0] and "the goal was" in said[1] and "never later than" in said[1]
    assert "the last day was" in said[2] and 'data-state="late"' in said[2]


def test_todays_people_stand_by_the_clock_under_box_numbers(ea, another, alma, bo, look) -> None:
    book(ea, alma, "2026-11-23T14:00", where="house")
    book(another, bo, "2026-11-23T12:00")

    found, page = look()

    assert [each.number for each in found.times] == [another.number, ea.number]
    row = page.split(f'id="time-{found.times[1].pk}"')[1].split("</li>")[0]
    assert "14.00" in row and "Alma" in row and "rum 1" in row and "Glostrup" in row
    assert "<form" not in row and "bange" not in page


def test_who_was_called_off_needs_a_new_time_until_there_is_one(ea, alma, look) -> None:
    booking.call_off_and_tell(appointment=book(ea, alma, "2026-11-25T10:00"), by=alma)
    assert [(each.appointment.number, each.offered) for each in look()[0].called_off] == [(ea.number, False)]

    (proposal,) = offer(ea, alma, slot("2026-11-26T10:00"))
    found, page = look()
    assert [each.offered for each in found.called_off] == [True] and "nye tider er tilbudt" in page

    booking.choose(thread=ea.thread, proposal=proposal, by="family")
    assert look()[0].called_off == []


def test_a_time_called_off_long_ago_is_not_brought_up_again(ea, alma, look, at) -> None:
    booking.call_off_and_tell(appointment=book(ea, alma, "2026-11-23T12:00"), by=alma)

    at("2026-11-24T08:10")
    assert len(look()[0].called_off) == 1
    at("2026-11-25T08:10")
    assert look()[0].called_off == []


def test_a_failed_message_is_tried_again_or_let_go_from_here(ea, finn, look, staff_client) -> None:
    first, second = fail(ea), fail(ea, "uncertain")
    found, page = look()
    assert len(found.failed) == 2 and "måske kommet frem" in page

    for name, notice in (("outbox:again", first), ("outbox:drop", second)):
        answer = staff_client(finn).post(reverse(name, args=[notice.pk]), {"from": "morning"})
        assert (answer.status_code, answer.url) == (302, reverse("today:morning"))
    assert look()[0].failed == []
    assert staff_client(finn).post(reverse("outbox:drop", args=[fail(ea).pk])).url == reverse("outbox:failed")


def test_a_number_that_came_twice_stands_until_a_person_decides(morning, alma, look) -> None:
    one, other = refer(), refer()
    found, page = look()
    assert {each.number for each in found.pairs[0]} == {one.family.number, other.family.number}
    assert "Samme nummer to gange" in page

    likeness.decide(pair=Lookalike.objects.get(), same=False, by=alma)
    assert look()[0].pairs == []


def test_what_ends_within_a_week_is_said_and_what_ends_later_is_not(morning, look) -> None:
    sent = refer()
    rows, boxes = Consent.objects.filter(thread=sent.thread, kind="status"), Box.objects.filter(pk=sent.thread.box)
    for days, ends in ((7, True), (8, False)):
        rows.update(until=clock.today() + timedelta(days=days))
        boxes.update(expires_on=clock.today() + timedelta(days=days))
        found, page = look()
        assert found.ends is ends and ([each.number for each in found.running_out] == [sent.family.number]) is ends
        assert found.boxes == int(ends) and ("1 boks har ligget stille" in page) is ends


def test_a_silent_keeper_is_said_at_the_top(morning, look, at) -> None:
    door.send_drill(by="machine")
    keeper()
    assert not look()[0].silent

    at("2026-11-23T08:30")
    found, page = look()
    assert found.silent and 'role="alert"' in page.split('id="list"')[1]


def test_the_telephones_line_is_one_key_away_and_outside_what_is_asked_for_again(morning, finn, staff_client) -> None:
    browser = staff_client(finn)
    page = browser.get(reverse("today:morning")).content.decode()
    again = browser.get(reverse("today:morning"), headers={"HX-Request": "true"}).content.decode()

    before = page.split('id="list"')[0]
    assert 'data-press="o"' in before and f'action="{reverse("intake:call")}"' in before and "data-hold" in before
    assert "<form" not in again and "<html" not in again and "Intet venter" in again


def test_the_morning_speaks_both_languages(busy, look) -> None:
    _found, english = look("en")
    _found, danish = look("da")

    assert "Monday 23 November" in english and "Who knows" not in english and "Answer today" in english
    assert "Mandag den 23. november" in danish and "Svar i dag" in danish and "Answer today" not in danish


def test_looking_at_the_morning_leaves_no_line(busy, look) -> None:
    thread = busy[0].thread
    before = privacy.trail(thread)

    look()

    assert privacy.trail(thread) == before


def test_a_longer_morning_costs_no_more_questions(busy, finn, staff_client, django_assert_max_num_queries) -> None:
    browser, asked = staff_client(finn), []
    for more in (0, 5):
        for number in range(more):
            refer(phone=f"+45203040{10 + number}")
            fail(busy[2])
            promise(Family.writes(f"Brev {number}"), hours=number - 2)
        with django_assert_max_num_queries(40) as questions:
            assert browser.get(reverse("today:morning")).status_code == 200
        asked.append(len(questions))
    assert asked[0] == asked[1]
