"""A time agreed while talking stands at once; advice for professionals takes ten minutes, and soon."""

from uuid import uuid4

import pytest
from django.urls import reverse

from brobygger.access.guards import NotAllowed
from brobygger.appointments import queries as appointments
from brobygger.appointments import services as booking
from brobygger.appointments.tests.families import Family, book, moment, offer, slot
from brobygger.catalogue import queries as catalogue
from brobygger.door import services as door
from brobygger.ground import clock
from brobygger.intake import queries, services
from brobygger.intake.models import Enquiry
from brobygger.privacy import seal
from tests.letters import Visitor, keeper

pytestmark = pytest.mark.django_db
TUESDAY = "2026-11-24T10:00"


def enquiry(family: Family) -> Enquiry:
    return Enquiry.objects.select_related("thread").get(thread=family.thread)


@pytest.fixture
def mine(ea, alma) -> Enquiry:
    """Ea's letter, taken by Alma."""
    return services.take(enquiry=enquiry(ea), by=alma)


def standing(family: Family):
    return appointments.standing([family.thread.pk]).get(family.thread.pk)


def test_a_time_agreed_on_the_phone_stands_and_is_in_the_box_and_stops_the_clock(mine, ea, alma, at) -> None:
    offer(ea, alma, slot("2026-11-26T10:00"))
    before = ea.box()
    at("2026-11-23T08:30")

    services.agree(enquiry=mine, choice=slot(TUESDAY), where="phone", by=alma)

    assert standing(ea).starts_at == moment(TUESDAY) and appointments.offered(ea.thread) == []
    told = ea.hears(before)
    assert (told["news"], told["appointment"]["id"], told["times"]) == ("booked", str(standing(ea).pk), [])
    assert (enquiry(ea).due_at, enquiry(ea).answered, enquiry(ea).promise_kept) == (None, True, True)
    assert queries.first_offered([ea.thread.pk]) == {ea.thread.pk}
    assert 'name="proposal"' not in ea.page().text


@pytest.mark.parametrize(
    ("refusal", "local"), [(booking.TimeIsTaken, "2026-11-25T10:15"), (booking.TimeIsPast, "2026-11-23T08:00")]
)
def test_a_time_that_cannot_be_had_changes_nothing(refusal, local: str, mine, ea, another, alma) -> None:
    book(another, alma, "2026-11-25T10:00")
    book(ea, alma, TUESDAY)
    (kept,) = offer(ea, alma, slot("2026-11-26T10:00"))
    before = ea.box()

    with pytest.raises(refusal):
        services.agree(enquiry=mine, choice=slot(local), where="phone", by=alma)

    assert standing(ea).starts_at == moment(TUESDAY)
    assert [each.pk for each in appointments.offered(ea.thread)] == [kept]
    assert ea.hears(before) == {} and enquiry(ea).due_at == mine.due_at
    assert queries.first_offered([ea.thread.pk]) == set()


def test_a_full_house_refuses_a_talk_there_and_keeps_what_stood(mine, ea, another, alma, hire) -> None:
    for name in ("vera", "yrsa", "tove", "siri", "rune", "olga"):
        worker = hire(name, "therapist", title={"da": "t", "en": "t"})
        family = Family.writes(name)
        if appointments.free_room("glostrup", *_ends("2026-11-25T10:00")):
            book(family, worker, "2026-11-25T10:00", where="house")
    book(ea, alma, TUESDAY)

    with pytest.raises(booking.TimeIsTaken):
        services.agree(enquiry=mine, choice=slot("2026-11-25T10:00", "house"), where="house", by=alma)

    assert standing(ea).starts_at == moment(TUESDAY)


def _ends(local: str):
    choice = slot(local, "house")
    return choice.starts_at, choice.ends_at


def test_only_the_one_who_has_the_thread_agrees_on_a_time(mine, ea, bo, finn, clara) -> None:
    for who, refusal in ((bo, services.NotYours), (finn, NotAllowed), (clara, NotAllowed)):
        with pytest.raises(refusal):
            services.agree(enquiry=mine, choice=slot(TUESDAY), where="phone", by=who)
    assert standing(ea) is None and enquiry(ea).due_at == mine.due_at


def test_times_offered_in_an_answer_are_a_first_talk_offered_and_words_alone_are_not(ea, another, alma) -> None:
    for family, times in ((ea, [slot(TUESDAY)]), (another, None)):
        waits = services.take(enquiry=enquiry(family), by=alma)
        services.answer(enquiry=waits, text="Godt du skrev.", by=alma, where="phone", times=times)

    assert queries.first_offered([ea.thread.pk, another.thread.pk]) == {ea.thread.pk}


# ---- On the page ----


def test_the_one_who_talks_picks_a_free_time_on_the_page(mine, ea, at_work, bo, staff_client) -> None:
    path, here = reverse("intake:agree", args=[ea.thread.pk]), reverse("intake:thread", args=[ea.thread.pk])
    page = staff_client(at_work).get(here, {"where": "phone"})
    (_day, times), *_rest = page.context["free"]

    for wrong in ({}, {"agree-time": "i morgen"}, {"agree-time": times[0].value, "where": "home"}):
        refused = staff_client(at_work).post(path, {"where": "phone", **wrong})
        assert refused.status_code == 422 and standing(ea) is None
    assert staff_client(bo).post(path, {"agree-time": times[0].value, "where": "phone"}).status_code == 404
    assert staff_client(at_work).get(path).status_code == 405

    done = staff_client(at_work).post(path, {"agree-time": times[0].value, "where": "phone"})

    assert done.status_code == 302 and standing(ea).starts_at == times[0].starts_at


def test_a_time_taken_meanwhile_is_said_and_the_choice_is_still_on_the_page(
    mine, ea, another, at_work, staff_client
) -> None:
    book(another, at_work, TUESDAY)

    typed = {"agree-time": slot(TUESDAY).value, "where": "phone"}
    refused = staff_client(at_work).post(reverse("intake:agree", args=[ea.thread.pk]), typed)

    assert refused.status_code == 422 and refused.context["agree"].errors and standing(ea) is None


# ---- Ten minutes for a professional ----


@pytest.fixture
def sparring(morning, at_work) -> Family:
    """A teacher who wants ten minutes on the phone."""
    key = seal.new_return_key()
    payload = {
        "kind": "first",
        "box": seal.new_box(key).as_payload(),
        "door": "professional",
        "wish": "sparring",
        "where": "sparring",
        "profession": "teacher",
        "language": "da",
        "written_at": clock.now().isoformat(),
        "answer_by": catalogue.answer_by().isoformat(),
        "text": "En dreng på seks er blevet stille.",
    }
    door.receive_letter(letter=uuid4(), payload=payload, by="family")
    keeper()
    return Family(key.shown)


def test_who_asks_for_advice_is_offered_ten_minutes_soon_and_chooses_with_the_key(
    sparring, at_work, staff_client
) -> None:
    services.take(enquiry=enquiry(sparring), by=at_work)
    page = staff_client(at_work).get(reverse("intake:thread", args=[sparring.thread.pk]))
    words = page.content.decode()
    assert page.context["where"] == "sparring" and "Lærer" in words
    ticked = page.context["chosen"]
    assert [value[:16] for value in ticked] == [f"2026-11-23T{hour}" for hour in ("10:30", "11:30", "12:30")]

    typed = {"text": "Ring gerne.", "where": "sparring", "times": ticked}
    sent = staff_client(at_work).post(reverse("intake:answer", args=[sparring.thread.pk]), typed)
    keeper()

    assert sent.status_code == 302
    behind = sparring.page()
    Visitor().act(behind, "choose", proposal=behind.all("proposal")[0])
    keeper()
    booked = standing(sparring)
    assert (booked.where, (booked.ends_at - booked.starts_at).seconds) == ("sparring", 600)


def test_the_list_says_sparring_and_by_whom(sparring, at_work, finn, staff_client) -> None:
    for viewer in (at_work, finn):
        words = staff_client(viewer).get(reverse("intake:worklist")).content.decode().lower()
        assert "sparring" in words and "lærer" in words and "stille" not in words


def test_sparring_by_letter_is_counted_by_profession_when_it_ends(sparring, at_work) -> None:
    services.end(enquiry=services.take(enquiry=enquiry(sparring), by=at_work), outcome="helped", text="", by=at_work)

    assert queries.sparring() == {"teacher": 1}


@pytest.mark.parametrize("name", ["agree", "answer"])
@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:00:00+00:00|9999-12-31T23:30:00+00:00|",
        "9999-12-31T23:00:00-12:00|9999-12-31T23:30:00-12:00|",
        "0001-01-01T00:00:00+14:00|0001-01-01T00:30:00+14:00|",
        "3000-01-01T00:00:00+00:00|3000-01-01T00:30:00+00:00|",
        "2028-01-03T09:00:00+00:00|2028-01-03T09:30:00+00:00|",
    ],
)
def test_a_time_at_the_other_end_of_the_calendar_is_refused_with_a_sentence(
    time: str, name: str, mine, ea, at_work, staff_client
) -> None:
    typed = {"where": "phone", "agree-time": time, "times": time, "text": "Vi ses."}

    refused = staff_client(at_work).post(reverse(f"intake:{name}", args=[ea.thread.pk]), typed)

    assert refused.status_code == 422 and "kunne ikke læses" in refused.content.decode()
    assert standing(ea) is None and appointments.offered(ea.thread) == []
